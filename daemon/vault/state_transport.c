/* state_transport.c - partitions: what was acknowledged, what the hub has, what went where. */
#include "state_private.h"

enum { RANGE_MAX = 4096 }; /* n in a row of `sent` */

static void read_transport(struct state_transport *row, struct db_stmt *q)
{
        *row = (struct state_transport){
                .partition = (int32_t)db_int(q, 0),
                .acked = column_position(q, 1),
                .resend = db_int(q, 3) != 0,
                .resend_after = column_position(q, 4),
                .heard = db_int(q, 6) != 0,
                .generation = (uint64_t)db_int(q, 8),
                .mark = column_position(q, 9),
        };
        struct slice id = db_bytes(q, 7);
        if (id.n == sizeof row->warehouse)
                memcpy(row->warehouse, id.p, id.n);
}

bool state_transports(struct state *s, struct state_transport *rows, size_t max, size_t *n,
                      struct err *err)
{
        bool row = false;
        *n = 0;
        while (*n < max) {
                if (!db_step(s->transports, &row, err))
                        return false;
                if (!row)
                        break;
                read_transport(&rows[(*n)++], s->transports);
        }
        db_reset(s->transports);
        return true;
}

bool state_put_transport(struct state *s, const struct state_transport *row, struct err *err)
{
        struct db_stmt *q = s->put_transport;
        db_bind_int(q, 1, row->partition);
        bind_position(q, 2, row->acked);
        db_bind_int(q, 4, row->resend);
        bind_position(q, 5, row->resend_after);
        db_bind_int(q, 7, row->heard);
        db_bind_bytes(q, 8, slice_make(row->warehouse, sizeof row->warehouse));
        db_bind_int(q, 9, (int64_t)row->generation);
        bind_position(q, 10, row->mark);
        return db_do(q, err);
}

/* The newest of the partition, if it may grow: what is counted as arrived may not. */
static bool last_range(struct state *s, int32_t partition, uint64_t epoch, bool *found, uint64_t *from,
                       struct err *err)
{
        struct db_stmt *q = s->last_sent;
        db_bind_int(q, 1, partition);
        db_bind_int(q, 2, (int64_t)epoch);
        if (!db_step(q, found, err))
                return false;
        *from = *found ? (uint64_t)db_int(q, 0) : 0;
        *found = *found && !db_int(q, 2);
        db_reset(q);
        return true;
}

static bool extend(struct state *s, int32_t partition, uint64_t epoch, uint64_t from, uint64_t last,
                   struct position at, uint64_t records, struct err *err)
{
        struct db_stmt *q = s->extend_sent;
        db_bind_int(q, 1, partition);
        db_bind_int(q, 2, (int64_t)epoch);
        db_bind_int(q, 3, (int64_t)from);
        db_bind_int(q, 4, (int64_t)last);
        db_bind_int(q, 5, (int64_t)records);
        bind_position(q, 6, at);
        return db_do(q, err);
}

bool state_add_sent(struct state *s, int32_t partition, struct position first, uint64_t last,
                    struct position at, uint64_t records, uint64_t *range, struct err *err)
{
        bool found;
        uint64_t from;
        if (!last_range(s, partition, first.epoch, &found, &from, err))
                return false;
        bool grows = found && from < first.seq && last - from < RANGE_MAX;
        if (range)
                *range = grows ? from : first.seq;
        if (grows)
                return extend(s, partition, first.epoch, from, last, at, records, err);
        struct db_stmt *q = s->add_sent;
        db_bind_int(q, 1, partition);
        bind_position(q, 2, first);
        db_bind_int(q, 4, (int64_t)last);
        bind_position(q, 5, at);
        db_bind_int(q, 7, (int64_t)records);
        return db_do(q, err);
}

static void bind_mark(struct db_stmt *q, int32_t partition, struct position mark)
{
        db_bind_int(q, 1, partition);
        bind_position(q, 2, mark);
}

bool state_forget_sent(struct state *s, int32_t partition, struct position mark, bool *found,
                       struct position *at, struct err *err)
{
        bind_mark(s->first_after, partition, mark);
        if (!db_step(s->first_after, found, err))
                return false;
        if (*found)
                *at = column_position(s->first_after, 0);
        db_reset(s->first_after);
        if (*found && !state_forget_pieces(s, partition, at, err))
                return false;
        bind_mark(s->forget_after, partition, mark);
        bind_mark(s->cut_after, partition, mark);
        return db_do(s->forget_after, err) && db_do(s->cut_after, err);
}

bool state_in_flight(struct state *s, uint64_t *out, struct err *err)
{
        bool row = false;
        if (!db_step(s->in_flight, &row, err))
                return false;
        *out = row ? (uint64_t)db_int(s->in_flight, 0) : 0;
        db_reset(s->in_flight);
        return true;
}
