/* map.c - bits of classes, sixteen bytes a step where SSE2 is. */
#include "map.h"

#include <stdlib.h>
#include <string.h>
#if defined __SSE2__ && !defined MAP_PORTABLE
#include <emmintrin.h>
#define WIDE 1
#else
#define WIDE 0
#endif

enum { AHEAD = 2 }; /* bytes behind a block that are looked at, too */

void map_init(struct map *m)
{
        *m = (struct map){ .p = NULL };
}

void map_clear(struct map *m)
{
        free(m->blocks);
        map_init(m);
}

/* Of 64 bytes and the two behind them. */
struct classes {
        uint64_t digit, alnum, lead, anchor, spoken;
};

#if WIDE
static __m128i load(const char *p)
{
        return _mm_loadu_si128((const __m128i *)(const void *)p);
}

/* Bytes of v in [low, high], by a saturating subtraction. */
static __m128i within(__m128i v, char low, char high)
{
        __m128i off = _mm_sub_epi8(v, _mm_set1_epi8(low));
        return _mm_cmpeq_epi8(_mm_subs_epu8(off, _mm_set1_epi8((char)(high - low))), _mm_setzero_si128());
}

static __m128i is(__m128i v, char c)
{
        return _mm_cmpeq_epi8(v, _mm_set1_epi8(c));
}

static uint64_t bits_of(__m128i v)
{
        return (uint64_t)(unsigned)_mm_movemask_epi8(v);
}

/* Anchors; digits are looked at apart. */
static __m128i anchors_of(__m128i v)
{
        __m128i a = is(v, ':'), b = within(v, '%', '('), c = within(v, 'I', 'K');
        __m128i d = within(v, 'z', '{'), e = within(v, '[', '\\');
        a = _mm_or_si128(_mm_or_si128(a, b), _mm_or_si128(c, d));
        a = _mm_or_si128(a, _mm_or_si128(e, is(v, '"')));
        a = _mm_or_si128(a, _mm_or_si128(is(v, '+'), is(v, '-')));
        a = _mm_or_si128(a, _mm_or_si128(is(v, '='), is(v, '@')));
        a = _mm_or_si128(a, _mm_or_si128(is(v, '_'), is(v, 'x')));
        return a;
}

static __m128i pair(__m128i b, char first, __m128i c, char second)
{
        return _mm_and_si128(is(b, first), is(c, second));
}

static __m128i head(__m128i a, __m128i b, __m128i c, const char *text)
{
        return _mm_and_si128(is(a, text[0]), pair(b, text[1], c, text[2]));
}

/* What the names of '.' and '@' begin with; begins_name() below says the same. */
static uint64_t names_of(const char *p)
{
        const __m128i small = _mm_set1_epi8(' ');
        __m128i a = load(p), b = load(p + 1), c = load(p + 2);
        __m128i bs = _mm_or_si128(b, small), cs = _mm_or_si128(c, small);
        __m128i second = _mm_or_si128(_mm_or_si128(is(cs, 't'), is(cs, 'f')), _mm_or_si128(is(cs, 'r'), is(cs, 'p')));
        __m128i any = _mm_and_si128(is(bs, 'a'), second);
        any = _mm_or_si128(any, pair(bs, 'd', cs, 'o'));
        any = _mm_or_si128(any, _mm_or_si128(pair(bs, 'c', cs, 'h'), pair(bs, 'm', cs, 'a')));
        any = _mm_or_si128(any, _mm_or_si128(pair(bs, 'k', cs, 'l'), pair(bs, 'z', cs, 'a')));
        any = _mm_or_si128(any, pair(bs, 's', cs, 'n'));
        any = _mm_and_si128(any, is(a, ' '));
        if (_mm_movemask_epi8(a)) {
                any = _mm_or_si128(any, _mm_or_si128(head(a, b, c, "ア"), head(a, b, c, "あ")));
                any = _mm_or_si128(any, _mm_or_si128(head(a, b, c, "골"), head(a, b, c, "艾")));
                any = _mm_or_si128(any, _mm_or_si128(head(a, b, c, "\xD1\x81\xD0"), head(a, b, c, "แ")));
                any = _mm_or_si128(any, head(a, b, c, "ऐ"));
        }
        return bits_of(any);
}

static void classify(const char *p, struct classes *c)
{
        *c = (struct classes){ 0 };
        for (unsigned i = 0; i < MAP_BLOCK; i += 16) {
                __m128i v = load(p + i), digit = within(v, '0', '9');
                __m128i letter = within(_mm_or_si128(v, _mm_set1_epi8(' ')), 'a', 'z');
                /* bytes from 0xC0 on: as signed ones those from 0x80 to 0xBF are less than -64 */
                __m128i first = _mm_and_si128(_mm_cmplt_epi8(v, _mm_setzero_si128()), _mm_cmpgt_epi8(v, _mm_set1_epi8(-65)));
                c->digit |= bits_of(digit) << i;
                c->alnum |= bits_of(_mm_or_si128(digit, letter)) << i;
                c->lead |= bits_of(_mm_or_si128(first, is(v, '('))) << i;
                c->anchor |= bits_of(anchors_of(v)) << i;
                c->spoken |= names_of(p + i) << i;
        }
}
#else
/* What the names of '.' and '@' begin with: after a blank dot, at, arroba, arobase, apenstaartje,
 * affenschwanz, chiocciola, malpa, klammeraffe, zavinac, snabel-a; anywhere アット, あっと, 골뱅이, 艾特, собака, แอท, ऐट. */
static const char after_blank[][3] = { "do", "at", "ar", "ap", "af", "ch", "ma", "kl", "za", "sn" };
static const char heads[][4] = { "ア", "あ", "골", "艾", "\xD1\x81\xD0", "แ", "ऐ" };

static bool begins_name(const char *p)
{
        if (p[0] == ' ') {
                for (size_t k = 0; k < sizeof after_blank / sizeof *after_blank; k++)
                        if ((p[1] | ' ') == after_blank[k][0] && (p[2] | ' ') == after_blank[k][1])
                                return true;
        } else if ((uint8_t)p[0] >= 0x80) {
                for (size_t k = 0; k < sizeof heads / sizeof *heads; k++)
                        if (memcmp(p, heads[k], 3) == 0)
                                return true;
        }
        return false;
}

static void classify(const char *p, struct classes *c)
{
        static const char anchors[] = "@:=-_+([{'\"\\%&IJKzx";
        *c = (struct classes){ 0 };
        for (unsigned i = 0; i < MAP_BLOCK; i++) {
                uint64_t bit = UINT64_C(1) << i;
                char ch = p[i];
                bool digit = ch >= '0' && ch <= '9', letter = (ch | ' ') >= 'a' && (ch | ' ') <= 'z';
                c->digit |= digit ? bit : 0;
                c->alnum |= digit || letter ? bit : 0;
                c->lead |= (uint8_t)ch >= 0xC0 || ch == '(' ? bit : 0;
                c->anchor |= ch && strchr(anchors, ch) ? bit : 0;
                c->spoken |= begins_name(p + i) ? bit : 0;
        }
}
#endif

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
        uint64_t digit = 0, alnum = 0; /* bit 0: what the byte before the block is */
        if (count > m->cap && !grow(m, count))
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
                digit = c.digit >> (MAP_BLOCK - 1);
                alnum = c.alnum >> (MAP_BLOCK - 1);
        }
        m->p = p;
        m->n = n;
        return true;
}

size_t map_anchor(const struct map *m, size_t from)
{
        for (; from < m->n; from = (from | (MAP_BLOCK - 1)) + 1) {
                uint64_t bits = m->blocks[from / MAP_BLOCK].anchor >> from % MAP_BLOCK;
                if (bits)
                        return from + (size_t)__builtin_ctzll(bits);
        }
        return m->n;
}

size_t map_spoken(const struct map *m, size_t from)
{
        for (; from < m->n; from = (from | (MAP_BLOCK - 1)) + 1) {
                uint64_t bits = m->blocks[from / MAP_BLOCK].spoken >> from % MAP_BLOCK;
                if (bits)
                        return from + (size_t)__builtin_ctzll(bits);
        }
        return m->n;
}
