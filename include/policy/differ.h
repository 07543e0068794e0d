/* differ.h - two versions of a policy, side by side: what the new one newly lets out, newly stops,
 * or treats otherwise.
 *
 * By records: whatever none of them shows is not seen. Places and readers are compared whole. */
#ifndef POLICY_DIFFER_H
#define POLICY_DIFFER_H

#include "policy/explain.h"

enum differ { DIFFER_LEAVES, DIFFER_STOPS, DIFFER_OTHERWISE, DIFFERS };
const char *differ_name(enum differ d); /* "newly leaves" */
/* A sentence of policies, fields and lines, never of values; the same difference has the same words.
 * field: which of the record's it is about; -1: no one. */
typedef void differ_note(void *ctx, enum differ d, int field, const char *text);

/* One record under both. */
void explain_differ(const struct explanation *before, const struct explanation *after, differ_note *note, void *ctx);
/* A text of the record (its first, of a list) as it would leave under the stricter of both: whatever
 * one of them finds in it is masked by its name, as "[email]". False, with the reason in `out`, when
 * one of them does not let the field leave as it stands, or could not search it. About `most` bytes,
 * from around the first finding. */
bool differ_sample(const struct record *r, const struct explanation *before, const struct explanation *after,
                   enum field f, size_t most, struct buf *out);
/* Where Kafka and a warehouse may stand, and who may read, on that day. */
void book_differ(const struct book *before, const struct book *after, int64_t now_us, differ_note *note, void *ctx);

#endif
