/* ask.c - which questions a record raises, from which day on people count, and answers to them. */
#include <stdlib.h>
#include <string.h>

#include "asking.h"

/* ---- Days ----------------------------------------------------------------------- */

static int64_t day_begins(const struct zone *z, int64_t day)
{
        struct civil c;
        civil_of_us(&c, day * US_PER_DAY);
        return z ? zone_to_us(z, &c) : day * US_PER_DAY;
}

/* UTC's day is at most one off. */
static struct today find_day(const struct zone *z, int64_t now_us)
{
        int64_t day = now_us / US_PER_DAY + 1;
        while (day_begins(z, day) > now_us)
                day--;
        return (struct today){ day, day_begins(z, day), day_begins(z, day + 1) };
}

static int64_t day_of(struct judge *j, int64_t now_us)
{
        if (now_us < j->today.from_us || now_us >= j->today.to_us)
                j->today = find_day(j->book->zone, now_us);
        return j->today.day;
}

static int64_t day_number(int year, int month, int day)
{
        const struct civil c = { .year = year, .month = month, .day = day };
        return civil_to_us(&c) / US_PER_DAY;
}

static int64_t months_before(int64_t day, int64_t months)
{
        struct civil c;
        civil_of_us(&c, day * US_PER_DAY);
        int64_t month = (int64_t)c.year * 12 + c.month - 1 - months;
        int64_t first = day_number((int)(month / 12), (int)(month % 12) + 1, 1);
        int64_t next = day_number((int)((month + 1) / 12), (int)((month + 1) % 12) + 1, 1);
        int64_t out = first + c.day - 1;
        return out < next ? out : next - 1; /* 31 March, a month before: 28 February */
}

int64_t stretch_since(const struct stretch *s, int64_t today, bool far)
{
        struct civil c;
        if (s->days)
                return today - s->days + !far;
        if (s->months)
                return months_before(today, s->months) + !far;
        civil_of_us(&c, today * US_PER_DAY);
        return day_number(c.year, 1, 1);
}

/* ---- As written ------------------------------------------------------------------ */

static bool stretch_of(const struct duration *d, struct stretch *out)
{
        bool week = strcmp(d->unit, "week") == 0, year = strcmp(d->unit, "year") == 0;
        *out = (struct stretch){ 0 };
        if (week || strcmp(d->unit, "day") == 0)
                out->days = week ? 7 * d->amount : d->amount;
        else if (year || strcmp(d->unit, "month") == 0)
                out->months = year ? 12 * d->amount : d->amount;
        return (out->days > 0 && out->days <= 3660) || (out->months > 0 && out->months <= 120);
}

bool law_stretch(struct reader *r, const struct conf_node *line, const char *key, bool year, struct stretch *out,
                 const char **text)
{
        struct duration d;
        struct err err = ERR_INIT;
        const char *s = law_text(r, line, key, MUST);
        if (!s)
                return false;
        *text = s;
        if (year && strcmp(s, "calendar year") == 0) {
                *out = (struct stretch){ 0 };
                return true;
        }
        if (duration_parse(&d, slice_of(s), &err) && d.amount > 0 && d.amount <= 3660 && stretch_of(&d, out))
                return true;
        law_complain(r, conf_get(line, key),
                     year ? "Write \"calendar year\", or whole days, weeks, months or years: \"12 months\"."
                          : "Write whole days, weeks, months or years, at most ten years: \"28 days\".",
                     "\"%s\" is not a stretch of days: \"%s\"", key, s);
        return false;
}

/* ---- Of a chain ----------------------------------------------------------------- */

bool law_merge_asking(struct law *law)
{
        size_t counters = 0, small = 0;
        for (size_t c = 0; c < law->n_chain; c++) {
                counters += law->chain[c]->n_counters;
                small += law->chain[c]->n_small;
        }
        law->counters = arena_array(law->arena, counters, sizeof *law->counters);
        law->small = arena_array(law->arena, small, sizeof *law->small);
        if (!law->counters || !law->small)
                return false;
        for (size_t c = 0; c < law->n_chain; c++) {
                for (size_t i = 0; i < law->chain[c]->n_counters; i++)
                        law->counters[law->n_counters++] = &law->chain[c]->counters[i];
                for (size_t i = 0; i < law->chain[c]->n_small; i++)
                        law->small[law->n_small++] = &law->chain[c]->small[i];
        }
        return true;
}

/* ---- Questions ------------------------------------------------------------------- */

static struct question *put(struct answers *out, struct question q)
{
        if (out->n == QUESTIONS_MAX)
                return NULL; /* unanswered then, and so closed */
        out->of[out->n] = q;
        return &out->of[out->n++];
}

static void ask_counter(const struct book *b, const struct counter *c, int64_t today, struct answers *out)
{
        put(out, (struct question){
                         .of = c->of == COUNTED_RECORDS ? QUESTION_RECORDS : QUESTION_PEOPLE,
                         .line = c,
                         .id = c->id,
                         .file = c->at.file,
                         .at_line = c->at.line,
                         .once = !c->over.days && !c->over.months,
                         .today = today,
                         .since = stretch_since(&c->over, today, true),
                         .ceiling = counter_part(c, b->region, c->ceiling),
                         .warn_at = counter_part(c, b->region, c->warn_at),
                 });
}

static bool ask_group(const struct law *law, const struct small_group *g, const struct record *r, int64_t today,
                      bool coarser, struct arena *a, struct answers *out)
{
        bool full = false;
        struct slice combination = small_group_combination(law, g, r, coarser, a, &full);
        if (combination.p)
                put(out, (struct question){
                                 .of = QUESTION_GROUP,
                                 .line = g,
                                 .id = g->id,
                                 .file = g->at.file,
                                 .at_line = g->at.line,
                                 .combination = combination,
                                 .coarser = coarser,
                                 .today = today,
                                 .since = stretch_since(&g->within, today, false),
                                 .ceiling = (uint64_t)g->fewer_than,
                         });
        return !full;
}

/* The day that is noted first stays. Days are UTC's, as those of filing.c. */
static void ask_first(const struct transfer *t, int64_t now_us, struct answers *out)
{
        put(out, (struct question){
                         .of = QUESTION_FIRST,
                         .line = t,
                         .id = t->filing.first_id,
                         .file = t->at.file,
                         .at_line = t->at.line,
                         .once = true,
                         .today = now_us / US_PER_DAY,
                         .since = 0,
                         .ceiling = UINT64_MAX,
                         .warn_at = UINT64_MAX,
                         .days = t->filing.days,
                 });
}

bool policy_ask(struct judge *j, int64_t now_us, const struct record *r, struct arena *a, struct answers *out,
                struct err *err)
{
        const struct law *law = law_of(j->book, r);
        out->n = 0;
        if ((unsigned)r->kind >= RECORD_KINDS || law->records[r->kind] == DECISION_STAY ||
            (!law->n_counters && !law->n_small && !law->n_firsts))
                return true;
        int64_t today = day_of(j, now_us);
        bool ok = true;
        for (size_t i = 0; i < law->n_counters; i++)
                if (counter_may_concern(law, law->counters[i], r))
                        ask_counter(j->book, law->counters[i], today, out);
        for (size_t i = 0; ok && i < law->n_small; i++) {
                const struct small_group *g = law->small[i];
                ok = ask_group(law, g, r, today, false, a, out) &&
                     (g->then != SMALL_GENERALISE || ask_group(law, g, r, today, true, a, out));
        }
        for (size_t i = 0; i < law->n_firsts; i++)
                if (transfer_asks(law->firsts[i], now_us))
                        ask_first(law->firsts[i], now_us, out);
        return ok || err_set(err, ERR_FULL, 0, "no room left to judge a record in");
}

static bool asks_already(const struct answers *out, const struct counter *c)
{
        for (size_t i = 0; i < out->n; i++)
                if (out->of[i].line == c)
                        return true;
        return false;
}

static void ask_all(const struct book *b, const struct law *law, int64_t today, struct answers *out)
{
        for (size_t i = 0; i < law->n_counters; i++)
                if (!asks_already(out, law->counters[i]))
                        ask_counter(b, law->counters[i], today, out);
}

void policy_counters(const struct book *b, int64_t now_us, struct answers *out)
{
        int64_t today = find_day(b->zone, now_us).day;
        out->n = 0;
        ask_all(b, &b->home, today, out);
        for (size_t i = 0; i < b->n_beside; i++)
                ask_all(b, b->beside[i], today, out);
}

/* ---- Answers --------------------------------------------------------------------- */

const struct question *trial_answer(const struct trial *t, const void *line, bool coarser)
{
        for (size_t i = 0; t->answers && i < t->answers->n; i++) {
                const struct question *q = &t->answers->of[i];
                if (q->line == line && q->coarser == coarser)
                        return q->known ? q : NULL;
        }
        return NULL;
}

void answers_assume(struct answers *a, const struct assumed *as)
{
        for (size_t i = 0; i < a->n; i++) {
                struct question *q = &a->of[i];
                q->known = true;
                q->counted = q->of == QUESTION_FIRST && as->first_days;
                q->day = q->today - as->first_days;
                q->people = q->of != QUESTION_GROUP ? as->counted : q->coarser ? as->coarser : as->group;
        }
}

void judge_assume(struct judge *j, const struct assumed *as)
{
        j->assumed = *as;
        judge_know_names(j, as->known);
}
