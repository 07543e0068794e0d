/* The HTTP server over real sockets: order, streaming, limits, good-byes. */
#include "http_fixture.h"

#include <pthread.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "base/file.h"

static const char three[] = "POST /echo?q HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello"
                            "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
                            "3\r\nabc\r\n8;ext=1\r\ndefghijk\r\n0\r\nTrailer: t\r\n\r\n"
                            "GET /now HTTP/1.1\r\nHost: x\r\n\r\n"
                            "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nConnection: close\r\n\r\nlast";
static const char three_answers[] =
        "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 20\r\n\r\nPOST /echo?q [hello]"
        "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 25\r\n\r\nPOST /echo? [abcdefghijk]"
        "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 3\r\n\r\nnow"
        "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 18\r\nConnection: close\r\n\r\nPOST /echo? [last]";

static void server__answers_pipelined_requests_in_order(void **state)
{
        (void)state;
        begin();
        int fd = client();
        say(fd, three);
        assert_string_equal(hear(fd, NULL), three_answers);
        assert_int_equal(http_busy(world.server), 0);
        close(fd);
        finish();
}

static void server__understands_every_split_in_two(void **state)
{
        (void)state;
        begin();
        for (size_t i = 1; i < sizeof three - 1; i++) {
                int fd = client();
                say_bytes(fd, slice_make(three, i));
                turns(2);
                say_bytes(fd, slice_make(three + i, sizeof three - 1 - i));
                assert_string_equal(hear(fd, NULL), three_answers);
                close(fd);
                turns(2);
        }
        finish();
}

static void server__understands_byte_after_byte(void **state)
{
        (void)state;
        begin();
        int fd = client();
        for (size_t i = 0; i < sizeof three - 1; i++) {
                say_bytes(fd, slice_make(three + i, 1));
                turn();
        }
        assert_string_equal(hear(fd, NULL), three_answers);
        close(fd);
        finish();
}

static void server__begins_a_request_only_after_the_reply_to_the_former(void **state)
{
        (void)state;
        begin();
        int fd = client();
        say(fd, "POST /later HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nhiGET /now HTTP/1.1\r\nHost: x\r\n\r\n");
        turns(20);
        assert_int_equal(world.heads, 1);
        assert_int_equal(world.ends, 1);
        assert_int_equal(http_busy(world.server), 1);
        reply_text(world.waiting, 202, "later");
        assert_int_equal(world.heads, 2);
        const char *text = hear(fd, "now");
        assert_ptr_equal(strstr(text, "HTTP/1.1 202 Accepted"), text);
        assert_non_null(strstr(text, "later"));
        close(fd);
        finish();
}

static void server__answers_early_and_the_client_sees_it(void **state)
{
        (void)state;
        begin();
        int fd = client();
        say(fd, "POST /early HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n");
        char *junk = calloc(1, 1000000);
        say_bytes(fd, slice_make(junk, 1000000)); /* a client that does not listen while it talks */
        free(junk);
        const char *text = hear(fd, NULL);
        assert_ptr_equal(strstr(text, "HTTP/1.1 401 Unauthorized"), text);
        assert_non_null(strstr(text, "WWW-Authenticate: Bearer\r\n"));
        assert_non_null(strstr(text, "Connection: close\r\n"));
        assert_non_null(strstr(text, "who?"));
        assert_int_equal(world.pieces, 0);
        close(fd);
        finish();
}

static void server__stops_reading_where_the_handler_replies_midway(void **state)
{
        (void)state;
        begin();
        int fd = client();
        say(fd, "POST /midway HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n1\r\nb\r\n0\r\n\r\n"
                "GET /now HTTP/1.1\r\nHost: x\r\n\r\n");
        const char *text = hear(fd, NULL);
        assert_ptr_equal(strstr(text, "HTTP/1.1 422 "), text);
        assert_null(strstr(text, "now"));
        assert_int_equal(world.pieces, 1);
        assert_int_equal(world.ends + world.gone, 0);
        close(fd);
        finish();
}

static void server__holds_back_a_sender_while_paused(void **state)
{
        (void)state;
        begin();
        int fd = client();
        size_t sent = 0;
        char *junk = calloc(1, 1 << 20);
        say(fd, "POST /pause HTTP/1.1\r\nHost: x\r\nContent-Length: 1048576\r\n\r\n");
        turns(5);
        assert_non_null(world.waiting);
        for (int i = 0; i < 200; i++) {
                ssize_t n = send(fd, junk + sent, (1 << 20) - sent, MSG_NOSIGNAL);
                sent += n > 0 ? (size_t)n : 0;
                turn();
        }
        assert_int_equal(world.body.n, 0);
        http_resume(world.waiting);
        say_bytes(fd, slice_make(junk + sent, (1 << 20) - sent));
        turns(200);
        assert_int_equal(world.ends, 1);
        assert_int_equal(world.body.n, 1 << 20);
        assert_true(world.largest <= 64 << 10);
        reply_text(world.waiting, 200, "done");
        expect(fd, "HTTP/1.1 200 OK", "done");
        free(junk);
        close(fd);
        finish();
}

static void server__says_continue_only_when_the_head_pleases(void **state)
{
        (void)state;
        begin();
        int fd = client();
        say(fd, "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");
        assert_string_equal(hear(fd, "\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
        say(fd, "ok");
        expect(fd, "HTTP/1.1 200 OK", "[ok]");
        say(fd, "POST /early HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");
        expect(fd, "HTTP/1.1 401 ", NULL);
        close(fd);
        fd = client(); /* a client that did not wait needs no permission */
        say(fd, "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\nok");
        expect(fd, "HTTP/1.1 200 OK", "[ok]");
        close(fd);
        finish();
}

static void server__says_continue_when_a_paused_request_resumes(void **state)
{
        (void)state;
        begin();
        int fd = client();
        say(fd, "POST /pause HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");
        turns(10);
        char c;
        assert_true(recv(fd, &c, 1, MSG_DONTWAIT | MSG_PEEK) < 0);
        http_resume(world.waiting);
        assert_string_equal(hear(fd, "\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
        close(fd);
        turns(5);
        assert_int_equal(world.gone, 1);
        finish();
}

static void server__answers_head_without_a_body(void **state)
{
        (void)state;
        begin();
        int fd = client();
        say(fd, "HEAD /now HTTP/1.1\r\nHost: x\r\n\r\nGET /now HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        assert_string_equal(hear(fd, NULL),
                "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 3\r\n\r\n"
                "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 3\r\nConnection: close\r\n\r\nnow");
        close(fd);
        finish();
}

static void server__keeps_old_clients_only_if_they_ask(void **state)
{
        (void)state;
        begin();
        int fd = client();
        say(fd, "GET /now HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
        assert_non_null(strstr(hear(fd, "now"), "Connection: keep-alive\r\n"));
        say(fd, "GET /now HTTP/1.0\r\n\r\n");
        assert_non_null(strstr(hear(fd, NULL), "Connection: close\r\n"));
        close(fd);
        finish();
}

static void server__refuses_hostile_bytes_and_closes(void **state)
{
        (void)state;
        static const struct {
                const char *bytes, *status;
        } rows[] = {
                { "GET / HTTP/1.1\n\n", "HTTP/1.1 400 " },
                { "GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", "HTTP/1.1 400 " },
                { "BREW / HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 400 " },
                { "CONNECT / HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 400 " },
                { "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 1048577\r\n\r\n", "HTTP/1.1 413 " },
                { "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n", "HTTP/1.1 400 " },
                { "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n", "HTTP/1.1 400 " },
                { "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n", "HTTP/1.1 400 " },
                { "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n", "HTTP/1.1 400 " },
                { "\x16\x03\x01\x02\n", "HTTP/1.1 400 " },
        };
        begin();
        for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
                int fd = client();
                say(fd, rows[i].bytes);
                expect(fd, rows[i].status, NULL);
                close(fd);
                turns(3);
        }
        assert_int_equal(http_busy(world.server), 0);
        assert_int_equal(world.ends, 0);
        finish();
}

static void server__refuses_a_bad_head_after_a_good_request(void **state)
{
        (void)state;
        begin();
        for (int split = 0; split < 2; split++) {
                int fd = client();
                say(fd, "HEAD /now HTTP/1.1\r\nHost: x\r\n\r\n");
                if (split)
                        turns(5);
                say(fd, "GET / HTTP/1.1\n\n");
                const char *text = hear(fd, NULL);
                assert_ptr_equal(strstr(text, "HTTP/1.1 200 OK"), text);
                const char *bad = strstr(text, "HTTP/1.1 400 ");
                assert_non_null(bad);
                assert_non_null(strstr(bad, "\r\n\r\n{\"error\":")); /* not taken for the HEAD before it */
                close(fd);
        }
        finish();
}

/* Inserts, removes, changes or repeats bytes. n + 32 <= room. */
static size_t mutate(char *bytes, size_t n)
{
        size_t at = (size_t)rand() % n, more = (size_t)rand() % 20;
        switch (rand() % 4) {
        case 0:
                bytes[at] = (char)rand();
                return n;
        case 1:
                memmove(bytes + at, bytes + at + 1, n - at - 1);
                return n - 1;
        case 2:
                memmove(bytes + at + 1, bytes + at, n - at);
                bytes[at] = "\r\n :;0\t\x80"[rand() % 8];
                return n + 1;
        default:
                more = at + more > n ? n - at : more;
                memmove(bytes + at + more, bytes + at, n - at);
                return n + more;
        }
}

static void server__survives_mutated_requests_in_random_pieces(void **state)
{
        (void)state;
        struct http_settings s = settings_of("127.0.0.1");
        s.timeout_us = 200000;
        s.max_connections = 64;
        begin_with(&s);
        srand(1);
        for (int round = 0; round < 4000; round++) {
                char bytes[sizeof three + 256], answer[4096];
                size_t n = sizeof three - 1, at = 0;
                int fd = client();
                memcpy(bytes, three, n);
                for (int i = rand() % 4; i; i--)
                        n = mutate(bytes, n);
                while (at < n && rand() % 50) {
                        size_t piece = 1 + (size_t)rand() % (n - at);
                        if (send(fd, bytes + at, piece, MSG_NOSIGNAL) < 0)
                                break;
                        at += piece;
                        turns(rand() % 3);
                }
                turns(rand() % 4);
                while (recv(fd, answer, sizeof answer, MSG_DONTWAIT) > 0)
                        ;
                close(fd);
        }
        turns(20);
        assert_int_equal(http_busy(world.server), 0);
        assert_true(world.ends > 1000);
        int fd = client();
        say(fd, three);
        assert_string_equal(hear(fd, NULL), three_answers);
        close(fd);
        finish();
}

static void server__ignores_an_offer_to_upgrade(void **state)
{
        (void)state;
        begin();
        int fd = client();
        say(fd, "POST /echo HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: h2c\r\nContent-Length: 2\r\n\r\nhi");
        expect(fd, "HTTP/1.1 200 OK", "[hi]");
        say(fd, "GET /echo HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\nGET /now HTTP/1.1\r\nHost: x\r\n\r\n");
        expect(fd, "HTTP/1.1 200 OK", "now");
        close(fd);
        finish();
}

static void server__refuses_a_head_beyond_16_KiB(void **state)
{
        (void)state;
        begin();
        char *junk = malloc(20000);
        memset(junk, 'a', 20000);
        int fd = client();
        say(fd, "GET / HTTP/1.1\r\nHost: x\r\nA: ");
        say_bytes(fd, slice_make(junk, 20000));
        expect(fd, "HTTP/1.1 431 ", NULL);
        free(junk);
        close(fd);
        finish();
}

static void server__refuses_chunks_beyond_the_ceiling(void **state)
{
        (void)state;
        begin();
        char *junk = calloc(1, 1 << 20);
        int fd = client();
        say(fd, "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n100000\r\n");
        say_bytes(fd, slice_make(junk, 1 << 20));
        say(fd, "\r\n1\r\na\r\n");
        expect(fd, "HTTP/1.1 413 ", NULL);
        assert_int_equal(world.gone, 1);
        assert_int_equal(http_busy(world.server), 0);
        free(junk);
        close(fd);
        finish();
}

static void server__refuses_chunks_that_are_all_extension(void **state)
{
        (void)state;
        begin();
        char *junk = malloc(70000);
        memset(junk, 'a', 70000);
        int fd = client();
        say(fd, "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1;");
        say_bytes(fd, slice_make(junk, 70000));
        expect(fd, "HTTP/1.1 400 ", NULL);
        assert_int_equal(world.gone, 1);
        free(junk);
        close(fd);
        finish();
}

static void server__cuts_off_slow_senders(void **state)
{
        (void)state;
        struct http_settings s = settings_of("127.0.0.1");
        s.timeout_us = 50000;
        begin_with(&s);
        int head = client(), body = client(), idle = client();
        say(head, "GET /now HTTP/1.1\r\nHo");
        say(body, "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nab");
        say(idle, "GET /now HTTP/1.1\r\nHost: x\r\n\r\n");
        expect(idle, "HTTP/1.1 200 ", "now");
        expect(head, "HTTP/1.1 408 ", NULL);
        expect(body, "HTTP/1.1 408 ", NULL);
        assert_string_equal(hear(idle, NULL), "");
        assert_int_equal(world.gone, 1);
        close(head);
        close(body);
        close(idle);
        finish();
}

static void server__does_not_time_out_a_handler(void **state)
{
        (void)state;
        struct http_settings s = settings_of("127.0.0.1");
        s.timeout_us = 30000;
        begin_with(&s);
        int fd = client(), paused = client();
        say(fd, "POST /later HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nhi");
        turns(10);
        struct http_request *later = world.waiting;
        say(paused, "POST /pause HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n");
        for (int64_t end = clock_mono_us() + 100000; clock_mono_us() < end;)
                turn();
        assert_int_equal(world.gone, 0);
        reply_text(later, 200, "late");
        expect(fd, "HTTP/1.1 200 OK", "late");
        close(fd);
        close(paused);
        finish();
}

static void server__tells_the_handler_that_a_sender_left(void **state)
{
        (void)state;
        begin();
        int fd = client();
        say(fd, "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nab");
        turns(5);
        close(fd);
        turns(5);
        assert_int_equal(world.gone, 1);
        assert_int_equal(http_busy(world.server), 0);
        finish();
}

static void server__refuses_connections_beyond_the_ceiling(void **state)
{
        (void)state;
        begin();
        int fds[9];
        for (int i = 0; i < 9; i++) {
                fds[i] = client();
                turns(3);
        }
        const char *text = hear(fds[8], NULL);
        assert_ptr_equal(strstr(text, "HTTP/1.1 503 "), text);
        assert_non_null(strstr(text, "Retry-After: 1\r\n"));
        close(fds[8]);
        close(fds[0]);
        turns(3);
        fds[0] = client();
        say(fds[0], "GET /now HTTP/1.1\r\nHost: x\r\n\r\n");
        expect(fds[0], "HTTP/1.1 200 OK", "now");
        for (int i = 0; i < 8; i++)
                close(fds[i]);
        finish();
}

static void server__sends_a_large_answer_to_a_slow_reader(void **state)
{
        (void)state;
        begin();
        int fd = client();
        say(fd, "GET /later HTTP/1.1\r\nHost: x\r\n\r\n");
        turns(10);
        size_t n = 12 << 20, heard = 0;
        char *big = malloc(n), window[65536];
        memset(big, 'b', n);
        http_reply(world.waiting, 200, "text/plain", "", slice_make(big, n));
        int64_t deadline = clock_mono_us() + 10 * US_PER_SECOND;
        while (heard < n && clock_mono_us() < deadline) {
                ssize_t got = recv(fd, window, sizeof window, MSG_DONTWAIT);
                heard += got > 0 ? (size_t)got : 0;
                turn();
        }
        assert_true(heard > n);
        say(fd, "GET /now HTTP/1.1\r\nHost: x\r\n\r\n");
        expect(fd, "HTTP/1.1 200 OK", "now");
        free(big);
        close(fd);
        finish();
}

static void server__drains_by_finishing_what_is_open(void **state)
{
        (void)state;
        begin();
        int idle = client(), open = client();
        say(open, "POST /later HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nhi");
        turns(10);
        http_drain(world.server);
        assert_string_equal(hear(idle, NULL), "");
        assert_int_equal(http_busy(world.server), 1);
        reply_text(world.waiting, 202, "later");
        assert_non_null(strstr(hear(open, NULL), "Connection: close\r\n"));
        assert_int_equal(http_busy(world.server), 0);
        close(idle);
        close(open);
        finish();
}

static void server__stops_in_the_middle_and_says_so(void **state)
{
        (void)state;
        begin();
        int fd = client(), other = client();
        say(fd, "POST /later HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nhi");
        say(other, "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nh");
        turns(10);
        finish();
        assert_int_equal(world.gone, 2);
        close(fd);
        close(other);
}

static void expect_refused(struct http_settings s, enum err_kind kind, const char *word)
{
        struct err err = ERR_INIT;
        struct http_server *server;
        assert_false(http_start(&server, world.loop, &s, &err));
        assert_null(server);
        assert_int_equal(err.kind, kind);
        if (!strstr(err.text, word))
                fail_msg("\"%s\" is not in: %s", word, err.text);
}

static void server__refuses_plain_http_off_loopback(void **state)
{
        (void)state;
        begin();
        expect_refused(settings_of("0.0.0.0"), ERR_CONFIG, "plain HTTP");
        expect_refused(settings_of("::"), ERR_CONFIG, "plain HTTP");
        expect_refused(settings_of("192.0.2.1"), ERR_CONFIG, "plain HTTP");
        expect_refused(settings_of("example.org"), ERR_CONFIG, "not an address");
        struct http_settings s = settings_of("127.0.0.1");
        s.port = http_port(world.server);
        expect_refused(s, ERR_BUSY, "taken");
        s.cert_file = "/nonexistent.pem";
        expect_refused(s, ERR_CONFIG, "both");
        s.key_file = "/nonexistent.key";
        expect_refused(s, ERR_CONFIG, "certificate \"/nonexistent.pem\"");
        finish();
}

struct asked {
        const char *address;
        int port, status;
        struct slice question;
        struct buf answer;
        struct loop *loop;
        bool ok;
        struct err err;
};

static void *ask(void *ctx)
{
        struct asked *a = ctx;
        a->ok = http_ask(a->address, a->port, "/echo?x", a->question, 5 * US_PER_SECOND, &a->status,
                         &a->answer, &a->err);
        loop_stop(a->loop);
        return NULL;
}

static void ask_and_serve(struct asked *a)
{
        pthread_t thread;
        struct err err = ERR_INIT;
        buf_init(&a->answer, 1000);
        a->loop = world.loop;
        assert_int_equal(pthread_create(&thread, NULL, ask, a), 0);
        assert_true(loop_run(world.loop, &err));
        pthread_join(thread, NULL);
}

static void ask__gets_and_posts_on_loopback(void **state)
{
        (void)state;
        begin();
        struct asked get = { .address = "127.0.0.1", .port = http_port(world.server), .question = SLICE_NONE };
        ask_and_serve(&get);
        assert_true(get.ok);
        assert_int_equal(get.status, 200);
        assert_string_equal(get.answer.p, "GET /echo?x []");
        struct asked post = { .address = "127.0.0.1", .port = http_port(world.server), .question = SLICE("why") };
        ask_and_serve(&post);
        assert_string_equal(post.answer.p, "POST /echo?x [why]");
        buf_clear(&get.answer);
        buf_clear(&post.answer);
        finish();
        struct buf nothing;
        struct err err = ERR_INIT;
        int status;
        buf_init(&nothing, 10);
        assert_false(http_ask("127.0.0.1", get.port, "/", SLICE_NONE, 1000000, &status, &nothing, &err));
        assert_int_equal(err.kind, ERR_RETRY);
}

static void server__listens_on_a_unix_socket_of_ours(void **state)
{
        (void)state;
        char dir[] = "/tmp/link-test-XXXXXX", address[80], path[64];
        struct err err = ERR_INIT;
        assert_non_null(mkdtemp(dir));
        snprintf(path, sizeof path, "%s/control.sock", dir);
        snprintf(address, sizeof address, "unix:%s", path);
        struct http_settings s = settings_of(address);
        begin_with(&s);
        struct stat st;
        assert_int_equal(stat(path, &st), 0);
        assert_int_equal(st.st_mode & 0777, 0600);
        struct asked a = { .address = address, .question = SLICE_NONE };
        ask_and_serve(&a);
        if (!a.ok)
                fail_msg("%s", a.err.text);
        assert_string_equal(a.answer.p, "GET /echo?x []");
        buf_clear(&a.answer);
        expect_refused(s, ERR_BUSY, "another process");
        finish();
        assert_false(file_exists(path));
        /* What a crash left behind is replaced; what is no socket is not. */
        struct sockaddr_un stale = { .sun_family = AF_UNIX };
        memcpy(stale.sun_path, path, strlen(path) + 1);
        int fd = socket(AF_UNIX, SOCK_STREAM, 0);
        assert_int_equal(bind(fd, (struct sockaddr *)&stale, sizeof stale), 0);
        close(fd);
        assert_true(file_exists(path));
        begin_with(&s);
        finish();
        assert_true(file_save(path, SLICE("x"), 0600, &err));
        begin();
        expect_refused(s, ERR_CONFIG, "not a socket");
        char longest[256] = "unix:/";
        memset(longest + 6, 'a', 120);
        expect_refused(settings_of(longest), ERR_CONFIG, "at most 107 fit");
        finish();
        unlink(path);
        rmdir(dir);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(server__answers_pipelined_requests_in_order),
                cmocka_unit_test(server__understands_every_split_in_two),
                cmocka_unit_test(server__understands_byte_after_byte),
                cmocka_unit_test(server__begins_a_request_only_after_the_reply_to_the_former),
                cmocka_unit_test(server__answers_early_and_the_client_sees_it),
                cmocka_unit_test(server__stops_reading_where_the_handler_replies_midway),
                cmocka_unit_test(server__holds_back_a_sender_while_paused),
                cmocka_unit_test(server__says_continue_only_when_the_head_pleases),
                cmocka_unit_test(server__says_continue_when_a_paused_request_resumes),
                cmocka_unit_test(server__answers_head_without_a_body),
                cmocka_unit_test(server__keeps_old_clients_only_if_they_ask),
                cmocka_unit_test(server__refuses_hostile_bytes_and_closes),
                cmocka_unit_test(server__refuses_a_bad_head_after_a_good_request),
                cmocka_unit_test(server__survives_mutated_requests_in_random_pieces),
                cmocka_unit_test(server__ignores_an_offer_to_upgrade),
                cmocka_unit_test(server__refuses_a_head_beyond_16_KiB),
                cmocka_unit_test(server__refuses_chunks_beyond_the_ceiling),
                cmocka_unit_test(server__refuses_chunks_that_are_all_extension),
                cmocka_unit_test(server__cuts_off_slow_senders),
                cmocka_unit_test(server__does_not_time_out_a_handler),
                cmocka_unit_test(server__tells_the_handler_that_a_sender_left),
                cmocka_unit_test(server__refuses_connections_beyond_the_ceiling),
                cmocka_unit_test(server__sends_a_large_answer_to_a_slow_reader),
                cmocka_unit_test(server__drains_by_finishing_what_is_open),
                cmocka_unit_test(server__stops_in_the_middle_and_says_so),
                cmocka_unit_test(server__refuses_plain_http_off_loopback),
                cmocka_unit_test(ask__gets_and_posts_on_loopback),
                cmocka_unit_test(server__listens_on_a_unix_socket_of_ours),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
