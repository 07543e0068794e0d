/* db.c - SQLite behind one header: how it is opened, what its codes mean.
 *
 * Durability: WAL with synchronous=FULL, so a commit that came back is on stable
 * storage; a file made here is made visible by syncing its folder too. Temporary
 * tables stay in memory: they would hold people's data in files nobody erases. */
#include "link/db.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"

enum { BUSY_TIMEOUT_MS = 10000, STATEMENTS_MAX = 1024 };

struct db_stmt {
        struct db_stmt *next;
        struct db *db;
        sqlite3_stmt *h; /* NULL while preparing failed for no fault of the SQL */
        int failed;      /* why h is NULL, or what a bind answered; SQLITE_OK if fine */
        const char *asked; /* the caller's text, by address: nearly always a literal */
        char sql[];
};

struct db {
        sqlite3 *h;
        struct db_stmt *stmts;
        int n_stmts; /* <= STATEMENTS_MAX: SQL is our own, so it is finite */
        bool read_only;
        char path[];
};

static const char writer_setup[] =
        "PRAGMA journal_mode=WAL;"
        "PRAGMA synchronous=FULL;"
        "PRAGMA secure_delete=ON;"
        "PRAGMA foreign_keys=ON;"
        "PRAGMA trusted_schema=OFF;"
        "PRAGMA temp_store=MEMORY;"
        "PRAGMA journal_size_limit=16777216;";
static const char reader_setup[] =
        "PRAGMA query_only=ON;"
        "PRAGMA trusted_schema=OFF;"
        "PRAGMA temp_store=MEMORY;";

static enum err_kind kind_of(int code, int os_error)
{
        switch (code & 0xff) {
        case SQLITE_BUSY:
        case SQLITE_LOCKED:
        case SQLITE_INTERRUPT:
                return ERR_RETRY;
        case SQLITE_FULL:
                return ERR_FULL;
        case SQLITE_IOERR:
                return os_error == ENOSPC || os_error == EDQUOT ? ERR_FULL : ERR_SYSTEM;
        case SQLITE_CONSTRAINT:
        case SQLITE_TOOBIG:
                return ERR_DATA;
        case SQLITE_CANTOPEN:
                return os_error == ENOENT ? ERR_CONFIG : ERR_SYSTEM;
        case SQLITE_ERROR: /* a table that is not there: an older or foreign file */
        case SQLITE_SCHEMA:
                return ERR_CONFIG;
        case SQLITE_MISUSE:
        case SQLITE_RANGE:
                return ERR_BUG;
        default: /* CORRUPT, NOTADB, NOMEM, PERM, READONLY, ... */
                return ERR_SYSTEM;
        }
}

/* SQLite's messages name tables and columns, never values. */
static bool fail(struct db *d, int code, const char *what, struct err *err)
{
        int now = d->h ? sqlite3_errcode(d->h) : SQLITE_OK;
        bool fresh = d->h && (now & 0xff) == (code & 0xff);

        return err_set(err, kind_of(code, d->h ? sqlite3_system_errno(d->h) : 0), code,
                       "could not %s database \"%s\": %s", what, d->path,
                       fresh ? sqlite3_errmsg(d->h) : sqlite3_errstr(code));
}

/* SQLite gives -wal and -shm the mode of the file; we make it first, with ours. */
static bool make_file(const char *path, struct err *err)
{
        int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
        char *copy;
        bool ok;

        if (fd < 0)
                return errno == EEXIST ||
                       err_errno(err, errno, "could not create database \"%s\"", path);
        close(fd);
        copy = strdup(path);
        if (!copy)
                return err_set(err, ERR_SYSTEM, 0, "could not create database \"%s\": out of memory", path);
        ok = dir_sync(dirname(copy), err);
        free(copy);
        return ok;
}

static bool attach(struct db **out, const char *path, bool read_only, struct err *err)
{
        size_t n = strlen(path) + 1;
        int flags = read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE;
        struct db *d = calloc(1, sizeof *d + n);
        int rc;

        if (!d)
                return err_set(err, ERR_SYSTEM, 0, "could not open database \"%s\": out of memory", path);
        memcpy(d->path, path, n);
        d->read_only = read_only;
        rc = sqlite3_open_v2(path, &d->h, flags | SQLITE_OPEN_NOMUTEX, NULL);
        if (rc == SQLITE_OK) {
                sqlite3_extended_result_codes(d->h, 1);
                sqlite3_busy_timeout(d->h, BUSY_TIMEOUT_MS);
                rc = sqlite3_exec(d->h, read_only ? reader_setup : writer_setup, NULL, NULL, NULL);
        }
        if (rc != SQLITE_OK) {
                fail(d, rc, "open", err);
                db_close(d);
                return false;
        }
        *out = d;
        return true;
}

static bool run_schema(struct db *d, const char *schema, struct err *err)
{
        if (!db_begin(d, err))
                return false;
        if (!db_run(d, schema, err)) {
                db_abort(d);
                return false;
        }
        return db_commit(d, err);
}

bool db_open(struct db **out, const char *path, const char *schema, struct err *err)
{
        *out = NULL;
        if (!make_file(path, err) || !attach(out, path, false, err))
                return false;
        if (schema && !run_schema(*out, schema, err)) {
                db_close(*out);
                *out = NULL;
                return err_add(err, "schema");
        }
        return true;
}

bool db_open_read_only(struct db **out, const char *path, struct err *err)
{
        *out = NULL;
        return attach(out, path, true, err);
}

void db_close(struct db *d)
{
        if (!d)
                return;
        while (d->stmts) {
                struct db_stmt *s = d->stmts;
                d->stmts = s->next;
                sqlite3_finalize(s->h);
                free(s);
        }
        sqlite3_close(d->h);
        free(d);
}

bool db_run(struct db *d, const char *sql, struct err *err)
{
        int rc = sqlite3_exec(d->h, sql, NULL, NULL, NULL);

        return rc == SQLITE_OK || fail(d, rc, "use", err);
}

bool db_begin(struct db *d, struct err *err)
{
        int rc = sqlite3_exec(d->h, "BEGIN IMMEDIATE", NULL, NULL, NULL);

        return rc == SQLITE_OK || fail(d, rc, "begin a transaction in", err);
}

bool db_commit(struct db *d, struct err *err)
{
        int rc = sqlite3_exec(d->h, "COMMIT", NULL, NULL, NULL);

        if (rc == SQLITE_OK)
                return true;
        fail(d, rc, "commit to", err);
        db_abort(d);
        return false;
}

void db_abort(struct db *d)
{
        /* A full disk may have rolled back already. */
        if (!sqlite3_get_autocommit(d->h))
                sqlite3_exec(d->h, "ROLLBACK", NULL, NULL, NULL);
}

bool db_checkpoint(struct db *d, struct err *err)
{
        int rc = sqlite3_wal_checkpoint_v2(d->h, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);

        return rc == SQLITE_OK || fail(d, rc, "truncate the log of", err);
}

static _Noreturn void bad_sql(const struct db *d, const char *sql)
{
        log_error("db", "bad statement", "database=\"%s\" reason=\"%s\" sql=\"%s\"", d->path,
                  sqlite3_errmsg(d->h), sql);
        abort();
}

/* A reader may meet a file whose writer has not made its tables yet, and anyone a
 * damaged disk: those are told by db_step(). The rest is a mistake in our SQL. */
static void prepare(struct db_stmt *s)
{
        int rc = sqlite3_prepare_v3(s->db->h, s->sql, -1, SQLITE_PREPARE_PERSISTENT, &s->h, NULL);

        if ((rc & 0xff) == SQLITE_ERROR && !s->db->read_only)
                bad_sql(s->db, s->sql);
        s->failed = rc;
}

struct db_stmt *db_prepare(struct db *d, const char *sql)
{
        size_t n = strlen(sql) + 1;
        struct db_stmt *s;

        for (s = d->stmts; s; s = s->next)
                if (s->asked == sql && strcmp(s->sql, sql) == 0)
                        break;
        for (struct db_stmt *other = d->stmts; other && !s; other = other->next)
                if (strcmp(other->sql, sql) == 0)
                        s = other;
        if (!s) {
                s = d->n_stmts < STATEMENTS_MAX ? calloc(1, sizeof *s + n) : NULL;
                if (!s)
                        bad_sql(d, sql);
                memcpy(s->sql, sql, n);
                s->db = d;
                s->asked = sql;
                s->next = d->stmts;
                d->stmts = s;
                d->n_stmts++;
        }
        if (!s->h)
                prepare(s);
        else
                db_reset(s);
        return s;
}

static void bound(struct db_stmt *s, int rc)
{
        if ((rc & 0xff) == SQLITE_RANGE || (rc & 0xff) == SQLITE_MISUSE)
                bad_sql(s->db, s->sql);
        if (rc != SQLITE_OK && s->failed == SQLITE_OK)
                s->failed = rc;
}

void db_bind_int(struct db_stmt *s, int at, int64_t v)
{
        if (s->h)
                bound(s, sqlite3_bind_int64(s->h, at, v));
}

void db_bind_bytes(struct db_stmt *s, int at, struct slice v)
{
        if (s->h)
                bound(s, sqlite3_bind_blob64(s->h, at, v.p, v.n, SQLITE_STATIC));
}

void db_bind_text(struct db_stmt *s, int at, struct slice v)
{
        if (s->h)
                bound(s, sqlite3_bind_text64(s->h, at, v.p, v.n, SQLITE_STATIC, SQLITE_UTF8));
}

void db_bind_null(struct db_stmt *s, int at)
{
        if (s->h)
                bound(s, sqlite3_bind_null(s->h, at));
}

bool db_step(struct db_stmt *s, bool *row, struct err *err)
{
        int rc = s->failed;

        *row = false;
        if (rc == SQLITE_OK)
                rc = sqlite3_step(s->h);
        if (rc == SQLITE_ROW) {
                *row = true;
                return true;
        }
        if (rc != SQLITE_DONE)
                fail(s->db, rc, "use", err);
        db_reset(s);
        return rc == SQLITE_DONE;
}

bool db_do(struct db_stmt *s, struct err *err)
{
        bool row = true;

        while (row)
                if (!db_step(s, &row, err))
                        return false;
        return true;
}

int64_t db_int(struct db_stmt *s, int column)
{
        return sqlite3_column_int64(s->h, column);
}

struct slice db_bytes(struct db_stmt *s, int column)
{
        /* SQLite gives NULL for an empty blob; for us empty is not absent. */
        const void *p = sqlite3_column_blob(s->h, column);

        if (db_null(s, column))
                return SLICE_NONE;
        return slice_make(p ? p : "", (size_t)sqlite3_column_bytes(s->h, column));
}

bool db_null(struct db_stmt *s, int column)
{
        return sqlite3_column_type(s->h, column) == SQLITE_NULL;
}

void db_reset(struct db_stmt *s)
{
        if (!s->h)
                return;
        sqlite3_reset(s->h); /* repeats the last step's code, which was told then */
        sqlite3_clear_bindings(s->h);
        s->failed = SQLITE_OK;
}

int64_t db_last_id(struct db *d)
{
        return sqlite3_last_insert_rowid(d->h);
}

int64_t db_changes(struct db *d)
{
        return sqlite3_changes64(d->h);
}
