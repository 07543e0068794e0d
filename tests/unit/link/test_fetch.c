/* test_fetch.c - HTTPS with a certificate on either side: who is let in, and as whom. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "link/fetch.h"
#include "link/http.h"

#define MUST(call)                                                                             \
        do {                                                                                   \
                struct err failed = ERR_INIT;                                                  \
                if (!(call))                                                                   \
                        fail_msg("%s: %s", #call, failed.text);                                \
        } while (0)

static char dir[] = "/tmp/link-fetch-XXXXXX";
static struct side {
        char cert[64], key[64];
        EVP_PKEY *pair;
        X509 *x;
} authority, server_side, jana, stranger, other_authority, ended, misnamed;
enum { ODD = 2 };
static struct loop *loop;
static struct http_server *server, *odd_servers[ODD];
static pthread_t thread;

/* ---- Certificates ----------------------------------------------------------------- */
static void add(X509 *x, int nid, const char *value)
{
        X509_EXTENSION *e = X509V3_EXT_conf_nid(NULL, NULL, nid, value);
        assert_non_null(e);
        assert_int_equal(X509_add_ext(x, e, -1), 1);
        X509_EXTENSION_free(e);
}

static void name(X509 *x, const char *key, const char *value)
{
        X509_NAME_add_entry_by_txt(X509_get_subject_name(x), key, MBSTRING_ASC, (const unsigned char *)value, -1, -1, 0);
}

static void make(struct side *s, const char *as, const char *country, const char *alternatives, const struct side *by, long ends_s)
{
        snprintf(s->cert, sizeof s->cert, "%s/%s.pem", dir, as);
        snprintf(s->key, sizeof s->key, "%s/%s.key", dir, as);
        s->pair = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
        s->x = X509_new();
        X509_set_version(s->x, X509_VERSION_3);
        ASN1_INTEGER_set(X509_get_serialNumber(s->x), (long)(uintptr_t)s & 0xffff);
        X509_gmtime_adj(X509_getm_notBefore(s->x), -3600);
        X509_gmtime_adj(X509_getm_notAfter(s->x), ends_s);
        X509_set_pubkey(s->x, s->pair);
        name(s->x, "CN", as);
        if (country)
                name(s->x, "C", country);
        X509_set_issuer_name(s->x, X509_get_subject_name(by ? by->x : s->x));
        if (alternatives)
                add(s->x, NID_subject_alt_name, alternatives);
        add(s->x, NID_basic_constraints, by ? "critical,CA:FALSE" : "critical,CA:TRUE");
        assert_true(X509_sign(s->x, by ? by->pair : s->pair, NULL) > 0);
        FILE *f = fopen(s->cert, "w");
        PEM_write_X509(f, s->x);
        fclose(f);
        f = fopen(s->key, "w");
        PEM_write_PrivateKey(f, s->pair, NULL, NULL, 0, NULL, NULL);
        fclose(f);
}

static void forget(struct side *s)
{
        unlink(s->cert);
        unlink(s->key);
        EVP_PKEY_free(s->pair);
        X509_free(s->x);
}

/* ---- A server that says who asks -------------------------------------------------- */
static void on_head(struct http_request *r, void *ctx)
{
        http_set_ctx(r, ctx);
}

static void on_body(struct http_request *r, struct slice piece)
{
        (void)r;
        (void)piece;
}

static void on_gone(struct http_request *r)
{
        (void)r;
}

static void on_end(struct http_request *r)
{
        static char large[100000];
        struct http_client who;
        char text[512];
        if (slice_is(http_path(r), "/large")) {
                http_reply(r, 200, "text/plain", "", slice_make(large, sizeof large));
                return;
        }
        if (slice_is(http_path(r), "/never"))
                return;
        bool stops = slice_is(http_path(r), "/stop");
        if (http_client(r, &who))
                snprintf(text, sizeof text, "%s|%s|%s|%d", who.name, who.email, who.country, who.has_key);
        else
                snprintf(text, sizeof text, "nobody");
        http_reply(r, 200, "text/plain", "", slice_of(text));
        if (stops)
                loop_stop(loop);
}

static const struct http_handler handler = { on_head, on_body, on_end, on_gone };

static void *serve(void *ctx)
{
        (void)ctx;
        MUST(loop_run(loop, &failed));
        return NULL;
}

static int setup(void **state)
{
        (void)state;
        log_setup(LOG_LEVEL_ERROR, false);
        assert_non_null(mkdtemp(dir));
        make(&authority, "authority", NULL, NULL, NULL, 3600);
        make(&other_authority, "elsewhere", NULL, NULL, NULL, 3600);
        make(&server_side, "server", NULL, "DNS:localhost,IP:127.0.0.1", &authority, 3600);
        make(&jana, "jana", "DE", "DNS:x.example,email:jana@example.com,email:other@example.com", &authority, 3600);
        make(&stranger, "stranger", "DE", NULL, &other_authority, 3600);
        struct http_settings s = { .address = "127.0.0.1", .max_body = 4096, .max_connections = 8, .timeout_us = 5 * US_PER_SECOND,
                                   .cert_file = server_side.cert, .key_file = server_side.key,
                                   .client_ca_file = authority.cert, .handler = &handler };
        MUST(loop_new(&loop, &failed));
        MUST(http_start(&server, loop, &s, &failed));
        make(&ended, "ended", NULL, "DNS:localhost", &authority, -60);
        make(&misnamed, "misnamed", NULL, "DNS:elsewhere.example", &authority, 3600);
        const struct side *odd[ODD] = { &ended, &misnamed };
        for (size_t i = 0; i < ODD; i++) {
                s.cert_file = odd[i]->cert;
                s.key_file = odd[i]->key;
                MUST(http_start(&odd_servers[i], loop, &s, &failed));
        }
        return pthread_create(&thread, NULL, serve, NULL);
}

static bool get_of(struct http_server *asked, const char *path, const struct side *as, const char *ca, size_t max, char *out,
                   struct err *err)
{
        char url[128];
        struct buf b;
        int status = 0;
        snprintf(url, sizeof url, "https://localhost:%d%s", http_port(asked), path);
        const struct fetch f = { .url = url, .ca_file = ca, .cert_file = as ? as->cert : NULL, .key_file = as ? as->key : NULL,
                                 .timeout_us = US_PER_SECOND };
        buf_init(&b, max);
        bool ok = fetch_run(&f, &status, &b, err);
        snprintf(out, 256, "%d %.*s", status, (int)(b.n < 200 ? b.n : 200), b.p ? b.p : "");
        buf_clear(&b);
        return ok;
}

static bool get(const char *path, const struct side *as, const char *ca, size_t max, char *out, struct err *err)
{
        return get_of(server, path, as, ca, max, out, err);
}

static int teardown(void **state)
{
        (void)state;
        char said[256];
        MUST(get("/stop", &jana, authority.cert, 4096, said, &failed));
        pthread_join(thread, NULL);
        http_stop(server);
        for (size_t i = 0; i < ODD; i++)
                http_stop(odd_servers[i]);
        loop_free(loop);
        struct side *all[] = { &authority, &other_authority, &server_side, &jana, &stranger, &ended, &misnamed };
        for (size_t i = 0; i < sizeof all / sizeof *all; i++)
                forget(all[i]);
        rmdir(dir);
        return 0;
}

static void fetch__shows_who_asks_by_certificate(void **state)
{
        (void)state;
        char said[256];
        MUST(get("/who", &jana, authority.cert, 4096, said, &failed));
        assert_string_equal(said, "200 jana|jana@example.com|DE|1");
}

static void fetch__is_refused_without_a_certificate_of_the_authority(void **state)
{
        (void)state;
        char said[256];
        struct err err = ERR_INIT;
        assert_false(get("/who", NULL, authority.cert, 4096, said, &err));
        assert_int_equal(err.kind, ERR_DENIED);
        err_clear(&err);
        assert_false(get("/who", &stranger, authority.cert, 4096, said, &err));
        assert_int_equal(err.kind, ERR_DENIED);
}

static void fetch__trusts_no_server_that_another_authority_signed(void **state)
{
        (void)state;
        char said[256];
        struct err err = ERR_INIT;
        assert_false(get("/who", &jana, other_authority.cert, 4096, said, &err));
        assert_int_equal(err.kind, ERR_DENIED);
        assert_string_equal(said, "0 ");
}

static void fetch__says_what_is_wrong_with_the_servers_certificate(void **state)
{
        (void)state;
        static const char *const hints[ODD] = { "has ended", "is of another host" };
        char said[256];
        for (size_t i = 0; i < ODD; i++) {
                struct err err = ERR_INIT;
                assert_false(get_of(odd_servers[i], "/who", &jana, authority.cert, 4096, said, &err));
                assert_int_equal(err.kind, ERR_DENIED);
                if (!strstr(err.hint, hints[i]))
                        fail_msg("%s: %s", err.text, err.hint);
        }
        struct err err = ERR_INIT;
        assert_false(get("/who", &jana, other_authority.cert, 4096, said, &err));
        assert_non_null(strstr(err.hint, "of no authority that is trusted here"));
}

static void fetch__keeps_its_ceilings(void **state)
{
        (void)state;
        char said[256];
        struct err err = ERR_INIT;
        assert_false(get("/large", &jana, authority.cert, 4096, said, &err));
        assert_int_equal(err.kind, ERR_DATA);
        err_clear(&err);
        int64_t before = clock_mono_us();
        assert_false(get("/never", &jana, authority.cert, 4096, said, &err));
        assert_int_equal(err.kind, ERR_RETRY);
        assert_true(clock_mono_us() - before < 3 * US_PER_SECOND);
}

static void fetch__sends_nothing_in_clear(void **state)
{
        (void)state;
        int status;
        struct buf b;
        struct err err = ERR_INIT;
        const struct fetch f = { .url = "http://localhost/who", .timeout_us = US_PER_SECOND };
        buf_init(&b, 64);
        assert_false(fetch_run(&f, &status, &b, &err));
        assert_int_equal(err.kind, ERR_CONFIG);
        struct fetch none = { .url = "https://localhost:1/who", .ca_file = "/nowhere.pem", .timeout_us = US_PER_SECOND };
        assert_false(fetch_run(&none, &status, &b, &err));
        assert_int_equal(err.kind, ERR_CONFIG);
        buf_clear(&b);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(fetch__shows_who_asks_by_certificate),
                cmocka_unit_test(fetch__is_refused_without_a_certificate_of_the_authority),
                cmocka_unit_test(fetch__trusts_no_server_that_another_authority_signed),
                cmocka_unit_test(fetch__says_what_is_wrong_with_the_servers_certificate),
                cmocka_unit_test(fetch__keeps_its_ceilings),
                cmocka_unit_test(fetch__sends_nothing_in_clear),
        };
        return cmocka_run_group_tests(tests, setup, teardown);
}
