/* failed.c - lines of files that were refused, sealed; layout in failed.h. */
#include "failed.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/hash.h"
#include "base/seal.h"

enum { FRAME = 64 << 10, ID = 16, MAGIC = 8 };
static const char magic[MAGIC + 1] = "TRBFAIL1";

struct failed {
        int fd;
        struct seal *seal;
        uint8_t key[SEAL_KEY], id[ID];
        uint64_t frame;
        struct buf plain, sealed; /* plain < FRAME between calls */
        char path[4096], temporary[4104];
};

static void aad_of(char out[ID + 8], const uint8_t id[ID], uint64_t frame)
{
        memcpy(out, id, ID);
        for (int i = 0; i < 8; i++)
                out[ID + i] = (char)(frame >> (56 - 8 * i));
}

static bool write_frame(struct failed *f, struct slice plain, struct err *err)
{
        char aad[ID + 8];
        uint8_t nonce[SEAL_NONCE];
        random_bytes(nonce, sizeof nonce);
        aad_of(aad, f->id, f->frame++);
        buf_reset(&f->sealed);
        buf_put_u32(&f->sealed, (uint32_t)plain.n);
        buf_put(&f->sealed, slice_make(nonce, sizeof nonce));
        char *to = buf_reserve(&f->sealed, plain.n + SEAL_TAG);
        if (!to)
                return err_set(err, ERR_FULL, 0, "no memory to seal a line");
        if (!seal_close(f->seal, f->key, nonce, slice_make(aad, sizeof aad), plain, to, err))
                return false;
        f->sealed.n += plain.n + SEAL_TAG;
        return fd_write_all(f->fd, buf_slice(&f->sealed), err);
}

bool failed_begin(struct failed **out, const char *path, struct keyer *k, struct err *err)
{
        *out = NULL;
        struct failed *f = calloc(1, sizeof *f);
        if (!f)
                return err_set(err, ERR_SYSTEM, 0, "out of memory");
        buf_init(&f->plain, FRAME);
        buf_init(&f->sealed, FRAME + 64);
        snprintf(f->path, sizeof f->path, "%s", path);
        snprintf(f->temporary, sizeof f->temporary, "%s.tmp", f->path);
        f->seal = seal_new();
        random_bytes(f->id, sizeof f->id);
        keyer_digest(k, "failed lines", slice_make(f->id, ID), f->key);
        f->fd = open(f->temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
        bool ok = f->seal && f->fd >= 0;
        if (!ok)
                err_errno(err, errno, "could not make file \"%s\"", f->temporary);
        ok = ok && fd_write_all(f->fd, slice_make(magic, MAGIC), err) &&
             fd_write_all(f->fd, slice_make(f->id, ID), err);
        if (!ok) {
                failed_abort(&f);
                return false;
        }
        *out = f;
        return true;
}

bool failed_put(struct failed *f, struct slice bytes, struct err *err)
{
        while (bytes.n) {
                size_t n = FRAME - f->plain.n < bytes.n ? FRAME - f->plain.n : bytes.n;
                buf_put(&f->plain, slice_make(bytes.p, n));
                bytes = slice_make(bytes.p + n, bytes.n - n);
                if (f->plain.n < FRAME)
                        break;
                if (!write_frame(f, buf_slice(&f->plain), err))
                        return false;
                buf_reset(&f->plain);
        }
        return true;
}

static void failed_free(struct failed *f)
{
        seal_free(f->seal);
        if (f->fd >= 0)
                close(f->fd);
        bytes_wipe(f->key, sizeof f->key);
        buf_wipe(&f->plain);
        buf_clear(&f->sealed);
        free(f);
}

bool failed_commit(struct failed **at, struct err *err)
{
        struct failed *f = *at;
        char folder[4096];
        bool ok = (f->plain.n == 0 || write_frame(f, buf_slice(&f->plain), err)) &&
                  write_frame(f, SLICE(""), err);
        if (ok && (fsync(f->fd) != 0 || rename(f->temporary, f->path) != 0))
                ok = err_errno(err, errno, "could not keep file \"%s\"", f->path);
        snprintf(folder, sizeof folder, "%s", f->path);
        ok = ok && dir_sync(dirname(folder), err);
        if (!ok) {
                failed_abort(at);
                return false;
        }
        *at = NULL;
        failed_free(f);
        return true;
}

void failed_abort(struct failed **at)
{
        struct failed *f = *at;
        if (!f)
                return;
        unlink(f->temporary);
        *at = NULL;
        failed_free(f);
}

/* One frame; *end when it is the last. */
static bool read_frame(struct cut *c, struct seal *seal, const uint8_t key[SEAL_KEY], const uint8_t id[ID],
                       uint64_t frame, struct buf *out, bool *end, struct err *err)
{
        char aad[ID + 8];
        uint8_t nonce[SEAL_NONCE];
        uint32_t n = cut_u32(c);
        struct slice at = cut_bytes(c, SEAL_NONCE);
        struct slice sealed = cut_bytes(c, n <= FRAME ? (size_t)n + SEAL_TAG : SIZE_MAX);
        if (c->bad)
                return err_set(err, ERR_DATA, 0, "file is torn");
        memcpy(nonce, at.p, sizeof nonce);
        aad_of(aad, id, frame);
        char *to = buf_reserve(out, n);
        if (!to)
                return err_set(err, ERR_FULL, 0, "file is too large to be shown");
        if (!seal_open(seal, key, nonce, slice_make(aad, sizeof aad), sealed, to, err))
                return false;
        out->n += n;
        out->p[out->n] = 0;
        *end = n == 0;
        return true;
}

bool failed_read(struct buf *out, const char *path, struct keyer *k, struct err *err)
{
        struct buf file;
        struct seal *seal = seal_new();
        uint8_t key[SEAL_KEY], id[ID];
        bool ok = false, end = false;
        buf_init(&file, (size_t)1 << 32);
        if (!seal || !file_read(&file, path, err))
                goto out;
        struct cut c = { .rest = buf_slice(&file) };
        struct slice first = cut_bytes(&c, MAGIC), id_at = cut_bytes(&c, ID);
        if (c.bad || !slice_is(first, magic)) {
                err_set(err, ERR_DATA, 0, "not a file of refused lines: \"%s\"", path);
                goto out;
        }
        memcpy(id, id_at.p, ID);
        keyer_digest(k, "failed lines", id_at, key);
        ok = true;
        for (uint64_t frame = 0; ok && !end; frame++)
                ok = read_frame(&c, seal, key, id, frame, out, &end, err) ||
                     err_add(err, "\"%s\", frame %llu", path, (unsigned long long)frame);
        bytes_wipe(key, sizeof key);
out:
        seal_free(seal);
        buf_clear(&file);
        return ok;
}
