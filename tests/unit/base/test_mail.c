/* Mailboxes: order, ceiling, waking, threads. */
#include <poll.h>
#include <pthread.h>

#include "base/mail.h"
#include "unit.h"

struct parcel {
        int no;
        struct letter letter;
};

static bool readable(const struct mailbox *m)
{
        struct pollfd p = { .fd = mailbox_fd(m), .events = POLLIN };
        return poll(&p, 1, 0) == 1;
}

static int number(struct letter *l)
{
        return LETTER_OF(l, struct parcel, letter)->no;
}

static void mailbox__keeps_the_order_and_the_ceiling(void **state)
{
        (void)state;
        struct mailbox *m = mailbox_new(2);
        struct parcel p[4] = { { .no = 0 }, { .no = 1 }, { .no = 2 }, { .no = 3 } };
        assert_null(mailbox_take(m));
        assert_false(readable(m));
        assert_true(mailbox_post(m, &p[0].letter));
        assert_true(readable(m));
        assert_true(mailbox_post(m, &p[1].letter));
        assert_false(mailbox_post(m, &p[2].letter));
        mailbox_return(m, &p[3].letter); /* an answer has room */
        struct letter *l = mailbox_take(m);
        assert_false(readable(m));
        assert_int_equal(number(l), 0);
        assert_int_equal(number(l->next), 1);
        assert_int_equal(number(l->next->next), 3);
        assert_null(l->next->next->next);
        assert_true(mailbox_post(m, &p[2].letter));
        assert_int_equal(number(mailbox_wait(m, 0)), 2);
        mailbox_free(m);
        mailbox_free(NULL);
}

static void mailbox__waits_no_longer_than_asked(void **state)
{
        (void)state;
        struct mailbox *m = mailbox_new(1);
        assert_null(mailbox_wait(m, 0));
        assert_null(mailbox_wait(m, 1000));
        mailbox_free(m);
}

static void mailbox__that_is_shut_takes_no_posts_and_wakes(void **state)
{
        (void)state;
        struct mailbox *m = mailbox_new(1);
        struct parcel p = { .no = 7 };
        mailbox_shut(m);
        assert_true(readable(m));
        assert_false(mailbox_post(m, &p.letter));
        assert_null(mailbox_wait(m, -1));
        mailbox_return(m, &p.letter); /* what is owed is still delivered */
        assert_int_equal(number(mailbox_wait(m, -1)), 7);
        mailbox_free(m);
}

enum { THREADS = 4, EACH = 5000 };
static struct parcel parcels[THREADS][EACH];

struct sender {
        struct mailbox *to;
        struct parcel *mine;
};

static void *send_all(void *ctx)
{
        struct sender *s = ctx;
        for (int i = 0; i < EACH; i++) {
                s->mine[i].no = i;
                while (!mailbox_post(s->to, &s->mine[i].letter))
                        sched_yield();
        }
        return NULL;
}

static void mailbox__loses_nothing_between_threads(void **state)
{
        (void)state;
        struct mailbox *m = mailbox_new(100);
        pthread_t threads[THREADS];
        struct sender senders[THREADS];
        int next[THREADS] = { 0 }, all = 0;
        for (int t = 0; t < THREADS; t++) {
                senders[t] = (struct sender){ m, parcels[t] };
                assert_int_equal(pthread_create(&threads[t], NULL, send_all, &senders[t]), 0);
        }
        while (all < THREADS * EACH) {
                for (struct letter *l = mailbox_wait(m, -1), *after; l; l = after, all++) {
                        after = l->next;
                        struct parcel *p = LETTER_OF(l, struct parcel, letter);
                        size_t who = (size_t)(p - &parcels[0][0]) / EACH;
                        assert_int_equal(p->no, next[who]++);
                }
        }
        for (int t = 0; t < THREADS; t++)
                pthread_join(threads[t], NULL);
        assert_null(mailbox_take(m));
        mailbox_free(m);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(mailbox__keeps_the_order_and_the_ceiling),
                cmocka_unit_test(mailbox__waits_no_longer_than_asked),
                cmocka_unit_test(mailbox__that_is_shut_takes_no_posts_and_wakes),
                cmocka_unit_test(mailbox__loses_nothing_between_threads),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
