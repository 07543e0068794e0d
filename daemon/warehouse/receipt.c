/* receipt.c - the clerk: sends what is in the outbox to tributary.receipts.REGION, and does what
 * one loader does for all.
 *
 * Of all loaders one clerk has the lock, which PostgreSQL gives back when its connection ends;
 * it ends by itself when nothing was heard for 15 s: a clerk asks at least every 8 s, and one
 * whose process stands still must not keep the others' receipts.
 * A new clerk sends every receipt again: the topic may have been made anew. A receipt is sent
 * when all in-sync replicas have it; a watermark that another replaced meanwhile is not
 * missed. Receipts go to partition 0, one after the other, so the last of a key is the newest.
 * A region whose topic does not take them (it is not made yet) is left for a while, so
 * that the others do not wait for it.                                                    */
#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "lane.h"
#include "locks.h"

enum { SEND_MAX = 500, ASIDE_MAX = 64, ASIDE_US = 15000000, DELIVER_US = 5000000, IDLE_US = 500000, RETRY_US = 2000000 };

struct bell {
        pthread_mutex_t mutex;
        pthread_cond_t cond;
        bool rung;
};

struct bell *bell_new(void)
{
        struct bell *b = calloc(1, sizeof *b);
        pthread_condattr_t attr;
        if (!b)
                return NULL;
        pthread_condattr_init(&attr);
        pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
        pthread_mutex_init(&b->mutex, NULL);
        pthread_cond_init(&b->cond, &attr);
        pthread_condattr_destroy(&attr);
        return b;
}

void bell_free(struct bell *b)
{
        if (!b)
                return;
        pthread_cond_destroy(&b->cond);
        pthread_mutex_destroy(&b->mutex);
        free(b);
}

void bell_ring(struct bell *b)
{
        pthread_mutex_lock(&b->mutex);
        b->rung = true;
        pthread_cond_signal(&b->cond);
        pthread_mutex_unlock(&b->mutex);
}

void bell_wait(struct bell *b, int64_t timeout_us)
{
        int64_t until = clock_mono_us() + timeout_us;
        struct timespec at = { .tv_sec = until / US_PER_SECOND, .tv_nsec = (long)(until % US_PER_SECOND) * 1000 };
        pthread_mutex_lock(&b->mutex);
        while (!b->rung && pthread_cond_timedwait(&b->cond, &b->mutex, &at) == 0)
                continue;
        b->rung = false;
        pthread_mutex_unlock(&b->mutex);
}

struct clerk {
        const struct loader_spec *spec;
        struct bell *bell;
        pthread_t thread;
        atomic_bool stop;
        struct pg *c;
        bool locked;
        struct kafka_producer *producer;
        struct chores chores;
        char trouble[256]; /* so that the same is logged once */
        struct {
                char region[64];
                int64_t until_us;
        } aside[ASIDE_MAX];
        struct {
                bool reported, ok;
        } sent[SEND_MAX];
        size_t waiting;
};

static void on_delivered(const struct kafka_delivery *d, void *ctx)
{
        struct clerk *c = ctx;
        size_t i = (size_t)(uintptr_t)d->cookie - 1;
        if (i >= SEND_MAX || c->sent[i].reported)
                return;
        c->sent[i].reported = true;
        c->sent[i].ok = d->ok;
        c->waiting--;
}

/* ---- Regions that do not take theirs --------------------------------------- */
static void set_aside(struct clerk *c, struct slice region)
{
        int64_t now = clock_mono_us();
        for (int i = 0; i < ASIDE_MAX; i++) {
                if (c->aside[i].until_us > now && !slice_is(region, c->aside[i].region))
                        continue;
                if (c->aside[i].until_us <= now)
                        log_warning("loader", "receipts are not taken", "region=%.*s", SLICE_ARG(region));
                snprintf(c->aside[i].region, sizeof c->aside[i].region, "%.*s", SLICE_ARG(region));
                c->aside[i].until_us = now + ASIDE_US;
                return;
        }
}

static void put_aside(const struct clerk *c, struct buf *regions)
{
        buf_putc(regions, '{');
        for (int i = 0; i < ASIDE_MAX; i++)
                if (c->aside[i].until_us > clock_mono_us())
                        put_array_text(regions, slice_of(c->aside[i].region));
        buf_putc(regions, '}');
}

/* ---- Sending ------------------------------------------------------------- */
static void await_reports(struct clerk *c)
{
        int64_t until = clock_mono_us() + DELIVER_US;
        while (c->waiting && !atomic_load(&c->stop) && clock_mono_us() < until &&
               !kafka_producer_fatal(c->producer, NULL))
                kafka_producer_poll(c->producer, 100);
        if (!c->waiting)
                return;
        /* Nothing old may be delivered after what comes next. */
        kafka_producer_purge(c->producer);
        until = clock_mono_us() + DELIVER_US / 2;
        while (c->waiting && clock_mono_us() < until)
                kafka_producer_poll(c->producer, 100);
}

static bool mark_sent(struct clerk *c, const struct pg_rows *r, size_t n, struct err *err)
{
        struct buf regions, keys, changes;
        struct buf *all[] = { &regions, &keys, &changes };
        size_t marked = 0;
        for (int i = 0; i < 3; i++) {
                buf_init(all[i], 1 << 20);
                buf_putc(all[i], '{');
        }
        for (size_t i = 0; i < n; i++) {
                if (!c->sent[i].ok) {
                        if (!atomic_load(&c->stop))
                                set_aside(c, pg_rows_text(r, i, 0));
                        continue;
                }
                marked++;
                put_array_text(&regions, pg_rows_text(r, i, 0));
                put_array_text(&keys, pg_rows_text(r, i, 1));
                put_array_int(&changes, pg_rows_int(r, i, 3));
        }
        for (int i = 0; i < 3; i++)
                buf_putc(all[i], '}');
        struct pg_param p[] = { { buf_slice(&regions) }, { buf_slice(&keys) }, { buf_slice(&changes) } };
        bool ok = marked == 0 ||
                  pg_run_params(c->c, "UPDATE tributary.receipt r SET sent = u.change FROM unnest($1::text[],"
                                      " $2::text[], $3::bigint[]) AS u (region, key, change) WHERE r.region ="
                                      " u.region AND r.key = u.key AND r.sent < u.change", p, 3, NULL, err);
        metric_add(&loader_metrics[M_RECEIPTS], (int64_t)marked);
        for (int i = 0; i < 3; i++)
                buf_clear(all[i]);
        return ok;
}

static bool send_rows(struct clerk *c, const struct pg_rows *r, struct err *err)
{
        size_t n = pg_rows_count(r), i = 0;
        memset(c->sent, 0, sizeof c->sent);
        for (; i < n; i++) {
                char region[64], topic[128];
                snprintf(region, sizeof region, "%.*s", SLICE_ARG(pg_rows_text(r, i, 0)));
                topic_receipts(topic, region);
                c->sent[i].reported = true;
                if (!kafka_send(c->producer, topic, 0, pg_rows_text(r, i, 1), pg_rows_text(r, i, 2), NULL, 0,
                                (void *)(uintptr_t)(i + 1), NULL))
                        continue;
                c->sent[i].reported = false;
                c->waiting++;
        }
        await_reports(c);
        return mark_sent(c, r, n, err);
}

static bool send_all(struct clerk *c, struct err *err)
{
        size_t n = SEND_MAX;
        while (n == SEND_MAX && !atomic_load(&c->stop)) {
                struct pg_rows *r = NULL;
                struct buf aside;
                buf_init(&aside, 16384);
                put_aside(c, &aside);
                struct pg_param p[] = { { buf_slice(&aside) } };
                bool ok = pg_query(&r, c->c, "SELECT region, key, value, change FROM tributary.receipt"
                                             " WHERE change > sent AND region <> ALL ($1::text[])"
                                             " ORDER BY change LIMIT 500", p, 1, err);
                n = ok ? pg_rows_count(r) : 0;
                ok = ok && (n == 0 || send_rows(c, r, err));
                pg_rows_free(r);
                buf_clear(&aside);
                if (!ok)
                        return false;
        }
        return true;
}

/* ---- Being the one -------------------------------------------------------- */
static bool take_lock(struct clerk *c, struct err *err)
{
        char sql[96];
        struct pg_rows *r = NULL;
        snprintf(sql, sizeof sql, "SELECT pg_try_advisory_lock(%d, 0)::int", LOCK_CLERK);
        if (!pg_query(&r, c->c, sql, NULL, 0, err))
                return false;
        c->locked = pg_rows_int(r, 0, 0) == 1;
        pg_rows_free(r);
        if (!c->locked)
                return true;
        log_info("loader", "sends receipts for all loaders", NULL);
        return pg_run(c->c, "UPDATE tributary.receipt SET sent = 0 WHERE value IS NOT NULL", err);
}

static bool work(struct clerk *c, struct err *err)
{
        if (!c->c) {
                if (!pg_open(&c->c, c->spec->warehouse, c->spec->password, "tributary clerk", err) ||
                    !pg_run(c->c, "SET TimeZone = 'UTC'; SET jit = off; SET lock_timeout = '10s';"
                                  "SET statement_timeout = '10min'; SET client_min_messages = error;"
                                  "SET idle_session_timeout = '15s';"
                                  "SET idle_in_transaction_session_timeout = '15s'", err))
                        return false;
        }
        if (!c->locked && !take_lock(c, err))
                return false;
        if (!c->locked)
                return true;
        if (c->producer && kafka_producer_fatal(c->producer, NULL)) {
                kafka_producer_close(c->producer);
                c->producer = NULL;
        }
        if (!c->producer && !kafka_producer_open(&c->producer, c->spec->kafka, on_delivered, c, err))
                return false;
        return send_all(c, err) && chores_do(c->c, &c->chores, err);
}

/* The lock may be another's by now: nothing of ours may reach Kafka later. */
static void give_up(struct clerk *c)
{
        kafka_producer_close(c->producer);
        c->producer = NULL;
        pg_close(c->c);
        c->c = NULL;
        c->locked = false;
        c->waiting = 0;
}

static void *run(void *arg)
{
        struct clerk *c = arg;
        while (!atomic_load(&c->stop)) {
                struct err err = ERR_INIT;
                bool ok = work(c, &err);
                if (!ok && strcmp(c->trouble, err.text) != 0)
                        log_err(LOG_LEVEL_WARNING, "loader", "receipts wait", &err);
                snprintf(c->trouble, sizeof c->trouble, "%.255s", ok ? "" : err.text);
                if (!ok && (!c->c || !pg_alive(c->c) || err.kind != ERR_RETRY))
                        give_up(c);
                bell_wait(c->bell, ok ? IDLE_US : RETRY_US);
        }
        give_up(c);
        return NULL;
}

bool clerk_start(struct clerk **out, const struct loader_spec *spec, struct bell *bell, struct err *err)
{
        struct clerk *c = calloc(1, sizeof *c);
        if (!c)
                return err_set(err, ERR_FULL, 0, "out of memory");
        c->spec = spec;
        c->bell = bell;
        int failed = pthread_create(&c->thread, NULL, run, c);
        if (failed) {
                free(c);
                return err_errno(err, failed, "could not start the clerk");
        }
        *out = c;
        return true;
}

void clerk_ask_stop(struct clerk *c)
{
        atomic_store(&c->stop, true);
        bell_ring(c->bell);
}

bool clerk_join(struct clerk *c, int64_t deadline_us)
{
        struct timespec at = { .tv_sec = deadline_us / US_PER_SECOND,
                               .tv_nsec = (long)(deadline_us % US_PER_SECOND) * 1000 };
        if (pthread_clockjoin_np(c->thread, NULL, CLOCK_MONOTONIC, &at) != 0)
                return false;
        free(c);
        return true;
}
