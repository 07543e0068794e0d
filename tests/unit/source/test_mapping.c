/* Mapping files: what is refused, and what payloads become. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/json.h"
#include "pointer.h"
#include "source/mapping.h"

enum { TAKEN_MAX = 8 };

static struct arena *arena;
static struct report *report;
static struct mapping *mapping;
static struct record taken[TAKEN_MAX];
static char refused[TAKEN_MAX][sizeof ((struct err *)0)->text];
static size_t n_taken, n_refused;
static struct hook_result result;
static const struct source source = { .name = "tracker", .type = SOURCE_WEBHOOK, .kind = -1, .product = "db", .lang = "en" };

static int setup(void **state)
{
        (void)state;
        arena = arena_new(16 << 20);
        report = report_new();
        mapping = NULL;
        return arena && report ? 0 : -1;
}

static int teardown(void **state)
{
        (void)state;
        mapping_free(mapping);
        report_free(report);
        arena_free(arena);
        return 0;
}

#define SIGNATURE "signature = { header = \"X-Sign\"; prefix = \"sha256=\"; };\n"
#define NEEDED "kind = \"feedback\"; id = [\"t\", \"/id\"]; occurred_at = { from = \"/at\"; };"

static void load(const char *text)
{
        if (mapping_parse(&mapping, "regions/mappings/tracker.cfg", slice_of(text), report))
                return;
        report_print(report, stderr);
        fail();
}

static void complains(const char *text, int line, const char *what, const char *hint)
{
        struct report *r = report_new();
        struct mapping *m;
        bool found = false;
        assert_false(mapping_parse(&m, "tracker.cfg", slice_of(text), r));
        assert_null(m);
        for (size_t i = 0; i < report_size(r); i++) {
                const struct report_item *item = report_at(r, i);
                found |= item->line == line && strstr(item->text, what) && strcmp(item->file, "tracker.cfg") == 0 &&
                         (!hint || (item->hint && strstr(item->hint, hint)));
        }
        if (!found) {
                report_print(r, stderr);
                fail_msg("no complaint at line %d says \"%s\" and hints \"%s\"", line, what, hint ? hint : "");
        }
        report_free(r);
}

static bool take(void *ctx, int64_t line, const struct record *r, const struct err *why)
{
        (void)ctx;
        assert_int_equal(line, (int64_t)(n_taken + n_refused) + 1);
        assert_true(n_taken < TAKEN_MAX && n_refused < TAKEN_MAX);
        if (r)
                taken[n_taken++] = *r;
        else
                snprintf(refused[n_refused++], sizeof refused[0], "%s", why->text);
        return true;
}

static bool read_with(const struct slice *headers, const char *payload, struct err *err)
{
        n_taken = n_refused = 0;
        return mapping_read(mapping, &source, headers, slice_of(payload), arena, &result, take, NULL, NULL, err);
}

static void read_payload(const char *payload)
{
        static const struct slice none[HOOK_HEADERS_MAX];
        struct err err = ERR_INIT;
        if (!read_with(none, payload, &err))
                fail_msg("%s", err.text);
}

static void is(struct slice s, const char *text)
{
        if (!slice_is(s, text))
                fail_msg("\"%.*s\" is not \"%s\"", SLICE_ARG(s), text);
}

/* ---- Pointers ------------------------------------------------------------ */

static void pointers__find_what_rfc_6901_says(void **state)
{
        (void)state;
        static const struct {
                const char *pointer, *found;
        } rows[] = { { "/foo/0", "bar" }, { "/foo/1", "baz" }, { "/", "0" }, { "/a~1b", "1" }, { "/c%d", "2" }, { "/e^f", "3" },
                     { "/k\"l", "6" }, { "/ ", "7" }, { "/m~0n", "8" }, { "/o/p/q", "9" }, { "/foo/2", NULL }, { "/foo/00", NULL },
                     { "/foo/-1", NULL }, { "/foo/x", NULL }, { "/nope", NULL }, { "/o/p/q/r", NULL }, { "/a", NULL },
                     { "/~01", "10" }, { "/foo/99999999999999999999", NULL } };
        struct json *root;
        struct err err = ERR_INIT;
        assert_true(json_read(&root, arena, SLICE("{\"foo\":[\"bar\",\"baz\"],\"\":0,\"a/b\":1,\"c%d\":2,\"e^f\":3,\"k\\\"l\":6,\" \":7,"
                                                  "\"m~n\":8,\"o\":{\"p\":{\"q\":9}},\"~1\":10}"), 8, &err));
        for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
                assert_null(pointer_wrong(rows[i].pointer));
                const struct json *j = pointer_find(root, rows[i].pointer);
                if (!j != !rows[i].found || (j && !slice_is(j->text, rows[i].found)))
                        fail_msg("%s", rows[i].pointer);
        }
        assert_ptr_equal(pointer_find(root, ""), root);
        assert_non_null(pointer_wrong("foo"));
        assert_non_null(pointer_wrong("/a~2"));
        assert_non_null(pointer_wrong("/a~"));
        assert_non_null(pointer_wrong("/a/-"));
        assert_non_null(pointer_wrong("/-/b"));
        assert_null(pointer_wrong("/-x"));
}

/* ---- Files --------------------------------------------------------------- */

static void mappings__that_point_nowhere_are_refused_with_their_place(void **state)
{
        (void)state;
        complains(SIGNATURE "records = ( { kind = \"feedback\"; id = [\"t\", \"/id\"];\noccurred_at = { from = \"created\"; }; } );", 3,
                  "\"created\" is no place", "/name/name");
        complains(SIGNATURE "records = ( { " NEEDED "\nfields = ( { field = \"body\"; from = \"/a~b\"; } ); } );", 3, "can point nowhere",
                  "~1 stands");
        complains(SIGNATURE "records = ( { " NEEDED "\neach = \"/items/-\"; } );", 3, "nothing is ever there", NULL);
        complains(SIGNATURE "records = ( { " NEEDED "\neach = \"items\"; } );", 3, "begins with", NULL);
        complains(SIGNATURE "records = ( { " NEEDED "\nwhen = ( { from = \"header:X Event\"; is = [\"a\"]; } ); } );", 3,
                  "no header's name", NULL);
        complains(SIGNATURE "records = ( { " NEEDED "\nfields = ( { field = \"tags\"; from = \"/l\"; take = \"name\"; } ); } );", 3,
                  "can point nowhere", NULL);
}

static void mappings__say_what_is_missing_or_not_known(void **state)
{
        (void)state;
        complains("records = ( { " NEEDED " } );", 1, "\"signature\" is missing", NULL);
        complains(SIGNATURE, 1, "\"records\" is missing", NULL);
        complains(SIGNATURE "records = ( );", 2, "\"records\" is empty", NULL);
        complains(SIGNATURE "records = ( { kind = \"feedback\"; } );", 2, "\"id\" is missing", NULL);
        complains(SIGNATURE "records = ( { kind = \"feedback\"; } );", 2, "\"occurred_at\" is missing", NULL);
        complains(SIGNATURE "records = ( { id = [\"/id\"]; occurred_at = { from = \"/at\"; }; } );", 2, "no kind", "kind_from");
        complains(SIGNATURE "records = ( { kind = \"feedbak\"; id = [\"/id\"]; occurred_at = { from = \"/at\"; }; } );", 2,
                  "no kind of record", "\"feedback\"");
        complains(SIGNATURE "records = ( { kind_from = \"/k\"; id = [\"/id\"]; occurred_at = { from = \"/at\"; }; } );", 2,
                  "no \"kind_values\"", NULL);
        complains(SIGNATURE "records = ( { kind_from = \"/k\"; kind_values = ( { is = \"a\"; to = \"led\"; } );"
                            "id = [\"/id\"]; occurred_at = { from = \"/at\"; }; } );", 2, "no kind of record", "\"lead\"");
        complains(SIGNATURE "records = ( { kind = \"lead\"; id = [\"ticket\"]; occurred_at = { from = \"/at\"; }; } );", 2,
                  "the same for every payload", "/ticket/id");
        complains(SIGNATURE "records = ( { " NEEDED "\nfields = ( { field = \"titel\"; from = \"/t\"; } ); } );", 3,
                  "no field of a record", "\"title\"");
        complains(SIGNATURE "records = ( { " NEEDED "\nfields = ( { field = \"revision\"; from = \"/t\"; } ); } );", 3,
                  "is not one of \"fields\"", "beside");
        complains(SIGNATURE "records = ( { " NEEDED "\nfields = ( { field = \"attributes\"; from = \"/t\"; } ); } );", 3, "which attribute",
                  NULL);
        complains(SIGNATURE "records = ( { " NEEDED "\nfields = ( { field = \"body\"; } ); } );", 3, "neither", NULL);
        complains(SIGNATURE "records = ( { " NEEDED "\nfields = ( { field = \"body\"; from = \"/a\"; text = \"b\"; } ); } );", 3, "both", NULL);
        complains(SIGNATURE "records = ( { " NEEDED "\nfields = ( { field = \"rating\"; text = \"11\"; } ); } );", 3, "rating", NULL);
        complains(SIGNATURE "records = ( { " NEEDED "\nfields = ( { field = \"tags\"; text = \"a\"; } ); } );", 3, "is a list", NULL);
        complains(SIGNATURE "records = ( { " NEEDED "\nwhen = ( { from = \"/e\"; } ); } );", 3, "asks one thing", "is =");
        complains(SIGNATURE "records = ( { " NEEDED "\nwhen = ( { from = \"/e\"; is = [\"a\"]; absent = true; } ); } );", 3, "asks one thing", NULL);
        complains(SIGNATURE "records = ( { " NEEDED "\nwhen = ( ); } );", 3, "asks nothing", NULL);
        complains(SIGNATURE "records = ( { " NEEDED "\nrevision = { from = \"/r\"; as = \"unixms\"; }; } );", 3, "no way to write", "\"unix_ms\"");
        complains(SIGNATURE "records = ( { kind = \"lead\"; id = [\"/id\"];\noccurred_at = { from = \"/at\"; as = \"integer\"; }; } );", 3,
                  "no way to write a time", NULL);
        complains(SIGNATURE "records = ( { kind = \"lead\"; id = [\"/id\"];\noccurred_at = { from = \"/at\"; as = \"%d.%m.\"; }; } );", 3,
                  "no way to write a time", "%Y");
        complains(SIGNATURE "records = ( { " NEEDED "\ncolour = 1; } );", 3, "colour", NULL);
}

static void mappings__check_how_senders_sign(void **state)
{
        (void)state;
        static const char rest[] = "\nrecords = ( { " NEEDED " } );";
        static const struct {
                const char *signature, *what;
        } rows[] = {
                { "{ header = \"X Sign\"; }", "no header's name" },
                { "{ prefix = \"a\"; }", "\"header\" is missing" },
                { "{ header = \"X\"; algorithm = \"md5\"; }", "md5" },
                { "{ header = \"X\"; algorithm = \"token\"; encoding = \"hex\"; }", "\"encoding\" means nothing" },
                { "{ header = \"X\"; signed = \"{body}.\"; }", "is not {timestamp}" },
                { "{ header = \"X\"; signed = \"{id}.{body}\"; }", "is not {timestamp}" },
                { "{ header = \"X\"; signed = \"{timestamp}.{body}\"; }", "where the timestamp stands" },
                { "{ header = \"X\"; timestamp_header = \"T\"; }", "the timestamp is not signed" },
                { "{ header = \"X\"; timestamp_header = \"T\"; signed = \"{timestamp}{timestamp}{body}\"; }", "is not {timestamp}" },
        };
        char text[1024];
        for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
                snprintf(text, sizeof text, "signature = %s;%s", rows[i].signature, rest);
                complains(text, 1, rows[i].what, NULL);
        }
        load("signature = { header = \"X-Slack-Signature\"; prefix = \"v0=\"; timestamp_header = \"X-Slack-Request-Timestamp\";\n"
             "signed = \"v0:{timestamp}:{body}\"; };\nrecords = ( { " NEEDED " } );");
        const struct hook_sender *s = mapping_sender(mapping);
        assert_string_equal(s->before, "v0:");
        assert_string_equal(s->between, ":");
        assert_string_equal(s->prefix, "v0=");
        assert_false(s->event_first);
}

static void mappings__have_rows_with_sentences(void **state)
{
        (void)state;
        const struct option *const all[] = { mapping_options, mapping_signature_options, mapping_record_options,
                                             mapping_time_options, mapping_condition_options, mapping_field_options,
                                             mapping_value_options, mapping_consent_options };
        for (size_t i = 0; i < sizeof all / sizeof *all; i++)
                if (!option_rows_ok(all[i], report))
                        report_print(report, stderr);
        assert_int_equal(report_size(report), 0);
}

/* ---- Payloads ------------------------------------------------------------ */

static const char tracker[] =
        SIGNATURE
        "records = (\n"
        "  { when = ( { from = \"/event\"; is = [\"created\", \"changed\", \"deleted\"]; }, { from = \"/ticket\"; present = true; },\n"
        "             { from = \"header:X-Test\"; absent = true; } );\n"
        "    kind_from = \"/ticket/type\";\n"
        "    kind_values = ( { is = \"bug\"; to = \"feedback\"; }, { is = \"question\"; to = \"discussion\"; } );\n"
        "    id = [\"ticket\", \"/project\", \"/ticket/nr\"];\n"
        "    thread = [\"/project\"];\n"
        "    occurred_at = { from = \"/ticket/made\"; };\n"
        "    revision = { from = \"/ticket/changed\"; };\n"
        "    deleted = ( { from = \"/event\"; is = [\"deleted\"]; } );\n"
        "    first = ( { from = \"/event\"; is = [\"created\"]; } );\n"
        "    fields = (\n"
        "      { field = \"title\"; from = \"/ticket/title\"; required = true; },\n"
        "      { field = \"body\"; from = \"/ticket/html\"; as = \"html\"; },\n"
        "      { field = \"body\"; from = \"/ticket/text\"; },\n"
        "      { field = \"severity\"; from = \"/ticket/prio\"; values = ( { is = \"1\"; to = \"critical\"; }, { is = \"9\"; to = \"\"; } ); },\n"
        "      { field = \"tags\"; from = \"/ticket/labels\"; take = \"/name\"; where = ( { from = \"/kind\"; is_not = [\"internal\"]; } ); },\n"
        "      { field = \"tags\"; from = \"/ticket/more\"; },\n"
        "      { field = \"rating\"; from = \"/ticket/answers\"; where = ( { from = \"/q\"; is = [\"score\"]; } ); take = \"/a\"; },\n"
        "      { field = \"attributes.open\"; from = \"/ticket/open\"; },\n"
        "      { field = \"attributes.from\"; text = \"tracker\"; },\n"
        "      { field = \"author.id\"; from = \"/who/id\"; },\n"
        "      { field = \"author.email\"; from = \"/who/mail\"; } );\n"
        "    consent = { from = \"/who/agreed\"; yes = [\"true\"]; purpose = \"research\"; };\n"
        "  } );\n";

#define TICKET(more)                                                                                              \
        "\"project\":\"a/b\",\"who\":{\"id\":7,\"mail\":\"x@example.com\",\"agreed\":true},\"ticket\":{\"nr\":12,\"type\":\"bug\"," \
        "\"made\":\"2026-01-01T00:00:00Z\",\"title\":\"Slow\"" more "}"

static void mapping__makes_a_record_of_a_payload(void **state)
{
        (void)state;
        load(tracker);
        read_payload("{\"event\":\"created\"," TICKET(",\"changed\":\"2026-01-02T00:00:00Z\",\"html\":\"<p>It <b>hangs</b></p>\",\"text\":\"no\","
                     "\"prio\":1,\"labels\":[{\"name\":\"sql\"},{\"name\":\"x\",\"kind\":\"internal\"},{\"name\":\"ui\",\"kind\":\"y\"}],"
                     "\"more\":[\"a\",2],\"answers\":[{\"q\":\"why\",\"a\":3},{\"q\":\"score\",\"a\":8}],\"open\":true") "}");
        assert_int_equal(result.outcome, HOOK_RECORDS);
        assert_int_equal(n_taken, 1);
        const struct record *r = taken;
        assert_int_equal(r->kind, KIND_FEEDBACK);
        is(r->text[FIELD_ID], "ticket/a~1b/12");
        is(r->text[FIELD_THREAD], "a/b");
        is(r->text[FIELD_TITLE], "Slow");
        is(r->text[FIELD_BODY], "It hangs");
        is(r->text[FIELD_SEVERITY], "critical");
        is(r->text[FIELD_RATING], "8");
        is(r->text[FIELD_AUTHOR_ID], "7");
        is(r->text[FIELD_AUTHOR_EMAIL], "x@example.com");
        is(r->text[FIELD_PRODUCT], "db");
        is(r->text[FIELD_LANG], "en");
        assert_int_equal(r->n_tags, 4);
        is(r->tags[0], "sql");
        is(r->tags[1], "ui");
        is(r->tags[3], "2");
        assert_int_equal(r->n_attributes, 2);
        is(r->attributes[0].value, "true");
        is(r->attributes[1].value, "tracker");
        assert_int_equal(r->n_consents, 1);
        is(r->consents[0].purpose, "research");
        assert_true(r->first && !r->deleted);
        assert_int_equal(r->occurred_at_us, INT64_C(1767225600000000));
        assert_int_equal(r->revision, INT64_C(1767312000000000));
}

static void mapping__what_is_merely_absent_is_left_out(void **state)
{
        (void)state;
        load(tracker);
        read_payload("{\"event\":\"changed\"," TICKET(",\"changed\":null,\"html\":null,\"text\":\"plain\",\"prio\":9,\"labels\":[]") "}");
        assert_int_equal(n_taken, 1);
        is(taken[0].text[FIELD_BODY], "plain");
        assert_null(taken[0].text[FIELD_SEVERITY].p);
        assert_int_equal(taken[0].n_tags, 0);
        assert_int_equal(taken[0].revision, taken[0].occurred_at_us); /* never changed */
}

static void mapping__what_is_deleted_keeps_who(void **state)
{
        (void)state;
        load(tracker);
        read_payload("{\"event\":\"deleted\"," TICKET(",\"text\":\"plain\"") "}");
        assert_true(n_taken == 1 && taken[0].deleted);
        assert_null(taken[0].text[FIELD_TITLE].p);
        assert_null(taken[0].text[FIELD_BODY].p);
        assert_int_equal(taken[0].n_attributes, 0);
        is(taken[0].text[FIELD_AUTHOR_ID], "7");
}

static void mapping__counts_what_no_rule_is_for(void **state)
{
        (void)state;
        static const struct slice headers[HOOK_HEADERS_MAX] = { { "1", 1 } };
        struct err err = ERR_INIT;
        load(tracker);
        static const char *const payloads[] = { "{}", "[]", "7", "null", "{\"event\":\"seen\"," TICKET("") "}", "{\"event\":\"created\",\"ticket\":null}" };
        for (size_t i = 0; i < sizeof payloads / sizeof *payloads; i++) {
                read_payload(payloads[i]);
                assert_int_equal(result.outcome, HOOK_COUNTED);
        }
        assert_true(read_with(headers, "{\"event\":\"created\"," TICKET("") "}", &err)); /* X-Test is there */
        assert_int_equal(result.outcome, HOOK_COUNTED);
        read_payload("{\"event\":\"created\",\"ticket\":{\"type\":\"epic\"}}");
        assert_int_equal(result.outcome, HOOK_COUNTED);
}

static void mapping__says_which_line_of_it_finds_nothing(void **state)
{
        (void)state;
        load(tracker);
        static const struct {
                const char *payload, *why;
        } rows[] = {
                { "{\"event\":\"created\",\"ticket\":{\"type\":\"bug\",\"nr\":1}}", "\"/project\" of \"id\" finds nothing: tracker.cfg:7" },
                { "{\"event\":\"created\",\"project\":1,\"ticket\":{\"type\":\"bug\",\"nr\":1}}",
                  "\"/ticket/made\" of \"occurred_at\" finds nothing: tracker.cfg:9" },
                { "{\"event\":\"created\",\"project\":1,\"ticket\":{\"type\":\"bug\",\"nr\":1,\"made\":\"yesterday\"}}",
                  "\"/ticket/made\" of \"occurred_at\" is not written as rfc3339: tracker.cfg:9" },
                { "{\"event\":\"created\",\"project\":1,\"ticket\":{\"type\":\"bug\",\"nr\":1,\"made\":\"2026-01-01T00:00:00Z\"}}",
                  "\"/ticket/title\" of \"title\" finds nothing: tracker.cfg:14" },
                { "{\"event\":\"created\",\"project\":{},\"ticket\":{\"type\":\"bug\",\"nr\":1}}", "at \"/project\" stands an object, not a value: tracker.cfg:7" },
                { "{\"event\":\"created\"," TICKET(",\"answers\":[{\"q\":\"score\",\"a\":99}]") "}", "tracker.cfg:20" },
        };
        for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
                read_payload(rows[i].payload);
                assert_int_equal(result.outcome, HOOK_RECORDS);
                assert_true(n_taken == 0 && n_refused == 1);
                if (!strstr(refused[0], rows[i].why))
                        fail_msg("\"%s\" does not say \"%s\"", refused[0], rows[i].why);
                assert_null(strstr(refused[0], "yesterday"));
        }
}

static void mapping__says_which_line_makes_an_id_too_long(void **state)
{
        (void)state;
        char payload[700];
        load(SIGNATURE "records = ( { " NEEDED "\n } );");
        snprintf(payload, sizeof payload, "{\"id\":\"%0600d\",\"at\":\"2026-01-01T00:00:00Z\"}", 7);
        read_payload(payload);
        assert_true(n_refused == 1 && strstr(refused[0], "\"id\" is over 512 bytes: tracker.cfg:2"));
}

static void mapping__makes_a_record_of_each_item(void **state)
{
        (void)state;
        load(SIGNATURE "records = (\n"
                       "{ each = \"/items\"; kind = \"event\"; id = [\"/id\", \"payload:/list\"];\n"
                       "  occurred_at = { from = \"payload:/at\"; as = \"unix\"; };\n"
                       "  fields = ( { field = \"group\"; from = \"header:X-Group\"; } ); } );");
        static const struct slice headers[HOOK_HEADERS_MAX] = { { "tokyo", 5 } };
        struct err err = ERR_INIT;
        assert_string_equal(mapping_sender(mapping)->headers[0], "X-Group");
        if (!read_with(headers, "{\"at\":1700000000.25,\"list\":\"L\",\"items\":[{\"id\":\"a\"},{},{\"id\":\"b\"}]}", &err))
                fail_msg("%s", err.text);
        assert_true(n_taken == 2 && n_refused == 1);
        is(taken[1].text[FIELD_ID], "b/L");
        is(taken[1].text[FIELD_GROUP], "tokyo");
        assert_int_equal(taken[1].occurred_at_us, INT64_C(1700000000250000));
        assert_true(strstr(refused[0], "\"/id\" of \"id\" finds nothing"));
        read_payload("{\"at\":1,\"list\":\"L\",\"items\":[]}");
        assert_int_equal(result.outcome, HOOK_COUNTED);
        assert_false(read_with(headers, "{\"items\":{}}", &err));
        assert_true(strstr(err.text, "finds no list: tracker.cfg:3"));
        assert_false(read_with(headers, "{}", &err));
        struct buf b;
        buf_init(&b, 1 << 20);
        buf_puts(&b, "{\"items\":[");
        for (int i = 0; i < 1001; i++)
                buf_puts(&b, i ? ",1" : "1");
        buf_puts(&b, "]}");
        assert_false(read_with(headers, b.p, &err));
        assert_true(strstr(err.text, "over 1000 elements"));
        buf_clear(&b);
}

static void mapping__reads_times_as_they_are_written(void **state)
{
        (void)state;
        static const struct {
                const char *as, *at;
                int64_t us; /* -1: refused */
        } rows[] = {
                { "unix", "1700000000", INT64_C(1700000000000000) },  { "unix", "\"1700000000\"", INT64_C(1700000000000000) },
                { "unix_ms", "1700000000123", INT64_C(1700000000123000) }, { "unix", "1700000000.5", INT64_C(1700000000500000) },
                { "unix", "1e9", -1 },  { "unix", "-1", -1 }, { "unix", "99999999999999", -1 }, { "unix", "\"1.x\"", -1 },
                { "%Y-%m-%d %H:%M:%S UTC", "\"2023-11-14 22:13:20 UTC\"", INT64_C(1700000000000000) },
                { "%d.%m.%Y %H:%M %z", "\"14.11.2023 23:13 +0100\"", INT64_C(1699999980000000) },
                { "rfc3339", "\"2023-11-14T22:13:20Z\"", INT64_C(1700000000000000) }, { "rfc3339", "7", -1 },
                { "rfc3339", "\"2023-11-14 22:13:20 UTC\"", INT64_C(1700000000000000) }, { "rfc3339", "\" UTC\"", -1 },
                { "rfc3339", "\"2023-11-14T22:13:20+01:00 UTC\"", -1 },
        };
        char text[512];
        for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
                snprintf(text, sizeof text, SIGNATURE "records = ( { kind = \"lead\"; id = [\"/id\"]; occurred_at = { from = \"/at\"; "
                         "as = \"%s\"; }; } );", rows[i].as);
                load(text);
                snprintf(text, sizeof text, "{\"id\":1,\"at\":%s}", rows[i].at);
                read_payload(text);
                if (n_taken != (rows[i].us >= 0) || (n_taken && taken[0].occurred_at_us != rows[i].us))
                        fail_msg("%s as %s", rows[i].at, rows[i].as);
                mapping_free(mapping);
        }
        load(SIGNATURE "records = ( { kind = \"lead\"; id = [\"/id\"]; occurred_at = { from = \"arrival\"; };\n"
                       "revision = { from = \"/v\"; as = \"integer\"; }; } );");
        int64_t before = clock_now_us();
        read_payload("{\"id\":1,\"v\":3}");
        assert_true(n_taken == 1 && taken[0].revision == 3 && taken[0].occurred_at_us >= before);
        read_payload("{\"id\":1}");
        assert_true(n_taken == 1 && taken[0].revision == 0);
        read_payload("{\"id\":1,\"v\":-3}");
        assert_true(n_refused == 1);
}

static void mapping__takes_names_out_of_words(void **state)
{
        (void)state;
        load(SIGNATURE "records = ( { " NEEDED "\nfields = ( { field = \"mentions\"; from = \"/text\"; as = \"at_names\"; } ); } );");
        read_payload("{\"id\":1,\"at\":\"2026-01-01T00:00:00Z\",\"text\":\"@ann and @bob.b. not eve@x.example, @ @-\"}");
        assert_true(n_taken == 1 && taken[0].n_mentions == 2);
        is(taken[0].mentions[0], "ann");
        is(taken[0].mentions[1], "bob.b");
        complains(SIGNATURE "records = ( { " NEEDED "\nfields = ( { field = \"body\"; from = \"/t\"; as = \"at_names\"; } ); } );", 3,
                  "only mentions", NULL);
}

static void mapping__gives_back_what_the_sender_tries_us_with(void **state)
{
        (void)state;
        load(SIGNATURE "echo = \"/challenge\";\nrecords = ( { when = ( { from = \"/type\"; is = [\"event\"]; } ); " NEEDED " } );");
        read_payload("{\"type\":\"url_verification\",\"challenge\":\"3eZb\"}");
        assert_int_equal(result.outcome, HOOK_ECHO);
        is(result.echo, "3eZb");
        read_payload("{\"type\":\"event\",\"challenge\":\"3eZb\",\"id\":1,\"at\":\"2026-01-01T00:00:00Z\"}");
        assert_int_equal(result.outcome, HOOK_RECORDS);
        read_payload("{\"type\":\"url_verification\",\"challenge\":7}");
        assert_int_equal(result.outcome, HOOK_COUNTED);
        complains("echo = \"challenge\";\n" SIGNATURE "records = ( { " NEEDED " } );", 1, "begins with", NULL);
}

static void mapping__refuses_what_is_no_json(void **state)
{
        (void)state;
        struct err err = ERR_INIT;
        static const struct slice none[HOOK_HEADERS_MAX];
        load(tracker);
        assert_false(read_with(none, "{\"a\":", &err));
        assert_int_equal(err.kind, ERR_DATA);
        assert_false(read_with(none, "", &err));
}

/* ---- Those that are shipped ----------------------------------------------- */

static void ship(const char *name, const char *sample, const char *header, size_t expected, size_t bad)
{
        char path[512];
        struct err err = ERR_INIT;
        struct buf payload;
        struct slice headers[HOOK_HEADERS_MAX] = { slice_of(header) };
        buf_init(&payload, 1 << 20);
        snprintf(path, sizeof path, "%s/regions/mappings/%s.cfg", PROJECT_DIR, name);
        mapping_free(mapping);
        if (!mapping_load(&mapping, path, report) || report_size(report)) {
                report_print(report, stderr);
                fail();
        }
        snprintf(path, sizeof path, "%s/hooks/%s.json", TEST_DATA, sample);
        assert_true(file_read(&payload, path, &err));
        struct slice copy = arena_copy(arena, buf_slice(&payload));
        if (!read_with(headers, copy.p, &err))
                fail_msg("%s", err.text);
        buf_clear(&payload);
        if (n_taken != expected || n_refused != bad)
                fail_msg("%s: %zu taken, %zu refused: %s", sample, n_taken, n_refused, n_refused ? refused[0] : "");
}

static void mappings__that_are_shipped_read_their_samples(void **state)
{
        (void)state;
        ship("gitlab", "gitlab-issue", "Issue Hook", 1, 0);
        is(taken[0].text[FIELD_ID], "issue/15/23");
        is(taken[0].text[FIELD_AUTHOR_ID], "51");
        assert_int_equal(taken[0].revision, taken[0].occurred_at_us);
        assert_true(taken[0].n_tags == 2 && taken[0].n_mentions == 1);
        ship("gitlab", "gitlab-issue", "Confidential Issue Hook", 0, 0);
        ship("gitlab", "gitlab-note", "Note Hook", 1, 0); /* "Hello world" names nobody */
        is(taken[0].text[FIELD_THREAD], "issue/15/23");
        ship("typeform", "typeform", NULL, 1, 0);
        is(taken[0].text[FIELD_BODY], "Backups take too long since the upgrade");
        is(taken[0].text[FIELD_RATING], "8");
        ship("slack", "slack-trial", NULL, 0, 0);
        assert_int_equal(result.outcome, HOOK_ECHO);
        ship("slack", "slack-message", NULL, 1, 0);
        is(taken[0].text[FIELD_ID], "T123ABC456/C123ABC456/1767292245.000005");
        assert_null(taken[0].text[FIELD_THREAD].p);
        assert_true(taken[0].n_mentions == 1 && slice_is(taken[0].mentions[0], "U777ABC456"));
        int64_t revision = taken[0].revision;
        ship("slack", "slack-changed", NULL, 1, 0);
        is(taken[0].text[FIELD_ID], "T123ABC456/C123ABC456/1767292245.000005");
        is(taken[0].text[FIELD_THREAD], "T123ABC456/C123ABC456/1767292200.000001");
        assert_true(taken[0].revision > revision);
        revision = taken[0].revision;
        ship("slack", "slack-deleted", NULL, 1, 0);
        is(taken[0].text[FIELD_ID], "T123ABC456/C123ABC456/1767292245.000005");
        assert_true(taken[0].deleted && taken[0].revision > revision);
        ship("example", "example", "changes", 2, 1);
        is(taken[0].text[FIELD_BODY], "Since 7.5 the export hangs & never ends. log");
        is(taken[0].text[FIELD_AUTHOR_EMAIL], "eva@example.com");
        assert_true(taken[0].n_consents == 1 && taken[0].n_tags == 1);
        assert_true(taken[1].deleted && !taken[1].text[FIELD_TITLE].p);
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
        const struct CMUnitTest tests[] = {
                T(pointers__find_what_rfc_6901_says),
                T(mappings__that_point_nowhere_are_refused_with_their_place),
                T(mappings__say_what_is_missing_or_not_known),
                T(mappings__check_how_senders_sign),
                T(mappings__have_rows_with_sentences),
                T(mapping__makes_a_record_of_a_payload),
                T(mapping__what_is_merely_absent_is_left_out),
                T(mapping__what_is_deleted_keeps_who),
                T(mapping__counts_what_no_rule_is_for),
                T(mapping__says_which_line_of_it_finds_nothing),
                T(mapping__says_which_line_makes_an_id_too_long),
                T(mapping__makes_a_record_of_each_item),
                T(mapping__reads_times_as_they_are_written),
                T(mappings__that_are_shipped_read_their_samples),
                T(mapping__takes_names_out_of_words),
                T(mapping__gives_back_what_the_sender_tries_us_with),
                T(mapping__refuses_what_is_no_json),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
