/* test_officers.c - who may sign, what they sign, and whose signatures count. */
#include "base/sign.h"
#include "base/text.h"
#include "desk.h"
#include "policy/looser.h"

#define TOMORROW (NOON + US_PER_DAY)

enum { JANA, KEN, MIA, PEOPLE };
static const char *const names[PEOPLE] = { "jana", "ken", "mia" };

static struct sign *key_of(int who)
{
        uint8_t seed[SIGN_KEY];
        memset(seed, 'A' + who, sizeof seed);
        struct sign *s = sign_new(seed);
        assert_non_null(s);
        return s;
}

static const char *public_of(int who)
{
        uint8_t key[SIGN_KEY];
        char hex[2 * SIGN_KEY + 1];
        struct sign *s = key_of(who);
        sign_public(s, key);
        sign_free(s);
        hex_encode(hex, key, sizeof key);
        return arena_printf(desk.arena, "ed25519:%s", hex);
}

static const char *officer(int who, const char *more)
{
        return arena_printf(desk.arena, "{ name = \"%s\"; key = \"%s\"; %s }", names[who], public_of(who), more);
}

static const char *house(const char *head, const char *a, const char *b, const char *c)
{
        return arena_printf(desk.arena, "%s\nofficers = ( %s%s%s%s%s );\n", head, a, *b ? ",\n" : "", b, *c ? ",\n" : "", c);
}

static const char *usual(void)
{
        return house("version = 1;", officer(JANA, ""), officer(KEN, "until = \"2026-11-18\";"),
                     officer(MIA, "regions = [\"jp-tokyo\", \"de-frankfurt\"];"));
}

static struct book *load_p(void)
{
        const struct book_spec spec = { desk.dir, &desk.region, &desk.hub };
        struct book *b;
        put_file("p.cfg", HEAD("p") OPEN WORDS);
        if (!book_load(&b, &spec, desk.report)) {
                show_report();
                fail_msg("the set has errors");
        }
        return b;
}

static void sign(struct buf *out, const struct book *b, int who, const char *region)
{
        struct signer s = { .on = "2026-11-17" };
        struct buf text;
        struct sign *key = key_of(who);
        buf_init(&text, 4096);
        snprintf(s.officer, sizeof s.officer, "%s", names[who]);
        officers_statement(b, region, s.officer, s.on, &text);
        sign_bytes(key, buf_slice(&text), s.signature);
        signer_format(b, &s, out);
        sign_free(key);
        buf_clear(&text);
}

static size_t good(const struct book *judge_by, const struct book *b, const struct buf *text, int64_t now_us)
{
        struct signers s;
        desk_clear();
        officers_verify(&s, judge_by, b, "de-frankfurt", buf_slice(text), "signatures/de-frankfurt.sig", now_us, desk.report);
        return s.n;
}

static void two_officers_who_signed_this_set__count(void **state)
{
        (void)state;
        put_file("officers.cfg", usual());
        struct book *b = load_p();
        struct buf text;
        buf_init(&text, 1 << 16);
        assert_true(book_has_officers(b));
        assert_int_equal(book_signatures_needed(b), 2);
        assert_int_equal(book_officers_live(b, "de-frankfurt", NOON), 3);
        assert_int_equal(book_officers_live(b, "de-frankfurt", TOMORROW), 2);
        assert_int_equal(book_officers_live(b, "sg-singapore", NOON), 2);
        buf_puts(&text, "# who signed what\n\n");
        sign(&text, b, JANA, "de-frankfurt");
        assert_int_equal(good(b, b, &text, NOON), 1);
        sign(&text, b, MIA, "de-frankfurt");
        buf_puts(&text, "   # and no more\r\n");
        assert_int_equal(good(b, b, &text, NOON), 2);
        assert_int_equal(report_size(desk.report), 0);
        buf_clear(&text);
        book_drop(b);
}

static void signatures_that_do_not_count__are_named_with_their_line(void **state)
{
        (void)state;
        put_file("officers.cfg", usual());
        struct book *b = load_p();
        struct buf text;
        buf_init(&text, 1 << 16);
        sign(&text, b, JANA, "de-frankfurt");
        sign(&text, b, JANA, "de-frankfurt");           /* 2: twice */
        sign(&text, b, KEN, "de-frankfurt");            /* 3: expired tomorrow */
        sign(&text, b, MIA, "jp-tokyo");                /* 4: signed for another region */
        buf_puts(&text, "this is\x01 no signature\n");  /* 5 */
        size_t from = text.n;
        sign(&text, b, MIA, "de-frankfurt");            /* 6: of nobody */
        memcpy(text.p + from, "max", 3);
        from = text.n;
        sign(&text, b, MIA, "de-frankfurt");            /* 7: another version than it says */
        char *version = strstr(text.p + from, " p 3 ");
        assert_non_null(version);
        version[3] = '4';
        assert_int_equal(good(b, b, &text, TOMORROW), 1);
        must_complain(REPORT_WARNING, 2, "\"jana\" does not count: this officer has signed already", "Another officer");
        must_complain(REPORT_WARNING, 3, "\"ken\" does not count: this officer's time has ended", "Another officer");
        must_complain(REPORT_WARNING, 4, "\"mia\" does not count: it was not made with this officer's key", "Sign again");
        must_complain(REPORT_WARNING, 5, "this is no signature", "take this one out");
        must_complain(REPORT_WARNING, 6, "\"max\" does not count: no officer in force has this name", NULL);
        must_complain(REPORT_WARNING, 7, "\"mia\" does not count", NULL);
        assert_int_equal(report_size(desk.report), 6);
        buf_clear(&text);
        book_drop(b);
}

static void a_signature_of_days_to_come__does_not_count_yet(void **state)
{
        (void)state;
        put_file("officers.cfg", usual());
        struct book *b = load_p();
        struct buf text;
        buf_init(&text, 1 << 16);
        sign(&text, b, JANA, "de-frankfurt"); /* on 17 November */
        assert_int_equal(good(b, b, &text, NOON - 2 * US_PER_DAY), 1);
        assert_int_equal(good(b, b, &text, NOON - 4 * US_PER_DAY), 0);
        must_complain(REPORT_WARNING, 1, "\"jana\" does not count: its day is still to come", "clock");
        assert_int_equal(good(b, b, &text, NOON), 1);
        buf_clear(&text);
        book_drop(b);
}

/* However it was cut: what is left of it signs nothing. */
static void half_a_signature__is_none(void **state)
{
        (void)state;
        put_file("officers.cfg", usual());
        struct book *b = load_p();
        struct buf text;
        buf_init(&text, 1 << 16);
        sign(&text, b, JANA, "de-frankfurt");
        size_t whole = text.n;
        for (size_t n = 0; n + 1 < whole; n++) {
                text.n = n;
                assert_int_equal(good(b, b, &text, NOON), 0);
        }
        text.n = whole / 2;
        assert_int_equal(good(b, b, &text, NOON), 0);
        must_complain(REPORT_WARNING, 1, "this is no signature", "take this one out");
        buf_clear(&text);
        book_drop(b);
}

static void a_signature__is_good_for_no_other_contents(void **state)
{
        (void)state;
        put_file("officers.cfg", usual());
        struct book *b = load_p();
        struct buf text;
        buf_init(&text, 1 << 16);
        sign(&text, b, JANA, "de-frankfurt");
        sign(&text, b, MIA, "de-frankfurt");
        desk.hub.places[1].jurisdiction = "FR";
        struct book *moved = load_p();
        desk.region.code = "de-berlin";
        struct book *elsewhere = load_p();
        assert_int_equal(good(b, b, &text, NOON), 2);
        assert_int_equal(good(b, moved, &text, NOON), 0);
        assert_int_equal(good(b, elsewhere, &text, NOON), 0);
        assert_int_equal(report_size(desk.report), 0); /* lines of the past are no complaint */
        buf_clear(&text);
        book_drop(b);
        book_drop(moved);
        book_drop(elsewhere);
}

static void nobody__signs_himself_in(void **state)
{
        (void)state;
        struct buf text;
        put_file("officers.cfg", house("version = 1;", officer(JANA, ""), officer(MIA, ""), ""));
        struct book *before = load_p();
        put_file("officers.cfg", house("version = 2;", officer(JANA, ""), officer(MIA, ""), officer(KEN, "")));
        struct book *after = load_p();
        struct changes *c = book_compare(before, after);
        assert_int_equal(changes_count(c, CHANGE_LOOSER), 1);
        assert_string_equal(changes_at(c, 0)->text, "officer \"ken\" may sign from now on");
        assert_int_equal(changes_at(c, 0)->new_line, 4);
        changes_free(c);
        buf_init(&text, 1 << 16);
        sign(&text, after, KEN, "de-frankfurt");
        sign(&text, after, JANA, "de-frankfurt");
        assert_int_equal(good(before, after, &text, NOON), 1);
        must_complain(REPORT_WARNING, 1, "no officer in force has this name", NULL);
        buf_clear(&text);
        book_drop(before);
        book_drop(after);
}

struct change_case {
        const char *head, *a, *b, *c;
        bool looser;
};

static void changes_among_officers__are_looser_where_more_may_sign(void **state)
{
        (void)state;
        const char *all = house("version = 1; signatures = 3;", officer(JANA, "until = \"2027-01-31\";"), officer(MIA, "regions = [\"de-frankfurt\"];"), officer(KEN, ""));
        put_file("officers.cfg", all);
        struct book *before = load_p();
        const struct change_case cases[] = {
                { "version = 2; signatures = 2;", officer(JANA, "until = \"2027-01-31\";"), officer(MIA, "regions = [\"de-frankfurt\"];"), officer(KEN, ""), true },
                { "version = 2; signatures = 3;", officer(JANA, ""), officer(MIA, "regions = [\"de-frankfurt\"];"), officer(KEN, ""), true },
                { "version = 2; signatures = 3;", officer(JANA, "until = \"2027-01-31\";"), officer(MIA, ""), officer(KEN, ""), true },
                { "version = 2; signatures = 3;", officer(JANA, "until = \"2026-12-31\";"), officer(MIA, "regions = [\"de-frankfurt\"];"), officer(KEN, "regions = [\"de-frankfurt\"];"), false },
                { "version = 2; signatures = 3;", officer(JANA, "until = \"2027-01-31\"; title = \"Jana\";"), officer(MIA, "regions = [\"de-frankfurt\"];"), officer(KEN, ""), false },
        };
        for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
                put_file("officers.cfg", house(cases[i].head, cases[i].a, cases[i].b, cases[i].c));
                struct book *after = load_p();
                struct changes *c = book_compare(before, after);
                if ((changes_count(c, CHANGE_LOOSER) > 0) != cases[i].looser)
                        fail_msg("case %zu: looser %zu", i, changes_count(c, CHANGE_LOOSER));
                changes_free(c);
                book_drop(after);
        }
        char path[160];
        snprintf(path, sizeof path, "%s/officers.cfg", desk.dir);
        assert_int_equal(unlink(path), 0);
        struct book *none = load_p();
        struct changes *gone = book_compare(before, none), *come = book_compare(none, before);
        assert_int_equal(changes_count(gone, CHANGE_LOOSER), 1);
        assert_int_equal(changes_count(come, CHANGE_LOOSER), 0);
        assert_int_equal(changes_count(come, CHANGE_TIGHTER), 1);
        changes_free(gone);
        changes_free(come);
        book_drop(none);
        book_drop(before);
}

static void mistakes_in_the_file_of_officers__keep_the_set_out(void **state)
{
        (void)state;
        static const struct {
                const char *head, *line, *complaint;
        } bad[] = {
                { "version = 1;", "{ name = \"Jana\"; key = \"ed25519:00\"; }", "this is no public key" },
                { "version = 1;", "{ name = \"jana smith\"; key = \"x\"; }", "cannot be an officer's name" },
                { "version = 1;", "{ nane = \"jana\"; }", "unknown key \"nane\"" },
                { "version = 1; signatures = 1;", "{ }", "\"signatures\" must be 2 to 64, got 1" },
                { "", "{ }", "\"version\" is missing" },
        };
        put_file("p.cfg", HEAD("p") OPEN WORDS);
        for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
                put_file("officers.cfg", house(bad[i].head, bad[i].line, "", ""));
                assert_false(load());
                must_complain(REPORT_ERROR, 0, bad[i].complaint, NULL);
                desk_clear();
                assert_false(officers_check_file(desk.dir, NOON, desk.report));
        }
        put_file("officers.cfg", house("version = 1;", officer(JANA, ""), "", ""));
        assert_false(load());
        must_complain(REPORT_ERROR, 2, "2 must sign, and only 1 can", "Name one more at least");
        put_file("officers.cfg", house("version = 1;", officer(JANA, ""), officer(JANA, ""), ""));
        assert_false(load());
        must_complain(REPORT_ERROR, 3, "officer \"jana\" is there twice, first in line 2", NULL);
        put_file("officers.cfg", house("version = 1;", officer(JANA, ""), arena_printf(desk.arena, "{ name = \"other\"; key = \"%s\"; }", public_of(JANA)), ""));
        assert_false(load());
        must_complain(REPORT_ERROR, 3, "has the same key as the one in line 2", "two people's");
        put_file("officers.cfg", usual());
        desk_clear();
        assert_true(officers_check_file(desk.dir, NOON, desk.report));
        must_complain(REPORT_WARNING, 3, "the time of officer \"ken\" ends in 0 days", NULL);
        assert_true(officers_check_file(desk.dir, TOMORROW, desk.report));
        must_complain(REPORT_WARNING, 3, "the time of officer \"ken\" has ended", NULL);
        put_file("officers.cfg", house("version = 1; signatures = 3;", officer(JANA, ""), officer(MIA, ""), officer(KEN, "until = \"2026-11-18\";")));
        assert_true(officers_check_file(desk.dir, TOMORROW, desk.report));
        must_complain(REPORT_WARNING, 1, "3 must sign, and only 2 may: nothing can be loosened", NULL);
        assert_true(load());
}

static void officers__travel_with_the_packed_set(void **state)
{
        (void)state;
        put_file("officers.cfg", usual());
        struct book *b = load_p(), *again;
        const struct book_spec spec = { NULL, &desk.region, &desk.hub };
        struct signers by = { .n = 1, .list = { { .officer = "jana", .on = "2026-11-17" } } };
        struct buf packed;
        buf_init(&packed, 1 << 20);
        book_pack(b, &packed);
        assert_true(book_unpack(&again, buf_slice(&packed), &spec, desk.report));
        assert_int_equal(book_officers_live(again, "de-frankfurt", NOON), 3);
        assert_memory_equal(book_hash(b), book_hash(again), 32);
        book_attest(again, &by);
        assert_int_equal(book_signers(again)->n, 1);
        assert_string_equal(book_signers(again)->list[0].officer, "jana");
        buf_clear(&packed);
        book_drop(b);
        book_drop(again);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(two_officers_who_signed_this_set__count, desk_open, desk_close),
                cmocka_unit_test_setup_teardown(signatures_that_do_not_count__are_named_with_their_line, desk_open, desk_close),
                cmocka_unit_test_setup_teardown(a_signature__is_good_for_no_other_contents, desk_open, desk_close),
                cmocka_unit_test_setup_teardown(a_signature_of_days_to_come__does_not_count_yet, desk_open, desk_close),
                cmocka_unit_test_setup_teardown(half_a_signature__is_none, desk_open, desk_close),
                cmocka_unit_test_setup_teardown(nobody__signs_himself_in, desk_open, desk_close),
                cmocka_unit_test_setup_teardown(changes_among_officers__are_looser_where_more_may_sign, desk_open, desk_close),
                cmocka_unit_test_setup_teardown(mistakes_in_the_file_of_officers__keep_the_set_out, desk_open, desk_close),
                cmocka_unit_test_setup_teardown(officers__travel_with_the_packed_set, desk_open, desk_close),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
