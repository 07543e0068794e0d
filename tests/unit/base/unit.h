/* unit.h - what cmocka wants included before it, and a few helpers of this room's tests. */
#ifndef UNIT_BASE_H
#define UNIT_BASE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/hash.h"
#include "base/text.h"

#define assert_slice(s, text) assert_slice_at((s), (text), __FILE__, __LINE__)

static inline void assert_slice_at(struct slice s, const char *text, const char *file, int line)
{
        if (slice_eq(s, slice_of(text)))
                return;
        print_error("\"%.*s\" is not \"%s\"\n", SLICE_ARG(s), text);
        _fail(file, line);
}

/* A directory of this test's own; gone with folder_free(). */
static inline char *folder_new(void)
{
        char *path = strdup("/tmp/tributary-base-XXXXXX");
        assert_non_null(path);
        assert_non_null(mkdtemp(path));
        return path;
}

static inline void folder_free(char *path)
{
        char line[256];
        snprintf(line, sizeof line, "rm -rf '%s'", path);
        assert_int_equal(system(line), 0);
        free(path);
}

static inline const char *under(const char *folder, const char *name)
{
        static char path[4][512];
        static unsigned next;
        char *out = path[next++ % 4];
        snprintf(out, sizeof path[0], "%s/%s", folder, name);
        return out;
}

#endif
