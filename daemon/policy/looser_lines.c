/* looser_lines.c - what hangs on conditions: children, purposes, consent, rules.
 *
 * Children: who is how old and where are few cases, so all of them are tried. The others line by
 * line: a line that stops records is made up for by one that meets every record which it meets and
 * is as strict, or by a kind that does not leave as far. Several lines together may make up for one
 * only where each takes some kinds of records. */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "comparing.h"
#include "model/place.h"

static uint32_t all_kinds(void)
{
        return (UINT32_C(1) << RECORD_KINDS) - 1;
}

static bool is_stopped(const struct law *law, int kind, enum decision d)
{
        return law->records[kind] >= d;
}

/* ---- Children --------------------------------------------------------------------------- */

enum { AGES = 121 }; /* under 0, 0 to 1, ... from 120 on: no line tells apart what is between */

static bool within(const char *code, struct names list)
{
        for (size_t i = 0; i < list.n; i++)
                if (place_within(slice_of(code), slice_of(list.v[i])))
                        return true;
        return false;
}

static int64_t limit_of(const struct children *c, const char *code)
{
        int64_t limit = c->under;
        for (size_t i = 0; i < c->n_except; i++) {
                if (code && within(code, c->except[i].of))
                        return c->except[i].under;
                if ((!code || law_may_be_in(slice_of(code), c->except[i].of)) && c->except[i].under > limit)
                        limit = c->except[i].under;
        }
        return limit;
}

/* Below which age each policy of the law takes somebody there for a child; looked up once a country. */
struct limits {
        int64_t of[LAW_MAX];
};

static void find_limits(const struct law *law, const char *code, struct limits *out)
{
        for (size_t i = 0; i < law->n_chain; i++)
                out->of[i] = law->chain[i]->group[GROUP_CHILDREN].file ? limit_of(&law->chain[i]->children, code) : 0;
}

/* What the law does with somebody of this age; < 0: under any, AGES: not known. */
static enum decision of_age(const struct law *law, const struct limits *limits, int age, const struct at **at)
{
        enum decision worst = DECISION_GO;
        for (size_t i = 0; i < law->n_chain; i++) {
                const struct children *c = &law->chain[i]->children;
                if (!law->chain[i]->group[GROUP_CHILDREN].file)
                        continue;
                enum decision d = age == AGES ? c->age_unknown : age < limits->of[i] ? c->then : DECISION_GO;
                if (d <= worst)
                        continue;
                worst = d;
                *at = &c->at;
        }
        return worst;
}

static const struct at *children_at(const struct law *law)
{
        for (size_t i = 0; i < law->n_chain; i++)
                if (law->chain[i]->group[GROUP_CHILDREN].file)
                        return &law->chain[i]->children.at;
        return NULL;
}

/* The oldest people of a country for whom `to` is weaker; false: none are. */
struct weaker {
        int age;
        enum decision from, to;
        const struct at *from_at, *to_at;
};

static bool find_weaker(const struct comparing *c, const char *code, int oldest, int youngest, struct weaker *out)
{
        struct limits from, to;
        find_limits(c->from, code, &from);
        find_limits(c->to, code, &to);
        for (int age = oldest; age >= youngest; age--) {
                *out = (struct weaker){ .age = age };
                out->from = of_age(c->from, &from, age, &out->from_at);
                out->to = of_age(c->to, &to, age, &out->to_at);
                if (out->to < out->from)
                        return true;
        }
        return false;
}

static void note_weaker(struct comparing *c, const struct weaker *w, const char *whom)
{
        comparing_note_values(c, w->from_at, w->to_at ? w->to_at : children_at(c->to), whom, decision_name(w->from),
                              decision_name(w->to));
}

static bool alike(const struct weaker *a, const struct weaker *b)
{
        return a->age == b->age && a->from == b->from && a->to == b->to && a->from_at == b->from_at && a->to_at == b->to_at;
}

/* Countries that fare alike are one sentence. */
static void compare_countries(struct comparing *c)
{
        struct weaker all[CODES_MAX];
        bool is[CODES_MAX];
        for (size_t i = 0; i < c->n_codes; i++)
                is[i] = find_weaker(c, c->codes[i], AGES - 1, -1, &all[i]);
        for (size_t i = 0; i < c->n_codes; i++) {
                const char *codes[CODES_MAX];
                char whom[200], list[128];
                size_t n = 0;
                for (size_t k = i; is[i] && k < c->n_codes; k++)
                        if (is[k] && alike(&all[i], &all[k]))
                                codes[n++] = c->codes[k];
                if (!is[i])
                        continue;
                snprintf(whom, sizeof whom, "children under %d in %s", all[i].age + 1, comparing_codes(list, codes, n));
                note_weaker(c, &all[i], whom);
                for (size_t k = c->n_codes; k-- > i;)
                        is[k] = is[k] && !alike(&all[i], &all[k]);
        }
}

static void compare_children(struct comparing *c)
{
        struct weaker w;
        char whom[96];
        if (!children_at(c->from))
                return;
        compare_countries(c);
        if (find_weaker(c, NULL, AGES, AGES, &w))
                note_weaker(c, &w, "people of unknown age");
        if (!c->nowhere || !find_weaker(c, NULL, AGES - 1, -1, &w))
                return;
        snprintf(whom, sizeof whom, "children under %d whose country is not known", w.age + 1);
        note_weaker(c, &w, whom);
}

/* ---- Purposes ----------------------------------------------------------------------------- */

/* Whether every record of the kind that has a purpose under `to` has one under `from`. */
static bool purposes_within(const struct policy *to, const struct policy *from, int kind)
{
        bool free = false;
        for (size_t i = 0; i < from->n_purposes; i++)
                free |= (from->purposes[i].kinds >> kind & 1) && !from->purposes[i].consent;
        for (size_t i = 0; i < to->n_purposes && !free; i++) {
                const struct purpose *p = &to->purposes[i];
                bool known = false;
                for (size_t k = 0; k < from->n_purposes; k++)
                        known |= (from->purposes[k].kinds >> kind & 1) && strcmp(from->purposes[k].name, p->name) == 0;
                if ((p->kinds >> kind & 1) && (!p->consent || !known))
                        return false;
        }
        return true;
}

static bool purposes_made_up(const struct law *to, const struct policy *from, int kind)
{
        for (size_t i = 0; i < to->n_chain; i++)
                if (to->chain[i]->group[GROUP_PURPOSES].file && purposes_within(to->chain[i], from, kind))
                        return true;
        return is_stopped(to, kind, DECISION_STAY);
}

static bool is_free(const struct policy *p, int kind)
{
        for (size_t i = 0; i < p->n_purposes; i++)
                if ((p->purposes[i].kinds >> kind & 1) && !p->purposes[i].consent)
                        return true;
        return false;
}

static const struct at *group_at(const struct law *law, enum group g)
{
        for (size_t i = 0; i < law->n_chain; i++)
                if (law->chain[i]->group[g].file)
                        return &law->chain[i]->group[g];
        return NULL;
}

static void compare_purposes(struct comparing *c, const struct policy *p)
{
        const struct at *at = &p->group[GROUP_PURPOSES];
        for (int kind = 0; at->file && kind < RECORD_KINDS; kind++) {
                char what[96];
                if (is_free(p, kind) || purposes_made_up(c->to, p, kind))
                        continue;
                snprintf(what, sizeof what, "%s records leave for these purposes alone", kind_name((enum record_kind)kind));
                comparing_note_line(c, at, group_at(c->to, GROUP_PURPOSES), what);
        }
}

/* ---- Consent ------------------------------------------------------------------------------ */

static bool consent_made_up(const struct law *to, const struct consent_line *line, int kind)
{
        for (size_t i = 0; i < to->n_chain; i++) {
                const struct policy *p = to->chain[i];
                for (size_t k = 0; k < p->n_consents; k++) {
                        const struct consent_line *x = &p->consents[k];
                        if ((!x->kinds || x->kinds >> kind & 1) && strcmp(x->purpose, line->purpose) == 0 &&
                            (x->separate || !line->separate) && x->missing >= line->missing)
                                return true;
                }
        }
        return is_stopped(to, kind, line->missing);
}

static void compare_consents(struct comparing *c, const struct policy *p)
{
        for (size_t i = 0; i < p->n_consents; i++) {
                const struct consent_line *line = &p->consents[i];
                uint32_t kinds = line->kinds ? line->kinds : all_kinds();
                for (int kind = 0; kind < RECORD_KINDS; kind++) {
                        char what[160];
                        if (!(kinds >> kind & 1) || consent_made_up(c->to, line, kind))
                                continue;
                        snprintf(what, sizeof what, "%s records need consent \"%.64s\"%s", kind_name((enum record_kind)kind),
                                 line->purpose, line->separate ? ", given separately" : "");
                        comparing_note_line(c, &line->at, group_at(c->to, GROUP_CONSENT), what);
                }
        }
}

/* ---- Rules -------------------------------------------------------------------------------- */

/* How a condition of the one relates to that of the other: never met more narrowly. */
enum relation { NARROWER, WIDER, SAME };

static bool has_name(struct names list, const char *name)
{
        for (size_t i = 0; i < list.n; i++)
                if (strcmp(list.v[i], name) == 0)
                        return true;
        return false;
}

static bool all_in(struct names few, struct names many)
{
        for (size_t i = 0; i < few.n; i++)
                if (!has_name(many, few.v[i]))
                        return false;
        return true;
}

static enum relation relate_names(struct names from, struct names to)
{
        if (to.n == 0 || from.n == 0)
                return to.n ? NARROWER : from.n ? WIDER : SAME;
        if (!all_in(from, to))
                return NARROWER;
        return all_in(to, from) ? SAME : WIDER;
}

/* "zh" meets what "zh-hant" meets. */
static bool lang_in(const char *lang, struct names list)
{
        for (size_t i = 0; i < list.n; i++) {
                struct slice want = slice_of(list.v[i]), got = slice_of(lang);
                struct slice head = { got.p, got.n < want.n ? got.n : want.n };
                if (slice_eq_nocase(head, want) && (got.n == want.n || got.p[want.n] == '-' || got.p[want.n] == '_'))
                        return true;
        }
        return false;
}

static enum relation relate_langs(struct names from, struct names to)
{
        if (from.n && to.n) {
                for (size_t i = 0; i < from.n; i++)
                        if (!lang_in(from.v[i], to))
                                return NARROWER;
                return all_in(from, to) && all_in(to, from) ? SAME : WIDER;
        }
        return relate_names(from, to);
}

/* Country by country of those whose law this is. */
static enum relation relate_countries(const struct comparing *c, struct names from, struct names to)
{
        bool wider = false;
        if (from.n == 0 || to.n == 0)
                return relate_names(from, to);
        for (size_t i = 0; i < c->n_codes; i++) {
                bool was = within(c->codes[i], from), is = within(c->codes[i], to);
                if (was && !is)
                        return NARROWER;
                wider |= is && !was;
        }
        return wider ? WIDER : SAME;
}

static enum relation relate_words(const struct vocabulary *from, const struct vocabulary *to)
{
        if (!from || !to)
                return to ? NARROWER : from ? WIDER : SAME;
        if (!vocabulary_covers(to, from))
                return NARROWER;
        return vocabulary_covers(from, to) ? SAME : WIDER;
}

static bool may_lack(const struct rule *r)
{
        return r->langs.n || r->countries.n || r->consents.n || r->words;
}

/* Whether `to` meets every record of the kind that `from` meets, and does as much with it. Where
 * `from` is unsure and one of its conditions is wider in `to` or gone, `to` may be unsure or sure. */
static bool rule_makes_up(const struct comparing *c, const struct rule *from, const struct rule *to, int kind)
{
        const enum relation weighed[] = { relate_names(from->sources, to->sources), relate_langs(from->langs, to->langs),
                                          relate_countries(c, from->countries, to->countries),
                                          relate_names(from->consents, to->consents),
                                          relate_words(from->words, to->words) };
        bool same = true;
        if (to->kinds && !(to->kinds >> kind & 1))
                return false;
        for (size_t i = 0; i < sizeof weighed / sizeof *weighed; i++) {
                if (weighed[i] == NARROWER)
                        return false;
                same = same && (i == 0 || weighed[i] == SAME); /* a source is always known */
        }
        if (to->then < from->then || (may_lack(to) && to->unknown < from->unknown))
                return false;
        return same || !may_lack(from) || to->then >= from->unknown;
}

static bool rule_made_up(const struct comparing *c, const struct rule *rule, int kind, const struct rule **namesake)
{
        for (size_t i = 0; i < c->to->n_chain; i++) {
                const struct policy *p = c->to->chain[i];
                for (size_t k = 0; k < p->n_rules; k++) {
                        if (rule_makes_up(c, rule, &p->rules[k], kind))
                                return true;
                        if (strcmp(p->rules[k].name, rule->name) == 0)
                                *namesake = &p->rules[k];
                }
        }
        return is_stopped(c->to, kind, rule->then > rule->unknown ? rule->then : rule->unknown);
}

static void compare_rules(struct comparing *c, const struct policy *p)
{
        for (size_t i = 0; i < p->n_rules; i++) {
                const struct rule *rule = &p->rules[i], *namesake = NULL;
                uint32_t kinds = rule->kinds ? rule->kinds : all_kinds();
                if (rule->then == DECISION_GO && rule->unknown == DECISION_GO)
                        continue; /* it stops nothing */
                for (int kind = 0; kind < RECORD_KINDS; kind++) {
                        char what[160];
                        if (!(kinds >> kind & 1) || rule_made_up(c, rule, kind, &namesake))
                                continue;
                        snprintf(what, sizeof what, "rule \"%.64s\" (%s)", rule->name,
                                 decision_name(rule->then > rule->unknown ? rule->then : rule->unknown));
                        comparing_note_line(c, &rule->at, namesake ? &namesake->at : NULL, what);
                        break;
                }
        }
}

void compare_conditions(struct comparing *c)
{
        compare_children(c);
        for (size_t i = 0; i < c->from->n_chain; i++) {
                compare_purposes(c, c->from->chain[i]);
                compare_consents(c, c->from->chain[i]);
                compare_rules(c, c->from->chain[i]);
        }
}
