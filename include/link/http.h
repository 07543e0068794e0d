/* http.h - an HTTP/1.1 server whose bodies stream (RFC 9112).
 *
 * A header block is at most 16 KiB and is checked for bare CR or LF, obs-fold, space
 * before the colon, both Content-Length and Transfer-Encoding, before http-parser
 * sees it. The handler decides on the head; it may answer at once (401, 413), and then
 * no body is read: the connection is closed after the answer. Bodies come in pieces of
 * <= 64 KiB as they arrive; a handler that cannot take more calls http_pause().
 * Requests on one connection are answered in order, one at a time. A slow sender is cut
 * off after `timeout_us` (408). Everything happens on the loop's thread.
 *
 * Calling sequence per request: head -> body* -> end; http_reply() exactly once, at
 * any time from head on, also long after end(); no callback follows it. If the peer goes
 * away first, or the server answers by itself (400 chunks, 408, 413), gone() is called
 * instead and the request must not be used after it returns. A peer that leaves after its
 * last byte is not noticed: the reply goes nowhere.                            */
#ifndef LINK_HTTP_H
#define LINK_HTTP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "link/loop.h"

struct http_server;
struct http_request;

struct http_handler {
        /* The head is complete. Set ctx with http_set_ctx(). May reply at once. */
        void (*head)(struct http_request *r, void *server_ctx);
        void (*body)(struct http_request *r, struct slice piece);
        void (*end)(struct http_request *r);
        void (*gone)(struct http_request *r); /* the peer left before the reply */
};

struct http_settings {
        const char *address;   /* "127.0.0.1", "::1", or "unix:/path/to.sock" (mode 0600) */
        int port;              /* 0: any free one; see http_port() */
        uint64_t max_body;     /* bytes; beyond: 413. Also without Content-Length. */
        int max_connections;   /* beyond: who sent no whole head for a second gives way; else 503 */
        int64_t timeout_us;    /* for a whole head, and between two pieces of a body */
        const char *cert_file, *key_file; /* TLS >= 1.2 when set */
        const char *client_ca_file; /* with TLS: only clients whose certificate these sign; http_client() */
        const struct http_handler *handler;
        void *ctx;
};

/* Could http_start() listen as these settings say, files and free ports aside? Opens nothing. */
bool http_check(const struct http_settings *s, struct err *err);
/* Fails with ERR_CONFIG (address, certificate; plain HTTP off loopback) or ERR_BUSY (port taken). */
bool http_start(struct http_server **out, struct loop *l, const struct http_settings *s, struct err *err);
int http_port(const struct http_server *s);
/* No new connections or requests; those that are open may finish. Idle ones close. */
void http_drain(struct http_server *s);
int http_busy(const struct http_server *s); /* requests not answered yet */
void http_stop(struct http_server *s);      /* closes all; NULL is allowed */

void http_set_ctx(struct http_request *r, void *ctx);
void *http_ctx(const struct http_request *r);
struct slice http_method(const struct http_request *r); /* "POST" */
struct slice http_path(const struct http_request *r);   /* without the query; not decoded */
struct slice http_query(const struct http_request *r);
/* First header of that name (case folded); SLICE_NONE if absent. Valid until the reply. */
struct slice http_header(const struct http_request *r, const char *name);
/* Content-Length; -1 if chunked or none. */
int64_t http_length(const struct http_request *r);
/* Who asks over a unix socket, as the kernel has it; false: it came otherwise, or is not known. */
bool http_peer(const struct http_request *r, uint32_t *uid);

/* Who the client's certificate says it is; the texts printable ASCII, "" where it says nothing. */
struct http_client {
        char name[128];    /* its subject's CN */
        char email[128];   /* the first rfc822Name */
        char country[3];   /* its subject's C */
        bool has_key;      /* its key is Ed25519 */
        uint8_t key[32];
};
/* False without one: the server asks for none. */
bool http_client(const struct http_request *r, struct http_client *out);

/* Stops reading this body until http_resume(). Pieces already read may still come. */
void http_pause(struct http_request *r);
void http_resume(struct http_request *r);
/* extra: further header lines, each ended by CRLF, or "". body is copied. Status 4xx/5xx
 * before end() closes the connection after the answer. */
void http_reply(struct http_request *r, int status, const char *content_type, const char *extra,
                struct slice body);

/* A blocking client for verbs that speak to the control socket ("unix:PATH") or loopback.
 * body SLICE_NONE: GET. ERR_RETRY when nobody listens. out_body is appended to. */
bool http_ask(const char *address, int port, const char *path, struct slice body, int64_t timeout_us,
              int *out_status, struct buf *out_body, struct err *err);

#endif
