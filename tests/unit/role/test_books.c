/* test_books.c - which set is in force: looser ones wait for signatures, over restarts, too; and none
 * is that does not do what its cases say. A restart is a fresh struct books over the same state. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"
#include "base/log.h"
#include "base/sign.h"
#include "base/text.h"
#include "books.h"
#include "trial.h"

#define SET(version, more)                                                                                     \
        "policy = \"p\"; version = " version "; language = 1; title = \"T\";\n"                                \
        "protects = { people_in = [\"EEA\"]; residence_unknown = \"as_region\"; };\n"                          \
        "records = { feedback = \"go\"; " more "};\n"                                                          \
        "fields = ( { field = \"body\"; do = \"clean\"; } );\n"                                                \
        "transfers = ( { to = [\"EEA\"]; allow = [\"kafka\", \"warehouse\", \"reading\"]; basis = \"b\"; } );\n" \
        "keep = { warehouse = \"3 years\"; };\n"

static struct {
        char dir[64], state[80], policies[80];
        struct region region;
        struct hub hub;
        struct keyer *keyer;
        struct books books;
        struct report *report;
        int trials; /* so often were cases tried */
} world;

static void put(const char *name, const char *text)
{
        char path[192];
        struct err err = ERR_INIT;
        snprintf(path, sizeof path, "%s/%s", world.policies, name);
        assert_true(file_save(path, slice_of(text), 0600, &err));
}

static void restart(void)
{
        books_clear(&world.books);
        world.books = (struct books){ .state_dir = world.state, .keyer = world.keyer };
}

static bool tested(void *ctx, struct book *fresh, const struct book_spec *spec, struct report *report)
{
        char why[TRIAL_WHY];
        (void)ctx;
        world.trials++;
        bool holds = trial_now(fresh, spec, TRIAL_US, NULL, why);
        if (!holds)
                report_add(report, REPORT_ERROR, "policies", 0, 0, NULL, "%s", why);
        return holds;
}

/* As restart(), and cases count. */
static void restart_trying(void)
{
        restart();
        world.books.tested = tested;
        world.trials = 0;
}

static void put_case(const char *kind, const char *verdict)
{
        char text[256], path[160];
        struct err err = ERR_INIT;
        snprintf(path, sizeof path, "%s/cases/p", world.policies);
        assert_true(dir_make(path, 0700, &err));
        snprintf(text, sizeof text, "region: de-frankfurt\ndate: 2026-11-20\n\nCOMES IN\nkind: %s\nbody: slow\n\n%s\nby: p.cfg\n", kind, verdict);
        put("cases/p/one.case", text);
}

static bool reload(void)
{
        const struct book_spec spec = { world.policies, &world.region, &world.hub };
        report_free(world.report);
        world.report = report_new();
        return books_load(&world.books, &spec, world.report);
}

static int set_up(void **state)
{
        (void)state;
        char path[160], recovery[100];
        struct err err = ERR_INIT;
        memset(&world, 0, sizeof world);
        snprintf(world.dir, sizeof world.dir, "/tmp/books-test-XXXXXX");
        assert_non_null(mkdtemp(world.dir));
        snprintf(world.state, sizeof world.state, "%s/state", world.dir);
        snprintf(world.policies, sizeof world.policies, "%s/policies", world.dir);
        snprintf(path, sizeof path, "%s/signatures", world.policies);
        snprintf(recovery, sizeof recovery, "%s/recovery", world.dir);
        assert_true(dir_make(world.state, 0700, &err) && dir_make(path, 0700, &err));
        assert_true(keys_generate(world.state, recovery, &err) && keyer_open(&world.keyer, world.state, &err));
        world.region = (struct region){ .code = "de-frankfurt", .jurisdiction = "EEA", .timezone = "UTC", .policy = "p" };
        world.hub.places[0] = (struct hub_place){ .what = PLACE_KAFKA, .jurisdiction = "DE" };
        world.hub.places[1] = (struct hub_place){ .what = PLACE_WAREHOUSE, .jurisdiction = "IE" };
        world.hub.n_places = 2;
        restart();
        return 0;
}

static int tear_down(void **state)
{
        (void)state;
        char command[128];
        books_clear(&world.books);
        keyer_close(world.keyer);
        report_free(world.report);
        snprintf(command, sizeof command, "rm -r %s", world.dir);
        return system(command) == 0 ? 0 : -1;
}

static struct sign *key_of(char who)
{
        uint8_t seed[SIGN_KEY];
        memset(seed, who, sizeof seed);
        return sign_new(seed);
}

/* officers.cfg with these people, each by a letter. */
static void put_officers(const char *version, const char *who)
{
        struct buf b;
        buf_init(&b, 1 << 16);
        buf_printf(&b, "version = %s;\nofficers = (", version);
        for (const char *p = who; *p; p++) {
                uint8_t key[SIGN_KEY];
                struct sign *s = key_of(*p);
                sign_public(s, key);
                sign_free(s);
                buf_printf(&b, "%s { name = \"o-%c\"; key = \"ed25519:", p == who ? "" : ",", *p);
                buf_put_hex(&b, key, sizeof key);
                buf_puts(&b, "\"; }");
        }
        buf_puts(&b, " );\n");
        put("officers.cfg", b.p);
        buf_clear(&b);
}

/* The officers sign what lies in the folder now, and nothing else is signed. */
static void put_signatures(const char *who)
{
        const struct book_spec spec = { world.policies, &world.region, &world.hub };
        struct book *b;
        struct buf lines, text;
        buf_init(&lines, 1 << 16);
        buf_init(&text, 4096);
        assert_true(book_load(&b, &spec, NULL));
        for (const char *p = who; *p; p++) {
                struct signer s = { .on = "2026-11-23" };
                struct sign *key = key_of(*p);
                snprintf(s.officer, sizeof s.officer, "o-%c", *p);
                buf_reset(&text);
                officers_statement(b, world.region.code, s.officer, s.on, &text);
                sign_bytes(key, buf_slice(&text), s.signature);
                signer_format(b, &s, &lines);
                sign_free(key);
        }
        put("signatures/de-frankfurt.sig", lines.p ? lines.p : "");
        buf_clear(&lines);
        buf_clear(&text);
        book_drop(b);
}

static void must_run(int version, bool open)
{
        assert_non_null(world.books.book);
        assert_int_equal(book_version(world.books.book), version);
        assert_true(world.books.open == open);
}

static bool says(const char *text)
{
        for (size_t i = 0; i < report_size(world.report); i++)
                if (strstr(report_at(world.report, i)->text, text) ||
                    (report_at(world.report, i)->hint && strstr(report_at(world.report, i)->hint, text)))
                        return true;
        return false;
}

static void without_officers__a_looser_set_takes_effect_and_is_told_loudly(void **state)
{
        (void)state;
        put("p.cfg", SET("3", ""));
        assert_true(reload());
        must_run(3, true);
        assert_false(world.books.unsigned_loosening);
        put("p.cfg", SET("4", "event = \"go\"; "));
        assert_true(reload());
        must_run(4, true);
        assert_true(world.books.unsigned_loosening);
        assert_true(says("looser than before: event records: now go, before stay"));
        assert_true(says("nobody had to sign"));
        restart();
        assert_true(reload());
        assert_true(world.books.unsigned_loosening);
}

static void a_looser_set__waits_until_two_officers_signed_it(void **state)
{
        (void)state;
        put_officers("1", "abc");
        put("p.cfg", SET("3", ""));
        put_signatures("ab");
        assert_true(reload());
        must_run(3, true);
        assert_int_equal(book_signers(world.books.book)->n, 2);
        int64_t since = world.books.since_us;

        put("p.cfg", SET("4", "event = \"go\"; "));
        assert_false(reload());
        must_run(3, true);
        assert_true(world.books.stale && world.books.waiting.is);
        assert_int_equal(world.books.waiting.version, 4);
        assert_int_equal(changes_count(world.books.waiting.changes, CHANGE_LOOSER), 1);
        assert_string_equal(world.books.trouble, "policy p version 4 is looser than what is in force, and waits for signatures: 0 of 2");
        assert_true(says("event records: now go, before stay"));
        assert_true(says("tributary policy sign --region de-frankfurt"));

        put_signatures("c");
        assert_false(reload());
        must_run(3, true);
        assert_int_equal(world.books.waiting.have.n, 1);
        assert_string_equal(world.books.trouble, "policy p version 4 is looser than what is in force, and waits for signatures: 1 of 2, by o-c");
        restart(); /* killed here */
        assert_false(reload());
        must_run(3, true);
        assert_true(world.books.since_us == since);

        put_signatures("cc"); /* twice the same */
        assert_false(reload());
        put_signatures("cx"); /* a stranger */
        assert_false(reload());
        assert_true(says("no officer in force has this name"));
        put_signatures("ca");
        assert_true(reload());
        must_run(4, true);
        assert_false(world.books.stale || world.books.waiting.is);
        assert_string_equal(book_signers(world.books.book)->list[0].officer, "o-c");
        restart();
        assert_true(reload());
        must_run(4, true);
        assert_int_equal(book_signers(world.books.book)->n, 2);
}

static void the_first_set__is_before_its_cases_like_any_other(void **state)
{
        (void)state;
        restart_trying();
        put("p.cfg", SET("3", ""));
        put_case("feedback", "STAYS");
        assert_false(reload());
        assert_null(world.books.book); /* the floor discards, nothing leaves */
        assert_false(world.books.open);
        assert_true(world.books.stale && world.books.fails_cases);
        assert_non_null(strstr(world.books.trouble, "cases/p/one.case:8: decision is not as expected: \"goes, by p.cfg:3 records\", not \"stays\""));
        restart_trying(); /* it is not good because it lay here before */
        assert_false(reload());
        assert_null(world.books.book);
        put_case("feedback", "GOES");
        assert_true(reload());
        must_run(3, true);
        assert_false(world.books.stale || world.books.fails_cases);
}

static void a_changed_set_at_a_restart__is_before_its_cases(void **state)
{
        (void)state;
        restart_trying();
        put("p.cfg", SET("3", ""));
        put_case("event", "STAYS");
        assert_true(reload());
        put("p.cfg", SET("4", "event = \"go\"; "));
        restart_trying();
        assert_false(reload());
        must_run(3, true);
        assert_true(world.books.stale && world.books.fails_cases);
        assert_non_null(strstr(world.books.trouble, "cases/p/one.case:8"));
        put("p.cfg", "policy = \"p\"; records = "); /* broken is another trouble */
        assert_false(reload());
        assert_false(world.books.fails_cases);
        put("p.cfg", SET("4", "event = \"go\"; "));
        put_case("event", "GOES");
        restart_trying();
        assert_true(reload());
        must_run(4, true);
}

static void what_is_in_force__is_not_tried_again(void **state)
{
        (void)state;
        restart_trying();
        put("p.cfg", SET("3", ""));
        put_case("feedback", "GOES");
        assert_true(reload());
        assert_int_equal(world.trials, 1);
        put_case("feedback", "STAYS"); /* cases changed, the set did not */
        restart_trying();
        assert_true(reload());
        must_run(3, true);
        assert_int_equal(world.trials, 0);
}

/* Its first set failed, and with officers.cfg the mended one waits: it discards, as any first does. */
static void the_first_set_that_waits_for_signatures__was_tried_before(void **state)
{
        (void)state;
        restart_trying();
        put_officers("1", "ab");
        put("p.cfg", SET("3", ""));
        put_case("feedback", "STAYS");
        put_signatures("ab");
        assert_false(reload());
        assert_null(world.books.book);
        assert_false(world.books.waiting.is);
        put_case("feedback", "GOES");
        assert_true(reload()); /* signatures are of the set: its cases are none of it */
        must_run(3, true);
}

static void a_stricter_set__takes_effect_at_once(void **state)
{
        (void)state;
        put_officers("1", "ab");
        put("p.cfg", SET("3", "event = \"go\"; "));
        put_signatures("ab");
        assert_true(reload());
        put("p.cfg", SET("4", ""));
        assert_true(reload());
        must_run(4, true);
        assert_int_equal(book_signers(world.books.book)->n, 0);
        put("p.cfg", SET("5", "event = \"go\"; "));
        assert_false(reload()); /* the signatures of version 3 are for version 3 */
        must_run(4, true);
}

static void the_first_set_of_a_region_with_officers__waits_for_them(void **state)
{
        (void)state;
        put_officers("1", "ab");
        put("p.cfg", SET("3", ""));
        assert_false(reload());
        must_run(3, false);
        assert_true(world.books.waiting.is);
        assert_string_equal(world.books.trouble, "policy p version 3 is the first of this region, and waits for signatures: 0 of 2");
        put_signatures("ab");
        assert_true(reload());
        must_run(3, true);
}

static void officers__come_freely_and_go_by_signature(void **state)
{
        (void)state;
        put("p.cfg", SET("3", ""));
        assert_true(reload());
        put_officers("1", "ab");
        assert_true(reload());
        assert_true(book_has_officers(world.books.base));
        put_officers("2", "abx"); /* a third */
        assert_false(reload());
        assert_true(says("officer \"o-x\" may sign from now on"));
        put_signatures("xa");
        assert_false(reload());
        put_signatures("ba");
        assert_true(reload());
        char path[160];
        snprintf(path, sizeof path, "%s/officers.cfg", world.policies);
        assert_int_equal(unlink(path), 0);
        assert_false(reload());
        assert_true(says("nobody need sign any more"));
        assert_true(book_has_officers(world.books.base));
        put_officers("1", "ab"); /* an older file again */
        assert_false(reload());
        assert_true(says("officers.cfg goes down to version 1"));
}

static void a_version_that_went_down__is_refused_and_the_set_before_stays_open(void **state)
{
        (void)state;
        put("p.cfg", SET("4", ""));
        assert_true(reload());
        put("p.cfg", SET("3", ""));
        assert_false(reload());
        must_run(4, true);
        assert_non_null(strstr(world.books.trouble, "p.cfg:1: policy \"p\" goes down to version 3"));
        restart();
        assert_false(reload());
        must_run(4, true);
}

static void a_broken_file_at_the_start__discards_by_the_cached_set_and_lets_nothing_out(void **state)
{
        (void)state;
        put_officers("1", "ab");
        put("p.cfg", SET("3", ""));
        put_signatures("ab");
        assert_true(reload());
        put("p.cfg", "policy = \"p\"; records = ");
        assert_false(reload());
        must_run(3, true); /* it runs on */
        restart();
        assert_false(reload());
        must_run(3, false);
        put("p.cfg", SET("4", "event = \"go\"; ")); /* mended, and looser */
        assert_false(reload());
        must_run(3, true);
        put("p.cfg", SET("3", ""));
        assert_true(reload());
        must_run(3, true);
}

static void a_hub_that_moved__opens_nothing_unsigned(void **state)
{
        (void)state;
        put_officers("1", "ab");
        put("p.cfg", SET("3", ""));
        world.hub.places[1].jurisdiction = "US"; /* closed */
        put_signatures("ab");
        assert_true(reload());
        world.hub.places[1].jurisdiction = "FR";
        assert_false(reload());
        must_run(3, false);
        assert_true(says("by where the hub's Kafka and warehouse are: now open, before closed"));
        restart();
        assert_false(reload());
        must_run(3, false);
        put_signatures("ab");
        assert_true(reload());
        must_run(3, true);
        world.hub.places[1].jurisdiction = "IE"; /* as open as before */
        assert_true(reload());
        must_run(3, true);
}

static void a_damaged_cache__is_no_set(void **state)
{
        (void)state;
        char path[160];
        struct err err = ERR_INIT;
        struct buf b;
        put("p.cfg", SET("3", ""));
        assert_true(reload());
        snprintf(path, sizeof path, "%s/policy.cache", world.state);
        buf_init(&b, 1 << 20);
        assert_true(file_read(&b, path, &err));
        b.p[b.n / 2] = (char)(b.p[b.n / 2] ^ 1);
        assert_true(file_save(path, buf_slice(&b), 0600, &err));
        buf_clear(&b);
        restart();
        put("p.cfg", "broken");
        assert_false(reload());
        assert_null(world.books.book);
        assert_true(world.books.lost);
        put_officers("1", "ab");
        put("p.cfg", SET("3", ""));
        assert_false(reload());
        must_run(3, false);
        assert_non_null(strstr(world.books.trouble, "cannot be compared with what was in force (policy.cache of the state cannot be read), "
                                                    "and waits for signatures: 0 of 2"));
        put_signatures("ab");
        assert_true(reload());
        must_run(3, true);
        assert_false(world.books.lost);
}

/* As the first release wrote it: signature, since, set. */
static void a_cache_of_an_earlier_release__is_read(void **state)
{
        (void)state;
        const struct book_spec spec = { world.policies, &world.region, &world.hub };
        struct book *b;
        struct buf body, file;
        struct err err = ERR_INIT;
        uint8_t signature[64];
        char path[160];
        put_officers("1", "ab");
        put("p.cfg", SET("3", ""));
        assert_true(book_load(&b, &spec, NULL));
        buf_init(&body, 1 << 20);
        buf_init(&file, 1 << 20);
        buf_put_u64(&body, 1795000000000000);
        book_pack(b, &body);
        keyer_sign(world.keyer, buf_slice(&body), signature);
        buf_put(&file, slice_make(signature, sizeof signature));
        buf_put(&file, buf_slice(&body));
        snprintf(path, sizeof path, "%s/policy.cache", world.state);
        assert_true(file_save(path, buf_slice(&file), 0600, &err));
        assert_true(reload());
        must_run(3, true);
        assert_true(world.books.since_us == 1795000000000000);
        put("p.cfg", SET("4", "event = \"go\"; "));
        assert_false(reload());
        must_run(3, true);
        buf_clear(&body);
        buf_clear(&file);
        book_drop(b);
}

/* Signed by the region's key, and with a line that is a mistake today. */
static void a_set_in_force_that_this_release_refuses__is_not_compared_with(void **state)
{
        (void)state;
        static const char text[] = "policy = \"p\"; version = 2; language = 1; title = \"T\"; fields = 7;\n";
        const struct policy_file file = { "p.cfg", { text, sizeof text - 1 } };
        struct buf body, cache;
        struct err err = ERR_INIT;
        uint8_t signature[64];
        char path[160];
        buf_init(&body, 1 << 20);
        buf_init(&cache, 1 << 20);
        buf_put_u64(&body, 1795000000000000);
        policy_pack(&file, 1, &body);
        keyer_sign(world.keyer, buf_slice(&body), signature);
        buf_put(&cache, slice_make(signature, sizeof signature));
        buf_put(&cache, buf_slice(&body));
        snprintf(path, sizeof path, "%s/policy.cache", world.state);
        assert_true(file_save(path, buf_slice(&cache), 0600, &err));
        put_officers("1", "ab");
        put("p.cfg", SET("3", ""));
        assert_false(reload());
        must_run(3, false);
        assert_true(world.books.lost);
        put_signatures("ab");
        assert_true(reload());
        must_run(3, true);
        buf_clear(&body);
        buf_clear(&cache);
}

static void signatures_that_cannot_be_read__sign_nothing(void **state)
{
        (void)state;
        char path[192];
        put_officers("1", "ab");
        put("p.cfg", SET("3", ""));
        snprintf(path, sizeof path, "%s/signatures/de-frankfurt.sig", world.policies);
        assert_int_equal(mkdir(path, 0700), 0);
        assert_false(reload());
        must_run(3, false);
        assert_true(says("signatures cannot be read"));
        assert_int_equal(rmdir(path), 0);
        put("signatures/de-frankfurt.sig", "\x01\xff nonsense\n# nothing\n\n");
        assert_false(reload());
        assert_true(says("this is no signature"));
        put_signatures("ab");
        assert_true(reload());
        must_run(3, true);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(without_officers__a_looser_set_takes_effect_and_is_told_loudly, set_up, tear_down),
                cmocka_unit_test_setup_teardown(a_looser_set__waits_until_two_officers_signed_it, set_up, tear_down),
                cmocka_unit_test_setup_teardown(the_first_set__is_before_its_cases_like_any_other, set_up, tear_down),
                cmocka_unit_test_setup_teardown(a_changed_set_at_a_restart__is_before_its_cases, set_up, tear_down),
                cmocka_unit_test_setup_teardown(what_is_in_force__is_not_tried_again, set_up, tear_down),
                cmocka_unit_test_setup_teardown(the_first_set_that_waits_for_signatures__was_tried_before, set_up, tear_down),
                cmocka_unit_test_setup_teardown(a_stricter_set__takes_effect_at_once, set_up, tear_down),
                cmocka_unit_test_setup_teardown(the_first_set_of_a_region_with_officers__waits_for_them, set_up, tear_down),
                cmocka_unit_test_setup_teardown(officers__come_freely_and_go_by_signature, set_up, tear_down),
                cmocka_unit_test_setup_teardown(a_version_that_went_down__is_refused_and_the_set_before_stays_open, set_up, tear_down),
                cmocka_unit_test_setup_teardown(a_broken_file_at_the_start__discards_by_the_cached_set_and_lets_nothing_out, set_up, tear_down),
                cmocka_unit_test_setup_teardown(a_hub_that_moved__opens_nothing_unsigned, set_up, tear_down),
                cmocka_unit_test_setup_teardown(a_damaged_cache__is_no_set, set_up, tear_down),
                cmocka_unit_test_setup_teardown(a_set_in_force_that_this_release_refuses__is_not_compared_with, set_up, tear_down),
                cmocka_unit_test_setup_teardown(a_cache_of_an_earlier_release__is_read, set_up, tear_down),
                cmocka_unit_test_setup_teardown(signatures_that_cannot_be_read__sign_nothing, set_up, tear_down),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
