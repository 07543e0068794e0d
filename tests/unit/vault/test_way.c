/* Records on their way, per source and hour: exact whatever the watermark does, and a sum that fails. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/log.h"
#include "link/db.h"
#include "vault/state.h"

enum { PARTS = 2, ENTRIES = 14000, SOURCES = 3, HOURS = 3, KEYS = SOURCES * HOURS };
static const char *const names[SOURCES] = { "app", "forum", "sheet" };

struct entry { /* of the vault, at seq = its index + 1 */
        int part, key;
        uint64_t n;   /* it went out last under; 0: not yet */
        bool waits;   /* to be sent again */
        bool kept;    /* judged again, and at home since */
};

static struct world {
        char dir[64], path[96];
        struct state *s;
        struct arena *a;
        struct entry entries[ENTRIES];
        size_t read[PARTS]; /* entries looked at */
        uint64_t n[PARTS], mark[PARTS];
        unsigned seed;
} w;

#define MUST(call)                                                                             \
        do {                                                                                   \
                struct err err = ERR_INIT;                                                     \
                if (!(call))                                                                   \
                        fail_msg("%s: %s", #call, err.text);                                   \
        } while (0)

static unsigned roll(unsigned below)
{
        w.seed = w.seed * 1103515245u + 12345u;
        return (w.seed >> 8) % below;
}

static int setup(void **state)
{
        (void)state;
        memset(&w, 0, sizeof w);
        log_setup(LOG_LEVEL_ERROR, false);
        snprintf(w.dir, sizeof w.dir, "/tmp/tributary-way-XXXXXX");
        assert_non_null(mkdtemp(w.dir));
        snprintf(w.path, sizeof w.path, "%s/state.db", w.dir);
        MUST(state_open(&w.s, w.dir, &err));
        w.a = arena_new(32 << 20);
        w.seed = 7;
        for (size_t i = 0; i < ENTRIES; i++)
                w.entries[i] = (struct entry){ .part = (int)roll(PARTS), .key = (int)roll(KEYS) };
        return 0;
}

static int teardown(void **state)
{
        (void)state;
        static const char *const ends[] = { "", "-wal", "-shm" };
        char path[128];
        state_close(w.s);
        for (size_t i = 0; i < 3; i++) {
                snprintf(path, sizeof path, "%s%s", w.path, ends[i]);
                unlink(path);
        }
        rmdir(w.dir);
        arena_free(w.a);
        return 0;
}

static struct slice source_of(int key)
{
        return slice_of(names[key / HOURS]);
}

static int64_t hour_of_key(int key)
{
        return (1000 + key % HOURS) * US_PER_HOUR;
}

static void put_mark(int part)
{
        const struct state_transport t = { .partition = part, .heard = true, .mark = { 1, w.mark[part] } };
        MUST(state_put_transport(w.s, &t, &err));
}

/* ---- What a pump does --------------------------------------------------- */

struct gathered {
        struct state_piece pieces[KEYS];
        struct state_run runs[KEYS][600];
};

static void gather(struct gathered *g, size_t i)
{
        struct entry *e = &w.entries[i];
        struct state_piece *p = &g->pieces[e->key];
        const struct position at = { 1, i + 1 };
        if (!p->records++)
                *p = (struct state_piece){ source_of(e->key), hour_of_key(e->key), 1, at, at, g->runs[e->key], 0 };
        p->last = at;
        g->runs[e->key][p->n_runs++] = (struct state_run){ e->n, e->n };
}

/* At most `most` entries of the partition, in order, from what waits or is fresh. */
static uint64_t send(int part, size_t most, bool merge)
{
        static struct gathered g;
        uint64_t first = 0, records = 0, range;
        struct position at = { 0, 0 };
        memset(&g, 0, sizeof g);
        MUST(state_begin(w.s, &err));
        for (size_t i = 0; i < ENTRIES && records < most; i++) {
                struct entry *e = &w.entries[i];
                if (e->part != part || e->kept || (i < w.read[part] && !e->waits))
                        continue;
                w.n[part] += 1 + (!merge && roll(5) == 0); /* a hello between */
                if (e->waits)
                        MUST(state_resent(w.s, source_of(e->key), hour_of_key(e->key), 1, &err));
                else
                        MUST(state_add_account(w.s, &(struct state_delta){ .source = source_of(e->key),
                                .hour_us = hour_of_key(e->key), .captured = 1, .by_outcome = { [OUTCOME_SENT] = 1 } }, 1, &err));
                if (i >= w.read[part])
                        w.read[part] = i + 1;
                e->waits = false;
                e->n = w.n[part];
                if (!records++) {
                        first = e->n;
                        at = (struct position){ 1, i + 1 };
                }
                gather(&g, i);
        }
        if (records)
                MUST(state_add_sent(w.s, part, (struct position){ 1, first }, w.n[part], at, records, &range, &err));
        for (int k = 0; k < KEYS; k++)
                if (g.pieces[k].records)
                        MUST(state_add_piece(w.s, part, 1, range, &g.pieces[k], &err));
        put_mark(part);
        MUST(state_commit(w.s, &err));
        return records;
}

static void advance(int part, uint64_t mark)
{
        w.mark[part] = mark;
        MUST(state_begin(w.s, &err));
        put_mark(part);
        MUST(state_fold_pieces(w.s, part, (struct position){ 1, mark }, &err));
        MUST(state_commit(w.s, &err));
}

static void go_back(int part, uint64_t mark)
{
        bool found;
        struct position at;
        w.mark[part] = mark;
        MUST(state_begin(w.s, &err));
        MUST(state_forget_sent(w.s, part, (struct position){ 1, mark }, &found, &at, &err));
        put_mark(part);
        MUST(state_commit(w.s, &err));
        for (size_t i = found ? at.seq - 1 : ENTRIES; i < w.read[part]; i++)
                if (!w.entries[i].kept)
                        w.entries[i].waits |= w.entries[i].part == part && w.entries[i].n;
}

static void move(const struct entry *e, int64_t by)
{
        MUST(state_add_account(w.s, &(struct state_delta){ .source = source_of(e->key), .hour_us = hour_of_key(e->key),
                .by_outcome = { [OUTCOME_SENT] = by, [OUTCOME_STAYED] = -by } }, 1, &err));
}

/* Judged again: of what was sent, and is not to be sent again, some stays at home now. */
static void keep_some(int part, size_t most)
{
        MUST(state_begin(w.s, &err));
        for (size_t i = roll(50); i < w.read[part] && most > 0; i += 1 + roll(80)) {
                struct entry *e = &w.entries[i];
                if (e->part != part || !e->n || e->waits || e->kept)
                        continue;
                most--;
                e->kept = true;
                e->n = 0;
                MUST(state_unsend(w.s, part, source_of(e->key), hour_of_key(e->key), (struct position){ 1, i + 1 }, &err));
                move(e, -1);
        }
        MUST(state_commit(w.s, &err));
}

/* ... and what stayed goes out, long after its neighbours. */
static void let_go_some(int part, size_t most)
{
        static struct gathered g;
        uint64_t first = w.n[part] + 1, records = 0, range;
        struct position at = { 0, 0 };
        memset(&g, 0, sizeof g);
        MUST(state_begin(w.s, &err));
        for (size_t i = roll(50); i < w.read[part] && records < most; i++) {
                struct entry *e = &w.entries[i];
                if (e->part != part || !e->kept)
                        continue;
                e->kept = false;
                e->n = ++w.n[part];
                if (!records++)
                        at = (struct position){ 1, i + 1 };
                gather(&g, i);
                move(e, 1);
        }
        if (records)
                MUST(state_add_sent(w.s, part, (struct position){ 1, first }, w.n[part], at, records, &range, &err));
        for (int k = 0; k < KEYS; k++)
                if (g.pieces[k].records)
                        MUST(state_add_piece(w.s, part, 1, range, &g.pieces[k], &err));
        MUST(state_commit(w.s, &err));
}

/* ---- Counted beside ----------------------------------------------------- */

static struct state_balance *balances(size_t *n)
{
        arena_reset(w.a);
        struct state_balance *rows = arena_array(w.a, 64, sizeof *rows);
        MUST(state_balance_hours(w.s, 0, rows, 64, n, w.a, &err));
        return rows;
}

static void compare(const char *when)
{
        uint64_t arrived[KEYS] = { 0 }, in_flight[KEYS] = { 0 };
        size_t n;
        for (size_t i = 0; i < ENTRIES; i++) {
                const struct entry *e = &w.entries[i];
                if (e->n)
                        ++*(e->waits || e->n > w.mark[e->part] ? &in_flight[e->key] : &arrived[e->key]);
        }
        const struct state_balance *rows = balances(&n);
        for (size_t i = 0; i < n; i++) {
                int key = 0;
                while (!slice_eq(source_of(key), rows[i].row.source) || hour_of_key(key) != rows[i].row.hour_us)
                        key++;
                if (rows[i].arrived != arrived[key] || rows[i].in_flight != in_flight[key] || rows[i].missing)
                        fail_msg("%s: key %d: arrived %d not %d, in flight %d not %d, missing %d", when, key,
                                 (int)rows[i].arrived, (int)arrived[key], (int)rows[i].in_flight, (int)in_flight[key],
                                 (int)rows[i].missing);
        }
        MUST(state_balance_sources(w.s, arena_array(w.a, 64, sizeof *rows), 64, &n, w.a, &err));
}

static void in_flight__is_exact_wherever_the_watermark_stands(void **state)
{
        (void)state;
        for (int i = 0; i < 5; i++)
                for (int part = 0; part < PARTS; part++)
                        send(part, 40, false);
        for (uint64_t mark = 0; mark <= w.n[0]; mark++) {
                w.mark[0] = mark;
                put_mark(0);
                compare("before folding");
        }
        for (uint64_t mark = 0; mark <= w.n[1]; mark += 7) {
                advance(1, mark);
                compare("while folding");
        }
}

static void in_flight__is_told_of_many_hours_too(void **state)
{
        enum { MANY = 300 };
        struct position first = { 1, 1 };
        uint64_t range;
        size_t n;
        (void)state;
        MUST(state_begin(w.s, &err));
        MUST(state_add_sent(w.s, 0, first, MANY, first, MANY, &range, &err));
        for (int64_t i = 0; i < MANY; i++) {
                const struct position at = { 1, (uint64_t)i + 1 };
                struct state_run run = { at.seq, at.seq };
                const struct state_piece piece = { source_of(0), (1000 + i) * US_PER_HOUR, 1, at, at, &run, 1 };
                MUST(state_add_account(w.s, &(struct state_delta){ .source = piece.source, .hour_us = piece.hour_us,
                        .captured = 1, .by_outcome = { [OUTCOME_SENT] = 1 } }, 1, &err));
                MUST(state_add_piece(w.s, 0, 1, range, &piece, &err));
        }
        put_mark(0);
        MUST(state_commit(w.s, &err));
        struct state_balance *rows = arena_array(w.a, MANY + 1, sizeof *rows);
        MUST(state_balance_hours(w.s, 0, rows, MANY + 1, &n, w.a, &err));
        assert_int_equal(n, MANY);
        for (size_t i = 0; i < n; i++)
                assert_true(rows[i].in_flight == 1 && rows[i].arrived == 0 && rows[i].missing == 0);
        MUST(state_balance_sources(w.s, rows, MANY, &n, w.a, &err));
        assert_true(n == 1 && rows[0].in_flight == MANY);
}

/* Only sums: which of a source and hour it was that stays at home now is not told apart. */
static void compare_sums(const char *when)
{
        uint64_t sent[KEYS] = { 0 };
        size_t n;
        for (size_t i = 0; i < ENTRIES; i++)
                sent[w.entries[i].key] += w.entries[i].n > 0;
        const struct state_balance *rows = balances(&n);
        for (size_t i = 0; i < n; i++) {
                int key = 0;
                while (!slice_eq(source_of(key), rows[i].row.source) || hour_of_key(key) != rows[i].row.hour_us)
                        key++;
                if (rows[i].missing || rows[i].row.sent != sent[key] || rows[i].arrived + rows[i].in_flight != sent[key])
                        fail_msg("%s: key %d: sent %d, told %d, arrived %d, in flight %d, missing %d", when, key,
                                 (int)sent[key], (int)rows[i].row.sent, (int)rows[i].arrived, (int)rows[i].in_flight,
                                 (int)rows[i].missing);
        }
}

static void the_balance__holds_whatever_is_judged_again(void **state)
{
        (void)state;
        for (int i = 0; i < 200; i++) {
                int part = (int)roll(PARTS);
                unsigned what = roll(13);
                if (what < 4)
                        send(part, 1 + roll(400), roll(2));
                else if (what < 7)
                        advance(part, w.mark[part] + roll((unsigned)(w.n[part] - w.mark[part]) + 1));
                else if (what < 9)
                        keep_some(part, 60);
                else if (what < 11)
                        let_go_some(part, 60);
                else
                        go_back(part, roll(3) ? w.mark[part] - roll((unsigned)w.mark[part] / 4 + 1) : roll((unsigned)w.n[part] + 1));
                compare_sums("after any step");
        }
        for (int part = 0; part < PARTS; part++) {
                while (send(part, 500, true))
                        continue;
                advance(part, w.n[part]);
        }
        compare("at the end"); /* nothing is on its way: each is told again */
}

static void in_flight__is_exact_after_any_going_back(void **state)
{
        (void)state;
        for (int i = 0; i < 150; i++) {
                int part = (int)roll(PARTS);
                unsigned what = roll(10);
                if (what < 5)
                        send(part, 1 + roll(500), roll(2));
                else if (what < 9)
                        advance(part, w.mark[part] + roll((unsigned)(w.n[part] - w.mark[part]) + 1));
                else
                        go_back(part, roll(4) ? w.mark[part] - roll((unsigned)w.mark[part] / 4 + 1) : roll((unsigned)w.n[part] + 1));
                if (i % 4 == 0)
                        compare("after any step");
        }
        for (int part = 0; part < PARTS; part++) {
                while (send(part, 500, true))
                        continue;
                advance(part, w.n[part]);
        }
        compare("at the end");
}

static uint64_t count_rows(const char *sql)
{
        struct db *d;
        bool row;
        MUST(db_open(&d, w.path, NULL, &err));
        struct db_stmt *q = db_prepare(d, sql);
        MUST(db_step(q, &row, &err));
        uint64_t n = (uint64_t)db_int(q, 0);
        db_close(d);
        return n;
}

static void what_is_covered__takes_few_rows_and_no_runs(void **state)
{
        (void)state;
        for (int i = 0; i < 30; i++) {
                send(0, 200, true);
                advance(0, w.n[0]);
        }
        assert_int_equal(w.n[0], 6000);
        assert_int_equal(count_rows("SELECT count(*) FROM sent"), 2);
        assert_int_equal(count_rows("SELECT count(*) FROM sent_piece"), 2 * KEYS);
        assert_int_equal(count_rows("SELECT count(*) FROM sent_piece WHERE runs IS NOT NULL"), KEYS);
        assert_true(count_rows("SELECT sum(length(runs)) FROM sent_piece") < 4 * 4096);
        compare("covered");
}

static void run_sql(const char *sql)
{
        struct db *d;
        MUST(db_open(&d, w.path, NULL, &err));
        MUST(db_run(d, sql, &err));
        db_close(d);
}

/* Each term on its own: the place is named, and no other. */
static void a_term_that_was_altered__is_missed_where_it_was(void **state)
{
        (void)state;
        static const struct {
                const char *sql;
                int64_t missing;
        } broken[] = {
                { "UPDATE account SET captured = captured + 2 WHERE source = 'forum' AND hour = (SELECT max(hour) FROM account)", 2 },
                { "UPDATE account SET held = held + 1 WHERE source = 'forum' AND hour = (SELECT max(hour) FROM account)", -1 },
                { "UPDATE arrived SET records = records - 3 WHERE source = 'forum' AND hour = (SELECT max(hour) FROM account)", 3 },
                { "DELETE FROM arrived WHERE source = 'forum' AND hour = (SELECT max(hour) FROM account)", 1 },
                { "DELETE FROM sent_piece WHERE source = 'forum' AND hour = (SELECT max(hour) FROM account) AND runs IS NOT NULL", 1 },
                { "UPDATE sent_piece SET records = records + 1 WHERE source = 'forum' AND hour = (SELECT max(hour) FROM account)"
                  " AND part = 1", -1 },
        };
        for (int i = 0; i < 12; i++)
                send(0, 500, true);
        send(1, 500, true);
        advance(0, 5000);
        for (size_t b = 0; b < sizeof broken / sizeof *broken; b++) {
                size_t n;
                MUST(state_begin(w.s, &err)); /* nobody else may write */
                state_abort(w.s);
                run_sql("CREATE TABLE a AS SELECT * FROM account; CREATE TABLE r AS SELECT * FROM arrived;"
                        " CREATE TABLE p AS SELECT * FROM sent_piece");
                run_sql(broken[b].sql);
                const struct state_balance *rows = balances(&n);
                for (size_t i = 0; i < n; i++) {
                        bool here = slice_is(rows[i].row.source, "forum") && rows[i].row.hour_us == hour_of_key(HOURS - 1);
                        if (!here || !broken[b].missing)
                                assert_int_equal(rows[i].missing, 0);
                        else if (broken[b].missing == 1)
                                assert_true(rows[i].missing > 0);
                        else
                                assert_int_equal(rows[i].missing, broken[b].missing);
                }
                run_sql("DELETE FROM account; INSERT INTO account SELECT * FROM a; DELETE FROM arrived; INSERT INTO arrived"
                        " SELECT * FROM r; DELETE FROM sent_piece; INSERT INTO sent_piece SELECT * FROM p;"
                        " DROP TABLE a; DROP TABLE r; DROP TABLE p");
        }
        compare("mended");
}

static void a_state_from_before_pieces__adds_up(void **state)
{
        (void)state;
        size_t n;
        uint64_t all;
        struct position from = { 0, 0 };
        send(0, 300, true);
        MUST(state_put_position(w.s, STATE_CURSOR, (struct position){ 1, 700 }, &err));
        state_close(w.s);
        run_sql("DROP TABLE sent_piece; DROP TABLE arrived; DROP TABLE resend; DELETE FROM value WHERE name = 'counted_from'");
        MUST(state_open(&w.s, w.dir, &err));
        MUST(state_get_position(w.s, STATE_COUNTED_FROM, &from, &err));
        assert_int_equal(from.seq, 700);
        const struct state_balance *rows = balances(&n);
        assert_int_equal(n, KEYS);
        for (size_t i = 0; i < n; i++)
                assert_true(rows[i].missing == 0 && rows[i].in_flight == 0 && rows[i].arrived == rows[i].row.sent);
        MUST(state_in_flight(w.s, &all, &err));
        assert_int_equal(all, 300);
        /* Once more opened it is not begun anew. */
        MUST(state_put_position(w.s, STATE_CURSOR, (struct position){ 1, 900 }, &err));
        state_close(w.s);
        MUST(state_open(&w.s, w.dir, &err));
        MUST(state_get_position(w.s, STATE_COUNTED_FROM, &from, &err));
        assert_int_equal(from.seq, 700);
        MUST(state_move_arrived(w.s, SLICE("forum"), hour_of_key(0), -1, &err));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
        const struct CMUnitTest tests[] = {
                TEST(in_flight__is_exact_wherever_the_watermark_stands),
                TEST(in_flight__is_told_of_many_hours_too),
                TEST(in_flight__is_exact_after_any_going_back),
                TEST(the_balance__holds_whatever_is_judged_again),
                TEST(what_is_covered__takes_few_rows_and_no_runs),
                TEST(a_term_that_was_altered__is_missed_where_it_was),
                TEST(a_state_from_before_pieces__adds_up),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
