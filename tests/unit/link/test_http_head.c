/* The judge of heads: what is let through, and what is refused with which status. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "http_head.h"

/* Status of a head that is all there; 1: not whole. */
static int judge_bytes(struct slice bytes, struct http_head *h)
{
        size_t scanned = 0, n;
        struct http_fault fault = http_head_find(bytes, &scanned, &n);
        if (fault.status)
                return fault.status;
        if (!n)
                return 1;
        return http_head_read(h, slice_make(bytes.p, n)).status;
}

static int judge(const char *text)
{
        struct http_head h;
        return judge_bytes(slice_of(text), &h);
}

static void head__is_read_into_its_parts(void **state)
{
        (void)state;
        struct http_head h;
        assert_int_equal(judge_bytes(SLICE("POST /v1/records?a=1&b=?2 HTTP/1.1\r\nHost: x\r\nX-Empty:\r\n"
                                           "content-LENGTH:  12 \r\nExpect: 100-Continue\r\n\r\n"), &h), 0);
        assert_true(slice_is(h.method, "POST"));
        assert_true(slice_is(h.path, "/v1/records"));
        assert_true(slice_is(h.query, "a=1&b=?2"));
        assert_int_equal(h.length, 12);
        assert_true(h.expects);
        assert_false(h.chunked);
        assert_true(slice_is(http_head_get(&h, "Host"), "x"));
        assert_true(slice_is(http_head_get(&h, "x-empty"), ""));
        assert_null(http_head_get(&h, "X-Emp").p);
        assert_null(http_head_get(&h, "Absent").p);
}

static void head__takes_the_absolute_form_of_proxies(void **state)
{
        (void)state;
        struct http_head h;
        assert_int_equal(judge_bytes(SLICE("GET http://x:80/a?b HTTP/1.1\r\nHost: x\r\n\r\n"), &h), 0);
        assert_true(slice_is(h.path, "/a"));
        assert_true(slice_is(h.query, "b"));
}

static void head__is_refused_where_two_parsers_may_differ(void **state)
{
        (void)state;
        static const struct {
                const char *text;
                int status;
        } rows[] = {
                { "GET / HTTP/1.1\nHost: x\r\n\r\n", 400 },                       /* bare LF */
                { "GET / HTTP/1.1\r\nHost: x\n\r\n", 400 },
                { "GET / HTTP/1.1\r\nHost: x\r\n\n", 400 },
                { "\nGET / HTTP/1.1\r\nHost: x\r\n\r\n", 400 },
                { "GET / HTTP/1.1\r\nHost: x\rA: b\r\n\r\n", 400 },               /* bare CR */
                { "GET /\r HTTP/1.1\r\nHost: x\r\n\r\n", 400 },
                { "GET / HTTP/1.1\r\nHost: x\r\r\n\r\n", 400 },
                { "GET / HTTP/1.1\r\nHost: x\r\n folded\r\n\r\n", 400 },          /* obs-fold */
                { "GET / HTTP/1.1\r\n Host: x\r\n\r\n", 400 },
                { "GET / HTTP/1.1\r\nHost: x\r\n\tfolded: y\r\n\r\n", 400 },
                { "GET / HTTP/1.1\r\nHost : x\r\n\r\n", 400 },                    /* blank before colon */
                { "GET / HTTP/1.1\r\nHost: x\r\nContent-Length\t: 1\r\n\r\n", 400 },
                { "GET / HTTP/1.1\r\nHost: x\r\n: empty\r\n\r\n", 400 },
                { "GET / HTTP/1.1\r\nHost: x\r\nno colon\r\n\r\n", 400 },
                { "GET / HTTP/1.1\r\nHost: x\r\nA(b): c\r\n\r\n", 400 },
                { "GET / HTTP/1.1\r\nHost: x\r\nA: b\x01\r\n\r\n", 400 },         /* control */
                { "GET / HTTP/1.1\r\nHost: x\r\nA: b\x7f\r\n\r\n", 400 },
                { "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n", 400 },
                { "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1, 1\r\n\r\n", 400 },
                { "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: +1\r\n\r\n", 400 },
                { "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n", 400 },
                { "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0x1\r\n\r\n", 400 },
                { "POST / HTTP/1.1\r\nHost: x\r\nContent-Length:\r\n\r\n", 400 },
                { "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9223372036854775808\r\n\r\n", 400 },
                { "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", 400 },
                { "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Length: 0\r\n\r\n", 400 },
                { "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", 501 },
                { "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: xchunked\r\n\r\n", 501 },
                { "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n", 400 },
                { "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", 400 },
                { "GET / HTTP/1.1\r\n\r\n", 400 },                                /* Host */
                { "GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n", 400 },
                { "GET / HTTP/1.1\r\nHost: x\r\nExpect: a-pony\r\n\r\n", 417 },
                { "GET / HTTP/2.0\r\nHost: x\r\n\r\n", 505 },
                { "GET / HTTP/1.2\r\nHost: x\r\n\r\n", 505 },
                { "GET / http/1.1\r\nHost: x\r\n\r\n", 400 },
                { "GET /\r\nHost: x\r\n\r\n", 400 },
                { "GET  / HTTP/1.1\r\nHost: x\r\n\r\n", 400 },
                { "GET / x HTTP/1.1\r\nHost: x\r\n\r\n", 400 },
                { "GET /\t HTTP/1.1\r\nHost: x\r\n\r\n", 400 },
                { "GET x HTTP/1.1\r\nHost: x\r\n\r\n", 400 },
                { "G(T / HTTP/1.1\r\nHost: x\r\n\r\n", 400 },
                { "GET http://x HTTP/1.1\r\nHost: x\r\n\r\n", 400 },
                { "GET /\xc3\xa9 HTTP/1.1\r\nHost: x\r\n\r\n", 400 },
        };
        for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
                if (judge(rows[i].text) != rows[i].status)
                        fail_msg("row %zu: %d, not %d", i, judge(rows[i].text), rows[i].status);
}

static void head__with_a_nul_is_refused(void **state)
{
        (void)state;
        struct http_head h;
        assert_int_equal(judge_bytes(SLICE("GET / HTTP/1.1\r\nHost: x\r\nA: b\0c\r\n\r\n"), &h), 400);
        assert_int_equal(judge_bytes(SLICE("GET / HTTP/1.1\r\nHost: x\r\nA\0: c\r\n\r\n"), &h), 400);
}

static void head__is_more_than_an_empty_line(void **state)
{
        (void)state;
        assert_int_equal(judge("\r\n"), 400);
        assert_int_equal(judge("\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n"), 400);
}

static void head__may_have_16_KiB_and_not_a_byte_more(void **state)
{
        (void)state;
        static const char start[] = "GET / HTTP/1.1\r\nHost: x\r\nA: ";
        char *text = malloc(HTTP_HEAD_MAX + 64);
        memset(text, 'a', HTTP_HEAD_MAX + 64);
        memcpy(text, start, sizeof start - 1);
        memcpy(text + HTTP_HEAD_MAX - 4, "\r\n\r\n", 4);
        struct http_head h;
        assert_int_equal(judge_bytes(slice_make(text, HTTP_HEAD_MAX), &h), 0);
        memcpy(text + HTTP_HEAD_MAX - 4, "a\r\n\r\n", 5);
        assert_int_equal(judge_bytes(slice_make(text, HTTP_HEAD_MAX), &h), 1);
        assert_int_equal(judge_bytes(slice_make(text, HTTP_HEAD_MAX + 1), &h), 431);
        free(text);
}

static void head__may_have_100_lines(void **state)
{
        (void)state;
        struct buf b;
        struct http_head h;
        for (int lines = 100; lines <= 101; lines++) {
                buf_init(&b, 4096);
                buf_puts(&b, "GET / HTTP/1.1\r\nHost: x\r\n");
                for (int i = 1; i < lines; i++)
                        buf_puts(&b, "A: b\r\n");
                buf_puts(&b, "\r\n");
                assert_int_equal(judge_bytes(buf_slice(&b), &h), lines == 100 ? 0 : 431);
                buf_clear(&b);
        }
}

static void head__is_found_whatever_the_pieces(void **state)
{
        (void)state;
        const struct slice text = SLICE("GET / HTTP/1.1\r\nHost: x\r\nA: b\r\n\r\nrest");
        size_t scanned = 0, n, whole = text.n - 4;
        for (size_t i = 1; i <= text.n; i++) {
                assert_int_equal(http_head_find(slice_make(text.p, i), &scanned, &n).status, 0);
                if (i < whole)
                        assert_int_equal(n, 0);
                else
                        break;
        }
        assert_int_equal(n, whole);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(head__is_read_into_its_parts),
                cmocka_unit_test(head__takes_the_absolute_form_of_proxies),
                cmocka_unit_test(head__is_refused_where_two_parsers_may_differ),
                cmocka_unit_test(head__with_a_nul_is_refused),
                cmocka_unit_test(head__is_more_than_an_empty_line),
                cmocka_unit_test(head__may_have_16_KiB_and_not_a_byte_more),
                cmocka_unit_test(head__may_have_100_lines),
                cmocka_unit_test(head__is_found_whatever_the_pieces),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
