/* count.c - small counts of people's records are not shown as they are. */
#include "base/count.h"

#include <inttypes.h>
#include <stdio.h>

static bool is_small(uint64_t n)
{
        return n > 0 && n < COUNT_SMALL;
}

uint64_t count_shown(uint64_t n)
{
        return is_small(n) ? COUNT_SMALL : n;
}

const char *count_say(char out[COUNT_TEXT], uint64_t n)
{
        if (is_small(n))
                snprintf(out, COUNT_TEXT, "<%d", COUNT_SMALL);
        else
                snprintf(out, COUNT_TEXT, "%" PRIu64, n);
        return out;
}

/* The least that is not merged yet and not 0; n if there is none. */
static size_t least(const uint64_t *counts, const bool *merged, size_t n)
{
        size_t at = n;
        for (size_t i = 0; i < n; i++)
                if (!merged[i] && counts[i] && (at == n || counts[i] < counts[at]))
                        at = i;
        return at;
}

uint64_t count_merge(const uint64_t *counts, bool *merged, size_t n)
{
        uint64_t sum = 0;
        for (size_t i = 0; i < n; i++) {
                merged[i] = is_small(counts[i]);
                sum += merged[i] ? counts[i] : 0;
        }
        for (size_t at; is_small(sum) && (at = least(counts, merged, n)) < n;) {
                merged[at] = true;
                sum += counts[at];
        }
        return sum;
}
