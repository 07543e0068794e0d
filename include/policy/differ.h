/* differ.h - two versions of a policy, side by side: what the new one newly lets out, newly stops,
 * or treats otherwise.
 *
 * By records: whatever none of them shows is not seen. Places and readers are compared whole. */
#ifndef POLICY_DIFFER_H
#define POLICY_DIFFER_H

#include "policy/explain.h"

enum differ { DIFFER_LEAVES, DIFFER_STOPS, DIFFER_OTHERWISE, DIFFERS };
const char *differ_name(enum differ d); /* "newly leaves" */
/* A sentence of policies, fields and lines, never of values; the same difference has the same words. */
typedef void differ_note(void *ctx, enum differ d, const char *text);

/* One record under both. */
void explain_differ(const struct explanation *before, const struct explanation *after, differ_note *note, void *ctx);
/* Where Kafka and a warehouse may stand, and who may read, on that day. */
void book_differ(const struct book *before, const struct book *after, int64_t now_us, differ_note *note, void *ctx);

#endif
