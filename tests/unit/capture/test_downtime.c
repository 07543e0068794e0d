/* When senders met a closed door: what is noted, kept, joined, and what fills it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "capture/downtime.h"

#define T0 INT64_C(1795384800000000) /* 2026-11-22T22:00:00Z */
#define S US_PER_SECOND

static struct source sources[3] = { { .name = "github", .type = SOURCE_GITHUB },
                                    { .name = "app", .type = SOURCE_API },
                                    { .name = "meetup", .type = SOURCE_FOLDER } };
static char dir[] = "/tmp/tributary-downtime-XXXXXX", file[64], alive[64];

static int fresh(void **state)
{
        (void)state;
        snprintf(dir, sizeof dir, "/tmp/tributary-downtime-XXXXXX");
        if (!mkdtemp(dir))
                return -1;
        snprintf(file, sizeof file, "%s/downtimes", dir);
        snprintf(alive, sizeof alive, "%s/alive", dir);
        return 0;
}

static int gone(void **state)
{
        (void)state;
        unlink(file);
        unlink(alive);
        return rmdir(dir);
}

static struct downtimes *begin(size_t n_sources)
{
        struct downtimes *d = NULL;
        struct err err = ERR_INIT;
        if (!downtimes_open(&d, dir, sources, n_sources, &err))
                fail_msg("%s", err.text);
        return d;
}

static void is(struct downtimes *d, size_t i, int64_t from_us, int64_t to_us, enum downtime_why why,
               enum downtime_filled filled)
{
        struct downtime g = downtimes_at(d, i);
        assert_int_equal(g.from_us, from_us);
        assert_int_equal(g.to_us, to_us);
        assert_int_equal(g.why, why);
        assert_string_equal(downtime_filled_name(g.filled), downtime_filled_name(filled));
}

static void downtime__is_from_the_last_sign_of_life_to_the_next(void **state)
{
        (void)state;
        struct downtimes *d = begin(3);
        downtimes_watch(d, T0, true); /* the very first start misses nothing */
        assert_int_equal(downtimes_count(d), 0);
        for (int i = 1; i < 9; i++)
                downtimes_watch(d, T0 + i * S, true);
        downtimes_close(d); /* killed or stopped: the same */
        d = begin(3);
        assert_int_equal(downtimes_count(d), 0);
        downtimes_watch(d, T0 + 68 * S, true);
        assert_int_equal(downtimes_count(d), 1);
        is(d, 0, T0 + 8 * S, T0 + 68 * S, DOWNTIME_STOPPED, FILLED_NO);
        downtimes_watch(d, T0 + 69 * S, true);
        assert_int_equal(downtimes_count(d), 1);
        downtimes_close(d);
        d = begin(3);
        is(d, 0, T0 + 8 * S, T0 + 68 * S, DOWNTIME_STOPPED, FILLED_NO);
        downtimes_watch(d, T0 + 69 * S + S / 2, true); /* too short to be one */
        assert_int_equal(downtimes_count(d), 1);
        downtimes_close(d);
}

static void downtime__is_a_full_vault_too(void **state)
{
        (void)state;
        struct downtimes *d = begin(3);
        downtimes_watch(d, T0, true);
        for (int i = 1; i < 100; i++)
                downtimes_watch(d, T0 + i * S, false);
        assert_int_equal(downtimes_count(d), 0);
        downtimes_watch(d, T0 + 100 * S, true);
        is(d, 0, T0, T0 + 100 * S, DOWNTIME_FULL, FILLED_NO);
        /* Stopped while full: whoever comes next says from when. */
        downtimes_watch(d, T0 + 101 * S, false);
        downtimes_close(d);
        d = begin(3);
        downtimes_watch(d, T0 + 200 * S, true);
        is(d, 1, T0 + 100 * S, T0 + 200 * S, DOWNTIME_STOPPED, FILLED_NO);
        downtimes_close(d);
}

static void downtime__is_a_machine_that_stood_still_but_not_a_clock_set_back(void **state)
{
        (void)state;
        struct downtimes *d = begin(3);
        downtimes_watch(d, T0, true);
        downtimes_watch(d, T0 + 4 * S, true);
        assert_int_equal(downtimes_count(d), 0);
        downtimes_watch(d, T0 + 10 * S, true);
        assert_int_equal(downtimes_count(d), 1);
        downtimes_watch(d, T0 - 3600 * S, true);
        downtimes_watch(d, T0 - 3599 * S, true);
        assert_int_equal(downtimes_count(d), 1);
        downtimes_close(d);
}

static void stop_for(struct downtimes **d, int64_t from_us, int64_t to_us, size_t n_sources)
{
        downtimes_watch(*d, from_us, true);
        downtimes_close(*d);
        *d = begin(n_sources);
        downtimes_watch(*d, to_us, true);
}

static void filled__says_what_came_of_that_time(void **state)
{
        (void)state;
        struct downtimes *d = begin(3);
        enum downtime_filled f;
        uint64_t came;
        stop_for(&d, T0, T0 + 60 * S, 3);
        is(d, 0, T0, T0 + 60 * S, DOWNTIME_STOPPED, FILLED_NO);
        downtimes_saw(d, &sources[0], T0 - 1);          /* before */
        downtimes_saw(d, &sources[0], T0 + 60 * S + 1); /* after */
        is(d, 0, T0, T0 + 60 * S, DOWNTIME_STOPPED, FILLED_NO);
        downtimes_saw(d, &sources[0], T0 + 3);
        downtimes_saw(d, &sources[0], T0 + 60 * S);
        assert_true(downtimes_of_source(d, 0, 0, &f, &came));
        assert_true(f == FILLED_PARTLY && came == 2);
        assert_true(downtimes_of_source(d, 0, 1, &f, &came));
        assert_true(f == FILLED_UNKNOWN && came == 0);
        assert_true(downtimes_of_source(d, 0, 2, &f, &came));
        assert_true(f == FILLED_YES && came == 0); /* files waited */
        is(d, 0, T0, T0 + 60 * S, DOWNTIME_STOPPED, FILLED_UNKNOWN);
        downtimes_close(d);
        d = begin(3); /* evidence is kept */
        assert_true(downtimes_of_source(d, 0, 0, &f, &came) && came == 2);
        downtimes_saw(NULL, &sources[0], T0);
        downtimes_close(d);
}

static void filled__leaves_out_who_was_no_source_then(void **state)
{
        (void)state;
        struct downtimes *d = begin(1);
        enum downtime_filled f;
        uint64_t came;
        stop_for(&d, T0, T0 + 60 * S, 1);
        downtimes_close(d);
        d = begin(3);
        assert_true(downtimes_of_source(d, 0, 0, &f, &came));
        assert_false(downtimes_of_source(d, 0, 1, &f, &came));
        downtimes_saw(d, &sources[1], T0 + 1);
        assert_false(downtimes_of_source(d, 0, 1, &f, &came));
        downtimes_close(d);
        d = begin(0);
        is(d, 0, T0, T0 + 60 * S, DOWNTIME_STOPPED, FILLED_YES); /* nobody sends here any more */
        downtimes_close(d);
}

static void filled__leaves_out_who_became_a_source_at_the_restart(void **state)
{
        (void)state;
        struct downtimes *d = begin(1);
        enum downtime_filled f;
        uint64_t came;
        stop_for(&d, T0, T0 + 60 * S, 3);
        assert_true(downtimes_of_source(d, 0, 0, &f, &came));
        assert_false(downtimes_of_source(d, 0, 1, &f, &came));
        stop_for(&d, T0 + 120 * S, T0 + 180 * S, 3); /* now it has missed something */
        assert_true(downtimes_of_source(d, 1, 1, &f, &came));
        assert_false(downtimes_of_source(d, 0, 1, &f, &came));
        downtimes_close(d);
}

static void downtimes__are_few_and_pass_after_a_month(void **state)
{
        (void)state;
        struct downtimes *d = begin(3);
        int64_t at = T0;
        for (int i = 0; i < 40; i++, at += 100 * S) {
                stop_for(&d, at, at + (i == 20 ? 90 : 60) * S, 3);
                for (int k = i == 20 ? 90 : 60; k <= 100; k += 2)
                        downtimes_watch(d, at + k * S, true);
        }
        assert_int_equal(downtimes_count(d), STANDING_DOWNTIMES_MAX);
        for (size_t i = 1; i < STANDING_DOWNTIMES_MAX; i++)
                assert_true(downtimes_at(d, i).from_us > downtimes_at(d, i - 1).to_us);
        int64_t down = 0;
        for (size_t i = 0; i < STANDING_DOWNTIMES_MAX; i++)
                down += downtimes_at(d, i).to_us - downtimes_at(d, i).from_us;
        assert_true(down >= (39 * 60 + 90) * S); /* none is lost */
        assert_int_equal(downtimes_at(d, 0).from_us, T0);
        assert_int_equal(downtimes_at(d, 31).to_us, T0 + 3960 * S);
        downtimes_watch(d, at + 31 * US_PER_DAY, true); /* stood still for a month */
        assert_int_equal(downtimes_count(d), 1);
        downtimes_close(d);
}

static void file__that_cannot_be_read_is_begun_anew(void **state)
{
        (void)state;
        static const char *const wrong[] = {
                "", "downtimes 2\n", "downtimes 1", "downtimes 1\nx", "downtimes 1\n1 2 stopped",
                "downtimes 1\n2 1 stopped\n", "downtimes 1\n-1 1 stopped\n", "downtimes 1\n\n",
                "downtimes 1\n1 2 stopped github\n", "downtimes 1\n1 2 stopped github=-3\n",
                "downtimes 1\n5 9 full\n1 2 stopped\n",
        };
        for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
                struct err err = ERR_INIT;
                assert_true(file_save(file, slice_of(wrong[i]), 0600, &err));
                struct downtimes *d = begin(3);
                assert_int_equal(downtimes_count(d), 0);
                downtimes_close(d);
        }
        struct err err = ERR_INIT;
        assert_true(file_save(file, SLICE("downtimes 1\n1 2 stopped github=7 gone=3 \n"), 0600, &err));
        struct downtimes *d = begin(3);
        assert_int_equal(downtimes_count(d), 1);
        is(d, 0, 1, 2, DOWNTIME_STOPPED, FILLED_PARTLY);
        downtimes_close(d);
}

static void alive__is_for_its_user_alone(void **state)
{
        (void)state;
        struct downtimes *d = begin(3);
        struct stat st;
        stop_for(&d, T0, T0 + 60 * S, 3);
        assert_int_equal(stat(alive, &st), 0);
        assert_int_equal(st.st_mode & 0777, 0600);
        assert_int_equal(st.st_mtim.tv_sec, (T0 + 60 * S) / S);
        assert_int_equal(stat(file, &st), 0);
        assert_int_equal(st.st_mode & 0777, 0600);
        downtimes_close(d);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, fresh, gone)
        const struct CMUnitTest tests[] = {
                T(downtime__is_from_the_last_sign_of_life_to_the_next),
                T(downtime__is_a_full_vault_too),
                T(downtime__is_a_machine_that_stood_still_but_not_a_clock_set_back),
                T(filled__says_what_came_of_that_time),
                T(filled__leaves_out_who_was_no_source_then),
                T(filled__leaves_out_who_became_a_source_at_the_restart),
                T(downtimes__are_few_and_pass_after_a_month),
                T(file__that_cannot_be_read_is_begun_anew),
                T(alive__is_for_its_user_alone),
        };
        log_setup(LOG_LEVEL_ERROR, false);
        return cmocka_run_group_tests(tests, NULL, NULL);
}
