/* reasons.c - by which lines of which policies entries are held or kept at home. */
#include <stdio.h>

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
