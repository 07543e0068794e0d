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
        assert_true(github_read("push",
                                SLICE("{" REPO ",\"commits\":[{\"id\":\"1111111\",\"timestamp\":"
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

#define PULL "\"pull_request\":{\"number\":3,\"updated_at\":\"2026-01-09T00:00:00Z\"}"

static void github__ties_a_comment_on_code_to_its_pull_request(void **state)
{
        (void)state;
        const struct record *r = read_one("pull_request_review_comment",
                                          "{\"action\":\"created\"," COMMENT "," PULL "," REPO "}");
        assert_int_equal(r->kind, KIND_DISCUSSION);
        assert_true(slice_is(r->text[FIELD_ID], "review-comment/77/12345678901234567890"));
        assert_true(slice_is(r->text[FIELD_THREAD], "pull/77/3"));
        assert_true(slice_is(r->text[FIELD_BODY], "same here"));
        assert_true(r->first);
        int64_t written = r->revision;
        r = read_one("pull_request_review_comment", "{\"action\":\"deleted\"," COMMENT "," PULL "," REPO "}");
        assert_true(slice_is(r->text[FIELD_ID], "review-comment/77/12345678901234567890"));
        assert_true(r->deleted);
        assert_int_equal(r->revision, written);
        assert_null(r->text[FIELD_BODY].p);
}

#define REVIEW                                                                                               \
        "\"review\":{\"id\":9," USER ",\"body\":null,\"state\":\"approved\","                                \
        "\"submitted_at\":\"2026-01-03T00:00:00Z\""

static void github__follows_a_review_by_when_it_was_submitted(void **state)
{
        (void)state;
        const struct record *r =
                read_one("pull_request_review", "{\"action\":\"submitted\"," REVIEW "}," PULL "," REPO "}");
        assert_int_equal(r->kind, KIND_DISCUSSION);
        assert_true(slice_is(r->text[FIELD_ID], "review/77/9"));
        assert_true(slice_is(r->text[FIELD_THREAD], "pull/77/3"));
        assert_true(slice_is(r->text[FIELD_AUTHOR_ID], "5"));
        assert_null(r->text[FIELD_BODY].p);
        assert_true(r->first);
        assert_int_equal(r->revision, INT64_C(1767398400000000));
        r = read_one("pull_request_review", "{\"action\":\"dismissed\"," REVIEW
                                            ",\"updated_at\":\"2026-01-04T00:00:00Z\"}," PULL "," REPO "}");
        assert_false(r->first);
        assert_int_equal(r->occurred_at_us, INT64_C(1767398400000000));
        assert_int_equal(r->revision, INT64_C(1767484800000000));
        r = read_one("pull_request_review",
                     "{\"action\":\"edited\",\"review\":{\"id\":9,\"submitted_at\":null}," PULL "," REPO "}");
        assert_int_equal(r->revision, INT64_C(1767916800000000));
}

#define TALK                                                                                                 \
        "\"discussion\":{\"number\":4,\"id\":98,\"title\":\"How?\",\"body\":\"ask @bob\"," USER              \
        ",\"created_at\":\"2026-01-01T00:00:00Z\",\"updated_at\":\"2026-01-02T00:00:00Z\","                  \
        "\"answer_chosen_at\":\"2026-01-01T10:00:00.000-04:00\",\"category\":{\"name\":\"Q&A\"}}"

static void github__keeps_a_discussion_and_its_comments_together(void **state)
{
        (void)state;
        const struct record *r = read_one("discussion", "{\"action\":\"created\"," TALK "," REPO "}");
        assert_int_equal(r->kind, KIND_DISCUSSION);
        assert_true(slice_is(r->text[FIELD_ID], "discussion/77/4"));
        assert_true(slice_is(r->text[FIELD_TITLE], "How?"));
        assert_int_equal(r->revision, INT64_C(1767312000000000));
        assert_int_equal(r->n_mentions, 1);
        assert_int_equal(r->n_attributes, 3);
        assert_true(slice_is(r->attributes[1].value, "Q&A"));
        assert_true(slice_is(r->attributes[2].name, "answered"));
        assert_true(r->first);
        r = read_one("discussion", "{\"action\":\"answered\"," TALK "," REPO "}");
        assert_false(r->first);
        r = read_one("discussion", "{\"action\":\"deleted\"," TALK "," REPO "}");
        assert_true(r->deleted);
        assert_null(r->text[FIELD_TITLE].p);
        assert_int_equal(r->n_mentions + r->n_attributes, 0);
        r = read_one("discussion_comment", "{\"action\":\"edited\"," COMMENT "," TALK "," REPO "}");
        assert_true(slice_is(r->text[FIELD_ID], "discussion-comment/77/12345678901234567890"));
        assert_true(slice_is(r->text[FIELD_THREAD], "discussion/77/4"));
        assert_false(r->first);
}

#define SENDER "\"sender\":{\"login\":\"Ann\",\"id\":5}"

static void github__tells_who_forked_and_not_where_to(void **state)
{
        (void)state;
        const struct record *r =
                read_one("fork", "{\"forkee\":{\"id\":88,\"full_name\":\"eve/db\",\"owner\":{\"id\":8},"
                                 "\"html_url\":\"https://github.example/eve/db\","
                                 "\"created_at\":\"2026-01-01T00:00:00Z\"}," REPO "," SENDER "}");
        assert_int_equal(r->kind, KIND_EVENT);
        assert_true(slice_is(r->text[FIELD_ID], "fork/77/88"));
        assert_true(slice_is(r->text[FIELD_AUTHOR_ID], "5"));
        assert_true(r->first);
        assert_int_equal(r->revision, 0);
        assert_null(r->text[FIELD_URL].p);
        assert_null(r->text[FIELD_TITLE].p);
        assert_true(slice_is(r->attributes[1].value, "acme/db"));
}

#define RELEASE                                                                                              \
        "\"release\":{\"id\":6,\"tag_name\":\"v1.2\",\"name\":null,\"body\":\"thanks @bob\","                \
        "\"author\":{\"login\":\"Ann\",\"id\":5},\"created_at\":\"2026-01-01T00:00:00Z\""
#define PUBLISHED ",\"published_at\":\"2026-01-03T00:00:00Z\""

static void github__follows_a_release_until_it_is_withdrawn(void **state)
{
        (void)state;
        const struct record *r =
                read_one("release", "{\"action\":\"published\"," RELEASE PUBLISHED "}," REPO "}");
        assert_int_equal(r->kind, KIND_EVENT);
        assert_true(slice_is(r->text[FIELD_ID], "release/77/6"));
        assert_true(slice_is(r->text[FIELD_TITLE], "v1.2"));
        assert_true(slice_is(r->text[FIELD_VERSION], "v1.2"));
        assert_int_equal(r->occurred_at_us, INT64_C(1767398400000000));
        assert_int_equal(r->revision, INT64_C(1767398400000000));
        assert_int_equal(r->n_mentions, 1);
        assert_false(r->first);
        r = read_one("release", "{\"action\":\"edited\"," RELEASE PUBLISHED
                                ",\"updated_at\":\"2026-01-04T00:00:00Z\"}," REPO "}");
        assert_int_equal(r->revision, INT64_C(1767484800000000));
        r = read_one("release", "{\"action\":\"deleted\"," RELEASE PUBLISHED "}," REPO "}");
        assert_true(r->deleted);
        assert_int_equal(r->revision, INT64_C(1767398400000000));
        assert_null(r->text[FIELD_BODY].p);
        assert_null(r->text[FIELD_TITLE].p);
        r = read_one("release", "{\"action\":\"unpublished\"," RELEASE
                                ",\"draft\":true,\"published_at\":null}," REPO "}");
        assert_true(r->deleted);
        assert_int_equal(r->revision, INT64_C(1767571209000000));
}

static void github__keeps_members_by_whom_they_are(void **state)
{
        static const struct {
                const char *event, *payload, *id;
                bool deleted;
        } cases[] = {
                { "member",
                  "{\"action\":\"added\",\"member\":{\"login\":\"Eve\",\"id\":8}," REPO "," SENDER "}",
                  "member/77/8", false },
                { "member",
                  "{\"action\":\"removed\",\"member\":{\"login\":\"Eve\",\"id\":8}," REPO "," SENDER "}",
                  "member/77/8", true },
                { "membership",
                  "{\"action\":\"added\",\"member\":{\"login\":\"Eve\",\"id\":8},\"team\":{\"id\":2,\"name\":"
                  "\"core\"},\"organization\":{\"id\":66}," SENDER "}",
                  "membership/66/2/8", false },
                { "membership",
                  "{\"action\":\"removed\",\"member\":{\"login\":\"Eve\",\"id\":8},\"team\":{\"id\":2,"
                  "\"deleted\":true},\"organization\":{\"id\":66}," SENDER "}",
                  "membership/66/2/8", true },
                { "organization",
                  "{\"action\":\"member_invited\",\"invitation\":{\"id\":1,\"role\":\"direct_member\"},"
                  "\"user\":"
                  "{\"login\":\"Eve\",\"id\":8},\"organization\":{\"id\":66}," SENDER "}",
                  "organization/66/8", false },
                { "organization",
                  "{\"action\":\"member_removed\",\"membership\":{\"role\":\"member\",\"user\":{\"login\":"
                  "\"Eve\","
                  "\"id\":8}},\"organization\":{\"id\":66}," SENDER "}",
                  "organization/66/8", true },
        };
        (void)state;
        int64_t before = clock_now_us();
        for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
                const struct record *r = read_one(cases[i].event, cases[i].payload);
                assert_int_equal(r->kind, KIND_MEMBER);
                assert_true(slice_is(r->text[FIELD_ID], cases[i].id));
                assert_true(slice_is(r->text[FIELD_AUTHOR_ID], "8"));
                assert_true(slice_is(r->text[FIELD_AUTHOR_HANDLE], "Eve"));
                assert_int_equal(r->deleted, cases[i].deleted);
                assert_int_equal(r->revision, 0);
                assert_true(r->occurred_at_us >= before);
                assert_false(r->first);
                if (r->deleted)
                        assert_int_equal(r->n_attributes, 0);
        }
}

static void github__counts_what_is_about_nobody(void **state)
{
        static const struct {
                const char *event, *payload;
        } cases[] = {
                { "release", "{\"action\":\"created\"," RELEASE ",\"draft\":true}," REPO "}" },
                { "member", "{\"action\":\"added\",\"member\":null," REPO "}" },
                { "membership", "{\"action\":\"removed\",\"member\":null,\"organization\":{\"id\":66}}" },
                { "organization", "{\"action\":\"renamed\",\"organization\":{\"id\":66}}" },
                { "organization", "{\"action\":\"member_invited\",\"invitation\":{\"email\":\"a@b.example\"},"
                                  "\"organization\":{\"id\":66}}" },
        };
        (void)state;
        for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
                struct err err = ERR_INIT;
                assert_true(github_read(cases[i].event, slice_of(cases[i].payload), &source, arena, &outcome,
                                        &records, &n, &err));
                assert_int_equal(outcome, GITHUB_COUNTED);
                assert_int_equal(n, 0);
        }
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
                { "pull_request_review", "{\"action\":\"submitted\"," PULL "," REPO "}", "review.id" },
                { "pull_request_review", "{\"action\":\"submitted\"," REVIEW "}," REPO "}",
                  "pull_request.number" },
                { "pull_request_review_comment", "{\"action\":\"created\"," COMMENT "," REPO "}",
                  "pull_request.number" },
                { "discussion", "{\"action\":\"created\"," REPO "}", "discussion.number" },
                { "discussion_comment", "{\"action\":\"created\"," TALK "," REPO "}", "comment.id" },
                { "fork", "{" REPO "}", "forkee.id" },
                { "fork", "{\"forkee\":{\"id\":1}," REPO "}", "forkee.created_at" },
                { "release", "{\"action\":\"published\"," REPO "}", "release.id" },
                { "release", "{\"action\":\"published\",\"release\":{\"id\":1}," REPO "}",
                  "release.created_at" },
                { "member", "{\"action\":\"added\"," REPO "}", "member.id" },
                { "membership", "{\"action\":\"added\"," REPO "}", "organization.id" },
                { "membership", "{\"action\":\"added\",\"member\":{\"id\":1},\"organization\":{\"id\":6}}",
                  "team.id" },
                { "organization", "{\"action\":\"member_added\",\"organization\":{\"id\":6}}",
                  "membership.user.id" },
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
                T(github__ties_a_comment_on_code_to_its_pull_request),
                T(github__follows_a_review_by_when_it_was_submitted),
                T(github__keeps_a_discussion_and_its_comments_together),
                T(github__tells_who_forked_and_not_where_to),
                T(github__follows_a_release_until_it_is_withdrawn),
                T(github__keeps_members_by_whom_they_are),
                T(github__counts_what_is_about_nobody),
                T(github__counts_events_it_does_not_map),
                T(github__refuses_what_is_not_the_event_it_says),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
