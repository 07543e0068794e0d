/* state_way.c - records on their way, per source and hour: pieces of ranges, and the balance.
 *
 * A piece says how many records of one source and hour a range of transport numbers carried. Its
 * runs say which: each is two numbers, the distance of its first n from the range's, and how many
 * more follow; 7 bits a byte, the lowest first, the highest bit set on all but a number's last.
 * Runs of later transactions are appended. A watermark passes most ranges whole: then they are
 * counted in `arrived` and lose their runs. Of a range that it stands in, the runs tell.
 *
 * Going back: all entries of the partition from a vault position on are sent again and get new
 * pieces. Within a partition pieces follow each other in the vault as they do on the way, so from
 * there on all pieces go; where one has begun before, the position is set back to its beginning
 * (what is sent once more than needed does no harm). So no entry is ever in two pieces.       */
#include <stdlib.h>
#include <string.h>

#include "state_private.h"

enum { RUNS_MAX = 1 << 20, WAYS_FIRST = 64, WAYS_MAX = 65536 };

static void put_number(struct buf *out, uint64_t v)
{
        for (; v >= 0x80; v >>= 7)
                buf_putc(out, (char)(0x80 | (v & 0x7f)));
        buf_putc(out, (char)v);
}

static uint64_t cut_number(struct cut *c)
{
        uint64_t v = 0;
        for (int shift = 0; shift < 63; shift += 7) {
                uint8_t byte = cut_u8(c);
                v |= (uint64_t)(byte & 0x7f) << shift;
                if (!(byte & 0x80))
                        return v;
        }
        c->bad = true;
        return 0;
}

bool state_add_piece(struct state *s, int32_t partition, uint64_t epoch, uint64_t range,
                     const struct state_piece *piece, struct err *err)
{
        struct db_stmt *q = s->add_piece;
        struct buf runs;
        buf_init(&runs, RUNS_MAX);
        for (size_t i = 0; i < piece->n_runs; i++) {
                put_number(&runs, piece->runs[i].from - range);
                put_number(&runs, piece->runs[i].to - piece->runs[i].from);
        }
        db_bind_int(q, 1, partition);
        bind_position(q, 2, (struct position){ epoch, range });
        db_bind_text(q, 4, piece->source);
        db_bind_int(q, 5, piece->hour_us);
        db_bind_int(q, 6, (int64_t)piece->records);
        bind_position(q, 7, piece->first);
        bind_position(q, 9, piece->last);
        db_bind_bytes(q, 11, buf_slice(&runs));
        bool ok = buf_ok(&runs) ? db_do(q, err) : err_set(err, ERR_BUG, 0, "a piece has too many runs");
        db_reset(q);
        buf_clear(&runs);
        return ok;
}

static bool with_position(struct db_stmt *q, int32_t partition, struct position p, struct err *err)
{
        db_bind_int(q, 1, partition);
        bind_position(q, 2, p);
        return db_do(q, err);
}

bool state_fold_pieces(struct state *s, int32_t partition, struct position mark, struct err *err)
{
        return with_position(s->count_passed, partition, mark, err) &&
               with_position(s->fold_passed, partition, mark, err);
}

bool state_move_arrived(struct state *s, struct slice source, int64_t hour_us, int64_t by, struct err *err)
{
        db_bind_text(s->move_arrived, 1, source);
        db_bind_int(s->move_arrived, 2, hour_us);
        db_bind_int(s->move_arrived, 3, by);
        return db_do(s->move_arrived, err);
}

/* A piece that has begun before `at` moves it back; so may then another's. */
static bool align(struct state *s, int32_t partition, struct position *at, struct err *err)
{
        struct db_stmt *q = s->first_of_later;
        for (bool moved = true; moved;) {
                bool row = false;
                db_bind_int(q, 1, partition);
                bind_position(q, 2, *at);
                if (!db_step(q, &row, err))
                        return false;
                struct position first = row ? column_position(q, 0) : *at;
                db_reset(q);
                moved = position_compare(first, *at) < 0;
                if (moved)
                        *at = first;
        }
        return true;
}

bool state_forget_pieces(struct state *s, int32_t partition, struct position *at, struct err *err)
{
        return align(s, partition, at, err) && with_position(s->uncount_later, partition, *at, err) &&
               with_position(s->resend_later, partition, *at, err) &&
               with_position(s->drop_later, partition, *at, err);
}

bool state_resent(struct state *s, struct slice source, int64_t hour_us, uint64_t records, struct err *err)
{
        db_bind_text(s->resent, 1, source);
        db_bind_int(s->resent, 2, hour_us);
        db_bind_int(s->resent, 3, (int64_t)records);
        return db_do(s->resent, err);
}

/* ---- Judged again ------------------------------------------------------- */

/* Which n the record had is not known, and all of a source and hour are alike: the first goes. */
static void drop_first_run(struct slice runs, struct buf *out)
{
        struct cut c = { .rest = runs };
        uint64_t from = cut_number(&c), more = cut_number(&c);
        if (more) {
                put_number(out, from + 1);
                put_number(out, more - 1);
        }
        buf_put(out, c.rest);
}

/* *folded: its records are counted in `arrived`. */
static bool find_piece(struct state *s, int32_t partition, struct slice source, int64_t hour_us, struct position at,
                       bool *found, struct position *range, bool *folded, struct buf *runs, struct err *err)
{
        struct db_stmt *q = s->piece_of;
        db_bind_text(q, 1, source);
        db_bind_int(q, 2, hour_us);
        db_bind_int(q, 3, partition);
        bind_position(q, 4, at);
        if (!db_step(q, found, err))
                return false;
        if (!*found)
                return true;
        *range = column_position(q, 0);
        *folded = db_null(q, 2);
        if (!*folded)
                drop_first_run(db_bytes(q, 2), runs);
        db_reset(q);
        return buf_ok(runs) || err_set(err, ERR_BUG, 0, "a piece has too many runs");
}

static bool lower_piece(struct state *s, int32_t partition, struct slice source, int64_t hour_us,
                        struct position range, const struct buf *runs, struct err *err)
{
        struct db_stmt *q = s->lower_piece;
        db_bind_text(q, 1, source);
        db_bind_int(q, 2, hour_us);
        db_bind_int(q, 3, partition);
        bind_position(q, 4, range);
        db_bind_bytes(q, 6, runs ? slice_make(runs->n ? runs->p : "", runs->n) : SLICE_NONE);
        bool ok = db_do(q, err);
        db_reset(q);
        return ok;
}

bool state_unsend(struct state *s, int32_t partition, struct slice source, int64_t hour_us, struct position at,
                  struct err *err)
{
        struct position range = { 0, 0 };
        struct buf runs;
        bool found, folded = true, ok;
        buf_init(&runs, RUNS_MAX);
        ok = find_piece(s, partition, source, hour_us, at, &found, &range, &folded, &runs, err) &&
             (!found || lower_piece(s, partition, source, hour_us, range, folded ? NULL : &runs, err)) &&
             (!folded || state_move_arrived(s, source, hour_us, -1, err));
        buf_clear(&runs);
        return ok;
}

/* ---- In flight ---------------------------------------------------------- */

/* In flight per source and hour of capture, from pieces and watermarks alone: exact, also where a
 * watermark cuts through a range. Records only: erasures, retracts, and what a state from before
 * pieces had sent, stand under no source.                                                   */
struct way {
        struct slice source;
        int64_t hour_us;
        uint64_t arrived;   /* covered, and not yet counted in ranges: beside what is folded */
        uint64_t in_flight;
};

static int compare_way(const void *x, const void *y)
{
        const struct way *a = x, *b = y;
        int c = slice_compare(a->source, b->source);
        return c ? c : (a->hour_us > b->hour_us) - (a->hour_us < b->hour_us);
}

/* Room for one more: twice as much each time, since most regions have a few and the ceiling is high. */
static bool make_room(struct way **rows, size_t n, struct arena *a)
{
        bool full = n == 0 || (n >= WAYS_FIRST && (n & (n - 1)) == 0);
        size_t room = n ? 2 * n : WAYS_FIRST;
        if (!full)
                return true;
        struct way *more = room <= WAYS_MAX ? arena_array(a, room, sizeof *more) : NULL;
        if (more && n)
                memcpy(more, *rows, n * sizeof *more);
        *rows = more;
        return more != NULL;
}

static bool whole_ways(struct state *s, struct way **rows, size_t *n, struct arena *a, struct err *err)
{
        struct db_stmt *q = s->ways;
        bool row = true;
        for (*n = 0; row;) {
                if (!db_step(q, &row, err))
                        return false;
                if (!row)
                        break;
                struct slice source = make_room(rows, *n, a) ? arena_copy(a, db_bytes(q, 0)) : SLICE_NONE;
                if (!source.p) {
                        db_reset(q);
                        return err_set(err, ERR_FULL, 0, "more sources and hours are on their way than fit");
                }
                (*rows)[(*n)++] = (struct way){ source, db_int(q, 1), (uint64_t)db_int(q, 2),
                                                      (uint64_t)db_int(q, 3) };
        }
        return true;
}

/* Runs of a range, up to `mark` (from the range's first n) and beyond. */
static bool tell_runs(struct slice runs, uint64_t mark, struct way *way, struct err *err)
{
        struct cut c = { .rest = runs };
        while (c.rest.n && !c.bad) {
                uint64_t from = cut_number(&c), more = cut_number(&c);
                uint64_t covered = from > mark ? 0 : mark - from < more ? mark - from + 1 : more + 1;
                way->arrived += covered;
                way->in_flight += more + 1 - covered;
        }
        return !c.bad || err_set(err, ERR_DATA, 0, "runs of state.db are damaged");
}

/* Every cut piece has its row from whole_ways(), which counted nothing for it. */
static bool cut_ways(struct state *s, struct way *rows, size_t n, struct err *err)
{
        struct db_stmt *q = s->cut_ways;
        bool row = true, ok = true;
        while (ok && row) {
                if (!db_step(q, &row, err))
                        return false;
                if (!row)
                        break;
                const struct way key = { .source = db_bytes(q, 0), .hour_us = db_int(q, 1) };
                struct way *way = n ? bsearch(&key, rows, n, sizeof *rows, compare_way) : NULL;
                ok = way ? tell_runs(db_bytes(q, 2), (uint64_t)db_int(q, 3), way, err)
                         : err_set(err, ERR_BUG, 0, "a piece has no row");
        }
        db_reset(q);
        return ok;
}

/* By source and hour, in that order. */
static bool in_flight_by(struct state *s, struct way **rows, size_t *n, struct arena *a, struct err *err)
{
        return whole_ways(s, rows, n, a, err) && cut_ways(s, *rows, *n, err);
}

/* ---- The balance -------------------------------------------------------- */

static void add_way(struct state_balance *b, const struct way *way)
{
        b->arrived += way->arrived;
        b->in_flight += way->in_flight;
}

static void add_ways(struct state_balance *b, const struct way *ways, size_t n, bool by_hour)
{
        const struct way key = { .source = b->row.source, .hour_us = b->row.hour_us };
        const struct way *one = by_hour && n ? bsearch(&key, ways, n, sizeof *ways, compare_way) : NULL;
        if (one)
                add_way(b, one);
        for (size_t i = 0; i < n && !by_hour; i++)
                if (slice_eq(ways[i].source, b->row.source))
                        add_way(b, &ways[i]);
        const struct account_row *r = &b->row;
        b->missing = (int64_t)r->captured - (int64_t)(b->arrived + b->in_flight + r->held + r->stayed + r->erased +
                                                      r->expired + r->damaged);
}

static bool balance(struct state *s, struct db_stmt *q, int64_t since_us, struct state_balance *rows, size_t max,
                    size_t *n, struct arena *a, struct err *err)
{
        struct way *ways = NULL;
        size_t n_ways;
        bool row = true;
        *n = 0;
        if (!in_flight_by(s, &ways, &n_ways, a, err))
                return false;
        db_bind_int(q, 1, since_us);
        db_bind_int(q, 2, (int64_t)max);
        while (*n < max) {
                if (!db_step(q, &row, err))
                        return false;
                if (!row)
                        break;
                struct state_balance *b = &rows[(*n)++];
                *b = (struct state_balance){ 0 };
                state_read_row(&b->row, q);
                b->row.source = arena_copy(a, db_bytes(q, 0));
                b->arrived = (uint64_t)db_int(q, 12);
                b->in_flight = (uint64_t)db_int(q, 13);
                add_ways(b, ways, n_ways, q == s->balance_hours);
        }
        db_reset(q);
        return true;
}

bool state_balance_sources(struct state *s, struct state_balance *rows, size_t max, size_t *n, struct arena *a,
                           struct err *err)
{
        return balance(s, s->balance_sources, INT64_MIN, rows, max, n, a, err);
}

bool state_balance_hours(struct state *s, int64_t since_us, struct state_balance *rows, size_t max, size_t *n,
                         struct arena *a, struct err *err)
{
        return balance(s, s->balance_hours, since_us, rows, max, n, a, err);
}
