/* test_discard.c - what must not be stored is taken out before the vault, whatever the policy. */
#include "desk.h"

/* Valid by their checksums; made up. */
#define RRN "850712-1234560"
#define MYNUMBER "1234 5678 9018"

static uint32_t pieces;

static bool discard(struct book *b, struct record *r, struct err *err)
{
        struct discarder *d = discarder_new(b);
        assert_non_null(d);
        bool ok = policy_discard(d, r, desk.arena, &pieces, err);
        discarder_free(d);
        return ok;
}

static void without_a_book__the_floor_is_removed(void **state)
{
        (void)state;
        struct err err = ERR_INIT;
        struct slice list[] = { SLICE("fine"), SLICE("my number " MYNUMBER) };
        struct attribute attribute = { SLICE("n"), SLICE("マイナンバー " MYNUMBER) };
        struct record r = words("hello", "my number is " MYNUMBER ", mail a@corp.example");
        r.tags = list;
        r.n_tags = 2;
        r.attributes = &attribute;
        r.n_attributes = 1;
        assert_true(discard(NULL, &r, &err));
        assert_true(slice_is(r.text[FIELD_BODY], "my number is [removed], mail a@corp.example"));
        assert_true(slice_is(r.text[FIELD_TITLE], "hello"));
        assert_true(slice_is(r.tags[0], "fine"));
        assert_true(slice_is(r.tags[1], "my number [removed]"));
        assert_true(slice_is(list[1], "my number " MYNUMBER)); /* the original is not touched */
        assert_true(slice_is(r.attributes[0].value, "マイナンバー [removed]"));
        assert_int_equal(pieces, 3);
}

static void a_record_without_findings__is_left_as_it_is(void **state)
{
        (void)state;
        struct err err = ERR_INIT;
        struct record r = words("hello", "world"), before = r;
        assert_true(discard(NULL, &r, &err));
        assert_int_equal(pieces, 0);
        assert_memory_equal(&r, &before, sizeof r);
}

static void find_with_discard__is_removed_at_home_too(void **state)
{
        (void)state;
        struct err err = ERR_INIT;
        must_load(HEAD("p") OPEN WORDS "find = ( { what = [\"email\"]; do = \"discard\"; } );\n");
        struct record r = words("x", "to a@corp.example!");
        assert_true(discard(desk.book, &r, &err));
        assert_true(slice_is(r.text[FIELD_BODY], "to [removed]!"));
        /* and an entry older than the line does not leave either */
        r = words("x", "to a@corp.example!");
        assert_int_equal(judge(&r), DECISION_GO);
        assert_string_equal(left(FIELD_BODY), "to [removed]!");
}

static void fields_with_discard__are_gone(void **state)
{
        (void)state;
        struct err err = ERR_INIT;
        must_load(HEAD("p") OPEN "fields = ( { field = [\"author.ip\", \"mentions\", \"attributes.note\"]; do = \"discard\"; }, { field = \"body\"; do = \"clean\"; } );\n");
        struct slice mentions[] = { SLICE("Bo") };
        struct attribute attributes[] = { { SLICE("note"), SLICE("x") }, { SLICE("other"), SLICE("y") } };
        struct record r = words("x", "y");
        r.text[FIELD_AUTHOR_IP] = SLICE("203.0.113.1");
        r.mentions = mentions;
        r.n_mentions = 1;
        r.attributes = attributes;
        r.n_attributes = 2;
        assert_true(discard(desk.book, &r, &err));
        assert_null(r.text[FIELD_AUTHOR_IP].p);
        assert_int_equal(r.n_mentions, 0);
        assert_int_equal(r.n_attributes, 1);
        assert_true(slice_is(r.attributes[0].name, "other"));
        assert_true(slice_is(r.text[FIELD_BODY], "y"));
        assert_int_equal(pieces, 3);
}

static void what_identifies__is_left_out_and_never_made_one_of_many(void **state)
{
        (void)state;
        struct err err = ERR_INIT;
        struct record r = words("x", "y");
        r.text[FIELD_AUTHOR_HANDLE] = SLICE("my number " MYNUMBER);
        r.text[FIELD_THREAD] = SLICE("my number " MYNUMBER);
        assert_true(discard(NULL, &r, &err));
        assert_null(r.text[FIELD_AUTHOR_HANDLE].p);
        assert_null(r.text[FIELD_THREAD].p);
        r.text[FIELD_ID] = SLICE("my number " MYNUMBER);
        assert_false(discard(NULL, &r, &err));
        assert_int_equal(err.kind, ERR_DATA);
        assert_null(strstr(err.text, "9018"));
}

static void a_text_beyond_deciding__is_refused(void **state)
{
        (void)state;
        struct err err = ERR_INIT;
        struct arena *small = arena_new(64);
        struct record r = words("x", "my number is " MYNUMBER " and then some more words to copy, so that it does not fit");
        struct discarder *d = discarder_new(NULL);
        assert_false(policy_discard(d, &r, small, &pieces, &err));
        assert_int_equal(err.kind, ERR_FULL);
        discarder_free(d);
        arena_free(small);
        discarder_free(NULL);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, desk_open, desk_close)
                T(without_a_book__the_floor_is_removed),
                T(a_record_without_findings__is_left_as_it_is),
                T(find_with_discard__is_removed_at_home_too),
                T(fields_with_discard__are_gone),
                T(what_identifies__is_left_out_and_never_made_one_of_many),
                T(a_text_beyond_deciding__is_refused),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
