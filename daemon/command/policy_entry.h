/* policy_entry.h - one record of the region's vault, for the desk: by its place or its key. */
#ifndef COMMAND_POLICY_ENTRY_H
#define COMMAND_POLICY_ENTRY_H

#include "base/arena.h"
#include "model/message.h"
#include "model/record.h"
#include "role/act.h"

struct entry_found {
        struct position at;
        int64_t captured_us;
        struct slice source;
        struct record record;
        char key[37]; /* its record_key, as the warehouse shows it */
};
/* "EPOCH-SEQ" as the warehouse's columns have them, in decimal, or a record_key. */
bool entry_is_named(const char *word);
/* Also "SEQ" alone: of this start of the agent, the newest. Of a record_key the newest version. All
 * lives in the arena. ERR_DATA: there is no such record, or it cannot be read any more. */
bool entry_find(struct entry_found *out, const struct deployment *d, const char *word, struct arena *a, struct err *err);

/* The login of whoever runs this verb; behind sudo, of whoever called that. */
const char *entry_login(char out[65]);
/* Notes in the region's vault, through its agent, what is done with the record. Until this is true it
 * must not be done. */
bool entry_note(const struct deployment *d, const char *what, struct position at, struct err *err);

#endif
