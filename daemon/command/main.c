/* main.c - the table of verbs. */
#include <stdio.h>
#include <string.h>

#include "verb.h"

static const struct verb verbs[] = {
        { "agent", "", "run a region's agent in the foreground", verb_agent },
        { "loader", "", "run a loader of the hub in the foreground", verb_loader },
        { "doctor", "", "what is wrong here, and what to do", verb_doctor },
        { "health", "", "may this machine's daemon be relied on? (HEALTHCHECK)", verb_health },
        { "keygen", "", "make a region's keys", verb_keygen },
        { "check", "", "read every region and policy file and cross them", verb_check },
        { "policy", "check|test|explain|diff|flag|score|show|sign|reapply|status", "the compliance officer's desk", verb_policy },
        { "region", "list|show|plan", "regions, and what may flow where", verb_region },
        { "source", "list|map|status|drop|failed", "what a region captures from", verb_source },
        { "topics", "plan|apply", "Kafka's topics as they should be", verb_topics },
        { "warehouse", "migrate|check|rejected", "the warehouse's schema and what it refused", verb_warehouse },
        { "status", "", "one screen: how an agent, or all of them, are doing", verb_status },
        { "reference", "", "every option and metric (Markdown), or an annotated region file", verb_reference },
        { "version", "", "what this build is", verb_version },
};

enum { VERBS = sizeof verbs / sizeof *verbs };

static int usage(FILE *out)
{
        fprintf(out, "usage: tributary VERB [options]\n\n");
        for (size_t i = 0; i < VERBS; i++) {
                char call[64];
                snprintf(call, sizeof call, "%s %s", verbs[i].name, verbs[i].words);
                fprintf(out, "  %-34s%s\n", call, verbs[i].summary);
        }
        fprintf(out, "\n`tributary VERB --help` has a verb's options.\n");
        return out == stdout ? EXIT_WELL : EXIT_COULD_NOT;
}

int main(int argc, char **argv)
{
        if (argc < 2)
                return usage(stderr);
        if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 || strcmp(argv[1], "help") == 0)
                return usage(stdout);
        if (strcmp(argv[1], "--version") == 0)
                return verb_version(argc - 1, argv + 1);
        for (size_t i = 0; i < VERBS; i++)
                if (strcmp(argv[1], verbs[i].name) == 0)
                        return verbs[i].run(argc - 1, argv + 1);
        char names[512] = "";
        for (size_t i = 0; i < VERBS; i++)
                snprintf(names + strlen(names), sizeof names - strlen(names), "%s%s", i ? "|" : "",
                         verbs[i].name);
        return verb_unknown_word("tributary", argv[1], names);
}
