/* test_migrate.c - the schema from empty, twice, twice at once; readers and what they see. */
#include "house.h"

#include <pthread.h>

#include "base/report.h"

static char conninfo[512];

static int fresh(void **state)
{
        (void)state;
        snprintf(conninfo, sizeof conninfo, "%s", house_make());
        return 0;
}

static int drop(void **state)
{
        (void)state;
        house_drop(conninfo);
        return 0;
}

static size_t findings_of(const struct migrate_spec *spec)
{
        struct report *report = report_new();
        MUST(warehouse_check(spec, report, &err));
        size_t n = report_size(report);
        for (size_t i = 0; i < n && i < 5; i++)
                print_message("finding: %s\n", report_at(report, i)->text);
        report_free(report);
        return n;
}

static void migrate__makes_all_from_empty_and_then_nothing_more(void **state)
{
        (void)state;
        struct migrate_spec spec = house_spec(conninfo);
        struct buf out;
        buf_init(&out, 65536);
        assert_true(findings_of(&spec) > 0);
        spec.dry_run = true;
        MUST(warehouse_migrate(&spec, false, &out, &err));
        assert_non_null(strstr(out.p, "would apply 001_base.sql"));
        spec.dry_run = false;
        buf_reset(&out);
        MUST(warehouse_migrate(&spec, false, &out, &err));
        assert_non_null(strstr(out.p, "make the partition of region jp-tokyo"));
        assert_int_equal(findings_of(&spec), 0);
        buf_reset(&out);
        MUST(warehouse_migrate(&spec, false, &out, &err));
        assert_string_equal(out.p, "nothing to do: the warehouse is up to date\n");
        buf_reset(&out);
        MUST(warehouse_migrate(&spec, true, &out, &err));
        assert_string_equal(out.p, "{\"version\":1,\"dry_run\":false,\"steps\":[]}\n");
        buf_clear(&out);
}

static void run_sql(const char *sql)
{
        struct pg *c;
        MUST(pg_open(&c, conninfo, NULL, "test", &err));
        MUST(pg_run(c, sql, &err));
        pg_close(c);
}

static void a_warehouse_of_a_newer_release__is_not_touched(void **state)
{
        (void)state;
        struct migrate_spec spec = house_spec(conninfo);
        struct err why = ERR_INIT;
        MUST(warehouse_migrate(&spec, false, NULL, &err));
        run_sql("INSERT INTO tributary.migration (name, digest) VALUES ('999_later.sql', 'x'); DROP VIEW community.count_daily");
        assert_false(warehouse_migrate(&spec, false, NULL, &why));
        assert_int_equal(why.kind, ERR_CONFIG);
        assert_non_null(strstr(why.text, "a newer release migrated this warehouse: its step 999_later.sql"));
        assert_non_null(strstr(why.hint, "newest release"));
        assert_true(findings_of(&spec) >= 2); /* that, and the view that nobody made anew */
        run_sql("DELETE FROM tributary.migration WHERE name = '999_later.sql'");
        MUST(warehouse_migrate(&spec, false, NULL, &err));
        assert_int_equal(findings_of(&spec), 0);
}

/* As 19695e8 left it: what came since is made, and rights on it given. */
static void a_warehouse_of_the_first_release__gets_what_came_since(void **state)
{
        (void)state;
        struct migrate_spec spec = house_spec(conninfo);
        MUST(warehouse_migrate(&spec, false, NULL, &err));
        run_sql("DROP FUNCTION community.flag_redaction(text, uuid, text, text);"
                " DELETE FROM tributary.migration WHERE name = '004_flags.sql'");
        assert_int_equal(findings_of(&spec), 1);
        MUST(warehouse_migrate(&spec, false, NULL, &err));
        assert_int_equal(findings_of(&spec), 0);
        run_sql("DO $$ BEGIN IF NOT has_function_privilege('community_voice', 'community.flag_redaction(text, uuid, text, text)',"
                " 'EXECUTE') THEN RAISE EXCEPTION 'not granted'; END IF; END $$");
}

static void *migrate_in_thread(void *arg)
{
        struct migrate_spec spec = house_spec(arg);
        static const struct migrate_reader reader = { "reader_twice", "DE", 0, NULL };
        struct err err = ERR_INIT;
        spec.readers = &reader;
        spec.n_readers = 1;
        if (warehouse_migrate(&spec, false, NULL, &err))
                return NULL;
        print_message("%s\n", err.text);
        return arg;
}

static void migrate__is_safe_twice_at_once(void **state)
{
        (void)state;
        pthread_t threads[4];
        for (int i = 0; i < 4; i++)
                assert_int_equal(pthread_create(&threads[i], NULL, migrate_in_thread, conninfo), 0);
        for (int i = 0; i < 4; i++) {
                void *failed = NULL;
                pthread_join(threads[i], &failed);
                assert_null(failed);
        }
        struct migrate_spec spec = house_spec(conninfo);
        assert_int_equal(findings_of(&spec), 1); /* a reader whom this one does not name */
        MUST(warehouse_migrate(&spec, false, NULL, &err));
        assert_int_equal(findings_of(&spec), 0);
}

static void migrate__adds_a_region_that_came_later(void **state)
{
        (void)state;
        static const char *const more[] = { "de-frankfurt", "jp-tokyo", "id-jakarta" };
        struct migrate_spec spec = house_spec(conninfo);
        MUST(warehouse_migrate(&spec, false, NULL, &err));
        spec.regions = more;
        spec.n_regions = 3;
        assert_int_equal(findings_of(&spec), 1);
        MUST(warehouse_migrate(&spec, false, NULL, &err));
        assert_int_equal(findings_of(&spec), 0);
}

static void migrate__grants_another_role_what_loading_needs(void **state)
{
        (void)state;
        struct migrate_spec spec = house_spec(conninfo);
        struct pg *c = house_connect(conninfo);
        MUST(pg_run(c, "DO $$ BEGIN CREATE ROLE tributary_test_loader LOGIN; EXCEPTION WHEN duplicate_object"
                       " THEN NULL; END $$", &err));
        spec.loader_role = "tributary_test_loader";
        MUST(warehouse_migrate(&spec, false, NULL, &err));
        MUST(pg_run(c, "SET ROLE tributary_test_loader", &err));
        MUST(pg_run(c, "INSERT INTO community.record (region, record_key, revision, deleted, epoch, seq,"
                       " judged_epoch, judged_seq, hour, expires_at, reading, policy_version, policy, source,"
                       " kind) VALUES ('jp-tokyo', gen_random_uuid(), 0, false, 1, 1, 1, 1, now(), now(), 1,"
                       " 1, 'p', 's', 'event')", &err));
        assert_string_equal(house_ask(c, "SELECT count(*) FROM community.record"), "1");
        MUST(pg_run(c, "UPDATE community.record SET kind = 'lead'; DELETE FROM community.record;"
                       "SELECT nextval('tributary.receipt_change')", &err));
        pg_close(c);
}

/* Feedback by `n` people of a country, readable in one code until a time. */
static void put_feedback(struct pg *c, const char *region, const char *product, int n, const char *country,
                         const char *code, const char *until)
{
        char sql[2048];
        snprintf(sql, sizeof sql,
                 "WITH g AS (INSERT INTO tributary.reading (digest, codes, until) VALUES (gen_random_uuid(),"
                 " ARRAY['%s'], ARRAY['%s'::timestamptz]) RETURNING id)"
                 "INSERT INTO community.record (region, record_key, revision, deleted, epoch, seq,"
                 " judged_epoch, judged_seq, hour, expires_at, reading, policy_version, policy, source, kind,"
                 " product, title, subject, thread_key, author_country) SELECT '%s', gen_random_uuid(), 0,"
                 " false, 1, i, 1, 1, '2026-11-23 01:00Z', 'infinity', g.id, 1, 'p', 's', 'feedback', '%s',"
                 " 'words', lpad(i::text, 32, '0')::uuid, lpad('7', 32, '0')::uuid, '%s'"
                 " FROM g, generate_series(1, %d) i", code, until, region, product, country, n);
        MUST(pg_run(c, sql, &err));
}

static void readers__see_their_surface_and_what_the_law_lets_them(void **state)
{
        (void)state;
        static const struct migrate_reader readers[] = {
                { "tributary_test_voice_de", "DE", 0, NULL }, { "tributary_test_count_de", "DE", 1, NULL },
                { "tributary_test_voice_us", "US", 0, NULL },
        };
        struct migrate_spec spec = house_spec(conninfo);
        spec.readers = readers;
        spec.n_readers = 3;
        MUST(warehouse_migrate(&spec, false, NULL, &err));
        assert_int_equal(findings_of(&spec), 0);
        struct pg *c = house_connect(conninfo);
        put_feedback(c, "de-frankfurt", "a", 6, "DE", "EEA", "infinity");
        put_feedback(c, "de-frankfurt", "b", 2, "FR", "EEA", "infinity");
        put_feedback(c, "jp-tokyo", "c", 7, "JP", "US", "infinity");
        put_feedback(c, "jp-tokyo", "d", 9, "JP", "DE", "2020-01-01");
        MUST(pg_run(c, "INSERT INTO tributary.crowd VALUES ('de-frankfurt', 'DE', 6), ('de-frankfurt', 'FR', 2)",
                    &err));

        MUST(pg_run(c, "SET ROLE tributary_test_voice_de", &err));
        assert_string_equal(house_ask(c, "SELECT product || count(*) FROM community.voice_feedback"
                                         " GROUP BY product ORDER BY 1"), "a6,b2");
        assert_string_equal(house_ask(c, "SELECT DISTINCT country FROM community.voice_feedback ORDER BY 1"),
                            "DE,");
        assert_string_equal(house_ask(c, "SELECT DISTINCT speaker FROM community.voice_feedback"
                                         " WHERE product = 'b' ORDER BY 1"), "speaker 1,speaker 2");
        struct err denied = ERR_INIT;
        assert_false(pg_run(c, "SELECT * FROM community.record", &denied));
        assert_int_equal(denied.kind, ERR_DENIED);
        assert_false(pg_run(c, "SELECT * FROM community.record_de_frankfurt", &denied));
        assert_false(pg_run(c, "SELECT * FROM community.count_daily", &denied));
        assert_false(pg_run(c, "SELECT * FROM tributary.reader", &denied));

        MUST(pg_run(c, "RESET ROLE; SET ROLE tributary_test_voice_us", &err));
        assert_string_equal(house_ask(c, "SELECT DISTINCT product FROM community.voice_feedback"), "c");

        MUST(pg_run(c, "RESET ROLE; SET ROLE tributary_test_count_de", &err));
        assert_string_equal(house_ask(c, "SELECT product || ' ' || records || ' ' || people"
                                         " FROM community.count_daily ORDER BY 1"), "a 6 6");
        assert_false(pg_run(c, "SELECT * FROM community.voice_feedback", &denied));

        /* A role of nobody, though granted the surface, sees nothing. */
        MUST(pg_run(c, "RESET ROLE; SET ROLE community_voice", &err));
        assert_string_equal(house_ask(c, "SELECT count(*) FROM community.voice_feedback"), "0");
        pg_close(c);

        spec.n_readers = 1;
        MUST(warehouse_migrate(&spec, false, NULL, &err));
        c = house_connect(conninfo);
        MUST(pg_run(c, "SET ROLE tributary_test_voice_us", &err));
        assert_false(pg_run(c, "SELECT count(*) FROM community.voice_feedback", &denied));
        assert_int_equal(denied.kind, ERR_DENIED);
        pg_close(c);
        assert_int_equal(findings_of(&spec), 0);
}

/* now() would stand still in the transaction, and the reader read on. */
static void a_basis__ends_also_within_an_open_transaction(void **state)
{
        (void)state;
        static const struct migrate_reader reader = { "tributary_test_voice_de", "DE", 0, NULL };
        struct migrate_spec spec = house_spec(conninfo);
        spec.readers = &reader;
        spec.n_readers = 1;
        MUST(warehouse_migrate(&spec, false, NULL, &err));
        struct pg *c = house_connect(conninfo);
        put_feedback(c, "de-frankfurt", "a", 3, "DE", "DE", "2999-01-01");
        put_feedback(c, "de-frankfurt", "b", 2, "DE", "EEA", "infinity");
        MUST(pg_run(c, "UPDATE tributary.reading SET until = ARRAY[clock_timestamp() + interval '1 s']"
                       " WHERE codes = ARRAY['DE']", &err));
        MUST(pg_run(c, "SET ROLE tributary_test_voice_de; BEGIN ISOLATION LEVEL REPEATABLE READ", &err));
        assert_string_equal(house_ask(c, "SELECT count(*) FROM community.voice_feedback"), "5");
        MUST(pg_run(c, "SELECT pg_sleep_until(now() + interval '1.2 s')", &err));
        assert_string_equal(house_ask(c, "SELECT DISTINCT product FROM community.voice_feedback"), "b");
        pg_close(c);
}

static size_t reader_rows(struct pg *c, const char *role)
{
        char sql[256];
        snprintf(sql, sizeof sql, "SELECT (SELECT count(*) FROM tributary.reader WHERE role = '%s') + (SELECT count(*)"
                                  " FROM pg_auth_members m WHERE m.member = '%s'::regrole AND m.roleid IN"
                                  " ('community_voice'::regrole, 'community_count'::regrole))", role, role);
        return (size_t)atoi(house_ask(c, sql));
}

/* What row security does not hold for, or what may become such a role, is no reader. */
static void migrate__refuses_a_reader_who_would_see_everything(void **state)
{
        (void)state;
        static const struct {
                const char *make, *told;
        } dangers[] = {
                { "ALTER ROLE tributary_danger SUPERUSER", "it is a superuser" },
                { "ALTER ROLE tributary_danger BYPASSRLS", "it bypasses row security" },
                { "ALTER ROLE tributary_danger CREATEROLE", "it may give itself any role" },
                { "ALTER ROLE tributary_danger REPLICATION", "it may copy the whole cluster" },
                { "GRANT pg_read_all_data TO tributary_danger", "\"pg_read_all_data\", which reads everything" },
                { "GRANT postgres TO tributary_danger", "\"postgres\", which is a superuser" },
                { "ALTER ROLE tributary_danger NOINHERIT; GRANT tributary_middle TO tributary_danger;"
                  " GRANT community_count TO tributary_middle", "which has the other surface" },
                { "GRANT tributary_danger_us TO tributary_danger", "\"tributary_danger_us\", which is another reader" },
                { "GRANT SELECT (body) ON community.record TO tributary_danger", "has rights in the warehouse of its own" },
                { "CREATE TABLE community.mine (); ALTER TABLE community.mine OWNER TO tributary_danger",
                  "owns the warehouse or a part of it" },
                { "GRANT community_views TO tributary_danger", "\"community_views\", which owns the warehouse" },
        };
        static const struct migrate_reader readers[] = {
                { "tributary_danger_us", "US", 0, NULL }, { "tributary_danger", "DE", 0, "hub.cfg:14" },
        };
        struct migrate_spec spec = house_spec(conninfo);
        struct pg *c = house_connect(conninfo);
        spec.readers = readers;
        spec.n_readers = 2;
        for (size_t i = 0; i < sizeof dangers / sizeof *dangers; i++) {
                struct err why = ERR_INIT;
                spec.n_readers = 1;
                MUST(warehouse_migrate(&spec, false, NULL, &err));
                MUST(pg_run(c, "CREATE ROLE tributary_danger LOGIN; CREATE ROLE tributary_middle", &err));
                MUST(pg_run(c, dangers[i].make, &err));
                spec.n_readers = 2;
                spec.dry_run = true;
                if (warehouse_migrate(&spec, false, NULL, &why))
                        fail_msg("a dry run lets pass: %s", dangers[i].make);
                spec.dry_run = false;
                struct buf told;
                buf_init(&told, 65536);
                assert_false(warehouse_migrate(&spec, false, &told, &why));
                assert_false(told.n && strstr(told.p, "let tributary_danger read")); /* it was not */
                buf_clear(&told);
                assert_int_equal(why.kind, ERR_CONFIG);
                if (!strstr(why.text, dangers[i].told) || !strstr(why.text, "hub.cfg:14: role \"tributary_danger\""))
                        fail_msg("%s: %s", dangers[i].make, why.text);
                assert_int_equal(reader_rows(c, "tributary_danger"), 0);
                MUST(pg_run(c, "DROP OWNED BY tributary_danger; DROP ROLE tributary_danger; DROP ROLE tributary_middle", &err));
        }
        /* And what it was given since is found. */
        MUST(warehouse_migrate(&spec, false, NULL, &err));
        assert_int_equal(findings_of(&spec), 0);
        MUST(pg_run(c, "ALTER ROLE tributary_danger BYPASSRLS; GRANT SELECT ON community.record TO PUBLIC;"
                       "CREATE POLICY all_of_it ON community.record USING (true)", &err));
        assert_int_equal(findings_of(&spec), 3);
        MUST(pg_run(c, "DROP POLICY all_of_it ON community.record; ALTER POLICY readers ON community.record TO PUBLIC",
                    &err));
        assert_int_equal(findings_of(&spec), 3);
        MUST(pg_run(c, "DROP OWNED BY tributary_danger; DROP ROLE tributary_danger", &err));
        pg_close(c);
}

static void migrate__follows_a_reader_who_moves(void **state)
{
        (void)state;
        struct migrate_reader reader = { "tributary_test_moves", "DE", 0, NULL };
        struct migrate_spec spec = house_spec(conninfo);
        struct pg *c = house_connect(conninfo);
        spec.readers = &reader;
        spec.n_readers = 1;
        MUST(warehouse_migrate(&spec, false, NULL, &err));
        put_feedback(c, "de-frankfurt", "a", 6, "DE", "EEA", "infinity");
        put_feedback(c, "jp-tokyo", "b", 7, "JP", "US", "infinity");
        static const struct migrate_reader more[] = { { "tributary_test_moves", "DE", 0, NULL },
                                                      { "tributary_test_newcomer", "FR", 1, NULL } };
        struct buf out;
        buf_init(&out, 65536);
        spec.readers = more;
        spec.n_readers = 2;
        spec.dry_run = true;
        MUST(warehouse_migrate(&spec, false, &out, &err));
        assert_string_equal(out.p, "would make role tributary_test_newcomer\n"
                                   "would let tributary_test_newcomer read count from FR\n");
        buf_clear(&out);
        spec.dry_run = false;
        spec.readers = &reader;
        spec.n_readers = 1;
        reader.country = "US-CA";
        assert_int_equal(findings_of(&spec), 1);
        MUST(warehouse_migrate(&spec, false, NULL, &err));
        MUST(pg_run(c, "SET ROLE tributary_test_moves", &err));
        assert_string_equal(house_ask(c, "SELECT DISTINCT product FROM community.voice_feedback"), "b");
        reader.surface = 1;
        MUST(warehouse_migrate(&spec, false, NULL, &err));
        assert_string_equal(house_ask(c, "SELECT product || records FROM community.count_daily"), "b7");
        struct err denied = ERR_INIT;
        assert_false(pg_run(c, "SELECT * FROM community.voice_feedback", &denied));
        /* By hand somebody gave it the other surface too. */
        MUST(pg_run(c, "RESET ROLE; GRANT community_voice TO tributary_test_moves", &err));
        assert_true(findings_of(&spec) > 0);
        MUST(warehouse_migrate(&spec, false, NULL, &err));
        assert_int_equal(findings_of(&spec), 0);
        pg_close(c);
}

static void migrate__takes_a_hostile_name_for_a_name(void **state)
{
        (void)state;
        static const struct migrate_reader reader = { "x\"; DROP SCHEMA community CASCADE; --'", "DE", 0, NULL };
        struct migrate_spec spec = house_spec(conninfo);
        spec.readers = &reader;
        spec.n_readers = 1;
        MUST(warehouse_migrate(&spec, false, NULL, &err));
        assert_int_equal(findings_of(&spec), 0);
        spec.n_readers = 0;
        MUST(warehouse_migrate(&spec, false, NULL, &err));
        assert_int_equal(findings_of(&spec), 0);
        struct pg *c = house_connect(conninfo);
        MUST(pg_run(c, "DROP OWNED BY \"x\"\"; DROP SCHEMA community CASCADE; --'\";"
                       "DROP ROLE \"x\"\"; DROP SCHEMA community CASCADE; --'\"", &err));
        pg_close(c);
}

#define HEARD(when)                                                                                                  \
        "INSERT INTO tributary.region_status (region, epoch, seq, appended_at, said_at, since, release, policy_version,"   \
        " policy_open, policy_stale, hello_every, backlog, in_flight, lag, gaps, held, stayed, rejected, damaged,"         \
        " vault_bytes, vault_max_bytes, troubles, sources, downtimes, said) VALUES ('de-frankfurt', 1, 1, " when ", " when \
        ", " when ", '1', 1, true, false, '30 s', 0, 0, '0 s', 0, 0, 0, 0, 0, 0, 0, '{}', '[]', '[]', '{}')"

/* Readers learn that a day is complete, not how many of it waited or stayed; a view on which another
 * stands may change its text. A region that was not heard since may know of more. */
static void completeness__is_told_to_readers_without_counts(void **state)
{
        (void)state;
        static const struct migrate_reader readers[] = { { "tributary_test_voice_de", "DE", 0, NULL },
                                                         { "tributary_test_count_de", "DE", 1, NULL } };
        struct migrate_spec spec = house_spec(conninfo);
        struct pg *c = house_connect(conninfo);
        struct err denied = ERR_INIT;
        spec.readers = readers;
        spec.n_readers = 2;
        MUST(warehouse_migrate(&spec, false, NULL, &err));
        MUST(pg_run(c, "INSERT INTO tributary.account SELECT r, 'app', h, n, n, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, now()"
                       " FROM (VALUES ('de-frankfurt', '2026-11-20T10:00Z'::timestamptz, 9),"
                       " ('de-frankfurt', '2026-11-21T10:00Z', 4), ('jp-tokyo', '2026-11-20T10:00Z', 5)) v (r, h, n);"
                       "INSERT INTO tributary.tally VALUES ('de-frankfurt', 'app', '2026-11-20T10:00Z', 9, 0, 0, 0, 0, 0, now());"
                       "INSERT INTO tributary.progress (topic, partition, region, appended_at) VALUES"
                       " ('tributary.records.de-frankfurt', 0, 'de-frankfurt', now() + interval '1 minute')", &err));
        static const char day[] = "SELECT complete FROM community.completeness WHERE region = 'de-frankfurt'";
        MUST(pg_run(c, "SET ROLE tributary_test_voice_de", &err));
        assert_string_equal(house_ask(c, day), "f");
        MUST(pg_run(c, "RESET ROLE; " HEARD("'2026-11-20T23:59Z'"), &err));
        MUST(pg_run(c, "SET ROLE tributary_test_voice_de", &err));
        assert_string_equal(house_ask(c, day), "f");
        MUST(pg_run(c, "RESET ROLE; UPDATE tributary.region_status SET said_at = '2026-11-21T00:00Z'", &err));
        for (int i = 0; i < 2; i++) {
                MUST(pg_run(c, i ? "RESET ROLE; SET ROLE tributary_test_count_de" : "SET ROLE tributary_test_voice_de",
                            &err));
                assert_string_equal(house_ask(c, "SELECT region || ' ' || day || ' ' || complete FROM community.completeness"
                                                 " ORDER BY 1"), "de-frankfurt 2026-11-20 true,jp-tokyo 2026-11-20 false");
                assert_false(pg_run(c, "TABLE tributary.completeness", &denied));
        }
        MUST(pg_run(c, "RESET ROLE; UPDATE tributary.migration SET digest = 'older' WHERE name ="
                       " 'tributary.completeness'", &err));
        assert_int_equal(findings_of(&spec), 1);
        MUST(warehouse_migrate(&spec, false, NULL, &err));
        assert_int_equal(findings_of(&spec), 0);
        MUST(pg_run(c, "SET ROLE tributary_test_voice_de; TABLE community.completeness", &err));
        pg_close(c);
}

/* A table that a later release adds is the loader's too, without a new role. */
static void migrate__grants_again_what_is_missing(void **state)
{
        (void)state;
        static const struct migrate_reader reader = { "tributary_test_voice_de", "DE", 0, NULL };
        struct migrate_spec spec = house_spec(conninfo);
        struct pg *c = house_connect(conninfo);
        MUST(pg_run(c, "DO $$ BEGIN CREATE ROLE tributary_test_loader LOGIN; EXCEPTION WHEN duplicate_object"
                       " THEN NULL; END $$", &err));
        spec.loader_role = "tributary_test_loader";
        spec.readers = &reader;
        spec.n_readers = 1;
        MUST(warehouse_migrate(&spec, false, NULL, &err));
        MUST(pg_run(c, "REVOKE ALL ON tributary.chore FROM tributary_test_loader;"
                       "REVOKE ALL ON community.voice_feedback FROM community_voice", &err));
        assert_int_equal(findings_of(&spec), 1);
        MUST(warehouse_migrate(&spec, false, NULL, &err));
        assert_int_equal(findings_of(&spec), 0);
        MUST(pg_run(c, "SET ROLE tributary_test_loader; DELETE FROM tributary.chore; SET ROLE tributary_test_voice_de;"
                       "SELECT * FROM community.voice_feedback", &err));
        pg_close(c);
}

static void count_daily__merges_small_groups_and_hides_smaller_ones(void **state)
{
        (void)state;
        static const struct migrate_reader reader = { "tributary_test_count_de", "DE", 1, NULL };
        struct migrate_spec spec = house_spec(conninfo);
        spec.readers = &reader;
        spec.n_readers = 1;
        MUST(warehouse_migrate(&spec, false, NULL, &err));
        struct pg *c = house_connect(conninfo);
        put_feedback(c, "de-frankfurt", "a", 3, "DE", "EEA", "infinity");
        put_feedback(c, "de-frankfurt", "b", 4, "DE", "EEA", "infinity");
        MUST(pg_run(c, "SET ROLE tributary_test_count_de", &err));
        assert_string_equal(house_ask(c, "SELECT count(*) FROM community.count_daily"), "0");
        MUST(pg_run(c, "RESET ROLE", &err));
        put_feedback(c, "de-frankfurt", "c", 4, "DE", "EEA", "infinity");
        MUST(pg_run(c, "UPDATE community.record SET subject = gen_random_uuid() WHERE product = 'c'", &err));
        MUST(pg_run(c, "SET ROLE tributary_test_count_de", &err));
        assert_string_equal(house_ask(c, "SELECT product || ' ' || records || ' ' || people"
                                         " FROM community.count_daily"), "(others) 11 8");
        pg_close(c);
}

static void migrate__refuses_a_reader_with_both_surfaces(void **state)
{
        (void)state;
        static const struct migrate_reader readers[] = { { "r", "DE", 0, NULL }, { "r", "DE", 1, NULL } };
        struct migrate_spec spec = house_spec(conninfo);
        struct err err = ERR_INIT;
        spec.readers = readers;
        spec.n_readers = 2;
        assert_false(warehouse_migrate(&spec, false, NULL, &err));
        assert_int_equal(err.kind, ERR_CONFIG);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(migrate__makes_all_from_empty_and_then_nothing_more, fresh, drop),
                cmocka_unit_test_setup_teardown(a_warehouse_of_a_newer_release__is_not_touched, fresh, drop),
                cmocka_unit_test_setup_teardown(a_warehouse_of_the_first_release__gets_what_came_since, fresh, drop),
                cmocka_unit_test_setup_teardown(migrate__is_safe_twice_at_once, fresh, drop),
                cmocka_unit_test_setup_teardown(migrate__adds_a_region_that_came_later, fresh, drop),
                cmocka_unit_test_setup_teardown(migrate__grants_another_role_what_loading_needs, fresh, drop),
                cmocka_unit_test_setup_teardown(readers__see_their_surface_and_what_the_law_lets_them, fresh, drop),
                cmocka_unit_test_setup_teardown(count_daily__merges_small_groups_and_hides_smaller_ones, fresh, drop),
                cmocka_unit_test_setup_teardown(migrate__refuses_a_reader_with_both_surfaces, fresh, drop),
                cmocka_unit_test_setup_teardown(a_basis__ends_also_within_an_open_transaction, fresh, drop),
                cmocka_unit_test_setup_teardown(migrate__refuses_a_reader_who_would_see_everything, fresh, drop),
                cmocka_unit_test_setup_teardown(migrate__follows_a_reader_who_moves, fresh, drop),
                cmocka_unit_test_setup_teardown(migrate__takes_a_hostile_name_for_a_name, fresh, drop),
                cmocka_unit_test_setup_teardown(migrate__grants_again_what_is_missing, fresh, drop),
                cmocka_unit_test_setup_teardown(completeness__is_told_to_readers_without_counts, fresh, drop),
        };
        return cmocka_run_group_tests(tests, house_start, house_stop);
}
