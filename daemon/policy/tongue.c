/* tongue.c - templates become sentences: arguments by name, plural forms by the number, and what a
 * language does with lists, numbers, times and days.                                      */
#include "tongue.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct tongue_table *const tables[TONGUES] = {
        [TONGUE_EN] = &tongue_en, [TONGUE_ZH] = &tongue_zh, [TONGUE_JA] = &tongue_ja, [TONGUE_DE] = &tongue_de,
        [TONGUE_ID] = &tongue_id, [TONGUE_FR] = &tongue_fr, [TONGUE_KO] = &tongue_ko,
};

const struct tongue_table *tongue_table(enum tongue t)
{
        return tables[t];
}

const char *tongue_code(enum tongue t)
{
        return tables[t]->code;
}

int tongue_of_code(const char *code)
{
        for (int t = 0; t < TONGUES; t++)
                if (strcmp(tables[t]->code, code) == 0)
                        return t;
        return -1;
}

const char *tongue_word(const struct tongue_table *t, const char *of, const char *tech)
{
        size_t n = strlen(of);
        for (size_t i = 0; i < t->n_words; i++)
                if (strncmp(t->words[i].tech, of, n) == 0 && strcmp(t->words[i].tech + n, tech) == 0)
                        return t->words[i].word;
        return NULL;
}

/* ---- Templates ------------------------------------------------------------------ */

/* 100000 as this language groups it. */
static void put_number(struct buf *out, const struct tongue_table *t, int64_t v)
{
        char digits[24];
        int n = snprintf(digits, sizeof digits, "%" PRId64, v);
        for (int i = 0; i < n; i++) {
                if (i && (n - i) % 3 == 0 && digits[i - 1] != '-')
                        buf_puts(out, t->thousands);
                buf_putc(out, digits[i]);
        }
}

static const struct arg *arg_of(struct slice name, const struct arg *args, size_t n)
{
        for (size_t i = 0; i < n; i++)
                if (slice_is(name, args[i].name))
                        return &args[i];
        return NULL;
}

/* What stands between { and }: a name, or a name and its two forms. False: no such argument. */
static bool put_argument(struct buf *out, const struct tongue_table *t, struct slice inside,
                         const struct arg *args, size_t n)
{
        const char *end = inside.p + inside.n;
        const char *first = memchr(inside.p, '|', inside.n);
        const struct arg *arg = arg_of((struct slice){ inside.p, first ? (size_t)(first - inside.p) : inside.n }, args, n);
        if (!arg)
                return false;
        if (first) {
                const char *second = memchr(first + 1, '|', (size_t)(end - first - 1));
                bool one = arg->number == 1 || (arg->number == 0 && t->one_is_two);
                if (!second)
                        return false;
                buf_put(out, one ? slice_make(first + 1, (size_t)(second - first - 1))
                                 : slice_make(second + 1, (size_t)(end - second - 1)));
        } else if (arg->text) {
                buf_puts(out, arg->text);
        } else {
                put_number(out, t, arg->number);
        }
        return true;
}

static bool put_template(struct buf *out, const struct tongue_table *t, const char *template,
                         const struct arg *args, size_t n)
{
        bool ok = template != NULL;
        while (ok && *template) {
                size_t plain = strcspn(template, "{");
                buf_put(out, slice_make(template, plain));
                template += plain;
                if (!*template)
                        break;
                const char *end = strchr(template, '}');
                ok = end && put_argument(out, t, slice_make(template + 1, (size_t)(end - template - 1)), args, n);
                template = end ? end + 1 : template;
        }
        return ok;
}

/* A copy that lives as long as the speaker. */
static const char *keep(struct speaker *s)
{
        const char *out = buf_ok(&s->text) ? arena_string(s->arena, buf_slice(&s->text)) : NULL;
        buf_reset(&s->text);
        if (!out)
                s->broken = true;
        return out ? out : "";
}

const char *speaker_part(struct speaker *s, enum say id, const struct arg *args, size_t n)
{
        buf_reset(&s->text);
        if (!put_template(&s->text, s->t, s->t->says[id], args, n))
                s->broken = true;
        return keep(s);
}

/* ---- Sentences ------------------------------------------------------------------ */

static void hear(struct speaker *s, const char *text, const char *file, int line, const char *because, bool as_written)
{
        struct sentence said = { s->section, slice_of(text), file, line, because ? because : "", as_written };
        s->hear(&said, s->ctx);
}

void speaker_tell(struct speaker *s, enum say id, const struct at *at, const struct arg *args, size_t n)
{
        const char *text = speaker_part(s, id, args, n);
        hear(s, text, at ? at->file : NULL, at ? at->line : 0,
             at ? at->because : s->t->says[SAY_BUILT_IN], false);
}

void speaker_plain(struct speaker *s, enum say id, const struct at *at)
{
        speaker_tell(s, id, at, NULL, 0);
}

void speaker_as_written(struct speaker *s, const char *text, const char *file, int line)
{
        hear(s, text, file, line, "", true);
}

void speaker_section(struct speaker *s, enum say heading)
{
        s->section = s->t->says[heading];
}

/* ---- Parts of sentences ---------------------------------------------------------- */

const char *quote_said(struct speaker *s, const char *text)
{
        buf_reset(&s->text);
        buf_printf(&s->text, "%s%s%s", s->t->quotes[0], text, s->t->quotes[1]);
        return keep(s);
}

const char *term_said(struct speaker *s, const char *of, const char *tech)
{
        const char *word = tongue_word(s->t, of, tech);
        if (!word || strcmp(word, tech) == 0)
                return tech;
        buf_reset(&s->text);
        buf_printf(&s->text, "%s%s%s%s", word, s->t->brackets[0], tech, s->t->brackets[1]);
        return keep(s);
}

const char *date_said(struct speaker *s, const char *day)
{
        int y = 0, m = 0, d = 0;
        if (sscanf(day, "%4d-%2d-%2d", &y, &m, &d) != 3 || m < 1 || m > 12)
                return day;
        char year[16], number[16];
        snprintf(year, sizeof year, "%d", y); /* years are not grouped */
        snprintf(number, sizeof number, "%d", d);
        const struct arg args[] = { TEXT("y", year), TEXT("month", s->t->months[m - 1]),
                                    TEXT("d", d == 1 ? s->t->first_day : number) };
        buf_reset(&s->text);
        if (!put_template(&s->text, s->t, s->t->date, args, sizeof args / sizeof *args))
                s->broken = true;
        return keep(s);
}

const char *amount_said(struct speaker *s, enum unit unit, int64_t n)
{
        const struct arg args[] = { NUMBER("n", n) };
        buf_reset(&s->text);
        if (!put_template(&s->text, s->t, s->t->units[unit], args, 1))
                s->broken = true;
        return keep(s);
}

const char *duration_said(struct speaker *s, const struct duration *d)
{
        static const char *const names[UNITS] = { "second", "minute", "hour", "day", "working day", "week", "month", "year" };
        for (int u = 0; u < UNITS; u++)
                if (strcmp(d->unit, names[u]) == 0)
                        return amount_said(s, (enum unit)u, d->amount);
        return span_said(s, d->us);
}

/* The greatest unit that says it exactly; up to four days in hours, as laws do. */
const char *span_said(struct speaker *s, int64_t us)
{
        static const struct {
                enum unit unit;
                int64_t us, least;
        } steps[] = { { UNIT_YEAR, 365 * US_PER_DAY, 1 },
                      { UNIT_DAY, US_PER_DAY, 5 },
                      { UNIT_HOUR, US_PER_HOUR, 1 },
                      { UNIT_MINUTE, 60 * US_PER_SECOND, 1 } };
        for (size_t i = 0; i < sizeof steps / sizeof *steps; i++)
                if (us % steps[i].us == 0 && us / steps[i].us >= steps[i].least)
                        return amount_said(s, steps[i].unit, us / steps[i].us);
        return amount_said(s, UNIT_SECOND, us / US_PER_SECOND);
}

const char *decision_said(struct speaker *s, enum decision d)
{
        return s->t->decisions[d];
}

void list_add(struct list *l, const char *text)
{
        if (l->n < sizeof l->v / sizeof *l->v)
                l->v[l->n++] = text;
}

const char *list_said(struct speaker *s, const struct list *l, struct list_style style)
{
        buf_reset(&s->text);
        for (size_t i = 0; i < l->n; i++) {
                if (i)
                        buf_puts(&s->text, i + 1 < l->n ? style.between : l->n == 2 ? style.two : style.last);
                buf_puts(&s->text, l->v[i]);
        }
        return keep(s);
}

const char *names_said(struct speaker *s, struct names names, bool any, bool quotes)
{
        struct list l = { .n = 0 };
        for (size_t i = 0; i < names.n; i++)
                list_add(&l, quotes ? quote_said(s, names.v[i]) : names.v[i]);
        return list_said(s, &l, any ? s->t->any : s->t->all);
}

const char *kinds_said(struct speaker *s, uint32_t kinds, bool any)
{
        struct list l = { .n = 0 };
        for (int k = 0; k < RECORD_KINDS; k++)
                if (kinds >> k & 1)
                        list_add(&l, term_said(s, OF_KIND, kind_name((enum record_kind)k)));
        return list_said(s, &l, any ? s->t->any : s->t->all);
}
