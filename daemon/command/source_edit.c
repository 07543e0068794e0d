/* source_edit.c - finds the end of `sources = ( ... )` and puts a group there.
 *
 * libconfig's words as far as they matter here: strings with escapes, comments of three kinds,
 * brackets. Comments keep their places: a comma goes right behind the last member.         */
#include "source_edit.h"

struct scan {
        struct slice s;
        size_t at;
};

/* Past blanks and comments. */
static void skip_nothing(struct scan *c)
{
        while (c->at < c->s.n) {
                struct slice rest = slice_make(c->s.p + c->at, c->s.n - c->at);
                if (strchr(" \t\r\n\f", *rest.p) && *rest.p) {
                        c->at++;
                } else if (*rest.p == '#' || slice_starts(rest, SLICE("//"))) {
                        const char *end = memchr(rest.p, '\n', rest.n);
                        c->at += end ? (size_t)(end - rest.p) : rest.n;
                } else if (slice_starts(rest, SLICE("/*"))) {
                        const char *end = memmem(rest.p + 2, rest.n - 2, "*/", 2);
                        c->at += end ? (size_t)(end - rest.p) + 2 : rest.n;
                } else if (slice_starts(rest, SLICE("\xc2\xa0"))) {
                        c->at += 2;
                } else if (slice_starts(rest, SLICE("\xef\xbb\xbf"))) {
                        c->at += 3;
                } else {
                        return;
                }
        }
}

static bool is_name(char c)
{
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '*';
}

/* One string, name or sign; SLICE_NONE at the end. */
static struct slice token(struct scan *c)
{
        skip_nothing(c);
        size_t from = c->at;
        if (from >= c->s.n)
                return SLICE_NONE;
        char first = c->s.p[c->at++];
        if (first == '"') {
                while (c->at < c->s.n && c->s.p[c->at] != '"')
                        c->at += c->s.p[c->at] == '\\' && c->at + 1 < c->s.n ? 2 : 1;
                c->at += c->at < c->s.n;
        } else if (is_name(first)) {
                while (c->at < c->s.n && is_name(c->s.p[c->at]))
                        c->at++;
        }
        return slice_make(c->s.p + from, c->at - from);
}

struct found {
        size_t last, end; /* behind the last member (or the opening bracket), and the closing one */
        bool any, comma;  /* members; one that is followed by a comma */
};

/* c stands behind the opening bracket. */
static bool find_end(struct scan *c, struct found *out)
{
        int depth = 1;
        *out = (struct found){ .last = c->at };
        for (struct slice t; (t = token(c)).p;) {
                depth += t.n == 1 && strchr("({[", *t.p) ? 1 : t.n == 1 && strchr(")}]", *t.p) ? -1 : 0;
                if (depth == 0) {
                        out->end = c->at - 1;
                        return true;
                }
                out->any = true;
                out->comma = slice_is(t, ",");
                out->last = c->at;
        }
        return false;
}

/* 1: found; 0: there is none; -1: it is no list. */
static int find_sources(struct slice text, struct found *out)
{
        struct scan c = { text, 0 };
        int depth = 0;
        for (struct slice t; (t = token(&c)).p;) {
                if (depth == 0 && slice_is(t, "sources")) {
                        struct slice sign = token(&c), open = token(&c);
                        bool list = (slice_is(sign, "=") || slice_is(sign, ":")) && slice_is(open, "(");
                        return list && find_end(&c, out) ? 1 : -1;
                }
                depth += t.n == 1 && strchr("({[", *t.p) ? 1 : t.n == 1 && strchr(")}]", *t.p) ? -1 : 0;
        }
        return 0;
}

/* The lines end as those of the file do. */
static void put_block(struct buf *out, struct slice block, bool crlf)
{
        for (size_t i = 0; i < block.n; i++) {
                if (crlf && block.p[i] == '\n')
                        buf_putc(out, '\r');
                buf_putc(out, block.p[i]);
        }
}

static int lines_of(const struct buf *b)
{
        int n = 1;
        for (size_t i = 0; i < b->n; i++)
                n += b->p[i] == '\n';
        return n;
}

static void append_list(struct buf *out, struct slice text, struct slice block, bool crlf, int *line)
{
        const char *eol = crlf ? "\r\n" : "\n";
        buf_put(out, text);
        if (text.n && text.p[text.n - 1] != '\n')
                buf_puts(out, eol);
        buf_printf(out, "%ssources = (%s", eol, eol);
        *line = lines_of(out);
        put_block(out, block, crlf);
        buf_printf(out, ");%s", eol);
}

bool source_insert(struct buf *out, struct slice text, struct slice block, int *line)
{
        struct found f;
        bool crlf = memmem(text.p, text.n, "\r\n", 2);
        int said = find_sources(text, &f);
        if (said < 0)
                return false;
        if (said == 0) {
                append_list(out, text, block, crlf, line);
                return true;
        }
        size_t from = f.end; /* the beginning of the closing bracket's line, if only blanks are before it */
        while (from > f.last && (text.p[from - 1] == ' ' || text.p[from - 1] == '\t'))
                from--;
        bool own_line = from > f.last && text.p[from - 1] == '\n';
        buf_put(out, slice_make(text.p, f.last));
        if (f.any && !f.comma)
                buf_putc(out, ',');
        buf_put(out, slice_make(text.p + f.last, from - f.last));
        if (!own_line)
                buf_puts(out, crlf ? "\r\n" : "\n");
        *line = lines_of(out);
        put_block(out, block, crlf);
        size_t rest = own_line ? from : f.end;
        buf_put(out, slice_make(text.p + rest, text.n - rest));
        return true;
}
