/* reader.c - files, whatever their format: what stands before the first line, then the lines.
 *
 * A byte order mark of UTF-8 is passed over. One of UTF-16 is a file that nobody here can
 * read as a whole, and its sender is told how to save it.                              */
#include <stdlib.h>
#include <string.h>

#include "csv.h"
#include "ndjson.h"

enum { HEAD = 3 };

struct reader {
        struct csv_reader *csv; /* one of the two */
        struct ndjson_reader *ndjson;
        char head[HEAD]; /* the first bytes, until it is clear what they are */
        size_t n_head;
        bool begun, unreadable;
};

struct reader *reader_new(const struct source *s, const char *format, source_each *each, void *ctx,
                          struct err *err)
{
        bool csv = strcmp(format, "csv") == 0;
        if (!csv && strcmp(format, "ndjson") != 0) {
                err_set(err, ERR_DATA, 0, "format \"%.16s\" is not read here", format);
                err_hint(err, "Files end in .csv or .ndjson, or those and .gz.");
                return NULL;
        }
        if (csv && !s->csv) {
                err_set(err, ERR_CONFIG, 0, "source \"%s\" does not read files", s->name);
                return NULL;
        }
        struct reader *r = calloc(1, sizeof *r);
        if (r && csv)
                r->csv = csv_reader_new(s, each, ctx);
        else if (r)
                r->ndjson = ndjson_reader_new(s, each, ctx);
        if (r && (r->csv || r->ndjson))
                return r;
        reader_free(r);
        err_set(err, ERR_FULL, 0, "out of memory");
        return NULL;
}

void reader_free(struct reader *r)
{
        if (!r)
                return;
        csv_reader_free(r->csv);
        ndjson_reader_free(r->ndjson);
        free(r);
}

static bool put(struct reader *r, struct slice piece, struct err *err)
{
        if (r->unreadable)
                return err_set(err, ERR_DATA, 0, "file cannot be read");
        if (piece.n == 0)
                return true;
        return r->csv ? csv_reader_put(r->csv, piece, err) : ndjson_reader_put(r->ndjson, piece, err);
}

/* The head is whole, or the file has ended. */
static bool begin(struct reader *r, struct err *err)
{
        struct slice head = { r->head, r->n_head };
        r->begun = true;
        if (slice_starts(head, SLICE("\xff\xfe")) || slice_starts(head, SLICE("\xfe\xff"))) {
                r->unreadable = true;
                err_set(err, ERR_DATA, 0, "file is in UTF-16");
                return err_hint(err, "Save it as \"CSV UTF-8\" or with the encoding UTF-8.");
        }
        return slice_eq(head, SLICE("\xef\xbb\xbf")) || put(r, head, err);
}

bool reader_put(struct reader *r, struct slice piece, struct err *err)
{
        while (!r->begun && piece.n) {
                r->head[r->n_head++] = *piece.p++;
                piece.n--;
                if (r->n_head == HEAD && !begin(r, err))
                        return false;
        }
        return put(r, piece, err);
}

bool reader_finish(struct reader *r, struct err *err)
{
        if ((!r->begun && !begin(r, err)) || !put(r, SLICE_NONE, err))
                return false;
        return r->csv ? csv_reader_finish(r->csv, err) : ndjson_reader_finish(r->ndjson, err);
}

uint64_t reader_unmapped(const struct reader *r)
{
        return r->csv ? csv_reader_unmapped(r->csv) : ndjson_reader_unmapped(r->ndjson);
}
