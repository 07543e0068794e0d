/* reserve.c - the reserve's file: made, cut, made whole. */
#include "reserve.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"

enum {
        STEPS = 4,           /* so much of it goes at once */
        LOW = 4 << 20        /* free bytes below which a disk counts as full */
};

static bool is_full(const struct reserve *r)
{
        uint64_t free_bytes;

        return dir_free_bytes(r->dir, &free_bytes, NULL) && free_bytes < LOW;
}

static bool cut(struct reserve *r, uint64_t to)
{
        if (to > 0 ? truncate(r->path, (off_t)to) != 0 : unlink(r->path) != 0)
                return false;
        atomic_store(&r->have, to);
        return true;
}

bool reserve_open(struct reserve *r, const char *state_dir, uint64_t want, struct err *err)
{
        struct stat st;

        pthread_mutex_init(&r->lock, NULL);
        r->want = want;
        if (snprintf(r->dir, sizeof r->dir, "%s", state_dir) >= PATH_MAX - 16)
                return err_set(err, ERR_CONFIG, ENAMETOOLONG, "state directory's path is too long");
        snprintf(r->path, sizeof r->path, "%.*s/reserve", PATH_MAX - 16, state_dir);
        if (stat(r->path, &st) != 0)
                st = (struct stat){ 0 };
        /* Blocks, not length: a sparse file (a copy, a crash) puts nothing by. */
        uint64_t real = (uint64_t)st.st_blocks * 512;
        atomic_store(&r->have, real < (uint64_t)st.st_size ? real : (uint64_t)st.st_size);
        if (atomic_load(&r->have) > want && !cut(r, want))
                return err_errno(err, errno, "could not cut file \"%s\"", r->path);
        reserve_give(r);
        return true;
}

void reserve_close(struct reserve *r)
{
        if (r->path[0])
                pthread_mutex_destroy(&r->lock);
        r->path[0] = 0;
}

bool reserve_give(struct reserve *r)
{
        bool given = false;

        pthread_mutex_lock(&r->lock);
        uint64_t have = atomic_load(&r->have), step = r->want / STEPS;
        if (have > 0 && is_full(r) && (given = cut(r, have > step ? have - step : 0)))
                log_warning("vault", "disk is full: reserve is given back", "left=%llu of=%llu",
                            (unsigned long long)atomic_load(&r->have), (unsigned long long)r->want);
        pthread_mutex_unlock(&r->lock);
        return given;
}

/* Opened for reading too: where the file system has no fallocate, the C library looks which blocks
 * are there already. */
static bool grow(struct reserve *r)
{
        int fd = open(r->path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
        bool ok = fd >= 0 && posix_fallocate(fd, 0, (off_t)r->want) == 0 && fsync(fd) == 0;

        if (fd >= 0)
                close(fd);
        if (ok)
                atomic_store(&r->have, r->want);
        else if (fd >= 0) /* half of it may have been made */
                cut(r, atomic_load(&r->have));
        return ok;
}

bool reserve_fill(struct reserve *r, uint64_t keep_free)
{
        uint64_t free_bytes;

        pthread_mutex_lock(&r->lock);
        uint64_t missing = reserve_missing(r);
        if (missing > 0 && dir_free_bytes(r->dir, &free_bytes, NULL) && free_bytes >= missing + keep_free &&
            free_bytes >= missing + LOW && grow(r))
                log_info("vault", "reserve for a full disk is there", "bytes=%llu",
                         (unsigned long long)r->want);
        missing = reserve_missing(r);
        pthread_mutex_unlock(&r->lock);
        return missing == 0;
}

uint64_t reserve_missing(const struct reserve *r)
{
        uint64_t have = atomic_load(&r->have);

        return r->want > have ? r->want - have : 0;
}
