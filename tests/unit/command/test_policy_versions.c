/* test_policy_versions.c - a version is raised when its contents change, as git's HEAD has them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"
#include "policy_versions.h"

static char dir[64];

static void put(const char *name, const char *text)
{
        char path[160];
        struct err err = ERR_INIT;
        snprintf(path, sizeof path, "%s/%s", dir, name);
        assert_true(file_save(path, slice_of(text), 0600, &err));
}

static bool git(const char *words)
{
        char command[512];
        snprintf(command, sizeof command, "git -C %s -c user.name=t -c user.email=t@corp.example %s >/dev/null 2>&1", dir, words);
        return system(command) == 0;
}

static int set_up(void **state)
{
        (void)state;
        snprintf(dir, sizeof dir, "/tmp/versions-test-XXXXXX");
        assert_non_null(mkdtemp(dir));
        return 0;
}

static int tear_down(void **state)
{
        (void)state;
        char command[128];
        snprintf(command, sizeof command, "rm -rf %s", dir);
        return system(command) == 0 ? 0 : -1;
}

static void versions_that_were_not_raised__are_told_with_their_line(void **state)
{
        (void)state;
        struct report *report = report_new();
        put("same.cfg", "version = 4;\n");
        put("down.cfg", "version = 4;\n");
        put("up.cfg", "version = 4;\n");
        put("odd.cfg", "version = 4;\n");
        policy_versions(dir, NULL, 0, report);
        assert_int_equal(report_size(report), 0); /* no repository: nothing to say */
        if (!git("init -q") || !git("add -A") || !git("commit -qm one")) {
                report_free(report);
                skip();
        }
        policy_versions(dir, NULL, 0, report);
        assert_int_equal(report_size(report), 0);
        put("same.cfg", "\nversion = 4; title = \"other\";\n");
        put("down.cfg", "\n\nversion = 3;\n");
        put("up.cfg", "version = 5; title = \"other\";\n");
        put("odd.cfg", "version = ");
        put("new.cfg", "version = 1;\n");
        policy_versions(dir, NULL, 0, report);
        assert_int_equal(report_size(report), 2);
        const struct report_item *down = report_at(report, 0), *same = report_at(report, 1);
        assert_int_equal(down->level, REPORT_ERROR);
        assert_int_equal(down->line, 3);
        assert_string_equal(down->text, "version 3 is below version 4 of git's HEAD: agents refuse it");
        assert_string_equal(down->hint, "Raise it: version = 5.");
        assert_int_equal(same->level, REPORT_WARNING);
        assert_int_equal(same->line, 2);
        assert_string_equal(same->text, "version 4 has other contents at git's HEAD");
        const char *one[] = { "same" };
        report_free(report);
        report = report_new();
        policy_versions(dir, one, 1, report);
        assert_int_equal(report_size(report), 1);
        report_free(report);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(versions_that_were_not_raised__are_told_with_their_line, set_up, tear_down),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
