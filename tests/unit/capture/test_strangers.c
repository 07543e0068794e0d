/* test_strangers.c - fields that nobody decided about: which names are shown, how many, for how long. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "capture/strangers.h"

#define NOON INT64_C(1795000000000000)

static struct strangers *table;
static struct stranger rows[STRANGERS_MAX];
static uint64_t others;

static int begin(void **state)
{
        (void)state;
        table = strangers_new();
        return table ? 0 : -1;
}

static int end(void **state)
{
        (void)state;
        strangers_free(table);
        return 0;
}

static size_t list(void)
{
        return strangers_list(table, rows, STRANGERS_MAX, &others);
}

static const char *line_of(const char *name, bool attribute)
{
        static char line[STRANGER_LINE];
        strangers_saw(table, "app", attribute, slice_of(name), NOON);
        size_t n = list();
        stranger_line(&rows[n - 1], line);
        return line;
}

static void stranger__is_counted_by_source_and_name(void **state)
{
        (void)state;
        for (int i = 0; i < 3; i++)
                strangers_saw(table, "app", false, SLICE("browser"), NOON + i);
        strangers_saw(table, "forum", false, SLICE("browser"), NOON);
        strangers_saw(table, "app", true, SLICE("browser"), NOON);
        assert_int_equal(list(), 3);
        assert_string_equal(rows[0].name, "browser");
        assert_int_equal(rows[0].records, 3);
        assert_int_equal(rows[0].first_us, NOON);
        assert_int_equal(rows[0].last_us, NOON + 2);
        assert_string_equal(rows[1].source, "forum");
        assert_string_equal(rows[2].name, "attributes.browser");
}

static void name__that_could_be_a_persons_is_not_shown(void **state)
{
        static const char *const hidden[] = { "jana@corp.example", "+49 30 1234567", "1986", "a1234", "it hurts", "",
                                              "日本語", "a\nb", "a\"b",
                                              "a_name_that_is_very_much_longer_than_any_field_of_a_program_is" };
        (void)state;
        for (size_t i = 0; i < sizeof hidden / sizeof *hidden; i++) {
                assert_string_equal(line_of(hidden[i], false), "");
                size_t n = list();
                assert_false(rows[n - 1].named);
                assert_int_equal(rows[n - 1].name[0], '#');
                assert_int_equal(strlen(rows[n - 1].name), 9);
        }
        assert_int_equal(list(), sizeof hidden / sizeof *hidden);
}

static void stranger__comes_with_the_line_to_write(void **state)
{
        (void)state;
        assert_string_equal(line_of("browser", true),
                            "fields: { field = \"attributes.browser\"; do = \"clean\"; }, or do = \"drop\"");
        assert_string_equal(line_of("browser", false),
                            "send it as \"attributes.browser\"; fields: { field = \"attributes.browser\"; do = \"clean\"; }");
        assert_string_equal(line_of("titel", false), "send it as \"title\", if that is meant");
}

static void table__keeps_its_ceiling_and_counts_the_rest(void **state)
{
        char name[16];
        (void)state;
        for (int i = 0; i < STRANGERS_MAX + 7; i++) {
                snprintf(name, sizeof name, "f_%d", i);
                strangers_saw(table, "app", false, slice_of(name), NOON);
        }
        assert_int_equal(list(), STRANGERS_MAX);
        assert_int_equal(others, 7);
}

static void strangers__are_told_once_a_day_and_forgotten_after_one(void **state)
{
        (void)state;
        assert_false(strangers_tell(table, NOON));
        strangers_saw(table, "app", false, SLICE("browser"), NOON);
        strangers_saw(table, "app", false, SLICE("theme"), NOON);
        assert_false(strangers_tell(table, NOON + 1));
        assert_true(strangers_tell(table, NOON + US_PER_DAY - 1));
        assert_int_equal(list(), 2);
        assert_int_equal(rows[0].untold, 0);
        assert_false(strangers_tell(table, NOON + US_PER_DAY));
        strangers_saw(table, "app", false, SLICE("theme"), NOON + US_PER_DAY);
        assert_true(strangers_tell(table, NOON + 2 * US_PER_DAY - 1));
        assert_int_equal(list(), 1);
        assert_string_equal(rows[0].name, "theme");
        assert_int_equal(rows[0].records, 2);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(stranger__is_counted_by_source_and_name, begin, end),
                cmocka_unit_test_setup_teardown(name__that_could_be_a_persons_is_not_shown, begin, end),
                cmocka_unit_test_setup_teardown(stranger__comes_with_the_line_to_write, begin, end),
                cmocka_unit_test_setup_teardown(table__keeps_its_ceiling_and_counts_the_rest, begin, end),
                cmocka_unit_test_setup_teardown(strangers__are_told_once_a_day_and_forgotten_after_one, begin, end),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
