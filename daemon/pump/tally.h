/* tally.h - the account: what became of every record, per source and UTC hour of capture.
 *
 * captured = sent + held + stayed + erased + expired + damaged: each record stands in exactly
 * one, from the transaction that settles it. A delete counts as sent. Beside the sum: retracted
 * (retracts that follow held and staying revisions), discarded (pieces the discard pass removed),
 * refused (lines refused at the door). An entry that is judged again - a re-send, out of the
 * vault - is not counted twice: if its outcome is another, it moves.
 *
 * A tally gathers the changes of one transaction, so that state.db sees a row per source and
 * hour, not a row a record. "In flight" is not here: it is computed from receipts, so that the
 * sum at the hub can fail.                                                             */
#ifndef PUMP_TALLY_H
#define PUMP_TALLY_H

#include "vault/state.h"

enum { TALLY_ROWS = 64 };

struct tally_row {
        char source[33];
        struct state_delta delta;
};
struct tally {
        struct tally_row rows[TALLY_ROWS];
        size_t n, last; /* last: the row touched last, mostly the next too */
        struct state *state;
        uint64_t change;         /* number of the account message that will tell the rows */
        size_t changed;          /* rows told under `change` so far */
        int64_t sums[OUTCOMES];  /* of this transaction */
};

/* Rows told by one account message at most: so a message never outgrows its ceiling. */
enum { TALLY_TOLD_MAX = 1000 };

/* Begins a transaction's tally. `changed` rows were already given the number `change`. */
void tally_begin(struct tally *t, struct state *state, uint64_t change, size_t changed);
/* The delta to add to; writes the rows out first when all are taken. NULL on failure. */
struct state_delta *tally_at(struct tally *t, struct slice source, int64_t hour_us, struct err *err);
/* A record met for the first time. */
bool tally_count(struct tally *t, struct slice source, int64_t hour_us, enum outcome o, struct err *err);
/* A record counted before whose outcome is another now. */
bool tally_move(struct tally *t, struct slice source, int64_t hour_us, enum outcome from,
                enum outcome to, struct err *err);
/* Writes what is left. */
bool tally_finish(struct tally *t, struct err *err);

/* What is counted at the door by other threads until the pump takes it over. */
struct door {
        struct tally_row *rows;
        size_t n, cap;
};
/* Adds; false when memory or the ceiling (4,096 source-hours) is out. */
bool tally_door_add(struct door *d, struct slice source, int64_t captured_us, int64_t refused,
              int64_t discarded);
bool door_tally(const struct door *d, struct tally *t, struct err *err);

int64_t hour_of(int64_t us);

#endif
