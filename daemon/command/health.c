/* health.c - `health`: may this machine's daemon be relied on at this moment? For HEALTHCHECK.
 *
 * An agent is healthy when it can accept durably: it listens, and its vault is not full. Kafka
 * away is no illness of an agent: captures go on. A loader is healthy when it can commit: it
 * reaches Kafka and PostgreSQL. Where no agent's state lies, it is a loader that is asked. */
#include <string.h>

#include "asking.h"
#include "base/file.h"
#include "link/http.h"
#include "role/settings.h"
#include "verb.h"

enum { ASK_US = 8 * 1000000 };

struct health {
        const struct deployment *d;
        const char *states;
        struct arena *arena;
        size_t asked, well;
};

static void say(struct health *h, const char *role, bool well, struct slice sentence)
{
        if (h->d->json) {
                struct buf b;
                struct json_out o;
                buf_init(&b, 1 << 16);
                json_out_init(&o, &b);
                json_open(&o, NULL, '{');
                json_put_text(&o, "role", role);
                json_put_bool(&o, "healthy", well);
                json_put_string(&o, "sentence", sentence);
                json_close(&o, '}');
                printf("%s%s", h->asked ? "," : "", b.p ? b.p : "");
                buf_clear(&b);
        } else {
                printf("%shealthy: %.*s\n", well ? "" : "not ", SLICE_ARG(sentence));
        }
        h->asked++;
        h->well += well;
}

static void say_silent(struct health *h, const char *role, const struct err *err)
{
        say(h, role, false, slice_of(err->text));
        if (!h->d->json && err->hint[0])
                printf("hint: %s\n", err->hint);
}

static void ask_agent(struct health *h, const char *state)
{
        struct err err = ERR_INIT;
        struct buf b;
        struct json *s;
        buf_init(&b, 4 << 20);
        arena_reset(h->arena);
        if (!agent_ask(state, "/v1/status", NULL, &b, &err) || !json_read(&s, h->arena, buf_slice(&b), 16, &err)) {
                say_silent(h, "agent", &err);
        } else {
                const struct json *port = json_get(s, "port");
                bool listens = port && !slice_is(port->text, "0");
                bool full = json_true(json_at(s, "vault", "full", NULL));
                say(h, "agent", listens && !full,
                    listens ? json_string(json_get(s, "sentence")) : SLICE("The agent begins; it does not listen yet."));
        }
        buf_clear(&b);
}

/* Only agents that have begun here: others' files lie in the same folder of regions. */
static bool ask_if_here(const char *code, void *ctx)
{
        struct health *h = ctx;
        char state[4096], socket[4200];
        snprintf(state, sizeof state, "%s/%s", h->states, code);
        snprintf(socket, sizeof socket, "%s/control.sock", state);
        if (file_exists(socket))
                ask_agent(h, state);
        return true;
}

/* A listener on all addresses is asked on loopback. */
static const char *nearest(const char *address)
{
        if (strcmp(address, "0.0.0.0") == 0)
                return "127.0.0.1";
        return strcmp(address, "::") == 0 ? "::1" : address;
}

static bool ask_loader_at(struct health *h, const struct listen_settings *at, struct err *err)
{
        struct buf b;
        struct json *s;
        int status = 0;
        buf_init(&b, 1 << 20);
        bool ok = http_ask(nearest(at->address), (int)at->port, "/v1/status", SLICE_NONE, ASK_US, &status, &b, err) &&
                  json_read(&s, h->arena, buf_slice(&b), 16, err);
        if (ok)
                say(h, "loader", json_true(json_get(s, "warehouse_up")) && json_true(json_get(s, "kafka_up")),
                    json_string(json_get(s, "sentence")));
        buf_clear(&b);
        return ok;
}

static int ask_loader(struct health *h)
{
        struct err err = ERR_INIT;
        struct hub_settings hub = { 0 };
        struct report *report = report_new();
        int status = EXIT_WELL;
        if (!hub_settings_read(&hub, h->d->regions, report)) {
                report_print_from(report, REPORT_WARNING, stderr);
                status = EXIT_BAD_CONFIG;
        } else if (hub.internal.port == 0) {
                err_set(&err, ERR_CONFIG, 0, "no agent's state is under \"%s\", and a loader's port is not fixed", h->states);
                err_hint(&err, "Write internal = { port = 8445; }; into hub.cfg, or name an agent by --region or --states.");
                status = act_fail(&err, false);
        } else if (!ask_loader_at(h, &hub.internal, &err)) {
                say_silent(h, "loader", &err);
        }
        hub_settings_clear(&hub);
        report_free(report);
        return status;
}

static int health(struct health *h)
{
        struct err err = ERR_INIT;
        int status = EXIT_WELL;
        h->arena = arena_new(8 << 20);
        if (h->d->json)
                printf("{\"version\":1,\"daemons\":[");
        if (h->d->region || h->d->state)
                ask_agent(h, h->d->state);
        else if (!regions_each(h->d->regions, ask_if_here, h, &err))
                status = act_fail(&err, false);
        else if (h->asked == 0)
                status = ask_loader(h);
        if (h->d->json)
                printf("],\"healthy\":%s}\n", h->asked && h->well == h->asked ? "true" : "false");
        arena_free(h->arena);
        return status != EXIT_WELL ? status : h->well == h->asked ? EXIT_WELL : EXIT_FINDING;
}

int verb_health(int argc, char **argv)
{
        static const char usage[] = "health [--region CODE [--state DIR]] [--states DIR]";
        struct deployment d = { 0 };
        struct buf keep;
        bool help = false;
        const char *states = "/var/lib/tributary";
        int status = EXIT_COULD_NOT;
        const struct flag flags[] = {
                VERB_FLAGS(&d, &help),
                { "states", 0, "DIR", &states, "Folder with a state folder per region (default /var/lib/tributary)." },
                FLAG_END
        };
        int n = verb_begin(flags, usage, argc, argv, &d, &keep, &help, &status);
        if (n == 0) {
                struct health h = { .d = &d, .states = states };
                status = health(&h);
        } else if (n > 0) {
                fprintf(stderr, "tributary: \"%.40s\" was not expected\nhint: usage: tributary %s\n", argv[0], usage);
        }
        buf_clear(&keep);
        return status;
}
