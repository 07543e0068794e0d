/* scan.c - walks a segment's entries; finds the next valid one behind damage. */
#include "scan.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "io.h"

enum { WINDOW = 64 * 1024, PAGE = 4096, EPOCH_AT = 16 };

bool scan_open(struct scan *s, const char *path, uint64_t epoch, uint64_t first, uint64_t data_at,
               uint64_t limit, struct err *err)
{
        *s = (struct scan){ .at = data_at, .limit = limit, .epoch = epoch, .last_seq = first - 1 };
        buf_init(&s->window, WINDOW + ENTRY_MAX + 1);
        s->fd = open(path, O_RDONLY | O_CLOEXEC);
        return s->fd >= 0 || err_errno(err, errno, "could not open segment \"%s\"", path);
}

void scan_close(struct scan *s)
{
        if (s->fd >= 0)
                close(s->fd);
        s->fd = -1;
        buf_clear(&s->window);
}

void scan_extend(struct scan *s, uint64_t limit)
{
        s->limit = limit;
}

/* ---- the window -------------------------------------------------------- */

/* Appends up to `want` bytes to the window; fewer only where the file ends. */
static bool fill(struct scan *s, size_t want, struct err *err)
{
        char *to = buf_reserve(&s->window, want);

        if (!to)
                return err_set(err, ERR_SYSTEM, ENOMEM, "no memory to read a segment");
        while (want > 0) {
                off_t from = (off_t)(s->window_at + s->window.n);
                ssize_t n = vault_io.pread(s->fd, s->window.p + s->window.n, want, from);
                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0 && errno == EIO) { /* a bad sector: what lies around it is served */
                        n = PAGE - from % PAGE;
                        if ((size_t)n > want)
                                n = (ssize_t)want;
                        memset(s->window.p + s->window.n, 0, (size_t)n);
                        s->unread = true;
                }
                if (n < 0)
                        return err_errno(err, errno, "could not read a segment");
                if (n == 0)
                        break;
                s->window.n += (size_t)n;
                want -= (size_t)n;
        }
        return true;
}

/* *out: the bytes [at, at + n), fewer at the limit or where the file ends. */
static bool look(struct scan *s, uint64_t at, size_t n, struct slice *out, struct err *err)
{
        size_t skip, want;

        if (at >= s->limit)
                n = 0;
        else if (n > s->limit - at)
                n = (size_t)(s->limit - at);
        if (at < s->window_at || at > s->window_at + s->window.n) {
                buf_reset(&s->window);
                s->window_at = at;
        }
        if (at + n > s->window_at + s->window.n) {
                buf_consume(&s->window, (size_t)(at - s->window_at));
                s->window_at = at;
                if (n <= WINDOW / 4 && s->window.cap > 4 * WINDOW) { /* after a large entry */
                        buf_clear(&s->window);
                }
                want = n > WINDOW ? n : WINDOW;
                if (want > s->limit - at)
                        want = (size_t)(s->limit - at);
                if (want > s->window.n && !fill(s, want - s->window.n, err))
                        return false;
        }
        skip = (size_t)(at - s->window_at);
        if (n > s->window.n - skip)
                n = s->window.n - skip;
        *out = slice_make(s->window.n ? s->window.p + skip : "", n);
        return true;
}

/* ---- entries ----------------------------------------------------------- */

static bool try_at(struct scan *s, uint64_t at, bool *valid, struct err *err)
{
        struct slice bytes;
        uint32_t length;

        *valid = false;
        if (!look(s, at, ENTRY_HEADER, &bytes, err))
                return false;
        length = bytes.n == ENTRY_HEADER ? entry_length(bytes.p) : 0;
        if (length == 0 || length > s->limit - at)
                return true;
        if (!look(s, at, length, &bytes, err))
                return false;
        *valid = bytes.n == length && entry_decode(&s->head, bytes) && s->head.epoch == s->epoch &&
                 s->head.seq > s->last_seq;
        s->bytes = bytes;
        return true;
}

static void epoch_bytes(uint8_t out[8], uint64_t epoch)
{
        for (int i = 0; i < 8; i++)
                out[i] = (uint8_t)(epoch >> (56 - 8 * i));
}

/* The first valid entry that begins after `from`. Every one has its epoch at the same
 * place: candidates are found by it, and proven by their checksums. */
static bool search(struct scan *s, uint64_t from, uint64_t *at, bool *found, struct err *err)
{
        uint8_t mark[8];
        uint64_t pos = from + 1 + EPOCH_AT;
        struct slice bytes;

        epoch_bytes(mark, s->epoch);
        *found = false;
        while (pos + sizeof mark <= s->limit) {
                const char *hit;
                if (!look(s, pos, PAGE, &bytes, err))
                        return false;
                if (bytes.n < sizeof mark)
                        break;
                hit = memmem(bytes.p, bytes.n, mark, sizeof mark);
                if (!hit) {
                        pos += bytes.n - (sizeof mark - 1);
                        continue;
                }
                pos += (uint64_t)(hit - bytes.p);
                *at = pos - EPOCH_AT;
                if (!try_at(s, *at, found, err))
                        return false;
                if (*found)
                        break;
                pos++;
        }
        return true;
}

bool scan_next(struct scan *s, bool *found, struct err *err)
{
        uint64_t at = s->at;

        s->gap = false;
        s->gap_from = s->last_seq + 1;
        if (!try_at(s, at, found, err))
                return false;
        if (!*found) {
                if (!search(s, at, &at, found, err))
                        return false;
                s->gap = *found;
        }
        if (*found) {
                s->last_seq = s->head.seq;
                s->at = at + s->head.length;
        }
        return true;
}

bool scan_rest_is_empty(struct scan *s, bool *empty, struct err *err)
{
        struct slice bytes;

        *empty = true;
        for (uint64_t at = s->at; at < s->limit && *empty; at += bytes.n) {
                if (!look(s, at, WINDOW, &bytes, err))
                        return false;
                if (bytes.n == 0)
                        break;
                *empty = bytes.p[0] == 0 && memcmp(bytes.p, bytes.p + 1, bytes.n - 1) == 0;
        }
        return true;
}
