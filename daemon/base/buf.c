/* buf.c - slices and bounded buffers. */
#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

int slice_compare(struct slice a, struct slice b)
{
        size_t n = a.n < b.n ? a.n : b.n;
        int c = n ? memcmp(a.p, b.p, n) : 0;
        return c ? c : (a.n > b.n) - (a.n < b.n);
}

bool slice_starts(struct slice a, struct slice prefix)
{
        return a.n >= prefix.n && (prefix.n == 0 || memcmp(a.p, prefix.p, prefix.n) == 0);
}

bool slice_eq_nocase(struct slice a, struct slice b)
{
        return a.n == b.n && (a.n == 0 || strncasecmp(a.p, b.p, a.n) == 0);
}

static bool blank(char c)
{
        return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

struct slice slice_trim(struct slice a)
{
        while (a.n && blank(a.p[0]))
                a.p++, a.n--;
        while (a.n && blank(a.p[a.n - 1]))
                a.n--;
        return a;
}

void buf_init(struct buf *b, size_t max)
{
        *b = (struct buf){ .max = max };
}

void buf_clear(struct buf *b)
{
        free(b->p);
        buf_init(b, b->max);
}

void buf_reset(struct buf *b)
{
        b->n = 0;
        b->full = false;
        if (b->p)
                b->p[0] = 0;
}

void buf_wipe(struct buf *b)
{
        if (b->p)
                explicit_bzero(b->p, b->cap);
        buf_clear(b);
}

bool buf_ok(const struct buf *b)
{
        return !b->full;
}

struct slice buf_slice(const struct buf *b)
{
        return (struct slice){ b->p ? b->p : "", b->n };
}

/* One byte more than counted is kept for the NUL. */
char *buf_reserve(struct buf *b, size_t n)
{
        if (b->full || n > b->max || b->n > b->max - n) {
                b->full = true;
                return NULL;
        }
        if (b->n + n + 1 > b->cap) {
                size_t cap = b->cap ? b->cap : 64;
                while (cap < b->n + n + 1)
                        cap *= 2;
                if (cap > b->max + 1)
                        cap = b->max + 1;
                char *p = realloc(b->p, cap);
                if (!p) {
                        b->full = true;
                        return NULL;
                }
                b->p = p;
                b->cap = cap;
        }
        return b->p + b->n;
}

void buf_put(struct buf *b, struct slice bytes)
{
        char *p = buf_reserve(b, bytes.n);
        if (!p)
                return;
        if (bytes.n)
                memcpy(p, bytes.p, bytes.n);
        b->n += bytes.n;
        b->p[b->n] = 0;
}

void buf_puts(struct buf *b, const char *text)
{
        buf_put(b, slice_of(text));
}

void buf_putc(struct buf *b, char c)
{
        if (!b->full && b->n < b->max && b->n + 1 < b->cap) { /* nearly always */
                b->p[b->n++] = c;
                b->p[b->n] = 0;
                return;
        }
        buf_put(b, (struct slice){ &c, 1 });
}

void buf_printf(struct buf *b, const char *fmt, ...)
{
        char small[256];
        va_list args;
        va_start(args, fmt);
        va_list again;
        va_copy(again, args);
        int n = vsnprintf(small, sizeof small, fmt, args);
        va_end(args);
        if (n < 0) {
                b->full = true;
        } else if ((size_t)n < sizeof small) {
                buf_put(b, (struct slice){ small, (size_t)n });
        } else {
                char *p = buf_reserve(b, (size_t)n);
                if (p) {
                        vsnprintf(p, (size_t)n + 1, fmt, again);
                        b->n += (size_t)n;
                }
        }
        va_end(again);
}

void buf_put_hex(struct buf *b, const void *bytes, size_t n)
{
        const uint8_t *from = bytes;
        char *p = buf_reserve(b, 2 * n);
        if (!p)
                return;
        for (size_t i = 0; i < n; i++) {
                *p++ = "0123456789abcdef"[from[i] >> 4];
                *p++ = "0123456789abcdef"[from[i] & 15];
        }
        b->n += 2 * n;
        b->p[b->n] = 0;
}

static void put_be(struct buf *b, uint64_t v, unsigned width)
{
        char bytes[8];
        for (unsigned i = 0; i < width; i++)
                bytes[i] = (char)(v >> (8 * (width - 1 - i)));
        buf_put(b, (struct slice){ bytes, width });
}

void buf_put_u8(struct buf *b, uint8_t v)
{
        put_be(b, v, 1);
}

void buf_put_u16(struct buf *b, uint16_t v)
{
        put_be(b, v, 2);
}

void buf_put_u32(struct buf *b, uint32_t v)
{
        put_be(b, v, 4);
}

void buf_put_u64(struct buf *b, uint64_t v)
{
        put_be(b, v, 8);
}

void buf_consume(struct buf *b, size_t n)
{
        if (n == 0)
                return;
        if (n < b->n)
                memmove(b->p, b->p + n, b->n - n);
        b->n -= n;
        b->p[b->n] = 0;
}

struct slice cut_bytes(struct cut *c, size_t n)
{
        if (c->bad || n > c->rest.n) {
                c->bad = true;
                return SLICE_NONE;
        }
        struct slice out = { c->rest.p, n };
        c->rest.p += n;
        c->rest.n -= n;
        return out;
}

static uint64_t cut_be(struct cut *c, unsigned width)
{
        struct slice s = cut_bytes(c, width);
        uint64_t v = 0;
        for (size_t i = 0; i < s.n; i++)
                v = v << 8 | (uint8_t)s.p[i];
        return v;
}

uint8_t cut_u8(struct cut *c)
{
        return (uint8_t)cut_be(c, 1);
}

uint16_t cut_u16(struct cut *c)
{
        return (uint16_t)cut_be(c, 2);
}

uint32_t cut_u32(struct cut *c)
{
        return (uint32_t)cut_be(c, 4);
}

uint64_t cut_u64(struct cut *c)
{
        return cut_be(c, 8);
}
