/* Messages and receipts: there and back, and what is refused under which code word. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "model/receipt.h"

#define HOUR INT64_C(1795384800000000) /* 2026-11-22T22:00:00Z */

/* A message as it travels, to tamper with. */
struct sent {
        struct buf value;
        uint8_t key[16];
        struct message_header headers[MESSAGE_HEADERS];
        size_t n_headers;
};

static struct arena *arena;
static struct sent sent;

static int setup(void **state)
{
        (void)state;
        arena = arena_new(64 << 20);
        buf_init(&sent.value, MESSAGE_VALUE_MAX);
        return arena ? 0 : -1;
}

static int teardown(void **state)
{
        (void)state;
        arena_free(arena);
        buf_clear(&sent.value);
        return 0;
}

static struct slice header_of(const char *name, void *ctx)
{
        struct sent *s = ctx;
        for (size_t i = 0; i < s->n_headers; i++)
                if (strcmp(s->headers[i].name, name) == 0)
                        return slice_of(s->headers[i].value);
        return SLICE_NONE;
}

static void set_header(const char *name, const char *value)
{
        for (size_t i = 0; i < sent.n_headers; i++)
                if (strcmp(sent.headers[i].name, name) == 0)
                        snprintf(sent.headers[i].value, sizeof sent.headers[i].value, "%s", value);
}

static void format(const struct message *m)
{
        struct err err = ERR_INIT;
        buf_reset(&sent.value);
        if (!message_format(m, &sent.value, sent.key, sent.headers, &sent.n_headers, &err))
                fail_msg("%s", err.text);
}

static bool parse(struct message *out, struct err *err)
{
        return message_parse(out, arena, slice_make(sent.key, 16), buf_slice(&sent.value), header_of, &sent,
                             err);
}

static void round_trip(const struct message *m, struct message *out)
{
        struct err err = ERR_INIT;
        format(m);
        if (!parse(out, &err))
                fail_msg("%s", err.text);
        assert_int_equal(out->type, m->type);
        assert_true(slice_eq(out->region, m->region));
        assert_int_equal(position_compare(out->at, m->at), 0);
        assert_int_equal(position_compare(out->out, m->out), 0);
        assert_int_equal(position_compare(out->prev, m->prev), 0);
}

static const struct dated_code codes[] = { { { "EEA", 3 }, INT64_MAX }, { { "US", 2 }, HOUR + 1 } };
static const struct redaction redactions[] = { { { "body", 4 }, { "email", 5 }, { "mask", 4 }, 2 } };

static struct message a_record(void)
{
        struct message m = { .type = MESSAGE_RECORD,
                             .region = SLICE("de-frankfurt"),
                             .at = { UINT64_C(1) << 32 | 1, 12 },
                             .out = { UINT64_C(1) << 32 | 1, 7 },
                             .prev = { UINT64_C(1) << 32, 3 } };
        struct message_record *r = &m.record;
        memset(r->record_key, 0xa1, 16);
        memset(r->subject, 0xb2, 16);
        r->has_subject = true;
        r->source = SLICE("forum");
        r->hour_us = HOUR;
        r->fields = (struct record){ .kind = KIND_FEEDBACK, .occurred_at_us = HOUR + 5, .revision = 9 };
        r->fields.text[FIELD_BODY] = SLICE("hi \"you\"\n");
        r->fields.text[FIELD_RATING] = SLICE("9");
        r->fields.text[FIELD_AUTHOR_COUNTRY] = SLICE("DE");
        r->has_occurred_at = true;
        r->judged = (struct position){ UINT64_C(1) << 32 | 1, 3 };
        r->policy = SLICE("eea");
        r->policy_version = 4;
        r->purpose = SLICE("research");
        r->basis = SLICE("inside the EEA");
        r->readable_in = codes;
        r->n_readable_in = 2;
        r->redactions = redactions;
        r->n_redactions = 1;
        r->expires_at_us = HOUR + 100;
        return m;
}

static void message__carries_a_record_there_and_back(void **state)
{
        struct message m = a_record(), got;
        (void)state;
        round_trip(&m, &got);
        assert_memory_equal(got.record.record_key, m.record.record_key, 16);
        assert_true(got.record.has_subject);
        assert_memory_equal(got.record.subject, m.record.subject, 16);
        assert_false(got.record.has_thread_key);
        assert_true(slice_is(got.record.source, "forum"));
        assert_int_equal(got.record.hour_us, HOUR);
        assert_int_equal(got.captured_us, HOUR);
        assert_true(got.record.has_occurred_at);
        assert_int_equal(got.record.fields.occurred_at_us, HOUR + 5);
        assert_int_equal(got.record.fields.revision, 9);
        assert_null(got.record.fields.text[FIELD_ID].p);
        assert_true(slice_is(got.record.fields.text[FIELD_BODY], "hi \"you\"\n"));
        assert_true(slice_is(got.record.fields.text[FIELD_RATING], "9"));
        assert_true(slice_is(got.record.fields.text[FIELD_AUTHOR_COUNTRY], "DE"));
        assert_int_equal(position_compare(got.record.judged, m.record.judged), 0);
        assert_int_equal(got.record.policy_version, 4);
        assert_int_equal(got.record.n_readable_in, 2);
        assert_true(got.record.readable_in[0].until_us == INT64_MAX);
        assert_int_equal(got.record.readable_in[1].until_us, HOUR + 1);
        assert_int_equal(got.record.n_redactions, 1);
        assert_int_equal(got.record.redactions[0].count, 2);
        assert_int_equal(got.record.expires_at_us, HOUR + 100);
}

static void message__has_the_headers_of_the_contract(void **state)
{
        struct message m = a_record();
        (void)state;
        format(&m);
        assert_int_equal(sent.n_headers, 7);
        assert_true(slice_is(header_of("ce_specversion", &sent), "1.0"));
        assert_true(slice_is(header_of("ce_type", &sent), "tributary.record.v1"));
        assert_true(slice_is(header_of("ce_source", &sent), "/tributary/de-frankfurt"));
        assert_true(slice_is(header_of("ce_id", &sent),
                             "0000000100000001-000000000000000c-0000000100000001.0000000000000003"));
        assert_true(slice_is(header_of("content-type", &sent), "application/json"));
        assert_true(slice_is(header_of("tributary_out", &sent), "0000000100000001.0000000000000007"));
        assert_true(slice_is(header_of("tributary_prev", &sent), "0000000100000000.0000000000000003"));
        m.out.seq = 8;
        message_stamp(&m, sent.headers);
        assert_true(slice_is(header_of("tributary_out", &sent), "0000000100000001.0000000000000008"));
}

static void message__carries_a_retraction(void **state)
{
        struct message m = a_record(), got;
        (void)state;
        m.type = MESSAGE_RETRACT;
        m.record.fields.deleted = true;
        round_trip(&m, &got);
        assert_memory_equal(got.record.record_key, m.record.record_key, 16);
        assert_int_equal(got.record.fields.revision, 9);
        assert_true(got.record.fields.deleted);
        assert_int_equal(position_compare(got.record.judged, m.record.judged), 0);
        assert_true(slice_is(got.record.source, "forum"));
        assert_null(strstr(sent.value.p, "hi"));
        assert_false(got.record.taken_back);
        m.record.taken_back = true;
        round_trip(&m, &got);
        assert_true(got.record.taken_back);
        m.record.source = SLICE_NONE;
        round_trip(&m, &got);
        assert_null(got.record.source.p);
}

static void message__carries_an_erasure(void **state)
{
        static const uint8_t subjects[2][16] = { { 1 }, { 2 } };
        struct message m = { .type = MESSAGE_ERASE, .region = SLICE("jp-tokyo"), .at = { 1, 2 } }, got;
        (void)state;
        memset(m.erase.request, 7, 16);
        m.erase.subjects = subjects;
        m.erase.n_subjects = 2;
        round_trip(&m, &got);
        assert_memory_equal(sent.key, m.erase.request, 16);
        assert_int_equal(got.erase.n_subjects, 2);
        assert_memory_equal(got.erase.subjects[1], subjects[1], 16);
        assert_int_equal(got.erase.n_record_keys, 0);
}

static void message__carries_an_account(void **state)
{
        struct account_row rows[2] = {
                { .source = SLICE("forum"), .hour_us = HOUR, .captured = 10, .sent = 7 },
                { .source = SLICE("csv"), .hour_us = HOUR, .refused = INT64_MAX }
        };
        struct message m = { .type = MESSAGE_ACCOUNT, .region = SLICE("jp-tokyo"), .at = { 1, 2 } }, got;
        (void)state;
        m.account = (struct message_account){ 77, rows, 2 };
        round_trip(&m, &got);
        assert_int_equal(got.account.serial, 77);
        assert_int_equal(got.account.n_rows, 2);
        assert_int_equal(got.account.rows[0].captured, 10);
        assert_int_equal(got.account.rows[0].sent, 7);
        assert_true(got.account.rows[1].refused == INT64_MAX);
        assert_true(slice_is(header_of("ce_id", &sent),
                             "0000000000000001-0000000000000002-0000000000000000.000000000000004d"));
}

static void message__carries_a_hello(void **state)
{
        struct message m = { .type = MESSAGE_HELLO, .region = SLICE("jp-tokyo"), .at = { 1, 2 } }, got;
        (void)state;
        m.hello =
                (struct message_hello){ .claim = true, .generation = UINT32_MAX, .start = 5, .now_us = HOUR };
        memset(m.hello.id, 3, 16);
        round_trip(&m, &got);
        assert_true(got.hello.claim);
        assert_true(got.hello.generation == UINT32_MAX);
        assert_int_equal(got.hello.now_us, HOUR);
        assert_int_equal(got.hello.warehouse_seen[0], 0);
        memset(m.hello.warehouse_seen, 4, 16);
        round_trip(&m, &got);
        assert_int_equal(got.hello.warehouse_seen[15], 4);
}

static struct standing standing_of_tokyo(void)
{
        struct standing s = {
                .release = "0.1.0", .policy = "jp", .policy_version = 4, .open = true, .stale = true,
                .policy_since_us = HOUR, .policy_signed_by = "jana,ken", .policy_waits = 5, .policy_missing = 1,
                .policy_unsigned = true,
                .since_us = HOUR, .hello_every_s = 30, .backlog = 7, .in_flight = 2, .lag_s = 61, .gaps = 1,
                .held = 5, .stayed = 9, .rejected = 0, .damaged = 6, .vault_bytes = 1 << 20,
                .vault_max_bytes = UINT64_C(10) << 30, .full_in_s = 32400, .basis_ends_us = HOUR + 1,
                .troubles = 1u << TROUBLE_POLICY_STALE | 1u << TROUBLE_DAMAGED,
                .n_sources = 2, .n_downtimes = 2,
        };
        s.sources[0] = (struct standing_source){ "forum", "api", HOUR };
        s.sources[1] = (struct standing_source){ "meetup", "folder", 0 };
        s.downtimes[0] = (struct downtime){ HOUR - 9, HOUR - 5, DOWNTIME_FULL, FILLED_YES };
        s.downtimes[1] = (struct downtime){ HOUR - 4, HOUR, DOWNTIME_STOPPED, FILLED_NO };
        return s;
}

static void message__carries_how_a_region_stands(void **state)
{
        struct message m = { .type = MESSAGE_HELLO, .region = SLICE("jp-tokyo"), .at = { 1, 2 } }, got;
        struct standing s = standing_of_tokyo(), *back;
        (void)state;
        m.hello = (struct message_hello){ .generation = 1, .now_us = HOUR };
        round_trip(&m, &got);
        assert_null(got.hello.status); /* as agents of the first release say it */
        m.hello.status = &s;
        round_trip(&m, &got);
        assert_non_null(got.hello.status);
        assert_memory_equal(got.hello.status, &s, sizeof s);
        s = (struct standing){ .release = "1", .since_us = HOUR, .full_in_s = -1 };
        round_trip(&m, &got);
        back = arena_alloc(arena, sizeof *back);
        *back = *got.hello.status;
        assert_int_equal(back->full_in_s, -1);
        assert_string_equal(back->policy, "");
        assert_string_equal(back->policy_signed_by, "");
        assert_int_equal(back->policy_waits + back->policy_since_us, 0);
        assert_int_equal(back->n_sources + back->n_downtimes + back->basis_ends_us, 0);
}

/* Rewrites the first `from` in the value. */
static void tamper(const char *from, const char *to)
{
        struct buf b;
        char *at = strstr(sent.value.p, from);
        assert_non_null(at);
        buf_init(&b, MESSAGE_VALUE_MAX);
        buf_put(&b, slice_make(sent.value.p, (size_t)(at - sent.value.p)));
        buf_puts(&b, to);
        buf_puts(&b, at + strlen(from));
        buf_clear(&sent.value);
        sent.value = b;
}

static void refused(const char *code)
{
        struct message got;
        struct err err = ERR_INIT;
        assert_false(parse(&got, &err));
        assert_int_equal(err.kind, ERR_DATA);
        if (strncmp(err.text, code, strlen(code)) != 0)
                fail_msg("expected %s: got %s", code, err.text);
        /* What it is known by is there all the same. */
        assert_int_equal(got.out.seq, 7);
        assert_int_equal(got.prev.seq, 3);
}

static void message__is_refused_under_a_code_word(void **state)
{
        static const struct {
                const char *from, *to, *code;
        } cases[] = {
                { "{", "[", "json" },
                { "\"policy\":\"eea\"", "\"policy\":null", "field" },
                { "\"policy\":\"eea\"", "\"policy\":\"\"", "field" },
                { "\"policy_version\":4", "\"policy_version\":-4", "range" },
                { "\"policy_version\":4", "\"policy_version\":9223372036854775808", "range" },
                { "\"kind\":\"feedback\"", "\"kind\":\"gossip\"", "field" },
                { "\"kind\":\"feedback\"", "\"sort\":\"feedback\"", "field" },
                { "a1a1a1a1-", "a1a1a1a1+", "field" },
                { "a1a1a1a1-", "a1a1a1a2-", "field" },
                { "\"epoch\":4294967297", "\"epoch\":4294967298", "field" },
                { "\"seq\":12", "\"seq\":12.0", "range" },
                { "\"seq\":12", "\"seq\":\"12\"", "field" },
                { "T22:00:00Z\"", "T22:00:01Z\"", "range" },
                { "\"rating\":9", "\"rating\":90", "field" },
                { "\"revision\":9", "\"revision\":-9", "field" },
                { "\"source\":\"forum\"", "\"source\":\"Forum!\"", "field" },
                { "\"count\":2", "\"count\":4294967296", "range" },
                { "\"code\":\"US\"", "\"code\":\"\"", "range" },
                { "\"readable_in\":[", "\"readable_out\":[", "field" },
                { "\"expires_at\":\"2026-", "\"expires_at\":\"20226-", "field" },
                { "hi ", "hi \xff", "json" },
        };
        struct message m = a_record();
        (void)state;
        for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
                format(&m);
                tamper(cases[i].from, cases[i].to);
                refused(cases[i].code);
        }
}

static void message__is_refused_by_its_headers(void **state)
{
        static const struct {
                const char *name, *value, *code;
        } cases[] = {
                { "ce_type", "", "type" },
                { "ce_type", "com.github.push", "type" },
                { "ce_type", "tributary.gossip.v1", "type" },
                { "ce_type", "tributary.record.v2", "version" },
                { "ce_type", "tributary.record", "version" },
                { "ce_type", "tributary.record.v1.1", "version" },
                { "ce_specversion", "0.3", "version" },
                { "ce_source", "/elsewhere", "field" },
                { "ce_source", "/tributary/JP Tokyo", "field" },
                { "ce_id", "1-2-3", "field" },
                { "ce_id", "0000000100000001-000000000000000d-0000000100000001.0000000000000003", "field" },
                { "content-type", "text/plain", "field" },
        };
        struct message m = a_record();
        (void)state;
        for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
                format(&m);
                set_header(cases[i].name, cases[i].value);
                refused(cases[i].code);
        }
}

static void message__without_transport_numbers_or_key_is_refused(void **state)
{
        struct message m = a_record(), got;
        struct err err = ERR_INIT;
        (void)state;
        format(&m);
        set_header("tributary_prev", "no");
        assert_false(parse(&got, &err));
        assert_int_equal(got.out.seq, 7);
        assert_int_equal(got.prev.seq, 0);
        format(&m);
        set_header("tributary_out", "8000000000000000.0000000000000001");
        assert_false(parse(&got, &err));
        assert_int_equal(got.at.seq, 12);
        assert_int_equal(got.record.record_key[0], 0xa1);
        format(&m);
        sent.key[0] ^= 1;
        refused("field");
        assert_false(message_parse(&got, arena, SLICE_NONE, buf_slice(&sent.value), header_of, &sent, &err));
}

static void message__passes_keys_that_a_newer_agent_adds(void **state)
{
        struct message m = a_record(), got;
        struct err err = ERR_INIT;
        (void)state;
        format(&m);
        tamper("{", "{\"mood\":{\"a\":[1,{}]},");
        tamper("\"country\"", "\"planet\":\"earth\",\"country\"");
        assert_true(parse(&got, &err));
        assert_true(slice_is(got.record.fields.text[FIELD_AUTHOR_COUNTRY], "DE"));
}

static void message__has_a_ceiling(void **state)
{
        struct message m = a_record(), got;
        struct err err = ERR_INIT;
        char *body = malloc(MESSAGE_VALUE_MAX);
        (void)state;
        memset(body, 'x', MESSAGE_VALUE_MAX);
        m.record.fields.text[FIELD_BODY] = slice_make(body, MESSAGE_VALUE_MAX);
        assert_false(message_format(&m, &sent.value, sent.key, sent.headers, &sent.n_headers, &err));
        assert_int_equal(err.kind, ERR_FULL);
        m = a_record();
        format(&m);
        struct slice big = slice_make(body, MESSAGE_VALUE_MAX);
        big.n++; /* never read */
        assert_false(message_parse(&got, arena, slice_make(sent.key, 16), big, header_of, &sent, &err));
        assert_int_equal(strncmp(err.text, "range", 5), 0);
        m.at.seq = UINT64_MAX;
        assert_false(message_format(&m, &sent.value, sent.key, sent.headers, &sent.n_headers, &err));
        assert_int_equal(err.kind, ERR_BUG);
        free(body);
}

static void message__goes_to_the_partition_of_its_key(void **state)
{
        uint8_t key[16] = { 0, 0, 0, 0, 0, 0, 1, 1, 0xff };
        (void)state;
        assert_int_equal(message_partition(key, 6), 257 % 6);
        memset(key, 0xff, 8);
        assert_int_equal(message_partition(key, 7), (int)(UINT64_MAX % 7));
        assert_int_equal(message_partition(key, 1), 0);
}

static void topics__are_named_by_region(void **state)
{
        char name[128];
        (void)state;
        assert_string_equal(topic_records(name, "jp-tokyo"), "tributary.records.jp-tokyo");
        assert_string_equal(topic_receipts(name, "jp-tokyo"), "tributary.receipts.jp-tokyo");
        assert_string_equal(topic_responses(name, "jp-tokyo"), "tributary.responses.jp-tokyo");
}

static void receipt_round_trip(const struct receipt *r, struct receipt *got, const char *key_text)
{
        struct buf key, value;
        struct err err = ERR_INIT;
        buf_init(&key, 256);
        buf_init(&value, 4096);
        assert_true(receipt_format(r, &key, &value, &err));
        assert_true(slice_is(buf_slice(&key), key_text));
        if (!receipt_parse(got, arena, arena_copy(arena, buf_slice(&key)),
                           arena_copy(arena, buf_slice(&value)), &err))
                fail_msg("%s", err.text);
        assert_int_equal(got->type, r->type);
        assert_int_equal(got->settled, r->settled);
        buf_clear(&key);
        buf_clear(&value);
}

static void receipt__comes_back_whole(void **state)
{
        struct receipt got, w = { .type = RECEIPT_WATERMARK,
                                  .partition = 3,
                                  .warehouse = { 9 },
                                  .warehouse_generation = 2,
                                  .out = { 1, 42 },
                                  .gap = true,
                                  .gap_prev = { 1, 50 },
                                  .loaded = 41,
                                  .rejected = INT64_MAX };
        (void)state;
        receipt_round_trip(&w, &got, "w/3");
        assert_int_equal(got.partition, 3);
        assert_int_equal(got.warehouse[0], 9);
        assert_int_equal(got.warehouse_generation, 2);
        assert_int_equal(got.out.seq, 42);
        assert_true(got.gap);
        assert_int_equal(got.gap_prev.seq, 50);
        assert_int_equal(got.loaded, 41);
        assert_true(got.rejected == INT64_MAX);
        struct receipt x = {
                .type = RECEIPT_REJECTED, .at = { 1, 2 }, .record_key = { 8 }, .code = SLICE("field")
        };
        receipt_round_trip(&x, &got, "x/0000000000000001-0000000000000002");
        assert_int_equal(got.at.seq, 2);
        assert_int_equal(got.record_key[0], 8);
        assert_true(slice_is(got.code, "field"));
        struct receipt e = { .type = RECEIPT_ERASED, .request = { 0xab } };
        receipt_round_trip(&e, &got, "e/ab000000-0000-0000-0000-000000000000");
        assert_int_equal(got.request[0], 0xab);
        struct receipt f = { .type = RECEIPT_FLAG, .request = { 0xcd }, .record_key = { 9 }, .mask = SLICE("[phone 1]"),
                             .note = SLICE("a ticket"), .by = SLICE("reader_product_us") };
        receipt_round_trip(&f, &got, "f/cd000000-0000-0000-0000-000000000000");
        assert_true(got.request[0] == 0xcd && got.record_key[0] == 9 && slice_is(got.mask, "[phone 1]"));
        assert_true(slice_is(got.note, "a ticket") && slice_is(got.by, "reader_product_us"));
        struct receipt c = { .type = RECEIPT_CLAIM, .generation = 4, .granted = true };
        receipt_round_trip(&c, &got, "c/4");
        assert_int_equal(got.generation, 4);
        assert_true(got.granted);
        c.settled = true;
        receipt_round_trip(&c, &got, "c/4");
}

static void receipt__is_refused_when_it_is_not_one(void **state)
{
        static const struct {
                const char *key, *value;
        } cases[] = {
                { "", "{}" },
                { "w/", "{}" },
                { "w/-1", "{}" },
                { "w/3", "{}" },
                { "w/3", "[" },
                { "q/3", "{}" },
                { "x/1-2", "{}" },
                { "e/ab", "{\"erased\":true}" },
                { "e/ab000000-0000-0000-0000-000000000000", "{\"erased\":false}" },
                { "c/4294967296", "{\"granted\":true}" },
                { "c/4", "{\"granted\":1}" },
                { "f/1", "{}" },
                { "f/cd000000-0000-0000-0000-000000000000", "{\"mask\":\"[phone 1]\",\"note\":\"\",\"by\":\"a\"}" },
        };
        (void)state;
        for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
                struct receipt got;
                struct err err = ERR_INIT;
                assert_false(
                        receipt_parse(&got, arena, slice_of(cases[i].key), slice_of(cases[i].value), &err));
                assert_int_equal(err.kind, ERR_DATA);
        }
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

static void say_status(const char *from, const char *to)
{
        struct message m = { .type = MESSAGE_HELLO, .region = SLICE("jp-tokyo"), .at = { 1, 2 } };
        struct standing s = standing_of_tokyo();
        m.hello = (struct message_hello){ .generation = 1, .now_us = HOUR, .status = &s };
        format(&m);
        tamper(from, to);
}

static void hello__is_read_though_a_newer_agent_says_more(void **state)
{
        static const char *const more[][2] = {
                { "\"status\":{", "\"status\":{\"weather\":{\"in\":[1]}," },
                { "\"claim\"", "\"mood\":\"good\",\"claim\"" },
                { "\"damaged\"]", "\"earthquake\"]" },
                { "\"filled\":\"yes\"", "\"filled\":\"nearly\"" },
                { "\"why\":\"full\"", "\"why\":\"paused\"" },
                { "\"type\":\"api\"", "\"type\":\"carrier-pigeon\"" },
        };
        (void)state;
        for (size_t i = 0; i < sizeof more / sizeof *more; i++) {
                struct message got;
                struct err err = ERR_INIT;
                say_status(more[i][0], more[i][1]);
                if (!parse(&got, &err))
                        fail_msg("%s: %s", more[i][1], err.text);
                const struct standing *s = got.hello.status;
                if (i == 2)
                        assert_int_equal(s->troubles, 1u << TROUBLE_POLICY_STALE | 1u << TROUBLE_OTHER);
                if (i == 3)
                        assert_int_equal(s->downtimes[0].filled, FILLED_UNKNOWN);
                if (i == 4)
                        assert_int_equal(s->downtimes[0].why, DOWNTIME_STOPPED);
        }
}

static void hello__is_refused_if_its_status_is_none(void **state)
{
        static const char *const wrong[][3] = {
                { "\"backlog\":7", "\"backlog\":-7", "range" },
                { "\"backlog\":7", "\"backlog\":\"7\"", "field" },
                { "\"backlog\":7,", "", "field" },
                { "\"release\":\"0.1.0\"", "\"release\":\"said: I am ill\"", "field" },
                { "\"policy\":\"jp\"", "\"policy\":\"\"", "field" },
                { "\"name\":\"forum\"", "\"name\":\"Frau-Muster\"", "field" },
                { "\"last\":\"2026-11-22T22:00:00Z\"", "\"last\":\"2026-11-22T22:01:00Z\"", "range" },
                { "\"troubles\":[", "\"troubles\":[1,", "field" },
                { "\"sources\":[", "\"sources\":{\"a\":[", NULL },
                { "\"from\":\"2026-11-22T21:59:59.999991Z\"", "\"from\":\"2026-11-22T22:00:00Z\"", "range" },
        };
        (void)state;
        for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
                struct message got;
                struct err err = ERR_INIT;
                say_status(wrong[i][0], wrong[i][1]);
                assert_false(parse(&got, &err));
                assert_int_equal(err.kind, ERR_DATA);
                if (wrong[i][2])
                        assert_memory_equal(err.text, wrong[i][2], strlen(wrong[i][2]));
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                T(message__carries_a_record_there_and_back),
                T(message__has_the_headers_of_the_contract),
                T(message__carries_a_retraction),
                T(message__carries_an_erasure),
                T(message__carries_an_account),
                T(message__carries_a_hello),
                T(message__carries_how_a_region_stands),
                T(hello__is_read_though_a_newer_agent_says_more),
                T(hello__is_refused_if_its_status_is_none),
                T(message__is_refused_under_a_code_word),
                T(message__is_refused_by_its_headers),
                T(message__without_transport_numbers_or_key_is_refused),
                T(message__passes_keys_that_a_newer_agent_adds),
                T(message__has_a_ceiling),
                T(message__goes_to_the_partition_of_its_key),
                T(topics__are_named_by_region),
                T(receipt__comes_back_whole),
                T(receipt__is_refused_when_it_is_not_one),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
