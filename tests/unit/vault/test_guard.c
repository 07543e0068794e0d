/* test_guard.c - by which time things are destroyed, as a table; and when it will be full. */
#include "help.h"

#include "guard.h"
#include "space.h"

#define H US_PER_HOUR
#define T0 (INT64_C(1795000000) * US_PER_SECOND) /* November 2026 */
#define Y2037 (INT64_C(2120000000) * US_PER_SECOND)

struct row {
        const char *what;
        int64_t saved;              /* -1: nothing written down */
        int64_t heard;              /* 0: nobody was; at boot time heard_at */
        int64_t heard_at;
        bool live;
        int64_t looked;             /* the clock at an earlier look at boot 0; 0: there was none */
        int64_t wall, boot;
        enum guard_word word;
        int64_t now;                /* the guarded time; 0: of no matter */
};

static const struct row rows[] = {
        { "a new state believes its clock", T0, 0, 0, false, 0, T0, 0, GUARD_WELL, T0 },
        { "time goes on", T0, 0, 0, false, T0, T0 + 5 * H, 5 * H, GUARD_WELL, T0 + 5 * H },
        { "a restart within the hour", T0, 0, 0, false, 0, T0 + H / 2, 0, GUARD_WELL, T0 },
        { "down for a week, nobody heard: only what surely passed", T0, 0, 0, false, 0, T0 + 168 * H + 2 * H, 2 * H,
          GUARD_ELAPSED, T0 + 2 * H },
        { "down for a week, then heard", T0, T0 + 168 * H, H, true, 0, T0 + 168 * H + H, 2 * H, GUARD_WELL, T0 + 169 * H },
        { "a restart with a clock in 2037", T0, 0, 0, false, 0, Y2037, H, GUARD_ELAPSED, T0 + H },
        { "a clock in 2037, heard", T0, T0 + H, H, true, 0, Y2037, H, GUARD_AHEAD, 0 },
        { "a jump to 2037 while nobody is heard", T0, 0, 0, false, T0, Y2037, H, GUARD_AHEAD, 0 },
        { "a jump back by two hours", T0, 0, 0, false, T0, T0 - H, H, GUARD_BEHIND, 0 },
        { "a jump back within the hour: the least counts", T0, 0, 0, false, T0, T0 + H / 2, H, GUARD_WELL, T0 + H / 2 },
        { "a leap second", T0, T0, 0, true, T0, T0 + H - US_PER_SECOND, H, GUARD_WELL, T0 + H - US_PER_SECOND },
        { "the hour of summer time is no change of the clock", T0, T0, 0, true, T0, T0 + H, H, GUARD_WELL, T0 + H },
        { "suspended for a night: boot time went on", T0, T0, 0, true, T0, T0 + 9 * H, 9 * H, GUARD_WELL, T0 + 9 * H },
        { "paused from outside: boot time stood still", T0, T0, 0, true, T0, T0 + 9 * H, 0, GUARD_AHEAD, 0 },
        { "a start with a clock in 1970", T0, 0, 0, false, 0, H, 0, GUARD_BEHIND, 0 },
        { "what lay in the topic is no news", T0, T0 - 5 * H, H, false, 0, T0 + H, H, GUARD_WELL, T0 + H },
        { "what lay in the topic is later than what was written down", T0, T0 + 24 * H, 0, false, 0, T0 + 25 * H, H,
          GUARD_WELL, T0 + 25 * H },
        { "a hub whose clock is in 2037", T0, Y2037, 0, true, T0, T0 + H, H, GUARD_BEHIND, 0 },
        { "no time at all", -1, 0, 0, false, 0, T0, 0, GUARD_UNKNOWN, 0 },
        { "no time at all, then heard", -1, T0, 0, true, 0, T0 + H, H, GUARD_WELL, T0 + H },
};

static void guard__gives_the_least_time_and_stops_on_a_jump(void **state)
{
        (void)state;
        for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
                const struct row *r = &rows[i];
                struct guard g;
                char why[160];
                guard_start(&g, r->saved, 0);
                if (r->looked)
                        guard_look(&g, r->looked, 0);
                if (r->heard)
                        guard_hear(&g, r->heard, r->live, r->heard_at);
                struct guard_said said = guard_look(&g, r->wall, r->boot);
                guard_say(why, sizeof why, &said);
                if (said.word != r->word || (r->now && said.now_us != r->now) ||
                    said.destroys != (r->word == GUARD_WELL || r->word == GUARD_ELAPSED) ||
                    said.destroys != (why[0] == 0))
                        fail_msg("%s: word %d, now %+lld s, \"%s\"", r->what, (int)said.word,
                                 (long long)(said.now_us - r->now) / 1000000, why);
        }
}

static void guard__ends_its_alarm_when_clock_and_hub_agree(void **state)
{
        struct guard g;

        (void)state;
        guard_start(&g, T0, 0);
        assert_int_equal(guard_look(&g, T0, 0).word, GUARD_WELL);
        assert_int_equal(guard_look(&g, Y2037, H).word, GUARD_AHEAD);
        assert_int_equal(guard_look(&g, Y2037, H).best_us, T0 + H); /* for what is made meanwhile */
        assert_int_equal(guard_look(&g, T0 + 2 * H, 2 * H).word, GUARD_WELL); /* put right by hand */
        assert_int_equal(guard_look(&g, T0 + 72 * H, 2 * H).word, GUARD_AHEAD); /* paused from outside */
        guard_hear(&g, T0 + 72 * H, true, 2 * H);
        assert_int_equal(guard_look(&g, T0 + 72 * H, 2 * H).word, GUARD_WELL); /* the hub says so too */
        guard_hear(&g, Y2037, true, 3 * H); /* a broker gone mad */
        assert_int_equal(guard_look(&g, T0 + 73 * H, 3 * H).word, GUARD_BEHIND);
        guard_hear(&g, T0 + 74 * H, true, 4 * H); /* and back */
        assert_int_equal(guard_look(&g, T0 + 74 * H, 4 * H).word, GUARD_WELL);
}

/* ---- space ------------------------------------------------------------------ */

#define MIN (60 * US_PER_SECOND)

static struct space_said say(const struct space *s, int64_t at, uint64_t bytes, uint64_t free_bytes)
{
        struct space_sample now = { at, bytes, free_bytes };
        struct space_ceilings c = { 10000, 1000 };
        struct space_said said;

        space_say(s, &now, &c, &said);
        return said;
}

static void space__says_when_the_first_ceiling_is_reached(void **state)
{
        struct space s = { 0 };

        (void)state;
        assert_int_equal(say(&s, 0, 0, 100000).full_in_us, 0);
        space_note(&s, &(struct space_sample){ 0, 0, 100000 });
        assert_int_equal(say(&s, MIN / 2, 500, 100000).full_in_us, 0); /* too early to tell */
        struct space_said said = say(&s, MIN, 1000, 100000);
        assert_int_equal(said.full_in_us, 9 * MIN);
        assert_int_equal(said.bytes_per_hour, 60000);
        assert_false(said.disk_first);
        said = say(&s, MIN, 1000, 60000); /* somebody else fills the disk */
        assert_true(said.disk_first);
        assert_int_equal(said.full_in_us, (int64_t)(59000.0 / 40000 * (double)MIN));
        assert_int_equal(say(&s, MIN, 0, 100000).full_in_us, 0); /* it does not grow */
        assert_int_equal(say(&s, MIN, 10000, 100000).full_in_us, 1); /* it is full */
}

static void space__looks_back_an_hour(void **state)
{
        struct space s = { 0 };

        (void)state;
        for (int64_t m = 0; m <= 180; m++) { /* fast for two hours, then slow */
                uint64_t bytes = (uint64_t)(m < 120 ? m * 40 : 120 * 40 + (m - 120) * 10);
                space_note(&s, &(struct space_sample){ m * MIN, bytes, 1 << 20 });
                space_note(&s, &(struct space_sample){ m * MIN + 1, 0, 0 }); /* too soon: left out */
        }
        assert_int_equal(say(&s, 180 * MIN, 5400, 1 << 20).bytes_per_hour, 600);
        assert_int_equal(say(&s, 180 * MIN, 5400, 1 << 20).full_in_us, 460 * MIN);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(guard__gives_the_least_time_and_stops_on_a_jump),
                cmocka_unit_test(guard__ends_its_alarm_when_clock_and_hub_agree),
                cmocka_unit_test(space__says_when_the_first_ceiling_is_reached),
                cmocka_unit_test(space__looks_back_an_hour),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
