/* csv_id.h - what tells one row of a sheet from another. */
#ifndef SOURCE_CSV_ID_H
#define SOURCE_CSV_ID_H

#include "base/arena.h"
#include "base/err.h"

/* "5:ann@x,3:abc": each value after its length, so that no two lists look alike.
 * ERR_DATA when one is empty: rows without it would all be one record. */
bool csv_id_of_columns(struct slice *out, struct arena *a, const struct slice *values, size_t n,
                       struct err *err);

/* Ids from rows' own content: "row/HASH", and "row/HASH/2" for the second row of the same
 * content in this file. A grown sheet gives its old rows their old ids. */
struct csv_seen;
struct csv_seen *csv_seen_new(void);
void csv_seen_free(struct csv_seen *s);
/* ERR_FULL beyond 1,048,576 different rows. */
bool csv_id_of_row(struct slice *out, struct arena *a, struct csv_seen *seen, const struct slice *cells,
                   size_t n, struct err *err);

#endif
