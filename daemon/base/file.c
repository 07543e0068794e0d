/* file.c - whole files, directories, locks. */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

enum { READ_STEP = 64 * 1024 };

static bool read_fd(struct buf *b, int fd, const char *path, struct err *err)
{
        for (;;) {
                /* One byte beyond the ceiling tells "exactly full" from "too long". */
                char spare;
                size_t room = b->max - b->n;
                size_t want = room < READ_STEP ? room : READ_STEP;
                char *to = want ? buf_reserve(b, want) : &spare;
                if (!to)
                        return err_set(err, ERR_FULL, 0, "no memory to read file \"%s\"", path);
                ssize_t got = read(fd, to, want ? want : 1);
                if (got < 0 && errno == EINTR)
                        continue;
                if (got < 0)
                        return err_errno(err, errno, "could not read file \"%s\"", path);
                if (got == 0)
                        return true;
                if (!want)
                        return err_set(err, ERR_FULL, 0, "file \"%s\" is longer than %zu bytes",
                                       path, b->max);
                b->n += (size_t)got;
                b->p[b->n] = 0;
        }
}

bool file_read(struct buf *b, const char *path, struct err *err)
{
        int fd = open(path, O_RDONLY | O_CLOEXEC);
        if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
                return err_set(err, ERR_CONFIG, errno, "file \"%s\" does not exist", path);
        if (fd < 0)
                return err_errno(err, errno, "could not open file \"%s\"", path);
        bool ok = read_fd(b, fd, path, err);
        close(fd);
        return ok;
}

bool fd_write_all(int fd, struct slice bytes, struct err *err)
{
        while (bytes.n > 0) {
                ssize_t n = write(fd, bytes.p, bytes.n);
                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0)
                        return err_errno(err, errno, "could not write");
                bytes.p += n;
                bytes.n -= (size_t)n;
        }
        return true;
}

bool fd_pwrite_all(int fd, struct slice bytes, off_t at, struct err *err)
{
        while (bytes.n > 0) {
                ssize_t n = pwrite(fd, bytes.p, bytes.n, at);
                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0)
                        return err_errno(err, errno, "could not write");
                bytes.p += n;
                bytes.n -= (size_t)n;
                at += n;
        }
        return true;
}

/* "" and no slash: the current directory. */
static bool folder_of(char out[PATH_MAX], const char *path, struct err *err)
{
        const char *slash = strrchr(path, '/');
        size_t n = slash ? (size_t)(slash - path) : 0;
        if (n >= PATH_MAX - 1)
                return err_set(err, ERR_CONFIG, ENAMETOOLONG, "path is too long");
        if (!slash)
                strcpy(out, ".");
        else if (n == 0)
                strcpy(out, "/");
        else
                snprintf(out, PATH_MAX, "%.*s", (int)n, path);
        return true;
}

bool dir_sync(const char *path, struct err *err)
{
        int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (fd < 0)
                return err_errno(err, errno, "could not open directory \"%s\"", path);
        bool ok = fsync(fd) == 0;
        int failed = errno;
        close(fd);
        return ok || err_errno(err, failed, "could not sync directory \"%s\"", path);
}

/* A temporary beside `path`, written and synced; its name is left in `temp`. */
static bool write_temporary(char temp[PATH_MAX], const char *path, struct slice bytes, mode_t mode,
                            struct err *err)
{
        if (snprintf(temp, PATH_MAX, "%s.XXXXXX", path) >= PATH_MAX)
                return err_set(err, ERR_CONFIG, ENAMETOOLONG, "path is too long");
        int fd = mkostemp(temp, O_CLOEXEC);
        if (fd < 0)
                return err_errno(err, errno, "could not create a file beside \"%s\"", path);
        bool ok = fd_write_all(fd, bytes, err) || err_add(err, "file \"%s\"", path);
        if (ok && (fchmod(fd, mode) != 0 || fsync(fd) != 0))
                ok = err_errno(err, errno, "could not sync file \"%s\"", path);
        if (close(fd) != 0 && ok)
                ok = err_errno(err, errno, "could not close file \"%s\"", path);
        if (!ok)
                unlink(temp);
        return ok;
}

bool file_save(const char *path, struct slice bytes, mode_t mode, struct err *err)
{
        char temp[PATH_MAX], folder[PATH_MAX];
        if (!folder_of(folder, path, err) || !write_temporary(temp, path, bytes, mode, err))
                return false;
        if (rename(temp, path) != 0) {
                int failed = errno;
                unlink(temp);
                return err_errno(err, failed, "could not replace file \"%s\"", path);
        }
        return dir_sync(folder, err);
}

/* link(2) fails where the name is taken, also between two who race. */
bool file_create(const char *path, struct slice bytes, mode_t mode, struct err *err)
{
        char temp[PATH_MAX], folder[PATH_MAX];
        if (!folder_of(folder, path, err))
                return false;
        if (file_exists(path))
                return err_set(err, ERR_BUSY, EEXIST, "file \"%s\" exists already", path);
        if (!write_temporary(temp, path, bytes, mode, err))
                return false;
        int failed = link(temp, path) == 0 ? 0 : errno;
        unlink(temp);
        if (failed == EEXIST)
                return err_set(err, ERR_BUSY, EEXIST, "file \"%s\" exists already", path);
        if (failed)
                return err_errno(err, failed, "could not create file \"%s\"", path);
        return dir_sync(folder, err);
}

bool file_exists(const char *path)
{
        struct stat st;
        return lstat(path, &st) == 0;
}

bool file_lock(int *out_fd, const char *path, struct err *err)
{
        *out_fd = -1;
        int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
        if (fd < 0)
                return err_errno(err, errno, "could not open lock \"%s\"", path);
        while (flock(fd, LOCK_EX | LOCK_NB) != 0) {
                int failed = errno;
                if (failed == EINTR)
                        continue;
                close(fd);
                if (failed != EWOULDBLOCK)
                        return err_errno(err, failed, "could not lock \"%s\"", path);
                err_set(err, ERR_BUSY, failed, "another process holds \"%s\"", path);
                return err_hint(err, "See who it is with \"fuser %s\".", path);
        }
        *out_fd = fd;
        return true;
}
