/* words.h - the words that stand beside identifiers, as lists ready to be looked for.
 * Private to detect.                                                            */
#ifndef DETECT_WORDS_H
#define DETECT_WORDS_H

#include <stdbool.h>
#include <stddef.h>

#include "identifiers.h"

/* The words of each row (its id), and lists of their own. */
enum list {
        LIST_CLAIMS = IDS, /* say that a number is an order, a region, ... no telephone */
        LIST_RELEASE,      /* say that four small numbers are a release */
        LISTS
};

struct words;
/* Made once from the rows. NULL when memory is out. */
struct words *words_new(void);
void words_free(struct words *w); /* NULL is allowed */

/* Is one of the list's words in text[from..to)? ASCII case is ignored; a word that begins
 * or ends with an ASCII letter is whole there, seen in all of text[0..n), unless its list
 * has it with a '*'. */
bool words_in(const struct words *w, int list, const char *text, size_t n, size_t from, size_t to);

#endif
