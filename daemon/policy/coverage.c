/* coverage.c - what of a policy its cases have tried: each line that can decide, each field that
 * can leave, each detector that is looked for.                                            */
#include <string.h>

#include "asking.h"
#include "policy/explain.h"

static const char *const names[COVERAGES] = { "rules", "fields", "detectors" };

const char *coverage_name(enum coverage_of c)
{
        return (unsigned)c < COVERAGES ? names[c] : "";
}

struct filling {
        struct coverage *c;
        struct arena *arena;
        bool full;
};

static struct coverage_item *same_item(struct coverage *c, enum coverage_of of, const char *name, int kind,
                                       const char *file, int line)
{
        for (size_t i = 0; i < c->n; i++) {
                struct coverage_item *item = &c->items[i];
                if (item->of == of && item->kind == kind && strcmp(item->name, name) == 0 &&
                    (of != COVERAGE_RULES || (item->line == line && strcmp(item->file, file) == 0)))
                        return item;
        }
        return NULL;
}

static void put(struct filling *f, enum coverage_of of, const char *name, int kind, const struct at *at)
{
        if (f->full || same_item(f->c, of, name, kind, at->file, at->line))
                return;
        char *own = arena_string(f->arena, slice_of(name)), *file = arena_string(f->arena, slice_of(at->file));
        if (!own || !file || f->c->n == COVERAGE_MAX) {
                f->full = true;
                return;
        }
        f->c->items[f->c->n++] = (struct coverage_item){ of, own, kind, file, at->line, 0 };
}

static void put_policy(struct filling *f, const struct policy *p)
{
        if (p->group[GROUP_CHILDREN].file)
                put(f, COVERAGE_RULES, "children", -1, &p->children.at);
        for (size_t i = 0; i < p->n_purposes; i++)
                if (p->purposes[i].consent)
                        put(f, COVERAGE_RULES, "purposes", -1, &p->purposes[i].at);
        for (size_t i = 0; i < p->n_consents; i++)
                put(f, COVERAGE_RULES, "consent", -1, &p->consents[i].at);
        for (size_t i = 0; i < p->n_rules; i++)
                put(f, COVERAGE_RULES, p->rules[i].name, -1, &p->rules[i].at);
        for (size_t i = 0; i < p->n_counters; i++)
                put(f, COVERAGE_RULES, "counters", -1, &p->counters[i].at);
        for (size_t i = 0; i < p->n_small; i++)
                put(f, COVERAGE_RULES, "small_group", -1, &p->small[i].at);
}

/* Which line closes a place depends on the place, and an age in the warehouse on the day: one each. */
static const struct at anywhere = { "", 0, "" };

bool coverage_begin(struct coverage *c, const struct book *b, struct arena *a)
{
        const struct law *law = &b->home;
        struct filling f = { .c = c, .arena = a };
        c->n = 0;
        for (int k = 0; k < RECORD_KINDS; k++)
                put(&f, COVERAGE_RULES, "records", k, &law->records_at[k]);
        for (size_t i = 0; i < law->n_chain; i++)
                put_policy(&f, law->chain[i]);
        put(&f, COVERAGE_RULES, "transfers", -1, &anywhere);
        put(&f, COVERAGE_RULES, "keep", -1, &anywhere);
        for (int id = 0; id < DETECT_IDS; id++) {
                if (!law_finds_id(law, id))
                        continue;
                if (!detect_has(detect_floor(), id))
                        put(&f, COVERAGE_RULES, "find", -1, &law->find_at[id]);
                put(&f, COVERAGE_DETECTORS, law_find_name(law, id), -1, &law->find_at[id]);
        }
        for (size_t i = 0; i < law->n_leaving; i++)
                put(&f, COVERAGE_FIELDS, field_name((enum field)law->leaving[i]), -1, &law->fields[law->leaving[i]].at);
        for (size_t i = 0; i < law->n_attributes; i++)
                if (law->attributes[i].action < ACTION_DROP) {
                        char *name = arena_printf(a, "attributes.%s", law->attributes[i].name);
                        f.full |= !name;
                        if (name)
                                put(&f, COVERAGE_FIELDS, name, -1, &law->attributes[i].at);
                }
        return !f.full;
}

static void tick(struct coverage *c, enum coverage_of of, const char *name, int kind, const char *file, int line)
{
        struct coverage_item *item = same_item(c, of, name, kind, file, line);
        if (item)
                item->tried++;
}

static void count_decision(struct coverage *c, const struct record *r, const struct judgement *said)
{
        if (strcmp(said->rule, "records") == 0)
                tick(c, COVERAGE_RULES, "records", (int)r->kind, said->file, said->line);
        else if (strcmp(said->rule, "transfers") == 0 || strcmp(said->rule, "keep") == 0)
                tick(c, COVERAGE_RULES, said->rule, -1, "", 0);
        else if (strcmp(said->rule, "find") != 0) /* counted by what was found */
                tick(c, COVERAGE_RULES, said->rule, -1, said->file, said->line);
}

static void count_field(struct coverage *c, const struct explained_field *f)
{
        char name[128];
        if (f->field == FIELD_ATTRIBUTES)
                snprintf(name, sizeof name, "attributes.%.*s", SLICE_ARG(f->attribute));
        else
                snprintf(name, sizeof name, "%s", field_name(f->field));
        tick(c, COVERAGE_FIELDS, name, -1, "", 0);
        tick(c, COVERAGE_RULES, "small_group", -1, f->by.file, f->by.line);
}

void coverage_count(struct coverage *c, const struct record *r, const struct explanation *e)
{
        for (size_t i = 0; i < e->n_finds; i++) {
                const struct explained_find *f = &e->finds[i];
                tick(c, COVERAGE_DETECTORS, f->what, -1, "", 0);
                tick(c, COVERAGE_RULES, "find", -1, f->by.file, f->by.line);
        }
        if (e->refused)
                return;
        count_decision(c, r, &e->said);
        for (size_t i = 0; i < e->n_fields && e->said.decision == DECISION_GO; i++)
                count_field(c, &e->fields[i]);
}

int coverage_percent(const struct coverage *c, enum coverage_of of, size_t *tried, size_t *all)
{
        *tried = *all = 0;
        for (size_t i = 0; i < c->n; i++) {
                if (c->items[i].of != of)
                        continue;
                ++*all;
                *tried += c->items[i].tried > 0;
        }
        return *all ? (int)(100 * *tried / *all) : 100;
}
