/* test_merge.c - forbid beats allow: a child with its parent never lets out more than either
 * alone. Chains are made at random and judged on random records. */
#include "base/text.h"
#include "desk.h"

static uint64_t dice = 0x2545F4914F6CDD1Du;

static unsigned roll(unsigned n)
{
        dice ^= dice << 13;
        dice ^= dice >> 7;
        dice ^= dice << 17;
        return (unsigned)(dice >> 11) % n;
}

static const char *pick(const char *const *list, unsigned n)
{
        return list[roll(n)];
}
#define PICK(...) pick((const char *const[]){ __VA_ARGS__ }, \
                       sizeof((const char *const[]){ __VA_ARGS__ }) / sizeof(const char *))

static const enum field texts[] = { FIELD_TITLE, FIELD_BODY, FIELD_PRODUCT, FIELD_THREAD, FIELD_AUTHOR_NAME,
                                    FIELD_AUTHOR_EMAIL, FIELD_URL };
enum { TEXTS = sizeof texts / sizeof *texts };

static void random_fields(struct buf *b)
{
        buf_puts(b, "fields = ( { field = \"lang\"; do = \"keep\"; }");
        for (int i = 0; i < TEXTS; i++) {
                bool person = texts[i] == FIELD_AUTHOR_NAME || texts[i] == FIELD_AUTHOR_EMAIL || texts[i] == FIELD_THREAD;
                if (roll(4))
                        buf_printf(b, ", { field = \"%s\"; do = \"%s\"; }", field_name(texts[i]),
                                   person ? PICK("keep", "clean", "mask", "drop", "pseudonymise", "discard")
                                          : PICK("keep", "clean", "clean", "mask", "drop"));
        }
        if (roll(2))
                buf_printf(b, ", { field = \"occurred_at\"; do = \"generalise\"; to = \"%s\"; }",
                           PICK("hour", "day", "year"));
        else if (roll(2))
                buf_puts(b, ", { field = \"occurred_at\"; do = \"keep\"; }");
        if (roll(2))
                buf_printf(b, ", { field = \"attributes.note\"; do = \"%s\"; }", PICK("keep", "mask", "drop"));
        buf_puts(b, " );\n");
}

static void random_transfers(struct buf *b)
{
        buf_printf(b, "transfers = ( { to = [\"EEA\"]; allow = [\"reading\"%s]; basis = \"r\"; }",
                   roll(8) ? ", \"kafka\", \"warehouse\"" : "");
        for (unsigned i = roll(3) + 1; i; i--)
                buf_printf(b, ", { to = [\"%s\", \"%s\"]; allow = [\"kafka\", \"warehouse\"%s]; basis = \"b\"; until = \"%s\"; }",
                           PICK("EEA", "EEA", "IE", "US"), PICK("EEA", "DE", "JP"), PICK("", ", \"reading\""),
                           PICK("2027-01-01", "2027-06-01", "2025-01-01"));
        buf_puts(b, " );\n");
}

static void random_policy(struct buf *b, const char *name, const char *extends)
{
        buf_printf(b, "policy = \"%s\"; version = 1; language = 1; title = \"t\";\n", name);
        if (extends)
                buf_printf(b, "extends = \"%s\";\n", extends);
        buf_printf(b, "records = { feedback = \"%s\"; discussion = \"%s\"; lead = \"%s\"; };\n",
                   PICK("go", "go", "go", "hold"), PICK("go", "go", "stay"), PICK("go", "hold"));
        buf_printf(b, "subject = \"%s\";\nkeep = { warehouse = \"%u days\"; };\n",
                   PICK("pseudonym", "pseudonym", "none"), roll(400) + 1);
        random_fields(b);
        random_transfers(b);
        if (roll(3))
                buf_printf(b, "find = ( { what = [\"email\"]; do = \"%s\"; }, { what = [\"phone\"]; do = \"%s\"; } );\n",
                           PICK("mask", "mask", "drop", "discard", "hold"), PICK("mask", "mask", "mask", "stay"));
        if (roll(3) == 0)
                buf_printf(b, "children = { under = %u; then = \"%s\"; age_unknown = \"%s\"; };\n", roll(20) + 1,
                           PICK("hold", "stay"), PICK("go", "go", "hold"));
        if (roll(3) == 0)
                buf_printf(b, "rules = ( { name = \"r\"; when = { words = [\"%s\"]; unknown = \"%s\"; }; then = \"%s\"; } );\n",
                           PICK("alpha", "beta"), PICK("go", "hold"), PICK("hold", "stay"));
        if (roll(3) == 0)
                buf_printf(b, "purposes = ( { name = \"research\"; ground = \"%s\"; kinds = [\"feedback\", \"%s\"]; } );\n",
                           PICK("law", "consent"), PICK("lead", "discussion"));
}

static const char *random_text(void)
{
        return arena_printf(desk.arena, "t%u %s %s %s", roll(1000000), PICK("alpha", "gamma", "delta"),
                            PICK("a@corp.example", "b@corp.example", "nothing"),
                            PICK("+49 30 901820", "+46 70 174 20 36", "no number"));
}

static struct record random_record(struct attribute *note, struct consent *yes)
{
        static const enum record_kind kinds[] = { KIND_FEEDBACK, KIND_DISCUSSION, KIND_LEAD, KIND_MEMBER };
        struct record r = { .kind = kinds[roll(4)], .occurred_at_us = NOON - roll(1000000) * US_PER_SECOND };
        r.text[FIELD_ID] = SLICE("i");
        for (int i = 0; i < TEXTS; i++)
                if (roll(5))
                        r.text[texts[i]] = slice_of(random_text());
        if (roll(2))
                r.text[FIELD_AUTHOR_AGE] = slice_of(PICK("9", "15", "40"));
        *note = (struct attribute){ SLICE("note"), slice_of(random_text()) };
        *yes = (struct consent){ .purpose = SLICE("research"), .given_at_us = INT64_MIN, .until_us = INT64_MAX };
        r.attributes = note;
        r.n_attributes = 1;
        r.consents = yes;
        r.n_consents = roll(2);
        return r;
}

struct seat {
        struct book *book;
        struct judge *judge;
        struct judgement said;
        struct buf value;
        struct message m;
};

static void seat_open(struct seat *s, const char *policy)
{
        struct region region = desk.region;
        region.policy = policy;
        const struct book_spec spec = { desk.dir, &region, &desk.hub };
        if (!book_load(&s->book, &spec, desk.report)) {
                show_report();
                fail();
        }
        s->judge = judge_new(s->book);
        buf_init(&s->value, MESSAGE_VALUE_MAX);
}

static void seat_close(struct seat *s)
{
        judge_free(s->judge);
        book_drop(s->book);
        buf_clear(&s->value);
}

static void seat_judge(struct seat *s, const struct record *r)
{
        const struct envelope e = { .region = SLICE("r"), .at = { 1, 1 }, .judged = { 1, 1 }, .has_subject = true,
                                    .has_thread_key = true, .subject = { 7 }, .thread_key = { 9 } };
        struct err err = ERR_INIT;
        struct message_header headers[MESSAGE_HEADERS];
        uint8_t key[16];
        size_t n;
        assert_true(policy_judge(s->judge, NOON, r, SLICE("forum"), NOON, NULL, desk.arena, &s->said, &err));
        buf_reset(&s->value);
        if (s->said.decision != DECISION_GO)
                return;
        approved_message(s->said.approved, &e, &s->m);
        assert_true(approved_format(s->judge, &s->m, &s->value, key, headers, &n, &err));
}

static bool shows(const struct seat *s, const char *text)
{
        return s->value.n && strstr(s->value.p, text);
}

/* The first word of a text names it: t123. */
static bool shows_text(const struct seat *s, struct slice text)
{
        char word[16] = { 0 };
        const char *blank = text.p ? memchr(text.p, ' ', text.n) : NULL;
        if (!blank || (size_t)(blank - text.p) + 2 > sizeof word)
                return false;
        memcpy(word, text.p, (size_t)(blank - text.p) + 1);
        return shows(s, word);
}

static bool readable(const struct message *m, struct slice code, int64_t until)
{
        for (size_t i = 0; i < m->record.n_readable_in; i++)
                if (slice_eq(m->record.readable_in[i].code, code) && m->record.readable_in[i].until_us >= until)
                        return true;
        return slice_is(code, "EEA") ? false : readable(m, SLICE("EEA"), until);
}

static void compare(const struct seat *both, const struct seat *alone, const struct record *r)
{
        static const char *const secrets[] = { "a@corp.example", "b@corp.example", "+49 30 901820", "+46 70 174 20 36" };
        assert_true(both->said.decision >= alone->said.decision);
        if (both->said.decision != DECISION_GO)
                return;
        for (int i = 0; i < TEXTS; i++)
                if (shows_text(both, r->text[texts[i]]))
                        assert_true(shows_text(alone, r->text[texts[i]]));
        if (shows_text(both, r->attributes[0].value))
                assert_true(shows_text(alone, r->attributes[0].value));
        for (size_t i = 0; i < sizeof secrets / sizeof *secrets; i++)
                if (shows(both, secrets[i]))
                        assert_true(shows(alone, secrets[i]));
        assert_true(!both->m.record.has_subject || alone->m.record.has_subject);
        assert_true(!both->m.record.has_thread_key || alone->m.record.has_thread_key);
        assert_true(!both->m.record.has_occurred_at || alone->m.record.has_occurred_at);
        if (both->m.record.has_occurred_at) /* as coarse or coarser */
                assert_true(both->m.record.fields.occurred_at_us <= alone->m.record.fields.occurred_at_us);
        assert_true(both->m.record.expires_at_us <= alone->m.record.expires_at_us);
        for (size_t i = 0; i < both->m.record.n_readable_in; i++)
                assert_true(readable(&alone->m, both->m.record.readable_in[i].code,
                                     both->m.record.readable_in[i].until_us));
}

static void put_policies(void)
{
        static const char *const names[] = { "c", "p", "q" };
        uint64_t child = dice;
        for (int i = 0; i < 3; i++) { /* c: p with its parent q; the same dice for c and p */
                struct buf b;
                char file[16];
                if (i == 1) {
                        dice = child;
                        /* what is the same line stands in both */
                }
                buf_init(&b, 1 << 16);
                random_policy(&b, names[i], i == 0 ? "q" : NULL);
                snprintf(file, sizeof file, "%s.cfg", names[i]);
                put_file(file, b.p);
                buf_clear(&b);
        }
}

static void a_chain__never_lets_out_more_than_any_of_its_policies(void **state)
{
        size_t went = 0, masked = 0;
        (void)state;
        for (int round = 0; round < 300; round++) {
                struct seat both = { 0 }, child = { 0 }, parent = { 0 };
                put_policies();
                seat_open(&both, "c");
                seat_open(&child, "p");
                seat_open(&parent, "q");
                assert_string_equal(book_class(both.book), "c+q");
                for (int i = 0; i < 40; i++) {
                        struct attribute note;
                        struct consent yes;
                        arena_reset(desk.arena);
                        struct record r = random_record(&note, &yes);
                        seat_judge(&both, &r);
                        seat_judge(&child, &r);
                        seat_judge(&parent, &r);
                        compare(&both, &child, &r);
                        compare(&both, &parent, &r);
                        went += both.said.decision == DECISION_GO;
                        masked += both.said.decision == DECISION_GO && both.said.cleaned;
                }
                seat_close(&both);
                seat_close(&child);
                seat_close(&parent);
        }
        assert_true(went > 500); /* else it would prove nothing */
        assert_true(masked > 100);
}

static void put_policy(const char *name, const char *also)
{
        struct buf b;
        char file[16];
        buf_init(&b, 1 << 16);
        random_policy(&b, name, NULL);
        buf_puts(&b, also);
        snprintf(file, sizeof file, "%s.cfg", name);
        put_file(file, b.p);
        buf_clear(&b);
}

/* Of people whom "q" protects in the region of "p", no more leaves than of anybody there, nor than
 * of them in a region of "q". */
static void a_law_of_elsewhere__only_ever_takes_away(void **state)
{
        size_t went = 0, stopped = 0;
        (void)state;
        for (int round = 0; round < 150; round++) {
                struct seat both = { 0 }, anybody = { 0 }, theirs = { 0 };
                put_policy("p", "");
                put_policy("q", "protects = { people_in = [\"JP\"]; also_abroad = true; residence_unknown = \"as_region\"; };\n");
                seat_open(&both, "p");
                seat_open(&anybody, "p");
                seat_open(&theirs, "q");
                for (int i = 0; i < 40; i++) {
                        struct attribute note;
                        struct consent yes;
                        arena_reset(desk.arena);
                        struct record r = random_record(&note, &yes);
                        r.text[FIELD_AUTHOR_COUNTRY] = SLICE("US");
                        assert_string_equal(book_class_of(both.book, &r), "p");
                        seat_judge(&anybody, &r);
                        r.text[FIELD_AUTHOR_COUNTRY] = SLICE("JP");
                        assert_string_equal(book_class_of(both.book, &r), "p+q");
                        seat_judge(&both, &r);
                        seat_judge(&theirs, &r);
                        compare(&both, &anybody, &r);
                        compare(&both, &theirs, &r);
                        went += both.said.decision == DECISION_GO;
                        stopped += both.said.decision > anybody.said.decision;
                }
                seat_close(&both);
                seat_close(&anybody);
                seat_close(&theirs);
        }
        assert_true(went > 250); /* else it would prove nothing */
        assert_true(stopped > 250);
}

static void order_of_lines__does_not_matter(void **state)
{
        (void)state;
        must_load(HEAD("p") OPEN "fields = ( { field = \"body\"; do = \"drop\"; }, { field = \"body\"; do = \"keep\"; } );\n"
                  "find = ( { what = [\"email\"]; do = \"hold\"; }, { what = [\"email\"]; do = \"mask\"; } );\n");
        struct record r = words("x", "y");
        assert_int_equal(judge(&r), DECISION_GO);
        assert_string_equal(left(FIELD_BODY), "(absent)");
        must_load(HEAD("p") OPEN "fields = ( { field = \"body\"; do = \"keep\"; } );\n"
                  "find = ( { what = [\"email\"]; do = \"hold\"; }, { what = [\"email\"]; do = \"mask\"; } );\n");
        r = words("x", "a@corp.example");
        assert_int_equal(judge(&r), DECISION_HOLD);
}

static void a_looser_child__is_warned_and_changes_nothing(void **state)
{
        (void)state;
        put_file("q.cfg", HEAD("q") "records = { feedback = \"stay\"; };\nfields = ( { field = \"body\"; do = \"mask\"; } );\n");
        must_load(HEAD("p") OPEN WORDS "extends = \"q\";\n");
        must_complain(REPORT_WARNING, 2, "feedback = \"go\" has no effect: q.cfg:2 is stricter, \"stay\"", NULL);
        must_complain(REPORT_WARNING, 6, "\"body\" is not clean as written here: q.cfg:3 is stricter, \"mask\"", NULL);
        struct record r = words("x", "y");
        assert_int_equal(judge(&r), DECISION_STAY);
        assert_string_equal(desk.said.file, "q.cfg");
        assert_int_equal(desk.said.line, 2);
}

static void a_parent_without_a_voice__closes_nothing(void **state)
{
        (void)state;
        put_file("q.cfg", HEAD("q") "find = ( { what = [\"email\"]; do = \"mask\"; because = \"of q\"; } );\n");
        must_load(HEAD("p") OPEN WORDS "extends = \"q\";\n");
        struct record r = words("x", "a@corp.example");
        assert_int_equal(judge(&r), DECISION_GO);
        assert_string_equal(left(FIELD_BODY), "[email 1]");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, desk_open, desk_close)
                T(a_chain__never_lets_out_more_than_any_of_its_policies),
                T(a_law_of_elsewhere__only_ever_takes_away),
                T(order_of_lines__does_not_matter),
                T(a_looser_child__is_warned_and_changes_nothing),
                T(a_parent_without_a_voice__closes_nothing),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
