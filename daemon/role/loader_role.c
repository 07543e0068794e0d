/* loader_role.c - the loader's diagram, one call a line. */
#include "role/loader_role.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/json.h"
#include "base/log.h"
#include "base/secret.h"
#include "control.h"
#include "link/loop.h"
#include "preamble.h"
#include "role/settings.h"

enum { REGIONS_MAX = 1024, WATCH_US = 1000000 };

struct hub_role {
        struct hub_settings settings;
        char *regions[REGIONS_MAX];
        size_t n_regions;
        struct buf password;
        struct loop *loop;
        struct loader *loader;
        struct control *control;
        struct watch *watches[3];
        uint64_t transactions;
        int64_t commit_us; /* monotonic: when they last rose */
        int exit_status;
};

enum { LOADER_WAREHOUSE_UP, LOADER_KAFKA_UP, LOADER_COMMIT_AGE };

struct metric loader_role_metrics[] = {
        [LOADER_WAREHOUSE_UP] = { "tributary_loader_warehouse_up", METRIC_GAUGE, NULL,
                                  "1 while all lanes are connected to PostgreSQL.", 0 },
        [LOADER_KAFKA_UP] = { "tributary_loader_kafka_up", METRIC_GAUGE, NULL, "1 while Kafka can be reached.", 0 },
        [LOADER_COMMIT_AGE] = { "tributary_loader_last_commit_age_seconds", METRIC_GAUGE, NULL,
                                "How long ago it last committed; regions say hello every half minute.", 0 },
        METRIC_END
};

static bool add_region(const char *code, void *ctx)
{
        struct hub_role *h = ctx;
        if (h->n_regions == REGIONS_MAX)
                return false;
        h->regions[h->n_regions] = strdup(code);
        return h->regions[h->n_regions] && ++h->n_regions;
}

static void status(void *ctx, bool exact, struct buf *out)
{
        struct hub_role *h = ctx;
        struct loader_status s;
        struct json_out o;
        char said[256];

        (void)exact; /* sums over all regions since the start: they point at nobody */
        loader_status(h->loader, &s);
        if (!s.warehouse_up)
                snprintf(said, sizeof said, "The loader waits: PostgreSQL cannot be reached.");
        else if (!s.kafka_up)
                snprintf(said, sizeof said, "The loader waits: Kafka cannot be reached.");
        else
                snprintf(said, sizeof said, "The loader is well; %d partitions in %d lanes.", s.partitions,
                         s.lanes);
        json_out_init(&o, out);
        json_open(&o, NULL, '{');
        json_put_text(&o, "sentence", said);
        json_put_int(&o, "version", 1);
        json_put_int(&o, "lanes", s.lanes);
        json_put_int(&o, "partitions", s.partitions);
        json_put_bool(&o, "warehouse_up", s.warehouse_up);
        json_put_bool(&o, "kafka_up", s.kafka_up);
        json_put_uint(&o, "loaded", s.loaded);
        json_put_uint(&o, "superseded", s.superseded);
        json_put_uint(&o, "retracted", s.retracted);
        json_put_uint(&o, "erased", s.erased);
        json_put_uint(&o, "rejected", s.rejected);
        json_put_uint(&o, "gaps", s.gaps);
        json_put_text(&o, "trouble", s.trouble[0] ? s.trouble : NULL);
        json_close(&o, '}');
}

static void on_terminate(void *ctx)
{
        struct hub_role *h = ctx;
        log_info("loader", "stopping", NULL);
        loop_stop(h->loop);
}

static void set_metrics(struct hub_role *h)
{
        struct loader_status s;
        int64_t now_us = clock_mono_us();
        loader_status(h->loader, &s);
        if (s.transactions != h->transactions || !h->commit_us)
                h->commit_us = now_us;
        h->transactions = s.transactions;
        metric_set(&loader_role_metrics[LOADER_WAREHOUSE_UP], s.warehouse_up);
        metric_set(&loader_role_metrics[LOADER_KAFKA_UP], s.kafka_up);
        metric_set(&loader_role_metrics[LOADER_COMMIT_AGE], (now_us - h->commit_us) / US_PER_SECOND);
}

static void on_watch(void *ctx)
{
        struct hub_role *h = ctx;
        struct err err = ERR_INIT;
        set_metrics(h);
        if (!loader_dead(h->loader, &err))
                return;
        log_err(LOG_LEVEL_ERROR, "loader", "cannot go on", &err);
        h->exit_status = EXIT_COULD_NOT;
        loop_stop(h->loop);
}

static bool start(struct hub_role *h, struct err *err)
{
        const struct hub *hub = &h->settings.hub;
        buf_init(&h->password, 4096);
        if (hub->warehouse_password_file &&
            !secret_load(&h->password, hub->warehouse_password_file, NULL, err))
                return false;
        process_metrics_begin();
        metric_register(loader_metrics);
        metric_register(loader_role_metrics);
        struct loader_spec spec = {
                .warehouse = hub->warehouse,
                .password = h->password.p,
                .kafka = &h->settings.kafka,
                .regions = (const char *const *)h->regions,
                .n_regions = h->n_regions,
                .settings = h->settings.loader,
        };
        struct control_spec control = {
                .internal = &h->settings.internal, .status = status, .ctx = h
        };
        if (!loop_new(&h->loop, err) || !loader_start(&h->loader, &spec, err) ||
            !control_start(&h->control, h->loop, &control, err))
                return false;
        h->watches[0] = loop_signal(h->loop, SIGTERM, on_terminate, h);
        h->watches[1] = loop_signal(h->loop, SIGINT, on_terminate, h);
        h->watches[2] = loop_every(h->loop, WATCH_US, on_watch, h);
        return true;
}

static void stop(struct hub_role *h)
{
        for (size_t i = 0; i < sizeof h->watches / sizeof *h->watches; i++)
                watch_stop(h->watches[i]);
        control_stop(h->control);
        loader_stop(h->loader);
        loop_free(h->loop);
        buf_wipe(&h->password);
        hub_settings_clear(&h->settings);
        for (size_t i = 0; i < h->n_regions; i++)
                free(h->regions[i]);
        free(h);
}

int loader_run(const struct deployment *d)
{
        struct err err = ERR_INIT;
        struct hub_role *h = calloc(1, sizeof *h);
        struct report *report = report_new();
        int exit_status = EXIT_COULD_NOT;

        if (!h || !report) {
                err_set(&err, ERR_SYSTEM, 0, "out of memory");
        } else if (!preamble(&err)) {
                /* err says */
        } else if (!hub_settings_read(&h->settings, d->regions, report)) {
                report_print(report, stderr);
                exit_status = EXIT_BAD_CONFIG;
        } else if (regions_each(d->regions, add_region, h, &err) && start(h, &err)) {
                log_info("loader", "ready", "regions=%zu internal_port=%d", h->n_regions,
                         control_port(h->control));
                if (loop_run(h->loop, &err))
                        exit_status = h->exit_status;
        }
        if (err.kind != ERR_NONE) {
                log_err(LOG_LEVEL_ERROR, "loader", "could not go on", &err);
                exit_status = err_exit_status(err.kind);
        }
        if (h)
                stop(h);
        report_free(report);
        return exit_status;
}
