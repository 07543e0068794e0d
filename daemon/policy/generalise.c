/* generalise.c - coarser values: a day for a moment, a decade for an age, a network for a host.
 *
 * One row a way. Ways of one field stand from finer to coarser: where policies differ, the
 * coarser wins.                                                                          */
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "law.h"
#include "model/place.h"

enum coarse { COARSE_HOUR, COARSE_DAY, COARSE_MONTH, COARSE_YEAR, COARSE_DECADE, COARSE_TENS,
              COARSE_LANGUAGE, COARSE_JURISDICTION, COARSE_MINOR, COARSE_MAJOR, COARSE_NETWORK,
              COARSE_DOMAIN, COARSE_INDUSTRY, COARSES };

static const struct {
        const char *name;
        enum field field;
        bool enforced;
} rows[COARSES] = {
        [COARSE_HOUR] = { "hour", FIELD_OCCURRED_AT, true },
        [COARSE_DAY] = { "day", FIELD_OCCURRED_AT, true },
        [COARSE_MONTH] = { "month", FIELD_OCCURRED_AT, true },
        [COARSE_YEAR] = { "year", FIELD_OCCURRED_AT, true },
        [COARSE_DECADE] = { "decade", FIELD_OCCURRED_AT, true },
        [COARSE_TENS] = { "decade", FIELD_AUTHOR_AGE, true }, /* 37 -> 30 */
        [COARSE_LANGUAGE] = { "language", FIELD_LANG, true }, /* zh-Hans-CN -> zh */
        [COARSE_JURISDICTION] = { "jurisdiction", FIELD_AUTHOR_COUNTRY, true }, /* DE -> EEA */
        [COARSE_MINOR] = { "minor", FIELD_VERSION, true },    /* 8.5.1 -> 8.5 */
        [COARSE_MAJOR] = { "major", FIELD_VERSION, true },    /* 8.5.1 -> 8 */
        [COARSE_NETWORK] = { "network", FIELD_AUTHOR_IP, true }, /* /24 and /48 */
        [COARSE_DOMAIN] = { "domain", FIELD_AUTHOR_EMAIL, true },
        [COARSE_INDUSTRY] = { "industry", FIELD_AUTHOR_COMPANY, false },
};

int coarse_of_name(enum field f, const char *to)
{
        for (int i = 0; i < COARSES; i++)
                if (rows[i].field == f && strcmp(rows[i].name, to) == 0)
                        return i;
        return -1;
}

int coarse_last(enum field f)
{
        int last = -1;
        for (int i = 0; i < COARSES; i++)
                if (rows[i].field == f && rows[i].enforced)
                        last = i;
        return last;
}

void coarse_names(enum field f, char *out, size_t size)
{
        size_t n = 0;
        out[0] = 0;
        for (int i = 0; i < COARSES && n < size; i++)
                if (rows[i].field == f)
                        n += (size_t)snprintf(out + n, size - n, "%s%s", n ? ", " : "", rows[i].name);
}

bool coarse_is_enforced(int to)
{
        return to >= 0 && rows[to].enforced;
}

const char *coarse_name(int to)
{
        return to >= 0 && to < COARSES ? rows[to].name : "";
}

/* UTC: a day is named, not a place. */
int64_t generalise_time(int64_t us, int to)
{
        struct civil c;
        civil_of_us(&c, us);
        c.minute = c.second = c.microsecond = 0;
        if (to >= COARSE_DAY)
                c.hour = 0;
        if (to >= COARSE_MONTH)
                c.day = 1;
        if (to >= COARSE_YEAR)
                c.month = 1;
        if (to >= COARSE_DECADE && c.year >= 10)
                c.year -= c.year % 10;
        return civil_to_us(&c);
}

/* Up to the n-th of any of these characters. */
static struct slice before(struct slice s, const char *stops, int nth)
{
        for (size_t i = 0; i < s.n; i++)
                if (s.p[i] && strchr(stops, s.p[i]) && --nth == 0)
                        return (struct slice){ s.p, i };
        return s;
}

static struct slice tens(struct slice s, struct arena *a, bool *full)
{
        double age;
        if (!text_double(&age, s) || !(age >= 0 && age < 1000))
                return SLICE_NONE;
        char *p = arena_printf(a, "%d", (int)age / 10 * 10);
        *full |= !p;
        return slice_of(p);
}

static struct slice network(struct slice s, struct arena *a, bool *full)
{
        char text[INET6_ADDRSTRLEN] = "", out[INET6_ADDRSTRLEN];
        unsigned char bytes[16] = { 0 };
        if (s.n >= sizeof text)
                return SLICE_NONE;
        memcpy(text, s.p, s.n);
        bool v4 = inet_pton(AF_INET, text, bytes) == 1;
        if (!v4 && inet_pton(AF_INET6, text, bytes) != 1)
                return SLICE_NONE;
        memset(bytes + (v4 ? 3 : 6), 0, v4 ? 1 : 10);
        if (!inet_ntop(v4 ? AF_INET : AF_INET6, bytes, out, sizeof out))
                return SLICE_NONE;
        char *p = arena_printf(a, "%s/%d", out, v4 ? 24 : 48);
        *full |= !p;
        return slice_of(p);
}

static struct slice jurisdiction(struct slice s)
{
        char text[8];
        if (s.n == 0 || s.n >= sizeof text)
                return SLICE_NONE;
        for (size_t i = 0; i < s.n; i++)
                text[i] = (char)(s.p[i] >= 'a' && s.p[i] <= 'z' ? s.p[i] - 32 : s.p[i]);
        return slice_of(place_jurisdiction((struct slice){ text, s.n }));
}

struct slice generalise_text(struct slice s, int to, struct arena *a, bool *full)
{
        const char *at;
        switch ((enum coarse)to) {
        case COARSE_TENS:
                return tens(s, a, full);
        case COARSE_LANGUAGE:
                return before(s, "-_", 1);
        case COARSE_JURISDICTION:
                return jurisdiction(s);
        case COARSE_MINOR:
                return before(s, ".-+ ", 2);
        case COARSE_MAJOR:
                return before(s, ".-+ ", 1);
        case COARSE_NETWORK:
                return network(s, a, full);
        case COARSE_DOMAIN:
                at = memrchr(s.p, '@', s.n);
                return at ? slice_make(at + 1, s.n - (size_t)(at + 1 - s.p)) : SLICE_NONE;
        case COARSE_HOUR:
        case COARSE_DAY:
        case COARSE_MONTH:
        case COARSE_YEAR:
        case COARSE_DECADE:
        case COARSE_INDUSTRY:
        case COARSES:
                break; /* not of texts, or not enforced: nothing leaves */
        }
        return SLICE_NONE;
}
