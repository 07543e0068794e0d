/* file_watch.h - notices that files of some folders changed: inotify, and quiet for a second.
 *
 * A burst of changes (an editor, a checkout, a mounted ConfigMap that is swapped) is told once, a second
 * after its last, at most ten after its first. Folders may come and go; file_watch_again() looks
 * for those that are not watched. What the kernel cannot watch (no watches left, a network's
 * folder) is not noticed: then SIGHUP tells. All calls belong to the loop's thread.        */
#ifndef ROLE_FILE_WATCH_H
#define ROLE_FILE_WATCH_H

#include "link/loop.h"

enum { FOLDERS_WATCHED_MAX = 128 };

struct file_watch;
/* ERR_SYSTEM: the kernel has none to give. */
bool file_watch_open(struct file_watch **out, struct loop *l, void (*changed)(void *ctx), void *ctx, struct err *err);
void file_watch_close(struct file_watch *w); /* NULL is allowed */
/* A folder, and, with `below`, the folders in it. A folder that is not there is no error. */
void file_watch_add(struct file_watch *w, const char *folder, bool below);
/* Looks again for what is not watched. False: there is something that cannot be; err says why. */
bool file_watch_again(struct file_watch *w, struct err *err);

#endif
