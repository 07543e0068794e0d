/* test_chores.c - what one loader does for all: the tally, crowds, rows past their time. */
#include "wire.h"

#include "base/report.h"
#include "lane.h"

static void chores(void)
{
        struct chores now = { 0 };
        struct pg *c = house_connect(conninfo);
        MUST(chores_do(c, &now, &err));
        pg_close(c);
}

static void fold__moves_the_tally_and_changes_no_sum(void **state)
{
        (void)state;
        const char *sums = "SELECT loaded || ' ' || superseded FROM tributary.completeness ORDER BY hour";
        char before[64];
        for (uint8_t i = 1; i < 20; i++)
                hands_one(&hands, wire_record(i % 7, 1, i, 0, "words"));
        snprintf(before, sizeof before, "%s", ask(sums));
        chores();
        assert_string_equal(ask("SELECT count(*) FROM tributary.tally_change"), "0");
        assert_string_equal(ask(sums), before);
        hands_one(&hands, wire_record(1, 1, 60, 0, "words"));
        chores();
        assert_string_equal(ask("SELECT sum(loaded) || ' ' || sum(superseded) FROM tributary.tally"), "7 13");
}

static void expire__leaves_tombstones_and_counts_them(void **state)
{
        (void)state;
        struct message old = wire_record(1, 1, 3, 0, "old");
        hands_one(&hands, old);
        hands_one(&hands, wire_record(2, 1, 6, 0, "kept"));
        MUST(pg_run(hands.store.c, "UPDATE community.record SET expires_at = '2020-01-01' WHERE title = 'old'", &err));
        chores();
        assert_string_equal(ask("SELECT title FROM community.record"), "kept");
        assert_string_equal(ask("SELECT reason FROM tributary.tombstone"), "expired");
        /* It stays away, and once past its time a record does not come in at all. */
        hands_one(&hands, old);
        struct message late = wire_record(3, 1, 9, 0, "late");
        late.record.expires_at_us = 1;
        hands_one(&hands, late);
        assert_string_equal(ask("SELECT title FROM community.record"), "kept");
        assert_string_equal(ask("SELECT loaded || ' ' || expired FROM tributary.completeness"), "1 2");
        /* Not again within the hour. */
        MUST(pg_run(hands.store.c, "UPDATE community.record SET expires_at = '2020-01-01'", &err));
        chores();
        assert_string_equal(ask("SELECT count(*) FROM community.record"), "1");
}

static void crowd__counts_people_of_a_country(void **state)
{
        (void)state;
        for (uint8_t i = 1; i < 8; i++) {
                struct message m = wire_record(i, 1, i, 0, "words");
                m.record.has_subject = true;
                m.record.subject[0] = i % 6;
                m.record.fields.text[FIELD_AUTHOR_COUNTRY] = SLICE("JP");
                hands_one(&hands, m);
        }
        chores();
        assert_string_equal(ask("SELECT region || ' ' || country || ' ' || people FROM tributary.crowd"),
                            "jp-tokyo JP 6");
}

static void store__notices_another_warehouse_and_another_owner(void **state)
{
        (void)state;
        struct err changed = ERR_INIT;
        MUST(store_check(&hands.store, 1, &err));
        assert_false(store_check(&hands.store, 2, &changed));
        assert_int_equal(changed.kind, ERR_BUSY);
        MUST(pg_run(hands.store.c, "UPDATE tributary.warehouse SET id = gen_random_uuid()", &err));
        assert_false(store_check(&hands.store, 1, &changed));
        assert_int_equal(changed.kind, ERR_BUSY);
}

static void loader__options_are_well_formed(void **state)
{
        (void)state;
        struct report *report = report_new();
        assert_true(option_rows_ok(loader_options, report));
        report_free(report);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
int main(void)
{
        const struct CMUnitTest tests[] = {
                T(fold__moves_the_tally_and_changes_no_sum),
                T(expire__leaves_tombstones_and_counts_them),
                T(crowd__counts_people_of_a_country),
                T(store__notices_another_warehouse_and_another_owner),
                cmocka_unit_test(loader__options_are_well_formed),
        };
        return cmocka_run_group_tests(tests, house_start, house_stop);
}
