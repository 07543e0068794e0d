/* inbox.h - a folder source's inbox, and how a file comes into it.
 *
 *      INBOX/          *.ndjson, *.csv (also .gz): taken in order of name
 *      INBOX/again/    likewise, but every row is captured, whether or not it was before
 *      INBOX/done/     a report a file, without values; 400 days
 *      INBOX/failed/   refused lines, sealed; 7 days (capture/failed.h)
 *
 * What stands in a folder under a name that begins with a point is nobody's yet. Whoever writes
 * a file should write it so and rename it: inbox_drop() does. A file in `again` is forced: each
 * of its rows becomes a new entry of the vault with the record_key it had, so the warehouse still
 * has one row a record and the newest entry stands in it. A crash in the middle forces no row
 * twice: what this very file brought is remembered until it is gone.                        */
#ifndef CAPTURE_INBOX_H
#define CAPTURE_INBOX_H

#include "base/err.h"
#include "source/source.h"

enum { INBOX_PATH = 3000 };
#define INBOX_AGAIN "again"

/* Where the source's inbox is: as written, else STATE/inbox/NAME. */
bool inbox_path(char out[INBOX_PATH], const struct source *s, const char *state_dir, struct err *err);
/* Makes it with its folders (0700): the agent's, at its start. */
bool inbox_make(const char *inbox, struct err *err);

struct inbox_file {
        const char *inbox, *name; /* the name that it keeps: no folder in it */
        bool again;
        uint64_t max_file;        /* bytes, uncompressed; capture_settings.max_file */
};
/* Copies what fd gives, from where it stands to its end, into the inbox: under a name that the
 * folder does not look at, fsync, then under its own. It is there whole or not at all, and never
 * in another's place (ERR_BUSY). What the folder would not take is refused, and nothing is left
 * (ERR_DENIED): another kind of file, too large, a torn archive. Run by root, it is given
 * to the inbox's owner. */
bool inbox_drop(const struct inbox_file *f, int fd, struct err *err);

/* done/STEM.json of a file taken at or after since_us: its name in `out`; false: not yet. Of
 * several the first. */
bool inbox_report(const struct inbox_file *f, int64_t since_us, char out[256]);
/* STEM: NAME (cut to 180 bytes) and the time: unique, sorted by time within a name. */
enum { INBOX_STEM = 220 };
void inbox_stem(char out[INBOX_STEM], const char *name, int64_t us);

#endif
