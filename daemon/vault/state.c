/* state.c - state.db: opening, transactions, small named values. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/file.h"
#include "state_private.h"

static const char schema[] = {
#include "state.sql.h"
        , 0
};

enum { VALUE_MAX = 64 };

/* Raised by a release that writes what an older one would read wrongly; state.sql writes it. */
enum { FORMAT = 2 };

static void path_of(char out[4096], const char *state_dir)
{
        snprintf(out, 4096, "%s/state.db", state_dir);
}

static void prepare(struct state *s)
{
#define X(name, sql) s->name = db_prepare(s->db, sql);
        STATE_STATEMENTS(X)
#undef X
}

static bool is_ours(struct db *d, const char *state_dir, struct err *err)
{
        struct db_stmt *q = db_prepare(d, "PRAGMA user_version");
        bool row;
        if (!db_step(q, &row, err))
                return false;
        int64_t format = row ? db_int(q, 0) : 0;
        db_reset(q);
        if (format <= FORMAT)
                return true;
        err_set(err, ERR_CONFIG, 0, "the state \"%s\" was written by a newer release: its format is %lld, this one knows %d",
                state_dir, (long long)format, FORMAT);
        return err_hint(err, "Start the release that wrote it, or a newer one; nothing was changed.");
}

bool state_check(const char *state_dir, struct err *err)
{
        char path[4096];
        struct db *d;
        path_of(path, state_dir);
        if (!file_exists(path))
                return true;
        bool ok = db_open_read_only(&d, path, err);
        if (ok) {
                ok = is_ours(d, state_dir, err);
                db_close(d);
        }
        return ok;
}

/* All of it or nothing: a start that is cut off begins anew with the state as it was. */
static bool make_tables(struct db *d, struct err *err)
{
        if (!db_begin(d, err))
                return false;
        if (db_run(d, schema, err))
                return db_commit(d, err);
        db_abort(d);
        return err_add(err, "schema");
}

static bool open_with(struct state **out, const char *state_dir, bool read_only, struct err *err)
{
        char path[4096];
        struct state *s = calloc(1, sizeof *s);
        *out = NULL;
        if (!s)
                return err_errno(err, errno, "could not open state");
        path_of(path, state_dir);
        bool ok = read_only ? db_open_read_only(&s->db, path, err) : db_open(&s->db, path, NULL, err);
        ok = ok && is_ours(s->db, state_dir, err) && (read_only || make_tables(s->db, err));
        if (!ok) {
                db_close(s->db);
                free(s);
                return false;
        }
        prepare(s);
        *out = s;
        return true;
}

bool state_open(struct state **out, const char *state_dir, struct err *err)
{
        return open_with(out, state_dir, false, err);
}

bool state_open_read_only(struct state **out, const char *state_dir, struct err *err)
{
        return open_with(out, state_dir, true, err);
}

void state_close(struct state *s)
{
        if (!s)
                return;
        db_close(s->db);
        free(s);
}

bool state_begin(struct state *s, struct err *err)
{
        return db_begin(s->db, err);
}

bool state_commit(struct state *s, struct err *err)
{
        return db_commit(s->db, err);
}

void state_abort(struct state *s)
{
        db_abort(s->db);
}

bool state_get(struct state *s, const char *name, struct buf *out, bool *found, struct err *err)
{
        bool row = false;
        db_bind_text(s->get, 1, slice_of(name));
        if (!db_step(s->get, &row, err))
                return false;
        if (row)
                buf_put(out, db_bytes(s->get, 0));
        db_reset(s->get);
        *found = row;
        return buf_ok(out) || err_set(err, ERR_DATA, 0, "value \"%s\" of state is too large", name);
}

bool state_put(struct state *s, const char *name, struct slice value, struct err *err)
{
        db_bind_text(s->put, 1, slice_of(name));
        db_bind_bytes(s->put, 2, value);
        return db_do(s->put, err);
}

/* A value of exactly n bytes; otherwise it counts as missing. */
static bool get_fixed(struct state *s, const char *name, size_t n, struct cut *out, char bytes[VALUE_MAX],
                      bool *found, struct err *err)
{
        struct buf b;
        buf_init(&b, VALUE_MAX);
        bool ok = state_get(s, name, &b, found, err);
        *found = ok && *found && b.n == n;
        if (*found)
                memcpy(bytes, b.p, n);
        *out = (struct cut){ .rest = { bytes, n } };
        buf_clear(&b);
        return ok;
}

bool state_get_number(struct state *s, const char *name, uint64_t *out, struct err *err)
{
        char bytes[VALUE_MAX];
        struct cut c;
        bool found;
        if (!get_fixed(s, name, 8, &c, bytes, &found, err))
                return false;
        if (found)
                *out = cut_u64(&c);
        return true;
}

bool state_get_position(struct state *s, const char *name, struct position *out, struct err *err)
{
        char bytes[VALUE_MAX];
        struct cut c;
        bool found;
        if (!get_fixed(s, name, 16, &c, bytes, &found, err))
                return false;
        if (found) {
                out->epoch = cut_u64(&c);
                out->seq = cut_u64(&c);
        }
        return true;
}

static bool put_fixed(struct state *s, const char *name, uint64_t a, const uint64_t *b, struct err *err)
{
        struct buf v;
        buf_init(&v, VALUE_MAX);
        buf_put_u64(&v, a);
        if (b)
                buf_put_u64(&v, *b);
        bool ok = state_put(s, name, buf_slice(&v), err);
        buf_clear(&v);
        return ok;
}

bool state_put_number(struct state *s, const char *name, uint64_t value, struct err *err)
{
        return put_fixed(s, name, value, NULL, err);
}

bool state_put_position(struct state *s, const char *name, struct position value, struct err *err)
{
        return put_fixed(s, name, value.epoch, &value.seq, err);
}
