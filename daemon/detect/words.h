/* words.h - the words that stand beside identifiers, as lists ready to be looked for.
 * Private to detect.                                                            */
#ifndef DETECT_WORDS_H
#define DETECT_WORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "identifiers.h"

/* The words of each row (its id), and lists of their own. */
enum list {
        LIST_CLAIMS = IDS, /* say that a number is an order, a region, ... no telephone */
        LIST_SERIES,       /* say that a bare number is a row, a session, ... */
        LIST_REACH,        /* lead to a way to reach somebody: "contact me", 联系, the phone's own */
        LIST_AFTER,        /* follow one, where verbs come last: までご連絡, पर कॉल */
        LIST_UNITS,        /* say what a number before them counts */
        LIST_RELEASE,      /* say that four numbers are a release */
        LIST_BORN,         /* follow a date of birth: 生まれ, "geboren" */
        LIST_PRODUCT,      /* are what has releases: "driver", "ClickHouse" */
        LISTS,
        NO_LIST = LISTS /* has a bit and no words */
};

struct words;
/* A bit of the list, and those of all lists of which a word may begin at one of the places in text:
 * base and the number of each bit in *at, of which those stay where one may. Places are letters, digits,
 * what is not ASCII, '('. Lists without words have no bit; two may share one. */
uint64_t words_bit(const struct words *w, int list);
uint64_t words_begin(const struct words *w, const char *text, size_t n, size_t base, uint64_t *at);

/* The rows' words, the same for all scanners of the process. NULL when memory is out. */
const struct words *words_all(void);

/* The end of the longest of the list's words that begins at i and ends before to, i if none does. ASCII case
 * is ignored; a word that begins or ends with an ASCII letter is whole there, seen in all of text[0..n),
 * unless its list has it with a '*'. */
size_t words_at(const struct words *w, int list, const char *text, size_t n, size_t i, size_t to);

#endif
