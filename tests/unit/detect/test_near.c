/* test_near.c - what is said of a stretch of text agrees with a search of it, block by block. */
#include "helpers.h"

#include "anchor.h"
#include "near.h"

static struct words *words;
static struct near *near;

static int open_near(void **state)
{
        (void)state;
        words = words_new();
        near = words ? near_new(words) : NULL;
        return near ? 0 : -1;
}

static int close_near(void **state)
{
        (void)state;
        near_free(near);
        words_free(words);
        return 0;
}

/* Whatever a search finds must have been announced; for other lists it may be. */
static void expect_announced(const char *text, size_t n)
{
        assert_true(near_begin(near, text, n));
        for (int list = 0; list < LISTS; list++)
                for (size_t from = 0; from < n; from += 1 + roll(40)) {
                        size_t to = from + roll(n - from + 1);
                        if (words_in(words, list, text, n, from, to) && !near_may(near, list, from, to))
                                fail_msg("list %d has a word in [%zu, %zu) of \"%.*s\"", list, from, to, (int)n, text);
                }
}

static const char *const pieces[] = { "ssn", "SSN ", "phone: ", "(dob) ", "geboren ", "born", "xborn", "生まれ", "手机", "電話", "contact ",
        "ph ", "m:", "t:", "né le ", "d.o.b. ", "उन ", "पर कॉल", "📞", " 1234", "rows", ",", "\n", "abcdefghijklmnopqrstuvwxyz", "-", "é", "iban", "tc", "T.C.", "ip" };

static void near__announces_every_word(void **state)
{
        (void)state;
        char text[512];
        for (int i = 0; i < 400; i++) {
                size_t n = 0;
                for (;;) {
                        const char *p = pieces[roll(sizeof pieces / sizeof *pieces)];
                        if (n + strlen(p) > sizeof text || roll(40) == 0)
                                break;
                        memcpy(text + n, p, strlen(p));
                        n += strlen(p);
                }
                char *tight = malloc(n ? n : 1); /* reading beyond it shows */
                memcpy(tight, text, n);
                expect_announced(tight, n);
                free(tight);
        }
}

static void near__is_silent_where_nothing_begins(void **state)
{
        (void)state;
        static const char text[] = "Zzyzx qqq jjq xxj wwz vvk";
        assert_true(near_begin(near, text, strlen(text)));
        assert_true(near_lists(near, 0, strlen(text)) == 0);
        assert_true(near_lists(near, 1000, 2000) == 0);
        assert_true(near_begin(near, "", 0));
        assert_true(near_lists(near, 0, 64) == 0);
}

static void anchors__are_met_in_order_over_blocks(void **state)
{
        (void)state;
        char text[300];
        for (int round = 0; round < 300; round++) {
                size_t n = roll(sizeof text), at = 0;
                for (size_t i = 0; i < n; i++)
                        text[i] = roll(20) ? 'a' : "0@:=-_+([{'\"\\%&IJKzx"[roll(20)];
                struct anchors a = { .p = text, .n = n, .base = SIZE_MAX };
                for (size_t i = 0; i < n; i++)
                        if (text[i] != 'a') {
                                assert_int_equal(at = anchor_next(&a, at), i);
                                at++;
                        }
                assert_int_equal(anchor_next(&a, at), n);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(near__announces_every_word),
                cmocka_unit_test(near__is_silent_where_nothing_begins),
                cmocka_unit_test(anchors__are_met_in_order_over_blocks),
        };
        return cmocka_run_group_tests(tests, open_near, close_near);
}
