/* What regions say of themselves: kept in its newest form, and seen at one look. */
#include "wire.h"

#include "base/clock.h"
#include "warehouse/overview.h"

static struct message said(uint64_t epoch, uint64_t seq, struct standing *s, uint64_t backlog)
{
        struct message m = { .type = MESSAGE_HELLO, .region = SLICE("jp-tokyo"), .at = { epoch, seq } };
        *s = (struct standing){ .release = "0.1.0", .policy = "jp", .policy_version = 4, .open = true,
                                .since_us = INT64_C(1763859600000000), .hello_every_s = 30,
                                .backlog = backlog, .held = 5, .vault_bytes = 7, .vault_max_bytes = 9,
                                .lag_s = 61, .full_in_s = 32400, .troubles = 1u << TROUBLE_DAMAGED,
                                .n_sources = 1, .n_downtimes = 1 };
        s->sources[0] = (struct standing_source){ "forum", "api", INT64_C(1763859600000000) };
        s->downtimes[0] = (struct downtime){ INT64_C(1763859600000000), INT64_C(1763859660000000),
                                             DOWNTIME_STOPPED, FILLED_NO };
        m.hello.id[0] = (uint8_t)backlog;
        m.hello.start = (uint32_t)epoch;
        m.hello.now_us = INT64_C(1763859700000000);
        m.hello.status = s;
        return m;
}

static void status__of_a_region_is_kept_column_by_column(void **state)
{
        (void)state;
        struct standing s;
        hands_one(&hands, said(1, 2, &s, 3));
        assert_string_equal(ask("SELECT concat_ws('|', region, epoch, seq, said_at, since, release, policy,"
                                " policy_version, policy_open, policy_stale, hello_every, backlog, in_flight, lag,"
                                " gaps, held, stayed, rejected, damaged, vault_bytes, vault_max_bytes, full_in,"
                                " coalesce(basis_ends::text, '-'), troubles) FROM tributary.region_status"),
                            "jp-tokyo|1|2|2025-11-23 01:01:40+00|2025-11-23 01:00:00+00|0.1.0|jp|4|t|f|00:00:30|3|0|"
                            "00:01:01|0|5|0|0|0|7|9|09:00:00|-|{damaged}");
        assert_string_equal(ask("SELECT (sources->0->>'name') || ' ' || (downtimes->0->>'filled')"
                                " FROM tributary.region_status"), "forum no");
        s.full_in_s = -1;
        s.policy[0] = 0;
        struct message m = said(1, 3, &s, 4);
        s.full_in_s = -1;
        s.policy[0] = 0;
        s.hello_every_s = INT64_MAX;
        hands_one(&hands, m);
        assert_string_equal(ask("SELECT concat_ws('|', seq, coalesce(full_in::text, '-'), coalesce(policy, '-'),"
                                " extract(days FROM justify_days(hello_every)) >= 0) FROM tributary.region_status"),
                            "3|-|-|t");
        assert_string_equal(ask("SELECT count(*) FROM tributary.rejected"), "0");
}

static void status__an_older_one_never_replaces_a_newer(void **state)
{
        (void)state;
        static const struct {
                uint64_t epoch, seq;
        } at[] = { { 1, 5 }, { 1, 9 }, { 2, 1 }, { (uint64_t)1 << 32, 1 } };
        for (int from = 0; from < 4; from++) {
                struct standing s;
                MUST(pg_run(hands.store.c, "TRUNCATE tributary.region_status", &err));
                for (int i = 0; i < 4; i++) {
                        int k = (from + i * 3) % 4;
                        hands_one(&hands, said(at[k].epoch, at[k].seq, &s, 10 + (uint64_t)k));
                }
                assert_string_equal(ask("SELECT backlog FROM tributary.region_status"), "13");
        }
        struct message old = { .type = MESSAGE_HELLO, .region = SLICE("jp-tokyo"), .at = { (uint64_t)9 << 32, 1 } };
        old.hello.generation = 9;
        hands_one(&hands, old); /* an agent of the first release says nothing */
        assert_string_equal(ask("SELECT backlog FROM tributary.region_status"), "13");
}

static struct overview look(void)
{
        struct overview o;
        struct err failed = ERR_INIT;
        if (!overview_read(&o, conninfo, NULL, &failed))
                fail_msg("%s", failed.text);
        return o;
}

static void overview__has_a_row_for_whoever_was_heard(void **state)
{
        (void)state;
        struct standing s;
        struct overview o = look();
        assert_int_equal(o.n, 1); /* jp-tokyo's partition was taken; nothing came yet */
        assert_int_equal(o.regions[0].heard_us, 0);
        assert_false(o.regions[0].has_standing);
        overview_clear(&o);
        hands_one(&hands, said(1, 2, &s, 3));
        MUST(pg_run(hands.store.c, "INSERT INTO tributary.region VALUES ('de-frankfurt', 0, 1, NULL, now())", &err));
        o = look();
        assert_int_equal(o.n, 2);
        assert_string_equal(o.regions[0].region, "de-frankfurt");
        assert_false(o.regions[0].has_standing);
        assert_true(o.regions[0].heard_us > 0);
        assert_string_equal(o.regions[1].region, "jp-tokyo");
        assert_true(o.regions[1].has_standing);
        assert_memory_equal(&o.regions[1].standing, &s, sizeof s);
        assert_int_equal(o.loaders, 1);
        assert_int_equal(o.partitions, 1);
        assert_int_equal(o.orphans, 0);
        overview_clear(&o);
        MUST(progress_release(&hands.store, &hands.part, &err));
        o = look();
        assert_int_equal(o.loaders, 0);
        assert_int_equal(o.orphans, 1);
        overview_clear(&o);
}

static void overview__adds_up_the_last_day_alone(void **state)
{
        (void)state;
        MUST(pg_run(hands.store.c,
                    "INSERT INTO tributary.account SELECT 'jp-tokyo', 'forum', date_trunc('hour', now()) - h *"
                    " interval '1 hour', 10, 7, 0, 2, 1, 0, 0, 0, 0, 0, 1, 1, 1, now() FROM generate_series(0, 47) h;"
                    "INSERT INTO tributary.tally SELECT region, source, hour, 5, 1, 0, 0, 0, 0, now()"
                    " FROM tributary.account", &err));
        struct overview o = look();
        const struct overview_region *r = &o.regions[0];
        assert_int_equal(o.n, 1);
        assert_int_equal(r->captured, 240);
        assert_int_equal(r->here, 144);
        assert_int_equal(r->held, 48);
        assert_int_equal(r->stayed, 24);
        assert_int_equal(r->in_flight + r->missing, 24);
        overview_clear(&o);
}

static void overview__lets_no_surplus_hide_what_is_missing(void **state)
{
        (void)state;
        MUST(pg_run(hands.store.c,
                    "INSERT INTO tributary.account SELECT 'jp-tokyo', 'forum', date_trunc('hour', now()) - h *"
                    " interval '1 hour', 10 + 2 * h, 7, 0, 2, 1, 0, 0, 0, 0, 0, 1, 1, 1, now() FROM generate_series(0, 1) h;"
                    "INSERT INTO tributary.tally SELECT region, source, hour, CASE captured WHEN 10 THEN 9 ELSE 7 END,"
                    " 0, 0, 0, 0, 0, now() FROM tributary.account", &err));
        struct overview o = look();
        assert_int_equal(o.regions[0].missing, 2);
        assert_int_equal(o.regions[0].surplus, 2);
        overview_clear(&o);
}

static void overview__tells_what_is_missing_in_the_warehouse(void **state)
{
        (void)state;
        struct overview o;
        struct err failed = ERR_INIT;
        MUST(pg_run(hands.store.c, "DROP TABLE tributary.region_status CASCADE", &err));
        assert_false(overview_read(&o, conninfo, NULL, &failed));
        assert_int_equal(failed.kind, ERR_CONFIG);
        assert_non_null(strstr(failed.hint, "warehouse migrate"));
        overview_clear(&o);
        assert_false(overview_read(&o, "host=/nowhere dbname=x", NULL, &failed));
        assert_int_equal(failed.kind, ERR_RETRY);
}

/* As the first release left it, with rows and a loader. */
static void migrate__takes_a_warehouse_of_the_first_release_along(void **state)
{
        (void)state;
        struct migrate_spec spec = house_spec(conninfo);
        struct standing s;
        struct store store;
        struct err failed = ERR_INIT;
        char as_loader[640];
        MUST(pg_run(hands.store.c, "DO $$ BEGIN CREATE ROLE tributary_test_loader LOGIN; EXCEPTION WHEN"
                                   " duplicate_object THEN NULL; END $$", &err));
        spec.loader_role = "tributary_test_loader";
        MUST(warehouse_migrate(&spec, false, NULL, &err));
        hands_one(&hands, wire_record(1, 1, 1, 0, "words"));
        hands_close(&hands);
        struct pg *c = house_connect(conninfo);
        MUST(pg_run(c, "DROP TABLE tributary.region_status CASCADE;"
                       "DELETE FROM tributary.migration WHERE name LIKE '002%'", &err));
        snprintf(as_loader, sizeof as_loader, "%s options='-c role=tributary_test_loader'", conninfo);
        assert_false(store_open(&store, as_loader, NULL, "test", &failed));
        assert_int_equal(failed.kind, ERR_CONFIG);
        assert_non_null(strstr(failed.hint, "warehouse migrate"));
        struct report *report = report_new();
        MUST(warehouse_check(&spec, report, &err));
        assert_true(report_count(report, REPORT_ERROR) > 0);
        report_free(report);
        spec.loader_role = NULL; /* whoever migrates need not remember who loads */
        MUST(warehouse_migrate(&spec, false, NULL, &err));
        MUST(warehouse_migrate(&spec, false, NULL, &err));
        report = report_new();
        MUST(warehouse_check(&spec, report, &err));
        assert_int_equal(report_count(report, REPORT_ERROR), 0);
        report_free(report);
        hands_open(&hands, as_loader);
        hands_one(&hands, said(1, 2, &s, 3));
        assert_string_equal(house_ask(c, "SELECT title FROM community.record"), "words");
        assert_string_equal(house_ask(c, "SELECT backlog FROM tributary.region_status"), "3");
        pg_close(c);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
int main(void)
{
        const struct CMUnitTest tests[] = {
                T(status__of_a_region_is_kept_column_by_column),
                T(status__an_older_one_never_replaces_a_newer),
                T(overview__has_a_row_for_whoever_was_heard),
                T(overview__adds_up_the_last_day_alone),
                T(overview__lets_no_surplus_hide_what_is_missing),
                T(overview__tells_what_is_missing_in_the_warehouse),
                T(migrate__takes_a_warehouse_of_the_first_release_along),
        };
        return cmocka_run_group_tests(tests, house_start, house_stop);
}
