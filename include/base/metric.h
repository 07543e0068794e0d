/* metric.h - each number has a row: name, kind, unit, meaning.
 *
 * A module exports `struct metric X_metrics[]` rows and bumps them; /metrics and
 * the reference page are printed from what was registered. Values are atomic.
 * Labels are operators' names (source, partition), never people's words.
 * The unit stands in the name: _seconds, _bytes, _entries, before _total of a
 * counter; a gauge whose help begins with "1 while" is 1 or 0.                */
#ifndef BASE_METRIC_H
#define BASE_METRIC_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"

enum metric_kind {
        METRIC_COUNTER,
        METRIC_GAUGE,
        METRIC_PEOPLE /* a counter of people's records: shown by the rule of base/count.h */
};
/* The value of a row that has none now ("full in" of a vault that does not grow): not printed. */
#define METRIC_ABSENT INT64_MIN

struct metric {
        const char *name;  /* "tributary_vault_appended_total" */
        enum metric_kind kind;
        const char *label; /* `reason="bad_json"`; NULL if none */
        const char *help;  /* a sentence with a full stop */
        _Atomic int64_t value;
};
#define METRIC_END { NULL, METRIC_COUNTER, NULL, NULL, 0 }

static inline void metric_add(struct metric *m, int64_t n)
{
        atomic_fetch_add_explicit(&m->value, n, memory_order_relaxed);
}
static inline void metric_set(struct metric *m, int64_t v)
{
        atomic_store_explicit(&m->value, v, memory_order_relaxed);
}
static inline int64_t metric_get(const struct metric *m)
{
        return atomic_load_explicit(&m->value, memory_order_relaxed);
}

/* Rows (ended by METRIC_END, static storage) join the process-wide list; twice is
 * once. At most 64 sets. */
void metric_register(struct metric *rows);
/* Prometheus text format 0.0.4. exact: for the control socket, small counts as they are. */
void metric_print(struct buf *out, bool exact);
void metric_reference(struct buf *out); /* rows for `| metric | kind | unit | meaning |` */

#endif
