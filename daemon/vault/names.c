/* names.c - small numbers for sources, classes and periods: an entry's header holds
 * numbers, keys.db what they stand for. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "keyring.h"

enum { NUMBER_MAX = 65535 };

void keyring_forget_names(struct keyring *k)
{
        struct names *both[] = { &k->sources, &k->classes };

        for (int i = 0; i < 2; i++) {
                while (both[i]->n > 0)
                        free(both[i]->at[--both[i]->n]);
                both[i]->last = 0;
        }
}

static struct cached_name *find_name(struct names *all, struct slice name)
{
        if (all->last < all->n && slice_is(name, all->at[all->last]->name))
                return all->at[all->last];
        for (size_t i = 0; i < all->n; i++)
                if (slice_is(name, all->at[i]->name))
                        return all->at[all->last = i];
        return NULL;
}

static struct cached_name *find_number(struct names *all, uint32_t number)
{
        if (all->last < all->n && all->at[all->last]->number == number)
                return all->at[all->last];
        for (size_t i = 0; i < all->n; i++)
                if (all->at[i]->number == number)
                        return all->at[all->last = i];
        return NULL;
}

/* When the cache is full the oldest half goes; a name is looked up again then. */
static struct cached_name *keep(struct names *all, uint32_t number, struct slice name)
{
        struct cached_name *c = malloc(sizeof *c);

        if (!c)
                return NULL;
        if (all->n == NAMES_CACHED) {
                for (size_t i = 0; i < NAMES_CACHED / 2; i++)
                        free(all->at[i]);
                memmove(all->at, all->at + NAMES_CACHED / 2, NAMES_CACHED / 2 * sizeof all->at[0]);
                all->n = NAMES_CACHED / 2;
        }
        c->number = number;
        snprintf(c->name, sizeof c->name, "%.*s", SLICE_ARG(name));
        all->last = all->n;
        return all->at[all->n++] = c;
}

struct table {
        const char *what, *select, *insert, *select_name;
};
static const struct table source_table = {
        "source", "SELECT number FROM source WHERE name = ?1",
        "INSERT INTO source (name) VALUES (?1)", "SELECT name FROM source WHERE number = ?1"
};
static const struct table class_table = {
        "class", "SELECT number FROM class WHERE name = ?1",
        "INSERT INTO class (name) VALUES (?1)", "SELECT name FROM class WHERE number = ?1"
};

static bool insert_name(struct keyring *k, const struct table *t, struct slice name,
                        uint32_t *number, struct err *err)
{
        struct db_stmt *s;

        if (!keyring_begin(k, err))
                return false;
        s = db_prepare(k->db, t->insert);
        db_bind_text(s, 1, name);
        if (!db_do(s, err))
                return false;
        if (db_last_id(k->db) > NUMBER_MAX)
                return err_set(err, ERR_DATA, 0, "more than %d %s names", NUMBER_MAX, t->what);
        *number = (uint32_t)db_last_id(k->db);
        return true;
}

static bool number_of(struct keyring *k, struct names *all, const struct table *t,
                      struct slice name, uint32_t *number, struct err *err)
{
        struct cached_name *c = find_name(all, name);
        struct db_stmt *s;
        bool row;

        if (c) {
                *number = c->number;
                return true;
        }
        if (name.n > CLASS_NAME_MAX || (name.n && memchr(name.p, 0, name.n)))
                return err_set(err, ERR_DATA, 0, "%s name is too long", t->what);
        s = db_prepare(k->db, t->select);
        db_bind_text(s, 1, name);
        if (!db_step(s, &row, err))
                return false;
        if (row)
                *number = (uint32_t)db_int(s, 0);
        db_reset(s);
        if (!row && !insert_name(k, t, name, number, err))
                return false;
        return keep(all, *number, name) || err_set(err, ERR_SYSTEM, 0, "no memory for a name");
}

static bool name_of(struct keyring *k, struct names *all, const struct table *t, uint32_t number,
                    struct slice *out, struct err *err)
{
        struct cached_name *c = find_number(all, number);
        struct db_stmt *s;
        bool row;

        *out = SLICE("");
        if (!c && number != 0) {
                s = db_prepare(k->db, t->select_name);
                db_bind_int(s, 1, number);
                if (!db_step(s, &row, err))
                        return false;
                c = row ? keep(all, number, db_bytes(s, 0)) : NULL;
                db_reset(s);
        }
        if (c)
                *out = slice_of(c->name);
        return true;
}

bool keyring_source(struct keyring *k, struct slice name, uint32_t *number, struct err *err)
{
        return number_of(k, &k->sources, &source_table, name, number, err);
}

bool keyring_class(struct keyring *k, const char *name, uint32_t *number, struct err *err)
{
        return number_of(k, &k->classes, &class_table, slice_of(name), number, err);
}

bool keyring_source_name(struct keyring *k, uint32_t number, struct slice *out, struct err *err)
{
        return name_of(k, &k->sources, &source_table, number, out, err);
}

bool keyring_class_name(struct keyring *k, uint32_t number, struct slice *out, struct err *err)
{
        return name_of(k, &k->classes, &class_table, number, out, err);
}

/* ---- periods ----------------------------------------------------------- */

static struct cached_period *period_slot(struct keyring *k, uint32_t class)
{
        return &k->periods[class % (sizeof k->periods / sizeof k->periods[0])];
}

static bool insert_period(struct keyring *k, struct cached_period *p, struct err *err)
{
        uint8_t key[KEY_BYTES];
        struct buf wrapped;
        struct db_stmt *s;
        bool ok = false;

        buf_init(&wrapped, WRAPPED_BYTES);
        random_bytes(key, sizeof key);
        if (!keyring_begin(k, err))
                goto out;
        s = db_prepare(k->db, "INSERT INTO period (class, begins_us, ends_us) VALUES (?1, ?2, ?3)");
        db_bind_int(s, 1, p->class);
        db_bind_int(s, 2, p->begins_us);
        db_bind_int(s, 3, p->ends_us);
        if (!db_do(s, err))
                goto out;
        p->number = (uint64_t)db_last_id(k->db);
        if (!keyring_wrap(k, k->master, "period", p->number, slice_make(key, KEY_BYTES), &wrapped, err))
                goto out;
        s = db_prepare(k->db, "UPDATE period SET wrapped = ?2 WHERE number = ?1");
        db_bind_int(s, 1, (int64_t)p->number);
        db_bind_bytes(s, 2, buf_slice(&wrapped));
        ok = db_do(s, err);
out:
        bytes_wipe(key, sizeof key);
        buf_clear(&wrapped);
        return ok;
}

/* A span that became shorter: the period ends as if it had been so from its beginning, or now. */
static bool shorten(struct keyring *k, struct cached_period *p, int64_t now_us, int64_t span_us, struct err *err)
{
        struct db_stmt *s;

        p->ends_us = p->begins_us + span_us > now_us ? p->begins_us + span_us : now_us;
        if (!keyring_begin(k, err))
                return false;
        s = db_prepare(k->db, "UPDATE period SET ends_us = ?2 WHERE number = ?1");
        db_bind_int(s, 1, (int64_t)p->number);
        db_bind_int(s, 2, p->ends_us);
        return db_do(s, err);
}

/* One whose key was destroyed does not come back; a new one begins. */
static bool select_period(struct keyring *k, uint32_t class, int64_t now_us,
                          struct cached_period *out, struct err *err)
{
        struct db_stmt *s = db_prepare(k->db, "SELECT number, begins_us, ends_us FROM period WHERE"
                                              " class = ?1 AND ends_us > ?2 AND begins_us <= ?2"
                                              " AND wrapped IS NOT NULL ORDER BY number DESC");
        bool row;

        db_bind_int(s, 1, class);
        db_bind_int(s, 2, now_us);
        if (!db_step(s, &row, err))
                return false;
        if (row)
                *out = (struct cached_period){ class, (uint64_t)db_int(s, 0), db_int(s, 1), db_int(s, 2) };
        db_reset(s);
        return true;
}

bool keyring_period(struct keyring *k, uint32_t class, int64_t now_us, int64_t span_us,
                    uint64_t *number, struct err *err)
{
        struct cached_period *slot = period_slot(k, class);
        struct cached_period p = { .class = class };

        if (slot->number == 0 || slot->class != class || now_us < slot->begins_us ||
            now_us >= slot->ends_us || slot->ends_us - slot->begins_us > span_us) {
                if (!select_period(k, class, now_us, &p, err) ||
                    (p.number && p.ends_us - p.begins_us > span_us && !shorten(k, &p, now_us, span_us, err)))
                        return false;
                if (p.number == 0 || now_us >= p.ends_us) {
                        p.begins_us = now_us;
                        p.ends_us = now_us + span_us;
                        if (!insert_period(k, &p, err))
                                return false;
                }
                *slot = p;
        }
        *number = slot->number;
        return true;
}
