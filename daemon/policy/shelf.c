/* shelf.c - the files of a policy set: read once, hashed, packed and unpacked.
 *
 * Packed: "TPOL" u8 1, u32 count, then for each file u32 length of the name, the name, u32
 * length of the contents, the contents. Big-endian. Files stand in order of their names.  */
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/hash.h"
#include "law.h"

enum { FILE_MAX = 4 << 20 };

bool shelf_put(struct shelf *s, const char *name, struct slice bytes)
{
        size_t at = 0;
        if (s->n == SHELF_MAX)
                return false;
        struct slice copy = arena_copy(s->arena, bytes.p ? bytes : SLICE(""));
        const char *kept = arena_string(s->arena, slice_of(name));
        if (!copy.p || !kept)
                return false;
        while (at < s->n && strcmp(s->files[at].name, name) < 0)
                at++;
        memmove(s->files + at + 1, s->files + at, (s->n - at) * sizeof *s->files);
        s->files[at] = (struct shelf_file){ kept, copy };
        s->n++;
        return true;
}

static const struct shelf_file *look(const struct shelf *s, const char *name)
{
        for (size_t i = 0; i < s->n; i++)
                if (strcmp(s->files[i].name, name) == 0)
                        return &s->files[i];
        return NULL;
}

static const char *path_of(const struct shelf *s, const char *name)
{
        char *path = arena_printf(s->arena, "%s/%s", s->dir, name);
        return path && s->below && !file_exists(path) ? arena_printf(s->arena, "%s/%s", s->below, name) : path;
}

bool shelf_get(struct shelf *s, const char *name, struct slice *out, struct err *err)
{
        const struct shelf_file *f = look(s, name);
        if (!f && s->dir) {
                struct buf bytes;
                buf_init(&bytes, FILE_MAX);
                const char *path = path_of(s, name);
                bool ok = path && file_read(&bytes, path, err);
                if (ok && !shelf_put(s, name, buf_slice(&bytes)))
                        ok = err_set(err, ERR_FULL, 0, "too many or too large policy files");
                buf_clear(&bytes);
                if (!ok)
                        return false;
                f = look(s, name);
        }
        if (!f)
                return err_set(err, ERR_CONFIG, 0, "\"%s\" is not in the set", name);
        *out = f->bytes;
        return true;
}

static void pack_begin(struct buf *out, size_t n)
{
        buf_put(out, SLICE("TPOL\x01"));
        buf_put_u32(out, (uint32_t)n);
}

static void pack_file(struct buf *out, const char *name, struct slice bytes)
{
        buf_put_u32(out, (uint32_t)strlen(name));
        buf_puts(out, name);
        buf_put_u32(out, (uint32_t)bytes.n);
        buf_put(out, bytes);
}

void shelf_pack(const struct shelf *s, struct buf *out)
{
        pack_begin(out, s->n);
        for (size_t i = 0; i < s->n; i++)
                pack_file(out, s->files[i].name, s->files[i].bytes);
}

void policy_pack(const struct policy_file *files, size_t n, struct buf *out)
{
        pack_begin(out, n);
        for (size_t i = 0; i < n; i++)
                pack_file(out, files[i].name, files[i].bytes);
}

bool shelf_unpack(struct shelf *s, struct slice packed)
{
        struct cut c = { .rest = packed };
        if (!slice_eq(cut_bytes(&c, 5), SLICE("TPOL\x01")))
                return false;
        uint32_t n = cut_u32(&c);
        if (c.bad || n > SHELF_MAX)
                return false;
        for (uint32_t i = 0; i < n; i++) {
                struct slice name = cut_bytes(&c, cut_u32(&c));
                struct slice bytes = cut_bytes(&c, cut_u32(&c));
                char text[256];
                if (c.bad || name.n >= sizeof text || memchr(name.p, 0, name.n))
                        return false;
                memcpy(text, name.p, name.n);
                text[name.n] = 0;
                if (look(s, text) || !shelf_put(s, text, bytes))
                        return false;
        }
        return c.rest.n == 0;
}

static void hash_piece(struct sha256 *h, struct slice piece)
{
        uint64_t n = piece.n;
        uint8_t length[8];
        for (int i = 0; i < 8; i++)
                length[i] = (uint8_t)(n >> (8 * (7 - i)));
        sha256_put(h, slice_make(length, sizeof length));
        sha256_put(h, piece);
}

void shelf_hash(const struct shelf *s, uint8_t out[32], struct slice also)
{
        struct sha256 *h = sha256_new();
        if (!h)
                abort(); /* as sha256() itself: nothing sensible follows */
        for (size_t i = 0; i < s->n; i++) {
                hash_piece(h, slice_of(s->files[i].name));
                hash_piece(h, s->files[i].bytes);
        }
        hash_piece(h, also);
        sha256_finish(h, out);
        sha256_free(h);
}
