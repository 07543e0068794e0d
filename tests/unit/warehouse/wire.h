/* wire.h - messages as they come from Kafka, without Kafka; a lane's hands without a lane. */
#ifndef TESTS_UNIT_WAREHOUSE_WIRE_H
#define TESTS_UNIT_WAREHOUSE_WIRE_H

#include "house.h"
#include "store.h"

enum { WIRES_MAX = 1 << 16 };

struct wire { /* one message's bytes */
        struct buf value;
        uint8_t key[16];
        struct message_header headers[MESSAGE_HEADERS];
        size_t n_headers;
};

struct hands {
        struct store store;
        struct batch batch;
        struct part part;
        struct load_counts counts;
        int64_t offset; /* of the next message */
        int64_t n;      /* its transport number */
};

static inline struct message wire_record(uint8_t key, uint64_t epoch, uint64_t seq, int64_t revision,
                                         const char *title)
{
        static const struct dated_code codes[] = { { { "EEA", 3 }, INT64_MAX } };
        struct message m = { .type = MESSAGE_RECORD, .region = SLICE("jp-tokyo"), .at = { epoch, seq } };
        m.record.record_key[0] = key;
        m.record.record_key[15] = 0x5a;
        m.record.source = SLICE("forum");
        m.record.hour_us = INT64_C(1763859600000000) + (int64_t)(seq % 3) * INT64_C(3600000000);
        m.record.fields.kind = KIND_FEEDBACK;
        m.record.fields.revision = revision;
        m.record.fields.text[FIELD_TITLE] = slice_of(title);
        m.record.judged = (struct position){ 1, 1 };
        m.record.policy = SLICE("jp");
        m.record.policy_version = 1;
        m.record.purpose = SLICE("research");
        m.record.basis = SLICE("adequacy");
        m.record.readable_in = codes;
        m.record.n_readable_in = 1;
        m.record.expires_at_us = INT64_C(4102444800000000);
        return m;
}

static inline struct message wire_retract(uint8_t key, uint64_t epoch, uint64_t seq, int64_t revision)
{
        struct message m = wire_record(key, epoch, seq, revision, NULL);
        m.type = MESSAGE_RETRACT;
        m.record.readable_in = NULL;
        m.record.n_readable_in = 0;
        return m;
}

static inline void hands_open(struct hands *h, const char *conninfo)
{
        memset(h, 0, sizeof *h);
        MUST(store_open(&h->store, conninfo, NULL, "test", &err));
        MUST(batch_init(&h->batch, 10000, 64 << 20, &err));
        snprintf(h->part.topic, sizeof h->part.topic, "tributary.records.jp-tokyo");
        snprintf(h->part.region, sizeof h->part.region, "jp-tokyo");
        h->part.fence = -1;
        MUST(progress_take(&h->store, &h->part, false, &err));
        h->offset = h->part.now.next;
        h->n = (int64_t)h->part.now.out.seq;
}

static inline void hands_close(struct hands *h)
{
        batch_clear(&h->batch);
        store_close(&h->store);
}

/* Numbers the message, formats it, parses it into the batch. */
static inline void hands_put(struct hands *h, struct message *m)
{
        struct buf value;
        uint8_t key[16];
        struct message_header headers[MESSAGE_HEADERS];
        size_t n = 0;
        struct kafka_message k = { .topic = h->part.topic, .partition = h->part.partition };
        if (!m->out.epoch) {
                m->out = (struct position){ 1, (uint64_t)h->n + 1 };
                m->prev = (struct position){ 1, (uint64_t)h->n };
                h->n++;
        }
        buf_init(&value, 1 << 20);
        MUST(message_format(m, &value, key, headers, &n, &err));
        struct slice kept = arena_copy(h->batch.arena, buf_slice(&value));
        buf_clear(&value);
        k.offset = h->offset++;
        k.append_time_us = INT64_C(1763860000000000) + k.offset;
        k.key = arena_copy(h->batch.arena, slice_make(key, 16));
        k.value = kept;
        for (size_t i = 0; i < n; i++) {
                k.headers[i].name = arena_string(h->batch.arena, slice_of(headers[i].name));
                k.headers[i].value = arena_copy(h->batch.arena, slice_of(headers[i].value));
        }
        k.n_headers = n;
        MUST(batch_add(&h->batch, &h->part, &k, &err));
}

static inline void hands_load(struct hands *h)
{
        MUST(load_batch(&h->store, &h->batch, &h->counts, &err));
        batch_reset(&h->batch);
}

static inline void hands_one(struct hands *h, struct message m)
{
        hands_put(h, &m);
        hands_load(h);
}

/* ---- a migrated warehouse of a test's own, and hands in it ---- */

static char conninfo[512];
static struct hands hands;

static inline int setup(void **state)
{
        (void)state;
        snprintf(conninfo, sizeof conninfo, "%s", house_make());
        struct migrate_spec spec = house_spec(conninfo);
        MUST(warehouse_migrate(&spec, false, NULL, &err));
        hands_open(&hands, conninfo);
        return 0;
}

static inline int teardown(void **state)
{
        (void)state;
        hands_close(&hands);
        house_drop(conninfo);
        return 0;
}

static inline const char *ask(const char *sql)
{
        return house_ask(hands.store.c, sql);
}

#endif
