/* batch.c - messages in order of arrival, parsed; and the same in order of keys. */
#include <stdlib.h>

#include "base/clock.h"
#include "base/text.h"
#include "part.h"

/* A parsed message takes about its JSON again in nodes and decoded text. */
enum { ARENA_FACTOR = 12, ARENA_EXTRA = 96 << 20 };

bool batch_init(struct batch *b, size_t max, size_t max_bytes, struct err *err)
{
        *b = (struct batch){ .max = max, .max_bytes = max_bytes };
        b->arena = arena_new(max_bytes * ARENA_FACTOR + ARENA_EXTRA);
        b->items = calloc(max, sizeof(struct item *));
        if (b->arena && b->items)
                return true;
        batch_clear(b);
        return err_set(err, ERR_FULL, 0, "out of memory");
}

void batch_reset(struct batch *b)
{
        for (size_t i = 0; i < b->n; i++)
                kafka_message_done(&b->items[i]->held);
        b->n = b->done = b->bytes = 0;
        if (b->arena)
                arena_reset(b->arena);
}

void batch_clear(struct batch *b)
{
        batch_reset(b);
        arena_free(b->arena);
        free(b->items);
        *b = (struct batch){ 0 };
}

bool batch_full(const struct batch *b)
{
        return b->n >= b->max || b->bytes >= b->max_bytes;
}

static struct slice header(const char *name, void *ctx)
{
        const struct kafka_message *m = ctx;
        for (size_t i = 0; i < m->n_headers; i++)
                if (strcmp(m->headers[i].name, name) == 0)
                        return m->headers[i].value;
        return SLICE_NONE;
}

/* Where the capture stands is told even of a message that cannot be read: by ce_id. */
static void read_positions(struct item *i, const struct kafka_message *m)
{
        struct slice id = header("ce_id", &i->held);
        uint8_t bytes[16];
        if (id.n > 33 && id.p[16] == '-' && id.p[33] == '-' &&
            hex_decode(bytes, 8, (struct slice){ id.p, 16 }) &&
            hex_decode(bytes + 8, 8, (struct slice){ id.p + 17, 16 })) {
                struct cut c = { .rest = slice_make(bytes, 16) };
                i->at.epoch = cut_u64(&c);
                i->at.seq = cut_u64(&c);
                i->has_at = i->at.epoch <= INT64_MAX && i->at.seq <= INT64_MAX;
        }
        i->has_key = m->key.n == 16;
        if (i->has_key)
                memcpy(i->key, m->key.p, 16);
}

/* The first word of a parse error is the code ("json: ..."). */
static void reject(struct item *i, const char *why)
{
        size_t n = strspn(why, "abcdefghijklmnopqrstuvwxyz");
        if (n == 0 || n >= sizeof i->code)
                why = "json", n = 4;
        memcpy(i->code, why, n);
        i->code[n] = 0;
}

static bool record_fits(const struct message_record *r)
{
        struct slice rating = r->fields.text[FIELD_RATING];
        double v;
        return (!rating.p || text_double(&v, rating)) && r->policy_version >= INT32_MIN &&
               r->policy_version <= INT32_MAX;
}

static bool parse(struct batch *b, struct item *i, struct err *err)
{
        const struct kafka_message *m = &i->held;
        struct err why = ERR_INIT;
        /* Filled also on failure, whenever they could be read. */
        i->has_out = header("tributary_out", &i->held).p && header("tributary_prev", &i->held).p;
        bool ok = message_parse(&i->m, b->arena, m->key, m->value, header, &i->held, &why);
        i->out = i->m.out;
        i->prev = i->m.prev;
        i->has_out = i->has_out && (i->out.epoch || i->out.seq);
        read_positions(i, m);
        if (!ok && why.kind == ERR_FULL && b->n > 0)
                return err_set(err, ERR_FULL, 0, "the batch's memory is full");
        if (!ok)
                reject(i, why.kind == ERR_DATA ? why.text : "range");
        else if (!slice_is(i->m.region, i->part->region))
                reject(i, "region");
        else if (i->m.type == MESSAGE_RECORD && !record_fits(&i->m.record))
                reject(i, "range");
        return true;
}

bool batch_add(struct batch *b, struct part *part, struct kafka_message *m, struct err *err)
{
        if (b->n > 0 && batch_full(b))
                return err_set(err, ERR_FULL, 0, "the batch is full");
        struct item *i = ARENA_NEW(b->arena, struct item);
        if (!i)
                return err_set(err, ERR_FULL, 0, "the batch's memory is full");
        i->part = part;
        i->offset = m->offset;
        i->appended_us = m->append_time_us;
        i->held = *m;
        if (!parse(b, i, err))
                return false;
        if (b->n == 0)
                b->begun_us = clock_mono_us();
        b->items[b->n++] = i;
        b->bytes += m->key.n + m->value.n;
        m->handle = NULL; /* now held by the batch */
        return true;
}

bool item_is_capture(const struct item *i)
{
        return i->m.type == MESSAGE_RECORD || (i->m.type == MESSAGE_RETRACT && i->m.record.fields.deleted);
}

bool item_deleted_counts(const struct item *i)
{
        return i->m.record.fields.deleted && i->m.record.fields.revision > 0;
}

int item_compare_version(const struct item *a, const struct item *b)
{
        int64_t ra = a->m.record.fields.revision, rb = b->m.record.fields.revision;
        bool da = item_deleted_counts(a), db = item_deleted_counts(b);
        if (ra != rb)
                return ra < rb ? -1 : 1;
        if (da != db)
                return da ? 1 : -1;
        int c = position_compare(a->m.at, b->m.at);
        return c ? c : position_compare(a->m.record.judged, b->m.record.judged);
}

static int by_key(const void *x, const void *y)
{
        const struct item *a = *(struct item *const *)x, *b = *(struct item *const *)y;
        int c = a->part == b->part ? 0 : strcmp(a->part->region, b->part->region);
        if (c == 0)
                c = memcmp(a->m.record.record_key, b->m.record.record_key, 16);
        if (c == 0)
                c = -item_compare_version(a, b);
        return c ? c : (a->offset > b->offset) - (a->offset < b->offset);
}

struct item **batch_sorted(struct batch *b, size_t from, size_t to, size_t *n)
{
        struct item **sorted = arena_array(b->arena, to - from, sizeof *sorted);
        *n = 0;
        if (!sorted)
                return NULL;
        for (size_t k = from; k < to; k++) {
                struct item *i = b->items[k];
                if (!i->code[0] && (i->m.type == MESSAGE_RECORD || i->m.type == MESSAGE_RETRACT))
                        sorted[(*n)++] = i;
        }
        qsort(sorted, *n, sizeof *sorted, by_key);
        return sorted;
}
