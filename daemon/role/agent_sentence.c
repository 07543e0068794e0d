/* agent_sentence.c - one agent in a sentence that a person could say. */
#include <stdarg.h>
#include <stdio.h>

#include "agent_counters.h"
#include "agent_watch.h"
#include "base/clock.h"
#include "base/count.h"
#include "capture/downtime.h"
#include "pump/reapply.h"

struct say {
        char *to;
        size_t n, max;
};

static void say(struct say *s, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static void say(struct say *s, const char *fmt, ...)
{
        va_list args;
        va_start(args, fmt);
        int n = vsnprintf(s->to + s->n, s->max - s->n, fmt, args);
        va_end(args);
        if (n > 0)
                s->n = s->n + (size_t)n < s->max ? s->n + (size_t)n : s->max - 1;
}

/* Full is the disk or the vault's own ceiling: whichever is nearer. */
static bool is_disk_nearer(const struct agent *a, const struct vault_status *vs)
{
        uint64_t keep_free = a->settings.vault.min_free_bytes;
        uint64_t disk = vs->free_bytes > keep_free ? vs->free_bytes - keep_free : 0;
        return disk < (vs->max_bytes > vs->bytes ? vs->max_bytes - vs->bytes : 0);
}

/* True if the vault's own state is the worst there is. */
static bool say_vault(struct say *s, const struct agent *a, const struct vault_status *vs)
{
        const char *code = a->settings.region.code;
        if (vs->failed)
                say(s, "%s accepts nothing: its disk failed.", code);
        else if (vs->full)
                say(s, "%s accepts nothing: its %s is full.", code, is_disk_nearer(a, vs) ? "disk" : "vault");
        return vs->failed || vs->full;
}

static void say_state(struct say *s, const struct agent *a, const struct pump_status *ps)
{
        const char *code = a->settings.region.code;
        unsigned long long waits = ps->backlog;
        char for_long[CLOCK_TEXT_MAX];
        if (!a->books.open || !a->books.book)
                say(s, "%s captures, and nothing leaves: %s.", code,
                    a->books.waiting.is   ? "its policy waits for officers' signatures"
                    : a->books.fails_cases ? "its policy does not do what its own cases say; `tributary policy test` shows how"
                    : a->books.trouble[0] ? "its policy cannot be read"
                                          : "no policy is in force");
        else if (a->books.waiting.is)
                say(s, "%s runs on the policy set before: the newest is looser, and waits for %zu more of %zu signatures.", code,
                    a->books.waiting.needed - a->books.waiting.have.n, a->books.waiting.needed);
        else if (a->books.stale)
                say(s, "%s runs on an older policy set: the newest %s.", code,
                    a->books.fails_cases ? "does not do what its own cases say; `tributary policy test` shows how" : "cannot be used");
        else if (!ps->kafka_up)
                say(s, "%s captures; Kafka cannot be reached, %llu entries wait.", code, waits);
        else if (ps->closed)
                say(s, "%s captures; its pump begins, %llu entries wait.", code, waits);
        else if (ps->learning)
                say(s, "%s captures; before anything leaves it reads in its vault who wrote here, %llu entries wait.", code, waits);
        else if (ps->missing)
                say(s, "%s goes on, and its account does not add up by %llu: see \"account\" in its status.", code,
                    (unsigned long long)count_shown(ps->missing));
        else if (ps->backlog || ps->in_flight)
                say(s, "%s is well; %llu entries wait, %llu are on their way.", code, waits,
                    (unsigned long long)ps->in_flight);
        else
                say(s, "%s is well; everything that may leave has arrived (up %s).", code,
                    duration_format(for_long, clock_now_us() - a->started_us));
}

/* Every limit speaks in time. */
static void say_room(struct say *s, const struct agent *a, const struct vault_status *vs)
{
        char for_long[CLOCK_TEXT_MAX];
        int64_t full_in_us = agent_full_in(a, vs);
        if (full_in_us > 0 && full_in_us < 7 * US_PER_DAY)
                say(s, " %s full in %s at this rate.", vs->disk_first ? "The disk is" : "The vault is",
                    duration_format(for_long, full_in_us));
}

static const char *clock_of_day(char out[16], int64_t us)
{
        struct civil c;
        civil_of_us(&c, us);
        snprintf(out, 16, "%02d:%02d", c.hour, c.minute);
        return out;
}

static void say_reapply(struct say *s, const struct agent *a)
{
        struct reapply_status r;
        char for_long[CLOCK_TEXT_MAX];
        pump_reapply_status(a->pump, &r);
        const struct reapply_job *j = r.real.active ? &r.real : &r.dry;
        if (!j->active)
                return;
        say(s, " A %s is at %d %%", j == &r.dry ? "reapply's dry run" : "reapply", reapply_percent(j));
        if (r.left_us)
                say(s, ", %s left", duration_format(for_long, r.left_us));
        if (r.waits[0])
                say(s, ", and waits: %s", r.waits);
        say(s, ".");
}

static void say_counters(struct say *s, const struct agent *a)
{
        struct pump_counter c;
        if (!agent_counter_near(a->pump, &c))
                return;
        if (c.people >= c.ceiling)
                say(s, " As many people are counted as %s:%d lets out: who would be one more is kept back.", c.file, c.line);
        else
                say(s, " Of the %llu people whom %s:%d lets out %d %% are counted.", (unsigned long long)c.ceiling, c.file,
                    c.line, agent_counter_percent(&c));
}

/* The newest gap of the last day that somebody should fill by hand. */
static void say_downtime(struct say *s, const struct agent *a)
{
        char at[16], for_long[CLOCK_TEXT_MAX];
        for (size_t i = downtimes_count(a->downtimes); i-- > 0;) {
                struct downtime d = downtimes_at(a->downtimes, i);
                if (d.filled != FILLED_NO || d.to_us < clock_now_us() - US_PER_DAY)
                        continue;
                say(s, " Senders met a closed door for %s at %s UTC, and nothing of that time has come from",
                    duration_format(for_long, d.to_us - d.from_us), clock_of_day(at, d.from_us));
                for (size_t k = 0, n = 0; k < a->settings.n_sources; k++) {
                        enum downtime_filled f;
                        uint64_t came;
                        if (downtimes_of_source(a->downtimes, i, k, &f, &came) && f == FILLED_NO)
                                say(s, "%s %s", n++ ? "," : "", a->settings.sources[k].name);
                }
                say(s, " since: have it sent again there.");
                return;
        }
}

void agent_sentence(char out[SENTENCE_MAX], const struct agent *a, const struct vault_status *vs,
                    const struct pump_status *ps)
{
        struct say s = { out, 0, SENTENCE_MAX };
        if (say_vault(&s, a, vs))
                return;
        say_state(&s, a, ps);
        say_room(&s, a, vs);
        say_reapply(&s, a);
        say_counters(&s, a);
        if (vs->clock_off)
                say(&s, " Its %s.", vs->clock);
        say_downtime(&s, a);
}
