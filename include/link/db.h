/* db.h - SQLite for state: one connection a thread, short transactions.
 *
 * Opened with WAL, synchronous=FULL, secure_delete=ON, foreign_keys=ON, busy timeout
 * 10 s. SQLITE_FULL is ERR_FULL, SQLITE_BUSY ERR_RETRY, SQLITE_CORRUPT and NOTADB
 * ERR_SYSTEM, constraint failures ERR_DATA. Statements are prepared once and reused. */
#ifndef LINK_DB_H
#define LINK_DB_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

struct db;
struct db_stmt;

/* Creates the file (0600) if missing, then runs `schema` (idempotent, may be NULL). */
bool db_open(struct db **out, const char *path, const char *schema, struct err *err);
bool db_open_read_only(struct db **out, const char *path, struct err *err);
void db_close(struct db *d); /* finalizes statements too; NULL is allowed */
bool db_run(struct db *d, const char *sql, struct err *err);
bool db_begin(struct db *d, struct err *err); /* IMMEDIATE */
bool db_commit(struct db *d, struct err *err); /* failed: rolled back */
void db_abort(struct db *d); /* harmless outside a transaction */
/* Truncates the WAL (after keys were destroyed). */
bool db_checkpoint(struct db *d, struct err *err);

/* Prepared once, owned by the db: the same text gives the same statement, reset (so a
 * loop over it must not prepare it again inside). Bad SQL aborts: it is our own. */
struct db_stmt *db_prepare(struct db *d, const char *sql);
/* Parameters are 1-based; bound values must live until the next db_reset(). */
void db_bind_int(struct db_stmt *s, int at, int64_t v);
void db_bind_bytes(struct db_stmt *s, int at, struct slice v); /* blob; absent: NULL */
void db_bind_text(struct db_stmt *s, int at, struct slice v);
void db_bind_null(struct db_stmt *s, int at);
/* *row: true if there is a row to read, false when done. Call until done or db_reset():
 * a statement left in the middle holds back checkpoints. Done and failed ones are reset. */
bool db_step(struct db_stmt *s, bool *row, struct err *err);
/* step to the end, then reset. */
bool db_do(struct db_stmt *s, struct err *err);
int64_t db_int(struct db_stmt *s, int column); /* columns are 0-based */
struct slice db_bytes(struct db_stmt *s, int column); /* valid until the next step or reset */
bool db_null(struct db_stmt *s, int column);
void db_reset(struct db_stmt *s); /* forgets the bindings: all are NULL again */
int64_t db_last_id(struct db *d);
int64_t db_changes(struct db *d);

#endif
