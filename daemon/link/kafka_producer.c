/* kafka_producer.c - the idempotent producer: messages out, delivery reports back.
 *
 * librdkafka's main queue writes to an eventfd of ours when it becomes non-empty; whoever
 * owns the producer watches that descriptor and calls kafka_producer_poll(), on whose
 * thread the reports are delivered.                                                  */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "kafka_common.h"

struct kafka_producer {
        rd_kafka_t *rk;
        rd_kafka_queue_t *main_queue;
        rd_kafka_topic_t *topic; /* the one sent to last; a lookup by name costs a lock and a list */
        kafka_delivered *delivered;
        void *ctx;
        int fd;
        int reports;          /* in the poll that runs */
        bool down;            /* all brokers are, as far as is known */
        char trouble[256];
};

enum { CLOSE_MS = 5000 };

static void on_delivery(rd_kafka_t *rk, const rd_kafka_message_t *m, void *opaque)
{
        (void)rk;
        struct kafka_producer *p = opaque;
        const struct kafka_delivery d = {
                .cookie = m->_private,
                .ok = m->err == RD_KAFKA_RESP_ERR_NO_ERROR,
                .too_large = m->err == RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE,
                .purged = m->err == RD_KAFKA_RESP_ERR__PURGE_QUEUE ||
                          m->err == RD_KAFKA_RESP_ERR__PURGE_INFLIGHT,
                .offset = m->offset,
                .why = m->err ? rd_kafka_err2str(m->err) : "",
        };
        if (d.ok)
                p->down = false;
        p->reports++;
        p->delivered(&d, p->ctx);
}

static void on_error(rd_kafka_t *rk, int code, const char *reason, void *opaque)
{
        (void)rk;
        struct kafka_producer *p = opaque;
        /* One broker of several is librdkafka's to get over; none left is ours to tell. */
        if (code != RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN && code != RD_KAFKA_RESP_ERR__AUTHENTICATION &&
            code != RD_KAFKA_RESP_ERR__FATAL)
                return;
        if (!p->down)
                log_warning("kafka", "brokers away", "code=%d text=\"%s\"", code, reason);
        p->down = true;
        snprintf(p->trouble, sizeof p->trouble, "%s", reason);
}

bool kafka_producer_open(struct kafka_producer **out, const struct kafka_config *config,
                         kafka_delivered *delivered, void *ctx, struct err *err)
{
        *out = NULL;
        struct kafka_producer *p = calloc(1, sizeof *p);
        if (!p)
                return err_errno(err, errno, "could not set up a Kafka producer");
        *p = (struct kafka_producer){ .fd = -1, .delivered = delivered, .ctx = ctx };
        rd_kafka_conf_t *conf = kafka_conf(config, KAFKA_ROLE_PRODUCER, err);
        if (!conf)
                goto fail;
        rd_kafka_conf_set_opaque(conf, p);
        rd_kafka_conf_set_dr_msg_cb(conf, on_delivery);
        rd_kafka_conf_set_error_cb(conf, on_error);
        p->rk = kafka_new(conf, KAFKA_ROLE_PRODUCER, err);
        if (!p->rk)
                goto fail;
        p->main_queue = rd_kafka_queue_get_main(p->rk);
        p->fd = kafka_watch(p->main_queue, err);
        if (p->fd < 0)
                goto fail;
        *out = p;
        return true;
fail:
        kafka_producer_close(p);
        return false;
}

static rd_kafka_topic_t *topic_of(struct kafka_producer *p, const char *name)
{
        if (p->topic && strcmp(rd_kafka_topic_name(p->topic), name) == 0)
                return p->topic;
        if (p->topic)
                rd_kafka_topic_destroy(p->topic);
        p->topic = rd_kafka_topic_new(p->rk, name, NULL);
        return p->topic;
}

bool kafka_send(struct kafka_producer *p, const char *topic, int32_t partition, struct slice key,
                struct slice value, const struct kafka_header *headers, size_t n_headers,
                void *cookie, struct err *err)
{
        rd_kafka_topic_t *t = topic_of(p, topic);
        if (!t)
                return kafka_err(err, rd_kafka_last_error(), "send to topic", topic);
        rd_kafka_headers_t *h = rd_kafka_headers_new(n_headers);
        for (size_t i = 0; i < n_headers; i++)
                rd_kafka_header_add(h, headers[i].name, -1, headers[i].value.p,
                                    (ssize_t)headers[i].value.n);
        /* librdkafka's macros take the address of non-const bytes, which MSG_F_COPY only reads. */
        rd_kafka_vu_t v[] = {
                { .vtype = RD_KAFKA_VTYPE_RKT, .u.rkt = t },
                { .vtype = RD_KAFKA_VTYPE_PARTITION, .u.i32 = partition },
                { .vtype = RD_KAFKA_VTYPE_MSGFLAGS, .u.i = RD_KAFKA_MSG_F_COPY },
                { .vtype = RD_KAFKA_VTYPE_KEY, .u.mem = { (void *)(uintptr_t)key.p, key.n } },
                { .vtype = RD_KAFKA_VTYPE_VALUE, .u.mem = { (void *)(uintptr_t)value.p, value.n } },
                { .vtype = RD_KAFKA_VTYPE_HEADERS, .u.headers = h },
                { .vtype = RD_KAFKA_VTYPE_OPAQUE, .u.ptr = cookie },
        };
        rd_kafka_error_t *e = rd_kafka_produceva(p->rk, v, sizeof v / sizeof *v);
        if (!e)
                return true;
        kafka_err(err, rd_kafka_error_code(e), "send to topic", topic);
        rd_kafka_error_destroy(e);
        rd_kafka_headers_destroy(h);
        return false;
}

int kafka_producer_poll(struct kafka_producer *p, int timeout_ms)
{
        kafka_heard(p->fd);
        p->reports = 0;
        rd_kafka_poll(p->rk, timeout_ms);
        return p->reports;
}

int kafka_producer_fd(const struct kafka_producer *p)
{
        return p->fd;
}

bool kafka_producer_fatal(struct kafka_producer *p, struct err *err)
{
        char why[256];
        rd_kafka_resp_err_t code = rd_kafka_fatal_error(p->rk, why, sizeof why);
        if (!code)
                return false;
        err_set(err, ERR_SYSTEM, code, "Kafka producer failed for good: %s", why);
        return true;
}

bool kafka_producer_down(const struct kafka_producer *p, const char **why)
{
        *why = p->down ? p->trouble : "";
        return p->down;
}

size_t kafka_producer_queued(const struct kafka_producer *p)
{
        int n = rd_kafka_outq_len(p->rk);
        return n > 0 ? (size_t)n : 0;
}

void kafka_producer_purge(struct kafka_producer *p)
{
        rd_kafka_purge(p->rk, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
}

static void report_all(struct kafka_producer *p)
{
        int64_t until = clock_mono_us() + CLOSE_MS * INT64_C(1000);
        kafka_producer_purge(p);
        while (rd_kafka_outq_len(p->rk) > 0 && clock_mono_us() < until)
                rd_kafka_poll(p->rk, 100);
}

void kafka_producer_close(struct kafka_producer *p)
{
        if (!p)
                return;
        if (p->rk) {
                report_all(p);
                if (p->topic)
                        rd_kafka_topic_destroy(p->topic);
                kafka_unwatch(p->main_queue, p->fd);
                rd_kafka_destroy(p->rk);
        }
        free(p);
}

bool kafka_producer_partitions(struct kafka_producer *p, const char *topic, int timeout_ms,
                               int *out, struct err *err)
{
        rd_kafka_topic_t *t = topic_of(p, topic);
        if (!t)
                return kafka_err(err, rd_kafka_last_error(), "look up topic", topic);
        const struct rd_kafka_metadata *md = NULL;
        rd_kafka_resp_err_t code = rd_kafka_metadata(p->rk, 0, t, &md, timeout_ms);
        if (code)
                return kafka_err(err, code, "look up topic", topic);
        code = md->topic_cnt == 1 ? md->topics[0].err : RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC;
        *out = code ? 0 : md->topics[0].partition_cnt;
        rd_kafka_metadata_destroy(md);
        if (!code)
                p->down = false;
        return code ? kafka_err(err, code, "look up topic", topic) : true;
}
