/* counts.h - whom the counters of the policies in force have counted, and who shares what: answers
 * to what a record asks (policy/ask.h), out of state.db.
 *
 * Promise: never more different people than a counter's ceiling leave in any of its windows, whatever
 * the order of records, whatever crashes. So a person is counted before the record leaves, and on
 * stable storage: a message may be with Kafka before the cursor passes it, and then this process may
 * end, the policies change, the person be erased. Counting again changes nothing. Should such a
 * message not leave after all, somebody is counted who need not be: that is the safe side.
 *
 * Who shares a combination is noted as records are judged, in the same transactions; of each no more
 * a day than make it common, so that a large group costs nothing.
 *
 * All on the pump's thread.                                                                   */
#ifndef PUMP_COUNTS_H
#define PUMP_COUNTS_H

#include "policy/ask.h"
#include "pump/pump.h"
#include "vault/counted.h"
#include "vault/keys.h"
#include "vault/vault.h"

enum { COUNTS_LINES = 64 };
struct counts_line {
        char id[800];
        int64_t number;          /* in state.db; 0: nothing stands there yet */
        bool counter;            /* else a group */
        bool loaded;             /* `used` is of `since` */
        int64_t since, today;
        uint64_t used, ceiling, warn_at;
        char file[64];
        int at_line;
        bool warned, full;       /* it was said */
        bool prunes;             /* rows from before the window may be left */
};
struct counts {
        struct state *state;
        struct keyer *keyer;
        struct counts_line lines[COUNTS_LINES];
        size_t n;
        struct met *met;         /* what stands in state.db for certain; see counts.c */
        uint64_t rows;           /* of combinations */
        size_t fresh;            /* people written since somebody set it to 0 */
        bool moved;              /* somebody was counted since it was shown */
        bool open;               /* a transaction is, with what must not be lost */
};

bool counts_open(struct counts *c, struct state *state, struct keyer *keyer, struct err *err);
void counts_close(struct counts *c);
/* What is counted by the policies in force: so that status has it before the first record. */
bool counts_take_book(struct counts *c, const struct book *b, int64_t now_us, struct err *err);
/* The same once in a while: windows move on without records too. */
bool counts_day(struct counts *c, const struct book *b, int64_t now_us, struct err *err);

/* Fills in answers for the entry's subject. */
bool counts_answer(struct counts *c, const struct vault_entry *e, const struct record *r, struct answers *a,
                   struct err *err);
/* The record was judged: who shares what is noted. Not for a dry run. */
bool counts_note(struct counts *c, const struct vault_entry *e, struct answers *a, struct err *err);
/* It will leave: counts the person under the questions of `counts`. On stable storage when true. */
bool counts_admit(struct counts *c, const struct vault_entry *e, const struct record *r, const struct answers *a,
                  uint32_t counts, struct err *err);
/* The same, and on stable storage only after counts_flush(). */
bool counts_admit_later(struct counts *c, const struct vault_entry *e, const struct record *r,
                        const struct answers *a, uint32_t counts, struct err *err);
/* Ends the transaction, if one is open; forgets a portion of what is out of its window. Before any
 * other transaction begins. */
bool counts_flush(struct counts *c, struct err *err);
/* At most max of the counters; how many. */
size_t counts_shown(const struct counts *c, struct pump_counter *out, size_t max);

#endif
