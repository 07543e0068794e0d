/* test_check.c - lines that do nothing are told, each with the line that is stricter; and what closes
 * when a basis ends. */
#include "desk.h"

#define T(name) cmocka_unit_test_setup_teardown(name, desk_open, desk_close)

static void loads(const char *text)
{
        must_load(text);
}

static void warns(const char *text, int line, const char *told)
{
        loads(text);
        must_complain(REPORT_WARNING, line, told, NULL);
}

static void is_quiet(const char *text, const char *told)
{
        loads(text);
        if (complained(REPORT_WARNING, 0, told, NULL)) {
                show_report();
                fail_msg("told without need: %s", told);
        }
}

/* HEAD is line 1, OPEN lines 2 to 5, WORDS line 6. */
#define P HEAD("p") OPEN WORDS
#define RULES(text) P "rules = ( " text " );\n"

static void check__tells_a_rule_that_never_decides(void **state)
{
        (void)state;
        warns(RULES("{ name = \"a\"; when = { kind = [\"member\"]; }; then = \"hold\"; because = \"x\"; }"), 7,
              "p.cfg:2 keeps its kinds of records already");
        warns(HEAD("p") "records = { feedback = \"go\"; lead = \"hold\"; };\n" WORDS "keep = { warehouse = \"1 year\"; };\n"
              "rules = ( { name = \"a\"; when = { kind = [\"lead\"]; }; then = \"hold\"; because = \"x\"; } );\n", 5,
              "p.cfg:2 keeps its kinds of records already");
        warns(RULES("{ name = \"a\"; when = { lang = [\"de\"]; unknown = \"go\"; }; then = \"go\"; because = \"x\"; }"), 7,
              "can change nothing");
        is_quiet(RULES("{ name = \"a\"; when = { kind = [\"lead\", \"member\"]; }; then = \"hold\"; because = \"x\"; }"), "never decides");
        is_quiet(RULES("{ name = \"a\"; when = { lang = [\"de\"]; unknown = \"hold\"; }; then = \"go\"; because = \"x\"; }"), "never decides");
}

static void check__tells_a_rule_in_the_shadow_of_another(void **state)
{
        (void)state;
#define TWO(a, b) RULES("{ name = \"a\"; " a " because = \"x\"; },\n{ name = \"b\"; " b " because = \"x\"; }")
        warns(TWO("when = { source = [\"forum\"]; }; then = \"hold\";", "when = { kind = [\"lead\"]; source = [\"forum\"]; }; then = \"hold\";"),
              8, "whatever meets it meets \"a\" (p.cfg:7)");
        warns(TWO("when = { country = [\"DE\"]; unknown = \"go\"; }; then = \"hold\";", "when = { country = [\"EEA\"]; unknown = \"go\"; }; then = \"stay\";"),
              7, "meets \"b\" (p.cfg:8)");
        warns(TWO("when = { lang = [\"de\"]; unknown = \"go\"; }; then = \"hold\";", "when = { lang = [\"de\"]; unknown = \"go\"; }; then = \"hold\";"),
              8, "meets \"a\""); /* and not the first as well: */
        assert_false(complained(REPORT_WARNING, 7, "never decides", NULL));
        is_quiet(TWO("when = { source = [\"forum\"]; }; then = \"hold\";", "when = { source = [\"forum\"]; kind = [\"lead\"]; }; then = \"stay\";"),
                 "never decides");
        is_quiet(TWO("when = { source = [\"forum\"]; }; then = \"hold\";",
                     "when = { source = [\"forum\"]; lang = [\"de\"]; unknown = \"stay\"; }; then = \"hold\";"), "never decides");
        is_quiet(TWO("when = { lang = [\"de\"]; unknown = \"go\"; }; then = \"stay\";",
                     "when = { lang = [\"de\"]; unknown = \"hold\"; }; then = \"hold\";"), "never decides");
        is_quiet(TWO("when = { source = [\"forum\"]; }; then = \"stay\";", "when = { source = [\"forum\", \"chat\"]; }; then = \"hold\";"),
                 "never decides");
}

static void check__tells_a_rule_for_people_of_elsewhere(void **state)
{
        (void)state;
#define HERE "protects = { people_in = [\"EEA\"]; residence_unknown = \"as_region\"; };\n"
        warns(P HERE "rules = ( { name = \"a\"; when = { country = [\"KR\"]; unknown = \"go\"; }; then = \"hold\"; because = \"x\"; } );\n", 8,
              "whom this policy does not protect (line 7)");
        is_quiet(P HERE "rules = ( { name = \"a\"; when = { country = [\"FR\", \"KR\"]; unknown = \"go\"; }; then = \"hold\"; because = \"x\"; } );\n",
                 "does not protect");
}

static void check__tells_purposes_and_consents_of_what_stays(void **state)
{
        (void)state;
        warns(P "purposes = ( { name = \"r\"; ground = \"g\"; kinds = [\"feedback\", \"discussion\", \"lead\"]; },\n"
              "{ name = \"m\"; ground = \"g\"; kinds = [\"member\"]; } );\n", 8, "purpose \"m\" serves only records that stay");
        is_quiet(P "purposes = ( { name = \"r\"; ground = \"g\"; kinds = [\"feedback\", \"discussion\", \"lead\", \"member\"]; } );\n",
                 "serves only");
}

static void child(const char *parent, const char *text, int line, const char *told)
{
        put_file("base.cfg", parent);
        loads(text);
        if (line)
                must_complain(REPORT_WARNING, line, told, NULL);
        else if (complained(REPORT_WARNING, 0, told, NULL))
                fail_msg("told without need: %s", told);
}

static void check__tells_a_child_that_is_looser_with_the_line_of_both(void **state)
{
        (void)state;
#define KID HEAD("p") "extends = \"base\";\n" OPEN WORDS
#define MUM HEAD("base")
        child(MUM "find = ( { what = \"email\"; do = \"drop\"; } );\n", KID "find = ( { what = \"email\"; do = \"mask\"; } );\n", 8,
              "\"email\" is not mask as written here: base.cfg:2 is stricter, \"drop\"");
        child(MUM "find = ( { what = \"email\"; do = \"drop\"; } );\n", KID "find = ( { what = [\"email\", \"phone\"]; do = \"mask\"; } );\n", 0,
              "as written here");
        child(MUM "keep = { warehouse = \"1 year\"; };\n", KID, 6, "\"warehouse\" is not as long as written here: base.cfg:2");
        child(MUM "keep = { warehouse = \"5 years\"; };\n", KID, 0, "as long as");
        child(MUM "transfers = ( { to = [\"US\"]; allow = [\"warehouse\", \"kafka\"]; basis = \"b\"; } );\n", KID, 5,
              "\"kafka\" in EEA stays closed: no line of its parent allows it (base.cfg:2)");
        child(MUM "transfers = ( { to = [\"EEA\", \"US\"]; allow = [\"warehouse\", \"kafka\", \"reading\"]; basis = \"b\"; } );\n", KID, 0,
              "stays closed");
        child(MUM "subject = \"none\";\n", KID, 4, "subject = \"pseudonym\" has no effect: base.cfg:2");
}

static void dates(int64_t now_us, int line, const char *told)
{
        report_free(desk.report);
        desk.report = report_new();
        book_check_dates(desk.book, now_us, desk.report);
        if (told)
                must_complain(REPORT_WARNING, line, told, NULL);
        else
                assert_int_equal(report_count(desk.report, REPORT_WARNING), 0);
}

static void dates__name_the_flows_that_close(void **state)
{
        int64_t end = 0, day;
        struct zone *zone;
        (void)state;
        loads(HEAD("p") "records = { feedback = \"go\"; };\nsubject = \"none\";\n"
              "transfers = ( { to = [\"EEA\", \"US\"]; allow = [\"kafka\", \"warehouse\", \"reading\"]; basis = \"a\"; until = \"2026-12-31\"; },\n"
              "{ to = [\"DE\"]; allow = [\"kafka\"]; basis = \"b\"; }, { to = [\"EEA\"]; allow = [\"warehouse\", \"reading\"]; basis = \"c\"; },\n"
              "{ to = [\"CH\"]; allow = [\"reading\"]; basis = \"d\"; until = \"2026-12-30\"; },\n"
              "{ to = [\"CH\"]; allow = [\"reading\"]; basis = \"e\"; } );\n"
              "keep = { warehouse = \"3 years\"; };\n" WORDS);
        assert_true(zone_open(&zone, "Europe/Berlin", NULL) && zone_end_of_day_us(zone, SLICE("2026-12-31"), &end));
        zone_free(zone);
        day = US_PER_DAY;
        dates(end - 61 * day, 0, NULL);
        dates(end - 59 * day, 4, "the basis \"a\" ends in 59 days: then closes kafka in EEA, US; warehouse in US; reading in US");
        dates(end - 29 * day, 4, "ends in 29 days: then closes kafka in EEA, US");
        dates(end - 6 * day, 4, "ends in 6 days");
        dates(end - 6 * day, 6, "the basis \"d\" ends in 5 days: another line keeps open what it allows");
        dates(end + 1, 4, "the basis \"a\" is past: closed are kafka in EEA, US; warehouse in US; reading in US");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                T(check__tells_a_rule_that_never_decides),
                T(check__tells_a_rule_in_the_shadow_of_another),
                T(check__tells_a_rule_for_people_of_elsewhere),
                T(check__tells_purposes_and_consents_of_what_stays),
                T(check__tells_a_child_that_is_looser_with_the_line_of_both),
                T(dates__name_the_flows_that_close),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
