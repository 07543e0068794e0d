/* filing.c - lines of `transfers` that must be told to an authority: open for a while, then only if
 * they were.
 *
 * `file_within` counts from a signature, a day that the policy says, or from the first transfer by
 * the line, a day that only the agent knows: it is asked for (QUESTION_FIRST). Once `filed` says a
 * day the line is like any other. A day that is counted is over when it begins, in UTC: the line
 * may close up to a day early, never late, and its date is the same for all records.             */
#include <string.h>

#include "asking.h"
#include "base/text.h"

enum { DAYS_MAX = 36500 };
static const char *const from[] = { "first transfer", "signature" };

/* When the day `key` of the line begins. */
static bool read_day(struct reader *r, const struct conf_node *line, const char *key, int64_t *begin_us)
{
        int64_t end_us;
        return law_date(r, line, key, &end_us) &&
               clock_parse_date(begin_us, slice_of(law_plain(r, conf_text(conf_get(line, key)))));
}

static void read_signature(struct reader *r, const struct conf_node *line, struct filing *f)
{
        int64_t signed_us;
        if (!conf_get(line, "signed"))
                law_complain(r, line, "Write signed = \"2026-11-02\", or count from the \"first transfer\".",
                             "\"signed\" is missing: from it \"file_within\" is counted");
        else if (read_day(r, line, "signed", &signed_us))
                f->due_us = signed_us + f->days * US_PER_DAY;
        f->signed_day = law_text(r, line, "signed", MAYBE);
}

void law_parse_filing(struct reader *r, const struct conf_node *line, struct transfer *t)
{
        struct filing *f = &t->filing;
        int64_t span_us = 0;
        int counted = 0;
        *f = (struct filing){ .filed_us = INT64_MAX, .due_us = INT64_MIN };
        if (!conf_get(line, "file_within")) {
                const char *alone = conf_get(line, "filed") ? "filed" : conf_get(line, "signed") ? "signed" : NULL;
                if (alone || conf_get(line, "counted_from"))
                        law_complain(r, line, "Write file_within = \"60 days\" too, or take it out.",
                                     "\"%s\" says nothing without \"file_within\"", alone ? alone : "counted_from");
                return;
        }
        law_span(r, line, "file_within", MUST, &span_us);
        law_choice(r, line, "counted_from", MUST, from, COUNT(from), &counted);
        f->days = span_us / US_PER_DAY < DAYS_MAX ? span_us / US_PER_DAY : DAYS_MAX;
        f->needed = true;
        f->within = law_text(r, line, "file_within", MAYBE);
        if (counted == 1)
                read_signature(r, line, f);
        else
                f->first_id = arena_printf(r->shelf->arena, "%s/first transfer/%.200s", r->p->name, t->basis ? t->basis : "");
        if (read_day(r, line, "filed", &f->filed_us))
                f->filed_day = law_text(r, line, "filed", MAYBE);
        f->late = t->at;
        f->late.because = arena_printf(r->shelf->arena, "not filed within %s of the %s: %s", f->within ? f->within : "its time",
                                       counted == 1 ? "signature" : "first transfer", t->basis ? t->basis : "");
        if (!f->late.because)
                f->late.because = "";
}

bool transfer_asks(const struct transfer *t, int64_t now_us)
{
        return t->filing.needed && t->filing.first_id && now_us < t->filing.filed_us && now_us <= t->until_us;
}

/* Until when the line is open for want of a filing. */
static int64_t filing_until(const struct filing *f, int64_t now_us, const struct question *q)
{
        if (!f->needed || now_us >= f->filed_us)
                return INT64_MAX;
        if (!f->first_id)
                return f->due_us;
        return ((q->counted ? q->day : q->today) + f->days) * US_PER_DAY;
}

enum decision transfer_says(const struct transfer *t, int64_t now_us, const struct question *q, int64_t *until_us)
{
        *until_us = t->until_us;
        if (now_us > t->until_us)
                return DECISION_STAY;
        if (transfer_asks(t, now_us) && !q)
                return DECISION_HOLD;
        int64_t due_us = filing_until(&t->filing, now_us, q);
        if (due_us < *until_us)
                *until_us = due_us;
        return now_us <= due_us ? DECISION_GO : DECISION_STAY;
}

enum decision transfer_says_to_desk(const struct transfer *t, int64_t now_us, int64_t *until_us)
{
        const struct question now = { .today = now_us / US_PER_DAY };
        enum decision d = transfer_says(t, now_us, &now, until_us);
        if (transfer_asks(t, now_us)) /* nobody at a desk knows when the first was */
                *until_us = t->until_us;
        return d;
}
