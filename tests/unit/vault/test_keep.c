/* test_keep.c - what retention destroys, when, and what it must leave alone. */
#include "years.h"

/* ---- when ---------------------------------------------------------------------- */

static void wrapped_of(uint64_t period, uint8_t out[64], size_t *n)
{
        char path[128];
        struct db *d;
        bool row;

        snprintf(path, sizeof path, "%s/keys.db", state_dir);
        assert_true(db_open_read_only(&d, path, NULL));
        struct db_stmt *q = db_prepare(d, "SELECT wrapped FROM period WHERE number = ?1");
        db_bind_int(q, 1, (int64_t)period);
        assert_true(db_step(q, &row, NULL) && row);
        *n = db_bytes(q, 0).n;
        memcpy(out, db_bytes(q, 0).p, *n);
        db_reset(q);
        db_close(d);
}

static bool lies_in(const char *name, const uint8_t *bytes, size_t n)
{
        char path[128];
        struct buf b;

        snprintf(path, sizeof path, "%s/%s", state_dir, name);
        buf_init(&b, 64 << 20);
        bool there = file_read(&b, path, NULL) && memmem(b.p, b.n, bytes, n);
        buf_clear(&b);
        return there;
}

static void a_period__goes_when_its_first_entry_is_due(void **state)
{
        struct vault *v = open_keeping(NULL);
        uint8_t first[64], second[64];
        size_t n_first, n_second;

        (void)state;
        append(v, "github:1", "eea", "one");
        shift += 1 * H;
        append(v, "github:1", "eea", "of the same period");
        shift += 2 * H;
        append(v, "github:1", "eea", "two");
        cover_all(v);
        wrapped_of(1, first, &n_first);
        wrapped_of(2, second, &n_second);
        after(v, 21 * H - 60 * US_PER_SECOND, "EEE");
        assert_int_equal(status_of(v).periods_destroyed, 0);
        assert_in_range((status_of(v).next_due_us - shifted_wall()) / US_PER_SECOND, 50, 60);
        assert_true(lies_in("keys.db", first, n_first) || lies_in("keys.db-wal", first, n_first));
        after(v, 120 * US_PER_SECOND, "xxE");
        assert_int_equal(status_of(v).periods_destroyed, 1);
        assert_false(lies_in("keys.db", first, n_first) || lies_in("keys.db-wal", first, n_first));
        assert_true(lies_in("keys.db", second, n_second));
        vault_close(v);
        assert_false(lies_in("keys.db", first, n_first) || lies_in("keys.db-wal", first, n_first));
        v = open_vault(NULL); /* no law is read: what was said before stands */
        expect_met(v, "xxE");
        cover_all(v);
        shift += 4 * H;
        vault_heard(v, shifted_wall(), true);
        tidy(v);
        expect_met(v, ""); /* all of its segment had expired: no file is left, and no damage */
        assert_int_equal(list_segments(), 0);
        assert_int_equal(status_of(v).bytes, 0);
        vault_close(v);
}

/* Readers keep keys in caches: one that was open all the time reads no more than a new one. */
static void a_period__is_gone_for_whoever_had_its_key_too(void **state)
{
        struct vault *v = open_keeping(NULL);

        (void)state;
        append(v, "github:1", "eea", "one");
        append(v, "github:1", "eea", "two");
        struct vault_reader *r = open_reader(v, (struct position){ 0, 0 });
        expect_entry(r, "one");
        uint64_t before = vault_key_generation(v);
        cover_all(v);
        shift += 25 * H;
        tidy(v);
        assert_true(vault_key_generation(v) > before);
        expect(r, VAULT_EXPIRED);
        append(v, "github:1", "eea", "three"); /* the writer, too, had it */
        expect_entry(r, "three");
        vault_reader_close(r);
        vault_close(v);
}

static void a_period__spans_a_twelfth_of_the_raw_time(void **state)
{
        struct vault *v = open_keeping(NULL);
        struct vault_reader *r;
        struct vault_entry e;
        uint64_t p[5];

        (void)state;
        append(v, NULL, "eea", "0");
        shift += 2 * H - 60 * US_PER_SECOND;
        append(v, NULL, "eea", "1");
        shift += 120 * US_PER_SECOND;
        append(v, NULL, "eea", "2");
        set_law(v, 6 * H, -1); /* half an hour from now on, for what is made */
        append(v, NULL, "eea", "3");
        shift += H;
        append(v, NULL, "eea", "4");
        r = open_reader(v, (struct position){ 0, 0 });
        for (int i = 0; i < 5; i++) {
                assert_int_equal(read_one(r, &e), VAULT_ENTRY);
                p[i] = e.period;
        }
        assert_int_equal(p[0], p[1]);
        assert_int_not_equal(p[1], p[2]);
        assert_int_equal(p[2], p[3]);
        assert_int_not_equal(p[3], p[4]);
        vault_reader_close(r);
        vault_close(v);
}

static void a_law__that_is_made_shorter_destroys_a_day_later(void **state)
{
        struct vault *v = open_keeping(NULL);

        (void)state;
        append(v, NULL, "eea", "one");
        cover_all(v);
        shift += 12 * H;
        set_law(v, H, -1);
        expect_met(v, "E");
        assert_true(status_of(v).next_due_us <= shifted_wall() + 12 * H); /* by the old law still */
        shift += 11 * H;
        set_law(v, 24 * H, -1); /* it was a slip of the pen */
        set_law(v, H, -1);
        after(v, 2 * H, "x"); /* 25 h: due by the old law */
        append(v, NULL, "eea", "two");
        cover_all(v);
        after(v, 20 * H, "xE");
        after(v, 3 * H, "xx");
        vault_close(v);
}

/* An older vault whose policy says nothing, or had no keeper yet. */
static void a_law__that_comes_after_entries_destroys_a_day_later(void **state)
{
        struct vault *v = open_vault(NULL);

        (void)state;
        append(v, NULL, "eea", "of a time without a law");
        cover_all(v);
        shift += 400 * 24 * H;
        set_law(v, 24 * H, -1);
        expect_met(v, "E");
        after(v, 23 * H, "E");
        after(v, 2 * H, "");
        vault_close(v);
}

/* The agent is down for weeks; meanwhile somebody slips with the pen. At its start the guarded time
 * stands where it went down, and leaps when the hub speaks. */
static void a_law__that_was_made_shorter_while_we_were_down_destroys_a_day_later(void **state)
{
        struct vault *v = open_keeping(NULL);
        int64_t down = 20 * 24 * H;

        (void)state;
        set_law(v, 400 * 24 * H, -1);
        vault_heard(v, shifted_wall(), true);
        append(v, NULL, "eea", "one");
        cover_all(v);
        tidy(v);
        vault_close(v);
        wall_shift = down; /* the machine was off: its boot time passed nothing */
        v = open_vault(NULL);
        set_law(v, H, -1);
        expect_met(v, "E");
        vault_heard(v, shifted_wall(), true);
        tidy(v);
        expect_met(v, "E");
        assert_true(status_of(v).next_due_us > shifted_wall() + 23 * H); /* said while it can be taken back */
        assert_true(status_of(v).next_due_us < shifted_wall() + 25 * H);
        after(v, 23 * H, "E");
        after(v, 2 * H, "x");
        vault_close(v);
}

/* ... and one that was made shorter by a clock of 2037 does not wait for 2037. */
static void a_law__of_a_clock_that_ran_ahead_counts_a_day_after_it_was_put_right(void **state)
{
        struct vault *v = open_keeping(NULL);

        (void)state;
        append(v, NULL, "eea", "one");
        cover_all(v);
        set_law(v, 400 * 24 * H, -1);
        vault_close(v);
        wall_shift = 3000 * 24 * H;
        v = open_vault(NULL);
        set_law(v, H, -1);
        vault_heard(v, shifted_wall() - wall_shift, true);
        tidy(v);
        expect_met(v, "E");
        wall_shift = 0;
        tidy(v);
        after(v, 23 * H, "E");
        after(v, 2 * H, "x");
        vault_close(v);
}

static void a_law__that_says_how_long_at_least_is_kept(void **state)
{
        struct vault *v = open_keeping(NULL);

        (void)state;
        set_law(v, 24 * H, 24 * H);
        append(v, NULL, "eea", "one");
        cover_all(v);
        after(v, 25 * H, "E"); /* its last entry could be 23 hours old */
        after(v, H + 60 * US_PER_SECOND, "x");
        vault_close(v);
}

static void a_class__that_no_law_knows_is_kept(void **state)
{
        struct vault *v = open_keeping(NULL);
        struct vault_item other = { .kind = ENTRY_ACTIVATE, .class = "eea", .plain = SLICE("the policy set") };

        (void)state;
        append(v, NULL, "jp", "of a class of its own");
        append(v, NULL, "eea", "one");
        assert_true(vault_append(v, &other, 1, NULL)); /* no record: raw time does not end it */
        cover_all(v);
        after(v, 400 * 24 * H, "ExE");
        assert_int_equal(status_of(v).next_due_us, 0);
        vault_close(v);
}

/* However many classes visitors bring, the region's own has its segment: class 0 is copied nowhere. */
static void the_regions_own_class__has_a_segment_beside_many_visitors(void **state)
{
        struct vault *v = open_keeping(NULL); /* its law: "eea" */
        struct vault_reader *r;
        struct vault_entry e;
        char class[32];

        (void)state;
        for (int i = 0; i < 9; i++) {
                snprintf(class, sizeof class, "eea+v%d", i);
                append(v, NULL, class, "a visitor's");
        }
        append(v, NULL, "eea", "one of ours");
        r = open_reader(v, (struct position){ 0, 0 });
        for (int i = 0; i < 9; i++) {
                snprintf(class, sizeof class, "eea+v%d", i);
                assert_int_equal(read_one(r, &e), VAULT_ENTRY);
                assert_string_equal(e.class, i < 6 ? class : "");
        }
        assert_int_equal(read_one(r, &e), VAULT_ENTRY);
        assert_string_equal(e.class, "eea");
        vault_reader_close(r);
        vault_close(v);
}

static bool keep_visitors_shorter(void *ctx, const char *class, int64_t *raw_us, int64_t *at_least_us)
{
        (void)ctx;
        *raw_us = strcmp(class, "eea+jp") == 0 ? 12 * H : 24 * H;
        *at_least_us = -1;
        return true;
}

static void each_class__is_kept_as_its_own_law_says(void **state)
{
        static const char *const others[] = { "eea+jp" };
        struct vault *v = open_keeping(NULL);

        (void)state;
        vault_set_law(v, &(struct vault_law){ .class = "eea", .others = others, .n_others = 1,
                                              .keep = keep_visitors_shorter });
        tidy(v);
        tidy(v);
        append(v, NULL, "eea", "ours");
        append(v, NULL, "eea+jp", "a visitor's, whose law is shorter");
        cover_all(v);
        after(v, 13 * H + 60 * US_PER_SECOND, "Ex"); /* its period had the right span from the first */
        after(v, 14 * H, "xx");
        vault_close(v);
}

/* ---- receipts ------------------------------------------------------------------ */

static void a_period__waits_for_receipts_until_the_deadline(void **state)
{
        struct vault *v = open_keeping(NULL);
        struct position first;

        (void)state;
        first = append(v, NULL, "eea", "receipted");
        shift += H;
        append(v, NULL, "eea", "not receipted");
        append(v, NULL, "eea", "nor this");
        vault_cover(v, first);
        after(v, 23 * H + 60 * US_PER_SECOND, "EEE"); /* the first is due, the others an hour later */
        assert_int_equal(status_of(v).without_receipt, 0);
        assert_true(status_of(v).backlog_bytes > 0 && status_of(v).history_bytes > 0);
        /* The law's deadline of the oldest without a receipt; headers stay until the pump has met them. */
        after(v, H, "xxx");
        assert_int_equal(status_of(v).without_receipt, 2);
        cover_all(v);
        tidy(v);
        vault_close(v);
        v = open_vault(NULL);
        cover_all(v);
        tidy(v);
        expect_met(v, "");
        vault_close(v);
}

static void a_period__goes_at_once_when_its_receipts_come(void **state)
{
        struct vault *v = open_keeping(NULL);

        (void)state;
        append(v, NULL, "eea", "receipted");
        shift += 1 * H;
        append(v, NULL, "eea", "not yet");
        vault_cover(v, (struct position){ vault_epoch(v), 1 });
        after(v, 23 * H + 60 * US_PER_SECOND, "EE");
        cover_all(v);
        tidy(v);
        expect_met(v, "xx");
        assert_int_equal(status_of(v).without_receipt, 0);
        vault_close(v);
}

static void a_period__that_is_due_no_more_waits_for_nothing(void **state)
{
        struct vault *v = open_keeping(NULL);

        (void)state;
        append(v, NULL, "eea", "receipted");
        shift += H;
        append(v, NULL, "eea", "not receipted");
        vault_cover(v, (struct position){ vault_epoch(v), 1 });
        shift += 23 * H + 60 * US_PER_SECOND;
        tidy(v);
        assert_int_equal(v->keeper.n_waiting, 1);
        wall_shift = 2 * H; /* no rounds in a hurry for what may not be destroyed now */
        vault_heard(v, vault_io.wall_us() - 2 * H, true);
        shift += 20 * 60 * US_PER_SECOND;
        tidy(v);
        assert_true(status_of(v).clock_off);
        assert_int_equal(v->keeper.pause_s, KEEPER_ROUND_S);
        wall_shift = 0;
        set_law(v, 48 * H, -1); /* nor for what the law keeps longer now */
        assert_int_equal(v->keeper.n_waiting, 0);
        assert_int_equal(v->keeper.pause_s, KEEPER_ROUND_S);
        expect_met(v, "EE");
        vault_close(v);
}

/* ---- clocks -------------------------------------------------------------------- */

static void a_clock__in_2037_destroys_nothing(void **state)
{
        struct vault *v = open_keeping(NULL);
        int64_t now_us;

        (void)state;
        append(v, NULL, "eea", "one");
        cover_all(v);
        wall_shift = 11 * 365 * 24 * H;
        tidy(v);
        expect_met(v, "E");
        assert_non_null(strstr(status_of(v).clock, "ahead"));
        assert_true(status_of(v).clock_off);
        assert_false(vault_time(v, &now_us));
        append(v, NULL, "eea", "two"); /* in the same period: its key goes by the true time */
        vault_close(v);
        v = open_vault(NULL); /* a restart is no way out */
        set_law(v, 24 * H, -1);
        cover_all(v);
        after(v, H, "EE");
        vault_heard(v, shifted_wall() - wall_shift, true);
        tidy(v);
        assert_non_null(strstr(status_of(v).clock, "ahead"));
        wall_shift = 0;
        tidy(v);
        assert_string_equal(status_of(v).clock, "");
        assert_false(status_of(v).clock_off);
        after(v, 24 * H, "");
        vault_close(v);
}

static void a_clock__in_1970_makes_no_period_that_is_due_at_once(void **state)
{
        struct vault *v = open_keeping(NULL);

        (void)state;
        append(v, NULL, "eea", "one");
        wall_shift = -50 * 365 * 24 * H;
        tidy(v);
        assert_non_null(strstr(status_of(v).clock, "behind"));
        shift += 3 * H;
        append(v, NULL, "eea", "of a period of its own");
        cover_all(v);
        wall_shift = 0;
        after(v, 22 * H, "xE");
        vault_close(v);
}

static void periods__of_a_clock_that_ran_ahead_count_from_when_it_was_put_right(void **state)
{
        struct vault *v;

        (void)state;
        wall_shift = 365 * 24 * H;
        v = open_keeping(NULL); /* a first start: nobody can tell */
        append(v, NULL, "eea", "one");
        wall_shift = 0;
        tidy(v);
        assert_non_null(strstr(status_of(v).clock, "behind"));
        vault_heard(v, shifted_wall(), true);
        shift += H;
        tidy(v);
        assert_string_equal(status_of(v).clock, "");
        cover_all(v);
        after(v, 22 * H, "E");
        after(v, 3 * H, "x");
        vault_close(v);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                K(a_period__goes_when_its_first_entry_is_due),
                K(a_period__is_gone_for_whoever_had_its_key_too),
                K(a_period__spans_a_twelfth_of_the_raw_time),
                K(a_law__that_is_made_shorter_destroys_a_day_later),
                K(a_law__that_was_made_shorter_while_we_were_down_destroys_a_day_later),
                K(a_law__of_a_clock_that_ran_ahead_counts_a_day_after_it_was_put_right),
                K(a_law__that_comes_after_entries_destroys_a_day_later),
                K(a_law__that_says_how_long_at_least_is_kept),
                K(a_class__that_no_law_knows_is_kept),
                K(the_regions_own_class__has_a_segment_beside_many_visitors),
                K(each_class__is_kept_as_its_own_law_says),
                K(a_period__waits_for_receipts_until_the_deadline),
                K(a_period__goes_at_once_when_its_receipts_come),
                K(a_period__that_is_due_no_more_waits_for_nothing),
                K(a_clock__in_2037_destroys_nothing),
                K(a_clock__in_1970_makes_no_period_that_is_due_at_once),
                K(periods__of_a_clock_that_ran_ahead_count_from_when_it_was_put_right),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
