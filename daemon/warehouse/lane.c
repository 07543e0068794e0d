/* lane.c - from Kafka's queue to committed rows, and back to health after every trouble. */
#include "lane.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"

enum { POLL_MS = 200, BACKOFF_FIRST_US = 200000, BACKOFF_MAX_US = 5000000, HOMES_US = 5000000, CHECK_US = 5000000, HOUSE_US = 20000,
       SEEK_RETRY_US = 1000000, KAFKA_DOWN_US = 15000000, PARTS_MAX = 65536 };

struct lane {
        const struct loader_spec *spec;
        struct bell *bell;
        int number;
        char owner[96];
        pthread_t thread;
        atomic_bool stop;
        struct kafka_consumer *consumer;
        struct store store;
        bool up;                 /* the store is open */
        int64_t retry_us, backoff_us, homes_us, check_us;
        int64_t house_us;        /* when housekeeping is next due; 0: now */
        int64_t kafka_trouble_us; /* when Kafka last complained; 0: since then it gave messages */
        struct batch batch;
        struct part **parts;
        size_t n_parts;
        struct load_counts counts;
        bool dead;
        char trouble[256];
        struct err why;
        pthread_mutex_t mutex;   /* over `shown` */
        struct lane_status shown;
};

/* ---- What is known of it ------------------------------------------------- */
static bool is_known(const struct loader_spec *spec, const char *region)
{
        for (size_t i = 0; i < spec->n_regions; i++)
                if (strcmp(spec->regions[i], region) == 0)
                        return true;
        return false;
}

static void describe_parts(struct lane *l, char *text, size_t n)
{
        for (size_t i = 0; i < l->n_parts && !text[0]; i++) {
                const struct part *p = l->parts[i];
                if (p->state == PART_HOMELESS)
                        snprintf(text, n, "region %s waits: %s", p->region, is_known(l->spec, p->region)
                                 ? "it has no partition in the warehouse; run \"tributary warehouse migrate\""
                                 : "it has a topic, but no file in regions/ and no partition in the warehouse");
                else if (p->state == PART_LOST)
                        snprintf(text, n, "another loader holds topic %s, partition %" PRId32, p->topic,
                                 p->partition);
                else if (p->state == PART_READY && p->now.gap)
                        snprintf(text, n, "messages are missing in topic %s, partition %" PRId32
                                          "; the region is asked to send them again", p->topic, p->partition);
        }
}

static void show(struct lane *l)
{
        struct lane_status s = { .partitions = (int)l->n_parts, .warehouse_up = l->up, .dead = l->dead,
                                 .counts = l->counts, .why = l->why };
        s.kafka_up = l->kafka_trouble_us == 0 || clock_mono_us() - l->kafka_trouble_us > KAFKA_DOWN_US;
        if (!l->up || !s.kafka_up)
                snprintf(s.trouble, sizeof s.trouble, "%s", l->trouble);
        else
                describe_parts(l, s.trouble, sizeof s.trouble);
        pthread_mutex_lock(&l->mutex);
        l->shown = s;
        pthread_mutex_unlock(&l->mutex);
}

void lane_status(struct lane *l, struct lane_status *out)
{
        pthread_mutex_lock(&l->mutex);
        *out = l->shown;
        pthread_mutex_unlock(&l->mutex);
}

static void count(struct lane *l, const struct load_counts *new)
{
        for (int o = 0; o < OUTCOMES; o++) {
                l->counts.outcome[o] += new->outcome[o];
                metric_add(&loader_metrics[M_LOADED + o], new->outcome[o]);
        }
        l->counts.gaps += new->gaps;
        l->counts.transactions += new->transactions;
        metric_add(&loader_metrics[M_GAPS], new->gaps);
        metric_add(&loader_metrics[M_TRANSACTIONS], new->transactions);
}

/* ---- Down and up again ---------------------------------------------------- */
/* Whatever went wrong in PostgreSQL: the batch is forgotten (Kafka has it), the connection is
 * closed, and every part is taken anew, which tells where to go on and whether it is ours. */
static void down(struct lane *l, const struct err *err)
{
        if (strcmp(l->trouble, err->text) != 0)
                log_err(LOG_LEVEL_WARNING, "loader", "waits for the warehouse", err);
        snprintf(l->trouble, sizeof l->trouble, "%.255s", err->text);
        if (err->kind == ERR_BUG) {
                l->dead = true;
                l->why = *err;
        }
        if (l->up)
                metric_add(&loader_metrics[M_WAREHOUSE_UP], -1);
        store_close(&l->store);
        l->up = false;
        batch_reset(&l->batch);
        for (size_t i = 0; i < l->n_parts; i++)
                if (l->parts[i]->state != PART_LOST)
                        l->parts[i]->state = PART_WAITING;
        l->house_us = 0;
        l->backoff_us = l->backoff_us ? l->backoff_us * 2 : BACKOFF_FIRST_US;
        if (l->backoff_us > BACKOFF_MAX_US)
                l->backoff_us = BACKOFF_MAX_US;
        l->retry_us = clock_mono_us() + l->backoff_us;
}

static void seek(struct lane *l, struct part *p)
{
        struct err err = ERR_INIT;
        struct kafka_place place = { p->topic, p->partition, p->due < 0 ? KAFKA_BEGINNING : p->due };
        if (kafka_seek(l->consumer, &place, &err))
                return;
        log_err(LOG_LEVEL_WARNING, "loader", "could not go to the offset of the warehouse", &err);
        p->state = PART_WAITING;
        p->retry_us = clock_mono_us() + SEEK_RETRY_US;
}

static bool connect_store(struct lane *l)
{
        struct err err = ERR_INIT;
        if (clock_mono_us() < l->retry_us)
                return false;
        if (!store_open(&l->store, l->spec->warehouse, l->spec->password, l->owner, &err)) {
                down(l, &err);
                return false;
        }
        l->up = true;
        metric_add(&loader_metrics[M_WAREHOUSE_UP], 1);
        log_info("loader", "connected to the warehouse", "lane=%d", l->number);
        return true;
}

static void look_for_homes(struct lane *l)
{
        struct err err = ERR_INIT;
        bool homeless = false;
        for (size_t i = 0; i < l->n_parts; i++)
                homeless |= l->parts[i]->state == PART_HOMELESS;
        if (!homeless || clock_mono_us() < l->homes_us)
                return;
        l->homes_us = clock_mono_us() + HOMES_US;
        if (!store_read_homes(&l->store, &err)) {
                down(l, &err);
                return;
        }
        for (size_t i = 0; i < l->n_parts; i++)
                if (l->parts[i]->state == PART_HOMELESS && store_has_home(&l->store, l->parts[i]->region))
                        l->parts[i]->state = PART_WAITING;
}

/* An idle lane notices too that the warehouse was emptied, or is away. */
static void check(struct lane *l)
{
        struct err err = ERR_INIT;
        size_t held = 0;
        if (!l->up || l->batch.n || clock_mono_us() < l->check_us)
                return;
        l->check_us = clock_mono_us() + CHECK_US;
        for (size_t i = 0; i < l->n_parts; i++)
                held += l->parts[i]->state != PART_LOST && l->parts[i]->fence >= 0;
        if (!store_check(&l->store, held, &err))
                down(l, &err);
}

static void mend(struct lane *l)
{
        struct err err = ERR_INIT;
        int64_t now = clock_mono_us();
        if (!l->up && !connect_store(l))
                return;
        for (size_t i = 0; i < l->n_parts; i++) {
                struct part *p = l->parts[i];
                bool lost = p->state == PART_LOST;
                if ((p->state != PART_WAITING && !lost) || now < p->retry_us)
                        continue;
                if (!progress_take(&l->store, p, lost, &err)) {
                        down(l, &err);
                        return;
                }
                if (p->state == PART_READY)
                        seek(l, p);
        }
        look_for_homes(l);
}

/* ---- Loading --------------------------------------------------------------- */
static void hint(struct lane *l)
{
        enum { AT_ONCE = 64 };
        struct kafka_place places[AT_ONCE];
        size_t n = 0;
        for (size_t i = 0; i < l->n_parts && n < AT_ONCE; i++)
                if (l->parts[i]->state == PART_READY && l->parts[i]->now.next > 0)
                        places[n++] = (struct kafka_place){ l->parts[i]->topic, l->parts[i]->partition,
                                                            l->parts[i]->now.next };
        kafka_commit_hint(l->consumer, places, n);
}

static void flush(struct lane *l)
{
        struct load_counts new = { 0 };
        struct err err = ERR_INIT;
        if (l->batch.n == 0)
                return;
        bool ok = load_batch(&l->store, &l->batch, &new, &err);
        count(l, &new);
        if (new.transactions)
                bell_ring(l->bell);
        if (!ok) {
                down(l, &err);
                return;
        }
        batch_reset(&l->batch);
        l->backoff_us = 0;
        l->trouble[0] = 0;
        hint(l);
}

static struct part *find(struct lane *l, const char *topic, int32_t partition)
{
        for (size_t i = 0; i < l->n_parts; i++)
                if (l->parts[i]->partition == partition && strcmp(l->parts[i]->topic, topic) == 0)
                        return l->parts[i];
        return NULL;
}

/* Is it the message that is due? One from before is a straggler of an earlier seek. One from
 * after: the seek is tried again, once; if the same comes again the log has a hole there. */
static bool is_due(struct lane *l, struct part *p, int64_t offset)
{
        if (p->due < 0 || offset == p->due)
                return true;
        if (offset < p->due)
                return false;
        if (p->hole == offset) {
                log_warning("loader", "the log has a hole", "topic=%s partition=%" PRId32 " from=%" PRId64
                            " to=%" PRId64, p->topic, p->partition, p->due, offset);
                return true;
        }
        p->hole = offset;
        seek(l, p);
        return false;
}

static void take(struct lane *l, struct kafka_message *m)
{
        struct part *p = find(l, m->topic, m->partition);
        struct err err = ERR_INIT;
        l->kafka_trouble_us = 0;
        if (p && p->state == PART_READY && is_due(l, p, m->offset)) {
                bool added = batch_add(&l->batch, p, m, &err);
                if (!added) {
                        flush(l);
                        /* A flush that failed made every part wait: the message comes again. */
                        added = p->state == PART_READY && batch_add(&l->batch, p, m, &err);
                }
                if (added) {
                        p->due = m->offset + 1;
                        p->hole = -1;
                }
        }
        kafka_message_done(m);
}

/* The offset that the warehouse asked for is gone: retention was faster, or the topic was made
 * anew. From the beginning of what is there; `prev` of the next message names what is missing. */
static void out_of_range(struct lane *l, const struct kafka_message *m)
{
        struct part *p = find(l, m->topic, m->partition);
        if (!p || p->state != PART_READY)
                return;
        log_warning("loader", "offset is not in the topic any more; going on from its beginning",
                    "topic=%s partition=%" PRId32 " offset=%" PRId64, p->topic, p->partition, p->due);
        metric_add(&loader_metrics[M_RANGE], 1);
        p->due = p->hole = -1;
        seek(l, p);
}

static int poll_ms(const struct lane *l)
{
        int64_t left = POLL_MS * INT64_C(1000);
        if (l->batch.n) {
                left = l->batch.begun_us + l->spec->settings.batch_wait_us - clock_mono_us();
                left = left < 0 ? 0 : left;
        } else if (!l->up && l->retry_us - clock_mono_us() < left) {
                left = l->retry_us - clock_mono_us();
                left = left < 0 ? 0 : left;
        }
        return (int)((left < POLL_MS * INT64_C(1000) ? left : POLL_MS * INT64_C(1000)) / 1000);
}

/* Between messages, fifty times a second is often enough. */
static void keep_house(struct lane *l)
{
        int64_t now = clock_mono_us();
        if (now < l->house_us)
                return;
        l->house_us = now + HOUSE_US;
        check(l);
        mend(l);
        kafka_pause(l->consumer, !l->up);
        show(l);
}

static void turn(struct lane *l)
{
        struct kafka_message m;
        struct err err = ERR_INIT;
        keep_house(l);
        switch (kafka_poll(l->consumer, poll_ms(l), &m, &err)) {
        case KAFKA_MESSAGE:
                take(l, &m);
                break;
        case KAFKA_RANGE:
                out_of_range(l, &m);
                break;
        case KAFKA_TROUBLE:
                if (l->kafka_trouble_us == 0)
                        log_err(LOG_LEVEL_WARNING, "loader", "Kafka has trouble", &err);
                l->kafka_trouble_us = clock_mono_us();
                if (l->up)
                        snprintf(l->trouble, sizeof l->trouble, "%.255s", err.text);
                break;
        case KAFKA_END:
        case KAFKA_NOTHING:
                break;
        }
        if (l->up && l->batch.n &&
            (batch_full(&l->batch) ||
             clock_mono_us() - l->batch.begun_us >= l->spec->settings.batch_wait_us))
                flush(l);
}

/* ---- The group ---------------------------------------------------------------- */
static struct part *add_part(struct lane *l, const struct kafka_place *place)
{
        static const char prefix[] = "tributary.records.";
        struct part **parts = realloc(l->parts, (l->n_parts + 1) * sizeof *parts);
        struct part *p = parts ? calloc(1, sizeof *p) : NULL;
        if (parts)
                l->parts = parts;
        if (!p || l->n_parts >= PARTS_MAX)
                abort(); /* nothing sensible follows; the supervisor starts us anew */
        snprintf(p->topic, sizeof p->topic, "%s", place->topic);
        snprintf(p->region, sizeof p->region, "%s", place->topic + sizeof prefix - 1);
        p->partition = place->partition;
        p->fence = p->due = p->hole = -1;
        l->parts[l->n_parts++] = p;
        return p;
}

static void forget_parts(struct lane *l)
{
        batch_reset(&l->batch);
        metric_add(&loader_metrics[M_PARTITIONS], -(int64_t)l->n_parts);
        for (size_t i = 0; i < l->n_parts; i++)
                free(l->parts[i]);
        l->n_parts = 0;
}

/* Offsets come from PostgreSQL. If it is away the parts wait, and seek once they are taken. */
static bool on_assign(struct kafka_place *places, size_t n, void *ctx)
{
        struct lane *l = ctx;
        struct err err = ERR_INIT;
        forget_parts(l);
        l->house_us = 0;
        for (size_t i = 0; i < n; i++)
                add_part(l, &places[i]);
        metric_add(&loader_metrics[M_PARTITIONS], (int64_t)n);
        if (!l->up)
                connect_store(l);
        for (size_t i = 0; i < n; i++) {
                struct part *p = l->parts[i];
                if (l->up && !progress_take(&l->store, p, false, &err))
                        down(l, &err);
                places[i].offset = p->state == PART_READY && p->due >= 0 ? p->due : KAFKA_BEGINNING;
        }
        log_info("loader", "took partitions", "lane=%d partitions=%zu", l->number, n);
        return true;
}

/* Assignments are whole: all that the lane holds goes. What is open is loaded first, unless
 * somebody else may have it already. */
static void on_revoke(const struct kafka_place *places, size_t n, bool lost, void *ctx)
{
        struct lane *l = ctx;
        struct err err = ERR_INIT;
        (void)places;
        if (l->up && !lost)
                flush(l);
        for (size_t i = 0; i < l->n_parts && l->up; i++)
                if (l->parts[i]->fence >= 0 && !progress_release(&l->store, l->parts[i], &err))
                        down(l, &err);
        forget_parts(l);
        log_info("loader", "gave up partitions", "lane=%d partitions=%zu", l->number, n);
}

/* ---- The thread ------------------------------------------------------------------ */
static void *run(void *arg)
{
        struct lane *l = arg;
        while (!atomic_load(&l->stop) && !l->dead)
                turn(l);
        kafka_consumer_close(l->consumer); /* revokes: loads what is open, and releases */
        l->consumer = NULL;
        if (l->up)
                metric_add(&loader_metrics[M_WAREHOUSE_UP], -1);
        store_close(&l->store);
        l->up = false;
        show(l);
        return NULL;
}

static void lane_free(struct lane *l)
{
        kafka_consumer_close(l->consumer);
        store_close(&l->store);
        batch_clear(&l->batch);
        free(l->parts);
        pthread_mutex_destroy(&l->mutex);
        free(l);
}

bool lane_start(struct lane **out, const struct loader_spec *spec, int number, struct bell *bell,
                struct err *err)
{
        /* New regions' topics are found by their pattern, without a restart. */
        static const char *const topics[] = { "^tributary\\.records\\.[a-z0-9-]+$" };
        struct lane *l = calloc(1, sizeof *l);
        char host[48] = "";
        if (!l)
                return err_set(err, ERR_FULL, 0, "out of memory");
        gethostname(host, sizeof host - 1);
        snprintf(l->owner, sizeof l->owner, "%s pid %d lane %d", host, (int)getpid(), number);
        l->spec = spec;
        l->number = number;
        l->bell = bell;
        pthread_mutex_init(&l->mutex, NULL);
        struct kafka_group group = { .group = spec->settings.group, .topics = topics, .n_topics = 1,
                                     .on_assign = on_assign, .on_revoke = on_revoke, .ctx = l };
        int failed = 0;
        bool ok = batch_init(&l->batch, (size_t)spec->settings.batch_rows, spec->settings.batch_bytes, err) &&
                  kafka_join(&l->consumer, spec->kafka, &group, err) &&
                  ((failed = pthread_create(&l->thread, NULL, run, l)) == 0 ||
                   err_errno(err, failed, "could not start a lane"));
        if (!ok) {
                lane_free(l);
                return err_add(err, "lane %d", number);
        }
        *out = l;
        return true;
}

void lane_ask_stop(struct lane *l)
{
        atomic_store(&l->stop, true);
}

bool lane_join(struct lane *l, int64_t deadline_us)
{
        struct timespec at = { .tv_sec = deadline_us / US_PER_SECOND,
                               .tv_nsec = (long)(deadline_us % US_PER_SECOND) * 1000 };
        if (pthread_clockjoin_np(l->thread, NULL, CLOCK_MONOTONIC, &at) != 0)
                return false;
        lane_free(l);
        return true;
}
