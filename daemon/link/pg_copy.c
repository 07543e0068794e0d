/* pg_copy.c - binary COPY FROM STDIN: signature, then rows of (length, bytes), then -1.
 *
 * Integers are big-endian, times are microseconds since 2000-01-01, an array has a header of
 * dimensions, flags, element type, length, lower bound (PostgreSQL's documentation of COPY,
 * "Binary Format", and the recv functions of its types).                              */
#include <libpq-fe.h>
#include <stdlib.h>

#include "pg_conn.h"

#define PG_EPOCH_US INT64_C(946684800000000)
enum { OID_TEXT = 25 };

bool pg_copy_begin(struct pg *c, const char *sql, struct err *err)
{
        PGresult *r = PQexec(c->conn, sql);
        bool ok = r && PQresultStatus(r) == PGRES_COPY_IN;
        c->state[0] = 0;
        if (!ok)
                pg_fail_result(c, r, err);
        PQclear(r);
        if (!ok)
                return false;
        buf_reset(&c->copy);
        buf_put(&c->copy, (struct slice){ "PGCOPY\n\377\r\n\0", 11 });
        buf_put_u32(&c->copy, 0); /* flags */
        buf_put_u32(&c->copy, 0); /* no extension */
        c->copying = true;
        c->copy_lost = false;
        return true;
}

/* A failure waits for pg_copy_end(), so that the puts need no answer. */
static void send_piece(struct pg *c)
{
        if (c->copy.n && !c->copy_lost &&
            PQputCopyData(c->conn, c->copy.p, (int)c->copy.n) != 1)
                c->copy_lost = true;
        if (buf_ok(&c->copy))
                buf_reset(&c->copy);
}

void pg_copy_row(struct pg *c, int16_t columns)
{
        if (c->copy.n >= COPY_PIECE)
                send_piece(c);
        buf_put_u16(&c->copy, (uint16_t)columns);
}

void pg_copy_null(struct pg *c)
{
        buf_put_u32(&c->copy, UINT32_MAX);
}

void pg_copy_bytes(struct pg *c, struct slice v)
{
        buf_put_u32(&c->copy, (uint32_t)v.n);
        buf_put(&c->copy, v);
}

void pg_copy_jsonb(struct pg *c, struct slice json)
{
        buf_put_u32(&c->copy, (uint32_t)json.n + 1);
        buf_put_u8(&c->copy, 1); /* version of the format */
        buf_put(&c->copy, json);
}

void pg_copy_i16(struct pg *c, int16_t v)
{
        buf_put_u32(&c->copy, 2);
        buf_put_u16(&c->copy, (uint16_t)v);
}

void pg_copy_i32(struct pg *c, int32_t v)
{
        buf_put_u32(&c->copy, 4);
        buf_put_u32(&c->copy, (uint32_t)v);
}

void pg_copy_i64(struct pg *c, int64_t v)
{
        buf_put_u32(&c->copy, 8);
        buf_put_u64(&c->copy, (uint64_t)v);
}

void pg_copy_bool(struct pg *c, bool v)
{
        buf_put_u32(&c->copy, 1);
        buf_put_u8(&c->copy, v);
}

void pg_copy_double(struct pg *c, double v)
{
        uint64_t bits;
        memcpy(&bits, &v, sizeof bits);
        pg_copy_i64(c, (int64_t)bits);
}

/* INT64_MAX is "infinity", INT64_MIN "-infinity", as PostgreSQL has them itself. */
void pg_copy_time(struct pg *c, int64_t unix_us)
{
        bool endless = unix_us == INT64_MAX || unix_us <= INT64_MIN + PG_EPOCH_US;
        pg_copy_i64(c, endless ? (unix_us > 0 ? INT64_MAX : INT64_MIN) : unix_us - PG_EPOCH_US);
}

void pg_copy_texts(struct pg *c, const struct slice *v, size_t n)
{
        size_t total = n ? 20 : 12;
        for (size_t i = 0; i < n; i++)
                total += 4 + v[i].n;
        buf_put_u32(&c->copy, (uint32_t)total);
        buf_put_u32(&c->copy, n ? 1 : 0); /* dimensions */
        buf_put_u32(&c->copy, 0);         /* no NULLs */
        buf_put_u32(&c->copy, OID_TEXT);
        if (n) {
                buf_put_u32(&c->copy, (uint32_t)n);
                buf_put_u32(&c->copy, 1); /* lower bound */
        }
        for (size_t i = 0; i < n; i++)
                pg_copy_bytes(c, v[i]);
}

/* Reads what the server says of the COPY; all results must be taken. */
static bool take_result(struct pg *c, int64_t *rows, struct err *err)
{
        bool ok = true;
        PGresult *r;
        while ((r = PQgetResult(c->conn)) != NULL) {
                if (PQresultStatus(r) != PGRES_COMMAND_OK)
                        ok = ok ? pg_fail_result(c, r, err) : false;
                else if (rows)
                        *rows = (int64_t)strtoll(PQcmdTuples(r), NULL, 10);
                PQclear(r);
                if (PQstatus(c->conn) == CONNECTION_BAD)
                        break;
        }
        return ok;
}

bool pg_copy_end(struct pg *c, int64_t *rows, struct err *err)
{
        if (!c->copying)
                return err_set(err, ERR_BUG, 0, "no COPY is open");
        if (!buf_ok(&c->copy)) {
                pg_copy_abort(c);
                return err_set(err, ERR_DATA, 0, "a row of COPY is larger than %d bytes",
                               COPY_BYTES_MAX);
        }
        buf_put_u16(&c->copy, UINT16_MAX);
        send_piece(c);
        c->copying = false;
        if (c->copy_lost || PQputCopyEnd(c->conn, NULL) != 1) {
                /* The server may have said why before the connection went. */
                if (!take_result(c, NULL, err))
                        return false;
                return pg_fail_connection(c, err);
        }
        return take_result(c, rows, err);
}

void pg_copy_abort(struct pg *c)
{
        if (!c->copying)
                return;
        c->copying = false;
        buf_reset(&c->copy);
        if (PQputCopyEnd(c->conn, "given up") == 1)
                take_result(c, NULL, NULL);
}
