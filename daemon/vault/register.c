/* register.c - rows of epochs and closed segments. */
#include "register.h"

bool register_load_epochs(struct keyring *k, struct catalog *c, struct err *err)
{
        struct db_stmt *s = db_prepare(k->db, "SELECT epoch, durable_to FROM epoch ORDER BY epoch");
        bool row;

        for (;;) {
                if (!db_step(s, &row, err))
                        return false;
                if (!row)
                        return true;
                if (!catalog_add_epoch(c, (uint64_t)db_int(s, 0), (uint64_t)db_int(s, 1), err)) {
                        db_reset(s);
                        return false;
                }
        }
}

bool register_load_retired(struct keyring *k, struct catalog *c, struct err *err)
{
        struct db_stmt *s = db_prepare(k->db, "SELECT epoch, first_seq, last_seq FROM retired");
        bool row;

        for (;;) {
                if (!db_step(s, &row, err))
                        return false;
                if (!row)
                        return true;
                struct retired_range r = { (uint64_t)db_int(s, 0), (uint64_t)db_int(s, 1), (uint64_t)db_int(s, 2) };
                if (!catalog_add_retired(c, r, err)) {
                        db_reset(s);
                        return false;
                }
        }
}

bool register_start(struct keyring *k, uint64_t epoch, struct err *err)
{
        struct db_stmt *s;
        bool ok = keyring_begin(k, err) &&
                  db_run(k->db, "DELETE FROM epoch WHERE durable_to = 0", err);

        if (ok) {
                s = db_prepare(k->db, "INSERT INTO epoch (epoch, durable_to) VALUES (?1, 0)");
                db_bind_int(s, 1, (int64_t)epoch);
                ok = db_do(s, err) && keyring_commit(k, err);
        }
        if (!ok)
                keyring_abort(k);
        return ok;
}

bool register_durable_to(struct keyring *k, uint64_t epoch, uint64_t durable_to, struct err *err)
{
        struct db_stmt *s;

        if (!keyring_begin(k, err))
                return false;
        s = db_prepare(k->db, "INSERT INTO epoch (epoch, durable_to) VALUES (?1, ?2) ON CONFLICT (epoch)"
                              " DO UPDATE SET durable_to = max(durable_to, excluded.durable_to)");
        db_bind_int(s, 1, (int64_t)epoch);
        db_bind_int(s, 2, (int64_t)durable_to);
        return db_do(s, err);
}

bool register_segment(struct keyring *k, const struct segment_info *info, int64_t now_us,
                      struct err *err)
{
        struct db_stmt *s;

        if (!keyring_begin(k, err))
                return false;
        s = db_prepare(k->db, "INSERT OR REPLACE INTO segment (id, class, epoch, first_seq, last_seq,"
                              " entries, bytes, closed_us) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)");
        db_bind_bytes(s, 1, slice_make(info->id, SEGMENT_ID));
        db_bind_int(s, 2, info->class);
        db_bind_int(s, 3, (int64_t)info->epoch);
        db_bind_int(s, 4, (int64_t)info->first);
        db_bind_int(s, 5, (int64_t)info->last);
        db_bind_int(s, 6, (int64_t)info->entries);
        db_bind_int(s, 7, (int64_t)info->bytes);
        db_bind_int(s, 8, now_us);
        return db_do(s, err);
}

bool register_find(struct keyring *k, struct segment_info *info, bool *found, struct err *err)
{
        struct db_stmt *s = db_prepare(k->db, "SELECT class, last_seq, entries, bytes FROM segment"
                                              " WHERE id = ?1");

        db_bind_bytes(s, 1, slice_make(info->id, SEGMENT_ID));
        if (!db_step(s, found, err))
                return false;
        if (*found) {
                info->class = (uint32_t)db_int(s, 0);
                info->last = (uint64_t)db_int(s, 1);
                info->entries = (uint64_t)db_int(s, 2);
                info->bytes = (uint64_t)db_int(s, 3);
        }
        db_reset(s);
        return true;
}
