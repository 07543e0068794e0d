/* failed.c - lines of files that were refused, sealed; layout in failed_file.h. */
#include "failed_file.h"

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

enum { FRAME = 64 << 10, ID = 16, MAGIC = 8, AAD = ID + 9 };
#define ROW (UINT32_C(1) << 31)
static const char magic[MAGIC + 1] = "TRBFAIL2", magic_before[MAGIC + 1] = "TRBFAIL1";

struct failed {
        int fd;
        struct seal *seal;
        uint8_t key[SEAL_KEY], id[ID];
        uint64_t frame;
        bool row;                 /* the frame that is being filled begins one */
        struct buf plain, sealed; /* plain < FRAME between calls */
        char path[4096], temporary[4104];
};

static struct slice aad_of(char out[AAD], const uint8_t id[ID], uint64_t frame, bool row)
{
        memcpy(out, id, ID);
        for (int i = 0; i < 8; i++)
                out[ID + i] = (char)(frame >> (56 - 8 * i));
        out[ID + 8] = 1;
        return slice_make(out, ID + 8 + (row ? 1 : 0));
}

static bool write_frame(struct failed *f, struct slice plain, struct err *err)
{
        char aad[AAD];
        uint8_t nonce[SEAL_NONCE];
        random_bytes(nonce, sizeof nonce);
        struct slice about = aad_of(aad, f->id, f->frame++, f->row);
        buf_reset(&f->sealed);
        buf_put_u32(&f->sealed, (uint32_t)plain.n | (f->row ? ROW : 0));
        f->row = false;
        buf_put(&f->sealed, slice_make(nonce, sizeof nonce));
        char *to = buf_reserve(&f->sealed, plain.n + SEAL_TAG);
        if (!to)
                return err_set(err, ERR_FULL, 0, "no memory to seal a line");
        if (!seal_close(f->seal, f->key, nonce, about, plain, to, err))
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

bool failed_row(struct failed *f, struct err *err)
{
        bool ok = f->plain.n == 0 || write_frame(f, buf_slice(&f->plain), err);
        buf_reset(&f->plain);
        f->row = true;
        return ok;
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

/* Written and synced, under its temporary name. */
static bool finish(struct failed *f, struct err *err)
{
        if (f->plain.n && !write_frame(f, buf_slice(&f->plain), err))
                return false;
        f->row = false;
        if (!write_frame(f, SLICE(""), err))
                return false;
        return fsync(f->fd) == 0 || err_errno(err, errno, "could not sync file \"%s\"", f->temporary);
}

static bool publish(struct failed *f, struct err *err)
{
        char folder[4096];
        if (rename(f->temporary, f->path) != 0)
                return err_errno(err, errno, "could not keep file \"%s\"", f->path);
        snprintf(folder, sizeof folder, "%s", f->path);
        return dir_sync(dirname(folder), err);
}

bool failed_commit(struct failed **at, struct err *err)
{
        struct failed *f = *at;
        if (!finish(f, err) || !publish(f, err)) {
                failed_abort(at);
                return false;
        }
        *at = NULL;
        failed_free(f);
        return true;
}

bool failed_replace(struct failed **at, int old_fd, struct err *err)
{
        static const char nothing[MAGIC + ID];
        struct failed *f = *at;
        struct stat st;
        bool ok = fstat(old_fd, &st) == 0 || err_errno(err, errno, "could not look at file \"%s\"", f->path);
        ok = ok && finish(f, err);
        if (ok && futimens(f->fd, (struct timespec[2]){ st.st_mtim, st.st_mtim }) != 0)
                ok = err_errno(err, errno, "could not give file \"%s\" its age", f->temporary);
        if (!ok || !publish(f, err)) {
                failed_abort(at);
                return false;
        }
        *at = NULL;
        failed_free(f);
        return fd_pwrite_all(old_fd, slice_make(nothing, sizeof nothing), 0, err) &&
               (fdatasync(old_fd) == 0 || err_errno(err, errno, "could not overwrite a key's id"));
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

/* ---- Reading ------------------------------------------------------------ */

struct failed_reader {
        FILE *in;
        struct seal *seal;
        uint8_t key[SEAL_KEY], id[ID];
        uint64_t frame;
        bool rows;                    /* the format marks them */
        struct buf sealed, plain;
        char path[4096];
};

static bool take(struct failed_reader *r, size_t n, struct err *err)
{
        buf_reset(&r->sealed);
        char *to = buf_reserve(&r->sealed, n);
        if (!to)
                return err_set(err, ERR_SYSTEM, 0, "out of memory");
        if (fread(to, 1, n, r->in) == n) {
                r->sealed.n += n;
                return true;
        }
        if (ferror(r->in))
                return err_errno(err, errno, "could not read \"%s\"", r->path);
        return err_set(err, ERR_DATA, 0, "file of refused lines is torn: \"%s\"", r->path);
}

static bool read_head(struct failed_reader *r, struct keyer *k, struct err *err)
{
        if (!take(r, MAGIC + ID, err))
                return false;
        struct cut c = { .rest = buf_slice(&r->sealed) };
        struct slice first = cut_bytes(&c, MAGIC), id = cut_bytes(&c, ID);
        r->rows = slice_is(first, magic);
        if (!r->rows && !slice_is(first, magic_before))
                return err_set(err, ERR_DATA, 0, "not a file of refused lines: \"%s\"", r->path);
        memcpy(r->id, id.p, ID);
        keyer_digest(k, "failed lines", id, r->key);
        return true;
}

bool failed_open(struct failed_reader **out, const char *path, struct keyer *k, struct err *err)
{
        struct failed_reader *r = calloc(1, sizeof *r);
        *out = NULL;
        if (!r)
                return err_set(err, ERR_SYSTEM, 0, "out of memory");
        snprintf(r->path, sizeof r->path, "%s", path);
        buf_init(&r->sealed, FRAME + 64);
        buf_init(&r->plain, FRAME + 1);
        r->seal = seal_new();
        r->in = fopen(path, "rbe");
        bool ok = r->seal != NULL && r->in;
        if (!ok)
                err_errno(err, errno, "could not open \"%s\"", path);
        if (!ok || !read_head(r, k, err)) {
                failed_close(r);
                return false;
        }
        *out = r;
        return true;
}

void failed_close(struct failed_reader *r)
{
        if (!r)
                return;
        if (r->in)
                fclose(r->in);
        seal_free(r->seal);
        bytes_wipe(r->key, sizeof r->key);
        buf_clear(&r->sealed);
        buf_wipe(&r->plain);
        free(r);
}

static bool open_frame(struct failed_reader *r, uint32_t n, bool row, struct err *err)
{
        char aad[AAD];
        uint8_t nonce[SEAL_NONCE];
        if (n > FRAME)
                return err_set(err, ERR_DATA, 0, "file of refused lines is damaged: \"%s\"", r->path);
        if (!take(r, SEAL_NONCE + (size_t)n + SEAL_TAG, err))
                return false;
        memcpy(nonce, r->sealed.p, sizeof nonce);
        struct slice sealed = slice_make(r->sealed.p + SEAL_NONCE, (size_t)n + SEAL_TAG);
        buf_reset(&r->plain);
        char *to = buf_reserve(&r->plain, (size_t)n + 1);
        if (!to)
                return err_set(err, ERR_SYSTEM, 0, "out of memory");
        if (!seal_open(r->seal, r->key, nonce, aad_of(aad, r->id, r->frame, row), sealed, to, err))
                return err_add(err, "\"%s\", frame %llu", r->path, (unsigned long long)r->frame);
        r->plain.n = n;
        return true;
}

bool failed_next(struct failed_reader *r, struct slice *plain, bool *row, bool *end, struct err *err)
{
        if (!take(r, 4, err))
                return false;
        struct cut c = { .rest = buf_slice(&r->sealed) };
        uint32_t n = cut_u32(&c);
        *row = r->rows && (n & ROW);
        if (!open_frame(r, r->rows ? n & ~ROW : n, *row, err))
                return false;
        r->frame++;
        *end = r->plain.n == 0;
        *plain = slice_make(r->plain.p, r->plain.n);
        return true;
}

bool failed_read(struct buf *out, const char *path, struct keyer *k, struct err *err)
{
        struct failed_reader *r;
        bool row, end = false, ok = failed_open(&r, path, k, err);
        while (ok && !end) {
                struct slice plain;
                ok = failed_next(r, &plain, &row, &end, err);
                if (ok)
                        buf_put(out, plain);
        }
        failed_close(r);
        return ok && (buf_ok(out) || err_set(err, ERR_FULL, 0, "file is too large to be shown"));
}
