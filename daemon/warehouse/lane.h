/* lane.h - one lane: a member of the Kafka group with a PostgreSQL connection of its own, on a
 * thread of its own. What is known of it is told under a lock; the rest is its thread's.
 *
 * A turn, in order: keep house, 50 times a second (connect, take parts that wait, look whether
 * all is still ours) -> poll Kafka -> load the batch when it is full or old enough. While PostgreSQL is away Kafka is paused and polled all the same,
 * so that the group does not fall apart.                                                */
#ifndef WAREHOUSE_LANE_H
#define WAREHOUSE_LANE_H

#include "store.h"
#include "warehouse/loader.h"

/* Wakes the clerk when a lane has committed. */
struct bell;
struct bell *bell_new(void);
void bell_free(struct bell *b);
void bell_ring(struct bell *b);
/* Returns when it was rung since the last wait, or after timeout_us. */
void bell_wait(struct bell *b, int64_t timeout_us);

struct lane;
/* spec and bell outlive the lane. Fails with what kafka_join() says. */
bool lane_start(struct lane **out, const struct loader_spec *spec, int number, struct bell *bell,
                struct err *err);
/* Asks it to finish; lane_join() waits until deadline_us (clock_mono_us) and frees it. False:
 * it hangs, and is left alone (the process is about to end). */
void lane_ask_stop(struct lane *l);
bool lane_join(struct lane *l, int64_t deadline_us);

struct lane_status {
        int partitions;
        bool warehouse_up, kafka_up, dead;
        struct load_counts counts;
        char trouble[256];
        struct err why; /* dead: why */
};
void lane_status(struct lane *l, struct lane_status *out);

/* receipt.c: the clerk's thread sends receipts and does the chores, one loader's at a time. */
struct clerk;
bool clerk_start(struct clerk **out, const struct loader_spec *spec, struct bell *bell, struct err *err);
void clerk_ask_stop(struct clerk *c);
bool clerk_join(struct clerk *c, int64_t deadline_us);

/* chores.c: folds the tally, counts crowds, removes what is past its time, when each is due. */
struct chores {
        int64_t fold_us, crowd_us, expire_us; /* clock_mono_us() when next due */
        bool counted; /* something was folded since the crowds were counted */
};
bool chores_do(struct pg *c, struct chores *due, struct err *err);

/* Rows of loader_metrics. */
enum { M_LOADED, M_SUPERSEDED, M_RETRACTED, M_ERASED, M_EXPIRED, M_REJECTED, M_GAPS, M_TRANSACTIONS,
       M_RECEIPTS, M_RANGE, M_WAREHOUSE_UP, M_PARTITIONS };

#endif
