/* forget.c - refused lines that name a person leave failed/; capture/failed.h has the promise.
 *
 * A file is read once to see what is in it. If nothing has to go it is not touched. If it can be
 * told row by row it is read again and what stays is written anew; in all other cases it goes. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "capture/failed.h"
#include "capture/inbox.h"
#include "failed_file.h"
#include "naming.h"

struct forgetting {
        const char *folder;
        struct keyer *k;
        struct naming *names;
        struct failed_forgotten *out;
        struct err err;
        bool failed;
};

/* What one reading has shown. */
struct shown {
        struct naming *names;
        uint64_t rows, go;
        bool archive, binary, wide, wide_named; /* wide: begins as UTF-16 does */
        struct buf tail;
        struct failed *rest; /* second reading: what stays */
};

/* ---- What is in a file -------------------------------------------------- */

static void look_at_head(struct shown *s, struct slice row)
{
        static const char gzip[] = "\x1f\x8b", zip[] = "PK\x03\x04";
        bool order = row.n >= 2 && (memcmp(row.p, "\xff\xfe", 2) == 0 || memcmp(row.p, "\xfe\xff", 2) == 0);
        bool utf32 = row.n >= 4 && (memcmp(row.p, "\xff\xfe\0", 4) == 0 || memcmp(row.p, "\0\0\xfe\xff", 4) == 0);
        s->wide = order && !utf32;
        s->archive = (row.n >= 2 && memcmp(row.p, gzip, 2) == 0) || (row.n >= 4 && memcmp(row.p, zip, 4) == 0);
}

/* In UTF-16 a line feed is a byte among others: rows do not matter then, only the stream. */
static bool look_row(void *ctx, struct slice row, bool too_long, struct err *err)
{
        struct shown *s = ctx;
        (void)err;
        if (s->rows++ == 0)
                look_at_head(s, row);
        s->wide_named |= naming_wide(s->names, &s->tail, row);
        enum naming_found found = too_long ? NAMING_UNKNOWN : naming_in(s->names, row);
        s->binary |= found == NAMING_BINARY;
        s->go += found != NAMING_NO;
        return true;
}

static bool keep_row(void *ctx, struct slice row, bool too_long, struct err *err)
{
        struct shown *s = ctx;
        if (too_long || naming_in(s->names, row) != NAMING_NO)
                return true;
        s->rows++;
        return failed_row(s->rest, err) && failed_put(s->rest, row, err);
}

enum fate { STAYS, ANEW, GOES };

static enum fate fate_of(const struct shown *s, bool readable, bool whole)
{
        if (!readable || s->archive)
                return GOES;
        if (s->wide)
                return s->wide_named ? GOES : STAYS;
        if (whole && s->binary)
                return GOES;
        return s->go == 0 ? STAYS : s->go == s->rows ? GOES : ANEW;
}

/* ---- One file ----------------------------------------------------------- */

static bool remove_file(const char *folder, const char *path, struct err *err)
{
        if (unlink(path) != 0 && errno != ENOENT)
                return err_errno(err, errno, "could not remove \"%s\"", path);
        return dir_sync(folder, err);
}

static bool write_anew(const struct forgetting *f, const char *path, struct err *err)
{
        struct shown s = { .names = f->names };
        bool whole, ok = false;
        int old = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
        if (old < 0)
                return err_errno(err, errno, "could not open \"%s\"", path);
        if (failed_begin(&s.rest, path, f->k, err)) {
                ok = failed_read_rows(path, f->k, keep_row, &s, &whole, err) && failed_replace(&s.rest, old, err);
                failed_abort(&s.rest);
        }
        close(old);
        return ok;
}

static bool forget_in(struct forgetting *f, const char *path, struct err *err)
{
        struct shown s = { .names = f->names };
        bool whole = true;
        buf_init(&s.tail, NAMING_TAIL);
        bool readable = failed_read_rows(path, f->k, look_row, &s, &whole, NULL);
        buf_wipe(&s.tail);
        if (!file_exists(path))
                return true; /* its time was over meanwhile */
        f->out->files++;
        enum fate fate = fate_of(&s, readable, whole);
        if (fate == STAYS)
                return true;
        f->out->rows += s.go;
        if (fate == ANEW && write_anew(f, path, NULL)) {
                f->out->rewritten++;
                return true;
        }
        f->out->removed++;
        return remove_file(f->folder, path, err);
}

/* Names of files name people too. A temporary is half of a file that is taken again. */
static bool forget_one(const char *name, void *ctx)
{
        struct forgetting *f = ctx;
        char path[INBOX_PATH + 300];
        size_t n = strlen(name);
        bool half = n > 4 && strcmp(name + n - 4, ".tmp") == 0;
        snprintf(path, sizeof path, "%s/%s", f->folder, name);
        bool named = !half && naming_in(f->names, slice_of(name)) != NAMING_NO;
        bool ok = half || named ? remove_file(f->folder, path, &f->err) : forget_in(f, path, &f->err);
        f->out->removed += named;
        f->failed |= !ok;
        return true; /* the others all the same */
}

/* ---- All of them -------------------------------------------------------- */

/* One at a time: the lock is the folder itself, so that nothing is left of it. */
static bool lock_folder(int *fd, const char *folder, struct err *err)
{
        *fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (*fd < 0)
                return err_errno(err, errno, "could not open folder \"%s\"", folder);
        while (flock(*fd, LOCK_EX) != 0)
                if (errno != EINTR)
                        return err_errno(err, errno, "could not lock folder \"%s\"", folder);
        return true;
}

bool failed_forget(const char *inbox, struct keyer *k, const struct slice *identities, size_t n,
                   struct failed_forgotten *out, struct err *err)
{
        char folder[INBOX_PATH + 16];
        struct forgetting f = { .folder = folder, .k = k, .out = out, .err = ERR_INIT };
        int lock = -1;
        snprintf(folder, sizeof folder, "%s/failed", inbox);
        if (!naming_new(&f.names, identities, n, err))
                return false;
        bool ok = !file_exists(folder);
        if (!ok)
                ok = lock_folder(&lock, folder, err) && dir_each(folder, "*", forget_one, &f, err);
        if (lock >= 0)
                close(lock);
        naming_free(f.names);
        if (ok && f.failed && err)
                *err = f.err;
        return ok && !f.failed;
}
