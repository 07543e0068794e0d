/* look.c - questions about a candidate's neighbourhood. */
#include "look.h"

bool look_rest_nocase(const struct look *l, size_t i, const char *text)
{
        for (; *text; text++, i++)
                if (i >= l->n || to_lower(l->p[i]) != *text)
                        return false;
        return true;
}

/* Of a character beside a token: which classes of the next one make it go on there. */
uint8_t look_left[256], look_right[256], look_class[256];

void look_prepare(void)
{
        for (unsigned c = 0; c < 256; c++) {
                bool word = is_alnum((char)c) || c == '_';
                bool named = is_alnum((char)c) || c >= 0x80 || c == '\'' || c == '-' || c == '#';
                look_class[c] = (uint8_t)(IS_ANY | (is_digit((char)c) ? IS_DIGIT : 0) | (is_alnum((char)c) ? IS_ALNUM : 0) |
                                          (named ? IS_NAME : 0));
                look_left[c] = word || c == '#' ? IS_ANY : c == '-' || c == '/' ? IS_ALNUM :
                               c == '.' || c == ':' || c == '+' ? IS_DIGIT : 0;
                look_right[c] = word ? IS_ANY : c == '-' || c == '/' ? IS_ALNUM : c == '.' || c == ':' ? IS_DIGIT : 0;
        }
}

size_t look_separator(const struct look *l, size_t i)
{
        char c = look_at(l, i);
        if (c == ' ' || c == '-' || c == '.')
                return 1;
        if (c == '\r' && look_at(l, i + 1) == '\n')
                return look_is(l, i + 2, "> ") ? 4 : 2;
        if (c == '\n')
                return look_is(l, i + 1, "> ") ? 3 : 1;
        return 0;
}

bool look_opens_values(const struct look *l, size_t end)
{
        size_t i = end > 0 ? end - 1 : 0;
        while (i > 0 && l->p[i - 1] == ' ')
                i--;
        return i >= 6 && look_is_nocase(l, i - 6, "values");
}

/* Where the window of `chars` characters left of `start` begins: short of any other
 * number, which a word beyond it would belong to, and never inside a word. */
static size_t window_left(const struct look *l, size_t start, size_t chars)
{
        size_t i = start, run = 0, all = 0, nearest = start;
        while (i > 0 && chars > 0) {
                char c = l->p[i - 1];
                run = is_digit(c) ? run + 1 : 0;
                if (run == 1 && all++ == 0)
                        nearest = i;
                else if (run > 1)
                        all++;
                if (run == 4 || all == 7)
                        return nearest;
                if (c == '(' && look_opens_values(l, i))
                        return i;
                i--;
                chars -= ((unsigned char)c & 0xC0) != 0x80;
        }
        while (i > 0 && i < start && is_alnum(l->p[i]) && is_alnum(l->p[i - 1]))
                i++;
        return i;
}

/* To the right a word is the number's own only if it is added to it: "123 (SSN)". */
size_t look_right_end(const struct look *l, size_t end, size_t chars)
{
        static const char *const joints[] = { " (", "(", " is ", " as ", " = ", " <- " };
        size_t i = end;
        bool joined = false;
        if (look_at(l, end) != ' ' && look_at(l, end) != '(')
                return end;
        for (size_t k = 0; k < sizeof joints / sizeof *joints; k++)
                joined |= look_is(l, end, joints[k]);
        while (joined && i < l->n && chars > 0 && l->p[i] != '\n' && (i == end || !is_digit(l->p[i]))) {
                chars -= ((unsigned char)l->p[i] & 0xC0) != 0x80;
                i++;
        }
        return i;
}

bool look_context(const struct look *l, int list, size_t start, size_t before, size_t end,
                  size_t after)
{
        if (look_may(l, list, start, before) &&
            near_has(l->near, list, window_left(l, start, before), start))
                return true;
        return after && near_has(l->near, list, end, look_right_end(l, end, after));
}
