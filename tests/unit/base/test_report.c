/* Complaints, logs, errors, numbers, pace: what operators read. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/json.h"
#include "base/log.h"
#include "base/metric.h"
#include "base/pace.h"
#include "base/report.h"
#include "unit.h"

static char *printed(const struct report *r)
{
        char *text = NULL;
        size_t n = 0;
        FILE *f = open_memstream(&text, &n);
        report_print(r, f);
        fclose(f);
        return text;
}

static void report__is_sorted_by_place(void **state)
{
        (void)state;
        struct report *r = report_new();
        report_add(r, REPORT_WARNING, "b.cfg", 2, 0, NULL, "second %d", 2);
        report_add(r, REPORT_ERROR, "b.cfg", 1, 7, "Do this.", "first");
        report_add(r, REPORT_ERROR, "b.cfg", 1, 7, NULL, "then");
        report_add(r, REPORT_NOTE, NULL, 0, 0, NULL, "nowhere");
        report_add(r, REPORT_ERROR, "a.cfg", 0, 0, NULL, "whole file");
        char *text = printed(r);
        assert_string_equal(text, "note: nowhere\n"
                                  "a.cfg: error: whole file\n"
                                  "b.cfg:1:7: error: first\n    hint: Do this.\n"
                                  "b.cfg:1:7: error: then\n"
                                  "b.cfg:2: warning: second 2\n");
        free(text);
        assert_int_equal(report_count(r, REPORT_ERROR), 3);
        assert_int_equal(report_count(r, REPORT_WARNING), 1);
        assert_int_equal(report_size(r), 5);
        assert_string_equal(report_at(r, 0)->text, "second 2");
        assert_null(report_at(r, 5));
        report_free(r);
}

static void report__counts_on_when_it_is_full(void **state)
{
        (void)state;
        struct report *r = report_new();
        for (int i = 0; i < 1500; i++)
                report_add(r, REPORT_ERROR, "x.cfg", i, 1, NULL, "complaint");
        assert_int_equal(report_count(r, REPORT_ERROR), 1500);
        assert_int_equal(report_size(r), 1000);
        char *text = printed(r);
        assert_non_null(strstr(text, "... and 500 more\n"));
        free(text);
        report_free(r);
        report_add(NULL, REPORT_ERROR, NULL, 0, 0, NULL, "to nobody");
        assert_int_equal(report_count(NULL, REPORT_ERROR), 0);
        report_free(NULL);
}

static void report__is_json_for_programs(void **state)
{
        (void)state;
        struct buf b;
        struct json *j;
        struct err err = ERR_INIT;
        struct arena *a = arena_new(100000);
        struct report *r = report_new();
        buf_init(&b, 100000);
        report_add(r, REPORT_ERROR, "a\".cfg", 3, 4, "Hint.", "bad \xff name");
        report_json(r, &b);
        assert_true(json_read(&j, a, buf_slice(&b), 4, &err));
        assert_slice(json_string(json_get(j->first, "level")), "error");
        assert_slice(json_string(json_get(j->first, "file")), "a\".cfg");
        assert_slice(json_string(json_get(j->first, "text")), "bad \xef\xbf\xbd name");
        buf_reset(&b);
        report_json(NULL, &b);
        assert_slice(buf_slice(&b), "[]");
        buf_clear(&b);
        report_free(r);
        arena_free(a);
}

static void err__gathers_context_on_the_way_up(void **state)
{
        (void)state;
        struct err err = ERR_INIT;
        assert_false(err_set(&err, ERR_DATA, 7, "could not parse pattern"));
        assert_false(err_add(&err, "rule %d", 4));
        assert_false(err_hint(&err, "Look at it."));
        assert_string_equal(err.text, "could not parse pattern: rule 4");
        assert_int_equal(err.kind, ERR_DATA);
        for (int i = 0; i < 200; i++)
                err_add(&err, "context that does not end");
        assert_true(strlen(err.text) < sizeof err.text);
        err_set(&err, ERR_BUSY, 0, "again: %s", err.text); /* its own old text */
        assert_true(strncmp(err.text, "again: could not parse", 22) == 0);
        err_errno(&err, ENOSPC, "could not write");
        assert_int_equal(err.kind, ERR_FULL);
        assert_string_equal(err.text, "could not write: No space left on device");
        err_errno(&err, 99999, "x");
        assert_int_equal(err.kind, ERR_SYSTEM);
        err_clear(&err);
        assert_int_equal(err.kind, ERR_NONE);
        err_set(NULL, ERR_BUG, 0, "to nobody");
        assert_int_equal(err_exit_status(ERR_CONFIG), 78);
        assert_string_equal(err_kind_name((enum err_kind)99), "unknown");
}

/* What `write_lines` puts on stderr. */
static char *logged(void (*write_lines)(void))
{
        static char text[16384];
        int fds[2], old = dup(STDERR_FILENO);
        assert_int_equal(pipe2(fds, O_NONBLOCK), 0);
        dup2(fds[1], STDERR_FILENO);
        write_lines();
        dup2(old, STDERR_FILENO);
        ssize_t n = read(fds[0], text, sizeof text - 1);
        text[n > 0 ? n : 0] = 0;
        close(fds[0]);
        close(fds[1]);
        close(old);
        return text;
}

static void some_lines(void)
{
        struct err err = ERR_INIT;
        err_set(&err, ERR_CONFIG, 2, "file \"x\" is missing\nfake line");
        err_hint(&err, "Make it.");
        log_info("vault", "segment sealed", "segment=%u name=\"a b\"", 7);
        log_debug("vault", "not told", NULL);
        log_warning("vault", "no detail", NULL);
        log_err(LOG_LEVEL_ERROR, "role", "could not start", &err);
}

static void log__is_one_line_an_event(void **state)
{
        (void)state;
        log_setup(LOG_LEVEL_INFO, false);
        char *text = logged(some_lines), *line = strtok(text, "\n");
        int64_t at;
        assert_true(clock_parse_rfc3339(&at, slice_make(line, strcspn(line, " "))));
        assert_string_equal(strchr(line, ' '), " info vault: segment sealed segment=7 name=\"a b\"");
        line = strtok(NULL, "\n");
        assert_string_equal(strchr(line, ' '), " warning vault: no detail");
        line = strtok(NULL, "\n");
        assert_string_equal(strchr(line, ' '), " error role: could not start kind=config code=2 "
                                               "error=\"file 'x' is missing fake line\" hint=\"Make it.\"");
        assert_null(strtok(NULL, "\n"));
}

static void log__is_json_when_asked(void **state)
{
        (void)state;
        struct arena *a = arena_new(100000);
        struct err err = ERR_INIT;
        struct json *j;
        log_setup(LOG_LEVEL_INFO, true);
        char *line = strtok(logged(some_lines), "\n");
        int64_t n;
        assert_true(json_read(&j, a, slice_of(line), 1, &err));
        assert_slice(json_string(json_get(j, "level")), "info");
        assert_slice(json_string(json_get(j, "name")), "a b");
        assert_true(json_int(json_get(j, "segment"), &n) && n == 7);
        line = strtok(NULL, "\n");
        assert_true(json_read(&j, a, slice_of(line), 1, &err));
        line = strtok(NULL, "\n");
        assert_true(json_read(&j, a, slice_of(line), 1, &err));
        assert_slice(json_string(json_get(j, "error")), "file 'x' is missing fake line");
        assert_slice(json_string(json_get(j, "hint")), "Make it.");
        log_setup(LOG_LEVEL_INFO, false);
        arena_free(a);
}

static void long_line(void)
{
        char text[9000];
        memset(text, 'x', sizeof text - 1);
        text[sizeof text - 1] = 0;
        log_info("x", "long", "%s", text);
}

static void log__cuts_a_line_that_is_too_long(void **state)
{
        (void)state;
        char *text = logged(long_line);
        size_t n = strlen(text);
        assert_true(n < 4096 && text[n - 1] == '\n');
        assert_ptr_equal(strchr(text, '\n'), text + n - 1);
}

static void level__is_known_by_name(void **state)
{
        (void)state;
        enum log_level level;
        assert_true(log_level_parse(&level, "debug") && level == LOG_LEVEL_DEBUG);
        assert_false(log_level_parse(&level, "loud"));
}

static struct metric first_metrics[] = {
        { "tributary_unit_refused_total", METRIC_COUNTER, "reason=\"bad_json\"", "Records refused.", 0 },
        { "tributary_unit_bytes", METRIC_GAUGE, NULL, "Bytes held.", 0 },
        { "tributary_unit_refused_total", METRIC_COUNTER, "reason=\"too_deep\"", "Records refused.", 0 },
        METRIC_END,
};
static struct metric second_metrics[] = {
        { "tributary_unit_refused_total", METRIC_COUNTER, "reason=\"other\"", "Records refused.", 0 },
        METRIC_END,
};

static void metric__is_printed_once_a_name_with_all_its_labels(void **state)
{
        (void)state;
        struct buf b;
        buf_init(&b, 10000);
        metric_register(first_metrics);
        metric_register(second_metrics);
        metric_register(first_metrics); /* twice is once */
        metric_add(&first_metrics[0], 3);
        metric_add(&first_metrics[0], 2);
        metric_set(&first_metrics[1], -7);
        metric_print(&b, false);
        assert_string_equal(b.p, "# HELP tributary_unit_refused_total Records refused.\n"
                                 "# TYPE tributary_unit_refused_total counter\n"
                                 "tributary_unit_refused_total{reason=\"bad_json\"} 5\n"
                                 "tributary_unit_refused_total{reason=\"too_deep\"} 0\n"
                                 "tributary_unit_refused_total{reason=\"other\"} 0\n"
                                 "# HELP tributary_unit_bytes Bytes held.\n"
                                 "# TYPE tributary_unit_bytes gauge\n"
                                 "tributary_unit_bytes -7\n");
        buf_reset(&b);
        metric_reference(&b);
        assert_string_equal(b.p, "| `tributary_unit_refused_total{reason}` | counter | count |"
                                 " Records refused. |\n"
                                 "| `tributary_unit_bytes` | gauge | bytes | Bytes held. |\n");
        buf_clear(&b);
}

static void pace__lets_a_burst_through_and_then_so_many_a_second(void **state)
{
        (void)state;
        struct pace p;
        int64_t wait = 0, now = 1000000;
        pace_init(&p, 10, 5, now);
        for (int i = 0; i < 5; i++)
                assert_true(pace_take(&p, 1, now, &wait));
        assert_false(pace_take(&p, 1, now, &wait));
        assert_true(wait > 99000 && wait <= 100001);
        assert_true(pace_take(&p, 1, now + wait, &wait));
        assert_false(pace_take(&p, 1, now, &wait)); /* a clock that goes back gives nothing */
        assert_true(pace_take(&p, 5, now + 10 * US_PER_SECOND, &wait));
        assert_false(pace_take(&p, 1, now + 10 * US_PER_SECOND, NULL));
        assert_true(pace_take(&p, 20, now + 20 * US_PER_SECOND, &wait)); /* more than the bucket holds */
        assert_false(pace_take(&p, 1, now + 21 * US_PER_SECOND, &wait)); /* is paid off first */
        pace_init(&p, 0, 0, now);
        assert_true(pace_take(&p, 1e9, now, &wait));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(report__is_sorted_by_place),
                cmocka_unit_test(report__counts_on_when_it_is_full),
                cmocka_unit_test(report__is_json_for_programs),
                cmocka_unit_test(err__gathers_context_on_the_way_up),
                cmocka_unit_test(log__is_one_line_an_event),
                cmocka_unit_test(log__is_json_when_asked),
                cmocka_unit_test(log__cuts_a_line_that_is_too_long),
                cmocka_unit_test(level__is_known_by_name),
                cmocka_unit_test(metric__is_printed_once_a_name_with_all_its_labels),
                cmocka_unit_test(pace__lets_a_burst_through_and_then_so_many_a_second),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
