/* when_words.h - the words that stand in dates (private to when.c). */
#ifndef SOURCE_WHEN_WORDS_H
#define SOURCE_WHEN_WORDS_H

#include "base/buf.h"

enum when_word {
        WORD_UNKNOWN,
        WORD_NOISE,      /* weekdays, "pukul", "um" */
        WORD_CLOCK,      /* "Uhr": what stood before it is a time */
        WORD_HALF,       /* 0: before noon, 1: after */
        WORD_ORDINAL,    /* "23rd" */
        WORD_ZONE,       /* minutes east of UTC */
        WORD_MONTH_NAME, /* 1..12 */
        WORD_ERA,        /* the year before its first */
        WORD_FIRST_YEAR,
        WORD_YEAR, WORD_MONTH, WORD_DAY, WORD_HOUR, WORD_MINUTE, WORD_SECOND /* they follow a number */
};
/* The word that s (in lower case) begins with; moves s on, also past an unknown one of letters. */
enum when_word when_word(struct slice *s, int *value);

#endif
