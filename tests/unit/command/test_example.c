/* test_example.c - which finding a mask covers, and an example that gives nobody away. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "policy_example.h"

static struct record r;
static struct explanation e;
static struct explained_find finds[8];

/* A body with findings at these bytes, and as it leaves. */
static void record_of(const char *body, const char *left, const uint32_t (*at)[2], size_t n)
{
        memset(&r, 0, sizeof r);
        memset(&e, 0, sizeof e);
        r.text[FIELD_BODY] = slice_of(body);
        e.said.decision = DECISION_GO;
        e.left.fields.text[FIELD_BODY] = slice_of(left);
        for (size_t i = 0; i < n; i++)
                finds[i] = (struct explained_find){ .field = FIELD_BODY, .start = at[i][0], .end = at[i][1], .what = i ? "phone" : "email",
                                                    .action = "mask", .by = { "base.cfg", 13, "" } };
        e.finds = finds;
        e.n_finds = n;
}

#define BODY "mail a@b.example or 445566778899\nticket 112233445566, then more words of it"
static const uint32_t three[][2] = { { 5, 16 }, { 20, 32 }, { 40, 52 } };

static void spot__is_what_the_mask_covers(void **state)
{
        struct example_spot s;
        struct err err = ERR_INIT;
        (void)state;
        record_of(BODY, "mail [email 1] or [phone 1]\nticket [phone 2], then more words of it", three, 3);
        assert_true(example_spot(&r, &e, "[phone 2]", &s, &err));
        assert_true(s.field == FIELD_BODY && s.start == 40 && s.end == 52 && strcmp(s.what, "phone") == 0 && s.by.line == 13);
        assert_true(example_spot(&r, &e, "[email 1]", &s, &err) && s.start == 5);
        assert_false(example_spot(&r, &e, "[phone 3]", &s, &err));
        assert_int_equal(err.kind, ERR_DATA);
        assert_false(example_spot(&r, &e, "phone", &s, &err));
        assert_non_null(strstr(err.hint, "--mask"));
        record_of("see [phone 1] and a@b.example x", "see [phone 1] and [email 1] x", (const uint32_t[][2]){ { 18, 29 } }, 1);
        assert_false(example_spot(&r, &e, "[email 1]", &s, &err)); /* brackets of the text's own: nobody can tell */
        assert_non_null(strstr(err.text, "cannot be told"));
        e.said.decision = DECISION_HOLD;
        assert_false(example_spot(&r, &e, "[email 1]", &s, &err));
}

static void words__have_another_value_and_no_other_finding(void **state)
{
        struct example_spot s;
        struct err err = ERR_INIT;
        struct buf b;
        (void)state;
        record_of(BODY, "mail [email 1] or [phone 1]\nticket [phone 2], then more words of it", three, 3);
        assert_true(example_spot(&r, &e, "[phone 2]", &s, &err));
        buf_init(&b, 4096);
        example_words(&r, &e, &s, 11, 7, &b);
        assert_true(slice_starts(buf_slice(&b), SLICE("ticket ")) && b.n == 7 + 12 + 11);
        assert_memory_equal(b.p + 19, ", then more", 11);
        assert_null(strstr(b.p, "112233445566"));
        assert_null(strstr(b.p, "445566778899"));
        assert_int_equal(strspn(b.p + 7, "0123456789"), 12); /* its shape */
        assert_true(example_spot(&r, &e, "[phone 1]", &s, &err));
        buf_reset(&b);
        example_words(&r, &e, &s, 60, 7, &b); /* up to the email, and on its line */
        assert_true(slice_starts(buf_slice(&b), SLICE(" or ")) && b.n == 4 + 12);
        buf_clear(&b);
}

static void marks__are_masks_and_nothing_else(void **state)
{
        (void)state;
        assert_int_equal(example_mask_at(SLICE("[phone 12] x")), 10);
        assert_int_equal(example_mask_at(SLICE("[removed]x")), 9);
        assert_int_equal(example_mask_at(SLICE("[id 1]")), 6);
        assert_int_equal(example_mask_at(SLICE("[phone]")), 0);
        assert_int_equal(example_mask_at(SLICE("[Phone 1]")), 0);
        assert_int_equal(example_mask_at(SLICE("[")), 0);
        assert_int_equal(example_mask_at(SLICE("")), 0);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(spot__is_what_the_mask_covers),
                cmocka_unit_test(words__have_another_value_and_no_other_finding),
                cmocka_unit_test(marks__are_masks_and_nothing_else),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
