/* policy_flag.h - `policy flag`: what was masked and is nobody's. */
#ifndef COMMAND_POLICY_FLAG_H
#define COMMAND_POLICY_FLAG_H

int policy_flag(int argc, char **argv);

#endif
