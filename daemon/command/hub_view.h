/* hub_view.h - what is said of all regions: each judged, and one sentence for the deployment.
 *
 * Pure: what the warehouse knows and the codes in regions/ go in, words come out.            */
#ifndef COMMAND_HUB_VIEW_H
#define COMMAND_HUB_VIEW_H

#include "warehouse/overview.h"

enum { CLAUSE_MAX = 192, HUB_SENTENCE_MAX = 1024 };

struct region_view {
        const char *region;
        const struct overview_region *r; /* NULL: never heard */
        bool well;
        char trouble[CLAUSE_MAX]; /* why it is not well, as a clause: "jp-tokyo's vault is full in 9 h" */
        char remark[CLAUSE_MAX];  /* what to look at although it is well: an unfilled downtime, a basis */
};
struct hub_view {
        struct region_view *regions; /* those of the files in order of code, then strangers of the last week */
        size_t n, well;
        bool loaders_well;
        char sentence[HUB_SENTENCE_MAX];
};
/* silent_us: a region not heard for so long is gone; 0: three times as long as it says hello, at
 * least 90 s. Borrows o and codes. */
bool hub_view_make(struct hub_view *out, const struct overview *o, const char *const *codes, size_t n_codes,
                   int64_t silent_us, struct err *err);
void hub_view_clear(struct hub_view *v);

/* "11:02 UTC" of the same day as now, else "20 Nov 11:02 UTC". */
enum { MOMENT_MAX = 32 };
const char *moment_format(char out[MOMENT_MAX], int64_t us, int64_t now_us);

#endif
