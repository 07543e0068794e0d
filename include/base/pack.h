/* pack.h - gzip (RFC 1952) in, a piece at a time, with a ceiling.           */
#ifndef BASE_PACK_H
#define BASE_PACK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

struct gunzip;
/* max_out: bytes of output after which ERR_FULL (a bomb). Several members in a row
 * are one stream. */
struct gunzip *gunzip_new(uint64_t max_out);
void gunzip_free(struct gunzip *g);
/* Feeds `in`, which is moved on; appends to `out` up to its ceiling. While it comes
 * back with out->n == out->max, read (buf_consume) and call again, with what is left
 * of `in`, even if that is nothing. ERR_DATA when damaged. */
bool gunzip_put(struct gunzip *g, struct slice *in, struct buf *out, struct err *err);
/* True when the stream ended where a member ended; ERR_DATA for a torn file. */
bool gunzip_finish(struct gunzip *g, struct err *err);

#endif
