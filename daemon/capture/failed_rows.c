/* failed_rows.c - refused lines again as rows: for listing, repair, forgetting. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/file.h"
#include "capture/failed.h"
#include "capture/inbox.h"
#include "failed_file.h"

enum { ROW_MAX = 16 << 20 };
static const char ending[] = ".sealed";

/* ---- Where rows end ----------------------------------------------------- */

enum quote { CELL_START, CELL, QUOTED, QUOTE_SEEN };

struct cutting {
        failed_each_row *each;
        void *ctx;
        struct buf row;
        bool begun;        /* something was put since the last row */
        bool marked;       /* frames say where rows begin */
        bool sheet;        /* else: newlines within quotes belong to cells */
        enum quote quote;
};

static bool give(struct cutting *c, struct err *err)
{
        bool ok = !c->begun || c->each(c->ctx, buf_slice(&c->row), !buf_ok(&c->row), err);
        buf_reset(&c->row);
        c->begun = false;
        c->quote = CELL_START;
        return ok;
}

/* As daemon/source reads sheets, but for the delimiter, which is not known here: a quote after
 * any of the usual ones opens a cell. Whether the byte ends a row. */
static bool ends_row(struct cutting *c, char byte)
{
        if (!c->sheet)
                return byte == '\n';
        switch (c->quote) {
        case QUOTED:
                c->quote = byte == '"' ? QUOTE_SEEN : QUOTED;
                return false;
        case CELL_START:
                c->quote = byte == '"' ? QUOTED : CELL;
                break;
        case QUOTE_SEEN:
                c->quote = byte == '"' ? QUOTED : CELL;
                break;
        case CELL:
                break;
        }
        if (c->quote != QUOTED && strchr(",;\t|", byte) && byte)
                c->quote = CELL_START;
        return byte == '\n' && c->quote != QUOTED;
}

static void put(struct cutting *c, struct slice bytes)
{
        buf_put(&c->row, bytes);
        c->begun |= bytes.n > 0;
}

static bool cut_rows(struct cutting *c, struct slice plain, struct err *err)
{
        size_t from = 0;
        for (size_t i = 0; i < plain.n; i++) {
                if (!ends_row(c, plain.p[i]))
                        continue;
                put(c, slice_make(plain.p + from, i + 1 - from));
                from = i + 1;
                if (!give(c, err))
                        return false;
        }
        put(c, slice_make(plain.p + from, plain.n - from));
        return true;
}

static bool is_sheet(const char *path)
{
        const char *name = strrchr(path, '/');
        return strcasestr(name ? name : path, ".csv") != NULL;
}

static bool read_frames(struct failed_reader *r, struct cutting *c, struct err *err)
{
        bool end = false;
        for (bool first = true; !end; first = false) {
                struct slice plain;
                bool row;
                if (!failed_next(r, &plain, &row, &end, err))
                        return false;
                if (first)
                        c->marked = row;
                if (row && !give(c, err))
                        return false;
                if (c->marked)
                        put(c, plain);
                else if (!cut_rows(c, plain, err))
                        return false;
        }
        return give(c, err);
}

bool failed_read_rows(const char *path, struct keyer *k, failed_each_row *each, void *ctx, bool *whole,
                      struct err *err)
{
        struct failed_reader *r;
        struct cutting c = { .each = each, .ctx = ctx, .sheet = is_sheet(path) };
        if (!failed_open(&r, path, k, err))
                return false;
        buf_init(&c.row, ROW_MAX);
        bool ok = read_frames(r, &c, err);
        *whole = !c.marked;
        buf_wipe(&c.row);
        failed_close(r);
        return ok;
}

/* ---- Listing ------------------------------------------------------------ */

struct listing {
        const char *folder;
        struct keyer *k;
        bool (*each)(const struct failed_entry *e, void *ctx);
        void *ctx;
};

static bool count_row(void *ctx, struct slice row, bool too_long, struct err *err)
{
        (void)row;
        (void)too_long;
        (void)err;
        ++*(uint64_t *)ctx;
        return true;
}

static bool list_one(const char *name, void *ctx)
{
        const struct listing *l = ctx;
        char path[INBOX_PATH + 300], report[300];
        struct stat st;
        bool whole;
        struct failed_entry e = { .name = name, .report = report };
        snprintf(path, sizeof path, "%s/%s", l->folder, name);
        if (lstat(path, &st) != 0)
                return true; /* its time was over */
        snprintf(report, sizeof report, "%.*s.json", (int)(strlen(name) - strlen(ending)), name);
        e.sealed_us = (int64_t)st.st_mtim.tv_sec * US_PER_SECOND + st.st_mtim.tv_nsec / 1000;
        e.bytes = (uint64_t)st.st_size;
        e.readable = failed_read_rows(path, l->k, count_row, &e.rows, &whole, NULL);
        return l->each(&e, l->ctx);
}

bool failed_each(const char *inbox, struct keyer *k, bool (*each)(const struct failed_entry *e, void *ctx),
                 void *ctx, struct err *err)
{
        char folder[INBOX_PATH + 16];
        struct listing l = { .folder = folder, .k = k, .each = each, .ctx = ctx };
        snprintf(folder, sizeof folder, "%s/failed", inbox);
        return dir_each(folder, "*.sealed", list_one, &l, err);
}

/* ---- Showing ------------------------------------------------------------ */

struct showing {
        bool (*each)(struct slice row, void *ctx, struct err *err);
        void *ctx;
};

static bool show_row(void *ctx, struct slice row, bool too_long, struct err *err)
{
        const struct showing *s = ctx;
        if (too_long)
                return err_set(err, ERR_DATA, 0, "a row is over 16 MiB: only its file has it whole");
        return s->each(row, s->ctx, err);
}

bool failed_rows(const char *inbox, const char *name, struct keyer *k,
                 bool (*each)(struct slice row, void *ctx, struct err *err), void *ctx, struct err *err)
{
        char path[INBOX_PATH + 300];
        struct showing s = { .each = each, .ctx = ctx };
        size_t n = strlen(name), end = strlen(ending);
        bool whole;
        if (strchr(name, '/') || n <= end || n > 255 || strcmp(name + n - end, ending) != 0)
                return err_set(err, ERR_DATA, 0, "not the name of a file of refused lines: it ends in \"%s\"", ending);
        snprintf(path, sizeof path, "%s/failed/%s", inbox, name);
        if (!file_exists(path))
                return err_set(err, ERR_DATA, 0, "there is no \"%s\" in failed/", name);
        return failed_read_rows(path, k, show_row, &s, &whole, err);
}
