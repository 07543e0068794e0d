/* A flat record: from any bytes it is refused, or has one form. */
#include "fuzz.h"
#include "model/record.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
        struct arena *a = arena_new(32 << 20);
        struct record r, again;
        struct buf once, twice;
        struct err err = ERR_INIT;
        buf_init(&once, 8 << 20);
        buf_init(&twice, 8 << 20);
        if (record_unflatten(&r, a, slice_make(bytes, n), &err)) {
                record_flatten(&r, &once);
                must(buf_ok(&once) && record_unflatten(&again, a, buf_slice(&once), &err));
                record_flatten(&again, &twice);
                must(slice_eq(buf_slice(&once), buf_slice(&twice)));
                buf_reset(&twice);
                record_format(&r, &twice);
                must(buf_ok(&twice));
        } else {
                must(err.kind == ERR_DATA || err.kind == ERR_FULL);
        }
        buf_clear(&once);
        buf_clear(&twice);
        arena_free(a);
        return 0;
}
