/* What the loader reads from Kafka. The input: lines ce_type, ce_source, ce_id, key (hex),
 * tributary_out, tributary_prev, then the value. What is taken goes out as it came in. */
#include "base/text.h"
#include "fuzz.h"
#include "model/message.h"

struct input {
        struct slice type, source, id, key, out, prev, value;
};

static struct slice header_of(const char *name, void *ctx)
{
        const struct input *in = ctx;
        return strcmp(name, "ce_type") == 0          ? in->type
               : strcmp(name, "ce_source") == 0      ? in->source
               : strcmp(name, "ce_id") == 0          ? in->id
               : strcmp(name, "tributary_out") == 0  ? in->out
               : strcmp(name, "tributary_prev") == 0 ? in->prev
               : strcmp(name, "ce_specversion") == 0 ? SLICE("1.0")
               : strcmp(name, "content-type") == 0   ? SLICE("application/json")
                                                     : SLICE_NONE;
}

static void format(const struct message *m, struct buf *value, uint8_t key[16])
{
        struct message_header headers[MESSAGE_HEADERS];
        size_t n;
        struct err err = ERR_INIT;
        buf_init(value, 2 * MESSAGE_VALUE_MAX);
        must(message_format(m, value, key, headers, &n, &err) && n <= MESSAGE_HEADERS);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
        struct slice rest = { (const char *)bytes, n };
        struct input in = { .type = take_line(&rest), .source = take_line(&rest) };
        uint8_t raw[16], key[16], again[16];
        struct message m;
        struct err err = ERR_INIT;
        struct arena *a = arena_new(64 << 20);
        in.id = take_line(&rest);
        in.key = hex_decode(raw, 16, take_line(&rest)) ? slice_make(raw, 16) : SLICE_NONE;
        in.out = take_line(&rest);
        in.prev = take_line(&rest);
        in.value = rest;
        if (message_parse(&m, a, in.key, in.value, header_of, &in, &err)) {
                struct buf once, twice;
                format(&m, &once, key);
                must(memcmp(key, raw, 16) == 0);
                in.value = buf_slice(&once);
                must(message_parse(&m, a, in.key, in.value, header_of, &in, &err));
                format(&m, &twice, again);
                must(slice_eq(buf_slice(&once), buf_slice(&twice)) && memcmp(key, again, 16) == 0);
                buf_clear(&once);
                buf_clear(&twice);
        } else {
                must((err.kind == ERR_DATA && strchr(err.text, ':')) || err.kind == ERR_FULL);
        }
        arena_free(a);
        return 0;
}
