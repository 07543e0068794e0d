/* test_activation.c - a set that comes into force is an entry of the vault, signed by the region,
 * with the officers' signatures that it came by. */
#include "hub.h"
#include "policy/officers.h"

static struct position activated(struct position not)
{
        for (int64_t end = clock_mono_us() + 10 * US_PER_SECOND; clock_mono_us() < end; usleep(2000)) {
                struct pump_status s;
                pump_status(hand.pump, &s);
                if (s.judged.epoch && (s.judged.epoch != not.epoch || s.judged.seq != not.seq))
                        return s.judged;
        }
        fail_msg("no set was activated");
        return not;
}

static struct slice plain_at(struct vault_reader *r, struct position at)
{
        struct vault_entry e;
        enum vault_read what;
        MUST(vault_fetch(r, at, &what, &e, &err));
        assert_int_equal(what, VAULT_ENTRY);
        assert_int_equal(e.kind, ENTRY_ACTIVATE);
        return e.plain;
}

static void an_activation__says_who_signed_and_is_signed_by_the_region(void **state)
{
        (void)state;
        const struct signers by = { .n = 1, .list = { { .officer = "jana", .on = "2026-11-23", .key = { 7 }, .signature = { 9 } } } };
        const struct position from = { 0 };
        struct vault_reader *reader;
        struct keyer *keyer;
        MUST(keyer_open(&keyer, hand.state_dir, &err) && vault_reader_open(&reader, hand.vault, from, &err));
        for (int signers = 0; signers < 2; signers++) {
                static struct position last; /* of the set before */
                struct book *b = book_of(signers ? "go" : "hold", 3 + signers);
                uint8_t hash[32];
                memcpy(hash, book_hash(b), sizeof hash);
                if (signers)
                        book_attest(b, &by);
                pump_set_book(hand.pump, b);
                last = activated(last);

                struct slice plain = plain_at(reader, last);
                struct cut c = { .rest = plain };
                assert_memory_equal(cut_bytes(&c, 32).p, hash, 32);
                assert_true(slice_is(cut_bytes(&c, cut_u16(&c)), "p"));
                assert_int_equal(cut_u64(&c), 3 + signers);
                cut_bytes(&c, cut_u32(&c));
                assert_int_equal(cut_u16(&c), signers);
                if (signers) {
                        assert_true(slice_is(cut_bytes(&c, cut_u16(&c)), "jana"));
                        assert_true(slice_is(cut_bytes(&c, cut_u16(&c)), "2026-11-23"));
                        assert_memory_equal(cut_bytes(&c, 32).p, by.list[0].key, 32);
                        assert_memory_equal(cut_bytes(&c, 64).p, by.list[0].signature, 64);
                }
                struct slice said = slice_make(plain.p, plain.n - 64), signature = cut_bytes(&c, 64);
                assert_false(c.bad);
                assert_int_equal(c.rest.n, 0);
                assert_true(keyer_verify(keyer, said, (const uint8_t *)signature.p));
        }
        vault_reader_close(reader);
        keyer_close(keyer);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(an_activation__says_who_signed_and_is_signed_by_the_region, hub_open, hub_close),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
