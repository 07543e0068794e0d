/* What is said of all regions: each judged by its worst, and a sentence that a person could say. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "base/clock.h"
#include "hub_view.h"

#define NOW INT64_C(1795431720000000) /* 2026-11-23T11:02:00Z */
#define S US_PER_SECOND

static const char *const codes[] = { "cn-beijing", "de-frankfurt", "id-jakarta", "in-mumbai", "jp-tokyo",
                                     "us-virginia" };
static struct overview_region regions[8];
static struct overview o;
static struct hub_view v;

static int setup(void **state)
{
        (void)state;
        memset(regions, 0, sizeof regions);
        for (size_t i = 0; i < 6; i++) {
                strcpy(regions[i].region, codes[i]);
                regions[i].heard_us = NOW - 12 * S;
                regions[i].has_standing = true;
                regions[i].standing = (struct standing){ .release = "1", .policy = "p", .policy_version = 4,
                                                         .open = true, .hello_every_s = 30, .full_in_s = -1 };
        }
        o = (struct overview){ .now_us = NOW, .loaders = 2, .partitions = 6, .regions = regions, .n = 6 };
        return 0;
}

static int teardown(void **state)
{
        (void)state;
        hub_view_clear(&v);
        return 0;
}

static const char *said(size_t n_codes, int64_t silent_us)
{
        struct err err = ERR_INIT;
        hub_view_clear(&v);
        assert_true(hub_view_make(&v, &o, codes, n_codes, silent_us, &err));
        return v.sentence;
}

static void sentence__is_short_when_all_is_well(void **state)
{
        (void)state;
        assert_string_equal(said(6, 0), "All six regions are well.");
        assert_true(v.well == 6 && v.loaders_well);
        o.n = 2;
        assert_string_equal(said(2, 0), "Both regions are well.");
        o.n = 1;
        assert_string_equal(said(1, 0), "The one region is well.");
        o.n = o.loaders = o.partitions = 0;
        assert_string_equal(said(0, 0), "There is no region yet.");
        assert_true(v.loaders_well);
}

static void sentence__names_who_is_silent_and_whose_vault_fills(void **state)
{
        (void)state;
        regions[2].heard_us = NOW - 3 * US_PER_HOUR;
        assert_string_equal(said(6, 0), "Five of six regions are well; id-jakarta has been silent for 3 h"
                                        " (last heard 08:02 UTC).");
        regions[4].standing.full_in_s = 9 * 3600;
        assert_string_equal(said(6, 0), "Four of six regions are well; id-jakarta has been silent for 3 h (last heard"
                                        " 08:02 UTC), and jp-tokyo's vault is full in 9 h.");
        regions[2].heard_us = NOW - 3 * US_PER_DAY;
        assert_non_null(strstr(said(6, 0), "silent for 3 days (last heard 20 Nov 11:02 UTC)"));
        regions[4].standing.full_in_s = 86400; /* a day is time enough */
        said(6, 0);
        assert_int_equal(v.well, 5);
}

static void silence__is_three_hellos_or_what_is_asked(void **state)
{
        (void)state;
        regions[0].heard_us = NOW - 90 * S;
        assert_string_equal(said(6, 0), "All six regions are well.");
        regions[0].heard_us = NOW - 91 * S;
        said(6, 0);
        assert_int_equal(v.well, 5);
        regions[0].standing.hello_every_s = 600;
        said(6, 0);
        assert_int_equal(v.well, 6);
        regions[0].standing.hello_every_s = 1; /* not nervous */
        regions[0].heard_us = NOW - 60 * S;
        said(6, 0);
        assert_int_equal(v.well, 6);
        said(6, 20 * S);
        assert_int_equal(v.well, 5);
        regions[0].has_standing = false; /* an older agent */
        regions[0].standing = (struct standing){ .full_in_s = -1 };
        regions[0].heard_us = NOW - 299 * S;
        said(6, 0);
        assert_int_equal(v.well, 6);
        regions[0].heard_us = NOW - 301 * S;
        said(6, 0);
        assert_int_equal(v.well, 5);
}

static void region__that_was_never_heard_or_has_no_file_is_told(void **state)
{
        (void)state;
        strcpy(regions[5].region, "xx-atlantis");
        assert_string_equal(said(6, 0), "Five of seven regions are well; us-virginia was never heard, and xx-atlantis"
                                        " is heard and has no file in regions.");
        assert_null(v.regions[5].r);
        assert_string_equal(v.regions[6].region, "xx-atlantis");
        regions[5].heard_us = NOW - 8 * US_PER_DAY; /* given up: nobody wants to hear of it for ever */
        assert_string_equal(said(5, 0), "All five regions are well.");
        setup(NULL);
        regions[5].heard_us = 0; /* its partition was taken, and nothing came */
        assert_non_null(strstr(said(6, 0), "; us-virginia was never heard."));
}

static void trouble__of_a_region_is_its_worst(void **state)
{
        (void)state;
        struct overview_region *r = &regions[4];
        struct {
                int64_t *at, value;
                const char *clause;
        } numbers[] = {
                { &r->standing.full_in_s, 60, "jp-tokyo's vault is full in 1 min" },
                { &r->rejected, 2, "<5 records of jp-tokyo could not be loaded" },
                { &r->open_gaps, 1, "messages of jp-tokyo are missing on their way and were asked for again" },
                { &r->surplus, 7, "7 records of jp-tokyo are counted twice" },
                { &r->missing, 1204, "1204 records of jp-tokyo are missing" },
        };
        for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
                *numbers[i].at = numbers[i].value;
                said(6, 0);
                assert_string_equal(v.regions[4].trouble, numbers[i].clause);
                assert_false(v.regions[4].well);
        }
        static const struct {
                enum trouble word;
                const char *clause;
        } words[] = {
                { TROUBLE_POLICY_STALE, "jp-tokyo runs on an older policy set, since the newest cannot be read" },
                { TROUBLE_POLICY_CLOSED, "nothing leaves jp-tokyo: no policy is in force" },
                { TROUBLE_VAULT_FULL, "jp-tokyo accepts nothing: its vault is full" },
                { TROUBLE_VAULT_FAILED, "jp-tokyo accepts nothing: its disk failed" },
        };
        for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
                r->standing.troubles |= 1u << words[i].word;
                said(6, 0);
                assert_string_equal(v.regions[4].trouble, words[i].clause);
        }
        r->heard_us = NOW - US_PER_HOUR;
        said(6, 0);
        assert_non_null(strstr(v.regions[4].trouble, "silent"));
        struct standing *waits = &regions[2].standing;
        waits->troubles = 1u << TROUBLE_POLICY_STALE;
        waits->policy_waits = 5;
        waits->policy_missing = 1;
        said(6, 0);
        assert_non_null(strstr(v.regions[2].trouble, "is looser than before and waits for 1 signature"));
}

static void remark__does_not_make_a_region_unwell(void **state)
{
        (void)state;
        struct standing *s = &regions[1].standing;
        s->n_downtimes = 2;
        s->downtimes[0] = (struct downtime){ NOW - 3 * US_PER_HOUR, NOW - 3 * US_PER_HOUR + 180 * S,
                                             DOWNTIME_STOPPED, FILLED_NO };
        s->downtimes[1] = (struct downtime){ NOW - US_PER_HOUR, NOW - US_PER_HOUR + 9 * S, DOWNTIME_FULL,
                                             FILLED_PARTLY };
        assert_string_equal(said(6, 0), "All six regions are well; de-frankfurt met senders with a closed door for 3 min"
                                        " at 08:02 UTC, and a webhook sent nothing of that time since.");
        assert_int_equal(v.well, 6);
        s->downtimes[0].to_us = NOW - 25 * US_PER_HOUR;
        assert_string_equal(said(6, 0), "All six regions are well.");
        s->basis_ends_us = NOW + 9 * US_PER_DAY;
        assert_string_equal(said(6, 0), "All six regions are well; a legal basis of de-frankfurt ends or is due for"
                                        " review in 9 days.");
}

static void sentence__names_three_at_most(void **state)
{
        (void)state;
        for (size_t i = 0; i < 5; i++)
                regions[i].open_gaps = 1;
        said(6, 0);
        assert_non_null(strstr(v.sentence, "One of six regions is well; messages of cn-beijing"));
        assert_non_null(strstr(v.sentence, "id-jakarta are missing on their way and were asked for again, and 2 more."));
        assert_null(strstr(v.sentence, "in-mumbai"));
}

static void sentence__says_first_that_no_loader_is_at_work(void **state)
{
        (void)state;
        o.loaders = 0;
        o.orphans = 6;
        assert_string_equal(said(6, 0), "No loader is at work at the hub, so that what follows is old: all six regions"
                                        " are well.");
        assert_false(v.loaders_well);
        o.loaders = 1;
        o.orphans = 2;
        assert_string_equal(said(6, 0), "All six regions are well; no loader holds 2 of 6 partitions.");
        assert_false(v.loaders_well);
}

static void sentence__of_hundreds_of_regions_fits(void **state)
{
        (void)state;
        static const char *many[600];
        static char names[600][33];
        for (size_t i = 0; i < 600; i++) {
                memset(names[i], 'a' + (int)(i % 26), 32);
                many[i] = names[i];
        }
        struct err err = ERR_INIT;
        o.n = 0;
        hub_view_clear(&v);
        assert_true(hub_view_make(&v, &o, many, 600, 0, &err));
        assert_true(strlen(v.sentence) < HUB_SENTENCE_MAX);
        assert_non_null(strstr(v.sentence, "None of 600 regions are well; "));
        assert_non_null(strstr(v.sentence, ", and 597 more."));
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
        const struct CMUnitTest tests[] = {
                T(sentence__is_short_when_all_is_well),
                T(sentence__names_who_is_silent_and_whose_vault_fills),
                T(silence__is_three_hellos_or_what_is_asked),
                T(region__that_was_never_heard_or_has_no_file_is_told),
                T(trouble__of_a_region_is_its_worst),
                T(remark__does_not_make_a_region_unwell),
                T(sentence__names_three_at_most),
                T(sentence__says_first_that_no_loader_is_at_work),
                T(sentence__of_hundreds_of_regions_fits),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
