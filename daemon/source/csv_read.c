/* csv_read.c - a sheet's rows -> records: the header is matched once, then row by row. */
#include <stdlib.h>

#include "base/text.h"
#include "csv.h"
#include "csv_id.h"
#include "when.h"

enum { ARENA_MAX = 8 << 20, KEPT_MAX = 1 << 20, HEADER_MAX = 64 << 10, ID_COLUMNS_MAX = 16, NOWHERE = -1 };

struct csv_reader {
        const struct source *s;
        const struct csv_mapping *m;
        source_each *each;
        void *ctx;
        struct csv_split *split;          /* NULL: what stands between columns is to be found */
        struct buf head;                  /* by this: the beginning, until the header is whole */
        struct csv_seen *seen;
        struct arena *arena;              /* of one row */
        struct arena *kept;               /* of the header */
        const struct csv_column *columns; /* the mapping's, or made from a header of fields' names */
        size_t n_columns;
        bool begun;
        size_t width;            /* cells a row must have: those behind may only be empty */
        size_t header_width;     /* with the header's own empty cells at its end */
        int at[CSV_COLUMNS_MAX]; /* where columns[i] stands, or NOWHERE */
        int id_from[ID_COLUMNS_MAX], consent;
        uint64_t unmapped;
        struct slice strangers[RECORD_STRANGERS_MAX]; /* their names, as far as they are told */
        size_t n_strangers;
        struct err failure; /* of the file as a whole */
};

static bool fail(struct csv_reader *r, const char *what, struct slice name)
{
        err_set(&r->failure, ERR_DATA, 0, "the header %s column \"%.*s\"", what, (int)utf8_cut(name, 64),
                name.p ? name.p : "");
        return err_hint(&r->failure,
                        "The first line must name the columns, as the source's configuration does.");
}

/* ---- The header ----------------------------------------------------------- */

/* All of the header in one cell, and another program's delimiter in it: the usual mistake. True
 * when it was that, and r->failure says so. */
static bool parted_otherwise(struct csv_reader *r, const struct csv_row *row)
{
        static const char usual[] = ",;\t|";
        for (const char *d = usual; row->n == 1 && *d; d++) {
                if (!r->m->delimiter || *d == r->m->delimiter || !row->cells[0].n || !memchr(row->cells[0].p, *d, row->cells[0].n))
                        continue;
                err_set(&r->failure, ERR_DATA, 0, "the file's columns are parted by %s, not by \"%c\"",
                        *d == '\t' ? "tabs" : (char[]){ '"', *d, '"', 0 }, r->m->delimiter);
                return !err_hint(&r->failure, "Write delimiter = \"%s\"; or export the sheet again.",
                                 *d == '\t' ? "tab" : (char[]){ *d, 0 });
        }
        return false;
}

/* Where the column of that name stands; twice is a failure, as is not at all. Rows need not have the
 * header's empty cells at its end: no column stands there, even if its name were blank. */
static bool find(struct csv_reader *r, const struct csv_row *row, struct slice name, bool optional, int *at)
{
        *at = NOWHERE;
        for (size_t i = 0; i < r->width; i++) {
                if (!slice_eq_nocase(csv_trim(row->cells[i]), name))
                        continue;
                if (*at != NOWHERE)
                        return fail(r, "has twice the", name);
                *at = (int)i;
        }
        return *at != NOWHERE || optional || (!parted_otherwise(r, row) && fail(r, "lacks the", name));
}

/* "E-Mail" is a person's word for a column; "author.email" is ours: taken as it is. */
static bool column_of_name(struct csv_reader *r, struct slice cell, struct csv_column *c)
{
        struct slice name = csv_trim(cell), prefix = SLICE("attributes.");
        if (name.n > prefix.n && slice_eq_nocase((struct slice){ name.p, prefix.n }, prefix)) {
                *c = (struct csv_column){ .field = FIELD_ATTRIBUTES };
                c->attribute = arena_string(r->kept, (struct slice){ name.p + prefix.n, name.n - prefix.n });
                c->column = arena_copy(r->kept, name);
                return c->attribute && c->column.p;
        }
        for (int f = 0; f < FIELDS; f++) {
                if (f == FIELD_CONSENT || f == FIELD_ATTRIBUTES ||
                    !slice_eq_nocase(name, slice_of(field_name((enum field)f))))
                        continue;
                *c = (struct csv_column){ .column = slice_of(field_name((enum field)f)),
                                          .field = (enum field)f,
                                          .split = ',' };
                return true;
        }
        return false;
}

static bool columns_of_header(struct csv_reader *r, const struct csv_row *row)
{
        struct csv_column *made = arena_array(r->kept, row->n, sizeof *made);
        if (!made)
                return err_set(&r->failure, ERR_FULL, 0, "header does not fit into memory's ceiling");
        for (size_t i = 0; i < row->n; i++)
                r->n_columns += column_of_name(r, row->cells[i], &made[r->n_columns]);
        r->columns = made;
        return true;
}

static bool fills(const struct csv_reader *r, enum field f)
{
        for (size_t i = 0; i < r->n_columns; i++)
                if (r->columns[i].field == f && r->at[i] != NOWHERE)
                        return true;
        return false;
}

static bool lacks(struct csv_reader *r, const char *what, const char *hint)
{
        err_set(&r->failure, ERR_DATA, 0, "no column gives %s", what);
        return err_hint(&r->failure, "%s", hint);
}

/* What every record needs must come from somewhere, or each row would be refused alike. */
static bool is_enough(struct csv_reader *r)
{
        if (!r->m->id_from.n && !r->m->id_is_row && !fills(r, FIELD_ID))
                return lacks(r, "\"id\"", "Map a column to \"id\", name \"id_from\", or write id = \"row\".");
        if (!fills(r, FIELD_OCCURRED_AT))
                return lacks(r, "\"occurred_at\"", "Map the column with the time to \"occurred_at\".");
        if (r->s->kind < 0 && !fills(r, FIELD_KIND))
                return lacks(r, "\"kind\"", "Write kind = \"feedback\"; or map a column to \"kind\".");
        return true;
}

static void name_unmapped(struct csv_reader *r, struct slice name)
{
        if (!name.n || r->n_strangers == RECORD_STRANGERS_MAX)
                return;
        r->strangers[r->n_strangers] = arena_copy(r->kept, name);
        r->n_strangers += r->strangers[r->n_strangers].p != NULL;
}

/* Each column of the file is wanted by some row of the mapping, or counted and named. */
static void count_unmapped(struct csv_reader *r, const struct csv_row *row)
{
        for (size_t i = 0; i < r->width; i++) {
                bool wanted = r->consent == (int)i;
                for (size_t k = 0; k < r->n_columns; k++)
                        wanted |= r->at[k] == (int)i;
                for (size_t k = 0; k < r->m->id_from.n; k++)
                        wanted |= r->id_from[k] == (int)i;
                r->unmapped += !wanted;
                if (!wanted)
                        name_unmapped(r, csv_trim(row->cells[i]));
        }
}

static bool has_name(const struct csv_row *row, struct slice name)
{
        for (size_t i = 0; i < row->n; i++)
                if (slice_eq_nocase(csv_trim(row->cells[i]), name))
                        return true;
        return false;
}

/* A line that has one of the names is the header, and no row with what people wrote. */
static bool is_header(const struct csv_reader *r, const struct csv_row *row)
{
        bool is = r->m->consent.column.p && has_name(row, r->m->consent.column);
        for (size_t i = 0; i < r->n_columns; i++)
                is |= has_name(row, r->columns[i].column);
        for (size_t i = 0; i < r->m->id_from.n; i++)
                is |= has_name(row, csv_trim(slice_of(option_text_at(&r->m->id_from, i))));
        return is;
}

/* Tells which columns there are. */
static bool not_matched(struct csv_reader *r, const struct csv_row *row)
{
        struct buf b;
        if (r->failure.kind != ERR_DATA || !is_header(r, row))
                return false;
        buf_init(&b, sizeof r->failure.hint + CSV_COLUMNS_MAX);
        buf_puts(&b, r->n_columns == r->m->n_columns ? "The file's columns are: " : r->failure.hint);
        if (r->n_columns != r->m->n_columns)
                buf_puts(&b, " The file's columns are: ");
        for (size_t i = 0; i < row->n && b.n < sizeof r->failure.hint; i++) {
                struct slice name = csv_trim(row->cells[i]);
                name.n = utf8_cut(name, 40);
                buf_printf(&b, "%s\"%.*s\"", i ? ", " : "", SLICE_ARG(name));
        }
        struct slice said = buf_slice(&b);
        size_t n = utf8_cut(said, sizeof r->failure.hint - 4);
        err_hint(&r->failure, "%.*s%s", (int)n, said.p, n < said.n ? "..." : ".");
        buf_clear(&b);
        return false;
}

static bool find_all(struct csv_reader *r, const struct csv_row *row)
{
        for (size_t i = 0; i < r->n_columns; i++)
                if (!find(r, row, r->columns[i].column, r->columns[i].optional, &r->at[i]))
                        return false;
        for (size_t i = 0; i < r->m->id_from.n; i++) {
                struct slice name = csv_trim(slice_of(option_text_at(&r->m->id_from, i)));
                if (!find(r, row, name, false, &r->id_from[i]))
                        return false;
        }
        return !r->m->consent.column.p || find(r, row, r->m->consent.column, false, &r->consent);
}

static bool match_header(struct csv_reader *r, const struct csv_row *row)
{
        r->begun = true;
        if (row->bad)
                return err_set(&r->failure, ERR_DATA, 0, "header cannot be read: %s", row->bad);
        for (size_t i = 0; i < row->n; i++) {
                if (utf8_valid(row->cells[i], NULL))
                        continue;
                err_set(&r->failure, ERR_DATA, 0, "the header is not UTF-8");
                return err_hint(&r->failure, "Save the file as \"CSV UTF-8\", or name its \"encoding\".");
        }
        r->width = r->header_width = row->n;
        while (r->width > 1 && !csv_trim(row->cells[r->width - 1]).n)
                r->width--; /* a sheet's empty columns */
        r->columns = r->m->columns;
        r->n_columns = r->m->n_columns;
        if (!r->n_columns && !columns_of_header(r, row))
                return false;
        if (!find_all(r, row))
                return not_matched(r, row);
        count_unmapped(r, row);
        return is_enough(r) || not_matched(r, row);
}

/* ---- A row ---------------------------------------------------------------- */

static bool full(struct err *err)
{
        return err_set(err, ERR_DATA, 0, "row does not fit into memory's ceiling");
}

static struct slice translated(const struct csv_mapping *m, enum field f, struct slice value)
{
        for (size_t i = 0; i < m->n_values; i++)
                if (m->values[i].field == f && slice_eq(m->values[i].from, value))
                        return m->values[i].to;
        return value;
}

static enum when_said time_of(const struct csv_mapping *m, struct slice s, int64_t *out)
{
        struct when w;
        enum when_said said = WHEN_NO_TIME;
        if (!m->n_time_formats)
                said = when_iso(&w, s) ? WHEN_READ : WHEN_NO_TIME;
        for (size_t i = 0; i < m->n_time_formats && said != WHEN_READ; i++) {
                enum when_said one = when_read(&w, s, m->time_formats[i]);
                said = one == WHEN_NO_TIME ? said : one;
        }
        if (said == WHEN_READ)
                *out = w.has_offset ? civil_to_us(&w.c) - w.offset_s * US_PER_SECOND : zone_to_us(m->zone, &w.c);
        return said;
}

static bool set_time(struct csv_reader *r, struct record *rec, struct slice value, struct err *err)
{
        switch (time_of(r->m, value, &rec->occurred_at_us)) {
        case WHEN_READ:
                return true;
        case WHEN_TWO_WAYS:
                return err_set(err, ERR_DATA, 0, "\"occurred_at\" can be read in two ways: name the \"time_format\", "
                                                 "%%d/%%m/%%Y or %%m/%%d/%%Y");
        case WHEN_NO_TIME:
                break;
        }
        return err_set(err, ERR_DATA, 0, "\"occurred_at\" is not a time as \"time_format\" has it");
}

static bool set_list(struct record *rec, struct arena *a, const struct csv_column *c, struct slice value,
                     struct err *err)
{
        struct slice *list = arena_array(a, RECORD_LIST_MAX + 1, sizeof *list);
        size_t n = 0;
        if (!list)
                return full(err);
        while (value.p && n <= RECORD_LIST_MAX) {
                const char *cut = value.n ? memchr(value.p, c->split, value.n) : NULL;
                struct slice part = { value.p, cut ? (size_t)(cut - value.p) : value.n };
                value = cut ? (struct slice){ cut + 1, value.n - part.n - 1 } : SLICE_NONE;
                part = slice_trim(part);
                if (part.n)
                        list[n++] = part;
        }
        if (c->field == FIELD_TAGS) {
                rec->tags = list;
                rec->n_tags = n;
        } else {
                rec->mentions = list;
                rec->n_mentions = n;
        }
        return true;
}

static bool set_attribute(struct csv_reader *r, struct record *rec, const struct csv_column *c,
                          struct slice value, struct err *err)
{
        struct attribute *list = arena_array(r->arena, rec->n_attributes + 1, sizeof *list);
        if (!list)
                return full(err);
        if (rec->n_attributes)
                memcpy(list, rec->attributes, rec->n_attributes * sizeof *list);
        list[rec->n_attributes++] = (struct attribute){ slice_of(c->attribute), value };
        rec->attributes = list;
        return true;
}

/* A revision is a number that rises, or the time of the last change. */
static bool set_revision(struct csv_reader *r, struct record *rec, struct slice value, struct err *err)
{
        int64_t when;
        if (time_of(r->m, value, &when) != WHEN_READ)
                return record_set(rec, r->arena, FIELD_REVISION, value, err);
        rec->revision = when;
        return true;
}

static bool set_cell(struct csv_reader *r, struct record *rec, const struct csv_column *c, struct slice value,
                     struct err *err)
{
        switch ((int)c->field) {
        case FIELD_TAGS:
        case FIELD_MENTIONS:
                return set_list(rec, r->arena, c, value, err);
        case FIELD_ATTRIBUTES:
                return set_attribute(r, rec, c, value, err);
        case FIELD_OCCURRED_AT:
                return set_time(r, rec, value, err);
        case FIELD_REVISION:
                return set_revision(r, rec, value, err);
        case FIELD_KIND:
        case FIELD_EDITION:
        case FIELD_AUTHOR_STANDING:
                value = text_lower(r->arena, value);
                return (value.p || full(err)) && record_set(rec, r->arena, c->field, value, err);
        default:
                return record_set(rec, r->arena, c->field, value, err);
        }
}

static bool set_cells(struct csv_reader *r, struct record *rec, const struct csv_row *row, struct err *err)
{
        bool has_time = false, has_kind = r->s->kind >= 0;
        for (size_t i = 0; i < r->n_columns; i++) {
                const struct csv_column *c = &r->columns[i];
                if (r->at[i] == NOWHERE)
                        continue;
                struct slice value = translated(r->m, c->field, csv_trim(row->cells[r->at[i]]));
                if (!value.n)
                        continue;
                if (!set_cell(r, rec, c, value, err))
                        return false;
                has_time |= c->field == FIELD_OCCURRED_AT;
                has_kind |= c->field == FIELD_KIND;
        }
        if (!has_time)
                return err_set(err, ERR_DATA, 0, "\"occurred_at\" is empty");
        return has_kind || err_set(err, ERR_DATA, 0, "\"kind\" is empty");
}

static bool set_id(struct csv_reader *r, struct record *rec, const struct csv_row *row, struct err *err)
{
        struct slice values[ID_COLUMNS_MAX];
        if (r->m->id_is_row)
                return csv_id_of_row(&rec->text[FIELD_ID], r->arena, r->seen, row->cells,
                                     row->n < r->header_width ? row->n : r->header_width, err);
        if (!r->m->id_from.n)
                return true;
        for (size_t i = 0; i < r->m->id_from.n; i++)
                values[i] = csv_trim(row->cells[r->id_from[i]]);
        return csv_id_of_columns(&rec->text[FIELD_ID], r->arena, values, r->m->id_from.n, err);
}

/* Yes is consent given when the row came about; anything else is none. */
static bool set_consent(struct csv_reader *r, struct record *rec, const struct csv_row *row, struct err *err)
{
        const struct csv_consent *c = &r->m->consent;
        if (!c->column.p)
                return true;
        struct slice answer = csv_trim(row->cells[r->consent]);
        for (size_t i = 0; i < c->yes.n; i++) {
                struct slice yes = csv_trim(slice_of(conf_text(conf_at(c->yes.node, i))));
                if (!slice_eq_nocase(answer, yes))
                        continue;
                struct consent *given = ARENA_NEW(r->arena, struct consent);
                if (!given)
                        return full(err);
                *given = (struct consent){ .purpose = c->purpose,
                                           .given_at_us = rec->occurred_at_us,
                                           .until_us = INT64_MAX,
                                           .separate = c->separate,
                                           .evidence = c->column };
                rec->consents = given;
                rec->n_consents = 1;
                return true;
        }
        return true;
}

/* From cell `from` on. */
static bool is_empty(const struct csv_row *row, size_t from)
{
        for (size_t i = from; i < row->n; i++)
                if (csv_trim(row->cells[i]).n)
                        return false;
        return true;
}

static bool record_of_row(struct csv_reader *r, struct record *rec, const struct csv_row *row,
                          struct err *err)
{
        *rec = (struct record){ .kind = r->s->kind < 0 ? KIND_FEEDBACK : (enum record_kind)r->s->kind };
        if (row->bad)
                return err_set(err, ERR_DATA, 0, "%s", row->bad);
        if (row->n < r->width || !is_empty(row, r->width))
                return err_set(err, ERR_DATA, 0, "row has %zu columns, the header %zu", row->n, r->width);
        if (!set_cells(r, rec, row, err) || !set_id(r, rec, row, err) || !set_consent(r, rec, row, err))
                return false;
        source_defaults(r->s, rec);
        rec->strangers = r->strangers;
        rec->n_strangers = r->n_strangers;
        return record_check(rec, err);
}

static bool each_row(void *ctx, const struct csv_row *row)
{
        struct csv_reader *r = ctx;
        struct record rec;
        struct err why = ERR_INIT;
        if (!r->begun)
                return csv_is_sep(row) || match_header(r, row);
        if (!row->bad && is_empty(row, 0))
                return true; /* a sheet's empty rows */
        arena_reset(r->arena);
        bool ok = record_of_row(r, &rec, row, &why);
        if (!ok && why.kind == ERR_FULL) {
                r->failure = why;
                return false;
        }
        if (!r->each(r->ctx, row->line, ok ? &rec : NULL, ok ? NULL : &why))
                return err_set(&r->failure, ERR_BUSY, 0, "reading was stopped");
        return true;
}

/* ---- The reader ----------------------------------------------------------- */

struct csv_reader *csv_reader_new(const struct source *s, source_each *each, void *ctx)
{
        struct csv_reader *r = calloc(1, sizeof *r);
        if (!r)
                return NULL;
        r->s = s;
        r->m = s->csv;
        r->each = each;
        r->ctx = ctx;
        r->consent = NOWHERE;
        buf_init(&r->head, HEADER_MAX);
        r->split = s->csv->delimiter ? csv_split_new(s->csv->delimiter, each_row, r) : NULL;
        r->seen = s->csv->id_is_row ? csv_seen_new() : NULL;
        r->arena = arena_new(ARENA_MAX);
        r->kept = arena_new(KEPT_MAX);
        if ((r->split || !s->csv->delimiter) && r->arena && r->kept && (r->seen || !s->csv->id_is_row))
                return r;
        csv_reader_free(r);
        return NULL;
}

void csv_reader_free(struct csv_reader *r)
{
        if (!r)
                return;
        csv_split_free(r->split);
        buf_clear(&r->head);
        csv_seen_free(r->seen);
        arena_free(r->arena);
        arena_free(r->kept);
        free(r);
}

static bool failed(const struct csv_reader *r, struct err *err)
{
        if (err)
                *err = r->failure;
        return false;
}

/* Whether the file can be read if this is its header; r stays as it is. */
static bool fits(void *ctx, const struct csv_row *header)
{
        struct csv_reader *r = ctx, tried = *r;
        bool ok = match_header(&tried, header);
        arena_reset(r->kept);
        return ok;
}

/* The header is whole, or as much of it as is looked at. */
static bool begin(struct csv_reader *r)
{
        struct slice header = buf_slice(&r->head);
        size_t end = csv_header_end(header);
        header.n = end ? end : header.n;
        r->split = csv_split_new(csv_delimiter(header, fits, r), each_row, r);
        if (!r->split)
                return err_set(&r->failure, ERR_FULL, 0, "out of memory");
        return csv_split_put(r->split, buf_slice(&r->head));
}

static bool put(struct csv_reader *r, struct slice piece)
{
        while (!r->split && piece.n) {
                size_t n = HEADER_MAX - r->head.n < piece.n ? HEADER_MAX - r->head.n : piece.n;
                buf_put(&r->head, slice_make(piece.p, n));
                piece = slice_make(piece.p + n, piece.n - n);
                if (!buf_ok(&r->head))
                        return err_set(&r->failure, ERR_FULL, 0, "out of memory");
                if ((csv_header_end(buf_slice(&r->head)) || r->head.n == HEADER_MAX) && !begin(r))
                        return false;
        }
        return !piece.n || csv_split_put(r->split, piece);
}

bool csv_reader_put(struct csv_reader *r, struct slice piece, struct err *err)
{
        if (r->failure.kind != ERR_NONE || !put(r, piece))
                return failed(r, err);
        return true;
}

bool csv_reader_finish(struct csv_reader *r, struct err *err)
{
        if (r->failure.kind != ERR_NONE || (!r->split && !begin(r)) || !csv_split_finish(r->split))
                return failed(r, err);
        return r->begun || err_set(err, ERR_DATA, 0, "file has no header");
}

bool csv_reader_has_lines(const struct csv_reader *r)
{
        return !r->split || !csv_split_lone_returns(r->split);
}

uint64_t csv_reader_unmapped(const struct csv_reader *r)
{
        return r->unmapped;
}
