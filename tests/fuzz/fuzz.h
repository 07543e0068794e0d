/* fuzz.h - what the fuzz targets share: promises that must hold, and input cut in parts. */
#ifndef TEST_FUZZ_H
#define TEST_FUZZ_H

#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);
int LLVMFuzzerInitialize(int *argc, char ***argv);

#define UNUSED __attribute__((unused))

/* A broken promise is a finding, like a broken pointer. */
#define must(what)                                                                          \
        do {                                                                                \
                if (!(what)) {                                                              \
                        fprintf(stderr, "promise broken: %s (%s:%d)\n", #what, __FILE__, __LINE__); \
                        abort();                                                            \
                }                                                                           \
        } while (0)

UNUSED static uint8_t take_byte(struct slice *in)
{
        if (in->n == 0)
                return 0;
        in->n--;
        return (uint8_t)*in->p++;
}

/* Up to the next line feed, which goes too. */
UNUSED static struct slice take_line(struct slice *in)
{
        const char *end = in->n ? memchr(in->p, '\n', in->n) : NULL;
        struct slice line = { in->p, end ? (size_t)(end - in->p) : in->n };
        size_t used = line.n + (end ? 1 : 0);
        *in = slice_make(in->p + used, in->n - used);
        return line;
}

/* A piece in memory of its own, so that borrowing beyond the call is seen. Free it. */
UNUSED static char *own_piece(struct slice in, size_t at, size_t most, size_t *n)
{
        *n = in.n - at < most ? in.n - at : most;
        char *copy = malloc(*n ? *n : 1);
        must(copy);
        memcpy(copy, in.p + at, *n);
        return copy;
}

/* Other bytes than those of UTF-8 become '?'. */
UNUSED static void make_utf8(char *p, size_t n, bool (*valid)(struct slice s, size_t *bad_at))
{
        size_t at = 0, bad;
        while (at < n && !valid(slice_make(p + at, n - at), &bad)) {
                p[at + bad] = '?';
                at += bad + 1;
        }
}

#endif
