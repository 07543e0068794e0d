/* balance.c - does it add up? Counted from state.db now and then, on the pump's thread. */
#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "pump_private.h"

enum { ARENA_MAX = 24 << 20, SHARE = 50 };

bool balance_open(struct pump *p)
{
        p->account = calloc(1, sizeof *p->account);
        p->counting = calloc(1, sizeof *p->counting);
        p->balance_arena = arena_new(ARENA_MAX);
        p->balance_dirty = true;
        return p->account && p->counting && p->balance_arena;
}

void balance_close(struct pump *p)
{
        free(p->account);
        free(p->counting);
        arena_free(p->balance_arena);
}

static void take_row(struct pump_balance *to, const struct state_balance *b)
{
        const struct account_row *r = &b->row;
        *to = (struct pump_balance){
                .hour_us = r->hour_us, .captured = r->captured, .sent = r->sent, .arrived = b->arrived,
                .in_flight = b->in_flight, .held = r->held, .stayed = r->stayed, .erased = r->erased,
                .expired = r->expired, .damaged = r->damaged, .retracted = r->retracted,
                .discarded = r->discarded, .refused = r->refused, .missing = b->missing,
        };
        snprintf(to->source, sizeof to->source, "%.*s", SLICE_ARG(r->source));
}

static uint64_t off(int64_t missing)
{
        return missing < 0 ? (uint64_t)-missing : (uint64_t)missing;
}

/* Gives how many are missing, of either sign. */
static uint64_t take_rows(struct pump_balance *to, const struct state_balance *rows, size_t n)
{
        uint64_t missing = 0;
        for (size_t i = 0; i < n; i++) {
                take_row(&to[i], &rows[i]);
                missing += off(rows[i].missing);
        }
        return missing;
}

/* One more than is shown is asked for: so it is seen that there are more. */
static bool count_rows(struct pump *p, struct pump_account *a, struct err *err)
{
        const size_t most = PUMP_HOURS_MAX + 1;
        struct state_balance *rows = arena_array(p->balance_arena, most, sizeof *rows);
        int64_t since_us = hour_of(clock_now_us()) - (PUMP_HOURS_BACK - 1) * US_PER_HOUR;
        size_t n;
        if (!rows)
                return err_set(err, ERR_FULL, 0, "balance does not fit into memory's ceiling");
        if (!state_balance_sources(p->state, rows, PUMP_SOURCES_MAX + 1, &n, p->balance_arena, err))
                return false;
        a->cut = n > PUMP_SOURCES_MAX;
        a->n_sources = a->cut ? PUMP_SOURCES_MAX : n;
        uint64_t by_source = take_rows(a->sources, rows, a->n_sources);
        if (!state_balance_hours(p->state, since_us, rows, most, &n, p->balance_arena, err))
                return false;
        a->cut |= n > PUMP_HOURS_MAX;
        a->n_hours = n > PUMP_HOURS_MAX ? PUMP_HOURS_MAX : n;
        uint64_t by_hour = take_rows(a->hours, rows, a->n_hours);
        a->missing = by_source > by_hour ? by_source : by_hour;
        return true;
}

/* Watermarks and counts come together in a receipt; what is counted as arrived follows with the
 * next settle. So what arrived is never more than the hub has told of, unless it was lost there. */
static void count_hub(const struct pump *p, struct pump_account *a)
{
        uint64_t arrived = 0;
        a->heard = p->caught_up;
        a->loaded = a->superseded = a->rejected = a->retracted = a->erased = a->untold = 0;
        for (int32_t i = 0; i < p->n_streams; i++) {
                const struct receipt *r = &p->streams[i].heard;
                a->loaded += r->loaded;
                a->superseded += r->superseded;
                a->rejected += r->rejected;
                a->retracted += r->retracted;
                a->erased += r->erased;
        }
        for (size_t i = 0; i < a->n_sources; i++)
                arrived += a->sources[i].arrived;
        uint64_t told = a->loaded + a->superseded + a->rejected + a->retracted + a->erased;
        if (a->heard && arrived > told)
                a->untold = arrived - told;
}

/* Once for each figure, with the place where it does not add up. */
static void tell(const struct pump_account *before, const struct pump_account *a)
{
        if (a->missing == before->missing)
                return;
        if (!a->missing)
                log_info("pump", "account adds up again", NULL);
        for (size_t i = 0; i < a->n_hours + a->n_sources && a->missing; i++) {
                const struct pump_balance *b = i < a->n_hours ? &a->hours[i] : &a->sources[i - a->n_hours];
                char when[CLOCK_TEXT_MAX] = "all";
                if (!b->missing)
                        continue;
                if (b->hour_us)
                        clock_format_rfc3339(when, b->hour_us);
                log_warning("pump", "account does not add up", "source=%s hour=%s missing=%lld", b->source, when,
                            (long long)b->missing);
                return;
        }
}

void balance_refresh(struct pump *p, int64_t now_us)
{
        struct err err = ERR_INIT;
        struct pump_account *a = p->counting;
        if (!p->balance_dirty || now_us < p->balance_us || p->restart)
                return;
        arena_reset(p->balance_arena);
        bool ok = count_rows(p, a, &err);
        if (!ok)
                log_err(LOG_LEVEL_WARNING, "pump", "could not count the account", &err);
        int64_t took_us = clock_mono_us() - now_us;
        p->balance_us = now_us + (took_us * SHARE > US_PER_SECOND ? took_us * SHARE : US_PER_SECOND);
        p->balance_dirty = !ok;
        if (!ok)
                return;
        count_hub(p, a);
        a->at_us = clock_now_us();
        metric_set(&pump_metrics[PUMP_MISSING], (int64_t)a->missing);
        tell(p->account, a);
        pthread_mutex_lock(&p->lock);
        p->counting = p->account;
        p->account = a;
        pthread_mutex_unlock(&p->lock);
}

int64_t balance_due_us(const struct pump *p)
{
        return p->balance_dirty && !p->restart ? p->balance_us : INT64_MAX;
}

void pump_account(struct pump *p, struct pump_account *out)
{
        pthread_mutex_lock(&p->lock);
        *out = *p->account;
        pthread_mutex_unlock(&p->lock);
}
