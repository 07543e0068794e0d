/* house.h - a warehouse of its own for a test: a fresh database, migrated. */
#ifndef TESTS_UNIT_WAREHOUSE_HOUSE_H
#define TESTS_UNIT_WAREHOUSE_HOUSE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "cluster.h"
#include "link/pg.h"
#include "warehouse/migrate.h"

static struct cluster cluster;

#define MUST(call) \
        do { \
                struct err err = ERR_INIT; \
                if (!(call)) \
                        fail_msg("%s: %s", #call, err.text); \
        } while (0)

static inline struct pg *house_connect(const char *conninfo)
{
        struct pg *c = NULL;
        MUST(pg_open(&c, conninfo, NULL, "test", &err));
        return c;
}

/* An empty database; returns its connection string. */
static inline const char *house_make(void)
{
        static char conninfo[512];
        static int number;
        char name[48], sql[128];
        snprintf(name, sizeof name, "tributary_%d_%d", (int)getpid(), ++number);
        snprintf(sql, sizeof sql, "CREATE DATABASE %s", name);
        struct pg *c = house_connect(cluster.conninfo);
        MUST(pg_run(c, sql, &err));
        pg_close(c);
        snprintf(conninfo, sizeof conninfo, "%s dbname=%s", cluster.conninfo, name);
        return conninfo;
}

static inline void house_drop(const char *conninfo)
{
        char sql[640];
        struct pg *c = house_connect(cluster.conninfo);
        snprintf(sql, sizeof sql, "DROP DATABASE %s WITH (FORCE)", strrchr(conninfo, '=') + 1);
        MUST(pg_run(c, sql, &err));
        pg_close(c);
}

static const char *const house_regions[] = { "de-frankfurt", "jp-tokyo" };

static inline struct migrate_spec house_spec(const char *conninfo)
{
        return (struct migrate_spec){ .conninfo = conninfo, .regions = house_regions, .n_regions = 2 };
}

/* The first column of all rows, joined by commas. */
static inline const char *house_ask(struct pg *c, const char *sql)
{
        static char out[8][4096];
        static int at;
        char *to = out[at = (at + 1) % 8];
        struct pg_rows *r = NULL;
        size_t n = 0;
        MUST(pg_query(&r, c, sql, NULL, 0, &err));
        to[0] = 0;
        for (size_t i = 0; i < pg_rows_count(r); i++)
                n += (size_t)snprintf(to + n, n < 4096 ? 4096 - n : 0, "%s%.*s", i ? "," : "",
                                      SLICE_ARG(pg_rows_text(r, i, 0)));
        pg_rows_free(r);
        return to;
}

static inline int house_start(void **state)
{
        (void)state;
        return cluster_start(&cluster);
}

static inline int house_stop(void **state)
{
        (void)state;
        return cluster_stop(&cluster);
}

#endif
