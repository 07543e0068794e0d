/* test_normal.c - the normal form and its way back. */
#include "helpers.h"
#include "normal.h"

static struct normaliser *z;

static int setup(void **state)
{
        (void)state;
        z = normaliser_new(1 << 16);
        return z ? 0 : -1;
}

static int teardown(void **state)
{
        (void)state;
        normaliser_free(z);
        return 0;
}

static void becomes(const char *text, bool decode, const char *expected)
{
        struct normal v;
        assert_true(normalise(z, slice_of(text), decode, &v));
        assert_int_equal(v.n, strlen(expected));
        assert_memory_equal(v.p, expected, v.n);
}

static void normal__does_not_copy_ascii(void **state)
{
        (void)state;
        const char *text = "plain text, 100 % of it";
        struct normal v;
        assert_true(normalise(z, slice_of(text), false, &v));
        assert_ptr_equal(v.p, text);
        assert_null(v.at);
}

static void normal__folds_full_width_and_styled_letters(void **state)
{
        (void)state;
        becomes("ｊｏｅ＠ｅｘａｍｐｌｅ．ｃｏｍ", false, "joe@example.com");
        becomes("𝟏𝟐𝟑 ①", false, "123 1");
        becomes("１２３　４５６", false, "123 456");
}

static void normal__folds_digits_of_other_scripts(void **state)
{
        (void)state;
        becomes("๐๑๒๓๔๕๖๗๘๙", false, "0123456789");
        becomes("०१२३४५६७८९", false, "0123456789");
        becomes("٠١٢٣٤٥٦٧٨٩", false, "0123456789");
        becomes("۰۱۲۳۴۵۶۷۸۹", false, "0123456789");
        becomes("০১২৩৪৫৬৭৮৯", false, "0123456789");
}

static void normal__drops_what_cannot_be_seen(void **state)
{
        (void)state;
        becomes("a\u200Bb\u200Dc\u2060d\uFEFFe\u00ADf\u202Eg", false, "abcdefg");
}

static void normal__folds_blanks_and_dashes(void **state)
{
        (void)state;
        becomes("1\u00A02\u202F3\u20094", false, "1 2 3 4");
        becomes("1\u20102\u20113\u20134\u22125", false, "1-2-3-4-5");
        becomes("０９０ー１２３４", false, "090-1234");
}

static void normal__keeps_other_text_and_raised_digits(void **state)
{
        (void)state;
        becomes("手机 ñ 한국 10² ไทย", false, "手机 ñ 한국 10² ไทย");
        becomes("データ", false, "データ");
}

static void normal__undoes_one_level_of_escapes(void **state)
{
        (void)state;
        becomes("joe%40example.com", true, "joe@example.com");
        becomes("joe&#64;example&#x2e;com &commat; &amp;#64;", true, "joe@example.com @ &#64;");
        becomes("joe=40example=\n.com", true, "joe@example.com");
        becomes("joe\\u0040example.com \\/", true, "joe@example.com /");
        becomes("100% %zz &none; = \\n %0a &#10; %", true, "100% %zz &none; = \\n %0a &#10; %");
}

static void normal__leads_back_to_the_original_bytes(void **state)
{
        (void)state;
        struct slice text = SLICE("é＠\u200B%40x");
        struct normal v;
        assert_true(normalise(z, text, true, &v));
        assert_int_equal(v.n, 5); /* é is two bytes, then @ @ x */
        size_t start = 2, end = 4;
        normal_span(&v, text, &start, &end);
        assert_int_equal(start, 2);
        assert_int_equal(end, 2 + 3 + 3 + 3);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(normal__does_not_copy_ascii),
                cmocka_unit_test(normal__folds_full_width_and_styled_letters),
                cmocka_unit_test(normal__folds_digits_of_other_scripts),
                cmocka_unit_test(normal__drops_what_cannot_be_seen),
                cmocka_unit_test(normal__folds_blanks_and_dashes),
                cmocka_unit_test(normal__keeps_other_text_and_raised_digits),
                cmocka_unit_test(normal__undoes_one_level_of_escapes),
                cmocka_unit_test(normal__leads_back_to_the_original_bytes),
        };
        return cmocka_run_group_tests(tests, setup, teardown);
}
