/* policy_people.h - who is known in the region whose vault the desk reads, so that what it prints is
 * what its agent would let out. */
#ifndef COMMAND_POLICY_PEOPLE_H
#define COMMAND_POLICY_PEOPLE_H

#include "policy_book.h"
#include "pump/crowd.h"

/* Learns as the region's pump does, from the same day on if its agent runs (else from the day on from
 * which it would, were it started now). After a few seconds a line on stderr says how far it is. *out is
 * NULL where neither book looks for known people (b may be NULL). */
bool people_learn(struct crowd **out, struct vault *v, const struct deployment *d, const struct pump_settings *s,
                  const struct book *a, const struct book *b, struct err *err);

#endif
