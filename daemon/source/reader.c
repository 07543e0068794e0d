/* reader.c - files, whatever their format and encoding: bytes -> UTF-8 -> lines.
 *
 * Where nobody named the encoding it is found out in steps, so that little is held back: the first
 * line tells byte order marks and UTF-16; as long as all is ASCII nothing need be known; from the
 * first other byte on at most 64 KiB are held, and decide. What is then no text of the encoding
 * fails the file as a whole. UTF-8 is passed on as it is: its damaged rows are refused one by one. */
#include <stdlib.h>
#include <string.h>

#include "base/charset.h"
#include "csv.h"
#include "ndjson.h"

enum { MARK_MAX = 3, WINDOW = 64 << 10 };

enum phase {
        IN_FIRST_LINE, /* held, with the byte after it */
        IN_ASCII,      /* passed on */
        IN_SAMPLE,     /* held */
        IS_KNOWN       /* passed on, decoded */
};

struct reader {
        const struct source *s;
        struct csv_reader *csv; /* one of the two */
        struct ndjson_reader *ndjson;
        enum phase phase;
        bool begins;             /* what is held is the file's beginning */
        struct buf held;
        int named;               /* enum charset; -1: to be found out */
        struct charset_said said;
        struct charset_reader *charset; /* NULL: UTF-8 */
        struct buf plain;        /* decoded */
        int64_t line;            /* of what was decoded */
        bool failed;
};

struct reader *reader_new(const struct source *s, const char *format, source_each *each, void *ctx,
                          struct err *err)
{
        bool csv = strcmp(format, "csv") == 0;
        if (!csv && strcmp(format, "ndjson") != 0) {
                err_set(err, ERR_DATA, 0, "format \"%.16s\" is not read here", format);
                err_hint(err, "Files end in .csv or .ndjson, or those and .gz.");
                return NULL;
        }
        if (csv && !s->csv) {
                err_set(err, ERR_CONFIG, 0, "source \"%s\" does not read files", s->name);
                return NULL;
        }
        struct reader *r = calloc(1, sizeof *r);
        if (r) {
                *r = (struct reader){ .s = s, .begins = true, .named = s->csv ? s->csv->encoding : -1, .line = 1 };
                buf_init(&r->held, CHARSET_SAMPLE_MAX);
                buf_init(&r->plain, 3 * WINDOW);
        }
        if (r && csv)
                r->csv = csv_reader_new(s, each, ctx);
        else if (r)
                r->ndjson = ndjson_reader_new(s, each, ctx);
        if (r && (r->csv || r->ndjson))
                return r;
        reader_free(r);
        err_set(err, ERR_FULL, 0, "out of memory");
        return NULL;
}

void reader_free(struct reader *r)
{
        if (!r)
                return;
        csv_reader_free(r->csv);
        ndjson_reader_free(r->ndjson);
        charset_close(r->charset);
        buf_clear(&r->held);
        buf_clear(&r->plain);
        free(r);
}

/* ---- What is known is passed on ------------------------------------------------- */

static bool give(struct reader *r, struct slice piece, struct err *err)
{
        if (piece.n == 0)
                return true;
        return r->csv ? csv_reader_put(r->csv, piece, err) : ndjson_reader_put(r->ndjson, piece, err);
}

static int64_t count_lines(struct slice s)
{
        int64_t n = 0;
        for (const char *p; s.n && (p = memchr(s.p, '\n', s.n)); n++)
                s = slice_make(p + 1, s.n - (size_t)(p + 1 - s.p));
        return n;
}

/* The place is told by its line: an offset into text that is not UTF-8 helps nobody. */
static bool is_no_text(struct reader *r, struct err *err)
{
        const char *name = charset_name(r->said.charset);
        if (!err || err->kind != ERR_DATA)
                return false;
        if (r->named >= 0) {
                err_set(err, ERR_DATA, 0, "line %lld is not %s, as \"encoding\" says", (long long)r->line, name);
                return err_hint(err, "Write the encoding that the file's program uses, or \"auto\"; \"CSV UTF-8\" is always well.");
        }
        err_set(err, ERR_DATA, 0, "line %lld is not %s, as the file looked to be: %s", (long long)r->line, name,
                r->said.why);
        return err_hint(err, "Save it as \"CSV UTF-8\", or write encoding = \"...\"; if you know what it is.");
}

static bool decode(struct reader *r, struct slice piece, struct err *err)
{
        bool ok = true;
        struct err why = ERR_INIT;
        while (piece.n && ok) {
                struct slice part = { piece.p, piece.n < WINDOW ? piece.n : WINDOW };
                size_t before = part.n;
                ok = charset_put(r->charset, &part, &r->plain, &why);
                piece = slice_make(piece.p + (before - part.n), piece.n - (before - part.n));
                if (!give(r, buf_slice(&r->plain), err)) /* also what stands before a failure */
                        return false;
                r->line += count_lines(buf_slice(&r->plain));
                buf_reset(&r->plain);
        }
        if (ok)
                return true;
        if (err)
                *err = why;
        return is_no_text(r, err);
}

static bool pass(struct reader *r, struct slice piece, struct err *err)
{
        if (r->phase == IN_ASCII)
                r->line += count_lines(piece); /* it may still turn out to be no UTF-8 */
        return r->charset ? decode(r, piece, err) : give(r, piece, err);
}

/* ---- What it is written in ------------------------------------------------------ */

static size_t mark_length(struct slice s)
{
        if (slice_starts(s, SLICE("\xef\xbb\xbf")))
                return MARK_MAX;
        return slice_starts(s, SLICE("\xff\xfe")) || slice_starts(s, SLICE("\xfe\xff")) ? 2 : 0;
}

static bool guess(struct reader *r, struct slice sample, bool ends, struct err *err)
{
        unsigned edges = (r->begins ? CHARSET_BEGINS : 0) | (ends ? CHARSET_ENDS : 0);
        bool named_utf16 = r->named == CHARSET_UTF_16;
        if (r->csv && r->named < 0)
                return charset_guess(&r->said, sample, edges, r->s->lang, err);
        charset_guess_unicode(&r->said, sample, edges);
        if (r->named < 0 || mark_length(sample)) /* a mark is a proof, whatever was named */
                return true;
        if (!named_utf16)
                r->said.charset = (enum charset)r->named;
        else if (r->said.charset == CHARSET_UTF_8)
                r->said.charset = CHARSET_UTF_16LE; /* as Windows writes it */
        return true;
}

/* The encoding is found out from what is held, which then goes on its way. */
static bool settle(struct reader *r, bool ends, struct err *err)
{
        struct slice held = buf_slice(&r->held);
        if (!guess(r, held, ends, err))
                return false;
        r->phase = IS_KNOWN;
        if (r->said.charset != CHARSET_UTF_8 && !charset_open(&r->charset, r->said.charset, err))
                return false;
        size_t mark = r->begins ? mark_length(held) : 0;
        bool ok = pass(r, slice_make(held.p + mark, held.n - mark), err);
        buf_clear(&r->held);
        return ok;
}

static size_t ascii_prefix(struct slice s)
{
        size_t i = 0;
        for (uint64_t eight; s.n - i >= 8; i += 8) {
                memcpy(&eight, s.p + i, 8);
                if (eight & UINT64_C(0x8080808080808080))
                        break;
        }
        while (i < s.n && (unsigned char)s.p[i] < 0x80)
                i++;
        return i;
}

/* Takes up to n bytes of the piece. */
static bool hold(struct reader *r, struct slice *piece, size_t n, struct err *err)
{
        n = n < piece->n ? n : piece->n;
        buf_put(&r->held, slice_make(piece->p, n));
        *piece = slice_make(piece->p + n, piece->n - n);
        return buf_ok(&r->held) || err_set(err, ERR_FULL, 0, "out of memory");
}

/* A byte at a time, for as long as a first line is: the same decision whatever the pieces. */
static bool first_line(struct reader *r, struct slice *piece, struct err *err)
{
        while (piece->n && r->phase == IN_FIRST_LINE) {
                size_t n = r->held.n;
                bool ended = n && (r->held.p[n - 1] == '\n' || r->held.p[n - 1] == '\r');
                if (!hold(r, piece, 1, err))
                        return false;
                if (!ended && r->held.n < WINDOW)
                        continue;
                struct slice held = buf_slice(&r->held);
                bool ascii = ascii_prefix(held) == held.n && !memchr(held.p, 0, held.n);
                bool known = (r->named >= 0 && r->named != CHARSET_UTF_16) || mark_length(held) ||
                             (r->ndjson && r->named < 0 && !memchr(held.p, 0, held.n));
                if (known || held.n >= CHARSET_SAMPLE_MAX)
                        return settle(r, false, err);
                r->phase = ascii && r->named < 0 ? IN_ASCII : IN_SAMPLE;
                if (r->phase == IN_ASCII) {
                        bool ok = pass(r, held, err);
                        buf_reset(&r->held);
                        r->begins = false;
                        return ok;
                }
        }
        return true;
}

static bool put(struct reader *r, struct slice piece, struct err *err)
{
        if (r->phase == IN_FIRST_LINE && !first_line(r, &piece, err))
                return false;
        if (r->phase == IN_ASCII) {
                size_t n = ascii_prefix(piece);
                if (!pass(r, slice_make(piece.p, n), err))
                        return false;
                piece = slice_make(piece.p + n, piece.n - n);
                r->phase = piece.n ? IN_SAMPLE : IN_ASCII;
        }
        if (r->phase == IN_SAMPLE) {
                if (!hold(r, &piece, CHARSET_SAMPLE_MAX - r->held.n, err))
                        return false;
                if (r->held.n == CHARSET_SAMPLE_MAX && !settle(r, false, err))
                        return false;
        }
        return piece.n == 0 || pass(r, piece, err);
}

bool reader_put(struct reader *r, struct slice piece, struct err *err)
{
        if (r->failed)
                return err_set(err, ERR_DATA, 0, "file cannot be read");
        r->failed = !put(r, piece, err);
        return !r->failed;
}

bool reader_finish(struct reader *r, struct err *err)
{
        if (r->failed)
                return err_set(err, ERR_DATA, 0, "file cannot be read");
        if ((r->phase == IN_FIRST_LINE || r->phase == IN_SAMPLE) && !settle(r, true, err))
                return false;
        if (r->charset && !charset_finish(r->charset, err))
                return is_no_text(r, err);
        return r->csv ? csv_reader_finish(r->csv, err) : ndjson_reader_finish(r->ndjson, err);
}

uint64_t reader_unmapped(const struct reader *r)
{
        return r->csv ? csv_reader_unmapped(r->csv) : ndjson_reader_unmapped(r->ndjson);
}

bool reader_has_lines(const struct reader *r)
{
        bool wide = r->said.charset == CHARSET_UTF_16LE || r->said.charset == CHARSET_UTF_16BE;
        return !wide && (!r->csv || csv_reader_has_lines(r->csv));
}

const char *reader_encoding(const struct reader *r)
{
        return r->phase == IS_KNOWN ? charset_name(r->said.charset) : r->phase == IN_ASCII ? "utf-8" : NULL;
}
