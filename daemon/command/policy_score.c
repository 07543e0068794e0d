/* policy_score.c - `policy score CORPUS`: how good detection is against a labelled corpus, NDJSON
 * or the same in gzip. A record has "id", "title", "body" and "spans" of { field, start, end, type,
 * optional, known }; types are named in capitals as there. --predictions writes what was found in
 * the same shape, for another scorer. */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/file.h"
#include "base/json.h"
#include "base/pack.h"
#include "base/text.h"
#include "detect/detect.h"
#include "detect/score.h"
#include "policy_score.h"

enum {
        LINE_BYTES = 4 << 20,
        CHUNK = 1 << 16,
        PEOPLE_MAX = 1 << 20,
        GAZETTEER_BYTES = 64 << 20,
        TEXT_BYTES = 64 << 20, /* that speed is measured with */
        FIELDS = 2
};

static const char *const fields[FIELDS] = { "title", "body" };

struct run {
        const char *corpus;
        struct scanner *scanner;
        struct people *people;
        struct score *score;
        struct arena *arena;
        struct buf line_out;
        FILE *predictions;
        uint64_t line, bytes; /* bytes: scanned for the speed */
        double seconds;       /* of CPU time for them */
        struct buf texts;     /* u32 length and text, one after the other: as many as there is room for */
        uint16_t type_of[DETECT_MAX]; /* a detector's id -> the score's type; SCORE_TYPES: not yet asked */
        struct score_span labels[SCORE_SPANS], found[SCORE_SPANS];
};

static double cpu_seconds(void)
{
        struct timespec t = { 0 };
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
        return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static uint16_t type_of(struct run *r, int id)
{
        const char *name = id == detect_id("person") ? "person" : detect_name(id); /* as labelled */
        if (r->type_of[id] == SCORE_TYPES)
                r->type_of[id] = score_type(r->score, slice_of(name));
        return r->type_of[id];
}

static bool bad_line(const struct run *r, struct err *err, const char *what)
{
        return err_set(err, ERR_DATA, 0, "%s:%llu: %s", r->corpus, (unsigned long long)r->line, what);
}

/* The number of the field, FIELDS if it is none; "body" if it is not said. */
static uint8_t field_of(const struct json *span)
{
        struct slice name = json_string(json_get(span, "field"));
        if (!name.p)
                return 1;
        for (uint8_t f = 0; f < FIELDS; f++)
                if (slice_is(name, fields[f]))
                        return f;
        return FIELDS;
}

static bool read_labels(struct run *r, const struct json *record, size_t *n, struct err *err)
{
        const struct json *spans = json_get(record, "spans");
        *n = 0;
        if (!spans)
                return bad_line(r, err, "no \"spans\"");
        for (const struct json *j = spans->first; j; j = j->next) {
                int64_t start = -1, end = -1;
                struct score_span *s = &r->labels[*n];
                if (*n == SCORE_SPANS)
                        return bad_line(r, err, "more labels than 4096");
                *s = (struct score_span){ .field = field_of(j), .optional = json_true(json_get(j, "optional")),
                                          .known = json_true(json_get(j, "known")) };
                if (!json_int(json_get(j, "start"), &start) || !json_int(json_get(j, "end"), &end) || start < 0 ||
                    end <= start || end > UINT32_MAX || s->field == FIELDS)
                        return bad_line(r, err, "a span without a field, or without start < end");
                if ((uint64_t)end > json_string(json_get(record, fields[s->field])).n)
                        return bad_line(r, err, "a span beyond the end of its text");
                s->start = (uint32_t)start;
                s->end = (uint32_t)end;
                s->type = score_type(r->score, json_string(json_get(j, "type")));
                if (s->type == SCORE_TYPES)
                        return bad_line(r, err, "a span without a type, or of the 129th type");
                ++*n;
        }
        return true;
}

static bool scan_field(struct run *r, uint8_t field, struct slice text, size_t *m, struct err *err)
{
        const struct finding *f;
        size_t n;
        if (!scan(r->scanner, text, &f, &n, err))
                return false;
        if (r->texts.n + text.n + 4 <= TEXT_BYTES) {
                buf_put_u32(&r->texts, (uint32_t)text.n);
                buf_put(&r->texts, text);
        }
        for (size_t i = 0; i < n; i++) {
                if (*m == SCORE_SPANS)
                        return err_set(err, ERR_FULL, 0, "%s:%llu: more findings than %d", r->corpus,
                                       (unsigned long long)r->line, SCORE_SPANS);
                r->found[(*m)++] = (struct score_span){ .start = f[i].start, .end = f[i].end, .field = field,
                                                        .type = type_of(r, f[i].id) };
        }
        return true;
}

/* All texts once more, in one go: a clock read for each would weigh more than a short text. */
static bool measure(struct run *r, struct err *err)
{
        double start = cpu_seconds();
        for (size_t at = 0; at < r->texts.n;) {
                const struct finding *f;
                size_t found, n = 0;
                for (int k = 0; k < 4; k++)
                        n = n << 8 | (uint8_t)r->texts.p[at++];
                if (!scan(r->scanner, slice_make(r->texts.p + at, n), &f, &found, err))
                        return false;
                r->bytes += n;
                at += n;
        }
        r->seconds = cpu_seconds() - start;
        return true;
}

static bool put_prediction(struct run *r, const struct json *record, size_t m, struct err *err)
{
        struct json_out o;
        buf_reset(&r->line_out);
        json_out_init(&o, &r->line_out);
        json_open(&o, NULL, '{');
        json_put_string(&o, "id", json_string(json_get(record, "id")));
        json_open(&o, "spans", '[');
        for (size_t i = 0; i < m; i++) {
                json_open(&o, NULL, '{');
                json_put_text(&o, "field", fields[r->found[i].field]);
                json_put_uint(&o, "start", r->found[i].start);
                json_put_uint(&o, "end", r->found[i].end);
                json_put_text(&o, "type", r->score->types[r->found[i].type].name);
                json_close(&o, '}');
        }
        json_close(&o, ']');
        json_close(&o, '}');
        if (fprintf(r->predictions, "%.*s\n", SLICE_ARG(buf_slice(&r->line_out))) < 0)
                return err_set(err, ERR_SYSTEM, errno, "could not write the predictions");
        return true;
}

static bool take_line(struct run *r, struct slice line, struct err *err)
{
        struct json *record;
        size_t n = 0, m = 0;
        r->line++;
        if (slice_trim(line).n == 0)
                return true;
        arena_reset(r->arena);
        if (!json_read(&record, r->arena, line, 16, err)) {
                err_add(err, "%s:%llu", r->corpus, (unsigned long long)r->line);
                return false;
        }
        if (!read_labels(r, record, &n, err))
                return false;
        for (uint8_t f = 0; f < FIELDS; f++) {
                struct slice text = json_string(json_get(record, fields[f]));
                if (text.p && !scan_field(r, f, text, &m, err))
                        return false;
        }
        if (!score_record(r->score, r->labels, n, r->found, m))
                return bad_line(r, err, "too many spans lie over each other");
        return !r->predictions || put_prediction(r, record, m, err);
}

/* Whole lines of the buffer; at the end the rest as well. */
static bool take_lines(struct run *r, struct buf *b, bool last, struct err *err)
{
        size_t at = 0;
        while (at < b->n) {
                const char *end = memchr(b->p + at, '\n', b->n - at);
                size_t n = end ? (size_t)(end - b->p) - at : b->n - at;
                if (!end && !last)
                        break;
                if (!take_line(r, slice_make(b->p + at, n), err))
                        return false;
                at += n + (end ? 1 : 0);
        }
        if (at == 0 && b->n >= LINE_BYTES)
                return bad_line(r, err, "a line of more than 4 MiB");
        buf_consume(b, at);
        return true;
}

/* One piece of the file, unpacked if it is gzip. */
static bool take_piece(struct run *r, struct gunzip *g, struct slice in, struct buf *b, struct err *err)
{
        if (!g) {
                buf_put(b, in); /* there is room for a piece beside the longest line */
                return take_lines(r, b, false, err);
        }
        do {
                if (!gunzip_put(g, &in, b, err) || !take_lines(r, b, false, err))
                        return false;
        } while (in.n > 0);
        return true;
}

static bool take_corpus(struct run *r, struct err *err)
{
        char *chunk = malloc(CHUNK);
        struct buf b;
        struct gunzip *g = NULL;
        FILE *f = fopen(r->corpus, "rb");
        bool ok = chunk && f, first = true;
        size_t n;
        buf_init(&b, LINE_BYTES + CHUNK);
        if (!f)
                err_set(err, ERR_SYSTEM, errno, "could not open corpus \"%s\"", r->corpus);
        while (ok && (n = fread(chunk, 1, CHUNK, f)) > 0) {
                if (first && n > 2 && (uint8_t)chunk[0] == 0x1F && (uint8_t)chunk[1] == 0x8B)
                        ok = (g = gunzip_new(UINT64_C(1) << 36)) != NULL;
                first = false;
                ok = ok && take_piece(r, g, slice_make(chunk, n), &b, err);
        }
        if (ok && ferror(f))
                ok = err_set(err, ERR_SYSTEM, errno, "could not read corpus \"%s\"", r->corpus);
        ok = ok && (!g || gunzip_finish(g, err)) && take_lines(r, &b, true, err);
        if (ok && r->score->records == 0)
                ok = err_set(err, ERR_DATA, 0, "corpus \"%s\" has no records", r->corpus);
        gunzip_free(g);
        buf_clear(&b);
        free(chunk);
        if (f)
                fclose(f);
        return ok;
}

/* "@li-wei" is a handle, "wei.li@example.com" an address, all else a name. */
static bool know(struct run *r, struct slice name, struct err *err)
{
        const char *at = name.n ? memchr(name.p, '@', name.n) : NULL;
        enum people_kind kind = !at ? PEOPLE_NAME : at == name.p ? PEOPLE_HANDLE : PEOPLE_ADDRESS;
        return people_add(r->people, name, kind) || err_set(err, ERR_SYSTEM, 0, "out of memory");
}

/* A JSON array of names, or a name a line. */
static bool read_people(struct run *r, const char *path, struct err *err)
{
        struct buf b;
        struct arena *a = arena_new((size_t)GAZETTEER_BYTES * 4);
        struct json *root = NULL;
        buf_init(&b, GAZETTEER_BYTES);
        r->people = people_new(PEOPLE_MAX);
        bool ok = a && r->people && file_read(&b, path, err);
        struct slice text = slice_trim(buf_slice(&b));
        if (ok && text.n && text.p[0] == '[') {
                ok = json_read(&root, a, text, 4, err);
                for (const struct json *j = ok ? root->first : NULL; ok && j; j = j->next)
                        ok = know(r, json_string(j), err);
        } else {
                for (size_t at = 0; ok && at < text.n;) {
                        const char *end = memchr(text.p + at, '\n', text.n - at);
                        size_t n = end ? (size_t)(end - text.p) - at : text.n - at;
                        ok = know(r, slice_trim(slice_make(text.p + at, n)), err);
                        at += n + 1;
                }
        }
        if (!ok && err)
                err_add(err, "gazetteer \"%s\"", path);
        buf_clear(&b);
        arena_free(a);
        return ok;
}

static bool prepare(struct run *r, const struct score_asked *q, struct err *err)
{
        for (size_t i = 0; i < sizeof r->type_of / sizeof *r->type_of; i++)
                r->type_of[i] = SCORE_TYPES;
        r->scanner = scanner_new(~(detect_set)0, LINE_BYTES);
        r->score = score_new();
        r->arena = arena_new((size_t)LINE_BYTES * 8);
        if (!r->scanner || !r->score || !r->arena)
                return err_set(err, ERR_SYSTEM, 0, "no memory");
        if (q->gazetteer && !read_people(r, q->gazetteer, err))
                return false;
        scanner_know(r->scanner, r->people);
        if (q->predictions && !(r->predictions = fopen(q->predictions, "w")))
                return err_set(err, ERR_SYSTEM, errno, "could not open \"%s\"", q->predictions);
        return true;
}

int policy_score(const struct score_asked *q)
{
        struct err err = ERR_INIT;
        struct run *r = calloc(1, sizeof *r);
        int status = EXIT_COULD_NOT;
        if (!r)
                return status;
        r->corpus = q->corpus;
        buf_init(&r->line_out, LINE_BYTES);
        buf_init(&r->texts, TEXT_BYTES);
        bool ok = prepare(r, q, &err) && take_corpus(r, &err) && measure(r, &err);
        if (r->predictions && fclose(r->predictions) != 0 && ok)
                ok = err_set(&err, ERR_SYSTEM, errno, "could not write \"%s\"", q->predictions);
        if (!ok) {
                err.kind = ERR_SYSTEM; /* "could not", not bad configuration */
                act_fail(&err, q->json);
        } else {
                struct score_told t = { r->score, r->bytes, r->seconds, r->people ? people_count(r->people) : 0 };
                (q->json ? score_json : score_text)(&t);
                status = EXIT_WELL;
        }
        buf_clear(&r->line_out);
        buf_clear(&r->texts);
        scanner_free(r->scanner);
        people_free(r->people);
        score_free(r->score);
        arena_free(r->arena);
        free(r);
        return status;
}
