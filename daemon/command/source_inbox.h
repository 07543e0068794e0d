/* source_inbox.h - what the words about inboxes share: a region's settings, its folder sources. */
#ifndef COMMAND_SOURCE_INBOX_H
#define COMMAND_SOURCE_INBOX_H

#include "capture/inbox.h"
#include "role/settings.h"

struct inboxes {
        const struct deployment *d;
        struct hub_settings hub;
        struct agent_settings *settings;
        struct report *report;
};
/* Reads the region's files; says what is wrong with them, or that --region is missing. */
bool inboxes_open(struct inboxes *x, const struct deployment *d, int *exit_status);
void inboxes_close(struct inboxes *x);
/* The folder source of this name; NULL: said why not. */
const struct source *inboxes_find(const struct inboxes *x, const char *name, int *exit_status);

#endif
