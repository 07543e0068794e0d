/* message.c - what the agent sends. The formats below are final; new keys may be added.
 *
 * CloudEvents 1.0, Kafka binary mode. Headers, in this order:
 *      ce_specversion    1.0
 *      ce_type           tributary.record.v1 (.retract.v1 .erase.v1 .account.v1 .hello.v1)
 *      ce_source         /tributary/REGION
 *      ce_id             EPOCH-SEQ-JUDGED: 16 hex digits, 16 hex digits, a position
 *      content-type      application/json
 *      tributary_out     a position: (epoch, n) of this message on its partition
 *      tributary_prev    a position: the one before it there
 * A position in text is 16 hex digits, a point, 16 hex digits, lower case: epoch.seq. In
 * ce_id of erase and hello, JUDGED is the id's 16 bytes in the same form; in account it is
 * 0000000000000000.SERIAL. Epochs, seqs, counts and serials are at most 2^63 - 1.
 *
 * Key: 16 bytes. record, retract: record_key. erase: request. hello: id. account: epoch and
 * serial, each u64 big-endian.
 *
 * Value: one JSON object of at most 4 MiB; an id in it is a uuid in its text form, a time is
 * RFC 3339 in UTC. Every type has "epoch" and "seq" (whole numbers): of the vault entry, or
 * for hello and account where the agent stands.
 *
 * record        { "record_key": "7f1c…-…", "thread_key": "…", "subject": "…", "source": "forum",
 *                 "hour": "2026-11-23T01:00:00Z", "occurred_at": "2026-11-22T23:01:02Z",
 *                 "id": "…", "kind": "feedback", "title": "…", "body": "…", "rating": 9,
 *                 "tags": ["a"], "author": { "country": "DE" }, "attributes": { "k": "v" },
 *                 "revision": 0, "deleted": false, "epoch": 4294967297, "seq": 12,
 *                 "judged": "0000000100000001.0000000000000003",
 *                 "policy": "eea", "policy_version": 4, "purpose": "research", "basis": "…",
 *                 "readable_in": [ { "code": "EEA" }, { "code": "US", "until": "2027-…Z" } ],
 *                 "redactions": [ { "field": "body", "what": "email", "action": "mask",
 *                                   "count": 2 } ],
 *                 "expires_at": "2029-11-23T01:00:00Z" }
 *               The record's fields are those of canonical JSON, each only if the policy lets
 *               it leave; so are thread_key and subject. "hour" is a whole UTC hour.
 *               "judged" is the position of the entry that activated the policies.
 * retract       { "record_key", "source", "hour", "revision", "deleted", "epoch", "seq",
 *                 "judged", "taken_back": true or absent }; source and hour may be missing.
 *               "taken_back": the same capture went out before as a record, and the region
 *               counts it as sent no more.
 * erase         { "request": uuid, "epoch", "seq", "subjects": [ uuid … ],
 *                 "record_keys": [ uuid … ] }
 * account       { "serial": 7, "epoch", "seq", "rows": [ { "source", "hour", "captured",
 *                 "sent", "retracted", "held", "stayed", "erased", "expired", "damaged",
 *                 "discarded", "refused" } … ] }, all counts cumulative
 * hello         { "id": uuid, "epoch", "seq", "warehouse_seen": uuid or absent, "claim": false,
 *                 "generation": 0, "start": 3, "now": "2026-…Z", "status": { … } or absent }
 *               status is specified in standing.c. It came after the first release: a v1 may grow
 *               by optional keys, since parsers skip what they do not know.                */
#include "model/message.h"

#include <stdio.h>

#include "base/json.h"
#include "base/text.h"
#include "fields.h"
#include "wire.h"

static const char *const types[MESSAGE_TYPES] = {
        [MESSAGE_RECORD] = "record",   [MESSAGE_RETRACT] = "retract", [MESSAGE_ERASE] = "erase",
        [MESSAGE_ACCOUNT] = "account", [MESSAGE_HELLO] = "hello",
};

enum { AT_SPECVERSION, AT_TYPE, AT_SOURCE, AT_ID, AT_CONTENT, AT_OUT, AT_PREV, HEADERS_USED };

static const char *const header_names[HEADERS_USED] = {
        [AT_SPECVERSION] = "ce_specversion", [AT_TYPE] = "ce_type",
        [AT_SOURCE] = "ce_source",           [AT_ID] = "ce_id",
        [AT_CONTENT] = "content-type",       [AT_OUT] = "tributary_out",
        [AT_PREV] = "tributary_prev",
};

const char *message_type_name(enum message_type t)
{
        return (unsigned)t < MESSAGE_TYPES ? types[t] : "unknown";
}

int position_compare(struct position a, struct position b)
{
        if (a.epoch != b.epoch)
                return a.epoch < b.epoch ? -1 : 1;
        return a.seq < b.seq ? -1 : a.seq > b.seq;
}

static void position_to_bytes(uint8_t bytes[16], struct position p)
{
        for (int i = 0; i < 8; i++) {
                bytes[i] = (uint8_t)(p.epoch >> (56 - 8 * i));
                bytes[8 + i] = (uint8_t)(p.seq >> (56 - 8 * i));
        }
}

const char *position_format(char out[POSITION_TEXT], struct position p)
{
        uint8_t bytes[16];
        position_to_bytes(bytes, p);
        hex_encode(out, bytes, 8);
        out[16] = '.';
        hex_encode(out + 17, bytes + 8, 8);
        return out;
}

bool position_parse(struct position *out, struct slice text)
{
        uint8_t bytes[16];
        if (text.n != POSITION_TEXT - 1 || text.p[16] != '.' ||
            !hex_decode(bytes, 8, (struct slice){ text.p, 16 }) ||
            !hex_decode(bytes + 8, 8, (struct slice){ text.p + 17, 16 }))
                return false;
        *out = position_of_bytes(bytes);
        return true;
}

struct position position_of_bytes(const uint8_t bytes[16])
{
        struct cut c = { .rest = slice_make(bytes, 16) };
        struct position p = { .epoch = cut_u64(&c) };
        p.seq = cut_u64(&c);
        return p;
}

/* What stands in the key, and third in ce_id. */
static void identify(const struct message *m, uint8_t key[16], struct position *third)
{
        struct position account = { m->at.epoch, 0 };
        switch (m->type) {
        case MESSAGE_RECORD:
        case MESSAGE_RETRACT:
                memcpy(key, m->record.record_key, 16);
                *third = m->record.judged;
                return;
        case MESSAGE_ERASE:
                memcpy(key, m->erase.request, 16);
                break;
        case MESSAGE_ACCOUNT:
                account.seq = m->account.serial;
                position_to_bytes(key, account);
                *third = (struct position){ 0, account.seq };
                return;
        case MESSAGE_HELLO:
                memcpy(key, m->hello.id, 16);
                break;
        case MESSAGE_TYPES:
                break;
        }
        *third = position_of_bytes(key);
}

const char *message_id(const struct message *m, char out[MESSAGE_ID_TEXT], uint8_t key[16])
{
        struct position third = { 0, 0 };
        identify(m, key, &third);
        position_format(out, m->at);
        out[16] = '-';
        out[33] = '-';
        position_format(out + 34, third);
        return out;
}

/* Cut off beyond a header's room, which nothing that is put here reaches. */
static void put_text(char *out, size_t room, const char *text)
{
        size_t n = strnlen(text, room - 1);
        memcpy(out, text, n);
        out[n] = 0;
}

static void put_header(struct message_header *h, int at, const char *value)
{
        put_text(h[at].name, sizeof h[at].name, header_names[at]);
        put_text(h[at].value, sizeof h[at].value, value);
}

void message_stamp(const struct message *m, struct message_header headers[MESSAGE_HEADERS])
{
        char text[POSITION_TEXT];
        put_header(headers, AT_OUT, position_format(text, m->out));
        put_header(headers, AT_PREV, position_format(text, m->prev));
}

static void put_headers(const struct message *m, uint8_t key[16], struct message_header *h)
{
        char text[MESSAGE_ID_TEXT];
        memset(h, 0, MESSAGE_HEADERS * sizeof *h);
        put_header(h, AT_SPECVERSION, "1.0");
        snprintf(text, sizeof text, "tributary.%s.v1", types[m->type]);
        put_header(h, AT_TYPE, text);
        snprintf(text, sizeof text, "/tributary/%.*s", SLICE_ARG(m->region));
        put_header(h, AT_SOURCE, text);
        put_header(h, AT_ID, message_id(m, text, key));
        put_header(h, AT_CONTENT, "application/json");
        message_stamp(m, h);
}

static void put_position(struct json_out *o, struct position at)
{
        json_put_uint(o, "epoch", at.epoch);
        json_put_uint(o, "seq", at.seq);
}

static void put_version(struct json_out *o, const struct message *m)
{
        char judged[POSITION_TEXT];
        json_put_int(o, "revision", m->record.fields.revision);
        json_put_bool(o, "deleted", m->record.fields.deleted);
        put_position(o, m->at);
        json_put_text(o, "judged", position_format(judged, m->record.judged));
}

static void put_why(struct json_out *o, const struct message_record *r)
{
        json_put_string(o, "policy", r->policy);
        json_put_int(o, "policy_version", r->policy_version);
        json_put_string(o, "purpose", r->purpose);
        json_put_string(o, "basis", r->basis);
        json_open(o, "readable_in", '[');
        for (size_t i = 0; i < r->n_readable_in; i++) {
                json_open(o, NULL, '{');
                json_put_string(o, "code", r->readable_in[i].code);
                if (r->readable_in[i].until_us != INT64_MAX)
                        json_put_time(o, "until", r->readable_in[i].until_us);
                json_close(o, '}');
        }
        json_close(o, ']');
        json_open(o, "redactions", '[');
        for (size_t i = 0; i < r->n_redactions; i++) {
                json_open(o, NULL, '{');
                json_put_string(o, "field", r->redactions[i].field);
                json_put_string(o, "what", r->redactions[i].what);
                json_put_string(o, "action", r->redactions[i].action);
                json_put_uint(o, "count", r->redactions[i].count);
                json_close(o, '}');
        }
        json_close(o, ']');
        json_put_time(o, "expires_at", r->expires_at_us);
}

static void put_record(struct json_out *o, const struct message *m)
{
        const struct message_record *r = &m->record;
        json_put_uuid(o, "record_key", r->record_key);
        if (r->has_thread_key)
                json_put_uuid(o, "thread_key", r->thread_key);
        if (r->has_subject)
                json_put_uuid(o, "subject", r->subject);
        json_put_string(o, "source", r->source);
        json_put_time(o, "hour", r->hour_us);
        if (r->has_occurred_at)
                json_put_time(o, "occurred_at", r->fields.occurred_at_us);
        fields_to_json(o, &r->fields);
        put_version(o, m);
        put_why(o, r);
}

static void put_retract(struct json_out *o, const struct message *m)
{
        json_put_uuid(o, "record_key", m->record.record_key);
        if (m->record.source.n) {
                json_put_string(o, "source", m->record.source);
                json_put_time(o, "hour", m->record.hour_us);
        }
        put_version(o, m);
        if (m->record.taken_back)
                json_put_bool(o, "taken_back", true);
}

static void put_uuids(struct json_out *o, const char *key, const uint8_t (*ids)[16], size_t n)
{
        json_open(o, key, '[');
        for (size_t i = 0; i < n; i++)
                json_put_uuid(o, NULL, ids[i]);
        json_close(o, ']');
}

static void put_erase(struct json_out *o, const struct message *m)
{
        json_put_uuid(o, "request", m->erase.request);
        put_position(o, m->at);
        put_uuids(o, "subjects", m->erase.subjects, m->erase.n_subjects);
        put_uuids(o, "record_keys", m->erase.record_keys, m->erase.n_record_keys);
}

const struct account_column account_columns[ACCOUNT_COLUMNS] = {
        { "captured", offsetof(struct account_row, captured) },
        { "sent", offsetof(struct account_row, sent) },
        { "retracted", offsetof(struct account_row, retracted) },
        { "held", offsetof(struct account_row, held) },
        { "stayed", offsetof(struct account_row, stayed) },
        { "erased", offsetof(struct account_row, erased) },
        { "expired", offsetof(struct account_row, expired) },
        { "damaged", offsetof(struct account_row, damaged) },
        { "discarded", offsetof(struct account_row, discarded) },
        { "refused", offsetof(struct account_row, refused) },
};

static void put_account(struct json_out *o, const struct message *m)
{
        json_put_uint(o, "serial", m->account.serial);
        put_position(o, m->at);
        json_open(o, "rows", '[');
        for (size_t i = 0; i < m->account.n_rows; i++) {
                const struct account_row *row = &m->account.rows[i];
                json_open(o, NULL, '{');
                json_put_string(o, "source", row->source);
                json_put_time(o, "hour", row->hour_us);
                for (size_t k = 0; k < ACCOUNT_COLUMNS; k++) {
                        uint64_t count;
                        memcpy(&count, (const char *)row + account_columns[k].offset, sizeof count);
                        json_put_uint(o, account_columns[k].name, count);
                }
                json_close(o, '}');
        }
        json_close(o, ']');
}

static void put_hello(struct json_out *o, const struct message *m)
{
        static const uint8_t none[16];
        json_put_uuid(o, "id", m->hello.id);
        put_position(o, m->at);
        if (memcmp(m->hello.warehouse_seen, none, 16) != 0)
                json_put_uuid(o, "warehouse_seen", m->hello.warehouse_seen);
        json_put_bool(o, "claim", m->hello.claim);
        json_put_uint(o, "generation", m->hello.generation);
        json_put_uint(o, "start", m->hello.start);
        json_put_time(o, "now", m->hello.now_us);
        if (m->hello.status)
                standing_put(o, "status", m->hello.status);
}

static void put_value(struct json_out *o, const struct message *m)
{
        switch (m->type) {
        case MESSAGE_RECORD:
                put_record(o, m);
                return;
        case MESSAGE_RETRACT:
                put_retract(o, m);
                return;
        case MESSAGE_ERASE:
                put_erase(o, m);
                return;
        case MESSAGE_ACCOUNT:
                put_account(o, m);
                return;
        case MESSAGE_HELLO:
                put_hello(o, m);
                return;
        case MESSAGE_TYPES:
                return;
        }
}

/* PostgreSQL's bigint is the narrowest on the way. */
static bool position_fits(struct position p)
{
        return p.epoch <= INT64_MAX && p.seq <= INT64_MAX;
}

bool message_format(const struct message *m, struct buf *value, uint8_t key[16],
                    struct message_header headers[MESSAGE_HEADERS], size_t *n_headers, struct err *err)
{
        struct json_out o;
        size_t before = value->n;
        if ((unsigned)m->type >= MESSAGE_TYPES || !text_is_name(m->region) || !position_fits(m->at) ||
            !position_fits(m->out) || !position_fits(m->prev))
                return err_set(err, ERR_BUG, 0, "message without type, region or position");
        json_out_init(&o, value);
        json_open(&o, NULL, '{');
        put_value(&o, m);
        json_close(&o, '}');
        if (!buf_ok(value) || value->n - before > MESSAGE_VALUE_MAX)
                return err_set(err, ERR_FULL, 0, "message is over its ceiling of %d bytes",
                               MESSAGE_VALUE_MAX);
        put_headers(m, key, headers);
        *n_headers = HEADERS_USED;
        return true;
}

int32_t message_partition(const uint8_t record_key[16], int32_t partitions)
{
        return (int32_t)(position_of_bytes(record_key).epoch % (uint64_t)(uint32_t)partitions);
}

static const char *topic(char out[128], const char *stream, const char *region)
{
        snprintf(out, 128, "tributary.%s.%s", stream, region);
        return out;
}

const char *topic_records(char out[128], const char *region)
{
        return topic(out, "records", region);
}

const char *topic_receipts(char out[128], const char *region)
{
        return topic(out, "receipts", region);
}

const char *topic_responses(char out[128], const char *region)
{
        return topic(out, "responses", region);
}
