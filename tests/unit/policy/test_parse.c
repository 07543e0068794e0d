/* test_parse.c - everything that can be wrong in a policy is said with its line and the way out. */
#include "desk.h"
#include "policy/speak.h"

struct mistake {
        const char *line; /* stands in line 2 of the policy */
        const char *text, *hint;
};

static void each(const struct mistake *m, size_t n)
{
        for (size_t i = 0; i < n; i++) {
                char text[2048];
                snprintf(text, sizeof text, "%s%s\n", HEAD("p"), m[i].line);
                put_file("p.cfg", text);
                if (load() || !complained(REPORT_ERROR, 2, m[i].text, m[i].hint)) {
                        show_report();
                        fail_msg("in \"%s\": no error \"%s\" with hint \"%s\"", m[i].line, m[i].text,
                                 m[i].hint ? m[i].hint : "");
                }
        }
}
#define EACH(list) each(list, sizeof(list) / sizeof *(list))

static void head__demands_name_version_language_and_title(void **state)
{
        (void)state;
        put_file("p.cfg", "law = \"x\";\n");
        assert_false(load());
        must_complain(REPORT_ERROR, 0, "\"policy\" is missing", "policy =");
        must_complain(REPORT_ERROR, 0, "\"version\" is missing", "Write version = 1;");
        must_complain(REPORT_ERROR, 0, "\"language\" is missing", "Write language = 1;");
        must_complain(REPORT_ERROR, 0, "\"title\" is missing", NULL);
}

static void head__names_what_is_wrong_in_it(void **state)
{
        (void)state;
        put_file("p.cfg", "policy = \"q\";\nversion = 0;\nlanguage = 1;\ntitle = \"\";\nreview_by = \"2027-02-30\";\n"
                          "recods = { };\nowner = 3;\n");
        assert_false(load());
        must_complain(REPORT_ERROR, 1, "the file is \"p.cfg\", the policy calls itself \"q\"", NULL);
        must_complain(REPORT_ERROR, 2, "\"version\" must be 1 to", NULL);
        must_complain(REPORT_ERROR, 4, "\"title\" is empty", NULL);
        must_complain(REPORT_ERROR, 5, "not a date", "2027-06-01");
        must_complain(REPORT_ERROR, 6, "unknown key \"recods\"", "Did you mean \"records\"?");
        must_complain(REPORT_ERROR, 7, "\"owner\" must be a text", NULL);
}

static void head__of_a_later_language_names_the_release_it_needs(void **state)
{
        (void)state;
        put_file("p.cfg", "policy = \"p\"; version = 1; title = \"t\";\nlanguage = 2;\nfuture = 1;\n");
        assert_false(load());
        must_complain(REPORT_ERROR, 2, "language 2 needs a later release of tributary", NULL);
        assert_int_equal(report_count(desk.report, REPORT_ERROR), 1);
}

static void complaints__have_a_column(void **state)
{
        (void)state;
        put_file("p.cfg", HEAD("p") "subject = \"nobody\";\n");
        assert_false(load());
        for (size_t i = 0; i < report_size(desk.report); i++)
                if (strstr(report_at(desk.report, i)->text, "nobody"))
                        assert_true(report_at(desk.report, i)->column > 0);
}

static void records_subject__are_checked(void **state)
{
        static const struct mistake list[] = {
                { "records = { feedbck = \"go\"; };", "unknown key \"feedbck\"", "feedback" },
                { "records = { feedback = \"leave\"; };", "unknown value of \"feedback\" \"leave\"", "go, hold, stay" },
                { "records = { feedback = \"no\"; };", "unknown value of \"feedback\" \"no\"", "Allowed: go, hold, stay." },
                { "transfers = ( { to = [\"Japan\"]; allow = [\"kafka\"]; basis = \"b\"; } );",
                  "unknown jurisdiction or country \"Japan\"", "two letters, as DE or JP" },
                { "transfers = ( { to = [\"UK\"]; allow = [\"kafka\"]; basis = \"b\"; } );",
                  "unknown jurisdiction or country \"UK\"", "Write \"GB\"." },
                { "records = { feedback = 1; };", "must be a text", NULL },
                { "records = \"go\";", "expected a group", NULL },
                { "subject = \"pseudonim\";", "unknown value of \"subject\"", "pseudonym" },
        };
        (void)state;
        EACH(list);
}

static void fields__are_checked(void **state)
{
        static const struct mistake list[] = {
                { "fields = ( { field = \"boddy\"; do = \"clean\"; } );", "unknown field \"boddy\"", "body" },
                { "fields = ( { field = \"body\"; do = \"cleen\"; } );", "unknown value of \"do\"", "clean" },
                { "fields = ( { field = \"body\"; } );", "\"do\" is missing", NULL },
                { "fields = ( { do = \"keep\"; } );", "\"field\" is missing", NULL },
                { "fields = ( { field = \"body\"; do = \"keep\"; too = 1; } );", "unknown key \"too\"", "to" },
                { "fields = ( { field = \"body\"; do = \"keep\"; to = \"day\"; } );", "belongs to do = \"generalise\"", NULL },
                { "fields = ( { field = \"occurred_at\"; do = \"generalise\"; } );", "\"to\" is missing", NULL },
                { "fields = ( { field = \"occurred_at\"; do = \"generalise\"; to = \"fortnight\"; } );",
                  "cannot be generalised to \"fortnight\"", "hour, day, week, month" },
                { "fields = ( { field = \"body\"; do = \"generalise\"; to = \"day\"; } );", "cannot be generalised", "drop it" },
                { "fields = ( { field = \"occurred_at\"; do = \"mask\"; } );", "no words", NULL },
                { "fields = ( { field = \"id\"; do = \"discard\"; } );", "cannot be discarded", NULL },
                { "fields = ( { field = \"body\"; do = \"pseudonymise\"; } );", "no pseudonym", NULL },
                { "fields = ( { field = \"attributes\"; do = \"keep\"; } );", "bag of anything", NULL },
                { "fields = ( { field = \"attributes.x\"; do = \"pseudonymise\"; } );", "does not fit", NULL },
                { "fields = ( { field = \"revision\"; do = \"drop\"; } );", "always leaves", NULL },
                { "fields = { field = [1]; do = \"keep\"; };", "texts", NULL },
                { "fields = \"body\";", "must be a list", NULL },
        };
        (void)state;
        EACH(list);
}

static void find__is_checked(void **state)
{
        static const struct mistake list[] = {
                { "find = ( { what = [\"emial\"]; do = \"mask\"; } );", "unknown kind of finding \"emial\"", "email" },
                { "find = ( { what = [\"email\"]; do = \"hide\"; } );", "unknown value of \"do\"", "mask, drop, discard, hold, stay" },
                { "find = ( { do = \"mask\"; } );", "\"what\" is missing", NULL },
                { "find = ( { what = [\"email\"]; } );", "\"do\" is missing", NULL },
                { "find = ( { what = [\"pattern:none\"]; do = \"mask\"; } );", "no pattern \"none\"", NULL },
                { "find = ( { what = []; do = \"mask\"; } );", "\"what\" is empty", NULL },
        };
        (void)state;
        EACH(list);
}

static void children__are_checked_and_demand_unknown(void **state)
{
        static const struct mistake list[] = {
                { "children = { under = 16; then = \"stay\"; };", "\"age_unknown\" is missing", NULL },
                { "children = { under = 0; then = \"stay\"; age_unknown = \"go\"; };", "must be 1 to 120", NULL },
                { "children = { under = 16; then = \"go\"; age_unknown = \"go\"; };", "unknown value of \"then\"", "hold, stay" },
                { "children = { then = \"stay\"; age_unknown = \"go\"; };", "\"under\" is missing", NULL },
                { "children = { under = 16; then = \"stay\"; age_unknown = \"go\"; except = ( { of = [\"BX\"]; under = 13; } ); };",
                  "unknown jurisdiction or country \"BX\"", NULL },
                { "children = { under = 16; then = \"stay\"; age_unknown = \"go\"; except = ( { of = [\"BE\"]; } ); };",
                  "\"under\" is missing", NULL },
        };
        (void)state;
        EACH(list);
}

static void rules__are_checked_and_demand_unknown(void **state)
{
        static const struct mistake list[] = {
                { "rules = ( { name = \"a\"; when = { lang = \"de\"; }; then = \"stay\"; } );", "\"unknown\" is missing", "unknown = " },
                { "rules = ( { name = \"a\"; when = { country = \"DE\"; }; then = \"stay\"; } );", "\"unknown\" is missing", NULL },
                { "rules = ( { name = \"a\"; when = { consent = \"x\"; }; then = \"stay\"; } );", "\"unknown\" is missing", NULL },
                { "rules = ( { name = \"a\"; when = { words = [\"x1\"]; }; then = \"stay\"; } );", "\"unknown\" is missing", NULL },
                { "rules = ( { name = \"a\"; when = { }; then = \"stay\"; } );", "no condition", NULL },
                { "rules = ( { name = \"a\"; then = \"stay\"; } );", "\"when\" is missing", NULL },
                { "rules = ( { when = { kind = \"lead\"; }; then = \"stay\"; } );", "\"name\" is missing", NULL },
                { "rules = ( { name = \"a\"; when = { kind = \"leed\"; }; then = \"stay\"; } );", "unknown kind \"leed\"", "lead" },
                { "rules = ( { name = \"a\"; when = { colour = \"red\"; }; then = \"stay\"; } );", "unknown key \"colour\"", NULL },
                { "rules = ( { name = \"a\"; when = { words = \"lists/none.txt\"; unknown = \"go\"; }; then = \"stay\"; } );",
                  "could not read word list", NULL },
                { "rules = ( { name = \"a\"; when = { words = \"../etc/passwd\"; unknown = \"go\"; }; then = \"stay\"; } );",
                  "not a list of the policies' folder", NULL },
                { "rules = ( { name = \"a\"; when = { kind = \"lead\"; }; then = \"stay\"; }, { name = \"a\"; when = { kind = \"lead\"; }; then = \"stay\"; } );",
                  "there twice", NULL },
        };
        (void)state;
        EACH(list);
}

static void transfers__are_checked(void **state)
{
        static const struct mistake list[] = {
                { "transfers = ( { to = [\"EAE\"]; allow = [\"kafka\"]; basis = \"b\"; } );", "unknown jurisdiction or country \"EAE\"", NULL },
                { "transfers = ( { to = [\"EEA\"]; allow = [\"kafca\"]; basis = \"b\"; } );", "unknown permission \"kafca\"", "kafka" },
                { "transfers = ( { to = [\"EEA\"]; allow = [\"kafka\"]; } );", "\"basis\" is missing", NULL },
                { "transfers = ( { allow = [\"kafka\"]; basis = \"b\"; } );", "\"to\" is missing", NULL },
                { "transfers = ( { to = [\"EEA\"]; allow = [\"kafka\"]; basis = \"b\"; until = \"31.12.2027\"; } );", "not a date", "2027-06-01" },
                { "transfers = ( { to = [\"EEA\"]; allow = [\"kafka\"]; basis = \"b\"; file_within = \"60 days\"; } );", "\"counted_from\" is missing", NULL },
                { "transfers = ( { to = [\"EEA\"]; allow = [\"kafka\"]; basis = \"b\"; file_within = \"60\"; counted_from = \"first transfer\"; } );", "not a time span", "72 hours" },
                { "transfers = ( { to = [\"EEA\"]; allow = [\"kafka\"]; basis = \"b\"; never = [\"national_ids\"]; } );", "unknown kind of finding", "national_id" },
        };
        (void)state;
        EACH(list);
}

static void purposes_consent_protects__are_checked(void **state)
{
        static const struct mistake list[] = {
                { "purposes = ( { name = \"a\"; ground = \"x\"; } );", "\"kinds\" is missing", NULL },
                { "purposes = ( { name = \"a\"; ground = \"x\"; kinds = [\"feedback\"]; }, { name = \"a\"; ground = \"x\"; kinds = [\"lead\"]; } );",
                  "there twice", NULL },
                { "purposes = ( { name = \"a\"; kinds = [\"feedback\"]; } );", "\"ground\" is missing", NULL },
                { "consent = ( { purpose = \"x\"; } );", "\"missing\" is missing", NULL },
                { "consent = ( { purpose = \"x\"; missing = \"wait\"; } );", "unknown value of \"missing\"", "hold" },
                { "protects = { people_in = [\"EEA\"]; };", "\"residence_unknown\" is missing", NULL },
                { "protects = { people_in = [\"EU\"]; residence_unknown = \"as_region\"; };", "unknown jurisdiction", NULL },
        };
        (void)state;
        EACH(list);
}

static void duties__are_checked(void **state)
{
        static const struct mistake list[] = {
                { "keep = { warehouse = \"3 yaers\"; };", "not a time span", "1 month" },
                { "keep = { warehose = \"3 years\"; };", "unknown key \"warehose\"", "warehouse" },
                { "keep = { raw = \"1 month\"; raw_at_least = \"2 months\"; };", "shorter than \"raw_at_least\"", NULL },
                { "backups = { at_least_km = 200; };", "\"copies\" is missing", NULL },
                { "backups = { copies = 1; not_sharing = [\"grid\"]; };", "unknown thing to share", "power_grid" },
                { "rights = { access = \"1 month\"; };", "\"erasure\" is missing", NULL },
                { "rights = { access = \"1 moon\"; erasure = \"1 month\"; };", "not a time span", NULL },
                { "breach = ( { tell = \"press\"; within = \"72 hours\"; } );", "unknown value of \"tell\"", "authority" },
                { "counters = ( { of = \"people\"; over = \"calendar year\"; then = \"hold\"; } );", "\"ceiling\" is missing", NULL },
                { "counters = ( { of = \"people\"; over = \"calendar year\"; ceiling = 10; warn_at = 20; then = \"hold\"; } );", "above \"ceiling\"", NULL },
                { "counters = ( { of = \"people\"; over = \"1 year\"; ceiling = 10; then = \"hold\"; share = ( { region = \"a\"; percent = 60; }, { region = \"b\"; percent = 50; } ); } );",
                  "110 percent", NULL },
                { "counters = ( { of = \"peple\"; over = \"calendar year\"; ceiling = 10; then = \"hold\"; } );", "unknown value of \"of\"", "people" },
                { "counters = ( { of = \"people\"; over = \"72 hours\"; ceiling = 10; then = \"hold\"; } );", "not a stretch of days", "12 months" },
                { "counters = ( { of = \"people\"; over = \"calendar years\"; ceiling = 10; then = \"hold\"; } );", "not a stretch of days", "calendar year" },
                { "counters = ( { of = \"people\"; over = \"99 years\"; ceiling = 10; then = \"hold\"; } );", "not a stretch of days", NULL },
                { "counters = ( { of = \"people\"; over = \"1 year\"; ceiling = 10; then = \"go\"; } );", "unknown value of \"then\"", "hold" },
                { "counters = ( { of = \"people\"; over = \"1 year\"; ceiling = 10; then = \"hold\"; },"
                  " { of = \"people\"; over = \"2 years\"; ceiling = 20; then = \"hold\"; } );", "counted already", "exporter" },
                { "counters = ( { of = \"people\"; over = \"1 year\"; ceiling = 10; then = \"hold\"; share = ( { region = \"a\"; percent = 6; }, { region = \"a\"; percent = 5; } ); } );",
                  "has a share already", NULL },
                { "counters = ( { of = \"sensitive people\"; over = \"1 year\"; ceiling = 10; then = \"hold\"; } );", "nothing says whose records are sensitive", "sensitive = " },
                { "sensitive = { found = [\"iban\"]; };", "no line of \"find\" looks for it", "masks" },
                { "sensitive = { };", "says of nothing", "kinds" },
                { "sensitive = { kinds = [\"talk\"]; };", "unknown kind \"talk\"", NULL },
                { "small_group = { of = [\"tags\"]; fewer_than = 5; within = \"28 days\"; then = \"drop\"; };", "unknown field", NULL },
                { "small_group = { of = [\"author.country\"]; fewer_than = 5; within = \"1 hour\"; then = \"drop\"; };", "not a stretch of days", "28 days" },
                { "small_group = { of = [\"author.country\"]; fewer_than = 5; within = \"28 days\"; then = \"go\"; };", "unknown value of \"then\"", "generalise" },
                { "small_group = ( { of = [\"lang\"]; fewer_than = 5; within = \"28 days\"; then = \"drop\"; },"
                  " { of = [\"lang\"]; fewer_than = 6; within = \"28 days\"; then = \"drop\"; } );", "stand in line", NULL },
                { "small_group = { of = [\"author.contry\"]; fewer_than = 5; within = \"28 days\"; then = \"drop\"; };", "unknown field", "author.country" },
                { "small_group = { of = [\"author.country\"]; fewer_than = 1; within = \"28 days\"; then = \"drop\"; };", "must be 2 to 1000", NULL },
                { "patterns = ( { name = \"e\"; match = \"E[0-9]\"; do = \"mask\"; yes = [\"E1\"]; } );", "\"no\" is missing", NULL },
        };
        (void)state;
        EACH(list);
}

static void all_mistakes__are_told_at_once(void **state)
{
        (void)state;
        put_file("p.cfg", HEAD("p") "subject = \"x\";\nrecords = { feedbck = \"go\"; };\nkeep = { raw = \"x\"; };\n");
        assert_false(load());
        must_complain(REPORT_ERROR, 2, "subject", NULL);
        must_complain(REPORT_ERROR, 3, "feedbck", NULL);
        must_complain(REPORT_ERROR, 4, "raw", NULL);
}

static void values__are_read_as_word_processors_write_them(void **state)
{
        (void)state;
        must_load(HEAD("p") "review_by = \"2099\xe2\x80\x91" "06\xe2\x80\x93" "01\";\n" /* hyphens */
                  "records = { feedback = \"\xef\xbd\x87\xef\xbd\x8f\"; };\n"     /* wide letters */
                  "subject = \"none\";\n"
                  "transfers = ( { to = [\"\xef\xbc\xa5\xef\xbc\xa5\xef\xbc\xa1\"]; allow = [\"kafka\", \"warehouse\"]; basis = \"b\"; } );\n"
                  "keep = { warehouse = \"3\xc2\xa0years\"; };\n" WORDS
                  "rules = ( { name = \"a\"; when = { words = [\"\xef\xbd\x87\xef\xbd\x8f\"]; unknown = \"go\"; }; then = \"hold\"; because = \"x\"; } );\n");
        struct record narrow = words("t", "said go"), wide = words("t", "said \xef\xbd\x87\xef\xbd\x8f");
        assert_int_equal(judge(&narrow), DECISION_GO);
        assert_int_equal(judge(&wide), DECISION_HOLD); /* words are free text: as they are */
        put_file("p.cfg", HEAD("p") "keep = { warehouse = \"3\xc2\xa0yaers\"; };\n");
        assert_false(load());
        must_complain(REPORT_ERROR, 2, "is not a time span", NULL);
}

/* What a word processor wrote under the name of a list: none of its words would ever be met. */
static void a_list_that_is_no_plain_text__is_told_as_what_it_is(void **state)
{
        (void)state;
        static const char policy[] = HEAD("p") OPEN WORDS
                "rules = ( { name = \"a\"; when = { words = \"lists/health.txt\"; unknown = \"go\"; }; then = \"hold\"; because = \"x\"; } );\n";
        put_file("lists/health.txt", "{\\rtf1\\ansi diabetes\\par}\n");
        put_file("p.cfg", policy);
        assert_false(load());
        must_complain(REPORT_ERROR, 7, "word list \"lists/health.txt\" is an RTF document, not UTF-8", "plain text");
        put_file("lists/health.txt", "\xff\xfe" "d");
        assert_false(load());
        must_complain(REPORT_ERROR, 7, "word list \"lists/health.txt\" is UTF-16, not UTF-8", "plain text");
        put_file("lists/health.txt", "diabetes\n");
        must_load(policy);
}

static void not_yet_comments__are_notes_with_their_line(void **state)
{
        (void)state;
        must_load(HEAD("p") OPEN WORDS "# not yet: counters of people\n");
        must_complain(REPORT_NOTE, 7, "not yet: counters of people", NULL);
}

/* The contract's own example: known to the last key. */
static void the_contracts_example__is_read_whole(void **state)
{
        (void)state;
        put_file("lists/health.txt", "diabetes\n");
        put_file("p.cfg", HEAD("p")
"protects  = { people_in = [\"EEA\"];  also_abroad = true;  residence_unknown = \"as_region\"; };\n"
"purposes  = ( { name = \"research\"; ground = \"art. 6(1)(f), LIA-2026-07\"; kinds = [\"feedback\", \"discussion\", \"contribution\", \"event\"]; },\n"
" { name = \"funnel\"; ground = \"consent\"; kinds = [\"journey\"]; }, { name = \"contact\"; ground = \"consent\"; kinds = [\"lead\"]; } );\n"
"records   = { feedback = \"go\";  discussion = \"go\";  contribution = \"go\";  event = \"go\";  journey = \"go\";  lead = \"go\";  member = \"stay\"; };\n"
"subject   = \"pseudonym\";\n"
"fields    = ( { field = [\"occurred_at\", \"lang\", \"product\", \"version\", \"tags\", \"author.country\"];  do = \"keep\"; },\n"
" { field = [\"title\", \"body\"];   do = \"clean\"; }, { field = \"author.company\";    do = \"generalise\";  to = \"industry\"; } );\n"
"find      = ( { what = [\"email\", \"phone\", \"ip_address\", \"iban\", \"payment_card\", \"known_person\"];  do = \"mask\"; },\n"
" { what = [\"national_id\"];  do = \"discard\";  because = \"art. 87\"; }, { what = [\"credential\"];   do = \"hold\";     because = \"a leaked secret\"; } );\n"
"children  = { under = 16;  then = \"stay\";  age_unknown = \"go\";  because = \"art. 8\"; except = ( { of = [\"BE\", \"DK\", \"EE\", \"FI\", \"LV\", \"MT\", \"PT\", \"SE\"];  under = 13; } ); };\n"
"rules     = ( { name = \"health\";  when = { words = \"lists/health.txt\";  unknown = \"go\"; };  then = \"hold\";  because = \"art. 9\"; } );\n"
"transfers = ( { to = [\"EEA\"];       allow = [\"kafka\", \"warehouse\", \"reading\", \"backup\"];  basis = \"inside the EEA\"; },\n"
" { to = [\"CH\", \"JP\"];  allow = [\"warehouse\", \"reading\"];  basis = \"adequacy, art. 45\";  review_by = \"2027-12-31\"; },\n"
" { to = [\"US\"];        allow = [\"reading\"];  basis = \"DPF\";  importer = \"Example Inc.\";  until = \"2027-09-30\"; } );\n"
"backups   = { copies = 1;  at_least_km = 200;  not_sharing = [\"site\", \"power_grid\"];  because = \"art. 32(1)(c)\"; };\n"
"keep      = { raw = \"1 year\";  warehouse = \"3 years\";  held = \"30 days\";  backups = \"1 year\";  proof = \"6 years\"; };\n"
"rights    = { access = \"1 month\";  erasure = \"1 month\";  extension = \"2 months\";  because = \"art. 12(3)\"; };\n"
"breach    = ( { tell = \"authority\";  within = \"72 hours\";  because = \"art. 33\"; } );\n"
"counters    = ( { of = \"people\";  over = \"calendar year\";  ceiling = 100000;  warn_at = 80000;  then = \"hold\";  exporter = \"Example (Beijing) Ltd\";\n"
" share = ( { region = \"cn-beijing\";  percent = 60; }, { region = \"cn-shanghai\";  percent = 40; } );  because = \"CAC 22 Mar 2024, art. 5\"; } );\n"
"sensitive   = { kinds = [\"discussion\"];  found = [\"special_category\"];  under = 14; };\n"
"consent     = ( { purpose = \"cross_border\";  separate = true;  missing = \"stay\";  because = \"PIPL art. 39\"; } );\n"
"small_group = { of = [\"author.country\", \"author.company\"];  fewer_than = 5;  within = \"28 days\";  then = \"generalise\"; };\n"
"patterns    = ( { name = \"employee-id\";  match = \"EMP-[0-9]{6}\";  do = \"mask\";  yes = [\"EMP-004711\"];  no = [\"EMP-1\"]; } );\n");
        if (!load()) {
                show_report();
                fail();
        }
        must_complain(REPORT_WARNING, 8, "no list of industries", "Put the file");
        must_complain(REPORT_WARNING, 0, "\"sensitive\" changes nothing", "counter");
        struct record r = words("Hello", "world");
        assert_int_equal(judge(&r), DECISION_STAY); /* no consent cross_border */
        assert_string_equal(desk.said.rule, "consent");
        struct buf text;
        buf_init(&text, 1 << 20);
        policy_speak(desk.book, TONGUE_EN, &text);
        assert_true(buf_ok(&text));
        assert_non_null(strstr(text.p, "p.cfg:12"));
        buf_clear(&text);
}

static void other_times_and_transfers_of_the_contract__are_read(void **state)
{
        (void)state;
        must_load(HEAD("p")
"rights      = { access = \"72 hours\";  erasure = \"15 working days\";  holidays = \"CN\"; };\n"
"keep        = { raw = \"3 years\";  raw_at_least = \"24 months\";  tell_before_deletion = \"48 hours\"; warehouse = \"1 year\"; };\n"
"transfers   = ( { to = [\"EEA\"];  allow = [\"warehouse\"];  basis = \"TIA form 09\";  file_within = \"60 days\";  counted_from = \"first transfer\";  never = [\"national_id\"]; } );\n");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, desk_open, desk_close)
                T(head__demands_name_version_language_and_title),
                T(head__names_what_is_wrong_in_it),
                T(head__of_a_later_language_names_the_release_it_needs),
                T(complaints__have_a_column),
                T(records_subject__are_checked),
                T(fields__are_checked),
                T(find__is_checked),
                T(children__are_checked_and_demand_unknown),
                T(rules__are_checked_and_demand_unknown),
                T(transfers__are_checked),
                T(purposes_consent_protects__are_checked),
                T(duties__are_checked),
                T(all_mistakes__are_told_at_once),
                T(not_yet_comments__are_notes_with_their_line),
                T(a_list_that_is_no_plain_text__is_told_as_what_it_is),
                T(values__are_read_as_word_processors_write_them),
                T(the_contracts_example__is_read_whole),
                T(other_times_and_transfers_of_the_contract__are_read),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
