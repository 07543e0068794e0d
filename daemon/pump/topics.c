/* topics.c - Kafka's topics: as they should be, as they are, and what lies between. */
#include "pump/topics.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/text.h"
#include "model/message.h"

enum { TIMEOUT_MS = 15000, TOPICS_A_REGION = 3, OVERHEAD_BYTES = 64 << 10 };

enum action { ACTION_NONE, ACTION_MAKE, ACTION_ALTER, ACTION_WRONG };
static const char *const action_names[] = { "none", "make", "alter", "wrong" };

struct plan {
        struct kafka_topic *should, *is;
        size_t n;
};

/* ---- As they should be ------------------------------------------------- */
/* What was deleted must be gone from Kafka by retention + one segment: segments are short. */
static int64_t segment_us(int64_t retention_us)
{
        int64_t eighth = retention_us / 8;
        return eighth < US_PER_HOUR ? US_PER_HOUR : eighth > US_PER_DAY ? US_PER_DAY : eighth;
}

static void set_common(struct kafka_topic *t, const struct hub *hub, int partitions)
{
        t->partitions = partitions;
        t->replicas = (int)hub->replicas;
        snprintf(t->min_insync, sizeof t->min_insync, "%d", hub->replicas > 1 ? 2 : 1);
        snprintf(t->max_message_bytes, sizeof t->max_message_bytes, "%d",
                 MESSAGE_VALUE_MAX + OVERHEAD_BYTES);
        snprintf(t->timestamp_type, sizeof t->timestamp_type, "LogAppendTime");
        snprintf(t->segment_ms, sizeof t->segment_ms, "%" PRId64, segment_us(hub->retention_us) / 1000);
        snprintf(t->retention_ms, sizeof t->retention_ms, "%" PRId64, hub->retention_us / 1000);
        snprintf(t->cleanup_policy, sizeof t->cleanup_policy, "delete");
}

static void add_region(struct plan *p, const struct hub *hub, const char *region)
{
        struct kafka_topic *t = &p->should[p->n];
        topic_records(t[0].name, region);
        set_common(&t[0], hub, (int)hub->partitions);
        topic_receipts(t[1].name, region);
        set_common(&t[1], hub, 1);
        snprintf(t[1].cleanup_policy, sizeof t[1].cleanup_policy, "compact");
        t[1].retention_ms[0] = 0; /* the newest word for a key stays for good */
        topic_responses(t[2].name, region);
        set_common(&t[2], hub, 1);
        p->n += TOPICS_A_REGION;
}

static void add_ledger(struct plan *p, const struct hub *hub)
{
        struct kafka_topic *t = &p->should[p->n++];
        snprintf(t->name, sizeof t->name, "tributary.ledger");
        set_common(t, hub, 1);
        snprintf(t->retention_ms, sizeof t->retention_ms, "-1");
}

static bool check_spec(const struct topics_spec *spec, struct err *err)
{
        if (spec->hub->replicas >= 2 || spec->allow_single)
                return true;
        err_set(err, ERR_CONFIG, 0, "hub.cfg asks for %" PRId64 " replica of each topic", spec->hub->replicas);
        return err_hint(err, "A single copy can be lost; 3 is usual. --allow-single is for a laptop.");
}

static void plan_clear(struct plan *p)
{
        free(p->should);
        free(p->is);
}

static bool plan_make(struct plan *p, const struct topics_spec *spec, struct err *err)
{
        size_t most = spec->n_regions * TOPICS_A_REGION + 1;
        *p = (struct plan){ calloc(most, sizeof *p->should), calloc(most, sizeof *p->is), 0 };
        if (!p->should || !p->is)
                return err_set(err, ERR_SYSTEM, 0, "could not plan topics: out of memory");
        for (size_t i = 0; i < spec->n_regions; i++)
                add_region(p, spec->hub, spec->regions[i]);
        add_ledger(p, spec->hub);
        for (size_t i = 0; i < p->n; i++)
                memcpy(p->is[i].name, p->should[i].name, sizeof p->is[i].name);
        return kafka_topics_read(spec->kafka, p->is, p->n, TIMEOUT_MS, err);
}

/* ---- What lies between ------------------------------------------------- */
static void say_setting(struct buf *what, const char *name, const char *is, const char *should,
                        bool *differs)
{
        if (!should[0] || strcmp(is, should) == 0)
                return;
        buf_printf(what, "%s%s %s -> %s", what->n ? ", " : "", name, is[0] ? is : "(none)", should);
        *differs = true;
}

/* At least as much is as good. */
static void say_least(struct buf *what, const char *name, const char *is, const char *should,
                      bool *differs)
{
        int64_t have = 0, want = 0;
        if (text_int(&have, slice_of(is), 0, INT64_MAX) && text_int(&want, slice_of(should), 0, INT64_MAX) &&
            have >= want)
                return;
        say_setting(what, name, is, should, differs);
}

static enum action between(const struct kafka_topic *is, const struct kafka_topic *should,
                           struct buf *what)
{
        bool alter = false;
        if (!is->partitions) {
                buf_printf(what, "%d partitions, %d replicas, %s", should->partitions, should->replicas,
                           should->cleanup_policy);
                return ACTION_MAKE;
        }
        if (is->partitions != should->partitions)
                buf_printf(what, "%d partitions, not %d: cannot be changed", is->partitions,
                           should->partitions);
        if (is->replicas < should->replicas)
                buf_printf(what, "%s%d replicas, not %d: reassign them with Kafka's tools",
                           what->n ? ", " : "", is->replicas, should->replicas);
        bool wrong = what->n > 0;
        say_setting(what, "cleanup.policy", is->cleanup_policy, should->cleanup_policy, &alter);
        say_setting(what, "retention.ms", is->retention_ms, should->retention_ms, &alter);
        say_setting(what, "segment.ms", is->segment_ms, should->segment_ms, &alter);
        say_setting(what, "message.timestamp.type", is->timestamp_type, should->timestamp_type, &alter);
        say_least(what, "min.insync.replicas", is->min_insync, should->min_insync, &alter);
        say_least(what, "max.message.bytes", is->max_message_bytes, should->max_message_bytes, &alter);
        return wrong ? ACTION_WRONG : alter ? ACTION_ALTER : ACTION_NONE;
}

/* Kafka refuses a min.insync above the replicas only when somebody produces. */
static void as_can_be(struct kafka_topic *t, const struct kafka_topic *is)
{
        if (is->partitions && is->replicas < 2)
                snprintf(t->min_insync, sizeof t->min_insync, "1");
}

static bool act(const struct topics_spec *spec, const struct kafka_topic *t, enum action a, struct err *err)
{
        if (a == ACTION_MAKE) /* made by somebody else meanwhile is as good */
                return kafka_topic_make(spec->kafka, t, TIMEOUT_MS, err) || err->kind == ERR_BUSY;
        return a == ACTION_NONE || kafka_topic_alter(spec->kafka, t, TIMEOUT_MS, err);
}

/* ---- Saying it --------------------------------------------------------- */
static void say(struct json_out *o, bool as_json, const char *topic, enum action a, struct slice what)
{
        if (as_json) {
                json_open(o, NULL, '{');
                json_put_text(o, "topic", topic);
                json_put_text(o, "action", action_names[a]);
                json_put_string(o, "what", what);
                json_close(o, '}');
                return;
        }
        buf_printf(o->b, "%-5s  %s%s%.*s\n", a == ACTION_NONE ? "ok" : action_names[a], topic,
                   what.n ? ": " : "", SLICE_ARG(what));
}

static bool walk(const struct topics_spec *spec, bool apply, bool as_json, struct buf *out,
                 bool *differs, struct err *err)
{
        struct plan p = { 0 };
        struct buf what;
        struct json_out o;
        *differs = false;
        buf_init(&what, 4096);
        json_out_init(&o, out);
        bool ok = check_spec(spec, err) && plan_make(&p, spec, err);
        if (as_json && ok)
                json_open(&o, NULL, '[');
        for (size_t i = 0; ok && i < p.n; i++) {
                buf_reset(&what);
                as_can_be(&p.should[i], &p.is[i]);
                enum action a = between(&p.is[i], &p.should[i], &what);
                *differs |= apply ? a == ACTION_WRONG : a != ACTION_NONE;
                ok = !apply || act(spec, &p.should[i], a, err);
                if (ok)
                        say(&o, as_json, p.should[i].name, a, buf_slice(&what));
        }
        if (as_json && ok)
                json_close(&o, ']');
        plan_clear(&p);
        buf_clear(&what);
        return ok;
}

bool topics_plan(const struct topics_spec *spec, bool as_json, struct buf *out, bool *differs,
                 struct err *err)
{
        return walk(spec, false, as_json, out, differs, err);
}

bool topics_apply(const struct topics_spec *spec, bool as_json, struct buf *out, struct err *err)
{
        bool wrong = false;
        if (!walk(spec, true, as_json, out, &wrong, err))
                return false;
        if (!wrong)
                return true;
        err_set(err, ERR_CONFIG, 0, "topics are there that cannot be changed");
        return err_hint(err, "See \"tributary topics plan\": partitions are never changed after.");
}
