/* timekeeper.c - the guard behind a lock, on the real clocks. */
#include "timekeeper.h"

#include "io.h"

void timekeeper_init(struct timekeeper *t)
{
        pthread_mutex_init(&t->lock, NULL);
}

void timekeeper_clear(struct timekeeper *t)
{
        pthread_mutex_destroy(&t->lock);
}

void timekeeper_start(struct timekeeper *t, int64_t saved_us)
{
        pthread_mutex_lock(&t->lock);
        guard_start(&t->guard, saved_us, vault_io.boot_us());
        pthread_mutex_unlock(&t->lock);
}

void timekeeper_hear(struct timekeeper *t, int64_t heard_us, bool live)
{
        pthread_mutex_lock(&t->lock);
        guard_hear(&t->guard, heard_us, live, vault_io.boot_us());
        pthread_mutex_unlock(&t->lock);
}

struct guard_said timekeeper_look(struct timekeeper *t)
{
        pthread_mutex_lock(&t->lock);
        struct guard_said said = guard_look(&t->guard, vault_io.wall_us(), vault_io.boot_us());
        pthread_mutex_unlock(&t->lock);
        return said;
}
