/* test_keys.c - key files and derivations. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/hash.h"
#include "vault/keys.h"

static char root[64], state_dir[96], recovery[96];
static const char *const names[] = { "master", "pseudonym", "record", "signing", "recovery.pub" };

static int make_root(void **state)
{
        (void)state;
        snprintf(root, sizeof root, "/tmp/test_keys.XXXXXX");
        assert_non_null(mkdtemp(root));
        snprintf(state_dir, sizeof state_dir, "%s/state", root);
        snprintf(recovery, sizeof recovery, "%s/recovery.key", root);
        return 0;
}

static int remove_root(void **state)
{
        char path[160];

        (void)state;
        for (size_t i = 0; i < 5; i++) {
                snprintf(path, sizeof path, "%s/keys/%s", state_dir, names[i]);
                unlink(path);
        }
        snprintf(path, sizeof path, "%s/keys", state_dir);
        rmdir(path);
        rmdir(state_dir);
        unlink(recovery);
        return rmdir(root);
}

static void key_file(char out[160], const char *name)
{
        snprintf(out, 160, "%s/keys/%s", state_dir, name);
}

static void keys__are_made_once_and_for_their_owner_only(void **state)
{
        struct err err = ERR_INIT;
        struct stat st;
        char path[160];

        (void)state;
        assert_true(keys_generate(state_dir, recovery, &err));
        for (size_t i = 0; i < 5; i++) {
                key_file(path, names[i]);
                assert_int_equal(stat(path, &st), 0);
                assert_int_equal(st.st_mode & 0777, 0600);
                assert_int_equal(st.st_size, 32);
        }
        assert_int_equal(stat(recovery, &st), 0);
        assert_int_equal(st.st_mode & 0777, 0600);
        assert_true(keys_check(state_dir, &err));
        assert_false(keys_generate(state_dir, recovery, &err));
        assert_int_equal(err.kind, ERR_BUSY);
}

static void keys__are_all_made_or_none(void **state)
{
        struct err err = ERR_INIT;
        char path[160];

        (void)state;
        assert_true(dir_make(state_dir, 0700, &err));
        assert_true(file_create(recovery, SLICE("x"), 0600, &err));
        assert_false(keys_generate(state_dir, recovery, &err));
        assert_int_equal(err.kind, ERR_BUSY);
        assert_false(keys_generate(state_dir, "/nonexistent/folder/key", &err));
        for (size_t i = 0; i < 5; i++) {
                key_file(path, names[i]);
                assert_false(file_exists(path));
        }
}

static void keys__keep_the_recovery_key_out_of_the_state(void **state)
{
        struct err err = ERR_INIT;
        char inside[160];

        (void)state;
        assert_true(dir_make(state_dir, 0700, &err));
        snprintf(inside, sizeof inside, "%s/../state/recovery.key", state_dir);
        assert_false(keys_generate(state_dir, inside, &err));
        assert_int_equal(err.kind, ERR_CONFIG);
        assert_true(keys_generate(state_dir, recovery, &err));
}

static void keys__say_all_that_is_wrong_with_them(void **state)
{
        struct err err = ERR_INIT;
        char path[160];

        (void)state;
        assert_false(keys_check(state_dir, &err));
        assert_int_equal(err.kind, ERR_CONFIG);
        assert_non_null(strstr(err.hint, "keygen"));
        assert_true(keys_generate(state_dir, recovery, &err));
        key_file(path, "record");
        assert_int_equal(chmod(path, 0640), 0);
        key_file(path, "master");
        assert_int_equal(truncate(path, 31), 0);
        key_file(path, "signing");
        assert_int_equal(unlink(path), 0);
        assert_false(keys_check(state_dir, &err));
        assert_non_null(strstr(err.text, "\"master\" is not a file of 32 bytes"));
        assert_non_null(strstr(err.text, "\"record\" can be read by others"));
        assert_non_null(strstr(err.text, "\"signing\" is missing"));
}

/* The layout is final: written out by hand, hashed, compared. */
static void keyer__derives_record_keys_as_specified(void **state)
{
        struct err err = ERR_INIT;
        struct keyer *k;
        struct buf key, message;
        struct hmac *h;
        uint8_t want[32], got[16];
        char path[160];

        (void)state;
        buf_init(&key, 64);
        buf_init(&message, 64);
        assert_true(keys_generate(state_dir, recovery, &err));
        assert_true(keyer_open(&k, state_dir, &err));
        key_file(path, "record");
        assert_true(file_read(&key, path, &err));
        buf_put(&message, slice_make("\1\0\0\0\5forum\0\0\0\2""17", 1 + 4 + 5 + 4 + 2));
        h = hmac_new(buf_slice(&key));
        hmac_put(h, buf_slice(&message));
        hmac_finish(h, want);
        keyer_record_key(k, SLICE("forum"), SLICE("17"), got);
        assert_memory_equal(got, want, 16);
        message.p[0] = 2;
        hmac_put(h, buf_slice(&message));
        hmac_finish(h, want);
        keyer_thread_key(k, SLICE("forum"), SLICE("17"), got);
        assert_memory_equal(got, want, 16);
        hmac_free(h);
        buf_clear(&key);
        buf_clear(&message);
        keyer_close(k);
}

static void keyer__derives_pseudonyms_as_specified(void **state)
{
        static const uint8_t message[16] = { 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 4 };
        struct err err = ERR_INIT;
        struct keyer *k;
        struct buf key;
        struct hmac *h;
        uint8_t want[32], got[16];
        char path[160];

        (void)state;
        buf_init(&key, 64);
        assert_true(keys_generate(state_dir, recovery, &err));
        assert_true(keyer_open(&k, state_dir, &err));
        key_file(path, "pseudonym");
        assert_true(file_read(&key, path, &err));
        h = hmac_new(buf_slice(&key));
        hmac_put(h, slice_make(message, sizeof message));
        hmac_finish(h, want);
        keyer_pseudonym(k, (UINT64_C(2) << 32) | 3, 4, got);
        assert_memory_equal(got, want, 16);
        hmac_free(h);
        buf_clear(&key);
        keyer_close(k);
}

static void keyer__tells_purposes_and_pairs_apart(void **state)
{
        struct err err = ERR_INIT;
        struct keyer *k;
        uint8_t a[32], b[32];

        (void)state;
        assert_true(keys_generate(state_dir, recovery, &err));
        assert_true(keyer_open(&k, state_dir, &err));
        keyer_digest(k, "file", SLICE("x"), a);
        keyer_digest(k, "row", SLICE("x"), b);
        assert_memory_not_equal(a, b, 32);
        keyer_digest(k, "file", SLICE("x"), b);
        assert_memory_equal(a, b, 32);
        keyer_record_key(k, SLICE("ab"), SLICE("c"), a);
        keyer_record_key(k, SLICE("a"), SLICE("bc"), b);
        assert_memory_not_equal(a, b, 16);
        keyer_close(k);
        keyer_close(NULL);
}

static void keyer__signs_what_it_can_verify(void **state)
{
        struct err err = ERR_INIT;
        struct keyer *k;
        uint8_t signature[64];

        (void)state;
        assert_true(keys_generate(state_dir, recovery, &err));
        assert_true(keyer_open(&k, state_dir, &err));
        keyer_sign(k, SLICE("ledger entry"), signature);
        assert_true(keyer_verify(k, SLICE("ledger entry"), signature));
        assert_false(keyer_verify(k, SLICE("ledger entrY"), signature));
        keyer_close(k);
}

#define T(f) cmocka_unit_test_setup_teardown(f, make_root, remove_root)

int main(void)
{
        const struct CMUnitTest tests[] = {
                T(keys__are_made_once_and_for_their_owner_only),
                T(keys__are_all_made_or_none),
                T(keys__keep_the_recovery_key_out_of_the_state),
                T(keys__say_all_that_is_wrong_with_them),
                T(keyer__derives_record_keys_as_specified),
                T(keyer__derives_pseudonyms_as_specified),
                T(keyer__tells_purposes_and_pairs_apart),
                T(keyer__signs_what_it_can_verify),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
