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
#include "vault/keys.h"

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

/* ---- By the vault: whoever wrote there is masked ---------------------------------------- */
#define SEEKING "{ what = [\"email\", \"known_person\"]; do = \"mask\"; }"

static char state_dir[96];

static struct vault *open_vault(void)
{
        struct vault_settings s = { .max_bytes = 1 << 30, .segment_bytes = 1 << 20, .segment_age_us = US_PER_HOUR,
                                    .group_bytes = 1 << 20, .period_us = 30 * US_PER_DAY };
        struct vault_found found;
        struct vault *v = NULL;
        char recovery[128];
        snprintf(state_dir, sizeof state_dir, "%s/state", root);
        snprintf(recovery, sizeof recovery, "%s/recovery", root);
        if (!dir_make(state_dir, 0700, &err) || !keys_generate(state_dir, recovery, &err) ||
            !vault_open(&v, state_dir, "de-frankfurt", &s, &found, &err))
                fail_msg("%s", err.text);
        return v;
}

static struct position write_as(struct vault *v, const char *name, const char *body)
{
        struct record r = { .kind = KIND_FEEDBACK, .occurred_at_us = clock_now_us(), .first = true };
        struct buf flat;
        r.text[FIELD_ID] = slice_of(body);
        r.text[FIELD_BODY] = slice_of(body);
        r.text[FIELD_AUTHOR_NAME] = slice_of(name);
        buf_init(&flat, 1 << 16);
        record_flatten(&r, &flat);
        struct vault_item item = { .kind = ENTRY_RECORD, .source = SLICE("forum"), .id = slice_of(body), .class = "p",
                                   .plain = buf_slice(&flat), .identities = { slice_of(name) }, .n_identities = 1 };
        if (!vault_append(v, &item, 1, &err))
                fail_msg("%s", err.text);
        buf_clear(&flat);
        return item.at;
}

/* Another policy in force: it looks for known people. */
static struct book *seeking(void)
{
        struct report *report = report_new();
        struct buf text;
        char path[128];
        struct book *b;
        const char *at = strstr(POLICY, "find = ");
        buf_init(&text, 8192);
        buf_put(&text, slice_make(POLICY, (size_t)(at - POLICY)));
        buf_puts(&text, "find = ( " SEEKING " );\n");
        snprintf(path, sizeof path, "%s/p.cfg", root);
        assert_true(file_save(path, buf_slice(&text), 0600, &err));
        buf_clear(&text);
        if (!book_load(&b, &spec, report)) {
                report_print(report, stderr);
                fail_msg("the policy has errors");
        }
        report_free(report);
        return b;
}

static void ask(enum far_kind kind, const struct far_desk *d, const char *body, struct buf *out)
{
        static struct far_wish w;
        assert_true(understood(kind, body, &w));
        buf_reset(out);
        if (!(kind == FAR_EXPLAIN ? far_explain(d, &w, arena, out, &err) : far_diff(d, &w, arena, out, &err)))
                fail_msg("%s", err.text);
        buf_putc(out, 0);
}

static void far__masks_whom_the_agent_masks_in_what_the_vault_has(void **state)
{
        struct buf out, wish;
        struct vault *v = open_vault();
        struct book *b = seeking();
        struct far_desk d = { .book = b, .spec = &spec, .vault = v, .people = 1000, .words = true, .exact = true,
                              .until_us = INT64_MAX, .stop = &stop };
        static struct far_wish w;
        char body[64], command[128];
        (void)state;
        buf_init(&out, FAR_ANSWER_MAX);
        buf_init(&wish, 8192);
        struct position at = write_as(v, "Ana Silva", "ask Marta Kowalska");
        write_as(v, "Marta Kowalska", "here I am");
        snprintf(body, sizeof body, "{\"entry\":\"%llu-%llu\"}", (unsigned long long)at.epoch, (unsigned long long)at.seq);
        ask(FAR_EXPLAIN, &d, body, &out);
        assert_non_null(strstr(out.p, "ask [person 1]"));
        assert_non_null(strstr(out.p, "\"people_known\":true"));
        assert_null(strstr(out.p, "Marta"));

        ask(FAR_EXPLAIN, &d, "{\"record\":{\"id\":\"1\",\"kind\":\"feedback\",\"occurred_at\":\"2026-11-20T10:00:00Z\","
                             "\"body\":\"is Marta Kowalska here\"}}", &out); /* who wrote cannot be tried out */
        assert_non_null(strstr(out.p, "\"people_known\":false"));
        assert_non_null(strstr(out.p, "is Marta Kowalska here"));
        assert_null(strstr(out.p, "known_person"));

        buf_puts(&wish, "{\"files\":{\"p.cfg\":\"");
        for (const char *p = POLICY; *p; p++)
                buf_puts(&wish, *p == '"' ? "\\\"" : *p == '\n' ? "\\n" : (char[]){ *p, 0 });
        buf_puts(&wish, "\"},\"since\":\"2026-01-01\"}");
        buf_putc(&wish, 0);
        ask(FAR_DIFF, &d, wish.p, &out);
        assert_non_null(strstr(out.p, "known_person in body is no longer taken out"));
        assert_non_null(strstr(out.p, "ask [known_person]"));
        assert_null(strstr(out.p, "Marta"));

        for (int i = 0; i < 1500; i++) /* more than one turn */
                write_as(v, "Ana Silva", "noise");
        d.until_us = 0;
        assert_true(understood(FAR_EXPLAIN, body, &w));
        buf_reset(&out);
        assert_false(far_explain(&d, &w, arena, &out, &err));
        assert_int_equal(out.n, 0);
        assert_non_null(strstr(err.text, "there was not the time"));
        buf_clear(&out);
        buf_clear(&wish);
        book_drop(b);
        vault_close(v);
        snprintf(command, sizeof command, "rm -r %s", state_dir);
        assert_int_equal(system(command), 0);
        snprintf(command, sizeof command, "rm -f %s/recovery*", root);
        assert_int_equal(system(command), 0);
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
                cmocka_unit_test(far__masks_whom_the_agent_masks_in_what_the_vault_has),
                cmocka_unit_test(reapply__counts_in_days_of_the_region),
        };
        return cmocka_run_group_tests(tests, begin, end);
}
