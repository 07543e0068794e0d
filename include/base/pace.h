/* pace.h - token bucket: so many a second, so many at once.                */
#ifndef BASE_PACE_H
#define BASE_PACE_H

#include <stdbool.h>
#include <stdint.h>

struct pace {
        double per_second, burst, tokens;
        int64_t last_us;
};
/* per_second 0: unlimited. */
void pace_init(struct pace *p, double per_second, double burst, int64_t now_us);
/* Takes n tokens if there; else false and *wait_us until they will be. */
bool pace_take(struct pace *p, double n, int64_t now_us, int64_t *wait_us);

#endif
