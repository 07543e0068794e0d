/* pump_private.h - the pump's parts, all on one thread but what stands under the lock.
 *
 *      pump.c    thread, turn, waiting           read.c    entries -> outcomes and messages
 *      send.c    transport numbers, producer     settle.c  the one transaction
 *      run.c     a run of sends begins           returns.c receipts, going back
 *      book.c    policies in force               balance.c does it add up?
 *      reapply.c what was settled, judged again  counts.c  ceilings, small groups
 *      ahead.c   many people counted at once   meet.c    who is known, by crowd.c
 *      window.c, tally.c, way.c
 *
 * A run is a stretch of sends whose prev numbers form a chain. It ends when something failed or
 * was purged, when the policies changed, or when the hub's watermark went back; the next begins
 * with an empty window, prev = what was acknowledged, and a reader at the right place.     */
#ifndef PUMP_PRIVATE_H
#define PUMP_PRIVATE_H

#include <pthread.h>
#include <stdatomic.h>

#include "base/arena.h"
#include "base/pace.h"
#include "pump/crowd.h"
#include "pump/pump.h"
#include "pump/reapply.h"
#include "counts.h"
#include "tally.h"
#include "vault/keys.h"
#include "vault/state.h"
#include "way.h"
#include "window.h"

enum {
        PARTITIONS_MAX = 1024,
        WINDOW_SLOTS = 16384,
        READ_TURN = 512,       /* entries read in a turn */
        SETTLE_SLOTS = 5000,   /* settled at once when so many are done ... */
        SETTLE_US = 200000,    /* ... or so long after the first */
        TOO_LARGE_MAX = 256,
};

struct stream { /* of one partition */
        struct state_transport t;  /* as in state.db, or about to be (dirty) */
        bool dirty;
        uint64_t n;                /* the highest given in this epoch */
        struct position last;      /* out of the last one sent in this run, or prev of the first */
        int64_t last_sent_us;      /* monotonic */
        uint32_t unacked;
        bool hello_due;
        /* The hub's word that the run in progress cannot follow: applied when the next begins. */
        bool back;                 /* the watermark went back: everything after it again */
        bool gap;                  /* what lies between is missing */
        bool word_waits;           /* heard while catching up */
        struct receipt heard;
        /* The run that answered a gap at gap_out began after run_from: a gap named at the same
         * place by messages up to there is still the same one. */
        struct position gap_out, run_from;
        bool gap_answered, gap_open;
        int64_t gap_again_us, gap_wait_us; /* still open then: answered again; doubling */
        /* One transaction's sends, gathered by settle.c. */
        struct position first, at;
        uint64_t to, records;
        struct position acked;
        struct way way; /* its records, per source and hour */
        bool touched;
};

struct reapply {
        /* Under the lock. */
        struct reapply_wanted wanted;
        bool wants, wants_stop;
        struct reapply_status seen;
        /* The thread's own. */
        struct reapply_job real, dry; /* as in state.db; the newest of each */
        struct reapply_job *now;   /* the active one; NULL: none */
        struct vault_reader *reader;
        struct position read;      /* read to */
        uint64_t n_read;
        size_t waiting;            /* slots of the window that are its */
        bool stopping, read_all;   /* read_all: it ends once nothing of it waits */
        struct position doubt;     /* as the pump's */
        struct pace pace;
        int64_t not_before_us;     /* monotonic: paced until then */
        int64_t counted_us;        /* monotonic: since then it has read what is more than */
        uint64_t counted_from;
};

struct ahead { /* see ahead.c */
        struct vault_reader *reader;
        struct arena *arena;
        struct position from, to; /* counted: entries after `from` up to `to` */
};

struct pump {
        struct pump_spec spec;
        struct pump_reason reasons[PUMP_REASONS_MAX]; /* under the lock */
        size_t n_reasons;
        struct pump_counter counters[PUMP_COUNTERS_MAX]; /* likewise */
        size_t n_counters;
        struct pump_account *account; /* under the lock: what was counted last */
        pthread_t thread;
        bool started;
        uint64_t epoch;

        /* Under the lock: what other threads give and see. */
        pthread_mutex_t lock;
        int bell;                  /* eventfd */
        bool book_waits, stop;
        struct book *next_book;
        struct door door;
        struct pump_status status;
        struct standing standing;  /* what the next hello tells */
        bool stands, news;         /* it was told; the hub should hear soon */
        bool dead;
        struct err dead_err;

        /* The thread's own. */
        struct state *state;
        struct keyer *keyer;
        struct counts counts;
        struct ahead ahead;
        int64_t counts_us;         /* monotonic: when windows are looked at again */
        struct vault_reader *reader;
        int mark_fd;
        struct position cursor;    /* settled */
        struct position counted_from; /* entries after it have pieces in state.db */
        struct way resent;         /* one transaction's records that had been sent before */
        struct position position;  /* read */
        struct position doubt;     /* up to here an earlier run may have sent what is not settled */
        uint64_t doubt_kinds;      /* of what it let out: bits */
        bool more;                 /* the vault has more to read */

        struct book *book;         /* NULL: closed */
        struct judge *judge;
        uint8_t book_hash[32];     /* of the last activation; all zero: none */
        struct position judged;
        uint64_t let_out;          /* kinds that some policy set let go: bits */
        bool seeks_people;         /* the book does */
        struct crowd *crowd;       /* NULL: nothing is learnt yet */
        bool knows_all;            /* all that lay in the vault when it was read */
        uint64_t crowd_generation; /* of keys, when learning began */
        int64_t crowd_began_us, crowd_until_us; /* monotonic; until then it is not learnt anew */
        int64_t people_since_us;   /* 0: nobody is learnt */
        struct arena *arena;       /* of one record */

        struct kafka_producer *producer;
        bool connected;            /* this producer knows the topic */
        struct stream *streams;
        int32_t n_streams;         /* 0: not known yet */
        struct window window;
        struct slot *stuck;        /* formatted, and the producer's queue was full */
        uint8_t key[16];
        struct message_header headers[MESSAGE_HEADERS];
        size_t n_headers;
        struct buf value;
        char topic[128];

        bool restart;              /* the run ends: no more reading until the next has begun */
        bool recall;               /* what is in flight is purged, not waited for */
        bool failed;               /* a delivery failed: a new producer, after retry_us */
        bool erasures_due;         /* sent before anything else of the next run */
        bool erasing;
        struct position erased_to;
        bool resending;
        struct position resend_until;
        int64_t retry_us, backoff_us;
        int64_t settle_us;         /* when the first of what is done became so; 0: nothing is */
        struct reapply reapply;
        struct position too_large[TOO_LARGE_MAX]; /* the broker said so: held */
        size_t n_too_large;

        uint64_t serial, change, told; /* account messages; see tally.h */
        size_t changed;
        bool account_in_flight, account_dirty;
        int64_t account_us;
        struct account_row totals;

        struct kafka_consumer *receipts;
        bool caught_up;
        char receipts_topic[128];
        uint8_t warehouse_seen[16];
        bool claimed;              /* this generation is ours, as the hub says */
        int64_t last_receipt_us;
        bool balance_dirty;        /* something was settled since it was counted */
        int64_t balance_us;        /* when it may be counted again */
        struct pump_account *counting;
        struct arena *balance_arena;
        uint64_t gaps, in_flight, residual;
        bool in_flight_dirty;
        struct vault_reader *periods; /* asked which keys are gone; see expire.c */
        uint64_t expired_to, expired_generation;
        int64_t overdue_us; /* when held entries are looked through next; 0: at once */
        uint64_t rejected;
        int64_t behind_us;         /* when entries began to wait; 0: none does */
        bool tells;                /* the thread's word for `stands` */
        int64_t told_us, acked_us; /* monotonic: a hello last told how the region stands; Kafka last
                                      took a message */
        int64_t in_flight_us;
        char trouble[256];
};

enum pump_row { /* of pump_metrics */
        PUMP_SENT, PUMP_HELD, PUMP_STAYED, PUMP_UNREADABLE, PUMP_EXPIRED, PUMP_RETRACTED, PUMP_ACKNOWLEDGED, PUMP_RUNS,
        PUMP_RESENDS, PUMP_GAPS, PUMP_RECEIPTS, PUMP_REJECTED, PUMP_BACKLOG, PUMP_IN_FLIGHT, PUMP_CLOSED,
        PUMP_KAFKA_UP, PUMP_REFUSED_LOST, PUMP_MISSING, PUMP_LAG, PUMP_PEOPLE, PUMP_REAPPLIED, PUMP_REAPPLYING,
        PUMP_COUNTER, PUMP_RESIDUAL
};

/* The pump can go on no more. Always false. */
bool pump_die(struct pump *p, const struct err *err);
/* Entries after the cursor; when the oldest of them was captured (0: there is none). */
uint64_t pump_backlog(const struct pump *p);
int64_t pump_oldest(struct pump *p, uint64_t backlog);
void pump_trouble(struct pump *p, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* book.c */
bool book_restore(struct pump *p, struct err *err);
void book_take(struct pump *p, struct book *b);   /* takes over the count */
bool book_activate(struct pump *p, struct err *err);
/* The set in force once more: *at is the position of the new entry, greater than all judged so far.
 * The caller makes it p->judged when it stands in state.db. */
bool book_activate_again(struct pump *p, struct position *at, struct err *err);

/* meet.c: who is known. */
void meet_judge(struct pump *p);               /* there is a new judge */
bool meet_turn(struct pump *p, bool *ready, struct err *err); /* not ready: nothing is judged yet */
bool meet_record(struct pump *p, const struct record *r, struct err *err); /* before it is judged */
void meet_forget(struct pump *p);

/* read.c: reads until the window is full, the vault is at its end, or READ_TURN entries. */
bool read_entries(struct pump *p, struct err *err);
/* A record that was settled before, judged again: a slot, and unless `dry` the message that follows. */
bool read_again(struct pump *p, enum vault_read what, const struct vault_entry *e, bool dry, struct err *err);

/* Settled before, and not asked for again on its partition. */
bool read_skips(const struct pump *p, const struct vault_entry *e);

/* ahead.c: before a turn's reading. */
bool ahead_count(struct pump *p, struct err *err);
bool ahead_due(const struct pump *p); /* better in another turn */
void ahead_close(struct pump *p);

/* send.c */
bool send_open(struct pump *p, struct err *err); /* needs no network: ERR_CONFIG is the operator's */
bool send_connect(struct pump *p, struct err *err);
void send_disconnect(struct pump *p);
/* Gives the message its transport numbers and hands it to the producer. ERR_DATA: too large,
 * the slot still needs an outcome. A full queue is no failure: the slot is stuck. */
bool send_message(struct pump *p, struct slot *s, int32_t partition, struct message *m, struct err *err);
bool send_stuck(struct pump *p, struct err *err);
bool send_hellos(struct pump *p, int64_t now_us, struct err *err);
bool send_account(struct pump *p, int64_t now_us, struct err *err);
int64_t send_due_us(const struct pump *p); /* when hello or account are due next; INT64_MAX: never */

/* settle.c */
bool settle(struct pump *p, struct err *err);
bool settle_due(struct pump *p, int64_t now_us);
/* Why an entry is not sent: written, in the transaction. */
bool settle_decision(struct pump *p, const struct slot *s, struct err *err);

/* reapply.c: reading, paced, behind what is fresh. */
bool reapply_read(struct pump *p, int64_t now_us, struct err *err);
bool reapply_heed_stop(struct pump *p, struct err *err);
bool reapply_has_work(const struct pump *p, int64_t now_us);
int64_t reapply_due_us(const struct pump *p);   /* paced until then; INT64_MAX: is not */
void reapply_run(struct pump *p);               /* a run begins: from what is settled */
void reapply_close(struct pump *p);
void reapply_show(struct pump *p);              /* for pump_reapply_status() */
bool reapply_ends(const struct pump *p);        /* all is read and settled: one more settle */
/* reapply_settle.c: in the transaction, on a copy of the job; then in memory. */
bool reapply_slot(struct pump *p, struct tally *t, struct reapply_job *job, const struct slot *s, struct err *err);
bool reapply_write(struct pump *p, size_t n, struct reapply_job *job, struct err *err);
void reapply_keep(struct pump *p, size_t n, const struct reapply_job *job);
bool reapply_restore(struct pump *p, struct err *err);
bool reapply_save(struct pump *p, const struct reapply_job *job, struct err *err);

/* expire.c */
bool expire_kept(struct pump *p, struct err *err);  /* a portion; nothing to do is fine */
bool expire_pending(const struct pump *p);

/* overdue.c: a portion, when it is time. */
bool overdue_stay(struct pump *p, int64_t now_us, struct err *err);
int64_t overdue_due_us(const struct pump *p);
/* In the transaction that ends a sending again: what of it is in no segment any more. */
bool expire_resent(struct pump *p, struct tally *t, struct err *err);
/* Tells the vault how far receipts cover it. */
bool expire_cover(struct pump *p, struct err *err);

/* run.c */
void run_end(struct pump *p);   /* asks for a new run */
bool run_begin(struct pump *p, struct err *err);

/* returns.c */
bool returns_open(struct pump *p, struct err *err);
void returns_close(struct pump *p);
bool returns_take(struct pump *p, struct err *err);
/* An answer to a gap may be lost like what it answered: what the hub says is still open after a
 * while is answered again. */
void returns_overdue(struct pump *p, int64_t now_us);
int64_t returns_due_us(const struct pump *p); /* INT64_MAX: never */
/* flags.c */
void flag_take(const struct pump *p, const struct receipt *r);

/* ---- balance.c ---------------------------------------------------------- */
bool balance_open(struct pump *p);
void balance_close(struct pump *p);
/* Counts anew if something changed: at most once a second, and in a fiftieth of the time. */
void balance_refresh(struct pump *p, int64_t now_us);
int64_t balance_due_us(const struct pump *p); /* INT64_MAX: nothing to count */

/* ---- reasons.c ---------------------------------------------------------- */
/* Reads which lines decided, for pump_reasons(). */
bool reasons_refresh(struct pump *p, struct err *err);
/* What counters stand at, for pump_counters(); moves windows on. */
void counters_show(struct pump *p, int64_t now_us);
int64_t counters_due_us(const struct pump *p); /* INT64_MAX: nothing is counted */

#endif
