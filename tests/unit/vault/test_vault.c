/* test_vault.c - what goes in comes out: order, classes, restarts, ceilings, refusals. */
#include "help.h"

#include <fcntl.h>
#include <poll.h>

#include "base/secret.h"

static void vault__gives_back_what_was_appended(void **state)
{
        struct vault_found found;
        struct vault *v = open_vault(&found);
        struct vault_item items[3] = {
                item_of("1", "email:ann@example.org", "eea", "first"),
                item_of("2", NULL, "", "second"),
                item_of("3", "email:ann@example.org", "eea", "third"),
        };
        struct err err = ERR_INIT;
        struct vault_reader *r;
        struct vault_entry e;
        uint64_t ann;
        int64_t before = clock_now_us();

        (void)state;
        assert_int_equal(found.entries, 0);
        assert_true(vault_append(v, items, 3, &err));
        r = open_reader(v, (struct position){ 0, 0 });
        assert_int_equal(read_one(r, &e), VAULT_ENTRY);
        assert_int_equal(e.kind, ENTRY_RECORD);
        assert_int_equal(e.at.epoch, vault_epoch(v));
        assert_int_equal(e.at.seq, 1);
        assert_int_equal(position_compare(e.at, items[0].at), 0);
        assert_true(slice_is(e.plain, "first"));
        assert_true(slice_is(e.source, "forum"));
        assert_string_equal(e.class, "eea");
        assert_memory_equal(e.record_key, items[0].record_key, 16);
        assert_true(e.captured_us >= before && e.captured_us <= clock_now_us());
        assert_int_not_equal(e.subject, 0);
        ann = e.subject;
        assert_int_equal(read_one(r, &e), VAULT_ENTRY);
        assert_true(slice_is(e.plain, "second"));
        assert_string_equal(e.class, "");
        assert_int_equal(e.subject, 0);
        assert_int_equal(read_one(r, &e), VAULT_ENTRY);
        assert_true(slice_is(e.plain, "third"));
        assert_int_equal(e.subject, ann);
        expect(r, VAULT_END);
        vault_reader_close(r);
        assert_int_equal(position_compare(vault_mark(v), items[2].at), 0);
        vault_close(v);
}

static void vault__starts_a_new_epoch_each_time_and_keeps_the_order(void **state)
{
        struct vault_found found;
        struct vault_reader *r;
        struct position middle = { 0, 0 };
        uint64_t last_epoch = 0;
        struct vault *v;

        (void)state;
        for (int i = 0; i < 3; i++) {
                char plain[32];
                v = open_vault(&found);
                assert_true(vault_epoch(v) > last_epoch);
                last_epoch = vault_epoch(v);
                assert_int_equal(found.entries, 2 * i);
                for (int j = 0; j < 2; j++) {
                        struct position at;
                        snprintf(plain, sizeof plain, "entry %d", 2 * i + j);
                        at = append(v, NULL, j ? "a" : "b", plain);
                        assert_int_equal(at.seq, j + 1);
                        if (2 * i + j == 2)
                                middle = at;
                }
                vault_close(v);
        }
        v = open_vault(&found);
        r = open_reader(v, (struct position){ 0, 0 });
        for (int i = 0; i < 6; i++) {
                char plain[32];
                snprintf(plain, sizeof plain, "entry %d", i);
                expect_entry(r, plain);
        }
        expect(r, VAULT_END);
        vault_reader_close(r);
        r = open_reader(v, middle);
        expect_entry(r, "entry 3");
        vault_reader_close(r);
        vault_close(v);
}

static void vault__merges_many_classes_by_seq(void **state)
{
        struct vault_settings s = small_settings();
        struct vault *v;
        struct vault_reader *r;
        char class[32], plain[1024];
        unsigned seed = 7;

        (void)state;
        s.segment_bytes = 16 * 1024; /* many segments */
        v = open_vault_with(&s, NULL);
        r = open_reader(v, (struct position){ 0, 0 });
        for (int i = 0; i < 600; i++) {
                snprintf(class, sizeof class, "class-%d", rand_r(&seed) % 12);
                snprintf(plain, sizeof plain, "%-900d", i);
                append(v, NULL, class, plain);
                if (i % 3 == 0) { /* a reader close behind */
                        for (int j = i - (i ? 2 : 0); j <= i; j++) {
                                snprintf(plain, sizeof plain, "%-900d", j);
                                expect_entry(r, plain);
                        }
                        expect(r, VAULT_END);
                }
        }
        vault_reader_close(r);
        assert_true(list_segments() > 20);
        r = open_reader(v, (struct position){ 0, 0 });
        for (int i = 0; i < 600; i++) {
                snprintf(plain, sizeof plain, "%-900d", i);
                expect_entry(r, plain);
        }
        expect(r, VAULT_END);
        vault_reader_close(r);
        vault_close(v);
}

static void vault__puts_classes_beyond_eight_into_class_0(void **state)
{
        struct vault *v = open_vault(NULL);
        struct vault_reader *r;
        struct vault_entry e;
        char class[32];

        (void)state;
        for (int i = 0; i < 10; i++) {
                snprintf(class, sizeof class, "class-%d", i);
                append(v, NULL, class, "x");
        }
        r = open_reader(v, (struct position){ 0, 0 });
        for (int i = 0; i < 10; i++) {
                assert_int_equal(read_one(r, &e), VAULT_ENTRY);
                snprintf(class, sizeof class, "class-%d", i);
                assert_string_equal(e.class, i < 7 ? class : "");
        }
        vault_reader_close(r);
        assert_int_equal(list_segments(), 8);
        vault_close(v);
}

static void vault__closes_segments_at_their_size_and_age(void **state)
{
        struct vault_settings s = small_settings();
        struct vault *v;
        struct vault_status status;
        int watch;

        (void)state;
        s.segment_bytes = 1000;
        v = open_vault_with(&s, NULL);
        for (int i = 0; i < 10; i++)
                append(v, NULL, "", "a plain text of some thirty bytes");
        vault_status(v, &status);
        assert_int_equal(status.segments, 2);
        assert_int_equal(status.entries_this_start, 10);
        vault_close(v);
        s.segment_bytes = 1 << 20;
        s.segment_age_us = 1000;
        v = open_vault_with(&s, NULL);
        watch = vault_watch(v, NULL);
        append(v, NULL, "", "one");
        usleep(3000); /* older than segment_age_us */
        append(v, NULL, "", "two");
        append(v, NULL, "", "three");
        vault_status(v, &status);
        assert_true(status.segments >= 4);
        assert_true(watch >= 0);
        vault_close(v);
}

static void vault__wakes_who_watches_the_mark(void **state)
{
        struct vault *v = open_vault(NULL);
        struct pollfd p = { .events = POLLIN };
        uint64_t count;

        (void)state;
        p.fd = vault_watch(v, NULL);
        assert_int_equal(poll(&p, 1, 0), 0);
        append(v, NULL, "", "x");
        assert_int_equal(poll(&p, 1, 1000), 1);
        assert_int_equal(read(p.fd, &count, sizeof count), sizeof count);
        assert_int_equal(poll(&p, 1, 0), 0);
        vault_close(v);
}

static void vault__fetches_one_entry_by_position(void **state)
{
        struct vault *v = open_vault(NULL);
        struct position at[6];
        struct vault_reader *r;
        struct vault_entry e;
        enum vault_read what;
        char plain[32];

        (void)state;
        for (int i = 0; i < 6; i++) {
                snprintf(plain, sizeof plain, "entry %d", i);
                at[i] = append(v, NULL, i % 2 ? "a" : "b", plain);
        }
        r = open_reader(v, (struct position){ 0, 0 });
        expect_entry(r, "entry 0");
        for (int i = 5; i >= 0; i--) {
                assert_true(vault_fetch(r, at[i], &what, &e, NULL));
                assert_int_equal(what, VAULT_ENTRY);
                snprintf(plain, sizeof plain, "entry %d", i);
                assert_true(slice_is(e.plain, plain));
        }
        expect_entry(r, "entry 1"); /* the way of vault_read() is its own */
        at[5].seq = 7;
        assert_true(vault_fetch(r, at[5], &what, &e, NULL));
        assert_int_equal(what, VAULT_END);
        vault_reader_close(r);
        vault_close(v);
}

static void vault__refuses_beyond_its_ceiling_and_recovers(void **state)
{
        struct vault_settings s = small_settings();
        struct vault *v;
        struct vault_item item = item_of("x", NULL, "", NULL);
        struct vault_status status;
        struct err err = ERR_INIT;
        char big[4000];
        int taken = 0;

        (void)state;
        memset(big, 'x', sizeof big);
        item.plain = slice_make(big, sizeof big);
        s.max_bytes = 64 * 1024;
        v = open_vault_with(&s, NULL);
        while (vault_append(v, &item, 1, &err))
                taken++;
        assert_int_equal(err.kind, ERR_FULL);
        assert_int_equal(taken, 15);
        vault_status(v, &status);
        assert_true(status.full);
        assert_true(status.bytes <= s.max_bytes);
        item.plain = slice_make(big, 10);
        assert_true(vault_append(v, &item, 1, &err)); /* what still fits */
        assert_int_equal(item.at.seq, taken + 1);
        vault_status(v, &status);
        assert_false(status.full);
        vault_close(v);
        s.max_bytes = 1 << 20;
        v = open_vault_with(&s, NULL);
        assert_true(vault_append(v, &item, 1, &err));
        vault_close(v);
}

static void vault__refuses_when_the_disk_is_nearly_full(void **state)
{
        struct vault_settings s = small_settings();
        struct vault_item item = item_of("x", NULL, "", "x");
        struct err err = ERR_INIT;
        struct vault *v;

        (void)state;
        s.min_free_bytes = UINT64_C(1) << 60;
        v = open_vault_with(&s, NULL);
        assert_false(vault_append(v, &item, 1, &err));
        assert_int_equal(err.kind, ERR_FULL);
        assert_non_null(strstr(err.text, "min_free"));
        vault_close(v);
}

static void vault__refuses_bad_items_but_not_their_neighbours(void **state)
{
        struct vault *v = open_vault(NULL);
        struct vault_item good = item_of("1", "github:1", "eea", "good"), bad = good;
        struct err err = ERR_INIT;
        char name[300];

        (void)state;
        memset(name, 'n', sizeof name);
        bad.source = slice_make(name, sizeof name);
        assert_false(vault_append(v, &bad, 1, &err));
        assert_int_equal(err.kind, ERR_DATA);
        bad = good;
        bad.n_identities = 4;
        assert_false(vault_append(v, &bad, 1, &err));
        bad = good;
        bad.kind = (enum entry_kind)9;
        assert_false(vault_append(v, &bad, 1, &err));
        assert_true(vault_append(v, &good, 1, &err));
        assert_int_equal(good.at.seq, 1);
        vault_close(v);
}

static void vault__keeps_large_and_empty_plaintexts(void **state)
{
        struct vault *v = open_vault(NULL);
        struct vault_item items[4] = { item_of("1", NULL, "", ""), item_of("2", NULL, "", NULL),
                                       item_of("3", NULL, "", "x"), item_of("4", NULL, "", "y") };
        char *large = malloc(ENTRY_PLAIN_MAX + 1);
        struct err err = ERR_INIT;
        struct vault_reader *r;
        struct vault_entry e;

        (void)state;
        for (size_t i = 0; i < ENTRY_PLAIN_MAX; i++)
                large[i] = (char)(i * 31 >> 3);
        items[1].plain = slice_make(large, ENTRY_PLAIN_MAX);
        assert_true(vault_append(v, items, 4, &err));
        r = open_reader(v, (struct position){ 0, 0 });
        expect_entry(r, "");
        assert_int_equal(read_one(r, &e), VAULT_ENTRY);
        assert_int_equal(e.plain.n, ENTRY_PLAIN_MAX);
        assert_memory_equal(e.plain.p, large, ENTRY_PLAIN_MAX);
        expect_entry(r, "x");
        expect_entry(r, "y");
        items[0].plain = slice_make(large, ENTRY_PLAIN_MAX + 1);
        assert_false(vault_append(v, items, 1, &err));
        assert_int_equal(err.kind, ERR_DATA);
        vault_reader_close(r);
        vault_close(v);
        free(large);
}

static void vault__belongs_to_one_agent(void **state)
{
        struct vault_settings s = small_settings();
        struct vault *v = open_vault(NULL), *second;
        struct err err = ERR_INIT;

        (void)state;
        assert_false(vault_open(&second, state_dir, "jp-tokyo", &s, NULL, &err));
        assert_int_equal(err.kind, ERR_BUSY);
        assert_null(second);
        vault_close(v);
        v = open_vault(NULL);
        vault_close(v);
}

static void vault__does_not_start_with_another_master_key(void **state)
{
        struct vault_settings s = small_settings();
        struct vault *v = open_vault(NULL);
        struct err err = ERR_INIT;
        char path[160];

        (void)state;
        append(v, "github:1", "eea", "x");
        vault_close(v);
        snprintf(path, sizeof path, "%s/keys/master", state_dir);
        assert_int_equal(unlink(path), 0);
        assert_true(secret_create(path, 32, &err));
        assert_false(vault_open(&v, state_dir, "jp-tokyo", &s, NULL, &err));
        assert_int_equal(err.kind, ERR_CONFIG);
        assert_non_null(strstr(err.text, "master key"));
}

static void vault__does_not_start_as_another_region_or_without_its_keys(void **state)
{
        struct vault_settings s = small_settings();
        struct vault *v = open_vault(NULL);
        struct err err = ERR_INIT;
        char path[160];

        (void)state;
        append(v, NULL, "", "x");
        vault_close(v);
        assert_false(vault_open(&v, state_dir, "cn-beijing", &s, NULL, &err));
        assert_int_equal(err.kind, ERR_CONFIG);
        snprintf(path, sizeof path, "%s/keys.db", state_dir);
        assert_int_equal(unlink(path), 0);
        assert_false(vault_open(&v, state_dir, "jp-tokyo", &s, NULL, &err));
        assert_int_equal(err.kind, ERR_CONFIG);
        assert_non_null(strstr(err.text, "keys.db"));
}

static void vault__leaves_no_plaintext_on_the_disk(void **state)
{
        static const char secret[] = "Xyzzy-the-very-secret-words", mail[] = "email:zoe@example.net";
        struct vault *v = open_vault(NULL);
        const char *const more[] = { "keys.db", "keys.db-wal" };
        size_t n;

        (void)state;
        append(v, mail, "eea", secret);
        n = list_segments();
        for (size_t i = 0; i < 2; i++)
                snprintf(segment_paths[n++], sizeof segment_paths[0], "%s/%s", state_dir, more[i]);
        for (size_t i = 0; i < n; i++) {
                struct buf b;
                buf_init(&b, 64 << 20);
                assert_true(file_read(&b, segment_paths[i], NULL));
                assert_true(b.n > 0 || strstr(segment_paths[i], "-wal")); /* cut short now and then */
                assert_false(b.n && memmem(b.p, b.n, secret, sizeof secret - 1));
                assert_false(b.n && memmem(b.p, b.n, "zoe@example.net", 15));
                buf_clear(&b);
        }
        vault_close(v);
}

/* ---- rows that are gone --------------------------------------------------- */

static void vault__refuses_records_that_were_erased(void **state)
{
        struct vault *v = open_vault(NULL);
        struct vault_item items[2] = { item_of("gone", NULL, "", "new revision"),
                                       item_of("other", NULL, "", "other") };
        struct err err = ERR_INIT;
        struct vault_reader *r;
        char sql[256], hex[33] = "";

        (void)state;
        assert_true(vault_append(v, items, 1, &err));
        vault_close(v);
        for (int i = 0; i < 16; i++)
                snprintf(hex + 2 * i, 3, "%02x", items[0].record_key[i]);
        snprintf(sql, sizeof sql, "INSERT INTO erased VALUES (x'%s', 0)", hex);
        run_in_keys_db(sql);
        v = open_vault(NULL);
        assert_true(vault_append(v, items, 2, &err));
        assert_int_equal(items[0].outcome, ITEM_ERASED);
        assert_int_equal(items[1].outcome, ITEM_DURABLE);
        assert_int_equal(items[1].at.seq, 1);
        assert_true(vault_append(v, items, 1, &err)); /* nothing but an erased one */
        assert_int_equal(items[0].outcome, ITEM_ERASED);
        r = open_reader(v, (struct position){ 0, 0 });
        expect_entry(r, "new revision"); /* of before */
        expect_entry(r, "other");
        expect(r, VAULT_END);
        vault_reader_close(r);
        vault_close(v);
}

static void vault__says_erased_where_the_subjects_key_is_gone(void **state)
{
        struct vault *v = open_vault(NULL);
        struct vault_reader *r;
        struct vault_entry e;
        struct position at;
        uint64_t before;

        (void)state;
        at = append(v, "github:1", "eea", "of one who is forgotten");
        append(v, "github:2", "eea", "of another");
        r = open_reader(v, (struct position){ 0, 0 });
        assert_int_equal(read_one(r, &e), VAULT_ENTRY);
        before = e.subject;
        run_in_keys_db("UPDATE subject SET wrapped = NULL, times_erased = 1 WHERE number ="
                       " (SELECT min(number) FROM subject WHERE number > 0)");
        atomic_fetch_add(&v->catalog.key_generation, 1);
        vault_reader_close(r);
        r = open_reader(v, (struct position){ 0, 0 });
        assert_int_equal(read_one(r, &e), VAULT_ERASED);
        assert_int_equal(position_compare(e.at, at), 0);
        assert_int_equal(e.times_erased, 1);
        assert_null(e.plain.p);
        expect_entry(r, "of another");
        append(v, "github:1", "eea", "of one who came back"); /* a new subject */
        assert_int_equal(read_one(r, &e), VAULT_ENTRY);
        assert_int_not_equal(e.subject, before);
        run_in_keys_db("DELETE FROM subject WHERE number > 0");
        atomic_fetch_add(&v->catalog.key_generation, 1);
        vault_reader_close(r);
        r = open_reader(v, at);
        expect(r, VAULT_ERASED);
        expect(r, VAULT_ERASED);
        expect(r, VAULT_END);
        vault_reader_close(r);
        vault_close(v);
}

static void vault__forgets_cached_keys_when_the_generation_moves(void **state)
{
        struct vault *v = open_vault(NULL);
        struct vault_reader *r;

        (void)state;
        append(v, "github:1", "eea", "one");
        append(v, "github:1", "eea", "two");
        r = open_reader(v, (struct position){ 0, 0 });
        expect_entry(r, "one");
        run_in_keys_db("UPDATE subject SET wrapped = NULL WHERE number > 0");
        atomic_fetch_add(&v->catalog.key_generation, 1);
        expect(r, VAULT_ERASED);
        vault_reader_close(r);
        vault_close(v);
}

static void vault__says_expired_where_the_periods_key_is_gone(void **state)
{
        struct vault *v = open_vault(NULL);
        struct vault_reader *r;

        (void)state;
        append(v, "github:1", "eea", "old");
        vault_close(v);
        run_in_keys_db("DELETE FROM period");
        v = open_vault(NULL);
        append(v, "github:1", "eea", "new");
        r = open_reader(v, (struct position){ 0, 0 });
        expect(r, VAULT_EXPIRED);
        expect_entry(r, "new");
        vault_reader_close(r);
        vault_close(v);
}

static void vault__never_uses_a_subjects_number_again(void **state)
{
        struct vault *v = open_vault(NULL);
        struct vault_reader *r;
        struct vault_entry e;
        uint64_t first;

        (void)state;
        append(v, "github:1", "", "one");
        r = open_reader(v, (struct position){ 0, 0 });
        read_one(r, &e);
        first = e.subject;
        vault_reader_close(r);
        vault_close(v);
        run_in_keys_db("DELETE FROM identity; DELETE FROM identity_text; DELETE FROM subject WHERE number > 0");
        v = open_vault(NULL);
        append(v, "github:1", "", "two");
        r = open_reader(v, (struct position){ vault_epoch(v), 0 });
        assert_int_equal(read_one(r, &e), VAULT_ENTRY);
        assert_true(e.subject > first);
        vault_reader_close(r);
        vault_close(v);
}

static void vault__makes_aliases_only_of_what_is_unclaimed(void **state)
{
        struct vault *v = open_vault(NULL);
        struct vault_item a = item_of("1", "gh:id:1", "", "a"), b = item_of("2", "gh:id:2", "", "b"),
                          c = item_of("3", "email:x@example.org", "", "c");
        struct vault_reader *r;
        struct vault_entry e;
        uint64_t one, two;

        (void)state;
        a.identities[1] = SLICE("email:x@example.org");
        a.n_identities = 2;
        b.identities[1] = SLICE("email:x@example.org"); /* forged, or a shared address */
        b.identities[2] = SLICE("email:y@example.org");
        b.n_identities = 3;
        assert_true(vault_append(v, &a, 1, NULL) && vault_append(v, &b, 1, NULL) &&
                    vault_append(v, &c, 1, NULL));
        c.identities[0] = SLICE("email:y@example.org");
        assert_true(vault_append(v, &c, 1, NULL));
        r = open_reader(v, (struct position){ 0, 0 });
        read_one(r, &e);
        one = e.subject;
        read_one(r, &e);
        two = e.subject;
        assert_int_not_equal(one, two);
        read_one(r, &e);
        assert_int_equal(e.subject, one);
        read_one(r, &e);
        assert_int_equal(e.subject, two);
        vault_reader_close(r);
        vault_close(v);
}

static void vault__gives_every_period_its_own_key(void **state)
{
        struct vault_settings s = small_settings();
        struct vault *v;
        struct vault_reader *r;

        (void)state;
        s.period_us = 1000;
        v = open_vault_with(&s, NULL);
        append(v, "github:1", "eea", "one");
        usleep(2000); /* past the period's end */
        append(v, "github:1", "eea", "two");
        run_in_keys_db("DELETE FROM period WHERE number = (SELECT min(number) FROM period)");
        r = open_reader(v, (struct position){ 0, 0 });
        expect(r, VAULT_EXPIRED);
        expect_entry(r, "two");
        vault_reader_close(r);
        vault_close(v);
}

static void vault__rows_of_options_are_sound(void **state)
{
        struct vault_settings s;
        struct report *report = report_new();

        (void)state;
        assert_true(option_rows_ok(vault_options, report));
        option_defaults(vault_options, &s);
        assert_true(s.max_bytes == UINT64_C(10) << 30);
        assert_true(s.segment_bytes == 64 << 20);
        assert_true(s.segment_age_us == US_PER_HOUR);
        assert_true(s.period_us == 30 * US_PER_DAY);
        report_free(report);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                T(vault__gives_back_what_was_appended),
                T(vault__starts_a_new_epoch_each_time_and_keeps_the_order),
                T(vault__merges_many_classes_by_seq),
                T(vault__puts_classes_beyond_eight_into_class_0),
                T(vault__closes_segments_at_their_size_and_age),
                T(vault__wakes_who_watches_the_mark),
                T(vault__fetches_one_entry_by_position),
                T(vault__refuses_beyond_its_ceiling_and_recovers),
                T(vault__refuses_when_the_disk_is_nearly_full),
                T(vault__refuses_bad_items_but_not_their_neighbours),
                T(vault__keeps_large_and_empty_plaintexts),
                T(vault__belongs_to_one_agent),
                T(vault__does_not_start_with_another_master_key),
                T(vault__does_not_start_as_another_region_or_without_its_keys),
                T(vault__leaves_no_plaintext_on_the_disk),
                T(vault__refuses_records_that_were_erased),
                T(vault__says_erased_where_the_subjects_key_is_gone),
                T(vault__forgets_cached_keys_when_the_generation_moves),
                T(vault__says_expired_where_the_periods_key_is_gone),
                T(vault__never_uses_a_subjects_number_again),
                T(vault__makes_aliases_only_of_what_is_unclaimed),
                T(vault__gives_every_period_its_own_key),
                T(vault__rows_of_options_are_sound),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
