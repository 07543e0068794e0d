/* ndjson.c - a line is a record; a line that is none is refused, and the next one read. */
#include "ndjson.h"

#include <stdlib.h>

#include "base/json.h"

enum { ARENA_MAX = 16 << 20 };

struct ndjson_reader {
        const struct source *s;
        source_each *each;
        void *ctx;
        struct arena *arena; /* of one line */
        struct buf rest;     /* of a line that went over the end of a piece; full: too long */
        int64_t line;
        bool stopped;
        uint64_t unmapped;
};

struct ndjson_reader *ndjson_reader_new(const struct source *s, source_each *each, void *ctx)
{
        struct ndjson_reader *r = calloc(1, sizeof *r);
        if (!r)
                return NULL;
        *r = (struct ndjson_reader){ .s = s, .each = each, .ctx = ctx, .line = 1 };
        buf_init(&r->rest, RECORD_BYTES_MAX + 2);
        r->arena = arena_new(ARENA_MAX);
        if (r->arena)
                return r;
        ndjson_reader_free(r);
        return NULL;
}

void ndjson_reader_free(struct ndjson_reader *r)
{
        if (!r)
                return;
        arena_free(r->arena);
        buf_clear(&r->rest);
        free(r);
}

/* The source's kind stands in for a "kind" that is not written. */
static bool add_kind(struct ndjson_reader *r, struct json *j)
{
        if (r->s->kind < 0 || j->type != JSON_OBJECT || json_get(j, "kind"))
                return true;
        struct json *kind = ARENA_NEW(r->arena, struct json);
        if (!kind)
                return false;
        *kind = (struct json){ .type = JSON_STRING, .key = SLICE("kind"), .next = j->first };
        kind->text = slice_of(kind_name((enum record_kind)r->s->kind));
        j->first = kind;
        j->count++;
        return true;
}

static bool record_of_line(struct ndjson_reader *r, struct record *out, struct slice line, struct err *err)
{
        struct json *j;
        size_t unknown = 0;
        if (line.n > RECORD_BYTES_MAX || !buf_ok(&r->rest))
                return err_set(err, ERR_DATA, 0, "record is over %d bytes", RECORD_BYTES_MAX);
        if (!json_read(&j, r->arena, line, RECORD_DEPTH_MAX, err))
                return false;
        if (!add_kind(r, j))
                return err_set(err, ERR_FULL, 0, "record does not fit into memory's ceiling");
        if (!record_of_json(out, r->arena, j, &unknown, err))
                return false;
        r->unmapped += unknown;
        source_defaults(r->s, out);
        return true;
}

/* A line that needs more memory than any honest one is refused like the others. */
static bool read_line(struct ndjson_reader *r, struct slice line, struct err *err)
{
        struct record record;
        struct err why = ERR_INIT;
        int64_t at = r->line++;
        if (slice_trim(line).n == 0 && buf_ok(&r->rest))
                return true;
        arena_reset(r->arena);
        bool ok = record_of_line(r, &record, line, &why);
        if (!ok && why.kind == ERR_FULL)
                err_set(&why, ERR_DATA, 0, "record has too many members");
        if (r->each(r->ctx, at, ok ? &record : NULL, ok ? NULL : &why))
                return true;
        r->stopped = true;
        return err_set(err, ERR_BUSY, 0, "reading was stopped");
}

static bool end_line(struct ndjson_reader *r, struct slice line, struct err *err)
{
        if (!r->rest.n && buf_ok(&r->rest))
                return read_line(r, line, err);
        buf_put(&r->rest, line);
        bool ok = read_line(r, buf_slice(&r->rest), err);
        buf_reset(&r->rest);
        return ok;
}

bool ndjson_reader_put(struct ndjson_reader *r, struct slice piece, struct err *err)
{
        while (piece.n && !r->stopped) {
                const char *end = memchr(piece.p, '\n', piece.n);
                struct slice line = { piece.p, end ? (size_t)(end - piece.p) : piece.n };
                if (!end) {
                        buf_put(&r->rest, line);
                        break;
                }
                if (!end_line(r, line, err))
                        return false;
                piece.p += line.n + 1;
                piece.n -= line.n + 1;
        }
        return !r->stopped || err_set(err, ERR_BUSY, 0, "reading was stopped");
}

bool ndjson_reader_finish(struct ndjson_reader *r, struct err *err)
{
        if (r->stopped)
                return err_set(err, ERR_BUSY, 0, "reading was stopped");
        return end_line(r, SLICE(""), err);
}

uint64_t ndjson_reader_unmapped(const struct ndjson_reader *r)
{
        return r->unmapped;
}
