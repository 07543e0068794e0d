/* message.h - what travels through Kafka: CloudEvents 1.0 in binary mode, both ways.
 *
 * One struct a message type; format by the agent, parse by the loader. The JSON of each
 * value is specified, with an example, at the top of message.c and is final. Keys and
 * headers hold nothing of a record but record_key and numbers.
 * Types: tributary.record.v1, .retract.v1, .erase.v1, .account.v1, .hello.v1.      */
#ifndef MODEL_MESSAGE_H
#define MODEL_MESSAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "model/record.h"
#include "model/standing.h"

struct position { /* of a vault entry: epoch = generation << 32 | start */
        uint64_t epoch;
        uint64_t seq; /* from 1 in each epoch */
};
/* <0, 0, >0 by (epoch, seq). */
int position_compare(struct position a, struct position b);
/* "0000000100000001.000000000000000c": epoch.seq in hex, as in ce_id and receipts. */
enum { POSITION_TEXT = 34 };
const char *position_format(char out[POSITION_TEXT], struct position p);
bool position_parse(struct position *out, struct slice text);

enum message_type {
        MESSAGE_RECORD, MESSAGE_RETRACT, MESSAGE_ERASE, MESSAGE_ACCOUNT, MESSAGE_HELLO,
        MESSAGE_TYPES
};
const char *message_type_name(enum message_type t); /* "record" */

struct dated_code { /* a code as the policy writes it, "EEA", "DE"; until_us INT64_MAX: no end */
        struct slice code;
        int64_t until_us;
};
struct redaction { /* "email masked 2" */
        struct slice field, what, action;
        uint32_t count;
};

/* record: what the judge let pass. retract: record_key, fields.revision, fields.deleted, judged,
 * taken_back; source and hour_us too where source is set. */
struct message_record {
        uint8_t record_key[16];
        bool has_thread_key, has_subject;
        uint8_t thread_key[16], subject[16];
        struct slice source;
        int64_t hour_us;          /* UTC hour of capture */
        struct record fields;     /* approved, redacted; only fields that may leave are set.
                                     FIELD_ID is set only if the policy lets it pass */
        bool has_occurred_at;
        struct position judged;
        struct slice policy;      /* name */
        int64_t policy_version;
        struct slice purpose, basis;
        const struct dated_code *readable_in;
        size_t n_readable_in;
        const struct redaction *redactions;
        size_t n_redactions;
        int64_t expires_at_us;
        bool taken_back;          /* retract: this capture went out, and counts as sent no more */
};

struct message_erase {
        uint8_t request[16];
        const uint8_t (*subjects)[16];    /* pseudonyms ever issued for the person */
        size_t n_subjects;
        const uint8_t (*record_keys)[16];
        size_t n_record_keys;
};

/* Per source and hour of capture, cumulative figures as the agent knows them now. A newer
 * (by position, then `serial`) replaces an older. captured = sent + held + stayed + erased +
 * expired + damaged: each record in exactly one. A delete counts as sent (it leaves as a retract
 * with `deleted` set, which the hub counts loaded or superseded); `retracted` counts the retracts
 * that follow held and staying revisions, beside the sum, as do discarded and refused. */
struct account_row {
        struct slice source;
        int64_t hour_us;
        uint64_t captured, sent, retracted, held, stayed, erased, expired, damaged;
        uint64_t discarded, refused; /* beside the sum: pieces discarded, lines refused */
};
struct message_account {
        uint64_t serial; /* rises with every account message of a region */
        const struct account_row *rows;
        size_t n_rows;
};

struct message_hello {
        uint8_t id[16];
        uint8_t warehouse_seen[16]; /* zero: none */
        bool claim;
        uint32_t generation, start;
        int64_t now_us;
        /* How the region stands; NULL: not told in this one (partitions but 0, older agents).
         * Parsed: it lives in the arena. */
        const struct standing *status;
};

struct message {
        enum message_type type;
        struct slice region;
        struct position at;       /* capture's; hello and account: where the agent stands */
        int64_t captured_us;      /* record, retract: hour only is sent (hour_us) */
        /* Transport: n rises per partition within an epoch; prev is the n before it there. */
        struct position out, prev; /* seq is n; prev of another epoch carries that epoch */
        union {
                struct message_record record; /* RECORD, RETRACT (key, revision, deleted, at, judged) */
                struct message_erase erase;
                struct message_account account;
                struct message_hello hello;
        };
};

struct message_header {
        char name[24];
        char value[96];
};
enum { MESSAGE_HEADERS = 8, MESSAGE_VALUE_MAX = 4 << 20 };

/* Appends the value's JSON; ce_id, ce_source, ce_type, ce_specversion, content-type,
 * tributary_out, tributary_prev. Key: record_key, or the id of erase, account, hello. Only
 * policy/approved.c may call it with MESSAGE_RECORD (the house's rules check that).
 * ERR_FULL when the value is over `value`'s ceiling or MESSAGE_VALUE_MAX (clear it then): split
 * an erase or an account in several, hold a record as too_large. ERR_BUG without a region, or
 * with a position beyond int64. */
bool message_format(const struct message *m, struct buf *value, uint8_t key[16],
                    struct message_header headers[MESSAGE_HEADERS], size_t *n_headers,
                    struct err *err);
/* Only the transport headers again (a message sent anew keeps its value). */
void message_stamp(const struct message *m, struct message_header headers[MESSAGE_HEADERS]);

/* header() gives a header's value by name, SLICE_NONE if absent. Borrows from value and the
 * arena. ERR_DATA with a code word first: "type", "version", "json", "field", "range". Out
 * and prev are filled whenever they could be read, also on failure. */
bool message_parse(struct message *out, struct arena *a, struct slice key, struct slice value,
                   struct slice (*header)(const char *name, void *ctx), void *ctx, struct err *err);

/* The partition of a record: first 8 bytes of its key, big-endian, mod partitions. */
int32_t message_partition(const uint8_t record_key[16], int32_t partitions);
/* tributary.records.REGION and its relatives. */
const char *topic_records(char out[128], const char *region);
const char *topic_receipts(char out[128], const char *region);
const char *topic_responses(char out[128], const char *region);

#endif
