/* check_crossed.c - policies against regions. */
#include "check_crossed.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "model/place.h"
#include "policy/explain.h"
#include "region_plan.h"

enum { PEOPLE_MAX = 1024, LAWS_MAX = 256, SOURCES_ASKED_MAX = 256, DAYS = 60 };

/* A policy that is the law of some region: what it names, and what its regions can give. */
struct crossed_law {
        char policy[64];
        uint64_t given;
        struct {
                char file[64];
                int line;
        } named[FIELDS]; /* line 0: not named */
        struct {
                char source[40], rule[64], file[64];
                int line;
                bool met;
        } asked[SOURCES_ASKED_MAX];
        size_t n_asked;
};

struct crossing {
        const struct hub_settings *hub;
        const char *dir;
        int64_t now_us;
        char people[PEOPLE_MAX][16];
        size_t n_people;
        struct crossed_law *laws[LAWS_MAX];
        size_t n_laws;
};

static void note_people(void *ctx, const char *policy, const char *code)
{
        struct crossing *x = ctx;
        (void)policy;
        if (*code && x->n_people < PEOPLE_MAX)
                snprintf(x->people[x->n_people++], sizeof x->people[0], "%s", code);
}

struct crossing *crossing_new(const struct hub_settings *hub, const char *policies_dir, int64_t now_us)
{
        struct crossing *x = calloc(1, sizeof *x);
        if (!x)
                return NULL;
        x->hub = hub;
        x->dir = policies_dir;
        x->now_us = now_us;
        policy_each_people(policies_dir, note_people, x);
        return x;
}

void crossing_free(struct crossing *x)
{
        for (size_t i = 0; x && i < x->n_laws; i++)
                free(x->laws[i]);
        free(x);
}

/* ---- People ------------------------------------------------------------------------------ */

static bool has_law(const struct crossing *x, struct slice code)
{
        for (size_t i = 0; i < x->n_people; i++)
                if (place_within(code, slice_of(x->people[i])))
                        return true;
        return false;
}

static void check_served(const struct crossing *x, const struct agent_settings *s, const struct book *book, struct report *report)
{
        const struct option_texts *serves = &s->region.serves;
        for (size_t i = 0; i < serves->n; i++) {
                const struct conf_node *n = conf_at(serves->node, i);
                const char *code = option_text_at(serves, i);
                if (!has_law(x, slice_of(code)))
                        conf_complain(report, n ? n : conf_root(s->conf), REPORT_WARNING,
                                      "Write the policy of that country, or add it to \"people_in\" of the one that is its law.",
                                      "%s serves %s, and no policy protects people there: what they say is judged by \"%s\" alone",
                                      s->region.code, code, book_policy(book));
        }
}

static void check_readers(const struct crossing *x, struct report *report)
{
        for (size_t i = 0; x->hub && i < x->hub->hub.n_readers; i++) {
                const struct hub_reader *r = &x->hub->hub.readers[i];
                if (r->country && !has_law(x, slice_of(r->country)))
                        conf_complain(report, r->node, REPORT_WARNING, "Write the policy of that country, or let another read.",
                                      "reader \"%s\" reads in %s, and no policy is the law of %s", r->role, r->country, r->country);
        }
}

/* ---- Flows that close ------------------------------------------------------------------------ */

static void check_flows(const struct crossing *x, const char *code, const struct book *book, struct report *report)
{
        struct planned p;
        for (size_t i = 0; x->hub && plan_place(x->hub, i, &p); i++) {
                struct transfer_said said;
                book_transfer(book, p.as, slice_of(p.jurisdiction), x->now_us, &said);
                if (p.as == PLACE_READERS || said.decision == DECISION_STAY || said.until_us > x->now_us + DAYS * US_PER_DAY)
                        continue; /* closed: `check` refuses it; or open for long */
                int64_t days = (said.until_us - x->now_us) / US_PER_DAY;
                conf_complain(report, p.node, REPORT_WARNING, "Renew the basis and its date, or move the place.",
                              "in %" PRId64 " day%s nothing leaves %s any more: it may not send to this %s in %s then: %s:%d: %s", days,
                              days == 1 ? "" : "s", code, p.what, p.jurisdiction, said.file, said.line, said.basis);
        }
}

/* ---- Fields and sources ------------------------------------------------------------------------ */

static struct crossed_law *law_named(struct crossing *x, const char *policy)
{
        for (size_t i = 0; i < x->n_laws; i++)
                if (strcmp(x->laws[i]->policy, policy) == 0)
                        return x->laws[i];
        struct crossed_law *l = x->n_laws < LAWS_MAX ? calloc(1, sizeof *l) : NULL;
        if (!l)
                return NULL;
        snprintf(l->policy, sizeof l->policy, "%s", policy);
        x->laws[x->n_laws++] = l;
        return l;
}

static void note_names(struct crossed_law *l, const struct book *book)
{
        struct rule_source s;
        for (int f = 0; f < FIELDS; f++) {
                const char *file;
                int line;
                if (!book_names_field(book, (enum field)f, &file, &line))
                        continue;
                snprintf(l->named[f].file, sizeof l->named[f].file, "%s", file);
                l->named[f].line = line;
        }
        for (size_t i = 0; l->n_asked < SOURCES_ASKED_MAX && book_rule_source(book, i, &s); i++) {
                snprintf(l->asked[l->n_asked].source, sizeof l->asked[0].source, "%s", s.source);
                snprintf(l->asked[l->n_asked].rule, sizeof l->asked[0].rule, "%s", s.rule);
                snprintf(l->asked[l->n_asked].file, sizeof l->asked[0].file, "%s", s.file);
                l->asked[l->n_asked++].line = s.line;
        }
}

static void note_sources(struct crossed_law *l, const struct agent_settings *s)
{
        for (size_t i = 0; i < s->n_sources; i++) {
                l->given |= source_fields(&s->sources[i]);
                for (size_t k = 0; k < l->n_asked; k++)
                        l->asked[k].met |= strcmp(l->asked[k].source, s->sources[i].name) == 0;
        }
}

void crossing_region(struct crossing *x, const struct agent_settings *s, const struct book *book, struct report *report)
{
        struct crossed_law *l = x ? law_named(x, book_policy(book)) : NULL;
        if (!l)
                return;
        if (!l->n_asked)
                note_names(l, book);
        note_sources(l, s);
        check_served(x, s, book, report);
        check_flows(x, s->region.code, book, report);
}

static bool is_missing(const struct crossed_law *l, int f)
{
        return l->named[f].line && l->given && !(l->given >> f & 1);
}

/* The fields of one line together. */
static void tell_fields(const struct crossing *x, const struct crossed_law *l, int first, struct report *report)
{
        char path[4096], names[400] = "";
        for (int f = 0; f < FIELDS; f++) {
                bool same = l->named[f].line == l->named[first].line && strcmp(l->named[f].file, l->named[first].file) == 0;
                if (!same || !is_missing(l, f))
                        continue;
                if (f < first)
                        return; /* told with that one */
                snprintf(names + strlen(names), sizeof names - strlen(names), "%s%s", *names ? ", " : "", field_name((enum field)f));
        }
        snprintf(path, sizeof path, "%s/%s", x->dir, l->named[first].file);
        report_add(report, REPORT_WARNING, path, l->named[first].line, 0, "It does no harm; a source may bring it later.",
                   "no source of a region whose law is \"%s\" has %s", l->policy, names);
}

static void tell_law(const struct crossing *x, const struct crossed_law *l, struct report *report)
{
        char path[4096];
        for (int f = 0; f < FIELDS; f++)
                if (is_missing(l, f))
                        tell_fields(x, l, f, report);
        for (size_t i = 0; i < l->n_asked; i++) {
                if (l->asked[i].met)
                        continue;
                snprintf(path, sizeof path, "%s/%s", x->dir, l->asked[i].file);
                report_add(report, REPORT_WARNING, path, l->asked[i].line, 0, "`tributary source list` has the names.",
                           "rule \"%s\" waits for the source \"%s\", and no region whose law is \"%s\" has one of that name",
                           l->asked[i].rule, l->asked[i].source, l->policy);
        }
}

void crossing_tell(const struct crossing *x, struct report *report)
{
        if (!x)
                return;
        check_readers(x, report);
        for (size_t i = 0; i < x->n_laws; i++)
                tell_law(x, x->laws[i], report);
}

/* ---- All regions of a deployment ----------------------------------------------------------------- */

struct all_regions {
        const struct deployment *d;
        struct crossing *x;
        struct hub_settings *hub;
        const char *const *names;
        size_t n;
        struct report *report, *quiet;
};

static bool is_named(const struct all_regions *a, const char *policy)
{
        size_t n = strlen(policy);
        for (size_t i = 0; i < a->n; i++)
                if (strncmp(a->names[i], policy, n) == 0 && (!a->names[i][n] || strcmp(a->names[i] + n, ".cfg") == 0))
                        return true;
        return a->n == 0;
}

static bool cross_one(const char *code, void *ctx)
{
        struct all_regions *a = ctx;
        struct agent_settings *s = calloc(1, sizeof *s);
        struct book *book = NULL;
        if (s && agent_settings_read(s, a->d->regions, code, a->hub, a->quiet) && is_named(a, s->region.policy)) {
                const struct book_spec spec = { a->d->policies, &s->region, &a->hub->hub };
                if (book_load(&book, &spec, a->quiet))
                        crossing_region(a->x, s, book, a->report);
        }
        book_drop(book);
        if (s)
                agent_settings_clear(s);
        free(s);
        return true;
}

void crossing_all(const struct deployment *d, const char *const *names, size_t n, struct report *report)
{
        struct hub_settings hub = { 0 };
        struct report *quiet = report_new(); /* `check` tells what is wrong with regions */
        if (quiet && hub_settings_read(&hub, d->regions, quiet)) {
                struct all_regions a = { d, crossing_new(&hub, d->policies, clock_now_us()), &hub, names, n, report, quiet };
                if (a.x && regions_each(d->regions, cross_one, &a, NULL))
                        crossing_tell(a.x, report);
                crossing_free(a.x);
        }
        hub_settings_clear(&hub);
        report_free(quiet);
}
