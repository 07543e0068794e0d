/* reapply.c - what was settled, judged again: asking for it, and reading, behind what is fresh.
 *
 * It has a reader of its own; its slots stand in the same window, its messages in the same runs, and
 * the same transaction settles them. So a purge, a new producer or a crash set it back to what is
 * settled, like everything else. While the hub is sent again what it lost, it waits: that is judged
 * anew anyway.                                                                          */
#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "pump_private.h"

enum {
        TURN = 64,         /* entries read in a turn: so long a fresh one may wait for the judge */
        WAITING_MAX = 2048,/* of the window's slots */
        FRESH_COST = 10,   /* an entry's, while fresh ones wait */
        BURST = 128,
};
#define DRY_LASTS_US US_PER_DAY

/* ---- Asking, from any thread --------------------------------------------- */
static bool is_zero(const uint8_t hash[32])
{
        static const uint8_t none[32];
        return memcmp(hash, none, sizeof none) == 0;
}

static bool was_tried(const struct reapply_status *s, const struct reapply_wanted *w, int64_t now_us)
{
        const struct reapply_job *d = &s->dry;
        return d->ended_us && !d->stopped && memcmp(d->hash, s->hash, sizeof d->hash) == 0 &&
               d->since_us <= w->since_us && d->until_us >= w->until_us && now_us - d->ended_us < DRY_LASTS_US;
}

static bool may_begin(const struct reapply *a, const struct reapply_wanted *w, struct err *err)
{
        const struct reapply_status *s = &a->seen;
        if (a->wants || s->real.active || s->dry.active) {
                err_set(err, ERR_BUSY, 0, "a %s is in progress", s->dry.active ? "dry run" : "reapply");
                return err_hint(err, "`policy reapply --status` shows how far it is, `policy reapply --stop` ends it.");
        }
        if (is_zero(s->hash)) {
                err_set(err, ERR_CONFIG, 0, "no policy set is in force that could judge");
                return err_hint(err, "`policy status` says why.");
        }
        if (w->until_us <= w->since_us)
                return err_set(err, ERR_CONFIG, 0, "it would end before it begins");
        if (w->dry || w->yes || was_tried(s, w, clock_now_us()))
                return true;
        err_set(err, ERR_DENIED, 0, "no dry run of this span by the set in force ended within the last day");
        return err_hint(err, "Run it with --dry-run first and look at the counts, or say --yes.");
}

/* Wakes the thread: its bell. */
static void ring(struct pump *p)
{
        const uint64_t one = 1;
        ssize_t n = write(p->bell, &one, sizeof one);
        (void)n;
}

bool pump_reapply(struct pump *p, const struct reapply_wanted *w, struct err *err)
{
        pthread_mutex_lock(&p->lock);
        bool ok = may_begin(&p->reapply, w, err);
        if (ok) {
                p->reapply.wanted = *w;
                p->reapply.wants = true;
                p->reapply.wants_stop = false;
        }
        pthread_mutex_unlock(&p->lock);
        if (ok)
                ring(p);
        return ok;
}

bool pump_reapply_stop(struct pump *p)
{
        pthread_mutex_lock(&p->lock);
        struct reapply *a = &p->reapply;
        bool any = a->wants || a->seen.real.active || a->seen.dry.active;
        a->wants_stop = any;
        a->wants = false;
        pthread_mutex_unlock(&p->lock);
        if (any)
                ring(p);
        return any;
}

void pump_reapply_status(struct pump *p, struct reapply_status *out)
{
        pthread_mutex_lock(&p->lock);
        *out = p->reapply.seen;
        struct reapply_job *asked = p->reapply.wanted.dry ? &out->dry : &out->real;
        if (p->reapply.wants) { /* not begun yet */
                *asked = (struct reapply_job){ .active = true, .since_us = p->reapply.wanted.since_us,
                                               .until_us = p->reapply.wanted.until_us };
                snprintf(out->waits, sizeof out->waits, "the pump is not ready yet");
        }
        pthread_mutex_unlock(&p->lock);
}

int reapply_percent(const struct reapply_job *j)
{
        return j->read >= j->entries ? 100 : (int)(j->read * 100 / j->entries);
}

/* ---- Being seen ----------------------------------------------------------- */
static const char *waits_for(const struct pump *p)
{
        const char *why;
        if (p->reapply.stopping)
                return "it stops once Kafka has said what of it arrived";
        if (p->connected && kafka_producer_down(p->producer, &why))
                return "Kafka cannot be reached";
        if (!p->book)
                return "no valid policy set is in force";
        if (!p->connected || !p->judge || p->restart)
                return "Kafka or the policy set is not ready";
        if (p->crowd && !p->knows_all)
                return "who wrote here is read from the vault first";
        if (p->resending || p->erasing)
                return "the hub is sent again what it lost, which is judged anew by that";
        return "";
}

static int64_t left_us(const struct reapply *a)
{
        int64_t passed_us = clock_mono_us() - a->counted_us;
        uint64_t n = a->n_read - a->counted_from;
        if (n < BURST || passed_us < US_PER_SECOND || a->n_read >= a->now->entries)
                return 0;
        return (int64_t)((double)passed_us / (double)n * (double)(a->now->entries - a->n_read));
}

void reapply_show(struct pump *p)
{
        struct reapply *a = &p->reapply;
        struct reapply_status s = { .real = a->real, .dry = a->dry };
        if (a->now) {
                snprintf(s.waits, sizeof s.waits, "%s", waits_for(p));
                s.left_us = left_us(a);
        }
        if (p->judge)
                memcpy(s.hash, p->book_hash, sizeof s.hash);
        metric_set(&pump_metrics[PUMP_REAPPLYING],
                   a->now && a->now->entries > a->now->read ? (int64_t)(a->now->entries - a->now->read) : 0);
        pthread_mutex_lock(&p->lock);
        a->seen = s;
        pthread_mutex_unlock(&p->lock);
}

/* ---- Beginning ------------------------------------------------------------ */
void reapply_close(struct pump *p)
{
        vault_reader_close(p->reapply.reader);
        p->reapply.reader = NULL;
}

void reapply_run(struct pump *p)
{
        struct reapply *a = &p->reapply;
        reapply_close(p);
        if (position_compare(a->read, a->doubt) > 0)
                a->doubt = a->read;
        a->waiting = 0;
        a->read_all = a->stopping;
        if (!a->now)
                return;
        a->read = a->now->done;
        a->n_read = a->now->read;
        a->counted_us = clock_mono_us();
        a->counted_from = a->n_read;
}

static void set_span(struct pump *p, struct reapply_job *j)
{
        vault_since(p->spec.vault, j->since_us, &j->after);
        j->end = p->cursor;
        j->done = j->after;
        j->entries = vault_between(p->spec.vault, j->after, j->end);
        memcpy(j->hash, p->book_hash, sizeof j->hash);
}

/* The activation is in the vault before the state names it; one that is named by none does no harm. */
static bool write_job(struct pump *p, const struct reapply_job *j, struct position judged, struct err *err)
{
        if (!state_begin(p->state, err))
                return false;
        if (state_put_position(p->state, "judged", judged, err) && reapply_save(p, j, err) && state_commit(p->state, err))
                return true;
        state_abort(p->state);
        return false;
}

static bool begin(struct pump *p, const struct reapply_wanted *w, struct err *err)
{
        struct reapply *a = &p->reapply;
        struct reapply_job *to = w->dry ? &a->dry : &a->real;
        struct reapply_job j = { .active = true, .since_us = w->since_us, .until_us = w->until_us,
                                 .started_us = clock_now_us() };
        struct position judged = p->judged;
        struct reapply_job before = *to;
        set_span(p, &j);
        if (!w->dry && !book_activate_again(p, &judged, err))
                return false;
        *to = j;
        a->now = to;
        a->read = a->doubt = (struct position){ 0, 0 };
        if (!write_job(p, to, judged, err)) {
                *to = before;
                a->now = NULL;
                return false;
        }
        p->judged = judged;
        a->stopping = false;
        reapply_run(p);
        log_info("pump", w->dry ? "dry run of a reapply begins" : "reapply begins", "entries=%llu policy=%s version=%lld",
                 (unsigned long long)j.entries, book_policy(p->book), (long long)book_version(p->book));
        return true;
}

/* Another set: what was judged by the one before is judged again too. */
static void begin_anew(struct pump *p)
{
        struct reapply *a = &p->reapply;
        struct reapply_job j = { .active = true, .since_us = a->now->since_us, .until_us = a->now->until_us,
                                 .started_us = a->now->started_us, .restarts = a->now->restarts + 1 };
        set_span(p, &j);
        *a->now = j;
        reapply_run(p);
        log_warning("pump", "another policy set is in force: the reapply begins again by it", "entries=%llu",
                    (unsigned long long)j.entries);
}

/* Whoever said so was told that it stops: so it is, Kafka there or not, and after a crash, too. */
bool reapply_heed_stop(struct pump *p, struct err *err)
{
        struct reapply *a = &p->reapply;
        pthread_mutex_lock(&p->lock);
        bool stop = a->wants_stop && a->now && !a->stopping;
        a->wants_stop = false;
        pthread_mutex_unlock(&p->lock);
        if (!stop)
                return true;
        a->stopping = a->read_all = true;
        if (state_begin(p->state, err) && reapply_save(p, a->now, err) && state_commit(p->state, err))
                return true;
        state_abort(p->state);
        a->stopping = a->read_all = false;
        pthread_mutex_lock(&p->lock);
        a->wants_stop = true;
        pthread_mutex_unlock(&p->lock);
        return false;
}

/* What was asked for is taken when it has begun. */
static bool take_wish(struct pump *p, struct err *err)
{
        struct reapply *a = &p->reapply;
        pthread_mutex_lock(&p->lock);
        struct reapply_wanted w = a->wanted;
        bool wants = a->wants;
        pthread_mutex_unlock(&p->lock);
        if (!wants || a->now || p->restart || p->resending)
                return true;
        bool ok = begin(p, &w, err);
        reapply_show(p);
        pthread_mutex_lock(&p->lock);
        a->wants &= !ok;
        pthread_mutex_unlock(&p->lock);
        return ok;
}

/* ---- Reading -------------------------------------------------------------- */
static bool may_read(const struct pump *p)
{
        const struct reapply *a = &p->reapply;
        return a->now && !a->read_all && p->connected && p->judge && p->claimed && !p->stuck && !p->restart && !p->resending && !p->erasing &&
               a->waiting < WAITING_MAX && !window_full(&p->window) &&
               p->window.unacked < (size_t)p->spec.settings.in_flight;
}

static bool is_in_span(const struct reapply_job *j, enum vault_read what, const struct vault_entry *e)
{
        if (e->kind != ENTRY_RECORD)
                return false;
        if (e->captured_us == 0 && what != VAULT_ENTRY) /* not even that is left of it */
                return true;
        return e->captured_us >= j->since_us && e->captured_us < j->until_us;
}

static bool read_one(struct pump *p, struct err *err)
{
        struct reapply *a = &p->reapply;
        enum vault_read what;
        struct vault_entry e;
        if (!a->reader && !vault_reader_open(&a->reader, p->spec.vault, a->read, err))
                return false;
        if (!vault_read(a->reader, &what, &e, err))
                return false;
        a->read_all = what == VAULT_END || position_compare(e.at, a->now->end) > 0;
        if (a->read_all) {
                a->read = a->now->end;
                a->n_read = a->now->entries;
                return true;
        }
        a->read = e.at;
        a->n_read = vault_between(p->spec.vault, a->now->after, e.at);
        if (!is_in_span(a->now, what, &e))
                return true;
        if (!read_again(p, what, &e, a->now == &a->dry, err))
                return false;
        a->waiting++;
        window_at(&p->window, p->window.n - 1)->nth = a->n_read;
        return true;
}

bool reapply_read(struct pump *p, int64_t now_us, struct err *err)
{
        struct reapply *a = &p->reapply;
        if (!take_wish(p, err))
                return false;
        if (may_read(p) && memcmp(a->now->hash, p->book_hash, sizeof a->now->hash) != 0)
                begin_anew(p);
        double cost = p->more ? FRESH_COST : 1;
        for (int i = 0; i < TURN && may_read(p); i++) {
                int64_t wait_us = 0;
                if (!a->pace.last_us)
                        pace_init(&a->pace, (double)p->spec.settings.reapply_rate, BURST, now_us);
                if (!pace_take(&a->pace, cost, now_us, &wait_us)) {
                        a->not_before_us = now_us + wait_us;
                        return true;
                }
                if (!read_one(p, err))
                        return false;
        }
        return true;
}

static bool is_asked(const struct pump *p)
{
        struct pump *open = (struct pump *)(uintptr_t)p; /* its lock is no part of what is constant */
        pthread_mutex_lock(&open->lock);
        bool asked = (p->reapply.wants && !p->reapply.now) || p->reapply.wants_stop;
        pthread_mutex_unlock(&open->lock);
        return asked && !p->resending;
}

bool reapply_has_work(const struct pump *p, int64_t now_us)
{
        return is_asked(p) || (may_read(p) && now_us >= p->reapply.not_before_us);
}

int64_t reapply_due_us(const struct pump *p)
{
        return may_read(p) ? p->reapply.not_before_us : INT64_MAX;
}

bool reapply_ends(const struct pump *p)
{
        return p->reapply.now && p->reapply.read_all && p->reapply.waiting == 0;
}
