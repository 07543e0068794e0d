/* account.c - account and hello messages: what a region says of itself, kept as it was said. */
#include <inttypes.h>
#include <stdio.h>

#include "base/json.h"
#include "base/text.h"
#include "model/receipt.h"
#include "store.h"

/* An interval from a number of seconds in j; a century is enough for all of them. */
#define SECONDS(key) "CASE WHEN j ? '" key "' THEN least((j->>'" key "')::bigint, 3000000000) END"\
                     " * interval '1 second'"

enum { COUNTS = 10, ARRAYS = 2 + COUNTS, TEXT_MAX = 16 << 20 };

static void put_row(struct buf arrays[ARRAYS], const struct account_row *r)
{
        const uint64_t counts[COUNTS] = { r->captured, r->sent, r->retracted, r->held, r->stayed, r->erased,
                                          r->expired, r->damaged, r->discarded, r->refused };
        put_array_text(&arrays[0], r->source);
        put_array_int(&arrays[1], r->hour_us);
        for (int i = 0; i < COUNTS; i++)
                put_array_int(&arrays[2 + i], (int64_t)counts[i]);
}

/* A newer replaces an older, by (position, serial). The time of appending moves only with the
 * figures: an account told again unchanged stays settled. */
static const char account_sql[] =
        "INSERT INTO tributary.account AS a (region, source, hour, captured, sent, retracted, held, stayed,"
        " erased, expired, damaged, discarded, refused, epoch, seq, serial, appended_at)"
        " SELECT DISTINCT ON (u.source, u.hour) $1, u.source, " SQL_TIME("u.hour") ", captured, sent, retracted,"
        " held, stayed, erased, expired, damaged, discarded, refused, $2::bigint, $3::bigint, $4::bigint, "
        SQL_TIME("$5::bigint")
        " FROM unnest($6::text[], $7::bigint[], $8::bigint[], $9::bigint[], $10::bigint[], $11::bigint[],"
        " $12::bigint[], $13::bigint[], $14::bigint[], $15::bigint[], $16::bigint[], $17::bigint[])"
        " AS u (source, hour, captured, sent, retracted, held, stayed, erased, expired, damaged, discarded,"
        " refused) ORDER BY u.source, u.hour"
        " ON CONFLICT (region, source, hour) DO UPDATE SET (captured, sent, retracted, held, stayed, erased,"
        " expired, damaged, discarded, refused, epoch, seq, serial, appended_at) = (excluded.captured,"
        " excluded.sent, excluded.retracted, excluded.held, excluded.stayed, excluded.erased,"
        " excluded.expired, excluded.damaged, excluded.discarded, excluded.refused, excluded.epoch,"
        " excluded.seq, excluded.serial, CASE WHEN (a.captured, a.sent, a.held, a.stayed, a.erased,"
        " a.expired, a.damaged) = (excluded.captured, excluded.sent, excluded.held, excluded.stayed,"
        " excluded.erased, excluded.expired, excluded.damaged) THEN a.appended_at ELSE excluded.appended_at END)"
        " WHERE (excluded.epoch, excluded.seq, excluded.serial) > (a.epoch, a.seq, a.serial)";

bool account_save(struct store *s, const struct item *i, struct err *err)
{
        const struct message_account *m = &i->m.account;
        int64_t numbers[4] = { (int64_t)i->m.at.epoch, (int64_t)i->m.at.seq, (int64_t)m->serial,
                               i->appended_us };
        struct pg_param p[5 + ARRAYS] = { { slice_of(i->part->region) } };
        struct buf arrays[ARRAYS];
        char digits[4][24];
        bool ok = true;
        for (int k = 0; k < 4; k++) {
                snprintf(digits[k], sizeof digits[k], "%" PRId64, numbers[k]);
                p[1 + k].v = slice_of(digits[k]);
        }
        for (int k = 0; k < ARRAYS; k++) {
                buf_init(&arrays[k], TEXT_MAX);
                buf_putc(&arrays[k], '{');
        }
        for (size_t k = 0; k < m->n_rows; k++)
                put_row(arrays, &m->rows[k]);
        for (int k = 0; k < ARRAYS; k++) {
                buf_putc(&arrays[k], '}');
                p[5 + k].v = buf_slice(&arrays[k]);
                ok &= buf_ok(&arrays[k]);
        }
        ok = ok ? pg_run_params(s->c, account_sql, p, 5 + ARRAYS, NULL, err)
                : err_set(err, ERR_DATA, 0, "an account of %zu rows is too large", m->n_rows);
        for (int k = 0; k < ARRAYS; k++)
                buf_clear(&arrays[k]);
        return ok;
}

/* A region that has not heard of this warehouse is told everything again. */
static bool tell_again(struct store *s, const struct item *i, struct err *err)
{
        struct pg_param p[] = { { slice_of(i->part->region) } };
        if (memcmp(i->m.hello.warehouse_seen, s->warehouse, 16) == 0)
                return true;
        return pg_run_params(s->c, "UPDATE tributary.receipt SET change = nextval('tributary.receipt_change')"
                                   " WHERE region = $1 AND value IS NOT NULL AND sent = change", p, 1, NULL, err);
}

/* The first claim of a generation that is higher than all before wins; the same claim heard
 * again (it goes to every partition) is granted again. */
static bool claim(struct store *s, const struct item *i, struct err *err)
{
        char generation[16], id[37];
        struct pg_rows *r = NULL;
        uuid_format(id, i->m.hello.id);
        snprintf(generation, sizeof generation, "%" PRIu32, i->m.hello.generation);
        struct pg_param p[] = { { slice_of(i->part->region) }, { slice_of(generation) }, { slice_of(id) } };
        if (!pg_run_params(s->c, "INSERT INTO tributary.claim (region, generation, id) SELECT $1, $2::bigint,"
                                 " $3::uuid WHERE NOT EXISTS (SELECT 1 FROM tributary.claim WHERE region = $1"
                                 " AND generation > $2::bigint) AND NOT EXISTS (SELECT 1 FROM tributary.region"
                                 " WHERE region = $1 AND generation >= $2::bigint)"
                                 " ON CONFLICT (region, generation) DO NOTHING", p, 3, NULL, err) ||
            !pg_query(&r, s->c, "SELECT 1 FROM tributary.claim WHERE region = $1 AND generation = $2::bigint"
                                " AND id = $3::uuid", p, 3, err))
                return false;
        struct receipt answer = { .type = RECEIPT_CLAIM, .generation = i->m.hello.generation,
                                  .granted = pg_rows_count(r) == 1 };
        pg_rows_free(r);
        return outbox_put(s, i->part->region, &answer, err);
}

/* As standing.c formats what it read: so no key of strangers gets in. */
static const char status_sql[] =
        "INSERT INTO tributary.region_status AS r (region, epoch, seq, appended_at, said_at, since, release,"
        " policy, policy_version, policy_open, policy_stale, hello_every, backlog, in_flight, lag, gaps, held,"
        " stayed, rejected, damaged, vault_bytes, vault_max_bytes, full_in, basis_ends, troubles, sources,"
        " downtimes, said) SELECT $1, $2::bigint, $3::bigint, " SQL_TIME("$4::bigint") ", " SQL_TIME("$5::bigint")
        ", (j->>'since')::timestamptz, j->>'release', j->>'policy', (j->>'policy_version')::bigint,"
        " (j->>'open')::boolean, (j->>'stale')::boolean, " SECONDS("hello_every_s") ", (j->>'backlog')::bigint,"
        " (j->>'in_flight')::bigint, " SECONDS("lag_s") ", (j->>'gaps')::bigint, (j->>'held')::bigint,"
        " (j->>'stayed')::bigint, (j->>'rejected')::bigint, (j->>'damaged')::bigint, (j->>'vault_bytes')::bigint,"
        " (j->>'vault_max_bytes')::bigint, " SECONDS("full_in_s") ", (j->>'basis_ends')::timestamptz,"
        " ARRAY(SELECT jsonb_array_elements_text(j->'troubles')), j->'sources', j->'downtimes', j"
        " FROM (SELECT $6::jsonb AS j) AS said ON CONFLICT (region) DO UPDATE SET (epoch, seq, appended_at,"
        " said_at, since, release, policy, policy_version, policy_open, policy_stale, hello_every, backlog,"
        " in_flight, lag, gaps, held, stayed, rejected, damaged, vault_bytes, vault_max_bytes, full_in,"
        " basis_ends, troubles, sources, downtimes, said) = (excluded.epoch, excluded.seq,"
        " excluded.appended_at, excluded.said_at, excluded.since, excluded.release, excluded.policy,"
        " excluded.policy_version, excluded.policy_open, excluded.policy_stale, excluded.hello_every,"
        " excluded.backlog, excluded.in_flight, excluded.lag, excluded.gaps, excluded.held, excluded.stayed,"
        " excluded.rejected, excluded.damaged, excluded.vault_bytes, excluded.vault_max_bytes,"
        " excluded.full_in, excluded.basis_ends, excluded.troubles, excluded.sources, excluded.downtimes,"
        " excluded.said) WHERE (excluded.epoch, excluded.seq, excluded.appended_at)"
        " > (r.epoch, r.seq, r.appended_at)";

static bool status_save(struct store *s, const struct item *i, struct err *err)
{
        const int64_t numbers[4] = { (int64_t)i->m.at.epoch, (int64_t)i->m.at.seq, i->appended_us,
                                     i->m.hello.now_us };
        char digits[4][24];
        struct pg_param p[6] = { { slice_of(i->part->region) } };
        struct json_out o;
        struct buf said;
        if (!i->m.hello.status)
                return true;
        for (int k = 0; k < 4; k++) {
                snprintf(digits[k], sizeof digits[k], "%" PRId64, numbers[k]);
                p[1 + k].v = slice_of(digits[k]);
        }
        buf_init(&said, 1 << 20);
        json_out_init(&o, &said);
        standing_put(&o, NULL, i->m.hello.status);
        p[5].v = buf_slice(&said);
        bool ok = buf_ok(&said) ? pg_run_params(s->c, status_sql, p, 6, NULL, err)
                                : err_set(err, ERR_DATA, 0, "a status is too large");
        buf_clear(&said);
        return ok;
}

bool hello_save(struct store *s, const struct item *i, struct err *err)
{
        const struct message_hello *h = &i->m.hello;
        static const uint8_t none[16];
        char generation[16], start[16], seen[37], at[24];
        snprintf(generation, sizeof generation, "%" PRIu32, h->generation);
        snprintf(start, sizeof start, "%" PRIu32, h->start);
        snprintf(at, sizeof at, "%" PRId64, i->appended_us);
        uuid_format(seen, h->warehouse_seen);
        bool heard = memcmp(h->warehouse_seen, none, 16) != 0;
        struct pg_param p[] = { { slice_of(i->part->region) }, { slice_of(generation) }, { slice_of(start) },
                                { heard ? slice_of(seen) : SLICE_NONE }, { slice_of(at) } };
        /* A claim is judged by what was known before it. */
        if (h->claim && !claim(s, i, err))
                return false;
        if (h->claim)
                return true;
        return pg_run_params(s->c, "INSERT INTO tributary.region AS r (region, generation, start,"
                                   " warehouse_seen, hello_at) VALUES ($1, $2, $3, $4, "
                                   SQL_TIME("$5::bigint") ") ON CONFLICT (region) DO UPDATE SET (generation,"
                                   " start, warehouse_seen, hello_at) = (excluded.generation, excluded.start,"
                                   " excluded.warehouse_seen, excluded.hello_at) WHERE (excluded.generation,"
                                   " excluded.start) >= (r.generation, r.start)", p, 5, NULL, err) &&
               tell_again(s, i, err) && status_save(s, i, err);
}
