/* crowd.h - who is known in a region, for the judge: learnt out of its vault's recent records.
 *
 * The pump learns so before it judges the first record, and from each that it reads ahead of its
 * judgement; the desk, before it says what of the vault would leave. The code and the ceilings are the
 * same, so that both mask the same names. Names are in memory only.
 *
 * Calling sequence, on the judge's thread: crowd_open -> crowd_learn until all is learnt -> judge_know ->
 * (crowd_meet | policy_judge)* -> crowd_close, after the judges that know it.              */
#ifndef PUMP_CROWD_H
#define PUMP_CROWD_H

#include "policy/known.h"
#include "vault/vault.h"

struct crowd;
/* At most max_names, of whom wrote since_us or later. The vault, one of vault_peek() too, must live
 * longer. */
bool crowd_open(struct crowd **out, struct vault *v, size_t max_names, int64_t since_us, struct err *err);
void crowd_close(struct crowd *c); /* NULL is allowed */
/* Reads on, at most so many entries. *all: all that was in the vault is learnt; crowd_meet() has the
 * rest. */
bool crowd_learn(struct crowd *c, size_t entries, bool *all, struct err *err);
/* A record that is about to be judged, however old: its author is known now. */
bool crowd_meet(struct crowd *c, const struct record *r, struct err *err);
const struct known *crowd_known(const struct crowd *c); /* the crowd's */
size_t crowd_count(const struct crowd *c);              /* names, handles and addresses */
uint64_t crowd_read(const struct crowd *c);             /* entries so far */

#endif
