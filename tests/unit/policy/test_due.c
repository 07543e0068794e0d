/* test_due.c - by when the law wants an answer: working days, holidays, months, several policies. */
#include "desk.h"
#include "policy/due.h"

static struct due due[DUES];
static size_t n_due;

static int64_t at(const char *rfc3339)
{
        int64_t us;
        assert_true(clock_parse_rfc3339(&us, slice_of(rfc3339)));
        return us;
}

static const char *by(enum due_what what, const char *from, bool extended)
{
        static char text[CLOCK_TEXT_MAX];
        n_due = book_due(desk.book, at(from), due);
        for (size_t i = 0; i < n_due; i++) {
                if (due[i].what != what)
                        continue;
                int64_t us = extended ? due[i].extended_us : due[i].by_us;
                return us == INT64_MIN ? "never" : clock_format_rfc3339(text, us);
        }
        return "nothing";
}

static void days__end_with_their_last_in_the_region(void **state)
{
        (void)state;
        must_load(HEAD("p") OPEN WORDS "rights = { access = \"30 days\"; erasure = \"72 hours\"; extension = \"2 weeks\"; because = \"art. 12\"; };\n"
                  "breach = ( { tell = \"authority\"; within = \"72 hours\"; because = \"art. 33\"; } );\n");
        assert_int_equal(report_count(desk.report, REPORT_WARNING), 1); /* nothing is looked for */
        assert_string_equal(by(DUE_ACCESS, "2026-11-23T10:00:00Z", false), "2026-12-23T22:59:59.999999Z");
        assert_string_equal(by(DUE_ACCESS, "2026-11-23T23:30:00Z", false), "2026-12-24T22:59:59.999999Z"); /* the 24th in Berlin */
        assert_string_equal(by(DUE_ACCESS, "2026-11-23T10:00:00Z", true), "2027-01-06T22:59:59.999999Z");
        assert_string_equal(by(DUE_ERASURE, "2026-11-23T10:00:00Z", false), "2026-11-26T10:00:00Z");
        assert_string_equal(by(DUE_AUTHORITY, "2026-11-23T10:00:00Z", false), "2026-11-26T10:00:00Z");
        assert_string_equal(by(DUE_AUTHORITY, "2026-11-23T10:00:00Z", true), "never");
        assert_string_equal(by(DUE_PEOPLE, "2026-11-23T10:00:00Z", false), "nothing");
        assert_int_equal(n_due, 3);
        assert_string_equal(due[2].because, "art. 33");
        assert_int_equal(due[2].line, 8);
}

static void months__end_on_the_same_day_or_the_last(void **state)
{
        (void)state;
        must_load(HEAD("p") OPEN WORDS "rights = { access = \"1 month\"; erasure = \"1 year\"; extension = \"2 months\"; };\n");
        assert_string_equal(by(DUE_ACCESS, "2026-11-23T10:00:00Z", false), "2026-12-23T22:59:59.999999Z");
        assert_string_equal(by(DUE_ACCESS, "2027-01-31T10:00:00Z", false), "2027-02-28T22:59:59.999999Z");
        assert_string_equal(by(DUE_ACCESS, "2027-01-31T10:00:00Z", true), "2027-04-28T21:59:59.999999Z"); /* summer */
        assert_string_equal(by(DUE_ERASURE, "2028-02-29T10:00:00Z", false), "2029-02-28T22:59:59.999999Z");
}

static void working_days__leave_out_weekends_and_holidays(void **state)
{
        (void)state;
        put_file("lists/holidays-CN.txt", "# the golden week\n2026-10-01\n2026-10-02 # Friday\n2026-10-05\n2026-10-06\n2026-10-07\n+2026-10-10\n");
        must_load(HEAD("p") OPEN WORDS "rights = { access = \"3 working days\"; erasure = \"1 working day\"; extension = \"5 working days\"; holidays = \"CN\"; };\n");
        assert_string_equal(by(DUE_ACCESS, "2026-09-29T10:00:00Z", false), "2026-10-09T21:59:59.999999Z"); /* 30, 8, 9 */
        assert_string_equal(by(DUE_ACCESS, "2026-09-30T10:00:00Z", false), "2026-10-10T21:59:59.999999Z"); /* the Saturday is worked */
        assert_string_equal(by(DUE_ERASURE, "2026-11-20T10:00:00Z", false), "2026-11-23T22:59:59.999999Z"); /* Friday, Monday */
        assert_string_equal(by(DUE_ERASURE, "2026-11-20T10:00:00Z", true), "2026-11-30T22:59:59.999999Z");
}

static void lists_of_holidays__that_lack_or_are_wrong_are_told(void **state)
{
        (void)state;
        must_load(HEAD("p") OPEN WORDS "rights = { access = \"3 working days\"; erasure = \"1 month\"; holidays = \"CN\"; };\n");
        must_complain(REPORT_WARNING, 7, "there is no list of holidays, \"lists/holidays-CN.txt\"", "a day a line");
        assert_string_equal(by(DUE_ACCESS, "2026-09-30T10:00:00Z", false), "2026-10-05T21:59:59.999999Z");
        must_load(HEAD("p") OPEN WORDS "rights = { access = \"3 working days\"; erasure = \"1 month\"; };\n");
        must_complain(REPORT_WARNING, 7, "working days without \"holidays\"", "holidays-CN.txt");
        put_file("lists/holidays-CN.txt", "2026-10-01\n2026-10-32\n");
        put_file("p.cfg", HEAD("p") OPEN WORDS "rights = { access = \"3 working days\"; erasure = \"1 month\"; holidays = \"CN\"; };\n");
        assert_false(load());
        must_complain(REPORT_ERROR, 7, "\"lists/holidays-CN.txt\" is wrong in line 2", "+ before it");
}

static void of_several_policies__the_soonest_counts(void **state)
{
        (void)state;
        put_file("base.cfg", "policy = \"base\"; version = 1; language = 1; title = \"B\";\n"
                             "rights = { access = \"10 days\"; erasure = \"3 months\"; };\nbreach = ( { tell = \"people\"; within = \"30 days\"; } );\n");
        must_load(HEAD("p") "extends = \"base\";\n" OPEN WORDS "rights = { access = \"1 month\"; erasure = \"1 month\"; };\n"
                  "breach = ( { tell = \"people\"; within = \"24 hours\"; } );\n");
        assert_string_equal(by(DUE_ACCESS, "2026-11-23T10:00:00Z", false), "2026-12-03T22:59:59.999999Z");
        assert_string_equal(due[0].file, "base.cfg");
        assert_string_equal(by(DUE_ERASURE, "2026-11-23T10:00:00Z", false), "2026-12-23T22:59:59.999999Z");
        assert_string_equal(by(DUE_PEOPLE, "2026-11-23T10:00:00Z", false), "2026-11-24T10:00:00Z");
}

static void times__that_contradict_each_other_are_refused_with_both_lines(void **state)
{
        static const struct {
                const char *keep;
                enum report_level level;
                const char *why;
        } bad[] = {
                { "raw = \"20 months\";\n raw_at_least = \"24 months\";", REPORT_ERROR, "\"raw\" is shorter than \"raw_at_least\" in p.cfg:8" },
                { "raw = \"2 days\";\n tell_before_deletion = \"48 hours\";", REPORT_ERROR, "\"tell_before_deletion\" in p.cfg:8 leaves no time before \"raw\"" },
                { "raw = \"20 days\";\n held = \"30 days\";", REPORT_WARNING, "\"held\" in p.cfg:8 is longer than \"raw\"" },
        };
        (void)state;
        for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
                char text[2048];
                snprintf(text, sizeof text, HEAD("p") "records = { feedback = \"go\"; };\nsubject = \"pseudonym\";\n" WORDS
                         "transfers = ( { to = [\"EEA\"]; allow = [\"kafka\", \"warehouse\"]; basis = \"b\"; } );\n\n"
                         "keep = { warehouse = \"1 year\"; %s };\n", bad[i].keep);
                put_file("p.cfg", text);
                assert_int_equal(load(), bad[i].level == REPORT_WARNING);
                must_complain(bad[i].level, 7, bad[i].why, NULL);
        }
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, desk_open, desk_close)
        const struct CMUnitTest tests[] = {
                T(days__end_with_their_last_in_the_region),
                T(months__end_on_the_same_day_or_the_last),
                T(working_days__leave_out_weekends_and_holidays),
                T(lists_of_holidays__that_lack_or_are_wrong_are_told),
                T(of_several_policies__the_soonest_counts),
                T(times__that_contradict_each_other_are_refused_with_both_lines),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
