/* JSON from strangers. */
#include "base/json.h"
#include "unit.h"

struct fixture {
        struct arena *arena;
        struct json *j;
        struct err err;
};

static bool read_n(struct fixture *f, struct slice text)
{
        f->err = (struct err)ERR_INIT;
        arena_reset(f->arena);
        /* At the end of its own block, so that a byte too far is seen by ASan. */
        char *copy = malloc(text.n ? text.n : 1);
        if (text.n)
                memcpy(copy, text.p, text.n);
        bool ok = json_read(&f->j, f->arena, slice_make(copy, text.n), 16, &f->err);
        if (ok && f->j->type == JSON_STRING)
                f->j->text = arena_copy(f->arena, f->j->text);
        else if (ok)
                f->j->first = NULL; /* would borrow from what is freed */
        free(copy);
        if (!ok)
                assert_null(f->j);
        return ok;
}

static bool reads(struct fixture *f, const char *text)
{
        return read_n(f, slice_of(text));
}

static int begin(void **state)
{
        struct fixture *f = calloc(1, sizeof *f);
        f->arena = arena_new(4 << 20);
        *state = f;
        return 0;
}

static int finish(void **state)
{
        struct fixture *f = *state;
        arena_free(f->arena);
        free(f);
        return 0;
}

static void json__becomes_a_tree_in_the_order_written(void **state)
{
        struct fixture *f = *state;
        struct slice text = SLICE("{\"id\":\"i-1\",\"n\":-12,\"x\":1.50e3,\"ok\":true,\"no\":false,"
                                  "\"nil\":null,\"tags\":[\"a\",\"b\"],\"author\":{\"name\":\"\\u00c9va\"}}");
        assert_true(json_read(&f->j, f->arena, text, 2, &f->err));
        assert_int_equal(f->j->type, JSON_OBJECT);
        assert_int_equal(f->j->count, 8);
        assert_slice(f->j->first->key, "id");
        assert_slice(f->j->first->next->key, "n");
        assert_slice(json_string(json_get(f->j, "id")), "i-1");
        int64_t n;
        assert_true(json_int(json_get(f->j, "n"), &n));
        assert_int_equal(n, -12);
        assert_slice(json_get(f->j, "x")->text, "1.50e3");
        assert_false(json_int(json_get(f->j, "x"), &n));
        assert_true(json_true(json_get(f->j, "ok")));
        assert_false(json_true(json_get(f->j, "no")));
        assert_int_equal(json_get(f->j, "nil")->type, JSON_NULL);
        assert_int_equal(json_get(f->j, "tags")->count, 2);
        assert_slice(json_get(f->j, "tags")->first->next->text, "b");
        assert_null(json_get(f->j, "tags")->first->key.p);
        assert_slice(json_string(json_at(f->j, "author", "name", NULL)), "\xc3\x89va");
        assert_null(json_at(f->j, "author", "nobody", "name", NULL));
        assert_null(json_get(NULL, "x"));
        assert_null(json_string(json_get(f->j, "n")).p);
}

static void json__borrows_plain_strings_and_copies_decoded_ones(void **state)
{
        struct fixture *f = *state;
        struct slice text = SLICE("[\"plain\",\"a\\nb\",\"\"]");
        assert_true(json_read(&f->j, f->arena, text, 1, &f->err));
        const struct json *plain = f->j->first, *decoded = plain->next, *empty = decoded->next;
        assert_true(plain->text.p > text.p && plain->text.p < text.p + text.n);
        assert_slice(decoded->text, "a\nb");
        assert_non_null(empty->text.p);
        assert_int_equal(empty->text.n, 0);
}

static void json__decodes_paired_surrogates(void **state)
{
        struct fixture *f = *state;
        assert_true(reads(f, "\"\\ud83c\\udf0a \\u6f22\\u00e9\\u0041\""));
        assert_slice(f->j->text, "\xf0\x9f\x8c\x8a \xe6\xbc\xa2\xc3\xa9" "A");
        assert_true(reads(f, "\"\\uDBFF\\uDFFF\""));
        assert_slice(f->j->text, "\xf4\x8f\xbf\xbf");
        assert_true(reads(f, "\"\\\\u0000 is text\""));
        assert_slice(f->j->text, "\\u0000 is text");
        assert_true(reads(f, "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\""));
        assert_slice(f->j->text, "\"\\/\b\f\n\r\t");
}

static void refused(struct fixture *f, struct slice text)
{
        if (read_n(f, text))
                fail_msg("taken: %.*s", SLICE_ARG(text));
        assert_int_equal(f->err.kind, ERR_DATA);
        assert_non_null(strstr(f->err.text, "JSON"));
        assert_non_null(strstr(f->err.text, "byte"));
}

static void json__refuses_lone_surrogates_and_nul(void **state)
{
        static const char *const bad[] = {
                "\"\\ud800\"",        "\"\\udc00\"",         "\"\\ud800x\"",   "\"\\ud800\\u0041\"",
                "\"\\ud800\\ud800\"", "\"\\udfff\\ud800\"",  "\"\\ud800\\n\"", "\"\\ud800\\\"",
                "\"\\u0000\"",        "\"a\\u0000b\"",       "\"\\u00\"",      "\"\\u\"",
                "\"\\uzzzz\"",        "{\"\\u0000\":1}",     "{\"\\ud800\":1}", "\"\\ud800",
                "\"\\ud800\\",        "\"\\ud800\\u",        "\"\\ud800\\udc", "\"\\u+041\"",
                "\"\\\\\\u0000\"",    "\"\\u",               "\"\\",
        };
        for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
                refused(*state, slice_of(bad[i]));
        refused(*state, slice_make("\"a\0b\"", 5));
        refused(*state, slice_make("[1]\0", 4));
}

static void json__refuses_what_is_not_utf8(void **state)
{
        static const char *const bad[] = { "\"\xc0\xaf\"", "\"\xed\xa0\x80\"", "\"\xff\"",
                                           "\"\xe6\xbc\"", "\"\xf4\x90\x80\x80\"", "\xef\xbb\xbf{}" };
        for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
                refused(*state, slice_of(bad[i]));
        struct fixture *f = *state;
        assert_false(reads(f, "\"abc\xff\""));
        assert_string_equal(f->err.text, "JSON is refused at byte 4: not UTF-8");
}

static void json__refuses_what_the_grammar_does_not_have(void **state)
{
        static const char *const bad[] = {
                "",          " ",        "{",        "}",        "[",          "]",        "[1,]",
                "{\"a\":1,}", "{a:1}",   "{'a':1}",  "[1 2]",    "{\"a\" 1}",  "tru",      "truee",
                "NaN",       "Infinity", "01",       "-",        "1.",         ".5",       "+1",
                "1e",        "0x10",     "\"a",      "\"a\nb\"", "\"\\x41\"",  "{} {}",    "1 2",
                "[] x",      "// c\n1",  "/* c */1", "{\"a\"}",  "{\"a\":}",   "[,1]",     "nul",
                "\"\t\"",    "\\u0041",  "[1}",      "{\"a\":1]", "\"\x1f\"",  ",",        ":",
        };
        for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
                refused(*state, slice_of(bad[i]));
}

static void json__never_repeats_the_text_in_an_error(void **state)
{
        struct fixture *f = *state;
        assert_false(reads(f, "{\"email\":\"someone@example.org\" secret}"));
        assert_null(strstr(f->err.text, "someone"));
        assert_null(strstr(f->err.text, "secret"));
        assert_false(reads(f, "{\"someone\":1,\"someone\":2}"));
        assert_null(strstr(f->err.text, "someone"));
}

static void json__refuses_a_key_that_comes_twice(void **state)
{
        struct fixture *f = *state;
        refused(f, SLICE("{\"a\":1,\"b\":2,\"a\":3}"));
        refused(f, SLICE("{\"a\":1,\"\\u0061\":3}"));
        refused(f, SLICE("[{\"x\":{\"\":1,\"\":2}}]"));
        assert_true(reads(f, "[{\"a\":1},{\"a\":1,\"b\":{\"a\":1}}]"));
        for (int twice = 0; twice < 2; twice++) {
                struct buf b;
                buf_init(&b, 1 << 20);
                buf_putc(&b, '{');
                for (int i = 0; i < 5000; i++)
                        buf_printf(&b, "\"k%d\":%d,", i, i);
                buf_printf(&b, "\"%s\":0}", twice ? "k77" : "other");
                assert_int_equal(read_n(f, buf_slice(&b)), !twice);
                buf_clear(&b);
        }
}

static void json__is_no_deeper_than_allowed(void **state)
{
        struct fixture *f = *state;
        assert_true(json_read(&f->j, f->arena, SLICE("1"), 0, &f->err));
        assert_false(json_read(&f->j, f->arena, SLICE("[]"), 0, &f->err));
        assert_true(json_read(&f->j, f->arena, SLICE("[{}]"), 2, &f->err));
        assert_false(json_read(&f->j, f->arena, SLICE("[{\"a\":[]}]"), 2, &f->err));
        assert_non_null(strstr(f->err.text, "too deep"));
        assert_false(json_read(&f->j, f->arena, SLICE("1"), 65, &f->err));
        assert_int_equal(f->err.kind, ERR_BUG);
        char nest[100001];
        memset(nest, '[', sizeof nest - 1);
        nest[sizeof nest - 1] = 0;
        refused(f, slice_of(nest));
        for (size_t i = 0; i + 5 < sizeof nest; i += 5)
                memcpy(nest + i, "{\"a\":", 5);
        refused(f, slice_of(nest));
        assert_true(json_read(&f->j, f->arena, SLICE("[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]"), 16, &f->err));
}

static void json__says_full_at_the_ceiling_of_the_arena(void **state)
{
        (void)state;
        struct err err;
        struct json *j;
        bool done = false;
        for (size_t max = 1; max < 2000 && !done; max += 13) {
                struct arena *a = arena_new(max);
                err = (struct err)ERR_INIT;
                done = json_read(&j, a, SLICE("{\"a\":[1,2,\"x\\n\",true],\"b\\n\":{\"c\":null}}"), 8, &err);
                if (!done)
                        assert_int_equal(err.kind, ERR_FULL);
                arena_free(a);
        }
        assert_true(done);
}

/* yajl crashes where memory that it asks for is not there; every length around the
 * steps of its buffer must fit what was set aside. */
static void json__takes_escaped_strings_of_any_length(void **state)
{
        struct fixture *f = *state;
        struct buf b;
        buf_init(&b, 2 << 20);
        for (size_t n = 1; n < 300000; n = n < 20000 ? n + 41 : n * 7 / 4) {
                buf_reset(&b);
                buf_puts(&b, "[\"\\u00e9\",\"");
                for (size_t i = 0; i < n; i++)
                        buf_putc(&b, 'x');
                buf_puts(&b, "\\n\",\"\\t\"]");
                assert_true(read_n(f, buf_slice(&b)));
                assert_int_equal(f->j->count, 3);
        }
        buf_reset(&b);
        buf_putc(&b, '"');
        for (int i = 0; i < 100000; i++)
                buf_puts(&b, "\\u00e9x");
        buf_putc(&b, '"');
        assert_true(read_n(f, buf_slice(&b)));
        assert_int_equal(f->j->text.n, 300000);
        buf_clear(&b);
}

/* Not a proof, a sieve: damaged documents end in an answer, never in a crash. */
/* yajl copies what the end cuts short, and does not look whether it got room for that. */
static void json__is_refused_wherever_a_long_text_is_cut_short(void **state)
{
        struct fixture *f = *state;
        static const char *const begins[] = { "{\"", "\"", "[\"a\",\"", "[\"\\n", "[-1", "{\"\\n\":1" };
        enum { MOST = 70000 };
        char *text = malloc(MOST);
        for (size_t i = 0; i < sizeof begins / sizeof *begins; i++) {
                memset(text, '1', MOST);
                memcpy(text, begins[i], strlen(begins[i]));
                for (size_t n = strlen(begins[i]); n <= MOST; n = n < 9000 ? n + 1 : n * 4 / 3) {
                        assert_false(read_n(f, slice_make(text, n)));
                        assert_int_equal(f->err.kind, ERR_DATA);
                }
                memset(text + 20, 'a', 9000); /* decoded first, then cut short again */
                memcpy(text, "[\"\\n", 4);
                memcpy(text + 9000, "\",\"", 3);
                assert_false(read_n(f, slice_make(text, MOST)));
                assert_int_equal(f->err.kind, ERR_DATA);
        }
        memset(text, '1', MOST); /* whole, but only the end says so */
        assert_true(read_n(f, slice_make(text, MOST)));
        free(text);
}

static void json__survives_damage(void **state)
{
        struct fixture *f = *state;
        const char *seed = "{\"id\":\"a\\u00e9\\ud83c\\udf0a\",\"n\":-1.5e+10,\"t\":[true,false,null,{}],"
                           "\"body\":\"\xe6\xbc\xa2\xe5\xad\x97 \\\"q\\\" \\\\\"}";
        char text[200];
        size_t n = strlen(seed);
        uint32_t random = 1;
        for (int round = 0; round < 20000; round++) {
                memcpy(text, seed, n);
                for (int k = 0; k < 1 + round % 3; k++) {
                        random = random * 1664525 + 1013904223;
                        text[(random >> 8) % n] = (char)(random >> 24);
                }
                read_n(f, slice_make(text, n - random % 7 * (round % 2)));
        }
}

static void writer__sets_commas_and_escapes(void **state)
{
        (void)state;
        struct buf b;
        struct json_out o;
        buf_init(&b, 10000);
        json_out_init(&o, &b);
        uint8_t id[16] = { 0xab };
        json_open(&o, NULL, '{');
        json_put_text(&o, "a", "q\" b\\ n\n t\t \x01 \x7f \xc3\xa9");
        json_put_text(&o, "nil", NULL);
        json_put_string(&o, "absent", SLICE_NONE);
        json_put_string(&o, "empty", SLICE(""));
        json_put_int(&o, "min", INT64_MIN);
        json_put_uint(&o, "max", UINT64_MAX);
        json_put_double(&o, "d", 0.1);
        json_put_double(&o, "third", 1.0 / 3);
        json_put_double(&o, "bad", __builtin_nan(""));
        json_put_bool(&o, "yes", true);
        json_open(&o, "list", '[');
        json_put_null(&o, NULL);
        json_put_raw(&o, NULL, SLICE("{}"));
        json_open(&o, NULL, '[');
        json_close(&o, ']');
        json_close(&o, ']');
        json_put_time(&o, "at", 1500000);
        json_put_uuid(&o, "id", id);
        json_put_pair(&o, SLICE("k\"ey"), SLICE("v"));
        json_close(&o, '}');
        assert_string_equal(b.p, "{\"a\":\"q\\\" b\\\\ n\\n t\\t \\u0001 \x7f \xc3\xa9\",\"nil\":null,"
                            "\"absent\":null,\"empty\":\"\",\"min\":-9223372036854775808,"
                            "\"max\":18446744073709551615,\"d\":0.1,\"third\":0.33333333333333331,"
                            "\"bad\":null,\"yes\":true,\"list\":[null,{},[]],"
                            "\"at\":\"1970-01-01T00:00:01.500000Z\","
                            "\"id\":\"ab000000-0000-0000-0000-000000000000\",\"k\\\"ey\":\"v\"}");
        buf_clear(&b);
}

static void writer__never_writes_what_is_not_utf8(void **state)
{
        struct fixture *f = *state;
        struct buf b;
        struct json_out o;
        buf_init(&b, 1000);
        json_out_init(&o, &b);
        json_put_string(&o, NULL, SLICE("a\xff\xc3\xa9\xc3"));
        assert_true(json_read(&f->j, f->arena, buf_slice(&b), 0, &f->err));
        assert_slice(f->j->text, "a\xef\xbf\xbd\xc3\xa9\xef\xbf\xbd");
        buf_clear(&b);
}

static void writer__is_read_back_byte_for_byte(void **state)
{
        struct fixture *f = *state;
        char all[256];
        size_t n = 0;
        for (int c = 1; c < 128; c++)
                all[n++] = (char)c;
        struct buf b;
        struct json_out o;
        buf_init(&b, 10000);
        json_out_init(&o, &b);
        json_put_string(&o, NULL, slice_make(all, n));
        assert_true(json_read(&f->j, f->arena, buf_slice(&b), 0, &f->err));
        assert_true(slice_eq(f->j->text, slice_make(all, n)));
        buf_clear(&b);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(json__becomes_a_tree_in_the_order_written, begin, finish),
                cmocka_unit_test_setup_teardown(json__borrows_plain_strings_and_copies_decoded_ones, begin,
                                                finish),
                cmocka_unit_test_setup_teardown(json__decodes_paired_surrogates, begin, finish),
                cmocka_unit_test_setup_teardown(json__refuses_lone_surrogates_and_nul, begin, finish),
                cmocka_unit_test_setup_teardown(json__refuses_what_is_not_utf8, begin, finish),
                cmocka_unit_test_setup_teardown(json__refuses_what_the_grammar_does_not_have, begin, finish),
                cmocka_unit_test_setup_teardown(json__never_repeats_the_text_in_an_error, begin, finish),
                cmocka_unit_test_setup_teardown(json__refuses_a_key_that_comes_twice, begin, finish),
                cmocka_unit_test_setup_teardown(json__is_no_deeper_than_allowed, begin, finish),
                cmocka_unit_test(json__says_full_at_the_ceiling_of_the_arena),
                cmocka_unit_test_setup_teardown(json__takes_escaped_strings_of_any_length, begin, finish),
                cmocka_unit_test_setup_teardown(json__is_refused_wherever_a_long_text_is_cut_short, begin,
                                                finish),
                cmocka_unit_test_setup_teardown(json__survives_damage, begin, finish),
                cmocka_unit_test(writer__sets_commas_and_escapes),
                cmocka_unit_test_setup_teardown(writer__never_writes_what_is_not_utf8, begin, finish),
                cmocka_unit_test_setup_teardown(writer__is_read_back_byte_for_byte, begin, finish),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
