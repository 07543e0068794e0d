/* overview.c - all regions at one look: three queries, one row a region. */
#include "warehouse/overview.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/json.h"
#include "link/pg.h"

enum { SAID_DEPTH = 8 };

#define MICROSECONDS(x) "(extract(epoch FROM " x ") * 1000000)::bigint"

/* A backend's start is told only to its own role and to superusers; to others the pid must do. */
static const char hub_sql[] =
        "SELECT " MICROSECONDS("now()") ", count(DISTINCT p.backend_pid) FILTER (WHERE a.pid IS NOT NULL),"
        " count(*), count(*) FILTER (WHERE a.pid IS NULL)"
        " FROM tributary.progress p LEFT JOIN pg_stat_activity a ON a.pid = p.backend_pid"
        " AND coalesce(a.backend_start = p.backend_start, true) AND p.owner IS NOT NULL";

static const char regions_sql[] =
        "SELECT region, coalesce(" MICROSECONDS("greatest(p.heard, r.hello_at, s.appended_at)") ", 0),"
        " coalesce(p.gaps, 0), s.said::text"
        " FROM (SELECT region, max(appended_at) AS heard, count(gap_epoch) AS gaps FROM tributary.progress"
        " GROUP BY region) p FULL JOIN tributary.region r USING (region)"
        " FULL JOIN tributary.region_status s USING (region) ORDER BY region COLLATE \"C\" LIMIT 4096";

static const char counts_sql[] =
        "SELECT region, sum(captured)::bigint, sum(loaded + superseded)::bigint, sum(held)::bigint,"
        " sum(stayed)::bigint, sum(erased)::bigint, sum(expired)::bigint, sum(rejected)::bigint,"
        " sum(damaged)::bigint, sum(in_flight)::bigint, sum(greatest(missing, 0))::bigint,"
        " sum(greatest(-missing, 0))::bigint FROM tributary.completeness"
        " WHERE hour > now() - interval '24 hours' GROUP BY region";

static bool said_in(struct overview_region *r, struct slice said, struct arena *a, struct err *err)
{
        struct json *j;
        r->has_standing = said.p != NULL;
        if (!said.p)
                return true;
        arena_reset(a);
        return (json_read(&j, a, said, SAID_DEPTH, err) && standing_read(&r->standing, j, err)) ||
               err_add(err, "status of region \"%s\"", r->region);
}

static bool read_hub(struct overview *o, struct pg *c, struct err *err)
{
        struct pg_rows *r = NULL;
        if (!pg_query(&r, c, hub_sql, NULL, 0, err))
                return false;
        o->now_us = pg_rows_int(r, 0, 0);
        o->loaders = pg_rows_int(r, 0, 1);
        o->partitions = pg_rows_int(r, 0, 2);
        o->orphans = pg_rows_int(r, 0, 3);
        pg_rows_free(r);
        return true;
}

static bool read_regions(struct overview *o, struct pg *c, struct arena *a, struct err *err)
{
        struct pg_rows *r = NULL;
        if (!pg_query(&r, c, regions_sql, NULL, 0, err))
                return false;
        size_t n = pg_rows_count(r);
        bool ok = true;
        o->regions = calloc(n ? n : 1, sizeof *o->regions);
        if (!o->regions)
                ok = err_set(err, ERR_SYSTEM, 0, "out of memory");
        for (size_t i = 0; ok && i < n; i++) {
                struct overview_region *x = &o->regions[o->n++];
                snprintf(x->region, sizeof x->region, "%.*s", SLICE_ARG(pg_rows_text(r, i, 0)));
                x->heard_us = pg_rows_int(r, i, 1);
                x->open_gaps = pg_rows_int(r, i, 2);
                ok = said_in(x, pg_rows_text(r, i, 3), a, err);
        }
        pg_rows_free(r);
        return ok;
}

static struct overview_region *find(struct overview *o, struct slice code)
{
        for (size_t i = 0; i < o->n; i++)
                if (slice_is(code, o->regions[i].region))
                        return &o->regions[i];
        return NULL;
}

static bool read_counts(struct overview *o, struct pg *c, struct err *err)
{
        struct pg_rows *r = NULL;
        if (!pg_query(&r, c, counts_sql, NULL, 0, err))
                return false;
        for (size_t i = 0; i < pg_rows_count(r); i++) {
                struct overview_region *x = find(o, pg_rows_text(r, i, 0));
                if (!x)
                        continue; /* its progress was removed by hand */
                int64_t *const to[] = { &x->captured, &x->here, &x->held, &x->stayed, &x->erased,
                                        &x->expired, &x->rejected, &x->damaged, &x->in_flight, &x->missing,
                                        &x->surplus };
                for (size_t k = 0; k < sizeof to / sizeof *to; k++)
                        *to[k] = pg_rows_int(r, i, 1 + k);
        }
        pg_rows_free(r);
        return true;
}

/* One snapshot, so that the rows belong together. */
static bool read_all(struct overview *o, struct pg *c, struct arena *a, struct err *err)
{
        return pg_run(c, "SET statement_timeout = '60s';"
                         "BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY", err) &&
               read_hub(o, c, err) && read_regions(o, c, a, err) && read_counts(o, c, err) &&
               pg_run(c, "COMMIT", err);
}

bool overview_read(struct overview *out, const char *conninfo, const char *password, struct err *err)
{
        struct pg *c = NULL;
        struct arena *a = arena_new(16 << 20);
        *out = (struct overview){ 0 };
        bool ok = a || err_set(err, ERR_SYSTEM, 0, "out of memory");
        ok = ok && pg_open(&c, conninfo, password, "tributary status", err) && read_all(out, c, a, err);
        if (!ok && c && (strcmp(pg_state(c), "42P01") == 0 || strcmp(pg_state(c), "3F000") == 0)) {
                err_set(err, ERR_CONFIG, 0, "the schema is not there, or of an older release");
                err_hint(err, "Run \"tributary warehouse migrate\".");
        }
        pg_close(c);
        arena_free(a);
        return ok || err_add(err, "warehouse");
}

void overview_clear(struct overview *o)
{
        free(o->regions);
        *o = (struct overview){ 0 };
}
