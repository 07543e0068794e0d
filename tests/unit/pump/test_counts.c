/* test_counts.c - never more people than a ceiling leave, whatever the order, whatever is killed. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/log.h"
#include "counts.h"

enum { CEILING = 12, PEOPLE = 40, SPAN = 30 };

static char dir[64];
static struct state *db;
static struct keyer *keyer;
static struct counts c;
static struct err err;
static const struct record words = { .kind = KIND_FEEDBACK };

static void open_all(void)
{
        assert_true(state_open(&db, dir, &err) && counted_open(db, &err) && keyer_open(&keyer, dir, &err) &&
                    counts_open(&c, db, keyer, &err));
}

/* As after kill -9: what no transaction had ended is gone. */
static void close_all(void)
{
        counts_close(&c);
        keyer_close(keyer);
        state_close(db);
}

static int setup(void **state)
{
        char recovery[96], cmd[128];
        (void)state;
        log_setup(LOG_LEVEL_ERROR, false);
        snprintf(dir, sizeof dir, "/tmp/tributary-counts-XXXXXX");
        err = (struct err)ERR_INIT;
        if (!mkdtemp(dir))
                return -1;
        snprintf(recovery, sizeof recovery, "%s.recovery", dir);
        bool ok = keys_generate(dir, recovery, &err);
        snprintf(cmd, sizeof cmd, "rm -f %s", recovery);
        if (!ok || system(cmd) != 0)
                return -1;
        open_all();
        return 0;
}

static int teardown(void **state)
{
        char cmd[128];
        (void)state;
        close_all();
        snprintf(cmd, sizeof cmd, "rm -r %s", dir);
        return system(cmd);
}

static struct question counter(int64_t today, bool year)
{
        return (struct question){ .of = QUESTION_PEOPLE, .line = &words, .id = "p/people/", .file = "p.cfg", .at_line = 7,
                                  .once = year, .today = today, .since = year ? today - today % 365 : today - SPAN,
                                  .ceiling = CEILING, .warn_at = CEILING };
}

static struct question group(int64_t today, const char *combination, uint64_t enough)
{
        return (struct question){ .of = QUESTION_GROUP, .line = &words, .id = "p/author.country", .file = "p.cfg",
                                  .combination = slice_of(combination), .today = today, .since = today - SPAN + 1,
                                  .ceiling = enough };
}

static struct vault_entry entry_of(uint64_t subject)
{
        return (struct vault_entry){ .kind = ENTRY_RECORD, .subject = subject, .record_key = { (uint8_t)subject, 1 } };
}

static struct question answer(struct question q, const struct vault_entry *e, const struct record *r)
{
        struct answers a = { .of = { q }, .n = 1 };
        assert_true(counts_answer(&c, e, r, &a, &err));
        assert_true(a.of[0].known);
        return a.of[0];
}

/* As the judge does it. True: the record leaves. */
static bool meet(struct question q, const struct vault_entry *e, const struct record *r)
{
        struct answers a = { .of = { answer(q, e, r) }, .n = 1 };
        if (!a.of[0].counted && a.of[0].people >= a.of[0].ceiling)
                return false;
        assert_true(counts_admit(&c, e, r, &a, 1, &err));
        return true;
}

static bool leaves(uint64_t subject, int64_t today, bool year)
{
        struct vault_entry e = entry_of(subject);
        return meet(counter(today, year), &e, &words);
}

static uint64_t share(uint64_t subject, int64_t today, const char *combination, uint64_t enough)
{
        struct vault_entry e = entry_of(subject);
        struct answers a = { .of = { answer(group(today, combination, enough), &e, &words) }, .n = 1 };
        assert_true(counts_note(&c, &e, &a, &err));
        return a.of[0].people;
}

/* ---- Counters -------------------------------------------------------------------- */

static void counts__let_so_many_people_out_and_those_again_and_again(void **state)
{
        (void)state;
        for (int again = 0; again < 3; again++)
                for (uint64_t who = 1; who <= PEOPLE; who++)
                        assert_true(leaves(who, 20000, true) == (who <= CEILING));
        assert_true(counts_flush(&c, &err));
        struct pump_counter shown[2];
        assert_int_equal(counts_shown(&c, shown, 2), 1);
        assert_int_equal(shown[0].people, CEILING);
        assert_string_equal(shown[0].id, "p/people/");
        assert_int_equal(shown[0].line, 7);
}

static void counts__begin_anew_with_a_window_and_prune_the_old(void **state)
{
        uint64_t left = 0;
        int64_t line;
        (void)state;
        const int64_t first = 20000 - 20000 % 365;
        for (uint64_t who = 1; who <= CEILING; who++)
                assert_true(leaves(who, first + 300, true));
        assert_false(leaves(99, first + 300, true));
        assert_true(leaves(99, first + 365, true));
        for (int i = 0; i < 5; i++)
                assert_true(leaves(99, first + 365 + 60, true) && counts_flush(&c, &err));
        close_all();
        open_all();
        assert_true(leaves(99, first + 365 + 60, true) && counts_flush(&c, &err));
        assert_true(counted_line(db, "p/people/", &line, &err) && counted_people(db, line, 0, &left, &err));
        assert_int_equal(left, 1);
}

static void counts__roll_by_the_day_on_which_somebody_left_last(void **state)
{
        (void)state;
        for (uint64_t who = 1; who <= CEILING; who++)
                assert_true(leaves(who, 20000, false));
        assert_true(leaves(1, 20020, false)); /* stands for longer now */
        assert_false(leaves(99, 20030, false));
        assert_true(leaves(99, 20031, false));
        for (uint64_t who = 100; who < 100 + CEILING - 2; who++)
                assert_true(leaves(who, 20031, false));
        assert_false(leaves(2, 20031, false));
        assert_true(leaves(1, 20031, false));
}

static void counts__take_who_has_no_identity_for_somebody_new(void **state)
{
        struct record named = { .kind = KIND_FEEDBACK };
        struct vault_entry nobody = entry_of(0);
        (void)state;
        named.text[FIELD_AUTHOR_NAME] = SLICE("Ann");
        for (uint8_t i = 0; i < CEILING; i++) {
                nobody.record_key[1] = i;
                assert_true(meet(counter(20000, true), &nobody, &words)); /* the region itself: counts nobody */
                assert_true(meet(counter(20000, true), &nobody, &named));
        }
        assert_true(meet(counter(20000, true), &nobody, &named)); /* the same record again */
        nobody.record_key[1] = CEILING;
        assert_false(meet(counter(20000, true), &nobody, &named));
        assert_true(meet(counter(20000, true), &nobody, &words));
        assert_false(leaves(1, 20000, true));
}

static void counts__closed_by_a_share_let_nobody_out(void **state)
{
        struct question q = counter(20000, true);
        struct vault_entry e = entry_of(1);
        (void)state;
        q.ceiling = q.warn_at = 0;
        assert_false(meet(q, &e, &words));
}

static void counts__survive_what_no_transaction_ended(void **state)
{
        (void)state;
        assert_true(leaves(1, 20000, true));
        close_all();
        open_all();
        struct vault_entry e = entry_of(1);
        assert_true(answer(counter(20000, true), &e, &words).counted);
        assert_int_equal(answer(counter(20000, true), &e, &words).people, 1);
}

/* Whoever left is noted by day; in no window of SPAN + 1 days are there more than CEILING. */
static void assert_never_more(bool left[][PEOPLE + 1], int days)
{
        for (int last = SPAN; last < days; last++) {
                int n = 0;
                for (int who = 1; who <= PEOPLE; who++) {
                        bool any = false;
                        for (int day = last - SPAN; day <= last; day++)
                                any |= left[day][who];
                        n += any;
                }
                assert_true(n <= CEILING);
        }
}

static void never_more_leave__in_any_window_and_order_with_crashes(void **state)
{
        enum { DAYS = 150, STEPS = 6 };
        static bool left[DAYS][PEOPLE + 1];
        int out = 0, kept = 0;
        (void)state;
        memset(left, 0, sizeof left);
        srand(20261123);
        for (int day = 0; day < DAYS; day++) {
                for (int i = 0; i < STEPS; i++) {
                        int who = 1 + rand() % PEOPLE;
                        bool goes = leaves((uint64_t)who, 20000 + day, false);
                        left[day][who] |= goes;
                        out += goes;
                        kept += !goes;
                }
                if (rand() % 5 == 0) {
                        close_all();
                        open_all();
                }
        }
        assert_never_more(left, DAYS);
        assert_true(out > 200 && kept > 100);
}

/* A child sends, and tells through a pipe whom it sent: what the pipe has is out. */
static void send_until_killed(int fd, unsigned seed)
{
        srand(seed);
        for (;;) {
                uint8_t who = (uint8_t)(1 + rand() % PEOPLE);
                if (leaves(who, 20000, true) && write(fd, &who, 1) != 1)
                        _exit(1);
        }
}

static void never_more_leave__when_the_process_is_killed_anywhere(void **state)
{
        bool out[PEOPLE + 1] = { false };
        int n = 0;
        (void)state;
        close_all();
        for (unsigned round = 0; round < 12; round++) {
                int fds[2];
                uint8_t who;
                assert_int_equal(pipe(fds), 0);
                pid_t child = fork();
                if (child == 0) {
                        close(fds[0]);
                        open_all();
                        send_until_killed(fds[1], round);
                }
                close(fds[1]);
                for (unsigned i = 0; i <= round; i++) /* so many are out, and it dies anywhere in the next */
                        assert_int_equal(read(fds[0], &who, 1), 1), out[who] = true;
                kill(child, SIGKILL);
                while (read(fds[0], &who, 1) == 1)
                        out[who] = true;
                close(fds[0]);
                waitpid(child, NULL, 0);
        }
        for (int who = 1; who <= PEOPLE; who++)
                n += out[who];
        assert_true(n > 0 && n <= CEILING);
        open_all();
}

/* ---- First transfers ------------------------------------------------------------- */

static struct question first(int64_t today)
{
        return (struct question){ .of = QUESTION_FIRST, .line = &words, .id = "p/first transfer/TIA", .file = "p.cfg",
                                  .once = true, .today = today, .since = 0, .ceiling = UINT64_MAX, .warn_at = UINT64_MAX,
                                  .days = 60 };
}

static void the_day_of_the_first_transfer__is_kept_for_ever(void **state)
{
        struct pump_counter shown[2];
        struct vault_entry e = entry_of(0), other = entry_of(7);
        (void)state;
        assert_false(answer(first(20000), &e, &words).counted);
        assert_true(meet(first(20000), &e, &words));
        for (int64_t today = 20000; today < 20100; today += 7) {
                struct question q = answer(first(today), &other, &words);
                assert_true(q.counted);
                assert_int_equal(q.day, 20000);
                assert_true(meet(first(today), &other, &words));
        }
        assert_true(counts_flush(&c, &err));
        close_all();
        open_all();
        assert_int_equal(answer(first(20040), &e, &words).day, 20000);
        assert_false(c.lines[0].warned);
        assert_int_equal(answer(first(20046), &e, &words).day, 20000); /* of 60 days 14 are left */
        assert_true(c.lines[0].warned && !c.lines[0].full);
        assert_int_equal(answer(first(21000), &e, &words).day, 20000);
        assert_true(c.lines[0].full);
        assert_int_equal(counts_shown(&c, shown, 2), 0); /* it is no count */
}

/* ---- Combinations ---------------------------------------------------------------- */

static void sharing__counts_each_person_once_and_its_own_asker(void **state)
{
        (void)state;
        assert_int_equal(share(1, 20000, "LI", 5), 1);
        assert_int_equal(share(1, 20000, "LI", 5), 1);
        assert_int_equal(share(2, 20000, "LI", 5), 2);
        assert_int_equal(share(3, 20000, "DE", 5), 1);
        assert_int_equal(share(0, 20000, "LI", 5), 2); /* nobody: is hidden by two, and hides nobody */
        assert_int_equal(share(3, 20000, "LI", 5), 3);
        assert_true(counts_flush(&c, &err));
        close_all();
        open_all();
        assert_int_equal(share(4, 20001, "LI", 5), 4);
        assert_int_equal(share(1, 20001, "LI", 5), 4);
        assert_int_equal(share(5, 20001, "LI", 5), 5);
}

/* A stricter set the same day: what was enough for the one before is not. */
static void sharing__is_counted_anew_where_more_are_asked_for(void **state)
{
        (void)state;
        for (uint64_t who = 1; who <= 3; who++)
                share(who, 20000, "LI", 3);
        assert_int_equal(share(4, 20000, "LI", 3), 3); /* common, and looked up no more */
        assert_int_equal(share(5, 20000, "LI", 10), 4);
        assert_int_equal(share(6, 20000, "LI", 10), 5);
        assert_int_equal(share(7, 20000, "LI", 3), 3);
}

static void sharing__forgets_whom_the_window_has_passed(void **state)
{
        (void)state;
        for (uint64_t who = 1; who <= 5; who++)
                share(who, 20000, "LI", 5);
        assert_int_equal(share(6, 20000 + SPAN - 1, "LI", 5), 6);
        assert_int_equal(share(7, 20000 + SPAN, "LI", 5), 2);
}

static void sharing__writes_no_more_of_a_large_group_than_makes_it_large(void **state)
{
        uint64_t rows = 0;
        (void)state;
        for (uint64_t who = 1; who <= 1000; who++)
                assert_true(share(who, 20000, "DE", 5) <= 5);
        assert_true(counts_flush(&c, &err) && sharing_rows(db, &rows, &err));
        assert_int_equal(rows, 5);
        for (uint64_t who = 1; who <= 1000; who++)
                assert_int_equal(share(who, 20010, "DE", 5), 5);
        assert_true(counts_flush(&c, &err) && sharing_rows(db, &rows, &err));
        assert_int_equal(rows, 5);
        for (int i = 0; i < 5; i++)
                assert_true(share(7, 20200, "DE", 5) && counts_flush(&c, &err));
        assert_true(sharing_rows(db, &rows, &err));
        assert_true(rows <= 2); /* what is long out of the window is pruned */
}

static void nothing_that_was_said__stands_in_the_tables(void **state)
{
        char cmd[192];
        (void)state;
        share(1, 20000, "Liechtenstein Rhine Works Ltd", 5);
        assert_true(counts_flush(&c, &err));
        snprintf(cmd, sizeof cmd, "cat %s/state.db* | grep -aq 'Rhine Works'", dir);
        assert_int_not_equal(system(cmd), 0);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
        const struct CMUnitTest tests[] = {
                T(counts__let_so_many_people_out_and_those_again_and_again),
                T(counts__begin_anew_with_a_window_and_prune_the_old),
                T(counts__roll_by_the_day_on_which_somebody_left_last),
                T(counts__take_who_has_no_identity_for_somebody_new),
                T(counts__closed_by_a_share_let_nobody_out),
                T(counts__survive_what_no_transaction_ended),
                T(never_more_leave__in_any_window_and_order_with_crashes),
                T(never_more_leave__when_the_process_is_killed_anywhere),
                T(the_day_of_the_first_transfer__is_kept_for_ever),
                T(sharing__counts_each_person_once_and_its_own_asker),
                T(sharing__is_counted_anew_where_more_are_asked_for),
                T(sharing__forgets_whom_the_window_has_passed),
                T(sharing__writes_no_more_of_a_large_group_than_makes_it_large),
                T(nothing_that_was_said__stands_in_the_tables),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
