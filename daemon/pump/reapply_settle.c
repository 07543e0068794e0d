/* reapply_settle.c - what a reapply came to: in the account, and in state.db how far it is.
 *
 * The values "reapply" and "reapply_dry" of state.db, big-endian: format (u8, 1); flags (u8: 1
 * active, 2 stopped); since, until, started, ended (u64 each, microseconds); after, end, done (two
 * u64 each); entries, read (u64); restarts (u32); hash (32); kinds, became, passed (u8 each: how
 * many counts follow), kinds * became counts, passed counts (u64 each).                   */
#include "base/clock.h"
#include "base/log.h"
#include "pump_private.h"

enum { FORMAT = 1, ACTIVE = 1, STOPPED = 2, STOPPING = 4, JOB_MAX = 4096 };

const char *const reapply_became_names[REAPPLY_BECAME] = { "sent_again", "retracted", "released", "kept" };
const char *const reapply_passed_names[REAPPLY_PASSED] = { "deletes", "erased", "expired", "damaged" };

/* ---- One record ----------------------------------------------------------- */
static bool has_piece(const struct pump *p, const struct slot *s)
{
        return position_compare(s->at, p->counted_from) > 0;
}

static bool move_arrived(struct pump *p, const struct slot *s, int64_t by, struct err *err)
{
        return state_move_arrived(p->state, slice_of(s->source), s->hour_us, by, err);
}

static bool move(struct tally *t, const struct slot *s, enum outcome before, struct err *err)
{
        return tally_move(t, slice_of(s->source), s->hour_us, before, s->outcome, err);
}

/* Held or stayed, and out now. */
static bool release(struct pump *p, struct tally *t, const struct slot *s, enum outcome before, struct err *err)
{
        return (has_piece(p, s) ? way_note(&p->streams[s->partition].way, s, err) : move_arrived(p, s, 1, err)) &&
               move(t, s, before, err) && state_drop_decision(p->state, s->at, err);
}

/* Out before, and taken back: its retract is acknowledged. */
static bool retract(struct pump *p, struct tally *t, const struct slot *s, struct err *err)
{
        int32_t partition = message_partition(s->record_key, p->n_streams);
        struct state_delta *d;
        if (!(has_piece(p, s) ? state_unsend(p->state, partition, slice_of(s->source), s->hour_us, s->at, err)
                              : move_arrived(p, s, -1, err)) ||
            !move(t, s, OUTCOME_SENT, err) || !settle_decision(p, s, err))
                return false;
        d = tally_at(t, slice_of(s->source), s->hour_us, err);
        if (d)
                d->retracted++;
        return d != NULL;
}

static bool is_gone(enum outcome o)
{
        return o == OUTCOME_ERASED || o == OUTCOME_EXPIRED || o == OUTCOME_DAMAGED;
}

bool reapply_slot(struct pump *p, struct tally *t, struct reapply_job *job, const struct slot *s, struct err *err)
{
        bool dry = p->reapply.now == &p->reapply.dry, sent = s->outcome == OUTCOME_SENT;
        enum outcome before;
        if (s->passed >= 0) {
                job->passed[s->passed]++;
                return true;
        }
        if (!state_outcome(p->state, s->at, &before, err))
                return false;
        if (!sent && is_gone(before)) { /* its key was destroyed since it was read */
                job->passed[PASSED_EXPIRED]++;
                return true;
        }
        bool out = before == OUTCOME_SENT;
        job->became[s->record][out ? sent ? REAPPLY_AGAIN : REAPPLY_RETRACTED : sent ? REAPPLY_RELEASED : REAPPLY_KEPT]++;
        if (dry || (out && sent)) /* a row that is replaced is counted where it was */
                return true;
        if (sent)
                return release(p, t, s, before, err);
        return out ? retract(p, t, s, err) : move(t, s, before, err) && settle_decision(p, s, err);
}

/* ---- How far it is -------------------------------------------------------- */
static void put_position(struct buf *b, struct position p)
{
        buf_put_u64(b, p.epoch);
        buf_put_u64(b, p.seq);
}

static void pack(const struct reapply_job *j, bool stopping, struct buf *b)
{
        buf_putc(b, FORMAT);
        buf_putc(b, (char)((j->active ? ACTIVE : 0) | (j->stopped ? STOPPED : 0) | (j->active && stopping ? STOPPING : 0)));
        buf_put_u64(b, (uint64_t)j->since_us);
        buf_put_u64(b, (uint64_t)j->until_us);
        buf_put_u64(b, (uint64_t)j->started_us);
        buf_put_u64(b, (uint64_t)j->ended_us);
        put_position(b, j->after);
        put_position(b, j->end);
        put_position(b, j->done);
        buf_put_u64(b, j->entries);
        buf_put_u64(b, j->read);
        buf_put_u32(b, j->restarts);
        buf_put(b, slice_make(j->hash, sizeof j->hash));
        buf_putc(b, RECORD_KINDS);
        buf_putc(b, REAPPLY_BECAME);
        buf_putc(b, REAPPLY_PASSED);
        for (int k = 0; k < RECORD_KINDS; k++)
                for (int w = 0; w < REAPPLY_BECAME; w++)
                        buf_put_u64(b, j->became[k][w]);
        for (int w = 0; w < REAPPLY_PASSED; w++)
                buf_put_u64(b, j->passed[w]);
}

static struct position cut_position(struct cut *c)
{
        struct position p = { cut_u64(c), 0 };
        p.seq = cut_u64(c);
        return p;
}

/* Counts of an older release may be fewer. */
static bool unpack(struct reapply_job *j, bool *stopping, struct slice bytes)
{
        struct cut c = { .rest = bytes };
        if (cut_u8(&c) != FORMAT)
                return false;
        uint8_t flags = cut_u8(&c);
        *j = (struct reapply_job){ .active = flags & ACTIVE, .stopped = flags & STOPPED };
        *stopping = j->active && flags & STOPPING;
        j->since_us = (int64_t)cut_u64(&c);
        j->until_us = (int64_t)cut_u64(&c);
        j->started_us = (int64_t)cut_u64(&c);
        j->ended_us = (int64_t)cut_u64(&c);
        j->after = cut_position(&c);
        j->end = cut_position(&c);
        j->done = cut_position(&c);
        j->entries = cut_u64(&c);
        j->read = cut_u64(&c);
        j->restarts = cut_u32(&c);
        struct slice hash = cut_bytes(&c, sizeof j->hash);
        uint8_t kinds = cut_u8(&c), became = cut_u8(&c), passed = cut_u8(&c);
        if (c.bad || kinds > RECORD_KINDS || became > REAPPLY_BECAME || passed > REAPPLY_PASSED)
                return false;
        memcpy(j->hash, hash.p, sizeof j->hash);
        for (int k = 0; k < kinds; k++)
                for (int w = 0; w < became; w++)
                        j->became[k][w] = cut_u64(&c);
        for (int w = 0; w < passed; w++)
                j->passed[w] = cut_u64(&c);
        return !c.bad;
}

bool reapply_save(struct pump *p, const struct reapply_job *job, struct err *err)
{
        struct buf b;
        buf_init(&b, JOB_MAX);
        pack(job, p->reapply.stopping, &b);
        bool ok = state_put(p->state, p->reapply.now == &p->reapply.dry ? "reapply_dry" : "reapply", buf_slice(&b), err);
        buf_clear(&b);
        return ok;
}

static bool restore(struct pump *p, const char *name, struct reapply_job *j, struct err *err)
{
        struct buf b;
        bool found = false, stopping = false;
        buf_init(&b, JOB_MAX);
        bool ok = state_get(p->state, name, &b, &found, err);
        if (ok && found && !unpack(j, &stopping, buf_slice(&b))) {
                *j = (struct reapply_job){ 0 };
                log_error("pump", "how far a reapply was cannot be read: it is given up", "name=%s", name);
        }
        if (ok && j->active) {
                p->reapply.now = j;
                p->reapply.read = j->done;
                p->reapply.n_read = j->read;
                p->reapply.doubt = j->end;
                p->reapply.stopping = stopping;
        }
        buf_clear(&b);
        return ok;
}

bool reapply_restore(struct pump *p, struct err *err)
{
        return restore(p, "reapply", &p->reapply.real, err) && restore(p, "reapply_dry", &p->reapply.dry, err);
}

/* ---- The transaction ------------------------------------------------------ */
static const struct slot *last_again(const struct pump *p, size_t n, size_t *among)
{
        const struct slot *last = NULL;
        *among = 0;
        for (size_t i = 0; i < n && p->reapply.waiting; i++)
                if (window_at(&p->window, i)->again) {
                        last = window_at(&p->window, i);
                        ++*among;
                }
        return last;
}

bool reapply_write(struct pump *p, size_t n, struct reapply_job *job, struct err *err)
{
        const struct reapply *a = &p->reapply;
        size_t among;
        const struct slot *last = last_again(p, n, &among);
        if (!a->now)
                return true;
        if (among == a->waiting) {
                job->done = a->read;
                job->read = a->n_read;
        } else if (last) {
                job->done = last->at;
                job->read = last->nth;
        }
        if (a->read_all && among == a->waiting) {
                job->active = false;
                job->stopped = a->stopping && position_compare(a->read, a->now->end) < 0;
                job->ended_us = clock_now_us();
        }
        return reapply_save(p, job, err);
}

static uint64_t judged(const struct reapply_job *j)
{
        uint64_t n = 0;
        for (int k = 0; k < RECORD_KINDS; k++)
                for (int w = 0; w < REAPPLY_BECAME; w++)
                        n += j->became[k][w];
        return n;
}

void reapply_keep(struct pump *p, size_t n, const struct reapply_job *job)
{
        struct reapply *a = &p->reapply;
        size_t among;
        if (!a->now)
                return;
        last_again(p, n, &among);
        a->waiting -= among;
        if (a->now == &a->real)
                metric_add(&pump_metrics[PUMP_REAPPLIED], (int64_t)(judged(job) - judged(a->now)));
        *a->now = *job;
        if (job->active)
                return;
        log_info("pump", a->now == &a->dry ? "dry run of a reapply ended" : "reapply ended", "stopped=%d judged=%llu",
                 job->stopped, (unsigned long long)judged(job));
        reapply_close(p);
        a->now = NULL;
        a->stopping = a->read_all = false;
}
