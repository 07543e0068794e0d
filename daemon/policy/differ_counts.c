/* differ_counts.c - counters and small groups of two versions of a policy: no record shows them, so they
 * are compared whole. What cannot be told to be stricter counts as looser.                    */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "asking.h"
#include "policy/differ.h"

struct counted_sides {
        const struct book *before, *after;
        differ_note *note;
        void *ctx;
};

static void say(const struct counted_sides *s, enum differ d, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
static void say(const struct counted_sides *s, enum differ d, const char *fmt, ...)
{
        char text[512];
        va_list args;
        va_start(args, fmt);
        vsnprintf(text, sizeof text, fmt, args);
        va_end(args);
        s->note(s->ctx, d, -1, text);
}

/* How far the second looks back. */
enum far { FARTHER, SAME_FAR, NEARER, NOT_COMPARED };
static enum far compare_stretch(const struct stretch *a, const struct stretch *b)
{
        if (a->days == b->days && a->months == b->months)
                return SAME_FAR;
        if ((a->days && b->days) || (a->months && b->months))
                return b->days + b->months > a->days + a->months ? FARTHER : NEARER;
        return NOT_COMPARED;
}

/* ---- Counters -------------------------------------------------------------------- */

static const struct counter *counter_of(const struct law *law, const char *id)
{
        for (size_t i = 0; i < law->n_counters; i++)
                if (strcmp(law->counters[i]->id, id) == 0)
                        return law->counters[i];
        return NULL;
}

static void differ_counter(const struct counted_sides *s, const struct counter *a, const struct counter *b)
{
        uint64_t was = counter_part(a, s->before->region, a->ceiling), is = counter_part(b, s->after->region, b->ceiling);
        enum far far = compare_stretch(&a->over, &b->over);
        if (was != is)
                say(s, is > was ? DIFFER_LEAVES : DIFFER_STOPS,
                    "%" PRIu64 " %s may leave, not %" PRIu64 " (%s:%d, before %s:%d)", is, law_counted[a->of], was, b->at.file,
                    b->at.line, a->at.file, a->at.line);
        if (far != SAME_FAR)
                say(s, far == FARTHER ? DIFFER_STOPS : DIFFER_LEAVES, "%s are counted over \"%s\", not \"%s\" (%s:%d, before %s:%d)",
                    law_counted[a->of], b->over_text, a->over_text, b->at.file, b->at.line, a->at.file, a->at.line);
        if (a->then != b->then)
                say(s, DIFFER_OTHERWISE, "one more of the %s counted is \"%s\", not \"%s\" (%s:%d, before %s:%d)",
                    law_counted[a->of], decision_name(b->then), decision_name(a->then), b->at.file, b->at.line, a->at.file, a->at.line);
}

static void differ_counters(const struct counted_sides *s)
{
        const struct law *a = &s->before->home, *b = &s->after->home;
        for (size_t i = 0; i < a->n_counters; i++) {
                const struct counter *old = a->counters[i], *new = counter_of(b, old->id);
                if (new)
                        differ_counter(s, old, new);
                else
                        say(s, DIFFER_LEAVES, "%s are no more counted against %" PRIu64 " by this exporter (before %s:%d)",
                            law_counted[old->of], counter_part(old, s->before->region, old->ceiling), old->at.file, old->at.line);
        }
        for (size_t i = 0; i < b->n_counters; i++) {
                const struct counter *new = b->counters[i];
                if (!counter_of(a, new->id))
                        say(s, DIFFER_STOPS, "%s are counted, and at most %" PRIu64 " may leave (%s:%d)", law_counted[new->of],
                            counter_part(new, s->after->region, new->ceiling), new->at.file, new->at.line);
        }
}

/* ---- Small groups ---------------------------------------------------------------- */

static const struct small_group *group_of(const struct law *law, const char *id)
{
        for (size_t i = 0; i < law->n_small; i++)
                if (strcmp(law->small[i]->id, id) == 0)
                        return law->small[i];
        return NULL;
}

/* The name of a group after its policy's: its fields. */
static const char *fields_of(const struct small_group *g)
{
        const char *slash = strchr(g->id, '/');
        return slash ? slash + 1 : g->id;
}

static void differ_group(const struct counted_sides *s, const struct small_group *a, const struct small_group *b)
{
        enum far far = compare_stretch(&a->within, &b->within);
        if (a->fewer_than != b->fewer_than)
                say(s, b->fewer_than < a->fewer_than ? DIFFER_LEAVES : DIFFER_STOPS,
                    "%s: a group is small below %" PRId64 " people, not %" PRId64 " (%s:%d, before %s:%d)", fields_of(a),
                    b->fewer_than, a->fewer_than, b->at.file, b->at.line, a->at.file, a->at.line);
        if (far != SAME_FAR) /* more days know more people, and hide less */
                say(s, far == NEARER ? DIFFER_STOPS : DIFFER_LEAVES, "%s: people of \"%s\" make a group, not of \"%s\" (%s:%d, before %s:%d)",
                    fields_of(a), b->within_text, a->within_text, b->at.file, b->at.line, a->at.file, a->at.line);
        if (a->then != b->then)
                say(s, b->then < a->then ? DIFFER_LEAVES : DIFFER_STOPS, "%s of a small group: \"%s\", not \"%s\" (%s:%d, before %s:%d)",
                    fields_of(a), law_small[b->then], law_small[a->then], b->at.file, b->at.line, a->at.file, a->at.line);
}

static void differ_groups(const struct counted_sides *s)
{
        const struct law *a = &s->before->home, *b = &s->after->home;
        for (size_t i = 0; i < a->n_small; i++) {
                const struct small_group *old = a->small[i], *new = group_of(b, old->id);
                if (new)
                        differ_group(s, old, new);
                else
                        say(s, DIFFER_LEAVES, "%s: small groups are hidden no more (before %s:%d)", fields_of(old), old->at.file, old->at.line);
        }
        for (size_t i = 0; i < b->n_small; i++)
                if (!group_of(a, b->small[i]->id))
                        say(s, DIFFER_STOPS, "%s: small groups are hidden (%s:%d)", fields_of(b->small[i]), b->small[i]->at.file, b->small[i]->at.line);
}

void differ_counts(const struct book *before, const struct book *after, differ_note *note, void *ctx)
{
        const struct counted_sides s = { before, after, note, ctx };
        differ_counters(&s);
        differ_groups(&s);
}
