-- 004_flags.sql - whoever reads a mask that covers nothing personal says so; it reaches the home region.
--
-- By the outbox of receipts: key f/ID, told to the region's agent, settled after thirty days. Only of a
-- record whose words the caller may read, and of a mask that stands in it: nothing is learnt by asking.
-- The caller is who logged in, or the role that he has set: current_user is the function's owner in here.
CREATE FUNCTION community.flag_redaction(region text, record_key uuid, mask text, note text DEFAULT '')
RETURNS uuid LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $f$
DECLARE
        flag uuid;
BEGIN
        IF flag_redaction.mask IS NULL OR flag_redaction.mask !~ '^\[[a-z][a-z_ -]{0,30} [0-9]{1,6}\]$' THEN
                RAISE EXCEPTION 'this is no mask' USING ERRCODE = 'invalid_parameter_value',
                        HINT = 'Write it as the record shows it: [phone 1].';
        END IF;
        PERFORM 1 FROM community.record r
           JOIN tributary.reading g ON g.id = r.reading
          CROSS JOIN LATERAL unnest(g.codes, g.until) AS c (code, until)
           JOIN tributary.reader q ON q.code = c.code
          WHERE r.region = flag_redaction.region AND r.record_key = flag_redaction.record_key
            AND r.kind IN ('feedback', 'discussion', 'contribution')
            AND q.role = coalesce(nullif(current_setting('role'), 'none'), session_user) AND q.surface = 'voice' AND c.until >= statement_timestamp()
            AND position(flag_redaction.mask IN concat_ws(' ', r.title, r.body)) > 0;
        IF NOT FOUND THEN
                RAISE EXCEPTION 'no record of this key that you may read is masked so' USING ERRCODE = 'no_data_found',
                        HINT = 'Region and record_key stand in the voice views.';
        END IF;
        IF current_setting('transaction_read_only')::boolean THEN
                RAISE EXCEPTION 'readers'' transactions are read-only, and a flag is written' USING ERRCODE = 'read_only_sql_transaction',
                        HINT = 'BEGIN READ WRITE; SELECT community.flag_redaction(...); COMMIT;';
        END IF;
        IF (SELECT count(*) FROM tributary.receipt o WHERE o.region = flag_redaction.region AND o.key LIKE 'f/%'
               AND o.value IS NOT NULL) >= 1000 THEN
                RAISE EXCEPTION 'this region has a thousand flags already' USING ERRCODE = 'program_limit_exceeded',
                        HINT = 'They are settled after thirty days.';
        END IF;
        flag := md5(concat_ws('/', flag_redaction.region, flag_redaction.record_key, flag_redaction.mask))::uuid;
        INSERT INTO tributary.receipt (region, key, value)
        VALUES (flag_redaction.region, 'f/' || flag, json_build_object(
                'record_key', flag_redaction.record_key, 'mask', flag_redaction.mask,
                'note', left(regexp_replace(coalesce(flag_redaction.note, ''), '[[:cntrl:]]+', ' ', 'g'), 100),
                'by', session_user::text)::text)
        ON CONFLICT DO NOTHING;
        RETURN flag;
END $f$;
COMMENT ON FUNCTION community.flag_redaction(text, uuid, text, text) IS
        'Says that a mask of a record covers nobody''s data; it reaches the region''s own review. No personal data in the note.';
REVOKE ALL ON FUNCTION community.flag_redaction(text, uuid, text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION community.flag_redaction(text, uuid, text, text) TO community_voice;
