-- What people said, in their words: no subject, a place in the thread instead, a country only
-- where five or more people share it. security_barrier: a reader's own function never sees a
-- row that the view leaves out.
CREATE VIEW community.voice_feedback WITH (security_barrier) AS
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
 WHERE r.kind = 'feedback'
   AND EXISTS (SELECT 1 FROM tributary.reader q WHERE q.role = current_user AND q.surface = 'voice');
COMMENT ON VIEW community.voice_feedback IS 'Feedback that may be read from the caller''s country: words, product, need. One row a record in its newest version.';
COMMENT ON COLUMN community.voice_feedback.region IS 'Region that captured it.';
COMMENT ON COLUMN community.voice_feedback.record_key IS 'The record''s key: quote it when asking the region.';
COMMENT ON COLUMN community.voice_feedback.hour IS 'Hour of capture, UTC.';
COMMENT ON COLUMN community.voice_feedback.occurred_at IS 'When it was said, if the policy lets it pass.';
COMMENT ON COLUMN community.voice_feedback.source IS 'Where it came from.';
COMMENT ON COLUMN community.voice_feedback.product IS 'Product spoken of.';
COMMENT ON COLUMN community.voice_feedback.version IS 'Its version.';
COMMENT ON COLUMN community.voice_feedback.edition IS 'community, enterprise or cloud.';
COMMENT ON COLUMN community.voice_feedback.lang IS 'Language, BCP 47.';
COMMENT ON COLUMN community.voice_feedback.title IS 'Title, cleaned.';
COMMENT ON COLUMN community.voice_feedback.body IS 'Words, cleaned.';
COMMENT ON COLUMN community.voice_feedback.severity IS 'Severity as the source has it.';
COMMENT ON COLUMN community.voice_feedback.rating IS 'Rating from 0 to 10.';
COMMENT ON COLUMN community.voice_feedback.scenario IS 'What it is used for.';
COMMENT ON COLUMN community.voice_feedback.industry IS 'Industry of the author.';
COMMENT ON COLUMN community.voice_feedback.tags IS 'Tags.';
COMMENT ON COLUMN community.voice_feedback.thread_key IS 'Same key, same thread.';
COMMENT ON COLUMN community.voice_feedback.speaker IS 'Who speaks within the thread: "speaker 2"; means nothing outside it.';
COMMENT ON COLUMN community.voice_feedback.country IS 'Country of the author, where five or more people share it.';
COMMENT ON COLUMN community.voice_feedback.policy IS 'Policy that let it pass.';
COMMENT ON COLUMN community.voice_feedback.policy_version IS 'Its version.';
COMMENT ON COLUMN community.voice_feedback.basis IS 'Legal basis of its transfer.';
COMMENT ON COLUMN community.voice_feedback.redactions IS 'What was redacted.';
