/* Each step again and again with the first, second, third ... allocation failing: there
 * is an answer every time, nothing crashes, nothing half-made is given out. */
#include "base/clock.h"
#include "base/conf.h"
#include "base/file.h"
#include "base/json.h"
#include "base/mail.h"
#include "base/pack.h"
#include "base/seal.h"
#include "unit.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define INTERPOSED 0 /* the sanitizer has its own malloc */
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define INTERPOSED 0
#endif
#endif
#ifndef INTERPOSED
#define INTERPOSED 1
#endif

#if INTERPOSED
extern void *__libc_malloc(size_t n);
extern void *__libc_calloc(size_t n, size_t size);
extern void *__libc_realloc(void *p, size_t n);

static _Thread_local long until_failure; /* 0: never */

static bool fails(void)
{
        return until_failure > 0 && --until_failure == 0;
}

void *malloc(size_t n)
{
        return fails() ? NULL : __libc_malloc(n);
}

void *calloc(size_t n, size_t size)
{
        return fails() ? NULL : __libc_calloc(n, size);
}

void *realloc(void *p, size_t n)
{
        return fails() ? NULL : __libc_realloc(p, n);
}

static bool armed(long nth)
{
        until_failure = nth;
        return true;
}

/* True if the n-th allocation was reached: there is more to try. */
static bool reached(void)
{
        bool did = until_failure == 0;
        until_failure = 0;
        return did;
}

static void allocations__of_json_may_fail(void **state)
{
        (void)state;
        char text[6000];
        memset(text, 'x', sizeof text);
        memcpy(text, "{\"a\":[1,\"\\n", 11);
        memcpy(text + sizeof text - 4, "\"]}", 4);
        long failures = 0;
        for (long n = 1;; n++) {
                struct err err = ERR_INIT;
                struct json *j = NULL;
                armed(n);
                struct arena *a = arena_new(1 << 20);
                bool ok = a && json_read(&j, a, slice_make(text, sizeof text - 1), 8, &err);
                bool more = reached();
                assert_int_equal(ok, j != NULL);
                if (a && !ok)
                        assert_int_equal(err.kind, ERR_FULL);
                arena_free(a);
                failures += !ok;
                if (!more)
                        break;
        }
        assert_true(failures >= 3);
}

/* libconfig does not look whether memory was there, so only the pass before it. */
static void allocations__of_a_broken_configuration_may_fail(void **state)
{
        (void)state;
        for (long n = 1;; n++) {
                struct report *report = report_new();
                struct conf *c = (struct conf *)1;
                armed(n);
                bool ok = conf_parse(&c, "x", SLICE("a = 1; # not yet: b\nl = ( { b = 2; } ); c = ;"), report);
                bool more = reached();
                assert_false(ok);
                assert_null(c);
                assert_true(report_count(report, REPORT_ERROR) > 0);
                report_free(report);
                if (!more)
                        break;
        }
}

static void allocations__of_zones_and_lists_may_fail(void **state)
{
        (void)state;
        for (long n = 1;; n++) {
                struct err err = ERR_INIT;
                struct zone *z = NULL;
                armed(n);
                bool ok = zone_open(&z, "Asia/Tokyo", &err);
                bool more = reached();
                assert_int_equal(ok, z != NULL);
                assert_int_equal(ok, err.kind == ERR_NONE);
                zone_free(z);
                if (!more)
                        break;
        }
}

static bool no_name(const char *name, void *ctx)
{
        (void)ctx;
        return name[0] != 0;
}

static void allocations__of_a_directory_may_fail(void **state)
{
        (void)state;
        for (long n = 1; n < 100; n++) {
                struct err err = ERR_INIT;
                armed(n);
                bool ok = dir_each("/usr/share/zoneinfo", "*", no_name, NULL, &err);
                bool more = reached();
                assert_int_equal(ok, err.kind == ERR_NONE);
                if (!more)
                        break;
        }
}

static void allocations__of_contexts_may_fail(void **state)
{
        (void)state;
        seal_free(seal_new()); /* what is fetched once must be there */
        for (long n = 1; n < 10; n++) {
                armed(n);
                struct mailbox *m = mailbox_new(1);
                reached();
                mailbox_free(m);
                armed(n);
                struct gunzip *g = gunzip_new(1);
                reached();
                gunzip_free(g);
                armed(n);
                struct report *r = report_new();
                reached();
                report_free(r);
                armed(n);
                struct buf b;
                buf_init(&b, 1 << 20);
                for (int i = 0; i < 5000; i++)
                        buf_puts(&b, "more and more ");
                bool failed = reached();
                assert_int_equal(buf_ok(&b), !failed);
                buf_clear(&b);
        }
}
#endif

int main(void)
{
#if INTERPOSED
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(allocations__of_json_may_fail),
                cmocka_unit_test(allocations__of_a_broken_configuration_may_fail),
                cmocka_unit_test(allocations__of_zones_and_lists_may_fail),
                cmocka_unit_test(allocations__of_a_directory_may_fail),
                cmocka_unit_test(allocations__of_contexts_may_fail),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
#else
        return 0;
#endif
}
