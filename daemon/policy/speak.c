/* speak.c - the policy in plain English: what is enforced, merged over parents, each sentence
 * with the line it comes from. Made from what the judge reads, not from the file's words.   */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "asking.h"

/* Ends a sentence with its place: " (eea.cfg:12; art. 8)". */
void law_cite(struct buf *out, const struct at *at)
{
        buf_printf(out, "  (%s:%d%s%s)\n", at->file, at->line, *at->because ? "; " : "", at->because);
}

static void put_date(struct buf *out, int64_t end_us)
{
        char text[CLOCK_TEXT_MAX];
        clock_format_rfc3339(text, end_us);
        buf_printf(out, "%.16s UTC", text);
}

static void speak_head(const struct law *law, struct buf *out)
{
        const struct policy *p = law->chain[0];
        buf_printf(out, "Policy \"%s\", version %" PRId64 ": %s.", p->name, p->version,
                   p->title ? p->title : "");
        law_cite(out, &p->at);
        for (size_t c = 1; c < law->n_chain; c++) {
                buf_printf(out, "It extends \"%s\", version %" PRId64 ": of both, the stricter line holds.",
                           law->chain[c]->name, law->chain[c]->version);
                law_cite(out, &law->chain[c - 1]->extends_at);
        }
}

static void speak_records(const struct law *law, struct buf *out)
{
        static const char *const words[] = { "may leave the region", "wait for a person", "stay at home" };
        buf_puts(out, "\nWhat may leave\n");
        for (int k = 0; k < RECORD_KINDS; k++) {
                buf_printf(out, "- %s records %s.", kind_name((enum record_kind)k), words[law->records[k]]);
                law_cite(out, &law->records_at[k]);
        }
        buf_puts(out,
                 law->pseudonym ? "- Who spoke leaves as a pseudonym.\n" : "- Nothing leaves of who spoke.\n");
}

/* One sentence for the fields that one line treats alike. */
static void speak_field(const struct law *law, int first, const char *words, struct buf *out)
{
        const struct field_line *line = &law->fields[first];
        buf_puts(out, "- ");
        for (int f = first; f < FIELDS; f++)
                if (law->fields[f].at.line == line->at.line && law->fields[f].at.file == line->at.file &&
                    law->fields[f].action == line->action)
                        buf_printf(out, "%s%s", f == first ? "" : ", ", field_name((enum field)f));
        buf_printf(out, ": %s", words);
        if (line->action == ACTION_GENERALISE)
                buf_printf(out, ", by %s", coarse_name(line->to));
        buf_puts(out, ".");
        law_cite(out, &line->at);
}

static bool field_was_spoken(const struct law *law, int f)
{
        for (int k = 0; k < f; k++)
                if (law->fields[k].at.line == law->fields[f].at.line &&
                    law->fields[k].at.file == law->fields[f].at.file &&
                    law->fields[k].action == law->fields[f].action)
                        return true;
        return false;
}

static void speak_fields(const struct law *law, struct buf *out)
{
        static const char *const words[ACTIONS] = { "as it is, but for what is looked for",
                                                    "as it is, but for what is looked for",
                                                    "coarser",
                                                    "as a pseudonym",
                                                    "as a mask",
                                                    "not at all",
                                                    "removed before it is stored" };
        buf_puts(out, "\nIn which shape it leaves\n");
        for (int f = 0; f < FIELDS; f++)
                if (law->fields[f].action != ACTION_DROP && !field_was_spoken(law, f))
                        speak_field(law, f, words[law->fields[f].action], out);
        for (size_t i = 0; i < law->n_attributes; i++) {
                buf_printf(out, "- attributes.%s: %s.", law->attributes[i].name,
                           words[law->attributes[i].action]);
                law_cite(out, &law->attributes[i].at);
        }
        buf_puts(out, "- No other field leaves. Source, hour of capture, kind and revision always do.\n");
}

static bool same_line(const struct law *law, int a, int c)
{
        return law->find[a] == law->find[c] && law->find_at[a].line == law->find_at[c].line &&
               law->find_at[a].file == law->find_at[c].file;
}

static bool find_was_spoken(const struct law *law, int id)
{
        for (int k = 0; k < id; k++)
                if (same_line(law, k, id))
                        return true;
        return false;
}

static void speak_finds(const struct law *law, struct buf *out)
{
        static const char *const words[FIND_ACTIONS] = { "",
                                                         "masked",
                                                         "cut out",
                                                         "removed before it is stored",
                                                         "the record waits for a person",
                                                         "the record stays at home" };
        buf_puts(out, "\nWhat is looked for in the words\n");
        buf_puts(out, "- names, logins and ids of the record's own people whose fields do not leave: "
                      "masked.  (built in)\n");
        for (int id = 0; id < detect_count(); id++) {
                if (law->find[id] == FIND_PASS || find_was_spoken(law, id))
                        continue;
                buf_puts(out, "- ");
                for (int k = id; k < detect_count(); k++)
                        if (same_line(law, id, k))
                                buf_printf(out, "%s%s", k == id ? "" : ", ", detect_name(k));
                buf_printf(out, ": %s.", words[law->find[id]]);
                if (law->find_at[id].file == law->origin.file && law->find_at[id].line == law->origin.line)
                        buf_puts(out, "  (built in: some law forbids to store it)\n");
                else
                        law_cite(out, &law->find_at[id]);
        }
}

static void speak_children(const struct policy *p, struct buf *out)
{
        const struct children *c = &p->children;
        if (!p->group[GROUP_CHILDREN].file)
                return;
        buf_printf(out, "- Records of people under %" PRId64 ": %s; of unknown age: %s.", c->under,
                   decision_name(c->then), decision_name(c->age_unknown));
        law_cite(out, &c->at);
        for (size_t i = 0; i < c->n_except; i++) {
                buf_printf(out, "  under %" PRId64 " in", c->except[i].under);
                for (size_t k = 0; k < c->except[i].of.n; k++)
                        buf_printf(out, " %s", c->except[i].of.v[k]);
                buf_puts(out, "\n");
        }
}

static void speak_rules(const struct policy *p, struct buf *out)
{
        for (size_t i = 0; i < p->n_rules; i++) {
                buf_printf(out, "- Rule \"%s\": %s; where it cannot be told: %s.", p->rules[i].name,
                           decision_name(p->rules[i].then), decision_name(p->rules[i].unknown));
                law_cite(out, &p->rules[i].at);
        }
        for (size_t i = 0; i < p->n_consents; i++) {
                buf_printf(out, "- Without a live%s consent \"%s\": %s.",
                           p->consents[i].separate ? " separate" : "", p->consents[i].purpose,
                           decision_name(p->consents[i].missing));
                law_cite(out, &p->consents[i].at);
        }
}

static void speak_purposes(const struct policy *p, struct buf *out)
{
        for (size_t i = 0; i < p->n_purposes; i++) {
                const struct purpose *purpose = &p->purposes[i];
                buf_printf(out, "- Purpose \"%s\" (%s) serves", purpose->name, purpose->ground);
                for (int k = 0; k < RECORD_KINDS; k++)
                        if (purpose->kinds >> k & 1)
                                buf_printf(out, " %s", kind_name((enum record_kind)k));
                buf_puts(out, purpose->consent ? ", each with a live consent of that name." : ".");
                law_cite(out, &purpose->at);
        }
}

static void speak_transfers(const struct policy *p, struct buf *out)
{
        for (size_t i = 0; i < p->n_transfers; i++) {
                const struct transfer *t = &p->transfers[i];
                buf_puts(out, "- To");
                for (size_t k = 0; k < t->to.n; k++)
                        buf_printf(out, " %s", t->to.v[k]);
                buf_puts(out, ":");
                for (int a = 0; a < PERMISSIONS; a++)
                        if (t->allow >> a & 1)
                                buf_printf(out, " %s", law_permissions[a]);
                buf_printf(out, ", on %s", t->basis);
                if (t->until_us != INT64_MAX) {
                        buf_puts(out, ", until ");
                        put_date(out, t->until_us);
                }
                buf_puts(out, ".");
                law_cite(out, &t->at);
        }
}

static void speak_gates(const struct law *law, struct buf *out)
{
        for (size_t i = 0; i < law->n_gates; i++) {
                if (law->gates[i].n_lines)
                        continue;
                buf_printf(out, "- Nothing leaves now: %s.", law->gates[i].closed.because);
                law_cite(out, &law->gates[i].closed);
        }
        char text[CLOCK_TEXT_MAX];
        int64_t raw_us;
        const struct at *raw_at = law_raw_at(law, &raw_us);
        if (raw_at) {
                buf_printf(out, "- At home the key of raw records is destroyed %s after capture.",
                           duration_format(text, raw_us));
                law_cite(out, raw_at);
        }
        if (law->keep_us < 0)
                return;
        buf_printf(out, "- The warehouse keeps it %s after capture.", duration_format(text, law->keep_us));
        law_cite(out, &law->keep_at);
}

static void speak_pending(const struct law *law, struct buf *out)
{
        if (law->n_pending)
                buf_puts(out, "\nWritten, and not enforced by this release: what it touches is held\n");
        for (size_t i = 0; i < law->n_pending; i++) {
                buf_printf(out, "- %s.", law->pending[i]->what);
                law_cite(out, &law->pending[i]->at);
        }
        bool any = false;
        for (size_t c = 0; c < law->n_chain; c++) {
                int line;
                const char *text;
                for (size_t i = 0; (text = conf_not_yet(law->chain[c]->conf, i, &line)); i++) {
                        if (!any)
                                buf_puts(out, "\nNot yet (comments in the policy)\n");
                        any = true;
                        buf_printf(out, "- %s  (%s:%d)\n", text, law->chain[c]->file, line);
                }
        }
}

void policy_speak(const struct book *b, struct buf *out)
{
        const struct law *law = &b->home;
        speak_head(law, out);
        speak_records(law, out);
        speak_fields(law, out);
        speak_finds(law, out);
        buf_puts(out, "\nWhen\n");
        for (size_t c = 0; c < law->n_chain; c++) {
                speak_purposes(law->chain[c], out);
                speak_children(law->chain[c], out);
                speak_rules(law->chain[c], out);
                speak_counts(b, law->chain[c], out);
        }
        buf_puts(out, "\nTo whom, and for how long\n");
        for (size_t c = 0; c < law->n_chain; c++)
                speak_transfers(law->chain[c], out);
        speak_gates(law, out);
        speak_pending(law, out);
}
