/* failed.h - lines of files that were refused, sealed, for at most 7 days.
 *
 * Layout: "TRBFAIL1", id (16 random bytes), then frames: length of the plain bytes (u32),
 * nonce (12), ciphertext and tag (16). AAD = id || number of the frame (u64). The last
 * frame is empty: a file without it is torn. Key = keyed digest of the id under the
 * region's record key. Integers are big-endian.
 *
 * Calling sequence: failed_begin -> failed_put* -> failed_commit, else failed_abort. */
#ifndef CAPTURE_FAILED_H
#define CAPTURE_FAILED_H

#include "base/buf.h"
#include "base/err.h"
#include "vault/keys.h"

struct failed;
/* `path` appears when committed; until then the bytes stand beside it, sealed as well. */
bool failed_begin(struct failed **out, const char *path, struct keyer *k, struct err *err);
bool failed_put(struct failed *f, struct slice bytes, struct err *err);
bool failed_commit(struct failed **f, struct err *err); /* frees; *f becomes NULL */
void failed_abort(struct failed **f);                   /* likewise; NULL is allowed */
/* Appends what was sealed. ERR_DATA when it is torn, damaged, or another region's. */
bool failed_read(struct buf *out, const char *path, struct keyer *k, struct err *err);

#endif
