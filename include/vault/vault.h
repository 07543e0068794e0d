/* vault.h - accepted records wait here, on disk, encrypted, until the hub has them.
 *
 * Promise: once a group comes back with `ok`, its entries survive a crash of the process or
 * the machine. Group commit, in this order: one SQLite transaction with new keys (keys.db),
 * write, one fdatasync for each file touched, then the answers. Entries come back to readers
 * in order of (epoch, seq), across classes; once given, a position never changes.
 *
 * STATE/vault/ holds segments (layout at the top of segment.c), STATE/keys.db subjects,
 * wrapped keys and source numbers, STATE/reserve blocks put by for a full disk, STATE/lock the
 * one agent that may be. Writer and keeper are threads of the vault's own; vault_submit() may be
 * called from any thread.
 *
 * Calling sequence: vault_open -> (submit | reader)* -> vault_close.                  */
#ifndef VAULT_VAULT_H
#define VAULT_VAULT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mail.h"
#include "base/metric.h"
#include "base/option.h"
#include "model/identity.h"
#include "model/message.h"

struct vault_settings {
        uint64_t max_bytes;     /* all segments together; beyond: ERR_FULL */
        uint64_t segment_bytes; /* a segment is sealed at this size */
        int64_t segment_age_us; /* ... or at this age */
        uint64_t group_bytes;   /* a group commit takes at most so much at once */
        uint64_t min_free_bytes;/* of the file system: below: ERR_FULL */
        uint64_t reserve_bytes; /* put by in STATE/reserve for a full disk; 0: none */
        int64_t period_us;      /* span of a period key; <= 31 days, and <= a twelfth of raw time */
};
extern const struct option vault_options[];
extern struct metric vault_metrics[];

enum entry_kind { ENTRY_RECORD = 1, ENTRY_ERASE, ENTRY_RELEASE, ENTRY_ACTIVATE, ENTRY_LEDGER };

/* What opening met: told by the agent's first log lines and by status. Only segments that a
 * crash left open are read through (damaged_entries: places in them); what closed ones lost
 * is met by whoever reads them. */
struct vault_found {
        uint64_t torn_entries, damaged_entries, damaged_segments, segments, entries;
        struct position last; /* before this start */
};

struct vault;
/* Takes STATE/lock (ERR_BUSY), checks the master key against keys.db (ERR_CONFIG: refuses to
 * write what cannot be read), recovers what a crash left (a torn tail is cut off in memory and
 * counted; a recovered segment is never appended to), raises `start` durably. */
bool vault_open(struct vault **out, const char *state_dir, const char *region,
                const struct vault_settings *settings, struct vault_found *found, struct err *err);
/* Commits what was submitted, then ends the writer. Readers are closed before. NULL is
 * allowed. */
void vault_close(struct vault *v);
/* A disk that fails a second sync ends the agent: nothing can be promised any more. The
 * writer's thread then refuses everything (ERR_SYSTEM) and calls `stop`, once, which must not
 * call vault_close(). Without this it is _exit(EXIT_COULD_NOT). Set right after opening,
 * before the first submit. */
void vault_on_failure(struct vault *v, void (*stop)(void *ctx, const struct err *err), void *ctx);
uint64_t vault_epoch(const struct vault *v);

/* ---- Appending --------------------------------------------------------- */
enum item_outcome {
        ITEM_DURABLE,
        ITEM_ERASED /* its record_key was erased: refused for ever */
};
struct vault_item {
        enum entry_kind kind;
        struct slice source;                     /* records */
        struct slice id;                         /* the source's id: makes the record_key */
        struct slice identities[IDENTITIES_MAX]; /* as identity_of() gives them */
        int n_identities;
        const char *class;                       /* book_class_of(); "" for class 0 */
        struct slice plain;                      /* flat record, or the entry's own form */
        /* filled in before the group comes back: */
        enum item_outcome outcome;
        uint8_t record_key[16];
        struct position at;
};
/* A group is answered as one. It is borrowed until it comes back as a letter to `reply`. */
struct vault_group {
        struct letter letter;
        struct mailbox *reply;
        struct vault_item *items;
        size_t n; /* 1..4096 */
        bool ok;
        struct err err; /* nothing of the group was kept. ERR_FULL: disk or ceiling; ERR_DATA: an
                           item is out of bounds; ERR_RETRY: a sync failed; ERR_SYSTEM: the vault did */
        void *ctx;      /* the sender's */
};
/* False when the writer's mailbox is full or shut, or the vault failed: push back; the group
 * stays the caller's. Bounds: source and class 255 bytes, plain 4 MiB. */
bool vault_submit(struct vault *v, struct vault_group *g);
/* Waits for room, submits, waits for the answer (bulk thread, verbs, tests). */
bool vault_append(struct vault *v, struct vault_item *items, size_t n, struct err *err);

/* ---- Reading ----------------------------------------------------------- */
struct vault_entry {
        enum entry_kind kind;
        struct position at;
        int64_t captured_us;
        struct slice source;    /* borrowed until the next vault_read() */
        const char *class;
        uint8_t record_key[16];
        uint64_t subject;       /* 0: the region itself */
        uint64_t period;        /* whose key retention destroys; 0: not known any more */
        uint32_t times_erased;  /* of the subject, for its pseudonym */
        struct slice plain;     /* borrowed until the next vault_read() */
};
enum vault_read {
        VAULT_ENTRY,
        VAULT_END,      /* nothing more that is durable; wait for the watch */
        VAULT_ERASED,   /* the entry's subject key was destroyed: header fields only */
        VAULT_EXPIRED,  /* its period key was; vault_read() passes by what has no file any more */
        VAULT_DAMAGED   /* the acknowledged entry `at` could not be read: only `at` is known (all
                           header fields if its own bytes are whole); counted, one by one */
};
struct vault_reader;
/* Starts with the first entry after `from` ({0,0}: the oldest). One thread a reader. `at` of
 * whatever was read, damage included, is what a later reader may start from. */
bool vault_reader_open(struct vault_reader **out, struct vault *v, struct position from, struct err *err);
void vault_reader_close(struct vault_reader *r);
bool vault_read(struct vault_reader *r, enum vault_read *what, struct vault_entry *out, struct err *err);
/* One entry by position (a held record under review, a rejected one to be sent again).
 * VAULT_END: there never was one. Does not move vault_read(), but ends what it lent. Reads a
 * segment from its beginning: milliseconds. */
bool vault_fetch(struct vault_reader *r, struct position at, enum vault_read *what,
                 struct vault_entry *out, struct err *err);

/* A vault to read only, from outside: beside its agent or while none runs, as its user. Takes no
 * lock and writes nothing; sees what is whole now. For vault_reader_open(), vault_mark() and
 * vault_since(); nothing else. Gives: vault_close(). */
bool vault_peek(struct vault **out, const char *state_dir, struct err *err);
/* From where a reader meets every entry captured since then (and some before): *from is what
 * vault_reader_open() takes. False: there is none. */
bool vault_since(struct vault *v, int64_t since_us, struct position *from);

/* How far entries are durable. */
struct position vault_mark(const struct vault *v);
/* How many entries there are, or were, after `after` up to `upto`. */
uint64_t vault_between(struct vault *v, struct position after, struct position upto);
/* An eventfd that becomes readable when the mark moved; one a watcher, owned by the vault. */
int vault_watch(struct vault *v, struct err *err);

/* ---- Keeping and destroying -------------------------------------------- */
/* A thread of the vault's own, the keeper, makes a round a minute: periods whose raw time is over
 * lose their key, segments of which nothing can be read any more their file, and the reserve is
 * made whole. By which time: see vault_time(). */

/* How long the raw entries of a class are kept, as the policies say: < 0 for what they do not say.
 * keep() is asked on the keeper's thread, for each class there is ("": class 0), until another law
 * comes; false: a class these policies do not know, for which the last that did goes on to count.
 * A time made shorter counts for what is destroyed a day later, and so does the first law for what
 * was captured before it. drop() when it is not needed. */
struct vault_law {
        /* Of what comes in now: their periods have the right span from the first. `class` is the
         * region's own, for which one of the 8 segments open at once is set aside. Both live as long
         * as ctx. */
        const char *class;
        const char *const *others; /* of people whom more policies protect */
        size_t n_others;
        bool (*keep)(void *ctx, const char *class, int64_t *raw_us, int64_t *at_least_us);
        void (*drop)(void *ctx);
        void *ctx;
};
void vault_set_law(struct vault *v, const struct vault_law *law);
/* Every entry up to here is at the hub, or need not be: others are kept until their receipt, at
 * most until they are as old as the raw time. Any thread; may go back. */
void vault_cover(struct vault *v, struct position covered);
/* A time heard from outside (a receipt's). live: said just now, not read from what lay there. */
void vault_heard(struct vault *v, int64_t heard_us, bool live);
/* The time by which things are destroyed: the least of the local clock and what was heard, plus
 * what passed since. False when clock and hub disagree by over an hour, or no time was ever heard:
 * destroy nothing now. */
bool vault_time(struct vault *v, int64_t *now_us);
/* A round now; waits for its end (tests, verbs). */
bool vault_tidy(struct vault *v, struct err *err);
/* Moves when keys were destroyed: whoever remembers what becomes of entries asks again. */
uint64_t vault_key_generation(const struct vault *v);
/* Whether the period's key is destroyed, through the reader's connection. */
bool vault_period_gone(struct vault_reader *r, uint64_t period, bool *gone, struct err *err);
/* Whether segments were removed, ever: what they held cannot be sent again. */
bool vault_has_removed(struct vault *v);
/* Something that must be written met a full disk (ERR_FULL): gives back a step of the reserve if
 * that is so. True: try again. */
bool vault_out_of_room(struct vault *v);

/* ---- Watching ---------------------------------------------------------- */
struct vault_status {
        uint64_t bytes, max_bytes, segments, entries_this_start, damaged;
        uint64_t bytes_per_hour; /* measured over this start; 0 until known */
        struct position mark;
        bool full;               /* the last group was refused for space, or the next would be */
        bool failed;             /* see vault_on_failure() */
        uint64_t subjects;
        /* Of `bytes`: what is not at the hub yet, and what is kept by retention only. */
        uint64_t backlog_bytes, history_bytes;
        uint64_t free_bytes;     /* of the file system */
        int64_t full_in_us;      /* at the rate of the last hour; 0: unknown, or it does not grow */
        bool disk_first;         /* the file system is full before "vault.max_bytes" is reached */
        int64_t next_due_us;     /* when the next period's key is destroyed; 0: none is known */
        uint64_t periods_destroyed; /* so far, over all starts */
        uint64_t without_receipt;/* entries that were destroyed before the hub had them; this start */
        bool reserve_ok;         /* the reserve for a full disk is there, whole */
        char clock[160];         /* why nothing is destroyed now; "": the clock is trusted */
        bool clock_off;          /* ... because clock and hub disagree: somebody has to put it right */
};
void vault_status(struct vault *v, struct vault_status *out);

#endif
