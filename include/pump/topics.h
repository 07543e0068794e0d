/* topics.h - Kafka's topics as they should be, and as they are (`topics plan|apply`).
 *
 * Per region: tributary.records.REGION (partitions as hub.cfg says, never changed after; delete
 * policy; LogAppendTime; hub.retention), tributary.receipts.REGION (compacted, 1 partition),
 * tributary.responses.REGION; and tributary.ledger. Replicas as hub.cfg says with
 * min.insync.replicas >= 2, unless allow_single; max.message.bytes >= 4 MiB.            */
#ifndef PUMP_TOPICS_H
#define PUMP_TOPICS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "link/kafka.h"
#include "model/region.h"

struct topics_spec {
        const struct kafka_config *kafka;
        const struct hub *hub;
        const char *const *regions; /* codes */
        size_t n_regions;
        bool allow_single; /* one broker: 1 replica, min.insync 1 */
};

/* What is missing or other than it should be: a line each for people, or JSON. *differs tells
 * whether there is anything. A partition count that is wrong is told and never changed.
 * Changes nothing. */
bool topics_plan(const struct topics_spec *spec, bool json, struct buf *out, bool *differs, struct err *err);
/* Makes and alters what topics_plan() tells, again as lines or JSON. Idempotent. */
bool topics_apply(const struct topics_spec *spec, bool json, struct buf *out, struct err *err);

#endif
