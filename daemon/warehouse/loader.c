/* loader.c - lanes and the clerk: started, watched and stopped together. */
#include "warehouse/loader.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "lane.h"

enum { LANES_MAX = 16, STOP_US = 20000000 };

#define AT(member) OPTION_AT(struct loader_settings, member)
const struct option loader_options[] = {
        { "lanes", OPTION_INT, AT(lanes), "1", "16", "2", 0,
          "Members of the Kafka group in this loader, each with a thread and a PostgreSQL connection of its own." },
        { "batch_rows", OPTION_INT, AT(batch_rows), "1", "50000", "10000", OPTION_ADVANCED,
          "A batch is committed at so many messages." },
        { "batch_bytes", OPTION_SIZE, AT(batch_bytes), "64 KiB", "128 MiB", "16 MiB", OPTION_ADVANCED,
          "A batch is committed at so many bytes of messages." },
        { "batch_wait", OPTION_TIME, AT(batch_wait_us), "0 s", "1 minute", "250 ms", OPTION_ADVANCED,
          "A batch is committed at the latest so long after its first message." },
        { "group", OPTION_TEXT, AT(group), "1", "200", "tributary-loader", OPTION_ADVANCED,
          "Kafka group that the loaders of one warehouse share." },
        OPTION_END
};

#define COUNTER(name, help) { "tributary_loader_" name, METRIC_COUNTER, NULL, help, 0 }
#define PEOPLE(name, help) { "tributary_loader_" name, METRIC_PEOPLE, NULL, help, 0 }
#define GAUGE(name, help) { "tributary_loader_" name, METRIC_GAUGE, NULL, help, 0 }
struct metric loader_metrics[] = {
        [M_LOADED] = PEOPLE("loaded_total", "Captures that came to stand in the warehouse."),
        [M_SUPERSEDED] = PEOPLE("superseded_total", "Captures that a greater version replaced or kept out."),
        [M_RETRACTED] = PEOPLE("retracted_total", "Retractions carried out."),
        [M_ERASED] = PEOPLE("erased_total", "Captures refused because their person or record was erased."),
        [M_EXPIRED] = PEOPLE("expired_total", "Captures that arrived past their time."),
        [M_REJECTED] = PEOPLE("rejected_total", "Messages that could not be loaded."),
        [M_GAPS] = COUNTER("gaps_total", "Gaps named: messages that did not arrive and are asked for again."),
        [M_TRANSACTIONS] = COUNTER("transactions_total", "Transactions committed."),
        [M_RECEIPTS] = COUNTER("receipts_total", "Receipts that Kafka acknowledged."),
        [M_RANGE] = COUNTER("offset_range_total", "Times that an offset was no longer in its topic."),
        [M_WAREHOUSE_UP] = GAUGE("lanes_connected", "Lanes that are connected to PostgreSQL."),
        [M_PARTITIONS] = GAUGE("partitions", "Partitions that this loader holds."),
        METRIC_END
};

struct loader {
        struct loader_spec spec; /* with copies of its texts */
        char *warehouse, *password, *group;
        struct bell *bell;
        struct lane *lanes[LANES_MAX];
        int n_lanes;
        struct clerk *clerk;
};

static bool copy_spec(struct loader *l, const struct loader_spec *spec, struct err *err)
{
        const char *group = spec->settings.group ? spec->settings.group : "tributary-loader";
        l->spec = *spec;
        l->warehouse = strdup(spec->warehouse);
        l->password = spec->password ? strdup(spec->password) : NULL;
        l->group = strdup(group);
        l->bell = bell_new();
        l->spec.warehouse = l->warehouse;
        l->spec.password = l->password;
        l->spec.settings.group = l->group;
        if (!l->warehouse || !l->group || !l->bell || (spec->password && !l->password))
                return err_set(err, ERR_FULL, 0, "out of memory");
        if (spec->settings.lanes < 1 || spec->settings.lanes > LANES_MAX || spec->settings.batch_rows < 1)
                return err_set(err, ERR_CONFIG, 0, "the loader needs 1 to %d lanes and batches of a row or more",
                               LANES_MAX);
        return true;
}

bool loader_start(struct loader **out, const struct loader_spec *spec, struct err *err)
{
        struct loader *l = calloc(1, sizeof *l);
        if (!l)
                return err_set(err, ERR_FULL, 0, "out of memory");
        bool ok = copy_spec(l, spec, err) && clerk_start(&l->clerk, &l->spec, l->bell, err);
        for (int i = 0; ok && i < spec->settings.lanes; i++) {
                ok = lane_start(&l->lanes[i], &l->spec, i, l->bell, err);
                l->n_lanes += ok;
        }
        if (!ok) {
                loader_stop(l);
                return false;
        }
        *out = l;
        return true;
}

void loader_stop(struct loader *l)
{
        int64_t deadline_us = clock_mono_us() + STOP_US;
        bool all = true;
        if (!l)
                return;
        for (int i = 0; i < l->n_lanes; i++)
                lane_ask_stop(l->lanes[i]);
        for (int i = 0; i < l->n_lanes; i++)
                all &= lane_join(l->lanes[i], deadline_us);
        /* After the lanes, so that what they committed last is told. */
        if (l->clerk) {
                clerk_ask_stop(l->clerk);
                all &= clerk_join(l->clerk, deadline_us);
        }
        if (!all) {
                /* A thread hangs in the network and still uses this: it ends with the process. */
                log_warning("loader", "gave up waiting for a lane", NULL);
                return;
        }
        bell_free(l->bell);
        free(l->warehouse);
        if (l->password)
                explicit_bzero(l->password, strlen(l->password));
        free(l->password);
        free(l->group);
        free(l);
}

void loader_status(struct loader *l, struct loader_status *out)
{
        *out = (struct loader_status){ .lanes = l->n_lanes, .warehouse_up = true, .kafka_up = true };
        for (int i = 0; i < l->n_lanes; i++) {
                struct lane_status s;
                lane_status(l->lanes[i], &s);
                out->partitions += s.partitions;
                out->warehouse_up &= s.warehouse_up;
                out->kafka_up &= s.kafka_up;
                out->loaded += (uint64_t)s.counts.outcome[LOADED];
                out->superseded += (uint64_t)s.counts.outcome[SUPERSEDED];
                out->rejected += (uint64_t)s.counts.outcome[REJECTED];
                out->retracted += (uint64_t)s.counts.outcome[RETRACTED];
                out->erased += (uint64_t)s.counts.outcome[ERASED];
                out->gaps += (uint64_t)s.counts.gaps;
                out->transactions += (uint64_t)s.counts.transactions;
                if (!out->trouble[0])
                        memcpy(out->trouble, s.trouble, sizeof out->trouble);
        }
}

bool loader_dead(struct loader *l, struct err *err)
{
        for (int i = 0; i < l->n_lanes; i++) {
                struct lane_status s;
                lane_status(l->lanes[i], &s);
                if (s.dead) {
                        *err = s.why;
                        return true;
                }
        }
        return false;
}
