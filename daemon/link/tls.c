/* tls.c - bytes to and from a non-blocking socket, in clear or through TLS (OpenSSL 3).
 *
 * SSL_read() and SSL_write() work on the non-blocking socket itself: nothing is
 * buffered twice, and OpenSSL releases its record buffers while a connection idles. */
#include "tls.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

struct tls {
        SSL_CTX *ctx;
};

/* The library's first reason; its queue is emptied. */
static const char *reason(void)
{
        unsigned long code = ERR_get_error();
        ERR_clear_error();
        const char *text = code ? ERR_reason_error_string(code) : NULL;
        return text ? text : "no reason given";
}

static bool load(SSL_CTX *ctx, const char *cert_file, const char *key_file, struct err *err)
{
        if (SSL_CTX_use_certificate_chain_file(ctx, cert_file) != 1) {
                err_set(err, ERR_CONFIG, 0, "could not read certificate \"%s\": %s", cert_file, reason());
                return err_hint(err, "The file must hold the certificate and its chain as PEM.");
        }
        if (SSL_CTX_use_PrivateKey_file(ctx, key_file, SSL_FILETYPE_PEM) != 1) {
                err_set(err, ERR_CONFIG, 0, "could not use private key \"%s\": %s", key_file, reason());
                return err_hint(err, "The file must hold the key of certificate \"%s\" as PEM, without a "
                                     "pass phrase.", cert_file);
        }
        return true;
}

/* A session that is taken up again must be one of the same verified client. */
static bool demand_client(SSL_CTX *ctx, const char *ca_file, struct err *err)
{
        STACK_OF(X509_NAME) *names = SSL_load_client_CA_file(ca_file);
        if (!names || SSL_CTX_load_verify_file(ctx, ca_file) != 1) {
                sk_X509_NAME_pop_free(names, X509_NAME_free);
                err_set(err, ERR_CONFIG, 0, "could not read the clients' authority \"%s\": %s", ca_file, reason());
                return err_hint(err, "The file must hold, as PEM, the certificates that sign those of clients.");
        }
        SSL_CTX_set_client_CA_list(ctx, names);
        SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
        SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
        SSL_CTX_set_options(ctx, SSL_OP_NO_TICKET);
        SSL_CTX_set_num_tickets(ctx, 0);
        return true;
}

bool tls_open(struct tls **out, const char *cert_file, const char *key_file, const char *client_ca_file,
              struct err *err)
{
        *out = NULL;
        struct tls *t = calloc(1, sizeof *t);
        if (t)
                t->ctx = SSL_CTX_new(TLS_server_method());
        if (!t || !t->ctx) {
                tls_close(t);
                return err_set(err, ERR_SYSTEM, 0, "could not set up TLS: %s", reason());
        }
        SSL_CTX_set_min_proto_version(t->ctx, TLS1_2_VERSION);
        SSL_CTX_set_options(t->ctx, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
                                            SSL_OP_CIPHER_SERVER_PREFERENCE);
        SSL_CTX_set_mode(t->ctx, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_RELEASE_BUFFERS |
                                         SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
        if (!load(t->ctx, cert_file, key_file, err) || (client_ca_file && !demand_client(t->ctx, client_ca_file, err))) {
                tls_close(t);
                return false;
        }
        /* OpenSSL writes with write(2), which cannot be told MSG_NOSIGNAL. */
        signal(SIGPIPE, SIG_IGN);
        *out = t;
        return true;
}

void tls_close(struct tls *t)
{
        if (!t)
                return;
        SSL_CTX_free(t->ctx);
        free(t);
}

bool wire_open(struct wire *w, int fd, struct tls *tls)
{
        *w = (struct wire){ .fd = fd };
        if (!tls)
                return true;
        SSL *ssl = SSL_new(tls->ctx);
        if (!ssl || SSL_set_fd(ssl, fd) != 1) {
                SSL_free(ssl);
                ERR_clear_error();
                wire_close(w);
                return false;
        }
        SSL_set_accept_state(ssl);
        w->session = ssl;
        return true;
}

/* What an SSL call that did not succeed means to a connection. */
static ssize_t tls_verdict(struct wire *w, int result)
{
        int why = SSL_get_error(w->session, result);
        ERR_clear_error();
        w->want_write = why == SSL_ERROR_WANT_WRITE;
        if (why == SSL_ERROR_WANT_READ || why == SSL_ERROR_WANT_WRITE)
                return WIRE_AGAIN;
        return why == SSL_ERROR_ZERO_RETURN ? 0 : WIRE_LOST;
}

static ssize_t verdict(ssize_t result)
{
        if (result >= 0)
                return result;
        return errno == EAGAIN || errno == EINTR ? WIRE_AGAIN : WIRE_LOST;
}

/* One record gives at most 16 KiB: records are read until n bytes are full, so that a
 * body comes in as large pieces as in clear. */
static ssize_t tls_read(struct wire *w, char *out, size_t n)
{
        size_t got = 0;
        while (got < n) {
                size_t more = 0;
                int result = SSL_read_ex(w->session, out + got, n - got, &more);
                if (result != 1) {
                        ssize_t v = tls_verdict(w, result);
                        return got ? (ssize_t)got : v;
                }
                got += more;
        }
        return (ssize_t)got;
}

ssize_t wire_read(struct wire *w, void *out, size_t n)
{
        w->want_write = false;
        if (w->session)
                return tls_read(w, out, n);
        return verdict(recv(w->fd, out, n, 0));
}

ssize_t wire_write(struct wire *w, const void *bytes, size_t n)
{
        if (!w->session)
                return verdict(send(w->fd, bytes, n, MSG_NOSIGNAL));
        size_t done = 0;
        int result = SSL_write_ex(w->session, bytes, n, &done);
        if (result == 1)
                return (ssize_t)done;
        ssize_t v = tls_verdict(w, result);
        return v == 0 ? WIRE_LOST : v;
}

bool wire_pending(const struct wire *w)
{
        /* Not SSL_has_pending(), which also counts a record that is only half here. */
        return w->session && SSL_pending(w->session) > 0;
}

void wire_shut(struct wire *w)
{
        if (w->session) {
                SSL_shutdown(w->session); /* sends close_notify; the answer is not awaited */
                ERR_clear_error();
        }
        shutdown(w->fd, SHUT_WR);
}

void wire_close(struct wire *w)
{
        SSL_free(w->session);
        w->session = NULL;
        if (w->fd >= 0)
                close(w->fd);
        w->fd = -1;
}
