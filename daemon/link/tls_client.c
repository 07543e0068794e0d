/* tls_client.c - who a client is, as its certificate says. */
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <string.h>

#include "tls.h"

/* Printable ASCII whole, or nothing: half a name would be another's. */
static void take_text(char *to, size_t max, const ASN1_STRING *from)
{
        unsigned char *text = NULL;
        int n = from ? ASN1_STRING_to_UTF8(&text, from) : -1;
        bool plain = n > 0 && (size_t)n < max;
        for (int i = 0; plain && i < n; i++)
                plain = text[i] >= 0x20 && text[i] < 0x7f;
        to[0] = 0;
        if (plain) {
                memcpy(to, text, (size_t)n);
                to[n] = 0;
        }
        OPENSSL_free(text);
}

/* A subject that names two is nobody's. */
static void take_entry(char *to, size_t max, const X509_NAME *subject, int nid)
{
        int at = X509_NAME_get_index_by_NID(subject, nid, -1);
        to[0] = 0;
        if (at >= 0 && X509_NAME_get_index_by_NID(subject, nid, at) < 0)
                take_text(to, max, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at)));
}

static void take_email(char *to, size_t max, const X509 *cert)
{
        GENERAL_NAMES *names = X509_get_ext_d2i(cert, NID_subject_alt_name, NULL, NULL);
        to[0] = 0;
        for (int i = 0; i < sk_GENERAL_NAME_num(names) && !to[0]; i++) {
                const GENERAL_NAME *one = sk_GENERAL_NAME_value(names, i);
                if (one->type == GEN_EMAIL)
                        take_text(to, max, one->d.rfc822Name);
        }
        GENERAL_NAMES_free(names);
}

bool wire_client(const struct wire *w, struct http_client *out)
{
        X509 *cert = w->session ? SSL_get1_peer_certificate(w->session) : NULL;
        size_t n = sizeof out->key;
        *out = (struct http_client){ .name = "" };
        if (!cert || SSL_get_verify_result(w->session) != X509_V_OK) {
                X509_free(cert);
                return false;
        }
        const X509_NAME *subject = X509_get_subject_name(cert);
        take_entry(out->name, sizeof out->name, subject, NID_commonName);
        take_entry(out->country, sizeof out->country, subject, NID_countryName);
        take_email(out->email, sizeof out->email, cert);
        EVP_PKEY *key = X509_get0_pubkey(cert);
        out->has_key = key && EVP_PKEY_get_id(key) == EVP_PKEY_ED25519 && EVP_PKEY_get_raw_public_key(key, out->key, &n) == 1 &&
                       n == sizeof out->key;
        X509_free(cert);
        return true;
}
