/* near.c - a bit a list for each block of the text. */
#include "near.h"

#include <stdlib.h>

enum { BLOCK = MAP_BLOCK };

struct block {
        uint64_t lists; /* of which a word may begin in it */
        uint64_t at;    /* a bit for each byte at which one may */
        uint32_t round; /* in which that was found out */
};

struct near {
        const struct words *words;
        const struct map *map;
        const char *text; /* of the map */
        size_t n, cap;
        struct block *blocks;
        uint32_t round;
};

struct near *near_new(const struct words *words)
{
        struct near *m = calloc(1, sizeof *m);
        if (m)
                m->words = words;
        return m;
}

void near_free(struct near *m)
{
        if (!m)
                return;
        free(m->blocks);
        free(m);
}

bool near_begin(struct near *m, const struct map *map)
{
        size_t need = map->n / BLOCK + 1, cap = m->cap ? m->cap : 64;
        while (cap < need)
                cap *= 2;
        if (cap > m->cap || ++m->round == 0) { /* after 2^32 texts old blocks would look young */
                struct block *blocks = calloc(cap, sizeof *blocks);
                if (!blocks)
                        return false;
                free(m->blocks);
                m->blocks = blocks;
                m->cap = cap;
                m->round = 1;
        }
        m->map = map;
        m->text = map->p;
        m->n = map->n;
        return true;
}

static const struct block *block_of(struct near *m, size_t b)
{
        struct block *block = &m->blocks[b];
        if (block->round == m->round)
                return block;
        size_t base = b * BLOCK;
        block->round = m->round;
        block->at = m->map->blocks[b].word;
        block->lists = words_begin(m->words, m->text, m->n, base, &block->at);
        return block;
}

/* Where words of block b begin in [from, to). */
static uint64_t within(const struct block *block, size_t b, size_t from, size_t to)
{
        size_t base = b * BLOCK;
        uint64_t at = block->at;
        if (from > base)
                at &= ~UINT64_C(0) << (from - base);
        if (to < base + BLOCK)
                at &= (UINT64_C(1) << (to - base)) - 1;
        return at;
}

uint64_t near_lists(struct near *m, size_t from, size_t to)
{
        uint64_t lists = 0;
        to = to < m->n ? to : m->n;
        for (size_t b = from / BLOCK; b * BLOCK < to; b++) {
                const struct block *block = block_of(m, b);
                lists |= within(block, b, from, to) ? block->lists : 0;
        }
        return lists;
}

bool near_may(struct near *m, int list, size_t from, size_t to)
{
        return near_lists(m, from, to) & words_bit(m->words, list);
}

bool near_has(struct near *m, int list, size_t from, size_t to)
{
        uint64_t bit = words_bit(m->words, list);
        for (size_t b = from / BLOCK; b * BLOCK < to; b++) {
                const struct block *block = block_of(m, b);
                if (!(block->lists & bit))
                        continue;
                for (uint64_t at = within(block, b, from, to); at; at &= at - 1) {
                        size_t i = b * BLOCK + (size_t)__builtin_ctzll(at);
                        if (words_at(m->words, list, m->text, m->n, i, to) > i)
                                return true;
                }
        }
        return false;
}

bool near_last(struct near *m, int list, size_t from, size_t to, struct word_span *last)
{
        uint64_t bit = words_bit(m->words, list);
        for (size_t b = (to + BLOCK - 1) / BLOCK; b-- > from / BLOCK;) {
                const struct block *block = block_of(m, b);
                uint64_t at = block->lists & bit ? within(block, b, from, to) : 0;
                while (at) {
                        unsigned top = 63 - (unsigned)__builtin_clzll(at);
                        size_t i = b * BLOCK + top, end = words_at(m->words, list, m->text, m->n, i, to);
                        if (end > i) {
                                *last = (struct word_span){ i, end };
                                return true;
                        }
                        at ^= UINT64_C(1) << top;
                }
        }
        return false;
}
