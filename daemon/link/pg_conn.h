/* pg_conn.h - what pg.c and pg_copy.c share of a connection. */
#ifndef LINK_PG_CONN_H
#define LINK_PG_CONN_H

#include <libpq-fe.h>

#include "link/pg.h"

/* COPY is sent in pieces of COPY_PIECE; one row may be COPY_BYTES_MAX. */
enum { COPY_PIECE = 256 << 10, COPY_BYTES_MAX = 64 << 20 };

struct pg {
        PGconn *conn;
        char state[6];
        struct buf copy;
        bool copying, copy_lost;
};

/* Fill err (and c->state) from the connection or a failed result; always false. */
bool pg_fail_connection(struct pg *c, struct err *err);
bool pg_fail_result(struct pg *c, const PGresult *r, struct err *err);

#endif
