/* helpers.h - a scanner for a test, and short questions to it. */
#ifndef TEST_DETECT_HELPERS_H
#define TEST_DETECT_HELPERS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "detect/detect.h"

#define ALL (~(detect_set)0)

static struct scanner *scanner;

static inline int open_scanner(void **state)
{
        (void)state;
        scanner = scanner_new(ALL, 1 << 20);
        return scanner ? 0 : -1;
}

static inline int close_scanner(void **state)
{
        (void)state;
        scanner_free(scanner);
        return 0;
}

/* Findings of `text` as "type=value|type=value" in a static buffer. */
static inline const char *found(const char *text)
{
        static char out[8192];
        const struct finding *f;
        size_t n, used = 0;
        struct err err = ERR_INIT;
        out[0] = 0;
        if (!scan(scanner, slice_of(text), &f, &n, &err))
                return "failed";
        for (size_t i = 0; i < n && used < sizeof out; i++)
                used += (size_t)snprintf(out + used, sizeof out - used, "%s%s=%.*s", i ? "|" : "",
                        detect_name(f[i].id), (int)(f[i].end - f[i].start), text + f[i].start);
        return out;
}

#define finds(text, expected) assert_string_equal(found(text), expected)
#define finds_nothing(text) assert_string_equal(found(text), "")

/* Is there a finding of the id that covers exactly text[at..at+n)? */
static inline bool found_exactly(const char *text, const char *name, size_t at, size_t n)
{
        const struct finding *f;
        size_t count;
        struct err err = ERR_INIT;
        if (!scan(scanner, slice_of(text), &f, &count, &err))
                return false;
        for (size_t i = 0; i < count; i++)
                if (f[i].id == detect_id(name) && f[i].start == at && f[i].end == at + n)
                        return true;
        return false;
}

/* xorshift: the same numbers everywhere. */
static uint64_t seed = UINT64_C(88172645463325252);
static inline uint64_t roll(uint64_t below)
{
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        return seed % below;
}

#endif
