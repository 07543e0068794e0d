/* sign.c - signatures and key agreement keys, by OpenSSL 3. */
#include "base/sign.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>

struct sign {
        EVP_PKEY *key;
};

static void must(bool ok)
{
        if (!ok) {
                fputs("sign: the cryptographic library does not work; stopping\n", stderr);
                abort();
        }
}

struct sign *sign_new(const uint8_t seed[SIGN_KEY])
{
        struct sign *s = calloc(1, sizeof *s);
        if (s)
                s->key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, seed, SIGN_KEY);
        if (!s || !s->key) {
                sign_free(s);
                return NULL;
        }
        return s;
}

void sign_free(struct sign *s)
{
        if (!s)
                return;
        EVP_PKEY_free(s->key); /* cleanses the seed */
        free(s);
}

void sign_public(const struct sign *s, uint8_t out[SIGN_KEY])
{
        size_t n = SIGN_KEY;
        must(EVP_PKEY_get_raw_public_key(s->key, out, &n) == 1 && n == SIGN_KEY);
}

void sign_bytes(const struct sign *s, struct slice bytes, uint8_t out[SIGN_BYTES])
{
        EVP_MD_CTX *ctx = EVP_MD_CTX_new();
        size_t n = SIGN_BYTES;
        must(ctx && EVP_DigestSignInit(ctx, NULL, NULL, NULL, s->key) == 1 &&
             EVP_DigestSign(ctx, out, &n, (const unsigned char *)(bytes.p ? bytes.p : ""),
                            bytes.n) == 1 &&
             n == SIGN_BYTES);
        EVP_MD_CTX_free(ctx);
}

bool sign_verify(const uint8_t public_key[SIGN_KEY], struct slice bytes,
                 const uint8_t signature[SIGN_BYTES])
{
        EVP_PKEY *key = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, public_key, SIGN_KEY);
        EVP_MD_CTX *ctx = EVP_MD_CTX_new();
        bool ok = key && ctx && EVP_DigestVerifyInit(ctx, NULL, NULL, NULL, key) == 1 &&
                  EVP_DigestVerify(ctx, signature, SIGN_BYTES,
                                   (const unsigned char *)(bytes.p ? bytes.p : ""), bytes.n) == 1;
        EVP_MD_CTX_free(ctx);
        EVP_PKEY_free(key);
        return ok;
}

void x25519_public(const uint8_t private_key[SIGN_KEY], uint8_t out[SIGN_KEY])
{
        EVP_PKEY *key = EVP_PKEY_new_raw_private_key(EVP_PKEY_X25519, NULL, private_key, SIGN_KEY);
        size_t n = SIGN_KEY;
        must(key && EVP_PKEY_get_raw_public_key(key, out, &n) == 1 && n == SIGN_KEY);
        EVP_PKEY_free(key);
}
