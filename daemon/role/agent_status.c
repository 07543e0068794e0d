/* agent_status.c - one agent in JSON, beginning with a sentence a person could say. */
#include "agent_status.h"

#include "base/clock.h"
#include "base/json.h"

/* What an operator would say on the phone: the worst thing first. */
static void sentence(char out[512], const struct agent *a, const struct vault_status *vs,
                     const struct pump_status *ps)
{
        const char *code = a->settings.region.code;
        char for_long[CLOCK_TEXT_MAX];
        if (vs->full)
                snprintf(out, 512, "%s accepts nothing: its vault is full.", code);
        else if (!a->books.open || !a->books.book)
                snprintf(out, 512, "%s captures, and nothing leaves: %s.", code,
                         a->books.trouble[0] ? "its policy cannot be read" : "no policy is in force");
        else if (a->books.stale)
                snprintf(out, 512, "%s runs on an older policy set: the newest cannot be read.", code);
        else if (!ps->kafka_up)
                snprintf(out, 512, "%s captures; Kafka cannot be reached, %llu entries wait.", code,
                         (unsigned long long)ps->backlog);
        else if (ps->closed)
                snprintf(out, 512, "%s captures; its pump begins, %llu entries wait.", code,
                         (unsigned long long)ps->backlog);
        else if (ps->backlog || ps->in_flight)
                snprintf(out, 512, "%s is well; %llu entries wait, %llu are on their way.", code,
                         (unsigned long long)ps->backlog, (unsigned long long)ps->in_flight);
        else
                snprintf(out, 512, "%s is well; everything that may leave has arrived (up %s).", code,
                         duration_format(for_long, clock_now_us() - a->started_us));
}

static void put_position(struct json_out *o, const char *key, struct position p)
{
        json_open(o, key, '{');
        json_put_uint(o, "epoch", p.epoch);
        json_put_uint(o, "seq", p.seq);
        json_close(o, '}');
}

static void put_policy(struct json_out *o, const struct books *b)
{
        json_open(o, "policy", '{');
        json_put_text(o, "name", b->book ? book_policy(b->book) : NULL);
        json_put_int(o, "version", b->book ? book_version(b->book) : 0);
        json_put_text(o, "protects_class", b->book ? book_class(b->book) : NULL);
        if (b->book)
                json_put_time(o, "since", b->since_us);
        else
                json_put_null(o, "since");
        json_put_bool(o, "open", b->open);
        json_put_bool(o, "stale", b->stale);
        json_put_text(o, "trouble", b->trouble[0] ? b->trouble : NULL);
        int64_t at;
        const char *what;
        if (b->book && book_next_end(b->book, clock_now_us(), &at, &what)) {
                json_put_time(o, "next_end", at);
                json_put_text(o, "next_end_of", what);
        }
        json_close(o, '}');
}

static void put_vault(struct json_out *o, const struct agent *a, const struct vault_status *vs)
{
        json_open(o, "vault", '{');
        json_put_uint(o, "bytes", vs->bytes);
        json_put_uint(o, "max_bytes", vs->max_bytes);
        json_put_uint(o, "segments", vs->segments);
        json_put_uint(o, "subjects", vs->subjects);
        json_put_uint(o, "damaged", vs->damaged + a->found.damaged_entries);
        json_put_uint(o, "torn_at_start", a->found.torn_entries);
        json_put_bool(o, "full", vs->full);
        if (vs->bytes_per_hour && vs->max_bytes > vs->bytes)
                json_put_double(o, "full_in_hours",
                                (double)(vs->max_bytes - vs->bytes) / (double)vs->bytes_per_hour);
        put_position(o, "mark", vs->mark);
        json_close(o, '}');
}

static void put_pump(struct json_out *o, const struct pump_status *ps)
{
        json_open(o, "pump", '{');
        json_put_bool(o, "closed", ps->closed);
        json_put_bool(o, "kafka_up", ps->kafka_up);
        put_position(o, "cursor", ps->cursor);
        put_position(o, "judged", ps->judged);
        json_put_uint(o, "backlog", ps->backlog);
        json_put_uint(o, "held", ps->held);
        json_put_uint(o, "stayed", ps->stayed);
        json_put_uint(o, "sent", ps->sent);
        json_put_uint(o, "in_flight", ps->in_flight);
        json_put_uint(o, "gaps", ps->gaps);
        if (ps->last_receipt_us)
                json_put_time(o, "last_receipt", ps->last_receipt_us);
        else
                json_put_null(o, "last_receipt");
        json_put_text(o, "trouble", ps->trouble[0] ? ps->trouble : NULL);
        json_close(o, '}');
}

static void put_decisions(struct json_out *o, const struct agent *a)
{
        struct pump_reason all[PUMP_REASONS_MAX];
        size_t n = pump_reasons(a->pump, all, PUMP_REASONS_MAX);
        json_open(o, "decisions", '[');
        for (size_t i = 0; i < n; i++) {
                json_open(o, NULL, '{');
                json_put_text(o, "outcome", all[i].outcome);
                json_put_text(o, "file", all[i].file);
                json_put_int(o, "line", all[i].line);
                json_put_text(o, "rule", all[i].rule);
                json_put_text(o, "because", all[i].because);
                json_put_uint(o, "count", all[i].entries);
                json_close(o, '}');
        }
        json_close(o, ']');
}

static void put_sources(struct json_out *o, const struct agent *a)
{
        struct intake_source_status all[SOURCES_MAX];
        size_t n = intake_status(a->intake, all, SOURCES_MAX);
        json_open(o, "sources", '[');
        for (size_t i = 0; i < n; i++) {
                json_open(o, NULL, '{');
                json_put_text(o, "name", all[i].name);
                json_put_text(o, "type", source_type_name(all[i].type));
                json_put_uint(o, "accepted", all[i].accepted);
                json_put_uint(o, "refused", all[i].refused);
                json_put_uint(o, "discarded_pieces", all[i].discarded_pieces);
                json_put_uint(o, "counted_only", all[i].counted_only);
                if (all[i].last_us)
                        json_put_time(o, "last", all[i].last_us);
                else
                        json_put_null(o, "last");
                json_close(o, '}');
        }
        json_close(o, ']');
}

void agent_status(void *agent, struct buf *out)
{
        const struct agent *a = agent;
        struct vault_status vs;
        struct pump_status ps;
        struct json_out o;
        char said[512];

        vault_status(a->vault, &vs);
        pump_status(a->pump, &ps);
        sentence(said, a, &vs, &ps);
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
        put_vault(&o, a, &vs);
        put_pump(&o, &ps);
        put_decisions(&o, a);
        put_sources(&o, a);
        json_close(&o, '}');
}
