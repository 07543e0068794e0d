/* state_people.c - pseudonyms that left, erasures, and what the hub rejected. */
#include "state_private.h"

bool state_issue(struct state *s, uint64_t subject, uint32_t times_erased,
                 const uint8_t pseudonym[16], struct err *err)
{
        db_bind_int(s->issue, 1, (int64_t)subject);
        db_bind_int(s->issue, 2, times_erased);
        db_bind_bytes(s->issue, 3, slice_make(pseudonym, 16));
        return db_do(s->issue, err);
}

bool state_issued(struct state *s, uint64_t subject, uint8_t (*out)[16], size_t max, size_t *n,
                  struct err *err)
{
        struct db_stmt *q = s->issued;
        bool row = true;
        *n = 0;
        db_bind_int(q, 1, (int64_t)subject);
        db_bind_int(q, 2, (int64_t)max);
        while (*n < max) {
                if (!db_step(q, &row, err))
                        return false;
                if (!row)
                        break;
                struct slice id = db_bytes(q, 0);
                if (id.n == 16)
                        memcpy(out[(*n)++], id.p, 16);
        }
        db_reset(q);
        return true;
}

/* ---- Erasures ---------------------------------------------------------- */
static void pack_ids(struct buf *out, const uint8_t (*ids)[16], size_t n)
{
        buf_put_u32(out, (uint32_t)n);
        buf_put(out, slice_make(ids, n * 16));
}

void erasure_pack(const struct message_erase *e, struct buf *out)
{
        buf_put(out, slice_make(e->request, sizeof e->request));
        pack_ids(out, e->subjects, e->n_subjects);
        pack_ids(out, e->record_keys, e->n_record_keys);
}

static const uint8_t (*unpack_ids(struct cut *c, size_t *n))[16]
{
        *n = cut_u32(c);
        struct slice ids = cut_bytes(c, *n * 16);
        return (const uint8_t (*)[16])(uintptr_t)ids.p;
}

bool erasure_unpack(struct message_erase *out, struct slice plain, struct err *err)
{
        struct cut c = { .rest = plain };
        struct slice request = cut_bytes(&c, sizeof out->request);
        *out = (struct message_erase){ 0 };
        if (!c.bad)
                memcpy(out->request, request.p, request.n);
        out->subjects = unpack_ids(&c, &out->n_subjects);
        out->record_keys = unpack_ids(&c, &out->n_record_keys);
        if (!c.bad && c.rest.n == 0)
                return true;
        return err_set(err, ERR_DATA, 0, "entry is not an erasure");
}

bool state_put_erasure(struct state *s, struct position at, const uint8_t request[16], struct err *err)
{
        bind_position(s->put_erasure, 1, at);
        db_bind_bytes(s->put_erasure, 3, slice_make(request, 16));
        return db_do(s->put_erasure, err);
}

bool state_erasure_done(struct state *s, const uint8_t request[16], struct err *err)
{
        db_bind_bytes(s->erasure_done, 1, slice_make(request, 16));
        return db_do(s->erasure_done, err);
}

bool state_next_erasure(struct state *s, struct position after, bool *found, struct position *at,
                        struct err *err)
{
        bind_position(s->next_erasure, 1, after);
        if (!db_step(s->next_erasure, found, err))
                return false;
        if (*found)
                *at = column_position(s->next_erasure, 0);
        db_reset(s->next_erasure);
        return true;
}

/* ---- Rejected ---------------------------------------------------------- */
bool state_put_rejected(struct state *s, const struct receipt *r, struct err *err)
{
        struct db_stmt *q = s->put_rejected;
        bind_position(q, 1, r->at);
        db_bind_bytes(q, 3, slice_make(r->record_key, sizeof r->record_key));
        db_bind_text(q, 4, r->code.p ? r->code : SLICE(""));
        return db_do(q, err);
}

bool state_drop_rejected(struct state *s, struct position at, struct err *err)
{
        bind_position(s->drop_rejected, 1, at);
        return db_do(s->drop_rejected, err);
}

bool state_rejected(struct state *s, uint64_t *out, struct err *err)
{
        bool row = false;
        if (!db_step(s->rejected, &row, err))
                return false;
        *out = row ? (uint64_t)db_int(s->rejected, 0) : 0;
        db_reset(s->rejected);
        return true;
}
