/* state_private.h - the statements of state.db, prepared once, one a line. */
#ifndef VAULT_STATE_PRIVATE_H
#define VAULT_STATE_PRIVATE_H

#include "link/db.h"
#include "vault/state.h"

#define STATE_STATEMENTS(X) \
        X(get, "SELECT value FROM value WHERE name = ?1") \
        X(put, "INSERT INTO value VALUES (?1, ?2) ON CONFLICT DO UPDATE SET value = ?2") \
        X(transports, "SELECT part, acked_epoch, acked_n, resend, resend_epoch, resend_seq, heard," \
          " warehouse, generation, mark_epoch, mark_n FROM transport ORDER BY part") \
        X(put_transport, "INSERT OR REPLACE INTO transport VALUES" \
          " (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)") \
        X(last_sent, "SELECT n_from, n_to FROM sent WHERE part = ?1 AND epoch = ?2" \
          " ORDER BY n_from DESC LIMIT 1") \
        X(extend_sent, "UPDATE sent SET n_to = ?4, records = records + ?5," \
          " at_epoch = iif((at_epoch, at_seq) > (?6, ?7), ?6, at_epoch)," \
          " at_seq = iif((at_epoch, at_seq) > (?6, ?7), ?7, at_seq)" \
          " WHERE part = ?1 AND epoch = ?2 AND n_from = ?3") \
        X(add_sent, "INSERT INTO sent VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)") \
        X(first_after, "SELECT at_epoch, at_seq FROM sent WHERE part = ?1" \
          " AND (epoch, n_from) > (?2, ?3 - 131072) AND (epoch, n_to) > (?2, ?3) ORDER BY at_epoch, at_seq LIMIT 1") \
        X(forget_after, "DELETE FROM sent WHERE part = ?1 AND (epoch, n_from) > (?2, ?3)") \
        X(cut_after, "UPDATE sent SET records = max(0, records - (n_to - ?3)), n_to = ?3" \
          " WHERE part = ?1 AND epoch = ?2 AND n_from <= ?3 AND n_to > ?3") \
        X(in_flight, "SELECT coalesce(sum(min(s.records, CASE" \
          " WHEN s.epoch = t.mark_epoch AND s.n_from <= t.mark_n THEN s.n_to - t.mark_n" \
          " ELSE s.records END)), 0) FROM sent s JOIN transport t ON t.part = s.part" \
          " WHERE (s.epoch, s.n_from) > (t.mark_epoch, t.mark_n - 131072)" \
          " AND (s.epoch, s.n_to) > (t.mark_epoch, t.mark_n)") \
        X(put_decision, "INSERT INTO decision VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)" \
          " ON CONFLICT DO UPDATE SET outcome = ?3, record_key = ?4, source = ?5, hour = ?6," \
          " file = ?7, line = ?8, rule = ?9, because = ?10, policy_version = ?11") \
        X(drop_decision, "DELETE FROM decision WHERE epoch = ?1 AND seq = ?2") \
        X(outcome, "SELECT outcome FROM decision WHERE epoch = ?1 AND seq = ?2") \
        X(decisions, "SELECT epoch, seq, outcome, record_key, source, hour, file, line, rule," \
          " because, policy_version FROM decision WHERE (epoch, seq) > (?1, ?2)" \
          " ORDER BY epoch, seq LIMIT ?3") \
        X(reasons, "SELECT outcome, file, line, rule, because, entries FROM reason" \
          " WHERE entries > 0 ORDER BY entries DESC LIMIT ?1") \
        X(add_account, "INSERT INTO account VALUES" \
          " (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)" \
          " ON CONFLICT DO UPDATE SET captured = captured + ?3, sent = sent + ?4," \
          " held = held + ?5, stayed = stayed + ?6, erased = erased + ?7, expired = expired + ?8," \
          " damaged = damaged + ?9, retracted = retracted + ?10, discarded = discarded + ?11," \
          " refused = refused + ?12, changed = ?13") \
        X(account, "SELECT source, hour, captured, sent, held, stayed, erased, expired, damaged," \
          " retracted, discarded, refused, changed FROM account WHERE changed > ?1" \
          " ORDER BY changed LIMIT ?2") \
        X(sums, "SELECT NULL, 0, sum(captured), sum(sent), sum(held), sum(stayed), sum(erased)," \
          " sum(expired), sum(damaged), sum(retracted), sum(discarded), sum(refused) FROM account") \
        X(issue, "INSERT OR IGNORE INTO pseudonym VALUES (?1, ?2, ?3)") \
        X(issued, "SELECT pseudonym FROM pseudonym WHERE subject = ?1 ORDER BY times_erased LIMIT ?2") \
        X(put_erasure, "INSERT OR IGNORE INTO erasure VALUES (?1, ?2, ?3, 0)") \
        X(erasure_done, "UPDATE erasure SET done = 1 WHERE request = ?1") \
        X(next_erasure, "SELECT epoch, seq FROM erasure WHERE (epoch, seq) > (?1, ?2)" \
          " ORDER BY epoch, seq LIMIT 1") \
        X(put_rejected, "INSERT OR REPLACE INTO rejected VALUES (?1, ?2, ?3, ?4)") \
        X(drop_rejected, "DELETE FROM rejected WHERE epoch = ?1 AND seq = ?2") \
        X(rejected, "SELECT count(*) FROM rejected")

/* No row of `sent` spans 131,072 n (a settle is far smaller): so much before the mark the
 * index may begin to look. */
struct state {
        struct db *db;
#define X(name, sql) struct db_stmt *name;
        STATE_STATEMENTS(X)
#undef X
};

/* Columns and parameters that are positions: two in a row. */
static inline void bind_position(struct db_stmt *q, int at, struct position p)
{
        db_bind_int(q, at, (int64_t)p.epoch);
        db_bind_int(q, at + 1, (int64_t)p.seq);
}
static inline struct position column_position(struct db_stmt *q, int at)
{
        return (struct position){ (uint64_t)db_int(q, at), (uint64_t)db_int(q, at + 1) };
}

#endif
