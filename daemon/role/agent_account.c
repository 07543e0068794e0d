/* agent_account.c - the agent's balance in its status. */
#include "agent_account.h"

#include <stdlib.h>

#include "base/count.h"

static void put(struct json_out *o, const char *key, uint64_t n, bool exact)
{
        json_put_uint(o, key, exact ? n : count_shown(n));
}

static void put_missing(struct json_out *o, int64_t n, bool exact)
{
        int64_t off = (int64_t)count_shown((uint64_t)(n < 0 ? -n : n));
        json_put_int(o, "missing", exact ? n : n < 0 ? -off : off);
}

static void put_row(struct json_out *o, const struct pump_balance *b, bool exact)
{
        json_open(o, NULL, '{');
        json_put_text(o, "source", b->source);
        if (b->hour_us)
                json_put_time(o, "hour", b->hour_us);
        put(o, "captured", b->captured, exact);
        put(o, "sent", b->sent, exact);
        put(o, "arrived", b->arrived, exact);
        json_put_uint(o, "in_flight", b->in_flight); /* a queue's length, as elsewhere */
        put(o, "held", b->held, exact);
        put(o, "stayed", b->stayed, exact);
        put(o, "erased", b->erased, exact);
        put(o, "expired", b->expired, exact);
        put(o, "damaged", b->damaged, exact);
        put_missing(o, b->missing, exact);
        put(o, "retracted", b->retracted, exact);
        put(o, "discarded", b->discarded, exact);
        put(o, "refused", b->refused, exact);
        json_close(o, '}');
}

static void put_hub(struct json_out *o, const struct pump_account *a, bool exact)
{
        json_open(o, "hub", '{');
        put(o, "loaded", a->loaded, exact);
        put(o, "superseded", a->superseded, exact);
        put(o, "rejected", a->rejected, exact);
        put(o, "retracted", a->retracted, exact);
        put(o, "erased", a->erased, exact);
        put(o, "untold", a->untold, exact);
        json_close(o, '}');
}

static void put_account(struct json_out *o, const struct pump_account *a, bool exact)
{
        json_open(o, "account", '{');
        json_put_time(o, "at", a->at_us);
        put(o, "missing", a->missing, exact);
        json_put_bool(o, "cut", a->cut);
        if (a->heard)
                put_hub(o, a, exact);
        json_open(o, "sources", '[');
        for (size_t i = 0; i < a->n_sources; i++)
                put_row(o, &a->sources[i], exact);
        json_close(o, ']');
        if (exact) {
                json_open(o, "hours", '[');
                for (size_t i = 0; i < a->n_hours; i++)
                        put_row(o, &a->hours[i], exact);
                json_close(o, ']');
        }
        json_close(o, '}');
}

void agent_put_account(struct json_out *o, struct pump *pump, bool exact)
{
        struct pump_account *a = calloc(1, sizeof *a);
        if (a)
                pump_account(pump, a);
        if (a && a->at_us)
                put_account(o, a, exact);
        else
                json_put_null(o, "account");
        free(a);
}
