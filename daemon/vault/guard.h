/* guard.h - by which time things are destroyed: a state table, without a clock of its own.
 *
 * What a timer destroys does not come back, so it does not believe the local clock alone. The
 * guarded time is the least of the local clock and the last time heard from outside (the hub's
 * receipts carry their broker's) plus what has passed since by a clock that nobody sets (boot
 * time: suspends count). Where the two differ by more than an hour, nothing is destroyed and an
 * alarm rings; it ends by itself when they agree again: the clock was put right, or the hub
 * spoke.
 *
 * Before the hub is heard after a start, the time that the last start wrote down last stands in
 * for its word. It says only what has surely passed, so a clock that is far ahead of it is no
 * alarm (the agent was down, or the clock stands in 2037: nobody here can tell) and what has
 * surely passed is what counts. So a region without a hub still meets the law's deadlines, late
 * by as long as its agent was down; never early.                                           */
#ifndef VAULT_GUARD_H
#define VAULT_GUARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum guard_word {
        GUARD_WELL,    /* the clock agrees with what was heard */
        GUARD_ELAPSED, /* nobody was heard since the start: what has surely passed counts */
        GUARD_UNKNOWN, /* no time was ever heard: nothing is destroyed */
        GUARD_AHEAD,   /* the clock is over an hour ahead: nothing is destroyed */
        GUARD_BEHIND   /* ... behind */
};
struct guard {
        int64_t known_us, known_boot_us; /* a time from outside, or written down; when by boot time */
        bool known, heard, agreed;       /* `heard`: from outside, since the start */
};
struct guard_said {
        enum guard_word word;
        bool destroys;   /* whether things may be destroyed, as of now_us */
        int64_t now_us;  /* the guarded time */
        int64_t best_us; /* what the time probably is: for what is made, not destroyed */
        int64_t off_us;  /* the clock minus what was heard */
};

/* saved_us: guarded time of the last start, < 0 if none was written down. */
void guard_start(struct guard *g, int64_t saved_us, int64_t boot_us);
/* live: said just now, so it is right; else it only was right then, and counts where it is later
 * than what is known. */
void guard_hear(struct guard *g, int64_t heard_us, bool live, int64_t boot_us);
struct guard_said guard_look(struct guard *g, int64_t wall_us, int64_t boot_us);
/* Why nothing is destroyed, in a sentence; "" when things may be. */
void guard_say(char *out, size_t size, const struct guard_said *said);

#endif
