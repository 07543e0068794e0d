/* way.c - what went out on a partition in one transaction, per source and hour. */
#include "way.h"

#include <stdlib.h>

void way_reset(struct way *w)
{
        w->n = w->at = 0;
}

void way_clear(struct way *w)
{
        for (size_t i = 0; i < w->cap; i++)
                free(w->rows[i].runs);
        free(w->rows);
        *w = (struct way){ 0 };
}

static bool is(const struct way_row *row, const struct slot *s)
{
        return row->hour_us == s->hour_us && strcmp(row->source, s->source) == 0;
}

/* Rows keep their runs' memory from one transaction to the next. */
static bool grow(struct way *w)
{
        size_t cap = w->cap ? w->cap * 2 : 4;
        struct way_row *rows = realloc(w->rows, cap * sizeof *rows);
        if (!rows)
                return false;
        for (size_t i = w->cap; i < cap; i++)
                rows[i] = (struct way_row){ .records = 0 };
        w->rows = rows;
        w->cap = cap;
        return true;
}

static struct way_row *find(struct way *w, const struct slot *s)
{
        if (w->at < w->n && is(&w->rows[w->at], s))
                return &w->rows[w->at];
        for (w->at = 0; w->at < w->n; w->at++)
                if (is(&w->rows[w->at], s))
                        return &w->rows[w->at];
        if (w->n == w->cap && !grow(w))
                return NULL;
        struct way_row *row = &w->rows[w->at = w->n++];
        memcpy(row->source, s->source, sizeof row->source);
        row->hour_us = s->hour_us;
        row->records = row->n_runs = 0;
        row->first = row->last = s->at;
        return row;
}

static bool add_run(struct way_row *row, uint64_t n)
{
        if (row->n_runs && row->runs[row->n_runs - 1].to + 1 == n) {
                row->runs[row->n_runs - 1].to = n;
                return true;
        }
        if (row->n_runs == row->cap_runs) {
                size_t cap = row->cap_runs ? row->cap_runs * 2 : 16;
                struct state_run *runs = realloc(row->runs, cap * sizeof *runs);
                if (!runs)
                        return false;
                row->runs = runs;
                row->cap_runs = cap;
        }
        row->runs[row->n_runs++] = (struct state_run){ n, n };
        return true;
}

bool way_note(struct way *w, const struct slot *s, struct err *err)
{
        struct way_row *row = find(w, s);
        if (!row || !add_run(row, s->out.seq))
                return err_set(err, ERR_FULL, 0, "no memory for what is on its way");
        row->records++;
        if (position_compare(s->at, row->first) < 0)
                row->first = s->at;
        if (position_compare(s->at, row->last) > 0)
                row->last = s->at;
        return true;
}

bool way_count(struct way *w, const struct slot *s, struct err *err)
{
        struct way_row *row = find(w, s);
        if (!row)
                return err_set(err, ERR_FULL, 0, "no memory for what was on its way");
        row->records++;
        return true;
}

bool way_resent(const struct way *w, struct state *state, struct err *err)
{
        for (size_t i = 0; i < w->n; i++)
                if (!state_resent(state, slice_of(w->rows[i].source), w->rows[i].hour_us, w->rows[i].records, err))
                        return false;
        return true;
}

bool way_write(const struct way *w, struct state *state, int32_t partition, uint64_t epoch, uint64_t range,
               struct err *err)
{
        for (size_t i = 0; i < w->n; i++) {
                const struct way_row *row = &w->rows[i];
                const struct state_piece piece = { .source = slice_of(row->source), .hour_us = row->hour_us,
                                                   .records = row->records, .first = row->first, .last = row->last,
                                                   .runs = row->runs, .n_runs = row->n_runs };
                if (!state_add_piece(state, partition, epoch, range, &piece, err))
                        return false;
        }
        return true;
}
