/* policy_diff.c - `policy diff OLD NEW`: what a change of a policy would newly let out.
 *
 * Both judge the same records: those of a file, or those of the cases of OLD's name. Places and
 * readers are compared whole. Nothing of a record is shown: policies, fields and lines are named,
 * and the record by its line or its case.                                                  */
#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/json.h"
#include "base/text.h"
#include "leaving.h"
#include "policy/cases.h"
#include "policy/differ.h"
#include "policy_book.h"
#include "verb.h"

static const char usage[] = "policy diff OLD NEW [--records FILE.ndjson] [--date DAY]";

enum { NOTES_MAX = 1000, ARENA_ONE = 128 << 20, RECORDS_BYTES = 1 << 30, PATH_LONG = 4096 };

struct diff_note {
        enum differ differ;
        char *text, *example; /* in the arena of the run */
        size_t count;
};
struct side {
        char folder[PATH_LONG], name[256];
        struct deployment d;
        struct policy_book book;
};
struct diffing {
        struct deployment d;
        const char *records, *date;
        struct side before, after;
        struct arena *all, *one;
        struct report *report;
        struct diff_note notes[NOTES_MAX];
        size_t n_notes, n_records, n_unread, per_class[DIFFERS];
        bool overfull, seen[DIFFERS]; /* of the record in hand */
        char example[PATH_LONG];
        int64_t now_us;
        struct err err;
};

/* ---- Notes --------------------------------------------------------------------------- */

static void note(void *ctx, enum differ d, const char *text)
{
        struct diffing *x = ctx;
        x->seen[d] = true;
        for (size_t i = 0; i < x->n_notes; i++)
                if (x->notes[i].differ == d && strcmp(x->notes[i].text, text) == 0) {
                        x->notes[i].count++;
                        return;
                }
        char *own = arena_string(x->all, slice_of(text)), *example = arena_string(x->all, slice_of(x->example));
        if (!own || !example || x->n_notes == NOTES_MAX)
                x->overfull = true; /* counted all the same */
        else
                x->notes[x->n_notes++] = (struct diff_note){ d, own, example, 1 };
}

/* ---- One record under both -------------------------------------------------------------- */

struct judged {
        const struct record *record;
        struct slice source;
        const struct hub *places;
        int64_t now_us, captured_us;
};

static bool judge_side(struct diffing *x, struct side *s, const struct judged *r, struct explanation *out)
{
        const struct book_wanted wanted = { s->name, NULL, r->places };
        return policy_book_open(&s->book, &s->d, &wanted, x->report) &&
               policy_explain(s->book.discarder, s->book.judge, r->now_us, r->record, r->source, r->captured_us, x->one, out,
                              &x->err);
}

static bool judge_both(struct diffing *x, const struct judged *r)
{
        struct explanation *e = arena_array(x->one, 2, sizeof *e);
        if (!e)
                return err_set(&x->err, ERR_FULL, 0, "no room left to judge in");
        if (!judge_side(x, &x->before, r, &e[0]) || !judge_side(x, &x->after, r, &e[1]))
                return false;
        memset(x->seen, 0, sizeof x->seen);
        explain_differ(&e[0], &e[1], note, x);
        x->n_records++;
        for (int d = 0; d < DIFFERS; d++)
                x->per_class[d] += x->seen[d];
        return true;
}

/* ---- Records of a file ------------------------------------------------------------------ */

static bool judge_line(struct diffing *x, struct slice line, size_t number)
{
        struct record r;
        struct judged judged = { .record = &r, .source = SLICE("records"), .now_us = x->now_us, .captured_us = x->now_us };
        arena_reset(x->one);
        if (!record_parse(&r, x->one, line, NULL, NULL)) {
                x->n_unread++;
                return true;
        }
        snprintf(x->example, sizeof x->example, "line %zu", number);
        return judge_both(x, &judged);
}

static bool judge_records(struct diffing *x)
{
        struct buf b;
        bool ok;
        buf_init(&b, RECORDS_BYTES);
        ok = file_read(&b, x->records, &x->err);
        size_t number = 0;
        for (size_t at = 0; ok && at < b.n;) {
                const char *end = memchr(b.p + at, '\n', b.n - at);
                size_t n = end ? (size_t)(end - b.p) - at : b.n - at;
                struct slice line = slice_trim(slice_make(b.p + at, n));
                number++;
                if (line.n)
                        ok = judge_line(x, line, number);
                at += n + 1;
        }
        buf_wipe(&b);
        if (ok && x->n_records == 0)
                ok = err_set(&x->err, ERR_DATA, 0, "no line of \"%s\" is a record", x->records) ||
                     err_hint(&x->err, "One record's JSON a line, as POST /v1/records takes it.");
        return ok;
}

/* ---- Records of the cases ----------------------------------------------------------------- */

static bool judge_case(struct diffing *x, const char *path)
{
        struct report *quiet = report_new(); /* `policy test` says what is wrong with a case */
        struct buf text;
        bool ok = true;
        buf_init(&text, CASE_BYTES_MAX + 1);
        arena_reset(x->one);
        struct policy_case *c = file_read(&text, path, NULL) ? case_parse(x->one, path, buf_slice(&text), quiet) : NULL;
        if (!c) {
                x->n_unread++;
        } else if (c->policy && strcmp(c->policy, x->before.name) == 0) {
                struct judged judged = { &c->record, c->source, &c->hub, x->date ? x->now_us : c->now_us,
                                         x->date ? x->now_us : c->captured_us };
                snprintf(x->example, sizeof x->example, "%s", path);
                ok = judge_both(x, &judged);
        }
        buf_clear(&text);
        report_free(quiet);
        return ok;
}

struct walking {
        struct diffing *x;
        const char *folder;
        bool ok;
};

static bool walk_case(const char *name, void *ctx)
{
        struct walking *w = ctx;
        char path[PATH_LONG];
        snprintf(path, sizeof path, "%s/%s", w->folder, name);
        w->ok = judge_case(w->x, path);
        return w->ok;
}

static bool judge_cases(struct diffing *x)
{
        char cases[PATH_LONG - 300], folder[PATH_LONG];
        struct dirent **names;
        struct walking w = { x, folder, true };
        snprintf(cases, sizeof cases, "%s/cases", x->d.policies);
        int n = scandir(cases, &names, NULL, alphasort);
        for (int i = 0; i < n; i++) {
                struct stat st;
                snprintf(folder, sizeof folder, "%s/%s", cases, names[i]->d_name);
                if (w.ok && names[i]->d_name[0] != '.' && stat(folder, &st) == 0 && S_ISDIR(st.st_mode))
                        w.ok = dir_each_linked(folder, "*.case", walk_case, &w, &x->err) && w.ok;
                free(names[i]);
        }
        if (n >= 0)
                free(names);
        if (w.ok && x->n_records == 0) {
                err_set(&x->err, ERR_SYSTEM, 0, "there is no case of the policy \"%s\" in %s", x->before.name, cases);
                return err_hint(&x->err, "Name a file of records, one's JSON a line: --records FILE.ndjson.");
        }
        return w.ok;
}

/* ---- What came of it ------------------------------------------------------------------------ */

static void tell_text(const struct diffing *x)
{
        printf("%s version %lld (%s) -> %s version %lld (%s); %zu records\n", x->before.name,
               (long long)book_version(x->before.book.book), x->before.folder, x->after.name,
               (long long)book_version(x->after.book.book), x->after.folder, x->n_records);
        if (x->n_unread)
                printf("%zu could not be read.\n", x->n_unread);
        for (int d = 0; d < DIFFERS; d++) {
                bool any = false;
                for (size_t i = 0; i < x->n_notes; i++) {
                        const struct diff_note *n = &x->notes[i];
                        if ((int)n->differ != d)
                                continue;
                        if (!any)
                                printf("\n%s (%zu records)\n", differ_name(n->differ), x->per_class[d]);
                        any = true;
                        if (*n->example)
                                printf("  %zu x ", n->count);
                        else
                                printf("  ");
                        leaving_print(slice_of(n->text));
                        if (*n->example) {
                                printf("\n      as in ");
                                leaving_print(slice_of(n->example));
                        }
                        putchar('\n');
                }
        }
        if (x->n_notes == 0)
                printf("No difference%s.\n", x->records ? " for these records, nor for places and readers"
                                                         : " that a case shows, nor for places and readers");
        if (x->overfull)
                printf("There are more differences than are told here.\n");
}

static void tell_side(struct json_out *o, const char *key, const struct side *s)
{
        json_open(o, key, '{');
        json_put_text(o, "policy", s->name);
        json_put_text(o, "folder", s->folder);
        json_put_int(o, "version", book_version(s->book.book));
        json_close(o, '}');
}

static void tell_json(const struct diffing *x)
{
        static const char *const keys[DIFFERS] = { "newly_leaves", "newly_stops", "otherwise" };
        struct json_out o;
        struct buf b;
        buf_init(&b, 16 << 20);
        json_out_init(&o, &b);
        json_open(&o, NULL, '{');
        json_put_int(&o, "version", 1);
        tell_side(&o, "old", &x->before);
        tell_side(&o, "new", &x->after);
        json_put_uint(&o, "records", x->n_records);
        json_put_uint(&o, "unread", x->n_unread);
        json_put_bool(&o, "more", x->overfull);
        for (int d = 0; d < DIFFERS; d++) {
                json_open(&o, keys[d], '{');
                json_put_uint(&o, "records", x->per_class[d]);
                json_open(&o, "what", '[');
                for (size_t i = 0; i < x->n_notes; i++) {
                        if ((int)x->notes[i].differ != d)
                                continue;
                        json_open(&o, NULL, '{');
                        json_put_text(&o, "text", x->notes[i].text);
                        json_put_uint(&o, "count", x->notes[i].count);
                        json_put_text(&o, "example", *x->notes[i].example ? x->notes[i].example : NULL);
                        json_close(&o, '}');
                }
                json_close(&o, ']');
                json_close(&o, '}');
        }
        json_close(&o, '}');
        printf("%s\n", b.p ? b.p : "");
        buf_clear(&b);
}

/* ---- The verb ------------------------------------------------------------------------------- */

/* "eea": of the policies in force; "draft/eea.cfg": that file, among what lies beside it. */
static bool set_side(struct diffing *x, struct side *s, const char *word)
{
        const char *slash = strrchr(word, '/');
        snprintf(s->folder, sizeof s->folder, "%.*s", slash ? (slash == word ? 1 : (int)(slash - word)) : 4000,
                 slash ? word : x->d.policies);
        snprintf(s->name, sizeof s->name, "%s", slash ? slash + 1 : word);
        size_t n = strlen(s->name);
        if (n > 4 && strcmp(s->name + n - 4, ".cfg") == 0)
                s->name[n - 4] = 0;
        s->d = x->d;
        s->d.policies = s->folder;
        if (text_is_name(slice_of(s->name)))
                return true;
        err_set(&x->err, ERR_SYSTEM, 0, "\"%.60s\" is no policy", word);
        return err_hint(&x->err, "Write its name, as eea, or its file, as draft/eea.cfg; usage: tributary %s", usage);
}

static bool compare(struct diffing *x)
{
        const struct book_wanted old = { x->before.name, NULL, NULL }, now = { x->after.name, NULL, NULL };
        if (!(x->records ? judge_records(x) : judge_cases(x)))
                return false;
        if (!policy_book_open(&x->before.book, &x->before.d, &old, x->report) ||
            !policy_book_open(&x->after.book, &x->after.d, &now, x->report))
                return false;
        x->example[0] = 0;
        book_differ(x->before.book.book, x->after.book.book, x->now_us, note, x);
        return true;
}

static int run(struct diffing *x)
{
        x->report = report_new();
        int status = EXIT_COULD_NOT;
        if (!compare(x)) {
                status = report_count(x->report, REPORT_ERROR) ? act_report(x->report, x->d.json) : act_fail(&x->err, x->d.json);
        } else {
                if (x->d.json)
                        tell_json(x);
                else
                        tell_text(x);
                bool leaves = x->overfull; /* who cannot tell all says no */
                for (size_t i = 0; i < x->n_notes; i++)
                        leaves |= x->notes[i].differ == DIFFER_LEAVES;
                status = leaves ? EXIT_DIFFERENT : EXIT_WELL;
        }
        report_free(x->report);
        return status;
}

static bool arguments_ok(struct diffing *x, int n, char **argv)
{
        x->now_us = clock_now_us();
        if (n != 2)
                err_set(&x->err, ERR_SYSTEM, 0, "an old and a new policy are needed");
        else if (x->date && !clock_parse_date(&x->now_us, slice_of(x->date)))
                err_set(&x->err, ERR_SYSTEM, 0, "--date is a day as 2026-11-23");
        else
                return set_side(x, &x->before, argv[0]) && set_side(x, &x->after, argv[1]);
        return err_hint(&x->err, "usage: tributary %s", usage);
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
                { "date", 0, "DAY", &x->date, "As if that day were today." },
                FLAG_END
        };
        int n = verb_begin(flags, usage, argc, argv, &x->d, &keep, &help, &status);
        x->all = arena_new(16 << 20);
        x->one = arena_new(ARENA_ONE);
        if (n >= 0 && x->all && x->one)
                status = arguments_ok(x, n, argv) ? run(x) : act_fail(&x->err, x->d.json);
        policy_book_close(&x->before.book);
        policy_book_close(&x->after.book);
        arena_free(x->one);
        arena_free(x->all);
        free(x);
        buf_clear(&keep);
        return status;
}
