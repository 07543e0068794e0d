/* far.c - an officer's wish from elsewhere, read; and one record explained. */
#include "far.h"

#include <string.h>

#include "agent_reapply.h"
#include "base/clock.h"
#include "base/count.h"
#include "base/json.h"
#include "base/text.h"
#include "policy/explain.h"

enum { DEPTH = RECORD_DEPTH_MAX + 2, NAME_MAX_BYTES = 80, FOUND_MAX = 256, LEARN_TURN = 1000 };

/* ---- The wish ----------------------------------------------------------------------- */
static bool position_of(struct slice text, struct position *out)
{
        uint64_t *to[] = { &out->epoch, &out->seq };
        size_t part = 0;
        *out = (struct position){ 0, 0 };
        for (size_t i = 0; i < text.n; i++) {
                char c = text.p[i];
                if (c == '-' && part == 0 && i > 0) {
                        part = 1;
                        continue;
                }
                if (c < '0' || c > '9' || *to[part] > UINT64_C(900000000000000000))
                        return false;
                *to[part] = *to[part] * 10 + (uint64_t)(c - '0');
        }
        return out->epoch > 0 && out->seq > 0;
}

static bool read_explain(const struct json *j, struct arena *a, struct far_wish *out, struct err *err)
{
        const struct json *record = json_get(j, "record");
        out->has_record = record != NULL;
        if (record)
                return record_of_json(&out->record, a, record, NULL, err);
        return position_of(json_string(json_get(j, "entry")), &out->at) ||
               err_set(err, ERR_DATA, 0, "neither \"record\" nor \"entry\", as EPOCH-SEQ, is there");
}

/* "eea.cfg", "lists/health.txt": a set has no other files. */
static bool is_file_name(struct slice s)
{
        struct slice rest = s;
        bool list = slice_starts(s, SLICE("lists/"));
        if (list)
                rest = slice_make(s.p + 6, s.n - 6);
        for (size_t i = 0; i < rest.n; i++)
                if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.", rest.p[i]) || !rest.p[i])
                        return false;
        return rest.n > 4 && s.n < NAME_MAX_BYTES && rest.p[0] != '.' &&
               (list || slice_eq(slice_make(rest.p + rest.n - 4, 4), SLICE(".cfg")));
}

static bool read_files(const struct json *files, struct arena *a, struct far_wish *out, struct err *err)
{
        for (const struct json *f = files ? files->first : NULL; f; f = f->next) {
                if (out->n_files == FAR_FILES_MAX)
                        return err_set(err, ERR_DATA, 0, "a set has at most %d files", FAR_FILES_MAX);
                struct slice text = json_string(f);
                char *name = arena_alloc(a, f->key.n + 1);
                if (!name)
                        return err_set(err, ERR_FULL, 0, "out of memory");
                if (!is_file_name(f->key) || !text.p)
                        return err_set(err, ERR_DATA, 0, "a file of a set is \"NAME.cfg\" or \"lists/NAME\", and text");
                memcpy(name, f->key.p, f->key.n);
                name[f->key.n] = 0;
                out->files[out->n_files++] = (struct policy_file){ name, text };
        }
        return out->n_files > 0 || err_set(err, ERR_DATA, 0, "\"files\" of the new set are missing");
}

bool far_read(enum far_kind kind, struct slice body, const char *timezone, struct arena *a, struct far_wish *out,
              struct err *err)
{
        struct json *j = NULL;
        *out = (struct far_wish){ .since_us = INT64_MIN, .until_us = INT64_MAX };
        if (kind == FAR_STATUS)
                return true;
        if (!json_read(&j, a, body, DEPTH, err))
                return false;
        if (kind == FAR_EXPLAIN)
                return read_explain(j, a, out, err);
        return read_files(json_get(j, "files"), a, out, err) && asked_span(j, timezone, &out->since_us, &out->until_us, err);
}

/* ---- One record --------------------------------------------------------------------- */
static uint64_t shown(const struct far_desk *d, uint64_t n)
{
        return d->exact ? n : count_shown(n);
}

static void put_line(struct json_out *o, const char *file, int line, const char *because)
{
        json_put_text(o, "file", file);
        json_put_int(o, "line", line);
        json_put_text(o, "because", because && *because ? because : NULL);
}

static void put_fields(struct json_out *o, const struct far_desk *d, const struct explanation *e)
{
        struct buf left;
        buf_init(&left, RECORD_BYTES_MAX);
        json_open(o, "fields", '[');
        for (size_t i = 0; i < e->n_fields; i++) {
                const struct explained_field *f = &e->fields[i];
                buf_reset(&left);
                bool leaves = e->said.decision == DECISION_GO && explain_left(&e->left, f->field, f->attribute, &left);
                json_open(o, NULL, '{');
                json_put_text(o, "field", field_name(f->field));
                json_put_text(o, "action", f->action);
                json_put_text(o, "to", f->to && *f->to ? f->to : NULL);
                put_line(o, f->by.file, f->by.line, f->by.because);
                json_put_bool(o, "leaves", leaves);
                if (leaves && d->words && buf_ok(&left))
                        json_put_string(o, "left", slice_make(left.n ? left.p : "", left.n));
                json_close(o, '}');
        }
        json_close(o, ']');
        buf_wipe(&left);
}

static bool same_find(const struct explained_find *a, const struct explained_find *b)
{
        return a->field == b->field && a->by.line == b->by.line && strcmp(a->what, b->what) == 0 &&
               strcmp(a->action, b->action) == 0 && strcmp(a->by.file, b->by.file) == 0;
}

/* How many of which, and where not: offsets say how long a name is. */
static void put_finds(struct json_out *o, const struct far_desk *d, const struct explanation *e)
{
        size_t kinds = 0;
        json_open(o, "found", '[');
        for (size_t i = 0; i < e->n_finds && kinds < FOUND_MAX; i++) {
                const struct explained_find *f = &e->finds[i];
                uint64_t n = 0;
                bool first = true;
                for (size_t k = 0; k < e->n_finds; k++) {
                        first &= k >= i || !same_find(f, &e->finds[k]);
                        n += same_find(f, &e->finds[k]);
                }
                if (!first)
                        continue;
                kinds++;
                json_open(o, NULL, '{');
                json_put_text(o, "field", field_name(f->field));
                json_put_text(o, "what", f->what);
                json_put_text(o, "action", f->action);
                json_put_uint(o, "count", shown(d, n));
                put_line(o, f->by.file, f->by.line, f->by.because);
                json_close(o, '}');
        }
        json_close(o, ']');
}

static void put_explanation(struct json_out *o, const struct far_desk *d, const struct explanation *e)
{
        json_put_text(o, "policy", book_policy(d->book));
        json_put_int(o, "policy_version", book_version(d->book));
        json_put_bool(o, "words", d->words);
        json_put_text(o, "decision", e->refused ? "refused" : decision_name(e->said.decision));
        if (e->refused) {
                json_put_text(o, "rule", "discard");
        } else {
                json_put_text(o, "rule", e->said.rule);
                put_line(o, e->said.file, e->said.line, e->said.because);
        }
        json_put_uint(o, "discarded", shown(d, e->pieces));
        put_fields(o, d, e);
        put_finds(o, d, e);
}

/* The entry, or what was sent along. */
static bool find_record(const struct far_desk *d, const struct far_wish *w, struct vault_reader **reader, struct arena *a,
                        struct record *r, struct slice *source, int64_t *captured_us, struct err *err)
{
        enum vault_read what;
        struct vault_entry e;
        *source = SLICE("desk");
        *captured_us = clock_now_us();
        if (w->has_record) {
                *r = w->record;
                return true;
        }
        if (!vault_reader_open(reader, d->vault, (struct position){ 0, 0 }, err) || !vault_fetch(*reader, w->at, &what, &e, err))
                return false;
        if (what != VAULT_ENTRY || e.kind != ENTRY_RECORD)
                return err_set(err, ERR_DATA, 0, "there is no such record, or it cannot be read any more");
        struct slice plain = arena_copy(a, e.plain), from = arena_copy(a, e.source);
        if (!plain.p || !from.p)
                return err_set(err, ERR_FULL, 0, "out of memory");
        *source = from;
        *captured_us = e.captured_us;
        return record_unflatten(r, a, plain, err);
}

bool far_people(struct crowd **out, const struct far_desk *d, const struct book *a, const struct book *b, struct err *err)
{
        bool all = false, ok;
        *out = NULL;
        if (!book_seeks_people(a) && (!b || !book_seeks_people(b)))
                return true;
        ok = crowd_open(out, d->vault, d->people, d->people_since_us, err);
        while (ok && !all) {
                ok = crowd_learn(*out, LEARN_TURN, &all, err);
                if (ok && !all && (clock_mono_us() > d->until_us || atomic_load(d->stop)))
                        ok = err_set(err, ERR_RETRY, 0, "there was not the time to read who wrote in that region, to mask them") ||
                             err_hint(err, "Ask at the region's own desk, which waits as long as it takes.");
        }
        if (!ok) {
                crowd_close(*out);
                *out = NULL;
        }
        return ok;
}

static bool know(struct crowd **crowd, const struct far_desk *d, const struct far_wish *w, struct judge *judge,
                 const struct record *r, struct err *err)
{
        if (w->has_record)
                return true;
        if (!far_people(crowd, d, d->book, NULL, err) || (*crowd && !crowd_meet(*crowd, r, err)))
                return false;
        judge_know(judge, *crowd ? crowd_known(*crowd) : NULL);
        return true;
}

bool far_explain(const struct far_desk *d, const struct far_wish *w, struct arena *a, struct buf *out, struct err *err)
{
        struct judge *judge = judge_new(d->book);
        struct discarder *discarder = discarder_new(d->book);
        struct vault_reader *reader = NULL;
        struct crowd *crowd = NULL;
        struct explanation *e = arena_array(a, 1, sizeof *e);
        struct record r;
        struct slice source;
        int64_t captured_us;
        bool ok = (judge && discarder && e) || err_set(err, ERR_FULL, 0, "out of memory");
        ok = ok && find_record(d, w, &reader, a, &r, &source, &captured_us, err);
        if (ok && r.deleted)
                ok = err_set(err, ERR_DATA, 0, "the source deleted it: a delete carries no content and always leaves");
        ok = ok && know(&crowd, d, w, judge, &r, err);
        ok = ok && policy_explain(discarder, judge, clock_now_us(), &r, source, captured_us, a, e, err);
        if (ok) {
                struct json_out o;
                json_out_init(&o, out);
                json_open(&o, NULL, '{');
                json_put_int(&o, "version", 1);
                json_put_text(&o, "region", d->spec->region->code);
                put_explanation(&o, d, e);
                json_put_bool(&o, "people_known", !w->has_record || !book_seeks_people(d->book));
                json_close(&o, '}');
        }
        vault_reader_close(reader);
        judge_free(judge);
        crowd_close(crowd);
        discarder_free(discarder);
        return ok;
}
