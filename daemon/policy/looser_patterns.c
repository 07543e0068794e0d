/* looser_patterns.c - officers' patterns by what becomes of what they find: their own `do` and all
 * lines of find that name them. Their numbers differ from book to book; name and text are compared.
 * What a pattern matches is compared as text (looser_text.c). */
#include <stdio.h>
#include <string.h>

#include "comparing.h"

static const struct pattern *same_in(const struct law *law, const struct pattern *p)
{
        for (size_t i = 0; i < PATTERNS_MAX; i++)
                if (law->patterns[i] && strcmp(law->patterns[i]->name, p->name) == 0 &&
                    strcmp(law->patterns[i]->match, p->match) == 0)
                        return law->patterns[i];
        return NULL;
}

void compare_patterns(struct comparing *c)
{
        for (size_t i = 0; i < PATTERNS_MAX; i++) {
                const struct pattern *p = c->from->patterns[i], *q = p ? same_in(c->to, p) : NULL;
                enum find_action was = p ? c->from->find[DETECT_MAX + i] : FIND_PASS;
                enum find_action is = q ? c->to->find[DETECT_MAX + q->number] : FIND_PASS;
                char what[96];
                if (!p || (is >= was && (was != FIND_DISCARD || is == FIND_DISCARD)))
                        continue;
                snprintf(what, sizeof what, "%s, where found", p->full_name);
                comparing_note_values(c, &c->from->find_at[DETECT_MAX + i],
                                      q ? &c->to->find_at[DETECT_MAX + q->number] : NULL, what, law_finds[was],
                                      law_finds[is]);
        }
}
