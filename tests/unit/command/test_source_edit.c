/* A member more in `sources`: what a file becomes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/conf.h"
#include "source_edit.h"

#define BLOCK "  { name = \"new\"; }\n"

static void becomes(const char *before, const char *after, int line)
{
        struct buf out;
        int at = 0;
        struct conf *c = NULL;
        buf_init(&out, 1 << 16);
        assert_true(source_insert(&out, slice_of(before), SLICE(BLOCK), &at));
        assert_string_equal(out.p, after);
        assert_int_equal(at, line);
        assert_true(conf_parse(&c, "r.cfg", buf_slice(&out), NULL));
        const struct conf_node *list = conf_get(conf_root(c), "sources");
        assert_string_equal(conf_text(conf_get(conf_at(list, conf_count(list) - 1), "name")), "new");
        conf_free(c);
        buf_clear(&out);
}

static void insert__appends_and_leaves_all_else_as_it_is(void **state)
{
        (void)state;
        becomes("a = 1;\nsources = (\n  { name = \"x\"; } # ) of x\n);\nb = 2;\n",
                "a = 1;\nsources = (\n  { name = \"x\"; }, # ) of x\n" BLOCK ");\nb = 2;\n", 4);
        becomes("sources = ( { name = \"x)\\\"\"; } );\n", "sources = ( { name = \"x)\\\"\"; },\n" BLOCK ");\n", 2);
        becomes("sources = (\n  { name = \"x\"; },\n  // last\n  );\n", "sources = (\n  { name = \"x\"; },\n  // last\n" BLOCK "  );\n", 4);
        becomes("sources:( ); /* sources = ( */\n", "sources:(\n" BLOCK "); /* sources = ( */\n", 2);
        becomes("# sources = (\nx = { sources = ( 1 ); };\nsources = (\n);", "# sources = (\nx = { sources = ( 1 ); };\nsources = (\n" BLOCK ");", 4);
}

static void insert__makes_the_list_where_there_is_none(void **state)
{
        (void)state;
        becomes("a = \"sources = (\";", "a = \"sources = (\";\n\nsources = (\n" BLOCK ");\n", 4);
        becomes("a = 1;\n", "a = 1;\n\nsources = (\n" BLOCK ");\n", 4);
}

static void insert__ends_lines_as_the_file_does(void **state)
{
        (void)state;
        becomes("a = 1;\r\nsources = (\r\n  { name = \"x\"; }\r\n);\r\n",
                "a = 1;\r\nsources = (\r\n  { name = \"x\"; },\r\n  { name = \"new\"; }\r\n);\r\n", 4);
}

static void insert__gives_up_where_there_is_no_list(void **state)
{
        static const char *const bad[] = { "sources = [ ];", "sources = (", "sources = ( { )", "sources", "sources = \"(\";" };
        (void)state;
        for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
                struct buf out;
                int line;
                buf_init(&out, 1 << 16);
                bool found = source_insert(&out, slice_of(bad[i]), SLICE(BLOCK), &line);
                assert_true(!found || i == 2); /* unbalanced ones never get here: they do not parse */
                buf_clear(&out);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(insert__appends_and_leaves_all_else_as_it_is),
                cmocka_unit_test(insert__makes_the_list_where_there_is_none),
                cmocka_unit_test(insert__ends_lines_as_the_file_does),
                cmocka_unit_test(insert__gives_up_where_there_is_no_list),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
