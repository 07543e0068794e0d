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
        { "period", OPTION_TIME, OPTION_AT(struct vault_settings, period_us), "1 hour", "31 days",
          "30 days", 0, "Span of the keys that retention destroys: how exactly it can be kept." },
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

static bool prepare_log(struct vault *v, const char *region,
                        const struct vault_settings *settings, struct err *err)
{
        struct log *l = &v->log;

        l->catalog = &v->catalog;
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
        v->opened_us = clock_mono_us();
        v->bytes_found = v->catalog.bytes;
        atomic_store(&v->log.subjects, v->log.keys->next_subject - 1);
        return log_start(&v->log, err);
}

bool vault_open(struct vault **out, const char *state_dir, const char *region,
                const struct vault_settings *settings, struct vault_found *found, struct err *err)
{
        struct vault *v = calloc(1, sizeof *v);
        struct vault_found ignored;

        *out = NULL;
        if (!v)
                return err_set(err, ERR_SYSTEM, ENOMEM, "could not open the vault: out of memory");
        v->lock_fd = -1;
        if (!prepare_folders(v, state_dir, err) || !prepare_log(v, region, settings, err) ||
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
        log_stop(l);
        for (int i = 0; i < SLOTS; i++) /* left open only by a vault that failed */
                segment_close(l->slots[i].segment);
        keyring_close(l->keys);
        keyer_close(l->keyer);
        seal_free(l->seal);
        mailbox_free(l->mailbox);
        free(l->plans);
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

static bool submit_when_there_is_room(struct vault *v, struct vault_group *g)
{
        struct log *l = &v->log;
        bool ok;

        pthread_mutex_lock(&l->room_lock);
        while (!(ok = vault_submit(v, g)) && !atomic_load(&l->failed) && !atomic_load(&l->stopping))
                pthread_cond_wait(&l->room, &l->room_lock);
        pthread_mutex_unlock(&l->room_lock);
        return ok;
}

bool vault_append(struct vault *v, struct vault_item *items, size_t n, struct err *err)
{
        struct vault_group g = { .items = items, .n = n, .reply = mailbox_new(1) };
        bool ok = false;

        if (!g.reply)
                return err_set(err, ERR_RETRY, ENOMEM, "no memory to wait for the vault");
        if (!submit_when_there_is_room(v, &g)) {
                err_set(err, ERR_SYSTEM, 0, "vault accepts nothing more");
        } else {
                mailbox_wait(g.reply, -1);
                ok = g.ok;
                if (!ok && err)
                        *err = g.err;
        }
        mailbox_free(g.reply);
        return ok;
}

/* ---- watching ------------------------------------------------------------ */

struct position vault_mark(const struct vault *v)
{
        /* The lock inside is no part of what the caller sees as constant. */
        return catalog_mark((struct catalog *)(uintptr_t)&v->catalog);
}

int vault_watch(struct vault *v, struct err *err)
{
        return catalog_watch(&v->catalog, err);
}

void vault_status(struct vault *v, struct vault_status *out)
{
        int64_t running_us = clock_mono_us() - v->opened_us;
        struct catalog *c = &v->catalog;

        catalog_lock(c);
        *out = (struct vault_status){ .bytes = c->bytes, .segments = c->n, .mark = c->mark,
                                      .entries_this_start = c->entries };
        catalog_unlock(c);
        out->max_bytes = v->log.settings.max_bytes;
        out->damaged = atomic_load(&c->damaged);
        out->full = atomic_load(&v->log.full);
        out->failed = atomic_load(&v->log.failed);
        out->subjects = atomic_load(&v->log.subjects);
        if (running_us >= 60 * US_PER_SECOND)
                out->bytes_per_hour = (uint64_t)((double)(out->bytes - v->bytes_found) /
                                                 (double)running_us * (double)US_PER_HOUR);
}
