/* ip.c - addresses of machines: IPv4, IPv6, MAC. Left alone: addresses that name nobody
 * (unspecified, loopback, private, link-local, multicast and above, netmasks). */
#include "look.h"

/* "." or a defanged one at i: where the next octet begins, or i. */
static size_t octet_dot(const struct look *l, size_t i)
{
        static const char *const dots[] = { ".", "[.]", "(.)", "[dot]", "(dot)" };
        for (size_t k = 0; k < sizeof dots / sizeof *dots; k++)
                if (look_is(l, i, dots[k]))
                        return i + strlen(dots[k]);
        return i;
}

/* 0..255 without a leading zero at i; returns its end, or i. */
static size_t octet(const struct look *l, size_t i, unsigned *out)
{
        size_t k = i;
        unsigned v = 0;
        while (k < i + 3 && is_digit(look_at(l, k)))
                v = v * 10 + (unsigned)(l->p[k++] - '0');
        if (k == i || v > 255 || (l->p[i] == '0' && k - i > 1) || is_digit(look_at(l, k)))
                return i;
        *out = v;
        return k;
}

/* Four octets at i; returns the end, or i. */
static size_t quad(const struct look *l, size_t i, unsigned o[4])
{
        size_t at = i;
        for (int k = 0; k < 4; k++) {
                size_t end = octet(l, at, &o[k]);
                if (end == at)
                        return i;
                at = end;
                if (k < 3) {
                        size_t next = octet_dot(l, at);
                        if (next == at)
                                return i;
                        at = next;
                }
        }
        return at;
}

static bool names_nobody(const unsigned o[4])
{
        return o[0] == 0 || o[0] == 10 || o[0] == 127 || o[0] >= 224 ||
               (o[0] == 172 && o[1] >= 16 && o[1] < 32) || (o[0] == 192 && o[1] == 168) ||
               (o[0] == 100 && o[1] >= 64 && o[1] < 128) || (o[0] == 169 && o[1] == 254);
}

/* 8.0.33.60, 1.4.0.15, OID 1.3.101.112: releases have small numbers, addresses seldom. */
static bool is_version(const struct look *l, size_t start, size_t end, const unsigned o[4])
{
        if (look_context(l, LIST_RELEASE, start, 16, end, 0))
                return o[0] < 100;
        bool small = (o[0] < 20 && o[1] < 20 && o[2] < 100) || (o[0] < 3 && o[1] < 40);
        bool tiny = o[0] < 60 && o[1] <= 40 && o[2] <= 30 && o[3] <= 30;
        if (!small && !tiny)
                return false;
        bool port = look_at(l, end) == ':' && is_digit(look_at(l, end + 1));
        return !port && !look_context(l, ID_IPV4, start, 24, end, 0);
}

static bool ipv4_ends(const struct look *l, size_t end)
{
        char c = look_at(l, end), d = look_at(l, end + 1);
        if (is_alnum(c) || c == '_')
                return false;
        return c == '.' ? !is_digit(d) : c != '-' || !is_alpha(d);
}

void find_ipv4(struct look *l, size_t at)
{
        unsigned o[4] = { 0 };
        size_t end = quad(l, at, o);
        if (end == at || !look_free_left(l, at) || !ipv4_ends(l, end))
                return;
        if (!names_nobody(o) && !is_version(l, at, end, o))
                look_hit(l, at, end, ID_IPV4, 90);
}

struct six {
        unsigned groups;   /* of hex digits, an IPv4 tail counts two */
        unsigned longest;  /* digits of the longest group */
        bool compressed;   /* has "::" */
        bool digit;        /* has a decimal digit */
        unsigned first;    /* value of the first group, 0 if "::" leads */
        size_t end;
};

/* RFC 4291 text at i. */
static bool parse_six(const struct look *l, size_t i, struct six *s)
{
        *s = (struct six){ .end = i };
        bool first = true;
        if (look_is(l, i, "::")) {
                s->compressed = true;
                s->end = i += 2;
                first = false;
        }
        while (s->groups < 8) {
                unsigned o[4], v = 0;
                size_t n = 0, tail = quad(l, i, o);
                if (tail > i && s->groups <= 6 && s->groups + s->compressed > 0) {
                        s->groups += 2;
                        s->end = tail;
                        break;
                }
                for (; is_hex(look_at(l, i + n)) && n < 5; n++) {
                        s->digit |= is_digit(l->p[i + n]);
                        v = v * 16 + (unsigned)(is_digit(l->p[i + n]) ? l->p[i + n] - '0' :
                                (l->p[i + n] | 32) - 'a' + 10);
                }
                if (n == 0)
                        break;
                if (n > 4)
                        return false;
                s->first = first ? v : s->first;
                first = false;
                s->groups++;
                s->longest = n > s->longest ? (unsigned)n : s->longest;
                s->end = i += n;
                if (look_is(l, i, "::")) {
                        if (s->compressed)
                                break;
                        s->compressed = true;
                        s->end = i += 2;
                } else if (look_at(l, i) == ':' && is_hex(look_at(l, i + 1))) {
                        i++;
                } else {
                        break;
                }
        }
        return s->compressed ? s->groups < 8 : s->groups == 8;
}

/* Where a run of hex digits and colons that holds `at` begins. */
static size_t six_start(const struct look *l, size_t at)
{
        size_t i = at;
        while (i > 0 && at - i < 5 && is_hex(l->p[i - 1]))
                i--;
        return i;
}

void find_ipv6(struct look *l, size_t at)
{
        struct six s;
        size_t start = six_start(l, at);
        char before = look_before(l, start);
        if (start < l->six_done || is_alnum(before) || before == ':' || before == '_' || before == '.')
                return;
        if (!parse_six(l, start, &s))
                return;
        char c = look_at(l, s.end);
        if (is_alnum(c) || c == '_' || (c == ':' && is_hex(look_at(l, s.end + 1))))
                return;
        l->six_done = s.end;
        /* eight pairs are a hardware address; a::b is C++; 1::2 is a ratio */
        if ((!s.compressed && s.longest <= 2) || !s.digit || s.groups < 2 || s.longest < 3)
                return;
        if (s.first == 0 || (s.first >= 0xfe80 && s.first <= 0xfebf) || s.first >= 0xff00 ||
            (s.first & 0xfe00) == 0xfc00)
                return;
        if (look_at(l, s.end) == '%') {
                while (s.end + 1 < l->n && is_alnum(l->p[s.end + 1]))
                        s.end++;
                s.end++;
        }
        look_hit(l, start, s.end, ID_IPV6, 95);
}

static bool is_pair(const struct look *l, size_t i)
{
        return is_hex(look_at(l, i)) && is_hex(look_at(l, i + 1));
}

/* cafe.0042.1337, as network gear writes it. */
static size_t dotted_mac(const struct look *l, size_t at)
{
        for (size_t i = at; i < at + 14; i++) {
                bool dot = (i - at) % 5 == 4;
                if (dot ? look_at(l, i) != '.' : !is_hex(look_at(l, i)))
                        return at;
        }
        return at + 14;
}

static size_t paired_mac(const struct look *l, size_t at)
{
        char c = look_at(l, at + 2);
        bool same = true;
        if (c != ':' && c != '-')
                return at;
        for (size_t k = 0; k < 6; k++) {
                size_t i = at + 3 * k;
                if (!is_pair(l, i) || (k < 5 && look_at(l, i + 2) != c))
                        return at;
                same &= l->p[i] == l->p[at] && l->p[i + 1] == l->p[at];
        }
        return same || look_at(l, at + 17) == c ? at : at + 17;
}

void find_mac(struct look *l, size_t at)
{
        char c = look_before(l, at);
        if (is_alnum(c) || c == ':' || c == '-' || c == '.' || c == '_')
                return;
        size_t end = is_pair(l, at) ? paired_mac(l, at) : at;
        if (end == at && is_pair(l, at))
                end = dotted_mac(l, at);
        if (end > at && look_free_right(l, end))
                look_hit(l, at, end, ID_MAC, 85);
}
