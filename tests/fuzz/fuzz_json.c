/* JSON: what is read comes out again, and means the same. */
#include "base/json.h"
#include "base/text.h"
#include "fuzz.h"

static void put_tree(struct json_out *o, const struct json *j, struct arena *a)
{
        const char *key = j->key.p ? arena_string(a, j->key) : NULL;
        bool open = j->type == JSON_ARRAY || j->type == JSON_OBJECT;
        size_t n = 0;
        if (j->type == JSON_STRING) {
                must(utf8_valid(j->text, NULL) && !(j->text.n && memchr(j->text.p, 0, j->text.n)));
                json_put_string(o, key, j->text);
        } else if (!open) {
                json_put_raw(o, key, j->type == JSON_NULL ? SLICE("null") : j->text);
        } else {
                json_open(o, key, j->type == JSON_ARRAY ? '[' : '{');
                for (const struct json *m = j->first; m; m = m->next, n++)
                        put_tree(o, m, a);
                must(n == j->count);
                json_close(o, j->type == JSON_ARRAY ? ']' : '}');
        }
}

static void write_out(struct buf *out, const struct json *j, struct arena *a)
{
        struct json_out o;
        buf_init(out, 16 << 20);
        json_out_init(&o, out);
        put_tree(&o, j, a);
        must(buf_ok(out));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
        struct arena *a = arena_new(16 << 20);
        struct json *j, *again;
        struct err err = ERR_INIT;
        struct buf once, twice;
        if (json_read(&j, a, slice_make(bytes, n), 16, &err)) {
                write_out(&once, j, a);
                must(json_read(&again, a, buf_slice(&once), 16, &err));
                write_out(&twice, again, a);
                must(slice_eq(buf_slice(&once), buf_slice(&twice)));
                buf_clear(&once);
                buf_clear(&twice);
        } else {
                must(err.kind == ERR_DATA || err.kind == ERR_FULL);
        }
        arena_free(a);
        return 0;
}
