/* test_csv_id.c - ids of rows that bring none: stable, and one a row however many there are. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "csv_id.h"

enum { ROWS = 5000 }; /* the set of rows seen grows thrice */

static struct slice id_of(struct csv_seen *s, struct arena *a, int i)
{
        char text[16];
        struct slice id;
        struct err err = ERR_INIT;
        snprintf(text, sizeof text, "row %d", i);
        const struct slice cells[] = { slice_of(text), SLICE("the import is slow") };
        assert_true(csv_id_of_row(&id, a, s, cells, 2, &err));
        return id;
}

static int by_text(const void *a, const void *b)
{
        return strcmp(*(char *const *)a, *(char *const *)b);
}

static void rows__of_a_long_sheet_have_an_id_each_and_the_same_when_it_comes_again(void **state)
{
        (void)state;
        static const char *first[ROWS], *again[ROWS], *sorted[ROWS];
        struct arena *a = arena_new(8 << 20);
        for (int pass = 0; pass < 2; pass++) {
                struct csv_seen *s = csv_seen_new();
                for (int i = 0; i < ROWS; i++)
                        (pass ? again : first)[i] = arena_string(a, id_of(s, a, i));
                csv_seen_free(s);
        }
        for (int i = 0; i < ROWS; i++) {
                assert_string_equal(first[i], again[i]);
                sorted[i] = first[i];
        }
        qsort(sorted, ROWS, sizeof *sorted, by_text);
        for (int i = 1; i < ROWS; i++)
                assert_string_not_equal(sorted[i - 1], sorted[i]);
        arena_free(a);
}

static void rows__of_the_same_content_are_counted_across_the_growth(void **state)
{
        (void)state;
        struct arena *a = arena_new(8 << 20);
        struct csv_seen *s = csv_seen_new();
        struct slice once = id_of(s, a, 7);
        for (int i = 10; i < ROWS; i++)
                id_of(s, a, i);
        struct slice twice = id_of(s, a, 7), thrice = id_of(s, a, 7);
        assert_true(twice.n == once.n + 2 && memcmp(twice.p, once.p, once.n) == 0);
        assert_memory_equal(twice.p + once.n, "/2", 2);
        assert_memory_equal(thrice.p + once.n, "/3", 2);
        csv_seen_free(s);
        arena_free(a);
}

static void rows__whose_cells_are_cut_elsewhere_differ(void **state)
{
        (void)state;
        struct arena *a = arena_new(1 << 20);
        struct csv_seen *s = csv_seen_new();
        const struct slice one[] = { SLICE("ab"), SLICE("c") }, other[] = { SLICE("a"), SLICE("bc") };
        struct slice x, y;
        struct err err = ERR_INIT;
        assert_true(csv_id_of_row(&x, a, s, one, 2, &err));
        assert_true(csv_id_of_row(&y, a, s, other, 2, &err));
        assert_false(slice_eq(x, y));
        csv_seen_free(s);
        arena_free(a);
}

static void columns__that_are_empty_are_named(void **state)
{
        (void)state;
        struct arena *a = arena_new(1 << 20);
        struct slice id;
        struct err err = ERR_INIT;
        const struct slice cells[] = { SLICE("ann@x"), SLICE_NONE };
        assert_true(csv_id_of_columns(&id, a, cells, 1, &err));
        assert_memory_equal(id.p, "5:ann@x", id.n);
        assert_false(csv_id_of_columns(&id, a, cells, 2, &err));
        assert_int_equal(err.kind, ERR_DATA);
        assert_non_null(strstr(err.text, "column 2"));
        arena_free(a);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(rows__of_a_long_sheet_have_an_id_each_and_the_same_when_it_comes_again),
                cmocka_unit_test(rows__of_the_same_content_are_counted_across_the_growth),
                cmocka_unit_test(rows__whose_cells_are_cut_elsewhere_differ),
                cmocka_unit_test(columns__that_are_empty_are_named),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
