/* scan.h - the entries of one segment, in order, whatever happened to the file.
 *
 * Reads through a window of 64 KiB (one entry more at most). Invalid bytes are stepped over
 * by searching for the next valid entry; a sector that cannot be read counts as zeros.
 *
 *      scan_open -> (scan_next* -> scan_extend)* -> scan_close                  */
#ifndef VAULT_SCAN_H
#define VAULT_SCAN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "entry.h"

struct scan {
        int fd; /* -1: closed */
        uint64_t at;     /* where the search for the next entry begins */
        uint64_t limit;  /* bytes before it exist */
        uint64_t epoch, last_seq; /* the next valid entry has this epoch, a greater seq */
        struct buf window;
        uint64_t window_at;       /* offset in the file of window.p[0] */
        bool unread;              /* some sector could not be read: perhaps it can another time */
        /* after scan_next() found one: */
        struct entry_header head;
        struct slice bytes;       /* the whole entry; until the next call */
        uint64_t gap_from;        /* seqs gap_from..head.seq - 1 may lie in bytes that were */
        bool gap;                 /* stepped over before it, if `gap` */
};

/* first: seq of the segment's first entry. */
bool scan_open(struct scan *s, const char *path, uint64_t epoch, uint64_t first, uint64_t data_at,
               uint64_t limit, struct err *err);
void scan_close(struct scan *s);
/* *found false: no valid entry before the limit; s->at stands after the last one. */
bool scan_next(struct scan *s, bool *found, struct err *err);
/* The file grew: later calls look further. */
void scan_extend(struct scan *s, uint64_t limit);
/* Whether only zeros stand between s->at and the limit. */
bool scan_rest_is_empty(struct scan *s, bool *empty, struct err *err);

#endif
