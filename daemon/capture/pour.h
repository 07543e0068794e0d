/* pour.h - the bytes of a file, from its beginning, uncompressed, a piece at a time. */
#ifndef CAPTURE_POUR_H
#define CAPTURE_POUR_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/hash.h"

/* `each` returns false to stop: then pour() does too, with what each put into err. max: bytes
 * after uncompressing (ERR_FULL). hash (may be NULL): of the bytes as they lie there. */
bool pour(int fd, bool gz, uint64_t max, struct sha256 *hash,
          bool (*each)(void *ctx, struct slice piece, struct err *err), void *ctx, struct err *err);

#endif
