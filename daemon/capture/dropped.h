/* dropped.h - one file of an inbox, from its first byte to its report.
 *
 * A file is captured durably, then a report is written to done/, refused lines are sealed in
 * failed/, then the file is removed. A crash anywhere between leaves the file, and reading
 * it again brings nothing twice, forced or not.                               */
#ifndef CAPTURE_DROPPED_H
#define CAPTURE_DROPPED_H

#include <stdatomic.h>

#include "door.h"
#include "seen.h"

#define INBOX_HIDDEN ".drop-" /* begins the names of files that are not whole yet */

struct dropbox { /* what all files of a thread share */
        struct intake *intake;
        struct door *door;
        struct keyer *keyer;
        struct seen *seen;
        const atomic_bool *stop;
};

enum dropped_outcome {
        DROPPED_DONE,  /* captured, or the same as before: removed, with a report */
        DROPPED_LATER, /* still being written, or the vault is full: it waits where it is */
        DROPPED_ASIDE  /* cannot be read as a whole, or no row of it: sealed in failed/ or renamed, with a report */
};
/* "ndjson" or "csv" by the name's ending (also before ".gz"); NULL: not a file for us. */
const char *dropped_format(const char *name, bool *gz);
/* A file of `inbox`, or with `again` of its folder `again`: then its rows are captured whether or
 * not they were before. err says why a file waits (ERR_FULL, ERR_BUSY) or what failed. */
enum dropped_outcome dropped_take(const struct dropbox *d, struct intake_source *s, const char *inbox,
                                  const char *name, bool again, struct err *err);

#endif
