/* act.h - what every verb starts from: where the files of a deployment are.           */
#ifndef ROLE_ACT_H
#define ROLE_ACT_H

#include <stdbool.h>
#include <stdio.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/report.h"

struct deployment { /* the common options; NULL: not given */
        const char *regions, *policies, *state, *region;
        bool json;
};
/* Fills in ./regions or /etc/tributary/regions, likewise policies, and with a region the state
 * folder /var/lib/tributary/CODE. `keep` owns what is made; clear it at the end. */
void deployment_resolve(struct deployment *d, struct buf *keep);

/* Asks a running agent through STATE/control.sock; GET when `post` is NULL. ERR_RETRY with a
 * hint when no agent runs there. */
bool agent_ask(const char *state_dir, const char *path, const char *post, struct buf *out,
               struct err *err);

/* Prints an error for people ("tributary: ...", hint) or as JSON; gives the exit status. */
int act_fail(const struct err *err, bool json);
/* Prints a report; EXIT_BAD_CONFIG if it has errors, else EXIT_WELL. */
int act_report(const struct report *r, bool json);

#endif
