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

static void *migrate_in_thread(void *arg)
{
        struct migrate_spec spec = house_spec(arg);
        static const struct migrate_reader reader = { "reader_twice", "DE", 0 };
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
                { "tributary_test_voice_de", "DE", 0 }, { "tributary_test_count_de", "DE", 1 },
                { "tributary_test_voice_us", "US", 0 },
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
        assert_string_equal(house_ask(c, "SELECT count(*) FROM community.voice_feedback"), "0");
        pg_close(c);
}

static void count_daily__merges_small_groups_and_hides_smaller_ones(void **state)
{
        (void)state;
        static const struct migrate_reader reader = { "tributary_test_count_de", "DE", 1 };
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
        static const struct migrate_reader readers[] = { { "r", "DE", 0 }, { "r", "DE", 1 } };
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
                cmocka_unit_test_setup_teardown(migrate__is_safe_twice_at_once, fresh, drop),
                cmocka_unit_test_setup_teardown(migrate__adds_a_region_that_came_later, fresh, drop),
                cmocka_unit_test_setup_teardown(migrate__grants_another_role_what_loading_needs, fresh, drop),
                cmocka_unit_test_setup_teardown(readers__see_their_surface_and_what_the_law_lets_them, fresh, drop),
                cmocka_unit_test_setup_teardown(count_daily__merges_small_groups_and_hides_smaller_ones, fresh, drop),
                cmocka_unit_test_setup_teardown(migrate__refuses_a_reader_with_both_surfaces, fresh, drop),
        };
        return cmocka_run_group_tests(tests, house_start, house_stop);
}
