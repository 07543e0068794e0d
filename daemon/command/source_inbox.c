/* source_inbox.c - what the words about inboxes share: a region's settings, its folder sources. */
#include "source_inbox.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "role/act.h"

bool inboxes_open(struct inboxes *x, const struct deployment *d, int *exit_status)
{
        *x = (struct inboxes){ .d = d };
        if (!d->region) {
                fprintf(stderr, "tributary: --region CODE is missing\nhint: `tributary region list` has the codes.\n");
                *exit_status = EXIT_COULD_NOT;
                return false;
        }
        x->report = report_new();
        x->settings = calloc(1, sizeof *x->settings);
        if (x->settings && hub_settings_read(&x->hub, d->regions, x->report) &&
            agent_settings_read(x->settings, d->regions, d->region, &x->hub, x->report))
                return true;
        act_report(x->report, d->json);
        *exit_status = EXIT_BAD_CONFIG;
        return false;
}

void inboxes_close(struct inboxes *x)
{
        if (x->settings)
                agent_settings_clear(x->settings);
        free(x->settings);
        hub_settings_clear(&x->hub);
        report_free(x->report);
}

const struct source *inboxes_find(const struct inboxes *x, const char *name, int *exit_status)
{
        const char *names[SOURCES_MAX];
        size_t n = 0;
        *exit_status = EXIT_COULD_NOT;
        for (size_t i = 0; i < x->settings->n_sources; i++) {
                const struct source *s = &x->settings->sources[i];
                if (s->type == SOURCE_FOLDER && name && strcmp(s->name, name) == 0)
                        return s;
                if (s->type == SOURCE_FOLDER)
                        names[n++] = s->name;
        }
        if (name)
                fprintf(stderr, "tributary: region \"%s\" has no folder source \"%s\"\n", x->d->region, name);
        else
                fprintf(stderr, "tributary: --source NAME is missing\n");
        const char *near = name ? text_nearest(name, names, n) : NULL;
        if (near) {
                fprintf(stderr, "hint: Did you mean \"%s\"?\n", near);
                return NULL;
        }
        fprintf(stderr, "hint: %s", n ? "It has" : "It has none: add one with type = \"folder\" to its sources.");
        for (size_t i = 0; i < n; i++)
                fprintf(stderr, "%s \"%s\"", i ? "," : "", names[i]);
        fprintf(stderr, n ? ".\n" : "\n");
        return NULL;
}
