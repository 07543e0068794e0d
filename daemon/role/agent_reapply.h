/* agent_reapply.h - the officer's side of a reapply (pump/reapply.h), and its line in the status. */
#ifndef ROLE_AGENT_REAPPLY_H
#define ROLE_AGENT_REAPPLY_H

#include "agent_status.h"
#include "base/json.h"
#include "pump/reapply.h"

enum reapply_do { REAPPLY_START, REAPPLY_STOP, REAPPLY_TELL, REAPPLY_DOS };
/* The body of an ask. Days are those of `timezone`. ERR_DATA, ERR_CONFIG: it cannot be meant. */
bool reapply_asked(struct slice body, const char *timezone, enum reapply_do *what, struct reapply_wanted *out,
                   struct err *err);
/* "since" and "until" of it, alike; what is missing stays as it is. */
bool asked_span(const struct json *j, const char *timezone, int64_t *since_us, int64_t *until_us, struct err *err);
/* Takes the ask; see control.h. */
void agent_reapply(void *agent, struct control_ask *a);
/* "reapply": what is in progress, without counts of records; or null. */
void agent_put_reapply(struct json_out *o, struct pump *pump);

#endif
