/* folder.h - inboxes of files (contracts, 10), on a bulk thread of its own: slow input never
 * delays the front. A file is deleted after durable capture; done/ keeps a report without
 * values; failed lines are sealed in failed/. What was captured before is remembered in
 * STATE/files.db by keyed hash, so that the same file is skipped and said so, and a grown one
 * brings only what is new or changed - but all of it if it lies in the inbox's folder `again`
 * (capture/inbox.h has what lies where).                                              */
#ifndef CAPTURE_FOLDER_H
#define CAPTURE_FOLDER_H

#include "capture/intake.h"

struct folders;
/* Starts the thread for all folder sources of the intake; makes their inboxes (0700). */
bool folders_start(struct folders **out, struct intake *in, struct err *err);
/* Ends after the group being written; a file half done is taken up again at the next start. */
void folders_stop(struct folders *f); /* NULL is allowed */

#endif
