-- What people gave: changes, reviews, releases. The same columns and the same care as voice_feedback.sql.
CREATE VIEW community.voice_contribution WITH (security_barrier) AS
SELECT r.region, r.record_key, r.hour, r.occurred_at, r.source, r.product, r.version, r.edition,
       r.lang, r.title, r.body, r.severity, r.rating, r.scenario, r.industry, r.tags, r.thread_key,
       CASE WHEN r.subject IS NOT NULL AND r.thread_key IS NOT NULL THEN
               'speaker ' || (SELECT count(DISTINCT o.subject) FROM community.record o
                               WHERE o.region = r.region AND o.thread_key = r.thread_key
                                 AND o.subject <= r.subject) END AS speaker,
       (SELECT c.country FROM tributary.crowd c
         WHERE c.region = r.region AND c.country = r.author_country AND c.people >= 5) AS country,
       r.policy, r.policy_version, r.basis, r.redactions
  FROM community.record r
 WHERE r.kind = 'contribution'
   AND EXISTS (SELECT 1 FROM tributary.reader q WHERE q.role = current_user AND q.surface = 'voice');
COMMENT ON VIEW community.voice_contribution IS 'Contributions that may be read from the caller''s country: changes, reviews, releases. One row a record in its newest version.';
COMMENT ON COLUMN community.voice_contribution.region IS 'Region that captured it.';
COMMENT ON COLUMN community.voice_contribution.record_key IS 'The record''s key: quote it when asking the region.';
COMMENT ON COLUMN community.voice_contribution.hour IS 'Hour of capture, UTC.';
COMMENT ON COLUMN community.voice_contribution.occurred_at IS 'When it was said, if the policy lets it pass.';
COMMENT ON COLUMN community.voice_contribution.source IS 'Where it came from.';
COMMENT ON COLUMN community.voice_contribution.product IS 'Product spoken of.';
COMMENT ON COLUMN community.voice_contribution.version IS 'Its version.';
COMMENT ON COLUMN community.voice_contribution.edition IS 'community, enterprise or cloud.';
COMMENT ON COLUMN community.voice_contribution.lang IS 'Language, BCP 47.';
COMMENT ON COLUMN community.voice_contribution.title IS 'Title, cleaned.';
COMMENT ON COLUMN community.voice_contribution.body IS 'Words, cleaned.';
COMMENT ON COLUMN community.voice_contribution.severity IS 'Severity as the source has it.';
COMMENT ON COLUMN community.voice_contribution.rating IS 'Rating from 0 to 10.';
COMMENT ON COLUMN community.voice_contribution.scenario IS 'What it is used for.';
COMMENT ON COLUMN community.voice_contribution.industry IS 'Industry of the author.';
COMMENT ON COLUMN community.voice_contribution.tags IS 'Tags.';
COMMENT ON COLUMN community.voice_contribution.thread_key IS 'Same key, same thread.';
COMMENT ON COLUMN community.voice_contribution.speaker IS 'Who speaks within the thread: "speaker 2"; means nothing outside it.';
COMMENT ON COLUMN community.voice_contribution.country IS 'Country of the author, where five or more people share it.';
COMMENT ON COLUMN community.voice_contribution.policy IS 'Policy that let it pass.';
COMMENT ON COLUMN community.voice_contribution.policy_version IS 'Its version.';
COMMENT ON COLUMN community.voice_contribution.basis IS 'Legal basis of its transfer.';
COMMENT ON COLUMN community.voice_contribution.redactions IS 'What was redacted.';
