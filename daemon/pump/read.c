/* read.c - entries of the vault, in order: what becomes of each, and which message says so.
 *
 * Here the gate is crossed: a record's content leaves only as what policy_judge() approved. A
 * delete, a retract and an erasure carry no content and always go.                        */
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "pump_private.h"

/* ---- What an entry is -------------------------------------------------- */
static void describe(struct slot *s, const struct vault_entry *e)
{
        s->what = SLOT_ENTRY;
        s->kind = e->kind;
        s->at = e->at;
        s->counts = e->kind == ENTRY_RECORD;
        s->hour_us = hour_of(e->captured_us);
        s->period = e->period;
        s->captured_us = e->captured_us;
        /* A damaged entry may not even say where it came from. */
        snprintf(s->source, sizeof s->source, "%.*s", SLICE_ARG(e->source.n ? e->source : SLICE("unknown")));
        memcpy(s->record_key, e->record_key, sizeof s->record_key);
}

static void keep(struct pump *p, struct slot *s, enum outcome o, const struct judgement *j)
{
        s->outcome = o;
        s->verdict = calloc(1, sizeof *s->verdict);
        if (!s->verdict)
                return; /* the line is missing then, the outcome is not */
        snprintf(s->verdict->file, sizeof s->verdict->file, "%s", j->file ? j->file : "");
        snprintf(s->verdict->rule, sizeof s->verdict->rule, "%s", j->rule ? j->rule : "");
        snprintf(s->verdict->because, sizeof s->verdict->because, "%s", j->because ? j->because : "");
        s->verdict->line = j->line;
        s->verdict->policy_version = book_version(p->book);
}

/* ---- Messages ---------------------------------------------------------- */
static struct message retract_of(const struct pump *p, const struct vault_entry *e,
                                 const struct record *r)
{
        struct message m = {
                .type = MESSAGE_RETRACT,
                .region = slice_of(p->spec.region),
                .at = e->at,
                .captured_us = e->captured_us,
                .record = { .source = e->source, .hour_us = hour_of(e->captured_us),
                            .judged = p->judged },
        };
        memcpy(m.record.record_key, e->record_key, sizeof m.record.record_key);
        m.record.fields.revision = r->revision;
        m.record.fields.deleted = r->deleted;
        return m;
}

static int32_t partition_of(const struct pump *p, const uint8_t record_key[16])
{
        return message_partition(record_key, p->n_streams);
}

/* back: the entry itself went out, and counts as sent no more. */
static bool send_retract(struct pump *p, struct slot *s, const struct vault_entry *e,
                         const struct record *r, bool back, struct err *err)
{
        struct message m = retract_of(p, e, r);
        m.record.taken_back = back;
        return send_message(p, s, partition_of(p, e->record_key), &m, err);
}

/* An older revision must not stand at the hub where the newest may not: unless there is none. */
static bool none_is_out(const struct pump *p, const struct record *r)
{
        return r->first || !(p->let_out >> r->kind & 1);
}

/* What is judged again may itself be out. Or what came before it is from now on: kept when its kind never
 * left, it was followed by no retract then. */
static bool is_out(const struct pump *p, const struct slot *s, bool *out, struct err *err)
{
        enum outcome before = OUTCOME_HELD;
        if (position_compare(s->at, p->cursor) <= 0 && !state_outcome(p->state, s->at, &before, err))
                return false;
        *out = before == OUTCOME_SENT;
        return true;
}

/* An earlier run may have sent it by another set, and what was purged then, or died with the process,
 * may have arrived all the same. */
static bool is_in_doubt(const struct pump *p, const struct slot *s, const struct record *r)
{
        if (s->again)
                return position_compare(s->at, p->reapply.doubt) <= 0 && p->let_out >> r->kind & 1;
        return position_compare(s->at, p->cursor) > 0 && position_compare(s->at, p->doubt) <= 0 &&
               p->doubt_kinds >> r->kind & 1;
}

static bool send_kept(struct pump *p, struct slot *s, const struct vault_entry *e,
                      const struct record *r, struct err *err)
{
        bool out = false;
        if (!is_out(p, s, &out, err))
                return false;
        out = out || is_in_doubt(p, s, r);
        if (!out && none_is_out(p, r))
                return true;
        s->retract = true;
        metric_add(&pump_metrics[PUMP_RETRACTED], 1);
        return send_retract(p, s, e, r, out, err);
}

static void envelope_of(struct pump *p, const struct vault_entry *e, const struct record *r,
                        struct envelope *out)
{
        struct slice thread = r->text[FIELD_THREAD];
        *out = (struct envelope){ .region = slice_of(p->spec.region), .at = e->at, .judged = p->judged,
                                  .has_subject = e->subject != 0, .has_thread_key = thread.p != NULL };
        memcpy(out->record_key, e->record_key, sizeof out->record_key);
        if (out->has_subject)
                keyer_pseudonym(p->keyer, e->subject, e->times_erased, out->subject);
        if (out->has_thread_key)
                keyer_thread_key(p->keyer, e->source, thread, out->thread_key);
}

static bool send_approved(struct pump *p, struct slot *s, const struct vault_entry *e,
                          const struct record *r, const struct judgement *j, struct err *err)
{
        struct envelope env;
        struct message m;
        envelope_of(p, e, r, &env);
        approved_message(j->approved, &env, &m);
        if (!send_message(p, s, partition_of(p, e->record_key), &m, err))
                return false;
        s->outcome = OUTCOME_SENT;
        s->has_subject = m.record.has_subject;
        s->subject = e->subject;
        s->times_erased = e->times_erased;
        memcpy(s->pseudonym, m.record.subject, sizeof s->pseudonym);
        return true;
}

/* ---- Records ----------------------------------------------------------- */
static bool is_too_large(const struct pump *p, struct position at)
{
        for (size_t i = 0; i < p->n_too_large; i++)
                if (position_compare(p->too_large[i], at) == 0)
                        return true;
        return false;
}

static const struct judgement too_large = { .decision = DECISION_HOLD, .rule = "too_large",
                                            .because = "" };

static const struct judgement residual = { .decision = DECISION_HOLD, .rule = "residual",
                                           .because = "what is masked stood in the message still" };

/* A defect of ours: found in what was about to leave, by the judge's own second look. */
static void tell_residual(struct pump *p, const struct vault_entry *e, struct err *err)
{
        metric_add(&pump_metrics[PUMP_RESIDUAL], 1);
        p->residual++;
        log_error("pump", "a record is held, since what is masked stood in its message still: a defect, please report it",
                  "found=\"%s\" source=%.*s epoch=%llx seq=%llu", err->text, SLICE_ARG(e->source),
                  (unsigned long long)e->at.epoch, (unsigned long long)e->at.seq);
        err_clear(err);
}

static enum outcome outcome_of(const struct judgement *j)
{
        return j->decision == DECISION_GO ? OUTCOME_SENT : j->decision == DECISION_STAY ? OUTCOME_STAYED : OUTCOME_HELD;
}

/* What the record asks is looked up first; that needs no more room than judging does. */
static bool judge(struct pump *p, const struct vault_entry *e, const struct record *r, struct answers *asked,
                  struct judgement *j, struct err *err)
{
        int64_t now_us = clock_now_us();
        asked->n = 0;
        *j = too_large;
        if (is_too_large(p, e->at))
                return true;
        if (!policy_ask(p->judge, now_us, r, p->arena, asked, err))
                return err->kind == ERR_FULL;
        if (!counts_answer(&p->counts, e, r, asked, err))
                return false;
        if (policy_judge(p->judge, now_us, r, e->source, e->captured_us, asked, p->arena, j, err))
                return true;
        *j = too_large;
        return err->kind == ERR_FULL;
}

/* Before the record is sent, or kept: who shares what, and who is counted. What is read in order shares
 * a transaction, see read_entries(). */
static bool count(struct pump *p, const struct slot *s, const struct vault_entry *e, const struct record *r,
                  struct answers *asked, const struct judgement *j, struct err *err)
{
        return counts_note(&p->counts, e, asked, err) &&
               (j->decision != DECISION_GO || counts_admit(&p->counts, e, r, asked, j->counts, err)) &&
               (!s->again || counts_flush(&p->counts, err));
}

static bool judge_record(struct pump *p, struct slot *s, const struct vault_entry *e,
                         const struct record *r, struct err *err)
{
        struct answers asked;
        struct judgement j;
        if (!judge(p, e, r, &asked, &j, err) || !count(p, s, e, r, &asked, &j, err))
                return false;
        if (j.decision == DECISION_GO) {
                if (send_approved(p, s, e, r, &j, err))
                        return true;
                if (err->kind != ERR_DATA && err->kind != ERR_DENIED)
                        return false;
                j = err->kind == ERR_DENIED ? residual : too_large;
                if (err->kind == ERR_DENIED)
                        tell_residual(p, e, err);
        }
        keep(p, s, outcome_of(&j), &j);
        return send_kept(p, s, e, r, err);
}

static bool read_record(struct pump *p, struct slot *s, const struct vault_entry *e, struct err *err)
{
        struct record r;
        arena_reset(p->arena);
        if (!record_unflatten(&r, p->arena, e->plain, err)) {
                keep(p, s, OUTCOME_DAMAGED, &(struct judgement){ .rule = "damaged" });
                return true;
        }
        if (!meet_record(p, &r, err))
                return false;
        if (!r.deleted)
                return judge_record(p, s, e, &r, err);
        s->outcome = OUTCOME_SENT;
        return send_retract(p, s, e, &r, false, err);
}

static bool read_erasure(struct pump *p, struct slot *s, const struct vault_entry *e, struct err *err)
{
        struct message m = { .type = MESSAGE_ERASE, .region = slice_of(p->spec.region), .at = e->at };
        if (!erasure_unpack(&m.erase, e->plain, err)) {
                log_err(LOG_LEVEL_ERROR, "pump", "erasure cannot be read", err);
                return true;
        }
        memcpy(s->record_key, m.erase.request, sizeof s->record_key);
        return send_message(p, s, 0, &m, err);
}

/* An entry of which nothing became: its slot would count as done. It is read anew, in a new run. */
static bool not_taken(struct pump *p)
{
        window_take_back(&p->window);
        run_end(p);
        return false;
}

/* ---- Judged again ------------------------------------------------------- */
static bool only_judge(struct pump *p, struct slot *s, const struct vault_entry *e, const struct record *r,
                       struct err *err)
{
        struct answers asked;
        struct judgement j;
        if (!judge(p, e, r, &asked, &j, err))
                return false;
        s->outcome = outcome_of(&j);
        return true;
}

static int passed_as(enum vault_read what)
{
        return what == VAULT_ERASED ? PASSED_ERASED : what == VAULT_EXPIRED ? PASSED_EXPIRED : PASSED_DAMAGED;
}

bool read_again(struct pump *p, enum vault_read what, const struct vault_entry *e, bool dry, struct err *err)
{
        struct record r;
        struct slot *s = window_put(&p->window);
        describe(s, e);
        s->again = true;
        s->counts = false; /* reapply_slot() does */
        s->passed = -1;
        arena_reset(p->arena);
        if (what != VAULT_ENTRY)
                s->passed = passed_as(what);
        else if (!record_unflatten(&r, p->arena, e->plain, err))
                s->passed = PASSED_DAMAGED;
        else if (r.deleted)
                s->passed = PASSED_DELETE;
        if (s->passed >= 0)
                return true;
        s->record = r.kind;
        return (dry ? only_judge(p, s, e, &r, err) : judge_record(p, s, e, &r, err)) || not_taken(p);
}

/* ---- Entries ----------------------------------------------------------- */
static void unreadable(struct pump *p, struct slot *s, enum outcome o)
{
        metric_add(&pump_metrics[PUMP_UNREADABLE], 1);
        keep(p, s, o, &(struct judgement){ .rule = outcome_name(o) });
}

static bool take_entry(struct pump *p, enum vault_read what, const struct vault_entry *e, struct err *err)
{
        struct slot *s = window_put(&p->window);
        describe(s, e);
        switch (what) {
        case VAULT_ERASED:
                unreadable(p, s, OUTCOME_ERASED);
                return true;
        case VAULT_EXPIRED:
                unreadable(p, s, OUTCOME_EXPIRED);
                return true;
        case VAULT_DAMAGED:
                s->counts = true; /* what it was cannot be told; a record, most likely */
                unreadable(p, s, OUTCOME_DAMAGED);
                return true;
        case VAULT_ENTRY:
        case VAULT_END:
                break;
        }
        if (e->kind == ENTRY_RECORD)
                return read_record(p, s, e, err);
        if (e->kind == ENTRY_ERASE)
                return read_erasure(p, s, e, err);
        return true; /* activations and the ledger stay at home */
}

bool read_skips(const struct pump *p, const struct vault_entry *e)
{
        if (position_compare(e->at, p->cursor) > 0)
                return false;
        const struct stream *st =
                &p->streams[e->kind == ENTRY_RECORD ? partition_of(p, e->record_key) : 0];
        return !st->t.resend || position_compare(e->at, st->t.resend_after) <= 0;
}

static bool take_erasure(struct pump *p, enum vault_read what, const struct vault_entry *e, struct err *err)
{
        if (what == VAULT_ENTRY)
                return take_entry(p, what, e, err) || not_taken(p);
        log_error("pump", "an erasure cannot be read, and is not sent again: the hub may hold what it named",
                  "epoch=%llx seq=%llu", (unsigned long long)e->at.epoch, (unsigned long long)e->at.seq);
        return true;
}

/* All erasures before anything else; then nothing until they are acknowledged. */
static bool send_erasures(struct pump *p, struct err *err)
{
        struct vault_reader *reader = NULL;
        bool found = true, ok = vault_reader_open(&reader, p->spec.vault, (struct position){ 0, 0 }, err);
        while (ok && found && !p->stuck && !window_full(&p->window)) {
                struct position at;
                enum vault_read what;
                struct vault_entry e;
                ok = state_next_erasure(p->state, p->erased_to, &found, &at, err);
                if (!ok || !found)
                        break;
                e.at = at;
                ok = vault_fetch(reader, at, &what, &e, err) && take_erasure(p, what, &e, err);
                p->erased_to = at;
        }
        vault_reader_close(reader);
        if (ok && !found && !p->window.unacked)
                p->erasing = false;
        return ok;
}

static bool has_room(const struct pump *p)
{
        return !p->stuck && !p->restart && !window_full(&p->window) &&
               p->window.unacked < (size_t)p->spec.settings.in_flight;
}

static bool read_in_order(struct pump *p, struct err *err)
{
        for (int i = 0; i < READ_TURN && has_room(p) && !ahead_due(p); i++) {
                enum vault_read what;
                struct vault_entry e;
                if (!vault_read(p->reader, &what, &e, err))
                        return false;
                p->more = what != VAULT_END;
                if (!p->more)
                        return true;
                p->position = e.at;
                if (!read_skips(p, &e) && !take_entry(p, what, &e, err))
                        return not_taken(p);
        }
        return true;
}

bool read_entries(struct pump *p, struct err *err)
{
        struct err late = ERR_INIT;
        bool ok = p->erasing ? send_erasures(p, err) : ahead_count(p, err) && read_in_order(p, err);
        return counts_flush(&p->counts, ok ? err : &late) && ok;
}
