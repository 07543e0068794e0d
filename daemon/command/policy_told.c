/* policy_told.c - what became of the cases: for people, as TAP, as JUnit's XML, as JSON. */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "leaving.h"
#include "policy_test.h"

static void say(const char *s)
{
        leaving_print(slice_of(s));
}

/* "records.member", "health", "email". */
static const char *item_name(const struct coverage_item *item, char out[80])
{
        if (item->kind >= 0)
                snprintf(out, 80, "records.%s", kind_name((enum record_kind)item->kind));
        else
                snprintf(out, 80, "%.79s", item->name);
        return out;
}

/* ---- For people -------------------------------------------------------------------- */

static void text_case(const struct case_result *r)
{
        if (r->n_failures == 0)
                return;
        printf("%s: ", r->broken ? "could not be tried" : "not as expected");
        say(r->file);
        if (*r->title) {
                printf(": ");
                say(r->title);
        }
        putchar('\n');
        for (size_t i = 0; i < r->n_failures; i++) {
                const struct case_failure *f = &r->failures[i];
                printf("  ");
                if (f->line)
                        printf("line %d: ", f->line);
                say(f->what);
                if (r->broken) {
                        printf(*f->expected ? "\n    hint: " : "");
                        say(f->expected);
                } else {
                        printf("\n    expected  ");
                        say(f->expected);
                        printf("\n    got       ");
                        say(f->got);
                }
                putchar('\n');
        }
}

static void text_untried(const struct policy_cover *c, enum coverage_of of)
{
        char name[80];
        bool any = false;
        for (size_t i = 0; i < c->coverage.n; i++) {
                const struct coverage_item *item = &c->coverage.items[i];
                if (item->of != of || item->tried)
                        continue;
                printf("%s%s", any ? ", " : of == COVERAGE_RULES ? "  no case for the lines " : of == COVERAGE_FIELDS
                               ? "  no case for the fields " : "  no case that finds ", item_name(item, name));
                if (of == COVERAGE_RULES && item->line)
                        printf(" (%s:%d)", item->file, item->line);
                any = true;
        }
        if (any)
                putchar('\n');
}

static void text_cover(const struct test_told *t, const struct policy_cover *c)
{
        printf("%s: %zu case%s, ", c->policy, c->cases, c->cases == 1 ? "" : "s");
        if (c->failed)
                printf("%zu not as expected", c->failed);
        else
                printf("all as expected");
        for (int of = 0; of < COVERAGES; of++) {
                size_t tried, all;
                int percent = coverage_percent(&c->coverage, (enum coverage_of)of, &tried, &all);
                printf("%s %s %zu of %zu%s", of ? "," : "; tried:", coverage_name((enum coverage_of)of), tried, all,
                       of <= COVERAGE_FIELDS && percent < t->min_percent ? " (too few)" : "");
        }
        putchar('\n');
        for (int of = 0; t->coverage && of < COVERAGES; of++)
                text_untried(c, (enum coverage_of)of);
}

static void tell_text(const struct test_told *t)
{
        for (size_t i = 0; i < t->n; i++)
                text_case(&t->results[i]);
        for (size_t i = 0; i < t->n_covers; i++)
                text_cover(t, t->covers[i]);
        if (t->failed)
                printf("%zu of %zu cases are not as expected.\n", t->failed, t->n);
        else
                printf("%zu case%s, all as expected.\n", t->n, t->n == 1 ? "" : "s");
        if (!t->covered)
                printf("Less than %d%% of the rules or of the fields is tried.\nhint: `tributary policy test --coverage` names what no case tries.\n",
                       (int)t->min_percent);
}

/* ---- TAP ---------------------------------------------------------------------------- */

static void tap_quoted(const char *key, const char *value)
{
        printf("      %s: \"", key);
        for (const char *p = value; *p; p++) {
                unsigned char c = (unsigned char)*p;
                if (c == '"' || c == '\\')
                        printf("\\%c", c);
                else if (c < ' ' || c == 0x7f)
                        printf("\\x%02x", c);
                else
                        putchar(c);
        }
        printf("\"\n");
}

static void tell_tap(const struct test_told *t)
{
        printf("TAP version 13\n1..%zu\n", t->n + 1);
        for (size_t i = 0; i < t->n; i++) {
                const struct case_result *r = &t->results[i];
                printf("%sok %zu - ", r->n_failures ? "not " : "", i + 1);
                for (const char *p = r->file; *p; p++)
                        putchar(*p == '#' || (unsigned char)*p < ' ' ? '?' : *p); /* a # would be a directive */
                putchar('\n');
                if (r->n_failures)
                        printf("  ---\n  failures:\n");
                for (size_t k = 0; k < r->n_failures; k++) {
                        printf("    - line: %d\n", r->failures[k].line);
                        tap_quoted("what", r->failures[k].what);
                        tap_quoted(r->broken ? "hint" : "expected", r->failures[k].expected);
                        if (!r->broken)
                                tap_quoted("got", r->failures[k].got);
                }
                if (r->n_failures)
                        printf("  ...\n");
        }
        printf("%sok %zu - coverage\n", t->covered ? "" : "not ", t->n + 1);
        for (size_t i = 0; i < t->n_covers; i++)
                for (int of = 0; of < COVERAGES; of++) {
                        size_t tried, all;
                        int percent = coverage_percent(&t->covers[i]->coverage, (enum coverage_of)of, &tried, &all);
                        printf("# %s: %s %zu of %zu, %d%%\n", t->covers[i]->policy, coverage_name((enum coverage_of)of), tried,
                               all, percent);
                }
}

/* ---- JUnit -------------------------------------------------------------------------- */

/* XML 1.0 has no control characters but tab and line ends. */
static void xml(const char *s)
{
        for (; *s; s++) {
                unsigned char c = (unsigned char)*s;
                if (c == '<' || c == '>' || c == '&' || c == '"' || c == '\n' || c == '\r' || c == '\t')
                        printf("&#%d;", c);
                else
                        putchar(c < ' ' ? '?' : c);
        }
}

static void junit_case(const struct case_result *r)
{
        printf("  <testcase classname=\"policy.");
        xml(*r->policy ? r->policy : "unread");
        printf("\" name=\"");
        xml(r->file);
        printf("\"");
        if (r->n_failures == 0) {
                printf("/>\n");
                return;
        }
        printf(">\n    <%s message=\"", r->broken ? "error" : "failure");
        xml(r->failures[0].what);
        printf("\">");
        for (size_t k = 0; k < r->n_failures; k++) {
                printf("line %d: ", r->failures[k].line);
                xml(r->failures[k].what);
                printf(r->broken ? "&#10;hint: " : "&#10;expected: ");
                xml(r->failures[k].expected);
                if (!r->broken) {
                        printf("&#10;got: ");
                        xml(r->failures[k].got);
                }
                printf("&#10;");
        }
        printf("</%s>\n  </testcase>\n", r->broken ? "error" : "failure");
}

static void tell_junit(const struct test_told *t)
{
        size_t broken = 0;
        for (size_t i = 0; i < t->n; i++)
                broken += t->results[i].broken && t->results[i].n_failures;
        printf("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuite name=\"policy test\" tests=\"%zu\" failures=\"%zu\" "
               "errors=\"%zu\">\n", t->n + (t->min_percent > 0), t->failed - broken + !t->covered, broken);
        for (size_t i = 0; i < t->n; i++)
                junit_case(&t->results[i]);
        if (t->min_percent > 0)
                printf(t->covered ? "  <testcase classname=\"policy\" name=\"coverage\"/>\n"
                                  : "  <testcase classname=\"policy\" name=\"coverage\"><failure message=\"too little is tried\"/></testcase>\n");
        printf("</testsuite>\n");
}

/* ---- JSON --------------------------------------------------------------------------- */

static void json_case(struct json_out *o, const struct case_result *r)
{
        json_open(o, NULL, '{');
        json_put_text(o, "file", r->file);
        json_put_text(o, "title", r->title);
        json_put_text(o, "policy", r->policy);
        json_put_bool(o, "ok", r->n_failures == 0);
        json_put_bool(o, "read", !r->broken);
        json_open(o, "failures", '[');
        for (size_t k = 0; k < r->n_failures; k++) {
                json_open(o, NULL, '{');
                json_put_int(o, "line", r->failures[k].line);
                json_put_text(o, "what", r->failures[k].what);
                json_put_text(o, r->broken ? "hint" : "expected", r->failures[k].expected);
                if (!r->broken)
                        json_put_text(o, "got", r->failures[k].got);
                json_close(o, '}');
        }
        json_close(o, ']');
        json_close(o, '}');
}

static void json_cover(struct json_out *o, const struct policy_cover *c)
{
        json_open(o, NULL, '{');
        json_put_text(o, "policy", c->policy);
        json_put_uint(o, "cases", c->cases);
        json_put_uint(o, "failed", c->failed);
        for (int of = 0; of < COVERAGES; of++) {
                size_t tried, all;
                char name[80];
                int percent = coverage_percent(&c->coverage, (enum coverage_of)of, &tried, &all);
                json_open(o, coverage_name((enum coverage_of)of), '{');
                json_put_uint(o, "tried", tried);
                json_put_uint(o, "all", all);
                json_put_int(o, "percent", percent);
                json_open(o, "untried", '[');
                for (size_t i = 0; i < c->coverage.n; i++)
                        if (c->coverage.items[i].of == (enum coverage_of)of && !c->coverage.items[i].tried)
                                json_put_text(o, NULL, item_name(&c->coverage.items[i], name));
                json_close(o, ']');
                json_close(o, '}');
        }
        json_close(o, '}');
}

static void tell_json(const struct test_told *t)
{
        struct buf b;
        struct json_out o;
        buf_init(&b, 256 << 20);
        json_out_init(&o, &b);
        json_open(&o, NULL, '{');
        json_put_int(&o, "version", 1);
        json_put_bool(&o, "ok", t->failed == 0 && t->covered);
        json_put_uint(&o, "cases", t->n);
        json_put_uint(&o, "failed", t->failed);
        json_put_int(&o, "min_coverage", t->min_percent);
        json_put_bool(&o, "covered", t->covered);
        json_open(&o, "results", '[');
        for (size_t i = 0; i < t->n; i++)
                json_case(&o, &t->results[i]);
        json_close(&o, ']');
        json_open(&o, "coverage", '[');
        for (size_t i = 0; i < t->n_covers; i++)
                json_cover(&o, t->covers[i]);
        json_close(&o, ']');
        json_close(&o, '}');
        printf("%s\n", b.p ? b.p : "");
        buf_clear(&b);
}

void policy_tell(const struct test_told *t)
{
        static void (*const tell[TEST_FORMATS])(const struct test_told *t) = { tell_text, tell_tap, tell_junit, tell_json };
        tell[t->format](t);
}
