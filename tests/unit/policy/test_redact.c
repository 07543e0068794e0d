/* test_redact.c - masks and their numbers, coarser values, and that nothing planted gets through. */
#include "desk.h"
#include "judging.h"

#define FIND "find = ( { what = [\"email\", \"phone\", \"ip_address\", \"iban\", \"payment_card\"]; do = \"mask\"; } );\n"

static const char *body_of(const char *title, const char *body)
{
        struct record r = words(title, body);
        assert_int_equal(judge(&r), DECISION_GO);
        return left(FIELD_BODY);
}

static void the_same_value__has_the_same_number_over_all_fields(void **state)
{
        (void)state;
        must_load(HEAD("p") OPEN FIND
                  "fields = ( { field = [\"title\", \"body\", \"tags\"]; do = \"clean\"; } );\n");
        struct slice tags[] = { SLICE("b@corp.example"), SLICE("plain"), SLICE("c@corp.example") };
        struct record r = words("From A@Corp.example to b@corp.example", "a@corp.example, call +49 30 901820 or (+49) 30-901820");
        r.tags = tags;
        r.n_tags = 3;
        assert_int_equal(judge(&r), DECISION_GO);
        assert_string_equal(left(FIELD_TITLE), "From [email 1] to [email 2]");
        assert_non_null(strstr(left(FIELD_BODY), "[email 1], call [phone 1] or "));
        assert_null(strstr(left(FIELD_BODY), "[phone 2]"));
        struct message m = message_of_said();
        assert_int_equal(m.record.fields.n_tags, 3);
        assert_true(slice_is(m.record.fields.tags[0], "[email 2]"));
        assert_true(slice_is(m.record.fields.tags[1], "plain"));
        assert_true(slice_is(m.record.fields.tags[2], "[email 3]"));
        assert_int_equal(desk.said.cleaned, 7);
        /* counts by field, kind of finding, action */
        assert_int_equal(m.record.n_redactions, 4);
        assert_true(slice_is(m.record.redactions[0].field, "title"));
        assert_true(slice_is(m.record.redactions[0].what, "email"));
        assert_true(slice_is(m.record.redactions[0].action, "mask"));
        assert_int_equal(m.record.redactions[0].count, 2);
        /* a new record counts anew */
        assert_string_equal(body_of("x", "c@corp.example"), "[email 1]");
}

static void masks__leave_the_words_around_them_as_they_are(void **state)
{
        (void)state;
        must_load(HEAD("p") OPEN WORDS FIND);
        assert_string_equal(body_of("x", "请联系 li@corp.example，谢谢"), "请联系 [email 1]，谢谢");
        assert_string_equal(body_of("x", ""), "");
        assert_string_equal(body_of("x", "nothing to see: v8.5.1, 0xdeadbeef"), "nothing to see: v8.5.1, 0xdeadbeef");
}

static void dropped_findings__leave_a_mark_without_a_number(void **state)
{
        (void)state;
        must_load(HEAD("p") OPEN WORDS "find = ( { what = [\"email\"]; do = \"drop\"; } );\n");
        assert_string_equal(body_of("x", "to a@corp.example!"), "to [removed]!");
}

static void what_transfers_never_let_out__is_cut_out(void **state)
{
        (void)state;
        must_load(HEAD("p") WORDS "records = { feedback = \"go\"; };\nkeep = { warehouse = \"1 year\"; };\n"
                  "transfers = ( { to = [\"EEA\"]; allow = [\"kafka\", \"warehouse\"]; basis = \"b\"; never = [\"email\"]; } );\n");
        assert_string_equal(body_of("x", "to a@corp.example!"), "to [removed]!");
}

static void keep__still_searches_words_but_not_what_a_field_is(void **state)
{
        (void)state;
        must_load(HEAD("p") OPEN FIND
                  "fields = ( { field = [\"product\", \"url\", \"author.email\", \"author.ip\", \"author.name\", \"attributes.note\"]; do = \"keep\"; } );\n");
        struct attribute attributes[] = { { SLICE("note"), SLICE("by a@corp.example") },
                                          { SLICE("other"), SLICE("x") } };
        struct record r = words("x", "y");
        r.text[FIELD_PRODUCT] = SLICE("a@corp.example");
        r.text[FIELD_URL] = SLICE("https://x.example/?u=a@corp.example");
        r.text[FIELD_AUTHOR_EMAIL] = SLICE("b@corp.example");
        r.text[FIELD_AUTHOR_IP] = SLICE("203.0.113.16");
        r.text[FIELD_AUTHOR_NAME] = SLICE("b@corp.example");
        r.attributes = attributes;
        r.n_attributes = 2;
        assert_int_equal(judge(&r), DECISION_GO);
        assert_string_equal(left(FIELD_PRODUCT), "[email 1]");
        assert_null(strstr(left(FIELD_URL), "corp.example"));
        assert_string_equal(left(FIELD_AUTHOR_EMAIL), "b@corp.example"); /* every policy says keep */
        assert_string_equal(left(FIELD_AUTHOR_IP), "203.0.113.16");
        assert_null(strstr(left(FIELD_AUTHOR_NAME), "corp.example"));
        struct message m = message_of_said();
        assert_int_equal(m.record.fields.n_attributes, 1);
        assert_true(slice_is(m.record.fields.attributes[0].value, "by [email 1]"));
}

static void whole_fields__can_be_masked(void **state)
{
        (void)state;
        must_load(HEAD("p") OPEN FIND
                  "fields = ( { field = [\"author.name\", \"author.email\", \"mentions\", \"url\"]; do = \"mask\"; }, { field = \"body\"; do = \"clean\"; } );\n");
        struct slice mentions[] = { SLICE("Li Wei"), SLICE("Bo") };
        struct record r = words("x", "mail b@corp.example");
        r.text[FIELD_AUTHOR_NAME] = SLICE("Bo");
        r.text[FIELD_AUTHOR_EMAIL] = SLICE("b@corp.example");
        r.text[FIELD_URL] = SLICE("https://x.example/bo");
        r.mentions = mentions;
        r.n_mentions = 2;
        assert_int_equal(judge(&r), DECISION_GO);
        assert_string_equal(left(FIELD_BODY), "mail [email 1]");
        assert_string_equal(left(FIELD_AUTHOR_EMAIL), "[email 1]");
        assert_string_equal(left(FIELD_AUTHOR_NAME), "[person 1]");
        assert_string_equal(left(FIELD_URL), "[url 1]");
        struct message m = message_of_said();
        assert_true(slice_is(m.record.fields.mentions[0], "[person 2]"));
        assert_true(slice_is(m.record.fields.mentions[1], "[person 1]"));
}

static void pseudonyms__are_the_subjects_or_nothing(void **state)
{
        static const char fields[] =
                "fields = ( { field = [\"author.handle\", \"thread\", \"id\", \"mentions\"]; do = \"pseudonymise\"; } );\n";
        char text[2048];
        (void)state;
        struct slice mentions[] = { SLICE("Bo") };
        struct record r = words("x", "y");
        r.text[FIELD_AUTHOR_HANDLE] = SLICE("li-wei");
        r.text[FIELD_THREAD] = SLICE("t-li-wei");
        r.mentions = mentions;
        r.n_mentions = 1;
        snprintf(text, sizeof text, "%s%s", HEAD("p") OPEN, fields);
        must_load(text);
        assert_int_equal(judge(&r), DECISION_GO);
        struct message m = message_of_said();
        assert_true(m.record.has_subject && m.record.has_thread_key);
        assert_true(slice_is(m.record.fields.text[FIELD_AUTHOR_HANDLE], "ab000000-0000-0000-0000-000000000000"));
        assert_null(m.record.fields.text[FIELD_THREAD].p);
        assert_null(m.record.fields.text[FIELD_ID].p);
        assert_true(slice_is(m.record.fields.mentions[0], "[person 1]"));
        char *subject = strstr(text, "\"pseudonym\"");
        memcpy(subject, "\"none\"     ", 11);
        must_load(text);
        assert_int_equal(judge(&r), DECISION_GO);
        m = message_of_said();
        assert_false(m.record.has_subject);
        assert_null(m.record.fields.text[FIELD_AUTHOR_HANDLE].p);
}

static void values__become_coarser(void **state)
{
        (void)state;
        must_load(HEAD("p") OPEN FIND
                  "fields = ( { field = \"occurred_at\"; do = \"generalise\"; to = \"month\"; },\n"
                  " { field = \"author.age\"; do = \"generalise\"; to = \"decade\"; },\n"
                  " { field = \"author.country\"; do = \"generalise\"; to = \"jurisdiction\"; },\n"
                  " { field = \"author.ip\"; do = \"generalise\"; to = \"network\"; },\n"
                  " { field = \"author.email\"; do = \"generalise\"; to = \"domain\"; },\n"
                  " { field = \"lang\"; do = \"generalise\"; to = \"language\"; },\n"
                  " { field = \"version\"; do = \"generalise\"; to = \"minor\"; } );\n");
        struct record r = words("x", "y");
        assert_true(clock_parse_rfc3339(&r.occurred_at_us, SLICE("2026-11-23T01:02:03Z")));
        r.text[FIELD_AUTHOR_AGE] = SLICE("37.5");
        r.text[FIELD_AUTHOR_COUNTRY] = SLICE("de");
        r.text[FIELD_AUTHOR_IP] = SLICE("203.0.113.77");
        r.text[FIELD_AUTHOR_EMAIL] = SLICE("a@corp.example");
        r.text[FIELD_LANG] = SLICE("zh-Hans-CN");
        r.text[FIELD_VERSION] = SLICE("8.5.1-rc1");
        assert_int_equal(judge(&r), DECISION_GO);
        struct message m = message_of_said();
        int64_t month;
        assert_true(clock_parse_rfc3339(&month, SLICE("2026-11-01T00:00:00Z")));
        assert_int_equal(m.record.fields.occurred_at_us, month);
        assert_string_equal(left(FIELD_AUTHOR_AGE), "30");
        assert_string_equal(left(FIELD_AUTHOR_COUNTRY), "EEA");
        assert_string_equal(left(FIELD_AUTHOR_IP), "203.0.113.0/24");
        assert_string_equal(left(FIELD_AUTHOR_EMAIL), "corp.example");
        assert_string_equal(left(FIELD_LANG), "zh");
        assert_string_equal(left(FIELD_VERSION), "8.5");
        r.text[FIELD_AUTHOR_IP] = SLICE("2001:db8:1:2::3");
        r.text[FIELD_AUTHOR_COUNTRY] = SLICE("Germany"); /* what cannot be made coarser does not leave */
        r.text[FIELD_AUTHOR_EMAIL] = SLICE("nobody");
        assert_int_equal(judge(&r), DECISION_GO);
        assert_string_equal(left(FIELD_AUTHOR_IP), "2001:db8:1::/48");
        assert_string_equal(left(FIELD_AUTHOR_COUNTRY), "(absent)");
        assert_string_equal(left(FIELD_AUTHOR_EMAIL), "(absent)");
}

static void times__are_cut_to_hour_day_month_year_decade(void **state)
{
        static const struct {
                const char *to, *text;
        } ways[] = { { "hour", "2026-11-23T01:00:00Z" }, { "day", "2026-11-23T00:00:00Z" },
                     { "month", "2026-11-01T00:00:00Z" }, { "year", "2026-01-01T00:00:00Z" },
                     { "decade", "2020-01-01T00:00:00Z" } };
        int64_t us, want;
        (void)state;
        assert_true(clock_parse_rfc3339(&us, SLICE("2026-11-23T01:02:03.5Z")));
        for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
                assert_true(clock_parse_rfc3339(&want, slice_of(ways[i].text)));
                assert_int_equal(generalise_time(us, coarse_of_name(FIELD_OCCURRED_AT, ways[i].to)), want);
        }
        assert_true(clock_parse_rfc3339(&us, SLICE("0001-01-01T00:00:00Z")));
        assert_int_equal(generalise_time(us, coarse_of_name(FIELD_OCCURRED_AT, "decade")), us);
}

static void too_many_findings__hold_instead_of_growing(void **state)
{
        (void)state;
        must_load(HEAD("p") OPEN WORDS FIND);
        size_t n = 900000;
        char *text = malloc(n + 1);
        for (size_t i = 0; i + 10 <= n; i += 10)
                memcpy(text + i, "a@bc.info ", 10);
        text[n] = 0;
        struct record r = words("x", text);
        assert_int_equal(judge(&r), DECISION_HOLD);
        assert_string_equal(desk.said.rule, "find");
        free(text);
}

static void the_records_own_people__are_masked_in_its_words(void **state)
{
        (void)state;
        must_load(HEAD("p") OPEN FIND "fields = ( { field = [\"title\", \"body\", \"product\"]; do = \"clean\"; } );\n");
        struct slice mentions[] = { SLICE("@bo-chen"), SLICE("李伟") };
        struct record r = words("Merge from Li-Wei/patch", "See https://x.example/li-wei/repo, thanks @bo-chen, 请问李伟在吗. "
                                                        "li.wei@corp.example li-weird\n-- \nLI WEI");
        r.text[FIELD_AUTHOR_HANDLE] = SLICE("li-wei");
        r.text[FIELD_AUTHOR_NAME] = SLICE("Li Wei");
        r.text[FIELD_AUTHOR_ID] = SLICE("12");
        r.text[FIELD_PRODUCT] = SLICE("12 nodes");
        r.mentions = mentions;
        r.n_mentions = 2;
        assert_int_equal(judge(&r), DECISION_GO);
        assert_string_equal(left(FIELD_TITLE), "Merge from [person 1]/patch");
        assert_string_equal(left(FIELD_BODY), "See https://x.example/[person 1]/repo, thanks @[person 2], 请问[person 3]在吗. "
                                              "[email 1] li-weird\n-- \n[person 1]");
        assert_string_equal(left(FIELD_PRODUCT), "12 nodes"); /* too short to name anybody */
        /* a name that may leave may leave in the words too */
        must_load(HEAD("p") OPEN FIND "fields = ( { field = [\"body\", \"author.handle\"]; do = \"keep\"; } );\n");
        r.n_mentions = 0;
        assert_int_equal(judge(&r), DECISION_GO);
        assert_non_null(strstr(left(FIELD_BODY), "x.example/li-wei/repo"));
        assert_non_null(strstr(left(FIELD_BODY), "[person 1]"));
}

static void a_name_that_is_part_of_something_found__does_not_show_in_half(void **state)
{
        (void)state;
        must_load(HEAD("p") OPEN FIND "fields = ( { field = \"body\"; do = \"clean\"; } );\n");
        struct record r = words("x", "write Ana Silva@corp.example or ana.silva@corp.example Lopez, thanks");
        r.text[FIELD_AUTHOR_NAME] = SLICE("Ana Silva");
        r.text[FIELD_AUTHOR_HANDLE] = SLICE("example Lopez");
        assert_int_equal(judge(&r), DECISION_GO);
        assert_string_equal(left(FIELD_BODY), "write [email 1] or [email 2], thanks");
}

static void names_without_end__hold(void **state)
{
        (void)state;
        must_load(HEAD("p") OPEN WORDS FIND);
        char *text = malloc(50001);
        for (int i = 0; i < 50000; i += 5)
                memcpy(text + i, "anna ", 5);
        text[50000] = 0;
        struct record r = words("x", text);
        r.text[FIELD_AUTHOR_HANDLE] = SLICE("anna");
        assert_int_equal(judge(&r), DECISION_HOLD);
        free(text);
}

static void a_short_field_grown_by_masks__is_dropped(void **state)
{
        (void)state;
        must_load(HEAD("p") OPEN FIND "fields = ( { field = [\"lang\", \"body\"]; do = \"keep\"; } );\n");
        struct record r = words("x", "y");
        r.text[FIELD_LANG] = SLICE("a@b.io b@b.io c@b.io d@b.io e@b.io f@b.io g@b.io h@b.io i@b.io");
        assert_true(r.text[FIELD_LANG].n <= 64);
        assert_int_equal(judge(&r), DECISION_GO);
        assert_string_equal(left(FIELD_LANG), "(absent)");
        assert_string_equal(left(FIELD_BODY), "y");
}

/* ---- Nothing planted gets through --------------------------------------------- */

static uint64_t dice = 88172645463325252u;

static unsigned roll(unsigned n)
{
        dice ^= dice << 13;
        dice ^= dice >> 7;
        dice ^= dice << 17;
        return (unsigned)(dice % n);
}

static const char *const planted[] = {
        "wyjynxgkl+x49@mail.example", "zyxannpr01@mail.example", "+46701742036", "+84917348524",
        "+491701234567", "+8613912345678", "4111 1111 1111 1111", "5555-5555-5555-4444", "4012 8888 8888 1881",
        "DE89370400440532013000", "GB29NWBK60161331926819", "149.169.113.190", "84.10.169.211",
        "2a02:8109:9c40:1d5c:a5b1:77aa:10f2:9d01",
};
enum { PLANTED = sizeof planted / sizeof *planted };

static struct slice plant(unsigned which)
{
        static const char *const frames[] = { "%s", "please write to %s, thanks", "联系 %s 谢谢", "(%s)",
                                              "card/phone/mail: %s\nnext line", "<b>%s</b>", "\"%s\"" };
        const char *frame = frames[which % 7], *hole = strstr(frame, "%s");
        return slice_of(arena_printf(desk.arena, "%.*s%s%s", (int)(hole - frame), frame,
                                     planted[roll(PLANTED)], hole + 2));
}

static void check_bytes(const char *p, size_t n)
{
        for (size_t i = 0; i < PLANTED; i++)
                if (memmem(p, n, planted[i], strlen(planted[i])))
                        fail_msg("planted value %zu stands in the message: %.*s", i, (int)n, p);
}

static void planted_values__stand_nowhere_in_the_message(void **state)
{
        (void)state;
        char text[4096];
        size_t n = (size_t)snprintf(text, sizeof text, "%s%sfields = ( { field = [\"attributes.note\"",
                                    HEAD("p") OPEN, FIND);
        for (int f = 0; f < FIELDS; f++)
                if ((field_type((enum field)f) == FIELD_TYPE_TEXT && f != FIELD_EDITION &&
                     f != FIELD_AUTHOR_STANDING) || f == FIELD_TAGS || f == FIELD_MENTIONS || f == FIELD_CONSENT)
                        n += (size_t)snprintf(text + n, sizeof text - n, ", \"%s\"", field_name((enum field)f));
        snprintf(text + n, sizeof text - n, "]; do = \"clean\"; } );\n");
        must_load(text);
        for (int round = 0; round < 2000; round++) {
                arena_reset(desk.arena);
                struct record r = words("x", "y");
                struct slice list[] = { plant(roll(7)), plant(roll(7)) };
                struct attribute note = { SLICE("note"), plant(roll(7)) };
                struct consent yes = { .purpose = plant(roll(7)), .evidence = plant(roll(7)), .given_at_us = INT64_MIN,
                                       .until_us = INT64_MAX };
                for (int f = 0; f < FIELDS; f++)
                        if (field_type((enum field)f) == FIELD_TYPE_TEXT && f != FIELD_EDITION &&
                            f != FIELD_AUTHOR_STANDING)
                                r.text[f] = plant(roll(7));
                r.tags = r.mentions = list;
                r.n_tags = r.n_mentions = 2;
                r.attributes = &note;
                r.consents = &yes;
                r.n_attributes = r.n_consents = 1;
                struct message m;
                struct buf value;
                struct message_header headers[MESSAGE_HEADERS];
                struct err err = ERR_INIT;
                uint8_t key[16];
                size_t n_headers;
                assert_int_equal(judge(&r), DECISION_GO);
                m = message_of_said();
                buf_init(&value, MESSAGE_VALUE_MAX);
                assert_true(approved_format(desk.judge, &m, &value, key, headers, &n_headers, &err));
                check_bytes(value.p, value.n);
                check_bytes((const char *)key, sizeof key);
                check_bytes((const char *)headers, sizeof headers);
                check_bytes(desk.said.because, strlen(desk.said.because));
                buf_clear(&value);
        }
}

/* Formats what was judged; what = NULL: it may leave. */
static void must_be_residual(const char *what)
{
        struct message m = message_of_said();
        struct message_header headers[MESSAGE_HEADERS];
        struct err err = ERR_INIT;
        struct buf value;
        uint8_t key[16];
        size_t n;
        buf_init(&value, MESSAGE_VALUE_MAX);
        bool ok = approved_format(desk.judge, &m, &value, key, headers, &n, &err);
        buf_clear(&value);
        if (ok != !what || (what && (err.kind != ERR_DENIED || strcmp(err.text, what) != 0)))
                fail_msg("%s, not %s", ok ? "it leaves" : err.text, what ? what : "nothing");
}

static void a_redaction_that_fails__is_caught_in_the_message(void **state)
{
        (void)state;
        must_load(HEAD("p") OPEN FIND
                  "fields = ( { field = [\"title\", \"body\", \"tags\", \"url\", \"attributes.note\", \"author.country\"]; do = \"clean\"; } );\n");
        struct slice tags[] = { SLICE("a@corp.example") };
        struct attribute notes[] = { { SLICE("note"), SLICE("\"quoted\"\n\t\x01 a@corp.example\\\"") } };
        const struct record plain = words("x", "y");
        desk.judge->withheld = detect_one(detect_id("email"));
        for (int i = 0; i < 5; i++) {
                struct record r = plain;
                if (i == 0)
                        r.text[FIELD_BODY] = SLICE("mail a@corp.example");
                if (i == 1)
                        r.text[FIELD_URL] = SLICE("https://x.example/?u=a%40corp.example");
                if (i == 2)
                        r.tags = tags, r.n_tags = 1;
                if (i == 3)
                        r.attributes = notes, r.n_attributes = 1;
                if (i == 4)
                        r.text[FIELD_TITLE] = SLICE("+49 170 1234567 or a@corp.example");
                static const char *const found[] = { "email in body", "email in url", "email in tags", "email in attributes",
                                                     "email in title" };
                assert_int_equal(judge(&r), DECISION_GO);
                must_be_residual(found[i]);
        }
        desk.judge->withheld = 0;
        struct record r = plain;
        r.text[FIELD_BODY] = SLICE("mail a@corp.example, call +49 170 1234567 or b@corp.example");
        assert_int_equal(judge(&r), DECISION_GO);
        must_be_residual(NULL);
}

static void a_name_that_comes_back__is_caught_in_the_message(void **state)
{
        (void)state;
        must_load(HEAD("p") OPEN "fields = ( { field = \"body\"; do = \"clean\"; } );\n");
        struct record r = words("x", "thanks, Jana Novakova");
        r.text[FIELD_AUTHOR_NAME] = SLICE("Jana Novakova");
        assert_int_equal(judge(&r), DECISION_GO);
        must_be_residual(NULL);
        struct message m = message_of_said();
        m.record.fields.text[FIELD_PLACE] = SLICE("at jana novakova's");
        struct message_header headers[MESSAGE_HEADERS];
        struct err err = ERR_INIT;
        struct buf value;
        uint8_t key[16];
        size_t n;
        buf_init(&value, MESSAGE_VALUE_MAX);
        assert_false(approved_format(desk.judge, &m, &value, key, headers, &n, &err));
        assert_int_equal(err.kind, ERR_DENIED);
        assert_string_equal(err.text, "person in place");
        m.record.fields.text[FIELD_PLACE] = SLICE_NONE;
        m.record.source = SLICE("Jana Novakova");
        err_clear(&err);
        assert_false(approved_format(desk.judge, &m, &value, key, headers, &n, &err));
        assert_string_equal(err.text, "shape in the frame");
        buf_clear(&value);
}

static void what_a_field_is_by_its_nature__is_no_residue(void **state)
{
        (void)state;
        must_load(HEAD("p") OPEN FIND
                  "fields = ( { field = [\"body\", \"occurred_at\", \"url\", \"version\", \"author.country\", \"author.email\", \"author.ip\", \"author.standing\", \"edition\", \"thread\", \"consent\"]; do = \"keep\"; },\n"
                  "  { field = [\"author.name\", \"author.handle\"]; do = \"pseudonymise\"; }, { field = \"mentions\"; do = \"mask\"; } );\n");
        struct slice mentions[] = { SLICE("phone"), SLICE("removed") };
        struct consent consents[] = { { .purpose = SLICE("contact"), .given_at_us = NOON, .until_us = INT64_MAX } };
        struct record r = words("x", "it is 123e4567-e89b-12d3-a456-426614174000 at 2026-11-23T10:00:00Z, 0x7ffee4c0, v8.5.1, phone or removed: [phone 7]");
        r.text[FIELD_URL] = SLICE("https://x.example/t/4711");
        r.text[FIELD_AUTHOR_COUNTRY] = SLICE("DE");
        r.text[FIELD_AUTHOR_EMAIL] = SLICE("b@corp.example");
        r.text[FIELD_AUTHOR_IP] = SLICE("203.0.113.16");
        r.text[FIELD_AUTHOR_NAME] = SLICE("community");
        r.text[FIELD_AUTHOR_HANDLE] = SLICE("regular");
        r.text[FIELD_AUTHOR_STANDING] = SLICE("regular");
        r.text[FIELD_EDITION] = SLICE("community");
        r.mentions = mentions;
        r.n_mentions = 2;
        r.consents = consents;
        r.n_consents = 1;
        assert_int_equal(judge(&r), DECISION_GO);
        must_be_residual(NULL);
}

static void the_mask_of_a_number__leads_to_no_other(void **state)
{
        (void)state;
        must_load(HEAD("p") OPEN WORDS "find = ( { what = [\"email\", \"phone\", \"iban\", \"payment_card\", \"national_id\", \"credential\", \"ip_address\"]; do = \"mask\"; } );\n");
        struct record r = words("x", "call +49 170 1234567 then 12345678 rows, IBAN DE89 3704 0044 0532 0130 00, 4111 1111 1111 1111 and 20261123");
        assert_int_equal(judge(&r), DECISION_GO);
        assert_non_null(strstr(left(FIELD_BODY), "[phone 1]"));
        must_be_residual(NULL);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, desk_open, desk_close)
                T(the_same_value__has_the_same_number_over_all_fields),
                T(masks__leave_the_words_around_them_as_they_are),
                T(dropped_findings__leave_a_mark_without_a_number),
                T(what_transfers_never_let_out__is_cut_out),
                T(keep__still_searches_words_but_not_what_a_field_is),
                T(whole_fields__can_be_masked),
                T(pseudonyms__are_the_subjects_or_nothing),
                T(values__become_coarser),
                T(times__are_cut_to_hour_day_month_year_decade),
                T(the_records_own_people__are_masked_in_its_words),
                T(a_name_that_is_part_of_something_found__does_not_show_in_half),
                T(names_without_end__hold),
                T(a_short_field_grown_by_masks__is_dropped),
                T(too_many_findings__hold_instead_of_growing),
                T(planted_values__stand_nowhere_in_the_message),
                T(a_redaction_that_fails__is_caught_in_the_message),
                T(a_name_that_comes_back__is_caught_in_the_message),
                T(what_a_field_is_by_its_nature__is_no_residue),
                T(the_mask_of_a_number__leads_to_no_other),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
