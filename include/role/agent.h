/* agent.h - the agent of one region, in the foreground until SIGTERM.                 */
#ifndef ROLE_AGENT_H
#define ROLE_AGENT_H

#include "role/act.h"

/* Reads regions and policies, opens the vault, captures, pumps. SIGHUP or a changed file reads them
 * again (validate, try their cases, swap whole, keep the last good), SIGTERM and SIGINT drain within 25 s. Returns the
 * exit status; everything wrong was told on stderr. */
int agent_run(const struct deployment *d);

#endif
