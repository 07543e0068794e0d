/* tally.c - the account's changes, gathered. */
#include "tally.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"

enum { DOOR_ROWS_MAX = 4096 };

int64_t hour_of(int64_t us)
{
        int64_t rest = us % US_PER_HOUR;
        return us - (rest < 0 ? rest + US_PER_HOUR : rest);
}

void tally_begin(struct tally *t, struct state *state, uint64_t change, size_t changed)
{
        *t = (struct tally){ .state = state, .change = change, .changed = changed };
}

static bool is(const struct tally_row *row, struct slice source, int64_t hour_us)
{
        return row->delta.hour_us == hour_us && slice_is(source, row->source);
}

static void set_row(struct tally_row *row, struct slice source, int64_t hour_us)
{
        *row = (struct tally_row){ .delta.hour_us = hour_us };
        snprintf(row->source, sizeof row->source, "%.*s", SLICE_ARG(source));
}

static bool write_row(struct tally *t, struct tally_row *row, struct err *err)
{
        if (t->changed >= TALLY_TOLD_MAX) {
                t->change++;
                t->changed = 0;
        }
        t->changed++;
        row->delta.source = slice_of(row->source);
        return state_add_account(t->state, &row->delta, t->change, err);
}

bool tally_finish(struct tally *t, struct err *err)
{
        for (size_t i = 0; i < t->n; i++)
                if (!write_row(t, &t->rows[i], err))
                        return false;
        t->n = t->last = 0;
        return true;
}

struct state_delta *tally_at(struct tally *t, struct slice source, int64_t hour_us, struct err *err)
{
        if (t->n && is(&t->rows[t->last], source, hour_us))
                return &t->rows[t->last].delta;
        for (t->last = 0; t->last < t->n; t->last++)
                if (is(&t->rows[t->last], source, hour_us))
                        return &t->rows[t->last].delta;
        if (t->n == TALLY_ROWS && !tally_finish(t, err))
                return NULL;
        t->last = t->n++;
        set_row(&t->rows[t->last], source, hour_us);
        return &t->rows[t->last].delta;
}

bool tally_count(struct tally *t, struct slice source, int64_t hour_us, enum outcome o, struct err *err)
{
        struct state_delta *d = tally_at(t, source, hour_us, err);
        if (!d)
                return false;
        d->captured++;
        d->by_outcome[o]++;
        t->sums[o]++;
        return true;
}

bool tally_move(struct tally *t, struct slice source, int64_t hour_us, enum outcome from,
                enum outcome to, struct err *err)
{
        if (from == to)
                return true;
        struct state_delta *d = tally_at(t, source, hour_us, err);
        if (!d)
                return false;
        d->by_outcome[from]--;
        d->by_outcome[to]++;
        t->sums[from]--;
        t->sums[to]++;
        return true;
}

/* ---- The door ---------------------------------------------------------- */
static bool grow(struct door *d)
{
        if (d->n < d->cap)
                return true;
        size_t cap = d->cap ? d->cap * 2 : 16;
        if (cap > DOOR_ROWS_MAX)
                return false;
        struct tally_row *rows = realloc(d->rows, cap * sizeof *rows);
        if (!rows)
                return false;
        d->rows = rows;
        d->cap = cap;
        return true;
}

bool tally_door_add(struct door *d, struct slice source, int64_t captured_us, int64_t refused,
              int64_t discarded)
{
        int64_t hour_us = hour_of(captured_us);
        size_t i = 0;
        while (i < d->n && !is(&d->rows[i], source, hour_us))
                i++;
        if (i == d->n) {
                if (!grow(d))
                        return false;
                set_row(&d->rows[d->n++], source, hour_us);
        }
        d->rows[i].delta.refused += refused;
        d->rows[i].delta.discarded += discarded;
        return true;
}

bool door_tally(const struct door *d, struct tally *t, struct err *err)
{
        for (size_t i = 0; i < d->n; i++) {
                const struct tally_row *row = &d->rows[i];
                struct state_delta *to = tally_at(t, slice_of(row->source), row->delta.hour_us, err);
                if (!to)
                        return false;
                to->refused += row->delta.refused;
                to->discarded += row->delta.discarded;
        }
        return true;
}
