/* overview.h - how all regions stand, as the warehouse knows it: for `status --hub`.
 *
 * One row a region that the warehouse ever heard of, by what its hellos and accounts said and by
 * what the loaders found. Reads with the rights of the role that loads; changes nothing.     */
#ifndef WAREHOUSE_OVERVIEW_H
#define WAREHOUSE_OVERVIEW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "model/standing.h"

struct overview_region {
        char region[40];
        int64_t heard_us;  /* Kafka's time of the last message taken; 0: none was */
        bool has_standing; /* its agent says how it stands (older ones do not) */
        struct standing standing;
        int64_t open_gaps; /* partitions in which messages are missing now */
        /* Of the hours of capture in the last 24 h; tributary.completeness. */
        int64_t captured, here, held, stayed, erased, expired, rejected, damaged, in_flight;
        int64_t missing, surplus; /* of its rows that lack some; of those that count some twice */
};
struct overview {
        int64_t now_us;    /* the database's clock */
        int64_t loaders;   /* lanes that hold a partition and whose backend lives */
        int64_t partitions, orphans; /* partitions known, and those that no living lane holds */
        struct overview_region *regions; /* by code */
        size_t n;
};
/* ERR_CONFIG with a hint when the schema is older than this release. Clear it in any case. */
bool overview_read(struct overview *out, const char *conninfo, const char *password, struct err *err);
void overview_clear(struct overview *o);

#endif
