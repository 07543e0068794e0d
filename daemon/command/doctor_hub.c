/* doctor_hub.c - Kafka and PostgreSQL as this machine meets them: topics, clocks, grants, certificates. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/conf.h"
#include "base/json.h"
#include "base/secret.h"
#include "base/text.h"
#include "doctor.h"
#include "link/pg.h"
#include "model/message.h"
#include "pump/topics.h"
#include "warehouse/migrate.h"

enum { ASK_MS = 5000, ASKS = 5, POLICIES_MAX = 16 };

static const char reach_kafka[] = "Does it run, and can this machine reach the bootstrap.servers of hub.cfg?";
static const char reach_postgres[] = "Does it run, and do address, name and password in hub.cfg let this machine in?";

static const struct kafka_config *kafka_of(const struct patient *p)
{
        return p->agent ? &p->agent->kafka : &p->hub->kafka;
}

static const char *property(const struct kafka_config *k, const char *name)
{
        for (size_t i = 0; i < k->n; i++)
                if (strcmp(k->properties[i].name, name) == 0)
                        return k->properties[i].value;
        return NULL;
}

void look_kafka_certificates(struct checkup *c, const struct patient *p)
{
        const struct kafka_config *k = kafka_of(p);
        const char *files[] = { property(k, "ssl.certificate.location"), property(k, "ssl.ca.location") };
        const char *key = property(k, "ssl.key.location");
        bool any = false;
        for (size_t i = 0; i < 2; i++) {
                struct err err = ERR_INIT;
                struct cert_file f;
                if (!files[i] || strcmp(files[i], "probe") == 0)
                        continue;
                any = true;
                if (cert_read(&f, files[i], p->now_us, &err))
                        judge_ends(c, files[i], &f, p->now_us);
                else
                        tell_err(c, VERDICT_WRONG, "No connection comes about without it.", &err);
        }
        struct err err = ERR_INIT;
        if (files[0] && key && !cert_fits(files[0], key, &err) && err.kind != ERR_DENIED)
                tell_err(c, VERDICT_WRONG, "No connection comes about with it.", &err);
        const char *protocol = property(k, "security.protocol");
        if (!protocol || strncasecmp(protocol, "ssl", 3) != 0) {
                if (!protocol || strcasecmp(protocol, "sasl_ssl") != 0)
                        tell(c, VERDICT_NOTE, "Unless it is one machine or a private network: security.protocol = ssl, in hub.cfg.",
                             "Kafka is spoken to without TLS");
        } else if (!any) {
                tell(c, VERDICT_WELL, NULL, "no certificate's file is named");
        }
}

/* ---- Topics ------------------------------------------------------------------ */
static void tell_topics(struct checkup *c, const struct json *rows, bool single)
{
        size_t well = 0;
        for (const struct json *t = rows->first; t; t = t->next) {
                struct slice action = json_string(json_get(t, "action"));
                if (slice_is(action, "none")) {
                        well++;
                        continue;
                }
                tell(c, VERDICT_WRONG, "tributary topics plan; then: tributary topics apply", "%.*s: %.*s",
                     SLICE_ARG(json_string(json_get(t, "topic"))), SLICE_ARG(json_string(json_get(t, "what"))));
        }
        if (single)
                tell(c, VERDICT_NOTE, "Fine on a laptop; else replicas = 3 in hub.cfg.", "each topic has a single copy, which can be lost");
        if (well)
                tell(c, VERDICT_WELL, NULL, "%zu are as they should be", well);
}

void look_topics(struct checkup *c, const struct patient *p)
{
        struct err err = ERR_INIT;
        struct topics_spec spec = {
                .kafka = kafka_of(p),
                .hub = &p->hub->hub,
                .regions = (const char *const *)p->codes,
                .n_regions = p->n_codes,
                .allow_single = true, /* said apart */
        };
        struct buf out;
        struct arena *a = arena_new(8 << 20);
        struct json *rows = NULL;
        bool differs;
        buf_init(&out, 4 << 20);
        if (c->kafka_away)
                tell(c, VERDICT_WRONG, reach_kafka, "Kafka cannot be reached");
        else if (topics_plan(&spec, true, &out, &differs, &err) && json_read(&rows, a, buf_slice(&out), 8, &err))
                tell_topics(c, rows, p->hub->hub.replicas < 2);
        else
                tell_err(c, VERDICT_WRONG, reach_kafka, &err);
        arena_free(a);
        buf_clear(&out);
}

/* Waits for one message, or the end. */
static bool newest(int64_t *appended_us, struct kafka_consumer *k, struct err *err)
{
        int64_t until = clock_mono_us() + ASK_MS * 1000;
        while (clock_mono_us() < until) {
                struct kafka_message m;
                enum kafka_event e = kafka_poll(k, 200, &m, err);
                if (e == KAFKA_TROUBLE || e == KAFKA_RANGE)
                        return false;
                if (e == KAFKA_END)
                        return true;
                if (e == KAFKA_MESSAGE) {
                        *appended_us = m.append_time_us;
                        kafka_message_done(&m);
                        return true;
                }
        }
        return true;
}

/* Agents say hello on every partition: the newest message of the first tells the broker's clock. */
static bool read_newest(int64_t *appended_us, const char *topic, const struct patient *p, struct err *err)
{
        struct kafka_consumer *k = NULL;
        struct kafka_place place = { .topic = topic, .offset = KAFKA_TAIL };
        int64_t low = 0, high = 0;
        *appended_us = -1;
        bool ok = kafka_read(&k, kafka_of(p), &place, 1, err) && kafka_range(k, topic, 0, ASK_MS, &low, &high, err);
        if (ok && high > low) {
                kafka_consumer_close(k);
                k = NULL;
                place.offset = high - 1;
                ok = kafka_read(&k, kafka_of(p), &place, 1, err) && newest(appended_us, k, err);
        }
        kafka_consumer_close(k);
        return ok;
}

static bool same_brokers(const struct kafka_config *a, const struct kafka_config *b)
{
        const char *x = property(a, "bootstrap.servers"), *y = property(b, "bootstrap.servers");
        return x && y && strcmp(x, y) == 0;
}

void look_kafka_clock(struct checkup *c, const struct patient *p)
{
        struct err err = ERR_INIT;
        struct kafka_topic t = { .partitions = 0 };
        int64_t appended_us;
        topic_records(t.name, p->code);
        if (!kafka_topics_read(kafka_of(p), &t, 1, ASK_MS, &err)) {
                c->kafka_away = c->kafka_away || same_brokers(kafka_of(p), &p->hub->kafka);
                tell(c, VERDICT_NOTE, reach_kafka, "not looked at: %s", err.text);
        } else if (t.partitions == 0) {
                tell(c, VERDICT_NOTE, "tributary topics apply", "not known: there is no topic \"%s\"", t.name);
        } else if (!read_newest(&appended_us, t.name, p, &err)) {
                tell(c, VERDICT_NOTE, NULL, "not looked at: %s", err.text);
        } else if (appended_us < 0) {
                tell(c, VERDICT_NOTE, NULL, "not known: the topic of %s holds no message", p->code);
        } else {
                judge_appended(c, appended_us, clock_now_us());
        }
}

/* ---- Retention and people's time ---------------------------------------------- */
/* The shortest `rights.erasure` of a policy and its parents. The policy room only checks the group as
 * yet; what it holds is read here, as it is written. */
static int64_t shortest_erasure(const char *policies, const char *name)
{
        int64_t shortest = INT64_MAX;
        char at[128], path[4300];
        snprintf(at, sizeof at, "%s", name);
        for (int i = 0; i < POLICIES_MAX && at[0]; i++) {
                struct conf *conf = NULL;
                struct duration d;
                snprintf(path, sizeof path, "%s/%s.cfg", policies, at);
                at[0] = 0;
                if (!conf_load(&conf, path, NULL))
                        break;
                const struct conf_node *root = conf_root(conf), *rights = conf_get(root, "rights");
                const char *span = conf_text(conf_get(rights, "erasure"));
                const char *parent = conf_text(conf_get(root, "extends"));
                if (span[0] && duration_parse(&d, slice_of(span), NULL) && d.us < shortest)
                        shortest = d.us;
                snprintf(at, sizeof at, "%s", parent);
                conf_free(conf);
        }
        return shortest;
}

void look_retention(struct checkup *c, const struct patient *p)
{
        int64_t retention = p->hub->hub.retention_us, segment = retention / 8;
        segment = segment < US_PER_HOUR ? US_PER_HOUR : segment > US_PER_DAY ? US_PER_DAY : segment;
        judge_retention(c, retention, segment, shortest_erasure(p->d->policies, p->agent->region.policy));
}

/* ---- PostgreSQL ----------------------------------------------------------------- */
/* False, and said, when a role's password is not for this machine or this user. */
static bool has_password(struct checkup *c, const char *file)
{
        if (!file || access(file, R_OK) == 0)
                return true;
        if (errno == ENOENT)
                tell(c, VERDICT_NOTE, NULL, "not looked at from here: this machine has no \"%s\"", file);
        else
                tell(c, VERDICT_NOTE, "Run doctor as the daemon's user or as root.", "not looked at: \"%s\": %s", file, strerror(errno));
        return false;
}

/* False, and said, when it does not get in. */
static bool open_as(struct pg **out, struct checkup *c, const char *conninfo, const char *password_file)
{
        struct err err = ERR_INIT;
        struct buf password;
        *out = NULL;
        if (!has_password(c, password_file))
                return false;
        buf_init(&password, 4096);
        bool ok = (!password_file || secret_load(&password, password_file, NULL, &err)) &&
                  pg_open(out, conninfo, password.p, "tributary doctor", &err);
        if (!ok)
                tell_err(c, VERDICT_WRONG, reach_postgres, &err);
        buf_wipe(&password);
        return ok;
}

/* The quickest of some questions: half of its way is how little is known. */
static bool ask_clock(struct pg *pg, int64_t *ahead_us, int64_t *unsure_us, struct err *err)
{
        *unsure_us = INT64_MAX;
        for (int i = 0; i < ASKS; i++) {
                struct pg_rows *r = NULL;
                int64_t began = clock_mono_us(), from = clock_now_us();
                if (!pg_query(&r, pg, "SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint", NULL, 0, err))
                        return false;
                int64_t half = (clock_mono_us() - began) / 2;
                if (half < *unsure_us) {
                        *unsure_us = half;
                        *ahead_us = pg_rows_int(r, 0, 0) - (from + half);
                }
                pg_rows_free(r);
        }
        return true;
}

/* What a loader does to each of these, as the role that loads. */
static const char missing_grants[] =
        "SELECT t || ': ' || string_agg(lower(p), ', ') FROM unnest(ARRAY['community.record', 'tributary.progress',"
        " 'tributary.erased', 'tributary.tombstone', 'tributary.rejected', 'tributary.receipt', 'tributary.account',"
        " 'tributary.seen', 'tributary.region']) t, unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE']) p"
        " WHERE to_regclass(t) IS NULL OR NOT has_table_privilege(to_regclass(t), p) GROUP BY t ORDER BY t";

static bool tell_grants(struct checkup *c, struct pg *pg, struct err *err)
{
        struct pg_rows *r = NULL;
        if (!pg_query(&r, pg, missing_grants, NULL, 0, err))
                return false;
        size_t n = pg_rows_count(r);
        for (size_t i = 0; i < n; i++)
                tell(c, VERDICT_WRONG, "tributary warehouse migrate --loader-role ROLE", "the role that loads may not use %.*s",
                     SLICE_ARG(pg_rows_text(r, i, 0)));
        if (n == 0)
                tell(c, VERDICT_WELL, NULL, "the role that loads may do what loading needs");
        pg_rows_free(r);
        return true;
}

void look_warehouse(struct checkup *c, const struct patient *p)
{
        struct err err = ERR_INIT;
        struct pg *pg;
        int64_t ahead, unsure;
        const struct hub *h = &p->hub->hub;
        if (!open_as(&pg, c, h->warehouse, h->warehouse_password_file))
                return;
        if (ask_clock(pg, &ahead, &unsure, &err))
                judge_skew(c, "PostgreSQL's", ahead, unsure);
        if (err.kind != ERR_NONE || !tell_grants(c, pg, &err))
                tell_err(c, VERDICT_WRONG, reach_postgres, &err);
        pg_close(pg);
}

/* Schema, partitions, readers and their rights, as `warehouse check` has them. */
void look_grants(struct checkup *c, const struct patient *p)
{
        struct err err = ERR_INIT;
        struct buf password;
        struct report *report = report_new();
        const struct hub *h = &p->hub->hub;
        struct migrate_reader readers[HUB_READERS_MAX];
        for (size_t i = 0; i < h->n_readers; i++)
                readers[i] = (struct migrate_reader){ .role = h->readers[i].role, .country = h->readers[i].country,
                                                      .surface = h->readers[i].surface };
        struct migrate_spec spec = { .conninfo = h->migrate ? h->migrate : h->warehouse,
                                     .regions = (const char *const *)p->codes, .n_regions = p->n_codes,
                                     .readers = readers, .n_readers = h->n_readers };
        buf_init(&password, 4096);
        if (!has_password(c, h->migrate_password_file)) {
                /* said */
        } else if ((h->migrate_password_file && !secret_load(&password, h->migrate_password_file, NULL, &err)) ||
                   (spec.password = password.p, !warehouse_check(&spec, report, &err))) {
                tell_err(c, VERDICT_WRONG, reach_postgres, &err);
        } else {
                for (size_t i = 0; i < report_size(report); i++)
                        tell(c, report_at(report, i)->level == REPORT_ERROR ? VERDICT_WRONG : VERDICT_NOTE,
                             report_at(report, i)->hint, "%s", report_at(report, i)->text);
                if (report_size(report) == 0)
                        tell(c, VERDICT_WELL, NULL, "schema, partitions, readers and their rights are as they should be");
        }
        buf_wipe(&password);
        report_free(report);
}
