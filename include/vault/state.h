/* state.h - state.db: what the pump remembers, in one transaction with its cursor.
 *
 * SQLite (WAL, FULL); the pump's thread alone writes. Readers (status, verbs) open their own
 * read-only connection. Tables are specified in state.sql.                            */
#ifndef VAULT_STATE_H
#define VAULT_STATE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "model/message.h"
#include "model/receipt.h"

struct state;
bool state_open(struct state **out, const char *state_dir, struct err *err);
bool state_open_read_only(struct state **out, const char *state_dir, struct err *err);
void state_close(struct state *s);
bool state_begin(struct state *s, struct err *err);
bool state_commit(struct state *s, struct err *err);
void state_abort(struct state *s);

/* Small named values ("warehouse_seen", "serial"). Missing: *out keeps its value. */
bool state_get(struct state *s, const char *name, struct buf *out, bool *found, struct err *err);
bool state_put(struct state *s, const char *name, struct slice value, struct err *err);

#endif
