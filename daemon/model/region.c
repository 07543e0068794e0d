/* region.c - regions/CODE.cfg: the rows that describe a place, and their cross checks. */
#include "model/region.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "model/place.h"
#include "places_read.h"

const struct option region_options[] = {
        { "code", OPTION_NAME, OPTION_AT(struct region, code), NULL, NULL, NULL, OPTION_REQUIRED,
          "The region's code, as the file is named: jp-tokyo in jp-tokyo.cfg. Never changed after." },
        { "title", OPTION_TEXT, OPTION_AT(struct region, title), "1", "200", NULL, 0,
          "What people call the region." },
        { "jurisdiction", OPTION_TEXT, OPTION_AT(struct region, jurisdiction), "2", "6", NULL,
          OPTION_REQUIRED,
          "The space of law in which the agent stands, such as \"EEA\", \"JP\" or \"US-CA\"." },
        { "serves", OPTION_TEXTS, OPTION_AT(struct region, serves), "0", "64", NULL, 0,
          "Countries whose communities this region serves; without it, its own jurisdiction." },
        { "latitude", OPTION_FLOAT, OPTION_AT(struct region, latitude), "-90", "90", NULL, OPTION_REQUIRED,
          "Where the agent stands, in degrees north." },
        { "longitude", OPTION_FLOAT, OPTION_AT(struct region, longitude), "-180", "180", NULL,
          OPTION_REQUIRED, "Where the agent stands, in degrees east." },
        { "timezone", OPTION_TEXT, OPTION_AT(struct region, timezone), "1", "64", NULL, OPTION_REQUIRED,
          "The region's time zone by its tz name, such as \"Asia/Tokyo\"; policies' days end by it." },
        { "languages", OPTION_TEXTS, OPTION_AT(struct region, languages), "0", "64", NULL, 0,
          "Languages of the community (BCP 47), the most spoken first." },
        { "hazards", OPTION_TEXTS, OPTION_AT(struct region, hazards), "0", "32", NULL, 0,
          "What can befall the place, such as \"earthquake\"; copies should not share it." },
        { "power_grid", OPTION_TEXT, OPTION_AT(struct region, power_grid), "1", "64", NULL, 0,
          "The power grid that feeds the place; copies should not share it." },
        { "island", OPTION_TEXT, OPTION_AT(struct region, island), "1", "64", NULL, 0,
          "The island on which the place lies; copies should not share it." },
        { "site", OPTION_TEXT, OPTION_AT(struct region, site), "1", "64", NULL, 0,
          "The data centre; copies should not share it." },
        { "policy", OPTION_NAME, OPTION_AT(struct region, policy), NULL, NULL, NULL, 0,
          "The policy that protects this region's records; without it, the jurisdiction in lower case." },
        OPTION_END
};

/* What people write who do not know the code. */
static const char *usual_name(const char *code)
{
        static const struct {
                const char *said, *meant;
        } usual[] = { { "UK", "GB" }, { "EU", "EEA" }, { "USA", "US" }, { "EL", "GR" } };
        for (size_t i = 0; i < sizeof usual / sizeof *usual; i++)
                if (strcasecmp(code, usual[i].said) == 0)
                        return usual[i].meant;
        return NULL;
}

bool place_known_or_complain(const char *code, const struct conf_node *node, struct report *report)
{
        size_t n;
        char hint[160];
        if (place_is_known(slice_of(code)))
                return true;
        const char *const *codes = place_codes(&n);
        const char *nearest = usual_name(code);
        for (size_t i = 0; i < n && !nearest; i++) /* another letter would be another country */
                nearest = strcasecmp(code, codes[i]) == 0 ? codes[i] : NULL;
        snprintf(hint, sizeof hint, "%s%s%sCodes are ISO 3166-1 alpha-2 countries, US-XX, CA-XX and EEA.",
                 nearest ? "Did you mean \"" : "", nearest ? nearest : "", nearest ? "\"? " : "");
        conf_complain(report, node, REPORT_ERROR, hint,
                      "\"%.16s\" is no jurisdiction or country that is known here", code);
        return false;
}

/* The file's name without folders and .cfg. */
static struct slice stem_of(const char *path)
{
        const char *slash = strrchr(path, '/');
        struct slice name = slice_of(slash ? slash + 1 : path);
        struct slice end = SLICE(".cfg");
        if (name.n > end.n && memcmp(name.p + name.n - end.n, end.p, end.n) == 0)
                name.n -= end.n;
        return name;
}

static bool code_is_stem(const struct region *r, const struct conf *c, struct report *report)
{
        struct slice stem = stem_of(conf_file(c));
        if (slice_is(stem, r->code))
                return true;
        conf_complain(report, conf_get(conf_root(c), "code"), REPORT_ERROR,
                      "Name the file as the code, or the code as the file.",
                      "code \"%s\" stands in a file for \"%.*s\"", r->code, SLICE_ARG(stem));
        return false;
}

static bool zone_exists(const struct region *r, const struct conf_node *root, struct report *report)
{
        struct zone *zone = NULL;
        struct err err = ERR_INIT;
        bool ok = zone_open(&zone, r->timezone, &err);
        if (!ok)
                conf_complain(report, conf_get(root, "timezone"), REPORT_ERROR,
                              "Write a name of the tz database, such as \"Asia/Tokyo\".", "%s", err.text);
        zone_free(zone);
        return ok;
}

static bool serves_known(const struct region *r, struct report *report)
{
        bool ok = true;
        for (size_t i = 0; i < r->serves.n; i++) {
                const struct conf_node *n = conf_at(r->serves.node, i);
                ok &= place_known_or_complain(conf_text(n), n, report);
        }
        return ok;
}

bool region_read(struct region *out, const struct conf *c, const char *const *also, struct report *report)
{
        const struct conf_node *root = conf_root(c);
        *out = (struct region){ 0 };
        bool ok = option_read(region_options, root, out, also, report);
        if (out->code)
                ok &= code_is_stem(out, c, report);
        if (out->timezone)
                ok &= zone_exists(out, root, report);
        if (out->jurisdiction) {
                ok &= place_known_or_complain(out->jurisdiction, conf_get(root, "jurisdiction"), report);
                if (!out->policy)
                        out->policy = place_lower(slice_of(out->jurisdiction));
        }
        if (!out->title)
                out->title = out->code;
        return serves_known(out, report) && ok;
}
