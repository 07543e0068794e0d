/* failed_file.h - one file of refused lines, sealed, for at most 7 days.
 *
 * Layout: "TRBFAIL2", id (16 random bytes), then frames: length of the plain bytes (u32; the
 * highest bit: a row begins here), nonce (12), ciphertext and tag (16). AAD = id || number of the
 * frame (u64), and a byte 1 where a row begins. The last frame is empty: a file without it is
 * torn. Key = keyed digest of the id under the region's record key. Integers are big-endian. Where
 * a file was sealed whole no frame begins a row. "TRBFAIL1", before, knew none.
 *
 * Calling sequence: failed_begin -> (failed_row -> failed_put*)* -> failed_commit, or
 * failed_replace, else failed_abort. Reading: failed_open -> failed_next* -> failed_close.  */
#ifndef CAPTURE_FAILED_FILE_H
#define CAPTURE_FAILED_FILE_H

#include "base/buf.h"
#include "base/err.h"
#include "vault/keys.h"

struct failed;
/* `path` appears when committed; until then the bytes stand beside it, sealed as well. */
bool failed_begin(struct failed **out, const char *path, struct keyer *k, struct err *err);
bool failed_row(struct failed *f, struct err *err); /* what is put next begins a row */
bool failed_put(struct failed *f, struct slice bytes, struct err *err);
bool failed_commit(struct failed **f, struct err *err); /* frees; *f becomes NULL */
/* Likewise, in the place of the file that old_fd (writable) has open: with its age, and the old
 * one's id is overwritten at last. */
bool failed_replace(struct failed **f, int old_fd, struct err *err);
void failed_abort(struct failed **f);                   /* likewise; NULL is allowed */

struct failed_reader;
/* ERR_DATA: not such a file. */
bool failed_open(struct failed_reader **out, const char *path, struct keyer *k, struct err *err);
void failed_close(struct failed_reader *r); /* NULL is allowed */
/* The next frame; *end: there is none, and the file is whole. `plain` lives until the next call.
 * ERR_DATA when it is torn, damaged, or another region's. */
bool failed_next(struct failed_reader *r, struct slice *plain, bool *row, bool *end, struct err *err);
/* Appends all that was sealed. */
bool failed_read(struct buf *out, const char *path, struct keyer *k, struct err *err);

/* ---- Rows --------------------------------------------------------------- */
/* too_long: over 16 MiB, and `row` is its beginning. */
typedef bool failed_each_row(void *ctx, struct slice row, bool too_long, struct err *err);
/* As they were sealed; of a file that was sealed whole: lines, in a sheet with those that its
 * quotes go over. *whole: it was sealed whole. */
bool failed_read_rows(const char *path, struct keyer *k, failed_each_row *each, void *ctx, bool *whole,
                      struct err *err);

#endif
