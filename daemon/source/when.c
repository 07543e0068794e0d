/* when.c - times as people write them: numbers and words in any order that has one meaning. */
#include "when.h"

#include <math.h>
#include <string.h>

#include "base/text.h"
#include "when_words.h"

enum { PLAIN_MAX = 160, LONE_MAX = 2 };

struct number {
        int value, digits;
};

struct reading {
        struct slice s; /* what is left */
        int year, month, day, hour, minute, second, us; /* date: 0, time: -1 where not read */
        bool month_named, first_year;
        struct number lone[LONE_MAX]; /* beside a named month: day and year */
        size_t n_lone;
        int half, era; /* half: -1, or of the day */
        bool has_offset;
        int offset_s;
        bool two_ways;
};

/* ---- Plain text ------------------------------------------------------------------ */

static size_t put_plain(char *out, uint32_t c, struct slice as_is)
{
        if (c >= 0xff01 && c <= 0xff5e) {
                *out = (char)(c - 0xff01 + '!');
                return 1;
        }
        if (c == 0x3000 || c == 0xa0 || c == 0x202f || c == 0x2009) {
                *out = ' ';
                return 1;
        }
        if (c == 0x200e || c == 0x200f || c == 0x200b || c == 0xfeff)
                return 0; /* marks of direction, which some programs put around dates */
        memcpy(out, as_is.p, as_is.n);
        return as_is.n;
}

struct slice when_plain(char *out, size_t max, struct slice s)
{
        size_t n = 0;
        for (size_t at = 0; at < s.n;) {
                size_t from = at;
                uint32_t c = utf8_next(s, &at);
                if (n + (at - from) >= max)
                        return SLICE_NONE;
                n += put_plain(out + n, c, slice_make(s.p + from, at - from));
        }
        out[n] = 0;
        return slice_make(out, n);
}

static void lower(char *p)
{
        for (; *p; p++) {
                if (*p >= 'A' && *p <= 'Z')
                        *p = (char)(*p + 32);
                else if ((unsigned char)*p == 0xc3 && (unsigned char)p[1] >= 0x80 && (unsigned char)p[1] <= 0x9e)
                        p[1] = (char)((unsigned char)p[1] + 32);
        }
}

/* ---- Numbers --------------------------------------------------------------------- */

static bool is_digit(char c)
{
        return c >= '0' && c <= '9';
}

static void skip(struct reading *r, size_t n)
{
        r->s = slice_make(r->s.p + n, r->s.n - n);
}

static char peek(const struct reading *r, size_t at)
{
        return at < r->s.n ? r->s.p[at] : 0;
}

static bool number(struct reading *r, struct number *out)
{
        *out = (struct number){ 0, 0 };
        while (is_digit(peek(r, 0)) && out->digits < 9) {
                out->value = out->value * 10 + (r->s.p[0] - '0');
                out->digits++;
                skip(r, 1);
        }
        return out->digits > 0;
}

static bool two_digits(struct reading *r, int *out)
{
        struct number n;
        if (!number(r, &n) || n.digits > 2)
                return false;
        *out = n.value;
        return true;
}

static bool date_is_read(const struct reading *r)
{
        return (r->year && r->month && r->day) || (r->month_named && r->n_lone == LONE_MAX);
}

static void fraction(struct reading *r)
{
        int scale = 100000;
        if ((peek(r, 0) != '.' && peek(r, 0) != ',') || !is_digit(peek(r, 1)))
                return;
        skip(r, 1);
        for (; is_digit(peek(r, 0)); scale /= 10) {
                r->us += scale * (r->s.p[0] - '0');
                skip(r, 1);
        }
}

/* HH:MM or HH.MM, then seconds by the same sign. */
static bool clock_time(struct reading *r, struct number hour, char sign)
{
        if (r->hour >= 0 || hour.digits > 2)
                return false;
        r->hour = hour.value;
        skip(r, 1);
        if (!two_digits(r, &r->minute))
                return false;
        if (peek(r, 0) != sign || !is_digit(peek(r, 1)))
                return true;
        skip(r, 1);
        if (!two_digits(r, &r->second))
                return false;
        fraction(r);
        return true;
}

/* Year last, after two numbers: dots put the day first; else a number above 12 must tell. */
static bool year_last(struct reading *r, char sign, struct number a, struct number b, struct number year)
{
        r->year = year.value;
        if (sign == '.' || a.value > 12 || a.value == b.value) {
                r->day = a.value;
                r->month = b.value;
        } else {
                r->day = b.value;
                r->month = a.value;
                r->two_ways |= b.value <= 12;
        }
        return true;
}

static bool date_group(struct reading *r, struct number a, char sign)
{
        struct number b, c;
        skip(r, 1);
        if (!number(r, &b) || b.digits > 2 || peek(r, 0) != sign || !is_digit(peek(r, 1)))
                return false;
        skip(r, 1);
        if (r->year || !number(r, &c))
                return false;
        if (a.digits == 4 && c.digits <= 2) {
                r->year = a.value;
                r->month = b.value;
                r->day = c.value;
                return true;
        }
        if (a.digits > 2 || (c.digits != 4 && c.digits != 2))
                return false;
        r->two_ways |= c.digits == 2; /* of three short numbers any may be the year */
        return year_last(r, sign, a, b, c);
}

static bool set_once(int *at, int value, int unset)
{
        if (*at != unset)
                return false;
        *at = value;
        return true;
}

/* 8年, 11月, 23日, 14時. */
static bool counted(struct reading *r, struct number n, enum when_word w)
{
        switch ((int)w) {
        case WORD_YEAR:
                if (!r->era && n.digits != 4)
                        return false;
                return set_once(&r->year, n.value + r->era, 0);
        case WORD_MONTH:
                return set_once(&r->month, n.value, 0);
        case WORD_DAY:
                return set_once(&r->day, n.value, 0);
        case WORD_HOUR:
                r->minute = r->second = 0;
                return set_once(&r->hour, n.value, -1);
        case WORD_MINUTE:
                r->minute = n.value;
                return r->hour >= 0;
        case WORD_SECOND:
                r->second = n.value;
                return r->hour >= 0;
        case WORD_CLOCK:
                return set_once(&r->hour, n.value, -1);
        case WORD_HALF:
                return set_once(&r->hour, n.value, -1);
        }
        return false;
}

static bool lone_number(struct reading *r, struct number n)
{
        if (r->n_lone == LONE_MAX || (n.digits != 4 && n.digits > 2))
                return false;
        r->lone[r->n_lone++] = n;
        return true;
}

static bool take_number(struct reading *r)
{
        struct number n;
        int value;
        if (!number(r, &n))
                return false;
        char sign = peek(r, 0);
        if (sign == ':' && is_digit(peek(r, 1)))
                return clock_time(r, n, sign);
        if ((sign == '.' || sign == '/' || sign == '-') && is_digit(peek(r, 1)))
                return sign == '.' && date_is_read(r) ? clock_time(r, n, sign) : date_group(r, n, sign);
        struct reading ahead = *r;
        while (peek(&ahead, 0) == ' ')
                skip(&ahead, 1);
        enum when_word w = when_word(&ahead.s, &value);
        bool is_hour = (w == WORD_CLOCK || w == WORD_HALF) && date_is_read(r) && r->hour < 0;
        if (w == WORD_HALF && is_hour)
                r->half = value;
        if (w < WORD_YEAR && !is_hour)
                return lone_number(r, n);
        r->s = ahead.s;
        return counted(r, n, w);
}

/* ---- Words ----------------------------------------------------------------------- */

static bool offset(struct reading *r)
{
        int sign = peek(r, 0) == '-' ? -1 : 1, minutes = 0;
        struct number h;
        skip(r, 1);
        if (!number(r, &h) || h.digits > 4 || h.digits == 3)
                return false;
        if (h.digits == 4) {
                minutes = h.value % 100;
                h.value /= 100;
        } else if (peek(r, 0) == ':') {
                skip(r, 1);
                if (!two_digits(r, &minutes))
                        return false;
        }
        r->has_offset = true;
        r->offset_s = sign * (h.value * 3600 + minutes * 60);
        return h.value <= 15 && minutes <= 59;
}

static bool take_word(struct reading *r)
{
        int value;
        enum when_word w = when_word(&r->s, &value);
        switch ((int)w) {
        case WORD_NOISE:
        case WORD_CLOCK:
                return true;
        case WORD_ORDINAL:
                return r->n_lone > 0;
        case WORD_HALF:
                return set_once(&r->half, value, -1);
        case WORD_ZONE:
                if (r->has_offset || r->hour < 0)
                        return false;
                r->has_offset = true;
                r->offset_s = value * 60;
                if (value == 0 && (peek(r, 0) == '+' || peek(r, 0) == '-') && is_digit(peek(r, 1)))
                        return offset(r);
                return true;
        case WORD_MONTH_NAME:
                r->month_named = true;
                return set_once(&r->month, value, 0);
        case WORD_ERA:
                return set_once(&r->era, value, 0);
        case WORD_FIRST_YEAR:
                r->first_year = r->era && peek(r, 0) && set_once(&r->year, r->era + 1, 0);
                return r->first_year;
        case WORD_YEAR:
                return r->first_year;
        }
        return false;
}

static bool take_next(struct reading *r)
{
        char c = peek(r, 0);
        bool glue = (c == '-' || c == '/' || c == '.') && !date_is_read(r) && (r->n_lone || r->month_named);
        if (is_digit(c))
                return take_number(r);
        if ((c == '+' || c == '-') && r->hour >= 0 && !r->has_offset && is_digit(peek(r, 1)))
                return offset(r);
        struct reading before = *r;
        if (c != '(' && (glue || c == ' ' || c == ',' || c == ')')) {
                skip(r, 1);
                return true;
        }
        if (take_word(r))
                return true;
        *r = before;
        skip(r, 1);
        return c == '(';
}

/* ---- The whole ------------------------------------------------------------------- */

/* "23 November 2026", "November 23, 2026": the year is the number of four digits. */
static bool settle_lone(struct reading *r)
{
        if (!r->n_lone)
                return true;
        if (!r->month_named || r->n_lone != 2 || r->year || r->day)
                return false;
        bool first = r->lone[0].digits == 4, second = r->lone[1].digits == 4;
        if (first && second)
                return false;
        r->two_ways |= !first && !second;
        r->year = r->lone[first ? 0 : 1].value;
        r->day = r->lone[first ? 1 : 0].value;
        return true;
}

static bool settle_hour(struct reading *r)
{
        if (r->hour < 0)
                return r->half < 0;
        if (r->half < 0)
                return true;
        if (r->hour > 12)
                return false;
        r->hour = r->hour % 12 + 12 * r->half;
        return true;
}

static bool is_real(const struct civil *c)
{
        struct civil again;
        if (c->year < 1 || c->year > 9999 || c->month < 1 || c->month > 12 || c->day < 1 || c->day > 31 ||
            c->hour > 23 || c->minute > 59 || c->second > 59)
                return false;
        civil_of_us(&again, civil_to_us(c));
        return again.day == c->day;
}

static enum when_said settle(struct when *out, struct reading *r)
{
        if (!settle_lone(r) || !settle_hour(r))
                return WHEN_NO_TIME;
        bool timed = r->hour >= 0;
        *out = (struct when){
                .c = { .year = r->year, .month = r->month, .day = r->day, .hour = timed ? r->hour : 0,
                       .minute = timed ? r->minute : 0, .second = timed ? r->second : 0, .microsecond = r->us },
                .has_offset = r->has_offset,
                .offset_s = r->offset_s,
        };
        if (out->c.second == 60) /* a leap second is the last of its minute */
                out->c.second = 59;
        if (r->two_ways)
                return r->year && r->month && r->day ? WHEN_TWO_WAYS : WHEN_NO_TIME;
        return is_real(&out->c) ? WHEN_READ : WHEN_NO_TIME;
}

enum when_said when_auto(struct when *out, struct slice text)
{
        char plain[PLAIN_MAX];
        struct reading r = { .hour = -1, .half = -1 };
        if (when_iso(out, text))
                return WHEN_READ;
        r.s = slice_trim(when_plain(plain, sizeof plain, text));
        if (!r.s.n)
                return WHEN_NO_TIME;
        lower(plain);
        while (r.s.n)
                if (!take_next(&r))
                        return WHEN_NO_TIME;
        return settle(out, &r);
}

bool when_iso(struct when *out, struct slice text)
{
        static const char *const iso[] = { "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M",
                                           "%Y-%m-%d %H:%M", "%Y-%m-%d" };
        int64_t us;
        *out = (struct when){ 0 };
        if (clock_parse_rfc3339(&us, text)) {
                civil_of_us(&out->c, us);
                out->has_offset = true;
                return true;
        }
        char sign = text.n && memchr(text.p, 'T', text.n) ? 'T' : text.n && memchr(text.p, ' ', text.n) ? ' ' : 0;
        for (size_t i = 0; i < sizeof iso / sizeof *iso; i++)
                if (iso[i][8] == sign && civil_parse(&out->c, &out->has_offset, &out->offset_s, text, iso[i]))
                        return true;
        return false;
}

/* Days since 1899-12-30, as sheets count; to the second, for their fractions are rounded. */
static enum when_said excel(struct when *out, struct slice text)
{
        double days;
        if (!text_double(&days, text) || days < 61 || days >= 2958466)
                return WHEN_NO_TIME;
        *out = (struct when){ 0 };
        civil_of_us(&out->c, ((int64_t)llround(days * 86400) - INT64_C(25569) * 86400) * US_PER_SECOND);
        return WHEN_READ;
}

static enum when_said unix_time(struct when *out, struct slice text)
{
        int64_t s;
        if (!text_int(&s, text, 0, INT64_C(253402300799)))
                return WHEN_NO_TIME;
        *out = (struct when){ .has_offset = true };
        civil_of_us(&out->c, s * US_PER_SECOND);
        return WHEN_READ;
}

enum when_said when_read(struct when *out, struct slice text, const char *format)
{
        char plain[PLAIN_MAX];
        if (*format == 'a' && strcmp(format, "auto") == 0)
                return when_auto(out, text);
        *out = (struct when){ 0 };
        if (civil_parse(&out->c, &out->has_offset, &out->offset_s, text, format))
                return WHEN_READ;
        text = when_plain(plain, sizeof plain, text);
        if (strcmp(format, "excel") == 0)
                return excel(out, text);
        if (strcmp(format, "unix") == 0)
                return unix_time(out, text);
        return text.p && civil_parse(&out->c, &out->has_offset, &out->offset_s, text, format) ? WHEN_READ
                                                                                              : WHEN_NO_TIME;
}
