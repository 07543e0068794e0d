/* seen.c - a bit for every capture that ever arrived: tributary.seen.
 *
 * A block is 8,192 captures of one epoch in one partition, 1 KiB. A batch touches few: seqs
 * come nearly in order. The lane alone writes its partitions' blocks (the fence sees to it
 * that a second writer cannot commit), so read, set, write back is sound.
 *
 * A retract that takes a capture back (it went out, and stays at home now) clears its bit: the
 * capture counts nowhere here, and counts anew when it goes out again.                      */
#include <inttypes.h>
#include <stdlib.h>

#include "base/text.h"
#include "store.h"

enum { BLOCK_BITS = 8192, BLOCK_BYTES = BLOCK_BITS / 8 };

struct block {
        const struct part *part;
        int64_t epoch, number;
        uint8_t *bits;
        bool changed;
};

static struct block block_of(const struct item *i)
{
        return (struct block){ .part = i->part, .epoch = (int64_t)i->m.at.epoch,
                               .number = (int64_t)(i->m.at.seq / BLOCK_BITS) };
}

static int compare(const void *x, const void *y)
{
        const struct block *a = x, *b = y;
        int c = a->part == b->part ? 0 : strcmp(a->part->topic, b->part->topic);
        if (c == 0)
                c = (a->part->partition > b->part->partition) - (a->part->partition < b->part->partition);
        if (c == 0)
                c = (a->epoch > b->epoch) - (a->epoch < b->epoch);
        return c ? c : (a->number > b->number) - (a->number < b->number);
}

static bool takes_back(const struct item *i)
{
        return i->m.type == MESSAGE_RETRACT && !i->m.record.fields.deleted && i->m.record.taken_back && i->code[0] == 0;
}

static bool counted(const struct item *i)
{
        if (takes_back(i))
                return i->m.record.source.p != NULL;
        bool record = item_is_capture(i) && i->m.record.source.p;
        /* A record that PostgreSQL refused was parsed, and is counted as rejected. */
        return record && (i->code[0] == 0 || (i->code[0] >= '0' && i->code[0] <= '9'));
}

/* The distinct blocks, sorted. */
static struct block *collect(struct store *s, struct item *const *items, size_t n, size_t *n_blocks)
{
        struct block *blocks = arena_array(s->scratch, n, sizeof *blocks);
        size_t all = 0;
        *n_blocks = 0;
        if (!blocks)
                return NULL;
        for (size_t i = 0; i < n; i++)
                if (counted(items[i]))
                        blocks[all++] = block_of(items[i]);
        qsort(blocks, all, sizeof *blocks, compare);
        for (size_t i = 0; i < all; i++)
                if (*n_blocks == 0 || compare(&blocks[*n_blocks - 1], &blocks[i]) != 0)
                        blocks[(*n_blocks)++] = blocks[i];
        for (size_t i = 0; i < *n_blocks; i++)
                if (!(blocks[i].bits = arena_alloc(s->scratch, BLOCK_BYTES)))
                        return NULL;
        return blocks;
}

struct arrays {
        struct buf region, partition, epoch, number, bits;
};

static void arrays_begin(struct arrays *a, size_t max)
{
        struct buf *all[] = { &a->region, &a->partition, &a->epoch, &a->number, &a->bits };
        for (size_t i = 0; i < 5; i++) {
                buf_init(all[i], max);
                buf_putc(all[i], '{');
        }
}

static void arrays_put(struct arrays *a, const struct block *b)
{
        put_array_text(&a->region, slice_of(b->part->region));
        put_array_int(&a->partition, b->part->partition);
        put_array_int(&a->epoch, b->epoch);
        put_array_int(&a->number, b->number);
}

static bool arrays_end(struct arrays *a, struct pg_param p[5])
{
        struct buf *all[] = { &a->region, &a->partition, &a->epoch, &a->number, &a->bits };
        bool ok = true;
        for (size_t i = 0; i < 5; i++) {
                buf_putc(all[i], '}');
                p[i].v = buf_slice(all[i]);
                ok &= buf_ok(all[i]);
        }
        return ok;
}

static void arrays_clear(struct arrays *a)
{
        buf_clear(&a->region);
        buf_clear(&a->partition);
        buf_clear(&a->epoch);
        buf_clear(&a->number);
        buf_clear(&a->bits);
}

static bool read_blocks(struct store *s, struct block *blocks, size_t n, struct err *err)
{
        struct arrays a;
        struct pg_param p[5];
        struct pg_rows *r = NULL;
        arrays_begin(&a, 64 << 20);
        for (size_t i = 0; i < n; i++)
                arrays_put(&a, &blocks[i]);
        bool ok = arrays_end(&a, p) || err_set(err, ERR_FULL, 0, "out of memory");
        ok = ok && pg_query(&r, s->c, "SELECT k.i, s.bits FROM unnest($1::text[], $2::int[], $3::bigint[],"
                                      " $4::bigint[]) WITH ORDINALITY AS k (region, partition, epoch, block, i)"
                                      " JOIN tributary.seen s USING (region, partition, epoch, block)",
                            p, 4, err);
        for (size_t i = 0; ok && i < pg_rows_count(r); i++) {
                struct slice hex = pg_rows_text(r, i, 1);
                int64_t at = pg_rows_int(r, i, 0) - 1;
                if (hex.n != 2 + 2 * BLOCK_BYTES || at < 0 || (size_t)at >= n ||
                    !hex_decode(blocks[at].bits, BLOCK_BYTES, (struct slice){ hex.p + 2, hex.n - 2 }))
                        ok = err_set(err, ERR_SYSTEM, 0, "a block of tributary.seen is not %d bytes", BLOCK_BYTES);
        }
        pg_rows_free(r);
        arrays_clear(&a);
        return ok;
}

static bool write_blocks(struct store *s, const struct block *blocks, size_t n, struct err *err)
{
        struct arrays a;
        struct pg_param p[5];
        size_t changed = 0;
        arrays_begin(&a, 256 << 20);
        for (size_t i = 0; i < n; i++) {
                if (!blocks[i].changed)
                        continue;
                changed++;
                arrays_put(&a, &blocks[i]);
                buf_puts(&a.bits, a.bits.n > 1 ? ",\"\\\\x" : "\"\\\\x");
                buf_put_hex(&a.bits, blocks[i].bits, BLOCK_BYTES);
                buf_putc(&a.bits, '"');
        }
        bool ok = arrays_end(&a, p) || err_set(err, ERR_FULL, 0, "out of memory");
        if (ok && changed)
                ok = pg_run_params(s->c, "INSERT INTO tributary.seen (region, partition, epoch, block, bits)"
                                         " SELECT * FROM unnest($1::text[], $2::int[], $3::bigint[],"
                                         " $4::bigint[], $5::bytea[]) ON CONFLICT (region, partition, epoch,"
                                         " block) DO UPDATE SET bits = excluded.bits", p, 5, NULL, err);
        arrays_clear(&a);
        return ok;
}

static void mark(struct block *blocks, size_t n, struct item *i)
{
        struct block key = block_of(i);
        struct block *b = bsearch(&key, blocks, n, sizeof *blocks, compare);
        size_t at = (size_t)(i->m.at.seq % BLOCK_BITS);
        uint8_t bit = (uint8_t)(1u << (at % 8));
        if (takes_back(i)) {
                i->taken = b->bits[at / 8] & bit;
                b->changed |= i->taken;
                b->bits[at / 8] &= (uint8_t)~bit;
                return;
        }
        i->fresh = !(b->bits[at / 8] & bit);
        if (i->fresh) {
                b->bits[at / 8] |= bit;
                b->changed = true;
        }
}

bool seen_mark(struct store *s, struct item *const *items, size_t n, struct err *err)
{
        size_t n_blocks;
        struct block *blocks = collect(s, items, n, &n_blocks);
        if (!blocks)
                return err_set(err, ERR_FULL, 0, "the transaction's memory is full");
        if (n_blocks == 0)
                return true;
        if (!read_blocks(s, blocks, n_blocks, err))
                return false;
        for (size_t i = 0; i < n; i++)
                if (counted(items[i]))
                        mark(blocks, n_blocks, items[i]);
        return write_blocks(s, blocks, n_blocks, err);
}
