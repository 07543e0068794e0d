/* mail.c - bounded mailboxes with an eventfd. */
#include "base/mail.h"

#include <errno.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

struct mailbox {
        pthread_mutex_t lock;
        pthread_cond_t arrived;
        struct letter *first, **last;
        size_t n, capacity; /* n may exceed capacity by what was returned */
        bool shut;
        bool signalled;     /* the fd is readable */
        int fd;
};

static bool init_wait(struct mailbox *m)
{
        pthread_condattr_t attr;
        if (pthread_mutex_init(&m->lock, NULL) != 0)
                return false;
        pthread_condattr_init(&attr);
        pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
        bool ok = pthread_cond_init(&m->arrived, &attr) == 0;
        pthread_condattr_destroy(&attr);
        if (!ok)
                pthread_mutex_destroy(&m->lock);
        return ok;
}

struct mailbox *mailbox_new(size_t capacity)
{
        struct mailbox *m = calloc(1, sizeof *m);
        if (!m)
                return NULL;
        m->last = &m->first;
        m->capacity = capacity;
        m->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
        if (m->fd < 0 || !init_wait(m)) {
                if (m->fd >= 0)
                        close(m->fd);
                free(m);
                return NULL;
        }
        return m;
}

void mailbox_free(struct mailbox *m)
{
        if (!m)
                return;
        pthread_cond_destroy(&m->arrived);
        pthread_mutex_destroy(&m->lock);
        close(m->fd);
        free(m);
}

/* Once per visit of the taker, not once a letter. Called with the lock held. */
static void ring(struct mailbox *m)
{
        if (!m->signalled) {
                uint64_t one = 1;
                m->signalled = write(m->fd, &one, sizeof one) == sizeof one;
        }
        pthread_cond_signal(&m->arrived);
}

static void append(struct mailbox *m, struct letter *letter)
{
        letter->next = NULL;
        *m->last = letter;
        m->last = &letter->next;
        m->n++;
        ring(m);
}

bool mailbox_post(struct mailbox *m, struct letter *letter)
{
        pthread_mutex_lock(&m->lock);
        bool ok = !m->shut && m->n < m->capacity;
        if (ok)
                append(m, letter);
        pthread_mutex_unlock(&m->lock);
        return ok;
}

void mailbox_return(struct mailbox *m, struct letter *letter)
{
        pthread_mutex_lock(&m->lock);
        append(m, letter);
        pthread_mutex_unlock(&m->lock);
}

static struct letter *take_all(struct mailbox *m)
{
        struct letter *all = m->first;
        m->first = NULL;
        m->last = &m->first;
        m->n = 0;
        if (m->signalled) {
                uint64_t count;
                if (read(m->fd, &count, sizeof count) == sizeof count || errno == EAGAIN)
                        m->signalled = false;
        }
        return all;
}

struct letter *mailbox_take(struct mailbox *m)
{
        pthread_mutex_lock(&m->lock);
        struct letter *all = take_all(m);
        pthread_mutex_unlock(&m->lock);
        return all;
}

static struct timespec later(long us)
{
        struct timespec t;
        clock_gettime(CLOCK_MONOTONIC, &t);
        t.tv_sec += us / 1000000;
        t.tv_nsec += us % 1000000 * 1000;
        if (t.tv_nsec >= 1000000000) {
                t.tv_sec++;
                t.tv_nsec -= 1000000000;
        }
        return t;
}

struct letter *mailbox_wait(struct mailbox *m, long timeout_us)
{
        struct timespec until = later(timeout_us < 0 ? 0 : timeout_us);
        pthread_mutex_lock(&m->lock);
        int rc = 0;
        while (!m->first && !m->shut && rc == 0)
                rc = timeout_us < 0 ? pthread_cond_wait(&m->arrived, &m->lock)
                                    : pthread_cond_timedwait(&m->arrived, &m->lock, &until);
        struct letter *all = take_all(m);
        pthread_mutex_unlock(&m->lock);
        return all;
}

void mailbox_shut(struct mailbox *m)
{
        pthread_mutex_lock(&m->lock);
        m->shut = true;
        ring(m);
        pthread_cond_broadcast(&m->arrived);
        pthread_mutex_unlock(&m->lock);
}

int mailbox_fd(const struct mailbox *m)
{
        return m->fd;
}
