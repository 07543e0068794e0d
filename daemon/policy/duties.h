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
struct rights { /* amount 0: not written */
        struct duration access, erasure, extension;
        struct names holidays; /* whose days off do not count as working days */
        struct at at;
};
enum told { TOLD_AUTHORITY, TOLD_PEOPLE, TOLDS };
struct breach {
        enum told tell;
        struct duration within;
        struct at at;
};

#endif
