/* check.c - `check`: every region and policy file, read as the daemons would, and crossed. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "check_crossed.h"
#include "check_readers.h"
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
        struct reader_views *views;
        struct crossing *crossing;
        bool unread; /* some region's policy has errors */
};

/* A policy that names people, and none where the region stands: then another country's law
 * would judge what is said here. */
static void refuse_foreign_policy(struct checking *c, const struct agent_settings *s, const struct book *book)
{
        const struct conf_node *root = conf_root(s->conf), *at = conf_get(root, "policy");
        if (!book_protects(book, slice_of(s->region.jurisdiction)))
                conf_complain(c->policies, at ? at : conf_get(root, "jurisdiction"), REPORT_ERROR,
                              "Name the policy of this jurisdiction, or write it: policies/README.md.",
                              "%s stands in %s, and policy \"%s\" protects nobody there", s->region.code,
                              s->region.jurisdiction, s->region.policy);
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

/* What other policies close to people whom they protect here too: their records stay. */
static void warn_of_others(struct checking *c, const char *code, const struct book *book)
{
        int64_t now = clock_now_us();
        struct planned p;
        for (size_t i = 0; plan_place(&c->hub, i, &p); i++) {
                struct transfer_said home;
                book_transfer(book, p.as, slice_of(p.jurisdiction), now, &home);
                for (size_t g = 0; g < book_groups(book); g++) {
                        char why[1024];
                        struct transfer_said said;
                        struct people_group group;
                        book_group_transfer(book, g, p.as, slice_of(p.jurisdiction), now, &said);
                        if (p.as == PLACE_READERS || home.decision == DECISION_STAY || said.decision != DECISION_STAY)
                                continue;
                        book_group(book, g, &group);
                        conf_complain(c->policies, p.node, REPORT_WARNING,
                                      "`tributary region plan` has all of them.",
                                      "%s: records of people whom %s%s protects here too stay: this %s is in %s, %s:%d: %s",
                                      code, group.policies[0], group.n > 1 ? " and others" : "", p.what, p.jurisdiction,
                                      said.file, said.line, plan_reason(&said, why, sizeof why));
                }
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
                        reader_views_note(c->views, code, book);
                        crossing_region(c->crossing, s, book, c->policies);
                        refuse_places(c, code, book);
                        warn_of_others(c, code, book);
                        refuse_foreign_policy(c, s, book);
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

static void put_report(struct json_out *o, const char *key, const struct report *report)
{
        struct buf b;
        buf_init(&b, 4 << 20);
        report_json(report, &b);
        json_put_raw(o, key, b.p ? buf_slice(&b) : SLICE("[]"));
        buf_clear(&b);
}

static void say_json(const struct checking *c, bool ok)
{
        struct buf b;
        struct json_out o;
        buf_init(&b, 128 << 20);
        json_out_init(&o, &b);
        json_open(&o, NULL, '{');
        json_put_int(&o, "version", 1);
        json_put_bool(&o, "ok", ok);
        json_put_uint(&o, "regions", c->n);
        put_report(&o, "places", c->places);
        put_report(&o, "policies", c->policies);
        reader_views_json(c->views, &o);
        json_close(&o, '}');
        printf("%s\n", b.p ? b.p : "");
        buf_clear(&b);
}

static void say(const struct checking *c)
{
        size_t errors = report_count(c->places, REPORT_ERROR) + report_count(c->policies, REPORT_ERROR);
        if (c->d->json) {
                say_json(c, errors == 0);
                return;
        }
        report_print_from(c->places, REPORT_WARNING, stdout);
        report_print_from(c->policies, REPORT_WARNING, stdout);
        reader_views_say(c->views, stdout);
        if (errors == 0)
                printf("%zu regions are well.\n", c->n);
        else
                printf("%zu error%s in %zu region%s.\n", errors, errors == 1 ? "" : "s", c->n, c->n == 1 ? "" : "s");
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
        c->views = reader_views_new(&c->hub, clock_now_us());
        c->crossing = crossing_new(&c->hub, d->policies, clock_now_us());
        if (!c->views) {
                report_add(c->places, REPORT_ERROR, NULL, 0, 0, NULL, "out of memory");
        } else if (hub_settings_read(&c->hub, d->regions, c->places) || c->hub.conf) {
                if (!regions_each(d->regions, check_region, c, &err))
                        report_add(c->places, REPORT_ERROR, NULL, 0, 0, NULL, "%s", err.text);
                else if (c->n == 0)
                        report_add(c->places, REPORT_ERROR, d->regions, 0, 0, "--regions names the folder.",
                                   "there is no region file beside hub.cfg");
        }
        if (c->views)
                reader_views_tell(c->views, report_count(c->places, REPORT_ERROR) == 0 && !c->unread, c->policies);
        crossing_tell(c->crossing, c->policies);
        if (connect && report_count(c->places, REPORT_ERROR) == 0) {
                try_kafka(c, allow_single);
                try_warehouse(c);
        }
        if (c->views)
                say(c);
        int status = report_count(c->places, REPORT_ERROR)     ? EXIT_BAD_CONFIG
                     : report_count(c->policies, REPORT_ERROR) ? EXIT_FINDING
                                                               : EXIT_WELL;
        reader_views_free(c->views);
        crossing_free(c->crossing);
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
