/* identity.h - who a record is about: its author's identities, first present first. */
#ifndef MODEL_IDENTITY_H
#define MODEL_IDENTITY_H

#include "base/arena.h"
#include "model/record.h"

enum { IDENTITIES_MAX = 3 };

/* "NS:id:ID", "NS:handle:HANDLE", "email:ADDRESS" (lower case), in this order, those that
 * are present. The first decides the subject, the others become aliases if unclaimed.
 * 0: nobody, the region itself. -1 when the arena is full. */
int identity_of(struct slice out[IDENTITIES_MAX], struct arena *a, const char *name_space,
                const struct record *r);

#endif
