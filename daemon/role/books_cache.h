/* books_cache.h - the set that was put in force last, signed, in the state. Private to the room.
 *
 * STATE/policy.cache: Ed25519 signature (64 bytes) over the rest, big-endian: "TPCACHE2", in force
 * since (u64, microseconds), u8 flags (1: loosened where nobody signs), the set's hash (32), four
 * texts (u16 length: region, jurisdiction, timezone, policy), u16 places of the hub (u8 what, text),
 * u8 signers (two texts, key 32, signature 64), the packed set as book_pack() gives it. Without the
 * magic the body is of an earlier release: since, packed set.                               */
#ifndef ROLE_BOOKS_CACHE_H
#define ROLE_BOOKS_CACHE_H

#include "policy/officers.h"
#include "policy/policy.h"
#include "vault/keys.h"

struct cached {
        struct book *book; /* at the places where it was put in force; its signers attested */
        int64_t since_us;
        bool unsigned_loosening;
        bool lost; /* there is one, and it cannot be used */
};

/* False with a log line: it could not be written. */
bool cache_save(const char *state_dir, struct keyer *k, const struct cached *c, const struct book_spec *spec);
/* False: there is none, or it is damaged (said in the log). Gives: c->book. */
bool cache_load(struct cached *c, const char *state_dir, struct keyer *k, const struct book_spec *spec);

#endif
