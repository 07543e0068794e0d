/* The list of sources in a region file. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "source/source.h"

static struct source sources[SOURCES_MAX];
static size_t n_sources;
static struct report *report;
static struct conf *conf;

static int setup(void **state)
{
        (void)state;
        report = report_new();
        conf = NULL;
        n_sources = 0;
        return report ? 0 : -1;
}

static int teardown(void **state)
{
        (void)state;
        for (size_t i = 0; i < n_sources; i++)
                source_clear(&sources[i]);
        conf_free(conf);
        report_free(report);
        return 0;
}

static bool read_list(const char *text)
{
        if (!conf_parse(&conf, "r.cfg", slice_of(text), report)) {
                report_print(report, stderr);
                fail();
        }
        return sources_read(sources, &n_sources, conf_get(conf_root(conf), "sources"), report);
}

static void complains(int line, const char *what, const char *hint)
{
        for (size_t i = 0; i < report_size(report); i++) {
                const struct report_item *item = report_at(report, i);
                if (item->line == line && strstr(item->text, what) &&
                    (!hint || (item->hint && strstr(item->hint, hint))))
                        return;
        }
        report_print(report, stderr);
        fail_msg("no complaint at line %d says: %s", line, what);
}

static void sources__are_read_with_their_defaults(void **state)
{
        (void)state;
        if (!read_list(
                    "sources = (\n"
                    "{ name = \"api\"; type = \"api\"; secret_env = \"T\"; next_secret_file = \"/x\"; },\n"
                    "{ name = \"gh\"; type = \"github\"; secret_file = \"/y\"; namespace = \"github\"; },\n"
                    "{ name = \"forms\"; type = \"folder\"; kind = \"lead\"; inbox = \"/in\"; } );")) {
                report_print(report, stderr);
                fail();
        }
        assert_int_equal(n_sources, 3);
        assert_int_equal(sources[0].type, SOURCE_API);
        assert_int_equal(sources[0].kind, -1);
        assert_string_equal(sources[0].name_space, "api");
        assert_string_equal(sources[0].secret_env, "T");
        assert_string_equal(sources[0].next_secret_file, "/x");
        assert_null(sources[0].csv);
        assert_int_equal(sources[1].type, SOURCE_GITHUB);
        assert_string_equal(sources[1].name_space, "github");
        assert_int_equal(sources[2].type, SOURCE_FOLDER);
        assert_int_equal(sources[2].kind, KIND_LEAD);
        assert_string_equal(sources[2].inbox, "/in");
        assert_non_null(sources[2].csv);
}

static void sources__tell_all_that_is_wrong_with_the_nearest_name(void **state)
{
        (void)state;
        assert_false(read_list("sources = (\n"
                               "{ name = \"a\"; type = \"githbu\"; },\n"
                               "{ name = \"b\"; type = \"api\"; },\n"
                               "{ name = \"b\"; type = \"api\"; secret_env = \"T\"; columns = ( ); },\n"
                               "{ name = \"c\"; type = \"folder\"; secret_env = \"T\"; kind = \"led\"; },\n"
                               "{ name = \"d\"; type = \"folder\"; secret_env = \"T\"; },\n"
                               "{ name = \"email\"; type = \"api\"; secret_env = \"T\"; },\n"
                               "{ name = \"Ann\"; type = \"api\"; secret_env = \"T\"; colour = 1; },\n"
                               "{ name = \"e\"; type = \"folder\"; inbox = \"/in\"; time_format = \"%d.%Q\"; },\n"
                               "{ name = \"f\"; type = \"folder\"; inbox = \"/in\"; time_format = \"%H:%M\"; } );"));
        complains(2, "githbu", "github");
        complains(3, "has no secret", NULL);
        complains(4, "stands here twice", NULL);
        complains(4, "\"columns\" means nothing", NULL);
        complains(5, "led", "lead");
        complains(6, "\"secret_env\" means nothing", NULL);
        complains(7, "\"email\" is taken", NULL);
        complains(8, "Ann", NULL);
        complains(9, "\"%Q\" of \"time_format\" is not known", "%Y");
        complains(10, "\"time_format\" has no year", NULL);
        complains(10, "\"inbox\" is that of source \"e\" too", NULL);
        complains(8, "colour", NULL);
}

static void sources__check_how_files_are_read(void **state)
{
        (void)state;
        assert_false(read_list("sources = ( { name = \"a\"; type = \"folder\";\n"
                               "columns = ( { column = \"A\"; field = \"author.emial\"; },\n"
                               "{ column = \"B\"; field = \"body\"; },\n"
                               "{ column = \"C\"; field = \"body\"; },\n"
                               "{ column = \"D\"; field = \"attributes.x\"; },\n"
                               "{ column = \"E\"; field = \"attributes.y\"; },\n"
                               "{ column = \"F\"; field = \"consent\"; } );\n"
                               "delimiter = \";;\";\n"
                               "timezone = \"Europe/Berlun\";\n"
                               "values = ( { field = \"rting\"; from = \"a\"; to = \"1\"; } );\n"
                               "consent = { column = \"G\"; purpose = \"x\"; };\n"
                               "id = \"row\"; id_from = [\"A\"]; } );"));
        complains(2, "author.emial", "author.email");
        complains(4, "filled by two columns", NULL);
        complains(7, "consent", NULL);
        complains(8, "delimiter", "tab");
        complains(9, "Berlun", NULL);
        complains(10, "rting", "rating");
        complains(11, "\"yes\" is missing", NULL);
        complains(12, "id_from", NULL);
        assert_int_equal(report_count(report, REPORT_ERROR), 8);
}

static void sources__of_webhooks_need_a_secret_and_those_of_others_a_mapping(void **state)
{
        (void)state;
        assert_false(read_list("sources = (\n"
                               "{ name = \"a\"; type = \"discourse\"; },\n"
                               "{ name = \"b\"; type = \"discourse\"; secret_env = \"T\"; mapping = \"m.cfg\"; },\n"
                               "{ name = \"c\"; type = \"webhook\"; secret_env = \"T\"; },\n"
                               "{ name = \"d\"; type = \"webhook\"; secret_env = \"T\"; mapping = \"/etc/hosts\"; },\n"
                               "{ name = \"e\"; type = \"webhook\"; secret_env = \"T\"; mapping = \"x/../../m.cfg\"; },\n"
                               "{ name = \"f\"; type = \"webhook\"; secret_env = \"T\"; mapping = \"none/m.cfg\"; },\n"
                               "{ name = \"g\"; type = \"webhook\"; secret_env = \"T\"; mapping = \"m.cfg\"; inbox = \"/in\"; },\n"
                               "{ name = \"h\"; type = \"discorse\"; secret_env = \"T\"; } );"));
        complains(2, "has no secret", NULL);
        complains(3, "\"mapping\" means nothing to a source of type discourse", NULL);
        complains(4, "has no mapping", "regions/mappings/README.md");
        complains(5, "not a file beside the region files", "mappings/tracker.cfg");
        complains(6, "not a file beside the region files", NULL);
        complains(7, "mapping \"none/m.cfg\" is not there", "example.cfg");
        complains(8, "\"inbox\" means nothing to a source of type webhook", NULL);
        complains(9, "discorse", "discourse");
}

static void sources__have_rows_with_sentences(void **state)
{
        (void)state;
        if (!option_rows_ok(source_options, report)) {
                report_print(report, stderr);
                fail();
        }
}

static void sources__without_a_list_are_none(void **state)
{
        (void)state;
        assert_true(sources_read(sources, &n_sources, NULL, report));
        assert_int_equal(n_sources, 0);
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
        const struct CMUnitTest tests[] = {
                T(sources__are_read_with_their_defaults),
                T(sources__tell_all_that_is_wrong_with_the_nearest_name),
                T(sources__check_how_files_are_read),
                T(sources__of_webhooks_need_a_secret_and_those_of_others_a_mapping),
                T(sources__have_rows_with_sentences),
                T(sources__without_a_list_are_none),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
