/* test_ceiling.c - counters and small groups, from the vault to Kafka. */
#include "hub.h"

static struct book *book_with(const char *lines, int version)
{
        char text[2048];
        snprintf(text, sizeof text,
                 "policy = \"p\"; version = %d; language = 1; title = \"T\";\n"
                 "records = { feedback = \"go\"; };\nsubject = \"none\";\n"
                 "fields = ( { field = [\"title\", \"body\", \"author.country\"]; do = \"clean\"; } );\n"
                 "transfers = ( { to = [\"EEA\"]; allow = [\"kafka\", \"warehouse\", \"reading\"]; "
                 "basis = \"inside\"; } );\nkeep = { warehouse = \"3 years\"; };\n%s\n",
                 version, lines);
        return book_written(text);
}

/* One record of person `who`, told by its body. */
static struct position says(int who, const char *country, const char *body)
{
        static int n;
        struct record r = { .kind = KIND_FEEDBACK, .occurred_at_us = clock_now_us(), .first = true };
        struct buf flat;
        char id[16], email[64];
        snprintf(id, sizeof id, "c%d", n++);
        snprintf(email, sizeof email, "email:p%d@example.net", who);
        r.text[FIELD_ID] = slice_of(id);
        r.text[FIELD_BODY] = slice_of(body);
        r.text[FIELD_AUTHOR_COUNTRY] = slice_of(country);
        buf_init(&flat, 1 << 20);
        record_flatten(&r, &flat);
        struct vault_item item = { .kind = ENTRY_RECORD, .source = SLICE("forum"), .id = slice_of(id), .class = "p",
                                   .plain = buf_slice(&flat), .identities = { slice_of(email) }, .n_identities = 1 };
        MUST(vault_append(hand.vault, &item, 1, &err));
        buf_clear(&flat);
        return item.at;
}

static struct pump_counter await_counter(uint64_t people, uint64_t held)
{
        struct pump_counter c[2] = { 0 };
        int64_t until = clock_mono_us() + 20 * US_PER_SECOND;
        do
                look(50);
        while ((pump_counters(hand.pump, c, 2) != 1 || c[0].people != people || c[0].held != held) && clock_mono_us() < until);
        assert_int_equal(c[0].people, people);
        assert_int_equal(c[0].held, held);
        return c[0];
}

#define CEILING(n) "counters = ( { of = \"people\"; over = \"calendar year\"; ceiling = " #n "; then = \"hold\"; } );"

static void a_ceiling__holds_for_people_over_restarts_and_rises_with_the_policy(void **state)
{
        (void)state;
        struct position last;
        pump_set_book(hand.pump, book_with(CEILING(5), 1));
        for (int again = 0; again < 2; again++)
                for (int who = 0; who < 8; who++)
                        last = says(who, "DE", "x");
        struct pump_status s = await_cursor(last);
        assert_int_equal(s.sent, 10);
        assert_int_equal(s.held, 6);
        struct pump_counter c = await_counter(5, 6);
        assert_int_equal(c.ceiling, 5);
        assert_int_equal(c.warn_at, 4);
        assert_string_equal(c.file, "p.cfg");
        assert_int_equal(metric_get(&pump_metrics[PUMP_COUNTER]), 100);
        restart();
        pump_set_book(hand.pump, book_with(CEILING(5), 1));
        says(4, "DE", "y"); /* counted already */
        s = await_cursor(says(5, "DE", "y"));
        assert_int_equal(s.sent, 11);
        assert_int_equal(s.held, 7);
        pump_set_book(hand.pump, book_with(CEILING(6), 2));
        says(5, "DE", "z");
        s = await_cursor(says(6, "DE", "z"));
        assert_int_equal(s.sent, 12);
        assert_int_equal(await_counter(6, 8).ceiling, 6);
}

static void a_backlog_of_strangers__is_counted_many_at_once_and_to_the_last(void **state)
{
        (void)state;
        struct position last;
        for (int who = 0; who < 300; who++)
                last = says(who % 260, "DE", "x");
        pump_set_book(hand.pump, book_with(CEILING(240), 1));
        struct pump_status s = await_cursor(last);
        assert_int_equal(s.sent, 280);
        assert_int_equal(s.held, 20);
        assert_int_equal(await_counter(240, 20).ceiling, 240);
        await_seen(MESSAGE_RECORD, 280);
}

static size_t countries(const char *body, const char *country)
{
        size_t n = 0;
        for (size_t i = 0; i < hand.n_seen; i++)
                if (strcmp(hand.seen[i].body, body) == 0)
                        n += strcmp(hand.seen[i].country, country) == 0;
        return n;
}

static void a_small_group__leaves_coarser_until_enough_people_share_it(void **state)
{
        (void)state;
        pump_set_book(hand.pump, book_with("small_group = { of = [\"author.country\"]; fewer_than = 3; within = \"28 days\"; then = \"generalise\"; };", 1));
        await_cursor(says(1, "LI", "a"));  /* neither LI nor EEA is known yet: nothing */
        await_cursor(says(2, "DE", "b"));
        await_cursor(says(3, "FR", "c"));  /* the third of the EEA */
        await_cursor(says(3, "LI", "d"));
        restart();
        pump_set_book(hand.pump, book_with("small_group = { of = [\"author.country\"]; fewer_than = 3; within = \"28 days\"; then = \"generalise\"; };", 1));
        await_cursor(says(4, "LI", "e"));  /* the third of LI */
        await_cursor(says(1, "LI", "f"));
        await_seen(MESSAGE_RECORD, 6);
        assert_int_equal(countries("a", ""), 1);
        assert_int_equal(countries("b", ""), 1);
        assert_int_equal(countries("c", "EEA"), 1);
        assert_int_equal(countries("d", "EEA"), 1);
        assert_int_equal(countries("e", "LI"), 1);
        assert_int_equal(countries("f", "LI"), 1);
}

#define T(f) cmocka_unit_test_setup_teardown(f, hub_open, hub_close)

int main(void)
{
        const struct CMUnitTest tests[] = {
                T(a_ceiling__holds_for_people_over_restarts_and_rises_with_the_policy),
                T(a_backlog_of_strangers__is_counted_many_at_once_and_to_the_last),
                T(a_small_group__leaves_coarser_until_enough_people_share_it),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
