/* agent_counters.h - whom policies have counted, in an agent's status. */
#ifndef ROLE_AGENT_COUNTERS_H
#define ROLE_AGENT_COUNTERS_H

#include "base/json.h"
#include "pump/pump.h"

/* "counters": a row each. exact: see control.h. */
void agent_put_counters(struct json_out *o, struct pump *pump, bool exact);
/* The counter nearest to its ceiling, if it is past its warning; false: all have room. */
bool agent_counter_near(struct pump *pump, struct pump_counter *out);
/* 0..100, rounded down; of no ceiling, 100. */
int agent_counter_percent(const struct pump_counter *c);

#endif
