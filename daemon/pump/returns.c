/* returns.c - what comes back: receipts, through the compacted topic tributary.receipts.REGION.
 *
 * The topic is read from its beginning at start. Older words for a key may stand before the
 * newest there (compaction is lazy), so nothing is concluded before its end was met; from then
 * on each receipt counts when it comes. A watermark that advances is noted with the next settle;
 * one that goes back, or names a gap, ends the run: see run.c.                            */
#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "pump_private.h"

enum { RECEIPTS_TURN = 512 };

bool returns_open(struct pump *p, struct err *err)
{
        const struct kafka_place place = { p->receipts_topic, 0, KAFKA_BEGINNING };
        p->caught_up = false;
        return kafka_read(&p->receipts, p->spec.kafka, &place, 1, err);
}

void returns_close(struct pump *p)
{
        kafka_consumer_close(p->receipts);
        p->receipts = NULL;
}

/* ---- Watermarks -------------------------------------------------------- */
static bool went_back(const struct state_transport *t, const struct receipt *r)
{
        if (!t->heard)
                return false;
        return memcmp(t->warehouse, r->warehouse, sizeof t->warehouse) != 0 ||
               r->warehouse_generation > t->generation || position_compare(r->out, t->mark) < 0;
}

static bool is_old(const struct state_transport *t, const struct receipt *r)
{
        return t->heard && memcmp(t->warehouse, r->warehouse, sizeof t->warehouse) == 0 &&
               r->warehouse_generation < t->generation;
}

static bool new_gap(const struct stream *st, const struct receipt *r)
{
        if (!r->gap || st->gap)
                return false;
        return !st->gap_answered || position_compare(st->gap_out, r->out) != 0 ||
               position_compare(r->gap_prev, st->run_from) > 0;
}

static void advance(struct pump *p, struct stream *st, const struct receipt *r)
{
        struct state_transport *t = &st->t;
        if (t->heard && position_compare(t->mark, r->out) == 0)
                return;
        t->heard = true;
        t->mark = r->out;
        t->generation = r->warehouse_generation;
        memcpy(t->warehouse, r->warehouse, sizeof t->warehouse);
        st->dirty = true;
        if (!p->settle_us)
                p->settle_us = clock_mono_us();
}

static void conclude(struct pump *p, struct stream *st, const struct receipt *r)
{
        bool back = went_back(&st->t, r);
        memcpy(p->warehouse_seen, r->warehouse, sizeof p->warehouse_seen);
        if (is_old(&st->t, r))
                return;
        st->gap_open = r->gap && st->gap_answered && position_compare(st->gap_out, r->out) == 0;
        if (!st->gap_open)
                st->gap_wait_us = 0;
        if (back) {
                st->back = true;
                p->erasures_due = true;
        } else if (new_gap(st, r)) {
                st->gap = true;
                p->gaps++;
                metric_add(&pump_metrics[PUMP_GAPS], 1);
        }
        if (st->back || st->gap)
                run_end(p);
        else
                advance(p, st, r);
}

/* While a run is about to end for this partition the newest word is kept for its successor. */
static void watermark(struct pump *p, const struct receipt *r)
{
        if (r->partition < 0 || r->partition >= p->n_streams)
                return;
        struct stream *st = &p->streams[r->partition];
        st->heard = *r;
        st->heard.code = SLICE_NONE;
        if (p->caught_up)
                conclude(p, st, r);
        else
                st->word_waits = true;
}

static void catch_up(struct pump *p)
{
        p->caught_up = true;
        for (int32_t i = 0; i < p->n_streams; i++) {
                struct stream *st = &p->streams[i];
                if (st->word_waits)
                        conclude(p, st, &st->heard);
                st->word_waits = false;
        }
        log_info("pump", "receipts read", "partitions=%d", (int)p->n_streams);
}

void returns_overdue(struct pump *p, int64_t now_us)
{
        for (int32_t i = 0; i < p->n_streams; i++) {
                struct stream *st = &p->streams[i];
                if (!st->gap_open || st->gap || now_us < st->gap_again_us)
                        continue;
                st->gap = true;
                run_end(p);
        }
}

int64_t returns_due_us(const struct pump *p)
{
        int64_t due = INT64_MAX;
        for (int32_t i = 0; i < p->n_streams; i++)
                if (p->streams[i].gap_open && !p->streams[i].gap && p->streams[i].gap_again_us < due)
                        due = p->streams[i].gap_again_us;
        return due;
}

/* ---- The others -------------------------------------------------------- */
static bool claim(struct pump *p, const struct receipt *r, struct err *err)
{
        if (r->generation != (uint32_t)(p->epoch >> 32) || p->claimed)
                return true;
        if (!r->granted) {
                err_set(err, ERR_DENIED, 0, "generation %u of this region is held by another agent",
                        (unsigned)r->generation);
                return err_hint(err, "Two restores claimed the region; the other one won.");
        }
        p->claimed = true;
        return state_put_number(p->state, "claimed", r->generation, err);
}

static bool take(struct pump *p, const struct receipt *r, struct err *err)
{
        p->last_receipt_us = clock_now_us();
        metric_add(&pump_metrics[PUMP_RECEIPTS], 1);
        switch (r->type) {
        case RECEIPT_WATERMARK:
                if (!r->settled)
                        watermark(p, r);
                return true;
        case RECEIPT_REJECTED:
                if (r->settled)
                        return state_drop_rejected(p->state, r->at, err);
                metric_add(&pump_metrics[PUMP_REJECTED], 1);
                log_warning("pump", "hub could not load a record", "epoch=%llx seq=%llu code=\"%.*s\"",
                            (unsigned long long)r->at.epoch, (unsigned long long)r->at.seq,
                            SLICE_ARG(r->code));
                return state_put_rejected(p->state, r, err);
        case RECEIPT_ERASED:
                return r->settled || state_erasure_done(p->state, r->request, err);
        case RECEIPT_CLAIM:
                return r->settled || claim(p, r, err);
        case RECEIPT_FLAG:
                if (!r->settled)
                        flag_take(p, r);
                return true;
        }
        return true;
}

static bool take_message(struct pump *p, const struct kafka_message *m, struct err *err)
{
        struct receipt r;
        arena_reset(p->arena);
        if (m->append_time_us > 0) /* by which time things are destroyed; see vault_time() */
                vault_heard(p->spec.vault, m->append_time_us, p->caught_up);
        if (receipt_parse(&r, p->arena, m->key, m->value, err))
                return take(p, &r, err);
        log_err(LOG_LEVEL_WARNING, "pump", "receipt set aside", err);
        return true;
}

/* One event; *more is false when there is nothing left. */
static bool take_event(struct pump *p, bool *more, struct err *err)
{
        struct kafka_message m;
        switch (kafka_poll(p->receipts, 0, &m, err)) {
        case KAFKA_MESSAGE: {
                bool ok = take_message(p, &m, err);
                kafka_message_done(&m);
                return ok;
        }
        case KAFKA_END:
                catch_up(p);
                return true;
        case KAFKA_RANGE: /* the topic was made again */
                returns_close(p);
                *more = false;
                return true;
        case KAFKA_TROUBLE:
                return true;
        case KAFKA_NOTHING:
                *more = false;
                return true;
        }
        return true;
}

bool returns_take(struct pump *p, struct err *err)
{
        bool more = true;
        if (!p->receipts && !returns_open(p, err))
                return false;
        for (int i = 0; i < RECEIPTS_TURN && more; i++)
                if (!take_event(p, &more, err))
                        return false;
        return true;
}
