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
        LONGER = 16,      /* digits of a number that is a telephone's in a link alone */
        FEW = 4,          /* forms whose checks are cheaper than a look for words */
        GROUPS = 7,       /* whose lengths are compared at once */
        TOKEN_MAX = 128   /* longer runs of letters and digits are dumps, not identifiers */
};

struct form {
        enum id id;
        const char *text; /* of length n; not NUL-terminated */
        size_t n;
        bool letters;   /* in the head */
        uint8_t head;   /* letters and digits before the first separator: what a token has */
        uint8_t second; /* digits of the group after it; ANY: not only digits, or none */
        uint64_t groups, known; /* lengths of its first groups, a byte each; 0xFF for each that is known */
};

/* The forms that digits alone begin, then those that have letters too, each by the length of
 * their head, then by key: list[from[key]..from[key + 1]) of heads[letters][head]. */
struct form_index {
        size_t n;
        struct form list[FORMS];
        struct head {
                uint16_t from[KEYS + 1];
                uint16_t signs; /* of key 1: bits of sign_of[] that go on after the head */
                uint64_t whole; /* of key 0: bits of the lists of which a word must be near */
                uint32_t seconds[2]; /* of other keys: lengths of the group after the head, a bit each, if a digit
                                      * begins it ([1]) and if none does ([0]) */
        } heads[2][FORM_MAX];
        uint8_t by_length[LONGER + 1], by_next[256]; /* enum may: what a number may be, by its digits and what follows */
        uint8_t sign_of[256]; /* what a form goes on with after its head: a number from 1 on; 0: none does */
        unsigned n_signs;
};

/* What else than an identifier a number may begin: a finder of its own. */
enum may { MAY_PHONE = 1, MAY_IPV4 = 2, MAY_BIRTH = 4, MAY_PLACE = 8, MAY_ADDRESS = 16 };

static const struct {
        enum id id;
        uint8_t may, most; /* digits */
        bool high;         /* a character that is not ASCII may follow, or one of `next`, or the end */
        const char *next;
} may_follow[] = {
        { ID_PHONE, MAY_PHONE, LONGER, false, " )-./(" }, /* gap() of phone.c; after seven digits anything */
        { ID_IPV4, MAY_IPV4, 3, false, ".[(" },
        { ID_DOB, MAY_BIRTH, 8, true, "-/. ," }, /* after six or eight digits anything */
        { ID_GPS, MAY_PLACE, 3, true, "." },
        { ID_ADDRESS, MAY_ADDRESS, 6, true, " ,-\n." },
};

static void index_followers(struct form_index *x, detect_set wanted)
{
        for (size_t k = 0; k < sizeof may_follow / sizeof *may_follow; k++) {
                if (!detect_has(wanted, (int)may_follow[k].id))
                        continue;
                for (size_t n = 1; n <= may_follow[k].most; n++)
                        x->by_length[n] |= may_follow[k].may;
                for (const char *c = may_follow[k].next; *c; c++)
                        x->by_next[(uint8_t)*c] |= may_follow[k].may;
                for (unsigned c = 0x80; may_follow[k].high && c < 256; c++)
                        x->by_next[c] |= may_follow[k].may;
        }
        x->by_next[0] |= MAY_ADDRESS; /* the end */
        x->by_length[3] &= (uint8_t)~MAY_BIRTH;
        x->by_length[5] &= (uint8_t)~MAY_BIRTH;
        x->by_length[7] &= (uint8_t)~MAY_BIRTH;
}

/* Only a group that digits alone fit, to the form's next separator or end, is known. */
static uint8_t second_group(const struct form *f)
{
        size_t i = f->head + (size_t)1;
        while (i < f->n && f->text[i] == '9')
                i++;
        return f->head >= f->n || (i < f->n && is_alnum(f->text[i])) ? ANY : (uint8_t)(i - f->head - 1);
}

/* The lengths of its groups of letters and digits, up to two signs in a row. */
static void measure_groups(struct form *f)
{
        size_t i = 0;
        for (unsigned g = 0; g < GROUPS; g++) {
                size_t from = i;
                while (i < f->n && is_alnum(f->text[i]))
                        i++;
                if (i == from)
                        return;
                f->groups |= (uint64_t)(i - from) << 8 * g;
                f->known |= UINT64_C(0xFF) << 8 * g;
                if (i++ == f->n)
                        return;
        }
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

/* The number of a sign, a new one if need be; 0 if there are too many. */
static unsigned sign_of(struct form_index *x, char c)
{
        uint8_t *sign = &x->sign_of[(uint8_t)c];
        if (!*sign && x->n_signs < 15)
                *sign = (uint8_t)++x->n_signs;
        return *sign;
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
                f.groups = f.known = 0;
                measure_groups(&f);
                if (x->n == FORMS || f.head >= FORM_MAX)
                        return false;
                if (f.head < n && text[f.head] != '~' && !sign_of(x, text[f.head]))
                        return false;
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
                                x->heads[letters][head].from[key] = (uint16_t)i;
                                while (i < x->n && is_under(&x->list[i], letters, head, key))
                                        i++;
                        }
}

static const char separators[] = " -.\r\n"; /* look_separator() */

/* What all forms of one head have in common. */
static void sum_up(struct form_index *x, const struct words *words)
{
        for (size_t i = 0; i < x->n; i++) {
                const struct form *f = &x->list[i];
                struct head *h = &x->heads[f->letters][f->head];
                unsigned key = key_of(f);
                unsigned second = f->groups >> 8 & 0xFF;
                char begin = second ? f->text[f->head + 1] : 0;
                for (int digit = 0; key > 0 && digit < 2; digit++)
                        if (begin != (digit ? 'A' : '9'))
                                h->seconds[digit] |= second ? UINT32_C(1) << second : ~UINT32_C(0);
                if (key == 0)
                        h->whole |= words_bit(words, rows[f->id].need == NEED_NONE ? NO_LIST : (int)f->id);
                if (key == 1 && f->text[f->head] != '~')
                        h->signs |= (uint16_t)(1u << x->sign_of[(uint8_t)f->text[f->head]]);
                for (const char *c = separators; key == 1 && f->text[f->head] == '~' && *c; c++)
                        h->signs |= (uint16_t)(1u << x->sign_of[(uint8_t)*c]);
        }
}

struct form_index *form_index_new(detect_set wanted, const struct words *words)
{
        struct form_index *x = calloc(1, sizeof *x);
        bool ok = x != NULL;
        for (const char *c = separators; ok && *c; c++)
                ok = sign_of(x, *c) > 0;
        for (int id = 0; ok && id < IDS; id++) {
                const char *f = detect_has(wanted, id) ? rows[id].forms : NULL;
                while (ok && f && *f) {
                        size_t n = strcspn(f, "|");
                        ok = add_form(x, (enum id)id, f, n);
                        f += f[n] ? n + 1 : n;
                }
        }
        if (!ok) {
                form_index_free(x);
                return NULL;
        }
        sort_forms(x);
        sum_up(x, words);
        index_followers(x, wanted);
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
        size_t n = i < l->n ? map_digits(l->map, i) - i : 0;
        return n < FORM_MAX ? n : FORM_MAX;
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

/* A token, and what of its neighbourhood is asked for again and again. */
struct token {
        size_t start, end;
        uint64_t near;   /* lists_near(); 0: not yet asked */
        uint64_t groups; /* lengths of the groups of letters and digits from its start on, a byte each */
};

/* The lengths of the groups of letters and digits from i on, a byte each. A separator or any other sign
 * stands between. */
static uint64_t groups_of(const struct look *l, size_t i)
{
        uint64_t groups = 0;
        for (unsigned g = 0; g < GROUPS && i < l->n; g++) {
                size_t end = map_alnum(l->map, i), gap = look_separator(l, end);
                if (end == i)
                        break;
                groups |= (uint64_t)(end - i < 255 ? end - i : 255) << 8 * g;
                i = end + (gap ? gap : 1);
        }
        return groups;
}

/* It needs a word, and none is near: the check need not be made. */
static bool is_hopeless(const struct look *l, const struct form *f, struct token *t)
{
        const struct row *row = &rows[f->id];
        if (row->need == NEED_NONE || (row->need == NEED_BARE && f->head < f->n))
                return false;
        return !(lists_near(l, t->start, &t->near) & words_bit(l->words, (int)f->id));
}

static void try_form(struct look *l, struct token *t, const struct form *f)
{
        const struct row *row = &rows[f->id];
        struct match m;
        size_t start = t->start;
        if ((t->groups & f->known) != f->groups || is_hopeless(l, f, t) ||
            !match_form(l, start, f, &m) || !look_free_right(l, m.end) || !row->valid(m.text, m.n))
                return;
        bool word = look_context(l, f->id, start, WORDS_LEFT, m.end, WORDS_RIGHT);
        bool lonely = row->need == NEED_ALWAYS || (row->need == NEED_BARE && !m.separator) ||
                      goes_on(l, start, &m) || is_years(&m);
        if (word || !lonely)
                look_hit(l, start, m.end, f->id, word ? 90 + row->confidence / 11 : row->confidence);
}

/* Bits of the lists of which a word is beside the token: before it, or joined to its end. */
static uint64_t lists_beside(const struct look *l, const struct token *t)
{
        size_t left = WORDS_LEFT * l->wide, right = look_right_end(l, t->end, WORDS_RIGHT);
        uint64_t lists = near_lists(l->near, t->start > left ? t->start - left : 0, t->start) | words_bit(l->words, NO_LIST);
        return right > t->end ? lists | near_lists(l->near, t->end, right) : lists;
}

/* Digits alone, that any of the forms of that length has the check of. */
static bool any_checks(const struct look *l, const struct token *t, const struct head *h)
{
        for (size_t i = h->from[0]; i < h->from[1]; i++)
                if (rows[l->forms->list[i].id].valid(l->p + t->start, t->end - t->start))
                        return true;
        return false;
}

/* Those that end where the token does. */
static void try_whole(struct look *l, struct token *t, const struct head *h, bool letters)
{
        if (!letters && h->from[1] - h->from[0] <= FEW && !any_checks(l, t, h))
                return;
        t->near = lists_beside(l, t);
        if (!(t->near & h->whole))
                return;
        for (size_t i = h->from[0]; i < h->from[1]; i++)
                try_form(l, t, &l->forms->list[i]);
}

/* Those of key 1: most differ in what follows the head. */
static void try_certain(struct look *l, struct token *t, const struct head *h, bool separated)
{
        char c = look_at(l, t->end);
        for (size_t i = h->from[1]; i < h->from[2]; i++) {
                const struct form *f = &l->forms->list[i];
                char goes_on = f->text[f->head];
                if (goes_on == '~' ? separated : goes_on == c)
                        try_form(l, t, f);
        }
}

/* Those of a separator and `second` digits behind it. */
static void try_separated(struct look *l, struct token *t, const struct head *h, size_t second)
{
        size_t key = second + 2;
        if (key >= KEYS)
                return;
        for (size_t i = h->from[key]; i < h->from[key + 1]; i++)
                try_form(l, t, &l->forms->list[i]);
}

/* Tries the forms whose head is as long as the token [start, end), and go on as it does; nothing
 * touches it on the left. */
static void try_forms(struct look *l, size_t start, size_t end, bool letters)
{
        if (end - start >= FORM_MAX)
                return;
        const struct head *h = &l->forms->heads[letters][end - start];
        unsigned sign = l->forms->sign_of[(uint8_t)look_at(l, end)];
        struct token t = { .start = start, .end = end, .groups = 0 };
        if (h->from[0] < h->from[1] && look_free_right(l, end)) {
                t.groups = end - start;
                try_whole(l, &t, h, letters);
        }
        if (!sign || !(h->seconds[0] | h->seconds[1]))
                return;
        size_t gap = look_separator(l, end), next = end + (gap ? gap : 1);
        size_t second = next < l->n ? map_alnum(l->map, next) - next : 0;
        if (second >= FORM_MAX || !(h->seconds[is_digit(look_at(l, next))] >> second & 1))
                return;
        t.groups = groups_of(l, start);
        t.near = 0; /* of more than the token */
        if (h->signs >> sign & 1)
                try_certain(l, &t, h, gap > 0);
        if (gap && h->from[2] < h->from[KEYS])
                try_separated(l, &t, h, digits_from(l, end + gap));
}

/* "ZH 61 81 31 C", "X-9478435-C": one or two letters and a separator before the digits. */
static void try_letters_before(struct look *l, size_t start)
{
        size_t letters = 0, i = start - 1;
        while (letters < 3 && i > 0 && is_alpha(l->p[i - 1])) {
                i--;
                letters++;
        }
        if ((letters == 1 || letters == 2) && look_free_left(l, i))
                try_forms(l, i, i + letters, true);
}

static inline bool has_letters_before(const struct look *l, size_t start)
{
        char c = look_before(l, start);
        int gap = (c == ' ') | (c == '-');
        return start > 1 && (gap & is_alpha(l->p[start - 2]));
}

/* A run of digits, and what it may be besides an identifier. free: as look_free_left() says; most
 * that are not are pieces of times and dates. */
static void find_in_digits(struct look *l, size_t start, size_t end, bool free)
{
        const struct form_index *x = l->forms;
        size_t n = end - start;
        unsigned always = (n >= 7 ? MAY_PHONE : 0) | (n == 6 || n == 8 ? MAY_BIRTH : 0);
        unsigned may = x->by_length[n < LONGER ? n : LONGER] & (x->by_next[(uint8_t)look_at(l, end)] | always);
        char before = look_before(l, start);
        if (has_letters_before(l, start))
                try_letters_before(l, start);
        if (!free)
                may &= MAY_IPV4 | MAY_PLACE | (before == '/' ? MAY_PHONE : 0);
        if (n >= LONGER && before != '/' && before != '=')
                may = 0;
        if (may & MAY_PHONE && (n >= 7 || phone_goes_on(l, end)))
                find_phone(l, start);
        if (may & MAY_IPV4)
                find_ipv4(l, start);
        if (may & MAY_BIRTH)
                find_birth(l, start, end);
        if (may & MAY_PLACE)
                find_place(l, start);
        if (may & MAY_ADDRESS)
                find_address(l, start, end);
}

/* A token of digits, then letters: a piece of an identifier, or "5th" of May. */
static void find_after_digit(struct look *l, size_t start, size_t end)
{
        if (has_letters_before(l, start))
                try_letters_before(l, start);
        size_t digits = digits_from(l, start);
        if (digits <= 2 && end - start == digits + 2 && look_wants(l, ID_DOB))
                find_birth(l, start, start + digits);
}

/* A group of that length and c after it begin one. */
static inline bool may_be_mac(size_t n, char c)
{
        int pair = (n == 2) & ((c == ':') | (c == '-'));
        return pair | ((n == 4) & (c == '.'));
}

size_t find_token(struct look *l, size_t at)
{
        size_t start = map_alnum_back(l->map, at), end = map_alnum(l->map, at);
        bool digits = start == at && map_digits(l->map, at) == end;
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
        char c = look_at(l, end);
        if (may_be_mac(end - start, c) && look_wants(l, ID_MAC))
                find_mac(l, start);
        return end;
}
