/* Canonical JSON, the flat form, identities. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "model/identity.h"
#include "model/record.h"

static struct arena *arena;

static int setup(void **state)
{
        (void)state;
        arena = arena_new(4 << 20);
        return arena ? 0 : -1;
}

static int teardown(void **state)
{
        (void)state;
        arena_free(arena);
        return 0;
}

static const char whole[] =
        "{\"id\":\"a-1\",\"kind\":\"feedback\",\"occurred_at\":\"2026-11-22T23:01:02.5+01:00\","
        "\"title\":\"Título\",\"body\":\"\",\"lang\":\"pt-BR\",\"rating\":9.5,\"version\":7,"
        "\"edition\":\"cloud\",\"tags\":[\"a\",\"b\"],\"mentions\":[\"@c\"],"
        "\"author\":{\"id\":9007199254740993,\"handle\":\"h\",\"email\":\"A@B.example\",\"country\":\"de\","
        "\"age\":33,\"standing\":\"active\",\"shoe\":44},"
        "\"consent\":[{\"purpose\":\"contact\",\"given_at\":\"2026-01-01T00:00:00Z\",\"separate\":true,"
        "\"evidence\":\"box\"},{\"purpose\":\"funnel\",\"until\":\"2027-01-01T00:00:00Z\"}],"
        "\"attributes\":{\"n\":12345678901234567890,\"b\":true,\"t\":\"x\",\"z\":null},"
        "\"revision\":9223372036854775807,\"deleted\":false,\"mood\":\"?\",\"url\":null}";

static void parse(struct record *r, const char *text)
{
        struct err err = ERR_INIT;
        if (!record_parse(r, arena, slice_of(text), NULL, &err))
                fail_msg("%s", err.text);
}

static void check_whole(const struct record *r)
{
        assert_int_equal(r->kind, KIND_FEEDBACK);
        assert_int_equal(r->occurred_at_us, INT64_C(1795384862500000));
        assert_true(slice_is(r->text[FIELD_ID], "a-1"));
        assert_true(slice_is(r->text[FIELD_TITLE], "Título"));
        assert_non_null(r->text[FIELD_BODY].p);
        assert_int_equal(r->text[FIELD_BODY].n, 0);
        assert_null(r->text[FIELD_URL].p);
        assert_true(slice_is(r->text[FIELD_RATING], "9.5"));
        assert_true(slice_is(r->text[FIELD_VERSION], "7"));
        assert_true(slice_is(r->text[FIELD_AUTHOR_ID], "9007199254740993"));
        assert_true(slice_is(r->text[FIELD_AUTHOR_COUNTRY], "DE"));
        assert_int_equal(r->n_tags, 2);
        assert_true(slice_is(r->tags[1], "b"));
        assert_int_equal(r->n_mentions, 1);
        assert_int_equal(r->n_consents, 2);
        assert_true(r->consents[0].separate);
        assert_int_equal(r->consents[0].given_at_us, INT64_C(1767225600000000));
        assert_true(r->consents[0].until_us == INT64_MAX);
        assert_true(slice_is(r->consents[0].evidence, "box"));
        assert_true(r->consents[1].given_at_us == INT64_MIN);
        assert_null(r->consents[1].evidence.p);
        assert_int_equal(r->n_attributes, 3);
        assert_true(slice_is(r->attributes[0].value, "12345678901234567890"));
        assert_true(slice_is(r->attributes[1].value, "true"));
        assert_true(r->revision == INT64_MAX);
        assert_false(r->deleted);
}

static void record__reads_every_field_and_counts_strangers(void **state)
{
        struct record r;
        size_t unknown = 0;
        struct err err = ERR_INIT;
        (void)state;
        assert_true(record_parse(&r, arena, slice_of(whole), &unknown, &err));
        check_whole(&r);
        assert_int_equal(unknown, 2);
        assert_int_equal(r.n_strangers, 2);
        assert_true(slice_is(r.strangers[0], "author.shoe"));
        assert_true(slice_is(r.strangers[1], "mood"));
        assert_true(record_check(&r, &err));
}

static void record__comes_back_from_its_flat_form(void **state)
{
        struct record r, again;
        struct buf flat;
        struct err err = ERR_INIT;
        (void)state;
        parse(&r, whole);
        r.first = true;
        buf_init(&flat, 1 << 20);
        record_flatten(&r, &flat);
        assert_true(record_unflatten(&again, arena, buf_slice(&flat), &err));
        check_whole(&again);
        assert_true(again.first);
        buf_clear(&flat);
}

static void record__comes_back_from_its_canonical_json(void **state)
{
        struct record r, again;
        struct buf json;
        (void)state;
        parse(&r, whole);
        buf_init(&json, 1 << 20);
        record_format(&r, &json);
        parse(&again, json.p);
        check_whole(&again);
        buf_clear(&json);
}

static void flat__has_the_bytes_that_flat_c_shows(void **state)
{
        static const uint8_t expected[] = { 1, 1, 0, 0, 0, 1, 'a', 2, 0, 0, 0, 1, 0, 3, 0,   0,  0,
                                            8, 0, 0, 0, 0, 0, 0,   0, 1, 5, 0, 0, 0, 2, 'h', 'i' };
        struct record r = { .kind = KIND_FEEDBACK, .occurred_at_us = 1 };
        struct buf flat;
        (void)state;
        r.text[FIELD_ID] = SLICE("a");
        r.text[FIELD_BODY] = SLICE("hi");
        buf_init(&flat, 1024);
        record_flatten(&r, &flat);
        assert_int_equal(flat.n, sizeof expected);
        assert_memory_equal(flat.p, expected, sizeof expected);
        buf_clear(&flat);
}

/* Every prefix and every single flipped byte: an error or a record, never a fault. */
static void flat__survives_damage(void **state)
{
        struct record r;
        struct buf flat;
        (void)state;
        parse(&r, whole);
        buf_init(&flat, 1 << 20);
        record_flatten(&r, &flat);
        for (size_t n = 0; n < flat.n; n++) {
                arena_reset(arena);
                struct err err = ERR_INIT;
                struct record got;
                char *copy = malloc(n ? n : 1); /* exactly as long: the sanitizer sees overreads */
                memcpy(copy, flat.p, n);
                if (!record_unflatten(&got, arena, (struct slice){ copy, n }, &err))
                        assert_int_equal(err.kind, ERR_DATA);
                free(copy);
        }
        for (size_t i = 0; i < flat.n; i++) {
                arena_reset(arena);
                struct record got;
                flat.p[i] = (char)(flat.p[i] ^ 0xff);
                record_unflatten(&got, arena, buf_slice(&flat), NULL);
                flat.p[i] = (char)(flat.p[i] ^ 0xff);
        }
        buf_clear(&flat);
}

static void flat__refuses_other_versions_and_unknown_tags(void **state)
{
        struct record r;
        struct err err = ERR_INIT;
        (void)state;
        assert_false(record_unflatten(&r, arena, SLICE("\x02"), &err));
        assert_int_equal(err.kind, ERR_DATA);
        assert_false(record_unflatten(&r, arena, SLICE("\x01\x22\0\0\0\0"), &err));
        assert_false(record_unflatten(&r, arena, SLICE("\x01\x00\0\0\0\0"), &err));
        assert_false(record_unflatten(&r, arena, SLICE(""), &err));
}

#define BASE "\"id\":\"a\",\"kind\":\"event\",\"occurred_at\":\"2026-01-01T00:00:00Z\""

static void record__is_refused_with_the_field_and_why(void **state)
{
        static const struct {
                const char *json, *why;
        } cases[] = {
                { "[]", "not a JSON object" },
                { "{\"kind\":\"event\",\"occurred_at\":\"2026-01-01T00:00:00Z\"}", "\"id\" is missing" },
                { "{\"id\":\"a\",\"occurred_at\":\"2026-01-01T00:00:00Z\"}", "\"kind\" is missing" },
                { "{\"id\":\"a\",\"kind\":\"event\"}", "\"occurred_at\" is missing" },
                { "{\"id\":\"\",\"kind\":\"event\",\"occurred_at\":\"2026-01-01T00:00:00Z\"}", "\"id\"" },
                { "{\"id\":null,\"kind\":\"event\",\"occurred_at\":\"2026-01-01T00:00:00Z\"}", "\"id\"" },
                { "{\"id\":\"a\",\"kind\":\"Event\",\"occurred_at\":\"2026-01-01T00:00:00Z\"}", "\"kind\"" },
                { "{\"id\":\"a\",\"kind\":\"event\",\"occurred_at\":\"yesterday\"}", "\"occurred_at\"" },
                { "{" BASE ",\"rating\":11}", "\"rating\"" },
                { "{" BASE ",\"rating\":\"nan\"}", "\"rating\"" },
                { "{" BASE ",\"edition\":\"gold\"}", "\"edition\"" },
                { "{" BASE ",\"author\":{\"standing\":\"king\"}}", "\"author.standing\"" },
                { "{" BASE ",\"author\":{\"age\":-1}}", "\"author.age\"" },
                { "{" BASE ",\"author\":\"me\"}", "\"author\"" },
                { "{" BASE ",\"title\":7}", "\"title\"" },
                { "{" BASE ",\"tags\":\"a\"}", "\"tags\"" },
                { "{" BASE ",\"tags\":[1]}", "\"tags\"" },
                { "{" BASE ",\"revision\":-1}", "\"revision\"" },
                { "{" BASE ",\"revision\":1.5}", "\"revision\"" },
                { "{" BASE ",\"revision\":9223372036854775808}", "\"revision\"" },
                { "{" BASE ",\"deleted\":\"true\"}", "\"deleted\"" },
                { "{" BASE ",\"attributes\":{\"a\":[1]}}", "\"attributes\"" },
                { "{" BASE ",\"consent\":[{\"given_at\":\"2026-01-01T00:00:00Z\"}]}", "\"consent\"" },
                { "{" BASE ",\"consent\":[{\"purpose\":\"x\",\"until\":\"never\"}]}", "\"consent.until\"" },
        };
        (void)state;
        for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
                struct record r;
                struct err err = ERR_INIT;
                assert_false(record_parse(&r, arena, slice_of(cases[i].json), NULL, &err));
                assert_int_equal(err.kind, ERR_DATA);
                if (!strstr(err.text, cases[i].why))
                        fail_msg("case %zu: %s", i, err.text);
                /* What people wrote is never told. */
                assert_null(strstr(err.text, "yesterday"));
                assert_null(strstr(err.text, "king"));
        }
}

static void record__has_ceilings(void **state)
{
        struct record r;
        struct err err = ERR_INIT;
        struct buf b;
        (void)state;
        buf_init(&b, 4 << 20);
        buf_puts(&b, "{" BASE ",\"body\":\"");
        while (b.n <= RECORD_BYTES_MAX)
                buf_puts(&b, "0123456789abcdef");
        buf_puts(&b, "\"}");
        assert_false(record_parse(&r, arena, buf_slice(&b), NULL, &err));
        assert_int_equal(err.kind, ERR_DATA);

        buf_reset(&b);
        buf_puts(&b, "{" BASE ",\"tags\":[\"x\"");
        for (int i = 0; i < RECORD_LIST_MAX; i++)
                buf_puts(&b, ",\"x\"");
        buf_puts(&b, "]}");
        assert_false(record_parse(&r, arena, buf_slice(&b), NULL, &err));
        assert_non_null(strstr(err.text, "\"tags\" has over 256"));

        buf_reset(&b);
        buf_puts(&b, "{\"kind\":\"event\",\"occurred_at\":\"2026-01-01T00:00:00Z\",\"id\":\"");
        for (int i = 0; i <= RECORD_ID_MAX; i++)
                buf_putc(&b, 'i');
        buf_puts(&b, "\"}");
        assert_false(record_parse(&r, arena, buf_slice(&b), NULL, &err));
        assert_string_equal(err.text, "\"id\" is over 512 bytes");

        struct arena *small = arena_new(64);
        assert_false(record_parse(&r, small, slice_of(whole), NULL, &err));
        assert_int_equal(err.kind, ERR_FULL);
        arena_free(small);
        buf_clear(&b);
}

static void record__refuses_depth_surrogates_and_zeros(void **state)
{
        static const char *const wrong[] = {
                ("{" BASE ",\"x\":[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]}"),
                ("{" BASE ",\"title\":\"\\ud800\"}"),
                ("{" BASE ",\"title\":\"\\u0000\"}"),
                ("{" BASE ",\"title\":\"\xff\"}"),
                ("{" BASE ",\"title\":\"a\",\"title\":\"b\"}"),
                ("{" BASE),
        };
        (void)state;
        for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
                struct record r;
                struct err err = ERR_INIT;
                assert_false(record_parse(&r, arena, slice_of(wrong[i]), NULL, &err));
                assert_int_equal(err.kind, ERR_DATA);
        }
}

static void record__check_sees_what_no_json_reader_saw(void **state)
{
        struct record r;
        struct err err = ERR_INIT;
        (void)state;
        parse(&r, whole);
        r.text[FIELD_BODY] = SLICE("a\0b");
        assert_false(record_check(&r, &err));
        assert_string_equal(err.text, "\"body\" holds U+0000");
        r.text[FIELD_BODY] = SLICE("\xc0\x80");
        assert_false(record_check(&r, &err));
        assert_string_equal(err.text, "\"body\" is not valid UTF-8");
        parse(&r, whole);
        r.occurred_at_us = INT64_MAX;
        assert_false(record_check(&r, &err));
        r.occurred_at_us = INT64_MIN;
        assert_false(record_check(&r, &err));
}

static void record__sets_fields_from_text(void **state)
{
        struct record r = { 0 };
        struct err err = ERR_INIT;
        (void)state;
        assert_true(record_set(&r, arena, FIELD_KIND, SLICE("lead"), &err));
        assert_true(record_set(&r, arena, FIELD_DELETED, SLICE("yes"), &err));
        assert_true(record_set(&r, arena, FIELD_REVISION, SLICE("12"), &err));
        assert_true(record_set(&r, arena, FIELD_AUTHOR_COUNTRY, SLICE(" us-ca "), &err));
        assert_true(slice_is(r.text[FIELD_AUTHOR_COUNTRY], "US-CA"));
        assert_int_equal(r.kind, KIND_LEAD);
        assert_true(r.deleted);
        assert_int_equal(r.revision, 12);
        assert_false(record_set(&r, arena, FIELD_KIND, SLICE("x"), &err));
        assert_false(record_set(&r, arena, FIELD_TAGS, SLICE("x"), &err));
        assert_int_equal(err.kind, ERR_BUG);
}

static void field__names_lead_there_and_back(void **state)
{
        (void)state;
        for (int f = 0; f < FIELDS; f++)
                assert_int_equal(field_of_name(slice_of(field_name((enum field)f))), f);
        for (int k = 0; k < RECORD_KINDS; k++)
                assert_int_equal(kind_of_name(slice_of(kind_name((enum record_kind)k))), k);
        assert_int_equal(field_of_name(SLICE("author")), -1);
        assert_int_equal(kind_of_name(SLICE("")), -1);
}

static void identity__lists_those_present_in_order(void **state)
{
        struct slice ids[IDENTITIES_MAX];
        struct record r;
        (void)state;
        parse(&r, whole);
        assert_int_equal(identity_of(ids, arena, "forum", &r), 3);
        assert_true(slice_is(ids[0], "forum:id:9007199254740993"));
        assert_true(slice_is(ids[1], "forum:handle:h"));
        assert_true(slice_is(ids[2], "email:a@b.example"));
        r.text[FIELD_AUTHOR_ID] = SLICE_NONE;
        r.text[FIELD_AUTHOR_HANDLE] = SLICE("  ");
        assert_int_equal(identity_of(ids, arena, "forum", &r), 1);
        assert_true(slice_is(ids[0], "email:a@b.example"));
        r.text[FIELD_AUTHOR_EMAIL] = SLICE("");
        assert_int_equal(identity_of(ids, arena, "forum", &r), 0);
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
        const struct CMUnitTest tests[] = {
                T(record__reads_every_field_and_counts_strangers),
                T(record__comes_back_from_its_flat_form),
                T(record__comes_back_from_its_canonical_json),
                T(flat__has_the_bytes_that_flat_c_shows),
                T(flat__survives_damage),
                T(flat__refuses_other_versions_and_unknown_tags),
                T(record__is_refused_with_the_field_and_why),
                T(record__has_ceilings),
                T(record__refuses_depth_surrogates_and_zeros),
                T(record__check_sees_what_no_json_reader_saw),
                T(record__sets_fields_from_text),
                T(field__names_lead_there_and_back),
                T(identity__lists_those_present_in_order),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
