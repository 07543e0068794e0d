/* kafka.h - Apache Kafka, met only through its queues (librdkafka behind it).
 *
 * Settings are lists of librdkafka properties as hub.cfg gives them; what a promise
 * rests on is set here and may only be repeated: producer acks=all, idempotence,
 * message.timeout.ms=0, queue <= 10,000 messages and 16 MiB; consumer
 * auto.offset.reset=error, no automatic commit, no automatic offset store. Defaults that
 * hub.cfg may change: lz4, linger 20 ms, messages <= 4 MiB, sessions of 10 s.
 * librdkafka's own log lines go to log.h; its threads never call us: delivery reports
 * and messages come by poll, on the caller's thread.                          */
#ifndef LINK_KAFKA_H
#define LINK_KAFKA_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

struct kafka_property {
        const char *name, *value;
};
struct kafka_config { /* borrowed for the open call */
        const struct kafka_property *properties;
        size_t n;
        const char *client_id;
};

struct kafka_header {
        const char *name;
        struct slice value;
};
#define KAFKA_HEADERS_MAX 16

/* Does librdkafka know these properties, and may hub.cfg set them? Connects to nobody. */
bool kafka_check(const struct kafka_config *config, struct err *err);

/* ---- Producer ---------------------------------------------------------- */
struct kafka_producer;
/* Called from kafka_producer_poll(). ok: stored by all in-sync replicas. Not ok:
 * purged, too large, or the producer failed; the message may be stored or not. */
struct kafka_delivery {
        void *cookie;
        bool ok, too_large, purged;
        int64_t offset; /* when ok */
        const char *why; /* librdkafka's words when not ok; static */
};
typedef void kafka_delivered(const struct kafka_delivery *d, void *ctx);

bool kafka_producer_open(struct kafka_producer **out, const struct kafka_config *config,
                         kafka_delivered *delivered, void *ctx, struct err *err);
/* Copies key, value and headers. ERR_FULL: the queue is; poll and try again. ERR_DATA:
 * larger than message.max.bytes. ERR_RETRY: topic or partition not known yet.
 * Once it returns true, delivered() is called exactly once. */
bool kafka_send(struct kafka_producer *p, const char *topic, int32_t partition, struct slice key,
                struct slice value, const struct kafka_header *headers, size_t n_headers,
                void *cookie, struct err *err);
/* Delivers reports; waits at most timeout_ms for the first. Number of reports. */
int kafka_producer_poll(struct kafka_producer *p, int timeout_ms);
/* Readable while reports wait (an eventfd of ours fed by rd_kafka_queue_io_event_enable). */
int kafka_producer_fd(const struct kafka_producer *p);
/* A fatal error: this producer is finished; close it and open a new one. */
bool kafka_producer_fatal(struct kafka_producer *p, struct err *err);
size_t kafka_producer_queued(const struct kafka_producer *p);
/* Whether no broker can be reached as far as is known; *why is "" if not. */
bool kafka_producer_down(const struct kafka_producer *p, const char **why);
/* Every queued message is reported as purged (those in flight too). */
void kafka_producer_purge(struct kafka_producer *p);
/* Purges and reports what is left, then frees. At most ~5 s. NULL is allowed. */
void kafka_producer_close(struct kafka_producer *p);
/* Partitions of a topic; ERR_RETRY when it or the broker is not there (yet). */
bool kafka_producer_partitions(struct kafka_producer *p, const char *topic, int timeout_ms,
                               int *out, struct err *err);

/* ---- Consumer ---------------------------------------------------------- */
struct kafka_consumer;
struct kafka_message { /* borrowed until kafka_message_done() */
        const char *topic;
        int32_t partition;
        int64_t offset;
        int64_t append_time_us; /* LogAppendTime; -1 if unknown */
        struct slice key, value; /* p == NULL: null */
        struct kafka_header headers[KAFKA_HEADERS_MAX];
        size_t n_headers;
        void *handle;
};
enum kafka_event {
        KAFKA_NOTHING,  /* timed out */
        KAFKA_MESSAGE,
        KAFKA_END,      /* reached the end of `partition` (once, when asked for) */
        KAFKA_RANGE,    /* the offset asked for is not there: topic, partition, offset say which */
        KAFKA_TROUBLE   /* err says; it goes on by itself (broker away) */
};
struct kafka_place {
        const char *topic;
        int32_t partition;
        int64_t offset; /* KAFKA_BEGINNING, KAFKA_TAIL or >= 0 */
};
#define KAFKA_BEGINNING (-2)
#define KAFKA_TAIL (-1)

/* A member of a group. on_assign gets the places with offset unset and fills it (from
 * PostgreSQL); false refuses the assignment (nothing is consumed until the next one).
 * on_revoke comes before the partitions go. Both on the polling thread. */
struct kafka_group {
        const char *group;
        const char *const *topics; /* names, or patterns beginning with '^' */
        size_t n_topics;
        bool (*on_assign)(struct kafka_place *places, size_t n, void *ctx);
        void (*on_revoke)(const struct kafka_place *places, size_t n, bool lost, void *ctx);
        void *ctx;
};
bool kafka_join(struct kafka_consumer **out, const struct kafka_config *config,
                const struct kafka_group *group, struct err *err);
/* Without a group: these places from these offsets. KAFKA_END is reported for each. */
bool kafka_read(struct kafka_consumer **out, const struct kafka_config *config,
                const struct kafka_place *places, size_t n, struct err *err);
/* Waits at most timeout_ms. Fills *m for KAFKA_MESSAGE (and topic, partition, offset for
 * KAFKA_END and KAFKA_RANGE), err for KAFKA_TROUBLE. */
enum kafka_event kafka_poll(struct kafka_consumer *c, int timeout_ms, struct kafka_message *m,
                            struct err *err);
void kafka_message_done(struct kafka_message *m);
/* Readable when something came since kafka_poll() last gave KAFKA_NOTHING (an eventfd of ours,
 * as the producer's): whoever watches it polls with timeout 0 until KAFKA_NOTHING. */
int kafka_consumer_fd(const struct kafka_consumer *c);
bool kafka_seek(struct kafka_consumer *c, const struct kafka_place *place, struct err *err);
/* Stop and go on fetching all assigned partitions; keep polling meanwhile. */
void kafka_pause(struct kafka_consumer *c, bool pause);
/* A hint for lag tools; nothing depends on it. */
void kafka_commit_hint(struct kafka_consumer *c, const struct kafka_place *places, size_t n);
/* Low and high watermark offsets. */
bool kafka_range(struct kafka_consumer *c, const char *topic, int32_t partition, int timeout_ms,
                 int64_t *low, int64_t *high, struct err *err);
/* Leaves the group at once (on_revoke is called). NULL is allowed. */
void kafka_consumer_close(struct kafka_consumer *c);

/* ---- Topics ------------------------------------------------------------ */
struct kafka_topic {
        char name[128];
        int partitions;   /* 0: does not exist */
        int replicas;
        char retention_ms[24], segment_ms[24], cleanup_policy[24], min_insync[8],
             max_message_bytes[16], timestamp_type[24];
};
/* Reads what is there; missing topics get partitions = 0. ERR_RETRY when no broker answers. */
bool kafka_topics_read(const struct kafka_config *config, struct kafka_topic *topics, size_t n,
                       int timeout_ms, struct err *err);
/* Makes one topic with the values given. ERR_BUSY: exists already. */
bool kafka_topic_make(const struct kafka_config *config, const struct kafka_topic *topic,
                      int timeout_ms, struct err *err);
/* Sets the configuration values of an existing topic (never partitions or replicas). */
bool kafka_topic_alter(const struct kafka_config *config, const struct kafka_topic *topic,
                       int timeout_ms, struct err *err);

#endif
