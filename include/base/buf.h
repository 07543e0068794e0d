/* buf.h - borrowed bytes (slice) and bytes that grow up to a ceiling (buf).
 *
 * A slice never owns. `p == NULL` means absent, which is not the same as empty.
 * A buf owns its memory and is given its ceiling at birth. Failure is sticky:
 * once the ceiling (or malloc) is hit the buffer is `full`, keeps what it had
 * and ignores further puts; ask buf_ok() once, at the end.
 *
 *      struct buf b;
 *      buf_init(&b, 1 << 20);
 *      buf_put(&b, SLICE("{")); buf_printf(&b, "%d", n); ...
 *      if (!buf_ok(&b)) ...
 *      buf_clear(&b);                                                     */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct slice {
        const char *p;
        size_t n;
};

#define SLICE(literal) ((struct slice){ "" literal "", sizeof(literal) - 1 })
#define SLICE_NONE ((struct slice){ NULL, 0 })
/* For printf: "%.*s", SLICE_ARG(s). Never for personal data. */
#define SLICE_ARG(s) (int)(s).n, (s).p ? (s).p : ""

static inline struct slice slice_make(const void *p, size_t n)
{
        return (struct slice){ (const char *)p, n };
}
static inline struct slice slice_of(const char *text)
{
        return (struct slice){ text, text ? strlen(text) : 0 };
}
static inline bool slice_eq(struct slice a, struct slice b)
{
        return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}
static inline bool slice_is(struct slice a, const char *text)
{
        return slice_eq(a, slice_of(text));
}
/* Byte order, shorter first on a tie: <0, 0, >0. */
int slice_compare(struct slice a, struct slice b);
bool slice_starts(struct slice a, struct slice prefix);
/* ASCII case folded. */
bool slice_eq_nocase(struct slice a, struct slice b);
/* Without leading and trailing ASCII blanks, CR and LF. */
struct slice slice_trim(struct slice a);

struct buf {
        char *p; /* kept NUL-terminated when non-NULL; the NUL is not counted */
        size_t n;
        size_t cap;
        size_t max; /* n <= max */
        bool full;
};

void buf_init(struct buf *b, size_t max);
void buf_clear(struct buf *b);  /* frees; the buffer can be used again */
void buf_reset(struct buf *b);  /* empties and forgets `full`; keeps memory */
void buf_wipe(struct buf *b);   /* overwrites, then clears: for secrets */
bool buf_ok(const struct buf *b);
struct slice buf_slice(const struct buf *b);

void buf_put(struct buf *b, struct slice bytes);
void buf_puts(struct buf *b, const char *text);
void buf_putc(struct buf *b, char c);
void buf_printf(struct buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void buf_put_hex(struct buf *b, const void *bytes, size_t n); /* lower case */
/* Fixed-width big-endian integers, for file formats. */
void buf_put_u8(struct buf *b, uint8_t v);
void buf_put_u16(struct buf *b, uint16_t v);
void buf_put_u32(struct buf *b, uint32_t v);
void buf_put_u64(struct buf *b, uint64_t v);
/* Makes room for n more bytes and returns where they go (then b->n += used);
 * NULL when full. */
char *buf_reserve(struct buf *b, size_t n);
/* Drops the first n bytes. 0 <= n <= b->n. */
void buf_consume(struct buf *b, size_t n);

/* A cursor over bytes that came from outside: reads past the end are sticky. */
struct cut {
        struct slice rest;
        bool bad;
};
uint8_t cut_u8(struct cut *c);
uint16_t cut_u16(struct cut *c);
uint32_t cut_u32(struct cut *c);
uint64_t cut_u64(struct cut *c);
struct slice cut_bytes(struct cut *c, size_t n);

#endif
