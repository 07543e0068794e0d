/* inspect.c - `warehouse check` and `warehouse rejected`: reads, changes nothing. */
#include <stdio.h>

#include "base/json.h"
#include "steps.h"
#include "store.h"

static void wrong(struct report *report, const char *hint, const char *fmt, const char *what)
{
        char text[256];
        snprintf(text, sizeof text, "%s%.*s", fmt, 180, what);
        report_add(report, REPORT_ERROR, NULL, 0, 0, hint, "%s", text);
}

#define MIGRATE_HINT "Run \"tributary warehouse migrate\"."

static bool check_schema(struct pg *c, struct report *report, bool *usable, struct err *err)
{
        char newer[64];
        *usable = true;
        if (!schema_newer(c, newer, err))
                return false;
        if (*newer)
                wrong(report, "Look with the newest release that runs at this hub.", "a newer release took the step ", newer);
        for (size_t i = 0; i < schema_files_n; i++) {
                bool same, any;
                if (!schema_applied(c, &schema_files[i], &same, &any, err))
                        return false;
                if (!any)
                        wrong(report, MIGRATE_HINT, "the schema lacks ", schema_files[i].name);
                else if (!same)
                        wrong(report, schema_files[i].view ? MIGRATE_HINT
                                      : "The warehouse was made by another release.",
                              "the schema has another version of ", schema_files[i].name);
                *usable &= any;
        }
        return true;
}

/* Each row of the query is one finding. */
static bool findings(struct pg *c, struct report *report, const char *hint, const char *what,
                     const char *sql, const struct pg_param *params, size_t n, struct err *err)
{
        struct pg_rows *r = NULL;
        if (!pg_query(&r, c, sql, params, n, err))
                return false;
        for (size_t i = 0; i < pg_rows_count(r); i++) {
                char name[200];
                snprintf(name, sizeof name, "%.*s", SLICE_ARG(pg_rows_text(r, i, 0)));
                wrong(report, hint, what, name);
        }
        pg_rows_free(r);
        return true;
}

static bool check_partitions(struct pg *c, const struct migrate_spec *spec, struct report *report,
                             struct err *err)
{
        for (size_t i = 0; i < spec->n_regions; i++) {
                char name[128];
                struct pg_param p[] = { { slice_of(partition_name(name, spec->regions[i])) },
                                        { slice_of(spec->regions[i]) } };
                if (!findings(c, report, MIGRATE_HINT, "no partition for region ",
                              "SELECT $2::text WHERE NOT EXISTS (SELECT 1 FROM pg_class WHERE relname = $1"
                              " AND relispartition AND relnamespace = to_regnamespace('community'))",
                              p, 2, err))
                        return false;
        }
        return true;
}

/* What a role was given since it became a reader. */
static bool check_danger(struct pg *c, const struct migrate_spec *spec, const struct migrate_reader *r,
                         struct report *report, struct err *err)
{
        struct buf why;
        buf_init(&why, 4096);
        bool ok = reader_danger(c, spec, r, false, &why, err);
        if (ok && why.n)
                report_add(report, REPORT_ERROR, NULL, 0, 0,
                           "Name another role in hub.cfg, or take that away from this one.",
                           "%s%sreader %s sees what the law hides: %s", r->where ? r->where : "", r->where ? ": " : "",
                           r->role, why.p);
        buf_clear(&why);
        return ok;
}

static bool check_strangers(struct pg *c, const struct migrate_spec *spec, struct report *report, struct err *err)
{
        struct buf all;
        buf_init(&all, 64 << 10);
        buf_putc(&all, '{');
        for (size_t i = 0; i < spec->n_readers; i++)
                put_array_text(&all, slice_of(spec->readers[i].role));
        buf_putc(&all, '}');
        struct pg_param p[] = { { buf_slice(&all) } };
        bool ok = findings(c, report, MIGRATE_HINT, "reads, and hub.cfg does not name it: role ",
                           "SELECT DISTINCT role FROM tributary.reader WHERE role <> ALL ($1::text[])", p, 1, err);
        buf_clear(&all);
        return ok;
}

static bool check_readers(struct pg *c, const struct migrate_spec *spec, struct report *report,
                          struct err *err)
{
        for (size_t i = 0; i < spec->n_readers; i++) {
                const struct migrate_reader *r = &spec->readers[i];
                int64_t same = 0;
                if (!reader_is_as_written(c, r, &same, err))
                        return false;
                if (!same)
                        wrong(report, MIGRATE_HINT, "not as hub.cfg has it: reader ", r->role);
                else if (!check_danger(c, spec, r, report, err))
                        return false;
        }
        return check_strangers(c, spec, report, err);
}

static bool check_rights(struct pg *c, struct report *report, struct err *err)
{
        int64_t missing = 0;
        if (!roles_missing(c, &missing, err))
                return false;
        if (missing)
                wrong(report, MIGRATE_HINT, "the surfaces are not granted whole", "");
        return findings(c, report, "As its owner: ALTER TABLE that table ENABLE ROW LEVEL SECURITY.",
                        "row security is off: table ",
                        "SELECT c.oid::regclass::text FROM pg_class c"
                        " WHERE relnamespace = to_regnamespace('community') AND relkind IN ('r', 'p')"
                        " AND NOT relrowsecurity", NULL, 0, err) &&
               findings(c, report, "Policies add up, each lets more be seen: DROP POLICY.",
                        "somebody else's row security policy: ",
                        "SELECT format('%I on table %s', p.polname, p.polrelid::regclass) FROM pg_policy p"
                        " JOIN pg_class c ON c.oid = p.polrelid WHERE p.polpermissive AND c.relnamespace ="
                        " to_regnamespace('community') AND NOT (p.polrelid = to_regclass('community.record')"
                        " AND p.polname IN ('readers', 'loader') AND 0 <> ALL (p.polroles))", NULL, 0, err) &&
               findings(c, report, MIGRATE_HINT, "not owned by community_views: view ",
                        "SELECT c.oid::regclass::text FROM pg_class c JOIN pg_roles o ON o.oid = c.relowner"
                        " WHERE relnamespace = to_regnamespace('community') AND relkind = 'v'"
                        " AND o.rolname <> 'community_views'", NULL, 0, err) &&
               findings(c, report, "Revoke one of the two; no reader has both.", "has both surfaces: role ",
                        "SELECT rolname FROM pg_roles WHERE NOT rolsuper AND rolcanlogin"
                        " AND pg_has_role(oid, 'community_voice', 'USAGE')"
                        " AND pg_has_role(oid, 'community_count', 'USAGE')", NULL, 0, err) &&
               findings(c, report, "Revoke it from PUBLIC: readers come through the views.", "open to everybody: ",
                        "SELECT DISTINCT c.oid::regclass::text FROM pg_class c CROSS JOIN LATERAL aclexplode(c.relacl) a"
                        " WHERE c.relnamespace IN (to_regnamespace('community'), to_regnamespace('tributary'))"
                        " AND a.grantee = 0", NULL, 0, err);
}

static bool check_comments(struct pg *c, struct report *report, struct err *err)
{
        return findings(c, report, "Every column of the warehouse says what it is.", "no comment on ",
                        "SELECT c.oid::regclass || coalesce('.' || a.attname, '') FROM pg_class c"
                        " LEFT JOIN LATERAL (SELECT attname, attnum FROM pg_attribute WHERE attrelid = c.oid"
                        " AND attnum > 0 AND NOT attisdropped UNION ALL SELECT NULL, 0) a ON true"
                        " WHERE c.relnamespace IN (to_regnamespace('community'), to_regnamespace('tributary'))"
                        " AND c.relkind IN ('r', 'p', 'v') AND NOT c.relispartition"
                        " AND col_description(c.oid, a.attnum) IS NULL"
                        " AND (a.attnum > 0 OR obj_description(c.oid, 'pg_class') IS NULL)", NULL, 0, err);
}

bool warehouse_check(const struct migrate_spec *spec, struct report *report, struct err *err)
{
        struct pg *c = NULL;
        bool usable = false;
        if (!pg_open(&c, spec->conninfo, spec->password, "tributary check", err))
                return err_add(err, "warehouse");
        bool ok = check_schema(c, report, &usable, err) &&
                  (!usable || (check_partitions(c, spec, report, err) &&
                               check_readers(c, spec, report, err) && check_rights(c, report, err) &&
                               check_comments(c, report, err)));
        pg_close(c);
        return ok || err_add(err, "warehouse");
}

static void print_rejected(const struct pg_rows *r, bool as_json, struct buf *out)
{
        struct json_out o;
        json_out_init(&o, out);
        if (as_json)
                json_open(&o, NULL, '[');
        for (size_t i = 0; i < pg_rows_count(r); i++) {
                if (as_json)
                        json_open(&o, NULL, '{');
                for (size_t k = 0; k < pg_rows_columns(r); k++) {
                        struct slice v = pg_rows_text(r, i, k);
                        const char *name = pg_rows_name(r, k);
                        bool number = k == 1 || k == 2 || k == 5 || k == 6;
                        if (!as_json)
                                buf_printf(out, "%s%.*s", k ? "  " : "", SLICE_ARG(v.p ? v : SLICE("-")));
                        else if (number && v.p)
                                json_put_int(&o, name, pg_rows_int(r, i, k));
                        else
                                json_put_string(&o, name, v);
                }
                if (as_json)
                        json_close(&o, '}');
                else
                        buf_putc(out, '\n');
        }
        if (as_json) {
                json_close(&o, ']');
                buf_putc(out, '\n');
        }
}

bool warehouse_rejected(const char *conninfo, const char *password, bool as_json, struct buf *out,
                        struct err *err)
{
        struct pg *c = NULL;
        struct pg_rows *r = NULL;
        if (!pg_open(&c, conninfo, password, "tributary rejected", err))
                return err_add(err, "warehouse");
        bool ok = pg_query(&r, c, "SELECT region, partition, kafka_offset AS \"offset\", code, record_key, epoch,"
                                  " seq, to_char(rejected_at AT TIME ZONE 'UTC',"
                                  " 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"') AS rejected_at FROM tributary.rejected"
                                  " ORDER BY rejected_at, region, partition, kafka_offset LIMIT 100000",
                           NULL, 0, err);
        if (ok) {
                if (!as_json)
                        buf_puts(out, pg_rows_count(r) ? "region  partition  offset  code  record_key  epoch"
                                                         "  seq  rejected_at\n"
                                                       : "nothing was rejected\n");
                print_rejected(r, as_json, out);
                if (!buf_ok(out))
                        ok = err_set(err, ERR_FULL, 0, "too many rejected messages to print");
        }
        pg_rows_free(r);
        pg_close(c);
        return ok;
}
