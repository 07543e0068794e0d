-- state.sql: what the pump remembers beside the vault, each change in the cursor's transaction.
--
-- Positions are two columns, epoch and seq (or n for transport numbers); times are microseconds
-- since 1970. Nothing here holds a record's content. Idempotent: run at every start.

-- Small named values: cursor, book_hash, judged, let_out, serial, told, claimed, partitions,
-- counted_from (entries after it have their pieces in sent_piece).
CREATE TABLE IF NOT EXISTS value (
        name TEXT PRIMARY KEY,
        value BLOB NOT NULL
) WITHOUT ROWID;

-- One row a partition of tributary.records.REGION.
CREATE TABLE IF NOT EXISTS transport (
        part INTEGER PRIMARY KEY,
        acked_epoch INTEGER NOT NULL,  -- out of the last message settled
        acked_n INTEGER NOT NULL,
        resend INTEGER NOT NULL,       -- 1: entries after the next two columns go out again
        resend_epoch INTEGER NOT NULL,
        resend_seq INTEGER NOT NULL,
        heard INTEGER NOT NULL,        -- 1: the hub's watermark is known
        warehouse BLOB NOT NULL,       -- 16 bytes
        generation INTEGER NOT NULL,
        mark_epoch INTEGER NOT NULL,
        mark_n INTEGER NOT NULL
);

-- Which vault positions went out under which transport numbers: n_from..n_to of (part, epoch)
-- carried `records` entries, none of them before (at_epoch, at_seq).
CREATE TABLE IF NOT EXISTS sent (
        part INTEGER NOT NULL,
        epoch INTEGER NOT NULL,
        n_from INTEGER NOT NULL,
        n_to INTEGER NOT NULL,
        at_epoch INTEGER NOT NULL,
        at_seq INTEGER NOT NULL,
        records INTEGER NOT NULL,
        PRIMARY KEY (part, epoch, n_from)
) WITHOUT ROWID;

-- What a range of `sent` carried, per source and UTC hour of capture: records alone, not erasures
-- nor retracts of what was held. first and last: their vault positions. runs: which n they had, so
-- that a watermark in the middle of the range can be told (layout in state_way.c); NULL once the
-- watermark has passed the range and its records stand in `arrived`.
CREATE TABLE IF NOT EXISTS sent_piece (
        part INTEGER NOT NULL,
        epoch INTEGER NOT NULL,
        n_from INTEGER NOT NULL,
        source TEXT NOT NULL,
        hour INTEGER NOT NULL,
        records INTEGER NOT NULL,
        first_epoch INTEGER NOT NULL,
        first_seq INTEGER NOT NULL,
        last_epoch INTEGER NOT NULL,
        last_seq INTEGER NOT NULL,
        runs BLOB,
        PRIMARY KEY (part, epoch, n_from, source, hour)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS sent_piece_open ON sent_piece (part) WHERE runs IS NOT NULL;
CREATE INDEX IF NOT EXISTS sent_piece_of ON sent_piece (source, hour, part);

-- Records of ranges that the hub's watermark has passed, counted once, when it passed them.
CREATE TABLE IF NOT EXISTS arrived (
        source TEXT NOT NULL,
        hour INTEGER NOT NULL,
        records INTEGER NOT NULL,
        PRIMARY KEY (source, hour)
) WITHOUT ROWID;

-- Records whose pieces are gone because the hub's watermark went back, until they go out again.
CREATE TABLE IF NOT EXISTS resend (
        source TEXT NOT NULL,
        hour INTEGER NOT NULL,
        records INTEGER NOT NULL,
        PRIMARY KEY (source, hour)
) WITHOUT ROWID;

-- Every entry whose outcome is not `sent`, and by which line.
CREATE TABLE IF NOT EXISTS decision (
        epoch INTEGER NOT NULL,
        seq INTEGER NOT NULL,
        outcome INTEGER NOT NULL,      -- enum outcome
        record_key BLOB NOT NULL,
        source TEXT NOT NULL,
        hour INTEGER NOT NULL,
        file TEXT NOT NULL,
        line INTEGER NOT NULL,
        rule TEXT NOT NULL,
        because TEXT NOT NULL,
        policy_version INTEGER NOT NULL,
        PRIMARY KEY (epoch, seq)
) WITHOUT ROWID;

-- How many entries each line decided, kept by triggers so that nobody has to count them.
CREATE TABLE IF NOT EXISTS reason (
        outcome INTEGER NOT NULL,
        file TEXT NOT NULL,
        line INTEGER NOT NULL,
        rule TEXT NOT NULL,
        because TEXT NOT NULL,
        entries INTEGER NOT NULL,
        PRIMARY KEY (outcome, file, line, rule, because)
) WITHOUT ROWID;
CREATE TRIGGER IF NOT EXISTS decision_made AFTER INSERT ON decision BEGIN
        INSERT INTO reason VALUES (NEW.outcome, NEW.file, NEW.line, NEW.rule, NEW.because, 1)
                ON CONFLICT DO UPDATE SET entries = entries + 1;
END;
CREATE TRIGGER IF NOT EXISTS decision_dropped AFTER DELETE ON decision BEGIN
        UPDATE reason SET entries = entries - 1 WHERE (outcome, file, line, rule, because)
                = (OLD.outcome, OLD.file, OLD.line, OLD.rule, OLD.because);
END;
CREATE TRIGGER IF NOT EXISTS decision_changed AFTER UPDATE ON decision BEGIN
        UPDATE reason SET entries = entries - 1 WHERE (outcome, file, line, rule, because)
                = (OLD.outcome, OLD.file, OLD.line, OLD.rule, OLD.because);
        INSERT INTO reason VALUES (NEW.outcome, NEW.file, NEW.line, NEW.rule, NEW.because, 1)
                ON CONFLICT DO UPDATE SET entries = entries + 1;
END;

-- Cumulative, per source and UTC hour of capture:
-- captured = sent + held + stayed + erased + expired + damaged, by construction of each change;
-- retracted, discarded and refused stand beside the sum.
CREATE TABLE IF NOT EXISTS account (
        source TEXT NOT NULL,
        hour INTEGER NOT NULL,
        captured INTEGER NOT NULL,
        sent INTEGER NOT NULL,
        held INTEGER NOT NULL,
        stayed INTEGER NOT NULL,
        erased INTEGER NOT NULL,
        expired INTEGER NOT NULL,
        damaged INTEGER NOT NULL,
        retracted INTEGER NOT NULL,
        discarded INTEGER NOT NULL,
        refused INTEGER NOT NULL,
        changed INTEGER NOT NULL,      -- serial of the account message that tells it
        PRIMARY KEY (source, hour)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS account_changed ON account (changed);

-- A state from before sent_piece: what went out up to its cursor is nobody's piece. It counts as
-- arrived, and while no watermark covers it as in flight under no source.
INSERT OR REPLACE INTO arrived SELECT source, hour, sent FROM account
        WHERE NOT EXISTS (SELECT 1 FROM value WHERE name = 'counted_from');
INSERT INTO value
        SELECT 'counted_from', coalesce((SELECT value FROM value WHERE name = 'cursor'), zeroblob(16))
        WHERE NOT EXISTS (SELECT 1 FROM value WHERE name = 'counted_from');

-- Which releases understand it. The first ones did not look at the format: they would go on without
-- counters, officers' signatures and the search of what leaves. What they insert at each start, and
-- would find ignored, refuses them.
PRAGMA user_version = 2;
CREATE TRIGGER IF NOT EXISTS of_a_newer_release BEFORE INSERT ON value WHEN NEW.name = 'counted_from' BEGIN
        SELECT RAISE(ABORT, 'a newer release wrote this state; start that one, or a newer one')
         WHERE EXISTS (SELECT 1 FROM value WHERE name = 'counted_from');
END;

-- Pseudonyms that left, by subject number.
CREATE TABLE IF NOT EXISTS pseudonym (
        subject INTEGER NOT NULL,
        times_erased INTEGER NOT NULL,
        pseudonym BLOB NOT NULL,
        PRIMARY KEY (subject, times_erased)
) WITHOUT ROWID;

-- Erasures met in the vault: all are sent again when the hub's watermark goes back.
CREATE TABLE IF NOT EXISTS erasure (
        epoch INTEGER NOT NULL,
        seq INTEGER NOT NULL,
        request BLOB NOT NULL,
        done INTEGER NOT NULL,         -- 1: the hub's receipt came
        PRIMARY KEY (epoch, seq)
) WITHOUT ROWID;

-- Entries whose message the hub could not load.
CREATE TABLE IF NOT EXISTS rejected (
        epoch INTEGER NOT NULL,
        seq INTEGER NOT NULL,
        record_key BLOB NOT NULL,
        code TEXT NOT NULL,
        PRIMARY KEY (epoch, seq)
) WITHOUT ROWID;
