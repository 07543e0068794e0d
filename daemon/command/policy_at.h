/* policy_at.h - `policy status|explain|diff --at REGION`: asked of a far agent, by certificate. */
#ifndef COMMAND_POLICY_AT_H
#define COMMAND_POLICY_AT_H

#include <stdbool.h>

/* Whether --at is among the words. */
bool policy_is_far(int argc, char **argv);
/* argv[0] is "status", "explain" or "diff". */
int policy_at(int argc, char **argv);

#endif
