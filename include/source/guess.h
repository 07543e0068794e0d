/* guess.h - what a file that somebody dropped is likely to mean: encoding, what stands between
 * columns, which column is what, how its times are written. Pure, bounded, fuzzed.
 *
 * A guess is for a person to look at: each has its reason, and what only a person can know (which
 * number of 05/11/2026 is the month) is asked, never assumed. What comes out of
 * guess_configuration() is a source that sources_read() takes.                             */
#ifndef SOURCE_GUESS_H
#define SOURCE_GUESS_H

#include "base/arena.h"
#include "base/charset.h"
#include "base/err.h"
#include "model/record.h"

enum { GUESS_COLUMNS_MAX = 256, GUESS_ROWS_MAX = 200, GUESS_NEEDS_MAX = 8, GUESS_BYTES_MAX = 1 << 20 };

struct guess_hints { /* of the region; each may be NULL */
        const char *langs;    /* "ja,en" */
        const char *timezone;
        const char *kind;     /* "event"; default "feedback" */
        const char *time_format; /* a person has said it */
};

enum guess_use { GUESS_LEFT_OUT, GUESS_FIELD, GUESS_CONSENT };
struct guess_column {
        struct slice name;
        enum guess_use use;
        enum field field; /* of GUESS_FIELD */
        const char *why;  /* "its name", "12 of 12 are e-mail addresses" */
        bool tells;       /* with others like it, it tells rows apart: id_from */
        const char *yes;  /* of GUESS_CONSENT: the answer that looks like yes */
};
struct guess_need { /* what a person must look at */
        const char *what, *todo;
};
struct guess {
        bool ndjson;
        struct charset_said encoding;
        char delimiter;
        const char *delimiter_why;
        struct guess_column *columns; /* NDJSON: none */
        size_t n_columns, n_rows;     /* rows looked at */
        bool id_is_row;
        const char *time_format, *time_why; /* time_format NULL: ISO 8601 */
        const char *lang, *timezone, *kind;
        struct guess_need needs[GUESS_NEEDS_MAX];
        size_t n_needs;
};
/* `sample` is the file's beginning, uncompressed, at most GUESS_BYTES_MAX of it looked at; `whole`:
 * nothing follows. All texts live in the arena (32 MiB suffice). ERR_DATA: no guess at all, and why. */
bool guess_file(struct guess **out, struct arena *a, struct slice sample, bool whole,
                const struct guess_hints *hints, struct err *err);
/* A member of `sources`, to be pasted; `name` is [a-z0-9-]{1,32}. */
void guess_configuration(const struct guess *g, const char *name, struct buf *out);

#endif
