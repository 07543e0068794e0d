/* tally.c - what a transaction adds to the account, per source and hour, appended in one COPY. */
#include "store.h"

#include "base/clock.h"

enum { ROWS_MAX = 1 << 20 };

void tally_init(struct tally *t, struct arena *arena)
{
        *t = (struct tally){ .arena = arena, .max = ROWS_MAX };
}

static struct tally_row *new_row(struct tally *t)
{
        if (t->n == t->cap) {
                size_t cap = t->cap ? 2 * t->cap : 64;
                struct tally_row *rows = cap <= t->max ? arena_array(t->arena, cap, sizeof *rows) : NULL;
                if (!rows) {
                        t->full = true;
                        return NULL;
                }
                if (t->n)
                        memcpy(rows, t->rows, t->n * sizeof *rows);
                t->rows = rows;
                t->cap = cap;
        }
        return &t->rows[t->n++];
}

/* Messages come by source and hour in long runs: the newest rows are looked at first, and few.
 * A row that is missed is only a second row for the same hour. */
static struct tally_row *find(struct tally *t, const char *region, struct slice source, int64_t hour_us)
{
        for (size_t k = 0; k < 32 && k < t->n; k++) {
                struct tally_row *r = &t->rows[t->n - 1 - k];
                if (r->hour_us == hour_us && strcmp(r->region, region) == 0 && slice_eq(r->source, source))
                        return r;
        }
        return NULL;
}

void tally_add(struct tally *t, const char *region, struct slice source, int64_t hour_us,
               int64_t appended_us, const int64_t change[OUTCOMES])
{
        struct tally_row *r = find(t, region, source, hour_us);
        if (!r) {
                r = new_row(t);
                if (!r)
                        return;
                *r = (struct tally_row){ .region = region, .source = source, .hour_us = hour_us };
        }
        for (int o = 0; o < OUTCOMES; o++)
                r->change[o] += change[o];
        if (appended_us > r->appended_us)
                r->appended_us = appended_us;
}

void tally_one(struct tally *t, const struct item *i, enum outcome o)
{
        int64_t change[OUTCOMES] = { 0 };
        change[o] = 1;
        tally_add(t, i->part->region, i->m.record.source, i->m.record.hour_us, i->appended_us, change);
}

bool tally_save(struct store *s, struct tally *t, struct err *err)
{
        if (t->full)
                return err_set(err, ERR_FULL, 0, "the transaction's memory is full");
        if (t->n == 0)
                return true;
        if (!pg_copy_begin(s->c, "COPY tributary.tally_change (region, source, hour, loaded, superseded,"
                                 " retracted, erased, expired, rejected, appended_at)"
                                 " FROM STDIN (FORMAT binary)", err))
                return false;
        for (size_t i = 0; i < t->n; i++) {
                const struct tally_row *r = &t->rows[i];
                pg_copy_row(s->c, 4 + OUTCOMES);
                pg_copy_bytes(s->c, slice_of(r->region));
                pg_copy_bytes(s->c, r->source.p ? r->source : SLICE(""));
                pg_copy_time(s->c, r->hour_us);
                for (int o = 0; o < OUTCOMES; o++)
                        pg_copy_i64(s->c, r->change[o]);
                pg_copy_time(s->c, r->appended_us);
        }
        return pg_copy_end(s->c, NULL, err);
}
