/* source.h - the words of `source`: a function each, which reads its own flags.
 *
 * argv[0] is the word; what is returned is the exit status. */
#ifndef COMMAND_SOURCE_H
#define COMMAND_SOURCE_H

int source_list(int argc, char **argv);
int source_try(int argc, char **argv);
int source_add(int argc, char **argv);
int source_map(int argc, char **argv);
int source_status(int argc, char **argv);
int source_drop(int argc, char **argv);
int source_failed(int argc, char **argv);

#endif
