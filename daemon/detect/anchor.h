/* anchor.h - the characters at which something may be found. Private to detect. */
#ifndef DETECT_ANCHOR_H
#define DETECT_ANCHOR_H

#include <stddef.h>
#include <stdint.h>

/* The first anchor of p[from..n), n if there is none; blocks are looked at once: digits, @ : = - _ + ( [ { ' " \ % &,
 * and the capital or rare letters of known prefixes (I J K z x). */
struct anchors {
        const char *p;
        size_t n, base; /* of the block of 64 that `bits` are of; SIZE_MAX: none yet */
        uint64_t bits;
};
size_t anchor_load(struct anchors *a, size_t from); /* looks at the block of `from` and those after */
static inline size_t anchor_next(struct anchors *a, size_t from)
{
        size_t off = from - a->base;
        if (from < a->n && off < 64 && a->bits >> off)
                return from + (size_t)__builtin_ctzll(a->bits >> off);
        return anchor_load(a, from);
}
/* Likewise where the name of a '.' or '@' may begin: " dot ", " arroba ", 골뱅이. */
size_t anchor_spoken(const char *p, size_t from, size_t n);
/* A bit for each of p[from..from + 64) at which a word of a list may begin: a letter or digit after
 * something else, the first byte of a character that is not ASCII, '('. from: a multiple of 64. */
uint64_t anchor_words(const char *p, size_t from, size_t n);

#endif
