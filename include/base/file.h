/* file.h - whole files, durable replacement, directories, locks.            */
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/buf.h"
#include "base/err.h"

/* Appends the file's bytes to b; ERR_FULL beyond b->max, ERR_CONFIG when missing. */
bool file_read(struct buf *b, const char *path, struct err *err);
/* Temporary beside it, write, fsync, rename, fsync of the directory. */
bool file_save(const char *path, struct slice bytes, mode_t mode, struct err *err);
/* As file_save(), but fails with ERR_BUSY if the file exists. */
bool file_create(const char *path, struct slice bytes, mode_t mode, struct err *err);
bool file_exists(const char *path);
/* mkdir -p. */
bool dir_make(const char *path, mode_t mode, struct err *err);
bool dir_sync(const char *path, struct err *err);
/* Free bytes for an unprivileged writer on the file system of `path`. */
bool dir_free_bytes(const char *path, uint64_t *out, struct err *err);
/* Sorted names (without . and ..) of regular files in `dir` that match `glob`;
 * calls `each` with the name; stops when it returns false. ERR_CONFIG if no dir. */
bool dir_each(const char *dir, const char *glob, bool (*each)(const char *name, void *ctx),
              void *ctx, struct err *err);
/* The same with links to regular files: a mounted Kubernetes ConfigMap has nothing else. */
bool dir_each_linked(const char *dir, const char *glob, bool (*each)(const char *name, void *ctx), void *ctx,
                     struct err *err);

/* Exclusive flock on `path` (made if missing). ERR_BUSY when another has it.
 * The fd is the lock: close() releases it. */
bool file_lock(int *out_fd, const char *path, struct err *err);

/* All of it or an error; EINTR retried. */
bool fd_write_all(int fd, struct slice bytes, struct err *err);
bool fd_pwrite_all(int fd, struct slice bytes, off_t at, struct err *err);

#endif
