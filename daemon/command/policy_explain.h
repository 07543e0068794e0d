/* policy_explain.h - one record explained: read by policy_explain.c, shown by policy_shown.c. */
#ifndef COMMAND_POLICY_EXPLAIN_H
#define COMMAND_POLICY_EXPLAIN_H

#include "policy/explain.h"
#include "policy_entry.h"

struct explain_shown {
        const char *region, *policy; /* region may be NULL */
        int64_t policy_version, now_us;
        const struct record *record;
        const struct explanation *said;
        bool pasted; /* plain words: whether they are public is not known */
        bool people_unknown; /* who wrote in the region before is masked there, and not here */
        bool reveal; /* show what was found, too */
        bool colour;
        const struct entry_found *entry; /* of the vault; NULL: from elsewhere */
};
void explain_show(const struct explain_shown *x);
void explain_json(const struct explain_shown *x);

#endif
