/* arena.h - memory that lives as long as a batch, a request or a connection.
 *
 * Everything allocated from an arena vanishes together at arena_reset() or
 * arena_free(). An arena has a ceiling given at birth; allocations beyond it
 * return NULL, which callers report as ERR_FULL. Not thread-safe.           */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stddef.h>

#include "base/buf.h"

struct arena;

/* max: bytes, > 0. Returns NULL when memory is out. */
struct arena *arena_new(size_t max);
void arena_free(struct arena *a); /* NULL is allowed */
/* Forgets all allocations; keeps the first block for the next batch. */
void arena_reset(struct arena *a);
size_t arena_used(const struct arena *a);

/* Zeroed, aligned for any type. NULL at the ceiling. n = 0 gives a valid pointer. */
void *arena_alloc(struct arena *a, size_t n);
/* n * size without overflow. */
void *arena_array(struct arena *a, size_t n, size_t size);
/* NUL-terminated copies; the slice's p is NULL when the ceiling was hit
 * (or when `s` was absent). */
struct slice arena_copy(struct arena *a, struct slice s);
char *arena_string(struct arena *a, struct slice s);
char *arena_printf(struct arena *a, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#define ARENA_NEW(a, type) ((type *)arena_alloc((a), sizeof(type)))

#endif
