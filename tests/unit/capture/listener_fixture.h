/* The public front on loopback, and a client on a thread of its own. */
#include "capture_fixture.h"

#include <stdatomic.h>

#include "capture/listener.h"

static struct loop *loop;
static struct listener *listener;
static bool ready;

static inline bool is_ready(void *ctx, char why[256])
{
        (void)ctx;
        if (!ready)
                strcpy(why, "no disk");
        return ready;
}

static inline int start(void **state)
{
        struct err err = ERR_INIT;
        begin_capture(state);
        struct listener_spec spec = { .intake = intake, .address = "127.0.0.1", .ready = is_ready };
        must(loop_new(&loop, &err), &err);
        must(listener_start(&listener, loop, &spec, &err), &err);
        ready = true;
        return 0;
}

static inline int stop(void **state)
{
        listener_stop(listener);
        loop_free(loop);
        return end_capture(state);
}

/* ---- A client on a thread of its own ------------------------------------ */

struct client {
        struct slice request;
        int port;
        atomic_bool done;
        char answer[1 << 20];
        pthread_t thread;
};

static inline int dial(int port)
{
        int fd = socket(AF_INET, SOCK_STREAM, 0);
        struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
        assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof to), 0);
        return fd;
}

static inline void *speak(void *ctx)
{
        struct client *c = ctx;
        int fd = dial(c->port);
        size_t n = 0;
        while (c->request.n) {
                ssize_t sent = send(fd, c->request.p, c->request.n, MSG_NOSIGNAL);
                if (sent <= 0)
                        break; /* answered early */
                c->request = slice_make(c->request.p + sent, c->request.n - (size_t)sent);
        }
        for (ssize_t got; (got = recv(fd, c->answer + n, sizeof c->answer - 1 - n, 0)) > 0;)
                n += (size_t)got;
        c->answer[n] = 0;
        close(fd);
        atomic_store(&c->done, true);
        loop_stop(loop);
        return NULL;
}

static struct client client;

static inline const char *ask_bytes(struct slice request)
{
        struct err err = ERR_INIT;
        client.request = request;
        client.port = listener_port(listener);
        assert_int_equal(pthread_create(&client.thread, NULL, speak, &client), 0);
        must(loop_run(loop, &err), &err);
        pthread_join(client.thread, NULL);
        return client.answer;
}

static inline const char *ask(const char *start_line, const char *headers, struct slice body)
{
        struct buf b;
        buf_init(&b, 64 << 20);
        buf_printf(&b, "%s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n%s", start_line, headers);
        if (body.p)
                buf_printf(&b, "Content-Length: %zu\r\n", body.n);
        buf_puts(&b, "\r\n");
        buf_put(&b, body);
        assert_true(buf_ok(&b));
        const char *answer = ask_bytes(buf_slice(&b));
        buf_clear(&b);
        return answer;
}
