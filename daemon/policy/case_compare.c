/* case_compare.c - what a policy made of a case's record, against what is expected. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "model/place.h"
#include "policy/cases.h"

enum { VALUE_MAX = 4 << 20 };

struct comparing {
        const struct policy_case *c;
        const struct explanation *e;
        const struct book *book;
        struct arena *arena;
        struct case_failure *out;
        size_t n;
        bool full;
        struct buf value;
};

static void fail(struct comparing *t, int line, const char *what, struct slice expected, struct slice got)
{
        if (t->n == CASE_FAILURES_MAX)
                return;
        char *a = arena_string(t->arena, expected), *b = arena_string(t->arena, got);
        t->full |= !a || !b;
        t->out[t->n++] = (struct case_failure){ line, what, a ? a : "", b ? b : "" };
}

static void fail_text(struct comparing *t, int line, const char *what, struct slice expected, const char *got)
{
        fail(t, line, what, expected, slice_of(got));
}

/* ---- What leaves ------------------------------------------------------------------ */

static bool has(struct slice in, struct slice what)
{
        for (size_t i = 0; i + what.n <= in.n; i++)
                if (slice_eq_nocase(slice_make(in.p + i, what.n), what))
                        return true;
        return false;
}

static bool same_value(struct slice expected, struct slice got, enum field f)
{
        char time[CLOCK_TEXT_MAX];
        int64_t us;
        if (slice_eq(expected, got))
                return true;
        return f == FIELD_OCCURRED_AT && clock_parse_date(&us, expected) &&
               slice_is(got, clock_format_rfc3339(time, us));
}

static const char *name_of(struct comparing *t, const struct case_expect *x)
{
        if (!x->attribute.p)
                return field_name(x->field);
        char *name = arena_printf(t->arena, "attributes.%.*s", SLICE_ARG(x->attribute));
        t->full |= !name;
        return name ? name : "";
}

static void compare_field(struct comparing *t, const struct case_expect *x)
{
        bool there = explain_left(&t->e->left, x->field, x->attribute, &t->value);
        struct slice got = there ? buf_slice(&t->value) : SLICE("(it does not leave)");
        const char *name = name_of(t, x);
        if (x->what == EXPECT_DROPPED && there)
                fail(t, x->line, name, SLICE("(it does not leave)"), got);
        if (x->what == EXPECT_FIELD && (!there || !same_value(x->text, got, x->field)))
                fail(t, x->line, name, x->text, got);
        if (x->what == EXPECT_CONTAINS && (!there || !has(got, x->text)))
                fail(t, x->line, name, x->text, got);
        if (x->what == EXPECT_LACKS && there && has(got, x->text))
                fail(t, x->line, name, SLICE("without it"), got);
}

static bool is_named(const struct policy_case *c, enum field f)
{
        for (size_t i = 0; i < c->n_expects; i++)
                if (c->expects[i].field == f && (c->expects[i].what == EXPECT_FIELD || c->expects[i].what == EXPECT_CONTAINS ||
                                                 c->expects[i].what == EXPECT_LACKS))
                        return true;
        return f == FIELD_KIND || f == FIELD_REVISION || f == FIELD_DELETED; /* they always leave */
}

static void compare_only(struct comparing *t, const struct case_expect *x)
{
        for (int f = 0; f < FIELDS; f++)
                if (!is_named(t->c, (enum field)f) && explain_left(&t->e->left, (enum field)f, SLICE_NONE, &t->value))
                        fail_text(t, x->line, "nothing else", SLICE("no field but those named"), field_name((enum field)f));
}

static void compare_nowhere(struct comparing *t, const struct case_expect *x)
{
        for (int f = 0; f < FIELDS; f++)
                if (explain_left(&t->e->left, (enum field)f, SLICE_NONE, &t->value) && has(buf_slice(&t->value), x->text))
                        fail_text(t, x->line, "nowhere", x->text, field_name((enum field)f));
        if (has(t->e->left.source, x->text))
                fail_text(t, x->line, "nowhere", x->text, "source");
}

static void compare_redacted(struct comparing *t, const struct case_expect *x)
{
        const struct message_record *m = &t->e->left;
        struct buf got;
        buf_init(&got, 1 << 16);
        for (size_t i = 0; i < m->n_redactions; i++) {
                const struct redaction *r = &m->redactions[i];
                bool here = slice_is(r->field, field_name(x->field)) && slice_eq_nocase(r->what, x->text);
                if (here && (!x->file || slice_is(r->action, x->file)) && (!x->number || r->count == x->number)) {
                        buf_clear(&got);
                        return;
                }
                buf_printf(&got, "%s%.*s in %.*s, %.*s %u", i ? "; " : "", SLICE_ARG(r->what), SLICE_ARG(r->field),
                           SLICE_ARG(r->action), (unsigned)r->count);
        }
        char *wanted = arena_printf(t->arena, "%.*s in %s%s%s", SLICE_ARG(x->text), field_name(x->field),
                                    x->file ? ", " : "", x->file ? x->file : "");
        t->full |= !wanted;
        fail(t, x->line, "redacted", slice_of(wanted), got.n ? buf_slice(&got) : SLICE("nothing was redacted"));
        buf_clear(&got);
}

static void compare_stored(struct comparing *t, const struct case_expect *x)
{
        struct slice got = SLICE_NONE;
        const struct record *r = &t->e->stored;
        if (x->attribute.p) {
                for (size_t i = 0; i < r->n_attributes; i++)
                        if (slice_eq_nocase(r->attributes[i].name, x->attribute))
                                got = r->attributes[i].value;
        } else {
                buf_reset(&t->value);
                got = explain_value(r, x->field, &t->value) ? buf_slice(&t->value) : SLICE_NONE;
        }
        if (!got.p || !slice_eq(got, x->text))
                fail(t, x->line, "stored", x->text, got.p ? got : SLICE("(it is not stored)"));
}

/* ---- Decisions --------------------------------------------------------------------- */

static void say_decision(struct comparing *t, struct buf *out)
{
        const struct explanation *e = t->e;
        static const char *const names[] = { "goes", "held", "stays" };
        buf_reset(out);
        if (e->refused)
                buf_printf(out, "discarded: %s", e->why.text);
        else
                buf_printf(out, "%s, by %s:%d %s%s%s", names[e->said.decision], e->said.file, e->said.line, e->said.rule,
                           *e->said.because ? ": " : "", e->said.because);
}

static bool compare_decision(struct comparing *t)
{
        enum case_verdict got = t->e->refused ? CASE_DISCARDED : (enum case_verdict)t->e->said.decision;
        if (got == t->c->verdict)
                return true;
        say_decision(t, &t->value);
        fail(t, t->c->verdict_line, "decision", slice_of(case_verdict_name(t->c->verdict)), buf_slice(&t->value));
        return false;
}

static void compare_by(struct comparing *t, const struct case_expect *x)
{
        const struct judgement *said = &t->e->said;
        bool same = (!x->file || strcmp(x->file, said->file) == 0) && (!x->number || x->number == said->line) &&
                    (x->text.n == 0 || slice_eq_nocase(x->text, slice_of(said->rule)));
        if (same)
                return;
        char line[24] = "", *wanted;
        if (x->number)
                snprintf(line, sizeof line, ":%" PRId64, x->number);
        wanted = arena_printf(t->arena, "%s%s%s%.*s", x->file ? x->file : "", line, x->file && x->text.n ? " " : "",
                              SLICE_ARG(x->text));
        char *got = arena_printf(t->arena, "%s:%d %s", said->file, said->line, said->rule);
        t->full |= !wanted || !got;
        fail(t, x->line, "by", slice_of(wanted), slice_of(got));
}

/* Of what goes, what the message itself says; else what would hold for anybody here. */
static bool readable_in(const struct comparing *t, struct slice country)
{
        const struct message_record *left = &t->e->left;
        if (t->e->refused || t->e->said.decision != DECISION_GO)
                return book_may_read(t->book, country, t->c->now_us);
        for (size_t i = 0; i < left->n_readable_in; i++)
                if (place_within(country, left->readable_in[i].code))
                        return true;
        return false;
}

static void compare_one(struct comparing *t, const struct case_expect *x)
{
        const struct explanation *e = t->e;
        char got[24];
        switch (x->what) {
        case EXPECT_BY:
                compare_by(t, x);
                break;
        case EXPECT_BECAUSE:
                if (!has(slice_of(e->said.because), x->text))
                        fail_text(t, x->line, "because", x->text, *e->said.because ? e->said.because : "(nothing is said)");
                break;
        case EXPECT_FIELD:
        case EXPECT_CONTAINS:
        case EXPECT_LACKS:
        case EXPECT_DROPPED:
                compare_field(t, x);
                break;
        case EXPECT_ONLY:
                compare_only(t, x);
                break;
        case EXPECT_NOWHERE:
                compare_nowhere(t, x);
                break;
        case EXPECT_SUBJECT:
                if (slice_is(x->text, "pseudonym") != e->left.has_subject)
                        fail_text(t, x->line, "subject", x->text, e->left.has_subject ? "pseudonym" : "none");
                break;
        case EXPECT_PURPOSE:
                if (!slice_eq(x->text, e->left.purpose))
                        fail(t, x->line, "purpose", x->text, e->left.purpose);
                break;
        case EXPECT_REDACTED:
                compare_redacted(t, x);
                break;
        case EXPECT_READABLE:
        case EXPECT_NOT_READABLE: {
                bool may = readable_in(t, x->text);
                if (may != (x->what == EXPECT_READABLE))
                        fail_text(t, x->line, may ? "not readable in" : "readable in", x->text,
                                  may ? "it may be read there" : "nobody there may read it");
                break;
        }
        case EXPECT_PIECES:
                snprintf(got, sizeof got, "%u", (unsigned)e->pieces);
                if (x->number != e->pieces)
                        fail_text(t, x->line, "pieces discarded", x->text, got);
                break;
        case EXPECT_STORED:
                compare_stored(t, x);
                break;
        }
}

size_t case_compare(const struct policy_case *c, const struct explanation *e, const struct book *b,
                    struct arena *a, struct case_failure out[CASE_FAILURES_MAX])
{
        struct comparing t = { .c = c, .e = e, .book = b, .arena = a, .out = out };
        buf_init(&t.value, VALUE_MAX);
        if (compare_decision(&t)) /* else all that follows would fail for that one reason */
                for (size_t i = 0; i < c->n_expects; i++)
                        compare_one(&t, &c->expects[i]);
        t.full |= t.value.full;
        buf_clear(&t.value);
        return t.full ? SIZE_MAX : t.n;
}
