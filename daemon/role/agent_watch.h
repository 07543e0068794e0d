/* agent_watch.h - what is told of an agent beside its status page: a sentence, the metrics that no
 * module alone knows, and how the region stands, for the hub. All of it is the front's.        */
#ifndef ROLE_AGENT_WATCH_H
#define ROLE_AGENT_WATCH_H

#include "agent_status.h"
#include "base/metric.h"
#include "model/standing.h"

enum { SENTENCE_MAX = 640 };
/* What an operator would say on the phone: the worst thing first, then what to look at. */
void agent_sentence(char out[SENTENCE_MAX], const struct agent *a, const struct vault_status *vs,
                    const struct pump_status *ps);

/* When the vault is full, in microseconds; 0: it does not grow, or the agent does not run long
 * enough to say: the rate of a minute, multiplied by a day, alarms people for nothing. */
int64_t agent_full_in(const struct agent *a, const struct vault_status *vs);

void agent_standing(struct standing *out, const struct agent *a, const struct vault_status *vs,
                    const struct pump_status *ps);

extern struct metric agent_metrics[];
/* Rows for the reference page, with "NAME" for a source. */
extern struct metric source_metrics[];
/* Registers the agent's rows, a few for each source. Once. */
void agent_metrics_begin(const struct agent *a);
void agent_metrics_set(const struct agent *a, const struct vault_status *vs, const struct pump_status *ps);

#endif
