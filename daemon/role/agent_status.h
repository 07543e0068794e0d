/* agent_status.h - what an agent is made of, and how it tells of itself. */
#ifndef ROLE_AGENT_STATUS_H
#define ROLE_AGENT_STATUS_H

#include <signal.h>

#include "books.h"
#include "capture/folder.h"
#include "capture/listener.h"
#include "control.h"
#include "file_watch.h"
#include "link/loop.h"
#include "officers_door.h"
#include "notes.h"
#include "role/act.h"
#include "role/settings.h"
#include "trial.h"
#include "vault/keys.h"

struct agent {
        struct deployment deployment;
        struct hub_settings hub;
        struct agent_settings settings;
        struct vault_found found;
        struct keyer *keyer;
        struct vault *vault;
        struct pump *pump;
        struct intake *intake;
        struct downtimes *downtimes;
        struct books books;
        struct loop *loop;
        struct control *control;
        struct notes *notes;
        struct trial *trial;
        struct file_watch *file_watch; /* NULL: SIGHUP only */
        bool running, trying;          /* the loop runs; the newest set is before its cases */
        struct folders *folders;
        struct listener *listener;
        struct officers_door *officers; /* NULL: there is none */
        struct book_spec book_spec;     /* of the region as it was at the start */
        struct watch *watches[4], *drain;
        int64_t started_us, drain_until_us;
        int64_t next_end_us; /* of a transfer's basis; 0: look it up; INT64_MAX: none */
        bool stopping;
        int exit_status;
};

/* Writes what a verb does with a record into the account; see control.h. */
void agent_note(void *agent, struct control_ask *a);
/* The JSON for officers of elsewhere: how the policy stands, and which lines hold and keep. */
void agent_policy(void *agent, bool exact, struct buf *out);
/* The JSON of /v1/status. Keys are stable; `sentence` comes first. exact: see control.h. */
void agent_status(void *agent, bool exact, struct buf *out);

#endif
