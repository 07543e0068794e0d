/* desk.h - a folder of policies, a region, a hub and a judge, for the tests of this room. */
#ifndef TEST_POLICY_DESK_H
#define TEST_POLICY_DESK_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"
#include "law.h"
#include "policy/ask.h"

#define UNUSED __attribute__((unused))
#define HEAD(name) "policy = \"" name "\"; version = 3; language = 1; title = \"T\";\n"
/* Everything that a record needs to leave, but `fields` and `find`. */
#define OPEN                                                                                   \
        "records = { feedback = \"go\"; discussion = \"go\"; lead = \"go\"; };\n"              \
        "subject = \"pseudonym\";\n"                                                           \
        "transfers = ( { to = [\"EEA\"]; allow = [\"kafka\", \"warehouse\", \"reading\"]; "    \
        "basis = \"inside\"; } );\n"                                                           \
        "keep = { warehouse = \"3 years\"; };\n"
#define WORDS "fields = ( { field = [\"title\", \"body\", \"occurred_at\"]; do = \"clean\"; } );\n"

#define NOON INT64_C(1795000000000000) /* 18 November 2026, about */

struct desk {
        char dir[64];
        struct region region;
        struct hub hub;
        struct report *report;
        struct book *book;
        struct judge *judge;
        struct arena *arena;
        struct judgement said;
};

static struct desk desk;

UNUSED static int desk_open(void **state)
{
        (void)state;
        memset(&desk, 0, sizeof desk);
        snprintf(desk.dir, sizeof desk.dir, "/tmp/policy-test-XXXXXX");
        assert_non_null(mkdtemp(desk.dir));
        desk.region = (struct region){ .code = "de-frankfurt", .jurisdiction = "EEA",
                                       .timezone = "Europe/Berlin", .policy = "p" };
        desk.hub.places[0] = (struct hub_place){ .what = PLACE_KAFKA, .jurisdiction = "DE" };
        desk.hub.places[1] = (struct hub_place){ .what = PLACE_WAREHOUSE, .jurisdiction = "IE" };
        desk.hub.n_places = 2;
        desk.report = report_new();
        desk.arena = arena_new(64 << 20);
        return 0;
}

UNUSED static void desk_clear(void)
{
        judge_free(desk.judge);
        book_drop(desk.book);
        desk.judge = NULL;
        desk.book = NULL;
        report_free(desk.report);
        desk.report = report_new();
}

UNUSED static int desk_close(void **state)
{
        (void)state;
        char command[128];
        desk_clear();
        report_free(desk.report);
        arena_free(desk.arena);
        snprintf(command, sizeof command, "rm -r %s", desk.dir);
        return system(command) == 0 ? 0 : -1;
}

UNUSED static void put_file(const char *name, const char *text)
{
        char path[192];
        struct err err = ERR_INIT;
        snprintf(path, sizeof path, "%s/lists", desk.dir);
        mkdir(path, 0700);
        snprintf(path, sizeof path, "%s/%s", desk.dir, name);
        assert_true(file_save(path, slice_of(text), 0600, &err));
}

UNUSED static void show_report(void)
{
        report_print(desk.report, stderr);
}

/* Loads the region's policy; the report stays in the desk. */
UNUSED static bool load(void)
{
        const struct book_spec spec = { desk.dir, &desk.region, &desk.hub };
        desk_clear();
        bool ok = book_load(&desk.book, &spec, desk.report);
        assert_true(ok == (report_count(desk.report, REPORT_ERROR) == 0));
        if (ok) {
                desk.judge = judge_new(desk.book);
                assert_non_null(desk.judge);
        }
        return ok;
}

UNUSED static void must_load(const char *text)
{
        put_file("p.cfg", text);
        if (!load()) {
                show_report();
                fail_msg("the policy has errors");
        }
}

/* Whether the report has such an item; line 0: any. */
UNUSED static bool complained(enum report_level level, int line, const char *text, const char *hint)
{
        for (size_t i = 0; i < report_size(desk.report); i++) {
                const struct report_item *item = report_at(desk.report, i);
                if (item->level == level && (!line || item->line == line) && strstr(item->text, text) &&
                    (!hint || (item->hint && strstr(item->hint, hint))))
                        return true;
        }
        return false;
}

UNUSED static void must_complain(enum report_level level, int line, const char *text, const char *hint)
{
        if (complained(level, line, text, hint))
                return;
        show_report();
        fail_msg("no complaint in line %d: \"%s\" (%s)", line, text, hint ? hint : "");
}

UNUSED static struct record words(const char *title, const char *body)
{
        struct record r = { .kind = KIND_FEEDBACK, .occurred_at_us = NOON };
        r.text[FIELD_ID] = SLICE("id-1");
        r.text[FIELD_TITLE] = slice_of(title);
        r.text[FIELD_BODY] = slice_of(body);
        return r;
}

/* Where many people write and few are counted. */
UNUSED static enum decision judge_at(const struct record *r, int64_t now_us)
{
        struct err err = ERR_INIT;
        struct answers asked;
        assert_true(policy_ask(desk.judge, now_us, r, desk.arena, &asked, &err));
        answers_assume(&asked, &ASSUMED_OPEN);
        assert_true(policy_judge(desk.judge, now_us, r, SLICE("forum"), NOON, &asked, desk.arena, &desk.said, &err));
        assert_non_null(desk.said.file);
        assert_true(*desk.said.file);
        assert_true(desk.said.line > 0);
        assert_non_null(desk.said.rule);
        assert_non_null(desk.said.because);
        assert_true((desk.said.decision == DECISION_GO) == (desk.said.approved != NULL));
        return desk.said.decision;
}

UNUSED static enum decision judge(const struct record *r)
{
        return judge_at(r, NOON);
}

UNUSED static struct message message_of_said(void)
{
        const struct envelope e = { .region = SLICE("de-frankfurt"), .at = { 1, 2 }, .judged = { 1, 1 },
                                    .record_key = { 1 }, .has_subject = true, .has_thread_key = true,
                                    .subject = { 0xab }, .thread_key = { 0xcd } };
        struct message m;
        assert_non_null(desk.said.approved);
        approved_message(desk.said.approved, &e, &m);
        return m;
}

/* What left, as the text of a field. */
UNUSED static const char *left(enum field f)
{
        struct message m = message_of_said();
        struct slice s = m.record.fields.text[f];
        return s.p ? arena_string(desk.arena, s) : "(absent)";
}

#endif
