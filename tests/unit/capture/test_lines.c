/* Lines out of a stream, whatever its pieces. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "lines.h"

static char heard[4096];

static void hear(void *ctx, struct slice text, int64_t line, bool too_long)
{
        (void)ctx;
        size_t n = strlen(heard);
        if (too_long)
                snprintf(heard + n, sizeof heard - n, "%lld!|", (long long)line);
        else
                snprintf(heard + n, sizeof heard - n, "%lld:%.*s|", (long long)line, SLICE_ARG(text));
}

static const char *cut(const char *text, size_t piece, size_t max, bool whole)
{
        struct lines l;
        lines_init(&l, max, whole);
        heard[0] = 0;
        for (size_t at = 0, n = strlen(text); at < n; at += piece)
                lines_put(&l, slice_make(text + at, n - at < piece ? n - at : piece), hear, NULL);
        lines_finish(&l, hear, NULL);
        lines_clear(&l);
        return heard;
}

static void lines__are_the_same_whatever_the_pieces(void **state)
{
        (void)state;
        static const char text[] = "\xef\xbb\xbf" "a\r\n\n  \nbb \nccc";
        for (size_t piece = 1; piece < sizeof text; piece++)
                assert_string_equal(cut(text, piece, 10, false), "1:a|4:bb|5:ccc|");
}

static void lines__beyond_the_ceiling_are_named_and_the_next_are_read(void **state)
{
        (void)state;
        static const char text[] = "0123456789\r\n0123456789a\n0123456789abc\nb\n0123456789abc";
        for (size_t piece = 1; piece < sizeof text; piece++)
                assert_string_equal(cut(text, piece, 10, false), "1:0123456789|2!|3!|4:b|5!|");
}

static void a_document__is_one_line(void **state)
{
        (void)state;
        for (size_t piece = 1; piece < 12; piece++)
                assert_string_equal(cut("{\n \"a\": 1\n}\n", piece, 20, true), "1:{\n \"a\": 1\n}|");
        assert_string_equal(cut("{\n \"a\": 1\n}\n", 3, 5, true), "1!|");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(lines__are_the_same_whatever_the_pieces),
                cmocka_unit_test(lines__beyond_the_ceiling_are_named_and_the_next_are_read),
                cmocka_unit_test(a_document__is_one_line),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
