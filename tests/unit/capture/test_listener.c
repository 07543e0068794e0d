/* The public front over real sockets, into a real vault. */
#include "listener_fixture.h"

#include "base/hash.h"
#include "link/db.h"
#include "policy/policy.h"

#define APP "Authorization: Bearer app-token\r\n"
#define ONE "{\"id\":\"1\",\"kind\":\"feedback\",\"occurred_at\":\"2026-01-02T03:04:05Z\",\"body\":\"good\"}"

static const char *post(struct slice body)
{
        return ask("POST /v1/records", APP "Content-Type: application/x-ndjson\r\n", body);
}

static void expect(const char *answer, int status, const char *part)
{
        char line[32];
        snprintf(line, sizeof line, "HTTP/1.1 %d ", status);
        if (strncmp(answer, line, strlen(line)) != 0 || (part && !strstr(answer, part)))
                fail_msg("%d with %s expected: %.2000s", status, part ? part : "", answer);
}

/* ---- POST /v1/records --------------------------------------------------- */

static void records__are_durable_when_answered(void **state)
{
        (void)state;
        size_t n;
        expect(post(SLICE(ONE "\n{\"id\":\"2\",\"kind\":\"event\",\"occurred_at\":\"2026-01-02T03:04:05Z\",\"body\":\"met\"}\n")),
               202, "{\"accepted\":2,\"refused\":0}\n");
        assert_string_equal(bodies(&n), "good\nmet\n");
        struct intake_source_status all[8];
        assert_int_equal(intake_status(intake, all, 8), 5);
        assert_int_equal(all[0].accepted, 2);
        assert_true(all[0].last_us > 0);
}

static void one_object__may_span_lines(void **state)
{
        (void)state;
        expect(ask("POST /v1/records", APP "Content-Type: application/json; charset=UTF-8\r\n",
                   SLICE("{\n \"id\": \"1\",\n \"kind\": \"feedback\",\n \"occurred_at\": \"2026-01-02T03:04:05Z\"\n}\n")),
               202, "\"accepted\":1");
}

static void bad_lines__are_named_and_the_good_are_kept(void **state)
{
        (void)state;
        const char *answer = post(SLICE("{\"id\":\"0\"\n" ONE "\n\n"
                "{\"id\":\"3\",\"kind\":\"rumour\",\"occurred_at\":\"2026-01-02T03:04:05Z\"}\n"
                "{\"kind\":\"feedback\",\"occurred_at\":\"2026-01-02T03:04:05Z\"}\n"
                "{\"id\":\"5\",\"kind\":\"feedback\",\"occurred_at\":\"yesterday\"}\n"
                "{\"id\":\"6\",\"kind\":\"feedback\",\"occurred_at\":\"2026-01-02T03:04:05Z\",\"body\":\"\xff\"}\n"
                "{\"id\":\"7\",\"kind\":\"feedback\",\"occurred_at\":\"2026-01-02T03:04:05Z\",\"body\":\"\\ud800\"}\n"
                "[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]\n"));
        expect(answer, 202, "\"accepted\":1,\"refused\":7");
        for (int line = 1; line <= 9; line++) {
                char place[32];
                snprintf(place, sizeof place, "{\"line\":%d,\"reason\":\"", line);
                assert_int_equal(strstr(answer, place) != NULL, line != 2 && line != 3);
        }
        assert_null(strstr(answer, "rumour"));
        assert_null(strstr(answer, "yesterday"));
        assert_int_equal(in_vault(), 1);
        assert_int_equal(refused_lines, 7);
}

static void nothing_good__is_422_and_nothing_at_all_400(void **state)
{
        (void)state;
        expect(post(SLICE("{}\n")), 422, "\"accepted\":0,\"refused\":1");
        expect(post(SLICE("")), 400, "no record");
        expect(post(SLICE("\n\n")), 400, "no record");
        assert_int_equal(in_vault(), 0);
}

static void a_line_over_1_MiB__is_refused_and_the_next_taken(void **state)
{
        (void)state;
        struct buf b;
        buf_init(&b, 8 << 20);
        buf_puts(&b, "{\"id\":\"9\",\"body\":\"");
        for (int i = 0; i < 1100; i++)
                for (int k = 0; k < 32; k++)
                        buf_puts(&b, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa");
        buf_puts(&b, "\"}\n" ONE "\n");
        expect(post(buf_slice(&b)), 202, "\"accepted\":1,\"refused\":1");
        assert_non_null(strstr(client.answer, "1 MiB"));
        buf_clear(&b);
}

static void reasons__are_given_for_1000_lines_then_counted(void **state)
{
        (void)state;
        struct buf b;
        buf_init(&b, 1 << 20);
        for (int i = 0; i < 1500; i++)
                buf_puts(&b, "{}\n");
        expect(post(buf_slice(&b)), 422, "\"refused\":1500");
        assert_non_null(strstr(client.answer, "\"refusals_left_out\":500"));
        assert_non_null(strstr(client.answer, "{\"line\":1000,"));
        assert_null(strstr(client.answer, "{\"line\":1001,"));
        buf_clear(&b);
}

static void a_large_request__streams_into_many_batches(void **state)
{
        (void)state;
        struct buf b;
        buf_init(&b, 32 << 20);
        for (int i = 0; i < 20000; i++)
                buf_printf(&b, "{\"id\":\"%d\",\"kind\":\"feedback\",\"occurred_at\":\"2026-01-02T03:04:05Z\",\"body\":\"%0200d\"}\n", i, i);
        expect(post(buf_slice(&b)), 202, "{\"accepted\":20000,\"refused\":0}");
        assert_int_equal(in_vault(), 20000);
        buf_clear(&b);
}

static void wrong_tokens__are_turned_away_before_the_body(void **state)
{
        (void)state;
        struct slice promise = SLICE("POST /v1/records HTTP/1.1\r\nHost: x\r\nContent-Length: 30000000\r\n"
                                     "Authorization: Bearer wrong\r\n\r\n");
        expect(ask_bytes(promise), 401, "WWW-Authenticate: Bearer\r\n");
        expect(ask("POST /v1/records", "", SLICE(ONE)), 401, "{\"error\":\"not authorised\"}");
        expect(ask("POST /v1/records", "Authorization: Basic app-token\r\n", SLICE(ONE)), 401, NULL);
        expect(ask("POST /v1/records", "Authorization: Bearer hook-secret\r\n", SLICE(ONE)), 401, NULL);
        expect(ask("POST /v1/records", "Authorization: Bearer \r\n", SLICE(ONE)), 401, NULL);
        assert_int_equal(in_vault(), 0);
}

static void both_tokens_of_a_source__are_good(void **state)
{
        (void)state;
        expect(ask("POST /v1/records", "Authorization: bearer app-token-2\r\n", SLICE(ONE)), 202, NULL);
        expect(ask("POST /v1/records", "Authorization: Bearer web-token\r\n", SLICE(ONE)), 202, NULL);
        assert_int_equal(in_vault(), 2); /* ids are a source's own */
}

static void other_content__is_415(void **state)
{
        (void)state;
        static const char *const bad[] = {
                "Content-Type: text/csv\r\n", "Content-Type: application/x-www-form-urlencoded\r\n",
                "Content-Type: application/json; charset=latin1\r\n", "Content-Encoding: gzip\r\n",
        };
        for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
                char headers[256];
                snprintf(headers, sizeof headers, APP "%s", bad[i]);
                expect(ask("POST /v1/records", headers, SLICE(ONE)), 415, "application/x-ndjson");
        }
}

static void too_much__is_413(void **state)
{
        (void)state;
        expect(ask_bytes(SLICE("POST /v1/records HTTP/1.1\r\nHost: x\r\nContent-Length: 33554433\r\n" APP "\r\n")),
               413, NULL);
        capture_settings.max_request = 100;
        expect(ask_bytes(SLICE("POST /v1/records HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n" APP "\r\n"
                               "78\r\n" ONE ONE)), 413, NULL);
}

static void paths_and_methods__are_told_apart(void **state)
{
        (void)state;
        expect(ask("GET /", "", SLICE_NONE), 404, NULL);
        expect(ask("GET /v1/records", APP, SLICE_NONE), 405, "Allow: ");
        expect(ask("POST /healthz", "", SLICE("")), 405, NULL);
        expect(ask("GET /healthz", "", SLICE_NONE), 200, "ok\n");
        expect(ask("GET /readyz", "", SLICE_NONE), 200, "ready\n");
        ready = false;
        expect(ask("GET /readyz", "", SLICE_NONE), 503, "no disk");
        expect(ask("GET /healthz", "", SLICE_NONE), 200, "ok\n");
}

static void what_no_law_lets_us_store__never_reaches_the_vault(void **state)
{
        (void)state;
        size_t n;
        expect(post(SLICE("{\"id\":\"1\",\"kind\":\"feedback\",\"occurred_at\":\"2026-01-02T03:04:05Z\","
                          "\"body\":\"my aadhaar is 2341 2341 2346 ok\"}")), 202, "\"accepted\":1");
        const char *text = bodies(&n);
        assert_non_null(strstr(text, "[removed]"));
        assert_null(strstr(text, "2341"));
        struct intake_source_status all[8];
        intake_status(intake, all, 8);
        assert_int_equal(all[0].discarded_pieces, 1);
}

static struct book *book_of(const char *find)
{
        static const struct region region = { .code = "de-test", .jurisdiction = "EEA", .timezone = "Europe/Berlin",
                                              .policy = "p" };
        struct err err = ERR_INIT;
        struct buf text;
        char path[128];
        struct book *book = NULL;
        struct report *report = report_new();
        buf_init(&text, 4096);
        buf_printf(&text, "policy = \"p\"; version = 1; language = 1; title = \"T\";\n"
                          "records = { feedback = \"go\"; }; subject = \"pseudonym\";\n"
                          "find = ( { what = [\"%s\"]; do = \"discard\"; because = \"art. 87\"; } );\n"
                          "transfers = ( { to = [\"EEA\"]; allow = [\"kafka\"]; basis = \"inside\"; } );\n"
                          "keep = { warehouse = \"3 years\"; };\n", find);
        snprintf(path, sizeof path, "%s/p.cfg", state_dir);
        must(file_save(path, buf_slice(&text), 0600, &err), &err);
        struct book_spec spec = { .policies_dir = state_dir, .region = &region };
        if (!book_load(&book, &spec, report))
                report_print(report, stderr);
        assert_non_null(book);
        report_free(report);
        buf_clear(&text);
        return book;
}

static void a_new_book__is_taken_up_between_two_records(void **state)
{
        (void)state;
        static const char text[] = "{\"id\":\"1\",\"kind\":\"feedback\",\"occurred_at\":\"2026-01-02T03:04:05Z\","
                                   "\"body\":\"ann@example.org 2341 2341 2346\"}";
        static const char *const find[] = { "email", "iban" };
        size_t n;
        expect(post(slice_of(text)), 202, NULL);
        for (int i = 0; i < 2; i++) {
                struct book *book = book_of(find[i]);
                intake_set_book(intake, book);
                book_drop(book);
                expect(post(slice_of(text)), 202, NULL);
        }
        intake_set_book(intake, NULL);
        expect(post(slice_of(text)), 202, NULL);
        assert_string_equal(bodies(&n), "ann@example.org [removed]\n[removed] [removed]\n"
                                        "ann@example.org [removed]\nann@example.org [removed]\n");
}

static void a_source_beyond_its_pace__is_429(void **state)
{
        (void)state;
        intake_close(intake);
        capture_settings.per_second = 2;
        open_intake();
        listener_stop(listener);
        struct err err = ERR_INIT;
        struct listener_spec spec = { .intake = intake, .address = "127.0.0.1" };
        must(listener_start(&listener, loop, &spec, &err), &err);
        struct buf b;
        buf_init(&b, 1 << 20);
        for (int i = 0; i < 40; i++)
                buf_puts(&b, ONE "\n");
        expect(post(buf_slice(&b)), 202, "\"accepted\":40"); /* a running request is not cut off */
        expect(post(SLICE(ONE)), 429, "Retry-After: ");
        expect(ask("POST /v1/records", "Authorization: Bearer web-token\r\n", SLICE(ONE)), 202, NULL);
        buf_clear(&b);
}

static void a_full_vault__is_503_and_nothing_is_promised(void **state)
{
        (void)state;
        listener_stop(listener);
        intake_close(intake);
        vault_close(vault);
        vault_settings.min_free_bytes = UINT64_MAX / 2;
        open_vault();
        open_intake();
        struct err err = ERR_INIT;
        struct listener_spec spec = { .intake = intake, .address = "127.0.0.1" };
        must(listener_start(&listener, loop, &spec, &err), &err);
        expect(post(SLICE(ONE)), 503, "Retry-After: ");
        assert_non_null(strstr(client.answer, "\"accepted\":0"));
        assert_int_equal(in_vault(), 0);
}

static void many_bodies_at_once__are_503_beyond_the_budget(void **state)
{
        (void)state;
        capture_settings.budget = 3 << 20;
        int fd = dial(listener_port(listener));
        const char *first = "POST /v1/records HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n" APP "\r\n3\r\n{\"i";
        assert_int_equal(send(fd, first, strlen(first), 0), (ssize_t)strlen(first));
        expect(ask("GET /healthz", "", SLICE_NONE), 200, NULL); /* the first is there */
        expect(ask_bytes(SLICE("POST /v1/records HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n" APP "\r\n")),
               503, "Retry-After: ");
        expect(post(SLICE(ONE)), 202, NULL); /* small ones still fit */
        close(fd);
        expect(ask("GET /healthz", "", SLICE_NONE), 200, NULL);
        assert_int_equal(listener_busy(listener), 0);
}

static void a_sender_that_leaves__loses_only_what_was_not_answered(void **state)
{
        (void)state;
        struct buf b;
        buf_init(&b, 8 << 20);
        buf_puts(&b, "POST /v1/records HTTP/1.1\r\nHost: x\r\nContent-Length: 8000000\r\n" APP "\r\n");
        for (int i = 0; i < 5000; i++)
                buf_printf(&b, "{\"id\":\"%d\",\"kind\":\"feedback\",\"occurred_at\":\"2026-01-02T03:04:05Z\"}\n", i);
        int fd = dial(listener_port(listener));
        send(fd, b.p, b.n, MSG_NOSIGNAL | MSG_DONTWAIT);
        shutdown(fd, SHUT_WR);
        expect(ask("GET /healthz", "", SLICE_NONE), 200, NULL);
        close(fd);
        expect(post(SLICE(ONE)), 202, NULL);
        int64_t deadline = clock_mono_us() + 10 * US_PER_SECOND; /* its last batches are settled first */
        while (listener_busy(listener) && clock_mono_us() < deadline)
                expect(ask("GET /healthz", "", SLICE_NONE), 200, NULL);
        assert_int_equal(listener_busy(listener), 0);
        buf_clear(&b);
}

/* A writer that cannot get at its keys, and a mailbox full of groups for it. */
struct jam {
        struct db *keys;
        struct mailbox *reply;
        struct vault_group *groups;
        struct vault_item *items;
        char (*ids)[32];
        size_t n;
};

enum { JAM_MAX = 20000 };

static void jam_one(struct jam *j, bool *room)
{
        snprintf(j->ids[j->n], sizeof j->ids[j->n], "jam:id:%zu", j->n);
        struct slice id = slice_of(j->ids[j->n]);
        j->items[j->n] = (struct vault_item){ .kind = ENTRY_RECORD, .source = SLICE("app"), .id = id, .class = "",
                                              .identities = { id }, .n_identities = 1, .plain = SLICE("x") };
        j->groups[j->n] = (struct vault_group){ .reply = j->reply, .items = &j->items[j->n], .n = 1 };
        *room = vault_submit(vault, &j->groups[j->n]);
        j->n += *room;
}

static void jam_vault(struct jam *j)
{
        struct err err = ERR_INIT;
        char path[128];
        bool room = true;
        *j = (struct jam){ .reply = mailbox_new(JAM_MAX), .groups = calloc(JAM_MAX, sizeof *j->groups),
                           .items = calloc(JAM_MAX, sizeof *j->items), .ids = calloc(JAM_MAX, sizeof *j->ids) };
        snprintf(path, sizeof path, "%s/keys.db", state_dir);
        must(db_open(&j->keys, path, NULL, &err), &err);
        must(db_begin(j->keys, &err), &err);
        /* The writer takes what waits before it stands still: full is what stays full. */
        int64_t full_since = clock_mono_us();
        while (clock_mono_us() - full_since < 200000 && j->n < JAM_MAX) {
                jam_one(j, &room);
                if (room)
                        full_since = clock_mono_us();
                else
                        usleep(1000);
        }
        assert_false(room);
}

static void free_vault(struct jam *j)
{
        db_abort(j->keys);
        db_close(j->keys);
        for (size_t back = 0; back < j->n;)
                for (struct letter *l = mailbox_wait(j->reply, -1); l; l = l->next)
                        back++;
        mailbox_free(j->reply);
        free(j->groups);
        free(j->items);
        free(j->ids);
}

static struct client stuck;

static void begin_stuck(void)
{
        stuck.request = SLICE("POST /v1/records HTTP/1.1\r\nHost: x\r\nConnection: close\r\n" APP
                              "Transfer-Encoding: chunked\r\n\r\n4f\r\n" ONE "\r\n0\r\n\r\n");
        assert_int_equal(sizeof ONE - 1, 0x4f);
        stuck.port = listener_port(listener);
        atomic_store(&stuck.done, false);
        assert_int_equal(pthread_create(&stuck.thread, NULL, speak, &stuck), 0);
        int64_t deadline = clock_mono_us() + 10 * US_PER_SECOND;
        while (!strstr(ask("GET /readyz", "", SLICE_NONE), "the vault is busy") && clock_mono_us() < deadline)
                ;
        expect(client.answer, 503, "the vault is busy");
}

static const char *end_stuck(void)
{
        struct err err = ERR_INIT;
        while (!atomic_load(&stuck.done))
                must(loop_run(loop, &err), &err);
        pthread_join(stuck.thread, NULL);
        return stuck.answer;
}

static void a_vault_that_lags__is_waited_for_by_who_has_begun(void **state)
{
        (void)state;
        struct jam jam;
        jam_vault(&jam);
        begin_stuck();
        expect(post(SLICE(ONE)), 503, "Retry-After: "); /* who has not begun is turned away */
        free_vault(&jam);
        expect(end_stuck(), 202, "\"accepted\":1");
        expect(ask("GET /readyz", "", SLICE_NONE), 200, NULL);
}

static void a_vault_that_stays_behind__is_503_in_the_end(void **state)
{
        (void)state;
        struct jam jam;
        jam_vault(&jam);
        capture_settings.timeout_us = 100000;
        begin_stuck();
        expect(end_stuck(), 503, "Retry-After: ");
        assert_int_equal(listener_busy(listener), 0);
        free_vault(&jam);
        expect(post(SLICE(ONE)), 202, NULL);
}

/* ---- Webhooks ----------------------------------------------------------- */

static const char issue[] =
        "{\"action\":\"opened\",\"issue\":{\"id\":77,\"node_id\":\"I_77\",\"number\":5,\"title\":\"slow\",\"body\":\"query hangs\","
        "\"html_url\":\"https://github.example/a/b/issues/5\",\"state\":\"open\",\"labels\":[],"
        "\"created_at\":\"2026-01-02T03:04:05Z\",\"updated_at\":\"2026-01-02T03:04:05Z\",\"author_association\":\"NONE\","
        "\"user\":{\"id\":9,\"login\":\"ann\",\"type\":\"User\"}},\"repository\":{\"id\":1,\"name\":\"b\",\"full_name\":\"a/b\"},"
        "\"sender\":{\"id\":9,\"login\":\"ann\"}}";

static const char *hook(const char *name, const char *event, const char *secret, struct slice body)
{
        char headers[512], start_line[128], hex[65];
        uint8_t mac[32];
        struct hmac *h = hmac_new(slice_of(secret));
        hmac_put(h, body);
        hmac_finish(h, mac);
        hmac_free(h);
        for (int i = 0; i < 32; i++)
                sprintf(hex + 2 * i, "%02x", mac[i]);
        snprintf(start_line, sizeof start_line, "POST /v1/hooks/%s", name);
        snprintf(headers, sizeof headers, "Content-Type: application/json\r\nX-GitHub-Event: %s\r\n"
                 "X-Hub-Signature-256: sha256=%s\r\n", event, hex);
        return ask(start_line, headers, body);
}

static void a_signed_hook__is_captured_under_either_secret(void **state)
{
        (void)state;
        size_t n;
        expect(hook("hub", "issues", "hook-secret", slice_of(issue)), 202, "\"accepted\":1");
        expect(hook("hub", "issues", "hook-secret-2", slice_of(issue)), 202, "\"accepted\":1");
        assert_string_equal(bodies(&n), "query hangs\nquery hangs\n"); /* the same record_key twice */
}

static void hooks_that_are_not_mapped__are_answered_and_counted(void **state)
{
        (void)state;
        expect(hook("hub", "ping", "hook-secret", SLICE("{\"zen\":\"x\"}")), 202, "\"counted_only\":1");
        expect(hook("hub", "workflow_run", "hook-secret", SLICE("{\"action\":\"done\"}")), 202, "\"counted_only\":1");
        struct intake_source_status all[8];
        intake_status(intake, all, 8);
        assert_int_equal(all[2].counted_only, 2);
        assert_int_equal(in_vault(), 0);
}

static void a_hook_with_a_wrong_signature__is_401(void **state)
{
        (void)state;
        expect(hook("hub", "issues", "wrong", slice_of(issue)), 401, "{\"error\":\"not authorised\"}");
        expect(hook("nobody", "issues", "hook-secret", slice_of(issue)), 401, "{\"error\":\"not authorised\"}");
        expect(hook("app", "issues", "app-token", slice_of(issue)), 401, "{\"error\":\"not authorised\"}");
        expect(ask("POST /v1/hooks/hub", "X-GitHub-Event: issues\r\nContent-Type: application/json\r\n", slice_of(issue)),
               401, NULL);
        expect(ask("POST /v1/hooks/hub", "X-GitHub-Event: issues\r\nContent-Type: application/json\r\n"
                   "X-Hub-Signature-256: sha256=12\r\n", slice_of(issue)), 401, NULL);
        assert_int_equal(in_vault(), 0);
        assert_int_equal(refused_lines, 0);
}

static void a_hook_that_cannot_be_read__is_422(void **state)
{
        (void)state;
        expect(hook("hub", "issues", "hook-secret", SLICE("{\"action\":")), 422, "\"refused\":1");
        expect(hook("hub", "issues", "hook-secret", SLICE("{\"action\":\"opened\"}")), 422, "\"refused\":1");
}

static void hooks_of_strangers__cannot_take_more_than_half_the_budget(void **state)
{
        (void)state;
        capture_settings.budget = 1 << 20;
        struct buf b;
        buf_init(&b, 4 << 20);
        while (b.n < 2 << 20)
                buf_puts(&b, issue);
        expect(hook("hub", "issues", "wrong", buf_slice(&b)), 503, "Retry-After: ");
        expect(hook("hub", "issues", "hook-secret", slice_of(issue)), 202, NULL); /* all was given back */
        buf_clear(&b);
}

static void tokens_shared_by_sources__are_a_mistake(void **state)
{
        (void)state;
        struct err err = ERR_INIT;
        struct intake *other;
        struct report *report = report_new();
        setenv("T_WEB", "app-token-2", 1);
        struct intake_spec spec = { .region = "x", .state_dir = state_dir, .vault = vault, .sources = sources,
                                    .n_sources = n_sources, .settings = &capture_settings };
        assert_false(intake_open(&other, &spec, report, &err));
        assert_int_equal(err.kind, ERR_CONFIG);
        assert_non_null(strstr(report_at(report, 0)->text, "the same token"));
        unsetenv("T_WEB");
        unsetenv("T_HOOK");
        assert_false(intake_open(&other, &spec, report, &err));
        assert_int_equal(report_count(report, REPORT_ERROR), 3); /* every missing one is told */
        report_free(report);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, start, stop)

int main(void)
{
        const struct CMUnitTest tests[] = {
                TEST(records__are_durable_when_answered),
                TEST(one_object__may_span_lines),
                TEST(bad_lines__are_named_and_the_good_are_kept),
                TEST(nothing_good__is_422_and_nothing_at_all_400),
                TEST(a_line_over_1_MiB__is_refused_and_the_next_taken),
                TEST(reasons__are_given_for_1000_lines_then_counted),
                TEST(a_large_request__streams_into_many_batches),
                TEST(wrong_tokens__are_turned_away_before_the_body),
                TEST(both_tokens_of_a_source__are_good),
                TEST(other_content__is_415),
                TEST(too_much__is_413),
                TEST(paths_and_methods__are_told_apart),
                TEST(what_no_law_lets_us_store__never_reaches_the_vault),
                TEST(a_new_book__is_taken_up_between_two_records),
                TEST(a_source_beyond_its_pace__is_429),
                TEST(a_full_vault__is_503_and_nothing_is_promised),
                TEST(a_vault_that_lags__is_waited_for_by_who_has_begun),
                TEST(a_vault_that_stays_behind__is_503_in_the_end),
                TEST(many_bodies_at_once__are_503_beyond_the_budget),
                TEST(a_sender_that_leaves__loses_only_what_was_not_answered),
                TEST(a_signed_hook__is_captured_under_either_secret),
                TEST(hooks_that_are_not_mapped__are_answered_and_counted),
                TEST(a_hook_with_a_wrong_signature__is_401),
                TEST(a_hook_that_cannot_be_read__is_422),
                TEST(hooks_of_strangers__cannot_take_more_than_half_the_budget),
                TEST(tokens_shared_by_sources__are_a_mistake),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
