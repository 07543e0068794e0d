/* test_tally.c - the account adds up, whatever is judged again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/log.h"
#include "tally.h"

static char dir[64];
static struct state *db;
static struct tally t;
static struct err err;

static int setup(void **state)
{
        (void)state;
        log_setup(LOG_LEVEL_ERROR, false);
        snprintf(dir, sizeof dir, "/tmp/tributary-tally-XXXXXX");
        err = (struct err)ERR_INIT;
        return mkdtemp(dir) && state_open(&db, dir, &err) ? 0 : -1;
}

static int teardown(void **state)
{
        static const char *const names[] = { "state.db", "state.db-wal", "state.db-shm" };
        char path[128];
        (void)state;
        state_close(db);
        for (size_t i = 0; i < 3; i++) {
                snprintf(path, sizeof path, "%s/%s", dir, names[i]);
                unlink(path);
        }
        return rmdir(dir);
}

static struct account_row sums(void)
{
        struct account_row row;
        assert_true(state_account_sums(db, &row, &err));
        assert_int_equal(row.captured,
                         row.sent + row.held + row.stayed + row.erased + row.expired + row.damaged);
        return row;
}

static void tally__counts_each_record_in_exactly_one_outcome(void **state)
{
        (void)state;
        tally_begin(&t, db, 1, 0);
        for (int o = 0; o < OUTCOMES; o++)
                assert_true(tally_count(&t, SLICE("forum"), 0, (enum outcome)o, &err));
        assert_true(tally_finish(&t, &err));
        assert_int_equal(sums().captured, OUTCOMES);
        assert_int_equal(sums().held, 1);
}

static void tally__moves_what_is_judged_otherwise_and_counts_it_once(void **state)
{
        (void)state;
        tally_begin(&t, db, 1, 0);
        assert_true(tally_count(&t, SLICE("forum"), 0, OUTCOME_HELD, &err));
        assert_true(tally_finish(&t, &err));
        tally_begin(&t, db, 2, 0);
        assert_true(tally_move(&t, SLICE("forum"), 0, OUTCOME_HELD, OUTCOME_SENT, &err));
        assert_true(tally_move(&t, SLICE("forum"), 0, OUTCOME_SENT, OUTCOME_SENT, &err));
        assert_true(tally_finish(&t, &err));
        assert_int_equal(sums().captured, 1);
        assert_int_equal(sums().sent, 1);
        assert_int_equal(sums().held, 0);
}

static void tally__writes_a_row_a_source_and_hour_not_a_row_a_record(void **state)
{
        (void)state;
        tally_begin(&t, db, 1, 0);
        for (int i = 0; i < 1000; i++)
                assert_true(tally_count(&t, i % 2 ? SLICE("a") : SLICE("b"), 0, OUTCOME_SENT, &err));
        assert_int_equal(t.n, 2);
        assert_true(tally_finish(&t, &err));
        assert_int_equal(t.changed, 2);
        assert_int_equal(sums().sent, 1000);
}

static void tally__holds_more_hours_than_it_has_rows(void **state)
{
        (void)state;
        tally_begin(&t, db, 1, 0);
        for (int i = 0; i < 2500; i++)
                assert_true(tally_count(&t, SLICE("a"), i * US_PER_HOUR, OUTCOME_SENT, &err));
        assert_true(tally_finish(&t, &err));
        assert_int_equal(sums().sent, 2500);
        assert_int_equal(t.change, 3); /* no message has to tell more than 1,000 rows */
        assert_int_equal(t.changed, 500);
}

static void tally__knows_the_hour_also_before_1970(void **state)
{
        (void)state;
        assert_int_equal(hour_of(US_PER_HOUR + 5), US_PER_HOUR);
        assert_int_equal(hour_of(-5), -US_PER_HOUR);
        assert_int_equal(hour_of(-US_PER_HOUR), -US_PER_HOUR);
}

static void door__gathers_refusals_up_to_its_ceiling(void **state)
{
        (void)state;
        struct door d = { 0 };
        assert_true(tally_door_add(&d, SLICE("a"), 5, 2, 0));
        assert_true(tally_door_add(&d, SLICE("a"), 6, 3, 1));
        assert_int_equal(d.n, 1);
        for (int i = 1; i < 4096; i++)
                assert_true(tally_door_add(&d, SLICE("a"), i * US_PER_HOUR, 1, 0));
        assert_false(tally_door_add(&d, SLICE("a"), 4096 * US_PER_HOUR, 1, 0));
        tally_begin(&t, db, 1, 0);
        assert_true(door_tally(&d, &t, &err) && tally_finish(&t, &err));
        assert_int_equal(sums().refused, 5 + 4095);
        assert_int_equal(sums().discarded, 1);
        free(d.rows);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
int main(void)
{
        const struct CMUnitTest tests[] = {
                T(tally__counts_each_record_in_exactly_one_outcome),
                T(tally__moves_what_is_judged_otherwise_and_counts_it_once),
                T(tally__writes_a_row_a_source_and_hour_not_a_row_a_record),
                T(tally__holds_more_hours_than_it_has_rows),
                T(tally__knows_the_hour_also_before_1970),
                T(door__gathers_refusals_up_to_its_ceiling),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
