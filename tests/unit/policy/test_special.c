/* test_special.c - special categories by the officers' lists, in any script. */
#include "desk.h"
#include "policy/explain.h"

#define LINE(more) "find = ( { what = [\"special_category\", \"email\"]; " more " } );\n"

static const char *body_of(const char *body)
{
        struct record r = words("t", body);
        return judge(&r) == DECISION_GO ? left(FIELD_BODY) : decision_name(desk.said.decision);
}

static void put_lists(void)
{
        put_file("lists/faith.txt", "# faith\nkatholi*\nмечеть\nözgürlük\nΕΚΚΛΗΣΊΑ\nđạo phật\n");
        put_file("lists/union.txt", "trade union\n労働組合\n노조\nสหภาพแรงงาน\n");
}

static void words_of_the_lists__are_met_in_any_script_and_size(void **state)
{
        static const char *const met[] = { "er ist KATHOLISCH.", "В МЕЧЕТЬ", "ÖZGÜRLÜK!", "η εκκλησία", "ĐẠO PHẬT", "my TRADE UNION",
                                           "東京の労働組合です", "우리 노조는", "ในสหภาพแรงงานของ" };
        static const char *const not_met[] = { "catholic", "trade unions' reunion", "мечеты", "a\u00D6zg", "労働" };
        (void)state;
        put_lists();
        must_load(HEAD("p") OPEN WORDS LINE("words = [\"lists/faith.txt\", \"lists/union.txt\", \"kirche*\"]; do = \"hold\"; because = \"art. 9\";"));
        for (size_t i = 0; i < sizeof met / sizeof *met; i++) {
                if (strcmp(body_of(met[i]), "hold") != 0)
                        fail_msg("not met: %s", met[i]);
                assert_string_equal(desk.said.rule, "find");
                assert_string_equal(desk.said.because, "art. 9");
        }
        for (size_t i = 0; i < sizeof not_met / sizeof *not_met; i++)
                if (strcmp(body_of(not_met[i]), not_met[i]) != 0)
                        fail_msg("met: %s", not_met[i]);
        assert_string_equal(body_of("die Kirchensteuer"), "hold");
        struct record r = words("die Kirche", "b");
        assert_int_equal(judge(&r), DECISION_HOLD);
}

static void a_word__can_be_masked_and_leaves_other_findings_alone(void **state)
{
        (void)state;
        put_lists();
        must_load(HEAD("p") OPEN WORDS LINE("words = \"lists/union.txt\"; do = \"mask\";"));
        assert_string_equal(body_of("the trade union, a@corp.example, 労働組合"), "the [special 1], [email 1], [special 2]");
        assert_int_equal(desk.said.cleaned, 3);
}

static void half_a_word_that_is_found_otherwise__takes_the_other_half_along(void **state)
{
        (void)state;
        put_lists();
        must_load(HEAD("p") OPEN WORDS LINE("words = [\"union member\", \"hiv positive\"]; do = \"mask\";"));
        assert_string_equal(body_of("a union member@corp.example here"), "a [email 1] here");
        assert_string_equal(body_of("a@corp.hiv positive b@corp.example"), "[email 1] [email 2]");
}

static void a_word_within_another_finding__counts_all_the_same(void **state)
{
        (void)state;
        put_lists();
        must_load(HEAD("p") OPEN WORDS "find = ( { what = \"special_category\"; words = [\"kirche\"]; do = \"stay\"; },\n { what = \"email\"; do = \"mask\"; } );\n");
        assert_string_equal(body_of("write to kirche@corp.example"), "stay");
}

static void without_lists__words_wait(void **state)
{
        (void)state;
        must_load(HEAD("p") OPEN WORDS LINE("do = \"mask\";"));
        must_complain(REPORT_WARNING, 7, "does not enforce \"special_category\"", "not yet");
        assert_string_equal(body_of("hello"), "hold");
        put_file("lists/special_category.txt", "kirche\n");
        must_load(HEAD("p") OPEN WORDS LINE("do = \"mask\";"));
        assert_int_equal(report_count(desk.report, REPORT_WARNING), 0);
        assert_string_equal(body_of("hello Kirche"), "hello [special 1]");
}

static void what_cannot_be__is_refused(void **state)
{
        static const struct {
                const char *line, *why, *hint;
        } bad[] = {
                { LINE("words = \"lists/none.txt\"; do = \"hold\";"), "could not read word list", "Put the file there" },
                { LINE("words = \"../etc/passwd\"; do = \"hold\";"), "not a list of the policies' folder", "lists/" },
                { LINE("words = [\"x\"]; do = \"hold\";"), "is none", "2 to 100" },
                { LINE("do = \"discard\";"), "cannot be discarded", "Hold it" },
                { "find = ( { what = \"email\"; words = [\"xx\"]; do = \"hold\"; } );\n", "belongs to \"special_category\"", "what = [" },
        };
        (void)state;
        put_file("lists/special_category.txt", "kirche\n");
        for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
                char text[2048];
                snprintf(text, sizeof text, "%s%s", HEAD("p") OPEN WORDS, bad[i].line);
                put_file("p.cfg", text);
                assert_false(load());
                must_complain(REPORT_ERROR, 7, bad[i].why, bad[i].hint);
        }
}

static void lists__of_parents_add_up_and_are_packed(void **state)
{
        (void)state;
        struct buf packed;
        put_lists();
        put_file("base.cfg", "policy = \"base\"; version = 1; language = 1; title = \"B\";\n" LINE("words = \"lists/faith.txt\"; do = \"mask\";"));
        must_load(HEAD("p") "extends = \"base\";\n" OPEN WORDS LINE("words = \"lists/union.txt\"; do = \"hold\";"));
        assert_string_equal(body_of("katholisch"), "hold");
        assert_string_equal(body_of("노조"), "hold");
        buf_init(&packed, 1 << 20);
        book_pack(desk.book, &packed);
        const struct book_spec spec = { NULL, &desk.region, &desk.hub };
        struct book *again;
        assert_true(book_unpack(&again, buf_slice(&packed), &spec, desk.report));
        assert_int_equal(again->home.n_special, 2);
        book_drop(again);
        buf_clear(&packed);
}

static void a_word__is_explained_with_its_place(void **state)
{
        (void)state;
        struct err err = ERR_INIT;
        struct explanation e;
        static struct coverage c;
        size_t tried, all;
        put_lists();
        must_load(HEAD("p") OPEN WORDS LINE("words = \"lists/union.txt\"; do = \"mask\";"));
        struct record r = words("t", "our trade union");
        struct discarder *d = discarder_new(desk.book);
        assert_true(coverage_begin(&c, desk.book, desk.arena));
        assert_true(policy_explain(d, desk.judge, NOON, &r, SLICE("forum"), NOON, desk.arena, &e, &err));
        assert_int_equal(e.n_finds, 1);
        assert_string_equal(e.finds[0].what, "special_category");
        assert_int_equal(e.finds[0].start, 4);
        assert_int_equal(e.finds[0].end, 15);
        assert_int_equal(e.said.decision, DECISION_GO);
        coverage_count(&c, &r, &e);
        coverage_percent(&c, COVERAGE_DETECTORS, &tried, &all);
        assert_int_equal(tried, 1);
        assert_true(detect_count() <= SPECIAL);
        discarder_free(d);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, desk_open, desk_close)
        const struct CMUnitTest tests[] = {
                T(words_of_the_lists__are_met_in_any_script_and_size),
                T(a_word__can_be_masked_and_leaves_other_findings_alone),
                T(half_a_word_that_is_found_otherwise__takes_the_other_half_along),
                T(a_word_within_another_finding__counts_all_the_same),
                T(without_lists__words_wait),
                T(what_cannot_be__is_refused),
                T(lists__of_parents_add_up_and_are_packed),
                T(a_word__is_explained_with_its_place),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
