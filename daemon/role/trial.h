/* trial.h - a new policy set before its own cases, before it may be put in force.
 *
 * The cases of policies/cases/NAME of each policy of the region's chain are judged by the very set that
 * waits (its bytes, not what lies in the folder meanwhile), each on its own date and with its places.
 * A case that fails, or cannot be read, keeps the set out; so does one that takes too long (30 s in all).
 * A deployment without cases has nothing to try. Cases of other regions are passed by.
 *
 * One thread, while a set is tried; what came of it is told on the loop. All calls belong to the loop's
 * thread.                                                                                  */
#ifndef ROLE_TRIAL_H
#define ROLE_TRIAL_H

#include <stdatomic.h>

#include "link/loop.h"
#include "policy/policy.h"

enum { TRIAL_WHY = 400, TRIAL_US = 30 * 1000000 };

struct trial;
/* done: some trial ended; trial_of() knows. */
bool trial_open(struct trial **out, struct loop *l, void (*done)(void *ctx), void *ctx, struct err *err);
void trial_close(struct trial *t); /* ends a trial that runs, at its next case; NULL is allowed */

enum trial_said { TRIAL_UNKNOWN, TRIAL_RUNS, TRIAL_HOLDS, TRIAL_FAILS };
/* What is known of the set with this hash; why: of TRIAL_FAILS, which case. */
enum trial_said trial_of(const struct trial *t, const uint8_t hash[32], char why[TRIAL_WHY]);
/* What came of earlier trials counts no more: the cases may have changed. */
void trial_forget(struct trial *t);
/* Begins; holds the book and copies what it needs. While another one is tried: false, and done() will
 * be called. */
bool trial_begin(struct trial *t, struct book *fresh, const struct book_spec *spec, struct err *err);

/* The same here and now. False: why says which case, and where. stop: ends it early (may be NULL). */
bool trial_now(const struct book *fresh, const struct book_spec *spec, int64_t budget_us, const atomic_bool *stop,
               char why[TRIAL_WHY]);

#endif
