/* segment.c - the vault's files: their format, and how they become durable.
 *
 * All integers are big-endian. A file is a header, entries without gaps, then possibly
 * zeros (room made ahead). Its name is EPOCH-FIRSTSEQ-ID.seg in hex, so that a damaged
 * header does not take the entries with it.
 *
 * Header                                    Entry
 *   offset width                              offset width
 *    0      8  magic "TRIBSEG\n"               0     4   length of the whole entry, 100..4 MiB + 100
 *    8      2  format: 1                       4     4   CRC-32C of bytes 0..3 and 8..end
 *   10      2  length of the header            8     1   kind: 1 record 2 erase 3 release 4 activate 5 ledger
 *   12     16  id, random                      9     1   codec: 0, none
 *   28      8  epoch                          10     2   back: seq minus the first seq of its commit
 *   36      8  first seq                      12     4   source number, 0: none
 *   44      8  created, us                    16     8   epoch
 *   52      2  class number                   24     8   seq
 *   54      1  n                              32     8   captured, us
 *   55      n  region                         40    16   record_key
 *   55+n    1  m                              56     8   subject number, 0: the region
 *   56+n    m  class: sorted policy names     64     8   period number
 *   56+n+m  4  CRC-32C of all before it       72    12   nonce, random
 *                                             84     .   ciphertext: AES-256-GCM, then its tag (16)
 *                                                        AAD: segment id, entry header with CRC 0
 * An entry is valid when its length is in range and inside the file, its checksum fits, its
 * epoch is the segment's and its seq is greater than that of the valid entry before it.
 *
 * Order of syncs. Keys of new subjects and periods are committed in keys.db; entries are
 * written; each file touched is fdatasync'ed once, a new one's folder too; the mark moves;
 * answers go out. Commits never overlap: an entry on disk proves that all with a seq below
 * the first of its commit (seq - back) had been durable before it was written.
 *
 * Seqs are dense: 1, 2, 3 ... over the segments of an epoch. One that is missing below a
 * proven position was lost, whatever happened to the file it was in; unless retention removed
 * that file, and wrote down its range before (`retired` in keys.sql). A commit that fails
 * is cut off durably before its seqs are given again (or its files are abandoned at their
 * durable length, by a row in keys.db).
 *
 * Recovery. A segment without a row in keys.db was open when the agent ended. It is read
 * through; after something invalid the next valid entry is searched for, byte by byte.
 * What follows the last valid entry is a torn write: nobody was told that it was kept. */
#include "segment.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/hash.h"
#include "base/log.h"
#include "base/text.h"
#include "io.h"

enum {
        FORMAT = 1,
        FLUSH_AT = 256 * 1024,  /* bytes pending that are worth a write */
        ZEROS = 64 * 1024,
        AHEAD = 1024 * 1024     /* room made ahead: a sync then needs no new blocks */
};

static const char magic[8] = "TRIBSEG\n";

/* ---- header ------------------------------------------------------------ */

static void put_header(struct buf *b, const struct segment_info *info, const char *region,
                       const char *class)
{
        size_t length = SEGMENT_HEADER_MIN + strlen(region) + strlen(class);

        buf_put(b, slice_make(magic, sizeof magic));
        buf_put_u16(b, FORMAT);
        buf_put_u16(b, (uint16_t)length);
        buf_put(b, slice_make(info->id, SEGMENT_ID));
        buf_put_u64(b, info->epoch);
        buf_put_u64(b, info->first);
        buf_put_u64(b, (uint64_t)info->created_us);
        buf_put_u16(b, (uint16_t)info->class);
        buf_put_u8(b, (uint8_t)strlen(region));
        buf_puts(b, region);
        buf_put_u8(b, (uint8_t)strlen(class));
        buf_puts(b, class);
        buf_put_u32(b, crc32c(0, buf_slice(b)));
}

bool segment_header_decode(struct segment_header *out, struct slice bytes)
{
        struct cut c = { .rest = bytes };
        struct slice m = cut_bytes(&c, sizeof magic), id;

        if (!m.p || memcmp(m.p, magic, sizeof magic) != 0 || cut_u16(&c) != FORMAT)
                return false;
        out->length = cut_u16(&c);
        id = cut_bytes(&c, SEGMENT_ID);
        if (id.p)
                memcpy(out->id, id.p, SEGMENT_ID);
        out->epoch = cut_u64(&c);
        out->first = cut_u64(&c);
        out->created_us = (int64_t)cut_u64(&c);
        out->class = cut_u16(&c);
        out->region = cut_bytes(&c, cut_u8(&c));
        out->class_name = cut_bytes(&c, cut_u8(&c));
        if (c.bad || bytes.n - c.rest.n + 4 != out->length)
                return false;
        return cut_u32(&c) == crc32c(0, slice_make(bytes.p, out->length - 4)) && !c.bad;
}

static void make_name(struct segment_info *info)
{
        char id[2 * SEGMENT_ID + 1];

        hex_encode(id, info->id, SEGMENT_ID);
        snprintf(info->name, sizeof info->name, "%016llx-%016llx-%s.seg",
                 (unsigned long long)info->epoch, (unsigned long long)info->first, id);
}

static bool parse_u64(uint64_t *out, const char *hex)
{
        uint8_t b[8];
        struct cut c = { .rest = slice_make(b, sizeof b) };

        if (!hex_decode(b, sizeof b, slice_make(hex, 16)))
                return false;
        *out = cut_u64(&c);
        return true;
}

bool segment_name_parse(struct segment_header *out, const char *name)
{
        memset(out, 0, sizeof *out);
        return strlen(name) == 70 && name[16] == '-' && name[33] == '-' &&
               strcmp(name + 66, ".seg") == 0 && parse_u64(&out->epoch, name) &&
               parse_u64(&out->first, name + 17) &&
               hex_decode(out->id, SEGMENT_ID, slice_make(name + 34, 32));
}

/* ---- writing ----------------------------------------------------------- */

static bool path_of(char out[PATH_MAX], const char *dir, const char *name, struct err *err)
{
        if (snprintf(out, PATH_MAX, "%s/%s", dir, name) < PATH_MAX)
                return true;
        return err_set(err, ERR_CONFIG, ENAMETOOLONG, "path of a segment is too long");
}

bool segment_create(struct segment **out, const char *dir, const char *region, const char *class,
                    uint32_t class_number, struct position first, int64_t now_us, struct err *err)
{
        struct segment *s = calloc(1, sizeof *s);
        char path[PATH_MAX];

        *out = NULL;
        if (s)
                s->info = calloc(1, sizeof *s->info);
        if (!s || !s->info) {
                free(s);
                return err_set(err, ERR_FULL, ENOMEM, "no memory for a segment");
        }
        *s->info = (struct segment_info){ .epoch = first.epoch, .first = first.seq,
                                          .last = first.seq - 1, .class = class_number,
                                          .created_us = now_us };
        random_bytes(s->info->id, SEGMENT_ID);
        make_name(s->info);
        s->fresh = true;
        s->last = first.seq - 1;
        buf_init(&s->pending, (size_t)FLUSH_AT + SEGMENT_HEADER_MAX + ENTRY_MAX);
        put_header(&s->pending, s->info, region, class);
        s->info->data_at = s->pending.n;
        s->fd = path_of(path, dir, s->info->name, err)
                        ? open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600)
                        : -1;
        if (s->fd < 0) {
                err_errno(err, errno, "could not create segment \"%s\"", s->info->name);
                segment_close(s);
                return false;
        }
        *out = s;
        return true;
}

static bool write_at(struct segment *s, struct slice bytes, uint64_t at, struct err *err)
{
        while (bytes.n > 0) {
                ssize_t n = vault_io.pwrite(s->fd, bytes.p, bytes.n, (off_t)at);
                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0) {
                        int failed = errno;
                        err_errno(err, failed, "could not write segment \"%s\"", s->info->name);
                        if (failed == EFBIG && err)
                                err->kind = ERR_FULL; /* a limit on file sizes is a full disk */
                        return false;
                }
                bytes = slice_make(bytes.p + n, bytes.n - (size_t)n);
                at += (uint64_t)n;
        }
        return true;
}

/* Zeros ahead make later syncs cheaper (no new blocks, no new size: 190 us instead of 290).
 * Without them the next write grows the file: so a disk that has no room is no failure. */
static void make_room_ahead(struct segment *s)
{
        static const char zeros[ZEROS];
        uint64_t at = s->written, end = (s->written / AHEAD + 1) * AHEAD;

        while (at < end) {
                size_t n = end - at < ZEROS ? (size_t)(end - at) : ZEROS;
                if (!write_at(s, slice_make(zeros, n), at, NULL))
                        break;
                at += n;
        }
        s->allocated = at;
}

bool segment_flush(struct segment *s, struct err *err)
{
        if (s->pending.n == 0)
                return true;
        if (!write_at(s, buf_slice(&s->pending), s->written, err))
                return false;
        s->written += s->pending.n;
        if (s->pending.cap > 2 * FLUSH_AT)
                buf_clear(&s->pending);
        buf_reset(&s->pending);
        if (s->written > s->allocated)
                make_room_ahead(s);
        return true;
}

bool segment_append(struct segment *s, const struct entry_header *h, struct seal *seal,
                    const uint8_t key[SEAL_KEY], struct slice plain, struct err *err)
{
        if (!entry_encode(&s->pending, h, s->info->id, seal, key, plain, err))
                return false;
        s->dirty = true;
        s->last = h->seq;
        s->entries++;
        return s->pending.n < FLUSH_AT || segment_flush(s, err);
}

bool segment_sync(struct segment *s, const char *dir, struct err *err)
{
        if (vault_io.fdatasync(s->fd) != 0)
                return err_errno(err, errno, "could not sync segment \"%s\"", s->info->name);
        if (s->fresh && !dir_sync(dir, err))
                return false;
        s->fresh = false;
        return true;
}

void segment_settle(struct segment *s)
{
        s->info->bytes = s->written;
        s->info->last = s->last;
        s->info->entries = s->entries;
        s->dirty = false;
}

bool segment_cut(struct segment *s, const char *dir, struct err *err)
{
        char path[PATH_MAX];

        buf_reset(&s->pending);
        s->dirty = false;
        s->last = s->info->last;
        s->entries = s->info->entries;
        s->written = s->allocated = s->info->bytes;
        if (s->info->bytes == 0) {
                if (!path_of(path, dir, s->info->name, err))
                        return false;
                if (unlink(path) != 0 && errno != ENOENT)
                        return err_errno(err, errno, "could not remove segment \"%s\"", s->info->name);
                return dir_sync(dir, err);
        }
        if (ftruncate(s->fd, (off_t)s->info->bytes) != 0)
                return err_errno(err, errno, "could not cut segment \"%s\"", s->info->name);
        return segment_sync(s, dir, err);
}

uint64_t segment_size(const struct segment *s)
{
        return s->written + s->pending.n;
}

void segment_close(struct segment *s)
{
        if (!s)
                return;
        if (s->fd >= 0) {
                /* Only saves space: readers stop at info->bytes. */
                if (s->published && ftruncate(s->fd, (off_t)s->info->bytes) != 0)
                        log_warning("vault", "could not trim segment", "segment=%s", s->info->name);
                close(s->fd);
        }
        if (!s->published)
                free(s->info);
        buf_clear(&s->pending);
        free(s);
}
