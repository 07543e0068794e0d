/* run.c - where a run of sends begins.
 *
 * A run begins with nothing in flight. What was acknowledged in one piece is settled, the rest is
 * forgotten and read anew. prev of each partition is the out acknowledged there last - or, where
 * the hub's watermark went back or names a gap, the watermark itself: only then does the hub see
 * the chain close. What it had lost is looked up (transport number -> vault position) and noted
 * in state.db in one transaction before the first message goes, so that a crash on the way
 * does not forget it.                                                                   */
#include "base/clock.h"
#include "base/log.h"
#include "pump_private.h"

/* A gap that is still open after two hellos is answered again, then ever more rarely: a hub that
 * is away says nothing either. */
enum { GAP_WAIT_HELLOS = 2 };
#define GAP_WAIT_MAX_US US_PER_HOUR

enum { PURGE_TURNS = 20, PURGE_TURN_MS = 100, BACKOFF_MIN_US = 200000, BACKOFF_MAX_US = 5000000 };

void run_end(struct pump *p)
{
        p->restart = true;
}

/* Every report comes in before slots are forgotten: their cookies point at them. */
static void recall(struct pump *p)
{
        struct err err = ERR_INIT;
        p->recall = false;
        if (!p->failed && p->producer && p->window.unacked) {
                kafka_producer_purge(p->producer);
                for (int i = 0; i < PURGE_TURNS && p->window.unacked; i++)
                        kafka_producer_poll(p->producer, PURGE_TURN_MS);
        }
        if (p->producer && kafka_producer_fatal(p->producer, &err)) {
                log_err(LOG_LEVEL_WARNING, "pump", "producer failed, a new one takes over", &err);
                p->failed = true;
        }
        if (p->failed || p->window.unacked)
                send_disconnect(p);
}

static void back_off(struct pump *p)
{
        if (!p->failed)
                return;
        p->backoff_us = p->backoff_us ? p->backoff_us * 2 : BACKOFF_MIN_US;
        if (p->backoff_us > BACKOFF_MAX_US)
                p->backoff_us = BACKOFF_MAX_US;
        p->retry_us = clock_mono_us() + p->backoff_us;
        p->failed = false;
}

/* ---- Going back -------------------------------------------------------- */
static bool go_back(struct pump *p, struct stream *st, struct err *err)
{
        struct position at = { 0, 0 };
        bool found;
        struct state_transport *t = &st->t;
        if (!state_forget_sent(p->state, t->partition, st->heard.out, &found, &at, err))
                return false;
        t->heard = true;
        t->mark = t->acked = st->heard.out;
        t->generation = st->heard.warehouse_generation;
        memcpy(t->warehouse, st->heard.warehouse, sizeof t->warehouse);
        if (found) {
                struct position after = { at.epoch, at.seq ? at.seq - 1 : 0 };
                if (!t->resend || position_compare(after, t->resend_after) < 0)
                        t->resend_after = after;
                t->resend = true;
        }
        log_warning("pump", st->back ? "watermark went back, sending again" : "gap, sending again",
                    "partition=%d mark=%llx.%llu from=%llx.%llu", (int)t->partition,
                    (unsigned long long)t->mark.epoch, (unsigned long long)t->mark.seq,
                    (unsigned long long)at.epoch, (unsigned long long)at.seq);
        return true;
}

static bool go_back_all(struct pump *p, struct err *err)
{
        for (int32_t i = 0; i < p->n_streams; i++) {
                struct stream *st = &p->streams[i];
                if ((st->back || st->gap) && !go_back(p, st, err))
                        return false;
                if (!state_put_transport(p->state, &st->t, err))
                        return false;
        }
        return state_put_number(p->state, "told", p->told, err);
}

/* On failure state.db is as before; in memory the streams keep `back` and are done again. */
static bool write_begin(struct pump *p, struct err *err)
{
        if (!state_begin(p->state, err))
                return false;
        if (go_back_all(p, err) && state_commit(p->state, err))
                return true;
        state_abort(p->state);
        return false;
}

/* ---- Beginning --------------------------------------------------------- */
static void wait_for_gap(const struct pump *p, struct stream *st)
{
        st->gap_wait_us = st->gap_wait_us ? st->gap_wait_us * 2
                                          : GAP_WAIT_HELLOS * p->spec.settings.hello_every_us;
        if (st->gap_wait_us > GAP_WAIT_MAX_US)
                st->gap_wait_us = GAP_WAIT_MAX_US;
        st->gap_again_us = clock_mono_us() + st->gap_wait_us;
        st->gap_open = st->heard.gap;
}

static void start_streams(struct pump *p)
{
        for (int32_t i = 0; i < p->n_streams; i++) {
                struct stream *st = &p->streams[i];
                if (st->back || st->gap) {
                        metric_add(&pump_metrics[PUMP_RESENDS], 1);
                        st->gap_answered = true;
                        st->gap_out = st->t.mark;
                        st->run_from = (struct position){ p->epoch, st->n };
                        wait_for_gap(p, st);
                }
                st->back = st->gap = st->dirty = false;
                st->unacked = 0;
                st->last = st->t.acked;
                st->hello_due = true;
                p->resending |= st->t.resend;
        }
}

static struct position start_of(const struct pump *p)
{
        struct position from = p->cursor;
        for (int32_t i = 0; i < p->n_streams; i++) {
                const struct state_transport *t = &p->streams[i].t;
                if (t->resend && position_compare(t->resend_after, from) < 0)
                        from = t->resend_after;
        }
        return from;
}

static bool open_reader(struct pump *p, struct err *err)
{
        vault_reader_close(p->reader);
        p->reader = NULL;
        p->position = start_of(p);
        p->resend_until = p->cursor;
        p->more = true;
        return vault_reader_open(&p->reader, p->spec.vault, p->position, err);
}

/* What was acknowledged, also behind a message that was not. */
static void take_acked(struct pump *p)
{
        struct position acked[PARTITIONS_MAX];
        for (int32_t i = 0; i < p->n_streams; i++)
                acked[i] = p->streams[i].t.acked;
        window_acked(&p->window, acked, p->n_streams);
        for (int32_t i = 0; i < p->n_streams; i++)
                p->streams[i].t.acked = acked[i];
        window_drop(&p->window, p->window.n);
        p->window.unacked = 0;
}

/* Of what the last run read, anything may be out. */
static void doubt(struct pump *p)
{
        if (position_compare(p->position, p->doubt) > 0)
                p->doubt = p->position;
        p->doubt_kinds |= p->let_out;
}

bool run_begin(struct pump *p, struct err *err)
{
        doubt(p);
        recall(p);
        back_off(p);
        p->stuck = NULL;
        if (!settle(p, err))
                return false;
        take_acked(p);
        p->account_in_flight = false;
        if (p->erasures_due)
                p->told = 0;
        if (!write_begin(p, err))
                return false;
        start_streams(p);
        reapply_run(p);
        if (!open_reader(p, err))
                return false;
        if (p->erasures_due) {
                p->erasing = true;
                p->erased_to = (struct position){ 0, 0 };
                p->account_dirty = true;
        }
        p->erasures_due = p->restart = false;
        p->in_flight_dirty = true;
        metric_add(&pump_metrics[PUMP_RUNS], 1);
        return true;
}
