/* texts.h - a few texts, one of which may stand at a place: only those that begin with what stands
 * there are compared. Private to detect.                                         */
#ifndef DETECT_TEXTS_H
#define DETECT_TEXTS_H

#include "look.h"

enum { TEXTS_MAX = 192 };

struct texts {
        uint8_t from[257]; /* those that begin with c: text[from[c]..from[c + 1]) */
        uint8_t n[TEXTS_MAX];
        const char *text[TEXTS_MAX];
};

/* Of the list up to its NULL, at most TEXTS_MAX, none empty; the first of its texts that fits will be taken. */
void texts_make(struct texts *t, const char *const *list);

/* How long the text is that stands at i, 0 if none does. */
static inline size_t texts_at(const struct texts *t, const struct look *l, size_t i)
{
        uint8_t c = (uint8_t)look_at(l, i);
        for (size_t k = t->from[c]; k < t->from[c + 1]; k++)
                if (l->n - i >= t->n[k] && memcmp(l->p + i, t->text[k], t->n[k]) == 0)
                        return t->n[k];
        return 0;
}

/* Is [start, end) one of the texts, ASCII case ignored? They are in lower case. */
static inline bool texts_is(const struct texts *t, const struct look *l, size_t start, size_t end)
{
        uint8_t c = (uint8_t)to_lower(look_at(l, start));
        for (size_t k = t->from[c]; k < t->from[c + 1]; k++)
                if (t->n[k] == end - start && look_rest_nocase(l, start, t->text[k]))
                        return true;
        return false;
}

/* As texts_at(), ASCII case ignored; the texts are in lower case. */
static inline size_t texts_at_nocase(const struct texts *t, const struct look *l, size_t i)
{
        uint8_t c = (uint8_t)to_lower(look_at(l, i));
        for (size_t k = t->from[c]; k < t->from[c + 1]; k++)
                if (look_rest_nocase(l, i, t->text[k]))
                        return t->n[k];
        return 0;
}

#endif
