/* doctor.h: how grave a measure is. Each judge at the edges of its verdicts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <linux/magic.h>

#include "base/clock.h"
#include "doctor.h"

static struct finding all[FINDINGS_MAX];
static struct checkup c;

static const struct finding *last(void)
{
        return &all[c.n - 1];
}

static void fresh(void)
{
        c = (struct checkup){ .all = all, .check = "x.y", .about = "it", .where = "here" };
}

static enum verdict sync_of(int64_t usual, int64_t worst)
{
        int64_t took[9];
        for (size_t i = 0; i < 9; i++)
                took[i] = i == 3 ? worst : usual;
        fresh();
        judge_sync(&c, &(struct sync_facts){ took, 9 });
        return last()->verdict;
}

static void doctor__doubts_a_disk_that_answers_at_once(void **state)
{
        (void)state;
        assert_int_equal(sync_of(5, 19), VERDICT_NOTE);
        assert_non_null(strstr(last()->next, "power cut"));
        assert_int_equal(sync_of(200, 9000), VERDICT_WELL);
        assert_string_equal(last()->value, "a write with fdatasync takes 200 us (median), 9.0 ms (worst) of 9");
        assert_string_equal(last()->next, "");
        assert_int_equal(sync_of(60000, 60000), VERDICT_NOTE);
        assert_int_equal(sync_of(200, 1500000), VERDICT_NOTE);
}

static void doctor__knows_where_a_state_must_not_lie(void **state)
{
        (void)state;
        static const struct {
                unsigned long magic;
                enum verdict v;
        } cases[] = { { TMPFS_MAGIC, VERDICT_WRONG }, { EXT4_SUPER_MAGIC, VERDICT_WELL }, { XFS_SUPER_MAGIC, VERDICT_WELL },
                      { OVERLAYFS_SUPER_MAGIC, VERDICT_NOTE }, { NFS_SUPER_MAGIC, VERDICT_NOTE },
                      { BTRFS_SUPER_MAGIC, VERDICT_NOTE }, { 0x1234, VERDICT_NOTE } };
        for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
                fresh();
                judge_filesystem(&c, cases[i].magic);
                assert_int_equal(last()->verdict, cases[i].v);
                assert_int_equal(last()->next[0] == 0, cases[i].v == VERDICT_WELL);
        }
}

static enum verdict space_of(uint64_t free_bytes, uint64_t used)
{
        fresh();
        judge_space(&c, &(struct space_facts){ free_bytes, 100 << 20, (uint64_t)10 << 30, used });
        return last()->verdict;
}

static void doctor__compares_the_disk_with_the_vaults_ceiling(void **state)
{
        (void)state;
        assert_int_equal(space_of((uint64_t)99 << 20, 0), VERDICT_WRONG);
        assert_int_equal(space_of((uint64_t)5 << 30, 0), VERDICT_NOTE);
        assert_int_equal(space_of((uint64_t)5 << 30, (uint64_t)6 << 30), VERDICT_WELL);
        assert_int_equal(space_of((uint64_t)5 << 30, (uint64_t)11 << 30), VERDICT_WELL);
}

static enum verdict end_of(int64_t left_us, size_t n, size_t ended)
{
        int64_t now = 1700000000 * US_PER_SECOND;
        struct cert_file f = { .n = n, .ended = ended, .first_end_us = now + left_us, .subject = "CN=x" };
        fresh();
        judge_ends(&c, "/f", &f, now);
        return last()->verdict;
}

static void doctor__warns_a_month_before_a_certificate_ends(void **state)
{
        (void)state;
        assert_int_equal(end_of(31 * US_PER_DAY, 1, 0), VERDICT_WELL);
        assert_int_equal(end_of(29 * US_PER_DAY, 1, 0), VERDICT_NOTE);
        assert_non_null(strstr(last()->value, "ends in 29 days"));
        assert_int_equal(end_of(-1, 1, 1), VERDICT_WRONG);
        assert_int_equal(end_of(-1, 140, 3), VERDICT_WELL); /* a system's bundle */
        assert_int_equal(end_of(-1, 140, 140), VERDICT_WRONG);
}

static enum verdict skew_of(int64_t ahead_us, int64_t unsure_us)
{
        fresh();
        judge_skew(&c, "PostgreSQL's", ahead_us, unsure_us);
        return last()->verdict;
}

static void doctor__forgives_a_clock_what_it_cannot_know(void **state)
{
        (void)state;
        assert_int_equal(skew_of(500000, 1000), VERDICT_WELL);
        assert_int_equal(skew_of(-5 * US_PER_SECOND, 1000), VERDICT_NOTE);
        assert_non_null(strstr(last()->value, "5.0 s behind"));
        assert_int_equal(skew_of(5 * US_PER_SECOND, 5 * US_PER_SECOND), VERDICT_WELL);
        assert_int_equal(skew_of(90 * US_PER_SECOND, 1000), VERDICT_WRONG);
}

static enum verdict appended(int64_t ago_us)
{
        fresh();
        judge_appended(&c, 1700000000 * US_PER_SECOND - ago_us, 1700000000 * US_PER_SECOND);
        return last()->verdict;
}

static void doctor__tells_kafkas_clock_by_its_newest_message(void **state)
{
        (void)state;
        assert_int_equal(appended(10 * US_PER_SECOND), VERDICT_WELL);
        assert_int_equal(appended(-500000), VERDICT_WELL);
        assert_int_equal(appended(-10 * US_PER_SECOND), VERDICT_NOTE);
        assert_int_equal(appended(-US_PER_HOUR), VERDICT_WRONG);
        assert_int_equal(appended(US_PER_HOUR), VERDICT_NOTE);
        assert_non_null(strstr(last()->value, "cannot be told"));
}

static void doctor__measures_kafka_against_peoples_time(void **state)
{
        (void)state;
        fresh();
        judge_retention(&c, 2 * US_PER_DAY, 6 * US_PER_HOUR, INT64_MAX);
        assert_int_equal(last()->verdict, VERDICT_WELL);
        judge_retention(&c, 2 * US_PER_DAY, 6 * US_PER_HOUR, 3 * US_PER_DAY);
        assert_int_equal(last()->verdict, VERDICT_WELL);
        judge_retention(&c, 3 * US_PER_DAY, 9 * US_PER_HOUR, 3 * US_PER_DAY);
        assert_int_equal(last()->verdict, VERDICT_WRONG);
}

static void doctor__asks_where_memory_is_swapped(void **state)
{
        (void)state;
        static const struct {
                struct swap_facts s;
                enum verdict v;
        } cases[] = { { { 0, 0, -1 }, VERDICT_WELL }, { { 2, 0, 100 }, VERDICT_WELL }, { { 1, 1, -1 }, VERDICT_NOTE },
                      { { 1, 1, 0 }, VERDICT_NOTE }, { { 2, 1, 8 }, VERDICT_WRONG } };
        for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
                fresh();
                judge_swap(&c, &cases[i].s);
                assert_int_equal(last()->verdict, cases[i].v);
        }
}

static void doctor__counts_what_no_longer_fits(void **state)
{
        (void)state;
        fresh();
        for (int i = 0; i < FINDINGS_MAX + 3; i++)
                tell(&c, VERDICT_WRONG, NULL, "%d", i);
        assert_int_equal(c.n, FINDINGS_MAX);
        assert_int_equal(c.beyond, 3);
        assert_int_equal(c.counts[VERDICT_WRONG], FINDINGS_MAX + 3);
}

static void doctor__cuts_long_texts_between_characters(void **state)
{
        (void)state;
        char text[1024];
        fresh();
        for (size_t i = 0; i + 2 < sizeof text; i += 2)
                memcpy(text + i, "\xc3\xa9", 3);
        tell(&c, VERDICT_WELL, NULL, "xx%s", text);
        size_t n = strlen(last()->value);
        assert_true(n >= sizeof last()->value - 3 && (unsigned char)last()->value[n - 1] == 0xa9);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(doctor__doubts_a_disk_that_answers_at_once),
                cmocka_unit_test(doctor__knows_where_a_state_must_not_lie),
                cmocka_unit_test(doctor__compares_the_disk_with_the_vaults_ceiling),
                cmocka_unit_test(doctor__warns_a_month_before_a_certificate_ends),
                cmocka_unit_test(doctor__forgives_a_clock_what_it_cannot_know),
                cmocka_unit_test(doctor__tells_kafkas_clock_by_its_newest_message),
                cmocka_unit_test(doctor__measures_kafka_against_peoples_time),
                cmocka_unit_test(doctor__asks_where_memory_is_swapped),
                cmocka_unit_test(doctor__counts_what_no_longer_fits),
                cmocka_unit_test(doctor__cuts_long_texts_between_characters),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
