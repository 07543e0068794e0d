/* leaving.c - a record as it would leave. */
#include "leaving.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "policy/explain.h"

enum { ARENA_MAX = 64 << 20, VALUE_MAX = 2 << 20 };

bool leaving_open(struct leaving *l, const struct deployment *d, struct report *report)
{
        *l = (struct leaving){ .settings = calloc(1, sizeof *l->settings), .arena = arena_new(ARENA_MAX) };
        if (!l->settings || !l->arena || !hub_settings_read(&l->hub, d->regions, report) ||
            !agent_settings_read(l->settings, d->regions, d->region, &l->hub, report))
                return false;
        struct book_spec spec = { d->policies, &l->settings->region, &l->hub.hub };
        if (!book_load(&l->book, &spec, report))
                return false;
        l->discarder = discarder_new(l->book);
        l->judge = judge_new(l->book);
        if (l->discarder && l->judge)
                return true;
        report_add(report, REPORT_ERROR, NULL, 0, 0, NULL, "out of memory");
        return false;
}

void leaving_close(struct leaving *l)
{
        judge_free(l->judge);
        discarder_free(l->discarder);
        book_drop(l->book);
        if (l->settings)
                agent_settings_clear(l->settings);
        free(l->settings);
        hub_settings_clear(&l->hub);
        arena_free(l->arena);
}

void leaving_print(struct slice s)
{
        for (size_t i = 0; i < s.n; i++) {
                unsigned char c = (unsigned char)s.p[i];
                bool c1 = c == 0xc2 && i + 1 < s.n && (unsigned char)s.p[i + 1] < 0xa0; /* U+0080 to U+009F */
                if (c == '\n')
                        fputs("\\n", stdout);
                else
                        putchar(c < ' ' || c == 0x7f || c1 ? '?' : c);
                i += c1;
        }
}

/* ---- One field ------------------------------------------------------------------ */

struct saying {
        struct json_out *json;
        struct buf value, dropped;
};

static void say_field(struct saying *s, enum field f, bool leaves)
{
        if (!leaves) {
                buf_printf(&s->dropped, "%s%s", s->dropped.n ? ", " : "", field_name(f));
        } else if (s->json) {
                json_put_string(s->json, field_name(f), buf_slice(&s->value));
        } else {
                printf("    %-16s ", field_name(f));
                leaving_print(buf_slice(&s->value));
                putchar('\n');
        }
}

/* The id never leaves as such: its keyed digest does. */
static void say_fields(struct saying *s, const struct record *before, const struct message_record *after)
{
        for (int f = 0; f < FIELDS; f++) {
                buf_reset(&s->value);
                bool had = explain_value(before, (enum field)f, &s->value);
                bool has = explain_left(after, (enum field)f, SLICE_NONE, &s->value);
                if (had || has)
                        say_field(s, (enum field)f, has);
        }
}

static void say_redactions(struct saying *s, const struct message_record *m)
{
        if (s->json)
                json_open(s->json, "redactions", '[');
        else if (m->n_redactions)
                printf("    %-16s ", "cleaned");
        for (size_t i = 0; i < m->n_redactions; i++) {
                const struct redaction *x = &m->redactions[i];
                if (s->json) {
                        json_open(s->json, NULL, '{');
                        json_put_string(s->json, "field", x->field);
                        json_put_string(s->json, "what", x->what);
                        json_put_string(s->json, "action", x->action);
                        json_put_uint(s->json, "count", x->count);
                        json_close(s->json, '}');
                } else {
                        printf("%s%.*s in %.*s %.*s (%u)", i ? ", " : "", SLICE_ARG(x->what), SLICE_ARG(x->field),
                               SLICE_ARG(x->action), (unsigned)x->count);
                }
        }
        if (s->json)
                json_close(s->json, ']');
        else if (m->n_redactions)
                putchar('\n');
}

static void say_leaving(struct saying *s, const struct leaving *l, const char *source, const struct record *before,
                        const struct judgement *said)
{
        struct envelope e = { .region = slice_of(l->settings->region.code), .has_subject = true, .has_thread_key = true };
        struct message m;
        buf_init(&s->value, VALUE_MAX);
        buf_init(&s->dropped, 4096);
        approved_message(said->approved, &e, &m);
        const char *subject = m.record.has_subject ? "a pseudonym" : "none";
        if (s->json)
                json_open(s->json, "leaves", '{');
        say_fields(s, before, &m.record);
        if (s->json)
                json_close(s->json, '}');
        else
                printf("    %-16s source %s, hour of capture, keyed digest of its id; subject: %s\n", "and always", source,
                       subject);
        say_redactions(s, &m.record);
        if (s->json) {
                json_put_text(s->json, "subject", subject);
                json_put_string(s->json, "stays_at_home", buf_slice(&s->dropped));
        } else if (s->dropped.n) {
                printf("    %-16s %s\n", "stays at home", s->dropped.p);
        }
        buf_clear(&s->value);
        buf_clear(&s->dropped);
}

/* ---- One record ------------------------------------------------------------------ */

static void say_decision(struct saying *s, int64_t line, const struct judgement *j, uint32_t pieces)
{
        if (s->json) {
                json_put_text(s->json, "decision", decision_name(j->decision));
                json_put_text(s->json, "file", j->file);
                json_put_int(s->json, "policy_line", j->line);
                json_put_text(s->json, "rule", j->rule);
                json_put_text(s->json, "because", j->because);
                json_put_uint(s->json, "discarded", pieces);
                return;
        }
        static const char *const means[] = { "", " (a person looks first)", " (at home only)" };
        printf("  line %lld: %s%s, by %s:%d %s%s%s\n", (long long)line, decision_name(j->decision), means[j->decision],
               j->file, j->line, j->rule, j->because[0] ? ": " : "", j->because);
        if (pieces)
                printf("    %-16s %u, before anything is stored\n", "removed", (unsigned)pieces);
}

bool leaving_say(struct leaving *l, const char *source, int64_t line, const struct record *r,
                 struct json_out *json, struct err *err)
{
        struct saying s = { .json = json };
        struct record kept = *r;
        struct judgement said;
        struct answers asked;
        uint32_t pieces = 0;
        int64_t now = clock_now_us();
        arena_reset(l->arena);
        if (!policy_discard(l->discarder, &kept, l->arena, &pieces, err) ||
            !policy_ask(l->judge, now, &kept, l->arena, &asked, err))
                return false;
        answers_assume(&asked, &ASSUMED_OPEN); /* as when there are many */
        if (!policy_judge(l->judge, now, &kept, slice_of(source), now, &asked, l->arena, &said, err))
                return false;
        l->by_decision[said.decision]++;
        if (json) {
                json_open(json, NULL, '{');
                json_put_int(json, "line", line);
        }
        say_decision(&s, line, &said, pieces);
        if (said.decision == DECISION_GO)
                say_leaving(&s, l, source, r, &said);
        if (json)
                json_close(json, '}');
        return true;
}
