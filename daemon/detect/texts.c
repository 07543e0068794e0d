/* texts.c - sorted by the first byte, in their order where that is the same. */
#include "texts.h"

void texts_make(struct texts *t, const char *const *list)
{
        size_t n = 0;
        for (unsigned c = 0; c < 256; c++) {
                t->from[c] = (uint8_t)n;
                for (const char *const *p = list; *p && n < TEXTS_MAX; p++)
                        if ((uint8_t)**p == c) {
                                t->n[n] = (uint8_t)strlen(*p);
                                t->text[n++] = *p;
                        }
        }
        t->from[256] = (uint8_t)n;
}
