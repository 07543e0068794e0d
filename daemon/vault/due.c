/* due.c - how long each class is kept, and the periods whose time is over. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "io.h"
#include "keeper.h"
#include "metrics.h"

enum { PERIODS_A_ROUND = 1024 };
#define LOOK_AGAIN_US (600 * US_PER_SECOND)

/* ---- how long -------------------------------------------------------------- */

static const struct keep_time *keep_of(const struct keep_list *list, uint32_t class)
{
        for (size_t i = 0; i < list->n; i++)
                if (list->rows[i].class == class)
                        return &list->rows[i];
        return NULL;
}

/* What the law says now goes into the row; *changed if that is news. The day of grace begins when it
 * probably is, not by the guarded time: that stands where the agent went down until the hub speaks,
 * and would then be over at once. A clock that ran ahead is made up for when it is known. */
static void apply(struct keep_time *t, int64_t raw_us, int64_t at_least_us, const struct guard_said *time,
                  bool *changed)
{
        bool shorter = raw_us >= 0 && (t->raw_us < 0 || raw_us < t->raw_us);

        *changed = t->raw_us != raw_us || t->at_least_us != at_least_us || t->shorter_us > time->best_us;
        if (t->shorter_us > time->best_us)
                t->shorter_us = time->best_us;
        if (shorter) {
                t->before_us = keep_raw_us(t, time->now_us);
                t->shorter_us = time->best_us;
        } else if (t->raw_us != raw_us) {
                t->before_us = raw_us; /* longer counts at once */
        }
        t->raw_us = raw_us;
        t->at_least_us = at_least_us;
}

/* While it can still be taken back. */
static void tell_shorter(const char *class, const struct keep_time *t)
{
        char was[CLOCK_TEXT_MAX] = "for ever", is[CLOCK_TEXT_MAX], when[CLOCK_TEXT_MAX];

        if (t->before_us >= 0)
                duration_format(was, t->before_us);
        log_warning("vault", "raw time was made shorter", "class=\"%s\" was=\"%s\" is=\"%s\" counts_from=%s", class,
                    was, duration_format(is, t->raw_us),
                    clock_format_rfc3339(when, t->shorter_us + US_PER_DAY));
}

static bool has_periods(struct keeper *k, uint32_t class, bool *any, struct err *err)
{
        struct db_stmt *q = db_prepare(k->db, "SELECT 1 FROM period WHERE class = ?1 LIMIT 1");

        db_bind_int(q, 1, class);
        if (!db_step(q, any, err))
                return false;
        db_reset(q);
        return true;
}

/* What was captured before any law was heard of was kept for ever until now; where there is
 * nothing yet, nothing is made shorter. */
static bool first_law(struct keeper *k, struct keep_time *t, int64_t raw_us, struct err *err)
{
        bool any;

        if (!has_periods(k, t->class, &any, err))
                return false;
        t->raw_us = t->before_us = any ? -1 : raw_us;
        return true;
}

static bool ask_about(struct keeper *k, uint32_t class, const char *name, const struct guard_said *time,
                      struct err *err)
{
        const struct keep_time *had = keep_of(&k->keeps, class);
        struct keep_time t = had ? *had : (struct keep_time){ .class = class };
        int64_t raw_us = -1, at_least_us = -1;
        bool changed;

        if (!k->law.keep(k->law.ctx, name, &raw_us, &at_least_us))
                return true;
        if (!had && !first_law(k, &t, raw_us, err))
                return false;
        apply(&t, raw_us, at_least_us, time, &changed);
        if (changed && t.raw_us >= 0 && keep_raw_us(&t, time->now_us) != t.raw_us)
                tell_shorter(name, &t);
        if ((changed || !had) && k->changed.n < KEEPS_MAX)
                k->changed.rows[k->changed.n++] = t;
        return true;
}

static void take_law(struct keeper *k)
{
        struct vault_law old = { 0 };

        pthread_mutex_lock(&k->lock);
        if (k->law_waits) {
                old = k->law;
                k->law = k->next_law;
                k->law_waits = false;
        }
        pthread_mutex_unlock(&k->lock);
        if (old.drop)
                old.drop(old.ctx);
}

bool due_ask_law(struct keeper *k, const struct guard_said *time, struct err *err)
{
        struct db_stmt *q;
        bool row;

        take_law(k);
        if (k->law.class && !log_order(k->log, retire_class, &k->law, err))
                return false;
        q = db_prepare(k->db, "SELECT number, name FROM class WHERE name <> ?1 LIMIT 256");
        if (!retire_load_keeps(k->db, k->keeps.rows, &k->keeps.n, err))
                return false;
        k->changed.n = 0;
        db_bind_text(q, 1, SLICE(OTHER_CLASS));
        while (k->law.keep) {
                char name[CLASS_NAME_MAX + 1];
                if (!db_step(q, &row, err))
                        return false;
                if (!row)
                        break;
                snprintf(name, sizeof name, "%.*s", SLICE_ARG(db_bytes(q, 1)));
                if (!ask_about(k, (uint32_t)db_int(q, 0), name, time, err)) {
                        db_reset(q);
                        return false;
                }
        }
        return k->changed.n == 0 || (log_order(k->log, retire_keeps, &k->changed, err) &&
                                     retire_load_keeps(k->db, k->keeps.rows, &k->keeps.n, err));
}

/* ---- periods --------------------------------------------------------------- */

/* INT64_MAX: never. */
static int64_t due_after(const struct keep_time *t, const struct period_row *p, int64_t raw_us)
{
        int64_t due;

        if (raw_us < 0 || p->begins_us > INT64_MAX - raw_us)
                return INT64_MAX;
        due = p->begins_us + raw_us;
        if (t->at_least_us >= 0 && p->ends_us + t->at_least_us > due)
                due = p->ends_us + t->at_least_us;
        return due;
}

/* While a time that was made shorter can be taken back, what will be due by it is told. */
static int64_t due_us(const struct keeper *k, const struct period_row *p, int64_t now_us)
{
        const struct keep_time *t = keep_of(&k->keeps, p->class);
        int64_t raw_us = t ? keep_raw_us(t, now_us) : -1;
        int64_t due = raw_us < 0 ? INT64_MAX : due_after(t, p, raw_us);

        if (t && raw_us != t->raw_us) {
                int64_t soon = due_after(t, p, t->raw_us), counts_us = t->shorter_us + US_PER_DAY;
                soon = soon < counts_us ? counts_us : soon;
                due = soon < due ? soon : due;
        }
        return due;
}

static bool waits_still(struct keeper *k, uint64_t number)
{
        for (size_t i = 0; i < k->n_waiting; i++)
                if (k->waiting[i].number == number)
                        return vault_io.boot_us() < k->waiting[i].again_us;
        return false;
}

static void wait_until(struct keeper *k, uint64_t number, int64_t in_us)
{
        size_t i = 0;

        while (i < k->n_waiting && k->waiting[i].number != number)
                i++;
        if (i == sizeof k->waiting / sizeof *k->waiting)
                return; /* looked through each round then */
        if (i == k->n_waiting) {
                k->n_waiting++;
                log_warning("vault", "a period is due and waits for receipts", "period=%llu",
                            (unsigned long long)number);
        }
        k->waiting[i].number = number;
        k->waiting[i].again_us = vault_io.boot_us() + (in_us < LOOK_AGAIN_US ? in_us : LOOK_AGAIN_US);
}

static void waits_no_more(struct keeper *k, uint64_t number)
{
        for (size_t i = 0; i < k->n_waiting; i++)
                if (k->waiting[i].number == number) {
                        k->waiting[i] = k->waiting[--k->n_waiting];
                        break;
                }
}

/* A law made longer meanwhile: what is not due any more waits for nothing. */
static void keep_waiting(struct keeper *k, const struct period_row *due, size_t n)
{
        for (size_t i = k->n_waiting; i-- > 0;) {
                size_t at = 0;
                while (at < n && due[at].number != k->waiting[i].number)
                        at++;
                if (at == n)
                        k->waiting[i] = k->waiting[--k->n_waiting];
        }
}

static bool class_name(struct keeper *k, uint32_t class, char out[CLASS_NAME_MAX + 1], struct err *err)
{
        struct db_stmt *q = db_prepare(k->db, "SELECT name FROM class WHERE number = ?1");
        bool row;

        out[0] = 0;
        db_bind_int(q, 1, class);
        if (!db_step(q, &row, err))
                return false;
        if (row)
                snprintf(out, CLASS_NAME_MAX + 1, "%.*s", SLICE_ARG(db_bytes(q, 0)));
        db_reset(q);
        return true;
}

static bool tell_destroyed(struct keeper *k, const struct period_row *p, uint64_t without, struct err *err)
{
        char from[CLOCK_TEXT_MAX], to[CLOCK_TEXT_MAX], class[CLASS_NAME_MAX + 1];

        if (!class_name(k, p->class, class, err))
                return false;

        log_write(without ? LOG_LEVEL_WARNING : LOG_LEVEL_INFO, "vault", "period's key destroyed",
                  "period=%llu class=\"%s\" from=%s to=%s without_receipt=%llu", (unsigned long long)p->number,
                  class, clock_format_rfc3339(from, p->begins_us),
                  clock_format_rfc3339(to, p->ends_us), (unsigned long long)without);
        metric_add(&vault_metrics[M_WITHOUT_RECEIPT], (int64_t)without);
        pthread_mutex_lock(&k->lock);
        k->said.without_receipt += without;
        pthread_mutex_unlock(&k->lock);
        return true;
}

static bool end_period(struct keeper *k, struct period_row *p, bool asked, int64_t now_us, struct err *err)
{
        uint64_t without = 0;
        int64_t oldest_us;

        if (look_may_wait(k, p)) {
                const struct keep_time *t = keep_of(&k->keeps, p->class);
                if (!asked && waits_still(k, p->number))
                        return true;
                if (!look_uncovered(k, p, &without, &oldest_us, err))
                        return false;
                if (without && oldest_us + keep_raw_us(t, now_us) > now_us) {
                        wait_until(k, p->number, oldest_us + keep_raw_us(t, now_us) - now_us);
                        return true;
                }
        }
        if (!log_order(k->log, retire_period, &p->number, err))
                return false;
        waits_no_more(k, p->number);
        return tell_destroyed(k, p, without, err);
}

/* The due ones; *next_us: when the first of the others is. */
static bool load_due(struct keeper *k, int64_t now_us, struct period_row *out, size_t *n, int64_t *next_us,
                     struct err *err)
{
        struct db_stmt *q = db_prepare(k->db, "SELECT number, class, begins_us, ends_us FROM period"
                                              " WHERE wrapped IS NOT NULL ORDER BY number");
        bool row;

        *n = 0;
        *next_us = INT64_MAX;
        for (;;) {
                if (!db_step(q, &row, err))
                        return false;
                if (!row)
                        return true;
                struct period_row p = { (uint64_t)db_int(q, 0), (uint32_t)db_int(q, 1), db_int(q, 2), db_int(q, 3) };
                int64_t due = due_us(k, &p, now_us);
                if (due > now_us)
                        *next_us = due < *next_us ? due : *next_us;
                else if (*n < PERIODS_A_ROUND)
                        out[(*n)++] = p;
        }
}

/* The next round comes when the next period is due, or one that waits is looked through again. */
static void plan_round(struct keeper *k, int64_t in_us, bool destroys)
{
        for (size_t i = 0; destroys && i < k->n_waiting; i++)
                if (k->waiting[i].again_us - vault_io.boot_us() < in_us)
                        in_us = k->waiting[i].again_us - vault_io.boot_us();
        if (in_us < KEEPER_ROUND_S * US_PER_SECOND)
                k->pause_s = in_us < US_PER_SECOND ? 1 : (int)(in_us / US_PER_SECOND) + 1;
}

bool due_end_periods(struct keeper *k, const struct guard_said *time, bool asked, struct err *err)
{
        struct period_row *rows = calloc(PERIODS_A_ROUND, sizeof *rows);
        size_t n = 0;
        int64_t next_us = INT64_MAX;
        bool ok = rows ? load_due(k, time->now_us, rows, &n, &next_us, err)
                       : err_set(err, ERR_RETRY, ENOMEM, "no memory to look for what is due");

        if (ok)
                keep_waiting(k, rows, n);
        for (size_t i = 0; ok && time->destroys && i < n; i++)
                ok = end_period(k, &rows[i], asked, time->now_us, err);
        if (ok) {
                plan_round(k, next_us - time->now_us, time->destroys);
                if (n > 0 && (k->n_waiting > 0 || !time->destroys)) /* due, and not gone */
                        next_us = time->now_us;
                pthread_mutex_lock(&k->lock);
                k->said.next_due_us = next_us == INT64_MAX ? 0 : next_us;
                pthread_mutex_unlock(&k->lock);
                metric_set(&vault_metrics[M_NEXT_DUE], k->said.next_due_us / US_PER_SECOND);
        }
        free(rows);
        return ok;
}
