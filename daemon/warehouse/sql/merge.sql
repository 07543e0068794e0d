-- merge.sql - the only way in: by version, in order of keys. What is staged (rows.c: the greatest
-- version of each key in the batch) meets who holds its key now, a row of community.record or a
-- tombstone, never both. Nothing depends on the order of arrival.
--
-- becomes   what the message's capture is if it wins: loaded, deleted, retracted, erased, expired;
--           all but the first take the place of an older row as a tombstone
-- moves     +1 for what a winner becomes, -1 for what the holder was, +1 superseded for a holder
--           of another capture; +1 superseded for a loser that was never seen before, -1 for one
--           that is taken back (a retract is "fresh" unless it takes back what was seen)
--
-- Gives per region, partition, source and hour: net changes, then messages by outcome.
WITH h AS MATERIALIZED (
        SELECT g.*,
               r.epoch IS NOT NULL AS h_row, t.epoch IS NOT NULL AS h_tomb,
               CASE WHEN r.epoch IS NOT NULL OR t.reason = 'deleted' THEN 'loaded'
                    ELSE t.reason END AS h_outcome,
               coalesce(r.source, t.source) AS h_source, coalesce(r.hour, t.hour) AS h_hour,
               coalesce(coalesce(r.epoch, t.epoch) = g.epoch
                        AND coalesce(r.seq, t.seq) = g.seq, false) AS h_same,
               coalesce((g.revision, g.deleted, g.epoch, g.seq, g.judged_epoch, g.judged_seq)
                        > (coalesce(r.revision, t.revision), coalesce(r.deleted, t.deleted),
                           coalesce(r.epoch, t.epoch), coalesce(r.seq, t.seq),
                           coalesce(r.judged_epoch, t.judged_epoch),
                           coalesce(r.judged_seq, t.judged_seq)), true) AS wins,
               NOT g.fresh
               AND EXISTS (SELECT 1 FROM tributary.rejected x
                            WHERE x.region = g.region AND x.epoch = g.epoch AND x.seq = g.seq)
               AS was_rejected,
               CASE WHEN g.op = 1 THEN 'retracted'
                    WHEN g.op = 2 THEN 'deleted'
                    WHEN er.id IS NOT NULL OR es.id IS NOT NULL THEN 'erased'
                    WHEN g.expires_at <= now() THEN 'expired'
                    ELSE 'loaded' END AS becomes
          FROM stage g
          LEFT JOIN community.record r ON r.region = g.region AND r.record_key = g.record_key
          LEFT JOIN tributary.tombstone t ON t.region = g.region AND t.record_key = g.record_key
          LEFT JOIN tributary.erased er ON er.region = g.region AND er.what = 'record'
                                       AND er.id = g.record_key
          LEFT JOIN tributary.erased es ON es.region = g.region AND es.what = 'subject'
                                       AND es.id = g.subject),
gone AS (
        DELETE FROM community.record r USING h
         WHERE h.wins AND h.h_row AND h.becomes <> 'loaded'
           AND r.region = h.region AND r.record_key = h.record_key),
risen AS (
        DELETE FROM tributary.tombstone t USING h
         WHERE h.wins AND h.h_tomb AND h.becomes = 'loaded'
           AND t.region = h.region AND t.record_key = h.record_key),
tombs AS (
        INSERT INTO tributary.tombstone AS t (region, record_key, revision, deleted, epoch, seq,
                judged_epoch, judged_seq, reason, source, hour)
        SELECT region, record_key, revision, deleted, epoch, seq, judged_epoch, judged_seq, becomes,
               CASE WHEN source = '' THEN coalesce(h_source, '') ELSE source END,
               CASE WHEN source = '' THEN coalesce(h_hour, hour) ELSE hour END
          FROM h WHERE wins AND becomes <> 'loaded'
        ON CONFLICT (region, record_key) DO UPDATE SET (revision, deleted, epoch, seq, judged_epoch,
                judged_seq, reason, source, hour, left_at) = (excluded.revision, excluded.deleted,
                excluded.epoch, excluded.seq, excluded.judged_epoch, excluded.judged_seq,
                excluded.reason, excluded.source, excluded.hour, now())
         WHERE (excluded.revision, excluded.deleted, excluded.epoch, excluded.seq,
                excluded.judged_epoch, excluded.judged_seq)
               > (t.revision, t.deleted, t.epoch, t.seq, t.judged_epoch, t.judged_seq)),
written AS (
        INSERT INTO community.record AS r (region, record_key, revision, deleted, epoch, seq,
                judged_epoch, judged_seq, source, hour,
                occurred_at, expires_at, subject, thread_key, reading, policy_version, policy,
                purpose, basis, kind, source_id, title, body, lang, url, thread, product, version,
                edition, severity, scenario, industry, user_group, place, came_from, author_id,
                author_handle, author_name, author_email, author_ip, author_country,
                author_company, author_age, author_standing, rating, tags, mentions, consent,
                attributes, redactions)
        SELECT region, record_key, revision, deleted, epoch, seq, judged_epoch, judged_seq, source,
                hour,
                occurred_at, expires_at, subject, thread_key, reading, policy_version, policy,
                purpose, basis, kind, source_id, title, body, lang, url, thread, product, version,
                edition, severity, scenario, industry, user_group, place, came_from, author_id,
                author_handle, author_name, author_email, author_ip, author_country,
                author_company, author_age, author_standing, rating, tags, mentions, consent,
                attributes, redactions
          FROM h WHERE wins AND becomes = 'loaded'
        ON CONFLICT (region, record_key) DO UPDATE SET (revision, deleted, epoch, seq, judged_epoch,
                judged_seq, source, hour, loaded_at,
                occurred_at, expires_at, subject, thread_key, reading, policy_version, policy,
                purpose, basis, kind, source_id, title, body, lang, url, thread, product, version,
                edition, severity, scenario, industry, user_group, place, came_from, author_id,
                author_handle, author_name, author_email, author_ip, author_country,
                author_company, author_age, author_standing, rating, tags, mentions, consent,
                attributes, redactions) = (
                excluded.revision, excluded.deleted, excluded.epoch, excluded.seq,
                excluded.judged_epoch, excluded.judged_seq, excluded.source, excluded.hour, now(),
                excluded.occurred_at, excluded.expires_at, excluded.subject, excluded.thread_key,
                excluded.reading, excluded.policy_version, excluded.policy, excluded.purpose,
                excluded.basis, excluded.kind, excluded.source_id, excluded.title, excluded.body,
                excluded.lang, excluded.url, excluded.thread, excluded.product, excluded.version,
                excluded.edition, excluded.severity, excluded.scenario, excluded.industry,
                excluded.user_group, excluded.place, excluded.came_from, excluded.author_id,
                excluded.author_handle, excluded.author_name, excluded.author_email,
                excluded.author_ip, excluded.author_country, excluded.author_company,
                excluded.author_age, excluded.author_standing, excluded.rating, excluded.tags,
                excluded.mentions, excluded.consent, excluded.attributes, excluded.redactions)
         WHERE (excluded.revision, excluded.deleted, excluded.epoch, excluded.seq,
                excluded.judged_epoch, excluded.judged_seq)
               > (r.revision, r.deleted, r.epoch, r.seq, r.judged_epoch, r.judged_seq)),
forgiven AS (
        DELETE FROM tributary.rejected x USING h
         WHERE h.was_rejected AND x.region = h.region AND x.epoch = h.epoch AND x.seq = h.seq),
settled AS (
        UPDATE tributary.receipt o
           SET value = NULL, changed_at = now(), change = nextval('tributary.receipt_change')
          FROM h
         WHERE h.was_rejected AND o.region = h.region
           AND o.key = 'x/' || lpad(to_hex(h.epoch), 16, '0') || '-' || lpad(to_hex(h.seq), 16, '0')),
moves AS (
        SELECT region, part,
               CASE WHEN source = '' THEN coalesce(h_source, '') ELSE source END AS source,
               CASE WHEN source = '' THEN coalesce(h_hour, hour) ELSE hour END AS hour,
               CASE becomes WHEN 'deleted' THEN 'loaded' ELSE becomes END AS outcome, 1 AS d
          FROM h WHERE wins
         UNION ALL
        SELECT region, part, h_source, h_hour, h_outcome, -1
          FROM h WHERE wins AND h_outcome IS NOT NULL
         UNION ALL
        SELECT region, part, h_source, h_hour, 'superseded', 1
          FROM h WHERE wins AND NOT h_same AND h_outcome <> 'retracted'
         UNION ALL
        SELECT region, part, source, hour, 'superseded', 1
          FROM h WHERE NOT wins AND op <> 1 AND NOT h_same AND (fresh OR was_rejected)
         UNION ALL
        SELECT region, part, source, hour, 'superseded', -1
          FROM h WHERE NOT wins AND op = 1 AND NOT h_same AND NOT fresh AND NOT was_rejected
         UNION ALL
        SELECT region, part, source, hour, 'rejected', -1
          FROM h WHERE was_rejected)
SELECT region, part, source, (extract(epoch FROM hour) * 1000000)::bigint,
       coalesce(sum(d) FILTER (WHERE outcome = 'loaded'), 0),
       coalesce(sum(d) FILTER (WHERE outcome = 'superseded'), 0),
       coalesce(sum(d) FILTER (WHERE outcome = 'retracted'), 0),
       coalesce(sum(d) FILTER (WHERE outcome = 'erased'), 0),
       coalesce(sum(d) FILTER (WHERE outcome = 'expired'), 0),
       coalesce(sum(d) FILTER (WHERE outcome = 'rejected'), 0),
       count(*) FILTER (WHERE d = 1 AND outcome = 'loaded'),
       count(*) FILTER (WHERE d = 1 AND outcome = 'superseded'),
       count(*) FILTER (WHERE d = 1 AND outcome = 'retracted'),
       count(*) FILTER (WHERE d = 1 AND outcome = 'erased'),
       count(*) FILTER (WHERE d = 1 AND outcome = 'expired')
  FROM moves
 GROUP BY region, part, source, hour
 ORDER BY 1, 2, 3, 4
