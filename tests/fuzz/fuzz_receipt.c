/* What the agent reads from Kafka: a line with the key, then the value. */
#include "fuzz.h"
#include "model/receipt.h"

static void format(const struct receipt *r, struct buf *key, struct buf *value)
{
        struct err err = ERR_INIT;
        buf_init(key, 1024);
        buf_init(value, 64 << 10);
        must(receipt_format(r, key, value, &err) && buf_ok(key) && buf_ok(value));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
        struct slice value = { (const char *)bytes, n }, key = take_line(&value);
        struct arena *a = arena_new(1 << 20);
        struct receipt r, again;
        struct err err = ERR_INIT;
        if (receipt_parse(&r, a, key, value, &err)) {
                struct buf key_1, value_1, key_2, value_2;
                format(&r, &key_1, &value_1);
                must(receipt_parse(&again, a, buf_slice(&key_1), buf_slice(&value_1), &err));
                format(&again, &key_2, &value_2);
                must(slice_eq(buf_slice(&key_1), buf_slice(&key_2)));
                must(slice_eq(buf_slice(&value_1), buf_slice(&value_2)));
                buf_clear(&key_1);
                buf_clear(&value_1);
                buf_clear(&key_2);
                buf_clear(&value_2);
        } else {
                must(err.kind == ERR_DATA || err.kind == ERR_FULL);
        }
        arena_free(a);
        return 0;
}
