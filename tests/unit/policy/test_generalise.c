/* test_generalise.c - coarser values: each way, its numbers, what cannot be made coarser, which of two is. */
#include "desk.h"
#include "model/place.h"

static const char *coarser(enum field f, const char *to, const char *value)
{
        bool full = false;
        int way = coarse_of_name(f, to);
        if (way < 0)
                return "(no such way)";
        struct slice out = generalise_text(&desk.book->home, slice_of(value), way, desk.arena, &full);
        assert_false(full);
        return out.p ? arena_string(desk.arena, out) : "(nothing)";
}

static int open_book(void **state)
{
        desk_open(state);
        put_file("lists/industries.txt", "# ours\nMuster Bank AG = banking\n\n  ACME* = tools # and others\nAcme Ärzte* = health\n"
                                         "東京電力 = energy\n");
        must_load(HEAD("p") OPEN "fields = ( { field = \"author.company\"; do = \"generalise\"; to = \"industry\"; },\n"
                  "  { field = \"attributes.born\"; do = \"generalise\"; to = \"year\"; }, { field = \"attributes.at\"; do = \"generalise\"; to = \"decimals 1\"; },\n"
                  "  { field = \"author.country\"; do = \"generalise\"; to = \"continent\"; }, { field = \"author.ip\"; do = \"generalise\"; to = \"network 16\"; },\n"
                  "  { field = \"body\"; do = \"keep\"; } );\n"
                  "find = ( { what = \"ip_address\"; do = \"hold\"; } );\n");
        return 0;
}

static void addresses__become_networks_of_either_kind(void **state)
{
        (void)state;
        assert_string_equal(coarser(FIELD_AUTHOR_IP, "network", "203.0.113.77"), "203.0.113.0/24");
        assert_string_equal(coarser(FIELD_AUTHOR_IP, "network 20", "203.0.113.77"), "203.0.112.0/20");
        assert_string_equal(coarser(FIELD_AUTHOR_IP, "network 8", "203.0.113.77"), "203.0.0.0/8");
        assert_string_equal(coarser(FIELD_AUTHOR_IP, "network", "2001:db8:1:2::3"), "2001:db8:1::/48");
        assert_string_equal(coarser(FIELD_AUTHOR_IP, "network 12", "2001:db8:1:2::3"), "2001:d00::/24");
        assert_string_equal(coarser(FIELD_AUTHOR_IP, "network", "not an address"), "(nothing)");
        assert_string_equal(coarser(FIELD_AUTHOR_IP, "network 23", "203.0.113.77"), "(no such way)");
        assert_string_equal(coarser(FIELD_ATTRIBUTES, "network 16", "203.0.113.77"), "203.0.0.0/16");
}

static void dates__keep_their_beginning(void **state)
{
        static const char *const ways[][2] = { { "hour", "2026-11-25T13:00:00Z" }, { "day", "2026-11-25" }, { "week", "2026-11-23" },
                                               { "month", "2026-11" }, { "quarter", "2026-10" }, { "year", "2026" }, { "decade", "2020" } };
        (void)state;
        for (size_t i = 0; i < sizeof ways / sizeof *ways; i++)
                assert_string_equal(coarser(FIELD_ATTRIBUTES, ways[i][0], "2026-11-25T14:30:59+01:00"), ways[i][1]);
        assert_string_equal(coarser(FIELD_ATTRIBUTES, "month", "1986-02-03"), "1986-02");
        assert_string_equal(coarser(FIELD_ATTRIBUTES, "week", "1969-12-31"), "1969-12-29");
        assert_string_equal(coarser(FIELD_ATTRIBUTES, "month", "03.02.1986"), "(nothing)");
        int week = coarse_of_name(FIELD_OCCURRED_AT, "week");
        assert_int_equal(generalise_time(0, week), -3 * US_PER_DAY);
        assert_int_equal(generalise_time(4 * US_PER_DAY, week), 4 * US_PER_DAY);
        assert_int_equal(generalise_time(4 * US_PER_DAY - 1, week), -3 * US_PER_DAY);
}

static void numbers__fall_into_bands(void **state)
{
        (void)state;
        assert_string_equal(coarser(FIELD_AUTHOR_AGE, "decade", "37"), "30");
        assert_string_equal(coarser(FIELD_AUTHOR_AGE, "band", "37"), "30");
        assert_string_equal(coarser(FIELD_AUTHOR_AGE, "band 5", "37"), "35");
        assert_string_equal(coarser(FIELD_AUTHOR_AGE, "band 20", "19.9"), "0");
        assert_string_equal(coarser(FIELD_ATTRIBUTES, "band 100", "-1"), "-100");
        assert_string_equal(coarser(FIELD_ATTRIBUTES, "band 100", "12345.6"), "12300");
        assert_string_equal(coarser(FIELD_ATTRIBUTES, "band", "many"), "(nothing)");
        assert_string_equal(coarser(FIELD_ATTRIBUTES, "band", "1e300"), "(nothing)");
        assert_string_equal(coarser(FIELD_AUTHOR_AGE, "band 7", "37"), "(no such way)");
}

static void coordinates__lose_decimals_or_go_to_a_grid(void **state)
{
        (void)state;
        assert_string_equal(coarser(FIELD_PLACE, "decimals", "52.5163, 13.3777"), "52.5, 13.3");
        assert_string_equal(coarser(FIELD_PLACE, "decimals 2", "geo:52.5163,13.3777"), "52.51, 13.37");
        assert_string_equal(coarser(FIELD_PLACE, "decimals 1", "0.3 -0.05"), "0.3, -0.1");
        assert_string_equal(coarser(FIELD_PLACE, "grid", "52.5163;13.3777"), "52, 13");
        assert_string_equal(coarser(FIELD_PLACE, "grid 10", "-33.86, 151.21"), "-40, 150");
        assert_string_equal(coarser(FIELD_PLACE, "decimals", "Brandenburger Tor"), "(nothing)");
        assert_string_equal(coarser(FIELD_PLACE, "decimals", "91, 0"), "(nothing)");
        assert_string_equal(coarser(FIELD_PLACE, "decimals", "52.5"), "(nothing)");
}

static void countries__become_regions_and_continents(void **state)
{
        size_t n;
        const char *const *codes = place_codes(&n);
        (void)state;
        assert_string_equal(coarser(FIELD_AUTHOR_COUNTRY, "jurisdiction", "de"), "EEA");
        assert_string_equal(coarser(FIELD_AUTHOR_COUNTRY, "region", "JP"), "Eastern Asia");
        assert_string_equal(coarser(FIELD_AUTHOR_COUNTRY, "continent", "US-CA"), "Americas");
        assert_string_equal(coarser(FIELD_AUTHOR_COUNTRY, "continent", "XX"), "(nothing)");
        for (size_t i = 0; i < n; i++)
                if (!continent_of(codes[i], false))
                        fail_msg("%s is on no continent", codes[i]);
}

static void companies__become_industries_by_the_officers_list(void **state)
{
        (void)state;
        assert_string_equal(coarser(FIELD_AUTHOR_COMPANY, "industry", " muster  BANK ag "), "banking");
        assert_string_equal(coarser(FIELD_AUTHOR_COMPANY, "industry", "Acme Germany"), "tools");
        assert_string_equal(coarser(FIELD_AUTHOR_COMPANY, "industry", "ACME ÄRZTE GmbH"), "health");
        assert_string_equal(coarser(FIELD_AUTHOR_COMPANY, "industry", "東京電力"), "energy");
        assert_string_equal(coarser(FIELD_AUTHOR_COMPANY, "industry", "Muster Bank"), "(nothing)");
}

static void records__leave_with_coarser_fields_and_attributes(void **state)
{
        (void)state;
        struct attribute attributes[] = { { SLICE("born"), SLICE("1986-02-03") }, { SLICE("at"), SLICE("52.5163, 13.3777") } };
        struct record r = words("t", "b");
        r.text[FIELD_AUTHOR_COMPANY] = SLICE("ACME");
        r.text[FIELD_AUTHOR_COUNTRY] = SLICE("JP");
        r.text[FIELD_AUTHOR_IP] = SLICE("203.0.113.77");
        r.attributes = attributes;
        r.n_attributes = 2;
        assert_int_equal(judge(&r), DECISION_GO);
        assert_string_equal(left(FIELD_AUTHOR_COMPANY), "tools");
        assert_string_equal(left(FIELD_AUTHOR_COUNTRY), "Asia");
        assert_string_equal(left(FIELD_AUTHOR_IP), "203.0.0.0/16");
        struct message m = message_of_said();
        assert_int_equal(m.record.fields.n_attributes, 2);
        assert_true(slice_is(m.record.fields.attributes[0].value, "1986"));
        assert_true(slice_is(m.record.fields.attributes[1].value, "52.5, 13.3"));
        attributes[0].value = SLICE("in spring");
        assert_int_equal(judge(&r), DECISION_GO);
        assert_int_equal(message_of_said().record.fields.n_attributes, 1);
        attributes[0].value = SLICE("203.0.113.9"); /* what is found in it still counts */
        assert_int_equal(judge(&r), DECISION_HOLD);
}

static void refuse(const char *line, const char *why, const char *hint)
{
        char text[2048];
        snprintf(text, sizeof text, "%s%s\n", HEAD("p") OPEN, line);
        put_file("p.cfg", text);
        if (load())
                fail_msg("it was taken: %s", line);
        must_complain(REPORT_ERROR, 6, why, hint);
}

static void a_way_that_a_field_has_not__is_refused_with_those_it_has(void **state)
{
        (void)state;
        refuse("fields = ( { field = \"author.ip\"; do = \"generalise\"; to = \"network 23\"; } );", "cannot be generalised to \"network 23\"",
               "network 24|20|16|12|8");
        refuse("fields = ( { field = \"attributes.x\"; do = \"generalise\"; to = \"colour\"; } );", "cannot be generalised", "hour, day, week");
        refuse("fields = ( { field = \"body\"; do = \"generalise\"; to = \"day\"; } );", "\"body\" cannot be generalised", "drop it");
        put_file("lists/industries.txt", "ACME = tools\nno equals sign\n");
        refuse("fields = ( { field = \"author.company\"; do = \"generalise\"; to = \"industry\"; } );", "wrong in line 2", "a company");
        char path[160];
        snprintf(path, sizeof path, "%s/lists/industries.txt", desk.dir);
        assert_int_equal(unlink(path), 0);
        must_load(HEAD("p") OPEN "fields = ( { field = \"author.company\"; do = \"generalise\"; to = \"industry\"; } );\n");
        must_complain(REPORT_WARNING, 6, "there is no list of industries", "Put the file there");
        struct record r = words("t", "b");
        r.text[FIELD_AUTHOR_COMPANY] = SLICE("ACME");
        assert_int_equal(judge(&r), DECISION_GO);
        assert_string_equal(left(FIELD_AUTHOR_COMPANY), "(absent)");
}

static bool joins(enum field f, const char *to, const char *from)
{
        return coarse_joins(coarse_of_name(f, to), coarse_of_name(f, from));
}

static void the_coarser_way__is_told_where_there_is_one(void **state)
{
        (void)state;
        assert_true(joins(FIELD_OCCURRED_AT, "week", "day"));
        assert_false(joins(FIELD_OCCURRED_AT, "month", "week"));
        assert_true(joins(FIELD_OCCURRED_AT, "year", "quarter"));
        assert_true(joins(FIELD_AUTHOR_IP, "network 16", "network"));
        assert_false(joins(FIELD_AUTHOR_IP, "network", "network 16"));
        assert_true(joins(FIELD_AUTHOR_AGE, "band 20", "decade"));
        assert_true(joins(FIELD_AUTHOR_COUNTRY, "continent", "region"));
        assert_false(joins(FIELD_AUTHOR_COUNTRY, "region", "jurisdiction"));
        assert_true(joins(FIELD_PLACE, "grid 5", "decimals 2"));
        assert_false(joins(FIELD_ATTRIBUTES, "network", "month"));
        assert_string_equal(coarse_text(coarse_of_name(FIELD_AUTHOR_IP, "network 16"), desk.arena), "network 16");
}

static void two_policies__agree_on_the_coarser(void **state)
{
        (void)state;
        put_file("base.cfg", "policy = \"base\"; version = 1; language = 1; title = \"B\";\n"
                             "fields = ( { field = \"author.ip\"; do = \"generalise\"; to = \"network 8\"; },\n"
                             "  { field = \"attributes.n\"; do = \"generalise\"; to = \"band 20\"; } );\n");
        must_load(HEAD("p") "extends = \"base\";\n" OPEN "fields = ( { field = \"author.ip\"; do = \"generalise\"; to = \"network\"; },\n"
                  "  { field = \"attributes.n\"; do = \"generalise\"; to = \"band 5\"; } );\n");
        struct attribute attributes[] = { { SLICE("n"), SLICE("37") } };
        struct record r = words("t", "b");
        r.text[FIELD_AUTHOR_IP] = SLICE("203.0.113.77");
        r.attributes = attributes;
        r.n_attributes = 1;
        assert_int_equal(judge(&r), DECISION_GO);
        assert_string_equal(left(FIELD_AUTHOR_IP), "203.0.0.0/8");
        assert_true(slice_is(message_of_said().record.fields.attributes[0].value, "20"));
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, open_book, desk_close)
        const struct CMUnitTest tests[] = {
                T(addresses__become_networks_of_either_kind),
                T(dates__keep_their_beginning),
                T(numbers__fall_into_bands),
                T(coordinates__lose_decimals_or_go_to_a_grid),
                T(countries__become_regions_and_continents),
                T(companies__become_industries_by_the_officers_list),
                T(records__leave_with_coarser_fields_and_attributes),
                T(a_way_that_a_field_has_not__is_refused_with_those_it_has),
                T(the_coarser_way__is_told_where_there_is_one),
                T(two_policies__agree_on_the_coarser),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
