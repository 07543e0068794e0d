/* window.h - what was read from the vault and is not yet settled, in the order it was read.
 *
 * A ring of slots. A slot is done when its message was acknowledged, or when it needs none.
 * Only a contiguous run of done slots from the head can be settled; so a cursor never passes
 * an entry that Kafka has not. Invariants: 0 <= done <= n <= cap; unacked counts slots whose
 * message was handed to the producer and not yet reported.                            */
#ifndef PUMP_WINDOW_H
#define PUMP_WINDOW_H

#include "vault/state.h"
#include "vault/vault.h"

struct verdict { /* why an entry was not sent; owned by its slot */
        char file[256], rule[64], because[192];
        int line;
        int64_t policy_version;
};

enum slot_what { SLOT_ENTRY, SLOT_HELLO, SLOT_ACCOUNT };

struct slot {
        enum slot_what what;
        int32_t partition;         /* -1: no message */
        bool reported, acked;
        bool retract;              /* the message is the retract of a kept revision */
        bool counts;               /* a record: it stands in the account */
        bool again;                /* settled before, and judged again; see reapply.c */
        int passed;                /* again: why it was not judged (enum reapply_passed); -1: it was */
        uint64_t nth;              /* again: so many were read up to it */
        enum record_kind record;   /* again: its kind */
        bool has_subject;
        enum outcome outcome;
        enum entry_kind kind;
        struct position at;        /* SLOT_ENTRY: in the vault */
        struct position out, prev; /* of the message */
        int64_t hour_us, captured_us;
        char source[33];
        uint64_t period;           /* whose key retention destroys */
        uint8_t record_key[16];    /* ENTRY_ERASE: the request */
        uint8_t pseudonym[16];
        uint64_t subject;
        uint32_t times_erased;
        uint64_t told;             /* SLOT_ACCOUNT: changes up to here are in it */
        struct verdict *verdict;
};

struct window {
        struct slot *slots;
        size_t cap, head, n, done, unacked;
};

bool window_init(struct window *w, size_t cap, struct err *err);
void window_clear(struct window *w); /* frees */
bool window_full(const struct window *w);
/* A fresh slot at the tail, without message; NULL when full. */
struct slot *window_put(struct window *w);
/* Takes the tail away again: what it was for could not be done, and is read anew. It has no message. */
void window_take_back(struct window *w);
/* The tail's message was handed to the producer. */
void window_sent(struct window *w, struct slot *s);
/* The producer reported on it: stored by all in-sync replicas, or not. */
void window_report(struct window *w, struct slot *s, bool acked);
/* How many slots from the head are done. */
size_t window_done(struct window *w);
struct slot *window_at(const struct window *w, size_t i); /* 0: the head */
/* Removes n slots from the head. */
void window_drop(struct window *w, size_t n);
/* For each partition, the out up to which all of its messages in the window were acknowledged;
 * untouched where the window has none of it. Unreported messages count as lost. */
void window_acked(const struct window *w, struct position *acked, int32_t partitions);

#endif
