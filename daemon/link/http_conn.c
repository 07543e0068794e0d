/* http_conn.c - a connection: bytes in, requests to the handler, answers out.
 *
 * One place moves bytes through the states: conn_feed(). What the handler does inside
 * a callback (reply, pause) only changes state; the loop in take() sees it. A
 * connection closed while conn_feed() is on the stack is freed when that returns.
 * Reading is switched off lazily: the event stays until bytes come that have no place,
 * so a keep-alive request costs no epoll_ctl(2).                            */
#include "http_conn.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/clock.h"

static struct conn *conn_of(http_parser *p)
{
        return p->data;
}

void conn_deadline(struct conn *c, int64_t after_us)
{
        c->deadline_us = after_us == HTTP_NEVER ? HTTP_NEVER : clock_mono_us() + after_us;
}

bool conn_idle(const struct conn *c)
{
        return c->state == CONN_HEAD && c->in.n == 0;
}

/* ---- events ---- */

static void set_reading(struct conn *c, bool on)
{
        if (on == c->reading)
                return;
        c->reading = on;
        if (on)
                event_add(&c->read_event, NULL);
        else
                event_del(&c->read_event);
}

static void set_writing(struct conn *c, bool on)
{
        if (on == c->writing)
                return;
        c->writing = on;
        if (on)
                event_add(&c->write_event, NULL);
        else
                event_del(&c->write_event);
}

static bool wants_bytes(const struct conn *c)
{
        switch (c->state) {
        case CONN_HEAD:
        case CONN_LINGER:
                return true;
        case CONN_BODY:
                return !c->request.paused;
        case CONN_WAIT:
        case CONN_SEND:
        case CONN_DEAD:
                return false;
        }
        return false;
}

/* ---- life ---- */

static void conn_free(struct conn *c)
{
        if (c->prev)
                c->prev->next = c->next;
        else
                c->server->conns = c->next;
        if (c->next)
                c->next->prev = c->prev;
        buf_clear(&c->in);
        buf_clear(&c->out);
        buf_clear(&c->request.bytes);
        free(c);
}

void conn_close(struct conn *c)
{
        struct http_request *r = &c->request;
        if (c->state == CONN_DEAD)
                return;
        c->state = CONN_DEAD;
        set_reading(c, false);
        set_writing(c, false);
        wire_close(&c->wire);
        c->server->open_conns--;
        if (r->open) {
                r->open = false;
                c->server->busy--;
                c->server->settings.handler->gone(r);
        }
        if (!c->busy)
                conn_free(c);
}

static void linger(struct conn *c)
{
        wire_shut(&c->wire);
        c->state = CONN_LINGER;
        c->drained = 0;
        conn_deadline(c, HTTP_LINGER_US);
        set_reading(c, true);
}

/* The answer has left: on to the next request, or good-bye. */
static void sent(struct conn *c)
{
        buf_clear(&c->out);
        c->out_at = 0;
        if (!c->request.keep) {
                linger(c);
                return;
        }
        buf_clear(&c->request.bytes);
        /* Nothing of it may be seen again: the next bytes may not even be a request. */
        c->request = (struct http_request){ .bytes = c->request.bytes };
        c->state = CONN_HEAD;
        c->scanned = 0;
        conn_deadline(c, c->server->settings.timeout_us);
        if (!c->busy)
                conn_feed(c, SLICE(""));
}

/* ---- output ---- */

/* Writes from c->out what the socket takes; false when the connection was closed. */
static bool flush(struct conn *c)
{
        while (c->out_at < c->out.n) {
                ssize_t n = wire_write(&c->wire, c->out.p + c->out_at, c->out.n - c->out_at);
                if (n == WIRE_AGAIN)
                        break;
                if (n < 0) {
                        conn_close(c);
                        return false;
                }
                c->out_at += (size_t)n;
                if (c->state == CONN_SEND)
                        conn_deadline(c, c->server->settings.timeout_us);
        }
        set_writing(c, c->out_at < c->out.n);
        return true;
}

/* Both parts in one call to the socket where nothing waits before them. */
static ssize_t send_now(struct conn *c, struct slice head, struct slice body)
{
        if (c->out.n || c->wire.session)
                return 0;
        char *head_p, *body_p; /* an iovec has no const */
        memcpy(&head_p, &head.p, sizeof head_p);
        memcpy(&body_p, &body.p, sizeof body_p);
        struct iovec parts[2] = { { head_p, head.n }, { body_p, body.n } };
        struct msghdr message = { .msg_iov = parts, .msg_iovlen = body.n ? 2 : 1 };
        ssize_t n = sendmsg(c->wire.fd, &message, MSG_NOSIGNAL);
        return n < 0 && (errno == EAGAIN || errno == EINTR) ? 0 : n;
}

static void drop(struct slice *s, size_t *n)
{
        size_t k = *n < s->n ? *n : s->n;
        s->p += k;
        s->n -= k;
        *n -= k;
}

/* Puts what the socket does not take at once into c->out; false when closed. */
static bool put(struct conn *c, struct slice head, struct slice body)
{
        ssize_t now = send_now(c, head, body);
        if (now >= 0) {
                size_t n = (size_t)now;
                drop(&head, &n);
                drop(&body, &n);
                if (!head.n && !body.n)
                        return true;
                buf_put(&c->out, head);
                buf_put(&c->out, body);
        }
        if (now < 0 || !buf_ok(&c->out)) {
                conn_close(c);
                return false;
        }
        return flush(c);
}

void conn_send(struct conn *c, struct slice head, struct slice body)
{
        c->state = CONN_SEND;
        conn_deadline(c, c->server->settings.timeout_us);
        if (put(c, head, body) && c->out_at == c->out.n)
                sent(c);
}

void conn_refuse(struct conn *c, struct http_fault fault)
{
        struct http_request *r = &c->request;
        char body[160];
        if (r->open) {
                r->open = false;
                c->server->busy--;
                c->server->settings.handler->gone(r);
        }
        int n = snprintf(body, sizeof body, "{\"error\":\"%s\"}\n", fault.text);
        r->keep = false;
        reply_write(c, fault.status, "application/json", fault.status == 503 ? "Retry-After: 1\r\n" : "",
                    slice_make(body, (size_t)n));
}

/* ---- input ---- */

static int on_headers(http_parser *p)
{
        p->upgrade = 0; /* we may ignore an offer to change protocols, and do */
        return 0;
}

static int on_body(http_parser *p, const char *at, size_t n)
{
        struct conn *c = conn_of(p);
        struct http_request *r = &c->request;
        if (!r->open)
                return 1; /* answered: the rest is not read */
        r->body_n += n;
        if (r->body_n > c->server->settings.max_body) {
                r->refuse = (struct http_fault){ 413, "the body is too large" };
                return 1;
        }
        c->server->settings.handler->body(r, slice_make(at, n));
        return 0;
}

static int on_complete(http_parser *p)
{
        conn_of(p)->request.complete = true;
        http_parser_pause(p, 1); /* what follows is the next request */
        return 0;
}

static const http_parser_settings parser_settings = {
        .on_headers_complete = on_headers, .on_body = on_body, .on_message_complete = on_complete
};

static void finish(struct conn *c)
{
        c->state = CONN_WAIT;
        conn_deadline(c, HTTP_NEVER);
        c->server->settings.handler->end(&c->request);
}

/* Runs the parser over a checked head; the fault is what it does not understand. */
static struct http_fault parse_head(struct conn *c)
{
        struct http_request *r = &c->request;
        struct slice bytes = buf_slice(&r->bytes);
        struct http_fault fault = http_head_read(&r->head, bytes);
        if (fault.status)
                return fault;
        if (r->head.length > 0 && (uint64_t)r->head.length > c->server->settings.max_body)
                return (struct http_fault){ 413, "the body is too large" };
        http_parser_init(&r->parser, HTTP_REQUEST);
        r->parser.data = c;
        size_t used = http_parser_execute(&r->parser, &parser_settings, bytes.p, bytes.n);
        enum http_errno e = HTTP_PARSER_ERRNO(&r->parser);
        if (used != bytes.n || (e != HPE_OK && e != HPE_PAUSED) || r->parser.method == HTTP_CONNECT)
                return (struct http_fault){ 400, "the request is not understood" };
        r->keep = http_should_keep_alive(&r->parser);
        return (struct http_fault){ 0, NULL };
}

/* A whole head is in `bytes`: to the handler with it. */
static void begin(struct conn *c, struct slice bytes)
{
        struct http_request *r = &c->request;
        struct buf kept = r->bytes;
        *r = (struct http_request){ .bytes = kept };
        buf_reset(&r->bytes);
        buf_put(&r->bytes, bytes);
        if (!buf_ok(&r->bytes)) {
                conn_close(c);
                return;
        }
        struct http_fault fault = parse_head(c);
        if (fault.status) {
                conn_refuse(c, fault);
                return;
        }
        c->state = CONN_BODY;
        conn_deadline(c, c->server->settings.timeout_us);
        r->open = true;
        c->server->busy++;
        c->server->settings.handler->head(r, c->server->settings.ctx);
        if (c->state != CONN_BODY)
                return;
        r->continue_owed = r->head.expects && !r->complete;
        if (r->complete)
                finish(c);
}

/* Each take_ cuts what it used off `rest`, and is false when it needs more bytes. */
static bool take_head(struct conn *c, struct slice *rest)
{
        size_t n;
        while (c->scanned == 0 && slice_starts(*rest, SLICE("\r\n"))) /* RFC 9112, 2.2 */
                *rest = slice_make(rest->p + 2, rest->n - 2);
        struct http_fault fault = { 0, NULL };
        if (rest->n != 1 || rest->p[0] != '\r')
                fault = http_head_find(*rest, &c->scanned, &n);
        else
                n = 0;
        if (fault.status) {
                conn_refuse(c, fault);
                return false;
        }
        if (n == 0)
                return false;
        begin(c, slice_make(rest->p, n));
        *rest = slice_make(rest->p + n, rest->n - n);
        c->scanned = 0;
        return true;
}

/* Chunks may not cost much more than they carry. */
static bool wasteful(const struct conn *c)
{
        const struct http_request *r = &c->request;
        return r->head.chunked && r->wire_n > HTTP_WINDOW + 16 * (r->body_n + 1);
}

static bool take_body(struct conn *c, struct slice *rest)
{
        struct http_request *r = &c->request;
        if (r->paused || rest->n == 0)
                return false;
        size_t n = http_parser_execute(&r->parser, &parser_settings, rest->p, rest->n);
        enum http_errno e = HTTP_PARSER_ERRNO(&r->parser);
        *rest = slice_make(rest->p + n, rest->n - n);
        if (c->state != CONN_BODY)
                return true; /* the handler replied, or closed */
        r->wire_n += n;
        if (!r->refuse.status && ((e != HPE_OK && !r->complete) || wasteful(c)))
                r->refuse = (struct http_fault){ 400, "the chunks of the body are not understood" };
        if (r->refuse.status) {
                conn_refuse(c, r->refuse);
                return false;
        }
        if (r->complete)
                finish(c);
        else if (!r->paused)
                conn_deadline(c, c->server->settings.timeout_us);
        return true;
}

static size_t take(struct conn *c, struct slice data)
{
        struct slice rest = data;
        for (bool more = true; more;) {
                if (c->state == CONN_HEAD)
                        more = take_head(c, &rest);
                else if (c->state == CONN_BODY)
                        more = take_body(c, &rest);
                else
                        more = false;
        }
        return data.n - rest.n;
}

/* After a turn: is "100 Continue" due, and who may speak next? */
static void settle(struct conn *c)
{
        struct http_request *r = &c->request;
        if (c->state == CONN_DEAD) {
                conn_free(c);
                return;
        }
        if (c->state == CONN_BODY && r->continue_owed && !r->paused) {
                r->continue_owed = false;
                if (r->wire_n == 0 && !put(c, SLICE("HTTP/1.1 100 Continue\r\n\r\n"), SLICE("")))
                        return;
        }
        if (wants_bytes(c)) {
                set_reading(c, true);
                if (wire_pending(&c->wire))
                        event_active(&c->read_event, EV_READ, 0);
        }
}

void conn_feed(struct conn *c, struct slice fresh)
{
        bool had = c->in.n > 0;
        c->busy = true;
        if (had) {
                buf_put(&c->in, fresh);
                buf_consume(&c->in, take(c, buf_slice(&c->in)));
        } else {
                size_t used = take(c, fresh);
                buf_put(&c->in, slice_make(fresh.p + used, fresh.n - used));
        }
        if (c->state == CONN_LINGER) /* not earlier: the parser may have been on it */
                buf_clear(&c->in);
        /* The deadline of a head runs from its first byte. */
        if (c->state == CONN_HEAD && c->in.n && !had)
                conn_deadline(c, c->server->settings.timeout_us);
        if (c->in.n == 0)
                buf_clear(&c->in);
        c->busy = false;
        settle(c);
}

static void drain(struct conn *c)
{
        ssize_t n = recv(c->wire.fd, c->server->window, sizeof c->server->window, 0);
        if (n < 0 && (errno == EAGAIN || errno == EINTR))
                return;
        if (n > 0)
                c->drained += (uint64_t)n;
        if (n <= 0 || c->drained > HTTP_LINGER_BYTES)
                conn_close(c);
}

static void on_readable(evutil_socket_t fd, short what, void *ctx)
{
        struct conn *c = ctx;
        (void)fd;
        (void)what;
        if (c->state == CONN_LINGER) {
                drain(c);
                return;
        }
        if (!wants_bytes(c)) {
                set_reading(c, false);
                return;
        }
        ssize_t n = wire_read(&c->wire, c->server->window, HTTP_WINDOW - c->in.n);
        if (n == WIRE_AGAIN) {
                if (c->wire.want_write)
                        set_writing(c, true);
                return;
        }
        if (n <= 0)
                conn_close(c); /* half a request is none: there is nobody to tell */
        else
                conn_feed(c, slice_make(c->server->window, (size_t)n));
}

static void on_writable(evutil_socket_t fd, short what, void *ctx)
{
        struct conn *c = ctx;
        set_writing(c, false);
        if (!flush(c))
                return;
        if (c->state == CONN_SEND && c->out_at == c->out.n)
                sent(c);
        else if (wants_bytes(c) && c->state != CONN_LINGER)
                on_readable(fd, what, c); /* TLS waited for this to go on reading */
}

void conn_expire(struct conn *c)
{
        if (c->state == CONN_BODY)
                conn_refuse(c, (struct http_fault){ 408, "the body came too slowly" });
        else if (c->state == CONN_HEAD && c->in.n)
                conn_refuse(c, (struct http_fault){ 408, "the head came too slowly" });
        else
                conn_close(c);
}

void conn_open(struct http_server *s, int fd, bool refused)
{
        struct conn *c = calloc(1, sizeof *c);
        if (!c) {
                close(fd);
                return;
        }
        c->server = s;
        if (!wire_open(&c->wire, fd, s->tls)) {
                free(c);
                return;
        }
        buf_init(&c->in, HTTP_WINDOW);
        buf_init(&c->out, HTTP_REPLY_MAX + HTTP_HEAD_MAX);
        buf_init(&c->request.bytes, HTTP_HEAD_MAX);
        c->next = s->conns;
        if (c->next)
                c->next->prev = c;
        s->conns = c;
        s->open_conns++;
        event_assign(&c->read_event, s->base, fd, EV_READ | EV_PERSIST, on_readable, c);
        event_assign(&c->write_event, s->base, fd, EV_WRITE | EV_PERSIST, on_writable, c);
        conn_deadline(c, s->settings.timeout_us);
        if (refused && s->tls) /* a handshake would cost more than the answer is worth */
                conn_close(c);
        else if (refused)
                conn_refuse(c, (struct http_fault){ 503, "too many connections" });
        else
                set_reading(c, true);
}
