/* differ.c - what the new version of a policy does otherwise than the old one. */
#include "policy/differ.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "asking.h"
#include "base/text.h"
#include "model/place.h"

const char *differ_name(enum differ d)
{
        static const char *const names[] = { "newly leaves", "newly stops", "otherwise" };
        return (unsigned)d < DIFFERS ? names[d] : "";
}

struct comparison {
        differ_note *note;
        void *ctx;
};

static void say(const struct comparison *c, enum differ d, int field, const char *fmt, ...) __attribute__((format(printf, 4, 5)));
static void say(const struct comparison *c, enum differ d, int field, const char *fmt, ...)
{
        char text[600];
        va_list args;
        va_start(args, fmt);
        vsnprintf(text, sizeof text, fmt, args);
        va_end(args);
        c->note(c->ctx, d, field, text);
}

/* ---- Decisions --------------------------------------------------------------------- */

static int rank(const struct explanation *e)
{
        return e->refused ? DECISION_STAY + 1 : (int)e->said.decision;
}

static const char *const verdicts[][2] = { { "goes", "it went" }, { "is held", "it was held" }, { "stays", "it stayed" },
                                           { "is refused", "it was refused" } };

static void by(const struct explanation *e, char out[300])
{
        if (e->refused)
                snprintf(out, 300, "its id must not be stored");
        else
                snprintf(out, 300, "%s:%d %s%s%.200s", e->said.file, e->said.line, e->said.rule, *e->said.because ? ", " : "",
                         e->said.because);
}

static void differ_decision(const struct comparison *c, const struct record *r, const struct explanation *before,
                            const struct explanation *after)
{
        char old[300], new[300];
        enum differ d = rank(after) == DECISION_GO ? DIFFER_LEAVES : rank(before) == DECISION_GO ? DIFFER_STOPS : DIFFER_OTHERWISE;
        by(before, old);
        by(after, new);
        say(c, d, -1, "%s %s (%s); %s before (%s)", kind_name(r->kind), verdicts[rank(after)][0], new, verdicts[rank(before)][1], old);
}

/* ---- What leaves of a record that goes under both -------------------------------------- */

static const struct explained_field *line_of(const struct explanation *e, enum field f)
{
        for (size_t i = 0; i < e->n_fields; i++)
                if (e->fields[i].field == f)
                        return &e->fields[i];
        return NULL;
}

static void place(const struct explained_field *f, char out[160])
{
        snprintf(out, 160, f ? "%s:%d %s%s%s" : "built in", f ? f->by.file : "", f ? f->by.line : 0, f ? f->action : "",
                 f && *f->to ? " to " : "", f ? f->to : "");
}

static int strictness(const struct explained_field *f)
{
        for (int a = 0; f && a < ACTIONS; a++)
                if (strcmp(f->action, law_actions[a]) == 0)
                        return a;
        return ACTIONS;
}

static int find_rank(const struct explained_find *f)
{
        for (int a = 0; a < FIND_ACTIONS; a++)
                if (strcmp(f->action, law_finds[a]) == 0)
                        return a;
        return FIND_PASS;
}

/* Whether what was found is taken out by e too, at least as strictly. */
static bool still_found(const struct explanation *e, const struct explained_find *find)
{
        for (size_t k = 0; k < e->n_finds; k++) {
                const struct explained_find *now = &e->finds[k];
                if (now->field == find->field && now->item == find->item && now->start <= find->start &&
                    now->end >= find->end && find_rank(now) >= find_rank(find))
                        return true;
        }
        return false;
}

/* Something of the field was taken out before and is no longer. */
static bool found_less(const struct explanation *before, const struct explanation *after, enum field f)
{
        for (size_t i = 0; i < before->n_finds; i++)
                if (before->finds[i].field == f && !still_found(after, &before->finds[i]))
                        return true;
        return false;
}

static void differ_finds(const struct comparison *c, const struct explanation *a, const struct explanation *b,
                         enum field f, enum differ d)
{
        for (size_t i = 0; i < a->n_finds; i++) {
                const struct explained_find *find = &a->finds[i];
                if (find->field != f || still_found(b, find))
                        continue;
                if (d == DIFFER_LEAVES)
                        say(c, d, (int)f, "%s in %s is no longer taken out as before (%s:%d, %s)", find->what, field_name(f),
                            find->by.file, find->by.line, find->action);
                else
                        say(c, d, (int)f, "%s in %s is taken out (%s:%d, %s)", find->what, field_name(f), find->by.file, find->by.line,
                            find->action);
        }
}

static void differ_field(const struct comparison *c, const struct explanation *before, const struct explanation *after,
                         enum field f, struct buf *x, struct buf *y)
{
        bool had = explain_left(&before->left, f, SLICE_NONE, x), has = explain_left(&after->left, f, SLICE_NONE, y);
        const struct explained_field *old = line_of(before, f), *now = line_of(after, f);
        char was[160], is[160];
        if (had == has && (!had || slice_eq(buf_slice(x), buf_slice(y))))
                return;
        place(old, was);
        place(now, is);
        if (!had || !has) {
                say(c, has ? DIFFER_LEAVES : DIFFER_STOPS, (int)f, "field %s %s (%s; before: %s)", field_name(f),
                    has ? "leaves" : "no longer leaves", is, was);
        } else if (strictness(old) != strictness(now) && f != FIELD_ATTRIBUTES) {
                say(c, strictness(now) < strictness(old) ? DIFFER_LEAVES : DIFFER_STOPS, (int)f, "field %s leaves otherwise (%s; before: %s)",
                    field_name(f), is, was);
        } else if (found_less(before, after, f) || found_less(after, before, f)) {
                differ_finds(c, before, after, f, DIFFER_LEAVES);
                differ_finds(c, after, before, f, DIFFER_STOPS);
        } else { /* what is not understood counts as looser */
                bool coarser = old && now && *now->to && coarse_joins(coarse_of_name(f, now->to), coarse_of_name(f, old->to));
                say(c, coarser ? DIFFER_STOPS : DIFFER_LEAVES, (int)f, "field %s leaves otherwise (%s; before: %s)", field_name(f), is, was);
        }
}

void explain_differ(const struct explanation *before, const struct explanation *after, differ_note *note, void *ctx)
{
        const struct comparison c = { note, ctx };
        struct buf x, y;
        if (rank(before) != rank(after))
                differ_decision(&c, &after->stored, before, after);
        if (rank(before) != DECISION_GO || rank(after) != DECISION_GO)
                return;
        buf_init(&x, 4 << 20);
        buf_init(&y, 4 << 20);
        for (int f = 0; f < FIELDS; f++)
                differ_field(&c, before, after, (enum field)f, &x, &y);
        if (before->left.has_subject != after->left.has_subject)
                say(&c, after->left.has_subject ? DIFFER_LEAVES : DIFFER_STOPS, -1, "who spoke %s",
                    after->left.has_subject ? "leaves as a pseudonym" : "no longer leaves");
        if (after->left.expires_at_us != before->left.expires_at_us)
                say(&c, after->left.expires_at_us > before->left.expires_at_us ? DIFFER_LEAVES : DIFFER_STOPS,
                    -1, "the warehouse keeps it %s", after->left.expires_at_us > before->left.expires_at_us ? "longer" : "shorter");
        buf_clear(&x);
        buf_clear(&y);
}

/* ---- A sample ------------------------------------------------------------------------ */

/* Whether e lets the words of this field through, but for what it finds in them. */
static bool lets_words(const struct explanation *e, enum field f)
{
        const struct explained_field *line = line_of(e, f);
        return !e->refused && !e->more_finds && line &&
               (strcmp(line->action, law_actions[ACTION_KEEP]) == 0 || strcmp(line->action, law_actions[ACTION_CLEAN]) == 0);
}

/* Held by `find`, and nothing found asks for it: the text could not be searched to its end. */
static bool unsearched(const struct explanation *e)
{
        if (e->refused || e->said.decision == DECISION_GO || strcmp(e->said.rule, "find") != 0)
                return false;
        for (size_t i = 0; i < e->n_finds; i++)
                if (find_rank(&e->finds[i]) >= FIND_HOLD)
                        return false;
        return true;
}

/* The first finding of either that ends after `at`; NULL: none. */
static const struct explained_find *next_find(const struct explanation *const sides[2], enum field f, size_t at)
{
        const struct explained_find *first = NULL;
        for (int s = 0; s < 2; s++)
                for (size_t i = 0; i < sides[s]->n_finds; i++) {
                        const struct explained_find *x = &sides[s]->finds[i];
                        if (x->field == f && x->item == 0 && x->end > at && (!first || x->start < first->start))
                                first = x;
                }
        return first;
}

bool differ_sample(const struct record *r, const struct explanation *before, const struct explanation *after,
                   enum field f, size_t most, struct buf *out)
{
        const struct explanation *const sides[2] = { before, after };
        struct slice text = explain_item(r, f, 0);
        if (!text.p || unsearched(before) || unsearched(after) || !lets_words(before, f) || !lets_words(after, f)) {
                buf_puts(out, !text.p ? "has no text" : "one of them does not let it leave as it stands");
                return false;
        }
        const struct explained_find *find = next_find(sides, f, 0);
        size_t at = find && find->start > most / 2 ? find->start - most / 2 : 0;
        while (at < text.n && at > 0 && ((unsigned char)text.p[at] & 0xc0) == 0x80)
                at++; /* not within a character */
        buf_puts(out, at ? "..." : "");
        while (at < text.n && out->n < most) {
                find = next_find(sides, f, at);
                size_t to = find && find->start < text.n ? find->start : text.n;
                if (to > at) {
                        size_t n = utf8_cut(slice_make(text.p + at, to - at), most - out->n);
                        buf_put(out, slice_make(text.p + at, n));
                        at += n;
                        if (at < to)
                                break;
                }
                if (!find)
                        break;
                buf_printf(out, "[%s]", find->what);
                at = find->end;
        }
        buf_puts(out, at < text.n ? "..." : "");
        return true;
}

/* ---- Places and readers -------------------------------------------------------------- */

/* The laws of somebody before and after, and a note of who that is: "" for everybody whom no other
 * policy protects. */
struct laws {
        const struct law *before, *after;
        const char *who;
};

static void differ_place(const struct comparison *c, const struct laws *l, int64_t now_us, enum place_what what,
                         const char *code)
{
        struct transfer_said old, now;
        law_transfer(l->before, what, slice_of(code), now_us, &old);
        law_transfer(l->after, what, slice_of(code), now_us, &now);
        if (old.decision == now.decision)
                return;
        bool opens = now.decision == DECISION_GO;
        say(c, opens ? DIFFER_LEAVES : old.decision == DECISION_GO ? DIFFER_STOPS : DIFFER_OTHERWISE, -1, "%s in %s is %s%s (%s:%d)",
            what == PLACE_KAFKA ? "Kafka" : "a warehouse", code,
            opens ? "open now" : now.decision == DECISION_HOLD ? "held now" : "closed now", l->who, now.file, now.line);
}

/* One that is told for its whole country need not be told for each part of it, as CA-QC. */
static bool told_above(const struct laws *l, int64_t now_us, const char *code)
{
        const char *dash = strchr(code, '-');
        struct slice above = slice_make(code, dash ? (size_t)(dash - code) : 0);
        return dash && law_may_read(l->before, above, now_us) != law_may_read(l->after, above, now_us);
}

static void differ_laws(const struct comparison *c, const struct laws *l, int64_t now_us)
{
        size_t n;
        const char *const *codes = place_codes(&n);
        for (size_t i = 0; i < n; i++) {
                struct slice code = slice_of(codes[i]);
                if (told_above(l, now_us, codes[i]))
                        continue;
                bool may = law_may_read(l->after, code, now_us);
                differ_place(c, l, now_us, PLACE_KAFKA, codes[i]);
                differ_place(c, l, now_us, PLACE_WAREHOUSE, codes[i]);
                if (may != law_may_read(l->before, code, now_us))
                        say(c, may ? DIFFER_LEAVES : DIFFER_STOPS, -1, "readers in %s may %s read it%s", codes[i],
                            may ? "now" : "no longer", l->who);
        }
}

/* Whether somebody of an earlier code, or everybody, has the same two laws. */
static bool compared(const struct book *before, const struct book *after, const struct laws *l, size_t upto)
{
        size_t n;
        const char *const *codes = place_codes(&n);
        if (l->before == &before->home && l->after == &after->home)
                return true;
        for (size_t i = 0; i < upto; i++)
                if (law_of_code(before, codes[i]) == l->before && law_of_code(after, codes[i]) == l->after)
                        return true;
        return false;
}

void book_differ(const struct book *before, const struct book *after, int64_t now_us, differ_note *note, void *ctx)
{
        const struct comparison c = { note, ctx };
        const struct laws all = { &before->home, &after->home, "" };
        size_t n;
        const char *const *codes = place_codes(&n);
        differ_laws(&c, &all, now_us);
        for (size_t i = 0; i <= n; i++) {
                const char *code = i < n ? codes[i] : NULL;
                char who[64];
                snprintf(who, sizeof who, code ? " for people in %s" : "%s", code ? code : " for people whose country is not known");
                const struct laws l = { law_of_code(before, code), law_of_code(after, code), who };
                if (!compared(before, after, &l, i))
                        differ_laws(&c, &l, now_us);
        }
        differ_counts(before, after, note, ctx);
}
