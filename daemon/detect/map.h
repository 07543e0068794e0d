/* map.h - a text by classes of characters, a bit a byte: all of it is looked at once, 64 bytes a step, and
 * ends of runs, beginnings of words and places to stop at are counted out of bits then. Private to detect.
 *
 * Calling sequence: map_init -> (map_read -> any question)* -> map_clear.           */
#ifndef DETECT_MAP_H
#define DETECT_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { MAP_BLOCK = 64 };

struct map_block {
        uint64_t digit; /* ASCII's */
        uint64_t alnum; /* ASCII's letters and digits */
        uint64_t word;  /* where one of a list (words.h) may begin: a letter or digit after something else, the
                         * first byte of a character that is not ASCII, '(' */
        uint64_t anchor; /* where something may be found: the first of several digits, @ : = - _ + ( [ { ' " \ % &,
                          * and the capital or rare letters of known prefixes (I J K z x) */
        uint64_t spoken; /* where the name of a '.' or '@' may begin: " dot ", " arroba ", 골뱅이 */
};

struct map {
        const char *p; /* borrowed */
        size_t n;
        unsigned wide; /* bytes that a character of it has at most */
        struct map_block *blocks; /* n / 64 + 1 of them */
        size_t cap;
};

void map_init(struct map *m);
void map_clear(struct map *m);
/* The text that is asked about from now on. Memory grows with the longest. False when it is out. */
bool map_read(struct map *m, const char *p, size_t n);

/* The first anchor of [from, n), or n. */
static inline size_t map_anchor(const struct map *m, size_t from)
{
        for (; from < m->n; from = (from | (MAP_BLOCK - 1)) + 1) {
                uint64_t bits = m->blocks[from / MAP_BLOCK].anchor >> from % MAP_BLOCK;
                if (bits)
                        return from + (size_t)__builtin_ctzll(bits);
        }
        return m->n;
}

/* Likewise of `spoken`. */
static inline size_t map_spoken(const struct map *m, size_t from)
{
        for (; from < m->n; from = (from | (MAP_BLOCK - 1)) + 1) {
                uint64_t bits = m->blocks[from / MAP_BLOCK].spoken >> from % MAP_BLOCK;
                if (bits)
                        return from + (size_t)__builtin_ctzll(bits);
        }
        return m->n;
}

/* Where the digits that begin at i end; i if none do. i <= n. */
static inline size_t map_digits(const struct map *m, size_t i)
{
        for (;; i = (i | (MAP_BLOCK - 1)) + 1) {
                uint64_t other = ~m->blocks[i / MAP_BLOCK].digit >> i % MAP_BLOCK;
                if (other)
                        return i + (size_t)__builtin_ctzll(other);
        }
}

/* Likewise letters and digits. */
static inline size_t map_alnum(const struct map *m, size_t i)
{
        for (;; i = (i | (MAP_BLOCK - 1)) + 1) {
                uint64_t other = ~m->blocks[i / MAP_BLOCK].alnum >> i % MAP_BLOCK;
                if (other)
                        return i + (size_t)__builtin_ctzll(other);
        }
}

/* Where the letters and digits that end at i begin; i if none do. */
static inline size_t map_alnum_back(const struct map *m, size_t i)
{
        while (i > 0) {
                size_t last = i - 1;
                uint64_t other = ~m->blocks[last / MAP_BLOCK].alnum << (MAP_BLOCK - 1 - last % MAP_BLOCK);
                if (other)
                        return i - (size_t)__builtin_clzll(other);
                i = last / MAP_BLOCK * MAP_BLOCK;
        }
        return 0;
}

#endif
