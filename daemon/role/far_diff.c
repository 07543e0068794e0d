/* far_diff.c - a new set against the one in force, by what this region's vault has. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/count.h"
#include "base/json.h"
#include "far.h"
#include "policy/differ.h"

enum { NOTES_MAX = 400, SAMPLE_BYTES = 160, COMPLAINTS_MAX = 20, ONE_MAX = 48 << 20, LOOK_EVERY = 64 };

struct side {
        struct book *book;
        struct judge *judge;
        struct discarder *discarder;
};
struct noted {
        enum differ differ;
        char *text, *sample; /* in the arena of the whole */
        uint64_t count;
};
struct comparing {
        const struct far_desk *desk;
        struct arena *all, *one;
        struct side before, after;
        struct crowd *crowd; /* NULL: nobody is looked for */
        struct noted notes[NOTES_MAX];
        size_t n_notes;
        uint64_t records, unread, of[DIFFERS];
        bool overfull, cut, seen[DIFFERS];
        const struct record *record; /* in hand; NULL: none */
        const struct explanation *explained;
};

static bool side_open(struct side *s, struct book *b)
{
        s->book = b;
        s->judge = judge_new(b);
        s->discarder = discarder_new(b);
        return s->judge && s->discarder;
}

static void side_close(struct side *s)
{
        judge_free(s->judge);
        discarder_free(s->discarder);
        book_drop(s->book);
}

/* ---- Differences ---------------------------------------------------------------------- */
static struct noted *find(struct comparing *x, enum differ d, const char *text)
{
        size_t i = 0;
        while (i < x->n_notes && (x->notes[i].differ != d || strcmp(x->notes[i].text, text) != 0))
                i++;
        if (i < x->n_notes)
                return &x->notes[i];
        struct slice kept = i < NOTES_MAX ? arena_copy(x->all, slice_make(text, strlen(text) + 1)) : SLICE_NONE;
        if (!kept.p) {
                x->overfull = true;
                return NULL;
        }
        x->notes[i] = (struct noted){ .differ = d, .text = (char *)(uintptr_t)kept.p };
        x->n_notes++;
        return &x->notes[i];
}

static void take_sample(struct comparing *x, struct noted *n, int field)
{
        struct buf b;
        if (!x->desk->words || n->sample || !x->record || field < 0)
                return;
        buf_init(&b, 4 * SAMPLE_BYTES);
        if (differ_sample(x->record, &x->explained[0], &x->explained[1], (enum field)field, SAMPLE_BYTES, &b) && buf_ok(&b)) {
                buf_putc(&b, 0);
                struct slice kept = arena_copy(x->all, buf_slice(&b));
                n->sample = (char *)(uintptr_t)kept.p;
        }
        buf_wipe(&b);
}

static void note(void *ctx, enum differ d, int field, const char *text)
{
        struct comparing *x = ctx;
        struct noted *n = find(x, d, text);
        x->seen[d] = true;
        if (!n)
                return;
        n->count += x->record != NULL;
        take_sample(x, n, field);
}

/* ---- The vault ------------------------------------------------------------------------- */
static bool explain_by(struct comparing *x, struct side *s, const struct vault_entry *e, const struct record *r,
                       struct explanation *out, struct err *err)
{
        return policy_explain(s->discarder, s->judge, clock_now_us(), r, e->source, e->captured_us, x->one, out, err);
}

static bool compare(struct comparing *x, enum vault_read what, const struct vault_entry *e, struct err *err)
{
        struct record r;
        struct explanation *both;
        arena_reset(x->one);
        both = arena_array(x->one, 2, sizeof *both);
        if (!both || what != VAULT_ENTRY || !record_unflatten(&r, x->one, e->plain, NULL)) {
                x->unread++;
                return true;
        }
        if (x->crowd && !crowd_meet(x->crowd, &r, err))
                return false;
        if (r.deleted)
                return true;
        if (!explain_by(x, &x->before, e, &r, &both[0], err) || !explain_by(x, &x->after, e, &r, &both[1], err))
                return false;
        memset(x->seen, 0, sizeof x->seen);
        x->record = &r;
        x->explained = both;
        explain_differ(&both[0], &both[1], note, x);
        x->record = NULL;
        x->records++;
        for (int d = 0; d < DIFFERS; d++)
                x->of[d] += x->seen[d];
        return true;
}

static bool know(struct comparing *x, struct err *err)
{
        if (!far_people(&x->crowd, x->desk, x->before.book, x->after.book, err))
                return false;
        const struct known *people = x->crowd ? crowd_known(x->crowd) : NULL;
        judge_know(x->before.judge, people);
        judge_know(x->after.judge, people);
        return true;
}

/* As far as the time goes: what was not looked at is said. */
static bool walk(struct comparing *x, const struct far_wish *w, struct err *err)
{
        struct vault_reader *r = NULL;
        struct position from;
        bool ok = true;
        if (!vault_since(x->desk->vault, w->since_us, &from))
                return true;
        if (!vault_reader_open(&r, x->desk->vault, from, err))
                return false;
        for (uint64_t i = 0; ok; i++) {
                enum vault_read what;
                struct vault_entry e;
                x->cut = i % LOOK_EVERY == 0 && (clock_mono_us() > x->desk->until_us || atomic_load(x->desk->stop));
                if (x->cut)
                        break;
                ok = vault_read(r, &what, &e, err);
                if (!ok || what == VAULT_END)
                        break;
                if (e.kind == ENTRY_RECORD && e.captured_us >= w->since_us && e.captured_us < w->until_us)
                        ok = compare(x, what, &e, err);
        }
        vault_reader_close(r);
        return ok;
}

/* ---- The answer ------------------------------------------------------------------------- */
static uint64_t shown(const struct comparing *x, uint64_t n)
{
        return x->desk->exact ? n : count_shown(n);
}

static void put_class(struct json_out *o, const struct comparing *x, enum differ d, const char *key)
{
        json_open(o, key, '{');
        json_put_uint(o, "records", shown(x, x->of[d]));
        json_open(o, "what", '[');
        for (size_t i = 0; i < x->n_notes; i++) {
                const struct noted *n = &x->notes[i];
                if (n->differ != d)
                        continue;
                json_open(o, NULL, '{');
                json_put_text(o, "text", n->text);
                json_put_uint(o, "count", shown(x, n->count));
                json_put_text(o, "sample", n->sample);
                json_close(o, '}');
        }
        json_close(o, ']');
        json_close(o, '}');
}

static void put_all(struct buf *out, const struct comparing *x)
{
        static const char *const keys[DIFFERS] = { [DIFFER_LEAVES] = "newly_leaves", [DIFFER_STOPS] = "newly_stops",
                                                   [DIFFER_OTHERWISE] = "otherwise" };
        struct json_out o;
        json_out_init(&o, out);
        json_open(&o, NULL, '{');
        json_put_int(&o, "version", 1);
        json_put_text(&o, "region", x->desk->spec->region->code);
        json_put_text(&o, "policy", book_policy(x->before.book));
        json_put_int(&o, "policy_version", book_version(x->before.book));
        json_put_int(&o, "new_version", book_version(x->after.book));
        json_put_bool(&o, "words", x->desk->words);
        json_put_uint(&o, "records", shown(x, x->records));
        json_put_uint(&o, "unread", shown(x, x->unread));
        json_put_bool(&o, "cut", x->cut || x->overfull);
        for (int d = 0; d < DIFFERS; d++)
                put_class(&o, x, (enum differ)d, keys[d]);
        json_close(&o, '}');
}

static bool refuse(const struct report *report, struct err *err)
{
        for (size_t i = 0; i < report_size(report); i++) {
                const struct report_item *it = report_at(report, i);
                if (it->level == REPORT_ERROR)
                        return err_set(err, ERR_DATA, 0, "the new set is not valid: %s:%d: %s", it->file ? it->file : "", it->line,
                                       it->text);
        }
        return err_set(err, ERR_DATA, 0, "the new set is not valid");
}

/* Gives the book of the files. */
static bool open_new(struct book **out, const struct far_desk *d, const struct far_wish *w, struct err *err)
{
        struct report *report = report_new();
        struct buf packed;
        buf_init(&packed, 2 * FAR_BODY_MAX);
        policy_pack(w->files, w->n_files, &packed);
        bool ok = report && buf_ok(&packed) && book_unpack(out, buf_slice(&packed), d->spec, report);
        if (!ok) {
                *out = NULL;
                if (report)
                        refuse(report, err);
                else
                        err_set(err, ERR_SYSTEM, 0, "out of memory");
        }
        buf_clear(&packed);
        report_free(report);
        return ok;
}

bool far_diff(const struct far_desk *d, const struct far_wish *w, struct arena *a, struct buf *out, struct err *err)
{
        struct book *fresh = NULL;
        struct comparing *x = calloc(1, sizeof *x);
        bool ok = x || err_set(err, ERR_SYSTEM, 0, "out of memory");
        if (ok) {
                x->desk = d;
                x->all = a;
                x->one = arena_new(ONE_MAX);
                ok = x->one || err_set(err, ERR_SYSTEM, 0, "out of memory");
        }
        ok = ok && open_new(&fresh, d, w, err) &&
             ((side_open(&x->before, book_hold(d->book)) && side_open(&x->after, fresh)) ||
              err_set(err, ERR_SYSTEM, 0, "out of memory"));
        if (fresh && x->after.book != fresh)
                book_drop(fresh);
        if (ok)
                book_differ(x->before.book, x->after.book, clock_now_us(), note, x);
        ok = ok && know(x, err) && walk(x, w, err);
        if (ok)
                put_all(out, x);
        if (x) {
                side_close(&x->before);
                side_close(&x->after);
                crowd_close(x->crowd);
                arena_free(x->one);
        }
        free(x);
        return ok;
}
