/* rows.c - identifiers that are a form, a check and a word beside them: matches a run of
 * letters and digits against the forms of all rows that can begin so. */
#include <stdlib.h>

#include "look.h"

enum {
        LEADS = 20,       /* leading digits that tell forms apart; 0: a letter leads */
        PER_LEAD = 64,    /* forms of one lead; a test counts them */
        WORDS_LEFT = 40,  /* characters in which a word counts as "beside" */
        WORDS_RIGHT = 16,
        TOKEN_MAX = 128   /* longer runs of letters and digits are dumps, not identifiers */
};

struct form {
        enum id id;
        const char *text; /* of length n; not NUL-terminated */
        size_t n;
        char next; /* of the form, after as many digits as lead; 0: nothing */
};

struct form_index {
        struct form forms[LEADS][PER_LEAD];
        size_t count[LEADS];
};

static void add(struct form_index *x, size_t lead, struct form form)
{
        form.next = lead < form.n ? form.text[lead] : 0;
        if (x->count[lead] < PER_LEAD)
                x->forms[lead][x->count[lead]++] = form;
}

/* A form that leads with an X or has one right after its digits fits several leads. */
static void add_form(struct form_index *x, struct form form)
{
        size_t digits = 0;
        while (digits < form.n && form.text[digits] == '9')
                digits++;
        if (form.text[0] == 'A' || form.text[0] == 'X')
                add(x, 0, form);
        if (form.text[0] == 'A')
                return;
        bool open = digits < form.n && form.text[digits] == 'X';
        for (size_t lead = digits ? digits : 1; lead < LEADS; lead++) {
                add(x, lead, form);
                if (!open)
                        break;
        }
}

struct form_index *form_index_new(uint64_t wanted)
{
        struct form_index *x = calloc(1, sizeof *x);
        for (int id = 0; x && id < IDS; id++) {
                if (!(wanted >> id & 1))
                        continue;
                const char *f = rows[id].forms;
                while (f && *f) {
                        size_t n = strcspn(f, "|");
                        add_form(x, (struct form){ .id = (enum id)id, .text = f, .n = n });
                        f += f[n] ? n + 1 : n;
                }
        }
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
        size_t group = 0;
        *m = (struct match){ .end = start };
        for (size_t i = 0; i < f->n; i++) {
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
        while (n < LEADS && is_digit(look_at(l, i + n)))
                n++;
        return n;
}

static size_t digits_before(const struct look *l, size_t i)
{
        size_t n = 0;
        while (n < LEADS && n < i && is_digit(l->p[i - n - 1]))
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

static void try_form(struct look *l, size_t start, const struct form *f)
{
        const struct row *row = &rows[f->id];
        struct match m;
        if (!match_form(l, start, f, &m) || !look_free_right(l, m.end) ||
            !row->valid(m.text, m.n))
                return;
        bool word = look_context(l, f->id, start, WORDS_LEFT, m.end, WORDS_RIGHT);
        bool lonely = row->need == NEED_ALWAYS || (row->need == NEED_BARE && !m.separator) ||
                      goes_on(l, start, &m);
        if (word || !lonely)
                look_hit(l, start, m.end, f->id, word ? 90 + row->confidence / 11 : row->confidence);
}

/* Can the form go on as the text does? Most cannot: the cheap question first. */
static bool may_fit(const struct form *f, char c, bool separated)
{
        switch (f->next) {
        case 0:
                return !is_alnum(c);
        case '~':
                return separated;
        case 'A':
                return is_alpha(c);
        case 'X':
                return is_alnum(c);
        default:
                return f->next == c;
        }
}

static void try_forms(struct look *l, size_t start)
{
        size_t lead = digits_from(l, start);
        if (lead >= LEADS || !look_free_left(l, start))
                return;
        const struct form_index *x = l->forms;
        char c = look_at(l, start + lead);
        bool separated = look_separator(l, start + lead) > 0;
        for (size_t i = 0; i < x->count[lead]; i++)
                if (may_fit(&x->forms[lead][i], c, separated))
                        try_form(l, start, &x->forms[lead][i]);
}

/* "ZH 61 81 31 C", "X-9478435-C": one or two letters and a separator before the digits. */
static void try_letters_before(struct look *l, size_t start)
{
        size_t letters = 0, i = start;
        if (i == 0 || (l->p[i - 1] != ' ' && l->p[i - 1] != '-'))
                return;
        i--;
        while (letters < 3 && i > 0 && is_alpha(l->p[i - 1])) {
                i--;
                letters++;
        }
        if (letters == 1 || letters == 2)
                try_forms(l, i);
}

size_t find_token(struct look *l, size_t at)
{
        size_t start = at, end = at;
        while (start > 0 && at - start < TOKEN_MAX && is_alnum(l->p[start - 1]))
                start--;
        while (end < l->n && is_alnum(l->p[end]))
                end++;
        if (end - start > TOKEN_MAX)
                return end;
        try_forms(l, start);
        if (is_digit(l->p[start])) {
                try_letters_before(l, start);
                if (look_wants(l, ID_PHONE))
                        find_phone(l, start);
                if (look_wants(l, ID_IPV4))
                        find_ipv4(l, start);
        } else if (is_alpha(l->p[start]) && at - start == 2) {
                find_iban(l, start);
        }
        if (end - start >= 26 && (look_wants(l, ID_BTC) || look_wants(l, ID_ETH)))
                find_wallet(l, start, end);
        if (look_wants(l, ID_MAC))
                find_mac(l, start);
        return end;
}
