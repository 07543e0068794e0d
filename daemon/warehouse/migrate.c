/* migrate.c - `warehouse migrate`: one run, under an advisory lock that a second run waits for. */
#include "warehouse/migrate.h"

#include <stdarg.h>
#include <stdio.h>

#include "locks.h"
#include "steps.h"

bool step(struct steps *s, const char *fmt, ...)
{
        char text[256];
        va_list args;
        va_start(args, fmt);
        vsnprintf(text, sizeof text, fmt, args);
        va_end(args);
        s->taken++;
        if (s->json)
                json_put_text(s->json, NULL, text);
        else if (s->out)
                buf_printf(s->out, "%s%s\n", s->spec->dry_run ? "would " : "", text);
        return !s->spec->dry_run;
}

bool ask_int(struct pg *c, int64_t *out, int64_t otherwise, const char *sql,
             const struct pg_param *params, size_t n, struct err *err)
{
        struct pg_rows *r = NULL;
        if (!pg_query(&r, c, sql, params, n, err))
                return false;
        bool there = pg_rows_count(r) > 0 && !pg_rows_null(r, 0, 0);
        *out = there ? pg_rows_int(r, 0, 0) : otherwise;
        pg_rows_free(r);
        return true;
}

static bool take_steps(struct steps *s, struct err *err)
{
        char lock[64];
        snprintf(lock, sizeof lock, "SELECT pg_advisory_lock(%d, 0)", LOCK_MIGRATE);
        /* The lock goes with the connection. */
        return pg_run(s->c, lock, err) && schema_is_ours(s->c, err) && roles_make(s, err) && schema_migrate(s, err) &&
               partitions_migrate(s, err) && roles_grant(s, err) && readers_migrate(s, err);
}

bool warehouse_migrate(const struct migrate_spec *spec, bool json, struct buf *out, struct err *err)
{
        struct json_out o;
        struct steps s = { .spec = spec, .out = out, .json = json && out ? &o : NULL };
        if (!pg_open(&s.c, spec->conninfo, spec->password, "tributary migrate", err))
                return err_add(err, "warehouse");
        if (s.json) {
                json_out_init(&o, out);
                json_open(&o, NULL, '{');
                json_put_int(&o, "version", 1);
                json_put_bool(&o, "dry_run", spec->dry_run);
                json_open(&o, "steps", '[');
        }
        bool ok = take_steps(&s, err) || err_add(err, "warehouse");
        if (s.json) {
                json_close(&o, ']');
                json_close(&o, '}');
                buf_putc(out, '\n');
        } else if (out && ok && !s.taken) {
                buf_puts(out, "nothing to do: the warehouse is up to date\n");
        }
        pg_close(s.c);
        return ok;
}
