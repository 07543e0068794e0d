/* anchor.c - skips what cannot begin a finding, sixteen bytes a step where SSE2 is. */
#include "anchor.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

static const uint8_t is_anchor[256] = {
        ['"'] = 1, ['%'] = 1, ['&'] = 1, ['\''] = 1, ['('] = 1, ['+'] = 1, ['-'] = 1,
        ['0'] = 1, ['1'] = 1, ['2'] = 1, ['3'] = 1, ['4'] = 1, ['5'] = 1, ['6'] = 1, ['7'] = 1,
        ['8'] = 1, ['9'] = 1, [':'] = 1, ['='] = 1, ['@'] = 1, ['I'] = 1, ['J'] = 1, ['K'] = 1,
        ['['] = 1, ['\\'] = 1, ['_'] = 1, ['x'] = 1, ['z'] = 1, ['{'] = 1,
};

#ifdef __SSE2__
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

/* A bit for each of the sixteen that is an anchor; the same set as the table. */
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
#endif

size_t anchor_next(const char *p, size_t from, size_t n)
{
        size_t i = from;
#ifdef __SSE2__
        for (; i + 16 <= n; i += 16) {
                unsigned hits = anchors_of(_mm_loadu_si128((const __m128i *)(const void *)(p + i)));
                if (hits)
                        return i + (size_t)__builtin_ctz(hits);
        }
#endif
        while (i < n && !is_anchor[(uint8_t)p[i]])
                i++;
        return i;
}

/* What the names of '.' and '@' begin with: after a blank dot, at, arroba, arobase, apenstaartje,
 * chiocciola, malpa; anywhere アット, あっと, 골뱅이, 艾特, собака, แอท, ऐट. */
static const char after_blank[][3] = { "do", "at", "ar", "ap", "ch", "ma" };
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
static __m128i load(const char *p)
{
        return _mm_loadu_si128((const __m128i *)(const void *)p);
}

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
        __m128i second = _mm_or_si128(is(cs, 't'), _mm_or_si128(is(cs, 'r'), is(cs, 'p')));
        __m128i any = _mm_and_si128(is(bs, 'a'), second);
        any = _mm_or_si128(any, pair(bs, 'd', cs, 'o'));
        any = _mm_or_si128(any, _mm_or_si128(pair(bs, 'c', cs, 'h'), pair(bs, 'm', cs, 'a')));
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
