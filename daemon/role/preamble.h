/* preamble.h - the same first screen for each role: rights shrink before anything is read. */
#ifndef ROLE_PREAMBLE_H
#define ROLE_PREAMBLE_H

#include "base/err.h"
#include "base/metric.h"

/* No core dumps, not traceable, no new privileges, umask 077, SIGPIPE ignored, descriptors to
 * the hard limit. Personal data must not reach a core file. */
bool preamble(struct err *err);

/* Rows that agent and loader both have: that it runs, since when. */
extern struct metric process_metrics[];
void process_metrics_begin(void);

#endif
