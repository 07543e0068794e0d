/* test_reserve.c - a disk that is full to the last byte: what must go on, and what must not. */
#include "help.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "io.h"
#include "vault/state.h"

enum { MIB = 1 << 20, DISK = 48 * MIB, RESERVE = 16 * MIB };

static char filler[128];

/* The state on a file system of its own; false: not permitted here. */
static bool begin_on_small_disk(void)
{
        struct err err = ERR_INIT;
        char recovery[96], options[32];

        snprintf(options, sizeof options, "size=%d", DISK);
        remove_tree(state_dir);
        assert_true(dir_make(state_dir, 0700, NULL));
        if (mount("tmpfs", state_dir, "tmpfs", 0, options) != 0) {
                print_message("not permitted to mount a tmpfs: skipped\n");
                return false;
        }
        snprintf(recovery, sizeof recovery, "%s/recovery2", root);
        snprintf(filler, sizeof filler, "%s/filler", state_dir);
        if (!keys_generate(state_dir, recovery, &err))
                fail_msg("%s", err.text);
        return true;
}

static int end_small_disk(void **state)
{
        umount2(state_dir, MNT_DETACH);
        return drop_state(state);
}

static uint64_t free_now(void)
{
        uint64_t n = 0;

        assert_true(dir_free_bytes(state_dir, &n, NULL));
        return n;
}

/* Somebody else writes until not a byte is left. */
static void fill_disk(void)
{
        static const char bytes[64 * 1024] = { 1 };
        size_t n = sizeof bytes;
        int fd = open(filler, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);

        assert_true(fd >= 0);
        while (n > 0)
                if (write(fd, bytes, n) < 0)
                        n /= 2;
        close(fd);
        assert_int_equal(free_now(), 0);
}

static struct vault *open_with_reserve(void)
{
        struct vault_settings s = small_settings();

        s.reserve_bytes = RESERVE;
        s.min_free_bytes = 8 * MIB;
        return open_vault_with(&s, NULL);
}

static struct vault_status tidy(struct vault *v)
{
        struct vault_status s;
        struct err err = ERR_INIT;

        if (!vault_tidy(v, &err))
                fail_msg("%s", err.text);
        vault_status(v, &s);
        return s;
}

static void expect_refusal(struct vault *v)
{
        struct vault_item item = item_of("x", NULL, "eea", "refused");
        struct err err = ERR_INIT;

        assert_false(vault_append(v, &item, 1, &err));
        assert_int_equal(err.kind, ERR_FULL);
}

static bool keep_a_day(void *ctx, const char *class, int64_t *raw_us, int64_t *at_least_us)
{
        (void)class;
        (void)ctx;
        *raw_us = US_PER_DAY;
        *at_least_us = -1;
        return true;
}

static _Atomic int64_t shift;
static struct vault_io real;

static int64_t shifted_wall(void)
{
        return real.wall_us() + shift;
}

static int64_t shifted_boot(void)
{
        return real.boot_us() + shift;
}

static void a_reserve__is_real_and_given_back_step_by_step(void **state)
{
        struct reserve r = { 0 };
        char path[128];
        struct stat st;
        int steps = 0;

        (void)state;
        if (!begin_on_small_disk())
                skip();
        log_setup(LOG_LEVEL_ERROR, false);
        snprintf(path, sizeof path, "%s/reserve", state_dir);
        assert_true(reserve_open(&r, state_dir, RESERVE, NULL));
        assert_false(reserve_fill(&r, DISK)); /* beside what must stay free */
        assert_true(reserve_fill(&r, 8 * MIB));
        assert_int_equal(stat(path, &st), 0);
        assert_true((uint64_t)st.st_blocks * 512 >= RESERVE);
        assert_int_equal(st.st_mode & 0777, 0600);
        assert_false(reserve_give(&r)); /* there is room */
        for (fill_disk(); reserve_give(&r); fill_disk())
                steps++;
        assert_int_equal(steps, 4);
        assert_int_equal(reserve_missing(&r), RESERVE);
        assert_int_equal(unlink(filler), 0);
        assert_true(reserve_fill(&r, 8 * MIB));
        reserve_close(&r);
        assert_int_equal(truncate(path, 0) + truncate(path, RESERVE), 0); /* sparse, as a copy may be */
        assert_true(reserve_open(&r, state_dir, RESERVE, NULL));
        assert_int_equal(reserve_missing(&r), RESERVE);
        assert_true(reserve_fill(&r, 8 * MIB));
        assert_int_equal(stat(path, &st), 0);
        assert_true((uint64_t)st.st_blocks * 512 >= RESERVE);
        reserve_close(&r);
        assert_true(reserve_open(&r, state_dir, RESERVE / 2, NULL)); /* asked for less */
        assert_int_equal(stat(path, &st), 0);
        assert_int_equal(st.st_size, RESERVE / 2);
        reserve_close(&r);
}

/* For this process, for ever: the kernel says that no file system knows fallocate. */
static bool forget_fallocate(void)
{
        struct sock_filter rules[] = {
                BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
                BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_fallocate, 0, 1),
                BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EOPNOTSUPP),
                BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
        };
        struct sock_fprog program = { sizeof rules / sizeof *rules, rules };

        return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
               prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

enum { WELL, WRONG, SKIPPED };

static int fill_without_fallocate(void)
{
        struct reserve r = { 0 };
        char path[128];
        struct stat st;

        if (!forget_fallocate())
                return SKIPPED;
        snprintf(path, sizeof path, "%s/reserve", state_dir);
        bool ok = reserve_open(&r, state_dir, RESERVE, NULL) && reserve_fill(&r, 0) && stat(path, &st) == 0 &&
                  (uint64_t)st.st_blocks * 512 >= RESERVE;
        reserve_close(&r);
        /* A part of it was given back: what is left must not be in the way. */
        ok = ok && truncate(path, RESERVE / 4) == 0 && reserve_open(&r, state_dir, RESERVE, NULL) &&
             reserve_missing(&r) > 0 && reserve_fill(&r, 0) && stat(path, &st) == 0 &&
             (uint64_t)st.st_blocks * 512 >= RESERVE;
        reserve_close(&r);
        return ok ? WELL : WRONG;
}

static void a_reserve__is_made_whole_without_fallocate_too(void **state)
{
        int how = 0;

        (void)state;
        assert_true(dir_make(state_dir, 0700, NULL));
        pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0)
                _exit(fill_without_fallocate());
        assert_int_equal(waitpid(child, &how, 0), child);
        assert_true(WIFEXITED(how));
        if (WEXITSTATUS(how) == SKIPPED)
                skip();
        assert_int_equal(WEXITSTATUS(how), WELL);
}

static void a_vault__works_on_a_full_disk_but_takes_nothing(void **state)
{
        struct vault_status s;
        struct vault *v;
        struct vault_reader *r;
        struct state *st = NULL;
        struct err err = ERR_INIT;

        (void)state;
        if (!begin_on_small_disk())
                skip();
        v = open_with_reserve();
        vault_set_law(v, &(struct vault_law){ .class = "eea", .keep = keep_a_day });
        s = tidy(v);
        assert_true(s.reserve_ok && !s.full);
        append(v, "github:1", "eea", "words of a person");
        vault_cover(v, vault_mark(v));
        assert_true(state_open(&st, state_dir, NULL));
        fill_disk();
        expect_refusal(v);
        vault_status(v, &s);
        assert_true(s.full);
        /* The pump goes on: it asks for room when it is refused. */
        bool ok = false;
        for (uint64_t i = 0; i < 200; i++) {
                char name[32], value[60];
                memset(value, 'v', sizeof value);
                snprintf(name, sizeof name, "name %d", (int)i);
                do {
                        ok = state_begin(st, &err) && state_put(st, name, slice_make(value, sizeof value), &err) &&
                             state_commit(st, &err);
                        if (!ok)
                                state_abort(st);
                } while (!ok && vault_out_of_room(v));
                assert_true(ok);
        }
        assert_true(reserve_missing(&v->reserve) > 0);
        expect_refusal(v); /* what was given back is not for records */
        fill_disk();
        shift = 25 * US_PER_HOUR; /* a key is due */
        s = tidy(v);
        assert_int_equal(s.periods_destroyed, 1);
        assert_false(s.reserve_ok);
        r = open_reader(v, (struct position){ 0, 0 });
        expect(r, VAULT_END); /* and its segment, old as it was, is gone too */
        vault_reader_close(r);
        fill_disk();
        state_close(st);
        vault_close(v);
        fill_disk();
        v = open_with_reserve(); /* the start's row is durable */
        assert_true(state_open(&st, state_dir, NULL));
        state_close(st);
        vault_status(v, &s);
        assert_true(s.full);
        expect_refusal(v);
        assert_int_equal(unlink(filler), 0);
        s = tidy(v);
        assert_true(s.reserve_ok && !s.full);
        append(v, "github:1", "eea", "taken again");
        vault_close(v);
}

static int begin(void **state)
{
        shift = 0;
        real = vault_io;
        vault_io.wall_us = shifted_wall;
        vault_io.boot_us = shifted_boot;
        return make_state(state);
}

static int end(void **state)
{
        vault_io = real;
        return end_small_disk(state);
}

#define R(f) cmocka_unit_test_setup_teardown(f, begin, end)

int main(void)
{
        const struct CMUnitTest tests[] = {
                R(a_reserve__is_real_and_given_back_step_by_step),
                R(a_reserve__is_made_whole_without_fallocate_too),
                R(a_vault__works_on_a_full_disk_but_takes_nothing),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
