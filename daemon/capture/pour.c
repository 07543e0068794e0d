/* pour.c - the bytes of a file, from its beginning, uncompressed, a piece at a time. */
#include "pour.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/pack.h"

enum { PIECE = 64 << 10 };

struct pouring {
        struct gunzip *gunzip; /* NULL: as it lies there */
        struct buf plain;
        uint64_t left;
        bool (*each)(void *ctx, struct slice piece, struct err *err);
        void *ctx;
};

static bool give(struct pouring *p, struct slice piece, struct err *err)
{
        if (piece.n > p->left)
                return err_set(err, ERR_FULL, 0, "file is larger than max_file allows");
        p->left -= piece.n;
        return p->each(p->ctx, piece, err);
}

/* A piece may unpack to more than `plain` holds: it is emptied until no more comes. */
static bool give_packed(struct pouring *p, struct slice piece, struct err *err)
{
        for (bool more = true; more;) {
                size_t before = piece.n;
                if (!gunzip_put(p->gunzip, &piece, &p->plain, err))
                        return false;
                bool full = p->plain.n == p->plain.max;
                if (p->plain.n == 0 && piece.n == before && piece.n)
                        return err_set(err, ERR_DATA, 0, "gzip data is damaged");
                if (p->plain.n && !give(p, buf_slice(&p->plain), err))
                        return false;
                buf_reset(&p->plain);
                more = full || piece.n;
        }
        return true;
}

static bool pour_all(struct pouring *p, int fd, struct sha256 *hash, char *window, struct err *err)
{
        for (off_t at = 0;;) {
                ssize_t n = pread(fd, window, PIECE, at);
                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0)
                        return err_errno(err, errno, "could not read a file of the inbox");
                if (n == 0)
                        return !p->gunzip || gunzip_finish(p->gunzip, err);
                at += n;
                struct slice piece = slice_make(window, (size_t)n);
                if (hash)
                        sha256_put(hash, piece);
                if (!(p->gunzip ? give_packed(p, piece, err) : give(p, piece, err)))
                        return false;
        }
}

bool pour(int fd, bool gz, uint64_t max, struct sha256 *hash,
          bool (*each)(void *ctx, struct slice piece, struct err *err), void *ctx, struct err *err)
{
        struct pouring p = { .left = max, .each = each, .ctx = ctx };
        char *window = malloc(PIECE);
        bool ok = false;
        buf_init(&p.plain, 4 * PIECE);
        if (gz)
                p.gunzip = gunzip_new(max);
        if (window && (!gz || p.gunzip))
                ok = pour_all(&p, fd, hash, window, err);
        else
                err_set(err, ERR_SYSTEM, 0, "out of memory");
        gunzip_free(p.gunzip);
        buf_clear(&p.plain);
        free(window);
        return ok;
}
