/* check_crossed.h - policies held against the regions in which they are the law: people without a
 * policy, fields and sources that no region has, flows that close soon. All of it warns only.
 *
 * new -> (region, for each)* -> tell -> free.                                             */
#ifndef COMMAND_CHECK_CROSSED_H
#define COMMAND_CHECK_CROSSED_H

#include "policy/policy.h"
#include "role/act.h"
#include "role/settings.h"

struct crossing;
/* hub (may be NULL: its places and readers are not asked) and dir must outlive it. */
struct crossing *crossing_new(const struct hub_settings *hub, const char *policies_dir, int64_t now_us);
void crossing_free(struct crossing *x); /* NULL is allowed */
/* Settings and book need not outlive the call. */
void crossing_region(struct crossing *x, const struct agent_settings *s, const struct book *book, struct report *report);
/* What all regions together show. */
void crossing_tell(const struct crossing *x, struct report *report);
/* All of it for the regions of a deployment that can be read, whose policy is one of the names (n 0: any). */
void crossing_all(const struct deployment *d, const char *const *names, size_t n, struct report *report);

#endif
