/* cert.c - reads PEM certificates with OpenSSL 3, for their dates. */
#include "link/cert.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <time.h>

#include "base/clock.h"

enum { CERTIFICATES_MAX = 10000 };

static const char *reason(void)
{
        unsigned long code = ERR_get_error();
        ERR_clear_error();
        const char *text = code ? ERR_reason_error_string(code) : NULL;
        return text ? text : "no reason given";
}

static bool open_pem(BIO **out, const char *file, const char *what, struct err *err)
{
        *out = BIO_new_file(file, "r");
        return *out || err_set(err, ERR_CONFIG, 0, "could not read %s \"%s\": %s", what, file, reason());
}

/* INT64_MIN for a time that is none: it is past, whatever the clock says. */
static int64_t time_us(const ASN1_TIME *t)
{
        struct tm tm;
        if (ASN1_TIME_to_tm(t, &tm) != 1)
                return INT64_MIN;
        struct civil c = { tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec, 0 };
        return civil_to_us(&c);
}

/* Without control or non-ASCII characters, which RFC 2253 escapes. */
static void name_of(char *out, size_t n, X509 *x)
{
        BIO *b = BIO_new(BIO_s_mem());
        int got = -1;
        if (b && X509_NAME_print_ex(b, X509_get_subject_name(x), 0, XN_FLAG_RFC2253) >= 0)
                got = BIO_read(b, out, (int)n - 1);
        out[got > 0 ? got : 0] = 0;
        BIO_free(b);
}

static void count(struct cert_file *out, X509 *x, int64_t now_us)
{
        int64_t end_us = time_us(X509_get0_notAfter(x)), begin_us = time_us(X509_get0_notBefore(x));
        if (out->n == 0 || end_us < out->first_end_us) {
                out->first_end_us = end_us;
                name_of(out->subject, sizeof out->subject, x);
        }
        out->ended += end_us < now_us;
        out->not_yet += begin_us > now_us;
        out->n++;
}

bool cert_read(struct cert_file *out, const char *file, int64_t now_us, struct err *err)
{
        BIO *b = NULL;
        *out = (struct cert_file){ 0 };
        if (!open_pem(&b, file, "certificate", err))
                return false;
        for (X509 *x; out->n < CERTIFICATES_MAX && (x = PEM_read_bio_X509(b, NULL, NULL, NULL)); X509_free(x))
                count(out, x, now_us);
        BIO_free(b);
        ERR_clear_error(); /* the end of the file is one to OpenSSL */
        if (out->n)
                return true;
        err_set(err, ERR_CONFIG, 0, "file \"%s\" holds no certificate", file);
        return err_hint(err, "The file must hold the certificate and its chain as PEM.");
}

/* Nobody is asked for a pass phrase. */
static int no_phrase(char *out, int n, int writing, void *asked)
{
        (void)out;
        (void)n;
        (void)writing;
        *(bool *)asked = true;
        return -1;
}

static bool read_pair(X509 **x, EVP_PKEY **key, const char *cert_file, const char *key_file, struct err *err)
{
        BIO *c = NULL, *k = NULL;
        bool asked = false, ok = false;
        if (!open_pem(&c, cert_file, "certificate", err) || !open_pem(&k, key_file, "private key", err))
                goto out;
        *x = PEM_read_bio_X509(c, NULL, NULL, NULL);
        if (!*x) {
                err_set(err, ERR_CONFIG, 0, "file \"%s\" holds no certificate", cert_file);
                goto out;
        }
        *key = PEM_read_bio_PrivateKey(k, NULL, no_phrase, &asked);
        ok = *key || err_set(err, asked ? ERR_DENIED : ERR_CONFIG, 0, "could not use private key \"%s\": %s", key_file,
                             asked ? "it needs a pass phrase" : reason());
out:
        BIO_free(c);
        BIO_free(k);
        return ok;
}

bool cert_fits(const char *cert_file, const char *key_file, struct err *err)
{
        X509 *x = NULL;
        EVP_PKEY *key = NULL;
        bool ok = read_pair(&x, &key, cert_file, key_file, err);
        if (ok && X509_check_private_key(x, key) != 1) {
                ok = err_set(err, ERR_CONFIG, 0, "private key \"%s\" is not that of certificate \"%s\"", key_file, cert_file);
                err_hint(err, "Was only one of the two renewed?");
        }
        X509_free(x);
        EVP_PKEY_free(key);
        ERR_clear_error();
        return ok;
}
