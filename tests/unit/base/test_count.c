/* Counts of people's records: small ones are not shown, nor left over by a subtraction. */
#include "unit.h"

#include "base/count.h"
#include "base/metric.h"

static void count__shows_one_to_four_as_five(void **state)
{
        (void)state;
        char text[COUNT_TEXT];
        static const uint64_t shown[] = { 0, 5, 5, 5, 5, 5, 6 };
        for (uint64_t n = 0; n < 7; n++)
                assert_int_equal(count_shown(n), shown[n]);
        assert_string_equal(count_say(text, 0), "0");
        assert_string_equal(count_say(text, 1), "<5");
        assert_string_equal(count_say(text, 4), "<5");
        assert_string_equal(count_say(text, 5), "5");
        assert_string_equal(count_say(text, UINT64_MAX), "18446744073709551615");
}

static void count__never_falls_when_the_number_rises(void **state)
{
        (void)state;
        for (uint64_t n = 1; n < 20; n++)
                assert_true(count_shown(n) >= count_shown(n - 1) && count_shown(n) >= n);
}

static void count_merge__leaves_no_small_rest(void **state)
{
        (void)state;
        static const struct {
                uint64_t counts[4], sum;
                bool merged[4];
        } cases[] = {
                { { 100, 50, 7, 5 }, 0, { false, false, false, false } },
                { { 100, 4, 3, 0 }, 7, { false, true, true, false } },
                { { 100, 50, 7, 1 }, 8, { false, false, true, true } }, /* 1 alone would be the rest */
                { { 100, 1, 0, 0 }, 101, { true, true, false, false } },
                { { 2, 1, 0, 0 }, 3, { true, true, false, false } },
                { { 0, 0, 0, 0 }, 0, { false, false, false, false } },
        };
        for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
                bool merged[4];
                assert_int_equal(count_merge(cases[i].counts, merged, 4), cases[i].sum);
                assert_memory_equal(merged, cases[i].merged, sizeof merged);
        }
}

static void metric__of_people_is_exact_only_for_the_socket(void **state)
{
        (void)state;
        static struct metric rows[] = {
                { "tributary_few_total", METRIC_PEOPLE, NULL, "Records.", 3 },
                { "tributary_few_syncs_total", METRIC_COUNTER, NULL, "Syncs.", 3 },
                { "tributary_few_full_seconds", METRIC_GAUGE, NULL, "Until full.", METRIC_ABSENT },
                METRIC_END
        };
        struct buf b;
        buf_init(&b, 10000);
        metric_register(rows);
        metric_print(&b, false);
        assert_non_null(strstr(b.p, "# TYPE tributary_few_total counter\ntributary_few_total 5\n"));
        assert_non_null(strstr(b.p, "tributary_few_syncs_total 3\n"));
        assert_null(strstr(b.p, "\ntributary_few_full_seconds "));
        buf_reset(&b);
        metric_print(&b, true);
        assert_non_null(strstr(b.p, "\ntributary_few_total 3\n"));
        buf_clear(&b);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(count__shows_one_to_four_as_five),
                cmocka_unit_test(count__never_falls_when_the_number_rises),
                cmocka_unit_test(count_merge__leaves_no_small_rest),
                cmocka_unit_test(metric__of_people_is_exact_only_for_the_socket),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
