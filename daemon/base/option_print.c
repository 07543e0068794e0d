/* option_print.c - what is printed from the rows: reference, example, dump, and the
 * rows' own check. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/conf.h"
#include "base/text.h"
#include "option_value.h"

const char *option_type_name(const struct option *row)
{
        static const char *const names[] = {
                [OPTION_TEXT] = "a text",
                [OPTION_NAME] = "a name (a to z, 0 to 9 and -, at most 32)",
                [OPTION_INT] = "a whole number",
                [OPTION_FLOAT] = "a number",
                [OPTION_BOOL] = "true or false",
                [OPTION_SIZE] = "a size (a text with a unit)",
                [OPTION_TIME] = "a time span (a text with a unit)",
                [OPTION_CHOICE] = "one of the known words",
                [OPTION_TEXTS] = "texts [ ]",
                [OPTION_GROUP] = "a group { }",
                [OPTION_LIST] = "a list ( )",
        };
        return names[row->type];
}

const char *option_sample(const struct option *row)
{
        static const char *const samples[] = {
                [OPTION_TEXT] = "\"...\"",    [OPTION_NAME] = "\"jp-tokyo\"",
                [OPTION_INT] = "1",           [OPTION_FLOAT] = "1.5",
                [OPTION_BOOL] = "true",       [OPTION_SIZE] = "\"10 GiB\"",
                [OPTION_TIME] = "\"30 s\"",   [OPTION_CHOICE] = "\"...\"",
                [OPTION_TEXTS] = "[\"...\"]", [OPTION_GROUP] = "{ ... }",
                [OPTION_LIST] = "( { ... } )",
        };
        return samples[row->type];
}

/* Short words for a table's column. */
static const char *short_type(const struct option *row)
{
        static const char *const names[] = {
                [OPTION_TEXT] = "text",     [OPTION_NAME] = "name",   [OPTION_INT] = "whole number",
                [OPTION_FLOAT] = "number",  [OPTION_BOOL] = "bool",   [OPTION_SIZE] = "size",
                [OPTION_TIME] = "time",     [OPTION_CHOICE] = "word", [OPTION_TEXTS] = "texts",
                [OPTION_GROUP] = "group",   [OPTION_LIST] = "list",
        };
        return names[row->type];
}

static const char *unit_of_limits(const struct option *row)
{
        return row->type == OPTION_TEXT ? " bytes" : row->type == OPTION_TEXTS ? " texts" : "";
}

void option_range(const struct option *row, char *out, size_t n)
{
        const char *unit = unit_of_limits(row);
        if (row->type == OPTION_CHOICE) {
                snprintf(out, n, "%s", row->max);
                for (char *p = out; *p; p++) /* '|' would part the cells of a table */
                        if (*p == '|')
                                *p = '/';
        } else if (row->type == OPTION_BOOL) {
                snprintf(out, n, "true or false");
        } else if (row->type == OPTION_NAME) {
                snprintf(out, n, "a to z, 0 to 9, -; at most 32");
        } else if (row->min && row->max) {
                snprintf(out, n, "%s to %s%s", row->min, row->max, unit);
        } else if (row->min || row->max) {
                snprintf(out, n, "%s %s%s", row->min ? "at least" : "at most",
                         row->min ? row->min : row->max, unit);
        } else {
                snprintf(out, n, "any");
        }
}

static bool quoted(const struct option *row)
{
        switch (row->type) {
        case OPTION_TEXT:
        case OPTION_NAME:
        case OPTION_SIZE:
        case OPTION_TIME:
        case OPTION_CHOICE:
                return true;
        case OPTION_INT:
        case OPTION_FLOAT:
        case OPTION_BOOL:
        case OPTION_TEXTS:
        case OPTION_GROUP:
        case OPTION_LIST:
                break;
        }
        return false;
}

static void put_default(const struct option *row, struct buf *out)
{
        if (quoted(row))
                conf_quote(out, slice_of(row->def));
        else
                buf_puts(out, row->def);
}

void option_reference(const struct option *rows, const char *prefix, struct buf *out)
{
        char range[300];
        for (const struct option *row = rows; row->name; row++) {
                option_range(row, range, sizeof range);
                buf_printf(out, "| `%s%s` | %s | %s | ", prefix, row->name, short_type(row), range);
                if (row->flags & OPTION_REQUIRED)
                        buf_puts(out, "required");
                else if (row->def)
                        put_default(row, out);
                buf_printf(out, " | %s%s |\n", row->help,
                           row->flags & OPTION_LIVE ? " SIGHUP changes it." : "");
        }
}

static void put_blanks(struct buf *out, int n)
{
        for (int i = 0; i < n; i++)
                buf_putc(out, ' ');
}

/* Optional rows without a default are shown as comments. */
void option_example(const struct option *rows, int indent, struct buf *out)
{
        char range[300];
        for (const struct option *row = rows; row->name; row++) {
                if (row->flags & OPTION_ADVANCED)
                        continue;
                option_range(row, range, sizeof range);
                put_blanks(out, indent);
                buf_printf(out, "# %s", row->help);
                if (strcmp(range, "any") != 0)
                        buf_printf(out, " (%s)", range);
                buf_putc(out, '\n');
                put_blanks(out, indent);
                buf_printf(out, "%s%s = ", row->def || row->flags & OPTION_REQUIRED ? "" : "# ",
                           row->name);
                if (row->def)
                        put_default(row, out);
                else
                        buf_puts(out, option_sample(row));
                buf_puts(out, ";\n");
        }
}

static void put_time(struct buf *out, int64_t us)
{
        static const struct {
                const char *unit;
                int64_t us;
        } units[] = { { "days", US_PER_DAY }, { "hours", US_PER_HOUR },
                      { "minutes", 60 * US_PER_SECOND }, { "s", US_PER_SECOND } };
        for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
                if (us % units[i].us == 0 && (us || units[i].us == US_PER_SECOND)) {
                        buf_printf(out, "\"%" PRId64 " %s\"", us / units[i].us, units[i].unit);
                        return;
                }
        }
        buf_printf(out, "\"%" PRId64 " ms\"", us / 1000);
}

static void put_size(struct buf *out, uint64_t bytes)
{
        static const char *const units[] = { "bytes", "KiB", "MiB", "GiB", "TiB" };
        size_t u = 0;
        while (u < 4 && bytes && bytes % 1024 == 0)
                bytes /= 1024, u++;
        buf_printf(out, "\"%" PRIu64 " %s\"", bytes, units[u]);
}

static void put_texts(struct buf *out, const struct option_value *v)
{
        const struct option_texts texts = { v->node, v->count };
        buf_putc(out, '[');
        for (size_t i = 0; i < v->count; i++) {
                if (i)
                        buf_puts(out, ", ");
                conf_quote(out, slice_of(option_text_at(&texts, i)));
        }
        buf_putc(out, ']');
}

static void put_value(const struct option *row, const struct option_value *v, struct buf *out)
{
        switch (row->type) {
        case OPTION_TEXT:
        case OPTION_NAME:
                conf_quote(out, slice_of(v->text));
                break;
        case OPTION_INT:
                buf_printf(out, "%" PRId64, v->i);
                break;
        case OPTION_FLOAT:
                buf_printf(out, "%.10g", v->f);
                break;
        case OPTION_BOOL:
                buf_puts(out, v->b ? "true" : "false");
                break;
        case OPTION_SIZE:
                put_size(out, v->u);
                break;
        case OPTION_TIME:
                put_time(out, v->i);
                break;
        case OPTION_CHOICE:
                conf_quote(out, option_choice(row, (int)v->i));
                break;
        case OPTION_TEXTS:
                put_texts(out, v);
                break;
        case OPTION_GROUP:
        case OPTION_LIST:
                buf_printf(out, "%s of %zu, line %d", short_type(row), conf_count(v->node),
                           conf_line(v->node));
                break;
        }
}

static bool absent(const struct option *row, const struct option_value *v)
{
        if (row->type == OPTION_TEXT || row->type == OPTION_NAME)
                return !v->text;
        return (row->type == OPTION_TEXTS || row->type == OPTION_GROUP || row->type == OPTION_LIST) &&
               !v->node;
}

void option_dump(const struct option *rows, const void *src, struct buf *out)
{
        for (const struct option *row = rows; row->name; row++) {
                struct option_value v;
                option_load(row, src, &v);
                if (absent(row, &v))
                        continue;
                bool comment = row->type == OPTION_GROUP || row->type == OPTION_LIST;
                buf_printf(out, comment ? "# %s: " : "%s = ", row->name);
                if (row->flags & OPTION_SECRET)
                        buf_puts(out, "\"(set)\"");
                else
                        put_value(row, &v, out);
                buf_puts(out, comment ? "\n" : ";\n");
        }
}

/* ---- The rows themselves --------------------------------------------------- */

static void complain(struct report *r, const struct option *row, const char *what)
{
        report_add(r, REPORT_ERROR, NULL, 0, 0, NULL, "row \"%s\": %s", row->name, what);
}

static bool limit_ok(const struct option *row, const char *limit)
{
        struct option_value v;
        uint64_t count;
        if (!limit || row->type == OPTION_CHOICE)
                return true;
        if (row->type == OPTION_TEXT || row->type == OPTION_TEXTS)
                return text_uint(&count, slice_of(limit), SIZE_MAX);
        return option_value_of_text(row, slice_of(limit), &v);
}

static void check_default(const struct option *row, struct report *r)
{
        struct option_value v;
        if (!row->def)
                return;
        if (row->flags & OPTION_REQUIRED)
                complain(r, row, "required, and has a default");
        if (!option_value_of_text(row, slice_of(row->def), &v))
                complain(r, row, "the default is not a value of its type");
        else if (!option_in_range(row, &v))
                complain(r, row, "the default is out of range");
}

bool option_rows_ok(const struct option *rows, struct report *report)
{
        size_t before = report_count(report, REPORT_ERROR);
        for (const struct option *row = rows; row->name; row++) {
                size_t help = row->help ? strlen(row->help) : 0;
                if (help < 2 || row->help[help - 1] != '.')
                        complain(report, row, "the help is not a sentence with a full stop");
                if (row->help && strchr(row->help, '|'))
                        complain(report, row, "the help would break a table");
                if (row->type == OPTION_CHOICE && (!row->max || !*row->max))
                        complain(report, row, "a choice of nothing");
                if (!limit_ok(row, row->min) || !limit_ok(row, row->max))
                        complain(report, row, "a limit is not a value of its type");
                check_default(row, report);
                for (const struct option *other = rows; other != row; other++)
                        if (strcmp(other->name, row->name) == 0)
                                complain(report, row, "the name is there twice");
        }
        return report_count(report, REPORT_ERROR) == before;
}
