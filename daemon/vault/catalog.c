/* catalog.c - the list of segments, the mark, and who watches it. */
#include "catalog.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum { SEGMENTS_MAX = 1 << 22, EPOCHS_MAX = 1 << 20 };

bool catalog_init(struct catalog *c, const char *state_dir, struct err *err)
{
        memset(c, 0, sizeof *c);
        pthread_mutex_init(&c->lock, NULL);
        if (snprintf(c->dir, sizeof c->dir, "%s/vault", state_dir) >=
            (int)(sizeof c->dir - SEGMENT_NAME_MAX - 1))
                return err_set(err, ERR_CONFIG, ENAMETOOLONG, "state directory's path is too long");
        return true;
}

void catalog_clear(struct catalog *c)
{
        for (size_t i = 0; i < c->n; i++)
                free(c->list[i]);
        for (size_t i = 0; i < c->n_watch; i++)
                close(c->watch[i]);
        free(c->list);
        free(c->epochs);
        free(c->retired);
        pthread_mutex_destroy(&c->lock);
}

static bool comes_before(const struct segment_info *a, const struct segment_info *b)
{
        if (a->epoch != b->epoch)
                return a->epoch < b->epoch;
        if (a->first != b->first)
                return a->first < b->first;
        return memcmp(a->id, b->id, SEGMENT_ID) < 0;
}

bool catalog_add(struct catalog *c, struct segment_info *s, struct err *err)
{
        size_t at = c->n;

        s->looked_at = UINT64_MAX;
        if (c->n == c->cap) {
                size_t cap = c->cap ? 2 * c->cap : 64;
                struct segment_info **more = cap > SEGMENTS_MAX
                                                     ? NULL
                                                     : realloc(c->list, cap * sizeof *more);
                if (!more)
                        return err_set(err, ERR_FULL, ENOMEM, "no memory for %zu segments", cap);
                c->list = more;
                c->cap = cap;
        }
        while (at > 0 && comes_before(s, c->list[at - 1])) {
                c->list[at] = c->list[at - 1];
                at--;
        }
        c->list[at] = s;
        c->n++;
        c->bytes += s->bytes;
        return true;
}

bool catalog_add_epoch(struct catalog *c, uint64_t epoch, uint64_t durable_to, struct err *err)
{
        struct epoch_info *more = NULL;
        size_t at = c->n_epochs;

        if (c->n_epochs < EPOCHS_MAX)
                more = realloc(c->epochs, (c->n_epochs + 1) * sizeof *more);
        if (!more)
                return err_set(err, ERR_SYSTEM, ENOMEM, "no memory for %zu epochs", c->n_epochs);
        c->epochs = more;
        while (at > 0 && more[at - 1].epoch > epoch) {
                more[at] = more[at - 1];
                at--;
        }
        more[at] = (struct epoch_info){ epoch, durable_to };
        c->n_epochs++;
        return true;
}

/* ---- what was removed ---------------------------------------------------- */

/* Index of the first range that ends at or after `seq`. */
static size_t find_retired(const struct catalog *c, uint64_t epoch, uint64_t seq)
{
        size_t low = 0, high = c->n_retired;

        while (low < high) {
                size_t middle = low + (high - low) / 2;
                const struct retired_range *r = &c->retired[middle];
                if (r->epoch < epoch || (r->epoch == epoch && r->last < seq))
                        low = middle + 1;
                else
                        high = middle;
        }
        return low;
}

bool catalog_add_retired(struct catalog *c, struct retired_range r, struct err *err)
{
        size_t at = find_retired(c, r.epoch, r.first > 0 ? r.first - 1 : 0), end = at;
        struct retired_range *more;

        for (; end < c->n_retired && c->retired[end].epoch == r.epoch && c->retired[end].first <= r.last + 1; end++) {
                r.first = c->retired[end].first < r.first ? c->retired[end].first : r.first;
                r.last = c->retired[end].last > r.last ? c->retired[end].last : r.last;
        }
        if (at == end) {
                more = realloc(c->retired, (c->n_retired + 1) * sizeof *more);
                if (!more)
                        return err_set(err, ERR_SYSTEM, ENOMEM, "no memory for ranges of removed segments");
                c->retired = more;
                end = at;
        }
        memmove(c->retired + at + 1, c->retired + end, (c->n_retired - end) * sizeof *c->retired);
        c->n_retired = c->n_retired + 1 - (end - at);
        c->retired[at] = r;
        return true;
}

bool catalog_retire(struct catalog *c, struct segment_info *s, struct err *err)
{
        catalog_lock(c);
        bool ok = catalog_add_retired(c, (struct retired_range){ s->epoch, s->first, s->last }, err);
        if (ok && !s->retired) {
                s->retired = true;
                c->bytes -= s->bytes;
                c->removed++;
        }
        catalog_unlock(c);
        return ok;
}

uint64_t catalog_retired_to(struct catalog *c, uint64_t epoch, uint64_t seq)
{
        catalog_lock(c);
        size_t at = find_retired(c, epoch, seq);
        uint64_t to = at < c->n_retired && c->retired[at].epoch == epoch && c->retired[at].first <= seq
                              ? c->retired[at].last
                              : 0;
        catalog_unlock(c);
        return to;
}

struct position catalog_mark(struct catalog *c)
{
        struct position mark;

        catalog_lock(c);
        mark = c->mark;
        catalog_unlock(c);
        return mark;
}

void catalog_ring(struct catalog *c)
{
        uint64_t one = 1;

        catalog_lock(c);
        for (size_t i = 0; i < c->n_watch; i++)
                if (write(c->watch[i], &one, sizeof one) < 0 && errno != EAGAIN)
                        break; /* EAGAIN: the counter is at its top, so readable anyway */
        catalog_unlock(c);
}

int catalog_watch(struct catalog *c, struct err *err)
{
        int fd = -1;

        catalog_lock(c);
        if (c->n_watch == WATCHES_MAX) {
                err_set(err, ERR_BUG, 0, "vault has %d watchers already", WATCHES_MAX);
        } else {
                fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
                if (fd < 0)
                        err_errno(err, errno, "could not watch the vault");
                else
                        c->watch[c->n_watch++] = fd;
        }
        catalog_unlock(c);
        return fd;
}

bool catalog_at(struct catalog *c, size_t i, struct segment_info *out,
                const struct segment_info **info)
{
        bool there;

        catalog_lock(c);
        there = i < c->n;
        if (there) {
                *out = *c->list[i];
                *info = c->list[i];
        }
        catalog_unlock(c);
        return there;
}

struct segment_info *catalog_segment(struct catalog *c, size_t i)
{
        catalog_lock(c);
        struct segment_info *s = i < c->n ? c->list[i] : NULL;
        catalog_unlock(c);
        return s;
}

/* Index of the first epoch that is >= `epoch`. Lock held. */
static size_t find_epoch(const struct catalog *c, uint64_t epoch)
{
        size_t low = 0, high = c->n_epochs;

        while (low < high) {
                size_t middle = low + (high - low) / 2;
                if (c->epochs[middle].epoch < epoch)
                        low = middle + 1;
                else
                        high = middle;
        }
        return low;
}

uint64_t catalog_durable_to(struct catalog *c, uint64_t epoch)
{
        uint64_t result = 0;
        size_t at;

        catalog_lock(c);
        at = find_epoch(c, epoch);
        if (at < c->n_epochs && c->epochs[at].epoch == epoch)
                result = c->epochs[at].durable_to;
        catalog_unlock(c);
        return result;
}

uint64_t catalog_epoch_after(struct catalog *c, uint64_t epoch)
{
        uint64_t result = 0;

        catalog_lock(c);
        for (size_t at = find_epoch(c, epoch + 1); at < c->n_epochs && !result; at++)
                if (c->epochs[at].durable_to > 0)
                        result = c->epochs[at].epoch;
        catalog_unlock(c);
        return result;
}
