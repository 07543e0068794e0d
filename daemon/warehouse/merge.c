/* merge.c - the only way in: by version, in order of keys.
 *
 * `batch_sorted` gives records and retracts by key, greatest version first; the first of a key
 * is staged, the others have lost to it already. sql/merge.sql decides, moves, and says which
 * outcomes changed.                                                                      */
#include <stdlib.h>

#include "store.h"

static const char merge_sql[] = {
#include "sql/merge.sql.h"
        , 0
};

static struct progress *progress_of(struct change *changes, size_t n, const struct part *part)
{
        for (size_t i = 0; i < n; i++)
                if (changes[i].part == part)
                        return &changes[i].next;
        return NULL;
}

/* The same capture again, judged at another time, is no loser. The winner takes over how it was
 * before the batch: never seen, or seen and taken back by the earlier one of the two. */
static void take_over(struct item *w, const struct item *i)
{
        if (item_is_capture(w))
                w->fresh = i->taken ? false : w->fresh || i->fresh;
        else
                w->taken = i->fresh ? false : w->taken || i->taken;
}

/* A capture that is taken back and is not what stands was counted as superseded. */
static void count_loser(const struct item *i, struct tally *t, struct progress *p)
{
        const int64_t change[OUTCOMES] = { [SUPERSEDED] = i->taken ? -1 : 1 };
        if (!i->taken && !i->fresh)
                return;
        tally_add(t, i->part->region, i->m.record.source, i->m.record.hour_us, i->appended_us, change);
        if (i->fresh && p)
                p->counts[SUPERSEDED]++;
}

/* Losers within the batch are counted, and left out. */
static size_t keep_winners(struct item *const *sorted, size_t n, struct item **winners,
                           struct change *changes, size_t n_changes, struct tally *t)
{
        size_t kept = 0;
        for (size_t k = 0; k < n; k++) {
                struct item *i = sorted[k], *w = kept ? winners[kept - 1] : NULL;
                if (!w || strcmp(w->part->region, i->part->region) != 0 ||
                    memcmp(w->m.record.record_key, i->m.record.record_key, 16) != 0) {
                        winners[kept++] = i;
                } else if (position_compare(w->m.at, i->m.at) == 0) {
                        take_over(w, i);
                } else {
                        count_loser(i, t, progress_of(changes, n_changes, i->part));
                }
        }
        return kept;
}

static bool take_moves(struct store *s, const struct pg_rows *r, struct item *const *winners, size_t n,
                       struct change *changes, size_t n_changes, struct tally *t, struct err *err)
{
        int64_t appended_us = 0;
        for (size_t i = 0; i < n; i++)
                if (winners[i]->appended_us > appended_us)
                        appended_us = winners[i]->appended_us;
        for (size_t k = 0; k < pg_rows_count(r); k++) {
                struct slice region = pg_rows_text(r, k, 0);
                int64_t change[OUTCOMES], part = pg_rows_int(r, k, 1);
                for (int o = 0; o < OUTCOMES; o++)
                        change[o] = pg_rows_int(r, k, 4 + (size_t)o);
                struct change *c = NULL;
                for (size_t i = 0; i < n_changes && !c; i++)
                        if (changes[i].part->partition == part && slice_is(region, changes[i].part->region))
                                c = &changes[i];
                struct slice source = arena_copy(s->scratch, pg_rows_text(r, k, 2));
                if (!c || !source.p)
                        return err_set(err, ERR_BUG, 0, "the merge moved what was not staged");
                for (int o = 0; o < REJECTED; o++)
                        c->next.counts[o] += pg_rows_int(r, k, 4 + OUTCOMES + (size_t)o);
                tally_add(t, c->part->region, source, pg_rows_int(r, k, 3), appended_us, change);
        }
        return true;
}

bool merge_items(struct store *s, struct item *const *sorted, size_t n, struct change *changes,
                 size_t n_changes, struct tally *t, struct err *err)
{
        struct item **winners = arena_array(s->scratch, n, sizeof *winners);
        struct pg_rows *r = NULL;
        if (!winners)
                return err_set(err, ERR_FULL, 0, "the transaction's memory is full");
        if (n == 0)
                return true;
        size_t kept = keep_winners(sorted, n, winners, changes, n_changes, t);
        bool ok = rows_stage(s, winners, kept, err) && pg_query(&r, s->c, merge_sql, NULL, 0, err) &&
                  take_moves(s, r, winners, kept, changes, n_changes, t, err);
        pg_rows_free(r);
        return ok;
}
