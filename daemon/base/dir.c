/* dir.c - directories: make, list, how much room. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include "base/file.h"
#include "base/text.h"

static bool make_one(const char *path, mode_t mode, struct err *err)
{
        struct stat st;
        if (mkdir(path, mode) == 0)
                return true;
        if (errno != EEXIST)
                return err_errno(err, errno, "could not make directory \"%s\"", path);
        if (stat(path, &st) == 0 && S_ISDIR(st.st_mode))
                return true;
        return err_set(err, ERR_CONFIG, ENOTDIR, "\"%s\" is not a directory", path);
}

bool dir_make(const char *path, mode_t mode, struct err *err)
{
        char part[PATH_MAX];
        size_t n = strlen(path);
        if (n == 0 || n >= sizeof part)
                return err_set(err, ERR_CONFIG, ENAMETOOLONG, "not a usable path for a directory");
        memcpy(part, path, n + 1);
        for (size_t i = 1; i < n; i++) {
                if (part[i] != '/' || part[i - 1] == '/')
                        continue;
                part[i] = 0;
                if (!make_one(part, mode, err))
                        return false;
                part[i] = '/';
        }
        return make_one(path, mode, err);
}

bool dir_free_bytes(const char *path, uint64_t *out, struct err *err)
{
        struct statvfs fs;
        if (statvfs(path, &fs) != 0)
                return err_errno(err, errno, "could not ask for the free space of \"%s\"", path);
        *out = (uint64_t)fs.f_bavail * fs.f_frsize;
        return true;
}

enum { NAMES_MAX = 1000000 };

struct names {
        char **name;
        size_t n, cap; /* n <= cap <= NAMES_MAX */
};

static bool add_name(struct names *list, const char *name)
{
        if (list->n == list->cap) {
                size_t cap = list->cap ? list->cap * 2 : 64;
                char **grown = cap > NAMES_MAX ? NULL : realloc(list->name, cap * sizeof *grown);
                if (!grown)
                        return false;
                list->name = grown;
                list->cap = cap;
        }
        list->name[list->n] = strdup(name);
        return list->name[list->n] && ++list->n;
}

/* File systems that do not tell the type in the directory are asked by file. */
static bool is_regular(int dir_fd, const struct dirent *e, bool links)
{
        struct stat st;
        if (e->d_type == DT_REG || (e->d_type != DT_UNKNOWN && !(links && e->d_type == DT_LNK)))
                return e->d_type == DT_REG;
        return fstatat(dir_fd, e->d_name, &st, links ? 0 : AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(st.st_mode);
}

static bool list_names(struct names *list, const char *dir, const char *glob, bool links, struct err *err)
{
        DIR *d = opendir(dir);
        if (!d && (errno == ENOENT || errno == ENOTDIR))
                return err_set(err, ERR_CONFIG, errno, errno == ENOENT || !file_exists(dir) ? "directory \"%s\" does not exist"
                                                                                             : "\"%s\" is not a directory", dir);
        if (!d)
                return err_errno(err, errno, "could not open directory \"%s\"", dir);
        bool ok = true;
        for (;;) {
                errno = 0;
                const struct dirent *e = readdir(d);
                if (!e)
                        break;
                if (!text_glob(glob, e->d_name) || !is_regular(dirfd(d), e, links))
                        continue;
                if (!add_name(list, e->d_name)) {
                        ok = err_set(err, ERR_FULL, 0, "too many files in directory \"%s\"", dir);
                        break;
                }
        }
        if (ok && errno)
                ok = err_errno(err, errno, "could not read directory \"%s\"", dir);
        closedir(d);
        return ok;
}

static int by_name(const void *a, const void *b)
{
        return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool each_name(const char *dir, const char *glob, bool links, bool (*each)(const char *name, void *ctx),
                      void *ctx, struct err *err)
{
        struct names list = { 0 };
        bool ok = list_names(&list, dir, glob, links, err);
        if (ok && list.n)
                qsort(list.name, list.n, sizeof *list.name, by_name);
        for (size_t i = 0; ok && i < list.n; i++)
                if (!each(list.name[i], ctx))
                        break;
        for (size_t i = 0; i < list.n; i++)
                free(list.name[i]);
        free(list.name);
        return ok;
}

bool dir_each(const char *dir, const char *glob, bool (*each)(const char *name, void *ctx), void *ctx,
              struct err *err)
{
        return each_name(dir, glob, false, each, ctx, err);
}

bool dir_each_linked(const char *dir, const char *glob, bool (*each)(const char *name, void *ctx), void *ctx,
                     struct err *err)
{
        return each_name(dir, glob, true, each, ctx, err);
}
