/* catalog.h - what segments there are and how far they are durable: where the writer and
 * the readers meet.
 *
 * The writer publishes under the lock, once a commit: lengths, new segments and the mark
 * together, so that a reader's snapshot is whole. Segments are kept in the order of
 * (epoch, first seq) and never leave while the vault is open (those whose files were removed are
 * marked); an index stays valid. */
#ifndef VAULT_CATALOG_H
#define VAULT_CATALOG_H

#include <limits.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "entry.h"
#include "vault/vault.h"

enum { SEGMENT_NAME_MAX = 80, WATCHES_MAX = 16 };

struct segment_info {
        /* never change once published */
        uint8_t id[SEGMENT_ID];
        char name[SEGMENT_NAME_MAX]; /* of the file in STATE/vault */
        uint64_t epoch, first;       /* first seq */
        uint64_t data_at;            /* offset of the first entry */
        uint32_t class;
        int64_t created_us;
        /* under the lock */
        uint64_t last;               /* last durable seq; first - 1: none */
        uint64_t entries;
        uint64_t bytes;              /* durable length */
        bool closed;                 /* will not grow */
        bool retired;                /* its file is removed: all of it had expired */
        uint64_t looked_at;          /* the keeper's own: the key generation by which it was looked
                                        through and had something to keep; UINT64_MAX: never was */
};

/* Seqs that may be in no file any more. */
struct retired_range {
        uint64_t epoch, first, last;
};

struct epoch_info {
        uint64_t epoch;
        uint64_t durable_to; /* entries 1..durable_to were acknowledged */
};

struct catalog {
        pthread_mutex_t lock;
        char dir[PATH_MAX];
        struct segment_info **list;
        size_t n, cap;
        struct epoch_info *epochs; /* sorted; the last is this start's, its durable_to moves */
        size_t n_epochs;
        struct retired_range *retired; /* sorted, apart from each other */
        size_t n_retired;
        struct position mark;
        struct position covered;   /* all up to here is at the hub, or need not be */
        uint64_t bytes, entries;   /* all segments; this start */
        uint64_t removed;          /* segments in the list without a file */
        int watch[WATCHES_MAX];
        size_t n_watch;
        _Atomic uint64_t damaged;        /* entries readers could not read */
        _Atomic uint64_t key_generation; /* moves when keys were forgotten */
};

bool catalog_init(struct catalog *c, const char *state_dir, struct err *err);
void catalog_clear(struct catalog *c);
/* Takes `s`; keeps the order. Lock held, or nobody else there yet. */
bool catalog_add(struct catalog *c, struct segment_info *s, struct err *err);
bool catalog_add_epoch(struct catalog *c, uint64_t epoch, uint64_t durable_to, struct err *err);

static inline void catalog_lock(struct catalog *c)
{
        pthread_mutex_lock(&c->lock);
}
static inline void catalog_unlock(struct catalog *c)
{
        pthread_mutex_unlock(&c->lock);
}
struct position catalog_mark(struct catalog *c);
/* Wakes who watches the mark. */
void catalog_ring(struct catalog *c);
/* One to be watched; -1 when there are WATCHES_MAX or no descriptors are left. */
int catalog_watch(struct catalog *c, struct err *err);
/* The i-th segment as it is now; false beyond the end. *out is a copy, *info the original. */
bool catalog_at(struct catalog *c, size_t i, struct segment_info *out,
                const struct segment_info **info);
/* The segment's bytes are the disk's again; its seqs join the retired ones. */
bool catalog_retire(struct catalog *c, struct segment_info *s, struct err *err);
/* Lock held, or nobody else there yet. */
bool catalog_add_retired(struct catalog *c, struct retired_range r, struct err *err);
/* The last of the retired seqs that `seq` lies in; 0 if it does not. */
uint64_t catalog_retired_to(struct catalog *c, uint64_t epoch, uint64_t seq);
/* The i-th segment itself, for what is the keeper's and the writer's in it. */
struct segment_info *catalog_segment(struct catalog *c, size_t i);
/* Acknowledged entries of `epoch`: 1..result. 0 if the epoch is unknown. */
uint64_t catalog_durable_to(struct catalog *c, uint64_t epoch);
/* The first epoch after `epoch` with acknowledged entries; 0 if none. */
uint64_t catalog_epoch_after(struct catalog *c, uint64_t epoch);

#endif
