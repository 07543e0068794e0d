/* Time as text, the calendar, durations. */
#include "base/clock.h"
#include "unit.h"

static int64_t at(const char *text)
{
        int64_t us = -1;
        if (!clock_parse_rfc3339(&us, slice_of(text)))
                fail_msg("not taken: %s", text);
        return us;
}

static void assert_same(const char *text, const char *utc)
{
        char out[CLOCK_TEXT_MAX];
        assert_string_equal(clock_format_rfc3339(out, at(text)), utc);
}

static void rfc3339__is_read_and_written(void **state)
{
        (void)state;
        assert_true(at("1970-01-01T00:00:00Z") == 0);
        assert_true(at("2026-11-23T01:20:36.000123Z") == INT64_C(1795396836000123));
        assert_same("2026-11-23T01:20:36.000123Z", "2026-11-23T01:20:36.000123Z");
        assert_same("2026-11-23 09:20:36+08:00", "2026-11-23T01:20:36Z");
        assert_same("2026-11-22t20:50:36-04:30", "2026-11-23T01:20:36Z");
        assert_same("2024-02-29T23:59:59.9999999z", "2024-02-29T23:59:59.999999Z");
        assert_same("1969-12-31T23:59:59.5Z", "1969-12-31T23:59:59.500000Z");
        assert_same("0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z");
        assert_same("9999-12-31T23:59:59.999999Z", "9999-12-31T23:59:59.999999Z");
        assert_same("2016-12-31T23:59:60Z", "2016-12-31T23:59:59Z");
}

static void rfc3339__refuses_what_is_no_instant(void **state)
{
        (void)state;
        static const char *const bad[] = {
                "", "2026-11-23", "2026-11-23T01:20:36", "2026-11-23T01:20Z", "2026-13-01T00:00:00Z",
                "2026-00-01T00:00:00Z", "2026-02-29T00:00:00Z", "1900-02-29T00:00:00Z",
                "2026-04-31T00:00:00Z", "2026-11-23T24:00:00Z", "2026-11-23T00:60:00Z",
                "2026-11-23T00:00:61Z", "2026-11-23T00:00:00.Z", "2026-11-23T00:00:00+0800",
                "2026-11-23T00:00:00+24:00", "2026-11-23T00:00:00+08:60", "2026-11-23T00:00:00Zx",
                " 2026-11-23T00:00:00Z", "26-11-23T00:00:00Z", "2026-1-3T00:00:00Z",
                "0000-01-01T00:00:00Z", "10000-01-01T00:00:00Z", "0001-01-01T00:00:00+00:01",
                "9999-12-31T23:59:59-00:01", "2026-11-23T00:00:00+", "-026-11-23T00:00:00Z",
                "2026-11-23T-1:00:00Z", "2026-11-23X00:00:00Z",
        };
        for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
                int64_t us = 42;
                if (clock_parse_rfc3339(&us, slice_of(bad[i])))
                        fail_msg("taken: %s", bad[i]);
                assert_true(us == 42);
        }
        int64_t us;
        assert_false(clock_parse_rfc3339(&us, slice_make("2026-11-23T00:00:00Z\0", 21)));
        assert_false(clock_parse_rfc3339(&us, SLICE_NONE));
}

static void rfc3339__writes_any_number_without_overrun(void **state)
{
        (void)state;
        char out[CLOCK_TEXT_MAX];
        assert_true(strlen(clock_format_rfc3339(out, INT64_MAX)) < sizeof out);
        assert_true(strlen(clock_format_rfc3339(out, INT64_MIN)) < sizeof out);
}

static void calendar__agrees_with_itself_over_all_years(void **state)
{
        (void)state;
        struct civil c = { .year = 1, .month = 1, .day = 1 }, back;
        int64_t day = civil_to_us(&c) / US_PER_DAY;
        assert_int_equal(day, -719162);
        for (; c.year <= 9999; day += 97) {
                civil_of_us(&c, day * US_PER_DAY + 86399999999);
                assert_true(civil_to_us(&c) == day * US_PER_DAY + 86399999999);
        }
        civil_of_us(&back, -1);
        assert_int_equal(back.year, 1969);
        assert_int_equal(back.second, 59);
        assert_int_equal(back.microsecond, 999999);
}

static void date__is_a_real_day(void **state)
{
        (void)state;
        int64_t us;
        assert_true(clock_parse_date(&us, SLICE("2027-12-31")));
        assert_true(us == at("2027-12-31T00:00:00Z"));
        assert_false(clock_parse_date(&us, SLICE("2027-02-29")));
        assert_false(clock_parse_date(&us, SLICE("2027-12-31 ")));
        assert_false(clock_parse_date(&us, SLICE("2027/12/31")));
}

static bool civil(const char *text, const char *format, const char *expected)
{
        struct civil c;
        bool zoned;
        int east = 0;
        char out[CLOCK_TEXT_MAX];
        if (!civil_parse(&c, &zoned, &east, slice_of(text), format))
                return false;
        assert_string_equal(clock_format_rfc3339(out, civil_to_us(&c) - east * US_PER_SECOND), expected);
        return true;
}

static void civil__is_read_as_a_format_says(void **state)
{
        (void)state;
        assert_true(civil("23/11/2026 14:05", "%d/%m/%Y %H:%M", "2026-11-23T14:05:00Z"));
        assert_true(civil("3.1.26", "%d.%m.%y", "2026-01-03T00:00:00Z"));
        assert_true(civil("3.1.69", "%d.%m.%y", "1969-01-03T00:00:00Z"));
        assert_true(civil("Nov 3, 2026 12:07 am", "%b %d, %Y %I:%M %p", "2026-11-03T00:07:00Z"));
        assert_true(civil("november 3 2026 12:07 PM", "%b %d %Y %I:%M %p", "2026-11-03T12:07:00Z"));
        assert_true(civil("2026-11-23T14:05:06.25+0900", "%Y-%m-%dT%H:%M:%S.%f%z",
                          "2026-11-23T05:05:06.250000Z"));
        assert_true(civil("2026-11-23 14:05 JST", "%Y-%m-%d %H:%M %Z", "2026-11-23T14:05:00Z"));
        assert_true(civil("100% 2026", "100%% %Y", "2026-01-01T00:00:00Z"));
        assert_true(civil("2026年11月23日", "%Y年%m月%d日", "2026-11-23T00:00:00Z"));
        static const char *const bad[][2] = {
                { "23/11/2026x", "%d/%m/%Y" }, { "23/11/2026", "%d/%m/%Y " }, { "31/02/2026", "%d/%m/%Y" },
                { "13:00 pm", "%I:%M %p" },    { "0:00 am", "%I:%M %p" },     { "2026", "%Q" },
                { "2026", "%Y%" },             { "", "%Y" },                  { "25:00", "%H:%M" },
                { "10 xm", "%I %p" },          { "Foo 2026", "%b %Y" },       { "0000", "%Y" },
        };
        for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
                if (civil(bad[i][0], bad[i][1], "?"))
                        fail_msg("taken: %s", bad[i][0]);
}

static void duration__is_read_as_people_write_it(void **state)
{
        (void)state;
        static const struct {
                const char *text;
                int64_t us;
                const char *unit;
        } good[] = { { "72 hours", 72 * US_PER_HOUR, "hour" },
                     { "1 month", 30 * US_PER_DAY, "month" },
                     { "30s", 30 * US_PER_SECOND, "second" },
                     { "5 min", 300 * US_PER_SECOND, "minute" },
                     { "1h", US_PER_HOUR, "hour" },
                     { "15 working days", 21 * US_PER_DAY, "working day" },
                     { "1 year", 365 * US_PER_DAY, "year" },
                     { " 2 Weeks ", 14 * US_PER_DAY, "week" },
                     { "250 ms", 250000, "millisecond" },
                     { "0 days", 0, "day" } };
        for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
                struct duration d;
                struct err err = ERR_INIT;
                assert_true(duration_parse(&d, slice_of(good[i].text), &err));
                assert_true(d.us == good[i].us);
                assert_string_equal(d.unit, good[i].unit);
        }
        static const char *const bad[] = { "", "5", "days", "-1 day", "1.5 days", "1 fortnight",
                                           "99999999999999 years", "1 dayss", "1 working", "1 h 5 min" };
        for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
                struct duration d;
                struct err err = ERR_INIT;
                if (duration_parse(&d, slice_of(bad[i]), &err))
                        fail_msg("taken: %s", bad[i]);
                assert_int_equal(err.kind, ERR_CONFIG);
                assert_non_null(strstr(err.hint, "72 hours"));
        }
}

static void duration__is_told_in_the_unit_people_would_use(void **state)
{
        (void)state;
        char out[CLOCK_TEXT_MAX];
        assert_string_equal(duration_format(out, 0), "0 s");
        assert_string_equal(duration_format(out, 9 * US_PER_HOUR + 5), "9 h");
        assert_string_equal(duration_format(out, 23 * US_PER_DAY + US_PER_HOUR), "23 days");
        assert_string_equal(duration_format(out, US_PER_DAY), "1 day");
        assert_string_equal(duration_format(out, US_PER_DAY + US_PER_HOUR), "25 h");
        assert_string_equal(duration_format(out, 90 * US_PER_SECOND), "90 s");
        assert_string_equal(duration_format(out, 1500), "0 s");
        assert_string_equal(duration_format(out, 2500), "2 ms");
        assert_string_equal(duration_format(out, -3 * US_PER_HOUR), "-3 h");
        assert_true(strlen(duration_format(out, INT64_MIN)) < sizeof out);
}

static void clocks__move_forward(void **state)
{
        (void)state;
        int64_t before = clock_mono_us();
        assert_true(clock_mono_us() >= before);
        assert_true(clock_now_us() > at("2024-01-01T00:00:00Z"));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(rfc3339__is_read_and_written),
                cmocka_unit_test(rfc3339__refuses_what_is_no_instant),
                cmocka_unit_test(rfc3339__writes_any_number_without_overrun),
                cmocka_unit_test(calendar__agrees_with_itself_over_all_years),
                cmocka_unit_test(date__is_a_real_day),
                cmocka_unit_test(civil__is_read_as_a_format_says),
                cmocka_unit_test(duration__is_read_as_people_write_it),
                cmocka_unit_test(duration__is_told_in_the_unit_people_would_use),
                cmocka_unit_test(clocks__move_forward),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
