/* score.h - how good a detector's findings are against labels: precision, recall, leaks, false
 * alarms. Pure; the same arithmetic as the labelled corpora's own scorer: labels and findings of
 * one field and type are matched one to one, the largest overlap first; a finding that touches
 * only optional labels counts neither way.
 *
 * Calling sequence: score_new -> (score_type | score_record)* -> read the counts -> score_free. */
#ifndef DETECT_SCORE_H
#define DETECT_SCORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

enum { SCORE_TYPES = 128, SCORE_SPANS = 4096 };

struct score_span {
        uint32_t start, end; /* bytes, half open */
        uint16_t type;       /* of score_type() */
        uint8_t field;       /* any number, the same for label and finding */
        bool optional;       /* label: hit or missed, it counts neither way */
        bool known;          /* label: of a person that the detector was told of */
};

/* Counts by one way of matching. */
struct score_count {
        uint64_t labels, found;    /* found: labels that were hit */
        uint64_t predicted, right; /* right: findings that hit */
};

struct score_type_count {
        char name[32]; /* in capitals, as labelled */
        struct score_count overlap, exact;
};

struct score {
        struct score_type_count types[SCORE_TYPES]; /* in the order first seen */
        size_t n_types;
        uint64_t records, clean_records; /* clean: without a label that counts */
        uint64_t false_alarms;           /* in clean records */
        uint64_t labelled_bytes, leaked_bytes; /* leaked: that no finding of any type covers */
        struct score_count known, unknown; /* persons, by overlap; unknown.predicted: hits of them */
        struct score_work *work;
};

struct score *score_new(void); /* NULL when memory is out */
void score_free(struct score *s);
/* The number of the type of that name (case ignored); SCORE_TYPES when there are too many or the
 * name is too long. */
uint16_t score_type(struct score *s, struct slice name);
/* One record's labels and findings, at most SCORE_SPANS each. False: more, or no memory. */
bool score_record(struct score *s, const struct score_span *labels, size_t n, const struct score_span *found,
                  size_t m);

/* 0 where there is nothing to divide by. */
double score_precision(const struct score_count *c);
double score_recall(const struct score_count *c);
double score_f1(const struct score_count *c);
/* Of all types; and without ADDRESS and the labels of unknown persons, with what hit those. */
struct score_count score_all(const struct score *s, bool exact);
struct score_count score_findable(const struct score *s);

#endif
