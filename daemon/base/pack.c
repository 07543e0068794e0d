/* pack.c - gunzip a piece at a time. */
#define ZLIB_CONST
#include "base/pack.h"

#include <limits.h>
#include <stdlib.h>
#include <zlib.h>

enum { STEP = 64 * 1024 };

struct gunzip {
        z_stream z;
        uint64_t out;     /* bytes given */
        uint64_t max_out; /* out <= max_out */
        bool between;     /* a member ended, and nothing of the next has come */
        bool begun;
};

struct gunzip *gunzip_new(uint64_t max_out)
{
        struct gunzip *g = calloc(1, sizeof *g);
        if (!g)
                return NULL;
        g->max_out = max_out;
        if (inflateInit2(&g->z, 16 + MAX_WBITS) != Z_OK) {
                free(g);
                return NULL;
        }
        return g;
}

void gunzip_free(struct gunzip *g)
{
        if (!g)
                return;
        inflateEnd(&g->z);
        free(g);
}

/* Room for the next step: what `out` still takes, at most STEP. */
static size_t room(const struct buf *out)
{
        size_t left = out->max - out->n;
        return left < STEP ? left : STEP;
}

static bool step(struct gunzip *g, struct slice *in, struct buf *out, struct err *err)
{
        size_t n = room(out);
        char *to = buf_reserve(out, n);
        if (!to)
                return err_set(err, ERR_FULL, 0, "no memory to unpack into");
        size_t fed = in->n < UINT_MAX ? in->n : UINT_MAX;
        g->z.next_in = (const unsigned char *)in->p;
        g->z.avail_in = (uInt)fed;
        g->z.next_out = (unsigned char *)to;
        g->z.avail_out = (uInt)n;
        g->begun = true;
        g->between = false;
        int rc = inflate(&g->z, Z_NO_FLUSH);
        size_t made = n - g->z.avail_out;
        in->p += fed - g->z.avail_in;
        in->n -= fed - g->z.avail_in;
        out->n += made;
        out->p[out->n] = 0;
        g->out += made;
        if (g->out > g->max_out)
                return err_set(err, ERR_FULL, 0, "unpacked data exceeds its limit");
        if (rc == Z_STREAM_END) {
                g->between = true;
                inflateReset(&g->z);
                return true;
        }
        if (rc == Z_OK || rc == Z_BUF_ERROR)
                return true;
        return err_set(err, ERR_DATA, rc, "gzip data is damaged");
}

/* Some writers pad a file with zeros; no member begins with one. */
static void skip_padding(struct slice *in)
{
        while (in->n && *in->p == 0)
                in->p++, in->n--;
}

bool gunzip_put(struct gunzip *g, struct slice *in, struct buf *out, struct err *err)
{
        for (;;) {
                if (g->between)
                        skip_padding(in);
                if (room(out) == 0 || (in->n == 0 && (g->between || !g->begun)))
                        return true;
                size_t had = in->n, before = out->n;
                if (!step(g, in, out, err))
                        return false;
                if (in->n == had && out->n == before)
                        return true; /* wants more input */
        }
}

bool gunzip_finish(struct gunzip *g, struct err *err)
{
        if (g->between)
                return true;
        return err_set(err, ERR_DATA, 0, g->begun ? "gzip data is cut short" : "gzip data is empty");
}
