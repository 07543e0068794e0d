/* csv_mapping.c - columns -> fields, as a community manager writes it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/charset.h"
#include "base/text.h"
#include "csv.h"

enum { COLUMNS_MAX = 256, VALUES_MAX = 4096 };

struct column_rows {
        const char *column, *field, *split;
        bool optional;
};
static const struct option column_options[] = {
        { "column", OPTION_TEXT, OPTION_AT(struct column_rows, column), "1", "1024", NULL, OPTION_REQUIRED,
          "The column's name in the first line of the file; letter case does not matter." },
        { "field", OPTION_TEXT, OPTION_AT(struct column_rows, field), "1", "300", NULL, OPTION_REQUIRED,
          "The record's field, such as \"body\", \"author.email\", \"tags\" or \"attributes.plan\"." },
        { "split", OPTION_TEXT, OPTION_AT(struct column_rows, split), "1", "1", ",", 0,
          "What stands between several tags or mentions in one cell." },
        { "optional", OPTION_BOOL, OPTION_AT(struct column_rows, optional), NULL, NULL, "false", 0,
          "Whether a file may lack the column." },
        OPTION_END
};

struct value_rows {
        const char *field, *from, *to;
};
static const struct option value_options[] = {
        { "field", OPTION_TEXT, OPTION_AT(struct value_rows, field), "1", "64", NULL, OPTION_REQUIRED,
          "The field whose values are translated." },
        { "from", OPTION_TEXT, OPTION_AT(struct value_rows, from), "0", "4096", NULL, OPTION_REQUIRED,
          "The cell as people filled it in." },
        { "to", OPTION_TEXT, OPTION_AT(struct value_rows, to), "0", "4096", NULL, OPTION_REQUIRED,
          "What it means; empty: nothing." },
        OPTION_END
};

struct consent_rows {
        const char *column, *purpose;
        struct option_texts yes;
        bool separate;
};
static const struct option consent_options[] = {
        { "column", OPTION_TEXT, OPTION_AT(struct consent_rows, column), "1", "1024", NULL, OPTION_REQUIRED,
          "The column in which people agree." },
        { "yes", OPTION_TEXTS, OPTION_AT(struct consent_rows, yes), "1", "64", NULL, OPTION_REQUIRED,
          "The answers that mean yes; all others mean no." },
        { "purpose", OPTION_TEXT, OPTION_AT(struct consent_rows, purpose), "1", "64", NULL, OPTION_REQUIRED,
          "What they agree to, as policies name it." },
        { "separate", OPTION_BOOL, OPTION_AT(struct consent_rows, separate), NULL, NULL, "false", 0,
          "Whether it is asked apart from everything else." },
        OPTION_END
};

void csv_mapping_free(struct csv_mapping *m)
{
        if (!m)
                return;
        zone_free(m->zone);
        free(m->columns);
        free(m->values);
        free(m);
}

static bool no_field(const struct conf_node *n, const char *name, struct report *report)
{
        const char *names[FIELDS];
        char hint[128];
        for (int f = 0; f < FIELDS; f++)
                names[f] = field_name((enum field)f);
        const char *nearest = text_nearest(name, names, FIELDS);
        if (nearest)
                snprintf(hint, sizeof hint, "Did you mean \"%s\"?", nearest);
        conf_complain(report, conf_get(n, "field"), REPORT_ERROR, nearest ? hint : NULL,
                      "\"%.64s\" is no field of a record that a column can fill", name);
        return false;
}

/* "body", "tags", "attributes.NAME". */
static bool read_field(struct csv_column *c, const char *name, const struct conf_node *n,
                       struct report *report)
{
        static const char attributes[] = "attributes.";
        size_t prefix = sizeof attributes - 1;
        if (strncmp(name, attributes, prefix) == 0 && name[prefix]) {
                c->field = FIELD_ATTRIBUTES;
                c->attribute = name + prefix;
                return true;
        }
        int f = field_of_name(slice_of(name));
        if (f < 0 || f == FIELD_CONSENT || f == FIELD_ATTRIBUTES)
                return no_field(n, name, report);
        c->field = (enum field)f;
        return true;
}

static bool filled_twice(const struct csv_mapping *m, const struct csv_column *c, const struct conf_node *n,
                         struct report *report)
{
        for (const struct csv_column *other = m->columns; other < c; other++) {
                bool same = other->field == c->field &&
                            (!c->attribute || strcmp(c->attribute, other->attribute) == 0);
                if (!same)
                        continue;
                conf_complain(report, n, REPORT_ERROR, "One column fills one field.",
                              "field \"%s\" is filled by two columns", field_name(c->field));
                return true;
        }
        return false;
}

static bool read_column(struct csv_mapping *m, const struct conf_node *n, struct report *report)
{
        struct column_rows row;
        struct csv_column *c = &m->columns[m->n_columns];
        if (!option_read(column_options, n, &row, NULL, report) || !read_field(c, row.field, n, report))
                return false;
        c->column = csv_trim(slice_of(row.column));
        c->split = row.split[0];
        c->optional = row.optional;
        if (filled_twice(m, c, n, report))
                return false;
        m->n_columns++;
        return true;
}

static bool read_value(struct csv_mapping *m, const struct conf_node *n, struct report *report)
{
        struct value_rows row;
        if (!option_read(value_options, n, &row, NULL, report))
                return false;
        int f = field_of_name(slice_of(row.field));
        if (f < 0)
                return no_field(n, row.field, report);
        m->values[m->n_values++] =
                (struct csv_value){ (enum field)f, slice_trim(slice_of(row.from)), slice_of(row.to) };
        return true;
}

static bool read_list(struct csv_mapping *m, const struct conf_node *list, size_t max, const char *name,
                      bool (*one)(struct csv_mapping *m, const struct conf_node *n, struct report *report),
                      struct report *report)
{
        bool ok = true;
        size_t n = list ? conf_count(list) : 0;
        if (n > max) {
                conf_complain(report, list, REPORT_ERROR, NULL,
                              "\"%s\" has %zu members; at most %zu are allowed", name, n, max);
                return false;
        }
        for (size_t i = 0; i < n; i++)
                ok &= one(m, conf_at(list, i), report);
        return ok;
}

static bool read_delimiter(struct csv_mapping *m, const char *text, const struct conf_node *source,
                           struct report *report)
{
        m->delimiter = strcmp(text, "tab") == 0 ? '\t' : strcmp(text, "auto") == 0 ? 0 : text[0];
        if (!m->delimiter)
                return true;
        if ((text[1] == 0 || m->delimiter == '\t') && m->delimiter != '"' && m->delimiter != '\n' &&
            m->delimiter != '\r' && (unsigned char)m->delimiter < 0x80)
                return true;
        conf_complain(report, conf_get(source, "delimiter"), REPORT_ERROR,
                      "Write \",\", \";\", \"|\", \"tab\" or \"auto\".",
                      "\"delimiter\" is not one character that can stand between columns");
        return false;
}

static bool read_consent(struct csv_mapping *m, const struct conf_node *group, struct report *report)
{
        struct consent_rows row;
        if (!group)
                return true;
        if (!option_read(consent_options, group, &row, NULL, report))
                return false;
        m->consent = (struct csv_consent){ csv_trim(slice_of(row.column)), slice_of(row.purpose), row.yes,
                                           row.separate };
        return true;
}

static bool read_id(struct csv_mapping *m, const struct file_options *files, const struct conf_node *source,
                    struct report *report)
{
        m->id_from = files->id_from;
        m->id_is_row = files->id == 1;
        if (!m->id_is_row || !m->id_from.n)
                return true;
        conf_complain(report, conf_get(source, "id"), REPORT_ERROR,
                      "Keep \"id_from\" if those columns suffice.",
                      "a row's id is either its columns' (\"id_from\") or its own (\"id = row\")");
        return false;
}

static bool read_zone(struct csv_mapping *m, const struct file_options *files, const struct conf_node *source,
                      struct report *report)
{
        struct err err = ERR_INIT;
        if (zone_open(&m->zone, files->timezone, &err))
                return true;
        conf_complain(report, conf_get(source, "timezone"), REPORT_ERROR,
                      "Write a name of the tz database, such as \"Asia/Tokyo\".", "%s", err.text);
        return false;
}

/* The C library has its tables in files of their own. */
static bool is_readable_here(enum charset c, const struct conf_node *source, struct report *report)
{
        struct charset_reader *r = NULL;
        struct err err = ERR_INIT;
        if (c == CHARSET_UTF_16)
                c = CHARSET_UTF_16LE;
        bool ok = charset_open(&r, c, &err);
        if (!ok)
                conf_complain(report, conf_get(source, "encoding"), REPORT_ERROR, err.hint, "%s", err.text);
        charset_close(r);
        return ok;
}

static bool read_encoding(struct csv_mapping *m, const char *name, const struct conf_node *source,
                          struct report *report)
{
        char hint[160];
        m->encoding = strcmp(name, "auto") == 0 ? -1 : charset_of_name(name);
        if (strcmp(name, "auto") == 0)
                return true;
        if (m->encoding >= 0)
                return is_readable_here((enum charset)m->encoding, source, report);
        const char *nearest = charset_nearest(name);
        snprintf(hint, sizeof hint, "%s%s%sKnown are auto, utf-8, utf-16, shift_jis, euc-jp, gb18030, big5, euc-kr, "
                                    "windows-1252, iso-8859-1 and iso-8859-15.",
                 nearest ? "Did you mean \"" : "", nearest ? nearest : "", nearest ? "\"? " : "");
        conf_complain(report, conf_get(source, "encoding"), REPORT_ERROR, hint, "encoding \"%.32s\" is not known", name);
        return false;
}

/* Only what civil_parse() understands, or each row would be refused. */
static bool read_strptime(const char *format, const struct conf_node *at, struct report *report)
{
        bool year = false;
        for (const char *f = format; *f; f++) {
                if (*f != '%')
                        continue;
                year |= *++f == 'Y' || *f == 'y';
                if (*f && strchr("YymdHIMSpbBzZf%", *f))
                        continue;
                conf_complain(report, at, REPORT_ERROR,
                              "Known are %Y %y %m %d %b %B %H %I %M %S %f %p %z %Z and %%.",
                              "\"%%%.1s\" of \"time_format\" is not known", f);
                return false;
        }
        if (year && strlen(format) <= 64)
                return true;
        conf_complain(report, at, REPORT_ERROR, "Write it as \"%d.%m.%Y %H:%M\", or \"auto\".",
                      year ? "\"time_format\" is over 64 bytes" : "\"time_format\" has no year");
        return false;
}

static bool read_time_formats(struct csv_mapping *m, const struct file_options *files,
                              const struct conf_node *source, struct report *report)
{
        bool ok = true;
        for (size_t i = 0; i < files->time_format.n && i < CSV_FORMATS_MAX; i++) {
                const char *format = option_text_at(&files->time_format, i);
                m->time_formats[m->n_time_formats++] = format;
                if (strcmp(format, "auto") != 0 && strcmp(format, "excel") != 0 && strcmp(format, "unix") != 0)
                        ok &= read_strptime(format, conf_get(source, "time_format"), report);
        }
        return ok;
}

static struct csv_mapping *mapping_new(const struct file_options *files)
{
        struct csv_mapping *m = calloc(1, sizeof *m);
        size_t columns = files->columns ? conf_count(files->columns) : 0;
        size_t values = files->values ? conf_count(files->values) : 0;
        if (!m)
                return NULL;
        m->columns = calloc(columns + 1, sizeof *m->columns);
        m->values = calloc(values + 1, sizeof *m->values);
        if (m->columns && m->values)
                return m;
        csv_mapping_free(m);
        return NULL;
}

bool csv_mapping_read(struct csv_mapping **out, const struct file_options *files,
                      const struct conf_node *source, struct report *report)
{
        struct csv_mapping *m = mapping_new(files);
        *out = NULL;
        if (!m) {
                conf_complain(report, source, REPORT_ERROR, NULL, "out of memory");
                return false;
        }
        bool ok = read_encoding(m, files->encoding, source, report);
        ok &= read_delimiter(m, files->delimiter, source, report);
        ok &= read_list(m, files->columns, COLUMNS_MAX, "columns", read_column, report);
        ok &= read_list(m, files->values, VALUES_MAX, "values", read_value, report);
        ok &= read_consent(m, files->consent, report);
        ok &= read_id(m, files, source, report);
        ok &= read_time_formats(m, files, source, report);
        ok &= read_zone(m, files, source, report);
        if (!ok) {
                csv_mapping_free(m);
                m = NULL;
        }
        *out = m;
        return ok;
}
