/* reapply.h - what is in the vault, judged again by the set in force.
 *
 * A policy decides about what comes after it. A reapply carries it back: every record captured
 * since a date is judged again, and what follows goes the ordinary way through the pump:
 *
 *      left, and may leave     goes out again: as it is redacted today it replaces its row
 *      left, and may not       a retract takes its row away; it is held or stays
 *      held or stayed, and may goes out
 *      held or stays as before only the line that says so is noted anew
 *
 * Its rows carry a new `judged`: the position of an activation of the same set, which a reapply
 * writes into the vault as it begins. So what is judged again is greater than what stood, also
 * where a set did not change but a date in it has passed.
 *
 * Promises: fresh entries come first; it reads only what was settled before it began, at
 * "pump.reapply_rate", a tenth of that while fresh ones wait. How far it is stands in the cursor's
 * transaction: after a crash it goes on, and each record stands in one column of the account all
 * the time. When another set is put in force it begins again from its date, by that set. What
 * cannot be read any more (erased, expired, damaged) and what the source deleted is passed by and
 * counted. One at a time.
 *
 * A dry run does the same and only counts.                                              */
#ifndef PUMP_REAPPLY_H
#define PUMP_REAPPLY_H

#include "model/record.h"
#include "pump/pump.h"

enum reapply_became { REAPPLY_AGAIN, REAPPLY_RETRACTED, REAPPLY_RELEASED, REAPPLY_KEPT, REAPPLY_BECAME };
enum reapply_passed { PASSED_DELETE, PASSED_ERASED, PASSED_EXPIRED, PASSED_DAMAGED, REAPPLY_PASSED };
extern const char *const reapply_became_names[REAPPLY_BECAME]; /* "sent_again", "retracted" ... */
extern const char *const reapply_passed_names[REAPPLY_PASSED]; /* "deletes", "erased" ... */

struct reapply_job {
        bool active, stopped;      /* stopped: ended before it was through */
        int64_t since_us, until_us;/* of capture, the first included; INT64_MIN, INT64_MAX: no bound */
        int64_t started_us, ended_us; /* 0: never was, not yet */
        struct position after, end;/* it reads what lies between */
        struct position done;      /* up to here it is settled */
        uint64_t entries, read;    /* so many are between; of them done */
        uint32_t restarts;         /* begun again, since another set was put in force */
        uint8_t hash[32];          /* of the set that it judges by */
        uint64_t became[RECORD_KINDS][REAPPLY_BECAME];
        uint64_t passed[REAPPLY_PASSED];
};
struct reapply_wanted {
        int64_t since_us, until_us;
        bool dry;
        bool yes; /* for real, though no dry run of this span and set ended within a day */
};
struct reapply_status {
        struct reapply_job real, dry; /* the newest of each; at most one is active */
        char waits[128];  /* why the active one does not go on now; "" if it does */
        int64_t left_us;  /* at the rate so far; 0: not known yet */
        uint8_t hash[32]; /* of the set in force; all zero: none */
};

/* Asks for one; it begins when the pump is ready. Any thread. ERR_BUSY: one is in progress;
 * ERR_CONFIG: no set is in force; ERR_DENIED: a dry run first. */
bool pump_reapply(struct pump *p, const struct reapply_wanted *w, struct err *err);
/* Ends the one in progress; what it has done stays done. False if there is none. Any thread. */
bool pump_reapply_stop(struct pump *p);
void pump_reapply_status(struct pump *p, struct reapply_status *out);
/* 0..100; a job that was asked for and has nothing to read is done. */
int reapply_percent(const struct reapply_job *j);

#endif
