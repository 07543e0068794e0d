/* migrate.h - the schema, versioned: `warehouse migrate` and `warehouse check`.      */
#ifndef WAREHOUSE_MIGRATE_H
#define WAREHOUSE_MIGRATE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/report.h"
#include "link/pg.h"

struct migrate_reader {
        const char *role, *country;
        int surface; /* 0 voice, 1 count; a role has one */
        const char *where; /* "hub.cfg:14", for refusals; NULL: not known */
};
struct migrate_spec {
        const char *conninfo, *password; /* a role that may CREATE (and CREATEROLE for readers) */
        const char *loader_role;         /* gets what loading needs; NULL: the migrating role */
        const char *const *regions;      /* codes: a partition each */
        size_t n_regions;
        const struct migrate_reader *readers;
        size_t n_readers;
        bool dry_run;
};
/* Idempotent, safe to run twice at once (advisory lock). One line per step done to `out`
 * (may be NULL), or JSON. From empty: schema, roles, partitions, warehouse id. A reader whose role is,
 * or may become, one for which row security does not hold is refused: ERR_CONFIG. */
bool warehouse_migrate(const struct migrate_spec *spec, bool json, struct buf *out, struct err *err);
/* What is missing, older or other than it should be: schema version, partitions, grants, comments. */
bool warehouse_check(const struct migrate_spec *spec, struct report *report, struct err *err);
/* Rejected positions as text table or JSON array: region, position, code, record_key, epoch, seq. */
bool warehouse_rejected(const char *conninfo, const char *password, bool as_json, struct buf *out,
                        struct err *err);

#endif
