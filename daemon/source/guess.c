/* guess.c - from a file's first bytes to what each of its columns is likely to mean. */
#include "source/guess.h"

#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/text.h"
#include "csv.h"
#include "guess_parts.h"

/* ---- Encoding -------------------------------------------------------------------- */

static size_t first_other(struct slice s)
{
        size_t i = 0;
        while (i < s.n && (unsigned char)s.p[i] < 0x80 && s.p[i])
                i++;
        return i;
}

/* As the reader does it: from the first byte on that is not ASCII, or that is zero. */
static bool find_encoding(struct guess *g, struct slice s, bool whole, const struct guess_hints *h, struct err *err)
{
        size_t from = first_other(s);
        bool early = from < 2 || memchr(s.p, 0, s.n < 4096 ? s.n : 4096);
        struct slice sample = early ? s : slice_make(s.p + from, s.n - from);
        unsigned edges = (early || from == s.n ? CHARSET_BEGINS : 0) | (whole ? CHARSET_ENDS : 0);
        return charset_guess(&g->encoding, sample, edges, h->langs, err);
}

/* UTF-8 in the arena, without a mark; damaged and torn bytes of UTF-8 are left out. */
static bool decode(struct guess *g, struct arena *a, struct slice s, bool whole, struct slice *out, struct err *err)
{
        struct buf b;
        struct charset_reader *r = NULL;
        bool ok = true;
        buf_init(&b, 3 * GUESS_BYTES_MAX + 64);
        if (g->encoding.charset == CHARSET_UTF_8) {
                for (size_t bad; s.n && !utf8_valid(s, &bad); s = slice_make(s.p + bad + 1, s.n - bad - 1))
                        buf_put(&b, slice_make(s.p, bad));
                buf_put(&b, s);
        } else {
                ok = charset_open(&r, g->encoding.charset, err);
                while (ok && s.n && buf_ok(&b))
                        ok = charset_put(r, &s, &b, err);
                ok = ok && (!whole || charset_finish(r, err));
        }
        charset_close(r);
        struct slice text = buf_slice(&b);
        if (slice_starts(text, SLICE("\xef\xbb\xbf")))
                text = slice_make(text.p + 3, text.n - 3);
        *out = arena_copy(a, text);
        buf_clear(&b);
        if (ok && !out->p)
                return err_set(err, ERR_FULL, 0, "file does not fit into memory's ceiling");
        return ok;
}

/* ---- Rows ------------------------------------------------------------------------ */

struct sheet { /* the first row is the header */
        struct arena *a;
        struct slice *rows[GUESS_ROWS_MAX + 1];
        size_t width[GUESS_ROWS_MAX + 1], n;
        bool full;         /* memory */
        int64_t bad_line;  /* of the first row that cannot be read */
        const char *bad;   /* why; NULL: all can */
};

static bool keep_row(void *ctx, const struct csv_row *row)
{
        struct sheet *s = ctx;
        size_t filled = 0;
        if (row->bad && !s->bad) {
                s->bad = row->bad;
                s->bad_line = row->line;
        }
        if (row->bad || csv_is_sep(row))
                return !row->bad || s->n; /* no row below takes the header's place */
        for (size_t i = 0; i < row->n; i++)
                filled += csv_trim(row->cells[i]).n > 0;
        if (!filled)
                return true;
        struct slice *cells = arena_array(s->a, row->n, sizeof *cells);
        s->full |= !cells;
        for (size_t i = 0; i < row->n && !s->full; i++) {
                cells[i] = arena_copy(s->a, csv_trim(row->cells[i]));
                s->full |= !cells[i].p;
        }
        s->rows[s->n] = cells;
        s->width[s->n++] = row->n;
        return !s->full && s->n <= GUESS_ROWS_MAX;
}

/* A row that the sample's end may tear is none. */
static bool read_sheet(struct sheet *s, struct arena *a, struct slice text, char delimiter, bool whole)
{
        struct csv_split *split = csv_split_new(delimiter, keep_row, s);
        *s = (struct sheet){ .a = a };
        if (split && csv_split_put(split, text) && whole)
                csv_split_finish(split);
        csv_split_free(split);
        return split && !s->full;
}

struct delimiting {
        size_t header, rows, alike;
};

static bool count_row(void *ctx, const struct csv_row *row)
{
        struct delimiting *d = ctx;
        if (row->bad || csv_is_sep(row))
                return true;
        if (!d->header)
                d->header = row->n;
        else
                d->alike += row->n == d->header;
        return d->rows++ < 50;
}

/* The one with which the rows are as wide as the header, and the header is widest. */
static void find_delimiter(struct guess *g, struct slice text, bool whole)
{
        static const char usual[] = ",;\t|";
        double best = 0;
        g->delimiter = ',';
        g->delimiter_why = "there is one column";
        if (slice_starts(text, SLICE("sep=")) && text.n > 4 && text.p[4] && strchr(usual, text.p[4])) {
                g->delimiter = text.p[4];
                g->delimiter_why = "the first line says so";
                return;
        }
        for (const char *d = usual; *d; d++) {
                struct delimiting count = { 0, 0, 0 };
                struct csv_split *split = csv_split_new(*d, count_row, &count);
                if (split && csv_split_put(split, text) && whole)
                        csv_split_finish(split);
                csv_split_free(split);
                double alike = count.rows > 1 ? (double)count.alike / (double)(count.rows - 1) : 1;
                double score = count.header > 1 ? alike * (1 + (double)count.header / 1000) : 0;
                if (score <= best)
                        continue;
                best = score;
                g->delimiter = *d;
                g->delimiter_why = "with it all rows have as many columns as the header";
                if (alike < 1)
                        g->delimiter_why = "with it most rows have as many columns as the header";
        }
}

/* ---- Columns --------------------------------------------------------------------- */

static bool gather(struct guessing *w, const struct sheet *s, size_t at)
{
        struct guess_values *v = &w->values[at];
        struct slice *all = arena_array(w->a, s->n, sizeof *all);
        if (!all)
                return false;
        v->v = all;
        for (size_t i = 1; i < s->n; i++) {
                struct slice cell = at < s->width[i] ? s->rows[i][at] : SLICE("");
                size_t k = 0;
                v->rows++;
                if (!cell.n)
                        continue;
                while (k < v->n && !slice_eq(all[k], cell))
                        k++;
                v->different += k == v->n;
                all[v->n++] = cell;
                for (size_t i_byte = 0; i_byte < cell.n; i_byte++)
                        v->letters += ((unsigned char)cell.p[i_byte] & 0xc0) != 0x80;
        }
        return true;
}

/* A first line with an address, a number or the same word twice is a row, and no header. */
static bool is_header(const struct sheet *s)
{
        double number;
        for (size_t i = 0; i < s->width[0]; i++) {
                struct slice cell = s->rows[0][i];
                if (cell.n && (memchr(cell.p, '@', cell.n) || text_double(&number, cell)))
                        return false;
        }
        return true;
}

static void find_lang(struct guessing *w, struct slice text)
{
        size_t kana = 0, hanzi = 0, hangul = 0;
        for (size_t at = 0; at < text.n;) {
                uint32_t c = utf8_next(text, &at);
                kana += c >= 0x3041 && c <= 0x30ff;
                hanzi += c >= 0x4e00 && c <= 0x9fff;
                hangul += c >= 0xac00 && c <= 0xd7a3;
        }
        const char *langs = w->hints->langs;
        if (kana > 3)
                w->g->lang = "ja";
        else if (hangul > 3)
                w->g->lang = "ko";
        else if (hanzi > 3)
                w->g->lang = "zh";
        else if (langs && *langs && !strchr(langs, ',') && strncmp(langs, "ja", 2) != 0 && strncmp(langs, "zh", 2) != 0)
                w->g->lang = arena_string(w->a, slice_of(langs));
}

/* A line above the header, such as a title, names one column of many. */
static bool is_title(const struct sheet *s, size_t n_columns)
{
        size_t beyond = 0;
        for (size_t i = 1; i < s->n; i++) {
                size_t last = s->width[i];
                while (last && !s->rows[i][last - 1].n)
                        last--;
                beyond += last > n_columns;
        }
        return s->n > 1 && beyond * 2 >= s->n - 1;
}

/* What is wrong with the rows as such. */
static void judge_rows(struct guessing *w, const struct sheet *s)
{
        if (!w->g->n_rows && s->bad)
                guess_need(w, arena_printf(w->a, "line %lld cannot be read: %s", (long long)s->bad_line, s->bad),
                           "Look at the quotes from that line on: each that opens a cell must be closed.");
        else if (!w->g->n_rows)
                guess_need(w, "there are no rows below the header", "Try a file with some answers.");
        else if (is_title(s, w->g->n_columns))
                guess_need(w, "rows have more columns than the first line names",
                           "Delete what stands above the line that names the columns (a title, merged cells), and export "
                           "the sheet again.");
}

static bool guess_csv(struct guessing *w, struct slice text, bool whole, struct err *err)
{
        struct guess *g = w->g;
        struct sheet *s = ARENA_NEW(w->a, struct sheet);
        find_delimiter(g, text, whole);
        if (!s || !read_sheet(s, w->a, text, g->delimiter, whole))
                return err_set(err, ERR_FULL, 0, "file does not fit into memory's ceiling");
        if (s->n == 0) {
                err_set(err, ERR_DATA, 0, s->bad ? "the header cannot be read: %s" : "file has no header%s", s->bad ? s->bad : "");
                return err_hint(err, "The first line must name the columns, as in id,date,comment.");
        }
        while (s->width[0] > 1 && !s->rows[0][s->width[0] - 1].n)
                s->width[0]--;
        g->n_columns = s->width[0] < GUESS_COLUMNS_MAX ? s->width[0] : GUESS_COLUMNS_MAX;
        g->n_rows = s->n - 1;
        g->columns = arena_array(w->a, g->n_columns, sizeof *g->columns);
        bool ok = g->columns;
        for (size_t i = 0; i < g->n_columns && ok; i++) {
                g->columns[i] = (struct guess_column){ .name = s->rows[0][i], .why = "it means no field that is known" };
                ok = gather(w, s, i);
        }
        if (!is_header(s)) {
                err_set(err, ERR_DATA, 0, "the first line does not name the columns");
                return err_hint(err, "Export the sheet with its header, or write one line above: names, as in id,date,comment.");
        }
        if (ok)
                judge_rows(w, s);
        return (ok && guess_roles(w)) || err_set(err, ERR_FULL, 0, "file does not fit into memory's ceiling");
}

/* ---- NDJSON ---------------------------------------------------------------------- */

static bool guess_ndjson(struct guessing *w, struct slice text)
{
        bool kind_missing = false;
        struct arena *line_arena = arena_new(16 << 20);
        for (size_t at = 0; line_arena && at < text.n && w->g->n_rows < GUESS_ROWS_MAX;) {
                const char *end = memchr(text.p + at, '\n', text.n - at);
                struct slice line = { text.p + at, end ? (size_t)(end - text.p) - at : text.n - at };
                struct json *j;
                at += line.n + 1;
                if (!slice_trim(line).n || !json_read(&j, line_arena, line, RECORD_DEPTH_MAX, NULL))
                        continue;
                w->g->n_rows++;
                kind_missing |= !json_get(j, "kind");
                arena_reset(line_arena);
        }
        bool ok = line_arena;
        arena_free(line_arena);
        w->g->kind = kind_missing ? w->g->kind : NULL;
        if (!w->g->n_rows)
                guess_need(w, "no line is a JSON object", "A line is a record: {\"id\":\"42\",\"occurred_at\":\"2026-11-23T14:05:00Z\",...}.");
        return ok;
}

/* ---- The whole ------------------------------------------------------------------- */

void guess_need(struct guessing *w, const char *what, const char *todo)
{
        if (what && todo && w->g->n_needs < GUESS_NEEDS_MAX)
                w->g->needs[w->g->n_needs++] = (struct guess_need){ what, todo };
}

static bool is_text(struct slice text, struct err *err)
{
        if (!text.n) {
                err_set(err, ERR_DATA, 0, "file is empty");
                return err_hint(err, "Export the sheet again; its first line names the columns.");
        }
        if (memchr(text.p, 0, text.n)) {
                err_set(err, ERR_DATA, 0, "file has zero bytes: it is damaged, or no text");
                return err_hint(err, "Open it in its program and save the sheet as \"CSV UTF-8\".");
        }
        struct slice inner = slice_trim(slice_make(text.p + 1, text.n - 1));
        if (text.p[0] == '[' && inner.n && inner.p[0] == '{') {
                err_set(err, ERR_DATA, 0, "file is one JSON list: a record a line is read (NDJSON)");
                return err_hint(err, "`jq -c '.[]' FILE` makes lines of it.");
        }
        return true;
}

bool guess_file(struct guess **out, struct arena *a, struct slice sample, bool whole,
                const struct guess_hints *hints, struct err *err)
{
        struct guess *g = ARENA_NEW(a, struct guess);
        struct guessing *w = ARENA_NEW(a, struct guessing);
        struct slice text;
        *out = g;
        if (!g || !w)
                return err_set(err, ERR_FULL, 0, "file does not fit into memory's ceiling");
        *w = (struct guessing){ .g = g, .a = a, .hints = hints };
        g->kind = hints->kind ? hints->kind : "feedback";
        g->timezone = hints->timezone;
        if (sample.n > GUESS_BYTES_MAX) {
                sample.n = GUESS_BYTES_MAX;
                whole = false;
        }
        if (slice_starts(sample, SLICE("PK\x03\x04")) || slice_starts(sample, SLICE("\xd0\xcf\x11\xe0"))) {
                err_set(err, ERR_DATA, 0, "file is a workbook or an archive, not a sheet of text");
                return err_hint(err, "Open it in its program and save the sheet as \"CSV UTF-8\".");
        }
        if (!find_encoding(g, sample, whole, hints, err) || !decode(g, a, sample, whole, &text, err))
                return false;
        if (!is_text(slice_trim(text), err))
                return false;
        g->ndjson = slice_trim(text).p[0] == '{';
        if (!g->ndjson)
                find_lang(w, text);
        return g->ndjson ? guess_ndjson(w, text) || err_set(err, ERR_FULL, 0, "out of memory")
                         : guess_csv(w, text, whole, err);
}
