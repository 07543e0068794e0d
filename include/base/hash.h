/* hash.h - SHA-256, HMAC (RFC 2104), HKDF-SHA-256 (RFC 5869), CRC-32C
 * (RFC 3720), random bytes. OpenSSL 3 behind it. A keyed context is set up once
 * and used again and again; one per thread, not shared.                     */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

#define SHA256_BYTES 32
#define HMAC_BYTES_MAX 64

/* Aborts the process if the library cannot hash: nothing sensible follows. */
void sha256(uint8_t out[SHA256_BYTES], struct slice bytes);

struct sha256;
struct sha256 *sha256_new(void);
void sha256_free(struct sha256 *h);
void sha256_put(struct sha256 *h, struct slice bytes);
/* Gives the digest and starts anew. */
void sha256_finish(struct sha256 *h, uint8_t out[SHA256_BYTES]);

struct hmac;
/* Ours is SHA-256; the others are what some senders sign with. */
enum hmac_kind { HMAC_SHA256, HMAC_SHA1, HMAC_SHA512 };
/* NULL when memory is out. The key is copied. */
struct hmac *hmac_new(struct slice key);
struct hmac *hmac_new_of(enum hmac_kind kind, struct slice key);
size_t hmac_size(const struct hmac *h); /* 32, 20 or 64 bytes */
void hmac_free(struct hmac *h); /* wipes the key */
void hmac_put(struct hmac *h, struct slice bytes);
void hmac_finish(struct hmac *h, uint8_t *out); /* hmac_size() bytes; and starts anew */

/* out_n <= 255 * 32. salt may be SLICE_NONE. */
void hkdf_sha256(void *out, size_t out_n, struct slice key, struct slice salt, struct slice info);

/* crc = 0 to begin; feed pieces in order. */
uint32_t crc32c(uint32_t crc, struct slice bytes);

void random_bytes(void *out, size_t n);
/* In time that does not depend on the contents. */
bool bytes_equal(const void *a, const void *b, size_t n);
/* Not optimised away. */
void bytes_wipe(void *p, size_t n);

#endif
