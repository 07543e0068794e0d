/* score.c - labels against findings, one record at a time. */
#include "detect/score.h"

#include <stdlib.h>
#include <string.h>

enum { PAIRS_MAX = 1 << 16 };

struct pair {
        uint32_t overlap;
        uint16_t label, finding;
};

struct score_work {
        struct score_span labels[SCORE_SPANS], found[SCORE_SPANS]; /* those that count */
        struct pair pairs[PAIRS_MAX];
        bool hit[SCORE_SPANS], right[SCORE_SPANS];
};

struct score *score_new(void)
{
        struct score *s = calloc(1, sizeof *s);
        if (s)
                s->work = malloc(sizeof *s->work);
        if (s && !s->work) {
                free(s);
                return NULL;
        }
        return s;
}

void score_free(struct score *s)
{
        if (!s)
                return;
        free(s->work);
        free(s);
}

uint16_t score_type(struct score *s, struct slice name)
{
        char capitals[sizeof s->types[0].name] = { 0 };
        if (name.n == 0 || name.n >= sizeof capitals)
                return SCORE_TYPES;
        for (size_t i = 0; i < name.n; i++)
                capitals[i] = (char)(name.p[i] >= 'a' && name.p[i] <= 'z' ? name.p[i] & ~32 : name.p[i]);
        for (size_t i = 0; i < s->n_types; i++)
                if (strcmp(s->types[i].name, capitals) == 0)
                        return (uint16_t)i;
        if (s->n_types == SCORE_TYPES)
                return SCORE_TYPES;
        memcpy(s->types[s->n_types].name, capitals, sizeof capitals);
        return (uint16_t)s->n_types++;
}

static uint32_t overlap(const struct score_span *a, const struct score_span *b)
{
        uint32_t start = a->start > b->start ? a->start : b->start, end = a->end < b->end ? a->end : b->end;
        return a->field == b->field && end > start ? end - start : 0;
}

static bool touches(const struct score_span *f, const struct score_span *labels, size_t n, bool optional)
{
        for (size_t i = 0; i < n; i++)
                if (labels[i].optional == optional && overlap(f, &labels[i]))
                        return true;
        return false;
}

/* The largest overlap first; then in the order of labels, of findings. */
static int by_overlap(const void *a, const void *b)
{
        const struct pair *x = a, *y = b;
        if (x->overlap != y->overlap)
                return x->overlap > y->overlap ? -1 : 1;
        if (x->label != y->label)
                return x->label < y->label ? -1 : 1;
        return (x->finding > y->finding) - (x->finding < y->finding);
}

static bool match(struct score_work *w, size_t n, size_t m, bool exact)
{
        size_t pairs = 0;
        for (size_t i = 0; i < n; i++)
                for (size_t j = 0; j < m; j++) {
                        const struct score_span *l = &w->labels[i], *f = &w->found[j];
                        uint32_t common = l->type == f->type ? overlap(l, f) : 0;
                        if (!common || (exact && (l->start != f->start || l->end != f->end)))
                                continue;
                        if (pairs == PAIRS_MAX)
                                return false;
                        w->pairs[pairs++] = (struct pair){ common, (uint16_t)i, (uint16_t)j };
                }
        memset(w->hit, 0, n);
        memset(w->right, 0, m);
        if (pairs)
                qsort(w->pairs, pairs, sizeof *w->pairs, by_overlap);
        for (size_t k = 0; k < pairs; k++)
                if (!w->hit[w->pairs[k].label] && !w->right[w->pairs[k].finding])
                        w->hit[w->pairs[k].label] = w->right[w->pairs[k].finding] = true;
        return true;
}

static void count_person(struct score *s, const struct score_span *label, bool hit)
{
        struct score_count *c = label->known ? &s->known : &s->unknown;
        c->labels++;
        c->found += hit;
        c->predicted += hit;
        c->right += hit;
}

static void count(struct score *s, size_t n, size_t m, bool exact)
{
        const struct score_work *w = s->work;
        for (size_t i = 0; i < n; i++) {
                struct score_type_count *t = &s->types[w->labels[i].type];
                struct score_count *c = exact ? &t->exact : &t->overlap;
                c->labels++;
                c->found += w->hit[i];
                if (!exact && strcmp(t->name, "PERSON") == 0)
                        count_person(s, &w->labels[i], w->hit[i]);
        }
        for (size_t j = 0; j < m; j++) {
                struct score_type_count *t = &s->types[w->found[j].type];
                struct score_count *c = exact ? &t->exact : &t->overlap;
                c->predicted++;
                c->right += w->right[j];
        }
}

/* Bytes of the label that no finding covers. */
static uint64_t leaked(const struct score_work *w, const struct score_span *label, size_t m)
{
        uint64_t bytes = 0;
        for (uint32_t k = label->start; k < label->end;) {
                uint32_t next = label->end, end = k;
                for (size_t j = 0; j < m; j++) {
                        const struct score_span *f = &w->found[j];
                        if (f->field != label->field || f->end <= k)
                                continue;
                        if (f->start <= k)
                                end = f->end > end ? f->end : end;
                        else if (f->start < next)
                                next = f->start;
                }
                if (end == k) {
                        bytes += next - k;
                        end = next;
                }
                k = end;
        }
        return bytes;
}

bool score_record(struct score *s, const struct score_span *labels, size_t n, const struct score_span *found,
                  size_t m)
{
        struct score_work *w = s->work;
        size_t gold = 0, said = 0;
        if (n > SCORE_SPANS || m > SCORE_SPANS)
                return false;
        for (size_t i = 0; i < n; i++)
                if (!labels[i].optional)
                        w->labels[gold++] = labels[i];
        for (size_t j = 0; j < m; j++)
                if (touches(&found[j], labels, n, false) || !touches(&found[j], labels, n, true))
                        w->found[said++] = found[j];
        if (!match(w, gold, said, false))
                return false;
        count(s, gold, said, false);
        if (!match(w, gold, said, true))
                return false;
        count(s, gold, said, true);
        for (size_t i = 0; i < gold; i++) {
                s->labelled_bytes += w->labels[i].end - w->labels[i].start;
                s->leaked_bytes += leaked(w, &w->labels[i], said);
        }
        s->records++;
        s->clean_records += gold == 0;
        s->false_alarms += gold == 0 ? said : 0;
        return true;
}

double score_precision(const struct score_count *c)
{
        return c->predicted ? (double)c->right / (double)c->predicted : 0;
}

double score_recall(const struct score_count *c)
{
        return c->labels ? (double)c->found / (double)c->labels : 0;
}

double score_f1(const struct score_count *c)
{
        double p = score_precision(c), r = score_recall(c);
        return p + r > 0 ? 2 * p * r / (p + r) : 0;
}

static void add(struct score_count *to, const struct score_count *c)
{
        to->labels += c->labels;
        to->found += c->found;
        to->predicted += c->predicted;
        to->right += c->right;
}

struct score_count score_all(const struct score *s, bool exact)
{
        struct score_count all = { 0 };
        for (size_t i = 0; i < s->n_types; i++)
                add(&all, exact ? &s->types[i].exact : &s->types[i].overlap);
        return all;
}

struct score_count score_findable(const struct score *s)
{
        struct score_count all = { 0 };
        for (size_t i = 0; i < s->n_types; i++)
                if (strcmp(s->types[i].name, "ADDRESS") != 0)
                        add(&all, &s->types[i].overlap);
        all.labels -= s->unknown.labels;
        all.found -= s->unknown.found;
        all.predicted -= s->unknown.predicted;
        all.right -= s->unknown.right;
        return all;
}
