/* duties.c - groups that speak of more than one record: copies, times, rights, breaches.
 *
 * They are checked whole. Of them keep.warehouse, keep.raw and keep.raw_at_least are enforced now.
 * What only binds the operator (keep, backups, rights, breach) is said by `check`, and holds nothing. */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "reader.h"

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
                if (k != KEEP_WAREHOUSE && k != KEEP_RAW && k != KEEP_RAW_AT_LEAST)
                        remind(r, line, law_keeps[k]);
        }
}

void law_parse_backups(struct reader *r, const struct conf_node *n)
{
        static const char *const allowed[] = { "copies", "at_least_km", "not_sharing", "because" };
        static const char *const shared[] = { "site", "power_grid", "island", "hazards" };
        struct names names = { 0 };
        int64_t v;
        if (!law_keys(r, n, allowed, COUNT(allowed)) && conf_type(n) != CONF_GROUP)
                return;
        law_int(r, n, "copies", MUST, 0, 9, &v);
        law_int(r, n, "at_least_km", MAYBE, 0, 20000, &v);
        law_names(r, n, "not_sharing", MAYBE, &names);
        for (size_t i = 0; i < names.n; i++) {
                bool known = false;
                for (size_t k = 0; k < COUNT(shared); k++)
                        known |= strcmp(names.v[i], shared[k]) == 0;
                if (!known)
                        law_unknown(r, conf_get(n, "not_sharing"), "thing to share", names.v[i],
                                         shared, COUNT(shared));
        }
        law_at(r, n);
        remind(r, n, "backups");
}

void law_parse_rights(struct reader *r, const struct conf_node *n)
{
        static const char *const allowed[] = { "access", "erasure", "extension", "holidays",
                                               "because" };
        struct names codes;
        int64_t span;
        if (!law_keys(r, n, allowed, COUNT(allowed)) && conf_type(n) != CONF_GROUP)
                return;
        law_span(r, n, "access", MUST, &span);
        law_span(r, n, "erasure", MUST, &span);
        law_span(r, n, "extension", MAYBE, &span);
        law_codes(r, n, "holidays", MAYBE, &codes);
        law_at(r, n);
        remind(r, n, "rights");
}

void law_parse_breach(struct reader *r, const struct conf_node *n)
{
        static const char *const allowed[] = { "tell", "within", "because" };
        static const char *const whom[] = { "authority", "people" };
        size_t count = law_lines(r, n);
        for (size_t i = 0; i < count; i++) {
                const struct conf_node *line = law_line(n, i);
                int64_t span;
                int tell;
                if (!law_keys(r, line, allowed, COUNT(allowed)) && conf_type(line) != CONF_GROUP)
                        continue;
                law_choice(r, line, "tell", MUST, whom, COUNT(whom), &tell);
                law_span(r, line, "within", MUST, &span);
                law_at(r, line);
        }
        remind(r, n, "breach");
}
