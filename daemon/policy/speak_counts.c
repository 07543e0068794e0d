/* speak_counts.c - who is counted, what is sensitive, whom a small group hides. */
#include "asking.h"
#include "tongue.h"

static const char *over_said(struct speaker *s, const struct stretch *over)
{
        if (!over->days && !over->months)
                return s->t->says[SAY_OVER_YEAR];
        return PART(s, SAY_OVER_SPAN, TEXT("time", over->months ? amount_said(s, UNIT_MONTH, over->months)
                                                                : amount_said(s, UNIT_DAY, over->days)));
}

static void speak_counter(struct speaker *s, const struct book *b, const struct counter *c)
{
        enum say what = (enum say)(SAY_COUNTED_PEOPLE + (int)c->of);
        TELL(s, SAY_COUNTER, &c->at, TEXT("over", over_said(s, &c->over)),
             NUMBER("ceiling", (int64_t)counter_part(c, b->region, c->ceiling)), TEXT("what", s->t->says[what]),
             TEXT("then", decision_said(s, c->then)));
        if (c->n_shares && b->region)
                TELL(s, SAY_COUNTER_SHARED, &c->at, NUMBER("whole", c->ceiling));
        if (c->warn_at > 0 && c->warn_at < c->ceiling)
                TELL(s, SAY_COUNTER_WARN, &c->at, NUMBER("count", (int64_t)counter_part(c, b->region, c->warn_at)));
}

static void speak_sensitive(struct speaker *s, const struct sensitive *what)
{
        struct list found = { .n = 0 };
        for (int id = 0; id < detect_count(); id++)
                if (detect_has(what->found, id))
                        list_add(&found, term_said(s, OF_FIND, detect_name(id)));
        if (what->kinds)
                TELL(s, SAY_SENSITIVE_KINDS, &what->at, TEXT("kinds", kinds_said(s, what->kinds, false)));
        if (found.n)
                TELL(s, SAY_SENSITIVE_FOUND, &what->at, TEXT("what", list_said(s, &found, s->t->all)));
        if (what->under)
                TELL(s, SAY_SENSITIVE_UNDER, &what->at, NUMBER("age", what->under));
}

static void speak_small(struct speaker *s, const struct small_group *g)
{
        struct list fields = { .n = 0 };
        for (size_t i = 0; i < g->n_fields; i++)
                list_add(&fields, term_said(s, OF_FIELD, field_name((enum field)g->fields[i])));
        TELL(s, (enum say)(SAY_SMALL_GENERALISE + (int)g->then), &g->at, NUMBER("count", g->fewer_than),
             TEXT("time", g->within.months ? amount_said(s, UNIT_MONTH, g->within.months)
                                           : amount_said(s, UNIT_DAY, g->within.days)),
             TEXT("fields", list_said(s, &fields, s->t->all)));
}

void speak_counts(struct speaker *s, const struct book *b)
{
        speaker_section(s, SAY_HEAD_COUNTS);
        for (size_t i = 0; i < b->home.n_chain; i++) {
                const struct policy *p = b->home.chain[i];
                for (size_t k = 0; k < p->n_counters; k++)
                        speak_counter(s, b, &p->counters[k]);
                if (p->sensitive)
                        speak_sensitive(s, p->sensitive);
                for (size_t k = 0; k < p->n_small; k++)
                        speak_small(s, &p->small[k]);
        }
}
