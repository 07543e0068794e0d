/* kept.h - what the pump remembers of entries that stay at home: held and staying ones end with
 * the key of their period, and from then on count as expired.
 *
 * A table of state.db beside those of state.h, with the same promises: the pump's thread alone
 * writes; what changes joins the transaction that state_begin() began.                     */
#ifndef VAULT_KEPT_H
#define VAULT_KEPT_H

#include "vault/state.h"

/* Makes the table, if it is not there. Before anything else here. */
bool kept_open(struct state *s, struct err *err);
/* An entry whose decision is held or stayed. Once is enough. */
bool kept_put(struct state *s, uint64_t period, struct position at, struct err *err);
/* The first period after `after` that has kept entries. */
bool kept_next(struct state *s, uint64_t after, bool *found, uint64_t *period, struct err *err);

struct kept_moved { /* so many of a source and hour are expired now */
        struct slice source;
        int64_t hour_us;
        enum outcome before;
        uint64_t entries;
};
/* The period's key is destroyed: decisions of at most `max` of its entries become OUTCOME_EXPIRED
 * and are kept no more; what was decided otherwise since stays so. Calls each() for what moved
 * (false ends with failure). *more: call again. */
bool kept_expire(struct state *s, uint64_t period, size_t max,
                 bool (*each)(const struct kept_moved *m, void *ctx, struct err *err), void *ctx, bool *more,
                 struct err *err);

/* Of entries held, those captured in hours that ended by `before_us`: at most `max` of them, the oldest,
 * stay from now on, by the line that `by` names (its file, rule, because, line and policy_version).
 * Calls each() for what moved (before: OUTCOME_HELD). *more: call again. */
bool kept_overdue(struct state *s, int64_t before_us, const struct state_decision *by, size_t max,
                  bool (*each)(const struct kept_moved *m, void *ctx, struct err *err), void *ctx, bool *more,
                  struct err *err);

/* All that could be read was sent again; what is left to be is in no segment any more. Calls each()
 * for it (before: OUTCOME_SENT), and none of it is to be sent again any longer. */
bool kept_unsendable(struct state *s, bool (*each)(const struct kept_moved *m, void *ctx, struct err *err),
                     void *ctx, struct err *err);

/* Every entry up to *out is at the hub or need not be; settled ones only (`cursor`). */
bool kept_covered(struct state *s, struct position cursor, struct position *out, struct err *err);

#endif
