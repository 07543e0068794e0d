/* test_returns.c - what comes back from the hub, and what is sent again because of it. */
#include "hub.h"

static const struct position none = { 0, 0 };

static void pump__sends_again_from_a_watermark_that_went_back(void **state)
{
        (void)state;
        pump_set_book(hand.pump, book_of("go", 1));
        capture_many(0, 30);
        await_seen(MESSAGE_RECORD, 30);
        acknowledge_all(1);
        await_in_flight(0);
        size_t before = hand.n_seen;
        send_mark(1, 1, none, none);
        size_t on_one = 0;
        for (size_t i = 0; i < before; i++)
                on_one += hand.seen[i].type == MESSAGE_RECORD && hand.seen[i].partition == 1;
        assert_true(on_one > 0);
        await_seen(MESSAGE_RECORD, 30 + on_one);
        look_for(US_PER_SECOND);
        assert_int_equal(count_of(MESSAGE_RECORD), 30 + on_one); /* only what was lost */
        for (size_t i = before; i < hand.n_seen; i++)
                if (hand.seen[i].partition == 1) {
                        assert_int_equal(position_compare(hand.seen[i].prev, none), 0);
                        break;
                }
        struct pump_status s;
        pump_status(hand.pump, &s);
        assert_int_equal(s.sent, 30); /* counted once */
        acknowledge_all(1);
        await_in_flight(0);
}

static void pump__sends_everything_to_a_new_warehouse(void **state)
{
        (void)state;
        pump_set_book(hand.pump, book_of("hold", 1));
        capture_many(0, 10);
        capture(KIND_DISCUSSION, "d", 0, false, true, "x");
        await_seen(MESSAGE_RECORD, 10);
        acknowledge_all(1);
        await_in_flight(0);
        await_seen(MESSAGE_ACCOUNT, 1);
        look_for(US_PER_SECOND);
        size_t accounts = count_of(MESSAGE_ACCOUNT);
        for (int32_t i = 0; i < PARTITIONS; i++)
                send_mark(i, 2, none, none);
        await_seen(MESSAGE_RECORD, 20);
        await_seen(MESSAGE_ACCOUNT, accounts + 1);
        struct pump_status s;
        pump_status(hand.pump, &s);
        assert_int_equal(s.sent, 10);
        assert_int_equal(s.held, 1);
        assert_int_equal(seen_last(MESSAGE_ACCOUNT)->row.captured, 11);
}

static void pump__hears_at_start_that_the_hub_was_rebuilt(void **state)
{
        (void)state;
        pump_set_book(hand.pump, book_of("go", 1));
        capture_many(0, 30);
        await_seen(MESSAGE_RECORD, 30);
        acknowledge_all(1);
        await_in_flight(0);
        stop_pump();
        /* While the agent is away the hub is rebuilt: it reads so in the receipts at start. */
        for (int32_t i = 0; i < PARTITIONS; i++)
                send_mark(i, 2, none, none);
        start_pump();
        pump_set_book(hand.pump, book_of("go", 1));
        await_seen(MESSAGE_RECORD, 60);
}

static void pump__remembers_over_a_restart_what_it_has_to_send_again(void **state)
{
        (void)state;
        pump_set_book(hand.pump, book_of("go", 1));
        capture_many(0, 30);
        await_seen(MESSAGE_RECORD, 30);
        acknowledge_all(1);
        await_in_flight(0);
        stop_pump();
        for (int32_t i = 0; i < PARTITIONS; i++)
                send_mark(i, 2, none, none);
        start_pump(); /* closed: it hears the receipts and can send nothing */
        struct pump_status s = { 0 };
        int64_t until = clock_mono_us() + 10 * US_PER_SECOND;
        while (s.last_receipt_us == 0 && clock_mono_us() < until) {
                look(100);
                pump_status(hand.pump, &s);
        }
        look_for(US_PER_SECOND);
        stop_pump();
        start_pump(); /* the receipts are as known: only the state says what is missing */
        pump_set_book(hand.pump, book_of("go", 1));
        await_seen(MESSAGE_RECORD, 60);
        pump_status(hand.pump, &s);
        assert_int_equal(s.sent, 30);
}

static void pump__answers_a_gap_once_from_the_watermark(void **state)
{
        (void)state;
        pump_set_book(hand.pump, book_of("go", 1));
        capture_many(0, 60);
        await_seen(MESSAGE_RECORD, 60);
        await_cursor(vault_mark(hand.vault));
        struct position last = out_of(2), mark = { last.epoch, last.seq / 2 };
        struct position missing = { last.epoch, last.seq - 1 };
        size_t before = hand.n_seen, lost = 0;
        for (size_t i = 0; i < before; i++)
                lost += hand.seen[i].type == MESSAGE_RECORD && hand.seen[i].partition == 2 &&
                        position_compare(hand.seen[i].out, mark) > 0;
        assert_true(lost > 0);
        send_mark(2, 1, mark, missing);
        await_seen(MESSAGE_RECORD, 60 + lost);
        size_t i = before;
        while (i < hand.n_seen && hand.seen[i].partition != 2)
                i++;
        assert_int_equal(position_compare(hand.seen[i].prev, mark), 0);
        send_mark(2, 1, mark, missing); /* said again, before the hub has closed it */
        look_for(US_PER_SECOND);
        struct pump_status s;
        pump_status(hand.pump, &s);
        assert_int_equal(s.gaps, 1);
        assert_int_equal(s.sent, 60);
}

static void pump__answers_again_a_gap_that_stays_open(void **state)
{
        (void)state;
        stop_pump();
        hand.settings.hello_every_us = US_PER_SECOND;
        start_pump();
        pump_set_book(hand.pump, book_of("go", 1));
        capture_many(0, 20);
        await_seen(MESSAGE_RECORD, 20);
        await_cursor(vault_mark(hand.vault));
        size_t on_two = 0;
        for (size_t i = 0; i < hand.n_seen; i++)
                on_two += hand.seen[i].type == MESSAGE_RECORD && hand.seen[i].partition == 2;
        struct position last = out_of(2);
        send_mark(2, 1, none, last);
        await_seen(MESSAGE_RECORD, 20 + on_two);     /* the answer ... */
        await_seen(MESSAGE_RECORD, 20 + 2 * on_two); /* ... of which the hub says nothing */
        send_mark(2, 1, out_of(2), none);            /* closed */
        look_for(5 * US_PER_SECOND);
        assert_int_equal(count_of(MESSAGE_RECORD), 20 + 2 * on_two);
        struct pump_status s;
        pump_status(hand.pump, &s);
        assert_int_equal(s.gaps, 1);
        assert_int_equal(s.sent, 20);
}

static void pump__is_not_misled_by_old_receipts_at_start(void **state)
{
        (void)state;
        pump_set_book(hand.pump, book_of("go", 1));
        capture_many(0, 10);
        await_seen(MESSAGE_RECORD, 10);
        for (int32_t i = 0; i < PARTITIONS; i++)
                send_mark(i, 1, none, none);
        acknowledge_all(1);
        await_in_flight(0);
        restart();
        pump_set_book(hand.pump, book_of("go", 1));
        await_seen(MESSAGE_HELLO, 2 * PARTITIONS);
        look_for(US_PER_SECOND);
        assert_int_equal(count_of(MESSAGE_RECORD), 10);
}

static void pump__sends_erasures_before_everything_else(void **state)
{
        (void)state;
        const uint8_t people[1][16] = { { 7 } };
        const struct message_erase e = { .request = { 9 }, .subjects = people, .n_subjects = 1 };
        struct buf plain;
        pump_set_book(hand.pump, book_of("go", 1));
        capture_many(0, 10);
        buf_init(&plain, 4096);
        erasure_pack(&e, &plain);
        struct vault_item item = { .kind = ENTRY_ERASE, .class = "", .plain = buf_slice(&plain) };
        MUST(vault_append(hand.vault, &item, 1, &err));
        buf_clear(&plain);
        await_seen(MESSAGE_RECORD, 10);
        await_seen(MESSAGE_ERASE, 1);
        assert_int_equal(seen_last(MESSAGE_ERASE)->partition, 0);
        acknowledge_all(1);
        await_in_flight(0);
        size_t before = hand.n_seen;
        for (int32_t i = 0; i < PARTITIONS; i++)
                send_mark(i, 2, none, none);
        await_seen(MESSAGE_RECORD, 20);
        for (size_t i = before; hand.seen[i].type != MESSAGE_ERASE; i++)
                assert_int_not_equal(hand.seen[i].type, MESSAGE_RECORD);
}

static void pump__notes_what_the_hub_rejected(void **state)
{
        (void)state;
        pump_set_book(hand.pump, book_of("go", 1));
        await_seen(MESSAGE_HELLO, PARTITIONS);
        struct receipt r = { .type = RECEIPT_REJECTED, .at = { 1, 2 }, .code = SLICE("field") };
        send_receipt(&r);
        struct state *st;
        uint64_t n = 0;
        int64_t until = clock_mono_us() + 10 * US_PER_SECOND;
        MUST(state_open_read_only(&st, hand.state_dir, &err));
        while (n == 0 && clock_mono_us() < until) {
                look(50);
                MUST(state_rejected(st, &n, &err));
        }
        state_close(st);
        assert_int_equal(n, 1);
}

static void pump__keeps_a_flag_of_the_hubs_once(void **state)
{
        static const char name[] = "09000000-0000-0000-0000-000000000000-phone-1";
        char path[256], done[256];
        struct buf b;
        int64_t until = clock_mono_us() + 10 * US_PER_SECOND;
        struct receipt r = { .type = RECEIPT_FLAG, .request = { 1 }, .record_key = { 9 }, .mask = SLICE("[phone 1]"),
                             .note = SLICE("a ticket"), .by = SLICE("reader_product_us") };
        (void)state;
        snprintf(path, sizeof path, "%s/flags/%s.json", hand.state_dir, name);
        snprintf(done, sizeof done, "%s/flags/%s.done", hand.state_dir, name);
        pump_set_book(hand.pump, book_of("go", 1));
        await_seen(MESSAGE_HELLO, PARTITIONS);
        send_receipt(&r);
        while (!file_exists(path) && clock_mono_us() < until)
                look(50);
        buf_init(&b, 4096);
        MUST(file_read(&b, path, &err));
        assert_non_null(strstr(b.p, "\"record\":\"09000000-0000-0000-0000-000000000000\",\"mask\":\"[phone 1]\""));
        assert_non_null(strstr(b.p, "\"by\":\"reader_product_us (hub)\""));
        buf_clear(&b);
        MUST(file_save(done, SLICE(""), 0600, &err)); /* an officer has dealt with it */
        assert_int_equal(unlink(path), 0);
        send_receipt(&r);
        r = (struct receipt){ .type = RECEIPT_FLAG, .request = { 2 }, .record_key = { 9 }, .mask = SLICE("[../x 2]"),
                              .note = SLICE(""), .by = SLICE("a") };
        send_receipt(&r);
        snprintf(done, sizeof done, "%s/flags/09000000-0000-0000-0000-000000000000-x-2.json", hand.state_dir);
        while (!file_exists(done) && clock_mono_us() < until)
                look(50);
        assert_true(file_exists(done));
        assert_false(file_exists(path));
}

static void pump__stays_closed_when_the_partitions_were_changed(void **state)
{
        (void)state;
        struct state *st;
        stop_pump();
        MUST(state_open(&st, hand.state_dir, &err));
        MUST(state_put_number(st, "partitions", PARTITIONS + 1, &err));
        state_close(st);
        start_pump();
        pump_set_book(hand.pump, book_of("go", 1));
        capture_many(0, 3);
        look_for(2 * US_PER_SECOND);
        assert_int_equal(hand.n_seen, 0);
        struct pump_status s;
        pump_status(hand.pump, &s);
        assert_non_null(strstr(s.trouble, "partitions"));
        assert_false(pump_dead(hand.pump, NULL));
}

#define T(f) cmocka_unit_test_setup_teardown(f, hub_open, hub_close)
int main(int argc, char **argv)
{
        if (argc > 1)
                cmocka_set_test_filter(argv[1]);
        const struct CMUnitTest tests[] = {
                T(pump__sends_again_from_a_watermark_that_went_back),
                T(pump__sends_everything_to_a_new_warehouse),
                T(pump__hears_at_start_that_the_hub_was_rebuilt),
                T(pump__remembers_over_a_restart_what_it_has_to_send_again),
                T(pump__answers_a_gap_once_from_the_watermark),
                T(pump__answers_again_a_gap_that_stays_open),
                T(pump__is_not_misled_by_old_receipts_at_start),
                T(pump__sends_erasures_before_everything_else),
                T(pump__notes_what_the_hub_rejected),
                T(pump__keeps_a_flag_of_the_hubs_once),
                T(pump__stays_closed_when_the_partitions_were_changed),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
