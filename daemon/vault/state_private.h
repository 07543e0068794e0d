/* state_private.h - the statements of state.db, prepared once, one a line. */
#ifndef VAULT_STATE_PRIVATE_H
#define VAULT_STATE_PRIVATE_H

#include "link/db.h"
#include "vault/state.h"

/* Pieces of ranges that the watermark (?2, ?3) of the partition has passed, and which are not
 * counted yet. The newest range may grow: it waits. */
#define STATE_PASSED \
        "p.part = ?1 AND p.runs IS NOT NULL AND EXISTS (SELECT 1 FROM sent s WHERE s.part = p.part" \
        " AND s.epoch = p.epoch AND s.n_from = p.n_from AND (s.epoch, s.n_to) <= (?2, ?3))" \
        " AND (p.epoch, p.n_from) < (SELECT epoch, n_from FROM sent WHERE part = ?1" \
        " ORDER BY epoch DESC, n_from DESC LIMIT 1)"
#define STATE_OPEN \
        " FROM sent_piece p JOIN sent s ON s.part = p.part AND s.epoch = p.epoch AND s.n_from = p.n_from" \
        " JOIN transport t ON t.part = p.part WHERE p.runs IS NOT NULL"
/* Both sides of the account, summed where they meet: a row that one side lacks still counts. */
#define STATE_SUMS \
        "sum(captured), sum(sent), sum(held), sum(stayed), sum(erased), sum(expired), sum(damaged)," \
        " sum(retracted), sum(discarded), sum(refused), sum(arrived), sum(resend) FROM (" \
        "SELECT source, hour, captured, sent, held, stayed, erased, expired, damaged, retracted, discarded," \
        " refused, 0 AS arrived, 0 AS resend FROM account" \
        " UNION ALL SELECT source, hour, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, records, 0 FROM arrived" \
        " UNION ALL SELECT source, hour, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, records FROM resend)"

#define STATE_STATEMENTS(X) \
        X(get, "SELECT value FROM value WHERE name = ?1") \
        X(put, "INSERT INTO value VALUES (?1, ?2) ON CONFLICT DO UPDATE SET value = ?2") \
        X(transports, "SELECT part, acked_epoch, acked_n, resend, resend_epoch, resend_seq, heard," \
          " warehouse, generation, mark_epoch, mark_n FROM transport ORDER BY part") \
        X(put_transport, "INSERT OR REPLACE INTO transport VALUES" \
          " (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)") \
        X(last_sent, "SELECT n_from, n_to, EXISTS (SELECT 1 FROM sent_piece p WHERE p.part = s.part" \
          " AND p.epoch = s.epoch AND p.n_from = s.n_from AND p.runs IS NULL) FROM sent s" \
          " WHERE part = ?1 AND epoch = ?2 ORDER BY n_from DESC LIMIT 1") \
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
        X(add_piece, "INSERT INTO sent_piece VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)" \
          " ON CONFLICT DO UPDATE SET records = records + ?6," \
          " first_epoch = iif((first_epoch, first_seq) > (?7, ?8), ?7, first_epoch)," \
          " first_seq = iif((first_epoch, first_seq) > (?7, ?8), ?8, first_seq)," \
          " last_epoch = iif((last_epoch, last_seq) < (?9, ?10), ?9, last_epoch)," \
          " last_seq = iif((last_epoch, last_seq) < (?9, ?10), ?10, last_seq)," \
          " runs = CAST(runs || ?11 AS BLOB)") \
        X(count_passed, "INSERT INTO arrived SELECT source, hour, sum(records) FROM sent_piece p" \
          " WHERE " STATE_PASSED " GROUP BY source, hour" \
          " ON CONFLICT DO UPDATE SET records = records + excluded.records") \
        X(fold_passed, "UPDATE sent_piece AS p SET runs = NULL WHERE " STATE_PASSED) \
        X(first_of_later, "SELECT first_epoch, first_seq FROM sent_piece WHERE part = ?1" \
          " AND (last_epoch, last_seq) >= (?2, ?3) ORDER BY first_epoch, first_seq LIMIT 1") \
        X(uncount_later, "INSERT INTO arrived SELECT source, hour, -sum(records) FROM sent_piece" \
          " WHERE part = ?1 AND runs IS NULL AND (last_epoch, last_seq) >= (?2, ?3)" \
          " GROUP BY source, hour ON CONFLICT DO UPDATE SET records = records + excluded.records") \
        X(resend_later, "INSERT INTO resend SELECT source, hour, sum(records) FROM sent_piece" \
          " WHERE part = ?1 AND (last_epoch, last_seq) >= (?2, ?3)" \
          " GROUP BY source, hour ON CONFLICT DO UPDATE SET records = records + excluded.records") \
        X(resent, "UPDATE resend SET records = records - ?3 WHERE source = ?1 AND hour = ?2") \
        X(drop_later, "DELETE FROM sent_piece WHERE part = ?1 AND (last_epoch, last_seq) >= (?2, ?3)") \
        X(move_arrived, "INSERT INTO arrived VALUES (?1, ?2, ?3)" \
          " ON CONFLICT DO UPDATE SET records = records + ?3") \
        X(piece_of, "SELECT epoch, n_from, runs FROM sent_piece WHERE source = ?1 AND hour = ?2 AND part = ?3" \
          " AND (first_epoch, first_seq) <= (?4, ?5) AND (last_epoch, last_seq) >= (?4, ?5)" \
          " AND records > 0 LIMIT 1") \
        X(lower_piece, "UPDATE sent_piece SET records = records - 1, runs = ?6 WHERE source = ?1" \
          " AND hour = ?2 AND part = ?3 AND epoch = ?4 AND n_from = ?5") \
        X(ways, "SELECT source, hour," \
          " sum(iif((p.epoch, s.n_to) <= (t.mark_epoch, t.mark_n), p.records, 0))," \
          " sum(iif((p.epoch, p.n_from) > (t.mark_epoch, t.mark_n), p.records, 0))" STATE_OPEN \
          " GROUP BY source, hour ORDER BY source, hour") \
        X(cut_ways, "SELECT source, hour, p.runs, t.mark_n - p.n_from" STATE_OPEN \
          " AND p.epoch = t.mark_epoch AND p.n_from <= t.mark_n AND s.n_to > t.mark_n") \
        X(balance_hours, "SELECT source, hour, " STATE_SUMS " WHERE hour >= ?1 GROUP BY source, hour" \
          " ORDER BY hour DESC, source LIMIT ?2") \
        X(balance_sources, "SELECT source, 0, " STATE_SUMS " WHERE hour >= ?1 GROUP BY source" \
          " ORDER BY source LIMIT ?2") \
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

/* The columns of an account, source aside. */
void state_read_row(struct account_row *row, struct db_stmt *q);
/* state_way.c: what went out from `at` on will go again and counts nowhere until then. *at may be
 * set back to where a piece begins. */
bool state_forget_pieces(struct state *s, int32_t partition, struct position *at, struct err *err);

#endif
