/* wire.h - what message.c, message_parse.c and receipt.c share about text on the wire. */
#ifndef MODEL_WIRE_H
#define MODEL_WIRE_H

#include <stddef.h>

#include "base/json.h"
#include "model/message.h"

enum { MESSAGE_ID_TEXT = 96, ACCOUNT_COLUMNS = 10, ACCOUNT_ROWS_MAX = 16384 };

/* ce_id of a message, and its key. */
const char *message_id(const struct message *m, char out[MESSAGE_ID_TEXT], uint8_t key[16]);
struct position position_of_bytes(const uint8_t bytes[16]);

struct account_column { /* a uint64_t of struct account_row */
        const char *name;
        size_t offset;
};
extern const struct account_column account_columns[ACCOUNT_COLUMNS];

/* Members that must be there; ERR_DATA "field: ..." or "range: ..." names the member. */
bool wire_uuid(uint8_t out[16], const struct json *j, const char *key, struct err *err);
bool wire_count(uint64_t *out, const struct json *j, const char *key, uint64_t max, struct err *err);
bool wire_text(struct slice *out, const struct json *j, const char *key, struct err *err);
bool wire_bool(bool *out, const struct json *j, const char *key, struct err *err);
bool wire_time(int64_t *out, const struct json *j, const char *key, struct err *err);
/* A time that is a whole UTC hour. */
bool wire_hour(int64_t *out, const struct json *j, const char *key, struct err *err);
/* Text form, epoch and seq within bigint. */
bool wire_position(struct position *out, const struct json *j, const char *key, struct err *err);
bool wire_bad(struct err *err, const char *code, const char *key, const char *what);

#endif
