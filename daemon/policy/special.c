/* special.c - special categories of data, by the officers' word lists: "special_category" in find.
 *
 * A line of find names its lists: words = ["lists/health.txt", "lists/faith.txt"], or words in [ ].
 * Without `words`, and in `sensitive` and `never`, it is lists/special_category.txt; where that is
 * not there, records with words are held, as for whatever cannot be found. What the lists of all
 * policies of a law have adds up; words are met as vocabulary.c says, in any script.           */
#include <string.h>

#include "base/text.h"
#include "judging.h"
#include "reader.h"

enum { SPANS_MAX = 4096 };
static const char usual[] = "lists/special_category.txt";

/* ---- Reading --------------------------------------------------------------------- */

static bool put_list(struct reader *r, const struct conf_node *n, const struct vocabulary *w)
{
        struct policy *p = r->p;
        if (!w)
                return false;
        if (p->n_special == SPECIAL_MAX) {
                law_complain(r, n, "Join some of the files.", "over %d lists of special categories", SPECIAL_MAX);
                return false;
        }
        p->special[p->n_special++] = w;
        return true;
}

static bool put_named(struct reader *r, const struct conf_node *n, struct names names)
{
        const char **own = arena_array(r->shelf->arena, names.n, sizeof *own);
        struct names here = { own, 0 };
        bool ok = own != NULL;
        for (size_t i = 0; ok && i < names.n; i++) {
                if (strchr(names.v[i], '/'))
                        ok = put_list(r, n, law_read_list(r, n, names.v[i]));
                else
                        own[here.n++] = names.v[i];
        }
        const struct vocabulary *w = ok && here.n ? vocabulary_of_names(r->shelf->arena, here) : NULL;
        if (ok && here.n && !w)
                law_complain(r, n, "A word or a phrase of 2 to 100 bytes, UTF-8.", "a word of \"words\" is none");
        return ok && (!here.n || put_list(r, n, w));
}

bool law_read_special(struct reader *r, const struct conf_node *line)
{
        const struct conf_node *n = conf_get(line, "words");
        struct names names = { 0 };
        struct slice bytes;
        if (n) {
                if (law_names(r, line, "words", MUST, &names))
                        put_named(r, n, names);
                return true; /* what is wrong with it is an error */
        }
        if (!shelf_get(r->shelf, usual, &bytes, NULL))
                return false;
        put_list(r, line, law_read_list(r, line, usual));
        return true;
}

void special_merge(struct law *law)
{
        for (size_t c = 0; c < law->n_chain; c++)
                for (size_t i = 0; i < law->chain[c]->n_special && law->n_special < LAW_SPECIAL_MAX; i++)
                        law->special[law->n_special++] = law->chain[c]->special[i];
}

/* ---- Looking ---------------------------------------------------------------------- */

bool special_stands_in(const struct law *law, struct slice text, char *scratch)
{
        for (size_t i = 0; i < law->n_special; i++)
                if (vocabulary_in(law->special[i], text, scratch))
                        return true;
        return false;
}

/* Where it goes with what stands there, what the line wants of the record counts all the same. */
static void put_span(struct trial *t, struct finding *list, size_t *n, uint32_t start, uint32_t end)
{
        if (!span_put(list, n, start, end, SPECIAL))
                trial_found(t, SPECIAL);
}

static size_t each_span(struct trial *t, struct slice folded, struct finding *list, size_t *n)
{
        size_t count = 0;
        for (size_t i = 0; i < t->law->n_special; i++) {
                size_t end;
                for (size_t at = 0; count <= SPANS_MAX && vocabulary_next(t->law->special[i], folded, &at, &end); at = end) {
                        count++;
                        if (list)
                                put_span(t, list, n, (uint32_t)at, (uint32_t)end);
                }
        }
        return count;
}

bool special_in(struct trial *t, struct slice text, const struct finding **found, size_t *n)
{
        if (t->law->n_special == 0)
                return true;
        struct slice folded = { t->judge->scratch, text.n };
        vocabulary_fold(t->judge->scratch, text);
        size_t more = each_span(t, folded, NULL, NULL);
        if (more == 0)
                return true;
        t->found |= detect_one(SPECIAL);
        if (t->law->find[SPECIAL] == FIND_PASS) /* only counted */
                return true;
        if (more > SPANS_MAX)
                return false;
        struct finding *list = arena_array(t->arena, *n + more, sizeof *list);
        if (!list) {
                t->full = true;
                return true;
        }
        if (*n)
                memcpy(list, *found, *n * sizeof *list);
        each_span(t, folded, list, n);
        *found = list;
        return true;
}
