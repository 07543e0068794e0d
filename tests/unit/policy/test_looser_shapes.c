/* test_looser_shapes.c - pairs of versions made at random, as in test_looser_pairs.c, of all that is not varied
 * there: a theme at a time. What is not called looser may neither let a record out that was stopped, nor for
 * longer, nor to more readers; and two records that left as one and the same must still leave so: whoever
 * could not tell them apart cannot now. That holds of any way in which a value may be made coarser. */
#include "base/text.h"
#include "desk.h"
#include "policy/known.h"
#include "policy/looser.h"

static uint64_t dice = 0x9E3779B97F4A7C15u;

static unsigned roll(unsigned n)
{
        dice ^= dice << 13;
        dice ^= dice >> 7;
        dice ^= dice << 17;
        return (unsigned)(dice >> 11) % n;
}

/* ---- Themes: pieces of a policy in several wordings, and files beside it ------------------------- */
enum { CHOICES = 12, ROWS_MAX = 16 };
struct row {
        const char *file; /* NULL: a piece of the policy; else this file's contents, "": there is none */
        const char *way[CHOICES];
};
struct theme {
        const char *name;
        struct row rows[ROWS_MAX];
        unsigned split; /* rows from here on may stand in a parent */
};

#define LET "records = { feedback = \"go\"; event = \"go\"; };\n" \
        "purposes = ( { name = \"research\"; ground = \"law\"; kinds = [\"feedback\", \"event\"]; } );\n" \
        "transfers = ( { to = [\"EEA\"]; allow = [\"kafka\", \"warehouse\", \"reading\"]; basis = \"b\"; } );\n"
#define NEVER(what) "records = { feedback = \"go\"; event = \"go\"; };\n" \
        "purposes = ( { name = \"research\"; ground = \"law\"; kinds = [\"feedback\", \"event\"]; } );\n" \
        "transfers = ( { to = [\"EEA\"]; allow = [\"kafka\", \"warehouse\", \"reading\"]; basis = \"b\"; never = [\"" what "\"]; } );\n"
#define KEPT "keep = { warehouse = \"3 years\"; };\n"
#define KEEP(name) ", { field = \"" name "\"; do = \"keep\"; }"
#define DO(name, what) ", { field = \"" name "\"; do = \"" what "\"; }"
#define TO(name, way) ", { field = \"" name "\"; do = \"generalise\"; to = \"" way "\"; }"

static const struct theme coarse = { "coarse", {
        { NULL, { LET "subject = \"pseudonym\";\nfields = ( { field = \"body\"; do = \"clean\"; }" } },
        { NULL, { KEEP("author.age"), TO("author.age", "band 5"), TO("author.age", "band 10"), TO("author.age", "decade"),
                  TO("author.age", "band 20"), TO("author.age", "band 100"), DO("author.age", "mask"), DO("author.age", "discard"), "" } },
        { NULL, { KEEP("author.ip"), TO("author.ip", "network 24"), TO("author.ip", "network 20"), TO("author.ip", "network 16"),
                  TO("author.ip", "network 8"), DO("author.ip", "clean"), DO("author.ip", "discard"), "" } },
        { NULL, { KEEP("lang"), TO("lang", "language"), DO("lang", "clean"), "" } },
        { NULL, { KEEP("version"), TO("version", "minor"), TO("version", "major"), DO("version", "clean"), "" } },
        { NULL, { KEEP("place"), TO("place", "decimals 3"), TO("place", "decimals 2"), TO("place", "decimals 1"), TO("place", "grid 1"),
                  TO("place", "grid 5"), TO("place", "grid 10"), TO("place", "grid 30"), DO("place", "clean"), "" } },
        { NULL, { KEEP("author.company"), TO("author.company", "industry"), DO("author.company", "clean"), DO("author.company", "mask"), "" } },
        { NULL, { KEEP("author.country"), TO("author.country", "jurisdiction"), TO("author.country", "region"),
                  TO("author.country", "continent"), "" } },
        { NULL, { KEEP("occurred_at"), TO("occurred_at", "hour"), TO("occurred_at", "day"), TO("occurred_at", "week"),
                  TO("occurred_at", "month"), TO("occurred_at", "quarter"), TO("occurred_at", "year"), TO("occurred_at", "decade"), "" } },
        { NULL, { KEEP("author.email"), TO("author.email", "domain"), DO("author.email", "clean"), DO("author.email", "pseudonymise"), "" } },
        { NULL, { DO("attributes.born", "clean"), TO("attributes.born", "day"), TO("attributes.born", "week"), TO("attributes.born", "month"),
                  TO("attributes.born", "year"), TO("attributes.born", "decade"), TO("attributes.born", "band 10"),
                  TO("attributes.born", "network 16"), TO("attributes.born", "industry"), TO("attributes.born", "continent"), "" } },
        { NULL, { " );\n", " );\nchildren = { under = 16; then = \"stay\"; age_unknown = \"go\"; };\n",
                  " );\nchildren = { under = 16; then = \"hold\"; age_unknown = \"hold\"; except = ( { of = \"FR\"; under = 13; } ); };\n" } },
        { NULL, { "find = ( { what = [\"email\", \"ip_address\"]; do = \"mask\"; } );\n", "find = ( { what = \"ip_address\"; do = \"drop\"; } );\n", "",
                  "find = ( { what = [\"phone\"]; do = \"mask\"; } );\n" } },
        { NULL, { KEPT } },
        { "lists/industries.txt", { "", "Muster Bank AG = banking\nMuster* = other\n", "Muster* = banking\n", "Muster Bank AG = banking\nWidget Co = tools\n" } },
}, 12 };

static const struct theme listed = { "word lists", {
        { NULL, { LET "subject = \"none\";\n", NEVER("special_category") "subject = \"none\";\n", NEVER("pattern:emp") "subject = \"none\";\n" } },
        { NULL, { "fields = ( { field = [\"title\", \"body\"]; do = \"clean\"; }", "fields = ( { field = [\"title\", \"body\"]; do = \"keep\"; }",
                  "fields = ( { field = \"body\"; do = \"clean\"; }, { field = \"title\"; do = \"discard\"; }" } },
        { NULL, { ", { field = [\"tags\", \"scenario\"]; do = \"clean\"; } );\n", ", { field = \"tags\"; do = \"keep\"; } );\n", " );\n",
                  ", { field = [\"tags\", \"group\"]; do = \"discard\"; } );\n", ", { field = \"attributes.born\"; do = \"discard\"; } );\n" } },
        { NULL, { "find = ( { what = \"special_category\"; do = \"mask\"; }", "find = ( { what = \"special_category\"; do = \"hold\"; }",
                  "find = ( { what = \"special_category\"; words = [\"lists/a.txt\"]; do = \"mask\"; }",
                  "find = ( { what = \"special_category\"; words = [\"lists/a.txt\", \"lists/b.txt\"]; do = \"mask\"; }",
                  "find = ( { what = \"special_category\"; words = [\"lists/b.txt\"]; do = \"drop\"; }",
                  "find = ( { what = \"email\"; do = \"mask\"; }" } },
        { NULL, { ", { what = \"pattern:emp\"; do = \"drop\"; }", ", { what = [\"pattern:emp\", \"pattern:abc\"]; do = \"hold\"; }", "" } },
        { NULL, { ", { what = \"known_person\"; do = \"mask\"; } );\n", ", { what = [\"known_person\", \"handle\"]; do = \"drop\"; } );\n", " );\n",
                  ", { what = \"known_person\"; do = \"hold\"; } );\n" } },
        { NULL, { "rules = ( { name = \"a\"; when = { words = \"lists/a.txt\"; unknown = \"go\"; }; then = \"hold\"; } );\n",
                  "rules = ( { name = \"a\"; when = { words = [\"lists/b.txt\"]; unknown = \"go\"; }; then = \"hold\"; } );\n",
                  "rules = ( { name = \"a\"; when = { words = [\"alpha\", \"beta*\"]; unknown = \"go\"; }; then = \"stay\"; } );\n",
                  "rules = ( { name = \"a\"; when = { words = \"lists/a.txt\"; source = [\"forum\", \"app\"]; unknown = \"go\"; }; then = \"hold\"; } );\n", "" } },
        { NULL, { "patterns = ( { name = \"emp\"; match = \"EMP-[0-9]{4}\"; do = \"mask\"; yes = [\"EMP-0047\"]; no = [\"EMP-\"]; },\n"
                  " { name = \"abc\"; match = \"abc\"; do = \"mask\"; yes = [\"abc\"]; no = [\"ab\"]; } );\n",
                  "patterns = ( { name = \"emp\"; match = \"EMP-[0-9]{4}\"; do = \"stay\"; yes = [\"EMP-0048\"]; no = [\"EMP-\"]; },\n"
                  " { name = \"abc\"; match = \"abc|xyz\"; do = \"mask\"; yes = [\"abc\"]; no = [\"ab\"]; } );\n",
                  "patterns = ( { name = \"abc\"; match = \"abc\"; do = \"drop\"; yes = [\"abc\"]; no = [\"ab\"]; },\n"
                  " { name = \"emp\"; match = \"EMP-[0-9]{3,4}\"; do = \"mask\"; yes = [\"EMP-0047\"]; no = [\"EMP-\"]; } );\n" } },
        { NULL, { KEPT } },
        { "lists/a.txt", { "alpha\nbeta\n", "alpha\n", "al*\nbet*\n", "alpha\nbeta\ngamma\n" } },
        { "lists/b.txt", { "gamma\n", "gam*\n", "gamma\nalpha\n", "alpha gamma\n" } },
        { "lists/special_category.txt", { "beta\n", "", "beta\ngamma\n", "bet*\n" } },
}, 6 };

static const struct theme counted = { "counting", {
        { NULL, { LET "subject = \"pseudonym\";\nfields = ( { field = [\"body\", \"author.company\"]; do = \"clean\"; }" } },
        { NULL, { KEEP("author.country"), TO("author.country", "jurisdiction"), "" } },
        { NULL, { KEEP("author.age"), TO("author.age", "band 10"), "" } },
        { NULL, { KEEP("lang") " );\n", " );\n" } },
        { NULL, { "find = ( { what = [\"email\", \"phone\"]; do = \"mask\"; } );\n", "find = ( { what = [\"email\", \"phone\", \"iban\"]; do = \"mask\"; } );\n" } },
        { NULL, { "counters = ( { of = \"people\"; over = \"calendar year\"; ceiling = 10; then = \"hold\"; }", "counters = ( { of = \"people\"; over = \"calendar year\"; ceiling = 5; warn_at = 2; then = \"hold\"; }",
                  "counters = ( { of = \"people\"; over = \"calendar year\"; ceiling = 10; then = \"stay\"; }",
                  "counters = ( { of = \"people\"; over = \"28 days\"; ceiling = 20; then = \"hold\"; }",
                  "counters = ( { of = \"records\"; over = \"calendar year\"; ceiling = 10; then = \"hold\"; }",
                  "counters = ( { of = \"people\"; over = \"calendar year\"; ceiling = 20; then = \"hold\"; exporter = \"E\"; share = ( { region = \"de-frankfurt\"; percent = 50; } ); }",
                  "counters = ( { of = \"people\"; over = \"calendar year\"; ceiling = 20; then = \"hold\"; exporter = \"E\"; share = ( { region = \"de-frankfurt\"; percent = 25; } ); }" } },
        { NULL, { " );\n", ", { of = \"sensitive people\"; over = \"calendar year\"; ceiling = 6; then = \"stay\"; } );\n",
                  ", { of = \"sensitive people\"; over = \"calendar year\"; ceiling = 3; then = \"hold\"; } );\n" } },
        { NULL, { "sensitive = { kinds = [\"event\"]; found = [\"email\"]; under = 14; };\n", "sensitive = { kinds = [\"event\", \"feedback\"]; under = 14; };\n",
                  "sensitive = { found = [\"email\", \"phone\"]; };\n", "sensitive = { kinds = [\"event\"]; found = [\"email\"]; under = 18; };\n" } },
        { NULL, { "small_group = { of = [\"author.country\"]; fewer_than = 5; within = \"28 days\"; then = \"generalise\"; };\n",
                  "small_group = { of = [\"author.country\"]; fewer_than = 8; within = \"28 days\"; then = \"drop\"; };\n",
                  "small_group = ( { of = [\"author.country\", \"author.age\"]; fewer_than = 5; within = \"28 days\"; then = \"hold\"; } );\n",
                  "small_group = ( { of = \"lang\"; fewer_than = 5; within = \"56 days\"; then = \"stay\"; }, { of = \"author.country\"; fewer_than = 5; within = \"28 days\"; then = \"generalise\"; } );\n",
                  "small_group = { of = [\"author.company\"]; fewer_than = 3; within = \"28 days\"; then = \"generalise\"; };\n", "" } },
        { NULL, { KEPT } },
        { "lists/industries.txt", { "Muster* = banking\n" } },
}, 4 };

static const struct theme places = { "places", {
        { NULL, { "records = { feedback = \"go\"; event = \"hold\"; };\n" } },
        { NULL, { "purposes = ( { name = \"research\"; ground = \"law\"; kinds = [\"feedback\", \"event\"]; } );\n" } },
        { NULL, { "fields = ( { field = [\"body\", \"author.email\"]; do = \"keep\"; } );\n", "fields = ( { field = [\"body\", \"author.ip\"]; do = \"clean\"; } );\n" } },
        { NULL, { "protects = { people_in = [\"EEA\"]; residence_unknown = \"as_region\"; };\n",
                  "protects = { people_in = [\"EEA\"]; residence_unknown = \"strictest\"; };\n",
                  "protects = { people_in = [\"EEA\"]; also_abroad = true; residence_unknown = \"as_region\"; };\n" } },
        { NULL, { "transfers = ( { to = [\"DE\", \"FR\"]; allow = [\"kafka\", \"backup\"]; basis = \"k\"; }", "transfers = ( { to = [\"EEA\"]; allow = [\"kafka\", \"reading\"]; basis = \"k\"; until = \"2027-03-31\"; }",
                  "transfers = ( { to = [\"DE\"]; allow = [\"kafka\"]; basis = \"k\"; file_within = \"60 days\"; counted_from = \"first transfer\"; }",
                  "transfers = ( { to = [\"DE\"]; allow = [\"kafka\"]; basis = \"k\"; file_within = \"90 days\"; counted_from = \"first transfer\"; }",
                  "transfers = ( { to = [\"DE\"]; allow = [\"kafka\"]; basis = \"k\"; file_within = \"60 days\"; counted_from = \"signature\"; signed = \"2026-11-02\"; }",
                  "transfers = ( { to = [\"DE\"]; allow = [\"kafka\"]; basis = \"k\"; file_within = \"60 days\"; counted_from = \"signature\"; signed = \"2026-11-02\"; filed = \"2026-12-15\"; }",
                  "transfers = ( { to = [\"DE\"]; allow = [\"kafka\"]; basis = \"other\"; file_within = \"60 days\"; counted_from = \"first transfer\"; filed = \"2026-11-10\"; }",
                  "transfers = ( { to = [\"DE\"]; allow = [\"kafka\"]; basis = \"k\"; review_by = \"2026-12-31\"; never = [\"email\"]; }" } },
        { NULL, { ", { to = [\"EEA\"]; allow = [\"warehouse\", \"reading\"]; basis = \"w\"; }", ", { to = [\"IE\"]; allow = \"warehouse\"; basis = \"w\"; }",
                  ", { to = [\"IE\", \"US\"]; allow = [\"warehouse\", \"reading\"]; basis = \"w\"; file_within = \"30 days\"; counted_from = \"first transfer\"; }",
                  ", { to = [\"IE\", \"US\"]; allow = [\"warehouse\", \"reading\"]; basis = \"w\"; until = \"2026-12-31\"; }",
                  ", { to = [\"IE\"]; allow = [\"warehouse\", \"reading\"]; basis = \"w\"; never = [\"email\", \"ip_address\"]; }" } },
        { NULL, { " );\n", ", { to = [\"US\"]; allow = \"reading\"; basis = \"r\"; file_within = \"60 days\"; counted_from = \"signature\"; signed = \"2026-11-02\"; } );\n",
                  ", { to = [\"US\", \"IE\"]; allow = [\"reading\", \"warehouse\"]; basis = \"r\"; filed = \"2027-01-10\"; file_within = \"30 days\"; counted_from = \"first transfer\"; } );\n" } },
        { NULL, { "find = ( { what = \"bic\"; do = \"mask\"; } );\n" } },
        { NULL, { "keep = { warehouse = \"3 years\"; held = \"30 days\"; raw = \"1 year\"; };\n", "keep = { warehouse = \"3 years\"; held = \"90 days\"; raw = \"2 years\"; };\n",
                  "keep = { warehouse = \"1 year\"; raw = \"1 year\"; raw_at_least = \"6 months\"; backups = \"1 year\"; };\n",
                  "keep = { warehouse = \"2 years\"; held = \"30 days\"; raw = \"1 year\"; backups = \"2 years\"; };\n" } },
        { "other.cfg", { "", "policy = \"other\"; version = 1; language = 1; title = \"t\";\nprotects = { people_in = [\"US\", \"BE\"]; also_abroad = true; residence_unknown = \"as_region\"; };\n"
                         "transfers = ( { to = [\"EEA\", \"US\"]; allow = [\"kafka\", \"warehouse\"]; basis = \"o\"; } );\nkeep = { warehouse = \"1 year\"; };\n",
                         "policy = \"other\"; version = 1; language = 1; title = \"t\";\nprotects = { people_in = [\"US\"]; also_abroad = true; residence_unknown = \"strictest\"; };\n"
                         "children = { under = 13; then = \"stay\"; age_unknown = \"hold\"; };\n" } },
        { "hub", { "DE IE", "FR IE", "DE US", "US US", "DE FR", "CN IE" } },
}, 4 };

static const struct theme people = { "people", {
        { NULL, { LET } },
        { NULL, { "subject = \"pseudonym\";\n", "subject = \"none\";\n" } },
        { NULL, { "fields = ( { field = \"body\"; do = \"clean\"; }", "fields = ( { field = \"body\"; do = \"keep\"; }", "fields = ( { field = \"body\"; do = \"drop\"; }" } },
        { NULL, { KEEP("author.id"), DO("author.id", "pseudonymise"), DO("author.id", "clean"), DO("author.id", "mask"), "" } },
        { NULL, { DO("author.handle", "pseudonymise"), KEEP("author.handle"), DO("author.handle", "discard"), DO("author.handle", "mask"), "" } },
        { NULL, { KEEP("author.name"), DO("author.name", "pseudonymise"), DO("author.name", "mask"), "" } },
        { NULL, { "", KEEP("author.email"), DO("author.email", "pseudonymise"), DO("author.email", "discard"), TO("author.email", "domain") } },
        { NULL, { KEEP("mentions"), DO("mentions", "pseudonymise"), DO("mentions", "mask"), DO("mentions", "clean"), "" } },
        { NULL, { KEEP("thread"), DO("thread", "pseudonymise"), DO("thread", "clean"), "" } },
        { NULL, { KEEP("id"), DO("id", "pseudonymise"), "" } },
        { NULL, { KEEP("url"), DO("url", "clean"), DO("url", "mask"), "" } },
        { NULL, { KEEP("tags"), DO("tags", "mask"), DO("tags", "clean"), DO("tags", "discard"), "" } },
        { NULL, { ", { field = [\"group\", \"scenario\"]; do = \"clean\"; }", ", { field = [\"came_from\", \"author.standing\"]; do = \"keep\"; }", "" } },
        { NULL, { ", { field = \"consent\"; do = \"keep\"; } );\n", " );\n" } },
        { NULL, { "find = ( { what = [\"email\", \"url\"]; do = \"mask\"; } );\n", "find = ( { what = \"email\"; do = \"discard\"; } );\n",
                  "find = ( { what = [\"known_person\", \"handle\"]; do = \"mask\"; } );\n", "find = ( { what = [\"known_person\"]; do = \"stay\"; } );\n", "" } },
        { NULL, { "keep = { warehouse = \"3 years\"; };\n" } },
}, 14 };

/* ---- Versions ------------------------------------------------------------------------------------- */
struct version {
        const struct theme *theme;
        unsigned way[ROWS_MAX];
        bool parent;
        struct hub hub;
        struct book *book;
        struct judge *judge;
        struct discarder *discarder;
};

static unsigned rows_of(const struct theme *t)
{
        unsigned n = 0;
        while (n < ROWS_MAX && t->rows[n].way[0])
                n++;
        return n;
}

static unsigned choices(const struct row *r)
{
        unsigned n = 0;
        while (n < CHOICES && r->way[n])
                n++;
        return n;
}

static void take_away(const char *name)
{
        char path[192];
        snprintf(path, sizeof path, "%s/%s", desk.dir, name);
        unlink(path);
}

static void put_place(struct version *v, const char *way)
{
        static char codes[2][4];
        for (int i = 0; i < 2; i++)
                snprintf(codes[i], sizeof codes[i], "%.2s", way + 3 * i);
        v->hub = desk.hub;
        v->hub.places[0].jurisdiction = codes[0];
        v->hub.places[1].jurisdiction = codes[1];
}

static void write_version(struct version *v)
{
        struct buf own, up;
        buf_init(&own, 1 << 16);
        buf_init(&up, 1 << 16);
        buf_printf(&own, "policy = \"p\"; version = 1; language = 1; title = \"t\";\n%s", v->parent ? "extends = \"up\";\n" : "");
        buf_printf(&up, "policy = \"up\"; version = 1; language = 1; title = \"t\";\n");
        v->hub = desk.hub;
        for (unsigned i = 0; i < rows_of(v->theme); i++) {
                const struct row *r = &v->theme->rows[i];
                const char *text = r->way[v->way[i]];
                if (!r->file)
                        buf_puts(v->parent && i >= v->theme->split ? &up : &own, text);
                else if (strcmp(r->file, "hub") == 0)
                        put_place(v, text);
                else if (*text)
                        put_file(r->file, text);
                else
                        take_away(r->file);
        }
        put_file("p.cfg", own.p);
        put_file("up.cfg", up.p);
        buf_clear(&own);
        buf_clear(&up);
}

/* False: these wordings do not go together. */
static bool open_version(struct version *v)
{
        write_version(v);
        const struct book_spec spec = { desk.dir, &desk.region, &v->hub };
        desk_clear();
        v->book = NULL;
        v->judge = NULL;
        v->discarder = NULL;
        if (!book_load(&v->book, &spec, desk.report))
                return false;
        v->judge = judge_new(v->book);
        v->discarder = discarder_new(v->book);
        assert_true(v->judge && v->discarder);
        return true;
}

static void close_version(struct version *v)
{
        judge_free(v->judge);
        discarder_free(v->discarder);
        book_drop(v->book);
}

/* ---- Records ----------------------------------------------------------------------------------------- */
static const char *const words_of[] = { "alpha", "beta", "betas", "gamma", "alpha gamma", "ann@corp.example", "bob@corp.example", "+49 30 901820", "Marta Kowalska",
                                        "@marta-k", "EMP-0047", "EMP-0123", "abc", "xyz", "ann-lee", "https://forum.example/u/ann-lee", "198.51.100.7" };
static const struct {
        enum field field;
        const char *of[8];
} pools[] = {
        { FIELD_AUTHOR_AGE, { "12", "13", "17", "18", "23", "37", "101" } },
        { FIELD_AUTHOR_IP, { "198.51.100.7", "198.51.100.8", "198.51.96.1", "198.48.1.1", "203.0.113.9", "2001:db8::1" } },
        { FIELD_LANG, { "de", "de-AT", "zh-Hans-CN", "zh-Hant", "fr" } },
        { FIELD_VERSION, { "8.5.1", "8.5.2", "8.6.1", "9", "9.0-rc1" } },
        { FIELD_PLACE, { "52.5163, 13.3777", "52.5169, 13.3779", "52.52, 13.40", "48.1, 11.5", "Berlin", "-33.9, 151.2" } },
        { FIELD_AUTHOR_COMPANY, { "Muster Bank AG", "Muster Werft", "Widget Co", "Nobody" } },
        { FIELD_AUTHOR_COUNTRY, { "DE", "FR", "US", "BE", "JP", "CH", "XX" } },
        { FIELD_AUTHOR_EMAIL, { "ann@corp.example", "bob@corp.example", "c@other.example" } },
        { FIELD_AUTHOR_ID, { "4711001", "4711002", "ann-lee" } },
        { FIELD_AUTHOR_HANDLE, { "ann-lee", "bob-ray" } },
        { FIELD_AUTHOR_NAME, { "Ann Lee", "Bob Ray" } },
        { FIELD_THREAD, { "t-1", "t-2" } },
        { FIELD_URL, { "https://forum.example/t/1", "https://forum.example/u/ann-lee" } },
        { FIELD_GROUP, { "alpha users", "users" } },
        { FIELD_SCENARIO, { "beta", "gamma" } },
        { FIELD_CAME_FROM, { "search", "alpha" } },
        { FIELD_AUTHOR_STANDING, { "regular", "active" } },
};
enum { POOLS = sizeof pools / sizeof *pools };
static const char *const born[] = { "1990-05-17", "1990-05-18", "1991-01-01", "37", "31", "198.51.100.7", "198.51.101.7", "Muster Bank AG", "DE", "FR" };

struct example { /* a record, and where what it has lies */
        struct record r;
        struct slice tags[2], mentions[2];
        struct attribute attribute;
        struct consent consent;
};

static struct slice random_text(void)
{
        enum { N = sizeof words_of / sizeof *words_of };
        return slice_of(arena_printf(desk.arena, "%s and %s and %s", words_of[roll(N)], words_of[roll(N)], words_of[roll(N)]));
}

static struct slice of_pool(size_t i)
{
        unsigned n = 0;
        while (n < 8 && pools[i].of[n])
                n++;
        return slice_of(pools[i].of[roll(n)]);
}

static const int64_t ago[] = { 0, 1, 61, 3600, 86400, 3 * 86400, 8 * 86400, 40 * 86400, 400 * 86400 };

/* One thing of it, at random: -1 all that is no pool's. */
static void change(struct example *x, int what)
{
        if (what >= 0 && what < POOLS)
                x->r.text[pools[what].field] = roll(6) ? of_pool((size_t)what) : SLICE_NONE;
        if (what == POOLS)
                x->r.text[FIELD_BODY] = random_text();
        if (what == POOLS + 1)
                x->r.text[FIELD_TITLE] = roll(3) ? random_text() : SLICE_NONE;
        if (what == POOLS + 2)
                x->r.occurred_at_us = NOON - ago[roll(9)] * US_PER_SECOND;
        if (what == POOLS + 3)
                x->attribute.value = slice_of(born[roll(sizeof born / sizeof *born)]);
        if (what == POOLS + 4)
                x->tags[0] = slice_of(words_of[roll(8)]);
        if (what == POOLS + 5)
                x->mentions[0] = of_pool(9);
        if (what == POOLS + 6)
                x->r.text[FIELD_ID] = roll(2) ? SLICE("i-1") : SLICE("i-2");
}
enum { THINGS = POOLS + 7 };

/* Its lists are its own. */
static void settle(struct example *x)
{
        x->r.tags = x->tags;
        x->r.mentions = x->mentions;
        x->r.attributes = &x->attribute;
        x->r.consents = &x->consent;
}

static void random_example(struct example *x)
{
        *x = (struct example){ .r = { .kind = roll(4) ? KIND_FEEDBACK : KIND_EVENT }, .tags = { SLICE("alpha"), SLICE("beta") },
                               .attribute = { SLICE("born"), SLICE("x") },
                               .consent = { .purpose = SLICE("research"), .given_at_us = INT64_MIN, .until_us = INT64_MAX } };
        for (int i = 0; i < THINGS; i++)
                change(x, i);
        x->r.n_tags = roll(3);
        x->r.n_mentions = roll(2);
        x->r.n_attributes = roll(2);
        x->r.n_consents = roll(2);
        settle(x);
}

/* ---- What leaves ---------------------------------------------------------------------------------------- */
struct seen {
        struct judgement said;
        struct message m;
        struct slice text; /* all that leaves of it, as one */
};
struct when {
        int64_t now_us, captured_us;
        struct assumed assumed;
};

/* "[person 2]" as "[person]": which of them are the same is told with every mask that is new. */
static void put_slice(struct buf *b, const char *name, struct slice s)
{
        if (!s.p)
                return;
        buf_printf(b, "%s=", name);
        for (size_t i = 0, mask = 0; i < s.n; i++) {
                mask = s.p[i] == '[' ? 1 : s.p[i] == ']' ? 0 : mask;
                if (!mask || ((s.p[i] < '0' || s.p[i] > '9') && s.p[i] != ' '))
                        buf_putc(b, s.p[i]);
        }
        buf_putc(b, '\n');
}

static struct slice written(const struct message *m)
{
        const struct record *r = &m->record.fields;
        struct buf b;
        buf_init(&b, 1 << 18);
        for (int f = 0; f < FIELDS; f++)
                put_slice(&b, field_name((enum field)f), r->text[f]);
        for (size_t i = 0; i < r->n_tags; i++)
                put_slice(&b, "tag", r->tags[i]);
        for (size_t i = 0; i < r->n_mentions; i++)
                put_slice(&b, "mention", r->mentions[i]);
        for (size_t i = 0; i < r->n_attributes; i++)
                put_slice(&b, "attribute", r->attributes[i].value);
        for (size_t i = 0; i < r->n_consents; i++)
                put_slice(&b, "consent", r->consents[i].purpose);
        if (m->record.has_occurred_at)
                buf_printf(&b, "at=%lld\n", (long long)r->occurred_at_us);
        buf_printf(&b, "subject=%d thread=%d", m->record.has_subject, m->record.has_thread_key);
        struct slice out = arena_copy(desk.arena, buf_slice(&b));
        buf_clear(&b);
        return out;
}

static void see(struct seen *out, struct version *v, const struct record *r, const struct when *w)
{
        struct record stored = *r;
        struct answers asked;
        struct err err = ERR_INIT;
        uint32_t pieces;
        *out = (struct seen){ .said = { .decision = DECISION_STAY, .rule = "discard" } };
        if (!policy_discard(v->discarder, &stored, desk.arena, &pieces, &err))
                return; /* refused */
        assert_true(policy_ask(v->judge, w->now_us, &stored, desk.arena, &asked, &err));
        answers_assume(&asked, &w->assumed);
        assert_true(policy_judge(v->judge, w->now_us, &stored, SLICE("forum"), w->captured_us, &asked, desk.arena, &out->said, &err));
        if (out->said.decision != DECISION_GO)
                return;
        desk.said = out->said;
        out->m = message_of_said();
        out->text = written(&out->m);
}

static bool readable(const struct message *m, struct dated_code wanted)
{
        for (size_t i = 0; i < m->record.n_readable_in; i++) {
                const struct dated_code *d = &m->record.readable_in[i];
                if (d->until_us >= wanted.until_us &&
                    (slice_eq(d->code, wanted.code) || (slice_is(d->code, "EEA") && !slice_is(wanted.code, "US"))))
                        return true;
        }
        return false;
}

/* But see looser.h: a field that does not leave is not stopped for, nor does it make a group small. */
static bool is_by_a_field(const struct judgement *j)
{
        return strcmp(j->rule, "find") == 0 || strcmp(j->rule, "small_group") == 0;
}

static const char *newly_out(const struct seen *a, const struct seen *b, bool fields_differ)
{
        if (strcmp(a->said.rule, "counters") == 0 && b->said.decision != DECISION_GO)
                return NULL; /* only what would leave is counted: it is when it is judged again */
        if (b->said.decision < a->said.decision)
                return fields_differ && is_by_a_field(&a->said) ? NULL : decision_name(a->said.decision);
        if (a->said.decision != DECISION_GO || b->said.decision != DECISION_GO)
                return NULL;
        for (size_t i = 0; i < b->m.record.n_readable_in; i++)
                if (!readable(&a->m, b->m.record.readable_in[i]))
                        return "a reader";
        if (b->m.record.has_subject && !a->m.record.has_subject)
                return "subject";
        return b->m.record.expires_at_us > a->m.record.expires_at_us ? "expires_at" : NULL;
}

/* ---- Pairs --------------------------------------------------------------------------------------------------- */
static void say(const struct version *old, const struct version *new)
{
        for (unsigned i = 0; i < rows_of(old->theme); i++)
                if (old->way[i] == new->way[i])
                        print_error("  %s\n", old->theme->rows[i].way[old->way[i]]);
                else
                        print_error("- %s\n+ %s\n", old->theme->rows[i].way[old->way[i]], old->theme->rows[i].way[new->way[i]]);
        print_error("parent %d -> %d\n", old->parent, new->parent);
}

static struct when some_time(void)
{
        static const int64_t later[] = { 0, 20 * US_PER_DAY, 50 * US_PER_DAY, 80 * US_PER_DAY, 200 * US_PER_DAY, 400 * US_PER_DAY };
        const int64_t at = NOON + later[roll(6)];
        return (struct when){ .now_us = at, .captured_us = at - (roll(3) ? 0 : later[roll(4)]),
                              .assumed = { .counted = roll(25), .group = roll(10) + 1, .coarser = roll(10) + 1,
                                           .known = roll(2) ? SLICE("Marta Kowalska, @marta-k") : SLICE_NONE, .first_days = roll(100) } };
}

static bool fields_differ(const struct version *a, const struct version *b)
{
        bool differ = false;
        for (unsigned i = 0; i < rows_of(a->theme); i++)
                differ |= a->way[i] != b->way[i] && (strstr(a->theme->rows[i].way[a->way[i]], "field = ") ||
                                                     strstr(a->theme->rows[i].way[b->way[i]], "field = "));
        return differ;
}

static void must_not_tell(struct version *old, struct version *new)
{
        for (int i = 0; i < 60; i++) {
                struct example x, y;
                struct seen was, is, was_other, is_other;
                const struct when w = some_time();
                judge_assume(old->judge, &w.assumed);
                judge_assume(new->judge, &w.assumed);
                random_example(&x);
                see(&was, old, &x.r, &w);
                see(&is, new, &x.r, &w);
                const char *what = newly_out(&was, &is, fields_differ(old, new));
                if (what) {
                        say(old, new);
                        fail_msg("not called looser, and newly leaves: %s (%s:%d %s)", what, was.said.file, was.said.line, was.said.rule);
                }
                y = x;
                change(&y, (int)roll(THINGS));
                settle(&y);
                see(&was_other, old, &y.r, &w);
                see(&is_other, new, &y.r, &w);
                if (!was.text.p || !was_other.text.p || !is.text.p || !is_other.text.p || !slice_eq(was.text, was_other.text) ||
                    slice_eq(is.text, is_other.text))
                        continue;
                say(old, new);
                fail_msg("not called looser, and tells two records apart that were one:\n%.*s\nnow\n%.*s\nand\n%.*s", SLICE_ARG(was.text),
                         SLICE_ARG(is.text), SLICE_ARG(is_other.text));
        }
}

static void mutate(struct version *v)
{
        for (unsigned i = roll(2) + 1; i; i--) {
                unsigned row = roll(rows_of(v->theme));
                v->way[row] = roll(choices(&v->theme->rows[row]));
        }
        if (roll(8) == 0)
                v->parent = !v->parent;
}

static bool same(const struct version *a, const struct version *b)
{
        return memcmp(a->way, b->way, sizeof a->way) == 0 && a->parent == b->parent;
}

static void try_theme(const struct theme *t)
{
        const char *rounds = getenv("LOOSER_PAIRS");
        int n = rounds ? atoi(rounds) : 40, called = 0, tried = 0, refused = 0;
        while (tried < n) {
                struct version old = { .theme = t, .parent = roll(3) == 0 }, new;
                for (unsigned k = 0; k < rows_of(t); k++)
                        old.way[k] = roll(choices(&t->rows[k]));
                new = old;
                mutate(&new);
                if (same(&old, &new))
                        continue;
                bool ok = open_version(&old), both = open_version(&new);
                if (ok && both) {
                        struct changes *c = book_compare(old.book, new.book);
                        assert_non_null(c);
                        tried++;
                        if (changes_count(c, CHANGE_LOOSER))
                                called++;
                        else
                                must_not_tell(&old, &new);
                        changes_free(c);
                } else {
                        assert_in_range(++refused, 0, 20 * n);
                }
                close_version(&old);
                close_version(&new);
                arena_reset(desk.arena);
        }
        if (rounds)
                print_message("%s: %d pairs, %d looser, %d refused\n", t->name, tried, called, refused);
        assert_in_range(called, n / 10, n - n / 10); /* neither always nor never */
}

#define THEME(name, theme)                    \
        static void name(void **state)        \
        {                                     \
                (void)state;                  \
                try_theme(&theme);            \
        }
THEME(coarser_values__are_no_finer_unless_called_looser, coarse)
THEME(lists_and_patterns__meet_no_less_unless_called_looser, listed)
THEME(what_is_counted__stops_no_less_unless_called_looser, counted)
THEME(places_and_times__open_no_more_unless_called_looser, places)
THEME(what_names_people__shows_no_more_unless_called_looser, people)

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, desk_open, desk_close)
        const struct CMUnitTest tests[] = {
                T(coarser_values__are_no_finer_unless_called_looser),
                T(lists_and_patterns__meet_no_less_unless_called_looser),
                T(what_is_counted__stops_no_less_unless_called_looser),
                T(places_and_times__open_no_more_unless_called_looser),
                T(what_names_people__shows_no_more_unless_called_looser),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
