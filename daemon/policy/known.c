/* known.c - which of a record's fields name its author, and who knows them. */
#include "policy/known.h"

#include <stdlib.h>
#include <string.h>

#include "judging.h"

struct known {
        struct people *people;
};

struct known *known_new(size_t max_names)
{
        struct known *k = calloc(1, sizeof *k);
        if (k && !(k->people = people_new(max_names))) {
                free(k);
                return NULL;
        }
        return k;
}

void known_free(struct known *k)
{
        if (!k)
                return;
        people_free(k->people);
        free(k);
}

size_t known_count(const struct known *k)
{
        return people_count(k->people);
}

/* What has an '@' inside is an address, wherever it stands. */
static bool add(struct known *k, struct slice name, enum people_kind kind)
{
        name = name.p ? slice_trim(name) : SLICE_NONE;
        if (name.n == 0)
                return true;
        const char *at = memchr(name.p, '@', name.n);
        if (at)
                kind = at == name.p ? PEOPLE_HANDLE : PEOPLE_ADDRESS;
        return people_add(k->people, name, kind);
}

bool known_learn(struct known *k, const struct record *r)
{
        return add(k, r->text[FIELD_AUTHOR_NAME], PEOPLE_NAME) && add(k, r->text[FIELD_AUTHOR_HANDLE], PEOPLE_HANDLE) &&
               add(k, r->text[FIELD_AUTHOR_ID], PEOPLE_HANDLE) && add(k, r->text[FIELD_AUTHOR_EMAIL], PEOPLE_ADDRESS);
}

bool known_add(struct known *k, struct slice names)
{
        for (size_t from = 0; from < names.n;) {
                const char *comma = memchr(names.p + from, ',', names.n - from);
                size_t n = comma ? (size_t)(comma - names.p) - from : names.n - from;
                if (!add(k, slice_make(names.p + from, n), PEOPLE_NAME))
                        return false;
                from += n + 1;
        }
        return true;
}

void judge_know(struct judge *j, const struct known *k)
{
        for (size_t i = 0; i <= ABROAD_MAX; i++)
                if (j->scanners.owns[i])
                        scanner_know(j->scanners.of[i], k ? k->people : NULL);
}

void judge_know_names(struct judge *j, struct slice names)
{
        struct known *named = names.n ? known_new(names.n) : NULL;
        if (named && !known_add(named, names)) {
                known_free(named);
                named = NULL;
        }
        judge_know(j, named);
        known_free(j->named);
        j->named = named;
}

bool book_seeks_people(const struct book *b)
{
        int person = detect_id("known_person");
        bool seeks = detect_has(b->home.wanted, person);
        for (size_t i = 0; i < b->n_beside; i++)
                seeks |= detect_has(b->beside[i]->wanted, person);
        return seeks;
}
