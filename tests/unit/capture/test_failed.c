/* Refused lines within an erasure's reach: what names a person goes, what does not stays. */
#include "capture_fixture.h"

#include <fcntl.h>
#include <sys/wait.h>

#include "capture/failed.h"
#include "capture/inbox.h"
#include "failed_file.h"

static char inbox[128];
static struct keyer *keyer;
static struct failed_forgotten gone;

static int start(void **state)
{
        struct err err = ERR_INIT;
        begin_capture(state);
        snprintf(inbox, sizeof inbox, "%s/inbox/notes", state_dir);
        must(inbox_make(inbox, &err), &err);
        must(keyer_open(&keyer, state_dir, &err), &err);
        return 0;
}

static int stop(void **state)
{
        keyer_close(keyer);
        return end_capture(state);
}

static const char *path_of(const char *name)
{
        static char path[512];
        snprintf(path, sizeof path, "%s/failed/%s.sealed", inbox, name);
        return path;
}

/* Rows are parted by '|'; without: sealed whole. */
static void seal_bytes(const char *name, bool rows, const char *text, size_t n)
{
        struct err err = ERR_INIT;
        struct failed *f;
        must(failed_begin(&f, path_of(name), keyer, &err), &err);
        for (const char *p = text, *end = text + n; p < end;) {
                const char *bar = rows ? memchr(p, '|', (size_t)(end - p)) : NULL;
                size_t m = (size_t)((bar ? bar : end) - p);
                if (rows)
                        must(failed_row(f, &err), &err);
                must(failed_put(f, slice_make(p, m), &err), &err);
                p += m + (bar != NULL);
        }
        must(failed_commit(&f, &err), &err);
}

static void seal(const char *name, const char *rows)
{
        seal_bytes(name, true, rows, strlen(rows));
}

static const char *left(const char *name)
{
        static struct buf b;
        struct err err = ERR_INIT;
        buf_clear(&b);
        buf_init(&b, 1 << 20);
        if (!file_exists(path_of(name)))
                return "(gone)";
        must(failed_read(&b, path_of(name), keyer, &err), &err);
        return b.p;
}

static void forget(const char *identity)
{
        struct err err = ERR_INIT;
        const struct slice who[] = { slice_of(identity) };
        gone = (struct failed_forgotten){ 0 };
        must(failed_forget(inbox, keyer, who, 1, &gone, &err), &err);
}

static void rows_that_name_the_person__go_and_the_others_stay(void **state)
{
        (void)state;
        seal("a.ndjson.1", "{\"author\":\"Ann\"}\n|{\"author\":\"annette\"}\n|broken ann_2\n|said @ann: hi\n|nobody\n");
        forget("forum:handle:ann");
        assert_string_equal(left("a.ndjson.1"), "{\"author\":\"annette\"}\nbroken ann_2\nnobody\n");
        assert_int_equal(gone.rows, 2);
        assert_int_equal(gone.rewritten, 1);
        assert_int_equal(gone.removed, 0);
}

static void a_row_over_lines__goes_whole(void **state)
{
        (void)state;
        seal("s.csv.1", "2,someday,\"over\ntwo lines by ann@example.com\"\n|3,never,\"one\"\n");
        forget("email:ann@example.com");
        assert_string_equal(left("s.csv.1"), "3,never,\"one\"\n");
        /* Also where the file was sealed whole, and nothing marks its rows. */
        static const char sheet[] = "nr,text\n1,\"two\nlines, ann@example.com\"\n2,\"say \"\"x\"\"\"\n3,plain \"quote\n4,last\n";
        seal_bytes("t.csv.1", false, sheet, sizeof sheet - 1);
        forget("email:ann@example.com");
        assert_string_equal(left("t.csv.1"), "nr,text\n2,\"say \"\"x\"\"\"\n3,plain \"quote\n4,last\n");
}

static void a_name_written_otherwise__is_found(void **state)
{
        (void)state;
        static const char *const rows[] = {
                "ANN@Example.COM\n", "ann\\u0040example.com\n", "\\u0061nn@example.com\n", "mailto:ann%40example.com\n",
                "ann&#64;example.com\n", "ann&#x40;example&#46;com;\n", "xann@example.com.au\n", "\"ann@\"\"example.com\"\n|",
                ("\xe7\x94\xb1" "ann@example.com\xe6\x8f\x90\xe4\xbe\x9b\n"), "caf\xe9 ann@example.com\n",
        };
        for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
                seal("a.ndjson.1", rows[i]);
                forget("email:ann@example.com");
                if (i != 7) /* quotes within an address are another address */
                        assert_string_equal(left("a.ndjson.1"), "(gone)");
        }
        seal("a.ndjson.1", "\xe7\x94\xb1""bo\xe6\x8f\x90\n|caf\xe9 xbo\n|{\"h\":\"\\u0062o\"}\n|C:\\bo\n|boo\n");
        forget("forum:handle:bo");
        assert_string_equal(left("a.ndjson.1"), "boo\n");
        seal("a.ndjson.1", "{\"n\":\"Jos\\u00e9\"}\n|Jos\xc3\xa9\n|Jos%C3%A9\n|\\ud83d\\ude00 smile\n|josef\n");
        forget("forum:handle:Jos\xc3\xa9");
        assert_string_equal(left("a.ndjson.1"), "\\ud83d\\ude00 smile\njosef\n");
        assert_int_equal(gone.rows, 3);
}

static void another_encoding__is_decided_for_forgetting(void **state)
{
        (void)state;
        static const char le[] = "\xff\xfe" "h\0i\0 \0A\0n\0n\0@\0x\0.\0d\0e\0\n", be[] = "\xfe\xff" "\0a\0n\0n\0@\0x\0.\0d\0e\0\n";
        static const char zip[] = "PK\x03\x04rest of it", gz[] = "\x1f\x8b\x08 of it";
        seal_bytes("le.csv.1", false, le, sizeof le - 1);
        seal_bytes("be.csv.1", false, be, sizeof be - 1);
        seal_bytes("zip.csv.1", false, zip, sizeof zip - 1);
        seal_bytes("gz.csv.1", false, gz, sizeof gz - 1);
        seal("latin.csv.1", "caf\xe9\n|plain\n");
        forget("email:bob@x.de");
        assert_int_equal(gone.removed, 2);
        assert_string_equal(left("zip.csv.1"), "(gone)");
        assert_string_equal(left("gz.csv.1"), "(gone)");
        assert_string_equal(left("latin.csv.1"), "caf\xe9\nplain\n");
        forget("email:ann@x.de");
        assert_string_equal(left("le.csv.1"), "(gone)");
        assert_string_equal(left("be.csv.1"), "(gone)");
        /* A name that such bytes may hide: what cannot be told goes. */
        forget("forum:handle:Jos\xc3\xa9");
        assert_string_equal(left("latin.csv.1"), "plain\n");
}

static void what_cannot_be_opened__goes_whole(void **state)
{
        (void)state;
        struct err err = ERR_INIT;
        struct buf b;
        seal("a.ndjson.1", "nothing of hers\n");
        buf_init(&b, 1 << 20);
        must(file_read(&b, path_of("a.ndjson.1"), &err), &err);
        must(file_save(path_of("torn.ndjson.1"), slice_make(b.p, b.n - 3), 0600, &err), &err);
        must(file_save(path_of("strange"), SLICE("what is this"), 0600, &err), &err);
        buf_clear(&b);
        char half[600];
        snprintf(half, sizeof half, "%s.tmp", path_of("half"));
        must(file_save(half, SLICE("x"), 0600, &err), &err);
        seal("ann@x.de.csv.1", "her name is the file's\n");
        forget("email:ann@x.de");
        assert_string_equal(left("a.ndjson.1"), "nothing of hers\n");
        assert_string_equal(left("torn.ndjson.1"), "(gone)");
        assert_string_equal(left("strange"), "(gone)");
        assert_string_equal(left("ann@x.de.csv.1"), "(gone)");
        assert_false(file_exists(half));
        assert_int_equal(gone.removed, 3);
}

static void forgetting__keeps_the_age_and_takes_another_key(void **state)
{
        (void)state;
        struct err err = ERR_INIT;
        struct timespec old[2] = { { .tv_sec = 1000000 }, { .tv_sec = 1000000 } };
        struct stat st;
        struct buf before, after, held;
        seal("a.ndjson.1", "ann\n|bob\n");
        assert_int_equal(utimensat(AT_FDCWD, path_of("a.ndjson.1"), old, 0), 0);
        int fd = open(path_of("a.ndjson.1"), O_RDONLY);
        buf_init(&before, 1 << 20);
        buf_init(&after, 1 << 20);
        buf_init(&held, 1 << 20);
        must(file_read(&before, path_of("a.ndjson.1"), &err), &err);
        forget("ann");
        must(file_read(&after, path_of("a.ndjson.1"), &err), &err);
        assert_int_equal(stat(path_of("a.ndjson.1"), &st), 0);
        assert_int_equal(st.st_mtim.tv_sec, 1000000);
        assert_int_equal(st.st_mode & 0777, 0600);
        assert_memory_not_equal(before.p + 8, after.p + 8, 16);
        /* The old bytes, wherever they still lie, have lost their key's id. */
        char *to = buf_reserve(&held, before.n);
        assert_true(pread(fd, to, before.n, 0) == (ssize_t)before.n);
        for (int i = 0; i < 24; i++)
                assert_int_equal(to[i], 0);
        close(fd);
        buf_clear(&before);
        buf_clear(&after);
        buf_clear(&held);
}

/* A child is killed ever later on its way; then the parent ends what it began. */
static void forgetting__is_ended_after_a_kill_at_any_time(void **state)
{
        (void)state;
        struct buf rows;
        buf_init(&rows, 4 << 20);
        for (int round = 0; round < 24; round++) {
                size_t stays = 0;
                buf_reset(&rows);
                for (int i = 0; i < 300; i++) {
                        size_t before = rows.n;
                        buf_printf(&rows, "%s row %d\n", i % 3 ? "bob" : "ann", i);
                        stays += i % 3 ? rows.n - before : 0;
                        buf_putc(&rows, '|');
                }
                seal_bytes("a.ndjson.1", true, rows.p, rows.n);
                pid_t child = fork();
                if (child == 0) {
                        struct err err = ERR_INIT;
                        const struct slice who[] = { SLICE("ann") };
                        failed_forget(inbox, keyer, who, 1, &gone, &err);
                        _exit(0);
                }
                usleep((useconds_t)(round * 150));
                kill(child, SIGKILL);
                waitpid(child, NULL, 0);
                size_t n = strlen(left("a.ndjson.1")); /* the old or the new one, never less */
                forget("ann");
                assert_null(strstr(left("a.ndjson.1"), "ann"));
                assert_int_equal(strlen(left("a.ndjson.1")), stays);
                assert_true(n >= strlen(left("a.ndjson.1")));
                unlink(path_of("a.ndjson.1"));
        }
        buf_clear(&rows);
}

static void an_inbox_without_refused_lines__has_nothing_to_forget(void **state)
{
        (void)state;
        struct err err = ERR_INIT;
        const struct slice none[] = { SLICE("forum:handle: "), SLICE("") };
        forget("ann");
        assert_int_equal(gone.files, 0);
        assert_false(failed_forget(inbox, keyer, none, 2, &gone, &err));
        assert_int_equal(err.kind, ERR_DATA);
        strcat(inbox, "-none");
        forget("ann");
}

static bool note(const struct failed_entry *e, void *ctx)
{
        struct buf *b = ctx;
        buf_printf(b, "%s %s %d %d\n", e->name, e->report, (int)e->rows, e->readable);
        return true;
}

static bool show(struct slice row, void *ctx, struct err *err)
{
        (void)err;
        buf_put(ctx, row);
        buf_putc(ctx, '+');
        return true;
}

static void refused_lines__are_listed_and_shown(void **state)
{
        (void)state;
        struct err err = ERR_INIT;
        struct buf b;
        buf_init(&b, 1 << 20);
        seal("a.csv.1", "1,\"x\ny\"\n|2,z\n");
        must(file_save(path_of("b.csv.2"), SLICE("torn"), 0600, &err), &err);
        must(failed_each(inbox, keyer, note, &b, &err), &err);
        assert_string_equal(b.p, "a.csv.1.sealed a.csv.1.json 2 1\nb.csv.2.sealed b.csv.2.json 0 0\n");
        buf_reset(&b);
        must(failed_rows(inbox, "a.csv.1.sealed", keyer, show, &b, &err), &err);
        assert_string_equal(b.p, "1,\"x\ny\"\n+2,z\n+");
        assert_false(failed_rows(inbox, "b.csv.2.sealed", keyer, show, &b, &err));
        assert_false(failed_rows(inbox, "../done/x.sealed", keyer, show, &b, &err));
        assert_false(failed_rows(inbox, "c.sealed", keyer, show, &b, &err));
        buf_clear(&b);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, start, stop)

int main(void)
{
        const struct CMUnitTest tests[] = {
                TEST(rows_that_name_the_person__go_and_the_others_stay),
                TEST(a_row_over_lines__goes_whole),
                TEST(a_name_written_otherwise__is_found),
                TEST(another_encoding__is_decided_for_forgetting),
                TEST(what_cannot_be_opened__goes_whole),
                TEST(forgetting__keeps_the_age_and_takes_another_key),
                TEST(forgetting__is_ended_after_a_kill_at_any_time),
                TEST(an_inbox_without_refused_lines__has_nothing_to_forget),
                TEST(refused_lines__are_listed_and_shown),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
