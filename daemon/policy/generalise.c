/* generalise.c - coarser values: a day for a moment, a band for an age, a network for a host.
 *
 * One row a way, and for some a number: "network 16", "band 20". Ways of one field stand from finer
 * to coarser, and a way's numbers are such that a coarser one only joins what the finer has apart:
 * where policies differ, the greater `to` wins. A value that a way cannot be made of leaves nothing. */
#include <arpa/inet.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "law.h"
#include "model/place.h"

enum way { WAY_HOUR, WAY_DAY, WAY_WEEK, WAY_MONTH, WAY_QUARTER, WAY_YEAR, WAY_DECADE, WAY_BAND, WAY_LANGUAGE,
           WAY_JURISDICTION, WAY_REGION, WAY_CONTINENT, WAY_MINOR, WAY_MAJOR, WAY_NETWORK, WAY_DOMAIN,
           WAY_DECIMALS, WAY_GRID, WAY_INDUSTRY, WAYS };

#define BIT(f) (UINT64_C(1) << (f))
#define NUMBERS(...) (const uint8_t[]){ __VA_ARGS__, 0 }
enum { STEPS = 16 };

static const struct {
        const char *name;
        uint64_t fields;        /* beside attributes, which have them all */
        const uint8_t *numbers; /* from finer to coarser, ended by 0; NULL: it has none */
        uint8_t usual;          /* of them by place, where none is written */
        bool group;             /* small groups leave so, where it is the field's last such row */
} rows[WAYS] = {
        [WAY_HOUR] = { "hour", BIT(FIELD_OCCURRED_AT), NULL, 0, true },
        [WAY_DAY] = { "day", BIT(FIELD_OCCURRED_AT), NULL, 0, true },
        [WAY_WEEK] = { "week", BIT(FIELD_OCCURRED_AT), NULL, 0, false }, /* the day it began, a Monday */
        [WAY_MONTH] = { "month", BIT(FIELD_OCCURRED_AT), NULL, 0, true },
        [WAY_QUARTER] = { "quarter", BIT(FIELD_OCCURRED_AT), NULL, 0, false },
        [WAY_YEAR] = { "year", BIT(FIELD_OCCURRED_AT), NULL, 0, true },
        [WAY_DECADE] = { "decade", BIT(FIELD_OCCURRED_AT), NULL, 0, true },
        [WAY_BAND] = { "band", BIT(FIELD_AUTHOR_AGE), NUMBERS(5, 10, 20, 100), 1, true }, /* 37 -> 30 */
        [WAY_LANGUAGE] = { "language", BIT(FIELD_LANG), NULL, 0, true },                  /* zh-Hans-CN -> zh */
        [WAY_JURISDICTION] = { "jurisdiction", BIT(FIELD_AUTHOR_COUNTRY), NULL, 0, true }, /* DE -> EEA */
        [WAY_REGION] = { "region", BIT(FIELD_AUTHOR_COUNTRY), NULL, 0, false },   /* JP -> Eastern Asia */
        [WAY_CONTINENT] = { "continent", BIT(FIELD_AUTHOR_COUNTRY), NULL, 0, false },
        [WAY_MINOR] = { "minor", BIT(FIELD_VERSION), NULL, 0, true }, /* 8.5.1 -> 8.5 */
        [WAY_MAJOR] = { "major", BIT(FIELD_VERSION), NULL, 0, true }, /* 8.5.1 -> 8 */
        /* Of IPv4; of IPv6 twice as many bits. */
        [WAY_NETWORK] = { "network", BIT(FIELD_AUTHOR_IP), NUMBERS(24, 20, 16, 12, 8), 0, true },
        [WAY_DOMAIN] = { "domain", BIT(FIELD_AUTHOR_EMAIL), NULL, 0, true },
        [WAY_DECIMALS] = { "decimals", BIT(FIELD_PLACE), NUMBERS(3, 2, 1), 2, false }, /* 52.5163, 13.3777 -> 52.5, 13.3 */
        [WAY_GRID] = { "grid", BIT(FIELD_PLACE), NUMBERS(1, 5, 10, 30), 0, false },    /* of degrees */
        [WAY_INDUSTRY] = { "industry", BIT(FIELD_AUTHOR_COMPANY), NULL, 0, true },
};

static bool has_way(enum field f, int way)
{
        return f == FIELD_ATTRIBUTES || rows[way].fields >> f & 1;
}

/* Which of a way's numbers; -1 if it has no such. */
static int step_of(int way, struct slice number)
{
        int64_t n;
        if (!number.n)
                return rows[way].usual;
        for (int i = 0; text_int(&n, number, 1, 255) && rows[way].numbers && rows[way].numbers[i]; i++)
                if (rows[way].numbers[i] == n)
                        return i;
        return -1;
}

int coarse_of_name(enum field f, const char *to)
{
        size_t n = strcspn(to, " ");
        struct slice number = slice_trim(slice_of(to + n));
        if (f == FIELD_AUTHOR_AGE && strcmp(to, "decade") == 0)
                return WAY_BAND * STEPS + 1;
        for (int i = 0; i < WAYS; i++) {
                if (!has_way(f, i) || strlen(rows[i].name) != n || strncmp(rows[i].name, to, n) != 0)
                        continue;
                int step = step_of(i, number);
                return step < 0 ? -1 : i * STEPS + step;
        }
        return -1;
}

int coarse_last(enum field f)
{
        int last = -1;
        for (int i = 0; i < WAYS; i++)
                if (rows[i].fields >> f & 1 && rows[i].group)
                        last = i * STEPS + rows[i].usual;
        return last;
}

void coarse_names(enum field f, char *out, size_t size)
{
        size_t n = 0;
        out[0] = 0;
        for (int i = 0; i < WAYS; i++) {
                if (!has_way(f, i) || n + 40 > size)
                        continue;
                n += (size_t)snprintf(out + n, size - n, "%s%s", n ? ", " : "", rows[i].name);
                for (int k = 0; rows[i].numbers && rows[i].numbers[k] && n + 8 < size; k++)
                        n += (size_t)snprintf(out + n, size - n, "%s%d", k ? "|" : " ", rows[i].numbers[k]);
        }
}

const char *coarse_name(int to)
{
        return to >= 0 && to < WAYS * STEPS ? rows[to / STEPS].name : "";
}

int coarse_number(int to)
{
        return to >= 0 && rows[to / STEPS].numbers ? rows[to / STEPS].numbers[to % STEPS] : 0;
}

const char *coarse_text(int to, struct arena *a)
{
        const char *p = coarse_number(to) ? arena_printf(a, "%s %d", coarse_name(to), coarse_number(to)) : coarse_name(to);
        return p ? p : "";
}

/* Ways of one kind of value. */
static int kind_of(int way)
{
        static const int first[] = { WAY_HOUR, WAY_BAND, WAY_LANGUAGE, WAY_JURISDICTION, WAY_MINOR, WAY_NETWORK,
                                     WAY_DOMAIN, WAY_DECIMALS, WAY_INDUSTRY };
        int kind = 0;
        for (size_t i = 0; i < sizeof first / sizeof *first; i++)
                kind = way >= first[i] ? (int)i : kind;
        return kind;
}

/* A month parts weeks, and the EEA is no part of a region. */
bool coarse_joins(int to, int from)
{
        int way = to / STEPS, was = from / STEPS;
        if (to < 0 || from < 0 || way == was)
                return to >= from;
        return to > from && kind_of(way) == kind_of(was) && was != WAY_WEEK && was != WAY_JURISDICTION;
}

bool coarse_needs_industries(int to)
{
        return to / STEPS == WAY_INDUSTRY;
}

/* ---- Times ---------------------------------------------------------------------- */

/* UTC: a day is named, not a place. */
int64_t generalise_time(int64_t us, int to)
{
        int way = to / STEPS;
        struct civil c;
        if (way == WAY_WEEK) {
                int64_t day = us / US_PER_DAY - (us % US_PER_DAY < 0);
                return (day - ((day + 3) % 7 + 7) % 7) * US_PER_DAY; /* 1 January 1970 was a Thursday */
        }
        civil_of_us(&c, us);
        c.minute = c.second = c.microsecond = 0;
        if (way >= WAY_DAY)
                c.hour = 0;
        if (way >= WAY_MONTH)
                c.day = 1;
        if (way == WAY_QUARTER)
                c.month -= (c.month - 1) % 3;
        if (way >= WAY_YEAR)
                c.month = 1;
        if (way >= WAY_DECADE && c.year >= 10)
                c.year -= c.year % 10;
        return civil_to_us(&c);
}

/* An attribute's date, or time: as much of it as is left. */
static struct slice date_text(struct slice s, int to, struct arena *a, bool *full)
{
        char text[CLOCK_TEXT_MAX];
        int64_t us;
        if (!clock_parse_date(&us, s) && !clock_parse_rfc3339(&us, s))
                return SLICE_NONE;
        clock_format_rfc3339(text, generalise_time(us, to));
        int way = to / STEPS;
        size_t n = way == WAY_HOUR ? strlen(text) : way <= WAY_WEEK ? 10 : way <= WAY_QUARTER ? 7 : 4;
        struct slice out = arena_copy(a, slice_make(text, n));
        *full |= !out.p;
        return out;
}

/* ---- Numbers and places on the map -------------------------------------------------- */

static struct slice printed(char *p, bool *full)
{
        *full |= !p;
        return slice_of(p);
}

static struct slice band(struct slice s, int width, struct arena *a, bool *full)
{
        double v;
        if (!text_double(&v, s) || !(fabs(v) < 1e12))
                return SLICE_NONE;
        return printed(arena_printf(a, "%" PRId64, (int64_t)floor(v / width) * width), full);
}

/* "52.5163, 13.3777", "52.5163 13.3777", "geo:52.5163,13.3777": degrees, north and east. */
static bool read_degrees(struct slice s, double at[2])
{
        size_t n = 0;
        s = slice_trim(s);
        if (slice_starts(s, SLICE("geo:")))
                s.p += 4, s.n -= 4;
        while (n < s.n && !memchr(", ;\t", s.p[n], 4))
                n++;
        struct slice north = slice_make(s.p, n);
        while (n < s.n && memchr(", ;\t", s.p[n], 4))
                n++;
        struct slice east = slice_make(s.p + n, s.n - n);
        return text_double(&at[0], north) && text_double(&at[1], east) && fabs(at[0]) <= 90 && fabs(at[1]) <= 180;
}

static struct slice degrees(struct slice s, double width, int decimals, struct arena *a, bool *full)
{
        double at[2];
        if (!read_degrees(s, at))
                return SLICE_NONE;
        for (int i = 0; i < 2; i++) /* a hair's breadth, so that 0.3 stays the 0.3 that is written */
                at[i] = floor(at[i] / width + 1e-9) * width + 0.0;
        return printed(arena_printf(a, "%.*f, %.*f", decimals, at[0], decimals, at[1]), full);
}

static struct slice country(struct slice s, int way)
{
        char text[8];
        const char *out;
        s = slice_trim(s);
        if (s.n == 0 || s.n >= sizeof text)
                return SLICE_NONE;
        for (size_t i = 0; i < s.n; i++)
                text[i] = (char)(s.p[i] >= 'a' && s.p[i] <= 'z' ? s.p[i] - 32 : s.p[i]);
        text[s.n] = 0;
        out = way == WAY_JURISDICTION ? place_jurisdiction((struct slice){ text, s.n })
                                      : continent_of(text, way == WAY_REGION);
        return slice_of(out);
}

/* ---- Texts ---------------------------------------------------------------------- */

/* Up to the n-th of any of these characters. */
static struct slice before(struct slice s, const char *stops, int nth)
{
        for (size_t i = 0; i < s.n; i++)
                if (s.p[i] && strchr(stops, s.p[i]) && --nth == 0)
                        return (struct slice){ s.p, i };
        return s;
}

static void keep_bits(unsigned char *bytes, int of, int bits)
{
        for (int i = 0; i < of; i++, bits -= 8)
                bytes[i] &= (unsigned char)(bits >= 8 ? 0xFF : bits <= 0 ? 0 : 0xFF << (8 - bits));
}

static struct slice network(struct slice s, int bits, struct arena *a, bool *full)
{
        char text[INET6_ADDRSTRLEN] = "", out[INET6_ADDRSTRLEN];
        unsigned char bytes[16] = { 0 };
        if (s.n >= sizeof text)
                return SLICE_NONE;
        memcpy(text, s.p, s.n);
        bool v4 = inet_pton(AF_INET, text, bytes) == 1;
        if (!v4 && inet_pton(AF_INET6, text, bytes) != 1)
                return SLICE_NONE;
        keep_bits(bytes, v4 ? 4 : 16, v4 ? bits : 2 * bits);
        if (!inet_ntop(v4 ? AF_INET : AF_INET6, bytes, out, sizeof out))
                return SLICE_NONE;
        return printed(arena_printf(a, "%s/%d", out, v4 ? bits : 2 * bits), full);
}

static struct slice domain(struct slice s)
{
        const char *at = s.n ? memrchr(s.p, '@', s.n) : NULL;
        return at ? slice_make(at + 1, s.n - (size_t)(at + 1 - s.p)) : SLICE_NONE;
}

struct slice generalise_text(const struct law *law, struct slice s, int to, struct arena *a, bool *full)
{
        static const double parts[] = { 1, 0.1, 0.01, 0.001 };
        int number = coarse_number(to);
        if (!s.p || to < 0)
                return SLICE_NONE;
        switch ((enum way)(to / STEPS)) {
        case WAY_HOUR:
        case WAY_DAY:
        case WAY_WEEK:
        case WAY_MONTH:
        case WAY_QUARTER:
        case WAY_YEAR:
        case WAY_DECADE:
                return date_text(s, to, a, full);
        case WAY_BAND:
                return band(s, number, a, full);
        case WAY_LANGUAGE:
                return before(s, "-_", 1);
        case WAY_JURISDICTION:
        case WAY_REGION:
        case WAY_CONTINENT:
                return country(s, to / STEPS);
        case WAY_MINOR:
                return before(s, ".-+ ", 2);
        case WAY_MAJOR:
                return before(s, ".-+ ", 1);
        case WAY_NETWORK:
                return network(s, number, a, full);
        case WAY_DOMAIN:
                return domain(s);
        case WAY_DECIMALS:
                return degrees(s, parts[number], number, a, full);
        case WAY_GRID:
                return degrees(s, number, 0, a, full);
        case WAY_INDUSTRY:
                return industry_of(law->industries, s);
        case WAYS:
                break;
        }
        return SLICE_NONE;
}
