/* normal.h - text as the finders read it, with the way back to the original.
 *
 * The normal form folds what people and machines use in place of ASCII: full-width
 * and styled letters, digits of other scripts, NBSP and its kin, dashes; it drops
 * zero-width and bidirectional marks. Everything else stays as it is. Text that is
 * ASCII already is not copied. The decoded view also undoes one level of percent,
 * HTML entity, quoted-printable and \u escapes.                                 */
#ifndef DETECT_NORMAL_H
#define DETECT_NORMAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

struct normal {
        const char *p; /* the normal form, n bytes; borrows the text when at == NULL */
        size_t n;
        const uint32_t *at;  /* byte of p -> byte of the text; NULL: the same */
        const uint8_t *from; /* how many bytes of the text it stands for; NULL: 1 */
};

struct normaliser;
/* max_bytes: of text per call. NULL when memory is out. Memory is kept and grows with
 * the longest text seen, not per call. */
struct normaliser *normaliser_new(size_t max_bytes);
void normaliser_free(struct normaliser *z); /* NULL is allowed */
/* text: valid UTF-8, n <= max_bytes. *out lives until the next call. False: no memory. */
bool normalise(struct normaliser *z, struct slice text, bool decode, struct normal *out);

/* The half-open span [start, end) of the text that [start, end) of the normal form stands
 * for, widened to character borders. start < end. */
void normal_span(const struct normal *v, struct slice text, size_t *start, size_t *end);

#endif
