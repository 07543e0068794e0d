/* people.c - a table of known people, looked up at the beginning of each word: by the word and by
 * it and the next, or by two or three characters where no blanks are written. So a text is passed
 * over once, however many people there are. */
#include <stdlib.h>

#include "look.h"
#include "names.h"
#include "normal.h"

enum {
        NAME_MAX = 120,
        FILTER = 1 << 15, /* bits of the first filter, by the three bytes a name begins with */
        CHAIN_MAX = 256,  /* names with one key that are compared: the work stays bounded */
        NEAR = 14,        /* characters in which "thanks" leads to a handle */
        ENDING = 4,       /* letters of an inflected name's end */
        HEAD = 3          /* bytes of a second word that no inflection changes */
};

struct person {
        char *text; /* folded; n bytes */
        uint32_t key, next, added; /* next: of the chain, 0: none; index + 1 */
        uint8_t n, kind, use;
        bool other; /* the same name in another order */
};

struct people {
        struct normaliser *normaliser;
        struct person *list;
        uint32_t *heads; /* of chains, 0: none; index + 1 */
        size_t n, cap, slots, max, count;
        uint32_t clock;  /* additions so far */
        uint64_t filter[FILTER / 64];
};

struct people *people_new(size_t max_names)
{
        struct people *p = calloc(1, sizeof *p);
        if (!p)
                return NULL;
        p->max = max_names > 1 ? max_names : 2;
        p->normaliser = normaliser_new(2 * NAME_MAX);
        if (p->normaliser)
                return p;
        people_free(p);
        return NULL;
}

void people_free(struct people *p)
{
        if (!p)
                return;
        for (size_t i = 0; i < p->n; i++)
                free(p->list[i].text);
        normaliser_free(p->normaliser);
        free(p->list);
        free(p->heads);
        free(p);
}

size_t people_count(const struct people *p)
{
        return p->count;
}

/* ---- Letters and words ----------------------------------------------------------- */

/* The byte in lower case: ASCII's, and Latin-1's after their 0xC3. */
static uint8_t fold_at(const char *p, size_t i)
{
        uint8_t c = (uint8_t)p[i];
        if (c >= 0x80 && c <= 0x9E && c != 0x97 && i > 0 && (uint8_t)p[i - 1] == 0xC3)
                return c | 0x20;
        return (uint8_t)to_lower((char)c);
}

/* A letter or digit of a script with blanks between words begins with c, or goes on with it. */
static bool is_spaced(const char *p, size_t i, size_t n)
{
        uint8_t c = (uint8_t)p[i];
        if (c < 0x80)
                return is_alnum((char)c);
        if (c < 0xC0)
                return i > 0 && (uint8_t)p[i - 1] >= 0x80;
        return (c >= 0xC3 && c <= 0xDF) || c == 0xE1 || (c == 0xE0 && !name_is_dense(p + i, n - i));
}

/* The word at i, and its hash. */
static size_t word_at(const char *p, size_t i, size_t n, uint32_t *hash)
{
        uint32_t h = 2166136261u;
        while (i < n && is_spaced(p, i, n)) {
                h = (h ^ fold_at(p, i)) * 16777619u;
                i++;
        }
        *hash = h;
        return i;
}

/* Where the word after the one that ends at i begins: over one sign or a line's break, or i. */
static size_t next_word(const char *p, size_t i, size_t n)
{
        size_t k = i;
        while (k < n && k - i < 2 && strchr(" \n,-_.'", p[k]) && p[k])
                k++;
        return k > i && k < n && is_spaced(p, k, n) ? k : i;
}

/* The key of a word and of what the next one at p[0..n) begins with: its end may be inflected. */
static uint32_t key_of_two(uint32_t first, const char *p, size_t n)
{
        uint32_t h = first * 0x85EBCA6Bu;
        for (size_t i = 0; i < HEAD && i < n && is_spaced(p, i, n); i++)
                h = (h ^ fold_at(p, i)) * 16777619u;
        return h;
}

static uint32_t key_of_bytes(const char *p, size_t n)
{
        uint32_t h = 0x811C9DC5u + (uint32_t)n;
        for (size_t i = 0; i < n; i++)
                h = (h ^ (uint8_t)p[i]) * 16777619u;
        return h;
}

/* Which bit of the first filter a name at p[0..3) sets; letters of either case the same one. */
static inline size_t filter_bit(const char *p)
{
        uint32_t three = ((uint32_t)(uint8_t)p[0] | (uint32_t)(uint8_t)p[1] << 8 | (uint32_t)(uint8_t)p[2] << 16) | 0x202020u;
        return (three * 0x9E3779B1u) >> (32 - 15);
}

/* ---- Adding ------------------------------------------------------------------------- */

static uint32_t key_of(const char *text, size_t n)
{
        uint32_t first;
        if (name_is_dense(text, n))
                return key_of_bytes(text, n >= 9 ? 9 : 6);
        size_t end = word_at(text, 0, n, &first), next = next_word(text, end, n);
        return next == end ? first : key_of_two(first, text + next, n - next);
}

static bool grow(struct people *p)
{
        size_t cap = p->cap ? p->cap * 2 : 256;
        struct person *list = realloc(p->list, cap * sizeof *list);
        if (!list)
                return false;
        p->list = list;
        p->cap = cap;
        return true;
}

static void link_one(struct people *p, size_t i)
{
        uint32_t *head = &p->heads[p->list[i].key & (p->slots - 1)];
        p->list[i].next = *head;
        *head = (uint32_t)i + 1;
        size_t bit = filter_bit(p->list[i].text);
        p->filter[bit / 64] |= UINT64_C(1) << bit % 64;
}

/* All chains anew, in at least twice as many slots as there are names. */
static bool relink(struct people *p)
{
        size_t slots = 512;
        while (slots < 2 * p->n)
                slots *= 2;
        uint32_t *heads = calloc(slots, sizeof *heads);
        if (!heads)
                return false;
        free(p->heads);
        p->heads = heads;
        p->slots = slots;
        memset(p->filter, 0, sizeof p->filter);
        for (size_t i = 0; i < p->n; i++)
                link_one(p, i);
        return true;
}

static int by_number(const void *a, const void *b)
{
        uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
        return (x > y) - (x < y);
}

/* Forgets the half that was added longest ago. */
static bool forget_half(struct people *p)
{
        uint32_t *added = malloc(p->n * sizeof *added);
        size_t n = 0, kept = 0;
        if (!added)
                return false;
        for (size_t i = 0; i < p->n; i++)
                added[n++] = p->list[i].added;
        qsort(added, n, sizeof *added, by_number);
        uint32_t least = added[n / 2];
        free(added);
        p->count = 0;
        for (size_t i = 0; i < p->n; i++) {
                if (p->list[i].added < least) {
                        free(p->list[i].text);
                        continue;
                }
                p->count += !p->list[i].other;
                p->list[kept++] = p->list[i];
        }
        p->n = kept;
        return relink(p);
}

static struct person *same(const struct people *p, const char *text, size_t n, uint32_t key, enum people_kind kind)
{
        for (uint32_t at = p->slots ? p->heads[key & (p->slots - 1)] : 0; at; at = p->list[at - 1].next) {
                struct person *who = &p->list[at - 1];
                if (who->key == key && who->n == n && who->kind == kind && memcmp(who->text, text, n) == 0)
                        return who;
        }
        return NULL;
}

static bool put(struct people *p, const char *text, size_t n, enum people_kind kind, enum name_use use, bool other)
{
        uint32_t key = key_of(text, n);
        struct person *who = same(p, text, n, key, kind);
        if (who) {
                who->added = p->clock;
                return true;
        }
        if ((p->n == p->cap && !grow(p)) || (2 * (p->n + 1) > p->slots && !relink(p)))
                return false;
        char *copy = malloc(n);
        if (!copy)
                return false;
        memcpy(copy, text, n);
        p->list[p->n] = (struct person){ .text = copy, .key = key, .added = p->clock, .n = (uint8_t)n,
                                         .kind = (uint8_t)kind, .use = (uint8_t)use, .other = other };
        link_one(p, p->n++);
        p->count += !other;
        return true;
}

/* "ana silva": "silva ana" too; 小林 美咲: 小林美咲 too. */
static bool put_other(struct people *p, const char *name, size_t n, enum name_use use)
{
        char text[NAME_MAX + 4];
        const char *blank = memchr(name, ' ', n);
        if (!blank || memchr(blank + 1, ' ', n - (size_t)(blank + 1 - name)))
                return true;
        size_t first = (size_t)(blank - name), last = n - first - 1;
        if (name_is_dense(name, n)) {
                memcpy(text, name, first);
                memcpy(text + first, blank + 1, last);
                return put(p, text, n - 1, PEOPLE_NAME, use, true);
        }
        memcpy(text, blank + 1, last);
        text[last] = ' ';
        memcpy(text + last + 1, name, first);
        return put(p, text, n, PEOPLE_NAME, use, true);
}

/* Lower case, blanks in one piece, without the comma of "Silva, Ana" and a handle's '@'. */
static size_t fold_name(char *to, struct slice from)
{
        size_t n = 0;
        for (size_t i = 0; i < from.n; i++) {
                char c = (char)fold_at(from.p, i);
                bool blank = c == ' ' || c == '\t' || c == ',' || c == '\n' || c == '\r';
                if (!blank)
                        to[n++] = c;
                else if (n && to[n - 1] != ' ')
                        to[n++] = ' ';
        }
        while (n && to[n - 1] == ' ')
                n--;
        return n;
}

bool people_add(struct people *p, struct slice name, enum people_kind kind)
{
        struct normal view;
        char text[2 * NAME_MAX];
        name = slice_trim(name);
        if (kind == PEOPLE_HANDLE && name.n && name.p[0] == '@')
                name = slice_make(name.p + 1, name.n - 1);
        if (name.n < 3 || name.n > NAME_MAX)
                return true;
        if (!normalise(p->normaliser, name, false, &view))
                return false;
        size_t n = fold_name(text, slice_make(view.p, view.n));
        enum name_use use = n >= 3 ? name_use(slice_make(text, n), kind) : NAME_NOT;
        if (use == NAME_NOT || (!name_is_dense(text, n) && !is_spaced(text, 0, n)))
                return true;
        if (p->count >= p->max && !forget_half(p))
                return false;
        p->clock++;
        return put(p, text, n, kind, use, false) && (kind != PEOPLE_NAME || put_other(p, text, n, use));
}

/* ---- Finding ------------------------------------------------------------------------ */

/* The end of the text of `who` at i, or i. Its blank stands for two, a comma and one, or a line's
 * break. */
static size_t text_at(const struct look *l, size_t i, const struct person *who)
{
        size_t k = i;
        for (size_t c = 0; c < who->n; c++, k++) {
                if (k >= l->n)
                        return i;
                if (who->text[c] != ' ') {
                        if (fold_at(l->p, k) != (uint8_t)who->text[c])
                                return i;
                        continue;
                }
                if (l->p[k] == ',' && look_at(l, k + 1) == ' ')
                        k++;
                if (l->p[k] != ' ' && l->p[k] != '\n')
                        return i;
                if (l->p[k] == ' ' && look_at(l, k + 1) == ' ')
                        k++;
        }
        return k;
}

/* After a name of several words a few letters may follow, "Kowalskiego"; after others none. */
static size_t name_end(const struct look *l, size_t i, size_t end, const struct person *who)
{
        size_t k = end;
        while (k < l->n && k - end <= 2 * ENDING && is_spaced(l->p, k, l->n) && !is_digit(l->p[k]))
                k++;
        if (k == end)
                return look_at(l, end) == '_' || is_digit(look_at(l, end)) ? i : end;
        bool several = memchr(who->text, ' ', who->n) != NULL;
        return several && k - end <= ENDING && (k == l->n || !is_spaced(l->p, k, l->n)) ? k : i;
}

/* Each word of [i, end) that ASCII begins does so with a capital. */
static bool in_capitals(const struct look *l, size_t i, size_t end)
{
        for (size_t k = i; k < end; k++)
                if (l->p[k] >= 'a' && l->p[k] <= 'z' && (k == i || l->p[k - 1] == ' ' || l->p[k - 1] == '\n'))
                        return false;
        return true;
}

static bool in_profile(const struct look *l, size_t i)
{
        static const char *const hosts[] = { "github.com/", "gitlab.com/", "gitee.com/", "twitter.com/", "//x.com/", "//t.me/",
                "linkedin.com/in/", "/u/", "/users/", "/user/", "medium.com/@", "mastodon.social/@", "instagram.com/",
                "weibo.com/", "zhihu.com/people/", "discuss.tidb.io/u/" };
        for (size_t k = 0; k < sizeof hosts / sizeof *hosts; k++) {
                size_t n = strlen(hosts[k]);
                if (i >= n && l->p[i - 1] == hosts[k][n - 1] && look_is_nocase(l, i - n, hosts[k]))
                        return true;
        }
        return false;
}

/* A handle in [i, end): with its '@', in a URL, or by itself. */
static bool is_handle(const struct look *l, size_t *i, size_t end, const struct person *who)
{
        char before = look_before(l, *i), after = look_at(l, end);
        if (is_alnum(after) || after == '_' || after == '@' || ((after == '-' || after == '.') && is_alnum(look_at(l, end + 1))))
                return false;
        if (before == '@' && !is_alnum(*i > 1 ? l->p[*i - 2] : 0)) {
                --*i;
                return true;
        }
        if (in_profile(l, *i))
                return true;
        if (before == '@' || before == '-' || before == '_' || before == '.' || before == '\\' || before == ':')
                return false;
        if (who->use == NAME_ANYWHERE)
                return true;
        return who->use == NAME_LED_TO && before != '/' && look_context(l, ID_HANDLE, *i, NEAR, end, 0);
}

static bool is_meant(const struct look *l, size_t *i, size_t *end, const struct person *who)
{
        bool handle = who->kind == PEOPLE_HANDLE || who->use == NAME_LED_TO || who->use == NAME_AT;
        if (handle)
                return is_handle(l, i, *end, who);
        if (who->kind == PEOPLE_NAME && !name_is_dense(who->text, who->n)) {
                *end = name_end(l, *i, *end, who);
                return *end > *i && (who->use != NAME_CAPITALS || in_capitals(l, *i, *end));
        }
        return who->kind != PEOPLE_ADDRESS || !is_alnum(look_at(l, *end));
}

struct met {
        size_t start, end;
        int confidence;
};

/* The longest of those with this key that is meant at i. */
static void meet(const struct look *l, const struct people *p, size_t i, uint32_t key, struct met *best)
{
        uint32_t at = p->heads[key & (p->slots - 1)];
        for (int tried = 0; at && tried < CHAIN_MAX; at = p->list[at - 1].next) {
                const struct person *who = &p->list[at - 1];
                if (who->key != key)
                        continue;
                size_t start = i, end = text_at(l, i, who);
                tried++;
                if (end > i && is_meant(l, &start, &end, who) && end > best->end)
                        *best = (struct met){ start, end, who->kind == PEOPLE_HANDLE ? 97 : 90 };
        }
}

static size_t meet_spaced(const struct look *l, const struct people *p, size_t i, struct met *best)
{
        uint32_t first;
        size_t end = word_at(l->p, i, l->n, &first), next = next_word(l->p, end, l->n);
        meet(l, p, i, first, best);
        if (next > end)
                meet(l, p, i, key_of_two(first, l->p + next, l->n - next), best);
        return end;
}

static void meet_dense(const struct look *l, const struct people *p, size_t i, struct met *best)
{
        uint8_t lead = (uint8_t)l->p[i];
        bool hangul = lead >= 0xEA && lead <= 0xED;
        if (hangul && i >= 3 && (uint8_t)l->p[i - 3] >= 0xEA && (uint8_t)l->p[i - 3] <= 0xED)
                return; /* in the middle of a word */
        if (i + 9 <= l->n)
                meet(l, p, i, key_of_bytes(l->p + i, 9), best);
        if (i + 6 <= l->n)
                meet(l, p, i, key_of_bytes(l->p + i, 6), best);
}

static bool begins_word(const struct look *l, size_t i)
{
        return i == 0 || !is_spaced(l->p, i - 1, l->n) || name_is_dense(l->p + i, l->n - i);
}

/* The end of the one who is met at i, where a word may begin, or i. */
static size_t meet_at(struct look *l, const struct people *p, size_t i)
{
        struct met best = { 0, 0, 0 };
        size_t bit = filter_bit(l->p + i);
        if (!(p->filter[bit / 64] >> bit % 64 & 1) || !begins_word(l, i))
                return i;
        if (name_is_dense(l->p + i, l->n - i))
                meet_dense(l, p, i, &best);
        else if (is_spaced(l->p, i, l->n))
                meet_spaced(l, p, i, &best);
        if (best.end <= i)
                return i;
        look_hit(l, best.start, best.end, ID_PERSON, best.confidence);
        return best.end;
}

void find_people(struct look *l, const struct people *p)
{
        size_t done = 0; /* nobody is met before this */
        for (size_t base = 0; p->n && base < l->n; base += 64)
                for (uint64_t at = l->map->blocks[base / 64].word; at; at &= at - 1) {
                        size_t i = base + (size_t)__builtin_ctzll(at);
                        if (i >= done && i + 3 <= l->n)
                                done = meet_at(l, p, i);
                }
}
