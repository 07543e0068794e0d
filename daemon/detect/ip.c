/* ip.c - addresses of machines: IPv4, IPv6, MAC. Left alone: addresses that name nobody
 * (unspecified, loopback, private, link-local, multicast and above, netmasks). */
#include "look.h"

enum { LABEL = 18 }; /* characters in which a word names a quad */

/* "." or a defanged one at i: where the next octet begins, or i. */
static size_t octet_dot(const struct look *l, size_t i)
{
        char c = look_at(l, i);
        if (c == '.' || (c != '[' && c != '('))
                return c == '.' ? i + 1 : i;
        static const char *const dots[] = { "[.]", "(.)", "[dot]", "(dot)" };
        for (size_t k = 0; k < sizeof dots / sizeof *dots; k++)
                if (look_is(l, i, dots[k]))
                        return i + strlen(dots[k]);
        return i;
}

/* 0..255 without a leading zero at i; returns its end, or i. */
static size_t octet(const struct look *l, size_t i, unsigned *out)
{
        size_t n = i < l->n ? map_digits(l->map, i) - i : 0;
        const char *p = l->p + i;
        unsigned v = 0;
        if (n == 0 || n > 3 || (n > 1 && p[0] == '0'))
                return i;
        for (size_t k = 0; k < n; k++)
                v = v * 10 + (unsigned)(p[k] - '0');
        *out = v;
        return v <= 255 ? i + n : i;
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

/* Where what may name the quad at `start` begins: in its clause, short of other numbers. */
static size_t clause(const struct look *l, size_t start)
{
        size_t i = start, chars = LABEL;
        while (i > 0 && chars > 0 && !is_digit(l->p[i - 1]) && !strchr(",;\n", l->p[i - 1])) {
                i--;
                chars -= ((unsigned char)l->p[i] & 0xC0) != 0x80;
        }
        while (i > 0 && i < start && is_alnum(l->p[i]) && is_alnum(l->p[i - 1]))
                i++;
        return i;
}

/* "upgrade from 8.0.33.60 to ", "8.0.33.60 and ": where the first of such a pair begins. */
static size_t pair_start(const struct look *l, size_t start)
{
        static const char *const joints[] = { " to ", " and ", " -> ", " → ", " or ", "/", " und ", " auf ",
                " à ", " et ", " a ", " y ", " ke ", " dan ", "到", " 到 ", "和", " 和 ", "から", " から ", "~" };
        for (size_t k = 0; k < sizeof joints / sizeof *joints; k++) {
                size_t n = strlen(joints[k]), i = start - n;
                if (start < n || !look_is(l, i, joints[k]))
                        continue;
                while (i > 0 && start - i < 32 && (is_digit(l->p[i - 1]) || l->p[i - 1] == '.'))
                        i--;
                if (is_digit(look_at(l, i)) && i < start - n)
                        return i;
        }
        return start;
}

static bool has_port(const struct look *l, size_t end)
{
        return look_at(l, end) == ':' && is_digit(look_at(l, end + 1));
}

/* http://8.12.20.7, root@8.12.20.7, mysql -h 8.12.20.7, 8.12.20.7/24: where only hosts stand. */
static bool is_placed(const struct look *l, size_t start, size_t end)
{
        char before = look_before(l, start);
        if (before == '@' || (start >= 3 && look_is(l, start - 3, "://")) ||
            (start >= 4 && look_is_nocase(l, start - 4, " -h ")))
                return true;
        return has_port(l, end) ||
               (look_at(l, end) == '/' && is_digit(look_at(l, end + 1)) && !is_alnum(look_at(l, end + 3)));
}

enum named { NAMED_NOTHING, NAMED_PRODUCT, NAMED_RELEASE, NAMED_ADDRESS };

/* What the words before it say it is; the last one decides. */
static enum named named(const struct look *l, size_t start)
{
        static const int lists[] = { [NAMED_PRODUCT] = LIST_PRODUCT, [NAMED_RELEASE] = LIST_RELEASE,
                [NAMED_ADDRESS] = ID_IPV4 };
        enum named best = NAMED_NOTHING;
        size_t from = clause(l, start), nearest = 0;
        for (enum named k = NAMED_PRODUCT; k <= NAMED_ADDRESS; k++) {
                struct word_span word;
                if (near_last(l->near, lists[k], from, start, &word) && word.end > nearest) {
                        best = k;
                        nearest = word.end;
                }
        }
        return best;
}

/* A release has small numbers, an address seldom has only such; what is said of it counts
 * more. In doubt it is an address: one that leaves cannot be called back. */
static bool is_version(const struct look *l, size_t start, size_t end, const unsigned o[4])
{
        enum named name = named(l, start);
        bool small = o[0] <= 31 && o[1] <= 31 && o[2] <= 31 && o[3] <= 31;
        if (name == NAMED_NOTHING)
                name = named(l, pair_start(l, start));
        if (name == NAMED_ADDRESS || is_placed(l, start, end))
                return false;
        return small || name == NAMED_RELEASE || (name == NAMED_PRODUCT && o[0] <= 31 && o[1] <= 31);
}

/* "Chrome/" ends at i: a capital, then letters alone. Hosts are written small, or dotted. */
static bool is_product(const struct look *l, size_t i)
{
        size_t k = i - 1;
        while (k > 0 && is_alpha(l->p[k - 1]))
                k--;
        char before = look_before(l, k);
        return k < i - 1 && l->p[k] >= 'A' && l->p[k] <= 'Z' && !is_digit(before) && before != '.' && before != '-';
}

/* What stands left of the digits leaves them a number of their own: not "v8.0.11.4". A host
 * or a folder is often called after its address: db/36.110.12.77, tikv-36.110.12.77. */
static bool ipv4_begins(const struct look *l, size_t start, size_t end, const unsigned o[4])
{
        char c = look_before(l, start);
        if (look_free_left(l, start))
                return true;
        if (l->past[0].id == ID_IPV4 && l->past[0].end + 1 == start && (c == '-' || c == '/'))
                return true; /* the end of a range */
        if (o[0] <= 31 || (o[1] == 0 && o[2] == 0 && o[3] == 0))
                return false;
        return (c == '/' && (has_port(l, end) || !is_product(l, start))) || c == '-' || c == '_' || c == '#';
}

/* The port as tcpdump and BSD's netstat write it: "36.110.12.77.52344 >". */
static bool is_port(const struct look *l, size_t i)
{
        size_t n = 0;
        while (n < 6 && is_digit(look_at(l, i + n)))
                n++;
        return n >= 3 && n <= 5 && look_at(l, i) != '0' && look_at(l, i + n) != '.' &&
               (n > 3 || l->p[i] > '2');
}

static bool ipv4_ends(const struct look *l, size_t end, const unsigned o[4])
{
        char c = look_at(l, end), d = look_at(l, end + 1);
        if (c == '_' || (c == '-' && is_alpha(d)))
                return o[0] > 31;
        if (is_alnum(c))
                return false;
        return c != '.' || !is_digit(d) || (o[0] > 31 && is_port(l, end + 1));
}

void find_ipv4(struct look *l, size_t at)
{
        unsigned o[4] = { 0 };
        size_t end = quad(l, at, o);
        if (end == at || !ipv4_begins(l, at, end, o) || !ipv4_ends(l, end, o))
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
        if (l->p[start] == ':' && look_at(l, start + 1) != ':') { /* "address:2604:…" */
                start++;
                before = 0;
        }
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
        bool named = c == ':' && at >= 4 && look_is_nocase(l, at - 4, "mac:");
        if (is_alnum(c) || (c == ':' && !named) || c == '-' || c == '.' || c == '_')
                return;
        size_t end = is_pair(l, at) ? paired_mac(l, at) : at;
        if (end == at && is_pair(l, at))
                end = dotted_mac(l, at);
        if (end > at && look_free_right(l, end))
                look_hit(l, at, end, ID_MAC, 85);
}
