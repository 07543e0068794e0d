/* phone.c - telephone numbers: international by their country's plan; national forms by
 * plan too, and only if a word, their grouping or their place says "phone". */
#include "look.h"
#include "plans.h"

enum {
        GROUPS = 10,
        DIGITS = 20,   /* kept; a plan has at most 15 */
        LEFT = 40,     /* characters in which a word counts as beside */
        NEAR = 14,     /* or names the number something else */
        RIGHT = 12,
        LINE = 240     /* bytes to the left that may name the columns of an INSERT */
};


struct number {
        char digits[2 * DIGITS]; /* n of them; the rest is what happened to follow */
        size_t n;              /* digits kept */
        size_t groups;
        size_t end[GROUPS];    /* where each group ends in the look */
        size_t count[GROUPS];  /* digits up to there */
        bool bracket;          /* the first group is in brackets */
        bool mixed;            /* separators differ */
};

/* What stands between two groups; a digit follows: one of - . / ( ) and blanks around. */
static size_t gap(const struct look *l, size_t i)
{
        size_t n = 0;
        char c = look_at(l, i);
        if (c > '/' || c < ' ')
                return 0;
        if (is_digit(look_at(l, i + 1)))
                return c == ' ' || c == '-' || c == '.' || c == '/' || c == '(' || c == ')';
        switch (c) {
        case ' ':
                n = look_is(l, i, " - ") ? 3 : look_at(l, i + 1) == '(' ? 2 : 1;
                break;
        case ')':
                n = look_at(l, i + 1) == ' ' || look_at(l, i + 1) == '-' ? 2 : 1;
                break;
        case '-':
                n = look_at(l, i + 1) == '(' ? 2 : 1;
                break;
        case '.':
        case '/':
        case '(':
                n = 1;
                break;
        default:
                return 0;
        }
        return is_digit(look_at(l, i + n)) ? n : 0;
}

bool phone_goes_on(const struct look *l, size_t end)
{
        return gap(l, end) > 0;
}

/* n hex digits alone at i, as in a dump. */
static bool is_dump_word(const struct look *l, size_t i, size_t n)
{
        for (size_t k = 0; k < n; k++)
                if (!is_hex(look_at(l, i + k)))
                        return false;
        return !is_alnum(look_at(l, i + n)) && !is_alnum(look_before(l, i));
}

/* The groups are all of n digits, and groups of n hex digits go on beside them. */
static bool in_dump(const struct look *l, size_t start, size_t end, size_t n)
{
        return (start > n && look_before(l, start) == ' ' && is_dump_word(l, start - n - 1, n)) ||
               (look_at(l, end) == ' ' && is_dump_word(l, end + 1, n));
}

/* Reads groups from the digit (or bracket) at i. */
static void read_number(const struct look *l, size_t i, struct number *m)
{
        char separator = 0;
        m->n = m->groups = 0; /* the arrays are filled as far as these say */
        m->bracket = m->mixed = false;
        if (look_at(l, i) == '(') {
                m->bracket = true;
                i++;
        }
        while (m->groups < GROUPS && m->n < DIGITS) {
                size_t run = i < l->n ? map_digits(l->map, i) - i : 0, fit = DIGITS - m->n;
                run = run < fit ? run : fit;
                if (l->n - i >= DIGITS) /* most often; a copy of fixed length is cheaper than a loop */
                        memcpy(m->digits + m->n, l->p + i, DIGITS);
                else
                        memcpy(m->digits + m->n, l->p + i, run);
                m->n += run;
                i += run;
                m->end[m->groups] = i;
                m->count[m->groups++] = m->n;
                size_t n = gap(l, i);
                if (!n || (m->bracket && m->groups == 1 && l->p[i] != ')'))
                        return;
                char c = l->p[i];
                m->mixed |= separator && c != separator && !(m->bracket && m->groups < 3);
                separator = c;
                i += n;
        }
        if (is_digit(look_at(l, i))) /* cut in the middle: the last group is not one */
                m->groups--;
}

/* "ext. 12", "x12", ";ext=12", "#12", "(内線 12)" after the number; its end, or `end`. */
static size_t extension(const struct look *l, size_t end)
{
        static const char *const names[] = { "ext.", "ext", "extn", "extension", "x", ";ext=", "内線",
                "內線", "转", "轉", "내선", "durchwahl", "poste", "int.", "ramal", "ต่อ", "#" };
        size_t i = end;
        while (i < end + 2 && (look_at(l, i) == ' ' || look_at(l, i) == ','))
                i++;
        bool open = look_at(l, i) == '(';
        i += open;
        for (size_t k = 0; k < sizeof names / sizeof *names; k++) {
                if (to_lower(look_at(l, i)) != names[k][0] || !look_is_nocase(l, i, names[k]))
                        continue;
                size_t d = i + strlen(names[k]), n = 0;
                while (d < l->n && (l->p[d] == ' ' || l->p[d] == ':' || l->p[d] == '.'))
                        d++;
                while (n < 6 && is_digit(look_at(l, d + n)))
                        n++;
                if (n && !is_alnum(look_at(l, d + n)))
                        return d + n + (open && look_at(l, d + n) == ')');
        }
        return end;
}

static bool right_edge(const struct look *l, size_t end)
{
        char c = look_at(l, end);
        return !is_alnum(c) && c != '_' && !((c == '.' || c == ':') && is_digit(look_at(l, end + 1)));
}

void find_international(struct look *l, size_t at)
{
        struct number m;
        char before = look_before(l, at);
        size_t i = at + 1;
        if (is_alnum(before) || before == '+' || before == '_')
                return;
        if (look_at(l, i) == ' ')
                i++;
        if (!is_digit(look_at(l, i)) && look_at(l, i) != '(')
                return;
        read_number(l, i, &m);
        for (size_t g = m.groups; g-- > 0;)
                if (right_edge(l, m.end[g]) && plan_international(m.digits, m.count[g])) {
                        bool open = before == '(' && look_at(l, m.end[0]) == ')'; /* "(+34) 91..." */
                        look_hit(l, at - open, extension(l, m.end[g]), ID_PHONE, 95);
                        return;
                }
}

/* '…' or "…" around the number, and the line names a phone: INSERT, CSV with its header. */
static bool quoted_column(const struct look *l, size_t start, size_t end)
{
        char quote = look_before(l, start);
        size_t from = start;
        if ((quote != '\'' && quote != '"') || look_at(l, end) != quote)
                return false;
        while (from > 0 && start - from < LINE && l->p[from - 1] != '\n')
                from--;
        struct look line = { .p = l->p + from, .n = start - from };
        for (size_t i = 0; i < line.n; i++)
                if ((line.p[i] | 32) == 'p' || (line.p[i] | 32) == 't' || (line.p[i] | 32) == 'm')
                        if (look_is_nocase(&line, i, "phone") || look_is_nocase(&line, i, "mobile") ||
                            look_is_nocase(&line, i, "telef") || look_is_nocase(&line, i, "tel,"))
                                return true;
        return false;
}

/* "... - 0171 2345678" and nothing after it: how people sign a title. */
static bool signs_off(const struct look *l, size_t start, size_t end)
{
        while (end < l->n && strchr(" .!\n", l->p[end]))
                end++;
        return end == l->n && start >= 3 && look_is(l, start - 3, " - ");
}

static size_t length_of(const struct number *m, size_t g)
{
        return g ? m->count[g] - m->count[g - 1] : m->count[0];
}

static bool shape(const struct number *m, size_t groups, const char *lengths)
{
        for (size_t g = 0; g < groups; g++)
                if (length_of(m, g) != (size_t)(lengths[g] - '0'))
                        return false;
        return lengths[groups] == 0;
}

/* Groups that hardly anything but a telephone number has. */
static bool tells_itself(const struct look *l, size_t start, const struct number *m,
                         size_t groups)
{
        size_t n = m->count[groups - 1];
        const char *d = m->digits;
        char c = look_at(l, m->end[0]);
        if (groups < 2 || m->mixed || c == '/' || shape(m, groups, "54")) /* 02110-1301: a ZIP code */
                return false;
        if ((look_before(l, start) == c && start > 1 && is_digit(l->p[start - 2])) ||
            contact_counts(l, m->end[groups - 1])) /* "4 096 000 000 bytes" */
                return false;
        if (groups < m->groups && look_at(l, m->end[groups - 1]) == c && length_of(m, groups) > 2)
                return false; /* 010-1234-5678-9012 */
        if (m->bracket)
                return n >= 9;
        if (shape(m, groups, "334") && c != ' ')
                return d[0] >= '2' && d[3] >= '2';
        if (shape(m, groups, "344") && d[0] == '1' && d[1] >= '3')
                return true;
        size_t first = length_of(m, 0);
        if (c == ' ' && (first == 2 || first == 4) && length_of(m, 1) == first &&
            in_dump(l, start, m->end[groups - 1], first))
                return false;
        if (d[0] != '0' || d[1] == '0' || n < 9 || n > 12 || length_of(m, 0) < 2)
                return false;
        for (size_t g = 1; g < groups; g++)
                if (length_of(m, g) < 2)
                        return false;
        return c != '.' || groups == 5 || shape(m, groups, "334");
}

/* Grouped, and all that its line says: the last line of a signature. */
static bool is_whole_line(const struct look *l, size_t start, size_t end)
{
        char c = look_at(l, end);
        return (c == 0 || c == '\n' || c == '\r') && start > 0 && l->p[start - 1] == '\n';
}

/* https://wa.me/6281234567890, ?phone=6281234567890: international without its plus. */
static bool in_link(const struct look *l, size_t at)
{
        return (at >= 6 && look_is_nocase(l, at - 6, "wa.me/")) ||
               (at >= 7 && (look_is_nocase(l, at - 7, "?phone=") || look_is_nocase(l, at - 7, "&phone=")));
}

static bool is_century(const char *d)
{
        return memcmp(d, "19", 2) == 0 || memcmp(d, "20", 2) == 0;
}

/* 2026/11/25, 25-11-2026, 2017-2022. */
static bool is_calendar(const struct number *m, size_t groups)
{
        const char *d = m->digits;
        return (shape(m, groups, "422") && is_century(d)) ||
               (shape(m, groups, "224") && is_century(d + 4)) ||
               (shape(m, groups, "44") && is_century(d) && is_century(d + 4));
}

/* query_row(1234567890), "mobile 4.0.1234567": code, a release. */
static bool is_code(const struct look *l, size_t start, const struct number *m, size_t groups)
{
        size_t i = start;
        if (groups > 2 && look_at(l, m->end[0]) == '.' && length_of(m, 0) == 1 && length_of(m, 1) == 1)
                return true;
        if (groups > 1 || look_before(l, start) != '(')
                return false;
        for (i--; i > 0 && is_alnum(l->p[i - 1]); i--)
                ;
        return i + 1 < start && look_before(l, i) == '_';
}

/* A word says that it is an order, a region, ... */
static bool is_claimed(const struct look *l, size_t start)
{
        return look_context(l, LIST_CLAIMS, start, NEAR, start, 0);
}

/* How many characters to the left a word may be: not beyond an empty line with more text behind it; of a bare
 * number not beyond its line. */
static size_t room_left(const struct look *l, size_t start, bool grouped)
{
        size_t chars = 0;
        bool text = false;
        for (size_t i = start; i > 1 && chars < LEFT; i--, chars++) {
                if (text && l->p[i - 1] == '\n' && (!grouped || l->p[i - 2] == '\n'))
                        return chars;
                text |= is_alnum(l->p[i - 1]) || is_high(l->p[i - 1]);
        }
        return LEFT;
}

/* A word says that it is a phone; seldom is one near at all. */
static bool is_called(const struct look *l, size_t start, size_t end, bool grouped)
{
        if (!look_may(l, ID_PHONE, start, LEFT) && !look_context(l, ID_PHONE, start, 0, end, RIGHT))
                return false;
        return look_context(l, ID_PHONE, start, is_claimed(l, start) ? NEAR : room_left(l, start, grouped), end, RIGHT) &&
               (grouped || !contact_denies(l, start, end));
}

/* 57738249.34, 00000000: a value, the offset of a dump. */
static bool is_value(const struct look *l, const struct number *m, size_t groups)
{
        size_t n = m->count[groups - 1], same = 1;
        while (same < n && m->digits[same] == m->digits[0])
                same++;
        return same == n || (groups == 2 && look_at(l, m->end[0]) == '.' && length_of(m, 0) > 4 && length_of(m, 1) < 4);
}

static bool is_quad(const struct look *l, const struct number *m, size_t groups)
{
        if (groups < 4 || (groups > 4 && look_at(l, m->end[3]) != '/'))
                return false;
        for (size_t g = 0; g < 4; g++)
                if (length_of(m, g) > 3 || (g < 3 && look_at(l, m->end[g]) != '.'))
                        return false;
        return true;
}

/* How sure its groups and its place alone make it. */
static int by_itself(const struct look *l, size_t start, const struct number *m, size_t groups, bool abroad)
{
        size_t end = m->end[groups - 1], n = m->count[groups - 1];
        const char *d = m->digits;
        bool alone = d[0] == '0' || (n == 11 && d[0] == '1');
        if (signs_off(l, start, end) && n >= 8 && (groups > 1 || (alone && n >= 9)))
                return 80;
        if (abroad)
                return groups > 2 ? 80 : 0;
        if (shape(m, groups, "334") && d[0] >= '2' && d[3] >= '2' && is_whole_line(l, start, end))
                return 75;
        return tells_itself(l, start, m, groups) ? 80 : 0;
}

static int national(const struct look *l, size_t start, const struct number *m, size_t groups)
{
        size_t end = m->end[groups - 1], n = m->count[groups - 1];
        const char *d = m->digits;
        bool abroad = d[0] == '0' && ((d[1] == '0' && plan_international(d + 2, n - 2)) ||
                                      (d[1] == '1' && d[2] == '1' && plan_international(d + 3, n - 3)));
        bool seven = n == 7 && shape(m, groups, "34") && look_at(l, m->end[0]) == '-' && d[0] >= '2';
        if (is_calendar(m, groups) || is_code(l, start, m, groups) || is_value(l, m, groups))
                return 0;
        if (m->bracket && (groups < 2 || look_at(l, m->end[0]) != ')'))
                return 0;
        if (!seven && !abroad && !plan_national(d, n)) /* its plus forgotten: "WA 62812..." */
                return n >= 11 && n <= 13 && plan_international(d, n) && is_called(l, start, end, groups > 1) ? 80 : 0;
        if (is_quad(l, m, groups))
                return 0; /* an IPv4 address with its net, or a release */
        if (seven)
                return look_context(l, ID_PHONE, start, NEAR, end, 0) ? 85 : 0;
        if (quoted_column(l, start, end) || is_called(l, start, end, groups > 1))
                return 92;
        bool epoch = groups == 1 && n == 10 && d[0] == '1' && d[1] >= '4' && d[1] <= '8';
        if (!epoch && contact_leads(l, start, end, groups == 1))
                return 88;
        int confidence = by_itself(l, start, m, groups, abroad);
        return confidence && !is_claimed(l, start) ? confidence : 0;
}

void find_phone(struct look *l, size_t at)
{
        struct number m;
        size_t start = at;
        char before = look_before(l, at);
        bool link = (before == '/' || before == '=') && in_link(l, at);
        if (before == '.' || (!link && !look_free_left(l, at)))
                return;
        read_number(l, at, &m);
        if (m.n < 7)
                return;
        if (link && m.groups && right_edge(l, m.end[0]) && plan_international(m.digits, m.count[0])) {
                look_hit(l, at, m.end[0], ID_PHONE, 95);
                return;
        }
        for (size_t g = m.groups; g > 0; g--) {
                if (m.count[g - 1] < 7 || m.count[g - 1] > 15 || !right_edge(l, m.end[g - 1]))
                        continue;
                int confidence = national(l, start, &m, g);
                if (confidence) {
                        look_hit(l, start, extension(l, m.end[g - 1]), ID_PHONE, confidence);
                        return;
                }
        }
}
