/* control.c - what an operator and the verbs may ask a running role. */
#include "control.h"

#include <stdlib.h>

#include "base/metric.h"

/* One way in. Only the socket, whose peer is this user or root, may change anything. */
struct way {
        struct control *control;
        struct http_server *server;
        bool trusted;
};

struct control {
        struct control_spec spec;
        struct way socket, internal;
};

enum { ANSWER_MAX = 8 << 20, BODY_MAX = 4096 };

struct control_ask {
        struct way *way;
        struct http_request *request; /* NULL: the peer is gone */
        struct buf body;
        bool taken; /* somebody will answer */
};

static void ask_free(struct control_ask *a)
{
        buf_clear(&a->body);
        free(a);
}

struct slice control_ask_body(const struct control_ask *a)
{
        return buf_slice(&a->body);
}

bool control_ask_uid(const struct control_ask *a, uint32_t *uid)
{
        return a->request && http_peer(a->request, uid);
}

void control_answer(struct control_ask *a, int status, struct slice text)
{
        bool json = text.n && text.p[0] == '{';
        if (a->request)
                http_reply(a->request, status, json ? "application/json" : "text/plain; charset=utf-8", "", text);
        ask_free(a);
}

static void answer(struct http_request *r, int status, const char *type, const struct buf *b)
{
        if (buf_ok(b))
                http_reply(r, status, type, "", buf_slice(b));
        else
                http_reply(r, 500, "text/plain", "", SLICE("answer too large\n"));
}

static void reload(struct http_request *r, struct control *c, struct buf *b)
{
        bool ok = c->spec.reload(c->spec.ctx, b);
        answer(r, ok ? 200 : 409, "text/plain; charset=utf-8", b);
}

/* What is answered at once. */
static void answer_now(struct control_ask *a, struct http_request *r)
{
        struct control *c = a->way->control;
        struct buf b;
        buf_init(&b, ANSWER_MAX);
        bool get = slice_is(http_method(r), "GET"), trusted = a->way->trusted;
        if (get && slice_is(http_path(r), "/metrics")) {
                metric_print(&b, trusted);
                answer(r, 200, "text/plain; version=0.0.4", &b);
        } else if (get && slice_is(http_path(r), "/v1/status")) {
                c->spec.status(c->spec.ctx, trusted, &b);
                answer(r, 200, "application/json", &b);
        } else if (trusted && !get && slice_is(http_path(r), "/v1/reload") && c->spec.reload) {
                reload(r, c, &b);
        } else {
                http_reply(r, 404, "text/plain", "",
                           SLICE("not found; there are /metrics and /v1/status\n"));
        }
        buf_clear(&b);
        ask_free(a);
}

static void on_end(struct http_request *r)
{
        struct control_ask *a = http_ctx(r);
        const struct control_spec *spec = &a->way->control->spec;
        const struct {
                const char *path;
                void (*take)(void *ctx, struct control_ask *a);
        } takers[] = { { "/v1/note", spec->note }, { "/v1/reapply", spec->reapply } };
        for (size_t i = 0; i < sizeof takers / sizeof *takers && a->way->trusted; i++)
                if (takers[i].take && slice_is(http_method(r), "POST") && slice_is(http_path(r), takers[i].path)) {
                        a->taken = true;
                        takers[i].take(spec->ctx, a);
                        return;
                }
        answer_now(a, r);
}

static void on_head(struct http_request *r, void *server_ctx)
{
        struct control_ask *a = calloc(1, sizeof *a);
        if (!a) {
                http_reply(r, 503, "text/plain", "", SLICE("out of memory\n"));
                return;
        }
        *a = (struct control_ask){ .way = server_ctx, .request = r };
        buf_init(&a->body, BODY_MAX);
        http_set_ctx(r, a);
}

static void on_body(struct http_request *r, struct slice piece)
{
        struct control_ask *a = http_ctx(r);
        buf_put(&a->body, piece); /* the server refuses a longer one */
}

static void on_gone(struct http_request *r)
{
        struct control_ask *a = http_ctx(r);
        a->request = NULL;
        if (!a->taken)
                ask_free(a);
}

static const struct http_handler handler = { on_head, on_body, on_end, on_gone };

static bool start_one(struct way *w, struct loop *l, const char *address, int port, struct err *err)
{
        struct http_settings s = {
                .address = address,
                .port = port,
                .max_body = BODY_MAX,
                .max_connections = 64,
                .timeout_us = 10 * 1000000,
                .handler = &handler,
                .ctx = w,
        };
        return http_start(&w->server, l, &s, err) || err_add(err, "control listener");
}

bool control_start(struct control **out, struct loop *l, const struct control_spec *spec, struct err *err)
{
        struct control *c = calloc(1, sizeof *c);
        *out = NULL;
        if (!c)
                return err_set(err, ERR_SYSTEM, 0, "out of memory");
        c->spec = *spec;
        c->socket = (struct way){ .control = c, .trusted = true };
        c->internal = (struct way){ .control = c };
        bool ok = (!spec->socket || start_one(&c->socket, l, spec->socket, 0, err)) &&
                  start_one(&c->internal, l, spec->internal->address, (int)spec->internal->port, err);
        if (!ok) {
                control_stop(c);
                return false;
        }
        *out = c;
        return true;
}

int control_port(const struct control *c)
{
        return http_port(c->internal.server);
}

void control_stop(struct control *c)
{
        if (!c)
                return;
        http_stop(c->socket.server);
        http_stop(c->internal.server);
        free(c);
}
