/* version.c - `version` and `reference`: what this build is, and all it can be told. */
#include "base/json.h"
#include "role/settings.h"
#include "verb.h"

int verb_version(int argc, char **argv)
{
        struct deployment d = { 0 };
        struct buf keep;
        bool help = false;
        int status = EXIT_COULD_NOT;
        const struct flag flags[] = { VERB_FLAGS(&d, &help), FLAG_END };
        int n = verb_begin(flags, "version [--json]", argc, argv, &d, &keep, &help, &status);
        if (n >= 0) {
                if (d.json)
                        printf("{\"version\":1,\"release\":\"%s\",\"policy_language\":1,\"compiler\":\"%s\"}\n",
                               TRIBUTARY_VERSION, __VERSION__);
                else
                        printf("tributary %s (policy language 1; compiler %s)\n", TRIBUTARY_VERSION, __VERSION__);
                status = EXIT_WELL;
        }
        buf_clear(&keep);
        return status;
}

int verb_reference(int argc, char **argv)
{
        struct deployment d = { 0 };
        struct buf keep, page;
        bool help = false, example = false;
        int status = EXIT_COULD_NOT;
        const struct flag flags[] = {
                VERB_FLAGS(&d, &help),
                { "example", 0, NULL, &example, "An annotated region file instead of the tables." },
                FLAG_END
        };
        int n = verb_begin(flags, "reference [--example]", argc, argv, &d, &keep, &help, &status);
        buf_init(&page, 4 << 20);
        if (n >= 0) {
                if (example)
                        settings_example(&page);
                else
                        settings_reference(&page);
                fputs(page.p ? page.p : "", stdout);
                status = EXIT_WELL;
        }
        buf_clear(&page);
        buf_clear(&keep);
        return status;
}
