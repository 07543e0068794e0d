/* GitHub's payloads -> records. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/json.h"
#include "source/source.h"

static struct arena *arena;
static const struct source source = { .name = "github", .type = SOURCE_GITHUB, .kind = -1, .product = "db" };

static int setup(void **state)
{
        (void)state;
        arena = arena_new(8 << 20);
        return arena ? 0 : -1;
}

static int teardown(void **state)
{
        (void)state;
        arena_free(arena);
        return 0;
}

static enum github_outcome outcome;
static struct record *records;
static size_t n;

static const struct record *read_one(const char *event, const char *payload)
{
        struct err err = ERR_INIT;
        if (!github_read(event, slice_of(payload), &source, arena, &outcome, &records, &n, &err))
                fail_msg("%s", err.text);
        assert_int_equal(outcome, GITHUB_RECORDS);
        assert_int_equal(n, 1);
        return records;
}

#define REPO "\"repository\":{\"id\":77,\"full_name\":\"acme/db\",\"updated_at\":\"2026-01-05T00:00:09Z\"}"
#define USER "\"user\":{\"login\":\"Ann\",\"id\":5}"
#define ISSUE                                                                                                \
        "\"number\":3,\"id\":99,\"title\":\"Slow\",\"body\":\"ask @bob, @Bob or a@c.example\"," USER         \
        ",\"created_at\":\"2026-01-01T00:00:00Z\",\"updated_at\":\"2026-01-02T00:00:00Z\","                  \
        "\"html_url\":\"https://github.example/acme/db/issues/3\",\"labels\":[{\"name\":\"bug\"}],"          \
        "\"assignees\":[{\"login\":\"eve\",\"id\":8}],\"author_association\":\"FIRST_TIMER\",\"state\":"     \
        "\"open\""

static void github__makes_feedback_of_an_issue(void **state)
{
        (void)state;
        const struct record *r = read_one("issues", "{\"action\":\"opened\",\"issue\":{" ISSUE "}," REPO "}");
        assert_int_equal(r->kind, KIND_FEEDBACK);
        assert_true(slice_is(r->text[FIELD_ID], "issue/77/3"));
        assert_true(slice_is(r->text[FIELD_TITLE], "Slow"));
        assert_true(slice_is(r->text[FIELD_AUTHOR_ID], "5"));
        assert_true(slice_is(r->text[FIELD_AUTHOR_HANDLE], "Ann"));
        assert_true(slice_is(r->text[FIELD_AUTHOR_STANDING], "first_time"));
        assert_true(slice_is(r->text[FIELD_PRODUCT], "db"));
        assert_int_equal(r->occurred_at_us, INT64_C(1767225600000000));
        assert_int_equal(r->revision, INT64_C(1767312000000000));
        assert_true(r->first);
        assert_false(r->deleted);
        assert_int_equal(r->n_tags, 1);
        assert_true(slice_is(r->tags[0], "bug"));
        assert_int_equal(r->n_mentions, 2);
        assert_true(slice_is(r->mentions[0], "eve"));
        assert_true(slice_is(r->mentions[1], "bob"));
}

static void github__takes_every_other_action_as_a_revision(void **state)
{
        static const char *const actions[] = {
                "edited", "labeled", "transferred", "closed", "pinned", "new"
        };
        (void)state;
        for (size_t i = 0; i < sizeof actions / sizeof *actions; i++) {
                const char *p =
                        arena_printf(arena, "{\"action\":\"%s\",\"issue\":{" ISSUE "}," REPO "}", actions[i]);
                const struct record *r = read_one("issues", p);
                assert_true(slice_is(r->text[FIELD_ID], "issue/77/3"));
                assert_int_equal(r->revision, INT64_C(1767312000000000));
                assert_false(r->first);
                assert_false(r->deleted);
        }
}

static void github__keeps_no_words_of_what_is_deleted(void **state)
{
        (void)state;
        const struct record *r =
                read_one("issues", "{\"action\":\"deleted\",\"issue\":{" ISSUE "}," REPO "}");
        assert_true(r->deleted);
        assert_int_equal(r->revision, INT64_C(1767312000000000));
        assert_true(slice_is(r->text[FIELD_AUTHOR_ID], "5"));
        assert_null(r->text[FIELD_TITLE].p);
        assert_null(r->text[FIELD_BODY].p);
        assert_null(r->text[FIELD_URL].p);
        assert_int_equal(r->n_tags + r->n_mentions + r->n_attributes, 0);
}

static void github__knows_a_pull_request_among_issues(void **state)
{
        (void)state;
        const struct record *r = read_one("issues", "{\"action\":\"milestoned\",\"issue\":{" ISSUE
                                                    ",\"pull_request\":{\"url\":\"x\"}}," REPO "}");
        assert_int_equal(r->kind, KIND_CONTRIBUTION);
        assert_true(slice_is(r->text[FIELD_ID], "pull/77/3"));
        r = read_one("pull_request",
                     "{\"action\":\"closed\",\"pull_request\":{" ISSUE ",\"merged\":true}," REPO "}");
        assert_int_equal(r->kind, KIND_CONTRIBUTION);
        assert_true(slice_is(r->text[FIELD_ID], "pull/77/3"));
        assert_int_equal(r->n_attributes, 3);
        assert_true(slice_is(r->attributes[2].name, "merged"));
}

#define COMMENT                                                                                              \
        "\"comment\":{\"id\":12345678901234567890,\"body\":\"same here\",\"user\":null,"                     \
        "\"created_at\":\"2026-01-03T00:00:00Z\",\"updated_at\":\"2026-01-03T00:00:00Z\"}"

static void github__ties_a_comment_to_its_thread(void **state)
{
        (void)state;
        const struct record *r = read_one("issue_comment", "{\"action\":\"created\"," COMMENT
                                                           ",\"issue\":{" ISSUE "}," REPO "}");
        assert_int_equal(r->kind, KIND_DISCUSSION);
        assert_true(slice_is(r->text[FIELD_ID], "comment/77/12345678901234567890"));
        assert_true(slice_is(r->text[FIELD_THREAD], "issue/77/3"));
        assert_null(r->text[FIELD_AUTHOR_ID].p);
        assert_true(r->first);
        r = read_one("issue_comment", "{\"action\":\"deleted\"," COMMENT ",\"issue\":{" ISSUE
                                      ",\"pull_request\":{}}," REPO "}");
        assert_true(slice_is(r->text[FIELD_THREAD], "pull/77/3"));
        assert_true(r->deleted);
        assert_null(r->text[FIELD_BODY].p);
}

static void github__lets_a_null_body_be_absent(void **state)
{
        (void)state;
        const struct record *r = read_one(
                "issues",
                "{\"action\":\"opened\",\"issue\":{\"number\":4,\"title\":\"t\",\"body\":null,"
                "\"created_at\":\"2026-01-01T00:00:00Z\",\"updated_at\":\"2026-01-01T00:00:00Z\"}," REPO "}");
        assert_null(r->text[FIELD_BODY].p);
        assert_int_equal(r->n_tags, 0);
}

static void github__makes_a_record_of_each_commit(void **state)
{
        struct err err = ERR_INIT;
        (void)state;
        const char *push =
                "{\"ref\":\"refs/heads/main\"," REPO ",\"commits\":["
                "{\"id\":\"1111111111111111111111111111111111111111\",\"distinct\":true,"
                "\"message\":\"Fix it\\n\\nBecause.\\nReally.\",\"timestamp\":\"2026-01-01T09:00:00+09:00\","
                "\"url\":\"https://github.example/c/1\","
                "\"author\":{\"name\":\"Ann A\",\"email\":\"ann@example.org\",\"username\":\"ann\"}},"
                "{\"id\":\"2222222222222222222222222222222222222222\",\"distinct\":false,\"message\":\"Two\","
                "\"timestamp\":\"2026-01-01T00:00:00Z\",\"author\":{\"name\":\"Ann A\",\"email\":\"x\"}}]}";
        assert_true(github_read("push", slice_of(push), &source, arena, &outcome, &records, &n, &err));
        assert_int_equal(outcome, GITHUB_RECORDS);
        assert_int_equal(n, 2);
        assert_int_equal(records[0].kind, KIND_CONTRIBUTION);
        assert_true(
                slice_is(records[0].text[FIELD_ID], "commit/77/1111111111111111111111111111111111111111"));
        assert_true(slice_is(records[0].text[FIELD_TITLE], "Fix it"));
        assert_true(slice_is(records[0].text[FIELD_BODY], "Because.\nReally."));
        assert_true(slice_is(records[0].text[FIELD_AUTHOR_EMAIL], "ann@example.org"));
        assert_true(slice_is(records[0].text[FIELD_AUTHOR_HANDLE], "ann"));
        assert_int_equal(records[0].occurred_at_us, INT64_C(1767225600000000));
        assert_int_equal(records[0].revision, 0);
        assert_true(records[0].first);
        assert_false(records[1].first);
        assert_null(records[1].text[FIELD_AUTHOR_HANDLE].p);
        assert_null(records[1].text[FIELD_BODY].p);
}

static void github__takes_a_commit_without_words(void **state)
{
        struct err err = ERR_INIT;
        (void)state;
        assert_true(github_read("push", SLICE("{" REPO ",\"commits\":[{\"id\":\"1111111\",\"timestamp\":"
                                              "\"2026-01-01T00:00:00Z\"}]}"),
                                &source, arena, &outcome, &records, &n, &err));
        assert_int_equal(n, 1);
        assert_null(records[0].text[FIELD_TITLE].p);
        assert_null(records[0].text[FIELD_BODY].p);
}

static void github__counts_a_push_without_commits(void **state)
{
        struct err err = ERR_INIT;
        (void)state;
        assert_true(github_read("push", SLICE("{\"ref\":\"refs/tags/v1\"," REPO ",\"commits\":[]}"), &source,
                                arena, &outcome, &records, &n, &err));
        assert_int_equal(outcome, GITHUB_COUNTED);
        assert_int_equal(n, 0);
}

static void github__gives_and_takes_a_star(void **state)
{
        (void)state;
        const struct record *r =
                read_one("star", "{\"action\":\"created\",\"starred_at\":\"2026-01-04T00:00:00Z\"," REPO
                                 ",\"sender\":{\"login\":\"Ann\",\"id\":5}}");
        assert_int_equal(r->kind, KIND_EVENT);
        assert_true(slice_is(r->text[FIELD_ID], "star/77/5"));
        int64_t given = r->revision;
        r = read_one("star", "{\"action\":\"deleted\",\"starred_at\":null," REPO
                             ",\"sender\":{\"login\":\"Ann\",\"id\":5}}");
        assert_true(slice_is(r->text[FIELD_ID], "star/77/5"));
        assert_true(r->deleted);
        assert_true(r->revision > given);
}

static void github__counts_events_it_does_not_map(void **state)
{
        struct err err = ERR_INIT;
        (void)state;
        assert_true(github_read("workflow_run", SLICE("{}"), &source, arena, &outcome, &records, &n, &err));
        assert_int_equal(outcome, GITHUB_COUNTED);
        assert_true(github_read("ping", SLICE("{\"zen\":\"x\",\"organization\":{}}"), &source, arena,
                                &outcome, &records, &n, &err));
        assert_int_equal(outcome, GITHUB_PING);
}

static void github__refuses_what_is_not_the_event_it_says(void **state)
{
        static const struct {
                const char *event, *payload, *why;
        } cases[] = {
                { "issues", "{", "json" },
                { "issues", "[]", "not a JSON object" },
                { "ping", "7", "not a JSON object" },
                { "issues", "{\"action\":\"opened\",\"issue\":{" ISSUE "}}", "repository.id" },
                { "issues", "{\"issue\":{" ISSUE "}," REPO "}", "action" },
                { "issues", "{\"action\":\"opened\"," REPO "}", "issue.number" },
                { "issues",
                  "{\"action\":\"opened\",\"issue\":{\"number\":1,\"created_at\":\"2026-01-01T00:00:00Z\","
                  "\"updated_at\":\"secret\"}," REPO "}",
                  "updated_at" },
                { "issue_comment", "{\"action\":\"created\",\"issue\":{" ISSUE "}," REPO "}", "comment.id" },
                { "push", "{" REPO "}", "commits" },
                { "push", "{" REPO ",\"commits\":[{\"id\":\"1\"}]}", "commits.id" },
                { "star", "{\"action\":\"created\"," REPO "}", "sender.id" },
                { "pull_request", "{\"action\":\"opened\",\"pull_request\":{\"number\":-1}," REPO "}",
                  "pull_request.number" },
        };
        (void)state;
        for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
                struct err err = ERR_INIT;
                assert_false(github_read(cases[i].event, slice_of(cases[i].payload), &source, arena, &outcome,
                                         &records, &n, &err));
                assert_int_equal(err.kind, ERR_DATA);
                assert_int_equal(n, 0);
                if (i && !strstr(err.text, cases[i].why))
                        fail_msg("case %zu: %s", i, err.text);
                assert_null(strstr(err.text, "secret"));
        }
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
        const struct CMUnitTest tests[] = {
                T(github__makes_feedback_of_an_issue),
                T(github__takes_every_other_action_as_a_revision),
                T(github__keeps_no_words_of_what_is_deleted),
                T(github__knows_a_pull_request_among_issues),
                T(github__ties_a_comment_to_its_thread),
                T(github__lets_a_null_body_be_absent),
                T(github__makes_a_record_of_each_commit),
                T(github__takes_a_commit_without_words),
                T(github__counts_a_push_without_commits),
                T(github__gives_and_takes_a_star),
                T(github__counts_events_it_does_not_map),
                T(github__refuses_what_is_not_the_event_it_says),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
