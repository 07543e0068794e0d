/* AES-256-GCM against NIST's vectors, and against damage. */
#include "base/seal.h"
#include "unit.h"

static void unhex(void *out, size_t n, const char *text)
{
        assert_true(hex_decode(out, n, slice_of(text)));
}

/* Test case 16 of the GCM specification (256-bit key, with aad). */
static void seal__agrees_with_the_specification(void **state)
{
        struct seal *s = *state;
        struct err err = ERR_INIT;
        uint8_t key[32], nonce[12], aad[20], plain[60], expected[76];
        char sealed[76], opened[60];
        unhex(key, 32, "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308");
        unhex(nonce, 12, "cafebabefacedbaddecaf888");
        unhex(aad, 20, "feedfacedeadbeeffeedfacedeadbeefabaddad2");
        unhex(plain, 60, "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
                         "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39");
        unhex(expected, 76, "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
                            "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662"
                            "76fc6ece0f4e1768cddf8853bb2d551b");
        for (int round = 0; round < 2; round++) {
                assert_true(seal_close(s, key, nonce, slice_make(aad, 20), slice_make(plain, 60), sealed,
                                       &err));
                assert_memory_equal(sealed, expected, 76);
                assert_true(seal_open(s, key, nonce, slice_make(aad, 20), slice_make(sealed, 76), opened,
                                      &err));
                assert_memory_equal(opened, plain, 60);
        }
}

static void seal__opens_only_with_all_as_it_was(void **state)
{
        struct seal *s = *state;
        struct err err = ERR_INIT;
        uint8_t key[32] = { 1 }, nonce[12] = { 2 };
        char sealed[5 + SEAL_TAG], opened[5] = "zzzzz";
        struct slice aad = SLICE("segment 1"), whole = slice_make(sealed, sizeof sealed);
        assert_true(seal_close(s, key, nonce, aad, SLICE("hello"), sealed, &err));
        for (size_t i = 0; i < sizeof sealed; i++) {
                sealed[i] ^= 1;
                assert_false(seal_open(s, key, nonce, aad, whole, opened, &err));
                assert_int_equal(err.kind, ERR_DATA);
                assert_memory_equal(opened, "\0\0\0\0\0", 5); /* wiped */
                sealed[i] ^= 1;
        }
        assert_false(seal_open(s, key, nonce, SLICE("segment 2"), whole, opened, &err));
        assert_false(seal_open(s, key, nonce, SLICE_NONE, whole, opened, &err));
        key[31] ^= 1;
        assert_false(seal_open(s, key, nonce, aad, whole, opened, &err));
        key[31] ^= 1;
        nonce[0] ^= 1;
        assert_false(seal_open(s, key, nonce, aad, whole, opened, &err));
        nonce[0] ^= 1;
        assert_false(seal_open(s, key, nonce, aad, slice_make(sealed, SEAL_TAG - 1), opened, &err));
        assert_int_equal(err.kind, ERR_DATA);
        assert_true(seal_open(s, key, nonce, aad, whole, opened, &err)); /* a failure leaves no trace */
        assert_memory_equal(opened, "hello", 5);
}

static void seal__takes_nothing_as_a_message(void **state)
{
        struct seal *s = *state;
        struct err err = ERR_INIT;
        uint8_t key[32] = { 1 }, nonce[12] = { 2 };
        char sealed[SEAL_TAG], opened[1];
        assert_true(seal_close(s, key, nonce, SLICE_NONE, SLICE(""), sealed, &err));
        assert_true(seal_open(s, key, nonce, SLICE_NONE, slice_make(sealed, SEAL_TAG), opened, &err));
        sealed[0] ^= 1;
        assert_false(seal_open(s, key, nonce, SLICE_NONE, slice_make(sealed, SEAL_TAG), opened, &err));
}

static int begin(void **state)
{
        *state = seal_new();
        return *state ? 0 : -1;
}

static int finish(void **state)
{
        seal_free(*state);
        seal_free(NULL);
        return 0;
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(seal__agrees_with_the_specification, begin, finish),
                cmocka_unit_test_setup_teardown(seal__opens_only_with_all_as_it_was, begin, finish),
                cmocka_unit_test_setup_teardown(seal__takes_nothing_as_a_message, begin, finish),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
