/* test_sign.c - published vectors. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/sign.h"
#include "base/text.h"

/* RFC 8032, 7.1, test 2. */
static void sign__agrees_with_rfc_8032(void **state)
{
        uint8_t seed[32], public_key[32], want[32], signature[64], got[64];
        struct sign *s;

        (void)state;
        assert_true(hex_decode(seed, 32, SLICE("4ccd089b28ff96da9db6c346ec114e0f"
                                               "5b8a319f35aba624da8cf6ed4fb8a6fb")));
        assert_true(hex_decode(want, 32, SLICE("3d4017c3e843895a92b70aa74d1b7ebc"
                                               "9c982ccf2ec4968cc0cd55f12af4660c")));
        assert_true(hex_decode(signature, 64,
                               SLICE("92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
                                     "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00")));
        s = sign_new(seed);
        sign_public(s, public_key);
        assert_memory_equal(public_key, want, 32);
        sign_bytes(s, SLICE("\x72"), got);
        assert_memory_equal(got, signature, 64);
        assert_true(sign_verify(public_key, SLICE("\x72"), signature));
        assert_false(sign_verify(public_key, SLICE("\x73"), signature));
        got[0] ^= 1;
        assert_false(sign_verify(public_key, SLICE("\x72"), got));
        sign_free(s);
        sign_free(NULL);
}

/* RFC 7748, 6.1. */
static void sign__makes_the_public_half_of_rfc_7748(void **state)
{
        uint8_t private_key[32], want[32], got[32];

        (void)state;
        assert_true(hex_decode(private_key, 32, SLICE("77076d0a7318a57d3c16c17251b26645"
                                                      "df4c2f87ebc0992ab177fba51db92c2a")));
        assert_true(hex_decode(want, 32, SLICE("8520f0098930a754748b7ddcb43ef75a"
                                               "0dbf3a0d26381af4eba4a98eaa9b4e6a")));
        x25519_public(private_key, got);
        assert_memory_equal(got, want, 32);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(sign__agrees_with_rfc_8032),
                cmocka_unit_test(sign__makes_the_public_half_of_rfc_7748),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
