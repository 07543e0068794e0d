/* test_near.c - what is said of a stretch of text agrees with a search of it, block by block. */
#include "helpers.h"

#include "map.h"
#include "near.h"

static const struct words *words;
static struct near *near;
static struct map map;

static int open_near(void **state)
{
        (void)state;
        map_init(&map);
        words = words_all();
        near = words ? near_new(words) : NULL;
        return near ? 0 : -1;
}

static int close_near(void **state)
{
        (void)state;
        near_free(near);
        map_clear(&map);
        return 0;
}

static bool begin(const char *text, size_t n)
{
        return map_read(&map, text, n) && near_begin(near, &map);
}

/* Byte by byte. *last: the last of those found. */
static bool search(const char *text, size_t n, int list, size_t from, size_t to, struct word_span *last)
{
        bool found = false;
        for (size_t i = from; i < to; i++) {
                size_t end = words_at(words, list, text, n, i, to);
                if (end > i)
                        *last = (struct word_span){ i, end };
                found |= end > i;
        }
        return found;
}

/* Whatever a search finds must have been announced; for other lists it may be. */
static void expect_announced(const char *text, size_t n)
{
        assert_true(begin(text, n));
        for (int list = 0; list < LISTS; list++)
                for (size_t from = 0; from < n; from += 1 + roll(40)) {
                        size_t to = from + roll(n - from + 1);
                        struct word_span last = { 0, 0 }, said = { 0, 0 };
                        bool has = search(text, n, list, from, to, &last);
                        bool agreed = near_has(near, list, from, to) == has && near_last(near, list, from, to, &said) == has &&
                                      said.start == last.start && said.end == last.end;
                        if (!agreed || (has && !near_may(near, list, from, to)))
                                fail_msg("list %d: [%zu, %zu) of \"%.*s\"", list, from, to, (int)n, text);
                }
}

static const char *const pieces[] = { "ssn", "SSN ", "phone: ", "(dob) ", "geboren ", "born", "xborn", "生まれ", "手机", "電話", "contact ",
        "ph ", "m:", "t:", "né le ", "d.o.b. ", "उन ", "पर कॉल", "📞", " 1234", "rows", ",", "\n", "abcdefghijklmnopqrstuvwxyz", "-", "é", "iban", "tc", "T.C.", "ip" };

static void near__finds_what_a_search_does(void **state)
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
        assert_true(begin(text, strlen(text)));
        assert_true(near_lists(near, 0, strlen(text)) == 0);
        assert_true(near_lists(near, 1000, 2000) == 0);
        assert_true(begin("", 0));
        assert_true(near_lists(near, 0, 64) == 0);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(near__finds_what_a_search_does),
                cmocka_unit_test(near__is_silent_where_nothing_begins),
        };
        return cmocka_run_group_tests(tests, open_near, close_near);
}
