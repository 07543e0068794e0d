/* topics.h - Kafka's topics as they should be: `topics plan|apply` and `check --connect`.
 *
 * For each region tributary.records.REGION (partitions as hub.cfg says, delete policy,
 * LogAppendTime, retention as hub.cfg says), tributary.receipts.REGION (compacted, one
 * partition), tributary.responses.REGION; and tributary.ledger. Messages up to 4 MiB.
 *
 * Partitions of a topic that exists are never changed: records find theirs by their key, and
 * what went where is remembered by it.                                                 */
#ifndef PUMP_TOPICS_H
#define PUMP_TOPICS_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"
#include "link/kafka.h"
#include "model/region.h"

struct topics_spec {
        const struct kafka_config *kafka;
        const struct hub *hub;
        const char *const *regions;
        size_t n_regions;
        bool allow_single; /* one replica is enough: a laptop */
};
/* Reads what is there and says what should be done, a line a topic (or a JSON array of
 * { "topic", "action": "none|make|alter|wrong", "what" }). *differs: not all is as it should be. */
bool topics_plan(const struct topics_spec *spec, bool as_json, struct buf *out, bool *differs,
                 struct err *err);
/* Makes and alters what topics_plan() tells, and says so likewise. Idempotent, safe to run twice
 * at once. What cannot be changed (partitions, replicas) is ERR_CONFIG, after all else is done. */
bool topics_apply(const struct topics_spec *spec, bool as_json, struct buf *out, struct err *err);

#endif
