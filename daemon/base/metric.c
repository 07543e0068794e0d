/* metric.c - the list of all numbers, printed for Prometheus and for people. */
#include "base/metric.h"

#include <inttypes.h>
#include <pthread.h>
#include <string.h>

#include "base/count.h"

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
        return m->kind == METRIC_GAUGE ? "gauge" : "counter";
}

static const char *unit_of(const struct metric *m)
{
        static const char *const units[] = { "seconds", "bytes", "entries" };
        size_t n = strlen(m->name);
        if (n > 6 && strcmp(m->name + n - 6, "_total") == 0)
                n -= 6;
        for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
                size_t k = strlen(units[i]);
                if (n > k && m->name[n - k - 1] == '_' && memcmp(m->name + n - k, units[i], k) == 0)
                        return units[i];
        }
        return m->kind == METRIC_GAUGE && strncmp(m->help, "1 while", 7) == 0 ? "1 or 0" : "count";
}

static int64_t value_of(const struct metric *m, bool exact)
{
        int64_t v = metric_get(m);
        return exact || m->kind != METRIC_PEOPLE || v <= 0 ? v : (int64_t)count_shown((uint64_t)v);
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

static void print_samples(const char *name, bool exact, struct buf *out)
{
        for (size_t s = 0; s < sets_n; s++) {
                for (const struct metric *m = sets[s]; m->name; m++) {
                        if (strcmp(m->name, name) != 0 || metric_get(m) == METRIC_ABSENT)
                                continue;
                        buf_puts(out, name);
                        if (m->label)
                                buf_printf(out, "{%s}", m->label);
                        buf_printf(out, " %" PRId64 "\n", value_of(m, exact));
                }
        }
}

void metric_print(struct buf *out, bool exact)
{
        pthread_mutex_lock(&lock);
        for (size_t s = 0; s < sets_n; s++) {
                for (const struct metric *m = sets[s]; m->name; m++) {
                        if (!first_of_name(s, m))
                                continue;
                        buf_printf(out, "# HELP %s %s\n# TYPE %s %s\n", m->name, m->help, m->name,
                                   kind_name(m));
                        print_samples(m->name, exact, out);
                }
        }
        pthread_mutex_unlock(&lock);
}

static void reference_row(const struct metric *m, struct buf *out)
{
        buf_printf(out, "| `%s", m->name);
        if (m->label) /* its names; the values are told by the help */
                buf_printf(out, "{%.*s}", (int)strcspn(m->label, "="), m->label);
        buf_printf(out, "` | %s | %s | %s |\n", kind_name(m), unit_of(m), m->help);
}

void metric_reference(struct buf *out)
{
        pthread_mutex_lock(&lock);
        for (size_t s = 0; s < sets_n; s++)
                for (const struct metric *m = sets[s]; m->name; m++)
                        if (first_of_name(s, m))
                                reference_row(m, out);
        pthread_mutex_unlock(&lock);
}
