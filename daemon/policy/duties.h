/* duties.h - what a policy asks of whoever runs the region: copies, answers in time, news of a breach.
 * Private to the room. */
#ifndef POLICY_DUTIES_H
#define POLICY_DUTIES_H

#include "law.h"

enum apart { APART_SITE, APART_POWER_GRID, APART_ISLAND, APART_HAZARDS, APARTS };
extern const char *const law_aparts[APARTS];

struct backups {
        int64_t copies, at_least_km; /* km < 0: not written */
        struct names not_sharing;    /* of law_aparts */
        struct at at;
};
struct holiday {
        int64_t day; /* since 1 January 1970 */
        bool worked;
};
struct holidays {
        struct holiday *days;
        size_t n;
};
struct rights { /* amount 0: not written */
        struct duration access, erasure, extension;
        struct names holidays; /* whose days off do not count as working days */
        struct holidays off;   /* those that their lists have */
        struct at at;
};
enum told { TOLD_AUTHORITY, TOLD_PEOPLE, TOLDS };
struct breach {
        enum told tell;
        struct duration within;
        struct at at;
};

struct reader;
/* holidays.c: the lists that `holidays` names. */
void law_read_holidays(struct reader *r, const struct conf_node *n, struct rights *rights);

#endif
