/* retire.h - what the writer does for the keeper: keys destroyed, segments let go, times noted.
 *
 * Each is an order (log_order()): it runs on the writer's thread between two commits, in one
 * transaction of keys.db, and may be repeated after a crash at any step. Destroying a period:
 * its wrapped key goes (secure_delete: overwritten), the commit is synced, the write-ahead log is
 * cut to nothing, then the key generation moves and every cache forgets. Letting a segment go:
 * the range of its seqs is written down, then its file is removed; a file whose removal a crash
 * prevented is found by recovery, read as expired, and let go again.                        */
#ifndef VAULT_RETIRE_H
#define VAULT_RETIRE_H

#include "log.h"

/* Rows of `keep`, at most KEEPS_MAX. */
bool retire_load_keeps(struct db *db, struct keep_time *out, size_t *n, struct err *err);
/* What counts for destruction at now_us (guarded): a time made shorter counts a day later. */
int64_t keep_raw_us(const struct keep_time *k, int64_t now_us);

/* Orders; `arg` is ... */
bool retire_keeps(struct log *l, void *arg, struct err *err);   /* struct keep_list *: rows that changed */
bool retire_class(struct log *l, void *arg, struct err *err);   /* struct vault_law: its classes get numbers */
bool retire_period(struct log *l, void *arg, struct err *err);  /* uint64_t *: its number */
bool retire_segment(struct log *l, void *arg, struct err *err); /* struct segment_info *: the catalog's */
bool retire_time(struct log *l, void *arg, struct err *err);    /* int64_t *: the guarded time */
/* Periods that a clock which ran ahead began count from now on: int64_t *. */
bool retire_future(struct log *l, void *arg, struct err *err);
/* Cuts the write-ahead log, where a reader or a crash was in the way before: NULL. */
bool retire_wal(struct log *l, void *arg, struct err *err);

struct keep_list {
        struct keep_time rows[KEEPS_MAX];
        size_t n;
};

#endif
