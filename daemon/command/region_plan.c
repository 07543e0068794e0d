/* region_plan.c - `region plan`: each place and reader of the hub for each region: open or closed,
 * by which line. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "model/place.h"
#include "policy/policy.h"
#include "region_plan.h"

struct planning {
        const struct deployment *d;
        struct hub_settings hub;
        struct report *report;
        struct json_out *json; /* NULL: a table for people */
        int64_t now_us;
        size_t regions, rows, shut; /* shut: of the places, those not open */
        size_t views, hidden;       /* the same of the readers, from whom rows are hidden */
};

const char *plan_verdict(const struct planned *p, const struct transfer_said *said)
{
        if (p->reader)
                return said->decision == DECISION_GO ? "reads" : "hidden";
        return said->decision == DECISION_GO ? "open" : said->decision == DECISION_HOLD ? "held" : "closed";
}

static bool has_end(const struct transfer_said *said)
{
        return said->until_us != INT64_MAX && said->until_us != INT64_MIN;
}

const char *plan_reason(const struct transfer_said *said, char *out, size_t size)
{
        if (said->decision != DECISION_STAY)
                snprintf(out, size, "%s%s", said->basis,
                         said->decision == DECISION_HOLD ? " (held)" : *said->file_within ? " (if it is filed in time)" : "");
        else if (*said->basis)
                snprintf(out, size, "the basis has ended: %s", said->basis);
        else
                snprintf(out, size, "no line allows \"%s\" there (%s%s%s)", said->permission,
                         *said->law ? said->law : "it is closed", *said->article ? ", " : "", said->article);
        return out;
}

bool plan_place(const struct hub_settings *hub, size_t i, struct planned *out)
{
        if (i > hub->hub.n_places + hub->hub.n_readers)
                return false;
        if (i > hub->hub.n_places) {
                const struct hub_reader *r = &hub->hub.readers[i - hub->hub.n_places - 1];
                *out = (struct planned){ .what = "reader", .name = r->role, .jurisdiction = r->country,
                                         .as = PLACE_READERS, .node = r->node, .reader = true };
        } else if (i == 0) {
                *out = (struct planned){ .what = "hub", .name = hub->hub.title, .jurisdiction = hub->hub.jurisdiction,
                                         .as = PLACE_WAREHOUSE,
                                         .node = conf_get(conf_root(hub->conf), "jurisdiction") };
        } else {
                const struct hub_place *p = &hub->hub.places[i - 1];
                *out = (struct planned){ .what = place_what_name((enum place_what)p->what), .name = p->name,
                                         .jurisdiction = p->jurisdiction, .as = (enum place_what)p->what,
                                         .node = p->node, .somewhere = true, .latitude = p->latitude,
                                         .longitude = p->longitude };
        }
        if (!out->name)
                out->name = "";
        if (!out->jurisdiction)
                out->jurisdiction = "nowhere";
        return true;
}

struct plan_counts plan_count(const struct hub_settings *hub, const struct book *book, int64_t now_us)
{
        struct plan_counts n = { 0 };
        struct planned p;
        for (size_t i = 0; plan_place(hub, i, &p); i++) {
                struct transfer_said said;
                book_transfer(book, p.as, slice_of(p.jurisdiction), now_us, &said);
                bool go = said.decision == DECISION_GO;
                n.places += !p.reader;
                n.open += !p.reader && go;
                n.readers += p.reader;
                n.reading += p.reader && go;
        }
        return n;
}

/* Of people whom policies of elsewhere protect here too: what those say otherwise than the region's. */
struct others {
        const struct book *book;
        const struct transfer_said *home;
        int64_t now_us;
};

static bool says_otherwise(const struct others *o, size_t i, const struct planned *p, struct transfer_said *said,
                           char people[200])
{
        struct people_group group;
        size_t n = 0;
        book_group_transfer(o->book, i, p->as, slice_of(p->jurisdiction), o->now_us, said);
        if (said->decision == o->home->decision && said->until_us == o->home->until_us)
                return false;
        book_group(o->book, i, &group);
        people[0] = 0;
        for (size_t k = 0; k < group.n && n < 200; k++)
                n += (size_t)snprintf(people + n, 200 - n, "%s%s", k ? "+" : "", group.policies[k]);
        return true;
}

static void others_json(struct json_out *o, const struct planned *p, const struct others *others)
{
        json_open(o, "others", '[');
        for (size_t i = 0; i < book_groups(others->book); i++) {
                struct transfer_said said;
                char people[200], why[1024];
                if (!says_otherwise(others, i, p, &said, people))
                        continue;
                json_open(o, NULL, '{');
                json_put_text(o, "people_of", people);
                json_put_text(o, "verdict", plan_verdict(p, &said));
                json_put_text(o, "file", said.file);
                json_put_int(o, "line", said.line);
                json_put_text(o, "reason", plan_reason(&said, why, sizeof why));
                if (has_end(&said))
                        json_put_time(o, "until", said.until_us);
                else
                        json_put_null(o, "until");
                json_close(o, '}');
        }
        json_close(o, ']');
}

static void row_json(struct json_out *o, const struct region *r, const struct planned *p, double km,
                     const struct transfer_said *said, const struct others *others)
{
        char why[1024];
        json_open(o, NULL, '{');
        json_put_text(o, "region", r->code);
        json_put_text(o, "what", p->what);
        json_put_text(o, "place", p->name);
        json_put_text(o, "jurisdiction", p->jurisdiction);
        if (p->somewhere)
                json_put_double(o, "km", km);
        else
                json_put_null(o, "km");
        json_put_text(o, "verdict", plan_verdict(p, said));
        json_put_text(o, "permission", said->permission);
        json_put_text(o, "file", said->file);
        json_put_int(o, "line", said->line);
        json_put_text(o, "law", said->law);
        json_put_text(o, "article", said->decision == DECISION_STAY && !*said->basis && *said->article ? said->article : NULL);
        json_put_text(o, "basis", *said->basis ? said->basis : NULL);
        json_put_text(o, "reason", plan_reason(said, why, sizeof why));
        if (has_end(said))
                json_put_time(o, "until", said->until_us);
        else
                json_put_null(o, "until");
        others_json(o, p, others);
        json_close(o, '}');
}

static void others_text(const struct planned *p, const struct others *others)
{
        for (size_t i = 0; i < book_groups(others->book); i++) {
                struct transfer_said said;
                char people[200], why[1024], by[128], end[CLOCK_TEXT_MAX] = "-";
                if (!says_otherwise(others, i, p, &said, people))
                        continue;
                if (has_end(&said))
                        clock_format_rfc3339(end, said.until_us);
                snprintf(by, sizeof by, "%s:%d", said.file, said.line);
                printf("%-14s   of people whom %.32s protects here too%*s  %-7s %-13s %-16.16s  %s\n", "", people,
                       strlen(people) < 16 ? (int)(16 - strlen(people)) : 0, "", plan_verdict(p, &said), by, end,
                       plan_reason(&said, why, sizeof why));
        }
}

static void row_text(const struct region *r, const struct planned *p, double km, const struct transfer_said *said)
{
        char why[1024], by[128], far[32] = "-", end[CLOCK_TEXT_MAX] = "-";
        snprintf(by, sizeof by, "%s:%d", said->file, said->line);
        if (p->somewhere)
                snprintf(far, sizeof far, "%.0f", km);
        if (has_end(said))
                clock_format_rfc3339(end, said->until_us);
        printf("%-14s %-10s %-28s %-6s %6s  %-7s %-13s %-16.16s  %s\n", r->code, p->what, p->name, p->jurisdiction,
               far, plan_verdict(p, said), by, end, plan_reason(said, why, sizeof why));
}

static void rows(struct planning *l, const struct region *r, const struct book *book)
{
        struct planned p;
        for (size_t i = 0; plan_place(&l->hub, i, &p); i++) {
                double km = place_km(r->latitude, r->longitude, p.latitude, p.longitude);
                struct transfer_said said;
                const struct others others = { book, &said, l->now_us };
                book_transfer(book, p.as, slice_of(p.jurisdiction), l->now_us, &said);
                if (!l->json && l->rows + l->views == 0)
                        printf("%-14s %-10s %-28s %-6s %6s  %-7s %-13s %-16s  %s\n", "REGION", "WHAT", "PLACE", "IN",
                               "KM", "IS", "BY", "UNTIL (UTC)", "BECAUSE");
                l->rows += !p.reader;
                l->views += p.reader;
                l->shut += !p.reader && said.decision != DECISION_GO;
                l->hidden += p.reader && said.decision != DECISION_GO;
                if (l->json)
                        row_json(l->json, r, &p, km, &said, &others);
                else
                        row_text(r, &p, km, &said);
                if (!l->json)
                        others_text(&p, &others);
        }
}

/* A region whose files are wrong has no rows: the report says what is, and lets nothing pass for well. */
static bool plan_one(const char *code, void *ctx)
{
        struct planning *l = ctx;
        if (l->d->region && strcmp(l->d->region, code) != 0)
                return true;
        struct agent_settings *s = calloc(1, sizeof *s);
        l->regions++;
        if (!s)
                report_add(l->report, REPORT_ERROR, NULL, 0, 0, NULL, "out of memory for %s", code);
        else if (agent_settings_read(s, l->d->regions, code, &l->hub, l->report)) {
                struct book *book = NULL;
                struct book_spec spec = { l->d->policies, &s->region, &l->hub.hub };
                if (book_load(&book, &spec, l->report)) {
                        rows(l, &s->region, book);
                        book_drop(book);
                }
        }
        if (s)
                agent_settings_clear(s);
        free(s);
        return true;
}

static bool plan_all(struct planning *l, struct err *err)
{
        if (l->json) {
                json_open(l->json, NULL, '{');
                json_put_int(l->json, "version", 1);
                json_open(l->json, "rows", '[');
        }
        bool ok = regions_each(l->d->regions, plan_one, l, err);
        if (ok && l->regions == 0) {
                ok = err_set(err, ERR_CONFIG, 0, "there is no such region file in %s", l->d->regions);
                err_hint(err, "`tributary region list` has the codes; --regions names the folder.");
        }
        if (l->json) {
                json_close(l->json, ']');
                json_put_uint(l->json, "closed", l->shut);
                json_put_uint(l->json, "hidden", l->hidden);
                json_close(l->json, '}');
        }
        return ok;
}

int region_plan(const struct deployment *d)
{
        struct err err = ERR_INIT;
        struct buf text;
        struct json_out o;
        struct planning l = { .d = d, .report = report_new(), .now_us = clock_now_us() };
        int status = EXIT_BAD_CONFIG;
        buf_init(&text, 64 << 20);
        json_out_init(&o, &text);
        l.json = d->json ? &o : NULL;
        if (!hub_settings_read(&l.hub, d->regions, l.report))
                act_report(l.report, d->json);
        else if (!plan_all(&l, &err))
                status = act_fail(&err, d->json);
        else if (!buf_ok(&text)) {
                err_set(&err, ERR_FULL, 0, "the plan is longer than 64 MiB");
                err_hint(&err, "Ask for one region: tributary region plan CODE --json");
                status = act_fail(&err, d->json);
        } else {
                if (d->json)
                        printf("%s\n", text.p ? text.p : "");
                else
                        printf("\n%zu of %zu places are open; of %zu times that a reader may ask for a region, %zu show"
                               " rows.\n", l.rows - l.shut, l.rows, l.views, l.views - l.hidden);
                report_print_from(l.report, REPORT_ERROR, stderr);
                if (report_count(l.report, REPORT_ERROR) == 0)
                        status = l.shut ? EXIT_DIFFERENT : EXIT_WELL;
        }
        buf_clear(&text);
        hub_settings_clear(&l.hub);
        report_free(l.report);
        return status;
}
