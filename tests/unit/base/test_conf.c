/* Files that people write: what libconfig gets wrong, told with line and column. */
#include "base/conf.h"
#include "unit.h"

struct fixture {
        struct report *report;
        struct conf *conf;
};

static int begin(void **state)
{
        *state = calloc(1, sizeof(struct fixture));
        return 0;
}

static void forget(struct fixture *f)
{
        conf_free(f->conf);
        report_free(f->report);
        *f = (struct fixture){ 0 };
}

static int finish(void **state)
{
        forget(*state);
        free(*state);
        return 0;
}

static bool parse_n(struct fixture *f, struct slice text)
{
        forget(f);
        f->report = report_new();
        bool ok = conf_parse(&f->conf, "x.cfg", text, f->report);
        assert_int_equal(ok, f->conf != NULL);
        assert_int_equal(ok, report_count(f->report, REPORT_ERROR) == 0);
        return ok;
}

static const struct conf_node *parse(struct fixture *f, const char *text)
{
        if (!parse_n(f, slice_of(text))) {
                report_print(f->report, stderr);
                fail_msg("refused: %s", text);
        }
        return conf_root(f->conf);
}

/* The only complaints are those of `expected`: lines "LINE:COLUMN words". */
static void refused(struct fixture *f, const char *text, const char *expected)
{
        struct buf got;
        buf_init(&got, 100000);
        if (parse_n(f, slice_of(text)))
                fail_msg("taken: %s", text);
        for (size_t i = 0; i < report_size(f->report); i++) {
                const struct report_item *item = report_at(f->report, i);
                buf_printf(&got, "%s%d:%d %s", i ? "\n" : "", item->line, item->column, item->text);
                assert_string_equal(item->file, "x.cfg");
        }
        if (strcmp(got.p, expected) != 0)
                fail_msg("of %s\nit is said:\n%s\ninstead of:\n%s", text, got.p, expected);
        buf_clear(&got);
}

static void hints(const struct fixture *f, const char *part)
{
        const char *hint = report_at(f->report, 0)->hint;
        if (!hint || !strstr(hint, part))
                fail_msg("the hint \"%s\" lacks \"%s\"", hint ? hint : "(none)", part);
}

static void conf__becomes_a_tree_with_places(void **state)
{
        struct fixture *f = *state;
        const struct conf_node *root =
                parse(f, "policy = \"eea\";  version = 4;\n"
                         "f = 2.5; t = true; n = -3;\n"
                         "purposes = ( { name = \"research\"; kinds = [\"a\", \"b\"]; },\n"
                         "             { name = \"contact\"; } );\n"
                         "empty = { }; none = ( ); nil = [ ];\n");
        assert_string_equal(conf_file(f->conf), "x.cfg");
        assert_int_equal(conf_type(root), CONF_GROUP);
        assert_int_equal(conf_count(root), 9);
        assert_string_equal(conf_text(conf_get(root, "policy")), "eea");
        assert_int_equal(conf_int(conf_get(root, "version")), 4);
        assert_int_equal(conf_column(conf_get(root, "version")), 18);
        assert_true(conf_float(conf_get(root, "f")) == 2.5);
        assert_true(conf_float(conf_get(root, "version")) == 4.0);
        assert_true(conf_bool(conf_get(root, "t")));
        assert_int_equal(conf_int(conf_get(root, "n")), -3);
        const struct conf_node *list = conf_get(root, "purposes"), *second = conf_at(list, 1);
        assert_int_equal(conf_count(list), 2);
        assert_int_equal(conf_line(second), 4);
        assert_int_equal(conf_column(second), 14);
        assert_string_equal(conf_name(second), "");
        assert_int_equal(conf_line(conf_get(second, "name")), 4);
        assert_int_equal(conf_column(conf_get(second, "name")), 16);
        assert_string_equal(conf_text(conf_at(conf_get(conf_at(list, 0), "kinds"), 1)), "b");
        assert_null(conf_at(list, 2));
        assert_null(conf_get(root, "nothing"));
        assert_null(conf_get(list, "name"));
        assert_string_equal(conf_text(list), "");
        assert_int_equal(conf_int(conf_get(root, "policy")), 0);
        assert_string_equal(conf_node_file(second), "x.cfg");
        uint8_t hash[SHA256_BYTES];
        parse(f, "a = 1;");
        sha256(hash, SLICE("a = 1;"));
        assert_memory_equal(conf_hash(f->conf), hash, SHA256_BYTES);
}

static void conf__that_is_empty_is_an_empty_group(void **state)
{
        assert_int_equal(conf_count(parse(*state, "")), 0);
        assert_int_equal(conf_count(parse(*state, "\xef\xbb\xbf# nothing\n/* here */ // at all")), 0);
        assert_false(parse_n(*state, SLICE(";")));
}

static void conf__takes_what_editors_and_hands_leave(void **state)
{
        struct fixture *f = *state;
        const struct conf_node *root = parse(f, "\xef\xbb\xbfname = \"a\";\r\n"
                                                "\xc2\xa0kinds\xc2\xa0=\xe3\x80\x80[\"a\", \"b\",];\r\n"
                                                "list = ( { a = 1, b = 2 , }, );;\r"
                                                "on : TRUE;\n"
                                                "last = \"#no // comment /* here */\";");
        assert_int_equal(conf_count(root), 5);
        assert_int_equal(conf_count(conf_get(root, "kinds")), 2);
        assert_int_equal(conf_line(conf_get(root, "kinds")), 2);
        assert_int_equal(conf_column(conf_get(root, "kinds")), 2);
        assert_int_equal(conf_count(conf_get(root, "list")), 1);
        assert_int_equal(conf_line(conf_get(root, "on")), 4); /* after a lone CR */
        assert_true(conf_bool(conf_get(root, "on")));
        assert_string_equal(conf_text(conf_get(root, "last")), "#no // comment /* here */");
        assert_int_equal(conf_line(conf_get(root, "last")), 5);
}

static void conf__counts_columns_in_characters(void **state)
{
        const struct conf_node *root = parse(*state, "a = \"\xe6\xbc\xa2\xe5\xad\x97\"; b = 1;");
        assert_int_equal(conf_column(conf_get(root, "b")), 11);
}

static void conf__reads_whole_numbers_of_64_bits(void **state)
{
        struct fixture *f = *state;
        const struct conf_node *root = parse(f, "a = 10737418240; b = -9223372036854775808; c = 0x1FFFFFFFF;"
                                                "d = 5L; e = [1, 10737418240, -1L]; g = 007;");
        assert_true(conf_int(conf_get(root, "a")) == INT64_C(10737418240));
        assert_true(conf_int(conf_get(root, "b")) == INT64_MIN);
        assert_true(conf_int(conf_get(root, "c")) == 0x1ffffffff);
        assert_true(conf_int(conf_get(root, "d")) == 5);
        assert_true(conf_int(conf_at(conf_get(root, "e"), 1)) == INT64_C(10737418240));
        assert_true(conf_int(conf_get(root, "g")) == 7);
        refused(f, "a = 9223372036854775808;", "1:5 a whole number is too large");
        hints(f, "10 GiB");
        refused(f, "a = -9223372036854775809;", "1:5 a whole number is too large");
        refused(f, "a = 0xFFFFFFFFFFFFFFFF;", "1:5 a whole number is too large");
        refused(f, "a = 1e999;", "1:5 not a number");
        refused(f, "a = 2027-06-01;", "1:5 not a number");
        hints(f, "double quotes");
        refused(f, "a = 10GiB;", "1:5 not a number");
}

static void conf__names_typographic_quotes(void **state)
{
        struct fixture *f = *state;
        refused(f, "a = 1;\ntitle = “EU and EEA”;\nb = 2;", "2:9 a typographic quote");
        hints(f, "\"straight double quotes\"");
        refused(f, "title = \"EU and EEA”;\nb = 2;", "1:9 a text is not closed");
        hints(f, "The quote in column 20 is a typographic one");
        refused(f, "title = „EU“;", "1:9 a typographic quote");
        refused(f, "title = 'EU';", "1:9 a single quote");
        assert_string_equal(conf_text(conf_get(parse(f, "a = \"“quoted”\";"), "a")), "“quoted”");
}

static void conf__names_wide_punctuation(void **state)
{
        refused(*state, "a ＝ 5；\nb = （1，2）；", "1:3 a wide \"=\"\n1:6 a wide \";\"\n2:5 a wide \"(\"\n"
                        "2:7 a wide \",\"\n2:9 a wide \")\"\n2:10 a wide \";\"");
        hints(*state, "keyboard");
}

static void conf__names_a_missing_semicolon(void **state)
{
        struct fixture *f = *state;
        refused(f, "a = 1\nb = 2;", "1:6 \";\" is missing");
        hints(f, "semicolon");
        refused(f, "a = \"x\" b = 2;", "1:8 \";\" is missing");
        refused(f, "a = { b = 1 };", "1:12 \";\" is missing");
        refused(f, "a = 1", "1:6 \";\" is missing");
        refused(f, "a = ( 1 )\n\n\nb = 2;", "1:10 \";\" is missing");
        refused(f, "size = 10 \"GiB\";", "1:11 this does not belong here, or \";\" is missing before it");
}

static void conf__names_texts_in_a_row(void **state)
{
        struct fixture *f = *state;
        refused(f, "what = [\"email\" \"phone\"];", "1:17 a text follows another text");
        hints(f, "[\"one\", \"two\"]");
        refused(f, "a = \"x\"\n    \"y\";\nb = 1", "2:5 a text follows another text\n3:6 \";\" is missing");
}

static void conf__names_a_missing_comma(void **state)
{
        struct fixture *f = *state;
        refused(f, "a = [1 2];", "1:7 \",\" is missing");
        refused(f, "a = ( { b = 1; } { b = 2; } );", "1:17 \",\" is missing");
        refused(f, "a = ( { b = 1; }; { b = 2; } );", "1:17 a \";\" where a \",\" should stand");
        refused(f, "a = (1,,2);", "1:8 a value is missing");
        refused(f, "a = [,];", "1:6 a value is missing");
}

static void conf__names_an_unclosed_text_where_it_begins(void **state)
{
        struct fixture *f = *state;
        refused(f, "a = \"x;\nb = 1;\nc = 2", "1:5 a text is not closed\n3:6 \";\" is missing");
        refused(f, "what = [\"email, \"phone\"];\nb = 1;", "1:23 a text is not closed");
        refused(f, "a = \"", "1:5 a text is not closed");
        refused(f, "a = \"x\\", "1:7 an escape that is not known here\n1:5 a text is not closed");
        refused(f, "a = \"x\\\"", "1:5 a text is not closed");
}

static void conf__knows_few_escapes_and_says_so(void **state)
{
        struct fixture *f = *state;
        const struct conf_node *root = parse(f, "a = \"q\\\" b\\\\ n\\n t\\t r\\r f\\f\";");
        assert_string_equal(conf_text(conf_get(root, "a")), "q\" b\\ n\n t\t r\r f\f");
        refused(f, "a = \"caf\\u00e9\";", "1:9 an escape that is not known here");
        hints(f, "UTF-8");
        refused(f, "a = \"\\x00\";", "1:6 an escape that is not known here");
        refused(f, "a = \"C:\\dir\";", "1:8 an escape that is not known here");
        hints(f, "\\\\ for a backslash");
}

static void conf__follows_no_include(void **state)
{
        struct fixture *f = *state;
        refused(f, "a = 1;\n@include \"/etc/passwd\"\nb = 2", "2:1 @include and the like are not followed\n"
                   "3:6 \";\" is missing");
        assert_int_equal(conf_count(parse(f, "# @include \"/etc/passwd\"\na = \"@include\";")), 1);
}

static void conf__names_keys_with_dots(void **state)
{
        struct fixture *f = *state;
        refused(f, "bootstrap.servers = \"x:1\";", "1:1 a name cannot have a dot");
        hints(f, "{ set = \"bootstrap.servers\"; to = \"...\"; }");
        refused(f, "größe = 1;", "1:1 neither a name nor a text");
        refused(f, "_a = 1;", "1:1 neither a name nor a text");
}

static void conf__names_bare_words(void **state)
{
        struct fixture *f = *state;
        refused(f, "do = mask;", "1:6 a text without quotes");
        hints(f, "Write \"mask\".");
        refused(f, "title = EU and EEA;\nb = [x, y];", "1:9 a text without quotes\n2:6 a text without quotes");
        refused(f, "on = yes;", "1:6 a text without quotes");
        hints(f, "Write true.");
}

static void conf__names_settings_that_come_twice(void **state)
{
        struct fixture *f = *state;
        refused(f, "a = 1;\nb = { a = 2; };\na = 3;\nb = 4;",
                "3:1 \"a\" is set twice\n4:1 \"b\" is set twice");
        hints(f, "line 1");
        refused(f, "l = ( { x = 1; x = 2; } );", "1:16 \"x\" is set twice");
        parse(f, "l = ( { x = 1; }, { x = 2; } ); X = 1; x = 1;");
}

static void conf__names_brackets_that_do_not_fit(void **state)
{
        struct fixture *f = *state;
        refused(f, "a = { b = 1;\nc = 2;", "1:5 \"{\" is never closed with \"}\"");
        refused(f, "a = ( 1, 2\nb = 3;", "2:1 \")\" is missing before this");
        hints(f, "line 1, column 5");
        refused(f, "a = ( { b = 1; );\nc = 2;", "1:16 \"}\" is missing before this");
        refused(f, "a = [ 1, 2 );\nc = 2;", "1:12 \"]\" is missing before this");
        refused(f, "a = 1; }\nb = 2;", "1:8 this bracket closes nothing");
        refused(f, "/* a = 1;", "1:1 a comment that begins with /* is not closed");
}

static void conf__names_what_does_not_fit_an_array(void **state)
{
        struct fixture *f = *state;
        refused(f, "a = [1, 2.0];", "1:9 the values in [ ] are of different kinds");
        refused(f, "a = [\"x\", 1];", "1:11 the values in [ ] are of different kinds");
        refused(f, "a = [ { b = 1; } ];", "1:7 [ ] holds plain values only");
}

static void conf__names_half_settings(void **state)
{
        struct fixture *f = *state;
        refused(f, "a = ;\nb = 1;", "1:4 a value is missing");
        refused(f, "a = = 5;\nb = 1;", "1:4 a value is missing");
        refused(f, "a = b = 5;", "1:4 a value is missing");
        refused(f, "a\nb = 5;", "1:2 \"=\" and a value is missing");
        refused(f, "a 5;", "1:2 \"=\" is missing");
        refused(f, "a { b = 1; };", "1:2 \"=\" is missing");
        refused(f, "= 5;\nb = 1;", "1:1 a name should stand here");
        refused(f, "true = 5;", "1:1 a value stands where a name should");
        refused(f, "a = $x;", "1:5 a stray character \"$\"\n1:6 a text without quotes");
}

static void conf__tells_all_errors_of_a_file_at_once(void **state)
{
        refused(*state,
                "title = “EU”;\nversion = 4\nlaw = \"x\";\nwhat = [\"a\" \"b\"];\nopen = \"abc;\n"
                "esc = \"\\u00e9\";\nk.dot = 1;\nlaw = \"y\";\nkeep = { raw = \"1 year\" };\n",
                "1:9 a typographic quote\n5:8 a text is not closed\n6:8 an escape that is not known here\n"
                "7:1 a name cannot have a dot\n2:12 \";\" is missing\n4:13 a text follows another text\n"
                "9:24 \";\" is missing\n8:1 \"law\" is set twice");
}

static void conf__refuses_what_reads_otherwise_than_it_looks(void **state)
{
        struct fixture *f = *state;
        assert_false(parse_n(f, slice_make("a = 1;\nb\0 = 2;", 14)));
        assert_int_equal(report_at(f->report, 0)->line, 2);
        assert_int_equal(report_at(f->report, 0)->column, 2);
        refused(f, "a = 1; # \xe2\x80\xae;2 = b",
                "1:10 an invisible character that changes how the file reads");
        refused(f, "# x\xe2\x80\xa8" "a = 1;", "1:4 an invisible character that changes how the file reads");
        refused(f, "a = \"x\xe2\x81\xa6\";", "1:7 an invisible character that changes how the file reads");
        refused(f, "a = \"x\x01\";", "1:7 a control character stands in a text");
        refused(f, "a = 1;\n\x0c", "2:1 an invisible control character");
        refused(f, "a = \"caf\xe9\";", "1:9 not UTF-8");
        hints(f, "UTF-8");
        assert_false(parse_n(f, slice_make("\xff\xfe" "a\0=\0", 6)));
        assert_non_null(strstr(report_at(f->report, 0)->text, "UTF-16"));
}

static void conf__lists_what_is_not_yet_enforced(void **state)
{
        struct fixture *f = *state;
        int line = 0;
        parse(f, "# not yet: counters of people  \na = 1; // Not Yet: b\n#not yet:c\n# is not yet: d\n"
                 "b = \"# not yet: e\";\n/* not yet: f */");
        assert_string_equal(conf_not_yet(f->conf, 0, &line), "counters of people");
        assert_int_equal(line, 1);
        assert_string_equal(conf_not_yet(f->conf, 1, &line), "b");
        assert_int_equal(line, 2);
        assert_string_equal(conf_not_yet(f->conf, 2, NULL), "c");
        assert_null(conf_not_yet(f->conf, 3, NULL));
}

static void conf__is_bounded(void **state)
{
        struct fixture *f = *state;
        struct buf b;
        buf_init(&b, 5 << 20);
        for (int i = 0; i < 100; i++)
                buf_puts(&b, "a = { ");
        parse_n(f, buf_slice(&b));
        assert_string_equal(report_at(f->report, 0)->text, "nested too deeply");
        buf_reset(&b);
        for (int i = 0; i < 100000; i++)
                buf_puts(&b, "((((");
        assert_false(parse_n(f, buf_slice(&b)));
        buf_reset(&b);
        for (int i = 0; i < 2100; i++)
                buf_printf(&b, "a%d = 1;\n", i);
        assert_false(parse_n(f, buf_slice(&b)));
        assert_non_null(strstr(report_at(f->report, 0)->text, "more than 2000 settings"));
        buf_reset(&b);
        buf_puts(&b, "a = [");
        for (int i = 0; i < 100000; i++)
                buf_printf(&b, "\"%d\",\n", i);
        buf_puts(&b, "];");
        parse(f, b.p);
        buf_reset(&b);
        for (int i = 0; i < 1100000; i++)
                buf_puts(&b, "a ");
        assert_false(parse_n(f, buf_slice(&b)));
        buf_reset(&b);
        memset(buf_reserve(&b, (4 << 20) + 1), ' ', (4 << 20) + 1);
        b.n = (4 << 20) + 1;
        assert_false(parse_n(f, buf_slice(&b)));
        assert_non_null(strstr(report_at(f->report, 0)->text, "4 MiB"));
        buf_clear(&b);
}

static void conf__is_loaded_from_a_file(void **state)
{
        struct fixture *f = *state;
        char *folder = folder_new();
        const char *path = under(folder, "r.cfg");
        f->report = report_new();
        assert_false(conf_load(&f->conf, path, f->report));
        assert_string_equal(report_at(f->report, 0)->file, path);
        forget(f);
        FILE *file = fopen(path, "w");
        fputs("a = 1;\n", file);
        fclose(file);
        f->report = report_new();
        assert_true(conf_load(&f->conf, path, f->report));
        conf_complain(f->report, conf_get(conf_root(f->conf), "a"), REPORT_ERROR, "Hint.", "odd %d", 1);
        assert_string_equal(report_at(f->report, 0)->file, path);
        assert_int_equal(report_at(f->report, 0)->line, 1);
        conf_complain(f->report, NULL, REPORT_ERROR, NULL, "nowhere");
        folder_free(folder);
}

/* A sieve: whatever is damaged, there is an answer, and libconfig never disagrees. */
static void conf__survives_damage(void **state)
{
        struct fixture *f = *state;
        const char *seed = "a = \"x\\n\"; b = [1, 2,]; # c\nl = ( { k = -5; t = true; }, 2.5, );\n"
                           "/* z */ g = { h = { i = \"\xe6\xbc\xa2\"; }; };\n";
        static const char alphabet[] = "=;,()[]{}\"\\#/*@.-+0aZ_ \n\r\t\x80\xe2'";
        size_t n = strlen(seed);
        char text[200];
        uint32_t random = 7;
        for (int round = 0; round < 20000; round++) {
                memcpy(text, seed, n);
                for (int k = 0; k < 1 + round % 3; k++) {
                        random = random * 1664525 + 1013904223;
                        text[(random >> 8) % n] = alphabet[(random >> 20) % (sizeof alphabet - 1)];
                }
                if (parse_n(f, slice_make(text, n)))
                        continue;
                for (size_t i = 0; i < report_size(f->report); i++)
                        if (report_at(f->report, i)->column == 0)
                                fail_msg("%s: of %.*s", report_at(f->report, i)->text, (int)n, text);
        }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, finish)

static void conf__names_what_is_no_text_at_all(void **state)
{
        static const struct {
                struct slice bytes;
                const char *what;
        } files[] = {
                { { "PK\3\4\x14\0\6\0", 8 }, "Word document" },
                { { "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\0\0\0\0\0\0\0\0\0\0", 18 }, "old Word document" },
                { { "{\\rtf1\\ansi a = 1;}", 19 }, "RTF" },
                { { "%PDF-1.7", 8 }, "PDF" },
                { { "\xef\xbb\xbf<HTML>", 9 }, "web page" },
                { { "a\0 \0=\0 \0" "1\0;\0\n\0b\0", 16 }, "UTF-16" },
                { { "\0a\0 \0=\0 \0" "1\0;\0\n\0b", 16 }, "UTF-16" },
        };
        struct fixture *f = *state;
        for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
                assert_false(parse_n(f, files[i].bytes));
                assert_int_equal(report_size(f->report), 1);
                if (!strstr(report_at(f->report, 0)->text, files[i].what))
                        fail_msg("%s is not said, but: %s", files[i].what, report_at(f->report, 0)->text);
                hints(f, "plain text in UTF-8");
        }
        refused(f, "sub\xe2\x80\x8bject = 1;", "1:1 an invisible character stands in a name");
}

static void conf__tells_one_slip_a_few_times(void **state)
{
        struct fixture *f = *state;
        refused(f, "a = 1；\nb = 1；\nc = 1；\nd = 1；\ne = 1；\nf = 1；\ng = 1；\n",
                "1:6 a wide \";\"\n2:6 a wide \";\"\n3:6 a wide \";\"\n4:6 a wide \";\"\n5:0 a wide \";\": 3 more of these from here on");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                TEST(conf__becomes_a_tree_with_places),
                TEST(conf__that_is_empty_is_an_empty_group),
                TEST(conf__takes_what_editors_and_hands_leave),
                TEST(conf__counts_columns_in_characters),
                TEST(conf__reads_whole_numbers_of_64_bits),
                TEST(conf__names_typographic_quotes),
                TEST(conf__names_wide_punctuation),
                TEST(conf__names_a_missing_semicolon),
                TEST(conf__names_texts_in_a_row),
                TEST(conf__names_a_missing_comma),
                TEST(conf__names_an_unclosed_text_where_it_begins),
                TEST(conf__knows_few_escapes_and_says_so),
                TEST(conf__follows_no_include),
                TEST(conf__names_keys_with_dots),
                TEST(conf__names_bare_words),
                TEST(conf__names_settings_that_come_twice),
                TEST(conf__names_brackets_that_do_not_fit),
                TEST(conf__names_what_does_not_fit_an_array),
                TEST(conf__names_half_settings),
                TEST(conf__tells_all_errors_of_a_file_at_once),
                TEST(conf__refuses_what_reads_otherwise_than_it_looks),
                TEST(conf__names_what_is_no_text_at_all),
                TEST(conf__tells_one_slip_a_few_times),
                TEST(conf__lists_what_is_not_yet_enforced),
                TEST(conf__is_bounded),
                TEST(conf__is_loaded_from_a_file),
                TEST(conf__survives_damage),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
