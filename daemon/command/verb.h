/* verb.h - a file a verb; main.c has the table.
 *
 * A verb reads its own flags (the common ones by VERB_FLAGS), does its work, prints for people
 * or with --json for programs, and returns the exit status of the design's section 5.      */
#ifndef COMMAND_VERB_H
#define COMMAND_VERB_H

#include "base/option.h"
#include "role/act.h"

struct verb {
        const char *name;    /* "agent" */
        const char *words;   /* what may follow: "check|show|status" or "" */
        const char *summary; /* one line */
        int (*run)(int argc, char **argv); /* argv[0] is the verb */
};

#define VERB_FLAGS(d, help_wanted) \
        { "regions", 0, "DIR", &(d)->regions, "Region files (default ./regions, then /etc/tributary/regions)." }, \
        { "policies", 0, "DIR", &(d)->policies, "Policy files (default ./policies, then /etc/tributary/policies)." }, \
        { "state", 0, "DIR", &(d)->state, "The agent's state (default /var/lib/tributary/CODE)." }, \
        { "region", 'r', "CODE", &(d)->region, "Which region." }, \
        { "json", 0, NULL, &(d)->json, "Print JSON for programs." }, \
        { "help", 'h', NULL, (help_wanted), "This help." }

/* Reads flags; fills the deployment's defaults; prints help or the usage error. Returns the number
 * of positionals (argv[0..n-1]), or -1 with *exit_status set. */
int verb_begin(const struct flag *flags, const char *usage, int argc, char **argv,
               struct deployment *d, struct buf *keep, const bool *help_wanted, int *exit_status);
/* EXIT_COULD_NOT with a usage line on stderr and the nearest word. */
int verb_unknown_word(const char *verb, const char *got, const char *words);

int verb_agent(int argc, char **argv);
int verb_check(int argc, char **argv);
int verb_doctor(int argc, char **argv);
int verb_health(int argc, char **argv);
int verb_keygen(int argc, char **argv);
int verb_loader(int argc, char **argv);
int verb_policy(int argc, char **argv);
int verb_reference(int argc, char **argv);
int verb_region(int argc, char **argv);
int verb_source(int argc, char **argv);
int verb_status(int argc, char **argv);
int verb_topics(int argc, char **argv);
int verb_version(int argc, char **argv);
int verb_warehouse(int argc, char **argv);

#endif
