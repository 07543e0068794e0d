/* regions/CODE.cfg and regions/hub.cfg: read as both, never with fewer words than errors. */
#include "fuzz.h"
#include "model/place.h"
#include "model/region.h"

static const char *const owned_elsewhere[] = { "listen", "sources", "control", "vault", "pump", NULL };

static void read_region(const struct conf *c)
{
        struct report *report = report_new();
        struct region r;
        bool ok = region_read(&r, c, owned_elsewhere, report);
        must(ok == (report_count(report, REPORT_ERROR) == 0));
        if (ok) {
                must(r.code && r.policy && place_is_known(slice_of(r.jurisdiction)));
                must(r.latitude >= -90 && r.latitude <= 90 && r.longitude >= -180 && r.longitude <= 180);
                must(place_km(r.latitude, r.longitude, 0, 0) >= 0);
        }
        report_free(report);
}

static void read_hub(const struct conf *c)
{
        struct report *report = report_new();
        struct hub *hub = calloc(1, sizeof *hub);
        bool ok = hub_read(hub, c, owned_elsewhere, report);
        must(ok == (report_count(report, REPORT_ERROR) == 0));
        must(hub->n_places <= HUB_PLACES_MAX && hub->n_readers <= HUB_READERS_MAX &&
             hub->n_kafka <= HUB_PROPERTIES_MAX);
        for (size_t i = 0; ok && i < hub->n_places; i++)
                must(place_what_name((enum place_what)hub->places[i].what));
        free(hub);
        report_free(report);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
        struct conf *c;
        /* Files that the input names are none of its business. */
        if (memmem(bytes, n, "to_file", 7) || !conf_parse(&c, "jp-tokyo.cfg", slice_make(bytes, n), NULL))
                return 0;
        read_region(c);
        read_hub(c);
        conf_free(c);
        return 0;
}
