/* Counters of people, what is sensitive, small groups: what a record asks, and what answers make of it. */
#include "desk.h"
#include "policy/speak.h"

#include "policy/ask.h"

#define DAY(year, month, day, hour) day_at((struct civil){ year, month, day, hour, 0, 0, 0 })
#define GROUP_FIELDS "fields = ( { field = [\"title\", \"body\", \"author.country\", \"author.company\", \"lang\"]; do = \"clean\"; } );\n"

static int64_t day_at(struct civil c)
{
        return civil_to_us(&c);
}

static struct answers asked;

static void ask_at(const struct record *r, int64_t now_us)
{
        struct err err = ERR_INIT;
        assert_true(policy_ask(desk.judge, now_us, r, desk.arena, &asked, &err));
}

static enum decision judge_with(const struct record *r, int64_t now_us, const struct assumed *as)
{
        struct err err = ERR_INIT;
        ask_at(r, now_us);
        if (as)
                answers_assume(&asked, as);
        assert_true(policy_judge(desk.judge, now_us, r, SLICE("forum"), now_us, as ? &asked : NULL, desk.arena, &desk.said, &err));
        return desk.said.decision;
}

static enum decision counted(const struct record *r, uint64_t people)
{
        return judge_with(r, NOON, &(struct assumed){ .counted = people, .group = UINT64_MAX, .coarser = UINT64_MAX });
}

static struct message_record shared(const struct record *r, uint64_t group, uint64_t coarser)
{
        assert_int_equal(judge_with(r, NOON, &(struct assumed){ .counted = 0, .group = group, .coarser = coarser }), DECISION_GO);
        return message_of_said().record;
}

#define COUNTER(over, more) "counters = ( { of = \"people\"; over = \"" over "\"; ceiling = 10; then = \"hold\"; because = \"art. 5\"; " more " } );\n"

static void a_counter__holds_who_would_be_one_too_many(void **state)
{
        (void)state;
        must_load(HEAD("p") OPEN WORDS COUNTER("calendar year", ""));
        struct record r = words("a", "b");
        assert_int_equal(counted(&r, 0), DECISION_GO);
        assert_int_equal(desk.said.counts, 1);
        assert_int_equal(counted(&r, 9), DECISION_GO);
        assert_int_equal(counted(&r, 10), DECISION_HOLD);
        assert_int_equal(desk.said.counts, 0);
        assert_string_equal(desk.said.rule, "counters");
        assert_string_equal(desk.said.because, "art. 5");
        assert_int_equal(desk.said.line, 7);
        assert_null(desk.said.approved);
}

static void a_counter__never_holds_whom_it_counted_already(void **state)
{
        struct err err = ERR_INIT;
        (void)state;
        must_load(HEAD("p") OPEN WORDS COUNTER("calendar year", ""));
        struct record r = words("a", "b");
        ask_at(&r, NOON);
        answers_assume(&asked, &(struct assumed){ .counted = 10, .group = 0, .coarser = 0 });
        asked.of[0].counted = true;
        assert_true(policy_judge(desk.judge, NOON, &r, SLICE("forum"), NOON, &asked, desk.arena, &desk.said, &err));
        assert_int_equal(desk.said.decision, DECISION_GO);
}

static void a_counter_without_an_answer__is_closed(void **state)
{
        struct err err = ERR_INIT;
        (void)state;
        must_load(HEAD("p") OPEN WORDS COUNTER("calendar year", ""));
        struct record r = words("a", "b");
        assert_int_equal(judge_with(&r, NOON, NULL), DECISION_HOLD);
        ask_at(&r, NOON); /* asked, and not answered */
        assert_true(policy_judge(desk.judge, NOON, &r, SLICE("forum"), NOON, &asked, desk.arena, &desk.said, &err));
        assert_int_equal(desk.said.decision, DECISION_HOLD);
}

static void a_calendar_year__begins_at_midnight_of_the_region(void **state)
{
        (void)state;
        desk.region.timezone = "Asia/Shanghai";
        must_load(HEAD("p") OPEN WORDS COUNTER("calendar year", ""));
        struct record r = words("a", "b");
        ask_at(&r, DAY(2026, 12, 31, 15)); /* 23:00 there */
        assert_int_equal(asked.of[0].since, DAY(2026, 1, 1, 0) / US_PER_DAY);
        assert_int_equal(asked.of[0].today, DAY(2026, 12, 31, 0) / US_PER_DAY);
        assert_true(asked.of[0].once);
        ask_at(&r, DAY(2026, 12, 31, 16));
        assert_int_equal(asked.of[0].since, DAY(2027, 1, 1, 0) / US_PER_DAY);
        assert_int_equal(asked.of[0].today, DAY(2027, 1, 1, 0) / US_PER_DAY);
}

static void rolling_months__look_back_to_the_same_day_or_the_last_before(void **state)
{
        static const struct {
                const char *over;
                int year, month, day, from_year, from_month, from_day;
        } list[] = { { "12 months", 2026, 11, 23, 2025, 11, 23 }, { "1 year", 2026, 11, 23, 2025, 11, 23 },
                     { "1 month", 2027, 3, 31, 2027, 2, 28 },     { "12 months", 2024, 2, 29, 2023, 2, 28 },
                     { "2 weeks", 2027, 1, 10, 2026, 12, 27 },    { "30 days", 2026, 11, 30, 2026, 10, 31 } };
        (void)state;
        for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
                char text[1024];
                snprintf(text, sizeof text, HEAD("p") OPEN WORDS "counters = ( { of = \"people\"; over = \"%s\"; ceiling = 10; then = \"hold\"; } );\n",
                         list[i].over);
                must_load(text);
                struct record r = words("a", "b");
                ask_at(&r, DAY(list[i].year, list[i].month, list[i].day, 12));
                assert_false(asked.of[0].once);
                assert_int_equal(asked.of[0].since, DAY(list[i].from_year, list[i].from_month, list[i].from_day, 0) / US_PER_DAY);
        }
}

static void a_share__is_this_regions_part_rounded_down_and_none_where_it_is_not_named(void **state)
{
        static const struct {
                const char *region;
                uint64_t ceiling, warn_at;
        } list[] = { { "de-frankfurt", 66, 52 }, { "fr-paris", 34, 27 }, { "es-madrid", 0, 0 } };
        (void)state;
        for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
                desk.region.code = list[i].region;
                must_load(HEAD("p") OPEN WORDS
                          "counters = ( { of = \"people\"; over = \"calendar year\"; ceiling = 101; then = \"hold\"; exporter = \"E\";"
                          " share = ( { region = \"de-frankfurt\"; percent = 66; }, { region = \"fr-paris\"; percent = 34; } ); } );\n");
                struct record r = words("a", "b");
                ask_at(&r, NOON);
                assert_int_equal(asked.of[0].ceiling, list[i].ceiling);
                assert_int_equal(asked.of[0].warn_at, list[i].warn_at); /* 80 % where nothing else is written */
                assert_string_equal(asked.of[0].id, "p/people/E");
                assert_int_equal(counted(&r, 0), list[i].ceiling ? DECISION_GO : DECISION_HOLD);
                assert_true(complained(REPORT_WARNING, 7, "\"es-madrid\" has no part in this counter of people: nothing leaves it",
                                       "share") == (list[i].ceiling == 0));
        }
}

static void sensitive_people__are_told_by_kind_age_and_what_is_found(void **state)
{
        (void)state;
        must_load(HEAD("p") OPEN WORDS
                  "find = ( { what = [\"iban\", \"email\"]; do = \"mask\"; } );\n"
                  "sensitive = { kinds = [\"lead\"]; found = [\"iban\"]; under = 14; };\n"
                  "counters = ( { of = \"sensitive people\"; over = \"calendar year\"; ceiling = 10; then = \"stay\"; } );\n");
        struct record plain = words("a", "write to ann@corp.example"), iban = words("a", "it is DE89 3704 0044 0532 0130 00");
        struct record young = words("a", "b"), old = words("a", "b"), lead = words("a", "b");
        young.text[FIELD_AUTHOR_AGE] = SLICE("13");
        old.text[FIELD_AUTHOR_AGE] = SLICE("14");
        lead.kind = KIND_LEAD;
        assert_int_equal(counted(&plain, 10), DECISION_GO);
        assert_int_equal(desk.said.counts, 0);
        assert_int_equal(counted(&old, 10), DECISION_GO);
        assert_int_equal(counted(&iban, 9), DECISION_GO);
        assert_int_equal(desk.said.counts, 1);
        assert_int_equal(counted(&iban, 10), DECISION_STAY);
        assert_int_equal(counted(&young, 10), DECISION_STAY);
        assert_int_equal(counted(&lead, 10), DECISION_STAY);
}

static void two_counters__are_each_counted_and_the_stricter_decides(void **state)
{
        (void)state;
        must_load(HEAD("p") OPEN WORDS "sensitive = { kinds = [\"lead\"]; };\n"
                  "counters = ( { of = \"people\"; over = \"12 months\"; ceiling = 10; then = \"hold\"; },\n"
                  "{ of = \"sensitive people\"; over = \"12 months\"; ceiling = 5; then = \"stay\"; },\n"
                  "{ of = \"records\"; over = \"28 days\"; ceiling = 20; then = \"hold\"; } );\n");
        struct record r = words("a", "b");
        assert_int_equal(counted(&r, 7), DECISION_GO);
        assert_int_equal(desk.said.counts, 3); /* people and records: a record that is not sensitive asks for no third */
        r.kind = KIND_LEAD;
        assert_int_equal(counted(&r, 3), DECISION_GO);
        assert_int_equal(desk.said.counts, 7);
        assert_int_equal(counted(&r, 7), DECISION_STAY);
        assert_int_equal(desk.said.line, 9);
        assert_int_equal(asked.of[2].of, QUESTION_RECORDS);
}

static void what_stays_at_home_anyway__asks_nothing(void **state)
{
        (void)state;
        must_load(HEAD("p") OPEN WORDS COUNTER("calendar year", ""));
        struct record r = words("a", "b");
        r.kind = KIND_MEMBER;
        ask_at(&r, NOON);
        assert_int_equal(asked.n, 0);
}

#define SMALL(then) "small_group = { of = [\"author.country\", \"author.company\"]; fewer_than = 5; within = \"28 days\"; then = \"" then "\"; };\n"

static struct record at_a_firm(const char *country, const char *company)
{
        struct record r = words("a", "b");
        r.text[FIELD_AUTHOR_COUNTRY] = slice_of(country);
        r.text[FIELD_AUTHOR_COMPANY] = slice_of(company);
        return r;
}

static void a_small_group__leaves_coarser_or_not_at_all(void **state)
{
        (void)state;
        must_load(HEAD("p") OPEN GROUP_FIELDS SMALL("generalise"));
        struct record r = at_a_firm("LI", "Rhine Ltd");
        struct message_record m = shared(&r, 5, 5);
        assert_true(slice_is(m.fields.text[FIELD_AUTHOR_COUNTRY], "LI"));
        assert_true(slice_is(m.fields.text[FIELD_AUTHOR_COMPANY], "Rhine Ltd"));
        m = shared(&r, 4, 5);
        assert_true(slice_is(m.fields.text[FIELD_AUTHOR_COUNTRY], "EEA"));
        assert_null(m.fields.text[FIELD_AUTHOR_COMPANY].p);
        assert_true(slice_is(m.fields.text[FIELD_TITLE], "a"));
        m = shared(&r, 4, 4);
        assert_null(m.fields.text[FIELD_AUTHOR_COUNTRY].p);
        assert_null(m.fields.text[FIELD_AUTHOR_COMPANY].p);
        assert_int_equal(desk.said.cleaned, 2);
        assert_int_equal(judge_with(&r, NOON, NULL), DECISION_GO); /* not known: as if nobody else shared it */
        assert_null(message_of_said().record.fields.text[FIELD_AUTHOR_COUNTRY].p);
}

/* The coarser way begins with what the record says, not with what was left of it. */
static void a_small_group__brings_nothing_back_that_was_masked(void **state)
{
        (void)state;
        must_load(HEAD("p") OPEN GROUP_FIELDS "find = ( { what = \"email\"; do = \"mask\"; } );\n"
                  "small_group = { of = [\"lang\"]; fewer_than = 5; within = \"28 days\"; then = \"generalise\"; };\n");
        struct record r = words("a", "b");
        r.text[FIELD_LANG] = SLICE("de-AT");
        assert_true(slice_is(shared(&r, 4, 5).fields.text[FIELD_LANG], "de"));
        r.text[FIELD_LANG] = SLICE("ada@corp.example");
        assert_true(slice_is(shared(&r, 5, 5).fields.text[FIELD_LANG], "[email 1]"));
        assert_null(shared(&r, 4, 5).fields.text[FIELD_LANG].p);
}

static void a_small_group__may_be_dropped_held_or_kept_at_home(void **state)
{
        struct record r = at_a_firm("LI", "Rhine Ltd");
        (void)state;
        must_load(HEAD("p") OPEN GROUP_FIELDS SMALL("drop"));
        ask_at(&r, NOON);
        assert_int_equal(asked.n, 1);
        assert_null(shared(&r, 4, 9).fields.text[FIELD_AUTHOR_COUNTRY].p);
        must_load(HEAD("p") OPEN GROUP_FIELDS SMALL("hold"));
        assert_int_equal(judge_with(&r, NOON, &(struct assumed){ .counted = 0, .group = 4, .coarser = 4 }), DECISION_HOLD);
        assert_string_equal(desk.said.rule, "small_group");
        assert_int_equal(desk.said.line, 7);
        assert_int_equal(judge_with(&r, NOON, &(struct assumed){ .counted = 0, .group = 5, .coarser = 5 }), DECISION_GO);
        must_load(HEAD("p") OPEN GROUP_FIELDS SMALL("stay"));
        assert_int_equal(judge_with(&r, NOON, &(struct assumed){ .counted = 0, .group = 4, .coarser = 4 }), DECISION_STAY);
}

static bool same_question(const struct record *a, const struct record *b, size_t i)
{
        ask_at(a, NOON);
        assert_true(asked.n > i);
        struct slice one = asked.of[i].combination;
        ask_at(b, NOON);
        assert_true(asked.n > i);
        return slice_eq(one, asked.of[i].combination);
}

static void a_combination__is_of_what_leaves(void **state)
{
        struct record de = at_a_firm("DE", "Rhine Ltd"), small = at_a_firm("de", "RHINE Ltd"), li = at_a_firm("LI", "Rhine Ltd");
        struct record other = at_a_firm("DE", "Elbe Ltd"), none = at_a_firm("DE", NULL), us = at_a_firm("US", "Rhine Ltd");
        struct record nothing = words("a", "b"), shifted = at_a_firm("DE", "");
        (void)state;
        must_load(HEAD("p") OPEN GROUP_FIELDS SMALL("generalise"));
        assert_true(same_question(&de, &small, 0));
        assert_false(same_question(&de, &li, 0));
        assert_true(same_question(&de, &li, 1)); /* both are EEA */
        assert_false(same_question(&de, &us, 1));
        assert_false(same_question(&de, &other, 0));
        assert_false(same_question(&de, &none, 0));
        assert_true(same_question(&none, &shifted, 0));
        ask_at(&nothing, NOON);
        assert_int_equal(asked.n, 0);
        ask_at(&de, DAY(2026, 11, 28, 12));
        assert_int_equal(asked.of[0].since, DAY(2026, 11, 1, 0) / US_PER_DAY); /* 28 days with today */
        must_load(HEAD("p") OPEN "fields = ( { field = [\"title\", \"body\", \"author.company\"]; do = \"clean\"; },"
                  "{ field = \"author.country\"; do = \"generalise\"; to = \"jurisdiction\"; } );\n" SMALL("generalise"));
        assert_true(same_question(&de, &li, 0)); /* it leaves as EEA anyway */
        must_load(HEAD("p") OPEN WORDS SMALL("generalise"));
        ask_at(&de, NOON);
        assert_int_equal(asked.n, 0); /* neither leaves */
        assert_int_equal(judge_with(&de, NOON, NULL), DECISION_GO);
}

static void counters_of_a_parent_and_of_a_child__both_count(void **state)
{
        struct answers all;
        (void)state;
        put_file("base.cfg", HEAD("base") COUNTER("calendar year", ""));
        must_load("policy = \"p\"; version = 3; language = 1; title = \"T\"; extends = \"base\";\n" OPEN WORDS
                  "counters = ( { of = \"people\"; over = \"calendar year\"; ceiling = 5; then = \"hold\"; } );\n");
        struct record r = words("a", "b");
        assert_int_equal(counted(&r, 4), DECISION_GO);
        assert_int_equal(desk.said.counts, 3);
        assert_int_equal(counted(&r, 5), DECISION_HOLD);
        assert_string_equal(desk.said.file, "p.cfg");
        policy_counters(desk.book, NOON, &all);
        assert_int_equal(all.n, 2);
        assert_string_equal(all.of[0].id, "p/people/");
        assert_string_equal(all.of[1].id, "base/people/");
}

static void speaking__says_who_is_counted_and_hidden(void **state)
{
        struct buf text;
        (void)state;
        must_load(HEAD("p") OPEN GROUP_FIELDS SMALL("generalise") COUNTER("12 months", ""));
        buf_init(&text, 1 << 20);
        policy_speak(desk.book, TONGUE_EN, &text);
        assert_non_null(strstr(text.p, "Counted within any 12 months: at most 10 different people. "
                                       "Whoever would be one more: the record waits for a person’s decision."));
        assert_non_null(strstr(text.p, "fewer than 5 people share the same values of the author’s country (author.country) and "
                                       "the author’s company (author.company) within 28 days: they leave coarser, or not at all."));
        buf_clear(&text);
}

#define T(f) cmocka_unit_test_setup_teardown(f, desk_open, desk_close)

int main(void)
{
        const struct CMUnitTest tests[] = {
                T(a_counter__holds_who_would_be_one_too_many),
                T(a_counter__never_holds_whom_it_counted_already),
                T(a_counter_without_an_answer__is_closed),
                T(a_calendar_year__begins_at_midnight_of_the_region),
                T(rolling_months__look_back_to_the_same_day_or_the_last_before),
                T(a_share__is_this_regions_part_rounded_down_and_none_where_it_is_not_named),
                T(sensitive_people__are_told_by_kind_age_and_what_is_found),
                T(two_counters__are_each_counted_and_the_stricter_decides),
                T(what_stays_at_home_anyway__asks_nothing),
                T(a_small_group__leaves_coarser_or_not_at_all),
                T(a_small_group__brings_nothing_back_that_was_masked),
                T(a_small_group__may_be_dropped_held_or_kept_at_home),
                T(a_combination__is_of_what_leaves),
                T(counters_of_a_parent_and_of_a_child__both_count),
                T(speaking__says_who_is_counted_and_hidden),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
