/* timekeeper.h - the guard and the clocks, for whichever thread asks. */
#ifndef VAULT_TIMEKEEPER_H
#define VAULT_TIMEKEEPER_H

#include <pthread.h>

#include "guard.h"

struct timekeeper {
        pthread_mutex_t lock;
        struct guard guard;
};

void timekeeper_init(struct timekeeper *t);
void timekeeper_clear(struct timekeeper *t);
/* saved_us as guard_start() takes it. */
void timekeeper_start(struct timekeeper *t, int64_t saved_us);
void timekeeper_hear(struct timekeeper *t, int64_t heard_us, bool live);
struct guard_said timekeeper_look(struct timekeeper *t);

#endif
