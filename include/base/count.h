/* count.h - how many records, as it may be shown to whom it is not owed exactly.
 *
 * "Held by the rule on health, from the meet-up's sheet: 1" names a person without a name. So there
 * is one rule for every count of what became of people's records, wherever it leaves its region
 * (hello) or the agent's own user (the internal listener: /metrics and /v1/status): 0 is 0, and a
 * count under COUNT_SMALL is shown as COUNT_SMALL, in words "<5". It is the five of the warehouse's
 * count_* views. Whoever reaches the control socket is the agent's user or root, who can read the
 * vault's state anyway: there counts are exact. Lengths of queues (backlog, in flight), positions
 * and what counts no person (segments, syncs, requests) are never changed. A counter so shown still
 * only rises, and an alarm on "more than 0" still rings.
 *
 * What is listed by rules is merged besides, so that a total minus the rows shown leaves no small
 * rest: see count_merge().                                                                  */
#ifndef BASE_COUNT_H
#define BASE_COUNT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { COUNT_SMALL = 5 };

/* 0; COUNT_SMALL for 1 to COUNT_SMALL; n. */
uint64_t count_shown(uint64_t n);
/* The same for people: "0", "<5", "1204". */
enum { COUNT_TEXT = 24 };
const char *count_say(char out[COUNT_TEXT], uint64_t n);

/* Which of n counts are told together as "(others)": all small ones; and while their sum is small
 * too, the least of the rest as well. Gives the sum of the merged ones, 0 if none is. */
uint64_t count_merge(const uint64_t *counts, bool *merged, size_t n);

#endif
