/* record.h - one thing somebody said or did, as capture parsed it.
 *
 * Two forms: canonical JSON (contracts: the body of POST /v1/records) and the flat
 * record: these fields in a fixed order, tag and length before each, which is what the
 * vault keeps and the judge reads; JSON is parsed once. The flat layout is specified at
 * the top of flat.c and is final. A struct record borrows all its text from the arena or
 * the bytes it was read from.                                                     */
#ifndef MODEL_RECORD_H
#define MODEL_RECORD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"

enum record_kind {
        KIND_FEEDBACK, KIND_DISCUSSION, KIND_CONTRIBUTION, KIND_MEMBER, KIND_EVENT, KIND_JOURNEY, KIND_LEAD,
        RECORD_KINDS
};

/* Fields that policies name. The order is the flat form's and is final: append only. */
enum field {
        FIELD_ID, FIELD_KIND, FIELD_OCCURRED_AT, FIELD_TITLE, FIELD_BODY, FIELD_LANG, FIELD_URL,
        FIELD_THREAD, FIELD_PRODUCT, FIELD_VERSION, FIELD_EDITION, FIELD_SEVERITY, FIELD_RATING,
        FIELD_SCENARIO, FIELD_INDUSTRY, FIELD_GROUP, FIELD_PLACE, FIELD_CAME_FROM, FIELD_TAGS,
        FIELD_AUTHOR_ID, FIELD_AUTHOR_HANDLE, FIELD_AUTHOR_NAME, FIELD_AUTHOR_EMAIL, FIELD_AUTHOR_IP,
        FIELD_AUTHOR_COUNTRY, FIELD_AUTHOR_COMPANY, FIELD_AUTHOR_AGE, FIELD_AUTHOR_STANDING,
        FIELD_MENTIONS, FIELD_CONSENT, FIELD_ATTRIBUTES, FIELD_REVISION, FIELD_DELETED,
        FIELDS
};

enum field_type { FIELD_TYPE_TEXT, FIELD_TYPE_TIME, FIELD_TYPE_NUMBER, FIELD_TYPE_LIST, FIELD_TYPE_OTHER };

const char *field_name(enum field f);        /* "author.country" */
int field_of_name(struct slice name);        /* -1 if unknown */
enum field_type field_type(enum field f);
const char *kind_name(enum record_kind k);   /* "feedback" */
int kind_of_name(struct slice name);         /* -1 if unknown */

struct consent {
        struct slice purpose;
        int64_t given_at_us; /* INT64_MIN: not told; given as a day: its beginning in UTC */
        int64_t until_us;    /* INT64_MAX: no end; given as a day: its last microsecond in UTC, which
                              * means the end of that day in the region */
        bool separate;
        struct slice evidence;
};
struct attribute {
        struct slice name, value; /* numbers and booleans as text */
};

enum { RECORD_LIST_MAX = 256, RECORD_BYTES_MAX = 1 << 20, RECORD_DEPTH_MAX = 16, RECORD_ID_MAX = 512,
       RECORD_STRANGERS_MAX = 16 };

struct record {
        enum record_kind kind;
        int64_t occurred_at_us;
        int64_t revision; /* 0: the source has none */
        bool deleted;
        bool first;       /* the source says opened or created: no older revision exists */
        /* Plain text by field; absent: p == NULL. FIELD_ID is always there. rating and
         * author.age stand here as text of a number in range. Fields of type TIME, LIST and
         * OTHER are not here but below. */
        struct slice text[FIELDS];
        const struct slice *tags;
        size_t n_tags;
        const struct slice *mentions;
        size_t n_mentions;
        const struct consent *consents;
        size_t n_consents;
        const struct attribute *attributes;
        size_t n_attributes;
        /* Names of keys that no record has and that the sender wrote: kept out, in no other form of
         * the record, and told so that somebody can decide about them. */
        const struct slice *strangers;
        size_t n_strangers; /* at most RECORD_STRANGERS_MAX are named */
};

/* One canonical record from a JSON object. Unknown keys are kept out, counted in *unknown (may be
 * NULL), and named in out->strangers ("browser", "author.nick"). ERR_DATA says which field is wrong and why, never its value. */
bool record_of_json(struct record *out, struct arena *a, const struct json *j, size_t *unknown,
                    struct err *err);
/* record_of_json() after json_read() with the record's limits. */
bool record_parse(struct record *out, struct arena *a, struct slice text, size_t *unknown,
                  struct err *err);
/* What every source must meet, whoever made the record: id 1..512 bytes, valid UTF-8, no
 * U+0000, lists bounded, known edition and standing, rating 0..10, years 0001..9999. */
bool record_check(const struct record *r, struct err *err);
/* Sets one field from text, for readers of files: texts and numbers as they are, kind by
 * name, occurred_at as RFC 3339, revision as digits, deleted as true or false. Borrows the
 * value. A country is set in capitals. ERR_DATA when it does not fit the field; lists,
 * consent and attributes are set by hand. */
bool record_set(struct record *r, struct arena *a, enum field f, struct slice value, struct err *err);
/* Canonical JSON (for `explain`, tests and reports at home). */
void record_format(const struct record *r, struct buf *out);

void record_flatten(const struct record *r, struct buf *out);
/* Borrows from `flat`. ERR_DATA if it is not a flat record. */
bool record_unflatten(struct record *out, struct arena *a, struct slice flat, struct err *err);

#endif
