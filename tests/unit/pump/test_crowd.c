/* test_crowd.c - who wrote here is masked in what others write: while the pump runs, after it was
 * started again, and also where the one who is named wrote last. */
#include "hub.h"

static struct book *seeking(int version)
{
        char text[1024];
        snprintf(text, sizeof text,
                 "policy = \"p\"; version = %d; language = 1; title = \"T\";\n"
                 "records = { feedback = \"go\"; member = \"stay\"; };\nsubject = \"pseudonym\";\n"
                 "purposes = ( { name = \"research\"; ground = \"art. 6\"; kinds = [\"feedback\"]; } );\n"
                 "fields = ( { field = [\"body\", \"occurred_at\"]; do = \"clean\"; } );\n"
                 "find = ( { what = [\"known_person\"]; do = \"mask\"; } );\n"
                 "transfers = ( { to = [\"EEA\"]; allow = [\"kafka\", \"warehouse\", \"reading\"]; "
                 "basis = \"inside\"; } );\nkeep = { warehouse = \"3 years\"; };\n", version);
        return book_written(text);
}

static struct position write_as(enum record_kind kind, const char *name, const char *handle, const char *body)
{
        static int number;
        char id[16];
        struct record r = { .kind = kind, .occurred_at_us = clock_now_us(), .first = true };
        struct buf flat;
        snprintf(id, sizeof id, "w%d", number++);
        r.text[FIELD_ID] = slice_of(id);
        r.text[FIELD_BODY] = slice_of(body);
        r.text[FIELD_AUTHOR_NAME] = slice_of(name);
        r.text[FIELD_AUTHOR_HANDLE] = slice_of(handle);
        buf_init(&flat, 1 << 20);
        record_flatten(&r, &flat);
        struct vault_item item = { .kind = ENTRY_RECORD, .source = SLICE("forum"), .id = slice_of(id),
                                   .class = "p", .plain = buf_slice(&flat) };
        item.identities[0] = slice_of(handle);
        item.n_identities = 1;
        MUST(vault_append(hand.vault, &item, 1, &err));
        buf_clear(&flat);
        return item.at;
}

static void next_reads(const char *body)
{
        await_seen(MESSAGE_RECORD, count_of(MESSAGE_RECORD) + 1);
        assert_string_equal(seen_last(MESSAGE_RECORD)->body, body);
}

static void limit(int64_t people)
{
        stop_pump();
        hand.settings.people = people;
        hand.settings.people_since_us = US_PER_DAY;
        start_pump();
}

static void crowd__is_masked_in_the_words_of_others(void **state)
{
        (void)state;
        limit(1000);
        write_as(KIND_MEMBER, "Li Wei", "li-wei", "I am new here");
        pump_set_book(hand.pump, seeking(1));
        write_as(KIND_FEEDBACK, "Ana Silva", "ana-s", "thanks @li-wei and Li Wei");
        next_reads("thanks [person 1] and [person 2]");
        write_as(KIND_FEEDBACK, "Li Wei", "li-wei", "Ana Silva is right");
        next_reads("[person 1] is right");
}

static void crowd__is_known_after_a_restart(void **state)
{
        (void)state;
        limit(1000);
        pump_set_book(hand.pump, seeking(1));
        await_cursor(write_as(KIND_MEMBER, "Li Wei", "li-wei", "I am new here"));
        restart();
        pump_set_book(hand.pump, seeking(1));
        write_as(KIND_FEEDBACK, "Ana Silva", "ana-s", "ask Li Wei");
        next_reads("ask [person 1]");
}

static void crowd__is_known_from_all_that_lies_in_the_vault(void **state)
{
        (void)state;
        limit(1000);
        write_as(KIND_FEEDBACK, "Ana Silva", "ana-s", "ask Li Wei");
        for (int i = 0; i < 1200; i++) /* more than a turn */
                write_as(KIND_MEMBER, "Admin", "root", "noise");
        write_as(KIND_MEMBER, "Li Wei", "li-wei", "later");
        pump_set_book(hand.pump, seeking(1));
        next_reads("ask [person 1]");
}

/* The pump's own thread does this whenever keys were destroyed. */
static void crowd__is_forgotten_and_learnt_anew(void **state)
{
        (void)state;
        struct pump p = { .spec = { .vault = hand.vault, .settings = hand.settings }, .seeks_people = true };
        bool ready = false;
        limit(1000);
        p.spec.settings = hand.settings;
        p.judge = judge_new(p.book = seeking(1));
        write_as(KIND_MEMBER, "Li Wei", "li-wei", "here");
        meet_judge(&p);
        MUST(meet_turn(&p, &ready, &err));
        assert_true(ready);
        assert_int_equal(crowd_count(p.crowd), 2);
        struct record r = { .kind = KIND_MEMBER };
        r.text[FIELD_AUTHOR_NAME] = SLICE("Hannah Porter"); /* whose record nobody can read any more */
        MUST(meet_record(&p, &r, &err));
        assert_int_equal(crowd_count(p.crowd), 3);
        p.crowd_generation--;
        MUST(meet_turn(&p, &ready, &err));
        assert_true(ready);
        assert_int_equal(crowd_count(p.crowd), 3); /* not at once: erasures come one after the other */
        p.crowd_until_us = clock_mono_us();
        MUST(meet_turn(&p, &ready, &err));
        assert_true(ready);
        assert_int_equal(crowd_count(p.crowd), 2);
        meet_forget(&p);
        judge_free(p.judge);
        book_drop(p.book);
}

/* The desk reads the same vault from outside, and comes to know the same. */
static void crowd__is_the_same_for_the_desk(void **state)
{
        struct vault *v;
        struct crowd *c;
        bool all = false;
        (void)state;
        write_as(KIND_MEMBER, "Li Wei", "li-wei", "here");
        for (int i = 0; i < 30; i++)
                write_as(KIND_FEEDBACK, "Ana Silva", "ana-s", "thanks");
        MUST(vault_peek(&v, hand.state_dir, &err));
        MUST(crowd_open(&c, v, 1000, clock_now_us() - US_PER_DAY, &err));
        int turns = 0;
        for (; !all; turns++)
                MUST(crowd_learn(c, 10, &all, &err));
        assert_int_equal(turns, 4);
        assert_int_equal(crowd_count(c), 4);
        assert_int_equal(crowd_read(c), 31);
        MUST(crowd_learn(c, 10, &all, &err));
        assert_true(all);
        crowd_close(c);
        MUST(crowd_open(&c, v, 1000, clock_now_us() + US_PER_DAY, &err)); /* nobody wrote since */
        MUST(crowd_learn(c, 10, &all, &err));
        assert_true(all);
        assert_int_equal(crowd_count(c), 0);
        crowd_close(c);
        vault_close(v);
}

static void crowd__is_learnt_to_its_end_whatever_is_erased(void **state)
{
        (void)state;
        struct pump p = { .spec = { .vault = hand.vault }, .seeks_people = true };
        bool ready = false;
        limit(1000);
        p.spec.settings = hand.settings;
        p.judge = judge_new(p.book = seeking(1));
        for (int i = 0; i < 1200; i++) /* more than a turn */
                write_as(KIND_MEMBER, "Admin", "root", "noise");
        for (int i = 0; i < 2; i++) {
                assert_false(ready);
                MUST(meet_turn(&p, &ready, &err));
                p.crowd_generation--;
        }
        assert_true(ready);
        meet_forget(&p);
        judge_free(p.judge);
        book_drop(p.book);
}

#define T(f) cmocka_unit_test_setup_teardown(f, hub_open, hub_close)
int main(void)
{
        const struct CMUnitTest tests[] = {
                T(crowd__is_masked_in_the_words_of_others),
                T(crowd__is_known_after_a_restart),
                T(crowd__is_known_from_all_that_lies_in_the_vault),
                T(crowd__is_forgotten_and_learnt_anew),
                T(crowd__is_learnt_to_its_end_whatever_is_erased),
                T(crowd__is_the_same_for_the_desk),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
