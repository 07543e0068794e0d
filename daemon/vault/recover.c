/* recover.c - reads through segments that were open when the last agent ended, and decides
 * how far each counts.
 *
 * Every commit before the last of an epoch is proven durable by any entry after it; of the
 * last commit, what is there is served (it may have been acknowledged), what is missing was
 * torn. Nothing is ever appended to a recovered segment. */
#include "recover.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "io.h"
#include "register.h"
#include "scan.h"
#include "segment.h"

struct recovery {
        struct catalog *catalog;
        struct keyring *keys;
        struct vault_found *found;
        struct err *err;
        bool ok;
        struct position last;  /* greatest valid entry, or proven position */
        struct epoch_info *proven; /* what scanned and closed segments prove */
        size_t n_proven;
};

static bool path_of(char out[PATH_MAX], const struct catalog *c, const char *name)
{
        return snprintf(out, PATH_MAX, "%s/%s", c->dir, name) < PATH_MAX;
}

static bool say_any(const char *name, void *ctx)
{
        (void)name;
        *(bool *)ctx = true;
        return false;
}

bool recover_any_segments(const struct catalog *c, bool *any, struct err *err)
{
        *any = false;
        return dir_each(c->dir, "*.seg", say_any, any, err);
}

/* ---- what an epoch's entries prove -------------------------------------- */

static bool prove(struct recovery *r, uint64_t epoch, uint64_t durable_to)
{
        struct epoch_info *more;

        for (size_t i = r->n_proven; i-- > 0;) {
                if (r->proven[i].epoch == epoch) {
                        if (r->proven[i].durable_to < durable_to)
                                r->proven[i].durable_to = durable_to;
                        return true;
                }
        }
        more = realloc(r->proven, (r->n_proven + 1) * sizeof *more);
        if (!more)
                return err_set(r->err, ERR_SYSTEM, ENOMEM, "no memory to recover the vault");
        r->proven = more;
        more[r->n_proven++] = (struct epoch_info){ epoch, durable_to };
        return true;
}

static void reached(struct recovery *r, uint64_t epoch, uint64_t seq)
{
        struct position p = { epoch, seq };

        if (seq > 0 && position_compare(p, r->last) > 0)
                r->last = p;
}

/* ---- one segment -------------------------------------------------------- */

/* The header, or what the file's name repeats of it. Then the class is unknown, and the
 * one kept nowhere else is assumed. */
static bool identify(struct recovery *r, struct segment_info *info, const char *name, int fd,
                     bool *header_ok)
{
        char bytes[SEGMENT_HEADER_MAX];
        struct segment_header h;
        ssize_t n = pread(fd, bytes, sizeof bytes, 0);

        if (n < 0 && errno != EIO)
                return err_errno(r->err, errno, "could not read segment \"%s\"", name);
        *header_ok = n > 0 && segment_header_decode(&h, slice_make(bytes, (size_t)n));
        if (!*header_ok && !segment_name_parse(&h, name))
                h.epoch = 0;
        if (h.first == 0)
                h.epoch = 0;
        memcpy(info->id, h.id, SEGMENT_ID);
        snprintf(info->name, sizeof info->name, "%s", name);
        info->epoch = h.epoch;
        info->first = h.first;
        info->created_us = h.created_us;
        info->data_at = h.length; /* 0 without a header: the first entry is searched for */
        info->last = info->first - 1;
        if (!*header_ok || h.class == 0)
                return true;
        /* The header's word counts where keys.db numbers classes anew, after a restore. */
        char class[CLASS_NAME_MAX + 1];
        snprintf(class, sizeof class, "%.*s", SLICE_ARG(h.class_name));
        return keyring_class(r->keys, class, &info->class, r->err);
}

/* Reads through a segment nobody closed. *torn: something followed its last entry. *unread: what
 * is there could not be read whole. */
static bool read_through(struct recovery *r, struct segment_info *info, const char *path,
                         uint64_t size, bool *torn, bool *unread)
{
        struct scan s;
        uint64_t proven = 0;
        bool found, empty = true, ok = false;

        if (!scan_open(&s, path, info->epoch, info->first, info->data_at, size, r->err))
                return false;
        info->bytes = info->data_at;
        for (;;) {
                if (!scan_next(&s, &found, r->err))
                        goto out;
                if (!found)
                        break;
                if (s.gap && s.gap_from < s.head.seq)
                        r->found->damaged_entries++;
                info->entries++;
                info->last = s.head.seq;
                info->bytes = s.at;
                if (s.head.seq - s.head.back - 1 > proven)
                        proven = s.head.seq - s.head.back - 1;
        }
        ok = scan_rest_is_empty(&s, &empty, r->err) && prove(r, info->epoch, proven);
        *torn = !empty;
        *unread = s.unread;
out:
        scan_close(&s);
        return ok;
}

/* Closed segments are believed: their damage is met, and named, by whoever reads them. */
static void take_closed(struct recovery *r, struct segment_info *info, uint64_t size)
{
        if (size >= info->bytes)
                return;
        r->found->damaged_segments++;
        log_error("vault", "segment is cut short", "segment=%s bytes=%llu expected=%llu", info->name,
                  (unsigned long long)size, (unsigned long long)info->bytes);
}

/* Zeros behind the last entry are only room made ahead. */
static void trim(const char *path, const struct segment_info *info)
{
        bool ok = info->entries > 0 ? truncate(path, (off_t)info->bytes) == 0 : unlink(path) == 0;

        if (!ok)
                log_warning("vault", "could not trim segment", "segment=%s", info->name);
}

/* What a killed agent wrote may be in memory only: a row must not promise that. */
static bool make_durable(struct recovery *r, const struct segment_info *info, int fd)
{
        if (vault_io.fdatasync(fd) != 0)
                return err_errno(r->err, errno, "could not sync segment \"%s\"", info->name);
        return dir_sync(r->catalog->dir, r->err);
}

static bool take_open(struct recovery *r, struct segment_info *info, const char *path, int fd,
                      uint64_t size, bool header_ok)
{
        bool torn, unread;

        if (!read_through(r, info, path, size, &torn, &unread))
                return false;
        if (unread) { /* neither cut nor closed: the next start may see more of it */
                log_error("vault", "segment cannot be read whole", "segment=%s entries=%llu", info->name,
                          (unsigned long long)info->entries);
                r->found->damaged_segments++;
                return true;
        }
        if (!header_ok && size < SEGMENT_HEADER_MIN + ENTRY_MIN)
                torn = false; /* ended while it was made: there never was an entry */
        if (torn) { /* the file stays as it is: evidence */
                r->found->torn_entries++;
                log_warning("vault", "torn write cut off", "segment=%s at=%llu", info->name,
                            (unsigned long long)info->bytes);
        } else {
                trim(path, info);
        }
        return (info->entries == 0 && !torn) ||
               (make_durable(r, info, fd) &&
                register_segment(r->keys, info, clock_now_us(), r->err));
}

static bool take_segment(struct recovery *r, struct segment_info *info, const char *name)
{
        char path[PATH_MAX];
        struct stat st;
        bool header_ok = false, has_row = false, ok = false;
        int fd = path_of(path, r->catalog, name) ? open(path, O_RDONLY | O_CLOEXEC) : -1;

        if (fd < 0 || fstat(fd, &st) != 0) {
                err_errno(r->err, errno, "could not open segment \"%s\"", name);
                goto out;
        }
        if (!identify(r, info, name, fd, &header_ok))
                goto out;
        if (info->epoch == 0) { /* neither header nor name: not ours to judge */
                log_error("vault", "file is not a segment", "file=%s", name);
                r->found->damaged_segments++;
                ok = true;
                goto out;
        }
        if (!register_find(r->keys, info, &has_row, r->err))
                goto out;
        ok = has_row || take_open(r, info, path, fd, (uint64_t)st.st_size, header_ok);
        if (has_row)
                take_closed(r, info, (uint64_t)st.st_size);
        if (ok && !header_ok && info->entries > 0) {
                r->found->damaged_segments++;
                log_error("vault", "segment header is damaged", "segment=%s", name);
        }
out:
        if (fd >= 0)
                close(fd);
        return ok;
}

static bool take(const char *name, void *ctx)
{
        struct recovery *r = ctx;
        struct segment_info *info = calloc(1, sizeof *info);

        r->ok = false;
        if (!info)
                return err_set(r->err, ERR_SYSTEM, ENOMEM, "no memory to recover the vault");
        r->ok = take_segment(r, info, name);
        if (r->ok && info->entries > 0) {
                info->closed = true;
                r->found->segments++;
                r->found->entries += info->entries;
                reached(r, info->epoch, info->last);
                r->ok = catalog_add(r->catalog, info, r->err);
                if (r->ok)
                        return true;
        }
        free(info);
        return r->ok;
}

/* ---- the vault ---------------------------------------------------------- */

static bool settle_epochs(struct recovery *r)
{
        for (size_t i = 0; i < r->n_proven; i++)
                if (r->proven[i].durable_to > 0 &&
                    !register_durable_to(r->keys, r->proven[i].epoch, r->proven[i].durable_to, r->err))
                        return false;
        if (!keyring_commit(r->keys, r->err) ||
            !register_load_epochs(r->keys, r->catalog, r->err) ||
            !register_load_retired(r->keys, r->catalog, r->err))
                return false;
        for (size_t i = 0; i < r->catalog->n_epochs; i++)
                reached(r, r->catalog->epochs[i].epoch, r->catalog->epochs[i].durable_to);
        return true;
}

/* Above every start there ever was, whether it wrote something or not. */
static bool raise_start(struct recovery *r, uint64_t *epoch)
{
        uint64_t newest = r->last.epoch;

        if (r->catalog->n_epochs > 0 &&
            r->catalog->epochs[r->catalog->n_epochs - 1].epoch > newest)
                newest = r->catalog->epochs[r->catalog->n_epochs - 1].epoch;
        if ((newest & UINT32_MAX) == UINT32_MAX)
                return err_set(r->err, ERR_SYSTEM, 0, "no start number is left in this generation");
        *epoch = newest + 1;
        return register_start(r->keys, *epoch, r->err) &&
               catalog_add_epoch(r->catalog, *epoch, 0, r->err);
}

bool recover(struct catalog *c, struct keyring *k, struct vault_found *found, uint64_t *epoch,
             struct err *err)
{
        struct recovery r = { .catalog = c, .keys = k, .found = found, .err = err, .ok = true };
        bool ok;

        memset(found, 0, sizeof *found);
        ok = dir_each(c->dir, "*.seg", take, &r, err) && r.ok && settle_epochs(&r) &&
             raise_start(&r, epoch);
        if (!ok)
                keyring_abort(k);
        found->last = r.last;
        c->mark = r.last;
        free(r.proven);
        return ok;
}
