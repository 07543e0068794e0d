/* text.c - UTF-8, numbers, sizes, hex, names. */
#include "base/text.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Length of the well-formed character at p (n >= 1 bytes are there), 0 if bad.
 * The table of RFC 3629, section 4: only the second byte has odd ranges. */
static size_t utf8_length(const unsigned char *p, size_t n)
{
        unsigned char c = p[0], low = 0x80, high = 0xbf;
        size_t len;
        if (c < 0x80)
                return 1;
        if (c < 0xc2 || c > 0xf4)
                return 0;
        if (c < 0xe0) {
                len = 2;
        } else if (c < 0xf0) {
                len = 3;
                low = c == 0xe0 ? 0xa0 : 0x80;
                high = c == 0xed ? 0x9f : 0xbf;
        } else {
                len = 4;
                low = c == 0xf0 ? 0x90 : 0x80;
                high = c == 0xf4 ? 0x8f : 0xbf;
        }
        if (n < len || p[1] < low || p[1] > high)
                return 0;
        for (size_t i = 2; i < len; i++)
                if ((p[i] & 0xc0) != 0x80)
                        return 0;
        return len;
}

bool utf8_valid(struct slice s, size_t *bad_at)
{
        const unsigned char *p = (const unsigned char *)s.p;
        size_t i = 0;
        while (i < s.n) {
                uint64_t eight;
                if (s.n - i >= 8) {
                        memcpy(&eight, p + i, 8);
                        if (!(eight & UINT64_C(0x8080808080808080))) {
                                i += 8;
                                continue;
                        }
                }
                size_t len = utf8_length(p + i, s.n - i);
                if (!len) {
                        if (bad_at)
                                *bad_at = i;
                        return false;
                }
                i += len;
        }
        return true;
}

size_t utf8_cut(struct slice s, size_t max)
{
        if (s.n <= max)
                return s.n;
        while (max > 0 && ((unsigned char)s.p[max] & 0xc0) == 0x80)
                max--;
        return max;
}

uint32_t utf8_next(struct slice s, size_t *at)
{
        static const unsigned char mask[] = { 0, 0x7f, 0x1f, 0x0f, 0x07 };
        const unsigned char *p = (const unsigned char *)s.p + *at;
        size_t len = utf8_length(p, s.n - *at);
        if (!len) { /* the caller promised otherwise; still move on */
                ++*at;
                return 0xfffd;
        }
        uint32_t c = p[0] & mask[len];
        for (size_t i = 1; i < len; i++)
                c = c << 6 | (p[i] & 0x3f);
        *at += len;
        return c;
}

/* Digits of `s` as a number of at most `max`. */
bool text_uint(uint64_t *out, struct slice s, uint64_t max)
{
        uint64_t v = 0;
        if (s.n == 0)
                return false;
        for (size_t i = 0; i < s.n; i++) {
                unsigned digit = (unsigned)(unsigned char)s.p[i] - '0';
                if (digit > 9 || v > (UINT64_MAX - digit) / 10)
                        return false;
                v = v * 10 + digit;
        }
        if (v > max)
                return false;
        *out = v;
        return true;
}

bool text_int(int64_t *out, struct slice s, int64_t min, int64_t max)
{
        bool negative = s.n && s.p[0] == '-';
        if (s.n && (s.p[0] == '-' || s.p[0] == '+'))
                s.p++, s.n--;
        uint64_t v;
        if (!text_uint(&v, s, (uint64_t)INT64_MAX + negative))
                return false;
        int64_t i = negative ? (int64_t)(0 - v) : (int64_t)v;
        if (i < min || i > max)
                return false;
        *out = i;
        return true;
}

/* Decimal notation only: strtod() would take hex, inf, nan and blanks too. The
 * program never calls setlocale(), so the point is a point. */
bool text_double(double *out, struct slice s)
{
        char copy[64];
        if (s.n == 0 || s.n >= sizeof copy)
                return false;
        for (size_t i = 0; i < s.n; i++)
                if (!strchr("0123456789+-.eE", s.p[i]) || !s.p[i])
                        return false;
        memcpy(copy, s.p, s.n);
        copy[s.n] = 0;
        char *end;
        double v = strtod(copy, &end);
        if (end != copy + s.n || !isfinite(v))
                return false;
        *out = v;
        return true;
}

bool text_bool(bool *out, struct slice s)
{
        static const char *const yes[] = { "true", "yes", "on", "1" };
        static const char *const no[] = { "false", "no", "off", "0" };
        for (size_t i = 0; i < 4; i++) {
                if (slice_eq_nocase(s, slice_of(yes[i])) || slice_eq_nocase(s, slice_of(no[i]))) {
                        *out = slice_eq_nocase(s, slice_of(yes[i]));
                        return true;
                }
        }
        return false;
}

static const struct {
        const char *name;
        uint64_t bytes;
} size_units[] = {
        { "TiB", UINT64_C(1) << 40 }, { "GiB", UINT64_C(1) << 30 }, { "MiB", UINT64_C(1) << 20 },
        { "KiB", UINT64_C(1) << 10 }, { "TB", UINT64_C(1000000000000) },
        { "GB", UINT64_C(1000000000) }, { "MB", UINT64_C(1000000) }, { "kB", UINT64_C(1000) },
        { "KB", UINT64_C(1000) }, { "bytes", 1 }, { "B", 1 }, { "", 1 },
};

bool text_size(uint64_t *out, struct slice s, struct err *err)
{
        struct slice digits = slice_trim(s), unit = digits;
        size_t n = 0;
        while (n < digits.n && digits.p[n] >= '0' && digits.p[n] <= '9')
                n++;
        digits.n = n;
        unit = slice_trim((struct slice){ unit.p + n, unit.n - n });
        uint64_t amount;
        for (size_t i = 0; i < sizeof size_units / sizeof *size_units; i++) {
                if (!slice_eq_nocase(unit, slice_of(size_units[i].name)))
                        continue;
                if (!text_uint(&amount, digits, UINT64_MAX / size_units[i].bytes))
                        break;
                *out = amount * size_units[i].bytes;
                return true;
        }
        err_set(err, ERR_CONFIG, 0, "not a size");
        return err_hint(err, "Write a whole number and a unit, such as \"10 GiB\" or \"64 KiB\".");
}

const char *text_size_format(char out[32], uint64_t bytes)
{
        static const char *const units[] = { "bytes", "KiB", "MiB", "GiB", "TiB" };
        size_t u = 0;
        uint64_t whole = bytes;
        while (u < 4 && whole >= 1024 && whole % 1024 == 0)
                whole /= 1024, u++;
        if (whole < 10240 || u > 0) { /* exact, or small enough to read */
                snprintf(out, 32, "%llu %s", (unsigned long long)whole, units[u]);
                return out;
        }
        double rough = (double)bytes;
        for (u = 0; u < 4 && rough >= 1024; u++)
                rough /= 1024;
        snprintf(out, 32, "%.1f %s", rough, units[u]);
        return out;
}

static int hex_digit(char c)
{
        if (c >= '0' && c <= '9')
                return c - '0';
        if (c >= 'a' && c <= 'f')
                return c - 'a' + 10;
        if (c >= 'A' && c <= 'F')
                return c - 'A' + 10;
        return -1;
}

bool hex_decode(void *out, size_t n, struct slice text)
{
        uint8_t *to = out;
        if (text.n % 2 || text.n / 2 != n)
                return false;
        for (size_t i = 0; i < n; i++) {
                int high = hex_digit(text.p[2 * i]), low = hex_digit(text.p[2 * i + 1]);
                if (high < 0 || low < 0)
                        return false;
                to[i] = (uint8_t)(high << 4 | low);
        }
        return true;
}

static int base64_value(char c)
{
        if (c >= 'A' && c <= 'Z')
                return c - 'A';
        if (c >= 'a' && c <= 'z')
                return c - 'a' + 26;
        if (c >= '0' && c <= '9')
                return c - '0' + 52;
        if (c == '+' || c == '-')
                return 62;
        return c == '/' || c == '_' ? 63 : -1;
}

bool base64_decode(void *out, size_t max, size_t *n, struct slice text)
{
        uint8_t *to = out;
        uint32_t bits = 0;
        *n = 0;
        size_t padding = 0;
        while (padding < 2 && text.n % 4 == 0 && text.n && text.p[text.n - 1 - padding] == '=')
                padding++;
        for (size_t i = 0; i < text.n - padding; i++) {
                int v = base64_value(text.p[i]);
                if (v < 0)
                        return false;
                bits = bits << 6 | (uint32_t)v;
                if (i % 4 == 0)
                        continue;
                if (*n == max)
                        return false;
                to[(*n)++] = (uint8_t)(bits >> (6 - 2 * (i % 4)));
        }
        /* A lone digit, or bits that no byte has. */
        size_t rest = (text.n - padding) % 4;
        return rest == 0 || (rest == 2 && (bits & 15) == 0) || (rest == 3 && (bits & 3) == 0);
}

void hex_encode(char *out, const void *bytes, size_t n)
{
        const uint8_t *from = bytes;
        for (size_t i = 0; i < n; i++) {
                *out++ = "0123456789abcdef"[from[i] >> 4];
                *out++ = "0123456789abcdef"[from[i] & 15];
        }
        *out = 0;
}

void uuid_format(char out[37], const uint8_t bytes[16])
{
        static const uint8_t group[] = { 4, 2, 2, 2, 6 };
        for (size_t g = 0; g < 5; g++) {
                hex_encode(out, bytes, group[g]);
                bytes += group[g];
                out += 2 * group[g];
                if (g < 4)
                        *out++ = '-';
        }
}

bool uuid_parse(uint8_t out[16], struct slice text)
{
        char digits[32];
        if (text.n != 36)
                return false;
        size_t n = 0;
        for (size_t i = 0; i < 36; i++) {
                bool dash = i == 8 || i == 13 || i == 18 || i == 23;
                if (dash != (text.p[i] == '-'))
                        return false;
                if (!dash)
                        digits[n++] = text.p[i];
        }
        return hex_decode(out, 16, (struct slice){ digits, 32 });
}

enum { NEAREST_MAX = 64 };

static char lower(char c)
{
        return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

/* Optimal string alignment: insert, delete, replace, swap of neighbours, each 1;
 * letter case is free. Both at most NEAREST_MAX - 1 long. */
static unsigned edit_distance(const char *a, size_t an, const char *b, size_t bn)
{
        unsigned rows[3][NEAREST_MAX];
        for (size_t j = 0; j <= bn; j++)
                rows[0][j] = (unsigned)j;
        for (size_t i = 1; i <= an; i++) {
                unsigned *now = rows[i % 3], *before = rows[(i - 1) % 3];
                const unsigned *before2 = rows[(i + 1) % 3];
                now[0] = (unsigned)i;
                for (size_t j = 1; j <= bn; j++) {
                        unsigned best = before[j - 1] + (lower(a[i - 1]) != lower(b[j - 1]));
                        if (before[j] + 1 < best)
                                best = before[j] + 1;
                        if (now[j - 1] + 1 < best)
                                best = now[j - 1] + 1;
                        if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] &&
                            before2[j - 2] + 1 < best)
                                best = before2[j - 2] + 1;
                        now[j] = best;
                }
        }
        return rows[an % 3][bn];
}

const char *text_nearest(const char *got, const char *const *names, size_t n)
{
        const char *nearest = NULL;
        size_t got_n = strlen(got);
        if (got_n == 0 || got_n >= NEAREST_MAX)
                return NULL;
        unsigned allowed = got_n / 3 ? (unsigned)(got_n / 3) : 1;
        for (size_t i = 0; i < n; i++) {
                size_t name_n = strlen(names[i]);
                if (name_n == 0 || name_n >= NEAREST_MAX)
                        continue;
                unsigned d = edit_distance(got, got_n, names[i], name_n);
                if (d <= allowed && (!nearest || d < allowed)) {
                        nearest = names[i];
                        allowed = d;
                }
        }
        return nearest;
}

bool text_is_name(struct slice s)
{
        if (s.n < 1 || s.n > 32)
                return false;
        for (size_t i = 0; i < s.n; i++) {
                char c = s.p[i];
                if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'))
                        return false;
        }
        return true;
}

struct slice text_lower(struct arena *a, struct slice s)
{
        if (!s.p)
                return SLICE_NONE;
        char *p = arena_alloc(a, s.n + 1);
        for (size_t i = 0; p && i < s.n; i++)
                p[i] = lower(s.p[i]);
        return (struct slice){ p, p ? s.n : 0 };
}

/* Linear in time for any pattern: only the last '*' is ever reconsidered. */
bool text_glob(const char *pattern, const char *name)
{
        const char *star = NULL, *mark = NULL;
        while (*name) {
                if (*pattern == '*') {
                        star = pattern++;
                        mark = name;
                } else if (*pattern == '?' || *pattern == *name) {
                        pattern++;
                        name++;
                } else if (star) {
                        pattern = star + 1;
                        name = ++mark;
                } else {
                        return false;
                }
        }
        while (*pattern == '*')
                pattern++;
        return *pattern == 0;
}
