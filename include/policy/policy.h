/* policy.h - what the law says: policy files -> a book -> a decision on each record.
 *
 * The language is section 3 of the contracts (documented in policies/README.md). It is parsed
 * and checked whole; what is not enforced yet makes the records it would touch `hold`, never
 * `go`. Pure: no clock, no network, no state; `now` is an argument. A book is immutable and
 * counted; it is swapped whole. Scanners are per thread, hence struct judge and discarder.
 *
 * Nothing of a record's content leaves but as a struct approved, which policy_judge() alone
 * makes and approved_message() alone turns into a message.                            */
#ifndef POLICY_POLICY_H
#define POLICY_POLICY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/report.h"
#include "model/message.h"
#include "model/record.h"
#include "model/region.h"

enum decision { DECISION_GO, DECISION_HOLD, DECISION_STAY };
const char *decision_name(enum decision d); /* "go", "hold", "stay" */

/* ---- Books ------------------------------------------------------------- */
struct book;
struct book_spec {
        const char *policies_dir;    /* NAME.cfg, lists/ */
        const struct region *region; /* whose policy; its timezone dates ends */
        const struct hub *hub;       /* where kafka and warehouse are; NULL: places unknown, closed */
};
/* Reads the region's policy and its parents. All that is wrong goes to the report; false if
 * any of it is an error. Gives: book_drop(). */
bool book_load(struct book **out, const struct book_spec *spec, struct report *report);
/* The same; what policies_dir lacks is taken from the folder `below`: a draft of one file among the
 * policies in force. */
bool book_load_over(struct book **out, const struct book_spec *spec, const char *below, struct report *report);
struct book *book_hold(struct book *b);
void book_drop(struct book *b); /* NULL is allowed */
const uint8_t *book_hash(const struct book *b); /* 32 bytes, over all files of the set and the places */
const char *book_policy(const struct book *b);  /* the region's policy: "eea" */
int64_t book_version(const struct book *b);
/* Sorted names of the policies that protect this region's records, joined by '+': "base+eea". */
const char *book_class(const struct book *b);
/* That of one record: also of those policies of elsewhere that protect its author here (by
 * author.country, or residence_unknown where it is not known). The book's. */
const char *book_class_of(const struct book *b, const struct record *r);
/* All that book_class_of() may give beside book_class(). The book's. */
const char *const *book_other_classes(const struct book *b, size_t *n);
/* How long raw entries of a class are kept: the shortest raw time of its policies, the longest least
 * time; < 0 where none says so. "": of all that may protect anybody here. False: the book does not
 * know a policy of the class. */
bool book_keep(const struct book *b, const char *class, int64_t *raw_us, int64_t *at_least_us);
/* How long a record of the region may be held, and by which line: then it stays. False: no limit. */
struct held_said {
        int64_t held_us;
        const char *file, *because;
        int line;
};
bool book_held(const struct book *b, struct held_said *out);
/* The set as bytes (names and contents of its files), to be kept in the vault and the state, and
 * back. Unpacking does not touch policies_dir. */
void book_pack(const struct book *b, struct buf *out);
bool book_unpack(struct book **out, struct slice packed, const struct book_spec *spec,
                 struct report *report);
/* A set as book_pack() has it, of files that lie in no folder (a revision of git's). */
struct policy_file {
        const char *name; /* "eea.cfg", "lists/health.txt" */
        struct slice bytes;
};
void policy_pack(const struct policy_file *files, size_t n, struct buf *out);
/* Whether anybody in `country` may read, at `now`, what this region lets out. */
bool book_may_read(const struct book *b, struct slice country, int64_t now_us);
/* Whether the region's policy or a parent of it names people in `code`; true if none names anybody. */
bool book_protects(const struct book *b, struct slice code);
/* What the policies say at `now` of a place of the hub: the line that opens it or, where one of
 * them does not, that one's. Texts are the book's. */
struct transfer_said {
        enum decision decision; /* GO: open; HOLD: what rests on the line is held; STAY: closed */
        const char *permission; /* what such a place needs: "kafka", "warehouse", "reading", "backup" */
        const char *file;       /* "eea.cfg" */
        int line;
        const char *law;        /* of that policy; "" if it names none */
        const char *article;    /* no line allows it: what closes it, by the first `because` of transfers */
        const char *basis;      /* of the line; STAY: the one that has ended, "" if no line allows it */
        int64_t until_us;       /* INT64_MAX: no end; INT64_MIN: no line allows it */
        const char *file_within;/* "60 days": open so long after the first transfer, unless filed; "": no more */
};
void book_transfer(const struct book *b, enum place_what what, struct slice jurisdiction, int64_t now_us,
                   struct transfer_said *out);
/* Those whom the same other policies protect here beside the region's (`also_abroad`). */
enum { GROUP_POLICIES_MAX = 64 };
struct people_group {
        const char *policies[GROUP_POLICIES_MAX]; /* the others, without their parents: "eea" */
        size_t n;
        const char *class; /* as book_class_of() has it */
        bool unknown;      /* whoever's country is not known is one of them */
};
size_t book_groups(const struct book *b);
void book_group(const struct book *b, size_t i, struct people_group *out);
/* book_transfer() for their records: never looser than that. */
void book_group_transfer(const struct book *b, size_t i, enum place_what what, struct slice jurisdiction, int64_t now_us,
                         struct transfer_said *out);
/* The next end date of a transfer basis or review after `now`; false if none. For status. */
bool book_next_end(const struct book *b, int64_t now_us, int64_t *at_us, const char **what);

/* Checks one policy file (and its parents) outside any region: `policy check FILE`. */
bool policy_check_file(const char *policies_dir, const char *name, struct report *report);
/* Warnings for bases and reviews that are past, or end within 60, 30, 7 days. The first is for
 * a book in hand; the second for a file that policy_check_file() found well (else false). */
void book_check_dates(const struct book *b, int64_t now_us, struct report *report);
bool policy_check_dates(const char *policies_dir, const char *name, int64_t now_us,
                        struct report *report);

/* ---- Before anything is stored ----------------------------------------- */
/* What is discarded: the built-in floor, and `find` lines with do = "discard". book NULL: the
 * floor only. One a thread; holds the book. */
struct discarder;
struct discarder *discarder_new(struct book *b);
void discarder_free(struct discarder *d);
/* Replaces what must not be stored by "[removed]" in every text of r (copies live in the arena).
 * *pieces: how many. ERR_DATA when the text could not be decided on: refuse the record. */
bool policy_discard(struct discarder *d, struct record *r, struct arena *a, uint32_t *pieces,
                    struct err *err);

/* ---- Before anything leaves -------------------------------------------- */
struct approved; /* opaque; lives in the arena of the judge call; names in it are the book's */
struct judgement {
        enum decision decision;
        /* the line that decided; for GO the `records` line. Where the reason is that nothing is
         * written, the head of the region's policy. Texts are the book's */
        const char *file;
        int line;
        const char *rule;    /* short: "records", "children", "health", "transfers" */
        const char *because; /* the article, or "" */
        const struct approved *approved; /* GO only */
        uint32_t cleaned;    /* findings masked, dropped or pseudonymised */
        uint32_t counts;     /* GO only: bits of the answers' questions under which the person counts from now on */
};
struct answers; /* to what a record cannot tell: how many people were counted, say; see ask.h */
struct judge;
struct judge *judge_new(struct book *b); /* holds the book; NULL when memory is out */
void judge_free(struct judge *j);
/* now_us decides about dates. answers: to policy_ask() of the same record and time; NULL: nothing is
 * known, and whatever asks is closed. The scan may fail to decide in bounded work: then HOLD. False
 * only when the arena is full (ERR_FULL) - a record over 1 MiB never gets here. */
bool policy_judge(struct judge *j, int64_t now_us, const struct record *r, struct slice source, int64_t captured_us,
                  const struct answers *answers, struct arena *a, struct judgement *out, struct err *err);
/* Whether the region's policy or a parent of it says what becomes of this attribute. */
bool book_names_attribute(const struct book *b, struct slice name);
/* Whether records of this kind could ever have left under this book (for retracts). */
bool book_lets_out(const struct book *b, enum record_kind kind);

/* What the pump knows of the record beside its content. */
struct envelope {
        struct slice region;
        struct position at, judged;
        uint8_t record_key[16];
        bool has_subject, has_thread_key;
        uint8_t subject[16], thread_key[16]; /* used only if the policy says so */
};
/* Makes the message of an approved record (out and prev are the pump's to set). Texts are
 * borrowed from the arena of the judge call. */
void approved_message(const struct approved *ap, const struct envelope *e, struct message *out);
/* Only here message_format() is called for records (house rule). `j` has judged this very record, and
 * none since. The bytes that would leave are searched again for all that is masked: ERR_DENIED if any
 * of it stands there still ("email in body"); the record is held then, by rule "residual", and somebody
 * looks for the defect. */
bool approved_format(struct judge *j, const struct message *m, struct buf *value, uint8_t key[16],
                     struct message_header headers[MESSAGE_HEADERS], size_t *n, struct err *err);

#endif
