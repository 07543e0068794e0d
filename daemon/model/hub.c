/* hub.c - regions/hub.cfg: where Kafka and the warehouse are, who reads, by which properties. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/secret.h"
#include "base/text.h"
#include "model/place.h"
#include "model/region.h"
#include "places_read.h"

const struct option hub_options[] = {
        { "title", OPTION_TEXT, OPTION_AT(struct hub, title), "1", "200", NULL, 0,
          "What people call the hub." },
        { "jurisdiction", OPTION_TEXT, OPTION_AT(struct hub, jurisdiction), "2", "6", NULL, OPTION_REQUIRED,
          "The space of law in which the hub stands, such as \"EEA\"." },
        { "places", OPTION_LIST, OPTION_AT(struct hub, places_node), NULL, NULL, NULL, OPTION_REQUIRED,
          "Where records go: ( { what = \"kafka\"; jurisdiction = \"EEA\"; latitude = 50.1; longitude = 8.7; "
          "} ); "
          "at least a kafka and a warehouse." },
        { "readers", OPTION_LIST, OPTION_AT(struct hub, readers_node), NULL, NULL, NULL, 0,
          "Who reads the warehouse from where: ( { role = \"reader_de\"; country = \"DE\"; surface = "
          "\"voice\"; } )." },
        { "kafka", OPTION_LIST, OPTION_AT(struct hub, kafka_node), NULL, NULL, NULL, OPTION_REQUIRED,
          "Properties of librdkafka: ( { set = \"bootstrap.servers\"; to = \"kafka:9092\"; } ); secrets by "
          "to_file." },
        { "partitions", OPTION_INT, OPTION_AT(struct hub, partitions), "1", "1024", "6", 0,
          "Partitions of each records topic; never changed after the topics are made." },
        { "replicas", OPTION_INT, OPTION_AT(struct hub, replicas), "1", "9", "3", 0,
          "Replicas of each topic; 1 is for a laptop only." },
        { "warehouse", OPTION_TEXT, OPTION_AT(struct hub, warehouse), "1", "2048", NULL, OPTION_REQUIRED,
          "Connection string (libpq) of the role that loads, without its password." },
        { "warehouse_password_file", OPTION_TEXT, OPTION_AT(struct hub, warehouse_password_file), "1", "4096",
          NULL, OPTION_SECRET, "File with the password of the role that loads." },
        { "migrate", OPTION_TEXT, OPTION_AT(struct hub, migrate), "1", "2048", NULL, 0,
          "Connection string of the role that migrates (CREATEROLE); without it, `warehouse`." },
        { "migrate_password_file", OPTION_TEXT, OPTION_AT(struct hub, migrate_password_file), "1", "4096",
          NULL, OPTION_SECRET, "File with the password of the role that migrates." },
        { "retention", OPTION_TIME, OPTION_AT(struct hub, retention_us), "1 hour", "365 days", "2 days", 0,
          "How long Kafka keeps records; with a segment's time, within the shortest time for erasure." },
        OPTION_END
};

static const char *const whats[] = { "kafka", "mirror", "warehouse", "replica", "backup", "readers" };

const char *place_what_name(enum place_what w)
{
        return (unsigned)w < sizeof whats / sizeof *whats ? whats[w] : "unknown";
}

static const struct option place_rows[] = {
        { "what", OPTION_CHOICE, OPTION_AT(struct hub_place, what), NULL,
          "kafka|mirror|warehouse|replica|backup|readers", NULL, OPTION_REQUIRED, "What stands there." },
        { "name", OPTION_TEXT, OPTION_AT(struct hub_place, name), "1", "64", NULL, 0,
          "What people call the place." },
        { "jurisdiction", OPTION_TEXT, OPTION_AT(struct hub_place, jurisdiction), "2", "6", NULL,
          OPTION_REQUIRED, "The space of law in which it stands." },
        { "latitude", OPTION_FLOAT, OPTION_AT(struct hub_place, latitude), "-90", "90", NULL, OPTION_REQUIRED,
          "Degrees north." },
        { "longitude", OPTION_FLOAT, OPTION_AT(struct hub_place, longitude), "-180", "180", NULL,
          OPTION_REQUIRED, "Degrees east." },
        { "retention", OPTION_TEXT, OPTION_AT(struct hub_place, retention), "1", "64", NULL, 0,
          "How long records stay there, such as \"2 days\"." },
        OPTION_END
};

static const struct option reader_rows[] = {
        { "role", OPTION_TEXT, OPTION_AT(struct hub_reader, role), "1", "63", NULL, OPTION_REQUIRED,
          "The role in PostgreSQL: lower case letters, digits and underscores." },
        { "country", OPTION_TEXT, OPTION_AT(struct hub_reader, country), "2", "6", NULL, OPTION_REQUIRED,
          "From where this role reads: reading from abroad is a transfer." },
        { "surface", OPTION_CHOICE, OPTION_AT(struct hub_reader, surface), NULL, "voice|count", NULL,
          OPTION_REQUIRED, "Rows of words (voice) or roll-ups (count); never both." },
        OPTION_END
};

struct property {
        const char *set, *to, *to_file;
};
static const struct option property_rows[] = {
        { "set", OPTION_TEXT, OPTION_AT(struct property, set), "1", "128", NULL, OPTION_REQUIRED,
          "The property's name, as librdkafka has it." },
        { "to", OPTION_TEXT, OPTION_AT(struct property, to), "0", "4096", NULL, OPTION_SECRET, "Its value." },
        { "to_file", OPTION_TEXT, OPTION_AT(struct property, to_file), "1", "4096", NULL, OPTION_SECRET,
          "A file, readable by this user only, that holds its value." },
        OPTION_END
};

/* Calls `one` for each member of the list, at most max. */
static bool each_of(const struct conf_node *list, const char *name, size_t max, struct report *report,
                    bool (*one)(void *ctx, const struct conf_node *n, struct report *report), void *ctx)
{
        bool ok = true;
        size_t n = list ? conf_count(list) : 0;
        if (n > max) {
                conf_complain(report, list, REPORT_ERROR, NULL,
                              "\"%s\" has %zu members; at most %zu are allowed", name, n, max);
                return false;
        }
        for (size_t i = 0; i < n; i++)
                ok &= one(ctx, conf_at(list, i), report);
        return ok;
}

static bool read_place(void *ctx, const struct conf_node *n, struct report *report)
{
        struct hub *hub = ctx;
        struct hub_place *p = &hub->places[hub->n_places++];
        struct duration d;
        struct err err = ERR_INIT;
        bool ok = option_read(place_rows, n, p, NULL, report);
        p->node = n;
        if (p->jurisdiction)
                ok &= place_known_or_complain(p->jurisdiction, conf_get(n, "jurisdiction"), report);
        if (p->retention && !duration_parse(&d, slice_of(p->retention), &err)) {
                conf_complain(report, conf_get(n, "retention"), REPORT_ERROR,
                              "Write it like \"2 days\" or \"72 hours\".", "\"retention\" is no duration");
                ok = false;
        }
        return ok;
}

static bool is_role(const char *role)
{
        return role[strspn(role, "abcdefghijklmnopqrstuvwxyz0123456789_")] == 0 &&
               !(role[0] >= '0' && role[0] <= '9');
}

/* Names that mean something else to PostgreSQL, or are the warehouse's own. */
static bool is_taken(const char *role)
{
        return strncmp(role, "pg_", 3) == 0 || strncmp(role, "community_", 10) == 0 || strcmp(role, "public") == 0 ||
               strcmp(role, "none") == 0 || strcmp(role, "postgres") == 0;
}

static bool read_reader(void *ctx, const struct conf_node *n, struct report *report)
{
        struct hub *hub = ctx;
        struct hub_reader *r = &hub->readers[hub->n_readers++];
        bool ok = option_read(reader_rows, n, r, NULL, report);
        r->node = n;
        if (r->country)
                ok &= place_known_or_complain(r->country, conf_get(n, "country"), report);
        if (r->role && !is_role(r->role)) {
                conf_complain(report, conf_get(n, "role"), REPORT_ERROR,
                              "Use lower case letters, digits and underscores, a letter first.",
                              "\"%.63s\" is no role's name", r->role);
                ok = false;
        }
        if (r->role && is_taken(r->role)) {
                conf_complain(report, conf_get(n, "role"), REPORT_ERROR,
                              "Name it after who reads from where: reader_product_de.",
                              "\"%s\" cannot be a reader's role: it is PostgreSQL's or the warehouse's own", r->role);
                ok = false;
        }
        for (size_t i = 0; r->role && i + 1 < hub->n_readers; i++) {
                if (hub->readers[i].role && strcmp(hub->readers[i].role, r->role) == 0) {
                        conf_complain(report, n, REPORT_ERROR,
                                      "No reader has both surfaces, nor two countries.",
                                      "role \"%s\" stands here twice", r->role);
                        ok = false;
                }
        }
        return ok;
}

/* Values read from files live as long as the process: librdkafka's own copy does too. One
 * slot a file; configuration is read by one thread. */
static struct kept {
        char *path, *value;
} kept[2 * HUB_PROPERTIES_MAX];

static const char *keep_value(const char *path, const char *value)
{
        for (size_t i = 0; i < sizeof kept / sizeof *kept; i++) {
                struct kept *k = &kept[i];
                if (!k->path) {
                        k->path = strdup(path);
                        k->value = strdup(value);
                        return k->path ? k->value : NULL;
                }
                if (strcmp(k->path, path) == 0 && k->value && strcmp(k->value, value) == 0)
                        return k->value;
        }
        return NULL;
}

static bool value_of_file(const char **out, const struct conf_node *n, const char *path,
                          struct report *report)
{
        struct err err = ERR_INIT;
        struct buf b;
        buf_init(&b, 8192);
        bool ok = secret_load(&b, path, NULL, &err);
        if (ok) {
                *out = keep_value(path, b.p);
                if (!*out)
                        ok = err_set(&err, ERR_FULL, 0, "too many values from files");
        }
        if (!ok)
                conf_complain(report, conf_get(n, "to_file"), REPORT_ERROR, err.hint[0] ? err.hint : NULL,
                              "%s", err.text);
        buf_wipe(&b);
        return ok;
}

/* Properties whose value is a secret, by librdkafka's CONFIGURATION.md. */
static bool is_secret(const char *name)
{
        static const char *const secrets[] = {
                "sasl.password", "ssl.key.password",        "ssl.keystore.password",
                "ssl.key.pem",   "sasl.oauthbearer.config", "sasl.oauthbearer.client.secret",
        };
        for (size_t i = 0; i < sizeof secrets / sizeof *secrets; i++)
                if (strcasecmp(name, secrets[i]) == 0)
                        return true;
        return false;
}

struct property_list {
        struct hub_property *out;
        size_t *n;
};

static bool read_property(void *ctx, const struct conf_node *n, struct report *report)
{
        struct property_list *list = ctx;
        struct property p = { 0 };
        if (!option_read(property_rows, n, &p, NULL, report))
                return false;
        if (!p.to == !p.to_file) {
                conf_complain(report, n, REPORT_ERROR, "Write to = \"VALUE\"; or to_file = \"PATH\";",
                              "property \"%.128s\" needs either a value or a file", p.set);
                return false;
        }
        if (p.to && is_secret(p.set)) {
                conf_complain(report, conf_get(n, "to"), REPORT_ERROR, "Write to_file = \"PATH\"; instead.",
                              "property \"%.128s\" is a secret, which never stands in these files", p.set);
                return false;
        }
        if (p.to_file && !value_of_file(&p.to, n, p.to_file, report))
                return false;
        list->out[(*list->n)++] = (struct hub_property){ p.set, p.to };
        return true;
}

bool hub_kafka_read(struct hub_property out[HUB_PROPERTIES_MAX], size_t *n, const struct conf_node *list,
                    struct report *report)
{
        struct property_list to = { out, n };
        *n = 0;
        return each_of(list, "kafka", HUB_PROPERTIES_MAX, report, read_property, &to);
}

/* "password =" of a connection string, or the part between : and @ of a URI. */
static bool has_password(const char *connection)
{
        const char *p = strcasestr(connection, "password");
        if (p && p[strlen("password") + strspn(p + strlen("password"), " \t")] == '=')
                return true;
        const char *host = strstr(connection, "://");
        const char *at = host ? strchr(host + 3, '@') : NULL;
        const char *colon = host ? strchr(host + 3, ':') : NULL;
        return at && colon && colon < at;
}

static bool no_password(const char *connection, const char *name, const struct conf_node *root,
                        struct report *report)
{
        if (!connection || !has_password(connection))
                return true;
        conf_complain(report, conf_get(root, name), REPORT_ERROR,
                      "Put it into a file of mode 0600 and name that file.",
                      "\"%s\" holds a password, which never stands in these files", name);
        return false;
}

static bool has_place(const struct hub *hub, enum place_what what, const struct conf_node *root,
                      struct report *report)
{
        for (size_t i = 0; i < hub->n_places; i++)
                if (hub->places[i].what == (int)what)
                        return true;
        conf_complain(report, conf_get(root, "places"), REPORT_ERROR,
                      "Policies judge by where records go; each such place must be named.",
                      "\"places\" names no %s", place_what_name(what));
        return false;
}

/* Topics follow hub.cfg's own `retention`: what a place says of Kafka is for people to read, and
 * must not tell them another time. */
static void cross_retention(const struct hub *hub, struct report *report)
{
        for (size_t i = 0; i < hub->n_places; i++) {
                const struct hub_place *p = &hub->places[i];
                struct duration d;
                struct err err = ERR_INIT;
                char is[CLOCK_TEXT_MAX];
                if (p->what != PLACE_KAFKA || !p->retention || !duration_parse(&d, slice_of(p->retention), &err))
                        continue;
                if (d.us != hub->retention_us)
                        conf_complain(report, conf_get(p->node, "retention"), REPORT_WARNING,
                                      "Write the same time here and in hub.cfg's own \"retention\".",
                                      "Kafka is said to keep for %s here, and its topics keep for %s", p->retention,
                                      duration_format(is, hub->retention_us));
        }
}

bool hub_read(struct hub *out, const struct conf *c, const char *const *also, struct report *report)
{
        const struct conf_node *root = conf_root(c);
        *out = (struct hub){ 0 };
        bool ok = option_read(hub_options, root, out, also, report);
        if (out->jurisdiction)
                ok &= place_known_or_complain(out->jurisdiction, conf_get(root, "jurisdiction"), report);
        ok &= each_of(out->places_node, "places", HUB_PLACES_MAX, report, read_place, out);
        cross_retention(out, report);
        ok &= each_of(out->readers_node, "readers", HUB_READERS_MAX, report, read_reader, out);
        ok &= hub_kafka_read(out->kafka, &out->n_kafka, out->kafka_node, report);
        ok &= no_password(out->warehouse, "warehouse", root, report);
        ok &= no_password(out->migrate, "migrate", root, report);
        if (out->places_node)
                ok &= has_place(out, PLACE_KAFKA, root, report);
        if (out->places_node)
                ok &= has_place(out, PLACE_WAREHOUSE, root, report);
        if (!out->migrate) {
                out->migrate = out->warehouse;
                out->migrate_password_file = out->warehouse_password_file;
        }
        return ok;
}
