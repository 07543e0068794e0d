/* status_hub.h - `status --hub`: all regions through the warehouse, for whoever watches them. */
#ifndef COMMAND_STATUS_HUB_H
#define COMMAND_STATUS_HUB_H

#include "role/act.h"

/* silent_after: a duration, or NULL (see hub_view.h). EXIT_WELL if all regions and the loaders are,
 * else EXIT_FINDING; EXIT_COULD_NOT without a connection. */
int status_hub(const struct deployment *d, const char *silent_after);

#endif
