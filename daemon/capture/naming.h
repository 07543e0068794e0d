/* naming.h - whether text names a person, in whatever way it is written. Errs towards yes.
 *
 * capture/failed.h says what counts as naming.                                          */
#ifndef CAPTURE_NAMING_H
#define CAPTURE_NAMING_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"

struct naming;
/* identities as capture/failed.h has them. ERR_DATA without any. */
bool naming_new(struct naming **out, const struct slice *identities, size_t n, struct err *err);
void naming_free(struct naming *m); /* wipes; NULL is allowed */
enum naming_found {
        NAMING_NO,
        NAMING_YES,
        NAMING_UNKNOWN, /* another encoding, and a name beyond ASCII */
        NAMING_BINARY   /* no text at all */
};
/* One row. Text of UTF-16 is naming_wide()'s: here it is binary, for its NULs. */
enum naming_found naming_in(struct naming *m, struct slice row);
/* Bytes of UTF-16, either order, a piece of a stream: *tail (its bytes are kept from piece to
 * piece) lets a name be found that stands over the edge. */
bool naming_wide(struct naming *m, struct buf *tail, struct slice piece);
enum { NAMING_TAIL = 8192 };

#endif
