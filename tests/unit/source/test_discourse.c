/* Discourse's payloads -> records. Their shape is that of real ones (see tests/flow/test_discourse.py). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/clock.h"
#include "source/hook.h"

static struct arena *arena;
static const struct source source = { .name = "forum", .type = SOURCE_DISCOURSE, .kind = -1, .product = "db" };
static const struct record *got;
static struct hook_result result;
static size_t n;

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

static bool take(void *ctx, int64_t line, const struct record *r, const struct err *why)
{
        (void)ctx;
        (void)why;
        assert_int_equal(line, 1);
        got = r;
        n++;
        return true;
}

static bool read_event(const char *event, const char *payload, struct err *err)
{
        const struct slice values[HOOK_HEADERS_MAX] = { slice_of(event), SLICE("type") };
        got = NULL;
        n = 0;
        return hook_read(&source, values, slice_of(payload), arena, &result, take, NULL, err);
}

static const struct record *read_one(const char *event, const char *payload)
{
        struct err err = ERR_INIT;
        if (!read_event(event, payload, &err))
                fail_msg("%s", err.text);
        assert_int_equal(result.outcome, HOOK_RECORDS);
        assert_int_equal(n, 1);
        return got;
}

static void is_counted(const char *event, const char *payload)
{
        struct err err = ERR_INIT;
        if (!read_event(event, payload, &err))
                fail_msg("%s", err.text);
        assert_int_equal(result.outcome, HOOK_COUNTED);
        assert_int_equal(n, 0);
}

static void is_refused(const char *event, const char *payload, const char *why)
{
        struct err err = ERR_INIT;
        assert_false(read_event(event, payload, &err));
        assert_int_equal(err.kind, ERR_DATA);
        if (!strstr(err.text, why))
                fail_msg("\"%s\" does not say: %s", err.text, why);
}

/* A post, all but its last fields. */
#define POST(more)                                                                                            \
        "{\"post\":{\"id\":127406,\"name\":\"Ann Bauer\",\"username\":\"ann.b\",\"created_at\":\"2026-02-10T09:05:22.431Z\"," \
        "\"post_number\":38,\"user_id\":118,\"topic_id\":31544,\"topic_title\":\"Upgrade\",\"version\":3,\"trust_level\":1," \
        "\"staff\":false,\"category_slug\":\"english\"," more "}}"
#define REGULAR "\"post_type\":1,\"topic_archetype\":\"regular\","
#define AT(us) "\"updated_at\":\"2026-02-10T09:44:54." us "Z\""
#define LIVE REGULAR AT("865") ",\"deleted_at\":null,\"user_deleted\":false,\"hidden\":false"

static int64_t at(const char *text)
{
        int64_t us;
        assert_true(clock_parse_rfc3339(&us, slice_of(text)));
        return us;
}

static void discourse__makes_a_discussion_of_a_post(void **state)
{
        (void)state;
        const struct record *r = read_one("post_created", POST(LIVE ",\"raw\":\"It hangs, @bob. See bob@x.example\","
                                          "\"cooked\":\"<p>It hangs, <a class=\\\"mention\\\" href=\\\"/u/bob\\\">@bob</a>, "
                                          "<a class=\\\"mention\\\" href=\\\"/u/x\\\">@\xe6\x9d\x8e\xe9\x9b\xb7</a></p>\","
                                          "\"reply_to_user\":{\"username\":\"carl\",\"name\":\"Carl Lund\"}"));
        assert_int_equal(r->kind, KIND_DISCUSSION);
        assert_true(slice_is(r->text[FIELD_ID], "post/127406"));
        assert_true(slice_is(r->text[FIELD_THREAD], "topic/31544"));
        assert_null(r->text[FIELD_TITLE].p);
        assert_true(slice_is(r->text[FIELD_BODY], "It hangs, @bob. See bob@x.example"));
        assert_true(slice_is(r->text[FIELD_AUTHOR_ID], "118"));
        assert_true(slice_is(r->text[FIELD_AUTHOR_HANDLE], "ann.b"));
        assert_true(slice_is(r->text[FIELD_AUTHOR_NAME], "Ann Bauer"));
        assert_true(slice_is(r->text[FIELD_AUTHOR_STANDING], "regular"));
        assert_true(slice_is(r->text[FIELD_PRODUCT], "db"));
        assert_int_equal(r->occurred_at_us, at("2026-02-10T09:05:22.431Z"));
        assert_int_equal(r->revision, at("2026-02-10T09:44:54.865Z"));
        assert_true(r->first && !r->deleted);
        assert_int_equal(r->n_mentions, 4);
        assert_true(slice_is(r->mentions[0], "bob"));
        assert_true(slice_is(r->mentions[1], "\xe6\x9d\x8e\xe9\x9b\xb7"));
        assert_true(slice_is(r->mentions[2], "carl") && slice_is(r->mentions[3], "Carl Lund"));
}

static void discourse__reads_cooked_where_there_is_no_raw(void **state)
{
        (void)state;
        const struct record *r = read_one("post_edited", POST(LIVE ",\"cooked\":\"<p>I <b>think</b> so &amp; so</p><aside "
                                          "class=\\\"quote\\\"><blockquote>theirs</blockquote></aside>\""));
        assert_true(slice_is(r->text[FIELD_BODY], "I think so & so"));
        assert_false(r->first);
}

static void discourse__leaves_out_what_others_said(void **state)
{
        (void)state;
        static const struct {
                const char *raw, *body;
        } rows[] = {
                { "[quote=\\\"max, post:1, topic:2\\\"]\\nyours\\n[/quote]\\n\\nmine", "mine" },
                { "a [quote=max]x[quote=\\\"eva, post:2\\\"]y[/quote]z[/quote] b", "a  b" },
                { "a [quote]x[/quote]", "a" },
                { "write [quote=max] like this", "write [quote=max] like this" },
                { "[/quote] alone", "[/quote] alone" },
                { "[quote=\\\"max", "[quote=\"max" },
        };
        char payload[2048];
        for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
                snprintf(payload, sizeof payload, POST(LIVE ",\"raw\":\"%s\""), rows[i].raw);
                const struct record *r = read_one("post_created", payload);
                if (!slice_is(r->text[FIELD_BODY], rows[i].body))
                        fail_msg("%s: %.*s", rows[i].raw, SLICE_ARG(r->text[FIELD_BODY]));
                if (i == 1)
                        assert_true(r->n_mentions == 2 && slice_is(r->mentions[0], "max") && slice_is(r->mentions[1], "eva"));
        }
}

static void discourse__keeps_to_itself_what_is_not_for_everybody(void **state)
{
        (void)state;
        is_counted("post_created", POST("\"post_type\":1,\"topic_archetype\":\"private_message\"," AT("865") ",\"raw\":\"psst\""));
        is_counted("post_destroyed", POST("\"post_type\":1,\"topic_archetype\":\"private_message\"," AT("865")));
        is_counted("post_created", POST("\"post_type\":1," AT("865") ",\"raw\":\"of an old server\""));
        is_counted("post_created", POST("\"post_type\":1,\"topic_archetype\":\"\"," AT("865") ",\"raw\":\"x\""));
        for (char type = '2'; type <= '4'; type++) {
                char payload[1024];
                snprintf(payload, sizeof payload, POST("\"post_type\":%c,\"topic_archetype\":\"regular\"," AT("865")), type);
                is_counted("post_created", payload);
                is_counted("post_destroyed", payload);
        }
        is_counted("post_created", POST("\"topic_archetype\":\"regular\"," AT("865")));
        is_counted("topic_created", "{\"topic\":{\"id\":3,\"title\":\"psst\",\"archetype\":\"private_message\","
                                    "\"created_at\":\"2026-02-10T09:05:22.431Z\"}}");
        is_counted("post_liked", "{\"like\":{\"post\":{\"id\":1,\"post_type\":1,\"topic_archetype\":\"private_message\"},"
                                 "\"user\":{\"id\":2,\"username\":\"x\"}}}");
        is_counted("user_logged_in", "{\"user\":{\"id\":2}}");
        is_counted("category_created", "{\"category\":{}}");
        is_counted("accepted_solution", "not even JSON");
}

static void discourse__a_ping_is_a_ping(void **state)
{
        (void)state;
        struct err err = ERR_INIT;
        const struct slice values[HOOK_HEADERS_MAX] = { SLICE_NONE, SLICE("ping") };
        assert_true(hook_read(&source, values, SLICE("{\"ping\":\"OK\"}"), arena, &result, take, NULL, &err));
        assert_int_equal(result.outcome, HOOK_PING);
}

static void discourse__what_is_deleted_keeps_who_and_when(void **state)
{
        (void)state;
        const struct record *r = read_one("post_destroyed", POST(REGULAR AT("865") ",\"deleted_at\":\"2026-02-11T00:00:00.001Z\",\"raw\":\"x\""));
        assert_true(r->deleted && !r->text[FIELD_BODY].p && r->n_mentions == 0 && r->n_attributes == 0);
        assert_true(slice_is(r->text[FIELD_AUTHOR_ID], "118"));
        assert_int_equal(r->revision, at("2026-02-11T00:00:00.001Z"));
        r = read_one("post_destroyed", POST("\"post_type\":1,\"topic_archetype\":\"\"," AT("865") ",\"deleted_at\":\"2026-02-11T00:00:00Z\""));
        assert_true(r->deleted && !r->text[FIELD_AUTHOR_ID].p && !r->text[FIELD_AUTHOR_HANDLE].p && !r->text[FIELD_THREAD].p);
        assert_true(slice_is(r->text[FIELD_ID], "post/127406"));
        r = read_one("post_edited", POST(REGULAR AT("865") ",\"hidden\":true,\"raw\":\"spam\""));
        assert_true(r->deleted && !r->text[FIELD_BODY].p);
}

/* The order of the warehouse: (revision, deleted), then capture. */
static bool beats(const struct record *later, const struct record *earlier)
{
        if (later->revision != earlier->revision)
                return later->revision > earlier->revision;
        return later->deleted >= earlier->deleted;
}

static const struct record *keep(const struct record *r)
{
        struct record *copy = ARENA_NEW(arena, struct record);
        *copy = *r;
        return copy;
}

static void discourse__the_newest_state_of_a_post_wins_in_any_order(void **state)
{
        (void)state;
        const struct record *r[8];
        size_t many = 0;
        r[many++] = keep(read_one("post_created", POST(REGULAR "\"updated_at\":\"2026-02-10T09:05:22.431Z\",\"raw\":\"a\"")));
        r[many++] = keep(read_one("post_edited", POST(LIVE ",\"raw\":\"b\"")));
        /* its author deletes and takes that back */
        r[many++] = keep(read_one("post_destroyed", POST(REGULAR AT("900") ",\"user_deleted\":true,\"raw\":\"(deleted)\"")));
        r[many++] = keep(read_one("post_edited", POST(REGULAR AT("950") ",\"user_deleted\":false,\"raw\":\"b\"")));
        /* a moderator deletes and takes that back: recovering has no time of its own */
        r[many++] = keep(read_one("post_destroyed", POST(REGULAR AT("950") ",\"deleted_at\":\"2026-02-11T00:00:00Z\"")));
        r[many++] = keep(read_one("post_recovered", POST(REGULAR AT("950") ",\"deleted_at\":null,\"raw\":\"b\"")));
        for (size_t i = 0; i < many; i++)
                for (size_t j = 0; j < i; j++)
                        if (!beats(r[i], r[j]) || (beats(r[j], r[i]) && r[i]->revision == r[j]->revision))
                                fail_msg("state %zu does not beat state %zu", i, j);
        assert_false(r[many - 1]->deleted);
        /* a server that sends no deleted_at: deleting is as late as it comes, and beats the recovery */
        const struct record *again = read_one("post_destroyed", POST(LIVE));
        assert_true(again->deleted && beats(again, r[many - 1]));
}

#define TOPIC(more)                                                                                             \
        "{\"topic\":{\"id\":31739,\"title\":\"No updates for @bob?\",\"created_at\":\"2026-02-13T08:39:01.337Z\",\"user_id\":107," \
        "\"archetype\":\"regular\",\"category_id\":97,\"created_by\":{\"id\":107,\"username\":\"awa\",\"name\":\"Arm Wa\"}," more "}}"

static void discourse__makes_a_headline_of_a_topic(void **state)
{
        (void)state;
        const struct record *r = keep(read_one("topic_created", TOPIC("\"tags\":[\"nvidia\",\"f37\"],\"closed\":false")));
        assert_int_equal(r->kind, KIND_DISCUSSION);
        assert_true(slice_is(r->text[FIELD_ID], "topic/31739") && slice_is(r->text[FIELD_THREAD], "topic/31739"));
        assert_true(slice_is(r->text[FIELD_TITLE], "No updates for @bob?") && !r->text[FIELD_BODY].p);
        assert_true(slice_is(r->text[FIELD_AUTHOR_ID], "107") && slice_is(r->text[FIELD_AUTHOR_HANDLE], "awa"));
        assert_true(r->n_tags == 2 && slice_is(r->tags[1], "f37") && r->n_mentions == 1);
        assert_true(r->first && r->revision == r->occurred_at_us);
        const struct record *closed = keep(read_one("topic_closed_status_updated", TOPIC("\"closed\":true,\"tags\":[{\"id\":1,\"name\":\"f38\"}]")));
        assert_true(beats(closed, r) && !closed->first);
        assert_true(closed->n_tags == 1 && slice_is(closed->tags[0], "f38"));
        assert_true(slice_is(closed->attributes[0].value, "closed"));
        const struct record *gone = keep(read_one("topic_destroyed", TOPIC("\"deleted_at\":null")));
        assert_true(gone->deleted && !gone->text[FIELD_TITLE].p && gone->revision > 0 && beats(gone, closed));
        const struct record *back = keep(read_one("topic_recovered", TOPIC("\"deleted_at\":null")));
        assert_true(!back->deleted && beats(back, gone));
        assert_true(!beats(keep(read_one("topic_created", TOPIC("\"tags\":[]"))), gone)); /* a redelivery */
}

static void discourse__makes_an_event_of_a_like(void **state)
{
        (void)state;
        const struct record *r = read_one("post_liked",
                                          "{\"like\":{\"post\":{\"id\":79590,\"user_id\":5,\"username\":\"matt\",\"raw\":\"words\",\"topic_id\":46,"
                                          "\"post_type\":1,\"topic_archetype\":\"regular\",\"category_slug\":\"project\"},"
                                          "\"user\":{\"id\":1605,\"username\":\"tox\",\"name\":\"To X\"}}}");
        assert_int_equal(r->kind, KIND_EVENT);
        assert_true(slice_is(r->text[FIELD_ID], "like/79590/1605") && slice_is(r->text[FIELD_THREAD], "topic/46"));
        assert_true(slice_is(r->text[FIELD_AUTHOR_ID], "1605") && slice_is(r->text[FIELD_AUTHOR_HANDLE], "tox"));
        assert_null(r->text[FIELD_BODY].p);
        assert_int_equal(r->n_attributes, 2);
}

static void discourse__makes_a_member_of_a_user(void **state)
{
        (void)state;
        static const char user[] = "{\"user\":{\"id\":9,\"username\":\"eva\",\"name\":\"Eva\",\"email\":\"eva@example.com\",\"admin\":false,"
                                   "\"moderator\":true,\"trust_level\":1,\"created_at\":\"2026-02-13T08:39:01.337Z\",\"bio_raw\":\"secret\"}}";
        const struct record *r = keep(read_one("user_created", user));
        assert_int_equal(r->kind, KIND_MEMBER);
        assert_true(slice_is(r->text[FIELD_ID], "user/9") && slice_is(r->text[FIELD_AUTHOR_EMAIL], "eva@example.com"));
        assert_true(slice_is(r->text[FIELD_AUTHOR_STANDING], "maintainer") && r->first);
        const struct record *gone = keep(read_one("user_anonymized", user));
        assert_true(gone->deleted && beats(gone, r) && !gone->text[FIELD_AUTHOR_EMAIL].p);
        assert_true(read_one("user_destroyed", user)->deleted);
}

static void discourse__says_what_is_missing_and_no_value(void **state)
{
        (void)state;
        is_refused("post_created", "{\"post\":", "event \"post_created\"");
        is_refused("post_created", "{\"topic\":{}}", "\"post\" is missing");
        is_refused("post_created", "[]", "\"post\" is missing");
        is_refused("post_created", "{\"post\":{" REGULAR "\"id\":\"max\"}}", "\"post.id\" is missing");
        is_refused("post_created", "{\"post\":{" REGULAR "\"id\":1}}", "\"post.topic_id\" is missing");
        is_refused("post_created", "{\"post\":{" REGULAR "\"id\":1,\"topic_id\":2}}", "\"post.created_at\" is missing");
        is_refused("post_created", "{\"post\":{" REGULAR "\"id\":1,\"topic_id\":2,\"created_at\":\"2026-02-13T08:39:01Z\"}}",
                   "\"post.updated_at\" is missing");
        is_refused("user_created", "{\"user\":{}}", "\"user.id\" is missing");
        is_refused("post_liked", "{\"like\":{\"post\":{" REGULAR "\"id\":1}}}", "\"like.user.id\" is missing");
        is_refused("topic_created", "{\"topic\":{\"archetype\":\"regular\"}}", "\"topic.id\" is missing");
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
        const struct CMUnitTest tests[] = {
                T(discourse__makes_a_discussion_of_a_post),
                T(discourse__reads_cooked_where_there_is_no_raw),
                T(discourse__leaves_out_what_others_said),
                T(discourse__keeps_to_itself_what_is_not_for_everybody),
                T(discourse__a_ping_is_a_ping),
                T(discourse__what_is_deleted_keeps_who_and_when),
                T(discourse__the_newest_state_of_a_post_wins_in_any_order),
                T(discourse__makes_a_headline_of_a_topic),
                T(discourse__makes_an_event_of_a_like),
                T(discourse__makes_a_member_of_a_user),
                T(discourse__says_what_is_missing_and_no_value),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
