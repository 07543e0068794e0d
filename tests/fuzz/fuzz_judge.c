/* A stranger's record under the shipped policies (the first byte chooses): what goes is a message
 * that the loader takes, and holds nothing more of what the policies look for. */
#include "desk.h"
#include "detect/detect.h"

static const struct {
        const char *policy, *region, *jurisdiction;
} places[] = { { "eea", "de-frankfurt", "EEA" }, { "us", "us-virginia", "US" }, { "jp", "jp-tokyo", "JP" },
               { "in", "in-mumbai", "IN" },      { "id", "id-jakarta", "ID" },  { "cn", "cn-beijing", "CN" },
               { "gb", "gb-london", "GB" },      { "sg", "sg-singapore", "SG" } };
enum { PLACES = sizeof places / sizeof *places };

static struct judge *judges[PLACES];
static struct discarder *discarders[PLACES];
static struct message_header headers[MESSAGE_HEADERS];
static size_t n_headers;

static void prepare(void)
{
        static const struct hub hub = { .places = { { .what = PLACE_KAFKA, .jurisdiction = "DE" },
                                                    { .what = PLACE_WAREHOUSE, .jurisdiction = "DE" } },
                                        .n_places = 2 };
        for (size_t i = 0; i < PLACES; i++) {
                const struct region region = { .code = places[i].region, .jurisdiction = places[i].jurisdiction,
                                               .timezone = "UTC", .policy = places[i].policy };
                const struct book_spec spec = { PROJECT_DIR "/policies", &region, &hub };
                struct book *b;
                must(book_load(&b, &spec, NULL));
                judges[i] = judge_new(b);
                discarders[i] = discarder_new(b);
                must(judges[i] && discarders[i]);
                book_drop(b);
        }
}

static struct slice header_of(const char *name, void *ctx)
{
        (void)ctx;
        for (size_t i = 0; i < n_headers; i++)
                if (strcmp(headers[i].name, name) == 0)
                        return slice_of(headers[i].value);
        return SLICE_NONE;
}

/* Every shipped policy masks these, and what they are stands in them alone: a number beside the
 * word "phone" of a mask is one more phone, which says nothing. */
static void must_be_clean(struct slice text)
{
        static const char *const names[] = { "email", "iban", "payment_card" };
        static struct scanner *s;
        const struct finding *found;
        size_t n;
        if (!s) {
                detect_set all = 0;
                for (size_t i = 0; i < sizeof names / sizeof *names; i++)
                        all |= detect_one(detect_id(names[i]));
                s = scanner_new(all, 4 << 20);
        }
        must(s && (!text.p || (scan(s, text, &found, &n, NULL) && n == 0)));
}

static void leave(struct judge *j, const struct approved *approved, struct arena *a)
{
        const struct envelope e = { .region = SLICE("de-frankfurt"), .at = { 1, 2 }, .judged = { 1, 1 },
                                    .record_key = { 7 } };
        struct message m, taken;
        struct buf value;
        uint8_t key[16];
        struct err err = ERR_INIT;
        buf_init(&value, MESSAGE_VALUE_MAX);
        approved_message(approved, &e, &m);
        m.out = (struct position){ 1, 2 };
        m.prev = (struct position){ 1, 1 };
        if (approved_format(j, &m, &value, key, headers, &n_headers, &err)) {
                must(message_parse(&taken, a, slice_make(key, 16), buf_slice(&value), header_of, NULL, &err));
                must_be_clean(taken.record.fields.text[FIELD_TITLE]);
                must_be_clean(taken.record.fields.text[FIELD_BODY]);
        } else {
                must(err.kind == ERR_FULL || err.kind == ERR_DENIED); /* too large, or held for a second look */
        }
        buf_clear(&value);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
        struct slice in = { (const char *)bytes, n };
        size_t i = take_byte(&in) % PLACES;
        struct arena *a = arena_new(64 << 20);
        struct judgement said;
        struct answers asked;
        struct record r;
        struct err err = ERR_INIT;
        uint32_t pieces;
        if (!judges[0])
                prepare();
        if (record_parse(&r, a, in, NULL, &err) && policy_discard(discarders[i], &r, a, &pieces, &err)) {
                must(record_check(&r, &err));
                must(policy_ask(judges[i], NOON, &r, a, &asked, &err) && asked.n <= QUESTIONS_MAX);
                answers_assume(&asked, &(struct assumed){ .counted = bytes[n - 1], .group = bytes[0] });
                must(policy_judge(judges[i], NOON, &r, SLICE("app"), NOON, &asked, a, &said, &err));
                must(asked.n == 32 || said.counts >> asked.n == 0);
                must((said.decision == DECISION_GO) == (said.approved != NULL) && said.rule && said.because);
                if (said.decision == DECISION_GO)
                        leave(judges[i], said.approved, a);
        }
        arena_free(a);
        return 0;
}
