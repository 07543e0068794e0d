/* test_explain.c - each field's line, each finding's place: what the judge did, told. */
#include "desk.h"
#include "policy/explain.h"

static struct explanation said;

static void explain(const struct record *r)
{
        struct discarder *d = discarder_new(desk.book);
        struct err err = ERR_INIT;
        assert_true(policy_explain(d, desk.judge, NOON, r, SLICE("forum"), NOON, desk.arena, &said, &err));
        discarder_free(d);
}

static void load_open(void)
{
        must_load(HEAD("p") OPEN "fields = ( { field = [\"title\", \"body\", \"tags\"]; do = \"clean\"; because = \"art. 5\"; },\n"
                  "{ field = \"author.email\"; do = \"keep\"; },\n{ field = \"occurred_at\"; do = \"generalise\"; to = \"day\"; } );\n"
                  "find = ( { what = [\"email\", \"phone\"]; do = \"mask\"; because = \"art. 6\"; },\n"
                  "{ what = \"credential\"; do = \"hold\"; } );\n");
}

static const struct explained_field *field(enum field f)
{
        for (size_t i = 0; i < said.n_fields; i++)
                if (said.fields[i].field == f)
                        return &said.fields[i];
        fail_msg("the field is not explained");
        return NULL;
}

static void found(size_t i, enum field f, size_t item, const char *what, const char *text, const char *action)
{
        assert_true(i < said.n_finds);
        const struct explained_find *find = &said.finds[i];
        struct slice in = explain_item(&said.stored, f, item);
        assert_int_equal(find->field, f);
        assert_int_equal(find->item, item);
        assert_string_equal(find->what, what);
        assert_string_equal(find->action, action);
        assert_true(slice_is(slice_make(in.p + find->start, find->end - find->start), text));
}

static void explanation__names_lines_and_places(void **state)
{
        const struct slice tags[] = { SLICE("import"), SLICE("mail b@corp.example") };
        (void)state;
        load_open();
        struct record r = words("slow", "Jana Novak: write to a@corp.example");
        r.text[FIELD_AUTHOR_NAME] = SLICE("Jana Novak");
        r.text[FIELD_AUTHOR_EMAIL] = SLICE("a@corp.example");
        r.tags = tags;
        r.n_tags = 2;
        explain(&r);
        assert_int_equal(said.said.decision, DECISION_GO);
        assert_string_equal(field(FIELD_BODY)->action, "clean");
        assert_string_equal(field(FIELD_BODY)->by.because, "art. 5");
        assert_string_equal(field(FIELD_BODY)->by.file, "p.cfg");
        assert_string_equal(field(FIELD_OCCURRED_AT)->to, "day");
        assert_string_equal(field(FIELD_AUTHOR_NAME)->action, "drop");
        assert_int_equal(said.n_finds, 3); /* author.email is an address by its nature, and kept */
        found(0, FIELD_BODY, 0, "person", "Jana Novak", "mask");
        found(1, FIELD_BODY, 0, "email", "a@corp.example", "mask");
        found(2, FIELD_TAGS, 1, "email", "b@corp.example", "mask");
        assert_string_equal(said.finds[1].by.because, "art. 6");
}

static void explanation__finds_what_the_judge_redacts_and_no_more(void **state)
{
        struct buf value;
        (void)state;
        load_open();
        struct record r = words("call +49 30 90123456", "a@corp.example, A@corp.example");
        r.text[FIELD_SCENARIO] = SLICE("c@corp.example"); /* it does not leave */
        explain(&r);
        uint32_t count = 0;
        for (size_t i = 0; i < said.left.n_redactions; i++)
                count += slice_is(said.left.redactions[i].what, "field") ? 0 : said.left.redactions[i].count;
        assert_int_equal(said.n_finds, count);
        buf_init(&value, 1000);
        assert_true(explain_left(&said.left, FIELD_BODY, SLICE_NONE, &value));
        assert_string_equal(value.p, "[email 1], [email 1]");
        assert_false(explain_left(&said.left, FIELD_SCENARIO, SLICE_NONE, &value));
        buf_clear(&value);
}

static void explanation__tells_why_it_is_held(void **state)
{
        (void)state;
        load_open();
        struct record r = words("x", "password = hunter2hunter2");
        explain(&r);
        assert_int_equal(said.said.decision, DECISION_HOLD);
        assert_int_equal(said.n_finds, 1);
        assert_string_equal(said.finds[0].action, "hold");
        assert_int_equal(said.finds[0].by.line, said.said.line);
}

static void explanation__tells_what_is_not_stored(void **state)
{
        (void)state;
        load_open();
        struct record r = words("x", "y");
        r.text[FIELD_SCENARIO] = SLICE("Aadhaar 7007 0898 3225"); /* not even a field that leaves */
        explain(&r);
        assert_int_equal(said.pieces, 1);
        assert_int_equal(said.n_finds, 1);
        assert_string_equal(said.finds[0].action, "discard");
        assert_true(slice_is(said.stored.text[FIELD_SCENARIO], "Aadhaar [removed]"));
        r.text[FIELD_ID] = SLICE("7007 0898 3225");
        explain(&r);
        assert_true(said.refused);
        assert_null(strstr(said.why.text, "7007"));
}

static void explanation__knows_the_public_web(void **state)
{
        static const struct {
                const char *url;
                bool public;
        } urls[] = { { "https://forum.example.org/t/1", true }, { "http://github.com", true }, { "https://forum.corp/t/1", false },
                     { "https://wiki.local/x", false }, { "http://localhost:3000/a.b", false }, { "http://10.0.0.7/x", false },
                     { "mailto:a@b.example", false }, { "ftp://x.example", false }, { "", false }, { "://", false } };
        (void)state;
        load_open();
        for (size_t i = 0; i < sizeof urls / sizeof *urls; i++) {
                struct record r = words("x", "y");
                r.text[FIELD_URL] = slice_of(urls[i].url);
                explain(&r);
                assert_true(said.public_words == urls[i].public);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, desk_open, desk_close)
                T(explanation__names_lines_and_places),
                T(explanation__finds_what_the_judge_redacts_and_no_more),
                T(explanation__tells_why_it_is_held),
                T(explanation__tells_what_is_not_stored),
                T(explanation__knows_the_public_web),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
