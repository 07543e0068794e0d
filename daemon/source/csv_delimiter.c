/* csv_delimiter.c - what stands between a sheet's columns, where nobody said it. */
#include "csv.h"

static const char delimiters[] = ",;\t|";

static bool starts_with_sep(struct slice s)
{
        return s.n > 4 && slice_eq_nocase(slice_make(s.p, 4), SLICE("sep="));
}

/* Behind the line that begins at `from`; quotes hold newlines. 0: the line does not end. */
static size_t line_end(struct slice s, size_t from)
{
        bool quoted = false;
        for (size_t i = from; i < s.n; i++) {
                quoted ^= s.p[i] == '"';
                if (!quoted && (s.p[i] == '\n' || s.p[i] == '\r'))
                        return i + 1;
        }
        return 0;
}

/* Blank lines before it are no header. */
size_t csv_header_end(struct slice s)
{
        size_t from = 0;
        while (from < s.n && (s.p[from] == '\n' || s.p[from] == '\r'))
                from++;
        return line_end(s, from);
}

bool csv_is_sep(const struct csv_row *row)
{
        return !row->bad && (row->n == 1 || (row->n == 2 && !row->cells[1].n)) &&
               slice_starts(row->cells[0], SLICE("sep=")) && row->cells[0].n <= 5;
}

struct trial {
        csv_fits *fits;
        void *ctx;
        bool seen, fit;
        size_t cells;
};

static bool try_row(void *ctx, const struct csv_row *row)
{
        struct trial *t = ctx;
        t->seen = true;
        t->cells = row->n;
        t->fit = t->fits(t->ctx, row);
        return false;
}

static void try_delimiter(struct trial *t, struct slice head, char delimiter)
{
        struct csv_split *split = csv_split_new(delimiter, try_row, t);
        t->seen = t->fit = false;
        t->cells = 0;
        if (split && csv_split_put(split, head) && !t->seen)
                csv_split_finish(split);
        csv_split_free(split);
}

char csv_delimiter(struct slice head, csv_fits *fits, void *ctx)
{
        struct trial t = { .fits = fits, .ctx = ctx };
        char best = ',';
        size_t most = 1;
        if (starts_with_sep(head) && strchr(delimiters, head.p[4]) && head.p[4])
                return head.p[4];
        for (const char *d = delimiters; *d; d++) {
                try_delimiter(&t, head, *d);
                if (t.fit)
                        return *d;
                if (t.cells > most) {
                        most = t.cells;
                        best = *d;
                }
        }
        return best;
}
