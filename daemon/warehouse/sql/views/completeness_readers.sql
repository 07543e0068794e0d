-- Is a number of that day complete? No counts: what stayed at home or waits for a person may be one
-- person's. Days on which a region captured fewer than five are left out.
CREATE VIEW community.completeness WITH (security_barrier) AS
SELECT c.region, (c.hour AT TIME ZONE 'UTC')::date AS day,
       bool_and(c.settled AND c.missing = 0 AND c.in_flight = 0) AS complete
  FROM tributary.completeness c
 WHERE EXISTS (SELECT 1 FROM tributary.reader q WHERE q.role = current_user)
 GROUP BY 1, 2
HAVING sum(c.captured) >= 5;
COMMENT ON VIEW community.completeness IS 'Whether all that may leave a region of a day''s captures is here. What law or policy keeps at home is no part of it.';
COMMENT ON COLUMN community.completeness.region IS 'Region.';
COMMENT ON COLUMN community.completeness.day IS 'Day of capture, UTC.';
COMMENT ON COLUMN community.completeness.complete IS 'True once the region''s account of that day is settled and nothing is missing or under way.';
