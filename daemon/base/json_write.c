/* json_write.c - JSON out, one value after the other. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/text.h"

void json_out_init(struct json_out *o, struct buf *b)
{
        *o = (struct json_out){ .b = b };
}

/* What must not stand in a string as it is. */
static bool special(unsigned char c)
{
        return c < 0x20 || c == '"' || c == '\\';
}

static void put_escape(struct buf *b, unsigned char c)
{
        static const char from[] = "\"\\\n\r\t\b\f", to[] = "\"\\nrtbf";
        const char *at = c ? strchr(from, c) : NULL;
        if (at)
                buf_put(b, slice_make((char[]){ '\\', to[at - from] }, 2));
        else
                buf_printf(b, "\\u%04x", c);
}

/* Length of the beginning of s that can stand as it is; eight bytes a step: the high
 * bit of a byte is set where it is below 0x20, '"' or '\\' (or, harmlessly, follows
 * such a byte; then the bytes are looked at one by one). */
static size_t plain(struct slice s)
{
        const uint64_t ones = UINT64_C(0x0101010101010101), highs = ones << 7;
        size_t i = 0;
        for (; s.n - i >= 8; i += 8) {
                uint64_t v;
                memcpy(&v, s.p + i, 8);
                uint64_t quote = v ^ (ones * '"'), slash = v ^ (ones * '\\');
                uint64_t hit = ((v - ones * 0x20) & ~v) | ((quote - ones) & ~quote) |
                               ((slash - ones) & ~slash);
                if (hit & highs)
                        break;
        }
        while (i < s.n && !special((unsigned char)s.p[i]))
                i++;
        return i;
}

static void put_valid(struct buf *b, struct slice s)
{
        while (s.n) {
                size_t n = plain(s);
                buf_put(b, slice_make(s.p, n));
                if (n < s.n)
                        put_escape(b, (unsigned char)s.p[n++]);
                s = slice_make(s.p + n, s.n - n);
        }
}

/* What is no UTF-8 (a file's name, say) must not make the document invalid: each
 * byte that does not belong becomes U+FFFD. */
static void put_quoted(struct buf *b, struct slice s)
{
        size_t bad;
        buf_putc(b, '"');
        while (!utf8_valid(s, &bad)) {
                put_valid(b, slice_make(s.p, bad));
                buf_puts(b, "\xef\xbf\xbd");
                s = slice_make(s.p + bad + 1, s.n - bad - 1);
        }
        put_valid(b, s);
        buf_putc(b, '"');
}

/* Digits from the right; INT64_MIN has 20 characters. */
static void put_number(struct buf *b, bool negative, uint64_t v)
{
        char digits[20];
        size_t i = sizeof digits;
        do
                digits[--i] = (char)('0' + v % 10);
        while (v /= 10);
        if (negative)
                digits[--i] = '-';
        buf_put(b, slice_make(digits + i, sizeof digits - i));
}

static void put_comma(struct json_out *o)
{
        if (o->comma)
                buf_putc(o->b, ',');
        o->comma = true;
}

static void prefix(struct json_out *o, const char *key)
{
        put_comma(o);
        if (key) {
                put_quoted(o->b, slice_of(key));
                buf_putc(o->b, ':');
        }
}

void json_open(struct json_out *o, const char *key, char bracket)
{
        prefix(o, key);
        buf_putc(o->b, bracket);
        o->comma = false;
}

void json_close(struct json_out *o, char bracket)
{
        buf_putc(o->b, bracket);
        o->comma = true;
}

static void put_string(struct json_out *o, struct slice s)
{
        if (s.p)
                put_quoted(o->b, s);
        else
                buf_puts(o->b, "null");
}

void json_put_string(struct json_out *o, const char *key, struct slice s)
{
        prefix(o, key);
        put_string(o, s);
}

void json_put_text(struct json_out *o, const char *key, const char *s)
{
        json_put_string(o, key, slice_of(s));
}

void json_put_pair(struct json_out *o, struct slice key, struct slice s)
{
        put_comma(o);
        put_quoted(o->b, key);
        buf_putc(o->b, ':');
        put_string(o, s);
}

void json_put_int(struct json_out *o, const char *key, int64_t v)
{
        prefix(o, key);
        put_number(o->b, v < 0, v < 0 ? 0 - (uint64_t)v : (uint64_t)v);
}

void json_put_uint(struct json_out *o, const char *key, uint64_t v)
{
        prefix(o, key);
        put_number(o->b, false, v);
}

/* The shorter of 15 and 17 digits that reads back the same. */
void json_put_double(struct json_out *o, const char *key, double v)
{
        char text[40];
        prefix(o, key);
        if (!isfinite(v)) {
                buf_puts(o->b, "null"); /* JSON has no word for it */
                return;
        }
        snprintf(text, sizeof text, "%.15g", v);
        if (strtod(text, NULL) != v)
                snprintf(text, sizeof text, "%.17g", v);
        buf_puts(o->b, text);
}

void json_put_bool(struct json_out *o, const char *key, bool v)
{
        prefix(o, key);
        buf_puts(o->b, v ? "true" : "false");
}

void json_put_null(struct json_out *o, const char *key)
{
        prefix(o, key);
        buf_puts(o->b, "null");
}

void json_put_raw(struct json_out *o, const char *key, struct slice json)
{
        prefix(o, key);
        buf_put(o->b, json);
}

void json_put_time(struct json_out *o, const char *key, int64_t us)
{
        char text[CLOCK_TEXT_MAX];
        json_put_text(o, key, clock_format_rfc3339(text, us));
}

void json_put_uuid(struct json_out *o, const char *key, const uint8_t bytes[16])
{
        char text[37];
        uuid_format(text, bytes);
        json_put_text(o, key, text);
}
