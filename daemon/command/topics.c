/* topics.c - `topics plan|apply`. */
#include <stdlib.h>
#include <string.h>

#include "pump/topics.h"
#include "role/settings.h"
#include "verb.h"

enum { REGIONS_MAX = 1024 };

struct codes {
        char *all[REGIONS_MAX];
        size_t n;
};

static bool add_code(const char *code, void *ctx)
{
        struct codes *c = ctx;
        if (c->n == REGIONS_MAX || !(c->all[c->n] = strdup(code)))
                return false;
        c->n++;
        return true;
}

static int act(const struct deployment *d, bool apply, bool allow_single)
{
        struct err err = ERR_INIT;
        struct hub_settings hub = { 0 };
        struct report *report = report_new();
        struct codes codes = { .n = 0 };
        struct buf out;
        bool differs = false, ok = false;
        int status = EXIT_BAD_CONFIG;

        buf_init(&out, 4 << 20);
        if (!hub_settings_read(&hub, d->regions, report)) {
                act_report(report, d->json);
                goto out;
        }
        if (regions_each(d->regions, add_code, &codes, &err)) {
                struct topics_spec spec = {
                        .kafka = &hub.kafka,
                        .hub = &hub.hub,
                        .regions = (const char *const *)codes.all,
                        .n_regions = codes.n,
                        .allow_single = allow_single,
                };
                ok = apply ? topics_apply(&spec, d->json, &out, &err)
                           : topics_plan(&spec, d->json, &out, &differs, &err);
        }
        if (ok && d->json)
                printf("{\"version\":1,\"differs\":%s,\"topics\":%s}\n", differs ? "true" : "false", out.p ? out.p : "[]");
        else
                fputs(out.p ? out.p : "", stdout);
        status = !ok ? act_fail(&err, d->json) : differs ? EXIT_DIFFERENT : EXIT_WELL;
out:
        for (size_t i = 0; i < codes.n; i++)
                free(codes.all[i]);
        buf_clear(&out);
        report_free(report);
        hub_settings_clear(&hub);
        return status;
}

int verb_topics(int argc, char **argv)
{
        static const char words[] = "plan|apply";
        struct deployment d = { 0 };
        struct buf keep;
        bool help = false, allow_single = false;
        int status = EXIT_COULD_NOT;
        const struct flag flags[] = {
                VERB_FLAGS(&d, &help),
                { "allow-single", 0, NULL, &allow_single, "One broker is enough (a laptop): one replica." },
                FLAG_END
        };
        int n = verb_begin(flags, "topics plan|apply [--allow-single]", argc, argv, &d, &keep, &help, &status);
        if (n >= 0) {
                bool plan = n > 0 && strcmp(argv[0], "plan") == 0;
                bool apply = n > 0 && strcmp(argv[0], "apply") == 0;
                status = plan || apply ? act(&d, apply, allow_single)
                                       : verb_unknown_word("topics", n ? argv[0] : NULL, words);
        }
        buf_clear(&keep);
        return status;
}
