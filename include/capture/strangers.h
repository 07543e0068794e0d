/* strangers.h - fields that a source sends and nobody decided about: dropped, counted by name.
 *
 * A key that no record has is left out at the door, an attribute that no policy's line names never
 * leaves. That a source begins to send such a thing should be seen: by name, with how often, and
 * with a line to write. Names are strangers' data as well. Only one that looks like a field's name is
 * ever shown ([A-Za-z_][A-Za-z0-9_.-]*, at most 48 bytes, no four digits in a row); of another the
 * first bytes of a keyed hash, by a key that ends with the process. At most STRANGERS_MAX names are
 * kept, the rest only counted; a name that was not seen for a day makes room.
 *
 * Any thread.                                                                               */
#ifndef CAPTURE_STRANGERS_H
#define CAPTURE_STRANGERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

enum { STRANGERS_MAX = 64, STRANGER_NAME = 49, STRANGER_LINE = 256 };

struct stranger {
        const char *source;
        char name[STRANGER_NAME];  /* "browser", "attributes.browser", "#1f3a9c02" */
        bool named;                /* false: a hash stands for it */
        uint64_t records;          /* since the start */
        uint64_t untold;           /* of them since strangers_tell() */
        int64_t first_us, last_us;
};

struct strangers;
struct strangers *strangers_new(void); /* NULL when memory is out */
void strangers_free(struct strangers *t); /* NULL is allowed */
/* The source (its name lives as long as the table) sent this key, or attribute, in a record. */
void strangers_saw(struct strangers *t, const char *source, bool attribute, struct slice name, int64_t now_us);
/* Those seen, the oldest first; *others: records whose names found no room. */
size_t strangers_list(struct strangers *t, struct stranger *out, size_t max, uint64_t *others);
/* What an officer or a manager may write about it; "" where the name is not shown. */
void stranger_line(const struct stranger *s, char out[STRANGER_LINE]);
/* Once a UTC day, at its first call: a log line for each that was seen since the last time; those not
 * seen for a day are forgotten. True if it was that call. */
bool strangers_tell(struct strangers *t, int64_t now_us);

#endif
