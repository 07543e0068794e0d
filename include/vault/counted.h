/* counted.h - whom the counters of policies have counted, and who shares a rare combination.
 *
 * Tables of state.db beside those of state.h, with the same promises: the pump's thread alone writes;
 * what changes joins the transaction that state_begin() began. A line is known by a text that stays
 * the same in all versions of a policy. People stand there by number (or a record by its key), a
 * combination by its keyed hash, both with the last day on which they were met: a window is the days
 * from `since` on, so the same row serves a calendar year and the last twelve months.          */
#ifndef VAULT_COUNTED_H
#define VAULT_COUNTED_H

#include "vault/state.h"

/* Makes the tables, if they are not there. Before anything else here. */
bool counted_open(struct state *s, struct err *err);
/* The line's number; 0: nothing was ever counted under it. */
bool counted_line(struct state *s, const char *id, int64_t *number, struct err *err);
/* The same, and makes one. */
bool counted_new_line(struct state *s, const char *id, int64_t *number, struct err *err);

/* ---- Counters ---- */
/* The last day on which `who` (at most 16 bytes) was counted; INT64_MIN: never. */
bool counted_day(struct state *s, int64_t line, struct slice who, int64_t *day, struct err *err);
bool counted_put(struct state *s, int64_t line, struct slice who, int64_t day, struct err *err);
/* How many different ones since that day. Takes milliseconds where they are many. */
bool counted_people(struct state *s, int64_t line, int64_t since, uint64_t *out, struct err *err);

/* ---- Combinations ---- */
/* How many different ones but `who` shared it since that day, at most `max`. */
bool sharing_others(struct state *s, int64_t line, const uint8_t combination[16], struct slice who, int64_t since,
                    uint64_t max, uint64_t *out, struct err *err);
bool sharing_put(struct state *s, int64_t line, const uint8_t combination[16], struct slice who, int64_t day,
                 struct err *err);
bool sharing_rows(struct state *s, uint64_t *out, struct err *err);

/* Forgets rows of the line from before that day, at most `max` of each table; *n: how many. */
bool counted_forget(struct state *s, int64_t line, int64_t before, size_t max, uint64_t *n, struct err *err);

#endif
