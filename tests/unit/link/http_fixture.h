/* A server and its clients on one loop, in one thread: a test says when bytes move. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "link/http.h"
#include "loop_base.h"

struct world {
        struct loop *loop;
        struct http_server *server;
        struct http_request *waiting; /* of /later and /pause */
        struct buf body;              /* of the request that came last */
        int heads, ends, gone, pieces;
        size_t largest;
};

static struct world world;

static void reply_text(struct http_request *r, int status, const char *text)
{
        http_reply(r, status, "text/plain", "", slice_of(text));
}

static void on_head(struct http_request *r, void *ctx)
{
        struct world *w = ctx;
        http_set_ctx(r, w);
        w->heads++;
        buf_reset(&w->body);
        if (slice_is(http_path(r), "/early"))
                http_reply(r, 401, "text/plain", "WWW-Authenticate: Bearer\r\n", SLICE("who?"));
        else if (slice_is(http_path(r), "/now"))
                reply_text(r, 200, "now");
        if (slice_is(http_path(r), "/pause") || slice_is(http_path(r), "/later"))
                w->waiting = r;
        if (slice_is(http_path(r), "/pause"))
                http_pause(r);
}

static void on_body(struct http_request *r, struct slice piece)
{
        struct world *w = http_ctx(r);
        w->pieces++;
        w->largest = piece.n > w->largest ? piece.n : w->largest;
        buf_put(&w->body, piece);
        if (slice_is(http_path(r), "/midway"))
                reply_text(r, 422, "enough");
}

static void on_end(struct http_request *r)
{
        struct world *w = http_ctx(r);
        w->ends++;
        if (slice_is(http_path(r), "/later") || slice_is(http_path(r), "/pause"))
                return;
        struct buf b;
        buf_init(&b, 1 << 20);
        buf_printf(&b, "%.*s %.*s?%.*s [", SLICE_ARG(http_method(r)), SLICE_ARG(http_path(r)),
                   SLICE_ARG(http_query(r)));
        if (w->body.n < 1000)
                buf_put(&b, buf_slice(&w->body));
        else
                buf_printf(&b, "%zu bytes", w->body.n);
        buf_puts(&b, "]");
        http_reply(r, 200, "text/plain", "", buf_slice(&b));
        buf_clear(&b);
}

static void on_gone(struct http_request *r)
{
        struct world *w = http_ctx(r);
        w->gone++;
        w->waiting = NULL;
}

static const struct http_handler handler = { on_head, on_body, on_end, on_gone };

static struct http_settings settings_of(const char *address)
{
        return (struct http_settings){ .address = address, .max_body = 1 << 20, .max_connections = 8,
                                       .timeout_us = 10 * US_PER_SECOND, .handler = &handler,
                                       .ctx = &world };
}

static void begin_with(const struct http_settings *s)
{
        struct err err = ERR_INIT;
        world = (struct world){ 0 };
        buf_init(&world.body, 4 << 20);
        assert_true(loop_new(&world.loop, &err));
        if (!http_start(&world.server, world.loop, s, &err))
                fail_msg("%s", err.text);
}

static void begin(void)
{
        struct http_settings s = settings_of("127.0.0.1");
        begin_with(&s);
}

static void finish(void)
{
        http_stop(world.server);
        loop_free(world.loop);
        buf_clear(&world.body);
}

/* One turn of the loop. */
static void turn(void)
{
        event_base_loop(loop_base(world.loop), EVLOOP_NONBLOCK);
}

static inline void turns(int n)
{
        while (n--)
                turn();
}

static inline int client(void)
{
        int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), one = 1;
        struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons((uint16_t)http_port(world.server)),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        int result = connect(fd, (struct sockaddr *)&to, sizeof to);
        assert_true(result == 0 || errno == EINPROGRESS);
        return fd;
}

/* Writes all of it, turning the loop when the socket is full. */
static inline void say_bytes(int fd, struct slice bytes)
{
        int64_t deadline = clock_mono_us() + 10 * US_PER_SECOND;
        while (bytes.n && clock_mono_us() < deadline) {
                ssize_t n = send(fd, bytes.p, bytes.n, MSG_NOSIGNAL);
                if (n > 0) {
                        bytes.p += n;
                        bytes.n -= (size_t)n;
                } else if (errno != EAGAIN) {
                        fail_msg("the server cut the client off: errno %d", errno);
                }
                turn();
        }
        assert_int_equal(bytes.n, 0);
}

static inline void say(int fd, const char *text)
{
        say_bytes(fd, slice_of(text));
}

/* Everything the server says until `until` stands there (NULL: until it closes). Lines
 * with the date are left out. The text lives until the next call. */
static inline const char *hear(int fd, const char *until)
{
        static char text[1 << 20];
        size_t n = 0;
        int64_t deadline = clock_mono_us() + 10 * US_PER_SECOND;
        text[0] = 0;
        while (clock_mono_us() < deadline) {
                turn();
                ssize_t got = recv(fd, text + n, sizeof text - 1 - n, MSG_DONTWAIT);
                if (got == 0 || (got < 0 && errno != EAGAIN)) {
                        if (until)
                                fail_msg("closed after: %s", text);
                        break;
                }
                if (got < 0)
                        continue;
                n += (size_t)got;
                text[n] = 0;
                if (until && strstr(text, until))
                        break;
        }
        assert_true(clock_mono_us() < deadline);
        for (char *date = text; (date = strstr(date, "Date: "));)
                memmove(date, strchr(date, '\n') + 1, strlen(strchr(date, '\n') + 1) + 1);
        return text;
}

static inline void expect(int fd, const char *status_line, const char *until)
{
        const char *text = hear(fd, until);
        if (strncmp(text, status_line, strlen(status_line)) != 0)
                fail_msg("\"%s\" expected, heard: %s", status_line, text);
}
