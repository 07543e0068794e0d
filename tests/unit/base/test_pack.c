/* gzip in, a piece at a time. */
#include <zlib.h>

#include "base/pack.h"
#include "unit.h"

static struct buf pack(const char *bytes, size_t n)
{
        struct buf b;
        z_stream z = { 0 };
        buf_init(&b, 4 << 20);
        assert_int_equal(deflateInit2(&z, 6, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY), Z_OK);
        char *to = buf_reserve(&b, deflateBound(&z, n) + 32);
        char *in = malloc(n + 1);
        memcpy(in, bytes, n);
        z.next_in = (unsigned char *)in;
        z.avail_in = (unsigned)n;
        z.next_out = (unsigned char *)to;
        z.avail_out = (unsigned)(b.cap - 1);
        assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
        b.n = z.total_out;
        deflateEnd(&z);
        free(in);
        return b;
}

/* Unpacks in pieces of `step` bytes through a window of `window`. */
static bool unpack(struct slice packed, size_t step, size_t window, uint64_t max, struct buf *all,
                   struct err *err)
{
        struct gunzip *g = gunzip_new(max);
        struct buf out;
        bool ok = true;
        buf_init(&out, window);
        while (ok && packed.n) {
                size_t n = step < packed.n ? step : packed.n;
                struct slice piece = slice_make(packed.p, n);
                bool full;
                do {
                        ok = gunzip_put(g, &piece, &out, err);
                        full = out.n == window;
                        buf_put(all, buf_slice(&out));
                        buf_consume(&out, out.n);
                } while (ok && (full || piece.n));
                packed = slice_make(packed.p + n, packed.n - n);
        }
        ok = ok && gunzip_finish(g, err);
        buf_clear(&out);
        gunzip_free(g);
        return ok;
}

static void gunzip__gives_back_what_was_packed_in_any_pieces(void **state)
{
        (void)state;
        struct err err = ERR_INIT;
        char text[20000];
        for (size_t i = 0; i < sizeof text; i++)
                text[i] = (char)(i * i % 251);
        struct buf packed = pack(text, sizeof text), all;
        buf_init(&all, 1 << 20);
        for (size_t step = 1; step < 9000; step = step * 3 + 1) {
                for (size_t window = 1; window < 70000; window = window * 17 + 4) {
                        assert_true(unpack(buf_slice(&packed), step, window, 1 << 20, &all, &err));
                        assert_int_equal(all.n, sizeof text);
                        assert_memory_equal(all.p, text, sizeof text);
                        buf_reset(&all);
                }
        }
        buf_clear(&all);
        buf_clear(&packed);
}

static void gunzip__reads_members_in_a_row_and_padding(void **state)
{
        (void)state;
        struct err err = ERR_INIT;
        struct buf one = pack("one,", 4), two = pack("two", 3), both, all;
        buf_init(&both, 1000);
        buf_init(&all, 1000);
        buf_put(&both, buf_slice(&one));
        buf_put(&both, buf_slice(&two));
        buf_put(&both, slice_make("\0\0\0\0", 4));
        assert_true(unpack(buf_slice(&both), 7, 100, 1000, &all, &err));
        assert_slice(buf_slice(&all), "one,two");
        buf_clear(&one);
        buf_clear(&two);
        buf_clear(&both);
        buf_clear(&all);
}

static void gunzip__refuses_what_is_torn_or_damaged(void **state)
{
        (void)state;
        struct err err = ERR_INIT;
        struct buf packed = pack("hello, hello, hello", 19), all;
        buf_init(&all, 100000);
        for (size_t n = 0; n < packed.n; n++) {
                assert_false(unpack(slice_make(packed.p, n), 5, 100, 1000, &all, &err));
                assert_int_equal(err.kind, ERR_DATA);
        }
        packed.p[packed.n - 6] ^= 1; /* the checksum */
        assert_false(unpack(buf_slice(&packed), 100, 100, 1000, &all, &err));
        assert_int_equal(err.kind, ERR_DATA);
        packed.p[packed.n - 6] ^= 1;
        buf_puts(&packed, "garbage");
        assert_false(unpack(buf_slice(&packed), 100, 100, 1000, &all, &err));
        assert_false(unpack(SLICE("id,body\n1,hello\n"), 100, 100, 1000, &all, &err));
        assert_int_equal(err.kind, ERR_DATA);
        buf_clear(&packed);
        buf_clear(&all);
}

static void gunzip__stops_a_bomb_at_its_limit(void **state)
{
        (void)state;
        struct err err = ERR_INIT;
        char *zeros = calloc(1, 1 << 20);
        struct buf packed = pack(zeros, 1 << 20), all;
        buf_init(&all, 4 << 20);
        assert_false(unpack(buf_slice(&packed), 4096, 4096, 100000, &all, &err));
        assert_int_equal(err.kind, ERR_FULL);
        assert_true(all.n < 110000);
        buf_reset(&all);
        assert_true(unpack(buf_slice(&packed), 4096, 4096, 1 << 20, &all, &err));
        free(zeros);
        buf_clear(&packed);
        buf_clear(&all);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(gunzip__gives_back_what_was_packed_in_any_pieces),
                cmocka_unit_test(gunzip__reads_members_in_a_row_and_padding),
                cmocka_unit_test(gunzip__refuses_what_is_torn_or_damaged),
                cmocka_unit_test(gunzip__stops_a_bomb_at_its_limit),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
