/* keeper.h - the thread that keeps and destroys by time: once a minute, or when something is due,
 * a round.
 *
 * A round: note how full it is, make the reserve whole, ask the law how long each class is kept,
 * then, if the guarded clock allows, have the writer destroy the keys of periods that are due and
 * let go of segments of which nothing can be read any more. It reads what may take long (keys.db
 * by a connection of its own, segments' headers) and writes nothing itself: orders do, on the
 * writer's thread.
 *
 * When a period is due: its first entry is as old as the law's raw time, and its last as old as
 * the least time. While entries of it may not be at the hub yet, it waits for their receipts: at
 * most until the oldest of those is itself as old as the raw time, so one span longer (a twelfth
 * of the raw time). Then it goes all the same, and the pump counts what never left as expired.  */
#ifndef VAULT_KEEPER_H
#define VAULT_KEEPER_H

#include "log.h"
#include "retire.h"
#include "space.h"
#include "vault/vault.h"

enum { KEEPER_ROUND_S = 60 };

struct keeper_said { /* under the keeper's lock, for status */
        uint64_t free_bytes, periods_destroyed, without_receipt;
        int64_t next_due_us;
        char clock[160];
        bool clock_off;
};

struct keeper {
        struct log *log;
        struct catalog *catalog;
        struct timekeeper *time;
        struct reserve *reserve;
        struct db *db;           /* keys.db, read-only */
        pthread_t thread;
        bool running;

        pthread_mutex_t lock;
        pthread_cond_t bell, round_over;
        bool stop;
        uint64_t asked, done;    /* rounds asked for; the last that was over */
        struct err last_err;     /* of the last round */
        struct vault_law next_law;
        bool law_waits;
        struct space space;
        struct keeper_said said;

        /* the thread's own: */
        struct vault_law law;
        struct keep_list keeps, changed;
        enum guard_word word;    /* told last */
        int64_t saved_boot_us;   /* when the time was written down last */
        struct { /* a period that waits for receipts is looked through again then (boot time) */
                uint64_t number;
                int64_t again_us;
        } waiting[64];
        size_t n_waiting;
        bool hurry;              /* an order failed: again soon */
        int pause_s;             /* until the next round */
};

/* Starts the thread; what it points to outlives it. */
bool keeper_start(struct keeper *k, const char *state_dir, struct err *err);
void keeper_stop(struct keeper *k);
void keeper_set_law(struct keeper *k, const struct vault_law *law);
/* A round now; waits for its end. */
bool keeper_round(struct keeper *k, struct err *err);
void keeper_ring(struct keeper *k);
void keeper_status(struct keeper *k, struct vault_status *out);

/* ---- due.c: how long, and whose time is over ------------------------------ */
/* What the law says now is written down, where it is news. */
bool due_ask_law(struct keeper *k, const struct guard_said *time, struct err *err);
/* Ends periods, if `time` allows; plans the next round. asked: also those that wait. */
bool due_end_periods(struct keeper *k, const struct guard_said *time, bool asked, struct err *err);

/* ---- look.c: what is due, what has expired ------------------------------- */
struct period_row {
        uint64_t number;
        uint32_t class;
        int64_t begins_us, ends_us;
};
/* Entries of the period after `covered`, and when the oldest of them was captured. */
bool look_uncovered(struct keeper *k, const struct period_row *p, uint64_t *n, int64_t *oldest_us,
                    struct err *err);
/* Whether some entry of the class may not be at the hub, captured before `ends_us`: quick. */
bool look_may_wait(struct keeper *k, const struct period_row *p);
/* Segments that are closed and covered, and of which no entry can be read any more. */
bool look_for_expired(struct keeper *k, struct err *err);

#endif
