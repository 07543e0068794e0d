/* kept.c - the table `kept`, and how far the hub's watermarks cover the vault. */
#include "vault/kept.h"

#include "base/clock.h"
#include "state_private.h"

/* In order of period, then of the vault: rows come in at the end. */
static const char schema[] =
        "CREATE TABLE IF NOT EXISTS kept ("
        " period INTEGER NOT NULL, epoch INTEGER NOT NULL, seq INTEGER NOT NULL,"
        " PRIMARY KEY (period, epoch, seq)) WITHOUT ROWID";

bool kept_open(struct state *s, struct err *err)
{
        return db_run(s->db, schema, err);
}

bool kept_put(struct state *s, uint64_t period, struct position at, struct err *err)
{
        struct db_stmt *q = db_prepare(s->db, "INSERT OR IGNORE INTO kept VALUES (?1, ?2, ?3)");

        db_bind_int(q, 1, (int64_t)period);
        bind_position(q, 2, at);
        return db_do(q, err);
}

bool kept_next(struct state *s, uint64_t after, bool *found, uint64_t *period, struct err *err)
{
        struct db_stmt *q = db_prepare(s->db, "SELECT min(period) FROM kept WHERE period > ?1");
        bool row;

        *found = false;
        db_bind_int(q, 1, (int64_t)after);
        if (!db_step(q, &row, err))
                return false;
        if (row && !db_null(q, 0)) {
                *found = true;
                *period = (uint64_t)db_int(q, 0);
        }
        db_reset(q);
        return true;
}

/* The last of the first `max` entries of the period; *more if there are others. */
static bool find_end(struct state *s, uint64_t period, size_t max, struct position *end, bool *more,
                     struct err *err)
{
        struct db_stmt *q = db_prepare(s->db, "SELECT epoch, seq FROM kept WHERE period = ?1"
                                              " ORDER BY epoch, seq LIMIT 1 OFFSET ?2");

        db_bind_int(q, 1, (int64_t)period);
        db_bind_int(q, 2, (int64_t)max - 1);
        if (!db_step(q, more, err))
                return false;
        *end = *more ? column_position(q, 0) : (struct position){ INT64_MAX, INT64_MAX };
        db_reset(q);
        return true;
}

static void bind_part(struct db_stmt *q, uint64_t period, struct position end)
{
        db_bind_int(q, 1, (int64_t)period);
        bind_position(q, 2, end);
        db_bind_int(q, 4, OUTCOME_HELD);
        db_bind_int(q, 5, OUTCOME_STAYED);
}

static bool tell_rows(struct db_stmt *q, bool (*each)(const struct kept_moved *m, void *ctx, struct err *err),
                      void *ctx, struct err *err)
{
        bool row = true;

        while (row) {
                if (!db_step(q, &row, err))
                        return false;
                if (!row)
                        break;
                struct kept_moved m = { db_bytes(q, 0), db_int(q, 1), (enum outcome)db_int(q, 2),
                                        (uint64_t)db_int(q, 3) };
                if (!each(&m, ctx, err)) {
                        db_reset(q);
                        return false;
                }
        }
        return true;
}

static bool tell_moved(struct state *s, uint64_t period, struct position end,
                       bool (*each)(const struct kept_moved *m, void *ctx, struct err *err), void *ctx,
                       struct err *err)
{
        struct db_stmt *q = db_prepare(s->db, "SELECT d.source, d.hour, d.outcome, count(*) FROM kept k"
                                              " JOIN decision d ON d.epoch = k.epoch AND d.seq = k.seq"
                                              " WHERE k.period = ?1 AND (k.epoch, k.seq) <= (?2, ?3)"
                                              " AND d.outcome IN (?4, ?5) GROUP BY 1, 2, 3");

        bind_part(q, period, end);
        return tell_rows(q, each, ctx, err);
}

bool kept_expire(struct state *s, uint64_t period, size_t max,
                 bool (*each)(const struct kept_moved *m, void *ctx, struct err *err), void *ctx, bool *more,
                 struct err *err)
{
        struct position end;
        struct db_stmt *q;

        if (!find_end(s, period, max, &end, more, err) || !tell_moved(s, period, end, each, ctx, err))
                return false;
        q = db_prepare(s->db, "UPDATE decision SET outcome = ?6, file = '', line = 0, rule = 'expired', because = ''"
                              " WHERE outcome IN (?4, ?5) AND (epoch, seq) IN (SELECT epoch, seq FROM kept"
                              " WHERE period = ?1 AND (epoch, seq) <= (?2, ?3))");
        bind_part(q, period, end);
        db_bind_int(q, 6, OUTCOME_EXPIRED);
        if (!db_do(q, err))
                return false;
        q = db_prepare(s->db, "DELETE FROM kept WHERE period = ?1 AND (epoch, seq) <= (?2, ?3)");
        db_bind_int(q, 1, (int64_t)period);
        bind_position(q, 2, end);
        return db_do(q, err);
}

#define OVERDUE "outcome = ?1 AND hour <= ?2 ORDER BY epoch, seq LIMIT ?3"

static void bind_overdue(struct db_stmt *q, int64_t before_us, size_t max)
{
        db_bind_int(q, 1, OUTCOME_HELD);
        db_bind_int(q, 2, before_us - US_PER_HOUR); /* an hour is named by its beginning */
        db_bind_int(q, 3, (int64_t)max);
}

struct counting {
        bool (*each)(const struct kept_moved *m, void *ctx, struct err *err);
        void *ctx;
        uint64_t n;
};

static bool count_each(const struct kept_moved *m, void *ctx, struct err *err)
{
        struct counting *c = ctx;

        c->n += m->entries;
        return c->each(m, c->ctx, err);
}

bool kept_overdue(struct state *s, int64_t before_us, const struct state_decision *by, size_t max,
                  bool (*each)(const struct kept_moved *m, void *ctx, struct err *err), void *ctx, bool *more,
                  struct err *err)
{
        struct counting c = { each, ctx, 0 };
        struct db_stmt *q = db_prepare(s->db, "SELECT source, hour, outcome, count(*) FROM (SELECT source, hour, outcome"
                                              " FROM decision WHERE " OVERDUE ") GROUP BY 1, 2, 3");

        bind_overdue(q, before_us, max);
        if (!tell_rows(q, count_each, &c, err))
                return false;
        *more = c.n == max;
        if (!c.n)
                return true;
        q = db_prepare(s->db, "UPDATE decision SET outcome = ?4, file = ?5, line = ?6, rule = ?7, because = ?8,"
                              " policy_version = ?9 WHERE (epoch, seq) IN (SELECT epoch, seq FROM decision WHERE " OVERDUE ")");
        bind_overdue(q, before_us, max);
        db_bind_int(q, 4, OUTCOME_STAYED);
        db_bind_text(q, 5, by->file);
        db_bind_int(q, 6, by->line);
        db_bind_text(q, 7, by->rule);
        db_bind_text(q, 8, by->because);
        db_bind_int(q, 9, by->policy_version);
        return db_do(q, err);
}

bool kept_unsendable(struct state *s, bool (*each)(const struct kept_moved *m, void *ctx, struct err *err),
                     void *ctx, struct err *err)
{
        struct db_stmt *q = db_prepare(s->db, "SELECT source, hour, ?1, records FROM resend WHERE records > 0");

        db_bind_int(q, 1, OUTCOME_SENT);
        return tell_rows(q, each, ctx, err) && db_do(db_prepare(s->db, "DELETE FROM resend"), err);
}

/* ---- what the hub has -------------------------------------------------------- */

static void lower(struct position *p, struct position to)
{
        if (position_compare(to, *p) < 0)
                *p = to;
}

static struct position before(struct position p)
{
        if (p.seq > 0)
                p.seq--;
        return p;
}

/* A row of `sent` that its partition's watermark covers in part counts as not covered. Rows span
 * less than 131,072 n: so much before the mark the index may begin to look. */
static bool lower_to_sent(struct state *s, struct position *out, struct err *err)
{
        struct db_stmt *q = db_prepare(s->db, "SELECT s.at_epoch, s.at_seq FROM sent s JOIN transport t ON t.part = s.part"
                                              " WHERE (s.epoch, s.n_from) > (t.mark_epoch, t.mark_n - 131072)"
                                              " AND (s.epoch, s.n_to) > (t.mark_epoch, t.mark_n)"
                                              " ORDER BY s.at_epoch, s.at_seq LIMIT 1");
        bool row;

        if (!db_step(q, &row, err))
                return false;
        if (row)
                lower(out, before(column_position(q, 0)));
        db_reset(q);
        return true;
}

/* What is sent again is at the hub no more. */
static bool lower_to_resent(struct state *s, struct position *out, struct err *err)
{
        struct db_stmt *q = db_prepare(s->db, "SELECT resend_epoch, resend_seq FROM transport WHERE resend = 1"
                                              " ORDER BY resend_epoch, resend_seq LIMIT 1");
        bool row;

        if (!db_step(q, &row, err))
                return false;
        if (row)
                lower(out, column_position(q, 0));
        db_reset(q);
        return true;
}

bool kept_covered(struct state *s, struct position cursor, struct position *out, struct err *err)
{
        *out = cursor;
        return lower_to_sent(s, out, err) && lower_to_resent(s, out, err);
}
