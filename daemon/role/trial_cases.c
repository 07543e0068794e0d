/* trial_cases.c - the cases of a set, judged by it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/file.h"
#include "policy/cases.h"
#include "trial.h"

enum { SET_BYTES_MAX = 64 << 20, ARENA_CASE = 64 << 20, CASES_MAX = 10000, KEY_MAX = 1024, PATH_LONG = 4096 };

struct trying {
        const struct book *fresh;
        const struct book_spec *spec;
        struct buf packed;
        const atomic_bool *stop;
        int64_t deadline_us;
        struct arena *arena;       /* of one case */
        struct report *report;     /* of one case */
        struct book *book;         /* by which the last case was judged, and the key by which it was made */
        struct judge *judge;
        struct discarder *discarder;
        char key[KEY_MAX];
        const char *name, *folder; /* of the policy whose cases are tried */
        size_t n, failed;
        char *why;                 /* of the first that failed */
};

/* ---- The book of a case ------------------------------------------------------------------ */

static void forget(struct trying *t)
{
        judge_free(t->judge);
        discarder_free(t->discarder);
        book_drop(t->book);
        t->judge = NULL;
        t->discarder = NULL;
        t->book = NULL;
        t->key[0] = 0;
}

static void key_of(char out[KEY_MAX], const struct policy_case *c)
{
        size_t n = (size_t)snprintf(out, KEY_MAX, "%s|%s", c->policy ? c->policy : "", c->region ? c->region : "");
        for (size_t i = 0; i < c->hub.n_places && n < KEY_MAX; i++)
                n += (size_t)snprintf(out + n, KEY_MAX - n, "|%d %s", c->hub.places[i].what, c->hub.places[i].jurisdiction);
}

static struct book *book_of(struct trying *t, const struct policy_case *c)
{
        const struct region alone = { .code = "case", .title = "", .jurisdiction = "", .timezone = "UTC", .policy = c->policy };
        const struct book_spec spec = { NULL, c->region ? t->spec->region : &alone, c->hub.n_places ? &c->hub : t->spec->hub };
        struct book *b = NULL;
        return book_unpack(&b, buf_slice(&t->packed), &spec, t->report) ? b : NULL;
}

static bool open_book(struct trying *t, const struct policy_case *c)
{
        char key[KEY_MAX];
        key_of(key, c);
        if (t->judge && strcmp(key, t->key) == 0)
                return true;
        forget(t);
        t->book = book_of(t, c);
        t->judge = t->book ? judge_new(t->book) : NULL;
        t->discarder = t->book ? discarder_new(t->book) : NULL;
        if (!t->judge || !t->discarder)
                return false;
        memcpy(t->key, key, sizeof key);
        return true;
}

/* ---- One case ------------------------------------------------------------------------------- */

/* Expected and got are texts of the case: whoever runs `policy test` reads them, no log. */
static bool fail(struct trying *t, const char *file, int line, const char *what)
{
        if (t->failed++ == 0)
                snprintf(t->why, TRIAL_WHY, "cases/%.32s/%.100s:%d: %.150s", t->name, file, line, what);
        return true;
}

static bool first_error(struct trying *t, const char *file)
{
        for (size_t i = 0; i < report_size(t->report); i++)
                if (report_at(t->report, i)->level == REPORT_ERROR)
                        return fail(t, file, report_at(t->report, i)->line, report_at(t->report, i)->text);
        return fail(t, file, 0, "cannot be tried: out of memory");
}

static bool judge_case(struct trying *t, const struct policy_case *c, const char *file)
{
        struct explanation *e = arena_alloc(t->arena, sizeof *e);
        struct case_failure failures[CASE_FAILURES_MAX];
        struct err err = ERR_INIT;
        if (!e || !open_book(t, c))
                return first_error(t, file);
        judge_assume(t->judge, &c->assumed);
        if (!policy_explain(t->discarder, t->judge, c->now_us, &c->record, c->source, c->captured_us, t->arena, e, &err))
                return fail(t, file, 0, err.text);
        size_t n = case_compare(c, e, t->book, t->arena, failures);
        if (n == SIZE_MAX)
                return fail(t, file, 0, "cannot be tried: out of memory");
        char what[160];
        bool plain = n && (strcmp(failures[0].what, "decision") == 0 || strcmp(failures[0].what, "by") == 0);
        snprintf(what, sizeof what, "%s is not as expected", n ? failures[0].what : "");
        if (plain) /* no words of a record */
                snprintf(what, sizeof what, "%s is not as expected: \"%.40s\", not \"%.40s\"", failures[0].what, failures[0].got,
                         failures[0].expected);
        return n ? fail(t, file, failures[0].line, what) : true;
}

static bool is_elsewhere(const struct trying *t, const struct policy_case *c)
{
        return c->region && strcmp(c->region, t->spec->region->code) != 0;
}

static bool try_file(struct trying *t, const char *path, const char *name)
{
        struct err err = ERR_INIT;
        struct buf text;
        arena_reset(t->arena);
        report_free(t->report);
        t->report = report_new();
        buf_init(&text, CASE_BYTES_MAX + 1);
        if (!file_read(&text, path, &err)) {
                fail(t, name, 0, err.text);
        } else {
                const struct policy_case *c = case_parse(t->arena, path, buf_slice(&text), t->report);
                if (!c)
                        first_error(t, name);
                else if (!is_elsewhere(t, c))
                        judge_case(t, c, name);
        }
        buf_clear(&text);
        return true;
}

static bool try_case(const char *name, void *ctx)
{
        struct trying *t = ctx;
        char path[PATH_LONG];
        bool late = clock_mono_us() > t->deadline_us || ++t->n > CASES_MAX;
        if (late)
                fail(t, name, 0, "the cases take too long; this one and those after it were not tried");
        if (late || (t->stop && atomic_load(t->stop)))
                return false;
        snprintf(path, sizeof path, "%s/%s", t->folder, name);
        return try_file(t, path, name);
}

/* ---- All of them ------------------------------------------------------------------------------- */

static void try_policy(struct trying *t, const char *name)
{
        char folder[PATH_LONG];
        snprintf(folder, sizeof folder, "%s/cases/%s", t->spec->policies_dir, name);
        t->name = name;
        t->folder = folder;
        if (file_exists(folder))
                dir_each_linked(folder, "*.case", try_case, t, NULL);
}

bool trial_now(const struct book *fresh, const struct book_spec *spec, int64_t budget_us, const atomic_bool *stop,
               char why[TRIAL_WHY])
{
        struct trying t = { .fresh = fresh, .spec = spec, .stop = stop, .deadline_us = clock_mono_us() + budget_us, .why = why };
        char names[512], *save = NULL;
        why[0] = 0;
        buf_init(&t.packed, SET_BYTES_MAX);
        book_pack(fresh, &t.packed);
        t.arena = arena_new(ARENA_CASE);
        snprintf(names, sizeof names, "%s", book_class(fresh)); /* "base+eea" */
        if (!t.arena || !buf_ok(&t.packed)) {
                t.failed = 1;
                snprintf(why, TRIAL_WHY, "its cases cannot be tried: out of memory");
        }
        for (char *name = strtok_r(names, "+", &save); name && !t.failed; name = strtok_r(NULL, "+", &save))
                try_policy(&t, name);
        if (t.failed > 1) {
                size_t n = strlen(why);
                snprintf(why + n, TRIAL_WHY - n, " (and %zu more)", t.failed - 1);
        }
        forget(&t);
        report_free(t.report);
        arena_free(t.arena);
        buf_clear(&t.packed);
        return t.failed == 0;
}
