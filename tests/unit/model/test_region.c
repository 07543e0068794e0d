/* Region and hub files: what is read, and everything that is wrong, at once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "model/region.h"

static struct report *report;
static struct conf *conf;

static int setup(void **state)
{
        (void)state;
        conf = NULL;
        report = report_new();
        return report ? 0 : -1;
}

static int teardown(void **state)
{
        (void)state;
        conf_free(conf);
        report_free(report);
        return 0;
}

static void load(const char *name, const char *text)
{
        if (!conf_parse(&conf, name, slice_of(text), report)) {
                report_print(report, stderr);
                fail();
        }
}

static void complains(const char *what, const char *hint)
{
        for (size_t i = 0; i < report_size(report); i++) {
                const struct report_item *item = report_at(report, i);
                if (strstr(item->text, what) && (!hint || (item->hint && strstr(item->hint, hint)))) {
                        assert_true(item->line > 0);
                        return;
                }
        }
        report_print(report, stderr);
        fail_msg("no complaint says: %s", what);
}

static const char tokyo[] = "code = \"jp-tokyo\"; title = \"Tokyo\"; jurisdiction = \"JP\";\n"
                            "latitude = 35.68; longitude = 139; timezone = \"Asia/Tokyo\";\n"
                            "languages = [\"ja\"]; hazards = [\"earthquake\", \"tsunami\"];\n"
                            "power_grid = \"50 Hz\"; vault = { };\n";

static void region__is_read_and_its_policy_named_after_its_law(void **state)
{
        static const char *const also[] = { "vault", NULL };
        struct region r;
        (void)state;
        load("regions/jp-tokyo.cfg", tokyo);
        if (!region_read(&r, conf, also, report)) {
                report_print(report, stderr);
                fail();
        }
        assert_string_equal(r.code, "jp-tokyo");
        assert_string_equal(r.policy, "jp");
        assert_true(r.longitude > 138.9);
        assert_int_equal(r.hazards.n, 2);
        assert_null(r.island);
}

static void region__tells_all_that_is_wrong_at_once(void **state)
{
        struct region r;
        (void)state;
        load("regions/jp-osaka.cfg",
             "code = \"jp-tokyo\";\njurisdiction = \"EAA\";\nserves = [\"JP\", \"ZZ\", \"USA\"];\n"
             "latitude = 91.0;\nlongitude = 139;\ntimezone = \"Asia/Tokio\";\n"
             "poliy = \"x\";\n");
        assert_false(region_read(&r, conf, NULL, report));
        complains("stands in a file for \"jp-osaka\"", NULL);
        complains("\"EAA\"", "EEA");
        complains("\"ZZ\"", "Codes are");
        complains("\"USA\"", "Did you mean \"US\"?");
        complains("latitude", NULL);
        complains("Tokio", NULL);
        complains("poliy", "policy");
}

static const char hub_text[] =
        "title = \"Hub\"; jurisdiction = \"EEA\";\n"
        "places = ( { what = \"kafka\"; jurisdiction = \"EEA\"; latitude = 50.1; longitude = 8.7; "
        "retention = \"2 days\"; },\n"
        "           { what = \"warehouse\"; jurisdiction = \"IE\"; latitude = 53.3; longitude = -6.3; } );\n"
        "readers = ( { role = \"reader_de\"; country = \"DE\"; surface = \"voice\"; },\n"
        "            { role = \"reader_us\"; country = \"US\"; surface = \"count\"; } );\n"
        "kafka = ( { set = \"bootstrap.servers\"; to = \"127.0.0.1:9092\"; } );\n"
        "partitions = 4;\nwarehouse = \"host=/tmp dbname=w user=l\";\n";

static void hub__is_read_with_its_defaults(void **state)
{
        static struct hub h;
        (void)state;
        load("regions/hub.cfg", hub_text);
        if (!hub_read(&h, conf, NULL, report)) {
                report_print(report, stderr);
                fail();
        }
        assert_int_equal(h.n_places, 2);
        assert_int_equal(h.places[1].what, PLACE_WAREHOUSE);
        assert_string_equal(h.places[1].jurisdiction, "IE");
        assert_int_equal(h.n_readers, 2);
        assert_int_equal(h.readers[1].surface, 1);
        assert_int_equal(h.n_kafka, 1);
        assert_string_equal(h.kafka[0].to, "127.0.0.1:9092");
        assert_int_equal(h.partitions, 4);
        assert_int_equal(h.replicas, 3);
        assert_string_equal(h.migrate, h.warehouse);
        assert_int_equal(h.retention_us, INT64_C(172800000000));
        assert_int_equal(report_count(report, REPORT_WARNING), 0);
}

static void hub__says_when_kafka_is_said_to_keep_for_another_time(void **state)
{
        static struct hub h;
        (void)state;
        char other[sizeof hub_text + 64];
        snprintf(other, sizeof other, "%sretention = \"3 days\";\n", hub_text);
        load("regions/hub.cfg", other);
        assert_true(hub_read(&h, conf, NULL, report));
        assert_int_equal(report_count(report, REPORT_WARNING), 1);
        complains("keep for 2 days here, and its topics keep for 3 days", "same time");
}

static void hub__refuses_passwords_doubles_and_missing_places(void **state)
{
        static struct hub h;
        (void)state;
        load("regions/hub.cfg",
             "jurisdiction = \"EEA\";\n"
             "places = ( { what = \"kafca\"; jurisdiction = \"EEA\"; latitude = 50.1; longitude = 8.7; } );\n"
             "readers = ( { role = \"r\"; country = \"DE\"; surface = \"voice\"; },\n"
             "            { role = \"r\"; country = \"DE\"; surface = \"count\"; },\n"
             "            { role = \"R-1\"; country = \"DE\"; surface = \"count\"; },\n"
             "            { role = \"a'; DROP\"; country = \"DE\"; surface = \"count\"; },\n"
             "            { role = \"community_views\"; country = \"DE\"; surface = \"count\"; },\n"
             "            { role = \"public\"; country = \"Atlantis\"; surface = \"both\"; } );\n"
             "kafka = ( { set = \"sasl.password\"; to = \"hunter2\"; }, { set = \"acks\"; } );\n"
             "warehouse = \"host=x password = hunter2\";\n"
             "migrate = \"postgresql://me:hunter2@host/db\";\n");
        assert_false(hub_read(&h, conf, NULL, report));
        complains("kafca", "kafka");
        complains("stands here twice", NULL);
        complains("\"R-1\" is no role", NULL);
        complains("\"a'; DROP\" is no role", NULL);
        complains("\"community_views\" cannot be a reader's role", "reader_product_de");
        complains("\"public\" cannot be a reader's role", NULL);
        complains("\"both\"", "voice");
        complains("\"sasl.password\" is a secret", "to_file");
        complains("\"acks\" needs either", NULL);
        complains("\"warehouse\" holds a password", NULL);
        complains("\"migrate\" holds a password", NULL);
        complains("names no warehouse", NULL);
        for (size_t i = 0; i < report_size(report); i++)
                assert_null(strstr(report_at(report, i)->text, "hunter2"));
}

static void hub__takes_a_secret_property_from_its_file(void **state)
{
        struct hub_property out[HUB_PROPERTIES_MAX];
        char path[] = "/tmp/tributary-secret-XXXXXX", text[256];
        size_t n;
        (void)state;
        int fd = mkstemp(path);
        assert_true(fd >= 0);
        assert_int_equal(write(fd, "s3cret\n", 7), 7);
        close(fd);
        snprintf(text, sizeof text, "kafka = ( { set = \"sasl.password\"; to_file = \"%s\"; } );", path);
        load("regions/hub.cfg", text);
        assert_true(hub_kafka_read(out, &n, conf_get(conf_root(conf), "kafka"), report));
        assert_int_equal(n, 1);
        assert_string_equal(out[0].to, "s3cret");
        assert_true(hub_kafka_read(out, &n, conf_get(conf_root(conf), "kafka"), report));
        unlink(path);
        assert_false(hub_kafka_read(out, &n, conf_get(conf_root(conf), "kafka"), report));
}

static void rows__have_sentences_and_defaults_in_range(void **state)
{
        (void)state;
        assert_true(option_rows_ok(region_options, report));
        assert_true(option_rows_ok(hub_options, report));
        assert_string_equal(place_what_name(PLACE_READERS), "readers");
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
        const struct CMUnitTest tests[] = {
                T(region__is_read_and_its_policy_named_after_its_law),
                T(region__tells_all_that_is_wrong_at_once),
                T(hub__is_read_with_its_defaults),
                T(hub__says_when_kafka_is_said_to_keep_for_another_time),
                T(hub__refuses_passwords_doubles_and_missing_places),
                T(hub__takes_a_secret_property_from_its_file),
                T(rows__have_sentences_and_defaults_in_range),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
