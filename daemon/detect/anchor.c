/* anchor.c - skips what cannot begin a finding, sixteen bytes a step where SSE2 is. */
#include "anchor.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

enum { BLOCK = 64 };

static bool is_word(char c)
{
        return (c >= '0' && c <= '9') || ((c | ' ') >= 'a' && (c | ' ') <= 'z');
}

#ifdef __SSE2__
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

/* A bit for each of the sixteen that is an anchor; the same set as is_anchor. */
static unsigned anchors_of(__m128i v)
{
        __m128i a = within(v, '0', ':'), b = within(v, '%', '('), c = within(v, 'I', 'K');
        __m128i d = within(v, 'z', '{'), e = within(v, '[', '\\');
        a = _mm_or_si128(_mm_or_si128(a, b), _mm_or_si128(c, d));
        a = _mm_or_si128(a, _mm_or_si128(e, is(v, '"')));
        a = _mm_or_si128(a, _mm_or_si128(is(v, '+'), is(v, '-')));
        a = _mm_or_si128(a, _mm_or_si128(is(v, '='), is(v, '@')));
        a = _mm_or_si128(a, _mm_or_si128(is(v, '_'), is(v, 'x')));
        return (unsigned)_mm_movemask_epi8(a);
}
#else
static const uint8_t is_anchor[256] = {
        ['"'] = 1, ['%'] = 1, ['&'] = 1, ['\''] = 1, ['('] = 1, ['+'] = 1, ['-'] = 1,
        ['0'] = 1, ['1'] = 1, ['2'] = 1, ['3'] = 1, ['4'] = 1, ['5'] = 1, ['6'] = 1, ['7'] = 1,
        ['8'] = 1, ['9'] = 1, [':'] = 1, ['='] = 1, ['@'] = 1, ['I'] = 1, ['J'] = 1, ['K'] = 1,
        ['['] = 1, ['\\'] = 1, ['_'] = 1, ['x'] = 1, ['z'] = 1, ['{'] = 1,
};
#endif

static uint64_t anchor_bits(const char *p)
{
        uint64_t bits = 0;
#ifdef __SSE2__
        for (unsigned i = 0; i < BLOCK; i += 16)
                bits |= (uint64_t)anchors_of(load(p + i)) << i;
#else
        for (unsigned i = 0; i < BLOCK; i++)
                bits |= (uint64_t)is_anchor[(uint8_t)p[i]] << i;
#endif
        return bits;
}

/* The block at `from`, or a copy of what there is of it, zeros after. */
static const char *block_at(const char *p, size_t from, size_t n, char copy[BLOCK])
{
        if (n - from >= BLOCK)
                return p + from;
        memset(copy, 0, BLOCK);
        memcpy(copy, p + from, n - from);
        return copy;
}

size_t anchor_load(struct anchors *a, size_t from)
{
        while (from < a->n) {
                size_t base = from / BLOCK * BLOCK;
                if (base != a->base) {
                        char copy[BLOCK];
                        a->bits = anchor_bits(block_at(a->p, base, a->n, copy));
                        a->base = base;
                }
                uint64_t bits = a->bits >> (from - base);
                if (bits)
                        return from + (size_t)__builtin_ctzll(bits);
                from = base + BLOCK;
        }
        return a->n;
}

#ifdef __SSE2__
static __m128i alnum_of(__m128i v)
{
        return _mm_or_si128(within(v, '0', '9'), within(_mm_or_si128(v, _mm_set1_epi8(' ')), 'a', 'z'));
}

/* Bytes from 0xC0 on: less than -64 as signed ones are those from 0x80 to 0xBF. */
static __m128i first_of(__m128i v)
{
        return _mm_and_si128(_mm_cmplt_epi8(v, _mm_setzero_si128()), _mm_cmpgt_epi8(v, _mm_set1_epi8(-65)));
}
#endif

uint64_t anchor_words(const char *p, size_t from, size_t n)
{
        uint64_t alnum = 0, other = 0;
        char copy[BLOCK];
        const char *b = block_at(p, from, n, copy);
#ifdef __SSE2__
        for (unsigned i = 0; i < BLOCK; i += 16) {
                __m128i v = load(b + i);
                alnum |= (uint64_t)(unsigned)_mm_movemask_epi8(alnum_of(v)) << i;
                other |= (uint64_t)(unsigned)_mm_movemask_epi8(_mm_or_si128(first_of(v), is(v, '('))) << i;
        }
#else
        for (unsigned i = 0; i < BLOCK; i++) {
                alnum |= (uint64_t)is_word(b[i]) << i;
                other |= (uint64_t)((uint8_t)b[i] >= 0xC0 || b[i] == '(') << i;
        }
#endif
        uint64_t before = from > 0 && is_word(p[from - 1]);
        return (alnum & ~(alnum << 1 | before)) | other;
}

/* What the names of '.' and '@' begin with: after a blank dot, at, arroba, arobase, apenstaartje,
 * affenschwanz, chiocciola, malpa, klammeraffe, zavinac, snabel-a; anywhere アット, あっと, 골뱅이, 艾特, собака, แอท, ऐट. */
static const char after_blank[][3] = { "do", "at", "ar", "ap", "af", "ch", "ma", "kl", "za", "sn" };
static const char heads[][4] = { "ア", "あ", "골", "艾", "\xD1\x81\xD0", "แ", "ऐ" };

static bool begins_name(const char *p, size_t n)
{
        if (p[0] == ' ' && n > 2) {
                for (size_t k = 0; k < sizeof after_blank / sizeof *after_blank; k++)
                        if ((p[1] | ' ') == after_blank[k][0] && (p[2] | ' ') == after_blank[k][1])
                                return true;
        } else if ((uint8_t)p[0] >= 0x80 && n > 2) {
                for (size_t k = 0; k < sizeof heads / sizeof *heads; k++)
                        if (memcmp(p, heads[k], 3) == 0)
                                return true;
        }
        return false;
}

#ifdef __SSE2__
static __m128i pair(__m128i b, char first, __m128i c, char second)
{
        return _mm_and_si128(is(b, first), is(c, second));
}

static __m128i head(__m128i a, __m128i b, __m128i c, const char *text)
{
        return _mm_and_si128(is(a, text[0]), pair(b, text[1], c, text[2]));
}

/* The same set as begins_name(). */
static unsigned names_of(const char *p)
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
        return (unsigned)_mm_movemask_epi8(any);
}
#endif

size_t anchor_spoken(const char *p, size_t from, size_t n)
{
        size_t i = from;
#ifdef __SSE2__
        for (; i + 18 <= n; i += 16) {
                unsigned hits = names_of(p + i);
                if (hits)
                        return i + (size_t)__builtin_ctz(hits);
        }
#endif
        while (i < n && !begins_name(p + i, n - i))
                i++;
        return i;
}
