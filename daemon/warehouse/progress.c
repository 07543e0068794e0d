/* progress.c - how far each partition is in the warehouse, and whose it is.
 *
 * The fence: every take-over raises it, and a transaction commits only if the row still has
 * the fence its lane took and the offset it began at. So of two loaders that both believe a
 * partition to be theirs only the later one can commit. The old owner's backend is ended as
 * well: one that hangs in COPY would hold its locks for ever otherwise.                 */
#include <inttypes.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/log.h"
#include "model/receipt.h"
#include "store.h"

enum { LOST_RETRY_S = 60 };

struct key_text {
        char partition[16], fence[24];
};

static void key_params(struct pg_param *p, struct key_text *t, const struct part *part)
{
        snprintf(t->partition, sizeof t->partition, "%" PRId32, part->partition);
        snprintf(t->fence, sizeof t->fence, "%" PRId64, part->fence);
        p[0].v = slice_of(part->topic);
        p[1].v = slice_of(t->partition);
        p[2].v = slice_of(t->fence);
}

static bool put_watermark(struct store *s, const struct part *p, const struct progress *at, struct err *err)
{
        struct receipt r = {
                .type = RECEIPT_WATERMARK,
                .partition = p->partition,
                .warehouse_generation = s->generation,
                .out = at->out,
                .gap = at->gap,
                .gap_prev = at->gap_prev,
                .loaded = (uint64_t)at->counts[LOADED],
                .superseded = (uint64_t)at->counts[SUPERSEDED],
                .rejected = (uint64_t)at->counts[REJECTED],
                .retracted = (uint64_t)at->counts[RETRACTED],
                .erased = (uint64_t)at->counts[ERASED],
        };
        memcpy(r.warehouse, s->warehouse, 16);
        return outbox_put(s, p->region, &r, err);
}

/* An empty progress publishes watermark 0: the region sends everything. */
static bool make_row(struct store *s, struct part *p, bool *made, struct err *err)
{
        struct pg_param key[4];
        struct key_text text;
        int64_t n = 0;
        key_params(key, &text, p);
        key[2].v = slice_of(p->region);
        if (!pg_run_params(s->c, "INSERT INTO tributary.progress (topic, partition, region) VALUES ($1, $2, $3)"
                                 " ON CONFLICT (topic, partition) DO NOTHING", key, 3, &n, err))
                return false;
        struct progress nothing = { 0 };
        *made = n == 1;
        return n == 0 || put_watermark(s, p, &nothing, err);
}

static bool end_old_owner(struct store *s, const struct part *p, struct err *err)
{
        struct pg_param key[4];
        struct key_text text;
        struct pg_rows *r = NULL;
        key_params(key, &text, p);
        if (!pg_query(&r, s->c, "SELECT pg_terminate_backend(o.pid, 5000) FROM tributary.progress p"
                                " JOIN pg_stat_activity o ON o.pid = p.backend_pid"
                                " AND o.backend_start = p.backend_start"
                                " WHERE p.topic = $1 AND p.partition = $2 AND o.pid <> pg_backend_pid()",
                      key, 2, err))
                return false;
        if (pg_rows_count(r) > 0)
                log_warning("loader", "ended the backend of the old owner", "topic=%s partition=%" PRId32,
                            p->topic, p->partition);
        pg_rows_free(r);
        return true;
}

static struct position position_at(const struct pg_rows *r, size_t column)
{
        return (struct position){ (uint64_t)pg_rows_int(r, 0, column), (uint64_t)pg_rows_int(r, 0, column + 1) };
}

static void read_row(struct part *p, const struct pg_rows *r)
{
        p->fence = pg_rows_int(r, 0, 0);
        p->now = (struct progress){
                .next = pg_rows_int(r, 0, 1),
                .out = position_at(r, 2),
                .gap = !pg_rows_null(r, 0, 4),
                .gap_prev = position_at(r, 4),
                .gaps = pg_rows_int(r, 0, 6),
                .counts = { [LOADED] = pg_rows_int(r, 0, 7), [SUPERSEDED] = pg_rows_int(r, 0, 8),
                            [REJECTED] = pg_rows_int(r, 0, 9), [RETRACTED] = pg_rows_int(r, 0, 10),
                            [ERASED] = pg_rows_int(r, 0, 11) },
                .appended_us = pg_rows_int(r, 0, 12),
        };
}

static bool raise_fence(struct store *s, struct part *p, bool any, bool *ours, struct err *err)
{
        struct pg_param key[4];
        struct key_text text;
        struct pg_rows *r = NULL;
        key_params(key, &text, p);
        if (any)
                key[2].v = SLICE_NONE;
        key[3].v = slice_of(s->owner);
        if (!pg_query(&r, s->c, "UPDATE tributary.progress SET fence = fence + 1, owner = $4,"
                                " backend_pid = pg_backend_pid(), updated_at = now(), backend_start = (SELECT"
                                " backend_start FROM pg_stat_activity WHERE pid = pg_backend_pid())"
                                " WHERE topic = $1 AND partition = $2 AND fence = coalesce($3::bigint, fence)"
                                " RETURNING fence, next_offset, out_epoch, out_n, gap_epoch, gap_n, gaps, loaded,"
                                " superseded, rejected, retracted, erased,"
                                " coalesce((extract(epoch FROM appended_at) * 1000000)::bigint, 0)", key, 4, err))
                return false;
        *ours = pg_rows_count(r) == 1;
        if (*ours)
                read_row(p, r);
        pg_rows_free(r);
        return true;
}

bool progress_take(struct store *s, struct part *p, bool force, struct err *err)
{
        bool made = false, ours = false;
        bool any = force || p->fence < 0;
        /* The old owner first: if it hangs between its last statement and its commit it holds the row, and
         * whoever would insert it waits. */
        bool ok = (!any || end_old_owner(s, p, err)) && pg_begin(s->c, err) && make_row(s, p, &made, err) &&
                  raise_fence(s, p, any || made, &ours, err) && pg_commit(s->c, err);
        if (!ok) {
                pg_abort(s->c);
                return err_add(err, "topic \"%s\", partition %" PRId32, p->topic, p->partition);
        }
        p->due = p->now.next == 0 ? -1 : p->now.next;
        p->hole = -1;
        p->state = !ours ? PART_LOST : store_has_home(s, p->region) ? PART_READY : PART_HOMELESS;
        if (!ours)
                p->retry_us = clock_mono_us() + LOST_RETRY_S * US_PER_SECOND;
        return true;
}

bool progress_release(struct store *s, const struct part *p, struct err *err)
{
        struct pg_param key[4];
        struct key_text text;
        key_params(key, &text, p);
        return pg_run_params(s->c, "UPDATE tributary.progress SET owner = NULL, backend_pid = NULL,"
                                   " backend_start = NULL WHERE topic = $1 AND partition = $2 AND fence = $3",
                             key, 3, NULL, err);
}

/* prev <= last out (or n 0: the first ever): nothing is missing before this message, and an open
 * gap is closed. Else the message is loaded, but the watermark waits for the region to send again from there. */
void progress_move(struct progress *p, const struct item *i)
{
        p->next = i->offset + 1;
        if (i->appended_us > p->appended_us)
                p->appended_us = i->appended_us;
        if (!i->has_out)
                return;
        if (i->prev.seq == 0 || position_compare(i->prev, p->out) <= 0) {
                if (position_compare(i->out, p->out) > 0)
                        p->out = i->out;
                p->gap = false;
        } else if (!p->gap) {
                p->gap = true;
                p->gap_prev = i->prev;
                p->gaps++;
        }
}

bool progress_save(struct store *s, const struct part *p, const struct progress *next, struct err *err)
{
        int64_t numbers[] = { p->now.next, next->next, (int64_t)next->out.epoch, (int64_t)next->out.seq,
                              (int64_t)next->gap_prev.epoch, (int64_t)next->gap_prev.seq, next->gaps,
                              next->counts[LOADED], next->counts[SUPERSEDED], next->counts[REJECTED],
                              next->counts[RETRACTED], next->counts[ERASED], next->appended_us };
        enum { NUMBERS = sizeof numbers / sizeof *numbers };
        struct pg_param params[3 + NUMBERS];
        struct key_text text;
        char digits[NUMBERS][24];
        int64_t n = 0;
        key_params(params, &text, p);
        for (size_t i = 0; i < NUMBERS; i++) {
                snprintf(digits[i], sizeof digits[i], "%" PRId64, numbers[i]);
                params[3 + i].v = slice_of(digits[i]);
        }
        if (!next->gap)
                params[7].v = params[8].v = SLICE_NONE;
        if (!pg_run_params(s->c, "UPDATE tributary.progress SET next_offset = $5, out_epoch = $6, out_n = $7,"
                                 " gap_epoch = $8, gap_n = $9, gaps = $10, loaded = $11, superseded = $12,"
                                 " rejected = $13, retracted = $14, erased = $15, appended_at = "
                                 SQL_TIME("$16::bigint") ", updated_at = now()"
                                 " WHERE topic = $1 AND partition = $2 AND fence = $3 AND next_offset = $4",
                           params, 3 + NUMBERS, &n, err))
                return false;
        if (n != 1)
                return err_set(err, ERR_BUSY, 0, "another loader has taken topic \"%s\", partition %" PRId32,
                               p->topic, p->partition);
        return put_watermark(s, p, next, err);
}
