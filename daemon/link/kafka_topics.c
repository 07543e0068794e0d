/* kafka_topics.c - topics as they are, made, and altered, through Kafka's admin API.
 *
 * librdkafka 2.0 knows only the request that replaces a topic's whole configuration, so
 * what others have set on it is read first and sent along.                          */
#include <stdlib.h>
#include <string.h>

#include "kafka_common.h"

struct admin {
        rd_kafka_t *rk;
        rd_kafka_queue_t *queue;
        rd_kafka_AdminOptions_t *options;
};

static const struct setting {
        const char *name;
        size_t offset, size;
} settings[] = {
#define SETTING(name, member) { name, offsetof(struct kafka_topic, member), \
                                sizeof((struct kafka_topic *)0)->member }
        SETTING("retention.ms", retention_ms),
        SETTING("segment.ms", segment_ms),
        SETTING("cleanup.policy", cleanup_policy),
        SETTING("min.insync.replicas", min_insync),
        SETTING("max.message.bytes", max_message_bytes),
        SETTING("message.timestamp.type", timestamp_type),
#undef SETTING
};
enum { SETTINGS = sizeof settings / sizeof *settings };

static const char *value_of(const struct kafka_topic *t, const struct setting *s)
{
        return (const char *)t + s->offset;
}

static void admin_close(struct admin *a)
{
        if (a->options)
                rd_kafka_AdminOptions_destroy(a->options);
        if (a->queue)
                rd_kafka_queue_destroy(a->queue);
        if (a->rk)
                rd_kafka_destroy(a->rk);
}

static bool admin_open(struct admin *a, const struct kafka_config *config, rd_kafka_admin_op_t op,
                       int timeout_ms, struct err *err)
{
        *a = (struct admin){ 0 };
        rd_kafka_conf_t *conf = kafka_conf(config, KAFKA_ROLE_ADMIN, err);
        if (!conf || !(a->rk = kafka_new(conf, KAFKA_ROLE_ADMIN, err)))
                return false;
        a->queue = rd_kafka_queue_new(a->rk);
        a->options = rd_kafka_AdminOptions_new(a->rk, op);
        char why[128];
        rd_kafka_AdminOptions_set_request_timeout(a->options, timeout_ms, why, sizeof why);
        return true;
}

/* NULL with err set when the whole request failed. */
static rd_kafka_event_t *wait_for(struct admin *a, int timeout_ms, const char *doing,
                                  const char *name, struct err *err)
{
        rd_kafka_event_t *event = rd_kafka_queue_poll(a->queue, timeout_ms + 1000);
        rd_kafka_resp_err_t code = event ? rd_kafka_event_error(event)
                                         : RD_KAFKA_RESP_ERR__TIMED_OUT;
        if (!code)
                return event;
        kafka_err(err, code, doing, name);
        if (event)
                rd_kafka_event_destroy(event);
        return NULL;
}

static bool topic_result(const rd_kafka_topic_result_t *const *results, size_t n, const char *doing,
                         const char *name, struct err *err)
{
        rd_kafka_resp_err_t code = n == 1 ? rd_kafka_topic_result_error(results[0])
                                          : RD_KAFKA_RESP_ERR__BAD_MSG;
        if (!code)
                return true;
        kafka_err(err, code, doing, name);
        const char *why = n == 1 ? rd_kafka_topic_result_error_string(results[0]) : NULL;
        return why ? err_add(err, "%s", why) : false;
}

/* ---- Reading ----------------------------------------------------------- */
static void fill_size(struct kafka_topic *t, const struct rd_kafka_metadata *md)
{
        t->partitions = t->replicas = 0;
        for (int i = 0; i < md->topic_cnt; i++) {
                const struct rd_kafka_metadata_topic *mt = &md->topics[i];
                if (strcmp(mt->topic, t->name) != 0 || mt->err || mt->partition_cnt == 0)
                        continue;
                t->partitions = mt->partition_cnt;
                t->replicas = mt->partitions[0].replica_cnt;
        }
}

static void fill_setting(struct kafka_topic *t, const char *name, const char *value)
{
        for (size_t i = 0; i < SETTINGS; i++)
                if (strcmp(settings[i].name, name) == 0)
                        snprintf((char *)t + settings[i].offset, settings[i].size, "%s",
                                 value ? value : "");
}

/* Gives the event that holds the entries; NULL on failure. */
static rd_kafka_event_t *describe(struct admin *a, const char *name, int timeout_ms,
                                  const rd_kafka_ConfigEntry_t ***entries, size_t *n, struct err *err)
{
        rd_kafka_ConfigResource_t *r = rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, name);
        rd_kafka_DescribeConfigs(a->rk, &r, 1, NULL, a->queue);
        rd_kafka_ConfigResource_destroy(r);
        rd_kafka_event_t *event = wait_for(a, timeout_ms, "describe topic", name, err);
        if (!event)
                return NULL;
        size_t count = 0;
        const rd_kafka_ConfigResource_t **got = rd_kafka_DescribeConfigs_result_resources(
                rd_kafka_event_DescribeConfigs_result(event), &count);
        rd_kafka_resp_err_t code = count == 1 ? rd_kafka_ConfigResource_error(got[0])
                                              : RD_KAFKA_RESP_ERR__BAD_MSG;
        if (code) {
                kafka_err(err, code, "describe topic", name);
                rd_kafka_event_destroy(event);
                return NULL;
        }
        *entries = rd_kafka_ConfigResource_configs(got[0], n);
        return event;
}

static bool read_settings(struct admin *a, struct kafka_topic *t, int timeout_ms, struct err *err)
{
        const rd_kafka_ConfigEntry_t **entries;
        size_t n;
        rd_kafka_event_t *event = describe(a, t->name, timeout_ms, &entries, &n, err);
        if (!event)
                return false;
        for (size_t i = 0; i < n; i++)
                fill_setting(t, rd_kafka_ConfigEntry_name(entries[i]),
                             rd_kafka_ConfigEntry_value(entries[i]));
        rd_kafka_event_destroy(event);
        return true;
}

bool kafka_topics_read(const struct kafka_config *config, struct kafka_topic *topics, size_t n,
                       int timeout_ms, struct err *err)
{
        struct admin a;
        bool ok = false;
        const struct rd_kafka_metadata *md = NULL;
        if (!admin_open(&a, config, RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS, timeout_ms, err))
                goto out;
        rd_kafka_resp_err_t code = rd_kafka_metadata(a.rk, 1, NULL, &md, timeout_ms);
        if (code) {
                kafka_err(err, code, "list topics of", "Kafka");
                goto out;
        }
        for (size_t i = 0; i < n; i++) {
                fill_size(&topics[i], md);
                if (topics[i].partitions && !read_settings(&a, &topics[i], timeout_ms, err))
                        goto out;
        }
        ok = true;
out:
        if (md)
                rd_kafka_metadata_destroy(md);
        admin_close(&a);
        return ok;
}

/* ---- Making ------------------------------------------------------------ */
bool kafka_topic_make(const struct kafka_config *config, const struct kafka_topic *topic,
                      int timeout_ms, struct err *err)
{
        struct admin a;
        rd_kafka_NewTopic_t *t = NULL;
        rd_kafka_event_t *event = NULL;
        bool ok = false;
        char why[256];
        if (!admin_open(&a, config, RD_KAFKA_ADMIN_OP_CREATETOPICS, timeout_ms, err))
                goto out;
        t = rd_kafka_NewTopic_new(topic->name, topic->partitions, topic->replicas, why, sizeof why);
        if (!t) {
                err_set(err, ERR_CONFIG, 0, "cannot make topic \"%s\": %s", topic->name, why);
                goto out;
        }
        for (size_t i = 0; i < SETTINGS; i++)
                if (value_of(topic, &settings[i])[0])
                        rd_kafka_NewTopic_set_config(t, settings[i].name,
                                                     value_of(topic, &settings[i]));
        /* Answered when the controller has done it, not when it has heard of it. */
        rd_kafka_AdminOptions_set_operation_timeout(a.options, timeout_ms, why, sizeof why);
        rd_kafka_CreateTopics(a.rk, &t, 1, a.options, a.queue);
        event = wait_for(&a, timeout_ms, "make topic", topic->name, err);
        if (!event)
                goto out;
        size_t n = 0;
        const rd_kafka_topic_result_t *const *results = (const rd_kafka_topic_result_t *const *)
                rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(event), &n);
        ok = topic_result(results, n, "make topic", topic->name, err);
out:
        if (event)
                rd_kafka_event_destroy(event);
        if (t)
                rd_kafka_NewTopic_destroy(t);
        admin_close(&a);
        return ok;
}

/* ---- Altering ---------------------------------------------------------- */
static bool ours(const struct kafka_topic *t, const char *name)
{
        for (size_t i = 0; i < SETTINGS; i++)
                if (strcmp(settings[i].name, name) == 0 && value_of(t, &settings[i])[0])
                        return true;
        return false;
}

static bool keep_others(struct admin *a, rd_kafka_ConfigResource_t *r, const struct kafka_topic *topic,
                        int timeout_ms, struct err *err)
{
        const rd_kafka_ConfigEntry_t **entries;
        size_t n;
        rd_kafka_event_t *event = describe(a, topic->name, timeout_ms, &entries, &n, err);
        if (!event)
                return false;
        for (size_t i = 0; i < n; i++) {
                const char *name = rd_kafka_ConfigEntry_name(entries[i]);
                const char *value = rd_kafka_ConfigEntry_value(entries[i]);
                if (rd_kafka_ConfigEntry_source(entries[i]) ==
                    RD_KAFKA_CONFIG_SOURCE_DYNAMIC_TOPIC_CONFIG && value && !ours(topic, name))
                        rd_kafka_ConfigResource_set_config(r, name, value);
        }
        rd_kafka_event_destroy(event);
        return true;
}

static bool alter(struct admin *a, rd_kafka_ConfigResource_t *r, const char *name, int timeout_ms,
                  struct err *err)
{
        rd_kafka_AlterConfigs(a->rk, &r, 1, a->options, a->queue);
        rd_kafka_event_t *event = wait_for(a, timeout_ms, "alter topic", name, err);
        if (!event)
                return false;
        size_t n = 0;
        const rd_kafka_ConfigResource_t **got = rd_kafka_AlterConfigs_result_resources(
                rd_kafka_event_AlterConfigs_result(event), &n);
        rd_kafka_resp_err_t code = n == 1 ? rd_kafka_ConfigResource_error(got[0])
                                          : RD_KAFKA_RESP_ERR__BAD_MSG;
        rd_kafka_event_destroy(event);
        return code ? kafka_err(err, code, "alter topic", name) : true;
}

bool kafka_topic_alter(const struct kafka_config *config, const struct kafka_topic *topic,
                       int timeout_ms, struct err *err)
{
        struct admin a;
        rd_kafka_ConfigResource_t *r = NULL;
        bool ok = false;
        if (!admin_open(&a, config, RD_KAFKA_ADMIN_OP_ALTERCONFIGS, timeout_ms, err))
                goto out;
        r = rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, topic->name);
        for (size_t i = 0; i < SETTINGS; i++)
                if (value_of(topic, &settings[i])[0])
                        rd_kafka_ConfigResource_set_config(r, settings[i].name,
                                                           value_of(topic, &settings[i]));
        ok = keep_others(&a, r, topic, timeout_ms, err) &&
             alter(&a, r, topic->name, timeout_ms, err);
out:
        if (r)
                rd_kafka_ConfigResource_destroy(r);
        admin_close(&a);
        return ok;
}
