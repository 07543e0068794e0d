/* http_reply.c - what a handler sees of a request, and the answer it gives. */
#include <assert.h>
#include <stdio.h>
#include <sys/socket.h>
#include <time.h>

#include "http_conn.h"

static struct conn *conn_of(struct http_request *r)
{
        return (struct conn *)r; /* the first member of its connection */
}

static const struct conn *conn_of_const(const struct http_request *r)
{
        return (const struct conn *)r;
}

_Static_assert(offsetof(struct conn, request) == 0, "a request begins its connection");

void http_set_ctx(struct http_request *r, void *ctx)
{
        r->ctx = ctx;
}

void *http_ctx(const struct http_request *r)
{
        return r->ctx;
}

struct slice http_method(const struct http_request *r)
{
        return r->head.method;
}

struct slice http_path(const struct http_request *r)
{
        return r->head.path;
}

struct slice http_query(const struct http_request *r)
{
        return r->head.query;
}

struct slice http_header(const struct http_request *r, const char *name)
{
        return http_head_get(&r->head, name);
}

int64_t http_length(const struct http_request *r)
{
        return r->head.length;
}

bool http_peer(const struct http_request *r, uint32_t *uid)
{
        struct ucred peer;
        socklen_t n = sizeof peer;
        const struct conn *c = conn_of_const(r);
        if (!c->server->unlink_path[0] || getsockopt(c->wire.fd, SOL_SOCKET, SO_PEERCRED, &peer, &n) != 0)
                return false;
        *uid = peer.uid;
        return true;
}

bool http_client(const struct http_request *r, struct http_client *out)
{
        const struct conn *c = conn_of_const(r);
        return c->server->asks_clients && wire_client(&c->wire, out);
}

void http_pause(struct http_request *r)
{
        r->paused = true;
        if (conn_of(r)->state == CONN_BODY)
                conn_deadline(conn_of(r), HTTP_NEVER);
}

void http_resume(struct http_request *r)
{
        struct conn *c = conn_of(r);
        if (!r->paused)
                return;
        r->paused = false;
        if (c->state != CONN_BODY)
                return;
        conn_deadline(c, c->server->settings.timeout_us);
        if (!c->busy)
                conn_feed(c, SLICE(""));
}

void http_reply(struct http_request *r, int status, const char *content_type, const char *extra,
                struct slice body)
{
        struct conn *c = conn_of(r);
        assert(r->open && conn_of_const(r)->state != CONN_SEND);
        r->open = false;
        c->server->busy--;
        /* The rest of a body that nobody wants is not worth reading. */
        if (!r->complete)
                r->keep = false;
        reply_write(c, status, content_type, extra, body);
}

/* "Mon, 23 Nov 2026 01:40:00 GMT", made once a second. */
static const char *date(struct http_server *s)
{
        struct tm tm;
        time_t now = time(NULL);
        if (now != s->date_s && gmtime_r(&now, &tm)) {
                strftime(s->date, sizeof s->date, "%a, %d %b %Y %H:%M:%S GMT", &tm);
                s->date_s = now;
        }
        return s->date;
}

/* Of http-parser's table. */
static const char *reason(int status)
{
        return http_status_str((enum http_status)status);
}

void reply_write(struct conn *c, int status, const char *content_type, const char *extra,
                 struct slice body)
{
        struct http_request *r = &c->request;
        char head[2048];
        if (c->server->draining)
                r->keep = false;
        bool bodiless = status == 204 || status == 304;
        int n = snprintf(head, sizeof head, "HTTP/1.1 %d %s\r\nDate: %s\r\n", status, reason(status),
                         date(c->server));
        if (!bodiless)
                n += snprintf(head + n, sizeof head - (size_t)n,
                              "Content-Type: %s\r\nContent-Length: %zu\r\n", content_type, body.n);
        if (!r->keep)
                n += snprintf(head + n, sizeof head - (size_t)n, "Connection: close\r\n");
        else if (r->head.old)
                n += snprintf(head + n, sizeof head - (size_t)n, "Connection: keep-alive\r\n");
        int more = snprintf(head + n, sizeof head - (size_t)n, "%s\r\n", extra);
        /* Headers are written by programmers: what does not fit is a mistake of theirs. */
        assert(more >= 0 && (size_t)(n + more) < sizeof head);
        if (bodiless || slice_is(r->head.method, "HEAD"))
                body = SLICE("");
        conn_send(c, slice_make(head, (size_t)(n + more)), body);
}
