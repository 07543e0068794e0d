/* crowd.c - who is known in a region, learnt from the vault's recent records.
 *
 * What cannot be read any more - a key destroyed by an erasure, a period that is over - teaches nothing. */
#include "pump/crowd.h"

#include <stdlib.h>

#include "base/arena.h"

enum { ARENA_ONE = 32 << 20 };

struct crowd {
        struct known *known;
        struct vault_reader *reader; /* NULL: all that lay in the vault is learnt */
        struct arena *arena;         /* of one record, as long as there is a reader */
        uint64_t read;
};

static bool no_memory(struct err *err)
{
        return err_set(err, ERR_RETRY, 0, "could not learn who is known in the region: out of memory");
}

static void stop_reading(struct crowd *c)
{
        vault_reader_close(c->reader);
        arena_free(c->arena);
        c->reader = NULL;
        c->arena = NULL;
}

bool crowd_open(struct crowd **out, struct vault *v, size_t max_names, int64_t since_us, struct err *err)
{
        struct crowd *c = calloc(1, sizeof *c);
        struct position from = { 0, 0 };
        bool ok = c && (c->known = known_new(max_names)) && (c->arena = arena_new(ARENA_ONE));
        if (!ok)
                no_memory(err);
        else if (vault_since(v, since_us, &from)) /* else nobody wrote since */
                ok = vault_reader_open(&c->reader, v, from, err);
        if (!ok) {
                crowd_close(c);
                c = NULL;
        }
        *out = c;
        return ok;
}

void crowd_close(struct crowd *c)
{
        if (!c)
                return;
        stop_reading(c);
        known_free(c->known);
        free(c);
}

bool crowd_meet(struct crowd *c, const struct record *r, struct err *err)
{
        return known_learn(c->known, r) || no_memory(err);
}

static bool learn(struct crowd *c, const struct vault_entry *e, struct err *err)
{
        struct record r;
        struct err unreadable = ERR_INIT;
        arena_reset(c->arena);
        if (!record_unflatten(&r, c->arena, e->plain, &unreadable))
                return true; /* counted when it is judged */
        return crowd_meet(c, &r, err);
}

bool crowd_learn(struct crowd *c, size_t entries, bool *all, struct err *err)
{
        enum vault_read what = VAULT_END;
        struct vault_entry e;
        for (size_t i = 0; c->reader && i < entries; i++) {
                if (!vault_read(c->reader, &what, &e, err))
                        return false;
                if (what == VAULT_END)
                        stop_reading(c);
                else if (what == VAULT_ENTRY && e.kind == ENTRY_RECORD && !learn(c, &e, err))
                        return false;
                c->read += what != VAULT_END;
        }
        *all = !c->reader;
        return true;
}

const struct known *crowd_known(const struct crowd *c)
{
        return c->known;
}

size_t crowd_count(const struct crowd *c)
{
        return known_count(c->known);
}

uint64_t crowd_read(const struct crowd *c)
{
        return c->read;
}
