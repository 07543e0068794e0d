/* chores.c - what one loader does for all, now and then. */
#include <stdio.h>

#include "base/clock.h"
#include "base/log.h"
#include "lane.h"
#include "locks.h"

enum { FOLD_US = 5000000, CROWD_US = 30000000, EXPIRE_LOOK_US = 60000000, CROWD_SHARE = 100 };

/* Lanes append to tally_change and never wait for each other; here it is folded. */
static const char fold_sql[] =
        "WITH d AS (DELETE FROM tributary.tally_change RETURNING *)"
        " INSERT INTO tributary.tally AS t (region, source, hour, loaded, superseded, retracted, erased,"
        " expired, rejected, appended_at) SELECT region, source, hour, sum(loaded), sum(superseded),"
        " sum(retracted), sum(erased), sum(expired), sum(rejected), max(appended_at) FROM d"
        " GROUP BY region, source, hour ON CONFLICT (region, source, hour) DO UPDATE SET (loaded, superseded,"
        " retracted, erased, expired, rejected, appended_at) = (t.loaded + excluded.loaded, t.superseded +"
        " excluded.superseded, t.retracted + excluded.retracted, t.erased + excluded.erased, t.expired +"
        " excluded.expired, t.rejected + excluded.rejected, greatest(t.appended_at, excluded.appended_at))";

static const char crowd_sql[] =
        "BEGIN; DELETE FROM tributary.crowd;"
        "INSERT INTO tributary.crowd (region, country, people) SELECT region, author_country,"
        " count(DISTINCT subject) FROM community.record WHERE subject IS NOT NULL AND author_country IS NOT NULL"
        " GROUP BY region, author_country;"
        "INSERT INTO tributary.chore (name, done_at, took) VALUES ('crowd', now(), clock_timestamp() - now())"
        " ON CONFLICT (name) DO UPDATE SET (done_at, took) = (excluded.done_at, excluded.took); COMMIT";

static bool fold(struct pg *c, struct chores *due, struct err *err)
{
        int64_t n = 0;
        if (!pg_run_params(c, fold_sql, NULL, 0, &n, err))
                return false;
        due->counted |= n > 0;
        /* A settled key that Kafka was told of is done with. */
        return pg_run(c, "DELETE FROM tributary.receipt WHERE value IS NULL AND sent = change", err);
}

/* Reads the whole table: at most a hundredth of the time is spent on it. */
static bool count_crowds(struct pg *c, struct chores *due, struct err *err)
{
        int64_t begun = clock_mono_us();
        if (!pg_run(c, crowd_sql, err)) {
                pg_abort(c);
                return false;
        }
        due->crowd_us = clock_mono_us() + CROWD_US + CROWD_SHARE * (clock_mono_us() - begun);
        due->counted = false;
        return true;
}

/* Like an erasure: alone in its region, a piece at a time, tombstones stay behind. */
static bool expire_piece(struct pg *c, struct slice region, int64_t *n, struct err *err)
{
        struct pg_param p[] = { { region } };
        char lock[96];
        snprintf(lock, sizeof lock, "SELECT pg_advisory_xact_lock(%d, hashtext($1))", LOCK_REGION);
        bool ok = pg_begin(c, err) && pg_run_params(c, lock, p, 1, NULL, err) &&
                  pg_run_params(c, "WITH old AS (SELECT record_key FROM community.record WHERE region = $1"
                                   " AND expires_at <= now() ORDER BY expires_at LIMIT 5000),"
                                   "gone AS (DELETE FROM community.record r USING old WHERE r.region = $1"
                                   " AND r.record_key = old.record_key RETURNING r.*),"
                                   "counted AS (INSERT INTO tributary.tally_change (region, source, hour, loaded,"
                                   " superseded, retracted, erased, expired, rejected) SELECT region, source, hour,"
                                   " -count(*), 0, 0, 0, count(*), 0 FROM gone GROUP BY region, source, hour)"
                                   "INSERT INTO tributary.tombstone (region, record_key, revision, deleted, epoch,"
                                   " seq, judged_epoch, judged_seq, reason, source, hour) SELECT region, record_key,"
                                   " revision, deleted, epoch, seq, judged_epoch, judged_seq, 'expired', source,"
                                   " hour FROM gone", p, 1, n, err) &&
                  pg_commit(c, err);
        if (!ok)
                pg_abort(c);
        return ok;
}

/* Its region has had a month to hear of it. */
static bool settle_flags(struct pg *c, struct err *err)
{
        return pg_run(c, "UPDATE tributary.receipt SET value = NULL, change = nextval('tributary.receipt_change'),"
                         " changed_at = now() WHERE key LIKE 'f/%' AND value IS NOT NULL"
                         " AND changed_at < now() - interval '30 days'", err);
}

static bool expire(struct pg *c, struct err *err)
{
        struct pg_rows *r = NULL;
        int64_t total = 0;
        if (!pg_query(&r, c, "SELECT DISTINCT region FROM community.record WHERE expires_at <= now()"
                             " AND NOT EXISTS (SELECT 1 FROM tributary.chore WHERE name = 'expire'"
                             " AND done_at > now() - interval '1 hour')", NULL, 0, err))
                return false;
        bool ok = true;
        for (size_t i = 0; ok && i < pg_rows_count(r); i++) {
                int64_t n = 1;
                while (ok && n > 0) {
                        ok = expire_piece(c, pg_rows_text(r, i, 0), &n, err);
                        total += ok ? n : 0;
                }
        }
        pg_rows_free(r);
        if (total)
                log_info("loader", "removed rows past their time", "rows=%lld", (long long)total);
        ok = ok && settle_flags(c, err);
        return ok && pg_run(c, "INSERT INTO tributary.chore (name, done_at) VALUES ('expire', now())"
                               " ON CONFLICT (name) DO UPDATE SET done_at = CASE WHEN tributary.chore.done_at"
                               " > now() - interval '1 hour' THEN tributary.chore.done_at ELSE now() END", err);
}

bool chores_do(struct pg *c, struct chores *due, struct err *err)
{
        int64_t now = clock_mono_us();
        if (now >= due->fold_us) {
                if (!fold(c, due, err))
                        return false;
                due->fold_us = now + FOLD_US;
        }
        if (now >= due->expire_us) {
                if (!expire(c, err))
                        return false;
                due->expire_us = now + EXPIRE_LOOK_US;
        }
        return !due->counted || now < due->crowd_us || count_crowds(c, due, err);
}
