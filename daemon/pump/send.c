/* send.c - messages on their way: transport numbers, the producer, hello and account.
 *
 * out = (epoch, n), n rising per partition over the whole epoch, also over purges. prev chains
 * the messages of a run. A number is taken only when the producer has the message.        */
#include <stdlib.h>

#include "base/clock.h"
#include "base/hash.h"
#include "base/log.h"
#include "pump_private.h"

enum { CONNECT_MS = 1000, ACCOUNT_ROWS = 2 * TALLY_TOLD_MAX };

/* ---- Connecting -------------------------------------------------------- */
static void on_delivered(const struct kafka_delivery *d, void *ctx)
{
        struct pump *p = ctx;
        struct slot *s = d->cookie;
        window_report(&p->window, s, d->ok);
        p->streams[s->partition].unacked--;
        if (d->ok) {
                metric_add(&pump_metrics[PUMP_ACKNOWLEDGED], 1);
                p->backoff_us = 0;
                p->acked_us = clock_mono_us();
                return;
        }
        if (d->too_large && s->what == SLOT_ENTRY && p->n_too_large < TOO_LARGE_MAX)
                p->too_large[p->n_too_large++] = s->at;
        if (!d->purged && !p->failed) {
                p->failed = true;
                pump_trouble(p, "Kafka did not take a message: %s", d->why);
        }
        run_end(p);
}

/* n restarts with the epoch; what the state knows are numbers of earlier epochs, or of this one
 * if the topic was only away for a while. */
static bool load_streams(struct pump *p, int32_t partitions, struct err *err)
{
        struct state_transport *rows = calloc(PARTITIONS_MAX, sizeof *rows);
        size_t n = 0;
        free(p->streams);
        p->streams = calloc((size_t)partitions, sizeof *p->streams);
        bool ok = rows && p->streams;
        if (!ok)
                err_set(err, ERR_SYSTEM, 0, "could not set up partitions: out of memory");
        ok = ok && state_transports(p->state, rows, PARTITIONS_MAX, &n, err);
        for (int32_t i = 0; ok && i < partitions; i++)
                p->streams[i] = (struct stream){ .t.partition = i, .hello_due = true, .dirty = true };
        for (size_t i = 0; ok && i < n; i++)
                if (rows[i].partition >= 0 && rows[i].partition < partitions)
                        p->streams[rows[i].partition].t = rows[i];
        free(rows);
        return ok;
}

/* Where a record lies is its key modulo the partitions: another count would tear the account of
 * what went where. */
static bool check_partitions(struct pump *p, int now, struct err *err)
{
        uint64_t before = 0;
        if (!state_get_number(p->state, "partitions", &before, err))
                return false;
        if (now < 1 || now > PARTITIONS_MAX)
                return err_set(err, ERR_CONFIG, 0, "topic \"%s\" has %d partitions, not 1 to %d", p->topic,
                               now, PARTITIONS_MAX);
        if (before && before != (uint64_t)now) {
                err_set(err, ERR_CONFIG, 0, "topic \"%s\" has %d partitions, and had %u", p->topic, now,
                        (unsigned)before);
                return err_hint(err, "Make it again with as many as before; see \"tributary topics plan\".");
        }
        return before || state_put_number(p->state, "partitions", (uint64_t)now, err);
}

bool send_open(struct pump *p, struct err *err)
{
        return p->producer || kafka_producer_open(&p->producer, p->spec.kafka, on_delivered, p, err);
}

bool send_connect(struct pump *p, struct err *err)
{
        int partitions = 0;
        if (!send_open(p, err))
                return false;
        if (!kafka_producer_partitions(p->producer, p->topic, CONNECT_MS, &partitions, err)) {
                kafka_producer_poll(p->producer, 0);
                return false;
        }
        if (p->n_streams)
                return p->n_streams == partitions || check_partitions(p, partitions, err);
        if (!check_partitions(p, partitions, err) || !load_streams(p, partitions, err))
                return false;
        p->n_streams = partitions;
        return true;
}

void send_disconnect(struct pump *p)
{
        kafka_producer_close(p->producer);
        p->producer = NULL;
        p->connected = false;
}

/* ---- One message ------------------------------------------------------- */
static bool hand_over(struct pump *p, struct slot *s, struct err *err)
{
        struct stream *st = &p->streams[s->partition];
        struct kafka_header h[MESSAGE_HEADERS];
        for (size_t i = 0; i < p->n_headers; i++)
                h[i] = (struct kafka_header){ p->headers[i].name, slice_of(p->headers[i].value) };
        if (!kafka_send(p->producer, p->topic, s->partition, slice_make(p->key, sizeof p->key),
                        buf_slice(&p->value), h, p->n_headers, s, err))
                return false;
        window_sent(&p->window, s);
        st->n = s->out.seq;
        st->last = s->out;
        st->unacked++;
        st->last_sent_us = clock_mono_us();
        st->hello_due = false;
        return true;
}

static bool format(struct pump *p, const struct message *m, struct err *err)
{
        buf_reset(&p->value);
        return m->type == MESSAGE_RECORD
                       ? approved_format(p->judge, m, &p->value, p->key, p->headers, &p->n_headers, err)
                       : message_format(m, &p->value, p->key, p->headers, &p->n_headers, err);
}

bool send_message(struct pump *p, struct slot *s, int32_t partition, struct message *m, struct err *err)
{
        struct stream *st = &p->streams[partition];
        s->out = m->out = (struct position){ p->epoch, st->n + 1 };
        s->prev = m->prev = st->last;
        if (!format(p, m, err))
                return err->kind == ERR_FULL ? err_set(err, ERR_DATA, 0, "message is too large") : false;
        s->partition = partition;
        if (hand_over(p, s, err))
                return true;
        if (err->kind != ERR_DATA) {
                p->stuck = s; /* full, or a producer that failed: told by its reports */
                return true;
        }
        s->partition = -1;
        return false;
}

bool send_stuck(struct pump *p, struct err *err)
{
        if (!p->stuck)
                return true;
        if (hand_over(p, p->stuck, err)) {
                p->stuck = NULL;
                return true;
        }
        if (err->kind == ERR_FULL)
                return false;
        p->failed = true;
        pump_trouble(p, "%s", err->text);
        run_end(p);
        return false;
}

/* ---- Hello ------------------------------------------------------------- */
/* Told on one partition only: on many it would be the same words many times. */
static const struct standing *standing_for(struct pump *p, int32_t partition, struct standing *copy)
{
        if (partition != 0)
                return NULL;
        pthread_mutex_lock(&p->lock);
        bool stands = p->stands;
        if (stands)
                *copy = p->standing;
        pthread_mutex_unlock(&p->lock);
        if (!stands)
                return NULL;
        /* What the role told is a second old: of these the pump knows better. */
        int64_t now_us = clock_now_us(), oldest_us;
        copy->backlog = pump_backlog(p);
        oldest_us = pump_oldest(p, copy->backlog);
        copy->lag_s = oldest_us && oldest_us < now_us ? (uint64_t)(now_us - oldest_us) / US_PER_SECOND : 0;
        copy->in_flight = p->in_flight;
        return copy;
}

static bool send_hello(struct pump *p, int32_t partition, struct err *err)
{
        struct standing standing;
        struct slot *s = window_put(&p->window);
        struct message m = {
                .type = MESSAGE_HELLO,
                .region = slice_of(p->spec.region),
                .at = vault_mark(p->spec.vault),
                .hello = { .claim = !p->claimed,
                           .generation = (uint32_t)(p->epoch >> 32),
                           .start = (uint32_t)p->epoch,
                           .now_us = clock_now_us(),
                           .status = standing_for(p, partition, &standing) },
        };
        if (!s)
                return true;
        s->what = SLOT_HELLO;
        if (m.hello.status)
                p->told_us = clock_mono_us();
        random_bytes(m.hello.id, sizeof m.hello.id);
        memcpy(m.hello.warehouse_seen, p->warehouse_seen, sizeof m.hello.warehouse_seen);
        return send_message(p, s, partition, &m, err);
}

/* Records may flow without a pause, and the hub still wants to know how the region stands. Not
 * again before Kafka took something since: hellos must not pile up while it is away. */
static int64_t tell_due_us(const struct pump *p)
{
        return p->tells && p->acked_us >= p->told_us ? p->told_us + p->spec.settings.hello_every_us : INT64_MAX;
}

/* While Kafka is away a single hello waits for it: its report tells when Kafka is back. */
static bool hello_is_due(const struct pump *p, const struct stream *st, int64_t now_us)
{
        const char *why;
        if (!p->window.unacked && st == p->streams && kafka_producer_down(p->producer, &why))
                return true;
        if (st == p->streams && now_us >= tell_due_us(p))
                return true;
        return st->hello_due ||
               (!st->unacked && now_us - st->last_sent_us >= p->spec.settings.hello_every_us);
}

bool send_hellos(struct pump *p, int64_t now_us, struct err *err)
{
        for (int32_t i = 0; i < p->n_streams && !p->stuck && !window_full(&p->window); i++)
                if (hello_is_due(p, &p->streams[i], now_us) && !send_hello(p, i, err))
                        return false;
        return true;
}

/* ---- Account ----------------------------------------------------------- */
/* Whole changes only: a change whose rows were cut off by the ceiling waits for the next one. */
static size_t whole(size_t n, size_t max, uint64_t *last, uint64_t told)
{
        if (n == max && *last > told + 1)
                --*last;
        return n;
}

static bool put_account(struct pump *p, const struct account_row *rows, size_t n, uint64_t told,
                        struct err *err)
{
        struct slot *s = window_put(&p->window);
        struct message m = {
                .type = MESSAGE_ACCOUNT,
                .region = slice_of(p->spec.region),
                .at = vault_mark(p->spec.vault),
                .account = { .serial = p->serial + 1, .rows = rows, .n_rows = n },
        };
        if (!s)
                return true;
        s->what = SLOT_ACCOUNT;
        s->told = told;
        if (!send_message(p, s, 0, &m, err))
                return false;
        p->serial++;
        p->account_in_flight = true;
        /* What changes from here on stands under a number that this message did not tell. */
        p->change = told >= p->change ? told + 1 : p->change;
        p->changed = 0;
        return true;
}

static bool account_is_due(const struct pump *p, int64_t now_us)
{
        return p->account_dirty && !p->account_in_flight && !p->stuck &&
               now_us - p->account_us >= p->spec.settings.account_every_us;
}

bool send_account(struct pump *p, int64_t now_us, struct err *err)
{
        if (!account_is_due(p, now_us) || window_full(&p->window))
                return true;
        struct account_row *rows = calloc(ACCOUNT_ROWS, sizeof *rows);
        size_t n = 0;
        uint64_t last = p->told;
        arena_reset(p->arena);
        bool ok = rows || err_set(err, ERR_SYSTEM, 0, "could not write the account: out of memory");
        ok = ok && state_account(p->state, p->told, rows, ACCOUNT_ROWS, &n, &last, p->arena, err);
        if (ok && n == 0)
                p->account_dirty = false;
        else if (ok)
                ok = put_account(p, rows, whole(n, ACCOUNT_ROWS, &last, p->told), last, err);
        p->account_us = now_us;
        free(rows);
        return ok;
}

int64_t send_due_us(const struct pump *p)
{
        int64_t due = INT64_MAX;
        for (int32_t i = 0; i < p->n_streams; i++) {
                int64_t at = p->streams[i].last_sent_us + p->spec.settings.hello_every_us;
                if (!p->streams[i].unacked && at < due)
                        due = at;
        }
        if (!p->stuck && !window_full(&p->window) && tell_due_us(p) < due)
                due = tell_due_us(p);
        int64_t account = p->account_us + p->spec.settings.account_every_us;
        if (p->account_dirty && !p->account_in_flight && account < due)
                due = account;
        return due;
}
