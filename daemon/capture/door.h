/* door.h - what the ways in share: the intake's sources and book, one door a thread, and
 * batches of records on their way to the vault.
 *
 * Calling sequence: door_open -> (door_record -> door_put)* -> door_close; batches go
 * batch_new -> door_put* -> batch_seal -> the vault -> batch_free.              */
#ifndef CAPTURE_DOOR_H
#define CAPTURE_DOOR_H

#include <pthread.h>
#include <stdatomic.h>

#include "base/arena.h"
#include "base/hash.h"
#include "base/pace.h"
#include "capture/intake.h"
#include "capture/strangers.h"

enum {
        BATCH_RECORDS = 1000,      /* a batch is full at so many records */
        BATCH_BYTES = 256 << 10,   /* ... or so many bytes; one record more may be on top */
        HELD_BY_POST = 2 << 20     /* bytes that one streaming POST holds at most, about */
};

enum capture_metric {
        CAPTURE_ACCEPTED, CAPTURE_REFUSED, CAPTURE_DISCARDED, CAPTURE_UNKNOWN_FIELDS, CAPTURE_ERASED,
        CAPTURE_UNAUTHORISED, CAPTURE_BUSY, CAPTURE_PACED, CAPTURE_HOOKS_COUNTED, CAPTURE_FILES,
        CAPTURE_FILES_SAME, CAPTURE_FILES_FAILED
};
static inline void count(enum capture_metric m, int64_t n)
{
        metric_add(&capture_metrics[m], n);
}

struct intake_source {
        const struct source *source;
        struct downtimes *downtimes; /* the intake's; may be NULL */
        struct buf secrets[2]; /* of webhooks; empty if none. Wiped at the end */
        uint8_t token[2][SHA256_BYTES]; /* hashes of bearer tokens */
        bool has_token[2];
        struct pace pace; /* the front's */
        _Atomic uint64_t accepted, refused, discarded, counted_only;
        _Atomic int64_t last_us;
};

struct intake {
        struct intake_spec spec;
        struct intake_source sources[SOURCES_MAX];
        size_t n_sources;
        pthread_mutex_t lock; /* of book */
        struct book *book;
        _Atomic uint64_t book_serial;
        _Atomic uint64_t held; /* bytes of bodies in memory; <= settings.budget */
        struct strangers *strangers;
};

/* The API source of this token; NULL. In time that does not depend on the token. */
struct intake_source *intake_bearer(struct intake *in, struct slice token);
struct intake_source *intake_named(struct intake *in, struct slice name, enum source_type type);
struct intake_source *intake_hook(struct intake *in, struct slice name); /* that sends webhooks */
/* Bytes of bodies that wait in memory, against the budget (times share / 2). */
bool intake_hold(struct intake *in, uint64_t bytes, int share);
void intake_release(struct intake *in, uint64_t bytes);
void intake_count(struct intake *in, struct intake_source *s, uint32_t accepted, uint32_t refused);
void intake_discarded(struct intake *in, struct intake_source *s, uint32_t pieces);

/* ---- Batches ------------------------------------------------------------ */
struct batch {
        struct vault_group group;
        struct vault_item *items;
        int64_t *lines;       /* beside items: where each came from */
        int64_t *occurred_us; /* beside items: when each happened */
        size_t n, cap, bytes; /* bytes of flat records */
        struct arena *arena;  /* ids, identities, flat records */
        uint64_t class_serial;  /* of the book that `class` was copied from; 0: none yet */
        const char *class_said; /* the book's own, while it has that serial */
        const char *class;      /* the batch's */
        struct intake_source *source;
        void *owner;
        struct batch *next;
};
struct batch *batch_new(struct intake_source *s, void *owner); /* NULL when memory is out */
void batch_free(struct batch *b);
bool door_batch_full(const struct batch *b);
/* Makes the group that the vault is given; the answer goes to `reply`. */
struct vault_group *batch_seal(struct batch *b, struct mailbox *reply);
#define BATCH_OF(at) LETTER_OF(at, struct batch, group.letter)

/* ---- Doors -------------------------------------------------------------- */
struct door;
struct door *door_open(struct intake *in); /* NULL when memory is out */
void door_close(struct door *d);           /* NULL is allowed */
/* For what lives until the next record; emptied by door_record() and door_reset(). */
struct arena *door_arena(struct door *d);
void door_reset(struct door *d);
/* A canonical record from JSON. ERR_DATA: the line is refused. */
bool door_record(struct door *d, struct slice json, struct record *out, struct err *err);
/* Fills in the source's defaults, checks, removes what must not be stored even at home, makes
 * the flat form (the door's, until the next record). `record` is changed. ERR_DATA: refused. */
bool door_flatten(struct door *d, const struct intake_source *s, struct record *record,
                  struct slice *flat, struct err *err);
/* The record just flattened, into the batch, which must not be full. */
bool door_add(struct door *d, struct batch *b, const struct record *record, int64_t line, struct err *err);
/* Both: checks, discards, flattens; into the batch. `record` is changed. ERR_DATA: refused, with
 * the reason; ERR_FULL: memory is out. The batch must not be full. */
bool door_put(struct door *d, struct batch *b, struct record *record, int64_t line, struct err *err);

#endif
