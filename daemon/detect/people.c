/* people.c - known names: a bitmap and a table over the first bytes of each, so that a text is
 * passed over once however many people there are. */
#include "detect/people.h"

#include <stdlib.h>

#include "look.h"

enum { HEAD = 5, NAME_MAX = 120, BITS = 1 << 17 };

struct person {
        char *text; /* folded; n bytes */
        uint32_t n, hash;
};

struct people {
        struct person *list; /* closed: by hash, of one hash the longer first */
        size_t n, cap, max, added;
        uint64_t bits[BITS / 64];
        uint32_t *from; /* closed: the bucket's are list[from[bucket]..from[bucket + 1]) */
        unsigned shift; /* bucket: the upper bits of the hash, above these */
};

struct people *people_new(size_t max_names)
{
        struct people *p = calloc(1, sizeof *p);
        if (p)
                p->max = max_names;
        return p;
}

void people_free(struct people *p)
{
        if (!p)
                return;
        for (size_t i = 0; i < p->n; i++)
                free(p->list[i].text);
        free(p->list);
        free(p->from);
        free(p);
}

size_t people_count(const struct people *p)
{
        return p->added;
}

/* Of HEAD bytes, ASCII case ignored. */
static uint32_t hash_of(const char *s)
{
        uint64_t v = 0;
        for (size_t i = 0; i < HEAD; i++)
                v = v << 8 | (uint8_t)to_lower(s[i]);
        return (uint32_t)(v * UINT64_C(0x9E3779B97F4A7C15) >> 32);
}

static bool put(struct people *p, const char *text, size_t n)
{
        if (p->n == p->cap) {
                size_t cap = p->cap ? p->cap * 2 : 256;
                struct person *list = realloc(p->list, cap * sizeof *list);
                if (!list)
                        return false;
                p->list = list;
                p->cap = cap;
        }
        char *copy = malloc(n);
        if (!copy)
                return false;
        for (size_t i = 0; i < n; i++)
                copy[i] = to_lower(text[i]);
        uint32_t hash = hash_of(copy);
        p->list[p->n++] = (struct person){ copy, (uint32_t)n, hash };
        p->bits[hash % BITS / 64] |= UINT64_C(1) << hash % 64;
        return true;
}

/* "Ana Silva": "Silva Ana" and "Silva, Ana" too; 小林 美咲: 小林美咲 too. */
static bool put_orders(struct people *p, struct slice name, size_t blank)
{
        char text[NAME_MAX + 4];
        size_t first = blank, last = name.n - blank - 1;
        const char *family = name.p + blank + 1;
        bool dense = (uint8_t)name.p[0] >= 0xE3; /* CJK, Hangul */
        if (dense) {
                memcpy(text, name.p, first);
                memcpy(text + first, family, last);
                return first + last < HEAD || put(p, text, first + last);
        }
        memcpy(text, family, last);
        text[last] = ' ';
        memcpy(text + last + 1, name.p, first);
        if (!put(p, text, name.n))
                return false;
        text[last] = ',';
        text[last + 1] = ' ';
        memcpy(text + last + 2, name.p, first);
        return put(p, text, name.n + 1);
}

bool people_add(struct people *p, struct slice name)
{
        name = slice_trim(name);
        if (name.n < HEAD || name.n > NAME_MAX)
                return true;
        if (p->added == p->max || !put(p, name.p, name.n))
                return false;
        p->added++;
        const char *blank = memchr(name.p, ' ', name.n);
        if (!blank || memchr(blank + 1, ' ', name.n - (size_t)(blank + 1 - name.p)))
                return true;
        return put_orders(p, name, (size_t)(blank - name.p));
}

static int by_hash(const void *a, const void *b)
{
        const struct person *x = a, *y = b;
        if (x->hash != y->hash)
                return x->hash < y->hash ? -1 : 1;
        return x->n != y->n ? (x->n > y->n ? -1 : 1) : memcmp(x->text, y->text, x->n);
}

bool people_close(struct people *p)
{
        for (p->shift = 31; p->shift > 8 && ((size_t)1 << (32 - p->shift)) < p->n; p->shift--)
                ;
        size_t buckets = (size_t)1 << (32 - p->shift), i = 0;
        p->from = malloc((buckets + 1) * sizeof *p->from);
        if (!p->from)
                return false;
        if (p->n)
                qsort(p->list, p->n, sizeof *p->list, by_hash);
        for (size_t b = 0; b <= buckets; b++) {
                while (i < p->n && (size_t)(p->list[i].hash >> p->shift) < b)
                        i++;
                p->from[b] = (uint32_t)i;
        }
        return true;
}

/* A letter of a script with blanks between words begins at c: Latin, Greek, Cyrillic, Arabic,
 * Vietnamese. */
static bool is_spaced(char c)
{
        uint8_t u = (uint8_t)c;
        return is_alnum(c) || (u >= 0xC3 && u <= 0xDF) || u == 0xE1;
}

/* The character before i is such a letter. */
static bool spaced_before(const struct look *l, size_t i)
{
        if (i == 0)
                return false;
        size_t k = i - 1;
        while (k > 0 && i - k < 3 && ((uint8_t)l->p[k] & 0xC0) == 0x80)
                k--;
        return is_spaced(l->p[k]) || l->p[i - 1] == '_';
}

/* The end of the name at i, or i. A blank of the name stands for two, or a line's break. */
static size_t name_at(const struct look *l, size_t i, const struct person *who)
{
        size_t k = i;
        for (size_t c = 0; c < who->n; c++) {
                char here = look_at(l, k);
                if (who->text[c] == ' ' && (here == ' ' || here == '\n')) {
                        k += here == ' ' && look_at(l, k + 1) == ' ' ? 2 : 1;
                } else if (to_lower(here) == who->text[c] && k < l->n) {
                        k++;
                } else {
                        return i;
                }
        }
        bool word = is_spaced(l->p[i]);
        return word && is_spaced(look_at(l, k)) && !(look_at(l, k) == 's' && !is_spaced(look_at(l, k + 1))) ? i : k;
}

static size_t longest(const struct look *l, const struct people *p, size_t i, uint32_t hash)
{
        size_t bucket = hash >> p->shift;
        for (uint32_t k = p->from[bucket]; k < p->from[bucket + 1]; k++) {
                size_t end = p->list[k].hash == hash ? name_at(l, i, &p->list[k]) : i;
                if (end > i)
                        return end;
        }
        return i;
}

void find_people(struct look *l, const struct people *p)
{
        for (size_t i = 0; i + HEAD <= l->n; i++) {
                uint8_t c = (uint8_t)l->p[i];
                if ((c & 0xC0) == 0x80 || c < '0')
                        continue;
                uint32_t hash = hash_of(l->p + i);
                if (!(p->bits[hash % BITS / 64] >> hash % 64 & 1))
                        continue;
                if (is_spaced((char)c) && spaced_before(l, i))
                        continue;
                size_t end = longest(l, p, i, hash);
                if (end > i) {
                        look_hit(l, i, end, ID_PERSON, 90);
                        i = end - 1;
                }
        }
}
