/* inbox.c - where inboxes are, and files put into them whole or not at all. */
#include "capture/inbox.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/text.h"
#include "dropped.h"
#include "pour.h"

enum { PIECE = 64 << 10, NAME_KEPT = 180, NAME_BYTES = 255 };

bool inbox_path(char out[INBOX_PATH], const struct source *s, const char *state_dir, struct err *err)
{
        int n = s->inbox && *s->inbox ? snprintf(out, INBOX_PATH, "%s", s->inbox)
                                      : snprintf(out, INBOX_PATH, "%s/inbox/%s", state_dir, s->name);
        if (n >= 0 && n < INBOX_PATH)
                return true;
        return err_set(err, ERR_CONFIG, 0, "path of the inbox is too long");
}

bool inbox_make(const char *inbox, struct err *err)
{
        static const char *const parts[] = { "done", "failed", INBOX_AGAIN };
        char path[INBOX_PATH + 16];
        for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
                snprintf(path, sizeof path, "%s/%s", inbox, parts[i]);
                if (!dir_make(path, 0700, err))
                        return false;
        }
        return true;
}

void inbox_stem(char out[INBOX_STEM], const char *name, int64_t us)
{
        struct civil c;
        size_t n = utf8_cut(slice_of(name), NAME_KEPT);
        civil_of_us(&c, us);
        snprintf(out, INBOX_STEM, "%.*s.%04d%02d%02dT%02d%02d%02d%06dZ", (int)n, name, c.year, c.month, c.day,
                 c.hour, c.minute, c.second, c.microsecond);
}

/* ---- Putting a file in -------------------------------------------------- */

static void folder_of(char out[INBOX_PATH + 16], const struct inbox_file *f)
{
        snprintf(out, INBOX_PATH + 16, "%s%s", f->inbox, f->again ? "/" INBOX_AGAIN : "");
}

static bool good_name(const struct inbox_file *f, bool *gz, struct err *err)
{
        if (!f->name[0] || strchr(f->name, '/') || strlen(f->name) > NAME_BYTES)
                return err_set(err, ERR_DENIED, 0, "not a file's name: it is empty, has a \"/\", or is over %d bytes",
                               NAME_BYTES);
        if (f->name[0] == '.') {
                err_set(err, ERR_DENIED, 0, "a name that begins with a point is not looked at");
                return err_hint(err, "Give it another with --name.");
        }
        if (dropped_format(f->name, gz))
                return true;
        err_set(err, ERR_DENIED, 0, "the folder takes .ndjson and .csv, and .gz of both, by the name's ending");
        return err_hint(err, "Save it as one of them; from a spreadsheet: \"CSV, UTF-8\".");
}

static bool too_large(const struct inbox_file *f, struct err *err)
{
        char text[32];
        err_set(err, ERR_DENIED, 0, "file is larger than max_file, %s uncompressed",
                text_size_format(text, f->max_file));
        return err_hint(err, "Split it, each part with its header, or raise capture.max_file.");
}

static bool copy(const struct inbox_file *f, int from, int to, struct err *err)
{
        uint64_t left = f->max_file;
        char *window = malloc(PIECE);
        bool ok = window || err_set(err, ERR_SYSTEM, 0, "out of memory");
        while (ok) {
                ssize_t n = read(from, window, PIECE);
                if (n < 0 && errno == EINTR)
                        continue;
                if (n <= 0) {
                        ok = n == 0 || err_errno(err, errno, "could not read the file");
                        break;
                }
                ok = ((uint64_t)n <= left || too_large(f, err)) && fd_write_all(to, slice_make(window, (size_t)n), err);
                left -= (uint64_t)n;
        }
        free(window);
        return ok;
}

static bool swallow(void *ctx, struct slice piece, struct err *err)
{
        (void)ctx;
        (void)piece;
        (void)err;
        return true;
}

/* An archive is unpacked once to see that it can be. */
static bool sound(const struct inbox_file *f, int fd, bool gz, struct err *err)
{
        if (!gz || pour(fd, true, f->max_file, NULL, swallow, NULL, err))
                return true;
        if (err->kind == ERR_FULL)
                return too_large(f, err);
        if (err->kind != ERR_DATA)
                return false;
        err->kind = ERR_DENIED;
        return err_hint(err, "Compress it again, or drop it as it is.");
}

/* The agent may be another user than root who drops: it must be able to read and to remove. */
static bool hand_to_owner(const char *folder, int fd, struct err *err)
{
        struct stat st;
        if (stat(folder, &st) != 0)
                return err_errno(err, errno, "could not look at folder \"%s\"", folder);
        if (geteuid() != 0 || st.st_uid == 0 || fchown(fd, st.st_uid, st.st_gid) == 0)
                return true;
        return err_errno(err, errno, "could not give the file to the inbox's owner");
}

/* Where the file system does not know RENAME_NOREPLACE: link(2) fails on a taken name too. */
static bool publish(const char *from, const char *to, struct err *err)
{
        if (renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) == 0)
                return true;
        if ((errno == EINVAL || errno == ENOSYS) && link(from, to) == 0) {
                unlink(from);
                return true;
        }
        if (errno != EEXIST)
                return err_errno(err, errno, "could not put the file into the inbox");
        err_set(err, ERR_BUSY, 0, "a file of this name waits in the inbox");
        return err_hint(err, "Wait until it was taken, or give this one another name with --name.");
}

bool inbox_drop(const struct inbox_file *f, int from, struct err *err)
{
        char folder[INBOX_PATH + 16], temp[INBOX_PATH + 64], to[INBOX_PATH + 280];
        bool gz = false;
        if (!good_name(f, &gz, err))
                return false;
        folder_of(folder, f);
        snprintf(temp, sizeof temp, "%s/" INBOX_HIDDEN "XXXXXX", folder);
        snprintf(to, sizeof to, "%s/%s", folder, f->name);
        int fd = mkostemp(temp, O_CLOEXEC);
        if (fd < 0) {
                err_errno(err, errno, "could not make a file in inbox \"%s\"", folder);
                return err_hint(err, "The agent makes its inboxes when it starts, for its own user alone.");
        }
        bool ok = copy(f, from, fd, err) && sound(f, fd, gz, err) && hand_to_owner(folder, fd, err);
        if (ok && fsync(fd) != 0)
                ok = err_errno(err, errno, "could not sync the file");
        close(fd); /* before it can be seen: a file that somebody has open for writing waits */
        if (ok && publish(temp, to, err))
                return dir_sync(folder, err);
        unlink(temp);
        return false;
}

/* ---- Its report --------------------------------------------------------- */

struct looking {
        const char *since; /* the stem that a file taken just then would have */
        size_t name_n;     /* bytes of the stem before the time */
        char *out;
};

static bool is_report(const char *name, void *ctx)
{
        const struct looking *l = ctx;
        size_t n = strlen(name), stem = strlen(l->since);
        if (n != stem + 5 || n >= 256 || strcmp(name + stem, ".json") != 0 || strncmp(name, l->since, l->name_n) != 0 ||
            strncmp(name, l->since, stem) < 0)
                return true;
        snprintf(l->out, 256, "%s", name);
        return false;
}

bool inbox_report(const struct inbox_file *f, int64_t since_us, char out[256])
{
        char folder[INBOX_PATH + 16], since[INBOX_STEM];
        struct looking l = { .since = since, .out = out };
        inbox_stem(since, f->name, since_us);
        l.name_n = (size_t)(strrchr(since, '.') - since) + 1;
        snprintf(folder, sizeof folder, "%s/done", f->inbox);
        out[0] = 0;
        return dir_each(folder, "*", is_report, &l, NULL) && out[0];
}
