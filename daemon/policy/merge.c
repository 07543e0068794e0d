/* merge.c - a chain of policies into one book: forbid beats allow.
 *
 * Records, subject, fields, findings: the strictest. Where a policy has a group, what it does
 * not name is closed by it. Times in the warehouse: the shortest. Findings add up.         */
#include <string.h>

#include "law.h"

static void merge_records(struct book *b)
{
        for (int k = 0; k < RECORD_KINDS; k++) {
                b->records[k] = DECISION_STAY;
                b->records_at[k] = b->origin;
                bool voiced = false;
                for (size_t c = 0; c < b->n_chain; c++) {
                        const struct policy *p = b->chain[c];
                        if (!p->group[GROUP_RECORDS].file)
                                continue;
                        if (voiced && p->records[k] <= b->records[k])
                                continue;
                        b->records[k] = p->records[k];
                        b->records_at[k] = p->records_at[k].line ? p->records_at[k] : p->group[GROUP_RECORDS];
                        voiced = true;
                }
        }
}

static void merge_subject(struct book *b)
{
        bool voiced = false;
        b->pseudonym = true;
        for (size_t c = 0; c < b->n_chain; c++) {
                if (!b->chain[c]->group[GROUP_SUBJECT].file)
                        continue;
                voiced = true;
                b->pseudonym = b->pseudonym && b->chain[c]->pseudonym;
        }
        b->pseudonym = b->pseudonym && voiced;
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
static void merge_heard(struct book *b, int f, bool heard, bool cleans)
{
        if (heard && b->fields[f].action >= ACTION_GENERALISE)
                b->heard[b->n_heard++] = (uint8_t)f;
        if (!cleans)
                b->plain |= UINT64_C(1) << f;
}

static void merge_fields(struct book *b)
{
        for (int f = 0; f < FIELDS; f++) {
                struct field_line out = { ACTION_DROP, -1, b->origin };
                bool voiced = false, heard = false, cleans = false;
                for (size_t c = 0; c < b->n_chain; c++) {
                        const struct policy *p = b->chain[c];
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
                b->fields[f] = out;
                if (out.action < ACTION_DROP)
                        b->leaving[b->n_leaving++] = (uint8_t)f;
                merge_heard(b, f, heard, cleans);
        }
}

/* What one policy says of an attribute. */
static struct attribute_line attribute_in(const struct policy *p, const char *name)
{
        struct attribute_line out = { name, ACTION_DROP, false, p->group[GROUP_FIELDS] };
        bool named = false;
        for (size_t i = 0; i < p->n_attributes; i++) {
                const struct attribute_line *line = &p->attributes[i];
                if (strcmp(line->name, name) != 0 || (named && line->action <= out.action))
                        continue;
                out = *line;
                named = true;
        }
        const struct field_line *all = &p->fields[FIELD_ATTRIBUTES];
        if (all->at.line && all->action > out.action)
                out = (struct attribute_line){ name, all->action, false, all->at };
        return out;
}

static void merge_attribute(struct book *b, const char *name)
{
        struct attribute_line out = { name, ACTION_KEEP, false, b->origin };
        bool heard = false;
        for (size_t i = 0; i < b->n_attributes; i++)
                if (strcmp(b->attributes[i].name, name) == 0)
                        return;
        for (size_t c = 0; c < b->n_chain; c++) {
                if (!b->chain[c]->group[GROUP_FIELDS].file)
                        continue;
                struct attribute_line here = attribute_in(b->chain[c], name);
                heard |= here.action <= ACTION_CLEAN;
                if (here.action >= out.action)
                        out = here;
        }
        out.heard = heard;
        b->attributes[b->n_attributes++] = out;
}

static bool merge_attributes(struct book *b)
{
        size_t most = 0;
        for (size_t c = 0; c < b->n_chain; c++)
                most += b->chain[c]->n_attributes;
        b->attributes = arena_array(b->arena, most, sizeof *b->attributes);
        for (size_t c = 0; b->attributes && c < b->n_chain; c++)
                for (size_t i = 0; i < b->chain[c]->n_attributes; i++)
                        merge_attribute(b, b->chain[c]->attributes[i].name);
        return b->attributes != NULL;
}

static void merge_find_line(struct book *b, const struct find_line *line)
{
        for (int id = 0; id < DETECT_MAX; id++) {
                if (!detect_has(line->what, id) || b->find[id] >= line->action)
                        continue;
                b->find[id] = line->action;
                b->find_at[id] = line->at;
        }
        if (line->action == FIND_DISCARD)
                b->discarded |= line->what;
}

/* The floor is looked for again here: an entry may be older than the rule that forbids it. */
static void merge_finds(struct book *b)
{
        const struct find_line floor = { detect_floor(), FIND_DISCARD, b->origin };
        for (size_t c = 0; c < b->n_chain; c++)
                for (size_t i = 0; i < b->chain[c]->n_finds; i++)
                        merge_find_line(b, &b->chain[c]->finds[i]);
        merge_find_line(b, &floor);
        for (int id = 0; id < DETECT_MAX; id++) {
                if (b->find[id] != FIND_PASS)
                        b->wanted |= detect_one(id);
                b->find_holds |= b->find[id] >= FIND_HOLD;
                b->find_stays |= b->find[id] == FIND_STAY;
        }
}

static void merge_keep(struct book *b)
{
        b->keep_us = -1;
        b->keep_at = b->origin;
        for (size_t c = 0; c < b->n_chain; c++) {
                int64_t here = b->chain[c]->keep_us[KEEP_WAREHOUSE];
                if (here < 0 || (b->keep_us >= 0 && here >= b->keep_us))
                        continue;
                b->keep_us = here;
                b->keep_at = b->chain[c]->keep_at[KEEP_WAREHOUSE];
        }
}

/* A field that another policy drops anyway waits for nothing. */
static bool touches(const struct book *b, const struct pending *p)
{
        if (strcmp(p->what, "generalise") != 0)
                return true;
        for (int f = 0; f < FIELDS; f++)
                if (p->fields >> f & 1 && b->fields[f].action <= ACTION_GENERALISE)
                        return true;
        return false;
}

static bool put_pending_abroad(struct book *b, const struct policy *p)
{
        struct pending *out = ARENA_NEW(b->arena, struct pending);
        if (!out)
                return false;
        *out = (struct pending){ .what = "also_abroad",
                                 .touch = TOUCH_PEOPLE_IN,
                                 .codes = p->people_in,
                                 .at = p->group[GROUP_PROTECTS] };
        if (p->people_in.n == 0) { /* it could not be read: it may protect anybody from elsewhere */
                out->touch = TOUCH_ABROAD;
                out->at = p->at;
        }
        b->pending[b->n_pending++] = out;
        return true;
}

static bool merge_pending(struct book *b)
{
        size_t most = b->n_abroad;
        for (size_t c = 0; c < b->n_chain; c++)
                most += b->chain[c]->n_pending;
        b->pending = arena_array(b->arena, most, sizeof *b->pending);
        if (!b->pending)
                return false;
        for (size_t c = 0; c < b->n_chain; c++)
                for (size_t i = 0; i < b->chain[c]->n_pending; i++)
                        if (touches(b, &b->chain[c]->pending[i]))
                                b->pending[b->n_pending++] = &b->chain[c]->pending[i];
        for (size_t i = 0; i < b->n_abroad; i++)
                if (!put_pending_abroad(b, b->abroad[i]))
                        return false;
        return true;
}

bool law_merge(struct book *b)
{
        b->origin = b->chain[0]->at;
        merge_records(b);
        merge_subject(b);
        merge_fields(b);
        merge_finds(b);
        merge_keep(b);
        return merge_attributes(b) && merge_pending(b);
}
