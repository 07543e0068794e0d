/* lines.c - cuts a stream of bytes into lines, holding at most one line. */
#include "lines.h"

void lines_init(struct lines *l, size_t max_line, bool whole)
{
        *l = (struct lines){ .line = 1, .whole = whole };
        buf_init(&l->rest, max_line + 1); /* a CR may be on top */
}

void lines_clear(struct lines *l)
{
        buf_clear(&l->rest);
}

static void give(struct lines *l, struct slice text, lines_each *each, void *ctx)
{
        if (text.n && text.p[text.n - 1] == '\r')
                text.n--;
        bool too_long = l->skipping || text.n >= l->rest.max;
        if (l->line == 1 && slice_starts(text, SLICE("\xef\xbb\xbf")))
                text = slice_make(text.p + 3, text.n - 3);
        text = slice_trim(text);
        if (too_long)
                each(ctx, SLICE(""), l->line, true);
        else if (text.n)
                each(ctx, text, l->line, false);
        l->skipping = false;
        l->line++;
}

/* Keeps the beginning of a line; what is too long is not kept at all. */
static void keep(struct lines *l, struct slice text)
{
        if (l->skipping || text.n == 0)
                return;
        buf_put(&l->rest, text);
        if (!buf_ok(&l->rest)) {
                l->skipping = true;
                buf_clear(&l->rest);
        }
}

void lines_put(struct lines *l, struct slice piece, lines_each *each, void *ctx)
{
        while (piece.n) {
                const char *end = l->whole ? NULL : memchr(piece.p, '\n', piece.n);
                if (!end) {
                        keep(l, piece);
                        return;
                }
                struct slice text = { piece.p, (size_t)(end - piece.p) };
                piece = slice_make(end + 1, piece.n - text.n - 1);
                if (l->rest.n || l->skipping) {
                        keep(l, text);
                        text = buf_slice(&l->rest);
                }
                give(l, text, each, ctx);
                buf_reset(&l->rest);
        }
}

void lines_finish(struct lines *l, lines_each *each, void *ctx)
{
        if (l->rest.n || l->skipping)
                give(l, buf_slice(&l->rest), each, ctx);
        buf_clear(&l->rest);
}
