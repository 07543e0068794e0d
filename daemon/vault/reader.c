/* reader.c - entries in the order of (epoch, seq), merged over classes and segments.
 *
 * A snapshot of the mark and of all lengths is taken together; what lies above its mark
 * waits for the next one. Segments are opened when the merge reaches their first seq and
 * closed at their end, so at most as many are open as the writer had at once. Each costs a
 * window of 64 KiB.
 *
 * What is missing is named, unless retention removed it (VAULT_EXPIRED came before, while its
 * header could still be read): seqs are dense, so one that comes in no segment and was
 * acknowledged (<= durable_to of its epoch), or lies where a segment has bytes that are no
 * entry, is VAULT_DAMAGED at its own position. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "catalog.h"
#include "keyring.h"
#include "metrics.h"
#include "scan.h"
#include "vault_private.h"

enum { CURSORS_MAX = 32, LOST_MAX = 16 };

struct cursor {
        const struct segment_info *info;
        struct segment_info now; /* as of the last look */
        struct scan scan;
        bool has_head;
};
/* Seqs that may lie in bytes that are no entry. */
struct lost {
        uint64_t epoch, from, to; /* from > to: empty */
};

struct vault_reader {
        struct catalog *catalog;
        struct keyring *keys;
        struct seal *seal;
        uint64_t key_generation;
        struct position last, mark; /* delivered up to; snapshot */
        size_t next_segment;        /* index in the catalog */
        struct cursor cursors[CURSORS_MAX];
        size_t n;
        struct cursor *given;       /* its head was delivered; NULL: none was */
        struct lost lost[LOST_MAX];
        size_t n_lost;
        struct buf plain;
        char class[CLASS_NAME_MAX + 1], source[CLASS_NAME_MAX + 1];
};

/* ---- opening ------------------------------------------------------------- */

bool vault_reader_open(struct vault_reader **out, struct vault *v, struct position from,
                       struct err *err)
{
        struct vault_reader *r = calloc(1, sizeof *r);

        *out = NULL;
        if (!r)
                return err_set(err, ERR_SYSTEM, ENOMEM, "no memory for a reader of the vault");
        r->catalog = &v->catalog;
        r->last = from;
        buf_init(&r->plain, ENTRY_PLAIN_MAX + 1);
        r->key_generation = atomic_load(&v->catalog.key_generation);
        r->seal = seal_new();
        if (!r->seal)
                err_set(err, ERR_SYSTEM, ENOMEM, "no memory for a reader of the vault");
        if (!r->seal || !keyring_open_reader(&r->keys, v->state_dir, err)) {
                vault_reader_close(r);
                return false;
        }
        *out = r;
        return true;
}

void vault_reader_close(struct vault_reader *r)
{
        if (!r)
                return;
        for (size_t i = 0; i < r->n; i++)
                scan_close(&r->cursors[i].scan);
        keyring_close(r->keys);
        seal_free(r->seal);
        buf_wipe(&r->plain);
        free(r);
}

/* ---- cursors ------------------------------------------------------------- */

static struct position head_of(const struct cursor *c)
{
        return (struct position){ c->scan.head.epoch, c->scan.head.seq };
}

static void note_lost(struct vault_reader *r, const struct cursor *c, uint64_t from, uint64_t to)
{
        if (from > to)
                return;
        log_warning("vault", "damage in segment", "segment=%s epoch=%llu seq=%llu..%llu",
                    c->info->name, (unsigned long long)c->info->epoch, (unsigned long long)from,
                    (unsigned long long)to);
        if (r->n_lost == LOST_MAX) /* the oldest is behind us, or acknowledged anyway */
                memmove(r->lost, r->lost + 1, (LOST_MAX - 1) * sizeof r->lost[0]);
        else
                r->n_lost++;
        r->lost[r->n_lost - 1] = (struct lost){ c->info->epoch, from, to };
}

static bool next_head(struct vault_reader *r, struct cursor *c, struct err *err)
{
        if (!scan_next(&c->scan, &c->has_head, err))
                return err_add(err, "segment \"%s\"", c->info->name);
        if (c->has_head && c->scan.gap)
                note_lost(r, c, c->scan.gap_from, c->scan.head.seq - 1);
        if (!c->has_head && c->now.closed && c->scan.last_seq < c->now.last)
                note_lost(r, c, c->scan.last_seq + 1, c->now.last);
        return true;
}

static bool open_cursor(struct vault_reader *r, struct cursor *c, const struct segment_info *info,
                        const struct segment_info *now, struct err *err)
{
        char path[PATH_MAX];

        c->info = info;
        c->now = *now;
        c->has_head = false;
        c->scan.fd = -1;
        if (snprintf(path, sizeof path, "%s/%s", r->catalog->dir, info->name) >= PATH_MAX)
                return err_set(err, ERR_CONFIG, ENAMETOOLONG, "path of a segment is too long");
        return scan_open(&c->scan, path, info->epoch, info->first, info->data_at, now->bytes, err);
}

/* Removed since we looked: its seqs are noted before its file goes. */
static bool is_retired(const struct vault_reader *r, const struct segment_info *now)
{
        return catalog_retired_to(r->catalog, now->epoch, now->first) >= now->last;
}

/* The segment may well be there: it is we who cannot open anything now. */
static bool is_our_want(const struct err *why)
{
        return why->code == EMFILE || why->code == ENFILE || why->code == ENOMEM;
}

/* Adds the segment's cursor, at its first entry after r->last. A file that is gone is
 * damage like any other: its seqs are missing. */
static bool add_cursor(struct vault_reader *r, const struct segment_info *info,
                       const struct segment_info *now, struct err *err)
{
        struct cursor *c = &r->cursors[r->n];
        struct err why = ERR_INIT;

        if (r->n == CURSORS_MAX)
                return err_set(err, ERR_BUG, 0, "more than %d segments overlap", CURSORS_MAX);
        if (!open_cursor(r, c, info, now, &why)) {
                if (is_retired(r, now))
                        return true;
                if (is_our_want(&why)) {
                        *err = why;
                        return false;
                }
                log_err(LOG_LEVEL_ERROR, "vault", "segment is lost", &why);
                note_lost(r, c, now->first, now->last);
                return true;
        }
        r->n++;
        do {
                if (!next_head(r, c, err))
                        return false;
        } while (c->has_head && position_compare(head_of(c), r->last) <= 0);
        return true;
}

/* Those at the end of a segment that will not grow. */
static void drop_finished(struct vault_reader *r)
{
        for (size_t i = r->n; i-- > 0;) {
                struct cursor *c = &r->cursors[i];
                if (c->has_head || !c->now.closed)
                        continue;
                scan_close(&c->scan);
                *c = r->cursors[--r->n];
        }
}

/* ---- snapshot ------------------------------------------------------------ */

/* Lengths and mark as of one moment. *moved: there is something new to look at. */
static bool refresh(struct vault_reader *r, bool *moved, struct err *err)
{
        struct position before = r->mark;

        catalog_lock(r->catalog);
        r->mark = r->catalog->mark;
        for (size_t i = 0; i < r->n; i++)
                r->cursors[i].now = *r->cursors[i].info;
        catalog_unlock(r->catalog);
        for (size_t i = 0; i < r->n; i++) {
                struct cursor *c = &r->cursors[i];
                scan_extend(&c->scan, c->now.bytes);
                if (!c->has_head && !next_head(r, c, err))
                        return false;
        }
        *moved = position_compare(before, r->mark) != 0;
        return true;
}

/* ---- merging ------------------------------------------------------------- */

static struct cursor *smallest(struct vault_reader *r)
{
        struct cursor *best = NULL;

        for (size_t i = 0; i < r->n; i++) {
                struct cursor *c = &r->cursors[i];
                if (c->has_head && position_compare(head_of(c), r->mark) <= 0 &&
                    (!best || position_compare(head_of(c), head_of(best)) < 0))
                        best = c;
        }
        return best;
}

/* The cursor of the next entry, after every segment that could hold an earlier one was
 * opened. NULL: nothing up to the snapshot's mark. */
static bool find_next(struct vault_reader *r, struct cursor **best, struct err *err)
{
        struct segment_info now;
        const struct segment_info *info;

        for (;;) {
                struct position first;
                drop_finished(r);
                *best = smallest(r);
                if (!catalog_at(r->catalog, r->next_segment, &now, &info))
                        return true;
                first = (struct position){ now.epoch, now.first };
                if (position_compare(first, *best ? head_of(*best) : r->mark) > 0)
                        return true;
                r->next_segment++;
                if (now.retired)
                        continue;
                if (now.closed &&
                    position_compare((struct position){ now.epoch, now.last }, r->last) <= 0)
                        continue;
                if (!add_cursor(r, info, &now, err))
                        return false;
        }
}

/* ---- what is missing ----------------------------------------------------- */

/* The first seq >= p.seq of p's epoch that is known to be lost; 0 if none. What retention
 * removed is not. */
static uint64_t first_lost(const struct vault_reader *r, struct position p, uint64_t durable_to)
{
        uint64_t first = p.seq, retired;

        while (first <= durable_to && (retired = catalog_retired_to(r->catalog, p.epoch, first)) > 0)
                first = retired + 1;
        if (first > durable_to)
                first = 0;
        for (size_t i = 0; i < r->n_lost; i++) {
                uint64_t from = r->lost[i].from > p.seq ? r->lost[i].from : p.seq;
                if (r->lost[i].epoch == p.epoch && from <= r->lost[i].to && (!first || from < first))
                        first = from;
        }
        return first;
}

/* Whether an acknowledged position lies between r->last and `end` (exclusive, or NULL: up
 * to the mark): nothing that can be read does, so it is lost. */
static bool find_lost(struct vault_reader *r, const struct position *end, struct position *lost)
{
        struct position p = { r->last.epoch, r->last.seq + 1 };

        for (;;) {
                uint64_t durable_to = p.epoch ? catalog_durable_to(r->catalog, p.epoch) : 0;
                if (p.epoch == r->mark.epoch && durable_to > r->mark.seq)
                        durable_to = r->mark.seq;
                uint64_t seq = p.epoch ? first_lost(r, p, durable_to) : 0;
                if (seq) {
                        *lost = (struct position){ p.epoch, seq };
                        return end ? position_compare(*lost, *end) < 0
                                   : position_compare(*lost, r->mark) <= 0;
                }
                uint64_t next = catalog_epoch_after(r->catalog, p.epoch);
                for (size_t i = 0; i < r->n_lost; i++)
                        if (r->lost[i].epoch > p.epoch && (!next || r->lost[i].epoch < next))
                                next = r->lost[i].epoch;
                if (!next || (end && next > end->epoch))
                        return false;
                p = (struct position){ next, 1 };
        }
}

static bool follows_directly(struct position last, struct position next)
{
        return last.epoch == next.epoch && last.seq + 1 == next.seq;
}

/* ---- one entry ----------------------------------------------------------- */

static void count_damage(struct vault_reader *r)
{
        atomic_fetch_add(&r->catalog->damaged, 1);
        metric_add(&vault_metrics[M_DAMAGED], 1);
}

static bool describe(struct vault_reader *r, const struct cursor *c, struct vault_entry *out,
                     struct err *err)
{
        const struct entry_header *h = &c->scan.head;
        struct slice source, class;

        *out = (struct vault_entry){ .kind = (enum entry_kind)h->kind, .at = head_of(c),
                                     .captured_us = h->captured_us, .subject = h->subject,
                                     .period = h->period };
        memcpy(out->record_key, h->record_key, sizeof out->record_key);
        if (!keyring_source_name(r->keys, h->source, &source, err) ||
            !keyring_class_name(r->keys, c->info->class, &class, err))
                return false;
        snprintf(r->source, sizeof r->source, "%.*s", SLICE_ARG(source));
        snprintf(r->class, sizeof r->class, "%.*s", SLICE_ARG(class));
        out->source = slice_of(r->source);
        out->class = r->class;
        return true;
}

static bool open_plain(struct vault_reader *r, const struct cursor *c, enum vault_read *what,
                       struct vault_entry *out, struct err *err)
{
        const struct entry_header *h = &c->scan.head;
        enum key_found found;
        const uint8_t *key;

        buf_reset(&r->plain);
        if (!keyring_entry_key(r->keys, h->subject, h->period, &found, &key, &out->times_erased, err))
                return err_add(err, "keys.db");
        *what = found == KEY_ERASED ? VAULT_ERASED : found == KEY_EXPIRED ? VAULT_EXPIRED : VAULT_ENTRY;
        if (*what != VAULT_ENTRY)
                return true;
        if (found == KEY_BROKEN || h->codec != 0 || h->kind < ENTRY_RECORD || h->kind > ENTRY_LEDGER ||
            !entry_open(h, c->scan.bytes, c->info->id, r->seal, key, &r->plain, NULL)) {
                *what = VAULT_DAMAGED;
                count_damage(r);
                log_warning("vault", "entry does not open", "segment=%s epoch=%llu seq=%llu",
                            c->info->name, (unsigned long long)h->epoch, (unsigned long long)h->seq);
                return true;
        }
        out->plain = buf_slice(&r->plain);
        return true;
}

static bool give(struct vault_reader *r, const struct cursor *c, enum vault_read *what,
                 struct vault_entry *out, struct err *err)
{
        uint64_t generation = atomic_load(&r->catalog->key_generation);

        if (generation != r->key_generation) {
                keyring_forget(r->keys);
                r->key_generation = generation;
        }
        if (r->plain.cap > (1 << 20))
                buf_clear(&r->plain);
        return describe(r, c, out, err) && open_plain(r, c, what, out, err);
}

static void give_lost(struct vault_reader *r, struct position at, enum vault_read *what,
                      struct vault_entry *out)
{
        *what = VAULT_DAMAGED;
        *out = (struct vault_entry){ .kind = ENTRY_RECORD, .at = at, .source = SLICE(""), .class = "" };
        count_damage(r);
}

/* Nothing but its place is left. */
static void give_retired(struct position at, enum vault_read *what, struct vault_entry *out)
{
        *what = VAULT_EXPIRED;
        *out = (struct vault_entry){ .kind = ENTRY_RECORD, .at = at, .source = SLICE(""), .class = "" };
}

/* ---- the two ways in ----------------------------------------------------- */

bool vault_read(struct vault_reader *r, enum vault_read *what, struct vault_entry *out,
                struct err *err)
{
        struct cursor *best;
        struct position at, lost;
        bool moved;

        if (r->given && !next_head(r, r->given, err))
                return false;
        r->given = NULL;
        for (;;) {
                if (!find_next(r, &best, err))
                        return false;
                if (best && position_compare(head_of(best), r->last) <= 0) { /* given already */
                        if (!next_head(r, best, err))
                                return false;
                        continue;
                }
                at = best ? head_of(best) : r->mark;
                if (!(best && follows_directly(r->last, at)) &&
                    find_lost(r, best ? &at : NULL, &lost)) {
                        give_lost(r, lost, what, out);
                        r->last = lost;
                        return true;
                }
                if (best)
                        break;
                if (!refresh(r, &moved, err))
                        return false;
                if (!moved) {
                        *what = VAULT_END;
                        return true;
                }
        }
        if (!give(r, best, what, out, err))
                return false;
        r->last = at;
        r->given = best;
        return true;
}

bool vault_period_gone(struct vault_reader *r, uint64_t period, bool *gone, struct err *err)
{
        struct db_stmt *s = db_prepare(r->keys->db, "SELECT 1 FROM period WHERE number = ?1 AND wrapped IS NOT NULL");
        bool there;

        db_bind_int(s, 1, (int64_t)period);
        if (!db_step(s, &there, err))
                return false;
        db_reset(s);
        *gone = !there;
        return true;
}

/* *found: the segment has the entry, which then is described. A file that is gone has none. */
static bool fetch_from(struct vault_reader *r, const struct segment_info *info,
                       const struct segment_info *now, uint64_t seq, bool *found,
                       enum vault_read *what, struct vault_entry *out, struct err *err)
{
        struct cursor c;
        struct err why = ERR_INIT;
        bool ok;

        *found = false;
        if (!open_cursor(r, &c, info, now, &why)) {
                if (is_our_want(&why))
                        *err = why;
                else if (!is_retired(r, now))
                        log_err(LOG_LEVEL_ERROR, "vault", "segment is lost", &why);
                return !is_our_want(&why);
        }
        do
                ok = scan_next(&c.scan, &c.has_head, err);
        while (ok && c.has_head && c.scan.head.seq < seq);
        if (ok && c.has_head && c.scan.head.seq == seq) {
                *found = true;
                ok = give(r, &c, what, out, err);
        }
        scan_close(&c.scan);
        return ok;
}

bool vault_fetch(struct vault_reader *r, struct position at, enum vault_read *what,
                 struct vault_entry *out, struct err *err)
{
        struct segment_info now;
        const struct segment_info *info;
        bool found;

        for (size_t i = 0; catalog_at(r->catalog, i, &now, &info) && now.epoch <= at.epoch; i++) {
                if (now.retired || now.epoch != at.epoch || at.seq < now.first || at.seq > now.last)
                        continue;
                if (!fetch_from(r, info, &now, at.seq, &found, what, out, err))
                        return false;
                if (found)
                        return true;
        }
        if (at.seq >= 1 && catalog_retired_to(r->catalog, at.epoch, at.seq) > 0)
                give_retired(at, what, out);
        else if (at.seq >= 1 && at.seq <= catalog_durable_to(r->catalog, at.epoch))
                give_lost(r, at, what, out);
        else
                *what = VAULT_END;
        return true;
}
