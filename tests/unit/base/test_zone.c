/* Time zones, against what is known of them and against the C library. */
#include <time.h>

#include "unit.h"
#include "zone.h"

static struct zone *open_zone(const char *name)
{
        struct zone *z;
        struct err err = ERR_INIT;
        if (!zone_open(&z, name, &err))
                fail_msg("%s", err.text);
        return z;
}

static void assert_utc(const struct zone *z, const char *local, const char *utc)
{
        struct civil c;
        bool zoned;
        int east;
        char out[CLOCK_TEXT_MAX];
        assert_true(civil_parse(&c, &zoned, &east, slice_of(local), "%Y-%m-%d %H:%M"));
        assert_string_equal(clock_format_rfc3339(out, zone_to_us(z, &c)), utc);
}

static void zone__knows_offsets_of_past_and_future(void **state)
{
        (void)state;
        struct zone *z = open_zone("Asia/Tokyo");
        assert_utc(z, "2026-11-23 09:00", "2026-11-23T00:00:00Z");
        assert_utc(z, "9999-07-01 09:00", "9999-07-01T00:00:00Z");
        zone_free(z);
        z = open_zone("Europe/Berlin");
        assert_utc(z, "2026-01-15 12:00", "2026-01-15T11:00:00Z");
        assert_utc(z, "2026-07-15 12:00", "2026-07-15T10:00:00Z");
        assert_utc(z, "2199-07-15 12:00", "2199-07-15T10:00:00Z");
        assert_utc(z, "1600-01-01 00:00", "1599-12-31T23:06:32Z"); /* local mean time */
        zone_free(z);
        z = open_zone("Asia/Kolkata");
        assert_utc(z, "2026-11-23 05:30", "2026-11-23T00:00:00Z");
        zone_free(z);
        z = open_zone("Australia/Sydney");
        assert_utc(z, "2090-01-15 12:00", "2090-01-15T01:00:00Z");
        assert_utc(z, "2090-07-15 12:00", "2090-07-15T02:00:00Z");
        zone_free(z);
        z = open_zone("UTC");
        assert_utc(z, "2026-11-23 05:30", "2026-11-23T05:30:00Z");
        zone_free(z);
        zone_free(NULL);
}

static void zone__takes_the_earlier_of_two_and_the_time_after_a_gap(void **state)
{
        (void)state;
        struct zone *z = open_zone("Europe/Berlin");
        assert_utc(z, "2026-10-25 01:59", "2026-10-24T23:59:00Z");
        assert_utc(z, "2026-10-25 02:30", "2026-10-25T00:30:00Z"); /* summer's, not winter's 01:30 */
        assert_utc(z, "2026-10-25 03:00", "2026-10-25T02:00:00Z");
        assert_utc(z, "2026-03-29 01:59", "2026-03-29T00:59:00Z");
        assert_utc(z, "2026-03-29 02:30", "2026-03-29T01:30:00Z"); /* 03:30 in summer */
        assert_utc(z, "2026-03-29 03:00", "2026-03-29T01:00:00Z");
        assert_utc(z, "2150-03-29 02:30", "2150-03-29T01:30:00Z"); /* by the rule, too */
        zone_free(z);
        z = open_zone("Pacific/Apia"); /* 30 December 2011 did not happen there */
        assert_utc(z, "2011-12-29 23:00", "2011-12-30T09:00:00Z");
        assert_utc(z, "2011-12-31 00:00", "2011-12-30T10:00:00Z");
        zone_free(z);
}

static void zone__ends_a_day_where_the_next_begins(void **state)
{
        (void)state;
        char out[CLOCK_TEXT_MAX];
        int64_t us;
        struct zone *z = open_zone("Asia/Tokyo");
        assert_true(zone_end_of_day_us(z, SLICE("2027-09-30"), &us));
        assert_string_equal(clock_format_rfc3339(out, us), "2027-09-30T14:59:59.999999Z");
        assert_true(zone_end_of_day_us(z, SLICE("2027-12-31"), &us));
        assert_string_equal(clock_format_rfc3339(out, us), "2027-12-31T14:59:59.999999Z");
        assert_false(zone_end_of_day_us(z, SLICE("2027-02-30"), &us));
        assert_false(zone_end_of_day_us(z, SLICE("tomorrow"), &us));
        zone_free(z);
        z = open_zone("America/Sao_Paulo"); /* 4 November 2018 began at 01:00 */
        assert_true(zone_end_of_day_us(z, SLICE("2018-11-03"), &us));
        assert_string_equal(clock_format_rfc3339(out, us), "2018-11-04T02:59:59.999999Z");
        zone_free(z);
}

static void zone__agrees_with_the_c_library(void **state)
{
        (void)state;
        static const char *const names[] = { "Asia/Shanghai", "America/New_York", "Europe/Berlin",
                                             "Asia/Tokyo", "Asia/Jakarta", "Asia/Kolkata",
                                             "America/Sao_Paulo", "Australia/Lord_Howe", "Africa/Casablanca",
                                             "Europe/Dublin", "Asia/Tehran", "America/Godthab" };
        for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
                struct zone *z = open_zone(names[i]);
                setenv("TZ", names[i], 1);
                tzset();
                for (time_t t = -2000000000; t < 5000000000; t += 3 * 86400 + 4321) {
                        struct tm tm;
                        localtime_r(&t, &tm);
                        struct civil c = { tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour,
                                           tm.tm_min, tm.tm_sec, 0 };
                        int64_t s = zone_to_us(z, &c) / US_PER_SECOND;
                        if (s == t)
                                continue;
                        /* Only where the clock shows the time twice may it differ. */
                        struct tm twin;
                        time_t other = (time_t)s;
                        localtime_r(&other, &twin);
                        if (s > t || twin.tm_hour != tm.tm_hour || twin.tm_min != tm.tm_min)
                                fail_msg("%s at %lld: %lld", names[i], (long long)t, (long long)s);
                }
                zone_free(z);
        }
        unsetenv("TZ");
}

static void zone__refuses_names_that_are_paths(void **state)
{
        (void)state;
        static const char *const bad[] = { "", "/etc/passwd", "../../../etc/passwd", "Asia/../Asia/Tokyo",
                                           "Asia//Tokyo", "Asia/", "Asia", "Asia/Nowhere", "tzdata.zi",
                                           "posixrules\n", "Asia/Tokyo ", "zone.tab", "Asia/Tokyo/x" };
        for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
                struct zone *z = (struct zone *)1;
                struct err err = ERR_INIT;
                if (zone_open(&z, bad[i], &err))
                        fail_msg("opened: %s", bad[i]);
                assert_null(z);
                assert_int_equal(err.kind, ERR_CONFIG);
                assert_non_null(strstr(err.hint, "Asia/Tokyo"));
        }
}

static void rule__is_read_as_posix_has_it(void **state)
{
        (void)state;
        struct zone_rule r;
        assert_true(zone_rule_parse(&r, SLICE("CET-1CEST,M3.5.0,M10.5.0/3")));
        assert_int_equal(r.standard, 3600);
        assert_int_equal(r.daylight, 7200);
        assert_int_equal(r.to_standard.second, 3 * 3600);
        assert_true(zone_rule_parse(&r, SLICE("<+0330>-3:30")));
        assert_int_equal(r.standard, 12600);
        assert_true(zone_rule_parse(&r, SLICE("<-02>2<-01>,M3.5.0/-1,M10.5.0/0")));
        assert_int_equal(r.to_daylight.second, -3600);
        assert_true(zone_rule_parse(&r, SLICE("EST5EDT,J60/1:30,J300")));
        assert_true(zone_rule_parse(&r, SLICE("XXX3EDT4,0/0,J365/23"))); /* summer all year round */
        assert_int_equal(zone_rule_offset(&r, 1795396836), r.daylight);
        static const char *const bad[] = { "", "C", "CET", "CET-", "CET-1CEST", "CET-1CEST,M3.5.0",
                                           "CET-1CEST,M13.5.0,M10.5.0", "CET-1CEST,M3.6.0,M10.5.0",
                                           "CET-1CEST,M3.5.7,M10.5.0", "CET-1x", "<CET-1", "CET-999",
                                           "CET-1CEST,J0,J5", "CET-1CEST,M3.5.0,M10.5.0/3x" };
        for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
                if (zone_rule_parse(&r, slice_of(bad[i])))
                        fail_msg("taken: %s", bad[i]);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(zone__knows_offsets_of_past_and_future),
                cmocka_unit_test(zone__takes_the_earlier_of_two_and_the_time_after_a_gap),
                cmocka_unit_test(zone__ends_a_day_where_the_next_begins),
                cmocka_unit_test(zone__agrees_with_the_c_library),
                cmocka_unit_test(zone__refuses_names_that_are_paths),
                cmocka_unit_test(rule__is_read_as_posix_has_it),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
