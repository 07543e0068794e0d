/* kafka_common.h - what the producer, the consumer and the topics' admin share. */
#ifndef LINK_KAFKA_COMMON_H
#define LINK_KAFKA_COMMON_H

#include <librdkafka/rdkafka.h>

#include "link/kafka.h"

enum kafka_role { KAFKA_ROLE_PRODUCER, KAFKA_ROLE_GROUP, KAFKA_ROLE_READER, KAFKA_ROLE_ADMIN };

/* Defaults, then the operator's properties, then what a promise rests on. ERR_CONFIG names
 * the property, never its value (it may be a password). Gives: rd_kafka_conf_destroy(),
 * unless kafka_new() took it. */
rd_kafka_conf_t *kafka_conf(const struct kafka_config *config, enum kafka_role role, struct err *err);
/* Takes the conf, also when it fails. */
rd_kafka_t *kafka_new(rd_kafka_conf_t *conf, enum kafka_role role, struct err *err);
/* An eventfd to which librdkafka writes when the queue becomes non-empty; -1 on failure. */
int kafka_watch(rd_kafka_queue_t *queue, struct err *err);
void kafka_unwatch(rd_kafka_queue_t *queue, int fd); /* both may be none: NULL, -1 */
/* Empties the descriptor; before the queue is served, for it is written only once. */
void kafka_heard(int fd);
/* Makes the descriptor readable again: a queue that was not empty does not write to it. */
void kafka_ring(int fd);
/* States a librdkafka error as ours: unreachable or not yet known is ERR_RETRY, a refusal
 * ERR_DENIED, an impossible request ERR_CONFIG. Always false. */
bool kafka_err(struct err *err, rd_kafka_resp_err_t code, const char *doing, const char *name);

#endif
