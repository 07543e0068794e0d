/* doctor_state.c - where an agent's state lies: modes, file system, snapshots, sync time, space; and the
 * files that its region file names. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/text.h"
#include "doctor.h"
#include "vault/keys.h"

enum { SYNCS = 40, SYNC_BYTES = 4096, SYNC_MOST_US = 4000000, LOOSE_MAX = 5 };

void look_state(struct checkup *c, const struct patient *p)
{
        struct err err = ERR_INIT;
        if (keys_check(p->state, &err))
                tell(c, VERDICT_WELL, NULL, "all keys are in \"%s/keys\", readable by their owner alone", p->state);
        else
                tell_err(c, VERDICT_WRONG, "Make them with: tributary keygen", &err);
}

/* ---- Modes ---------------------------------------------------------------- */
struct modes {
        uid_t owner;
        unsigned seen, unread;
        char loose[LOOSE_MAX][300];
        unsigned n_loose;
};

static void note_loose(struct modes *m, const char *path, const struct stat *st)
{
        m->seen++;
        if ((st->st_mode & 077) == 0 && st->st_uid == m->owner)
                return;
        if (m->n_loose < LOOSE_MAX)
                snprintf(m->loose[m->n_loose], sizeof m->loose[0], "\"%.200s\" is %04o, of user %u", path,
                         (unsigned)st->st_mode & 07777, st->st_uid);
        m->n_loose++;
}

/* Regular files of a folder, and the folder. Sockets and what is in folders below is left: an inbox
 * may well be open to those who drop files there. */
static void note_folder(struct modes *m, const char *folder)
{
        char path[4500];
        struct stat st;
        struct dirent *e;
        DIR *d = opendir(folder);
        if (!d) {
                m->unread += errno != ENOENT;
                return;
        }
        if (fstat(dirfd(d), &st) == 0)
                note_loose(m, folder, &st);
        while ((e = readdir(d))) {
                snprintf(path, sizeof path, "%.4200s/%s", folder, e->d_name);
                if (fstatat(dirfd(d), e->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(st.st_mode))
                        note_loose(m, path, &st);
        }
        closedir(d);
}

void look_modes(struct checkup *c, const struct patient *p)
{
        static const char *const folders[] = { "", "/keys", "/vault" };
        struct modes m = { 0 };
        struct stat st;
        char path[4200];
        if (stat(p->state, &st) != 0) {
                tell(c, VERDICT_NOTE, NULL, "not looked at: \"%s\": %s", p->state, strerror(errno));
                return;
        }
        m.owner = st.st_uid;
        for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
                snprintf(path, sizeof path, "%s%s", p->state, folders[i]);
                note_folder(&m, path);
        }
        for (unsigned i = 0; i < m.n_loose && i < LOOSE_MAX; i++)
                tell(c, VERDICT_WRONG, "chmod go= and chown it to the agent's user: keys and words are its alone.", "%s",
                     m.loose[i]);
        if (m.n_loose > LOOSE_MAX)
                tell(c, VERDICT_WRONG, NULL, "and %u more", m.n_loose - LOOSE_MAX);
        if (m.unread)
                tell(c, VERDICT_NOTE, "Run doctor as the agent's user or as root.", "not looked at: this user may not read \"%s\"",
                     p->state);
        else if (m.n_loose == 0)
                tell(c, VERDICT_WELL, NULL, "of %u files and folders, each is its owner's alone (user %u)", m.seen, m.owner);
}

/* ---- The disk -------------------------------------------------------------- */
void look_filesystem(struct checkup *c, const struct patient *p)
{
        struct statfs s;
        if (statfs(p->state, &s) != 0)
                tell(c, VERDICT_NOTE, NULL, "not looked at: \"%s\": %s", p->state, strerror(errno));
        else
                judge_filesystem(c, (unsigned long)s.f_type);
}

static bool has_entries(const char *folder)
{
        DIR *d = opendir(folder);
        struct dirent *e;
        bool any = false;
        while (d && !any && (e = readdir(d)))
                any = e->d_name[0] != '.';
        if (d)
                closedir(d);
        return any;
}

/* Folders in which btrfs's and ZFS's tools keep snapshots, from STATE up to the root of its file system. */
static bool find_snapshots(char out[4200], const char *state)
{
        static const char *const names[] = { ".snapshots", ".zfs/snapshot", ".snapshot" };
        char at[4096], up[4104];
        struct stat here, above;
        if (!realpath(state, at))
                return false;
        for (;;) {
                for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
                        snprintf(out, 4200, "%s/%s", strcmp(at, "/") ? at : "", names[i]);
                        if (has_entries(out))
                                return true;
                }
                snprintf(up, sizeof up, "%s/..", at);
                if (stat(at, &here) != 0 || stat(up, &above) != 0 || here.st_dev != above.st_dev || here.st_ino == above.st_ino)
                        return false;
                char *slash = strrchr(at, '/');
                slash[slash == at] = 0;
        }
}

static bool is_logical_volume(const char *state)
{
        char path[128], uuid[160] = "";
        struct stat st;
        if (stat(state, &st) != 0)
                return false;
        snprintf(path, sizeof path, "/sys/dev/block/%u:%u/dm/uuid", major(st.st_dev), minor(st.st_dev));
        FILE *f = fopen(path, "re");
        if (!f)
                return false;
        bool lvm = fgets(uuid, sizeof uuid, f) && strncmp(uuid, "LVM-", 4) == 0;
        fclose(f);
        return lvm;
}

void look_snapshots(struct checkup *c, const struct patient *p)
{
        char found[4200];
        if (find_snapshots(found, p->state))
                tell(c, VERDICT_WRONG, "Snapshots of STATE defeat erasure: leave it out of them and delete those that hold it. "
                                       "Back up the keys, not the folder.",
                     "there are snapshots in \"%s\"", found);
        else if (is_logical_volume(p->state))
                tell(c, VERDICT_NOTE, "Snapshots of STATE defeat erasure: take none of its volume.",
                     "STATE is on a logical volume; whether snapshots of it are taken is not seen from here");
        else
                tell(c, VERDICT_WELL, NULL, "none found; snapshots by the machine's host are not seen from here");
}

/* A file without a name: nothing is left of it, whatever ends us. */
static int open_nameless(const char *state)
{
        int fd = open(state, O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600);
        if (fd >= 0 || (errno != EOPNOTSUPP && errno != EISDIR))
                return fd;
        char path[4200];
        snprintf(path, sizeof path, "%s/.doctor-XXXXXX", state);
        fd = mkostemp(path, O_CLOEXEC);
        if (fd >= 0)
                unlink(path);
        return fd;
}

void look_sync(struct checkup *c, const struct patient *p)
{
        static const char page[SYNC_BYTES];
        int64_t took[SYNCS], began = clock_mono_us();
        struct sync_facts s = { .took_us = took };
        struct err err = ERR_INIT;
        int fd = open_nameless(p->state);
        bool ok = fd >= 0;
        while (ok && s.n < SYNCS && clock_mono_us() - began < SYNC_MOST_US) {
                int64_t from = clock_mono_us();
                ok = fd_pwrite_all(fd, slice_make(page, sizeof page), (off_t)(s.n * SYNC_BYTES), &err) && fdatasync(fd) == 0;
                took[s.n] = clock_mono_us() - from;
                s.n += ok;
        }
        int code = errno;
        if (fd >= 0)
                close(fd);
        if (ok)
                judge_sync(c, &s);
        else if (fd < 0 && (code == EACCES || code == EROFS || code == ENOENT))
                tell(c, VERDICT_NOTE, code == ENOENT ? NULL : "Run doctor as the agent's user or as root.",
                     "not looked at: \"%s\": %s", p->state, strerror(code));
        else
                tell(c, VERDICT_WRONG, "The disk does not take what it is given: look at the kernel's log.",
                     "could not write and sync in \"%s\": %s", p->state, strerror(code));
}

struct weighing {
        const char *folder;
        uint64_t bytes;
};

static bool weigh(const char *name, void *ctx)
{
        struct weighing *w = ctx;
        char path[4400];
        struct stat st;
        snprintf(path, sizeof path, "%s/%s", w->folder, name);
        if (stat(path, &st) == 0)
                w->bytes += (uint64_t)st.st_size;
        return true;
}

void look_space(struct checkup *c, const struct patient *p)
{
        struct err err = ERR_INIT;
        char folder[4200];
        struct weighing w = { .folder = folder };
        struct space_facts s = { .min_free = p->agent->vault.min_free_bytes, .max_bytes = p->agent->vault.max_bytes };
        snprintf(folder, sizeof folder, "%s/vault", p->state);
        if (!dir_free_bytes(p->state, &s.free, &err)) {
                tell_err(c, VERDICT_NOTE, NULL, &err);
                return;
        }
        if (file_exists(folder) && !dir_each(folder, "*", weigh, &w, &err))
                tell_err(c, VERDICT_NOTE, NULL, &err);
        s.used = w.bytes;
        judge_space(c, &s);
}

/* ---- Files that the region file names --------------------------------------- */
static bool is_closed(struct checkup *c, const char *source, const char *file)
{
        struct stat st;
        if (!file)
                return true;
        if (stat(file, &st) != 0)
                tell(c, VERDICT_WRONG, "Put the secret there, mode 0600, owned by the agent's user.", "source \"%s\": \"%s\": %s",
                     source, file, strerror(errno));
        else if (st.st_mode & 07)
                tell(c, VERDICT_WRONG, "chmod 600: whoever reads it can send in this source's name.",
                     "source \"%s\": everybody can read \"%s\" (mode %04o)", source, file, (unsigned)st.st_mode & 07777);
        else
                return true;
        return false;
}

void look_secrets(struct checkup *c, const struct patient *p)
{
        bool well = true;
        for (size_t i = 0; i < p->agent->n_sources; i++) {
                const struct source *s = &p->agent->sources[i];
                well &= is_closed(c, s->name, s->secret_file);
                well &= is_closed(c, s->name, s->next_secret_file);
        }
        if (well)
                tell(c, VERDICT_WELL, NULL, "%zu sources; no secret's file is open to everybody", p->agent->n_sources);
}

void look_listen_certificate(struct checkup *c, const struct patient *p)
{
        struct err err = ERR_INIT;
        struct cert_file f;
        const struct listen_settings *l = &p->agent->listen;
        if (!l->cert_file) {
                tell(c, VERDICT_WELL, NULL, "none: \"listen\" speaks plain HTTP on loopback, for a proxy");
                return;
        }
        if (!cert_read(&f, l->cert_file, p->now_us, &err) || !cert_fits(l->cert_file, l->key_file, &err))
                tell_err(c, VERDICT_WRONG, "The agent would not start with it.", &err);
        else
                judge_ends(c, l->cert_file, &f, p->now_us);
}
