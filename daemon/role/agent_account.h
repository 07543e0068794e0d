/* agent_account.h - the agent's balance in its status. */
#ifndef ROLE_AGENT_ACCOUNT_H
#define ROLE_AGENT_ACCOUNT_H

#include "base/json.h"
#include "pump/pump.h"

/* "account": per source, and per hour of capture for the last 48 hours. exact: see control.h; without,
 * small counts are rounded, and hours are left out: few come in an hour. */
void agent_put_account(struct json_out *o, struct pump *pump, bool exact);

#endif
