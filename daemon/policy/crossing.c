/* crossing.c - what a desk asks that holds policies against regions: fields, sources, people. */
#include <string.h>

#include "law.h"
#include "policy/explain.h"

bool book_names_field(const struct book *b, enum field f, const char **file, int *line)
{
        const struct field_line *l = &b->home.fields[f];
        *file = l->at.file;
        *line = l->at.line;
        return l->action < ACTION_DROP && l->at.line > 0;
}

bool book_rule_source(const struct book *b, size_t i, struct rule_source *out)
{
        for (size_t c = 0; c < b->home.n_chain; c++)
                for (size_t k = 0; k < b->home.chain[c]->n_rules; k++) {
                        const struct rule *r = &b->home.chain[c]->rules[k];
                        if (i < r->sources.n) {
                                *out = (struct rule_source){ r->sources.v[i], r->name, r->at.file, r->at.line };
                                return true;
                        }
                        i -= r->sources.n;
                }
        return false;
}

static bool each_of(struct shelf *s, const char *name, const struct zone *zone, struct report *quiet,
                    void (*each)(void *ctx, const char *policy, const char *code), void *ctx)
{
        struct policy *p = law_read(s, name, zone, quiet);
        if (!p)
                return false;
        for (size_t i = 0; i < p->people_in.n; i++)
                each(ctx, name, p->people_in.v[i]);
        if (p->people_in.n == 0)
                each(ctx, name, "");
        conf_free(p->conf);
        return true;
}

bool policy_each_people(const char *policies_dir, void (*each)(void *ctx, const char *policy, const char *code), void *ctx)
{
        struct arena *a = arena_new(64 << 20);
        struct shelf *s = a ? arena_alloc(a, sizeof *s) : NULL;
        struct nearby *near = a ? arena_alloc(a, sizeof *near) : NULL;
        struct report *quiet = report_new();
        struct zone *zone = NULL;
        bool ok = s && near && zone_open(&zone, "UTC", NULL);
        if (ok) {
                *s = (struct shelf){ .arena = a, .dir = policies_dir };
                *near = (struct nearby){ .arena = a };
                law_list_policies(s, near, NULL); /* who reads the policies says what is wrong with them */
        }
        for (size_t i = 0; ok && i < near->n; i++)
                if (strcmp(near->names[i], "officers") != 0 && strcmp(near->names[i], "topics") != 0)
                        each_of(s, near->names[i], zone, quiet, each, ctx);
        zone_free(zone);
        report_free(quiet);
        arena_free(a);
        return ok;
}
