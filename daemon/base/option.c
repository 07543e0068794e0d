/* option.c - the rows' parser: text and configuration into plain structs. */
#include "base/option.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "option_value.h"

enum { NAMES_MAX = 128 };

/* The names of "a|b|c", one at a time; false at the end. */
static bool next_choice(const char **list, struct slice *name)
{
        if (!*list || !**list)
                return false;
        size_t n = strcspn(*list, "|");
        *name = slice_make(*list, n);
        *list += n + ((*list)[n] == '|');
        return true;
}

static int choice_index(const char *list, struct slice value)
{
        struct slice name;
        for (int i = 0; next_choice(&list, &name); i++)
                if (slice_eq(name, value))
                        return i;
        return -1;
}

struct slice option_choice(const struct option *row, int index)
{
        const char *list = row->max;
        struct slice name;
        for (int i = 0; next_choice(&list, &name); i++)
                if (i == index)
                        return name;
        return SLICE_NONE;
}

bool option_value_of_text(const struct option *row, struct slice s, struct option_value *v)
{
        struct duration d;
        *v = (struct option_value){ 0 };
        switch (row->type) {
        case OPTION_TEXT:
        case OPTION_NAME:
                v->text = s.p;
                return row->type == OPTION_TEXT || text_is_name(s);
        case OPTION_INT:
                return text_int(&v->i, s, INT64_MIN, INT64_MAX);
        case OPTION_FLOAT:
                return text_double(&v->f, s);
        case OPTION_BOOL:
                return text_bool(&v->b, s);
        case OPTION_SIZE:
                return text_size(&v->u, s, NULL);
        case OPTION_TIME:
                if (!duration_parse(&d, s, NULL))
                        return false;
                v->i = d.us;
                return true;
        case OPTION_CHOICE:
                v->i = choice_index(row->max, s);
                return v->i >= 0;
        case OPTION_TEXTS:
        case OPTION_GROUP:
        case OPTION_LIST:
                break;
        }
        return false;
}

/* -1 below, 1 above, 0 equal: only for the types whose limits are values. */
static int compare(const struct option *row, const struct option_value *a,
                   const struct option_value *b)
{
        if (row->type == OPTION_SIZE)
                return (a->u > b->u) - (a->u < b->u);
        if (row->type == OPTION_FLOAT)
                return (a->f > b->f) - (a->f < b->f);
        return (a->i > b->i) - (a->i < b->i);
}

static bool limit_of_count(const char *text, size_t fallback, size_t *out)
{
        uint64_t v = fallback;
        bool ok = !text || text_uint(&v, slice_of(text), SIZE_MAX);
        *out = (size_t)v;
        return ok;
}

bool option_count_in_range(const struct option *row, size_t n)
{
        size_t min, max;
        return limit_of_count(row->min, 0, &min) && limit_of_count(row->max, SIZE_MAX, &max) &&
               n >= min && n <= max;
}

bool option_in_range(const struct option *row, const struct option_value *v)
{
        struct option_value limit;
        switch (row->type) {
        case OPTION_INT:
        case OPTION_FLOAT:
        case OPTION_SIZE:
        case OPTION_TIME:
                if (row->min && (!option_value_of_text(row, slice_of(row->min), &limit) ||
                                 compare(row, v, &limit) < 0))
                        return false;
                return !row->max || (option_value_of_text(row, slice_of(row->max), &limit) &&
                                     compare(row, v, &limit) <= 0);
        case OPTION_TEXT:
                return option_count_in_range(row, strlen(v->text));
        case OPTION_NAME:
        case OPTION_BOOL:
        case OPTION_CHOICE:
        case OPTION_TEXTS:
        case OPTION_GROUP:
        case OPTION_LIST:
                break;
        }
        return true;
}

static void store(const struct option *row, const struct option_value *v, void *dest)
{
        void *at = (char *)dest + row->offset;
        switch (row->type) {
        case OPTION_TEXT:
        case OPTION_NAME:
                *(const char **)at = v->text;
                break;
        case OPTION_INT:
        case OPTION_TIME:
                *(int64_t *)at = v->i;
                break;
        case OPTION_FLOAT:
                *(double *)at = v->f;
                break;
        case OPTION_BOOL:
                *(bool *)at = v->b;
                break;
        case OPTION_SIZE:
                *(uint64_t *)at = v->u;
                break;
        case OPTION_CHOICE:
                *(int *)at = (int)v->i;
                break;
        case OPTION_TEXTS:
                *(struct option_texts *)at = (struct option_texts){ v->node, v->count };
                break;
        case OPTION_GROUP:
        case OPTION_LIST:
                *(const struct conf_node **)at = v->node;
                break;
        }
}

void option_load(const struct option *row, const void *src, struct option_value *v)
{
        const void *at = (const char *)src + row->offset;
        *v = (struct option_value){ 0 };
        switch (row->type) {
        case OPTION_TEXT:
        case OPTION_NAME:
                v->text = *(const char *const *)at;
                break;
        case OPTION_INT:
        case OPTION_TIME:
                v->i = *(const int64_t *)at;
                break;
        case OPTION_FLOAT:
                v->f = *(const double *)at;
                break;
        case OPTION_BOOL:
                v->b = *(const bool *)at;
                break;
        case OPTION_SIZE:
                v->u = *(const uint64_t *)at;
                break;
        case OPTION_CHOICE:
                v->i = *(const int *)at;
                break;
        case OPTION_TEXTS:
                v->node = ((const struct option_texts *)at)->node;
                v->count = ((const struct option_texts *)at)->n;
                break;
        case OPTION_GROUP:
        case OPTION_LIST:
                v->node = *(const struct conf_node *const *)at;
                break;
        }
}

void option_defaults(const struct option *rows, void *dest)
{
        for (const struct option *row = rows; row->name; row++) {
                struct option_value v = { 0 };
                if (row->def)
                        option_value_of_text(row, slice_of(row->def), &v);
                store(row, &v, dest);
        }
}

/* ---- What is written in a file ------------------------------------------- */

static void wrong_type(const struct option *row, const struct conf_node *n, struct report *report)
{
        char hint[240];
        snprintf(hint, sizeof hint, "Write %s = %s;", row->name, option_sample(row));
        conf_complain(report, n, REPORT_ERROR, hint, "\"%s\" should be %s, not %s", row->name,
                      option_type_name(row), conf_type_name(conf_type(n)));
}

/* A value may be told, unless the row says that it is near to a secret. */
static void out_of_range(const struct option *row, const struct conf_node *n, const char *value,
                         struct report *report)
{
        char range[160];
        option_range(row, range, sizeof range);
        if (row->flags & OPTION_SECRET)
                conf_complain(report, n, REPORT_ERROR, row->help, "\"%s\" is not within %s",
                              row->name, range);
        else
                conf_complain(report, n, REPORT_ERROR, row->help,
                              "\"%s\" cannot be %.60s: allowed is %s", row->name, value, range);
}

static void unreadable(const struct option *row, const struct conf_node *n, struct report *report)
{
        char hint[400], range[300];
        option_range(row, range, sizeof range);
        const char *names[NAMES_MAX];
        char copies[NAMES_MAX][40];
        size_t count = 0;
        const char *list = row->type == OPTION_CHOICE ? row->max : NULL;
        for (struct slice name; count < NAMES_MAX && next_choice(&list, &name); count++) {
                snprintf(copies[count], sizeof copies[count], "%.*s", SLICE_ARG(name));
                names[count] = copies[count];
        }
        const char *nearest = count ? text_nearest(conf_text(n), names, count) : NULL;
        if (nearest)
                snprintf(hint, sizeof hint, "Did you mean \"%s\"? Allowed: %s.", nearest, range);
        else if (count)
                snprintf(hint, sizeof hint, "Allowed: %s.", range);
        else
                snprintf(hint, sizeof hint, "Write %s = %s;", row->name, option_sample(row));
        if (row->flags & OPTION_SECRET)
                conf_complain(report, n, REPORT_ERROR, hint, "\"%s\" is not %s", row->name,
                              option_type_name(row));
        else
                conf_complain(report, n, REPORT_ERROR, hint, "\"%s\" cannot be \"%.60s\": not %s",
                              row->name, conf_text(n), option_type_name(row));
}

static bool read_texts(const struct option *row, const struct conf_node *n, struct option_value *v,
                       struct report *report)
{
        char value[32];
        v->node = n;
        v->count = conf_type(n) == CONF_TEXT ? 1 : conf_count(n);
        for (size_t i = 0; i < conf_count(n); i++) {
                if (conf_type(conf_at(n, i)) != CONF_TEXT) {
                        wrong_type(row, conf_at(n, i), report);
                        return false;
                }
        }
        if (option_count_in_range(row, v->count))
                return true;
        snprintf(value, sizeof value, "%zu texts", v->count);
        out_of_range(row, n, value, report);
        return false;
}

static bool read_text(const struct option *row, const struct conf_node *n, struct option_value *v,
                      struct report *report)
{
        char value[80];
        if (!option_value_of_text(row, slice_of(conf_text(n)), v)) {
                unreadable(row, n, report);
                return false;
        }
        if (option_in_range(row, v))
                return true;
        snprintf(value, sizeof value, "\"%.60s\"", conf_text(n));
        out_of_range(row, n, value, report);
        return false;
}

static bool read_number(const struct option *row, const struct conf_node *n, struct option_value *v,
                        struct report *report)
{
        char value[40];
        v->i = conf_int(n);
        v->f = conf_float(n);
        if (option_in_range(row, v))
                return true;
        if (conf_type(n) == CONF_INT)
                snprintf(value, sizeof value, "%" PRId64, v->i);
        else
                snprintf(value, sizeof value, "%g", v->f);
        out_of_range(row, n, value, report);
        return false;
}

const char *option_text_at(const struct option_texts *t, size_t i)
{
        return conf_text(conf_type(t->node) == CONF_TEXT ? t->node : conf_at(t->node, i));
}

static bool right_type(const struct option *row, enum conf_type t)
{
        switch (row->type) {
        case OPTION_TEXT:
        case OPTION_NAME:
        case OPTION_SIZE:
        case OPTION_TIME:
        case OPTION_CHOICE:
                return t == CONF_TEXT;
        case OPTION_INT:
                return t == CONF_INT;
        case OPTION_FLOAT:
                return t == CONF_FLOAT || t == CONF_INT;
        case OPTION_BOOL:
                return t == CONF_BOOL;
        case OPTION_TEXTS:
                return t == CONF_ARRAY || t == CONF_LIST || (t == CONF_TEXT && (row->flags & OPTION_OR_ONE));
        case OPTION_GROUP:
                return t == CONF_GROUP;
        case OPTION_LIST:
                return t == CONF_LIST;
        }
        return false;
}

static bool read_one(const struct option *row, const struct conf_node *n, void *dest,
                     struct report *report)
{
        struct option_value v = { 0 };
        if (!right_type(row, conf_type(n))) {
                wrong_type(row, n, report);
                return false;
        }
        bool ok = true;
        if (row->type == OPTION_TEXTS)
                ok = read_texts(row, n, &v, report);
        else if (row->type == OPTION_BOOL)
                v.b = conf_bool(n);
        else if (conf_type(n) == CONF_TEXT)
                ok = read_text(row, n, &v, report);
        else if (conf_type(n) == CONF_INT || conf_type(n) == CONF_FLOAT)
                ok = read_number(row, n, &v, report);
        else
                v.node = n;
        if (ok)
                store(row, &v, dest);
        return ok;
}

static const struct option *row_of(const struct option *rows, const char *name)
{
        for (; rows->name; rows++)
                if (strcmp(rows->name, name) == 0)
                        return rows;
        return NULL;
}

static bool is_also(const char *const *also, const char *name)
{
        for (; also && *also; also++)
                if (strcmp(*also, name) == 0)
                        return true;
        return false;
}

static void unknown(const struct option *rows, const char *const *also, const struct conf_node *n,
                    struct report *report)
{
        const char *names[NAMES_MAX];
        size_t count = 0;
        struct buf hint;
        buf_init(&hint, 900);
        for (; rows->name && count < NAMES_MAX; rows++)
                names[count++] = rows->name;
        for (; also && *also && count < NAMES_MAX; also++)
                names[count++] = *also;
        const char *nearest = text_nearest(conf_name(n), names, count);
        if (nearest)
                buf_printf(&hint, "Did you mean \"%s\"? ", nearest);
        buf_puts(&hint, "Known here: ");
        for (size_t i = 0; i < count; i++)
                buf_printf(&hint, "%s%s", i ? ", " : "", names[i]);
        buf_puts(&hint, ".");
        conf_complain(report, n, REPORT_ERROR, hint.p, "unknown option \"%.60s\"", conf_name(n));
        buf_clear(&hint);
}

static bool read_written(const struct option *rows, const struct conf_node *node, void *dest,
                         const char *const *also, struct report *report)
{
        bool ok = true;
        if (conf_type(node) != CONF_GROUP) {
                conf_complain(report, node, REPORT_ERROR, "Write it as { name = value; }.",
                              "this should be a group { }, not %s", conf_type_name(conf_type(node)));
                return false;
        }
        for (size_t i = 0; i < conf_count(node); i++) {
                const struct conf_node *n = conf_at(node, i);
                const struct option *row = row_of(rows, conf_name(n));
                if (row) {
                        ok = read_one(row, n, dest, report) && ok;
                } else if (!is_also(also, conf_name(n))) {
                        unknown(rows, also, n, report);
                        ok = false;
                }
        }
        return ok;
}

bool option_read(const struct option *rows, const struct conf_node *node, void *dest,
                 const char *const *also, struct report *report)
{
        option_defaults(rows, dest);
        bool ok = !node || read_written(rows, node, dest, also, report);
        for (const struct option *row = rows; row->name; row++) {
                bool written = node && conf_get(node, row->name);
                if (!(row->flags & OPTION_REQUIRED) || written)
                        continue;
                conf_complain(report, node, REPORT_ERROR, row->help, "\"%s\" is missing", row->name);
                ok = false;
        }
        return ok;
}
