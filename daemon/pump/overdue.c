/* overdue.c - held entries that nobody looked at within keep.held: they stay from then on.
 *
 * The judge says so of an entry that it meets that late; those it held before are found here, by the
 * hour of their capture, so at most an hour later. The line is that of the region's own law: whom
 * another policy protects here too is held as long as the region's records are, or less, once judged
 * again. In a transaction of its own: nothing of the window is concerned.                     */
#include "base/clock.h"
#include "base/log.h"
#include "pump_private.h"
#include "vault/kept.h"

enum { OVERDUE_AT_ONCE = 2000 };
#define LOOK_EVERY_US (10 * 60 * US_PER_SECOND)

struct overdue {
        struct tally tally;
        uint64_t n;
};

static bool move(const struct kept_moved *m, void *ctx, struct err *err)
{
        struct overdue *o = ctx;
        struct state_delta *d = tally_at(&o->tally, m->source, m->hour_us, err);
        if (!d)
                return false;
        d->by_outcome[OUTCOME_HELD] -= (int64_t)m->entries;
        d->by_outcome[OUTCOME_STAYED] += (int64_t)m->entries;
        o->n += m->entries;
        return true;
}

static bool move_some(struct pump *p, int64_t before_us, const struct state_decision *by, bool *more, struct err *err)
{
        struct overdue o = { .n = 0 };
        tally_begin(&o.tally, p->state, p->change, p->changed);
        if (!state_begin(p->state, err))
                return false;
        if (!kept_overdue(p->state, before_us, by, OVERDUE_AT_ONCE, move, &o, more, err) || !tally_finish(&o.tally, err) ||
            !state_put_number(p->state, "change", o.tally.change, err) || !state_commit(p->state, err)) {
                state_abort(p->state);
                return false;
        }
        if (o.tally.change != p->change || o.tally.changed != p->changed)
                p->account_dirty = p->in_flight_dirty = true;
        p->change = o.tally.change;
        p->changed = o.tally.changed;
        p->totals.held -= o.n;
        p->totals.stayed += o.n;
        if (o.n)
                log_info("pump", "held entries stay: nobody released them in time", "entries=%llu line=%.*s:%d",
                         (unsigned long long)o.n, SLICE_ARG(by->file), by->line);
        return true;
}

bool overdue_stay(struct pump *p, int64_t now_us, struct err *err)
{
        struct held_said said;
        bool more = false;
        if (now_us < p->overdue_us || !p->book)
                return true;
        if (book_held(p->book, &said)) {
                const struct state_decision by = { .file = slice_of(said.file), .rule = SLICE("keep"),
                                                   .because = slice_of(said.because), .line = said.line,
                                                   .policy_version = book_version(p->book) };
                if (!move_some(p, clock_now_us() - said.held_us, &by, &more, err))
                        return false;
        }
        p->overdue_us = more ? now_us : now_us + LOOK_EVERY_US;
        return true;
}

int64_t overdue_due_us(const struct pump *p)
{
        return p->book ? p->overdue_us : INT64_MAX;
}
