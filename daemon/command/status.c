/* status.c - `status`: what running agents say of themselves, and with --hub what all regions said. */
#include <stdlib.h>
#include <string.h>

#include "asking.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/text.h"
#include "role/settings.h"
#include "status_hub.h"
#include "verb.h"

static struct slice number(const struct json *j, const char *group, const char *key)
{
        const struct json *v = json_at(j, group, key, NULL);
        return v ? v->text : SLICE("?");
}

static int64_t whole(const struct json *j, const char *key)
{
        int64_t v = 0;
        return json_int(json_get(j, key), &v) && v > 0 ? v : 0;
}

static void say_room(const struct json *s)
{
        const struct json *v = json_get(s, "vault");
        char bytes[32], max[32], in[CLOCK_TEXT_MAX];
        int64_t full_in = whole(v, "full_in_s"), lag = whole(json_get(s, "pump"), "lag_s");
        printf("  vault %s of %s", text_size_format(bytes, (uint64_t)whole(v, "bytes")),
               text_size_format(max, (uint64_t)whole(v, "max_bytes")));
        if (full_in)
                printf(", full in %s at this rate%s", duration_format(in, full_in * US_PER_SECOND),
                       json_true(json_get(v, "disk_first")) ? " (the disk comes first)" : "");
        if (lag)
                printf("   the oldest that waits is %s old", duration_format(in, lag * US_PER_SECOND));
        printf("\n");
        struct slice due = json_string(json_get(v, "next_due"));
        if (due.n >= 16)
                printf("  raw words: the oldest are destroyed on %.10s at %.5s UTC\n", due.p, due.p + 11);
        struct slice clock = json_string(json_get(v, "clock"));
        if (clock.n)
                printf("  clock: %.*s\n", SLICE_ARG(clock));
}

/* The newest three; --json has all. */
static void say_downtimes(const struct json *s)
{
        const struct json *list = json_get(s, "downtimes");
        size_t skip = list && list->count > 3 ? list->count - 3 : 0;
        for (const struct json *d = list ? list->first : NULL; d; d = d->next) {
                if (skip && skip--)
                        continue;
                printf("  closed to senders from %.*s to %.*s (%.*s), filled: %.*s\n",
                       SLICE_ARG(json_string(json_get(d, "from"))), SLICE_ARG(json_string(json_get(d, "to"))),
                       SLICE_ARG(json_string(json_get(d, "why"))), SLICE_ARG(json_string(json_get(d, "filled"))));
        }
}

static void say_strangers(const struct json *s)
{
        const struct json *list = json_get(s, "strangers");
        if (list && list->count)
                printf("  %zu field%s that nobody decided about %s dropped: see `tributary source status`\n", list->count,
                       list->count == 1 ? "" : "s", list->count == 1 ? "is" : "are");
}

static void say_counters(const struct json *s)
{
        const struct json *list = json_get(s, "counters");
        for (const struct json *c = list ? list->first : NULL; c; c = c->next) {
                struct slice file = json_string(json_get(c, "file")), id = json_string(json_get(c, "counter"));
                const char *of = id.p ? strchr(id.p, '/') : NULL; /* "cn/sensitive people/Example Ltd" */
                int of_n = of ? (int)strcspn(of + 1, "/") : 0;
                printf("  %.*s%s: %lld of %lld counted (%lld %%) by %.*s:%lld; held because of it: %lld\n", of ? of_n : 6,
                       of ? of + 1 : "people",
                       json_true(json_get(c, "full"))   ? ", ceiling reached"
                       : json_true(json_get(c, "near")) ? ", near the ceiling"
                                                        : "",
                       (long long)whole(c, "people"), (long long)whole(c, "ceiling"), (long long)whole(c, "percent"),
                       SLICE_ARG(file), (long long)whole(c, "line"), (long long)whole(c, "held"));
        }
}

static void say_agent(const struct json *s)
{
        printf("%.*s\n", SLICE_ARG(json_string(json_get(s, "sentence"))));
        printf("  policy %.*s v%.*s   captured to %.*s   waiting %.*s   sent %.*s   in flight %.*s   "
               "held %.*s   kept at home %.*s\n",
               SLICE_ARG(json_string(json_at(s, "policy", "name", NULL))), SLICE_ARG(number(s, "policy", "version")),
               SLICE_ARG(json_at(s, "vault", "mark", "seq", NULL) ? json_at(s, "vault", "mark", "seq", NULL)->text
                                                                  : SLICE("?")),
               SLICE_ARG(number(s, "pump", "backlog")), SLICE_ARG(number(s, "pump", "sent")),
               SLICE_ARG(number(s, "pump", "in_flight")), SLICE_ARG(number(s, "pump", "held")),
               SLICE_ARG(number(s, "pump", "stayed")));
        say_room(s);
        say_downtimes(s);
        say_counters(s);
        say_strangers(s);
        if (whole(json_get(s, "pump"), "residual"))
                printf("  defect: what is masked stood in %.*s messages still: their records are held. Please report it\n",
                       SLICE_ARG(number(s, "pump", "residual")));
        static const char *const parts[] = { "policy", "pump" };
        for (size_t i = 0; i < 2; i++) {
                struct slice trouble = json_string(json_at(s, parts[i], "trouble", NULL));
                if (trouble.p)
                        printf("  trouble: %.*s\n", SLICE_ARG(trouble));
        }
}

static bool is_well(const struct json *s)
{
        if (json_at(s, "account", "missing", NULL) && !slice_is(number(s, "account", "missing"), "0"))
                return false;
        if (json_true(json_at(s, "vault", "clock_off", NULL)) || whole(json_get(s, "pump"), "residual"))
                return false;
        return json_true(json_at(s, "policy", "open", NULL)) && !json_true(json_at(s, "policy", "stale", NULL)) &&
               !json_true(json_at(s, "vault", "full", NULL)) && !json_true(json_at(s, "vault", "failed", NULL)) &&
               json_true(json_at(s, "pump", "kafka_up", NULL)) &&
               !json_string(json_at(s, "pump", "trouble", NULL)).p;
}

static bool ask(struct asking *q, const char *state, struct err *err)
{
        struct buf b;
        struct json *s;
        buf_init(&b, 4 << 20);
        arena_reset(q->arena);
        bool ok = agent_ask(state, "/v1/status", NULL, &b, err) &&
                  json_read(&s, q->arena, buf_slice(&b), 16, err);
        if (ok) {
                if (q->d->json)
                        printf("%s%s", q->asked ? "," : "", b.p);
                else
                        q->say(s);
                q->asked++;
                q->well += is_well(s);
        }
        buf_clear(&b);
        return ok;
}

/* An agent that does not answer is a finding too: it is told, and the others are asked. */
static bool ask_one(const char *code, void *ctx)
{
        struct asking *q = ctx;
        struct err err = ERR_INIT;
        char state[4096], socket[4200];
        snprintf(state, sizeof state, "%s/%s", q->states, code);
        snprintf(socket, sizeof socket, "%s/control.sock", state);
        if (!file_exists(socket))
                return true; /* it runs on another machine */
        if (!ask(q, state, &err)) {
                if (q->d->json)
                        printf("%s{\"region\":\"%s\",\"sentence\":\"%s does not answer.\"}", q->asked ? "," : "", code, code);
                else
                        printf("%s does not answer: %s\n", code, err.text);
                q->asked++;
        }
        return true;
}

int asking_all(struct asking *q)
{
        struct err err = ERR_INIT;
        bool ok;
        q->arena = arena_new(8 << 20);
        if (q->d->json)
                printf("{\"version\":1,\"agents\":[");
        if (q->d->region || (q->d->state && !q->states))
                ok = ask(q, q->d->state, &err);
        else
                ok = regions_each(q->d->regions, ask_one, q, &err);
        if (q->d->json)
                printf("]}\n");
        arena_free(q->arena);
        if (!ok)
                return act_fail(&err, false);
        if (q->asked == 0) {
                fprintf(stderr, "tributary: no agent runs on this machine under \"%s\"\n"
                                "hint: Name one with --region and --state, or their folder with --states; --hub shows all "
                                "regions through the warehouse.\n", q->states);
                return EXIT_COULD_NOT;
        }
        return q->well == q->asked ? EXIT_WELL : EXIT_FINDING;
}

struct choice {
        const char *states, *silent_after;
        bool hub;
};

static int begin(const char *usage, int argc, char **argv, struct deployment *d, struct choice *c,
                 struct buf *keep, int *status)
{
        bool help = false;
        const struct flag flags[] = {
                VERB_FLAGS(d, &help),
                { "states", 0, "DIR", &c->states, "Folder with a state folder per region (default /var/lib/tributary)." },
                { "hub", 0, NULL, &c->hub, "All regions, as the hub's warehouse knows them; needs no agent here." },
                { "silent-after", 0, "TIME", &c->silent_after,
                  "With --hub: a region not heard for so long is gone (default three hellos, at least 90 s)." },
                FLAG_END
        };
        return verb_begin(flags, usage, argc, argv, d, keep, &help, status);
}

int verb_status(int argc, char **argv)
{
        struct deployment d = { 0 };
        struct buf keep;
        struct choice c = { 0 };
        int status = EXIT_COULD_NOT;
        int n = begin("status [--region CODE [--state DIR]] [--states DIR] | --hub [--silent-after TIME]", argc, argv, &d,
                      &c, &keep, &status);
        if (n >= 0 && c.hub) {
                status = status_hub(&d, c.silent_after);
        } else if (n >= 0) {
                struct asking q = { .d = &d, .states = c.states, .say = say_agent };
                if (!c.states && !d.state)
                        q.states = "/var/lib/tributary";
                status = asking_all(&q);
        }
        buf_clear(&keep);
        return status;
}
