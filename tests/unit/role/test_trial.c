/* test_trial.c - a set before its own cases: what holds, which case fails, what takes too long. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/log.h"
#include "trial.h"

#define POLICY "policy = \"p\"; version = 3; language = 1; title = \"T\";\n" \
        "records = { feedback = \"go\"; };\nsubject = \"none\";\n" \
        "transfers = ( { to = [\"EEA\"]; allow = [\"kafka\", \"warehouse\", \"reading\"]; basis = \"inside\"; } );\n" \
        "keep = { warehouse = \"3 years\"; };\nfields = ( { field = [\"title\", \"body\"]; do = \"clean\"; } );\n" \
        "find = ( { what = \"email\"; do = \"mask\"; } );\n"
#define CASE(body, expected) "case: words\npolicy: p\nhub: EEA\ndate: 2026-11-20\n\nCOMES IN\nkind: feedback\n" \
        "body: " body "\n\nGOES\nbody: " expected "\n"

static char root[64];
static struct region region = { .code = "de-frankfurt", .title = "", .jurisdiction = "EEA", .timezone = "UTC", .policy = "p" };
static struct hub hub = { .places = { { .what = PLACE_KAFKA, .jurisdiction = "EEA" }, { .what = PLACE_WAREHOUSE, .jurisdiction = "EEA" } },
                          .n_places = 2 };
static struct book *book;
static struct book_spec spec;
static struct loop *loop;
static int n_done;

static void put(const char *name, const char *text)
{
        char path[192];
        struct err err = ERR_INIT;
        snprintf(path, sizeof path, "%s/%s", root, name);
        if (!file_save(path, slice_of(text), 0600, &err))
                fail_msg("%s", err.text);
}

static int begin(void **state)
{
        char path[192];
        struct err err = ERR_INIT;
        struct report *report = report_new();
        (void)state;
        log_setup(LOG_LEVEL_ERROR, false);
        snprintf(root, sizeof root, "/tmp/test_trial.XXXXXX");
        assert_non_null(mkdtemp(root));
        snprintf(path, sizeof path, "%s/cases/p", root);
        assert_true(dir_make(path, 0700, &err) && loop_new(&loop, &err));
        put("p.cfg", POLICY);
        spec = (struct book_spec){ root, &region, &hub };
        if (!book_load(&book, &spec, report)) {
                report_print(report, stderr);
                fail_msg("the policy has errors");
        }
        report_free(report);
        n_done = 0;
        return 0;
}

static int finish(void **state)
{
        char command[96];
        (void)state;
        book_drop(book);
        loop_free(loop);
        snprintf(command, sizeof command, "rm -r %s", root);
        return system(command);
}

static void fails(const char *part)
{
        char why[TRIAL_WHY];
        assert_false(trial_now(book, &spec, TRIAL_US, NULL, why));
        if (!strstr(why, part))
                fail_msg("\"%s\" is not said, but: %s", part, why);
}

static void holds(void)
{
        char why[TRIAL_WHY];
        if (!trial_now(book, &spec, TRIAL_US, NULL, why))
                fail_msg("%s", why);
        assert_string_equal(why, "");
}

static void set__holds_without_cases_and_with_those_that_do(void **state)
{
        (void)state;
        holds();
        put("cases/p/one.case", CASE("write to a@corp.example", "write to [email 1]"));
        holds();
}

static void set__fails_by_the_case_that_is_named(void **state)
{
        (void)state;
        put("cases/p/good.case", CASE("slow", "slow"));
        put("cases/p/mask.case", CASE("write to a@corp.example", "write to a@corp.example"));
        fails("cases/p/mask.case:11: body is not as expected");
        put("cases/p/other.case", "what is this\n");
        fails("(and 1 more)");
        put("cases/p/mask.case", "titel: x\n");
        fails("cases/p/mask.case:1: ");
}

static void set__is_the_one_that_waits_whatever_the_folder_has(void **state)
{
        (void)state;
        put("cases/p/one.case", CASE("write to a@corp.example", "write to [email 1]"));
        put("p.cfg", "nonsense");
        holds();
}

static void set__that_takes_too_long_fails(void **state)
{
        char why[TRIAL_WHY];
        atomic_bool stop;
        (void)state;
        put("cases/p/one.case", CASE("slow", "slow"));
        assert_false(trial_now(book, &spec, -1, NULL, why));
        assert_non_null(strstr(why, "take too long"));
        atomic_init(&stop, true); /* whoever stops asks no more */
        trial_now(book, &spec, TRIAL_US, &stop, why);
}

static void on_done(void *ctx)
{
        (void)ctx;
        n_done++;
        loop_stop(loop);
}

static void trial__tells_on_the_loop_what_came_of_it(void **state)
{
        struct trial *t;
        struct err err = ERR_INIT;
        char why[TRIAL_WHY];
        (void)state;
        put("cases/p/mask.case", CASE("write to a@corp.example", "write to a@corp.example"));
        assert_true(trial_open(&t, loop, on_done, NULL, &err));
        assert_int_equal(trial_of(t, book_hash(book), why), TRIAL_UNKNOWN);
        assert_true(trial_begin(t, book, &spec, &err));
        assert_int_equal(trial_of(t, book_hash(book), why), TRIAL_RUNS);
        assert_false(trial_begin(t, book, &spec, &err));
        assert_int_equal(err.kind, ERR_BUSY);
        assert_true(loop_run(loop, &err));
        assert_int_equal(n_done, 1);
        assert_int_equal(trial_of(t, book_hash(book), why), TRIAL_FAILS);
        assert_non_null(strstr(why, "mask.case"));
        trial_forget(t);
        assert_int_equal(trial_of(t, book_hash(book), why), TRIAL_UNKNOWN);
        assert_true(trial_begin(t, book, &spec, &err));
        trial_close(t); /* while it runs */
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, begin, finish)
        const struct CMUnitTest tests[] = {
                T(set__holds_without_cases_and_with_those_that_do),
                T(set__fails_by_the_case_that_is_named),
                T(set__is_the_one_that_waits_whatever_the_folder_has),
                T(set__that_takes_too_long_fails),
                T(trial__tells_on_the_loop_what_came_of_it),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
