/* test_topics.c - plan and apply against a real Kafka (the mock has no admin API): skipped
 * unless KAFKA_BOOTSTRAP names one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/log.h"
#include "model/message.h"
#include "pump/topics.h"

static struct kafka_property property = { "bootstrap.servers", NULL };
static const struct kafka_config config = { &property, 1, "test" };
static struct hub hub;
static char region[40];
static const char *const regions[] = { region };
static struct topics_spec spec = { &config, &hub, regions, 1, true };
static struct buf out;
static struct err err;

static int setup(void **state)
{
        (void)state;
        log_setup(LOG_LEVEL_ERROR, false);
        property.value = getenv("KAFKA_BOOTSTRAP");
        hub = (struct hub){ .partitions = 4, .replicas = 1, .retention_us = 2 * US_PER_DAY };
        snprintf(region, sizeof region, "t-%d-%d", (int)getpid(), (int)(clock_now_us() % 1000000));
        spec.allow_single = true;
        buf_init(&out, 1 << 16);
        err = (struct err)ERR_INIT;
        return 0;
}

static int teardown(void **state)
{
        (void)state;
        buf_clear(&out);
        return 0;
}

static bool plan(bool as_json)
{
        bool differs = false;
        buf_reset(&out);
        if (!topics_plan(&spec, as_json, &out, &differs, &err))
                fail_msg("%s", err.text);
        return differs;
}

static void topics__are_made_and_then_as_they_should_be(void **state)
{
        (void)state;
        if (!property.value)
                skip();
        char name[128];
        assert_true(plan(false));
        assert_non_null(strstr(out.p, "make   tributary.records."));
        buf_reset(&out);
        if (!topics_apply(&spec, false, &out, &err))
                fail_msg("%s", err.text);
        assert_false(plan(true));
        assert_non_null(strstr(out.p, topic_receipts(name, region)));
        if (!topics_apply(&spec, false, &out, &err)) /* twice is once */
                fail_msg("%s", err.text);
        struct kafka_topic t[2] = { { .partitions = 0 } };
        topic_records(t[0].name, region);
        topic_receipts(t[1].name, region);
        assert_true(kafka_topics_read(&config, t, 2, 10000, &err));
        assert_int_equal(t[0].partitions, 4);
        assert_string_equal(t[0].timestamp_type, "LogAppendTime");
        assert_string_equal(t[0].retention_ms, "172800000");
        assert_int_equal(t[1].partitions, 1);
        assert_string_equal(t[1].cleanup_policy, "compact");
}

static void topics__are_altered_but_never_their_partitions(void **state)
{
        (void)state;
        if (!property.value)
                skip();
        assert_true(topics_apply(&spec, false, &out, &err));
        hub.partitions = 8;
        hub.retention_us = US_PER_DAY;
        assert_true(plan(false));
        assert_non_null(strstr(out.p, "4 partitions, not 8: cannot be changed"));
        buf_reset(&out);
        assert_false(topics_apply(&spec, false, &out, &err));
        assert_int_equal(err.kind, ERR_CONFIG);
        struct kafka_topic t = { .partitions = 0 };
        topic_records(t.name, region);
        assert_true(kafka_topics_read(&config, &t, 1, 10000, &err));
        assert_int_equal(t.partitions, 4);
        assert_string_equal(t.retention_ms, "86400000"); /* the rest was done */
        hub.partitions = 4;
        assert_false(plan(false));
}

static void topics__refuse_a_single_copy_unless_it_is_allowed(void **state)
{
        (void)state;
        bool differs;
        property.value = "127.0.0.1:1";
        spec.allow_single = false;
        assert_false(topics_plan(&spec, false, &out, &differs, &err));
        assert_int_equal(err.kind, ERR_CONFIG);
        assert_true(err.hint[0]);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
int main(void)
{
        const struct CMUnitTest tests[] = {
                T(topics__are_made_and_then_as_they_should_be),
                T(topics__are_altered_but_never_their_partitions),
                T(topics__refuse_a_single_copy_unless_it_is_allowed),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
