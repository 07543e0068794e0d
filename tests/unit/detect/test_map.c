/* test_map.c - bits of classes agree with a look at each byte; so do the two ways to make them. */
#include "helpers.h"

#include "look.h"
#include "map.h"

/* The same file once more, without instructions of one machine. */
#define MAP_PORTABLE
#define map_init portable_init
#define map_clear portable_clear
#define map_read portable_read
void portable_init(struct map *m);
void portable_clear(struct map *m);
bool portable_read(struct map *m, const char *p, size_t n);
#include "map.c"
#undef map_init
#undef map_clear
#undef map_read

enum { TEXT = 300, ROUNDS = 3000 };

static const char *const pieces[] = { " dot ", " AT ", " arroba", " sna", " klammer", "アット", "골뱅이", "собака", "ऐट", "é", "a", "Z",
        "0", "19", "2026", " ", "@", ":", "=", "-", "_", "+", "(", "[", "{", "'", "\"", "\\", "%", "&", "I", "J", "K", "z", "x",
        "^", "`", "/", ".", "\n", "~", "|", "}", "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz", "\x01", "\x7F", "\xFF", "\x80", "\xC0" };

static size_t compose(char text[TEXT])
{
        size_t n = 0, max = roll(TEXT + 1);
        for (;;) {
                const char *p = pieces[roll(sizeof pieces / sizeof *pieces)];
                if (n + strlen(p) > max)
                        return n;
                memcpy(text + n, p, strlen(p));
                n += strlen(p);
        }
}

static bool is_anchor(const char *p, size_t i)
{
        return is_digit(p[i]) ? i == 0 || !is_digit(p[i - 1]) : strchr("@:=-_+([{'\"\\%&IJKzx", p[i]) != NULL;
}

static void expect_runs(const struct map *m, const char *p, size_t n, size_t i)
{
        size_t digits = i, alnum = i, back = i;
        while (digits < n && is_digit(p[digits]))
                digits++;
        while (alnum < n && is_alnum(p[alnum]))
                alnum++;
        while (back > 0 && is_alnum(p[back - 1]))
                back--;
        assert_int_equal(map_digits(m, i), digits);
        assert_int_equal(map_alnum(m, i), alnum);
        assert_int_equal(map_alnum_back(m, i), back);
}

static void map__says_what_each_byte_is(void **state)
{
        (void)state;
        struct map m, portable;
        char text[TEXT];
        map_init(&m);
        portable_init(&portable);
        for (int round = 0; round < ROUNDS; round++) {
                size_t n = compose(text), next = 0;
                char *tight = malloc(n ? n : 1); /* reading beyond it shows */
                memcpy(tight, text, n);
                assert_true(map_read(&m, tight, n) && portable_read(&portable, tight, n));
                assert_memory_equal(m.blocks, portable.blocks, (n / MAP_BLOCK + 1) * sizeof *m.blocks);
                assert_int_equal(m.wide, portable.wide);
                for (size_t i = 0; i <= n; i++)
                        expect_runs(&m, tight, n, i);
                for (size_t i = 0; i < n; i++)
                        if (is_anchor(tight, i)) {
                                assert_int_equal(next = map_anchor(&m, next), i);
                                next++;
                        }
                assert_int_equal(map_anchor(&m, next), n);
                free(tight);
        }
        map_clear(&m);
        portable_clear(&portable);
}

static void map__knows_how_wide_characters_are(void **state)
{
        (void)state;
        static const char *const texts[] = { "", "abc", "é", "мир", "日本", "abc 😀", "é日", "日é" };
        static const unsigned want[] = { 1, 1, 2, 2, 3, 4, 3, 3 };
        struct map m;
        map_init(&m);
        for (size_t i = 0; i < sizeof want / sizeof *want; i++) {
                assert_true(map_read(&m, texts[i], strlen(texts[i])));
                assert_int_equal(m.wide, want[i]);
        }
        map_clear(&m);
}

static void map__knows_where_spoken_signs_may_begin(void **state)
{
        (void)state;
        static const char text[] = "joe at example dot com, ana ARROBA example, li 골뱅이 naver; a do";
        struct map m;
        map_init(&m);
        assert_true(map_read(&m, text, sizeof text - 1));
        size_t at = 0;
        const char *const want[] = { " at", " dot", " ARROBA", "골뱅이", " do" };
        for (size_t i = 0; i < sizeof want / sizeof *want; i++) {
                at = map_spoken(&m, at);
                assert_true(strncmp(text + at, want[i], strlen(want[i])) == 0);
                at++;
        }
        assert_int_equal(map_spoken(&m, at), sizeof text - 1);
        map_clear(&m);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(map__says_what_each_byte_is),
                cmocka_unit_test(map__knows_how_wide_characters_are),
                cmocka_unit_test(map__knows_where_spoken_signs_may_begin),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
