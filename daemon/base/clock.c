/* clock.c - time and calendar: no locale, no TZ variable, no static state. */
#include "base/clock.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

static int64_t read_clock(clockid_t id)
{
        struct timespec t;
        clock_gettime(id, &t);
        return (int64_t)t.tv_sec * US_PER_SECOND + t.tv_nsec / 1000;
}

int64_t clock_now_us(void)
{
        return read_clock(CLOCK_REALTIME);
}

int64_t clock_mono_us(void)
{
        return read_clock(CLOCK_MONOTONIC);
}

/* Days since 1970-01-01 of a proleptic Gregorian date; years are counted from
 * March so that the leap day comes last, in eras of 400 years (146,097 days). */
static int64_t days_of(int64_t year, int month, int day)
{
        year -= month <= 2;
        int64_t era = (year >= 0 ? year : year - 399) / 400;
        int64_t year_of_era = year - era * 400;
        int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
        int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
        return era * 146097 + day_of_era - 719468;
}

static void date_of(struct civil *c, int64_t days)
{
        days += 719468;
        int64_t era = (days >= 0 ? days : days - 146096) / 146097;
        int64_t doe = days - era * 146097;
        int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
        int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
        int64_t month_from_march = (5 * doy + 2) / 153;
        c->day = (int)(doy - (153 * month_from_march + 2) / 5 + 1);
        c->month = (int)(month_from_march < 10 ? month_from_march + 3 : month_from_march - 9);
        c->year = (int)(yoe + era * 400 + (c->month <= 2));
}

int64_t civil_to_us(const struct civil *c)
{
        int64_t s = days_of(c->year, c->month, c->day) * 86400 + c->hour * INT64_C(3600) +
                    c->minute * INT64_C(60) + c->second;
        return s * US_PER_SECOND + c->microsecond;
}

void civil_of_us(struct civil *out, int64_t us)
{
        int64_t days = us / US_PER_DAY, rest = us % US_PER_DAY;
        if (rest < 0) {
                days--;
                rest += US_PER_DAY;
        }
        date_of(out, days);
        int64_t s = rest / US_PER_SECOND;
        out->hour = (int)(s / 3600);
        out->minute = (int)(s / 60 % 60);
        out->second = (int)(s % 60);
        out->microsecond = (int)(rest % US_PER_SECOND);
}

static bool real_date(const struct civil *c)
{
        static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
        if (c->year < 1 || c->year > 9999 || c->month < 1 || c->month > 12 || c->day < 1)
                return false;
        bool leap = c->year % 4 == 0 && (c->year % 100 != 0 || c->year % 400 == 0);
        return c->day <= days[c->month - 1] + (leap && c->month == 2);
}

static bool real_time(struct civil *c)
{
        if (c->hour > 23 || c->minute > 59 || c->second > 60)
                return false;
        if (c->second == 60) /* a leap second is the last of its minute */
                c->second = 59;
        return true;
}

/* Exactly n digits, or at least one and at most n when `some`. */
static bool digits(struct slice *s, int n, bool some, int *out)
{
        int v = 0, i = 0;
        while (i < n && (size_t)i < s->n && isdigit((unsigned char)s->p[i]))
                v = v * 10 + (s->p[i++] - '0');
        if (some ? i == 0 : i != n)
                return false;
        s->p += i;
        s->n -= (size_t)i;
        *out = v;
        return true;
}

static bool take(struct slice *s, char c)
{
        if (s->n == 0 || s->p[0] != c)
                return false;
        s->p++, s->n--;
        return true;
}

/* One digit or more; what is beyond microseconds is cut off. */
static bool fraction(struct slice *s, int *us)
{
        int v = 0, n = 0;
        while (s->n && isdigit((unsigned char)s->p[0])) {
                if (n < 6)
                        v = v * 10 + (s->p[0] - '0');
                n++;
                s->p++, s->n--;
        }
        for (int i = n; i < 6; i++)
                v *= 10;
        *us = v;
        return n > 0;
}

/* Z or ±hh:mm; without the colon too when `loose`. */
static bool offset(struct slice *s, bool loose, int *seconds)
{
        if (take(s, 'Z') || take(s, 'z')) {
                *seconds = 0;
                return true;
        }
        bool west = s->n && s->p[0] == '-';
        int h, m;
        if (!take(s, '+') && !take(s, '-'))
                return false;
        if (!digits(s, 2, false, &h) || (!take(s, ':') && !loose) || !digits(s, 2, false, &m) ||
            h > 23 || m > 59)
                return false;
        *seconds = (h * 3600 + m * 60) * (west ? -1 : 1);
        return true;
}

static bool date(struct slice *s, struct civil *c)
{
        return digits(s, 4, false, &c->year) && take(s, '-') && digits(s, 2, false, &c->month) &&
               take(s, '-') && digits(s, 2, false, &c->day) && real_date(c);
}

bool clock_parse_rfc3339(int64_t *out_us, struct slice s)
{
        struct civil c = { 0 };
        int east;
        if (!date(&s, &c) || !(take(&s, 'T') || take(&s, 't') || take(&s, ' ')))
                return false;
        if (!digits(&s, 2, false, &c.hour) || !take(&s, ':') || !digits(&s, 2, false, &c.minute) ||
            !take(&s, ':') || !digits(&s, 2, false, &c.second) || !real_time(&c))
                return false;
        if (take(&s, '.') && !fraction(&s, &c.microsecond))
                return false;
        if (!offset(&s, false, &east) || s.n)
                return false;
        int64_t us = civil_to_us(&c) - east * US_PER_SECOND;
        /* An offset may push the first or last day out of the years that can be written. */
        struct civil utc;
        civil_of_us(&utc, us);
        if (utc.year < 1 || utc.year > 9999)
                return false;
        *out_us = us;
        return true;
}

/* n digits of v, zeros before; returns what follows them. */
static char *put_digits(char *out, int n, int v)
{
        for (int i = n - 1; i >= 0; i--, v /= 10)
                out[i] = (char)('0' + v % 10);
        return out + n;
}

const char *clock_format_rfc3339(char out[CLOCK_TEXT_MAX], int64_t us)
{
        struct civil c;
        char *p = out;
        civil_of_us(&c, us);
        if (c.year < 0 || c.year > 9999) { /* no instant of ours; say so in any case */
                snprintf(out, CLOCK_TEXT_MAX, "year %d", c.year);
                return out;
        }
        const int fields[] = { c.month, c.day, c.hour, c.minute, c.second };
        p = put_digits(p, 4, c.year);
        for (size_t i = 0; i < 5; i++) {
                *p++ = "--T::"[i];
                p = put_digits(p, 2, fields[i]);
        }
        if (c.microsecond) {
                *p++ = '.';
                p = put_digits(p, 6, c.microsecond);
        }
        *p++ = 'Z';
        *p = 0;
        return out;
}

bool clock_parse_date(int64_t *out_us, struct slice text)
{
        struct civil c = { 0 };
        if (!date(&text, &c) || text.n)
                return false;
        *out_us = civil_to_us(&c);
        return true;
}

/* What civil_parse() gathers besides the fields themselves. */
struct reading {
        struct civil c;
        bool pm, has_pm, has_offset;
        int offset_s;
};

/* English, German, Indonesian: full names and what people shorten them to. */
static const struct {
        const char *name;
        int month;
} months[] = {
        { "january", 1 },  { "januari", 1 },   { "januar", 1 },   { "jan", 1 },    { "j\xc3\xa4nner", 1 },
        { "february", 2 }, { "februari", 2 },  { "pebruari", 2 }, { "februar", 2 }, { "feb", 2 },
        { "march", 3 },    { "maret", 3 },     { "m\xc3\xa4rz", 3 }, { "m\xc3\x84rz", 3 }, { "maerz", 3 }, { "mrz", 3 },
        { "m\xc3\xa4r", 3 }, { "mar", 3 },
        { "april", 4 },    { "apr", 4 },       { "may", 5 },      { "mei", 5 },    { "mai", 5 },
        { "june", 6 },     { "juni", 6 },      { "jun", 6 },      { "july", 7 },   { "juli", 7 },  { "jul", 7 },
        { "august", 8 },   { "agustus", 8 },   { "aug", 8 },      { "agust", 8 },  { "agu", 8 },   { "ags", 8 }, { "agt", 8 },
        { "september", 9 }, { "sept", 9 },     { "sep", 9 },      { "october", 10 }, { "oktober", 10 },
        { "oct", 10 },     { "okt", 10 },      { "november", 11 }, { "nopember", 11 }, { "nov", 11 }, { "nop", 11 },
        { "december", 12 }, { "desember", 12 }, { "dezember", 12 }, { "dec", 12 }, { "des", 12 },  { "dez", 12 },
};

bool civil_month(struct slice *s, int *month)
{
        size_t best = 0;
        for (size_t i = 0; i < sizeof months / sizeof *months; i++) {
                struct slice name = slice_of(months[i].name);
                if (name.n <= best || s->n < name.n || !slice_eq_nocase(slice_make(s->p, name.n), name))
                        continue;
                best = name.n;
                *month = months[i].month;
        }
        s->p += best, s->n -= best;
        return best > 0;
}

static bool am_or_pm(struct slice *s, struct reading *r)
{
        if (s->n < 2 || (s->p[1] != 'M' && s->p[1] != 'm') || !strchr("AaPp", s->p[0]) || !s->p[0])
                return false;
        r->pm = s->p[0] == 'P' || s->p[0] == 'p';
        r->has_pm = true;
        s->p += 2, s->n -= 2;
        return true;
}

static bool zone_word(struct slice *s)
{
        size_t n = 0;
        while (n < s->n && (isalpha((unsigned char)s->p[n]) || s->p[n] == '/' || s->p[n] == '_'))
                n++;
        s->p += n, s->n -= n;
        return n > 0;
}

static bool directive(char d, struct slice *s, struct reading *r)
{
        switch (d) {
        case 'Y':
                return digits(s, 4, false, &r->c.year);
        case 'y':
                if (!digits(s, 2, false, &r->c.year))
                        return false;
                r->c.year += r->c.year < 69 ? 2000 : 1900; /* as POSIX has it */
                return true;
        case 'm':
                return digits(s, 2, true, &r->c.month);
        case 'd':
                return digits(s, 2, true, &r->c.day);
        case 'H':
        case 'I':
                return digits(s, 2, true, &r->c.hour);
        case 'M':
                return digits(s, 2, true, &r->c.minute);
        case 'S':
                return digits(s, 2, true, &r->c.second);
        case 'f':
                return fraction(s, &r->c.microsecond);
        case 'p':
                return am_or_pm(s, r);
        case 'b':
        case 'B':
                return civil_month(s, &r->c.month);
        case 'z':
                r->has_offset = true;
                return offset(s, true, &r->offset_s);
        case 'Z':
                return zone_word(s);
        case '%':
                return take(s, '%');
        default:
                return false;
        }
}

bool civil_parse(struct civil *out, bool *has_offset, int *offset_s, struct slice text,
                 const char *format)
{
        struct reading r = { .c = { .month = 1, .day = 1 } };
        for (const char *f = format; *f; f++) {
                if (*f != '%') {
                        if (!take(&text, *f))
                                return false;
                } else if (!*++f || !directive(*f, &text, &r)) {
                        return false;
                }
        }
        if (r.has_pm) {
                if (r.c.hour < 1 || r.c.hour > 12)
                        return false;
                r.c.hour = r.c.hour % 12 + (r.pm ? 12 : 0);
        }
        if (text.n || !real_date(&r.c) || !real_time(&r.c))
                return false;
        *out = r.c;
        *has_offset = r.has_offset;
        if (r.has_offset)
                *offset_s = r.offset_s;
        return true;
}
