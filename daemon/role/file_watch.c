/* file_watch.c - inotify on folders, debounced by the events themselves. */
#include "file_watch.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"

enum { QUIET_US = 1000000, LONGEST_US = 10 * 1000000, ROOTS_MAX = 16, PATH_LONG = 4096 };

struct folder {
        char *path;
        int id; /* of the kernel's; -1: not watched */
};

struct file_watch {
        struct loop *loop;
        int fd;
        struct watch *readable, *timer;
        void (*changed)(void *ctx);
        void *ctx;
        int64_t first_us; /* of this burst, monotonic; 0: none */
        struct folder folders[FOLDERS_WATCHED_MAX];
        size_t n;
        size_t roots[ROOTS_MAX]; /* whose folders below are watched too */
        size_t n_roots;
};

/* What an editor leaves while it works is no change; "..data" is how a ConfigMap is swapped. */
static bool concerns(const char *name)
{
        size_t n = strlen(name);
        if (strcmp(name, "..data") == 0)
                return true;
        return n && name[0] != '.' && name[n - 1] != '~' && name[0] != '#' && !(n > 4 && strcmp(name + n - 4, ".tmp") == 0);
}

static void on_quiet(void *ctx)
{
        struct file_watch *w = ctx;
        watch_stop(w->timer);
        w->timer = NULL;
        w->first_us = 0;
        file_watch_again(w, NULL);
        w->changed(w->ctx);
}

static void note_change(struct file_watch *w)
{
        int64_t now = clock_mono_us();
        if (!w->first_us)
                w->first_us = now;
        else if (now - w->first_us > LONGEST_US - QUIET_US && w->timer)
                return; /* it is set: soon */
        watch_stop(w->timer);
        w->timer = loop_once(w->loop, QUIET_US, on_quiet, w);
        if (!w->timer)
                w->first_us = 0; /* no memory: the next change tries again */
}

/* A file that is made is told when it is closed; a folder or a link is whole at once. */
static bool is_whole(const struct file_watch *w, const struct inotify_event *e)
{
        char path[PATH_LONG];
        struct stat st;
        if (!(e->mask & IN_CREATE) || e->mask & IN_ISDIR)
                return true;
        for (size_t i = 0; i < w->n; i++)
                if (w->folders[i].id == e->wd && snprintf(path, sizeof path, "%s/%s", w->folders[i].path, e->name) < PATH_LONG)
                        return lstat(path, &st) == 0 && S_ISLNK(st.st_mode);
        return false;
}

static void take(struct file_watch *w, const struct inotify_event *e)
{
        if (e->mask & IN_IGNORED) /* the folder is gone */
                for (size_t i = 0; i < w->n; i++)
                        if (w->folders[i].id == e->wd)
                                w->folders[i].id = -1;
        if (e->mask & (IN_IGNORED | IN_Q_OVERFLOW) || (e->len && concerns(e->name) && is_whole(w, e)))
                note_change(w);
}

static void on_events(void *ctx)
{
        struct file_watch *w = ctx;
        _Alignas(struct inotify_event) char bytes[16384];
        ssize_t n = read(w->fd, bytes, sizeof bytes);
        for (ssize_t at = 0; n > 0 && at < n;) {
                struct inotify_event e;
                memcpy(&e, bytes + at, sizeof e);
                take(w, (const struct inotify_event *)(const void *)(bytes + at));
                at += (ssize_t)(sizeof e + e.len);
        }
}

bool file_watch_open(struct file_watch **out, struct loop *l, void (*changed)(void *ctx), void *ctx, struct err *err)
{
        struct file_watch *w = calloc(1, sizeof *w);
        *out = NULL;
        if (!w)
                return err_set(err, ERR_SYSTEM, ENOMEM, "out of memory");
        *w = (struct file_watch){ .loop = l, .changed = changed, .ctx = ctx };
        w->fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
        w->readable = w->fd >= 0 ? loop_readable(l, w->fd, on_events, w) : NULL;
        if (!w->readable) {
                err_errno(err, w->fd < 0 ? errno : ENOMEM, "could not watch files");
                file_watch_close(w);
                return false;
        }
        *out = w;
        return true;
}

void file_watch_close(struct file_watch *w)
{
        if (!w)
                return;
        watch_stop(w->timer);
        watch_stop(w->readable);
        if (w->fd >= 0)
                close(w->fd);
        for (size_t i = 0; i < w->n; i++)
                free(w->folders[i].path);
        free(w);
}

static void put(struct file_watch *w, const char *path)
{
        for (size_t i = 0; i < w->n; i++)
                if (strcmp(w->folders[i].path, path) == 0)
                        return;
        char *own = w->n < FOLDERS_WATCHED_MAX ? strdup(path) : NULL;
        if (own)
                w->folders[w->n++] = (struct folder){ own, -1 };
}

void file_watch_add(struct file_watch *w, const char *folder, bool below)
{
        put(w, folder);
        if (below && w->n_roots < ROOTS_MAX && w->n && strcmp(w->folders[w->n - 1].path, folder) == 0)
                w->roots[w->n_roots++] = w->n - 1;
}

static void look_below(struct file_watch *w, const char *root)
{
        char path[PATH_LONG];
        DIR *d = opendir(root);
        for (struct dirent *e; d && (e = readdir(d));)
                if (e->d_name[0] != '.' && (e->d_type == DT_DIR || e->d_type == DT_UNKNOWN) &&
                    snprintf(path, sizeof path, "%s/%s", root, e->d_name) < PATH_LONG)
                        put(w, path);
        if (d)
                closedir(d);
}

bool file_watch_again(struct file_watch *w, struct err *err)
{
        const uint32_t mask = IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE | IN_CREATE | IN_DELETE_SELF |
                              IN_MOVE_SELF | IN_ONLYDIR;
        bool ok = true;
        for (size_t i = 0; i < w->n_roots; i++)
                look_below(w, w->folders[w->roots[i]].path);
        for (size_t i = 0; i < w->n; i++) {
                /* Added again, one that is watched keeps its id: another folder under its name gets a new one. */
                int id = inotify_add_watch(w->fd, w->folders[i].path, mask);
                if (id < 0 && errno != ENOENT && errno != ENOTDIR)
                        ok = err_errno(err, errno, "could not watch folder \"%s\"", w->folders[i].path);
                w->folders[i].id = id;
        }
        return ok;
}
