/* readers.c - the readers of hub.cfg: which codes each reads by, its surface, and what it may not be.
 *
 * Row security tests current_user against tributary.reader. Whoever is, or may become, a role for
 * which row security does not hold would see everything: such a role is no reader.        */
#include <stdio.h>
#include <string.h>

#include "model/place.h"
#include "steps.h"
#include "store.h"

void reader_codes(struct buf *out, const char *country)
{
        size_t n;
        const char *const *codes = place_codes(&n);
        buf_printf(out, "{%s", country);
        for (size_t i = 0; i < n; i++)
                if (strcmp(codes[i], country) != 0 && place_within(slice_of(country), slice_of(codes[i])))
                        buf_printf(out, ",%s", codes[i]);
        buf_putc(out, '}');
}

const char *reader_surface(const struct migrate_reader *r)
{
        return r->surface ? "count" : "voice";
}

/* $1 role, $2 surface, $3 all readers, $4 whether migrate is about to take back the other surface:
 * the gravest reason why it may not be one. */
static const char danger_sql[] =
        "WITH house AS (SELECT oid FROM pg_namespace WHERE nspname IN ('community', 'tributary')),"
        " granted AS (SELECT a.grantee FROM pg_class c CROSS JOIN LATERAL aclexplode(c.relacl) a"
        " WHERE c.relnamespace IN (SELECT oid FROM house)"
        " UNION SELECT a.grantee FROM pg_attribute t JOIN pg_class c ON c.oid = t.attrelid"
        " CROSS JOIN LATERAL aclexplode(t.attacl) a WHERE c.relnamespace IN (SELECT oid FROM house)),"
        " owns AS (SELECT relowner FROM pg_class WHERE relnamespace IN (SELECT oid FROM house)"
        " UNION SELECT nspowner FROM pg_namespace WHERE oid IN (SELECT oid FROM house)"
        " UNION SELECT datdba FROM pg_database WHERE datname = current_database())"
        "SELECT CASE WHEN r.rolname = $1 THEN 'it ' ELSE format('it may become role \"%s\", which ', r.rolname) END"
        " || d.what FROM pg_roles r CROSS JOIN LATERAL (VALUES"
        " (r.rolsuper, 'is a superuser'), (r.rolbypassrls, 'bypasses row security'),"
        " (r.rolcreaterole, 'may give itself any role'), (r.rolreplication, 'may copy the whole cluster'),"
        " (r.rolname IN ('pg_read_all_data', 'pg_write_all_data', 'pg_read_server_files',"
        " 'pg_write_server_files', 'pg_execute_server_program'), 'reads everything'),"
        " (r.rolname = CASE $2 WHEN 'voice' THEN 'community_count' ELSE 'community_voice' END AND NOT ($4::bool"
        " AND EXISTS (SELECT FROM pg_auth_members m JOIN pg_roles o ON o.oid = m.member WHERE m.roleid = r.oid"
        " AND o.rolname = $1)), 'has the other surface'), (r.rolname <> $1 AND r.rolname = ANY ($3::text[]), 'is another reader'),"
        " (r.oid IN (SELECT * FROM owns), 'owns the warehouse or a part of it'),"
        " (r.oid IN (SELECT * FROM granted) AND r.rolname NOT IN ('community_voice', 'community_count'),"
        " 'has rights in the warehouse of its own')) d (yes, what)"
        " WHERE d.yes AND pg_has_role($1, r.oid, 'MEMBER') ORDER BY r.rolname <> $1, r.rolname LIMIT 1";

bool reader_danger(struct pg *c, const struct migrate_spec *spec, const struct migrate_reader *r, bool will_change,
                   struct buf *out, struct err *err)
{
        struct buf all;
        struct pg_rows *rows = NULL;
        buf_init(&all, 64 << 10);
        buf_putc(&all, '{');
        for (size_t i = 0; i < spec->n_readers; i++)
                put_array_text(&all, slice_of(spec->readers[i].role));
        buf_putc(&all, '}');
        struct pg_param p[] = { { slice_of(r->role) }, { slice_of(reader_surface(r)) }, { buf_slice(&all) },
                                { slice_of(will_change ? "true" : "false") } };
        bool ok = pg_query(&rows, c, danger_sql, p, 4, err);
        if (ok && pg_rows_count(rows) > 0)
                buf_printf(out, "%.*s", SLICE_ARG(pg_rows_text(rows, 0, 0)));
        pg_rows_free(rows);
        buf_clear(&all);
        return ok;
}

/* will_change: before its surface is granted. */
static bool refuse_danger(struct steps *s, const struct migrate_reader *r, bool will_change, struct err *err)
{
        struct buf why;
        int64_t there = 0;
        struct pg_param p[] = { { slice_of(r->role) } };
        if (!ask_int(s->c, &there, 0, "SELECT 1 FROM pg_roles WHERE rolname = $1", p, 1, err) || !there)
                return !there;
        buf_init(&why, 4096);
        bool ok = reader_danger(s->c, s->spec, r, will_change, &why, err);
        if (ok && why.n) {
                ok = err_set(err, ERR_CONFIG, 0, "%s%srole \"%s\" cannot be a reader: %s, so what the law hides would "
                             "not be hidden from it", r->where ? r->where : "", r->where ? ": " : "", r->role, why.p);
                err_hint(err, "Name another role in hub.cfg, or take that away from this one.");
        }
        buf_clear(&why);
        return ok;
}

static bool grant_surface(struct steps *s, const struct migrate_reader *r, struct err *err)
{
        static const char *const surfaces[] = { "community_voice", "community_count" };
        struct buf sql;
        buf_init(&sql, 4096);
        for (int i = 0; i < 2; i++) {
                bool granted = i == r->surface;
                buf_printf(&sql, "%s %s %s ", granted ? "GRANT" : "REVOKE", surfaces[i],
                           granted ? "TO" : "FROM");
                put_identifier(&sql, r->role);
                buf_puts(&sql, "; ");
        }
        buf_puts(&sql, "ALTER ROLE ");
        put_identifier(&sql, r->role);
        buf_puts(&sql, " INHERIT; ALTER ROLE ");
        put_identifier(&sql, r->role);
        buf_puts(&sql, " SET default_transaction_read_only = on");
        bool ok = pg_run(s->c, sql.p, err) || err_add(err, "reader \"%s\"", r->role);
        buf_clear(&sql);
        return ok;
}

bool reader_is_as_written(struct pg *c, const struct migrate_reader *r, int64_t *same, struct err *err)
{
        struct buf codes;
        buf_init(&codes, 4096);
        reader_codes(&codes, r->country);
        struct pg_param p[] = { { slice_of(r->role) }, { slice_of(reader_surface(r)) }, { buf_slice(&codes) } };
        bool ok = ask_int(c, same, 0,
                          "SELECT coalesce((SELECT array_agg(code ORDER BY code) = (SELECT array_agg(x ORDER BY x)"
                          " FROM unnest($3::text[]) x) AND bool_and(surface = $2)"
                          " FROM tributary.reader WHERE role = $1)"
                          " AND EXISTS (SELECT FROM pg_auth_members m JOIN pg_roles o ON o.oid = m.member"
                          " WHERE o.rolname = $1 AND o.rolinherit AND m.roleid = to_regrole('community_' || $2))"
                          " AND NOT EXISTS (SELECT FROM pg_auth_members m JOIN pg_roles o ON o.oid = m.member"
                          " WHERE o.rolname = $1 AND m.roleid = to_regrole(CASE $2 WHEN 'voice' THEN"
                          " 'community_count' ELSE 'community_voice' END)), false)::int", p, 3, err);
        buf_clear(&codes);
        return ok;
}

static bool write_reader(struct steps *s, const struct migrate_reader *r, struct err *err)
{
        struct buf codes;
        buf_init(&codes, 4096);
        reader_codes(&codes, r->country);
        struct pg_param p[] = { { slice_of(r->role) }, { slice_of(reader_surface(r)) }, { buf_slice(&codes) } };
        bool ok = pg_begin(s->c, err) && grant_surface(s, r, err) && refuse_danger(s, r, false, err) &&
                  pg_run_params(s->c, "DELETE FROM tributary.reader WHERE role = $1", p, 1, NULL, err) &&
                  pg_run_params(s->c, "INSERT INTO tributary.reader SELECT $1, $2, unnest($3::text[])", p, 3, NULL,
                                err) && pg_commit(s->c, err);
        if (!ok)
                pg_abort(s->c);
        buf_clear(&codes);
        return ok;
}

static bool migrate_reader(struct steps *s, const struct migrate_reader *r, bool schema, struct err *err)
{
        int64_t same = 0;
        if (!place_is_known(slice_of(r->country)))
                return err_set(err, ERR_CONFIG, 0, "reader \"%s\": country \"%s\" is not known", r->role, r->country);
        if (!make_role(s, r->role, true, err) || (schema && !reader_is_as_written(s->c, r, &same, err)))
                return false;
        /* Before anything else: who migrates may not alter a superuser, and nothing is told that is not done. */
        if (!refuse_danger(s, r, !same, err))
                return false;
        if (same || !step(s, "let %s read %s from %s", r->role, reader_surface(r), r->country))
                return true;
        return write_reader(s, r, err);
}

static bool forget(struct steps *s, struct slice role, struct err *err)
{
        struct pg_param p[] = { { role } };
        struct buf sql;
        char name[64];
        int64_t there = 0;
        snprintf(name, sizeof name, "%.*s", SLICE_ARG(role));
        buf_init(&sql, 1024);
        buf_puts(&sql, "REVOKE community_voice, community_count FROM ");
        put_identifier(&sql, name);
        bool ok = pg_begin(s->c, err) &&
                  ask_int(s->c, &there, 0, "SELECT 1 FROM pg_roles WHERE rolname = $1", p, 1, err) &&
                  (!there || pg_run(s->c, sql.p, err)) &&
                  pg_run_params(s->c, "DELETE FROM tributary.reader WHERE role = $1", p, 1, NULL, err) &&
                  pg_commit(s->c, err);
        if (!ok)
                pg_abort(s->c);
        buf_clear(&sql);
        return ok;
}

/* Whom hub.cfg names no more sees nothing; the role itself stays: it may own things elsewhere. */
static bool forget_others(struct steps *s, struct err *err)
{
        struct buf names;
        struct pg_rows *r = NULL;
        buf_init(&names, 256 << 10);
        buf_puts(&names, "SELECT DISTINCT role FROM tributary.reader WHERE role NOT IN (''");
        for (size_t i = 0; i < s->spec->n_readers; i++) {
                buf_puts(&names, ", ");
                put_literal(&names, s->spec->readers[i].role);
        }
        buf_puts(&names, ") ORDER BY role");
        bool ok = pg_query(&r, s->c, names.p, NULL, 0, err);
        for (size_t i = 0; ok && i < pg_rows_count(r); i++) {
                struct slice role = pg_rows_text(r, i, 0);
                if (step(s, "let %.*s read no more", SLICE_ARG(role)))
                        ok = forget(s, role, err);
        }
        pg_rows_free(r);
        buf_clear(&names);
        return ok;
}

/* First whoever reads no more, or a role that a reader may become would still be a reader. */
bool readers_migrate(struct steps *s, struct err *err)
{
        for (size_t i = 0; i < s->spec->n_readers; i++)
                for (size_t k = 0; k < i; k++)
                        if (strcmp(s->spec->readers[i].role, s->spec->readers[k].role) == 0)
                                return err_set(err, ERR_CONFIG, 0, "reader \"%s\" is there twice; no reader has"
                                               " both surfaces", s->spec->readers[i].role);
        /* A dry run may find nothing there yet. */
        int64_t schema = 0;
        if (!ask_int(s->c, &schema, 0, "SELECT (to_regclass('tributary.reader') IS NOT NULL)::int", NULL, 0, err) ||
            (schema && !forget_others(s, err)))
                return false;
        for (size_t i = 0; i < s->spec->n_readers; i++)
                if (!migrate_reader(s, &s->spec->readers[i], schema, err))
                        return false;
        return true;
}
