/* loader.h - Kafka -> PostgreSQL, once: N lanes, each a member of the group with a PostgreSQL
 * connection of its own, and one thread for receipts.
 *
 * A batch is one transaction: binary COPY to staging, merge by version, progress by
 * compare-and-set on (fence, offset), receipts into the outbox. Offsets come from PostgreSQL in
 * the assign callback. While PostgreSQL is away lanes pause and keep polling.          */
#ifndef WAREHOUSE_LOADER_H
#define WAREHOUSE_LOADER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/metric.h"
#include "base/option.h"
#include "link/kafka.h"

struct loader_settings {
        int64_t lanes;             /* 1..16 */
        int64_t batch_rows;        /* a batch is committed at so many messages */
        uint64_t batch_bytes;
        int64_t batch_wait_us;     /* ... or after so long */
        const char *group;         /* Kafka group; default "tributary-loader" */
};
extern const struct option loader_options[];
extern struct metric loader_metrics[];

struct loader_spec {
        const char *warehouse;     /* libpq connection string */
        const char *password;      /* or NULL */
        const struct kafka_config *kafka; /* must live as long as the loader */
        const char *const *regions; /* known codes: topics; new ones are found by pattern */
        size_t n_regions;
        struct loader_settings settings;
};
struct loader;
bool loader_start(struct loader **out, const struct loader_spec *spec, struct err *err);
/* Finishes or gives up the open batch within 20 s, leaves the group. */
void loader_stop(struct loader *l); /* NULL is allowed */
struct loader_status {
        int lanes, partitions;
        bool warehouse_up, kafka_up;
        uint64_t loaded, superseded, rejected, retracted, erased, gaps, transactions;
        char trouble[256];
};
void loader_status(struct loader *l, struct loader_status *out);
bool loader_dead(struct loader *l, struct err *err);

#endif
