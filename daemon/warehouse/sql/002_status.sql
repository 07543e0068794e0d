-- 002_status.sql - how each region stands, in its own words: what "tributary status --hub" tells.
--
-- A hello of a newer agent has a status (model/standing.h); older ones leave no row here. The newest
-- by (epoch, seq, appended_at) stands, so that the order of loading changes nothing.
CREATE TABLE tributary.region_status (
        region          text        PRIMARY KEY,
        epoch           bigint      NOT NULL,
        seq             bigint      NOT NULL,
        appended_at     timestamptz NOT NULL,
        said_at         timestamptz NOT NULL,
        since           timestamptz NOT NULL,
        release         text        NOT NULL,
        policy          text,
        policy_version  bigint      NOT NULL,
        policy_open     boolean     NOT NULL,
        policy_stale    boolean     NOT NULL,
        hello_every     interval    NOT NULL,
        backlog         bigint      NOT NULL,
        in_flight       bigint      NOT NULL,
        lag             interval    NOT NULL,
        gaps            bigint      NOT NULL,
        held            bigint      NOT NULL,
        stayed          bigint      NOT NULL,
        rejected        bigint      NOT NULL,
        damaged         bigint      NOT NULL,
        vault_bytes     bigint      NOT NULL,
        vault_max_bytes bigint      NOT NULL,
        full_in         interval,
        basis_ends      timestamptz,
        troubles        text[]      NOT NULL,
        sources         jsonb       NOT NULL,
        downtimes       jsonb       NOT NULL,
        said            jsonb       NOT NULL
);
COMMENT ON TABLE tributary.region_status IS 'How each region last said it stands. Counts of people''s records are 0 or at least 5: 1 to 4 are told as 5.';
COMMENT ON COLUMN tributary.region_status.region IS 'Region.';
COMMENT ON COLUMN tributary.region_status.epoch IS 'Where the agent stood: generation and start.';
COMMENT ON COLUMN tributary.region_status.seq IS 'Where the agent stood: number of the newest capture.';
COMMENT ON COLUMN tributary.region_status.appended_at IS 'When Kafka appended the hello that said so.';
COMMENT ON COLUMN tributary.region_status.said_at IS 'The same by the agent''s own clock.';
COMMENT ON COLUMN tributary.region_status.since IS 'When the agent started.';
COMMENT ON COLUMN tributary.region_status.release IS 'Release of the agent.';
COMMENT ON COLUMN tributary.region_status.policy IS 'Policy in force; null if none is.';
COMMENT ON COLUMN tributary.region_status.policy_version IS 'Its version; 0 if none is in force.';
COMMENT ON COLUMN tributary.region_status.policy_open IS 'Whether anything may leave.';
COMMENT ON COLUMN tributary.region_status.policy_stale IS 'The newest files cannot be used: an older set is in force.';
COMMENT ON COLUMN tributary.region_status.hello_every IS 'How often it says hello: silent for much longer, it is gone.';
COMMENT ON COLUMN tributary.region_status.backlog IS 'Entries of its vault that are not settled.';
COMMENT ON COLUMN tributary.region_status.in_flight IS 'Entries sent that no receipt of this hub covers.';
COMMENT ON COLUMN tributary.region_status.lag IS 'Age of the oldest entry that is not settled.';
COMMENT ON COLUMN tributary.region_status.gaps IS 'Gaps that this hub named to it since its start.';
COMMENT ON COLUMN tributary.region_status.held IS 'Records held for a person to look at.';
COMMENT ON COLUMN tributary.region_status.stayed IS 'Records kept at home.';
COMMENT ON COLUMN tributary.region_status.rejected IS 'Records that this hub could not load.';
COMMENT ON COLUMN tributary.region_status.damaged IS 'Entries of its vault that cannot be read.';
COMMENT ON COLUMN tributary.region_status.vault_bytes IS 'Bytes of its vault.';
COMMENT ON COLUMN tributary.region_status.vault_max_bytes IS 'Bytes that its vault may take.';
COMMENT ON COLUMN tributary.region_status.full_in IS 'When the vault is full at its present rate; null if it does not grow.';
COMMENT ON COLUMN tributary.region_status.basis_ends IS 'When the next legal basis of a transfer ends; null if none does.';
COMMENT ON COLUMN tributary.region_status.troubles IS 'What is wrong, worst first: vault_failed, vault_full, policy_closed, policy_stale, pump, damaged, other.';
COMMENT ON COLUMN tributary.region_status.sources IS 'Its sources: name, type, last (hour of the last capture since its start).';
COMMENT ON COLUMN tributary.region_status.downtimes IS 'When senders met a closed door: from, to, why (stopped, full), filled (yes, partly, unknown, no).';
COMMENT ON COLUMN tributary.region_status.said IS 'All of it as it came, keys of newer agents left out.';

-- Who loads already must be able to write it from this moment on.
DO $do$ DECLARE loader text; BEGIN
        FOR loader IN SELECT DISTINCT unnest(roles)::text FROM pg_policies
                       WHERE policyname = 'loader' AND schemaname = 'community' AND tablename = 'record' LOOP
                EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON tributary.region_status TO %I', loader);
        END LOOP;
END $do$;
