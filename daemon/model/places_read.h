/* places_read.h - what region.c and hub.c check alike. */
#ifndef MODEL_PLACES_READ_H
#define MODEL_PLACES_READ_H

#include "base/conf.h"
#include "base/report.h"

/* Complains at `node` unless `code` is a space of law or a country, with the nearest name. */
bool place_known_or_complain(const char *code, const struct conf_node *node, struct report *report);

#endif
