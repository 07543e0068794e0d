/* state_account.c - decisions by line, and the account per source and hour. */
#include "state_private.h"

static const char *const outcomes[OUTCOMES] = {
        [OUTCOME_SENT] = "sent",     [OUTCOME_HELD] = "held",       [OUTCOME_STAYED] = "stayed",
        [OUTCOME_ERASED] = "erased", [OUTCOME_EXPIRED] = "expired", [OUTCOME_DAMAGED] = "damaged",
};

const char *outcome_name(enum outcome o)
{
        return (unsigned)o < OUTCOMES ? outcomes[o] : "unknown";
}

/* A text column is never NULL here: absent is empty. */
static void bind_text(struct db_stmt *q, int at, struct slice s)
{
        db_bind_text(q, at, s.p ? s : SLICE(""));
}

/* ---- Decisions --------------------------------------------------------- */
bool state_put_decision(struct state *s, const struct state_decision *d, struct err *err)
{
        struct db_stmt *q = s->put_decision;
        bind_position(q, 1, d->at);
        db_bind_int(q, 3, d->outcome);
        db_bind_bytes(q, 4, slice_make(d->record_key, sizeof d->record_key));
        bind_text(q, 5, d->source);
        db_bind_int(q, 6, d->hour_us);
        bind_text(q, 7, d->file);
        db_bind_int(q, 8, d->line);
        bind_text(q, 9, d->rule);
        bind_text(q, 10, d->because);
        db_bind_int(q, 11, d->policy_version);
        return db_do(q, err);
}

bool state_drop_decision(struct state *s, struct position at, struct err *err)
{
        bind_position(s->drop_decision, 1, at);
        return db_do(s->drop_decision, err);
}

static enum outcome column_outcome(struct db_stmt *q, int at)
{
        int64_t v = db_int(q, at);
        return v > OUTCOME_SENT && v < OUTCOMES ? (enum outcome)v : OUTCOME_SENT;
}

bool state_outcome(struct state *s, struct position at, enum outcome *out, struct err *err)
{
        bool row = false;
        bind_position(s->outcome, 1, at);
        if (!db_step(s->outcome, &row, err))
                return false;
        *out = row ? column_outcome(s->outcome, 0) : OUTCOME_SENT;
        db_reset(s->outcome);
        return true;
}

static void read_decision(struct state_decision *d, struct db_stmt *q)
{
        *d = (struct state_decision){
                .at = column_position(q, 0),
                .outcome = column_outcome(q, 2),
                .source = db_bytes(q, 4),
                .hour_us = db_int(q, 5),
                .file = db_bytes(q, 6),
                .line = (int)db_int(q, 7),
                .rule = db_bytes(q, 8),
                .because = db_bytes(q, 9),
                .policy_version = db_int(q, 10),
        };
        struct slice key = db_bytes(q, 3);
        if (key.n == sizeof d->record_key)
                memcpy(d->record_key, key.p, key.n);
}

bool state_decisions(struct state *s, struct position after, size_t max,
                     bool (*each)(const struct state_decision *d, void *ctx), void *ctx,
                     struct err *err)
{
        struct db_stmt *q = s->decisions;
        bool row = true;
        bind_position(q, 1, after);
        db_bind_int(q, 3, (int64_t)max);
        while (row) {
                struct state_decision d;
                if (!db_step(q, &row, err))
                        return false;
                if (row)
                        read_decision(&d, q);
                row = row && each(&d, ctx);
        }
        db_reset(q);
        return true;
}

bool state_reasons(struct state *s, struct state_reason *out, size_t max, size_t *n, struct arena *a,
                   struct err *err)
{
        struct db_stmt *q = s->reasons;
        bool row = true;
        *n = 0;
        db_bind_int(q, 1, (int64_t)max);
        while (row && *n < max) {
                if (!db_step(q, &row, err))
                        return false;
                if (!row)
                        break;
                struct state_reason *r = &out[(*n)++];
                *r = (struct state_reason){
                        .outcome = column_outcome(q, 0),
                        .file = arena_copy(a, db_bytes(q, 1)),
                        .line = (int)db_int(q, 2),
                        .rule = arena_copy(a, db_bytes(q, 3)),
                        .because = arena_copy(a, db_bytes(q, 4)),
                        .entries = (uint64_t)db_int(q, 5),
                };
        }
        db_reset(q);
        return true;
}

/* ---- Account ----------------------------------------------------------- */
bool state_add_account(struct state *s, const struct state_delta *d, uint64_t serial, struct err *err)
{
        struct db_stmt *q = s->add_account;
        int at = 1;
        bind_text(q, at++, d->source);
        db_bind_int(q, at++, d->hour_us);
        db_bind_int(q, at++, d->captured);
        for (int o = 0; o < OUTCOMES; o++)
                db_bind_int(q, at++, d->by_outcome[o]);
        db_bind_int(q, at++, d->retracted);
        db_bind_int(q, at++, d->discarded);
        db_bind_int(q, at++, d->refused);
        db_bind_int(q, at, (int64_t)serial);
        return db_do(q, err);
}

static uint64_t column_count(struct db_stmt *q, int at)
{
        int64_t v = db_int(q, at);
        return v > 0 ? (uint64_t)v : 0;
}

void state_read_row(struct account_row *row, struct db_stmt *q)
{
        *row = (struct account_row){
                .hour_us = db_int(q, 1),
                .captured = column_count(q, 2),
                .sent = column_count(q, 3),
                .held = column_count(q, 4),
                .stayed = column_count(q, 5),
                .erased = column_count(q, 6),
                .expired = column_count(q, 7),
                .damaged = column_count(q, 8),
                .retracted = column_count(q, 9),
                .discarded = column_count(q, 10),
                .refused = column_count(q, 11),
        };
}

bool state_account(struct state *s, uint64_t told, struct account_row *rows, size_t max, size_t *n,
                   uint64_t *last_serial, struct arena *a, struct err *err)
{
        struct db_stmt *q = s->account;
        bool row = true;
        *n = 0;
        *last_serial = told;
        db_bind_int(q, 1, (int64_t)told);
        db_bind_int(q, 2, (int64_t)max);
        while (*n < max) {
                if (!db_step(q, &row, err))
                        return false;
                if (!row)
                        break;
                state_read_row(&rows[*n], q);
                rows[*n].source = arena_copy(a, db_bytes(q, 0));
                *last_serial = (uint64_t)db_int(q, 12);
                if (!rows[*n].source.p) {
                        db_reset(q);
                        return err_set(err, ERR_FULL, 0, "account does not fit into memory's ceiling");
                }
                ++*n;
        }
        db_reset(q);
        return true;
}

bool state_account_sums(struct state *s, struct account_row *out, struct err *err)
{
        bool row = false;
        *out = (struct account_row){ 0 };
        if (!db_step(s->sums, &row, err))
                return false;
        if (row)
                state_read_row(out, s->sums);
        db_reset(s->sums);
        return true;
}
