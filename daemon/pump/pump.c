/* pump.c - the pump's thread: its turn, what wakes it, and what others see of it. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "pump_private.h"
#include "vault/kept.h"

enum { ARENA_MAX = 32 << 20, RETRY_US = 1000000, STATUS_US = 250000, STOP_POLL_MS = 100 };

/* ---- What is wrong ----------------------------------------------------- */
bool pump_die(struct pump *p, const struct err *err)
{
        log_err(LOG_LEVEL_ERROR, "pump", "cannot go on", err);
        pthread_mutex_lock(&p->lock);
        p->dead = true;
        p->dead_err = *err;
        pthread_mutex_unlock(&p->lock);
        return false;
}

void pump_trouble(struct pump *p, const char *fmt, ...)
{
        char text[sizeof p->trouble];
        va_list args;
        va_start(args, fmt);
        vsnprintf(text, sizeof text, fmt, args);
        va_end(args);
        if (strcmp(text, p->trouble) == 0)
                return;
        if (text[0])
                log_warning("pump", "trouble", "why=\"%s\"", text);
        else
                log_info("pump", "trouble over", NULL);
        memcpy(p->trouble, text, sizeof p->trouble);
}

/* A full disk, a broker or a lock that is away pass; everything else is the end. */
static bool passes(struct pump *p, const struct err *err)
{
        if (err->kind != ERR_RETRY && err->kind != ERR_FULL && err->kind != ERR_CONFIG &&
            err->kind != ERR_BUSY)
                return pump_die(p, err);
        pump_trouble(p, "%s", err->text);
        bool room = err->kind == ERR_FULL && vault_out_of_room(p->spec.vault); /* out of the reserve */
        p->retry_us = clock_mono_us() + (room ? 0 : RETRY_US);
        return true;
}

/* ---- A turn ------------------------------------------------------------ */
static void take_book(struct pump *p)
{
        pthread_mutex_lock(&p->lock);
        bool waits = p->book_waits;
        struct book *b = p->next_book;
        p->book_waits = false;
        p->next_book = NULL;
        bool door = p->door.n > 0;
        p->tells = p->stands;
        /* Something changed: told at once, unless what was told last still waits for Kafka. */
        if (p->news && p->acked_us >= p->told_us) {
                p->news = false;
                p->told_us = clock_mono_us() - p->spec.settings.hello_every_us;
        }
        pthread_mutex_unlock(&p->lock);
        if (door && !p->settle_us)
                p->settle_us = clock_mono_us();
        if (!waits)
                return;
        book_take(p, b);
        p->overdue_us = 0;
        p->recall = true;
        run_end(p);
}

/* Connects, begins a run, activates: what has to be true before anything is sent. */
static bool prepare(struct pump *p, struct err *err)
{
        if (!p->connected) {
                bool first = !p->n_streams;
                if (!send_connect(p, err))
                        return false;
                p->connected = true;
                if (first)
                        run_end(p);
        }
        if (!returns_take(p, err))
                return false;
        if (p->restart && (p->failed || p->recall || !p->window.unacked)) {
                if (!run_begin(p, err))
                        return false;
                if (!p->connected)
                        return true;
        }
        return !p->book || p->judge || book_activate(p, err);
}

static bool ready(const struct pump *p)
{
        return p->connected && p->judge && !p->restart;
}

static bool send_all(struct pump *p, int64_t now_us, struct err *err)
{
        if (!ready(p))
                return true;
        if (!send_stuck(p, err))
                return err->kind == ERR_FULL || p->restart;
        bool knows = true;
        if (!send_hellos(p, now_us, err) || (p->claimed && !meet_turn(p, &knows, err)))
                return false;
        if (p->claimed && (knows || p->erasing) && !read_entries(p, err))
                return false;
        if (p->claimed && knows && !reapply_read(p, now_us, err))
                return false;
        return !p->claimed || p->erasing || send_account(p, now_us, err);
}

/* All that was skipped on the way, too, makes a settle due: the sending again is over. */
static bool resent_all(const struct pump *p)
{
        return p->resending && !p->window.n && !p->restart && !p->erasing &&
               position_compare(p->position, p->resend_until) >= 0;
}

static bool settle_if_due(struct pump *p, int64_t now_us, struct err *err)
{
        if (!settle_due(p, now_us) && !resent_all(p) && !reapply_ends(p))
                return true;
        return settle(p, err);
}

static bool turn(struct pump *p)
{
        struct err err = ERR_INIT;
        int64_t now_us = clock_mono_us();
        take_book(p);
        returns_overdue(p, now_us);
        if (!reapply_heed_stop(p, &err))
                return passes(p, &err);
        bool well = now_us >= p->retry_us;
        if (well && !(prepare(p, &err) && send_all(p, now_us, &err))) {
                well = false;
                if (!passes(p, &err))
                        return false;
        }
        if (p->producer)
                kafka_producer_poll(p->producer, 0);
        err_clear(&err);
        if (now_us >= p->retry_us && !(expire_kept(p, &err) && overdue_stay(p, now_us, &err)))
                return passes(p, &err);
        if (!settle_if_due(p, clock_mono_us(), &err))
                return passes(p, &err);
        if (well && p->trouble[0] && p->connected && !p->restart)
                pump_trouble(p, "%s", "");
        return true;
}

/* ---- Being seen -------------------------------------------------------- */
uint64_t pump_backlog(const struct pump *p)
{
        struct position at = p->resending ? p->position : p->cursor;
        struct position mark = vault_mark(p->spec.vault), old = p->spec.found->last;
        if (position_compare(at, mark) >= 0)
                return 0;
        if (at.epoch == mark.epoch)
                return mark.seq - at.seq;
        uint64_t fresh = mark.epoch == p->epoch ? mark.seq : 0;
        if (at.epoch == old.epoch)
                return fresh + (old.seq > at.seq ? old.seq - at.seq : 0);
        return fresh + p->spec.found->entries; /* several starts back: at most so many */
}

static void count_in_flight(struct pump *p, int64_t now_us)
{
        struct err err = ERR_INIT;
        if (!p->in_flight_dirty || now_us - p->in_flight_us < STATUS_US)
                return;
        p->in_flight_us = now_us;
        if (state_in_flight(p->state, &p->in_flight, &err) && state_rejected(p->state, &p->rejected, &err) &&
            reasons_refresh(p, &err) && expire_cover(p, &err))
                p->in_flight_dirty = false;
}

/* When the first entry that was read and is not settled was captured; of what could not even be
 * read, since when it has been waiting in front of this pump. 0: nothing waits. */
int64_t pump_oldest(struct pump *p, uint64_t backlog)
{
        int64_t since_us = INT64_MAX;
        if (!backlog)
                return p->behind_us = 0;
        if (!p->behind_us)
                p->behind_us = clock_now_us();
        for (size_t i = 0; i < p->window.n && since_us == INT64_MAX; i++)
                if (window_at(&p->window, i)->what == SLOT_ENTRY && !window_at(&p->window, i)->again)
                        since_us = window_at(&p->window, i)->captured_us;
        return p->behind_us < since_us ? p->behind_us : since_us;
}

static void show(struct pump *p, int64_t now_us)
{
        const char *why = "";
        bool down = !p->connected || kafka_producer_down(p->producer, &why);
        count_in_flight(p, now_us);
        balance_refresh(p, now_us);
        counters_show(p, now_us);
        reapply_show(p);
        struct pump_status s = {
                .closed = !p->book, /* one that is not activated yet lets out as soon as Kafka is there */
                .kafka_up = !down,
                .learning = p->crowd && !p->knows_all,
                .cursor = p->cursor,
                .judged = p->judged,
                .backlog = pump_backlog(p),
                .held = p->totals.held,
                .stayed = p->totals.stayed,
                .sent = p->totals.sent,
                .in_flight = p->in_flight,
                .rejected = p->rejected,
                .missing = p->account->missing,
                .last_receipt_us = p->last_receipt_us,
                .gaps = p->gaps,
                .residual = p->residual,
                .people_since_us = p->people_since_us,
        };
        snprintf(s.trouble, sizeof s.trouble, "%s", p->trouble[0] ? p->trouble : why);
        s.oldest_us = pump_oldest(p, s.backlog);
        metric_set(&pump_metrics[PUMP_BACKLOG], (int64_t)s.backlog);
        metric_set(&pump_metrics[PUMP_IN_FLIGHT], (int64_t)s.in_flight);
        metric_set(&pump_metrics[PUMP_KAFKA_UP], s.kafka_up);
        pthread_mutex_lock(&p->lock);
        p->status = s;
        pthread_mutex_unlock(&p->lock);
}

/* ---- Waiting ----------------------------------------------------------- */
static int64_t next_due(const struct pump *p, int64_t now_us)
{
        int64_t due = INT64_MAX;
        bool waits = p->retry_us > now_us;
        if (waits)
                due = p->retry_us;
        else if (ready(p))
                due = send_due_us(p);
        if (!waits && reapply_due_us(p) < due)
                due = reapply_due_us(p);
        if (ready(p) && returns_due_us(p) < due)
                due = returns_due_us(p);
        if (p->settle_us && p->settle_us + SETTLE_US < due)
                due = p->settle_us + SETTLE_US;
        if (p->in_flight_dirty && p->in_flight_us + STATUS_US < due)
                due = p->in_flight_us + STATUS_US;
        if (counters_due_us(p) < due)
                due = counters_due_us(p);
        if (balance_due_us(p) < due)
                due = balance_due_us(p);
        if (!waits && overdue_due_us(p) < due)
                due = overdue_due_us(p);
        return due;
}

static bool has_work(const struct pump *p, int64_t now_us)
{
        if (p->retry_us > now_us)
                return false;
        if (expire_pending(p))
                return true;
        if (p->restart)
                return p->failed || p->recall || !p->window.unacked;
        if (!p->connected || (ready(p) && reapply_has_work(p, now_us)))
                return true;
        return ready(p) && p->claimed && p->more && !p->stuck && !p->erasing &&
               !window_full(&p->window) && p->window.unacked < (size_t)p->spec.settings.in_flight;
}

static void drain_fd(int fd)
{
        uint64_t count;
        ssize_t n = read(fd, &count, sizeof count);
        (void)n;
}

static void wait_for_work(struct pump *p)
{
        int64_t now_us = clock_mono_us(), due = next_due(p, now_us);
        int64_t ms = due == INT64_MAX ? -1 : due <= now_us ? 0 : (due - now_us + 999) / 1000;
        struct pollfd fds[4] = { { .fd = p->bell, .events = POLLIN },
                                 { .fd = p->mark_fd, .events = POLLIN },
                                 { .fd = -1 }, { .fd = -1 } };
        if (p->producer)
                fds[2] = (struct pollfd){ .fd = kafka_producer_fd(p->producer), .events = POLLIN };
        /* While it waits to try again, receipts wait too. */
        if (p->receipts && p->retry_us <= now_us)
                fds[3] = (struct pollfd){ .fd = kafka_consumer_fd(p->receipts), .events = POLLIN };
        if (poll(fds, 4, has_work(p, now_us) ? 0 : ms > INT32_MAX ? INT32_MAX : (int)ms) <= 0)
                return;
        if (fds[0].revents)
                drain_fd(p->bell);
        if (fds[1].revents) {
                drain_fd(p->mark_fd);
                p->more = true;
        }
}

/* ---- The thread -------------------------------------------------------- */
static bool stopping(struct pump *p)
{
        pthread_mutex_lock(&p->lock);
        bool stop = p->stop;
        pthread_mutex_unlock(&p->lock);
        return stop;
}

/* Waits for reports, settles what is done; what is left goes again at the next start. */
static void drain(struct pump *p)
{
        struct err err = ERR_INIT;
        int64_t until = clock_mono_us() + p->spec.settings.drain_us;
        const char *why;
        while (p->producer && p->window.unacked && clock_mono_us() < until &&
               !kafka_producer_down(p->producer, &why))
                kafka_producer_poll(p->producer, STOP_POLL_MS);
        send_disconnect(p);
        returns_close(p);
        if (!settle(p, &err))
                log_err(LOG_LEVEL_WARNING, "pump", "last settle failed", &err);
        log_info("pump", "stopped", "unsettled=%zu", p->window.n);
}

static void *run(void *ctx)
{
        struct pump *p = ctx;
        while (!stopping(p) && turn(p)) {
                show(p, clock_mono_us());
                wait_for_work(p);
        }
        if (!p->dead)
                drain(p);
        return NULL;
}

/* ---- Starting and stopping --------------------------------------------- */
/* What the process before read, and did not settle, stood in its window. */
static void doubt_last(struct pump *p)
{
        p->doubt = vault_mark(p->spec.vault);
        if (p->doubt.epoch == p->cursor.epoch && p->doubt.seq > p->cursor.seq + WINDOW_SLOTS)
                p->doubt.seq = p->cursor.seq + WINDOW_SLOTS;
        p->doubt_kinds = p->let_out;
}

static bool load_numbers(struct pump *p, struct err *err)
{
        uint64_t claimed = 0;
        p->change = 1;
        bool ok = state_get_position(p->state, STATE_CURSOR, &p->cursor, err) &&
                  state_get_position(p->state, STATE_COUNTED_FROM, &p->counted_from, err) &&
                  state_get_number(p->state, "serial", &p->serial, err) &&
                  state_get_number(p->state, "change", &p->change, err) &&
                  state_get_number(p->state, "told", &p->told, err) &&
                  state_get_number(p->state, "claimed", &claimed, err) &&
                  state_account_sums(p->state, &p->totals, err) && book_restore(p, err) && reapply_restore(p, err);
        p->claimed = claimed >= p->epoch >> 32;
        doubt_last(p);
        p->account_dirty = p->in_flight_dirty = true;
        return ok;
}

/* A start writes: on a full disk, out of the vault's reserve. */
static bool open_state(struct pump *p, struct err *err)
{
        for (;;) {
                if (state_open(&p->state, p->spec.state_dir, err) && kept_open(p->state, err) && counted_open(p->state, err))
                        return vault_reader_open(&p->periods, p->spec.vault, (struct position){ 0, 0 }, err);
                state_close(p->state);
                p->state = NULL;
                if (err->kind != ERR_FULL || !vault_out_of_room(p->spec.vault))
                        return false;
        }
}

static bool open_all(struct pump *p, struct err *err)
{
        p->bell = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
        if (p->bell < 0)
                return err_errno(err, errno, "could not make an event descriptor");
        p->arena = arena_new(ARENA_MAX);
        if (!p->arena || !balance_open(p))
                return err_set(err, ERR_SYSTEM, 0, "could not start the pump: out of memory");
        p->mark_fd = vault_watch(p->spec.vault, err);
        return p->mark_fd >= 0 && window_init(&p->window, WINDOW_SLOTS, err) &&
               open_state(p, err) &&
               keyer_open(&p->keyer, p->spec.state_dir, err) &&
               counts_open(&p->counts, p->state, p->keyer, err) && load_numbers(p, err) && send_open(p, err);
}

static void close_all(struct pump *p)
{
        send_disconnect(p);
        returns_close(p);
        vault_reader_close(p->reader);
        vault_reader_close(p->periods);
        meet_forget(p);
        reapply_close(p);
        book_take(p, NULL);
        book_drop(p->next_book);
        ahead_close(p);
        counts_close(&p->counts);
        keyer_close(p->keyer);
        state_close(p->state);
        window_clear(&p->window);
        for (int32_t i = 0; i < p->n_streams; i++)
                way_clear(&p->streams[i].way);
        way_clear(&p->resent);
        balance_close(p);
        free(p->streams);
        free(p->door.rows);
        arena_free(p->arena);
        buf_clear(&p->value);
        if (p->bell >= 0)
                close(p->bell);
        pthread_mutex_destroy(&p->lock);
        free(p);
}

/* Signals belong to the front. */
static bool start_thread(struct pump *p, struct err *err)
{
        sigset_t all, before;
        sigfillset(&all);
        pthread_sigmask(SIG_SETMASK, &all, &before);
        int rc = pthread_create(&p->thread, NULL, run, p);
        pthread_sigmask(SIG_SETMASK, &before, NULL);
        p->started = rc == 0;
        return p->started || err_errno(err, rc, "could not start the pump's thread");
}

bool pump_start(struct pump **out, const struct pump_spec *spec, struct err *err)
{
        *out = NULL;
        struct pump *p = calloc(1, sizeof *p);
        if (!p)
                return err_errno(err, errno, "could not start the pump");
        p->spec = *spec;
        p->bell = p->mark_fd = -1;
        p->epoch = vault_epoch(spec->vault);
        p->restart = true;
        p->status.closed = true;
        pthread_mutex_init(&p->lock, NULL);
        buf_init(&p->value, MESSAGE_VALUE_MAX);
        topic_records(p->topic, spec->region);
        topic_receipts(p->receipts_topic, spec->region);
        bool ok = open_all(p, err);
        if (ok)
                show(p, clock_mono_us()); /* Kafka away: the thread's first turn takes seconds */
        if (!ok || !start_thread(p, err)) {
                close_all(p);
                return false;
        }
        *out = p;
        return true;
}

static void ring(struct pump *p)
{
        const uint64_t one = 1;
        ssize_t n = write(p->bell, &one, sizeof one);
        (void)n;
}

void pump_stop(struct pump *p)
{
        if (!p)
                return;
        pthread_mutex_lock(&p->lock);
        p->stop = true;
        pthread_mutex_unlock(&p->lock);
        ring(p);
        pthread_join(p->thread, NULL);
        close_all(p);
}

/* ---- From other threads ------------------------------------------------ */
void pump_set_book(struct pump *p, struct book *book)
{
        pthread_mutex_lock(&p->lock);
        struct book *unseen = p->next_book;
        p->next_book = book;
        p->book_waits = true;
        pthread_mutex_unlock(&p->lock);
        book_drop(unseen);
        ring(p);
}

static void count_at_door(struct pump *p, struct slice source, int64_t captured_us, uint32_t refused,
                          uint32_t discarded)
{
        pthread_mutex_lock(&p->lock);
        bool first = p->door.n == 0;
        bool ok = tally_door_add(&p->door, source, captured_us, refused, discarded);
        pthread_mutex_unlock(&p->lock);
        if (!ok)
                metric_add(&pump_metrics[PUMP_REFUSED_LOST], refused);
        if (first)
                ring(p);
}

void pump_tell(struct pump *p, const struct standing *s)
{
        pthread_mutex_lock(&p->lock);
        const struct standing *was = &p->standing;
        bool news = !p->stands || s->troubles != was->troubles || s->n_downtimes != was->n_downtimes ||
                    s->policy_version != was->policy_version;
        p->standing = *s;
        p->stands = true;
        p->news |= news;
        pthread_mutex_unlock(&p->lock);
        if (news)
                ring(p);
}

void pump_count_refused(struct pump *p, struct slice source, int64_t captured_us, uint32_t refused)
{
        count_at_door(p, source, captured_us, refused, 0);
}

void pump_count_discarded(struct pump *p, struct slice source, int64_t captured_us, uint32_t pieces)
{
        count_at_door(p, source, captured_us, 0, pieces);
}

void pump_status(struct pump *p, struct pump_status *out)
{
        pthread_mutex_lock(&p->lock);
        *out = p->status;
        pthread_mutex_unlock(&p->lock);
        struct position mark = vault_mark(p->spec.vault);
        /* What came since the thread looked last. */
        if (out->backlog == 0 && position_compare(mark, out->cursor) > 0)
                out->backlog = mark.epoch == out->cursor.epoch ? mark.seq - out->cursor.seq : mark.seq;
        int64_t now_us = clock_now_us();
        out->lag_us = out->oldest_us && out->oldest_us < now_us ? now_us - out->oldest_us : 0;
        metric_set(&pump_metrics[PUMP_LAG], out->lag_us / US_PER_SECOND);
}

bool pump_dead(struct pump *p, struct err *err)
{
        pthread_mutex_lock(&p->lock);
        bool dead = p->dead;
        if (dead && err)
                *err = p->dead_err;
        pthread_mutex_unlock(&p->lock);
        return dead;
}
