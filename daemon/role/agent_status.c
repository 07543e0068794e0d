/* agent_status.c - one agent in JSON, beginning with a sentence a person could say. */
#include "agent_status.h"

#include <string.h>

#include "agent_account.h"
#include "agent_counters.h"
#include "agent_reapply.h"
#include "agent_watch.h"
#include "base/clock.h"
#include "base/count.h"
#include "base/json.h"
#include "base/text.h"
#include "capture/downtime.h"

/* A count of what became of people's records: as it is, or as it may be shown. */
static void put_count(struct json_out *o, const char *key, uint64_t n, bool exact)
{
        json_put_uint(o, key, exact ? n : count_shown(n));
}

/* 0: none. */
static void put_time(struct json_out *o, const char *key, int64_t us)
{
        if (us)
                json_put_time(o, key, us);
        else
                json_put_null(o, key);
}

static void put_position(struct json_out *o, const char *key, struct position p)
{
        json_open(o, key, '{');
        json_put_uint(o, "epoch", p.epoch);
        json_put_uint(o, "seq", p.seq);
        json_close(o, '}');
}

static void put_signers(struct json_out *o, const char *key, const struct signers *s)
{
        json_open(o, key, '[');
        for (size_t i = 0; i < s->n; i++)
                json_put_text(o, NULL, s->list[i].officer);
        json_close(o, ']');
}

static void put_change(struct json_out *o, const struct change *c)
{
        json_open(o, NULL, '{');
        json_put_text(o, "file", *c->new_file ? c->new_file : c->old_file);
        json_put_int(o, "line", *c->new_file ? c->new_line : c->old_line);
        json_put_int(o, "line_before", c->old_line);
        json_put_text(o, "text", c->text);
        json_close(o, '}');
}

/* The set that may not be in force yet, and what of it is looser. */
static void put_waiting(struct json_out *o, const struct books *b)
{
        const struct waiting *w = &b->waiting;
        char hash[65];
        if (!w->is) {
                json_put_null(o, "waiting");
                return;
        }
        hex_encode(hash, w->hash, sizeof w->hash);
        json_open(o, "waiting", '{');
        json_put_text(o, "name", w->policy);
        json_put_int(o, "version", w->version);
        json_put_bool(o, "first", !b->base);
        json_put_text(o, "set", hash);
        json_put_uint(o, "signatures_needed", w->needed);
        put_signers(o, "signed_by", &w->have);
        json_open(o, "looser", '[');
        for (size_t i = 0; w->changes && i < changes_size(w->changes); i++)
                if (changes_at(w->changes, i)->kind == CHANGE_LOOSER)
                        put_change(o, changes_at(w->changes, i));
        json_close(o, ']');
        json_close(o, '}');
}

static void put_policy(struct json_out *o, const struct books *b)
{
        json_open(o, "policy", '{');
        json_put_text(o, "name", b->book ? book_policy(b->book) : NULL);
        json_put_int(o, "version", b->book ? book_version(b->book) : 0);
        json_put_text(o, "protects_class", b->book ? book_class(b->book) : NULL);
        if (b->book && b->since_us)
                json_put_time(o, "since", b->since_us);
        else
                json_put_null(o, "since");
        json_put_bool(o, "open", b->open);
        json_put_bool(o, "stale", b->stale);
        json_put_text(o, "trouble", b->trouble[0] ? b->trouble : NULL);
        if (b->base || b->book)
                put_signers(o, "signed_by", book_signers(b->base ? b->base : b->book));
        json_put_bool(o, "officers", b->base && book_has_officers(b->base));
        json_put_bool(o, "unsigned_loosening", b->unsigned_loosening);
        put_waiting(o, b);
        int64_t at;
        const char *what;
        if (b->book && book_next_end(b->book, clock_now_us(), &at, &what)) {
                json_put_time(o, "next_end", at);
                json_put_text(o, "next_end_of", what);
        }
        json_close(o, '}');
}

static void put_vault(struct json_out *o, const struct agent *a, const struct vault_status *vs, bool exact)
{
        json_open(o, "vault", '{');
        json_put_uint(o, "bytes", vs->bytes);
        json_put_uint(o, "max_bytes", vs->max_bytes);
        json_put_uint(o, "backlog_bytes", vs->backlog_bytes);
        json_put_uint(o, "history_bytes", vs->history_bytes);
        json_put_uint(o, "free_bytes", vs->free_bytes);
        json_put_uint(o, "segments", vs->segments);
        put_count(o, "subjects", vs->subjects, exact);
        put_count(o, "damaged", vs->damaged + a->found.damaged_entries, exact);
        put_count(o, "torn_at_start", a->found.torn_entries, exact);
        json_put_bool(o, "full", vs->full);
        json_put_bool(o, "failed", vs->failed);
        int64_t full_in_us = agent_full_in(a, vs);
        if (full_in_us > 0) {
                json_put_int(o, "full_in_s", full_in_us / US_PER_SECOND);
                json_put_double(o, "full_in_hours", (double)full_in_us / (double)US_PER_HOUR);
                json_put_bool(o, "disk_first", vs->disk_first);
        }
        put_time(o, "next_due", vs->next_due_us);
        json_put_uint(o, "periods_destroyed", vs->periods_destroyed);
        put_count(o, "without_receipt", vs->without_receipt, exact);
        json_put_bool(o, "reserve_ok", vs->reserve_ok);
        json_put_text(o, "clock", vs->clock[0] ? vs->clock : NULL);
        json_put_bool(o, "clock_off", vs->clock_off);
        put_position(o, "mark", vs->mark);
        json_close(o, '}');
}

static void put_pump(struct json_out *o, const struct pump_status *ps, bool exact)
{
        json_open(o, "pump", '{');
        json_put_bool(o, "closed", ps->closed);
        json_put_bool(o, "kafka_up", ps->kafka_up);
        json_put_bool(o, "learning", ps->learning);
        put_position(o, "cursor", ps->cursor);
        put_position(o, "judged", ps->judged);
        json_put_uint(o, "backlog", ps->backlog);
        json_put_int(o, "lag_s", ps->lag_us / US_PER_SECOND);
        put_count(o, "held", ps->held, exact);
        put_count(o, "stayed", ps->stayed, exact);
        put_count(o, "sent", ps->sent, exact);
        put_count(o, "rejected", ps->rejected, exact);
        json_put_uint(o, "in_flight", ps->in_flight);
        json_put_uint(o, "gaps", ps->gaps);
        json_put_uint(o, "residual", ps->residual);
        put_time(o, "last_receipt", ps->last_receipt_us);
        put_time(o, "people_since", ps->people_since_us);
        json_put_text(o, "trouble", ps->trouble[0] ? ps->trouble : NULL);
        json_close(o, '}');
}

static void put_decision(struct json_out *o, const struct pump_reason *r)
{
        json_open(o, NULL, '{');
        json_put_text(o, "outcome", r->outcome);
        json_put_text(o, "file", r->file);
        json_put_int(o, "line", r->line);
        json_put_text(o, "rule", r->rule);
        json_put_text(o, "because", r->because);
        json_put_uint(o, "count", r->entries);
        json_close(o, '}');
}

/* Lines that decided over few are one row an outcome: a line on health that held one record says
 * who is ill to whoever knows who wrote. */
static void put_merged(struct json_out *o, const char *outcome, const struct pump_reason *all, size_t n)
{
        uint64_t counts[PUMP_REASONS_MAX];
        bool merged[PUMP_REASONS_MAX];
        for (size_t i = 0; i < n; i++)
                counts[i] = strcmp(all[i].outcome, outcome) == 0 ? all[i].entries : 0;
        struct pump_reason others = { .outcome = outcome, .rule = "(others)",
                                      .entries = count_shown(count_merge(counts, merged, n)) };
        for (size_t i = 0; i < n; i++)
                if (counts[i] && !merged[i])
                        put_decision(o, &all[i]);
        if (others.entries)
                put_decision(o, &others);
}

static void put_decisions(struct json_out *o, const struct agent *a, bool exact)
{
        struct pump_reason all[PUMP_REASONS_MAX];
        size_t n = pump_reasons(a->pump, all, PUMP_REASONS_MAX);
        json_open(o, "decisions", '[');
        for (size_t i = 0; i < n; i++) {
                bool first = true;
                for (size_t k = 0; k < i; k++)
                        first &= strcmp(all[k].outcome, all[i].outcome) != 0;
                if (exact)
                        put_decision(o, &all[i]);
                else if (first)
                        put_merged(o, all[i].outcome, all, n);
        }
        json_close(o, ']');
}

static void put_sources(struct json_out *o, const struct agent *a, bool exact)
{
        struct intake_source_status all[SOURCES_MAX];
        size_t n = intake_status(a->intake, all, SOURCES_MAX);
        json_open(o, "sources", '[');
        for (size_t i = 0; i < n; i++) {
                json_open(o, NULL, '{');
                json_put_text(o, "name", all[i].name);
                json_put_text(o, "type", source_type_name(all[i].type));
                put_count(o, "accepted", all[i].accepted, exact);
                put_count(o, "refused", all[i].refused, exact);
                put_count(o, "discarded_pieces", all[i].discarded_pieces, exact);
                put_count(o, "counted_only", all[i].counted_only, exact);
                put_time(o, "last", exact ? all[i].last_us : all[i].last_us - all[i].last_us % US_PER_HOUR);
                json_close(o, '}');
        }
        json_close(o, ']');
}

/* A name that few records had is one of the others, like a count of few. */
static void put_strangers(struct json_out *o, const struct agent *a, bool exact)
{
        struct stranger all[STRANGERS_MAX];
        uint64_t others;
        char line[STRANGER_LINE];
        size_t n = strangers_list(intake_strangers(a->intake), all, STRANGERS_MAX, &others);
        json_open(o, "strangers", '[');
        for (size_t i = 0; i < n; i++) {
                if (!exact && count_shown(all[i].records) != all[i].records) {
                        others += all[i].records;
                        continue;
                }
                stranger_line(&all[i], line);
                json_open(o, NULL, '{');
                json_put_text(o, "source", all[i].source);
                json_put_text(o, "field", all[i].name);
                put_count(o, "records", all[i].records, exact);
                put_time(o, "first", exact ? all[i].first_us : all[i].first_us - all[i].first_us % US_PER_HOUR);
                json_put_text(o, "write", line[0] ? line : NULL);
                json_close(o, '}');
        }
        json_close(o, ']');
        put_count(o, "strangers_others", others, exact);
}

static void put_downtime(struct json_out *o, const struct agent *a, size_t i, bool exact)
{
        struct downtime d = downtimes_at(a->downtimes, i);
        json_open(o, NULL, '{');
        json_put_time(o, "from", d.from_us);
        json_put_time(o, "to", d.to_us);
        json_put_text(o, "why", downtime_why_name(d.why));
        json_put_text(o, "filled", downtime_filled_name(d.filled));
        json_open(o, "sources", '[');
        for (size_t k = 0; k < a->settings.n_sources; k++) {
                enum downtime_filled filled;
                uint64_t came;
                if (!downtimes_of_source(a->downtimes, i, k, &filled, &came))
                        continue;
                json_open(o, NULL, '{');
                json_put_text(o, "name", a->settings.sources[k].name);
                json_put_text(o, "filled", downtime_filled_name(filled));
                put_count(o, "came_since", came, exact);
                json_close(o, '}');
        }
        json_close(o, ']');
        json_close(o, '}');
}

static void put_downtimes(struct json_out *o, const struct agent *a, bool exact)
{
        json_open(o, "downtimes", '[');
        for (size_t i = 0; i < downtimes_count(a->downtimes); i++)
                put_downtime(o, a, i, exact);
        json_close(o, ']');
}

void agent_status(void *agent, bool exact, struct buf *out)
{
        const struct agent *a = agent;
        struct vault_status vs;
        struct pump_status ps;
        struct json_out o;
        char said[SENTENCE_MAX];

        vault_status(a->vault, &vs);
        pump_status(a->pump, &ps);
        agent_sentence(said, a, &vs, &ps);
        json_out_init(&o, out);
        json_open(&o, NULL, '{');
        json_put_text(&o, "sentence", said);
        json_put_int(&o, "version", 1);
        json_put_text(&o, "region", a->settings.region.code);
        json_put_text(&o, "release", TRIBUTARY_VERSION);
        json_put_time(&o, "started", a->started_us);
        json_put_int(&o, "port", a->listener ? listener_port(a->listener) : 0);
        json_put_int(&o, "internal_port", control_port(a->control));
        put_policy(&o, &a->books);
        json_put_bool(&o, "exact", exact); /* false: counts of 1 to 4 are shown as 5 */
        put_vault(&o, a, &vs, exact);
        put_pump(&o, &ps, exact);
        agent_put_reapply(&o, a->pump);
        agent_put_account(&o, a->pump, exact);
        agent_put_counters(&o, a->pump, exact);
        put_decisions(&o, a, exact);
        put_sources(&o, a, exact);
        put_strangers(&o, a, exact);
        put_downtimes(&o, a, exact);
        json_close(&o, '}');
}

void agent_policy(void *agent, bool exact, struct buf *out)
{
        const struct agent *a = agent;
        struct json_out o;

        json_out_init(&o, out);
        json_open(&o, NULL, '{');
        json_put_int(&o, "version", 1);
        json_put_text(&o, "region", a->settings.region.code);
        json_put_text(&o, "release", TRIBUTARY_VERSION);
        put_policy(&o, &a->books);
        json_put_bool(&o, "exact", exact);
        put_decisions(&o, a, exact);
        agent_put_reapply(&o, a->pump);
        json_close(&o, '}');
}
