/* officers.cfg, as part of a set; and a file of signatures, read by those whom it names. Neither
 * makes anybody an officer, nor a signature that nobody's key made. */
#include "base/sign.h"
#include "desk.h"
#include "policy/looser.h"
#include "policy/officers.h"

static const char policy[] = "policy = \"p\"; version = 3; language = 1; title = \"T\";\n"
                             "records = { feedback = \"go\"; };\nkeep = { warehouse = \"1 year\"; };\n";
static const char region[] = "de-frankfurt";

static struct book *set_with(struct slice officers)
{
        static const struct region place = { .code = region, .jurisdiction = "EEA", .timezone = "Europe/Berlin", .policy = "p" };
        const struct book_spec spec = { NULL, &place, NULL };
        struct book *b = NULL;
        struct buf packed;
        buf_init(&packed, 8 << 20);
        buf_puts(&packed, "TPOL\x01");
        buf_put_u32(&packed, 2);
        put_file(&packed, "officers.cfg", officers);
        put_file(&packed, "p.cfg", slice_of(policy));
        book_unpack(&b, buf_slice(&packed), &spec, NULL);
        buf_clear(&packed);
        return b;
}

/* Who is named "jana" here has the key of 32 times 'j'. */
static struct book *house(void)
{
        uint8_t seed[SIGN_KEY], key[2][SIGN_KEY];
        struct buf text;
        buf_init(&text, 4096);
        for (int i = 0; i < 2; i++) {
                memset(seed, "jk"[i], sizeof seed);
                struct sign *s = sign_new(seed);
                must(s);
                sign_public(s, key[i]);
                sign_free(s);
        }
        buf_puts(&text, "version = 1; officers = ( { name = \"jana\"; key = \"ed25519:");
        buf_put_hex(&text, key[0], SIGN_KEY);
        buf_puts(&text, "\"; }, { name = \"ken\"; key = \"ed25519:");
        buf_put_hex(&text, key[1], SIGN_KEY);
        buf_puts(&text, "\"; } );\n");
        struct book *b = set_with(buf_slice(&text));
        must(b && book_signatures_needed(b) == 2);
        buf_clear(&text);
        return b;
}

static void sign_as_jana(const struct book *b, struct buf *out)
{
        struct signer s = { .officer = "jana", .on = "2026-11-18" };
        uint8_t seed[SIGN_KEY];
        struct buf text;
        memset(seed, 'j', sizeof seed);
        struct sign *key = sign_new(seed);
        must(key);
        buf_init(&text, 4096);
        officers_statement(b, region, s.officer, s.on, &text);
        sign_bytes(key, buf_slice(&text), s.signature);
        signer_format(b, &s, out);
        sign_free(key);
        buf_clear(&text);
}

static void check_signers(const struct book *b, const struct signers *s)
{
        for (size_t i = 0; i < s->n; i++) {
                const struct signer *x = &s->list[i];
                struct buf text;
                buf_init(&text, 4096);
                officers_statement(b, region, x->officer, x->on, &text);
                must(sign_verify(x->key, buf_slice(&text), x->signature));
                must(strcmp(book_officer_of(b, x->key), x->officer) == 0);
                for (size_t k = 0; k < i; k++)
                        must(strcmp(s->list[k].officer, x->officer) != 0);
                buf_clear(&text);
        }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
        static struct book *known;
        struct slice in = slice_make(bytes, n);
        struct report *report = report_new();
        struct signers s;
        struct buf text;
        if (!known)
                known = house();
        struct book *b = set_with(in);
        if (b) {
                must(book_signatures_needed(b) >= 2 && book_officers_live(b, region, NOON) <= OFFICERS_MAX);
                struct changes *c = book_compare(known, b);
                must(c);
                changes_free(c);
        }
        buf_init(&text, 1 << 20);
        sign_as_jana(known, &text);
        buf_put(&text, in);
        officers_verify(&s, known, known, region, buf_slice(&text), "x.sig", NOON, report);
        must(s.n >= 1 && strcmp(s.list[0].officer, "jana") == 0);
        check_signers(known, &s);
        buf_clear(&text);
        must(report_count(report, REPORT_ERROR) == 0);
        book_drop(b);
        report_free(report);
        return 0;
}
