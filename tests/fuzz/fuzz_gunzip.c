/* gunzip: the same bytes, whatever the pieces; never more than the ceiling. */
#include "base/pack.h"
#include "fuzz.h"

enum { MOST = 256 << 10 };

static bool unpack(struct buf *all, struct slice in, size_t piece, size_t window)
{
        struct gunzip *g = gunzip_new(MOST);
        struct buf out;
        struct err err = ERR_INIT;
        bool ok = g != NULL;
        buf_init(&out, window);
        for (size_t at = 0, n; at < in.n && ok; at += n) {
                char *copy = own_piece(in, at, piece, &n);
                struct slice rest = { copy, n };
                bool more = true;
                while (ok && more) {
                        ok = gunzip_put(g, &rest, &out, &err);
                        more = out.n == out.max;
                        must(more || rest.n == 0 || !ok);
                        buf_put(all, buf_slice(&out));
                        buf_consume(&out, out.n);
                }
                free(copy);
        }
        ok = ok && gunzip_finish(g, &err);
        must(ok || err.kind == ERR_DATA || err.kind == ERR_FULL);
        gunzip_free(g);
        buf_clear(&out);
        return ok;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
        struct slice in = { (const char *)bytes, n };
        size_t piece = 1 + take_byte(&in);
        struct buf whole, pieces;
        buf_init(&whole, 2 * MOST);
        buf_init(&pieces, 2 * MOST);
        bool ok = unpack(&whole, in, in.n, 64 << 10);
        must(unpack(&pieces, in, piece, 1 + 16 * piece) == ok);
        must(!ok || slice_eq(buf_slice(&whole), buf_slice(&pieces)));
        must(buf_ok(&whole) && (!ok || whole.n <= MOST));
        buf_clear(&whole);
        buf_clear(&pieces);
        return 0;
}
