/* http_server.c - listening: sockets, who may connect, limits, drain and stop. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "http_conn.h"
#include "loop_base.h"

#define BACKLOG 512
#define SILENT_US 1000000 /* without a whole head; then a place may be given to another */
#define REFUSED_MAX 32 /* connections beyond the ceiling that still hear their 503 */

union endpoint {
        struct sockaddr any;
        struct sockaddr_in v4;
        struct sockaddr_in6 v6;
        struct sockaddr_un local;
};

/* ---- addresses ---- */

static bool is_unix(const char *address)
{
        return strncmp(address, "unix:", 5) == 0;
}

static bool unix_endpoint(union endpoint *out, socklen_t *out_n, const char *path, struct err *err)
{
        size_t n = strlen(path);
        *out = (union endpoint){ .local = { .sun_family = AF_UNIX } };
        if (n == 0 || n >= sizeof out->local.sun_path) {
                err_set(err, ERR_CONFIG, 0, "path of the socket \"%s\" is %zu bytes long, at most %zu fit",
                        path, n, sizeof out->local.sun_path - 1);
                return err_hint(err, "Choose a shorter directory.");
        }
        memcpy(out->local.sun_path, path, n + 1);
        *out_n = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n + 1);
        return true;
}

static bool ip_endpoint(union endpoint *out, socklen_t *out_n, const char *address, int port,
                        struct err *err)
{
        *out = (union endpoint){ .v4 = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) } };
        *out_n = sizeof out->v4;
        if (inet_pton(AF_INET, strcmp(address, "localhost") == 0 ? "127.0.0.1" : address,
                      &out->v4.sin_addr) == 1)
                return true;
        *out = (union endpoint){ .v6 = { .sin6_family = AF_INET6, .sin6_port = htons((uint16_t)port) } };
        *out_n = sizeof out->v6;
        if (inet_pton(AF_INET6, address, &out->v6.sin6_addr) == 1)
                return true;
        err_set(err, ERR_CONFIG, 0, "not an address to listen on: \"%s\"", address);
        return err_hint(err, "Write an IP address such as \"127.0.0.1\" or \"::1\".");
}

static bool is_loopback(const union endpoint *e)
{
        if (e->any.sa_family == AF_INET)
                return ntohl(e->v4.sin_addr.s_addr) >> 24 == 127;
        return e->any.sa_family == AF_INET6 && IN6_IS_ADDR_LOOPBACK(&e->v6.sin6_addr);
}

static bool check_clear(const union endpoint *e, const struct http_settings *s, struct err *err)
{
        if (s->cert_file || e->any.sa_family == AF_UNIX || is_loopback(e))
                return true;
        err_set(err, ERR_CONFIG, 0, "plain HTTP on \"%s\" is not allowed: it is not loopback", s->address);
        return err_hint(err, "Set a certificate and its key, or listen on 127.0.0.1 behind something "
                             "that speaks TLS.");
}

/* ---- sockets ---- */

/* A socket that nobody answers on was left behind by a crash. */
static bool remove_stale(const union endpoint *e, socklen_t n, struct err *err)
{
        struct stat st;
        if (lstat(e->local.sun_path, &st) != 0)
                return true;
        if (!S_ISSOCK(st.st_mode))
                return err_set(err, ERR_CONFIG, 0, "\"%s\" is there and is not a socket", e->local.sun_path);
        int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        bool answered = fd >= 0 && connect(fd, &e->any, n) == 0;
        if (fd >= 0)
                close(fd);
        if (answered)
                return err_set(err, ERR_BUSY, 0, "another process listens on \"%s\"", e->local.sun_path);
        unlink(e->local.sun_path);
        return true;
}

static bool listen_failed(int fd, const struct http_settings *s, struct err *err)
{
        int code = errno;
        close(fd);
        if (code == EADDRINUSE) {
                err_set(err, ERR_BUSY, code, "port %d of \"%s\" is taken", s->port, s->address);
                return err_hint(err, "Another process listens there: choose another port.");
        }
        err_errno(err, code, "could not listen on \"%s\" port %d", s->address, s->port);
        err->kind = ERR_CONFIG;
        return false;
}

/* On Linux the mode of an unbound socket becomes the mode of its file, so there is no
 * moment in which others could connect. */
static bool open_listener(int *out, const union endpoint *e, socklen_t n,
                          const struct http_settings *s, struct err *err)
{
        int one = 1;
        bool local = e->any.sa_family == AF_UNIX;
        int fd = socket(e->any.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        if (fd < 0)
                return err_errno(err, errno, "could not make a socket");
        if (local && !remove_stale(e, n, err)) {
                close(fd);
                return false;
        }
        if (local)
                fchmod(fd, 0600);
        else
                setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
        if (e->any.sa_family == AF_INET6) /* so that "::" means what it says */
                setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof one);
        if (!local) /* inherited by the connections */
                setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        if (bind(fd, &e->any, n) != 0 || listen(fd, BACKLOG) != 0)
                return listen_failed(fd, s, err);
        *out = fd;
        return true;
}

static int port_of(int fd)
{
        union endpoint e = { .any = { .sa_family = AF_UNSPEC } };
        socklen_t n = sizeof e;
        if (getsockname(fd, &e.any, &n) != 0)
                return 0;
        if (e.any.sa_family == AF_INET)
                return ntohs(e.v4.sin_port);
        return e.any.sa_family == AF_INET6 ? ntohs(e.v6.sin6_port) : 0;
}

/* ---- accepting ---- */

/* The control socket speaks to us and to root, whatever the directory's mode became. */
static bool peer_allowed(const struct http_server *s, int fd)
{
        struct ucred peer;
        socklen_t n = sizeof peer;
        if (!s->unlink_path[0])
                return true;
        return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &n) == 0 &&
               (peer.uid == geteuid() || peer.uid == 0);
}

static void set_accepting(struct http_server *s, bool on)
{
        if (s->accepting == on)
                return;
        s->accepting = on;
        if (on)
                event_add(s->accept_event, NULL);
        else
                event_del(s->accept_event);
}

/* How long a connection has been without a whole head, or told all we had to say; 0: neither. */
static int64_t silent_us(const struct conn *c, int64_t now)
{
        if (c->state == CONN_HEAD)
                return now - (c->deadline_us - c->server->settings.timeout_us);
        return c->state == CONN_LINGER ? now - (c->deadline_us - HTTP_LINGER_US) : 0;
}

/* When all places are taken, the one that has been silent longest is given away: such peers
 * would otherwise keep everybody out for a whole timeout, again and again. */
static bool make_room(struct http_server *s)
{
        struct conn *longest = NULL;
        int64_t now = clock_mono_us(), most = SILENT_US;
        for (struct conn *c = s->conns; c; c = c->next) {
                int64_t silent = silent_us(c, now);
                if (silent < most)
                        continue;
                most = silent;
                longest = c;
        }
        if (longest)
                conn_close(longest);
        return longest != NULL;
}

/* Descriptors out: the janitor tries again, rather than the loop spinning. */
static void on_accept(evutil_socket_t fd, short what, void *ctx)
{
        struct http_server *s = ctx;
        (void)what;
        for (int i = 0; i < 64; i++) {
                int peer = accept4(fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
                if (peer < 0) {
                        if (errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOBUFS)
                                set_accepting(s, false);
                        return;
                }
                bool allowed = peer_allowed(s, peer);
                bool full = s->open_conns >= s->settings.max_connections && !(allowed && make_room(s));
                if (!allowed || (full && s->open_conns >= s->settings.max_connections + REFUSED_MAX))
                        close(peer);
                else
                        conn_open(s, peer, full);
        }
}

static struct conn *next_expired(const struct http_server *s, int64_t now)
{
        for (struct conn *c = s->conns; c; c = c->next)
                if (c->deadline_us <= now)
                        return c;
        return NULL;
}

/* The list is walked anew after each: a callback may close others. Those that are told
 * "408" get a later deadline. */
static void on_janitor(evutil_socket_t fd, short what, void *ctx)
{
        struct http_server *s = ctx;
        struct conn *c;
        int64_t now = clock_mono_us();
        (void)fd;
        (void)what;
        while ((c = next_expired(s, now)))
                conn_expire(c);
        if (!s->draining)
                set_accepting(s, true);
}

/* ---- life ---- */

static bool start_events(struct http_server *s, struct err *err)
{
        int64_t tick = s->settings.timeout_us / 8;
        tick = tick < 10000 ? 10000 : tick > 1000000 ? 1000000 : tick;
        struct timeval every = { .tv_sec = tick / 1000000, .tv_usec = tick % 1000000 };
        s->accept_event = event_new(s->base, s->fd, EV_READ | EV_PERSIST, on_accept, s);
        s->janitor = event_new(s->base, -1, EV_PERSIST, on_janitor, s);
        if (!s->accept_event || !s->janitor || event_add(s->janitor, &every) != 0)
                return err_set(err, ERR_SYSTEM, 0, "could not watch the listening socket");
        set_accepting(s, true);
        return true;
}

static bool open_tls(struct http_server *s, struct err *err)
{
        const struct http_settings *set = &s->settings;
        if (!set->cert_file && !set->key_file)
                return true;
        return tls_open(&s->tls, set->cert_file, set->key_file, set->client_ca_file, err);
}

/* Where, and whether in clear. */
static bool check_settings(union endpoint *e, socklen_t *n, const struct http_settings *s, struct err *err)
{
        bool local = is_unix(s->address);
        if (!(local ? unix_endpoint(e, n, s->address + 5, err) : ip_endpoint(e, n, s->address, s->port, err)) ||
            !check_clear(e, s, err))
                return false;
        if (s->client_ca_file && !(s->cert_file && s->key_file)) {
                err_set(err, ERR_CONFIG, 0, "clients are to show certificates, and there is none of the server's");
                return err_hint(err, "Set its certificate and key: in clear nobody can show anything.");
        }
        if (!s->cert_file == !s->key_file)
                return true;
        err_set(err, ERR_CONFIG, 0, "TLS needs both a certificate and a key");
        return err_hint(err, "Set both files, or neither.");
}

bool http_check(const struct http_settings *s, struct err *err)
{
        union endpoint e;
        socklen_t n = 0;
        return check_settings(&e, &n, s, err);
}

bool http_start(struct http_server **out, struct loop *l, const struct http_settings *settings,
                struct err *err)
{
        union endpoint e;
        socklen_t n = 0;
        *out = NULL;
        struct http_server *s = calloc(1, sizeof *s);
        if (!s)
                return err_errno(err, ENOMEM, "could not make an HTTP server");
        s->settings = *settings;
        s->base = loop_base(l);
        s->fd = -1;
        s->asks_clients = settings->client_ca_file != NULL;
        bool local = is_unix(settings->address);
        if (!check_settings(&e, &n, settings, err) || !open_tls(s, err) || !open_listener(&s->fd, &e, n, settings, err))
                goto fail;
        if (local)
                memcpy(s->unlink_path, e.local.sun_path, sizeof s->unlink_path);
        s->port = port_of(s->fd);
        if (!start_events(s, err))
                goto fail;
        s->settings.address = s->settings.cert_file = s->settings.key_file = s->settings.client_ca_file = NULL;
        *out = s;
        return true;
fail:
        http_stop(s);
        return false;
}

int http_port(const struct http_server *s)
{
        return s->port;
}

int http_busy(const struct http_server *s)
{
        return s->busy;
}

void http_drain(struct http_server *s)
{
        struct conn *next;
        s->draining = true;
        set_accepting(s, false);
        for (struct conn *c = s->conns; c; c = next) {
                next = c->next;
                if (conn_idle(c))
                        conn_close(c); /* owes nothing: calls nobody */
        }
}

void http_stop(struct http_server *s)
{
        if (!s)
                return;
        s->draining = true;
        while (s->conns)
                conn_close(s->conns);
        if (s->accept_event)
                event_free(s->accept_event);
        if (s->janitor)
                event_free(s->janitor);
        if (s->fd >= 0)
                close(s->fd);
        if (s->unlink_path[0])
                unlink(s->unlink_path);
        tls_close(s->tls);
        free(s);
}
