/* http_ask.c - a blocking client for verbs that speak to a daemon on this machine. */
#include <arpa/inet.h>
#include <errno.h>
#include <http_parser.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/clock.h"
#include "link/http.h"

struct asking {
        int fd;
        int64_t deadline_us; /* monotonic */
        const char *address;
        struct buf *body;
        bool done;
};

/* Waits until the socket is ready for `what`. */
static bool wait_for(const struct asking *a, short what, struct err *err)
{
        for (;;) {
                int64_t left = a->deadline_us - clock_mono_us();
                struct pollfd p = { .fd = a->fd, .events = what };
                int n = left <= 0 ? 0 : poll(&p, 1, (int)(left / 1000) + 1);
                if (n > 0)
                        return true;
                if (n == 0)
                        return err_set(err, ERR_RETRY, ETIMEDOUT, "no answer from \"%s\" in time",
                                       a->address);
                if (errno != EINTR)
                        return err_errno(err, errno, "could not wait for \"%s\"", a->address);
        }
}

static bool lost(const struct asking *a, int code, struct err *err)
{
        err_errno(err, code, "lost the connection to \"%s\"", a->address);
        err->kind = ERR_RETRY;
        return false;
}

static bool refused(const struct asking *a, int code, struct err *err)
{
        err_errno(err, code, "could not connect to \"%s\"", a->address);
        err->kind = ERR_RETRY;
        return err_hint(err, "Is the daemon running?");
}

static bool dial(struct asking *a, int port, struct err *err)
{
        struct sockaddr_un local = { .sun_family = AF_UNIX };
        struct sockaddr_in v4 = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
        struct sockaddr_in6 v6 = { .sin6_family = AF_INET6, .sin6_port = htons((uint16_t)port) };
        const struct sockaddr *to = (const struct sockaddr *)&local;
        socklen_t n = sizeof local;
        if (strncmp(a->address, "unix:", 5) == 0) {
                if (strlen(a->address + 5) >= sizeof local.sun_path)
                        return err_set(err, ERR_CONFIG, 0, "path of the socket \"%s\" is too long",
                                       a->address);
                memcpy(local.sun_path, a->address + 5, strlen(a->address + 5) + 1);
        } else if (inet_pton(AF_INET, a->address, &v4.sin_addr) == 1) {
                to = (const struct sockaddr *)&v4;
                n = sizeof v4;
        } else if (inet_pton(AF_INET6, a->address, &v6.sin6_addr) == 1) {
                to = (const struct sockaddr *)&v6;
                n = sizeof v6;
        } else {
                return err_set(err, ERR_CONFIG, 0, "not an address: \"%s\"", a->address);
        }
        /* Blocking while it connects: on one machine that is at once or never. */
        a->fd = socket(to->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (a->fd < 0)
                return err_errno(err, errno, "could not make a socket");
        return connect(a->fd, to, n) == 0 || refused(a, errno, err);
}

static bool send_all(const struct asking *a, struct slice bytes, struct err *err)
{
        while (bytes.n) {
                ssize_t n = send(a->fd, bytes.p, bytes.n, MSG_NOSIGNAL | MSG_DONTWAIT);
                if (n > 0) {
                        bytes.p += n;
                        bytes.n -= (size_t)n;
                } else if (errno == EAGAIN || errno == EINTR) {
                        if (!wait_for(a, POLLOUT, err))
                                return false;
                } else if (errno == EPIPE || errno == ECONNRESET) {
                        return true; /* answered early, perhaps: read what there is */
                } else {
                        return lost(a, errno, err);
                }
        }
        return true;
}

static int on_body(http_parser *p, const char *at, size_t n)
{
        struct asking *a = p->data;
        buf_put(a->body, slice_make(at, n));
        return !buf_ok(a->body);
}

static int on_complete(http_parser *p)
{
        struct asking *a = p->data;
        a->done = p->status_code >= 200;
        return 0;
}

static bool read_answer(struct asking *a, int *out_status, struct err *err)
{
        static const http_parser_settings settings = { .on_body = on_body,
                                                       .on_message_complete = on_complete };
        http_parser parser;
        char window[16384];
        http_parser_init(&parser, HTTP_RESPONSE);
        parser.data = a;
        while (!a->done) {
                if (!wait_for(a, POLLIN, err))
                        return false;
                ssize_t n = recv(a->fd, window, sizeof window, 0);
                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0)
                        return lost(a, errno, err);
                http_parser_execute(&parser, &settings, window, (size_t)n);
                if (!buf_ok(a->body))
                        return err_set(err, ERR_FULL, 0, "the answer of \"%s\" is too large", a->address);
                if (HTTP_PARSER_ERRNO(&parser) != HPE_OK)
                        return err_set(err, ERR_DATA, 0, "the answer of \"%s\" is not HTTP", a->address);
                if (n == 0 && !a->done)
                        return lost(a, ECONNRESET, err);
        }
        *out_status = parser.status_code;
        return true;
}

bool http_ask(const char *address, int port, const char *path, struct slice body, int64_t timeout_us,
              int *out_status, struct buf *out_body, struct err *err)
{
        struct asking a = { .fd = -1, .deadline_us = clock_mono_us() + timeout_us, .address = address,
                            .body = out_body };
        char head[1024];
        int n = snprintf(head, sizeof head, "%s %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n",
                         body.p ? "POST" : "GET", path);
        if (body.p && n > 0 && (size_t)n < sizeof head)
                n += snprintf(head + n, sizeof head - (size_t)n, "Content-Length: %zu\r\n", body.n);
        if (n < 0 || (size_t)n + 2 >= sizeof head)
                return err_set(err, ERR_BUG, 0, "path of the question is too long");
        memcpy(head + n, "\r\n", 3);
        bool ok = dial(&a, port, err) && send_all(&a, slice_make(head, (size_t)n + 2), err) &&
                  send_all(&a, body, err) && read_answer(&a, out_status, err);
        if (a.fd >= 0)
                close(a.fd);
        return ok;
}
