/* A record from JSON: flat and back, canonical and back, is the same record. */
#include "base/text.h"
#include "fuzz.h"
#include "model/identity.h"
#include "model/record.h"

static void flatten(struct buf *out, const struct record *r)
{
        buf_init(out, 8 << 20);
        record_flatten(r, out);
        must(buf_ok(out));
}

static void same(const struct record *r, struct slice flat)
{
        struct buf again;
        flatten(&again, r);
        must(slice_eq(buf_slice(&again), flat));
        buf_clear(&again);
}

/* A number is written anew ("0e9" leaves as 0): the same number, not the same text. */
static void same_numbers(struct record *other, const struct record *r)
{
        for (int f = 0; f < FIELDS; f++) {
                double a, b;
                if (field_type((enum field)f) != FIELD_TYPE_NUMBER || !r->text[f].p)
                        continue;
                must(text_double(&a, r->text[f]) && text_double(&b, other->text[f]) && a >= b && a <= b);
                other->text[f] = r->text[f];
        }
}

static void come_back(const struct record *r, struct arena *a)
{
        struct buf flat, text;
        struct record other;
        struct err err = ERR_INIT;
        struct slice who[IDENTITIES_MAX];
        flatten(&flat, r);
        must(record_check(r, &err) && identity_of(who, a, "app", r) >= 0);
        must(record_unflatten(&other, a, buf_slice(&flat), &err));
        same(&other, buf_slice(&flat));

        buf_init(&text, 8 << 20);
        record_format(r, &text);
        must(buf_ok(&text) && utf8_valid(buf_slice(&text), NULL));
        /* What borders on the ceiling may cross it by the keys' names. */
        if (text.n < RECORD_BYTES_MAX) {
                must(record_parse(&other, a, buf_slice(&text), NULL, &err));
                same_numbers(&other, r);
                same(&other, buf_slice(&flat));
        }
        buf_clear(&text);
        buf_clear(&flat);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
        struct arena *a = arena_new(32 << 20);
        struct record r;
        struct err err = ERR_INIT;
        size_t unknown = 0;
        if (record_parse(&r, a, slice_make(bytes, n), &unknown, &err))
                come_back(&r, a);
        else
                must(err.kind == ERR_DATA || err.kind == ERR_FULL);
        arena_free(a);
        return 0;
}
