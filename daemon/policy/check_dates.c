/* check_dates.c - bases and reviews whose day is past or comes near, with the flows that close then. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "law.h"
#include "model/place.h"

enum { FLOWS_MAX = 400 };

/* Another line of the policy, of a later end, keeps it open. */
static bool stays_open(const struct policy *p, const struct transfer *t, int permission, const char *code)
{
        for (size_t i = 0; i < p->n_transfers; i++) {
                const struct transfer *other = &p->transfers[i];
                if (!(other->allow >> permission & 1) || other->until_us <= t->until_us)
                        continue;
                for (size_t k = 0; k < other->to.n; k++)
                        if (place_within(slice_of(code), slice_of(other->to.v[k])))
                                return true;
        }
        return false;
}

static void put(char out[FLOWS_MAX], const char *between, const char *text)
{
        size_t n = strlen(out);
        if (n + strlen(between) + strlen(text) + 4 < FLOWS_MAX)
                snprintf(out + n, FLOWS_MAX - n, "%s%s", n ? between : "", text);
        else if (n + 4 < FLOWS_MAX && strcmp(out + n - 3, "...") != 0)
                snprintf(out + n, FLOWS_MAX - n, "...");
}

/* "reading in US, CA; warehouse in US": what rests on this line alone. "": another keeps all open. */
static void closing(const struct policy *p, const struct transfer *t, char out[FLOWS_MAX])
{
        out[0] = 0;
        for (int permission = 0; permission < PERMISSIONS; permission++) {
                char codes[FLOWS_MAX] = "", one[FLOWS_MAX + 24];
                for (size_t k = 0; t->allow >> permission & 1 && k < t->to.n; k++)
                        if (!stays_open(p, t, permission, t->to.v[k]))
                                put(codes, ", ", t->to.v[k]);
                if (!codes[0])
                        continue;
                snprintf(one, sizeof one, "%s in %s", law_permissions[permission], codes);
                put(out, "; ", one);
        }
}

struct dated {
        const struct policy *policy;
        int line;
        int64_t end_us;
        const char *flows; /* "" where none closes */
        bool closes;       /* by its kind: a basis, no review */
};

static void check_date(const struct dated *d, const char *what, int64_t now_us, struct report *report)
{
        static const int64_t steps[] = { 7, 30, 60 };
        const char *file = conf_file(d->policy->conf);
        if (d->end_us == INT64_MAX)
                return;
        if (d->end_us < now_us) {
                report_add(report, REPORT_WARNING, file, d->line, 0,
                           d->closes ? "What rests on it stays at home; renew the basis and its date."
                                     : "Read the policy again with your lawyers and set the next date.",
                           "%s is past%s%s", what, *d->flows ? ": closed are " : "", d->flows);
                return;
        }
        int64_t days = (d->end_us - now_us) / US_PER_DAY;
        for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
                if (days >= steps[i])
                        continue;
                report_add(report, REPORT_WARNING, file, d->line, 0,
                           d->closes ? "What rests on it then stays at home, and cannot be read from there; renew the basis and its date."
                                     : NULL,
                           "%s ends in %" PRId64 " day%s%s%s", what, days, days == 1 ? "" : "s",
                           *d->flows                ? ": then closes "
                           : d->closes              ? ": another line keeps open what it allows"
                                                    : "",
                           d->flows);
                return;
        }
}

void law_check_dates(const struct law *law, int64_t now_us, struct report *report)
{
        for (size_t c = 0; c < law->n_chain; c++) {
                const struct policy *p = law->chain[c];
                char what[256], flows[FLOWS_MAX];
                check_date(&(struct dated){ p, p->review_at.line, p->review_us, "", false }, "the policy's \"review_by\"", now_us,
                           report);
                for (size_t i = 0; i < p->n_transfers; i++) {
                        const struct transfer *t = &p->transfers[i];
                        closing(p, t, flows);
                        snprintf(what, sizeof what, "the basis \"%.200s\"", t->basis);
                        check_date(&(struct dated){ p, t->at.line, t->until_us, flows, true }, what, now_us, report);
                        if (t->filing.signed_day && !t->filing.filed_day) {
                                snprintf(what, sizeof what, "the time to file \"%.200s\"", t->basis);
                                check_date(&(struct dated){ p, t->at.line, t->filing.due_us, flows, true }, what, now_us, report);
                        }
                        snprintf(what, sizeof what, "\"review_by\" of \"%.200s\"", t->basis);
                        check_date(&(struct dated){ p, t->at.line, t->review_us, "", false }, what, now_us, report);
                }
        }
}
