/* reasons.c - by which lines of which policies entries are held or kept at home, and where counters
 * stand. */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "pump_private.h"

static void copy_text(char *to, size_t max, struct slice from)
{
        snprintf(to, max, "%.*s", (int)utf8_cut(from, max - 1), from.p ? from.p : "");
}

static struct pump_reason reason_of(const struct state_reason *r)
{
        struct pump_reason out = { .outcome = outcome_name(r->outcome), .line = r->line, .entries = r->entries };
        copy_text(out.file, sizeof out.file, r->file);
        copy_text(out.rule, sizeof out.rule, r->rule);
        copy_text(out.because, sizeof out.because, r->because);
        return out;
}

bool reasons_refresh(struct pump *p, struct err *err)
{
        struct state_reason rows[PUMP_REASONS_MAX];
        struct arena *a = arena_new(1 << 20);
        size_t n = 0;
        bool ok = a && state_reasons(p->state, rows, PUMP_REASONS_MAX, &n, a, err);
        if (ok) {
                pthread_mutex_lock(&p->lock);
                for (size_t i = 0; i < n; i++)
                        p->reasons[i] = reason_of(&rows[i]);
                p->n_reasons = n;
                pthread_mutex_unlock(&p->lock);
        }
        arena_free(a);
        return ok;
}

size_t pump_reasons(struct pump *p, struct pump_reason *out, size_t max)
{
        pthread_mutex_lock(&p->lock);
        size_t n = p->n_reasons < max ? p->n_reasons : max;
        for (size_t i = 0; i < n; i++)
                out[i] = p->reasons[i];
        pthread_mutex_unlock(&p->lock);
        return n;
}

/* ---- Counters -------------------------------------------------------------------- */

/* Under the lock. */
static uint64_t held_by(const struct pump *p, const struct pump_counter *c)
{
        uint64_t n = 0;
        for (size_t i = 0; i < p->n_reasons; i++)
                if (strcmp(p->reasons[i].rule, "counters") == 0 && p->reasons[i].line == c->line &&
                    strcmp(p->reasons[i].file, c->file) == 0)
                        n += p->reasons[i].entries;
        return n;
}

static int64_t percent_of(const struct pump_counter *c)
{
        return c->ceiling ? (int64_t)(c->people * 100 / c->ceiling) : 100;
}

void counters_show(struct pump *p, int64_t now_us)
{
        struct err err = ERR_INIT;
        int64_t fullest = 0;
        if (!p->judge || now_us < p->counts_us)
                return;
        p->counts_us = now_us + US_PER_SECOND;
        if (!counts_day(&p->counts, p->book, clock_now_us(), &err))
                log_err(LOG_LEVEL_WARNING, "pump", "could not look up who is counted", &err);
        pthread_mutex_lock(&p->lock);
        p->n_counters = counts_shown(&p->counts, p->counters, PUMP_COUNTERS_MAX);
        for (size_t i = 0; i < p->n_counters; i++)
                if (percent_of(&p->counters[i]) > fullest)
                        fullest = percent_of(&p->counters[i]);
        pthread_mutex_unlock(&p->lock);
        p->counts.moved = false;
        metric_set(&pump_metrics[PUMP_COUNTER], fullest);
}

int64_t counters_due_us(const struct pump *p)
{
        if (!p->judge || !p->n_counters)
                return INT64_MAX;
        return p->counts.moved ? p->counts_us : p->counts_us + 60 * US_PER_SECOND;
}

size_t pump_counters(struct pump *p, struct pump_counter *out, size_t max)
{
        pthread_mutex_lock(&p->lock);
        size_t n = p->n_counters < max ? p->n_counters : max;
        memcpy(out, p->counters, n * sizeof *out);
        for (size_t i = 0; i < n; i++)
                out[i].held = held_by(p, &out[i]);
        pthread_mutex_unlock(&p->lock);
        return n;
}
