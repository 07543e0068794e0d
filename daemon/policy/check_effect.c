/* check_effect.c - lines that do nothing: a rule that can never decide, a child that is looser than
 * its parent, a purpose or a consent of records that stay. Harmless, and not what their author
 * believes: so each is told, with the line that is stricter. */
#include <stdio.h>
#include <string.h>

#include "law.h"
#include "model/place.h"

static const char *path(const struct policy *p)
{
        return conf_file(p->conf);
}

static const char useless[] = "Take it out, or say what it was meant for.";

/* ---- Rules ----------------------------------------------------------------------------- */

static bool is_listed(const char *name, const struct names *in, bool places)
{
        for (size_t i = 0; i < in->n; i++)
                if (places ? place_within(slice_of(name), slice_of(in->v[i])) : strcmp(name, in->v[i]) == 0)
                        return true;
        return false;
}

/* Whatever meets the condition `narrow` meets `wide`. */
static bool contains(const struct names *wide, const struct names *narrow, bool places)
{
        if (wide->n == 0)
                return true;
        for (size_t i = 0; i < narrow->n; i++)
                if (!is_listed(narrow->v[i], wide, places))
                        return false;
        return narrow->n > 0;
}

static bool same_words(const struct rule *wide, const struct rule *narrow)
{
        return !wide->words || (narrow->words && vocabulary_covers(wide->words, narrow->words));
}

static bool may_lack(const struct rule *r)
{
        return r->langs.n || r->countries.n || r->consents.n || r->words;
}

/* `narrow` waits for something that may be absent and that `wide` does not ask for. */
static bool lacks_more(const struct rule *wide, const struct rule *narrow)
{
        return (narrow->langs.n && !wide->langs.n) || (narrow->countries.n && !wide->countries.n) ||
               (narrow->consents.n && !wide->consents.n) || (narrow->words && !wide->words);
}

/* Whatever `narrow` decides, `wide` decides as strictly. */
static bool is_shadow(const struct rule *wide, const struct rule *narrow)
{
        enum decision unknown = may_lack(wide) ? wide->unknown : wide->then;
        bool kinds = !wide->kinds || (narrow->kinds && !(narrow->kinds & ~wide->kinds));
        return kinds && contains(&wide->sources, &narrow->sources, false) && contains(&wide->langs, &narrow->langs, false) &&
               contains(&wide->countries, &narrow->countries, true) && contains(&wide->consents, &narrow->consents, false) &&
               same_words(wide, narrow) && wide->then >= narrow->then && unknown >= narrow->unknown &&
               (!lacks_more(wide, narrow) || wide->then >= narrow->unknown);
}

static void check_shadow(const struct law *law, const struct policy *p, const struct rule *r, struct report *report)
{
        for (size_t c = 0; c < law->n_chain; c++)
                for (size_t i = 0; i < law->chain[c]->n_rules; i++) {
                        const struct rule *other = &law->chain[c]->rules[i];
                        /* of two that say the same, the later in the file, or the child's, is told */
                        bool first = law->chain[c] == p ? other < r : true;
                        if (other == r || !is_shadow(other, r) || (!first && is_shadow(r, other)))
                                continue;
                        report_add(report, REPORT_WARNING, path(p), r->at.line, 0, useless,
                                   "rule \"%s\" never decides: whatever meets it meets \"%s\" (%s:%d), which is as strict",
                                   r->name, other->name, other->at.file, other->at.line);
                        return;
                }
}

/* All of its kinds are decided as strictly by `records`. */
static void check_kinds(const struct law *law, const struct policy *p, const struct rule *r, struct report *report)
{
        const struct at *line = NULL;
        for (int k = 0; k < RECORD_KINDS; k++) {
                if (r->kinds && !(r->kinds >> k & 1))
                        continue;
                if (law->records[k] < r->then || law->records[k] < r->unknown)
                        return;
                line = &law->records_at[k];
        }
        if (line)
                report_add(report, REPORT_WARNING, path(p), r->at.line, 0, useless,
                           "rule \"%s\" never decides: %s:%d keeps its kinds of records already", r->name, line->file, line->line);
}

/* A base, which lets nothing out by itself, waits for its children. */
static bool lets_out(const struct law *law)
{
        for (int k = 0; k < RECORD_KINDS; k++)
                if (law->records[k] != DECISION_STAY)
                        return true;
        return false;
}

static void check_countries(const struct policy *p, const struct rule *r, struct report *report)
{
        for (size_t i = 0; i < r->countries.n; i++)
                for (size_t k = 0; k < p->people_in.n; k++)
                        if (place_within(slice_of(r->countries.v[i]), slice_of(p->people_in.v[k])) ||
                            place_within(slice_of(p->people_in.v[k]), slice_of(r->countries.v[i])))
                                return;
        if (r->countries.n && p->people_in.n)
                report_add(report, REPORT_WARNING, path(p), r->at.line, 0,
                           "Add the country to \"people_in\", or write the rule into the policy of that country.",
                           "rule \"%s\" is for people in %s, whom this policy does not protect (line %d): it decides about "
                           "visitors only", r->name, r->countries.v[0], p->group[GROUP_PROTECTS].line);
}

static void check_rules(const struct law *law, struct report *report)
{
        for (size_t c = 0; c < law->n_chain; c++) {
                const struct policy *p = law->chain[c];
                for (size_t i = 0; i < p->n_rules; i++) {
                        if (p->rules[i].then != DECISION_GO || p->rules[i].unknown != DECISION_GO) /* else groups.c has told */
                                check_kinds(law, p, &p->rules[i], report);
                        check_shadow(law, p, &p->rules[i], report);
                        check_countries(p, &p->rules[i], report);
                }
        }
}

/* ---- Purposes and consents of what stays -------------------------------------------------- */

static bool all_stay(const struct law *law, uint32_t kinds)
{
        for (int k = 0; k < RECORD_KINDS; k++)
                if (kinds >> k & 1 && law->records[k] != DECISION_STAY)
                        return false;
        return kinds != 0;
}

static void check_stayers(const struct law *law, struct report *report)
{
        const struct policy *p = law->chain[0];
        for (size_t i = 0; i < p->n_purposes; i++)
                if (all_stay(law, p->purposes[i].kinds))
                        report_add(report, REPORT_WARNING, path(p), p->purposes[i].at.line, 0, useless,
                                   "purpose \"%s\" serves only records that stay", p->purposes[i].name);
        for (size_t i = 0; i < p->n_consents; i++)
                if (all_stay(law, p->consents[i].kinds))
                        report_add(report, REPORT_WARNING, path(p), p->consents[i].at.line, 0, useless,
                                   "consent \"%s\" is asked only of records that stay", p->consents[i].purpose);
}

/* ---- A child looser than its parent ----------------------------------------------------------- */

/* Every finding of the line is treated more strictly by a parent. */
static void check_find(const struct law *law, const struct policy *p, const struct find_line *line, struct report *report)
{
        int stricter = -1;
        for (int id = 0; id < detect_count(); id++) {
                if (!detect_has(line->what, id))
                        continue;
                if (law->find[id] <= line->action || strcmp(law->find_at[id].file, p->file) == 0)
                        return;
                stricter = stricter < 0 ? id : stricter;
        }
        if (stricter >= 0)
                report_add(report, REPORT_WARNING, path(p), line->at.line, 0, NULL,
                           "\"%s\" is not %s as written here: %s:%d is stricter, \"%s\"", detect_name(stricter),
                           law_finds[line->action], law->find_at[stricter].file, law->find_at[stricter].line,
                           law_finds[law->find[stricter]]);
}

static bool meets(const struct transfer *t, int permission, const char *code)
{
        for (size_t i = 0; t->allow >> permission & 1 && i < t->to.n; i++)
                if (place_within(slice_of(code), slice_of(t->to.v[i])) || place_within(slice_of(t->to.v[i]), slice_of(code)))
                        return true;
        return false;
}

/* A parent that names transfers and none for this place closes it. */
static void check_transfer(const struct policy *parent, const struct policy *p, const struct transfer *t, struct report *report)
{
        for (size_t k = 0; k < t->to.n; k++)
                for (int permission = 0; permission < PERMISSIONS; permission++) {
                        bool met = !(t->allow >> permission & 1);
                        for (size_t i = 0; i < parent->n_transfers && !met; i++)
                                met = meets(&parent->transfers[i], permission, t->to.v[k]);
                        if (met)
                                continue;
                        report_add(report, REPORT_WARNING, path(p), t->at.line, 0, NULL,
                                   "\"%s\" in %s stays closed: no line of its parent allows it (%s:%d)",
                                   law_permissions[permission], t->to.v[k], parent->file, parent->group[GROUP_TRANSFERS].line);
                        return;
                }
}

static void check_keep(const struct policy *parent, const struct policy *p, struct report *report)
{
        static const enum keep_what shortest[] = { KEEP_RAW, KEEP_WAREHOUSE, KEEP_HELD, KEEP_BACKUPS };
        for (size_t i = 0; i < sizeof shortest / sizeof *shortest; i++) {
                enum keep_what w = shortest[i];
                if (p->keep_us[w] >= 0 && parent->keep_us[w] >= 0 && p->keep_us[w] > parent->keep_us[w])
                        report_add(report, REPORT_WARNING, path(p), p->keep_at[w].line, 0, NULL,
                                   "\"%s\" is not as long as written here: %s:%d is shorter, and the shortest counts", law_keeps[w],
                                   parent->file, parent->keep_at[w].line);
        }
}

static void check_parent(const struct law *law, const struct policy *parent, const struct policy *p, struct report *report)
{
        for (size_t i = 0; parent->group[GROUP_TRANSFERS].file && i < p->n_transfers; i++)
                check_transfer(parent, p, &p->transfers[i], report);
        check_keep(parent, p, report);
        if (p->group[GROUP_SUBJECT].file && parent->group[GROUP_SUBJECT].file && p->pseudonym && !law->pseudonym && !parent->pseudonym)
                report_add(report, REPORT_WARNING, path(p), p->group[GROUP_SUBJECT].line, 0, NULL,
                           "subject = \"pseudonym\" has no effect: %s:%d is stricter, \"none\"", parent->file,
                           parent->group[GROUP_SUBJECT].line);
}

void law_check_effect(const struct law *law, struct report *report)
{
        size_t home = law->n_home ? law->n_home : law->n_chain;
        if (lets_out(law)) {
                check_rules(law, report);
                check_stayers(law, report);
        }
        for (size_t c = 0; c + 1 < home; c++) {
                const struct policy *p = law->chain[c];
                for (size_t i = 0; i < p->n_finds; i++)
                        check_find(law, p, &p->finds[i], report);
                for (size_t d = c + 1; d < home; d++)
                        check_parent(law, law->chain[d], p, report);
        }
}
