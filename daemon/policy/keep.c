/* keep.c - how long raw entries of a class are kept: the shortest raw time of its policies, the
 * longest least time. */
#include <string.h>

#include "law.h"

struct span {
        int64_t raw_us, at_least_us;
        const struct at *at;
};

static void weigh(struct span *s, const struct policy *p)
{
        int64_t raw = p->keep_us[KEEP_RAW], least = p->keep_us[KEEP_RAW_AT_LEAST];

        if (raw >= 0 && (s->raw_us < 0 || raw < s->raw_us)) {
                s->raw_us = raw;
                s->at = &p->keep_at[KEEP_RAW];
        }
        if (least > s->at_least_us)
                s->at_least_us = least;
}

static const struct policy *policy_of(const struct book *b, struct slice name)
{
        for (size_t i = 0; i < b->home.n_chain; i++)
                if (slice_is(name, b->home.chain[i]->name))
                        return b->home.chain[i];
        for (size_t i = 0; i < b->n_abroad; i++)
                for (size_t c = 0; c < b->abroad[i].n_chain; c++)
                        if (slice_is(name, b->abroad[i].chain[c]->name))
                                return b->abroad[i].chain[c];
        return NULL;
}

/* Class 0 may hold the records of any class. */
static struct span span_of_all(const struct book *b)
{
        struct span s = { -1, -1, NULL };

        for (size_t i = 0; i < b->home.n_chain; i++)
                weigh(&s, b->home.chain[i]);
        for (size_t i = 0; i < b->n_abroad; i++)
                for (size_t c = 0; c < b->abroad[i].n_chain; c++)
                        weigh(&s, b->abroad[i].chain[c]);
        return s;
}

static bool span_of(const struct book *b, const char *class, struct span *out)
{
        *out = (struct span){ -1, -1, NULL };
        while (*class) {
                size_t n = strcspn(class, "+");
                const struct policy *p = policy_of(b, slice_make(class, n));
                if (!p)
                        return false;
                weigh(out, p);
                class += n + (class[n] == '+');
        }
        return true;
}

bool book_keep(const struct book *b, const char *class, int64_t *raw_us, int64_t *at_least_us)
{
        struct span s = span_of_all(b);

        if (*class && !span_of(b, class, &s))
                return false;
        *raw_us = s.raw_us;
        *at_least_us = s.at_least_us;
        return true;
}

const struct at *law_raw_at(const struct law *law, int64_t *raw_us)
{
        struct span s = { -1, -1, NULL };

        for (size_t c = 0; c < law->n_chain; c++)
                weigh(&s, law->chain[c]);
        *raw_us = s.raw_us;
        return s.at;
}

bool book_held(const struct book *b, struct held_said *out)
{
        const struct law *law = &b->home;

        *out = (struct held_said){ law->held_us, law->held_at.file, law->held_at.because, law->held_at.line };
        return law->held_us >= 0;
}
