/* intake.h - the one door: limits, discard pass, append, answer.
 *
 * Whatever the way in, a record meets the same checks in the same order: record_check, the
 * discard pass (book or built-in floor), flat form <= 1 MiB, then the vault. One struct intake
 * an agent, shared; one struct door a thread that captures.                          */
#ifndef CAPTURE_INTAKE_H
#define CAPTURE_INTAKE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/metric.h"
#include "base/option.h"
#include "capture/strangers.h"
#include "policy/policy.h"
#include "source/source.h"
#include "vault/vault.h"

struct capture_settings {
        uint64_t max_request;      /* bytes of one POST /v1/records; 32 MiB */
        uint64_t max_hook;         /* bytes of one webhook; 25 MiB as GitHub sends at most */
        uint64_t budget;           /* bytes of all bodies held at once; beyond: 503 */
        int64_t connections;
        int64_t timeout_us;
        double per_second;         /* records a second per source; 0: unlimited; beyond: 429 */
        int64_t scan_every_us;     /* inboxes are also scanned so often (inotify wakes at once) */
        uint64_t max_file;         /* of an inbox, uncompressed */
        int64_t failed_kept_us;    /* sealed lines in failed/ are kept so long: 7 days */
};
extern const struct option capture_options[];
extern struct metric capture_metrics[];

struct downtimes;
struct intake;
struct intake_spec {
        const char *region, *state_dir;
        struct vault *vault;
        const struct source *sources;
        size_t n_sources;
        const struct capture_settings *settings;
        struct downtimes *downtimes; /* told of what became durable; of the same sources; may be NULL */
        /* Called (any capturing thread) for lines refused, so that the account can tell. */
        void (*refused)(void *ctx, struct slice source, int64_t captured_us, uint32_t lines);
        /* Likewise for pieces destroyed by the discard pass. May be NULL, as refused may. */
        void (*discarded)(void *ctx, struct slice source, int64_t captured_us, uint32_t pieces);
        void *ctx;
};
/* Loads the sources' secrets: every missing one is told in the report (ERR_CONFIG). */
bool intake_open(struct intake **out, const struct intake_spec *spec, struct report *report,
                 struct err *err);
void intake_close(struct intake *in); /* NULL is allowed */
/* Any thread. NULL: the floor only. Holds the book; doors take it up between two records. */
void intake_set_book(struct intake *in, struct book *book);

struct intake_source_status {
        const char *name;
        int type;
        uint64_t accepted, refused, discarded_pieces, counted_only;
        int64_t last_us; /* 0: nothing since start */
};
size_t intake_status(const struct intake *in, struct intake_source_status *out, size_t max);
/* Fields that sources send and nobody decided about; the intake's. */
struct strangers *intake_strangers(const struct intake *in);

#endif
