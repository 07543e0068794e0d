/* retire.c - orders of the keeper, on the writer's thread. */
#include "retire.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "metrics.h"

/* ---- times --------------------------------------------------------------- */

bool retire_load_keeps(struct db *db, struct keep_time *out, size_t *n, struct err *err)
{
        struct db_stmt *s = db_prepare(db, "SELECT class, raw_us, at_least_us, before_us, shorter_us FROM keep");
        bool row = true;

        for (*n = 0; *n < KEEPS_MAX; ++*n) {
                if (!db_step(s, &row, err))
                        return false;
                if (!row)
                        return true;
                out[*n] = (struct keep_time){ (uint32_t)db_int(s, 0), db_int(s, 1), db_int(s, 2), db_int(s, 3),
                                              db_int(s, 4) };
        }
        db_reset(s);
        return true;
}

int64_t keep_raw_us(const struct keep_time *k, int64_t now_us)
{
        bool shorter = k->raw_us >= 0 && (k->before_us < 0 || k->before_us > k->raw_us);

        return shorter && now_us < k->shorter_us + US_PER_DAY ? k->before_us : k->raw_us;
}

static bool put_keep(struct keyring *k, const struct keep_time *t, struct err *err)
{
        struct db_stmt *s = db_prepare(k->db, "INSERT OR REPLACE INTO keep VALUES (?1, ?2, ?3, ?4, ?5)");

        db_bind_int(s, 1, t->class);
        db_bind_int(s, 2, t->raw_us);
        db_bind_int(s, 3, t->at_least_us);
        db_bind_int(s, 4, t->before_us);
        db_bind_int(s, 5, t->shorter_us);
        return db_do(s, err);
}

static bool committed(struct log *l, bool ok, struct err *err)
{
        if (ok && keyring_commit(l->keys, err))
                return true;
        keyring_abort(l->keys);
        return false;
}

bool retire_keeps(struct log *l, void *arg, struct err *err)
{
        const struct keep_list *list = arg;
        bool ok = keyring_begin(l->keys, err);

        for (size_t i = 0; ok && i < list->n; i++)
                ok = put_keep(l->keys, &list->rows[i], err);
        return committed(l, ok, err) && retire_load_keeps(l->keys->db, l->keeps, &l->n_keeps, err);
}

bool retire_class(struct log *l, void *arg, struct err *err)
{
        const struct vault_law *law = arg;
        uint32_t number;
        bool ok = !*law->class || keyring_class(l->keys, law->class, &number, err);

        for (size_t i = 0; ok && i < law->n_others; i++)
                ok = !*law->others[i] || keyring_class(l->keys, law->others[i], &number, err);
        if (!committed(l, ok, err))
                return false;
        snprintf(l->home, sizeof l->home, "%s", law->class);
        return true;
}

bool retire_time(struct log *l, void *arg, struct err *err)
{
        const int64_t *now_us = arg;
        uint8_t bytes[8];
        bool ok = keyring_begin(l->keys, err);

        for (int i = 0; i < 8; i++)
                bytes[i] = (uint8_t)((uint64_t)*now_us >> (56 - 8 * i));
        if (ok) {
                struct db_stmt *s = db_prepare(l->keys->db, "INSERT OR REPLACE INTO meta VALUES ('time', ?1)");
                db_bind_bytes(s, 1, slice_make(bytes, sizeof bytes));
                ok = db_do(s, err);
        }
        return committed(l, ok, err);
}

bool retire_future(struct log *l, void *arg, struct err *err)
{
        const int64_t *now_us = arg;
        bool ok = keyring_begin(l->keys, err);
        int64_t n = 0;

        if (ok) {
                struct db_stmt *s = db_prepare(l->keys->db, "UPDATE period SET ends_us = ?1 + (ends_us - begins_us),"
                                               " begins_us = ?1 WHERE begins_us > ?2 AND wrapped IS NOT NULL");
                db_bind_int(s, 1, *now_us);
                db_bind_int(s, 2, *now_us + US_PER_HOUR);
                ok = db_do(s, err);
                n = ok ? db_changes(l->keys->db) : 0;
        }
        if (!committed(l, ok, err))
                return false;
        if (n > 0) {
                keyring_forget(l->keys);
                log_warning("vault", "periods began in the future, and count from now on", "periods=%lld",
                            (long long)n);
        }
        return true;
}

/* ---- keys ---------------------------------------------------------------- */

/* A reader in the middle of a statement is in the way for milliseconds; whoever stays longer must
 * not keep senders waiting: the keeper asks again. */
bool retire_wal(struct log *l, void *arg, struct err *err)
{
        struct db *db = l->keys->db;

        (void)arg;
        atomic_store(&l->wal_holds_keys, true);
        if (!db_run(db, "PRAGMA busy_timeout = 250", err))
                return false;
        bool ok = db_checkpoint(db, err);
        if (ok)
                atomic_store(&l->wal_holds_keys, false);
        return db_run(db, "PRAGMA busy_timeout = 10000", err) && ok;
}

bool retire_period(struct log *l, void *arg, struct err *err)
{
        const uint64_t *number = arg;
        struct err later = ERR_INIT;
        bool ok = keyring_begin(l->keys, err);

        if (ok) {
                struct db_stmt *s = db_prepare(l->keys->db, "UPDATE period SET wrapped = NULL WHERE number = ?1");
                db_bind_int(s, 1, (int64_t)*number);
                ok = db_do(s, err);
        }
        if (!committed(l, ok, err))
                return false;
        if (!retire_wal(l, NULL, &later))
                log_err(LOG_LEVEL_WARNING, "vault", "key is gone, its copy in the log goes later", &later);
        keyring_forget(l->keys);
        l->key_generation = atomic_fetch_add(&l->catalog->key_generation, 1) + 1;
        catalog_ring(l->catalog); /* whoever kept something of it looks again */
        metric_add(&vault_metrics[M_PERIODS_DESTROYED], 1);
        return true;
}

/* ---- segments ------------------------------------------------------------ */

/* One row for what touches or overlaps. */
static bool put_range(struct keyring *k, const struct segment_info *info, struct err *err)
{
        struct db_stmt *s = db_prepare(k->db, "SELECT min(first_seq), max(last_seq) FROM retired WHERE epoch = ?1"
                                              " AND first_seq <= ?3 + 1 AND last_seq >= ?2 - 1");
        int64_t first = (int64_t)info->first, last = (int64_t)info->last;
        bool row;

        db_bind_int(s, 1, (int64_t)info->epoch);
        db_bind_int(s, 2, first);
        db_bind_int(s, 3, last);
        if (!db_step(s, &row, err))
                return false;
        if (row && !db_null(s, 0)) {
                first = db_int(s, 0) < first ? db_int(s, 0) : first;
                last = db_int(s, 1) > last ? db_int(s, 1) : last;
        }
        db_reset(s);
        s = db_prepare(k->db, "DELETE FROM retired WHERE epoch = ?1 AND first_seq >= ?2 AND last_seq <= ?3");
        db_bind_int(s, 1, (int64_t)info->epoch);
        db_bind_int(s, 2, first);
        db_bind_int(s, 3, last);
        if (!db_do(s, err))
                return false;
        s = db_prepare(k->db, "INSERT INTO retired VALUES (?1, ?2, ?3)");
        db_bind_int(s, 1, (int64_t)info->epoch);
        db_bind_int(s, 2, first);
        db_bind_int(s, 3, last);
        return db_do(s, err);
}

static bool drop_row(struct keyring *k, const struct segment_info *info, struct err *err)
{
        struct db_stmt *s = db_prepare(k->db, "DELETE FROM segment WHERE id = ?1");

        db_bind_bytes(s, 1, slice_make(info->id, SEGMENT_ID));
        return db_do(s, err);
}

static bool remove_file(struct log *l, const struct segment_info *info, struct err *err)
{
        char path[PATH_MAX + SEGMENT_NAME_MAX];

        snprintf(path, sizeof path, "%s/%s", l->catalog->dir, info->name);
        if (unlink(path) != 0 && errno != ENOENT)
                return err_errno(err, errno, "could not remove segment \"%s\"", info->name);
        return dir_sync(l->catalog->dir, err);
}

bool retire_segment(struct log *l, void *arg, struct err *err)
{
        struct segment_info *info = arg;
        bool ok = keyring_begin(l->keys, err);

        ok = ok && put_range(l->keys, info, err) && drop_row(l->keys, info, err);
        if (!committed(l, ok, err) || !catalog_retire(l->catalog, info, err))
                return false;
        metric_set(&vault_metrics[M_BYTES], (int64_t)l->catalog->bytes); /* the writer alone changes it */
        metric_add(&vault_metrics[M_SEGMENTS], -1);
        metric_add(&vault_metrics[M_SEGMENTS_REMOVED], 1);
        log_info("vault", "segment removed", "segment=%s entries=%llu bytes=%llu", info->name,
                 (unsigned long long)info->entries, (unsigned long long)info->bytes);
        return remove_file(l, info, err);
}
