/* due.c - times that the law sets people, counted in the region's days. */
#include "policy/due.h"

#include <string.h>

#include "duties.h"

enum { SATURDAY = 5, COUNT_MAX = 4000 }; /* working days; more than ten years are no deadline */

const char *due_name(enum due_what w)
{
        static const char *const names[DUES] = { "access", "erasure", "authority", "people" };
        return (unsigned)w < DUES ? names[w] : "";
}

static int64_t begins(const struct zone *z, int64_t day)
{
        struct civil c;
        civil_of_us(&c, day * US_PER_DAY);
        return z ? zone_to_us(z, &c) : day * US_PER_DAY;
}

/* UTC's day is at most one off. */
static int64_t day_of(const struct zone *z, int64_t us)
{
        int64_t day = us / US_PER_DAY + 1;
        while (begins(z, day) > us)
                day--;
        return day;
}

static int64_t months_later(int64_t day, int64_t months)
{
        struct civil c;
        civil_of_us(&c, day * US_PER_DAY);
        int64_t month = (int64_t)c.year * 12 + c.month - 1 + months;
        int wanted = c.day;
        const struct civil first = { .year = (int)(month / 12), .month = (int)(month % 12) + 1, .day = 1 };
        const struct civil next = { .year = (int)((month + 1) / 12), .month = (int)((month + 1) % 12) + 1, .day = 1 };
        int64_t from = civil_to_us(&first) / US_PER_DAY, to = civil_to_us(&next) / US_PER_DAY;
        return from + wanted - 1 < to ? from + wanted - 1 : to - 1;
}

static bool is_worked(const struct holidays *h, int64_t day)
{
        int64_t weekday = ((day + 3) % 7 + 7) % 7; /* Monday is 0; 1 January 1970 was a Thursday */
        for (size_t i = 0; h && i < h->n; i++)
                if (h->days[i].day == day)
                        return h->days[i].worked;
        return weekday < SATURDAY;
}

static int64_t working_days_later(const struct holidays *h, int64_t day, int64_t n)
{
        for (int64_t left = n < COUNT_MAX ? n : COUNT_MAX; left > 0; left -= is_worked(h, day))
                day++;
        return day;
}

static bool unit_is(const struct duration *d, const char *unit)
{
        return strcmp(d->unit, unit) == 0;
}

/* From a moment on, or from the end of the day before. */
static int64_t later(const struct zone *z, const struct holidays *h, int64_t from_us, const struct duration *d)
{
        int64_t day = day_of(z, from_us);
        if (unit_is(d, "month"))
                day = months_later(day, d->amount);
        else if (unit_is(d, "year"))
                day = months_later(day, 12 * d->amount);
        else if (unit_is(d, "week"))
                day += 7 * d->amount;
        else if (unit_is(d, "day"))
                day += d->amount;
        else if (unit_is(d, "working day"))
                day = working_days_later(h, day, d->amount);
        else
                return from_us + d->us;
        return begins(z, day + 1) - 1;
}

struct dues {
        const struct book *b;
        int64_t from_us;
        struct due *out;
        size_t n;
};

static void put(struct dues *s, enum due_what what, const struct duration *d, const struct rights *r, const struct at *at)
{
        size_t i = 0;
        if (!d->amount)
                return;
        const struct holidays *h = r ? &r->off : NULL;
        struct due due = { .what = what, .by_us = later(s->b->zone, h, s->from_us, d), .extended_us = INT64_MIN,
                           .file = at->file, .because = at->because, .line = at->line };
        if (r && (what == DUE_ACCESS || what == DUE_ERASURE) && r->extension.amount)
                due.extended_us = later(s->b->zone, h, due.by_us, &r->extension);
        while (i < s->n && s->out[i].what != what)
                i++;
        if (i == s->n)
                s->out[s->n++] = due;
        else if (due.by_us < s->out[i].by_us)
                s->out[i] = due;
}

size_t book_due(const struct book *b, int64_t from_us, struct due out[DUES])
{
        struct dues s = { b, from_us, out, 0 };
        for (size_t c = 0; c < b->home.n_chain; c++) {
                const struct policy *p = b->home.chain[c];
                if (p->rights) {
                        put(&s, DUE_ACCESS, &p->rights->access, p->rights, &p->rights->at);
                        put(&s, DUE_ERASURE, &p->rights->erasure, p->rights, &p->rights->at);
                }
                for (size_t i = 0; i < p->n_breaches; i++)
                        put(&s, p->breaches[i].tell == TOLD_AUTHORITY ? DUE_AUTHORITY : DUE_PEOPLE, &p->breaches[i].within,
                            p->rights, &p->breaches[i].at);
        }
        return s.n;
}
