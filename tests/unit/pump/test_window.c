/* test_window.c - in flight per partition, settled only in one piece. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "window.h"

static struct window w;

static int setup(void **state)
{
        struct err err = ERR_INIT;
        (void)state;
        return window_init(&w, 8, &err) ? 0 : -1;
}

static int teardown(void **state)
{
        (void)state;
        window_clear(&w);
        return 0;
}

static struct slot *put(int32_t partition, uint64_t n, uint64_t prev)
{
        struct slot *s = window_put(&w);
        assert_non_null(s);
        s->partition = partition;
        s->out = (struct position){ 1, n };
        s->prev = (struct position){ 1, prev };
        if (partition >= 0)
                window_sent(&w, s);
        return s;
}

static void window__is_done_only_in_one_piece_from_the_head(void **state)
{
        (void)state;
        struct slot *a = put(0, 1, 0), *b = put(1, 1, 0), *c = put(0, 2, 1);
        window_report(&w, b, true);
        window_report(&w, c, true);
        assert_int_equal(window_done(&w), 0);
        window_report(&w, a, true);
        assert_int_equal(window_done(&w), 3);
        assert_int_equal(w.unacked, 0);
}

static void window__counts_entries_without_a_message_as_done(void **state)
{
        (void)state;
        put(-1, 0, 0);
        put(-1, 0, 0);
        put(0, 1, 0);
        assert_int_equal(window_done(&w), 2);
        window_drop(&w, 2);
        assert_int_equal(w.n, 1);
        assert_int_equal(window_done(&w), 0);
        assert_int_equal(window_at(&w, 0)->out.seq, 1);
}

static void window__is_full_at_its_ceiling_and_goes_round(void **state)
{
        (void)state;
        for (uint64_t round = 0; round < 5; round++) {
                for (uint64_t i = 0; i < 8; i++)
                        put(0, round * 8 + i + 1, round * 8 + i);
                assert_true(window_full(&w));
                assert_null(window_put(&w));
                for (size_t i = 0; i < 8; i++)
                        window_report(&w, window_at(&w, i), true);
                assert_int_equal(window_done(&w), 8);
                window_drop(&w, 5);
                assert_false(window_full(&w));
                window_drop(&w, 3);
                assert_int_equal(w.n, 0);
        }
}

static void window__knows_what_was_acknowledged_before_the_first_loss(void **state)
{
        (void)state;
        struct position acked[3] = { { 7, 7 }, { 7, 7 }, { 7, 7 } };
        window_report(&w, put(0, 5, 4), true);
        window_report(&w, put(0, 6, 5), true);
        window_report(&w, put(1, 9, 8), false);  /* lost */
        window_report(&w, put(0, 7, 6), false);  /* lost */
        window_report(&w, put(0, 8, 7), true);   /* behind a loss */
        window_report(&w, put(1, 10, 9), true);
        window_acked(&w, acked, 3);
        assert_int_equal(acked[0].seq, 6);
        assert_int_equal(acked[1].seq, 8);
        assert_int_equal(acked[2].seq, 7); /* nothing of it here */
}

static void window__takes_the_last_when_all_was_acknowledged(void **state)
{
        (void)state;
        struct position acked[1] = { { 0, 0 } };
        window_report(&w, put(0, 5, 4), true);
        window_report(&w, put(0, 6, 5), true);
        window_acked(&w, acked, 1);
        assert_int_equal(acked[0].seq, 6);
}

static void window__gives_its_tail_back_as_if_it_had_never_been(void **state)
{
        (void)state;
        window_put(&w);
        struct slot *tail = window_put(&w);
        tail->verdict = calloc(1, sizeof *tail->verdict);
        assert_int_equal(window_done(&w), 2);
        window_take_back(&w);
        assert_int_equal(w.n, 1);
        assert_int_equal(window_done(&w), 1);
        assert_ptr_equal(window_put(&w), tail);
        assert_null(tail->verdict);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
int main(void)
{
        const struct CMUnitTest tests[] = {
                T(window__is_done_only_in_one_piece_from_the_head),
                T(window__counts_entries_without_a_message_as_done),
                T(window__gives_its_tail_back_as_if_it_had_never_been),
                T(window__is_full_at_its_ceiling_and_goes_round),
                T(window__knows_what_was_acknowledged_before_the_first_loss),
                T(window__takes_the_last_when_all_was_acknowledged),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
