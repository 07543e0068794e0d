/* names.h - is a name somebody's, or a word that everybody writes? Private to detect. */
#ifndef DETECT_NAMES_H
#define DETECT_NAMES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "detect/people.h"

enum name_use {
        NAME_NOT,      /* a word: never looked for */
        NAME_ANYWHERE,
        NAME_CAPITALS, /* each of its words begins with one */
        NAME_LED_TO,   /* after '@', in a profile's URL, after "thanks" */
        NAME_AT        /* after '@' and in a profile's URL only */
};

/* name: trimmed, in normal form, lower case. */
enum name_use name_use(struct slice name, enum people_kind kind);
/* A script that writes no blanks between words begins at p[0..n): Chinese, kana, Hangul, Thai. */
bool name_is_dense(const char *p, size_t n);

#endif
