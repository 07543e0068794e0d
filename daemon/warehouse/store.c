/* store.c - opening a lane's connection: settings, staging table, who this warehouse is. */
#include "store.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/text.h"
#include "steps.h"

enum { SCRATCH_MAX = 256 << 20 };

/* Batches look up every key by index; a plan that reads a whole table because it was empty
 * when the statistics were taken must not happen. jit costs more than any batch. */
static const char settings[] =
        "SET jit = off; SET work_mem = '64MB'; SET temp_buffers = '64MB'; SET TimeZone = 'UTC';"
        "SET enable_hashjoin = off; SET enable_mergejoin = off; SET enable_seqscan = off;"
        "SET lock_timeout = '10s'; SET statement_timeout = '60s';"
        "SET idle_in_transaction_session_timeout = '60s'; SET client_min_messages = error";

static bool read_warehouse(struct store *s, struct err *err)
{
        struct pg_rows *r = NULL;
        if (!pg_query(&r, s->c, "SELECT id, generation, to_regclass('tributary.region_status') IS NOT NULL"
                                " FROM tributary.warehouse", NULL, 0, err)) {
                if (strcmp(pg_state(s->c), "42P01") == 0 || strcmp(pg_state(s->c), "3F000") == 0) {
                        err_set(err, ERR_CONFIG, 0, "the warehouse has no schema yet");
                        err_hint(err, "Run \"tributary warehouse migrate\".");
                }
                return false;
        }
        bool ok = pg_rows_count(r) == 1 && uuid_parse(s->warehouse, pg_rows_text(r, 0, 0));
        if (!ok)
                err_set(err, ERR_CONFIG, 0, "the warehouse has no id");
        if (ok && !slice_is(pg_rows_text(r, 0, 2), "t")) {
                ok = err_set(err, ERR_CONFIG, 0, "the warehouse's schema is of an older release");
                err_hint(err, "Run \"tributary warehouse migrate\".");
        }
        if (ok)
                s->generation = (uint64_t)pg_rows_int(r, 0, 1);
        pg_rows_free(r);
        return ok;
}

bool store_open(struct store *s, const char *conninfo, const char *password, const char *owner,
                struct err *err)
{
        *s = (struct store){ 0 };
        snprintf(s->owner, sizeof s->owner, "%s", owner);
        s->homes = calloc(HOMES_MAX, sizeof *s->homes);
        s->readings = reading_cache_new();
        s->scratch = arena_new(SCRATCH_MAX);
        bool ok = (s->homes && s->readings && s->scratch) || err_set(err, ERR_FULL, 0, "out of memory");
        ok = ok && pg_open(&s->c, conninfo, password, "tributary loader", err) &&
             pg_run(s->c, settings, err) && read_warehouse(s, err) && pg_run(s->c, stage_table, err) &&
             store_read_homes(s, err);
        if (!ok) {
                store_close(s);
                return err_add(err, "warehouse");
        }
        schema_warn(s->c);
        return true;
}

void store_close(struct store *s)
{
        pg_close(s->c);
        reading_cache_free(s->readings);
        arena_free(s->scratch);
        free(s->homes);
        *s = (struct store){ 0 };
}

bool store_check(struct store *s, size_t held, struct err *err)
{
        struct pg_rows *r = NULL;
        uint8_t id[16];
        if (!pg_query(&r, s->c, "SELECT (SELECT id FROM tributary.warehouse), (SELECT count(*) FROM"
                                " tributary.progress WHERE backend_pid = pg_backend_pid())", NULL, 0, err))
                return false;
        bool same = uuid_parse(id, pg_rows_text(r, 0, 0)) && memcmp(id, s->warehouse, 16) == 0;
        bool ours = pg_rows_int(r, 0, 1) == (int64_t)held;
        pg_rows_free(r);
        if (!same)
                return err_set(err, ERR_BUSY, 0, "the warehouse is another one than before");
        return ours || err_set(err, ERR_BUSY, 0, "another loader has taken a partition");
}

/* The partition's bound tells the region: FOR VALUES IN ('jp-tokyo'). */
bool store_read_homes(struct store *s, struct err *err)
{
        struct pg_rows *r = NULL;
        if (!pg_query(&r, s->c, "SELECT substring(pg_get_expr(c.relpartbound, c.oid) FROM '''([a-z0-9-]+)''')"
                                " FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid"
                                " WHERE i.inhparent = to_regclass('community.record')", NULL, 0, err))
                return false;
        s->n_homes = 0;
        for (size_t i = 0; i < pg_rows_count(r) && i < HOMES_MAX; i++)
                snprintf(s->homes[s->n_homes++], sizeof *s->homes, "%.*s",
                         SLICE_ARG(pg_rows_text(r, i, 0)));
        pg_rows_free(r);
        return true;
}

bool store_has_home(const struct store *s, const char *region)
{
        for (size_t i = 0; i < s->n_homes; i++)
                if (strcmp(s->homes[i], region) == 0)
                        return true;
        return false;
}

static void comma(struct buf *b)
{
        if (b->n == 0 || b->p[b->n - 1] != '{')
                buf_putc(b, ',');
}

void put_array_text(struct buf *b, struct slice v)
{
        comma(b);
        buf_putc(b, '"');
        for (size_t i = 0; i < v.n; i++) {
                if (v.p[i] == '"' || v.p[i] == '\\')
                        buf_putc(b, '\\');
                buf_putc(b, v.p[i]);
        }
        buf_putc(b, '"');
}

void put_array_int(struct buf *b, int64_t v)
{
        comma(b);
        buf_printf(b, "%lld", (long long)v);
}

void put_array_uuid(struct buf *b, const uint8_t id[16])
{
        char text[37];
        comma(b);
        uuid_format(text, id);
        buf_puts(b, text);
}
