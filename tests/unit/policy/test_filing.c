/* Lines of transfers that an authority must be told of: open for a while, then only if it was. */
#include "desk.h"
#include "policy/ask.h"
#include "policy/looser.h"

#define TODAY (NOON / US_PER_DAY)
#define HEAD_P HEAD("p") "records = { feedback = \"go\"; };\n" WORDS "keep = { warehouse = \"9 years\"; };\n"
#define LINE(more) HEAD_P "transfers = ( { to = [\"EEA\"]; allow = [\"kafka\", \"warehouse\", \"reading\"]; basis = \"TIA\"; " more " } );\n"
#define FIRST "file_within = \"60 days\"; counted_from = \"first transfer\";"
#define SIGNED "file_within = \"30 days\"; counted_from = \"signature\"; signed = \"2026-11-02\";"

static struct answers asked;

static enum decision judge_unanswered(const struct record *r)
{
        struct err err = ERR_INIT;
        assert_true(policy_judge(desk.judge, NOON, r, SLICE("forum"), NOON, NULL, desk.arena, &desk.said, &err));
        return desk.said.decision;
}

/* As the pump would, where the first transfer was so many days ago; < 0: nothing left yet. */
static enum decision judge_first(const struct record *r, int64_t now_us, int64_t days_ago)
{
        struct err err = ERR_INIT;
        assert_true(policy_ask(desk.judge, now_us, r, desk.arena, &asked, &err));
        for (size_t i = 0; i < asked.n; i++) {
                asked.of[i].known = true;
                asked.of[i].counted = days_ago >= 0;
                asked.of[i].day = asked.of[i].today - days_ago;
        }
        assert_true(policy_judge(desk.judge, now_us, r, SLICE("forum"), now_us, &asked, desk.arena, &desk.said, &err));
        return desk.said.decision;
}

static int64_t at(const char *time)
{
        int64_t us;
        assert_true(clock_parse_rfc3339(&us, slice_of(time)));
        return us;
}

static void a_line__is_open_after_its_first_transfer_for_so_long(void **state)
{
        struct record r = words("a", "b");
        (void)state;
        must_load(LINE(FIRST));
        assert_int_equal(judge_first(&r, NOON, -1), DECISION_GO); /* this one is the first */
        assert_int_equal(asked.n, 1);
        assert_int_equal(asked.of[0].of, QUESTION_FIRST);
        assert_string_equal(asked.of[0].id, "p/first transfer/TIA");
        assert_true(asked.of[0].once);
        assert_int_equal(desk.said.counts, 1);
        assert_int_equal(judge_first(&r, NOON, 0), DECISION_GO);
        assert_int_equal(judge_first(&r, NOON, 59), DECISION_GO);
        assert_int_equal(judge_first(&r, NOON, 60), DECISION_STAY); /* its last day has begun */
        assert_int_equal(judge_first(&r, NOON, 400), DECISION_STAY);
        assert_string_equal(desk.said.rule, "transfers");
        assert_int_equal(desk.said.line, 5);
        assert_string_equal(desk.said.because, "not filed within 60 days of the first transfer: TIA");
        assert_int_equal(desk.said.counts, 0);
}

static void a_line__without_an_answer_is_closed(void **state)
{
        struct err err = ERR_INIT;
        struct record r = words("a", "b");
        (void)state;
        must_load(LINE(FIRST));
        assert_int_equal(judge_unanswered(&r), DECISION_HOLD);
        assert_int_equal(desk.said.line, 5);
        assert_true(policy_ask(desk.judge, NOON, &r, desk.arena, &asked, &err));
        assert_true(policy_judge(desk.judge, NOON, &r, SLICE("forum"), NOON, &asked, desk.arena, &desk.said, &err));
        assert_int_equal(desk.said.decision, DECISION_HOLD);
}

/* The date is that of all records, or the warehouse would keep a set of readers for each. */
static void who_may_read__is_stamped_until_the_filing_is_due(void **state)
{
        struct record r = words("a", "b");
        (void)state;
        must_load(HEAD_P "transfers = ( { to = [\"EEA\"]; allow = [\"kafka\", \"warehouse\", \"reading\"]; basis = \"in\"; },\n"
                  " { to = [\"VN\"]; allow = [\"reading\"]; basis = \"TIA\"; " FIRST " } );\n");
        assert_int_equal(judge_unanswered(&r), DECISION_GO);
        struct message m = message_of_said();
        assert_int_equal(m.record.n_readable_in, 1);
        assert_true(slice_is(m.record.readable_in[0].code, "EEA"));
        for (int days = -1; days < 60; days += 20) {
                assert_int_equal(judge_first(&r, NOON, days), DECISION_GO);
                m = message_of_said();
                assert_int_equal(m.record.n_readable_in, 2);
                assert_true(slice_is(m.record.readable_in[1].code, "VN"));
                assert_int_equal(m.record.readable_in[0].until_us, INT64_MAX);
                assert_int_equal(m.record.readable_in[1].until_us, (TODAY - (days < 0 ? 0 : days) + 60) * US_PER_DAY);
                assert_int_equal(desk.said.counts, 1); /* somebody may read it from now on */
        }
        assert_int_equal(judge_first(&r, NOON, 60), DECISION_GO);
        m = message_of_said();
        assert_int_equal(m.record.n_readable_in, 1);
        assert_int_equal(desk.said.counts, 0);
}

static void a_signed_line__is_open_until_its_filing_is_due(void **state)
{
        struct record r = words("a", "b");
        struct transfer_said said;
        int64_t end;
        const char *what;
        (void)state;
        must_load(LINE(SIGNED));
        assert_int_equal(judge_at(&r, at("2026-12-01T23:59:59Z")), DECISION_GO);
        struct message m = message_of_said();
        assert_int_equal(m.record.readable_in[0].until_us, at("2026-12-02T00:00:00Z"));
        assert_int_equal(judge_at(&r, at("2026-12-02T00:00:01Z")), DECISION_STAY);
        assert_string_equal(desk.said.because, "not filed within 30 days of the signature: TIA");
        assert_true(book_next_end(desk.book, NOON, &end, &what));
        assert_int_equal(end, at("2026-12-02T00:00:00Z"));
        book_transfer(desk.book, PLACE_KAFKA, SLICE("DE"), at("2026-12-03T00:00:00Z"), &said);
        assert_int_equal(said.decision, DECISION_STAY);
        book_check_dates(desk.book, at("2026-11-27T00:00:00Z"), desk.report);
        must_complain(REPORT_WARNING, 5, "the time to file \"TIA\" ends in 5 days", NULL);
}

static void a_line_that_was_filed__is_like_any_other(void **state)
{
        struct record r = words("a", "b");
        (void)state;
        must_load(LINE(FIRST " filed = \"2026-12-15\";"));
        assert_int_equal(judge_first(&r, at("2026-12-14T23:00:00Z"), 100), DECISION_STAY);
        assert_int_equal(judge_first(&r, at("2026-12-15T00:00:00Z"), 100), DECISION_GO);
        assert_int_equal(asked.n, 0);
        assert_int_equal(message_of_said().record.readable_in[0].until_us, INT64_MAX);
        must_load(LINE(SIGNED " filed = \"2026-11-20\"; until = \"2027-06-01\";"));
        assert_int_equal(judge_at(&r, at("2027-05-01T00:00:00Z")), DECISION_GO);
        assert_int_equal(judge_at(&r, at("2027-07-01T00:00:00Z")), DECISION_STAY);
        assert_string_equal(desk.said.because, "the basis has ended: TIA");
}

static void another_line__may_keep_a_place_open(void **state)
{
        struct record r = words("a", "b");
        (void)state;
        must_load(HEAD_P "transfers = ( { to = [\"EEA\"]; allow = [\"kafka\", \"warehouse\"]; basis = \"TIA\"; " FIRST " },\n"
                  " { to = [\"IE\", \"DE\"]; allow = [\"warehouse\", \"kafka\"]; basis = \"direct\"; until = \"2026-12-31\"; } );\n");
        assert_int_equal(judge_first(&r, NOON, 100), DECISION_GO);
        assert_string_equal(message_of_said().record.basis.p, "direct");
        assert_int_equal(desk.said.counts, 0);
        assert_int_equal(judge_first(&r, at("2027-01-02T00:00:00Z"), 0), DECISION_GO);
        assert_string_equal(message_of_said().record.basis.p, "TIA");
}

static void a_desk__takes_the_first_transfer_for_today(void **state)
{
        struct transfer_said said;
        (void)state;
        must_load(LINE(FIRST));
        book_transfer(desk.book, PLACE_WAREHOUSE, SLICE("DE"), NOON, &said);
        assert_int_equal(said.decision, DECISION_GO);
        assert_string_equal(said.file_within, "60 days");
        assert_true(book_may_read(desk.book, SLICE("DE"), NOON));
}

static void a_filing__is_written_whole(void **state)
{
        static const struct {
                const char *line, *text, *hint;
        } bad[] = {
                { LINE("file_within = \"60 days\";"), "\"counted_from\" is missing", NULL },
                { LINE("file_within = \"60 days\"; counted_from = \"signature\";"), "\"signed\" is missing", "signed = \"2026-11-02\"" },
                { LINE("file_within = \"60 days\"; counted_from = \"signature\"; signed = \"2026-13-02\";"), "\"signed\" is not a date", NULL },
                { LINE("filed = \"2026-11-02\";"), "\"filed\" says nothing without \"file_within\"", "60 days" },
                { LINE("counted_from = \"signature\";"), "\"counted_from\" says nothing", NULL },
                { LINE("file_within = \"soon\"; counted_from = \"first transfer\";"), "not a time span", NULL },
        };
        (void)state;
        for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
                put_file("p.cfg", bad[i].line);
                assert_false(load());
                must_complain(REPORT_ERROR, 5, bad[i].text, bad[i].hint);
        }
}

static size_t looser(const char *old, const char *new)
{
        must_load(old);
        struct book *before = book_hold(desk.book);
        must_load(new);
        struct changes *c = book_compare(before, desk.book);
        size_t n = changes_count(c, CHANGE_LOOSER);
        changes_free(c);
        book_drop(before);
        return n;
}

static void more_time_for_a_filing__is_looser(void **state)
{
        (void)state;
        assert_int_equal(looser(LINE(FIRST), LINE(FIRST)), 0);
        assert_int_equal(looser(LINE(FIRST), LINE("file_within = \"30 days\"; counted_from = \"first transfer\";")), 0);
        assert_true(looser(LINE(FIRST), LINE("file_within = \"61 days\"; counted_from = \"first transfer\";")) > 0);
        assert_true(looser(LINE(FIRST), LINE(FIRST " filed = \"2026-11-02\";")) > 0);
        assert_true(looser(LINE(FIRST), LINE("")) > 0);
        assert_int_equal(looser(LINE(""), LINE(FIRST)), 0);
        assert_true(looser(HEAD_P "transfers = ( );\n", LINE(FIRST)) > 0);
        assert_true(looser(LINE(SIGNED), LINE("file_within = \"31 days\"; counted_from = \"signature\"; signed = \"2026-11-02\";")) > 0);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, desk_open, desk_close)
        const struct CMUnitTest tests[] = {
                T(a_line__is_open_after_its_first_transfer_for_so_long),
                T(a_line__without_an_answer_is_closed),
                T(who_may_read__is_stamped_until_the_filing_is_due),
                T(a_signed_line__is_open_until_its_filing_is_due),
                T(a_line_that_was_filed__is_like_any_other),
                T(another_line__may_keep_a_place_open),
                T(a_desk__takes_the_first_transfer_for_today),
                T(a_filing__is_written_whole),
                T(more_time_for_a_filing__is_looser),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
