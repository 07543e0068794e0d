/* hook.h - webhooks: how each sender is known, and what its requests mean.
 *
 * A sender is a row in hook.c (github, discourse) or a mapping file that a manager wrote (webhook);
 * whoever listens knows none of them. It asks hook_sender() how a request is signed and which of its
 * headers matter, hashes the raw bytes as they come, and gives the whole to hook_read(). Pure; any thread.
 *
 * What is signed is `before`, the timestamp, `between`, and then the body: nothing else, so that no
 * request needs to be held before its first byte can be hashed.
 *
 * Calling sequence: hook_sender -> (the signature fits) -> hook_read -> each*.                   */
#ifndef SOURCE_HOOK_H
#define SOURCE_HOOK_H

#include "base/hash.h"
#include "source/source.h"

enum hook_algorithm { HOOK_SHA256, HOOK_SHA1, HOOK_SHA512, HOOK_TOKEN /* the secret itself */ };
enum hook_encoding { HOOK_HEX, HOOK_BASE64 };
enum { HOOK_HEADERS_MAX = 8, HOOK_VALUE_MAX = 512 };
#define HOOK_WINDOW_US (300 * US_PER_SECOND) /* a signed timestamp is at most so old, or so early */

struct hook_header {
        const char *name;
        const char *part; /* of "t=1,v1=ab": the value of that name, which may come again; NULL: all of it */
};
struct hook_sender {
        struct hook_header signature;
        const char *prefix;                /* before the signature: "sha256=", "Bearer "; "" if nothing */
        enum hook_algorithm algorithm;
        enum hook_encoding encoding;
        struct hook_header timestamp;      /* Unix time or RFC 3339; name NULL: none is signed */
        const char *before, *between;      /* "" if nothing */
        const char *headers[HOOK_HEADERS_MAX]; /* what hook_read() wants to know, in this order */
        size_t n_headers;
        bool event_first;                  /* one of them must be there */
};

/* Lives as long as the source; NULL for sources that are no webhooks. */
const struct hook_sender *hook_sender(const struct source *s);

enum hook_outcome {
        HOOK_RECORDS, /* `each` was called */
        HOOK_PING,
        HOOK_COUNTED, /* nothing that we map, or nothing that may be stored: answered and counted */
        HOOK_ECHO     /* the sender tries us and wants `echo` back */
};
struct hook_result {
        enum hook_outcome outcome;
        struct slice echo; /* lives as long as the arena */
};
/* `values`: of the sender's headers, as many and in that order; absent: SLICE_NONE. `each` is called for
 * each record, `line` being its number from 1; with NULL and why where one cannot be read. What is passed
 * lives as long as the arena. ERR_DATA: the payload as a whole is not what its sender promises; ERR_FULL. */
bool hook_read(const struct source *s, const struct slice *values, struct slice payload, struct arena *a,
               struct hook_result *result, source_each *each, void *ctx, struct err *err);

#endif
