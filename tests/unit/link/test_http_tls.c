/* TLS: the same server behind a certificate made here, and what it refuses. */
#include "http_fixture.h"

#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

static char dir[] = "/tmp/link-tls-XXXXXX", cert_file[64], key_file[64], other_key[64];

static EVP_PKEY *make_key(const char *path)
{
        EVP_PKEY *key = EVP_EC_gen("P-256");
        FILE *f = fopen(path, "w");
        assert_true(PEM_write_PrivateKey(f, key, NULL, NULL, 0, NULL, NULL) == 1);
        fclose(f);
        return key;
}

static int make_certificate(void **state)
{
        (void)state;
        assert_non_null(mkdtemp(dir));
        snprintf(cert_file, sizeof cert_file, "%s/cert.pem", dir);
        snprintf(key_file, sizeof key_file, "%s/key.pem", dir);
        snprintf(other_key, sizeof other_key, "%s/other.pem", dir);
        EVP_PKEY_free(make_key(other_key));
        EVP_PKEY *key = make_key(key_file);
        X509 *cert = X509_new();
        X509_gmtime_adj(X509_getm_notBefore(cert), 0);
        X509_gmtime_adj(X509_getm_notAfter(cert), 3600);
        X509_set_pubkey(cert, key);
        X509_NAME_add_entry_by_txt(X509_get_subject_name(cert), "CN", MBSTRING_ASC,
                                   (const unsigned char *)"localhost", -1, -1, 0);
        X509_set_issuer_name(cert, X509_get_subject_name(cert));
        assert_true(X509_sign(cert, key, EVP_sha256()) > 0);
        FILE *f = fopen(cert_file, "w");
        PEM_write_X509(f, cert);
        fclose(f);
        X509_free(cert);
        EVP_PKEY_free(key);
        return 0;
}

static int remove_certificate(void **state)
{
        (void)state;
        unlink(cert_file);
        unlink(key_file);
        unlink(other_key);
        rmdir(dir);
        return 0;
}

static struct http_settings tls_settings(void)
{
        struct http_settings s = settings_of("127.0.0.1");
        s.cert_file = cert_file;
        s.key_file = key_file;
        return s;
}

static SSL *tls_client(int fd, int max_version)
{
        SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
        SSL_CTX_set_max_proto_version(ctx, max_version);
        SSL_CTX_set_security_level(ctx, 0);
        SSL *ssl = SSL_new(ctx);
        SSL_CTX_free(ctx);
        SSL_set_fd(ssl, fd);
        SSL_set_connect_state(ssl);
        return ssl;
}

/* Turns the loop until the handshake is done; false when it fails. */
static bool shake(SSL *ssl)
{
        for (int i = 0; i < 5000; i++) {
                int n = SSL_do_handshake(ssl);
                if (n == 1)
                        return true;
                if (SSL_get_error(ssl, n) != SSL_ERROR_WANT_READ)
                        return false;
                turn();
        }
        return false;
}

static void tls_say(SSL *ssl, const char *p, size_t n)
{
        int64_t deadline = clock_mono_us() + 10 * US_PER_SECOND;
        while (n && clock_mono_us() < deadline) {
                size_t done = 0;
                if (SSL_write_ex(ssl, p, n < 30000 ? n : 30000, &done) == 1) {
                        p += done;
                        n -= done;
                }
                turn();
        }
        assert_int_equal(n, 0);
}

static const char *tls_hear(SSL *ssl, const char *until)
{
        static char text[65536];
        size_t n = 0;
        int64_t deadline = clock_mono_us() + 10 * US_PER_SECOND;
        text[0] = 0;
        while (clock_mono_us() < deadline && !(until && strstr(text, until))) {
                size_t got = 0;
                turn();
                if (SSL_read_ex(ssl, text + n, sizeof text - 1 - n, &got) == 1) {
                        n += got;
                        text[n] = 0;
                } else if (!until && SSL_get_shutdown(ssl) & SSL_RECEIVED_SHUTDOWN) {
                        break;
                }
        }
        assert_true(clock_mono_us() < deadline);
        return text;
}

static void talk(int version)
{
        struct http_settings s = tls_settings();
        begin_with(&s);
        int fd = client();
        SSL *ssl = tls_client(fd, version);
        assert_true(shake(ssl));
        const char *two = "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nhiGET /now HTTP/1.1\r\nHost: x\r\n\r\n";
        tls_say(ssl, two, strlen(two));
        const char *text = tls_hear(ssl, "now");
        assert_non_null(strstr(text, "POST /echo? [hi]"));
        /* Large pieces both ways round, through many records. */
        char *junk = calloc(1, 1 << 20);
        const char *large = "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 1048576\r\n\r\n";
        tls_say(ssl, large, strlen(large));
        tls_say(ssl, junk, 1 << 20);
        assert_non_null(strstr(tls_hear(ssl, "bytes]"), "1048576 bytes]"));
        const char *early = "POST /early HTTP/1.1\r\nHost: x\r\nContent-Length: 500\r\n\r\n";
        tls_say(ssl, early, strlen(early));
        assert_non_null(strstr(tls_hear(ssl, NULL), "HTTP/1.1 401 "));
        free(junk);
        SSL_free(ssl);
        close(fd);
        finish();
}

static void tls__carries_requests_in_1_3(void **state)
{
        (void)state;
        talk(TLS1_3_VERSION);
}

static void tls__carries_requests_in_1_2(void **state)
{
        (void)state;
        talk(TLS1_2_VERSION);
}

static void tls__refuses_1_1(void **state)
{
        (void)state;
        struct http_settings s = tls_settings();
        begin_with(&s);
        int fd = client();
        SSL *ssl = tls_client(fd, TLS1_1_VERSION);
        assert_false(shake(ssl));
        SSL_free(ssl);
        close(fd);
        finish();
}

static void tls__holds_back_a_sender_while_paused(void **state)
{
        (void)state;
        struct http_settings s = tls_settings();
        begin_with(&s);
        int fd = client();
        SSL *ssl = tls_client(fd, TLS1_3_VERSION);
        assert_true(shake(ssl));
        const char *head = "POST /pause HTTP/1.1\r\nHost: x\r\nContent-Length: 40000\r\n\r\n";
        tls_say(ssl, head, strlen(head));
        turns(10);
        char *junk = calloc(1, 40000);
        tls_say(ssl, junk, 40000);
        turns(20);
        assert_int_equal(world.body.n, 0);
        http_resume(world.waiting);
        turns(20);
        assert_int_equal(world.body.n, 40000);
        assert_int_equal(world.ends, 1);
        reply_text(world.waiting, 200, "done");
        assert_non_null(strstr(tls_hear(ssl, "done"), "HTTP/1.1 200 OK"));
        free(junk);
        SSL_free(ssl);
        close(fd);
        finish();
}

static void tls__drops_who_speaks_in_clear(void **state)
{
        (void)state;
        struct http_settings s = tls_settings();
        begin_with(&s);
        int fd = client();
        say(fd, "GET /now HTTP/1.1\r\nHost: x\r\n\r\n");
        assert_null(strstr(hear(fd, NULL), "HTTP/1.1 200"));
        assert_int_equal(world.heads, 0);
        close(fd);
        finish();
}

static void tls__refuses_a_key_of_another_certificate(void **state)
{
        (void)state;
        struct http_settings s = tls_settings();
        struct err err = ERR_INIT;
        struct http_server *server;
        s.key_file = other_key;
        begin();
        assert_false(http_start(&server, world.loop, &s, &err));
        assert_int_equal(err.kind, ERR_CONFIG);
        assert_non_null(strstr(err.text, "could not use private key"));
        finish();
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(tls__carries_requests_in_1_3),
                cmocka_unit_test(tls__carries_requests_in_1_2),
                cmocka_unit_test(tls__refuses_1_1),
                cmocka_unit_test(tls__holds_back_a_sender_while_paused),
                cmocka_unit_test(tls__drops_who_speaks_in_clear),
                cmocka_unit_test(tls__refuses_a_key_of_another_certificate),
        };
        return cmocka_run_group_tests(tests, make_certificate, remove_certificate);
}
