/* erase.c - a person's rows leave, and what comes later under their pseudonyms is refused. */
#include <stdio.h>

#include "base/text.h"
#include "model/receipt.h"
#include "store.h"

enum { IDS_MAX = 8 << 20 };

static void put_ids(struct buf *b, const uint8_t (*ids)[16], size_t n)
{
        buf_init(b, IDS_MAX);
        buf_putc(b, '{');
        for (size_t i = 0; i < n; i++)
                put_array_uuid(b, ids[i]);
        buf_putc(b, '}');
}

/* Tombstones keep key and version: an older version that comes again stays out. */
static const char erase_sql[] =
        "WITH gone AS (DELETE FROM community.record WHERE region = $1 AND record_key IN ("
        "  SELECT record_key FROM community.record WHERE region = $1 AND subject = ANY ($2::uuid[])"
        "  UNION SELECT unnest($3::uuid[])) RETURNING region, record_key, revision, deleted, epoch, seq,"
        "  judged_epoch, judged_seq, source, hour),"
        "tombs AS (INSERT INTO tributary.tombstone (region, record_key, revision, deleted, epoch, seq,"
        "  judged_epoch, judged_seq, reason, source, hour) SELECT region, record_key, revision, deleted, epoch,"
        "  seq, judged_epoch, judged_seq, 'erased', source, hour FROM gone)"
        "SELECT source, (extract(epoch FROM hour) * 1000000)::bigint, count(*) FROM gone GROUP BY source, hour";

static const char remember_sql[] =
        "INSERT INTO tributary.erased (region, what, id, request)"
        " SELECT $1, 'subject', unnest($2::uuid[]), $4::uuid"
        " UNION SELECT $1, 'record', unnest($3::uuid[]), $4::uuid ON CONFLICT DO NOTHING";

static bool erase_rows(struct store *s, const struct item *i, const struct pg_param *p, struct tally *t,
                       struct err *err)
{
        struct pg_rows *r = NULL;
        if (!pg_query(&r, s->c, erase_sql, p, 3, err))
                return false;
        for (size_t k = 0; k < pg_rows_count(r); k++) {
                int64_t n = pg_rows_int(r, k, 2);
                int64_t change[OUTCOMES] = { [LOADED] = -n, [ERASED] = n };
                struct slice source = arena_copy(s->scratch, pg_rows_text(r, k, 0));
                tally_add(t, i->part->region, source, pg_rows_int(r, k, 1), i->appended_us, change);
        }
        pg_rows_free(r);
        return true;
}

bool erase_apply(struct store *s, const struct item *i, struct tally *t, struct err *err)
{
        const struct message_erase *m = &i->m.erase;
        struct receipt done = { .type = RECEIPT_ERASED };
        struct buf subjects, keys;
        char request[37];
        memcpy(done.request, m->request, 16);
        uuid_format(request, m->request);
        put_ids(&subjects, m->subjects, m->n_subjects);
        put_ids(&keys, m->record_keys, m->n_record_keys);
        struct pg_param p[] = { { slice_of(i->part->region) }, { buf_slice(&subjects) }, { buf_slice(&keys) },
                                { slice_of(request) } };
        bool ok = (buf_ok(&subjects) && buf_ok(&keys)) || err_set(err, ERR_DATA, 0, "too many ids");
        ok = ok && pg_run(s->c, "SET LOCAL statement_timeout = 0", err) &&
             pg_run_params(s->c, remember_sql, p, 4, NULL, err) && erase_rows(s, i, p, t, err) &&
             outbox_put(s, i->part->region, &done, err);
        buf_clear(&subjects);
        buf_clear(&keys);
        return ok;
}
