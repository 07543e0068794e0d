/* test_untouched.c - what a database community writes passes as it is: versions, hashes, trace
 * ids, timestamps, TSOs, dumps, literals, remotes. The texts are in tests/data/untouched.txt. */
#include "helpers.h"

/* "\\n" in the file is a line break. */
static void break_lines(char *line)
{
        char *to = line;
        line[strcspn(line, "\n")] = 0;
        for (const char *p = line; *p; p++) {
                if (p[0] == '\\' && p[1] == 'n') {
                        *to++ = '\n';
                        p++;
                } else {
                        *to++ = *p;
                }
        }
        *to = 0;
}

static void untouched__is_what_databases_write(void **state)
{
        (void)state;
        char line[1024];
        int texts = 0, touched = 0;
        FILE *f = fopen(TEST_DATA "/untouched.txt", "r");
        assert_non_null(f);
        while (fgets(line, sizeof line, f)) {
                if (line[0] == '#')
                        continue;
                break_lines(line);
                texts++;
                const char *what = found(line);
                if (what[0])
                        print_message("%s\n    in: %s\n", what, line);
                touched += what[0] != 0;
        }
        fclose(f);
        assert_true(texts > 100);
        assert_int_equal(touched, 0);
}

/* One text after another: what leads to a finding must not reach over. */
static void untouched__stays_so_in_one_long_text(void **state)
{
        (void)state;
        static char all[65536];
        char line[1024];
        size_t n = 0;
        FILE *f = fopen(TEST_DATA "/untouched.txt", "r");
        assert_non_null(f);
        while (fgets(line, sizeof line, f)) {
                if (line[0] == '#')
                        continue;
                break_lines(line);
                n += (size_t)snprintf(all + n, sizeof all - n, "%s\n\n", line);
                assert_true(n < sizeof all);
        }
        fclose(f);
        finds_nothing(all);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(untouched__is_what_databases_write),
                cmocka_unit_test(untouched__stays_so_in_one_long_text),
        };
        return cmocka_run_group_tests(tests, open_scanner, close_scanner);
}
