/* source.c - `source`: the community manager's table of words. */
#include <stdio.h>
#include <string.h>

#include "source.h"
#include "verb.h"

static const struct {
        const char *name, *summary;
        int (*run)(int argc, char **argv);
} words[] = {
        { "list", "what a region captures from", source_list },
        { "try", "what a sheet is likely to mean, and what of it would leave", source_try },
        { "add", "a source more in a region's file, checked before it is replaced", source_add },
        { "map", "a webhook's mapping file, tried with a payload", source_map },
        { "status", "what came in from each source", source_status },
        { "drop", "put files into a folder's inbox, and see what became of them", source_drop },
        { "failed", "lines of files that were refused, for repair", source_failed },
};

enum { WORDS = sizeof words / sizeof *words };

static int usage(FILE *out)
{
        fprintf(out, "usage: tributary source WORD [options]\n\n");
        for (size_t i = 0; i < WORDS; i++)
                fprintf(out, "  %-10s%s\n", words[i].name, words[i].summary);
        fprintf(out, "\n`tributary source WORD --help` has a word's options.\n");
        return out == stdout ? EXIT_WELL : EXIT_COULD_NOT;
}

int verb_source(int argc, char **argv)
{
        char names[256] = "";
        if (argc < 2)
                return usage(stderr);
        if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)
                return usage(stdout);
        for (size_t i = 0; i < WORDS; i++) {
                if (strcmp(argv[1], words[i].name) == 0)
                        return words[i].run(argc - 1, argv + 1);
                snprintf(names + strlen(names), sizeof names - strlen(names), "%s%s", i ? "|" : "", words[i].name);
        }
        return verb_unknown_word("source", argv[1], names);
}
