/* People whom policies of elsewhere protect also here. */
#include "desk.h"
#include "policy/differ.h"
#include "policy/explain.h"

#define PROTECTS(code) "protects = { people_in = [\"" code "\"]; also_abroad = true; residence_unknown = \"as_region\"; };\n"
#define KEEP "keep = { warehouse = \"3 years\"; };\n"
#define STRICTEST(code) "protects = { people_in = [\"" code "\"]; residence_unknown = \"strictest\"; };\n"

static struct record from(const char *country, const char *body)
{
        struct record r = words("a", body);
        if (country)
                r.text[FIELD_AUTHOR_COUNTRY] = slice_of(country);
        return r;
}

static enum decision judge_from(const char *country, const char *body)
{
        struct record r = from(country, body);
        return judge(&r);
}

static const char *class_from(const char *country)
{
        struct record r = from(country, "b");
        return book_class_of(desk.book, &r);
}

static void the_law_of_the_persons_country__is_enforced_beside_the_regions(void **state)
{
        (void)state;
        put_file("jp.cfg", HEAD("jp") PROTECTS("JP") OPEN WORDS "find = ( { what = [\"email\"]; do = \"mask\"; } );\n");
        must_load(HEAD("p") OPEN WORDS "find = ( { what = [\"phone\"]; do = \"mask\"; } );\n");
        assert_int_equal(judge_from("DE", "a@corp.example or +49 30 901820"), DECISION_GO);
        assert_string_equal(left(FIELD_BODY), "a@corp.example or [phone 1]");
        assert_int_equal(judge_from("jp", "a@corp.example or +49 30 901820"), DECISION_GO);
        assert_string_equal(left(FIELD_BODY), "[email 1] or [phone 1]");
        assert_string_equal(message_of_said().record.policy.p, "p");
        assert_int_equal(judge_from(NULL, "a@corp.example"), DECISION_GO);
        assert_string_equal(left(FIELD_BODY), "a@corp.example");
        assert_string_equal(class_from("JP"), "jp+p");
        assert_string_equal(class_from("DE"), "p");
        assert_string_equal(class_from(NULL), "p");
        assert_string_equal(book_class(desk.book), "p");
}

static void must_fail(const char *text, const char *why)
{
        put_file("p.cfg", text);
        assert_false(load());
        must_complain(REPORT_ERROR, 0, why, NULL);
}

/* Root reads whatever it may not; but nobody what is too long. */
static void what_cannot_be_read__protects_nobody_and_is_an_error(void **state)
{
        (void)state;
        char path[128];
        put_file("jp.cfg", HEAD("jp") PROTECTS("JP") OPEN WORDS);
        must_load(HEAD("p") OPEN WORDS);
        snprintf(path, sizeof path, "%s/jp.cfg", desk.dir);
        if (geteuid() == 0) {
                char *big = calloc(1, (5 << 20) + 1); /* longer than a policy may be */
                memset(big, '#', 5 << 20);
                put_file("jp.cfg", big);
                free(big);
        } else {
                assert_int_equal(chmod(path, 0), 0);
        }
        must_fail(HEAD("p") OPEN WORDS, "policy \"jp\" cannot be read, and may protect its people here too");
        unlink(path);
        must_load(HEAD("p") OPEN WORDS);
}

static void a_policy_that_cannot_be_read__is_not_called_missing(void **state)
{
        (void)state;
        char path[128];
        snprintf(path, sizeof path, "%s/q.cfg", desk.dir);
        assert_int_equal(mkdir(path, 0700), 0);
        must_fail("policy = \"p\"; version = 3; language = 1; title = \"T\"; extends = \"q\";\n", "policy \"q\" cannot be read: could not read file");
        rmdir(path);
        must_fail("policy = \"p\"; version = 3; language = 1; title = \"T\"; extends = \"q\";\n", "extends \"q\", which is not there");
}

static void the_line_of_the_persons_policy__is_named(void **state)
{
        (void)state;
        put_file("jp.cfg", HEAD("jp") PROTECTS("JP") KEEP "records = { discussion = \"go\"; };\n");
        must_load(HEAD("p") OPEN WORDS);
        assert_int_equal(judge_from("JP", "b"), DECISION_STAY);
        assert_string_equal(desk.said.file, "jp.cfg");
        assert_int_equal(desk.said.line, 4);
        assert_string_equal(desk.said.rule, "records");
        assert_int_equal(judge_from("US", "b"), DECISION_GO);
        put_file("jp.cfg", HEAD("jp") PROTECTS("JP") "transfers = ( { to = [\"JP\"]; allow = [\"kafka\", \"warehouse\"]; "
                                                     "basis = \"at home\"; because = \"art. 28\"; } );\n");
        must_load(HEAD("p") OPEN WORDS);
        assert_int_equal(judge_from("JP", "b"), DECISION_STAY);
        assert_string_equal(desk.said.file, "jp.cfg");
        assert_non_null(strstr(desk.said.because, "art. 28"));
        must_complain(REPORT_NOTE, 3, "nothing of people whom jp protects abroad leaves", NULL);
}

/* Transfers intersect, so do readers; times take the shortest; subject "none" beats. */
static void of_both_laws__the_stricter_holds(void **state)
{
        (void)state;
        put_file("jp.cfg", HEAD("jp") PROTECTS("JP")
                 "subject = \"none\";\nkeep = { warehouse = \"1 year\"; };\n"
                 "fields = ( { field = [\"body\", \"occurred_at\"]; do = \"clean\"; } );\n"
                 "transfers = ( { to = [\"EEA\"]; allow = [\"kafka\", \"warehouse\"]; basis = \"x\"; },"
                 " { to = [\"DE\", \"US\"]; allow = [\"reading\"]; basis = \"y\"; } );\n");
        must_load(HEAD("p") OPEN WORDS);
        assert_int_equal(judge_from("FR", "b"), DECISION_GO);
        struct message m = message_of_said();
        assert_true(m.record.has_subject);
        assert_int_equal(m.record.expires_at_us, NOON + 3 * 365 * US_PER_DAY);
        assert_int_equal(m.record.n_readable_in, 1);
        assert_true(slice_is(m.record.readable_in[0].code, "EEA"));
        assert_int_equal(judge_from("JP", "b"), DECISION_GO);
        m = message_of_said();
        assert_false(m.record.has_subject);
        assert_int_equal(m.record.expires_at_us, NOON + 365 * US_PER_DAY);
        assert_int_equal(m.record.n_readable_in, 1);
        assert_true(slice_is(m.record.readable_in[0].code, "DE"));
        assert_string_equal(left(FIELD_TITLE), "(absent)");
        assert_string_equal(left(FIELD_BODY), "b");
}

static void parents_of_the_persons_policy__weigh_in_too(void **state)
{
        (void)state;
        put_file("all.cfg", HEAD("all") "find = ( { what = [\"email\"]; do = \"hold\"; because = \"ours\"; } );\n");
        put_file("jp.cfg", HEAD("jp") PROTECTS("JP") "extends = \"all\";\n");
        must_load(HEAD("p") OPEN WORDS);
        assert_int_equal(judge_from("JP", "a@corp.example"), DECISION_HOLD);
        assert_string_equal(desk.said.file, "all.cfg");
        assert_string_equal(class_from("JP"), "all+jp+p");
        must_load(HEAD("p") "extends = \"all\";\n" OPEN WORDS);
        assert_string_equal(class_from("JP"), "all+jp+p");
}

static void children__are_as_old_as_each_law_says(void **state)
{
        (void)state;
        put_file("eu.cfg", HEAD("eu") PROTECTS("EEA")
                 "children = { under = 16; then = \"stay\"; age_unknown = \"go\"; except = ( { of = [\"BE\"]; under = 13; } ); };\n");
        must_load(HEAD("p") OPEN WORDS "children = { under = 14; then = \"hold\"; age_unknown = \"go\"; };\n");
        static const struct {
                const char *country, *age;
                enum decision then;
        } of[] = { { "JP", "13", DECISION_HOLD }, { "JP", "15", DECISION_GO },   { "DE", "15", DECISION_STAY },
                   { "DE", "16", DECISION_GO },   { "BE", "13", DECISION_HOLD }, { "BE", "12", DECISION_STAY },
                   { "BE", "14", DECISION_GO },   { NULL, "15", DECISION_GO } };
        for (size_t i = 0; i < sizeof of / sizeof *of; i++) {
                struct record r = from(of[i].country, "b");
                r.text[FIELD_AUTHOR_AGE] = slice_of(of[i].age);
                assert_int_equal(judge(&r), of[i].then);
        }
}

static void an_unknown_country__is_judged_as_the_policies_say(void **state)
{
        (void)state;
        put_file("jp.cfg", HEAD("jp") PROTECTS("JP") KEEP "records = { lead = \"go\"; };\n");
        put_file("us.cfg", HEAD("us") PROTECTS("US") KEEP "records = { feedback = \"hold\"; };\n");
        must_load(HEAD("p") OPEN WORDS);
        assert_int_equal(judge_from(NULL, "b"), DECISION_GO);
        assert_int_equal(judge_from("Atlantis", "b"), DECISION_GO);
        must_load(HEAD("p") OPEN WORDS STRICTEST("EEA")); /* the region wants the strictest of all */
        assert_int_equal(judge_from(NULL, "b"), DECISION_STAY);
        assert_string_equal(desk.said.file, "jp.cfg");
        assert_int_equal(judge_from("Atlantis", "b"), DECISION_STAY);
        assert_int_equal(judge_from("DE", "b"), DECISION_GO);
        assert_string_equal(class_from(NULL), "jp+p+us");
        /* A policy of elsewhere counts those in whom nobody knows. */
        put_file("us.cfg", HEAD("us") "protects = { people_in = [\"US\"]; also_abroad = true; residence_unknown = \"strictest\"; };\n"
                                      KEEP "records = { feedback = \"hold\"; };\n");
        must_load(HEAD("p") OPEN WORDS);
        assert_int_equal(judge_from(NULL, "b"), DECISION_HOLD);
        assert_string_equal(desk.said.file, "us.cfg");
        assert_string_equal(class_from(NULL), "p+us");
}

static void a_part_of_a_country__is_in_it(void **state)
{
        (void)state;
        put_file("us.cfg", HEAD("us") PROTECTS("US") KEEP "records = { feedback = \"hold\"; };\n");
        put_file("ca.cfg", HEAD("ca") PROTECTS("US-CA") KEEP "records = { feedback = \"stay\"; };\n");
        must_load(HEAD("p") OPEN WORDS);
        assert_int_equal(judge_from("US", "b"), DECISION_HOLD);
        assert_int_equal(judge_from("us-zz", "b"), DECISION_HOLD); /* no code that is known, in a country that is */
        assert_int_equal(judge_from(" US-CA ", "b"), DECISION_STAY);
        assert_string_equal(class_from("US-CA"), "ca+p+us");
}

/* Whatever a source writes there: never less than the region's law, and a space is any of its countries. */
static void an_odd_country__is_never_under_less_than_the_regions_law(void **state)
{
        (void)state;
        static const struct {
                const char *country, *class;
        } odd[] = {
                { " de ", "de+p" }, { "\tDe\n", "de+p" }, { "DE-BY", "de+p" }, { "de-", "p" }, { "DE_BY", "p" }, { "DEU", "p" }, { "Germany", "p" },
                { "EU", "p" }, { "UK", "p" }, { "XX", "p" }, { "D", "p" }, { "", "p" }, { "\xEF\xBC\xA4\xEF\xBC\xA5", "p" },
                { "DE,FR", "p" }, { "eea", "de+p" }, { "EEA", "de+p" }, { "US-DE", "p" }, { "us-xx", "p" }, { "\xFF\xFE", "p" },
        };
        put_file("de.cfg", HEAD("de") PROTECTS("DE") KEEP "find = ( { what = \"email\"; do = \"mask\"; } );\n"
                           "children = { under = 13; then = \"stay\"; age_unknown = \"go\"; except = ( { of = \"DE\"; under = 16; } ); };\n");
        must_load(HEAD("p") OPEN WORDS "find = ( { what = \"phone\"; do = \"mask\"; } );\n"
                  "rules = ( { name = \"r\"; when = { country = \"DE\"; kind = \"lead\"; unknown = \"hold\"; }; then = \"stay\"; } );\n");
        for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
                struct record r = from(odd[i].country, "a@corp.example or +49 30 901820");
                bool german = odd[i].class[0] == 'd', known = german || strncmp(odd[i].country, "US", 2) == 0 || strncmp(odd[i].country, "us", 2) == 0;
                if (strcmp(book_class_of(desk.book, &r), odd[i].class) != 0)
                        fail_msg("\"%s\": %s", odd[i].country, book_class_of(desk.book, &r));
                assert_int_equal(judge(&r), DECISION_GO);
                assert_string_equal(left(FIELD_BODY), german ? "[email 1] or [phone 1]" : "a@corp.example or [phone 1]");
                r.text[FIELD_AUTHOR_AGE] = SLICE("15");
                assert_int_equal(judge(&r), german ? DECISION_STAY : DECISION_GO);
                r.text[FIELD_AUTHOR_AGE] = SLICE("16");
                assert_int_equal(judge(&r), DECISION_GO);
                r.kind = KIND_LEAD;
                assert_int_equal(judge(&r), !known || strcasecmp(odd[i].country, "EEA") == 0 ? DECISION_HOLD : german ? DECISION_STAY : DECISION_GO);
        }
}

static void what_the_persons_policy_forbids_to_store__is_discarded_here(void **state)
{
        uint32_t pieces;
        struct err err = ERR_INIT;
        (void)state;
        put_file("de.cfg", HEAD("de") PROTECTS("DE") "find = ( { what = [\"iban\"]; do = \"discard\"; } );\n"
                 "fields = ( { field = \"author.company\"; do = \"discard\"; } );\n");
        must_load(HEAD("p") OPEN WORDS);
        struct discarder *d = discarder_new(desk.book);
        assert_non_null(d);
        struct record german = from("DE", "to DE89 3704 0044 0532 0130 00"), other = from("FR", "to DE89 3704 0044 0532 0130 00");
        german.text[FIELD_AUTHOR_COMPANY] = other.text[FIELD_AUTHOR_COMPANY] = SLICE("ACME");
        assert_true(policy_discard(d, &german, desk.arena, &pieces, &err));
        assert_int_equal(pieces, 2);
        assert_true(slice_is(german.text[FIELD_BODY], "to [removed]"));
        assert_null(german.text[FIELD_AUTHOR_COMPANY].p);
        assert_true(policy_discard(d, &other, desk.arena, &pieces, &err));
        assert_int_equal(pieces, 0);
        assert_true(slice_is(other.text[FIELD_AUTHOR_COMPANY], "ACME"));
        discarder_free(d);
}

static void a_country_that_is_not_kept__cannot_tell_who_protects(void **state)
{
        (void)state;
        put_file("de.cfg", HEAD("de") PROTECTS("DE"));
        put_file("p.cfg", HEAD("p") OPEN "fields = ( { field = \"author.country\"; do = \"discard\"; } );\n");
        assert_false(load());
        must_complain(REPORT_ERROR, 6, "author.country cannot be discarded", "drop");
        unlink(strcat(strcpy((char[96]){ 0 }, desk.dir), "/de.cfg"));
        assert_true(load());
}

/* Nobody knows whom it protects: the set in force stays in force. */
static void a_policy_of_elsewhere_with_errors__refuses_the_set(void **state)
{
        (void)state;
        put_file("jp.cfg", "policy = ; also_abroad");
        put_file("p.cfg", HEAD("p") OPEN WORDS);
        assert_false(load());
        must_complain(REPORT_ERROR, 0, "policy \"jp\" may protect its people here too", "Mend");
        put_file("jp.cfg", HEAD("jp") PROTECTS("JP") "extends = \"gone\";\n");
        assert_false(load());
        put_file("jp.cfg", HEAD("jp") PROTECTS("JP") "keep = { raw = \"1 month\"; raw_at_least = \"1 year\"; };\n");
        assert_false(load());
        must_complain(REPORT_ERROR, 3, "\"raw\" is shorter than \"raw_at_least\"", NULL);
        put_file("jp.cfg", HEAD("jp") "# not yet: also_abroad\n");
        must_load(HEAD("p") OPEN WORDS);
        assert_int_equal(judge_from("JP", "b"), DECISION_GO);
        assert_string_equal(class_from("JP"), "p");
}

static void a_packed_set__has_the_policies_of_elsewhere_with_all_they_need(void **state)
{
        struct buf packed;
        struct book *back;
        const struct book_spec nowhere = { NULL, &desk.region, &desk.hub };
        (void)state;
        put_file("lists/l.txt", "diabet*\n");
        put_file("all.cfg", HEAD("all") "find = ( { what = [\"email\"]; do = \"hold\"; because = \"ours\"; } );\n");
        put_file("idle.cfg", HEAD("idle") "# also_abroad not here\n");
        put_file("jp.cfg", HEAD("jp") PROTECTS("JP") "extends = \"all\";\n"
                 "rules = ( { name = \"health\"; when = { words = \"lists/l.txt\"; unknown = \"go\"; }; then = \"stay\"; } );\n");
        must_load(HEAD("p") OPEN WORDS);
        buf_init(&packed, 1 << 20);
        book_pack(desk.book, &packed);
        assert_null(memmem(packed.p, packed.n, "idle", 4));
        assert_true(book_unpack(&back, buf_slice(&packed), &nowhere, desk.report));
        assert_memory_equal(book_hash(back), book_hash(desk.book), 32);
        judge_free(desk.judge);
        book_drop(desk.book);
        desk.book = back;
        desk.judge = judge_new(back);
        assert_int_equal(judge_from("JP", "a@corp.example"), DECISION_HOLD);
        assert_int_equal(judge_from("JP", "diabetic"), DECISION_STAY);
        assert_int_equal(judge_from("FR", "a@corp.example"), DECISION_GO);
        buf_clear(&packed);
}

static void raw_time__is_that_of_both_laws(void **state)
{
        int64_t raw = 0, least = 0;
        (void)state;
        put_file("vn.cfg", HEAD("vn") PROTECTS("VN") "keep = { raw_at_least = \"24 months\"; };\n");
        must_load(HEAD("p") "records = { };\nkeep = { raw = \"1 year\"; warehouse = \"1 year\"; };\n");
        must_complain(REPORT_WARNING, 3, "\"raw\" is not kept to for people whom p and vn protect both: vn.cfg:3", NULL);
        assert_true(book_keep(desk.book, class_from("VN"), &raw, &least));
        assert_int_equal(raw, 365 * US_PER_DAY);
        assert_true(least > 700 * US_PER_DAY);
        assert_true(book_keep(desk.book, class_from("DE"), &raw, &least));
        assert_int_equal(least, -1);
}

static void a_group__is_told_what_its_law_says_of_a_place(void **state)
{
        struct people_group g;
        struct transfer_said said;
        (void)state;
        put_file("jp.cfg", HEAD("jp") "protects = { people_in = [\"JP\", \"KR\"]; also_abroad = true; residence_unknown = \"strictest\"; };\n"
                 "transfers = ( { to = [\"JP\"]; allow = [\"kafka\"]; basis = \"at home\"; because = \"art. 28\"; } );\n");
        put_file("kr.cfg", HEAD("kr") PROTECTS("KR"));
        must_load(HEAD("p") OPEN WORDS);
        assert_int_equal(book_groups(desk.book), 2);
        for (size_t i = 0; i < 2; i++) {
                book_group(desk.book, i, &g);
                assert_string_equal(g.policies[0], "jp");
                assert_int_equal(g.n, g.unknown ? 1 : 2);
                assert_string_equal(g.class, g.unknown ? "jp+p" : "jp+kr+p");
                book_group_transfer(desk.book, i, PLACE_KAFKA, SLICE("DE"), NOON, &said);
                assert_int_equal(said.decision, DECISION_STAY);
                assert_string_equal(said.file, "jp.cfg");
                assert_string_equal(said.article, "art. 28");
        }
        book_transfer(desk.book, PLACE_KAFKA, SLICE("DE"), NOON, &said);
        assert_int_equal(said.decision, DECISION_GO);
}

static char noted[4096];

static void note(void *ctx, enum differ d, int sample, const char *text)
{
        size_t n = strlen(noted);
        (void)ctx;
        (void)sample;
        snprintf(noted + n, sizeof noted - n, "%s: %s\n", differ_name(d), text);
}

static void two_books__differ_for_people_of_elsewhere_alone(void **state)
{
        struct book *before;
        (void)state;
        put_file("jp.cfg", HEAD("jp") PROTECTS("JP") "transfers = ( { to = [\"JP\", \"EEA\"]; allow = [\"kafka\", \"warehouse\"]; basis = \"x\"; } );\n");
        must_load(HEAD("p") OPEN WORDS);
        before = book_hold(desk.book);
        put_file("jp.cfg", HEAD("jp") PROTECTS("JP") "transfers = ( { to = [\"EEA\"]; allow = [\"kafka\", \"reading\"]; basis = \"x\"; } );\n");
        must_load(HEAD("p") OPEN WORDS);
        noted[0] = 0;
        book_differ(before, desk.book, NOON, note, NULL);
        assert_non_null(strstr(noted, "newly leaves: readers in EEA may now read it for people in JP\n"));
        assert_non_null(strstr(noted, "newly stops: a warehouse in DE is closed now for people in JP (jp.cfg:3)\n"));
        assert_null(strstr(noted, "people in US"));
        assert_null(strstr(noted, "it\n")); /* nothing for everybody */
        book_drop(before);
}

static void an_explanation__says_whose_law_was_asked(void **state)
{
        struct explanation e;
        struct err err = ERR_INIT;
        (void)state;
        put_file("jp.cfg", HEAD("jp") PROTECTS("JP") "find = ( { what = [\"email\"]; do = \"mask\"; } );\n");
        must_load(HEAD("p") OPEN WORDS);
        struct discarder *d = discarder_new(desk.book);
        struct record r = from("JP", "a@corp.example");
        assert_true(policy_explain(d, desk.judge, NOON, &r, SLICE("forum"), NOON, desk.arena, &e, &err));
        assert_string_equal(e.class, "jp+p");
        assert_true(e.beside);
        assert_int_equal(e.n_finds, 1);
        assert_string_equal(e.finds[0].by.file, "jp.cfg");
        assert_string_equal(e.fields[0].by.file, "p.cfg");
        r = from("FR", "a@corp.example");
        assert_true(policy_explain(d, desk.judge, NOON, &r, SLICE("forum"), NOON, desk.arena, &e, &err));
        assert_string_equal(e.class, "p");
        assert_false(e.beside);
        assert_int_equal(e.n_finds, 0);
        discarder_free(d);
}

/* Of the region's own law that is a contradiction; of two laws the stricter holds. */
static void what_may_never_go_there__leaves_in_no_field(void **state)
{
        static const char never[] = "transfers = ( { to = [\"EEA\"]; allow = [\"kafka\", \"warehouse\"]; basis = \"x\"; never = [\"email\"]; } );\n";
        static const char keeps[] = "records = { feedback = \"go\"; };\nkeep = { warehouse = \"1 year\"; };\n"
                                    "fields = ( { field = [\"body\", \"author.email\"]; do = \"keep\"; } );\n";
        char text[1024];
        (void)state;
        snprintf(text, sizeof text, HEAD("p") "%s%s", keeps, never);
        put_file("p.cfg", text);
        assert_false(load());
        must_complain(REPORT_ERROR, 5, "email may never go there, and p.cfg:4 keeps author.email as it is", "never");
        put_file("jp.cfg", HEAD("jp") PROTECTS("JP") "transfers = ( { to = [\"EEA\"]; allow = [\"kafka\", \"warehouse\"]; basis = \"x\";"
                                                     " never = [\"email\"]; } );\n");
        snprintf(text, sizeof text, HEAD("p") "%s" "transfers = ( { to = [\"EEA\"]; allow = [\"kafka\", \"warehouse\"]; basis = \"x\"; } );\n", keeps);
        must_load(text);
        struct record r = from("DE", "a@corp.example");
        r.text[FIELD_AUTHOR_EMAIL] = SLICE("b@corp.example");
        assert_int_equal(judge(&r), DECISION_GO);
        assert_string_equal(left(FIELD_AUTHOR_EMAIL), "b@corp.example");
        r.text[FIELD_AUTHOR_COUNTRY] = SLICE("JP");
        assert_int_equal(judge(&r), DECISION_GO);
        assert_string_equal(left(FIELD_AUTHOR_EMAIL), "[removed]");
        assert_string_equal(left(FIELD_BODY), "[removed]");
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, desk_open, desk_close)
        const struct CMUnitTest tests[] = {
                T(the_law_of_the_persons_country__is_enforced_beside_the_regions),
                T(the_line_of_the_persons_policy__is_named),
                T(what_cannot_be_read__protects_nobody_and_is_an_error),
                T(a_policy_that_cannot_be_read__is_not_called_missing),
                T(of_both_laws__the_stricter_holds),
                T(parents_of_the_persons_policy__weigh_in_too),
                T(children__are_as_old_as_each_law_says),
                T(an_unknown_country__is_judged_as_the_policies_say),
                T(a_part_of_a_country__is_in_it),
                T(an_odd_country__is_never_under_less_than_the_regions_law),
                T(what_the_persons_policy_forbids_to_store__is_discarded_here),
                T(a_country_that_is_not_kept__cannot_tell_who_protects),
                T(a_policy_of_elsewhere_with_errors__refuses_the_set),
                T(a_packed_set__has_the_policies_of_elsewhere_with_all_they_need),
                T(raw_time__is_that_of_both_laws),
                T(a_group__is_told_what_its_law_says_of_a_place),
                T(two_books__differ_for_people_of_elsewhere_alone),
                T(an_explanation__says_whose_law_was_asked),
                T(what_may_never_go_there__leaves_in_no_field),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
