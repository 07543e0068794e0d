/* Slices, bounded buffers, cursors and arenas: the ceilings above all. */
#include "base/arena.h"
#include "unit.h"

static void slice__absent_is_not_empty_but_equal_in_length(void **state)
{
        (void)state;
        assert_null(SLICE_NONE.p);
        assert_non_null(SLICE("").p);
        assert_true(slice_eq(SLICE_NONE, SLICE("")));
        assert_null(slice_of(NULL).p);
}

static void slice__compares_bytes_and_then_length(void **state)
{
        (void)state;
        assert_true(slice_compare(SLICE("a"), SLICE("b")) < 0);
        assert_true(slice_compare(SLICE("ab"), SLICE("a")) > 0);
        assert_true(slice_compare(SLICE("\xff"), SLICE("a")) > 0);
        assert_int_equal(slice_compare(SLICE_NONE, SLICE("")), 0);
        assert_true(slice_starts(SLICE("abc"), SLICE("ab")));
        assert_false(slice_starts(SLICE("a"), SLICE("ab")));
        assert_true(slice_eq_nocase(SLICE("AbC"), SLICE("aBc")));
        assert_slice(slice_trim(SLICE(" \t\r\n a b \n")), "a b");
        assert_slice(slice_trim(SLICE("  ")), "");
}

static void buf__keeps_what_it_had_when_it_is_full(void **state)
{
        (void)state;
        struct buf b;
        buf_init(&b, 5);
        buf_puts(&b, "abc");
        assert_true(buf_ok(&b));
        buf_puts(&b, "def");
        assert_false(buf_ok(&b));
        buf_putc(&b, 'x'); /* would fit: failure is sticky */
        assert_slice(buf_slice(&b), "abc");
        buf_reset(&b);
        buf_puts(&b, "12345");
        assert_true(buf_ok(&b));
        assert_string_equal(b.p, "12345");
        buf_clear(&b);
        assert_slice(buf_slice(&b), "");
}

static void buf__takes_texts_longer_than_its_scratch(void **state)
{
        (void)state;
        struct buf b;
        char text[1001];
        memset(text, 'x', 1000);
        text[1000] = 0;
        buf_init(&b, 2000);
        buf_printf(&b, "<%s>", text);
        assert_int_equal(b.n, 1002);
        assert_int_equal(b.p[1001], '>');
        buf_printf(&b, "%s", text);
        assert_false(buf_ok(&b));
        buf_wipe(&b);
}

static void buf__writes_big_endian_and_a_cursor_reads_it(void **state)
{
        (void)state;
        struct buf b;
        buf_init(&b, 100);
        buf_put_u8(&b, 0xfe);
        buf_put_u16(&b, 0x1234);
        buf_put_u32(&b, 0xdeadbeef);
        buf_put_u64(&b, UINT64_C(0x0102030405060708));
        buf_put_hex(&b, "\x0a\xff", 2);
        struct cut c = { .rest = buf_slice(&b) };
        assert_int_equal(cut_u8(&c), 0xfe);
        assert_int_equal(cut_u16(&c), 0x1234);
        assert_int_equal(cut_u32(&c), 0xdeadbeef);
        assert_true(cut_u64(&c) == UINT64_C(0x0102030405060708));
        assert_slice(cut_bytes(&c, 4), "0aff");
        assert_false(c.bad);
        assert_int_equal(c.rest.n, 0);
        buf_clear(&b);
}

static void cut__past_the_end_is_sticky(void **state)
{
        (void)state;
        struct cut c = { .rest = SLICE("abc") };
        assert_int_equal(cut_u32(&c), 0);
        assert_true(c.bad);
        assert_int_equal(cut_u8(&c), 0);
        assert_null(cut_bytes(&c, 0).p);
}

static void buf__drops_its_beginning(void **state)
{
        (void)state;
        struct buf b;
        buf_init(&b, 10);
        buf_consume(&b, 0);
        buf_puts(&b, "abcdef");
        buf_consume(&b, 2);
        assert_slice(buf_slice(&b), "cdef");
        buf_consume(&b, 4);
        assert_slice(buf_slice(&b), "");
        buf_clear(&b);
}

static void arena__ends_at_its_ceiling(void **state)
{
        (void)state;
        struct arena *a = arena_new(10000);
        assert_non_null(arena_alloc(a, 0));
        assert_non_null(arena_alloc(a, 9999));
        assert_null(arena_alloc(a, 2));
        assert_non_null(arena_alloc(a, 1));
        assert_null(arena_array(a, SIZE_MAX / 2, 4));
        assert_null(arena_alloc(a, SIZE_MAX));
        assert_null(arena_copy(a, SLICE("x")).p);
        arena_reset(a);
        assert_int_equal(arena_used(a), 0);
        assert_non_null(arena_alloc(a, 10000));
        arena_free(a);
        arena_free(NULL);
}

static void arena__gives_zeroed_aligned_memory_again_and_again(void **state)
{
        (void)state;
        struct arena *a = arena_new(1 << 24);
        for (int round = 0; round < 3; round++) {
                for (size_t n = 1; n < 5000; n += 37) {
                        char *p = arena_alloc(a, n);
                        assert_int_equal((uintptr_t)p % 16, 0);
                        for (size_t i = 0; i < n; i++)
                                assert_int_equal(p[i], 0);
                        memset(p, 0xaa, n);
                }
                arena_reset(a);
        }
        assert_string_equal(arena_printf(a, "%d-%s", 7, "x"), "7-x");
        assert_slice(arena_copy(a, SLICE("")), "");
        arena_free(a);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(slice__absent_is_not_empty_but_equal_in_length),
                cmocka_unit_test(slice__compares_bytes_and_then_length),
                cmocka_unit_test(buf__keeps_what_it_had_when_it_is_full),
                cmocka_unit_test(buf__takes_texts_longer_than_its_scratch),
                cmocka_unit_test(buf__writes_big_endian_and_a_cursor_reads_it),
                cmocka_unit_test(cut__past_the_end_is_sticky),
                cmocka_unit_test(buf__drops_its_beginning),
                cmocka_unit_test(arena__ends_at_its_ceiling),
                cmocka_unit_test(arena__gives_zeroed_aligned_memory_again_and_again),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
