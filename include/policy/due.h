/* due.h - by when a person must be answered, and a breach told: the policy's `rights` and `breach`.
 *
 * Of several policies the soonest counts. The day of the request is not counted; days, months and
 * years end with their last day in the region, a month that lacks the day with its last; hours run
 * from the request on. Working days are Mondays to Fridays but for the holidays that `rights` names:
 * lists/holidays-CC.txt beside the policies, "2026-10-01" a line, "+2026-10-10" a weekend's day that
 * is worked; `#` begins a comment. A day that no list has is a working day, so the answer is due
 * sooner rather than later.                                                                    */
#ifndef POLICY_DUE_H
#define POLICY_DUE_H

#include <stddef.h>
#include <stdint.h>

struct book;

enum due_what { DUE_ACCESS, DUE_ERASURE, DUE_AUTHORITY, DUE_PEOPLE, DUES };
const char *due_name(enum due_what w); /* "access", "erasure", "authority", "people" */

struct due {
        enum due_what what;
        int64_t by_us;      /* the last microsecond of that day, or the time */
        int64_t extended_us; /* likewise, where it may be extended; INT64_MIN: it may not */
        const char *file, *because; /* the line's */
        int line;
};
/* What the region's policy and its parents say of a request, or a breach, that came at from_us. At most
 * DUES; the number. */
size_t book_due(const struct book *b, int64_t from_us, struct due out[DUES]);

#endif
