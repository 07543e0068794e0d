/* commit.c - one commit: keys, write, sync, publish, answer; and what a failure takes back.
 *
 * A write that fails (disk full) is cut off durably, and all groups of the commit are
 * refused. A sync that fails is worse: what it covered may be gone although a second sync
 * would say otherwise. So every file of the commit is abandoned at its durable length (a
 * row in keys.db says so to later starts), groups with entries in a file that failed are
 * refused, and the others are written anew into new files. A second failure, then or ever
 * after, ends the agent: the disk cannot be trusted. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "io.h"
#include "log.h"
#include "metrics.h"
#include "register.h"

/* ---- answers ------------------------------------------------------------- */

void log_give(struct vault_group *g, bool ok, const struct err *err)
{
        struct mailbox *reply = g->reply;

        g->ok = ok;
        err_clear(&g->err);
        if (!ok)
                g->err = *err;
        mailbox_return(reply, &g->letter); /* from here on it is the sender's */
}

void log_answer(struct vault_group *g, bool ok, const struct err *err)
{
        metric_add(ok ? &vault_metrics[M_GROUPS] : &vault_metrics[M_REFUSED], 1);
        log_give(g, ok, err);
}

static void refuse_all(struct log *l, const struct err *err)
{
        for (size_t i = 0; i < l->n_groups; i++)
                log_answer(l->groups[i], false, err);
        l->n_groups = 0;
}

void log_fail(struct log *l, const struct err *err)
{
        if (atomic_exchange(&l->failed, true))
                return;
        l->failure = *err;
        l->failure.kind = ERR_SYSTEM;
        log_err(LOG_LEVEL_ERROR, "vault", "stops", &l->failure);
        pthread_mutex_lock(&l->room_lock);
        pthread_cond_broadcast(&l->room);
        pthread_mutex_unlock(&l->room_lock);
        l->stop(l->stop_ctx, &l->failure);
}

/* ---- admit --------------------------------------------------------------- */

static bool has_room(struct log *l, uint64_t bytes, struct err *err)
{
        uint64_t used, free_bytes, keep_free = l->settings.min_free_bytes + reserve_missing(l->reserve);

        catalog_lock(l->catalog);
        used = l->catalog->bytes;
        catalog_unlock(l->catalog);
        if (used + bytes > l->settings.max_bytes) {
                err_set(err, ERR_FULL, 0, "vault is full: %llu of %llu bytes",
                        (unsigned long long)used, (unsigned long long)l->settings.max_bytes);
                return err_hint(err, "Raise \"vault.max_bytes\", or see why nothing leaves.");
        }
        if (!dir_free_bytes(l->catalog->dir, &free_bytes, err))
                return false;
        if (free_bytes < keep_free + bytes) {
                err_set(err, ERR_FULL, 0, "disk is full: %llu bytes are free, \"vault.min_free\" (and what is"
                        " missing of the reserve) is %llu",
                        (unsigned long long)free_bytes, (unsigned long long)keep_free);
                return err_hint(err, "Make room on the vault's file system.");
        }
        return true;
}

/* When not all fit, those that came first and fit are kept. */
static void admit(struct log *l)
{
        struct err err = ERR_INIT;
        size_t kept = 0;
        uint64_t bytes = 0;
        bool full = false;

        if (has_room(l, l->plain_bytes + SLOTS * SEGMENT_HEADER_MAX, &err)) {
                atomic_store(&l->full, false);
                return;
        }
        for (size_t i = 0; i < l->n_groups; i++) {
                struct vault_group *g = l->groups[i];
                uint64_t own = SEGMENT_HEADER_MAX;
                for (size_t j = 0; j < g->n; j++)
                        own += ENTRY_MIN + g->items[j].plain.n;
                if (has_room(l, bytes + own, &err)) {
                        l->groups[kept++] = g;
                        bytes += own;
                } else {
                        full = true;
                        if (!atomic_exchange(&l->full, true)) /* said before it is answered */
                                log_err(LOG_LEVEL_ERROR, "vault", "refuses records", &err);
                        log_answer(g, false, &err);
                }
        }
        l->n_groups = kept;
        if (!full)
                atomic_store(&l->full, false);
}

/* ---- keys ---------------------------------------------------------------- */

/* However many classes visitors bring, the region's own never goes to class 0, which is copied nowhere. */
static uint8_t free_slot(struct log *l, const char *class)
{
        bool visitor = *l->home && strcmp(l->home, class) != 0;

        for (uint8_t i = visitor ? HOME_SLOT + 1 : 1; i < SLOTS; i++) {
                struct slot *s = &l->slots[i];
                if (!s->segment && !s->wanted) {
                        memcpy(s->class, class, strlen(class) + 1);
                        s->class_number = 0;
                        return i;
                }
        }
        return 0;
}

/* The slot of the class; class 0's when all are taken. */
static uint8_t slot_of(struct log *l, const char *class)
{
        if (!*class)
                return 0;
        for (uint8_t i = 1; i < SLOTS; i++)
                if ((l->slots[i].segment || l->slots[i].wanted) &&
                    strcmp(l->slots[i].class, class) == 0)
                        return i;
        return free_slot(l, class);
}

/* Raw time ends records; what else there is (erasures, activations) has periods of its own. */
static bool period_of(struct log *l, const struct vault_item *item, const struct slot *slot,
                      uint64_t *period, struct err *err)
{
        uint32_t class = slot->class_number;
        int64_t span_us = l->settings.period_us;

        if (item->kind != ENTRY_RECORD) {
                if (!keyring_class(l->keys, OTHER_CLASS, &class, err))
                        return false;
        } else {
                for (size_t i = 0; i < l->n_keeps; i++)
                        if (l->keeps[i].class == class && l->keeps[i].raw_us >= 0 && l->keeps[i].raw_us / 12 < span_us)
                                span_us = l->keeps[i].raw_us / 12;
        }
        return keyring_period(l->keys, class, l->period_now_us, span_us > 0 ? span_us : 1, period, err);
}

static bool plan_item(struct log *l, struct vault_item *item, struct plan *p, struct err *err)
{
        struct slot *slot;
        enum key_found found;
        const uint8_t *key;
        uint32_t times_erased;
        bool erased = false;

        item->outcome = ITEM_DURABLE;
        memset(item->record_key, 0, sizeof item->record_key);
        *p = (struct plan){ 0 };
        if (item->id.p)
                keyer_record_key(l->keyer, item->source, item->id, item->record_key);
        if (item->kind == ENTRY_RECORD &&
            !keyring_is_erased(l->keys, item->record_key, &erased, err))
                return false;
        if (erased) {
                item->outcome = ITEM_ERASED;
                metric_add(&vault_metrics[M_ERASED], 1);
                return true;
        }
        p->slot = slot_of(l, item->class);
        slot = &l->slots[p->slot];
        slot->wanted = true;
        if (p->slot != 0 && slot->class_number == 0 &&
            !keyring_class(l->keys, slot->class, &slot->class_number, err))
                return false;
        if (item->source.n > 0 && !keyring_source(l->keys, item->source, &p->source, err))
                return false;
        if (!keyring_subject(l->keys, item->identities, item->n_identities, l->now_us, &p->subject, err) ||
            !period_of(l, item, slot, &p->period, err))
                return false;
        /* Derived now, while a new subject's key is at hand. */
        return keyring_entry_key(l->keys, p->subject, p->period, &found, &key, &times_erased, err) &&
               (found == KEY_THERE ||
                err_set(err, ERR_SYSTEM, 0, "key of a subject or period cannot be read"));
}

static bool room_for_plans(struct log *l, struct err *err)
{
        struct plan *more;

        if (l->n_plans <= l->cap_plans)
                return true;
        more = realloc(l->plans, l->n_plans * sizeof *more);
        if (!more)
                return err_set(err, ERR_FULL, ENOMEM, "no memory for a commit");
        l->plans = more;
        l->cap_plans = l->n_plans;
        return true;
}

static bool make_plans(struct log *l, struct err *err)
{
        struct plan *p;

        for (int i = 0; i < SLOTS; i++)
                l->slots[i].wanted = false;
        if (!room_for_plans(l, err))
                return false;
        p = l->plans;
        for (size_t i = 0; i < l->n_groups; i++) {
                l->touches[i] = 0;
                for (size_t j = 0; j < l->groups[i]->n; j++, p++) {
                        if (!plan_item(l, &l->groups[i]->items[j], p, err)) {
                                keyring_abort(l->keys);
                                return err_add(err, "keys.db");
                        }
                        if (l->groups[i]->items[j].outcome == ITEM_DURABLE)
                                l->touches[i] |= (uint8_t)(1u << p->slot);
                }
        }
        atomic_store(&l->subjects, l->keys->next_subject - 1);
        return keyring_commit(l->keys, err);
}

/* ---- write --------------------------------------------------------------- */

static const uint8_t *next_nonce(struct log *l)
{
        if (l->nonces_used == NONCES || l->nonces_used == 0) {
                random_bytes(l->nonces, sizeof l->nonces);
                l->nonces_used = 0;
        }
        return l->nonces + SEAL_NONCE * l->nonces_used++;
}

static bool open_segment(struct log *l, struct slot *s, struct err *err)
{
        return s->segment ||
               segment_create(&s->segment, l->catalog->dir, l->region, s->class, s->class_number,
                              (struct position){ l->epoch, l->next_seq }, l->now_us, err);
}

static bool write_item(struct log *l, struct vault_item *item, const struct plan *p,
                       uint64_t first_seq, struct err *err)
{
        struct slot *slot = &l->slots[p->slot];
        struct entry_header h = { .kind = (uint8_t)item->kind, .source = p->source,
                                  .epoch = l->epoch, .seq = l->next_seq,
                                  .back = (uint16_t)(l->next_seq - first_seq),
                                  .captured_us = l->now_us, .subject = p->subject,
                                  .period = p->period };
        enum key_found found;
        const uint8_t *key;
        uint32_t times_erased;

        if (!open_segment(l, slot, err) ||
            !keyring_entry_key(l->keys, p->subject, p->period, &found, &key, &times_erased, err))
                return false;
        if (found != KEY_THERE)
                return err_set(err, ERR_SYSTEM, 0, "key of a subject or period cannot be read");
        memcpy(h.record_key, item->record_key, sizeof h.record_key);
        memcpy(h.nonce, next_nonce(l), SEAL_NONCE);
        if (!segment_append(slot->segment, &h, l->seal, key, item->plain, err))
                return false;
        item->at = (struct position){ l->epoch, l->next_seq++ };
        return true;
}

/* Writes the groups that are not refused (`skip`: slots whose groups are). */
static bool write_groups(struct log *l, uint8_t skip, struct err *err)
{
        const struct plan *p = l->plans;
        uint64_t first_seq = l->next_seq;

        for (size_t i = 0; i < l->n_groups; i++) {
                struct vault_group *g = l->groups[i];
                for (size_t j = 0; j < g->n; j++, p++)
                        if (!(l->touches[i] & skip) && g->items[j].outcome == ITEM_DURABLE &&
                            !write_item(l, &g->items[j], p, first_seq, err))
                                return false;
        }
        for (int i = 0; i < SLOTS; i++)
                if (l->slots[i].segment && !segment_flush(l->slots[i].segment, err))
                        return false;
        return true;
}

/* Syncs every file touched, also after one failed. Returns the slots that failed. */
static uint8_t sync_files(struct log *l, struct err *err)
{
        uint8_t failed = 0;

        for (int i = 0; i < SLOTS; i++) {
                struct segment *s = l->slots[i].segment;
                if (!s || !s->dirty)
                        continue;
                metric_add(&vault_metrics[M_SYNCS], 1);
                if (!segment_sync(s, l->catalog->dir, err))
                        failed |= (uint8_t)(1u << i);
        }
        return failed;
}

/* ---- taking back --------------------------------------------------------- */

/* Slot i's file ends where it was durable; the catalog and keys.db know. */
static bool abandon(struct log *l, int i, struct err *err)
{
        struct segment *s = l->slots[i].segment;
        bool ok;

        l->slots[i].segment = NULL;
        if (s->published) {
                catalog_lock(l->catalog);
                s->info->closed = true;
                catalog_unlock(l->catalog);
        } else {
                s->info->bytes = s->info->data_at;
        }
        ok = register_segment(l->keys, s->info, l->now_us, err);
        segment_close(s);
        return ok;
}

/* Every file this commit touched is given up. False: what was written may come back. */
static bool abandon_files(struct log *l, struct err *err)
{
        for (int i = 0; i < SLOTS; i++) {
                if (!l->slots[i].segment || !l->slots[i].segment->dirty)
                        continue;
                log_warning("vault", "segment abandoned", "segment=%s bytes=%llu",
                            l->slots[i].segment->info->name,
                            (unsigned long long)l->slots[i].segment->info->bytes);
                if (!abandon(l, i, err)) {
                        keyring_abort(l->keys);
                        return false;
                }
        }
        return keyring_commit(l->keys, err);
}

/* After a failed write: nothing of this commit may ever be read. */
static bool cut_files(struct log *l, uint64_t first_seq, struct err *err)
{
        bool ok = true;

        for (int i = 0; i < SLOTS && ok; i++) {
                struct segment *s = l->slots[i].segment;
                if (!s || (!s->dirty && s->published))
                        continue;
                ok = segment_cut(s, l->catalog->dir, err);
                if (ok && !s->published) {
                        segment_close(s);
                        l->slots[i].segment = NULL;
                } else if (!ok) {
                        s->dirty = true; /* to be abandoned */
                        l->sync_failures++;
                }
        }
        l->next_seq = first_seq;
        return ok || (l->sync_failures < 2 && abandon_files(l, err));
}

/* ---- the whole ----------------------------------------------------------- */

static void publish_slot(struct log *l, struct slot *slot)
{
        struct segment *s = slot->segment;
        uint64_t bytes = s->info->bytes, entries = s->info->entries;
        struct err err = ERR_INIT;

        segment_settle(s);
        l->catalog->entries += s->entries - entries;
        if (s->published) {
                l->catalog->bytes += s->info->bytes - bytes;
        } else if (catalog_add(l->catalog, s->info, &err)) {
                s->published = true;
        } else {
                log_err(LOG_LEVEL_ERROR, "vault", "segment waits for a restart to be read", &err);
        }
}

static void publish(struct log *l)
{
        struct catalog *c = l->catalog;

        catalog_lock(c);
        for (int i = 0; i < SLOTS; i++)
                if (l->slots[i].segment && l->slots[i].segment->dirty)
                        publish_slot(l, &l->slots[i]);
        c->mark = (struct position){ l->epoch, l->next_seq - 1 };
        c->epochs[c->n_epochs - 1].durable_to = l->next_seq - 1;
        metric_set(&vault_metrics[M_BYTES], (int64_t)c->bytes);
        metric_set(&vault_metrics[M_SEGMENTS], (int64_t)(c->n - c->removed));
        catalog_unlock(c);
        catalog_ring(c);
}

static void answer_written(struct log *l, uint8_t refused, const struct err *err)
{
        for (size_t i = 0; i < l->n_groups; i++)
                log_answer(l->groups[i], !(l->touches[i] & refused), err);
        l->n_groups = 0;
}

/* The disk failed a sync. Returns the slots whose groups are refused; all: it is over. */
static uint8_t write_anew(struct log *l, uint8_t failed, uint64_t first_seq, struct err *err)
{
        struct err again = ERR_INIT;

        metric_add(&vault_metrics[M_SYNC_FAILURES], 1);
        l->next_seq = first_seq;
        if (++l->sync_failures >= 2) {
                log_fail(l, err);
                return UINT8_MAX;
        }
        log_err(LOG_LEVEL_ERROR, "vault", "sync failed", err);
        if (err->kind == ERR_SYSTEM)
                err->kind = ERR_RETRY; /* into new files */
        if (!abandon_files(l, &again) || !write_groups(l, failed, &again) ||
            sync_files(l, &again) != 0) {
                log_fail(l, &again);
                return UINT8_MAX;
        }
        return failed;
}

void log_commit(struct log *l)
{
        uint64_t first_seq = l->next_seq;
        uint8_t refused;
        struct err err = ERR_INIT;

        if (atomic_load(&l->failed)) {
                refuse_all(l, &l->failure);
                return;
        }
        l->now_us = vault_io.wall_us();
        l->period_now_us = timekeeper_look(l->time).best_us;
        admit(l);
        if (l->n_groups == 0)
                return;
        if (!make_plans(l, &err)) {
                refuse_all(l, &err);
                return;
        }
        if (!write_groups(l, 0, &err)) {
                struct err cut_err = ERR_INIT;
                if (!cut_files(l, first_seq, &cut_err))
                        log_fail(l, &cut_err);
                if (!atomic_exchange(&l->full, err.kind == ERR_FULL) || err.kind != ERR_FULL)
                        log_err(LOG_LEVEL_ERROR, "vault", "commit failed", &err);
                refuse_all(l, &err);
                return;
        }
        refused = sync_files(l, &err);
        if (refused)
                refused = write_anew(l, refused, first_seq, &err);
        if (atomic_load(&l->failed)) {
                refuse_all(l, &l->failure);
                return;
        }
        metric_add(&vault_metrics[M_APPENDED], (int64_t)(l->next_seq - first_seq));
        if (l->next_seq > first_seq)
                publish(l);
        answer_written(l, refused, &err);
}

static bool is_due(const struct log *l, const struct segment *s, int64_t now_us)
{
        return segment_size(s) >= l->settings.segment_bytes ||
               now_us >= s->info->created_us + l->settings.segment_age_us;
}

/* The row only spares the next start the reading: it may fail. */
void log_close_segments(struct log *l, bool all)
{
        int64_t now_us = vault_io.wall_us();
        struct err err = ERR_INIT;
        bool ok = true;

        for (int i = 0; i < SLOTS; i++) {
                struct segment *s = l->slots[i].segment;
                if (!s || (!all && !is_due(l, s, now_us)))
                        continue;
                l->slots[i].segment = NULL;
                ok = ok && register_segment(l->keys, s->info, now_us, &err) &&
                     register_durable_to(l->keys, l->epoch, s->info->last, &err);
                catalog_lock(l->catalog);
                s->info->closed = true;
                catalog_unlock(l->catalog);
                log_info("vault", "segment closed", "segment=%s entries=%llu bytes=%llu", s->info->name,
                         (unsigned long long)s->info->entries, (unsigned long long)s->info->bytes);
                segment_close(s);
        }
        if (!ok || !keyring_commit(l->keys, &err)) {
                log_err(LOG_LEVEL_WARNING, "vault", "closed segments are not written down", &err);
                keyring_abort(l->keys);
        }
}
