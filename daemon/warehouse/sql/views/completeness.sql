-- What each region captured against what became of it, per source and hour of capture.
--
-- in_flight is computed apart from the rest, so that the sum can fail. An account is settled
-- once every partition of its region was read past the time the account was appended, without
-- an open gap: then what was sent before it is here, or is missing. While it is not settled,
-- what was sent and has not arrived is in flight. Captures that came after the account they
-- belong to count as a negative in_flight until the next account tells of them.
CREATE VIEW tributary.completeness AS
WITH tally AS (
        SELECT region, source, hour, sum(loaded) AS loaded, sum(superseded) AS superseded,
               sum(retracted) AS retracted, sum(erased) AS erased, sum(expired) AS expired,
               sum(rejected) AS rejected, max(appended_at) AS appended_at
          FROM (SELECT * FROM tributary.tally UNION ALL SELECT * FROM tributary.tally_change) t
         GROUP BY region, source, hour),
both_words AS (
        SELECT region, source, hour,
               coalesce(a.captured, 0) AS captured, coalesce(a.sent, 0) AS sent,
               coalesce(t.loaded, 0)::bigint AS loaded, coalesce(t.superseded, 0)::bigint AS superseded,
               coalesce(a.held, 0) AS held, coalesce(a.stayed, 0) AS stayed,
               (coalesce(a.erased, 0) + coalesce(t.erased, 0))::bigint AS erased,
               (coalesce(a.expired, 0) + coalesce(t.expired, 0))::bigint AS expired,
               coalesce(t.rejected, 0)::bigint AS rejected, coalesce(a.damaged, 0) AS damaged,
               coalesce(a.discarded, 0) AS discarded, coalesce(a.refused, 0) AS refused,
               (coalesce(a.sent, 0) - coalesce(t.loaded + t.superseded + t.erased + t.expired
                                               + t.rejected, 0))::bigint AS under_way,
               a.region IS NULL OR coalesce(t.appended_at > a.appended_at, false) AS ahead,
               coalesce((SELECT bool_and(p.gap_epoch IS NULL
                                         AND (p.appended_at > a.appended_at
                                              OR (p.partition = 0 AND p.appended_at = a.appended_at)))
                           FROM tributary.progress p WHERE p.region = a.region), false) AS settled
          FROM tributary.account a FULL JOIN tally t USING (region, source, hour)
         WHERE source <> ''),
counted AS (
        SELECT *, CASE WHEN settled AND NOT ahead THEN 0
                       WHEN settled THEN least(under_way, 0)
                       WHEN NOT ahead THEN greatest(under_way, 0)
                       ELSE under_way END AS in_flight
          FROM both_words)
SELECT region, source, hour, captured, sent, loaded, superseded, held, stayed, erased, expired,
       rejected, damaged, discarded, refused, in_flight,
       captured - (loaded + superseded + held + stayed + erased + expired + rejected + damaged
                   + in_flight) AS missing,
       settled
  FROM counted;
COMMENT ON VIEW tributary.completeness IS 'Does it add up? captured = loaded + superseded + held + stayed + erased + expired + rejected + damaged + in_flight; what is left is missing.';
COMMENT ON COLUMN tributary.completeness.region IS 'Region.';
COMMENT ON COLUMN tributary.completeness.source IS 'Source.';
COMMENT ON COLUMN tributary.completeness.hour IS 'Hour of capture, UTC.';
COMMENT ON COLUMN tributary.completeness.captured IS 'Records captured, by the region''s word.';
COMMENT ON COLUMN tributary.completeness.sent IS 'Captures sent, by the region''s word.';
COMMENT ON COLUMN tributary.completeness.loaded IS 'Captures that stand here, by the hub''s count.';
COMMENT ON COLUMN tributary.completeness.superseded IS 'Captures that a greater version replaced, by the hub''s count.';
COMMENT ON COLUMN tributary.completeness.held IS 'Held for a person to look at.';
COMMENT ON COLUMN tributary.completeness.stayed IS 'Kept at home.';
COMMENT ON COLUMN tributary.completeness.erased IS 'Erased at home before they left, or erased here.';
COMMENT ON COLUMN tributary.completeness.expired IS 'Raw data retired before a receipt, or past its time here.';
COMMENT ON COLUMN tributary.completeness.rejected IS 'Could not be loaded: see "tributary warehouse rejected".';
COMMENT ON COLUMN tributary.completeness.damaged IS 'Unreadable in the vault.';
COMMENT ON COLUMN tributary.completeness.discarded IS 'Beside the sum: pieces discarded before the vault.';
COMMENT ON COLUMN tributary.completeness.refused IS 'Beside the sum: lines refused at the door.';
COMMENT ON COLUMN tributary.completeness.in_flight IS 'Sent and not here yet; negative: here before the region''s account told of them.';
COMMENT ON COLUMN tributary.completeness.missing IS 'What the sum lacks. Anything but 0 is wrong.';
COMMENT ON COLUMN tributary.completeness.settled IS 'Every partition was read past this account, without a gap.';
