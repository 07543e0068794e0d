/* Option rows and command lines. */
#include "base/option.h"
#include "unit.h"

struct settings {
        const char *title, *code, *token_file;
        int64_t port, rpo;
        double latitude;
        bool tls;
        uint64_t max_bytes;
        int sync;
        struct option_texts languages, formats;
        const struct conf_node *listen, *sources;
};

static const struct option rows[] = {
        { "title", OPTION_TEXT, OPTION_AT(struct settings, title), "1", "10", NULL, 0, "What people call it." },
        { "code", OPTION_NAME, OPTION_AT(struct settings, code), NULL, NULL, NULL, OPTION_REQUIRED,
          "The region's code." },
        { "token_file", OPTION_TEXT, OPTION_AT(struct settings, token_file), NULL, NULL, NULL, OPTION_SECRET,
          "Where the token lies." },
        { "port", OPTION_INT, OPTION_AT(struct settings, port), "1", "65535", "8080", OPTION_LIVE,
          "Where it listens." },
        { "rpo", OPTION_TIME, OPTION_AT(struct settings, rpo), "1 s", "1 hour", "5 min", 0, "How much may be lost." },
        { "latitude", OPTION_FLOAT, OPTION_AT(struct settings, latitude), "-90", "90", NULL, 0, "Degrees north." },
        { "tls", OPTION_BOOL, OPTION_AT(struct settings, tls), NULL, NULL, "true", 0, "Whether it is encrypted." },
        { "max_bytes", OPTION_SIZE, OPTION_AT(struct settings, max_bytes), "64 MiB", "16 TiB", "10 GiB",
          OPTION_ADVANCED, "Space it may take." },
        { "sync", OPTION_CHOICE, OPTION_AT(struct settings, sync), NULL, "always|batch|never", "batch", 0,
          "When it is synced." },
        { "languages", OPTION_TEXTS, OPTION_AT(struct settings, languages), "1", "3", NULL, 0, "What is spoken." },
        { "formats", OPTION_TEXTS, OPTION_AT(struct settings, formats), "1", "3", NULL, OPTION_OR_ONE, "How it looks." },
        { "listen", OPTION_GROUP, OPTION_AT(struct settings, listen), NULL, NULL, NULL, 0, "Where it listens." },
        { "sources", OPTION_LIST, OPTION_AT(struct settings, sources), NULL, NULL, NULL, 0, "What it reads." },
        OPTION_END,
};

struct fixture {
        struct report *report;
        struct conf *conf;
        struct settings s;
};

static int begin(void **state)
{
        *state = calloc(1, sizeof(struct fixture));
        return 0;
}

static int finish(void **state)
{
        struct fixture *f = *state;
        conf_free(f->conf);
        report_free(f->report);
        free(f);
        return 0;
}

static bool reads(struct fixture *f, const char *text, const char *const *also)
{
        conf_free(f->conf);
        report_free(f->report);
        f->report = report_new();
        if (!conf_parse(&f->conf, "x.cfg", slice_of(text), f->report))
                fail_msg("%s: %s", text, report_at(f->report, 0)->text);
        bool ok = option_read(rows, conf_root(f->conf), &f->s, also, f->report);
        assert_int_equal(ok, report_count(f->report, REPORT_ERROR) == 0);
        return ok;
}

/* `text` is refused with one complaint that has these words at this column. */
static void refused(struct fixture *f, const char *text, int column, const char *words, const char *hint)
{
        char whole[300];
        snprintf(whole, sizeof whole, "code = \"x\";\n%s", text);
        if (reads(f, whole, NULL))
                fail_msg("taken: %s", text);
        assert_int_equal(report_size(f->report), 1);
        const struct report_item *item = report_at(f->report, 0);
        if (!strstr(item->text, words) || item->line != 2 || item->column != column ||
            !strstr(item->hint ? item->hint : "", hint))
                fail_msg("of %s it is said: %d:%d %s; %s", text, item->line, item->column, item->text,
                         item->hint ? item->hint : "(no hint)");
}

static void option__fills_defaults_and_what_is_written(void **state)
{
        struct fixture *f = *state;
        assert_true(reads(f, "code = \"jp-tokyo\";", NULL));
        assert_string_equal(f->s.code, "jp-tokyo");
        assert_null(f->s.title);
        assert_int_equal(f->s.port, 8080);
        assert_int_equal(f->s.rpo, 300000000);
        assert_true(f->s.tls);
        assert_true(f->s.max_bytes == UINT64_C(10) << 30);
        assert_int_equal(f->s.sync, 1);
        assert_null(f->s.languages.node);
        assert_null(f->s.listen);
        assert_true(reads(f, "code = \"a\"; title = \"Tokyo\"; port = 1; rpo = \"30 s\"; latitude = 35;"
                             "tls = false; max_bytes = \"1 TiB\"; sync = \"never\"; languages = [\"ja\", \"en\"];"
                             "listen = { x = 1; }; sources = ( { }, { } );", NULL));
        assert_int_equal(f->s.rpo, 30000000);
        assert_true(f->s.latitude == 35.0);
        assert_false(f->s.tls);
        assert_int_equal(f->s.sync, 2);
        assert_int_equal(f->s.languages.n, 2);
        assert_string_equal(conf_text(conf_at(f->s.languages.node, 1)), "en");
        assert_int_equal(conf_count(f->s.sources), 2);
        assert_int_equal(conf_int(conf_get(f->s.listen, "x")), 1);
}

static void option__takes_one_text_for_a_list_of_one_where_the_row_says_so(void **state)
{
        struct fixture *f = *state;
        assert_true(reads(f, "code = \"a\"; formats = \"one\";", NULL));
        assert_int_equal(f->s.formats.n, 1);
        assert_string_equal(option_text_at(&f->s.formats, 0), "one");
        assert_true(reads(f, "code = \"a\"; formats = [\"one\", \"two\"];", NULL));
        assert_int_equal(f->s.formats.n, 2);
        assert_string_equal(option_text_at(&f->s.formats, 1), "two");
        refused(f, "formats = [\"1\", \"2\", \"3\", \"4\"];", 1, "4 texts", "");
}

static void option__refuses_a_wrong_type_and_shows_the_right_one(void **state)
{
        struct fixture *f = *state;
        refused(f, "title = 5;", 1, "should be a text, not a whole number", "title = \"...\";");
        refused(f, "port = \"80\";", 1, "should be a whole number, not a text", "port = 1;");
        refused(f, "port = 80.5;", 1, "should be a whole number", "");
        refused(f, "max_bytes = 1048576;", 1, "should be a size", "\"10 GiB\"");
        refused(f, "rpo = 30;", 1, "should be a time span", "\"30 s\"");
        refused(f, "tls = \"true\";", 1, "should be true or false", "tls = true;");
        refused(f, "listen = ( );", 1, "should be a group { }, not a list ( )", "");
        refused(f, "languages = \"ja\";", 1, "should be texts [ ]", "[\"...\"]");
        refused(f, "languages = [1];", 14, "should be texts [ ]", "");
}

static void option__refuses_what_is_out_of_range(void **state)
{
        struct fixture *f = *state;
        refused(f, "port = 0;", 1, "\"port\" cannot be 0: allowed is 1 to 65535", "Where it listens.");
        refused(f, "port = 65536;", 1, "65536", "");
        refused(f, "latitude = 90.01;", 1, "-90 to 90", "");
        refused(f, "rpo = \"2 hours\";", 1, "1 s to 1 hour", "");
        refused(f, "max_bytes = \"63 MiB\";", 1, "64 MiB to 16 TiB", "");
        refused(f, "title = \"\";", 1, "1 to 10 bytes", "");
        refused(f, "title = \"elevenbytes\";", 1, "1 to 10 bytes", "");
        refused(f, "languages = [];", 1, "1 to 3 texts", "");
        refused(f, "languages = [\"a\", \"b\", \"c\", \"d\"];", 1, "4 texts", "");
}

static void option__refuses_what_it_cannot_read(void **state)
{
        struct fixture *f = *state;
        refused(f, "sync = \"allways\";", 1, "cannot be \"allways\"", "Did you mean \"always\"? Allowed: always/batch/never.");
        refused(f, "sync = \"sometimes\";", 1, "cannot be \"sometimes\"", "Allowed: always/batch/never.");
        refused(f, "rpo = \"soon\";", 1, "cannot be \"soon\": not a time span", "\"30 s\"");
        refused(f, "max_bytes = \"10 gigs\";", 1, "not a size", "\"10 GiB\"");
        assert_false(reads(f, "code = \"JP Tokyo\";", NULL));
        assert_non_null(strstr(report_at(f->report, 0)->text, "not a name"));
}

static void option__names_the_nearest_and_all_others(void **state)
{
        struct fixture *f = *state;
        refused(f, "langauges = [\"a\"];", 1, "unknown option \"langauges\"",
                "Did you mean \"languages\"? Known here: title, code,");
        refused(f, "warehouse = 1;", 1, "unknown option \"warehouse\"", "Known here: title, code,");
        static const char *const also[] = { "warehouse", NULL };
        assert_true(reads(f, "code = \"x\"; warehouse = 1;", also));
        assert_false(reads(f, "code = \"x\"; warehose = 1;", also));
        assert_non_null(strstr(report_at(f->report, 0)->hint, "Did you mean \"warehouse\"?"));
}

static void option__that_is_required_must_be_there(void **state)
{
        struct fixture *f = *state;
        assert_false(reads(f, "", NULL));
        assert_string_equal(report_at(f->report, 0)->text, "\"code\" is missing");
        assert_string_equal(report_at(f->report, 0)->hint, "The region's code.");
        assert_false(reads(f, "code = 5;", NULL)); /* one complaint, not two */
        assert_int_equal(report_size(f->report), 1);
        assert_false(option_read(rows, NULL, &f->s, NULL, f->report));
        assert_int_equal(f->s.port, 8080);
}

static void option__tells_all_that_is_wrong_at_once(void **state)
{
        struct fixture *f = *state;
        assert_false(reads(f, "port = 0; tls = 1; sync = \"x\"; what = 1;", NULL));
        assert_int_equal(report_size(f->report), 5);
        assert_int_equal(f->s.port, 8080); /* what is refused keeps its default */
}

static void option__does_not_tell_what_is_near_a_secret(void **state)
{
        static const struct option secret[] = {
                { "secret_env", OPTION_NAME, 0, NULL, NULL, NULL, OPTION_SECRET, "Names a variable." }, OPTION_END };
        struct fixture *f = *state;
        const char *at = NULL;
        struct buf b;
        buf_init(&b, 1000);
        f->report = report_new();
        assert_true(conf_parse(&f->conf, "x", SLICE("secret_env = \"Hunter2 really\";"), f->report));
        assert_false(option_read(secret, conf_root(f->conf), &at, NULL, f->report));
        assert_null(strstr(report_at(f->report, 0)->text, "Hunter2"));
        at = "hunter2";
        option_dump(secret, &at, &b);
        assert_string_equal(b.p, "secret_env = \"(set)\";\n");
        buf_clear(&b);
}

static void option__is_dumped_as_it_would_be_written(void **state)
{
        struct fixture *f = *state;
        struct buf b;
        buf_init(&b, 10000);
        const char *text = "title = \"T\\\"o\\\\\";\ncode = \"a\";\nport = 1;\nrpo = \"90 s\";\nlatitude = 35.5;\n"
                           "tls = false;\nmax_bytes = \"65 MiB\";\nsync = \"never\";\nlanguages = [\"ja\", \"en\"];\n";
        assert_true(reads(f, text, NULL));
        option_dump(rows, &f->s, &b);
        assert_string_equal(b.p, text);
        assert_true(reads(f, b.p, NULL)); /* before what b.p pointed to is gone */
        assert_true(reads(f, "code = \"a\"; token_file = \"/x\"; sources = ( { }, { } );", NULL));
        buf_reset(&b);
        option_dump(rows, &f->s, &b);
        assert_non_null(strstr(b.p, "token_file = \"(set)\";\n"));
        assert_non_null(strstr(b.p, "# sources: list of 2, line 1\n"));
        assert_non_null(strstr(b.p, "rpo = \"5 minutes\";\n"));
        buf_clear(&b);
}

static void option__is_printed_as_rows_of_a_table(void **state)
{
        (void)state;
        struct buf b;
        buf_init(&b, 10000);
        option_reference(rows, "vault.", &b);
        assert_non_null(strstr(b.p, "| `vault.code` | name | a to z, 0 to 9, -; at most 32 | required | The region's "
                                    "code. |\n"));
        assert_non_null(strstr(b.p, "| `vault.port` | whole number | 1 to 65535 | 8080 | Where it listens. SIGHUP "
                                    "changes it. |\n"));
        assert_non_null(strstr(b.p, "| `vault.sync` | word | always/batch/never | \"batch\" | When it is synced. |\n"));
        for (const char *p = b.p; *p; p = strchr(p, '\n') + 1) {
                size_t bars = 0;
                for (const char *q = p; *q != '\n'; q++)
                        bars += *q == '|';
                assert_int_equal(bars, 6);
        }
        buf_clear(&b);
}

static void option__example_is_itself_a_configuration(void **state)
{
        struct fixture *f = *state;
        struct buf b;
        buf_init(&b, 10000);
        option_example(rows, 4, &b);
        assert_non_null(strstr(b.p, "    # Where it listens. (1 to 65535)\n    port = 8080;\n"));
        assert_non_null(strstr(b.p, "    # title = \"...\";\n"));
        assert_null(strstr(b.p, "max_bytes"));
        assert_true(reads(f, b.p, NULL));
        buf_clear(&b);
}

static void rows__are_checked_themselves(void **state)
{
        struct fixture *f = *state;
        f->report = report_new();
        assert_true(option_rows_ok(rows, f->report));
        static const struct option bad[] = {
                { "a", OPTION_INT, 0, "1", "5", "6", 0, "Default out of range." },
                { "b", OPTION_INT, 0, NULL, NULL, "x", 0, "Default of another type." },
                { "c", OPTION_TEXT, 0, NULL, NULL, NULL, 0, "no full stop" },
                { "d", OPTION_CHOICE, 0, NULL, NULL, NULL, 0, "Nothing to choose." },
                { "e", OPTION_SIZE, 0, "many", NULL, NULL, 0, "A limit that is none." },
                { "f", OPTION_INT, 0, NULL, NULL, "1", OPTION_REQUIRED, "Required with a default." },
                { "f", OPTION_INT, 0, NULL, NULL, NULL, 0, "Twice." },
                { "g", OPTION_CHOICE, 0, NULL, "x|y", "z", 0, "A default that is no choice." },
                { "h", OPTION_BOOL, 0, NULL, NULL, NULL, 0, "A bar | in the help." },
                OPTION_END,
        };
        assert_false(option_rows_ok(bad, f->report));
        assert_int_equal(report_count(f->report, REPORT_ERROR), 9);
}

/* ---- Command lines --------------------------------------------------------- */

static const char *regions;
static bool json_out, dry;
static const struct flag flags[] = {
        { "regions", 'r', "DIR", &regions, "Where the regions lie." },
        { "json", 0, NULL, &json_out, "For programs." },
        { "dry-run", 'n', NULL, &dry, "Changes nothing." },
        FLAG_END,
};

/* Words parted by blanks; the positionals come back joined by '+'. */
static const char *flagged(const char *line, struct err *err)
{
        static char copy[200], out[200];
        char *argv[20];
        int argc = 0;
        regions = NULL;
        json_out = dry = false;
        *err = (struct err)ERR_INIT;
        snprintf(copy, sizeof copy, "%s", line);
        for (char *w = strtok(copy, " "); w; w = strtok(NULL, " "))
                argv[argc++] = w;
        int n = flag_read(flags, argc, argv, err);
        if (n < 0)
                return NULL;
        out[0] = 0;
        for (int i = 0; i < n; i++) {
                strcat(out, i ? "+" : "");
                strcat(out, argv[i]);
        }
        return out;
}

static void flag__reads_values_switches_and_positionals(void **state)
{
        (void)state;
        struct err err;
        assert_string_equal(flagged("a --regions d1 b --json", &err), "a+b");
        assert_string_equal(regions, "d1");
        assert_true(json_out && !dry);
        assert_string_equal(flagged("--regions=d2 -n x", &err), "x");
        assert_string_equal(regions, "d2");
        assert_true(dry);
        assert_string_equal(flagged("-rd3 -", &err), "-");
        assert_string_equal(regions, "d3");
        assert_string_equal(flagged("-r --json", &err), ""); /* a value may begin with a dash */
        assert_string_equal(regions, "--json");
        assert_string_equal(flagged("-- --json -n", &err), "--json+-n");
        assert_false(json_out);
        assert_string_equal(flagged("--regions=", &err), "");
        assert_string_equal(regions, "");
        assert_string_equal(flagged("", &err), "");
}

static void flag__refuses_what_it_does_not_know(void **state)
{
        (void)state;
        struct err err;
        assert_null(flagged("--region d", &err));
        assert_string_equal(err.text, "unknown option \"--region\"");
        assert_string_equal(err.hint, "Did you mean --regions?");
        assert_null(flagged("--whatever=secret", &err));
        assert_null(strstr(err.text, "secret"));
        assert_null(flagged("x --regions", &err));
        assert_string_equal(err.text, "option --regions needs a value: DIR");
        assert_null(flagged("--json=1", &err));
        assert_null(flagged("-x", &err));
        assert_null(flagged("-nx", &err));
}

static void flag__help_is_a_line_each(void **state)
{
        (void)state;
        struct buf b;
        buf_init(&b, 1000);
        flag_help(flags, &b);
        assert_string_equal(b.p, "  --regions DIR, -r          Where the regions lie.\n"
                                 "  --json                     For programs.\n"
                                 "  --dry-run, -n              Changes nothing.\n");
        buf_clear(&b);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, finish)

int main(void)
{
        const struct CMUnitTest tests[] = {
                TEST(option__fills_defaults_and_what_is_written),
                TEST(option__takes_one_text_for_a_list_of_one_where_the_row_says_so),
                TEST(option__refuses_a_wrong_type_and_shows_the_right_one),
                TEST(option__refuses_what_is_out_of_range),
                TEST(option__refuses_what_it_cannot_read),
                TEST(option__names_the_nearest_and_all_others),
                TEST(option__that_is_required_must_be_there),
                TEST(option__tells_all_that_is_wrong_at_once),
                TEST(option__does_not_tell_what_is_near_a_secret),
                TEST(option__is_dumped_as_it_would_be_written),
                cmocka_unit_test(option__is_printed_as_rows_of_a_table),
                TEST(option__example_is_itself_a_configuration),
                TEST(rows__are_checked_themselves),
                cmocka_unit_test(flag__reads_values_switches_and_positionals),
                cmocka_unit_test(flag__refuses_what_it_does_not_know),
                cmocka_unit_test(flag__help_is_a_line_each),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
