/* looser.c - two books, country by country: what of the old one's strictness is not in the new one.
 *
 * Countries whose people have the same law before and the same after are compared at once. What a
 * chain of policies makes of records, fields and findings was merged at load, so it is compared as
 * merged; what hangs on conditions is compared line by line (the other files of comparing.h). */
#include "policy/looser.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "comparing.h"
#include "judging.h"
#include "model/place.h"

enum { CHANGES_BYTES_MAX = 1 << 20, TEXT_MAX = 400 };

const char *change_kind_name(enum change_kind k)
{
        static const char *const names[] = { "looser", "tighter", "other" };
        return (unsigned)k < CHANGE_KINDS ? names[k] : "looser";
}

/* ---- The list ---------------------------------------------------------------------- */

static const char *kept(struct changes *c, const char *text)
{
        return arena_string(c->arena, slice_of(text ? text : ""));
}

static bool is_there(const struct changes *c, const struct change *x)
{
        for (size_t i = 0; i < c->n; i++) {
                const struct change *y = &c->list[i];
                if (x->kind == y->kind && x->old_line == y->old_line && x->new_line == y->new_line &&
                    strcmp(x->old_file, y->old_file) == 0 && strcmp(x->new_file, y->new_file) == 0 &&
                    strcmp(x->text, y->text) == 0)
                        return true;
        }
        return false;
}

static void put(struct changes *c, struct change x)
{
        if (c->full || is_there(c, &x))
                return;
        if (c->n == CHANGES_MAX)
                x = (struct change){ CHANGE_LOOSER, "", "", 0, 0, "and more than can be listed here" };
        x.old_file = kept(c, x.old_file);
        x.new_file = kept(c, x.new_file);
        x.text = kept(c, x.text);
        c->full = !x.old_file || !x.new_file || !x.text || c->n == CHANGES_MAX;
        if (!x.old_file || !x.new_file || !x.text)
                x = (struct change){ CHANGE_LOOSER, "", "", 0, 0, "and more than memory has room for" };
        c->list[c->n++] = x;
        c->counts[x.kind]++;
}

static const struct at nothing = { "", 0, "" };

static void put_at(struct comparing *c, const struct at *from, const struct at *to, const char *text)
{
        const struct at *old = c->kind == CHANGE_TIGHTER ? to : from, *new = c->kind == CHANGE_TIGHTER ? from : to;
        if (!old || !old->file)
                old = &nothing;
        if (!new || !new->file)
                new = &nothing;
        put(c->out, (struct change){ c->kind, old->file, new->file, old->line, new->line, text });
}

void comparing_note(struct comparing *c, const struct at *from, const struct at *to, const char *fmt, ...)
{
        char text[TEXT_MAX];
        va_list args;
        va_start(args, fmt);
        vsnprintf(text, sizeof text, fmt, args);
        va_end(args);
        put_at(c, from, to, text);
}

void comparing_note_values(struct comparing *c, const struct at *from, const struct at *to, const char *what,
                           const char *from_value, const char *to_value)
{
        bool back = c->kind == CHANGE_TIGHTER;
        comparing_note(c, from, to, "%s: now %s, before %s", what, back ? from_value : to_value,
                       back ? to_value : from_value);
}

void comparing_note_line(struct comparing *c, const struct at *from, const struct at *to, const char *what)
{
        bool back = c->kind == CHANGE_TIGHTER;
        comparing_note(c, from, to, "%s: %s", what,
                       to ? (back ? "stricter now" : "weaker now, or not provably as strict")
                          : (back ? "new" : "no line is as strict any more"));
}

/* ---- What is merged: records, subject, fields, findings --------------------------------- */

static void compare_records(struct comparing *c)
{
        for (int k = 0; k < RECORD_KINDS; k++) {
                char what[64];
                if (c->to->records[k] >= c->from->records[k])
                        continue;
                snprintf(what, sizeof what, "%s records", kind_name((enum record_kind)k));
                comparing_note_values(c, &c->from->records_at[k], &c->to->records_at[k], what,
                                      decision_name(c->from->records[k]), decision_name(c->to->records[k]));
        }
}

static const struct at *subject_at(const struct law *law)
{
        for (size_t i = 0; i < law->n_chain; i++)
                if (law->chain[i]->group[GROUP_SUBJECT].file)
                        return &law->chain[i]->group[GROUP_SUBJECT];
        return &law->origin;
}

static void compare_subject(struct comparing *c)
{
        if (c->to->pseudonym && !c->from->pseudonym)
                comparing_note_values(c, subject_at(c->from), subject_at(c->to), "subject", "none", "pseudonym");
}

static void action_text(char out[64], const struct field_line *line)
{
        bool coarse = line->action == ACTION_GENERALISE;
        char number[16] = "";
        if (coarse && coarse_number(line->to))
                snprintf(number, sizeof number, " %d", coarse_number(line->to));
        snprintf(out, 64, "%s%s%s%s", law_actions[line->action], coarse ? " to " : "", coarse ? coarse_name(line->to) : "", number);
}

/* "clean" hides an address that stands in author.email; its domain, or the field as it is, shows it. */
static bool shows_nature(const struct comparing *c, enum field f)
{
        return c->from->fields[f].action == ACTION_CLEAN && c->to->fields[f].action == ACTION_GENERALISE &&
               (law_nature(f) & c->from->wanted);
}

/* So does a field that is kept, where it might never go before. */
static bool shows_never(const struct comparing *c, enum field f)
{
        return c->to->fields[f].action <= ACTION_GENERALISE && (law_nature(f) & c->from->never & ~c->to->never);
}

/* Nothing left where there was no list of industries. */
static bool shows_industry(const struct comparing *c, enum action was, int from, enum action is, int to)
{
        return was == ACTION_GENERALISE && is == ACTION_GENERALISE && coarse_needs_industries(from) &&
               coarse_needs_industries(to) && !c->from->industries && c->to->industries;
}

/* Without a pseudonym nothing of such a field leaves; nor, ever, of an id: its key always does. */
static enum action action_of(const struct law *law, enum field f)
{
        bool none = f == FIELD_ID || (!law->pseudonym && f >= FIELD_AUTHOR_ID && f <= FIELD_AUTHOR_EMAIL);
        enum action a = law->fields[f].action;
        return a == ACTION_PSEUDONYMISE && none ? ACTION_DROP : a;
}

static bool has_rules(const struct law *law)
{
        bool has = false;
        for (size_t i = 0; i < law->n_chain; i++)
                has |= law->chain[i]->n_rules > 0;
        return has;
}

static bool asks_for_age(const struct law *law)
{
        bool asks = false;
        for (size_t i = 0; i < law->n_chain; i++)
                asks |= law->chain[i]->group[GROUP_CHILDREN].file || law->chain[i]->group[GROUP_SENSITIVE].file;
        return asks;
}

/* What is not stored is not known when the record is judged: who is who in its words and in others', how
 * old, where, of what. */
static bool is_read(const struct law *law, enum field f)
{
        switch ((int)f) {
        case FIELD_AUTHOR_ID:
        case FIELD_AUTHOR_HANDLE:
        case FIELD_AUTHOR_NAME:
        case FIELD_AUTHOR_EMAIL:
        case FIELD_MENTIONS:
                return true;
        case FIELD_AUTHOR_AGE:
                return asks_for_age(law);
        case FIELD_AUTHOR_COUNTRY:
                return asks_for_age(law) || has_rules(law);
        case FIELD_TITLE:
        case FIELD_BODY:
        case FIELD_SCENARIO:
        case FIELD_GROUP:
        case FIELD_PLACE:
        case FIELD_CAME_FROM:
        case FIELD_TAGS:
        case FIELD_LANG:
        case FIELD_CONSENT:
        case FIELD_ATTRIBUTES:
                return has_rules(law);
        default:
                return false;
        }
}

static void compare_forgotten(struct comparing *c, enum field f, enum action was, enum action is, const struct at *from,
                              const struct at *to, const char *what)
{
        if (was != ACTION_DISCARD && is == ACTION_DISCARD && is_read(c->from, f))
                comparing_note_values(c, from, to, what, "known at home to what looks for it", "not stored, so not known");
}

static void compare_fields(struct comparing *c)
{
        for (int f = 0; f < FIELDS; f++) {
                const struct field_line *from = &c->from->fields[f], *to = &c->to->fields[f];
                char was[64], is[64];
                compare_forgotten(c, (enum field)f, from->action, to->action, &from->at, &to->at, field_name((enum field)f));
                bool weaker = action_of(c->to, (enum field)f) < action_of(c->from, (enum field)f) ||
                              (to->action == ACTION_GENERALISE && from->action == ACTION_GENERALISE && !coarse_joins(to->to, from->to)) ||
                              shows_nature(c, (enum field)f) || shows_never(c, (enum field)f) ||
                              shows_industry(c, from->action, from->to, to->action, to->to);
                if (!weaker)
                        continue;
                action_text(was, from);
                action_text(is, to);
                comparing_note_values(c, &from->at, &to->at, field_name((enum field)f), was, is);
        }
}

static struct attribute_line attribute_of(const struct law *law, const char *name)
{
        for (size_t i = 0; i < law->n_attributes; i++)
                if (strcmp(law->attributes[i].name, name) == 0)
                        return law->attributes[i];
        return (struct attribute_line){ name, ACTION_DROP, -1, false, law->origin };
}

/* One that `to` does not name is dropped there. */
static void compare_attributes(struct comparing *c)
{
        for (size_t i = 0; i < c->to->n_attributes; i++) {
                const struct attribute_line *to = &c->to->attributes[i];
                struct attribute_line from = attribute_of(c->from, to->name);
                char what[96];
                snprintf(what, sizeof what, "attributes.%.64s", to->name);
                compare_forgotten(c, FIELD_ATTRIBUTES, from.action, to->action, &from.at, &to->at, what);
                bool coarser = from.action != ACTION_GENERALISE || to->action != ACTION_GENERALISE || coarse_joins(to->to, from.to);
                if (to->action >= from.action && coarser && !shows_industry(c, from.action, from.to, to->action, to->to))
                        continue;
                comparing_note_values(c, &from.at, &to->at, what, law_actions[from.action], law_actions[to->action]);
        }
}

static bool same_at(const struct at *a, const struct at *b)
{
        return a->line == b->line && (a->file == b->file || (a->file && b->file && strcmp(a->file, b->file) == 0));
}

static bool found_less(const struct comparing *c, int id)
{
        return c->to->find[id] < c->from->find[id] ||
               (detect_has(c->from->discarded, id) && !detect_has(c->to->discarded, id));
}

/* All that one line brings by groups' names, in one sentence. */
static detect_set alike(const struct comparing *c, int id)
{
        detect_set out = 0;
        for (int k = id; k < DETECT_MAX; k++)
                if (found_less(c, k) && c->from->find[k] == c->from->find[id] && c->to->find[k] == c->to->find[id] &&
                    same_at(&c->from->find_at[k], &c->from->find_at[id]) && same_at(&c->to->find_at[k], &c->to->find_at[id]))
                        out |= detect_one(k);
        return out;
}

static void say_names(char out[200], detect_set set)
{
        size_t n = 0, more = 0;
        out[0] = 0;
        for (int id = 0; id < DETECT_MAX; id++) {
                if (!detect_has(set, id))
                        continue;
                if (n < 120)
                        n += (size_t)snprintf(out + n, 200 - n, "%s%.40s", n ? ", " : "", law_id_name(id));
                else
                        more++;
        }
        if (more)
                snprintf(out + n, 200 - n, " and %zu more", more);
}

static void compare_finds(struct comparing *c)
{
        detect_set done = 0;
        for (int id = 0; id < DETECT_MAX; id++) {
                char names[200], what[260];
                if (detect_has(done, id) || !found_less(c, id))
                        continue;
                detect_set set = alike(c, id);
                done |= set;
                say_names(names, set);
                snprintf(what, sizeof what, "%s, where found", names);
                if (c->to->find[id] < c->from->find[id])
                        comparing_note_values(c, &c->from->find_at[id], &c->to->find_at[id], what,
                                              law_finds[c->from->find[id]], law_finds[c->to->find[id]]);
                else
                        comparing_note_values(c, &c->from->find_at[id], &c->to->find_at[id], what, "not stored either",
                                              "stored at home");
        }
}

static void compare_laws(struct comparing *c)
{
        compare_records(c);
        compare_subject(c);
        compare_fields(c);
        compare_attributes(c);
        compare_finds(c);
        compare_patterns(c);
        compare_conditions(c);
        compare_places(c);
        compare_times(c);
        compare_texts(c);
}

/* ---- Whom each policy protects; the chain ------------------------------------------------ */

static bool names_has(struct names list, const char *name)
{
        for (size_t i = 0; i < list.n; i++)
                if (place_within(slice_of(name), slice_of(list.v[i])))
                        return true;
        return false;
}

static bool policy_covers(const struct policy *p, const char *code)
{
        return p->people_in.n == 0 ? !p->also_abroad : names_has(p->people_in, code);
}

static void compare_people(struct comparing *c, const struct policy *from, const struct policy *to)
{
        size_t n;
        const char *const *codes = place_codes(&n);
        const struct at *was = &from->group[GROUP_PROTECTS], *is = &to->group[GROUP_PROTECTS];
        char what[200];
        for (size_t i = 0; i < n; i++) {
                if (from->people_in.n == 0 || !policy_covers(from, codes[i]) || policy_covers(to, codes[i]))
                        continue;
                snprintf(what, sizeof what, "policy \"%s\" protects people in %s", from->name, codes[i]);
                comparing_note_line(c, was, is->file ? is : &to->at, what);
                break; /* the first of them is enough */
        }
        if (from->also_abroad && !to->also_abroad) {
                snprintf(what, sizeof what, "policy \"%s\" protects its people also abroad", from->name);
                comparing_note_line(c, was, is->file ? is : &to->at, what);
        }
        if (from->unknown_is_strictest && !to->unknown_is_strictest) {
                snprintf(what, sizeof what, "policy \"%s\" takes people of unknown residence for its own", from->name);
                comparing_note_line(c, was, is->file ? is : &to->at, what);
        }
}

static const struct policy *policy_in(const struct book *b, size_t i)
{
        if (i < b->home.n_chain)
                return b->home.chain[i];
        i -= b->home.n_chain;
        for (size_t k = 0; k < b->n_abroad; k++) {
                if (i < b->abroad[k].n_chain)
                        return b->abroad[k].chain[i];
                i -= b->abroad[k].n_chain;
        }
        return NULL;
}

static const struct policy *policy_named(const struct book *b, const char *name)
{
        const struct policy *p;
        for (size_t i = 0; (p = policy_in(b, i)); i++)
                if (strcmp(p->name, name) == 0)
                        return p;
        return NULL;
}

/* A parent that is gone is judged by what is missing without it; here it is only named. */
static void compare_policies(struct comparing *c)
{
        const struct policy *from, *to;
        for (size_t i = 0; (from = policy_in(c->from_book, i)); i++)
                if ((to = policy_named(c->to_book, from->name)))
                        compare_people(c, from, to);
}

static void note_other(struct changes *out, const struct at *old, const struct at *new, const char *text)
{
        put(out, (struct change){ CHANGE_OTHER, old->file ? old->file : "", new->file ? new->file : "", old->line, new->line,
                                  text });
}

static void compare_heads(struct changes *out, const struct book *before, const struct book *after)
{
        const struct policy *old, *new;
        char text[200];
        for (size_t i = 0; (old = policy_in(before, i)); i++) {
                new = policy_named(after, old->name);
                snprintf(text, sizeof text, "policy \"%s\" %s", old->name, new ? "has another version" : "speaks no more");
                if (!new || new->version != old->version)
                        note_other(out, &old->at, new ? &new->at : &nothing, text);
        }
        for (size_t i = 0; (new = policy_in(after, i)); i++) {
                snprintf(text, sizeof text, "policy \"%s\" speaks too", new->name);
                if (!policy_named(before, new->name))
                        note_other(out, &nothing, &new->at, text);
        }
}

/* ---- People by people --------------------------------------------------------------------- */

static const struct law *law_for(const struct book *b, const char *code)
{
        struct record r = { .kind = KIND_FEEDBACK };
        if (code)
                r.text[FIELD_AUTHOR_COUNTRY] = slice_of(code);
        return law_of(b, &r);
}

struct pair {
        const struct law *before, *after;
};

static bool is_pair(struct pair p, const struct law *before, const struct law *after)
{
        return p.before == before && p.after == after;
}

static void gather(struct comparing *c, const struct book *before, const struct book *after, struct pair p)
{
        size_t n;
        const char *const *codes = place_codes(&n);
        c->n_codes = 0;
        for (size_t i = 0; i < n && c->n_codes < CODES_MAX; i++)
                if (is_pair(p, law_for(before, codes[i]), law_for(after, codes[i])))
                        c->codes[c->n_codes++] = codes[i];
        c->nowhere = is_pair(p, law_for(before, NULL), law_for(after, NULL));
}

static void compare_pair(struct comparing *c, const struct book *before, const struct book *after, struct pair p)
{
        gather(c, before, after, p);
        c->kind = CHANGE_LOOSER;
        c->from = p.before;
        c->to = p.after;
        compare_laws(c);
        c->kind = CHANGE_TIGHTER;
        c->from = p.after;
        c->to = p.before;
        compare_laws(c);
}

enum { PAIRS_MAX = ABROAD_MAX * 4 };

static void add_pair(struct pair *list, size_t *n, const struct law *before, const struct law *after)
{
        for (size_t i = 0; i < *n; i++)
                if (is_pair(list[i], before, after))
                        return;
        if (*n < PAIRS_MAX)
                list[*n] = (struct pair){ before, after };
        ++*n; /* beyond the list: counted, so that it is not taken for all */
}

static void compare_everybody(struct comparing *c, const struct book *before, const struct book *after)
{
        struct pair list[PAIRS_MAX];
        size_t n = 0, n_codes;
        const char *const *codes = place_codes(&n_codes);
        add_pair(list, &n, law_for(before, NULL), law_for(after, NULL));
        for (size_t i = 0; i < n_codes; i++)
                add_pair(list, &n, law_for(before, codes[i]), law_for(after, codes[i]));
        for (size_t i = 0; i < n && i < PAIRS_MAX; i++) {
                c->from_book = before;
                c->to_book = after;
                compare_pair(c, before, after, list[i]);
        }
        if (n > PAIRS_MAX || n_codes > CODES_MAX)
                put(c->out, (struct change){ CHANGE_LOOSER, "", "", 0, 0,
                                             "more sets of policies protect people than can be compared" });
}

static void compare_both_ways(struct comparing *c, const struct book *before, const struct book *after,
                              void (*part)(struct comparing *c))
{
        c->kind = CHANGE_LOOSER;
        c->from_book = before;
        c->to_book = after;
        part(c);
        c->kind = CHANGE_TIGHTER;
        c->from_book = after;
        c->to_book = before;
        part(c);
}

static int by_kind(const void *a, const void *b)
{
        const struct change *x = a, *y = b;
        if (x->kind != y->kind)
                return x->kind < y->kind ? -1 : 1;
        int d = strcmp(x->new_file, y->new_file);
        if (d)
                return d;
        if (x->new_line != y->new_line)
                return x->new_line < y->new_line ? -1 : 1;
        if (x->old_line != y->old_line)
                return x->old_line < y->old_line ? -1 : 1;
        return strcmp(x->text, y->text);
}

struct changes *book_compare(const struct book *before, const struct book *after)
{
        struct changes *out = calloc(1, sizeof *out);
        struct comparing *c = calloc(1, sizeof *c);
        if (out)
                out->arena = arena_new(CHANGES_BYTES_MAX);
        if (!c || !out || !out->arena) {
                changes_free(out);
                free(c);
                return NULL;
        }
        c->out = out;
        if (memcmp(book_hash(before), book_hash(after), 32) != 0) {
                compare_everybody(c, before, after);
                compare_both_ways(c, before, after, compare_policies);
                compare_both_ways(c, before, after, compare_lists);
                compare_both_ways(c, before, after, officers_compare);
                compare_heads(out, before, after);
                if (out->n)
                        qsort(out->list, out->n, sizeof *out->list, by_kind);
        }
        free(c);
        return out;
}

void changes_free(struct changes *c)
{
        if (!c)
                return;
        arena_free(c->arena);
        free(c);
}

size_t changes_count(const struct changes *c, enum change_kind k)
{
        return c->counts[k];
}

size_t changes_size(const struct changes *c)
{
        return c->n;
}

const struct change *changes_at(const struct changes *c, size_t i)
{
        return i < c->n ? &c->list[i] : NULL;
}

void change_say(const struct change *c, char *out, size_t size)
{
        bool both = *c->new_file && *c->old_file;
        const char *file = *c->new_file ? c->new_file : c->old_file;
        int line = *c->new_file ? c->new_line : c->old_line;
        char before[96] = "";
        if (both && (c->old_line != c->new_line || strcmp(c->old_file, c->new_file) != 0))
                snprintf(before, sizeof before, " (before: %.64s:%d)", c->old_file, c->old_line);
        else if (!*c->new_file && *c->old_file)
                snprintf(before, sizeof before, " (of the version before)");
        if (*file)
                snprintf(out, size, "%.64s:%d%s: %s", file, line, before, c->text);
        else
                snprintf(out, size, "%s", c->text);
}

/* ---- Versions -------------------------------------------------------------------------------- */

static bool same_contents(const struct policy *a, const struct policy *b)
{
        return memcmp(conf_hash(a->conf), conf_hash(b->conf), 32) == 0;
}

bool book_check_versions(const struct book *before, const struct book *after, struct report *report)
{
        const struct policy *old, *new;
        bool ok = true;
        for (size_t i = 0; (new = policy_in(after, i)); i++) {
                char hint[120];
                if (!(old = policy_named(before, new->name)) || old->version < new->version || same_contents(old, new))
                        continue;
                bool down = new->version < old->version;
                snprintf(hint, sizeof hint, "Raise it: version = %lld.", (long long)old->version + 1);
                report_add(report, down ? REPORT_ERROR : REPORT_WARNING, conf_file(new->conf), new->at.line, 0, hint,
                           down ? "policy \"%s\" goes down to version %lld: version %lld was in force already"
                                : "policy \"%s\" has version %lld, and other contents than version %lld in force",
                           new->name, (long long)new->version, (long long)old->version);
                ok &= !down;
        }
        return officers_check_version(before, after, report) && ok;
}
