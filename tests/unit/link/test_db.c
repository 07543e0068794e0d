/* test_db.c - SQLite's home: durability settings, codes, statements. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <signal.h>
#include <unistd.h>

#include "link/db.h"

static char dir[64], path[96];

static int make_dir(void **state)
{
        (void)state;
        snprintf(dir, sizeof dir, "/tmp/test_db.XXXXXX");
        assert_non_null(mkdtemp(dir));
        snprintf(path, sizeof path, "%s/x.db", dir);
        return 0;
}

static int remove_dir(void **state)
{
        static const char *const ends[] = { "", "-wal", "-shm" };
        char name[128];

        (void)state;
        for (size_t i = 0; i < 3; i++) {
                snprintf(name, sizeof name, "%s%s", path, ends[i]);
                unlink(name);
        }
        return rmdir(dir);
}

static const char schema[] =
        "CREATE TABLE IF NOT EXISTS t (id INTEGER PRIMARY KEY, v BLOB UNIQUE) STRICT;";

static struct db *open_db(void)
{
        struct db *d;
        struct err err = ERR_INIT;

        if (!db_open(&d, path, schema, &err))
                fail_msg("%s", err.text);
        return d;
}

static int64_t one_int(struct db *d, const char *sql)
{
        struct db_stmt *s = db_prepare(d, sql);
        bool row;
        int64_t v;

        assert_true(db_step(s, &row, NULL));
        assert_true(row);
        v = db_int(s, 0);
        db_reset(s);
        return v;
}

static void db__opens_for_durability_and_only_for_its_owner(void **state)
{
        struct db *d = open_db();
        struct stat st;
        char wal[128];

        (void)state;
        assert_int_equal(one_int(d, "PRAGMA synchronous"), 2);
        assert_int_equal(one_int(d, "PRAGMA secure_delete"), 1);
        assert_int_equal(one_int(d, "PRAGMA foreign_keys"), 1);
        assert_int_equal(one_int(d, "PRAGMA temp_store"), 2);
        assert_int_equal(stat(path, &st), 0);
        assert_int_equal(st.st_mode & 0777, 0600);
        snprintf(wal, sizeof wal, "%s-wal", path);
        assert_int_equal(stat(wal, &st), 0);
        assert_int_equal(st.st_mode & 0777, 0600);
        db_close(d);
        d = open_db(); /* the schema runs again, harmlessly */
        db_close(d);
        db_close(NULL);
}

static void db__binds_and_reads_back_every_type(void **state)
{
        struct db *d = open_db();
        struct db_stmt *s = db_prepare(d, "INSERT INTO t (id, v) VALUES (?1, ?2)");
        bool row;

        (void)state;
        db_bind_int(s, 1, INT64_MIN);
        db_bind_bytes(s, 2, slice_make("a\0b", 3));
        assert_true(db_do(s, NULL));
        assert_int_equal(db_changes(d), 1);
        db_bind_int(s, 1, 7);
        db_bind_bytes(s, 2, SLICE(""));
        assert_true(db_do(s, NULL));
        assert_int_equal(db_last_id(d), 7);
        db_bind_bytes(s, 2, SLICE_NONE); /* the id is forgotten: SQLite gives one */
        assert_true(db_do(s, NULL));
        assert_int_equal(db_last_id(d), 8);

        s = db_prepare(d, "SELECT id, v FROM t ORDER BY id");
        assert_true(db_step(s, &row, NULL) && row);
        assert_true(db_int(s, 0) == INT64_MIN);
        assert_true(slice_eq(db_bytes(s, 1), slice_make("a\0b", 3)));
        assert_true(db_step(s, &row, NULL) && row);
        assert_false(db_null(s, 1));
        assert_non_null(db_bytes(s, 1).p);
        assert_int_equal(db_bytes(s, 1).n, 0);
        assert_true(db_step(s, &row, NULL) && row);
        assert_true(db_null(s, 1));
        assert_null(db_bytes(s, 1).p);
        assert_true(db_step(s, &row, NULL));
        assert_false(row);

        s = db_prepare(d, "SELECT ?1 || ?2");
        db_bind_text(s, 1, SLICE("tea"));
        db_bind_text(s, 2, SLICE("pot"));
        assert_true(db_step(s, &row, NULL) && row);
        assert_true(slice_is(db_bytes(s, 0), "teapot"));
        db_bind_null(db_prepare(d, "SELECT ?1 || ?2"), 1);
        assert_true(db_step(s, &row, NULL) && row);
        assert_true(db_null(s, 0));
        db_close(d);
}

static void db__gives_the_same_statement_for_the_same_text(void **state)
{
        struct db *d = open_db();

        (void)state;
        assert_ptr_equal(db_prepare(d, "SELECT 1"), db_prepare(d, "SELECT 1"));
        assert_ptr_not_equal(db_prepare(d, "SELECT 1"), db_prepare(d, "SELECT 2"));
        db_close(d);
}

static void db__keeps_what_was_committed_and_nothing_else(void **state)
{
        struct db *d = open_db();
        struct db *reader;

        (void)state;
        assert_true(db_begin(d, NULL));
        assert_true(db_run(d, "INSERT INTO t VALUES (1, x'01')", NULL));
        assert_true(db_commit(d, NULL));
        assert_true(db_begin(d, NULL));
        assert_true(db_run(d, "INSERT INTO t VALUES (2, x'02')", NULL));
        db_abort(d);
        db_abort(d); /* harmless outside */
        assert_true(db_open_read_only(&reader, path, NULL));
        assert_int_equal(one_int(reader, "SELECT count(*) FROM t"), 1);
        assert_false(db_run(reader, "DELETE FROM t", NULL));
        db_close(reader);
        db_close(d);
}

static void db__says_what_to_do_next(void **state)
{
        struct db *d = open_db();
        struct err err = ERR_INIT;
        struct db_stmt *s;

        (void)state;
        assert_true(db_run(d, "INSERT INTO t VALUES (1, x'01')", &err));
        s = db_prepare(d, "INSERT INTO t VALUES (?1, ?2)");
        db_bind_int(s, 1, 2);
        db_bind_bytes(s, 2, slice_make("\1", 1));
        assert_false(db_do(s, &err));
        assert_int_equal(err.kind, ERR_DATA);
        assert_non_null(strstr(err.text, "UNIQUE constraint failed: t.v"));
        assert_true(db_run(d, "PRAGMA max_page_count=4", &err));
        assert_false(db_run(d, "INSERT INTO t VALUES (3, zeroblob(100000))", &err));
        assert_int_equal(err.kind, ERR_FULL);
        db_close(d);
        assert_false(db_open_read_only(&d, "/nonexistent/x.db", &err));
        assert_int_equal(err.kind, ERR_CONFIG);
        assert_null(d);
}

static void db__refuses_a_file_that_is_no_database(void **state)
{
        struct err err = ERR_INIT;
        struct db *d;
        int fd = open(path, O_WRONLY | O_CREAT, 0600);
        char junk[4096];

        (void)state;
        memset(junk, 'x', sizeof junk);
        assert_int_equal(write(fd, junk, sizeof junk), sizeof junk);
        close(fd);
        assert_false(db_open(&d, path, schema, &err));
        assert_int_equal(err.kind, ERR_SYSTEM);
        assert_null(d);
}

static void db__lets_a_reader_meet_a_file_without_its_tables(void **state)
{
        struct err err = ERR_INIT;
        struct db *d, *reader;
        struct db_stmt *s;
        bool row;

        (void)state;
        assert_true(db_open(&d, path, NULL, &err));
        assert_true(db_open_read_only(&reader, path, &err));
        s = db_prepare(reader, "SELECT v FROM later WHERE id = ?1");
        db_bind_int(s, 1, 1);
        assert_false(db_step(s, &row, &err));
        assert_int_equal(err.kind, ERR_CONFIG);
        assert_true(db_run(d, "CREATE TABLE later (id INTEGER, v INTEGER)", &err));
        s = db_prepare(reader, "SELECT v FROM later WHERE id = ?1");
        assert_true(db_step(s, &row, &err));
        assert_false(row);
        db_close(reader);
        db_close(d);
}

static void db__aborts_on_bad_sql_of_our_own(void **state)
{
        int status;
        pid_t child;

        (void)state;
        db_close(open_db());
        child = fork();
        if (child == 0) {
                struct rlimit none = { 0, 0 };
                setrlimit(RLIMIT_CORE, &none);
                signal(SIGABRT, SIG_DFL);
                close(2);
                db_prepare(open_db(), "SELEKT 1");
                _exit(0);
        }
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
}

static void db__leaves_nothing_in_the_log_after_a_checkpoint(void **state)
{
        struct db *d = open_db();
        struct stat st;
        char wal[128];

        (void)state;
        assert_true(db_run(d, "INSERT INTO t VALUES (1, x'6b6579')", NULL));
        assert_true(db_checkpoint(d, NULL));
        snprintf(wal, sizeof wal, "%s-wal", path);
        assert_int_equal(stat(wal, &st), 0);
        assert_int_equal(st.st_size, 0);
        db_close(d);
}

#define T(f) cmocka_unit_test_setup_teardown(f, make_dir, remove_dir)

int main(void)
{
        const struct CMUnitTest tests[] = {
                T(db__opens_for_durability_and_only_for_its_owner),
                T(db__binds_and_reads_back_every_type),
                T(db__gives_the_same_statement_for_the_same_text),
                T(db__keeps_what_was_committed_and_nothing_else),
                T(db__says_what_to_do_next),
                T(db__refuses_a_file_that_is_no_database),
                T(db__lets_a_reader_meet_a_file_without_its_tables),
                T(db__aborts_on_bad_sql_of_our_own),
                T(db__leaves_nothing_in_the_log_after_a_checkpoint),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
