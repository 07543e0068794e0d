/* arena.c - blocks that grow by doubling and vanish together. */
#include "base/arena.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum { ALIGN = 16, FIRST_BLOCK = 4096, LARGEST_BLOCK = 1 << 20 };

struct block {
        struct block *older;
        size_t size; /* of bytes[] */
        size_t used; /* 0 <= used <= size */
        _Alignas(ALIGN) char bytes[];
};

struct arena {
        struct block *newest;
        size_t max;  /* bytes handed out at most */
        size_t used; /* bytes handed out */
};

struct arena *arena_new(size_t max)
{
        struct arena *a = calloc(1, sizeof *a);
        if (a)
                a->max = max;
        return a;
}

static void free_blocks(struct block *b)
{
        while (b) {
                struct block *older = b->older;
                free(b);
                b = older;
        }
}

void arena_free(struct arena *a)
{
        if (!a)
                return;
        free_blocks(a->newest);
        free(a);
}

void arena_reset(struct arena *a)
{
        struct block *b = a->newest;
        if (b) {
                free_blocks(b->older);
                b->older = NULL;
                b->used = 0;
                if (b->size > LARGEST_BLOCK) {
                        free(b);
                        a->newest = NULL;
                }
        }
        a->used = 0;
}

size_t arena_used(const struct arena *a)
{
        return a->used;
}

static struct block *add_block(struct arena *a, size_t at_least)
{
        size_t size = a->newest ? a->newest->size * 2 : FIRST_BLOCK;
        if (size > LARGEST_BLOCK)
                size = LARGEST_BLOCK;
        if (size < at_least)
                size = at_least;
        struct block *b = malloc(sizeof *b + size);
        if (!b)
                return NULL;
        *b = (struct block){ .older = a->newest, .size = size };
        a->newest = b;
        return b;
}

void *arena_alloc(struct arena *a, size_t n)
{
        if (n > a->max || a->used > a->max - n)
                return NULL;
        size_t rounded = (n + ALIGN - 1) / ALIGN * ALIGN;
        if (rounded == 0)
                rounded = ALIGN;
        struct block *b = a->newest;
        if (!b || rounded > b->size - b->used) {
                b = add_block(a, rounded);
                if (!b)
                        return NULL;
        }
        void *p = b->bytes + b->used;
        b->used += rounded;
        a->used += n;
        memset(p, 0, rounded);
        return p;
}

void *arena_array(struct arena *a, size_t n, size_t size)
{
        if (size && n > SIZE_MAX / size)
                return NULL;
        return arena_alloc(a, n * size);
}

char *arena_string(struct arena *a, struct slice s)
{
        char *p = arena_alloc(a, s.n + 1);
        if (p && s.n)
                memcpy(p, s.p, s.n);
        return p;
}

struct slice arena_copy(struct arena *a, struct slice s)
{
        if (!s.p)
                return SLICE_NONE;
        char *p = arena_string(a, s);
        return (struct slice){ p, p ? s.n : 0 };
}

char *arena_printf(struct arena *a, const char *fmt, ...)
{
        va_list args;
        va_start(args, fmt);
        va_list again;
        va_copy(again, args);
        int n = vsnprintf(NULL, 0, fmt, args);
        va_end(args);
        char *p = n < 0 ? NULL : arena_alloc(a, (size_t)n + 1);
        if (p)
                vsnprintf(p, (size_t)n + 1, fmt, again);
        va_end(again);
        return p;
}
