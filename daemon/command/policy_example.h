/* policy_example.h - out of a mask that covers nothing personal, an example of made-up characters that
 * is masked the same way. Pure. */
#ifndef COMMAND_POLICY_EXAMPLE_H
#define COMMAND_POLICY_EXAMPLE_H

#include "policy/explain.h"

struct example_spot {
        enum field field;
        uint32_t start, end; /* bytes of the record's text */
        const char *what;    /* "phone" */
        struct explained_line by;
};
/* What stands behind the mask ("[phone 1]") in what leaves of the record. False: err says why it cannot
 * be told. */
bool example_spot(const struct record *r, const struct explanation *e, const char *mask, struct example_spot *out,
                  struct err *err);
/* The words around it, on its line, up to the next finding and at most `around` bytes each side, with
 * another value of the same shape: digits for digits, letters for letters. seed: another, another value. */
void example_words(const struct record *r, const struct explanation *e, const struct example_spot *spot, size_t around,
                   uint32_t seed, struct buf *out);
/* "[removed]" or "[phone 1]" at the text's beginning: its length, else 0. */
size_t example_mask_at(struct slice s);

#endif
