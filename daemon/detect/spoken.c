/* spoken.c - e-mail addresses written so that machines should not see them:
 * "joe [at] example [dot] com", "joe(at)example.com", "joe at example dot com". */
#include "anchor.h"
#include "look.h"

enum { PART_MAX = 64 };

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

/* "[dot]", "( at )", "{@}" at i: its end, or i. */
static size_t bracketed(const struct look *l, size_t i, const char *word)
{
        char open = look_at(l, i), close = open == '(' ? ')' : open == '[' ? ']' : '}';
        if (open != '(' && open != '[' && open != '{')
                return i;
        size_t k = skip_blanks(l, i + 1);
        if (!look_is_nocase(l, k, word))
                return i;
        k = skip_blanks(l, k + strlen(word));
        return look_at(l, k) == close ? k + 1 : i;
}

/* Prose has "at" and "dot" too: only names that most addresses end in. */
bool email_common_top(const struct look *l, size_t start, size_t end)
{
        static const char tops[] = " com org net edu gov io dev app ai co me info example test eu "
                                   "uk us de fr it es nl be pl pt at ch se fi dk ie cn jp kr in id "
                                   "vn th my ph sg br au ca tr ru ae sa hk tw nz mx ";
        char want[8] = { ' ' };
        size_t n = end - start;
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
        size_t k = skip_blanks(l, *i), end = bracketed(l, k, "dot");
        if (end == k)
                end = bracketed(l, k, ".");
        if (end > k) {
                *i = skip_blanks(l, end);
                return DOT_BRACKETED;
        }
        if (k != *i + 1 || !look_is_nocase(l, k, "dot "))
                return DOT_NONE;
        *i = k + 4;
        return DOT_WORD;
}

static size_t label(const struct look *l, size_t i)
{
        size_t start = i;
        while (i < l->n && i - start < PART_MAX && (is_alnum(l->p[i]) || l->p[i] == '-'))
                i++;
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
        for (size_t back = 3; back <= 7 && back <= close; back++) {
                size_t k = close - back;
                if (bracketed(l, k, "dot") == close || bracketed(l, k, ".") == close)
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
                size_t dot = dot_before(l, i);
                if (is_alnum(c) || c == '.' || c == '_' || c == '+' || c == '-')
                        i--;
                else if (dot < i && dot > 0 && is_alnum(l->p[dot - 1]))
                        i = dot;
                else
                        break;
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
        enum dot dress;
        size_t after = bracketed(l, at, "at");
        if (after == at)
                after = bracketed(l, at, "@");
        if (after == at)
                return;
        size_t end_local = skip_blanks_back(l, at), start = local(l, end_local);
        size_t begin = skip_blanks(l, after), end = domain(l, begin, &dress);
        if (start < end_local && end > begin)
                look_hit(l, start, end, ID_EMAIL, 90);
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
        for (size_t i = anchor_spoken(l->p, 0, l->n); i < l->n; i = anchor_spoken(l->p, i + 1, l->n))
                if (look_is(l, i, " dot ") || look_is(l, i, " DOT ") || look_is(l, i, " Dot "))
                        find_spoken(l, i);
}
