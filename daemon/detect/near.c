/* near.c - a bit a list for each block of the text. */
#include "near.h"

#include <stdlib.h>

#include "anchor.h"

enum { BLOCK = 64 };

struct block {
        uint64_t lists; /* of which a word may begin in it */
        uint32_t round; /* in which that was found out */
};

struct near {
        const struct words *words;
        const char *text;
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

bool near_begin(struct near *m, const char *text, size_t n)
{
        size_t need = n / BLOCK + 1, cap = m->cap ? m->cap : 64;
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
        m->text = text;
        m->n = n;
        return true;
}

static uint64_t lists_of(struct near *m, size_t b)
{
        struct block *block = &m->blocks[b];
        if (block->round == m->round)
                return block->lists;
        size_t base = b * BLOCK;
        block->round = m->round;
        block->lists = words_begin(m->words, m->text, m->n, base, anchor_words(m->text, base, m->n));
        return block->lists;
}

uint64_t near_lists(struct near *m, size_t from, size_t to)
{
        uint64_t lists = 0;
        size_t last = (to < m->n ? to : m->n) / BLOCK;
        for (size_t b = from / BLOCK; from < m->n && b <= last; b++)
                lists |= lists_of(m, b);
        return lists;
}

bool near_may(struct near *m, int list, size_t from, size_t to)
{
        return near_lists(m, from, to) & words_bit(m->words, list);
}
