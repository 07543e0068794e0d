/* A connection, from its first byte to its end: the handler hears the same story whatever
 * the pieces, and our head and http-parser's never differ on what a request is. */
#include <sys/socket.h>
#include <unistd.h>

#include "fuzz.h"
#include "http_conn.h"
#include "loop_base.h"

static struct http_server server;
static struct http_request *paused;
static struct buf story, body;
static unsigned long heard_of; /* what the handler was told so far: shows that the server still works */

static void on_head(struct http_request *r, void *ctx)
{
        (void)ctx;
        must(r->head.chunked == ((r->parser.flags & F_CHUNKED) != 0));
        must(slice_is(http_method(r), http_method_str((enum http_method)r->parser.method)));
        heard_of++;
        buf_reset(&body);
        buf_printf(&story, "%.*s %lld ", SLICE_ARG(http_path(r)), (long long)http_length(r));
        if (slice_is(http_path(r), "/early"))
                http_reply(r, 401, "text/plain", "", SLICE("who?"));
        else if (slice_is(http_path(r), "/pause")) {
                http_pause(r);
                paused = r;
        }
}

static void on_body(struct http_request *r, struct slice piece)
{
        (void)r;
        heard_of++;
        buf_put(&body, piece);
}

static void on_end(struct http_request *r)
{
        must(http_length(r) < 0 || (uint64_t)http_length(r) == body.n);
        paused = NULL;
        buf_put(&story, buf_slice(&body));
        buf_puts(&story, " end\n");
        http_reply(r, 200, "text/plain", "", SLICE("ok"));
}

static void on_gone(struct http_request *r)
{
        (void)r;
        paused = NULL;
        buf_puts(&story, "gone\n");
}

static const struct http_handler handler = { on_head, on_body, on_end, on_gone };

/* Lets the server work until it has nothing to do; what it says is read and forgotten, or it
 * would wait for room to say more. A resumed request may bring the next one, paused as well. */
static void turn(int fd)
{
        char heard[4096];
        bool more = true;
        while (more) {
                unsigned long before = heard_of;
                struct http_request *r = paused;
                paused = NULL;
                if (r)
                        http_resume(r);
                for (int i = 0; i < 3; i++)
                        event_base_loop(server.base, EVLOOP_NONBLOCK);
                more = paused || heard_of != before;
                while (recv(fd, heard, sizeof heard, MSG_DONTWAIT) > 0)
                        more = true;
        }
}

static void tell(struct slice in, size_t piece)
{
        int fds[2];
        must(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds) == 0);
        buf_reset(&story);
        conn_open(&server, fds[0], false);
        for (size_t at = 0; at < in.n; at += piece) {
                size_t n = in.n - at < piece ? in.n - at : piece;
                if (send(fds[1], in.p + at, n, MSG_NOSIGNAL) < 0)
                        break;
                turn(fds[1]);
        }
        close(fds[1]);
        for (int i = 0; i < 8 && server.conns; i++)
                event_base_loop(server.base, EVLOOP_NONBLOCK);
        must(!server.conns && server.busy == 0 && server.open_conns == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
        static struct loop *loop;
        struct slice in = { (const char *)bytes, n };
        size_t piece = 1 + take_byte(&in);
        struct buf first;
        if (!loop) {
                must(loop_new(&loop, NULL));
                server.base = loop_base(loop);
                server.settings = (struct http_settings){ .max_body = 1 << 20, .timeout_us = INT64_C(1) << 40,
                                                          .max_connections = 8, .handler = &handler };
                buf_init(&body, 1 << 20);
                buf_init(&story, 4 << 20);
        }
        tell(in, 32 << 10);
        first = story;
        buf_init(&story, 4 << 20);
        tell(in, in.n > 64 * piece ? in.n / 64 + 1 : piece);
        must(slice_eq(buf_slice(&first), buf_slice(&story)));
        buf_clear(&first);
        return 0;
}
