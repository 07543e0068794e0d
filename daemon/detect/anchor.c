/* anchor.c - skips what cannot begin a finding, sixteen bytes a step where SSE2 is. */
#include "anchor.h"

#include <stdint.h>
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

size_t anchor_spoken(const char *p, size_t from, size_t n)
{
        size_t i = from;
#ifdef __SSE2__
        for (; i + 17 <= n; i += 16) {
                __m128i here = _mm_loadu_si128((const __m128i *)(const void *)(p + i));
                __m128i next = _mm_loadu_si128((const __m128i *)(const void *)(p + i + 1));
                next = _mm_or_si128(next, _mm_set1_epi8(' '));
                unsigned hits = (unsigned)_mm_movemask_epi8(_mm_and_si128(is(here, ' '), is(next, 'd')));
                if (hits)
                        return i + (size_t)__builtin_ctz(hits);
        }
#endif
        while (i < n && (p[i] != ' ' || i + 1 == n || (p[i + 1] | ' ') != 'd'))
                i++;
        return i;
}
