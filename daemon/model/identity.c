/* identity.c - an author's identities, as the subject tables know them. */
#include "model/identity.h"

#include "base/text.h"

static struct slice joined(struct arena *a, const char *name_space, const char *what, struct slice value)
{
        char *p = arena_printf(a, "%s:%s:%.*s", name_space, what, SLICE_ARG(value));
        return slice_of(p);
}

/* An identity of blanks is nobody's. */
static struct slice present(const struct record *r, enum field f)
{
        struct slice s = r->text[f].p ? slice_trim(r->text[f]) : SLICE_NONE;
        return s.n ? s : SLICE_NONE;
}

int identity_of(struct slice out[IDENTITIES_MAX], struct arena *a, const char *name_space,
                const struct record *r)
{
        struct slice id = present(r, FIELD_AUTHOR_ID), handle = present(r, FIELD_AUTHOR_HANDLE);
        struct slice email = present(r, FIELD_AUTHOR_EMAIL);
        int n = 0;
        if (id.p)
                out[n++] = joined(a, name_space, "id", id);
        if (handle.p)
                out[n++] = joined(a, name_space, "handle", handle);
        if (email.p) {
                struct slice lower = text_lower(a, email);
                out[n++] = lower.p ? slice_of(arena_printf(a, "email:%.*s", SLICE_ARG(lower))) : SLICE_NONE;
        }
        for (int i = 0; i < n; i++)
                if (!out[i].p)
                        return -1;
        return n;
}
