/* log.c - the writer's thread: what it waits for, what it takes at once. */
#include "log.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "io.h"
#include "model/record.h"
#include "register.h"

enum { IDLE_US = 10 * 1000 * 1000, ITEM_TEXT_MAX = RECORD_BYTES_MAX + 4096 };

/* ---- which groups go into a commit --------------------------------------- */

/* Checked before anything is made for it: a bad group must not hurt its neighbours. */
static bool is_sound(const struct vault_item *item)
{
        if (item->kind < ENTRY_RECORD || item->kind > ENTRY_LEDGER || !item->class ||
            strlen(item->class) > CLASS_NAME_MAX || item->plain.n > ENTRY_PLAIN_MAX ||
            item->source.n > CLASS_NAME_MAX || item->id.n > ITEM_TEXT_MAX ||
            item->n_identities < 0 || item->n_identities > IDENTITIES_MAX)
                return false;
        for (int i = 0; i < item->n_identities; i++)
                if (item->identities[i].n == 0 || item->identities[i].n > ITEM_TEXT_MAX)
                        return false;
        return item->source.n == 0 || !memchr(item->source.p, 0, item->source.n);
}

static bool weigh(const struct vault_group *g, uint64_t *bytes, struct err *err)
{
        *bytes = 0;
        if (g->n < 1 || g->n > GROUP_ITEMS_MAX)
                return err_set(err, ERR_BUG, 0, "group of %zu items", g->n);
        for (size_t i = 0; i < g->n; i++) {
                if (!is_sound(&g->items[i]))
                        return err_set(err, ERR_DATA, 0, "item %zu of a group is out of bounds", i);
                *bytes += ENTRY_MIN + g->items[i].plain.n;
        }
        return true;
}

static void take_group(struct log *l, struct vault_group *g, uint64_t bytes)
{
        l->groups[l->n_groups++] = g;
        l->n_plans += g->n;
        l->plain_bytes += bytes;
}

static void follow(struct log *l, struct vault_group *g)
{
        struct order *o = (struct order *)(void *)g;
        struct err err = ERR_INIT;
        bool ok = !atomic_load(&l->failed) ? o->run(l, o->arg, &err)
                                           : err_set(&err, ERR_SYSTEM, 0, "vault has stopped");

        if (!ok && err.kind == ERR_FULL && reserve_give(l->reserve)) {
                err_clear(&err);
                ok = o->run(l, o->arg, &err);
        }
        log_give(g, ok, &err);
}

/* Moves groups from the backlog into the commit until it is large enough. */
static void gather(struct log *l)
{
        l->n_groups = l->n_plans = 0;
        l->plain_bytes = 0;
        while (l->backlog && l->n_groups < COMMIT_GROUPS_MAX) {
                struct vault_group *g = l->backlog;
                struct letter *next = g->letter.next;
                struct err err = ERR_INIT;
                uint64_t bytes;
                if (g->n == ORDER_ITEMS) {
                        if (l->n_groups > 0) /* what was said before it, first */
                                break;
                        l->backlog = next ? LETTER_OF(next, struct vault_group, letter) : NULL;
                        follow(l, g);
                        continue;
                }
                bool ok = weigh(g, &bytes, &err);

                if (ok && l->n_groups > 0 && (l->plain_bytes + bytes > l->settings.group_bytes ||
                                              l->n_plans + g->n > COMMIT_ENTRIES_MAX))
                        break;
                l->backlog = next ? LETTER_OF(next, struct vault_group, letter) : NULL;
                if (ok)
                        take_group(l, g, bytes);
                else
                        log_answer(g, false, &err);
        }
}

/* ---- the thread ---------------------------------------------------------- */

/* Until the first open segment is too old, or a while. */
static long patience(const struct log *l)
{
        int64_t now = vault_io.wall_us(), wait = IDLE_US;

        for (int i = 0; i < SLOTS; i++) {
                if (l->slots[i].segment) {
                        int64_t due = l->slots[i].segment->info->created_us +
                                      l->settings.segment_age_us - now;
                        wait = due < wait ? due : wait;
                }
        }
        return wait < 1000 ? 1000 : (long)wait;
}

static void take_mail(struct log *l)
{
        struct letter *first = mailbox_wait(l->mailbox, patience(l));

        if (first)
                l->backlog = LETTER_OF(first, struct vault_group, letter);
        pthread_mutex_lock(&l->room_lock);
        pthread_cond_broadcast(&l->room);
        pthread_mutex_unlock(&l->room_lock);
}

static void notice_forgotten_keys(struct log *l)
{
        uint64_t now = atomic_load(&l->catalog->key_generation);

        if (now != l->key_generation) {
                keyring_forget(l->keys);
                l->key_generation = now;
        }
}

static void *run(void *arg)
{
        struct log *l = arg;

        for (;;) {
                bool stopping = atomic_load(&l->stopping);
                take_mail(l);
                notice_forgotten_keys(l);
                while (l->backlog) {
                        gather(l);
                        if (l->n_groups > 0)
                                log_commit(l);
                        log_close_segments(l, false);
                }
                log_close_segments(l, false);
                if (stopping) /* seen before the last letters were taken */
                        break;
        }
        return NULL;
}

/* ---- from other threads --------------------------------------------------- */

static bool post_when_there_is_room(struct log *l, struct vault_group *g)
{
        bool ok = false;

        pthread_mutex_lock(&l->room_lock);
        while (!atomic_load(&l->failed) && !(ok = mailbox_post(l->mailbox, &g->letter)) &&
               !atomic_load(&l->stopping))
                pthread_cond_wait(&l->room, &l->room_lock);
        pthread_mutex_unlock(&l->room_lock);
        return ok;
}

bool log_call(struct log *l, struct vault_group *g, struct err *err)
{
        bool ok = false;

        g->reply = mailbox_new(1);
        if (!g->reply)
                return err_set(err, ERR_RETRY, ENOMEM, "no memory to wait for the vault");
        if (!post_when_there_is_room(l, g)) {
                err_set(err, ERR_SYSTEM, 0, "vault accepts nothing more");
        } else {
                mailbox_wait(g->reply, -1);
                ok = g->ok;
                if (!ok && err)
                        *err = g->err;
        }
        mailbox_free(g->reply);
        return ok;
}

bool log_order(struct log *l, bool (*what)(struct log *l, void *arg, struct err *err), void *arg,
               struct err *err)
{
        struct order o = { .group = { .n = ORDER_ITEMS }, .run = what, .arg = arg };

        return log_call(l, &o.group, err);
}

bool log_start(struct log *l, struct err *err)
{
        int failed = pthread_create(&l->thread, NULL, run, l);

        l->running = failed == 0;
        return l->running || err_errno(err, failed, "could not start the vault's writer");
}

void log_stop(struct log *l)
{
        struct err err = ERR_INIT;

        if (!l->running)
                return;
        atomic_store(&l->stopping, true);
        mailbox_shut(l->mailbox);
        pthread_join(l->thread, NULL);
        l->running = false;
        if (atomic_load(&l->failed))
                return; /* what is durable will be found by reading */
        log_close_segments(l, true);
        if (!register_durable_to(l->keys, l->epoch, l->next_seq - 1, &err) ||
            !keyring_commit(l->keys, &err)) {
                log_err(LOG_LEVEL_WARNING, "vault", "could not write down the end", &err);
                keyring_abort(l->keys);
        }
}
