/* fields.c - which fields a source can give at all: so that a policy need not name others. */
#include "mapping.h"
#include "source/source.h"

#define BIT(f) (UINT64_C(1) << (f))

/* What hooks of forges and forums give: see github_parts.c, github_events.c, discourse.c. */
static const uint64_t of_hooks = BIT(FIELD_ID) | BIT(FIELD_KIND) | BIT(FIELD_OCCURRED_AT) | BIT(FIELD_TITLE) | BIT(FIELD_BODY) |
                                 BIT(FIELD_URL) | BIT(FIELD_THREAD) | BIT(FIELD_TAGS) | BIT(FIELD_AUTHOR_ID) |
                                 BIT(FIELD_AUTHOR_HANDLE) | BIT(FIELD_AUTHOR_NAME) | BIT(FIELD_AUTHOR_EMAIL) |
                                 BIT(FIELD_AUTHOR_STANDING) | BIT(FIELD_MENTIONS) | BIT(FIELD_ATTRIBUTES) | BIT(FIELD_REVISION) |
                                 BIT(FIELD_DELETED);

static uint64_t of_mapping(const struct mapping *m)
{
        uint64_t bits = BIT(FIELD_ID) | BIT(FIELD_KIND) | BIT(FIELD_OCCURRED_AT) | BIT(FIELD_REVISION) | BIT(FIELD_DELETED);
        for (size_t i = 0; m && i < m->n_records; i++) {
                const struct record_rule *r = &m->records[i];
                for (size_t k = 0; k < r->n_fields; k++)
                        bits |= BIT(r->fields[k].field);
                bits |= r->thread.n ? BIT(FIELD_THREAD) : 0;
                bits |= r->consent.purpose ? BIT(FIELD_CONSENT) : 0;
        }
        return bits;
}

uint64_t source_fields(const struct source *s)
{
        uint64_t own = (s->product ? BIT(FIELD_PRODUCT) : 0) | (s->lang ? BIT(FIELD_LANG) : 0);
        switch (s->type) {
        case SOURCE_GITHUB:
                return own | of_hooks | BIT(FIELD_VERSION);
        case SOURCE_DISCOURSE:
                return own | of_hooks;
        case SOURCE_WEBHOOK:
                return own | of_mapping(s->mapping);
        }
        return UINT64_MAX; /* canonical records, and lines of them in files, may have any */
}
