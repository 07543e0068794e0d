/* source_list.c - `source list|status`: what a region captures from, and what came in. */
#include <stdlib.h>
#include <string.h>

#include "asking.h"
#include "role/settings.h"
#include "source.h"
#include "source/hook.h"
#include "verb.h"

/* A number of the source's row in the agent's account; "-" where there is none. */
static struct slice of_account(const struct json *s, struct slice name, const char *key)
{
        const struct json *list = json_at(s, "account", "sources", NULL), *n;
        for (const struct json *x = list ? list->first : NULL; x; x = x->next)
                if (slice_eq(json_string(json_get(x, "source")), name) && (n = json_get(x, key)))
                        return n->text;
        return SLICE("-");
}

/* What came of a time in which nothing could be captured, and what to do about the rest. */
static bool say_gap(const struct json *gap, const struct json *of)
{
        struct slice filled = json_string(json_get(of, "filled"));
        if (slice_is(filled, "yes"))
                return false;
        printf("%-16.*s closed from %.*s to %.*s (%.*s), filled: %.*s; of that time came since: %.*s\n",
               SLICE_ARG(json_string(json_get(of, "name"))), SLICE_ARG(json_string(json_get(gap, "from"))),
               SLICE_ARG(json_string(json_get(gap, "to"))), SLICE_ARG(json_string(json_get(gap, "why"))),
               SLICE_ARG(filled), SLICE_ARG(json_get(of, "came_since") ? json_get(of, "came_since")->text : SLICE("?")));
        return slice_is(filled, "no");
}

static void say_gaps(const struct json *s)
{
        const struct json *list = json_get(s, "downtimes");
        bool lost = false;
        for (const struct json *gap = list ? list->first : NULL; gap; gap = gap->next) {
                const struct json *all = json_get(gap, "sources");
                for (const struct json *of = all ? all->first : NULL; of; of = of->next)
                        lost |= say_gap(gap, of);
        }
        if (lost)
                printf("hint: A webhook is sent once. What it said in a gap comes again when somebody asks for it: GitHub has "
                       "\"Redeliver\" under Settings, Webhooks, Recent Deliveries.\n");
}

/* What a source sends that nobody decided about, and what to write about it. */
static void say_strangers(const struct json *s)
{
        const struct json *list = json_get(s, "strangers");
        for (const struct json *x = list ? list->first : NULL; x; x = x->next) {
                struct slice write = json_string(json_get(x, "write"));
                printf("%-16.*s sends \"%.*s\" (%.*s records since %.10s): dropped.%s%.*s\n",
                       SLICE_ARG(json_string(json_get(x, "source"))), SLICE_ARG(json_string(json_get(x, "field"))),
                       SLICE_ARG(json_get(x, "records") ? json_get(x, "records")->text : SLICE("?")),
                       json_string(json_get(x, "first")).n >= 10 ? json_string(json_get(x, "first")).p : "?",
                       write.n ? " To decide: " : "", SLICE_ARG(write));
        }
}

static void say_sources(const struct json *s)
{
        printf("%-14s %-16s %-9s %10s %8s %8s %8s %8s %8s  %s\n", "REGION", "SOURCE", "TYPE", "ACCEPTED", "REFUSED",
               "COUNTED", "HELD", "AT HOME", "ON WAY", "LAST");
        const struct json *list = json_get(s, "sources");
        for (const struct json *x = list ? list->first : NULL; x; x = x->next)
                printf("%-14.*s %-16.*s %-9.*s %10.*s %8.*s %8.*s %8.*s %8.*s %8.*s  %.*s\n",
                       SLICE_ARG(json_string(json_get(s, "region"))), SLICE_ARG(json_string(json_get(x, "name"))),
                       SLICE_ARG(json_string(json_get(x, "type"))), SLICE_ARG(json_get(x, "accepted")->text),
                       SLICE_ARG(json_get(x, "refused")->text), SLICE_ARG(json_get(x, "counted_only")->text),
                       SLICE_ARG(of_account(s, json_string(json_get(x, "name")), "held")),
                       SLICE_ARG(of_account(s, json_string(json_get(x, "name")), "stayed")),
                       SLICE_ARG(of_account(s, json_string(json_get(x, "name")), "in_flight")),
                       SLICE_ARG(json_string(json_get(x, "last"))));
        printf("ACCEPTED, REFUSED, COUNTED since the agent's start; HELD, AT HOME, ON WAY of all captures.\n");
        say_strangers(s);
        say_gaps(s);
}

/* With what its sender or its files need: an address, a mapping, an inbox. */
static void say_source(const struct source *x)
{
        printf("%-16s %-9s namespace %s", x->name, source_type_name(x->type), x->name_space);
        if (x->inbox)
                printf("  inbox %s", x->inbox);
        if (hook_sender(x))
                printf("  POST /v1/hooks/%s", x->name);
        if (x->mapping_file)
                printf("  mapping %s", x->mapping_file);
        putchar('\n');
}

static int list(const struct deployment *d)
{
        struct hub_settings hub = { 0 };
        struct report *report = report_new();
        struct agent_settings *s = calloc(1, sizeof *s);
        int status = EXIT_BAD_CONFIG;
        if (s && hub_settings_read(&hub, d->regions, report) &&
            agent_settings_read(s, d->regions, d->region, &hub, report)) {
                if (d->json)
                        printf("{\"version\":1,\"sources\":[");
                for (size_t i = 0; i < s->n_sources; i++) {
                        const struct source *x = &s->sources[i];
                        if (d->json)
                                printf("%s{\"name\":\"%s\",\"type\":\"%s\",\"namespace\":\"%s\"}", i ? "," : "", x->name,
                                       source_type_name(x->type), x->name_space);
                        else
                                say_source(x);
                }
                if (d->json)
                        printf("]}\n");
                status = EXIT_WELL;
        } else {
                act_report(report, d->json);
        }
        if (s)
                agent_settings_clear(s);
        free(s);
        hub_settings_clear(&hub);
        report_free(report);
        return status;
}

/* Both words need a region, and nothing else. -1: *status says why not. */
static int begin(const char *usage, int argc, char **argv, struct deployment *d, struct buf *keep, int *status)
{
        bool help = false;
        const struct flag flags[] = { VERB_FLAGS(d, &help), FLAG_END };
        int n = verb_begin(flags, usage, argc, argv, d, keep, &help, status);
        if (n < 0 || d->region)
                return n;
        fprintf(stderr, "tributary: --region CODE is missing\nhint: `tributary region list` has the codes.\n");
        *status = EXIT_COULD_NOT;
        return -1;
}

int source_list(int argc, char **argv)
{
        struct deployment d = { 0 };
        struct buf keep;
        int status = EXIT_COULD_NOT;
        if (begin("source list --region CODE", argc, argv, &d, &keep, &status) >= 0)
                status = list(&d);
        buf_clear(&keep);
        return status;
}

int source_status(int argc, char **argv)
{
        struct deployment d = { 0 };
        struct buf keep;
        int status = EXIT_COULD_NOT;
        if (begin("source status --region CODE", argc, argv, &d, &keep, &status) >= 0) {
                struct asking q = { .d = &d, .say = say_sources };
                status = asking_all(&q);
        }
        buf_clear(&keep);
        return status;
}
