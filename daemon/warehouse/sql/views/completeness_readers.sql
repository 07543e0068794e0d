-- Is a number of that day complete? No counts: what stayed at home or waits for a person may be one
-- person's. Days on which a region captured fewer than five are left out. What a region captured and
-- could not tell yet is known to nobody here: it must have been heard since the day ended, or, of a day
-- that is not over, lately.
CREATE VIEW community.completeness WITH (security_barrier) AS
WITH days AS (
        SELECT c.region, (c.hour AT TIME ZONE 'UTC')::date AS day,
               bool_and(c.settled AND c.missing = 0 AND c.in_flight = 0) AS adds_up
          FROM tributary.completeness c
         WHERE EXISTS (SELECT 1 FROM tributary.reader q WHERE q.role = current_user)
         GROUP BY 1, 2
        HAVING sum(c.captured) >= 5)
SELECT d.region, d.day,
       d.adds_up AND EXISTS (SELECT 1 FROM tributary.region_status s
                              WHERE s.region = d.region
                                AND (s.said_at >= (d.day + 1)::timestamp AT TIME ZONE 'UTC'
                                     OR s.appended_at >= now() - 4 * s.hello_every)) AS complete
  FROM days d;
COMMENT ON VIEW community.completeness IS 'Whether all that may leave a region of a day''s captures is here. What law or policy keeps at home is no part of it. A day on which a region captured fewer than five, or of which it has told nothing yet, has no row.';
COMMENT ON COLUMN community.completeness.region IS 'Region.';
COMMENT ON COLUMN community.completeness.day IS 'Day of capture, UTC.';
COMMENT ON COLUMN community.completeness.complete IS 'True once the region was heard after that day, its account is settled and nothing is missing or under way; today: so far.';
