/* folder.c - the bulk thread: looks through inboxes, takes files one after the other.
 *
 * It sleeps in poll(2) on inotify, on the wish to stop, and until the next look. Looking
 * again is what makes it sound: inotify only makes it quick.                  */
#include "capture/folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "capture/inbox.h"
#include "dropped.h"

enum {
        AGAIN_US = 1000000, /* when a file waits for its writer, or for room in the vault */
        FILES_KEPT = 10000  /* in done/ and in failed/, an inbox */
};
#define REPORTS_KEPT_US (400 * US_PER_DAY)
#define HIDDEN_KEPT_US US_PER_DAY

struct inbox {
        struct intake_source *source;
        char path[INBOX_PATH];
        size_t strangers; /* files of other kinds, links, folders: when last told */
};

struct folders {
        struct dropbox box;
        struct inbox *inboxes;
        size_t n;
        int notify_fd, stop_fd;
        atomic_bool stop;
        bool running, waiting; /* waiting: a file could not be taken yet */
        bool told_full;
        int64_t tidied_us;
        pthread_t thread;
};

/* ---- One look ----------------------------------------------------------- */

struct names {
        char **names;
        size_t n, cap;
        size_t strangers;
};

static bool keep_name(const char *name, void *ctx)
{
        struct names *all = ctx;
        bool gz;
        if (!dropped_format(name, &gz)) {
                size_t n = strlen(name);
                bool ours = n > 8 && strcmp(name + n - 8, ".refused") == 0;
                all->strangers += name[0] != '.' && !ours;
                return true;
        }
        if (all->n == all->cap) {
                size_t cap = all->cap ? all->cap * 2 : 16;
                char **more = realloc(all->names, cap * sizeof *more);
                if (!more)
                        return false; /* the rest at the next look */
                all->names = more;
                all->cap = cap;
        }
        all->names[all->n] = strdup(name);
        all->n += all->names[all->n] != NULL;
        return true;
}

static void tell(struct folders *f, const struct inbox *in, enum dropped_outcome outcome,
                 const struct err *err)
{
        const char *source = in->source->source->name;
        switch (outcome) {
        case DROPPED_DONE:
                f->told_full = false;
                log_info("capture", "file taken from inbox", "source=%s", source);
                break;
        case DROPPED_ASIDE:
                log_warning("capture", "file of inbox could not be taken as it is; see its report in done/", "source=%s",
                            source);
                break;
        case DROPPED_LATER:
                f->waiting = true;
                if (err->kind == ERR_BUSY || (err->kind == ERR_FULL && f->told_full))
                        break;
                f->told_full = err->kind == ERR_FULL;
                log_err(LOG_LEVEL_WARNING, "capture", "file waits in inbox", err);
                break;
        }
}

/* Links, pipes and folders that somebody put there: they are never followed or looked into. */
static size_t odd_in(const char *folder)
{
        static const char *const own[] = { "done", "failed", INBOX_AGAIN };
        struct stat st;
        size_t n = 0;
        DIR *d = opendir(folder);
        for (struct dirent *e; d && (e = readdir(d));) {
                bool known = e->d_name[0] == '.';
                for (size_t i = 0; i < sizeof own / sizeof *own; i++)
                        known = known || strcmp(e->d_name, own[i]) == 0;
                if (!known && fstatat(dirfd(d), e->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0)
                        n += !S_ISREG(st.st_mode);
        }
        if (d)
                closedir(d);
        return n;
}

/* Gives how many things there are that are not taken. */
static size_t look_into(struct folders *f, struct inbox *in, bool again)
{
        struct names all = { .n = 0 };
        struct err err = ERR_INIT;
        char folder[INBOX_PATH + 16];
        snprintf(folder, sizeof folder, "%s%s", in->path, again ? "/" INBOX_AGAIN : "");
        if (!dir_each(folder, "*", keep_name, &all, &err)) {
                log_err(LOG_LEVEL_WARNING, "capture", "could not look through inbox", &err);
                f->waiting = true;
        }
        for (size_t i = 0; i < all.n; i++) {
                if (!atomic_load(&f->stop)) {
                        err_clear(&err);
                        tell(f, in, dropped_take(&f->box, in->source, in->path, all.names[i], again, &err), &err);
                }
                free(all.names[i]);
        }
        free(all.names);
        return all.strangers + odd_in(folder);
}

static void look(struct folders *f, struct inbox *in)
{
        size_t strangers = look_into(f, in, false) + look_into(f, in, true);
        if (strangers > in->strangers)
                log_warning("capture", "inbox has what is not taken: only plain files, .ndjson, .csv or .gz of them, are",
                            "source=%s things=%zu", in->source->source->name, strangers);
        in->strangers = strangers;
}

/* ---- Tidying, once an hour ---------------------------------------------- */

struct ages {
        const char *folder;
        int64_t *us; /* when each file was last written */
        size_t n, cap;
        int64_t before_us; /* older ones go */
};

static int64_t written_us(const char *folder, const char *name)
{
        char path[4096];
        struct stat st;
        snprintf(path, sizeof path, "%s/%s", folder, name);
        return lstat(path, &st) == 0 ? (int64_t)st.st_mtim.tv_sec * US_PER_SECOND + st.st_mtim.tv_nsec / 1000
                                     : INT64_MAX;
}

static bool note_age(const char *name, void *ctx)
{
        struct ages *a = ctx;
        if (a->n == a->cap) {
                size_t cap = a->cap ? a->cap * 2 : 64;
                int64_t *more = realloc(a->us, cap * sizeof *more);
                if (!more)
                        return false;
                a->us = more;
                a->cap = cap;
        }
        a->us[a->n++] = written_us(a->folder, name);
        return true;
}

static bool remove_old(const char *name, void *ctx)
{
        const struct ages *a = ctx;
        char path[4096];
        snprintf(path, sizeof path, "%s/%s", a->folder, name);
        if (written_us(a->folder, name) < a->before_us)
                unlink(path);
        return true;
}

static int newest_first(const void *a, const void *b)
{
        int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
        return (x < y) - (x > y);
}

/* Keeps what is younger than kept_us, and of that the newest FILES_KEPT. */
static void tidy_folder(const char *inbox, const char *name, int64_t now_us, int64_t kept_us)
{
        char folder[3072];
        struct ages a = { .folder = folder, .before_us = now_us - kept_us };
        snprintf(folder, sizeof folder, "%s/%s", inbox, name);
        dir_each(folder, "*", note_age, &a, NULL);
        if (a.n > FILES_KEPT) {
                qsort(a.us, a.n, sizeof *a.us, newest_first);
                if (a.us[FILES_KEPT - 1] > a.before_us)
                        a.before_us = a.us[FILES_KEPT - 1];
        }
        dir_each(folder, "*", remove_old, &a, NULL);
        free(a.us);
}

/* What whoever drops left half written, and is not coming back to. */
static void tidy_hidden(const char *inbox, const char *name, int64_t now_us)
{
        char folder[INBOX_PATH + 16];
        struct ages a = { .folder = folder, .before_us = now_us - HIDDEN_KEPT_US };
        snprintf(folder, sizeof folder, "%s%s", inbox, name);
        dir_each(folder, INBOX_HIDDEN "*", remove_old, &a, NULL);
}

/* By the guarded clock: what a clock in 2037 would destroy does not come back. */
static void tidy(struct folders *f)
{
        struct err err = ERR_INIT;
        int64_t now_us;
        if (!vault_time(f->box.intake->spec.vault, &now_us))
                return;
        if (f->tidied_us && clock_mono_us() - f->tidied_us < US_PER_HOUR)
                return;
        f->tidied_us = clock_mono_us();
        for (size_t i = 0; i < f->n; i++) {
                tidy_hidden(f->inboxes[i].path, "", now_us);
                tidy_hidden(f->inboxes[i].path, "/" INBOX_AGAIN, now_us);
                tidy_folder(f->inboxes[i].path, "done", now_us, REPORTS_KEPT_US);
                tidy_folder(f->inboxes[i].path, "failed", now_us, f->box.intake->spec.settings->failed_kept_us);
        }
        if (!seen_forget_old(f->box.seen, now_us, &err))
                log_err(LOG_LEVEL_WARNING, "capture", "could not forget old rows", &err);
}

/* ---- The thread --------------------------------------------------------- */

static void sleep_until_next(struct folders *f)
{
        char events[4096];
        int64_t us = f->box.intake->spec.settings->scan_every_us;
        if (f->waiting && us > AGAIN_US)
                us = AGAIN_US;
        struct pollfd fds[2] = { { .fd = f->stop_fd, .events = POLLIN },
                                 { .fd = f->notify_fd, .events = POLLIN } };
        poll(fds, 2, (int)(us / 1000));
        if (fds[1].revents & POLLIN)
                while (read(f->notify_fd, events, sizeof events) > 0)
                        ;
}

static void *work(void *ctx)
{
        struct folders *f = ctx;
        while (!atomic_load(&f->stop)) {
                f->waiting = false;
                for (size_t i = 0; i < f->n && !atomic_load(&f->stop); i++)
                        look(f, &f->inboxes[i]);
                tidy(f);
                if (!atomic_load(&f->stop))
                        sleep_until_next(f);
        }
        return NULL;
}

/* ---- Life --------------------------------------------------------------- */

static bool open_inbox(struct folders *f, struct intake_source *s, struct err *err)
{
        struct inbox *in = &f->inboxes[f->n++];
        const uint32_t events = IN_CLOSE_WRITE | IN_MOVED_TO;
        char again[INBOX_PATH + 16];
        in->source = s;
        if (!inbox_path(in->path, s->source, f->box.intake->spec.state_dir, err) || !inbox_make(in->path, err))
                return false;
        snprintf(again, sizeof again, "%s/" INBOX_AGAIN, in->path);
        if (inotify_add_watch(f->notify_fd, in->path, events) < 0 || inotify_add_watch(f->notify_fd, again, events) < 0)
                log_warning("capture", "inbox is only looked through at intervals", "source=%s",
                            s->source->name);
        return true;
}

static bool open_inboxes(struct folders *f, struct err *err)
{
        struct intake *in = f->box.intake;
        f->inboxes = calloc(in->n_sources + 1, sizeof *f->inboxes);
        f->notify_fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
        f->stop_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
        if (!f->inboxes || f->notify_fd < 0 || f->stop_fd < 0)
                return err_errno(err, errno, "could not watch inboxes");
        for (size_t i = 0; i < in->n_sources; i++) {
                struct intake_source *s = &in->sources[i];
                if (s->source->type == SOURCE_FOLDER && !open_inbox(f, s, err))
                        return err_add(err, "inbox of source \"%s\"", s->source->name);
        }
        return true;
}

bool folders_start(struct folders **out, struct intake *in, struct err *err)
{
        *out = NULL;
        struct folders *f = calloc(1, sizeof *f);
        if (!f)
                return err_set(err, ERR_SYSTEM, 0, "out of memory");
        f->notify_fd = f->stop_fd = -1;
        f->box = (struct dropbox){ .intake = in, .door = door_open(in), .stop = &f->stop };
        bool ok = f->box.door || err_set(err, ERR_SYSTEM, 0, "out of memory");
        ok = ok && open_inboxes(f, err);
        if (ok && f->n) {
                ok = keyer_open(&f->box.keyer, in->spec.state_dir, err) &&
                     seen_open(&f->box.seen, in->spec.state_dir, f->box.keyer, err);
                int code = ok ? pthread_create(&f->thread, NULL, work, f) : 0;
                f->running = ok && code == 0;
                if (code)
                        ok = err_errno(err, code, "could not start the folders' thread");
        }
        if (!ok) {
                folders_stop(f);
                return false;
        }
        *out = f;
        return true;
}

void folders_stop(struct folders *f)
{
        if (!f)
                return;
        atomic_store(&f->stop, true);
        if (f->running) {
                uint64_t one = 1;
                ssize_t ignored = write(f->stop_fd, &one, sizeof one);
                (void)ignored;
                pthread_join(f->thread, NULL);
        }
        seen_close(f->box.seen);
        keyer_close(f->box.keyer);
        door_close(f->box.door);
        if (f->notify_fd >= 0)
                close(f->notify_fd);
        if (f->stop_fd >= 0)
                close(f->stop_fd);
        free(f->inboxes);
        free(f);
}
