/* counted.c - the tables `counting`, `counted` and `sharing`. */
#include "vault/counted.h"

#include "state_private.h"

static const char schema[] =
        "CREATE TABLE IF NOT EXISTS counting ("
        " number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE);"
        "CREATE TABLE IF NOT EXISTS counted ("
        " line INTEGER NOT NULL, who BLOB NOT NULL, day INTEGER NOT NULL,"
        " PRIMARY KEY (line, who)) WITHOUT ROWID;"
        "CREATE INDEX IF NOT EXISTS counted_day ON counted (line, day);"
        "CREATE TABLE IF NOT EXISTS sharing ("
        " line INTEGER NOT NULL, combination BLOB NOT NULL, who BLOB NOT NULL, day INTEGER NOT NULL,"
        " PRIMARY KEY (line, combination, who)) WITHOUT ROWID;"
        "CREATE INDEX IF NOT EXISTS sharing_day ON sharing (line, day);";

bool counted_open(struct state *s, struct err *err)
{
        return db_run(s->db, schema, err);
}

/* One number, or what *out was where there is no row. */
static bool one(struct db_stmt *q, int64_t *out, struct err *err)
{
        bool row;
        if (!db_step(q, &row, err))
                return false;
        if (row && !db_null(q, 0))
                *out = db_int(q, 0);
        db_reset(q);
        return true;
}

bool counted_line(struct state *s, const char *id, int64_t *number, struct err *err)
{
        struct db_stmt *q = db_prepare(s->db, "SELECT number FROM counting WHERE id = ?1");
        *number = 0;
        db_bind_text(q, 1, slice_of(id));
        return one(q, number, err);
}

bool counted_new_line(struct state *s, const char *id, int64_t *number, struct err *err)
{
        struct db_stmt *q = db_prepare(s->db, "INSERT OR IGNORE INTO counting (id) VALUES (?1)");
        db_bind_text(q, 1, slice_of(id));
        return db_do(q, err) && counted_line(s, id, number, err);
}

/* ---- Counters -------------------------------------------------------------------- */

bool counted_day(struct state *s, int64_t line, struct slice who, int64_t *day, struct err *err)
{
        struct db_stmt *q = db_prepare(s->db, "SELECT day FROM counted WHERE line = ?1 AND who = ?2");
        *day = INT64_MIN;
        db_bind_int(q, 1, line);
        db_bind_bytes(q, 2, who);
        return one(q, day, err);
}

/* A clock that went back moves no day back. */
bool counted_put(struct state *s, int64_t line, struct slice who, int64_t day, struct err *err)
{
        struct db_stmt *q = db_prepare(s->db, "INSERT INTO counted VALUES (?1, ?2, ?3)"
                                              " ON CONFLICT DO UPDATE SET day = max(day, ?3)");
        db_bind_int(q, 1, line);
        db_bind_bytes(q, 2, who);
        db_bind_int(q, 3, day);
        return db_do(q, err);
}

bool counted_people(struct state *s, int64_t line, int64_t since, uint64_t *out, struct err *err)
{
        struct db_stmt *q = db_prepare(s->db, "SELECT count(*) FROM counted WHERE line = ?1 AND day >= ?2");
        int64_t n = 0;
        db_bind_int(q, 1, line);
        db_bind_int(q, 2, since);
        if (!one(q, &n, err))
                return false;
        *out = (uint64_t)n;
        return true;
}

/* ---- Combinations ---------------------------------------------------------------- */

bool sharing_others(struct state *s, int64_t line, const uint8_t combination[16], struct slice who, int64_t since,
                    uint64_t max, uint64_t *out, struct err *err)
{
        struct db_stmt *q = db_prepare(s->db, "SELECT count(*) FROM (SELECT 1 FROM sharing WHERE line = ?1"
                                              " AND combination = ?2 AND who <> ?3 AND day >= ?4 LIMIT ?5)");
        int64_t n = 0;
        db_bind_int(q, 1, line);
        db_bind_bytes(q, 2, slice_make(combination, 16));
        db_bind_bytes(q, 3, who.p ? who : SLICE(""));
        db_bind_int(q, 4, since);
        db_bind_int(q, 5, max > INT32_MAX ? INT32_MAX : (int64_t)max);
        if (!one(q, &n, err))
                return false;
        *out = (uint64_t)n;
        return true;
}

bool sharing_put(struct state *s, int64_t line, const uint8_t combination[16], struct slice who, int64_t day,
                 struct err *err)
{
        struct db_stmt *q = db_prepare(s->db, "INSERT INTO sharing VALUES (?1, ?2, ?3, ?4)"
                                              " ON CONFLICT DO UPDATE SET day = max(day, ?4)");
        db_bind_int(q, 1, line);
        db_bind_bytes(q, 2, slice_make(combination, 16));
        db_bind_bytes(q, 3, who);
        db_bind_int(q, 4, day);
        return db_do(q, err);
}

bool sharing_rows(struct state *s, uint64_t *out, struct err *err)
{
        int64_t n = 0;
        if (!one(db_prepare(s->db, "SELECT count(*) FROM sharing"), &n, err))
                return false;
        *out = (uint64_t)n;
        return true;
}

/* ---- Forgetting ------------------------------------------------------------------ */

static bool forget(struct state *s, struct db_stmt *q, int64_t line, int64_t before, size_t max, uint64_t *n,
                   struct err *err)
{
        db_bind_int(q, 1, line);
        db_bind_int(q, 2, before);
        db_bind_int(q, 3, (int64_t)max);
        if (!db_do(q, err))
                return false;
        *n += (uint64_t)db_changes(s->db);
        return true;
}

bool counted_forget(struct state *s, int64_t line, int64_t before, size_t max, uint64_t *n, struct err *err)
{
        *n = 0;
        return forget(s, db_prepare(s->db, "DELETE FROM counted WHERE line = ?1 AND who IN (SELECT who FROM counted"
                                           " WHERE line = ?1 AND day < ?2 LIMIT ?3)"),
                      line, before, max, n, err) &&
               forget(s, db_prepare(s->db, "DELETE FROM sharing WHERE line = ?1 AND (combination, who) IN"
                                           " (SELECT combination, who FROM sharing WHERE line = ?1 AND day < ?2 LIMIT ?3)"),
                      line, before, max, n, err);
}
