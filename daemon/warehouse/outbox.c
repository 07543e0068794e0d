/* outbox.c - receipts, in the transaction of what they tell; receipt.c sends them. */
#include "model/receipt.h"
#include "store.h"

bool outbox_put(struct store *s, const char *region, const struct receipt *r, struct err *err)
{
        struct buf key, value;
        buf_init(&key, 256);
        buf_init(&value, 8192);
        bool ok = receipt_format(r, &key, &value, err);
        if (ok) {
                struct pg_param p[] = { { slice_of(region) }, { buf_slice(&key) },
                                        { r->settled ? SLICE_NONE : buf_slice(&value) } };
                ok = pg_run_params(s->c, "INSERT INTO tributary.receipt AS o (region, key, value)"
                                         " VALUES ($1, $2, $3) ON CONFLICT (region, key) DO UPDATE SET"
                                         " value = excluded.value, change = excluded.change,"
                                         " changed_at = now()", p, 3, NULL, err);
        }
        buf_clear(&key);
        buf_clear(&value);
        return ok;
}
