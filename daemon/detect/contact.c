/* contact.c - words and neighbours that lead to a telephone number which nothing in its
 * digits tells from a region's or a row's: the last word before it decides. */
#include "look.h"

enum {
        LEFT = 40,  /* characters in which words count, e-mail addresses not counted */
        NEAR = 14,  /* in which a word says that the number is something else */
        RIGHT = 18, /* in which a verb follows */
        JOINT = 24, /* bytes between two ways to reach one */
        JOINED = 2  /* bytes between "WeChat" and its "id" */
};

/* Between two ways to reach one person. */
static const char *const alternatives[] = { " or ", " oder ", " ou ", " o ", " of ", " lub ", " nebo ",
        " atau ", " hoặc ", " หรือ ", "หรือ", " या ", " або ", " или ", " veya ", "或", "或者", " 或 ", " 或者 ",
        "または", "もしくは", "か", " または ", " 또는 ", " 혹은 ", "이나 ", "나 ", "/", " / ", "|", " | ", " · ",
        " or on ", " or at ", " or call ", " or text ", " oder unter ", " ou au ", " o al ", " of op " };
static const char *const lists[] = { ", ", ",", "、", "，", "; ", "；", "\n", " and ", " und ", " et ", " y ", " e ",
        " en ", " i ", " a ", " dan ", " và ", " และ ", " और ", "和", " 和 ", "と", " & ", " ", " - ", "\t", ";" };

static bool is_one_of(const struct look *l, size_t from, size_t to, const char *const *texts, size_t n)
{
        for (size_t i = 0; i < n; i++)
                if (texts[i][0] == l->p[from] && strlen(texts[i]) == to - from && look_is(l, from, texts[i]))
                        return true;
        return false;
}

/* A run of digits that begins as mobile phones do in China, or with the trunk's zero. */
static bool is_mobile(const struct look *l, size_t start, size_t end)
{
        size_t n = end - start;
        const char *d = l->p + start;
        return (n == 11 && d[0] == '1' && d[1] >= '3') || ((n == 10 || n == 11) && d[0] == '0' && d[1] != '0');
}

/* 王磊（13912345678） */
static bool in_brackets_after_name(const struct look *l, size_t start, size_t end)
{
        return start > 2 && l->p[start - 1] == '(' && is_high(l->p[start - 2]) && look_at(l, end) == ')' &&
               is_mobile(l, start, end);
}

/* What is a phone's or an address's alternative is one too; so is the next of a list of
 * numbers that look alike, and the mobile after an address. */
static bool follows_contact(const struct look *l, size_t start, size_t end)
{
        for (size_t i = 0; i < PAST; i++) {
                const struct past *p = &l->past[i];
                if (p->end >= start || p->end == 0 || start - p->end > JOINT ||
                    (p->id != ID_PHONE && p->id != ID_EMAIL && p->id != ID_CN_RIC))
                        continue;
                if (is_one_of(l, p->end, start, alternatives, sizeof alternatives / sizeof *alternatives))
                        return true;
                bool alike = p->id == ID_PHONE ? p->end - p->start == end - start : is_mobile(l, start, end);
                if (alike && is_one_of(l, p->end, start, lists, sizeof lists / sizeof *lists))
                        return true;
        }
        return false;
}

/* A sentence or a line ends at i, before what is not the number itself. */
static bool sentence_ends(const struct look *l, size_t i, size_t start)
{
        char c = l->p[i - 1];
        if (i >= start || (c != '\n' && c != ' ' && !is_high(c)))
                return false;
        if (c == '\n')
                return true;
        if (c == ' ')
                return i >= 2 && (l->p[i - 2] == '.' || l->p[i - 2] == '!' || l->p[i - 2] == '?');
        return i >= 3 && (look_is(l, i - 3, "。") || look_is(l, i - 3, "।"));
}

/* The last e-mail address among the hits before that ends at i or before; an empty one if there is none. */
static struct past email_before(const struct look *l, size_t i)
{
        struct past last = { 0, 0, ID_EMAIL };
        for (size_t k = 0; k < PAST; k++)
                if (l->past[k].id == ID_EMAIL && l->past[k].end <= i && l->past[k].end > last.end && l->past[k].start < l->past[k].end)
                        last = l->past[k];
        return last;
}

/* Where the window left of `start` begins: short of another number (not of "wl1990" or
 * 9:30) and of another sentence; addresses are stepped over. */
static size_t window(const struct look *l, size_t start, size_t chars)
{
        size_t i = start, run = 0, all = 0;
        struct past email = email_before(l, start);
        while (i > 0 && chars > 0) {
                if (i == email.end) {
                        i = email.start;
                        email = email_before(l, i);
                        run = 0;
                        continue;
                }
                if (sentence_ends(l, i, start))
                        break;
                char c = l->p[i - 1];
                run = is_digit(c) ? run + 1 : 0;
                all += run == 3 ? 3 : run > 3;
                if (run >= 5 || all >= 7 || (c == '(' && look_opens_values(l, i)))
                        return i;
                i--;
                chars -= ((unsigned char)c & 0xC0) != 0x80;
        }
        while (i > 0 && i < start && is_alnum(l->p[i]) && is_alnum(l->p[i - 1]))
                i++;
        return i;
}

/* The last of the list's words in [from, start); empty if there is none. */
static struct word_span last_of(const struct look *l, int list, size_t from, size_t start)
{
        struct word_span word = { from, from };
        near_last(l->near, list, from, start, &word);
        return word;
}

/* The end of the address before start in [from, start), or from: its "id" or "us" is no word. */
static size_t past_email(const struct look *l, size_t from, size_t start)
{
        for (size_t k = 0; k < PAST; k++)
                if (l->past[k].id == ID_EMAIL && l->past[k].end <= start && l->past[k].end > from)
                        from = l->past[k].end;
        return from;
}

/* A word says what else the number is, nearer than `word`; "WeChat id" says nothing else. */
static bool is_claimed(const struct look *l, int list, struct word_span word, size_t start)
{
        size_t from = past_email(l, window(l, start, NEAR), start);
        struct word_span claim = last_of(l, list, from, start);
        bool joined = claim.end - claim.start == 2 && claim.start <= word.end + JOINED;
        if (claim.end == claim.start)
                return false;
        return word.end == word.start || (claim.start >= word.end && !joined);
}

static bool clause_ends(const struct look *l, size_t i)
{
        char c = l->p[i];
        if (!is_high(c))
                return c == '\n' || c == ',' || c == ';' || (c == '.' && look_at(l, i + 1) == ' ');
        return look_is(l, i, "。") || look_is(l, i, "、") || look_is(l, i, "।");
}

/* The verb belongs to the number: nothing but words of its own clause stand between. */
static bool verb_follows(const struct look *l, size_t end)
{
        size_t i = end, chars = RIGHT;
        if (!near_may(l->near, LIST_AFTER, end, end + (RIGHT + 1) * l->wide))
                return false;
        while (i < l->n && chars > 0 && !is_digit(l->p[i]) && !clause_ends(l, i)) {
                chars -= ((unsigned char)l->p[i] & 0xC0) != 0x80;
                i++;
        }
        while (i < l->n && ((unsigned char)l->p[i] & 0xC0) == 0x80)
                i++;
        return near_has(l->near, LIST_AFTER, end, i);
}

/* "23456789 rows" */
bool contact_counts(const struct look *l, size_t end)
{
        size_t i = look_at(l, end) == ' ' ? end + 1 : end;
        return i < l->n && words_at(l->words, LIST_UNITS, l->p, l->n, i, l->n) > i;
}

bool contact_denies(const struct look *l, size_t start, size_t end)
{
        struct word_span word = last_of(l, ID_PHONE, window(l, start, LEFT), start);
        return contact_counts(l, end) || is_claimed(l, LIST_SERIES, word, start);
}

/* False: no word of the list is in the window left of start, however many addresses it steps over. */
static bool may_be_near(const struct look *l, int list, size_t start)
{
        size_t bytes = LEFT * l->wide, from = start > bytes ? start - bytes : 0;
        for (size_t k = 0; k < PAST; k++)
                if (l->past[k].id == ID_EMAIL && l->past[k].end > from)
                        return true;
        return look_may(l, list, start, LEFT);
}

bool contact_leads(const struct look *l, size_t start, size_t end, bool bare)
{
        bool led = may_be_near(l, LIST_REACH, start) || follows_contact(l, start, end) || verb_follows(l, end) ||
                   in_brackets_after_name(l, start, end);
        if (!led)
                return false;
        size_t from = window(l, start, LEFT);
        struct word_span word = last_of(l, LIST_REACH, from, start);
        led = word.end > word.start || follows_contact(l, start, end) || verb_follows(l, end) ||
              in_brackets_after_name(l, start, end);
        return led && !is_claimed(l, LIST_CLAIMS, word, start) &&
               !(bare && (is_claimed(l, LIST_SERIES, word, start) || contact_counts(l, end)));
}
