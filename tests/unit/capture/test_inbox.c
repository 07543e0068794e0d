/* Files put into an inbox: whole, under their name, never over another's. */
#include "capture_fixture.h"

#include <fcntl.h>

#include "capture/inbox.h"

static char inbox[128];

static int start(void **state)
{
        struct err err = ERR_INIT;
        begin_capture(state);
        snprintf(inbox, sizeof inbox, "%s/inbox/notes", state_dir);
        must(inbox_make(inbox, &err), &err);
        return 0;
}

static struct err put(const char *name, bool again, const char *text, size_t n, uint64_t max)
{
        struct err err = ERR_INIT;
        const struct inbox_file f = { .inbox = inbox, .name = name, .again = again, .max_file = max };
        char path[200];
        snprintf(path, sizeof path, "%s/from", state_dir);
        must(file_save(path, slice_make(text, n), 0600, &err), &err);
        int fd = open(path, O_RDONLY);
        bool ok = inbox_drop(&f, fd, &err);
        assert_true(ok == (err.kind == ERR_NONE));
        close(fd);
        return err;
}

static const char *text_of(const char *name)
{
        static struct buf b;
        struct err err = ERR_INIT;
        char path[300];
        snprintf(path, sizeof path, "%s/%s", inbox, name);
        buf_clear(&b);
        buf_init(&b, 1 << 20);
        must(file_read(&b, path, &err), &err);
        return b.p;
}

static bool count(const char *name, void *ctx)
{
        (void)name;
        ++*(int *)ctx;
        return true;
}

static int files(void)
{
        int n = 0;
        struct err err = ERR_INIT;
        must(dir_each(inbox, "*", count, &n, &err), &err);
        return n;
}

static void a_dropped_file__is_there_whole_and_for_its_owner_alone(void **state)
{
        (void)state;
        struct stat st;
        char path[300];
        assert_int_equal(put("a.csv", false, "x,y\n", 4, 100).kind, ERR_NONE);
        assert_string_equal(text_of("a.csv"), "x,y\n");
        snprintf(path, sizeof path, "%s/a.csv", inbox);
        assert_int_equal(stat(path, &st), 0);
        assert_int_equal(st.st_mode & 0777, 0600);
        assert_int_equal(put("a.csv", true, "z\n", 2, 100).kind, ERR_NONE);
        assert_string_equal(text_of("again/a.csv"), "z\n");
        assert_int_equal(files(), 1);
}

static void a_waiting_file__is_never_replaced(void **state)
{
        (void)state;
        assert_int_equal(put("a.csv", false, "first\n", 6, 100).kind, ERR_NONE);
        assert_int_equal(put("a.csv", false, "second\n", 7, 100).kind, ERR_BUSY);
        assert_string_equal(text_of("a.csv"), "first\n");
        assert_int_equal(files(), 1);
}

static void what_the_folder_would_not_take__is_refused_and_leaves_nothing(void **state)
{
        (void)state;
        static const char *const names[] = { "a.xlsx", ".a.csv", "", "a/b.csv", "../a.csv", "csv", "a.csv.part" };
        for (size_t i = 0; i < sizeof names / sizeof *names; i++)
                assert_int_equal(put(names[i], false, "x\n", 2, 100).kind, ERR_DENIED);
        assert_int_equal(put("a.csv", false, "0123456789", 10, 9).kind, ERR_DENIED);
        assert_int_equal(put("a.csv", false, "012345678", 9, 9).kind, ERR_NONE);
        assert_int_equal(put("a.csv.gz", false, "not packed", 10, 100).kind, ERR_DENIED);
        assert_int_equal(files(), 1);
}

static void an_inbox_that_is_not_made_yet__says_who_makes_it(void **state)
{
        (void)state;
        strcat(inbox, "-none");
        struct err err = put("a.csv", false, "x\n", 2, 100);
        assert_int_equal(err.kind, ERR_SYSTEM);
        assert_non_null(strstr(err.hint, "when it starts"));
}

static void a_report__is_that_of_this_file_and_not_of_an_earlier_one(void **state)
{
        (void)state;
        const struct inbox_file f = { .inbox = inbox, .name = "a.csv" };
        struct err err = ERR_INIT;
        char name[256], path[600], stem[INBOX_STEM];
        static const char *const of[] = { "a.csv", "a.csv", "b.csv", "a.csv.gz" };
        static const int64_t at[] = { 1000, 3000, 2500, 2600 };
        for (size_t i = 0; i < 4; i++) {
                inbox_stem(stem, of[i], at[i]);
                snprintf(path, sizeof path, "%s/done/%s.json", inbox, stem);
                must(file_save(path, SLICE("{}"), 0600, &err), &err);
        }
        assert_true(inbox_report(&f, 2000, name));
        inbox_stem(stem, "a.csv", 3000);
        assert_memory_equal(name, stem, strlen(stem));
        assert_false(inbox_report(&f, 3001, name));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, start, end_capture)

int main(void)
{
        const struct CMUnitTest tests[] = {
                TEST(a_dropped_file__is_there_whole_and_for_its_owner_alone),
                TEST(a_waiting_file__is_never_replaced),
                TEST(what_the_folder_would_not_take__is_refused_and_leaves_nothing),
                TEST(an_inbox_that_is_not_made_yet__says_who_makes_it),
                TEST(a_report__is_that_of_this_file_and_not_of_an_earlier_one),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
