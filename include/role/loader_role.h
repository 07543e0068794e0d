/* loader_role.h - a loader of the hub, in the foreground until SIGTERM.               */
#ifndef ROLE_LOADER_ROLE_H
#define ROLE_LOADER_ROLE_H

#include "base/metric.h"
#include "role/act.h"

int loader_run(const struct deployment *d);

extern struct metric loader_role_metrics[];

#endif
