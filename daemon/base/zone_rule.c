/* zone_rule.c - POSIX TZ rules, with the wider hours of RFC 8536, section 3.3.1. */
#include <ctype.h>

#include "zone.h"

static bool take(struct slice *s, char c)
{
        if (s->n == 0 || s->p[0] != c)
                return false;
        s->p++, s->n--;
        return true;
}

/* A whole number of at most three digits. */
static bool number(struct slice *s, int *out)
{
        int v = 0, n = 0;
        while (n < 3 && s->n && isdigit((unsigned char)s->p[0])) {
                v = v * 10 + (s->p[0] - '0');
                s->p++, s->n--, n++;
        }
        *out = v;
        return n > 0;
}

/* "EST" or "<+0330>". */
static bool abbreviation(struct slice *s)
{
        bool quoted = take(s, '<');
        size_t n = 0;
        while (n < s->n && (quoted ? s->p[n] != '>' : isalpha((unsigned char)s->p[n]) != 0))
                n++;
        if (n < 3)
                return false;
        s->p += n, s->n -= n;
        return !quoted || take(s, '>');
}

/* [+-]hh[:mm[:ss]] in seconds. */
static bool hours(struct slice *s, int *out)
{
        bool negative = take(s, '-');
        int h, m = 0, sec = 0;
        if (!negative)
                take(s, '+');
        if (!number(s, &h) || h > 167)
                return false;
        if (take(s, ':') && (!number(s, &m) || m > 59))
                return false;
        if (take(s, ':') && (!number(s, &sec) || sec > 59))
                return false;
        *out = (h * 3600 + m * 60 + sec) * (negative ? -1 : 1);
        return true;
}

static bool change(struct slice *s, struct zone_change *c)
{
        bool ok;
        *c = (struct zone_change){ .second = 2 * 3600 };
        if (take(s, 'M')) {
                c->how = CHANGE_MONTH;
                ok = number(s, &c->month) && take(s, '.') && number(s, &c->week) && take(s, '.') &&
                     number(s, &c->day) && c->month >= 1 && c->month <= 12 && c->week >= 1 &&
                     c->week <= 5 && c->day <= 6;
        } else if (take(s, 'J')) {
                c->how = CHANGE_JULIAN;
                ok = number(s, &c->day) && c->day >= 1 && c->day <= 365;
        } else {
                c->how = CHANGE_DAY;
                ok = number(s, &c->day) && c->day <= 365;
        }
        return ok && (!take(s, '/') || hours(s, &c->second));
}

/* POSIX counts offsets westward; we count eastward. */
bool zone_rule_parse(struct zone_rule *out, struct slice s)
{
        int west;
        *out = (struct zone_rule){ 0 };
        if (!abbreviation(&s) || !hours(&s, &west))
                return false;
        out->standard = -west;
        if (s.n == 0)
                return true;
        out->has_daylight = true;
        out->daylight = out->standard + 3600;
        if (!abbreviation(&s))
                return false;
        if (s.n && s.p[0] != ',') {
                if (!hours(&s, &west))
                        return false;
                out->daylight = -west;
        }
        return take(&s, ',') && change(&s, &out->to_daylight) && take(&s, ',') &&
               change(&s, &out->to_standard) && s.n == 0;
}

static bool leap(int year)
{
        return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static int64_t day_number(int year, int month, int day)
{
        struct civil c = { .year = year, .month = month, .day = day };
        return civil_to_us(&c) / US_PER_DAY;
}

/* Days since the epoch of the week-th `weekday` of a month; week 5 is the last. */
static int64_t nth_weekday(int year, int month, int week, int weekday)
{
        int64_t first = day_number(year, month, 1);
        int64_t next = month == 12 ? day_number(year + 1, 1, 1) : day_number(year, month + 1, 1);
        int64_t of_first = ((first + 4) % 7 + 7) % 7; /* 1970-01-01 was a Thursday */
        int64_t day = first + (weekday - of_first + 7) % 7 + (week - 1) * INT64_C(7);
        while (day >= next)
                day -= 7;
        return day;
}

/* The local second, counted as if it were UTC, at which a change happens. */
static int64_t change_in(const struct zone_change *c, int year)
{
        int64_t day = 0;
        switch (c->how) {
        case CHANGE_MONTH:
                day = nth_weekday(year, c->month, c->week, c->day);
                break;
        case CHANGE_JULIAN: /* 29 February is never counted */
                day = day_number(year, 1, 1) + c->day - 1 + (leap(year) && c->day >= 60);
                break;
        case CHANGE_DAY:
                day = day_number(year, 1, 1) + c->day;
                break;
        }
        return day * 86400 + c->second;
}

int64_t zone_rule_offset(const struct zone_rule *r, int64_t t)
{
        if (!r->has_daylight)
                return r->standard;
        struct civil now;
        civil_of_us(&now, (t + r->standard) * US_PER_SECOND);
        int64_t begins = change_in(&r->to_daylight, now.year) - r->standard;
        int64_t ends = change_in(&r->to_standard, now.year) - r->daylight;
        bool daylight = begins < ends ? t >= begins && t < ends /* north */
                                      : t >= begins || t < ends; /* south */
        return daylight ? r->daylight : r->standard;
}
