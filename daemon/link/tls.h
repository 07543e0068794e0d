/* tls.h - bytes to and from a non-blocking socket, in clear or through TLS.
 *
 * Calling sequence: tls_open once a server; per connection wire_open ->
 * (wire_read | wire_write)* -> wire_shut? -> wire_close.                    */
#ifndef LINK_TLS_H
#define LINK_TLS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/err.h"
#include "link/http.h"

struct tls; /* a server's certificate and rules: TLS 1.2 or later */

/* client_ca_file NULL: clients need no certificate. ERR_CONFIG when a file cannot be read, or
 * certificate and key do not fit each other. */
bool tls_open(struct tls **out, const char *cert_file, const char *key_file, const char *client_ca_file,
              struct err *err);
void tls_close(struct tls *t); /* NULL is allowed */

struct wire {
        int fd;
        void *session;   /* the TLS session; NULL: in clear */
        bool want_write; /* TLS cannot go on before the socket is writable */
};

enum { WIRE_AGAIN = -1, WIRE_LOST = -2 };

/* Takes fd (non-blocking). tls NULL: in clear. False when memory is out; fd is then
 * closed. The handshake happens in the first reads. */
bool wire_open(struct wire *w, int fd, struct tls *tls);
/* Bytes read, 0 at the end, WIRE_AGAIN (see want_write) or WIRE_LOST. */
ssize_t wire_read(struct wire *w, void *out, size_t n);
/* Bytes written (> 0), WIRE_AGAIN or WIRE_LOST. Never raises SIGPIPE. */
ssize_t wire_write(struct wire *w, const void *bytes, size_t n);
/* True when bytes wait inside TLS that the socket no longer shows as readable. */
bool wire_pending(const struct wire *w);
/* Says that nothing more will be written. */
void wire_shut(struct wire *w);
void wire_close(struct wire *w);
/* tls_client.c: who the other side is, as its certificate says; it was verified in the handshake. */
bool wire_client(const struct wire *w, struct http_client *out);

#endif
