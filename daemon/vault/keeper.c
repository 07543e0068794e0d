/* keeper.c - the keeper's rounds. */
#include "keeper.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "io.h"
#include "metrics.h"

enum { HURRY_S = 5 /* between rounds while something is not as it should be */ };
#define SAVE_EVERY_US (600 * US_PER_SECOND)

/* ---- counting ------------------------------------------------------------- */

static bool count_destroyed(struct keeper *k, struct err *err)
{
        struct db_stmt *q = db_prepare(k->db, "SELECT count(*) FROM period WHERE wrapped IS NULL");
        bool row;

        if (!db_step(q, &row, err))
                return false;
        pthread_mutex_lock(&k->lock);
        k->said.periods_destroyed = row ? (uint64_t)db_int(q, 0) : 0;
        pthread_mutex_unlock(&k->lock);
        db_reset(q);
        return true;
}

/* ---- time and space -------------------------------------------------------- */

static void tell_time(struct keeper *k, const struct guard_said *time)
{
        char why[160];

        guard_say(why, sizeof why, time);
        pthread_mutex_lock(&k->lock);
        memcpy(k->said.clock, why, sizeof why);
        k->said.clock_off = time->word == GUARD_AHEAD || time->word == GUARD_BEHIND;
        pthread_mutex_unlock(&k->lock);
        metric_set(&vault_metrics[M_CLOCK_TRUSTED], time->destroys);
        if (time->word == k->word)
                return;
        k->word = time->word;
        if (!time->destroys)
                log_error("vault", "clock cannot be trusted", "why=\"%s\"", why);
        else
                log_info("vault", time->word == GUARD_WELL ? "clock agrees with the hub's"
                                                           : "hub not heard yet: only time that surely passed counts",
                         "off_s=%lld", (long long)(time->off_us / US_PER_SECOND));
}

static bool save_time(struct keeper *k, const struct guard_said *time, bool now, struct err *err)
{
        int64_t at_us = time->now_us, boot = vault_io.boot_us();

        if (!time->destroys || (!now && k->saved_boot_us && boot - k->saved_boot_us < SAVE_EVERY_US))
                return true;
        if (!log_order(k->log, retire_time, &at_us, err))
                return false;
        k->saved_boot_us = boot;
        return log_order(k->log, retire_future, &at_us, err);
}

/* Who asks whether we are ready sends nothing while we say that we are full: so somebody has to
 * see that there is room again. */
static void notice_room(struct keeper *k, const struct space_sample *now)
{
        const struct vault_settings *s = &k->log->settings;

        if (!atomic_load(&k->log->full))
                return;
        if (now->bytes + ENTRY_MAX <= s->max_bytes &&
            now->free_bytes >= s->min_free_bytes + reserve_missing(k->reserve) + ENTRY_MAX)
                atomic_store(&k->log->full, false);
        else
                k->hurry = true;
}

static void note_space(struct keeper *k)
{
        struct space_sample now = { .at_us = clock_mono_us() };

        if (!dir_free_bytes(k->catalog->dir, &now.free_bytes, NULL))
                return;
        catalog_lock(k->catalog);
        now.bytes = k->catalog->bytes;
        catalog_unlock(k->catalog);
        pthread_mutex_lock(&k->lock);
        space_note(&k->space, &now);
        k->said.free_bytes = now.free_bytes;
        pthread_mutex_unlock(&k->lock);
        metric_set(&vault_metrics[M_FREE_BYTES], (int64_t)now.free_bytes);
        notice_room(k, &now);
}

static void tend_reserve(struct keeper *k)
{
        if (k->reserve->want > 0 && !reserve_fill(k->reserve, k->log->settings.min_free_bytes))
                k->hurry = true;
        metric_set(&vault_metrics[M_RESERVE], (int64_t)atomic_load(&k->reserve->have));
}

/* ---- the thread ------------------------------------------------------------ */

static bool destroy(struct keeper *k, bool asked, struct err *err)
{
        struct guard_said time = timekeeper_look(k->time);

        tell_time(k, &time);
        return due_ask_law(k, &time, err) && save_time(k, &time, false, err) &&
               due_end_periods(k, &time, asked, err) &&
               (!atomic_load(&k->log->wal_holds_keys) || log_order(k->log, retire_wal, NULL, err)) &&
               count_destroyed(k, err) && look_for_expired(k, err);
}

static void one_round(struct keeper *k, bool asked, struct err *err)
{
        struct vault_status ignored;

        k->hurry = false;
        k->pause_s = KEEPER_ROUND_S;
        tend_reserve(k);
        note_space(k);
        if (!destroy(k, asked, err)) {
                k->hurry = true;
                log_err(LOG_LEVEL_WARNING, "vault", "could not tidy up", err);
        }
        keeper_status(k, &ignored); /* its metrics */
}

static void wait_for_round(struct keeper *k)
{
        struct timespec until;

        clock_gettime(CLOCK_MONOTONIC, &until);
        until.tv_sec += k->hurry && k->pause_s > HURRY_S ? HURRY_S : k->pause_s;
        while (!k->stop && k->asked == k->done && !k->law_waits &&
               pthread_cond_timedwait(&k->bell, &k->lock, &until) == 0)
                ;
}

static void *run(void *arg)
{
        struct keeper *k = arg;

        pthread_mutex_lock(&k->lock);
        while (!k->stop) {
                uint64_t asked = k->asked;
                struct err err = ERR_INIT;
                bool was_asked = asked != k->done;
                pthread_mutex_unlock(&k->lock);
                one_round(k, was_asked, &err);
                pthread_mutex_lock(&k->lock);
                k->last_err = err;
                k->done = asked;
                pthread_cond_broadcast(&k->round_over);
                if (k->asked == k->done)
                        wait_for_round(k);
        }
        pthread_mutex_unlock(&k->lock);
        struct guard_said time = timekeeper_look(k->time);
        save_time(k, &time, true, NULL);
        return NULL;
}

static bool start_thread(struct keeper *k, struct err *err)
{
        pthread_condattr_t attr;

        pthread_mutex_init(&k->lock, NULL);
        pthread_condattr_init(&attr);
        pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
        pthread_cond_init(&k->bell, &attr);
        pthread_condattr_destroy(&attr);
        pthread_cond_init(&k->round_over, NULL);
        int failed = pthread_create(&k->thread, NULL, run, k);
        k->running = failed == 0;
        return k->running || err_errno(err, failed, "could not start the vault's keeper");
}

bool keeper_start(struct keeper *k, const char *state_dir, struct err *err)
{
        char path[PATH_MAX];

        if (snprintf(path, sizeof path, "%s/keys.db", state_dir) >= PATH_MAX)
                return err_set(err, ERR_CONFIG, ENAMETOOLONG, "state directory's path is too long");
        k->word = GUARD_WELL;
        return db_open_read_only(&k->db, path, err) && start_thread(k, err);
}

void keeper_stop(struct keeper *k)
{
        if (k->running) {
                pthread_mutex_lock(&k->lock);
                k->stop = true;
                pthread_cond_signal(&k->bell);
                pthread_mutex_unlock(&k->lock);
                pthread_join(k->thread, NULL);
                k->running = false;
        }
        if (k->law.drop)
                k->law.drop(k->law.ctx);
        if (k->law_waits && k->next_law.drop)
                k->next_law.drop(k->next_law.ctx);
        k->law = k->next_law = (struct vault_law){ 0 };
        db_close(k->db);
        k->db = NULL;
}

/* ---- from other threads ----------------------------------------------------- */

void keeper_set_law(struct keeper *k, const struct vault_law *law)
{
        struct vault_law unseen = { 0 };

        pthread_mutex_lock(&k->lock);
        if (k->law_waits)
                unseen = k->next_law;
        k->next_law = *law;
        k->law_waits = true;
        pthread_cond_signal(&k->bell);
        pthread_mutex_unlock(&k->lock);
        if (unseen.drop)
                unseen.drop(unseen.ctx);
}

void keeper_ring(struct keeper *k)
{
        pthread_mutex_lock(&k->lock);
        k->asked++;
        pthread_cond_signal(&k->bell);
        pthread_mutex_unlock(&k->lock);
}

bool keeper_round(struct keeper *k, struct err *err)
{
        pthread_mutex_lock(&k->lock);
        uint64_t mine = ++k->asked;
        pthread_cond_signal(&k->bell);
        while (k->done < mine)
                pthread_cond_wait(&k->round_over, &k->lock);
        bool ok = k->last_err.kind == ERR_NONE;
        if (!ok && err)
                *err = k->last_err;
        pthread_mutex_unlock(&k->lock);
        return ok;
}

/* ---- status ----------------------------------------------------------------- */

/* How much of the segment lies beyond `covered`: by its share of seqs. */
static uint64_t beyond(const struct segment_info *s, struct position covered)
{
        if (s->epoch < covered.epoch || s->entries == 0)
                return 0;
        if (s->epoch > covered.epoch || s->first > covered.seq)
                return s->bytes;
        if (s->last <= covered.seq)
                return 0;
        return (uint64_t)((double)s->bytes * (double)(s->last - covered.seq) / (double)(s->last - s->first + 1));
}

void keeper_status(struct keeper *k, struct vault_status *out)
{
        struct catalog *c = k->catalog;
        struct space_said space;

        *out = (struct vault_status){ .max_bytes = k->log->settings.max_bytes };
        catalog_lock(c);
        out->bytes = c->bytes;
        out->segments = c->n - c->removed;
        out->mark = c->mark;
        out->entries_this_start = c->entries;
        for (size_t i = 0; i < c->n; i++)
                if (!c->list[i]->retired)
                        out->backlog_bytes += beyond(c->list[i], c->covered);
        catalog_unlock(c);
        out->history_bytes = out->bytes - out->backlog_bytes;
        uint64_t missing = reserve_missing(k->reserve);
        out->reserve_ok = missing == 0;
        pthread_mutex_lock(&k->lock);
        struct space_sample now = { clock_mono_us(), out->bytes, k->said.free_bytes };
        struct space_ceilings ceilings = { out->max_bytes, k->log->settings.min_free_bytes + missing };
        space_say(&k->space, &now, &ceilings, &space);
        out->free_bytes = k->said.free_bytes;
        out->next_due_us = k->said.next_due_us;
        out->periods_destroyed = k->said.periods_destroyed;
        out->without_receipt = k->said.without_receipt;
        memcpy(out->clock, k->said.clock, sizeof out->clock);
        out->clock_off = k->said.clock_off;
        pthread_mutex_unlock(&k->lock);
        out->bytes_per_hour = space.bytes_per_hour;
        out->full_in_us = space.full_in_us;
        out->disk_first = space.disk_first;
        metric_set(&vault_metrics[M_BACKLOG_BYTES], (int64_t)out->backlog_bytes);
        metric_set(&vault_metrics[M_HISTORY_BYTES], (int64_t)out->history_bytes);
        metric_set(&vault_metrics[M_FULL_IN],
                   space.full_in_us > 0 ? space.full_in_us / US_PER_SECOND : METRIC_ABSENT);
}
