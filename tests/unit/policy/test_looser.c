/* test_looser.c - a version is looser when it lets anything out that the one before stopped: by
 * single changes whose answer is known. Random pairs are in test_looser_pairs.c and _shapes.c. */
#include "desk.h"
#include "policy/looser.h"

#define HEAD_OF(name, version) "policy = \"" name "\"; version = " version "; language = 1; title = \"T\";\n"

static const char rich[] =
        HEAD_OF("p", "3")
        "protects = { people_in = [\"EEA\", \"CH\"]; residence_unknown = \"as_region\"; };\n"
        "purposes = ( { name = \"research\"; ground = \"legitimate interest\"; kinds = [\"feedback\", \"discussion\"]; },\n"
        "  { name = \"contact\"; ground = \"consent\"; kinds = [\"lead\"]; } );\n"
        "consent = ( { purpose = \"contact\"; separate = true; missing = \"stay\"; kinds = [\"lead\"]; } );\n"
        "records = { feedback = \"go\"; discussion = \"hold\"; lead = \"go\"; };\n"
        "subject = \"pseudonym\";\n"
        "fields = ( { field = [\"title\", \"body\"]; do = \"clean\"; }, { field = \"product\"; do = \"keep\"; },\n"
        "  { field = \"author.name\"; do = \"pseudonymise\"; }, { field = \"author.company\"; do = \"mask\"; },\n"
        "  { field = \"occurred_at\"; do = \"generalise\"; to = \"day\"; }, { field = \"attributes.note\"; do = \"clean\"; } );\n"
        "find = ( { what = [\"email\", \"phone\"]; do = \"mask\"; }, { what = \"credential\"; do = \"hold\"; } );\n"
        "children = { under = 16; then = \"stay\"; age_unknown = \"hold\"; except = ( { of = [\"BE\", \"DK\"]; under = 13; } ); };\n"
        "rules = ( { name = \"health\"; when = { words = \"lists/health.txt\"; unknown = \"go\"; }; then = \"hold\"; },\n"
        "  { name = \"french\"; when = { kind = [\"feedback\", \"lead\"]; lang = \"fr\"; country = [\"FR\", \"BE\"]; unknown = \"hold\"; }; then = \"stay\"; } );\n"
        "transfers = ( { to = [\"EEA\"]; allow = [\"kafka\", \"warehouse\", \"reading\"]; basis = \"inside\"; },\n"
        "  { to = [\"US\", \"JP\"]; allow = [\"reading\"]; basis = \"b\"; until = \"2027-09-30\"; } );\n"
        "keep = { raw = \"1 year\"; warehouse = \"3 years\"; };\n";

static const char health[] = "# words\ndiabetes\nflu*\n糖尿病\n";

/* What changes, and whether the new text is looser than the old one. */
struct change_case {
        const char *old, *new;
        bool looser, back; /* back: whether the old one is looser than the new one */
};

static struct book *load_as(const char *text)
{
        put_file("p.cfg", text);
        const struct book_spec spec = { desk.dir, &desk.region, &desk.hub };
        struct book *b;
        if (!book_load(&b, &spec, desk.report)) {
                show_report();
                fail_msg("the policy has errors");
        }
        return b;
}

static char *replaced(const char *text, const char *old, const char *new)
{
        const char *at = strstr(text, old);
        if (!at)
                fail_msg("\"%s\" is not in the policy", old);
        return arena_printf(desk.arena, "%.*s%s%s", (int)(at - text), text, new, at + strlen(old));
}

static void must_be(struct book *before, struct book *after, bool looser, const char *what)
{
        struct changes *c = book_compare(before, after);
        assert_non_null(c);
        if ((changes_count(c, CHANGE_LOOSER) > 0) != looser) {
                for (size_t i = 0; i < changes_size(c); i++) {
                        char text[600];
                        change_say(changes_at(c, i), text, sizeof text);
                        print_error("%s %s\n", change_kind_name(changes_at(c, i)->kind), text);
                }
                fail_msg("%s: %slooser was expected", what, looser ? "" : "nothing ");
        }
        changes_free(c);
}

static const struct change_case cases[] = {
        /* records, subject */
        { "discussion = \"hold\"", "discussion = \"go\"", true, false },
        { "discussion = \"hold\"; ", "", false, true },
        { "lead = \"go\"; }", "lead = \"go\"; member = \"go\"; }", true, false },
        { "subject = \"pseudonym\"", "subject = \"none\"", false, true },
        /* fields */
        { "\"product\"; do = \"keep\"", "\"product\"; do = \"clean\"", false, true },
        { "\"product\"; do = \"keep\"", "\"product\"; do = \"drop\"", false, true },
        { "{ field = \"product\"; do = \"keep\"; },", "", false, true },
        /* what is not stored is not known to whatever looks for it */
        { "\"product\"; do = \"keep\"", "\"product\"; do = \"discard\"", false, true },
        { "{ field = \"product\"; do", "{ field = \"author.handle\"; do = \"discard\"; }, { field = \"product\"; do", true, true },
        { "{ field = \"product\"; do", "{ field = \"author.age\"; do = \"discard\"; }, { field = \"product\"; do", true, true },
        { "{ field = [\"title\", \"body\"]; do = \"clean\"; }", "{ field = \"body\"; do = \"clean\"; }, { field = \"title\"; do = \"discard\"; }", true, true },
        { "\"attributes.note\"; do = \"clean\"", "\"attributes.note\"; do = \"discard\"", true, true },
        { "\"author.name\"; do = \"pseudonymise\"", "\"author.name\"; do = \"keep\"", true, false },
        { "\"author.name\"; do = \"pseudonymise\"", "\"author.name\"; do = \"mask\"", false, true },
        { "to = \"day\"", "to = \"hour\"", true, false },
        { "to = \"day\"", "to = \"year\"", false, true },
        { "\"attributes.note\"; do = \"clean\"", "\"attributes.note\"; do = \"mask\"", false, true },
        { "\"attributes.note\"; do = \"clean\"", "\"attributes.more\"; do = \"clean\"", true, true },
        { "{ field = \"product\";", "{ field = \"url\"; do = \"mask\"; }, { field = \"product\";", true, false },
        /* find */
        { "do = \"mask\"; }, { what = \"credential\"", "do = \"drop\"; }, { what = \"credential\"", false, true },
        { "\"credential\"; do = \"hold\"", "\"credential\"; do = \"discard\"", true, true }, /* stored less, held less */
        { "\"credential\"; do = \"hold\"", "\"credential\"; do = \"stay\"", false, true },
        { "[\"email\", \"phone\"]", "[\"email\"]", true, false },
        { "[\"email\", \"phone\"]", "[\"email\", \"phone\", \"iban\"]", false, true },
        /* children */
        { "under = 16;", "under = 18;", false, true },
        { "age_unknown = \"hold\"", "age_unknown = \"go\"", true, false },
        { "then = \"stay\"; age_unknown", "then = \"hold\"; age_unknown", true, false },
        { "[\"BE\", \"DK\"]; under = 13", "[\"BE\", \"DK\", \"SE\"]; under = 13", true, false },
        { "[\"BE\", \"DK\"]; under = 13", "[\"BE\"]; under = 13", false, true },
        { "[\"BE\", \"DK\"]; under = 13", "[\"BE\", \"DK\"]; under = 17", false, true },
        { "except = ( { of = [\"BE\", \"DK\"]; under = 13; } );", "", false, true },
        /* rules */
        { "lang = \"fr\"", "lang = [\"fr\", \"nl\"]", false, true },
        { "lang = \"fr\"", "lang = \"fr-FR\"", true, false },
        { "lang = \"fr\"; ", "", false, true },
        { "kind = [\"feedback\", \"lead\"]; ", "", false, true },
        { "kind = [\"feedback\", \"lead\"]", "kind = [\"feedback\"]", true, false },
        { "[\"FR\", \"BE\"]", "[\"FR\"]", true, false },
        { "[\"FR\", \"BE\"]", "[\"EEA\"]", false, true },
        { "unknown = \"hold\"; }; then = \"stay\"", "unknown = \"go\"; }; then = \"stay\"", true, false },
        { "unknown = \"hold\"; }; then = \"stay\"", "unknown = \"hold\"; }; then = \"hold\"", true, false },
        { "name = \"french\"", "name = \"langue\"", false, false },
        { "\"lists/health.txt\"", "[\"diabetes\", \"flu\", \"糖尿病\"]", true, false },
        { "\"lists/health.txt\"", "[\"diabet*\", \"flu*\", \"糖尿\"]", false, true },
        /* purposes, consent */
        { "kinds = [\"feedback\", \"discussion\"]", "kinds = [\"feedback\"]", false, true },
        { "ground = \"consent\"", "ground = \"contract\"", true, false },
        { "kinds = [\"lead\"]; } );\nconsent", "kinds = [\"lead\", \"event\"]; } );\nconsent", false, false }, /* events stay */
        { "separate = true; ", "", true, false },
        { "missing = \"stay\"; kinds = [\"lead\"]", "missing = \"hold\"; kinds = [\"lead\"]", true, false },
        { "missing = \"stay\"; kinds = [\"lead\"]", "missing = \"stay\"", false, true },
        /* transfers */
        { "until = \"2027-09-30\"", "until = \"2027-12-31\"", true, false },
        { "until = \"2027-09-30\"", "until = \"2027-01-31\"", false, true },
        { "until = \"2027-09-30\"; ", "", true, false },
        { "[\"US\", \"JP\"]", "[\"US\"]", false, true },
        { "[\"US\", \"JP\"]", "[\"US\", \"JP\", \"CN\"]", true, false },
        { "allow = [\"reading\"]", "allow = [\"reading\", \"backup\"]", true, false },
        { "{ to = [\"EEA\"]; allow = [\"kafka\",", "{ to = [\"DE\", \"IE\"]; allow = [\"kafka\",", false, true },
        { "basis = \"inside\"", "basis = \"within\"", false, false },
        { "basis = \"b\"; until", "basis = \"b\"; never = [\"iban\"]; until", false, true },
        /* keep */
        { "warehouse = \"3 years\"", "warehouse = \"4 years\"", true, false },
        { "warehouse = \"3 years\"", "warehouse = \"1 year\"", false, true },
        { "raw = \"1 year\"; ", "", true, false },
        { "raw = \"1 year\"; ", "raw = \"1 year\"; raw_at_least = \"6 months\"; ", false, false },
        { "raw = \"1 year\"; ", "raw = \"6 months\"; ", false, true },
        /* protects */
        { "[\"EEA\", \"CH\"]", "[\"EEA\"]", true, false },
        { "residence_unknown = \"as_region\"", "residence_unknown = \"strictest\"", false, true },
        /* what is new counts */
        { "keep = {", "small_group = { of = [\"author.country\"]; fewer_than = 5; within = \"28 days\"; then = \"hold\"; };\nkeep = {", false, true },
        { "keep = {", "patterns = ( { name = \"emp\"; match = \"EMP-[0-9]{6}\"; do = \"mask\"; yes = [\"EMP-004711\"]; no = [\"EMP-1\"]; } );\nkeep = {", false, true },
        { "keep = {", "counters = ( { of = \"people\"; over = \"calendar year\"; ceiling = 100; then = \"hold\"; } );\nkeep = {", false, true },
        { "basis = \"b\"; until", "basis = \"b\"; file_within = \"60 days\"; counted_from = \"first transfer\"; until", false, true },
        /* prose */
        { "title = \"T\"", "title = \"Other\"", false, false },
        { "keep = {", "rights = { access = \"1 month\"; erasure = \"1 month\"; };\nkeep = {", false, false },
};

static void one_known_change__is_told_for_what_it_is(void **state)
{
        (void)state;
        put_file("lists/health.txt", health);
        struct book *before = load_as(rich);
        for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
                struct book *after = load_as(replaced(rich, cases[i].old, cases[i].new));
                must_be(before, after, cases[i].looser, cases[i].new);
                must_be(after, before, cases[i].back, cases[i].old);
                book_drop(after);
        }
        must_be(before, before, false, "the same");
        book_drop(before);
}

static void lines_that_move_to_the_parent__are_no_loosening(void **state)
{
        (void)state;
        static const char find[] = "find = ( { what = [\"email\"]; do = \"mask\"; } );\n";
        static const char rule[] = "rules = ( { name = \"r\"; when = { lang = \"fr\"; unknown = \"go\"; }; then = \"hold\"; } );\n";
        char *child = arena_printf(desk.arena, "%sextends = \"base\";\n%s", HEAD_OF("p", "3"), OPEN WORDS);
        put_file("base.cfg", arena_printf(desk.arena, "%s", HEAD_OF("base", "1")));
        struct book *before = load_as(arena_printf(desk.arena, "%s%s%s", child, find, rule));
        put_file("base.cfg", arena_printf(desk.arena, "%s%s%s", HEAD_OF("base", "1"), find, rule));
        struct book *after = load_as(child);
        must_be(before, after, false, "moved up");
        must_be(after, before, false, "moved down");
        struct book *alone = load_as(arena_printf(desk.arena, "%s%s", HEAD_OF("p", "3"), OPEN WORDS));
        must_be(after, alone, true, "without its parent");
        must_be(alone, after, false, "with a parent");
        book_drop(alone);
        book_drop(before);
        book_drop(after);
}

/* A counter by another name, or of another policy, begins to count anew. */
static void counters_and_filings__keep_their_names_or_are_looser(void **state)
{
        (void)state;
        static const char counter[] = "counters = ( { of = \"people\"; over = \"calendar year\"; ceiling = 100; then = \"hold\"; exporter = \"E\"; } );\n";
        static const char filed[] = "  { to = [\"US\"]; allow = [\"reading\"]; basis = \"form 9\"; file_within = \"60 days\"; counted_from = \"first transfer\"; } );\nkeep";
        char *text = arena_printf(desk.arena, "%s%s", replaced(rich, "until = \"2027-09-30\"; } );\nkeep", arena_printf(desk.arena, "until = \"2027-09-30\"; },\n%s", filed)), counter);
        put_file("lists/health.txt", health);
        put_file("base.cfg", arena_printf(desk.arena, "%s", HEAD_OF("base", "1")));
        const char *extends = replaced(text, "title = \"T\";", "title = \"T\"; extends = \"base\";");
        struct book *before = load_as(extends);
        const struct change_case changes[] = {
                { "ceiling = 100", "ceiling = 90", false, true },
                { "ceiling = 100", "ceiling = 200", true, false },
                { "exporter = \"E\"", "exporter = \"F\"", true, true },
                { "over = \"calendar year\"", "over = \"12 months\"", true, true },
                { "basis = \"form 9\"", "basis = \"form 10\"", true, true },
                { "file_within = \"60 days\"", "file_within = \"90 days\"", true, false },
                { "file_within = \"60 days\"; counted_from = \"first transfer\"; ", "", true, false },
        };
        for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
                struct book *after = load_as(replaced(extends, changes[i].old, changes[i].new));
                must_be(before, after, changes[i].looser, changes[i].new);
                must_be(after, before, changes[i].back, changes[i].old);
                book_drop(after);
        }
        put_file("base.cfg", arena_printf(desk.arena, "%s%s", HEAD_OF("base", "1"), counter));
        struct book *moved = load_as(replaced(extends, counter, ""));
        must_be(before, moved, true, "counted by the parent");
        book_drop(moved);
        book_drop(before);
}

/* A filing dated ahead is none before its day: an earlier day, or more time until then, opens the line. */
static void the_day_of_a_filing__is_compared_too(void **state)
{
        (void)state;
        static const char line[] = "{ to = [\"US\", \"JP\"]; allow = [\"reading\"]; basis = \"b\"; file_within = \"10 days\"; "
                                   "counted_from = \"signature\"; signed = \"2026-01-01\"; filed = \"2027-01-01\"; until = \"2027-09-30\"; }";
        put_file("lists/health.txt", health);
        char *text = replaced(rich, "{ to = [\"US\", \"JP\"]; allow = [\"reading\"]; basis = \"b\"; until = \"2027-09-30\"; }", line);
        struct book *before = load_as(text);
        const struct change_case changes[] = {
                { "filed = \"2027-01-01\"", "filed = \"2026-06-01\"", true, false },
                { "file_within = \"10 days\"", "file_within = \"400 days\"", true, false },
                { "signed = \"2026-01-01\"", "signed = \"2026-11-01\"", true, false },
                { "filed = \"2027-01-01\"; ", "", false, true },
                { "basis = \"b\"", "basis = \"c\"", false, false },
                { "file_within = \"10 days\"; counted_from = \"signature\"; signed = \"2026-01-01\"; filed = \"2027-01-01\"; ", "", true, false },
        };
        for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
                struct book *after = load_as(replaced(text, changes[i].old, changes[i].new));
                must_be(before, after, changes[i].looser, changes[i].new);
                must_be(after, before, changes[i].back, changes[i].old);
                book_drop(after);
        }
        book_drop(before);
}

/* Where two policies must let it through, a longer line of the one is not made up for by the other's. */
static void a_filing_of_one_policy__is_not_made_up_for_by_another(void **state)
{
        (void)state;
        static const char plain[] = "transfers = ( { to = [\"EEA\"]; allow = [\"kafka\", \"warehouse\", \"reading\"]; basis = \"b\"; } );\n";
        static const char waits[] = "transfers = ( { to = [\"EEA\"]; allow = [\"kafka\", \"warehouse\", \"reading\"]; basis = \"b\"; file_within = \"60 days\"; "
                                    "counted_from = \"first transfer\"; } );\n";
        char *child = arena_printf(desk.arena, "%sextends = \"base\";\nrecords = { feedback = \"go\"; };\n%skeep = { warehouse = \"3 years\"; };\n",
                                   HEAD_OF("p", "3"), waits);
        put_file("base.cfg", arena_printf(desk.arena, "%s%s", HEAD_OF("base", "1"), plain));
        struct book *before = load_as(child);
        struct book *filed = load_as(replaced(child, "first transfer\";", "first transfer\"; filed = \"2026-11-02\";"));
        must_be(before, filed, true, "filed in the child alone");
        must_be(filed, before, false, "no more");
        must_be(before, before, false, "the same");
        struct book *longer = load_as(replaced(child, "60 days", "90 days"));
        must_be(before, longer, true, "longer in the child alone");
        desk.hub.places[1].jurisdiction = "FR";
        struct book *moved = load_as(child);
        must_be(before, moved, false, "a place that the same line opens");
        desk.hub.places[1].jurisdiction = "IE";
        book_drop(moved);
        book_drop(longer);
        book_drop(filed);
        book_drop(before);
}

/* Without a pseudonym nothing of such a field leaves: a mask says at least that there was something. */
static void a_mask__is_more_than_the_pseudonym_of_nobody(void **state)
{
        (void)state;
        put_file("lists/health.txt", health);
        char *text = replaced(rich, "subject = \"pseudonym\"", "subject = \"none\"");
        struct book *before = load_as(text), *after = load_as(replaced(text, "do = \"pseudonymise\"", "do = \"mask\""));
        must_be(before, after, true, "a mask");
        must_be(after, before, false, "nothing");
        book_drop(before);
        book_drop(after);
}

/* Without a list nothing of a company leaves. */
static void a_list_of_industries_that_is_new__is_a_loosening(void **state)
{
        (void)state;
        put_file("lists/health.txt", health);
        for (int i = 0; i < 2; i++) {
                const char *field = i ? "attributes.note\"; do = \"clean\"" : "author.company\"; do = \"mask\"";
                const char *now = i ? "attributes.note\"; do = \"generalise\"; to = \"industry\"" : "author.company\"; do = \"generalise\"; to = \"industry\"";
                const char *text = replaced(rich, field, now);
                struct book *before = load_as(text);
                put_file("lists/industries.txt", "* = Muster Bank AG\n");
                struct book *after = load_as(text);
                must_be(before, after, true, "a list");
                put_file("lists/industries.txt", "* = any\n");
                struct book *other = load_as(text);
                must_be(after, other, true, "another list");
                char path[192];
                snprintf(path, sizeof path, "%s/lists/industries.txt", desk.dir);
                assert_int_equal(unlink(path), 0);
                book_drop(before);
                book_drop(after);
                book_drop(other);
        }
}

static void words_taken_from_a_list__are_a_loosening(void **state)
{
        (void)state;
        put_file("lists/health.txt", health);
        struct book *before = load_as(rich);
        put_file("lists/health.txt", "diabetes\nflu*\n糖尿病\nmalaria\n");
        struct book *more = load_as(rich);
        put_file("lists/health.txt", "diabetes\n糖尿病\n");
        struct book *fewer = load_as(rich);
        must_be(before, more, false, "a word more");
        must_be(more, before, true, "a word less");
        must_be(before, fewer, true, "a word less");
        book_drop(before);
        book_drop(more);
        book_drop(fewer);
}

static void words_of_special_categories__are_compared_one_by_one(void **state)
{
        (void)state;
        static const char find[] = "find = ( { what = [\"special_category\"]; do = \"mask\"; words = %s; } );\n";
        const char *head = HEAD_OF("p", "3") OPEN WORDS;
        put_file("lists/health.txt", health);
        put_file("lists/faith.txt", "church\nmosque\n");
        const struct {
                const char *from, *to;
                bool looser, back;
        } pairs[] = {
                { "\"lists/health.txt\"", "[\"lists/health.txt\", \"lists/faith.txt\"]", false, true },
                { "\"lists/faith.txt\"", "[\"church\", \"mosque\", \"temple\"]", false, true },
                { "[\"church\"]", "[\"church*\"]", false, true },
                { "[\"糖尿病\"]", "[\"糖尿\"]", true, true }, /* masked in half */
        };
        for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
                struct buf from, to;
                buf_init(&from, 1 << 16);
                buf_init(&to, 1 << 16);
                buf_puts(&from, head);
                buf_puts(&to, head);
                buf_puts(&from, "find = ( { what = [\"special_category\"]; do = \"mask\"; words = ");
                buf_puts(&to, "find = ( { what = [\"special_category\"]; do = \"mask\"; words = ");
                buf_printf(&from, "%s; } );\n", pairs[i].from);
                buf_printf(&to, "%s; } );\n", pairs[i].to);
                struct book *a = load_as(from.p), *b = load_as(to.p);
                must_be(a, b, pairs[i].looser, pairs[i].to);
                must_be(b, a, pairs[i].back, pairs[i].from);
                book_drop(a);
                book_drop(b);
                buf_clear(&from);
                buf_clear(&to);
        }
        struct book *without = load_as(replaced(arena_printf(desk.arena, "%s%s", head, find), " words = %s;", ""));
        put_file("lists/special_category.txt", "church\n");
        struct book *with = load_as(replaced(arena_printf(desk.arena, "%s%s", head, find), " words = %s;", ""));
        must_be(without, with, true, "all were held before there was a list");
        must_be(with, without, true, "no list, no words");
        put_file("lists/special_category.txt", "church\nmosque\n");
        struct book *more = load_as(replaced(arena_printf(desk.arena, "%s%s", head, find), " words = %s;", ""));
        must_be(with, more, false, "a word more");
        must_be(more, with, true, "a word less");
        book_drop(without);
        book_drop(with);
        book_drop(more);
}

static void people_of_elsewhere_who_lose_their_policy__are_named(void **state)
{
        (void)state;
        static const char other[] = "protects = { people_in = [\"GB\"]; also_abroad = true; residence_unknown = \"as_region\"; };\n"
                                    "rules = ( { name = \"gb\"; when = { lang = \"en\"; unknown = \"go\"; }; then = \"hold\"; } );\n" OPEN WORDS;
        struct book *alone = load_as(arena_printf(desk.arena, "%s%s", HEAD_OF("p", "3"), OPEN WORDS));
        put_file("other.cfg", arena_printf(desk.arena, "%s%s", HEAD_OF("other", "1"), other));
        struct book *both = load_as(arena_printf(desk.arena, "%s%s", HEAD_OF("p", "3"), OPEN WORDS));
        must_be(alone, both, false, "one more protects");
        must_be(both, alone, true, "one less protects");
        put_file("other.cfg", replaced(arena_printf(desk.arena, "%s%s", HEAD_OF("other", "2"), other), "also_abroad = true; ", ""));
        struct book *home = load_as(arena_printf(desk.arena, "%s%s", HEAD_OF("p", "3"), OPEN WORDS));
        must_be(both, home, true, "no more abroad");
        book_drop(alone);
        book_drop(both);
        book_drop(home);
}

static void a_hub_that_stands_elsewhere__may_open_what_was_closed(void **state)
{
        (void)state;
        desk.hub.places[1].jurisdiction = "US";
        struct book *closed = load_as(HEAD("p") OPEN WORDS);
        desk.hub.places[1].jurisdiction = "FR";
        struct book *open = load_as(HEAD("p") OPEN WORDS);
        desk.hub.places[1].jurisdiction = "DE";
        struct book *moved = load_as(HEAD("p") OPEN WORDS);
        must_be(closed, open, true, "opened");
        must_be(open, closed, false, "closed");
        must_be(open, moved, false, "moved within");
        book_drop(closed);
        book_drop(open);
        book_drop(moved);
}

static void each_answer__names_its_lines_in_both_versions(void **state)
{
        (void)state;
        struct book *before = load_as("\n" HEAD("p") OPEN WORDS);
        struct book *after = load_as(replaced(HEAD("p") "\n\n" OPEN WORDS, "discussion = \"go\"; ", "discussion = \"go\"; event = \"go\"; "));
        struct changes *c = book_compare(before, after);
        char text[600];
        assert_int_equal(changes_count(c, CHANGE_LOOSER), 1);
        const struct change *x = changes_at(c, 0);
        assert_int_equal(x->kind, CHANGE_LOOSER);
        assert_string_equal(x->old_file, "p.cfg");
        assert_int_equal(x->old_line, 3);
        assert_string_equal(x->new_file, "p.cfg");
        assert_int_equal(x->new_line, 4);
        assert_string_equal(x->text, "event records: now go, before stay");
        change_say(x, text, sizeof text);
        assert_string_equal(text, "p.cfg:4 (before: p.cfg:3): event records: now go, before stay");
        changes_free(c);
        book_drop(before);
        book_drop(after);
}

static void a_version_that_goes_down__is_refused_with_its_line(void **state)
{
        (void)state;
        struct book *four = load_as(HEAD_OF("p", "4") OPEN WORDS);
        struct book *three = load_as("\n" HEAD_OF("p", "3") OPEN WORDS);
        struct book *other = load_as(HEAD_OF("p", "4") OPEN WORDS "find = ( { what = \"email\"; do = \"mask\"; } );\n");
        desk_clear();
        assert_false(book_check_versions(four, three, desk.report));
        must_complain(REPORT_ERROR, 2, "policy \"p\" goes down to version 3: version 4 was in force already", "version = 5");
        desk_clear();
        assert_true(book_check_versions(three, four, desk.report));
        assert_true(book_check_versions(four, four, desk.report));
        assert_int_equal(report_size(desk.report), 0);
        assert_true(book_check_versions(four, other, desk.report));
        must_complain(REPORT_WARNING, 1, "other contents than version 4 in force", "version = 5");
        book_drop(three);
        book_drop(four);
        book_drop(other);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(one_known_change__is_told_for_what_it_is, desk_open, desk_close),
                cmocka_unit_test_setup_teardown(lines_that_move_to_the_parent__are_no_loosening, desk_open, desk_close),
                cmocka_unit_test_setup_teardown(a_filing_of_one_policy__is_not_made_up_for_by_another, desk_open, desk_close),
                cmocka_unit_test_setup_teardown(a_mask__is_more_than_the_pseudonym_of_nobody, desk_open, desk_close),
                cmocka_unit_test_setup_teardown(counters_and_filings__keep_their_names_or_are_looser, desk_open, desk_close),
                cmocka_unit_test_setup_teardown(the_day_of_a_filing__is_compared_too, desk_open, desk_close),
                cmocka_unit_test_setup_teardown(a_list_of_industries_that_is_new__is_a_loosening, desk_open, desk_close),
                cmocka_unit_test_setup_teardown(words_taken_from_a_list__are_a_loosening, desk_open, desk_close),
                cmocka_unit_test_setup_teardown(words_of_special_categories__are_compared_one_by_one, desk_open, desk_close),
                cmocka_unit_test_setup_teardown(people_of_elsewhere_who_lose_their_policy__are_named, desk_open, desk_close),
                cmocka_unit_test_setup_teardown(a_hub_that_stands_elsewhere__may_open_what_was_closed, desk_open, desk_close),
                cmocka_unit_test_setup_teardown(each_answer__names_its_lines_in_both_versions, desk_open, desk_close),
                cmocka_unit_test_setup_teardown(a_version_that_goes_down__is_refused_with_its_line, desk_open, desk_close),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
