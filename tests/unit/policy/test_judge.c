/* test_judge.c - go, hold, stay: by which line, on which day, and closed where nothing is known. */
#include "base/text.h"
#include "desk.h"

static int64_t at(const char *rfc3339)
{
        int64_t us;
        assert_true(clock_parse_rfc3339(&us, slice_of(rfc3339)));
        return us;
}

static void unnamed_kinds_and_unknown_kinds__stay(void **state)
{
        (void)state;
        must_load(HEAD("p") OPEN WORDS);
        struct record r = words("a", "b");
        assert_int_equal(judge(&r), DECISION_GO);
        assert_string_equal(desk.said.rule, "records");
        assert_int_equal(desk.said.line, 2);
        r.kind = KIND_MEMBER;
        assert_int_equal(judge(&r), DECISION_STAY);
        assert_int_equal(desk.said.line, 2);
        r.kind = (enum record_kind)17;
        assert_int_equal(judge(&r), DECISION_STAY);
        assert_true(book_lets_out(desk.book, KIND_FEEDBACK));
        assert_false(book_lets_out(desk.book, KIND_MEMBER));
        assert_false(book_lets_out(desk.book, (enum record_kind)17));
}

static void fields_not_named__are_dropped(void **state)
{
        (void)state;
        must_load(HEAD("p") OPEN WORDS);
        struct record r = words("title", "body");
        for (int f = 0; f < FIELDS; f++)
                if (!r.text[f].p && field_type((enum field)f) == FIELD_TYPE_TEXT)
                        r.text[f] = SLICE("zz-secret-zz");
        r.text[FIELD_ID] = SLICE("zz-secret-zz");
        struct slice list[] = { SLICE("zz-secret-zz") };
        struct attribute attribute = { SLICE("zz-secret-zz"), SLICE("zz-secret-zz") };
        struct consent consent = { .purpose = SLICE("zz-secret-zz"), .until_us = INT64_MAX };
        r.tags = r.mentions = list;
        r.n_tags = r.n_mentions = 1;
        r.attributes = &attribute;
        r.n_attributes = 1;
        r.consents = &consent;
        r.n_consents = 1;
        assert_int_equal(judge(&r), DECISION_GO);
        struct message m = message_of_said();
        struct message_header headers[MESSAGE_HEADERS];
        struct buf value;
        struct err err = ERR_INIT;
        uint8_t key[16];
        size_t n;
        buf_init(&value, MESSAGE_VALUE_MAX);
        assert_true(approved_format(desk.judge, &m, &value, key, headers, &n, &err));
        assert_null(strstr(value.p, "zz-secret-zz"));
        assert_non_null(strstr(value.p, "title"));
        assert_false(m.record.has_thread_key);
        buf_clear(&value);
}

static void a_policy_without_fields_transfers_or_keep__lets_nothing_out(void **state)
{
        (void)state;
        must_load(HEAD("p") "records = { feedback = \"go\"; };\nkeep = { warehouse = \"1 year\"; };\n" WORDS);
        must_complain(REPORT_WARNING, 0, "nothing leaves: no policy has \"transfers\"", NULL);
        struct record r = words("a", "b");
        assert_int_equal(judge(&r), DECISION_STAY);
        assert_string_equal(desk.said.rule, "transfers");

        must_load(HEAD("p") OPEN);
        assert_int_equal(judge(&r), DECISION_GO);
        assert_string_equal(left(FIELD_BODY), "(absent)");

        put_file("p.cfg", HEAD("p") "records = { feedback = \"go\"; };\n" WORDS);
        assert_false(load());
        must_complain(REPORT_ERROR, 0, "no \"keep.warehouse\"", NULL);
}

static void unknown_places__are_closed(void **state)
{
        (void)state;
        struct record r = words("a", "b");
        desk.hub.places[1].jurisdiction = "Atlantis";
        must_load(HEAD("p") OPEN WORDS);
        assert_int_equal(judge(&r), DECISION_STAY);
        desk.hub.n_places = 1; /* no warehouse anywhere */
        must_load(HEAD("p") OPEN WORDS);
        assert_int_equal(judge(&r), DECISION_STAY);
        const struct book_spec no_hub = { desk.dir, &desk.region, NULL };
        desk_clear();
        assert_true(book_load(&desk.book, &no_hub, desk.report));
        desk.judge = judge_new(desk.book);
        assert_int_equal(judge(&r), DECISION_STAY);
        assert_string_equal(desk.said.rule, "transfers");
        assert_non_null(strstr(desk.said.because, "not known"));
}

static void mirrors_and_replicas__must_be_allowed_too(void **state)
{
        (void)state;
        struct record r = words("a", "b");
        desk.hub.places[2] = (struct hub_place){ .what = PLACE_REPLICA, .jurisdiction = "US" };
        desk.hub.n_places = 3;
        must_load(HEAD("p") OPEN WORDS);
        assert_int_equal(judge(&r), DECISION_STAY);
        assert_string_equal(desk.said.because, "no line allows the warehouse in US");
        assert_int_equal(desk.said.line, 4);
        desk.hub.places[2] = (struct hub_place){ .what = PLACE_MIRROR, .jurisdiction = "GB" };
        must_load(HEAD("p") OPEN WORDS);
        assert_int_equal(judge(&r), DECISION_STAY);
        desk.hub.places[2] = (struct hub_place){ .what = PLACE_BACKUP, .jurisdiction = "US" };
        must_load(HEAD("p") OPEN WORDS);
        assert_int_equal(judge(&r), DECISION_GO); /* another gate's matter */
}

#define DATED                                                                                  \
        HEAD("p") "records = { feedback = \"go\"; };\n" WORDS "keep = { warehouse = \"9 years\"; };\n" \
                  "transfers = ( { to = [\"EEA\"]; allow = [\"kafka\", \"warehouse\"]; basis = \"b\"; until = \"2027-03-31\"; },\n" \
                  " { to = [\"US\"]; allow = [\"reading\"]; basis = \"dpf\"; until = \"2027-01-15\"; } );\n"

static void a_basis__ends_with_the_day_of_the_regions_timezone(void **state)
{
        (void)state;
        struct record r = words("a", "b");
        must_load(DATED); /* Berlin: summer time, the day ends at 22:00 UTC */
        assert_int_equal(judge_at(&r, at("2027-03-31T21:59:59.999999Z")), DECISION_GO);
        assert_int_equal(judge_at(&r, at("2027-03-31T22:00:00Z")), DECISION_STAY);
        assert_string_equal(desk.said.because, "the basis has ended: b");
        assert_int_equal(desk.said.line, 5);
        desk.region.timezone = "Asia/Tokyo";
        must_load(DATED);
        assert_int_equal(judge_at(&r, at("2027-03-31T14:59:59.999999Z")), DECISION_GO);
        assert_int_equal(judge_at(&r, at("2027-03-31T15:00:00Z")), DECISION_STAY);
}

static void readers__are_stamped_with_their_dates(void **state)
{
        (void)state;
        struct record r = words("a", "b");
        must_load(DATED);
        assert_int_equal(judge_at(&r, at("2027-01-15T12:00:00Z")), DECISION_GO);
        struct message m = message_of_said();
        assert_int_equal(m.record.n_readable_in, 1);
        assert_true(slice_is(m.record.readable_in[0].code, "US"));
        assert_int_equal(m.record.readable_in[0].until_us, at("2027-01-15T22:59:59.999999Z"));
        assert_int_equal(judge_at(&r, at("2027-01-16T00:00:00Z")), DECISION_GO);
        m = message_of_said();
        assert_int_equal(m.record.n_readable_in, 0);
        int64_t end;
        const char *what;
        assert_true(book_next_end(desk.book, NOON, &end, &what));
        assert_int_equal(end, at("2027-01-15T22:59:59.999999Z"));
        assert_string_equal(what, "dpf");
        assert_true(book_may_read(desk.book, SLICE("US-CA"), end));
        assert_false(book_may_read(desk.book, SLICE("US"), end + 1));
        assert_false(book_may_read(desk.book, SLICE("CN"), end));
}

static void dates__warn_at_60_30_and_7_days_and_when_past(void **state)
{
        static const struct {
                const char *now, *text;
        } when[] = { { "2027-02-15T00:00:00Z", "ends in 44 days" }, { "2027-03-10T00:00:00Z", "ends in 21 days" },
                     { "2027-03-30T00:00:00Z", "ends in 1 day" }, { "2027-04-01T00:00:00Z", "is past" } };
        (void)state;
        must_load(DATED);
        for (size_t i = 0; i < sizeof when / sizeof *when; i++) {
                report_free(desk.report);
                desk.report = report_new();
                book_check_dates(desk.book, at(when[i].now), desk.report);
                must_complain(REPORT_WARNING, 5, when[i].text, "stays at home");
                report_free(desk.report);
                desk.report = report_new();
                assert_true(policy_check_dates(desk.dir, "p", at(when[i].now), desk.report));
                must_complain(REPORT_WARNING, 5, when[i].text, NULL);
        }
        report_free(desk.report);
        desk.report = report_new();
        book_check_dates(desk.book, at("2026-06-01T00:00:00Z"), desk.report);
        assert_int_equal(report_size(desk.report), 0);
}

static void records__expire_as_keep_says(void **state)
{
        (void)state;
        must_load(HEAD("p") OPEN WORDS);
        struct record r = words("a", "b");
        assert_int_equal(judge(&r), DECISION_GO);
        struct message m = message_of_said();
        assert_int_equal(m.record.expires_at_us, NOON + 3 * 365 * US_PER_DAY);
        assert_int_equal(m.record.hour_us % US_PER_HOUR, 0);
        assert_true(m.record.hour_us <= NOON && m.record.hour_us > NOON - US_PER_HOUR);
        assert_int_equal(judge_at(&r, NOON + 3 * 365 * US_PER_DAY), DECISION_STAY);
        assert_string_equal(desk.said.rule, "keep");
}

static void purposes__need_their_ground(void **state)
{
        (void)state;
        must_load(HEAD("p") OPEN WORDS
                  "purposes = ( { name = \"research\"; ground = \"art. 6\"; kinds = [\"feedback\"]; },\n"
                  " { name = \"contact\"; ground = \"consent\"; kinds = [\"lead\"]; } );\n");
        must_complain(REPORT_WARNING, 0, "discussion records stay: no purpose names them", NULL);
        struct record r = words("a", "b");
        assert_int_equal(judge(&r), DECISION_GO);
        struct message m = message_of_said();
        assert_true(slice_is(m.record.purpose, "research"));
        assert_true(slice_is(m.record.basis, "inside"));
        r.kind = KIND_DISCUSSION;
        assert_int_equal(judge(&r), DECISION_STAY);
        r.kind = KIND_LEAD;
        assert_int_equal(judge(&r), DECISION_STAY);
        assert_string_equal(desk.said.rule, "purposes");
        assert_int_equal(desk.said.line, 8);
        struct consent c = { .purpose = SLICE("contact"), .given_at_us = NOON - 1, .until_us = NOON };
        r.consents = &c;
        r.n_consents = 1;
        assert_int_equal(judge_at(&r, NOON), DECISION_GO);
        assert_int_equal(judge_at(&r, NOON + 1), DECISION_STAY); /* ended */
        assert_int_equal(judge_at(&r, NOON - 2), DECISION_STAY); /* not given yet */
        c.purpose = SLICE("newsletter");
        assert_int_equal(judge(&r), DECISION_STAY);
}

static void consent__ends_with_its_day_in_the_region(void **state)
{
        (void)state;
        struct err err = ERR_INIT;
        struct record r;
        must_load(HEAD("p") OPEN WORDS "purposes = ( { name = \"contact\"; ground = \"consent\"; kinds = [\"lead\"]; } );\n");
        assert_true(record_parse(&r, desk.arena,
                                 SLICE("{\"id\":\"a\",\"kind\":\"lead\",\"occurred_at\":\"2026-11-20T00:00:00Z\",\"title\":\"t\","
                                       "\"consent\":[{\"purpose\":\"contact\",\"given_at\":\"2026-11-20\",\"until\":\"2026-11-25\"}]}"),
                                 NULL, &err));
        int64_t end = at("2026-11-25T23:00:00Z"); /* in Berlin, the 26th begins */
        assert_int_equal(judge_at(&r, at("2026-11-19T23:59:59Z")), DECISION_STAY);
        assert_int_equal(judge_at(&r, at("2026-11-20T00:00:00Z")), DECISION_GO);
        assert_int_equal(judge_at(&r, end - 1), DECISION_GO);
        assert_int_equal(judge_at(&r, end), DECISION_STAY);
        assert_string_equal(desk.said.rule, "purposes");
        assert_true(record_parse(&r, desk.arena,
                                 SLICE("{\"id\":\"a\",\"kind\":\"lead\",\"occurred_at\":\"2026-11-20T00:00:00Z\",\"title\":\"t\","
                                       "\"consent\":[{\"purpose\":\"contact\",\"until\":\"2026-11-25T12:00:00Z\"}]}"),
                                 NULL, &err));
        assert_int_equal(judge_at(&r, at("2026-11-25T12:00:00Z")), DECISION_GO);
        assert_int_equal(judge_at(&r, at("2026-11-25T12:00:01Z")), DECISION_STAY);
        assert_false(record_parse(&r, desk.arena,
                                  SLICE("{\"id\":\"a\",\"kind\":\"lead\",\"occurred_at\":\"2026-11-20T00:00:00Z\","
                                        "\"consent\":[{\"purpose\":\"contact\",\"until\":\"2026-11-31\"}]}"),
                                  NULL, &err));
}

static void consent__can_have_to_be_separate(void **state)
{
        (void)state;
        must_load(HEAD("p") OPEN WORDS
                  "consent = ( { purpose = \"cross_border\"; separate = true; missing = \"hold\"; because = \"art. 39\"; } );\n");
        struct record r = words("a", "b");
        struct consent c = { .purpose = SLICE("cross_border"), .given_at_us = INT64_MIN, .until_us = INT64_MAX };
        assert_int_equal(judge(&r), DECISION_HOLD);
        assert_string_equal(desk.said.because, "art. 39");
        r.consents = &c;
        r.n_consents = 1;
        assert_int_equal(judge(&r), DECISION_HOLD);
        c.separate = true;
        assert_int_equal(judge(&r), DECISION_GO);
}

static enum decision rule_says(const char *when, const char *then, const struct record *r)
{
        char text[2048];
        snprintf(text, sizeof text, "%srules = ( { name = \"r\"; when = { %s }; then = \"%s\"; } );\n",
                 HEAD("p") OPEN WORDS, when, then);
        must_load(text);
        return judge(r);
}

static void rules__look_at_kind_source_lang_country_consent_and_words(void **state)
{
        (void)state;
        struct record r = words("a", "we use FOO here");
        assert_int_equal(rule_says("kind = \"feedback\";", "hold", &r), DECISION_HOLD);
        assert_string_equal(desk.said.rule, "r");
        assert_int_equal(rule_says("kind = \"lead\";", "hold", &r), DECISION_GO);
        assert_int_equal(rule_says("source = [\"form\", \"forum\"];", "stay", &r), DECISION_STAY);
        assert_int_equal(rule_says("source = \"form\";", "stay", &r), DECISION_GO);
        assert_int_equal(rule_says("lang = \"zh\"; unknown = \"hold\";", "stay", &r), DECISION_HOLD);
        r.text[FIELD_LANG] = SLICE("ZH-Hans");
        assert_int_equal(rule_says("lang = \"zh\"; unknown = \"hold\";", "stay", &r), DECISION_STAY);
        r.text[FIELD_LANG] = SLICE("zho");
        assert_int_equal(rule_says("lang = \"zh\"; unknown = \"hold\";", "stay", &r), DECISION_GO);
        assert_int_equal(rule_says("country = \"EEA\"; unknown = \"hold\";", "stay", &r), DECISION_HOLD);
        r.text[FIELD_AUTHOR_COUNTRY] = SLICE("de");
        assert_int_equal(rule_says("country = \"EEA\"; unknown = \"hold\";", "stay", &r), DECISION_STAY);
        r.text[FIELD_AUTHOR_COUNTRY] = SLICE("JP");
        assert_int_equal(rule_says("country = \"EEA\"; unknown = \"hold\";", "stay", &r), DECISION_GO);
        r.text[FIELD_AUTHOR_COUNTRY] = SLICE("Germany"); /* not a code: not known */
        assert_int_equal(rule_says("country = \"EEA\"; unknown = \"hold\";", "stay", &r), DECISION_HOLD);
        assert_int_equal(rule_says("consent = \"x\"; unknown = \"stay\";", "go", &r), DECISION_STAY);
        assert_int_equal(rule_says("words = [\"foo\"]; unknown = \"go\";", "hold", &r), DECISION_HOLD);
        assert_int_equal(rule_says("words = [\"bar\"]; unknown = \"go\";", "hold", &r), DECISION_GO);
        r.text[FIELD_BODY] = r.text[FIELD_TITLE] = SLICE_NONE;
        assert_int_equal(rule_says("words = [\"foo\"]; unknown = \"stay\";", "hold", &r), DECISION_STAY);
        /* one condition false settles it, whatever is unknown */
        assert_int_equal(rule_says("kind = \"lead\"; words = [\"foo\"]; unknown = \"stay\";", "hold", &r), DECISION_GO);
}

static void children__stay_and_unknown_age_is_said(void **state)
{
        static const char text[] = HEAD("p") OPEN WORDS
                "children = { under = 16; then = \"stay\"; age_unknown = \"hold\";\n"
                " except = ( { of = [\"BE\"]; under = 13; }, { of = [\"FR\"]; under = 17; } ); };\n";
        (void)state;
        struct record r = words("a", "b");
        must_load(text);
        assert_int_equal(judge(&r), DECISION_HOLD);
        r.text[FIELD_AUTHOR_AGE] = SLICE("16");
        assert_int_equal(judge(&r), DECISION_STAY); /* country unknown: could be France */
        r.text[FIELD_AUTHOR_COUNTRY] = SLICE("DE");
        assert_int_equal(judge(&r), DECISION_GO);
        r.text[FIELD_AUTHOR_AGE] = SLICE("15.9");
        assert_int_equal(judge(&r), DECISION_STAY);
        r.text[FIELD_AUTHOR_COUNTRY] = SLICE("BE");
        assert_int_equal(judge(&r), DECISION_GO);
        r.text[FIELD_AUTHOR_AGE] = SLICE("old");
        assert_int_equal(judge(&r), DECISION_HOLD);
}

static void lines_not_enforced__hold_what_they_could_touch(void **state)
{
        static const struct {
                const char *line;
                enum decision with_words, without;
        } lines[] = {
                { "find = ( { what = [\"special_category\"]; do = \"hold\"; } );", DECISION_HOLD, DECISION_GO },
                { "backups = { copies = 1; };", DECISION_GO, DECISION_GO },
        };
        (void)state;
        for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
                char text[2048];
                struct record full = words("a", "b"), empty = words(NULL, NULL);
                snprintf(text, sizeof text, "%s%s\n", HEAD("p") OPEN WORDS, lines[i].line);
                must_load(text);
                must_complain(REPORT_WARNING, 7, "does not enforce", "not yet");
                assert_int_equal(judge(&full), lines[i].with_words);
                if (lines[i].with_words == DECISION_HOLD)
                        assert_int_equal(desk.said.line, 7);
                assert_int_equal(judge(&empty), lines[i].without);
        }
}

static void what_was_held_too_long__stays(void **state)
{
        (void)state;
        put_file("base.cfg", "policy = \"base\"; version = 1; language = 1; title = \"B\";\nkeep = { held = \"30 days\"; because = \"art. 5\"; };\n");
        must_load(HEAD("p") "extends = \"base\";\nrecords = { feedback = \"hold\"; lead = \"go\"; };\nsubject = \"pseudonym\";\n" WORDS
                  "transfers = ( { to = [\"EEA\"]; allow = [\"kafka\", \"warehouse\"]; basis = \"b\"; } );\n"
                  "keep = { warehouse = \"3 years\"; held = \"40 days\"; };\n");
        struct held_said said;
        struct record r = words("a", "b");
        assert_int_equal(judge_at(&r, NOON + 30 * US_PER_DAY - 1), DECISION_HOLD);
        assert_string_equal(desk.said.rule, "records");
        assert_int_equal(judge_at(&r, NOON + 30 * US_PER_DAY), DECISION_STAY);
        assert_string_equal(desk.said.rule, "keep");
        assert_string_equal(desk.said.file, "base.cfg");
        assert_string_equal(desk.said.because, "art. 5");
        r.kind = KIND_LEAD; /* what is not held has its time */
        assert_int_equal(judge_at(&r, NOON + 30 * US_PER_DAY), DECISION_GO);
        assert_true(book_held(desk.book, &said));
        assert_int_equal(said.held_us, 30 * US_PER_DAY);
        assert_string_equal(said.file, "base.cfg");
        assert_int_equal(said.line, 2);
        must_load(HEAD("p") OPEN WORDS);
        assert_false(book_held(desk.book, &said));
}

static void ask(enum place_what what, const char *where, const char *when, struct transfer_said *said)
{
        book_transfer(desk.book, what, slice_of(where), at(when), said);
}

static void a_place__is_told_the_line_that_opens_or_closes_it(void **state)
{
        struct transfer_said said;
        (void)state;
        must_load(DATED "law = \"L 1\";\n");
        ask(PLACE_REPLICA, "IE", "2027-03-31T21:59:59Z", &said);
        assert_int_equal(said.decision, DECISION_GO);
        assert_string_equal(said.permission, "warehouse");
        assert_string_equal(said.file, "p.cfg");
        assert_string_equal(said.basis, "b");
        assert_string_equal(said.law, "L 1");
        assert_int_equal(said.line, 5);
        assert_true(said.until_us == at("2027-03-31T21:59:59.999999Z"));
        ask(PLACE_MIRROR, "IE", "2027-04-01T00:00:00Z", &said); /* past: the line and its end stay known */
        assert_int_equal(said.decision, DECISION_STAY);
        assert_int_equal(said.line, 5);
        assert_string_equal(said.basis, "b");
        ask(PLACE_KAFKA, "US", "2026-12-01T00:00:00Z", &said); /* only reading is allowed there */
        assert_int_equal(said.decision, DECISION_STAY);
        assert_string_equal(said.permission, "kafka");
        assert_string_equal(said.basis, "");
        assert_true(said.until_us == INT64_MIN);
        ask(PLACE_READERS, "US-CA", "2026-12-01T00:00:00Z", &said);
        assert_int_equal(said.decision, DECISION_GO);
        assert_int_equal(said.line, 6);
        ask(PLACE_BACKUP, "IE", "2026-12-01T00:00:00Z", &said);
        assert_int_equal(said.decision, DECISION_STAY);
}

static void a_place__is_closed_by_the_strictest_of_several_policies(void **state)
{
        struct transfer_said said;
        (void)state;
        put_file("q.cfg", HEAD("q") "transfers = ( { to = [\"DE\"]; allow = [\"kafka\"]; basis = \"q\"; until = \"2026-12-31\"; },\n"
                          " { to = [\"DE\"]; allow = [\"kafka\"]; basis = \"later\"; until = \"2027-01-31\"; } );\n");
        must_load(HEAD("p") "extends = \"q\";\n" OPEN WORDS);
        ask(PLACE_KAFKA, "DE", "2026-12-01T00:00:00Z", &said); /* the end that comes first, of the best lines */
        assert_int_equal(said.decision, DECISION_GO);
        assert_string_equal(said.basis, "later");
        assert_string_equal(said.file, "q.cfg");
        ask(PLACE_KAFKA, "IE", "2026-12-01T00:00:00Z", &said);
        assert_int_equal(said.decision, DECISION_STAY);
        assert_string_equal(said.file, "q.cfg");
        must_load(HEAD("p") WORDS);
        ask(PLACE_KAFKA, "DE", "2026-12-01T00:00:00Z", &said); /* no policy speaks of transfers */
        assert_int_equal(said.decision, DECISION_STAY);
        assert_string_equal(said.file, "p.cfg");
}

static void a_book__protects_whom_its_policies_name(void **state)
{
        (void)state;
        must_load(HEAD("p") OPEN WORDS);
        assert_true(book_protects(desk.book, SLICE("CN")));
        must_load(HEAD("p") OPEN WORDS "protects = { people_in = [\"EEA\", \"US\"]; residence_unknown = \"as_region\"; };\n");
        assert_true(book_protects(desk.book, SLICE("EEA")) && book_protects(desk.book, SLICE("FR")));
        assert_true(book_protects(desk.book, SLICE("US-CA")));
        assert_false(book_protects(desk.book, SLICE("CN")));
}

static void the_strictest_of_findings__decides(void **state)
{
        (void)state;
        must_load(HEAD("p") OPEN WORDS
                  "find = ( { what = [\"email\"]; do = \"mask\"; }, { what = [\"iban\"]; do = \"hold\"; because = \"money\"; },\n"
                  " { what = [\"payment_card\"]; do = \"stay\"; } );\n");
        struct record r = words("mail a@corp.example", "IBAN DE89 3704 0044 0532 0130 00");
        assert_int_equal(judge(&r), DECISION_HOLD);
        assert_string_equal(desk.said.because, "money");
        r = words("card 4111 1111 1111 1111", "IBAN DE89 3704 0044 0532 0130 00");
        assert_int_equal(judge(&r), DECISION_STAY);
        assert_string_equal(desk.said.rule, "find");
        assert_int_equal(desk.said.line, 8);
}

static void a_record_that_finds_no_room__is_full_and_not_approved(void **state)
{
        (void)state;
        must_load(HEAD("p") OPEN WORDS);
        struct record r = words("title", "body");
        struct arena *small = arena_new(700);
        struct judgement out = { 0 };
        struct err err = ERR_INIT;
        assert_false(policy_judge(desk.judge, NOON, &r, SLICE("forum"), NOON, NULL, small, &out, &err));
        assert_int_equal(err.kind, ERR_FULL);
        assert_null(out.approved);
        arena_free(small);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, desk_open, desk_close)
                T(unnamed_kinds_and_unknown_kinds__stay),
                T(fields_not_named__are_dropped),
                T(a_policy_without_fields_transfers_or_keep__lets_nothing_out),
                T(unknown_places__are_closed),
                T(mirrors_and_replicas__must_be_allowed_too),
                T(a_basis__ends_with_the_day_of_the_regions_timezone),
                T(readers__are_stamped_with_their_dates),
                T(dates__warn_at_60_30_and_7_days_and_when_past),
                T(records__expire_as_keep_says),
                T(purposes__need_their_ground),
                T(consent__ends_with_its_day_in_the_region),
                T(consent__can_have_to_be_separate),
                T(rules__look_at_kind_source_lang_country_consent_and_words),
                T(children__stay_and_unknown_age_is_said),
                T(lines_not_enforced__hold_what_they_could_touch),
                T(what_was_held_too_long__stays),
                T(a_place__is_told_the_line_that_opens_or_closes_it),
                T(a_place__is_closed_by_the_strictest_of_several_policies),
                T(a_book__protects_whom_its_policies_name),
                T(the_strictest_of_findings__decides),
                T(a_record_that_finds_no_room__is_full_and_not_approved),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
