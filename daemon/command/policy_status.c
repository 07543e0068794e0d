/* policy_status.c - `policy status`: which version is in force, since when, by whose word, and what
 * waits for signatures: of the agent on this machine, or with --hub of every region. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/secret.h"
#include "policy_sign.h"
#include "role/settings.h"
#include "verb.h"
#include "warehouse/overview.h"

static const char usage[] = "policy status --region CODE | --hub";
enum { ARENA_MAX = 16 << 20, ANSWER_MAX = 8 << 20, CHANGES_SHOWN = 20 };

/* ---- One agent ------------------------------------------------------------------------------- */

static void say_signers(const struct json *list, const char *none)
{
        size_t n = 0;
        for (const struct json *m = list ? list->first : NULL; m; m = m->next)
                printf("%s%.*s", n++ ? ", " : "signed by ", SLICE_ARG(json_string(m)));
        if (n == 0)
                printf("%s", none);
}

static long long number(const struct json *j, const char *key)
{
        int64_t v = 0;
        const struct json *n = json_get(j, key);
        return n && json_int(n, &v) ? (long long)v : 0;
}

static void say_waiting(const struct json *root, const struct json *w)
{
        struct slice region = json_string(json_get(root, "region"));
        const struct json *by = json_get(w, "signed_by"), *looser = json_get(w, "looser");
        long long have = 0, needed = number(w, "signatures_needed");
        size_t shown = 0, all = 0;
        for (const struct json *m = by ? by->first : NULL; m; m = m->next)
                have++;
        if (json_true(json_get(w, "first"))) /* or what was before is lost: trouble says which */
                printf("  %.*s (", SLICE_ARG(json_string(json_at(root, "policy", "trouble", NULL))));
        else
                printf("  waits: policy %.*s version %lld is looser, and %lld of %lld signatures are there (",
                       SLICE_ARG(json_string(json_get(w, "name"))), number(w, "version"), have, needed);
        say_signers(by, "nobody has signed");
        printf(")\n");
        for (const struct json *m = looser ? looser->first : NULL; m; m = m->next)
                if (++all && shown < CHANGES_SHOWN && ++shown)
                        printf("    %.*s:%lld: %.*s\n", SLICE_ARG(json_string(json_get(m, "file"))), number(m, "line"),
                               SLICE_ARG(json_string(json_get(m, "text"))));
        if (all > shown)
                printf("    and %zu more\n", all - shown);
        printf("  what to do: %lld more officer%s: tributary policy sign --region %.*s --as NAME --key FILE; then have it read (SIGHUP)\n",
               needed - have, needed - have == 1 ? "" : "s", SLICE_ARG(region));
}

/* Of "2026-11-23T09:35:35.487262Z" what a person needs. */
static void say_time(struct slice t)
{
        if (t.n > 16)
                printf("%.10s at %.5s UTC", t.p, t.p + 11);
        else
                printf("?");
}

static void say_policy(const struct json *root)
{
        const struct json *p = json_get(root, "policy"), *w = json_get(p, "waiting");
        struct slice name = json_string(json_get(p, "name")), region = json_string(json_get(root, "region"));
        struct slice end = json_string(json_get(p, "next_end"));
        bool open = json_true(json_get(p, "open")), waits = w && w->type == JSON_OBJECT;
        bool loosened = json_true(json_get(p, "unsigned_loosening"));
        if (!name.p) {
                printf("%.*s: no policy is in force; the built-in floor discards, nothing leaves\n", SLICE_ARG(region));
        } else if (waits && json_true(json_get(w, "first"))) {
                printf("%.*s: no policy is in force; policy %.*s version %lld discards while it waits, nothing leaves\n", SLICE_ARG(region),
                       SLICE_ARG(name), number(p, "version"));
        } else {
                struct slice since = json_string(json_get(p, "since"));
                printf("%.*s: policy %.*s version %lld since ", SLICE_ARG(region), SLICE_ARG(name), number(p, "version"));
                say_time(since);
                printf(", ");
                say_signers(json_get(p, "signed_by"), !json_true(json_get(p, "officers")) ? "not signed: no officers are named"
                                                      : loosened ? "not signed" : "not signed, as it was not looser");
                printf("%s\n", open ? "" : " (it discards, nothing leaves)");
        }
        if (loosened)
                printf("  it is looser than the one before, and nobody had to sign: %s\n",
                       json_true(json_get(p, "officers")) ? "officers.cfg came with it, and counts from the next version on"
                                                          : "name two officers in policies/officers.cfg");
        if (waits)
                say_waiting(root, w);
        else if (json_true(json_get(p, "stale")))
                printf("  the newest files are not in force: %.*s\n  what to do: `tributary policy check` and `tributary policy test` "
                       "say all that is wrong\n",
                       SLICE_ARG(json_string(json_get(p, "trouble"))));
        if (end.p) {
                printf("  next end: ");
                say_time(end);
                printf(": %.*s\n", SLICE_ARG(json_string(json_get(p, "next_end_of"))));
        }
}

static int of_agent(const struct deployment *d)
{
        struct err err = ERR_INIT;
        struct buf b;
        struct arena *a = arena_new(ARENA_MAX);
        struct json *root;
        int status = EXIT_COULD_NOT;
        buf_init(&b, ANSWER_MAX);
        if (!agent_ask(d->state, "/v1/status", NULL, &b, &err) || !json_read(&root, a, buf_slice(&b), 16, &err)) {
                status = act_fail(&err, d->json);
        } else {
                const struct json *p = json_get(root, "policy");
                bool well = json_true(json_get(p, "open")) && !json_true(json_get(p, "stale"));
                if (d->json)
                        printf("%s\n", b.p);
                else
                        say_policy(root);
                status = well ? EXIT_WELL : EXIT_FINDING;
        }
        arena_free(a);
        buf_clear(&b);
        return status;
}

/* ---- All regions ---------------------------------------------------------------------------------- */

static bool is_well(const struct overview_region *r)
{
        return r->has_standing && r->standing.policy[0] && r->standing.open && !r->standing.stale && !r->standing.policy_waits;
}

static void say_region(const struct overview_region *r)
{
        const struct standing *s = &r->standing;
        char since[CLOCK_TEXT_MAX] = "?", version[96] = "none";
        if (s->policy[0])
                snprintf(version, sizeof version, "%s v%lld", s->policy, (long long)s->policy_version);
        if (s->policy_since_us)
                clock_format_rfc3339(since, s->policy_since_us);
        printf("%-16s %-14s %-21s %-22s ", r->region, r->has_standing ? version : "?", r->has_standing ? since : "?",
               s->policy_signed_by[0] ? s->policy_signed_by : "-");
        if (!r->has_standing)
                printf("its agent does not say");
        else if (s->policy_waits)
                printf("version %lld waits for %llu signatures", (long long)s->policy_waits, (unsigned long long)s->policy_missing);
        else if (!s->open)
                printf("nothing leaves: no valid set is in force");
        else if (s->stale)
                printf("the newest files cannot be used");
        else if (s->policy_unsigned)
                printf("looser than before, and nobody had to sign");
        else
                printf("-");
        printf("\n");
}

static void put_region(struct json_out *o, const struct overview_region *r)
{
        json_open(o, NULL, '{');
        json_put_text(o, "region", r->region);
        json_put_bool(o, "well", is_well(r));
        if (r->has_standing)
                standing_put(o, "status", &r->standing);
        else
                json_put_null(o, "status");
        json_close(o, '}');
}

static void put_regions(const struct overview *all)
{
        struct buf b;
        struct json_out o;
        buf_init(&b, 64 << 20);
        json_out_init(&o, &b);
        json_open(&o, NULL, '{');
        json_put_int(&o, "version", 1);
        json_open(&o, "regions", '[');
        for (size_t i = 0; i < all->n; i++)
                put_region(&o, &all->regions[i]);
        json_close(&o, ']');
        json_close(&o, '}');
        printf("%s\n", b.p ? b.p : "");
        buf_clear(&b);
}

static int show_regions(const struct overview *all, bool json)
{
        bool well = true;
        if (json)
                put_regions(all);
        else
                printf("%-16s %-14s %-21s %-22s %s\n", "REGION", "IN FORCE", "SINCE", "SIGNED BY", "WAITS");
        for (size_t i = 0; i < all->n; i++) {
                well &= is_well(&all->regions[i]);
                if (!json)
                        say_region(&all->regions[i]);
        }
        return well ? EXIT_WELL : EXIT_FINDING;
}

static int of_hub(const struct deployment *d)
{
        struct err err = ERR_INIT;
        struct report *report = report_new();
        struct hub_settings hub = { 0 };
        struct overview all = { 0 };
        struct buf password;
        int status;
        buf_init(&password, 4096);
        if (!hub_settings_read(&hub, d->regions, report))
                status = act_report(report, d->json);
        else if ((hub.hub.warehouse_password_file && !secret_load(&password, hub.hub.warehouse_password_file, NULL, &err)) ||
                 !overview_read(&all, hub.hub.warehouse, password.p, &err))
                status = act_fail(&err, d->json);
        else
                status = show_regions(&all, d->json);
        overview_clear(&all);
        buf_wipe(&password);
        hub_settings_clear(&hub);
        report_free(report);
        return status;
}

int policy_status(int argc, char **argv)
{
        struct deployment d = { 0 };
        struct buf keep;
        bool help = false, hub = false;
        int status = EXIT_COULD_NOT;
        const struct flag flags[] = { VERB_FLAGS(&d, &help),
                                      { "hub", 0, NULL, &hub, "All regions, as the warehouse knows them." }, FLAG_END };
        int n = verb_begin(flags, usage, argc, argv, &d, &keep, &help, &status);
        if (n >= 0 && hub)
                status = of_hub(&d);
        else if (n >= 0 && d.state)
                status = of_agent(&d);
        else if (n >= 0)
                fprintf(stderr, "tributary: --region CODE or --hub is missing\n"
                                "hint: `tributary region list` has the codes.\n");
        buf_clear(&keep);
        return status;
}
