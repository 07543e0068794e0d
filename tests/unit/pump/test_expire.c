/* test_expire.c - what retention does to the account: it still adds up. */
#include "hub.h"

#include "link/db.h"

static _Atomic int64_t raw_us;

static bool keep(void *ctx, const char *class, int64_t *raw, int64_t *at_least)
{
        (void)ctx;
        (void)class;
        *raw = raw_us;
        *at_least = -1;
        return true;
}

static void set_raw(int64_t us)
{
        raw_us = us;
        vault_set_law(hand.vault, &(struct vault_law){ .class = "p", .keep = keep });
        MUST(vault_tidy(hand.vault, &err));
        MUST(vault_tidy(hand.vault, &err));
}

/* As if it had always been so: a law that comes after entries counts a day later. */
static void set_raw_at_once(int64_t us)
{
        char path[128], sql[256];
        struct db *d;
        snprintf(path, sizeof path, "%s/keys.db", hand.state_dir);
        snprintf(sql, sizeof sql, "INSERT OR REPLACE INTO keep SELECT number, %lld, -1, %lld, 0 FROM class"
                                  " WHERE name = 'p'", (long long)us, (long long)us);
        MUST(db_open(&d, path, NULL, &err) && db_run(d, sql, &err));
        db_close(d);
        set_raw(us);
}

static void tidy_until_destroyed(uint64_t periods, uint64_t without_receipt)
{
        struct vault_status s;
        int64_t until = clock_mono_us() + 20 * US_PER_SECOND;
        do {
                MUST(vault_tidy(hand.vault, &err));
                vault_status(hand.vault, &s);
                look(50);
        } while ((s.periods_destroyed < periods || s.without_receipt < without_receipt) && clock_mono_us() < until);
        assert_true(s.periods_destroyed >= periods);
        assert_int_equal(s.without_receipt, without_receipt);
}

static struct account_row sums(void)
{
        struct account_row row;
        struct state *st;
        MUST(state_open_read_only(&st, hand.state_dir, &err));
        MUST(state_account_sums(st, &row, &err));
        state_close(st);
        return row;
}

static struct pump_status await_kept(uint64_t held, uint64_t stayed)
{
        struct pump_status s;
        int64_t until = clock_mono_us() + 20 * US_PER_SECOND;
        do {
                look(20);
                pump_status(hand.pump, &s);
        } while ((s.held != held || s.stayed != stayed) && clock_mono_us() < until);
        assert_int_equal(s.held, held);
        assert_int_equal(s.stayed, stayed);
        return s;
}

static void capture_mixed(int from, int n)
{
        for (int i = from; i < from + n; i++) {
                char id[16];
                snprintf(id, sizeof id, "m%d", i);
                capture(i % 3 == 0   ? KIND_FEEDBACK
                        : i % 3 == 1 ? KIND_DISCUSSION
                                     : KIND_LEAD,
                        id, 0, false, true, id);
        }
}

static void expect_sums(uint64_t captured, uint64_t sent, uint64_t held, uint64_t stayed, uint64_t expired)
{
        struct account_row row = sums();
        assert_int_equal(row.captured, captured);
        assert_int_equal(row.sent, sent);
        assert_int_equal(row.held, held);
        assert_int_equal(row.stayed, stayed);
        assert_int_equal(row.expired, expired);
        assert_int_equal(row.captured, row.sent + row.held + row.stayed + row.expired + row.erased + row.damaged);
}

/* What was sent stays sent: the hub has it. What stayed at home is nowhere any more. */
static void kept_entries__expire_with_their_key(void **state)
{
        (void)state;
        pump_set_book(hand.pump, book_of("hold", 1));
        capture_mixed(0, 30);
        await_seen(MESSAGE_RECORD, 10);
        await_kept(10, 10);
        expect_sums(30, 10, 10, 10, 0);
        acknowledge_all(1);
        await_in_flight(0);
        set_raw_at_once(US_PER_SECOND / 10);
        tidy_until_destroyed(1, 0);
        await_kept(0, 0);
        expect_sums(30, 10, 0, 0, 20);
        restart(); /* and once means once */
        pump_set_book(hand.pump, book_of("hold", 1));
        await_kept(0, 0);
        expect_sums(30, 10, 0, 0, 20);
}

static uint64_t missing(void)
{
        struct state_balance rows[8];
        struct state *st;
        struct arena *a = arena_new(16 << 20);
        size_t n;
        uint64_t sum = 0;
        MUST(state_open_read_only(&st, hand.state_dir, &err));
        MUST(state_balance_sources(st, rows, 8, &n, a, &err));
        for (size_t i = 0; i < n; i++)
                sum += (uint64_t)llabs(rows[i].missing);
        state_close(st);
        arena_free(a);
        return sum;
}

/* A warehouse that is built anew gets what is still there; the rest is told, not missed for ever. */
static void entries__that_the_hub_lost_too_late_are_counted_as_expired(void **state)
{
        const struct position none = { 0, 0 };
        struct vault_status s;
        (void)state;
        pump_set_book(hand.pump, book_of("hold", 1));
        capture_many(0, 12);
        await_seen(MESSAGE_RECORD, 12);
        acknowledge_all(1);
        await_in_flight(0);
        set_raw_at_once(US_PER_SECOND / 10);
        tidy_until_destroyed(1, 0);
        restart(); /* segments are closed */
        set_raw(US_PER_DAY);
        pump_set_book(hand.pump, book_of("hold", 1));
        int64_t until = clock_mono_us() + 20 * US_PER_SECOND;
        do {
                MUST(vault_tidy(hand.vault, &err));
                vault_status(hand.vault, &s);
                look(50);
        } while (s.segments > 1 && clock_mono_us() < until);
        assert_int_equal(s.segments, 1); /* of the activation */
        capture_many(20, 3);
        await_seen(MESSAGE_RECORD, 15);
        acknowledge_all(1);
        await_in_flight(0);
        expect_sums(15, 15, 0, 0, 0);
        for (int32_t i = 0; i < PARTITIONS; i++)
                send_mark(i, 2, none, none);
        await_seen(MESSAGE_RECORD, 18);
        until = clock_mono_us() + 20 * US_PER_SECOND;
        while (sums().expired < 12 && clock_mono_us() < until)
                look(50);
        expect_sums(15, 3, 0, 0, 12);
        acknowledge_all(2);
        await_in_flight(0);
        assert_int_equal(missing(), 0);
        expect_sums(15, 3, 0, 0, 12);
}

/* The hub is away for good: at the deadline they go, and are counted. */
static void entries__that_never_left_are_counted_as_expired(void **state)
{
        (void)state;
        set_raw(US_PER_SECOND / 2);
        capture_mixed(0, 9); /* no book: nothing leaves */
        tidy_until_destroyed(1, 9);
        set_raw(US_PER_DAY);
        pump_set_book(hand.pump, book_of("hold", 1));
        struct position last = capture(KIND_FEEDBACK, "young", 0, false, true, "young");
        await_cursor(last);
        expect_sums(10, 1, 0, 0, 9);
        assert_int_equal(count_of(MESSAGE_RECORD), 1);
        assert_string_equal(seen_last(MESSAGE_RECORD)->body, "young");
}

static void receipts__turn_backlog_into_history(void **state)
{
        struct vault_status s;
        (void)state;
        set_raw(US_PER_DAY);
        pump_set_book(hand.pump, book_of("go", 1));
        capture_many(0, 5);
        await_seen(MESSAGE_RECORD, 5);
        await_in_flight(5);
        vault_status(hand.vault, &s);
        assert_int_equal(s.history_bytes + s.backlog_bytes, s.bytes);
        uint64_t backlog = s.backlog_bytes;
        assert_true(backlog > 0);
        acknowledge_all(1);
        await_in_flight(0);
        int64_t until = clock_mono_us() + 10 * US_PER_SECOND;
        do {
                vault_status(hand.vault, &s);
                look(20);
        } while (s.backlog_bytes >= backlog && clock_mono_us() < until);
        assert_true(s.backlog_bytes < backlog);
}

#define T(f) cmocka_unit_test_setup_teardown(f, hub_open, hub_close)
int main(int argc, char **argv)
{
        if (argc > 1)
                cmocka_set_test_filter(argv[1]);
        const struct CMUnitTest tests[] = {
                T(kept_entries__expire_with_their_key),
                T(entries__that_the_hub_lost_too_late_are_counted_as_expired),
                T(entries__that_never_left_are_counted_as_expired),
                T(receipts__turn_backlog_into_history),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
