/* cluster.h - a PostgreSQL for a unit test: the one that TRIBUTARY_TEST_PG names, or a cluster
 * of the test's own in a temporary directory (tests/harness/pg), gone with the test.     */
#ifndef TESTS_UNIT_CLUSTER_H
#define TESTS_UNIT_CLUSTER_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct cluster {
        char dir[64], conninfo[256];
};

static inline int cluster_start(struct cluster *c)
{
        const char *given = getenv("TRIBUTARY_TEST_PG");
        memset(c, 0, sizeof *c);
        if (given) {
                snprintf(c->conninfo, sizeof c->conninfo, "%s", given);
                return 0;
        }
        snprintf(c->dir, sizeof c->dir, "/tmp/tributary-pg-XXXXXX");
        if (!mkdtemp(c->dir))
                return -1;
        char line[512];
        snprintf(line, sizeof line, "'%s/tests/harness/pg' start '%s' fsync=off", PROJECT_DIR, c->dir);
        FILE *f = popen(line, "r");
        if (!f || !fgets(c->conninfo, sizeof c->conninfo, f))
                c->conninfo[0] = 0;
        int status = f ? pclose(f) : -1;
        c->conninfo[strcspn(c->conninfo, "\n")] = 0;
        return status == 0 && c->conninfo[0] ? 0 : -1;
}

static inline int cluster_stop(struct cluster *c)
{
        char line[512];
        if (!c->dir[0])
                return 0;
        snprintf(line, sizeof line, "'%s/tests/harness/pg' stop '%s'; rm -rf '%s'", PROJECT_DIR, c->dir,
                 c->dir);
        return system(line) == -1 ? -1 : 0;
}

#endif
