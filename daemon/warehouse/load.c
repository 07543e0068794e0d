/* load.c - a run of messages in one transaction; and what to do when it fails. */
#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "locks.h"
#include "store.h"

enum { AGAIN_MAX = 8 };

struct run {
        struct item **items;    /* of READY parts, in order of arrival */
        size_t n;
        struct change *changes; /* a part each, in the order that kafka gave them to us */
        size_t n_changes;
        struct tally tally;
};

static bool wanted(const struct item *i)
{
        return i->part->state == PART_READY;
}

static struct change *change_of(struct run *r, struct part *part)
{
        for (size_t i = 0; i < r->n_changes; i++)
                if (r->changes[i].part == part)
                        return &r->changes[i];
        r->changes[r->n_changes] = (struct change){ part, part->now };
        return &r->changes[r->n_changes++];
}

static int by_topic(const void *x, const void *y)
{
        const struct change *a = x, *b = y;
        int c = strcmp(a->part->topic, b->part->topic);
        return c ? c : (a->part->partition > b->part->partition) - (a->part->partition < b->part->partition);
}

/* Collects the messages and, in order, what they say of out, prev and offset. */
static bool run_begin(struct run *r, struct store *s, const struct batch *b, size_t from, size_t to,
                      struct err *err)
{
        *r = (struct run){ 0 };
        tally_init(&r->tally, s->scratch);
        r->items = arena_array(s->scratch, to - from, sizeof *r->items);
        r->changes = arena_array(s->scratch, to - from, sizeof *r->changes);
        if (!r->items || !r->changes)
                return err_set(err, ERR_FULL, 0, "the transaction's memory is full");
        for (size_t i = from; i < to; i++) {
                struct item *item = b->items[i];
                if (!wanted(item))
                        continue;
                r->items[r->n++] = item;
                struct change *c = change_of(r, item->part);
                progress_move(&c->next, item);
                if (item->code[0])
                        c->next.counts[REJECTED]++;
        }
        qsort(r->changes, r->n_changes, sizeof *r->changes, by_topic);
        return true;
}

/* Batches share their regions' locks, an erasure has its region's alone: what it does not see
 * here comes after it and meets tributary.erased. In order of topic, so no two wait crosswise. */
static bool lock_regions(struct store *s, const struct run *r, bool alone, struct err *err)
{
        const char *last = "";
        for (size_t i = 0; i < r->n_changes; i++) {
                const char *region = r->changes[i].part->region;
                char sql[128];
                struct pg_param p[] = { { slice_of(region) } };
                if (strcmp(region, last) == 0)
                        continue;
                last = region;
                snprintf(sql, sizeof sql, "SELECT pg_advisory_xact_lock%s(%d, hashtext($1))",
                         alone ? "" : "_shared", LOCK_REGION);
                if (!pg_run_params(s->c, sql, p, 1, NULL, err))
                        return false;
        }
        return true;
}

static bool save_item(struct store *s, struct run *r, const struct item *i, struct err *err)
{
        if (i->code[0]) {
                if (i->fresh)
                        tally_one(&r->tally, i, REJECTED);
                return reject_save(s, i, err);
        }
        switch (i->m.type) {
        case MESSAGE_ACCOUNT:
                return account_save(s, i, err);
        case MESSAGE_HELLO:
                return hello_save(s, i, err);
        case MESSAGE_ERASE:
                return erase_apply(s, i, &r->tally, err);
        case MESSAGE_RECORD:
        case MESSAGE_RETRACT:
        case MESSAGE_TYPES:
                return true;
        }
        return true;
}

static bool save_rest(struct store *s, struct run *r, struct err *err)
{
        for (size_t i = 0; i < r->n; i++)
                if (!save_item(s, r, r->items[i], err))
                        return false;
        if (!tally_save(s, &r->tally, err))
                return false;
        for (size_t i = 0; i < r->n_changes; i++)
                if (!progress_save(s, r->changes[i].part, &r->changes[i].next, err))
                        return false;
        return true;
}

static void run_done(const struct run *r, struct load_counts *counts)
{
        for (size_t i = 0; i < r->n_changes; i++) {
                const struct progress *was = &r->changes[i].part->now, *is = &r->changes[i].next;
                for (int o = 0; o < OUTCOMES; o++)
                        counts->outcome[o] += is->counts[o] - was->counts[o];
                counts->gaps += is->gaps - was->gaps;
                if (is->gap && !was->gap)
                        log_warning("loader", "a gap: messages are missing", "topic=%s partition=%d missing_n=%llu",
                                    r->changes[i].part->topic, r->changes[i].part->partition,
                                    (unsigned long long)is->gap_prev.seq);
                r->changes[i].part->now = *is;
        }
        counts->transactions++;
}

/* [from, to) in one transaction. alone: it is one erasure. */
static bool load_run(struct store *s, struct batch *b, size_t from, size_t to, bool alone,
                     struct load_counts *counts, struct err *err)
{
        struct run r;
        struct item **sorted;
        size_t n = 0;
        arena_reset(s->scratch);
        if (!reading_resolve(s, b->items + from, to - from, err) || !run_begin(&r, s, b, from, to, err))
                return false;
        if (r.n == 0)
                return true;
        for (size_t i = 0; i < r.n; i++)
                r.items[i]->fresh = r.items[i]->taken = false;
        /* Sorted anew for each run: halves of a batch that failed have their own order. */
        sorted = arena_array(s->scratch, r.n, sizeof *sorted);
        struct batch view = { .arena = s->scratch, .items = r.items, .n = r.n };
        sorted = sorted ? batch_sorted(&view, 0, r.n, &n) : NULL;
        if (!sorted)
                return err_set(err, ERR_FULL, 0, "the transaction's memory is full");
        bool ok = pg_begin(s->c, err) && lock_regions(s, &r, alone, err) && seen_mark(s, r.items, r.n, err) &&
                  merge_items(s, sorted, n, r.changes, r.n_changes, &r.tally, err) && save_rest(s, &r, err) &&
                  pg_commit(s->c, err);
        if (!ok) {
                pg_abort(s->c);
                return false;
        }
        run_done(&r, counts);
        return true;
}

/* 23514 without a constraint's name: no partition for the row. That is not the row's fault. */
static bool home_is_missing(struct store *s, const char *state, const struct batch *b, size_t from,
                            size_t to)
{
        bool missing = false;
        if (strcmp(state, "23514") != 0 || !store_read_homes(s, NULL))
                return false;
        for (size_t i = from; i < to; i++)
                missing |= wanted(b->items[i]) && !store_has_home(s, b->items[i]->part->region);
        return missing;
}

/* Halves until the bad message stands alone; then it is rejected, and the rest is loaded. Depth:
 * log2 of the batch. */
static bool load_range(struct store *s, struct batch *b, size_t from, size_t to, bool alone,
                       struct load_counts *counts, struct err *err)
{
        for (int again = 0; !load_run(s, b, from, to, alone, counts, err); again++) {
                char state[8];
                snprintf(state, sizeof state, "%s", pg_state(s->c)[0] ? pg_state(s->c) : "22000");
                if (err->kind == ERR_DATA && home_is_missing(s, state, b, from, to))
                        return err_set(err, ERR_RETRY, 0, "a region has no partition in the warehouse");
                if (err->kind == ERR_DATA && to - from > 1) {
                        size_t middle = from + (to - from) / 2;
                        return load_range(s, b, from, middle, alone, counts, err) &&
                               load_range(s, b, middle, to, alone, counts, err);
                }
                if (err->kind == ERR_DATA && !b->items[from]->code[0]) {
                        struct item *bad = b->items[from];
                        log_warning("loader", "rejected a message", "topic=%s partition=%d offset=%lld code=%s",
                                    bad->part->topic, bad->part->partition, (long long)bad->offset, state);
                        memcpy(bad->code, state, sizeof bad->code);
                } else if (err->kind != ERR_RETRY || !pg_alive(s->c) || again >= AGAIN_MAX) {
                        return false;
                }
                err_clear(err); /* a deadlock, a serialization failure, or now rejected: once more */
        }
        b->done = to;
        return true;
}

static bool is_erase(const struct item *i)
{
        return !i->code[0] && i->m.type == MESSAGE_ERASE;
}

bool load_batch(struct store *s, struct batch *b, struct load_counts *counts, struct err *err)
{
        struct err mine = ERR_INIT;
        err = err ? err : &mine;
        err_clear(err);
        while (b->done < b->n) {
                size_t from = b->done, to = from + 1;
                bool alone = is_erase(b->items[from]);
                while (!alone && to < b->n && !is_erase(b->items[to]))
                        to++;
                if (!load_range(s, b, from, to, alone, counts, err))
                        return false;
        }
        return true;
}
