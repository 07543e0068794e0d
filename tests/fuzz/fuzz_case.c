/* A case file as somebody typed it: taken whole or refused with lines; what is taken can be judged
 * and compared. */
#include "base/text.h"
#include "fuzz.h"
#include "model/record.h"
#include "policy/cases.h"
#include "policy/differ.h"

static const char policy[] =
        "policy = \"p\"; version = 1; language = 1; title = \"T\";\n"
        "records = { feedback = \"go\"; lead = \"hold\"; }; subject = \"pseudonym\";\n"
        "fields = ( { field = [\"title\", \"body\", \"occurred_at\", \"tags\", \"mentions\", \"consent\"]; do = \"clean\"; },\n"
        "  { field = \"attributes.browser\"; do = \"keep\"; }, { field = [\"author.name\", \"thread\"]; do = \"pseudonymise\"; } );\n"
        "find = ( { what = [\"email\", \"phone\"]; do = \"mask\"; }, { what = \"credential\"; do = \"hold\"; } );\n"
        "children = { under = 16; then = \"stay\"; age_unknown = \"go\"; };\n"
        "transfers = ( { to = [\"EEA\"]; allow = [\"kafka\", \"warehouse\", \"reading\"]; basis = \"inside\"; } );\n"
        "keep = { warehouse = \"3 years\"; };\n";

static struct book *open_book(void)
{
        static const struct region region = { .code = "x", .jurisdiction = "EEA", .timezone = "UTC", .policy = "p" };
        static const struct hub hub = { .places = { { .what = PLACE_KAFKA, .jurisdiction = "DE" },
                                                    { .what = PLACE_WAREHOUSE, .jurisdiction = "IE" } }, .n_places = 2 };
        const struct book_spec spec = { NULL, &region, &hub };
        struct book *b = NULL;
        struct buf packed;
        buf_init(&packed, 1 << 16);
        buf_puts(&packed, "TPOL\x01");
        buf_put_u32(&packed, 1);
        buf_put_u32(&packed, 5);
        buf_puts(&packed, "p.cfg");
        buf_put_u32(&packed, sizeof policy - 1);
        buf_puts(&packed, policy);
        must(book_unpack(&b, buf_slice(&packed), &spec, NULL));
        buf_clear(&packed);
        return b;
}

/* A masked sample is text, wherever it was cut. */
static void whole_samples(const struct record *r, const struct explanation *e, const struct explanation *again)
{
        static const enum field fields[] = { FIELD_TITLE, FIELD_BODY };
        for (size_t i = 0; i < 2; i++) {
                struct buf b;
                buf_init(&b, 1 << 16);
                differ_sample(r, e, again, fields[i], 24, &b);
                must(buf_ok(&b) && utf8_valid(buf_slice(&b), NULL));
                buf_clear(&b);
        }
}

/* A policy differs from itself in nothing. */
static void no_note(void *ctx, enum differ d, int field, const char *text)
{
        (void)ctx;
        (void)field;
        fprintf(stderr, "%s: %s\n", differ_name(d), text);
        must(!"a difference");
}

/* What is explained is what the judge did: each finding is a redaction. */
static void same_redactions(const struct explanation *e)
{
        uint32_t n = 0;
        for (size_t i = 0; i < e->left.n_redactions; i++)
                if (!slice_is(e->left.redactions[i].what, "field"))
                        n += e->left.redactions[i].count;
        must(e->n_finds == n);
}

static void compare(const struct policy_case *c, struct arena *a)
{
        static struct book *book;
        static struct discarder *d;
        static struct judge *j;
        static struct explanation e, again;
        static struct coverage cover;
        struct case_failure failures[CASE_FAILURES_MAX];
        struct err err = ERR_INIT;
        if (!book) {
                book = open_book();
                d = discarder_new(book);
                j = judge_new(book);
        }
        must(d && j);
        judge_assume(j, &c->assumed);
        if (!policy_explain(d, j, c->now_us, &c->record, c->source, c->captured_us, a, &e, &err))
                return; /* the arena is full */
        must(e.refused || (e.said.file && e.said.rule && e.said.because));
        for (size_t i = 0; i < e.n_finds; i++) {
                struct slice text = explain_item(&c->record, e.finds[i].field, e.finds[i].item);
                must(text.p && e.finds[i].start < e.finds[i].end && e.finds[i].end <= text.n);
        }
        size_t n = case_compare(c, &e, book, a, failures);
        must(n == SIZE_MAX || n <= CASE_FAILURES_MAX);
        for (size_t i = 0; n != SIZE_MAX && i < n; i++)
                must(failures[i].line > 0 && failures[i].what && failures[i].expected && failures[i].got);
        if (!e.refused && e.said.decision == DECISION_GO && !e.pieces && !e.more_finds)
                same_redactions(&e);
        if (policy_explain(d, j, c->now_us, &c->record, c->source, c->captured_us, a, &again, &err)) {
                explain_differ(&e, &again, no_note, NULL);
                whole_samples(&c->record, &e, &again);
        }
        must(coverage_begin(&cover, book, a));
        coverage_count(&cover, &c->record, &e);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
        struct report *report = report_new();
        struct arena *a = arena_new(64 << 20);
        size_t at;
        char *own = own_piece(slice_make(bytes, n), 0, n, &at);
        struct policy_case *c = case_parse(a, "x.case", slice_make(own, n), report);
        free(own);
        must((c != NULL) == (report_count(report, REPORT_ERROR) == 0));
        if (c) {
                must((c->policy != NULL) != (c->region != NULL) && c->verdict < CASE_VERDICTS);
                must(c->record_line > 0 && c->verdict_line > c->record_line);
                must(record_check(&c->record, NULL));
                compare(c, a);
        }
        arena_free(a);
        report_free(report);
        return 0;
}
