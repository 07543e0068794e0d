/* crowd.c - who is known in this region, for the judge: learnt from the vault's recent records
 * before the first is judged, then from each record as it is read, ahead of its judgement.
 *
 * Names are in memory only. When keys were destroyed (an erasure, a period that is over) all is
 * forgotten and learnt anew from what can still be read. That takes turns, so that hellos go on;
 * meanwhile nothing is judged: a name that is not known yet would leave. So that erasures, one after
 * the other, do not keep everything at home, it is learnt anew only after PAUSES times as long as
 * learning took, at most an hour: until then more is masked than need be.                */
#include "base/clock.h"
#include "base/log.h"
#include "pump_private.h"

enum { LEARN_TURN = 1000, PAUSES = 20 };

void crowd_forget(struct pump *p)
{
        if (p->judge)
                judge_know(p->judge, NULL);
        vault_reader_close(p->crowd_reader);
        known_free(p->crowd);
        p->crowd_reader = NULL;
        p->crowd = NULL;
}

void crowd_judge(struct pump *p)
{
        p->seeks_people = book_seeks_people(p->book);
        judge_know(p->judge, p->seeks_people ? p->crowd : NULL);
        if (!p->seeks_people)
                crowd_forget(p);
}

static bool no_memory(struct err *err)
{
        return err_set(err, ERR_RETRY, 0, "could not learn who is known in the region: out of memory");
}

static bool begin(struct pump *p, struct err *err)
{
        struct position from = { 0, 0 };
        p->crowd_began_us = clock_mono_us();
        p->crowd_until_us = 0;
        p->crowd_generation = vault_key_generation(p->spec.vault);
        p->crowd = known_new((size_t)p->spec.settings.people);
        if (!p->crowd)
                return no_memory(err);
        judge_know(p->judge, p->crowd);
        if (!vault_since(p->spec.vault, clock_now_us() - p->spec.settings.people_since_us, &from))
                return true; /* nobody wrote since */
        return vault_reader_open(&p->crowd_reader, p->spec.vault, from, err);
}

bool crowd_meet(struct pump *p, const struct record *r, struct err *err)
{
        return !p->seeks_people || !p->crowd || known_learn(p->crowd, r) || no_memory(err);
}

static bool learn(struct pump *p, const struct vault_entry *e, struct err *err)
{
        struct record r;
        struct err unreadable = ERR_INIT;
        arena_reset(p->arena);
        if (!record_unflatten(&r, p->arena, e->plain, &unreadable))
                return true; /* counted when it is judged */
        return crowd_meet(p, &r, err);
}

static void pause_learning(struct pump *p)
{
        int64_t now_us = clock_mono_us(), pause_us = PAUSES * (now_us - p->crowd_began_us);
        p->crowd_until_us = now_us + (pause_us < US_PER_HOUR ? pause_us : US_PER_HOUR);
}

/* Keys were destroyed since it was learnt. */
static bool is_outdated(const struct pump *p)
{
        return p->crowd && !p->crowd_reader && vault_key_generation(p->spec.vault) != p->crowd_generation;
}

/* A turn. *ready: all that is in the vault is learnt. */
static bool go_on(struct pump *p, bool *ready, struct err *err)
{
        enum vault_read what = VAULT_END;
        struct vault_entry e;
        for (int i = 0; p->crowd_reader && i < LEARN_TURN; i++) {
                if (!vault_read(p->crowd_reader, &what, &e, err))
                        return false;
                if (what == VAULT_END) {
                        vault_reader_close(p->crowd_reader);
                        p->crowd_reader = NULL;
                        log_info("pump", "knows who wrote here", "names=%zu", known_count(p->crowd));
                } else if (what == VAULT_ENTRY && e.kind == ENTRY_RECORD && !learn(p, &e, err)) {
                        return false;
                }
        }
        *ready = !p->crowd_reader;
        if (*ready && !p->crowd_until_us)
                pause_learning(p);
        p->more = p->more || !*ready;
        return true;
}

bool crowd_turn(struct pump *p, bool *ready, struct err *err)
{
        *ready = true;
        if (!p->seeks_people)
                return true;
        if (is_outdated(p) && clock_mono_us() >= p->crowd_until_us)
                crowd_forget(p);
        if (!p->crowd && !begin(p, err)) {
                crowd_forget(p);
                return false;
        }
        bool ok = go_on(p, ready, err);
        metric_set(&pump_metrics[PUMP_PEOPLE], p->crowd ? (int64_t)known_count(p->crowd) : 0);
        return ok;
}
