/* report.h - everything that is wrong, at once, with file, line and a hint.
 *
 * Whoever reads configuration adds complaints and goes on; whoever asked prints
 * them all. Bounded: beyond 1,000 items only the counts rise.               */
#ifndef BASE_REPORT_H
#define BASE_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "base/buf.h"

enum report_level {
        REPORT_ERROR,   /* a daemon would not start, or would stay closed */
        REPORT_WARNING, /* works, and is probably not what was meant */
        REPORT_NOTE     /* worth knowing: `# not yet:` lines */
};

struct report_item {
        enum report_level level;
        const char *file; /* "" if none; owned by the report */
        int line, column; /* 0 if unknown; 1-based */
        const char *text;
        const char *hint; /* NULL if none */
};

struct report;
struct report *report_new(void);
void report_free(struct report *r);

/* file may be NULL; hint is a sentence or NULL. A NULL report ignores. */
void report_add(struct report *r, enum report_level level, const char *file, int line, int column,
                const char *hint, const char *fmt, ...) __attribute__((format(printf, 7, 8)));
size_t report_count(const struct report *r, enum report_level level);
size_t report_size(const struct report *r); /* items kept */
const struct report_item *report_at(const struct report *r, size_t i);
/* Sorted by file, line. `FILE:LINE:COL: error: text` and an indented `hint: ...`. */
void report_print(const struct report *r, FILE *out);
/* Only items as grave as `least`, or graver. */
void report_print_from(const struct report *r, enum report_level least, FILE *out);
void report_json(const struct report *r, struct buf *out); /* an array */

#endif
