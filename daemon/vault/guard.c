/* guard.c - the guarded clock's table. */
#include "guard.h"

#include <stdio.h>

#include "base/clock.h"

#define TOLERANCE_US US_PER_HOUR

void guard_start(struct guard *g, int64_t saved_us, int64_t boot_us)
{
        *g = (struct guard){ .known = saved_us >= 0, .known_us = saved_us, .known_boot_us = boot_us };
}

static int64_t passed(const struct guard *g, int64_t boot_us)
{
        return g->known_us + (boot_us - g->known_boot_us);
}

void guard_hear(struct guard *g, int64_t heard_us, bool live, int64_t boot_us)
{
        if (g->known && !live && heard_us <= passed(g, boot_us))
                return;
        g->known_us = heard_us;
        g->known_boot_us = boot_us;
        g->known = true;
        g->heard |= live;
}

static enum guard_word word_of(const struct guard *g, int64_t off_us)
{
        if (!g->known)
                return GUARD_UNKNOWN;
        if (off_us < -TOLERANCE_US)
                return GUARD_BEHIND;
        if (off_us <= TOLERANCE_US)
                return GUARD_WELL;
        return g->heard || g->agreed ? GUARD_AHEAD : GUARD_ELAPSED;
}

struct guard_said guard_look(struct guard *g, int64_t wall_us, int64_t boot_us)
{
        int64_t known = g->known ? passed(g, boot_us) : wall_us;
        struct guard_said s = { .off_us = wall_us - known, .best_us = wall_us };

        s.word = word_of(g, s.off_us);
        s.now_us = wall_us < known ? wall_us : known;
        s.destroys = s.word == GUARD_WELL || s.word == GUARD_ELAPSED;
        if (s.word == GUARD_AHEAD || s.word == GUARD_BEHIND)
                s.best_us = known;
        g->agreed |= s.word == GUARD_WELL;
        return s;
}

void guard_say(char *out, size_t size, const struct guard_said *said)
{
        char by[CLOCK_TEXT_MAX];

        duration_format(by, said->off_us < 0 ? -said->off_us : said->off_us);
        switch (said->word) {
        case GUARD_WELL:
        case GUARD_ELAPSED:
                snprintf(out, size, "%s", "");
                break;
        case GUARD_UNKNOWN:
                snprintf(out, size, "no time was heard from the hub yet: nothing is destroyed");
                break;
        case GUARD_AHEAD:
                snprintf(out, size, "clock is %s ahead of the hub's: nothing is destroyed", by);
                break;
        case GUARD_BEHIND:
                snprintf(out, size, "clock is %s behind the hub's: nothing is destroyed", by);
                break;
        }
}
