/* pump.h - takes entries from the vault through the judge into Kafka; alone owns the producer.
 *
 * One thread. A turn, in order: take the newest book (between two records) -> returns
 * (receipts) -> read, judge, produce while the window has room -> delivery reports -> settle:
 * cursor, decisions, transport positions and account in one transaction of state.db ->
 * hello and account when due -> wait for mark, reports or letters.
 *
 * Promises: an entry is settled when all in-sync replicas have it, and done when the hub's
 * watermark covers it; a watermark that goes back sends all erasures first, then everything
 * from there, out of the vault. Book NULL: closed; nothing is produced. A new book purges what
 * waits in the producer's queue; it is judged again. Never more different people than a policy's
 * counter allows leave in any of its windows: whoever leaves was counted on disk before.    */
#ifndef PUMP_PUMP_H
#define PUMP_PUMP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/metric.h"
#include "base/option.h"
#include "link/kafka.h"
#include "model/standing.h"
#include "policy/policy.h"
#include "vault/vault.h"

struct pump_settings {
        int64_t in_flight;        /* records sent and not yet acknowledged */
        int64_t hello_every_us;   /* when nothing was sent on a partition for so long */
        int64_t account_every_us;
        int64_t drain_us;         /* at most so long for what is in flight when stopping */
        int64_t people;           /* names, handles and addresses that are known at most */
        int64_t people_since_us;  /* of whom wrote so long ago, when starting */
        int64_t reapply_rate;     /* entries a second judged again at most; 0: no limit */
};
extern const struct option pump_options[];
extern struct metric pump_metrics[];

struct pump_spec {
        const char *region, *state_dir;
        struct vault *vault;
        const struct kafka_config *kafka; /* must live as long as the pump */
        struct pump_settings settings;
        const struct vault_found *found;
};
struct pump;
/* Starts the thread. Fails with ERR_CONFIG or ERR_SYSTEM (state.db). */
bool pump_start(struct pump **out, const struct pump_spec *spec, struct err *err);
/* Puts a book in force between two records (any thread; takes over one count). NULL closes the
 * pump. An ENTRY_ACTIVATE is appended to the vault first if the set's hash changed: its position
 * is `judged`. */
void pump_set_book(struct pump *p, struct book *book);
/* What the next hello says of how the region stands (any thread). Until then hellos say nothing. */
void pump_tell(struct pump *p, const struct standing *s);
/* Lines refused at the door, to stand beside the account (any thread). */
void pump_count_refused(struct pump *p, struct slice source, int64_t captured_us, uint32_t refused);
/* Pieces that the discard pass removed, likewise. */
void pump_count_discarded(struct pump *p, struct slice source, int64_t captured_us, uint32_t pieces);
/* Waits for what is in flight (at most drain_us), settles, purges, ends the thread. */
void pump_stop(struct pump *p); /* NULL is allowed */

struct pump_status {
        bool closed;              /* no book */
        bool kafka_up;
        bool learning;            /* who is known here, out of the vault: nothing is judged before that */
        struct position cursor;   /* all up to here is settled */
        struct position judged;   /* the activation in force */
        uint64_t backlog;         /* entries after the cursor */
        uint64_t held, stayed, sent, in_flight; /* in_flight: sent, and no watermark covers it */
        uint64_t rejected;        /* the hub could not load them */
        int64_t oldest_us;        /* when the oldest entry that is not settled was captured; 0: none */
        int64_t lag_us;           /* how long ago that was */
        uint64_t missing;         /* the account does not add up by so many: pump_account() has where */
        int64_t last_receipt_us;  /* 0: none heard since start */
        uint64_t gaps;            /* named by the hub so far */
        uint64_t residual;        /* since start: held because what is masked stood in their message still */
        int64_t people_since_us;  /* known are those who wrote since, see crowd.h; 0: nobody is looked for */
        char trouble[256];        /* what is wrong now, "" if nothing */
};
void pump_status(struct pump *p, struct pump_status *out);
struct pump_reason { /* a line of a policy, and how many entries it keeps from leaving */
        const char *outcome; /* "held", "stayed" */
        char file[64], rule[64], because[192];
        int line;
        uint64_t entries;
};
enum { PUMP_REASONS_MAX = 64 };
/* The most frequent first, as of the last settlement. Any thread. */
size_t pump_reasons(struct pump *p, struct pump_reason *out, size_t max);
struct pump_counter { /* of a policy in force: people, sensitive people or records */
        char id[96];              /* "cn/people/Example Ltd" */
        char file[64];
        int line;
        uint64_t people, ceiling, warn_at; /* this region's part of the ceiling */
        uint64_t held;            /* entries that this line keeps from leaving */
};
enum { PUMP_COUNTERS_MAX = 32 };
/* As of the last second or so. Any thread. */
size_t pump_counters(struct pump *p, struct pump_counter *out, size_t max);
/* Does it add up? As vault/state.h has it: what became of each record by the vault's word, against
 * what is on its way and has arrived by transport numbers and the hub's watermarks.           */
struct pump_balance {
        char source[33];
        int64_t hour_us;          /* UTC hour of capture; 0: all hours */
        uint64_t captured, sent, arrived, in_flight, held, stayed, erased, expired, damaged;
        uint64_t retracted, discarded, refused; /* beside the sum */
        int64_t missing;          /* captured - (arrived + in_flight + held + ... + damaged) */
};
enum { PUMP_SOURCES_MAX = 128, PUMP_HOURS_MAX = 1024, PUMP_HOURS_BACK = 48 };
struct pump_account {
        int64_t at_us;            /* when it was counted; 0: not yet */
        struct pump_balance sources[PUMP_SOURCES_MAX], hours[PUMP_HOURS_MAX]; /* hours: newest first */
        size_t n_sources, n_hours;
        bool cut;                 /* there were more */
        uint64_t missing;         /* over all: of either sign, so that nothing cancels out */
        /* The hub's own counts, as its watermarks carry them: captures that came to stand, that a
         * greater one replaced or outdid, and so on; one may be counted under two. So no sum is
         * exact, but what arrived and is told under none of them is lost at the hub: `untold`. (Or it
         * was past its time when it came: receipts do not count that.)                        */
        bool heard;
        uint64_t loaded, superseded, rejected, retracted, erased, untold;
};
/* As of the last second or so; after a while of rest, as it is. Any thread. ~180 KiB: not for a stack. */
void pump_account(struct pump *p, struct pump_account *out);
/* True once the pump can go on no more (claim lost, state damaged): the role stops. */
bool pump_dead(struct pump *p, struct err *err);

#endif
