/* What is guessed of sheets as people have them (tests/data/files), and that it can be read so. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/file.h"
#include "source/guess.h"
#include "source/source.h"

static struct arena *arena;
static struct buf bytes;

static int setup(void **state)
{
        (void)state;
        buf_init(&bytes, 1 << 20);
        arena = arena_new(64 << 20);
        return arena ? 0 : -1;
}

static int teardown(void **state)
{
        (void)state;
        buf_clear(&bytes);
        arena_free(arena);
        return 0;
}

static struct guess *guess_of(const char *name, const char *langs, struct err *err)
{
        char path[512];
        struct guess *g;
        struct guess_hints hints = { .langs = langs, .timezone = "Asia/Tokyo" };
        snprintf(path, sizeof path, TEST_DATA "/files/%s", name);
        buf_reset(&bytes);
        if (!file_read(&bytes, path, err))
                fail_msg("%s", err->text);
        return guess_file(&g, arena, buf_slice(&bytes), true, &hints, err) ? g : NULL;
}

/* "id=Nr. occurred_at=Eingang ..." */
static void put_columns(const struct guess *g, struct buf *out)
{
        for (size_t i = 0; i < g->n_columns; i++) {
                const struct guess_column *c = &g->columns[i];
                if (c->use != GUESS_LEFT_OUT)
                        buf_printf(out, "%s%s=%.*s%s", out->n ? " | " : "",
                                   c->use == GUESS_CONSENT ? "consent" : field_name(c->field), SLICE_ARG(c->name),
                                   c->tells ? "*" : "");
        }
}

struct rows {
        size_t taken, refused;
};

static bool count_row(void *ctx, int64_t line, const struct record *r, const struct err *why)
{
        struct rows *rows = ctx;
        if (!r)
                print_error("line %lld: %s\n", (long long)line, why->text);
        rows->taken += r != NULL;
        rows->refused += r == NULL;
        return true;
}

/* The configuration is taken as it is printed, and reads the file. */
static struct rows read_as_guessed(const struct guess *g)
{
        static struct source sources[SOURCES_MAX];
        struct buf text;
        struct conf *conf;
        struct report *report = report_new();
        struct err err = ERR_INIT;
        struct rows rows = { 0, 0 };
        size_t n = 0;
        buf_init(&text, 1 << 20);
        buf_puts(&text, "sources = (\n");
        guess_configuration(g, "sheet", &text);
        buf_puts(&text, ");\n");
        if (!conf_parse(&conf, "guess.cfg", buf_slice(&text), report) ||
            !sources_read(sources, &n, conf_get(conf_root(conf), "sources"), report)) {
                report_print(report, stderr);
                fail_msg("%s", text.p);
        }
        struct reader *r = reader_new(&sources[0], g->ndjson ? "ndjson" : "csv", count_row, &rows, &err);
        if (!r || !reader_put(r, buf_slice(&bytes), &err) || !reader_finish(r, &err))
                fail_msg("%s\n%s", err.text, text.p);
        reader_free(r);
        source_clear(&sources[0]);
        conf_free(conf);
        report_free(report);
        buf_clear(&text);
        return rows;
}

static void guess__knows_the_sheets_of_five_countries(void **state)
{
        static const struct {
                const char *file, *langs, *encoding, *time_format, *columns;
                char delimiter;
                size_t rows;
        } sheets[] = {
                { "google-forms-tokyo.csv", "ja", "utf-8", "auto",
                  "occurred_at=タイムスタンプ* | author.email=メールアドレス* | author.name=お名前 | rating=満足度 | "
                  "body=ご意見をお聞かせください | consent=ご連絡してもよいですか？", ',', 3 },
                { "excel-tokyo.csv", NULL, "shift_jis", "auto",
                  "id=受付番号 | occurred_at=受付日時 | product=製品 | title=件名 | body=ご意見 | author.email=メール", ',', 3 },
                { "excel-berlin.csv", NULL, "windows-1252", "%d.%m.%Y %H:%M",
                  "id=Nr. | occurred_at=Eingang | product=Produkt | rating=Bewertung | body=Was fällt Ihnen auf? | "
                  "author.email=E-Mail | consent=Dürfen wir Sie kontaktieren?", ';', 3 },
                { "excel-beijing.csv", NULL, "gb18030", "auto",
                  "id=编号 | occurred_at=提交时间 | product=产品 | rating=评分 | body=意见建议 | author.email=邮箱", ',', 3 },
                { "unicode-jakarta.csv", "id", "utf-16le", "auto",
                  "id=Nomor | occurred_at=Tanggal | product=Produk | rating=Nilai | body=Masukan | author.email=Surel", '\t', 2 },
                { "google-forms-jakarta.csv", "id", "utf-8", "%d/%m/%Y %H:%M:%S",
                  "occurred_at=Stempel waktu* | author.email=Alamat email* | rating=Seberapa puas Anda dengan impor? | "
                  "body=Masukan untuk tim produk | consent=Bersedia dihubungi?", ',', 2 },
                { "google-forms-en.csv", "en", "utf-8", "%m/%d/%Y %H:%M:%S",
                  "occurred_at=Timestamp* | author.email=Email Address* | rating=How satisfied are you with imports? | "
                  "body=What should we improve? | consent=May we contact you?", ',', 3 },
                { "microsoft-forms-en.csv", "en", "utf-8", "%m/%d/%y %H:%M:%S",
                  "id=ID | occurred_at=Completion time | author.name=Name | rating=How likely are you to recommend it? | "
                  "body=Any comments?", ',', 2 },
                { "typeform.csv", "en", "utf-8", NULL,
                  "id=# | body=What do you do with it? | rating=How would you rate it? | occurred_at=Submit Date (UTC) | tags=Tags",
                  ',', 2 },
                { "wenjuanxing.csv", "zh", "utf-8", "auto",
                  "id=序号 | occurred_at=提交答卷时间 | rating=1、您对产品满意吗？（评分） | body=2、您的意见和建议 | "
                  "consent=3、是否同意我们联系您？", ',', 2 },
                { "jinshuju.csv", "zh", "gb18030", NULL, "id=序号 | body=您的意见 | rating=评分 | occurred_at=提交时间", ',', 2 },
                { "serial.csv", "en", "utf-8", "excel", "id=id | occurred_at=date | body=comment", ',', 2 },
        };
        (void)state;
        for (size_t i = 0; i < sizeof sheets / sizeof *sheets; i++) {
                struct err err = ERR_INIT;
                struct buf columns;
                const struct guess *g = guess_of(sheets[i].file, sheets[i].langs, &err);
                if (!g)
                        fail_msg("%s: %s", sheets[i].file, err.text);
                buf_init(&columns, 4096);
                put_columns(g, &columns);
                assert_string_equal(charset_name(g->encoding.charset), sheets[i].encoding);
                assert_string_equal(columns.p, sheets[i].columns);
                assert_string_equal(g->time_format ? g->time_format : "ISO", sheets[i].time_format ? sheets[i].time_format : "ISO");
                assert_int_equal(g->delimiter, sheets[i].delimiter);
                if (g->n_needs)
                        fail_msg("%s: %s", sheets[i].file, g->needs[0].what);
                struct rows rows = read_as_guessed(g);
                assert_int_equal(rows.refused, 0);
                assert_int_equal(rows.taken, sheets[i].rows);
                buf_clear(&columns);
        }
}

static void guess__asks_what_only_a_person_can_know(void **state)
{
        struct err err = ERR_INIT;
        const struct guess *g = guess_of("ambiguous.csv", "en", &err);
        (void)state;
        assert_non_null(g);
        assert_int_equal(g->n_needs, 1);
        assert_non_null(strstr(g->needs[0].what, "\"date\" can be read in 2 ways"));
        assert_non_null(strstr(g->needs[0].todo, "\"%d/%m/%Y\", or \"%m/%d/%Y\""));
        g = guess_of("no-id.csv", "en", &err);
        assert_non_null(g);
        assert_true(g->id_is_row);
        assert_int_equal(g->n_needs, 1);
        assert_non_null(strstr(g->needs[0].what, "no column tells one row from another"));
        assert_int_equal(read_as_guessed(g).taken, 2);
}

static void guess__refuses_a_sheet_without_a_header(void **state)
{
        struct err err = ERR_INIT;
        (void)state;
        assert_null(guess_of("no-header.csv", "en", &err));
        assert_int_equal(err.kind, ERR_DATA);
        assert_non_null(strstr(err.text, "does not name the columns"));
        assert_null(strstr(err.text, "sam@"));
        assert_null(strstr(err.hint, "sam@"));
}

static void guess__knows_a_workbook(void **state)
{
        struct guess *g;
        struct err err = ERR_INIT;
        struct guess_hints hints = { .langs = NULL };
        (void)state;
        assert_false(guess_file(&g, arena, SLICE("PK\x03\x04\x14\0\x06\0"), true, &hints, &err));
        assert_non_null(strstr(err.text, "workbook"));
}

/* Of a text in the hand; NULL: refused, why stands in *err. */
static struct guess *guess_text(const char *text, const char *time_format, struct err *err)
{
        struct guess *g;
        struct guess_hints hints = { .langs = "en", .timezone = "Europe/Berlin", .time_format = time_format };
        *err = (struct err)ERR_INIT;
        buf_reset(&bytes);
        buf_puts(&bytes, text);
        return guess_file(&g, arena, buf_slice(&bytes), true, &hints, err) ? g : NULL;
}

static void guess__says_why_a_file_is_no_sheet(void **state)
{
        static const struct {
                struct slice text;
                const char *why;
        } files[] = {
                { { "", 0 }, "file is empty" },
                { { "id,date\0\0\0\n1,2\n", 15 }, "zero bytes" },
                { { "[ {\"id\":\"1\"},\n", 14 }, "one JSON list" },
                { { "\"id,date\n1,2026-11-05\n", 22 }, "the header cannot be read: a quote is opened" },
        };
        struct buf wide;
        (void)state;
        for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
                struct guess *g;
                struct err err = ERR_INIT;
                struct guess_hints hints = { .langs = "en" };
                assert_false(guess_file(&g, arena, files[i].text, true, &hints, &err));
                if (!strstr(err.text, files[i].why))
                        fail_msg("%s, not: %s", err.text, files[i].why);
                assert_string_not_equal(err.hint, "");
        }
        buf_init(&wide, 1 << 20);
        for (int i = 0; i < 3000; i++)
                buf_printf(&wide, "c%d,", i);
        struct err err;
        assert_null(guess_text(wide.p, NULL, &err));
        assert_non_null(strstr(err.text, "over 1024 columns"));
        buf_clear(&wide);
}

static void guess__names_the_column_whose_times_it_cannot_read(void **state)
{
        static const char sheet[] = "id,Date,comment\n1,2026|11|05,the import is slow\n2,2026|11|06,it is fine\n";
        struct err err;
        struct guess *g = guess_text(sheet, NULL, &err);
        (void)state;
        assert_non_null(g);
        assert_int_equal(g->n_needs, 1);
        assert_string_equal(g->needs[0].what, "the times of column \"Date\" cannot be read");
        g = guess_text(sheet, "%Y|%m|%d", &err);
        assert_non_null(g);
        assert_int_equal(g->n_needs, 0);
        assert_int_equal(read_as_guessed(g).taken, 2);
}

static void guess__tells_a_title_and_an_open_quote_from_no_rows(void **state)
{
        struct err err;
        struct guess *g = guess_text("Results Q4,,\n,,\nid,date,comment\n1,2026-11-05,slow\n", NULL, &err);
        (void)state;
        assert_non_null(g);
        assert_string_equal(g->needs[0].what, "rows have more columns than the first line names");
        g = guess_text("id,date,comment\n1,2026-11-05,\"slow\n2,2026-11-05,x\n", NULL, &err);
        assert_non_null(g);
        assert_non_null(strstr(g->needs[0].what, "line 2 cannot be read: a quote is opened"));
        g = guess_text("id,date,comment,\n1,2026-11-05,slow,\n2,2026-11-05,slow,\n", NULL, &err);
        assert_non_null(g);
        assert_int_equal(g->n_needs, 0);
}

static void guess__believes_a_column_that_says_utc(void **state)
{
        static const struct {
                const char *header, *zone;
        } sheets[] = {
                { "id,Submit Date (UTC),comment", "UTC" },    { "id,utc date,comment", "UTC" },
                { "id,Date (GMT+7),comment", "Europe/Berlin" }, { "id,date,comment", "Europe/Berlin" },
                { "id,Tanggal (UTC +07:00),comment", "Europe/Berlin" },
        };
        char text[200];
        (void)state;
        for (size_t i = 0; i < sizeof sheets / sizeof *sheets; i++) {
                struct err err;
                snprintf(text, sizeof text, "%s\n1,2026-11-05 10:00:00,the import is slow\n", sheets[i].header);
                struct guess *g = guess_text(text, NULL, &err);
                assert_non_null(g);
                assert_string_equal(g->timezone, sheets[i].zone);
        }
}

static void guess__reads_lines_of_json(void **state)
{
        struct err err = ERR_INIT;
        const struct guess *g = guess_of("lines.ndjson", "en", &err);
        (void)state;
        assert_non_null(g);
        assert_true(g->ndjson);
        assert_int_equal(read_as_guessed(g).taken, 1);
}

static void guess__writes_names_that_could_end_a_configuration(void **state)
{
        struct guess *g;
        struct err err = ERR_INIT;
        struct guess_hints hints = { .langs = "en" };
        (void)state;
        buf_reset(&bytes);
        buf_puts(&bytes, "id,date,\"a \"\"quoted\"\" \\ comment; } ) #\",\"*/ @include \"\"x\"\"\n# not yet: y\"\n1,2026-11-20,the import is slow,z\n");
        assert_false(guess_file(&g, arena, buf_slice(&bytes), true, &hints, &err)); /* '@' is no header's */
        buf_reset(&bytes);
        buf_puts(&bytes, "id,date,\"a \"\"quoted\"\" \\ comment; } ) #\",\"*/ include \"\"x\"\"\n# not yet: y\"\n1,2026-11-20,the import is slow,z\n");
        assert_true(guess_file(&g, arena, buf_slice(&bytes), true, &hints, &err));
        assert_int_equal(read_as_guessed(g).taken, 1);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(guess__knows_the_sheets_of_five_countries, setup, teardown),
                cmocka_unit_test_setup_teardown(guess__asks_what_only_a_person_can_know, setup, teardown),
                cmocka_unit_test_setup_teardown(guess__refuses_a_sheet_without_a_header, setup, teardown),
                cmocka_unit_test_setup_teardown(guess__knows_a_workbook, setup, teardown),
                cmocka_unit_test_setup_teardown(guess__says_why_a_file_is_no_sheet, setup, teardown),
                cmocka_unit_test_setup_teardown(guess__names_the_column_whose_times_it_cannot_read, setup, teardown),
                cmocka_unit_test_setup_teardown(guess__tells_a_title_and_an_open_quote_from_no_rows, setup, teardown),
                cmocka_unit_test_setup_teardown(guess__believes_a_column_that_says_utc, setup, teardown),
                cmocka_unit_test_setup_teardown(guess__reads_lines_of_json, setup, teardown),
                cmocka_unit_test_setup_teardown(guess__writes_names_that_could_end_a_configuration, setup, teardown),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
