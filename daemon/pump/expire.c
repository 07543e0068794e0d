/* expire.c - what retention does to the account: held and staying entries whose key is destroyed
 * count as expired, and so does what the hub lost and asks for again too late; and how far the
 * hub's receipts cover the vault, which retention waits for. */
#include "base/clock.h"
#include "base/log.h"
#include "pump_private.h"
#include "vault/kept.h"

enum { EXPIRE_AT_ONCE = 2000 };

struct expiring {
        struct tally tally;
        uint64_t n, held, stayed;
};

static bool move(const struct kept_moved *m, void *ctx, struct err *err)
{
        struct expiring *e = ctx;
        struct state_delta *d = tally_at(&e->tally, m->source, m->hour_us, err);
        if (!d)
                return false;
        d->by_outcome[m->before] -= (int64_t)m->entries;
        d->by_outcome[OUTCOME_EXPIRED] += (int64_t)m->entries;
        *(m->before == OUTCOME_HELD ? &e->held : &e->stayed) += m->entries;
        e->n += m->entries;
        return true;
}

/* In a transaction of its own: nothing of the window is concerned. */
static bool expire_some(struct pump *p, uint64_t period, bool *more, struct err *err)
{
        struct expiring e = { .n = 0 };
        tally_begin(&e.tally, p->state, p->change, p->changed);
        if (!state_begin(p->state, err))
                return false;
        if (!kept_expire(p->state, period, EXPIRE_AT_ONCE, move, &e, more, err) || !tally_finish(&e.tally, err) ||
            !state_put_number(p->state, "change", e.tally.change, err) || !state_commit(p->state, err)) {
                state_abort(p->state);
                return false;
        }
        if (e.tally.change != p->change || e.tally.changed != p->changed)
                p->account_dirty = true;
        p->change = e.tally.change;
        p->changed = e.tally.changed;
        p->totals.held -= e.held;
        p->totals.stayed -= e.stayed;
        metric_add(&pump_metrics[PUMP_EXPIRED], (int64_t)e.n);
        if (e.n)
                log_info("pump", "kept entries have expired", "period=%llu held=%llu stayed=%llu",
                         (unsigned long long)period, (unsigned long long)e.held, (unsigned long long)e.stayed);
        return true;
}

/* ---- What cannot be sent again ------------------------------------------ */
struct unsendable {
        struct tally *tally;
        uint64_t n;
};

static bool give_up(const struct kept_moved *m, void *ctx, struct err *err)
{
        struct unsendable *u = ctx;
        struct state_delta *d = tally_at(u->tally, m->source, m->hour_us, err);
        if (!d)
                return false;
        d->by_outcome[OUTCOME_SENT] -= (int64_t)m->entries;
        d->by_outcome[OUTCOME_EXPIRED] += (int64_t)m->entries;
        u->tally->sums[OUTCOME_SENT] -= (int64_t)m->entries;
        u->tally->sums[OUTCOME_EXPIRED] += (int64_t)m->entries;
        u->n += m->entries;
        return true;
}

bool expire_resent(struct pump *p, struct tally *t, struct err *err)
{
        struct unsendable u = { .tally = t };
        if (!vault_has_removed(p->spec.vault)) /* then a rest is a mistake, and shall be seen */
                return true;
        if (!kept_unsendable(p->state, give_up, &u, err))
                return false;
        if (u.n)
                log_warning("pump", "hub lost entries that are kept here no more", "entries=%llu",
                            (unsigned long long)u.n);
        return true;
}

/* ---- What was kept ------------------------------------------------------- */
/* One portion a turn, so that sending goes on meanwhile. */
bool expire_kept(struct pump *p, struct err *err)
{
        uint64_t generation = vault_key_generation(p->spec.vault), period;
        bool found, gone, more = true;
        if (!expire_pending(p))
                return true;
        if (p->expired_generation != generation) /* from the first period again */
                p->expired_to = 0;
        p->expired_generation = generation;
        if (!kept_next(p->state, p->expired_to, &found, &period, err))
                return false;
        if (!found) {
                p->expired_to = UINT64_MAX;
                return true;
        }
        if (!vault_period_gone(p->periods, period, &gone, err) ||
            (gone && !expire_some(p, period, &more, err)))
                return false;
        if (!gone || !more)
                p->expired_to = period;
        return true;
}

bool expire_pending(const struct pump *p)
{
        return p->expired_to != UINT64_MAX ||
               p->expired_generation != vault_key_generation(p->spec.vault);
}

bool expire_cover(struct pump *p, struct err *err)
{
        struct position covered;
        if (!kept_covered(p->state, p->cursor, &covered, err))
                return false;
        vault_cover(p->spec.vault, covered);
        return true;
}
