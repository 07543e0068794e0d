/* hash.c - digests, keyed digests and randomness, by OpenSSL 3.
 *
 * Algorithms are fetched once a process: an implicit fetch a call costs more than
 * hashing an identity does. A keyed context is re-initialised with a NULL key,
 * which keeps the prepared key and costs a quarter of setting it up again. */
#include "base/hash.h"

#include <errno.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

static pthread_once_t once = PTHREAD_ONCE_INIT;
static EVP_MD *sha;
static EVP_MAC *mac;

static void must(bool ok)
{
        if (!ok) {
                fputs("hash: the cryptographic library does not work; stopping\n", stderr);
                abort();
        }
}

static void fetch(void)
{
        sha = EVP_MD_fetch(NULL, "SHA256", NULL);
        mac = EVP_MAC_fetch(NULL, "HMAC", NULL);
        must(sha && mac);
}

void sha256(uint8_t out[SHA256_BYTES], struct slice bytes)
{
        must(pthread_once(&once, fetch) == 0);
        must(EVP_Digest(bytes.p ? bytes.p : "", bytes.n, out, NULL, sha, NULL) == 1);
}

struct sha256 {
        EVP_MD_CTX *ctx;
};

struct sha256 *sha256_new(void)
{
        must(pthread_once(&once, fetch) == 0);
        struct sha256 *h = calloc(1, sizeof *h);
        if (h)
                h->ctx = EVP_MD_CTX_new();
        if (!h || !h->ctx) {
                sha256_free(h);
                return NULL;
        }
        must(EVP_DigestInit_ex2(h->ctx, sha, NULL) == 1);
        return h;
}

void sha256_free(struct sha256 *h)
{
        if (!h)
                return;
        EVP_MD_CTX_free(h->ctx);
        free(h);
}

void sha256_put(struct sha256 *h, struct slice bytes)
{
        if (bytes.n)
                must(EVP_DigestUpdate(h->ctx, bytes.p, bytes.n) == 1);
}

void sha256_finish(struct sha256 *h, uint8_t out[SHA256_BYTES])
{
        must(EVP_DigestFinal_ex(h->ctx, out, NULL) == 1);
        must(EVP_DigestInit_ex2(h->ctx, NULL, NULL) == 1);
}

struct hmac {
        EVP_MAC_CTX *ctx;
        size_t size;
};

struct hmac *hmac_new(struct slice key)
{
        return hmac_new_of(HMAC_SHA256, key);
}

struct hmac *hmac_new_of(enum hmac_kind kind, struct slice key)
{
        static const struct {
                const char *name;
                size_t size;
        } kinds[] = { [HMAC_SHA256] = { "SHA256", SHA256_BYTES }, [HMAC_SHA1] = { "SHA1", 20 },
                      [HMAC_SHA512] = { "SHA512", HMAC_BYTES_MAX } };
        must(pthread_once(&once, fetch) == 0);
        struct hmac *h = calloc(1, sizeof *h);
        if (h)
                h->ctx = EVP_MAC_CTX_new(mac);
        if (!h || !h->ctx) {
                hmac_free(h);
                return NULL;
        }
        char digest[8];
        strcpy(digest, kinds[kind].name);
        h->size = kinds[kind].size;
        OSSL_PARAM params[] = { OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
                                OSSL_PARAM_construct_end() };
        /* An empty key still needs a pointer: NULL means "the key of before". */
        must(EVP_MAC_init(h->ctx, (const unsigned char *)(key.n ? key.p : ""), key.n, params) == 1);
        return h;
}

void hmac_free(struct hmac *h)
{
        if (!h)
                return;
        EVP_MAC_CTX_free(h->ctx); /* cleanses the key */
        free(h);
}

void hmac_put(struct hmac *h, struct slice bytes)
{
        if (bytes.n)
                must(EVP_MAC_update(h->ctx, (const unsigned char *)bytes.p, bytes.n) == 1);
}

size_t hmac_size(const struct hmac *h)
{
        return h->size;
}

void hmac_finish(struct hmac *h, uint8_t *out)
{
        size_t n = 0;
        must(EVP_MAC_final(h->ctx, out, &n, h->size) == 1 && n == h->size);
        must(EVP_MAC_init(h->ctx, NULL, 0, NULL) == 1);
}

/* RFC 5869: extract, then expand. Written over hmac, which is a tenth of the cost
 * of EVP_KDF's parameter lists. */
void hkdf_sha256(void *out, size_t out_n, struct slice key, struct slice salt, struct slice info)
{
        uint8_t prk[SHA256_BYTES], block[SHA256_BYTES];
        static const char zeros[SHA256_BYTES];
        must(out_n <= 255 * SHA256_BYTES);

        struct hmac *h = hmac_new(salt.n ? salt : slice_make(zeros, sizeof zeros));
        must(h != NULL);
        hmac_put(h, key);
        hmac_finish(h, prk);
        hmac_free(h);

        h = hmac_new(slice_make(prk, sizeof prk));
        must(h != NULL);
        uint8_t *to = out;
        for (unsigned i = 1; out_n > 0; i++) {
                char counter = (char)i;
                if (i > 1)
                        hmac_put(h, slice_make(block, sizeof block));
                hmac_put(h, info);
                hmac_put(h, slice_make(&counter, 1));
                hmac_finish(h, block);
                size_t n = out_n < sizeof block ? out_n : sizeof block;
                memcpy(to, block, n);
                to += n;
                out_n -= n;
        }
        hmac_free(h);
        bytes_wipe(prk, sizeof prk);
        bytes_wipe(block, sizeof block);
}

void random_bytes(void *out, size_t n)
{
        char *to = out;
        while (n > 0) {
                ssize_t got = getrandom(to, n, 0);
                if (got < 0 && errno == EINTR)
                        continue;
                must(got > 0);
                to += got;
                n -= (size_t)got;
        }
}

bool bytes_equal(const void *a, const void *b, size_t n)
{
        return CRYPTO_memcmp(a, b, n) == 0;
}

void bytes_wipe(void *p, size_t n)
{
        OPENSSL_cleanse(p, n);
}
