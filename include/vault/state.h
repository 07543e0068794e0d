/* state.h - state.db: what the pump remembers, in one transaction with its cursor.
 *
 * SQLite (WAL, FULL); the pump's thread alone writes. Readers (status, verbs) open their own
 * read-only connection. Tables are specified in state.sql.
 *
 * Promise: what is put between state_begin() and state_commit() is on stable storage together
 * or not at all; so a cursor never runs ahead of the account, nor the account of the cursor.
 *
 * Calling sequence: open -> (begin -> put | add | drop ... -> commit)* -> close. Reading verbs
 * may be called at any time. All fail as link/db.h says.                              */
#ifndef VAULT_STATE_H
#define VAULT_STATE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "model/message.h"
#include "model/receipt.h"

struct state;
/* Whether this release understands the state, if there is one: before anything of it is touched.
 * ERR_CONFIG, with what to do, when a newer one wrote it; so do the next two. */
bool state_check(const char *state_dir, struct err *err);
/* Brings what an older release wrote to today's form, in one transaction. */
bool state_open(struct state **out, const char *state_dir, struct err *err);
/* ERR_CONFIG when there is no state yet. */
bool state_open_read_only(struct state **out, const char *state_dir, struct err *err);
void state_close(struct state *s); /* NULL is allowed */
bool state_begin(struct state *s, struct err *err);
bool state_commit(struct state *s, struct err *err);
void state_abort(struct state *s);

/* Small named values ("warehouse_seen", "serial"). Missing: *out keeps its value. */
bool state_get(struct state *s, const char *name, struct buf *out, bool *found, struct err *err);
bool state_put(struct state *s, const char *name, struct slice value, struct err *err);
/* Missing: *out keeps its value. */
bool state_get_number(struct state *s, const char *name, uint64_t *out, struct err *err);
bool state_put_number(struct state *s, const char *name, uint64_t value, struct err *err);
bool state_get_position(struct state *s, const char *name, struct position *out, struct err *err);
bool state_put_position(struct state *s, const char *name, struct position value, struct err *err);
#define STATE_CURSOR "cursor" /* all entries up to here are settled */

/* ---- Transport --------------------------------------------------------- */
struct state_transport { /* of one partition */
        int32_t partition;
        struct position acked; /* out of the last message settled there; {0,0}: none */
        /* Entries after resend_after have to be sent here again, though settled before. */
        bool resend;
        struct position resend_after;
        /* The hub's watermark. */
        bool heard;
        uint8_t warehouse[16];
        uint64_t generation;
        struct position mark;
};
/* Rows in order of partition, at most max. */
bool state_transports(struct state *s, struct state_transport *rows, size_t max, size_t *n,
                      struct err *err);
bool state_put_transport(struct state *s, const struct state_transport *row, struct err *err);

/* Messages first..last (n of epoch `first.epoch`) of a partition carried `records` entries, the
 * first of them at `at`. Kept as ranges of at most 4,096 n, so that years take few rows. *range
 * (may be NULL): the first n of the range they stand in, for state_add_piece(). */
bool state_add_sent(struct state *s, int32_t partition, struct position first, uint64_t last,
                    struct position at, uint64_t records, uint64_t *range, struct err *err);
struct state_run { /* n of messages, one after the other */
        uint64_t from, to;
};
struct state_piece { /* what a range carried of one source and hour */
        struct slice source;
        int64_t hour_us;
        uint64_t records;
        struct position first, last; /* in the vault */
        const struct state_run *runs;
        size_t n_runs;
};
/* Of records that count as sent in the account, and of no others. */
bool state_add_piece(struct state *s, int32_t partition, uint64_t epoch, uint64_t range,
                     const struct state_piece *piece, struct err *err);
/* The partition's watermark is at `mark` now: whole ranges before it are counted as arrived, and
 * need no runs any more. Costs little where there are none. */
bool state_fold_pieces(struct state *s, int32_t partition, struct position mark, struct err *err);
/* Records that state_forget_sent() had taken back were read again: whatever became of them now. */
bool state_resent(struct state *s, struct slice source, int64_t hour_us, uint64_t records, struct err *err);
/* An entry of the partition that counted as sent counts otherwise now, though nothing was taken back
 * (it was judged again): the pieces that its place lies in, or what has arrived, have one record
 * less. Which piece does not matter: going back takes all whose places overlap, or none. */
bool state_unsend(struct state *s, int32_t partition, struct slice source, int64_t hour_us, struct position at,
                  struct err *err);
/* An entry from before pieces were kept became, or is no longer, one that counts as sent. */
bool state_move_arrived(struct state *s, struct slice source, int64_t hour_us, int64_t by, struct err *err);
#define STATE_COUNTED_FROM "counted_from" /* entries after it have pieces */
/* Forgets what was sent on the partition after `mark`; *found and *at: the smallest vault
 * position that may be among it: all entries of the partition from there on are to be sent
 * again. Their pieces are gone, whatever range they stood in. */
bool state_forget_sent(struct state *s, int32_t partition, struct position mark, bool *found,
                       struct position *at, struct err *err);
/* Entries sent that no watermark covers. */
bool state_in_flight(struct state *s, uint64_t *out, struct err *err);

/* ---- Decisions --------------------------------------------------------- */
enum outcome { /* of an entry; each has exactly one */
        OUTCOME_SENT, OUTCOME_HELD, OUTCOME_STAYED, OUTCOME_ERASED, OUTCOME_EXPIRED, OUTCOME_DAMAGED,
        OUTCOMES
};
const char *outcome_name(enum outcome o); /* "sent", "held" ... */
struct state_decision { /* kept for every outcome but sent */
        struct position at;
        enum outcome outcome;
        uint8_t record_key[16];
        struct slice source;
        int64_t hour_us;
        struct slice file, rule, because; /* the line that decided; empty for what is unreadable */
        int line;
        int64_t policy_version;
};
/* Inserts or replaces. */
bool state_put_decision(struct state *s, const struct state_decision *d, struct err *err);
bool state_drop_decision(struct state *s, struct position at, struct err *err);
/* OUTCOME_SENT when there is no row. */
bool state_outcome(struct state *s, struct position at, enum outcome *out, struct err *err);
/* Rows after `after` in order, at most `max` of them; each() gives false to stop. */
bool state_decisions(struct state *s, struct position after, size_t max,
                     bool (*each)(const struct state_decision *d, void *ctx), void *ctx,
                     struct err *err);

struct state_reason {
        enum outcome outcome;
        struct slice file, rule, because;
        int line;
        uint64_t entries;
};
/* Which lines decided, the most frequent first, at most max; texts live in a. */
bool state_reasons(struct state *s, struct state_reason *out, size_t max, size_t *n, struct arena *a,
                   struct err *err);

/* ---- Account ----------------------------------------------------------- */
struct state_delta { /* to add to the row of (source, hour); may be negative when an entry moves */
        struct slice source;
        int64_t hour_us;
        int64_t captured, by_outcome[OUTCOMES], retracted, discarded, refused;
};
/* `serial`: of the account message that will tell it. */
bool state_add_account(struct state *s, const struct state_delta *d, uint64_t serial, struct err *err);
/* Rows that changed in serials after `told`, oldest change first, at most max; texts live in a. */
bool state_account(struct state *s, uint64_t told, struct account_row *rows, size_t max, size_t *n,
                   uint64_t *last_serial, struct arena *a, struct err *err);
/* The sums over all rows; source is absent. */
bool state_account_sums(struct state *s, struct account_row *out, struct err *err);

/* Does it add up? captured, sent, held ... are the vault's word: what became of each entry that was
 * read. arrived and in_flight are the way's word: transport numbers and the hub's watermarks.
 * missing = captured - (arrived + in_flight + held + stayed + erased + expired + damaged); it is 0
 * after every transaction, or something is lost, counted twice or altered. */
struct state_balance {
        struct account_row row;
        uint64_t arrived;
        uint64_t in_flight; /* with what has to be sent again */
        int64_t missing;
};
/* Per source, over all hours (hour_us is 0); and per source and hour from since_us on, the newest
 * first. At most max rows each; texts live in a. */
bool state_balance_sources(struct state *s, struct state_balance *rows, size_t max, size_t *n, struct arena *a,
                           struct err *err);
bool state_balance_hours(struct state *s, int64_t since_us, struct state_balance *rows, size_t max, size_t *n,
                         struct arena *a, struct err *err);

/* ---- People ------------------------------------------------------------ */
/* A pseudonym that left for a subject, so that an erasure can name them all. Once is enough. */
bool state_issue(struct state *s, uint64_t subject, uint32_t times_erased,
                 const uint8_t pseudonym[16], struct err *err);
/* Pseudonyms issued for a subject, at most max. */
bool state_issued(struct state *s, uint64_t subject, uint8_t (*out)[16], size_t max, size_t *n,
                  struct err *err);
/* The plain form of an ENTRY_ERASE: request (16) || u32 n || n * 16 pseudonyms || u32 m || m * 16
 * record_keys, big-endian. */
void erasure_pack(const struct message_erase *e, struct buf *out);
bool erasure_unpack(struct message_erase *out, struct slice plain, struct err *err); /* borrows */
bool state_put_erasure(struct state *s, struct position at, const uint8_t request[16], struct err *err);
bool state_erasure_done(struct state *s, const uint8_t request[16], struct err *err);
/* The first erasure after `after`. */
bool state_next_erasure(struct state *s, struct position after, bool *found, struct position *at,
                        struct err *err);

/* ---- What the hub rejected --------------------------------------------- */
bool state_put_rejected(struct state *s, const struct receipt *r, struct err *err);
bool state_drop_rejected(struct state *s, struct position at, struct err *err);
bool state_rejected(struct state *s, uint64_t *out, struct err *err);

#endif
