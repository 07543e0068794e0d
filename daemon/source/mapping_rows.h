/* mapping_rows.h - the structs that a mapping file's rows fill, as written. */
#ifndef SOURCE_MAPPING_ROWS_H
#define SOURCE_MAPPING_ROWS_H

#include "base/option.h"

struct file_rows {
        const char *echo;
        const struct conf_node *signature, *records;
};
struct signature_rows {
        const char *header, *part, *prefix, *timestamp_header, *timestamp_part, *signed_text;
        int algorithm, encoding;
};
struct record_rows {
        const struct conf_node *when, *kind_values, *occurred_at, *revision, *deleted, *first, *fields, *consent;
        const char *each, *kind, *kind_from;
        struct option_texts id, thread;
};
struct time_rows {
        const char *from, *as;
};
struct condition_rows {
        const char *from;
        struct option_texts is, is_not;
        bool present, absent;
};
struct field_rows {
        const char *field, *from, *take, *text;
        int as;
        bool required;
        const struct conf_node *where, *values;
};
struct value_rows {
        const char *is, *to;
};
struct consent_rows {
        const char *from, *purpose;
        struct option_texts yes;
        bool separate;
};

#endif
