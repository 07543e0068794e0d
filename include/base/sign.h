/* sign.h - Ed25519 (RFC 8032) over short messages, X25519 (RFC 7748) public halves.
 *
 * Both private keys are 32 random bytes. Signing is deterministic.            */
#ifndef BASE_SIGN_H
#define BASE_SIGN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

#define SIGN_KEY 32
#define SIGN_BYTES 64

struct sign;
/* NULL when memory is out. The seed is copied; one context a thread. */
struct sign *sign_new(const uint8_t seed[SIGN_KEY]);
void sign_free(struct sign *s); /* wipes the seed; NULL is allowed */
void sign_public(const struct sign *s, uint8_t out[SIGN_KEY]);
/* Aborts the process if the library cannot sign: nothing sensible follows. */
void sign_bytes(const struct sign *s, struct slice bytes, uint8_t out[SIGN_BYTES]);
bool sign_verify(const uint8_t public_key[SIGN_KEY], struct slice bytes,
                 const uint8_t signature[SIGN_BYTES]);

void x25519_public(const uint8_t private_key[SIGN_KEY], uint8_t out[SIGN_KEY]);

#endif
