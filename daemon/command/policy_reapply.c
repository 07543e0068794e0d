/* policy_reapply.c - `policy reapply`: the set in force, carried back to what is in the vault.
 *
 * The agent does it; this asks, shows how far it is, and tells what became of what. Ending this verb
 * ends nothing there.                                                                     */
#include "policy_reapply.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/json.h"
#include "verb.h"

static const char usage[] = "policy reapply --region CODE --since DATE [--until DATE] [--dry-run] [--yes] [--detach] | --status | --stop";

enum { LOOK_MS = 250, LOOK_FIRST_MS = 50 };

struct reapplying {
        struct deployment d;
        const char *since, *until;
        bool dry, yes, detach, status, stop;
        struct arena *arena;
        struct buf said;
        const struct json *root;
        bool shows; /* a terminal watches */
};

/* ---- Asking ----------------------------------------------------------------- */
static bool ask(struct reapplying *q, const char *what, struct err *err)
{
        struct buf body;
        struct json_out o;
        struct json *root = NULL;
        buf_init(&body, 4096);
        json_out_init(&o, &body);
        json_open(&o, NULL, '{');
        json_put_text(&o, "do", what);
        if (q->since)
                json_put_text(&o, "since", q->since);
        if (q->until)
                json_put_text(&o, "until", q->until);
        json_put_bool(&o, "dry_run", q->dry);
        json_put_bool(&o, "yes", q->yes);
        json_close(&o, '}');
        buf_putc(&body, 0);
        buf_reset(&q->said);
        arena_reset(q->arena);
        bool ok = buf_ok(&body) || err_set(err, ERR_CONFIG, 0, "a date is a day, or a time");
        ok = ok && agent_ask(q->d.state, "/v1/reapply", body.p, &q->said, err) &&
             json_read(&root, q->arena, buf_slice(&q->said), 8, err);
        buf_clear(&body);
        q->root = root;
        const struct json *no = ok ? json_get(root, "refused") : NULL;
        if (!no)
                return ok;
        struct slice hint = json_string(json_get(no, "hint"));
        err_set(err, ERR_DENIED, 0, "%.*s", SLICE_ARG(json_string(json_get(no, "text"))));
        return hint.p ? err_hint(err, "%.*s", SLICE_ARG(hint)) : false;
}

static const struct json *job_of(const struct reapplying *q, bool dry)
{
        return json_get(q->root, dry ? "dry_run" : "real");
}

static int64_t whole(const struct json *j, const char *key)
{
        int64_t v = 0;
        return json_int(json_get(j, key), &v) ? v : 0;
}

static uint64_t sum(const struct json *job, const char *key)
{
        uint64_t n = 0;
        const struct json *kinds = json_get(job, "kinds");
        for (const struct json *k = kinds ? kinds->first : NULL; k; k = k->next)
                n += (uint64_t)whole(k, key);
        return n;
}

/* ---- Telling ----------------------------------------------------------------- */
static void say_progress(const struct json *job)
{
        char left[CLOCK_TEXT_MAX];
        struct slice waits = json_string(json_get(job, "waits"));
        fprintf(stderr, "\r\033[K%lld %%", (long long)whole(job, "percent"));
        if (whole(job, "left_s"))
                fprintf(stderr, ", %s left", duration_format(left, whole(job, "left_s") * US_PER_SECOND));
        if (waits.p)
                fprintf(stderr, ", waits: %.*s", SLICE_ARG(waits));
        fflush(stderr);
}

static void say_kinds(const struct json *job, bool dry)
{
        const struct json *kinds = json_get(job, "kinds");
        if (kinds && kinds->first)
                printf("  %-14s %14s %14s %14s %14s\n", "kind", dry ? "would go again" : "went again", "taken back",
                       "newly out", "still at home");
        for (const struct json *k = kinds ? kinds->first : NULL; k; k = k->next)
                printf("  %-14.*s %14lld %14lld %14lld %14lld\n", SLICE_ARG(json_string(json_get(k, "kind"))),
                       (long long)whole(k, "sent_again"), (long long)whole(k, "retracted"), (long long)whole(k, "released"),
                       (long long)whole(k, "kept"));
        const struct json *p = json_get(job, "passed_by");
        if (p && whole(p, "deletes") + whole(p, "erased") + whole(p, "expired") + whole(p, "damaged"))
                printf("  passed by: %lld deleted at the source, %lld erased, %lld expired, %lld damaged\n",
                       (long long)whole(p, "deletes"), (long long)whole(p, "erased"), (long long)whole(p, "expired"),
                       (long long)whole(p, "damaged"));
}

static void say_job(const struct reapplying *q, bool dry)
{
        const struct json *job = job_of(q, dry);
        struct slice ended = json_string(json_get(job, "ended")), since = json_string(json_get(job, "since"));
        struct slice waits = json_string(json_get(job, "waits"));
        bool active = json_true(json_get(job, "active")), stopped = json_true(json_get(job, "stopped"));
        if (!json_get(job, "active"))
                return;
        printf("%s since %.*s: ", dry ? "dry run" : "reapply", SLICE_ARG(since.p ? since : SLICE("the beginning")));
        if (active && waits.p)
                printf("at %lld %%, and waits: %.*s\n", (long long)whole(job, "percent"), SLICE_ARG(waits));
        else if (active)
                printf("at %lld %%\n", (long long)whole(job, "percent"));
        else
                printf("%s %.*s%s\n", stopped ? "stopped" : "ended", SLICE_ARG(ended),
                       json_true(json_get(job, "by_the_set_in_force")) ? "" : ", by a set that is in force no more");
        if (whole(job, "begun_again"))
                printf("  begun again %lld times, as another policy set was put in force\n", (long long)whole(job, "begun_again"));
        say_kinds(job, dry);
}

static int tell(const struct reapplying *q)
{
        const struct json *job = job_of(q, q->dry);
        bool differs = sum(job, "retracted") + sum(job, "released") > 0;
        if (q->d.json) {
                printf("%s\n", q->said.p);
        } else {
                say_job(q, q->dry);
                if (q->dry)
                        printf("Nothing was sent. The same without --dry-run does it, within a day and by this policy set.\n");
        }
        if (json_true(json_get(job, "stopped")))
                return EXIT_FINDING;
        return q->dry && differs ? EXIT_DIFFERENT : EXIT_WELL;
}

/* ---- Doing -------------------------------------------------------------------- */
static bool wait_for_end(struct reapplying *q, struct err *err)
{
        for (int ms = LOOK_FIRST_MS; json_true(json_get(job_of(q, q->dry), "active")); ms = LOOK_MS) {
                if (q->shows)
                        say_progress(job_of(q, q->dry));
                poll(NULL, 0, ms);
                if (!ask(q, "status", err))
                        return false;
        }
        if (q->shows)
                fprintf(stderr, "\r\033[K");
        return true;
}

static int begin(struct reapplying *q, struct err *err)
{
        int64_t now_us = clock_now_us(), ended_us = 0;
        if (!ask(q, "start", err))
                return EXIT_COULD_NOT;
        if (q->detach) {
                if (q->d.json)
                        printf("%s\n", q->said.p);
                else if (whole(job_of(q, q->dry), "entries"))
                        printf("It has begun; `policy reapply --status` shows how far it is.\n");
                else
                        printf("It is asked for; `policy reapply --status` shows whether it has begun. A restart before that forgets it.\n");
                return EXIT_WELL;
        }
        if (!wait_for_end(q, err))
                return EXIT_COULD_NOT;
        if (!clock_parse_rfc3339(&ended_us, json_string(json_get(job_of(q, q->dry), "ended"))) || ended_us < now_us) {
                err_set(err, ERR_RETRY, 0, "the agent stopped before it began");
                return EXIT_COULD_NOT;
        }
        return tell(q);
}

static int look(struct reapplying *q, struct err *err)
{
        if (!ask(q, q->stop ? "stop" : "status", err))
                return EXIT_COULD_NOT;
        if (q->d.json) {
                printf("%s\n", q->said.p);
                return EXIT_WELL;
        }
        if (q->stop)
                printf("It stops; what it has done stays done.\n");
        else if (!json_get(job_of(q, true), "active") && !json_get(job_of(q, false), "active"))
                printf("Nothing was ever judged again here.\n");
        say_job(q, true);
        say_job(q, false);
        return EXIT_WELL;
}

static bool is_asked_well(const struct reapplying *q, int n)
{
        const char *what = NULL;
        if (n > 0)
                what = "policy reapply takes options only";
        else if (!q->d.region)
                what = "--region CODE is missing";
        else if (!q->status && !q->stop && !q->since)
                what = "--since DATE is missing";
        if (what)
                fprintf(stderr, "tributary: %s\nhint: usage: tributary %s\n", what, usage);
        return !what;
}

int policy_reapply(int argc, char **argv)
{
        struct reapplying q = { .arena = arena_new(1 << 20), .shows = isatty(STDERR_FILENO) };
        struct err err = ERR_INIT;
        struct buf keep;
        bool help = false;
        int status = EXIT_COULD_NOT;
        const struct flag flags[] = {
                VERB_FLAGS(&q.d, &help),
                { "since", 0, "DATE", &q.since, "What was captured from that day of the region on, or from that moment on." },
                { "until", 0, "DATE", &q.until, "... and up to that day, it included." },
                { "dry-run", 0, NULL, &q.dry, "Only count what would become of what." },
                { "yes", 0, NULL, &q.yes, "For real, without a dry run before." },
                { "detach", 0, NULL, &q.detach, "Do not wait for its end." },
                { "status", 0, NULL, &q.status, "How far it is, or was the last time." },
                { "stop", 0, NULL, &q.stop, "End it; what it has done stays done." },
                FLAG_END
        };
        buf_init(&q.said, 1 << 20);
        int n = verb_begin(flags, usage, argc, argv, &q.d, &keep, &help, &status);
        if (n >= 0 && q.arena && is_asked_well(&q, n)) {
                status = q.status || q.stop ? look(&q, &err) : begin(&q, &err);
                if (err.kind != ERR_NONE) {
                        act_fail(&err, q.d.json);
                        status = EXIT_COULD_NOT;
                }
        }
        buf_clear(&q.said);
        arena_free(q.arena);
        buf_clear(&keep);
        return status;
}
