/* pg.h - PostgreSQL, one connection a thread (libpq behind it).
 *
 * Errors carry kind by SQLSTATE: 40001, 40P01, 55P03, 57014, 57P0x, class 08 and lost
 * connections are ERR_RETRY; 28xxx and 3D000 ERR_CONFIG; 42501 ERR_DENIED; 22xxx, 23xxx and
 * 54xxx ERR_DATA; 53xxx ERR_FULL; else ERR_SYSTEM. pg_state() gives the SQLSTATE. Only
 * the server's primary message enters the text, never DETAIL, which quotes rows; of data
 * errors not even that: SQLSTATE, table, column and constraint.                    */
#ifndef LINK_PG_H
#define LINK_PG_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

struct pg;
/* conninfo without a password; `password` (may be NULL) is added. Sets application_name.
 * connect_timeout 10 s unless conninfo says other. */
bool pg_open(struct pg **out, const char *conninfo, const char *password, const char *application_name,
             struct err *err);
void pg_close(struct pg *c); /* NULL is allowed */
bool pg_alive(const struct pg *c);
const char *pg_state(const struct pg *c); /* SQLSTATE of the last failure, "" if none */
int pg_backend_pid(const struct pg *c);

struct pg_param { /* text format; p == NULL is NULL. bytea goes as "\\x..." text */
        struct slice v;
};
/* One statement or, without params, several. Rows are discarded. */
bool pg_run(struct pg *c, const char *sql, struct err *err);
bool pg_run_params(struct pg *c, const char *sql, const struct pg_param *params, size_t n,
                   int64_t *affected, struct err *err);

/* Rows in text format. Gives: pg_rows_free(). */
struct pg_rows;
bool pg_query(struct pg_rows **out, struct pg *c, const char *sql, const struct pg_param *params,
              size_t n, struct err *err);
size_t pg_rows_count(const struct pg_rows *r);
size_t pg_rows_columns(const struct pg_rows *r);
const char *pg_rows_name(const struct pg_rows *r, size_t column);
bool pg_rows_null(const struct pg_rows *r, size_t row, size_t column);
struct slice pg_rows_text(const struct pg_rows *r, size_t row, size_t column);
int64_t pg_rows_int(const struct pg_rows *r, size_t row, size_t column); /* 0 if NULL */
void pg_rows_free(struct pg_rows *r);

/* Binary COPY ... FROM STDIN (FORMAT binary). put() adds to a buffer sent in pieces.
 * Calling sequence: begin -> (row -> value*)* -> end. */
bool pg_copy_begin(struct pg *c, const char *sql, struct err *err);
void pg_copy_row(struct pg *c, int16_t columns);
void pg_copy_null(struct pg *c);
void pg_copy_bytes(struct pg *c, struct slice v);   /* text, bytea, uuid (16), json */
void pg_copy_jsonb(struct pg *c, struct slice json);
void pg_copy_i16(struct pg *c, int16_t v);
void pg_copy_i32(struct pg *c, int32_t v);
void pg_copy_i64(struct pg *c, int64_t v);
void pg_copy_bool(struct pg *c, bool v);
void pg_copy_double(struct pg *c, double v);
void pg_copy_time(struct pg *c, int64_t unix_us);   /* timestamptz */
void pg_copy_texts(struct pg *c, const struct slice *v, size_t n); /* text[] */
bool pg_copy_end(struct pg *c, int64_t *rows, struct err *err);
/* Gives up the COPY; the transaction is then failed. */
void pg_copy_abort(struct pg *c);

/* begin / commit / abort. commit's ERR_RETRY means: not known whether it happened. */
bool pg_begin(struct pg *c, struct err *err);
bool pg_commit(struct pg *c, struct err *err);
void pg_abort(struct pg *c);

#endif
