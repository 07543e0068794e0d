/* settings.c - gathers every module's rows over one region or hub file. */
#include "role/settings.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "agent_watch.h"
#include "base/file.h"
#include "base/text.h"
#include "books.h"
#include "link/http.h"
#include "preamble.h"
#include "role/loader_role.h"
#include "source/mapping.h"

const struct option listen_options[] = {
        { "address", OPTION_TEXT, OPTION_AT(struct listen_settings, address), "1", "64", "127.0.0.1", 0,
          "Address that senders reach. Off loopback a certificate is required." },
        { "port", OPTION_INT, OPTION_AT(struct listen_settings, port), "0", "65535", "8440", 0,
          "TCP port; 0 takes any free one." },
        { "cert_file", OPTION_TEXT, OPTION_AT(struct listen_settings, cert_file), "1", "4096", NULL, 0,
          "Certificate chain (PEM) for TLS." },
        { "key_file", OPTION_TEXT, OPTION_AT(struct listen_settings, key_file), "1", "4096", NULL,
          OPTION_SECRET, "Private key (PEM) of the certificate." },
        OPTION_END
};

const struct option internal_options[] = {
        { "address", OPTION_TEXT, OPTION_AT(struct listen_settings, address), "1", "64", "127.0.0.1", 0,
          "Address of /metrics and /v1/status, for your own network only." },
        { "port", OPTION_INT, OPTION_AT(struct listen_settings, port), "0", "65535", "0", 0,
          "TCP port; 0 takes any free one and logs it." },
        OPTION_END
};

const struct option files_options[] = {
        { "watch", OPTION_BOOL, OPTION_AT(struct files_settings, watch), NULL, NULL, "true", 0,
          "Reads region and policy files again when one of them changes; without it on SIGHUP alone." },
        OPTION_END
};

/* The groups that stand beside what describes the place. */
struct agent_groups {
        const struct conf_node *listen, *internal, *files, *officers, *vault, *capture, *pump, *sources, *kafka;
};

static const struct option agent_group_options[] = {
        { "listen", OPTION_GROUP, OPTION_AT(struct agent_groups, listen), NULL, NULL, NULL, 0,
          "Where senders reach this agent." },
        { "internal", OPTION_GROUP, OPTION_AT(struct agent_groups, internal), NULL, NULL, NULL, 0,
          "Where metrics and status are read." },
        { "files", OPTION_GROUP, OPTION_AT(struct agent_groups, files), NULL, NULL, NULL, 0,
          "How this agent takes region and policy files." },
        { "officers", OPTION_GROUP, OPTION_AT(struct agent_groups, officers), NULL, NULL, NULL, OPTION_ADVANCED,
          "Where officers from elsewhere ask this agent, by certificate; without it, nowhere." },
        { "vault", OPTION_GROUP, OPTION_AT(struct agent_groups, vault), NULL, NULL, NULL, 0,
          "The region's encrypted store." },
        { "capture", OPTION_GROUP, OPTION_AT(struct agent_groups, capture), NULL, NULL, NULL, 0,
          "Limits of what senders may send." },
        { "pump", OPTION_GROUP, OPTION_AT(struct agent_groups, pump), NULL, NULL, NULL, 0,
          "From the vault into Kafka." },
        { "sources", OPTION_LIST, OPTION_AT(struct agent_groups, sources), NULL, NULL, NULL, 0,
          "Where records come from, a group each." },
        { "kafka", OPTION_LIST, OPTION_AT(struct agent_groups, kafka), NULL, NULL, NULL, 0,
          "Kafka properties of this region alone; without it the hub's." },
        OPTION_END
};

struct hub_groups {
        const struct conf_node *loader, *internal;
};

static const struct option hub_group_options[] = {
        { "loader", OPTION_GROUP, OPTION_AT(struct hub_groups, loader), NULL, NULL, NULL, 0,
          "From Kafka into PostgreSQL." },
        { "internal", OPTION_GROUP, OPTION_AT(struct hub_groups, internal), NULL, NULL, NULL, 0,
          "Where a loader's metrics and status are read." },
        OPTION_END
};

enum { ROWS_MAX = 64 };

/* The names of `rows`, for readers of the other rows of the same file. */
static void names_of(const char *names[ROWS_MAX], const struct option *rows)
{
        size_t n = 0;
        for (const struct option *o = rows; o->name && n + 1 < ROWS_MAX; o++)
                names[n++] = o->name;
        names[n] = NULL;
}

static struct kafka_config kafka_config(struct kafka_property *to, const struct hub_property *from,
                                        size_t n)
{
        for (size_t i = 0; i < n; i++)
                to[i] = (struct kafka_property){ from[i].set, from[i].to };
        return (struct kafka_config){ .properties = to, .n = n, .client_id = "tributary" };
}

/* What a daemon would refuse when it opens its clients is said here, at its line. */
static bool check_kafka(const struct kafka_config *k, const struct conf_node *list, struct report *report)
{
        bool ok = true, somewhere = false;
        for (size_t i = 0; i < k->n; i++) {
                struct kafka_config one = { .properties = &k->properties[i], .n = 1 };
                struct err err = ERR_INIT;
                somewhere |= strcmp(k->properties[i].name, "bootstrap.servers") == 0 ||
                             strcmp(k->properties[i].name, "metadata.broker.list") == 0;
                if (kafka_check(&one, &err))
                        continue;
                conf_complain(report, conf_at(list, i), REPORT_ERROR, err.hint, "%s", err.text);
                ok = false;
        }
        if (somewhere)
                return ok;
        conf_complain(report, list, REPORT_ERROR,
                      "Write kafka = ( { set = \"bootstrap.servers\"; to = \"host:9092\"; } );",
                      "\"kafka\" does not say where Kafka is");
        return false;
}

/* A default listens on loopback and needs no check: so node is there when anything is wrong. */
static bool check_listen(const struct listen_settings *l, const struct conf_node *node, struct report *report)
{
        struct http_settings s = { .address = l->address, .port = (int)l->port,
                                   .cert_file = l->cert_file, .key_file = l->key_file };
        struct err err = ERR_INIT;
        if (!node || http_check(&s, &err))
                return true;
        conf_complain(report, node, REPORT_ERROR, *err.hint ? err.hint : NULL, "%s", err.text);
        return false;
}

static bool check_ports(const struct agent_settings *s, const struct agent_groups *g, struct report *report)
{
        bool ok = check_listen(&s->listen, g->listen, report);
        ok &= check_listen(&s->internal, g->internal, report);
        if (!g->internal || s->internal.port == 0 || s->internal.port != s->listen.port ||
            strcmp(s->internal.address, s->listen.address) != 0)
                return ok;
        conf_complain(report, g->internal, REPORT_ERROR, "Give each a port of its own; 0 takes any free one.",
                      "\"internal\" and \"listen\" have the same port");
        return false;
}

/* A missing file of a deployment, told as what it is. */
static bool is_there(const char *path, const char *hint, struct report *report)
{
        if (access(path, F_OK) == 0 || errno != ENOENT)
                return true; /* anything else the reader says */
        report_add(report, REPORT_ERROR, path, 0, 0, hint, "the file is not there");
        return false;
}

bool hub_settings_read(struct hub_settings *out, const char *regions_dir, struct report *report)
{
        *out = (struct hub_settings){ 0 };
        char path[4096];
        snprintf(path, sizeof path, "%s/hub.cfg", regions_dir);
        if (!is_there(path, "Every deployment gets the same region files, hub.cfg among them; --regions names "
                            "their folder.", report) ||
            !conf_load(&out->conf, path, report))
                return false;
        const char *groups[ROWS_MAX], *places[ROWS_MAX];
        names_of(groups, hub_group_options);
        names_of(places, hub_options);
        struct hub_groups g = { 0 };
        bool ok = hub_read(&out->hub, out->conf, groups, report);
        ok &= option_read(hub_group_options, conf_root(out->conf), &g, places, report);
        ok &= option_read(loader_options, g.loader, &out->loader, NULL, report);
        ok &= option_read(internal_options, g.internal, &out->internal, NULL, report);
        ok &= check_listen(&out->internal, g.internal, report);
        out->kafka = kafka_config(out->kafka_properties, out->hub.kafka, out->hub.n_kafka);
        return ok && check_kafka(&out->kafka, out->hub.kafka_node, report);
}

void hub_settings_clear(struct hub_settings *s)
{
        conf_free(s->conf);
        *s = (struct hub_settings){ 0 };
}

static bool read_groups(struct agent_settings *out, const struct agent_groups *g, struct report *report)
{
        bool ok = option_read(listen_options, g->listen, &out->listen, NULL, report);
        ok &= option_read(internal_options, g->internal, &out->internal, NULL, report);
        ok &= option_read(files_options, g->files, &out->files, NULL, report);
        out->has_officers = g->officers != NULL;
        ok &= !g->officers || option_read(officers_options, g->officers, &out->officers, NULL, report);
        ok &= option_read(vault_options, g->vault, &out->vault, NULL, report);
        ok &= option_read(capture_options, g->capture, &out->capture, NULL, report);
        ok &= option_read(pump_options, g->pump, &out->pump, NULL, report);
        ok &= sources_read(out->sources, &out->n_sources, g->sources, report);
        return ok && check_ports(out, g, report);
}

static bool read_kafka(struct agent_settings *out, const struct conf_node *own,
                       const struct hub_settings *hub, struct report *report)
{
        if (!own) {
                out->kafka = kafka_config(out->kafka_properties, hub->hub.kafka, hub->hub.n_kafka);
                return true;
        }
        struct hub_property properties[HUB_PROPERTIES_MAX];
        size_t n = 0;
        bool ok = hub_kafka_read(properties, &n, own, report);
        out->kafka = kafka_config(out->kafka_properties, properties, n);
        return ok && check_kafka(&out->kafka, own, report);
}

/* out->conf, against all rows that may stand in it. */
static bool read_agent(struct agent_settings *out, const struct hub_settings *hub, struct report *report)
{
        const char *groups[ROWS_MAX], *places[ROWS_MAX];
        names_of(groups, agent_group_options);
        names_of(places, region_options);
        struct agent_groups g = { 0 };
        bool ok = region_read(&out->region, out->conf, groups, report);
        ok &= option_read(agent_group_options, conf_root(out->conf), &g, places, report);
        ok &= read_groups(out, &g, report);
        ok &= read_kafka(out, g.kafka, hub, report);
        return ok;
}

bool agent_settings_read(struct agent_settings *out, const char *regions_dir, const char *code,
                         const struct hub_settings *hub, struct report *report)
{
        *out = (struct agent_settings){ 0 };
        if (!text_is_name(slice_of(code))) {
                report_add(report, REPORT_ERROR, NULL, 0, 0, "A region code looks like jp-tokyo.",
                           "\"%.40s\" is not a region code", code);
                return false;
        }
        char path[4096];
        snprintf(path, sizeof path, "%s/%s.cfg", regions_dir, code);
        if (!is_there(path, "`tributary region list` has the codes; --regions names the folder.", report) ||
            !conf_load(&out->conf, path, report))
                return false;
        return read_agent(out, hub, report);
}

bool agent_settings_parse(struct agent_settings *out, const char *path, struct slice text,
                          const struct hub_settings *hub, struct report *report)
{
        *out = (struct agent_settings){ 0 };
        return conf_parse(&out->conf, path, text, report) && read_agent(out, hub, report);
}

void agent_settings_clear(struct agent_settings *s)
{
        for (size_t i = 0; i < s->n_sources; i++)
                source_clear(&s->sources[i]);
        conf_free(s->conf);
        *s = (struct agent_settings){ 0 };
}

struct each_region {
        bool (*each)(const char *code, void *ctx);
        void *ctx;
};

static bool one_region(const char *name, void *ctx)
{
        struct each_region *e = ctx;
        char code[256];
        size_t n = strlen(name) - strlen(".cfg");
        if (strcmp(name, "hub.cfg") == 0 || n >= sizeof code)
                return true;
        memcpy(code, name, n);
        code[n] = 0;
        return e->each(code, e->ctx);
}

bool regions_each(const char *regions_dir, bool (*each)(const char *code, void *ctx), void *ctx,
                  struct err *err)
{
        struct each_region e = { each, ctx };
        return dir_each_linked(regions_dir, "*.cfg", one_region, &e, err);
}

/* ---- The reference page ------------------------------------------------- */

struct chapter {
        const char *title, *prefix;
        const struct option *rows;
};

static const struct chapter *chapters(size_t *n)
{
        static struct chapter all[] = {
                { "Region file: the place", "", region_options },
                { "Region file: listen", "listen.", listen_options },
                { "Region file: internal (also in hub.cfg)", "internal.", internal_options },
                { "Region file: sources", "sources.", source_options },
                { "Region file: capture", "capture.", capture_options },
                { "Region file: files", "files.", files_options },
                { "Region file: officers", "officers.", officers_options },
                { "Region file: vault", "vault.", vault_options },
                { "Region file: pump", "pump.", pump_options },
                { "Mapping file (regions/mappings/NAME.cfg)", "", mapping_options },
                { "Mapping file: signature", "signature.", mapping_signature_options },
                { "Mapping file: records", "records.", mapping_record_options },
                { "Mapping file: occurred_at, revision", "records.occurred_at.", mapping_time_options },
                { "Mapping file: conditions (when, deleted, first, where)", "records.when.", mapping_condition_options },
                { "Mapping file: fields", "records.fields.", mapping_field_options },
                { "Mapping file: values, kind_values", "records.fields.values.", mapping_value_options },
                { "Mapping file: consent", "records.consent.", mapping_consent_options },
                { "Hub file", "", hub_options },
                { "Hub file: loader", "loader.", loader_options },
        };
        *n = sizeof all / sizeof *all;
        return all;
}

void settings_reference(struct buf *out)
{
        size_t n;
        const struct chapter *all = chapters(&n);
        for (size_t i = 0; i < n; i++) {
                buf_printf(out, "### %s\n\n", all[i].title);
                buf_puts(out, "| option | type | range | default | what it is for |\n"
                              "|---|---|---|---|---|\n");
                option_reference(all[i].rows, all[i].prefix, out);
                buf_puts(out, "\n");
        }
        buf_puts(out, "### Metrics\n\nCounters of people's records show 1 to 4 as 5, but on the control socket.\n\n"
                      "| metric | kind | unit | meaning |\n|---|---|---|---|\n");
        metric_register(process_metrics);
        metric_register(vault_metrics);
        metric_register(capture_metrics);
        metric_register(pump_metrics);
        metric_register(books_metrics);
        metric_register(agent_metrics);
        metric_register(source_metrics);
        metric_register(loader_metrics);
        metric_register(loader_role_metrics);
        metric_reference(out);
        buf_puts(out, "\n### Exit status\n\n| status | meaning |\n|---|---|\n"
                      "| 0 | done and well |\n"
                      "| 1 | done, and something is wrong |\n"
                      "| 2 | could not: usage, no connection |\n"
                      "| 3 | a difference was found |\n"
                      "| 78 | configuration is wrong |\n");
}

static void example_group(struct buf *out, const char *name, const struct option *rows)
{
        buf_printf(out, "\n%s = {\n", name);
        option_example(rows, 8, out);
        buf_puts(out, "};\n");
}

void settings_example(struct buf *out)
{
        option_example(region_options, 0, out);
        example_group(out, "listen", listen_options);
        example_group(out, "internal", internal_options);
        example_group(out, "capture", capture_options);
        example_group(out, "vault", vault_options);
        example_group(out, "pump", pump_options);
        buf_puts(out, "\nsources = (\n        {\n");
        option_example(source_options, 16, out);
        buf_puts(out, "        }\n);\n");
}
