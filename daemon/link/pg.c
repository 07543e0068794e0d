/* pg.c - PostgreSQL connections, statements and rows; pg_copy.c has COPY. */
#include "link/pg.h"

#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/text.h"
#include "pg_conn.h"

enum { PARAMS_MAX = 64 };

/* Rows by SQLSTATE, longest prefix first. Class 54 (a value too large for an index or a page)
 * is the data's fault as 22 and 23 are. */
static const struct {
        const char *prefix;
        enum err_kind kind;
} states[] = {
        { "40001", ERR_RETRY }, { "40P01", ERR_RETRY }, { "55P03", ERR_RETRY },
        { "57014", ERR_RETRY }, { "57P0", ERR_RETRY },  { "08", ERR_RETRY },
        { "28", ERR_CONFIG },   { "3D000", ERR_CONFIG }, { "42501", ERR_DENIED },
        { "22", ERR_DATA },     { "23", ERR_DATA },     { "54", ERR_DATA },
        { "53", ERR_FULL },
};

static enum err_kind kind_of_state(const char *state)
{
        for (size_t i = 0; i < sizeof states / sizeof *states; i++)
                if (strncmp(state, states[i].prefix, strlen(states[i].prefix)) == 0)
                        return states[i].kind;
        return ERR_SYSTEM;
}

/* libpq's texts are of several lines; ours are one without the "FATAL:  ". */
static void one_line(char out[256], const char *text)
{
        const char *fatal = strstr(text, "FATAL:  ");
        struct slice s = slice_trim(slice_of(fatal ? fatal + 8 : text));
        size_t n = 0;
        for (size_t i = 0; i < s.n && n < 255 && s.p[i] != '\n'; i++)
                out[n++] = s.p[i];
        out[n] = 0;
}

bool pg_fail_connection(struct pg *c, struct err *err)
{
        char text[256];
        one_line(text, PQerrorMessage(c->conn));
        snprintf(c->state, sizeof c->state, "08006");
        return err_set(err, ERR_RETRY, 0, "lost the connection to PostgreSQL: %s", text);
}

/* The message of a data error often quotes the value ("invalid input syntax for type uuid:
 * ..."): for those only the SQLSTATE and the names of our own table, column, constraint. */
bool pg_fail_result(struct pg *c, const PGresult *r, struct err *err)
{
        const char *state = r ? PQresultErrorField(r, PG_DIAG_SQLSTATE) : NULL;
        if (!state)
                return pg_fail_connection(c, err);
        snprintf(c->state, sizeof c->state, "%s", state);
        enum err_kind kind = kind_of_state(state);
        if (kind == ERR_DATA) {
                const char *table = PQresultErrorField(r, PG_DIAG_TABLE_NAME);
                const char *column = PQresultErrorField(r, PG_DIAG_COLUMN_NAME);
                const char *constraint = PQresultErrorField(r, PG_DIAG_CONSTRAINT_NAME);
                return err_set(err, kind, 0, "PostgreSQL refused a value (SQLSTATE %s)%s%s%s%s%s%s",
                               state, table ? ", table " : "", table ? table : "",
                               column ? ", column " : "", column ? column : "",
                               constraint ? ", constraint " : "", constraint ? constraint : "");
        }
        const char *text = PQresultErrorField(r, PG_DIAG_MESSAGE_PRIMARY);
        return err_set(err, kind, 0, "%s (SQLSTATE %s)", text ? text : "PostgreSQL failed", state);
}

static void quiet(void *arg, const char *message)
{
        (void)arg;
        (void)message;
}

static bool connected(struct pg *c, struct err *err)
{
        if (PQstatus(c->conn) == CONNECTION_OK)
                return true;
        char text[256];
        one_line(text, PQerrorMessage(c->conn));
        /* libpq gives no SQLSTATE here: what an operator must mend is told by its words. */
        bool theirs = strstr(text, "password") || strstr(text, "does not exist") ||
                      strstr(text, "pg_hba.conf") || strstr(text, "invalid connection option") ||
                      strstr(text, "missing \"=\"") || strstr(text, "invalid port");
        err_set(err, theirs ? ERR_CONFIG : ERR_RETRY, 0, "could not connect to PostgreSQL: %s", text);
        return err_hint(err, "Does it run, and do address, name and password in hub.cfg let this machine in?");
}

bool pg_open(struct pg **out, const char *conninfo, const char *password, const char *application_name,
             struct err *err)
{
        /* Later wins, so what stands before dbname is a default that conninfo may change. A
         * peer that vanished without a word is noticed within half a minute. */
        const char *names[] = { "connect_timeout", "tcp_user_timeout", "keepalives_idle",
                                "dbname", "application_name", "client_encoding",
                                password ? "password" : NULL, NULL };
        const char *values[] = { "10", "30000", "15", conninfo, application_name, "UTF8", password,
                                 NULL };
        struct pg *c = calloc(1, sizeof *c);
        if (!c)
                return err_set(err, ERR_FULL, 0, "out of memory");
        buf_init(&c->copy, COPY_BYTES_MAX);
        c->conn = PQconnectdbParams(names, values, 1);
        if (!c->conn || !connected(c, err)) {
                pg_close(c);
                return false;
        }
        PQsetNoticeProcessor(c->conn, quiet, NULL);
        *out = c;
        return true;
}

void pg_close(struct pg *c)
{
        if (!c)
                return;
        PQfinish(c->conn);
        buf_wipe(&c->copy);
        free(c);
}

bool pg_alive(const struct pg *c)
{
        return c && PQstatus(c->conn) == CONNECTION_OK;
}

const char *pg_state(const struct pg *c)
{
        return c->state;
}

int pg_backend_pid(const struct pg *c)
{
        return PQbackendPID(c->conn);
}

static bool succeeded(struct pg *c, PGresult *r, struct err *err)
{
        ExecStatusType status = r ? PQresultStatus(r) : PGRES_FATAL_ERROR;
        c->state[0] = 0;
        if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK || status == PGRES_EMPTY_QUERY)
                return true;
        if (status == PGRES_COPY_IN || status == PGRES_COPY_OUT)
                return err_set(err, ERR_BUG, 0, "COPY outside pg_copy_begin()");
        return pg_fail_result(c, r, err);
}

bool pg_run(struct pg *c, const char *sql, struct err *err)
{
        PGresult *r = PQexec(c->conn, sql);
        bool ok = succeeded(c, r, err);
        PQclear(r);
        return ok;
}

/* libpq wants NUL-terminated text: the parameters are copied into one block. */
static PGresult *execute(struct pg *c, const char *sql, const struct pg_param *params, size_t n,
                         struct err *err)
{
        const char *values[PARAMS_MAX];
        size_t total = 1;
        if (n > PARAMS_MAX) {
                err_set(err, ERR_BUG, 0, "%zu parameters in one statement", n);
                return NULL;
        }
        for (size_t i = 0; i < n; i++)
                total += params[i].v.n + 1;
        char *block = malloc(total);
        if (!block) {
                err_set(err, ERR_FULL, 0, "out of memory");
                return NULL;
        }
        char *at = block;
        for (size_t i = 0; i < n; i++) {
                values[i] = params[i].v.p ? at : NULL;
                if (params[i].v.n)
                        memcpy(at, params[i].v.p, params[i].v.n);
                at[params[i].v.n] = 0;
                at += params[i].v.n + 1;
        }
        PGresult *r = PQexecParams(c->conn, sql, (int)n, NULL, values, NULL, NULL, 0);
        explicit_bzero(block, total);
        free(block);
        if (succeeded(c, r, err))
                return r;
        PQclear(r);
        return NULL;
}

bool pg_run_params(struct pg *c, const char *sql, const struct pg_param *params, size_t n,
                   int64_t *affected, struct err *err)
{
        PGresult *r = execute(c, sql, params, n, err);
        if (!r)
                return false;
        if (affected) {
                *affected = 0;
                text_int(affected, slice_of(PQcmdTuples(r)), 0, INT64_MAX);
        }
        PQclear(r);
        return true;
}

struct pg_rows {
        PGresult *r;
};

bool pg_query(struct pg_rows **out, struct pg *c, const char *sql, const struct pg_param *params,
              size_t n, struct err *err)
{
        struct pg_rows *rows = calloc(1, sizeof *rows);
        if (!rows)
                return err_set(err, ERR_FULL, 0, "out of memory");
        rows->r = execute(c, sql, params, n, err);
        if (!rows->r) {
                free(rows);
                return false;
        }
        *out = rows;
        return true;
}

size_t pg_rows_count(const struct pg_rows *r)
{
        return (size_t)PQntuples(r->r);
}

size_t pg_rows_columns(const struct pg_rows *r)
{
        return (size_t)PQnfields(r->r);
}

const char *pg_rows_name(const struct pg_rows *r, size_t column)
{
        return PQfname(r->r, (int)column);
}

bool pg_rows_null(const struct pg_rows *r, size_t row, size_t column)
{
        return PQgetisnull(r->r, (int)row, (int)column);
}

struct slice pg_rows_text(const struct pg_rows *r, size_t row, size_t column)
{
        if (pg_rows_null(r, row, column))
                return SLICE_NONE;
        return slice_make(PQgetvalue(r->r, (int)row, (int)column),
                          (size_t)PQgetlength(r->r, (int)row, (int)column));
}

int64_t pg_rows_int(const struct pg_rows *r, size_t row, size_t column)
{
        int64_t v = 0;
        struct slice s = pg_rows_text(r, row, column);
        if (s.p)
                text_int(&v, s, INT64_MIN, INT64_MAX);
        return v;
}

void pg_rows_free(struct pg_rows *r)
{
        if (!r)
                return;
        PQclear(r->r);
        free(r);
}

bool pg_begin(struct pg *c, struct err *err)
{
        return pg_run(c, "BEGIN", err);
}

bool pg_commit(struct pg *c, struct err *err)
{
        PGresult *r = PQexec(c->conn, "COMMIT");
        bool ok = succeeded(c, r, err);
        /* COMMIT of a failed transaction succeeds, and is a ROLLBACK. */
        if (ok && strcmp(PQcmdStatus(r), "COMMIT") != 0)
                ok = err_set(err, ERR_SYSTEM, 0, "the transaction had failed and was rolled back");
        PQclear(r);
        return ok;
}

void pg_abort(struct pg *c)
{
        char state[sizeof c->state];
        memcpy(state, c->state, sizeof state); /* of the failure that led here */
        pg_copy_abort(c);
        if (pg_alive(c) && PQtransactionStatus(c->conn) != PQTRANS_IDLE)
                PQclear(PQexec(c->conn, "ROLLBACK"));
        memcpy(c->state, state, sizeof state);
}
