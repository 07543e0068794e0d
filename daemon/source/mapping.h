/* mapping.h - a mapping file, read and checked, as mapping_read() walks it. */
#ifndef SOURCE_MAPPING_PRIVATE_H
#define SOURCE_MAPPING_PRIVATE_H

#include "base/conf.h"
#include "source/mapping.h"

enum {
        MAPPING_RECORDS_MAX = 64,
        MAPPING_CONDITIONS_MAX = 16,
        MAPPING_PARTS_MAX = 8,
        MAPPING_FIELDS_MAX = 128,
        MAPPING_VALUES_MAX = 1024,
        MAPPING_EACH_MAX = 1000 /* records that one part of a payload can become */
};

/* Where a value stands: "/x" in the item (without `each`: the payload), "payload:/x", "header:NAME",
 * or "arrival", which is no place but a time. */
enum spot_what { SPOT_NONE, SPOT_ITEM, SPOT_PAYLOAD, SPOT_HEADER, SPOT_ARRIVAL };
struct spot {
        enum spot_what what;
        const char *written, *pointer;
        size_t header; /* of sender.headers */
        const struct conf_node *node;
};

struct condition {
        struct spot from;
        struct option_texts is, is_not;
        bool absent, present; /* at most one of these four is asked */
};
struct conditions {
        struct condition *all; /* all must hold */
        size_t n;
};

/* A literal, or a place. */
struct part {
        const char *text;
        struct spot from;
};
struct parts { /* joined by "/" */
        struct part all[MAPPING_PARTS_MAX];
        size_t n;
        const struct conf_node *node;
};

struct time_rule {
        struct spot from;
        const char *as; /* "rfc3339", "unix", "unix_ms", "integer", or a format */
};

struct value_rule {
        struct slice is, to;
};
struct values {
        struct value_rule *all;
        size_t n;
};

struct field_rule {
        enum field field;
        const char *name;      /* as written; of attributes.NAME the whole */
        const char *attribute; /* NAME; NULL if it is none */
        const char *text;      /* the value itself; then there is no `from` */
        struct spot from;
        const char *take;        /* of each element of a list: where its value stands; NULL: itself */
        struct conditions where; /* which elements */
        struct values values;
        enum { AS_TEXT, AS_HTML, AS_AT_NAMES } as;
        bool required;
        const struct conf_node *node;
};

struct consent_rule {
        struct spot from;
        struct option_texts yes;
        const char *purpose;
        bool separate;
};

struct record_rule {
        struct conditions when, deleted, first;
        const char *each; /* NULL: the payload is the one item */
        int kind;         /* -1: as kind_from says */
        struct spot kind_from;
        struct values kind_values;
        struct parts id, thread;
        struct time_rule occurred_at, revision;
        struct field_rule *fields;
        size_t n_fields;
        struct consent_rule consent;
        const struct conf_node *node, *each_node;
};

struct mapping {
        struct conf *conf;
        struct arena *arena;
        struct hook_sender sender;
        const char *echo; /* a pointer; NULL: none */
        struct record_rule *records;
        size_t n_records;
};

#endif
