/* roles.c - who may do what: the views' owner, the two surfaces, the loader, the readers.
 *
 * Roles belong to the whole cluster and may be there already, or be made by another database's
 * migration at this moment; both are fine.                                               */
#include <stdio.h>
#include <string.h>

#include "model/place.h"
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

static bool make_role(struct steps *s, const char *role, bool login, struct err *err)
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
        return make_role(s, "community_views", false, err) && make_role(s, "community_voice", false, err) &&
               make_role(s, "community_count", false, err);
}

/* Everything here may be said again and again. CREATE on the schema is what a new owner of a
 * view must have at that moment, and no longer. */
static const char grants[] =
        "DO $do$ BEGIN IF NOT pg_has_role(current_user, 'community_views', 'MEMBER') THEN"
        " EXECUTE format('GRANT community_views TO %I', current_user); END IF; END $do$;"
        "REVOKE ALL ON SCHEMA community, tributary FROM PUBLIC;"
        "GRANT USAGE, CREATE ON SCHEMA community TO community_views;"
        "ALTER VIEW community.voice_feedback OWNER TO community_views;"
        "ALTER VIEW community.count_daily OWNER TO community_views;"
        "REVOKE CREATE ON SCHEMA community FROM community_views;"
        "GRANT USAGE ON SCHEMA tributary TO community_views;"
        "GRANT SELECT ON community.record, tributary.reading, tributary.reader, tributary.crowd"
        " TO community_views;"
        "GRANT USAGE ON SCHEMA community TO community_voice, community_count;"
        "REVOKE ALL ON community.voice_feedback, community.count_daily FROM PUBLIC;"
        "GRANT SELECT ON community.voice_feedback TO community_voice;"
        "GRANT SELECT ON community.count_daily TO community_count;";

static bool grant_loader(struct steps *s, const char *role, struct err *err)
{
        struct buf sql;
        int64_t missing = 0;
        struct pg_param p[] = { { slice_of(role) } };
        if (!ask_int(s->c, &missing, 0,
                     "SELECT (NOT EXISTS (SELECT 1 FROM pg_policies WHERE policyname = 'loader'"
                     " AND schemaname = 'community' AND tablename = 'record' AND $1 = ANY (roles::text[])))"
                     "::int", p, 1, err))
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
        buf_puts(&sql, "; GRANT SELECT, INSERT, UPDATE, DELETE ON community.record,"
                       " tributary.reading, tributary.progress, tributary.erased, tributary.tombstone,"
                       " tributary.rejected, tributary.receipt, tributary.account, tributary.seen,"
                       " tributary.tally, tributary.tally_change, tributary.region, tributary.region_status, tributary.claim,"
                       " tributary.crowd, tributary.chore TO ");
        put_identifier(&sql, role);
        buf_puts(&sql, "; GRANT SELECT ON tributary.warehouse, tributary.migration, tributary.completeness"
                       " TO ");
        put_identifier(&sql, role);
        bool ok = pg_run(s->c, sql.p, err) || err_add(err, "grants of role \"%s\"", role);
        buf_clear(&sql);
        return ok;
}

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
        buf_puts(&sql, " SET default_transaction_read_only = on");
        bool ok = pg_run(s->c, sql.p, err) || err_add(err, "reader \"%s\"", r->role);
        buf_clear(&sql);
        return ok;
}

static bool migrate_reader(struct steps *s, const struct migrate_reader *r, struct err *err)
{
        const char *surface = r->surface ? "count" : "voice";
        struct buf codes;
        int64_t same = 0;
        buf_init(&codes, 4096);
        reader_codes(&codes, r->country);
        struct pg_param p[] = { { slice_of(r->role) }, { slice_of(surface) }, { buf_slice(&codes) } };
        bool ok = buf_ok(&codes) && place_is_known(slice_of(r->country))
                ? make_role(s, r->role, true, err)
                : err_set(err, ERR_CONFIG, 0, "reader \"%s\": country \"%s\" is not known", r->role, r->country);
        ok = ok && ask_int(s->c, &same, 0, s->spec->dry_run && s->taken ? "SELECT 0" :
                "SELECT (array_agg(code ORDER BY code) = (SELECT array_agg(x ORDER BY x)"
                " FROM unnest($3::text[]) x) AND bool_and(surface = $2)"
                " AND pg_has_role($1, 'community_' || $2, 'MEMBER'))::int"
                " FROM tributary.reader WHERE role = $1",
                p, s->spec->dry_run && s->taken ? 0 : 3, err);
        if (ok && !same && step(s, "let %s read %s from %s", r->role, surface, r->country))
                ok = pg_begin(s->c, err) && grant_surface(s, r, err) &&
                     pg_run_params(s->c, "DELETE FROM tributary.reader WHERE role = $1", p, 1, NULL, err) &&
                     pg_run_params(s->c, "INSERT INTO tributary.reader SELECT $1, $2, unnest($3::text[])", p,
                                   3, NULL, err) && pg_commit(s->c, err);
        if (!ok)
                pg_abort(s->c);
        buf_clear(&codes);
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
        buf_putc(&names, ')');
        bool ok = pg_query(&r, s->c, names.p, NULL, 0, err);
        for (size_t i = 0; ok && i < pg_rows_count(r); i++) {
                struct pg_param p[] = { { pg_rows_text(r, i, 0) } };
                if (step(s, "let %.*s read no more", SLICE_ARG(p[0].v)))
                        ok = pg_run_params(s->c, "DELETE FROM tributary.reader WHERE role = $1", p, 1, NULL,
                                           err);
        }
        pg_rows_free(r);
        buf_clear(&names);
        return ok;
}

/* Granted again only if something of it is missing: the GRANTs take locks that readers wait for. */
static bool grants_missing(struct steps *s, int64_t *missing, struct err *err)
{
        return ask_int(s->c, missing, 1,
                       "SELECT (count(*) < 2)::int FROM pg_class c JOIN pg_roles o ON o.oid = c.relowner"
                       " WHERE o.rolname = 'community_views' AND c.relacl IS NOT NULL"
                       " AND c.relnamespace = to_regnamespace('community')"
                       " AND c.relname IN ('voice_feedback', 'count_daily')"
                       " AND has_table_privilege(CASE c.relname WHEN 'count_daily' THEN 'community_count'"
                       " ELSE 'community_voice' END, c.oid, 'SELECT')", NULL, 0, err);
}

bool roles_grant(struct steps *s, struct err *err)
{
        int64_t missing;
        for (size_t i = 0; i < s->spec->n_readers; i++)
                for (size_t k = 0; k < i; k++)
                        if (strcmp(s->spec->readers[i].role, s->spec->readers[k].role) == 0)
                                return err_set(err, ERR_CONFIG, 0, "reader \"%s\" is there twice; no reader has"
                                               " both surfaces", s->spec->readers[i].role);
        if (!grants_missing(s, &missing, err))
                return false;
        if (missing && step(s, "grant the two surfaces") && !pg_run(s->c, grants, err))
                return err_add(err, "grants");
        if (s->spec->loader_role && (!s->spec->dry_run || !s->taken) &&
            !grant_loader(s, s->spec->loader_role, err))
                return false;
        for (size_t i = 0; i < s->spec->n_readers; i++)
                if (!migrate_reader(s, &s->spec->readers[i], err))
                        return false;
        return (s->spec->dry_run && s->taken) || forget_others(s, err);
}
