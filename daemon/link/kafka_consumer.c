/* kafka_consumer.c - members of a group, and readers that belong to none.
 *
 * Everything arrives by rd_kafka_consumer_poll() on the caller's thread: messages, ends of
 * partitions, assignments. Offsets are the caller's business: nothing is stored at Kafka
 * but a hint. Assignments are eager (whole, not by steps), so that one callback gives the
 * complete list of places.                                                           */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "kafka_common.h"

struct kafka_consumer {
        rd_kafka_t *rk;
        rd_kafka_queue_t *queue;
        int fd;
        struct kafka_group group;    /* on_assign == NULL: a reader */
        bool paused;
        bool trouble;                /* what on_error heard, to be told once */
        struct err trouble_err;
        rd_kafka_topic_partition_list_t *unended; /* a reader's places whose end was not met */
        rd_kafka_topic_partition_list_t *places;  /* what is assigned; offset: the next one due */
        char range_topic[256];       /* lends KAFKA_RANGE and KAFKA_END their topic's name */
};

enum { SEEK_MS = 10000 };

static void on_error(rd_kafka_t *rk, int code, const char *reason, void *opaque)
{
        struct kafka_consumer *c = opaque;
        char why[256];
        if (code == RD_KAFKA_RESP_ERR__FATAL) {
                rd_kafka_fatal_error(rk, why, sizeof why);
                reason = why;
        }
        c->trouble = true;
        kafka_err(&c->trouble_err, code, "reach", "Kafka");
        err_add(&c->trouble_err, "%s", reason);
}

/* ---- Assignments ------------------------------------------------------- */
static struct kafka_place *places_of(const rd_kafka_topic_partition_list_t *list)
{
        struct kafka_place *places = calloc((size_t)list->cnt + 1, sizeof *places);
        for (int i = 0; places && i < list->cnt; i++)
                places[i] = (struct kafka_place){ list->elems[i].topic, list->elems[i].partition,
                                                  KAFKA_BEGINNING };
        return places;
}

static int64_t rd_offset(int64_t offset)
{
        return offset == KAFKA_BEGINNING ? RD_KAFKA_OFFSET_BEGINNING
               : offset == KAFKA_TAIL    ? RD_KAFKA_OFFSET_END
                                         : offset;
}

static bool take_over(struct kafka_consumer *c, rd_kafka_topic_partition_list_t *list)
{
        struct kafka_place *places = places_of(list);
        bool ok = places && c->group.on_assign(places, (size_t)list->cnt, c->group.ctx);
        for (int i = 0; ok && i < list->cnt; i++)
                list->elems[i].offset = rd_offset(places[i].offset);
        free(places);
        return ok;
}

static void hand_back(struct kafka_consumer *c, rd_kafka_topic_partition_list_t *list)
{
        struct kafka_place *places = places_of(list);
        if (places)
                c->group.on_revoke(places, (size_t)list->cnt, rd_kafka_assignment_lost(c->rk),
                                   c->group.ctx);
        free(places);
}

/* Takes over the list's places; NULL: none. */
static void remember(struct kafka_consumer *c, const rd_kafka_topic_partition_list_t *list)
{
        if (c->places)
                rd_kafka_topic_partition_list_destroy(c->places);
        c->places = list ? rd_kafka_topic_partition_list_copy(list) : NULL;
        c->paused = false;
}

static void on_rebalance(rd_kafka_t *rk, rd_kafka_resp_err_t code,
                         rd_kafka_topic_partition_list_t *list, void *opaque)
{
        struct kafka_consumer *c = opaque;
        /* A pause of ours outlives the assignment in librdkafka: a place that comes back one day
         * would stand still for good. So it ends before the place goes. */
        kafka_pause(c, false);
        if (code == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS && take_over(c, list)) {
                rd_kafka_assign(rk, list);
                remember(c, list);
                return;
        }
        if (code == RD_KAFKA_RESP_ERR__REVOKE_PARTITIONS)
                hand_back(c, list);
        rd_kafka_assign(rk, NULL);
        remember(c, NULL);
}

/* ---- Opening ----------------------------------------------------------- */
static struct kafka_consumer *new_consumer(const struct kafka_config *config, enum kafka_role role,
                                           const struct kafka_group *group, struct err *err)
{
        struct kafka_consumer *c = calloc(1, sizeof *c);
        if (!c) {
                err_errno(err, errno, "could not set up a Kafka consumer");
                return NULL;
        }
        c->fd = -1;
        rd_kafka_conf_t *conf = kafka_conf(config, role, err);
        if (!conf)
                goto fail;
        if (group) {
                c->group = *group;
                rd_kafka_conf_set_rebalance_cb(conf, on_rebalance);
                rd_kafka_conf_set(conf, "group.id", group->group, NULL, 0);
        }
        rd_kafka_conf_set_opaque(conf, c);
        rd_kafka_conf_set_error_cb(conf, on_error);
        c->rk = kafka_new(conf, role, err);
        if (!c->rk)
                goto fail;
        rd_kafka_poll_set_consumer(c->rk);
        c->queue = rd_kafka_queue_get_consumer(c->rk);
        c->fd = kafka_watch(c->queue, err);
        if (c->fd >= 0)
                return c;
fail:
        kafka_consumer_close(c);
        return NULL;
}

bool kafka_join(struct kafka_consumer **out, const struct kafka_config *config,
                const struct kafka_group *group, struct err *err)
{
        *out = NULL;
        struct kafka_consumer *c = new_consumer(config, KAFKA_ROLE_GROUP, group, err);
        if (!c)
                return false;
        rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new((int)group->n_topics);
        for (size_t i = 0; i < group->n_topics; i++)
                rd_kafka_topic_partition_list_add(list, group->topics[i], RD_KAFKA_PARTITION_UA);
        rd_kafka_resp_err_t code = rd_kafka_subscribe(c->rk, list);
        rd_kafka_topic_partition_list_destroy(list);
        if (code) {
                kafka_consumer_close(c);
                return kafka_err(err, code, "join group", group->group);
        }
        *out = c;
        return true;
}

bool kafka_read(struct kafka_consumer **out, const struct kafka_config *config,
                const struct kafka_place *places, size_t n, struct err *err)
{
        *out = NULL;
        struct kafka_consumer *c = new_consumer(config, KAFKA_ROLE_READER, NULL, err);
        if (!c)
                return false;
        c->unended = rd_kafka_topic_partition_list_new((int)n);
        for (size_t i = 0; i < n; i++)
                rd_kafka_topic_partition_list_add(c->unended, places[i].topic, places[i].partition)
                        ->offset = rd_offset(places[i].offset);
        rd_kafka_resp_err_t code = rd_kafka_assign(c->rk, c->unended);
        remember(c, c->unended);
        if (code) {
                kafka_consumer_close(c);
                return kafka_err(err, code, "read topic", n ? places[0].topic : "");
        }
        *out = c;
        return true;
}

/* ---- Polling ----------------------------------------------------------- */
static void fill_headers(struct kafka_message *m, rd_kafka_message_t *rm)
{
        rd_kafka_headers_t *h;
        if (rd_kafka_message_headers(rm, &h))
                return;
        const char *name;
        const void *value;
        size_t n;
        while (m->n_headers < KAFKA_HEADERS_MAX &&
               !rd_kafka_header_get_all(h, m->n_headers, &name, &value, &n))
                m->headers[m->n_headers++] = (struct kafka_header){ name, { value, n } };
}

static void fill_message(struct kafka_message *m, rd_kafka_message_t *rm)
{
        rd_kafka_timestamp_type_t type;
        int64_t ms = rd_kafka_message_timestamp(rm, &type);
        *m = (struct kafka_message){
                .topic = rd_kafka_topic_name(rm->rkt),
                .partition = rm->partition,
                .offset = rm->offset,
                .append_time_us = ms >= 0 ? ms * 1000 : -1,
                .key = { rm->key, rm->key ? rm->key_len : 0 },
                .value = { rm->payload, rm->payload ? rm->len : 0 },
                .handle = rm,
        };
        fill_headers(m, rm);
}

static void fill_place(struct kafka_consumer *c, struct kafka_message *m, const rd_kafka_message_t *rm)
{
        snprintf(c->range_topic, sizeof c->range_topic, "%s",
                 rm->rkt ? rd_kafka_topic_name(rm->rkt) : "");
        *m = (struct kafka_message){ .topic = c->range_topic, .partition = rm->partition,
                                     .offset = rm->offset, .append_time_us = -1 };
}

static void set_next(struct kafka_consumer *c, const char *topic, int32_t partition, int64_t offset)
{
        rd_kafka_topic_partition_t *place =
                c->places ? rd_kafka_topic_partition_list_find(c->places, topic, partition) : NULL;
        if (place)
                place->offset = offset;
}

/* librdkafka tells of the end again after every message that comes late; a reader's
 * question was only when it has seen what was there. */
static bool first_end(struct kafka_consumer *c, const struct kafka_message *m)
{
        return c->unended && rd_kafka_topic_partition_list_del(c->unended, m->topic, m->partition);
}

static enum kafka_event event_of_error(struct kafka_consumer *c, struct kafka_message *m,
                                       const rd_kafka_message_t *rm, struct err *err)
{
        fill_place(c, m, rm);
        switch ((int)rm->err) {
        case RD_KAFKA_RESP_ERR__PARTITION_EOF:
                return first_end(c, m) ? KAFKA_END : KAFKA_NOTHING;
        case RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET:
        case RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE:
                return KAFKA_RANGE;
        case RD_KAFKA_RESP_ERR__MAX_POLL_EXCEEDED:
                log_warning("kafka", "left the group: was not polled in time", NULL);
                return KAFKA_NOTHING;
        default:
                kafka_err(err, rm->err, "read topic", m->topic);
                return KAFKA_TROUBLE;
        }
}

enum kafka_event kafka_poll(struct kafka_consumer *c, int timeout_ms, struct kafka_message *m,
                            struct err *err)
{
        rd_kafka_message_t *rm = rd_kafka_consumer_poll(c->rk, 0);
        if (!rm) {
                /* Emptied before the last look, so that nothing comes in between unheard; and
                 * only here: a system call a message would cost a tenth of all. */
                kafka_heard(c->fd);
                rm = rd_kafka_consumer_poll(c->rk, timeout_ms);
                if (rm) /* it may have come before the emptying, and another right behind it */
                        kafka_ring(c->fd);
        }
        if (rm && !rm->err) {
                fill_message(m, rm);
                set_next(c, m->topic, m->partition, m->offset + 1);
                return KAFKA_MESSAGE;
        }
        if (rm) {
                enum kafka_event event = event_of_error(c, m, rm, err);
                rd_kafka_message_destroy(rm);
                return event;
        }
        if (!c->trouble)
                return KAFKA_NOTHING;
        c->trouble = false;
        if (err)
                *err = c->trouble_err;
        return KAFKA_TROUBLE;
}

int kafka_consumer_fd(const struct kafka_consumer *c)
{
        return c->fd;
}

void kafka_message_done(struct kafka_message *m)
{
        if (m->handle)
                rd_kafka_message_destroy(m->handle);
        m->handle = NULL;
}

/* ---- Moving about ------------------------------------------------------ */
/* A place whose offset was out of range has stopped, and librdkafka 2.0 cannot seek there:
 * all places are assigned anew, each where it stands. */
static rd_kafka_resp_err_t assign_again(struct kafka_consumer *c)
{
        rd_kafka_resp_err_t code = rd_kafka_assign(c->rk, c->places);
        bool paused = c->paused;
        c->paused = false;
        kafka_pause(c, paused);
        return code;
}

bool kafka_seek(struct kafka_consumer *c, const struct kafka_place *place, struct err *err)
{
        if (!c->places || !rd_kafka_topic_partition_list_find(c->places, place->topic, place->partition))
                return err_set(err, ERR_RETRY, 0, "could not seek in topic \"%s\": not assigned",
                               place->topic);
        int64_t offset = rd_offset(place->offset);
        rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(1);
        rd_kafka_topic_partition_list_add(list, place->topic, place->partition)->offset = offset;
        rd_kafka_error_t *e = rd_kafka_seek_partitions(c->rk, list, SEEK_MS);
        rd_kafka_resp_err_t code = e ? rd_kafka_error_code(e) : list->elems[0].err;
        if (e)
                rd_kafka_error_destroy(e);
        rd_kafka_topic_partition_list_destroy(list);
        set_next(c, place->topic, place->partition, offset);
        if (code == RD_KAFKA_RESP_ERR__STATE)
                code = assign_again(c);
        return code ? kafka_err(err, code, "seek in topic", place->topic) : true;
}

void kafka_pause(struct kafka_consumer *c, bool pause)
{
        rd_kafka_topic_partition_list_t *list;
        if (c->paused == pause || rd_kafka_assignment(c->rk, &list))
                return;
        if (pause)
                rd_kafka_pause_partitions(c->rk, list);
        else
                rd_kafka_resume_partitions(c->rk, list);
        rd_kafka_topic_partition_list_destroy(list);
        c->paused = pause;
}

void kafka_commit_hint(struct kafka_consumer *c, const struct kafka_place *places, size_t n)
{
        rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new((int)n);
        for (size_t i = 0; i < n; i++)
                if (places[i].offset >= 0)
                        rd_kafka_topic_partition_list_add(list, places[i].topic, places[i].partition)
                                ->offset = places[i].offset;
        if (list->cnt > 0)
                rd_kafka_commit(c->rk, list, 1);
        rd_kafka_topic_partition_list_destroy(list);
}

bool kafka_range(struct kafka_consumer *c, const char *topic, int32_t partition, int timeout_ms,
                 int64_t *low, int64_t *high, struct err *err)
{
        rd_kafka_resp_err_t code =
                rd_kafka_query_watermark_offsets(c->rk, topic, partition, low, high, timeout_ms);
        return code ? kafka_err(err, code, "ask for the ends of topic", topic) : true;
}

void kafka_consumer_close(struct kafka_consumer *c)
{
        if (!c)
                return;
        if (c->rk) {
                rd_kafka_consumer_close(c->rk);
                kafka_unwatch(c->queue, c->fd);
                rd_kafka_destroy(c->rk);
        }
        if (c->unended)
                rd_kafka_topic_partition_list_destroy(c->unended);
        remember(c, NULL);
        free(c);
}
