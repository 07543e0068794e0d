/* preamble.h - the same first screen for each role: rights shrink before anything is read. */
#ifndef ROLE_PREAMBLE_H
#define ROLE_PREAMBLE_H

#include "base/err.h"

/* No core dumps, not traceable, no new privileges, umask 077, SIGPIPE ignored, descriptors to
 * the hard limit. Personal data must not reach a core file. */
bool preamble(struct err *err);

#endif
