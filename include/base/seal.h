/* seal.h - AES-256-GCM (NIST SP 800-38D) over whole messages.
 *
 * Sealed form: ciphertext (as long as the plaintext) then a 16-byte tag. Nonces
 * are 96 random bits from the caller. A context is set up once per thread.   */
#ifndef BASE_SEAL_H
#define BASE_SEAL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

#define SEAL_KEY 32
#define SEAL_NONCE 12
#define SEAL_TAG 16

struct seal;
struct seal *seal_new(void); /* NULL when memory is out */
void seal_free(struct seal *s);

/* Writes plain.n + SEAL_TAG bytes to out. */
bool seal_close(struct seal *s, const uint8_t key[SEAL_KEY], const uint8_t nonce[SEAL_NONCE],
                struct slice aad, struct slice plain, char *out, struct err *err);
/* Writes sealed.n - SEAL_TAG bytes to out. ERR_DATA when the tag does not fit:
 * wrong key, other aad, or damage; out is then wiped. */
bool seal_open(struct seal *s, const uint8_t key[SEAL_KEY], const uint8_t nonce[SEAL_NONCE],
               struct slice aad, struct slice sealed, char *out, struct err *err);

#endif
