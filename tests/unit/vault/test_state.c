/* test_state.c - state.db: what the pump remembers over a restart. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/log.h"
#include "base/clock.h"
#include "link/db.h"
#include "vault/kept.h"

struct world {
        char dir[64];
        struct state *s;
        struct err err;
};

static int setup(void **state)
{
        struct world *w = calloc(1, sizeof *w);
        log_setup(LOG_LEVEL_ERROR, false);
        snprintf(w->dir, sizeof w->dir, "/tmp/tributary-state-XXXXXX");
        assert_non_null(mkdtemp(w->dir));
        assert_true(state_open(&w->s, w->dir, &w->err));
        *state = w;
        return 0;
}

static int teardown(void **state)
{
        struct world *w = *state;
        static const char *const names[] = { "state.db", "state.db-wal", "state.db-shm" };
        char path[128];
        state_close(w->s);
        for (size_t i = 0; i < 3; i++) {
                snprintf(path, sizeof path, "%s/%s", w->dir, names[i]);
                unlink(path);
        }
        rmdir(w->dir);
        free(w);
        return 0;
}

static void reopen(struct world *w)
{
        state_close(w->s);
        assert_true(state_open(&w->s, w->dir, &w->err));
}

static void add_sent(struct world *w, int32_t part, uint64_t first, uint64_t last, uint64_t seq)
{
        assert_true(state_add_sent(w->s, part, (struct position){ 1, first }, last,
                                   (struct position){ 1, seq }, last - first + 1, NULL, &w->err));
}

static void set_mark(struct world *w, int32_t part, uint64_t n)
{
        const struct state_transport t = { .partition = part, .heard = true, .mark = { 1, n } };
        assert_true(state_put_transport(w->s, &t, &w->err));
}

static uint64_t in_flight(struct world *w)
{
        uint64_t n = 77;
        assert_true(state_in_flight(w->s, &n, &w->err));
        return n;
}

static void state__keeps_named_values_over_a_restart(void **state)
{
        struct world *w = *state;
        struct position p = { 5, 6 };
        uint64_t n = 9;
        assert_true(state_get_position(w->s, STATE_CURSOR, &p, &w->err) && p.epoch == 5);
        assert_true(state_put_position(w->s, STATE_CURSOR, (struct position){ 1, 2 }, &w->err));
        assert_true(state_put_number(w->s, "serial", UINT64_C(1) << 40, &w->err));
        reopen(w);
        assert_true(state_get_position(w->s, STATE_CURSOR, &p, &w->err));
        assert_true(state_get_number(w->s, "serial", &n, &w->err));
        assert_true(p.epoch == 1 && p.seq == 2 && n == UINT64_C(1) << 40);
}

static void state__forgets_what_was_not_committed(void **state)
{
        struct world *w = *state;
        uint64_t n = 0;
        assert_true(state_begin(w->s, &w->err));
        assert_true(state_put_number(w->s, "serial", 7, &w->err));
        state_abort(w->s);
        assert_true(state_get_number(w->s, "serial", &n, &w->err));
        assert_int_equal(n, 0);
}

static void state__keeps_transport_rows(void **state)
{
        struct world *w = *state;
        struct state_transport t = { .partition = 3, .acked = { 1, 9 }, .resend = true,
                                     .resend_after = { 1, 4 }, .heard = true, .generation = 2,
                                     .mark = { 1, 8 } }, got[4];
        size_t n;
        memset(t.warehouse, 0xab, sizeof t.warehouse);
        assert_true(state_put_transport(w->s, &t, &w->err));
        t.acked.seq = 10;
        assert_true(state_put_transport(w->s, &t, &w->err));
        reopen(w);
        assert_true(state_transports(w->s, got, 4, &n, &w->err));
        assert_int_equal(n, 1);
        assert_int_equal(got[0].acked.seq, 10);
        assert_true(got[0].resend && got[0].heard && got[0].generation == 2);
        assert_memory_equal(got[0].warehouse, t.warehouse, 16);
        assert_int_equal(position_compare(got[0].mark, t.mark), 0);
}

static void state__finds_from_where_to_send_again(void **state)
{
        struct world *w = *state;
        struct position at = { 0, 0 };
        bool found;
        add_sent(w, 0, 1, 4096, 10);
        add_sent(w, 0, 4097, 8192, 5000);
        add_sent(w, 1, 1, 5, 3);
        assert_true(state_forget_sent(w->s, 0, (struct position){ 1, 8192 }, &found, &at, &w->err));
        assert_false(found);
        assert_true(state_forget_sent(w->s, 0, (struct position){ 1, 4096 }, &found, &at, &w->err));
        assert_true(found && at.seq == 5000);
        /* Forgotten is forgotten; what lies before the mark stays, also half a range. */
        assert_true(state_forget_sent(w->s, 0, (struct position){ 1, 100 }, &found, &at, &w->err));
        assert_true(found && at.seq == 10);
        assert_true(state_forget_sent(w->s, 0, (struct position){ 1, 100 }, &found, &at, &w->err));
        assert_false(found);
        assert_true(state_forget_sent(w->s, 1, (struct position){ 0, 0 }, &found, &at, &w->err));
        assert_true(found && at.seq == 3);
}

static void state__sends_all_again_from_an_older_epoch(void **state)
{
        struct world *w = *state;
        struct position at;
        bool found;
        add_sent(w, 0, 1, 50, 10);
        assert_true(state_add_sent(w->s, 0, (struct position){ 2, 1 }, 20, (struct position){ 1, 60 },
                                   20, NULL, &w->err));
        assert_true(state_forget_sent(w->s, 0, (struct position){ 1, 50 }, &found, &at, &w->err));
        assert_true(found && at.epoch == 1 && at.seq == 60);
}

static void state__joins_small_ranges_so_that_rows_stay_few(void **state)
{
        struct world *w = *state;
        struct position at;
        bool found;
        for (uint64_t i = 0; i < 10000; i++)
                add_sent(w, 0, i + 1, i + 1, i + 1);
        set_mark(w, 0, 9999);
        assert_int_equal(in_flight(w), 1);
        assert_true(state_forget_sent(w->s, 0, (struct position){ 1, 9000 }, &found, &at, &w->err));
        assert_true(found && at.seq <= 9001 && at.seq > 9001 - 4096);
}

static void state__counts_in_flight_by_the_watermark(void **state)
{
        struct world *w = *state;
        set_mark(w, 0, 0);
        set_mark(w, 1, 0);
        add_sent(w, 0, 1, 10, 1);
        add_sent(w, 1, 1, 5, 2);
        assert_int_equal(in_flight(w), 15);
        set_mark(w, 0, 4);
        assert_int_equal(in_flight(w), 11);
        set_mark(w, 0, 10);
        set_mark(w, 1, 99);
        assert_int_equal(in_flight(w), 0);
}

static bool count(const struct state_decision *d, void *ctx)
{
        (void)d;
        ++*(int *)ctx;
        return true;
}

static void state__remembers_by_which_line_an_entry_was_kept(void **state)
{
        struct world *w = *state;
        enum outcome o;
        int n = 0;
        struct state_decision d = { .at = { 1, 7 }, .outcome = OUTCOME_HELD, .source = SLICE("forum"),
                                    .file = SLICE("eea.cfg"), .line = 20, .rule = SLICE("health"),
                                    .because = SLICE("art. 9") };
        assert_true(state_outcome(w->s, d.at, &o, &w->err));
        assert_int_equal(o, OUTCOME_SENT);
        assert_true(state_put_decision(w->s, &d, &w->err));
        d.outcome = OUTCOME_STAYED;
        assert_true(state_put_decision(w->s, &d, &w->err));
        assert_true(state_outcome(w->s, d.at, &o, &w->err));
        assert_int_equal(o, OUTCOME_STAYED);
        assert_true(state_decisions(w->s, (struct position){ 0, 0 }, 10, count, &n, &w->err));
        assert_int_equal(n, 1);
        assert_true(state_drop_decision(w->s, d.at, &w->err));
        assert_true(state_outcome(w->s, d.at, &o, &w->err));
        assert_int_equal(o, OUTCOME_SENT);
}

static size_t reasons(struct world *w, struct state_reason out[4], struct arena *a)
{
        size_t n = 0;
        assert_true(state_reasons(w->s, out, 4, &n, a, &w->err));
        return n;
}

static void state__counts_by_line_what_was_kept(void **state)
{
        struct world *w = *state;
        struct arena *a = arena_new(1 << 16);
        struct state_reason r[4];
        struct state_decision d = { .outcome = OUTCOME_HELD, .source = SLICE("forum"), .file = SLICE("eea.cfg"),
                                    .line = 20, .rule = SLICE("health"), .because = SLICE("art. 9") };
        for (uint64_t seq = 1; seq <= 3; seq++) {
                d.at = (struct position){ 1, seq };
                assert_true(state_put_decision(w->s, &d, &w->err));
        }
        assert_true(state_put_decision(w->s, &d, &w->err)); /* the same again counts once */
        assert_int_equal(reasons(w, r, a), 1);
        assert_int_equal(r[0].entries, 3);
        assert_true(slice_is(r[0].because, "art. 9"));
        d.line = 21;
        assert_true(state_put_decision(w->s, &d, &w->err)); /* another line decides now */
        assert_int_equal(reasons(w, r, a), 2);
        assert_int_equal(r[0].entries, 2);
        assert_int_equal(r[1].line, 21);
        assert_true(state_drop_decision(w->s, d.at, &w->err));
        assert_int_equal(reasons(w, r, a), 1);
        arena_free(a);
}

static uint64_t moved;

static bool add_moved(const struct kept_moved *m, void *ctx, struct err *err)
{
        (void)ctx;
        (void)err;
        assert_int_equal(m->before, OUTCOME_HELD);
        moved += m->entries;
        return true;
}

static void state__lets_stay_what_was_held_too_long(void **state)
{
        struct world *w = *state;
        struct arena *a = arena_new(1 << 16);
        struct state_reason r[4];
        const struct state_decision by = { .file = SLICE("eea.cfg"), .line = 61, .rule = SLICE("keep"),
                                           .because = SLICE("art. 5"), .policy_version = 9 };
        bool more = false;
        enum outcome o;
        for (uint64_t seq = 1; seq <= 6; seq++) { /* two each in the hours 10, 11 and 12 */
                struct state_decision d = { .at = { 1, seq }, .outcome = seq == 1 ? OUTCOME_STAYED : OUTCOME_HELD, .source = SLICE("app"),
                                            .hour_us = (int64_t)(10 + (seq - 1) / 2) * US_PER_HOUR, .file = SLICE("eea.cfg"),
                                            .line = 20, .rule = SLICE("health"), .because = SLICE("art. 9") };
                assert_true(state_put_decision(w->s, &d, &w->err));
        }
        moved = 0;
        assert_true(kept_overdue(w->s, 12 * US_PER_HOUR - 1, &by, 10, add_moved, NULL, &more, &w->err));
        assert_int_equal(moved, 1); /* of the hour 10; that of 11 has not ended */
        assert_true(kept_overdue(w->s, 12 * US_PER_HOUR, &by, 1, add_moved, NULL, &more, &w->err));
        assert_true(more && moved == 2);
        assert_true(kept_overdue(w->s, 12 * US_PER_HOUR, &by, 10, add_moved, NULL, &more, &w->err));
        assert_true(!more && moved == 3);
        assert_true(kept_overdue(w->s, 12 * US_PER_HOUR, &by, 10, add_moved, NULL, &more, &w->err));
        assert_true(!more && moved == 3);
        for (uint64_t seq = 1; seq <= 6; seq++) {
                assert_true(state_outcome(w->s, (struct position){ 1, seq }, &o, &w->err));
                assert_int_equal(o, seq <= 4 ? OUTCOME_STAYED : OUTCOME_HELD);
        }
        assert_int_equal(reasons(w, r, a), 3);
        assert_true(slice_is(r[0].rule, "keep") && r[0].entries == 3 && r[0].line == 61);
        arena_free(a);
}

static void state__adds_up_the_account_and_tells_what_changed(void **state)
{
        struct world *w = *state;
        struct arena *a = arena_new(1 << 16);
        struct account_row rows[4];
        size_t n;
        uint64_t last;
        struct state_delta d = { .source = SLICE("forum"), .hour_us = 3600, .captured = 3,
                                 .by_outcome = { [OUTCOME_SENT] = 2, [OUTCOME_HELD] = 1 } };
        assert_true(state_add_account(w->s, &d, 1, &w->err));
        d = (struct state_delta){ .source = SLICE("github"), .hour_us = 3600, .captured = 1,
                                  .by_outcome = { [OUTCOME_STAYED] = 1 }, .refused = 4 };
        assert_true(state_add_account(w->s, &d, 1, &w->err));
        assert_true(state_account(w->s, 0, rows, 4, &n, &last, a, &w->err));
        assert_true(n == 2 && last == 1);
        /* One moves from held to sent. */
        d = (struct state_delta){ .source = SLICE("forum"), .hour_us = 3600,
                                  .by_outcome = { [OUTCOME_SENT] = 1, [OUTCOME_HELD] = -1 } };
        assert_true(state_add_account(w->s, &d, 2, &w->err));
        assert_true(state_account(w->s, 1, rows, 4, &n, &last, a, &w->err));
        assert_true(n == 1 && last == 2 && slice_is(rows[0].source, "forum"));
        assert_true(rows[0].captured == 3 && rows[0].sent == 3 && rows[0].held == 0);
        assert_true(state_account_sums(w->s, &rows[0], &w->err));
        assert_true(rows[0].captured == 4 && rows[0].sent == 3 && rows[0].stayed == 1 &&
                    rows[0].refused == 4);
        arena_free(a);
}

static void state__names_all_pseudonyms_of_a_subject(void **state)
{
        struct world *w = *state;
        uint8_t id[16] = { 1 }, got[4][16];
        size_t n;
        assert_true(state_issue(w->s, 5, 0, id, &w->err));
        assert_true(state_issue(w->s, 5, 0, id, &w->err));
        id[0] = 2;
        assert_true(state_issue(w->s, 5, 1, id, &w->err));
        assert_true(state_issue(w->s, 6, 0, id, &w->err));
        assert_true(state_issued(w->s, 5, got, 4, &n, &w->err));
        assert_int_equal(n, 2);
        assert_true(got[0][0] == 1 && got[1][0] == 2);
}

static void state__lists_erasures_in_order(void **state)
{
        struct world *w = *state;
        uint8_t request[16] = { 9 };
        struct position at;
        bool found;
        assert_true(state_put_erasure(w->s, (struct position){ 1, 8 }, request, &w->err));
        assert_true(state_put_erasure(w->s, (struct position){ 1, 3 }, request, &w->err));
        assert_true(state_erasure_done(w->s, request, &w->err));
        assert_true(state_next_erasure(w->s, (struct position){ 0, 0 }, &found, &at, &w->err));
        assert_true(found && at.seq == 3);
        assert_true(state_next_erasure(w->s, at, &found, &at, &w->err));
        assert_true(found && at.seq == 8);
        assert_true(state_next_erasure(w->s, at, &found, &at, &w->err));
        assert_false(found);
}

static void state__packs_an_erasure_and_refuses_what_is_none(void **state)
{
        struct world *w = *state;
        const uint8_t people[2][16] = { { 1 }, { 2 } }, keys[1][16] = { { 3 } };
        struct message_erase e = { .request = { 4 }, .subjects = people, .n_subjects = 2,
                                   .record_keys = keys, .n_record_keys = 1 }, got;
        struct buf b;
        buf_init(&b, 4096);
        erasure_pack(&e, &b);
        assert_true(erasure_unpack(&got, buf_slice(&b), &w->err));
        assert_true(got.n_subjects == 2 && got.n_record_keys == 1 && got.request[0] == 4);
        assert_true(got.subjects[1][0] == 2 && got.record_keys[0][0] == 3);
        for (size_t n = 0; n < b.n; n++)
                assert_false(erasure_unpack(&got, (struct slice){ b.p, n }, &w->err));
        buf_clear(&b);
}

static void state__counts_what_the_hub_rejected(void **state)
{
        struct world *w = *state;
        const struct receipt r = { .type = RECEIPT_REJECTED, .at = { 1, 4 }, .code = SLICE("field") };
        uint64_t n;
        assert_true(state_put_rejected(w->s, &r, &w->err));
        assert_true(state_rejected(w->s, &n, &w->err) && n == 1);
        assert_true(state_drop_rejected(w->s, r.at, &w->err));
        assert_true(state_rejected(w->s, &n, &w->err) && n == 0);
}

static void state__is_read_by_others_while_it_is_written(void **state)
{
        struct world *w = *state;
        struct state *reader;
        uint64_t n = 0;
        assert_true(state_put_number(w->s, "serial", 7, &w->err));
        assert_true(state_open_read_only(&reader, w->dir, &w->err));
        assert_true(state_begin(w->s, &w->err));
        assert_true(state_put_number(w->s, "serial", 8, &w->err));
        assert_true(state_get_number(reader, "serial", &n, &w->err) && n == 7);
        assert_true(state_commit(w->s, &w->err));
        assert_true(state_get_number(reader, "serial", &n, &w->err) && n == 8);
        assert_false(state_put_number(reader, "serial", 9, &w->err));
        state_close(reader);
}

/* ---- Other releases ---- */

/* What the first release made at each start, and what it remembered of some records. */
static const char first_release[] =
        "CREATE TABLE IF NOT EXISTS value (name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;"
        "CREATE TABLE IF NOT EXISTS sent (part INTEGER NOT NULL, epoch INTEGER NOT NULL, n_from INTEGER NOT NULL,"
        " n_to INTEGER NOT NULL, at_epoch INTEGER NOT NULL, at_seq INTEGER NOT NULL, records INTEGER NOT NULL,"
        " PRIMARY KEY (part, epoch, n_from)) WITHOUT ROWID;"
        "CREATE TABLE IF NOT EXISTS sent_piece (part INTEGER NOT NULL, epoch INTEGER NOT NULL, n_from INTEGER NOT NULL,"
        " source TEXT NOT NULL, hour INTEGER NOT NULL, records INTEGER NOT NULL, first_epoch INTEGER NOT NULL,"
        " first_seq INTEGER NOT NULL, last_epoch INTEGER NOT NULL, last_seq INTEGER NOT NULL, runs BLOB,"
        " PRIMARY KEY (part, epoch, n_from, source, hour)) WITHOUT ROWID;"
        "CREATE TABLE IF NOT EXISTS arrived (source TEXT NOT NULL, hour INTEGER NOT NULL, records INTEGER NOT NULL,"
        " PRIMARY KEY (source, hour)) WITHOUT ROWID;"
        "CREATE TABLE IF NOT EXISTS account (source TEXT NOT NULL, hour INTEGER NOT NULL, captured INTEGER NOT NULL,"
        " sent INTEGER NOT NULL, held INTEGER NOT NULL, stayed INTEGER NOT NULL, erased INTEGER NOT NULL,"
        " expired INTEGER NOT NULL, damaged INTEGER NOT NULL, retracted INTEGER NOT NULL, discarded INTEGER NOT NULL,"
        " refused INTEGER NOT NULL, changed INTEGER NOT NULL, PRIMARY KEY (source, hour)) WITHOUT ROWID;"
        "INSERT OR REPLACE INTO arrived SELECT source, hour, sent FROM account"
        " WHERE NOT EXISTS (SELECT 1 FROM value WHERE name = 'counted_from');"
        "INSERT OR IGNORE INTO value SELECT 'counted_from',"
        " coalesce((SELECT value FROM value WHERE name = 'cursor'), zeroblob(16));";
static const char its_records[] =
        "INSERT INTO value VALUES ('cursor', x'00000000000000010000000000000009'), ('serial', x'0000000000000003');"
        "INSERT INTO sent VALUES (0, 1, 1, 7, 1, 1, 7);"
        "INSERT INTO sent_piece VALUES (0, 1, 1, 'forum', 3600000000, 7, 1, 1, 1, 9, NULL);"
        "INSERT INTO arrived VALUES ('forum', 3600000000, 7);"
        "INSERT INTO account VALUES ('forum', 3600000000, 9, 7, 1, 1, 0, 0, 0, 0, 0, 0, 3)";

static struct db *by_hand(struct world *w)
{
        char path[128];
        struct db *d;
        state_close(w->s);
        w->s = NULL;
        snprintf(path, sizeof path, "%s/state.db", w->dir);
        assert_true(db_open(&d, path, NULL, &w->err));
        return d;
}

static void as_the_first_release_left_it(struct world *w)
{
        char path[128];
        state_close(w->s);
        w->s = NULL;
        snprintf(path, sizeof path, "%s/state.db", w->dir);
        assert_int_equal(unlink(path), 0);
        struct db *d = by_hand(w);
        assert_true(db_run(d, first_release, &w->err) && db_run(d, its_records, &w->err) && db_run(d, first_release, &w->err));
        db_close(d);
}

static void a_state_of_the_first_release__is_taken_over_whole(void **state)
{
        struct world *w = *state;
        struct position cursor = { 0, 0 }, from = { 9, 9 };
        struct account_row sums;
        uint64_t serial = 0;
        as_the_first_release_left_it(w);
        assert_true(state_check(w->dir, &w->err));
        assert_true(state_open(&w->s, w->dir, &w->err));
        assert_true(state_get_position(w->s, STATE_CURSOR, &cursor, &w->err) && cursor.epoch == 1 && cursor.seq == 9);
        assert_true(state_get_position(w->s, STATE_COUNTED_FROM, &from, &w->err) && from.epoch == 0 && from.seq == 0);
        assert_true(state_get_number(w->s, "serial", &serial, &w->err) && serial == 3);
        assert_true(state_account_sums(w->s, &sums, &w->err));
        assert_true(sums.captured == 9 && sums.sent == 7 && sums.held == 1 && sums.stayed == 1);
        reopen(w);
}

static void a_release_that_does_not_look__is_refused_and_told_why(void **state)
{
        struct world *w = *state;
        struct position from = { 9, 9 };
        as_the_first_release_left_it(w);
        reopen(w);
        struct db *d = by_hand(w);
        assert_false(db_run(d, first_release, &w->err));
        assert_non_null(strstr(w->err.text, "a newer release wrote this state"));
        db_close(d);
        w->err = (struct err)ERR_INIT;
        reopen(w);
        assert_true(state_get_position(w->s, STATE_COUNTED_FROM, &from, &w->err) && from.seq == 0);
}

static void a_state_of_a_newer_release__is_not_touched(void **state)
{
        struct world *w = *state;
        struct db *d = by_hand(w);
        assert_true(db_run(d, "PRAGMA user_version = 3; DROP TABLE rejected", &w->err));
        for (int i = 0; i < 3; i++) {
                w->err = (struct err)ERR_INIT;
                assert_false(i == 0 ? state_check(w->dir, &w->err) : i == 1 ? state_open(&w->s, w->dir, &w->err)
                                                                            : state_open_read_only(&w->s, w->dir, &w->err));
                assert_int_equal(w->err.kind, ERR_CONFIG);
                assert_non_null(strstr(w->err.text, "newer release: its format is 3, this one knows 2"));
                assert_non_null(strstr(w->err.hint, "Start the release that wrote it"));
                assert_null(w->s);
        }
        assert_true(db_run(d, "CREATE TABLE rejected (a); PRAGMA user_version = 2; DROP TABLE rejected", &w->err));
        db_close(d);
        assert_true(state_open(&w->s, w->dir, &w->err));
}

static void no_state_yet__is_no_newer_one(void **state)
{
        struct world *w = *state;
        assert_true(state_check("/nonexistent", &w->err));
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
int main(void)
{
        const struct CMUnitTest tests[] = {
                T(state__keeps_named_values_over_a_restart),
                T(state__forgets_what_was_not_committed),
                T(state__keeps_transport_rows),
                T(state__finds_from_where_to_send_again),
                T(state__sends_all_again_from_an_older_epoch),
                T(state__joins_small_ranges_so_that_rows_stay_few),
                T(state__counts_in_flight_by_the_watermark),
                T(state__remembers_by_which_line_an_entry_was_kept),
                T(state__counts_by_line_what_was_kept),
                T(state__lets_stay_what_was_held_too_long),
                T(state__adds_up_the_account_and_tells_what_changed),
                T(state__names_all_pseudonyms_of_a_subject),
                T(state__lists_erasures_in_order),
                T(state__packs_an_erasure_and_refuses_what_is_none),
                T(state__counts_what_the_hub_rejected),
                T(state__is_read_by_others_while_it_is_written),
                T(a_state_of_the_first_release__is_taken_over_whole),
                T(a_release_that_does_not_look__is_refused_and_told_why),
                T(a_state_of_a_newer_release__is_not_touched),
                T(no_state_yet__is_no_newer_one),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
