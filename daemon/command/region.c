/* region.c - `region list|show|plan`: places, their law, and what may flow from them. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "model/place.h"
#include "policy/policy.h"
#include "policy/speak.h"
#include "region_plan.h"
#include "role/settings.h"
#include "verb.h"

static const char words[] = "list|show|plan";

struct listing {
        const struct deployment *d;
        const struct hub_settings *hub;
        struct report *report;
        struct json_out *json; /* NULL: a table for people */
};

static void texts_json(struct json_out *o, const char *key, const struct option_texts *t)
{
        json_open(o, key, '[');
        for (size_t i = 0; i < t->n; i++)
                json_put_text(o, NULL, conf_text(conf_at(t->node, i)));
        json_close(o, ']');
}

/* What the place is: by it copies will be kept apart. */
static void place_json(struct json_out *o, const struct region *r)
{
        texts_json(o, "serves", &r->serves);
        texts_json(o, "languages", &r->languages);
        texts_json(o, "hazards", &r->hazards);
        json_put_text(o, "power_grid", r->power_grid);
        json_put_text(o, "island", r->island);
        json_put_text(o, "site", r->site);
        json_put_double(o, "latitude", r->latitude);
        json_put_double(o, "longitude", r->longitude);
        json_put_text(o, "timezone", r->timezone);
}

static void row(const struct listing *l, const struct region *r, const struct book *book)
{
        double km = -1;
        for (size_t i = 0; i < l->hub->hub.n_places; i++) {
                const struct hub_place *p = &l->hub->hub.places[i];
                if (p->what == PLACE_WAREHOUSE)
                        km = place_km(r->latitude, r->longitude, p->latitude, p->longitude);
        }
        struct plan_counts n = { 0 };
        if (book)
                n = plan_count(l->hub, book, clock_now_us());
        if (!l->json) {
                char open[32], reads[32];
                snprintf(open, sizeof open, "%zu of %zu", n.open, n.places);
                snprintf(reads, sizeof reads, "%zu of %zu", n.reading, n.readers);
                printf("%-14s %-6s %-10s %-10s %9.0f %-9s %-9s %s\n", r->code, r->jurisdiction, r->policy,
                       book ? "valid" : "BROKEN", km, book ? open : "-", book ? reads : "-", r->title);
                return;
        }
        json_open(l->json, NULL, '{');
        json_put_text(l->json, "code", r->code);
        json_put_text(l->json, "title", r->title);
        json_put_text(l->json, "jurisdiction", r->jurisdiction);
        json_put_text(l->json, "policy", r->policy);
        json_put_bool(l->json, "policy_valid", book != NULL);
        json_put_double(l->json, "km_to_warehouse", km);
        json_put_uint(l->json, "places", n.places);
        json_put_uint(l->json, "places_open", n.open);
        json_put_uint(l->json, "readers", n.readers);
        json_put_uint(l->json, "readers_reading", n.reading);
        place_json(l->json, r);
        json_close(l->json, '}');
}

static bool list_one(const char *code, void *ctx)
{
        struct listing *l = ctx;
        struct agent_settings *s = calloc(1, sizeof *s);
        if (s && agent_settings_read(s, l->d->regions, code, l->hub, l->report)) {
                struct book *book = NULL;
                struct book_spec spec = { l->d->policies, &s->region, &l->hub->hub };
                if (!book_load(&book, &spec, l->report))
                        book = NULL;
                row(l, &s->region, book);
                book_drop(book);
        }
        if (s)
                agent_settings_clear(s);
        free(s);
        return true;
}

static int list(const struct deployment *d)
{
        struct err err = ERR_INIT;
        struct hub_settings hub = { 0 };
        struct buf b;
        struct json_out o;
        struct listing l = { .d = d, .hub = &hub, .report = report_new() };
        int status = EXIT_BAD_CONFIG;
        buf_init(&b, 1 << 20);
        json_out_init(&o, &b);
        if (hub_settings_read(&hub, d->regions, l.report)) {
                if (d->json) {
                        l.json = &o;
                        json_open(&o, NULL, '{');
                        json_put_int(&o, "version", 1);
                        json_open(&o, "regions", '[');
                } else {
                        printf("%-14s %-6s %-10s %-10s %9s %-9s %-9s %s\n", "REGION", "LAW", "POLICY", "IS",
                               "KM TO HUB", "OPEN", "READERS", "TITLE");
                }
                if (!regions_each(d->regions, list_one, &l, &err))
                        status = act_fail(&err, d->json);
                if (d->json) {
                        json_close(&o, ']');
                        json_close(&o, '}');
                        printf("%s\n", b.p ? b.p : "");
                }
        }
        if (err.kind == ERR_NONE) {
                size_t errors = report_count(l.report, REPORT_ERROR);
                if (errors)
                        report_print(l.report, stderr);
                status = errors ? EXIT_BAD_CONFIG : EXIT_WELL;
        }
        buf_clear(&b);
        hub_settings_clear(&hub);
        report_free(l.report);
        return status;
}

static void texts(const char *label, const struct option_texts *t)
{
        printf("  %-14s", label);
        for (size_t i = 0; i < t->n; i++)
                printf("%s%s", i ? ", " : "", conf_text(conf_at(t->node, i)));
        printf("%s\n", t->n ? "" : "-");
}

static void show_people(const struct agent_settings *s, const struct hub_settings *hub, const struct book *book)
{
        const struct region *r = &s->region;
        printf("%s: %s\n", r->code, r->title);
        printf("  %-14s%s\n  %-14s%s version %lld, protects as %s\n", "law", r->jurisdiction, "policy",
               book_policy(book), (long long)book_version(book), book_class(book));
        printf("  %-14s%.4f, %.4f (%s)\n", "place", r->latitude, r->longitude, r->timezone);
        texts("serves", &r->serves);
        texts("languages", &r->languages);
        texts("hazards", &r->hazards);
        printf("  %-14s%s\n  %-14s%s\n", "power grid", r->power_grid ? r->power_grid : "-", "island",
               r->island ? r->island : "-");
        printf("  %-14s", "sources");
        for (size_t i = 0; i < s->n_sources; i++)
                printf("%s%s", i ? ", " : "", s->sources[i].name);
        printf("\n  where what leaves goes:\n");
        struct planned p;
        for (size_t i = 0; plan_place(hub, i, &p); i++) {
                char why[1024], far[32] = "";
                struct transfer_said said;
                book_transfer(book, p.as, slice_of(p.jurisdiction), clock_now_us(), &said);
                if (p.somewhere)
                        snprintf(far, sizeof far, "%.0f km", place_km(r->latitude, r->longitude, p.latitude, p.longitude));
                printf("    %-10s %-24s %-6s %9s  %-7s by %s:%d: %s\n", p.what, p.name, p.jurisdiction, far,
                       plan_verdict(&p, &said), said.file, said.line, plan_reason(&said, why, sizeof why));
        }
        printf("\n");
        struct buf b;
        buf_init(&b, 4 << 20);
        policy_speak(book, TONGUE_EN, &b);
        fputs(b.p ? b.p : "", stdout);
        buf_clear(&b);
}

static void show_json(const struct agent_settings *s, const struct book *book)
{
        struct buf b, said;
        struct json_out o;
        buf_init(&b, 8 << 20);
        buf_init(&said, 4 << 20);
        policy_speak(book, TONGUE_EN, &said);
        json_out_init(&o, &b);
        json_open(&o, NULL, '{');
        json_put_int(&o, "version", 1);
        json_put_text(&o, "code", s->region.code);
        json_put_text(&o, "title", s->region.title);
        json_put_text(&o, "jurisdiction", s->region.jurisdiction);
        json_put_text(&o, "policy", book_policy(book));
        json_put_int(&o, "policy_version", book_version(book));
        place_json(&o, &s->region);
        json_open(&o, "sources", '[');
        for (size_t i = 0; i < s->n_sources; i++)
                json_put_text(&o, NULL, s->sources[i].name);
        json_close(&o, ']');
        json_put_string(&o, "policy_text", buf_slice(&said));
        json_close(&o, '}');
        printf("%s\n", b.p ? b.p : "");
        buf_clear(&b);
        buf_clear(&said);
}

static int show(const struct deployment *d)
{
        struct hub_settings hub = { 0 };
        struct report *report = report_new();
        struct agent_settings *s = calloc(1, sizeof *s);
        struct book *book = NULL;
        int status = EXIT_BAD_CONFIG;
        if (s && hub_settings_read(&hub, d->regions, report) &&
            agent_settings_read(s, d->regions, d->region, &hub, report)) {
                struct book_spec spec = { d->policies, &s->region, &hub.hub };
                if (book_load(&book, &spec, report)) {
                        if (d->json)
                                show_json(s, book);
                        else
                                show_people(s, &hub, book);
                        status = EXIT_WELL;
                }
        }
        if (status != EXIT_WELL)
                act_report(report, d->json);
        book_drop(book);
        if (s)
                agent_settings_clear(s);
        free(s);
        hub_settings_clear(&hub);
        report_free(report);
        return status;
}

int verb_region(int argc, char **argv)
{
        struct deployment d = { 0 };
        struct buf keep;
        bool help = false;
        int status = EXIT_COULD_NOT;
        const struct flag flags[] = { VERB_FLAGS(&d, &help), FLAG_END };
        int n = verb_begin(flags, "region list | show CODE | plan [CODE]", argc, argv, &d, &keep, &help, &status);
        if (n == 0)
                status = verb_unknown_word("region", NULL, words);
        else if (n > 0 && strcmp(argv[0], "list") == 0)
                status = list(&d);
        else if (n > 0 && strcmp(argv[0], "show") == 0) {
                if (n > 1)
                        d.region = argv[1];
                if (d.region)
                        status = show(&d);
                else
                        fprintf(stderr, "tributary: which region?\nhint: usage: tributary region show CODE\n");
        } else if (n > 0 && strcmp(argv[0], "plan") == 0) {
                if (n > 1)
                        d.region = argv[1];
                status = region_plan(&d);
        } else if (n > 0)
                status = verb_unknown_word("region", argv[0], words);
        buf_clear(&keep);
        return status;
}
