-- 003_readers.sql - a basis ends at its moment, also for whoever keeps a transaction open.
--
-- now() stands still within a transaction: a reader that began one before a basis ended read on
-- for as long as it liked. `until` is the last moment that is allowed.
ALTER POLICY readers ON community.record USING (
        reading IN (SELECT g.id
                      FROM tributary.reading g
                     CROSS JOIN LATERAL unnest(g.codes, g.until) AS c (code, until)
                      JOIN tributary.reader q ON q.code = c.code
                     WHERE q.role = current_user AND c.until >= statement_timestamp()));
