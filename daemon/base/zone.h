/* zone.h - the POSIX TZ rule at the end of a TZif file (private to base).
 * "CET-1CEST,M3.5.0,M10.5.0/3": standard time, daylight time, when each begins. */
#ifndef BASE_PRIVATE_ZONE_H
#define BASE_PRIVATE_ZONE_H

#include "base/clock.h"

struct zone_change {
        enum { CHANGE_MONTH, CHANGE_JULIAN, CHANGE_DAY } how;
        int month, week, day; /* M: 1..12, 1..5 (5: last), 0..6; J: 1..365; else 0..365 */
        int second;           /* local time of the change, may be negative */
};

struct zone_rule {
        int standard, daylight; /* seconds east of UTC */
        bool has_daylight;
        struct zone_change to_daylight, to_standard;
};

bool zone_rule_parse(struct zone_rule *out, struct slice text);
int64_t zone_rule_offset(const struct zone_rule *rule, int64_t t);

#endif
