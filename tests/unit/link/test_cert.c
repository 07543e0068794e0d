/* cert.h: dates and keys of certificates that openssl's own library writes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "base/clock.h"
#include "link/cert.h"

static char dir[] = "/tmp/link-cert-XXXXXX", path[4][64];
enum { CHAIN, KEY, OTHER_KEY, LOCKED_KEY };

static EVP_PKEY *make_key(const char *file, const char *phrase)
{
        EVP_PKEY *key = EVP_EC_gen("P-256");
        FILE *f = fopen(file, "w");
        assert_true(PEM_write_PKCS8PrivateKey(f, key, phrase ? EVP_aes_128_cbc() : NULL, phrase,
                                              phrase ? (int)strlen(phrase) : 0, NULL, NULL) == 1);
        fclose(f);
        return key;
}

static void add_certificate(EVP_PKEY *key, const char *name, long from_s, long to_s)
{
        X509 *cert = X509_new();
        X509_gmtime_adj(X509_getm_notBefore(cert), from_s);
        X509_gmtime_adj(X509_getm_notAfter(cert), to_s);
        X509_set_pubkey(cert, key);
        X509_NAME_add_entry_by_txt(X509_get_subject_name(cert), "CN", MBSTRING_UTF8, (const unsigned char *)name, -1,
                                   -1, 0);
        X509_set_issuer_name(cert, X509_get_subject_name(cert));
        assert_true(X509_sign(cert, key, EVP_sha256()) > 0);
        FILE *f = fopen(path[CHAIN], "a");
        PEM_write_X509(f, cert);
        fclose(f);
        X509_free(cert);
}

static int set_up(void **state)
{
        static const char *const names[] = { "chain", "key", "other", "locked" };
        (void)state;
        assert_non_null(mkdtemp(dir));
        for (int i = 0; i < 4; i++)
                snprintf(path[i], sizeof path[i], "%s/%s.pem", dir, names[i]);
        EVP_PKEY_free(make_key(path[OTHER_KEY], NULL));
        EVP_PKEY_free(make_key(path[LOCKED_KEY], "secret"));
        EVP_PKEY *key = make_key(path[KEY], NULL);
        add_certificate(key, "leaf", -60, 20 * 86400);
        add_certificate(key, "b\xc3\xb6se\x1b", -120, 10 * 86400);
        EVP_PKEY_free(key);
        return 0;
}

static int tear_down(void **state)
{
        (void)state;
        for (int i = 0; i < 4; i++)
                unlink(path[i]);
        return rmdir(dir);
}

static void cert__tells_the_soonest_end_of_a_chain(void **state)
{
        (void)state;
        struct cert_file c;
        struct err err = ERR_INIT;
        int64_t now = clock_now_us();
        assert_true(cert_read(&c, path[CHAIN], now, &err));
        assert_int_equal(c.n, 2);
        assert_int_equal(c.ended + c.not_yet, 0);
        assert_true(c.first_end_us > now + 9 * US_PER_DAY && c.first_end_us <= now + 10 * US_PER_DAY);
        for (const char *p = c.subject; *p; p++)
                assert_in_range(*p, 0x20, 0x7e);
        assert_true(cert_read(&c, path[CHAIN], now + 15 * US_PER_DAY, &err));
        assert_int_equal(c.ended, 1);
        assert_true(cert_read(&c, path[CHAIN], now - 90 * US_PER_SECOND, &err));
        assert_int_equal(c.not_yet, 1);
}

static void cert__says_which_key_does_not_fit(void **state)
{
        (void)state;
        struct err err = ERR_INIT;
        assert_true(cert_fits(path[CHAIN], path[KEY], &err));
        assert_false(cert_fits(path[CHAIN], path[OTHER_KEY], &err));
        assert_int_equal(err.kind, ERR_CONFIG);
        assert_non_null(strstr(err.text, path[OTHER_KEY]));
        assert_false(cert_fits(path[CHAIN], path[LOCKED_KEY], &err));
        assert_int_equal(err.kind, ERR_DENIED);
}

static void cert__refuses_what_is_no_certificate(void **state)
{
        (void)state;
        struct cert_file c;
        struct err err = ERR_INIT;
        assert_false(cert_read(&c, path[KEY], 0, &err));
        assert_int_equal(err.kind, ERR_CONFIG);
        assert_false(cert_read(&c, "/nonexistent", 0, &err));
        assert_false(cert_fits(path[KEY], path[KEY], &err));
        assert_non_null(strstr(err.text, "no certificate"));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(cert__tells_the_soonest_end_of_a_chain),
                cmocka_unit_test(cert__says_which_key_does_not_fit),
                cmocka_unit_test(cert__refuses_what_is_no_certificate),
        };
        return cmocka_run_group_tests(tests, set_up, tear_down);
}
