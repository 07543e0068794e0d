/* Spaces of law and kilometres. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "model/place.h"

static void place__puts_members_into_the_eea_and_others_into_themselves(void **state)
{
        static const char *const members[] = { "AT", "BE", "BG", "HR", "CY", "CZ", "DK", "EE", "FI", "FR",
                                               "DE", "GR", "HU", "IE", "IT", "LV", "LT", "LU", "MT", "NL",
                                               "PL", "PT", "RO", "SK", "SI", "ES", "SE", "IS", "LI", "NO" };
        static const char *const own[] = { "GB", "CH", "CN", "JP", "KR", "ID", "SG", "IN", "TH", "VN", "MY",
                                           "PH", "BR", "CA", "AU", "TR", "HK", "MO", "TW", "AE", "SA", "UA" };
        (void)state;
        for (size_t i = 0; i < sizeof members / sizeof *members; i++)
                assert_string_equal(place_jurisdiction(slice_of(members[i])), "EEA");
        for (size_t i = 0; i < sizeof own / sizeof *own; i++)
                assert_string_equal(place_jurisdiction(slice_of(own[i])), own[i]);
        assert_string_equal(place_jurisdiction(SLICE("US-CA")), "US");
        assert_string_equal(place_jurisdiction(SLICE("CA-QC")), "CA");
        assert_string_equal(place_jurisdiction(SLICE("EEA")), "EEA");
}

static void place__knows_every_code_it_lists_in_order(void **state)
{
        size_t n;
        (void)state;
        const char *const *codes = place_codes(&n);
        assert_int_equal(n, 249 + 1 + 51 + 13);
        for (size_t i = 0; i < n; i++) {
                assert_true(place_is_known(slice_of(codes[i])));
                assert_non_null(place_jurisdiction(slice_of(codes[i])));
                assert_int_equal(strlen(place_lower(slice_of(codes[i]))), strlen(codes[i]));
                if (i)
                        assert_true(strcmp(codes[i - 1], codes[i]) < 0);
        }
        assert_string_equal(place_lower(SLICE("EEA")), "eea");
        assert_string_equal(place_lower(SLICE("US-CA")), "us-ca");
}

static void place__does_not_know_what_is_no_code(void **state)
{
        static const char *const wrong[] = {
                "", "E", "EU", "UK", "de", "US-XX", "US-", "DE-BY", "EEA ", "XX"
        };
        (void)state;
        for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
                assert_false(place_is_known(slice_of(wrong[i])));
                assert_null(place_jurisdiction(slice_of(wrong[i])));
        }
        assert_false(place_is_known(SLICE_NONE));
}

static void place__lies_within_its_space_and_itself_only(void **state)
{
        (void)state;
        assert_true(place_within(SLICE("DE"), SLICE("EEA")));
        assert_true(place_within(SLICE("DE"), SLICE("DE")));
        assert_true(place_within(SLICE("US-CA"), SLICE("US")));
        assert_false(place_within(SLICE("US"), SLICE("US-CA")));
        assert_false(place_within(SLICE("EEA"), SLICE("DE")));
        assert_false(place_within(SLICE("HK"), SLICE("CN")));
        assert_false(place_within(SLICE("GB"), SLICE("EEA")));
        assert_false(place_within(SLICE("XX"), SLICE("XX")));
}

static void place__measures_great_circles(void **state)
{
        (void)state;
        assert_true(fabs(place_km(0, 0, 0, 0)) < 1e-9);
        /* A quarter and a half of the mean circumference. */
        assert_true(fabs(place_km(0, 0, 90, 0) - 10007.557) < 0.01);
        assert_true(fabs(place_km(0, 0, 0, 180) - 20015.115) < 0.01);
        /* Tokyo to Osaka is about 400 km. */
        assert_true(fabs(place_km(35.68, 139.77, 34.69, 135.50) - 403) < 4);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(place__puts_members_into_the_eea_and_others_into_themselves),
                cmocka_unit_test(place__knows_every_code_it_lists_in_order),
                cmocka_unit_test(place__does_not_know_what_is_no_code),
                cmocka_unit_test(place__lies_within_its_space_and_itself_only),
                cmocka_unit_test(place__measures_great_circles),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
