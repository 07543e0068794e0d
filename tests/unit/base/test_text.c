/* Text to value and back. */
#include "unit.h"

static void utf8__accepts_what_rfc_3629_allows(void **state)
{
        (void)state;
        static const char *const good[] = { "", "plain", "caf\xc3\xa9", "\xe6\xbc\xa2\xe5\xad\x97",
                                            "\xf0\x9f\x8c\x8a", "\xef\xbf\xbf", "\xf4\x8f\xbf\xbf",
                                            "\xed\x9f\xbf", "\xee\x80\x80", "\xe0\xa0\x80", "\xf0\x90\x80\x80",
                                            "0123456789abcde\xc3\xa9 0123456789abcdef" };
        for (size_t i = 0; i < sizeof good / sizeof *good; i++)
                assert_true(utf8_valid(slice_of(good[i]), NULL));
        assert_true(utf8_valid(slice_make("a\0b", 3), NULL));
}

static void utf8__refuses_overlong_forms_surrogates_and_what_lies_beyond(void **state)
{
        (void)state;
        static const struct {
                const char *text;
                size_t at;
        } bad[] = { { "\xc0\x80", 0 }, { "ab\xc1\xbf", 2 }, { "\xe0\x9f\xbf", 0 },
                    { "\xed\xa0\x80", 0 }, { "\xed\xbf\xbf", 0 }, { "\xf0\x8f\xbf\xbf", 0 },
                    { "\xf4\x90\x80\x80", 0 }, { "\xf5\x80\x80\x80", 0 }, { "\xff", 0 },
                    { "\x80", 0 }, { "x\xc3", 1 }, { "\xe6\xbc", 0 }, { "\xf0\x9f\x8c", 0 },
                    { "\xc3\xc3\xa9", 0 }, { "\xe6\xbcx", 0 }, { "01234567\x89", 8 },
                    { "012345678\xc3\xa9\xe6\xbc\x22", 11 } };
        for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
                size_t at = 99;
                assert_false(utf8_valid(slice_of(bad[i].text), &at));
                assert_int_equal(at, bad[i].at);
        }
}

static void utf8__is_cut_between_characters(void **state)
{
        (void)state;
        struct slice s = SLICE("a\xc3\xa9\xf0\x9f\x8c\x8a");
        assert_int_equal(utf8_cut(s, 7), 7);
        assert_int_equal(utf8_cut(s, 100), 7);
        for (size_t max = 3; max < 7; max++)
                assert_int_equal(utf8_cut(s, max), 3);
        assert_int_equal(utf8_cut(s, 2), 1);
        assert_int_equal(utf8_cut(s, 0), 0);
}

static void utf8__is_read_character_by_character(void **state)
{
        (void)state;
        struct slice s = SLICE("a\xc3\xa9\xe6\xbc\xa2\xf0\x9f\x8c\x8a");
        size_t at = 0;
        assert_int_equal(utf8_next(s, &at), 'a');
        assert_int_equal(utf8_next(s, &at), 0xe9);
        assert_int_equal(utf8_next(s, &at), 0x6f22);
        assert_int_equal(utf8_next(s, &at), 0x1f30a);
        assert_int_equal(at, s.n);
}

static void numbers__are_whole_texts_in_range(void **state)
{
        (void)state;
        int64_t i;
        uint64_t u;
        assert_true(text_int(&i, SLICE("-9223372036854775808"), INT64_MIN, INT64_MAX));
        assert_true(i == INT64_MIN);
        assert_true(text_int(&i, SLICE("9223372036854775807"), INT64_MIN, INT64_MAX));
        assert_true(i == INT64_MAX);
        assert_true(text_int(&i, SLICE("+7"), 0, 7) && i == 7);
        assert_true(text_uint(&u, SLICE("18446744073709551615"), UINT64_MAX) && u == UINT64_MAX);
        static const char *const bad[] = { "", "-", "+", "--1", "1 ", " 1", "0x10", "1e3", "1.0",
                                           "9223372036854775808", "-9223372036854775809",
                                           "99999999999999999999999" };
        for (size_t k = 0; k < sizeof bad / sizeof *bad; k++)
                assert_false(text_int(&i, slice_of(bad[k]), INT64_MIN, INT64_MAX));
        assert_false(text_int(&i, SLICE("8"), 0, 7));
        assert_false(text_int(&i, SLICE("-1"), 0, 7));
        assert_false(text_uint(&u, SLICE("-1"), UINT64_MAX));
        assert_false(text_uint(&u, SLICE("18446744073709551616"), UINT64_MAX));
        assert_false(text_int(&i, slice_make("1\0", 2), 0, 7));
}

static void numbers__with_a_point_are_decimal_only(void **state)
{
        (void)state;
        double d;
        assert_true(text_double(&d, SLICE("35.6762")) && d > 35.67 && d < 35.68);
        assert_true(text_double(&d, SLICE("-1e3")) && d < -999);
        static const char *const bad[] = { "", "inf", "nan", "0x1p3", "1,5", "1.5 ", "1e999", ".", "e5" };
        for (size_t k = 0; k < sizeof bad / sizeof *bad; k++)
                assert_false(text_double(&d, slice_of(bad[k])));
}

static void truth__is_said_in_few_words(void **state)
{
        (void)state;
        bool b = false;
        assert_true(text_bool(&b, SLICE("Yes")) && b);
        assert_true(text_bool(&b, SLICE("off")) && !b);
        assert_false(text_bool(&b, SLICE("maybe")));
        assert_false(text_bool(&b, SLICE("")));
}

static void sizes__have_units(void **state)
{
        (void)state;
        struct err err = ERR_INIT;
        uint64_t v;
        assert_true(text_size(&v, SLICE("10 GiB"), &err) && v == UINT64_C(10) << 30);
        assert_true(text_size(&v, SLICE("64KiB"), &err) && v == 65536);
        assert_true(text_size(&v, SLICE(" 1 GB "), &err) && v == 1000000000);
        assert_true(text_size(&v, SLICE("1048576"), &err) && v == 1048576);
        assert_true(text_size(&v, SLICE("0"), &err) && v == 0);
        static const char *const bad[] = { "", "GiB", "-1 KiB", "1.5 GiB", "1 GiBs", "1 G iB",
                                           "99999999999 TiB", "18446744073709551616" };
        for (size_t k = 0; k < sizeof bad / sizeof *bad; k++) {
                assert_false(text_size(&v, slice_of(bad[k]), &err));
                assert_int_equal(err.kind, ERR_CONFIG);
                assert_non_null(strstr(err.hint, "GiB"));
        }
}

static void sizes__are_printed_for_people(void **state)
{
        (void)state;
        char out[32];
        assert_string_equal(text_size_format(out, 0), "0 bytes");
        assert_string_equal(text_size_format(out, 1000), "1000 bytes");
        assert_string_equal(text_size_format(out, UINT64_C(10) << 30), "10 GiB");
        assert_string_equal(text_size_format(out, 123456789), "117.7 MiB");
}

static void base64__is_read_strictly_in_both_alphabets(void **state)
{
        (void)state;
        static const struct {
                const char *text, *bytes;
        } good[] = { { "", "" }, { "Zg==", "f" }, { "Zm8=", "fo" }, { "Zm9v", "foo" }, { "Zm9vYg", "foob" },
                     { "Zm9vYmE", "fooba" }, { "Zm9vYmFy", "foobar" }, { "+/+/", "\xfb\xff\xbf" },
                     { "-_-_", "\xfb\xff\xbf" } };
        static const char *const bad[] = { "Z", "Zg=", "Zh==", "Zm9=", "=", "====", "Zg==Zg==", "Zm 9v", "Zm9v=", "Zm9vYmFyYg" };
        char out[6];
        size_t n;
        for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
                assert_true(base64_decode(out, sizeof out, &n, slice_of(good[i].text)));
                assert_true(slice_is(slice_make(out, n), good[i].bytes));
        }
        for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
                assert_false(base64_decode(out, sizeof out, &n, slice_of(bad[i])));
}

static void hex__goes_both_ways(void **state)
{
        (void)state;
        uint8_t b[3];
        char t[7];
        assert_true(hex_decode(b, 3, SLICE("00fFa5")));
        hex_encode(t, b, 3);
        assert_string_equal(t, "00ffa5");
        assert_false(hex_decode(b, 3, SLICE("00ff")));
        assert_false(hex_decode(b, 3, SLICE("00ffa")));
        assert_false(hex_decode(b, 3, SLICE("00fga5")));
}

static void uuid__goes_both_ways(void **state)
{
        (void)state;
        uint8_t b[16], again[16];
        char t[37];
        for (size_t i = 0; i < 16; i++)
                b[i] = (uint8_t)(i * 17);
        uuid_format(t, b);
        assert_string_equal(t, "00112233-4455-6677-8899-aabbccddeeff");
        assert_true(uuid_parse(again, slice_of(t)));
        assert_memory_equal(b, again, 16);
        assert_false(uuid_parse(again, SLICE("00112233445566778899aabbccddeeff")));
        assert_false(uuid_parse(again, SLICE("0011223-34455-6677-8899-aabbccddeeff")));
        assert_false(uuid_parse(again, SLICE("00112233-4455-6677-8899-aabbccddeefg")));
}

static void nearest__suggests_only_what_is_near(void **state)
{
        (void)state;
        static const char *const names[] = { "retention", "region", "latitude", "to" };
        assert_string_equal(text_nearest("retension", names, 4), "retention");
        assert_string_equal(text_nearest("Region", names, 4), "region");
        assert_string_equal(text_nearest("reigon", names, 4), "region");
        assert_string_equal(text_nearest("t", names, 4), "to");
        assert_null(text_nearest("warehouse", names, 4));
        assert_null(text_nearest("", names, 4));
        assert_null(text_nearest("x", names, 0));
        char endless[500];
        memset(endless, 'r', sizeof endless - 1);
        endless[sizeof endless - 1] = 0;
        assert_null(text_nearest(endless, names, 4));
}

static void names__are_short_and_plain(void **state)
{
        (void)state;
        assert_true(text_is_name(SLICE("jp-tokyo")));
        assert_true(text_is_name(SLICE("0")));
        static const char *const bad[] = { "", "JP", "a_b", "a.b", "a/b", "a b", "\xc3\xa9",
                                           "abcdefghijabcdefghijabcdefghijabc" };
        for (size_t k = 0; k < sizeof bad / sizeof *bad; k++)
                assert_false(text_is_name(slice_of(bad[k])));
}

static void lower__leaves_what_is_not_ascii(void **state)
{
        (void)state;
        struct arena *a = arena_new(100);
        assert_slice(text_lower(a, SLICE("A\xc3\x89Z@[")), "a\xc3\x89z@[");
        assert_null(text_lower(a, SLICE_NONE).p);
        assert_non_null(text_lower(a, SLICE("")).p);
        arena_free(a);
}

static void glob__matches_whole_names(void **state)
{
        (void)state;
        assert_true(text_glob("*.csv", "a.csv"));
        assert_true(text_glob("*.csv", "a.csv.csv"));
        assert_true(text_glob("*", ""));
        assert_true(text_glob("a?c*", "abc"));
        assert_true(text_glob("**a**b", "xxayyab"));
        assert_false(text_glob("*.csv", "a.csv.gz"));
        assert_false(text_glob("", "a"));
        assert_false(text_glob("a?c", "ac"));
        char many[3000], name[3000]; /* no exponential time */
        memset(name, 'a', sizeof name - 1);
        name[sizeof name - 1] = 0;
        for (size_t i = 0; i + 2 < sizeof many; i += 2)
                memcpy(many + i, "*a", 3);
        strcpy(many + 200, "b");
        assert_false(text_glob(many, name));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(utf8__accepts_what_rfc_3629_allows),
                cmocka_unit_test(utf8__refuses_overlong_forms_surrogates_and_what_lies_beyond),
                cmocka_unit_test(utf8__is_cut_between_characters),
                cmocka_unit_test(utf8__is_read_character_by_character),
                cmocka_unit_test(numbers__are_whole_texts_in_range),
                cmocka_unit_test(numbers__with_a_point_are_decimal_only),
                cmocka_unit_test(truth__is_said_in_few_words),
                cmocka_unit_test(sizes__have_units),
                cmocka_unit_test(sizes__are_printed_for_people),
                cmocka_unit_test(base64__is_read_strictly_in_both_alphabets),
                cmocka_unit_test(hex__goes_both_ways),
                cmocka_unit_test(uuid__goes_both_ways),
                cmocka_unit_test(nearest__suggests_only_what_is_near),
                cmocka_unit_test(names__are_short_and_plain),
                cmocka_unit_test(lower__leaves_what_is_not_ascii),
                cmocka_unit_test(glob__matches_whole_names),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
