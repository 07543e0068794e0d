/* place.c - coordinates: pairs of degrees fine enough to name a house. Degrees with minutes
 * speak for themselves; decimals need a word, a map's URL or their letters. */
#include "look.h"

enum { LEFT = 48, NEAR = 14, RIGHT = 16, DECIMALS = 4 };

/* A number of degrees at i with its sign; its end, or i. *fine: has four decimals or more. */
static size_t degrees(const struct look *l, size_t i, int limit, bool *fine)
{
        size_t k = i, n = 0, decimals = 0;
        int v = 0;
        if (look_at(l, k) == '-' || look_at(l, k) == '+')
                k++;
        while (n < 4 && is_digit(look_at(l, k)))
                v = v * 10 + (l->p[k++] - '0'), n++;
        if (n == 0 || n > 3 || v > limit)
                return i;
        if (look_at(l, k) == '.')
                while (decimals < 16 && is_digit(look_at(l, k + 1 + decimals)))
                        decimals++;
        *fine = decimals >= DECIMALS;
        return decimals ? k + 1 + decimals : k;
}

static size_t skip_blanks(const struct look *l, size_t i)
{
        for (int n = 0; n < 2 && look_at(l, i) == ' '; n++)
                i++;
        return i;
}

/* One of the signs at i; its end, or i. */
static size_t sign(const struct look *l, size_t i, const char *const *signs)
{
        for (; *signs; signs++)
                if (look_is(l, i, *signs))
                        return i + strlen(*signs);
        return i;
}

static bool is_compass(char c)
{
        return c && strchr("NSEWOnsewo", c) != NULL;
}

/* 19°45'35.8"S, 52.5200° N at i: its end, or i. */
static size_t angle(const struct look *l, size_t i, int limit)
{
        static const char *const degree[] = { "°", "º", NULL };
        static const char *const minute[] = { "'", "′", "’", NULL };
        static const char *const second[] = { "\"", "″", "”", "''", "′′", "’’", NULL };
        bool fine = false, parts = false;
        size_t k = degrees(l, i, limit, &fine), end;
        if (k == i || (end = sign(l, k, degree)) == k)
                return i;
        for (int part = 0; part < 2; part++) {
                bool ignored;
                k = skip_blanks(l, end);
                size_t n = degrees(l, k, 59, &ignored), after = sign(l, n, part ? second : minute);
                if (n == k || after == n)
                        break;
                parts |= part == 0;
                end = after;
        }
        k = skip_blanks(l, end);
        if (is_compass(look_at(l, k)) && !is_alpha(look_at(l, k + 1)))
                return fine || parts ? k + 1 : i;
        return parts ? end : i;
}

/* "52.5200 N": moves past the letter. */
static bool after_compass(const struct look *l, size_t *end)
{
        size_t k = skip_blanks(l, *end);
        if (!is_compass(look_at(l, k)) || is_alnum(look_at(l, k + 1)))
                return false;
        *end = k + 1;
        return true;
}

/* Between the two: a comma, a semicolon, a slash or a blank. */
static size_t between(const struct look *l, size_t i)
{
        size_t k = skip_blanks(l, i);
        if (look_at(l, k) == ',' || look_at(l, k) == ';' || look_at(l, k) == '/')
                k = skip_blanks(l, k + 1);
        return k;
}

/* "lat": 35.68, "lng": 139.76 and lat=35.68&lon=139.76: the name of the second. */
static size_t named(const struct look *l, size_t i)
{
        static const char *const names[] = { "longitude", "long", "lng", "lon", "经度", "経度", "경도", NULL };
        size_t k = i;
        while (k < i + 3 && (look_at(l, k) == '"' || look_at(l, k) == '&' || look_at(l, k) == '\''))
                k++;
        size_t end = k;
        for (const char *const *n = names; *n && end == k; n++)
                if (look_is_nocase(l, k, *n))
                        end = k + strlen(*n);
        if (end == k)
                return i;
        while (end < k + 16 && look_at(l, end) && strchr("\"':= ", l->p[end]))
                end++;
        return end;
}

/* @35.68,139.76,17z  ?q=35.68,139.76  geo:35.68,139.76 */
static bool in_map(const struct look *l, size_t start)
{
        return (start >= 1 && l->p[start - 1] == '@') || (start >= 4 && look_is(l, start - 4, "geo:")) ||
               (start >= 2 && (look_is(l, start - 2, "q=") || look_is(l, start - 2, "l="))) ||
               (start >= 7 && look_is(l, start - 7, "center="));
}

/* How far to the left a word may stand: on the line of the coordinates if there is text before them. */
static size_t reach(const struct look *l, size_t start, size_t most)
{
        bool text = false;
        for (size_t i = start, chars = 0; i > 0 && chars < most; i--, chars++) {
                if (text && l->p[i - 1] == '\n')
                        return chars;
                text |= is_alpha(l->p[i - 1]);
        }
        return most;
}

/* "load", "ms" behind them, "size" before: measures. */
static bool is_measured(const struct look *l, size_t start, size_t end)
{
        static const char *const units[] = { "load", "seconds", "sec ", "ms", "us ", "%", "gb", "mb", "kb", "qps", "median" };
        static const char *const names[] = { "size ", "cpu ", "load ", "hours ", "avg ", "average ", "ratio ", "mean " };
        size_t k = skip_blanks(l, end);
        for (size_t i = 0; i < sizeof units / sizeof *units; i++)
                if (look_is_nocase(l, k, units[i]))
                        return true;
        for (size_t i = 0; i < sizeof names / sizeof *names; i++)
                if (start >= strlen(names[i]) && look_is_nocase(l, start - strlen(names[i]), names[i]))
                        return true;
        return false;
}

static bool find_decimals(struct look *l, size_t start)
{
        bool fine = false, also = false;
        size_t first = degrees(l, start, 90, &fine);
        if (first == start || !fine)
                return false;
        bool told = after_compass(l, &first);
        size_t k = between(l, first), second = named(l, k);
        told |= second > k;
        if (k == first)
                return false;
        size_t end = degrees(l, second, 180, &also);
        if (end > second)
                told |= after_compass(l, &end);
        if (end == second || !also || is_digit(look_at(l, end)) || (look_at(l, end) == '.' && is_digit(look_at(l, end + 1))))
                return false;
        /* a third number makes it a row of values */
        size_t next = between(l, end);
        bool row = next > end && is_digit(look_at(l, next)) && look_at(l, end) == ',';
        if (in_map(l, start) || told ||
            (!row && !is_measured(l, start, end) && look_context(l, ID_GPS, start, reach(l, start, k == first + 1 && look_at(l, first) == ' ' ? NEAR : LEFT), end, RIGHT)))
                look_hit(l, start, end, ID_GPS, 90);
        return true;
}

/* Behind the point of a degree four digits, or as many as there are before its sign. */
static bool may_be_degree(const struct look *l, size_t at)
{
        size_t k = at, n = 0;
        while (is_digit(look_at(l, k)) && k < at + 4)
                k++;
        if (look_at(l, k) != '.')
                return true;
        while (n < DECIMALS && is_digit(look_at(l, k + 1 + n)))
                n++;
        return n == DECIMALS || is_high(look_at(l, k + 1 + n));
}

void find_place(struct look *l, size_t at)
{
        size_t start = at;
        char c = look_before(l, at);
        if (is_alnum(c) || c == '.' || c == '_' || !may_be_degree(l, at))
                return;
        if (c == '-' || c == '+')
                start--;
        size_t first = angle(l, start, 90), second, end;
        if (first > start) {
                second = between(l, first);
                end = angle(l, second, 180);
                if (end > second)
                        look_hit(l, start, end, ID_GPS, 95);
                return;
        }
        find_decimals(l, start);
}
