-- How much was said, by day: groups of fewer than five people (records, where a region lets no
-- pseudonym pass) are merged over products, and hidden if they are still fewer.
CREATE VIEW community.count_daily WITH (security_barrier) AS
WITH seen AS (
        SELECT (r.hour AT TIME ZONE 'UTC')::date AS day, r.region, r.kind, r.product, r.subject, r.rating
          FROM community.record r
         WHERE EXISTS (SELECT 1 FROM tributary.reader q
                        WHERE q.role = current_user AND q.surface = 'count')),
small AS (
        SELECT day, region, kind, product
          FROM seen
         GROUP BY day, region, kind, product
        HAVING CASE WHEN count(subject) > 0 THEN count(DISTINCT subject) ELSE count(*) END < 5),
merged AS (
        SELECT s.day, s.region, s.kind, s.subject, s.rating,
               CASE WHEN m.day IS NULL THEN s.product ELSE '(others)' END AS product
          FROM seen s
          LEFT JOIN small m ON m.day = s.day AND m.region = s.region AND m.kind = s.kind
                           AND m.product IS NOT DISTINCT FROM s.product)
SELECT day, region, kind, product, count(*) AS records,
       nullif(count(DISTINCT subject), 0) AS people, round(avg(rating)::numeric, 1) AS rating
  FROM merged
 GROUP BY day, region, kind, product
HAVING CASE WHEN count(subject) > 0 THEN count(DISTINCT subject) ELSE count(*) END >= 5;
COMMENT ON VIEW community.count_daily IS 'Records a day that may be read from the caller''s country. Groups under five are merged as "(others)", or hidden.';
COMMENT ON COLUMN community.count_daily.day IS 'Day of capture, UTC.';
COMMENT ON COLUMN community.count_daily.region IS 'Region that captured them.';
COMMENT ON COLUMN community.count_daily.kind IS 'Kind of record.';
COMMENT ON COLUMN community.count_daily.product IS 'Product; "(others)" for small groups; null if none was named.';
COMMENT ON COLUMN community.count_daily.records IS 'Records that stand.';
COMMENT ON COLUMN community.count_daily.people IS 'Distinct pseudonyms; null where regions let none pass.';
COMMENT ON COLUMN community.count_daily.rating IS 'Mean rating, of those who gave one.';
