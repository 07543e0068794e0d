/* speak_counts.c - in plain English: who is counted, what is sensitive, whom a small group hides. */
#include <inttypes.h>

#include "asking.h"

static void speak_over(const struct stretch *over, const char *text, struct buf *out)
{
        if (over->days || over->months)
                buf_printf(out, "within any %s", text);
        else
                buf_puts(out, "from 1 January on");
}

static void speak_counter(const struct book *b, const struct counter *c, struct buf *out)
{
        static const char *const whom[COUNTEDS] = { "different people", "different people of sensitive records",
                                                    "different records" };
        static const char *const rest[] = { "", "waits for a person", "stays at home" };
        buf_puts(out, "- Counted ");
        speak_over(&c->over, c->over_text, out);
        buf_printf(out, ": at most %" PRIu64 " %s", counter_part(c, b->region, c->ceiling), whom[c->of]);
        if (c->n_shares && b->region)
                buf_printf(out, ", %s's part of %" PRId64, b->region, c->ceiling);
        buf_printf(out, "; whoever would be one more %s.", rest[c->then]);
        law_cite(out, &c->at);
}

static void speak_sensitive(const struct sensitive *s, struct buf *out)
{
        const char *comma = "";
        buf_puts(out, "- Sensitive are records");
        for (int k = 0; k < RECORD_KINDS; k++)
                if (s->kinds >> k & 1) {
                        buf_printf(out, "%s %s", comma, kind_name((enum record_kind)k));
                        comma = ",";
                }
        for (int id = 0; id < detect_count(); id++)
                if (detect_has(s->found, id)) {
                        buf_printf(out, "%s with %s", comma, detect_name(id));
                        comma = ",";
                }
        if (s->under)
                buf_printf(out, "%s of people under %" PRId64, comma, s->under);
        buf_puts(out, ".");
        law_cite(out, &s->at);
}

static void speak_small(const struct small_group *g, struct buf *out)
{
        static const char *const then[SMALL_THENS] = { "they leave coarser, or not at all", "they do not leave",
                                                       "the record waits for a person", "the record stays at home" };
        buf_puts(out, "- Where fewer than ");
        buf_printf(out, "%" PRId64 " people within %s share", g->fewer_than, g->within_text);
        for (size_t i = 0; i < g->n_fields; i++)
                buf_printf(out, "%s %s", i ? " and" : "", field_name((enum field)g->fields[i]));
        buf_printf(out, ": %s.", then[g->then]);
        law_cite(out, &g->at);
}

void speak_counts(const struct book *b, const struct policy *p, struct buf *out)
{
        for (size_t i = 0; i < p->n_counters; i++)
                speak_counter(b, &p->counters[i], out);
        if (p->sensitive)
                speak_sensitive(p->sensitive, out);
        for (size_t i = 0; i < p->n_small; i++)
                speak_small(&p->small[i], out);
}
