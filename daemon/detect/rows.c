/* rows.c - identifiers that are a form, a check and a word beside them: matches a run of
 * letters and digits against the forms of all rows that can begin so. */
#include <stdlib.h>

#include "look.h"

enum {
        KEYS = 24,        /* how a form goes on after its head, see key_of() */
        FORMS = 320,      /* of all rows; a test makes them all */
        WORDS_LEFT = 40,  /* characters in which a word counts as "beside" */
        WORDS_RIGHT = 16,
        ANY = 255,
        TOKEN_MAX = 128   /* longer runs of letters and digits are dumps, not identifiers */
};

struct form {
        enum id id;
        const char *text; /* of length n; not NUL-terminated */
        size_t n;
        bool letters;   /* in the head */
        uint8_t head;   /* letters and digits before the first separator: what a token has */
        uint8_t second; /* digits of the group after it; ANY: not only digits, or none */
};

/* The forms that digits alone begin, then those that have letters too, each by the length of
 * their head, then by key: list[from[letters][head][key]..from[letters][head][key + 1]). */
struct form_index {
        size_t n;
        struct form list[FORMS];
        uint16_t from[2][FORM_MAX][KEYS + 1];
        bool goes_on[256]; /* what any form goes on with after its head */
};

/* Only a group that digits alone fit, to the form's next separator or end, is known. */
static uint8_t second_group(const struct form *f)
{
        size_t i = f->head + (size_t)1;
        while (i < f->n && f->text[i] == '9')
                i++;
        return f->head >= f->n || (i < f->n && is_alnum(f->text[i])) ? ANY : (uint8_t)(i - f->head - 1);
}

/* 0: nothing goes on; 1: a certain character, or who knows; 2 and up: a separator and as many
 * digits and two. */
static unsigned key_of(const struct form *f)
{
        if (f->head == f->n)
                return 0;
        return f->text[f->head] != '~' || f->second == ANY || f->second + 2 >= KEYS ? 1 : f->second + 2u;
}

static int by_head(const void *a, const void *b)
{
        const struct form *x = a, *y = b;
        if (x->letters != y->letters)
                return x->letters ? 1 : -1;
        if (x->head != y->head)
                return x->head < y->head ? -1 : 1;
        return (int)key_of(x) - (int)key_of(y);
}

/* A head of 'A' needs letters, one of '9' has none, an 'X' may be either. */
static bool add_form(struct form_index *x, enum id id, const char *text, size_t n)
{
        struct form f = { .id = id, .text = text, .n = n };
        bool need = false, may = false;
        while (f.head < n && is_alnum(text[f.head])) {
                need |= text[f.head] != '9' && text[f.head] != 'X';
                may |= text[f.head++] == 'X';
        }
        f.second = second_group(&f);
        for (int letters = need; letters <= (need || may); letters++) {
                f.letters = letters;
                if (x->n == FORMS || f.head >= FORM_MAX)
                        return false;
                if (f.head < n && text[f.head] != '~')
                        x->goes_on[(uint8_t)text[f.head]] = true;
                x->list[x->n++] = f;
        }
        return true;
}

static bool is_under(const struct form *f, int letters, unsigned head, unsigned key)
{
        return f->letters == letters && f->head == head && key_of(f) == key;
}

static void sort_forms(struct form_index *x)
{
        size_t i = 0;
        if (x->n)
                qsort(x->list, x->n, sizeof *x->list, by_head);
        for (int letters = 0; letters < 2; letters++)
                for (unsigned head = 0; head < FORM_MAX; head++)
                        for (unsigned key = 0; key <= KEYS; key++) {
                                x->from[letters][head][key] = (uint16_t)i;
                                while (i < x->n && is_under(&x->list[i], letters, head, key))
                                        i++;
                        }
}

struct form_index *form_index_new(detect_set wanted)
{
        struct form_index *x = calloc(1, sizeof *x);
        for (int id = 0; x && id < IDS; id++) {
                if (!detect_has(wanted, id))
                        continue;
                const char *f = rows[id].forms;
                while (f && *f) {
                        size_t n = strcspn(f, "|");
                        if (!add_form(x, (enum id)id, f, n)) {
                                form_index_free(x);
                                return NULL;
                        }
                        f += f[n] ? n + 1 : n;
                }
        }
        if (!x)
                return NULL;
        for (const char *c = " -.\r\n"; *c; c++) /* look_separator() */
                x->goes_on[(uint8_t)*c] = true;
        sort_forms(x);
        return x;
}

void form_index_free(struct form_index *index)
{
        free(index);
}

struct match {
        char text[FORM_MAX]; /* letters in upper case, and digits */
        size_t n;
        size_t end;      /* in the look */
        char separator;  /* the one in use, 0 if none */
        size_t first, last; /* lengths of the first and last group */
};

/* One separator, like the others of this match; a line break stands for any. */
static bool take_separator(const struct look *l, struct match *m)
{
        size_t n = look_separator(l, m->end);
        char c = look_at(l, m->end);
        if (!n)
                return false;
        if (c != '\n' && c != '\r') {
                if (m->separator && m->separator != '\n' && m->separator != c)
                        return false;
                m->separator = c;
        } else if (!m->separator) {
                m->separator = '\n';
        }
        m->end += n;
        return true;
}

static bool fits(char form, char c)
{
        switch (form) {
        case '9':
                return is_digit(c);
        case 'A':
                return is_alpha(c);
        case 'X':
                return is_alnum(c);
        default:
                return form == c;
        }
}

static bool match_form(const struct look *l, size_t start, const struct form *f, struct match *m)
{
        size_t group = f->letters ? 0 : f->head; /* digits alone fit their head already */
        *m = (struct match){ .end = start + group, .n = group };
        memcpy(m->text, l->p + start, group);
        for (size_t i = group; i < f->n; i++) {
                char form = f->text[i], c = look_at(l, m->end);
                if (form == '~') {
                        if (!take_separator(l, m))
                                return false;
                        m->first = m->first ? m->first : group;
                        group = 0;
                } else if (!fits(form, c)) {
                        return false;
                } else {
                        m->end++;
                        if (is_alnum(c) && m->n < FORM_MAX) {
                                m->text[m->n++] = to_upper(c);
                                group++;
                        } else {
                                m->separator = c;
                                m->first = m->first ? m->first : group;
                                group = 0;
                        }
                }
        }
        m->last = group;
        return true;
}

static size_t digits_from(const struct look *l, size_t i)
{
        size_t n = 0;
        while (n < FORM_MAX && is_digit(look_at(l, i + n)))
                n++;
        return n;
}

static size_t digits_before(const struct look *l, size_t i)
{
        size_t n = 0;
        while (n < FORM_MAX && n < i && is_digit(l->p[i - n - 1]))
                n++;
        return n;
}

/* "0a64", "7320": a group of four in a dump, from i to the right or the left. */
static bool is_dump_word(const struct look *l, size_t i, bool left)
{
        size_t from = left ? i - 4 : i;
        if (left && i < 4)
                return false;
        for (size_t k = from; k < from + 4; k++)
                if (!is_hex(look_at(l, k)))
                        return false;
        return !is_alnum(look_before(l, from)) && !is_alnum(look_at(l, from + 4));
}

/* Groups of the same kind go on to the left or right: a piece of something longer. */
static bool goes_on(const struct look *l, size_t start, const struct match *m)
{
        if (!m->separator || m->separator == '\n')
                return false;
        if (look_at(l, m->end) == m->separator &&
            (digits_from(l, m->end + 1) == m->last || (m->last == 4 && is_dump_word(l, m->end + 1, false))))
                return true;
        return look_before(l, start) == m->separator && start > 1 &&
               (digits_before(l, start - 1) == m->first || (m->first == 4 && is_dump_word(l, start - 1, true)));
}

/* 2023-2024-2025: four digits each, and all of them years. */
static bool is_years(const struct match *m)
{
        for (size_t i = 0; i < m->n; i += 4)
                if (memcmp(m->text + i, "19", 2) != 0 && memcmp(m->text + i, "20", 2) != 0)
                        return false;
        return m->first == 4 && m->n % 4 == 0;
}

/* Bits of the lists of which a word is around the token. *near keeps them; never 0 then. */
static uint64_t lists_near(const struct look *l, size_t start, uint64_t *near)
{
        if (!*near) {
                size_t left = WORDS_LEFT * l->wide, right = (2 * FORM_MAX + WORDS_RIGHT) * l->wide;
                *near = near_lists(l->near, start > left ? start - left : 0, start + right) | words_bit(l->words, NO_LIST);
        }
        return *near;
}

/* It needs a word, and none is near: the check need not be made. */
static bool is_hopeless(const struct look *l, const struct form *f, size_t start, bool separated, uint64_t *near)
{
        const struct row *row = &rows[f->id];
        if (row->need == NEED_NONE || (row->need == NEED_BARE && separated))
                return false;
        return !(lists_near(l, start, near) & words_bit(l->words, (int)f->id));
}

static void try_form(struct look *l, size_t start, const struct form *f, uint64_t *near)
{
        const struct row *row = &rows[f->id];
        struct match m;
        if (!match_form(l, start, f, &m) || !look_free_right(l, m.end) || is_hopeless(l, f, start, m.separator, near) ||
            !row->valid(m.text, m.n))
                return;
        bool word = look_context(l, f->id, start, WORDS_LEFT, m.end, WORDS_RIGHT);
        bool lonely = row->need == NEED_ALWAYS || (row->need == NEED_BARE && !m.separator) ||
                      goes_on(l, start, &m) || is_years(&m);
        if (word || !lonely)
                look_hit(l, start, m.end, f->id, word ? 90 + row->confidence / 11 : row->confidence);
}

static void try_all(struct look *l, size_t start, const uint16_t *from, size_t key, uint64_t *near)
{
        for (size_t i = from[key]; i < from[key + 1]; i++)
                try_form(l, start, &l->forms->list[i], near);
}

/* Those that end where the token does. */
static void try_whole(struct look *l, size_t start, const uint16_t *from, uint64_t *near)
{
        for (size_t i = from[0]; i < from[1]; i++)
                if (!is_hopeless(l, &l->forms->list[i], start, false, near))
                        try_form(l, start, &l->forms->list[i], near);
}

/* The same of key 1: most differ in what follows the head, or in how many digits then. */
static void try_certain(struct look *l, size_t start, size_t end, const uint16_t *from, uint64_t *near)
{
        char c = look_at(l, end);
        bool separated = look_separator(l, end) > 0;
        size_t second = is_alnum(c) ? 0 : digits_from(l, end + 1);
        for (size_t i = from[1]; i < from[2]; i++) {
                const struct form *f = &l->forms->list[i];
                char goes_on = f->text[f->head];
                bool fits_on = goes_on == '~' ? separated : goes_on == c;
                if (fits_on && (goes_on == '~' || f->second == ANY || f->second == second))
                        try_form(l, start, f, near);
        }
}

/* Tries the forms whose head is as long as the token [start, end), and go on as it does; nothing
 * touches it on the left. */
static void try_forms(struct look *l, size_t start, size_t end, bool letters)
{
        size_t head = end - start;
        if (head >= FORM_MAX)
                return;
        const uint16_t *from = l->forms->from[letters][head];
        bool may_end = from[0] < from[1];
        if (from[0] == from[KEYS] || (!may_end && !l->forms->goes_on[(uint8_t)look_at(l, end)]))
                return;
        size_t n = look_separator(l, end), second = n ? digits_from(l, end + n) : 0;
        uint64_t near = 0;
        if (may_end && look_free_right(l, end))
                try_whole(l, start, from, &near);
        if (from[1] < from[2])
                try_certain(l, start, end, from, &near);
        if (n && second + 2 < KEYS)
                try_all(l, start, from, second + 2, &near);
}

/* "ZH 61 81 31 C", "X-9478435-C": one or two letters and a separator before the digits. */
static void try_letters_before(struct look *l, size_t start)
{
        size_t letters = 0, i = start;
        if (i < 2 || (l->p[i - 1] != ' ' && l->p[i - 1] != '-') || !is_alpha(l->p[i - 2]))
                return;
        i--;
        while (letters < 3 && i > 0 && is_alpha(l->p[i - 1])) {
                i--;
                letters++;
        }
        if ((letters == 1 || letters == 2) && look_free_left(l, i))
                try_forms(l, i, i + letters, true);
}

/* A run of digits, and what it may be besides an identifier. free: as look_free_left() says; most
 * that are not are pieces of times and dates. */
static void find_in_digits(struct look *l, size_t start, size_t end, bool free)
{
        char c = look_at(l, end);
        try_letters_before(l, start);
        if ((free || look_before(l, start) == '/') && (end - start >= 7 || phone_goes_on(l, end)) && look_wants(l, ID_PHONE))
                find_phone(l, start);
        if (end - start <= 3 && (c == '.' || c == '[' || c == '(') && look_wants(l, ID_IPV4))
                find_ipv4(l, start);
        if (free && end - start <= 8 && look_wants(l, ID_DOB))
                find_birth(l, start, end);
        if (end - start <= 3 && (c == '.' || is_high(c)) && look_wants(l, ID_GPS))
                find_place(l, start);
        if (free && end - start <= 6 && (c == ' ' || c == ',' || c == '-' || c == '\n' || c == '.' || c == 0 || is_high(c)) &&
            look_wants(l, ID_ADDRESS))
                find_address(l, start, end);
}

/* A token of digits, then letters: a piece of an identifier, or "5th" of May. */
static void find_after_digit(struct look *l, size_t start, size_t end)
{
        try_letters_before(l, start);
        size_t digits = digits_from(l, start);
        if (digits <= 2 && end - start == digits + 2 && look_wants(l, ID_DOB))
                find_birth(l, start, start + digits);
}

size_t find_token(struct look *l, size_t at)
{
        size_t start = at, end = at;
        while (start > 0 && at - start < TOKEN_MAX && is_alnum(l->p[start - 1]))
                start--;
        while (end < l->n && is_digit(l->p[end]))
                end++;
        bool digits = start == at;
        if (end < l->n && is_alnum(l->p[end]))
                for (digits = false; end < l->n && is_alnum(l->p[end]);)
                        end++;
        if (end - start > TOKEN_MAX)
                return end;
        bool free = look_free_left(l, start);
        if (free)
                try_forms(l, start, end, !digits);
        if (digits)
                find_in_digits(l, start, end, free);
        else if (is_digit(l->p[start]))
                find_after_digit(l, start, end);
        else if (at - start == 2)
                find_iban(l, start);
        if (end - start >= 26 && (look_wants(l, ID_BTC) || look_wants(l, ID_ETH)))
                find_wallet(l, start, end);
        if ((look_at(l, start + 2) == ':' || look_at(l, start + 2) == '-' || look_at(l, start + 4) == '.') &&
            look_wants(l, ID_MAC))
                find_mac(l, start);
        return end;
}
