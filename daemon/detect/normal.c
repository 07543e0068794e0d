/* normal.c - folding by one table look-up a character, made once from utf8proc. */
#include "normal.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

enum {
        KEEP = 0,   /* the character stays */
        DROP = 1,   /* it vanishes */
        LONG_VOWEL = 0x30FC,
        BMP = 65536 /* else: the ASCII character that it becomes */
};

struct normaliser {
        size_t max;
        size_t cap; /* of the three below; cap <= max + 1 */
        char *p;
        uint32_t *at;
        uint8_t *from;
};

/* What each character of the basic plane becomes; made once, for all threads. */
static uint8_t folds[BMP];
static pthread_once_t once = PTHREAD_ONCE_INIT;

static bool is_mark(uint32_t c)
{
        return (c >= 0x200B && c <= 0x200F) || (c >= 0x202A && c <= 0x202E) ||
               (c >= 0x2060 && c <= 0x2069) || (c >= 0xFE00 && c <= 0xFE0F) || c == 0xFEFF ||
               c == 0x00AD || c == 0x034F || c == 0x061C || c == 0x180E;
}

static bool is_dash(uint32_t c)
{
        return (c >= 0x2010 && c <= 0x2015) || c == 0x2212 || c == 0xFE58 || c == 0xFE63;
}

/* 10² is not 102: these would grow digits where the reader sees none. */
static bool is_raised(uint32_t c)
{
        return c == 0xB2 || c == 0xB3 || c == 0xB9 || c == 0xAA || c == 0xBA ||
               (c >= 0x2070 && c <= 0x209C);
}

/* Digits come in runs of ten; the run's zero is the first Nd after something that is
 * not, or ten after the zero before. 0..9, or -1. */
static int digit_value(uint32_t c)
{
        uint32_t first = c;
        if (utf8proc_category((utf8proc_int32_t)c) != UTF8PROC_CATEGORY_ND)
                return -1;
        while (first > 0 && c - first < 60 &&
               utf8proc_category((utf8proc_int32_t)(first - 1)) == UTF8PROC_CATEGORY_ND)
                first--;
        return (int)((c - first) % 10);
}

static uint8_t fold_of(uint32_t c)
{
        if (is_mark(c))
                return DROP;
        if (is_dash(c))
                return '-';
        if (is_raised(c))
                return KEEP;
        if (c == 0x3010 || c == 0x3014) /* 【at】 */
                return '[';
        if (c == 0x3011 || c == 0x3015)
                return ']';
        int digit = digit_value(c);
        if (digit >= 0)
                return (uint8_t)('0' + digit);
        utf8proc_int32_t to[8];
        int last = 0;
        utf8proc_ssize_t n = utf8proc_decompose_char((utf8proc_int32_t)c, to, 8,
                UTF8PROC_COMPAT | UTF8PROC_DECOMPOSE, &last);
        if (n == 1 && to[0] >= ' ' && to[0] < 0x7F)
                return (uint8_t)to[0];
        return KEEP;
}

static void make_folds(void)
{
        for (uint32_t c = 0x80; c < BMP; c++)
                folds[c] = fold_of(c);
}

struct normaliser *normaliser_new(size_t max_bytes)
{
        struct normaliser *z = calloc(1, sizeof *z);
        if (!z)
                return NULL;
        z->max = max_bytes;
        if (pthread_once(&once, make_folds) == 0)
                return z;
        free(z);
        return NULL;
}

void normaliser_free(struct normaliser *z)
{
        if (!z)
                return;
        free(z->p);
        free(z->at);
        free(z->from);
        free(z);
}

static bool grow(struct normaliser *z, size_t n)
{
        size_t cap = z->cap ? z->cap : 4096;
        if (n <= z->cap)
                return true;
        while (cap < n)
                cap *= 2;
        free(z->p);
        free(z->at);
        free(z->from);
        z->p = malloc(cap);
        z->at = malloc(cap * sizeof *z->at);
        z->from = malloc(cap);
        z->cap = z->p && z->at && z->from ? cap : 0;
        return z->cap != 0;
}

static bool all_ascii(struct slice s)
{
        size_t i = 0;
        for (; i + 8 <= s.n; i += 8) {
                uint64_t eight;
                memcpy(&eight, s.p + i, 8);
                if (eight & UINT64_C(0x8080808080808080))
                        return false;
        }
        for (; i < s.n; i++)
                if ((unsigned char)s.p[i] >= 0x80)
                        return false;
        return true;
}

/* The character at s[i] >= 0x80 and its length; the text is valid UTF-8, but a length
 * beyond the end is never believed. */
static uint32_t decode_at(struct slice s, size_t i, size_t *len)
{
        const unsigned char *p = (const unsigned char *)s.p + i;
        size_t left = s.n - i;
        if (p[0] >= 0xF0 && left >= 4) {
                *len = 4;
                return (uint32_t)(p[0] & 7) << 18 | (uint32_t)(p[1] & 63) << 12 |
                       (uint32_t)(p[2] & 63) << 6 | (p[3] & 63);
        }
        if (p[0] >= 0xE0 && left >= 3) {
                *len = 3;
                return (uint32_t)(p[0] & 15) << 12 | (uint32_t)(p[1] & 63) << 6 | (p[2] & 63);
        }
        if (p[0] >= 0xC0 && left >= 2) {
                *len = 2;
                return (uint32_t)(p[0] & 31) << 6 | (p[1] & 63);
        }
        *len = 1;
        return 0xFFFD;
}

static int hex_of(char c)
{
        if (c >= '0' && c <= '9')
                return c - '0';
        if (c >= 'a' && c <= 'f')
                return c - 'a' + 10;
        if (c >= 'A' && c <= 'F')
                return c - 'A' + 10;
        return -1;
}

/* n hex digits at s[i], as a printable ASCII character; 0 if they are not one. */
static char hex_char(struct slice s, size_t i, size_t n)
{
        int v = 0;
        if (i + n > s.n)
                return 0;
        for (size_t k = 0; k < n; k++) {
                int h = hex_of(s.p[i + k]);
                if (h < 0 || v > 0xFFF)
                        return 0;
                v = v * 16 + h;
        }
        return v >= ' ' && v < 0x7F ? (char)v : 0;
}

static const struct {
        const char *text;
        char to;
} entities[] = {
        { "&commat;", '@' }, { "&period;", '.' }, { "&plus;", '+' }, { "&nbsp;", ' ' },
        { "&lowbar;", '_' }, { "&hyphen;", '-' }, { "&colon;", ':' }, { "&sol;", '/' },
        { "&lpar;", '(' }, { "&rpar;", ')' }, { "&shy;", DROP }, { "&zwnj;", DROP },
        { "&amp;", '&' }, { "&lt;", '<' }, { "&gt;", '>' }, { "&quot;", '"' },
};

/* An entity at s[i] == '&': what it becomes, 0 if none; *len its length. */
static char entity(struct slice s, size_t i, size_t *len)
{
        size_t k = i + 2, v = 0;
        if (i + 3 >= s.n || s.p[i + 1] != '#') {
                for (size_t e = 0; e < sizeof entities / sizeof *entities; e++) {
                        size_t n = strlen(entities[e].text);
                        if (s.n - i >= n && memcmp(s.p + i, entities[e].text, n) == 0) {
                                *len = n;
                                return entities[e].to;
                        }
                }
                return 0;
        }
        unsigned base = (s.p[k] | 32) == 'x' ? 16 : 10;
        if (base == 16)
                k++;
        for (; k < s.n && k < i + 9 && s.p[k] != ';'; k++) {
                int h = hex_of(s.p[k]);
                if (h < 0 || (unsigned)h >= base)
                        return 0;
                v = v * base + (unsigned)h;
        }
        if (k >= s.n || s.p[k] != ';' || v < ' ' || v >= 0x7F)
                return 0;
        *len = k + 1 - i;
        return (char)v;
}

/* An escape at s[i]: the character it stands for (DROP: nothing), 0 if it is none. */
static char escape(struct slice s, size_t i, size_t *len)
{
        switch (s.p[i]) {
        case '%':
                *len = 3;
                return hex_char(s, i + 1, 2);
        case '&':
                return entity(s, i, len);
        case '=': /* quoted-printable; a soft line break vanishes */
                if (i + 1 < s.n && s.p[i + 1] == '\n') {
                        *len = 2;
                        return DROP;
                }
                if (i + 2 < s.n && s.p[i + 1] == '\r' && s.p[i + 2] == '\n') {
                        *len = 3;
                        return DROP;
                }
                *len = 3; /* "=49339296" is the value of a key, and no 'I' */
                if (i + 3 < s.n && s.p[i + 3] >= '0' && s.p[i + 3] <= '9' && memcmp(s.p + i + 1, "40", 2) != 0 &&
                    memcmp(s.p + i + 1, "2E", 2) != 0)
                        return 0;
                return hex_char(s, i + 1, 2);
        case '\\':
                if (i + 1 < s.n && s.p[i + 1] == '/') {
                        *len = 2;
                        return '/';
                }
                *len = 6;
                return i + 1 < s.n && s.p[i + 1] == 'u' ? hex_char(s, i + 2, 4) : 0;
        default:
                return 0;
        }
}

static void put(struct normaliser *z, size_t *n, char c, size_t at, size_t from)
{
        z->p[*n] = c;
        z->at[*n] = (uint32_t)at;
        z->from[*n] = (uint8_t)from;
        ++*n;
}

/* One character at s[i], not an escape; returns its length. */
static size_t fold_one(struct normaliser *z, struct slice s, size_t i, size_t *n)
{
        if ((unsigned char)s.p[i] < 0x80) {
                put(z, n, s.p[i], i, 1);
                return 1;
        }
        size_t len;
        uint32_t c = decode_at(s, i, &len);
        uint8_t to = c < BMP ? folds[c] : fold_of(c);
        /* A long vowel mark between digits is how Japanese keyboards write a dash. */
        if (c == LONG_VOWEL && *n && z->p[*n - 1] >= '0' && z->p[*n - 1] <= '9')
                to = '-';
        if (to == KEEP)
                for (size_t k = 0; k < len; k++)
                        put(z, n, s.p[i + k], i + k, 1);
        else if (to != DROP)
                put(z, n, (char)to, i, len);
        return len;
}

/* U+4000 to U+9FFF and U+B000 to U+CFFF, Hangul: none of them folds. */
static bool is_ideograph(struct slice s, size_t i)
{
        uint8_t c = (uint8_t)s.p[i];
        return ((c >= 0xE4 && c <= 0xE9) || c == 0xEB || c == 0xEC) && i + 3 <= s.n;
}

/* How many bytes from i on are ASCII, at least: eight or none. */
static size_t eight_ascii(struct slice s, size_t i)
{
        uint64_t eight;
        if (i + 8 > s.n)
                return 0;
        memcpy(&eight, s.p + i, 8);
        return eight & UINT64_C(0x8080808080808080) ? 0 : 8;
}

/* From i on, the first character that does not stay as it is, or the end. */
static size_t first_folded(struct slice s, size_t i)
{
        while (i < s.n) {
                size_t len = 1;
                if ((unsigned char)s.p[i] < 0x80) {
                        len = eight_ascii(s, i);
                        i += len ? len : 1;
                } else if (is_ideograph(s, i)) {
                        i += 3;
                } else {
                        uint32_t c = decode_at(s, i, &len);
                        if (c == LONG_VOWEL || (c < BMP ? folds[c] : fold_of(c)) != KEEP)
                                return i;
                        i += len;
                }
        }
        return s.n;
}

/* s[i..end) stays. */
static void keep(struct normaliser *z, struct slice s, size_t i, size_t end, size_t *n)
{
        size_t len = end - i;
        uint32_t *at = z->at + *n;
        if (len)
                memcpy(z->p + *n, s.p + i, len);
        for (size_t k = 0; k < len; k++)
                at[k] = (uint32_t)(i + k);
        memset(z->from + *n, 1, len);
        *n += len;
}

bool normalise(struct normaliser *z, struct slice text, bool decode, struct normal *out)
{
        size_t n = 0, stay = 0;
        if (!decode) {
                stay = all_ascii(text) ? text.n : first_folded(text, 0);
                *out = (struct normal){ .p = text.p, .n = text.n };
                if (stay == text.n)
                        return true;
        }
        if (text.n > z->max || !grow(z, text.n + 1))
                return false;
        for (size_t i = 0; i < text.n;) {
                size_t len = 0;
                if (i < stay) {
                        keep(z, text, i, stay, &n);
                        i = stay;
                        continue;
                }
                char to = decode ? escape(text, i, &len) : 0;
                if (to && to != DROP)
                        put(z, &n, to, i, len);
                i += to ? len : fold_one(z, text, i, &n);
                if (!decode)
                        stay = first_folded(text, i);
        }
        *out = (struct normal){ .p = z->p, .n = n, .at = z->at, .from = z->from };
        return true;
}

static bool inside_character(struct slice text, size_t i)
{
        return i < text.n && ((unsigned char)text.p[i] & 0xC0) == 0x80;
}

void normal_span(const struct normal *v, struct slice text, size_t *start, size_t *end)
{
        if (v->at) {
                size_t last = *end - 1;
                *start = v->at[*start];
                *end = v->at[last] + v->from[last];
        }
        while (*start > 0 && inside_character(text, *start))
                --*start;
        while (inside_character(text, *end))
                ++*end;
}
