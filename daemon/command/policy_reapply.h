/* policy_reapply.h - `policy reapply`. */
#ifndef COMMAND_POLICY_REAPPLY_H
#define COMMAND_POLICY_REAPPLY_H

/* argv[0] is "reapply". The exit status; a dry run: EXIT_DIFFERENT if anything would be taken back or
 * newly leave. */
int policy_reapply(int argc, char **argv);

#endif
