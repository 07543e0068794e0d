/* downtime.h - when senders met a closed door, and what of that time came all the same.
 *
 * An agent that restarts loses GitHub's webhooks of that minute: GitHub never sends one again by
 * itself. So each gap is kept, with what came later of it. When the agent could last accept is the
 * time of the file STATE/alive, set anew every second: a time of a file needs no sync, and what a
 * power cut takes of it only makes the gap seem longer. A gap is noted when the door opens again:
 * after a stop (1 s or more), a full vault (1 s or more), or when the whole machine stood still
 * (5 s or more). STATE/downtimes keeps at most STANDING_DOWNTIMES_MAX of them, for 30 days; beyond
 * that the two that lie nearest each other become one.
 *
 * Evidence: records that were captured after a gap and happened in it, by their occurred_at, are
 * counted per source. What they prove is said at enum downtime_filled (model/standing.h).
 *
 * Calling sequence: open -> downtimes_watch() every second; downtimes_saw() from any thread that
 * captures; the rest belongs to the thread that watches.                                      */
#ifndef CAPTURE_DOWNTIME_H
#define CAPTURE_DOWNTIME_H

#include "model/standing.h"
#include "source/source.h"

struct downtimes;
/* Borrows the sources. ERR_SYSTEM when STATE/alive cannot be made; a file of gaps that cannot be
 * read is told in the log and begun anew. */
bool downtimes_open(struct downtimes **out, const char *state_dir, const struct source *sources,
                    size_t n_sources, struct err *err);
void downtimes_close(struct downtimes *d); /* NULL is allowed */

/* `accepting`: a record that came now would be accepted. The first call with it ends the gap that
 * began with the last agent's end. */
void downtimes_watch(struct downtimes *d, int64_t now_us, bool accepting);

/* A record of this source, of that time, became durable. NULL is allowed. */
void downtimes_saw(struct downtimes *d, const struct source *s, int64_t occurred_us);

/* Gaps, oldest first. */
size_t downtimes_count(const struct downtimes *d);
struct downtime downtimes_at(struct downtimes *d, size_t i);
/* What is known of gap i by source k (as given to downtimes_open). False: it was none then. */
bool downtimes_of_source(struct downtimes *d, size_t i, size_t k, enum downtime_filled *filled,
                         uint64_t *came);

#endif
