/* CSV and NDJSON files -> records, whatever the pieces they come in. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "source/source.h"

enum { ROWS_MAX = 64 };

/* What came out of a file: a line of text a record, so that tests can be read. */
struct got {
        int64_t line;
        char text[512]; /* canonical JSON, or "refused: why" */
};
static struct got got[ROWS_MAX];
static size_t n_got;
static size_t stop_after;

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
        stop_after = SIZE_MAX;
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

/* One folder source with these options. */
static const struct source *folder(const char *options)
{
        char text[4096];
        snprintf(text, sizeof text, "sources = ( { name = \"csv\"; type = \"folder\"; %s } );", options);
        if (!conf_parse(&conf, "r.cfg", slice_of(text), report) ||
            !sources_read(sources, &n_sources, conf_get(conf_root(conf), "sources"), report)) {
                report_print(report, stderr);
                fail();
        }
        return &sources[0];
}

static bool keep(void *ctx, int64_t line, const struct record *record, const struct err *why)
{
        struct buf b;
        (void)ctx;
        assert_true(n_got < ROWS_MAX);
        buf_init(&b, 1 << 20);
        if (record)
                record_format(record, &b);
        else
                buf_printf(&b, "refused: %s", why->text);
        got[n_got].line = line;
        snprintf(got[n_got].text, sizeof got[n_got].text, "%s", b.p);
        buf_clear(&b);
        return ++n_got < stop_after;
}

static uint64_t unmapped;

static bool read_in_pieces(const struct source *s, const char *format, struct slice file, size_t piece,
                           struct err *err)
{
        struct reader *r = reader_new(s, format, keep, NULL, err);
        bool ok = true;
        n_got = 0;
        assert_non_null(r);
        for (size_t i = 0; i < file.n && ok; i += piece) {
                size_t n = file.n - i < piece ? file.n - i : piece;
                char *copy = malloc(n); /* its own, so that the sanitizer sees borrowing */
                memcpy(copy, file.p + i, n);
                ok = reader_put(r, (struct slice){ copy, n }, err);
                free(copy);
        }
        ok = ok && reader_finish(r, err);
        unmapped = reader_unmapped(r);
        reader_free(r);
        return ok;
}

/* The same in every size of piece. */
static void read_all(const struct source *s, const char *format, struct slice file)
{
        struct got first[ROWS_MAX];
        for (size_t piece = 1; piece <= file.n; piece++) {
                struct err err = ERR_INIT;
                if (!read_in_pieces(s, format, file, piece, &err))
                        fail_msg("%s", err.text);
                if (piece == 1)
                        memcpy(first, got, sizeof got);
                for (size_t i = 0; i < n_got; i++) {
                        assert_string_equal(got[i].text, first[i].text);
                        assert_int_equal(got[i].line, first[i].line);
                }
        }
}

static void says(size_t i, int64_t line, const char *part)
{
        assert_true(i < n_got);
        assert_int_equal(got[i].line, line);
        if (!strstr(got[i].text, part))
                fail_msg("row %zu: expected %s in %s", i, part, got[i].text);
}

#define OPTIONS                                                                                              \
        "kind = \"feedback\"; columns = ( { column = \"E-Mail\"; field = \"author.email\"; },"               \
        "{ column = \"Was sagen Sie?\"; field = \"body\"; }, { column = \"Note\"; field = \"rating\"; },"    \
        "{ column = \"Wann\"; field = \"occurred_at\"; }, { column = \"Themen\"; field = \"tags\"; split = " \
        "\"/\"; },"                                                                                          \
        "{ column = \"Plan\"; field = \"attributes.plan\"; optional = true; } );"                            \
        "id_from = [\"E-Mail\", \"Event\"]; time_format = \"%d.%m.%Y %H:%M\"; timezone = \"Europe/Berlin\";" \
        "delimiter = \";\"; product = \"db\"; lang = \"de\";"                                                \
        "values = ( { field = \"rating\"; from = \"sehr gut\"; to = \"10\"; } );"                            \
        "consent = { column = \"Kontakt?\"; yes = [\"Ja\"]; purpose = \"contact\"; separate = true; };"

#define HEADER                                                                                               \
        "\xef\xbb\xbf"                                                                                       \
        "E-Mail;Event; was sagen sie? ;Note;Wann;Themen;Kontakt?;Schuhe\r\n"

static void csv__maps_columns_as_the_operator_says(void **state)
{
        const struct source *s = folder(OPTIONS);
        (void)state;
        read_all(s, "csv",
                 SLICE(HEADER "a@b.example;Meetup;\"Gut; \"\"sehr\"\"\r\nmehr\";sehr gut;"
                              "01.07.2026 14:30;x / y ;ja;44\r\n"
                              "\r\n"
                              "c@d.example;Meetup;ok;7;01.12.2026 14:30;;nein;44"));
        assert_int_equal(n_got, 2);
        says(0, 2,
             "{\"id\":\"11:a@b.example,6:Meetup\",\"kind\":\"feedback\","
             "\"body\":\"Gut; \\\"sehr\\\"\\nmehr\",\"lang\":\"de\",\"product\":\"db\",\"rating\":10,"
             "\"tags\":[\"x\",\"y\"],\"author\":{\"email\":\"a@b.example\"},"
             "\"consent\":[{\"purpose\":\"contact\",\"given_at\":\"2026-07-01T12:30:00Z\",\"separate\":true,"
             "\"evidence\":\"Kontakt?\"}],\"occurred_at\":\"2026-07-01T12:30:00Z\"}");
        says(1, 5,
             "\"rating\":7,\"author\":{\"email\":\"c@d.example\"},\"occurred_at\":\"2026-12-01T13:30:00Z\"}");
        assert_int_equal(unmapped, 1); /* shoes */
}

static void csv__refuses_rows_by_line_and_reads_on(void **state)
{
        const struct source *s = folder(OPTIONS);
        (void)state;
        read_all(s, "csv",
                 SLICE(HEADER "a@b.example;M;x;7;01.07.2026 14:30;;;\n"
                              "a@b.example;M;x;7;01.07.2026 14:30;;\n"
                              "a@b.example;M;x;77;01.07.2026 14:30;;;\n"
                              "a@b.example;M;x;7;2026-07-01;;;\n"
                              "a@b.example;M;x;7;;;;\n"
                              ";M;x;7;01.07.2026 14:30;;;\n"
                              "a@b.example;M;\"x\"y;7;01.07.2026 14:30;;;\n"
                              "a@b.example;M;\xff;7;01.07.2026 14:30;;;\n"
                              "c@d.example;M;x;7;01.07.2026 14:30;;;\n"
                              "e@f.example;M;\"x;7;01.07.2026 14:30;;;\n"));
        assert_int_equal(n_got, 10);
        says(0, 2, "a@b.example");
        says(1, 3, "refused: row has 7 columns, the header 8");
        says(2, 4, "refused: \"rating\" is not a number from 0 to 10");
        says(3, 5, "refused: \"occurred_at\" is not a time");
        says(4, 6, "refused: \"occurred_at\" is empty");
        says(5, 7, "refused: column 1 of \"id_from\" is empty");
        says(6, 8, "refused: text stands after a closing quote");
        says(7, 9, "refused: \"body\" is not valid UTF-8");
        says(8, 10, "c@d.example");
        says(9, 11, "refused: a quote is opened here and never closed");
        for (size_t i = 1; i < n_got; i++)
                if (i != 8)
                        assert_null(strstr(got[i].text, "example"));
}

static void csv__takes_fields_by_their_own_names(void **state)
{
        const struct source *s = folder("");
        (void)state;
        read_all(s, "csv",
                 SLICE("id,Kind,occurred_at,author.country,attributes.shoe,mood,revision,deleted\n"
                       "1,Event,2026-01-01T00:00:00+01:00,jp,44,?,2026-01-02,true\r"
                       "2,lead,2026-01-01,,,,17,\n"));
        assert_int_equal(n_got, 2);
        says(0, 2,
             "\"author\":{\"country\":\"JP\"},\"attributes\":{\"shoe\":\"44\"},"
             "\"occurred_at\":\"2025-12-31T23:00:00Z\",\"revision\":1767312000000000,\"deleted\":true}");
        says(1, 3,
             "{\"id\":\"2\",\"kind\":\"lead\",\"occurred_at\":\"2026-01-01T00:00:00Z\",\"revision\":17}");
        assert_int_equal(unmapped, 1);
}

static void csv__tells_rows_apart_by_content_and_count(void **state)
{
        const struct source *s = folder("kind = \"event\"; id = \"row\";");
        char ids[3][128];
        struct err err = ERR_INIT;
        (void)state;
        read_all(s, "csv", SLICE("occurred_at,body\n2026-01-01,x\n2026-01-01,y\n2026-01-01,x\n"));
        assert_int_equal(n_got, 3);
        for (size_t i = 0; i < 3; i++) {
                snprintf(ids[i], sizeof ids[i], "%.60s", got[i].text);
                *strchr(ids[i], ',') = 0;
        }
        assert_string_not_equal(ids[0], ids[1]);
        says(2, 4, "/2\"");
        /* Grown and saved by another program: the old rows keep their ids. */
        struct slice grown =
                SLICE("occurred_at,body\r\n2026-01-01,new\r\n2026-01-01,\"x\"\r\n2026-01-01,y\r\n"
                      "2026-01-01,x\r\n");
        assert_true(read_in_pieces(s, "csv", grown, grown.n, &err));
        assert_int_equal(n_got, 4);
        for (size_t i = 0; i < 3; i++)
                assert_memory_equal(got[i + 1].text, ids[i], strlen(ids[i]));
}

static void csv__joins_id_columns_without_doubt(void **state)
{
        const struct source *s = folder("kind = \"event\"; id_from = [\"a\", \"b\"]; ");
        (void)state;
        read_all(s, "csv", SLICE("occurred_at,a,b\n2026-01-01,x,\"y,1:z\"\n2026-01-01,\"x,1:y\",z\n"));
        assert_int_equal(n_got, 2);
        says(0, 2, "\"id\":\"1:x,5:y,1:z\"");
        says(1, 3, "\"id\":\"5:x,1:y,1:z\"");
}

static void csv__refuses_a_file_that_cannot_be_matched(void **state)
{
        static const struct {
                const char *options, *file, *why;
        } cases[] = {
                { OPTIONS, "E-Mail;Event\n", "the header lacks the column \"Was sagen Sie?\"" },
                { OPTIONS, "E-Mail,Event\n", "columns are parted by \",\", not by \";\"" },
                { OPTIONS, "E-Mail\tEvent\n", "columns are parted by tabs" },
                { OPTIONS, HEADER "", "" },
                { OPTIONS, "", "file has no header" },
                { "kind = \"event\";", "occurred_at\n2026-01-01\n", "no column gives \"id\"" },
                { "kind = \"event\";", "id,body\n1,x\n", "no column gives \"occurred_at\"" },
                { "", "id,occurred_at\n1,2026-01-01\n", "no column gives \"kind\"" },
                { "kind = \"event\";", "id,occurred_at,ID\n1,2026-01-01,2\n", "the header has twice the column \"id\"" },
                { "kind = \"event\";", "id,occurred_at,\xe4\xff\xfd\n1,2026-01-01,2\n", "cannot tell in which encoding" },
                { "kind = \"event\"; encoding = \"utf-8\";", "id,occurred_at,\xe4\n", "the header is not UTF-8" },
                { "kind = \"event\";", "\xff\xfei", "line 1 is not utf-16le, as the file looked to be: its byte order" },
                { "kind = \"event\"; encoding = \"sjis\";", "id,occurred_at\n1,\x82\xa0\n2,\x82\x20",
                  "line 3 is not shift_jis, as \"encoding\" says" },
        };
        (void)state;
        for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
                struct err err = ERR_INIT;
                const struct source *s = folder(cases[i].options);
                bool ok = read_in_pieces(s, "csv", slice_of(cases[i].file), 5, &err);
                assert_int_equal(ok, cases[i].why[0] == 0);
                if (!ok)
                        assert_int_equal(err.kind, ERR_DATA);
                if (!strstr(err.text, cases[i].why))
                        fail_msg("case %zu: %s", i, err.text);
                assert_true(n_got == 0 || strstr(err.text, "line 3"));
                source_clear(&sources[0]);
                conf_free(conf);
                conf = NULL;
                n_sources = 0;
        }
}

static void csv__has_ceilings_for_rows_and_columns(void **state)
{
        const struct source *s = folder("kind = \"event\";");
        struct buf b;
        struct err err = ERR_INIT;
        (void)state;
        buf_init(&b, 8 << 20);
        buf_puts(&b, "id,occurred_at,body\n1,2026-01-01,\"");
        while (b.n < 3 << 20)
                buf_puts(&b, "0123456789,\n5678\r\n");
        buf_puts(&b, "\"\n2,2026-01-01,");
        for (int i = 0; i < 1100; i++)
                buf_putc(&b, ',');
        buf_puts(&b, "\n3,2026-01-01,x\n");
        assert_true(read_in_pieces(s, "csv", buf_slice(&b), 65536, &err));
        assert_int_equal(n_got, 3);
        says(0, 2, "refused: row is over 1048576 bytes");
        assert_non_null(strstr(got[1].text, "refused: row has over 1024 columns"));
        assert_non_null(strstr(got[2].text, "\"id\":\"3\""));
        buf_clear(&b);
}

static void ndjson__reads_lines_and_refuses_bad_ones(void **state)
{
        const struct source *s = folder("kind = \"event\"; lang = \"en\";");
        (void)state;
        read_all(s, "ndjson",
                 SLICE("\xef\xbb\xbf{\"id\":\"1\",\"occurred_at\":\"2026-01-01T00:00:00Z\",\"x\":1}\r\n"
                       "\n"
                       "{\"id\":\n"
                       "{\"id\":\"2\",\"kind\":\"lead\",\"occurred_at\":\"2026-01-01T00:00:00Z\"}"));
        assert_int_equal(n_got, 3);
        says(0, 1, "\"kind\":\"event\",\"lang\":\"en\"");
        says(1, 3, "refused: ");
        says(2, 4, "\"kind\":\"lead\"");
        assert_int_equal(unmapped, 1);
}

static void ndjson__refuses_a_line_that_is_too_long_once(void **state)
{
        const struct source *s = folder("");
        struct buf b;
        (void)state;
        buf_init(&b, 8 << 20);
        buf_puts(&b, "{\"id\":\"1\",\"kind\":\"event\",\"occurred_at\":\"2026-01-01T00:00:00Z\",\"body\":\"");
        while (b.n < 3 << 20)
                buf_puts(&b, "0123456789");
        buf_puts(&b, "\"}\n{\"id\":\"2\",\"kind\":\"event\",\"occurred_at\":\"2026-01-01T00:00:00Z\"}\n");
        for (size_t piece = 4096; piece <= b.n; piece = piece * 16 < b.n || piece == b.n ? piece * 16 : b.n) {
                struct err err = ERR_INIT;
                assert_true(read_in_pieces(s, "ndjson", buf_slice(&b), piece, &err));
                assert_int_equal(n_got, 2);
                says(0, 1, "refused: record is over 1048576 bytes");
                says(1, 2, "\"id\":\"2\"");
        }
        buf_clear(&b);
}

static void reader__stops_when_asked(void **state)
{
        static const char *const formats[] = { "csv", "ndjson" };
        const struct source *s = folder("kind = \"event\";");
        (void)state;
        for (int i = 0; i < 2; i++) {
                struct err err = ERR_INIT;
                stop_after = 1;
                struct slice file =
                        i ? SLICE("{}\n{}\n{}\n") : SLICE("id,occurred_at\n1,2026-01-01\n2,2026-01-01\n");
                assert_false(read_in_pieces(s, formats[i], file, file.n, &err));
                assert_int_equal(err.kind, ERR_BUSY);
                assert_int_equal(n_got, 1);
        }
}

static void reader__knows_two_formats(void **state)
{
        struct err err = ERR_INIT;
        const struct source *s = folder("kind = \"event\";");
        (void)state;
        assert_null(reader_new(s, "xlsx", keep, NULL, &err));
        assert_int_equal(err.kind, ERR_DATA);
        assert_non_null(strstr(err.hint, ".csv"));
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
        const struct CMUnitTest tests[] = {
                T(csv__maps_columns_as_the_operator_says),
                T(csv__refuses_rows_by_line_and_reads_on),
                T(csv__takes_fields_by_their_own_names),
                T(csv__tells_rows_apart_by_content_and_count),
                T(csv__joins_id_columns_without_doubt),
                T(csv__refuses_a_file_that_cannot_be_matched),
                T(csv__has_ceilings_for_rows_and_columns),
                T(ndjson__reads_lines_and_refuses_bad_ones),
                T(ndjson__refuses_a_line_that_is_too_long_once),
                T(reader__stops_when_asked),
                T(reader__knows_two_formats),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
