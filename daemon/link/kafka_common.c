/* kafka_common.c - librdkafka's configuration, log lines and errors in our words.
 *
 * Three lists of properties: defaults, which hub.cfg may change; the operator's; and the
 * fixed ones on which the contracts' promises rest, which hub.cfg may only repeat.   */
#include "kafka_common.h"

#include <errno.h>
#include <string.h>
#include <sys/eventfd.h>
#include <syslog.h>
#include <unistd.h>

#include "base/log.h"

#define ON(role) (1u << (role))
#define PRODUCER ON(KAFKA_ROLE_PRODUCER)
#define GROUP ON(KAFKA_ROLE_GROUP)
#define CONSUMER (GROUP | ON(KAFKA_ROLE_READER))
#define ALL (PRODUCER | CONSUMER | ON(KAFKA_ROLE_ADMIN))

struct preset {
        unsigned roles;
        const char *name, *value;
};

static const struct preset defaults[] = {
        { ALL, "log.connection.close", "false" },
        { ALL, "socket.keepalive.enable", "true" },
        { ALL, "reconnect.backoff.max.ms", "5000" },
        { ALL, "topic.metadata.refresh.interval.ms", "5000" }, /* new regions come without a restart */
        { PRODUCER, "linger.ms", "20" },
        { PRODUCER, "batch.size", "1000000" },
        { PRODUCER, "compression.codec", "lz4" },
        { PRODUCER, "message.max.bytes", "4194304" },
        { CONSUMER, "check.crcs", "true" },
        { CONSUMER, "queued.max.messages.kbytes", "16384" },
        { CONSUMER, "fetch.wait.max.ms", "200" },
        /* While a batch is loaded the queue fills and its partitions leave the fetch; one that is
         * waiting for idle partitions then holds them up. A long queue and short waits keep a
         * lane fed. */
        { GROUP, "queued.max.messages.kbytes", "49152" },
        { GROUP, "fetch.wait.max.ms", "50" },
        { GROUP, "session.timeout.ms", "10000" }, /* a loader that died is replaced within 10 s */
};

static const struct preset fixed[] = {
        { PRODUCER, "acks", "all" },
        { PRODUCER, "enable.idempotence", "true" },
        { PRODUCER, "message.timeout.ms", "0" }, /* never "possibly persisted" by timeout */
        { PRODUCER, "queue.buffering.max.messages", "10000" },
        { PRODUCER, "queue.buffering.max.kbytes", "16384" },
        { CONSUMER, "allow.auto.create.topics", "false" },
        { CONSUMER, "enable.auto.commit", "false" },
        { CONSUMER, "enable.auto.offset.store", "false" },
        { CONSUMER, "auto.offset.reset", "error" },
        { GROUP, "enable.partition.eof", "false" },
        { ON(KAFKA_ROLE_READER), "enable.partition.eof", "true" },
        /* Demanded by librdkafka; a reader joins no group. */
        { ON(KAFKA_ROLE_READER), "group.id", "tributary-reader" },
};

/* Other names under which librdkafka knows fixed properties. */
static const struct {
        const char *alias, *name;
} aliases[] = {
        { "request.required.acks", "acks" },
        { "delivery.timeout.ms", "message.timeout.ms" },
};

static bool set(rd_kafka_conf_t *conf, const char *name, const char *value, struct err *err)
{
        char why[256];
        rd_kafka_conf_res_t rc = rd_kafka_conf_set(conf, name, value, why, sizeof why);
        if (rc == RD_KAFKA_CONF_OK)
                return true;
        /* librdkafka's reason quotes the value, which may be a secret. */
        err_set(err, ERR_CONFIG, 0, rc == RD_KAFKA_CONF_UNKNOWN ? "unknown Kafka property \"%s\""
                : "value not allowed for Kafka property \"%s\"", name);
        return err_hint(err, "See librdkafka's CONFIGURATION.md for property names and values.");
}

static bool may_set(const struct kafka_property *p, struct err *err)
{
        const char *name = p->name;
        for (size_t i = 0; i < sizeof aliases / sizeof *aliases; i++)
                if (strcmp(name, aliases[i].alias) == 0)
                        name = aliases[i].name;
        for (size_t i = 0; i < sizeof fixed / sizeof *fixed; i++)
                if (strcmp(name, fixed[i].name) == 0 && strcmp(p->value, fixed[i].value) != 0) {
                        err_set(err, ERR_CONFIG, 0, "Kafka property \"%s\" cannot be set", p->name);
                        return err_hint(err, "A promise rests on it; Tributary sets it by itself.");
                }
        return true;
}

static bool set_presets(rd_kafka_conf_t *conf, const struct preset *rows, size_t n,
                        enum kafka_role role, struct err *err)
{
        for (size_t i = 0; i < n; i++)
                if ((rows[i].roles & ON(role)) && !set(conf, rows[i].name, rows[i].value, err))
                        return false;
        return true;
}

static bool set_properties(rd_kafka_conf_t *conf, const struct kafka_config *config, struct err *err)
{
        for (size_t i = 0; i < config->n; i++)
                if (!may_set(&config->properties[i], err) ||
                    !set(conf, config->properties[i].name, config->properties[i].value, err))
                        return false;
        return true;
}

/* Called by librdkafka's threads; log.h is thread-safe. */
static void log_line(const rd_kafka_t *rk, int level, const char *fac, const char *text)
{
        (void)rk;
        enum log_level ours = level <= LOG_WARNING ? LOG_LEVEL_WARNING
                              : level <= LOG_INFO  ? LOG_LEVEL_INFO
                                                   : LOG_LEVEL_DEBUG;
        log_write(ours, "kafka", "librdkafka", "facility=%s text=\"%s\"", fac, text);
}

rd_kafka_conf_t *kafka_conf(const struct kafka_config *config, enum kafka_role role, struct err *err)
{
        rd_kafka_conf_t *conf = rd_kafka_conf_new();
        rd_kafka_conf_set_log_cb(conf, log_line);
        if (set_presets(conf, defaults, sizeof defaults / sizeof *defaults, role, err) &&
            (!config->client_id || set(conf, "client.id", config->client_id, err)) &&
            set_properties(conf, config, err) &&
            set_presets(conf, fixed, sizeof fixed / sizeof *fixed, role, err))
                return conf;
        rd_kafka_conf_destroy(conf);
        return NULL;
}

bool kafka_check(const struct kafka_config *config, struct err *err)
{
        static const enum kafka_role roles[] = { KAFKA_ROLE_PRODUCER, KAFKA_ROLE_GROUP };
        for (size_t i = 0; i < sizeof roles / sizeof *roles; i++) {
                rd_kafka_conf_t *conf = kafka_conf(config, roles[i], err);
                if (!conf)
                        return false;
                rd_kafka_conf_destroy(conf);
        }
        return true;
}

rd_kafka_t *kafka_new(rd_kafka_conf_t *conf, enum kafka_role role, struct err *err)
{
        char why[512];
        bool consumer = role == KAFKA_ROLE_GROUP || role == KAFKA_ROLE_READER;
        rd_kafka_t *rk = rd_kafka_new(consumer ? RD_KAFKA_CONSUMER : RD_KAFKA_PRODUCER, conf, why,
                                      sizeof why);
        if (rk)
                return rk;
        rd_kafka_conf_destroy(conf);
        err_set(err, ERR_CONFIG, rd_kafka_last_error(), "cannot set up a Kafka client: %s", why);
        return NULL;
}

int kafka_watch(rd_kafka_queue_t *queue, struct err *err)
{
        static const uint64_t one = 1;
        int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
        if (fd < 0)
                err_errno(err, errno, "could not make an event descriptor");
        else
                rd_kafka_queue_io_event_enable(queue, fd, &one, sizeof one);
        return fd;
}

void kafka_unwatch(rd_kafka_queue_t *queue, int fd)
{
        if (queue) {
                rd_kafka_queue_io_event_enable(queue, -1, NULL, 0);
                rd_kafka_queue_destroy(queue);
        }
        if (fd >= 0)
                close(fd);
}

void kafka_heard(int fd)
{
        uint64_t count;
        ssize_t n = read(fd, &count, sizeof count);
        (void)n;
}

void kafka_ring(int fd)
{
        const uint64_t one = 1;
        ssize_t n = write(fd, &one, sizeof one);
        (void)n;
}

static enum err_kind kind_of(rd_kafka_resp_err_t code)
{
        switch ((int)code) {
        case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
        case RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED:
        case RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED:
        case RD_KAFKA_RESP_ERR__AUTHENTICATION:
                return ERR_DENIED;
        case RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS:
                return ERR_BUSY;
        case RD_KAFKA_RESP_ERR__QUEUE_FULL:
                return ERR_FULL;
        case RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE:
                return ERR_DATA;
        case RD_KAFKA_RESP_ERR__FATAL:
                return ERR_SYSTEM;
        case RD_KAFKA_RESP_ERR__INVALID_ARG:
        case RD_KAFKA_RESP_ERR_INVALID_CONFIG:
        case RD_KAFKA_RESP_ERR_INVALID_PARTITIONS:
        case RD_KAFKA_RESP_ERR_INVALID_REPLICATION_FACTOR:
        case RD_KAFKA_RESP_ERR_POLICY_VIOLATION:
                return ERR_CONFIG;
        default:
                return ERR_RETRY;
        }
}

bool kafka_err(struct err *err, rd_kafka_resp_err_t code, const char *doing, const char *name)
{
        return err_set(err, kind_of(code), code, "could not %s \"%s\": %s", doing, name,
                       rd_kafka_err2str(code));
}
