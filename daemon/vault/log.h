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
#include "reserve.h"
#include "segment.h"
#include "timekeeper.h"
#include "vault/keys.h"
#include "vault/vault.h"

struct log;

enum {
        SLOTS = 8,               /* segments open at once; slot 0 is class 0's */
        HOME_SLOT = 1,
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

/* How long raw entries of a class are kept; see `keep` in keys.sql. */
struct keep_time {
        uint32_t class;
        int64_t raw_us, at_least_us, before_us, shorter_us;
};
enum { KEEPS_MAX = 256 };
#define OTHER_CLASS "*" /* whose periods entries have that are no records */

/* Something else for the writer to do, between two commits: a group of no items. */
struct order {
        struct vault_group group; /* n == ORDER_ITEMS */
        bool (*run)(struct log *l, void *arg, struct err *err);
        void *arg;
};
#define ORDER_ITEMS SIZE_MAX

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
        char home[CLASS_NAME_MAX + 1]; /* the class for which slot HOME_SLOT is set aside; "": none */
        uint64_t sync_failures;  /* the second is the last */
        uint64_t key_generation; /* seen */
        atomic_bool full, failed;
        _Atomic uint64_t subjects;   /* for status: numbers given so far */
        atomic_bool wal_holds_keys;  /* keys.db-wal may hold one that was destroyed */
        struct timekeeper *time;
        struct reserve *reserve;
        struct keep_time keeps[KEEPS_MAX];
        size_t n_keeps;
        struct vault_group *backlog; /* taken from the mailbox, not committed yet */

        /* this commit: */
        struct vault_group *groups[COMMIT_GROUPS_MAX];
        uint8_t touches[COMMIT_GROUPS_MAX]; /* bit i: slot i */
        size_t n_groups;
        struct plan *plans;                 /* one an item, in order */
        size_t n_plans, cap_plans;
        uint64_t plain_bytes;
        int64_t now_us, period_now_us; /* the clock's word; what periods go by */
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

/* Posts when there is room, waits for the answer. False: err says; ERR_SYSTEM, nothing of it is
 * done, when the writer takes nothing more. */
bool log_call(struct log *l, struct vault_group *g, struct err *err);
bool log_order(struct log *l, bool (*what)(struct log *l, void *arg, struct err *err), void *arg,
               struct err *err);

/* ---- commit.c ---------------------------------------------------------- */
/* Commits and answers l->groups. */
void log_commit(struct log *l);
/* Gives a group back to its sender, or an order; the first counts it as well. */
void log_answer(struct vault_group *g, bool ok, const struct err *err);
void log_give(struct vault_group *g, bool ok, const struct err *err);
/* Closes segments that are full, too old, or all. */
void log_close_segments(struct log *l, bool all);
/* Nothing can be made durable any more: everything is refused from now on, the role told. */
void log_fail(struct log *l, const struct err *err);

#endif
