/* test_crash.c - kill -9 at any moment, and many senders at once: every acknowledged entry
 * is there, once, in order. */
#include "help.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/wait.h>

enum { ROUNDS = 40, THREADS = 4 };

/* What the child says of each acknowledged entry. */
struct said {
        uint64_t epoch, seq, number;
};

static void plain_of(char out[600], uint64_t number)
{
        snprintf(out, 600, "%llu %0*d", (unsigned long long)number, (int)(number * 37 % 500), 0);
}

struct sender {
        struct vault *v;
        int fd;
        uint64_t first, count;
        const char *failed;
};

/* Groups of 1 to 5 entries, of several classes and people, until killed or done. */
static void *send_groups(void *arg)
{
        struct sender *s = arg;
        uint64_t number = s->first, end = s->first + s->count;
        static const char *const classes[] = { "", "eea", "eea+gb", "jp" };

        while (number < end) {
                struct vault_item items[5];
                struct said said[5];
                char plain[5][600], who[5][32];
                size_t n = 1 + number % 5;

                for (size_t i = 0; i < n; i++) {
                        plain_of(plain[i], number + i);
                        snprintf(who[i], sizeof who[i], "github:%llu",
                                 (unsigned long long)((number + i) % 300));
                        items[i] = item_of(who[i], who[i], classes[(number + i) % 4], plain[i]);
                }
                if (!vault_append(s->v, items, n, NULL)) {
                        s->failed = "refused";
                        break;
                }
                for (size_t i = 0; i < n; i++)
                        said[i] = (struct said){ items[i].at.epoch, items[i].at.seq, number + i };
                if (write(s->fd, said, n * sizeof said[0]) != (ssize_t)(n * sizeof said[0])) {
                        s->failed = "pipe";
                        break;
                }
                number += n;
        }
        return NULL;
}

static _Noreturn void child(int fd, uint64_t first)
{
        struct vault_settings s = small_settings();
        struct sender senders[THREADS];
        pthread_t threads[THREADS];
        struct vault *v;

        s.segment_bytes = 100 * 1024;
        if (!vault_open(&v, state_dir, "jp-tokyo", &s, NULL, NULL))
                _exit(3);
        for (int i = 0; i < THREADS; i++) {
                senders[i] = (struct sender){ v, fd, first + (uint64_t)i * 1000000, 1000000, NULL };
                if (pthread_create(&threads[i], NULL, send_groups, &senders[i]) != 0)
                        _exit(4);
        }
        pthread_join(threads[0], NULL);
        _exit(5);
}

struct log_of_said {
        struct said *all;
        size_t n, cap;
};

/* At most so many, or until the child is gone. */
static void hear(struct log_of_said *l, int fd, size_t most)
{
        while (most-- > 0) {
                ssize_t n;
                if (l->n == l->cap) {
                        l->cap = l->cap ? 2 * l->cap : 65536;
                        l->all = realloc(l->all, l->cap * sizeof *l->all);
                        assert_non_null(l->all);
                }
                n = read(fd, l->all + l->n, sizeof *l->all); /* writes below PIPE_BUF are whole */
                if (n <= 0)
                        return;
                assert_int_equal(n, sizeof *l->all);
                l->n++;
        }
}

static int by_position(const void *a, const void *b)
{
        const struct said *x = a, *y = b;

        return position_compare((struct position){ x->epoch, x->seq },
                                (struct position){ y->epoch, y->seq });
}

/* Every acknowledged entry at its position with its words; others (written, not yet
 * acknowledged) may be there, each once; nothing is damaged. */
static size_t check_all(struct log_of_said *l)
{
        struct vault_found found;
        struct vault *v = open_vault(&found);
        struct vault_reader *r = open_reader(v, (struct position){ 0, 0 });
        struct position last = { 0, 0 };
        struct vault_entry e;
        enum vault_read what;
        size_t heard = 0, seen = 0;
        char plain[600];

        qsort(l->all, l->n, sizeof *l->all, by_position);
        while ((what = read_one(r, &e)) != VAULT_END) {
                unsigned long long number;
                assert_int_equal(what, VAULT_ENTRY);
                assert_true(position_compare(e.at, last) > 0);
                last = e.at;
                seen++;
                number = strtoull(e.plain.p, NULL, 10);
                plain_of(plain, number);
                assert_true(slice_is(e.plain, plain));
                if (heard < l->n && e.at.epoch == l->all[heard].epoch && e.at.seq == l->all[heard].seq) {
                        assert_int_equal(number, l->all[heard].number);
                        heard++;
                }
        }
        assert_int_equal(heard, l->n);
        assert_int_equal(found.damaged_entries, 0);
        assert_int_equal(found.damaged_segments, 0);
        vault_reader_close(r);
        vault_close(v);
        return seen;
}

static void vault__keeps_what_it_acknowledged_through_kill_9(void **state)
{
        struct log_of_said l = { 0 };
        unsigned seed = (unsigned)clock_now_us();
        size_t seen = 0;

        (void)state;
        print_message("seed %u\n", seed);
        for (int round = 0; round < ROUNDS; round++) {
                int pipes[2], status;
                pid_t pid;
                assert_int_equal(pipe(pipes), 0);
                pid = fork();
                assert_true(pid >= 0);
                if (pid == 0) {
                        close(pipes[0]);
                        child(pipes[1], (uint64_t)round * 10000000);
                }
                close(pipes[1]);
                /* The moment: opening, first commits, closing of segments ... but on a slow
                 * machine, too, now and then when something was acknowledged. */
                if (round % 4 == 0)
                        hear(&l, pipes[0], 20);
                usleep((useconds_t)(rand_r(&seed) % (round % 2 ? 20000 : 120000)));
                kill(pid, SIGKILL);
                assert_int_equal(waitpid(pid, &status, 0), pid);
                assert_true(WIFSIGNALED(status));
                hear(&l, pipes[0], SIZE_MAX);
                close(pipes[0]);
                if (round % 4 == 3)
                        seen = check_all(&l);
        }
        print_message("%zu acknowledged, %zu there\n", l.n, seen);
        assert_true(l.n > 100);
        free(l.all);
}

/* ---- many senders, one reader close behind ---------------------------------- */

struct follower {
        struct vault *v;
        uint64_t want;
        const char *failed;
};

static void *follow(void *arg)
{
        struct follower *f = arg;
        struct vault_reader *r;
        struct vault_entry e;
        enum vault_read what;
        uint64_t next[THREADS] = { 0 }, n = 0, seq = 0;

        if (!vault_reader_open(&r, f->v, (struct position){ 0, 0 }, NULL)) {
                f->failed = "reader";
                return NULL;
        }
        while (n < f->want && !f->failed) {
                if (!vault_read(r, &what, &e, NULL)) {
                        f->failed = "read";
                } else if (what == VAULT_END) {
                        sched_yield();
                } else {
                        uint64_t number = strtoull(e.plain.p, NULL, 10);
                        if (what != VAULT_ENTRY || e.at.seq != ++seq)
                                f->failed = "order";
                        else if (number % 1000000 != next[number / 1000000]++)
                                f->failed = "order of one sender";
                        n++;
                }
        }
        vault_reader_close(r);
        return NULL;
}

/* Groups have 1 + number % 5 entries: the last one may reach beyond `count`. */
static uint64_t sent_by_one(uint64_t count)
{
        uint64_t number = 0;

        while (number < count)
                number += 1 + number % 5;
        return number;
}

static void vault__serves_many_senders_and_a_reader_at_once(void **state)
{
        struct vault_settings s = small_settings();
        struct sender senders[THREADS];
        struct follower f;
        pthread_t threads[THREADS], reader;
        struct vault *v;
        int null = open("/dev/null", O_WRONLY);

        (void)state;
        s.segment_bytes = 64 * 1024;
        v = open_vault_with(&s, NULL);
        f = (struct follower){ .v = v, .want = THREADS * sent_by_one(3000) };
        assert_int_equal(pthread_create(&reader, NULL, follow, &f), 0);
        for (int i = 0; i < THREADS; i++) {
                senders[i] = (struct sender){ v, null, (uint64_t)i * 1000000, 3000, NULL };
                assert_int_equal(pthread_create(&threads[i], NULL, send_groups, &senders[i]), 0);
        }
        for (int i = 0; i < THREADS; i++) {
                pthread_join(threads[i], NULL);
                assert_null(senders[i].failed);
        }
        pthread_join(reader, NULL);
        if (f.failed)
                fail_msg("%s", f.failed);
        vault_close(v);
        close(null);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                T(vault__keeps_what_it_acknowledged_through_kill_9),
                T(vault__serves_many_senders_and_a_reader_at_once),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
