/* test_pg.c - kinds of errors, rows, binary COPY of every type, transactions. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "cluster.h"
#include "link/pg.h"

static struct cluster cluster;

static struct pg *open_pg(void)
{
        struct err err = ERR_INIT;
        struct pg *c = NULL;
        if (!pg_open(&c, cluster.conninfo, NULL, "test", &err))
                fail_msg("%s", err.text);
        return c;
}

static void pg__returns_rows_as_text_numbers_and_nulls(void **state)
{
        (void)state;
        struct err err = ERR_INIT;
        struct pg *c = open_pg();
        struct pg_rows *r = NULL;
        struct pg_param p[] = { { SLICE("5") }, { SLICE_NONE } };
        assert_true(pg_query(&r, c, "SELECT $1::int + 1 AS six, $2::text AS nothing, 'a' || 'b' AS ab", p,
                             2, &err));
        assert_int_equal(pg_rows_count(r), 1);
        assert_int_equal(pg_rows_columns(r), 3);
        assert_string_equal(pg_rows_name(r, 0), "six");
        assert_int_equal(pg_rows_int(r, 0, 0), 6);
        assert_true(pg_rows_null(r, 0, 1));
        assert_null(pg_rows_text(r, 0, 1).p);
        assert_true(slice_is(pg_rows_text(r, 0, 2), "ab"));
        pg_rows_free(r);
        int64_t n = -1;
        assert_true(pg_run(c, "CREATE TEMP TABLE t (a int)", &err));
        assert_true(pg_run_params(c, "INSERT INTO t SELECT generate_series(1, $1::int)", p, 1, &n, &err));
        assert_int_equal(n, 5);
        pg_close(c);
}

static enum err_kind kind_of(struct pg *c, const char *sql, const char *sqlstate)
{
        struct err err = ERR_INIT;
        assert_false(pg_run(c, sql, &err));
        assert_string_equal(pg_state(c), sqlstate);
        return err.kind;
}

static void pg__errors_say_what_to_do_next(void **state)
{
        (void)state;
        struct err err = ERR_INIT;
        struct pg *c = open_pg();
        assert_int_equal(kind_of(c, "SELECT 1/0", "22012"), ERR_DATA);
        assert_int_equal(kind_of(c, "SELEC", "42601"), ERR_SYSTEM);
        assert_int_equal(kind_of(c, "SET statement_timeout = '5ms'; SELECT pg_sleep(2)", "57014"),
                         ERR_RETRY);
        assert_false(pg_run(c, "SELECT pg_terminate_backend(pg_backend_pid())", &err));
        assert_int_equal(err.kind, ERR_RETRY);
        assert_false(pg_run(c, "SELECT 1", &err));
        assert_int_equal(err.kind, ERR_RETRY);
        assert_false(pg_alive(c));
        pg_close(c);
}

static void pg__data_errors_never_quote_the_value(void **state)
{
        (void)state;
        struct err err = ERR_INIT;
        struct pg *c = open_pg();
        assert_false(pg_run(c, "SELECT 'mueller'::uuid", &err));
        assert_int_equal(err.kind, ERR_DATA);
        assert_null(strstr(err.text, "mueller"));
        assert_true(pg_run(c, "CREATE TEMP TABLE t (a text CONSTRAINT short CHECK (length(a) < 3))", &err));
        assert_false(pg_run(c, "INSERT INTO t VALUES ('mueller')", &err));
        assert_null(strstr(err.text, "mueller"));
        assert_non_null(strstr(err.text, "short"));
        pg_close(c);
}

static void pg__tells_an_operators_mistake_from_an_absent_server(void **state)
{
        (void)state;
        struct err err = ERR_INIT;
        struct pg *c = NULL;
        char line[400];
        assert_false(pg_open(&c, "host=/nonexistent user=x", NULL, "test", &err));
        assert_int_equal(err.kind, ERR_RETRY);
        snprintf(line, sizeof line, "%s dbname=no_such_database", cluster.conninfo);
        assert_false(pg_open(&c, line, NULL, "test", &err));
        assert_int_equal(err.kind, ERR_CONFIG);
        assert_false(pg_open(&c, "nonsense=1", NULL, "test", &err));
        assert_int_equal(err.kind, ERR_CONFIG);
        assert_null(c);
}

static void copy_one(struct pg *c)
{
        static const uint8_t uuid[16] = { 0xab, 0xcd, [15] = 1 };
        struct slice tags[] = { SLICE("a"), SLICE("b,c") };
        pg_copy_row(c, 13);
        pg_copy_i16(c, -2);
        pg_copy_i32(c, 70000);
        pg_copy_i64(c, INT64_C(-5000000000));
        pg_copy_bool(c, true);
        pg_copy_double(c, 2.5);
        pg_copy_bytes(c, SLICE("日本"));
        pg_copy_bytes(c, slice_make(uuid, 16));
        pg_copy_jsonb(c, SLICE("{\"a\": 1}"));
        pg_copy_time(c, 1);
        pg_copy_time(c, INT64_MAX);
        pg_copy_texts(c, tags, 2);
        pg_copy_texts(c, tags, 0);
        pg_copy_null(c);
}

static void copy__writes_every_type_as_postgresql_reads_it(void **state)
{
        (void)state;
        struct err err = ERR_INIT;
        struct pg *c = open_pg();
        int64_t rows = 0;
        struct pg_rows *r = NULL;
        assert_true(pg_run(c, "SET TimeZone = 'UTC'; CREATE TEMP TABLE t (a int2, b int4, c int8, d bool,"
                              " e float8, f text, g uuid, h jsonb, i timestamptz, j timestamptz,"
                              " k text[], l text[], m text)", &err));
        assert_true(pg_copy_begin(c, "COPY t FROM STDIN (FORMAT binary)", &err));
        for (int i = 0; i < 5000; i++) /* more than one piece */
                copy_one(c);
        if (!pg_copy_end(c, &rows, &err))
                fail_msg("%s", err.text);
        assert_int_equal(rows, 5000);
        assert_true(pg_query(&r, c, "SELECT DISTINCT t::text FROM t", NULL, 0, &err));
        assert_int_equal(pg_rows_count(r), 1);
        struct slice text = pg_rows_text(r, 0, 0);
        assert_true(slice_is(text, "(-2,70000,-5000000000,t,2.5,日本,abcd0000-0000-0000-0000-000000000001,"
                                   "\"{\"\"a\"\": 1}\",\"1970-01-01 00:00:00.000001+00\",infinity,"
                                   "\"{a,\"\"b,c\"\"}\",{},)"));
        pg_rows_free(r);
        pg_close(c);
}

static void copy__given_up_or_refused_leaves_a_connection_that_works(void **state)
{
        (void)state;
        struct err err = ERR_INIT;
        struct pg *c = open_pg();
        assert_true(pg_run(c, "CREATE TEMP TABLE t (a int4 CHECK (a > 0))", &err));
        assert_true(pg_begin(c, &err));
        assert_true(pg_copy_begin(c, "COPY t FROM STDIN (FORMAT binary)", &err));
        pg_copy_row(c, 1);
        pg_copy_i32(c, 1);
        pg_abort(c);
        assert_true(pg_copy_begin(c, "COPY t FROM STDIN (FORMAT binary)", &err));
        pg_copy_row(c, 1);
        pg_copy_i32(c, -1);
        assert_false(pg_copy_end(c, NULL, &err));
        assert_int_equal(err.kind, ERR_DATA);
        assert_string_equal(pg_state(c), "23514");
        assert_true(pg_run(c, "SELECT 1", &err));
        pg_close(c);
}

static void commit__of_a_failed_transaction_is_an_error(void **state)
{
        (void)state;
        struct err err = ERR_INIT;
        struct pg *c = open_pg();
        assert_true(pg_begin(c, &err));
        assert_false(pg_run(c, "SELECT 1/0", &err));
        assert_false(pg_commit(c, &err));
        assert_true(pg_begin(c, &err));
        assert_true(pg_commit(c, &err));
        pg_close(c);
}

static int start(void **state)
{
        (void)state;
        return cluster_start(&cluster);
}

static int stop(void **state)
{
        (void)state;
        return cluster_stop(&cluster);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(pg__returns_rows_as_text_numbers_and_nulls),
                cmocka_unit_test(pg__errors_say_what_to_do_next),
                cmocka_unit_test(pg__data_errors_never_quote_the_value),
                cmocka_unit_test(pg__tells_an_operators_mistake_from_an_absent_server),
                cmocka_unit_test(copy__writes_every_type_as_postgresql_reads_it),
                cmocka_unit_test(copy__given_up_or_refused_leaves_a_connection_that_works),
                cmocka_unit_test(commit__of_a_failed_transaction_is_an_error),
        };
        return cmocka_run_group_tests(tests, start, stop);
}
