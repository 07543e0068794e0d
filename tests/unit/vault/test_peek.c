/* test_peek.c - the vault seen from outside: beside its agent, after it, and what is not there. */
#include "help.h"

#include <sys/time.h>


static struct vault *peek(void)
{
        struct vault *v;
        struct err err = ERR_INIT;

        if (!vault_peek(&v, state_dir, &err))
                fail_msg("%s", err.text);
        return v;
}

static void peek__reads_beside_the_agent_and_after_it(void **state)
{
        struct vault_found found;
        struct vault *v = open_vault(&found), *seen;
        struct vault_reader *r;
        struct vault_entry e;
        enum vault_read what;
        struct err err = ERR_INIT;

        (void)state;
        append(v, "email:ann@example.org", "eea", "first");
        struct position second = append(v, NULL, "", "second");
        seen = peek();
        r = open_reader(seen, (struct position){ 0, 0 });
        expect_entry(r, "first");
        expect_entry(r, "second");
        append(v, NULL, "eea", "third");
        expect(r, VAULT_END);
        assert_true(vault_fetch(r, second, &what, &e, &err) && what == VAULT_ENTRY && slice_is(e.plain, "second"));
        vault_reader_close(r);
        vault_close(seen);
        append(v, NULL, "eea", "fourth");
        vault_close(v);

        seen = peek();
        r = open_reader(seen, second);
        expect_entry(r, "third");
        expect_entry(r, "fourth");
        expect(r, VAULT_END);
        vault_reader_close(r);
        vault_close(seen);
        v = open_vault(&found); /* nothing was changed, nothing is locked */
        assert_int_equal(found.entries, 4);
        assert_int_equal(found.torn_entries + found.damaged_entries, 0);
        vault_close(v);
}

static void peek__passes_by_what_was_written_before_the_span(void **state)
{
        struct vault_found found;
        struct vault *v = open_vault(&found), *seen;
        struct timeval old[2] = { { 1700000000, 0 }, { 1700000000, 0 } };
        struct position from;
        struct vault_reader *r;

        (void)state;
        append(v, NULL, "", "old");
        vault_close(v);
        list_segments();
        assert_int_equal(utimes(segment_paths[0], old), 0);
        v = open_vault(&found);
        append(v, NULL, "", "new");
        seen = peek();
        assert_true(vault_since(seen, INT64_C(1750000000) * US_PER_SECOND, &from));
        r = open_reader(seen, from);
        expect_entry(r, "new");
        vault_reader_close(r);
        assert_true(vault_since(seen, INT64_MIN, &from));
        r = open_reader(seen, from);
        expect_entry(r, "old");
        vault_reader_close(r);
        assert_false(vault_since(seen, clock_now_us() + US_PER_DAY, &from));
        vault_close(seen);
        vault_close(v);
}

static void peek__says_what_to_do_where_no_vault_is(void **state)
{
        struct vault *v;
        struct err err = ERR_INIT;

        (void)state;
        assert_false(vault_peek(&v, "/nowhere/at/all", &err));
        assert_null(v);
        assert_non_null(strstr(err.hint, "--state"));
        assert_false(vault_peek(&v, state_dir, &err)); /* keys, and no vault yet */
        assert_null(v);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                T(peek__reads_beside_the_agent_and_after_it),
                T(peek__passes_by_what_was_written_before_the_span),
                T(peek__says_what_to_do_where_no_vault_is),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
