/* policy_people.c - learns who is known in a region out of its vault, as its agent has it. */
#include "policy_people.h"

#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/json.h"

enum { TURN = 5000, ANSWER_MAX = 4 << 20, ARENA_MAX = 64 << 20, DEPTH = 16 };
#define SAY_EVERY_US (3 * US_PER_SECOND)

/* Who wrote longer ago than that is forgotten at an agent's start, and not while it runs. */
static int64_t since_of(const struct deployment *d, const struct pump_settings *s)
{
        int64_t since_us = clock_now_us() - s->people_since_us, told_us;
        struct arena *a = arena_new(ARENA_MAX);
        struct json *root;
        struct err none = ERR_INIT; /* no agent runs */
        struct buf b;
        buf_init(&b, ANSWER_MAX);
        if (a && agent_ask(d->state, "/v1/status", NULL, &b, &none) && json_read(&root, a, buf_slice(&b), DEPTH, &none)) {
                struct slice told = json_string(json_at(root, "pump", "people_since", NULL));
                if (told.p && clock_parse_rfc3339(&told_us, told) && told_us < since_us)
                        since_us = told_us;
        }
        buf_clear(&b);
        arena_free(a);
        return since_us;
}

static void say(const struct crowd *c, int64_t *said_us)
{
        if (clock_mono_us() - *said_us < SAY_EVERY_US)
                return;
        *said_us = clock_mono_us();
        fprintf(stderr, "Reading who wrote in this region, to mask them as its agent does: %" PRIu64 " entries so far.\n", crowd_read(c));
}

bool people_learn(struct crowd **out, struct vault *v, const struct deployment *d, const struct pump_settings *s,
                  const struct book *a, const struct book *b, struct err *err)
{
        int64_t said_us = clock_mono_us();
        bool all = false;
        *out = NULL;
        if (!book_seeks_people(a) && (!b || !book_seeks_people(b)))
                return true;
        if (!crowd_open(out, v, (size_t)s->people, since_of(d, s), err))
                return false;
        while (!all) {
                if (!crowd_learn(*out, TURN, &all, err)) {
                        crowd_close(*out);
                        *out = NULL;
                        return false;
                }
                say(*out, &said_us);
        }
        return true;
}
