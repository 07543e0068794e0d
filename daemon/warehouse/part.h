/* part.h - a partition in a lane's hands, and the messages of a batch.
 *
 * A part is READY when the warehouse said from where to go on and the lane holds its fence.
 * What comes for a part in another state is dropped: becoming READY seeks to `now.next`. */
#ifndef WAREHOUSE_PART_H
#define WAREHOUSE_PART_H

#include "base/arena.h"
#include "link/kafka.h"
#include "model/message.h"

enum outcome { LOADED, SUPERSEDED, RETRACTED, ERASED, EXPIRED, REJECTED, OUTCOMES };

enum part_state {
        PART_WAITING,  /* not taken yet, or the connection under it was lost */
        PART_HOMELESS, /* its region has no partition in the warehouse: migrate makes one */
        PART_READY,
        PART_LOST      /* somebody else raised the fence */
};

/* What the progress row says; changed in memory only once the transaction is committed. */
struct progress {
        int64_t next;            /* first offset that is not in the warehouse */
        struct position out;     /* last transport number without a gap before it */
        bool gap;
        struct position gap_prev;
        int64_t gaps;
        int64_t counts[OUTCOMES]; /* messages by outcome, cumulative */
        int64_t appended_us;
};

struct part {
        char topic[128], region[40];
        int32_t partition;
        enum part_state state;
        int64_t fence;    /* -1: never held */
        int64_t due;      /* offset that Kafka should give next; -1: any */
        int64_t hole;     /* offset that came instead, once; -1: none */
        int64_t retry_us; /* PART_LOST: when to take it all the same (clock_mono_us) */
        struct progress now;
};

/* One message of a batch. */
struct item {
        struct part *part;
        int64_t offset, appended_us;
        struct message m;        /* valid if code is empty */
        char code[8];            /* why it is rejected: "type", "json", "23514"; "" if it is not */
        bool has_out, has_at, has_key;
        struct position out, prev, at;
        uint8_t key[16];
        int32_t reading;
        bool fresh;              /* its capture was never seen before, or not since it was taken back */
        bool taken;              /* it takes back a capture that was seen */
        struct kafka_message held;
};

struct batch {
        struct arena *arena;
        struct item **items;
        size_t n, max, done; /* done: so many are committed */
        size_t bytes, max_bytes;
        int64_t begun_us;    /* clock_mono_us() of the first message */
};
bool batch_init(struct batch *b, size_t max, size_t max_bytes, struct err *err);
void batch_clear(struct batch *b);
/* Forgets all messages. */
void batch_reset(struct batch *b);
/* Takes the message (it is done with it when the batch is reset). ERR_FULL: load the batch
 * first; the message stays the caller's. */
bool batch_add(struct batch *b, struct part *part, struct kafka_message *m, struct err *err);
bool batch_full(const struct batch *b);

/* <0, 0, >0 by (revision, deleted, epoch, seq, judged). */
int item_compare_version(const struct item *a, const struct item *b);
/* `deleted` counts in the order only where the source has revisions. */
bool item_deleted_counts(const struct item *i);
/* Whether the message is an entry of the vault that the account counts as sent: a record, or a
 * delete, which travels as a retract without content. Other retracts only follow a capture that
 * was held or stayed. */
bool item_is_capture(const struct item *i);
/* The records and retracts of [from, to) that are not rejected, in order of region, key and
 * version, greatest first. In the arena; NULL if it is full. */
struct item **batch_sorted(struct batch *b, size_t from, size_t to, size_t *n);

#endif
