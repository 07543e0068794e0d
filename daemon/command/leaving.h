/* leaving.h - a record as it would leave under a region's policies today: through the same discard
 * pass and the same judge as the agent's. Writes nothing, keeps nothing.
 *
 * What leaves is shown; what does not is named by its field, never by its value.       */
#ifndef COMMAND_LEAVING_H
#define COMMAND_LEAVING_H

#include "base/json.h"
#include "policy/policy.h"
#include "role/act.h"
#include "role/settings.h"

struct leaving {
        struct hub_settings hub;
        struct agent_settings *settings;
        struct book *book;
        struct discarder *discarder;
        struct judge *judge;
        struct arena *arena; /* of one record */
        size_t by_decision[3];
};
/* Reads hub, region and its policies. False: the report says why. Close it in any case. */
bool leaving_open(struct leaving *l, const struct deployment *d, struct report *report);
void leaving_close(struct leaving *l);
/* Says one record of `source`: for people, or into `json` (an object of an array). */
bool leaving_say(struct leaving *l, const char *source, int64_t line, const struct record *r,
                 struct json_out *json, struct err *err);
/* One line, without what a terminal would obey. */
void leaving_print(struct slice s);

#endif
