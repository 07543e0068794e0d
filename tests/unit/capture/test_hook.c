/* Webhooks of all kinds of senders, over real sockets, into a real vault. */
#include "listener_fixture.h"

#include "base/hash.h"
#include "base/text.h"

static const char token_mapping[] =
        "signature = { header = \"Authorization\"; algorithm = \"token\"; prefix = \"Bearer \"; };\n"
        "records = ( { kind = \"feedback\"; id = [\"/id\"]; occurred_at = { from = \"arrival\"; }; each = \"/all\";\n"
        "              fields = ( { field = \"body\"; from = \"/text\"; } ); } );\n";
static const char slack_mapping[] =
        "signature = { header = \"X-Slack-Signature\"; prefix = \"v0=\"; timestamp_header = \"X-Slack-Request-Timestamp\";\n"
        "              signed = \"v0:{timestamp}:{body}\"; };\necho = \"/challenge\";\n"
        "records = ( { when = ( { from = \"/id\"; present = true; } ); kind = \"feedback\"; id = [\"/id\"];\n"
        "              occurred_at = { from = \"arrival\"; }; fields = ( { field = \"body\"; from = \"/text\"; } ); } );\n";
static const char stripe_mapping[] =
        "signature = { header = \"Stripe-Signature\"; part = \"v1\"; timestamp_header = \"Stripe-Signature\"; timestamp_part = \"t\";\n"
        "              signed = \"{timestamp}.{body}\"; };\n"
        "records = ( { kind = \"feedback\"; id = [\"/id\"]; occurred_at = { from = \"arrival\"; };\n"
        "              fields = ( { field = \"body\"; from = \"/text\"; } ); } );\n";
static const char base64_mapping[] =
        "signature = { header = \"X-Form-Signature\"; prefix = \"sha512=\"; algorithm = \"sha512\"; encoding = \"base64\"; };\n"
        "records = ( { when = ( { from = \"header:X-Form\"; is = [\"yes\"]; } ); kind = \"feedback\"; id = [\"/id\"];\n"
        "              occurred_at = { from = \"arrival\"; }; fields = ( { field = \"body\"; from = \"/text\"; } ); } );\n";

static const char hook_sources[] =
        "sources = ( { name = \"forum\"; type = \"discourse\"; secret_env = \"T_HOOK\"; next_secret_env = \"T_HOOK_NEXT\"; },\n"
        "            { name = \"token\"; type = \"webhook\"; secret_env = \"T_HOOK\"; next_secret_env = \"T_HOOK_NEXT\"; mapping = \"mappings/token.cfg\"; },\n"
        "            { name = \"slack\"; type = \"webhook\"; secret_env = \"T_HOOK\"; mapping = \"mappings/slack.cfg\"; },\n"
        "            { name = \"stripe\"; type = \"webhook\"; secret_env = \"T_HOOK\"; mapping = \"mappings/stripe.cfg\"; },\n"
        "            { name = \"form\"; type = \"webhook\"; secret_env = \"T_HOOK\"; mapping = \"mappings/form.cfg\"; } );\n";

static char folder[] = "/tmp/hook-test-XXXXXX";

static void write_mapping(const char *name, const char *text)
{
        struct err err = ERR_INIT;
        char path[128];
        snprintf(path, sizeof path, "%s/mappings/%s.cfg", folder, name);
        must(file_save(path, slice_of(text), 0644, &err), &err);
}

static int begin(void **state)
{
        static char name[128];
        struct err err = ERR_INIT;
        strcpy(folder, "/tmp/hook-test-XXXXXX");
        assert_non_null(mkdtemp(folder));
        snprintf(name, sizeof name, "%s/mappings", folder);
        must(dir_make(name, 0755, &err), &err);
        write_mapping("token", token_mapping);
        write_mapping("slack", slack_mapping);
        write_mapping("stripe", stripe_mapping);
        write_mapping("form", base64_mapping);
        snprintf(name, sizeof name, "%s/de-test.cfg", folder);
        region_file = name;
        sources_text = hook_sources;
        return start(state);
}

static int end(void **state)
{
        nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
        return stop(state);
}

static void expect(const char *answer, int status, const char *part)
{
        char line[32];
        snprintf(line, sizeof line, "HTTP/1.1 %d ", status);
        if (strncmp(answer, line, strlen(line)) != 0 || (part && !strstr(answer, part)))
                fail_msg("not %d with %s: %s", status, part ? part : "anything", answer);
}

static const char *post(const char *name, const char *headers, const char *body)
{
        char start_line[64], all[1024];
        snprintf(start_line, sizeof start_line, "POST /v1/hooks/%s", name);
        snprintf(all, sizeof all, "Content-Type: application/json\r\n%s", headers);
        return ask(start_line, all, slice_of(body));
}

static const char *sign(enum hmac_kind kind, const char *secret, const char *before, const char *body)
{
        static char hex[2 * HMAC_BYTES_MAX + 1];
        uint8_t mac[HMAC_BYTES_MAX];
        struct hmac *h = hmac_new_of(kind, slice_of(secret));
        hmac_put(h, slice_of(before));
        hmac_put(h, slice_of(body));
        hmac_finish(h, mac);
        hex_encode(hex, mac, hmac_size(h));
        hmac_free(h);
        return hex;
}

/* ---- Discourse ------------------------------------------------------------ */

static const char a_post[] =
        "{\"post\":{\"id\":4,\"username\":\"ann\",\"user_id\":7,\"topic_id\":9,\"topic_archetype\":\"regular\",\"post_type\":1,"
        "\"created_at\":\"2026-01-02T03:04:05.001Z\",\"updated_at\":\"2026-01-02T03:04:05.001Z\",\"raw\":\"it hangs\"}}";

static const char *forum(const char *event, const char *secret, const char *body)
{
        char headers[512];
        snprintf(headers, sizeof headers, "X-Discourse-Event-Type: post\r\n%s%s%sX-Discourse-Event-Signature: sha256=%s\r\n",
                 event ? "X-Discourse-Event: " : "", event ? event : "", event ? "\r\n" : "", sign(HMAC_SHA256, secret, "", body));
        return post("forum", headers, body);
}

static void a_discourse_post__is_captured_under_either_secret(void **state)
{
        (void)state;
        size_t n;
        expect(forum("post_created", "hook-secret", a_post), 202, "\"accepted\":1");
        expect(forum("post_edited", "hook-secret-2", a_post), 202, "\"accepted\":1");
        expect(forum("post_created", "wrong", a_post), 401, "not authorised");
        expect(forum("group_created", "hook-secret", "{}"), 202, "\"counted_only\":1");
        expect(forum("post_created", "hook-secret", "{\"post\":{}}"), 202, "\"counted_only\":1"); /* not said to be public */
        expect(forum("post_created", "hook-secret", "{\"post\":"), 422, "\"refused\":1");
        assert_string_equal(bodies(&n), "it hangs\nit hangs\n");
}

static void a_discourse_ping__is_counted(void **state)
{
        (void)state;
        static const char ping[] = "{\"ping\":\"OK\"}";
        char headers[512];
        snprintf(headers, sizeof headers, "X-Discourse-Event-Type: ping\r\nX-Discourse-Event-Signature: sha256=%s\r\n",
                 sign(HMAC_SHA256, "hook-secret", "", ping));
        expect(post("forum", headers, ping), 202, "\"counted_only\":1");
        snprintf(headers, sizeof headers, "X-Discourse-Event-Signature: sha256=%s\r\n", sign(HMAC_SHA256, "hook-secret", "", ping));
        expect(post("forum", headers, ping), 400, "X-Discourse-Event is missing");
        assert_int_equal(in_vault(), 0);
}

/* ---- Tokens ----------------------------------------------------------------- */

static void a_token__lets_in_or_not_before_any_byte_of_the_body(void **state)
{
        (void)state;
        size_t n;
        static const char body[] = "{\"all\":[{\"id\":1,\"text\":\"a\"},{\"id\":2,\"text\":\"b\"}]}";
        expect(post("token", "Authorization: Bearer hook-secret\r\n", body), 202, "\"accepted\":2");
        expect(post("token", "Authorization: Bearer hook-secret-2\r\n", body), 202, "\"accepted\":2");
        static const char *const wrong[] = { "", "Authorization: Bearer\r\n", "Authorization: Bearer \r\n", "Authorization: hook-secret\r\n",
                                             "Authorization: Bearer hook-secre\r\n", "Authorization: Bearer hook-secrett\r\n",
                                             "Authorization: bearer hook-secret\r\n" };
        for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
                expect(post("token", wrong[i], body), 401, "{\"error\":\"not authorised\"}");
        /* the answer comes although the body never does */
        expect(ask("POST /v1/hooks/token", "Content-Type: application/json\r\nContent-Length: 1000\r\n", SLICE_NONE), 401, NULL);
        assert_string_equal(bodies(&n), "a\nb\na\nb\n");
}

static void a_hook_of_which_an_item_cannot_be_read__is_422_and_the_rest_is_taken(void **state)
{
        (void)state;
        size_t n;
        const char *answer = post("token", "Authorization: Bearer hook-secret\r\n",
                                  "{\"all\":[{\"id\":1,\"text\":\"a\"},{\"text\":\"x@example.com\"},{\"id\":3,\"text\":\"c\"}]}");
        expect(answer, 422, "\"accepted\":2");
        expect(answer, 422, "\\\"/id\\\" of \\\"id\\\" finds nothing: token.cfg:2");
        assert_null(strstr(answer, "example.com"));
        assert_null(strstr(answer, folder));
        assert_string_equal(bodies(&n), "a\nc\n");
        assert_int_equal(refused_lines, 1);
}

/* ---- Signed timestamps ------------------------------------------------------ */

static const char text_body[] = "{\"id\":1,\"text\":\"a\"}";

/* Signed as it is written. */
static const char *slack_at(const char *written)
{
        char headers[512], before[64];
        snprintf(before, sizeof before, "v0:%s:", written);
        snprintf(headers, sizeof headers, "X-Slack-Request-Timestamp: %s\r\nX-Slack-Signature: v0=%s\r\n", written,
                 sign(HMAC_SHA256, "hook-secret", before, text_body));
        return post("slack", headers, text_body);
}

static const char *slack_with(int64_t at, const char *written, const char *body)
{
        char headers[512], before[64], digits[32];
        snprintf(digits, sizeof digits, "%lld", (long long)at);
        snprintf(before, sizeof before, "v0:%s:", digits);
        snprintf(headers, sizeof headers, "X-Slack-Request-Timestamp: %s\r\nX-Slack-Signature: v0=%s\r\n", written ? written : digits,
                 sign(HMAC_SHA256, "hook-secret", before, body));
        return post("slack", headers, body);
}

static const char *slack(int64_t at, const char *written)
{
        return slack_with(at, written, text_body);
}

static void a_signed_timestamp__is_good_for_five_minutes(void **state)
{
        (void)state;
        int64_t now = clock_now_us() / US_PER_SECOND;
        char other[32];
        expect(slack(now, NULL), 202, "\"accepted\":1");
        expect(slack(now - 290, NULL), 202, NULL);
        expect(slack(now + 290, NULL), 202, NULL);
        expect(slack(now - 310, NULL), 401, "{\"error\":\"not authorised\"}");
        expect(slack(now + 310, NULL), 401, "{\"error\":\"not authorised\"}");
        snprintf(other, sizeof other, "%lld", (long long)now + 1);
        expect(slack(now, other), 401, NULL); /* an old request with a new time */
        expect(slack(now, "soon"), 401, NULL);
        expect(slack(now, "99999999999999999999"), 401, NULL);
        char headers[256];
        snprintf(headers, sizeof headers, "X-Slack-Signature: v0=%s\r\n", sign(HMAC_SHA256, "hook-secret", "v0::", text_body));
        expect(post("slack", headers, text_body), 401, NULL);
        assert_int_equal(in_vault(), 3);
}

static void a_signed_timestamp__is_read_as_others_write_it(void **state)
{
        (void)state;
        char text[CLOCK_TEXT_MAX];
        snprintf(text, sizeof text, "%lld", (long long)(clock_now_us() / 1000));
        expect(slack_at(text), 202, NULL);
        expect(slack_at(clock_format_rfc3339(text, clock_now_us())), 202, NULL);
        expect(slack_at(clock_format_rfc3339(text, clock_now_us() - 310 * US_PER_SECOND)), 401, NULL);
        snprintf(text, sizeof text, "%lld", (long long)(clock_now_us() / 1000 + 310000));
        expect(slack_at(text), 401, NULL);
        expect(slack_at("9223372036854775807"), 401, NULL);
        expect(slack_at("0001-01-01T00:00:00Z"), 401, NULL);
        expect(slack_at("9999-12-31T23:59:59Z"), 401, NULL);
        expect(slack_at("9223372036854"), 401, NULL);
        assert_int_equal(in_vault(), 2);
}

static void a_sender_that_tries_us__hears_its_challenge_if_it_has_signed(void **state)
{
        (void)state;
        static const char trial[] = "{\"type\":\"url_verification\",\"challenge\":\"3eZ\\\"b\"}";
        int64_t now = clock_now_us() / US_PER_SECOND;
        expect(slack_with(now, NULL, trial), 200, "\r\n\r\n{\"challenge\":\"3eZ\\\"b\"}");
        const char *answer = slack_with(now - 400, NULL, trial);
        expect(answer, 401, NULL);
        assert_null(strstr(answer, "3eZ"));
        expect(slack(now, NULL), 202, "\"accepted\":1");
        assert_int_equal(in_vault(), 1);
}

static void a_list_of_signatures__fits_by_any_of_them(void **state)
{
        (void)state;
        char before[64], headers[1024];
        long long now = (long long)(clock_now_us() / US_PER_SECOND);
        snprintf(before, sizeof before, "%lld.", now);
        const char *hex = sign(HMAC_SHA256, "hook-secret", before, text_body);
        snprintf(headers, sizeof headers, "Stripe-Signature: t=%lld, v1=%064d,v0=x,v1=%s\r\n", now, 0, hex);
        expect(post("stripe", headers, text_body), 202, "\"accepted\":1");
        snprintf(headers, sizeof headers, "Stripe-Signature: t=%lld,v0=%s\r\n", now, hex);
        expect(post("stripe", headers, text_body), 401, NULL);
        snprintf(headers, sizeof headers, "Stripe-Signature: v1=%s\r\n", hex);
        expect(post("stripe", headers, text_body), 401, NULL);
        snprintf(headers, sizeof headers, "Stripe-Signature: t=%lld,v1=%064d\r\n", now, 1);
        expect(post("stripe", headers, text_body), 401, NULL);
        assert_int_equal(in_vault(), 1);
}

/* ---- Encodings, headers ----------------------------------------------------- */

static void a_base64_signature__of_another_hash_is_compared_whole(void **state)
{
        (void)state;
        /* printf '{"id":1,"text":"a"}' | openssl dgst -sha512 -hmac hook-secret -binary | base64 -w0 */
        static const char good[] = "lRtCXy0bxw2KmMMR09sp9grAcWmpEQhNKtfN+tciht5YjQs546FbZExEtVpC8LWlLw7WbAqkH1HG+qZabIN3Zg==";
        char headers[1024], cut[128];
        snprintf(headers, sizeof headers, "X-Form: yes\r\nX-Form-Signature: sha512=%s\r\n", good);
        expect(post("form", headers, text_body), 202, "\"accepted\":1");
        snprintf(headers, sizeof headers, "X-Form-Signature: sha512=%s\r\n", good);
        expect(post("form", headers, text_body), 202, "\"counted_only\":1");
        snprintf(headers, sizeof headers, "X-Form: yes\r\nX-Form-Signature: %s\r\n", good);
        expect(post("form", headers, text_body), 401, NULL);
        snprintf(cut, sizeof cut, "%.84s", good);
        snprintf(headers, sizeof headers, "X-Form: yes\r\nX-Form-Signature: sha512=%s\r\n", cut);
        expect(post("form", headers, text_body), 401, NULL);
        snprintf(headers, sizeof headers, "X-Form: yes\r\nX-Form-Signature: sha512=%s\r\n", good);
        expect(post("form", headers, "{\"id\":1,\"text\":\"b\"}"), 401, NULL);
        struct buf b;
        buf_init(&b, 4096);
        buf_puts(&b, "X-Form: ");
        while (b.n < 600)
                buf_putc(&b, 'x');
        snprintf(headers, sizeof headers, "%s\r\nX-Form-Signature: sha512=%s\r\n", b.p, good);
        expect(post("form", headers, text_body), 400, "X-Form is too long");
        buf_clear(&b);
        assert_int_equal(in_vault(), 1);
}

static void json_by_another_name__is_json(void **state)
{
        (void)state;
        static const struct {
                const char *type;
                int status;
        } rows[] = { { "application/vnd.example.v2+json; charset=utf-8", 202 }, { "APPLICATION/JSON", 202 }, { "text/plain", 415 },
                     { "application/x-www-form-urlencoded", 415 }, { "application/+json", 415 }, { "+json", 415 }, { "", 415 } };
        char headers[256];
        for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
                snprintf(headers, sizeof headers, "Content-Type: %s\r\nAuthorization: Bearer hook-secret\r\n", rows[i].type);
                expect(ask("POST /v1/hooks/token", headers, SLICE("{\"all\":[]}")), rows[i].status, NULL);
        }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
        const struct CMUnitTest tests[] = {
                TEST(a_discourse_post__is_captured_under_either_secret),
                TEST(a_discourse_ping__is_counted),
                TEST(a_token__lets_in_or_not_before_any_byte_of_the_body),
                TEST(a_hook_of_which_an_item_cannot_be_read__is_422_and_the_rest_is_taken),
                TEST(a_signed_timestamp__is_good_for_five_minutes),
                TEST(a_signed_timestamp__is_read_as_others_write_it),
                TEST(a_sender_that_tries_us__hears_its_challenge_if_it_has_signed),
                TEST(a_list_of_signatures__fits_by_any_of_them),
                TEST(a_base64_signature__of_another_hash_is_compared_whole),
                TEST(json_by_another_name__is_json),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
