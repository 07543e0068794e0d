/* test_patterns.c - officers' own patterns: their examples, what is refused, what becomes of what they find. */
#include "desk.h"
#include "policy/explain.h"
#include "policy/looser.h"
#include "policy/speak.h"

#define IDS "patterns = ( { name = \"employee-id\"; match = \"EMP-[0-9]{6}\"; do = \"mask\"; yes = [\"EMP-004711\"]; no = [\"EMP-1\"]; } );\n"
#define PATTERN(do_, name, match, yes) \
        "patterns = ( { name = \"" name "\"; match = \"" match "\"; " do_ " yes = [\"" yes "\"]; no = [\"-\"]; } );\n"

static const char *body_of(const char *body)
{
        struct record r = words("t", body);
        return judge(&r) == DECISION_GO ? left(FIELD_BODY) : decision_name(desk.said.decision);
}

static void pattern__masks_under_its_own_name(void **state)
{
        (void)state;
        must_load(HEAD("p") OPEN WORDS IDS);
        assert_int_equal(report_count(desk.report, REPORT_WARNING), 0);
        assert_string_equal(body_of("ask EMP-004711, EMP-004712 or EMP-004711"),
                            "ask [employee-id 1], [employee-id 2] or [employee-id 1]");
        assert_string_equal(body_of("EMP-00471"), "EMP-00471");
        assert_string_equal(body_of("ＥＭＰ－００４７１１ and EMP%2D004711"), "[employee-id 1] and [employee-id 2]");
        struct record r = words("EMP-004711", "b");
        assert_int_equal(judge(&r), DECISION_GO);
        assert_string_equal(left(FIELD_TITLE), "[employee-id 1]");
        struct message m = message_of_said();
        assert_int_equal(m.record.n_redactions, 1);
        assert_true(slice_is(m.record.redactions[0].what, "pattern:employee-id"));
        assert_int_equal(desk.said.cleaned, 1);
}

static void pattern__is_named_by_find_and_the_strictest_wins(void **state)
{
        (void)state;
        must_load(HEAD("p") OPEN WORDS PATTERN("", "e", "EMP-[0-9]", "EMP-1")
                  "find = ( { what = [\"pattern:e\", \"email\"]; do = \"drop\"; } );\n");
        assert_string_equal(body_of("ask EMP-1, a@corp.example"), "ask [removed], [removed]");
        must_load(HEAD("p") OPEN WORDS PATTERN("do = \"mask\";", "e", "EMP-[0-9]", "EMP-1")
                  "find = ( { what = \"pattern:e\"; do = \"hold\"; because = \"art. 1\"; } );\n");
        assert_string_equal(body_of("ask EMP-1"), "hold");
        assert_string_equal(desk.said.rule, "find");
        assert_string_equal(desk.said.because, "art. 1");
        assert_int_equal(desk.said.line, 8);
        must_load(HEAD("p") OPEN WORDS PATTERN("do = \"stay\";", "e", "EMP-[0-9]", "EMP-1")
                  "find = ( { what = \"pattern:e\"; do = \"mask\"; } );\n");
        assert_string_equal(body_of("ask EMP-1"), "stay");
        assert_int_equal(desk.said.line, 7);
}

static void pattern__covers_what_it_overlaps(void **state)
{
        (void)state;
        must_load(HEAD("p") OPEN WORDS PATTERN("do = \"mask\";", "e", "staff: [a-z]+", "staff: a")
                  "find = ( { what = \"email\"; do = \"mask\"; } );\n");
        assert_string_equal(body_of("ask staff: a@corp.example now"), "ask [email 1] now");
        assert_string_equal(body_of("ask staff: jo now"), "ask [e 1] now");
}

static void pattern__is_discarded_before_the_vault(void **state)
{
        (void)state;
        struct err err = ERR_INIT;
        uint32_t pieces;
        must_load(HEAD("p") OPEN WORDS
                  "patterns = ( { name = \"d\"; match = \"D-[0-9]+\"; do = \"discard\"; yes = [\"D-1\"]; no = [\"-\"]; },\n"
                  "             { name = \"m\"; match = \"M-[0-9]+\"; do = \"mask\"; yes = [\"M-1\"]; no = [\"-\"]; } );\n");
        struct discarder *d = discarder_new(desk.book);
        struct record r = words("t", "D-22 M-33");
        assert_true(policy_discard(d, &r, desk.arena, &pieces, &err));
        assert_int_equal(pieces, 1);
        assert_true(slice_is(r.text[FIELD_BODY], "[removed] M-33"));
        discarder_free(d);
}

static void patterns__of_parents_add_up(void **state)
{
        (void)state;
        put_file("base.cfg", "policy = \"base\"; version = 1; language = 1; title = \"B\";\n"
                             PATTERN("do = \"mask\";", "e", "EMP-[0-9]", "EMP-1"));
        must_load(HEAD("p") "extends = \"base\";\n" OPEN WORDS PATTERN("do = \"mask\";", "t", "T[0-9]", "T1")
                  "find = ( { what = \"pattern:e\"; do = \"drop\"; } );\n");
        assert_string_equal(body_of("EMP-1 T1"), "[removed] [t 1]");
}

static void pattern__of_elsewhere_is_looked_for_in_its_peoples_words_alone(void **state)
{
        (void)state;
        put_file("jp.cfg", "policy = \"jp\"; version = 1; language = 1; title = \"J\";\n"
                           "protects = { people_in = [\"JP\"]; also_abroad = true; residence_unknown = \"as_region\"; };\n"
                           OPEN "fields = ( { field = [\"body\", \"author.country\"]; do = \"keep\"; } );\n"
                           PATTERN("do = \"mask\";", "shain", "S[0-9]", "S1"));
        must_load(HEAD("p") OPEN "fields = ( { field = [\"body\", \"author.country\"]; do = \"keep\"; } );\n"
                  PATTERN("do = \"mask\";", "e", "E[0-9]", "E1"));
        struct record r = words("t", "E1 S1");
        assert_int_equal(judge(&r), DECISION_GO);
        assert_string_equal(left(FIELD_BODY), "[e 1] S1");
        r.text[FIELD_AUTHOR_COUNTRY] = SLICE("JP");
        assert_int_equal(judge(&r), DECISION_GO);
        assert_string_equal(left(FIELD_BODY), "[e 1] [shain 1]");
}

static void refuse(const char *line, int at, const char *why, const char *hint)
{
        char text[2048];
        snprintf(text, sizeof text, "%s%s\n", HEAD("p") OPEN WORDS, line);
        put_file("p.cfg", text);
        if (load())
                fail_msg("it was taken: %s", line);
        must_complain(REPORT_ERROR, at, why, hint);
}

static void pattern__that_cannot_be_is_refused_with_its_line(void **state)
{
        (void)state;
        refuse(PATTERN("do = \"mask\";", "e", "(a+)\\\\1", "aa"), 7, "pattern \"e\" cannot be searched for: Back-references", "write it out");
        refuse(PATTERN("do = \"mask\";", "e", "a*", "a"), 7, "matches empty", "a+");
        refuse(PATTERN("do = \"mask\";", "e", ".{1,5000}b", "b"), 7, "too large", "fewer repeats");
        refuse(PATTERN("do = \"mask\";", "e", "EMP-[0-9]", "EMP-x"), 7, "pattern \"e\" does not find \"EMP-x\"", "Mend");
        refuse(PATTERN("do = \"mask\";", "e", "-", "-"), 7, "pattern \"e\" finds \"-\"", "must not be found");
        refuse(PATTERN("do = \"mask\";", "Employee ID", "a", "a"), 7, "not a name for a pattern", "Small letters");
        refuse(PATTERN("do = \"mask\";", "email", "a", "a"), 7, "built in", "told apart");
        refuse(PATTERN("do = \"mark\";", "e", "a", "a"), 7, "unknown value of \"do\"", "mask");
        refuse("patterns = ( { name = \"e\"; match = \"a\"; do = \"mask\"; } );", 7, "\"yes\" is missing", "yes = [");
        refuse("patterns = ( { name = \"e\"; match = \"a\"; do = \"mask\"; yes = [\"a\"]; no = [\"b\"]; },\n"
               "             { name = \"e\"; match = \"b\"; do = \"mask\"; yes = [\"b\"]; no = [\"a\"]; } );", 8, "there twice, first in line 7", NULL);
        refuse("find = ( { what = \"pattern:x\"; do = \"mask\"; } );", 7, "no pattern \"x\" is written", "patterns");
}

static void pattern__that_finds_half_of_an_example_is_warned_of(void **state)
{
        (void)state;
        must_load(HEAD("p") OPEN WORDS PATTERN("do = \"mask\";", "e", "EMP-[0-9]{3}", "EMP-004711"));
        must_complain(REPORT_WARNING, 7, "finds 7 of the 10 bytes", "stays in the text");
        must_load(HEAD("p") OPEN WORDS PATTERN("", "e", "EMP", "EMP"));
        must_complain(REPORT_WARNING, 7, "looked for by nobody", "do = \"mask\"");
        assert_string_equal(body_of("EMP"), "EMP");
}

static void patterns__have_a_ceiling_over_the_set(void **state)
{
        (void)state;
        struct buf text;
        buf_init(&text, 1 << 16);
        buf_puts(&text, HEAD("p") OPEN WORDS "patterns = (\n");
        for (int i = 0; i <= PATTERNS_MAX; i++)
                buf_printf(&text, "%s{ name = \"p%d\"; match = \"P%03d\"; do = \"mask\"; yes = [\"P%03d\"]; no = [\"-\"]; }\n", i ? "," : "", i, i, i);
        buf_puts(&text, ");\n");
        buf_put(&text, SLICE("\0"));
        put_file("p.cfg", text.p);
        assert_false(load());
        must_complain(REPORT_ERROR, 8 + PATTERNS_MAX, "over 64 patterns", "Join");
        buf_clear(&text);
}

static void patterns__are_spoken_explained_and_covered(void **state)
{
        (void)state;
        struct err err = ERR_INIT;
        struct buf said;
        static struct coverage c;
        struct explanation e;
        size_t tried, all;
        must_load(HEAD("p") OPEN WORDS IDS);
        buf_init(&said, 1 << 16);
        policy_speak(desk.book, TONGUE_EN, &said);
        buf_put(&said, SLICE("\0"));
        assert_non_null(strstr(said.p, "pattern:employee-id"));
        buf_clear(&said);
        struct record r = words("t", "ask EMP-004711");
        struct discarder *d = discarder_new(desk.book);
        assert_true(coverage_begin(&c, desk.book, desk.arena));
        assert_int_equal(coverage_percent(&c, COVERAGE_DETECTORS, &tried, &all), 0);
        assert_true(policy_explain(d, desk.judge, NOON, &r, SLICE("forum"), NOON, desk.arena, &e, &err));
        assert_int_equal(e.n_finds, 1);
        assert_string_equal(e.finds[0].what, "pattern:employee-id");
        assert_int_equal(e.finds[0].start, 4);
        assert_int_equal(e.finds[0].end, 14);
        assert_string_equal(e.finds[0].action, "mask");
        assert_int_equal(e.finds[0].by.line, 7);
        coverage_count(&c, &r, &e);
        coverage_percent(&c, COVERAGE_DETECTORS, &tried, &all);
        assert_int_equal(tried, 1);
        discarder_free(d);
}

#define FOUND_BY PATTERN("", "e", "EMP-[0-9]", "EMP-1") "find = ( { what = \"pattern:e\"; do = \"%s\"; } );"

static struct book *load_with(const char *lines)
{
        char text[2048];
        const struct book_spec spec = { desk.dir, &desk.region, &desk.hub };
        struct book *b;
        snprintf(text, sizeof text, "%s%s\n", HEAD("p") OPEN WORDS, lines);
        put_file("p.cfg", text);
        assert_true(book_load(&b, &spec, desk.report));
        return b;
}

static void pattern__named_by_a_looser_line_makes_a_looser_version(void **state)
{
        static const struct {
                const char *old, *new;
                bool looser, tighter;
        } pairs[] = {
                { "hold", "mask", true, false },
                { "mask", "stay", false, true },
                { "mask", "mask", false, false },
                { "discard", "hold", true, true }, /* stored at home from now on */
        };
        (void)state;
        for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
                char before[512], after[512];
                snprintf(before, sizeof before, FOUND_BY, pairs[i].old);
                snprintf(after, sizeof after, FOUND_BY, pairs[i].new);
                struct book *a = load_with(before), *b = load_with(after);
                struct changes *c = book_compare(a, b);
                assert_int_equal(changes_count(c, CHANGE_LOOSER) > 0, pairs[i].looser);
                assert_int_equal(changes_count(c, CHANGE_TIGHTER) > 0, pairs[i].tighter);
                changes_free(c);
                book_drop(a);
                book_drop(b);
        }
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, desk_open, desk_close)
        const struct CMUnitTest tests[] = {
                T(pattern__masks_under_its_own_name),
                T(pattern__is_named_by_find_and_the_strictest_wins),
                T(pattern__covers_what_it_overlaps),
                T(pattern__is_discarded_before_the_vault),
                T(patterns__of_parents_add_up),
                T(pattern__of_elsewhere_is_looked_for_in_its_peoples_words_alone),
                T(pattern__that_cannot_be_is_refused_with_its_line),
                T(pattern__that_finds_half_of_an_example_is_warned_of),
                T(patterns__have_a_ceiling_over_the_set),
                T(pattern__named_by_a_looser_line_makes_a_looser_version),
                T(patterns__are_spoken_explained_and_covered),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
