/* seen.h - STATE/files.db: which rows of files were captured before, by keyed hash only.
 *
 * A row is remembered by its record_key with a hash of its flat record, so that the same
 * row again is skipped, whatever file it stands in, and a changed one is not. Rows that no
 * file has shown for 400 days are forgotten. One thread's.                    */
#ifndef CAPTURE_SEEN_H
#define CAPTURE_SEEN_H

#include "base/hash.h"
#include "vault/keys.h"

struct seen;
bool seen_open(struct seen **out, const char *state_dir, struct keyer *k, struct err *err);
void seen_close(struct seen *s); /* NULL is allowed */
/* A row of a file: *same if it was captured as it is. Otherwise it is remembered, if the
 * batch it goes with is kept: seen_commit() after it is durable, else seen_abort(). With a run
 * (of a file that is forced) *same only if this very run has brought it: a file that a crash
 * cut short brings the rest. */
enum { SEEN_RUN = 16 };
bool seen_row(struct seen *s, const uint8_t *run, struct slice source, struct slice id, struct slice flat,
              bool *same, struct err *err);
bool seen_commit(struct seen *s, struct err *err);
void seen_abort(struct seen *s);
/* A file that was read to its end; *when: the last time before, 0 if never. `out` is its keyed
 * hash, for the report. */
bool seen_file(struct seen *s, struct slice source, const uint8_t sha[SHA256_BYTES], int64_t *when,
               uint8_t out[SHA256_BYTES], struct err *err);
/* The forced file is gone: what its run brought need not be known any more. */
bool seen_run_over(struct seen *s, const uint8_t run[SEEN_RUN], struct err *err);
/* now_us: guarded, as vault_time() gives it. */
bool seen_forget_old(struct seen *s, int64_t now_us, struct err *err);

#endif
