/* check.c - `check`: every region and policy file, read as the daemons would, and crossed. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/json.h"
#include "base/secret.h"
#include "link/pg.h"
#include "policy/policy.h"
#include "pump/topics.h"
#include "region_plan.h"
#include "role/settings.h"
#include "verb.h"

enum { REGIONS_MAX = 1024 };

struct checking {
        const struct deployment *d;
        struct hub_settings hub;
        struct report *places;   /* regions and hub: with errors a daemon would not start */
        struct report *policies; /* with errors an agent would start closed */
        char *codes[REGIONS_MAX];
        size_t n;
        bool seen[HUB_READERS_MAX]; /* by a reader: some region */
        bool unread;                /* some region's policy has errors */
};

static void note_readers(struct checking *c, const struct book *book)
{
        int64_t now = clock_now_us();
        for (size_t i = 0; i < c->hub.hub.n_readers; i++) {
                const char *country = c->hub.hub.readers[i].country;
                c->seen[i] |= country && book_may_read(book, slice_of(country), now);
        }
}

/* Only when all books could be read: a broken one may be the one that allows it. */
static void refuse_blind_readers(struct checking *c)
{
        if (report_count(c->places, REPORT_ERROR) || c->unread)
                return;
        for (size_t i = 0; i < c->hub.hub.n_readers; i++) {
                const struct hub_reader *r = &c->hub.hub.readers[i];
                if (!c->seen[i])
                        conf_complain(c->policies, r->node, REPORT_ERROR,
                                      "Add \"reading\" to a line of \"transfers\" if the law allows it, or take "
                                      "the reader out.",
                                      "reader \"%s\" would see nothing: no region's policy allows reading from %s",
                                      r->role, r->country);
        }
}

/* Places that this region's law does not allow. Readers are no such
 * place: what one may not read is hidden from them. */
static void refuse_places(struct checking *c, const char *code, const struct book *book)
{
        int64_t now = clock_now_us();
        struct planned p;
        for (size_t i = 0; plan_place(&c->hub, i, &p); i++) {
                char why[1024];
                struct transfer_said said;
                book_transfer(book, p.as, slice_of(p.jurisdiction), now, &said);
                if (p.as != PLACE_READERS && said.decision == DECISION_STAY)
                        conf_complain(c->policies, p.node, REPORT_ERROR,
                                      "Move the place, or add a line to \"transfers\" if the law allows it; "
                                      "`tributary region plan` has all of them.",
                                      "%s may not send to this %s in %s: %s:%d: %s", code, p.what, p.jurisdiction,
                                      said.file, said.line, plan_reason(&said, why, sizeof why));
        }
}

static bool check_region(const char *code, void *ctx)
{
        struct checking *c = ctx;
        struct agent_settings *s = calloc(1, sizeof *s);
        if (s && c->n < REGIONS_MAX && (c->codes[c->n] = strdup(code)))
                c->n++;
        if (s && agent_settings_read(s, c->d->regions, code, &c->hub, c->places)) {
                struct book *book = NULL;
                struct book_spec spec = { c->d->policies, &s->region, &c->hub.hub };
                if (book_load(&book, &spec, c->policies)) {
                        book_check_dates(book, clock_now_us(), c->policies);
                        note_readers(c, book);
                        refuse_places(c, code, book);
                        book_drop(book);
                } else {
                        c->unread = true;
                }
        }
        if (s)
                agent_settings_clear(s);
        free(s);
        return true;
}

static void try_kafka(struct checking *c, bool allow_single)
{
        struct err err = ERR_INIT;
        struct topics_spec spec = {
                .kafka = &c->hub.kafka,
                .hub = &c->hub.hub,
                .regions = (const char *const *)c->codes,
                .n_regions = c->n,
                .allow_single = allow_single,
        };
        struct buf ignored;
        bool differs = false;
        buf_init(&ignored, 1 << 20);
        if (!topics_plan(&spec, false, &ignored, &differs, &err))
                report_add(c->places, REPORT_ERROR, NULL, 0, 0, err.hint[0] ? err.hint : NULL, "%s", err.text);
        else if (differs)
                report_add(c->places, REPORT_WARNING, NULL, 0, 0, "See `tributary topics plan`.",
                           "topics are not as they should be");
        buf_clear(&ignored);
}

static void try_warehouse(struct checking *c)
{
        struct err err = ERR_INIT;
        struct buf password;
        struct pg *pg = NULL;
        const struct hub *hub = &c->hub.hub;
        buf_init(&password, 4096);
        bool ok = (!hub->warehouse_password_file ||
                   secret_load(&password, hub->warehouse_password_file, NULL, &err)) &&
                  pg_open(&pg, hub->warehouse, password.p, "tributary check", &err);
        if (!ok)
                report_add(c->places, REPORT_ERROR, NULL, 0, 0, err.hint[0] ? err.hint : NULL, "%s", err.text);
        pg_close(pg);
        buf_wipe(&password);
}

static void say(const struct checking *c)
{
        size_t errors = report_count(c->places, REPORT_ERROR) + report_count(c->policies, REPORT_ERROR);
        if (c->d->json) {
                struct buf places, policies;
                buf_init(&places, 4 << 20);
                buf_init(&policies, 4 << 20);
                report_json(c->places, &places);
                report_json(c->policies, &policies);
                printf("{\"version\":1,\"ok\":%s,\"regions\":%zu,\"places\":%s,\"policies\":%s}\n",
                       errors ? "false" : "true", c->n, places.p ? places.p : "[]", policies.p ? policies.p : "[]");
                buf_clear(&places);
                buf_clear(&policies);
                return;
        }
        report_print_from(c->places, REPORT_WARNING, stdout);
        report_print_from(c->policies, REPORT_WARNING, stdout);
        if (errors == 0)
                printf("%zu regions are well.\n", c->n);
        else
                printf("%zu errors in %zu regions.\n", errors, c->n);
        size_t later = report_count(c->policies, REPORT_NOTE);
        if (later)
                printf("%zu lines of their policies are not enforced yet; `tributary policy check` has them.\n", later);
}

static int check(const struct deployment *d, bool connect, bool allow_single)
{
        struct err err = ERR_INIT;
        struct checking *c = calloc(1, sizeof *c);
        if (!c)
                return EXIT_COULD_NOT;
        c->d = d;
        c->places = report_new();
        c->policies = report_new();
        if (hub_settings_read(&c->hub, d->regions, c->places) || c->hub.conf) {
                if (!regions_each(d->regions, check_region, c, &err))
                        report_add(c->places, REPORT_ERROR, NULL, 0, 0, NULL, "%s", err.text);
                else if (c->n == 0)
                        report_add(c->places, REPORT_ERROR, d->regions, 0, 0, "--regions names the folder.",
                                   "there is no region file beside hub.cfg");
        }
        refuse_blind_readers(c);
        if (connect && report_count(c->places, REPORT_ERROR) == 0) {
                try_kafka(c, allow_single);
                try_warehouse(c);
        }
        say(c);
        int status = report_count(c->places, REPORT_ERROR)     ? EXIT_BAD_CONFIG
                     : report_count(c->policies, REPORT_ERROR) ? EXIT_FINDING
                                                               : EXIT_WELL;
        hub_settings_clear(&c->hub);
        report_free(c->places);
        report_free(c->policies);
        for (size_t i = 0; i < c->n; i++)
                free(c->codes[i]);
        free(c);
        return status;
}

int verb_check(int argc, char **argv)
{
        static const char usage[] = "check [--connect [--allow-single]]";
        struct deployment d = { 0 };
        struct buf keep;
        bool help = false, connect = false, allow_single = false;
        int status = EXIT_COULD_NOT;
        const struct flag flags[] = {
                VERB_FLAGS(&d, &help),
                { "connect", 0, NULL, &connect, "Also try Kafka and PostgreSQL." },
                { "allow-single", 0, NULL, &allow_single, "One broker is enough (a laptop)." },
                FLAG_END
        };
        int n = verb_begin(flags, usage, argc, argv, &d, &keep, &help, &status);
        if (n == 0)
                status = check(&d, connect, allow_single);
        else if (n > 0)
                fprintf(stderr, "tributary: \"%.40s\" was not expected\nhint: usage: tributary %s\n", argv[0], usage);
        buf_clear(&keep);
        return status;
}
