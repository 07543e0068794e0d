/* entry.h - one item of a segment: bytes <-> value, sealed and checked, no I/O.
 *
 * The layout is specified at the top of segment.c. */
#ifndef VAULT_ENTRY_H
#define VAULT_ENTRY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/seal.h"

enum {
        SEGMENT_ID = 16,
        ENTRY_HEADER = 84,
        ENTRY_PLAIN_MAX = 4 << 20,
        ENTRY_MIN = ENTRY_HEADER + SEAL_TAG,
        ENTRY_MAX = ENTRY_MIN + ENTRY_PLAIN_MAX
};

struct entry_header {
        uint32_t length; /* of the whole entry; ENTRY_MIN <= length <= ENTRY_MAX */
        uint8_t kind;    /* enum entry_kind */
        uint8_t codec;   /* 0: none */
        uint16_t back;   /* seq minus the first seq of its commit */
        uint32_t source; /* 0: none */
        uint64_t epoch, seq;
        int64_t captured_us;
        uint8_t record_key[16];
        uint64_t subject, period;
        uint8_t nonce[SEAL_NONCE];
};

/* Appends the entry to `out`; `length` is computed, `nonce` is the caller's. Fails with
 * ERR_FULL (out's ceiling) or ERR_SYSTEM, and then leaves `out` as it was. */
bool entry_encode(struct buf *out, const struct entry_header *h, const uint8_t id[SEGMENT_ID],
                  struct seal *seal, const uint8_t key[SEAL_KEY], struct slice plain,
                  struct err *err);

/* The length that stands at `at` (4 bytes), or 0 if it cannot be one. */
uint32_t entry_length(const char *at);
/* `bytes` is exactly one entry. False when length or checksum do not fit. */
bool entry_decode(struct entry_header *out, struct slice bytes);
/* Appends the plaintext of a decoded entry to `plain`. ERR_DATA: wrong key, or damage. */
bool entry_open(const struct entry_header *h, struct slice bytes, const uint8_t id[SEGMENT_ID],
                struct seal *seal, const uint8_t key[SEAL_KEY], struct buf *plain,
                struct err *err);

#endif
