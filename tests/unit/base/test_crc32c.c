/* test_crc32c.c - the tables that machines without the instruction use give what the instruction gives. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "crc32c.c" /* its two ways are its own business; a vault moves between machines that take either */

static void crc32c__is_the_same_by_table_and_by_processor(void **state)
{
        (void)state;
        unsigned char bytes[300];
        unsigned seed = 1;
        for (size_t i = 0; i < sizeof bytes; i++)
                bytes[i] = (unsigned char)rand_r(&seed);
        crc32c(0, SLICE_NONE); /* makes the tables */
        if (!cpu_can())
                skip();
        for (size_t from = 0; from < 9; from++)
                for (size_t n = 0; from + n <= sizeof bytes; n++)
                        assert_int_equal(crc_by_table(~0u, bytes + from, n), crc_by_cpu(~0u, bytes + from, n));
}

static void crc32c__goes_on_where_it_stopped_by_table(void **state)
{
        (void)state;
        static const unsigned char text[] = "123456789abcdefghijklmnop";
        crc32c(0, SLICE_NONE);
        uint32_t whole = crc_by_table(~0u, text, 25);
        for (size_t cut = 0; cut <= 25; cut++)
                assert_int_equal(crc_by_table(crc_by_table(~0u, text, cut), text + cut, 25 - cut), whole);
        assert_int_equal(~crc_by_table(~0u, text, 9), 0xe3069283); /* RFC 3720 */
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(crc32c__is_the_same_by_table_and_by_processor),
                cmocka_unit_test(crc32c__goes_on_where_it_stopped_by_table),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
