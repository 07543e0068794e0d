/* test_reapply.c - the set in force, carried back to what was judged by an older one. */
#include "hub.h"

#include <time.h>

static struct pump_account account;
static struct reapply_status told;
static const struct position none = { 0, 0 };

static bool ask(bool dry, bool yes, int64_t since_us, struct err *err)
{
        const struct reapply_wanted w = { .since_us = since_us, .until_us = INT64_MAX, .dry = dry, .yes = yes };
        return pump_reapply(hand.pump, &w, err);
}

/* The set put in force last is the pump's. */
static void put_in_force(struct book *b)
{
        uint8_t hash[32];
        int64_t until = clock_mono_us() + 30 * US_PER_SECOND;
        memcpy(hash, book_hash(b), sizeof hash);
        pump_set_book(hand.pump, b);
        do {
                look(10);
                pump_reapply_status(hand.pump, &told);
        } while (memcmp(told.hash, hash, sizeof hash) != 0 && clock_mono_us() < until);
        assert_memory_equal(told.hash, hash, sizeof hash);
}

static const struct reapply_job *await_end(bool dry)
{
        const struct reapply_job *j = dry ? &told.dry : &told.real;
        int64_t until = clock_mono_us() + 60 * US_PER_SECOND;
        do {
                look(10);
                pump_reapply_status(hand.pump, &told);
                pump_account(hand.pump, &account);
                assert_int_equal(account.missing, 0);
        } while ((j->active || !j->ended_us) && clock_mono_us() < until);
        assert_false(j->active);
        assert_true(j->ended_us > 0);
        return j;
}

static void await_account(uint64_t sent, uint64_t held, uint64_t stayed, uint64_t arrived)
{
        const struct pump_balance *b = account.sources;
        int64_t until = clock_mono_us() + 60 * US_PER_SECOND;
        do {
                look(10);
                pump_account(hand.pump, &account);
                assert_int_equal(account.missing, 0);
        } while ((b->sent != sent || b->held != held || b->stayed != stayed || b->arrived != arrived) &&
                 clock_mono_us() < until);
        assert_int_equal(b->sent, sent);
        assert_int_equal(b->held, held);
        assert_int_equal(b->stayed, stayed);
        assert_int_equal(b->arrived, arrived);
        assert_int_equal(b->captured, sent + held + stayed);
}

static void capture_discussions(int from, int n)
{
        for (int i = from; i < from + n; i++) {
                char id[16];
                snprintf(id, sizeof id, "d%d", i);
                capture(KIND_DISCUSSION, id, 0, false, true, id);
        }
}

static void reapply__takes_back_and_lets_go(void **state)
{
        (void)state;
        put_in_force(book_of("go", 1));
        capture_many(0, 20);
        capture_discussions(0, 6);
        await_seen(MESSAGE_RECORD, 26);
        acknowledge_all(1);
        await_account(26, 0, 0, 26);
        put_in_force(book_of("stay", 2));
        MUST(ask(false, true, INT64_MIN, &err));
        const struct reapply_job *j = await_end(false);
        assert_int_equal(j->became[KIND_FEEDBACK][REAPPLY_AGAIN], 20);
        assert_int_equal(j->became[KIND_DISCUSSION][REAPPLY_RETRACTED], 6);
        await_seen(MESSAGE_RETRACT, 6);
        await_seen(MESSAGE_RECORD, 26 + 20);
        await_account(20, 0, 6, 20);
        assert_int_equal(account.sources[0].retracted, 6);
        put_in_force(book_of("go", 3));
        MUST(ask(false, true, INT64_MIN, &err));
        j = await_end(false);
        assert_int_equal(j->became[KIND_DISCUSSION][REAPPLY_RELEASED], 6);
        await_account(26, 0, 0, 20);
        await_seen(MESSAGE_RECORD, 26 + 20 + 26);
        acknowledge_all(1);
        await_account(26, 0, 0, 26);
        /* A hub that is made anew gets each of them once, counted once. */
        for (int32_t i = 0; i < PARTITIONS; i++)
                send_mark(i, 2, none, none);
        await_account(26, 0, 0, 0);
        await_seen(MESSAGE_RECORD, 26 + 20 + 26 + 26);
        acknowledge_all(2);
        await_account(26, 0, 0, 26);
}

/* What is judged again is greater than what stands: by a later `judged`. */
static void reapply__marks_its_rows_as_judged_later(void **state)
{
        (void)state;
        struct pump_status before, after;
        put_in_force(book_of("go", 1));
        capture_many(0, 3);
        await_seen(MESSAGE_RECORD, 3);
        before = await_cursor(vault_mark(hand.vault));
        MUST(ask(false, true, INT64_MIN, &err)); /* the same set: a date in it may have passed */
        await_end(false);
        await_seen(MESSAGE_RECORD, 6);
        pump_status(hand.pump, &after);
        assert_true(position_compare(after.judged, before.judged) > 0);
        for (size_t i = 0; i < hand.n_seen; i++)
                if (hand.seen[i].type == MESSAGE_RECORD)
                        assert_true(position_compare(hand.seen[i].at, before.cursor) <= 0);
}

static void reapply__wants_a_dry_run_by_the_same_set_first(void **state)
{
        (void)state;
        struct err why = ERR_INIT;
        put_in_force(book_of("go", 1));
        capture_discussions(0, 5);
        await_seen(MESSAGE_RECORD, 5);
        acknowledge_all(1);
        put_in_force(book_of("hold", 2));
        size_t records = count_of(MESSAGE_RECORD);
        assert_false(ask(false, false, 0, &why));
        assert_int_equal(why.kind, ERR_DENIED);
        MUST(ask(true, false, INT64_MIN, &err));
        const struct reapply_job *j = await_end(true);
        assert_int_equal(j->became[KIND_DISCUSSION][REAPPLY_RETRACTED], 5);
        await_account(5, 0, 0, 5);
        assert_int_equal(count_of(MESSAGE_RECORD), records); /* it only counts */
        assert_int_equal(count_of(MESSAGE_RETRACT), 0);
        MUST(ask(false, false, 0, &err));
        await_end(false);
        await_account(0, 5, 0, 0);
        put_in_force(book_of("stay", 3));
        assert_false(ask(false, false, 0, &why));
        assert_int_equal(why.kind, ERR_DENIED);
}

static void slow_down(void)
{
        hand.settings.reapply_rate = 10; /* the burst, and then so slowly that no stall of this machine outruns it */
        restart();
}

static void await_some(uint64_t n)
{
        int64_t until = clock_mono_us() + 60 * US_PER_SECOND;
        do {
                look(5);
                pump_reapply_status(hand.pump, &told);
        } while (told.real.read < n && clock_mono_us() < until);
        assert_true(told.real.read >= n);
        assert_true(told.real.active);
}

static void reapply__goes_on_where_it_was_and_lets_fresh_ones_pass(void **state)
{
        (void)state;
        put_in_force(book_of("go", 1));
        capture_discussions(0, 180);
        await_seen(MESSAGE_RECORD, 180);
        slow_down();
        put_in_force(book_of("stay", 2));
        struct err why = ERR_INIT;
        MUST(ask(false, true, INT64_MIN, &err));
        assert_false(ask(false, true, INT64_MIN, &why)); /* one at a time */
        assert_int_equal(why.kind, ERR_BUSY);
        await_some(128);
        uint64_t before = told.real.read;
        capture(KIND_FEEDBACK, "fresh", 0, false, true, "fresh");
        await_seen(MESSAGE_RECORD, 181); /* long before it is through */
        restart();
        clock_t used = clock(); /* nothing is in force: it waits, and does not spin */
        look_for(US_PER_SECOND / 2);
        assert_true(clock() - used < CLOCKS_PER_SEC / 4);
        put_in_force(book_of("stay", 2));
        pump_reapply_status(hand.pump, &told);
        assert_true(told.real.read >= before);
        assert_true(reapply_percent(&told.real) > 50);
        hand.settings.reapply_rate = 0;
        restart();
        put_in_force(book_of("stay", 2));
        const struct reapply_job *j = await_end(false);
        assert_int_equal(j->became[KIND_DISCUSSION][REAPPLY_RETRACTED] + j->became[KIND_DISCUSSION][REAPPLY_KEPT], 180);
        await_account(1, 0, 180, 0);
}

static void reapply__begins_again_by_another_set(void **state)
{
        (void)state;
        put_in_force(book_of("go", 1));
        capture_discussions(0, 150);
        await_seen(MESSAGE_RECORD, 150);
        slow_down();
        put_in_force(book_of("stay", 2));
        MUST(ask(false, true, INT64_MIN, &err));
        await_some(100);
        hand.settings.reapply_rate = 0;
        restart();
        put_in_force(book_of("hold", 3));
        const struct reapply_job *j = await_end(false);
        assert_int_equal(j->restarts, 1);
        assert_memory_equal(j->hash, told.hash, sizeof j->hash);
        await_account(0, 150, 0, 0);
}

/* What it released had left, and nobody had heard so, when a stricter set came. */
static void reapply__takes_back_what_left_while_policies_changed(void **state)
{
        (void)state;
        put_in_force(book_of("stay", 1));
        capture_discussions(0, 5);
        await_cursor(vault_mark(hand.vault));
        put_in_force(book_of("go", 2));
        rd_kafka_mock_broker_set_rtt(hand.mock, -1, 1500);
        MUST(ask(false, true, INT64_MIN, &err));
        look_for(US_PER_SECOND / 2);
        put_in_force(book_of("hold", 3));
        await_end(false);
        rd_kafka_mock_broker_set_rtt(hand.mock, -1, 0);
        await_account(0, 5, 0, 0);
        await_seen(MESSAGE_RETRACT, 5);
}

static void reapply__can_be_stopped(void **state)
{
        (void)state;
        put_in_force(book_of("go", 1));
        capture_discussions(0, 150);
        await_seen(MESSAGE_RECORD, 150);
        slow_down();
        put_in_force(book_of("stay", 2));
        assert_false(pump_reapply_stop(hand.pump));
        MUST(ask(false, true, INT64_MIN, &err));
        await_some(100);
        assert_true(pump_reapply_stop(hand.pump));
        const struct reapply_job *j = await_end(false);
        assert_true(j->stopped);
        uint64_t back = j->became[KIND_DISCUSSION][REAPPLY_RETRACTED];
        assert_true(back >= 100 && back < 150);
        await_account(150 - back, 0, back, 0); /* what it did stays done */
}

static void reapply__stops_though_kafka_is_away_and_a_crash_comes(void **state)
{
        (void)state;
        put_in_force(book_of("go", 1));
        capture_discussions(0, 150);
        await_seen(MESSAGE_RECORD, 150);
        slow_down();
        put_in_force(book_of("stay", 2));
        MUST(ask(false, true, INT64_MIN, &err));
        await_some(100);
        rd_kafka_mock_broker_set_down(hand.mock, 1);
        assert_true(pump_reapply_stop(hand.pump));
        int64_t until = clock_mono_us() + 30 * US_PER_SECOND;
        do {
                look(10);
                pump_reapply_status(hand.pump, &told);
        } while (told.real.active && !strstr(told.waits, "it stops") && clock_mono_us() < until);
        assert_true(!told.real.active || strstr(told.waits, "it stops"));
        restart();
        pump_reapply_status(hand.pump, &told);
        assert_true(told.real.stopped || strstr(told.waits, "it stops"));
        rd_kafka_mock_broker_set_up(hand.mock, 1);
        put_in_force(book_of("stay", 2));
        assert_true(await_end(false)->stopped);
}

/* Only what may be out: a held one that the source deletes later, or captured before, is left. */
static void reapply__leaves_deletes_and_what_came_before(void **state)
{
        (void)state;
        put_in_force(book_of("go", 1));
        capture(KIND_FEEDBACK, "old", 1, false, true, "old");
        capture(KIND_FEEDBACK, "old", 2, true, false, "");
        await_seen(MESSAGE_RECORD, 1);
        await_seen(MESSAGE_RETRACT, 1);
        await_cursor(vault_mark(hand.vault));
        int64_t since_us = clock_now_us();
        capture(KIND_FEEDBACK, "new", 1, false, true, "new");
        capture(KIND_FEEDBACK, "new", 2, true, false, "");
        await_cursor(vault_mark(hand.vault));
        MUST(ask(false, true, since_us, &err));
        const struct reapply_job *j = await_end(false);
        assert_int_equal(j->became[KIND_FEEDBACK][REAPPLY_AGAIN], 1);
        assert_int_equal(j->passed[PASSED_DELETE], 1);
        await_seen(MESSAGE_RECORD, 3);
        assert_int_equal(count_of(MESSAGE_RETRACT), 2);
}

/* Kept while its kind never left, the newest had no retract; the one before it must not stand alone now. */
static void reapply__lets_no_older_revision_stand_where_the_newest_may_not(void **state)
{
        (void)state;
        static const char finds[] = "find = ( { what = \"email\"; do = \"stay\"; } );\n";
        char text[2048];
        put_in_force(book_of("stay", 1));
        capture(KIND_DISCUSSION, "d", 1, false, true, "fine");
        struct position second = capture(KIND_DISCUSSION, "d", 2, false, false, "ask ada@corp.example");
        capture(KIND_DISCUSSION, "e", 1, false, true, "ask ada@corp.example");
        await_cursor(vault_mark(hand.vault));
        assert_int_equal(count_of(MESSAGE_RETRACT), 0);
        policy_text(text, sizeof text, "go", 2);
        strcat(text, finds);
        put_in_force(book_written(text));
        MUST(ask(false, true, INT64_MIN, &err));
        const struct reapply_job *j = await_end(false);
        assert_int_equal(j->became[KIND_DISCUSSION][REAPPLY_RELEASED], 1);
        assert_int_equal(j->became[KIND_DISCUSSION][REAPPLY_KEPT], 2);
        await_seen(MESSAGE_RECORD, 1);
        await_seen(MESSAGE_RETRACT, 1);
        const struct seen *r = seen_last(MESSAGE_RETRACT);
        assert_int_equal(position_compare(r->at, second), 0);
        assert_true(position_compare(r->out, seen_last(MESSAGE_RECORD)->out) > 0);
        await_account(1, 0, 2, 0);
        acknowledge_all(1);
        await_account(1, 0, 2, 1);
        assert_int_equal(count_of(MESSAGE_RETRACT), 1); /* nobody saw another of "e" */
}

#define T(f) cmocka_unit_test_setup_teardown(f, hub_open, hub_close)
int main(int argc, char **argv)
{
        if (argc > 1)
                cmocka_set_test_filter(argv[1]);
        const struct CMUnitTest tests[] = {
                T(reapply__takes_back_and_lets_go),
                T(reapply__marks_its_rows_as_judged_later),
                T(reapply__wants_a_dry_run_by_the_same_set_first),
                T(reapply__goes_on_where_it_was_and_lets_fresh_ones_pass),
                T(reapply__begins_again_by_another_set),
                T(reapply__takes_back_what_left_while_policies_changed),
                T(reapply__can_be_stopped),
                T(reapply__stops_though_kafka_is_away_and_a_crash_comes),
                T(reapply__leaves_deletes_and_what_came_before),
                T(reapply__lets_no_older_revision_stand_where_the_newest_may_not),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
