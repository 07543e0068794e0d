/* hub.h - a region with a real vault, a mock Kafka, and a hand that plays the hub. */
#ifndef TEST_PUMP_HUB_H
#define TEST_PUMP_HUB_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "base/report.h"
#include "link/kafka.h"
#include "model/receipt.h"
#include "pump/pump.h"
#include "pump_private.h"
#include "vault/keys.h"
#include "vault/state.h"

#define UNUSED __attribute__((unused))
enum { PARTITIONS = 3, SEEN_MAX = 20000 };

struct seen { /* one message of the records topic */
        enum message_type type;
        int32_t partition;
        struct position at, out, prev;
        bool deleted;
        struct account_row row; /* account: the first row's numbers, source cut off */
        char body[64], country[8];
        uint64_t held; /* hello: as its status has it; UINT64_MAX without one */
};

static struct hub_hand {
        char root[64], state_dir[96], policies[96];
        struct vault *vault;
        struct vault_found found;
        struct pump *pump;
        struct region region;
        struct hub hub;
        rd_kafka_t *handle;
        rd_kafka_mock_cluster_t *mock;
        struct kafka_property properties[3];
        struct kafka_config kafka;
        struct kafka_consumer *reader;
        struct kafka_producer *receipts;
        struct pump_settings settings;
        struct seen *seen;
        size_t n_seen;
        int delivered, undelivered;
        struct arena *arena;
} hand;

UNUSED static void remove_tree(const char *path)
{
        DIR *d = opendir(path);
        struct dirent *e;
        while (d && (e = readdir(d))) {
                char child[4096];
                if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
                        continue;
                snprintf(child, sizeof child, "%s/%s", path, e->d_name);
                if (unlink(child) != 0)
                        remove_tree(child);
        }
        if (d)
                closedir(d);
        rmdir(path);
}

#define MUST(call)                                                                             \
        do {                                                                                   \
                struct err err = ERR_INIT;                                                     \
                if (!(call))                                                                   \
                        fail_msg("%s: %s", #call, err.text);                                   \
        } while (0)

/* ---- Policies ---------------------------------------------------------- */
/* The book of this policy, which names itself "p". */
UNUSED static struct book *book_written(const char *text)
{
        char path[128];
        struct book *b = NULL;
        snprintf(path, sizeof path, "%s/p.cfg", hand.policies);
        MUST(file_save(path, slice_of(text), 0600, &err));
        struct report *report = report_new();
        const struct book_spec spec = { hand.policies, &hand.region, &hand.hub };
        if (!book_load(&b, &spec, report)) {
                report_print(report, stderr);
                fail_msg("policy does not load");
        }
        report_free(report);
        return b;
}

UNUSED static void policy_text(char *out, size_t size, const char *discussion, int version)
{
        snprintf(out, size,
                 "policy = \"p\"; version = %d; language = 1; title = \"T\";\n"
                 "records = { feedback = \"go\"; discussion = \"%s\"; };\nsubject = \"pseudonym\";\n"
                 "purposes = ( { name = \"research\"; ground = \"art. 6\"; kinds = [\"feedback\", "
                 "\"discussion\"]; } );\n"
                 "fields = ( { field = [\"title\", \"body\", \"occurred_at\"]; do = \"clean\"; } );\n"
                 "transfers = ( { to = [\"EEA\"]; allow = [\"kafka\", \"warehouse\", \"reading\"]; "
                 "basis = \"inside\"; } );\nkeep = { warehouse = \"3 years\"; };\n",
                 version, discussion);
}

UNUSED static struct book *book_of(const char *discussion, int version)
{
        char text[1024];
        policy_text(text, sizeof text, discussion, version);
        return book_written(text);
}

/* ---- Starting and stopping --------------------------------------------- */
UNUSED static void start_vault(void)
{
        const struct vault_settings s = { .max_bytes = 1 << 30, .segment_bytes = 1 << 20,
                                          .segment_age_us = US_PER_HOUR, .group_bytes = 1 << 20,
                                          .period_us = 30 * US_PER_DAY };
        MUST(vault_open(&hand.vault, hand.state_dir, "de-test", &s, &hand.found, &err));
}

UNUSED static void start_pump(void)
{
        const struct pump_spec spec = { .region = "de-test", .state_dir = hand.state_dir,
                                        .vault = hand.vault, .kafka = &hand.kafka,
                                        .settings = hand.settings, .found = &hand.found };
        MUST(pump_start(&hand.pump, &spec, &err));
}

UNUSED static void stop_pump(void)
{
        pump_stop(hand.pump);
        hand.pump = NULL;
}

/* An agent's restart: another epoch. */
UNUSED static void restart(void)
{
        stop_pump();
        vault_close(hand.vault);
        start_vault();
        start_pump();
}

UNUSED static void on_receipt_sent(const struct kafka_delivery *d, void *ctx)
{
        (void)ctx;
        hand.delivered += d->ok;
        hand.undelivered += !d->ok;
}

UNUSED static void start_kafka(void)
{
        char why[128];
        hand.handle = rd_kafka_new(RD_KAFKA_PRODUCER, NULL, why, sizeof why);
        hand.mock = rd_kafka_mock_cluster_new(hand.handle, 1);
        rd_kafka_mock_topic_create(hand.mock, "tributary.records.de-test", PARTITIONS, 1);
        rd_kafka_mock_topic_create(hand.mock, "tributary.receipts.de-test", 1, 1);
        hand.properties[0] = (struct kafka_property){ "bootstrap.servers",
                                                      rd_kafka_mock_cluster_bootstraps(hand.mock) };
        hand.properties[1] = (struct kafka_property){ "linger.ms", "2" };
        hand.kafka = (struct kafka_config){ hand.properties, 2, "test" };
        struct kafka_place places[PARTITIONS];
        for (int32_t i = 0; i < PARTITIONS; i++)
                places[i] = (struct kafka_place){ "tributary.records.de-test", i, KAFKA_BEGINNING };
        const struct kafka_config readers = { hand.properties, 1, "hub" };
        MUST(kafka_read(&hand.reader, &readers, places, PARTITIONS, &err));
        MUST(kafka_producer_open(&hand.receipts, &hand.kafka, on_receipt_sent, NULL, &err));
}

UNUSED static int hub_open(void **state)
{
        (void)state;
        char recovery[96];
        memset(&hand, 0, sizeof hand);
        log_setup(getenv("TEST_LOG") ? LOG_LEVEL_DEBUG : LOG_LEVEL_ERROR, false);
        snprintf(hand.root, sizeof hand.root, "/tmp/tributary-pump-XXXXXX");
        assert_non_null(mkdtemp(hand.root));
        snprintf(hand.state_dir, sizeof hand.state_dir, "%s/state", hand.root);
        snprintf(hand.policies, sizeof hand.policies, "%s/policies", hand.root);
        snprintf(recovery, sizeof recovery, "%s/recovery", hand.root);
        MUST(dir_make(hand.state_dir, 0700, &err) && dir_make(hand.policies, 0700, &err) &&
             keys_generate(hand.state_dir, recovery, &err));
        hand.region = (struct region){ .code = "de-test", .jurisdiction = "EEA",
                                       .timezone = "Europe/Berlin", .policy = "p" };
        hand.hub.places[0] = (struct hub_place){ .what = PLACE_KAFKA, .jurisdiction = "DE" };
        hand.hub.places[1] = (struct hub_place){ .what = PLACE_WAREHOUSE, .jurisdiction = "IE" };
        hand.hub.n_places = 2;
        hand.settings = (struct pump_settings){ .in_flight = 1000, .hello_every_us = 30 * US_PER_SECOND,
                                                .account_every_us = US_PER_SECOND / 2,
                                                .drain_us = 2 * US_PER_SECOND };
        hand.seen = calloc(SEEN_MAX, sizeof *hand.seen);
        hand.arena = arena_new(16 << 20);
        start_kafka();
        start_vault();
        start_pump();
        return 0;
}

UNUSED static int hub_close(void **state)
{
        (void)state;
        pump_stop(hand.pump);
        vault_close(hand.vault);
        kafka_consumer_close(hand.reader);
        kafka_producer_close(hand.receipts);
        rd_kafka_mock_cluster_destroy(hand.mock);
        rd_kafka_destroy(hand.handle);
        arena_free(hand.arena);
        free(hand.seen);
        remove_tree(hand.root);
        return 0;
}

/* ---- Capturing --------------------------------------------------------- */
UNUSED static struct position capture(enum record_kind kind, const char *id, int64_t revision,
                                      bool deleted, bool first, const char *body)
{
        struct record r = { .kind = kind, .occurred_at_us = clock_now_us(), .revision = revision,
                            .deleted = deleted, .first = first };
        struct buf flat;
        r.text[FIELD_ID] = slice_of(id);
        r.text[FIELD_BODY] = slice_of(body);
        buf_init(&flat, 1 << 20);
        record_flatten(&r, &flat);
        struct vault_item item = { .kind = ENTRY_RECORD, .source = SLICE("forum"), .id = slice_of(id),
                                   .class = "p", .plain = buf_slice(&flat) };
        item.identities[0] = SLICE("email:ada@example.net");
        item.n_identities = 1;
        MUST(vault_append(hand.vault, &item, 1, &err));
        buf_clear(&flat);
        return item.at;
}

UNUSED static void capture_many(int from, int n)
{
        for (int i = from; i < from + n; i++) {
                char id[16];
                snprintf(id, sizeof id, "r%d", i);
                capture(KIND_FEEDBACK, id, 0, false, true, id);
        }
}

/* ---- Reading what left ------------------------------------------------- */
struct headers {
        const struct kafka_message *m;
};

UNUSED static struct slice header_of(const char *name, void *ctx)
{
        const struct kafka_message *m = ((struct headers *)ctx)->m;
        for (size_t i = 0; i < m->n_headers; i++)
                if (strcmp(m->headers[i].name, name) == 0)
                        return m->headers[i].value;
        return SLICE_NONE;
}

UNUSED static void see(const struct kafka_message *km)
{
        struct message m;
        struct headers h = { km };
        arena_reset(hand.arena);
        MUST(message_parse(&m, hand.arena, km->key, km->value, header_of, &h, &err));
        assert_true(hand.n_seen < SEEN_MAX);
        struct seen *s = &hand.seen[hand.n_seen++];
        *s = (struct seen){ .type = m.type, .partition = km->partition, .at = m.at, .out = m.out,
                            .prev = m.prev };
        if (m.type == MESSAGE_RECORD || m.type == MESSAGE_RETRACT) {
                s->deleted = m.record.fields.deleted;
                snprintf(s->country, sizeof s->country, "%.*s", SLICE_ARG(m.record.fields.text[FIELD_AUTHOR_COUNTRY]));
                snprintf(s->body, sizeof s->body, "%.*s", SLICE_ARG(m.record.fields.text[FIELD_BODY]));
        }
        s->held = m.type == MESSAGE_HELLO && m.hello.status ? m.hello.status->held : UINT64_MAX;
        if (m.type == MESSAGE_ACCOUNT && m.account.n_rows)
                s->row = m.account.rows[0];
}

UNUSED static size_t count_of(enum message_type type)
{
        size_t n = 0;
        for (size_t i = 0; i < hand.n_seen; i++)
                n += hand.seen[i].type == type;
        return n;
}

UNUSED static void look(int timeout_ms)
{
        struct kafka_message m;
        struct err err = ERR_INIT;
        if (kafka_poll(hand.reader, timeout_ms, &m, &err) != KAFKA_MESSAGE)
                return;
        see(&m);
        kafka_message_done(&m);
}

/* Reads until there are so many of the type, at most 60 s. */
UNUSED static void await_seen(enum message_type type, size_t n)
{
        int64_t until = clock_mono_us() + 60 * US_PER_SECOND;
        while (count_of(type) < n && clock_mono_us() < until)
                look(100);
        if (count_of(type) < n)
                fail_msg("%zu of %zu messages of type %d came", count_of(type), n, (int)type);
}

/* Reads on for a while: for what must not come. */
UNUSED static void look_for(int64_t us)
{
        int64_t until = clock_mono_us() + us;
        while (clock_mono_us() < until)
                look(50);
}

UNUSED static const struct seen *seen_last(enum message_type type)
{
        for (size_t i = hand.n_seen; i-- > 0;)
                if (hand.seen[i].type == type)
                        return &hand.seen[i];
        return NULL;
}

/* The pump has settled up to here and told its status. */
UNUSED static struct pump_status await_cursor(struct position at)
{
        struct pump_status s;
        int64_t until = clock_mono_us() + 60 * US_PER_SECOND;
        do {
                look(20);
                pump_status(hand.pump, &s);
        } while (position_compare(s.cursor, at) < 0 && clock_mono_us() < until);
        assert_true(position_compare(s.cursor, at) >= 0);
        return s;
}

/* ---- Playing the hub --------------------------------------------------- */
/* An error pushed for the pump may have met this producer instead: then a new one. */
UNUSED static void send_receipt(const struct receipt *r)
{
        struct buf key, value;
        int wanted = hand.delivered + 1;
        buf_init(&key, 256);
        buf_init(&value, 4096);
        MUST(receipt_format(r, &key, &value, &err));
        while (hand.delivered < wanted) {
                int before = hand.undelivered;
                MUST(kafka_send(hand.receipts, "tributary.receipts.de-test", 0, buf_slice(&key),
                                buf_slice(&value), NULL, 0, NULL, &err));
                while (hand.delivered < wanted && hand.undelivered == before)
                        kafka_producer_poll(hand.receipts, 100);
                if (hand.delivered == wanted)
                        break;
                kafka_producer_close(hand.receipts);
                MUST(kafka_producer_open(&hand.receipts, &hand.kafka, on_receipt_sent, NULL, &err));
        }
        buf_clear(&key);
        buf_clear(&value);
}

UNUSED static void send_mark(int32_t partition, uint8_t warehouse, struct position out,
                             struct position gap_prev)
{
        struct receipt r = { .type = RECEIPT_WATERMARK, .partition = partition,
                             .warehouse = { warehouse }, .warehouse_generation = 1, .out = out,
                             .gap = gap_prev.seq != 0, .gap_prev = gap_prev };
        send_receipt(&r);
}

/* The highest out seen on a partition. */
UNUSED static struct position out_of(int32_t partition)
{
        struct position out = { 0, 0 };
        for (size_t i = 0; i < hand.n_seen; i++)
                if (hand.seen[i].partition == partition && position_compare(hand.seen[i].out, out) > 0)
                        out = hand.seen[i].out;
        return out;
}

/* ... and the pump has heard it: nothing being in flight may as well mean "not settled yet". */
/* Whether the pump has settled this word of the hub's for each partition. */
UNUSED static bool all_settled(uint8_t warehouse, const struct position marks[PARTITIONS])
{
        struct state *st;
        struct state_transport rows[PARTITIONS];
        size_t n = 0, heard = 0;
        MUST(state_open_read_only(&st, hand.state_dir, &err));
        MUST(state_transports(st, rows, PARTITIONS, &n, &err));
        for (size_t i = 0; i < n; i++)
                heard += rows[i].heard && rows[i].warehouse[0] == warehouse &&
                         position_compare(rows[i].mark, marks[rows[i].partition]) == 0;
        state_close(st);
        return heard == PARTITIONS;
}

/* Until it is settled: a receipt that was only taken is forgotten by a stop. */
UNUSED static void acknowledge_all(uint8_t warehouse)
{
        int64_t until = clock_mono_us() + 60 * US_PER_SECOND;
        struct position marks[PARTITIONS];
        for (int32_t i = 0; i < PARTITIONS; i++) {
                marks[i] = out_of(i);
                send_mark(i, warehouse, marks[i], (struct position){ 0, 0 });
        }
        while (!all_settled(warehouse, marks) && clock_mono_us() < until)
                look(20);
        assert_true(all_settled(warehouse, marks));
}

UNUSED static struct pump_status await_in_flight(uint64_t n)
{
        struct pump_status s;
        int64_t until = clock_mono_us() + 10 * US_PER_SECOND;
        do {
                look(20);
                pump_status(hand.pump, &s);
        } while (s.in_flight != n && clock_mono_us() < until);
        assert_int_equal(s.in_flight, n);
        return s;
}

#endif
