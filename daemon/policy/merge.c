/* merge.c - a chain of policies into one book: forbid beats allow.
 *
 * Records, subject, fields, findings: the strictest. Where a policy has a group, what it does
 * not name is closed by it. Times in the warehouse: the shortest. Findings add up.         */
#include <string.h>

#include "judging.h"

static void merge_records(struct law *law)
{
        for (int k = 0; k < RECORD_KINDS; k++) {
                law->records[k] = DECISION_STAY;
                law->records_at[k] = law->origin;
                bool voiced = false;
                for (size_t c = 0; c < law->n_chain; c++) {
                        const struct policy *p = law->chain[c];
                        if (!p->group[GROUP_RECORDS].file)
                                continue;
                        if (voiced && p->records[k] <= law->records[k])
                                continue;
                        law->records[k] = p->records[k];
                        law->records_at[k] = p->records_at[k].line ? p->records_at[k] : p->group[GROUP_RECORDS];
                        voiced = true;
                }
        }
}

static void merge_subject(struct law *law)
{
        bool voiced = false;
        law->pseudonym = true;
        for (size_t c = 0; c < law->n_chain; c++) {
                if (!law->chain[c]->group[GROUP_SUBJECT].file)
                        continue;
                voiced = true;
                law->pseudonym = law->pseudonym && law->chain[c]->pseudonym;
        }
        law->pseudonym = law->pseudonym && voiced;
}

/* A record's time is a number in `to`'s order; the coarser of two generalisations wins. */
static struct field_line stricter(struct field_line a, struct field_line b)
{
        if (a.action != b.action)
                return a.action > b.action ? a : b;
        return a.to >= b.to ? a : b;
}

/* A policy that wants a secret held wants so also where its parent drops the field: else a chain
 * would let go what one policy alone holds. */
static void merge_heard(struct law *law, int f, bool heard, bool cleans)
{
        if (heard && law->fields[f].action >= ACTION_GENERALISE)
                law->heard[law->n_heard++] = (uint8_t)f;
        if (!cleans)
                law->plain |= UINT64_C(1) << f;
}

static void merge_fields(struct law *law)
{
        for (int f = 0; f < FIELDS; f++) {
                struct field_line out = { ACTION_DROP, -1, law->origin };
                bool voiced = false, heard = false, cleans = false;
                for (size_t c = 0; c < law->n_chain; c++) {
                        const struct policy *p = law->chain[c];
                        struct field_line here = p->fields[f];
                        if (!p->group[GROUP_FIELDS].file)
                                continue;
                        if (!here.at.line)
                                here = (struct field_line){ ACTION_DROP, -1, p->group[GROUP_FIELDS] };
                        out = voiced ? stricter(out, here) : here;
                        voiced = true;
                        heard |= here.action <= ACTION_GENERALISE;
                        cleans |= here.action == ACTION_CLEAN;
                }
                law->fields[f] = out;
                if (out.action < ACTION_DROP)
                        law->leaving[law->n_leaving++] = (uint8_t)f;
                merge_heard(law, f, heard, cleans);
        }
}

/* What one policy says of an attribute. */
static struct attribute_line attribute_in(const struct policy *p, const char *name)
{
        struct attribute_line out = { name, ACTION_DROP, -1, false, p->group[GROUP_FIELDS] };
        bool named = false;
        for (size_t i = 0; i < p->n_attributes; i++) {
                const struct attribute_line *line = &p->attributes[i];
                if (strcmp(line->name, name) != 0 || (named && (line->action < out.action || (line->action == out.action && line->to <= out.to))))
                        continue;
                out = *line;
                named = true;
        }
        const struct field_line *all = &p->fields[FIELD_ATTRIBUTES];
        if (all->at.line && all->action > out.action)
                out = (struct attribute_line){ name, all->action, -1, false, all->at };
        return out;
}

static void merge_attribute(struct law *law, const char *name)
{
        struct attribute_line out = { name, ACTION_KEEP, -1, false, law->origin };
        bool heard = false;
        for (size_t i = 0; i < law->n_attributes; i++)
                if (strcmp(law->attributes[i].name, name) == 0)
                        return;
        for (size_t c = 0; c < law->n_chain; c++) {
                if (!law->chain[c]->group[GROUP_FIELDS].file)
                        continue;
                struct attribute_line here = attribute_in(law->chain[c], name);
                heard |= here.action <= ACTION_GENERALISE;
                if (here.action > out.action || (here.action == out.action && here.to >= out.to))
                        out = here;
        }
        out.heard = heard;
        law->attributes[law->n_attributes++] = out;
}

static bool merge_attributes(struct law *law)
{
        size_t most = 0;
        for (size_t c = 0; c < law->n_chain; c++)
                most += law->chain[c]->n_attributes;
        law->attributes = arena_array(law->arena, most, sizeof *law->attributes);
        for (size_t c = 0; law->attributes && c < law->n_chain; c++)
                for (size_t i = 0; i < law->chain[c]->n_attributes; i++)
                        merge_attribute(law, law->chain[c]->attributes[i].name);
        return law->attributes != NULL;
}

static void merge_find_line(struct law *law, const struct find_line *line)
{
        for (int id = 0; id < DETECT_MAX; id++) {
                if (!detect_has(line->what, id) || law->find[id] >= line->action)
                        continue;
                law->find[id] = line->action;
                law->find_at[id] = line->at;
        }
        if (line->action == FIND_DISCARD)
                law->discarded |= line->what;
        if (line->never)
                law->never |= line->what;
}

/* The floor is looked for again here: an entry may be older than the rule that forbids it. */
static void merge_finds(struct law *law)
{
        const struct find_line floor = { .what = detect_floor(), .action = FIND_DISCARD, .at = law->origin };
        for (size_t c = 0; c < law->n_chain; c++)
                for (size_t i = 0; i < law->chain[c]->n_finds; i++)
                        merge_find_line(law, &law->chain[c]->finds[i]);
        merge_find_line(law, &floor);
        patterns_merge(law);
        for (int id = 0; id < DETECT_MAX; id++) {
                if (law->find[id] != FIND_PASS)
                        law->wanted |= detect_one(id);
                law->find_holds |= law->find[id] >= FIND_HOLD;
                law->find_stays |= law->find[id] == FIND_STAY;
        }
}

/* The shortest time of the chain. */
static void shortest(const struct law *law, enum keep_what what, int64_t *us, struct at *at)
{
        *us = -1;
        *at = law->origin;
        for (size_t c = 0; c < law->n_chain; c++) {
                int64_t here = law->chain[c]->keep_us[what];
                if (here < 0 || (*us >= 0 && here >= *us))
                        continue;
                *us = here;
                *at = law->chain[c]->keep_at[what];
        }
}

static void merge_industries(struct law *law)
{
        for (size_t c = 0; c < law->n_chain && !law->industries; c++)
                law->industries = law->chain[c]->industries;
}

static bool merge_pending(struct law *law)
{
        size_t most = 0;
        for (size_t c = 0; c < law->n_chain; c++)
                most += law->chain[c]->n_pending;
        law->pending = arena_array(law->arena, most, sizeof *law->pending);
        for (size_t c = 0; law->pending && c < law->n_chain; c++)
                for (size_t i = 0; i < law->chain[c]->n_pending; i++)
                        law->pending[law->n_pending++] = &law->chain[c]->pending[i];
        return law->pending != NULL;
}

/* Here, since it is asked of every field of every record. */
static void merge_exempt(struct law *law)
{
        for (int f = 0; f < FIELDS; f++)
                law->exempt[f] = law_nature((enum field)f) & ~law->never;
}

bool law_merge(struct law *law)
{
        law->origin = law->chain[0]->at;
        merge_records(law);
        merge_subject(law);
        merge_fields(law);
        merge_finds(law);
        merge_exempt(law);
        shortest(law, KEEP_WAREHOUSE, &law->keep_us, &law->keep_at);
        shortest(law, KEEP_HELD, &law->held_us, &law->held_at);
        merge_industries(law);
        special_merge(law);
        return merge_attributes(law) && merge_pending(law) && law_merge_asking(law);
}
