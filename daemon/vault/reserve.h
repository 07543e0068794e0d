/* reserve.h - blocks of the disk put by, so that what must be written can be when it is full.
 *
 * STATE/reserve is a file of real blocks (posix_fallocate). On a full disk it is given back, a
 * step at a time, to those who cannot do without: the start's own row, the pump's state, the
 * destruction of keys, the ledger. Records never get it: what is missing of the reserve counts
 * as taken when the vault looks whether there is room. It is made whole again when there is.
 *
 * Any thread. What others on the same file system write may take what was given back.     */
#ifndef VAULT_RESERVE_H
#define VAULT_RESERVE_H

#include <limits.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

struct reserve {
        pthread_mutex_t lock;
        char path[PATH_MAX], dir[PATH_MAX];
        uint64_t want;           /* 0: none is kept */
        _Atomic uint64_t have;
};

/* Writes nothing: takes what lies there, and gives back a step of it if the disk is full now. */
bool reserve_open(struct reserve *r, const char *state_dir, uint64_t want, struct err *err);
void reserve_close(struct reserve *r);
/* Gives back a step if hardly anything is free; *given says whether it did. A disk that has room
 * after all keeps it: whoever was refused tries again. */
bool reserve_give(struct reserve *r);
/* Whole again if keep_free would still be free beside it. True if it is whole. */
bool reserve_fill(struct reserve *r, uint64_t keep_free);
uint64_t reserve_missing(const struct reserve *r);

#endif
