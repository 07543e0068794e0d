/* settle.c - the one transaction: cursor, decisions, transport positions, account.
 *
 * Everything that a done slot means is written together with the cursor that passes it; after
 * the commit the same is true in memory. If the transaction fails nothing has happened: the
 * slots stay, the window fills, reading stops.                                          */
#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "pump_private.h"
#include "vault/kept.h"

struct settling {
        struct pump *p;
        struct tally tally;
        struct position cursor;
        uint64_t told;
        bool account_back; /* the account message in flight is among the slots */
        struct reapply_job again; /* as it will be; see reapply.c */
};

bool settle_due(struct pump *p, int64_t now_us)
{
        size_t done = window_done(&p->window);
        if (done && !p->settle_us)
                p->settle_us = now_us;
        return p->settle_us && (done >= SETTLE_SLOTS || now_us - p->settle_us >= SETTLE_US);
}

/* ---- One slot ---------------------------------------------------------- */
bool settle_decision(struct pump *p, const struct slot *s, struct err *err)
{
        struct state_decision d = {
                .at = s->at,
                .outcome = s->outcome,
                .source = slice_of(s->source),
                .hour_us = s->hour_us,
        };
        memcpy(d.record_key, s->record_key, sizeof d.record_key);
        if (s->verdict) {
                d.file = slice_of(s->verdict->file);
                d.line = s->verdict->line;
                d.rule = slice_of(s->verdict->rule);
                d.because = slice_of(s->verdict->because);
                d.policy_version = s->verdict->policy_version;
        }
        bool ends_with_key = s->outcome == OUTCOME_HELD || s->outcome == OUTCOME_STAYED;
        return state_put_decision(p->state, &d, err) &&
               (!ends_with_key || kept_put(p->state, s->period, s->at, err));
}

static bool count_retract(struct settling *g, const struct slot *s, struct err *err)
{
        struct state_delta *d = tally_at(&g->tally, slice_of(s->source), s->hour_us, err);
        if (d)
                d->retracted++;
        return d != NULL;
}

static bool count_fresh(struct settling *g, const struct slot *s, struct err *err)
{
        return tally_count(&g->tally, slice_of(s->source), s->hour_us, s->outcome, err) &&
               (!s->retract || count_retract(g, s, err)) &&
               (s->outcome == OUTCOME_SENT || settle_decision(g->p, s, err));
}

static bool has_piece(const struct settling *g, const struct slot *s)
{
        return position_compare(s->at, g->p->counted_from) > 0;
}

/* What was sent before is on its way again; of a time before pieces only the sum is kept right. */
static bool leave_way(struct settling *g, const struct slot *s, enum outcome before, struct err *err)
{
        if (has_piece(g, s))
                return before != OUTCOME_SENT || way_count(&g->p->resent, s, err);
        int64_t by = (s->outcome == OUTCOME_SENT) - (before == OUTCOME_SENT);
        return by == 0 || state_move_arrived(g->p->state, slice_of(s->source), s->hour_us, by, err);
}

/* Counted before: it moves if today's policies, or an erasure since, say otherwise. */
static bool count_again(struct settling *g, const struct slot *s, struct err *err)
{
        enum outcome before;
        if (!state_outcome(g->p->state, s->at, &before, err) || !leave_way(g, s, before, err) ||
            !tally_move(&g->tally, slice_of(s->source), s->hour_us, before, s->outcome, err))
                return false;
        if (s->outcome != OUTCOME_SENT)
                return settle_decision(g->p, s, err);
        return before == OUTCOME_SENT || state_drop_decision(g->p->state, s->at, err);
}

static bool settle_entry(struct settling *g, const struct slot *s, struct err *err)
{
        bool again = position_compare(s->at, g->cursor) <= 0;
        if (!again)
                g->cursor = s->at;
        if (s->again && !reapply_slot(g->p, &g->tally, &g->again, s, err))
                return false;
        if (s->counts && !(again ? count_again(g, s, err) : count_fresh(g, s, err)))
                return false;
        if (s->kind == ENTRY_ERASE && s->partition >= 0 &&
            !state_put_erasure(g->p->state, s->at, s->record_key, err))
                return false;
        return !s->has_subject ||
               state_issue(g->p->state, s->subject, s->times_erased, s->pseudonym, err);
}

static bool gather_sent(struct settling *g, const struct slot *s, struct err *err)
{
        struct stream *st = &g->p->streams[s->partition];
        if (!st->touched) {
                st->touched = true;
                st->records = 0;
                way_reset(&st->way);
        }
        st->acked = s->out;
        if (s->what != SLOT_ENTRY)
                return true;
        if (!st->records++) {
                st->first = s->out;
                st->at = s->at;
        }
        st->to = s->out.seq;
        if (position_compare(s->at, st->at) < 0)
                st->at = s->at;
        return !s->counts || s->outcome != OUTCOME_SENT || !has_piece(g, s) || way_note(&st->way, s, err);
}

static bool settle_slot(struct settling *g, const struct slot *s, struct err *err)
{
        if (s->partition >= 0 && !gather_sent(g, s, err))
                return false;
        if (s->what == SLOT_ACCOUNT) {
                g->account_back = true;
                g->told = s->told;
        }
        return s->what != SLOT_ENTRY || settle_entry(g, s, err);
}

/* ---- Partitions -------------------------------------------------------- */
/* An erasure that is sent again comes before what is read in order, whatever its position. */
static bool in_order(const struct slot *s)
{
        return s->what == SLOT_ENTRY && s->kind != ENTRY_ERASE && !s->again;
}

/* How far the sending again has come: everything read up to `to` is settled. */
static bool resend_progress(const struct pump *p, size_t n, struct position *to)
{
        *to = n == p->window.n ? p->position : (struct position){ 0, 0 };
        for (size_t i = n; i-- > 0 && n != p->window.n;)
                if (in_order(window_at(&p->window, i))) {
                        *to = window_at(&p->window, i)->at;
                        break;
                }
        return position_compare(*to, p->resend_until) >= 0;
}

static void next_transport(const struct pump *p, const struct stream *st, bool resent,
                           struct position to, struct state_transport *out)
{
        *out = st->t;
        if (st->touched)
                out->acked = st->acked;
        if (!p->resending || !out->resend)
                return;
        if (resent)
                out->resend = false;
        else if (position_compare(to, out->resend_after) > 0)
                out->resend_after = to;
}

static bool write_sent(struct pump *p, int32_t partition, struct err *err)
{
        const struct stream *st = &p->streams[partition];
        uint64_t range;
        if (!st->touched || !st->records)
                return true;
        return state_add_sent(p->state, partition, st->first, st->to, st->at, st->records, &range, err) &&
               way_write(&st->way, p->state, partition, st->first.epoch, range, err);
}

static bool write_streams(struct pump *p, bool resent, struct position to, struct err *err)
{
        for (int32_t i = 0; i < p->n_streams; i++) {
                struct stream *st = &p->streams[i];
                struct state_transport t;
                if (!st->touched && !st->dirty && !(p->resending && st->t.resend))
                        continue;
                next_transport(p, st, resent, to, &t);
                if (!state_put_transport(p->state, &t, err) || !write_sent(p, i, err))
                        return false;
                if (st->dirty && t.heard && !state_fold_pieces(p->state, i, t.mark, err))
                        return false;
        }
        return true;
}

static void keep_streams(struct pump *p, bool resent, struct position to)
{
        for (int32_t i = 0; i < p->n_streams; i++) {
                struct stream *st = &p->streams[i];
                struct state_transport t;
                next_transport(p, st, resent, to, &t);
                if (st->touched)
                        p->in_flight += st->records; /* until it is counted anew */
                p->in_flight_dirty |= st->touched || st->dirty;
                st->t = t;
                st->touched = st->dirty = false;
        }
        if (p->resending && resent) {
                p->resending = false;
                log_info("pump", "sent again what the hub had lost", NULL);
        }
}

static void forget_touches(struct pump *p)
{
        for (int32_t i = 0; i < p->n_streams; i++)
                p->streams[i].touched = false;
}

/* ---- The transaction --------------------------------------------------- */
static bool write_all(struct settling *g, size_t n, const struct door *door, bool resent,
                      struct position to, struct err *err)
{
        struct pump *p = g->p;
        for (size_t i = 0; i < n; i++)
                if (!settle_slot(g, window_at(&p->window, i), err))
                        return false;
        return door_tally(door, &g->tally, err) && way_resent(&p->resent, p->state, err) &&
               (!(p->resending && resent) || expire_resent(p, &g->tally, err)) &&
               tally_finish(&g->tally, err) && write_streams(p, resent, to, err) &&
               reapply_write(p, n, &g->again, err) &&
               state_put_position(p->state, STATE_CURSOR, g->cursor, err) &&
               state_put_number(p->state, "serial", p->serial, err) &&
               state_put_number(p->state, "change", g->tally.change, err) &&
               state_put_number(p->state, "told", g->told, err);
}

static void add_sums(struct pump *p, const int64_t sums[OUTCOMES])
{
        static const struct {
                enum outcome outcome;
                enum pump_row row;
        } rows[] = { { OUTCOME_SENT, PUMP_SENT }, { OUTCOME_HELD, PUMP_HELD },
                     { OUTCOME_STAYED, PUMP_STAYED } };
        for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
                if (sums[rows[i].outcome] > 0)
                        metric_add(&pump_metrics[rows[i].row], sums[rows[i].outcome]);
        p->totals.sent += (uint64_t)sums[OUTCOME_SENT];
        p->totals.held += (uint64_t)sums[OUTCOME_HELD];
        p->totals.stayed += (uint64_t)sums[OUTCOME_STAYED];
}

/* What was too large is held now, and settled: no longer looked for. */
static void forget_too_large(struct pump *p, size_t n)
{
        for (size_t i = 0; i < n && p->n_too_large; i++)
                for (size_t k = p->n_too_large; k-- > 0;)
                        if (position_compare(window_at(&p->window, i)->at, p->too_large[k]) == 0)
                                p->too_large[k] = p->too_large[--p->n_too_large];
}

static void keep_all(struct settling *g, size_t n, bool resent, struct position to)
{
        struct pump *p = g->p;
        keep_streams(p, resent, to);
        if (g->tally.change != p->change || g->tally.changed != p->changed)
                p->account_dirty = true;
        p->balance_dirty = true;
        p->cursor = g->cursor;
        p->in_flight_dirty = true; /* with it, how far the vault is covered */
        p->change = g->tally.change;
        p->changed = g->tally.changed;
        p->told = g->told;
        if (g->account_back)
                p->account_in_flight = false;
        add_sums(p, g->tally.sums);
        forget_too_large(p, n);
        reapply_keep(p, n, &g->again);
        window_drop(&p->window, n);
        p->settle_us = 0;
}

/* Takes what was counted at the door; gives it back when the transaction fails. */
static struct door take_door(struct pump *p)
{
        pthread_mutex_lock(&p->lock);
        struct door d = p->door;
        p->door = (struct door){ 0 };
        pthread_mutex_unlock(&p->lock);
        return d;
}

static void return_door(struct pump *p, struct door *d, bool written)
{
        pthread_mutex_lock(&p->lock);
        for (size_t i = 0; !written && i < d->n; i++)
                if (!tally_door_add(&p->door, slice_of(d->rows[i].source), d->rows[i].delta.hour_us,
                              d->rows[i].delta.refused, d->rows[i].delta.discarded))
                        metric_add(&pump_metrics[PUMP_REFUSED_LOST], d->rows[i].delta.refused);
        pthread_mutex_unlock(&p->lock);
        free(d->rows);
}

bool settle(struct pump *p, struct err *err)
{
        size_t n = window_done(&p->window);
        struct position to;
        bool resent = resend_progress(p, n, &to);
        struct settling g = { .p = p, .cursor = p->cursor, .told = p->told };
        if (p->reapply.now)
                g.again = *p->reapply.now;
        struct door door = take_door(p);
        tally_begin(&g.tally, p->state, p->change, p->changed);
        way_reset(&p->resent);
        bool ok = state_begin(p->state, err);
        if (ok && !(write_all(&g, n, &door, resent, to, err) && state_commit(p->state, err))) {
                state_abort(p->state);
                ok = false;
        }
        return_door(p, &door, ok);
        if (ok)
                keep_all(&g, n, resent, to);
        else
                forget_touches(p);
        return ok;
}
