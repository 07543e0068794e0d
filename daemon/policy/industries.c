/* industries.c - which industry a company is of, by the officers' list lists/industries.txt.
 *
 * A line a company, "Muster Bank AG = banking"; "Muster*" is any name that begins so, "*" any at
 * all; `#` begins a comment. Case and doubled blanks do not matter. The longest that fits counts. A
 * company that is in no line has no industry: nothing of it leaves.                           */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "reader.h"

enum { INDUSTRIES_MAX = 20000, NAME_MAX_BYTES = 200 };
static const char file[] = "lists/industries.txt";

struct company {
        struct slice name; /* folded */
        struct slice industry;
};
struct industries {
        struct company *exact, *begins;
        size_t n_exact, n_begins;
};

/* Small letters, one blank for many, none at the ends. */
static struct slice fold(char *out, struct slice s)
{
        size_t n = 0;
        s = slice_trim(s);
        vocabulary_fold(out, s);
        for (size_t i = 0; i < s.n; i++)
                if (out[i] != ' ' || (n && out[n - 1] != ' '))
                        out[n++] = out[i];
        return (struct slice){ out, n };
}

static int by_name(const void *a, const void *b)
{
        const struct company *x = a, *y = b;
        size_t n = x->name.n < y->name.n ? x->name.n : y->name.n;
        int order = n ? memcmp(x->name.p, y->name.p, n) : 0;
        return order ? order : (x->name.n > y->name.n) - (x->name.n < y->name.n);
}

static bool add(struct industries *all, struct arena *a, struct slice line)
{
        char room[NAME_MAX_BYTES + 1];
        const char *equals = memchr(line.p, '=', line.n);
        if (!equals || all->n_exact + all->n_begins == INDUSTRIES_MAX || !utf8_valid(line, NULL))
                return false;
        struct slice name = slice_trim(slice_make(line.p, (size_t)(equals - line.p)));
        struct slice industry = slice_trim(slice_make(equals + 1, (size_t)(line.p + line.n - equals - 1)));
        bool begins = name.n && name.p[name.n - 1] == '*';
        name.n -= begins;
        if (name.n > NAME_MAX_BYTES || (!name.n && !begins) || !industry.n || industry.n > NAME_MAX_BYTES)
                return false;
        struct company c = { arena_copy(a, fold(room, name)), arena_copy(a, industry) };
        if (begins)
                all->begins[all->n_begins++] = c;
        else
                all->exact[all->n_exact++] = c;
        return c.industry.p;
}

static struct industries *parse(struct arena *a, struct slice list, int *bad_line)
{
        struct industries *all = ARENA_NEW(a, struct industries);
        size_t lines = 1;
        for (size_t i = 0; i < list.n; i++)
                lines += list.p[i] == '\n';
        lines = lines < INDUSTRIES_MAX ? lines : INDUSTRIES_MAX;
        if (all) {
                all->exact = arena_array(a, lines, sizeof *all->exact);
                all->begins = arena_array(a, lines, sizeof *all->begins);
        }
        if (!all || !all->exact || !all->begins)
                return NULL;
        if (slice_starts(list, SLICE("\xEF\xBB\xBF")))
                list.p += 3, list.n -= 3;
        for (*bad_line = 1; list.n; (*bad_line)++) {
                const char *end = memchr(list.p, '\n', list.n);
                struct slice line = { list.p, end ? (size_t)(end - list.p) : list.n };
                list.p += line.n + (end != NULL);
                list.n -= line.n + (end != NULL);
                const char *comment = memchr(line.p, '#', line.n);
                line = slice_trim(comment ? slice_make(line.p, (size_t)(comment - line.p)) : line);
                if (line.n && !add(all, a, line))
                        return NULL;
        }
        qsort(all->exact, all->n_exact, sizeof *all->exact, by_name);
        return all;
}

void law_read_industries(struct reader *r, const struct conf_node *line)
{
        struct slice bytes;
        int bad_line = 0;
        if (r->p->industries)
                return;
        if (!shelf_get(r->shelf, file, &bytes, NULL)) {
                law_warn(r, conf_get(line, "to"), "Put the file there: a line a company, \"Muster Bank AG = banking\".",
                         "there is no list of industries, \"%s\": nothing of a company leaves", file);
                return;
        }
        r->p->industries = parse(r->shelf->arena, bytes, &bad_line);
        if (!r->p->industries)
                law_complain(r, conf_get(line, "to"), "A line a company, \"Muster Bank AG = banking\"; # begins a comment.",
                             "the list of industries \"%s\" is wrong in line %d", file, bad_line);
}

struct slice industry_of(const struct industries *all, struct slice company)
{
        char room[NAME_MAX_BYTES];
        const struct company *best = NULL;
        if (!all || !company.p || company.n > sizeof room)
                return SLICE_NONE;
        struct company wanted = { .name = fold(room, company) };
        best = all->n_exact ? bsearch(&wanted, all->exact, all->n_exact, sizeof wanted, by_name) : NULL;
        for (size_t i = 0; !(best && best->name.n == wanted.name.n) && i < all->n_begins; i++)
                if (slice_starts(wanted.name, all->begins[i].name) && (!best || all->begins[i].name.n >= best->name.n))
                        best = &all->begins[i];
        return best && wanted.name.n ? best->industry : SLICE_NONE;
}
