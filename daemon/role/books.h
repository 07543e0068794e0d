/* books.h - which book is in force, and why: load, cache, fall back, reload.
 *
 * A set that loads is kept, signed, in STATE/policy.cache. With a broken or missing file at
 * start the cached set still discards before anything is stored, but nothing leaves until a
 * valid set is read. On a later reload that fails, the set in force stays in force.       */
#ifndef ROLE_BOOKS_H
#define ROLE_BOOKS_H

#include "base/metric.h"
#include "base/report.h"
#include "policy/policy.h"
#include "vault/keys.h"

struct books {
        const char *state_dir; /* borrowed */
        struct keyer *keyer;   /* borrowed */
        struct book *book;     /* in force for capture's discard pass; NULL: the floor only */
        bool open;             /* whether it may let anything out */
        bool stale;            /* the newest files are broken: an older set is in force */
        int64_t since_us;      /* in force since */
        char trouble[512];     /* what is wrong with the newest files, "" if nothing */
};

/* Reads the set; true if it is valid and now in force. All complaints go to the report. */
bool books_load(struct books *b, const struct book_spec *spec, struct report *report);
/* The newest files cannot be used, as the report says: an older set stays in force. */
void books_spoilt(struct books *b, const struct report *report);
void books_clear(struct books *b);

extern struct metric books_metrics[];

#endif
