/* status_hub.c - `status --hub`: all regions, as the warehouse knows them. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/count.h"
#include "base/json.h"
#include "base/secret.h"
#include "hub_view.h"
#include "role/settings.h"
#include "status_hub.h"

enum { REGIONS_MAX = 1024, JSON_MAX = 64 << 20 };

struct hub_files {
        struct hub_settings hub;
        struct buf password;
        char *codes[REGIONS_MAX];
        size_t n;
};

/* ---- For people ------------------------------------------------------------- */
static void say_count(int64_t n)
{
        char text[COUNT_TEXT];
        printf(" %8s", count_say(text, n > 0 ? (uint64_t)n : 0));
}

static const char *policy_of(char out[80], const struct overview_region *r)
{
        if (!r || !r->has_standing)
                snprintf(out, 80, "?");
        else if (!r->standing.policy[0])
                snprintf(out, 80, "none");
        else
                snprintf(out, 80, "%s v%lld%s", r->standing.policy, (long long)r->standing.policy_version,
                         r->standing.stale ? " (old)" : "");
        return out;
}

static const char *ago(char out[CLOCK_TEXT_MAX], int64_t us, int64_t now_us)
{
        if (!us)
                snprintf(out, CLOCK_TEXT_MAX, "never");
        else
                duration_format(out, us < now_us ? (now_us - us) / US_PER_SECOND * US_PER_SECOND : 0);
        return out;
}

/* "-" where the agent does not say how it stands. */
static const char *seconds_of(char out[CLOCK_TEXT_MAX], const struct overview_region *r, int64_t s)
{
        if (!r || !r->has_standing || s < 0)
                snprintf(out, CLOCK_TEXT_MAX, "-");
        else
                duration_format(out, s < INT64_MAX / US_PER_SECOND ? s * US_PER_SECOND : INT64_MAX);
        return out;
}

static void say_region(const struct region_view *v, int64_t now_us)
{
        static const struct overview_region none = { .heard_us = 0 };
        const struct overview_region *r = v->r ? v->r : &none;
        char heard[CLOCK_TEXT_MAX], policy[80], lag[CLOCK_TEXT_MAX], full[CLOCK_TEXT_MAX];
        printf("%-16s %-8s %-14s", v->region, ago(heard, r->heard_us, now_us), policy_of(policy, v->r));
        const int64_t counts[] = { r->captured, r->here, r->held, r->stayed, r->in_flight, r->missing };
        for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
                say_count(counts[i]);
        printf(" %8s %5lld %8s\n", seconds_of(lag, v->r, (int64_t)r->standing.lag_s), (long long)r->open_gaps,
               seconds_of(full, v->r, r->standing.full_in_s));
        if (v->trouble[0])
                printf("  trouble: %s\n", v->trouble);
        if (v->remark[0])
                printf("  look: %s\n", v->remark);
}

static void say_downtimes(const struct hub_view *v, int64_t now_us)
{
        bool any = false;
        for (size_t i = 0; i < v->n; i++) {
                const struct standing *s = v->regions[i].r ? &v->regions[i].r->standing : NULL;
                for (size_t k = 0; s && k < s->n_downtimes; k++) {
                        const struct downtime *d = &s->downtimes[k];
                        char from[MOMENT_MAX], to[MOMENT_MAX];
                        if (d->to_us < now_us - US_PER_DAY)
                                continue;
                        if (!any)
                                printf("\nDOWNTIMES OF THE LAST DAY\n%-16s %-18s %-18s %-8s %s\n", "REGION", "FROM", "TO",
                                       "WHY", "FILLED");
                        any = true;
                        printf("%-16s %-18s %-18s %-8s %s\n", v->regions[i].region, moment_format(from, d->from_us, now_us),
                               moment_format(to, d->to_us, now_us), downtime_why_name(d->why),
                               downtime_filled_name(d->filled));
                }
        }
        if (any)
                printf("\"no\": nothing of that time came from a webhook since; have it sent again where it comes from.\n");
}

static void say_all(const struct hub_view *v, const struct overview *o)
{
        printf("%s\n\n%-16s %-8s %-14s %8s %8s %8s %8s %8s %8s %8s %5s %8s\n", v->sentence, "REGION", "HEARD", "POLICY",
               "CAPTURED", "HERE", "HELD", "AT HOME", "ON WAY", "MISSING", "LAG", "GAPS", "FULL IN");
        for (size_t i = 0; i < v->n; i++)
                say_region(&v->regions[i], o->now_us);
        printf("Counts are of the last 24 h; \"<5\" stands for 1 to 4.\n");
        say_downtimes(v, o->now_us);
}

/* ---- For programs ------------------------------------------------------------- */
static void put_count(struct json_out *o, const char *key, int64_t n)
{
        json_put_uint(o, key, count_shown(n > 0 ? (uint64_t)n : 0));
}

static void put_region(struct json_out *o, const struct region_view *v, int64_t now_us)
{
        static const struct overview_region none = { .heard_us = 0 };
        const struct overview_region *r = v->r ? v->r : &none;
        json_open(o, NULL, '{');
        json_put_text(o, "region", v->region);
        json_put_bool(o, "well", v->well);
        json_put_text(o, "trouble", v->trouble[0] ? v->trouble : NULL);
        json_put_text(o, "remark", v->remark[0] ? v->remark : NULL);
        if (r->heard_us) {
                json_put_time(o, "heard", r->heard_us);
                json_put_int(o, "silent_s", (now_us - r->heard_us) / US_PER_SECOND);
        } else {
                json_put_null(o, "heard");
                json_put_null(o, "silent_s");
        }
        json_put_int(o, "open_gaps", r->open_gaps);
        json_open(o, "last_day", '{');
        put_count(o, "captured", r->captured);
        put_count(o, "here", r->here);
        put_count(o, "held", r->held);
        put_count(o, "stayed", r->stayed);
        put_count(o, "erased", r->erased);
        put_count(o, "expired", r->expired);
        put_count(o, "rejected", r->rejected);
        put_count(o, "damaged", r->damaged);
        put_count(o, "in_flight", r->in_flight);
        put_count(o, "missing", r->missing);
        put_count(o, "surplus", r->surplus);
        json_close(o, '}');
        if (r->has_standing)
                standing_put(o, "status", &r->standing);
        else
                json_put_null(o, "status");
        json_close(o, '}');
}

static void put_all(const struct hub_view *v, const struct overview *o)
{
        struct buf b;
        struct json_out j;
        buf_init(&b, JSON_MAX);
        json_out_init(&j, &b);
        json_open(&j, NULL, '{');
        json_put_text(&j, "sentence", v->sentence);
        json_put_int(&j, "version", 1);
        json_put_bool(&j, "well", v->well == v->n && v->loaders_well);
        json_put_time(&j, "now", o->now_us);
        json_put_text(&j, "counts", "1 to 4 are shown as 5");
        json_open(&j, "loaders", '{');
        json_put_int(&j, "lanes", o->loaders);
        json_put_int(&j, "partitions", o->partitions);
        json_put_int(&j, "partitions_without", o->orphans);
        json_close(&j, '}');
        json_open(&j, "regions", '[');
        for (size_t i = 0; i < v->n; i++)
                put_region(&j, &v->regions[i], o->now_us);
        json_close(&j, ']');
        json_close(&j, '}');
        printf("%s\n", b.p ? b.p : "");
        buf_clear(&b);
}

/* ---- The verb ------------------------------------------------------------------- */
static bool add_code(const char *code, void *ctx)
{
        struct hub_files *f = ctx;
        if (f->n == REGIONS_MAX || !(f->codes[f->n] = strdup(code)))
                return false;
        f->n++;
        return true;
}

static bool show(struct hub_files *f, const struct deployment *d, int64_t silent_us, int *status, struct err *err)
{
        const struct hub *hub = &f->hub.hub;
        struct overview o = { 0 };
        struct hub_view v = { 0 };
        bool ok = (!hub->warehouse_password_file ||
                   secret_load(&f->password, hub->warehouse_password_file, NULL, err)) &&
                  regions_each(d->regions, add_code, f, err) &&
                  overview_read(&o, hub->warehouse, f->password.p, err) &&
                  hub_view_make(&v, &o, (const char *const *)f->codes, f->n, silent_us, err);
        if (ok && d->json)
                put_all(&v, &o);
        else if (ok)
                say_all(&v, &o);
        if (ok)
                *status = v.well == v.n && v.loaders_well ? EXIT_WELL : EXIT_FINDING;
        hub_view_clear(&v);
        overview_clear(&o);
        return ok;
}

int status_hub(const struct deployment *d, const char *silent_after)
{
        struct err err = ERR_INIT;
        struct duration silent = { 0 };
        struct report *report = report_new();
        struct hub_files *f = calloc(1, sizeof *f);
        int status = EXIT_BAD_CONFIG;
        if (f)
                buf_init(&f->password, 4096);
        if (silent_after && !duration_parse(&silent, slice_of(silent_after), &err)) {
                err_add(&err, "--silent-after");
                err.kind = ERR_SYSTEM; /* usage */
                status = act_fail(&err, d->json);
        } else if (!f || !hub_settings_read(&f->hub, d->regions, report)) {
                act_report(report, d->json);
        } else if (!show(f, d, silent.us, &status, &err)) {
                status = act_fail(&err, d->json);
        }
        for (size_t i = 0; f && i < f->n; i++)
                free(f->codes[i]);
        if (f) {
                buf_wipe(&f->password);
                hub_settings_clear(&f->hub);
        }
        free(f);
        report_free(report);
        return status;
}
