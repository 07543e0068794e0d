/* tsan_threads.c - what ThreadSanitizer of gcc 12 does not know of, said in calls that it knows.
 *
 * librdkafka makes its threads and locks with C11's <threads.h>, and libtsan follows only
 * POSIX threads: a thread it did not see begin ends it with a segmentation fault, and a
 * lock it did not see taken makes everything under that lock look like a race. glibc's
 * C11 threads are its POSIX threads under other names with the same objects, so each call
 * here is the same call. Nor does it see pthread_clockjoin_np, whose thread would seem to
 * run on beside whoever joined it. Linked into what PRESET=tsan builds and into nothing else.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <threads.h>
#include <time.h>

_Static_assert(sizeof(mtx_t) == sizeof(pthread_mutex_t), "mtx_t is another object here");
_Static_assert(sizeof(cnd_t) == sizeof(pthread_cond_t), "cnd_t is another object here");
_Static_assert(sizeof(once_flag) == sizeof(pthread_once_t), "once_flag is another object here");

static int said(int rc)
{
        return rc == 0 ? thrd_success : rc == EBUSY ? thrd_busy : rc == ETIMEDOUT ? thrd_timedout
             : rc == ENOMEM || rc == EAGAIN ? thrd_nomem : thrd_error;
}

struct begin {
        thrd_start_t call;
        void *with;
};

static void *enter(void *p)
{
        struct begin b = *(struct begin *)p;
        free(p);
        return (void *)(intptr_t)b.call(b.with);
}

int thrd_create(thrd_t *thread, thrd_start_t call, void *with)
{
        struct begin *b = malloc(sizeof *b);
        if (!b)
                return thrd_nomem;
        *b = (struct begin){ .call = call, .with = with };
        int rc = pthread_create(thread, NULL, enter, b);
        if (rc != 0)
                free(b);
        return said(rc);
}

int thrd_join(thrd_t thread, int *result)
{
        void *p = NULL;
        int rc = pthread_join(thread, &p);
        if (rc == 0 && result)
                *result = (int)(intptr_t)p;
        return said(rc);
}

int mtx_init(mtx_t *m, int type)
{
        pthread_mutexattr_t attr;
        pthread_mutexattr_init(&attr);
        if (type & mtx_recursive)
                pthread_mutexattr_settype(&attr, PTHREAD_MUTEX_RECURSIVE);
        int rc = pthread_mutex_init((pthread_mutex_t *)m, &attr);
        pthread_mutexattr_destroy(&attr);
        return said(rc);
}

void mtx_destroy(mtx_t *m)
{
        pthread_mutex_destroy((pthread_mutex_t *)m);
}

int mtx_lock(mtx_t *m)
{
        return said(pthread_mutex_lock((pthread_mutex_t *)m));
}

int mtx_unlock(mtx_t *m)
{
        return said(pthread_mutex_unlock((pthread_mutex_t *)m));
}

int cnd_init(cnd_t *c)
{
        return said(pthread_cond_init((pthread_cond_t *)c, NULL));
}

void cnd_destroy(cnd_t *c)
{
        pthread_cond_destroy((pthread_cond_t *)c);
}

int cnd_signal(cnd_t *c)
{
        return said(pthread_cond_signal((pthread_cond_t *)c));
}

int cnd_broadcast(cnd_t *c)
{
        return said(pthread_cond_broadcast((pthread_cond_t *)c));
}

int cnd_wait(cnd_t *c, mtx_t *m)
{
        return said(pthread_cond_wait((pthread_cond_t *)c, (pthread_mutex_t *)m));
}

int cnd_timedwait(cnd_t *restrict c, mtx_t *restrict m, const struct timespec *restrict until)
{
        return said(pthread_cond_timedwait((pthread_cond_t *)c, (pthread_mutex_t *)m, until));
}

void call_once(once_flag *flag, void (*call)(void))
{
        pthread_once((pthread_once_t *)flag, call);
}

/* The deadline carried over to the clock that pthread_timedjoin_np knows. */
int pthread_clockjoin_np(pthread_t thread, void **result, clockid_t clock, const struct timespec *until)
{
        struct timespec then, now;
        clock_gettime(clock, &then);
        clock_gettime(CLOCK_REALTIME, &now);
        int64_t ns = (int64_t)(until->tv_sec - then.tv_sec + now.tv_sec) * 1000000000 +
                     until->tv_nsec - then.tv_nsec + now.tv_nsec;
        struct timespec at = { .tv_sec = ns / 1000000000, .tv_nsec = ns % 1000000000 };
        return pthread_timedjoin_np(thread, result, &at);
}
