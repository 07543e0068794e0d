/* seal.c - AES-256-GCM with one context, keyed anew a message.
 *
 * The cipher is fetched once a process; a context keeps its buffers, so that a
 * message costs a key schedule and no allocation. */
#include "base/seal.h"

#include <limits.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <pthread.h>
#include <stdlib.h>

static pthread_once_t once = PTHREAD_ONCE_INIT;
static EVP_CIPHER *gcm;

static void fetch(void)
{
        gcm = EVP_CIPHER_fetch(NULL, "AES-256-GCM", NULL);
}

struct seal {
        EVP_CIPHER_CTX *ctx;
};

struct seal *seal_new(void)
{
        if (pthread_once(&once, fetch) != 0 || !gcm)
                return NULL;
        struct seal *s = calloc(1, sizeof *s);
        if (s)
                s->ctx = EVP_CIPHER_CTX_new();
        if (!s || !s->ctx || EVP_CipherInit_ex2(s->ctx, gcm, NULL, NULL, 1, NULL) != 1) {
                seal_free(s);
                return NULL;
        }
        return s;
}

void seal_free(struct seal *s)
{
        if (!s)
                return;
        EVP_CIPHER_CTX_free(s->ctx); /* cleanses the key */
        free(s);
}

/* Feeds aad, then `in`; the length of the output is that of the input. */
static bool run(struct seal *s, struct slice aad, struct slice in, unsigned char *out)
{
        int n = 0;
        if (aad.n && EVP_CipherUpdate(s->ctx, NULL, &n, (const unsigned char *)aad.p,
                                      (int)aad.n) != 1)
                return false;
        return in.n == 0 || EVP_CipherUpdate(s->ctx, out, &n, (const unsigned char *)in.p,
                                             (int)in.n) == 1;
}

static bool fits(struct slice aad, struct slice in, struct err *err)
{
        if (aad.n <= INT_MAX && in.n <= INT_MAX - SEAL_TAG)
                return true;
        return err_set(err, ERR_DATA, 0, "message is too long to seal");
}

bool seal_close(struct seal *s, const uint8_t key[SEAL_KEY], const uint8_t nonce[SEAL_NONCE],
                struct slice aad, struct slice plain, char *out, struct err *err)
{
        unsigned char *to = (unsigned char *)out;
        int n = 0;
        if (!fits(aad, plain, err))
                return false;
        if (EVP_CipherInit_ex2(s->ctx, NULL, key, nonce, 1, NULL) != 1 ||
            !run(s, aad, plain, to) || EVP_CipherFinal_ex(s->ctx, to + plain.n, &n) != 1 ||
            EVP_CIPHER_CTX_ctrl(s->ctx, EVP_CTRL_AEAD_GET_TAG, SEAL_TAG, to + plain.n) != 1)
                return err_set(err, ERR_SYSTEM, 0, "could not seal a message");
        return true;
}

bool seal_open(struct seal *s, const uint8_t key[SEAL_KEY], const uint8_t nonce[SEAL_NONCE],
               struct slice aad, struct slice sealed, char *out, struct err *err)
{
        if (!fits(aad, sealed, err))
                return false;
        if (sealed.n < SEAL_TAG)
                return err_set(err, ERR_DATA, 0, "sealed message is cut short");
        unsigned char tag[SEAL_TAG], *to = (unsigned char *)out;
        struct slice body = { sealed.p, sealed.n - SEAL_TAG };
        int n = 0;
        memcpy(tag, sealed.p + body.n, SEAL_TAG);
        if (EVP_CipherInit_ex2(s->ctx, NULL, key, nonce, 0, NULL) == 1 &&
            run(s, aad, body, to) &&
            EVP_CIPHER_CTX_ctrl(s->ctx, EVP_CTRL_AEAD_SET_TAG, SEAL_TAG, tag) == 1 &&
            EVP_CipherFinal_ex(s->ctx, to + body.n, &n) == 1)
                return true;
        if (body.n)
                OPENSSL_cleanse(out, body.n);
        return err_set(err, ERR_DATA, 0, "sealed message does not open: wrong key, or damaged");
}
