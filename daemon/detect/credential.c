/* credential.c - secrets that carry a prefix of their own, and PEM private keys. */
#include "checksum.h"
#include "look.h"

static bool is_base64url(char c)
{
        return is_alnum(c) || c == '-' || c == '_';
}

static bool is_aws(char c)
{
        return (c >= 'A' && c <= 'Z') || (c >= '2' && c <= '7');
}

/* Six digits in base 62 at s. */
static uint32_t base62(const char *s)
{
        uint64_t v = 0;
        for (int i = 0; i < 6; i++) {
                char c = s[i];
                unsigned d = is_digit(c) ? (unsigned)(c - '0') :
                             c <= 'Z' ? (unsigned)(c - 'A') + 10 : (unsigned)(c - 'a') + 36;
                v = v * 62 + d;
        }
        return v <= UINT32_MAX ? (uint32_t)v : 0;
}

/* gh?_ and 36: the last six are the CRC-32 of the 30 before. */
static bool valid_github(const char *s, size_t n)
{
        return n == 40 && check_crc32(s + 4, 30) == base62(s + 34);
}

/* github_pat_, 22, '_', 59. */
static bool valid_github_pat(const char *s, size_t n)
{
        if (n != 93 || s[33] != '_')
                return false;
        for (size_t i = 11; i < n; i++)
                if (i != 33 && !is_alnum(s[i]))
                        return false;
        return true;
}

/* xoxb-, one to three numbers of 8 to 14 digits, 10 to 48 letters and digits. */
static bool valid_slack(const char *s, size_t n)
{
        size_t i = 5, numbers = 0;
        if (!strchr("abeoprs", s[3]))
                return false;
        while (numbers < 3) {
                size_t k = i;
                while (k < n && is_digit(s[k]))
                        k++;
                if (k - i < 8 || k - i > 14 || k == n || s[k] != '-')
                        break;
                i = k + 1;
                numbers++;
        }
        for (size_t k = i; k < n; k++)
                if (!is_alnum(s[k]))
                        return false;
        return numbers > 0 && n - i >= 10 && n - i <= 48;
}

static bool varied(const char *s, size_t n)
{
        return n > 8 && !check_monotone(s + n - 8, 8);
}

/* The AWS documentation's own key. */
static bool valid_aws_id(const char *s, size_t n)
{
        return n == 20 && memcmp(s + 13, "EXAMPLE", 7) != 0;
}

static const struct prefix {
        const char *text;
        unsigned anchor; /* offset of the character that the scan stops at; 2 or more */
        enum id id;
        bool (*in)(char c);
        size_t min, max; /* of the whole, prefix included */
        bool (*valid)(const char *s, size_t n);
} prefixes[] = {
        { "ghp_", 3, ID_GITHUB_TOKEN, is_alnum, 40, 40, valid_github },
        { "gho_", 3, ID_GITHUB_TOKEN, is_alnum, 40, 40, valid_github },
        { "ghu_", 3, ID_GITHUB_TOKEN, is_alnum, 40, 40, valid_github },
        { "ghs_", 3, ID_GITHUB_TOKEN, is_alnum, 40, 40, valid_github },
        { "ghr_", 3, ID_GITHUB_TOKEN, is_alnum, 40, 40, valid_github },
        { "github_pat_", 6, ID_GITHUB_TOKEN, is_base64url, 93, 93, valid_github_pat },
        { "sk_live_", 2, ID_PASSWORD, is_alnum, 24, 128, varied },
        { "rk_live_", 2, ID_PASSWORD, is_alnum, 24, 128, varied },
        { "npm_", 3, ID_PASSWORD, is_alnum, 40, 40, varied },
        { "xox", 2, ID_SLACK_TOKEN, is_base64url, 20, 128, valid_slack },
        { "xapp-", 4, ID_SLACK_TOKEN, is_base64url, 70, 160, varied },
        { "GOCSPX-", 6, ID_GOOGLE_KEY, is_base64url, 35, 35, varied },
        { "glpat-", 5, ID_PASSWORD, is_base64url, 26, 64, varied },
        { "pypi-", 4, ID_PASSWORD, is_base64url, 85, 512, varied },
        { "sk-proj-", 2, ID_PASSWORD, is_base64url, 40, 256, varied },
        { "sk-ant-", 2, ID_PASSWORD, is_base64url, 40, 256, varied },
        { "AKIA", 2, ID_AWS_KEY, is_aws, 20, 20, valid_aws_id },
        { "ASIA", 2, ID_AWS_KEY, is_aws, 20, 20, valid_aws_id },
        { "AIza", 2, ID_GOOGLE_KEY, is_base64url, 39, 39, varied },
};

static bool is_secret_char(char c)
{
        return is_alnum(c) || c == '/' || c == '+';
}

/* Forty of base 64, not all hexadecimal: an AWS secret within 200 bytes of its id. */
static void find_aws_secret(struct look *l, size_t id_end)
{
        size_t stop = l->n - id_end < 200 ? l->n : id_end + 200;
        for (size_t i = id_end; i < stop;) {
                size_t k = i;
                bool hex = true;
                for (; k < l->n && k - i <= 40 && is_secret_char(l->p[k]); k++)
                        hex &= is_hex(l->p[k]);
                if (k - i == 40 && !hex && look_at(l, k) != '=') {
                        look_hit(l, i, k, ID_AWS_KEY, 90);
                        return;
                }
                while (k < l->n && is_secret_char(l->p[k]) && k < stop)
                        k++;
                i = k + 1;
        }
}

static void try_prefix(struct look *l, size_t start, const struct prefix *p)
{
        size_t end = start + strlen(p->text);
        char before = look_before(l, start);
        if (is_alnum(before) || before == '_')
                return;
        while (end < l->n && end - start <= p->max && p->in(l->p[end]))
                end++;
        while (end - start > p->min && !is_alnum(l->p[end - 1]))
                end--;
        if (end - start < p->min || end - start > p->max || is_alnum(look_at(l, end)))
                return;
        if (!p->valid(l->p + start, end - start))
                return;
        look_hit(l, start, end, p->id, 97);
        if (p->id == ID_AWS_KEY)
                find_aws_secret(l, end);
}

/* The value of a base64url digit, -1 if none. */
static int sextet(char c)
{
        if (c >= 'A' && c <= 'Z')
                return c - 'A';
        if (c >= 'a' && c <= 'z')
                return c - 'a' + 26;
        if (is_digit(c))
                return c - '0' + 52;
        return c == '-' ? 62 : c == '_' ? 63 : -1;
}

static size_t decode_base64(char *out, size_t max, const char *s, size_t n)
{
        uint32_t bits = 0;
        size_t have = 0, len = 0;
        for (size_t i = 0; i < n && len < max; i++) {
                bits = bits << 6 | (uint32_t)sextet(s[i]);
                have += 6;
                if (have >= 8) {
                        have -= 8;
                        out[len++] = (char)(bits >> have & 255);
                }
        }
        return len;
}

/* A JSON string of printable ASCII at s[i]; its end, or 0. */
static size_t json_text(const char *s, size_t n, size_t i)
{
        if (i >= n || s[i] != '"')
                return 0;
        for (i++; i < n && s[i] != '"'; i++) {
                if (s[i] < ' ' || s[i] == 0x7F)
                        return 0;
                if (s[i] == '\\')
                        i++;
        }
        return i < n ? i + 1 : 0;
}

/* A JSON value at s[i], brackets only counted; its end, or 0. */
static size_t json_value(const char *s, size_t n, size_t i)
{
        if (i < n && s[i] == '"')
                return json_text(s, n, i);
        int depth = 0;
        size_t start = i;
        for (; i < n; i++) {
                if (s[i] == '"') {
                        i = json_text(s, n, i);
                        if (!i)
                                return 0;
                        i--;
                } else if (s[i] == '[' || s[i] == '{') {
                        depth++;
                } else if (depth > 0 && (s[i] == ']' || s[i] == '}')) {
                        depth--;
                } else if (depth == 0 && (s[i] == ',' || s[i] == '}')) {
                        break;
                } else if (depth == 0 && !is_alnum(s[i]) && !strchr("+-. ", s[i])) {
                        return 0;
                }
        }
        if (i == start || depth)
                return 0;
        char first = s[start];
        bool number = is_digit(first) || first == '-' || first == '[' || first == '{';
        return number || first == 't' || first == 'f' || first == 'n' ? i : 0;
}

/* A JOSE header: a JSON object with "alg". */
static bool is_jose(const char *s, size_t n)
{
        bool alg = false;
        size_t i = 1;
        if (n < 9 || s[0] != '{')
                return false;
        for (;;) {
                size_t end = json_text(s, n, i);
                if (!end || end >= n || s[end] != ':')
                        return false;
                alg |= end - i == 5 && memcmp(s + i, "\"alg\"", 5) == 0;
                i = end + 1;
                while (i < n && s[i] == ' ')
                        i++;
                i = json_value(s, n, i);
                if (!i || i >= n)
                        return false;
                if (s[i] == '}')
                        return alg && i + 1 == n;
                if (s[i++] != ',')
                        return false;
                while (i < n && s[i] == ' ')
                        i++;
        }
}

static size_t base64url_end(const struct look *l, size_t i)
{
        size_t start = i;
        while (i < l->n && i - start < 16384 && is_base64url(l->p[i]))
                i++;
        return i;
}

static void find_jwt(struct look *l, size_t start)
{
        char header[768];
        if (is_base64url(look_before(l, start)))
                return;
        size_t dot = base64url_end(l, start);
        if (look_at(l, dot) != '.' || dot - start > 1000)
                return;
        size_t second = base64url_end(l, dot + 1);
        if (second == dot + 1 || look_at(l, second) != '.')
                return;
        size_t n = decode_base64(header, sizeof header, l->p + start, dot - start);
        if (is_jose(header, n))
                look_hit(l, start, base64url_end(l, second + 1), ID_JWT, 99);
}

/* Hashes of a prefix's anchor and the two characters before it. */
enum { ENDS = 1024 };
static uint64_t ends[ENDS / 64];

static unsigned end_of(char two, char before, char anchor)
{
        return ((uint8_t)two * 37u + (uint8_t)before * 101u + (uint8_t)anchor * 7u) % ENDS;
}

static void add_end(char two, char before, char anchor)
{
        unsigned end = end_of(two, before, anchor);
        ends[end / 64] |= UINT64_C(1) << end % 64;
}

void credential_prepare(void)
{
        for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++) {
                const char *at = prefixes[i].text + prefixes[i].anchor;
                add_end(at[-2], at[-1], at[0]);
        }
        add_end('e', 'y', 'J'); /* of a JWT */
}

void find_prefixed(struct look *l, size_t at)
{
        char c = l->p[at];
        unsigned end = end_of(at > 1 ? l->p[at - 2] : 0, look_before(l, at), c);
        if (!(ends[end / 64] >> end % 64 & 1))
                return;
        for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++) {
                const struct prefix *p = &prefixes[i];
                if (p->text[p->anchor] == c && at >= p->anchor && l->p[at - p->anchor] == p->text[0] &&
                    look_is(l, at - p->anchor, p->text))
                        try_prefix(l, at - p->anchor, p);
        }
        if (c == 'J' && at >= 2 && look_is(l, at - 2, "eyJ"))
                find_jwt(l, at - 2);
}

/* The end of "-----BEGIN/END ... PRIVATE KEY[ BLOCK]-----" at i, or i. */
static size_t key_line(const struct look *l, size_t i, const char *begin)
{
        size_t k = i + strlen(begin), stop = k + 40;
        if (!look_is(l, i, begin))
                return i;
        for (; k < stop && k < l->n && l->p[k] != '\n' && l->p[k] != '-'; k++)
                if (look_is(l, k, "PRIVATE KEY")) {
                        k += 11;
                        k += look_is(l, k, " BLOCK") ? 6 : 0;
                        return look_is(l, k, "-----") ? k + 5 : i;
                }
        return i;
}

static bool is_key_text(char c)
{
        return is_alnum(c) || strchr("+/=\n\r\\ \t>:,-", c);
}

/* A whole key, or one whose END was cut off: then what looks like its body. */
void find_key_block(struct look *l, size_t at)
{
        enum { KEY_MAX = 65536 };
        size_t i = key_line(l, at, "-----BEGIN ");
        if (i == at)
                return;
        for (size_t start = i; i < l->n && i - start < KEY_MAX; i++) {
                if (l->p[i] == '-') {
                        size_t end = key_line(l, i, "-----END ");
                        if (end > i) {
                                look_hit(l, at, end, ID_PRIVATE_KEY, 99);
                                return;
                        }
                }
                if (!is_key_text(l->p[i]) || look_is(l, i, "\n\n"))
                        break;
        }
        while (i > at && (l->p[i - 1] == '\n' || l->p[i - 1] == ' '))
                i--;
        look_hit(l, at, i, ID_PRIVATE_KEY, 90);
}
