/* seek.h - a thread's way to search one text for compiled patterns. Private to detect: scan.c asks. */
#ifndef DETECT_SEEK_H
#define DETECT_SEEK_H

#include <stdint.h>

#include "base/buf.h"
#include "detect/pattern.h"

struct seeker;
struct seeker *seeker_new(const struct patterns *p); /* NULL when memory is out */
void seeker_free(struct seeker *s);                  /* NULL is allowed */
/* Calls `found` for each place of those patterns whose bit is in `which`; the places of one pattern
 * overlap only where a later match began before an earlier one. text: valid UTF-8. False: more
 * matches than are looked at, or `found` said so. */
bool seek(struct seeker *k, const struct patterns *p, uint64_t which, struct slice text,
          bool (*found)(void *ctx, int number, size_t start, size_t end), void *ctx);

#endif
