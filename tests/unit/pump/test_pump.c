/* test_pump.c - from the vault to Kafka: a real vault, a mock Kafka. */
#include "hub.h"

static const struct position none = { 0, 0 };

/* As a loader follows it: a prev beyond the last out is a gap, closed by a prev within it. Where
 * the mock refused one batch and took the next a gap may open; none may stay. */
static void assert_chained(void)
{
        struct position last[PARTITIONS] = { { 0, 0 } }, highest[PARTITIONS] = { { 0, 0 } };
        for (size_t i = 0; i < hand.n_seen; i++) {
                const struct seen *s = &hand.seen[i];
                assert_true(position_compare(s->out, highest[s->partition]) > 0);
                highest[s->partition] = s->out;
                if (position_compare(s->prev, last[s->partition]) <= 0)
                        last[s->partition] = s->out;
        }
        for (int32_t i = 0; i < PARTITIONS; i++)
                assert_int_equal(position_compare(last[i], highest[i]), 0);
}

static void pump__sends_what_may_leave_and_settles_it(void **state)
{
        (void)state;
        capture_many(0, 50);
        struct position last = capture(KIND_FEEDBACK, "x", 0, false, true, "write to ada@example.net");
        pump_set_book(hand.pump, book_of("go", 1));
        await_seen(MESSAGE_RECORD, 51);
        struct pump_status s = await_cursor(last);
        assert_int_equal(s.sent, 51);
        assert_int_equal(s.held + s.stayed, 0);
        assert_false(s.closed);
        assert_true(s.kafka_up);
        assert_string_equal(s.trouble, "");
        assert_int_equal(s.in_flight, 51);
        assert_chained();
        acknowledge_all(1);
        s = await_in_flight(0);
        assert_true(s.last_receipt_us > 0);
}

static void pump__says_hello_on_every_partition_at_start(void **state)
{
        (void)state;
        pump_set_book(hand.pump, book_of("go", 1));
        await_seen(MESSAGE_HELLO, PARTITIONS);
        for (int32_t i = 0; i < PARTITIONS; i++)
                assert_int_equal(out_of(i).seq, 1);
}

static void pump__says_hello_again_where_nothing_was_sent(void **state)
{
        (void)state;
        stop_pump();
        hand.settings.hello_every_us = US_PER_SECOND;
        start_pump();
        pump_set_book(hand.pump, book_of("go", 1));
        await_seen(MESSAGE_HELLO, 2 * PARTITIONS);
        assert_chained();
}

static size_t tellings(void)
{
        size_t n = 0;
        for (size_t i = 0; i < hand.n_seen; i++) {
                bool tells = hand.seen[i].type == MESSAGE_HELLO && hand.seen[i].held == 77;
                assert_true(!tells || hand.seen[i].partition == 0);
                n += tells;
        }
        return n;
}

static void pump__tells_how_the_region_stands_though_records_flow(void **state)
{
        (void)state;
        struct standing s = { .release = "1", .since_us = 1, .held = 77, .full_in_s = -1 };
        stop_pump();
        hand.settings.hello_every_us = US_PER_SECOND;
        start_pump();
        pump_tell(hand.pump, &s);
        pump_set_book(hand.pump, book_of("go", 1));
        await_seen(MESSAGE_HELLO, PARTITIONS);
        assert_int_equal(tellings(), 1);
        int64_t until = clock_mono_us() + 20 * US_PER_SECOND;
        for (int i = 0; tellings() < 3 && clock_mono_us() < until; i += 10) {
                capture_many(i, 10);
                look_for(US_PER_SECOND / 10);
        }
        assert_true(tellings() >= 3);
        assert_chained();
}

static void pump__tells_at_once_what_changed(void **state)
{
        (void)state;
        struct standing s = { .release = "1", .since_us = 1, .held = 77, .full_in_s = -1 };
        pump_tell(hand.pump, &s);
        pump_set_book(hand.pump, book_of("go", 1));
        await_seen(MESSAGE_HELLO, PARTITIONS);
        assert_int_equal(tellings(), 1);
        pump_tell(hand.pump, &s); /* no news; the next is due in 30 s */
        s.troubles = 1u << TROUBLE_POLICY_STALE;
        pump_tell(hand.pump, &s);
        await_seen(MESSAGE_HELLO, PARTITIONS + 1);
        look_for(US_PER_SECOND / 2);
        assert_int_equal(tellings(), 2);
}

static void pump__says_how_old_the_oldest_is_that_waits(void **state)
{
        (void)state;
        struct pump_status s;
        capture_many(0, 5);
        struct position last = capture(KIND_FEEDBACK, "last", 0, false, true, "last");
        int64_t until = clock_mono_us() + 20 * US_PER_SECOND;
        do {
                look(50);
                pump_status(hand.pump, &s);
        } while (s.lag_us < US_PER_SECOND / 5 && clock_mono_us() < until);
        assert_true(s.lag_us >= US_PER_SECOND / 5 && s.lag_us < 20 * US_PER_SECOND);
        pump_set_book(hand.pump, book_of("go", 1));
        s = await_cursor(last);
        until = clock_mono_us() + 20 * US_PER_SECOND;
        while (s.backlog && clock_mono_us() < until) {
                look(20);
                pump_status(hand.pump, &s);
        }
        assert_int_equal(s.lag_us, 0);
}

static void pump__sends_nothing_while_closed(void **state)
{
        (void)state;
        capture_many(0, 5);
        look_for(US_PER_SECOND);
        assert_int_equal(hand.n_seen, 0);
        struct pump_status s;
        pump_status(hand.pump, &s);
        assert_true(s.closed);
        assert_int_equal(s.backlog, 5);
        pump_set_book(hand.pump, book_of("go", 1));
        await_seen(MESSAGE_RECORD, 5);
        pump_set_book(hand.pump, NULL);
        capture_many(5, 5);
        look_for(US_PER_SECOND);
        assert_int_equal(count_of(MESSAGE_RECORD), 5);
}

static void pump__keeps_what_is_held_and_says_by_which_line(void **state)
{
        (void)state;
        struct state *st;
        enum outcome o;
        struct position held = capture(KIND_DISCUSSION, "d", 0, false, true, "x");
        struct position stays = capture(KIND_MEMBER, "m", 0, false, true, "x");
        pump_set_book(hand.pump, book_of("hold", 1));
        struct pump_status s = await_cursor(stays);
        assert_int_equal(s.held, 1);
        assert_int_equal(s.stayed, 1);
        assert_int_equal(count_of(MESSAGE_RECORD) + count_of(MESSAGE_RETRACT), 0);
        MUST(state_open_read_only(&st, hand.state_dir, &err));
        MUST(state_outcome(st, held, &o, &err));
        assert_int_equal(o, OUTCOME_HELD);
        MUST(state_outcome(st, stays, &o, &err));
        assert_int_equal(o, OUTCOME_STAYED);
        state_close(st);
}

static void pump__retracts_what_an_older_policy_let_go(void **state)
{
        (void)state;
        pump_set_book(hand.pump, book_of("go", 1));
        struct position first = capture(KIND_DISCUSSION, "d", 1, false, true, "x");
        await_seen(MESSAGE_RECORD, 1);
        await_cursor(first);
        pump_set_book(hand.pump, book_of("hold", 2));
        struct position second = capture(KIND_DISCUSSION, "d", 2, false, false, "x");
        capture(KIND_DISCUSSION, "e", 2, false, true, "known to be the first");
        await_seen(MESSAGE_RETRACT, 1);
        const struct seen *r = seen_last(MESSAGE_RETRACT);
        assert_false(r->deleted);
        assert_int_equal(position_compare(r->at, second), 0);
        assert_int_equal(r->partition, hand.seen[0].type == MESSAGE_RECORD ? hand.seen[0].partition
                                                                         : seen_last(MESSAGE_RECORD)->partition);
        look_for(US_PER_SECOND / 2);
        assert_int_equal(count_of(MESSAGE_RETRACT), 1);
}

static void pump__always_sends_a_delete(void **state)
{
        (void)state;
        pump_set_book(hand.pump, book_of("hold", 1));
        struct position at = capture(KIND_MEMBER, "m", 7, true, false, "never mind");
        await_seen(MESSAGE_RETRACT, 1);
        const struct seen *r = seen_last(MESSAGE_RETRACT);
        assert_true(r->deleted);
        assert_string_equal(r->body, "");
        struct pump_status s = await_cursor(at);
        assert_int_equal(s.sent, 1);
}

static void pump__tells_the_account(void **state)
{
        (void)state;
        capture_many(0, 3);
        capture(KIND_DISCUSSION, "d", 0, false, true, "x");
        capture(KIND_MEMBER, "m", 0, false, true, "x");
        pump_count_refused(hand.pump, SLICE("forum"), clock_now_us(), 4);
        pump_count_discarded(hand.pump, SLICE("forum"), clock_now_us(), 2);
        pump_set_book(hand.pump, book_of("hold", 1));
        int64_t until = clock_mono_us() + 10 * US_PER_SECOND;
        const struct seen *a = NULL;
        while ((!(a = seen_last(MESSAGE_ACCOUNT)) || a->row.captured < 5) && clock_mono_us() < until)
                look(100);
        assert_non_null(a);
        assert_int_equal(a->partition, 0);
        assert_int_equal(a->row.captured, 5);
        assert_int_equal(a->row.sent, 3);
        assert_int_equal(a->row.held, 1);
        assert_int_equal(a->row.stayed, 1);
        assert_int_equal(a->row.refused, 4);
        assert_int_equal(a->row.discarded, 2);
        size_t told = count_of(MESSAGE_ACCOUNT);
        look_for(US_PER_SECOND * 3 / 2);
        assert_int_equal(count_of(MESSAGE_ACCOUNT), told); /* nothing changed: nothing to tell */
}

static void pump__goes_on_where_it_was_after_a_restart(void **state)
{
        (void)state;
        pump_set_book(hand.pump, book_of("go", 1));
        capture_many(0, 20);
        await_seen(MESSAGE_RECORD, 20);
        restart();
        pump_set_book(hand.pump, book_of("go", 1));
        capture_many(20, 5);
        await_seen(MESSAGE_RECORD, 25);
        look_for(US_PER_SECOND / 2);
        assert_int_equal(count_of(MESSAGE_RECORD), 25);
        assert_chained();
        for (int32_t i = 0; i < PARTITIONS; i++)
                assert_int_equal(out_of(i).epoch & 0xffffffff, 2);
}

static void pump__loses_nothing_while_the_broker_is_away(void **state)
{
        (void)state;
        pump_set_book(hand.pump, book_of("go", 1));
        capture_many(0, 5);
        await_seen(MESSAGE_RECORD, 5);
        rd_kafka_mock_broker_set_down(hand.mock, 1);
        capture_many(5, 20);
        look_for(US_PER_SECOND);
        rd_kafka_mock_broker_set_up(hand.mock, 1);
        await_seen(MESSAGE_RECORD, 25);
        assert_chained();
}

static void pump__stops_while_the_broker_is_away(void **state)
{
        (void)state;
        pump_set_book(hand.pump, book_of("go", 1));
        capture_many(0, 5);
        await_seen(MESSAGE_RECORD, 5);
        rd_kafka_mock_broker_set_down(hand.mock, 1);
        capture_many(5, 20);
        look_for(US_PER_SECOND / 2);
        restart(); /* with what nobody takes waiting */
        struct pump_status ps;
        pump_status(hand.pump, &ps); /* before Kafka was met */
        assert_true(ps.sent == 5 && ps.backlog == 20);
        rd_kafka_mock_broker_set_up(hand.mock, 1);
        pump_set_book(hand.pump, book_of("go", 1));
        await_seen(MESSAGE_RECORD, 25);
}

static void pump__gets_a_new_producer_after_a_fatal_error(void **state)
{
        (void)state;
        pump_set_book(hand.pump, book_of("go", 1));
        capture_many(0, 5);
        await_seen(MESSAGE_RECORD, 5);
        rd_kafka_mock_push_request_errors(hand.mock, 0 /* Produce */, 1,
                                          RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER);
        capture_many(5, 5);
        await_seen(MESSAGE_RECORD, 10);
        assert_chained();
        struct pump_status s = await_cursor(vault_mark(hand.vault));
        assert_int_equal(s.sent, 10);
}

static void pump__judges_again_what_a_new_policy_found_waiting(void **state)
{
        (void)state;
        pump_set_book(hand.pump, book_of("go", 1));
        await_seen(MESSAGE_HELLO, PARTITIONS);
        rd_kafka_mock_broker_set_down(hand.mock, 1);
        struct position at = capture(KIND_DISCUSSION, "d", 0, false, true, "x");
        look_for(US_PER_SECOND / 2); /* it waits in the producer's queue */
        pump_set_book(hand.pump, book_of("stay", 2));
        look_for(US_PER_SECOND / 2);
        rd_kafka_mock_broker_set_up(hand.mock, 1);
        struct pump_status s = await_cursor(at);
        look_for(US_PER_SECOND / 2);
        assert_int_equal(s.stayed, 1);
        assert_int_equal(count_of(MESSAGE_RECORD), 0);
}

/* It may be at the broker, whose answer was not heard: a retract follows, and is the newer. */
static void is_taken_back(struct position at)
{
        struct pump_status s = await_cursor(at);
        rd_kafka_mock_broker_set_rtt(hand.mock, -1, 0);
        assert_int_equal(s.stayed, 1);
        await_seen(MESSAGE_RETRACT, 1);
        assert_int_equal(position_compare(seen_last(MESSAGE_RETRACT)->at, at), 0);
        if (count_of(MESSAGE_RECORD)) /* unless this machine was too slow to send it in time */
                assert_true(position_compare(seen_last(MESSAGE_RETRACT)->out, seen_last(MESSAGE_RECORD)->out) > 0);
}

static struct position send_unheard(int rtt_ms)
{
        pump_set_book(hand.pump, book_of("go", 1));
        await_seen(MESSAGE_HELLO, PARTITIONS);
        rd_kafka_mock_broker_set_rtt(hand.mock, -1, rtt_ms);
        struct position at = capture(KIND_DISCUSSION, "d", 0, false, true, "x");
        look_for(US_PER_SECOND / 2);
        return at;
}

static void pump__takes_back_what_left_while_policies_changed(void **state)
{
        (void)state;
        struct position at = send_unheard(1500);
        pump_set_book(hand.pump, book_of("stay", 2));
        is_taken_back(at);
}

static void pump__takes_back_what_left_before_it_was_stopped(void **state)
{
        (void)state;
        hand.settings.drain_us = 0;
        restart();
        struct position at = send_unheard(1500);
        stop_pump();
        rd_kafka_mock_broker_set_rtt(hand.mock, -1, 0);
        restart();
        pump_set_book(hand.pump, book_of("stay", 2));
        is_taken_back(at);
}

static void pump__activates_a_policy_set_once(void **state)
{
        (void)state;
        pump_set_book(hand.pump, book_of("go", 1));
        await_seen(MESSAGE_HELLO, PARTITIONS);
        struct position mark = vault_mark(hand.vault);
        assert_int_equal(mark.seq, 1);
        restart();
        pump_set_book(hand.pump, book_of("go", 1));
        await_seen(MESSAGE_HELLO, 2 * PARTITIONS);
        struct pump_status s;
        pump_status(hand.pump, &s);
        assert_int_equal(position_compare(s.judged, mark), 0);
        capture_many(0, 1);
        assert_int_equal(vault_mark(hand.vault).seq, 1);
        pump_set_book(hand.pump, book_of("go", 2));
        await_seen(MESSAGE_RECORD, 1);
        await_cursor((struct position){ vault_epoch(hand.vault), 2 });
}

static void pump__holds_what_is_too_large_to_leave(void **state)
{
        (void)state;
        static char body[5000];
        memset(body, 'x', sizeof body - 1);
        stop_pump();
        hand.properties[2] = (struct kafka_property){ "message.max.bytes", "4000" };
        hand.kafka.n = 3;
        start_pump();
        pump_set_book(hand.pump, book_of("go", 1));
        capture(KIND_FEEDBACK, "big", 0, false, true, body);
        struct position at = capture(KIND_FEEDBACK, "small", 0, false, true, "x");
        await_seen(MESSAGE_RECORD, 1);
        struct pump_status s = await_cursor(at);
        assert_int_equal(s.held, 1);
        assert_int_equal(s.sent, 1);
        assert_chained();
}

static void pump__holds_what_the_broker_calls_too_large(void **state)
{
        (void)state;
        pump_set_book(hand.pump, book_of("go", 1));
        await_seen(MESSAGE_HELLO, PARTITIONS);
        rd_kafka_mock_push_request_errors(hand.mock, 0 /* Produce */, 1,
                                          RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE);
        struct position at = capture(KIND_FEEDBACK, "big", 0, false, true, "x");
        struct pump_status s = await_cursor(at);
        assert_int_equal(s.held, 1);
        at = capture(KIND_FEEDBACK, "small", 0, false, true, "x");
        await_seen(MESSAGE_RECORD, 1);
        await_cursor(at);
}

static void pump__refuses_to_start_with_a_wrong_property(void **state)
{
        (void)state;
        struct pump *p;
        struct err err = ERR_INIT;
        const struct kafka_property wrong = { "acks", "1" };
        const struct kafka_config config = { &wrong, 1, "test" };
        const struct pump_spec spec = { .region = "de-test", .state_dir = hand.state_dir,
                                        .vault = hand.vault, .kafka = &config,
                                        .settings = hand.settings, .found = &hand.found };
        stop_pump();
        assert_false(pump_start(&p, &spec, &err));
        assert_int_equal(err.kind, ERR_CONFIG);
}

static bool seen_at(struct position at)
{
        for (size_t i = 0; i < hand.n_seen; i++)
                if (hand.seen[i].type == MESSAGE_RECORD && position_compare(hand.seen[i].at, at) == 0)
                        return true;
        return false;
}

/* Everything that can go wrong, by the dice; the seed is told. */
static void misfortune(void)
{
        static int version = 1;
        switch (rand() % 6) {
        case 0:
                rd_kafka_mock_broker_set_down(hand.mock, 1);
                look_for(rand() % 300000);
                rd_kafka_mock_broker_set_up(hand.mock, 1);
                return;
        case 1:
                rd_kafka_mock_push_request_errors(hand.mock, 0, 1,
                                                  RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER);
                return;
        case 2:
                pump_set_book(hand.pump, book_of("go", ++version));
                return;
        case 3:
                restart();
                pump_set_book(hand.pump, book_of("go", version));
                return;
        case 4:
                send_mark(rand() % PARTITIONS, (uint8_t)(1 + rand() % 2), none, none);
                return;
        default:
                look_for(rand() % 200000);
        }
}

static void pump__delivers_everything_once_counted_through_any_misfortune(void **state)
{
        (void)state;
        unsigned seed = getenv("TEST_SEED") ? (unsigned)atoi(getenv("TEST_SEED"))
                                            : (unsigned)clock_now_us();
        struct position at[400];
        print_message("seed %u\n", seed);
        srand(seed);
        pump_set_book(hand.pump, book_of("go", 1));
        for (int i = 0; i < 400; i++) {
                char id[16];
                snprintf(id, sizeof id, "r%d", i);
                at[i] = capture(KIND_FEEDBACK, id, 0, false, true, id);
                if (i % 20 == 19)
                        misfortune();
        }
        await_cursor(at[399]);
        int64_t until = clock_mono_us() + 20 * US_PER_SECOND;
        for (int i = 0; i < 400; i++)
                while (!seen_at(at[i]) && clock_mono_us() < until)
                        look(50);
        for (int i = 0; i < 400; i++)
                assert_true(seen_at(at[i]));
        look_for(US_PER_SECOND);
        struct pump_status s;
        pump_status(hand.pump, &s);
        assert_int_equal(s.sent, 400);
        assert_int_equal(s.held + s.stayed, 0);
        assert_chained();
}

#define T(f) cmocka_unit_test_setup_teardown(f, hub_open, hub_close)
int main(int argc, char **argv)
{
        if (argc > 1)
                cmocka_set_test_filter(argv[1]);
        const struct CMUnitTest tests[] = {
                T(pump__sends_what_may_leave_and_settles_it),
                T(pump__says_hello_on_every_partition_at_start),
                T(pump__says_hello_again_where_nothing_was_sent),
                T(pump__tells_how_the_region_stands_though_records_flow),
                T(pump__tells_at_once_what_changed),
                T(pump__says_how_old_the_oldest_is_that_waits),
                T(pump__sends_nothing_while_closed),
                T(pump__keeps_what_is_held_and_says_by_which_line),
                T(pump__retracts_what_an_older_policy_let_go),
                T(pump__always_sends_a_delete),
                T(pump__tells_the_account),
                T(pump__goes_on_where_it_was_after_a_restart),
                T(pump__loses_nothing_while_the_broker_is_away),
                T(pump__stops_while_the_broker_is_away),
                T(pump__gets_a_new_producer_after_a_fatal_error),
                T(pump__judges_again_what_a_new_policy_found_waiting),
                T(pump__takes_back_what_left_while_policies_changed),
                T(pump__takes_back_what_left_before_it_was_stopped),
                T(pump__activates_a_policy_set_once),
                T(pump__holds_what_is_too_large_to_leave),
                T(pump__holds_what_the_broker_calls_too_large),
                T(pump__refuses_to_start_with_a_wrong_property),
                T(pump__delivers_everything_once_counted_through_any_misfortune),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
