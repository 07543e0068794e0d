/* json_read.c - JSON from strangers into a tree.
 *
 * Two passes. The first is ours, because yajl 2.1 lets through overlong and
 * surrogate UTF-8, turns a lone \ud800 into "?" and decodes \u0000. The second is
 * yajl's: its state machine does not recurse, so depth is bounded by our count.
 * Strings without escapes are borrowed from the text; a usual record costs no malloc
 * but the arena's blocks. */
#include "base/json.h"

#include <stdarg.h>
#include <stdlib.h>
#include <yajl/yajl_parse.h>

#include "base/text.h"

enum { DEPTH_MAX = 64, SCRATCH = 8192, SHORT_TEXT = 2000, PAIRWISE_MAX = 24 };

/* yajl's memory, given in steps and freed at once. yajl does not look whether it got
 * what it asked for, so what it can need is set aside before it begins: its state; for
 * decoded strings a buffer that doubles (2048 bytes at first, then up to twice the longest
 * string; all steps together less than four times that); and for a string or number that
 * the text's end cuts short, a copy (2048 bytes at first, then less than four times it). */
struct scratch {
        size_t used, size; /* used <= size */
        char *bytes;
};

/* Before each allocation lies its size, which realloc needs. */
struct chunk {
        _Alignas(16) size_t size;
};

static void *scratch_alloc(void *ctx, size_t n)
{
        struct scratch *s = ctx;
        size_t size = (n + sizeof(struct chunk) + 15) & ~(size_t)15;
        if (size < n || size > s->size - s->used)
                return NULL;
        struct chunk *c = (struct chunk *)(void *)(s->bytes + s->used);
        s->used += size;
        c->size = n;
        return c + 1;
}

static void scratch_free(void *ctx, void *p)
{
        (void)ctx;
        (void)p;
}

static void *scratch_realloc(void *ctx, void *p, size_t n)
{
        void *grown = scratch_alloc(ctx, n);
        if (grown && p) {
                size_t old = ((struct chunk *)p - 1)->size;
                memcpy(grown, p, old < n ? old : n);
        }
        return grown;
}

struct reader {
        struct arena *arena;
        struct slice text;
        struct slice key; /* of the value to come; p == NULL inside arrays */
        struct json *root;
        struct json *open[DEPTH_MAX + 1]; /* containers that are open */
        struct json **tail[DEPTH_MAX + 1];
        int depth, max_depth;             /* 0 <= depth <= max_depth <= DEPTH_MAX */
        const char *why;                  /* why a callback stopped the parser */
        bool no_room;
};

/* 0 stops yajl. */
static int stop(struct reader *r, const char *why)
{
        r->why = why;
        return 0;
}

static struct slice keep(struct reader *r, const unsigned char *p, size_t n)
{
        uintptr_t at = (uintptr_t)p, from = (uintptr_t)r->text.p;
        struct slice s = { (const char *)p, n };
        if (at >= from && at + n <= from + r->text.n)
                return s;
        return arena_copy(r->arena, s); /* it was decoded, and will be overwritten */
}

static struct json *add(struct reader *r, enum json_type type)
{
        struct json *j = ARENA_NEW(r->arena, struct json);
        if (!j) {
                r->no_room = true;
                return NULL;
        }
        j->type = type;
        if (r->depth == 0) {
                r->root = j;
                return j;
        }
        struct json *parent = r->open[r->depth];
        j->key = r->key;
        r->key = SLICE_NONE;
        *r->tail[r->depth] = j;
        r->tail[r->depth] = &j->next;
        parent->count++;
        return j;
}

static int add_text(struct reader *r, enum json_type type, struct slice text)
{
        struct json *j = add(r, type);
        if (!j || !text.p) {
                r->no_room = true;
                return 0;
        }
        j->text = text;
        return 1;
}

static int on_null(void *ctx)
{
        return add(ctx, JSON_NULL) != NULL;
}

static int on_bool(void *ctx, int value)
{
        return add_text(ctx, JSON_BOOL, value ? SLICE("true") : SLICE("false"));
}

/* yajl may hand a number from its own buffer only when it spans chunks, which one
 * chunk does not; keep() would copy it. */
static int on_number(void *ctx, const char *p, size_t n)
{
        return add_text(ctx, JSON_NUMBER, keep(ctx, (const unsigned char *)p, n));
}

static int on_string(void *ctx, const unsigned char *p, size_t n)
{
        return add_text(ctx, JSON_STRING, keep(ctx, p, n));
}

static int on_key(void *ctx, const unsigned char *p, size_t n)
{
        struct reader *r = ctx;
        r->key = keep(r, p, n);
        r->no_room |= !r->key.p;
        return r->key.p != NULL;
}

static int on_open(struct reader *r, enum json_type type)
{
        if (r->depth == r->max_depth)
                return stop(r, "too deep");
        struct json *j = add(r, type);
        if (!j)
                return 0;
        r->depth++;
        r->open[r->depth] = j;
        r->tail[r->depth] = &j->first;
        return 1;
}

static int on_start_map(void *ctx)
{
        return on_open(ctx, JSON_OBJECT);
}

static int on_start_array(void *ctx)
{
        return on_open(ctx, JSON_ARRAY);
}

static int on_end_array(void *ctx)
{
        struct reader *r = ctx;
        r->depth--;
        return 1;
}

static int by_key(const void *a, const void *b)
{
        return slice_compare((*(const struct json *const *)a)->key,
                             (*(const struct json *const *)b)->key);
}

/* Many keys are sorted first: n * n comparisons are a gift to an attacker. */
static bool repeats_among_many(struct reader *r, const struct json *object)
{
        const struct json **keys = malloc(object->count * sizeof *keys);
        if (!keys) {
                r->no_room = true;
                return false;
        }
        size_t n = 0;
        for (const struct json *j = object->first; j; j = j->next)
                keys[n++] = j;
        qsort(keys, n, sizeof *keys, by_key);
        bool found = false;
        for (size_t i = 1; i < n && !found; i++)
                found = slice_eq(keys[i - 1]->key, keys[i]->key);
        free(keys);
        return found;
}

static bool repeats(struct reader *r, const struct json *object)
{
        if (object->count > PAIRWISE_MAX)
                return repeats_among_many(r, object);
        for (const struct json *a = object->first; a; a = a->next)
                for (const struct json *b = a->next; b; b = b->next)
                        if (slice_eq(a->key, b->key))
                                return true;
        return false;
}

static int on_end_map(void *ctx)
{
        struct reader *r = ctx;
        if (repeats(r, r->open[r->depth]))
                return stop(r, "an object has the same key twice");
        r->depth--;
        return !r->no_room;
}

static const yajl_callbacks callbacks = {
        .yajl_null = on_null,
        .yajl_boolean = on_bool,
        .yajl_number = on_number,
        .yajl_string = on_string,
        .yajl_start_map = on_start_map,
        .yajl_map_key = on_key,
        .yajl_end_map = on_end_map,
        .yajl_start_array = on_start_array,
        .yajl_end_array = on_end_array,
};

/* The four hex digits of a \u escape at s.p[at], or -1. */
static long hex4(struct slice s, size_t at)
{
        uint8_t b[2];
        if (at + 4 > s.n || !hex_decode(b, 2, slice_make(s.p + at, 4)))
                return -1;
        return (long)b[0] << 8 | b[1];
}

/* NULL, or what is wrong with the escape whose 'u' is at *at; moves to its end. */
static const char *check_unicode_escape(struct slice s, size_t *at)
{
        long c = hex4(s, *at + 1);
        *at += 4;
        if (c < 0)
                return "a \\u escape without four hexadecimal digits";
        if (c == 0)
                return "U+0000 cannot be stored";
        if (c >= 0xdc00 && c <= 0xdfff)
                return "a lone surrogate";
        if (c < 0xd800 || c > 0xdbff)
                return NULL;
        bool escape = *at + 2 < s.n && s.p[*at + 1] == '\\' && s.p[*at + 2] == 'u';
        long low = escape ? hex4(s, *at + 3) : -1;
        if (low < 0xdc00 || low > 0xdfff)
                return "a lone surrogate";
        *at += 6;
        return NULL;
}

/* A backslash outside a string is yajl's to refuse. */
static const char *check_text(struct slice s, size_t *bad_at)
{
        if (!utf8_valid(s, bad_at))
                return "not UTF-8";
        for (size_t i = 0; i < s.n; i++) {
                const char *slash = memchr(s.p + i, '\\', s.n - i);
                if (!slash)
                        break;
                *bad_at = (size_t)(slash - s.p);
                i = *bad_at + 1;
                const char *why = i < s.n && s.p[i] == 'u' ? check_unicode_escape(s, &i) : NULL;
                if (why)
                        return why;
        }
        return NULL;
}

/* yajl's own words, which without `verbose` hold none of the text. */
static bool tell(yajl_handle h, const struct reader *r, struct err *err)
{
        size_t at = yajl_get_bytes_consumed(h);
        if (r->no_room)
                return err_set(err, ERR_FULL, 0, "JSON does not fit into its memory limit");
        if (r->why)
                return err_set(err, ERR_DATA, 0, "JSON is refused at byte %zu: %s", at, r->why);
        const unsigned char *words = yajl_get_error(h, 0, NULL, 0);
        struct slice s = slice_trim(slice_of(words ? (const char *)words : "parse error"));
        return err_set(err, ERR_DATA, 0, "JSON is not well-formed at byte %zu: %.*s", at, SLICE_ARG(s));
}

static bool parse(struct reader *r, struct scratch *scratch, struct err *err)
{
        yajl_alloc_funcs memory = { scratch_alloc, scratch_realloc, scratch_free, scratch };
        yajl_handle h = yajl_alloc(&callbacks, &memory, r);
        if (!h)
                return err_set(err, ERR_BUG, 0, "JSON parser does not fit into its memory");
        yajl_config(h, yajl_dont_validate_strings, 1); /* ours was stricter */
        yajl_status status = yajl_parse(h, (const unsigned char *)r->text.p, r->text.n);
        if (status == yajl_status_ok)
                status = yajl_complete_parse(h);
        bool ok = status == yajl_status_ok && r->root;
        return ok || tell(h, r, err); /* the handle's memory is the scratch's */
}

/* Beyond SCRATCH: nothing can be decoded without escapes, and what the end cuts short begins
 * at the last quote, or after it. */
static size_t more_room(struct slice s)
{
        if (s.n <= SHORT_TEXT)
                return 0;
        if (memchr(s.p, '\\', s.n))
                return 4 * s.n;
        const char *quote = memrchr(s.p, '"', s.n);
        size_t tail = quote ? s.n - (size_t)(quote - s.p) : s.n;
        return tail > SHORT_TEXT ? 4 * tail : 0;
}

/* Usual texts take their scratch from the stack, the others from the heap. */
static bool parse_with_room(struct reader *r, struct err *err)
{
        _Alignas(16) char stack[SCRATCH];
        struct scratch scratch = { .size = SCRATCH, .bytes = stack };
        char *heap = NULL;
        size_t more = more_room(r->text);
        if (more) {
                scratch.size += more;
                scratch.bytes = heap = malloc(scratch.size);
                if (!heap)
                        return err_set(err, ERR_FULL, 0, "no memory to parse JSON");
        }
        bool ok = parse(r, &scratch, err);
        free(heap);
        return ok;
}

bool json_read(struct json **out, struct arena *a, struct slice text, int max_depth,
               struct err *err)
{
        size_t bad_at = 0;
        *out = NULL;
        if (max_depth < 0 || max_depth > DEPTH_MAX)
                return err_set(err, ERR_BUG, 0, "depth %d is not between 0 and %d", max_depth,
                               DEPTH_MAX);
        const char *why = check_text(text, &bad_at);
        if (why)
                return err_set(err, ERR_DATA, 0, "JSON is refused at byte %zu: %s", bad_at, why);
        struct reader r;
        r.arena = a;
        r.text = text.p ? text : SLICE("");
        r.key = SLICE_NONE;
        r.root = NULL;
        r.depth = 0;
        r.max_depth = max_depth;
        r.why = NULL;
        r.no_room = false;
        if (!parse_with_room(&r, err))
                return false;
        *out = r.root;
        return true;
}

static const struct json *child(const struct json *j, struct slice key)
{
        if (!j || j->type != JSON_OBJECT)
                return NULL;
        for (j = j->first; j; j = j->next)
                if (slice_eq(j->key, key))
                        break;
        return j;
}

const struct json *json_get(const struct json *j, const char *key)
{
        return child(j, slice_of(key));
}

const struct json *json_at(const struct json *j, ...)
{
        va_list keys;
        va_start(keys, j);
        const char *key;
        while (j && (key = va_arg(keys, const char *)))
                j = json_get(j, key);
        va_end(keys);
        return j;
}

struct slice json_string(const struct json *j)
{
        return j && j->type == JSON_STRING ? j->text : SLICE_NONE;
}

bool json_int(const struct json *j, int64_t *out)
{
        return j && j->type == JSON_NUMBER && text_int(out, j->text, INT64_MIN, INT64_MAX);
}

bool json_true(const struct json *j)
{
        return j && j->type == JSON_BOOL && slice_is(j->text, "true");
}
