/* test_vocabulary.c - word lists in any script. */
#include "desk.h"

static bool met(const char *list, const char *text)
{
        static char scratch[4096];
        int line;
        struct vocabulary *v = vocabulary_new(desk.arena, slice_of(list), &line);
        assert_non_null(v);
        return vocabulary_in(v, slice_of(text), scratch);
}

static void words__are_met_whole_where_a_script_has_blanks(void **state)
{
        (void)state;
        assert_true(met("cancer\n", "My CANCER, again"));
        assert_true(met("cancer\n", "cancer"));
        assert_false(met("cancer\n", "precancerous cancers"));
        assert_false(met("cancer\n", "cancer2"));
        assert_false(met("cancer\n", "cancer_type"));
        assert_true(met("cancer\n", "(cancer)"));
        assert_true(met("cancer\n", "我的cancer病")); /* Han letters do not glue */
        assert_true(met("sick leave\n", "on sick\nleave"));
        assert_true(met("रक्तचाप\n", "उच्च रक्तचाप है"));
}

static void a_star__lets_any_ending_follow(void **state)
{
        (void)state;
        assert_true(met("diabet*\n", "a Diabetic user"));
        assert_false(met("diabet*\n", "prediabetic"));
}

static void case__is_folded_beyond_ascii(void **state)
{
        (void)state;
        assert_true(met("leukämie\n", "LEUKÄMIE"));
        assert_true(met("ÜBEL\n", "übel"));
        assert_true(met("онколог*\n", "ОНКОЛОГИЯ"));
        assert_true(met("καρκίνος\n", "Καρκίνος"));
        assert_false(met("übel\n", "kübel"));
}

static void han_kana_thai__are_met_anywhere_and_hangul_at_its_beginning(void **state)
{
        (void)state;
        assert_true(met("糖尿病\n", "我得了糖尿病吗"));
        assert_true(met("うつ病\n", "彼はうつ病です"));
        assert_true(met("มะเร็ง\n", "เป็นมะเร็งค่ะ"));
        assert_true(met("우울증\n", "우울증이 있어요"));
        assert_false(met("우울증\n", "비우울증"));
}

static void lists__have_comments_blank_lines_and_a_bom(void **state)
{
        (void)state;
        assert_true(met("\xEF\xBB\xBF# heading\r\n\r\ncancer # a word\r\n", "cancer"));
        int line;
        assert_null(vocabulary_new(desk.arena, SLICE("fine\nx\n"), &line)); /* one letter is no word */
        assert_int_equal(line, 2);
        assert_null(vocabulary_new(desk.arena, SLICE("fi\xff\n"), &line));
        assert_int_equal(line, 1);
}

static void a_word_at_the_edge__is_not_read_beyond_it(void **state)
{
        (void)state;
        char scratch[8];
        int line;
        struct vocabulary *v = vocabulary_new(desk.arena, SLICE("cancers\n"), &line);
        assert_false(vocabulary_in(v, SLICE("cancer"), scratch));
        assert_false(vocabulary_in(v, SLICE("c"), scratch));
        assert_false(vocabulary_in(v, SLICE_NONE, scratch));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, desk_open, desk_close)
                T(words__are_met_whole_where_a_script_has_blanks),
                T(a_star__lets_any_ending_follow),
                T(case__is_folded_beyond_ascii),
                T(han_kana_thai__are_met_anywhere_and_hangul_at_its_beginning),
                T(lists__have_comments_blank_lines_and_a_bom),
                T(a_word_at_the_edge__is_not_read_beyond_it),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
