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
                { "kind = \"event\"; id_from = [\" \"];", "occurred_at,body,\n2026-01-01,x\n",
                  "the header lacks the column \"\"" }, /* in no cell that rows need not have */
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

#define JA                                                                                              \
        "kind = \"event\"; timezone = \"Asia/Tokyo\"; time_format = \"auto\"; columns = ("              \
        "{ column = \"番号\"; field = \"id\"; }, { column = \"日時\"; field = \"occurred_at\"; },"      \
        "{ column = \"意見\"; field = \"body\"; } );"
#define ZH                                                                                              \
        "kind = \"event\"; timezone = \"Asia/Tokyo\"; time_format = \"auto\"; columns = ("              \
        "{ column = \"编号\"; field = \"id\"; }, { column = \"时间\"; field = \"occurred_at\"; },"      \
        "{ column = \"意见\"; field = \"body\"; } );"
#define DE                                                                                              \
        "kind = \"event\"; timezone = \"Asia/Tokyo\"; time_format = \"auto\"; columns = ("              \
        "{ column = \"Nr.\"; field = \"id\"; }, { column = \"Wann\"; field = \"occurred_at\"; },"       \
        "{ column = \"Was?\"; field = \"body\"; } );"

/* Another source in the same test. */
static void again(void)
{
        source_clear(&sources[0]);
        conf_free(conf);
        conf = NULL;
        n_sources = 0;
}

static bool count_only(void *ctx, int64_t line, const struct record *record, const struct err *why)
{
        (void)ctx;
        return line > 0 && (record || why);
}

/* The same words, whatever Excel made of them; in pieces of every size. */
static void files__are_read_in_the_encodings_that_excel_writes(void **state)
{
        static const struct {
                const char *columns;
                struct slice file;
                size_t rows;
                const char *says;
        } files[] = {
                { JA,
                  { "\x94\xd4\x8d\x86\x2c\x93\xfa\x8e\x9e\x2c\x88\xd3\x8c\xa9\x0d\x0a\x31\x2c\x32\x30\x32\x36\x94\x4e\x31\x31\x8c\x8e\x32\x30"
                      "\x93\xfa\x20\x31\x34\x8e\x9e\x30\x35\x95\xaa\x2c\x8e\xe6\x82\xe8\x8d\x9e\x82\xdd\x82\xaa\x92\x78\x82\xa2\x0d\x0a\x32\x2c"
                      "\x32\x30\x32\x36\x2f\x31\x31\x2f\x32\x31\x2c\x22\x88\xea\x8d\x73\x96\xda\x0a\x93\xf1\x8d\x73\x96\xda\x22\x0d\x0a", 88 }, 2,
                  "取り込みが遅い" },
                { JA,
                  { "\xff\xfe\x6a\x75\xf7\x53\x09\x00\xe5\x65\x42\x66\x09\x00\x0f\x61\x8b\x89\x0d\x00\x0a\x00\x31\x00\x09\x00\x32\x00\x30\x00"
                      "\x32\x00\x36\x00\x74\x5e\x31\x00\x31\x00\x08\x67\x32\x00\x30\x00\xe5\x65\x20\x00\x31\x00\x34\x00\x42\x66\x30\x00\x35\x00"
                      "\x06\x52\x09\x00\xd6\x53\x8a\x30\xbc\x8f\x7f\x30\x4c\x30\x45\x90\x44\x30\x0d\x00\x0a\x00\x32\x00\x09\x00\x32\x00\x30\x00"
                      "\x32\x00\x36\x00\x2f\x00\x31\x00\x31\x00\x2f\x00\x32\x00\x31\x00\x09\x00\x22\x00\x00\x4e\x4c\x88\xee\x76\x0a\x00\x8c\x4e"
                      "\x4c\x88\xee\x76\x22\x00\x0d\x00\x0a\x00", 130 }, 2,
                  "取り込みが遅い" },
                { JA,
                  { "\x75\x6a\x53\xf7\x00\x2c\x65\xe5\x66\x42\x00\x2c\x61\x0f\x89\x8b\x00\x0d\x00\x0a\x00\x31\x00\x2c\x00\x32\x00\x30\x00\x32"
                      "\x00\x36\x5e\x74\x00\x31\x00\x31\x67\x08\x00\x32\x00\x30\x65\xe5\x00\x20\x00\x31\x00\x34\x66\x42\x00\x30\x00\x35\x52\x06"
                      "\x00\x2c\x53\xd6\x30\x8a\x8f\xbc\x30\x7f\x30\x4c\x90\x45\x30\x44\x00\x0d\x00\x0a\x00\x32\x00\x2c\x00\x32\x00\x30\x00\x32"
                      "\x00\x36\x00\x2f\x00\x31\x00\x31\x00\x2f\x00\x32\x00\x31\x00\x2c\x00\x22\x4e\x00\x88\x4c\x76\xee\x00\x0a\x4e\x8c\x88\x4c"
                      "\x76\xee\x00\x22\x00\x0d\x00\x0a", 128 }, 2,
                  "取り込みが遅い" },
                { JA,
                  { "\xc8\xd6\xb9\xe6\x2c\xc6\xfc\xbb\xfe\x2c\xb0\xd5\xb8\xab\x0d\x0a\x31\x2c\x32\x30\x32\x36\xc7\xaf\x31\x31\xb7\xee\x32\x30"
                      "\xc6\xfc\x20\x31\x34\xbb\xfe\x30\x35\xca\xac\x2c\xbc\xe8\xa4\xea\xb9\xfe\xa4\xdf\xa4\xac\xc3\xd9\xa4\xa4\x0d\x0a\x32\x2c"
                      "\x32\x30\x32\x36\x2f\x31\x31\x2f\x32\x31\x2c\x22\xb0\xec\xb9\xd4\xcc\xdc\x0a\xc6\xf3\xb9\xd4\xcc\xdc\x22\x0d\x0a", 88 }, 2,
                  "取り込みが遅い" },
                { ZH,
                  { "\xb1\xe0\xba\xc5\x2c\xca\xb1\xbc\xe4\x2c\xd2\xe2\xbc\xfb\x0a\x31\x2c\x32\x30\x32\x36\xc4\xea\x31\x31\xd4\xc2\x32\x30\xc8"
                      "\xd5\x20\x31\x34\x3a\x30\x35\x2c\xb5\xbc\xc8\xeb\xba\xdc\xc2\xfd\xa3\xac\xcf\xa3\xcd\xfb\xb8\xfc\xbf\xec\x0a", 57 }, 1,
                  "导入很慢，希望更快" },
                { DE,
                  { "\x4e\x72\x2e\x3b\x57\x61\x6e\x6e\x3b\x57\x61\x73\x3f\x0d\x0a\x31\x3b\x32\x30\x2e\x31\x31\x2e\x32\x30\x32\x36\x20\x31\x34"
                      "\x3a\x30\x35\x3b\x47\x72\xf6\xdf\x65\x72\x65\x20\xdc\x62\x65\x72\x73\x69\x63\x68\x74\x20\x66\xfc\x72\x20\x31\x30\x20\x80"
                      "\x0d\x0a", 62 }, 1,
                  "Größere Übersicht für 10 €" },
        };
        (void)state;
        for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
                read_all(folder(files[i].columns), "csv", files[i].file);
                assert_int_equal(n_got, files[i].rows);
                says(0, 2, files[i].says);
                says(0, 2, "2026-11-20T05:05:00Z");
                again();
        }
}

/* Without an encoding named: what is only seen after 64 KiB of ASCII decides, and what it is not
 * fails the file, with what came before captured. */
static void files__are_decided_by_the_first_byte_that_is_not_ascii(void **state)
{
        struct buf file;
        struct err err = ERR_INIT;
        (void)state;
        buf_init(&file, 1 << 20);
        buf_puts(&file, "id,occurred_at,body\n1,2026-11-20,\"");
        for (size_t i = 0; i < 70000; i++)
                buf_putc(&file, 'x');
        buf_puts(&file, "\"\n2,2026-11-20,\x93\xfa\x96\x7b\x8c\xea\x82\xcc\x83\x7d\x83\x6a\x83\x85\x83\x41\x83\x8b\n");
        assert_true(read_in_pieces(folder("kind = \"event\";"), "csv", buf_slice(&file), 1000, &err));
        says(1, 3, "日本語のマニュアル");
        again();
        for (size_t i = 0; i < 70000; i++)
                buf_putc(&file, i % 100 ? 'x' : '\n');
        buf_puts(&file, "\n3,2026-11-20,\xff\n");
        const struct source *s = folder("kind = \"event\"; id = \"row\";");
        stop_after = SIZE_MAX;
        struct reader *r = reader_new(s, "csv", count_only, NULL, &err);
        assert_true(reader_put(r, buf_slice(&file), &err) == false);
        assert_non_null(strstr(err.text, "line 705 is not shift_jis, as the file looked to be"));
        assert_non_null(strstr(err.hint, "encoding = "));
        reader_free(r);
        buf_clear(&file);
}

static void csv__finds_what_stands_between_columns(void **state)
{
        static const struct {
                const char *file;
                int64_t line;
        } files[] = {
                { "id,occurred_at,body\n1,2026-11-20,a;b\n", 2 }, { "id;occurred_at;body\n1;2026-11-20;a;\n", 2 },
                { "id\toccurred_at\tbody\n1\t2026-11-20\ta\n", 2 }, { "id|occurred_at|body\n1|2026-11-20|a\n", 2 },
                { "sep=;\nid;occurred_at;body\n1;2026-11-20;a\n", 3 }, { "sep=,\r\nid,occurred_at,body\r\n1,2026-11-20,a\r\n", 3 },
                { "\"id\";\"occurred_at\";\"a, b\";body\n1;2026-11-20;;a\n", 2 },
                { "id,occurred_at,body\r1,2026-11-20,a\r", 2 }, { "\n\nid,occurred_at,body\n1,2026-11-20,a\n", 4 },
                { "\xc2\xa0id\xe3\x80\x80, occurred_at ,body,,\n1,2026-11-20,\xe3\x80\x80" "a\xc2\xa0,,\n,,,,\n", 2 },
                { "id;occurred_at;\"bo\ndy\";body\n1;2026-11-20;;a", 3 },
        };
        (void)state;
        for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
                read_all(folder("kind = \"event\";"), "csv", slice_of(files[i].file));
                assert_int_equal(n_got, 1);
                says(0, files[i].line, "\"body\":\"a");
                again();
        }
}

static void csv__asks_which_number_is_the_month(void **state)
{
        (void)state;
        read_all(folder("kind = \"event\"; time_format = \"auto\";"), "csv",
                 SLICE("id,occurred_at\n1,05/11/2026\n2,23/11/2026\n3,soon\n"));
        says(0, 2, "can be read in two ways: name the \"time_format\", %d/%m/%Y or %m/%d/%Y");
        says(1, 3, "2026-11-23T00:00:00Z");
        says(2, 4, "is not a time");
        again();
        read_all(folder("kind = \"event\"; time_format = [\"%d/%m/%Y\", \"auto\", \"excel\"];"), "csv",
                 SLICE("id,occurred_at\n1,05/11/2026\n2,11/23/2026\n3,46347.5\n"));
        says(0, 2, "2026-11-05T00:00:00Z");
        says(1, 3, "2026-11-23T00:00:00Z");
        says(2, 4, "2026-11-21T12:00:00Z");
}

static void csv__tells_which_columns_there_are(void **state)
{
        struct err err = ERR_INIT;
        const struct source *s = folder(OPTIONS);
        (void)state;
        assert_false(read_in_pieces(s, "csv", SLICE("E-Mail;Event;Wann;Note\n"), 7, &err));
        assert_string_equal(err.hint, "The file's columns are: \"E-Mail\", \"Event\", \"Wann\", \"Note\".");
        assert_false(read_in_pieces(s, "csv", SLICE("anna@example.com;20.11.2026;gut;7\n"), 7, &err));
        assert_null(strstr(err.hint, "anna"));
        assert_null(strstr(err.text, "anna"));
}

/* Then what was refused cannot be cut out of the bytes by its number. */
static void reader__says_where_lines_are_not_those_of_the_bytes(void **state)
{
        static const struct {
                struct slice file;
                bool has_lines;
        } files[] = {
                { { "id,occurred_at\r1,2026-11-20\r", 28 }, false }, { { "id,occurred_at\r\n1,2026-11-20\r\n", 30 }, true },
                { { "\xff\xfei\0d\0,\0o\0\n\0", 12 }, false },
        };
        (void)state;
        const struct source *s = folder("kind = \"event\";");
        for (size_t i = 0; i < 3; i++) {
                struct err err = ERR_INIT;
                struct reader *r = reader_new(s, "csv", count_only, NULL, &err);
                for (size_t k = 0; k < files[i].file.n; k++)
                        reader_put(r, slice_make(files[i].file.p + k, 1), &err);
                reader_finish(r, &err);
                assert_int_equal(reader_has_lines(r), files[i].has_lines);
                reader_free(r);
        }
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
                T(files__are_read_in_the_encodings_that_excel_writes),
                T(files__are_decided_by_the_first_byte_that_is_not_ascii),
                T(csv__finds_what_stands_between_columns),
                T(csv__asks_which_number_is_the_month),
                T(csv__tells_which_columns_there_are),
                T(reader__says_where_lines_are_not_those_of_the_bytes),
                T(ndjson__reads_lines_and_refuses_bad_ones),
                T(ndjson__refuses_a_line_that_is_too_long_once),
                T(reader__stops_when_asked),
                T(reader__knows_two_formats),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
