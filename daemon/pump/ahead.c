/* ahead.c - many people who were not counted yet, counted together.
 *
 * Whoever is counted is so on stable storage before the record leaves: a sync each, milliseconds. When
 * a turn met many such people - a new year, a new region, a backlog of strangers - the entries of the
 * next are judged once before, and all who will leave are counted in one transaction. What then does
 * not leave after all was counted too much, never too little.                                */
#include "base/clock.h"
#include "pump_private.h"

enum { AHEAD_WORTH = 8, AHEAD_ARENA = 32 << 20 };

void ahead_close(struct pump *p)
{
        vault_reader_close(p->ahead.reader);
        arena_free(p->ahead.arena);
        p->ahead = (struct ahead){ .reader = NULL };
}

/* Entries after the position up to `to` are counted already. */
static bool is_paid(const struct pump *p)
{
        const struct ahead *h = &p->ahead;
        return h->reader && position_compare(p->position, h->from) >= 0 && position_compare(p->position, h->to) < 0;
}

static bool open_at(struct pump *p, struct err *err)
{
        struct ahead *h = &p->ahead;
        if (!h->arena)
                h->arena = arena_new(AHEAD_ARENA);
        if (!h->arena)
                return err_set(err, ERR_SYSTEM, 0, "no memory to count ahead");
        if (!h->reader || position_compare(p->position, h->to) != 0) {
                vault_reader_close(h->reader);
                h->reader = NULL;
                if (!vault_reader_open(&h->reader, p->spec.vault, p->position, err))
                        return false;
        }
        h->from = h->to = p->position;
        return true;
}

/* Whatever cannot be judged here is left to its turn. */
static bool count_entry(struct pump *p, const struct vault_entry *e, struct err *err)
{
        struct ahead *h = &p->ahead;
        struct err own = ERR_INIT;
        struct record r;
        struct answers asked;
        struct judgement j;
        int64_t now_us = clock_now_us();
        arena_reset(h->arena);
        if (!record_unflatten(&r, h->arena, e->plain, &own) || r.deleted ||
            !policy_ask(p->judge, now_us, &r, h->arena, &asked, &own) || asked.n == 0)
                return true;
        if (!counts_answer(&p->counts, e, &r, &asked, err))
                return false;
        if (!policy_judge(p->judge, now_us, &r, e->source, e->captured_us, &asked, h->arena, &j, &own) ||
            j.decision != DECISION_GO)
                return true;
        return counts_admit_later(&p->counts, e, &r, &asked, j.counts, err);
}

static bool count_entries(struct pump *p, struct err *err)
{
        struct ahead *h = &p->ahead;
        for (int i = 0; i < READ_TURN; i++) {
                enum vault_read what;
                struct vault_entry e;
                if (!vault_read(h->reader, &what, &e, err))
                        return false;
                if (what == VAULT_END)
                        break;
                h->to = e.at;
                if (what == VAULT_ENTRY && e.kind == ENTRY_RECORD && !read_skips(p, &e) && !count_entry(p, &e, err))
                        return false;
        }
        return counts_flush(&p->counts, err);
}

bool ahead_due(const struct pump *p)
{
        return p->counts.fresh >= AHEAD_WORTH && !is_paid(p);
}

bool ahead_count(struct pump *p, struct err *err)
{
        if (is_paid(p))
                return true;
        bool worth = p->counts.fresh >= AHEAD_WORTH;
        p->counts.fresh = 0;
        if (!worth) {
                vault_reader_close(p->ahead.reader);
                p->ahead.reader = NULL;
                return true;
        }
        return open_at(p, err) && count_entries(p, err);
}
