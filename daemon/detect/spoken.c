/* spoken.c - e-mail addresses written so that machines should not see them:
 * "joe [at] example [dot] com", "joe(at)example.com", "joe at example dot com", and the same with
 * what people call the two signs elsewhere: arroba, Klammeraffe, 골뱅이, ドット, 点, titik. */
#include "look.h"
#include "texts.h"

enum { PART_MAX = 64, DOT_MAX = 12 };

static size_t skip_blanks(const struct look *l, size_t i)
{
        for (int k = 0; k < 2 && look_at(l, i) == ' '; k++)
                i++;
        return i;
}

static size_t skip_blanks_back(const struct look *l, size_t i)
{
        for (int k = 0; k < 2 && look_before(l, i) == ' '; k++)
                i--;
        return i;
}

/* Names of the signs, longer ones before those they begin with. The first are clear only in
 * brackets; the next, from AT_CLEAR on, are so in running text. */
static const char *const ats[] = { "at-sign", "at sign", "at", "@", "a", "dấu @", "ät", "klammeraffe", "affenschwanz",
        "arroba", "arobase", "chiocciola", "małpa", "malpa", "zavináč", "zavinac", "собака", "собачка", "snabel-a",
        "snabela", "apenstaartje", "アットマーク", "アット", "あっとまーく", "あっと", "골뱅이", "앳", "艾特", "圈a", "a còng",
        "a móc", "แอท", "แอ็ท", "แอต", "ऐट", "एट", NULL };
enum { AT_CLEAR = 6 };
static const char *const dots[] = { ".", "dot", "d", "punkt", "punto", "ponto", "point", "punt", "pt", "点", "點", "ドット",
        "どっと", "점", "닷", "titik", "chấm", "ดอท", "ดอต", "จุด", "डॉट", "डाट", "kropka", "tečka", "tecka", "точка", "nokta",
        NULL };
static const char *const coms[] = { "コム", "컴", "कॉम", "คอม", NULL };
static const char *const houses[] = { "gmail.", "googlemail.", "outlook.", "hotmail.", "yahoo.", "qq.", "163.",
        "126.", "foxmail.", "icloud.", "protonmail.", "proton.", "naver.", "daum.", "hanmail.", "yandex.", "mail.",
        "gmx.", "web.de", "live.", "aol.", "zoho.", "fastmail.", "posteo.", "sina.", NULL };

static struct {
        struct texts at, clear_at, dot, clear_dot, com, house;
} names;

void spoken_prepare(void)
{
        texts_make(&names.at, ats);
        texts_make(&names.clear_at, ats + AT_CLEAR);
        texts_make(&names.dot, dots);
        texts_make(&names.clear_dot, dots + 1);
        texts_make(&names.com, coms);
        texts_make(&names.house, houses);
}

/* The end of the name at i, or i. */
static size_t named(const struct look *l, size_t i, const struct texts *texts)
{
        return i + texts_at_nocase(texts, l, i);
}

static char closing(char open)
{
        static const char opens[] = "([{_-", closes[] = ")]}_-";
        const char *p = open ? strchr(opens, open) : NULL;
        return p ? closes[p - opens] : 0;
}

/* "[dot]", "( at )", "{@}", "_at_" at i: its end, or i. */
static size_t bracketed(const struct look *l, size_t i, const struct texts *texts)
{
        char close = closing(look_at(l, i));
        size_t k = skip_blanks(l, i + 1);
        uint8_t c = (uint8_t)to_lower(look_at(l, k));
        for (size_t t = texts->from[c]; close && t < texts->from[c + 1]; t++) {
                if (!look_rest_nocase(l, k, texts->text[t]))
                        continue;
                size_t end = skip_blanks(l, k + texts->n[t]);
                if (look_at(l, end) == close)
                        return end + 1;
        }
        return i;
}

/* Prose has "at" and "dot" too: only names that most addresses end in. */
bool email_common_top(const struct look *l, size_t start, size_t end)
{
        static const char tops[] = " com org net edu gov io dev app ai co me info example test eu "
                                   "uk us de fr it es nl be pl pt at ch se fi dk ie cn jp kr in id "
                                   "vn th my ph sg br au ca tr ru ae sa hk tw nz mx cz sk hu ro gr ua il ";
        char want[8] = { ' ' };
        size_t n = end - start;
        if (n && is_high(l->p[start]))
                return true; /* label() took it for .com */
        if (n > 5 && n != 7)
                return false;
        if (n == 7)
                return look_is_nocase(l, start, "example");
        for (size_t i = 0; i < n; i++)
                want[1 + i] = to_lower(l->p[start + i]);
        want[1 + n] = ' ';
        return strstr(tops, want) != NULL;
}

enum dot { DOT_NONE, DOT_PLAIN, DOT_BRACKETED, DOT_WORD };

/* A dot in any dress between two labels at *i; moves *i to where the next begins. */
static enum dot take_dot(const struct look *l, size_t *i)
{
        if (look_at(l, *i) == '.' && is_alnum(look_at(l, *i + 1))) {
                ++*i;
                return DOT_PLAIN;
        }
        if (look_is(l, *i, " . ") && is_alpha(look_at(l, *i + 3))) {
                *i += 3;
                return DOT_WORD;
        }
        size_t k = skip_blanks(l, *i), end = bracketed(l, k, &names.dot);
        if (end > k) {
                *i = skip_blanks(l, end);
                return DOT_BRACKETED;
        }
        end = named(l, k, &names.clear_dot);
        bool high = is_high(look_at(l, k)); /* a script that needs no blanks */
        if (end == k || (!high && (k == *i || look_at(l, end) != ' ' || end - k < 3)))
                return DOT_NONE;
        *i = skip_blanks(l, end);
        return DOT_WORD;
}

static size_t label(const struct look *l, size_t i)
{
        size_t start = i;
        if (is_high(look_at(l, i)))
                return named(l, i, &names.com);
        while (i < l->n && i - start < PART_MAX && (is_alnum(l->p[i]) || l->p[i] == '-'))
                i++;
        while (i > start && l->p[i - 1] == '-') /* of "-dot-" */
                i--;
        return i;
}

/* The domain at i; its end, or i if there is none of two labels. *dress: the oddest dot. */
static size_t domain(const struct look *l, size_t i, enum dot *dress)
{
        size_t end = label(l, i), good = i;
        enum dot dot = DOT_NONE, oddest = DOT_NONE;
        for (int labels = 1; labels < 8 && end > i; labels++) {
                if (labels > 1 && (dot == DOT_WORD ? email_common_top(l, i, end) : email_top_label(l, i, end))) {
                        good = end;
                        *dress = oddest;
                }
                i = end;
                dot = take_dot(l, &i);
                if (dot == DOT_NONE)
                        break;
                oddest = dot > oddest ? dot : oddest;
                end = label(l, i);
        }
        return good;
}

/* Where a bracketed dot that ends at `end` begins, blanks around it included, or `end`. */
static size_t dot_before(const struct look *l, size_t end)
{
        size_t close = skip_blanks_back(l, end);
        char c = look_before(l, close);
        if (c != ']' && c != ')' && c != '}')
                return end;
        for (size_t back = 3; back <= DOT_MAX && back <= close; back++) {
                size_t k = close - back;
                if (bracketed(l, k, &names.dot) == close)
                        return skip_blanks_back(l, k);
        }
        return end;
}

/* Where the local part that ends at `end` begins, dots in brackets included. */
static size_t local(const struct look *l, size_t end)
{
        size_t i = end;
        while (i > 0 && end - i < PART_MAX) {
                char c = l->p[i - 1];
                if (is_alnum(c) || c == '.' || c == '_' || c == '+' || c == '-') {
                        i--;
                        continue;
                }
                size_t dot = dot_before(l, i);
                if (dot == i || dot == 0 || !is_alnum(l->p[dot - 1]))
                        break;
                i = dot;
        }
        return i;
}

size_t spoken_domain_end(const struct look *l, size_t i)
{
        enum dot dress = DOT_NONE;
        size_t end = domain(l, i, &dress);
        return dress > DOT_PLAIN ? end : i;
}

size_t spoken_local_start(const struct look *l, size_t end)
{
        return local(l, end);
}

void find_bracket_email(struct look *l, size_t at)
{
        enum dot dress = DOT_NONE;
        size_t after = bracketed(l, at, &names.at);
        if (after == at)
                return;
        bool letter = after - at == 3 && (l->p[at + 1] | 32) == 'a'; /* "f(a) example.com" */
        size_t end_local = skip_blanks_back(l, at), start = local(l, end_local);
        size_t begin = skip_blanks(l, after), end = domain(l, begin, &dress);
        if (letter && (dress == DOT_PLAIN || dress == DOT_NONE) && !(begin == after && end_local == at))
                return;
        if (start < end_local && end > begin)
                look_hit(l, start, end, ID_EMAIL, 90);
}

/* Where the last label of a domain that ends at `end` begins. */
static size_t top_start(const struct look *l, size_t begin, size_t end)
{
        size_t top = end;
        while (top > begin && is_alpha(l->p[top - 1]))
                top--;
        for (size_t n = 3; top == end && n <= 12 && begin + n < end; n += 3) /* コム: label() knows which */
                if (label(l, end - n) == end)
                        return end - n;
        return top;
}

/* "joe at gmail.com": a house of mail boxes, so that "at" is no preposition. */
static bool is_mail_house(const struct look *l, size_t i)
{
        return texts_at_nocase(&names.house, l, i) > 0;
}

/* "at" between words is a preposition more often: only "joe at gmail.com" and names of the dot that
 * are not English ("at this point in"). */
static bool plain_at(const struct look *l, size_t begin, size_t end, enum dot dress)
{
        size_t top = top_start(l, begin, end);
        if (dress != DOT_WORD)
                return is_mail_house(l, begin);
        return end - top >= 3 || (top > begin && is_high(l->p[top - 1]));
}

/* "anna punto ruiz arroba": names take dots too. */
static size_t spoken_local(const struct look *l, size_t start)
{
        for (size_t back = 3; back <= DOT_MAX && back + 2 <= start; back++) {
                size_t dot = start - 1 - back;
                if (look_before(l, start) != ' ' || look_before(l, dot) != ' ' || named(l, dot, &names.clear_dot) != start - 1)
                        continue;
                size_t more = local(l, dot - 1);
                return more < dot - 1 ? more : start;
        }
        return start;
}

/* "joe arroba example punto com", "joe 골뱅이 example.com": the name of the sign begins at `at`. */
static void find_named(struct look *l, size_t at)
{
        enum dot dress = DOT_NONE;
        bool high = is_high(l->p[at]), plain = look_is_nocase(l, at, "at ");
        size_t after = plain ? at + 2 : named(l, at, &names.clear_at), end_local = skip_blanks_back(l, at);
        if (after == at || (!high && (look_before(l, at) != ' ' || look_at(l, after) != ' ')))
                return;
        size_t start = local(l, end_local), begin = skip_blanks(l, after), end = domain(l, begin, &dress);
        if (dress == DOT_WORD)
                start = spoken_local(l, start);
        if (start >= end_local || end <= begin || (plain && !plain_at(l, begin, end, dress)))
                return;
        if (dress != DOT_WORD || email_common_top(l, top_start(l, begin, end), end))
                look_hit(l, start, end, ID_EMAIL, 85);
}

void find_spaced_email(struct look *l, size_t at)
{
        enum dot dress = DOT_NONE;
        size_t end_local = skip_blanks_back(l, at), start = local(l, end_local);
        size_t begin = skip_blanks(l, at + 1), end = domain(l, begin, &dress);
        if (end_local < at && begin > at + 1 && start < end_local && is_alpha(l->p[start]) && end > begin &&
            email_common_top(l, top_start(l, begin, end), end))
                look_hit(l, start, end, ID_EMAIL, 75);
}

/* `dot`: of the first " dot " of a domain. */
static void find_spoken(struct look *l, size_t dot)
{
        size_t first = dot, top;
        enum dot dress = DOT_NONE;
        while (first > 0 && dot - first < PART_MAX && (is_alnum(l->p[first - 1]) || l->p[first - 1] == '-'))
                first--;
        if (first == dot || first < 5 || !look_is_nocase(l, first - 4, " at "))
                return;
        size_t start = local(l, first - 4);
        /* "joe dot smith at": names take dots too */
        while (start > 5 && look_is_nocase(l, start - 5, " dot ") && local(l, start - 5) < start - 5)
                start = local(l, start - 5);
        size_t end = domain(l, first, &dress);
        for (top = end; top > first && is_alpha(l->p[top - 1]);)
                top--;
        if (start < first - 4 && end > first && dress == DOT_WORD && email_common_top(l, top, end))
                look_hit(l, start, end, ID_EMAIL, 80);
}

void find_spoken_emails(struct look *l)
{
        for (size_t i = map_spoken(l->map, 0); i < l->n; i = map_spoken(l->map, i + 1)) {
                if (is_high(l->p[i]))
                        find_named(l, i);
                else if (look_is_nocase(l, i, " dot "))
                        find_spoken(l, i);
                else
                        find_named(l, i + 1);
        }
}
