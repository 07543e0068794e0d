/* way.h - what went out on a partition in one transaction, per source and hour.
 *
 * A stream gathers its own; settle.c writes them out as pieces (vault/state.h), so that state.db
 * sees a row per source and hour, not a row a record.                                    */
#ifndef PUMP_WAY_H
#define PUMP_WAY_H

#include "vault/state.h"
#include "window.h"

struct way_row {
        char source[33];
        int64_t hour_us;
        uint64_t records;
        struct position first, last; /* in the vault */
        struct state_run *runs;
        size_t n_runs, cap_runs;
};
struct way {
        struct way_row *rows;
        size_t n, cap, at; /* at: the row touched last, mostly the next too */
};
void way_reset(struct way *w); /* keeps memory */
void way_clear(struct way *w); /* frees */
/* A record whose message was acknowledged. ERR_FULL when memory is out. */
bool way_note(struct way *w, const struct slot *s, struct err *err);
/* Only how many: for what was sent before, and is read again. */
bool way_count(struct way *w, const struct slot *s, struct err *err);
/* Only counts: what was read again needs it no more. */
bool way_resent(const struct way *w, struct state *state, struct err *err);
bool way_write(const struct way *w, struct state *state, int32_t partition, uint64_t epoch, uint64_t range,
               struct err *err);

#endif
