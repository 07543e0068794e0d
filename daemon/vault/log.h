/* log.h - the writer: a thread that turns submitted groups into durable entries.
 *
 * It alone writes keys.db and segments. While one commit syncs, further groups pile up in
 * the mailbox and share the next one; so a thousand senders of one record cost as many
 * syncs as one. Steps of a commit, in order: admit (ceiling, free space, erased records),
 * keys (one transaction), write, sync, publish and move the mark, answer, close what is
 * full or old. */
#ifndef VAULT_LOG_H
#define VAULT_LOG_H

#include <pthread.h>
#include <stdatomic.h>

#include "base/mail.h"
#include "catalog.h"
#include "keyring.h"
#include "segment.h"
#include "vault/keys.h"
#include "vault/vault.h"

enum {
        SLOTS = 8,               /* segments open at once; slot 0 is class 0's */
        COMMIT_ENTRIES_MAX = 32768,
        COMMIT_GROUPS_MAX = 4096,
        GROUP_ITEMS_MAX = 4096,
        NONCES = 256,
        WAITING_MAX = 4096       /* groups in the mailbox */
};

struct slot {
        struct segment *segment; /* NULL: none is open */
        char class[CLASS_NAME_MAX + 1];
        uint32_t class_number;
        bool wanted;             /* by this commit */
};

/* What the key step found out about an item. */
struct plan {
        uint64_t subject, period;
        uint32_t source;
        uint8_t slot;
};

struct log {
        pthread_t thread;
        bool running;
        atomic_bool stopping;
        struct mailbox *mailbox;
        struct catalog *catalog;
        struct keyring *keys;
        struct keyer *keyer;
        struct seal *seal;
        struct vault_settings settings;
        char region[64];
        uint64_t epoch, next_seq;
        struct slot slots[SLOTS];
        uint64_t sync_failures;  /* the second is the last */
        uint64_t key_generation; /* seen */
        atomic_bool full, failed;
        _Atomic uint64_t subjects;   /* for status: numbers given so far */
        struct vault_group *backlog; /* taken from the mailbox, not committed yet */

        /* this commit: */
        struct vault_group *groups[COMMIT_GROUPS_MAX];
        uint8_t touches[COMMIT_GROUPS_MAX]; /* bit i: slot i */
        size_t n_groups;
        struct plan *plans;                 /* one an item, in order */
        size_t n_plans, cap_plans;
        uint64_t plain_bytes;
        int64_t now_us;
        uint8_t nonces[NONCES * SEAL_NONCE];
        size_t nonces_used;

        /* senders that wait for room in the mailbox */
        pthread_mutex_t room_lock;
        pthread_cond_t room;

        void (*stop)(void *ctx, const struct err *err);
        void *stop_ctx;
        struct err failure; /* why `failed` is set; the writer's */
};

/* The thread runs from log_start() to log_stop(), which commits what was submitted, closes
 * the segments and writes down how far the epoch is durable. */
bool log_start(struct log *l, struct err *err);
void log_stop(struct log *l);

/* ---- commit.c ---------------------------------------------------------- */
/* Commits and answers l->groups. */
void log_commit(struct log *l);
/* Gives a group back to its sender. */
void log_answer(struct vault_group *g, bool ok, const struct err *err);
/* Closes segments that are full, too old, or all. */
void log_close_segments(struct log *l, bool all);
/* Nothing can be made durable any more: everything is refused from now on, the role told. */
void log_fail(struct log *l, const struct err *err);

#endif
