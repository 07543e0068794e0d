/* case_reader.h - a case file as far as it is read. Private to cases.c, which has the lines, and
 * case_lines.c, which knows what they mean. */
#ifndef POLICY_CASE_READER_H
#define POLICY_CASE_READER_H

#include <stdarg.h>
#include <string.h>

#include "base/clock.h"
#include "model/place.h"
#include "policy/cases.h"

enum case_part { PART_HEAD, PART_IN, PART_OUT };
struct case_reader {
        struct policy_case *c;
        struct arena *arena;
        struct report *report;
        int line;
        enum case_part part;
        unsigned seen_head;
        struct slice *last; /* the value that `|` goes on with */
        struct slice json;  /* the record, where it is written so */
        struct slice values[FIELDS]; /* "comes in": as written, set when all lines are read */
        int value_lines[FIELDS];     /* 0: not written */
        struct attribute attributes[RECORD_LIST_MAX];
        size_t n_attributes;
        struct consent consents[RECORD_LIST_MAX];
        size_t n_consents, n_fields;
        bool bad, full;
};

/* An error of the case file. */
void case_complain(struct case_reader *r, int line, const char *hint, const char *fmt, ...)
        __attribute__((format(printf, 4, 5)));
void case_unknown(struct case_reader *r, const char *what, struct slice got, const char *const *names, size_t n);
/* Copies in the arena; empty when it is full. */
struct slice case_lower(struct case_reader *r, struct slice s);
const char *case_string(struct case_reader *r, struct slice s);

/* case_lines.c: a line of "comes in", and one of what is expected; keys in small letters. */
void case_read_field(struct case_reader *r, struct slice key, struct slice value);
void case_read_expect(struct case_reader *r, struct slice key, struct slice value);
void case_finish_record(struct case_reader *r);
void case_finish_expects(struct case_reader *r);

#endif
