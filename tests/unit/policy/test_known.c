/* test_known.c - the region's people in other people's words. */
#include "desk.h"

#include "model/message.h"
#include "policy/ask.h"
#include "policy/known.h"

#define MASK HEAD("p") OPEN WORDS "find = ( { what = [\"known_person\"]; do = \"mask\"; because = \"art. 5\"; } );\n"

static struct known *known;

static struct record of(const char *name, const char *handle, const char *email)
{
        struct record r = { .kind = KIND_MEMBER };
        r.text[FIELD_AUTHOR_NAME] = slice_of(name);
        r.text[FIELD_AUTHOR_HANDLE] = slice_of(handle);
        r.text[FIELD_AUTHOR_EMAIL] = slice_of(email);
        return r;
}

static void learn(const char *name, const char *handle, const char *email)
{
        struct record r = of(name, handle, email);
        assert_true(known_learn(known, &r));
}

static void begin(const char *policy)
{
        must_load(policy);
        known = known_new(100);
        assert_non_null(known);
        judge_know(desk.judge, known);
}

static void end(void)
{
        judge_know(desk.judge, NULL);
        known_free(known);
        known = NULL;
}

static void body_becomes(const char *body, const char *left)
{
        const struct envelope e = { .region = SLICE("de-frankfurt"), .at = { 1, 2 }, .judged = { 1, 1 } };
        struct record r = words("a title", body);
        struct message m;
        assert_int_equal(judge_at(&r, NOON), DECISION_GO);
        approved_message(desk.said.approved, &e, &m);
        struct slice got = m.record.fields.text[FIELD_BODY];
        if (!slice_is(got, left))
                fail_msg("\"%.*s\" != \"%s\"", SLICE_ARG(got), left);
}

static void known__people_are_masked_in_others_words(void **state)
{
        (void)state;
        begin(MASK);
        body_becomes("thanks @li-wei, and Li Wei's patch", "thanks @li-wei, and Li Wei's patch");
        learn("Li Wei", "li-wei", "li.wei@example.com");
        learn("小林 美咲", "misaki", NULL);
        learn("Admin", "root", "root@localhost");
        assert_int_equal(known_count(known), 6);
        body_becomes("thanks @li-wei, and Li Wei's patch; mail li.wei@example.com",
                     "thanks [person 1], and [person 2]'s patch; mail [person 3]");
        body_becomes("小林美咲さん and @misaki, thanks", "[person 1]さん and [person 2], thanks");
        body_becomes("root is admin of 'root'@'%'", "root is admin of 'root'@'%'");
        assert_true(desk.said.cleaned == 0);
        end();
}

static void known__people_are_known_in_the_order_they_wrote(void **state)
{
        (void)state;
        begin(MASK);
        learn("Ana Silva", NULL, NULL);
        body_becomes("Ana Silva and Hannah Porter", "[person 1] and Hannah Porter");
        learn("Hannah Porter", NULL, NULL);
        body_becomes("Ana Silva and Hannah Porter", "[person 1] and [person 2]");
        end();
        begin(MASK); /* anew, from what can still be read */
        learn("Hannah Porter", NULL, NULL);
        body_becomes("Ana Silva and Hannah Porter", "Ana Silva and [person 1]");
        end();
}

static void known__people_can_hold_a_record(void **state)
{
        (void)state;
        begin(HEAD("p") OPEN WORDS "find = ( { what = [\"known_person\"]; do = \"hold\"; } );\n");
        struct record r = words("a title", "ask Ana Silva");
        assert_int_equal(judge_at(&r, NOON), DECISION_GO);
        assert_true(known_add(known, SLICE("Ana Silva, @li-wei , wei.li@example.com")));
        assert_int_equal(known_count(known), 3);
        assert_int_equal(judge_at(&r, NOON), DECISION_HOLD);
        assert_string_equal(desk.said.rule, "find");
        end();
}

static void known__people_are_sought_only_where_a_line_says_so(void **state)
{
        (void)state;
        begin(MASK);
        assert_true(book_seeks_people(desk.book));
        end();
        begin(HEAD("p") OPEN WORDS);
        assert_false(book_seeks_people(desk.book));
        learn("Ana Silva", NULL, NULL);
        body_becomes("ask Ana Silva", "ask Ana Silva");
        end();
}

static void known__people_cannot_be_discarded(void **state)
{
        (void)state;
        put_file("p.cfg", HEAD("p") OPEN WORDS "find = ( { what = [\"known_person\"]; do = \"discard\"; } );\n");
        assert_false(load());
        must_complain(REPORT_ERROR, 0, "cannot be discarded", "Mask it");
        put_file("p.cfg", HEAD("p") OPEN WORDS "find = ( { what = [\"person\"]; do = \"mask\"; } );\n");
        assert_false(load());
        must_complain(REPORT_ERROR, 0, "unknown kind of finding", NULL);
}

static void known__authors_leave_where_their_fields_may(void **state)
{
        (void)state;
        begin(HEAD("p") OPEN "fields = ( { field = [\"title\", \"body\", \"occurred_at\"]; do = \"clean\"; },\n"
              "{ field = [\"author.name\", \"author.handle\", \"author.email\"]; do = \"keep\"; } );\n"
              "find = ( { what = [\"known_person\", \"email\"]; do = \"mask\"; } );\n");
        learn("Li Wei", "li-wei", "li.wei@example.com");
        struct record r = words("a title", "Li Wei was here");
        struct message m;
        const struct envelope e = { .region = SLICE("de-frankfurt"), .at = { 1, 2 }, .judged = { 1, 1 } };
        r.text[FIELD_AUTHOR_NAME] = SLICE("Li Wei");
        r.text[FIELD_AUTHOR_HANDLE] = SLICE("li-wei");
        r.text[FIELD_AUTHOR_EMAIL] = SLICE("li.wei@example.com");
        assert_int_equal(judge_at(&r, NOON), DECISION_GO);
        approved_message(desk.said.approved, &e, &m);
        assert_true(slice_is(m.record.fields.text[FIELD_AUTHOR_NAME], "Li Wei"));
        assert_true(slice_is(m.record.fields.text[FIELD_AUTHOR_HANDLE], "li-wei"));
        assert_true(slice_is(m.record.fields.text[FIELD_AUTHOR_EMAIL], "li.wei@example.com"));
        assert_true(slice_is(m.record.fields.text[FIELD_BODY], "[person 1] was here"));
        end();
}

static void known__people_of_a_case_are_its_own(void **state)
{
        (void)state;
        struct assumed as = ASSUMED_OPEN;
        must_load(MASK);
        as.known = SLICE("Li Wei, @li-wei");
        judge_assume(desk.judge, &as);
        body_becomes("ask Li Wei or @li-wei", "ask [person 1] or [person 2]");
        judge_assume(desk.judge, &ASSUMED_OPEN);
        body_becomes("ask Li Wei or @li-wei", "ask Li Wei or @li-wei");
        judge_assume(desk.judge, &as); /* freed with the judge */
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(known__people_are_masked_in_others_words),
                cmocka_unit_test(known__people_are_known_in_the_order_they_wrote),
                cmocka_unit_test(known__people_can_hold_a_record),
                cmocka_unit_test(known__people_are_sought_only_where_a_line_says_so),
                cmocka_unit_test(known__people_cannot_be_discarded),
                cmocka_unit_test(known__authors_leave_where_their_fields_may),
                cmocka_unit_test(known__people_of_a_case_are_its_own),
        };
        return cmocka_run_group_tests(tests, desk_open, desk_close);
}
