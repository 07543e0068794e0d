/* duties.c - groups that speak of more than one record: copies, times, rights, breaches.
 *
 * They are checked whole. Of them keep.warehouse, keep.raw and keep.raw_at_least are enforced now.
 * What only binds whoever runs the region holds nothing: by when people are answered and a breach is
 * told, due.c counts; of the rest `check` reminds. */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "duties.h"
#include "reader.h"

const char *const law_aparts[APARTS] = { "site", "power_grid", "island", "hazards" };

static void remind(struct reader *r, const struct conf_node *n, const char *what)
{
        law_warn(r, n, "Put it into a comment, \"# not yet: ...\", until it is.",
             "this release does not enforce \"%s\"; it decides about no record, so none is held", what);
}

void law_parse_keep(struct reader *r, const struct conf_node *n)
{
        struct policy *p = r->p;
        if (conf_type(n) != CONF_GROUP) {
                law_keys(r, n, law_keeps, KEEPS);
                return;
        }
        const char *allowed[KEEPS + 1];
        memcpy(allowed, law_keeps, sizeof law_keeps);
        allowed[KEEPS] = "because";
        law_keys(r, n, allowed, COUNT(allowed));
        for (int k = 0; k < KEEPS; k++) {
                const struct conf_node *line = conf_get(n, law_keeps[k]);
                if (!law_span(r, n, law_keeps[k], MAYBE, &p->keep_us[k]))
                        continue;
                p->keep_at[k] = law_at(r, n);
                p->keep_at[k].line = conf_line(line);
                if (k > KEEP_HELD)
                        remind(r, line, law_keeps[k]);
        }
}

void law_parse_backups(struct reader *r, const struct conf_node *n)
{
        static const char *const allowed[] = { "copies", "at_least_km", "not_sharing", "because" };
        struct backups out = { .at_least_km = -1 };
        if (!law_keys(r, n, allowed, COUNT(allowed)) && conf_type(n) != CONF_GROUP)
                return;
        law_int(r, n, "copies", MUST, 0, 9, &out.copies);
        law_int(r, n, "at_least_km", MAYBE, 0, 20000, &out.at_least_km);
        law_names(r, n, "not_sharing", MAYBE, &out.not_sharing);
        for (size_t i = 0; i < out.not_sharing.n; i++) {
                bool known = false;
                for (size_t k = 0; k < APARTS; k++)
                        known |= strcmp(out.not_sharing.v[i], law_aparts[k]) == 0;
                if (!known)
                        law_unknown(r, conf_get(n, "not_sharing"), "thing to share", out.not_sharing.v[i], law_aparts,
                                    APARTS);
        }
        out.at = law_at(r, n);
        remind(r, n, "backups");
        struct backups *own = ARENA_NEW(r->shelf->arena, struct backups);
        if (own)
                *own = out;
        r->p->backups = own;
}

void law_parse_rights(struct reader *r, const struct conf_node *n)
{
        static const char *const allowed[] = { "access", "erasure", "extension", "holidays",
                                               "because" };
        struct rights out = { 0 };
        if (!law_keys(r, n, allowed, COUNT(allowed)) && conf_type(n) != CONF_GROUP)
                return;
        law_duration(r, n, "access", MUST, &out.access);
        law_duration(r, n, "erasure", MUST, &out.erasure);
        law_duration(r, n, "extension", MAYBE, &out.extension);
        law_codes(r, n, "holidays", MAYBE, &out.holidays);
        out.at = law_at(r, n);
        law_read_holidays(r, n, &out);
        struct rights *own = ARENA_NEW(r->shelf->arena, struct rights);
        if (own)
                *own = out;
        r->p->rights = own;
}

void law_parse_breach(struct reader *r, const struct conf_node *n)
{
        static const char *const allowed[] = { "tell", "within", "because" };
        static const char *const whom[TOLDS] = { "authority", "people" };
        struct policy *p = r->p;
        size_t count = law_lines(r, n);
        p->breaches = arena_array(r->shelf->arena, count, sizeof *p->breaches);
        for (size_t i = 0; p->breaches && i < count; i++) {
                const struct conf_node *line = law_line(n, i);
                struct breach out = { 0 };
                int tell = 0;
                if (!law_keys(r, line, allowed, COUNT(allowed)) && conf_type(line) != CONF_GROUP)
                        continue;
                bool ok = law_choice(r, line, "tell", MUST, whom, TOLDS, &tell);
                ok = law_duration(r, line, "within", MUST, &out.within) && ok;
                out.tell = (enum told)tell;
                out.at = law_at(r, line);
                if (ok)
                        p->breaches[p->n_breaches++] = out;
        }
}
