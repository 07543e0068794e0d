/* test_kafka_topics.c - topics against a real Kafka: the mock cluster has no admin API.
 * Skipped unless KAFKA_BOOTSTRAP names one (tests/run sets it for its flows). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/log.h"
#include "link/kafka.h"

static struct kafka_property property = { "bootstrap.servers", NULL };
static struct kafka_config config = { &property, 1, "test" };

static bool have_kafka(void)
{
        log_setup(LOG_LEVEL_ERROR, false);
        property.value = getenv("KAFKA_BOOTSTRAP");
        return property.value != NULL;
}

static void kafka_topics__are_made_read_and_altered(void **state)
{
        (void)state;
        if (!have_kafka())
                skip();
        struct err err = ERR_INIT;
        struct kafka_topic t = { .partitions = 2, .replicas = 1, .retention_ms = "3600000",
                                 .cleanup_policy = "delete", .timestamp_type = "LogAppendTime",
                                 .max_message_bytes = "4259840" };
        snprintf(t.name, sizeof t.name, "test.topics.%d.%ld", (int)getpid(), (long)clock_now_us());
        struct kafka_topic there = { 0 };
        snprintf(there.name, sizeof there.name, "%s", t.name);
        if (!kafka_topics_read(&config, &there, 1, 10000, &err))
                fail_msg("%s", err.text);
        assert_int_equal(there.partitions, 0);
        if (!kafka_topic_make(&config, &t, 10000, &err))
                fail_msg("%s", err.text);
        assert_false(kafka_topic_make(&config, &t, 10000, &err));
        assert_int_equal(err.kind, ERR_BUSY);

        assert_true(kafka_topics_read(&config, &there, 1, 10000, &err));
        assert_int_equal(there.partitions, 2);
        assert_int_equal(there.replicas, 1);
        assert_string_equal(there.retention_ms, "3600000");
        assert_string_equal(there.timestamp_type, "LogAppendTime");
        assert_string_equal(there.max_message_bytes, "4259840");

        struct kafka_topic change = { .retention_ms = "7200000" };
        snprintf(change.name, sizeof change.name, "%s", t.name);
        if (!kafka_topic_alter(&config, &change, 10000, &err))
                fail_msg("%s", err.text);
        assert_true(kafka_topics_read(&config, &there, 1, 10000, &err));
        assert_string_equal(there.retention_ms, "7200000");
        assert_string_equal(there.timestamp_type, "LogAppendTime"); /* what was set stays */
}

static void kafka_topics__say_when_no_broker_answers(void **state)
{
        (void)state;
        struct kafka_property nowhere = { "bootstrap.servers", "127.0.0.1:1" };
        const struct kafka_config c = { &nowhere, 1, "test" };
        struct kafka_topic t = { .name = "x" };
        struct err err = ERR_INIT;
        log_setup(LOG_LEVEL_ERROR, false);
        assert_false(kafka_topics_read(&c, &t, 1, 500, &err));
        assert_int_equal(err.kind, ERR_RETRY);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(kafka_topics__are_made_read_and_altered),
                cmocka_unit_test(kafka_topics__say_when_no_broker_answers),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
