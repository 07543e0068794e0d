/* space.c - samples a minute apart, and a straight line through the first and the last. */
#include "space.h"

#include "base/clock.h"

enum { SAMPLE_EVERY_US = 60 * 1000 * 1000 };

void space_note(struct space *s, const struct space_sample *now)
{
        size_t last = (s->next + SPACE_SAMPLES - 1) % SPACE_SAMPLES;

        if (s->n && now->at_us - s->ring[last].at_us < SAMPLE_EVERY_US)
                return;
        s->ring[s->next] = *now;
        s->next = (s->next + 1) % SPACE_SAMPLES;
        if (s->n < SPACE_SAMPLES)
                s->n++;
}

/* How long until `left` bytes are gone, when `gone` went in `in_us`; 0: not at this rate. */
static int64_t time_for(uint64_t left, uint64_t gone, int64_t in_us)
{
        double us = gone ? (double)left / (double)gone * (double)in_us : 0;

        if (!gone || us > 9e17)
                return 0;
        return us < 1 ? 1 : (int64_t)us;
}

static uint64_t over(uint64_t a, uint64_t b)
{
        return a > b ? a - b : 0;
}

void space_say(const struct space *s, const struct space_sample *now, const struct space_ceilings *c,
               struct space_said *out)
{
        const struct space_sample *first = &s->ring[s->n < SPACE_SAMPLES ? 0 : s->next];
        int64_t in_us = now->at_us - first->at_us, by_vault, by_disk;

        *out = (struct space_said){ 0 };
        if (!s->n || in_us < SAMPLE_EVERY_US)
                return;
        uint64_t grown = over(now->bytes, first->bytes);
        out->bytes_per_hour = (uint64_t)((double)grown / (double)in_us * (double)US_PER_HOUR);
        by_vault = time_for(over(c->max_bytes, now->bytes), grown, in_us);
        by_disk = time_for(over(now->free_bytes, c->keep_free), over(first->free_bytes, now->free_bytes), in_us);
        out->disk_first = by_disk && (!by_vault || by_disk < by_vault);
        out->full_in_us = out->disk_first ? by_disk : by_vault;
}
