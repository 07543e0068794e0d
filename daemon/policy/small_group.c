/* small_group.c - whom a rare combination would give away: read, combined, taken out.
 *
 * The combination is of what would leave: a field that is dropped or masked says nothing, one that
 * is generalised says its coarser value. Where too few share it the fields leave coarser; where
 * even so too few share them, or there is no coarser way, not at all.                        */
#include <stdio.h>
#include <string.h>

#include "asking.h"

const char *const law_small[SMALL_THENS] = { "generalise", "drop", "hold", "stay" };

/* ---- Reading --------------------------------------------------------------------- */

static bool is_text(enum field f)
{
        return field_type(f) == FIELD_TYPE_TEXT || field_type(f) == FIELD_TYPE_NUMBER;
}

static void read_fields(struct reader *r, const struct conf_node *line, struct small_group *g)
{
        const char *all[FIELDS];
        struct names names = { 0 };
        size_t n = 0;
        for (int f = 0; f < FIELDS; f++)
                if (is_text((enum field)f))
                        all[n++] = field_name((enum field)f);
        law_names(r, line, "of", MUST, &names);
        for (size_t i = 0; i < names.n; i++) {
                int f = field_of_name(slice_of(names.v[i]));
                if (f < 0 || !is_text((enum field)f))
                        law_unknown(r, conf_get(line, "of"), "field", names.v[i], all, n);
                else if (!memchr(g->fields, f, g->n_fields))
                        g->fields[g->n_fields++] = (uint8_t)f;
        }
}

static const char *id_of(struct reader *r, const struct small_group *g)
{
        struct buf text;
        buf_init(&text, 4096);
        buf_printf(&text, "%s/", r->p->name);
        for (size_t i = 0; i < g->n_fields; i++)
                buf_printf(&text, "%s%s", i ? "+" : "", field_name((enum field)g->fields[i]));
        const char *out = buf_ok(&text) ? arena_string(r->shelf->arena, buf_slice(&text)) : NULL;
        buf_clear(&text);
        return out;
}

static bool id_is_new(struct reader *r, const struct conf_node *line, const char *id)
{
        for (size_t i = 0; i < r->p->n_small; i++) {
                if (strcmp(r->p->small[i].id, id) != 0)
                        continue;
                law_complain(r, line, "Leave the stricter of the two.", "the same fields stand in line %d already",
                             r->p->small[i].at.line);
                return false;
        }
        return true;
}

static void parse_group(struct reader *r, const struct conf_node *line)
{
        static const char *const allowed[] = { "of", "fewer_than", "within", "then", "because" };
        struct small_group g = { .fewer_than = 2 };
        int then = 0;
        if (!law_keys(r, line, allowed, COUNT(allowed)) && conf_type(line) != CONF_GROUP)
                return;
        read_fields(r, line, &g);
        bool ok = law_int(r, line, "fewer_than", MUST, 2, 1000, &g.fewer_than);
        ok = law_stretch(r, line, "within", false, &g.within, &g.within_text) && ok;
        ok = law_choice(r, line, "then", MUST, law_small, SMALL_THENS, &then) && ok;
        g.then = (enum small_then)then;
        g.at = law_at(r, line);
        g.id = id_of(r, &g);
        if (ok && g.n_fields && g.id && id_is_new(r, line, g.id))
                r->p->small[r->p->n_small++] = g;
}

void law_parse_small_group(struct reader *r, const struct conf_node *n)
{
        size_t count = law_lines(r, n);
        r->p->small = arena_array(r->shelf->arena, count, sizeof *r->p->small);
        for (size_t i = 0; r->p->small && i < count; i++)
                parse_group(r, law_line(n, i));
}

/* ---- Combining ------------------------------------------------------------------- */

/* The value as it would leave, or finer: a text that is cleaned loses what is found in it only. */
static struct slice leaving(const struct law *law, enum field f, const struct record *r, struct arena *a, bool *full)
{
        const struct field_line *line = &law->fields[f];
        if (line->action > ACTION_GENERALISE || !r->text[f].n)
                return SLICE_NONE;
        return line->action == ACTION_GENERALISE ? generalise_text(law, r->text[f], line->to, a, full) : r->text[f];
}

/* The same value as the coarsest way of the field has it. Absent: it has none. */
static struct slice coarsest(const struct law *law, enum field f, const struct record *r, struct arena *a, bool *full)
{
        int to = coarse_last(f);
        struct slice now = leaving(law, f, r, a, full);
        if (!now.p || to < 0)
                return SLICE_NONE;
        return generalise_text(law, r->text[f], to, a, full);
}

static void put_value(struct buf *out, struct slice value)
{
        buf_put_u32(out, value.p ? (uint32_t)value.n : UINT32_MAX);
        for (size_t i = 0; i < value.n; i++) {
                char c = value.p[i];
                if (c >= 'A' && c <= 'Z')
                        c = (char)(c + 32);
                buf_put(out, slice_make(&c, 1));
        }
}

struct slice small_group_combination(const struct law *law, const struct small_group *g, const struct record *r,
                                     bool coarser, struct arena *a, bool *full)
{
        struct buf text;
        bool any = false;
        buf_init(&text, 2 * RECORD_BYTES_MAX);
        buf_put_u32(&text, coarser);
        for (size_t i = 0; i < g->n_fields && !*full; i++) {
                enum field f = (enum field)g->fields[i];
                struct slice value = coarser ? coarsest(law, f, r, a, full) : leaving(law, f, r, a, full);
                any |= value.p != NULL;
                put_value(&text, value);
        }
        struct slice out = any && buf_ok(&text) ? arena_copy(a, buf_slice(&text)) : SLICE_NONE;
        *full |= any && !out.p;
        buf_clear(&text);
        return out;
}

/* ---- Weighing -------------------------------------------------------------------- */

/* The coarsest way begins with the record's own text: where that was cleaned, it would bring back what
 * was masked. */
static bool was_cleaned(struct trial *t, enum field f, struct slice left, struct slice coarse)
{
        return !slice_eq(left, leaving(t->law, f, t->record, t->arena, &t->full)) && !slice_eq(left, coarse);
}

/* Nothing of the group is left in the record, or only what the coarsest way makes of it. */
static void shrink(struct trial *t, const struct small_group *g, bool coarser)
{
        for (size_t i = 0; i < g->n_fields; i++) {
                enum field f = (enum field)g->fields[i];
                struct slice *left = &t->out->fields.text[f];
                if (!left->p)
                        continue;
                struct slice value = coarser ? coarsest(t->law, f, t->record, t->arena, &t->full) : SLICE_NONE;
                if (value.p && was_cleaned(t, f, *left, value))
                        value = SLICE_NONE;
                trial_note(t, field_name(f), "small_group", value.p ? "generalise" : "drop", 1);
                *left = value.p ? arena_copy(t->arena, value) : SLICE_NONE;
                t->full |= value.p && !left->p;
        }
}

static bool is_shared(const struct trial *t, const struct small_group *g, bool coarser)
{
        const struct question *q = trial_answer(t, g, coarser);
        return q && q->people >= (uint64_t)g->fewer_than;
}

static bool says_anything(struct trial *t, const struct small_group *g)
{
        for (size_t i = 0; i < g->n_fields; i++)
                if (leaving(t->law, (enum field)g->fields[i], t->record, t->arena, &t->full).p)
                        return true;
        return false;
}

void small_groups_weigh(struct trial *t)
{
        for (size_t i = 0; i < t->law->n_small && !t->full; i++) {
                const struct small_group *g = t->law->small[i];
                if (!says_anything(t, g) || is_shared(t, g, false))
                        continue;
                if (g->then == SMALL_HOLD || g->then == SMALL_STAY)
                        trial_weigh(t, g->then == SMALL_HOLD ? DECISION_HOLD : DECISION_STAY, &g->at, "small_group");
                else
                        shrink(t, g, g->then == SMALL_GENERALISE && is_shared(t, g, true));
        }
}
