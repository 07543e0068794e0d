/* scanners.c - what looks through the words of records, law by law. */
#include <string.h>

#include "law.h"

static const struct law *law_at(const struct book *b, size_t number)
{
        return number ? b->beside[number - 1] : &b->home;
}

/* Of findings that overlap, the one that the law is strictest about decides. */
static int strictness(const void *ctx, int id)
{
        const struct law *law = ctx;
        return (int)law->find[id];
}

static bool same(struct wanted a, struct wanted b)
{
        return a.rows == b.rows && a.patterns == b.patterns;
}

static bool is_alike(const struct law *a, const struct law *b)
{
        return memcmp(a->find, b->find, sizeof a->find) == 0;
}

bool scanners_open(struct scanners *s, const struct book *b, struct wanted (*wanted)(const struct law *law))
{
        size_t n = b ? 1 + b->n_beside : 1;
        for (size_t i = 0; i < n; i++) {
                struct wanted set = wanted(b ? law_at(b, i) : NULL);
                for (size_t k = 0; k < i && !s->of[i]; k++)
                        if (same(wanted(law_at(b, k)), set) && is_alike(law_at(b, k), law_at(b, i)))
                                s->of[i] = s->of[k];
                if (s->of[i])
                        continue;
                s->of[i] = scanner_new(set.rows, RECORD_BYTES_MAX);
                s->owns[i] = s->of[i];
                if (!s->of[i] || (b && !scanner_seek(s->of[i], b->patterns, set.patterns)))
                        return false;
                if (b)
                        scanner_prefer(s->of[i], strictness, law_at(b, i));
        }
        return true;
}

void scanners_close(struct scanners *s)
{
        for (size_t i = 0; i <= ABROAD_MAX; i++)
                if (s->owns[i])
                        scanner_free(s->of[i]);
}
