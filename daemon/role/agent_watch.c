/* agent_watch.c - how the region stands, for the hub; and the metrics that no module alone knows. */
#include "agent_watch.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/count.h"
#include "capture/downtime.h"

#define TELL_RATE_US (600 * US_PER_SECOND)

/* ---- For the hub ------------------------------------------------------------ */
static unsigned troubles_of(const struct agent *a, const struct vault_status *vs, const struct pump_status *ps)
{
        const struct {
                bool is;
                enum trouble word;
        } all[] = {
                { vs->failed, TROUBLE_VAULT_FAILED },
                { vs->full, TROUBLE_VAULT_FULL },
                { !a->books.open || !a->books.book, TROUBLE_POLICY_CLOSED },
                { a->books.stale, TROUBLE_POLICY_STALE },
                { ps->trouble[0] != 0, TROUBLE_PUMP },
                { vs->damaged > 0, TROUBLE_DAMAGED },
        };
        unsigned bits = 0;
        for (size_t i = 0; i < sizeof all / sizeof *all; i++)
                if (all[i].is)
                        bits |= 1u << all[i].word;
        return bits;
}

int64_t agent_full_in(const struct agent *a, const struct vault_status *vs)
{
        return clock_now_us() - a->started_us >= TELL_RATE_US && vs->full_in_us > 0 ? vs->full_in_us : 0;
}

/* To the second: nobody needs more of it. */
static struct downtime in_seconds(struct downtime d)
{
        d.from_us -= d.from_us % US_PER_SECOND;
        d.to_us += US_PER_SECOND - 1;
        d.to_us -= d.to_us % US_PER_SECOND;
        return d;
}

static void put_sources(struct standing *s, const struct agent *a)
{
        struct intake_source_status all[SOURCES_MAX];
        s->n_sources = intake_status(a->intake, all, STANDING_SOURCES_MAX);
        for (size_t i = 0; i < s->n_sources; i++) {
                struct standing_source *x = &s->sources[i];
                snprintf(x->name, sizeof x->name, "%s", all[i].name);
                snprintf(x->type, sizeof x->type, "%s", source_type_name(all[i].type));
                x->last_hour_us = all[i].last_us - all[i].last_us % US_PER_HOUR;
        }
}

static void put_policy(struct standing *s, const struct books *b)
{
        const struct signers *by = b->book ? book_signers(b->base ? b->base : b->book) : NULL;
        size_t n = 0;
        s->policy_unsigned = b->unsigned_loosening;
        if (b->waiting.is) {
                s->policy_waits = b->waiting.version;
                s->policy_missing = b->waiting.needed - b->waiting.have.n;
        }
        if (!b->book)
                return;
        snprintf(s->policy, sizeof s->policy, "%s", book_policy(b->book));
        s->policy_since_us = b->since_us - b->since_us % US_PER_SECOND;
        for (size_t i = 0; i < by->n && n + 34 < sizeof s->policy_signed_by; i++)
                n += (size_t)snprintf(s->policy_signed_by + n, sizeof s->policy_signed_by - n, "%s%s", i ? "," : "",
                                      by->list[i].officer);
}

void agent_standing(struct standing *s, const struct agent *a, const struct vault_status *vs,
                    const struct pump_status *ps)
{
        const struct book *b = a->books.book;
        const char *what;
        int64_t end_us;
        *s = (struct standing){
                .release = TRIBUTARY_VERSION,
                .policy_version = b ? book_version(b) : 0,
                .open = a->books.open,
                .stale = a->books.stale,
                .since_us = a->started_us - a->started_us % US_PER_SECOND,
                .hello_every_s = (uint64_t)(a->settings.pump.hello_every_us / US_PER_SECOND),
                .backlog = ps->backlog,
                .in_flight = ps->in_flight,
                .lag_s = (uint64_t)(ps->lag_us / US_PER_SECOND),
                .gaps = ps->gaps,
                .held = count_shown(ps->held),
                .stayed = count_shown(ps->stayed),
                .rejected = count_shown(ps->rejected),
                .damaged = count_shown(vs->damaged),
                .vault_bytes = vs->bytes,
                .vault_max_bytes = vs->max_bytes,
                .full_in_s = agent_full_in(a, vs) > 0 ? agent_full_in(a, vs) / US_PER_SECOND : -1,
                .troubles = troubles_of(a, vs, ps),
        };
        put_policy(s, &a->books);
        if (b && book_next_end(b, clock_now_us(), &end_us, &what) && end_us != INT64_MAX)
                s->basis_ends_us = end_us;
        put_sources(s, a);
        for (size_t i = 0; i < downtimes_count(a->downtimes) && i < STANDING_DOWNTIMES_MAX; i++)
                s->downtimes[s->n_downtimes++] = in_seconds(downtimes_at(a->downtimes, i));
}

/* ---- Metrics ------------------------------------------------------------------ */
enum { FULL, MAX_BYTES, BASIS_ENDS, RECEIPT_AGE, DOWNTIMES, UNFILLED };

#define GAUGE(name, help) { "tributary_" name, METRIC_GAUGE, NULL, help, 0 }
struct metric agent_metrics[] = {
        [FULL] = GAUGE("vault_full", "1 while nothing is accepted for lack of space."),
        [MAX_BYTES] = GAUGE("vault_max_bytes", "Bytes that all segments may take."),
        [BASIS_ENDS] = GAUGE("policy_basis_ends_in_seconds",
                             "Until the next legal basis of a transfer ends or is due for review; absent if none is."),
        [RECEIPT_AGE] = GAUGE("pump_last_receipt_age_seconds",
                              "How long ago the hub was last heard; absent if it was not since the start."),
        [DOWNTIMES] = GAUGE("downtimes", "Gaps of the last 30 days in which senders met a closed door."),
        [UNFILLED] = GAUGE("downtimes_unfilled", "Those of them of which a webhook sent nothing since: have it sent again."),
        METRIC_END
};

#define OF_SOURCE(name, kind, help) { "tributary_source_" name, kind, "source=\"NAME\"", help, 0 }
enum { ACCEPTED, REFUSED, LAST_AGE, PER_SOURCE };
struct metric source_metrics[] = {
        [ACCEPTED] = OF_SOURCE("accepted_total", METRIC_PEOPLE, "Records of this source that are durably in the vault."),
        [REFUSED] = OF_SOURCE("refused_total", METRIC_PEOPLE, "Lines and records of this source that were refused."),
        [LAST_AGE] = OF_SOURCE("last_capture_age_seconds", METRIC_GAUGE,
                               "How long ago the hour of its last capture began; absent if none since the start."),
        METRIC_END
};

/* A row for each kind and source: SOURCES_MAX bounds the labels. */
static struct metric rows[PER_SOURCE * SOURCES_MAX + 1];
static char labels[SOURCES_MAX][64];

void agent_metrics_begin(const struct agent *a)
{
        size_t n = a->settings.n_sources;
        for (size_t i = 0; i < n; i++) {
                snprintf(labels[i], sizeof labels[i], "source=\"%s\"", a->settings.sources[i].name);
                for (size_t k = 0; k < PER_SOURCE; k++) {
                        struct metric *row = &rows[k * n + i];
                        row->name = source_metrics[k].name;
                        row->kind = source_metrics[k].kind;
                        row->label = labels[i];
                        row->help = source_metrics[k].help;
                        metric_set(row, k == LAST_AGE ? METRIC_ABSENT : 0);
                }
        }
        metric_register(agent_metrics);
        metric_register(rows);
}

static void set_sources(const struct agent *a, int64_t now_us)
{
        struct intake_source_status all[SOURCES_MAX];
        size_t n = intake_status(a->intake, all, SOURCES_MAX);
        for (size_t i = 0; i < n; i++) {
                metric_set(&rows[ACCEPTED * n + i], (int64_t)all[i].accepted);
                metric_set(&rows[REFUSED * n + i], (int64_t)all[i].refused);
                if (all[i].last_us)
                        metric_set(&rows[LAST_AGE * n + i],
                                   (now_us - (all[i].last_us - all[i].last_us % US_PER_HOUR)) / US_PER_SECOND);
        }
}

static void set_downtimes(const struct agent *a)
{
        size_t n = downtimes_count(a->downtimes);
        int64_t unfilled = 0;
        for (size_t i = 0; i < n; i++)
                unfilled += downtimes_at(a->downtimes, i).filled == FILLED_NO;
        metric_set(&agent_metrics[DOWNTIMES], (int64_t)n);
        metric_set(&agent_metrics[UNFILLED], unfilled);
}

void agent_metrics_set(const struct agent *a, const struct vault_status *vs, const struct pump_status *ps)
{
        int64_t now_us = clock_now_us(), end_us;
        const char *what;
        bool ends = a->books.book && book_next_end(a->books.book, now_us, &end_us, &what) && end_us != INT64_MAX;
        metric_set(&agent_metrics[FULL], vs->full);
        metric_set(&agent_metrics[MAX_BYTES], (int64_t)vs->max_bytes);
        metric_set(&agent_metrics[BASIS_ENDS], ends ? (end_us - now_us) / US_PER_SECOND : METRIC_ABSENT);
        metric_set(&agent_metrics[RECEIPT_AGE], ps->last_receipt_us ? (now_us - ps->last_receipt_us) / US_PER_SECOND
                                                                    : METRIC_ABSENT);
        set_sources(a, now_us);
        set_downtimes(a);
}
