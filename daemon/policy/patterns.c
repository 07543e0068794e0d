/* patterns.c - officers' own patterns: read, tried with their examples, numbered over the set.
 *
 * Each pattern of the set has a number, whichever policy it stands in; what it finds has the id
 * DETECT_MAX + number. A law looks for those of its own policies. What becomes of a finding is the
 * strictest of the pattern's own `do` and of all lines of find that name it, "pattern:NAME".    */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "reader.h"

enum { NAME_MAX_BYTES = 24 }; /* as a mask has room for */

/* ---- Reading --------------------------------------------------------------------- */

static bool check_name(struct reader *r, const struct conf_node *line, const char *name)
{
        const struct policy *p = r->p;
        const struct conf_node *n = conf_get(line, "name");
        if (!text_is_name(slice_of(name)) || strlen(name) > NAME_MAX_BYTES) {
                law_complain(r, n, "Small letters, digits and '-', at most 24: it stands in masks, as [employee-id 1].",
                             "\"%s\" is not a name for a pattern", name);
                return false;
        }
        for (int id = 0; id < detect_count(); id++) {
                if (strcmp(name, detect_name(id)) != 0 && strcmp(name, detect_mask_word(id)) != 0)
                        continue;
                law_complain(r, n, "Masks could not be told apart.", "\"%s\" is the name of something that is built in", name);
                return false;
        }
        for (size_t i = 0; i < p->n_patterns; i++) {
                if (strcmp(p->patterns[i].name, name) != 0)
                        continue;
                law_complain(r, line, NULL, "pattern \"%s\" is there twice, first in line %d", name, p->patterns[i].at.line);
                return false;
        }
        return true;
}

/* How much of an example is found, in bytes. */
static bool look_through(struct scanner *s, const char *example, size_t *found)
{
        const struct finding *f;
        size_t n;
        *found = 0;
        if (!scan(s, slice_of(example), &f, &n, NULL))
                return false;
        for (size_t i = 0; i < n; i++)
                *found += f[i].end - f[i].start;
        return true;
}

static void try_yes(struct reader *r, const struct conf_node *line, const char *name, const char *example,
                    struct scanner *s)
{
        size_t found;
        if (!look_through(s, example, &found) || !found)
                law_complain(r, conf_get(line, "yes"),
                             "Mend the pattern or the example. Full-width letters and digits are read as those of ASCII.",
                             "pattern \"%s\" does not find \"%s\"", name, example);
        else if (found < strlen(example))
                law_warn(r, conf_get(line, "yes"), "What is not found stays in the text: extend the pattern, or cut the example.",
                         "pattern \"%s\" finds %zu of the %zu bytes of \"%s\"", name, found, strlen(example), example);
}

static void try_examples(struct reader *r, const struct conf_node *line, const char *name, struct names yes,
                         struct names no, const struct patterns *compiled)
{
        size_t found;
        struct scanner *s = scanner_new(0, RECORD_BYTES_MAX);
        if (!s || !scanner_seek(s, compiled, 1)) {
                law_complain(r, line, NULL, "no memory to try pattern \"%s\"", name);
                scanner_free(s);
                return;
        }
        for (size_t i = 0; i < yes.n; i++)
                try_yes(r, line, name, yes.v[i], s);
        for (size_t i = 0; i < no.n; i++)
                if (!look_through(s, no.v[i], &found) || found)
                        law_complain(r, conf_get(line, "no"), "Mend the pattern or the example: it must not be found.",
                                     "pattern \"%s\" finds \"%s\"", name, no.v[i]);
        scanner_free(s);
}

/* A parent is read once for each of its children: it stays one pattern. */
static bool number_it(struct reader *r, const struct conf_node *line, struct pattern *p)
{
        struct shelf *s = r->shelf;
        for (p->number = 0; p->number < s->n_patterns; p->number++)
                if (strcmp(s->patterns[p->number], p->match) == 0 && strcmp(s->pattern_names[p->number], p->name) == 0)
                        return true;
        if (s->n_patterns == PATTERNS_MAX) {
                law_complain(r, line, "Join some: match = \"(A-[0-9]{4})|(B-[0-9]{6})\".",
                             "over %d patterns in all policies of the set", PATTERNS_MAX);
                return false;
        }
        s->patterns[p->number] = p->match;
        s->pattern_names[p->number] = p->name;
        s->n_patterns++;
        return true;
}

static void try_pattern(struct reader *r, const struct conf_node *line, struct pattern *p)
{
        struct names yes = { 0 }, no = { 0 };
        struct patterns *compiled;
        struct err err = ERR_INIT;
        size_t bad;
        bool examples = law_names(r, line, "yes", MUST, &yes);
        examples = law_names(r, line, "no", MUST, &no) && examples;
        if (!p->name || !p->match || !check_name(r, line, p->name))
                return;
        if (!patterns_new(&compiled, &p->match, 1, &bad, &err)) {
                law_complain(r, conf_get(line, "match"), err.hint, "pattern \"%s\" cannot be searched for: %s", p->name,
                             err.text);
                return;
        }
        if (examples)
                try_examples(r, line, p->name, yes, no, compiled);
        patterns_free(compiled);
        p->full_name = arena_printf(r->shelf->arena, "pattern:%s", p->name);
        if (p->full_name && number_it(r, line, p))
                r->p->patterns[r->p->n_patterns++] = *p;
}

void law_parse_patterns(struct reader *r, const struct conf_node *n)
{
        static const char *const allowed[] = { "name", "match", "do", "yes", "no", "because" };
        static const char *const actions[] = { "mask", "drop", "discard", "hold", "stay" };
        size_t count = law_lines(r, n);
        r->p->patterns = arena_array(r->shelf->arena, count, sizeof *r->p->patterns);
        for (size_t i = 0; r->p->patterns && i < count; i++) {
                const struct conf_node *line = law_line(n, i);
                struct pattern p = { .at = law_at(r, line) };
                int action = 0;
                if (!law_keys(r, line, allowed, COUNT(allowed)) && conf_type(line) != CONF_GROUP)
                        continue;
                p.name = law_text(r, line, "name", MUST);
                p.match = law_text(r, line, "match", MUST);
                if (law_choice(r, line, "do", MAYBE, actions, COUNT(actions), &action))
                        p.action = (enum find_action)(action + 1);
                try_pattern(r, line, &p);
        }
}

/* ---- A law's own ------------------------------------------------------------------- */

static void merge_one(struct law *law, const struct pattern *p, enum find_action action, const struct at *at)
{
        int id = DETECT_MAX + (int)p->number;
        if (law->find[id] >= action)
                return;
        law->find[id] = action;
        law->find_at[id] = *at;
}

static void merge_lines(struct law *law, const struct pattern *p)
{
        for (size_t c = 0; c < law->n_chain; c++) {
                for (size_t i = 0; i < law->chain[c]->n_finds; i++) {
                        const struct find_line *line = &law->chain[c]->finds[i];
                        for (size_t k = 0; k < line->patterns.n; k++)
                                if (strcmp(line->patterns.v[k], p->name) == 0)
                                        merge_one(law, p, line->action, &line->at);
                }
        }
}

void patterns_merge(struct law *law)
{
        for (size_t c = 0; c < law->n_chain; c++) {
                for (size_t i = 0; i < law->chain[c]->n_patterns; i++) {
                        const struct pattern *p = &law->chain[c]->patterns[i];
                        enum find_action *action = &law->find[DETECT_MAX + p->number];
                        law->patterns[p->number] = p;
                        merge_one(law, p, p->action, &p->at);
                        merge_lines(law, p);
                        if (*action != FIND_PASS)
                                law->sought |= UINT64_C(1) << p->number;
                        if (*action == FIND_DISCARD)
                                law->sought_discarded |= UINT64_C(1) << p->number;
                        law->find_holds |= *action >= FIND_HOLD;
                        law->find_stays |= *action == FIND_STAY;
                }
        }
}

bool patterns_compile(struct book *b, struct report *report)
{
        struct err err = ERR_INIT;
        size_t bad;
        if (!b->shelf.n_patterns || patterns_new(&b->patterns, b->shelf.patterns, b->shelf.n_patterns, &bad, &err))
                return true;
        report_add(report, REPORT_ERROR, b->shelf.dir, 0, 0, err.hint, "the patterns of the set cannot be searched for together: %s",
                   err.text);
        return false;
}

static bool is_written(const struct law *law, const char *name)
{
        for (size_t i = 0; i < PATTERNS_MAX; i++)
                if (law->patterns[i] && strcmp(law->patterns[i]->name, name) == 0)
                        return true;
        return false;
}

void patterns_check(const struct law *law, struct report *report)
{
        for (size_t c = 0; c < law->n_chain; c++) {
                const struct policy *p = law->chain[c];
                for (size_t i = 0; i < p->n_finds; i++)
                        for (size_t k = 0; k < p->finds[i].patterns.n; k++)
                                if (!is_written(law, p->finds[i].patterns.v[k]))
                                        report_add(report, REPORT_ERROR, conf_file(p->conf), p->finds[i].at.line, 0,
                                                   "Write it in \"patterns\", or take it out of \"find\".",
                                                   "no pattern \"%s\" is written", p->finds[i].patterns.v[k]);
                for (size_t i = 0; i < p->n_patterns; i++)
                        if (law->find[DETECT_MAX + p->patterns[i].number] == FIND_PASS)
                                report_add(report, REPORT_WARNING, conf_file(p->conf), p->patterns[i].at.line, 0,
                                           "Write do = \"mask\"; or name it in \"find\": what = [\"pattern:NAME\"].",
                                           "pattern \"%s\" is looked for by nobody", p->patterns[i].name);
        }
}

/* ---- Words for what is found -------------------------------------------------------- */

const char *law_id_name(int id)
{
        return id == SPECIAL ? "special_category" : detect_name(id);
}

const char *law_find_name(const struct law *law, int id)
{
        if (id < DETECT_MAX)
                return law_id_name(id);
        return law->patterns[id - DETECT_MAX]->full_name;
}

const char *law_mask_word(const struct law *law, int id)
{
        if (id == SPECIAL)
                return "special";
        return id < DETECT_MAX ? detect_mask_word(id) : law->patterns[id - DETECT_MAX]->name;
}

bool law_finds_id(const struct law *law, int id)
{
        if (law->find[id] == FIND_PASS)
                return false;
        if (id == SPECIAL)
                return law->n_special > 0;
        return id < DETECT_MAX ? id < detect_count() && detect_enforced(id) : law->patterns[id - DETECT_MAX] != NULL;
}
