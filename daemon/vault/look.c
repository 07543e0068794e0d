/* look.c - the keeper's eyes: segments' headers against the periods that have keys. */
#include <errno.h>
#include <stdio.h>

#include "base/log.h"
#include "keeper.h"
#include "scan.h"

static bool open_segment(struct keeper *k, struct scan *s, const struct segment_info *info, struct err *err)
{
        char path[PATH_MAX + SEGMENT_NAME_MAX];

        snprintf(path, sizeof path, "%s/%s", k->catalog->dir, info->name);
        return scan_open(s, path, info->epoch, info->first, info->data_at, info->bytes, err);
}

static struct position covered_to(struct keeper *k)
{
        catalog_lock(k->catalog);
        struct position p = k->catalog->covered;
        catalog_unlock(k->catalog);
        return p;
}

static bool is_beyond(const struct segment_info *now, struct position covered)
{
        return now->entries > 0 && !now->retired &&
               position_compare((struct position){ now->epoch, now->last }, covered) > 0;
}

/* ---- what the hub does not have yet --------------------------------------- */

/* A segment is as old as its first entry. */
bool look_may_wait(struct keeper *k, const struct period_row *p)
{
        struct position covered = covered_to(k);
        const struct segment_info *info;
        struct segment_info now;

        for (size_t i = 0; catalog_at(k->catalog, i, &now, &info); i++)
                if (now.class == p->class && now.created_us < p->ends_us && is_beyond(&now, covered))
                        return true;
        return false;
}

static bool count_uncovered(struct keeper *k, const struct segment_info *now, const struct period_row *p,
                            struct position covered, uint64_t *n, int64_t *oldest_us, struct err *err)
{
        struct scan s;
        bool found, ok = open_segment(k, &s, now, err);

        while (ok && (ok = scan_next(&s, &found, err)) && found) {
                struct position at = { s.head.epoch, s.head.seq };
                if (s.head.period != p->number || position_compare(at, covered) <= 0)
                        continue;
                ++*n;
                if (s.head.captured_us < *oldest_us)
                        *oldest_us = s.head.captured_us;
        }
        scan_close(&s);
        return ok;
}

bool look_uncovered(struct keeper *k, const struct period_row *p, uint64_t *n, int64_t *oldest_us,
                    struct err *err)
{
        struct position covered = covered_to(k);
        const struct segment_info *info;
        struct segment_info now;

        *n = 0;
        *oldest_us = INT64_MAX;
        for (size_t i = 0; catalog_at(k->catalog, i, &now, &info); i++)
                if (now.class == p->class && is_beyond(&now, covered) &&
                    !count_uncovered(k, &now, p, covered, n, oldest_us, err))
                        return false;
        return true;
}

/* ---- what nobody can read any more ---------------------------------------- */

/* Whether a key is there; the last answer is remembered: neighbours have the same period. */
struct asked {
        uint64_t number;
        bool there, any;
};

static bool has_key(struct keeper *k, struct asked *a, uint64_t number, bool *there, struct err *err)
{
        bool row;

        if (!a->any || a->number != number) {
                struct db_stmt *q = db_prepare(k->db, "SELECT 1 FROM period WHERE number = ?1 AND wrapped IS NOT NULL");
                db_bind_int(q, 1, (int64_t)number);
                if (!db_step(q, &row, err))
                        return false;
                db_reset(q);
                *a = (struct asked){ number, row, true };
        }
        *there = a->there;
        return true;
}

/* Bytes that are no entry cannot be read either; the pump has counted them as damaged. But a disk
 * that fails for a while must not pass for a file without entries: that would remove it. */
static bool all_expired(struct keeper *k, const struct segment_info *now, bool *expired, struct err *err)
{
        struct asked a = { 0 };
        struct scan s;
        bool found, ok = open_segment(k, &s, now, err);

        *expired = true;
        while (ok && *expired && (ok = scan_next(&s, &found, err)) && found) {
                bool there = false;
                ok = has_key(k, &a, s.head.period, &there, err);
                *expired = !there;
        }
        *expired &= !s.unread;
        scan_close(&s);
        return ok;
}

/* Since when a class has keys: a segment that begins later has nothing that expired. */
static bool keys_since(struct keeper *k, uint32_t class, int64_t *since_us, struct err *err)
{
        struct db_stmt *q = db_prepare(k->db, "SELECT min(begins_us) FROM period WHERE class = ?1"
                                              " AND wrapped IS NOT NULL");
        bool row;

        *since_us = INT64_MAX;
        db_bind_int(q, 1, class);
        if (!db_step(q, &row, err))
                return false;
        if (row && !db_null(q, 0))
                *since_us = db_int(q, 0);
        db_reset(q);
        return true;
}

static bool look_at(struct keeper *k, const struct segment_info *now, struct segment_info *info, struct err *err)
{
        uint64_t generation = atomic_load(&k->catalog->key_generation);
        int64_t since_us;
        bool expired;

        if (!now->closed || now->retired || now->looked_at == generation)
                return true;
        if (!keys_since(k, now->class, &since_us, err))
                return false;
        if (now->created_us >= since_us || position_compare((struct position){ now->epoch, now->last },
                                                            covered_to(k)) > 0)
                return true;
        if (!all_expired(k, now, &expired, err))
                return false;
        if (expired)
                return log_order(k->log, retire_segment, info, err);
        catalog_lock(k->catalog);
        info->looked_at = generation;
        catalog_unlock(k->catalog);
        return true;
}

/* One that cannot be read is passed by: the others need not wait for it. */
bool look_for_expired(struct keeper *k, struct err *err)
{
        const struct segment_info *info;
        struct segment_info now;
        bool ok = true;

        for (size_t i = 0; catalog_at(k->catalog, i, &now, &info); i++) {
                struct err why = ERR_INIT;
                if (look_at(k, &now, catalog_segment(k->catalog, i), &why))
                        continue;
                if (ok)
                        *err = why;
                ok = false;
        }
        return ok;
}
