/* json.h - JSON (RFC 8259) from strangers into a small tree, and out again.
 *
 * Reading: before yajl sees a byte, a pass of ours refuses invalid UTF-8, lone
 * surrogates and \u0000 in any form (PostgreSQL's jsonb cannot hold them). Depth
 * and memory are bounded. Numbers keep their text. Duplicate keys are refused.
 * Writing: into a buf, commas by themselves, strings escaped.               */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"

enum json_type { JSON_NULL, JSON_BOOL, JSON_NUMBER, JSON_STRING, JSON_ARRAY, JSON_OBJECT };

struct json {
        enum json_type type;
        struct slice key;   /* inside an object; decoded */
        struct slice text;  /* string: decoded; number: as written; bool: "true"/"false" */
        struct json *first; /* array, object: children in order */
        struct json *next;
        size_t count;       /* of children */
};

/* One whole document. max_depth: 1..64 (a scalar is depth 0). The tree and its
 * text live in the arena (some of it may borrow from `text`, which must live as
 * long). ERR_DATA with the reason and byte offset, never the bytes; ERR_FULL when
 * the arena's ceiling was hit. */
bool json_read(struct json **out, struct arena *a, struct slice text, int max_depth,
               struct err *err);
/* Child by key; NULL if absent, or if j is NULL or not an object. */
const struct json *json_get(const struct json *j, const char *key);
/* Path of keys: json_at(j, "user", "login", NULL). */
const struct json *json_at(const struct json *j, ...) __attribute__((sentinel));
/* The string's text; SLICE_NONE if j is NULL or not a string. */
struct slice json_string(const struct json *j);
bool json_int(const struct json *j, int64_t *out);
bool json_true(const struct json *j);

/* Writer. Values inside an object take a key, inside an array (or at the top) NULL. */
struct json_out {
        struct buf *b;
        bool comma;
};
void json_out_init(struct json_out *o, struct buf *b);
void json_open(struct json_out *o, const char *key, char bracket); /* '{' or '[' */
void json_close(struct json_out *o, char bracket);                 /* '}' or ']' */
void json_put_string(struct json_out *o, const char *key, struct slice s); /* absent: null */
void json_put_text(struct json_out *o, const char *key, const char *s);    /* NULL: null */
void json_put_int(struct json_out *o, const char *key, int64_t v);
void json_put_uint(struct json_out *o, const char *key, uint64_t v);
void json_put_double(struct json_out *o, const char *key, double v);
void json_put_bool(struct json_out *o, const char *key, bool v);
void json_put_null(struct json_out *o, const char *key);
void json_put_raw(struct json_out *o, const char *key, struct slice json); /* already JSON */
void json_put_time(struct json_out *o, const char *key, int64_t us);       /* RFC 3339 */
void json_put_uuid(struct json_out *o, const char *key, const uint8_t bytes[16]);
/* With a key that is data (attributes). */
void json_put_pair(struct json_out *o, struct slice key, struct slice s);

#endif
