-- keys.db: subjects, wrapped keys, and what the segments' numbers stand for.
-- The vault's writer alone writes; readers have read-only connections of their own.
-- A wrapped key is nonce (12 bytes), ciphertext (32), tag (16): AES-256-GCM under the
-- master key, or for identities under a key derived from the subject's; the additional
-- data is the table's name and the row's id (8 bytes, big-endian, or the name).

CREATE TABLE IF NOT EXISTS meta (
        name  TEXT PRIMARY KEY,         -- 'region'; 'identity key' (wrapped); 'time': guarded, 8 bytes
        value BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- Every start of an agent is a row, made before its first entry. Entries 1..durable_to of an
-- epoch were acknowledged: one that is not there is damaged. 0 while the epoch is open.
CREATE TABLE IF NOT EXISTS epoch (
        epoch      INTEGER PRIMARY KEY, -- generation << 32 | start
        durable_to INTEGER NOT NULL
) STRICT;

-- Segments that never change again: sealed, abandoned or recovered. What lies in the file
-- beyond `bytes` does not exist. A file without a row is read through when the vault opens.
CREATE TABLE IF NOT EXISTS segment (
        id        BLOB PRIMARY KEY,     -- 16 bytes, as in the file's header
        class     INTEGER NOT NULL,
        epoch     INTEGER NOT NULL,
        first_seq INTEGER NOT NULL,
        last_seq  INTEGER NOT NULL,     -- first_seq - 1: none
        entries   INTEGER NOT NULL,
        bytes     INTEGER NOT NULL,
        closed_us INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Which policies protect: their names, sorted. 0 is the class kept nowhere else. "*" has periods
-- only: those of entries that are no records (activations, erasures), which no raw time ends.
CREATE TABLE IF NOT EXISTS class (
        number INTEGER PRIMARY KEY,
        name   TEXT NOT NULL UNIQUE
) STRICT;
INSERT OR IGNORE INTO class (number, name) VALUES (0, '');

CREATE TABLE IF NOT EXISTS source (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        name   TEXT NOT NULL UNIQUE
) STRICT;

-- Subject 0 is the region itself. Numbers are never used again. wrapped is NULL once erased.
CREATE TABLE IF NOT EXISTS subject (
        number       INTEGER PRIMARY KEY AUTOINCREMENT,
        wrapped      BLOB,
        times_erased INTEGER NOT NULL DEFAULT 0,
        created_us   INTEGER NOT NULL
) STRICT;

-- digest: first 16 bytes of HMAC-SHA-256 of the identity under the identity key. Rows are
-- small because they come in random order: a batch of new people touches as few pages as
-- it can. Their plaintext lies sealed in identity_text, in the order of subjects.
CREATE TABLE IF NOT EXISTS identity (
        digest  BLOB PRIMARY KEY,
        subject INTEGER NOT NULL REFERENCES subject (number)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS identity_text (
        subject INTEGER NOT NULL REFERENCES subject (number),
        digest  BLOB NOT NULL,
        sealed  BLOB NOT NULL,
        PRIMARY KEY (subject, digest)
) STRICT, WITHOUT ROWID;

-- The span whose key retention destroys; wrapped is NULL then.
CREATE TABLE IF NOT EXISTS period (
        number    INTEGER PRIMARY KEY AUTOINCREMENT,
        class     INTEGER NOT NULL REFERENCES class (number),
        begins_us INTEGER NOT NULL,
        ends_us   INTEGER NOT NULL,     -- exclusive
        wrapped   BLOB
) STRICT;
CREATE INDEX IF NOT EXISTS period_of_class ON period (class, ends_us);

-- How long the raw entries of a class are kept, as the last book in force said that knows the
-- class; so an agent with a broken policy file still meets its deadlines. raw_us < 0: for ever.
-- A time that was made shorter counts from `shorter_us` plus a day on, by guarded time; until
-- then it is before_us: what a slip of the pen would destroy does not come back.
CREATE TABLE IF NOT EXISTS keep (
        class       INTEGER PRIMARY KEY REFERENCES class (number),
        raw_us      INTEGER NOT NULL,
        at_least_us INTEGER NOT NULL,   -- < 0: nothing said
        before_us   INTEGER NOT NULL,
        shorter_us  INTEGER NOT NULL
) STRICT;

-- Entries whose segments were removed because all of them had expired: seqs that are missing
-- here are not damaged. Written before the file goes. Ranges of an epoch may overlap others'
-- entries that are still there (segments of several classes interleave).
CREATE TABLE IF NOT EXISTS retired (
        epoch     INTEGER NOT NULL,
        first_seq INTEGER NOT NULL,
        last_seq  INTEGER NOT NULL,
        PRIMARY KEY (epoch, first_seq)
) STRICT, WITHOUT ROWID;

-- Permanent: later revisions of these records are refused.
CREATE TABLE IF NOT EXISTS erased (
        record_key BLOB PRIMARY KEY,
        erased_us  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
