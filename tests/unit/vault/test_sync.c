/* test_sync.c - disks that fail: the order of syncs, and what is promised after one. */
#include "help.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/resource.h>

#include "io.h"

/* ---- a disk under control -------------------------------------------------- */

static struct {
        atomic_uint fail;        /* bit i: the i-th sync from now on fails */
        atomic_int write_errno;  /* 0: writes work */
        atomic_int writes, syncs;
        atomic_int unsynced;     /* writes since the last sync */
        pthread_mutex_t gate;    /* held: syncs wait */
        atomic_int waiting;
} disk = { .gate = PTHREAD_MUTEX_INITIALIZER };

static ssize_t fake_pwrite(int fd, const void *bytes, size_t n, off_t at)
{
        int e = atomic_load(&disk.write_errno);

        if (e) {
                if (n > 100) { /* some of it reaches the disk, as when it fills up */
                        atomic_store(&disk.write_errno, e);
                        return pwrite(fd, bytes, n / 2, at) >= 0 ? (errno = e, -1) : -1;
                }
                errno = e;
                return -1;
        }
        atomic_fetch_add(&disk.writes, 1);
        atomic_fetch_add(&disk.unsynced, 1);
        return pwrite(fd, bytes, n, at);
}

static int fake_fdatasync(int fd)
{
        (void)fd;
        atomic_fetch_add(&disk.waiting, 1);
        pthread_mutex_lock(&disk.gate);
        pthread_mutex_unlock(&disk.gate);
        atomic_fetch_sub(&disk.waiting, 1);
        atomic_fetch_add(&disk.syncs, 1);
        atomic_store(&disk.unsynced, 0);
        unsigned fail = atomic_load(&disk.fail);
        atomic_store(&disk.fail, fail >> 1);
        if (fail & 1) {
                errno = EIO;
                return -1;
        }
        return 0;
}

static int use_fake_disk(void **state)
{
        in_memory = true;
        disk.fail = 0;
        disk.write_errno = 0;
        disk.writes = disk.syncs = disk.unsynced = 0;
        vault_io.pwrite = fake_pwrite;
        vault_io.fdatasync = fake_fdatasync;
        return make_state(state);
}

static int use_real_disk(void **state)
{
        vault_io.pwrite = pwrite;
        vault_io.fdatasync = fdatasync;
        return drop_state(state);
}

/* ---- groups without blocking ------------------------------------------------ */

static void submit(struct vault *v, struct vault_group *g, struct mailbox *reply,
                   struct vault_item *items, size_t n)
{
        *g = (struct vault_group){ .reply = reply, .items = items, .n = n };
        assert_true(vault_submit(v, g));
}

static void await_answers(struct mailbox *reply, int n)
{
        while (n > 0) {
                struct letter *l = mailbox_wait(reply, 10 * 1000 * 1000);
                assert_non_null(l);
                for (; l; l = l->next)
                        n--;
        }
        assert_int_equal(n, 0);
}

static void wait_until_syncing(void)
{
        while (atomic_load(&disk.waiting) == 0)
                sched_yield();
}

/* Makes the groups of `submit_all` share a commit: the gate holds the one before it. */
static void in_one_commit(struct vault *v, void (*submit_all)(struct vault *, struct mailbox *),
                          struct mailbox *reply)
{
        struct vault_item item = item_of("first", NULL, "", "first");
        struct mailbox *reply_to_first = mailbox_new(1);
        struct vault_group g;

        pthread_mutex_lock(&disk.gate);
        submit(v, &g, reply_to_first, &item, 1);
        wait_until_syncing();
        submit_all(v, reply);
        pthread_mutex_unlock(&disk.gate);
        await_answers(reply_to_first, 1);
        assert_true(g.ok);
        mailbox_free(reply_to_first);
}

/* ---- tests ------------------------------------------------------------------ */

static void vault__answers_only_after_the_sync(void **state)
{
        struct vault *v = open_vault(NULL);
        struct mailbox *reply = mailbox_new(4);
        struct vault_item item = item_of("1", "github:1", "", "x");
        struct vault_group g;

        (void)state;
        pthread_mutex_lock(&disk.gate);
        submit(v, &g, reply, &item, 1);
        wait_until_syncing();
        assert_true(atomic_load(&disk.writes) > 0);
        assert_null(mailbox_take(reply));
        assert_int_equal(vault_mark(v).seq, 0);
        pthread_mutex_unlock(&disk.gate);
        await_answers(reply, 1);
        assert_true(g.ok);
        assert_int_equal(atomic_load(&disk.unsynced), 0);
        assert_int_equal(vault_mark(v).seq, 1);
        vault_close(v);
        mailbox_free(reply);
}

/* The subject's key is in keys.db, committed, before a byte of its entry is written. */
static void vault__commits_keys_before_it_writes(void **state)
{
        struct vault *v = open_vault(NULL);
        struct mailbox *reply = mailbox_new(4);
        struct vault_item item = item_of("1", "github:77", "", "x");
        struct vault_group g;
        struct db *d;
        struct db_stmt *s;
        char path[128];
        bool row;

        (void)state;
        pthread_mutex_lock(&disk.gate);
        submit(v, &g, reply, &item, 1);
        wait_until_syncing();
        snprintf(path, sizeof path, "%s/keys.db", state_dir);
        assert_true(db_open_read_only(&d, path, NULL));
        s = db_prepare(d, "SELECT (SELECT count(*) FROM subject WHERE number > 0),"
                          " (SELECT count(*) FROM period), (SELECT count(*) FROM identity)");
        assert_true(db_step(s, &row, NULL) && row);
        assert_int_equal(db_int(s, 0), 1);
        assert_int_equal(db_int(s, 1), 1);
        assert_int_equal(db_int(s, 2), 1);
        db_close(d);
        pthread_mutex_unlock(&disk.gate);
        await_answers(reply, 1);
        vault_close(v);
        mailbox_free(reply);
}

enum { CROWD = 500 };
static struct vault_item crowd_items[CROWD];
static struct vault_group crowd[CROWD];

static void submit_crowd(struct vault *v, struct mailbox *reply)
{
        for (int i = 0; i < CROWD; i++) {
                crowd_items[i] = item_of("id", NULL, "", "x");
                submit(v, &crowd[i], reply, &crowd_items[i], 1);
        }
}

static void vault__shares_one_sync_among_all_who_wait(void **state)
{
        struct vault *v = open_vault(NULL);
        struct mailbox *reply = mailbox_new(4);

        (void)state;
        in_one_commit(v, submit_crowd, reply);
        await_answers(reply, CROWD);
        assert_int_equal(atomic_load(&disk.syncs), 2);
        vault_close(v);
        mailbox_free(reply);
}

static struct vault_item a_items[2], b_items[2], ab_items[2];
static struct vault_group group_a, group_b, group_ab;

static void submit_three(struct vault *v, struct mailbox *reply)
{
        a_items[0] = item_of("a1", NULL, "a", "a1");
        a_items[1] = item_of("a2", NULL, "a", "a2");
        b_items[0] = item_of("b1", NULL, "b", "b1");
        b_items[1] = item_of("b2", NULL, "b", "b2");
        ab_items[0] = item_of("c1", NULL, "a", "c1");
        ab_items[1] = item_of("c2", NULL, "b", "c2");
        submit(v, &group_a, reply, a_items, 2);
        submit(v, &group_ab, reply, ab_items, 2);
        submit(v, &group_b, reply, b_items, 2);
}

static void expect_after_failure(struct vault *v)
{
        struct vault_reader *r = open_reader(v, (struct position){ 0, 0 });

        expect_entry(r, "before");
        expect_entry(r, "first");
        expect_entry(r, "b1");
        expect_entry(r, "b2");
        expect_entry(r, "after");
        expect(r, VAULT_END);
        vault_reader_close(r);
}

/* Slot 1 is class a's. Its sync fails: whoever has an entry there is refused; class b's
 * group is written anew, and nobody's entry is there twice, also after a crash. */
static void vault__refuses_only_groups_of_the_file_that_failed(void **state)
{
        struct vault *v = open_vault(NULL);
        struct mailbox *reply = mailbox_new(4);
        struct vault_found found;
        struct vault_status status;

        (void)state;
        append(v, NULL, "a", "before"); /* class a's file exists already */
        disk.fail = 2; /* "first" is synced, then class a's file is not */
        in_one_commit(v, submit_three, reply);
        await_answers(reply, 3);
        assert_false(group_a.ok);
        assert_int_equal(group_a.err.kind, ERR_RETRY);
        assert_false(group_ab.ok);
        assert_true(group_b.ok);
        assert_int_equal(b_items[0].at.seq, 3);
        append(v, NULL, "a", "after");
        expect_after_failure(v);
        vault_status(v, &status);
        assert_false(status.failed);
        vault_close(v);
        v = open_vault(&found);
        expect_after_failure(v);
        assert_int_equal(found.entries, 5);
        vault_close(v);
        run_in_keys_db("UPDATE epoch SET durable_to = 0");
        v = open_vault(&found);
        expect_after_failure(v);
        vault_close(v);
        mailbox_free(reply);
}

static atomic_int stopped;
static void note_stop(void *ctx, const struct err *err)
{
        (void)ctx;
        assert_int_equal(err->kind, ERR_SYSTEM);
        atomic_fetch_add(&stopped, 1);
}

static int silence(void)
{
        int saved = dup(2);

        assert_non_null(freopen("/dev/null", "w", stderr));
        return saved;
}

static void speak(int saved)
{
        dup2(saved, 2);
        close(saved);
}

static void vault__ends_when_a_sync_fails_twice(void **state)
{
        struct vault_item item = item_of("1", NULL, "", "x");
        struct vault_group g;
        struct vault_status status;
        struct err err = ERR_INIT;
        struct vault *v = open_vault(NULL);
        struct vault_reader *r;
        int saved = silence();

        (void)state;
        atomic_store(&stopped, 0);
        vault_on_failure(v, note_stop, NULL);
        append(v, NULL, "", "kept");
        disk.fail = 1;
        assert_false(vault_append(v, &item, 1, &err));
        assert_int_equal(err.kind, ERR_RETRY);
        assert_int_equal(atomic_load(&stopped), 0);
        assert_true(vault_append(v, &item, 1, &err));
        disk.fail = 1; /* later, and once: the disk is not to be trusted */
        assert_false(vault_append(v, &item, 1, &err));
        assert_int_equal(err.kind, ERR_SYSTEM);
        assert_int_equal(atomic_load(&stopped), 1);
        assert_false(vault_append(v, &item, 1, &err));
        assert_int_equal(err.kind, ERR_SYSTEM);
        g = (struct vault_group){ .items = &item, .n = 1 };
        assert_false(vault_submit(v, &g));
        vault_status(v, &status);
        assert_true(status.failed);
        assert_int_equal(atomic_load(&stopped), 1);
        vault_close(v);
        v = open_vault(NULL);
        speak(saved);
        r = open_reader(v, (struct position){ 0, 0 });
        expect_entry(r, "kept");
        expect_entry(r, "x");
        vault_reader_close(r);
        vault_close(v);
}

static void vault__ends_when_writing_anew_fails_too(void **state)
{
        struct vault *v = open_vault(NULL);
        struct mailbox *reply = mailbox_new(4);
        int saved = silence();

        (void)state;
        atomic_store(&stopped, 0);
        vault_on_failure(v, note_stop, NULL);
        append(v, NULL, "a", "before");
        disk.fail = 2 | 8; /* class a's file; then what class b's group was written to anew */
        in_one_commit(v, submit_three, reply);
        await_answers(reply, 3);
        assert_false(group_a.ok || group_b.ok || group_ab.ok);
        assert_int_equal(group_b.err.kind, ERR_SYSTEM);
        assert_int_equal(atomic_load(&stopped), 1);
        vault_close(v);
        speak(saved);
        mailbox_free(reply);
}

/* All files of a commit fail at once: that is one failure, and nobody is left to be kept. */
static void vault__goes_on_after_one_failure(void **state)
{
        struct vault *v = open_vault(NULL);
        struct mailbox *reply = mailbox_new(4);
        struct vault_reader *r;
        int saved = silence();

        (void)state;
        atomic_store(&stopped, 0);
        vault_on_failure(v, note_stop, NULL);
        disk.fail = 2 | 4;
        in_one_commit(v, submit_three, reply);
        await_answers(reply, 3);
        speak(saved);
        assert_false(group_a.ok || group_b.ok || group_ab.ok);
        assert_int_equal(group_b.err.kind, ERR_RETRY);
        assert_int_equal(atomic_load(&stopped), 0);
        append(v, NULL, "a", "second");
        r = open_reader(v, (struct position){ 0, 0 });
        expect_entry(r, "first");
        expect_entry(r, "second");
        expect(r, VAULT_END);
        vault_reader_close(r);
        vault_close(v);
        mailbox_free(reply);
}

static void vault__takes_back_what_a_full_disk_cut_short(void **state)
{
        struct vault *v = open_vault(NULL);
        struct vault_item items[3] = { item_of("1", "github:1", "a", "refused 1"),
                                       item_of("2", "github:2", "b", "refused 2"),
                                       item_of("3", "github:1", "a", "refused 3") };
        struct vault_found found;
        struct vault_status status;
        struct err err = ERR_INIT;
        struct vault_reader *r;
        int saved = silence();

        (void)state;
        append(v, NULL, "a", "1");
        disk.write_errno = ENOSPC;
        assert_false(vault_append(v, items, 3, &err));
        assert_int_equal(err.kind, ERR_FULL);
        vault_status(v, &status);
        assert_true(status.full);
        assert_false(vault_append(v, items, 3, &err));
        disk.write_errno = 0;
        append(v, NULL, "b", "2"); /* as soon as there is room */
        append(v, NULL, "a", "3");
        vault_status(v, &status);
        assert_false(status.full);
        for (int i = 0; i < 2; i++) {
                r = open_reader(v, (struct position){ 0, 0 });
                expect_entry(r, "1");
                expect_entry(r, "2");
                expect_entry(r, "3");
                expect(r, VAULT_END);
                vault_reader_close(r);
                vault_close(v);
                forget_closing();
                v = open_vault(&found);
                assert_int_equal(found.entries, 3);
        }
        vault_close(v);
        speak(saved);
}

/* ---- a disk that really is full --------------------------------------------- */

static int appended_until_full(struct vault *v, struct err *err)
{
        static char big[50000];
        struct vault_item item = item_of("x", NULL, "", NULL);
        int n = 0;

        item.plain = slice_make(big, sizeof big);
        while (n < 1000 && vault_append(v, &item, 1, err))
                n++;
        return n;
}

static void count_entries(struct vault *v, int want)
{
        struct vault_reader *r = open_reader(v, (struct position){ 0, 0 });

        for (int i = 0; i < want; i++)
                expect(r, VAULT_ENTRY);
        expect(r, VAULT_END);
        vault_reader_close(r);
}

static void vault__bears_a_limit_on_file_sizes(void **state)
{
        struct rlimit before, small;
        struct vault_settings s = small_settings();
        struct err err = ERR_INIT;
        struct vault_found found;
        struct vault *v;
        int n, saved = silence();

        (void)state;
        signal(SIGXFSZ, SIG_IGN);
        s.segment_bytes = 64 << 20;
        v = open_vault_with(&s, NULL);
        assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
        small = before;
        small.rlim_cur = 2500000;
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
        n = appended_until_full(v, &err);
        assert_int_equal(err.kind, ERR_FULL);
        assert_int_equal(n, 49);
        count_entries(v, n);
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
        append(v, NULL, "", "room again");
        vault_close(v);
        v = open_vault(&found);
        speak(saved);
        assert_int_equal(found.entries, n + 1);
        assert_int_equal(found.torn_entries, 0);
        vault_close(v);
}

static void vault__bears_a_full_file_system(void **state)
{
        char mountpoint[160];
        struct vault_settings s = small_settings();
        struct err err = ERR_INIT;
        struct vault *v;
        int n, m, saved;

        (void)state;
        snprintf(mountpoint, sizeof mountpoint, "%s/vault", state_dir);
        assert_true(dir_make(mountpoint, 0700, NULL));
        if (mount("tmpfs", mountpoint, "tmpfs", 0, "size=3m") != 0) {
                print_message("not permitted to mount a tmpfs: skipped\n");
                skip();
        }
        saved = silence();
        s.segment_bytes = 1 << 20;
        v = open_vault_with(&s, NULL);
        n = appended_until_full(v, &err);
        m = err.kind == ERR_FULL ? 0 : -1;
        vault_close(v);
        v = open_vault_with(&s, NULL);
        count_entries(v, n);
        vault_close(v);
        umount(mountpoint);
        speak(saved);
        assert_int_equal(m, 0);
        assert_true(n > 40 && n < 63);
}

#define F(f) cmocka_unit_test_setup_teardown(f, use_fake_disk, use_real_disk)

int main(void)
{
        const struct CMUnitTest tests[] = {
                F(vault__answers_only_after_the_sync),
                F(vault__commits_keys_before_it_writes),
                F(vault__shares_one_sync_among_all_who_wait),
                F(vault__refuses_only_groups_of_the_file_that_failed),
                F(vault__ends_when_a_sync_fails_twice),
                F(vault__ends_when_writing_anew_fails_too),
                F(vault__goes_on_after_one_failure),
                F(vault__takes_back_what_a_full_disk_cut_short),
                T(vault__bears_a_limit_on_file_sizes),
                T(vault__bears_a_full_file_system),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
