/* test_notes.c - the account of what was done with people's data: its form, and its way into the vault. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "notes.h"

static char root[64], state_dir[96];
static struct keyer *keyer;
static struct loop *loop;

static int open_state(void **state)
{
        struct err err = ERR_INIT;
        char recovery[128];
        (void)state;
        log_setup(LOG_LEVEL_ERROR, false);
        snprintf(root, sizeof root, "/tmp/test_notes.XXXXXX");
        assert_non_null(mkdtemp(root));
        snprintf(state_dir, sizeof state_dir, "%s/state", root);
        snprintf(recovery, sizeof recovery, "%s/recovery", root);
        if (!dir_make(state_dir, 0700, &err) || !keys_generate(state_dir, recovery, &err) ||
            !keyer_open(&keyer, state_dir, &err) || !loop_new(&loop, &err))
                fail_msg("%s", err.text);
        return 0;
}

static int drop_state(void **state)
{
        char command[96];
        (void)state;
        keyer_close(keyer);
        loop_free(loop);
        snprintf(command, sizeof command, "rm -rf %s", root);
        return system(command);
}

static const struct note reveal = { .what = "reveal", .record = { 3, 17 }, .by = { "ann.o-neil", 10 }, .uid = 1007 };

static void note__says_who_did_what_with_which_record(void **state)
{
        struct buf b;
        struct slice json;
        struct err err = ERR_INIT;
        (void)state;
        buf_init(&b, 4096);
        assert_true(note_format(keyer, &reveal, INT64_C(1795431720000000), &b, &err));
        assert_true(note_read(keyer, buf_slice(&b), &json));
        assert_true(slice_is(json, "{\"what\":\"reveal\",\"record\":\"3-17\",\"by\":\"ann.o-neil\",\"uid\":1007,"
                                   "\"at\":\"2026-11-23T11:02:00Z\"}"));
        b.p[b.n - 3] ^= 1;
        assert_false(note_read(keyer, buf_slice(&b), &json));
        assert_false(note_read(keyer, slice_make(b.p, 63), &json));
        buf_clear(&b);
}

static void note__takes_no_login_that_is_none(void **state)
{
        static const char *const bad[] = { "", "two words", "a\"b", "new\nline", "\xc3\xa4nn",
                                           "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" };
        (void)state;
        for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
                struct buf b;
                struct note n = reveal;
                struct err err = ERR_INIT;
                buf_init(&b, 4096);
                n.by = slice_of(bad[i]);
                assert_false(note_format(keyer, &n, 0, &b, &err));
                assert_int_equal(err.kind, ERR_DATA);
                assert_int_equal(b.n, 0);
                buf_clear(&b);
        }
}

struct told {
        int n;
        struct position at;
        bool ok;
};

static void on_done(void *ctx, struct position at, const struct err *failed)
{
        struct told *t = ctx;
        t->n++;
        t->at = at;
        t->ok = !failed;
        loop_stop(loop);
}

static void notes__are_told_of_when_they_are_durable(void **state)
{
        struct vault_settings s = { .max_bytes = 1 << 30, .segment_bytes = 1 << 20, .segment_age_us = US_PER_HOUR,
                                    .group_bytes = 1 << 20, .period_us = 30 * US_PER_DAY };
        struct err err = ERR_INIT;
        struct vault *v;
        struct notes *n = NULL;
        struct told told = { 0 }, late = { 0 };
        struct vault_reader *r;
        enum vault_read what;
        struct vault_entry e;
        struct slice json;
        (void)state;
        if (!vault_open(&v, state_dir, "jp-tokyo", &s, NULL, &err) || !notes_open(&n, loop, v, keyer, &err))
                fail_msg("%s", err.text);
        assert_true(notes_add(n, &reveal, on_done, &told, &err));
        assert_true(loop_run(loop, &err));
        assert_true(told.n == 1 && told.ok && told.at.seq == 1);
        assert_true(vault_reader_open(&r, v, (struct position){ 0, 0 }, &err));
        assert_true(vault_read(r, &what, &e, &err) && what == VAULT_ENTRY && e.kind == ENTRY_LEDGER);
        assert_true(note_read(keyer, e.plain, &json) && slice_starts(json, SLICE("{\"what\":\"reveal\"")));
        vault_reader_close(r);
        assert_true(notes_add(n, &reveal, on_done, &late, &err));
        vault_close(v); /* commits; nobody's loop runs any more */
        notes_close(n);
        assert_true(late.n == 1 && late.ok && late.at.seq == 2);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(note__says_who_did_what_with_which_record),
                cmocka_unit_test(note__takes_no_login_that_is_none),
                cmocka_unit_test(notes__are_told_of_when_they_are_durable),
        };
        return cmocka_run_group_tests(tests, open_state, drop_state);
}
