/* loop.h - one thread's event loop (libevent behind it).
 *
 * Order of a turn: timers, descriptors, mailboxes, then sleep. All calls belong to
 * the loop's thread, except loop_stop() (any thread, signal-safe).            */
#ifndef LINK_LOOP_H
#define LINK_LOOP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

struct loop;
struct watch; /* a timer, descriptor or signal that is watched */

bool loop_new(struct loop **out, struct err *err);
void loop_free(struct loop *l);
/* Returns after loop_stop(). */
bool loop_run(struct loop *l, struct err *err);
void loop_stop(struct loop *l);

/* Called every interval_us (or once, after it, with loop_once). Gives: watch_stop(). */
struct watch *loop_every(struct loop *l, int64_t interval_us, void (*call)(void *ctx), void *ctx);
struct watch *loop_once(struct loop *l, int64_t after_us, void (*call)(void *ctx), void *ctx);
/* Called when fd is readable (a mailbox's fd, say); level-triggered. */
struct watch *loop_readable(struct loop *l, int fd, void (*call)(void *ctx), void *ctx);
struct watch *loop_signal(struct loop *l, int signal_no, void (*call)(void *ctx), void *ctx);
void watch_stop(struct watch *w); /* NULL is allowed; frees */

#endif
