/* warehouse.c - `warehouse migrate|check|rejected`. */
#include <stdlib.h>
#include <string.h>

#include "base/secret.h"
#include "role/settings.h"
#include "verb.h"
#include "warehouse/migrate.h"

enum { REGIONS_MAX = 1024 };

struct house {
        struct hub_settings hub;
        char *regions[REGIONS_MAX];
        size_t n_regions;
        struct buf password;
        struct migrate_reader readers[HUB_READERS_MAX];
        char where[HUB_READERS_MAX][512];
        struct migrate_spec spec;
};

static bool add_region(const char *code, void *ctx)
{
        struct house *h = ctx;
        if (h->n_regions == REGIONS_MAX || !(h->regions[h->n_regions] = strdup(code)))
                return false;
        h->n_regions++;
        return true;
}

static bool open_house(struct house *h, const struct deployment *d, const char *loader_role,
                       bool dry_run, struct err *err)
{
        const struct hub *hub = &h->hub.hub;
        const char *file = hub->migrate_password_file;
        buf_init(&h->password, 4096);
        if ((file && !secret_load(&h->password, file, NULL, err)) ||
            !regions_each(d->regions, add_region, h, err))
                return false;
        for (size_t i = 0; i < hub->n_readers; i++) {
                const struct hub_reader *r = &hub->readers[i];
                snprintf(h->where[i], sizeof h->where[i], "%s:%d", conf_node_file(r->node), conf_line(r->node));
                h->readers[i] = (struct migrate_reader){ r->role, r->country, r->surface, h->where[i] };
        }
        h->spec = (struct migrate_spec){
                .conninfo = hub->migrate ? hub->migrate : hub->warehouse,
                .password = h->password.p,
                .loader_role = loader_role,
                .regions = (const char *const *)h->regions,
                .n_regions = h->n_regions,
                .readers = h->readers,
                .n_readers = hub->n_readers,
                .dry_run = dry_run,
        };
        return true;
}

static int act(struct house *h, const struct deployment *d, const char *word, struct err *err)
{
        struct buf out;
        int status = EXIT_WELL;
        bool ok;
        buf_init(&out, 16 << 20);
        if (strcmp(word, "migrate") == 0) {
                ok = warehouse_migrate(&h->spec, d->json, &out, err);
        } else if (strcmp(word, "rejected") == 0) {
                ok = warehouse_rejected(h->spec.conninfo, h->spec.password, d->json, &out, err);
        } else {
                struct report *report = report_new();
                ok = warehouse_check(&h->spec, report, err);
                if (ok && act_report(report, d->json) != EXIT_WELL)
                        status = EXIT_FINDING;
                else if (ok && !d->json)
                        buf_puts(&out, "the warehouse is as it should be\n");
                report_free(report);
        }
        if (ok && d->json && strcmp(word, "rejected") == 0)
                printf("{\"version\":1,\"rejected\":%s}\n", out.p ? out.p : "[]");
        else
                fputs(out.p ? out.p : "", stdout);
        buf_clear(&out);
        return ok ? status : act_fail(err, d->json);
}

static int run(const struct deployment *d, const char *word, const char *loader_role, bool dry_run)
{
        struct err err = ERR_INIT;
        struct report *report = report_new();
        struct house *h = calloc(1, sizeof *h);
        int status = EXIT_BAD_CONFIG;
        if (!h || !hub_settings_read(&h->hub, d->regions, report))
                act_report(report, d->json);
        else if (!open_house(h, d, loader_role, dry_run, &err))
                status = act_fail(&err, d->json);
        else
                status = act(h, d, word, &err);
        if (h) {
                for (size_t i = 0; i < h->n_regions; i++)
                        free(h->regions[i]);
                buf_wipe(&h->password);
                hub_settings_clear(&h->hub);
        }
        free(h);
        report_free(report);
        return status;
}

int verb_warehouse(int argc, char **argv)
{
        static const char words[] = "migrate|check|rejected";
        struct deployment d = { 0 };
        struct buf keep;
        bool help = false, dry_run = false;
        const char *loader_role = NULL;
        int status = EXIT_COULD_NOT;
        const struct flag flags[] = {
                VERB_FLAGS(&d, &help),
                { "dry-run", 0, NULL, &dry_run, "Say what migrate would do, and do nothing." },
                { "loader-role", 0, "ROLE", &loader_role, "Grant what loading needs to this role." },
                FLAG_END
        };
        int n = verb_begin(flags, "warehouse migrate|check|rejected", argc, argv, &d, &keep, &help, &status);
        if (n >= 0) {
                const char *w = n > 0 ? argv[0] : NULL;
                bool known = w && (!strcmp(w, "migrate") || !strcmp(w, "check") || !strcmp(w, "rejected"));
                status = known ? run(&d, w, loader_role, dry_run) : verb_unknown_word("warehouse", w, words);
        }
        buf_clear(&keep);
        return status;
}
