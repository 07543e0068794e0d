/* store.h - a lane's connection to the warehouse, and what it does in a transaction.
 *
 * load_batch() commits runs of messages: between erasures, all messages of a run are one
 * transaction (load.c): lock regions -> seen -> stage, merge -> accounts, hellos -> rejected ->
 * tally -> progress by compare-and-set -> receipts. A data error splits the run in halves until
 * the one bad message stands alone, which is then rejected without its payload.          */
#ifndef WAREHOUSE_STORE_H
#define WAREHOUSE_STORE_H

#include "link/pg.h"
#include "part.h"

enum { HOMES_MAX = 4096 };

struct reading_cache;
struct store {
        struct pg *c;
        char owner[96];          /* host, pid, lane: for people */
        uint8_t warehouse[16];
        uint64_t generation;
        char (*homes)[40];       /* regions that have a partition, sorted */
        size_t n_homes;
        struct reading_cache *readings;
        struct arena *scratch;   /* lives for one transaction */
};
/* ERR_CONFIG when the schema is not there. Failure leaves the store closed. */
bool store_open(struct store *s, const char *conninfo, const char *password, const char *owner,
                struct err *err);
void store_close(struct store *s); /* may be closed already */
/* Is it still the same warehouse, and are `held` progress rows still this connection's? ERR_BUSY
 * if not. For idle times: a commit finds out by itself. */
bool store_check(struct store *s, size_t held, struct err *err);
bool store_read_homes(struct store *s, struct err *err);
bool store_has_home(const struct store *s, const char *region);

/* ---- progress.c -------------------------------------------------------- */
/* Ends the old owner's backend, raises the fence, reads from where to go on. With part->fence
 * >= 0 and !force only if that fence still stands (or the row is gone): else PART_LOST. Sets
 * the state; a new row publishes watermark 0. */
bool progress_take(struct store *s, struct part *p, bool force, struct err *err);
/* Gives it up, if it is still ours: the next owner need not end our backend. */
bool progress_release(struct store *s, const struct part *p, struct err *err);
/* Applies what a message says of out, prev and offset. */
void progress_move(struct progress *p, const struct item *i);
/* Compare-and-set in the open transaction, with the watermark receipt. ERR_BUSY: not ours. */
bool progress_save(struct store *s, const struct part *p, const struct progress *next, struct err *err);

/* ---- receipts into the outbox (outbox.c) ------------------------------- */
struct receipt;
bool outbox_put(struct store *s, const char *region, const struct receipt *r, struct err *err);

/* ---- seen.c ------------------------------------------------------------ */
/* Sets `fresh` of each record in [0, n) and notes it as seen; `taken` of each that takes one back, which
 * is then as if it was never seen. In order of arrival: what is taken back may go out again. */
bool seen_mark(struct store *s, struct item *const *items, size_t n, struct err *err);

/* ---- tally.c: transitions of outcomes, summed over a transaction --------- */
struct tally_row {
        const char *region;
        struct slice source;
        int64_t hour_us, appended_us;
        int64_t change[OUTCOMES];
};
struct tally {
        struct tally_row *rows;
        size_t n, cap, max;
        struct arena *arena;
        bool full;
};
void tally_init(struct tally *t, struct arena *arena);
void tally_add(struct tally *t, const char *region, struct slice source, int64_t hour_us,
               int64_t appended_us, const int64_t change[OUTCOMES]);
void tally_one(struct tally *t, const struct item *i, enum outcome o);
bool tally_save(struct store *s, struct tally *t, struct err *err);

/* ---- reading.c --------------------------------------------------------- */
/* Finds or makes tributary.reading rows, outside of any transaction; fills item->reading. */
bool reading_resolve(struct store *s, struct item *const *items, size_t n, struct err *err);
struct reading_cache *reading_cache_new(void);
void reading_cache_free(struct reading_cache *c);

/* ---- rows.c, merge.c --------------------------------------------------- */
extern const char stage_table[]; /* CREATE TEMP TABLE stage */
bool rows_stage(struct store *s, struct item *const *winners, size_t n, struct err *err);
/* sorted: batch_sorted(). Adds what each message became to the parts' counts and to the tally. */
struct change { /* of one part in this transaction */
        struct part *part;
        struct progress next;
};
bool merge_items(struct store *s, struct item *const *sorted, size_t n, struct change *changes,
                 size_t n_changes, struct tally *t, struct err *err);

/* ---- the rest of the messages ------------------------------------------- */
bool account_save(struct store *s, const struct item *i, struct err *err);
bool hello_save(struct store *s, const struct item *i, struct err *err);
bool erase_apply(struct store *s, const struct item *i, struct tally *t, struct err *err);
bool reject_save(struct store *s, const struct item *i, struct err *err);

/* ---- load.c -------------------------------------------------------------- */
struct load_counts {
        int64_t outcome[OUTCOMES], gaps, transactions;
};
/* Goes on from batch->done; messages of parts that are not READY are left out. On failure batch->done tells how far it came: ERR_BUSY, a fence
 * is lost; other kinds, the connection or the server. */
bool load_batch(struct store *s, struct batch *b, struct load_counts *counts, struct err *err);

/* Text form of arrays for unnest(): "{", elements, "}". */
void put_array_text(struct buf *b, struct slice v); /* one element, quoted, after a comma if needed */
void put_array_int(struct buf *b, int64_t v);
void put_array_uuid(struct buf *b, const uint8_t id[16]);
/* A time as microseconds, in SQL: <x> * interval. */
#define SQL_TIME(x) "(timestamptz 'epoch' + " x " * interval '1 microsecond')"

#endif
