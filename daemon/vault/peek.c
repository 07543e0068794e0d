/* peek.c - a vault seen from outside, by a verb: beside the agent that writes it, or while none
 * runs. Takes no lock, starts no thread and writes nothing.
 *
 * Closed segments are believed as keys.db has them; one that is still written is read as far as
 * its entries are whole now. What comes later is not seen.                                  */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "register.h"
#include "scan.h"
#include "segment.h"
#include "vault_private.h"

struct peek {
        struct vault *vault;
        struct keyring *keys;
        struct err *err;
        bool ok;
};

/* The header, or what the file's name repeats of it; epoch 0: neither. */
static void identify(struct segment_info *info, const char *name, int fd)
{
        char bytes[SEGMENT_HEADER_MAX];
        struct segment_header h = { 0 };
        ssize_t n = pread(fd, bytes, sizeof bytes, 0);

        if ((n <= 0 || !segment_header_decode(&h, slice_make(bytes, (size_t)n))) && !segment_name_parse(&h, name))
                return;
        memcpy(info->id, h.id, SEGMENT_ID);
        snprintf(info->name, sizeof info->name, "%s", name);
        info->epoch = h.first ? h.epoch : 0;
        info->first = h.first;
        info->last = h.first - 1;
        info->created_us = h.created_us;
        info->data_at = h.length;
        info->class = h.class;
}

static bool read_through(struct peek *p, struct segment_info *info, const char *path, uint64_t size)
{
        struct scan s;
        bool found, ok = scan_open(&s, path, info->epoch, info->first, info->data_at, size, p->err);

        info->bytes = info->data_at;
        while (ok && (ok = scan_next(&s, &found, p->err)) && found) {
                info->entries++;
                info->last = s.head.seq;
                info->bytes = s.at;
        }
        scan_close(&s);
        return ok;
}

static bool add(struct peek *p, struct segment_info *info)
{
        struct catalog *c = &p->vault->catalog;
        struct position last = { info->epoch, info->last };

        info->closed = true; /* as far as we look */
        if (!catalog_add(c, info, p->err))
                return false;
        if (position_compare(last, c->mark) > 0)
                c->mark = last;
        return true;
}

static bool look_into(struct peek *p, const char *name, struct segment_info *info)
{
        char path[PATH_MAX + SEGMENT_NAME_MAX + 2];
        struct stat st;
        bool has_row, ok;

        snprintf(path, sizeof path, "%s/%.*s", p->vault->catalog.dir, SEGMENT_NAME_MAX, name);
        int fd = open(path, O_RDONLY | O_CLOEXEC);
        if (fd < 0 && errno == ENOENT)
                return true; /* removed since it was listed */
        ok = (fd >= 0 && fstat(fd, &st) == 0) || err_errno(p->err, errno, "could not open segment \"%s\"", name);
        if (ok)
                identify(info, name, fd);
        if (ok && info->epoch)
                ok = register_find(p->keys, info, &has_row, p->err) &&
                     (has_row || read_through(p, info, path, (uint64_t)st.st_size));
        if (fd >= 0)
                close(fd);
        return ok;
}

static bool take(const char *name, void *ctx)
{
        struct peek *p = ctx;
        struct segment_info *info = calloc(1, sizeof *info);

        p->ok = info ? look_into(p, name, info) : err_set(p->err, ERR_SYSTEM, ENOMEM, "no memory to look into the vault");
        if (p->ok && info->epoch && info->entries > 0) {
                p->ok = add(p, info);
                if (p->ok)
                        return true; /* the catalog's now */
        }
        free(info);
        return p->ok;
}

bool vault_peek(struct vault **out, const char *state_dir, struct err *err)
{
        struct vault *v = calloc(1, sizeof *v);
        struct peek p = { .vault = v, .err = err, .ok = true };

        *out = NULL;
        if (!v)
                return err_set(err, ERR_SYSTEM, ENOMEM, "no memory to look into the vault");
        v->lock_fd = -1;
        timekeeper_init(&v->time);
        snprintf(v->state_dir, sizeof v->state_dir, "%s", state_dir);
        bool ok = catalog_init(&v->catalog, state_dir, err) && keyring_open_reader(&p.keys, state_dir, err) &&
                  dir_each(v->catalog.dir, "*.seg", take, &p, err) && p.ok &&
                  register_load_epochs(p.keys, &v->catalog, err) && register_load_retired(p.keys, &v->catalog, err);
        keyring_close(p.keys);
        if (!ok) {
                vault_close(v);
                err_hint(err, "Name the agent's state folder by --state, and be its user: only that may read the keys.");
                return err_add(err, "vault of \"%s\"", state_dir);
        }
        *out = v;
        return true;
}

bool vault_since(struct vault *v, int64_t since_us, struct position *from)
{
        const struct segment_info *info;
        struct segment_info now;
        char path[PATH_MAX + SEGMENT_NAME_MAX + 2];
        struct stat st;

        for (size_t i = 0; catalog_at(&v->catalog, i, &now, &info); i++) {
                snprintf(path, sizeof path, "%s/%s", v->catalog.dir, now.name);
                if (stat(path, &st) == 0 && (int64_t)st.st_mtime * US_PER_SECOND + US_PER_SECOND < since_us)
                        continue;
                *from = (struct position){ now.epoch, now.first - 1 };
                return true;
        }
        *from = v->catalog.mark;
        return false;
}
