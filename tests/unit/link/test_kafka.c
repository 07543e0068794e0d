/* test_kafka.c - producer and consumer against librdkafka's mock cluster: delivery, faults,
 * purges, offsets out of range, groups. */
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>
#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>

#include "base/clock.h"
#include "base/log.h"
#include "link/kafka.h"

#define TOPIC "tributary.records.test"

struct world {
        rd_kafka_t *handle; /* lends the mock cluster its life */
        rd_kafka_mock_cluster_t *mock;
        struct kafka_property properties[4];
        struct kafka_config config;
        int ok, failed, purged, too_large;
};

static int setup(void **state)
{
        log_setup(LOG_LEVEL_ERROR, false);
        struct world *w = calloc(1, sizeof *w);
        char why[128];
        w->handle = rd_kafka_new(RD_KAFKA_PRODUCER, NULL, why, sizeof why);
        w->mock = rd_kafka_mock_cluster_new(w->handle, 1);
        rd_kafka_mock_topic_create(w->mock, TOPIC, 2, 1);
        w->properties[0] = (struct kafka_property){ "bootstrap.servers",
                                                    rd_kafka_mock_cluster_bootstraps(w->mock) };
        w->config = (struct kafka_config){ w->properties, 1, "test" };
        *state = w;
        return 0;
}

static int teardown(void **state)
{
        struct world *w = *state;
        rd_kafka_mock_cluster_destroy(w->mock);
        rd_kafka_destroy(w->handle);
        free(w);
        return 0;
}

static void delivered(const struct kafka_delivery *d, void *ctx)
{
        struct world *w = ctx;
        w->ok += d->ok;
        w->failed += !d->ok;
        w->purged += d->purged;
        w->too_large += d->too_large;
        if (d->cookie)
                ++*(int *)d->cookie;
}

static struct kafka_producer *producer(struct world *w)
{
        struct kafka_producer *p;
        struct err err = ERR_INIT;
        if (!kafka_producer_open(&p, &w->config, delivered, w, &err))
                fail_msg("%s", err.text);
        return p;
}

static void send_one(struct kafka_producer *p, int32_t partition, const char *value, void *cookie)
{
        struct err err = ERR_INIT;
        const struct kafka_header h[] = { { "tributary_out", SLICE("1-2") } };
        if (!kafka_send(p, TOPIC, partition, SLICE("key"), slice_of(value), h, 1, cookie, &err))
                fail_msg("%s", err.text);
}

/* Waits for the descriptor, as the pump does, and then polls. */
static void await(struct kafka_producer *p, const int *count, int wanted)
{
        int64_t until = clock_mono_us() + 10 * US_PER_SECOND;
        while (*count < wanted && clock_mono_us() < until) {
                struct pollfd fd = { kafka_producer_fd(p), POLLIN, 0 };
                assert_true(poll(&fd, 1, 10000) >= 0);
                kafka_producer_poll(p, 0);
        }
        assert_int_equal(*count, wanted);
}

static void produce(struct world *w, int n)
{
        struct kafka_producer *p = producer(w);
        for (int i = 0; i < n; i++) {
                char value[16];
                snprintf(value, sizeof value, "v%d", i);
                send_one(p, 0, value, NULL);
        }
        await(p, &w->ok, n);
        kafka_producer_close(p);
}

static struct kafka_consumer *reader(struct world *w, int64_t offset)
{
        struct kafka_consumer *c;
        struct err err = ERR_INIT;
        const struct kafka_place place = { TOPIC, 0, offset };
        if (!kafka_read(&c, &w->config, &place, 1, &err))
                fail_msg("%s", err.text);
        return c;
}

static enum kafka_event next(struct kafka_consumer *c, struct kafka_message *m)
{
        struct err err = ERR_INIT;
        int64_t until = clock_mono_us() + 15 * US_PER_SECOND;
        enum kafka_event e = KAFKA_NOTHING;
        while ((e == KAFKA_NOTHING || e == KAFKA_TROUBLE) && clock_mono_us() < until)
                e = kafka_poll(c, 500, m, &err);
        return e;
}

static void kafka__delivers_once_and_reports_by_descriptor(void **state)
{
        struct world *w = *state;
        struct kafka_producer *p = producer(w);
        int seen = 0;
        send_one(p, 1, "a", &seen);
        send_one(p, 1, "b", &seen);
        await(p, &seen, 2);
        assert_int_equal(w->ok, 2);
        assert_int_equal(kafka_producer_queued(p), 0);
        kafka_producer_close(p);
}

static void kafka__reads_from_the_beginning_and_tells_the_end_once(void **state)
{
        struct world *w = *state;
        produce(w, 3);
        struct kafka_consumer *c = reader(w, KAFKA_BEGINNING);
        struct kafka_message m;
        for (int i = 0; i < 3; i++) {
                char value[16];
                snprintf(value, sizeof value, "v%d", i);
                assert_int_equal(next(c, &m), KAFKA_MESSAGE);
                assert_int_equal(m.offset, i);
                assert_true(slice_is(m.value, value) && slice_is(m.key, "key"));
                assert_int_equal(m.n_headers, 1);
                assert_string_equal(m.headers[0].name, "tributary_out");
                assert_true(slice_is(m.headers[0].value, "1-2"));
                kafka_message_done(&m);
        }
        assert_int_equal(next(c, &m), KAFKA_END);
        assert_string_equal(m.topic, TOPIC);
        w->ok = 0;
        produce(w, 1);
        assert_int_equal(next(c, &m), KAFKA_MESSAGE);
        kafka_message_done(&m);
        struct err err = ERR_INIT;
        assert_int_equal(kafka_poll(c, 1000, &m, &err), KAFKA_NOTHING);
        kafka_consumer_close(c);
}

static void kafka__names_an_offset_out_of_range_and_goes_on_after_a_seek(void **state)
{
        struct world *w = *state;
        produce(w, 3);
        struct kafka_consumer *c = reader(w, 77);
        struct kafka_message m;
        assert_int_equal(next(c, &m), KAFKA_RANGE);
        assert_string_equal(m.topic, TOPIC);
        assert_int_equal(m.partition, 0);
        assert_int_equal(m.offset, 77);
        struct err err = ERR_INIT;
        int64_t low = -1, high = -1;
        assert_true(kafka_range(c, TOPIC, 0, 5000, &low, &high, &err));
        assert_int_equal(low, 0);
        assert_int_equal(high, 3);
        const struct kafka_place back = { TOPIC, 0, KAFKA_BEGINNING };
        if (!kafka_seek(c, &back, &err))
                fail_msg("%s", err.text);
        assert_int_equal(next(c, &m), KAFKA_MESSAGE);
        assert_int_equal(m.offset, 0);
        kafka_message_done(&m);
        kafka_consumer_close(c);
}

static void kafka__pauses_and_goes_on_without_losing_its_place(void **state)
{
        struct world *w = *state;
        produce(w, 3);
        struct kafka_consumer *c = reader(w, 0);
        struct kafka_message m;
        struct err err = ERR_INIT;
        assert_int_equal(next(c, &m), KAFKA_MESSAGE);
        kafka_message_done(&m);
        kafka_pause(c, true);
        assert_int_equal(kafka_poll(c, 500, &m, &err), KAFKA_NOTHING);
        kafka_pause(c, false);
        assert_int_equal(next(c, &m), KAFKA_MESSAGE);
        assert_int_equal(m.offset, 1);
        kafka_message_done(&m);
        kafka_consumer_close(c);
}

static void kafka__purges_what_no_broker_takes(void **state)
{
        struct world *w = *state;
        struct kafka_producer *p = producer(w);
        int parts = 0;
        struct err err = ERR_INIT;
        assert_true(kafka_producer_partitions(p, TOPIC, 5000, &parts, &err));
        assert_int_equal(parts, 2);
        rd_kafka_mock_broker_set_down(w->mock, 1);
        for (int i = 0; i < 10; i++)
                send_one(p, 0, "x", NULL);
        kafka_producer_purge(p);
        await(p, &w->failed, 10);
        assert_int_equal(w->purged, 10);
        kafka_producer_close(p);
}

static void kafka__closes_while_all_brokers_are_away(void **state)
{
        struct world *w = *state;
        struct kafka_producer *p = producer(w);
        rd_kafka_mock_broker_set_down(w->mock, 1);
        for (int i = 0; i < 100; i++)
                send_one(p, 0, "x", NULL);
        kafka_producer_close(p); /* waits for none of them */
        assert_int_equal(w->ok + w->failed, 100);
}

static void kafka__delivers_after_the_broker_came_back(void **state)
{
        struct world *w = *state;
        struct kafka_producer *p = producer(w);
        rd_kafka_mock_broker_set_down(w->mock, 1);
        send_one(p, 0, "patient", NULL);
        kafka_producer_poll(p, 300);
        assert_int_equal(w->ok + w->failed, 0);
        rd_kafka_mock_broker_set_up(w->mock, 1);
        await(p, &w->ok, 1);
        const char *why;
        assert_false(kafka_producer_down(p, &why));
        kafka_producer_close(p);
}

static void kafka__tells_a_fatal_error_and_reports_every_message(void **state)
{
        struct world *w = *state;
        struct kafka_producer *p = producer(w);
        send_one(p, 0, "first", NULL);
        await(p, &w->ok, 1);
        struct err err = ERR_INIT;
        assert_false(kafka_producer_fatal(p, &err));
        rd_kafka_mock_push_request_errors(w->mock, 0 /* Produce */, 1,
                                          RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER);
        send_one(p, 0, "second", NULL);
        int64_t until = clock_mono_us() + 10 * US_PER_SECOND;
        while (w->ok + w->failed < 2 && clock_mono_us() < until)
                kafka_producer_poll(p, 100);
        assert_int_equal(w->ok + w->failed, 2);
        if (w->failed)
                assert_true(kafka_producer_fatal(p, &err));
        kafka_producer_close(p);
}

static void kafka__refuses_what_is_too_large_at_once(void **state)
{
        struct world *w = *state;
        struct kafka_producer *p = producer(w);
        static char big[(4 << 20) + 1];
        struct err err = ERR_INIT;
        assert_false(kafka_send(p, TOPIC, 0, SLICE("k"), slice_make(big, sizeof big), NULL, 0, NULL, &err));
        assert_int_equal(err.kind, ERR_DATA);
        kafka_producer_close(p);
}

static void kafka__pushes_back_when_the_queue_is_full(void **state)
{
        struct world *w = *state;
        rd_kafka_mock_broker_set_down(w->mock, 1);
        struct kafka_producer *p = producer(w);
        struct err err = ERR_INIT;
        int n = 0;
        while (n <= 10000 && kafka_send(p, TOPIC, 0, SLICE("k"), SLICE("v"), NULL, 0, NULL, &err))
                n++;
        assert_int_equal(n, 10000);
        assert_int_equal(err.kind, ERR_FULL);
        kafka_producer_close(p);
        assert_int_equal(w->failed, 10000);
}

static void kafka__keeps_promises_from_being_configured_away(void **state)
{
        struct world *w = *state;
        const char *const names[] = { "acks", "request.required.acks", "message.timeout.ms",
                                      "delivery.timeout.ms", "auto.offset.reset" };
        for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
                struct kafka_producer *p;
                struct err err = ERR_INIT;
                w->properties[1] = (struct kafka_property){ names[i], "1" };
                w->config.n = 2;
                assert_false(kafka_producer_open(&p, &w->config, delivered, w, &err));
                assert_int_equal(err.kind, ERR_CONFIG);
                assert_non_null(strstr(err.text, names[i]));
        }
        w->properties[1] = (struct kafka_property){ "acks", "all" };
        kafka_producer_close(producer(w));
}

static void kafka__says_which_property_is_wrong_but_not_its_value(void **state)
{
        struct world *w = *state;
        struct kafka_producer *p;
        struct err err = ERR_INIT;
        w->properties[1] = (struct kafka_property){ "sasl.mechanismus", "hunter2" };
        w->config.n = 2;
        assert_false(kafka_producer_open(&p, &w->config, delivered, w, &err));
        assert_int_equal(err.kind, ERR_CONFIG);
        assert_non_null(strstr(err.text, "sasl.mechanismus"));
        assert_null(strstr(err.text, "hunter2"));
}

/* ---- Groups ------------------------------------------------------------ */
struct member {
        int assigned, revoked;
        int64_t from;
        bool refuse;
};

static bool on_assign(struct kafka_place *places, size_t n, void *ctx)
{
        struct member *m = ctx;
        m->assigned += (int)n;
        for (size_t i = 0; i < n; i++)
                places[i].offset = m->from;
        return !m->refuse;
}

static void on_revoke(const struct kafka_place *places, size_t n, bool lost, void *ctx)
{
        (void)places;
        (void)lost;
        ((struct member *)ctx)->revoked += (int)n;
}

static void kafka__joins_by_pattern_and_starts_where_assign_says(void **state)
{
        struct world *w = *state;
        produce(w, 3);
        struct member me = { .from = 1 };
        const char *const topics[] = { "^tributary\\.records\\..*" };
        const struct kafka_group g = { "loaders", topics, 1, on_assign, on_revoke, &me };
        struct kafka_consumer *c;
        struct kafka_message m;
        struct err err = ERR_INIT;
        assert_true(kafka_join(&c, &w->config, &g, &err));
        enum kafka_event e = next(c, &m);
        while (e == KAFKA_RANGE) /* partition 1 is empty: offset 1 is not there */
                e = next(c, &m);
        assert_int_equal(e, KAFKA_MESSAGE);
        assert_int_equal(me.assigned, 2);
        assert_int_equal(m.partition, 0);
        assert_int_equal(m.offset, 1);
        const struct kafka_place done = { TOPIC, 0, m.offset + 1 };
        kafka_message_done(&m);
        kafka_commit_hint(c, &done, 1);
        kafka_consumer_close(c);
        assert_int_equal(me.revoked, 2);
}

static void kafka__consumes_nothing_when_the_assignment_is_refused(void **state)
{
        struct world *w = *state;
        produce(w, 3);
        struct member me = { .from = 0, .refuse = true };
        const char *const topics[] = { TOPIC };
        const struct kafka_group g = { "refusers", topics, 1, on_assign, on_revoke, &me };
        struct kafka_consumer *c;
        struct kafka_message m;
        struct err err = ERR_INIT;
        assert_true(kafka_join(&c, &w->config, &g, &err));
        int64_t until = clock_mono_us() + 10 * US_PER_SECOND;
        while (!me.assigned && clock_mono_us() < until)
                assert_int_not_equal(kafka_poll(c, 200, &m, &err), KAFKA_MESSAGE);
        assert_int_equal(me.assigned, 2);
        for (int i = 0; i < 5; i++)
                assert_int_not_equal(kafka_poll(c, 100, &m, &err), KAFKA_MESSAGE);
        kafka_consumer_close(c);
}

/* Polls both until the one's places are so many. */
static void await_places(struct kafka_consumer *c, const struct member *m, int wanted,
                         struct kafka_consumer *other)
{
        struct kafka_message km;
        int64_t until = clock_mono_us() + 30 * US_PER_SECOND;
        while (m->assigned - m->revoked != wanted && clock_mono_us() < until) {
                if (kafka_poll(c, 50, &km, NULL) == KAFKA_MESSAGE)
                        kafka_message_done(&km);
                if (other && kafka_poll(other, 50, &km, NULL) == KAFKA_MESSAGE)
                        kafka_message_done(&km);
        }
        assert_int_equal(m->assigned - m->revoked, wanted);
}

/* The warehouse is away when a member comes; it goes again: what was paused meanwhile is read. */
static void kafka__reads_a_place_that_was_paused_when_it_was_taken_away(void **state)
{
        struct world *w = *state;
        struct member me = { .from = KAFKA_BEGINNING }, guest = { .from = KAFKA_BEGINNING };
        const char *const topics[] = { TOPIC };
        const struct kafka_group mine = { "paused", topics, 1, on_assign, on_revoke, &me };
        const struct kafka_group theirs = { "paused", topics, 1, on_assign, on_revoke, &guest };
        struct kafka_consumer *c, *other;
        struct kafka_message m;
        struct err err = ERR_INIT;
        bool read[2] = { false, false };
        w->properties[1] = (struct kafka_property){ "heartbeat.interval.ms", "100" };
        w->properties[2] = (struct kafka_property){ "session.timeout.ms", "3000" }; /* so long the mock waits */
        w->config.n = 3;
        assert_true(kafka_join(&c, &w->config, &mine, &err));
        await_places(c, &me, 2, NULL);
        kafka_pause(c, true);
        assert_true(kafka_join(&other, &w->config, &theirs, &err));
        await_places(c, &me, 1, other);
        kafka_consumer_close(other);
        await_places(c, &me, 2, NULL);
        w->config.n = 1;
        struct kafka_producer *p = producer(w);
        send_one(p, 0, "v", NULL);
        send_one(p, 1, "v", NULL);
        await(p, &w->ok, 2);
        kafka_producer_close(p);
        while (!(read[0] && read[1])) {
                assert_int_equal(next(c, &m), KAFKA_MESSAGE);
                read[m.partition] = true;
                kafka_message_done(&m);
        }
        kafka_consumer_close(c);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
int main(void)
{
        const struct CMUnitTest tests[] = {
                T(kafka__delivers_once_and_reports_by_descriptor),
                T(kafka__reads_from_the_beginning_and_tells_the_end_once),
                T(kafka__names_an_offset_out_of_range_and_goes_on_after_a_seek),
                T(kafka__pauses_and_goes_on_without_losing_its_place),
                T(kafka__purges_what_no_broker_takes),
                T(kafka__closes_while_all_brokers_are_away),
                T(kafka__delivers_after_the_broker_came_back),
                T(kafka__tells_a_fatal_error_and_reports_every_message),
                T(kafka__refuses_what_is_too_large_at_once),
                T(kafka__pushes_back_when_the_queue_is_full),
                T(kafka__keeps_promises_from_being_configured_away),
                T(kafka__says_which_property_is_wrong_but_not_its_value),
                T(kafka__joins_by_pattern_and_starts_where_assign_says),
                T(kafka__consumes_nothing_when_the_assignment_is_refused),
                T(kafka__reads_a_place_that_was_paused_when_it_was_taken_away),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
