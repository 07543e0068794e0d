/* check.c - what only the whole chain can tell: contradictions, lines that a parent overrules, records
 * that could never leave. */
#include <stdio.h>
#include <string.h>

#include "asking.h"

/* The path that complaints name, for a line of this policy. */
static const char *path(const struct policy *p)
{
        return conf_file(p->conf);
}

/* The policy of the chain that says the shortest, or the longest, of a time; NULL: none says any. */
static const struct policy *utmost(const struct law *law, enum keep_what what, bool shortest)
{
        const struct policy *out = NULL;
        for (size_t c = 0; c < law->n_chain; c++) {
                const struct policy *p = law->chain[c];
                if (p->keep_us[what] >= 0 &&
                    (!out || (shortest ? p->keep_us[what] < out->keep_us[what] : p->keep_us[what] > out->keep_us[what])))
                        out = p;
        }
        return out;
}

/* Raw shorter than it must be kept: the shortest of the chain against the longest minimum. */
static void check_times(const struct law *law, struct report *report)
{
        const struct policy *raw = utmost(law, KEEP_RAW, true), *least = utmost(law, KEEP_RAW_AT_LEAST, false);
        const struct policy *tell = utmost(law, KEEP_TELL, false), *held = utmost(law, KEEP_HELD, true);
        if (!raw)
                return;
        int64_t us = raw->keep_us[KEEP_RAW];
        int line = raw->keep_at[KEEP_RAW].line;
        if (least && us < least->keep_us[KEEP_RAW_AT_LEAST])
                report_add(report, REPORT_ERROR, path(raw), line, 0, "Keep raw records longer, or ask for less.",
                           "\"raw\" is shorter than \"raw_at_least\" in %s:%d", least->file,
                           least->keep_at[KEEP_RAW_AT_LEAST].line);
        if (tell && tell->keep_us[KEEP_TELL] >= us)
                report_add(report, REPORT_ERROR, path(raw), line, 0, "Keep raw records longer, or tell people later.",
                           "\"tell_before_deletion\" in %s:%d leaves no time before \"raw\" ends", tell->file,
                           tell->keep_at[KEEP_TELL].line);
        if (held && held->keep_us[KEEP_HELD] > us)
                report_add(report, REPORT_WARNING, path(raw), line, 0, "What is held ends with its raw words.",
                           "\"held\" in %s:%d is longer than \"raw\"", held->file, held->keep_at[KEEP_HELD].line);
}

/* What may never go to some place, and a field that is nothing else and leaves as it is. */
static void check_never_in(const struct policy *p, const struct find_line *line, const struct law *law, enum field f,
                           struct report *report)
{
        const struct field_line *field = &law->fields[f];
        detect_set both = line->what & law_nature(f);
        if (!both || field->action != ACTION_KEEP)
                return;
        int id = 0;
        while (!detect_has(both, id))
                id++;
        report_add(report, REPORT_ERROR, path(p), line->at.line, 0, "Take it out of \"never\", or do not keep the field.",
                   "%s may never go there, and %s:%d keeps %s as it is", detect_name(id), field->at.file, field->at.line,
                   field_name(f));
}

static void check_never(const struct law *law, struct report *report)
{
        for (size_t c = 0; c < law->n_chain; c++)
                for (size_t i = 0; i < law->chain[c]->n_finds; i++)
                        for (int f = 0; law->chain[c]->finds[i].never && f < FIELDS; f++)
                                check_never_in(law->chain[c], &law->chain[c]->finds[i], law, (enum field)f, report);
}

static void check_leaving(const struct law *law, struct report *report)
{
        const struct policy *p = law->chain[0];
        bool any = false;
        for (int k = 0; k < RECORD_KINDS; k++)
                any |= law->records[k] != DECISION_STAY;
        if (!any)
                return; /* a base, or a policy that keeps all at home */
        if (law->keep_us < 0)
                report_add(report, REPORT_ERROR, path(p), p->at.line, 0,
                           "Write keep = { warehouse = \"3 years\"; };",
                           "records may leave, and no \"keep.warehouse\" says for how long");
        if (law->n_leaving == 0)
                report_add(report, REPORT_WARNING, path(p), p->at.line, 0, NULL,
                           "records may leave, and no field of them may");
        bool closed = true;
        for (size_t c = 0; c < law->n_chain; c++)
                closed &= !law->chain[c]->group[GROUP_TRANSFERS].file;
        if (closed)
                report_add(report, REPORT_WARNING, path(p), p->at.line, 0,
                           "Write transfers = ( { to = [\"EEA\"]; allow = [\"kafka\", \"warehouse\"]; "
                           "basis = \"...\"; } );",
                           "nothing leaves: no policy has \"transfers\"");
        bool silent = true;
        for (size_t c = 0; c < law->n_chain; c++)
                silent &= law->chain[c]->n_finds == 0 && law->chain[c]->n_patterns == 0;
        if (silent)
                report_add(report, REPORT_WARNING, path(p), p->at.line, 0,
                           "Write find = ( { what = [\"email\", \"phone\"]; do = \"mask\"; } );",
                           "records may leave, and nothing is looked for in their words");
}

/* A child that allows what a parent forbids: harmless, and not what its author believes. */
static void check_looser(const struct law *law, struct report *report)
{
        for (size_t c = 0; c + 1 < law->n_chain; c++) {
                const struct policy *p = law->chain[c];
                for (int k = 0; k < RECORD_KINDS; k++)
                        if (p->records_at[k].line && p->records[k] < law->records[k])
                                report_add(report, REPORT_WARNING, path(p), p->records_at[k].line, 0, NULL,
                                           "%s = \"%s\" has no effect: %s:%d is stricter, \"%s\"",
                                           kind_name((enum record_kind)k), decision_name(p->records[k]),
                                           law->records_at[k].file, law->records_at[k].line,
                                           decision_name(law->records[k]));
                for (int f = 0; f < FIELDS; f++)
                        if (p->fields[f].at.line && p->fields[f].action < law->fields[f].action)
                                report_add(report, REPORT_WARNING, path(p), p->fields[f].at.line, 0, NULL,
                                           "\"%s\" is not %s as written here: %s:%d is stricter, \"%s\"",
                                           field_name((enum field)f), law_actions[p->fields[f].action],
                                           law->fields[f].at.file, law->fields[f].at.line,
                                           law_actions[law->fields[f].action]);
        }
}

/* A kind that may leave and serves no purpose stays. */
static void check_purposes(const struct law *law, struct report *report)
{
        for (size_t c = 0; c < law->n_chain; c++) {
                const struct policy *p = law->chain[c];
                uint32_t served = 0;
                if (!p->group[GROUP_PURPOSES].file)
                        continue;
                for (size_t i = 0; i < p->n_purposes; i++)
                        served |= p->purposes[i].kinds;
                for (int k = 0; k < RECORD_KINDS; k++)
                        if (law->records[k] != DECISION_STAY && !(served >> k & 1))
                                report_add(report, REPORT_WARNING, path(p), p->group[GROUP_PURPOSES].line, 0,
                                           "Add the kind to a purpose, or let it stay.",
                                           "%s records stay: no purpose names them",
                                           kind_name((enum record_kind)k));
        }
}

void law_check_chain(const struct law *law, struct report *report)
{
        patterns_check(law, report);
        check_times(law, report);
        check_never(law, report);
        check_leaving(law, report);
        check_looser(law, report);
        check_purposes(law, report);
        counters_check(law, report);
        law_check_effect(law, report);
}

void law_check_places(const struct law *law, struct report *report)
{
        for (size_t i = 0; i < law->n_gates; i++) {
                const struct gate *g = &law->gates[i];
                if (g->n_lines)
                        continue;
                report_add(report, REPORT_WARNING, path(g->policy), g->closed.line, 0,
                           "Add a line to \"transfers\" if the law allows it; until then all stays at home.",
                           "nothing leaves: %s", g->closed.because);
        }
}

/* Whose country is not kept, of him nobody can tell later which policy protects him. */
static void check_countries(const struct book *b, const struct law *law, struct report *report)
{
        for (size_t c = 0; c < law->n_chain; c++) {
                const struct policy *p = law->chain[c];
                const struct field_line *line = &p->fields[FIELD_AUTHOR_COUNTRY];
                if (line->action == ACTION_DISCARD && (c >= law->n_home || law == &b->home))
                        report_add(report, REPORT_ERROR, path(p), line->at.line, 0,
                                   "Write do = \"drop\": then it does not leave, and is known at home.",
                                   "author.country cannot be discarded where policies (%s) protect their people abroad",
                                   b->abroad[0].chain[0]->name);
        }
}

/* Shorter than must be kept: the longest least time wins (keep.c), and the shorter is not kept to. */
static void check_times_beside(const struct law *law, struct report *report)
{
        for (size_t c = 0; c < law->n_chain; c++)
                for (size_t d = 0; d < law->n_chain; d++) {
                        const struct policy *p = law->chain[c], *q = law->chain[d];
                        bool apart = (c < law->n_home) != (d < law->n_home);
                        if (apart && p->keep_us[KEEP_RAW] >= 0 && p->keep_us[KEEP_RAW] < q->keep_us[KEEP_RAW_AT_LEAST])
                                report_add(report, REPORT_WARNING, path(p), p->keep_at[KEEP_RAW].line, 0, NULL,
                                           "\"raw\" is not kept to for people whom %s and %s protect both: %s:%d wants it longer",
                                           law->chain[0]->name, law->chain[c < law->n_home ? d : c]->name, q->file,
                                           q->keep_at[KEEP_RAW_AT_LEAST].line);
                }
}

static void check_gates_beside(const struct law *law, struct report *report)
{
        for (size_t i = 0; i < law->n_gates; i++) {
                const struct gate *g = &law->gates[i];
                bool home = false;
                for (size_t c = 0; c < law->n_home; c++)
                        home |= g->policy == law->chain[c];
                if (!home && !g->n_lines)
                        report_add(report, REPORT_NOTE, path(g->policy), g->closed.line, 0, NULL,
                                   "nothing of people whom %s protects abroad leaves: %s", g->policy->name,
                                   g->closed.because);
        }
}

void law_check_abroad(const struct book *b, struct report *report)
{
        if (b->n_abroad)
                check_countries(b, &b->home, report);
        for (size_t i = 0; i < b->n_beside; i++) {
                check_countries(b, b->beside[i], report);
                check_times_beside(b->beside[i], report);
                check_gates_beside(b->beside[i], report);
        }
}

