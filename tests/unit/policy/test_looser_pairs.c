/* test_looser_pairs.c - two versions that differ in a few places, made at random: whatever the judge
 * newly lets out, of any record, the comparison has called looser. Not the other way round: it may
 * call looser what no record here shows. */
#include "base/text.h"
#include "desk.h"
#include "policy/looser.h"

static uint64_t dice = 0x9E3779B97F4A7C15u;

static unsigned roll(unsigned n)
{
        dice ^= dice << 13;
        dice ^= dice >> 7;
        dice ^= dice << 17;
        return (unsigned)(dice >> 11) % n;
}

#define PATTERN(match, action)                                                                                  \
        "patterns = ( { name = \"emp\"; match = \"" match "\"; do = \"" action "\"; yes = [\"EMP-0047\"]; no = [\"EMP-\"]; } );\n"
enum { CHOICES = 6 };
/* Each row is a piece of the policy in several wordings; one of them is taken. */
static const struct {
        bool field; /* what is said of a field: see stopped_by_words() */
        const char *way[CHOICES];
} rows[] = {
        { false, { "records = { feedback = \"go\"; ", "records = { feedback = \"hold\"; ", "records = { feedback = \"go\"; event = \"go\"; " } },
        { false, { "lead = \"go\"; };\n", "lead = \"hold\"; };\n", "};\n" } },
        { false, { "subject = \"pseudonym\";\n", "subject = \"none\";\n", "" } },
        { true, { "fields = ( { field = \"title\"; do = \"clean\"; }", "fields = ( { field = \"title\"; do = \"mask\"; }",
                  "fields = ( { field = \"title\"; do = \"keep\"; }", "fields = ( { field = \"rating\"; do = \"keep\"; }" } },
        { true, { ", { field = \"body\"; do = \"clean\"; }", ", { field = \"body\"; do = \"drop\"; }", "" } },
        { true, { ", { field = \"author.name\"; do = \"pseudonymise\"; }", ", { field = \"author.name\"; do = \"keep\"; }", "",
                  ", { field = \"author.name\"; do = \"mask\"; }" } },
        { true, { ", { field = \"author.email\"; do = \"keep\"; }", ", { field = \"author.email\"; do = \"generalise\"; to = \"domain\"; }",
                  ", { field = \"author.email\"; do = \"clean\"; }", "" } },
        { true, { ", { field = \"author.country\"; do = \"keep\"; }", ", { field = \"author.country\"; do = \"generalise\"; to = \"jurisdiction\"; }", "" } },
        { true, { ", { field = \"occurred_at\"; do = \"generalise\"; to = \"day\"; }", ", { field = \"occurred_at\"; do = \"keep\"; }",
                  ", { field = \"occurred_at\"; do = \"generalise\"; to = \"year\"; }", "" } },
        { true, { ", { field = \"attributes.note\"; do = \"clean\"; } );\n", ", { field = \"attributes.note\"; do = \"mask\"; } );\n", " );\n" } },
        { false, { "find = ( { what = \"email\"; do = \"mask\"; }", "find = ( { what = \"email\"; do = \"drop\"; }",
                   "find = ( { what = \"email\"; do = \"hold\"; }", "find = ( { what = \"bic\"; do = \"mask\"; }" } },
        { false, { ", { what = \"phone\"; do = \"mask\"; }", ", { what = \"phone\"; do = \"stay\"; }", "" } },
        { false, { ", { what = \"national_id\"; do = \"mask\"; } );\n", ", { what = \"credential\"; do = \"hold\"; } );\n", " );\n",
                   ", { what = [\"iban\", \"payment_card\"]; do = \"discard\"; } );\n" } },
        { false, { "children = { under = 16; then = \"stay\"; age_unknown = \"go\"; ", "children = { under = 13; then = \"stay\"; age_unknown = \"go\"; ",
                   "children = { under = 16; then = \"hold\"; age_unknown = \"hold\"; " } },
        { false, { "};\n", "except = ( { of = [\"BE\", \"FR\"]; under = 13; } ); };\n", "except = ( { of = \"EEA\"; under = 18; } ); };\n" } },
        { false, { "rules = ( { name = \"a\"; when = { words = [\"alpha\", \"beta\"]; unknown = \"go\"; }; then = \"hold\"; }",
                   "rules = ( { name = \"a\"; when = { words = [\"alpha\"]; unknown = \"go\"; }; then = \"hold\"; }",
                   "rules = ( { name = \"a\"; when = { words = [\"al*\", \"bet*\"]; unknown = \"hold\"; }; then = \"stay\"; }",
                   "rules = ( { name = \"z\"; when = { kind = \"member\"; }; then = \"stay\"; }" } },
        { false, { ", { name = \"b\"; when = { lang = \"fr\"; unknown = \"hold\"; }; then = \"stay\"; } );\n",
                   ", { name = \"b\"; when = { lang = [\"fr-FR\", \"nl\"]; unknown = \"hold\"; }; then = \"stay\"; } );\n",
                   ", { name = \"b\"; when = { lang = [\"fr\", \"nl\"]; country = [\"EEA\"]; unknown = \"stay\"; }; then = \"hold\"; } );\n",
                   ", { name = \"b\"; when = { country = [\"FR\", \"BE\"]; kind = [\"feedback\", \"lead\"]; unknown = \"go\"; }; then = \"stay\"; } );\n",
                   ", { name = \"b\"; when = { source = \"forum\"; consent = \"research\"; unknown = \"stay\"; }; then = \"go\"; } );\n", " );\n" } },
        { false, { "purposes = ( { name = \"research\"; ground = \"law\"; kinds = [\"feedback\", \"lead\", \"event\"]; } );\n",
                   "purposes = ( { name = \"research\"; ground = \"consent\"; kinds = [\"feedback\", \"lead\", \"event\"]; } );\n",
                   "purposes = ( { name = \"research\"; ground = \"law\"; kinds = [\"feedback\"]; }, { name = \"contact\"; ground = \"consent\"; kinds = [\"lead\"]; } );\n", "" } },
        { false, { "", "consent = ( { purpose = \"contact\"; separate = true; missing = \"stay\"; } );\n",
                   "consent = ( { purpose = \"contact\"; missing = \"hold\"; kinds = [\"lead\", \"event\"]; } );\n" } },
        { false, { "transfers = ( { to = [\"EEA\"]; allow = [\"kafka\", \"warehouse\", \"reading\"]; basis = \"b\"; }",
                   "transfers = ( { to = [\"DE\", \"IE\"]; allow = [\"kafka\", \"warehouse\", \"reading\"]; basis = \"b\"; until = \"2027-03-31\"; }",
                   "transfers = ( { to = [\"DE\"]; allow = [\"kafka\", \"warehouse\"]; basis = \"b\"; }" } },
        { false, { " );\n", ", { to = [\"US\", \"FR\"]; allow = \"reading\"; basis = \"r\"; until = \"2026-12-31\"; } );\n",
                   ", { to = [\"US\", \"IE\"]; allow = [\"reading\", \"warehouse\"]; basis = \"r\"; never = [\"phone\"]; } );\n" } },
        { false, { "keep = { warehouse = \"3 years\"; };\n", "keep = { warehouse = \"30 days\"; };\n" } },
        { false, { PATTERN("EMP-[0-9]{4}", "mask"), "", PATTERN("EMP-[0-9]{4}", "hold"), PATTERN("[A-Z]{3}-[0-9]{4}", "mask") } },
};

/* Of elsewhere, and for its people here, too. */
#define OTHER "policy = \"other\"; version = 1; language = 1; title = \"t\";\n"
static const char *const others[] = {
        NULL,
        OTHER "protects = { people_in = [\"BE\", \"US\"]; also_abroad = true; residence_unknown = \"as_region\"; };\n"
              "rules = ( { name = \"o\"; when = { lang = \"en\"; unknown = \"go\"; }; then = \"hold\"; } );\n",
        OTHER "protects = { people_in = [\"BE\"]; also_abroad = true; residence_unknown = \"strictest\"; };\n"
              "rules = ( { name = \"o\"; when = { lang = \"en\"; unknown = \"go\"; }; then = \"hold\"; } );\n",
        OTHER "protects = { people_in = [\"BE\", \"US\"]; also_abroad = true; residence_unknown = \"as_region\"; };\n"
              "fields = ( { field = [\"title\", \"occurred_at\"]; do = \"keep\"; } );\nfind = ( { what = \"phone\"; do = \"drop\"; } );\n",
        OTHER "protects = { people_in = [\"BE\", \"US\"]; residence_unknown = \"as_region\"; };\n",
};
enum { OTHERS = sizeof others / sizeof *others };
enum { ROWS = sizeof rows / sizeof *rows };

struct version {
        unsigned way[ROWS];
        bool parent; /* the second half stands in a parent */
        unsigned other;
        struct book *book;
        struct judge *judge;
};

static unsigned choices(size_t row)
{
        unsigned n = 0;
        while (n < CHOICES && rows[row].way[n])
                n++;
        return n;
}

static void take_away(const char *name)
{
        char path[192];
        snprintf(path, sizeof path, "%s/%s", desk.dir, name);
        assert_int_equal(unlink(path), 0);
}

static void write_version(const struct version *v, const char *name, const char *parent)
{
        struct buf own, up;
        char file[32];
        buf_init(&own, 1 << 16);
        buf_init(&up, 1 << 16);
        buf_printf(&own, "policy = \"%s\"; version = 1; language = 1; title = \"t\";\n%s%s%s", name, v->parent ? "extends = \"" : "",
                   v->parent ? parent : "", v->parent ? "\";\n" : "");
        buf_printf(&up, "policy = \"%s\"; version = 1; language = 1; title = \"t\";\n", parent);
        for (size_t i = 0; i < ROWS; i++)
                buf_puts(v->parent && i >= 10 ? &up : &own, rows[i].way[v->way[i]]);
        snprintf(file, sizeof file, "%s.cfg", name);
        put_file(file, own.p);
        snprintf(file, sizeof file, "%s.cfg", parent);
        put_file(file, up.p);
        put_file("other.cfg", others[v->other] ? others[v->other] : "# nobody");
        if (!others[v->other])
                take_away("other.cfg");
        buf_clear(&own);
        buf_clear(&up);
}

static void open_version(struct version *v)
{
        write_version(v, "p", "up");
        const struct book_spec spec = { desk.dir, &desk.region, &desk.hub };
        desk_clear();
        if (!book_load(&v->book, &spec, desk.report)) {
                show_report();
                fail_msg("the policy has errors");
        }
        v->judge = judge_new(v->book);
        assert_non_null(v->judge);
}

static void close_version(struct version *v)
{
        judge_free(v->judge);
        book_drop(v->book);
}

/* ---- Records --------------------------------------------------------------------------- */

static const char *const words_of[] = { "alpha", "beta", "betas", "gamma", "ann@corp.example", "+49 30 901820", "DE89370400440532013000",
                                        "password=hunter2x", "4111111111111111", "Ann", "86095742719", "EMP-0047", "t2" };

static struct slice random_text(void)
{
        char *out = arena_printf(desk.arena, "%s %s %s", words_of[roll(13)], words_of[roll(13)], words_of[roll(13)]);
        return slice_of(out);
}

static struct record random_record(struct attribute *note, struct consent *yes)
{
        static const enum record_kind kinds[] = { KIND_FEEDBACK, KIND_EVENT, KIND_LEAD, KIND_MEMBER };
        static const char *const ages[] = { "12", "13", "15", "16", "17.5", "40" };
        static const char *const langs[] = { "fr", "fr-FR", "FR_be", "nl", "en" };
        static const char *const countries[] = { "FR", "BE", "DE", "US", "XX" };
        struct record r = { .kind = kinds[roll(4)], .occurred_at_us = NOON - roll(1000000) * US_PER_SECOND };
        r.text[FIELD_ID] = SLICE("i");
        if (roll(5))
                r.text[FIELD_TITLE] = random_text();
        if (roll(5))
                r.text[FIELD_BODY] = random_text();
        if (roll(2))
                r.text[FIELD_AUTHOR_NAME] = SLICE("Ann");
        if (roll(2))
                r.text[FIELD_AUTHOR_EMAIL] = SLICE("ann@corp.example");
        if (roll(3))
                r.text[FIELD_AUTHOR_COUNTRY] = slice_of(countries[roll(5)]);
        if (roll(3))
                r.text[FIELD_AUTHOR_AGE] = slice_of(ages[roll(6)]);
        if (roll(3))
                r.text[FIELD_LANG] = slice_of(langs[roll(5)]);
        *note = (struct attribute){ SLICE("note"), random_text() };
        r.attributes = note;
        r.n_attributes = roll(2);
        yes[0] = (struct consent){ .purpose = SLICE("research"), .given_at_us = INT64_MIN, .until_us = INT64_MAX };
        yes[1] = (struct consent){ .purpose = SLICE("contact"), .given_at_us = INT64_MIN, .until_us = INT64_MAX, .separate = roll(2) };
        r.consents = yes;
        r.n_consents = roll(3);
        return r;
}

/* ---- What leaves ------------------------------------------------------------------------- */

static bool has_word(struct slice text, const char *word)
{
        return text.p && memmem(text.p, text.n, word, strlen(word));
}

/* A value of the record that the new text shows and the old one hid. */
static const char *shown(struct slice raw, struct slice before, struct slice after)
{
        static const char *const parts[] = { "corp.example", "901820", "hunter2x", "5320130", "11111111", "5742719", "0047", "BE", "FR", "DE" };
        for (size_t i = 0; i < sizeof words_of / sizeof *words_of; i++)
                if (has_word(raw, words_of[i]) && has_word(after, words_of[i]) && !has_word(before, words_of[i]))
                        return words_of[i];
        for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
                if (has_word(raw, parts[i]) && has_word(after, parts[i]) && !has_word(before, parts[i]))
                        return parts[i];
        return NULL;
}

static const char *more_than(const struct record *r, const struct message *before, const struct message *after)
{
        const char *what;
        for (int f = 0; f < FIELDS; f++)
                if ((what = shown(r->text[f], before->record.fields.text[f], after->record.fields.text[f])))
                        return what;
        for (size_t i = 0; i < after->record.fields.n_attributes; i++) {
                struct slice old = before->record.fields.n_attributes ? before->record.fields.attributes[0].value : SLICE_NONE;
                if ((what = shown(r->attributes[0].value, old, after->record.fields.attributes[i].value)))
                        return what;
        }
        if (after->record.has_occurred_at && !before->record.has_occurred_at)
                return "occurred_at";
        if (after->record.has_occurred_at && after->record.fields.occurred_at_us != before->record.fields.occurred_at_us &&
            after->record.fields.occurred_at_us == r->occurred_at_us)
                return "the time";
        if (after->record.has_subject && !before->record.has_subject)
                return "subject";
        if (after->record.expires_at_us > before->record.expires_at_us)
                return "expires_at";
        return NULL;
}

static bool readable(const struct message *m, struct dated_code wanted)
{
        for (size_t i = 0; i < m->record.n_readable_in; i++) {
                const struct dated_code *d = &m->record.readable_in[i];
                bool same = slice_eq(d->code, wanted.code) || slice_is(d->code, "EEA");
                if (same && d->until_us >= wanted.until_us)
                        return true;
        }
        return false;
}

static struct message message_of(const struct judgement *j)
{
        desk.said = *j;
        return message_of_said();
}

/* NULL: the new version lets out nothing more of this record. */
static const char *newly_out(struct version *old, struct version *new, const struct record *r, bool fields_differ, int64_t now_us)
{
        struct judgement before, after;
        struct err err = ERR_INIT;
        assert_true(policy_judge(old->judge, now_us, r, SLICE("forum"), NOON, NULL, desk.arena, &before, &err));
        assert_true(policy_judge(new->judge, now_us, r, SLICE("forum"), NOON, NULL, desk.arena, &after, &err));
        if (after.decision < before.decision) /* but see looser.h: a field that does not leave is not stopped for */
                return fields_differ && strcmp(before.rule, "find") == 0 ? NULL : decision_name(before.decision);
        if (after.decision != DECISION_GO || before.decision != DECISION_GO)
                return NULL;
        struct message a = message_of(&before), b = message_of(&after);
        for (size_t i = 0; i < b.record.n_readable_in; i++)
                if (!readable(&a, b.record.readable_in[i]))
                        return "a reader";
        return more_than(r, &a, &b);
}

/* ---- Pairs ---------------------------------------------------------------------------------- */

static bool mutate(struct version *v)
{
        bool fields = false;
        for (unsigned i = roll(3) + 1; i; i--) {
                size_t row = roll(ROWS);
                v->way[row] = roll(choices(row));
                fields |= rows[row].field;
        }
        if (roll(8) == 0)
                v->parent = !v->parent;
        if (roll(6) == 0) {
                unsigned was = v->other;
                v->other = roll(OTHERS);
                fields |= v->other != was; /* the third has fields */
        }
        return fields;
}

static void say(const struct version *old, const struct version *new)
{
        for (size_t i = 0; i < ROWS; i++)
                if (old->way[i] != new->way[i])
                        print_error("- %s\n+ %s\n", rows[i].way[old->way[i]], rows[i].way[new->way[i]]);
        print_error("parent %d -> %d, other %u -> %u\n", old->parent, new->parent, old->other, new->other);
}

static void must_not_let_out(struct version *old, struct version *new, bool fields_differ)
{
        static const int64_t later[] = { 0, 60 * US_PER_DAY, 200 * US_PER_DAY, 400 * US_PER_DAY };
        for (int i = 0; i < 60; i++) {
                struct attribute note;
                struct consent yes[2];
                struct record r = random_record(&note, yes);
                const char *what = newly_out(old, new, &r, fields_differ, NOON + later[roll(4)]);
                if (!what)
                        continue;
                say(old, new);
                fail_msg("not called looser, and newly leaves: %s (%s %.*s | %.*s)", what, kind_name(r.kind),
                         SLICE_ARG(r.text[FIELD_TITLE]), SLICE_ARG(r.text[FIELD_BODY]));
        }
}

static void what_the_judge_newly_lets_out__was_called_looser(void **state)
{
        (void)state;
        const char *rounds = getenv("LOOSER_PAIRS");
        int called = 0, n = rounds ? atoi(rounds) : 120;
        for (int i = 0; i < n; i++) {
                struct version old = { .parent = roll(2), .other = roll(3) ? 0 : roll(OTHERS) }, new;
                for (size_t k = 0; k < ROWS; k++)
                        old.way[k] = roll(3) ? 0 : roll(choices(k));
                new = old;
                bool fields_differ = mutate(&new);
                open_version(&old);
                open_version(&new);
                struct changes *c = book_compare(old.book, new.book);
                assert_non_null(c);
                if (changes_count(c, CHANGE_LOOSER))
                        called++;
                else
                        must_not_let_out(&old, &new, fields_differ);
                changes_free(c);
                close_version(&old);
                close_version(&new);
                arena_reset(desk.arena);
        }
        assert_in_range(called, n / 5, n - n / 5); /* neither always nor never */
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(what_the_judge_newly_lets_out__was_called_looser, desk_open, desk_close),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
