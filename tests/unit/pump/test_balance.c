/* test_balance.c - does it add up, from two sides that know nothing of each other? */
#include "hub.h"

#include "link/db.h"

static struct pump_account account;
static const struct position none = { 0, 0 };

/* Waits until so many of "forum" are in flight and have arrived, and looks at all sums on the way. */
static void await_balance(uint64_t in_flight, uint64_t arrived)
{
        int64_t until = clock_mono_us() + 60 * US_PER_SECOND;
        const struct pump_balance *b = account.sources;
        for (;;) {
                look(20);
                pump_account(hand.pump, &account);
                assert_int_equal(account.missing, 0);
                if (account.n_sources == 1 && b->in_flight == in_flight && b->arrived == arrived)
                        break;
                if (clock_mono_us() > until)
                        fail_msg("in flight %d, arrived %d", (int)b->in_flight, (int)b->arrived);
        }
        assert_string_equal(b->source, "forum");
        assert_int_equal(b->captured, b->arrived + b->in_flight + b->held);
        assert_true(account.n_hours > 0 && account.n_hours <= 2);
}

static void balance__follows_the_watermarks_and_going_back(void **state)
{
        (void)state;
        size_t on_one = 0;
        pump_set_book(hand.pump, book_of("go", 1));
        capture_many(0, 30);
        capture(KIND_DISCUSSION, "d", 0, false, true, "x");
        await_seen(MESSAGE_RECORD, 31);
        await_balance(31, 0);
        for (size_t i = 0; i < hand.n_seen; i++)
                on_one += hand.seen[i].type == MESSAGE_RECORD && hand.seen[i].partition == 1;
        acknowledge_all(1);
        await_balance(0, 31);
        /* A partition goes back: what was on it is on its way again, and nothing is missing. */
        send_mark(1, 1, none, none);
        await_seen(MESSAGE_RECORD, 31 + on_one);
        await_balance(on_one, 31 - on_one);
        acknowledge_all(1);
        await_balance(0, 31);
        /* All again, and today's policy holds one of them. */
        pump_set_book(hand.pump, book_of("hold", 2));
        for (int32_t i = 0; i < PARTITIONS; i++)
                send_mark(i, 2, none, none);
        await_balance(30, 0);
        acknowledge_all(2);
        await_balance(0, 30);
        assert_int_equal(account.sources[0].held, 1);
}

static void balance__is_kept_over_restarts(void **state)
{
        (void)state;
        pump_set_book(hand.pump, book_of("go", 1));
        capture_many(0, 20);
        await_seen(MESSAGE_RECORD, 20);
        await_balance(20, 0);
        restart();
        pump_set_book(hand.pump, book_of("go", 1));
        capture_many(20, 5);
        await_balance(25, 0);
        acknowledge_all(1);
        await_balance(0, 25);
}

static void alter(const char *sql)
{
        char path[160];
        struct db *d;
        stop_pump();
        snprintf(path, sizeof path, "%s/state.db", hand.state_dir);
        MUST(db_open(&d, path, NULL, &err) && db_run(d, sql, &err));
        db_close(d);
        start_pump();
        pump_set_book(hand.pump, book_of("go", 1));
}

static void await_missing(uint64_t n)
{
        struct pump_status s = { .missing = UINT64_MAX };
        int64_t until = clock_mono_us() + 60 * US_PER_SECOND;
        do {
                look(20);
                pump_account(hand.pump, &account);
                pump_status(hand.pump, &s);
        } while ((account.missing != n || s.missing != n || !account.at_us) && clock_mono_us() < until);
        assert_int_equal(account.missing, n);
        assert_int_equal(s.missing, n);
}

static void balance__names_what_was_altered(void **state)
{
        (void)state;
        pump_set_book(hand.pump, book_of("go", 1));
        capture_many(0, 20);
        await_seen(MESSAGE_RECORD, 20);
        await_balance(20, 0);
        alter("UPDATE account SET captured = captured + 3");
        await_missing(3);
        assert_int_equal(account.hours[0].missing, 3);
        assert_int_equal(account.sources[0].missing, 3);
        alter("UPDATE account SET captured = captured - 3");
        await_missing(0);
        /* A record counted for another hour than it stands in: no total shows that. */
        alter("UPDATE account SET held = held + 1; INSERT INTO account SELECT source, hour - 3600000000, 0, 0, -1, 0, 0, 0, 0, 0, 0, 0,"
              " changed FROM account");
        await_missing(1);
        alter("DELETE FROM account WHERE captured = 0; UPDATE account SET held = held - 1");
        await_missing(0);
        alter("DELETE FROM sent_piece WHERE part = (SELECT min(part) FROM sent_piece)");
        pump_account(hand.pump, &account);
        int64_t until = clock_mono_us() + 60 * US_PER_SECOND;
        while (!account.missing && clock_mono_us() < until) {
                look(20);
                pump_account(hand.pump, &account);
        }
        assert_true(account.missing > 0);
        assert_int_equal(account.sources[0].in_flight + account.missing, 20);
}

static void a_hub_that_lost_records__is_told_by_its_own_counts(void **state)
{
        (void)state;
        pump_set_book(hand.pump, book_of("go", 1));
        capture_many(0, 20);
        await_seen(MESSAGE_RECORD, 20);
        acknowledge_all(1); /* this hub counts nothing */
        int64_t until = clock_mono_us() + 60 * US_PER_SECOND;
        do {
                look(20);
                pump_account(hand.pump, &account);
        } while (account.untold != 20 && clock_mono_us() < until);
        assert_true(account.heard);
        assert_int_equal(account.untold, 20);
        assert_int_equal(account.missing, 0);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, hub_open, hub_close)

int main(void)
{
        const struct CMUnitTest tests[] = {
                TEST(balance__follows_the_watermarks_and_going_back),
                TEST(balance__is_kept_over_restarts),
                TEST(balance__names_what_was_altered),
                TEST(a_hub_that_lost_records__is_told_by_its_own_counts),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
