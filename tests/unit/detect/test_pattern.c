/* test_pattern.c - officers' patterns: what compiles, what is refused and why, what is found where. */
#include "helpers.h"

static struct patterns *made;

static void seek_for(const char *const *match, size_t n)
{
        struct err err = ERR_INIT;
        size_t bad;
        struct patterns *p;
        if (!patterns_new(&p, match, n, &bad, &err))
                fail_msg("%s", err.text);
        assert_true(scanner_seek(scanner, p, ~UINT64_C(0)));
        patterns_free(made);
        made = p;
}

static int stop_seeking(void **state)
{
        (void)state;
        scanner_seek(scanner, NULL, 0);
        patterns_free(made);
        made = NULL;
        return 0;
}

/* The findings of `text` as "0=value|email=value". */
static const char *found_with(const char *text)
{
        static char out[4096];
        const struct finding *f;
        size_t n, used = 0;
        struct err err = ERR_INIT;
        out[0] = 0;
        if (!scan(scanner, slice_of(text), &f, &n, &err))
                return "failed";
        for (size_t i = 0; i < n && used < sizeof out; i++) {
                char name[32];
                snprintf(name, sizeof name, "%d", f[i].id - DETECT_MAX);
                used += (size_t)snprintf(out + used, sizeof out - used, "%s%s=%.*s", i ? "|" : "",
                                         f[i].id < DETECT_MAX ? detect_name(f[i].id) : name,
                                         (int)(f[i].end - f[i].start), text + f[i].start);
        }
        return out;
}

#define seeks(match, text, expected)                                                                        \
        do {                                                                                                \
                seek_for((const char *const[]){ match }, 1);                                                \
                assert_string_equal(found_with(text), expected);                                            \
        } while (0)

static void pattern__is_found_with_its_whole_length(void **state)
{
        (void)state;
        seeks("EMP-[0-9]{6}", "ask EMP-004711 or EMP-004712.", "0=EMP-004711|0=EMP-004712");
        seeks("EMP-[0-9]+", "ask EMP-004711, not EMP-x", "0=EMP-004711");
        seeks("\\bK\\d{3,8}\\b", "K1234567 and AK123 and K12", "0=K1234567");
        seeks("(?i)badge \\w+", "his BADGE x9_1 is lost", "0=BADGE x9_1");
        seeks("社員[0-9]{4}", "彼は社員1234です", "0=社員1234");
        seeks("\\p{Han}{2}号", "住在张三号。", "0=张三号");
        seeks("^Ref", "Ref 1, Ref 2", "0=Ref");
}

static void pattern__is_found_as_the_reader_reads_it(void **state)
{
        (void)state;
        seeks("EMP-[0-9]{6}", "ＥＭＰ－００４７１１。", "0=ＥＭＰ－００４７１１");
        seeks("EMP-[0-9]{6}", "EMP\u2011004\u200B711!", "0=EMP\u2011004\u200B711");
        seeks("EMP-[0-9]{6}", "EMP-٠٠٤٧١١ e", "0=EMP-٠٠٤٧١١");
        seeks("EMP-[0-9]{6}", "x=EMP%2D004711&y", "0=EMP%2D004711");
}

static void pattern__never_cuts_a_character(void **state)
{
        (void)state;
        seeks("n.t", "été n\u00E9t n日t", "0=n\u00E9t|0=n日t");
        seeks("[^ ]", "日 é", "0=日|0=é");
}

static void patterns__overlap_as_all_findings_do(void **state)
{
        (void)state;
        seek_for((const char *const[]){ "ab+c", "bc+d", "[a-z]+@corp" }, 3);
        assert_string_equal(found_with("xabbccd"), "0=abbccd");
        assert_string_equal(found_with("joe@corp.example"), "email=joe@corp.example");
        assert_string_equal(found_with("joe@corp now"), "2=joe@corp");
        seeks("aa", "aaaaa b aa", "0=aaaaa|0=aa");
        seeks(".*foo", "1 foo 2 foo 3", "0=1 foo 2 foo");
}

static void pattern__is_found_only_when_it_is_wanted(void **state)
{
        (void)state;
        seek_for((const char *const[]){ "ab+", "[a-z]+" }, 2);
        assert_true(scanner_seek(scanner, made, 1));
        assert_string_equal(found_with("xabb y"), "0=abb");
        assert_true(scanner_seek(scanner, made, 0));
        assert_string_equal(found_with("xabb y"), "");
        assert_true(scanner_seek(scanner, NULL, ~UINT64_C(0)));
        assert_string_equal(found_with("xabb y"), "");
}

static void refuses(const char *match, const char *why)
{
        struct err err = ERR_INIT;
        struct patterns *p;
        size_t bad = 9;
        assert_false(patterns_new(&p, &match, 1, &bad, &err));
        assert_null(p);
        assert_int_equal(bad, 0);
        assert_int_equal(err.kind, ERR_CONFIG);
        if (!strstr(err.text, why) || !err.hint[0])
                fail_msg("%s: %s", match, err.text);
}

static void pattern__that_could_run_away_is_refused_with_the_reason(void **state)
{
        (void)state;
        refuses("(a)\\1", "Back-references are unsupported");
        refuses("(?<=x)y", "Zero-width assertions are not supported");
        refuses("a*", "matches empty");
        refuses("", "matches empty");
        refuses("(a", "parenthesis");
        refuses(".{1,5000}b", "too large");
        refuses("(a{1,100}){1,100}", "too large");
        refuses("((\\p{L}{1,9}){9})(?#c){99}", "too large");
        refuses("(?ix)(\\p{L}{1,9}) # c\n{99}", "free spacing");
        refuses("\\p{L}{1,40}", "too large");
        refuses("((((((((((((((((((((((((((((((((((a))))))))))))))))))))))))))))))))))", "too large");
        refuses("\xC3", "not UTF-8");
        char long_one[PATTERN_BYTES_MAX + 2];
        memset(long_one, 'a', sizeof long_one - 1);
        long_one[sizeof long_one - 1] = 0;
        refuses(long_one, "longer than 512 bytes");
}

static void patterns__name_the_one_that_is_wrong(void **state)
{
        (void)state;
        const char *const match[] = { "a", "b", "(c" };
        const char *many[PATTERNS_MAX + 1];
        struct err err = ERR_INIT;
        struct patterns *p;
        size_t bad;
        assert_false(patterns_new(&p, match, 3, &bad, &err));
        assert_int_equal(bad, 2);
        for (size_t i = 0; i <= PATTERNS_MAX; i++)
                many[i] = "a";
        assert_true(patterns_new(&p, many, PATTERNS_MAX, &bad, &err));
        assert_int_equal(patterns_count(p), PATTERNS_MAX);
        patterns_free(p);
        assert_false(patterns_new(&p, many, PATTERNS_MAX + 1, &bad, &err));
        assert_true(patterns_new(&p, NULL, 0, &bad, &err));
        patterns_free(p);
}

static void text__of_nothing_but_matches_is_not_decided_on(void **state)
{
        (void)state;
        enum { N = 1 << 20 };
        char *text = malloc(N);
        const struct finding *f;
        size_t n;
        struct err err = ERR_INIT;
        seek_for((const char *const[]){ "[a-z] ?", "[a-f ]+", "a+" }, 3);
        memset(text, 'a', N);
        assert_false(scan(scanner, slice_make(text, N), &f, &n, &err));
        assert_int_equal(err.kind, ERR_FULL);
        assert_string_equal(found_with("ab"), "1=ab");
        free(text);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_teardown(pattern__is_found_with_its_whole_length, stop_seeking),
                cmocka_unit_test_teardown(pattern__is_found_as_the_reader_reads_it, stop_seeking),
                cmocka_unit_test_teardown(pattern__never_cuts_a_character, stop_seeking),
                cmocka_unit_test_teardown(patterns__overlap_as_all_findings_do, stop_seeking),
                cmocka_unit_test_teardown(pattern__is_found_only_when_it_is_wanted, stop_seeking),
                cmocka_unit_test_teardown(pattern__that_could_run_away_is_refused_with_the_reason, stop_seeking),
                cmocka_unit_test_teardown(patterns__name_the_one_that_is_wrong, stop_seeking),
                cmocka_unit_test_teardown(text__of_nothing_but_matches_is_not_decided_on, stop_seeking),
        };
        return cmocka_run_group_tests(tests, open_scanner, close_scanner);
}
