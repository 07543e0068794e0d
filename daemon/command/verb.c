/* verb.c - what all verbs begin with. */
#include "verb.h"

#include <string.h>

#include "base/text.h"

int verb_begin(const struct flag *flags, const char *usage, int argc, char **argv,
               struct deployment *d, struct buf *keep, const bool *help_wanted, int *exit_status)
{
        struct err err = ERR_INIT;
        buf_init(keep, 65536);
        int n = flag_read(flags, argc - 1, argv + 1, &err);
        if (n >= 0 && *help_wanted) {
                struct buf help;
                buf_init(&help, 65536);
                flag_help(flags, &help);
                printf("usage: tributary %s\n\n%s", usage, help.p ? help.p : "");
                buf_clear(&help);
                *exit_status = EXIT_WELL;
                return -1;
        }
        if (n < 0) {
                err_hint(&err, "usage: tributary %s", usage);
                err.kind = ERR_SYSTEM; /* a usage error is "could not", not bad configuration */
                *exit_status = act_fail(&err, d->json);
                return -1;
        }
        memmove(argv, argv + 1, (size_t)n * sizeof *argv);
        deployment_resolve(d, keep);
        return n;
}

int verb_unknown_word(const char *verb, const char *got, const char *words)
{
        char copy[512];
        const char *names[32];
        size_t n = 0;
        snprintf(copy, sizeof copy, "%s", words);
        for (char *save = NULL, *w = strtok_r(copy, "|", &save); w && n < 32; w = strtok_r(NULL, "|", &save))
                names[n++] = w;
        const char *near = got ? text_nearest(got, names, n) : NULL;
        if (got)
                fprintf(stderr, "tributary: \"%.40s\" is not one of %s\n", got, words);
        else
                fprintf(stderr, "tributary: one of %s is missing after \"%s\"\n", words, verb);
        if (near)
                fprintf(stderr, "hint: Did you mean \"%s\"?\n", near);
        return EXIT_COULD_NOT;
}
