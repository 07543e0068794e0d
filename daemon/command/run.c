/* run.c - `agent` and `loader`: the two roles. */
#include "base/log.h"
#include "role/agent.h"
#include "role/loader_role.h"
#include "verb.h"

struct logging {
        const char *level;
        bool json;
};

#define LOG_FLAGS(l) \
        { "log-level", 0, "LEVEL", &(l)->level, "error, warning, info (default) or debug." }, \
        { "log-json", 0, NULL, &(l)->json, "Log JSON lines." }

static bool set_logging(const struct logging *l)
{
        enum log_level level = LOG_LEVEL_INFO;
        if (l->level && !log_level_parse(&level, l->level)) {
                fprintf(stderr, "tributary: \"%.40s\" is not a log level\n"
                                "hint: Levels are error, warning, info and debug.\n", l->level);
                return false;
        }
        log_setup(level, l->json);
        return true;
}

static int run(const char *usage, int (*role)(const struct deployment *), bool needs_region, int argc,
               char **argv)
{
        struct deployment d = { 0 };
        struct logging l = { 0 };
        struct buf keep;
        bool help = false;
        int status = EXIT_COULD_NOT;
        const struct flag flags[] = { VERB_FLAGS(&d, &help), LOG_FLAGS(&l), FLAG_END };

        int n = verb_begin(flags, usage, argc, argv, &d, &keep, &help, &status);
        if (n > 0)
                fprintf(stderr, "tributary: \"%.40s\" was not expected\nhint: usage: tributary %s\n", argv[0], usage);
        else if (n == 0 && needs_region && !d.region)
                fprintf(stderr, "tributary: --region CODE is missing\nhint: usage: tributary %s\n", usage);
        else if (n == 0 && set_logging(&l))
                status = role(&d);
        buf_clear(&keep);
        return status;
}

int verb_agent(int argc, char **argv)
{
        return run("agent --region CODE [options]", agent_run, true, argc, argv);
}

int verb_loader(int argc, char **argv)
{
        return run("loader [options]", loader_run, false, argc, argv);
}
