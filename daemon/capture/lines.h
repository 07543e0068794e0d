/* lines.h - cuts a stream of bytes into lines (NDJSON), holding at most one line. */
#ifndef CAPTURE_LINES_H
#define CAPTURE_LINES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"

struct lines {
        struct buf rest;  /* of a line whose end has not come */
        int64_t line;     /* 1-based number of the line being read */
        bool whole;       /* the stream is one document: newlines mean nothing */
        bool skipping;    /* this line is beyond the ceiling; its end is awaited */
};
/* Called for every line that is not blank; too_long: it was beyond the ceiling. */
typedef void lines_each(void *ctx, struct slice text, int64_t line, bool too_long);

void lines_init(struct lines *l, size_t max_line, bool whole);
void lines_clear(struct lines *l);
void lines_put(struct lines *l, struct slice piece, lines_each *each, void *ctx);
void lines_finish(struct lines *l, lines_each *each, void *ctx); /* the last may lack its newline */

#endif
