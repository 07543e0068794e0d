/* near.h - which lists (words.h) have a word in a stretch of the text: one look at a block of 64 bytes,
 * when it is asked for first, instead of a search a list. Private to detect.     */
#ifndef DETECT_NEAR_H
#define DETECT_NEAR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "map.h"
#include "words.h"

struct near;
struct near *near_new(const struct words *words); /* borrows them; NULL when memory is out */
void near_free(struct near *m);                   /* NULL is allowed */
/* The text that is asked about from now on; borrowed. Memory grows with the longest. False when it
 * is out. */
bool near_begin(struct near *m, const struct map *map);
/* Bits (words_bit()) of the lists of which a word may begin in text[from..to); to may lie beyond the
 * end. */
uint64_t near_lists(struct near *m, size_t from, size_t to);
/* False: no word of the list does. */
bool near_may(struct near *m, int list, size_t from, size_t to);
/* Is one of the list's words in text[from..to)? ASCII case is ignored; a word that begins or ends with an
 * ASCII letter is whole there, seen in all of the text, unless its list has it with a '*'. */
bool near_has(struct near *m, int list, size_t from, size_t to);

struct word_span {
        size_t start, end; /* of a word in the text */
};
/* The last of them there, the longest where several begin; false leaves *last alone. */
bool near_last(struct near *m, int list, size_t from, size_t to, struct word_span *last);

#endif
