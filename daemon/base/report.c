/* report.c - a bounded list of complaints. */
#include "base/report.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/json.h"

enum { ITEMS_MAX = 1000, LEVELS = 3, TEXT_MAX = 2 << 20 };

struct report {
        struct arena *texts;
        struct report_item items[ITEMS_MAX];
        size_t n;             /* <= ITEMS_MAX */
        size_t count[LEVELS]; /* also of those not kept */
};

static const char *const level_names[LEVELS] = { "error", "warning", "note" };

struct report *report_new(void)
{
        struct report *r = calloc(1, sizeof *r);
        if (r)
                r->texts = arena_new(TEXT_MAX);
        if (r && !r->texts) {
                free(r);
                return NULL;
        }
        return r;
}

void report_free(struct report *r)
{
        if (!r)
                return;
        arena_free(r->texts);
        free(r);
}

/* A file that several others take in is read several times; it complains once. */
static bool told_already(const struct report *r, enum report_level level, const char *file, int line,
                         int column, const char *text)
{
        for (size_t i = 0; *file && i < r->n; i++) {
                const struct report_item *it = &r->items[i];
                if (it->level == level && it->line == line && it->column == column &&
                    strcmp(it->file, file) == 0 && strcmp(it->text, text) == 0)
                        return true;
        }
        return false;
}

void report_add(struct report *r, enum report_level level, const char *file, int line, int column,
                const char *hint, const char *fmt, ...)
{
        char text[1024];
        if (!r)
                return;
        va_list args;
        va_start(args, fmt);
        vsnprintf(text, sizeof text, fmt, args);
        va_end(args);
        if (told_already(r, level, file ? file : "", line, column, text))
                return;
        r->count[level]++;
        if (r->n == ITEMS_MAX)
                return;
        struct report_item item = {
                .level = level,
                .file = arena_string(r->texts, slice_of(file ? file : "")),
                .line = line,
                .column = column,
                .text = arena_string(r->texts, slice_of(text)),
                .hint = hint ? arena_string(r->texts, slice_of(hint)) : NULL,
        };
        if (item.file && item.text)
                r->items[r->n++] = item;
}

size_t report_count(const struct report *r, enum report_level level)
{
        return r ? r->count[level] : 0;
}

size_t report_size(const struct report *r)
{
        return r ? r->n : 0;
}

const struct report_item *report_at(const struct report *r, size_t i)
{
        return r && i < r->n ? &r->items[i] : NULL;
}

/* By file, line, column, then in the order of adding (items lie in one array). */
static int by_place(const void *a, const void *b)
{
        const struct report_item *x = *(const struct report_item *const *)a;
        const struct report_item *y = *(const struct report_item *const *)b;
        int c = strcmp(x->file, y->file);
        if (!c)
                c = (x->line > y->line) - (x->line < y->line);
        if (!c)
                c = (x->column > y->column) - (x->column < y->column);
        return c ? c : (x > y) - (x < y);
}

static void print_item(const struct report_item *item, FILE *out)
{
        if (*item->file)
                fprintf(out, "%s:", item->file);
        if (item->line)
                fprintf(out, "%d:", item->line);
        if (item->line && item->column)
                fprintf(out, "%d:", item->column);
        fprintf(out, "%s%s: %s\n", *item->file || item->line ? " " : "",
                level_names[item->level], item->text);
        if (item->hint)
                fprintf(out, "    hint: %s\n", item->hint);
}

static size_t sorted(const struct report *r, const struct report_item *list[ITEMS_MAX])
{
        for (size_t i = 0; i < r->n; i++)
                list[i] = &r->items[i];
        if (r->n)
                qsort(list, r->n, sizeof *list, by_place);
        return r->n;
}

void report_print(const struct report *r, FILE *out)
{
        report_print_from(r, REPORT_NOTE, out);
}

void report_print_from(const struct report *r, enum report_level least, FILE *out)
{
        const struct report_item *list[ITEMS_MAX];
        size_t n = r ? sorted(r, list) : 0, all = 0;
        for (size_t i = 0; i < n; i++)
                if (list[i]->level <= least)
                        print_item(list[i], out);
        for (size_t i = 0; r && i < LEVELS; i++)
                all += r->count[i];
        if (all > n)
                fprintf(out, "... and %zu more\n", all - n);
}

void report_json(const struct report *r, struct buf *out)
{
        const struct report_item *list[ITEMS_MAX];
        struct json_out o;
        size_t n = r ? sorted(r, list) : 0;
        json_out_init(&o, out);
        json_open(&o, NULL, '[');
        for (size_t i = 0; i < n; i++) {
                json_open(&o, NULL, '{');
                json_put_text(&o, "level", level_names[list[i]->level]);
                json_put_text(&o, "file", *list[i]->file ? list[i]->file : NULL);
                json_put_int(&o, "line", list[i]->line);
                json_put_int(&o, "column", list[i]->column);
                json_put_text(&o, "text", list[i]->text);
                json_put_text(&o, "hint", list[i]->hint);
                json_close(&o, '}');
        }
        json_close(&o, ']');
}
