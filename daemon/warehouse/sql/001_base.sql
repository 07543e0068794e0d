-- 001_base.sql - the warehouse from nothing. Run once, in one transaction, by migrate.c.
--
-- community   what product teams read, through views only
-- tributary   how it came there: progress, receipts, account
--
-- One record, one key (region, record_key); the greatest version by
-- (revision, deleted, epoch, seq, judged_epoch, judged_seq) stands, either as a row of
-- community.record or, without content, as a row of tributary.tombstone; never in both.

CREATE SCHEMA IF NOT EXISTS community;
CREATE SCHEMA IF NOT EXISTS tributary;
COMMENT ON SCHEMA community IS 'What communities said and did, as far as their law and policy let it leave. Read it through the views voice_* and count_*.';
COMMENT ON SCHEMA tributary IS 'How records came into the warehouse: progress, receipts, erasures, the account. For operators.';

CREATE TABLE community.record (
        region         text        NOT NULL,
        record_key     uuid        NOT NULL,
        revision       bigint      NOT NULL,
        deleted        boolean     NOT NULL,
        epoch          bigint      NOT NULL,
        seq            bigint      NOT NULL,
        judged_epoch   bigint      NOT NULL,
        judged_seq     bigint      NOT NULL,
        hour           timestamptz NOT NULL,
        occurred_at    timestamptz,
        expires_at     timestamptz NOT NULL,
        loaded_at      timestamptz NOT NULL DEFAULT now(),
        subject        uuid,
        thread_key     uuid,
        reading        integer     NOT NULL,
        policy_version integer     NOT NULL,
        policy         text        NOT NULL,
        purpose        text,
        basis          text,
        source         text        NOT NULL,
        kind           text        NOT NULL,
        source_id      text,
        title          text,
        body           text,
        lang           text,
        url            text,
        thread         text,
        product        text,
        version        text,
        edition        text,
        severity       text,
        rating         double precision,
        scenario       text,
        industry       text,
        user_group     text,
        place          text,
        came_from      text,
        tags           text[],
        author_id      text,
        author_handle  text,
        author_name    text,
        author_email   text,
        author_ip      text,
        author_country text,
        author_company text,
        author_age     text,
        author_standing text,
        mentions       text[],
        consent        jsonb,
        attributes     jsonb,
        redactions     jsonb,
        PRIMARY KEY (region, record_key)
) PARTITION BY LIST (region);
-- Erasure finds a person's rows, voice views a thread's speakers. Hours and expiry come nearly
-- in order of loading: a block range index costs nothing.
CREATE INDEX record_subject ON community.record (subject) WHERE subject IS NOT NULL;
CREATE INDEX record_thread ON community.record (thread_key, subject) WHERE thread_key IS NOT NULL;
CREATE INDEX record_hour ON community.record USING brin (hour);
CREATE INDEX record_expires ON community.record USING brin (expires_at);

COMMENT ON TABLE community.record IS 'One row a record that stands, in its newest version. A partition a region, made by "tributary warehouse migrate". reading refers to tributary.reading (no foreign key: its check would cost every row a lookup, and the loader alone writes both).';
COMMENT ON COLUMN community.record.region IS 'Region that captured the record.';
COMMENT ON COLUMN community.record.record_key IS 'Keyed hash of source and the source''s own id; names nobody.';
COMMENT ON COLUMN community.record.revision IS 'The source''s monotonic revision; 0 if it has none.';
COMMENT ON COLUMN community.record.deleted IS 'Part of the version; always false here, a deleted record is a tombstone.';
COMMENT ON COLUMN community.record.epoch IS 'Generation and start of the agent that captured this version.';
COMMENT ON COLUMN community.record.seq IS 'Number of the capture within its epoch.';
COMMENT ON COLUMN community.record.judged_epoch IS 'Epoch of the vault entry that activated the policies it was judged by.';
COMMENT ON COLUMN community.record.judged_seq IS 'Seq of that entry.';
COMMENT ON COLUMN community.record.hour IS 'Hour of capture, UTC.';
COMMENT ON COLUMN community.record.occurred_at IS 'When it was said or done, as the source has it, if the policy lets it pass.';
COMMENT ON COLUMN community.record.expires_at IS 'The row is removed after this time: capture plus keep.warehouse of the policy.';
COMMENT ON COLUMN community.record.loaded_at IS 'When this version was committed here.';
COMMENT ON COLUMN community.record.subject IS 'Pseudonym of the person; null if the policy lets no trace of who pass.';
COMMENT ON COLUMN community.record.thread_key IS 'Keyed hash of the thread.';
COMMENT ON COLUMN community.record.reading IS 'Who may read it: tributary.reading.id.';
COMMENT ON COLUMN community.record.policy_version IS 'Version of the policy that let it pass.';
COMMENT ON COLUMN community.record.policy IS 'Policy that let it pass.';
COMMENT ON COLUMN community.record.purpose IS 'Purpose it was let out for.';
COMMENT ON COLUMN community.record.basis IS 'Legal basis of its transfer.';
COMMENT ON COLUMN community.record.source IS 'The operators'' name of the source.';
COMMENT ON COLUMN community.record.kind IS 'feedback, discussion, contribution, member, event, journey or lead.';
COMMENT ON COLUMN community.record.source_id IS 'The source''s own id, only if a policy names it.';
COMMENT ON COLUMN community.record.title IS 'Title, cleaned as the policy says.';
COMMENT ON COLUMN community.record.body IS 'Words, cleaned as the policy says.';
COMMENT ON COLUMN community.record.lang IS 'Language, BCP 47.';
COMMENT ON COLUMN community.record.url IS 'Link, only if a policy names it.';
COMMENT ON COLUMN community.record.thread IS 'The source''s name of the thread, only if a policy names it.';
COMMENT ON COLUMN community.record.product IS 'Product spoken of.';
COMMENT ON COLUMN community.record.version IS 'Its version.';
COMMENT ON COLUMN community.record.edition IS 'community, enterprise or cloud.';
COMMENT ON COLUMN community.record.severity IS 'Severity as the source has it.';
COMMENT ON COLUMN community.record.rating IS 'Rating from 0 to 10.';
COMMENT ON COLUMN community.record.scenario IS 'What it is used for.';
COMMENT ON COLUMN community.record.industry IS 'Industry of the author.';
COMMENT ON COLUMN community.record.user_group IS 'User group.';
COMMENT ON COLUMN community.record.place IS 'Place of an event.';
COMMENT ON COLUMN community.record.came_from IS 'What led the author here.';
COMMENT ON COLUMN community.record.tags IS 'Tags.';
COMMENT ON COLUMN community.record.author_id IS 'Author''s id, only if a policy lets it pass.';
COMMENT ON COLUMN community.record.author_handle IS 'Author''s handle, only if a policy lets it pass.';
COMMENT ON COLUMN community.record.author_name IS 'Author''s name, only if a policy lets it pass.';
COMMENT ON COLUMN community.record.author_email IS 'Author''s address, only if a policy lets it pass.';
COMMENT ON COLUMN community.record.author_ip IS 'Author''s IP address, only if a policy lets it pass.';
COMMENT ON COLUMN community.record.author_country IS 'Author''s country; views show it in large groups only.';
COMMENT ON COLUMN community.record.author_company IS 'Author''s company, perhaps generalised.';
COMMENT ON COLUMN community.record.author_age IS 'Author''s age, perhaps generalised to a span.';
COMMENT ON COLUMN community.record.author_standing IS 'first_time, regular, active or maintainer.';
COMMENT ON COLUMN community.record.mentions IS 'People mentioned, only if a policy lets it pass.';
COMMENT ON COLUMN community.record.consent IS 'Consents given, only if a policy lets it pass.';
COMMENT ON COLUMN community.record.attributes IS 'Free attributes, one level.';
COMMENT ON COLUMN community.record.redactions IS 'What was redacted: field, what, action, count.';

CREATE TABLE tributary.warehouse (
        single     boolean     PRIMARY KEY DEFAULT true CHECK (single),
        id         uuid        NOT NULL DEFAULT gen_random_uuid(),
        generation bigint      NOT NULL DEFAULT 1,
        made_at    timestamptz NOT NULL DEFAULT now()
);
INSERT INTO tributary.warehouse DEFAULT VALUES;
COMMENT ON TABLE tributary.warehouse IS 'Who this warehouse is; every receipt says so.';
COMMENT ON COLUMN tributary.warehouse.single IS 'There is one row.';
COMMENT ON COLUMN tributary.warehouse.id IS 'Made by the first migration; an emptied warehouse is another.';
COMMENT ON COLUMN tributary.warehouse.generation IS 'Raised when the warehouse is restored from a backup.';
COMMENT ON COLUMN tributary.warehouse.made_at IS 'When the first migration ran.';

CREATE TABLE tributary.migration (
        name       text        PRIMARY KEY,
        digest     text        NOT NULL,
        applied_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE tributary.migration IS 'Steps of the schema that were taken.';
COMMENT ON COLUMN tributary.migration.name IS 'File of the step or view.';
COMMENT ON COLUMN tributary.migration.digest IS 'SHA-256 of its text.';
COMMENT ON COLUMN tributary.migration.applied_at IS 'When it was applied.';

CREATE TABLE tributary.reading (
        id     integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        digest uuid          NOT NULL UNIQUE,
        codes  text[]        NOT NULL,
        until  timestamptz[] NOT NULL
);
COMMENT ON TABLE tributary.reading IS 'Sets of codes from which records may be read, as policies write them.';
COMMENT ON COLUMN tributary.reading.id IS 'What community.record.reading refers to.';
COMMENT ON COLUMN tributary.reading.digest IS 'First half of the SHA-256 of the set''s text: sets may be too long for an index.';
COMMENT ON COLUMN tributary.reading.codes IS 'Jurisdictions and countries.';
COMMENT ON COLUMN tributary.reading.until IS 'When each ends; infinity if it does not.';

CREATE TABLE tributary.reader (
        role    text NOT NULL,
        surface text NOT NULL CHECK (surface IN ('voice', 'count')),
        code    text NOT NULL,
        PRIMARY KEY (role, surface, code)
);
COMMENT ON TABLE tributary.reader IS 'Who reads from where; filled from hub.cfg readers by migrate.';
COMMENT ON COLUMN tributary.reader.role IS 'Login role.';
COMMENT ON COLUMN tributary.reader.surface IS 'voice or count; no reader has both.';
COMMENT ON COLUMN tributary.reader.code IS 'A code the reader''s country lies in: DE, EEA.';

CREATE TABLE tributary.progress (
        topic         text        NOT NULL,
        partition     integer     NOT NULL,
        region        text        NOT NULL,
        next_offset   bigint      NOT NULL DEFAULT 0,
        out_epoch     bigint      NOT NULL DEFAULT 0,
        out_n         bigint      NOT NULL DEFAULT 0,
        gap_epoch     bigint,
        gap_n         bigint,
        gaps          bigint      NOT NULL DEFAULT 0,
        fence         bigint      NOT NULL DEFAULT 0,
        owner         text,
        backend_pid   integer,
        backend_start timestamptz,
        loaded        bigint      NOT NULL DEFAULT 0,
        superseded    bigint      NOT NULL DEFAULT 0,
        rejected      bigint      NOT NULL DEFAULT 0,
        retracted     bigint      NOT NULL DEFAULT 0,
        erased        bigint      NOT NULL DEFAULT 0,
        appended_at   timestamptz,
        updated_at    timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (topic, partition)
) WITH (fillfactor = 50);
CREATE INDEX progress_region ON tributary.progress (region);
COMMENT ON TABLE tributary.progress IS 'How far each partition is in the warehouse; changed in the transaction of the rows, by compare-and-set on fence and next_offset.';
COMMENT ON COLUMN tributary.progress.topic IS 'Kafka topic.';
COMMENT ON COLUMN tributary.progress.partition IS 'Its partition.';
COMMENT ON COLUMN tributary.progress.region IS 'Region whose topic it is.';
COMMENT ON COLUMN tributary.progress.next_offset IS 'First offset that is not in the warehouse.';
COMMENT ON COLUMN tributary.progress.out_epoch IS 'Last transport number without a gap before it: its epoch.';
COMMENT ON COLUMN tributary.progress.out_n IS 'Its number.';
COMMENT ON COLUMN tributary.progress.gap_epoch IS 'An open gap: epoch of the message that is missing; null if none.';
COMMENT ON COLUMN tributary.progress.gap_n IS 'Its number.';
COMMENT ON COLUMN tributary.progress.gaps IS 'Gaps named so far.';
COMMENT ON COLUMN tributary.progress.fence IS 'Raised by each take-over; a loader commits only with the fence it took.';
COMMENT ON COLUMN tributary.progress.owner IS 'Loader and lane that hold it; null if released.';
COMMENT ON COLUMN tributary.progress.backend_pid IS 'Process id of the owner''s PostgreSQL backend.';
COMMENT ON COLUMN tributary.progress.backend_start IS 'When that backend started: a process id comes again.';
COMMENT ON COLUMN tributary.progress.loaded IS 'Captures that came to stand by way of this partition, cumulative like the next four.';
COMMENT ON COLUMN tributary.progress.superseded IS 'Captures that a greater version replaced or kept out.';
COMMENT ON COLUMN tributary.progress.rejected IS 'Messages rejected.';
COMMENT ON COLUMN tributary.progress.retracted IS 'Retractions carried out.';
COMMENT ON COLUMN tributary.progress.erased IS 'Captures refused as erased.';
COMMENT ON COLUMN tributary.progress.appended_at IS 'When Kafka appended the last message taken.';
COMMENT ON COLUMN tributary.progress.updated_at IS 'When this row last changed.';

CREATE TABLE tributary.erased (
        region    text        NOT NULL,
        what      text        NOT NULL CHECK (what IN ('subject', 'record')),
        id        uuid        NOT NULL,
        request   uuid        NOT NULL,
        erased_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (region, what, id)
);
COMMENT ON TABLE tributary.erased IS 'Pseudonyms and record keys that were erased, for ever: what comes later under them is refused.';
COMMENT ON COLUMN tributary.erased.region IS 'Region.';
COMMENT ON COLUMN tributary.erased.what IS 'subject or record.';
COMMENT ON COLUMN tributary.erased.id IS 'Pseudonym or record key.';
COMMENT ON COLUMN tributary.erased.request IS 'Request it belongs to.';
COMMENT ON COLUMN tributary.erased.erased_at IS 'When it was carried out here.';

CREATE TABLE tributary.tombstone (
        region       text        NOT NULL,
        record_key   uuid        NOT NULL,
        revision     bigint      NOT NULL,
        deleted      boolean     NOT NULL,
        epoch        bigint      NOT NULL,
        seq          bigint      NOT NULL,
        judged_epoch bigint      NOT NULL,
        judged_seq   bigint      NOT NULL,
        reason       text        NOT NULL CHECK (reason IN ('deleted', 'retracted', 'erased', 'expired')),
        source       text        NOT NULL,
        hour         timestamptz NOT NULL,
        left_at      timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (region, record_key)
);
COMMENT ON TABLE tributary.tombstone IS 'Records that do not stand: key and version, no content. Kept, so that an older version that comes again stays out.';
COMMENT ON COLUMN tributary.tombstone.region IS 'Region.';
COMMENT ON COLUMN tributary.tombstone.record_key IS 'The record''s key.';
COMMENT ON COLUMN tributary.tombstone.revision IS 'Version: the source''s revision.';
COMMENT ON COLUMN tributary.tombstone.deleted IS 'Version: a deletion whose revision counts.';
COMMENT ON COLUMN tributary.tombstone.epoch IS 'Version: epoch of capture.';
COMMENT ON COLUMN tributary.tombstone.seq IS 'Version: number of capture.';
COMMENT ON COLUMN tributary.tombstone.judged_epoch IS 'Version: epoch of the policies'' activation.';
COMMENT ON COLUMN tributary.tombstone.judged_seq IS 'Version: its number.';
COMMENT ON COLUMN tributary.tombstone.reason IS 'deleted by the source, retracted by the region, erased, or expired.';
COMMENT ON COLUMN tributary.tombstone.source IS 'Source, for the account; empty if unknown.';
COMMENT ON COLUMN tributary.tombstone.hour IS 'Hour of capture, for the account.';
COMMENT ON COLUMN tributary.tombstone.left_at IS 'When it left the warehouse.';

CREATE TABLE tributary.rejected (
        topic        text        NOT NULL,
        partition    integer     NOT NULL,
        kafka_offset bigint      NOT NULL,
        region       text        NOT NULL,
        code         text        NOT NULL,
        record_key   uuid,
        epoch        bigint,
        seq          bigint,
        rejected_at  timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (topic, partition, kafka_offset)
);
CREATE INDEX rejected_capture ON tributary.rejected (region, epoch, seq);
COMMENT ON TABLE tributary.rejected IS 'Messages that could not be loaded. No payload: the region has it and sends it again on request.';
COMMENT ON COLUMN tributary.rejected.topic IS 'Kafka topic.';
COMMENT ON COLUMN tributary.rejected.partition IS 'Its partition.';
COMMENT ON COLUMN tributary.rejected.kafka_offset IS 'The message''s offset.';
COMMENT ON COLUMN tributary.rejected.region IS 'Region whose topic it is.';
COMMENT ON COLUMN tributary.rejected.code IS 'type, version, json, field, range, region, or PostgreSQL''s SQLSTATE.';
COMMENT ON COLUMN tributary.rejected.record_key IS 'The record''s key, if it could be read.';
COMMENT ON COLUMN tributary.rejected.epoch IS 'Epoch of its capture, if it could be read.';
COMMENT ON COLUMN tributary.rejected.seq IS 'Number of its capture, if it could be read.';
COMMENT ON COLUMN tributary.rejected.rejected_at IS 'When it was rejected.';

CREATE SEQUENCE tributary.receipt_change;
CREATE TABLE tributary.receipt (
        region     text        NOT NULL,
        key        text        NOT NULL,
        value      text,
        change     bigint      NOT NULL DEFAULT nextval('tributary.receipt_change'),
        sent       bigint      NOT NULL DEFAULT 0,
        changed_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (region, key)
) WITH (fillfactor = 50);
CREATE INDEX receipt_unsent ON tributary.receipt (change) WHERE change > sent;
COMMENT ON TABLE tributary.receipt IS 'Outbox of tributary.receipts.REGION: the newest word on each key. One loader sends what has change > sent.';
COMMENT ON COLUMN tributary.receipt.region IS 'Region it is for.';
COMMENT ON COLUMN tributary.receipt.key IS 'w/PARTITION, x/EPOCH-SEQ, e/REQUEST or c/GENERATION.';
COMMENT ON COLUMN tributary.receipt.value IS 'JSON; null settles the key.';
COMMENT ON COLUMN tributary.receipt.change IS 'Rises with every change.';
COMMENT ON COLUMN tributary.receipt.sent IS 'The change that Kafka''s in-sync replicas have.';
COMMENT ON COLUMN tributary.receipt.changed_at IS 'When it last changed.';

CREATE TABLE tributary.account (
        region      text        NOT NULL,
        source      text        NOT NULL,
        hour        timestamptz NOT NULL,
        captured    bigint      NOT NULL,
        sent        bigint      NOT NULL,
        retracted   bigint      NOT NULL,
        held        bigint      NOT NULL,
        stayed      bigint      NOT NULL,
        erased      bigint      NOT NULL,
        expired     bigint      NOT NULL,
        damaged     bigint      NOT NULL,
        discarded   bigint      NOT NULL,
        refused     bigint      NOT NULL,
        epoch       bigint      NOT NULL,
        seq         bigint      NOT NULL,
        serial      bigint      NOT NULL,
        appended_at timestamptz NOT NULL,
        PRIMARY KEY (region, source, hour)
);
COMMENT ON TABLE tributary.account IS 'The regions'' word: what became of what they captured, per source and hour of capture. A newer replaces an older.';
COMMENT ON COLUMN tributary.account.region IS 'Region.';
COMMENT ON COLUMN tributary.account.source IS 'Source.';
COMMENT ON COLUMN tributary.account.hour IS 'Hour of capture, UTC.';
COMMENT ON COLUMN tributary.account.captured IS 'Records captured.';
COMMENT ON COLUMN tributary.account.sent IS 'Captures that Kafka acknowledged.';
COMMENT ON COLUMN tributary.account.retracted IS 'Retractions sent.';
COMMENT ON COLUMN tributary.account.held IS 'Held for a person to look at.';
COMMENT ON COLUMN tributary.account.stayed IS 'Kept at home.';
COMMENT ON COLUMN tributary.account.erased IS 'Erased at home.';
COMMENT ON COLUMN tributary.account.expired IS 'Raw data retired before a receipt.';
COMMENT ON COLUMN tributary.account.damaged IS 'Unreadable in the vault.';
COMMENT ON COLUMN tributary.account.discarded IS 'Pieces discarded before the vault.';
COMMENT ON COLUMN tributary.account.refused IS 'Lines refused at the door.';
COMMENT ON COLUMN tributary.account.epoch IS 'Where the agent stood: epoch.';
COMMENT ON COLUMN tributary.account.seq IS 'Where the agent stood: number.';
COMMENT ON COLUMN tributary.account.serial IS 'Number of the account message.';
COMMENT ON COLUMN tributary.account.appended_at IS 'When Kafka appended the message that last changed this row.';

-- The hub's own count. A capture is one (region, epoch, seq), and it has at every moment one
-- outcome here. What a message adds is a transition: +1 for what its capture becomes, and if it
-- took the place of another capture, -1 for that one's outcome and +1 superseded; a loser is
-- +1 superseded if it was never seen before. So redeliveries and order change nothing.
-- "Seen before" is exact and small: a bit a capture in tributary.seen, by partition (a key
-- stays in its partition, so two lanes never share a block): P/8 bytes a capture for P
-- partitions. One corner is not exact: a capture that went out, was then withdrawn by its own
-- retract and is superseded too may count as superseded, depending on the order of arrival.
CREATE TABLE tributary.seen (
        region    text    NOT NULL,
        partition integer NOT NULL,
        epoch     bigint  NOT NULL,
        block     bigint  NOT NULL,
        bits      bytea   NOT NULL,
        PRIMARY KEY (region, partition, epoch, block)
);
COMMENT ON TABLE tributary.seen IS 'A bit for every capture that ever arrived, so that a redelivery counts once.';
COMMENT ON COLUMN tributary.seen.region IS 'Region.';
COMMENT ON COLUMN tributary.seen.partition IS 'Partition its key belongs to.';
COMMENT ON COLUMN tributary.seen.epoch IS 'Epoch of capture.';
COMMENT ON COLUMN tributary.seen.block IS 'Number of capture / 8192.';
COMMENT ON COLUMN tributary.seen.bits IS '8192 bits; bit n of byte b is number 8 b + n of the block.';

CREATE TABLE tributary.tally (
        region      text        NOT NULL,
        source      text        NOT NULL,
        hour        timestamptz NOT NULL,
        loaded      bigint      NOT NULL,
        superseded  bigint      NOT NULL,
        retracted   bigint      NOT NULL,
        erased      bigint      NOT NULL,
        expired     bigint      NOT NULL,
        rejected    bigint      NOT NULL,
        appended_at timestamptz,
        PRIMARY KEY (region, source, hour)
);
COMMENT ON TABLE tributary.tally IS 'The hub''s count of outcomes, per source and hour of capture; with tributary.tally_change it is whole.';
COMMENT ON COLUMN tributary.tally.region IS 'Region.';
COMMENT ON COLUMN tributary.tally.source IS 'Source; empty if a message did not say.';
COMMENT ON COLUMN tributary.tally.hour IS 'Hour of capture, UTC.';
COMMENT ON COLUMN tributary.tally.loaded IS 'Captures that stand: rows, and deletions carried out.';
COMMENT ON COLUMN tributary.tally.superseded IS 'Captures that a greater version replaced or kept out.';
COMMENT ON COLUMN tributary.tally.retracted IS 'Retractions that stand.';
COMMENT ON COLUMN tributary.tally.erased IS 'Captures erased here, or refused as erased.';
COMMENT ON COLUMN tributary.tally.expired IS 'Captures past expires_at.';
COMMENT ON COLUMN tributary.tally.rejected IS 'Captures rejected.';
COMMENT ON COLUMN tributary.tally.appended_at IS 'When Kafka appended the newest message counted.';

CREATE TABLE tributary.tally_change (LIKE tributary.tally);
CREATE INDEX tally_change_region ON tributary.tally_change (region, source, hour);
COMMENT ON TABLE tributary.tally_change IS 'What batches add to tributary.tally: appended by the loaders'' transactions, folded aside, so that loaders never wait for each other on hot rows.';
COMMENT ON COLUMN tributary.tally_change.region IS 'Region.';
COMMENT ON COLUMN tributary.tally_change.source IS 'Source.';
COMMENT ON COLUMN tributary.tally_change.hour IS 'Hour of capture, UTC.';
COMMENT ON COLUMN tributary.tally_change.loaded IS 'Added to loaded.';
COMMENT ON COLUMN tributary.tally_change.superseded IS 'Added to superseded.';
COMMENT ON COLUMN tributary.tally_change.retracted IS 'Added to retracted.';
COMMENT ON COLUMN tributary.tally_change.erased IS 'Added to erased.';
COMMENT ON COLUMN tributary.tally_change.expired IS 'Added to expired.';
COMMENT ON COLUMN tributary.tally_change.rejected IS 'Added to rejected.';
COMMENT ON COLUMN tributary.tally_change.appended_at IS 'When Kafka appended the newest message of the batch.';

CREATE TABLE tributary.region (
        region         text        PRIMARY KEY,
        generation     bigint      NOT NULL,
        start          bigint      NOT NULL,
        warehouse_seen uuid,
        hello_at       timestamptz NOT NULL
);
COMMENT ON TABLE tributary.region IS 'What regions last said of themselves.';
COMMENT ON COLUMN tributary.region.region IS 'Region.';
COMMENT ON COLUMN tributary.region.generation IS 'Its highest generation: raised by a restore.';
COMMENT ON COLUMN tributary.region.start IS 'Its highest start within that generation.';
COMMENT ON COLUMN tributary.region.warehouse_seen IS 'The warehouse it last heard from; null if none.';
COMMENT ON COLUMN tributary.region.hello_at IS 'When Kafka appended its last hello.';

CREATE TABLE tributary.claim (
        region     text        NOT NULL,
        generation bigint      NOT NULL,
        id         uuid        NOT NULL,
        claimed_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (region, generation)
);
COMMENT ON TABLE tributary.claim IS 'Generations that restored agents claimed; the first claim of a generation wins.';
COMMENT ON COLUMN tributary.claim.region IS 'Region.';
COMMENT ON COLUMN tributary.claim.generation IS 'Generation claimed.';
COMMENT ON COLUMN tributary.claim.id IS 'Who claimed it: the id of its hello.';
COMMENT ON COLUMN tributary.claim.claimed_at IS 'When the claim was granted.';

CREATE TABLE tributary.crowd (
        region  text   NOT NULL,
        country text   NOT NULL,
        people  bigint NOT NULL,
        PRIMARY KEY (region, country)
);
COMMENT ON TABLE tributary.crowd IS 'How many people of a country a region''s records know; counted anew by one loader now and then. Views show a country of five or more.';
COMMENT ON COLUMN tributary.crowd.region IS 'Region.';
COMMENT ON COLUMN tributary.crowd.country IS 'Country of the author.';
COMMENT ON COLUMN tributary.crowd.people IS 'Distinct pseudonyms.';

CREATE TABLE tributary.chore (
        name    text        PRIMARY KEY,
        done_at timestamptz NOT NULL,
        took    interval    NOT NULL DEFAULT '0'
);
COMMENT ON TABLE tributary.chore IS 'What one loader does for all, and when it was last done.';
COMMENT ON COLUMN tributary.chore.name IS 'expire, crowd.';
COMMENT ON COLUMN tributary.chore.done_at IS 'When it was last finished.';
COMMENT ON COLUMN tributary.chore.took IS 'How long it took.';

-- Readers come through the views, whose owner community_views does not own the tables: row
-- security applies to that role and tests the caller. (A view of the tables' owner would show
-- everything, a security_invoker view nothing.) The subquery does not depend on the row: it is
-- evaluated once a query and hashed.
ALTER TABLE community.record ENABLE ROW LEVEL SECURITY;
CREATE POLICY readers ON community.record FOR SELECT TO community_views USING (
        reading IN (SELECT g.id
                      FROM tributary.reading g
                     CROSS JOIN LATERAL unnest(g.codes, g.until) AS c (code, until)
                      JOIN tributary.reader q ON q.code = c.code
                     WHERE q.role = current_user AND c.until > now()));
