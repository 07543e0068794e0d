/* near.h - which lists (words.h) may have a word in a stretch of the text: one look at a block of
 * 64 bytes, when it is asked for first, instead of a search a list. Private to detect.     */
#ifndef DETECT_NEAR_H
#define DETECT_NEAR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "words.h"

struct near;
struct near *near_new(const struct words *words); /* borrows them; NULL when memory is out */
void near_free(struct near *m);                   /* NULL is allowed */
/* The text that is asked about from now on; borrowed. Memory grows with the longest. False when it
 * is out. */
bool near_begin(struct near *m, const char *text, size_t n);
/* Bits (words_bit()) of the lists of which a word may begin in text[from..to); to may lie beyond the
 * end. */
uint64_t near_lists(struct near *m, size_t from, size_t to);
/* False: no word of the list does. */
bool near_may(struct near *m, int list, size_t from, size_t to);

#endif
