/* test_book.c - chains of parents, the set as bytes, its hash. */
#include "desk.h"

static void extends__names_the_missing_parent_and_the_nearest(void **state)
{
        (void)state;
        put_file("base.cfg", HEAD("base"));
        put_file("p.cfg", HEAD("p") "extends = \"bass\";\n" OPEN WORDS);
        assert_false(load());
        must_complain(REPORT_ERROR, 2, "policy \"p\" extends \"bass\", which is not there", "Did you mean \"base\"?");
        desk.region.policy = "zz";
        assert_false(load());
        must_complain(REPORT_ERROR, 0, "policy \"zz\" is not there", "zz.cfg");
        desk.region.policy = "../p";
        assert_false(load());
}

static void extends__in_a_circle_is_an_error(void **state)
{
        (void)state;
        put_file("q.cfg", HEAD("q") "extends = \"p\";\n");
        put_file("p.cfg", HEAD("p") "extends = \"q\";\n" OPEN WORDS);
        assert_false(load());
        must_complain(REPORT_ERROR, 2, "policy \"q\" extends \"p\", which goes round in a circle", NULL);
        put_file("p.cfg", HEAD("p") "extends = \"p\";\n" OPEN WORDS);
        assert_false(load());
        must_complain(REPORT_ERROR, 2, "goes round in a circle", NULL);
}

static void a_mistake_in_a_parent__is_an_error_of_the_child(void **state)
{
        (void)state;
        put_file("q.cfg", HEAD("q") "subject = \"x\";\n");
        put_file("p.cfg", HEAD("p") "extends = \"q\";\n" OPEN WORDS);
        assert_false(load());
        assert_null(desk.book);
        must_complain(REPORT_ERROR, 2, "unknown value of \"subject\"", NULL);
        assert_false(policy_check_file(desk.dir, "p", desk.report));
        assert_false(policy_check_file(desk.dir, "p", NULL)); /* whoever listens */
        put_file("q.cfg", HEAD("q"));
        assert_true(policy_check_file(desk.dir, "p", desk.report));
}

static void the_class__names_all_that_protect(void **state)
{
        (void)state;
        put_file("a.cfg", HEAD("a"));
        put_file("z.cfg", HEAD("z") "extends = \"a\";\n");
        must_load(HEAD("p") "extends = \"z\";\n" OPEN WORDS);
        assert_string_equal(book_class(desk.book), "a+p+z");
        assert_string_equal(book_policy(desk.book), "p");
        assert_int_equal(book_version(desk.book), 3);
}

/* Times take the shortest, minimum times the longest, over the policies of the class. */
static void raw_time__is_the_shortest_of_the_class(void **state)
{
        int64_t raw = 0, least = 0;
        (void)state;
        put_file("a.cfg", HEAD("a") "keep = { raw = \"2 years\"; raw_at_least = \"3 months\"; };\n");
        put_file("jp.cfg", HEAD("jp") "protects = { people_in = [\"JP\"]; also_abroad = true; residence_unknown ="
                                      " \"as_region\"; };\nkeep = { raw = \"30 days\"; };\n");
        must_load(HEAD("p") "extends = \"a\";\n" OPEN WORDS);
        assert_true(book_keep(desk.book, "a+p", &raw, &least));
        assert_int_equal(raw, 2 * 365 * US_PER_DAY);
        assert_int_equal(least, 90 * US_PER_DAY);
        assert_true(book_keep(desk.book, "a+jp+p", &raw, &least));
        assert_int_equal(raw, 30 * US_PER_DAY);
        assert_int_equal(least, 90 * US_PER_DAY);
        assert_true(book_keep(desk.book, "", &raw, &least)); /* class 0 may hold any */
        assert_int_equal(raw, 30 * US_PER_DAY);
        assert_true(book_keep(desk.book, "p", &raw, &least));
        assert_int_equal(raw, -1);
        assert_int_equal(least, -1);
        assert_false(book_keep(desk.book, "a+gone", &raw, &least));
}

static void a_packed_book__judges_as_before_without_the_folder(void **state)
{
        struct buf packed, again;
        struct book *back;
        (void)state;
        put_file("lists/l.txt", "diabet*\n");
        put_file("q.cfg", HEAD("q") "find = ( { what = [\"email\"]; do = \"mask\"; } );\n");
        must_load(HEAD("p") OPEN WORDS "extends = \"q\";\n"
                  "rules = ( { name = \"health\"; when = { words = \"lists/l.txt\"; unknown = \"go\"; }; then = \"hold\"; } );\n");
        buf_init(&packed, 1 << 20);
        book_pack(desk.book, &packed);
        assert_true(buf_ok(&packed));
        const struct book_spec nowhere = { NULL, &desk.region, &desk.hub };
        assert_true(book_unpack(&back, buf_slice(&packed), &nowhere, desk.report));
        assert_memory_equal(book_hash(back), book_hash(desk.book), 32);
        assert_string_equal(book_class(back), "p+q");
        buf_init(&again, 1 << 20);
        book_pack(back, &again);
        assert_true(slice_eq(buf_slice(&again), buf_slice(&packed)));
        judge_free(desk.judge);
        book_drop(desk.book);
        desk.book = back;
        desk.judge = judge_new(back);
        struct record r = words("x", "a@corp.example is diabetic");
        assert_int_equal(judge(&r), DECISION_HOLD);
        assert_string_equal(desk.said.file, "p.cfg");
        assert_int_equal(desk.said.line, 8);
        r = words("x", "a@corp.example");
        assert_int_equal(judge(&r), DECISION_GO);
        assert_string_equal(left(FIELD_BODY), "[email 1]");
        buf_clear(&again);
        buf_clear(&packed);
}

static void a_damaged_pack__is_refused(void **state)
{
        struct buf packed;
        struct book *back;
        (void)state;
        must_load(HEAD("p") OPEN WORDS);
        buf_init(&packed, 1 << 20);
        book_pack(desk.book, &packed);
        const struct book_spec nowhere = { NULL, &desk.region, &desk.hub };
        for (size_t n = 0; n < packed.n; n++) {
                struct report *aside = report_new();
                assert_false(book_unpack(&back, (struct slice){ packed.p, n }, &nowhere, aside));
                assert_null(back);
                report_free(aside);
        }
        buf_clear(&packed);
}

static void the_hash__changes_with_files_lists_and_places_only(void **state)
{
        uint8_t first[32], second[32];
        (void)state;
        put_file("lists/l.txt", "one\n");
        put_file("other.cfg", HEAD("other"));
        static const char text[] = HEAD("p") OPEN WORDS
                "rules = ( { name = \"r\"; when = { words = \"lists/l.txt\"; unknown = \"go\"; }; then = \"hold\"; } );\n";
        must_load(text);
        memcpy(first, book_hash(desk.book), 32);
        put_file("other.cfg", HEAD("other") "# changed, and none of ours\n");
        must_load(text);
        assert_memory_equal(first, book_hash(desk.book), 32);
        put_file("lists/l.txt", "two\n");
        must_load(text);
        memcpy(second, book_hash(desk.book), 32);
        assert_memory_not_equal(first, second, 32);
        desk.hub.places[1].jurisdiction = "DE";
        must_load(text);
        assert_memory_not_equal(second, book_hash(desk.book), 32);
}

static void a_book__lives_while_somebody_holds_it(void **state)
{
        (void)state;
        must_load(HEAD("p") OPEN WORDS);
        struct book *mine = book_hold(desk.book);
        book_drop(desk.book);
        desk.book = NULL;
        struct record r = words("x", "y");
        assert_int_equal(judge(&r), DECISION_GO);
        book_drop(mine);
        assert_int_equal(judge(&r), DECISION_GO); /* the judge still holds it */
        book_drop(NULL);
}

/* Else a draft of one file would seem to take all other laws away. */
static void a_draft_of_one_file__stands_among_the_policies_in_force(void **state)
{
        char draft[96];
        struct book *b;
        (void)state;
        put_file("q.cfg", HEAD("q") "find = ( { what = [\"email\"]; do = \"mask\"; } );\n");
        put_file("jp.cfg", HEAD("jp") "protects = { people_in = [\"JP\"]; also_abroad = true; residence_unknown = \"as_region\"; };\n");
        must_load(HEAD("p") OPEN WORDS "extends = \"q\";\n");
        snprintf(draft, sizeof draft, "%s/draft", desk.dir);
        assert_int_equal(mkdir(draft, 0700), 0);
        put_file("draft/p.cfg", "policy = \"p\"; version = 4; language = 1; title = \"T\";\n" OPEN WORDS "extends = \"q\";\n");
        const struct book_spec spec = { draft, &desk.region, &desk.hub };
        assert_false(book_load(&b, &spec, NULL));
        assert_true(book_load_over(&b, &spec, desk.dir, desk.report));
        assert_int_equal(book_version(b), 4);
        assert_string_equal(book_class(b), "p+q");
        struct record r = words("a", "b");
        r.text[FIELD_AUTHOR_COUNTRY] = SLICE("JP");
        assert_string_equal(book_class_of(b, &r), "jp+p+q");
        book_drop(b);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, desk_open, desk_close)
                T(extends__names_the_missing_parent_and_the_nearest),
                T(extends__in_a_circle_is_an_error),
                T(a_mistake_in_a_parent__is_an_error_of_the_child),
                T(the_class__names_all_that_protect),
                T(raw_time__is_the_shortest_of_the_class),
                T(a_packed_book__judges_as_before_without_the_folder),
                T(a_damaged_pack__is_refused),
                T(the_hash__changes_with_files_lists_and_places_only),
                T(a_book__lives_while_somebody_holds_it),
                T(a_draft_of_one_file__stands_among_the_policies_in_force),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
