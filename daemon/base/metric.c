/* metric.c - the list of all numbers, printed for Prometheus and for people. */
#include "base/metric.h"

#include <inttypes.h>
#include <pthread.h>
#include <string.h>

enum { SETS_MAX = 64 };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct metric *sets[SETS_MAX];
static size_t sets_n; /* <= SETS_MAX */

void metric_register(struct metric *rows)
{
        pthread_mutex_lock(&lock);
        size_t i = 0;
        while (i < sets_n && sets[i] != rows)
                i++;
        if (i == sets_n && sets_n < SETS_MAX)
                sets[sets_n++] = rows;
        pthread_mutex_unlock(&lock);
}

static const char *kind_name(const struct metric *m)
{
        return m->kind == METRIC_COUNTER ? "counter" : "gauge";
}

/* Samples of one name belong together under one HELP and TYPE; rows that differ
 * only by label may lie anywhere, so the first row of a name prints them all. */
static bool first_of_name(size_t set, const struct metric *m)
{
        for (size_t s = 0; s <= set; s++)
                for (const struct metric *o = sets[s]; o->name && o != m; o++)
                        if (strcmp(o->name, m->name) == 0)
                                return false;
        return true;
}

static void print_samples(const char *name, struct buf *out)
{
        for (size_t s = 0; s < sets_n; s++) {
                for (const struct metric *m = sets[s]; m->name; m++) {
                        if (strcmp(m->name, name) != 0)
                                continue;
                        buf_puts(out, name);
                        if (m->label)
                                buf_printf(out, "{%s}", m->label);
                        buf_printf(out, " %" PRId64 "\n", metric_get(m));
                }
        }
}

void metric_print(struct buf *out)
{
        pthread_mutex_lock(&lock);
        for (size_t s = 0; s < sets_n; s++) {
                for (const struct metric *m = sets[s]; m->name; m++) {
                        if (!first_of_name(s, m))
                                continue;
                        buf_printf(out, "# HELP %s %s\n# TYPE %s %s\n", m->name, m->help, m->name,
                                   kind_name(m));
                        print_samples(m->name, out);
                }
        }
        pthread_mutex_unlock(&lock);
}

void metric_reference(struct buf *out)
{
        pthread_mutex_lock(&lock);
        for (size_t s = 0; s < sets_n; s++)
                for (const struct metric *m = sets[s]; m->name; m++)
                        if (first_of_name(s, m))
                                buf_printf(out, "| `%s` | %s | %s |\n", m->name, kind_name(m),
                                           m->help);
        pthread_mutex_unlock(&lock);
}
