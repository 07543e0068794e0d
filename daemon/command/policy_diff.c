/* policy_diff.c - `policy diff OLD NEW`: what a change of a policy would newly let out.
 *
 * Both judge the same records: those of a file, of the cases of OLD's name, or those that lie in the
 * region's vault. Places and readers are compared whole. Policies, fields and lines are named, a
 * record by its line, its case or its position; of its words at most a masked sample is shown.    */
#include "policy_diff.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/text.h"
#include "verb.h"

static const char usage[] = "policy diff OLD NEW [--records FILE.ndjson | --against last:7d --region CODE] [--markdown]";

enum { ARENA_ALL = 192 << 20, ARENA_ONE = 128 << 20 };

/* ---- One policy, or all of both sets ----------------------------------------------------------- */

static void begin(struct diffing *x, const char *name)
{
        x->n_notes = x->n_records = x->n_unread = 0;
        x->overfull = false;
        memset(x->per_class, 0, sizeof x->per_class);
        if (!name)
                return;
        snprintf(x->before.name, sizeof x->before.name, "%s", name);
        snprintf(x->after.name, sizeof x->after.name, "%s", name);
}

static bool lets_anything_out(const struct book *b)
{
        for (int k = 0; k < RECORD_KINDS; k++)
                if (book_lets_out(b, (enum record_kind)k))
                        return true;
        return false;
}

/* A policy of one set only. */
static bool compare_one_sided(struct diffing *x, bool is_new)
{
        struct diff_side *s = is_new ? &x->after : &x->before, *other = is_new ? &x->before : &x->after;
        policy_book_close(&other->book);
        if (!diff_side_open(s, x->d.region, NULL, x->report))
                return false;
        if (!is_new)
                diff_say(x, DIFFER_STOPS, "the policy is gone: nothing leaves where it was the law");
        else if (lets_anything_out(s->book.book))
                diff_say(x, DIFFER_LEAVES, "the policy is new: what it lets out, nothing let out before");
        else
                diff_say(x, DIFFER_OTHERWISE, "the policy is new, and lets nothing out by itself");
        return true;
}

static bool compare_named(struct diffing *x, const char *name, struct json_out *json)
{
        begin(x, name);
        bool old = diff_side_has(&x->before, x->before.name, x->all), now = diff_side_has(&x->after, x->after.name, x->all);
        bool ok = x->many && old != now ? compare_one_sided(x, now) : diff_compare(x);
        if (!ok)
                return false;
        if (json)
                diff_tell_json(x, json);
        else if (x->many && x->n_notes == 0)
                buf_printf(&x->unchanged, "%s%s", x->unchanged.n ? ", " : "", x->before.name);
        else if (x->markdown)
                diff_tell_markdown(x);
        else
                diff_tell_text(x);
        if (x->many && x->n_notes && !json && !x->markdown)
                putchar('\n');
        return true;
}

static bool compare_all(struct diffing *x, bool *leaves, struct json_out *json)
{
        struct diff_names *names = arena_array(x->all, 2, sizeof *names);
        if (!names)
                return err_set(&x->err, ERR_FULL, 0, "out of memory");
        if (!diff_side_names(&x->before, &names[0], x->all, &x->err) || !diff_side_names(&x->after, &names[1], x->all, &x->err))
                return false;
        for (size_t i = 0, k = 0; i < names[0].n || k < names[1].n;) {
                const char *old = i < names[0].n ? names[0].at[i] : NULL, *now = k < names[1].n ? names[1].at[k] : NULL;
                int order = !old ? 1 : !now ? -1 : strcmp(old, now);
                if (!compare_named(x, order <= 0 ? old : now, json))
                        return false;
                *leaves |= diff_leaves(x);
                i += order <= 0;
                k += order >= 0;
        }
        if (x->unchanged.n && !json)
                printf("No difference%s: %s.\n", x->records || x->against ? " for these records" : " that a case shows", x->unchanged.p);
        return true;
}

static bool compare(struct diffing *x, bool *leaves)
{
        struct json_out o;
        struct buf b;
        buf_init(&b, 64 << 20);
        json_out_init(&o, &b);
        if (x->many && x->d.json) {
                json_open(&o, NULL, '{');
                json_put_int(&o, "version", 1);
                json_open(&o, "policies", '[');
        }
        bool ok = x->many ? compare_all(x, leaves, x->d.json ? &o : NULL) : compare_named(x, NULL, x->d.json ? &o : NULL);
        if (x->many && x->d.json) {
                json_close(&o, ']');
                json_close(&o, '}');
        }
        if (!x->many)
                *leaves = diff_leaves(x);
        if (ok && x->d.json)
                printf("%s\n", b.p ? b.p : "");
        buf_clear(&b);
        return ok;
}

static int run(struct diffing *x)
{
        bool leaves = false;
        if (compare(x, &leaves))
                return leaves ? EXIT_DIFFERENT : EXIT_WELL;
        return report_count(x->report, REPORT_ERROR) ? act_report(x->report, x->d.json) : act_fail(&x->err, x->d.json);
}

/* ---- The verb ------------------------------------------------------------------------------- */

/* A side that names no policy takes the other's; neither does: the region's, or all there are. */
static bool name_sides(struct diffing *x)
{
        struct diff_side *a = &x->before, *b = &x->after;
        if (!*a->name && !*b->name && x->d.region) {
                struct policy_book probe = { 0 };
                const struct book_wanted wanted = { .region = x->d.region };
                bool ok = policy_book_open(&probe, &x->d, &wanted, x->report);
                if (ok)
                        snprintf(a->name, sizeof a->name, "%s", probe.settings->region.policy);
                policy_book_close(&probe);
                if (!ok)
                        return false;
        }
        if (!*a->name)
                memcpy(a->name, b->name, sizeof a->name);
        if (!*b->name)
                memcpy(b->name, a->name, sizeof b->name);
        x->many = !*a->name;
        return true;
}

static bool numbers_ok(struct diffing *x)
{
        int64_t samples = x->against && !x->markdown && !x->d.json ? 1 : 0;
        if (x->samples_wanted && !text_int(&samples, slice_of(x->samples_wanted), 0, DIFF_SAMPLES_MAX)) {
                err_set(&x->err, ERR_SYSTEM, 0, "--samples is a number up to %d", DIFF_SAMPLES_MAX);
                return false;
        }
        x->samples = (size_t)samples;
        return true;
}

static bool arguments_ok(struct diffing *x, int n, char **argv)
{
        x->now_us = clock_now_us();
        if (n != 2)
                err_set(&x->err, ERR_SYSTEM, 0, "an old and a new policy are needed");
        else if (x->date && !clock_parse_date(&x->now_us, slice_of(x->date)))
                err_set(&x->err, ERR_SYSTEM, 0, "--date is a day as 2026-11-23");
        else if (x->against && x->records)
                err_set(&x->err, ERR_SYSTEM, 0, "by which records? leave one of --records and --against");
        else if (x->against && !x->d.region)
                err_set(&x->err, ERR_SYSTEM, 0, "whose vault? --region CODE is missing");
        else if (x->markdown && x->d.json)
                err_set(&x->err, ERR_SYSTEM, 0, "for whom? leave one of --markdown and --json");
        else if (numbers_ok(x))
                return diff_side_set(&x->before, &x->d, argv[0], x->all, &x->err) &&
                       diff_side_set(&x->after, &x->d, argv[1], x->all, &x->err) && name_sides(x);
        return err_hint(&x->err, "usage: tributary %s", usage);
}

static int act(struct diffing *x, int n, char **argv)
{
        x->report = report_new();
        int status = arguments_ok(x, n, argv) ? run(x)
                     : report_count(x->report, REPORT_ERROR) ? act_report(x->report, x->d.json)
                                                             : act_fail(&x->err, x->d.json);
        report_free(x->report);
        return status;
}

int policy_diff(int argc, char **argv)
{
        struct diffing *x = calloc(1, sizeof *x);
        struct buf keep;
        bool help = false;
        int status = EXIT_COULD_NOT;
        if (!x)
                return status;
        const struct flag flags[] = {
                VERB_FLAGS(&x->d, &help),
                { "records", 0, "FILE", &x->records, "Compare by these records (a line each), not by the cases." },
                { "against", 0, "SPAN", &x->against, "Compare by what the region's vault captured: last:7d, 2026-11-01.." },
                { "samples", 0, "N", &x->samples_wanted, "So many masked samples of each difference (0; with --against 1)." },
                { "markdown", 0, NULL, &x->markdown, "Print for a merge request; samples only with --samples." },
                { "date", 0, "DAY", &x->date, "As if that day were today." },
                FLAG_END
        };
        int n = verb_begin(flags, usage, argc, argv, &x->d, &keep, &help, &status);
        buf_init(&x->unchanged, DIFF_POLICIES_MAX * 64);
        x->all = arena_new(ARENA_ALL);
        x->one = arena_new(ARENA_ONE);
        if (n >= 0 && x->all && x->one)
                status = act(x, n, argv);
        diff_side_clear(&x->before);
        diff_side_clear(&x->after);
        buf_clear(&x->unchanged);
        arena_free(x->one);
        arena_free(x->all);
        free(x);
        buf_clear(&keep);
        return status;
}
