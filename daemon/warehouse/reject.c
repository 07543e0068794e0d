/* reject.c - what cannot be loaded: position, code, key and version, never the payload. */
#include <inttypes.h>
#include <stdio.h>

#include "base/text.h"
#include "model/receipt.h"
#include "store.h"

static bool tell_region(struct store *s, const struct item *i, struct err *err)
{
        struct receipt r = { .type = RECEIPT_REJECTED, .at = i->at, .code = slice_of(i->code) };
        if (!i->has_at)
                return true; /* nobody could tell which one it was; the watermark passes it */
        if (i->has_key)
                memcpy(r.record_key, i->key, 16);
        return outbox_put(s, i->part->region, &r, err);
}

bool reject_save(struct store *s, const struct item *i, struct err *err)
{
        char partition[16], offset[24], key[37], epoch[24], seq[24];
        snprintf(partition, sizeof partition, "%" PRId32, i->part->partition);
        snprintf(offset, sizeof offset, "%" PRId64, i->offset);
        snprintf(epoch, sizeof epoch, "%" PRIu64, i->at.epoch);
        snprintf(seq, sizeof seq, "%" PRIu64, i->at.seq);
        uuid_format(key, i->key);
        struct pg_param p[] = { { slice_of(i->part->topic) }, { slice_of(partition) }, { slice_of(offset) },
                                { slice_of(i->part->region) }, { slice_of(i->code) },
                                { i->has_key ? slice_of(key) : SLICE_NONE },
                                { i->has_at ? slice_of(epoch) : SLICE_NONE },
                                { i->has_at ? slice_of(seq) : SLICE_NONE } };
        return pg_run_params(s->c, "INSERT INTO tributary.rejected (topic, partition, kafka_offset, region, code,"
                                   " record_key, epoch, seq) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"
                                   " ON CONFLICT (topic, partition, kafka_offset) DO UPDATE SET (code, record_key,"
                                   " epoch, seq, rejected_at) = (excluded.code, excluded.record_key,"
                                   " excluded.epoch, excluded.seq, now())", p, 8, NULL, err) &&
               tell_region(s, i, err);
}
