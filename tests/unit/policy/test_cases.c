/* test_cases.c - case files as officers type them: read, complained of, compared with what happens. */
#include "desk.h"
#include "policy/cases.h"

#define START "policy: p\nhub: EEA\ndate: 2026-11-18\n\nCOMES IN\nkind: feedback\n"

static struct policy_case *parse(const char *text)
{
        report_free(desk.report);
        desk.report = report_new();
        struct policy_case *c = case_parse(desk.arena, "x.case", slice_of(text), desk.report);
        assert_true((c != NULL) == (report_count(desk.report, REPORT_ERROR) == 0));
        return c;
}

static struct policy_case *must_parse(const char *text)
{
        struct policy_case *c = parse(text);
        if (!c)
                show_report();
        assert_non_null(c);
        return c;
}

static struct case_failure failures[CASE_FAILURES_MAX];
static struct explanation said;

/* How many of the case's lines are not as expected under p.cfg. */
static size_t try_case(const char *text)
{
        struct policy_case *c = must_parse(text);
        struct discarder *d = discarder_new(desk.book);
        struct err err = ERR_INIT;
        judge_assume(desk.judge, &c->assumed);
        assert_true(policy_explain(d, desk.judge, c->now_us, &c->record, c->source, c->captured_us, desk.arena, &said, &err));
        size_t n = case_compare(c, &said, desk.book, desk.arena, failures);
        discarder_free(d);
        return n;
}

static void load_open(void)
{
        must_load(HEAD("p") OPEN "fields = ( { field = [\"title\", \"body\", \"occurred_at\", \"tags\"]; do = \"clean\"; },\n"
                  "{ field = \"thread\"; do = \"pseudonymise\"; },\n{ field = \"attributes.browser\"; do = \"keep\"; } );\n"
                  "find = ( { what = [\"email\", \"phone\"]; do = \"mask\"; because = \"art. 5\"; }, { what = \"credential\"; do = \"hold\"; } );\n"
                  "children = { under = 16; then = \"stay\"; age_unknown = \"go\"; because = \"art. 8\"; };\n");
}

static void case__is_read_as_word_and_notepad_write_it(void **state)
{
        (void)state;
        struct policy_case *c = must_parse("\xef\xbb\xbfPolicy\xef\xbc\x9a p\r\nHUB: eea\r\nDate:\xc2\xa0" "2026-11-18\r\n\r\n"
                                           "Comes In:\r\n\xc2\xa0KIND: feedback\r\nBody: \xe2\x80\x9cquoted\xe2\x80\x9d \xe2\x80\x93 said: so\r\n"
                                           "| second line\r\n|\r\n| fourth\r\nTags: a, b\xef\xbc\x8c c\r\n\r\nGoes\r\nbody contains: quoted\r\nnothing else");
        assert_string_equal(c->policy, "p");
        assert_int_equal(c->hub.n_places, 2);
        assert_true(slice_is(c->record.text[FIELD_BODY], "\xe2\x80\x9cquoted\xe2\x80\x9d \xe2\x80\x93 said: so\nsecond line\n\nfourth"));
        assert_int_equal(c->record.n_tags, 3);
        assert_true(slice_is(c->record.tags[2], "c"));
        assert_int_equal(c->verdict, CASE_GOES);
        assert_int_equal(c->n_expects, 2);
}

static void case__takes_a_record_as_json(void **state)
{
        (void)state;
        struct policy_case *c = must_parse("policy: p\ndate: 2026-11-18\ncomes in\n\n{ \"id\": \"7\", \"kind\": \"lead\",\n"
                                           "  \"occurred_at\": \"2026-11-01T00:00:00Z\",\n\n  \"body\": \"held\" }\n\nstays\nby: p.cfg:7\n");
        assert_int_equal(c->record.kind, KIND_LEAD);
        assert_true(slice_is(c->record.text[FIELD_BODY], "held"));
        assert_int_equal(c->expects[0].number, 7);
        assert_string_equal(c->expects[0].file, "p.cfg");
        assert_null(parse("policy: p\ndate: 2026-11-18\ncomes in\n{ \"id\": \ngoes\n"));
        must_complain(REPORT_ERROR, 4, "JSON", NULL);
}

static void case__complains_with_line_and_nearest_name(void **state)
{
        static const struct {
                const char *text;
                int line;
                const char *told, *hint;
        } wrong[] = {
                { "polcy: p\n", 1, "unknown key \"polcy\"", "\"policy\"" },
                { START "titel: x\nGOES\n", 7, "unknown field \"titel\"", "\"title\"" },
                { START "GOESS\n", 7, "neither", "\"goes\"" },
                { START "just words\nGOES\n", 7, "neither", "| text" },
                { START "GOES\nbodi: x\n", 8, "unknown expectation", "\"body\"" },
                { START "GOES\nbody contians: x\n", 8, "after a field", "\"contains\"" },
                { START "body: a\nbody: b\nGOES\n", 8, "stands in line 7", NULL },
                { START "STAYS\n", 7, "by which line", "children" },
                { START "HELD\nby: find\nbody: x\n", 9, "nothing leaves", NULL },
                { START "DISCARDED\nby: x\n", 8, "nothing more", NULL },
                { START "GOES\nGOES\n", 8, "line 7 already", NULL },
                { START "GOES\nCOMES IN\n", 8, "already", "a file of its own" },
                { START "GOES\nsubject: pseudonim\n", 8, "subject", "pseudonym" },
                { START "GOES\nreadable in: Japan\n", 8, "no country", "JP" },
                { START "GOES\nredacted: email body\n", 8, "not understood", "email in body" },
                { START "GOES\npieces discarded: one\n", 8, "no number", NULL },
                { START "rating: 11\nGOES\n", 7, "rating", NULL },
                { START "author.age: ten\nGOES\n", 7, "age", NULL },
                { START "| words\nGOES\n", 0, "", NULL },
                { START "consent: a, soon\nGOES\n", 7, "not understood", "until 2027-01-01" },
                { START, 5, "expected is missing", "goes" },
                { "policy: p\ndate: yesterday\ncomes in\nkind: lead\ngoes\n", 2, "no date", "2026-11-23" },
                { "policy: p\ncomes in\nkind: lead\ngoes\n", 1, "\"date\" is missing", "today" },
                { "date: 2026-11-18\ncomes in\nkind: lead\ngoes\n", 1, "no policy", "region" },
                { "policy: p\nregion: q\ndate: 2026-11-18\ncomes in\nkind: lead\ngoes\n", 1, "both", NULL },
                { "policy: ../p\n", 1, "no name of a file", NULL },
                { "policy: p\nkafka: DE\ndate: 2026-11-18\ncomes in\nkind: lead\ngoes\n", 1, "warehouse is", "hub: EEA" },
                { "policy: p\nhub: Germany\n", 2, "no place of law", NULL },
                { "policy: p\ncounted: many\n", 2, "no number of people", "99999" },
                { "policy: p\ncounted: -1\n", 2, "no number of people", NULL },
                { "policy: p\ncounted: 9,99\n", 2, "no number of people", NULL },
                { "policy: p\ncounted: 1\ncounted: 2\n", 3, "there already", NULL },
                { "policy: p\ngroup: 3,\n", 2, "no number of people", "3, 12" },
                { "policy: p\ngruop: 3\n", 2, "unknown key \"gruop\"", "\"group\"" },
                { "policy: p\ndate: 2026-11-18\ncomes in\ngoes\n", 3, "\"kind\" is missing", "feedback" },
                { "policy: p\ndate: 2026-11-18\ncomes in\nkind: feedbak\ngoes\n", 4, "kind", "discussion" },
                { "policy: p\ngoes\n", 2, "\"comes in\" is missing", NULL },
                { "policy: p\ndate\xff: 1\n", 2, "UTF-8", "Notepad" },
                { "PK\x03\x04", 1, "Word document", "Plain Text" },
                { "", 1, "no policy is named", NULL },
        };
        (void)state;
        for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
                if (wrong[i].line == 0) { /* `|` after kind: a value above goes on */
                        assert_null(parse(wrong[i].text));
                        continue;
                }
                assert_null(parse(wrong[i].text));
                must_complain(REPORT_ERROR, wrong[i].line, wrong[i].told, wrong[i].hint);
        }
}

static void case__says_what_only_an_agent_could_look_up(void **state)
{
        (void)state;
        must_load(HEAD("p") OPEN "fields = ( { field = [\"body\", \"author.country\"]; do = \"keep\"; } );\n"
                  "small_group = { of = \"author.country\"; fewer_than = 5; within = \"28 days\"; then = \"generalise\"; };\n"
                  "counters = ( { of = \"people\"; over = \"calendar year\"; ceiling = 100000; then = \"hold\"; } );\n");
#define AS(head, rest) "policy: p\nhub: EEA\ndate: 2026-11-18\n" head "comes in\nkind: feedback\nbody: a\nauthor.country: LI\n" rest
        assert_int_equal(try_case(AS("", "GOES\nbody: a\nauthor.country: LI\n")), 0);
        assert_int_equal(try_case(AS("counted: 99,999\n", "GOES\nby: records\n")), 0);
        assert_int_equal(try_case(AS("counted: 100,000\n", "HELD\nby: p.cfg counters\n")), 0);
        assert_int_equal(try_case(AS("group: 4, 5\n", "GOES\nauthor.country: EEA\nredacted: small_group in author.country\n")), 0);
        assert_int_equal(try_case(AS("group: 4\n", "GOES\ndropped: author.country\n")), 0);
        assert_int_equal(try_case(AS("group: 4\n", "GOES\nauthor.country: LI\n")), 1);
        assert_int_equal(said.asked.n, 3); /* the counter, the country, and what it is part of */
}

static void case__holds_where_all_is_as_expected(void **state)
{
        (void)state;
        load_open();
        assert_int_equal(try_case(START "body: write to a@corp.example or A@corp.example\n| soon\nthread: t-1\noccurred_at: 2026-11-01\n"
                                  "author.name: Jana Novak\nattributes.browser: Firefox\n\n"
                                  "GOES\nby: p.cfg records\nby: records\nsubject: pseudonym\noccurred_at: 2026-11-01\n"
                                  "body: write to [email 1] or [email 1]\n| soon\nbody contains: [EMAIL 1]\nbody lacks: corp\nthread: (key)\n"
                                  "attributes.browser: Firefox\nnothing else\ndropped: author.name, url\nnowhere: a@corp.example\n"
                                  "redacted: email in body, masked 2\nredacted: email in body\nreadable in: DE\nnot readable in: US, CN\n"
                                  "pieces discarded: 0\nstored author.name: Jana Novak\n"), 0);
        assert_int_equal(try_case(START "author.age: 15\nSTAYS\nby: p.cfg children\nbecause: art. 8\n"), 0);
        assert_int_equal(try_case(START "body: password = hunter2hunter2\nHELD\nby: p.cfg find\n"), 0);
        assert_int_equal(try_case(START "body: my Aadhaar 7007 0898 3225\nGOES\npieces discarded: 1\nstored body: my Aadhaar [removed]\n"), 0);
        assert_int_equal(try_case(START "id: 7007 0898 3225\nDISCARDED\n"), 0);
}

static void case__says_what_is_not_as_expected(void **state)
{
        static const struct {
                const char *text, *what, *got;
        } wrong[] = {
                { START "STAYS\nby: records\n", "decision", "goes, by p.cfg:2 records" },
                { START "author.age: 15\nGOES\nbody: x\n", "decision", "art. 8" },
                { START "author.age: 15\nSTAYS\nby: p.cfg:1\n", "by", "p.cfg:" },
                { START "author.age: 15\nSTAYS\nby: eea.cfg children\n", "by", "p.cfg:" },
                { START "author.age: 15\nSTAYS\nby: children\nbecause: art. 9\n", "because", "art. 8" },
                { START "body: a@corp.example\nGOES\nbody: a@corp.example\n", "body", "[email 1]" },
                { START "GOES\nbody: x\n", "body", "does not leave" },
                { START "body: x\nGOES\ndropped: body\n", "body", "x" },
                { START "body: x\nGOES\nbody lacks: X\n", "body", "x" },
                { START "body: x\nGOES\nbody contains: y\n", "body", "x" },
                { START "body: x\nGOES\nnothing else\n", "nothing else", "occurred_at" },
                { START "body: so secret\nGOES\nnowhere: SECRET\n", "nowhere", "body" },
                { START "GOES\nsubject: none\n", "subject", "pseudonym" },
                { START "GOES\nredacted: email in body\n", "redacted", "nothing" },
                { START "body: a@corp.example\nGOES\nredacted: email in body, masked 2\n", "redacted", "email in body, mask 1" },
                { START "GOES\nreadable in: US\n", "readable in", "nobody" },
                { START "GOES\nnot readable in: DE\n", "not readable in", "may be read" },
                { START "GOES\npieces discarded: 1\n", "pieces discarded", "0" },
                { START "GOES\nstored title: x\n", "stored", "not stored" },
                { START "GOES\npurpose: research\n", "purpose", "" },
                { START "GOES\nattributes.browser: x\n", "attributes.browser", "does not leave" },
                { START "DISCARDED\n", "decision", "goes" },
        };
        (void)state;
        load_open();
        for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
                assert_true(try_case(wrong[i].text) >= 1);
                assert_string_equal(failures[0].what, wrong[i].what);
                assert_non_null(strstr(failures[0].got, wrong[i].got));
                assert_true(failures[0].line > 6);
        }
}

static void coverage__counts_lines_fields_and_detectors(void **state)
{
        static struct coverage c;
        size_t tried, all;
        (void)state;
        load_open();
        assert_true(coverage_begin(&c, desk.book, desk.arena));
        assert_int_equal(coverage_percent(&c, COVERAGE_RULES, &tried, &all), 0);
        assert_true(all >= 8 && tried == 0);
        assert_int_equal(try_case(START "body: a@corp.example\nGOES\n"), 0);
        struct record r = words("", "");
        coverage_count(&c, &r, &said);
        coverage_percent(&c, COVERAGE_RULES, &tried, &all);
        assert_int_equal(tried, 2); /* records.feedback, and the line that masks */
        coverage_percent(&c, COVERAGE_DETECTORS, &tried, &all);
        assert_int_equal(tried, 1);
        coverage_percent(&c, COVERAGE_FIELDS, &tried, &all);
        assert_int_equal(tried, 2);
        assert_int_equal(all, 6);
        assert_int_equal(try_case(START "author.age: 3\nSTAYS\nby: children\n"), 0);
        coverage_count(&c, &r, &said);
        coverage_percent(&c, COVERAGE_RULES, &tried, &all);
        assert_int_equal(tried, 3);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, desk_open, desk_close)
                T(case__is_read_as_word_and_notepad_write_it),
                T(case__takes_a_record_as_json),
                T(case__complains_with_line_and_nearest_name),
                T(case__says_what_only_an_agent_could_look_up),
                T(case__holds_where_all_is_as_expected),
                T(case__says_what_is_not_as_expected),
                T(coverage__counts_lines_fields_and_detectors),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
