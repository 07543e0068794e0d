/* vault.c - opens the vault, hands groups to its writer, says how it is. */
#include "vault/vault.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "io.h"
#include "metrics.h"
#include "recover.h"
#include "vault_private.h"

const struct option vault_options[] = {
        { "max_bytes", OPTION_SIZE, OPTION_AT(struct vault_settings, max_bytes), "64 MiB", "16 TiB",
          "10 GiB", 0, "Space the vault may take. When full, senders get 503 and files wait." },
        { "segment_bytes", OPTION_SIZE, OPTION_AT(struct vault_settings, segment_bytes), "1 MiB", "1 GiB",
          "64 MiB", 0, "A segment is closed at this size." },
        { "segment_age", OPTION_TIME, OPTION_AT(struct vault_settings, segment_age_us), "1 min", "30 days",
          "1 hour", 0, "A segment is closed at this age; only closed ones are copied to peers." },
        { "group_bytes", OPTION_SIZE, OPTION_AT(struct vault_settings, group_bytes), "64 KiB", "64 MiB",
          "4 MiB", OPTION_ADVANCED, "Bytes that share one sync of the disk, when so many wait." },
        { "min_free", OPTION_SIZE, OPTION_AT(struct vault_settings, min_free_bytes), "1 MiB", "1 TiB",
          "256 MiB", 0, "Free space of the file system below which nothing more is accepted." },
        { "reserve", OPTION_SIZE, OPTION_AT(struct vault_settings, reserve_bytes), "1 MiB", "1 GiB",
          "64 MiB", OPTION_ADVANCED,
          "Blocks put by in the state folder, so that state, erasure and starting work on a full disk." },
        { "period", OPTION_TIME, OPTION_AT(struct vault_settings, period_us), "1 hour", "31 days",
          "30 days", 0,
          "Longest span of the keys that retention destroys; at most a twelfth of the policy's raw time." },
        OPTION_END
};

struct metric vault_metrics[] = {
        [M_APPENDED] = { "tributary_vault_entries_total", METRIC_COUNTER, NULL,
                         "Entries made durable since the start.", 0 },
        [M_GROUPS] = { "tributary_vault_groups_total", METRIC_COUNTER, "result=\"durable\"",
                       "Groups of entries answered.", 0 },
        [M_REFUSED] = { "tributary_vault_groups_total", METRIC_COUNTER, "result=\"refused\"",
                        "Groups of entries answered.", 0 },
        [M_ERASED] = { "tributary_vault_erased_total", METRIC_PEOPLE, NULL,
                       "Records refused because theirs was erased before.", 0 },
        [M_SYNCS] = { "tributary_vault_syncs_total", METRIC_COUNTER, NULL,
                      "Syncs of segments.", 0 },
        [M_SYNC_FAILURES] = { "tributary_vault_sync_failures_total", METRIC_COUNTER, NULL,
                              "Syncs that the disk failed; the second ends the agent.", 0 },
        [M_DAMAGED] = { "tributary_vault_damaged_total", METRIC_COUNTER, NULL,
                        "Entries that could not be read.", 0 },
        [M_BYTES] = { "tributary_vault_bytes", METRIC_GAUGE, NULL, "Bytes of all segments.", 0 },
        [M_SEGMENTS] = { "tributary_vault_segments", METRIC_GAUGE, NULL, "Segments.", 0 },
        [M_PERIODS_DESTROYED] = { "tributary_vault_periods_destroyed_total", METRIC_COUNTER, NULL,
                                  "Periods whose key retention destroyed since the start.", 0 },
        [M_SEGMENTS_REMOVED] = { "tributary_vault_segments_removed_total", METRIC_COUNTER, NULL,
                                 "Segments removed because all of their entries had expired.", 0 },
        [M_WITHOUT_RECEIPT] = { "tributary_vault_without_receipt_total", METRIC_PEOPLE, NULL,
                                "Entries destroyed at the law's deadline although the hub had not acknowledged them.",
                                0 },
        [M_NEXT_DUE] = { "tributary_vault_next_due_seconds", METRIC_GAUGE, NULL,
                         "When the next period's key is destroyed, in seconds since 1970; 0: none is due.", 0 },
        [M_CLOCK_TRUSTED] = { "tributary_vault_clock_trusted", METRIC_GAUGE, NULL,
                              "1 while clock and hub agree; 0: nothing is destroyed by time.", 0 },
        [M_RESERVE] = { "tributary_vault_reserve_bytes", METRIC_GAUGE, NULL,
                        "Bytes put by for a full disk; less than \"vault.reserve\": given back, or not made yet.", 0 },
        [M_BACKLOG_BYTES] = { "tributary_vault_backlog_bytes", METRIC_GAUGE, NULL,
                              "Bytes of entries that may not be at the hub yet.", 0 },
        [M_HISTORY_BYTES] = { "tributary_vault_history_bytes", METRIC_GAUGE, NULL,
                              "Bytes of entries that are kept although the hub has them.", 0 },
        [M_FREE_BYTES] = { "tributary_vault_free_bytes", METRIC_GAUGE, NULL,
                           "Free bytes of the vault's file system.", 0 },
        [M_FULL_IN] = { "tributary_vault_full_in_seconds", METRIC_GAUGE, NULL,
                        "Until the vault or its disk is full, at the last hour's rate; absent: not known, or never.", 0 },
        METRIC_END
};

/* ---- opening and closing ------------------------------------------------- */

/* Whoever cannot make anything durable must not go on; see vault_on_failure(). */
static void exit_at_once(void *ctx, const struct err *err)
{
        (void)ctx;
        (void)err;
        _exit(EXIT_COULD_NOT);
}

/* Who knows whom. */
static void wire(struct vault *v)
{
        timekeeper_init(&v->time);
        v->lock_fd = -1;
        v->log.catalog = v->keeper.catalog = &v->catalog;
        v->log.time = v->keeper.time = &v->time;
        v->log.reserve = v->keeper.reserve = &v->reserve;
        v->keeper.log = &v->log;
}

static bool prepare_folders(struct vault *v, const char *state_dir, struct err *err)
{
        char path[PATH_MAX];

        if (!catalog_init(&v->catalog, state_dir, err) || !dir_make(v->catalog.dir, 0700, err) ||
            !dir_sync(state_dir, err))
                return false;
        snprintf(v->state_dir, sizeof v->state_dir, "%s", state_dir);
        snprintf(path, sizeof path, "%.*s/lock", PATH_MAX - 8, state_dir);
        return file_lock(&v->lock_fd, path, err) || err_add(err, "state of another agent");
}

/* The guarded time begins with what the last start wrote down. A state of before that was written
 * down is at least as old as its newest segment; a new one believes its clock: it has nothing to
 * destroy. */
static bool start_time(struct vault *v, struct err *err)
{
        struct catalog *c = &v->catalog;
        int64_t saved_us = c->n ? c->list[c->n - 1]->created_us : vault_io.wall_us();

        if (!keyring_saved_time(v->log.keys, &saved_us, err))
                return false;
        timekeeper_start(&v->time, saved_us);
        return true;
}

static bool prepare_log(struct vault *v, const char *region,
                        const struct vault_settings *settings, struct err *err)
{
        struct log *l = &v->log;

        l->settings = *settings;
        l->next_seq = 1;
        l->stop = exit_at_once;
        pthread_mutex_init(&l->room_lock, NULL);
        pthread_cond_init(&l->room, NULL);
        snprintf(l->region, sizeof l->region, "%s", region);
        l->mailbox = mailbox_new(WAITING_MAX);
        l->seal = seal_new();
        if (!l->mailbox || !l->seal)
                return err_set(err, ERR_SYSTEM, ENOMEM, "could not open the vault: out of memory");
        return keyer_open(&l->keyer, v->state_dir, err);
}

static bool start(struct vault *v, const char *region, struct vault_found *found, struct err *err)
{
        bool any;

        if (!recover_any_segments(&v->catalog, &any, err) ||
            !keyring_open(&v->log.keys, v->state_dir, region, any, err) ||
            !recover(&v->catalog, v->log.keys, found, &v->log.epoch, err))
                return false;
        atomic_store(&v->catalog.damaged, found->damaged_entries);
        metric_register(vault_metrics);
        metric_set(&vault_metrics[M_BYTES], (int64_t)v->catalog.bytes);
        metric_set(&vault_metrics[M_SEGMENTS], (int64_t)v->catalog.n);
        atomic_store(&v->log.subjects, v->log.keys->next_subject - 1);
        atomic_store(&v->log.wal_holds_keys, true); /* a crash may have been in the way */
        return start_time(v, err) && retire_load_keeps(v->log.keys->db, v->log.keeps, &v->log.n_keeps, err) &&
               log_start(&v->log, err) && keeper_start(&v->keeper, v->state_dir, err);
}

bool vault_open(struct vault **out, const char *state_dir, const char *region,
                const struct vault_settings *settings, struct vault_found *found, struct err *err)
{
        struct vault *v = calloc(1, sizeof *v);
        struct vault_found ignored;

        *out = NULL;
        if (!v)
                return err_set(err, ERR_SYSTEM, ENOMEM, "could not open the vault: out of memory");
        wire(v);
        if (!prepare_folders(v, state_dir, err) ||
            !reserve_open(&v->reserve, state_dir, settings->reserve_bytes, err) || !prepare_log(v, region, settings, err) ||
            !start(v, region, found ? found : &ignored, err)) {
                vault_close(v);
                return err_add(err, "vault of region \"%s\"", region);
        }
        *out = v;
        return true;
}

void vault_close(struct vault *v)
{
        struct log *l;

        if (!v)
                return;
        l = &v->log;
        keeper_stop(&v->keeper);
        log_stop(l);
        for (int i = 0; i < SLOTS; i++) /* left open only by a vault that failed */
                segment_close(l->slots[i].segment);
        keyring_close(l->keys);
        keyer_close(l->keyer);
        seal_free(l->seal);
        mailbox_free(l->mailbox);
        free(l->plans);
        reserve_close(&v->reserve);
        timekeeper_clear(&v->time);
        catalog_clear(&v->catalog);
        if (v->lock_fd >= 0)
                close(v->lock_fd);
        free(v);
}

void vault_on_failure(struct vault *v, void (*stop)(void *ctx, const struct err *err), void *ctx)
{
        v->log.stop = stop;
        v->log.stop_ctx = ctx;
}

uint64_t vault_epoch(const struct vault *v)
{
        return v->log.epoch;
}

/* ---- appending ----------------------------------------------------------- */

bool vault_submit(struct vault *v, struct vault_group *g)
{
        return !atomic_load(&v->log.failed) && mailbox_post(v->log.mailbox, &g->letter);
}

bool vault_append(struct vault *v, struct vault_item *items, size_t n, struct err *err)
{
        struct vault_group g = { .items = items, .n = n };

        return log_call(&v->log, &g, err);
}

/* ---- keeping and destroying ---------------------------------------------- */

void vault_set_law(struct vault *v, const struct vault_law *law)
{
        keeper_set_law(&v->keeper, law);
}

void vault_cover(struct vault *v, struct position covered)
{
        catalog_lock(&v->catalog);
        bool first = v->catalog.covered.epoch == 0 && covered.epoch > 0;
        v->catalog.covered = covered;
        catalog_unlock(&v->catalog);
        if (first) /* what had expired before this start need not wait for the next round */
                keeper_ring(&v->keeper);
}

void vault_heard(struct vault *v, int64_t heard_us, bool live)
{
        timekeeper_hear(&v->time, heard_us, live);
}

bool vault_time(struct vault *v, int64_t *now_us)
{
        struct guard_said said = timekeeper_look(&v->time);

        *now_us = said.now_us;
        return said.destroys;
}

bool vault_tidy(struct vault *v, struct err *err)
{
        return keeper_round(&v->keeper, err);
}

uint64_t vault_key_generation(const struct vault *v)
{
        return atomic_load(&v->catalog.key_generation);
}

bool vault_has_removed(struct vault *v)
{
        catalog_lock(&v->catalog);
        bool any = v->catalog.n_retired > 0;
        catalog_unlock(&v->catalog);
        return any;
}

bool vault_out_of_room(struct vault *v)
{
        return reserve_give(&v->reserve);
}

/* ---- watching ------------------------------------------------------------ */

struct position vault_mark(const struct vault *v)
{
        /* The lock inside is no part of what the caller sees as constant. */
        return catalog_mark((struct catalog *)(uintptr_t)&v->catalog);
}

/* Seqs are dense, and each epoch says how far it went. */
uint64_t vault_between(struct vault *v, struct position after, struct position upto)
{
        uint64_t n = 0, epoch = after.epoch ? after.epoch : catalog_epoch_after(&v->catalog, 0);

        for (; epoch && epoch <= upto.epoch; epoch = catalog_epoch_after(&v->catalog, epoch)) {
                uint64_t to = epoch == upto.epoch ? upto.seq : catalog_durable_to(&v->catalog, epoch);
                uint64_t from = epoch == after.epoch ? after.seq : 0;
                n += to > from ? to - from : 0;
        }
        return n;
}

int vault_watch(struct vault *v, struct err *err)
{
        return catalog_watch(&v->catalog, err);
}

void vault_status(struct vault *v, struct vault_status *out)
{
        uint64_t keep_free = v->log.settings.min_free_bytes + reserve_missing(&v->reserve);

        keeper_status(&v->keeper, out);
        if (dir_free_bytes(v->catalog.dir, &out->free_bytes, NULL) && out->free_bytes < keep_free)
                out->full = true;
        out->full |= atomic_load(&v->log.full) || out->bytes >= out->max_bytes;
        out->damaged = atomic_load(&v->catalog.damaged);
        out->failed = atomic_load(&v->log.failed);
        out->subjects = atomic_load(&v->log.subjects);
}
