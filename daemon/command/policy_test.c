/* policy_test.c - `policy test`: runs the cases that lie beside the policies.
 *
 * Each case is judged as an agent would: by the policy of its region or name, with its places, on
 * its own date, so that what holds today holds in a year. Nothing is sent, nothing is kept.   */
#include "policy_test.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/text.h"
#include "policy_book.h"
#include "verb.h"

static const char usage[] = "policy test [NAME|FILE.case...] [--format text|tap|junit|json] [--coverage] [--min-coverage PERCENT]";
static const char *const formats[TEST_FORMATS] = { "text", "tap", "junit", "json" };

enum { ARENA_CASE = 64 << 20, ARENA_ALL = 256 << 20, PATH_LONG = 4096 };

struct testing {
        struct deployment d;
        const char *format_text, *min_text;
        struct policy_book book;
        struct arena *all, *one; /* of the run, of a case */
        struct case_result *results;
        struct policy_cover *covers[TEST_POLICIES_MAX];
        struct test_told told;
        const char *folder; /* while a folder is walked */
        struct err err;
        bool stopped;
};

static bool stop(struct testing *t, enum err_kind kind, const char *what)
{
        t->stopped = true;
        return err_set(&t->err, kind, 0, "%s", what);
}

/* ---- One case -------------------------------------------------------------------- */

static const char *keep(struct testing *t, const char *s)
{
        char *own = arena_string(t->all, slice_of(s ? s : ""));
        if (!own)
                stop(t, ERR_FULL, "no room left for what the cases say");
        return own ? own : "";
}

static void keep_failures(struct testing *t, struct case_result *r, const struct case_failure *f, size_t n)
{
        r->failures = arena_array(t->all, n, sizeof *r->failures);
        for (size_t i = 0; r->failures && i < n; i++)
                r->failures[i] = (struct case_failure){ f[i].line, keep(t, f[i].what), keep(t, f[i].expected), keep(t, f[i].got) };
        r->n_failures = r->failures ? n : 0;
}

/* Complaints about the case, or about the policy that it needs. */
static void keep_report(struct testing *t, struct case_result *r, const struct report *report)
{
        struct case_failure out[CASE_FAILURES_MAX];
        size_t n = 0;
        for (size_t i = 0; i < report_size(report) && n < CASE_FAILURES_MAX; i++) {
                const struct report_item *item = report_at(report, i);
                char *text;
                if (item->level != REPORT_ERROR)
                        continue;
                bool own = strcmp(item->file, r->file) == 0;
                text = own || !item->line ? arena_printf(t->one, "%s", item->text)
                                          : arena_printf(t->one, "%s:%d: %s", item->file, item->line, item->text);
                out[n++] = (struct case_failure){ own ? item->line : 0, text ? text : "", item->hint ? item->hint : "", "" };
        }
        r->broken = true;
        keep_failures(t, r, out, n);
}

static struct policy_cover *cover_of(struct testing *t, const struct book *b)
{
        for (size_t i = 0; i < t->told.n_covers; i++)
                if (strcmp(t->covers[i]->policy, book_policy(b)) == 0)
                        return t->covers[i];
        struct policy_cover *c = t->told.n_covers < TEST_POLICIES_MAX ? arena_alloc(t->all, sizeof *c) : NULL;
        if (!c || !coverage_begin(&c->coverage, b, t->all)) {
                stop(t, ERR_FULL, "no room left for what the cases try");
                return NULL;
        }
        c->policy = keep(t, book_policy(b));
        t->covers[t->told.n_covers++] = c;
        return c;
}

static bool judge_case(struct testing *t, struct case_result *r, const struct policy_case *c)
{
        struct explanation *e = arena_alloc(t->one, sizeof *e);
        struct case_failure failures[CASE_FAILURES_MAX];
        struct policy_cover *cover = cover_of(t, t->book.book);
        if (!e || !cover)
                return false;
        judge_assume(t->book.judge, &c->assumed);
        if (!policy_explain(t->book.discarder, t->book.judge, c->now_us, &c->record, c->source, c->captured_us, t->one, e, &t->err))
                return false;
        coverage_count(&cover->coverage, &c->record, e);
        size_t n = case_compare(c, e, t->book.book, t->one, failures);
        if (n == SIZE_MAX)
                return err_set(&t->err, ERR_FULL, 0, "no room left to compare in");
        keep_failures(t, r, failures, n);
        cover->cases++;
        cover->failed += n > 0;
        return true;
}

static void run_text(struct testing *t, struct case_result *r, struct slice text)
{
        struct report *report = report_new();
        struct policy_case *c = case_parse(t->one, r->file, text, report);
        struct book_wanted wanted = { 0 };
        if (c) {
                r->title = keep(t, c->title);
                r->policy = keep(t, c->policy ? c->policy : c->region);
                wanted = (struct book_wanted){ .policy = c->policy, .region = c->region, .places = &c->hub };
        }
        if (!c || !policy_book_open(&t->book, &t->d, &wanted, report)) {
                keep_report(t, r, report);
        } else if (!judge_case(t, r, c)) {
                t->stopped = true;
        } else {
                r->policy = keep(t, book_policy(t->book.book));
        }
        report_free(report);
}

static bool run_file(struct testing *t, const char *path)
{
        struct err err = ERR_INIT;
        struct buf text;
        if (t->told.n == TEST_CASES_MAX)
                return stop(t, ERR_FULL, "at most 10000 cases in one run");
        struct case_result *r = &t->results[t->told.n++];
        *r = (struct case_result){ .file = keep(t, path), .title = "", .policy = "" };
        arena_reset(t->one);
        buf_init(&text, CASE_BYTES_MAX + 1);
        if (file_read(&text, path, &err)) {
                run_text(t, r, buf_slice(&text));
        } else {
                const struct case_failure unread = { 0, err.text, err.hint, "" };
                r->broken = true;
                keep_failures(t, r, &unread, 1);
        }
        buf_clear(&text);
        t->told.failed += r->n_failures > 0;
        return !t->stopped;
}

/* ---- Which cases ------------------------------------------------------------------ */

static bool run_named(const char *name, void *ctx)
{
        struct testing *t = ctx;
        char path[PATH_LONG];
        snprintf(path, sizeof path, "%s/%s", t->folder, name);
        return run_file(t, path);
}

static bool run_folder(struct testing *t, const char *folder)
{
        t->folder = folder;
        return dir_each_linked(folder, "*.case", run_named, t, &t->err) && !t->stopped;
}

static int is_shown(const struct dirent *e)
{
        return e->d_name[0] != '.';
}

/* Every folder of policies/cases, sorted. */
static bool run_all(struct testing *t)
{
        char cases[PATH_LONG - 300], folder[PATH_LONG];
        struct dirent **names;
        struct stat st;
        bool ok = true;
        snprintf(cases, sizeof cases, "%s/cases", t->d.policies);
        int n = scandir(cases, &names, is_shown, alphasort);
        if (n < 0)
                return err_errno(&t->err, errno, "could not open the cases' folder \"%s\"", cases);
        for (int i = 0; i < n; i++) {
                snprintf(folder, sizeof folder, "%s/%s", cases, names[i]->d_name);
                if (ok && stat(folder, &st) == 0 && S_ISDIR(st.st_mode))
                        ok = run_folder(t, folder);
                free(names[i]);
        }
        free(names);
        return ok;
}

/* "eea", "eea.cfg": its folder; a path: that file, or that folder. */
static bool run_word(struct testing *t, const char *word)
{
        char path[PATH_LONG];
        struct stat st;
        size_t n = strlen(word);
        if ((n > 5 && strcmp(word + n - 5, ".case") == 0) || (strchr(word, '/') && stat(word, &st) == 0 && S_ISREG(st.st_mode)))
                return run_file(t, word);
        if (strchr(word, '/') && stat(word, &st) == 0 && S_ISDIR(st.st_mode))
                return run_folder(t, word);
        n -= n > 4 && strcmp(word + n - 4, ".cfg") == 0 ? 4 : 0;
        snprintf(path, sizeof path, "%s/cases/%.*s", t->d.policies, (int)n, word);
        if (stat(path, &st) == 0)
                return run_folder(t, path);
        if (errno != ENOENT)
                return err_errno(&t->err, errno, "could not look into \"%s\"", path);
        err_set(&t->err, ERR_SYSTEM, 0, "there are no cases of \"%.60s\"", word);
        return err_hint(&t->err, "Cases lie in %.200s/cases/NAME/, one a file that ends in .case.", t->d.policies);
}

/* ---- The verb --------------------------------------------------------------------- */

/* Of what the policy says. Detectors are the program's, and have its tests. */
static void weigh_coverage(struct testing *t)
{
        t->told.covered = true;
        for (size_t i = 0; i < t->told.n_covers; i++)
                for (int of = COVERAGE_RULES; of <= COVERAGE_FIELDS; of++) {
                        size_t tried, all;
                        int percent = coverage_percent(&t->covers[i]->coverage, (enum coverage_of)of, &tried, &all);
                        t->told.covered &= percent >= t->told.min_percent;
                }
}

static int run(struct testing *t, int n, char **words)
{
        bool ok = n > 0 || run_all(t);
        for (int i = 0; ok && i < n; i++)
                ok = run_word(t, words[i]);
        if (ok && t->told.n == 0) {
                ok = err_set(&t->err, ERR_SYSTEM, 0, "there is no case in %s/cases", t->d.policies);
                err_hint(&t->err, "A case is a text file NAME/WORDS.case there; policies/README.md shows one.");
        }
        if (!ok)
                return act_fail(&t->err, t->told.format == TEST_JSON);
        t->told.results = t->results;
        t->told.covers = t->covers;
        weigh_coverage(t);
        policy_tell(&t->told);
        return t->told.failed || !t->told.covered ? EXIT_FINDING : EXIT_WELL;
}

static bool arguments_ok(struct testing *t)
{
        int f = 0;
        while (t->format_text && f < TEST_FORMATS && strcmp(t->format_text, formats[f]) != 0)
                f++;
        t->told.format = t->d.json ? TEST_JSON : (enum test_format)f;
        if (f == TEST_FORMATS)
                err_set(&t->err, ERR_SYSTEM, 0, "\"%.40s\" is none of text, tap, junit, json", t->format_text);
        else if (t->min_text && !text_int(&t->told.min_percent, slice_of(t->min_text), 0, 100))
                err_set(&t->err, ERR_SYSTEM, 0, "--min-coverage is a whole number from 0 to 100");
        else
                return true;
        t->told.format = t->d.json ? TEST_JSON : TEST_TEXT;
        return err_hint(&t->err, "usage: tributary %s", usage);
}

int policy_test(int argc, char **argv)
{
        struct testing *t = calloc(1, sizeof *t);
        struct buf keep_texts;
        bool help = false;
        int status = EXIT_COULD_NOT;
        if (!t)
                return status;
        const struct flag flags[] = {
                VERB_FLAGS(&t->d, &help),
                { "format", 0, "FORMAT", &t->format_text, "text, tap, junit or json." },
                { "coverage", 0, NULL, &t->told.coverage, "Name each line, field and detector that no case tries." },
                { "min-coverage", 0, "PERCENT", &t->min_text, "Fail if fewer of a policy's rules, or of its fields, are tried." },
                FLAG_END
        };
        int n = verb_begin(flags, usage, argc, argv, &t->d, &keep_texts, &help, &status);
        t->results = calloc(TEST_CASES_MAX, sizeof *t->results);
        t->all = arena_new(ARENA_ALL);
        t->one = arena_new(ARENA_CASE);
        if (n >= 0 && t->results && t->all && t->one)
                status = arguments_ok(t) ? run(t, n, argv) : act_fail(&t->err, t->d.json);
        policy_book_close(&t->book);
        arena_free(t->one);
        arena_free(t->all);
        free(t->results);
        free(t);
        buf_clear(&keep_texts);
        return status;
}
