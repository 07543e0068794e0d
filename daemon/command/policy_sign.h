/* policy_sign.h - the desk's words on signatures, for policy.c. */
#ifndef COMMAND_POLICY_SIGN_H
#define COMMAND_POLICY_SIGN_H

#include "role/act.h"

int policy_sign(int argc, char **argv);
/* `policy status`: of the agent on this machine, or with --hub of all regions. */
int policy_status(int argc, char **argv);

#endif
