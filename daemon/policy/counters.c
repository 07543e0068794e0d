/* counters.c - how many different people may leave in a year: read, shared out, weighed.
 *
 * People are counted before anything of them is taken out, and also where no trace of who spoke
 * leaves: the law counts whose words are exported, not whose names. Whoever was counted already is
 * never held for it.                                                                        */
#include <stdio.h>
#include <string.h>

#include "asking.h"
#include "base/text.h"

const char *const law_counted[COUNTEDS] = { "people", "sensitive people", "records" };

enum { WARN_PERCENT = 80 };
#define CEILING_MAX (INT64_C(1) << 40)

/* ---- Reading --------------------------------------------------------------------- */

static bool region_is_new(struct reader *r, const struct conf_node *line, const struct counter *c, const char *region)
{
        for (size_t i = 0; i < c->n_shares; i++) {
                if (strcmp(c->shares[i].region, region) != 0)
                        continue;
                law_complain(r, line, "Leave one of the two.", "region \"%s\" has a share already", region);
                return false;
        }
        return true;
}

static bool parse_shares(struct reader *r, const struct conf_node *n, struct counter *c)
{
        static const char *const allowed[] = { "region", "percent" };
        size_t count = law_lines(r, n);
        int64_t sum = 0;
        bool ok = true;
        c->shares = arena_array(r->shelf->arena, count, sizeof *c->shares);
        for (size_t i = 0; c->shares && i < count; i++) {
                const struct conf_node *line = law_line(n, i);
                struct share s = { 0 };
                ok = law_keys(r, line, allowed, COUNT(allowed)) && ok;
                s.region = law_text(r, line, "region", MUST);
                ok = law_int(r, line, "percent", MUST, 0, 100, &s.percent) && s.region && ok;
                if (!s.region || !region_is_new(r, line, c, s.region))
                        continue;
                c->shares[c->n_shares++] = s;
                sum += s.percent;
        }
        if (sum > 100)
                law_complain(r, n, "Parts of one ceiling are 100 percent together, or less.",
                             "the shares make %lld percent, at most 100 are there to share", (long long)sum);
        return ok && c->shares && sum <= 100;
}

/* What is counted must not begin anew because a line moved or a number in it was raised. */
static const char *id_of(struct reader *r, const struct counter *c, const char *exporter)
{
        return arena_printf(r->shelf->arena, "%s/%s/%s", r->p->name, law_counted[c->of], exporter ? exporter : "");
}

static bool id_is_new(struct reader *r, const struct conf_node *line, const char *id)
{
        for (size_t i = 0; i < r->p->n_counters; i++) {
                if (strcmp(r->p->counters[i].id, id) != 0)
                        continue;
                law_complain(r, line, "Two counters of one policy differ in \"of\" or in \"exporter\".",
                             "the same is counted already, in line %d", r->p->counters[i].at.line);
                return false;
        }
        return true;
}

static void parse_counter(struct reader *r, const struct conf_node *line)
{
        static const char *const allowed[] = { "of", "over", "ceiling", "warn_at", "then", "exporter", "share",
                                               "because" };
        static const char *const then[] = { "hold", "stay" };
        struct counter c = { 0 };
        int of = 0, choice = 0;
        if (!law_keys(r, line, allowed, COUNT(allowed)) && conf_type(line) != CONF_GROUP)
                return;
        bool ok = law_choice(r, line, "of", MUST, law_counted, COUNTEDS, &of);
        c.of = (enum counted)of;
        ok = law_stretch(r, line, "over", true, &c.over, &c.over_text) && ok;
        ok = law_int(r, line, "ceiling", MUST, 1, CEILING_MAX, &c.ceiling) && ok;
        c.warn_at = c.ceiling / 100 * WARN_PERCENT + c.ceiling % 100 * WARN_PERCENT / 100;
        if (law_int(r, line, "warn_at", MAYBE, 1, CEILING_MAX, &c.warn_at) && ok && c.warn_at > c.ceiling)
                law_complain(r, conf_get(line, "warn_at"), "Warn below the ceiling.", "\"warn_at\" is above \"ceiling\"");
        ok = law_choice(r, line, "then", MUST, then, COUNT(then), &choice) && ok;
        c.then = (enum decision)(choice + 1);
        const char *exporter = law_text(r, line, "exporter", MAYBE);
        if (conf_get(line, "share"))
                ok = parse_shares(r, conf_get(line, "share"), &c) && ok;
        c.at = law_at(r, line);
        c.id = id_of(r, &c, exporter);
        if (ok && c.id && id_is_new(r, line, c.id))
                r->p->counters[r->p->n_counters++] = c;
}

void law_parse_counters(struct reader *r, const struct conf_node *n)
{
        size_t count = law_lines(r, n);
        r->p->counters = arena_array(r->shelf->arena, count, sizeof *r->p->counters);
        for (size_t i = 0; r->p->counters && i < count; i++)
                parse_counter(r, law_line(n, i));
}

void law_parse_sensitive(struct reader *r, const struct conf_node *n)
{
        static const char *const allowed[] = { "kinds", "found", "under", "because" };
        struct sensitive *s = ARENA_NEW(r->shelf->arena, struct sensitive);
        const char *later = NULL;
        if (!s || (!law_keys(r, n, allowed, COUNT(allowed)) && conf_type(n) != CONF_GROUP))
                return;
        law_kinds(r, n, "kinds", MAYBE, &s->kinds);
        law_detectors(r, n, "found", MAYBE, &s->found, &later, NULL);
        law_int(r, n, "under", MAYBE, 1, 120, &s->under);
        s->at = law_at(r, n);
        if (!conf_get(n, "kinds") && !conf_get(n, "found") && !conf_get(n, "under"))
                law_complain(r, n, "Write sensitive = { kinds = [\"lead\"];  found = [\"iban\"];  under = 14; };",
                             "\"sensitive\" says of nothing that it is");
        r->p->sensitive = s;
        if (later) {
                struct pending p = { .what = later, .at = s->at };
                law_put_pending(r, conf_get(n, "found"), p, "records with words");
        }
}

/* ---- Weighing -------------------------------------------------------------------- */

uint64_t counter_part(const struct counter *c, const char *region, int64_t whole)
{
        if (!region || !c->n_shares) /* a desk judges for the whole exporter */
                return (uint64_t)whole;
        for (size_t i = 0; i < c->n_shares; i++)
                if (strcmp(c->shares[i].region, region) == 0)
                        return (uint64_t)(whole / 100 * c->shares[i].percent + whole % 100 * c->shares[i].percent / 100);
        return 0;
}

static bool is_young(const struct record *r, int64_t under)
{
        double age;
        struct slice s = r->text[FIELD_AUTHOR_AGE];
        return under && s.p && text_double(&age, s) && age < (double)under;
}

static bool is_sensitive(const struct law *law, const struct record *r, detect_set found)
{
        for (size_t i = 0; i < law->n_chain; i++) {
                const struct sensitive *s = law->chain[i]->sensitive;
                if (s && (s->kinds >> r->kind & 1 || s->found & found || is_young(r, s->under)))
                        return true;
        }
        return false;
}

bool counter_may_concern(const struct law *law, const struct counter *c, const struct record *r)
{
        return c->of != COUNTED_SENSITIVE || is_sensitive(law, r, law->wanted | (law->n_special ? detect_one(SPECIAL) : 0));
}

static bool counts_sensitive(const struct law *law)
{
        for (size_t i = 0; i < law->n_counters; i++)
                if (law->counters[i]->of == COUNTED_SENSITIVE)
                        return true;
        return false;
}

static const char *path_of(const struct law *law, const struct at *at)
{
        for (size_t i = 0; i < law->n_chain; i++)
                if (strcmp(law->chain[i]->file, at->file) == 0)
                        return conf_file(law->chain[i]->conf);
        return at->file;
}

/* What is told apart must be looked for: a finding that nobody wants done anything about would stand
 * in the way of those that are to be masked. */
static void check_found(const struct law *law, const struct policy *p, struct report *report)
{
        for (int id = 0; id < detect_count(); id++)
                if (detect_has(p->sensitive->found, id) && law->find[id] == FIND_PASS)
                        report_add(report, REPORT_ERROR, conf_file(p->conf), p->sensitive->at.line, 0,
                                   "Write a line of find that masks it, or take it out of \"found\".",
                                   "\"%s\" is sensitive, and no line of \"find\" looks for it", detect_name(id));
}

void counters_check(const struct law *law, struct report *report)
{
        bool counted = counts_sensitive(law), said = false;
        for (size_t c = 0; c < law->n_chain; c++) {
                const struct policy *p = law->chain[c];
                if (!p->sensitive)
                        continue;
                said = true;
                check_found(law, p, report);
                if (!counted)
                        report_add(report, REPORT_WARNING, conf_file(p->conf), p->sensitive->at.line, 0,
                                   "Write a counter of \"sensitive people\", or a rule that holds such records.",
                                   "\"sensitive\" changes nothing: no counter is of \"sensitive people\"");
        }
        for (size_t i = 0; i < law->n_counters && !said; i++)
                if (law->counters[i]->of == COUNTED_SENSITIVE)
                        report_add(report, REPORT_ERROR, path_of(law, &law->counters[i]->at), law->counters[i]->at.line, 0,
                                   "Write sensitive = { kinds = [\"lead\"];  found = [\"iban\"];  under = 14; };",
                                   "\"sensitive people\" are counted, and nothing says whose records are sensitive");
}

void counters_check_region(const struct book *b, struct report *report)
{
        for (size_t i = 0; i < b->home.n_counters && b->region; i++) {
                const struct counter *c = b->home.counters[i];
                if (counter_part(c, b->region, c->ceiling))
                        continue;
                report_add(report, REPORT_WARNING, path_of(&b->home, &c->at), c->at.line, 0,
                           "Name it in \"share\", with its percent of the exporter's ceiling.",
                           "region \"%s\" has no part in this counter of %s: %s", b->region, law_counted[c->of],
                           c->of == COUNTED_SENSITIVE ? "no sensitive record leaves it" : "nothing leaves it");
        }
}

void counters_weigh(struct trial *t)
{
        const struct law *law = t->law;
        for (size_t i = 0; i < law->n_counters && t->decision == DECISION_GO; i++) {
                const struct counter *c = law->counters[i];
                if (c->of == COUNTED_SENSITIVE && !is_sensitive(law, t->record, t->found))
                        continue;
                const struct question *q = trial_answer(t, c, false);
                if (!q || (!q->counted && q->people >= q->ceiling))
                        trial_weigh(t, c->then, &c->at, "counters");
                else
                        t->counts |= UINT32_C(1) << (q - t->answers->of);
        }
}
