/* test_load.c - batches into the warehouse: versions in any order, bad rows, fences, erasures. */
#include "wire.h"

#include "lane.h"

static void load__keeps_every_field_that_may_leave(void **state)
{
        (void)state;
        struct message m = wire_record(1, 1, 1, 7, "日本語の題");
        struct slice tags[] = { SLICE("a"), SLICE("b \"quoted\"") };
        struct attribute attributes[] = { { SLICE("plan"), SLICE("free") } };
        struct redaction redactions[] = { { SLICE("body"), SLICE("email"), SLICE("mask"), 2 } };
        m.record.has_subject = m.record.has_thread_key = m.record.has_occurred_at = true;
        memset(m.record.subject, 0x11, 16);
        memset(m.record.thread_key, 0x22, 16);
        m.record.fields.occurred_at_us = INT64_C(1763859600123456);
        m.record.fields.text[FIELD_RATING] = SLICE("7.5");
        m.record.fields.text[FIELD_AUTHOR_COUNTRY] = SLICE("JP");
        m.record.fields.tags = tags;
        m.record.fields.n_tags = 2;
        m.record.fields.attributes = attributes;
        m.record.fields.n_attributes = 1;
        m.record.redactions = redactions;
        m.record.n_redactions = 1;
        hands_one(&hands, m);
        assert_string_equal(ask("SELECT concat_ws('|', region, revision, epoch, seq, judged_epoch, kind, title,"
                                " body, subject, thread_key, occurred_at, rating, author_country, tags,"
                                " attributes, redactions, source, policy, policy_version, purpose, basis)"
                                " FROM community.record"),
                            "jp-tokyo|7|1|1|1|feedback|日本語の題|11111111-1111-1111-1111-111111111111|"
                            "22222222-2222-2222-2222-222222222222|2025-11-23 01:00:00.123456+00|7.5|JP|"
                            "{a,\"b \\\"quoted\\\"\"}|{\"plan\": \"free\"}|[{\"what\": \"email\", \"count\": 2, "
                            "\"field\": \"body\", \"action\": \"mask\"}]|forum|jp|1|research|adequacy");
        assert_string_equal(ask("SELECT codes || until::text FROM tributary.reading"), "{EEA,\"{infinity}\"}");
}

static void load__the_greater_version_stands_whatever_comes_last(void **state)
{
        (void)state;
        hands_one(&hands, wire_record(1, 1, 5, 20, "newer"));
        hands_one(&hands, wire_record(1, 1, 9, 10, "older revision, captured later"));
        assert_string_equal(ask("SELECT title FROM community.record"), "newer");
        hands_one(&hands, wire_record(2, 1, 11, 0, "first"));
        hands_one(&hands, wire_record(2, 1, 12, 0, "captured later"));
        hands_one(&hands, wire_record(2, 1, 11, 0, "first"));
        assert_string_equal(ask("SELECT title FROM community.record WHERE seq > 10"), "captured later");
        assert_string_equal(ask("SELECT sum(loaded) || ' ' || sum(superseded) FROM tributary.tally_change"), "2 2");
}

static void load__a_redelivery_changes_nothing(void **state)
{
        (void)state;
        for (int i = 0; i < 3; i++) {
                struct message a = wire_record(1, 1, 5, 1, "one"), b = wire_record(1, 1, 6, 2, "two");
                hands_put(&hands, &a);
                a.out.epoch = 0;
                hands_put(&hands, &a);
                hands_put(&hands, &b);
                hands_load(&hands);
        }
        assert_string_equal(ask("SELECT title FROM community.record"), "two");
        assert_string_equal(ask("SELECT sum(loaded) || ' ' || sum(superseded) FROM tributary.tally_change"), "1 1");
}

static void load__a_delete_with_the_revision_of_what_it_deletes_wins(void **state)
{
        (void)state;
        struct message gone = wire_record(1, 1, 2, 30, NULL);
        gone.record.fields.deleted = true;
        hands_one(&hands, gone);
        hands_one(&hands, wire_record(1, 1, 3, 30, "same revision, not deleted"));
        assert_string_equal(ask("SELECT count(*) FROM community.record"), "0");
        assert_string_equal(ask("SELECT reason || ' ' || deleted || ' ' || seq FROM tributary.tombstone"),
                            "deleted true 2");
        hands_one(&hands, wire_record(1, 1, 4, 31, "again"));
        assert_string_equal(ask("SELECT title FROM community.record"), "again");
        assert_string_equal(ask("SELECT count(*) FROM tributary.tombstone"), "0");
        /* Without revisions it is the order of capture that counts. */
        struct message later = wire_record(2, 1, 8, 0, NULL);
        later.record.fields.deleted = true;
        hands_one(&hands, later);
        hands_one(&hands, wire_record(2, 1, 7, 0, "captured before the delete"));
        assert_string_equal(ask("SELECT count(*) FROM community.record"), "1");
        hands_one(&hands, wire_record(2, 1, 9, 0, "captured after it"));
        assert_string_equal(ask("SELECT count(*) FROM community.record"), "2");
}

static void load__a_delete_that_travels_as_a_retract_is_a_capture(void **state)
{
        (void)state;
        hands_one(&hands, wire_record(1, 1, 1, 5, "words"));
        struct message gone = wire_retract(1, 1, 2, 5);
        gone.record.fields.deleted = true;
        hands_one(&hands, gone);
        hands_one(&hands, gone);
        assert_string_equal(ask("SELECT reason || ' ' || deleted FROM tributary.tombstone"), "deleted true");
        assert_string_equal(ask("SELECT sum(loaded) || ' ' || sum(superseded) || ' ' || sum(retracted)"
                                " FROM tributary.tally_change"), "1 1 0");
        hands_one(&hands, wire_record(1, 1, 3, 6, "words again"));
        assert_string_equal(ask("SELECT sum(loaded) || ' ' || sum(superseded) || ' ' || sum(retracted)"
                                " FROM tributary.tally_change"), "1 2 0");
}

static void load__a_retract_takes_an_older_row_away_and_an_approval_brings_it_back(void **state)
{
        (void)state;
        hands_one(&hands, wire_record(1, 1, 1, 1, "old"));
        hands_one(&hands, wire_retract(1, 1, 2, 2));
        assert_string_equal(ask("SELECT count(*) FROM community.record"), "0");
        assert_string_equal(ask("SELECT reason FROM tributary.tombstone"), "retracted");
        hands_one(&hands, wire_record(1, 1, 1, 1, "old"));
        assert_string_equal(ask("SELECT count(*) FROM community.record"), "0");
        struct message approved = wire_record(1, 1, 2, 2, "approved");
        approved.record.judged = (struct position){ 1, 9 };
        hands_one(&hands, approved);
        assert_string_equal(ask("SELECT title FROM community.record"), "approved");
        assert_string_equal(ask("SELECT sum(loaded) || ' ' || sum(superseded) || ' ' || sum(retracted)"
                                " FROM tributary.tally_change"), "1 1 0");
}

static struct message taken_back(uint8_t key, uint64_t seq, int64_t revision, uint64_t judged)
{
        struct message m = wire_retract(key, 1, seq, revision);
        m.record.taken_back = true;
        m.record.judged.seq = judged;
        return m;
}

static struct message judged_at(struct message m, uint64_t seq)
{
        m.record.judged.seq = seq;
        return m;
}

static const char *sums(void)
{
        return ask("SELECT sum(loaded) || ' ' || sum(superseded) || ' ' || sum(retracted) || ' ' || sum(rejected)"
                   " FROM tributary.tally_change");
}

/* Its region counts it as kept at home: no column here may count it too, in many batches or in one. */
static void load__what_is_taken_back_counts_nowhere_here(void **state)
{
        (void)state;
        for (uint64_t one = 0; one < 2; one++) {
                uint8_t key = (uint8_t)(10 + one);
                uint64_t at = 3 + 3 * one; /* of one hour */
                struct message all[] = {
                        wire_record(key, 1, at, 1, "old"),
                        wire_record(key, 1, at + 30, 2, "new"),
                        taken_back(key, at, 1, 2), /* the old one: what stands is another */
                        taken_back(key, at, 1, 2),
                        judged_at(wire_record(key, 1, at, 1, "old"), 3), /* out again */
                        taken_back(key, at, 1, 4),
                        taken_back(key, at + 30, 2, 4), /* now nothing of it is here */
                };
                static const char *const after[] = { "1 0 0 0", "1 1 0 0", "1 0 0 0", "1 0 0 0", "1 1 0 0", "1 0 0 0", "0 0 1 0" };
                for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
                        hands_put(&hands, &all[i]);
                        if (one)
                                continue;
                        hands_load(&hands);
                        assert_string_equal(sums(), after[i]);
                }
                hands_load(&hands);
                assert_string_equal(ask("SELECT count(*) FROM community.record"), "0");
        }
        assert_string_equal(sums(), "0 0 2 0");
}

static struct message erase_of(uint8_t subject)
{
        static uint8_t subjects[1][16];
        struct message m = { .type = MESSAGE_ERASE, .region = SLICE("jp-tokyo"), .at = { 1, 500u + subject } };
        memset(subjects[0], subject, 16);
        memset(m.erase.request, subject, 16);
        m.erase.subjects = (const uint8_t (*)[16])subjects;
        m.erase.n_subjects = 1;
        return m;
}

static struct message by_subject(struct message m, uint8_t subject)
{
        m.record.has_subject = true;
        memset(m.record.subject, subject, 16);
        return m;
}

static void erase__takes_a_persons_rows_and_refuses_what_comes_later(void **state)
{
        (void)state;
        hands_one(&hands, by_subject(wire_record(1, 1, 1, 1, "theirs"), 0x77));
        hands_one(&hands, by_subject(wire_record(2, 1, 2, 1, "another's"), 0x78));
        hands_one(&hands, erase_of(0x77));
        assert_string_equal(ask("SELECT title FROM community.record"), "another's");
        hands_one(&hands, by_subject(wire_record(1, 1, 3, 2, "later revision"), 0x77));
        hands_one(&hands, by_subject(wire_record(3, 1, 4, 1, "another record"), 0x77));
        hands_one(&hands, erase_of(0x77));
        assert_string_equal(ask("SELECT title FROM community.record"), "another's");
        assert_string_equal(ask("SELECT value FROM tributary.receipt WHERE key LIKE 'e/%'"), "{\"erased\":true}");
        assert_string_equal(ask("SELECT sum(loaded) || ' ' || sum(superseded) || ' ' || sum(erased)"
                                " FROM tributary.tally_change"), "1 1 2");
}

static void load__rejects_the_one_bad_row_and_loads_the_rest(void **state)
{
        (void)state;
        struct pg *c = house_connect(conninfo);
        MUST(pg_run(c, "ALTER TABLE community.record ADD CONSTRAINT test_bad CHECK (title <> 'bad')", &err));
        for (uint8_t i = 0; i < 100; i++) {
                struct message m = wire_record(i, 1, i + 1u, 0, i == 37 || i == 80 ? "bad" : "good");
                hands_put(&hands, &m);
        }
        hands_load(&hands);
        assert_string_equal(ask("SELECT count(*) FROM community.record"), "98");
        assert_string_equal(ask("SELECT kafka_offset || ' ' || code || ' ' || seq FROM tributary.rejected"
                                " ORDER BY kafka_offset"), "37 23514 38,80 23514 81");
        assert_string_equal(ask("SELECT next_offset || ' ' || out_n || ' ' || loaded || ' ' || rejected"
                                " FROM tributary.progress"), "100 100 98 2");
        assert_string_equal(ask("SELECT sum(loaded) || ' ' || sum(rejected) FROM tributary.tally_change"), "98 2");
        assert_string_equal(ask("SELECT count(*) FROM tributary.receipt WHERE key LIKE 'x/%' AND value IS NOT NULL"),
                            "2");
        /* Sent again once the cause is gone, it is loaded, and no longer rejected. */
        MUST(pg_run(c, "ALTER TABLE community.record DROP CONSTRAINT test_bad", &err));
        hands_one(&hands, wire_record(37, 1, 38, 0, "bad"));
        assert_string_equal(ask("SELECT sum(loaded) || ' ' || sum(rejected) FROM tributary.tally_change"), "99 1");
        assert_string_equal(ask("SELECT count(*) FROM tributary.rejected"), "1");
        assert_string_equal(ask("SELECT count(*) FROM tributary.receipt WHERE key LIKE 'x/%' AND value IS NOT NULL"),
                            "1");
        pg_close(c);
}

static void load__rejects_what_it_cannot_read_without_its_payload(void **state)
{
        (void)state;
        struct kafka_message k = { .topic = hands.part.topic, .offset = hands.offset++, .append_time_us = 1 };
        k.value = SLICE("{\"title\": \"words of a person\"");
        k.headers[k.n_headers++] = (struct kafka_header){ "ce_type", SLICE("tributary.record.v2") };
        MUST(batch_add(&hands.batch, &hands.part, &k, &err));
        struct message m = wire_record(1, 1, 1, 0, "good"), other = wire_record(2, 1, 2, 0, "elsewhere");
        other.region = SLICE("de-frankfurt");
        hands_put(&hands, &m);
        hands_put(&hands, &other);
        hands_load(&hands);
        assert_string_equal(ask("SELECT title FROM community.record"), "good");
        assert_string_equal(ask("SELECT code || ' ' || coalesce(seq, 0) FROM tributary.rejected"
                                " ORDER BY kafka_offset"), "version 0,region 2");
        assert_string_equal(ask("SELECT count(*) FROM tributary.rejected r WHERE r::text LIKE '%words%'"), "0");
}

static void fence__a_loader_that_lost_it_cannot_commit(void **state)
{
        (void)state;
        struct hands second;
        struct message m = wire_record(1, 1, 1, 0, "by the old owner");
        struct err lost = ERR_INIT;
        hands_one(&hands, m);
        m = wire_record(2, 1, 2, 0, "too late");
        hands_put(&hands, &m);
        hands_open(&second, conninfo); /* ends the old owner's backend */
        assert_false(load_batch(&hands.store, &hands.batch, &hands.counts, &lost));
        assert_int_equal(lost.kind, ERR_RETRY);
        /* It comes back, not knowing; its fence has gone. */
        store_close(&hands.store);
        MUST(store_open(&hands.store, conninfo, NULL, "test", &err));
        assert_false(load_batch(&hands.store, &hands.batch, &hands.counts, &lost));
        assert_int_equal(lost.kind, ERR_BUSY);
        MUST(progress_take(&hands.store, &hands.part, false, &err));
        assert_int_equal(hands.part.state, PART_LOST);
        assert_string_equal(ask("SELECT count(*) FROM community.record"), "1");
        m = wire_record(2, 1, 2, 0, "by the new owner");
        hands_one(&second, m);
        assert_string_equal(ask("SELECT title FROM community.record WHERE seq = 2"), "by the new owner");
        hands_close(&second);
}

/* A backend in COPY hears no timeout and no cancel; it holds the partition's row and the region's lock. */
static void fence__a_loader_that_hangs_in_copy_is_ended(void **state)
{
        (void)state;
        struct hands second;
        struct err lost = ERR_INIT;
        hands_one(&hands, wire_record(1, 1, 1, 0, "before"));
        MUST(pg_begin(hands.store.c, &err));
        MUST(pg_run(hands.store.c, "SELECT pg_advisory_xact_lock(hashtext('jp-tokyo')); UPDATE tributary.progress"
                                   " SET updated_at = now(); LOCK TABLE tributary.seen IN SHARE ROW EXCLUSIVE MODE", &err));
        MUST(pg_copy_begin(hands.store.c, "COPY stage FROM STDIN (FORMAT binary)", &err));
        hands_open(&second, conninfo);
        hands_one(&second, wire_record(2, 1, 2, 0, "by the new owner"));
        assert_false(pg_copy_end(hands.store.c, NULL, &lost));
        assert_false(pg_alive(hands.store.c));
        store_close(&hands.store);
        MUST(store_open(&hands.store, conninfo, NULL, "test", &err));
        assert_string_equal(ask("SELECT string_agg(title, ',' ORDER BY seq) FROM community.record"),
                            "before,by the new owner");
        assert_string_equal(ask("SELECT fence || ' ' || next_offset FROM tributary.progress"), "2 2");
        hands_close(&second);
}

/* The owner died long ago and its process id is somebody else's now. */
static void fence__a_process_id_that_came_again_is_left_alone(void **state)
{
        (void)state;
        struct hands second;
        struct pg *stranger = house_connect(conninfo);
        char sql[256];
        snprintf(sql, sizeof sql, "UPDATE tributary.progress SET backend_pid = %s", house_ask(stranger, "SELECT pg_backend_pid()"));
        MUST(pg_run(hands.store.c, sql, &err));
        hands_open(&second, conninfo);
        assert_string_equal(house_ask(stranger, "SELECT 'alive'"), "alive");
        assert_string_equal(ask("SELECT 'alive'"), "alive");
        hands_close(&second);
        pg_close(stranger);
}

static void gap__is_named_kept_open_and_closed_by_what_is_sent_again(void **state)
{
        (void)state;
        struct message m = wire_record(1, 1, 1, 0, "one");
        hands_one(&hands, m);
        m = wire_record(3, 1, 3, 0, "three");
        m.out = (struct position){ 1, 3 };
        m.prev = (struct position){ 1, 2 };
        hands_one(&hands, m);
        assert_string_equal(ask("SELECT count(*) FROM community.record"), "2");
        assert_string_equal(ask("SELECT out_n || ' ' || gap_n || ' ' || gaps FROM tributary.progress"), "1 2 1");
        assert_non_null(strstr(ask("SELECT value FROM tributary.receipt WHERE key = 'w/0'"),
                               "\"gap\":\"0000000000000001.0000000000000002\""));
        m = wire_record(2, 1, 2, 0, "two, again");
        m.out = (struct position){ 1, 4 };
        m.prev = (struct position){ 1, 1 };
        hands_one(&hands, m);
        assert_string_equal(ask("SELECT out_n || ' ' || coalesce(gap_n, 0) || ' ' || gaps FROM tributary.progress"),
                            "4 0 1");
}

static void progress__an_empty_one_tells_watermark_zero(void **state)
{
        (void)state;
        assert_non_null(strstr(ask("SELECT value FROM tributary.receipt WHERE key = 'w/0'"),
                               "\"out\":\"0000000000000000.0000000000000000\""));
        hands_one(&hands, wire_record(1, 1, 1, 0, "one"));
        MUST(pg_run(hands.store.c, "TRUNCATE tributary.progress, tributary.receipt, community.record", &err));
        struct err gone = ERR_INIT;
        struct message m = wire_record(2, 1, 2, 0, "two");
        hands_put(&hands, &m);
        assert_false(load_batch(&hands.store, &hands.batch, &hands.counts, &gone));
        assert_int_equal(gone.kind, ERR_BUSY);
        MUST(progress_take(&hands.store, &hands.part, false, &err));
        assert_int_equal(hands.part.state, PART_READY);
        assert_int_equal(hands.part.now.next, 0);
        assert_non_null(strstr(ask("SELECT value FROM tributary.receipt WHERE key = 'w/0'"),
                               "\"out\":\"0000000000000000.0000000000000000\""));
}

static void load__takes_what_stands_at_the_beginning_of_a_topic_made_anew(void **state)
{
        (void)state;
        hands_one(&hands, wire_record(1, 1, 1, 0, "one"));
        hands_one(&hands, wire_record(2, 1, 2, 0, "two"));
        hands.offset = 0; /* the offset was out of range: from the beginning */
        hands_one(&hands, wire_record(3, 1, 3, 0, "three"));
        assert_string_equal(ask("SELECT count(*) FROM community.record"), "3");
        assert_string_equal(ask("SELECT next_offset || ' ' || out_n FROM tributary.progress"), "1 3");
}

static void load__leaves_out_what_belongs_to_a_lost_partition(void **state)
{
        (void)state;
        struct message m = wire_record(1, 1, 1, 0, "one");
        hands_put(&hands, &m);
        hands.part.state = PART_HOMELESS;
        hands_load(&hands);
        assert_string_equal(ask("SELECT count(*) FROM community.record"), "0");
        assert_string_equal(ask("SELECT next_offset FROM tributary.progress"), "0");
}

static void load__waits_when_the_regions_partition_is_gone(void **state)
{
        (void)state;
        struct err err = ERR_INIT;
        struct message m = wire_record(1, 1, 1, 0, "one");
        struct pg *c = house_connect(conninfo);
        assert_true(pg_run(c, "DROP TABLE community.record_jp_tokyo", &err));
        hands_put(&hands, &m);
        assert_false(load_batch(&hands.store, &hands.batch, &hands.counts, &err));
        assert_int_equal(err.kind, ERR_RETRY);
        assert_true(progress_take(&hands.store, &hands.part, false, &err));
        assert_int_equal(hands.part.state, PART_HOMELESS);
        assert_string_equal(ask("SELECT count(*) FROM tributary.rejected"), "0");
        pg_close(c);
}

static struct message hello(uint8_t id, bool claim, uint32_t generation, uint32_t start)
{
        struct message m = { .type = MESSAGE_HELLO, .region = SLICE("jp-tokyo"), .at = { 1, 1 } };
        m.hello.id[0] = id;
        m.hello.claim = claim;
        m.hello.generation = generation;
        m.hello.start = start;
        m.hello.now_us = 1;
        return m;
}

static void load__works_as_a_role_that_owns_nothing(void **state)
{
        (void)state;
        static const struct migrate_reader reader = { "tributary_test_voice_jp", "JP", 0, NULL };
        struct migrate_spec spec = house_spec(conninfo);
        struct hands other;
        char as_loader[640];
        MUST(pg_run(hands.store.c, "DO $$ BEGIN CREATE ROLE tributary_test_loader LOGIN; EXCEPTION WHEN"
                                   " duplicate_object THEN NULL; END $$", &err));
        spec.loader_role = "tributary_test_loader";
        spec.readers = &reader;
        spec.n_readers = 1;
        MUST(warehouse_migrate(&spec, false, NULL, &err));
        MUST(progress_release(&hands.store, &hands.part, &err));
        snprintf(as_loader, sizeof as_loader, "%s options='-c role=tributary_test_loader'", conninfo);
        hands_open(&other, as_loader);
        for (uint8_t i = 0; i < 3; i++) {
                hands_one(&other, by_subject(wire_record(1, 1, i + 1u, i, "words"), 7));
                hands_one(&other, wire_retract(1, 1, i + 10u, i));
                hands_one(&other, hello(i, i == 1, i, 1));
        }
        hands_one(&other, erase_of(7));
        struct chores now = { .counted = true };
        MUST(chores_do(other.store.c, &now, &err));
        assert_string_equal(ask("SELECT seq FROM tributary.tombstone"), "12");
        hands_close(&other);
}

static void claim__the_first_of_a_generation_wins_and_hears_it_again(void **state)
{
        (void)state;
        const char *c1 = "SELECT value FROM tributary.receipt WHERE key = 'c/1'";
        hands_one(&hands, hello(1, false, 0, 3));
        assert_string_equal(ask("SELECT generation || '.' || start FROM tributary.region"), "0.3");
        hands_one(&hands, hello(2, true, 1, 1));
        assert_string_equal(ask(c1), "{\"granted\":true}");
        hands_one(&hands, hello(2, true, 1, 1));
        assert_string_equal(ask(c1), "{\"granted\":true}");
        hands_one(&hands, hello(3, true, 1, 1));
        assert_string_equal(ask("SELECT encode(uuid_send(id), 'hex') FROM tributary.claim"),
                            "02000000000000000000000000000000");
        hands_one(&hands, hello(4, false, 1, 2));
        hands_one(&hands, hello(5, true, 0, 9));
        assert_string_equal(ask("SELECT value FROM tributary.receipt WHERE key = 'c/0'"), "{\"granted\":false}");
}

static void account__adds_up_and_can_fail(void **state)
{
        (void)state;
        struct account_row row = { .source = SLICE("forum"), .captured = 5, .sent = 3, .held = 1, .stayed = 1 };
        struct message a = { .type = MESSAGE_ACCOUNT, .region = SLICE("jp-tokyo"), .at = { 1, 9 } };
        const char *sums = "SELECT loaded || ' ' || superseded || ' ' || in_flight || ' ' || missing || ' ' || settled"
                           " FROM tributary.completeness";
        struct message m = wire_record(1, 1, 3, 0, "one");
        row.hour_us = m.record.hour_us;
        a.account.serial = 1;
        a.account.rows = &row;
        a.account.n_rows = 1;
        hands_one(&hands, m);
        hands_one(&hands, wire_record(1, 1, 6, 0, "two"));
        MUST(pg_run(hands.store.c, "INSERT INTO tributary.progress (topic, partition, region, appended_at)"
                                   " VALUES ('tributary.records.jp-tokyo', 1, 'jp-tokyo', '2020-01-01')", &err));
        hands_one(&hands, a);
        assert_string_equal(ask(sums), "1 1 1 0 false");
        MUST(pg_run(hands.store.c, "UPDATE tributary.progress SET appended_at = '2090-01-01' WHERE partition = 1",
                    &err));
        assert_string_equal(ask(sums), "1 1 0 1 true");
        hands_one(&hands, wire_record(2, 1, 12, 0, "the third"));
        assert_string_equal(ask(sums), "2 1 0 0 true");
        a.account.serial = 0;
        a.out.epoch = 0;
        row.captured = 1;
        hands_one(&hands, a);
        assert_string_equal(ask("SELECT captured FROM tributary.completeness"), "5");
}

/* ---- Order of arrival ---------------------------------------------------- */
static uint32_t chance_state = 20261123;
static uint32_t chance(uint32_t n)
{
        chance_state = chance_state * 1664525u + 1013904223u;
        return (chance_state >> 8) % n;
}

enum { MESSAGES = 600, ERASED_SUBJECTS = 2 };
static struct message messages[MESSAGES];
static char titles[MESSAGES][24];
static uint8_t erased_subjects[ERASED_SUBJECTS][1][16];

static void invent(void)
{
        for (int i = 0; i < MESSAGES; i++) {
                uint8_t key = (uint8_t)chance(60);
                uint64_t epoch = 1 + chance(2), seq = (uint64_t)i + 1;
                int64_t revision = chance(3) ? chance(4) : 0;
                snprintf(titles[i], sizeof titles[i], "title %d", i);
                struct message m = by_subject(wire_record(key, epoch, seq, revision, titles[i]),
                                              (uint8_t)(1 + chance(12)));
                if (chance(6) == 0)
                        m = wire_retract(key, epoch, seq, revision);
                if (chance(6) == 0)
                        m.record.fields.deleted = true; /* as a record or as a retract */
                messages[i] = m;
                /* Now and then the same capture, judged anew: an approval. */
                if (i + 1 < MESSAGES && !(m.type == MESSAGE_RETRACT && m.record.fields.deleted) &&
                    chance(8) == 0) {
                        struct message again = by_subject(wire_record(key, epoch, seq, revision, titles[i]), 3);
                        again.record.judged.seq = 2;
                        again.record.fields.deleted = m.record.fields.deleted && m.type == MESSAGE_RECORD;
                        messages[++i] = again;
                }
        }
        for (int i = 0; i < ERASED_SUBJECTS; i++) {
                struct message m = erase_of((uint8_t)(1 + i));
                memset(erased_subjects[i][0], 1 + i, 16);
                m.erase.subjects = (const uint8_t (*)[16])erased_subjects[i];
                messages[100 * i + 5] = m;
        }
}

static void load_shuffled(bool shuffle)
{
        static int order[MESSAGES + MESSAGES / 4];
        int n = 0;
        for (int i = 0; i < MESSAGES; i++)
                order[n++] = i;
        for (; shuffle && n < MESSAGES + MESSAGES / 4; n++)
                order[n] = (int)chance(MESSAGES); /* duplicates */
        for (int i = n - 1; shuffle && i > 0; i--) {
                int k = (int)chance((uint32_t)i + 1), t = order[i];
                order[i] = order[k];
                order[k] = t;
        }
        for (int i = 0; i < n; i++) {
                struct message m = messages[order[i]];
                hands_put(&hands, &m);
                if (chance(40) == 0)
                        hands_load(&hands);
        }
        hands_load(&hands);
}

static const char *fingerprint(void)
{
        return ask("SELECT md5(string_agg(x, E'\\n' ORDER BY x)) || ' ' || count(*) FROM ("
                   "SELECT (to_jsonb(r) - 'loaded_at' - 'reading')::text FROM community.record r UNION ALL"
                   " SELECT (to_jsonb(t) - 'left_at')::text FROM tributary.tombstone t UNION ALL"
                   " SELECT concat_ws(' ', source, hour, sum(loaded), sum(superseded), sum(retracted), sum(erased))"
                   " FROM tributary.tally_change GROUP BY source, hour) AS y (x)");
}

static void load__any_order_and_any_duplicates_give_the_same_rows(void **state)
{
        (void)state;
        char first[128];
        invent();
        load_shuffled(false);
        snprintf(first, sizeof first, "%s", fingerprint());
        assert_string_not_equal(ask("SELECT count(*) FROM community.record"), "0");
        for (int i = 0; i < 12; i++) {
                MUST(pg_run(hands.store.c, "TRUNCATE community.record, tributary.tombstone, tributary.progress,"
                                           " tributary.seen, tributary.tally_change, tributary.erased,"
                                           " tributary.receipt, tributary.rejected", &err));
                hands_close(&hands);
                hands_open(&hands, conninfo);
                load_shuffled(true);
                assert_string_equal(fingerprint(), first);
        }
        assert_string_equal(ask("SELECT count(*) FROM tributary.rejected"), "0");
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
int main(void)
{
        const struct CMUnitTest tests[] = {
                T(load__keeps_every_field_that_may_leave),
                T(load__the_greater_version_stands_whatever_comes_last),
                T(load__a_redelivery_changes_nothing),
                T(load__a_delete_with_the_revision_of_what_it_deletes_wins),
                T(load__a_delete_that_travels_as_a_retract_is_a_capture),
                T(load__a_retract_takes_an_older_row_away_and_an_approval_brings_it_back),
                T(load__what_is_taken_back_counts_nowhere_here),
                T(erase__takes_a_persons_rows_and_refuses_what_comes_later),
                T(load__rejects_the_one_bad_row_and_loads_the_rest),
                T(load__rejects_what_it_cannot_read_without_its_payload),
                T(fence__a_loader_that_lost_it_cannot_commit),
                T(fence__a_loader_that_hangs_in_copy_is_ended),
                T(fence__a_process_id_that_came_again_is_left_alone),
                T(gap__is_named_kept_open_and_closed_by_what_is_sent_again),
                T(progress__an_empty_one_tells_watermark_zero),
                T(load__takes_what_stands_at_the_beginning_of_a_topic_made_anew),
                T(load__leaves_out_what_belongs_to_a_lost_partition),
                T(load__waits_when_the_regions_partition_is_gone),
                T(load__works_as_a_role_that_owns_nothing),
                T(claim__the_first_of_a_generation_wins_and_hears_it_again),
                T(account__adds_up_and_can_fail),
                T(load__any_order_and_any_duplicates_give_the_same_rows),
        };
        return cmocka_run_group_tests(tests, house_start, house_stop);
}
