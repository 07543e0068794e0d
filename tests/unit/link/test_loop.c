/* The event loop: timers, descriptors, signals, stopping from elsewhere. */
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/mail.h"
#include "link/loop.h"

struct counting {
        struct loop *loop;
        struct watch *watch;
        int times, until;
};

static void count(void *ctx)
{
        struct counting *c = ctx;
        if (++c->times == c->until)
                loop_stop(c->loop);
}

static struct counting started(void)
{
        struct counting c = { .until = 1 };
        struct err err = ERR_INIT;
        assert_true(loop_new(&c.loop, &err));
        return c;
}

static void run_and_free(struct counting *c)
{
        struct err err = ERR_INIT;
        assert_non_null(c->watch);
        assert_true(loop_run(c->loop, &err));
        watch_stop(c->watch);
        loop_free(c->loop);
}

static void loop__calls_a_timer_again_and_again(void **state)
{
        (void)state;
        struct counting c = started();
        c.until = 3;
        c.watch = loop_every(c.loop, 2000, count, &c);
        run_and_free(&c);
        assert_int_equal(c.times, 3);
}

static void loop__calls_a_single_shot_once(void **state)
{
        (void)state;
        struct counting once = started(), stop = { .loop = once.loop, .until = 1 };
        once.until = 1000;
        once.watch = loop_once(once.loop, 0, count, &once);
        stop.watch = loop_once(once.loop, 20000, count, &stop);
        struct err err = ERR_INIT;
        assert_true(loop_run(once.loop, &err));
        assert_int_equal(once.times, 1);
        watch_stop(stop.watch);
        watch_stop(once.watch);
        loop_free(once.loop);
}

struct taking {
        struct loop *loop;
        struct mailbox *mailbox;
        struct letter *taken;
};

static void take(void *ctx)
{
        struct taking *t = ctx;
        assert_null(t->taken);
        t->taken = mailbox_take(t->mailbox);
        loop_stop(t->loop);
}

static void loop__watches_a_mailbox(void **state)
{
        (void)state;
        struct counting c = started();
        struct taking t = { .loop = c.loop, .mailbox = mailbox_new(4) };
        struct letter letter;
        assert_true(mailbox_post(t.mailbox, &letter));
        c.watch = loop_readable(c.loop, mailbox_fd(t.mailbox), take, &t);
        run_and_free(&c);
        assert_ptr_equal(t.taken, &letter);
        mailbox_free(t.mailbox);
}

static void loop__hears_a_signal(void **state)
{
        (void)state;
        struct counting c = started();
        c.watch = loop_signal(c.loop, SIGUSR1, count, &c);
        raise(SIGUSR1);
        run_and_free(&c);
        assert_int_equal(c.times, 1);
}

static void *stop_it(void *ctx)
{
        loop_stop(ctx);
        return NULL;
}

static void loop__is_stopped_by_another_thread_and_runs_again(void **state)
{
        (void)state;
        struct counting c = started();
        struct err err = ERR_INIT;
        for (int i = 0; i < 2; i++) {
                pthread_t thread;
                assert_int_equal(pthread_create(&thread, NULL, stop_it, c.loop), 0);
                assert_true(loop_run(c.loop, &err));
                pthread_join(thread, NULL);
        }
        loop_free(c.loop);
}

static void loop__keeps_a_stop_that_came_before_it_ran(void **state)
{
        (void)state;
        struct counting c = started();
        struct err err = ERR_INIT;
        loop_stop(c.loop);
        assert_true(loop_run(c.loop, &err));
        loop_free(c.loop);
}

static void stop_self(void *ctx)
{
        struct counting *c = ctx;
        watch_stop(c->watch);
        c->watch = NULL;
        loop_stop(c->loop);
}

static void watch__may_be_stopped_in_its_own_call(void **state)
{
        (void)state;
        struct counting c = started();
        struct err err = ERR_INIT;
        c.watch = loop_every(c.loop, 1000, stop_self, &c);
        assert_true(loop_run(c.loop, &err));
        assert_null(c.watch);
        loop_free(c.loop);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(loop__calls_a_timer_again_and_again),
                cmocka_unit_test(loop__calls_a_single_shot_once),
                cmocka_unit_test(loop__watches_a_mailbox),
                cmocka_unit_test(loop__hears_a_signal),
                cmocka_unit_test(loop__is_stopped_by_another_thread_and_runs_again),
                cmocka_unit_test(loop__keeps_a_stop_that_came_before_it_ran),
                cmocka_unit_test(watch__may_be_stopped_in_its_own_call),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
