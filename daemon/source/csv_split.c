/* csv_split.c - RFC 4180 as programs really write it: quotes, newlines within them, CRLF,
 * LF or CR, any delimiter. A quote inside an unquoted cell is a character of it.
 *
 * A row that is too long, has too many cells, or has text after a closing quote comes out as
 * `bad`, once, and what follows is read on. An opened quote that is never closed swallows
 * the file, and its row says so.                                                     */
#include <stdlib.h>

#include "csv.h"

enum state { AT_START, IN_PLAIN, IN_QUOTES, AFTER_QUOTE };

struct csv_split {
        csv_each_row *each;
        void *ctx;
        char delimiter;
        enum state state;
        bool after_cr; /* an LF that follows belongs to the CR */
        bool any;      /* the row has begun */
        bool lone_cr;  /* was seen */
        int64_t line, row_line;
        const char *bad;
        struct buf text;                    /* the row's cells, one after the other */
        uint32_t ends[CSV_COLUMNS_MAX + 1]; /* where each ends */
        size_t n;
        struct slice cells[CSV_COLUMNS_MAX];
};

struct csv_split *csv_split_new(char delimiter, csv_each_row *each, void *ctx)
{
        struct csv_split *c = calloc(1, sizeof *c);
        if (!c)
                return NULL;
        c->delimiter = delimiter;
        c->each = each;
        c->ctx = ctx;
        c->line = c->row_line = 1;
        buf_init(&c->text, CSV_ROW_MAX);
        return c;
}

void csv_split_free(struct csv_split *c)
{
        if (!c)
                return;
        buf_clear(&c->text);
        free(c);
}

static void put(struct csv_split *c, struct slice s)
{
        if (c->bad)
                return;
        buf_put(&c->text, s);
        if (!buf_ok(&c->text))
                c->bad = "row is over 1048576 bytes";
}

static void end_cell(struct csv_split *c)
{
        c->state = AT_START;
        if (c->n == CSV_COLUMNS_MAX)
                c->bad = "row has over 1024 columns";
        else
                c->ends[c->n++] = (uint32_t)c->text.n;
}

static bool is_blank(const struct csv_split *c)
{
        return c->n == 1 && c->text.n == 0 && !c->bad && !c->any;
}

static bool end_row(struct csv_split *c)
{
        size_t start = 0;
        bool go_on = true;
        end_cell(c);
        for (size_t i = 0; i < c->n && !c->bad; i++) {
                c->cells[i] = (struct slice){ (c->text.p ? c->text.p : "") + start, c->ends[i] - start };
                start = c->ends[i];
        }
        if (!is_blank(c)) {
                struct csv_row row = { c->row_line, c->cells, c->bad ? 0 : c->n, c->bad };
                go_on = c->each(c->ctx, &row);
        }
        buf_reset(&c->text);
        c->n = 0;
        c->bad = NULL;
        c->any = false;
        return go_on;
}

/* A newline outside quotes. */
static bool newline(struct csv_split *c, char byte)
{
        bool go_on = end_row(c);
        c->after_cr = byte == '\r';
        c->row_line = ++c->line;
        return go_on;
}

static bool is_newline(char byte)
{
        return byte == '\n' || byte == '\r';
}

/* Bytes from i on that belong to a cell as they are. */
static size_t run(const struct csv_split *c, struct slice s, size_t i)
{
        size_t from = i;
        if (c->state == IN_QUOTES) {
                while (i < s.n && s.p[i] != '"' && s.p[i] != '\n')
                        i++;
        } else {
                while (i < s.n && s.p[i] != c->delimiter && !is_newline(s.p[i]))
                        i++;
        }
        return i - from;
}

/* Within quotes CRLF becomes LF, so that a sheet saved by another program stays the same. */
static void quoted_byte(struct csv_split *c, char byte)
{
        size_t start = c->n ? c->ends[c->n - 1] : 0;
        if (byte == '"') {
                c->state = AFTER_QUOTE;
                return;
        }
        c->line++;
        if (!c->bad && c->text.n > start && c->text.p[c->text.n - 1] == '\r')
                c->text.n--;
        put(c, SLICE("\n"));
}

/* One byte that means something; false: stop. */
static bool special(struct csv_split *c, char byte)
{
        if (c->state == IN_QUOTES) {
                quoted_byte(c, byte);
                return true;
        }
        if (c->state == AFTER_QUOTE && byte == '"') { /* two quotes are one */
                put(c, SLICE("\""));
                c->state = IN_QUOTES;
                return true;
        }
        if (byte == c->delimiter) {
                c->any = true;
                end_cell(c);
                return true;
        }
        if (is_newline(byte))
                return newline(c, byte);
        if (c->state == AT_START) {
                c->any = true;
                c->state = IN_QUOTES;
        } else if (c->state == AFTER_QUOTE) {
                c->bad = c->bad ? c->bad : "text stands after a closing quote";
                c->state = IN_PLAIN;
        }
        return true;
}

static bool is_special(const struct csv_split *c, char byte)
{
        if (c->state == IN_QUOTES)
                return byte == '"' || byte == '\n';
        return byte == c->delimiter || is_newline(byte) || c->state == AFTER_QUOTE ||
               (byte == '"' && c->state == AT_START);
}

bool csv_split_put(struct csv_split *c, struct slice s)
{
        for (size_t i = 0; i < s.n;) {
                bool skip = c->after_cr && s.p[i] == '\n';
                if (c->after_cr) {
                        c->lone_cr |= !skip;
                        c->after_cr = false;
                }
                if (skip) {
                        i++;
                } else if (is_special(c, s.p[i])) {
                        if (!special(c, s.p[i++]))
                                return false;
                } else {
                        size_t n = run(c, s, i);
                        if (c->state == AT_START)
                                c->state = IN_PLAIN;
                        c->any = true;
                        put(c, (struct slice){ s.p + i, n });
                        i += n;
                }
        }
        return true;
}

bool csv_split_finish(struct csv_split *c)
{
        if (c->state == IN_QUOTES)
                c->bad = "a quote is opened here and never closed: nothing after it was read";
        bool begun = c->any || c->n || c->state != AT_START;
        return !begun || end_row(c);
}

bool csv_split_lone_returns(const struct csv_split *c)
{
        return c->lone_cr;
}

static size_t narrow(unsigned char c)
{
        return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* The bytes of the blank that s begins with, 0 if it is none: also U+00A0, U+200B, U+202F, U+3000
 * and U+FEFF. Every cell comes by here, hence by hand. */
static size_t blank_first(const unsigned char *p, size_t n)
{
        if (p[0] < 0x80)
                return narrow(p[0]);
        if (n >= 2 && p[0] == 0xc2)
                return p[1] == 0xa0 ? 2 : 0;
        if (n < 3)
                return 0;
        bool is = (p[0] == 0xe3 && p[1] == 0x80 && p[2] == 0x80) || (p[0] == 0xef && p[1] == 0xbb && p[2] == 0xbf) ||
                  (p[0] == 0xe2 && p[1] == 0x80 && (p[2] == 0x8b || p[2] == 0xaf));
        return is ? 3 : 0;
}

static size_t blank_last(const unsigned char *p, size_t n)
{
        if (p[n - 1] < 0x80)
                return narrow(p[n - 1]);
        if (n >= 3 && (p[n - 3] == 0xe2 || p[n - 3] == 0xe3 || p[n - 3] == 0xef))
                return blank_first(p + n - 3, 3);
        return n >= 2 && p[n - 2] == 0xc2 ? blank_first(p + n - 2, 2) : 0;
}

struct slice csv_trim(struct slice s)
{
        const unsigned char *p = (const unsigned char *)s.p;
        if (s.n && p[0] > ' ' && p[0] < 0x80 && p[s.n - 1] > ' ' && p[s.n - 1] < 0x80)
                return s; /* nearly always */
        for (size_t n; s.n && (n = blank_first(p, s.n)); s.n -= n)
                p += n;
        for (size_t n; s.n && (n = blank_last(p, s.n)); s.n -= n)
                ;
        return slice_make(p, s.n);
}
