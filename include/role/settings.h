/* settings.h - the files of a deployment, read whole, judged whole.
 *
 * regions/CODE.cfg and regions/hub.cfg hold options of many modules; each module owns its
 * rows, and here they are gathered: every file is read against all rows that may stand in it,
 * so that an unknown key is found wherever it stands. All complaints at once.            */
#ifndef ROLE_SETTINGS_H
#define ROLE_SETTINGS_H

#include "base/conf.h"
#include "base/report.h"
#include "capture/intake.h"
#include "link/kafka.h"
#include "model/region.h"
#include "pump/pump.h"
#include "source/source.h"
#include "vault/vault.h"
#include "warehouse/loader.h"

struct listen_settings { /* `listen` (public) and `internal` (metrics, status) */
        const char *address;
        int64_t port;
        const char *cert_file, *key_file;
};
extern const struct option listen_options[];
extern const struct option internal_options[];

struct files_settings { /* `files` */
        bool watch;
};
extern const struct option files_options[];

struct officers_settings { /* `officers`: where officers from elsewhere ask; see officers_door.h */
        const char *address;
        int64_t port;
        const char *cert_file, *key_file, *ca_file, *url;
        struct option_texts who;
};
extern const struct option officers_options[];

struct hub_settings {
        struct conf *conf; /* owns all texts */
        struct hub hub;
        struct loader_settings loader;
        struct listen_settings internal;
        struct kafka_property kafka_properties[HUB_PROPERTIES_MAX];
        struct kafka_config kafka;
};

struct agent_settings {
        struct conf *conf;
        struct region region;
        struct listen_settings listen, internal;
        struct files_settings files;
        struct officers_settings officers;
        bool has_officers;
        struct vault_settings vault;
        struct capture_settings capture;
        struct pump_settings pump;
        struct source sources[SOURCES_MAX];
        size_t n_sources;
        struct kafka_property kafka_properties[HUB_PROPERTIES_MAX];
        struct kafka_config kafka; /* the region's own `kafka`, else the hub's */
};

/* Both fill *out and may leave it half filled on failure: clear it in any case. */
bool hub_settings_read(struct hub_settings *out, const char *regions_dir, struct report *report);
void hub_settings_clear(struct hub_settings *s);
bool agent_settings_read(struct agent_settings *out, const char *regions_dir, const char *code,
                         const struct hub_settings *hub, struct report *report);
/* The same of `text`, as if it stood in the file `path` (whose folder has hub.cfg and mappings). */
bool agent_settings_parse(struct agent_settings *out, const char *path, struct slice text,
                          const struct hub_settings *hub, struct report *report);
void agent_settings_clear(struct agent_settings *s);

/* Calls each code of regions_dir (CODE.cfg but hub.cfg), sorted; stops when it returns false. */
bool regions_each(const char *regions_dir, bool (*each)(const char *code, void *ctx), void *ctx,
                  struct err *err);

/* The reference page of all options, metrics and exit statuses (Markdown), and the annotated
 * example of a region file. Printed by `tributary reference`, checked by a test. */
void settings_reference(struct buf *out);
void settings_example(struct buf *out);

#endif
