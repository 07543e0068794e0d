/* test_retire.c - segments that nobody can read any more, and a kill in the middle of it. */
#include "years.h"

#include <signal.h>
#include <sys/wait.h>

/* ---- segments -------------------------------------------------------------------- */

static void segments__go_when_nothing_in_them_can_be_read(void **state)
{
        struct vault_settings s = small_settings();
        struct vault *v;
        char big[3000], text[256];

        (void)state;
        memset(big, 'x', sizeof big - 1);
        big[sizeof big - 1] = 0;
        s.segment_bytes = 8000; /* three entries */
        v = open_keeping(&s);
        struct position at = append(v, NULL, "eea", big);
        for (int i = 0; i < 8; i++)
                append(v, NULL, i % 2 ? "eea" : "jp", big); /* interleaved with what is kept */
        shift += 3 * H;
        for (int i = 0; i < 4; i++)
                append(v, NULL, "eea", big);
        size_t files = list_segments();
        uint64_t bytes = status_of(v).bytes;
        struct vault_reader *r = open_reader(v, (struct position){ 0, 0 }), *late = NULL;
        struct vault_entry e;
        enum vault_read what;
        assert_int_equal(read_one(r, &e), VAULT_ENTRY);
        cover_all(v);
        shift += 22 * H;
        tidy(v);
        assert_true(list_segments() < files);
        assert_true(status_of(v).bytes < bytes);
        assert_int_equal(list_segments(), status_of(v).segments);
        met(v, text);
        assert_null(strchr(text, 'D'));
        size_t readable = 0;
        for (const char *c = text; *c; c++)
                readable += *c == 'E';
        assert_int_equal(readable, 8); /* four of jp, four that are young */
        assert_true(vault_fetch(r, at, &what, &e, NULL));
        assert_int_equal(what, VAULT_EXPIRED);
        while ((what = read_one(r, &e)) != VAULT_END) /* one that was in the middle */
                assert_int_not_equal(what, VAULT_DAMAGED);
        late = open_reader(v, at);
        while ((what = read_one(late, &e)) != VAULT_END)
                assert_int_not_equal(what, VAULT_DAMAGED);
        vault_reader_close(r);
        vault_reader_close(late);
        vault_close(v);
        struct vault_found found;
        v = open_vault_with(&s, &found);
        assert_int_equal(found.damaged_segments + found.damaged_entries + found.torn_entries, 0);
        met(v, text);
        assert_null(strchr(text, 'D'));
        append(v, NULL, "jp", "and on");
        vault_close(v);
}

/* Between a look at the list and at the file the keeper may have removed it. */
static void segments__may_go_while_one_of_their_entries_is_fetched(void **state)
{
        struct vault *v = open_keeping(NULL);
        struct position at = append(v, NULL, "eea", "words");
        struct vault_reader *r;
        struct vault_entry e;
        enum vault_read what;
        struct err err = ERR_INIT;

        (void)state;
        vault_close(v);
        v = open_vault(NULL);
        shift += 25 * H;
        cover_all(v);
        tidy(v);
        assert_true(v->catalog.list[0]->retired);
        v->catalog.list[0]->retired = false; /* so it was, a moment ago */
        r = open_reader(v, (struct position){ 0, 0 });
        if (!vault_fetch(r, at, &what, &e, &err))
                fail_msg("%s", err.text);
        assert_int_equal(what, VAULT_EXPIRED);
        assert_int_equal(err.kind, ERR_NONE);
        vault_reader_close(r);
        v->catalog.list[0]->retired = true;
        vault_close(v);
}

static void an_entry__of_a_segment_that_is_lost_is_fetched_as_damaged(void **state)
{
        struct vault *v = open_keeping(NULL);
        struct position at = append(v, NULL, "eea", "words");
        struct vault_reader *r;
        struct vault_entry e;
        enum vault_read what;
        char path[256];

        (void)state;
        vault_close(v);
        v = open_vault(NULL);
        snprintf(path, sizeof path, "%s/vault/%s", state_dir, v->catalog.list[0]->name);
        assert_int_equal(unlink(path), 0);
        r = open_reader(v, (struct position){ 0, 0 });
        assert_true(vault_fetch(r, at, &what, &e, NULL));
        assert_int_equal(what, VAULT_DAMAGED);
        assert_int_equal(e.at.seq, at.seq);
        vault_reader_close(r);
        vault_close(v);
}

/* What is missing beside what was retired is damage as before. */
static void segments__that_are_gone_for_no_such_reason_are_damage(void **state)
{
        struct vault *v = open_keeping(NULL);
        char text[256];

        (void)state;
        append(v, NULL, "eea", "one");
        vault_close(v);
        v = open_vault(NULL);
        append(v, NULL, "jp", "two");
        cover_all(v);
        shift += 25 * H;
        vault_heard(v, shifted_wall(), true);
        tidy(v);
        assert_int_equal(list_segments(), 1);
        vault_close(v);
        assert_int_equal(unlink(segment_paths[0]), 0);
        v = open_vault(NULL);
        assert_string_equal(met(v, text), "D");
        vault_close(v);
}

/* ---- kill -9 ---------------------------------------------------------------------- */

static _Noreturn void destroy_until_killed(int fd)
{
        struct vault_settings s = small_settings();
        struct vault *v;

        s.segment_bytes = 4000;
        if (!vault_open(&v, state_dir, "jp-tokyo", &s, NULL, NULL))
                _exit(3);
        vault_cover(v, vault_mark(v));
        vault_heard(v, shifted_wall(), true);
        if (write(fd, "b", 1) != 1)
                _exit(4);
        for (;;)
                vault_tidy(v, NULL);
}

static void retention__may_be_killed_at_any_step(void **state)
{
        struct vault_settings s = small_settings();
        unsigned seed = (unsigned)clock_now_us();
        int killed_early = 0;

        (void)state;
        print_message("seed %u\n", seed);
        s.segment_bytes = 4000;
        for (int round = 0; round < 20; round++) {
                struct vault *v = open_keeping(&s);
                char text[256];
                int pipes[2], status;
                uint64_t from = vault_epoch(v);
                for (int i = 0; i < 40; i++) {
                        char plain[400];
                        snprintf(plain, sizeof plain, "%d-%d %0*d", round, i, 300, 0);
                        append(v, NULL, i % 8 == 7 ? "jp" : "eea", plain);
                        shift += H / 10;
                }
                vault_close(v);
                shift += 30 * H;
                assert_int_equal(pipe(pipes), 0);
                pid_t pid = fork();
                assert_true(pid >= 0);
                if (pid == 0) {
                        log_setup(LOG_LEVEL_ERROR, false);
                        destroy_until_killed(pipes[1]);
                }
                assert_int_equal(read(pipes[0], text, 1), 1);
                usleep((useconds_t)(rand_r(&seed) % 30000));
                kill(pid, SIGKILL);
                assert_int_equal(waitpid(pid, &status, 0), pid);
                assert_true(WIFSIGNALED(status));
                close(pipes[0]);
                close(pipes[1]);
                struct vault_found found;
                v = open_vault_with(&s, &found);
                assert_int_equal(found.damaged_segments + found.damaged_entries, 0);
                struct vault_reader *r = open_reader(v, (struct position){ from, 0 });
                struct vault_entry e;
                enum vault_read what;
                size_t readable = 0;
                while ((what = read_one(r, &e)) != VAULT_END) {
                        assert_int_not_equal(what, VAULT_DAMAGED);
                        readable += what == VAULT_ENTRY && strcmp(e.class, "jp") != 0;
                }
                vault_reader_close(r);
                killed_early += readable > 0 || list_segments() > 5 * (size_t)(round + 1);
                vault_cover(v, vault_mark(v));
                vault_heard(v, shifted_wall(), true);
                tidy(v); /* what was begun is finished */
                r = open_reader(v, (struct position){ from, 0 });
                while ((what = read_one(r, &e)) != VAULT_END)
                        assert_int_equal(what, strcmp(e.class, "jp") == 0 ? VAULT_ENTRY : VAULT_EXPIRED);
                vault_reader_close(r);
                vault_close(v);
                if (round % 5 == 4) { /* the jp segments would fill the list of paths */
                        drop_state(NULL);
                        make_state(NULL);
                }
        }
        print_message("%d of 20 were killed in the middle\n", killed_early);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                K(segments__go_when_nothing_in_them_can_be_read),
                K(segments__may_go_while_one_of_their_entries_is_fetched),
                K(an_entry__of_a_segment_that_is_lost_is_fetched_as_damaged),
                K(segments__that_are_gone_for_no_such_reason_are_damage),
                K(retention__may_be_killed_at_any_step),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
