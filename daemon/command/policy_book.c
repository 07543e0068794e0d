/* policy_book.c - a book for the desk, opened once for all that is judged by it. */
#include "policy_book.h"

#include <stdlib.h>
#include <string.h>

static void forget(struct policy_book *b)
{
        judge_free(b->judge);
        discarder_free(b->discarder);
        book_drop(b->book);
        if (b->settings)
                agent_settings_clear(b->settings);
        free(b->settings);
        b->judge = NULL;
        b->discarder = NULL;
        b->book = NULL;
        b->settings = NULL;
        b->key[0] = 0;
}

void policy_book_close(struct policy_book *b)
{
        forget(b);
        if (b->has_hub)
                hub_settings_clear(&b->hub);
        b->has_hub = false;
}

static void key_of(char *out, size_t size, const struct book_wanted *w)
{
        snprintf(out, size, "%s|%s", w->region ? w->region : "", w->policy ? w->policy : "");
        for (size_t i = 0; w->places && i < w->places->n_places; i++)
                snprintf(out + strlen(out), size - strlen(out), "|%d %s", w->places->places[i].what,
                         w->places->places[i].jurisdiction);
}

/* hub.cfg is read where a case does not say its places, and for regions, whose files name it. */
static bool need_hub(struct policy_book *b, const struct deployment *d, struct report *report)
{
        if (b->has_hub)
                return true;
        b->has_hub = true;
        if (hub_settings_read(&b->hub, d->regions, report))
                return true;
        hub_settings_clear(&b->hub);
        b->has_hub = false;
        report_add(report, REPORT_ERROR, NULL, 0, 0,
                   "Name the folder by --regions DIR, or write \"hub: EEA\" into the case: where its Kafka and its warehouse are.",
                   "where the hub's places are is not known");
        return false;
}

static bool load(struct policy_book *b, const struct deployment *d, const struct book_wanted *w,
                 struct report *report)
{
        struct region alone = { .code = "case", .title = "", .jurisdiction = "", .timezone = "UTC", .policy = w->policy };
        bool own_places = w->places && w->places->n_places;
        struct book_spec spec = { d->policies, &alone, w->places };
        if ((w->region || !own_places) && !need_hub(b, d, report))
                return false;
        if (!own_places)
                spec.hub = &b->hub.hub;
        if (w->region) {
                b->settings = calloc(1, sizeof *b->settings);
                if (!b->settings || !agent_settings_read(b->settings, d->regions, w->region, &b->hub, report))
                        return false;
                spec.region = &b->settings->region;
                if (w->policy) {
                        alone = b->settings->region;
                        alone.policy = w->policy;
                        spec.region = &alone;
                }
        }
        return w->packed.p ? book_unpack(&b->book, w->packed, &spec, report)
                           : book_load_over(&b->book, &spec, w->below, report);
}

bool policy_book_open(struct policy_book *b, const struct deployment *d, const struct book_wanted *w,
                      struct report *report)
{
        char key[sizeof b->key];
        key_of(key, sizeof key, w);
        if (b->judge && strcmp(key, b->key) == 0)
                return true;
        forget(b);
        bool ok = load(b, d, w, report);
        if (ok) {
                b->discarder = discarder_new(b->book);
                b->judge = judge_new(b->book);
                ok = b->discarder && b->judge;
                if (!ok)
                        report_add(report, REPORT_ERROR, NULL, 0, 0, NULL, "out of memory");
        }
        if (ok)
                memcpy(b->key, key, sizeof key);
        else
                forget(b);
        return ok;
}
