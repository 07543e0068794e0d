/* pace.c - token bucket. */
#include "base/pace.h"

void pace_init(struct pace *p, double per_second, double burst, int64_t now_us)
{
        *p = (struct pace){ .per_second = per_second, .burst = burst, .tokens = burst,
                            .last_us = now_us };
}

/* A clock that went back refills nothing and is believed from there on. */
static void refill(struct pace *p, int64_t now_us)
{
        if (now_us > p->last_us)
                p->tokens += (double)(now_us - p->last_us) * p->per_second / 1e6;
        if (p->tokens > p->burst)
                p->tokens = p->burst;
        p->last_us = now_us;
}

/* More than fits into the bucket is let through when the bucket is full, and
 * leaves a debt: otherwise it would wait for ever. */
bool pace_take(struct pace *p, double n, int64_t now_us, int64_t *wait_us)
{
        if (p->per_second <= 0)
                return true;
        refill(p, now_us);
        double needed = n < p->burst ? n : p->burst;
        if (p->tokens >= needed) {
                p->tokens -= n;
                return true;
        }
        if (wait_us)
                *wait_us = (int64_t)((needed - p->tokens) / p->per_second * 1e6) + 1;
        return false;
}
