/* map.c - bits of classes: what a character is says a table of its low half together with one of its high
 * half, so that thirty-two are looked up at once where AVX2 is, and one after the other elsewhere. */
#include "map.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#if defined __x86_64__ && defined __GNUC__ && !defined MAP_PORTABLE
#include <immintrin.h>
#define WIDE 1
#else
#define WIDE 0
#endif

enum { AHEAD = 2, STEP = 32 }; /* bytes behind a block that are looked at, too; bytes a wide step */

void map_init(struct map *m)
{
        *m = (struct map){ .p = NULL };
}

void map_clear(struct map *m)
{
        free(m->blocks);
        map_init(m);
}

/* The bits that low[c % 16] and high[c / 16] share. */
struct halves {
        uint8_t low[16], high[16];
};

enum { ANCHORS = 0x1F, DIGIT = 0x20, LETTERS = 0xC0 };

/* A bit for the anchors of each high half, from 2x on: " % & ' ( + -, : =, @ I J K, [ \ _, x z {. */
static const struct halves kinds = {
        { 0xA4, 0xE0, 0xE1, 0xE0, 0xE0, 0xE1, 0xE1, 0xE1, 0xF1, 0xE4, 0xD6, 0x5D, 0x48, 0x43, 0x40, 0x48 },
        { [2] = 0x01, [3] = 0x22, [4] = 0x44, [5] = 0x88, [6] = 0x40, [7] = 0x90 } };

/* Two letters that the names of '.' and '@' begin with, after a blank: do(t), at, ar(roba, -obase), ap(enstaartje),
 * af(fenschwanz), ch(iocciola), ma(lpa), kl(ammeraffe), za(vinac), sn(abel-a). A bit a pair; 'f' is apart. */
static const struct halves first_letters = {
        { [1] = 0x82, [3] = 0x24, [4] = 0x01, [10] = 0x40, [11] = 0x10, [13] = 0x08 }, { [6] = 0x9F, [7] = 0x60 } };
static const struct halves second_letters = {
        { [0] = 0x02, [1] = 0x48, [2] = 0x02, [4] = 0x02, [6] = 0x80, [8] = 0x04, [12] = 0x10, [14] = 0x20, [15] = 0x01 },
        { [6] = 0xFD, [7] = 0x02 } };

/* The three bytes of ア あ 골 艾, of с and the next one's first of собака, of แ ऐ: a bit each. */
static const struct halves first_bytes = {
        { [0] = 0x60, [1] = 0x10, [3] = 0x03, [8] = 0x08, [10] = 0x04 }, { [13] = 0x10, [14] = 0x6F } };
static const struct halves second_bytes = {
        { [1] = 0x12, [2] = 0x01, [3] = 0x04, [4] = 0x40, [9] = 0x28 }, { [8] = 0x1B, [10] = 0x40, [11] = 0x24 } };
static const struct halves third_bytes = {
        { [0] = 0x50, [1] = 0x20, [2] = 0x03, [8] = 0x04, [14] = 0x08 },
        { [8] = 0x22, [9] = 0x40, [10] = 0x05, [11] = 0x08, [13] = 0x10 } };

/* Of 64 bytes, with those two behind them. */
struct classes {
        uint64_t digit, alnum, lead, anchor, spoken;
        uint8_t most; /* the greatest byte, or a greater one that begins a character as long */
};

static unsigned one(const struct halves *h, char c)
{
        return h->low[(uint8_t)c & 15] & h->high[(uint8_t)c >> 4];
}

static bool begins_name(const char *p)
{
        if (p[0] == ' ')
                return one(&first_letters, (char)(p[1] | ' ')) & one(&second_letters, (char)(p[2] | ' '));
        return (uint8_t)p[0] >= 0x80 && one(&first_bytes, p[0]) & one(&second_bytes, p[1]) & one(&third_bytes, p[2]);
}

static void classify_each(const char *p, struct classes *c)
{
        *c = (struct classes){ 0 };
        for (unsigned i = 0; i < MAP_BLOCK; i++) {
                unsigned kind = one(&kinds, p[i]);
                c->digit |= (uint64_t)((kind & DIGIT) != 0) << i;
                c->alnum |= (uint64_t)((kind & (DIGIT | LETTERS)) != 0) << i;
                c->lead |= (uint64_t)((uint8_t)p[i] >= 0xC0 || p[i] == '(') << i;
                c->anchor |= (uint64_t)((kind & ANCHORS) != 0) << i;
                c->spoken |= (uint64_t)begins_name(p + i) << i;
                c->most = (uint8_t)p[i] > c->most ? (uint8_t)p[i] : c->most;
        }
}

#if WIDE
#define AVX2 __attribute__((target("avx2")))

AVX2 static inline __m256i load(const char *p)
{
        return _mm256_loadu_si256((const __m256i *)(const void *)p);
}

AVX2 static inline __m256i table(const uint8_t half[16])
{
        return _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)(const void *)half));
}

AVX2 static inline __m256i each(const struct halves *h, __m256i v)
{
        const __m256i low = _mm256_set1_epi8(15);
        __m256i high = _mm256_and_si256(_mm256_srli_epi16(v, 4), low);
        return _mm256_and_si256(_mm256_shuffle_epi8(table(h->low), _mm256_and_si256(v, low)),
                                _mm256_shuffle_epi8(table(h->high), high));
}

/* A bit for each byte of v that shares one with `mask`. */
AVX2 static inline uint64_t any_of(__m256i v, int mask)
{
        __m256i none = _mm256_cmpeq_epi8(_mm256_and_si256(v, _mm256_set1_epi8((char)mask)), _mm256_setzero_si256());
        return (uint32_t)~(uint32_t)_mm256_movemask_epi8(none);
}

AVX2 static inline uint32_t equal(__m256i v, char c)
{
        return (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(v, _mm256_set1_epi8(c)));
}

/* What begins_name() says of each. high: which are not ASCII. */
AVX2 static inline uint32_t names_at(const char *p, __m256i v, uint32_t high)
{
        const __m256i small = _mm256_set1_epi8(' ');
        __m256i second = load(p + 1), third = load(p + 2);
        uint32_t blank = equal(v, ' '), names = 0;
        if (blank)
                names = blank & (uint32_t)any_of(_mm256_and_si256(each(&first_letters, _mm256_or_si256(second, small)),
                                                                  each(&second_letters, _mm256_or_si256(third, small))), 0xFF);
        if (high)
                names |= high & (uint32_t)any_of(_mm256_and_si256(each(&first_bytes, v), _mm256_and_si256(
                                each(&second_bytes, second), each(&third_bytes, third))), 0xFF);
        return names;
}

/* 0xC0, 0xE0 or 0xF0, as the longest character in v begins; 0 if none does. */
AVX2 static inline uint8_t first_of_longest(__m256i v)
{
        static const uint8_t firsts[] = { 0xF0, 0xE0, 0xC0 };
        for (unsigned k = 0; k < sizeof firsts; k++) {
                __m256i at_least = _mm256_max_epu8(v, _mm256_set1_epi8((char)firsts[k]));
                if (_mm256_movemask_epi8(_mm256_cmpeq_epi8(v, at_least)))
                        return firsts[k];
        }
        return 0;
}

AVX2 static void classify_wide(const char *p, struct classes *c)
{
        struct classes sum = { 0 };
        for (unsigned i = 0; i < MAP_BLOCK; i += STEP) {
                __m256i v = load(p + i), kind = each(&kinds, v);
                uint32_t high = (uint32_t)_mm256_movemask_epi8(v);
                /* of those the second and later bytes of a character, 0x80 to 0xBF: less than -64 */
                uint32_t later = (uint32_t)_mm256_movemask_epi8(_mm256_cmpgt_epi8(_mm256_set1_epi8(-64), v));
                sum.digit |= any_of(kind, DIGIT) << i;
                sum.alnum |= any_of(kind, DIGIT | LETTERS) << i;
                sum.lead |= (uint64_t)((high & ~later) | equal(v, '(')) << i;
                sum.anchor |= any_of(kind, ANCHORS) << i;
                sum.spoken |= (uint64_t)names_at(p + i, v, high) << i;
                if (high)
                        sum.most |= first_of_longest(v);
        }
        *c = sum;
}
#endif

static void (*classify)(const char *p, struct classes *c) = classify_each;

/* Chooses once what this machine can do. */
static void choose(void)
{
#if WIDE
        if (__builtin_cpu_supports("avx2"))
                classify = classify_wide;
#endif
}

static bool grow(struct map *m, size_t need)
{
        size_t cap = m->cap ? m->cap : 64;
        while (cap < need)
                cap *= 2;
        struct map_block *blocks = malloc(cap * sizeof *blocks);
        if (!blocks)
                return false;
        free(m->blocks);
        m->blocks = blocks;
        m->cap = cap;
        return true;
}

bool map_read(struct map *m, const char *p, size_t n)
{
        size_t count = n / MAP_BLOCK + 1;
        uint8_t most = 0;
        static pthread_once_t once = PTHREAD_ONCE_INIT;
        uint64_t digit = 0, alnum = 0; /* bit 0: is the byte before the block one? */
        if (pthread_once(&once, choose) != 0 || (count > m->cap && !grow(m, count)))
                return false;
        for (size_t b = 0; b < count; b++) {
                char copy[MAP_BLOCK + AHEAD];
                const char *at = p + b * MAP_BLOCK;
                size_t left = n - b * MAP_BLOCK;
                struct classes c;
                if (left < sizeof copy) { /* zeros behind the end */
                        memset(copy, 0, sizeof copy);
                        if (left)
                                memcpy(copy, at, left);
                        at = copy;
                }
                classify(at, &c);
                m->blocks[b] = (struct map_block){ .digit = c.digit, .alnum = c.alnum,
                        .word = (c.alnum & ~(c.alnum << 1 | alnum)) | c.lead,
                        .anchor = (c.digit & ~(c.digit << 1 | digit)) | c.anchor, .spoken = c.spoken };
                most = c.most > most ? c.most : most;
                digit = c.digit >> (MAP_BLOCK - 1);
                alnum = c.alnum >> (MAP_BLOCK - 1);
        }
        m->p = p;
        m->n = n;
        m->wide = most >= 0xF0 ? 4 : most >= 0xE0 ? 3 : most >= 0xC0 ? 2 : 1;
        return true;
}
