/* groups.c - the groups that the judge weighs beside fields and findings: protects, purposes,
 * consent, children, rules, transfers. */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "reader.h"

void law_parse_protects(struct reader *r, const struct conf_node *n)
{
        static const char *const allowed[] = { "people_in", "also_abroad", "residence_unknown", "because" };
        static const char *const unknown[] = { "as_region", "strictest" };
        struct policy *p = r->p;
        int residence = 0;
        if (!law_keys(r, n, allowed, COUNT(allowed)) && conf_type(n) != CONF_GROUP)
                return;
        law_codes(r, n, "people_in", MUST, &p->people_in);
        law_bool(r, n, "also_abroad", &p->also_abroad);
        law_choice(r, n, "residence_unknown", MUST, unknown, COUNT(unknown), &residence);
        p->unknown_is_strictest = residence == 1;
}

/* "consent" and "consent, art. 7" are consent; "consenting adults' club" is prose. */
static bool is_consent(const char *ground)
{
        size_t n = strlen("consent");
        if (strncmp(ground, "consent", n) != 0)
                return false;
        char next = ground[n];
        return !((next >= 'a' && next <= 'z') || (next >= 'A' && next <= 'Z'));
}

static bool purpose_is_new(struct reader *r, const struct conf_node *line, const char *name)
{
        for (size_t i = 0; i < r->p->n_purposes; i++) {
                if (strcmp(r->p->purposes[i].name, name) == 0) {
                        law_complain(r, line, NULL, "purpose \"%s\" is there twice, first in line %d", name,
                                     r->p->purposes[i].at.line);
                        return false;
                }
        }
        return true;
}

void law_parse_purposes(struct reader *r, const struct conf_node *n)
{
        static const char *const allowed[] = { "name", "ground", "kinds", "because" };
        struct policy *p = r->p;
        size_t count = law_lines(r, n);
        p->purposes = arena_array(r->shelf->arena, count, sizeof *p->purposes);
        for (size_t i = 0; p->purposes && i < count; i++) {
                const struct conf_node *line = law_line(n, i);
                struct purpose out = { 0 };
                if (!law_keys(r, line, allowed, COUNT(allowed)) && conf_type(line) != CONF_GROUP)
                        continue;
                out.name = law_text(r, line, "name", MUST);
                out.ground = law_text(r, line, "ground", MUST);
                law_kinds(r, line, "kinds", MUST, &out.kinds);
                out.at = law_at(r, line);
                if (!out.name || !out.ground || !purpose_is_new(r, line, out.name))
                        continue;
                out.consent = is_consent(out.ground);
                p->purposes[p->n_purposes++] = out;
        }
}

void law_parse_consent(struct reader *r, const struct conf_node *n)
{
        static const char *const allowed[] = { "purpose", "separate", "missing", "kinds", "because" };
        struct policy *p = r->p;
        size_t count = law_lines(r, n);
        p->consents = arena_array(r->shelf->arena, count, sizeof *p->consents);
        for (size_t i = 0; p->consents && i < count; i++) {
                const struct conf_node *line = law_line(n, i);
                struct consent_line out = { .missing = DECISION_STAY };
                if (!law_keys(r, line, allowed, COUNT(allowed)) && conf_type(line) != CONF_GROUP)
                        continue;
                out.purpose = law_text(r, line, "purpose", MUST);
                law_bool(r, line, "separate", &out.separate);
                law_decision(r, line, "missing", MUST, &out.missing);
                law_kinds(r, line, "kinds", MAYBE, &out.kinds);
                out.at = law_at(r, line);
                if (out.purpose)
                        p->consents[p->n_consents++] = out;
        }
}

static void parse_exceptions(struct reader *r, const struct conf_node *n, struct children *c)
{
        static const char *const allowed[] = { "of", "under", "because" };
        size_t count = law_lines(r, n);
        c->except = arena_array(r->shelf->arena, count, sizeof *c->except);
        for (size_t i = 0; c->except && i < count; i++) {
                const struct conf_node *line = law_line(n, i);
                struct exception e = { .under = c->under };
                if (!law_keys(r, line, allowed, COUNT(allowed)) && conf_type(line) != CONF_GROUP)
                        continue;
                bool ok = law_codes(r, line, "of", MUST, &e.of);
                ok = law_int(r, line, "under", MUST, 0, 120, &e.under) && ok;
                if (ok)
                        c->except[c->n_except++] = e;
        }
}

static const char *const stricter[] = { "hold", "stay" };

void law_parse_children(struct reader *r, const struct conf_node *n)
{
        static const char *const allowed[] = { "under", "then", "age_unknown", "except", "because" };
        struct children *c = &r->p->children;
        int then = 1;
        if (!law_keys(r, n, allowed, COUNT(allowed)) && conf_type(n) != CONF_GROUP)
                return;
        c->age_unknown = DECISION_STAY;
        c->under = 120; /* unreadable: everybody is a child */
        law_int(r, n, "under", MUST, 1, 120, &c->under);
        law_choice(r, n, "then", MUST, stricter, COUNT(stricter), &then);
        c->then = (enum decision)(then + 1);
        law_decision(r, n, "age_unknown", MUST, &c->age_unknown);
        if (conf_get(n, "except"))
                parse_exceptions(r, conf_get(n, "except"), c);
        c->at = law_at(r, n);
}

const struct vocabulary *law_read_list(struct reader *r, const struct conf_node *n, const char *file)
{
        struct slice bytes;
        struct err err = ERR_INIT;
        int bad_line = 0;
        if (strncmp(file, "lists/", 6) != 0 || strstr(file, "..") || strlen(file) > 128) {
                law_complain(r, n, "Word lists lie in the folder lists/ beside the policies.",
                             "\"%s\" is not a list of the policies' folder", file);
                return NULL;
        }
        if (!shelf_get(r->shelf, file, &bytes, &err)) {
                law_complain(r, n, err.kind == ERR_CONFIG ? "Put the file there: a word a line, # for comments." : LAW_UNREADABLE_HINT,
                             "could not read word list \"%s\": %s", file, err.text);
                return NULL;
        }
        const char *foreign = conf_foreign_kind(bytes); /* RTF is ASCII: its words would be met nowhere */
        if (foreign) {
                law_complain(r, n, CONF_SAVE_AS, "word list \"%s\" is %s, not UTF-8", file, foreign);
                return NULL;
        }
        const struct vocabulary *w = vocabulary_new(r->shelf->arena, bytes, &bad_line);
        if (!w)
                law_complain(r, n, "A word a line, at most 100 bytes, UTF-8; # begins a comment.",
                             "word list \"%s\" is wrong in line %d", file, bad_line);
        else if (vocabulary_count(w) == 0)
                law_complain(r, n, NULL, "word list \"%s\" is empty", file);
        return w;
}

/* Words stand in a file of lists/, or in the policy itself. */
static const struct vocabulary *read_words(struct reader *r, const struct conf_node *when)
{
        const struct conf_node *n = conf_get(when, "words");
        struct names inline_words = { 0 };
        if (conf_type(n) == CONF_TEXT && strchr(conf_text(n), '/'))
                return law_read_list(r, n, conf_text(n));
        return law_names(r, when, "words", MUST, &inline_words) ? vocabulary_of_names(r->shelf->arena, inline_words) : NULL;
}

static void parse_when(struct reader *r, const struct conf_node *when, struct rule *out)
{
        static const char *const allowed[] = { "kind",    "source", "lang",   "country",
                                               "consent", "words",  "unknown" };
        static const char *const absent[] = { "lang", "country", "consent", "words" };
        const char *may_lack = NULL;
        if (!law_keys(r, when, allowed, COUNT(allowed)) && conf_type(when) != CONF_GROUP)
                return;
        law_kinds(r, when, "kind", MAYBE, &out->kinds);
        law_names(r, when, "source", MAYBE, &out->sources);
        law_names(r, when, "lang", MAYBE, &out->langs);
        law_codes(r, when, "country", MAYBE, &out->countries);
        law_names(r, when, "consent", MAYBE, &out->consents);
        if (conf_get(when, "words"))
                out->words = read_words(r, when);
        for (size_t i = 0; i < COUNT(absent) && !may_lack; i++)
                may_lack = conf_get(when, absent[i]) ? absent[i] : NULL;
        if (conf_count(when) == (size_t)(conf_get(when, "unknown") != NULL))
                law_complain(r, when, "Allowed: kind, source, lang, country, consent, words.",
                             "\"when\" has no condition");
        if (may_lack && !conf_get(when, "unknown"))
                law_complain(r, when,
                             "Say what happens to a record that does not have it: unknown = "
                             "\"go\", \"hold\" or \"stay\".",
                             "\"%s\" may be absent, and \"unknown\" is missing", may_lack);
        out->unknown = DECISION_STAY;
        law_decision(r, when, "unknown", MAYBE, &out->unknown);
        if (!may_lack)
                out->unknown = DECISION_GO;
}

static void check_rule(struct reader *r, const struct conf_node *line, const struct rule *rule)
{
        for (size_t i = 0; i < r->p->n_rules; i++)
                if (strcmp(r->p->rules[i].name, rule->name) == 0)
                        law_complain(r, line, NULL, "rule \"%s\" is there twice, first in line %d",
                                     rule->name, r->p->rules[i].at.line);
        if (rule->then == DECISION_GO && rule->unknown == DECISION_GO)
                law_warn(r, line, "The strictest line wins: write what shall be held or stay.",
                         "rule \"%s\" can change nothing", rule->name);
}

void law_parse_rules(struct reader *r, const struct conf_node *n)
{
        static const char *const allowed[] = { "name", "when", "then", "because" };
        struct policy *p = r->p;
        size_t count = law_lines(r, n);
        p->rules = arena_array(r->shelf->arena, count, sizeof *p->rules);
        for (size_t i = 0; p->rules && i < count; i++) {
                const struct conf_node *line = law_line(n, i);
                struct rule out = { .then = DECISION_STAY };
                if (!law_keys(r, line, allowed, COUNT(allowed)) && conf_type(line) != CONF_GROUP)
                        continue;
                out.name = law_text(r, line, "name", MUST);
                law_decision(r, line, "then", MUST, &out.then);
                out.at = law_at(r, line);
                if (conf_get(line, "when"))
                        parse_when(r, conf_get(line, "when"), &out);
                else
                        law_complain(r, line, "Write when = { kind = \"lead\"; };", "\"when\" is missing");
                if (!out.name)
                        continue;
                check_rule(r, line, &out);
                p->rules[p->n_rules++] = out;
        }
}

static unsigned read_allow(struct reader *r, const struct conf_node *line)
{
        struct names names = { 0 };
        unsigned out = 0;
        law_names(r, line, "allow", MUST, &names);
        for (size_t i = 0; i < names.n; i++) {
                int p = 0;
                while (p < PERMISSIONS && strcmp(names.v[i], law_permissions[p]) != 0)
                        p++;
                if (p < PERMISSIONS)
                        out |= 1u << p;
                else
                        law_unknown(r, conf_get(line, "allow"), "permission", names.v[i], law_permissions,
                                    PERMISSIONS);
        }
        return out;
}

/* What must never go there is taken out of every record: a warehouse row has no borders. */
static void put_never(struct reader *r, const struct conf_node *line, struct at at)
{
        struct policy *p = r->p;
        struct find_line out = { .action = FIND_DROP, .at = at, .never = true };
        const char *later = NULL;
        if (!conf_get(line, "never"))
                return;
        law_detectors(r, line, "never", MUST, &out.what, &later, NULL);
        struct find_line *more = arena_array(r->shelf->arena, p->n_finds + 1, sizeof *more);
        if (!more)
                return;
        if (p->n_finds)
                memcpy(more, p->finds, p->n_finds * sizeof *more);
        more[p->n_finds++] = out;
        p->finds = more;
        if (later) {
                struct pending wait = { .what = later, .at = at };
                law_put_pending(r, line, wait, "records with words");
        }
}

static void parse_transfer(struct reader *r, const struct conf_node *line)
{
        static const char *const allowed[] = { "to",    "allow",     "basis",       "importer",
                                               "until", "review_by", "file_within", "counted_from",
                                               "signed", "filed",    "never",       "because" };
        struct transfer out = { .until_us = INT64_MAX, .review_us = INT64_MAX };
        if (!law_keys(r, line, allowed, COUNT(allowed)) && conf_type(line) != CONF_GROUP)
                return;
        bool ok = law_codes(r, line, "to", MUST, &out.to);
        out.allow = read_allow(r, line);
        out.basis = law_text(r, line, "basis", MUST);
        law_text(r, line, "importer", MAYBE);
        if (conf_get(line, "until"))
                ok = law_date(r, line, "until", &out.until_us) && ok;
        out.until_day = law_text(r, line, "until", MAYBE);
        if (law_date(r, line, "review_by", &out.review_us))
                out.review_day = law_text(r, line, "review_by", MAYBE);
        out.at = law_at(r, line);
        law_parse_filing(r, line, &out);
        put_never(r, line, out.at);
        if (ok && out.basis)
                r->p->transfers[r->p->n_transfers++] = out;
}

void law_parse_transfers(struct reader *r, const struct conf_node *n)
{
        size_t count = law_lines(r, n);
        r->p->transfers = arena_array(r->shelf->arena, count, sizeof *r->p->transfers);
        for (size_t i = 0; r->p->transfers && i < count; i++)
                parse_transfer(r, law_line(n, i));
}
