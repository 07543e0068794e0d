/* roles.c - who may do what: the views' owner, the two surfaces, the loader.
 *
 * Roles belong to the whole cluster and may be there already, or be made by another database's
 * migration at this moment; both are fine.                                               */
#include <stdio.h>
#include <string.h>

#include "steps.h"

enum { NAME_MAX_BYTES = 63 };

static void put_quoted(struct buf *b, const char *text, char quote)
{
        buf_putc(b, quote);
        for (; *text; text++) {
                if (*text == quote)
                        buf_putc(b, quote);
                buf_putc(b, *text);
        }
        buf_putc(b, quote);
}

void put_identifier(struct buf *b, const char *name)
{
        put_quoted(b, name, '"');
}

/* With standard_conforming_strings, the default, a backslash is itself. */
void put_literal(struct buf *b, const char *text)
{
        put_quoted(b, text, '\'');
}

static bool role_is_there(struct pg *c, const char *role, int64_t *there, struct err *err)
{
        struct pg_param p[] = { { slice_of(role) } };
        return ask_int(c, there, 0, "SELECT 1 FROM pg_roles WHERE rolname = $1", p, 1, err);
}

bool make_role(struct steps *s, const char *role, bool login, struct err *err)
{
        struct buf sql;
        int64_t there = 0;
        if (role[0] == 0 || strlen(role) > NAME_MAX_BYTES)
                return err_set(err, ERR_CONFIG, 0, "role name \"%.70s\" is not 1 to 63 bytes", role);
        if (!role_is_there(s->c, role, &there, err))
                return false;
        if (there || !step(s, "make role %s", role))
                return true;
        buf_init(&sql, 1024);
        buf_puts(&sql, "DO $do$ BEGIN CREATE ROLE ");
        put_identifier(&sql, role);
        buf_puts(&sql, login ? " LOGIN" : " NOLOGIN");
        buf_puts(&sql, "; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $do$");
        bool ok = pg_run(s->c, sql.p, err) || err_add(err, "role \"%s\"", role);
        if (!ok && err && err->kind == ERR_DENIED)
                err_hint(err, "The migrating role needs CREATEROLE.");
        buf_clear(&sql);
        return ok;
}

bool roles_make(struct steps *s, struct err *err)
{
        static const char join[] =
                "DO $do$ BEGIN IF NOT pg_has_role(current_user, 'community_views', 'MEMBER') THEN"
                " EXECUTE format('GRANT community_views TO %I', current_user); END IF; END $do$";
        return make_role(s, "community_views", false, err) && make_role(s, "community_voice", false, err) &&
               make_role(s, "community_count", false, err) && (s->spec->dry_run || pg_run(s->c, join, err));
}

/* Everything here may be said again and again. CREATE on the schema is what a new owner of a
 * view must have at that moment, and no longer. */
void put_hand_over(struct buf *b, const struct schema_file *f)
{
        if (!f->surface)
                return;
        buf_printf(b, "GRANT CREATE ON SCHEMA community TO community_views;"
                      "ALTER VIEW %s OWNER TO community_views;"
                      "REVOKE CREATE ON SCHEMA community FROM community_views;"
                      "REVOKE ALL ON %s FROM PUBLIC; GRANT SELECT ON %s TO %s;", f->name, f->name, f->name,
                   f->surface);
}

static const char grants[] =
        "REVOKE ALL ON SCHEMA community, tributary FROM PUBLIC;"
        "GRANT USAGE ON SCHEMA community, tributary TO community_views;"
        "GRANT SELECT ON community.record, tributary.reading, tributary.reader, tributary.crowd,"
        " tributary.region_status, tributary.completeness TO community_views;"
        "GRANT USAGE ON SCHEMA community TO community_voice, community_count;";

static bool grant_surfaces(struct steps *s, struct err *err)
{
        struct buf sql;
        buf_init(&sql, 64 << 10);
        buf_puts(&sql, grants);
        for (size_t i = 0; i < schema_files_n; i++)
                put_hand_over(&sql, &schema_files[i]);
        bool ok = pg_begin(s->c, err) && pg_run(s->c, sql.p, err) && pg_commit(s->c, err);
        if (!ok)
                pg_abort(s->c);
        buf_clear(&sql);
        return ok || err_add(err, "grants");
}

/* Granted again only if something of it is missing: the GRANTs take locks that readers wait for. */
bool roles_missing(struct pg *c, int64_t *missing, struct err *err)
{
        struct buf sql;
        buf_init(&sql, 64 << 10);
        buf_puts(&sql, "SELECT (NOT coalesce(bool_and(coalesce(has_table_privilege(o.oid, to_regclass(v.what), 'SELECT')"
                       " AND has_schema_privilege(o.oid, to_regnamespace('community'), 'USAGE')"
                       " AND (v.role = 'community_views' OR EXISTS (SELECT FROM pg_class c JOIN pg_roles w"
                       " ON w.oid = c.relowner WHERE c.oid = to_regclass(v.what) AND w.rolname = 'community_views')),"
                       " false)), false))::int FROM (VALUES ('community_views', 'community.record'),"
                       " ('community_views', 'tributary.reading'), ('community_views', 'tributary.reader'),"
                       " ('community_views', 'tributary.crowd'), ('community_views', 'tributary.completeness'),"
                       " ('community_views', 'tributary.region_status')");
        for (size_t i = 0; i < schema_files_n; i++) {
                const char *roles = schema_files[i].surface;
                if (roles && strstr(roles, "community_voice"))
                        buf_printf(&sql, ", ('community_voice', '%s')", schema_files[i].name);
                if (roles && strstr(roles, "community_count"))
                        buf_printf(&sql, ", ('community_count', '%s')", schema_files[i].name);
        }
        buf_puts(&sql, ") v (role, what) LEFT JOIN pg_roles o ON o.rolname = v.role");
        bool ok = ask_int(c, missing, 1, sql.p, NULL, 0, err);
        buf_clear(&sql);
        return ok;
}

/* What a loader reads and writes, and what it reads. */
static const char loader_writes[] =
        "community.record, tributary.reading, tributary.progress, tributary.erased, tributary.tombstone,"
        " tributary.rejected, tributary.receipt, tributary.account, tributary.seen, tributary.tally,"
        " tributary.tally_change, tributary.region, tributary.region_status, tributary.claim, tributary.crowd,"
        " tributary.chore";
static const char loader_reads[] = "tributary.warehouse, tributary.migration, tributary.completeness";

/* A table that came with a later release is granted by the next migration. */
static bool loader_missing(struct steps *s, const char *role, int64_t *missing, struct err *err)
{
        struct pg_param p[] = { { slice_of(role) }, { slice_of(loader_writes) }, { slice_of(loader_reads) } };
        return ask_int(s->c, missing, 1,
                       "SELECT (NOT EXISTS (SELECT 1 FROM pg_policies WHERE policyname = 'loader'"
                       " AND schemaname = 'community' AND tablename = 'record' AND $1 = ANY (roles::text[]))"
                       " OR EXISTS (SELECT FROM regexp_split_to_table($2, ', *') t"
                       " WHERE NOT coalesce(has_table_privilege($1, to_regclass(t), 'INSERT')"
                       " AND has_table_privilege($1, to_regclass(t), 'DELETE'), false))"
                       " OR EXISTS (SELECT FROM regexp_split_to_table($3, ', *') t"
                       " WHERE NOT coalesce(has_table_privilege($1, to_regclass(t), 'SELECT'), false)))::int",
                       p, 3, err);
}

static bool grant_loader(struct steps *s, const char *role, struct err *err)
{
        struct buf sql;
        int64_t missing = 0;
        if (!loader_missing(s, role, &missing, err))
                return false;
        if (!missing || !step(s, "grant loading to role %s", role))
                return true;
        buf_init(&sql, 4096);
        buf_puts(&sql, "DROP POLICY IF EXISTS loader ON community.record;"
                       "CREATE POLICY loader ON community.record TO ");
        put_identifier(&sql, role);
        buf_puts(&sql, " USING (true) WITH CHECK (true); GRANT USAGE ON SCHEMA community, tributary TO ");
        put_identifier(&sql, role);
        buf_puts(&sql, "; GRANT USAGE ON ALL SEQUENCES IN SCHEMA tributary TO ");
        put_identifier(&sql, role);
        buf_printf(&sql, "; GRANT SELECT, INSERT, UPDATE, DELETE ON %s TO ", loader_writes);
        put_identifier(&sql, role);
        buf_printf(&sql, "; GRANT SELECT ON %s TO ", loader_reads);
        put_identifier(&sql, role);
        bool ok = pg_begin(s->c, err) && pg_run(s->c, sql.p, err) && pg_commit(s->c, err);
        if (!ok) {
                pg_abort(s->c);
                err_add(err, "grants of role \"%s\"", role);
        }
        buf_clear(&sql);
        return ok;
}

bool roles_grant(struct steps *s, struct err *err)
{
        int64_t missing;
        if (!roles_missing(s->c, &missing, err))
                return false;
        if (missing && step(s, "grant the two surfaces") && !grant_surfaces(s, err))
                return false;
        return !s->spec->loader_role || (s->spec->dry_run && s->taken) ||
               grant_loader(s, s->spec->loader_role, err);
}
