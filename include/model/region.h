/* region.h - regions/CODE.cfg and regions/hub.cfg: what describes a place.
 *
 * Only what describes a place is read here; every other option of these files is a row
 * beside the module that owns it, gathered by role/settings.                        */
#ifndef MODEL_REGION_H
#define MODEL_REGION_H

#include <stdint.h>

#include "base/conf.h"
#include "base/option.h"
#include "base/report.h"

struct region { /* texts live as long as the conf they were read from */
        const char *code, *title, *jurisdiction, *timezone, *policy;
        struct option_texts serves, languages, hazards;
        const char *power_grid, *island, *site;
        double latitude, longitude;
};
extern const struct option region_options[];

/* Cross checks: the code is the file's name, jurisdiction and countries are known, the
 * timezone exists. `policy` defaults to the jurisdiction in lower case. */
bool region_read(struct region *out, const struct conf *c, const char *const *also,
                 struct report *report);

enum place_what { PLACE_KAFKA, PLACE_MIRROR, PLACE_WAREHOUSE, PLACE_REPLICA, PLACE_BACKUP, PLACE_READERS };
const char *place_what_name(enum place_what w);

struct hub_place {
        int what; /* enum place_what */
        const char *name, *jurisdiction;
        double latitude, longitude;
        const char *retention;
        const struct conf_node *node;
};
struct hub_reader {
        const char *role, *country;
        int surface; /* 0 voice, 1 count */
        const struct conf_node *node;
};
enum { HUB_PLACES_MAX = 64, HUB_READERS_MAX = 256, HUB_PROPERTIES_MAX = 64 };
struct hub_property {
        const char *set, *to;
};
struct hub {
        const char *title, *jurisdiction;
        struct hub_place places[HUB_PLACES_MAX];
        size_t n_places;
        struct hub_reader readers[HUB_READERS_MAX];
        size_t n_readers;
        struct hub_property kafka[HUB_PROPERTIES_MAX]; /* librdkafka properties; secrets by file */
        size_t n_kafka;
        int64_t partitions;
        int64_t replicas;          /* of topics; 3 by default, 1 on a laptop */
        const char *warehouse;     /* libpq connection string without its password: loads */
        const char *migrate;       /* the same for the role that migrates; default: `warehouse` */
        const char *warehouse_password_file, *migrate_password_file;
        int64_t retention_us;      /* of records topics */
        const struct conf_node *places_node, *readers_node, *kafka_node;
};
extern const struct option hub_options[];
/* `kafka = ( { set = "security.protocol"; to = "ssl"; }, { set = "sasl.password"; to_file = "/run/x"; } )`:
 * a list of librdkafka properties, of hub.cfg or of one region. A value that stands in a file
 * (secrets must: sasl.password, ssl.key.password) is read at once and kept for the process. */
bool hub_kafka_read(struct hub_property out[HUB_PROPERTIES_MAX], size_t *n, const struct conf_node *list,
                    struct report *report);
bool hub_read(struct hub *out, const struct conf *c, const char *const *also, struct report *report);

#endif
