/* Digests against published vectors. */
#include "unit.h"

static void assert_hex(const void *bytes, size_t n, const char *hex)
{
        char text[512];
        hex_encode(text, bytes, n);
        assert_string_equal(text, hex);
}

static void sha256__agrees_with_fips_180(void **state)
{
        (void)state;
        uint8_t d[SHA256_BYTES];
        sha256(d, SLICE("abc"));
        assert_hex(d, 32, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        sha256(d, SLICE_NONE);
        assert_hex(d, 32, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

static void sha256__in_pieces_is_the_same_and_starts_anew(void **state)
{
        (void)state;
        uint8_t d[SHA256_BYTES];
        struct sha256 *h = sha256_new();
        for (int round = 0; round < 2; round++) {
                sha256_put(h, SLICE("a"));
                sha256_put(h, SLICE_NONE);
                sha256_put(h, SLICE("bc"));
                sha256_finish(h, d);
                assert_hex(d, 32, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        }
        sha256_free(h);
        sha256_free(NULL);
}

static void hmac__of_other_kinds_agrees_with_rfc_2202_and_4231(void **state)
{
        (void)state;
        static const struct {
                enum hmac_kind kind;
                size_t size;
                const char *hex;
        } rows[] = {
                { HMAC_SHA1, 20, "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79" },
                { HMAC_SHA256, 32, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843" },
                { HMAC_SHA512, 64, "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea250554"
                                   "9758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737" },
        };
        uint8_t d[HMAC_BYTES_MAX];
        for (size_t i = 0; i < 3; i++) {
                struct hmac *h = hmac_new_of(rows[i].kind, SLICE("Jefe"));
                assert_int_equal(hmac_size(h), rows[i].size);
                for (int round = 0; round < 2; round++) {
                        hmac_put(h, SLICE("what do ya want for nothing?"));
                        hmac_finish(h, d);
                        assert_hex(d, rows[i].size, rows[i].hex);
                }
                hmac_free(h);
        }
}

static void hmac__agrees_with_rfc_4231_again_and_again(void **state)
{
        (void)state;
        uint8_t d[SHA256_BYTES];
        char key[131];
        memset(key, 0xaa, sizeof key);
        struct hmac *jefe = hmac_new(SLICE("Jefe")), *longer = hmac_new(slice_make(key, sizeof key));
        for (int round = 0; round < 3; round++) {
                hmac_put(jefe, SLICE("what do ya want "));
                hmac_put(jefe, SLICE("for nothing?"));
                hmac_finish(jefe, d);
                assert_hex(d, 32, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
                hmac_put(longer, SLICE("Test Using Larger Than Block-Size Key - Hash Key First"));
                hmac_finish(longer, d);
                assert_hex(d, 32, "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
        }
        hmac_free(jefe);
        hmac_free(longer);
        struct hmac *empty = hmac_new(SLICE_NONE);
        hmac_finish(empty, d);
        assert_hex(d, 32, "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
        hmac_free(empty);
        hmac_free(NULL);
}

static void hkdf__agrees_with_rfc_5869(void **state)
{
        (void)state;
        uint8_t key[22], salt[13], info[10], out[82];
        memset(key, 0x0b, sizeof key);
        for (uint8_t i = 0; i < 13; i++)
                salt[i] = i;
        for (uint8_t i = 0; i < 10; i++)
                info[i] = (uint8_t)(0xf0 + i);
        hkdf_sha256(out, 42, slice_make(key, 22), slice_make(salt, 13), slice_make(info, 10));
        assert_hex(out, 42, "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf"
                            "34007208d5b887185865");
        hkdf_sha256(out, 42, slice_make(key, 22), SLICE_NONE, SLICE_NONE);
        assert_hex(out, 42, "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d"
                            "9d201395faa4b61a96c8");
}

static void crc32c__agrees_with_rfc_3720(void **state)
{
        (void)state;
        unsigned char bytes[32] = { 0 };
        assert_int_equal(crc32c(0, slice_make(bytes, 32)), 0x8a9136aa);
        memset(bytes, 0xff, 32);
        assert_int_equal(crc32c(0, slice_make(bytes, 32)), 0x62a8ab43);
        for (unsigned char i = 0; i < 32; i++)
                bytes[i] = i;
        assert_int_equal(crc32c(0, slice_make(bytes, 32)), 0x46dd794e);
        assert_int_equal(crc32c(0, SLICE("123456789")), 0xe3069283);
        assert_int_equal(crc32c(0, SLICE_NONE), 0);
        for (size_t cut = 0; cut <= 9; cut++) /* pieces, at any alignment */
                assert_int_equal(crc32c(crc32c(0, slice_make("123456789", cut)),
                                        slice_make(&"123456789"[cut], 9 - cut)), 0xe3069283);
}

static void random__does_not_repeat(void **state)
{
        (void)state;
        uint8_t a[32], b[32];
        random_bytes(a, sizeof a);
        random_bytes(b, sizeof b);
        random_bytes(NULL, 0);
        assert_false(bytes_equal(a, b, sizeof a));
        assert_true(bytes_equal(a, a, sizeof a));
        bytes_wipe(a, sizeof a);
        memset(b, 0, sizeof b);
        assert_true(bytes_equal(a, b, sizeof a));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(sha256__agrees_with_fips_180),
                cmocka_unit_test(sha256__in_pieces_is_the_same_and_starts_anew),
                cmocka_unit_test(hmac__of_other_kinds_agrees_with_rfc_2202_and_4231),
                cmocka_unit_test(hmac__agrees_with_rfc_4231_again_and_again),
                cmocka_unit_test(hkdf__agrees_with_rfc_5869),
                cmocka_unit_test(crc32c__agrees_with_rfc_3720),
                cmocka_unit_test(random__does_not_repeat),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
