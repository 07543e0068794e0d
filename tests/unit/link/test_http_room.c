/* test_http_room.c - who gives way when all places are taken. */
#include "http_fixture.h"

#include "http_conn.h"

/* As if so much time had passed for those that are connected. */
static void age(int64_t us)
{
        for (struct conn *c = world.server->conns; c; c = c->next)
                c->deadline_us -= us;
}

static void server__lets_silent_peers_give_way_to_those_who_speak(void **state)
{
        (void)state;
        begin();
        int fds[8];
        for (int i = 0; i < 8; i++) {
                fds[i] = client();
                say(fds[i], "GET /now HTTP/1.1\r\nHost: x\r\nX: ");
                turns(3);
        }
        age(2 * US_PER_SECOND);
        for (int i = 0; i < 20; i++) {
                int fd = client();
                say(fd, "GET /now HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
                expect(fd, "HTTP/1.1 200 OK", "now");
                close(fd);
        }
        for (int i = 0; i < 8; i++)
                close(fds[i]);
        finish();
}

static void server__never_gives_away_the_place_of_a_request(void **state)
{
        (void)state;
        begin();
        int fds[9];
        for (int i = 0; i < 8; i++) {
                fds[i] = client();
                say(fds[i], "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nh");
                turns(3);
        }
        age(2 * US_PER_SECOND);
        fds[8] = client();
        turns(3);
        const char *text = hear(fds[8], NULL);
        assert_ptr_equal(strstr(text, "HTTP/1.1 503 "), text);
        say(fds[0], "i");
        expect(fds[0], "HTTP/1.1 200 OK", "[hi]");
        for (int i = 0; i < 9; i++)
                close(fds[i]);
        finish();
}

static void server__says_what_it_would_not_listen_on(void **state)
{
        (void)state;
        struct err err = ERR_INIT;
        struct http_settings s = settings_of("0.0.0.0");
        assert_false(http_check(&s, &err));
        assert_non_null(strstr(err.text, "plain HTTP"));
        s.cert_file = "cert.pem";
        err_clear(&err);
        assert_false(http_check(&s, &err));
        assert_non_null(strstr(err.text, "both a certificate and a key"));
        s.key_file = "key.pem";
        assert_true(http_check(&s, &err));
        s.address = "example.net";
        err_clear(&err);
        assert_false(http_check(&s, &err));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(server__lets_silent_peers_give_way_to_those_who_speak),
                cmocka_unit_test(server__never_gives_away_the_place_of_a_request),
                cmocka_unit_test(server__says_what_it_would_not_listen_on),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
