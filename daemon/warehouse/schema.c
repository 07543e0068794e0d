/* schema.c - the SQL files in the program, and what of them a warehouse has. */
#include <stdio.h>

#include "base/hash.h"
#include "base/log.h"
#include "base/text.h"
#include "steps.h"

static const char base_sql[] = {
#include "sql/001_base.sql.h"
        , 0
};
static const char status_sql[] = {
#include "sql/002_status.sql.h"
        , 0
};
static const char readers_sql[] = {
#include "sql/003_readers.sql.h"
        , 0
};
static const char flags_sql[] = {
#include "sql/004_flags.sql.h"
        , 0
};
static const char completeness_sql[] = {
#include "sql/views/completeness.sql.h"
        , 0
};
static const char voice_feedback_sql[] = {
#include "sql/views/voice_feedback.sql.h"
        , 0
};
static const char voice_discussion_sql[] = {
#include "sql/views/voice_discussion.sql.h"
        , 0
};
static const char voice_contribution_sql[] = {
#include "sql/views/voice_contribution.sql.h"
        , 0
};
static const char completeness_readers_sql[] = {
#include "sql/views/completeness_readers.sql.h"
        , 0
};
static const char count_daily_sql[] = {
#include "sql/views/count_daily.sql.h"
        , 0
};

const struct schema_file schema_files[] = {
        { "001_base.sql", base_sql, false, NULL },
        { "002_status.sql", status_sql, false, NULL },
        { "003_readers.sql", readers_sql, false, NULL },
        { "004_flags.sql", flags_sql, false, NULL },
        { "tributary.completeness", completeness_sql, true, NULL },
        { "community.voice_feedback", voice_feedback_sql, true, "community_voice" },
        { "community.voice_discussion", voice_discussion_sql, true, "community_voice" },
        { "community.voice_contribution", voice_contribution_sql, true, "community_voice" },
        { "community.count_daily", count_daily_sql, true, "community_count" },
        { "community.completeness", completeness_readers_sql, true, "community_voice, community_count" },
};
const size_t schema_files_n = sizeof schema_files / sizeof *schema_files;

void schema_digest(char out[65], const struct schema_file *f)
{
        uint8_t digest[SHA256_BYTES];
        sha256(digest, slice_of(f->text));
        hex_encode(out, digest, sizeof digest);
}

bool schema_applied(struct pg *c, const struct schema_file *f, bool *same, bool *any, struct err *err)
{
        char digest[65];
        struct pg_rows *r = NULL;
        struct pg_param p[] = { { slice_of(f->name) } };
        int64_t there;
        *same = *any = false;
        if (!ask_int(c, &there, 0, "SELECT (to_regclass('tributary.migration') IS NOT NULL)::int", NULL, 0,
                     err))
                return false;
        if (!there)
                return true;
        /* A view that another's new text took with it is not there, whatever is noted of it. */
        if (!pg_query(&r, c, f->view ? "SELECT digest FROM tributary.migration WHERE name = $1"
                                       " AND to_regclass($1) IS NOT NULL"
                                     : "SELECT digest FROM tributary.migration WHERE name = $1", p, 1, err))
                return false;
        schema_digest(digest, f);
        *any = pg_rows_count(r) > 0;
        *same = *any && slice_is(pg_rows_text(r, 0, 0), digest);
        pg_rows_free(r);
        return true;
}

static bool is_known(struct slice name)
{
        for (size_t i = 0; i < schema_files_n; i++)
                if (slice_is(name, schema_files[i].name))
                        return true;
        return false;
}

bool schema_newer(struct pg *c, char step[64], struct err *err)
{
        struct pg_rows *r = NULL;
        int64_t there;
        step[0] = 0;
        if (!ask_int(c, &there, 0, "SELECT (to_regclass('tributary.migration') IS NOT NULL)::int", NULL, 0, err))
                return false;
        if (!there)
                return true;
        if (!pg_query(&r, c, "SELECT name FROM tributary.migration WHERE name ~ '^[0-9]' ORDER BY name", NULL, 0, err))
                return false;
        for (size_t i = 0; i < pg_rows_count(r); i++)
                if (!is_known(pg_rows_text(r, i, 0)))
                        snprintf(step, 64, "%.*s", SLICE_ARG(pg_rows_text(r, i, 0)));
        pg_rows_free(r);
        return true;
}

bool schema_is_ours(struct pg *c, struct err *err)
{
        char step[64];
        if (!schema_newer(c, step, err))
                return false;
        if (!*step)
                return true;
        err_set(err, ERR_CONFIG, 0, "a newer release migrated this warehouse: its step %s is not known here", step);
        return err_hint(err, "Migrate with the newest release that runs at this hub; nothing was changed.");
}

void schema_warn(struct pg *c)
{
        bool same, any = true;
        for (size_t i = 0; i < schema_files_n; i++)
                if (!schema_files[i].view && schema_applied(c, &schema_files[i], &same, &any, NULL) && !any)
                        log_warning("loader", "the warehouse's schema is of an older release: run \"tributary warehouse migrate\"",
                                    "lacks=%s", schema_files[i].name);
}

static bool note_applied(struct pg *c, const struct schema_file *f, struct err *err)
{
        char digest[65];
        schema_digest(digest, f);
        struct pg_param p[] = { { slice_of(f->name) }, { slice_of(digest) } };
        return pg_run_params(c, "INSERT INTO tributary.migration (name, digest) VALUES ($1, $2)"
                                " ON CONFLICT (name) DO UPDATE SET digest = excluded.digest,"
                                " applied_at = now()", p, 2, NULL, err);
}

/* A view is dropped, made and handed over in one transaction: readers see the old one or the new one.
 * A view that stands on it is made anew further down the list. */
static bool apply(struct steps *s, const struct schema_file *f, struct err *err)
{
        char sql[128];
        struct buf over;
        snprintf(sql, sizeof sql, "DROP VIEW IF EXISTS %s CASCADE", f->name);
        buf_init(&over, 4096);
        put_hand_over(&over, f);
        bool ok = pg_begin(s->c, err) && (!f->view || pg_run(s->c, sql, err)) &&
                  pg_run(s->c, f->text, err) && (!over.n || pg_run(s->c, over.p, err)) &&
                  note_applied(s->c, f, err) && pg_commit(s->c, err);
        buf_clear(&over);
        if (!ok) {
                pg_abort(s->c);
                return err_add(err, "%s", f->name);
        }
        return true;
}

bool schema_migrate(struct steps *s, struct err *err)
{
        for (size_t i = 0; i < schema_files_n; i++) {
                const struct schema_file *f = &schema_files[i];
                bool same, any;
                if (!schema_applied(s->c, f, &same, &any, err))
                        return false;
                /* A numbered step is taken once; its text never changes after a release. */
                if (same || (any && !f->view))
                        continue;
                if (step(s, "%s %s", any ? "make anew" : "apply", f->name) && !apply(s, f, err))
                        return false;
        }
        return true;
}

/* Region codes have no underscore, so no two partitions share a name. */
const char *partition_name(char out[128], const char *region)
{
        int n = snprintf(out, 128, "record_%s", region);
        for (int i = 0; i < n && i < 127; i++)
                if (out[i] == '-')
                        out[i] = '_';
        return out;
}

/* CREATE TABLE ... PARTITION OF would wait for every open insert and queue all later ones. */
static bool make_partition(struct steps *s, const char *region, struct err *err)
{
        char name[128], sql[1024];
        partition_name(name, region);
        snprintf(sql, sizeof sql,
                 "CREATE TABLE community.%s (LIKE community.record INCLUDING DEFAULTS INCLUDING INDEXES);"
                 "ALTER TABLE community.%s ENABLE ROW LEVEL SECURITY;"
                 "COMMENT ON TABLE community.%s IS 'Partition of community.record; read through the views.';"
                 "ALTER TABLE community.record ATTACH PARTITION community.%s FOR VALUES IN ('%s')",
                 name, name, name, name, region);
        bool ok = pg_begin(s->c, err) && pg_run(s->c, sql, err) && pg_commit(s->c, err);
        if (!ok) {
                pg_abort(s->c);
                return err_add(err, "partition of region \"%s\"", region);
        }
        return true;
}

bool partitions_migrate(struct steps *s, struct err *err)
{
        for (size_t i = 0; i < s->spec->n_regions; i++) {
                const char *region = s->spec->regions[i];
                char name[128];
                int64_t there;
                if (!text_is_name(slice_of(region)))
                        return err_set(err, ERR_CONFIG, 0, "region code \"%.40s\" is not [a-z0-9-]{1,32}",
                                       region);
                struct pg_param p[] = { { slice_of(partition_name(name, region)) } };
                if (!ask_int(s->c, &there, 0, "SELECT 1 FROM pg_class WHERE relname = $1 AND relispartition"
                             " AND relnamespace = to_regnamespace('community')", p, 1, err))
                        return false;
                if (!there && step(s, "make the partition of region %s", region) &&
                    !make_partition(s, region, err))
                        return false;
        }
        return true;
}
