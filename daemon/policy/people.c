/* people.c - the record's own people in its words.
 *
 * Where a policy does not let author.name leave, the name does not leave in the signature under
 * the body either, nor a login in a link. So what author.id, .handle, .name and the mentions say
 * is masked wherever it stands in a text that leaves: "[person 1]". Who else is known in the
 * region is found by the scanner: see policy/known.h.
 *
 * Very short names and numbers are left alone: they would be found where nobody is meant.    */
#include <string.h>

#include "judging.h"

enum { ASCII_LEAST = 3, OTHER_LEAST = 6, DIGITS_LEAST = 6, SPANS_MAX = 4096 };

static bool worth(struct slice name)
{
        bool digits = true, ascii = true;
        for (size_t i = 0; i < name.n; i++) {
                digits &= name.p[i] >= '0' && name.p[i] <= '9';
                ascii &= (unsigned char)name.p[i] < 0x80;
        }
        return name.n >= (size_t)(digits ? DIGITS_LEAST : ascii ? ASCII_LEAST : OTHER_LEAST);
}

static void add_name(struct trial *t, struct slice name)
{
        struct judge *j = t->judge;
        name = name.p ? slice_trim(name) : SLICE_NONE;
        if (name.n && name.p[0] == '@')
                name.p++, name.n--;
        if (!worth(name) || j->n_names == NAMES_MAX)
                return;
        char *folded = arena_alloc(t->arena, name.n);
        if (!folded) {
                t->full = true;
                return;
        }
        vocabulary_fold(folded, name);
        j->names[j->n_names++] = (struct slice){ folded, name.n };
}

void people_of(struct trial *t)
{
        static const enum field who[] = { FIELD_AUTHOR_NAME, FIELD_AUTHOR_HANDLE, FIELD_AUTHOR_ID };
        const struct field_line *fields = t->law->fields;
        t->judge->n_names = 0;
        for (size_t i = 0; i < sizeof who / sizeof *who; i++)
                if (fields[who[i]].action > ACTION_CLEAN)
                        add_name(t, t->record->text[who[i]]);
        for (size_t i = 0; i < t->record->n_mentions && fields[FIELD_MENTIONS].action > ACTION_CLEAN; i++)
                add_name(t, t->record->mentions[i]);
}

bool span_put(struct finding *list, size_t *n, uint32_t start, uint32_t end, int id)
{
        size_t hi = *n;
        while (hi > 0 && list[hi - 1].start >= end)
                hi--;
        size_t lo = hi;
        while (lo > 0 && list[lo - 1].end > start)
                lo--;
        if (lo == hi) {
                memmove(list + lo + 1, list + lo, (*n - lo) * sizeof *list);
                list[lo] = (struct finding){ .start = start, .end = end, .id = (uint16_t)id, .confidence = 100 };
                (*n)++;
                return true;
        }
        if (start < list[lo].start)
                list[lo].start = start;
        for (size_t i = lo; i + 1 < hi; i++)
                list[i].end = list[i + 1].start;
        if (end > list[hi - 1].end)
                list[hi - 1].end = end;
        return false;
}

static const char *next_place(struct slice folded, struct slice name, size_t *from)
{
        while (*from + name.n <= folded.n) {
                const char *p = memmem(folded.p + *from, folded.n - *from, name.p, name.n);
                if (!p)
                        break;
                *from = (size_t)(p - folded.p) + name.n;
                if (vocabulary_stands_alone(folded, *from - name.n, *from))
                        return p;
        }
        *from = folded.n;
        return NULL;
}

static size_t count_places(const struct judge *j, struct slice folded)
{
        size_t n = 0;
        for (size_t i = 0; i < j->n_names; i++)
                for (size_t from = 0; n <= SPANS_MAX && next_place(folded, j->names[i], &from);)
                        n++;
        return n;
}

bool people_stand_in(const struct judge *j, struct slice text)
{
        if (j->n_names == 0)
                return false;
        vocabulary_fold(j->scratch, text);
        return count_places(j, (struct slice){ j->scratch, text.n }) > 0;
}

bool people_in(struct trial *t, struct slice text, const struct finding **found, size_t *n)
{
        struct judge *j = t->judge;
        struct slice folded = { j->scratch, text.n };
        if (j->n_names == 0)
                return true;
        vocabulary_fold(j->scratch, text);
        size_t more = count_places(j, folded);
        if (more == 0)
                return true;
        if (more > SPANS_MAX)
                return false; /* a name on every line of a megabyte: somebody looks first */
        struct finding *list = arena_array(t->arena, *n + more, sizeof *list);
        if (!list) {
                t->full = true;
                return true;
        }
        if (*n)
                memcpy(list, *found, *n * sizeof *list);
        for (size_t i = 0; i < j->n_names; i++) {
                const char *p;
                for (size_t from = 0; (p = next_place(folded, j->names[i], &from));)
                        span_put(list, n, (uint32_t)(p - folded.p), (uint32_t)from, OWN_NAME);
        }
        *found = list;
        return true;
}
