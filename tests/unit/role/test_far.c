/* test_far.c - an officer's request from elsewhere: what is understood, and what is never told. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent_reapply.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "far.h"

#define POLICY "policy = \"p\"; version = 3; language = 1; title = \"T\";\n" \
        "records = { feedback = \"go\"; };\nsubject = \"none\";\n" \
        "purposes = ( { name = \"research\"; ground = \"art. 6\"; kinds = [\"feedback\"]; } );\n" \
        "transfers = ( { to = [\"EEA\"]; allow = [\"kafka\", \"warehouse\", \"reading\"]; basis = \"inside\"; } );\n" \
        "keep = { warehouse = \"3 years\"; };\nfields = ( { field = [\"title\", \"body\"]; do = \"clean\"; } );\n" \
        "find = ( { what = \"email\"; do = \"mask\"; } );\n"
#define RECORD "{\"record\":{\"id\":\"1\",\"kind\":\"feedback\",\"occurred_at\":\"2026-11-20T10:00:00Z\"," \
        "\"body\":\"write to ann@corp.example or bob@corp.example\"}}"

static char root[64];
static struct region region = { .code = "de-frankfurt", .title = "", .jurisdiction = "EEA", .timezone = "Europe/Berlin", .policy = "p" };
static struct hub hub = { .places = { { .what = PLACE_KAFKA, .jurisdiction = "EEA" }, { .what = PLACE_WAREHOUSE, .jurisdiction = "EEA" } },
                          .n_places = 2 };
static struct book_spec spec;
static struct book *book;
static struct arena *arena;
static atomic_bool stop;
static struct err err;

static int begin(void **state)
{
        char path[128];
        struct report *report = report_new();
        (void)state;
        log_setup(LOG_LEVEL_ERROR, false);
        snprintf(root, sizeof root, "/tmp/test_far.XXXXXX");
        assert_non_null(mkdtemp(root));
        snprintf(path, sizeof path, "%s/p.cfg", root);
        assert_true(file_save(path, slice_of(POLICY), 0600, &err));
        spec = (struct book_spec){ root, &region, &hub };
        if (!book_load(&book, &spec, report)) {
                report_print(report, stderr);
                fail_msg("the policy has errors");
        }
        report_free(report);
        arena = arena_new(FAR_ARENA_MAX);
        return 0;
}

static int end(void **state)
{
        char path[128];
        (void)state;
        snprintf(path, sizeof path, "%s/p.cfg", root);
        unlink(path);
        rmdir(root);
        book_drop(book);
        arena_free(arena);
        return 0;
}

static bool understood(enum far_kind kind, const char *body, struct far_wish *w)
{
        err_clear(&err);
        return far_read(kind, slice_of(body), region.timezone, arena, w, &err);
}

static void far__understands_what_it_is_asked_and_nothing_else(void **state)
{
        static struct far_wish w;
        (void)state;
        assert_true(understood(FAR_EXPLAIN, "{\"entry\":\"4294967297-17\"}", &w));
        assert_true(w.at.epoch == UINT64_C(4294967297) && w.at.seq == 17 && !w.has_record);
        assert_true(understood(FAR_EXPLAIN, RECORD, &w));
        assert_true(w.has_record);
        static const char *const wrong[] = { "", "{}", "[]", "{\"entry\":\"17\"}", "{\"entry\":\"-1-2\"}", "{\"entry\":\"1-2-3\"}",
                                             "{\"entry\":\"99999999999999999999999-1\"}", "{\"record\":{\"id\":\"1\"}}" };
        for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
                assert_false(understood(FAR_EXPLAIN, wrong[i], &w));
                assert_true(err.text[0]);
        }
}

static void far__takes_no_file_but_those_of_a_set(void **state)
{
        static struct far_wish w;
        (void)state;
        assert_true(understood(FAR_DIFF, "{\"files\":{\"p.cfg\":\"x\",\"lists/a.txt\":\"y\"},\"since\":\"2026-11-01\"}", &w));
        assert_int_equal(w.n_files, 2);
        static const char *const names[] = { "../p.cfg", "/etc/passwd", "lists/../p.cfg", "lists/.hidden", "p.txt", ".cfg", "a/b.cfg" };
        for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
                char body[128];
                snprintf(body, sizeof body, "{\"files\":{\"%s\":\"x\"}}", names[i]);
                assert_false(understood(FAR_DIFF, body, &w));
        }
        assert_false(understood(FAR_DIFF, "{\"files\":{}}", &w));
        assert_false(understood(FAR_DIFF, "{\"files\":{\"p.cfg\":\"x\"},\"since\":\"last week\"}", &w));
}

static void explain(bool words, bool exact, struct buf *out)
{
        static struct far_wish w;
        const struct far_desk d = { .book = book, .spec = &spec, .words = words, .exact = exact, .until_us = INT64_MAX, .stop = &stop };
        assert_true(understood(FAR_EXPLAIN, RECORD, &w));
        buf_reset(out);
        if (!far_explain(&d, &w, arena, out, &err))
                fail_msg("%s", err.text);
        buf_putc(out, 0);
}

static void far__shows_words_as_they_would_leave_or_none_and_never_values(void **state)
{
        struct buf out;
        (void)state;
        buf_init(&out, FAR_ANSWER_MAX);
        explain(true, true, &out);
        assert_non_null(strstr(out.p, "write to [email 1] or [email 2]"));
        assert_non_null(strstr(out.p, "\"what\":\"email\",\"action\":\"mask\",\"count\":2"));
        assert_null(strstr(out.p, "corp.example"));
        explain(false, false, &out);
        assert_null(strstr(out.p, "write to"));
        assert_null(strstr(out.p, "corp.example"));
        assert_non_null(strstr(out.p, "\"count\":5")); /* small counts are merged */
        buf_clear(&out);
}

/* Days are the region's: Berlin's November begins an hour before that of UTC. */
static void reapply__counts_in_days_of_the_region(void **state)
{
        enum reapply_do what;
        struct reapply_wanted w;
        int64_t first, last;
        (void)state;
        err_clear(&err);
        assert_true(reapply_asked(SLICE("{\"do\":\"start\",\"since\":\"2026-11-01\",\"until\":\"2026-11-20\",\"dry_run\":true}"),
                                  "Europe/Berlin", &what, &w, &err));
        assert_true(what == REAPPLY_START && w.dry && !w.yes);
        assert_true(clock_parse_rfc3339(&first, SLICE("2026-10-31T23:00:00Z")) && clock_parse_rfc3339(&last, SLICE("2026-11-20T23:00:00Z")));
        assert_true(w.since_us == first && w.until_us == last);
        assert_true(reapply_asked(SLICE("{\"do\":\"start\",\"since\":\"2026-11-01T09:00:00+01:00\",\"yes\":true}"), "Europe/Berlin", &what,
                                  &w, &err));
        assert_true(w.since_us == first + 9 * US_PER_HOUR && w.until_us == INT64_MAX && w.yes);
        static const char *const wrong[] = { "", "{\"do\":\"start\"}", "{\"do\":\"begin\",\"since\":\"2026-11-01\"}",
                                             "{\"do\":\"start\",\"since\":\"2026-02-30\"}", "{\"do\":\"start\",\"since\":\"yesterday\"}" };
        for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
                err_clear(&err);
                assert_false(reapply_asked(slice_of(wrong[i]), "Europe/Berlin", &what, &w, &err));
                assert_true(err.text[0]);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(far__understands_what_it_is_asked_and_nothing_else),
                cmocka_unit_test(far__takes_no_file_but_those_of_a_set),
                cmocka_unit_test(far__shows_words_as_they_would_leave_or_none_and_never_values),
                cmocka_unit_test(reapply__counts_in_days_of_the_region),
        };
        return cmocka_run_group_tests(tests, begin, end);
}
