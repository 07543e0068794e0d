/* csv_id.c - ids of rows that have none. */
#include "csv_id.h"

#include <stdlib.h>

#include "base/hash.h"
#include "base/text.h"

enum { SEEN_FIRST = 1024, SEEN_MAX = 1 << 20 };

bool csv_id_of_columns(struct slice *out, struct arena *a, const struct slice *values, size_t n,
                       struct err *err)
{
        struct buf b;
        buf_init(&b, 1 << 16);
        for (size_t i = 0; i < n; i++) {
                if (!values[i].n) {
                        buf_clear(&b);
                        return err_set(err, ERR_DATA, 0, "column %zu of \"id_from\" is empty", i + 1);
                }
                buf_printf(&b, "%s%zu:", i ? "," : "", values[i].n);
                buf_put(&b, values[i]);
        }
        bool ok = buf_ok(&b) || err_set(err, ERR_DATA, 0, "\"id\" is over 512 bytes");
        if (ok) {
                *out = arena_copy(a, buf_slice(&b));
                ok = out->p || err_set(err, ERR_FULL, 0, "row does not fit into memory's ceiling");
        }
        buf_clear(&b);
        return ok;
}

struct seen_row {
        uint64_t key; /* of the content's hash; never 0 */
        uint32_t times;
};

struct csv_seen { /* open addressing, at most 3/4 full */
        struct seen_row *rows;
        size_t size, used;
        struct sha256 *hash;
};

struct csv_seen *csv_seen_new(void)
{
        struct csv_seen *s = calloc(1, sizeof *s);
        if (!s)
                return NULL;
        s->rows = calloc(SEEN_FIRST, sizeof *s->rows);
        s->hash = sha256_new();
        s->size = SEEN_FIRST;
        if (s->rows && s->hash)
                return s;
        csv_seen_free(s);
        return NULL;
}

void csv_seen_free(struct csv_seen *s)
{
        if (!s)
                return;
        sha256_free(s->hash);
        free(s->rows);
        free(s);
}

static struct seen_row *slot(struct seen_row *rows, size_t size, uint64_t key)
{
        size_t i = key & (size - 1);
        while (rows[i].key && rows[i].key != key)
                i = (i + 1) & (size - 1);
        return &rows[i];
}

static bool grow(struct csv_seen *s)
{
        size_t size = s->size * 2;
        struct seen_row *rows = calloc(size, sizeof *rows);
        if (!rows)
                return false;
        for (size_t i = 0; i < s->size; i++)
                if (s->rows[i].key)
                        *slot(rows, size, s->rows[i].key) = s->rows[i];
        free(s->rows);
        s->rows = rows;
        s->size = size;
        return true;
}

/* How often this content was here, with this time; 0 when there is no room. */
static uint32_t count(struct csv_seen *s, uint64_t key)
{
        struct seen_row *row = slot(s->rows, s->size, key);
        if (!row->key) {
                if (s->used == SEEN_MAX)
                        return 0;
                if (s->used >= s->size / 4 * 3) {
                        if (!grow(s))
                                return 0;
                        row = slot(s->rows, s->size, key);
                }
                s->used++;
                row->key = key;
        }
        return ++row->times;
}

bool csv_id_of_row(struct slice *out, struct arena *a, struct csv_seen *seen, const struct slice *cells,
                   size_t n, struct err *err)
{
        uint8_t digest[SHA256_BYTES], length[4];
        char hex[33];
        uint64_t key = 0;
        for (size_t i = 0; i < n; i++) {
                for (int k = 0; k < 4; k++)
                        length[k] = (uint8_t)(cells[i].n >> (24 - 8 * k));
                sha256_put(seen->hash, slice_make(length, 4));
                sha256_put(seen->hash, cells[i]);
        }
        sha256_finish(seen->hash, digest);
        for (int k = 0; k < 8; k++)
                key = key << 8 | digest[16 + k];
        uint32_t times = count(seen, key ? key : 1);
        if (!times)
                return err_set(err, ERR_FULL, 0, "file has over %d different rows and no \"id_from\"",
                               SEEN_MAX);
        hex_encode(hex, digest, 16);
        const char *id = times == 1 ? arena_printf(a, "row/%s", hex)
                                    : arena_printf(a, "row/%s/%u", hex, (unsigned)times);
        *out = slice_of(id);
        return id || err_set(err, ERR_FULL, 0, "row does not fit into memory's ceiling");
}
