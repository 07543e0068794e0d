/* door.c - the one door: whatever the way in, a record meets the same checks in the same
 * order before the vault sees it. A door belongs to one thread: its scanner and its memory
 * are its own, and it takes up a new book between two records.                */
#include "door.h"

#include <stdlib.h>

#include "base/clock.h"

enum {
        SCRATCH_MAX = 32 << 20, /* the tree of a 1 MiB line of nothing but brackets and commas */
        BATCH_ARENA_MAX = BATCH_BYTES + (4 << 20)
};

struct door {
        struct intake *in;
        struct arena *scratch;
        struct buf flat;
        struct book *book; /* held; NULL: the floor only */
        struct discarder *discarder;
        uint64_t serial;   /* of the book */
        uint32_t pieces;   /* discarded from the record in `flat` */
};

/* ---- Batches ------------------------------------------------------------ */

struct batch *batch_new(struct intake_source *s, void *owner)
{
        struct batch *b = calloc(1, sizeof *b);
        if (!b)
                return NULL;
        b->arena = arena_new(BATCH_ARENA_MAX);
        b->source = s;
        b->owner = owner;
        if (!b->arena) {
                batch_free(b);
                return NULL;
        }
        return b;
}

void batch_free(struct batch *b)
{
        if (!b)
                return;
        arena_free(b->arena);
        free(b->items);
        free(b->lines);
        free(b->occurred_us);
        free(b);
}

bool door_batch_full(const struct batch *b)
{
        return b->n >= BATCH_RECORDS || b->bytes >= BATCH_BYTES;
}

static bool batch_grow(struct batch *b)
{
        if (b->n < b->cap)
                return true;
        size_t cap = b->cap ? b->cap * 4 : 1;
        struct vault_item *items = realloc(b->items, cap * sizeof *items);
        if (items)
                b->items = items;
        int64_t *lines = realloc(b->lines, cap * sizeof *lines);
        if (lines)
                b->lines = lines;
        int64_t *occurred_us = realloc(b->occurred_us, cap * sizeof *occurred_us);
        if (occurred_us)
                b->occurred_us = occurred_us;
        if (!items || !lines || !occurred_us)
                return false;
        b->cap = cap;
        return true;
}

struct vault_group *batch_seal(struct batch *b, struct mailbox *reply)
{
        b->group = (struct vault_group){ .reply = reply, .items = b->items, .n = b->n, .ctx = b };
        return &b->group;
}

/* ---- Doors -------------------------------------------------------------- */

struct door *door_open(struct intake *in)
{
        struct door *d = calloc(1, sizeof *d);
        if (!d)
                return NULL;
        d->in = in;
        d->scratch = arena_new(SCRATCH_MAX);
        buf_init(&d->flat, RECORD_BYTES_MAX);
        d->serial = UINT64_MAX;
        if (!d->scratch) {
                door_close(d);
                return NULL;
        }
        return d;
}

void door_close(struct door *d)
{
        if (!d)
                return;
        discarder_free(d->discarder);
        book_drop(d->book);
        arena_free(d->scratch);
        buf_clear(&d->flat);
        free(d);
}

struct arena *door_arena(struct door *d)
{
        return d->scratch;
}

void door_reset(struct door *d)
{
        arena_reset(d->scratch);
}

/* Takes up the book in force; false when memory is out (nothing goes through then). */
static bool take_up_book(struct door *d)
{
        if (d->discarder && atomic_load(&d->in->book_serial) == d->serial)
                return true;
        pthread_mutex_lock(&d->in->lock);
        struct book *book = d->in->book ? book_hold(d->in->book) : NULL;
        d->serial = atomic_load(&d->in->book_serial);
        pthread_mutex_unlock(&d->in->lock);
        discarder_free(d->discarder);
        book_drop(d->book);
        d->book = book;
        d->discarder = discarder_new(book);
        return d->discarder;
}

bool door_record(struct door *d, struct slice json, struct record *out, struct err *err)
{
        size_t unknown = 0;
        arena_reset(d->scratch);
        if (json.n > RECORD_BYTES_MAX)
                return err_set(err, ERR_DATA, 0, "record is larger than 1 MiB");
        if (!record_parse(out, d->scratch, json, &unknown, err)) {
                if (err->kind == ERR_FULL) /* the line's own fault: it needs 32 times its size */
                        err_set(err, ERR_DATA, 0, "record has too many parts");
                return false;
        }
        count(CAPTURE_UNKNOWN_FIELDS, (int64_t)unknown);
        return true;
}

bool door_flatten(struct door *d, const struct intake_source *s, struct record *r, struct slice *flat,
                  struct err *err)
{
        source_defaults(s->source, r);
        if (!record_check(r, err))
                return false;
        if (!take_up_book(d))
                return err_set(err, ERR_FULL, 0, "no memory for the discard pass");
        if (!policy_discard(d->discarder, r, d->scratch, &d->pieces, err))
                return false;
        buf_reset(&d->flat);
        record_flatten(r, &d->flat);
        if (!buf_ok(&d->flat))
                return err_set(err, ERR_DATA, 0, "record is larger than 1 MiB");
        *flat = buf_slice(&d->flat);
        return true;
}

/* The first book has serial 1. Most records of a batch have the class of the one before. */
static const char *class_in(const struct door *d, struct batch *b, const struct record *record)
{
        if (!d->book)
                return "";
        const char *said = book_class_of(d->book, record);
        if (b->class_serial != d->serial || b->class_said != said) {
                b->class = arena_string(b->arena, slice_of(said));
                b->class_said = said;
                b->class_serial = d->serial;
        }
        return b->class;
}

static void tell_strangers(struct door *d, const struct batch *b, const struct record *r)
{
        const char *source = b->source->source->name;
        int64_t now_us = r->n_strangers || r->n_attributes ? clock_now_us() : 0;
        for (size_t i = 0; i < r->n_strangers; i++)
                strangers_saw(d->in->strangers, source, false, r->strangers[i], now_us);
        for (size_t i = 0; d->book && i < r->n_attributes; i++)
                if (!book_names_attribute(d->book, r->attributes[i].name))
                        strangers_saw(d->in->strangers, source, true, r->attributes[i].name, now_us);
}

bool door_add(struct door *d, struct batch *b, const struct record *record, int64_t line, struct err *err)
{
        struct vault_item item = {
                .kind = ENTRY_RECORD,
                .source = slice_of(b->source->source->name),
                .id = arena_copy(b->arena, record->text[FIELD_ID]),
                .class = class_in(d, b, record),
                .plain = arena_copy(b->arena, buf_slice(&d->flat)),
        };
        item.n_identities = identity_of(item.identities, b->arena, b->source->source->name_space, record);
        if (!item.id.p || !item.plain.p || !item.class || item.n_identities < 0 || !batch_grow(b))
                return err_set(err, ERR_FULL, 0, "no memory for a record");
        if (d->pieces)
                intake_discarded(d->in, b->source, d->pieces);
        tell_strangers(d, b, record);
        b->items[b->n] = item;
        b->occurred_us[b->n] = record->occurred_at_us;
        b->lines[b->n++] = line;
        b->bytes += item.plain.n;
        return true;
}

bool door_put(struct door *d, struct batch *b, struct record *record, int64_t line, struct err *err)
{
        struct slice flat;
        return door_flatten(d, b->source, record, &flat, err) && door_add(d, b, record, line, err);
}
