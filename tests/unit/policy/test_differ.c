/* test_differ.c - two versions of a policy: what newly leaves is never told as anything milder. */
#include "desk.h"
#include "policy/differ.h"

#define BASE HEAD("p") OPEN "find = ( { what = [\"email\", \"phone\"]; do = \"mask\"; } );\n"
#define FIELDS_OF(more) "fields = ( { field = [\"title\", \"body\"" more "]; do = \"clean\"; } );\n"

static struct {
        size_t n[DIFFERS];
        char text[DIFFERS][2000];
} told;

static void note(void *ctx, enum differ d, int field, const char *text)
{
        (void)ctx;
        (void)field;
        told.n[d]++;
        snprintf(told.text[d] + strlen(told.text[d]), sizeof told.text[d] - strlen(told.text[d]), "%s\n", text);
}

static void explain(const char *policy, const struct record *r, struct explanation *out, struct book **book)
{
        struct err err = ERR_INIT;
        must_load(policy);
        struct discarder *d = discarder_new(desk.book);
        assert_true(policy_explain(d, desk.judge, NOON, r, SLICE("forum"), NOON, desk.arena, out, &err));
        discarder_free(d);
        *book = book_hold(desk.book); /* names in the explanation are the book's */
}

static void compare(const char *before, const char *after, const struct record *r)
{
        static struct explanation x, y;
        struct book *a, *b;
        memset(&told, 0, sizeof told);
        explain(before, r, &x, &a);
        explain(after, r, &y, &b);
        explain_differ(&x, &y, note, NULL);
        book_differ(a, b, NOON, note, NULL);
        book_drop(a);
        book_drop(b);
}

/* The change lets more out, and taken back it lets less out. */
static void looser(const char *strict, const char *loose, const struct record *r, const char *text)
{
        compare(strict, loose, r);
        if (!strstr(told.text[DIFFER_LEAVES], text))
                fail_msg("not told: %s; but: %s", text, told.text[DIFFER_LEAVES]);
        assert_int_equal(told.n[DIFFER_STOPS], 0);
        compare(loose, strict, r);
        assert_int_equal(told.n[DIFFER_LEAVES], 0);
        assert_true(told.n[DIFFER_STOPS] > 0);
}

static void differences__are_told_by_what_newly_leaves(void **state)
{
        static const struct slice tags[] = { { "bug", 3 } };
        static const struct attribute attributes[] = { { { "browser", 7 }, { "Firefox", 7 } } };
        (void)state;
        struct record r = words("slow", "a@corp.example");
        r.text[FIELD_THREAD] = SLICE("t-1");
        r.text[FIELD_AUTHOR_NAME] = SLICE("Jana Novak");
        r.tags = tags;
        r.n_tags = 1;
        r.attributes = attributes;
        r.n_attributes = 1;
        looser(BASE FIELDS_OF(""), BASE FIELDS_OF(", \"tags\""), &r, "field tags leaves");
        looser(BASE FIELDS_OF(""), BASE FIELDS_OF(", \"author.name\""), &r, "field author.name leaves");
        looser(BASE FIELDS_OF(""), BASE FIELDS_OF(", \"attributes.browser\""), &r, "field attributes leaves");
        looser(BASE FIELDS_OF(""), HEAD("p") OPEN FIELDS_OF(""), &r, "email in body is no longer taken out");
        looser(HEAD("p") OPEN FIELDS_OF("") "find = ( { what = \"email\"; do = \"drop\"; } );\n", BASE FIELDS_OF(""), &r, "email in body");
        looser(HEAD("p") OPEN FIELDS_OF("") "find = ( { what = \"email\"; do = \"hold\"; } );\n", BASE FIELDS_OF(""), &r, "it was held before");
        looser(BASE "fields = ( { field = \"title\"; do = \"clean\"; }, { field = \"occurred_at\"; do = \"generalise\"; to = \"day\"; } );\n",
               BASE "fields = ( { field = \"title\"; do = \"clean\"; }, { field = \"occurred_at\"; do = \"generalise\"; to = \"hour\"; } );\n",
               &r, "field occurred_at leaves otherwise");
        looser(BASE FIELDS_OF(""), BASE "fields = ( { field = [\"title\", \"body\"]; do = \"clean\"; }, { field = \"thread\"; do = \"pseudonymise\"; } );\n",
               &r, "field thread leaves");
}

static void same_policies__differ_in_nothing(void **state)
{
        (void)state;
        struct record r = words("slow", "a@corp.example");
        compare(BASE FIELDS_OF(""), BASE "\n\n" FIELDS_OF(""), &r);
        assert_int_equal(told.n[DIFFER_LEAVES] + told.n[DIFFER_STOPS] + told.n[DIFFER_OTHERWISE], 0);
}

static void counters_and_small_groups__are_compared_whole(void **state)
{
#define COUNT(of, over, ceiling) "counters = ( { of = \"" of "\"; over = \"" over "\"; ceiling = " ceiling "; then = \"hold\"; } );\n"
#define GROUP(n, days, then) "small_group = { of = \"author.country\"; fewer_than = " n "; within = \"" days "\"; then = \"" then "\"; };\n"
        static const char all[] = BASE FIELDS_OF("") COUNT("people", "12 months", "10") GROUP("5", "28 days", "drop");
        struct record r = words("a", "b");
        (void)state;
        looser(all, BASE FIELDS_OF("") COUNT("people", "12 months", "11") GROUP("5", "28 days", "drop"), &r, "11 people may leave, not 10");
        looser(all, BASE FIELDS_OF("") COUNT("people", "11 months", "10") GROUP("5", "28 days", "drop"), &r, "counted over \"11 months\"");
        looser(all, BASE FIELDS_OF("") GROUP("5", "28 days", "drop"), &r, "people are no more counted");
        looser(all, BASE FIELDS_OF("") COUNT("people", "12 months", "10") GROUP("4", "28 days", "drop"), &r, "small below 4 people, not 5");
        looser(all, BASE FIELDS_OF("") COUNT("people", "12 months", "10") GROUP("5", "29 days", "drop"), &r, "people of \"29 days\"");
        looser(all, BASE FIELDS_OF("") COUNT("people", "12 months", "10") GROUP("5", "28 days", "generalise"), &r, "\"generalise\", not \"drop\"");
        looser(all, BASE FIELDS_OF("") COUNT("people", "12 months", "10"), &r, "hidden no more");
        compare(all, BASE FIELDS_OF("") COUNT("people", "calendar year", "10") GROUP("5", "28 days", "drop"), &r);
        assert_int_equal(told.n[DIFFER_LEAVES], 1); /* a year that began in autumn, and one that begins in January */
        compare(all, all, &r);
        assert_int_equal(told.n[DIFFER_LEAVES] + told.n[DIFFER_STOPS] + told.n[DIFFER_OTHERWISE], 0);
}

static void places_and_readers__are_compared_whole(void **state)
{
        (void)state;
        struct record r = words("x", "y");
        compare(HEAD("p") "records = { feedback = \"go\"; };\nkeep = { warehouse = \"3 years\"; };\n" FIELDS_OF("")
                "transfers = ( { to = [\"EEA\"]; allow = [\"kafka\", \"warehouse\"]; basis = \"b\"; } );\n",
                HEAD("p") "records = { feedback = \"go\"; };\nkeep = { warehouse = \"3 years\"; };\n" FIELDS_OF("")
                "transfers = ( { to = [\"EEA\"]; allow = [\"kafka\", \"warehouse\"]; basis = \"b\"; },\n"
                "{ to = [\"CA\"]; allow = [\"warehouse\", \"reading\"]; basis = \"b\"; } );\n", &r);
        assert_non_null(strstr(told.text[DIFFER_LEAVES], "a warehouse in CA is open now"));
        assert_non_null(strstr(told.text[DIFFER_LEAVES], "readers in CA may now read it"));
        assert_null(strstr(told.text[DIFFER_LEAVES], "readers in CA-QC")); /* told with its country */
}

static void sample_of(const char *before, const char *after, const struct record *r, size_t most, bool shown, const char *text)
{
        static struct explanation x, y;
        struct book *a, *b;
        struct buf out;
        explain(before, r, &x, &a);
        explain(after, r, &y, &b);
        for (int turn = 0; turn < 2; turn++) { /* whichever is the older */
                buf_init(&out, 4096);
                assert_int_equal(differ_sample(r, turn ? &y : &x, turn ? &x : &y, FIELD_BODY, most, &out), shown);
                assert_string_equal(out.p, text);
                buf_clear(&out);
        }
        book_drop(a);
        book_drop(b);
}

static void samples__are_masked_by_whatever_one_of_both_finds(void **state)
{
        (void)state;
        const char *emails = HEAD("p") OPEN FIELDS_OF("") "find = ( { what = \"email\"; do = \"mask\"; } );\n";
        const char *phones = HEAD("p") OPEN FIELDS_OF("") "find = ( { what = \"phone\"; do = \"hold\"; } );\n";
        const char *nothing = HEAD("p") OPEN FIELDS_OF(""), *dropped = BASE "fields = ( { field = \"title\"; do = \"clean\"; } );\n";
        struct record r = words("slow", "mail a@corp.example or call +49 170 1234567 now");
        sample_of(emails, phones, &r, 160, true, "mail [email] or call [phone] now");
        sample_of(nothing, emails, &r, 160, true, "mail [email] or call +49 170 1234567 now");
        sample_of(nothing, dropped, &r, 160, false, "one of them does not let it leave as it stands");
        sample_of(emails, phones, &r, 10, true, "mail [email]...");
        r = words("slow", "\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4 a@corp.example");
        sample_of(emails, nothing, &r, 5, true, "... [email]");
        sample_of(emails, nothing, &r, 6, true, "...\xc3\xa4 [email]");
        r.text[FIELD_BODY] = SLICE_NONE;
        sample_of(emails, nothing, &r, 160, false, "has no text");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, desk_open, desk_close)
                T(differences__are_told_by_what_newly_leaves),
                T(same_policies__differ_in_nothing),
                T(places_and_readers__are_compared_whole),
                T(counters_and_small_groups__are_compared_whole),
                T(samples__are_masked_by_whatever_one_of_both_finds),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
