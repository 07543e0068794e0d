/* Files, directories, locks, secrets. */
#include <fcntl.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/secret.h"
#include "unit.h"

static int begin(void **state)
{
        *state = folder_new();
        return 0;
}

static int finish(void **state)
{
        folder_free(*state);
        return 0;
}

static mode_t mode_of(const char *path)
{
        struct stat st;
        assert_int_equal(stat(path, &st), 0);
        return st.st_mode & 07777;
}

static size_t names_in(const char *folder);

static void file__is_replaced_whole(void **state)
{
        struct err err = ERR_INIT;
        struct buf b;
        const char *path = under(*state, "x");
        buf_init(&b, 100);
        assert_true(file_save(path, SLICE("one"), 0644, &err));
        assert_true(file_save(path, SLICE("two"), 0600, &err));
        assert_true(file_read(&b, path, &err));
        assert_slice(buf_slice(&b), "two");
        assert_int_equal(mode_of(path), 0600);
        assert_int_equal(names_in(*state), 1); /* no temporary is left */
        buf_clear(&b);
}

static void file__is_created_only_where_none_is(void **state)
{
        struct err err = ERR_INIT;
        const char *path = under(*state, "x");
        assert_true(file_create(path, SLICE(""), 0600, &err));
        assert_false(file_create(path, SLICE("again"), 0600, &err));
        assert_int_equal(err.kind, ERR_BUSY);
        assert_int_equal(symlink("/nowhere", under(*state, "dangling")), 0);
        assert_false(file_create(under(*state, "dangling"), SLICE("x"), 0600, &err));
        assert_int_equal(err.kind, ERR_BUSY);
        assert_false(file_create(under(*state, "no/such/dir"), SLICE("x"), 0600, &err));
        assert_int_equal(names_in(*state), 1);
}

static void file__is_read_up_to_the_ceiling(void **state)
{
        struct err err = ERR_INIT;
        struct buf b;
        const char *path = under(*state, "x");
        assert_true(file_save(path, SLICE("12345"), 0600, &err));
        buf_init(&b, 5);
        assert_true(file_read(&b, path, &err));
        assert_slice(buf_slice(&b), "12345");
        buf_clear(&b);
        buf_init(&b, 4);
        assert_false(file_read(&b, path, &err));
        assert_int_equal(err.kind, ERR_FULL);
        buf_clear(&b);
        assert_false(file_read(&b, under(*state, "none"), &err));
        assert_int_equal(err.kind, ERR_CONFIG);
        assert_non_null(strstr(err.text, "does not exist"));
        assert_false(file_read(&b, *state, &err)); /* a directory */
        assert_int_equal(err.kind, ERR_SYSTEM);
        buf_clear(&b);
}

static void dir__is_made_with_its_parents(void **state)
{
        struct err err = ERR_INIT;
        uint64_t room = 0;
        const char *path = under(*state, "a/b//c/");
        assert_true(dir_make(path, 0700, &err));
        assert_true(dir_make(path, 0700, &err));
        assert_int_equal(mode_of(under(*state, "a/b")), 0700);
        assert_true(dir_sync(path, &err));
        assert_true(dir_free_bytes(path, &room, &err));
        assert_true(room > 0);
        assert_true(file_save(under(*state, "f"), SLICE(""), 0600, &err));
        assert_false(dir_make(under(*state, "f/g"), 0700, &err));
        assert_false(dir_make(under(*state, "f"), 0700, &err));
        assert_int_equal(err.kind, ERR_CONFIG);
        assert_false(dir_make("", 0700, &err));
        assert_false(dir_sync(under(*state, "none"), &err));
        assert_false(dir_free_bytes(under(*state, "none"), &room, &err));
}

static bool gather(const char *name, void *ctx)
{
        buf_printf(ctx, "%s ", name);
        return strcmp(name, "stop.csv") != 0;
}

static size_t names_in(const char *folder)
{
        struct err err = ERR_INIT;
        struct buf b;
        size_t n = 0;
        buf_init(&b, 10000);
        assert_true(dir_each(folder, "*", gather, &b, &err));
        for (size_t i = 0; i < b.n; i++)
                n += b.p[i] == ' ';
        buf_clear(&b);
        return n;
}

static void dir__lists_regular_files_sorted(void **state)
{
        struct err err = ERR_INIT;
        struct buf b;
        buf_init(&b, 1000);
        static const char *const names[] = { "b.csv", "a.csv", "c.txt", "a.csv.gz", ".hidden.csv" };
        for (size_t i = 0; i < 5; i++)
                assert_true(file_save(under(*state, names[i]), SLICE(""), 0600, &err));
        assert_true(dir_make(under(*state, "dir.csv"), 0700, &err));
        assert_int_equal(symlink("a.csv", under(*state, "link.csv")), 0);
        assert_true(dir_each(*state, "*.csv", gather, &b, &err));
        assert_slice(buf_slice(&b), ".hidden.csv a.csv b.csv ");
        buf_reset(&b);
        assert_int_equal(symlink("dir.csv", under(*state, "linked_dir.csv")), 0);
        assert_int_equal(symlink("nowhere", under(*state, "broken.csv")), 0);
        assert_true(dir_each_linked(*state, "*.csv", gather, &b, &err));
        assert_slice(buf_slice(&b), ".hidden.csv a.csv b.csv link.csv ");
        buf_reset(&b);
        assert_true(file_save(under(*state, "stop.csv"), SLICE(""), 0600, &err));
        assert_true(file_save(under(*state, "z.csv"), SLICE(""), 0600, &err));
        assert_true(dir_each(*state, "[a-z]*.csv", gather, &b, &err)); /* no brackets in our globs */
        assert_slice(buf_slice(&b), "");
        assert_true(dir_each(*state, "?*.csv", gather, &b, &err));
        assert_null(strstr(b.p, "z.csv"));
        assert_false(dir_each(under(*state, "none"), "*", gather, &b, &err));
        assert_int_equal(err.kind, ERR_CONFIG);
        buf_clear(&b);
}

static void lock__is_held_by_one(void **state)
{
        struct err err = ERR_INIT;
        int first, second;
        const char *path = under(*state, "LOCK");
        assert_true(file_lock(&first, path, &err));
        assert_false(file_lock(&second, path, &err));
        assert_int_equal(err.kind, ERR_BUSY);
        assert_int_equal(second, -1);
        close(first);
        assert_true(file_lock(&second, path, &err));
        close(second);
        assert_false(file_lock(&second, under(*state, "no/LOCK"), &err));
}

static void write_all__writes_all(void **state)
{
        struct err err = ERR_INIT;
        struct buf b;
        buf_init(&b, 100);
        int fd = open(under(*state, "x"), O_RDWR | O_CREAT, 0600);
        assert_true(fd_write_all(fd, SLICE("abcdef"), &err));
        assert_true(fd_pwrite_all(fd, SLICE("XY"), 2, &err));
        close(fd);
        assert_true(file_read(&b, under(*state, "x"), &err));
        assert_slice(buf_slice(&b), "abXYef");
        buf_clear(&b);
        assert_false(fd_write_all(-1, SLICE("x"), &err));
        fd = open("/dev/full", O_WRONLY);
        assert_false(fd_write_all(fd, SLICE("x"), &err));
        assert_int_equal(err.kind, ERR_FULL);
        close(fd);
}

static void secret__comes_from_a_file_that_others_cannot_read(void **state)
{
        struct err err = ERR_INIT;
        struct buf b;
        const char *path = under(*state, "token");
        buf_init(&b, 5000);
        assert_true(file_save(path, SLICE("s3cret\r\n"), 0600, &err));
        assert_true(secret_load(&b, path, NULL, &err));
        assert_slice(buf_slice(&b), "s3cret");
        buf_wipe(&b);
        chmod(path, 0644);
        assert_false(secret_load(&b, path, NULL, &err));
        assert_int_equal(err.kind, ERR_CONFIG);
        assert_non_null(strstr(err.hint, "chmod 600"));
        assert_null(strstr(err.text, "s3cret"));
        assert_int_equal(b.n, 0);
        chmod(path, 0640);
        assert_true(secret_load(&b, path, "", &err));
        buf_wipe(&b);
        assert_true(file_save(path, SLICE("\n"), 0600, &err));
        assert_false(secret_load(&b, path, NULL, &err));
        assert_false(secret_load(&b, under(*state, "none"), NULL, &err));
        assert_int_equal(err.kind, ERR_CONFIG);
        assert_false(secret_load(&b, *state, NULL, &err));
        assert_int_equal(err.kind, ERR_CONFIG);
        char endless[5001];
        memset(endless, 'x', sizeof endless);
        assert_true(file_save(path, slice_make(endless, sizeof endless), 0600, &err));
        assert_false(secret_load(&b, path, NULL, &err));
        buf_wipe(&b);
}

static void secret__comes_from_the_environment_otherwise(void **state)
{
        (void)state;
        struct err err = ERR_INIT;
        struct buf b;
        buf_init(&b, 100);
        setenv("TRIBUTARY_UNIT_SECRET", "abc", 1);
        assert_true(secret_load(&b, NULL, "TRIBUTARY_UNIT_SECRET", &err));
        assert_slice(buf_slice(&b), "abc");
        buf_wipe(&b);
        unsetenv("TRIBUTARY_UNIT_SECRET");
        assert_false(secret_load(&b, "", "TRIBUTARY_UNIT_SECRET", &err));
        assert_non_null(strstr(err.text, "TRIBUTARY_UNIT_SECRET"));
        assert_false(secret_load(&b, NULL, NULL, &err));
        assert_int_equal(err.kind, ERR_CONFIG);
}

static void key__is_made_once_and_read_whole(void **state)
{
        struct err err = ERR_INIT;
        uint8_t a[32], b[32];
        const char *path = under(*state, "key");
        assert_true(secret_create(path, 32, &err));
        assert_int_equal(mode_of(path), 0600);
        assert_false(secret_create(path, 32, &err));
        assert_int_equal(err.kind, ERR_BUSY);
        assert_true(secret_read_key(a, 32, path, &err));
        assert_true(secret_create(under(*state, "key2"), 32, &err));
        assert_true(secret_read_key(b, 32, under(*state, "key2"), &err));
        assert_memory_not_equal(a, b, 32);
        assert_false(secret_read_key(a, 31, path, &err));
        assert_int_equal(err.kind, ERR_CONFIG);
        chmod(path, 0604);
        assert_false(secret_read_key(a, 32, path, &err));
        assert_false(secret_read_key(a, 32, under(*state, "none"), &err));
        assert_int_equal(err.kind, ERR_CONFIG);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(file__is_replaced_whole, begin, finish),
                cmocka_unit_test_setup_teardown(file__is_created_only_where_none_is, begin, finish),
                cmocka_unit_test_setup_teardown(file__is_read_up_to_the_ceiling, begin, finish),
                cmocka_unit_test_setup_teardown(dir__is_made_with_its_parents, begin, finish),
                cmocka_unit_test_setup_teardown(dir__lists_regular_files_sorted, begin, finish),
                cmocka_unit_test_setup_teardown(lock__is_held_by_one, begin, finish),
                cmocka_unit_test_setup_teardown(write_all__writes_all, begin, finish),
                cmocka_unit_test_setup_teardown(secret__comes_from_a_file_that_others_cannot_read, begin,
                                                finish),
                cmocka_unit_test(secret__comes_from_the_environment_otherwise),
                cmocka_unit_test_setup_teardown(key__is_made_once_and_read_whole, begin, finish),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
