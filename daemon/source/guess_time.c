/* guess_time.c - how a column's times are written: proved by all of its values, or asked. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "guess_parts.h"
#include "when.h"

/* Whose meaning "auto" cannot know: days and months in numbers, years of two digits. */
static const char *const dates[] = { "%d*%m*%Y", "%m*%d*%Y", "%d*%m*%y", "%m*%d*%y", "%y*%m*%d" };
static const char *const times[] = { "", " %H:%M", " %H:%M:%S", " %I:%M %p", " %I:%M:%S %p", " %H.%M", " %H.%M.%S",
                                     ", %H:%M", ", %H:%M:%S", ", %I:%M %p", ", %I:%M:%S %p" };
enum { DATES = 5, TIMES = sizeof times / sizeof *times, SIGNS = 3, FORMAT_MAX = 40, FOUND_MAX = 3 };

static void make_format(char out[FORMAT_MAX], const char *date, char sign, const char *time)
{
        snprintf(out, FORMAT_MAX, "%s%s", date, time);
        for (char *p = out; *p; p++)
                *p = *p == '*' ? sign : *p;
}

static bool reads_all(const struct guess_values *v, const char *format)
{
        struct when w;
        for (size_t i = 0; i < v->n; i++)
                if (when_read(&w, v->v[i], format) != WHEN_READ)
                        return false;
        return v->n > 0;
}

static bool all_iso(const struct guess_values *v)
{
        struct when w;
        for (size_t i = 0; i < v->n; i++)
                if (!when_iso(&w, v->v[i]))
                        return false;
        return v->n > 0;
}

/* A count of days or seconds could be any number: its column's name must say that it is a time. */
static const char *counted(const struct guess_values *v, struct slice name)
{
        double d;
        bool days = v->n > 0, seconds = v->n > 0;
        for (size_t i = 0; i < v->n; i++) {
                bool is = text_double(&d, v->v[i]);
                days &= is && d >= 30000 && d < 60000;
                seconds &= is && d >= 1e9 && d < 4e9 && v->v[i].n == 10;
        }
        if (!guess_name_score(name, FIELD_OCCURRED_AT))
                return NULL;
        return days ? "excel" : seconds ? "unix" : NULL;
}

size_t guess_count_times(const struct guess_values *v, struct slice name, const char *format)
{
        struct when w;
        size_t n = 0;
        if (counted(v, name))
                return v->n;
        for (size_t i = 0; i < v->n; i++)
                n += when_auto(&w, v->v[i]) != WHEN_NO_TIME || (format && when_read(&w, v->v[i], format) == WHEN_READ);
        return n;
}

/* "Submit Date (UTC)", but neither "Nutch" nor "GMT+7". */
bool guess_name_is_utc(struct slice name)
{
        for (size_t i = 0; i + 3 <= name.n; i++) {
                struct slice word = slice_make(name.p + i, 3);
                if (!slice_eq_nocase(word, SLICE("utc")) && !slice_eq_nocase(word, SLICE("gmt")))
                        continue;
                char before = i ? name.p[i - 1] : ' ', after = i + 3 < name.n ? name.p[i + 3] : ' ';
                struct slice rest = slice_trim(slice_make(name.p + i + 3, name.n - i - 3));
                bool alone = !isalnum((unsigned char)before) && !isalnum((unsigned char)after);
                if (alone && !(rest.n && strchr("+-\xe2", rest.p[0]))) /* U+2212 is a minus */
                        return true;
        }
        return false;
}

static size_t find_formats(const struct guess_values *v, char found[FOUND_MAX][FORMAT_MAX])
{
        static const char signs[] = "/-.";
        char format[FORMAT_MAX];
        size_t n = 0;
        for (int d = 0; d < DATES; d++)
                for (int s = 0; s < SIGNS; s++)
                        for (int t = 0; t < TIMES && n < FOUND_MAX; t++) {
                                make_format(format, dates[d], signs[s], times[t]);
                                if (reads_all(v, format))
                                        memcpy(found[n++], format, sizeof format);
                        }
        if (n < FOUND_MAX && reads_all(v, "%d-%b-%y"))
                snprintf(found[n++], FORMAT_MAX, "%s", "%d-%b-%y");
        return n;
}

static bool ask(struct guessing *w, char found[FOUND_MAX][FORMAT_MAX], size_t n, struct slice name)
{
        const char *what, *todo;
        size_t shown = utf8_cut(name, 80);
        w->g->time_format = "auto";
        if (n == 0) {
                what = arena_printf(w->a, "not every time of column \"%.*s\" can be read", (int)shown, name.p);
                todo = "Say how they are written, --time-format \"%d.%m.%Y %H:%M\"; rows that do not fit are refused by line.";
        } else {
                what = arena_printf(w->a, "the dates of column \"%.*s\" can be read in %zu ways, and no row proves which",
                                    (int)shown, name.p, n);
                todo = arena_printf(w->a, "Say --time-format \"%s\", or \"%s\"%s%s%s.", found[0], found[1], n > 2 ? ", or \"" : "",
                                    n > 2 ? found[2] : "", n > 2 ? "\"" : "");
        }
        w->g->time_why = "it must be said";
        if (what && todo)
                guess_need(w, what, todo);
        return what && todo;
}

bool guess_time_format(struct guessing *w, const struct guess_values *v, struct slice name)
{
        struct guess *g = w->g;
        char found[FOUND_MAX][FORMAT_MAX];
        if (w->hints->time_format) {
                g->time_format = w->hints->time_format;
                g->time_why = "you said so";
                return true;
        }
        g->time_why = "all of them are ISO 8601";
        if (all_iso(v))
                return true;
        g->time_format = counted(v, name);
        g->time_why = "days or seconds are counted, and the column's name says it is a time";
        if (g->time_format)
                return true;
        if (reads_all(v, "auto")) {
                size_t n = find_formats(v, found); /* where each row proves itself, all rows may prove one order */
                g->time_format = n == 1 ? arena_string(w->a, slice_of(found[0])) : "auto";
                g->time_why = "all of them can be read in one way only";
                return g->time_format;
        }
        size_t n = find_formats(v, found);
        if (n != 1)
                return ask(w, found, n, name);
        g->time_format = arena_string(w->a, slice_of(found[0]));
        g->time_why = "a day above 12 proves it";
        return g->time_format;
}
