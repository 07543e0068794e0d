/* loop.c - one thread's event loop, on libevent.
 *
 * The base takes no locks: the loop's thread alone touches it. loop_stop() crosses
 * threads (and signal handlers) through an eventfd, where write(2) is all it does. */
#include "link/loop.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/log.h"
#include "loop_base.h"

struct loop {
        struct event_base *base;
        struct event *stop;
        int stop_fd;
};

struct watch {
        struct event *event;
        void (*call)(void *ctx);
        void *ctx;
};

struct event_base *loop_base(const struct loop *l)
{
        return l->base;
}

static void stopped(evutil_socket_t fd, short what, void *ctx)
{
        struct loop *l = ctx;
        uint64_t times;
        (void)what;
        if (read(fd, &times, sizeof times) > 0)
                event_base_loopbreak(l->base);
}

static void log_libevent(int severity, const char *text)
{
        if (severity >= EVENT_LOG_WARN)
                log_warning("link", "libevent", "text=\"%s\"", text);
}

static struct event_base *base_new(void)
{
        struct event_config *config = event_config_new();
        if (!config)
                return NULL;
        event_config_set_flag(config, EVENT_BASE_FLAG_NOLOCK);
        struct event_base *base = event_base_new_with_config(config);
        event_config_free(config);
        return base;
}

bool loop_new(struct loop **out, struct err *err)
{
        *out = NULL;
        struct loop *l = calloc(1, sizeof *l);
        if (!l)
                return err_errno(err, ENOMEM, "could not make an event loop");
        event_set_log_callback(log_libevent);
        l->stop_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
        l->base = l->stop_fd >= 0 ? base_new() : NULL;
        l->stop = l->base ? event_new(l->base, l->stop_fd, EV_READ | EV_PERSIST, stopped, l) : NULL;
        if (!l->stop || event_add(l->stop, NULL) != 0) {
                loop_free(l);
                return err_errno(err, errno ? errno : ENOMEM, "could not make an event loop");
        }
        *out = l;
        return true;
}

void loop_free(struct loop *l)
{
        if (!l)
                return;
        if (l->stop)
                event_free(l->stop);
        if (l->base)
                event_base_free(l->base);
        if (l->stop_fd >= 0)
                close(l->stop_fd);
        free(l);
}

bool loop_run(struct loop *l, struct err *err)
{
        if (event_base_dispatch(l->base) < 0)
                return err_errno(err, errno, "could not run the event loop");
        return true;
}

void loop_stop(struct loop *l)
{
        uint64_t once = 1;
        /* Fails only when the counter is at its end, and then a stop is waiting. */
        ssize_t ignored = write(l->stop_fd, &once, sizeof once);
        (void)ignored;
}

static void fired(evutil_socket_t fd, short what, void *ctx)
{
        struct watch *w = ctx;
        (void)fd;
        (void)what;
        w->call(w->ctx); /* may have freed w */
}

static struct watch *watch_new(struct loop *l, int fd, short what, int64_t us,
                               void (*call)(void *ctx), void *ctx)
{
        struct watch *w = calloc(1, sizeof *w);
        if (!w)
                return NULL;
        *w = (struct watch){ .call = call, .ctx = ctx };
        w->event = event_new(l->base, fd, what, fired, w);
        struct timeval after = { .tv_sec = us / 1000000, .tv_usec = us % 1000000 };
        if (!w->event || event_add(w->event, us >= 0 ? &after : NULL) != 0) {
                watch_stop(w);
                return NULL;
        }
        return w;
}

struct watch *loop_every(struct loop *l, int64_t interval_us, void (*call)(void *ctx), void *ctx)
{
        return watch_new(l, -1, EV_PERSIST, interval_us, call, ctx);
}

struct watch *loop_once(struct loop *l, int64_t after_us, void (*call)(void *ctx), void *ctx)
{
        return watch_new(l, -1, 0, after_us < 0 ? 0 : after_us, call, ctx);
}

struct watch *loop_readable(struct loop *l, int fd, void (*call)(void *ctx), void *ctx)
{
        return watch_new(l, fd, EV_READ | EV_PERSIST, -1, call, ctx);
}

struct watch *loop_signal(struct loop *l, int signal_no, void (*call)(void *ctx), void *ctx)
{
        return watch_new(l, signal_no, EV_SIGNAL | EV_PERSIST, -1, call, ctx);
}

void watch_stop(struct watch *w)
{
        if (!w)
                return;
        if (w->event)
                event_free(w->event);
        free(w);
}
