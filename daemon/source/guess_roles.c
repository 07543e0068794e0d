/* guess_roles.c - which column is what: by its name, and by what stands in it. */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "guess_parts.h"

enum { CONSENT_ANSWERS_MAX = 4, FREE_TEXT = 12 /* characters, on average */ };

static bool is_email(struct slice s)
{
        const char *at = memchr(s.p, '@', s.n);
        return at && at > s.p && memchr(at, '.', s.n - (size_t)(at - s.p)) && !memchr(s.p, ' ', s.n);
}

static bool is_url(struct slice s)
{
        return slice_starts(s, SLICE("http://")) || slice_starts(s, SLICE("https://"));
}

static bool is_rating(struct slice s)
{
        double d;
        return text_double(&d, s) && d >= 0 && d <= 10;
}

/* "ja", "en-US". */
static bool is_lang(struct slice s)
{
        return s.n >= 2 && s.n <= 5 && (s.n == 2 || s.p[2] == '-') && (s.p[0] | 32) >= 'a' && (s.p[0] | 32) <= 'z' &&
               (s.p[1] | 32) >= 'a' && (s.p[1] | 32) <= 'z';
}

static size_t count(const struct guess_values *v, bool (*is)(struct slice s))
{
        size_t n = 0;
        for (size_t i = 0; i < v->n; i++)
                n += is(v->v[i]);
        return n;
}

static bool most(size_t part, size_t of)
{
        return of && part * 10 >= of * 9;
}

static bool tells_rows_apart(const struct guess_values *v)
{
        return v->n && v->n == v->rows && v->different == v->rows;
}

/* How well column i could fill the field; 0: not at all. *what: what stands in it, with *n of them. */
static int score(const struct guessing *w, size_t i, enum field f, size_t *n, const char **what)
{
        const struct guess_values *v = &w->values[i];
        struct slice name = w->g->columns[i].name;
        int by_name = guess_name_score(name, f);
        *what = NULL;
        *n = 0;
        switch ((int)f) {
        case FIELD_ID:
                return tells_rows_apart(v) ? by_name : 0;
        case FIELD_OCCURRED_AT:
                *n = guess_count_times(v, name, w->hints->time_format);
                *what = "times";
                if (guess_name_is_birth(name))
                        return by_name && most(*n, v->n) ? 10 : 0;
                return most(*n, v->n) ? by_name + 50 : 0;
        case FIELD_AUTHOR_EMAIL:
                *n = count(v, is_email);
                *what = "e-mail addresses";
                return *n * 10 >= v->n * 6 && *n ? by_name + 80 : v->n == 0 ? by_name : 0;
        case FIELD_RATING:
                *n = count(v, is_rating);
                *what = "numbers from 0 to 10";
                return most(*n, v->n) ? by_name : 0;
        case FIELD_URL:
                *n = count(v, is_url);
                *what = "links";
                return most(*n, v->n) ? by_name : 0;
        case FIELD_LANG:
                *n = count(v, is_lang);
                *what = "codes of languages";
                return most(*n, v->n) ? by_name : 0;
        case FIELD_AUTHOR_COUNTRY:
                *n = count(v, is_lang);
                *what = "codes of countries";
                return most(*n, v->n) ? by_name : 0;
        }
        return by_name;
}

static bool take(struct guessing *w, size_t i, enum field f, size_t n, const char *what)
{
        struct guess_column *c = &w->g->columns[i];
        const char *name = guess_name_score(c->name, f) ? "its name" : NULL;
        w->taken[i] = true;
        c->use = GUESS_FIELD;
        c->field = f;
        if (what)
                c->why = arena_printf(w->a, "%s%s%zu of %zu are %s", name ? name : "", name ? "; " : "", n,
                                      w->values[i].n, what);
        else
                c->why = name ? name : "it has the longest texts";
        return c->why;
}

/* Names that stand twice cannot be told apart by the reader either. */
static bool stands_twice(const struct guess *g, size_t i)
{
        for (size_t k = 0; k < g->n_columns; k++)
                if (k != i && slice_eq_nocase(g->columns[k].name, g->columns[i].name))
                        return true;
        return false;
}

static bool assign(struct guessing *w, enum field f)
{
        int best = 0;
        size_t at = 0, n = 0, n_best = 0;
        const char *what, *what_best = NULL;
        for (size_t i = 0; i < w->g->n_columns; i++) {
                int s = w->taken[i] ? 0 : score(w, i, f, &n, &what);
                if (s <= best)
                        continue;
                best = s;
                at = i;
                n_best = n;
                what_best = what;
        }
        return best == 0 || take(w, at, f, n_best, what_best);
}

static int column_of(const struct guess *g, enum field f)
{
        for (size_t i = 0; i < g->n_columns; i++)
                if (g->columns[i].use == GUESS_FIELD && g->columns[i].field == f)
                        return (int)i;
        return -1;
}

/* Where no name says it: the longest texts, if they are what people write. */
static bool longest_is_body(struct guessing *w)
{
        size_t best = 0, at = 0;
        for (size_t i = 0; i < w->g->n_columns; i++) {
                const struct guess_values *v = &w->values[i];
                size_t mean = v->n ? v->letters / v->n : 0;
                if (w->taken[i] || mean < FREE_TEXT || v->different * 2 < v->n || mean <= best || count(v, is_url))
                        continue;
                best = mean;
                at = i;
        }
        return !best || take(w, at, FIELD_BODY, 0, NULL);
}

static bool find_consent(struct guessing *w)
{
        for (size_t i = 0; i < w->g->n_columns; i++) {
                struct guess_column *c = &w->g->columns[i];
                const struct guess_values *v = &w->values[i];
                if (w->taken[i] || !guess_name_is_consent(c->name) || !v->n || v->different > CONSENT_ANSWERS_MAX)
                        continue;
                for (size_t k = 0; k < v->n && !c->yes; k++)
                        if (guess_is_yes(v->v[k]) && !(c->yes = arena_string(w->a, v->v[k])))
                                return false;
                if (!c->yes)
                        continue;
                w->taken[i] = true;
                c->use = GUESS_CONSENT;
                c->why = "its name, and its answers are yes or no";
                return true;
        }
        return true;
}

/* Whether time and author together are different in each row. */
static bool together(const struct guessing *w, size_t a, size_t b)
{
        const struct guess_values *x = &w->values[a], *y = &w->values[b];
        if (x->n != x->rows || y->n != y->rows)
                return false;
        for (size_t i = 0; i < x->n; i++)
                for (size_t k = 0; k < i; k++)
                        if (slice_eq(x->v[i], x->v[k]) && slice_eq(y->v[i], y->v[k]))
                                return false;
        return true;
}

static void find_id(struct guessing *w)
{
        static const enum field authors[] = { FIELD_AUTHOR_EMAIL, FIELD_AUTHOR_HANDLE, FIELD_AUTHOR_ID, FIELD_AUTHOR_NAME };
        int time = column_of(w->g, FIELD_OCCURRED_AT);
        if (column_of(w->g, FIELD_ID) >= 0)
                return;
        for (size_t i = 0; i < sizeof authors / sizeof *authors && time >= 0; i++) {
                int author = column_of(w->g, authors[i]);
                if (author < 0 || !together(w, (size_t)time, (size_t)author))
                        continue;
                w->g->columns[time].tells = w->g->columns[author].tells = true;
                return;
        }
        w->g->id_is_row = true;
        guess_need(w, "no column tells one row from another",
                   "Let the form number its answers, or keep id = \"row\": then a row that is corrected later comes as a new "
                   "record beside the old one.");
}

/* A name that a configuration cannot hold. */
static bool unwritable(struct slice name)
{
        for (size_t i = 0; i < name.n; i++) {
                bool space = name.p[i] == '\n' || name.p[i] == '\t' || name.p[i] == '\r';
                if (((unsigned char)name.p[i] < 0x20 && !space) || name.p[i] == 0x7f || guess_turns_text(name, i))
                        return true;
        }
        return !name.n || name.n > 1024;
}

/* No column holds times: the one that is named as if it did is asked about. */
static void no_time(struct guessing *w)
{
        for (size_t i = 0; i < w->g->n_columns; i++) {
                struct guess_column *c = &w->g->columns[i];
                if (w->taken[i] || !w->values[i].n || !guess_name_score(c->name, FIELD_OCCURRED_AT) ||
                    guess_name_is_birth(c->name))
                        continue;
                c->why = "its name is a time's, but what stands in it cannot be read as one";
                guess_need(w, arena_printf(w->a, "the times of column \"%.*s\" cannot be read",
                                           (int)utf8_cut(c->name, 80), c->name.p),
                           "Say how they are written, --time-format \"%d.%m.%Y %H:%M\", or let the sheet write 2026-11-23 14:05.");
                return;
        }
        guess_need(w, "no column says when", "Let the form write the time of each answer; a record needs one.");
}

bool guess_roles(struct guessing *w)
{
        static const enum field order[] = { FIELD_ID, FIELD_OCCURRED_AT, FIELD_AUTHOR_EMAIL, FIELD_RATING, FIELD_URL,
                                            FIELD_AUTHOR_HANDLE, FIELD_AUTHOR_NAME, FIELD_AUTHOR_COMPANY,
                                            FIELD_AUTHOR_COUNTRY, FIELD_PRODUCT, FIELD_VERSION, FIELD_LANG, FIELD_TAGS,
                                            FIELD_TITLE };
        for (size_t i = 0; i < w->g->n_columns; i++)
                w->taken[i] = unwritable(w->g->columns[i].name) || stands_twice(w->g, i);
        if (!find_consent(w))
                return false;
        for (size_t i = 0; i < sizeof order / sizeof *order; i++)
                if (!assign(w, order[i]))
                        return false;
        if (!assign(w, FIELD_BODY) || (column_of(w->g, FIELD_BODY) < 0 && !longest_is_body(w)))
                return false;
        int time = column_of(w->g, FIELD_OCCURRED_AT);
        find_id(w);
        if (time < 0) {
                no_time(w);
                return true;
        }
        if (guess_name_is_utc(w->g->columns[time].name))
                w->g->timezone = "UTC";
        return guess_time_format(w, &w->values[time], w->g->columns[time].name);
}
