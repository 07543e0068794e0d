/* meet.c - whom the pump's judge knows: learnt in turns before the first record is judged, then from
 * each record as it is read, ahead of its judgement.
 *
 * When keys were destroyed (an erasure, a period that is over) all is forgotten and learnt anew from
 * what can still be read. That takes turns, so that hellos go on; meanwhile nothing is judged: a name
 * that is not known yet would leave. So that erasures, one after the other, do not keep everything at
 * home, it is learnt anew only after PAUSES times as long as learning took, at most an hour: until then
 * more is masked than need be.                                                             */
#include "base/clock.h"
#include "base/log.h"
#include "pump_private.h"

enum { LEARN_TURN = 1000, PAUSES = 20 };

void meet_forget(struct pump *p)
{
        if (p->judge)
                judge_know(p->judge, NULL);
        crowd_close(p->crowd);
        p->crowd = NULL;
        p->knows_all = false;
        p->people_since_us = 0;
}

void meet_judge(struct pump *p)
{
        p->seeks_people = book_seeks_people(p->book);
        judge_know(p->judge, p->seeks_people && p->crowd ? crowd_known(p->crowd) : NULL);
        if (!p->seeks_people)
                meet_forget(p);
}

static bool begin(struct pump *p, struct err *err)
{
        p->crowd_began_us = clock_mono_us();
        p->crowd_until_us = 0;
        p->crowd_generation = vault_key_generation(p->spec.vault);
        p->people_since_us = clock_now_us() - p->spec.settings.people_since_us;
        if (!crowd_open(&p->crowd, p->spec.vault, (size_t)p->spec.settings.people, p->people_since_us, err))
                return false;
        judge_know(p->judge, crowd_known(p->crowd));
        return true;
}

bool meet_record(struct pump *p, const struct record *r, struct err *err)
{
        return !p->seeks_people || !p->crowd || crowd_meet(p->crowd, r, err);
}

static void pause_learning(struct pump *p)
{
        int64_t now_us = clock_mono_us(), pause_us = PAUSES * (now_us - p->crowd_began_us);
        p->crowd_until_us = now_us + (pause_us < US_PER_HOUR ? pause_us : US_PER_HOUR);
}

/* Keys were destroyed since it was learnt. */
static bool is_outdated(const struct pump *p)
{
        return p->crowd && p->knows_all && vault_key_generation(p->spec.vault) != p->crowd_generation;
}

/* A turn. *ready: all that is in the vault is learnt. */
static bool go_on(struct pump *p, bool *ready, struct err *err)
{
        if (!crowd_learn(p->crowd, LEARN_TURN, ready, err))
                return false;
        if (*ready && !p->knows_all)
                log_info("pump", "knows who wrote here", "names=%zu", crowd_count(p->crowd));
        if (*ready && !p->crowd_until_us)
                pause_learning(p);
        p->knows_all = *ready;
        p->more = p->more || !*ready;
        return true;
}

bool meet_turn(struct pump *p, bool *ready, struct err *err)
{
        *ready = true;
        if (!p->seeks_people)
                return true;
        if (is_outdated(p) && clock_mono_us() >= p->crowd_until_us)
                meet_forget(p);
        if (!p->crowd && !begin(p, err)) {
                meet_forget(p);
                return false;
        }
        bool ok = go_on(p, ready, err);
        metric_set(&pump_metrics[PUMP_PEOPLE], (int64_t)crowd_count(p->crowd));
        return ok;
}
