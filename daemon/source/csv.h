/* csv.h - rows of RFC 4180 text, and what an operator says they mean. */
#ifndef SOURCE_CSV_H
#define SOURCE_CSV_H

#include "base/clock.h"
#include "base/conf.h"
#include "source/source.h"

enum { CSV_COLUMNS_MAX = 1024, CSV_ROW_MAX = 1 << 20, CSV_FORMATS_MAX = 8 };

/* ---- csv_split.c: bytes -> rows ----------------------------------------- */

struct csv_row {
        int64_t line;              /* where it begins; 1-based */
        const struct slice *cells; /* borrowed until the call returns */
        size_t n;
        const char *bad; /* why it cannot be read; then there are no cells */
};
/* Returns false to stop. */
typedef bool csv_each_row(void *ctx, const struct csv_row *row);

struct csv_split;
struct csv_split *csv_split_new(char delimiter, csv_each_row *each, void *ctx);
void csv_split_free(struct csv_split *c);
/* False: `each` asked to stop. */
bool csv_split_put(struct csv_split *c, struct slice piece);
bool csv_split_finish(struct csv_split *c);
/* Whether a carriage return alone ended a line. */
bool csv_split_lone_returns(const struct csv_split *c);
/* Without the blanks around it, full-width, zero-width and no-break ones too. */
struct slice csv_trim(struct slice s);

/* ---- csv_delimiter.c: what stands between columns --------------------------- */

/* Whether a header's row is one that the source can read. */
typedef bool csv_fits(void *ctx, const struct csv_row *header);
/* Where the header ends in `head`, its newline counted (and a first line "sep=;", which Excel
 * writes); 0: it is not all there. */
size_t csv_header_end(struct slice head);
/* That of comma, semicolon, tab and bar with which the header fits; comma before others, so that
 * what a comma could read is read by it. None: the one that makes most columns of it. */
char csv_delimiter(struct slice head, csv_fits *fits, void *ctx);
/* Excel's first line "sep=;", if `row` is that. */
bool csv_is_sep(const struct csv_row *row);

/* ---- csv_mapping.c: what the operator wrote ------------------------------- */

struct csv_column {
        struct slice column;
        enum field field;
        const char *attribute; /* of attributes.NAME */
        char split;            /* of tags and mentions */
        bool optional;
};
struct csv_value {
        enum field field;
        struct slice from, to;
};
struct csv_consent {
        struct slice column, purpose;
        struct option_texts yes;
        bool separate;
};
struct csv_mapping {
        int encoding;   /* enum charset; -1: to be found out */
        char delimiter; /* 0: likewise */
        struct csv_column *columns;
        size_t n_columns;
        struct csv_value *values;
        size_t n_values;
        struct option_texts id_from;
        bool id_is_row;
        const char *time_formats[CSV_FORMATS_MAX];
        size_t n_time_formats; /* none: ISO 8601 */
        struct zone *zone;
        struct csv_consent consent; /* column.p NULL: none */
};
bool csv_mapping_read(struct csv_mapping **out, const struct file_options *files,
                      const struct conf_node *source, struct report *report);
void csv_mapping_free(struct csv_mapping *m);

/* ---- csv_read.c: rows -> records ------------------------------------------ */

struct csv_reader;
struct csv_reader *csv_reader_new(const struct source *s, source_each *each, void *ctx);
void csv_reader_free(struct csv_reader *r);
bool csv_reader_put(struct csv_reader *r, struct slice piece, struct err *err);
bool csv_reader_finish(struct csv_reader *r, struct err *err);
uint64_t csv_reader_unmapped(const struct csv_reader *r);
bool csv_reader_has_lines(const struct csv_reader *r);

#endif
