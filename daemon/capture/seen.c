/* seen.c - STATE/files.db: which rows of files were captured before, by keyed hash only. */
#include "seen.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "link/db.h"

enum { CONTENT_BYTES = 16, KEPT_DAYS = 400, FRESH_DAYS = 30, RUN_DAYS = 30 };

static const char schema[] =
        /* content: first 16 bytes of the keyed hash of the flat record; day: last shown */
        "CREATE TABLE IF NOT EXISTS row (record_key BLOB PRIMARY KEY, content BLOB NOT NULL,"
        " day INTEGER NOT NULL) WITHOUT ROWID;"
        "CREATE TABLE IF NOT EXISTS file (hash BLOB PRIMARY KEY, at INTEGER NOT NULL) WITHOUT ROWID;"
        /* what forced files have brought that are not gone yet */
        "CREATE TABLE IF NOT EXISTS again (run BLOB, record_key BLOB, content BLOB NOT NULL, day INTEGER NOT NULL,"
        " PRIMARY KEY (run, record_key)) WITHOUT ROWID;";

struct seen {
        struct db *db;
        struct keyer *keyer;
        bool in_batch; /* a transaction is open */
};

bool seen_open(struct seen **out, const char *state_dir, struct keyer *k, struct err *err)
{
        char path[4096];
        *out = NULL;
        struct seen *s = calloc(1, sizeof *s);
        if (!s)
                return err_set(err, ERR_SYSTEM, 0, "out of memory");
        s->keyer = k;
        snprintf(path, sizeof path, "%s/files.db", state_dir);
        if (!db_open(&s->db, path, schema, err)) {
                seen_close(s);
                return false;
        }
        *out = s;
        return true;
}

void seen_close(struct seen *s)
{
        if (!s)
                return;
        if (s->db)
                seen_abort(s);
        db_close(s->db);
        free(s);
}

static int64_t today(void)
{
        return clock_now_us() / US_PER_DAY;
}

static bool begin(struct seen *s, struct err *err)
{
        if (s->in_batch)
                return true;
        s->in_batch = db_begin(s->db, err);
        return s->in_batch;
}

static bool remember(struct seen *s, struct slice key, struct slice content, struct err *err)
{
        struct db_stmt *put = db_prepare(s->db, "INSERT INTO row (record_key, content, day) VALUES (?, ?, ?) "
                                                "ON CONFLICT (record_key) DO UPDATE SET "
                                                "content = excluded.content, day = excluded.day");
        db_bind_bytes(put, 1, key);
        db_bind_bytes(put, 2, content);
        db_bind_int(put, 3, today());
        return db_do(put, err);
}

/* A row of a forced file: what was captured before it does not count. */
static bool seen_again(struct seen *s, struct slice run, struct slice key, struct slice content, bool *same,
                       struct err *err)
{
        bool row;
        struct db_stmt *get = db_prepare(s->db, "SELECT content FROM again WHERE run = ? AND record_key = ?");
        db_bind_bytes(get, 1, run);
        db_bind_bytes(get, 2, key);
        if (!db_step(get, &row, err))
                return false;
        *same = row && slice_eq(db_bytes(get, 0), content);
        db_reset(get);
        if (*same)
                return true;
        struct db_stmt *put = db_prepare(s->db, "INSERT OR REPLACE INTO again VALUES (?, ?, ?, ?)");
        db_bind_bytes(put, 1, run);
        db_bind_bytes(put, 2, key);
        db_bind_bytes(put, 3, content);
        db_bind_int(put, 4, today());
        return db_do(put, err) && remember(s, key, content, err);
}

bool seen_row(struct seen *s, const uint8_t *run, struct slice source, struct slice id, struct slice flat,
              bool *same, struct err *err)
{
        uint8_t key[16], hash[32];
        bool row, fresh = false;
        *same = false;
        keyer_record_key(s->keyer, source, id, key);
        keyer_digest(s->keyer, "file row", flat, hash);
        struct slice key_slice = slice_make(key, sizeof key), content = slice_make(hash, CONTENT_BYTES);
        if (!begin(s, err))
                return false;
        if (run)
                return seen_again(s, slice_make(run, SEEN_RUN), key_slice, content, same, err);
        struct db_stmt *get = db_prepare(s->db, "SELECT content, day FROM row WHERE record_key = ?");
        db_bind_bytes(get, 1, key_slice);
        if (!db_step(get, &row, err))
                return false;
        if (row) {
                *same = slice_eq(db_bytes(get, 0), content);
                fresh = today() - db_int(get, 1) < FRESH_DAYS;
        }
        db_reset(get);
        return (*same && fresh) || remember(s, key_slice, content, err);
}

bool seen_commit(struct seen *s, struct err *err)
{
        if (!s->in_batch)
                return true;
        s->in_batch = false;
        return db_commit(s->db, err);
}

void seen_abort(struct seen *s)
{
        s->in_batch = false;
        db_abort(s->db);
}

bool seen_file(struct seen *s, struct slice source, const uint8_t sha[SHA256_BYTES], int64_t *when,
               uint8_t out[SHA256_BYTES], struct err *err)
{
        struct buf text;
        bool row;
        *when = 0;
        buf_init(&text, 128);
        buf_put(&text, source);
        buf_putc(&text, 0);
        buf_put(&text, slice_make(sha, SHA256_BYTES));
        keyer_digest(s->keyer, "file", buf_slice(&text), out);
        buf_clear(&text);
        struct db_stmt *get = db_prepare(s->db, "SELECT at FROM file WHERE hash = ?");
        db_bind_bytes(get, 1, slice_make(out, SHA256_BYTES));
        if (!db_step(get, &row, err))
                return false;
        if (row)
                *when = db_int(get, 0);
        db_reset(get);
        struct db_stmt *put = db_prepare(s->db, "INSERT INTO file (hash, at) VALUES (?, ?) "
                                                "ON CONFLICT (hash) DO UPDATE SET at = excluded.at");
        db_bind_bytes(put, 1, slice_make(out, SHA256_BYTES));
        db_bind_int(put, 2, clock_now_us());
        return db_do(put, err);
}

bool seen_run_over(struct seen *s, const uint8_t run[SEEN_RUN], struct err *err)
{
        struct db_stmt *gone = db_prepare(s->db, "DELETE FROM again WHERE run = ?");
        db_bind_bytes(gone, 1, slice_make(run, SEEN_RUN));
        return db_do(gone, err);
}

bool seen_forget_old(struct seen *s, int64_t now_us, struct err *err)
{
        struct db_stmt *runs = db_prepare(s->db, "DELETE FROM again WHERE day < ?");
        db_bind_int(runs, 1, now_us / US_PER_DAY - RUN_DAYS);
        struct db_stmt *rows = db_prepare(s->db, "DELETE FROM row WHERE day < ?");
        db_bind_int(rows, 1, now_us / US_PER_DAY - KEPT_DAYS);
        struct db_stmt *files = db_prepare(s->db, "DELETE FROM file WHERE at < ?");
        db_bind_int(files, 1, now_us - KEPT_DAYS * US_PER_DAY);
        return db_do(runs, err) && db_do(rows, err) && db_do(files, err);
}
