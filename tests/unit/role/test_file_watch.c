/* test_file_watch.c - changes are told once, when it is quiet; what editors leave is no change. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "file_watch.h"

static char root[64];
static struct loop *loop;
static struct file_watch *w;
static int told;
static int64_t told_us;

static void on_change(void *ctx)
{
        (void)ctx;
        told++;
        told_us = clock_mono_us();
        loop_stop(loop);
}

static void put(const char *name)
{
        char path[192];
        snprintf(path, sizeof path, "%s/%s", root, name);
        int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
        assert_true(fd >= 0 && write(fd, "x", 1) == 1 && close(fd) == 0);
}

static void make(const char *name)
{
        char path[192];
        snprintf(path, sizeof path, "%s/%s", root, name);
        assert_int_equal(mkdir(path, 0700), 0);
}

static void run_for(int64_t us)
{
        struct watch *end = loop_once(loop, us, (void (*)(void *))loop_stop, loop);
        assert_true(loop_run(loop, NULL));
        watch_stop(end);
}

static void changes__are_told_once_when_it_is_quiet(void **state)
{
        struct err err = ERR_INIT;
        char path[192];
        (void)state;
        snprintf(root, sizeof root, "/tmp/test_watch.XXXXXX");
        assert_non_null(mkdtemp(root));
        make("cases");
        make("cases/p");
        snprintf(path, sizeof path, "%s/cases", root);
        assert_true(loop_new(&loop, &err) && file_watch_open(&w, loop, on_change, NULL, &err));
        file_watch_add(w, root, false);
        file_watch_add(w, path, true);
        file_watch_add(w, "/nowhere/at/all", false);
        assert_true(file_watch_again(w, &err));
        put(".p.cfg.swp"); /* what editors leave is no change */
        put("p.cfg~");
        put("#p.cfg#");
        put("p.tmp");
        run_for(1200000);
        assert_int_equal(told, 0);
        int64_t begun = clock_mono_us();
        put("p.cfg");
        put("q.cfg");
        put("cases/p/a.case");
        run_for(3000000);
        assert_int_equal(told, 1);
        assert_true(told_us - begun >= 1000000 && told_us - begun < 2500000);
        file_watch_close(w);
        loop_free(loop);
        snprintf(path, sizeof path, "rm -r %s", root);
        assert_int_equal(system(path), 0);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(changes__are_told_once_when_it_is_quiet),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
